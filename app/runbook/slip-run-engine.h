/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-job.h"
#include "slip-patience.h"
#include "slip-run-caller.h"
#include "slip-run-fold.h"

G_BEGIN_DECLS

/* How long what was looked at may be taken for what is there, in real time; a machine that was suspended does not
 * know that it was late. */
#define SLIP_RUN_LOOK_US (60 * G_USEC_PER_SEC)

/**
 * SlipRunMoment:
 * @boot: microseconds since the machine was started, suspended or not
 * @wall: microseconds since 1970, by the machine's clock
 *
 * A moment in real time, whatever the speed of a rehearsal is.
 */
typedef struct
{
  gint64 boot;
  gint64 wall;
} SlipRunMoment;

/**
 * slip_run_moment_now:
 * @moment: where to note it
 */
void slip_run_moment_now (SlipRunMoment *moment);

/**
 * slip_run_moment_age:
 * @moment: an earlier moment
 *
 * Returns: microseconds since then, by the clock that tells the more: a suspended machine, a stopped process and a
 *   clock that was put forward all count
 */
gint64 slip_run_moment_age (const SlipRunMoment *moment);

/**
 * SlipRunEngine:
 * @ledger: where everything is written
 * @fold: what has been written
 * @caller: the run's own way to AWS
 * @reader: (nullable): the guards' way to AWS, read-only; %NULL skips guards, in tests of other things
 * @clock: time in the run's environment
 * @job: who runs it; has the cancellable
 * @hold: whether to wait for a person, or to end
 * @mutex: with @wake, ends waiting early
 * @wake: signalled when a person said something in this process
 * @sessions: environment → when the session ended that was checked last
 * @principals: environment → STS ARN
 * @secrets: `Step.Output` → value; in memory only
 * @locks: element-type SlipRunLock
 * @guarded: whether the plan's guards were evaluated by this process
 * @waited: how long this process waited, for AWS to have time or for a person, microseconds
 * @proven: @waited when guards and words were last proven
 * @proven_at: when that was
 * @gone_back_from: (nullable): the step that this process went back from last, because a word was too old
 * @searched: (nullable): the search of Terraform's state that this process made last
 * @searched_at: when that was
 *
 * Executes one run on a worker thread. Its functions belong to that thread.
 */
typedef struct
{
  SlipLedger *ledger;
  SlipRunFold *fold;
  SlipRunCaller *caller;
  SlipCaller *reader;
  SlipClock *clock;
  SlipJob *job;
  GCancellable *cancellable;
  gboolean hold;
  GMutex *mutex;
  GCond *wake;
  GHashTable *sessions;
  GHashTable *principals;
  GHashTable *secrets;
  GPtrArray *locks;
  gboolean guarded;
  gint64 waited;
  gint64 proven;
  SlipRunMoment proven_at;
  const char *gone_back_from;
  const char *searched;
  SlipRunMoment searched_at;
} SlipRunEngine;

/**
 * SlipRunContext:
 * @engine: the engine
 * @step: the step
 * @plan: what was planned for it
 * @inputs: its inputs, references resolved; `Choices` and the like as they are
 * @request: (nullable): its request, references resolved
 * @outcome: (nullable): what to write as outcome, %NULL for `done`
 * @outputs: (nullable): what it yields
 * @response: (nullable): the answer, redacted
 * @answer: (nullable): the answer as it came; never stored
 * @detail: (nullable): one line for people
 * @request_id: (nullable): of the last call
 * @service_date: the service's time of the last answer, or 0
 * @next: (nullable): where to go on instead of where the plan says
 * @next_set: whether @next counts; %NULL then ends the run
 * @variables: (nullable): variables that get new values
 * @changed: whether it changed something in AWS
 * @stale: when it fails: whether it does because what the plan was built on is not so any more
 * @unknown: when it fails: whether a change that was sent may have been carried out all the same
 * @unproven: whether word and guards are still to be proven, once AWS showed that there is something to
 *   send, or once more because it was waited since
 * @written: whether the action has written what ends the step itself
 *
 * One step under way: what an action works with and fills in.
 */
