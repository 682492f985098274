/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "slip-ledger.h"
#include "slip-plan.h"
#include "slip-workspace.h"

G_BEGIN_DECLS

#define SLIP_RUN_ERROR (slip_run_error_quark ())

/**
 * SlipRunError:
 * @SLIP_RUN_ERROR_NOT_FOUND: the ledger holds no such run, or the run no such step
 * @SLIP_RUN_ERROR_DAMAGED: the run's entries contradict each other, or its plan is not the one that
 *   its hash names
 * @SLIP_RUN_ERROR_NOT_APPROVED: nobody approved this plan, or another plan was approved
 * @SLIP_RUN_ERROR_BUSY: another process executes this run, or another run acts on the same target
 * @SLIP_RUN_ERROR_ENDPOINT: the run was made for other endpoints, or for another account or role
 * @SLIP_RUN_ERROR_NEEDS_PERSON: it waits for a sign-in, decision, confirmation or approval; the
 *   run's state says which
 * @SLIP_RUN_ERROR_PAUSED: a person asked it to pause
 * @SLIP_RUN_ERROR_CANCELLED: a person asked it to stop
 * @SLIP_RUN_ERROR_GUARD: a guard blocks a step
 * @SLIP_RUN_ERROR_FAILED: a step failed; the message says which and how
 * @SLIP_RUN_ERROR_EXPRESSION: a `{{ … }}` names something that has no value yet, or never has one
 * @SLIP_RUN_ERROR_REFUSED: a typed confirmation, decision or approval is not what was asked for
 */
typedef enum
{
  SLIP_RUN_ERROR_NOT_FOUND,
  SLIP_RUN_ERROR_DAMAGED,
  SLIP_RUN_ERROR_NOT_APPROVED,
  SLIP_RUN_ERROR_BUSY,
  SLIP_RUN_ERROR_ENDPOINT,
  SLIP_RUN_ERROR_NEEDS_PERSON,
  SLIP_RUN_ERROR_PAUSED,
  SLIP_RUN_ERROR_CANCELLED,
  SLIP_RUN_ERROR_GUARD,
  SLIP_RUN_ERROR_FAILED,
  SLIP_RUN_ERROR_EXPRESSION,
  SLIP_RUN_ERROR_REFUSED,
} SlipRunError;

GQuark slip_run_error_quark (void);

/**
 * SlipRunState:
 * @SLIP_RUN_PLANNED: planned, not approved
 * @SLIP_RUN_APPROVED: approved, not started
 * @SLIP_RUN_RUNNING: a process executes it
 * @SLIP_RUN_PAUSED: a person, or `aws:pause`, paused it
 * @SLIP_RUN_NEEDS_SIGN_IN: the session ended, or ends before the next stretch would
 * @SLIP_RUN_NEEDS_DECISION: whether a change happened cannot be told; a person must say
 * @SLIP_RUN_NEEDS_CONFIRMATION: a step waits for its typed confirmation or an attestation
 * @SLIP_RUN_NEEDS_APPROVAL: an `aws:approve` step waits for approvals
 * @SLIP_RUN_INTERRUPTED: it was running, and the process that did so is gone
 * @SLIP_RUN_FAILED: ended by a failure; can be resumed at the failed step
 * @SLIP_RUN_CANCELLED: ended because a person said so
 * @SLIP_RUN_DONE: ended well
 */
typedef enum
{
  SLIP_RUN_PLANNED,
  SLIP_RUN_APPROVED,
  SLIP_RUN_RUNNING,
  SLIP_RUN_PAUSED,
  SLIP_RUN_NEEDS_SIGN_IN,
  SLIP_RUN_NEEDS_DECISION,
  SLIP_RUN_NEEDS_CONFIRMATION,
  SLIP_RUN_NEEDS_APPROVAL,
  SLIP_RUN_INTERRUPTED,
  SLIP_RUN_FAILED,
  SLIP_RUN_CANCELLED,
  SLIP_RUN_DONE,
} SlipRunState;

#define SLIP_TYPE_RUN_STATE (slip_run_state_get_type ())
GType slip_run_state_get_type (void);

/**
 * slip_run_state_get_name:
 *
 * Returns: (transfer none): `planned`, `running`, `needs-sign-in`, …; untranslated, for JSON
 */
const char *slip_run_state_get_name (SlipRunState state);

/**
 * SlipRunStepState:
 * @SLIP_RUN_STEP_PLANNED: not begun
 * @SLIP_RUN_STEP_INTENT: on its way; after an interruption it counts as unknown
 * @SLIP_RUN_STEP_WAITING: AWS works on it, or it waits for a condition
 * @SLIP_RUN_STEP_OVERDUE: waits for longer than its deadline; that is no failure
 * @SLIP_RUN_STEP_UNKNOWN: sent, and whether it happened is not known
 * @SLIP_RUN_STEP_DONE: its outcome is verified
 * @SLIP_RUN_STEP_FAILED: it did not happen, or ended badly
 * @SLIP_RUN_STEP_SKIPPED: a branch, or a person, went past it
 */
typedef enum
{
  SLIP_RUN_STEP_PLANNED,
  SLIP_RUN_STEP_INTENT,
  SLIP_RUN_STEP_WAITING,
  SLIP_RUN_STEP_OVERDUE,
  SLIP_RUN_STEP_UNKNOWN,
  SLIP_RUN_STEP_DONE,
  SLIP_RUN_STEP_FAILED,
  SLIP_RUN_STEP_SKIPPED,
} SlipRunStepState;

#define SLIP_TYPE_RUN_STEP_STATE (slip_run_step_state_get_type ())
GType slip_run_step_state_get_type (void);
const char *slip_run_step_state_get_name (SlipRunStepState state);

#define SLIP_TYPE_RUN_STEP (slip_run_step_get_type ())

/**
 * SlipRunStep:
 *
 * One step of a run as the ledger tells it. Lives on the main thread. Properties, all read-only and
 * notifying: `id`, `title`, `state`, `detail`, `progress`. Signal `changed`: it has new entries.
 */
G_DECLARE_FINAL_TYPE (SlipRunStep, slip_run_step, SLIP, RUN_STEP, GObject)

const char *slip_run_step_get_id (SlipRunStep *self);
const char *slip_run_step_get_title (SlipRunStep *self);

/**
 * slip_run_step_get_plan_step:
 *
 * Returns: (transfer none): the planned step, also for a turn of a loop that was unrolled while running
 */
SlipPlanStep *slip_run_step_get_plan_step (SlipRunStep *self);
SlipRunStepState slip_run_step_get_state (SlipRunStep *self);

/**
 * slip_run_step_get_detail:
 *
 * Returns: (transfer none) (nullable): one line: what AWS said last, or why it failed or waits
 */
const char *slip_run_step_get_detail (SlipRunStep *self);

/**
 * slip_run_step_get_progress:
 *
 * Returns: 0 to 1 as AWS reports it, or negative when it reports none
 */
double slip_run_step_get_progress (SlipRunStep *self);

/* Microseconds since 1970; 0 when it has not happened. */
gint64 slip_run_step_get_started (SlipRunStep *self);
gint64 slip_run_step_get_finished (SlipRunStep *self);
gint64 slip_run_step_get_deadline (SlipRunStep *self);

/* What was sent and answered last, redacted; %NULL when nothing was. */
JsonNode *slip_run_step_get_request (SlipRunStep *self);
JsonNode *slip_run_step_get_response (SlipRunStep *self);
const char *slip_run_step_get_request_sha256 (SlipRunStep *self);
const char *slip_run_step_get_request_id (SlipRunStep *self);

/**
 * slip_run_step_get_outputs:
 *
 * Returns: (transfer none) (nullable): the outputs captured, by name; frozen from then on
 */
JsonObject *slip_run_step_get_outputs (SlipRunStep *self);

/**
 * slip_run_step_get_actor:
 *
 * Returns: (transfer none) (nullable): `user@host as arn:aws:sts::…` of its last entry
 */
const char *slip_run_step_get_actor (SlipRunStep *self);

/**
 * slip_run_step_get_cosigned_by:
 *
 * Returns: (transfer none) (nullable): the STS ARN of the second person who vouched for what it asked
 */
const char *slip_run_step_get_cosigned_by (SlipRunStep *self);

/**
 * slip_run_step_get_entries:
 *
 * Returns: (transfer none) (element-type JsonObject): the step's ledger entries, oldest first; what
 *   the lanes on the time axis are drawn from
 */
GPtrArray *slip_run_step_get_entries (SlipRunStep *self);

#define SLIP_TYPE_RUN (slip_run_get_type ())

/**
 * SlipRun:
 *
 * A run: the fold over its entries in the ledger. Nothing else stores run state. It is a #GListModel
 * of #SlipRunStep. Lives on the main thread and follows the ledger by itself, also what another
 * process appends. Properties, all read-only and notifying: `id`, `title`, `environment`, `state`,
 * `message`, `need-step`, `progress`, `remaining`. Signal `changed`: it has new entries.
 */
G_DECLARE_FINAL_TYPE (SlipRun, slip_run, SLIP, RUN, GObject)

/**
 * slip_run_create:
 * @ledger: a ledger
 * @plan: the plan, whole; it goes into the ledger
 * @error: return location
 *
 * Appends `run.planned`, when what the ledger holds verifies. Blocks for the disk. Any thread.
 *
 * Returns: (transfer full): the new run's id, or %NULL when the ledger does not verify or refused
 */