typedef struct
{
  SlipRunEngine *engine;
  SlipFoldStep *step;
  SlipPlanStep *plan;
  JsonObject *inputs;
  JsonNode *request;
  const char *outcome;
  JsonObject *outputs;
  JsonNode *response;
  JsonNode *answer;
  char *detail;
  char *request_id;
  gint64 service_date;
  char *next;
  gboolean next_set;
  JsonObject *variables;
  gboolean changed;
  gboolean gone;
  gboolean secret_outputs;
  gboolean stale;
  gboolean unknown;
  gboolean unproven;
  gboolean written;
} SlipRunContext;

/**
 * SlipRunAction:
 * @name: as in the document
 * @late: (nullable) (array zero-terminated=1): inputs whose references the action resolves itself
 * @run: does the step, or goes on with it where the ledger says it stopped
 *
 * The run half of an action; slip-action.h has the document half.
 */
typedef struct
{
  const char *name;
  const char *const *late;
  gboolean (*run) (SlipRunContext *context, GError **error);
} SlipRunAction;

const SlipRunAction *slip_run_action_find (const char *name);

/**
 * slip_run_engine_run:
 * @engine: an engine whose members are set
 * @error: return location
 *
 * Does what is left of the run. The caller holds the run's lock.
 *
 * Returns: %TRUE when the run is done
 */
gboolean slip_run_engine_run (SlipRunEngine *engine, GError **error);

/**
 * slip_run_engine_step:
 * @engine: an engine
 * @step: the step to do
 * @error: return location
 *
 * Returns: %TRUE when the run goes on
 */