char *slip_run_create (SlipLedger *ledger, SlipPlan *plan, GError **error);

/**
 * slip_run_load:
 * @ledger: a ledger
 * @id: a run's id
 * @error: return location
 *
 * Folds the run's entries. Blocks for the disk; call it on the main thread only in the command line
 * and tests, else slip_run_load_async().
 *
 * Returns: (transfer full): the run, or %NULL with %SLIP_RUN_ERROR_NOT_FOUND or
 *   %SLIP_RUN_ERROR_DAMAGED
 */
SlipRun *slip_run_load (SlipLedger *ledger, const char *id, GError **error);
void slip_run_load_async (SlipLedger *ledger,
                          const char *id,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data);
SlipRun *slip_run_load_finish (GAsyncResult *result, GError **error);

/**
 * SlipRunSummary:
 * @id: the run
 * @title: the runbook's title
 * @environment: where it acts
 * @state: its state
 * @message: (nullable): what it waits for or why it failed
 * @runbook: the runbook's name
 * @account: the account id
 * @plan_hash: the plan's SHA-256
 * @actor: who planned it, `user@host`
 * @planned: microseconds since 1970
 * @changed: when its last entry was written, microseconds since 1970
 * @steps_done: steps that are done or skipped
 * @steps: all steps
 *
 * One row of the list of runs.
 */
typedef struct
{
  char *id;
  char *title;
  char *runbook;
  char *environment;
  char *account;
  char *plan_hash;
  char *actor;
  SlipRunState state;
  char *message;
  gint64 planned;
  gint64 changed;
  guint steps_done;
  guint steps;
} SlipRunSummary;

void slip_run_summary_free (SlipRunSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunSummary, slip_run_summary_free)

/**
 * slip_run_list:
 * @ledger: a ledger
 * @error: return location
 *
 * Blocks for the disk. Any thread.
 *
 * Returns: (transfer full) (element-type SlipRunSummary): all runs, newest first
 */
GPtrArray *slip_run_list (SlipLedger *ledger, GError **error);

/**
 * slip_run_list_ids:
 * @ledger: a ledger
 * @limit: at most so many; 0 for all
 * @error: return location
 *
 * Blocks for the disk. Any thread. Does not look at what the runs came to, which takes much longer.
 *
 * Returns: (transfer full) (element-type utf8): ids of runs, newest first
 */
GPtrArray *slip_run_list_ids (SlipLedger *ledger, guint limit, GError **error);

const char *slip_run_get_id (SlipRun *self);
const char *slip_run_get_title (SlipRun *self);
const char *slip_run_get_environment (SlipRun *self);
const char *slip_run_get_account (SlipRun *self);
SlipPlan *slip_run_get_plan (SlipRun *self);
const char *slip_run_get_plan_hash (SlipRun *self);
SlipRunState slip_run_get_state (SlipRun *self);

/**
 * slip_run_get_message:
 *
 * Returns: (transfer none) (nullable): what it needs, or why it failed, with the way out
 */
const char *slip_run_get_message (SlipRun *self);

/**
 * slip_run_get_need_step:
 *
 * Returns: (transfer none) (nullable): the id of the step that waits for a person, or that failed
 */
const char *slip_run_get_need_step (SlipRun *self);

/**
 * slip_run_get_need_text:
 *
 * Returns: (transfer none) (nullable): what must be typed (`<resource>@<account>`) when the state is
 *   %SLIP_RUN_NEEDS_CONFIRMATION and the step has a typed confirmation; %NULL for an attestation
 */
const char *slip_run_get_need_text (SlipRun *self);

/**
 * slip_run_get_need_guard:
 *
 * Returns: (transfer none) (nullable): the guard that could not be asked before the step that
 *   slip_run_get_need_step() names, and that a person may attest; %NULL when the step itself asks
 */
const char *slip_run_get_need_guard (SlipRun *self);

/**
 * slip_run_dup_need_name:
 *
 * What names the question that is open, of which a note or a word answers no other: the step, or of a guard
 * `STEP/GUARD:DIGEST`, since a step may have several of one kind, and what one of them finds may change.
 *
 * Returns: (transfer full) (nullable): its name; %NULL when no step asks
 */
char *slip_run_dup_need_name (SlipRun *self);

/**
 * slip_run_needs_attestation:
 *
 * Returns: whether a need of confirmation is for somebody to attest something, not to confirm it
 */
gboolean slip_run_needs_attestation (SlipRun *self);

/**
 * slip_run_get_leftovers:
 *
 * After a failure or cancellation: what exists now that did not before, and how to undo each; and what
 * was there and is gone, with `gone` true, whose `undo` says what brings it back, if anything does.
 *
 * Returns: (transfer none) (nullable) (element-type JsonObject): objects `{step, title, what, gone?,
 *   request?, undo, cost?}`, in the order to undo them
 */
JsonArray *slip_run_get_leftovers (SlipRun *self);

/**
 * slip_run_list_commands:
 * @self: a run
 * @workspace: (nullable): whose environments tell how to sign in
 *
 * Returns: (transfer full): how to finish it by hand, see slip_run_fold_list_commands()
 */
JsonArray *slip_run_list_commands (SlipRun *self, SlipWorkspace *workspace);
/**
 * slip_run_get_going_on:
 *
 * What AWS goes on with though nobody follows it: a step that was begun and did not end, or the wait that comes next
 * for what an earlier one began. After a failed step, and at a question, there is none.
 *
 * Returns: (transfer none) (nullable): the step's title
 */
const char *slip_run_get_going_on (SlipRun *self);
gboolean slip_run_get_cancel_requested (SlipRun *self);
gboolean slip_run_get_pause_requested (SlipRun *self);

/**
 * slip_run_get_cosigned_by:
 *
 * Returns: (transfer none) (nullable): the STS ARN of the second person, when one cosigned the plan
 */
const char *slip_run_get_cosigned_by (SlipRun *self);

/**
 * slip_run_needs_cosignature:
 *
 * Returns: whether it cannot begin before a second person has cosigned its plan, or, with
 *   slip_run_get_need_says(), go on before one has cosigned the step that it waits at
 */
gboolean slip_run_needs_cosignature (SlipRun *self);

/**
 * slip_run_get_need_says:
 *
 * Returns: (transfer none) (nullable): what a second person must vouch for before the step that
 *   slip_run_get_need_step() names; %NULL when it waits for none
 */
const char *slip_run_get_need_says (SlipRun *self);

/**
 * slip_run_get_need_asked:
 *
 * Returns: (transfer none) (nullable): the digest of that, as slip_cosign_question_digest() makes it
 */
const char *slip_run_get_need_asked (SlipRun *self);

/**
 * slip_run_get_need_after:
 *
 * Returns: (transfer none) (nullable): the digest of the run's last entry before that was asked
 */
const char *slip_run_get_need_after (SlipRun *self);

/**
 * slip_run_dup_cosign_words:
 * @self: a run
 *
 * Returns: (transfer full) (nullable): what follows `slipwayctl cosign PLANFILE` so that the second person
 *   vouches for slip_run_get_need_says(), quoted for a shell; %NULL when the run waits for none
 */
char *slip_run_dup_cosign_words (SlipRun *self);

/**
 * slip_run_dup_cosign_file:
 * @self: a run
 *
 * Returns: (transfer full) (nullable): what the file of that cosignature is called, for no other is called so in this
 *   run: `cosigned-Reopen.json`; %NULL when the run waits for none
 */
char *slip_run_dup_cosign_file (SlipRun *self);

/**
 * slip_run_get_changed:
 *
 * Returns: the time of its last entry, microseconds since 1970
 */
gint64 slip_run_get_changed (SlipRun *self);
gint64 slip_run_get_planned (SlipRun *self);
gint64 slip_run_get_started (SlipRun *self);
gint64 slip_run_get_finished (SlipRun *self);

/**
 * slip_run_get_progress:
 *
 * Returns: 0 to 1, weighted by the plan's forecast
 */
double slip_run_get_progress (SlipRun *self);

/**
 * slip_run_get_remaining:
 *
 * Returns: forecast seconds to the end at the environment's speed, or negative when not known
 */
double slip_run_get_remaining (SlipRun *self);

/**
 * slip_run_get_entries:
 *
 * Returns: (transfer none) (element-type JsonObject): all entries of the run, oldest first
 */
GPtrArray *slip_run_get_entries (SlipRun *self);

/**
 * slip_run_set_speed:
 * @self: a run
 * @speed: how much faster than real time its environment is, from slip_environment_get_speed()
 *
 * For the forecast of a rehearsal; a run does not know its workspace.
 */
void slip_run_set_speed (SlipRun *self, double speed);
SlipRunStep *slip_run_find_step (SlipRun *self, const char *step_id);

/**
 * slip_run_to_json:
 *
 * Returns: (transfer full): what `slipwayctl run show --json` prints
 */
JsonNode *slip_run_to_json (SlipRun *self);

/**
 * slip_run_refresh:
 * @self: a run
 * @error: return location
 *
 * Reads at once what the ledger has gained, blocking for the disk. For the command line and tests;
 * in the window a run follows by itself.
 *
 * Returns: %FALSE when the ledger could not be read
 */
gboolean slip_run_refresh (SlipRun *self, GError **error);

G_END_DECLS