gboolean slip_run_engine_step (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_entry:
 *
 * Returns: (transfer full): an entry on @step with place, effect and actor filled in
 */
JsonObject *slip_run_engine_entry (SlipRunEngine *engine, const char *kind, SlipFoldStep *step);

/**
 * slip_run_engine_append:
 * @engine: an engine
 * @entry: (transfer full): what to write
 * @error: return location
 *
 * Writes durably, then folds what the ledger has gained, also what others wrote.
 *
 * Returns: %FALSE when it could not be written; then nothing may be sent
 */
gboolean slip_run_engine_append (SlipRunEngine *engine, JsonObject *entry, GError **error);

/**
 * slip_run_engine_check_key:
 * @engine: an engine
 * @why: (out): why entries are not signed, when that does not stop the run
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_REFUSED when the audit log's key cannot be reached and the plan is
 *   for a protected environment or for two people
 */
gboolean slip_run_engine_check_key (SlipRunEngine *engine, char **why, GError **error);

/**
 * slip_run_engine_check_seals:
 * @engine: an engine
 * @no_key: (nullable): what slip_run_engine_check_key() said
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_NOT_APPROVED when the approval or the cosignature was not signed
 *   when it was given, or with %SLIP_RUN_ERROR_REFUSED when another run has the cosignature
 */
gboolean slip_run_engine_check_seals (SlipRunEngine *engine, const char *no_key, GError **error);

/**
 * slip_run_engine_trusts:
 * @engine: an engine
 * @seq: an entry with which a person said something
 * @trusted: (out): whether it was signed when it was written, or nothing is at stake that needs it
 * @error: return location
 *
 * Returns: %FALSE when the ledger cannot be read
 */
gboolean
slip_run_engine_trusts (SlipRunEngine *engine, gint64 seq, gboolean *trusted, GError **error);

/**
 * slip_run_engine_check:
 *
 * Returns: %FALSE with %SLIP_RUN_ERROR_CANCELLED when a person said stop. A wish to pause is
 *   fulfilled here
 */
gboolean slip_run_engine_check (SlipRunEngine *engine, GError **error);

/**
 * slip_run_engine_sleep:
 * @engine: an engine
 * @seconds: how long, in the environment's time
 * @error: return location
 *
 * Sleeps, and looks every second whether a person said something.
 *
 * Returns: as slip_run_engine_check()
 */
gboolean slip_run_engine_sleep (SlipRunEngine *engine, double seconds, GError **error);

/**
 * slip_run_engine_resolve:
 *
 * Returns: (transfer full): @node with all references replaced, or %NULL with
 *   %SLIP_RUN_ERROR_EXPRESSION
 */
JsonNode *slip_run_engine_resolve (SlipRunEngine *engine, JsonNode *node, GError **error);
JsonObject *
slip_run_engine_resolve_object (SlipRunEngine *engine, JsonObject *object, GError **error);

/**
 * slip_run_engine_recover_secrets:
 * @engine: an engine
 * @plan: a step about to be done
 * @error: return location
 *
 * Secret outputs are kept in memory only. Those that @plan refers to, and that were read by a process
 * that is gone, are read again.
 *
 * Returns: %FALSE when one cannot be read again
 */
gboolean
slip_run_engine_recover_secrets (SlipRunEngine *engine, SlipPlanStep *plan, GError **error);

/**
 * slip_run_engine_scrub:
 * @engine: an engine
 * @node: (transfer full) (nullable): a value about to be stored
 *
 * Returns: (transfer full) (nullable): @node with every secret output in its strings replaced, wherever
 *   a document may have put it
 */
JsonNode *slip_run_engine_scrub (SlipRunEngine *engine, JsonNode *node);
char *slip_run_engine_scrub_text (SlipRunEngine *engine, const char *text);

typedef gboolean (*SlipRunNeedFunc) (SlipRunEngine *engine, gpointer data, GError **error);

/**
 * slip_run_engine_need:
 * @engine: an engine
 * @reason: `pause`, `sign-in`, `decision`, `confirm`, `attest`, `approval`
 * @step: (nullable): the step that needs it
 * @message: what is needed and how to give it
 * @text: (nullable): what must be typed
 * @satisfied: asked again and again; with @error set the need fails
 * @data: for @satisfied
 * @error: return location
 *
 * Writes `run.paused`, then waits until @satisfied, or ends when the engine does not hold.
 *
 * Returns: whether to go on
 */
gboolean slip_run_engine_need (SlipRunEngine *engine,
                               const char *reason,
                               SlipFoldStep *step,
                               const char *message,
                               const char *text,
                               SlipRunNeedFunc satisfied,
                               gpointer data,
                               GError **error);

/**
 * slip_run_engine_vouch:
 * @engine: an engine
 * @step: the step about to be entered
 * @guard: the guard that could not be asked, or with `difference_sha256` one that found another hand's
 *   change; references resolved
 * @message: what it said, and what a person may do
 * @error: return location
 *
 * What cannot be gone back from must not end before a service that does not answer. A person may say that
 * they looked: for this guard, which is that of the step or of the whole plan, and for as long as a
 * confirmation of the step holds.
 *
 * Returns: whether somebody vouched for it
 */
gboolean slip_run_engine_vouch (SlipRunEngine *engine,
                                SlipFoldStep *step,
                                JsonObject *guard,
                                const char *message,
                                GError **error);

/**
 * slip_run_engine_is_vouched:
 *
 * Whether somebody did, lately enough.
 */
gboolean slip_run_engine_is_vouched (SlipRunEngine *engine, SlipFoldStep *step, JsonObject *guard);

/**
 * slip_run_engine_wait_until_said:
 * @engine: an engine
 * @step: the step that needs it
 * @satisfied: whether it was said
 * @data: for @satisfied
 * @error: return location
 *
 * As slip_run_engine_need(), for a need that the caller has written.
 */
gboolean slip_run_engine_wait_until_said (SlipRunEngine *engine,
                                          SlipFoldStep *step,
                                          SlipRunNeedFunc satisfied,
                                          gpointer data,
                                          GError **error);

/**
 * slip_run_engine_is_fresh:
 * @engine: an engine
 * @step: a step with a `confirm`
 * @said: when something was said, microseconds since 1970; 0 for never
 *
 * Returns: whether that still counts
 */
gboolean slip_run_engine_is_fresh (SlipRunEngine *engine, SlipFoldStep *step, gint64 said);

/**
 * slip_run_engine_dup_says:
 * @engine: an engine
 * @step: a step with a `confirm`
 * @error: return location
 *
 * Returns: (transfer full): what is vouched for before @step, with its values filled in, and behind it
 *   in brackets the word that must be typed
 */
char *slip_run_engine_dup_says (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_is_paired:
 * @engine: an engine
 * @data: a #SlipFoldStep
 * @error: return location
 *
 * Returns: whether what is said before the step needs no second person, or has one: cosigned lately
 *   enough for what is asked now, by nobody who said it or executes it, in an entry that was signed
 */
gboolean slip_run_engine_is_paired (SlipRunEngine *engine, gpointer data, GError **error);

/**
 * slip_run_engine_pair:
 *
 * Asks for the second person of @step, and waits for them.
 */
gboolean slip_run_engine_pair (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_confirm:
 *
 * Sees to it that what a person must say before @step has been said, lately enough.
 */
gboolean slip_run_engine_confirm (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_confirm_again:
 *
 * The same for the earlier step whose word @step needs (`confirmedBy`), each time before @step is sent.
 */
gboolean slip_run_engine_confirm_again (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_is_said:
 * @step: a step with a `confirm`
 *
 * Whether what a person must say before @step has been said, lately enough.
 */
gboolean slip_run_engine_is_said (SlipRunEngine *engine, SlipFoldStep *step);

/**
 * slip_run_go_back:
 * @context: a step that is about to be entered
 *
 * Whether the word that the step needs (`confirmedBy`) is too old, and the run goes back to where it is given,
 * so that what was looked at in between is looked at again. The outcome is then set, and not yet written.
 */
gboolean slip_run_go_back (SlipRunContext *context);

/**
 * slip_run_note_search:
 * @context: a step that was just carried out
 *
 * Remembers a search of Terraform's state, for slip_run_search_again().
 */
void slip_run_note_search (SlipRunContext *context);

/**
 * slip_run_search_again:
 * @context: a step that is about to be entered
 * @again: (out): whether the run goes back to the search that stands right before it; the outcome is then set, and not
 *   yet written
 * @error: return location
 *
 * A search of Terraform's state right before a step that cannot be undone is made again unless this process made it just
 * now: nothing else can ask it. Words that the step needs are heard before.
 *
 * Returns: whether the step may go on, or the run back
 */
gboolean slip_run_search_again (SlipRunContext *context, gboolean *again, GError **error);

/**
 * slip_run_engine_void:
 * @engine: an engine
 * @step: a step with a `confirm`
 * @why: what was found meanwhile
 * @difference_sha256: (nullable): digest of the difference, when it can be accepted
 * @error: return location
 *
 * Notes that what was said before @step counts no more, where something was: it is asked for again.
 */
gboolean slip_run_engine_void (SlipRunEngine *engine,
                               SlipFoldStep *step,
                               const char *why,
                               const char *difference_sha256,
                               GError **error);

/**
 * slip_run_engine_void_words:
 * @engine: an engine
 * @why: what was found meanwhile
 * @error: return location
 *
 * The same for every word that a step which is not through still needs.
 */
gboolean slip_run_engine_void_words (SlipRunEngine *engine, const char *why, GError **error);

/**
 * slip_run_engine_wanted_text:
 * @step: a step
 * @text: (nullable): what its document lets people type, resolved
 *
 * Returns: (transfer full) (nullable): what is typed to confirm @step: with what names the thing, when
 *   it is not what was confirmed before; %NULL when nothing has to be typed
 */
char *slip_run_engine_wanted_text (const SlipFoldStep *step, const char *text);

/**
 * slip_run_engine_confirm_all:
 *
 * The same for all that must be said before the run begins.
 */
gboolean slip_run_engine_confirm_all (SlipRunEngine *engine, GError **error);

/**
 * slip_run_engine_decide:
 * @why: what is not known
 * @did: (out): whether it did happen
 *
 * Asks a person whether the unknown change of @step happened.
 */
gboolean slip_run_engine_decide (
    SlipRunEngine *engine, SlipFoldStep *step, const char *why, gboolean *did, GError **error);

/**
 * slip_run_engine_identify:
 * @engine: an engine
 * @environment: an environment
 * @error: return location
 *
 * Checks account and role, once for each session, and notes it in the ledger. Pauses for a sign-in
 * where that helps.
 */
gboolean slip_run_engine_identify (SlipRunEngine *engine, const char *environment, GError **error);

/**
 * slip_run_engine_sign_in:
 * @engine: an engine
 * @environment: where the session ended
 * @step: (nullable): the step under way
 * @why: what AWS, or the forecast, said
 * @error: return location
 *
 * Pauses; goes on once credentials of the same account and role are there.
 */
gboolean slip_run_engine_sign_in (SlipRunEngine *engine,
                                  const char *environment,
                                  SlipFoldStep *step,
                                  const char *why,
                                  GError **error);

/**
 * slip_run_error_is_sign_in:
 *
 * Returns: whether @error goes away when somebody signs in again
 */
gboolean slip_run_error_is_sign_in (const GError *error);

/**
 * slip_run_error_is_stop:
 *
 * Returns: whether @error ends the engine without being a failure of the step: a person is needed or
 *   said stop, or the ledger cannot be written
 */
gboolean slip_run_error_is_stop (const GError *error);

/**
 * slip_run_engine_runway:
 *
 * Before a final stretch: refuses to enter when the session ends before the stretch would.
 */
gboolean slip_run_engine_runway (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_lent_runway:
 *
 * Before a program is lent credentials, which it cannot renew: signs in again when the session ends before
 * the step's forecast would, or in less than a quarter of an hour when it changes something.
 */
gboolean slip_run_engine_lent_runway (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_engine_has_changed:
 * @engine: an engine
 *
 * Returns: whether a step that is no read was carried out, or may have been
 */
gboolean slip_run_engine_has_changed (SlipRunEngine *engine);

/**
 * slip_run_engine_guards:
 * @engine: an engine
 * @step: a step about to be sent
 * @error: return location
 *
 * Evaluates the plan's guards before the first change and before final steps, and the step's own; before
 * them sees to the word that the step needs.
 *
 * Returns: whether @step may be sent
 */
gboolean slip_run_engine_guards (SlipRunEngine *engine, SlipFoldStep *step, GError **error);

/**
 * slip_run_trust_check:
 * @engine: an engine with its plan
 * @error: return location
 *
 * Holds the plan against the API models and, when the runbook that it was made from is here, against
 * that: a plan file has been where anybody could edit it.
 *
 * Returns: %FALSE with the step that is not what it says
 */
gboolean slip_run_trust_check (SlipRunEngine *engine, GError **error);

/**
 * slip_run_trust_pairing:
 * @engine: an engine with its plan
 *
 * Returns: (transfer none) (nullable): why two people are needed, by the plan, the workspace as it is
 *   now, or the runbook
 */
const char *slip_run_trust_pairing (SlipRunEngine *engine);

/**
 * slip_run_trust_step_pairing:
 * @engine: an engine with its plan
 * @step: a step
 *
 * Returns: whether a second person must cosign what is said before @step: where its `confirm` has
 *   `pairing: always`, or `protected` and an environment is concerned that is protected or asks for two
 *   people
 */
gboolean slip_run_trust_step_pairing (SlipRunEngine *engine, const SlipFoldStep *step);

/**
 * slip_run_trust_preflight:
 * @plan: a plan
 *
 * Returns: (transfer full) (element-type JsonObject): the plan's guards and those that every plan has,
 *   whether it names them or not
 */
JsonArray *slip_run_trust_preflight (SlipPlan *plan);

/**
 * slip_run_engine_patience:
 *
 * Returns: for how long reads of @step are tried again while AWS throttles, real seconds: until its
 *   timeout
 */
double slip_run_engine_patience (SlipRunEngine *engine, SlipFoldStep *step);

/**
 * slip_run_engine_pause:
 * @engine: an engine
 * @step: (nullable): the step that waits
 * @seconds: how long, in the environment's time
 * @text: what to tell people
 * @error: return location
 *
 * Writes down that the step waits, and sleeps.
 *
 * Returns: as slip_run_engine_check()
 */
gboolean slip_run_engine_pause (
    SlipRunEngine *engine, SlipFoldStep *step, double seconds, const char *text, GError **error);

/**
 * slip_run_engine_outlast:
 * @engine: an engine
 * @step: (nullable): the step that reads
 * @patience: of this read, zero at first
 * @failure: (inout): why it failed
 * @error: return location
 *
 * Pauses when AWS throttled a read. What failed otherwise, or is throttled for longer than the step
 * may take, goes to @error.
 *
 * Returns: whether to try again
 */
gboolean slip_run_engine_outlast (SlipRunEngine *engine,
                                  SlipFoldStep *step,
                                  SlipPatience *patience,
                                  GError **failure,
                                  GError **error);

/**
 * slip_run_engine_read:
 * @context: a step under way
 * @service: a service
 * @operation: an operation that reads
 * @input: (nullable): its input
 * @priority: who goes first
 * @error: return location
 *
 * Reads, pausing for sign-ins and while AWS throttles; a wait's own reads, of %SLIP_AWS_PRIORITY_WAIT,
 * come back then. Keeps request id and time in @context. Nothing but a read is sent, whatever plan and
 * document say of it.
 *
 * Returns: (transfer full): the answer, or %NULL with %SLIP_RUNBOOK_ERROR_REQUEST when @operation
 *   changes something
 */
JsonNode *slip_run_engine_read (SlipRunContext *context,
                                const char *service,
                                const char *operation,
                                JsonNode *input,
                                SlipAwsPriority priority,
                                GError **error);

/* The same in another region than the step's. */
JsonNode *slip_run_engine_read_in (SlipRunContext *context,
                                   const char *region,
                                   const char *service,
                                   const char *operation,
                                   JsonNode *input,
                                   SlipAwsPriority priority,
                                   GError **error);

/**
 * slip_run_send:
 *
 * Does the context's call: intent, send, outcome, by the step's resume rule. Fills in response and
 * outputs.
 */
gboolean slip_run_send (SlipRunContext *context, GError **error);

/**
 * slip_run_context_take_response:
 * @context: a step under way
 * @op: what was called
 * @response: (transfer full): its answer
 * @error: return location
 *
 * Keeps the redacted answer and selects the step's outputs.
 *
 * Returns: %FALSE when what was read is not what the plan was built on
 */
gboolean slip_run_context_take_response (SlipRunContext *context,
                                         const SlipAwsOperation *op,
                                         JsonNode *response,
                                         GError **error);

/**
 * slip_run_engine_enter:
 * @context: a step whose inputs are resolved
 * @error: return location
 *
 * Sees to all that must hold before the step does something: identity, confirmation, session, guards.
 */
gboolean slip_run_engine_enter (SlipRunContext *context, GError **error);

/**
 * slip_run_context_take_result:
 * @context: a step under way
 * @result: (transfer full): what a step that is no call came to
 * @redacted: (transfer full) (nullable): the same without its secrets
 * @error: return location
 *
 * As slip_run_context_take_response(). What differs between the two is a secret output.
 */
gboolean slip_run_context_take_result (SlipRunContext *context,
                                       JsonNode *result,
                                       JsonNode *redacted,
                                       GError **error);

/**
 * SlipRunVerdict:
 * @SLIP_RUN_SEND: it has not happened: send
 * @SLIP_RUN_ADOPT: it has: take what is there
 * @SLIP_RUN_FOREIGN: something is there that is not ours
 * @SLIP_RUN_ASK: it cannot be told
 */
typedef enum
{
  SLIP_RUN_SEND,
  SLIP_RUN_ADOPT,
  SLIP_RUN_FOREIGN,
  SLIP_RUN_ASK,
} SlipRunVerdict;

/**
 * slip_run_probe:
 * @context: a step under way
 * @verdict: (out): what to do
 * @found: (out) (nullable): what is there
 * @why: (out): one sentence for people
 * @error: return location
 *
 * Asks AWS by the step's resume rule whether its change has happened.
 *
 * Returns: %FALSE when AWS could not be asked
 */
gboolean slip_run_probe (
    SlipRunContext *context, SlipRunVerdict *verdict, JsonNode **found, char **why, GError **error);

/**
 * slip_run_dup_gone: (skip)
 * @code: the error code by which AWS said that it is gone
 *
 * Returns: (transfer full): what the log has of a step to which that leaves nothing to do
 */
char *slip_run_dup_gone (const char *code);

/**
 * SlipRunSeen:
 * @SLIP_RUN_SEEN_OK: what was waited for is there
 * @SLIP_RUN_SEEN_PENDING: not yet, or not to be told just now
 * @SLIP_RUN_SEEN_FAILED: it came to an end that is not well
 * @SLIP_RUN_SEEN_ERROR: the wait cannot go on
 *
 * What one look of a wait came to.
 */
typedef enum
{
  SLIP_RUN_SEEN_OK,
  SLIP_RUN_SEEN_PENDING,
  SLIP_RUN_SEEN_FAILED,
  SLIP_RUN_SEEN_ERROR,
} SlipRunSeen;

/**
 * SlipRunJudge:
 * @context: a step under way
 * @response: the answer
 * @detail: (out): one line for people
 * @data: as given
 * @error: return location
 *
 * Judges an answer where a selector and lists of states do not say enough.
 */
typedef SlipRunSeen (*SlipRunJudge) (
    SlipRunContext *context, JsonNode *response, char **detail, gpointer data, GError **error);

/**
 * SlipRunWaitSpec:
 * @service: a service
 * @operation: what is polled
 * @request: (nullable): its input
 * @wait: as slip_plan_step_get_wait(), references resolved
 * @handle: (nullable): what names the thing waited for, kept in the ledger for whoever goes on
 * @judge: (nullable): judges answers instead of the states in @wait
 * @data: for @judge
 *
 * What to wait for.
 */
typedef struct
{
  const char *service;
  const char *operation;
  JsonNode *request;
  JsonObject *wait;
  const char *handle;
  SlipRunJudge judge;
  gpointer data;
} SlipRunWaitSpec;

/**
 * slip_run_wait:
 * @context: a step under way
 * @spec: what to wait for
 * @error: return location
 *
 * Polls until it is fulfilled. Never ends well by running out of time.
 *
 * Returns: %FALSE when it came to a state that fails, or cannot be read
 */
gboolean slip_run_wait (SlipRunContext *context, const SlipRunWaitSpec *spec, GError **error);

/**
 * slip_run_remake:
 * @context: a wait that is gone on with
 * @spec: what it waits for
 * @back: (out): whether the run goes back; the context then says where
 * @error: return location
 *
 * Looks whether this wait failed before and what it waited for, which an earlier step of this run made under
 * rule R1, is gone by now. The run then goes back to that step.
 *
 * Returns: %FALSE when the run stops here
 */
gboolean slip_run_remake (SlipRunContext *context,
                          const SlipRunWaitSpec *spec,
                          gboolean *back,
                          GError **error);

/**
 * slip_run_dup_reason:
 * @context: a step whose wait came to a state that fails
 * @spec: what was waited for
 *
 * Returns: (transfer full) (nullable): why, where AWS says it: beside the state, or in the events of
 *   RDS; one line
 */
char *slip_run_dup_reason (SlipRunContext *context, const SlipRunWaitSpec *spec);

extern const SlipRunAction slip_run_action_follow_state_machine;
extern const SlipRunAction slip_run_action_execute_aws_api;
extern const SlipRunAction slip_run_action_wait_for_property;
extern const SlipRunAction slip_run_action_assert_property;
extern const SlipRunAction slip_run_action_branch;
extern const SlipRunAction slip_run_action_loop;
extern const SlipRunAction slip_run_action_sleep;
extern const SlipRunAction slip_run_action_pause;
extern const SlipRunAction slip_run_action_approve;
extern const SlipRunAction slip_run_action_execute_state_machine;
extern const SlipRunAction slip_run_action_execute_automation;
extern const SlipRunAction slip_run_action_update_variable;
extern const SlipRunAction slip_run_action_capture;
extern const SlipRunAction slip_run_action_command;
extern const SlipRunAction slip_run_action_count_items;
extern const SlipRunAction slip_run_action_edit_json;
extern const SlipRunAction slip_run_action_http;
extern const SlipRunAction slip_run_action_metric;
extern const SlipRunAction slip_run_action_migrate;
extern const SlipRunAction slip_run_action_edit_secret;
extern const SlipRunAction slip_run_action_run_task;
extern const SlipRunAction slip_run_action_sql;
extern const SlipRunAction slip_run_action_terraform;

G_END_DECLS
