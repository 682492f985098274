/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-caller.h"
#include "slip-clock.h"
#include "slip-fault.h"
#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * SlipGuardState:
 * @SLIP_GUARD_PASS: proven
 * @SLIP_GUARD_WARN: proven to be unusual; a person should look
 * @SLIP_GUARD_BLOCK: proven to be wrong; the plan cannot be approved, the step not entered
 * @SLIP_GUARD_UNPROVABLE: could not be told, for instance because reading is not permitted. Shown as
 *   such, never as green
 */
typedef enum
{
  SLIP_GUARD_PASS,
  SLIP_GUARD_WARN,
  SLIP_GUARD_BLOCK,
  SLIP_GUARD_UNPROVABLE,
} SlipGuardState;

#define SLIP_TYPE_GUARD_STATE (slip_guard_state_get_type ())
GType slip_guard_state_get_type (void);

/**
 * slip_guard_state_get_name:
 *
 * Returns: (transfer none): `pass`, `warn`, `block`, `unprovable`
 */
const char *slip_guard_state_get_name (SlipGuardState state);

#define SLIP_TYPE_GUARD_RESULT (slip_guard_result_get_type ())

/**
 * SlipGuardResult:
 *
 * What a guard found. Immutable, thread-safe. Read-only properties: `guard`, `title`, `state`,
 * `message`.
 */
G_DECLARE_FINAL_TYPE (SlipGuardResult, slip_guard_result, SLIP, GUARD_RESULT, GObject)

const char *slip_guard_result_get_guard (SlipGuardResult *self);
const char *slip_guard_result_get_title (SlipGuardResult *self);
SlipGuardState slip_guard_result_get_state (SlipGuardResult *self);

/**
 * slip_guard_result_get_message:
 *
 * Returns: (transfer none): one sentence: what was found and, unless it passed, the way out
 */
const char *slip_guard_result_get_message (SlipGuardResult *self);

/**
 * slip_guard_result_get_difference:
 *
 * Returns: (transfer none) (nullable): what a guard of drift that blocks found to differ, and whose hand it
 *   was; %NULL when it blocks for another reason
 */
const char *slip_guard_result_get_difference (SlipGuardResult *self);

/**
 * slip_guard_result_get_difference_sha256:
 *
 * Returns: (transfer none) (nullable): the digest of all of that difference, whoever made it
 */
const char *slip_guard_result_get_difference_sha256 (SlipGuardResult *self);

/**
 * slip_guard_result_get_evidence:
 *
 * Returns: (transfer none): objects `{service, operation, environment, region, input, output|error,
 *   time}` of the calls that prove it; secrets redacted
 */
JsonArray *slip_guard_result_get_evidence (SlipGuardResult *self);

/**
 * slip_guard_result_get_environment:
 *
 * Returns: (transfer none) (nullable): where it looked
 */
const char *slip_guard_result_get_environment (SlipGuardResult *self);

/**
 * slip_guard_result_get_step:
 *
 * Returns: (transfer none) (nullable): the id of the step that it guards; %NULL for the whole plan
 */
const char *slip_guard_result_get_step (SlipGuardResult *self);

/**
 * slip_guard_result_to_json:
 *
 * Returns: (transfer full): `{guard, title, state, message, environment, region, step, inputs,
 *   evidence}`, as in a plan; with `difference` and `difference_sha256` when another hand's change was found
 */
JsonObject *slip_guard_result_to_json (SlipGuardResult *self);
SlipGuardResult *slip_guard_result_new_from_json (JsonObject *object, GError **error);

/* What the audit log says of a run: slip-run-fold.h. */
typedef struct _SlipRunFold SlipRunFold;

/**
 * SlipGuardMeans:
 * @caller: how to reach AWS
 * @clock: the time
 * @ledger: (nullable): the audit log, for what this workstation did before; without it that is not
 *   provable
 * @run: (nullable): the run whose step is about to be entered; %NULL at planning
 * @fold: (nullable): what @ledger says of @run; %NULL when there is none
 * @cancellable: (nullable): ends calls
 *
 * What whoever evaluates guards has at hand.
 */
typedef struct
{
  SlipCaller *caller;
  SlipClock *clock;
  SlipLedger *ledger;
  const char *run;
  SlipRunFold *fold;
  GCancellable *cancellable;
} SlipGuardMeans;

/**
 * SlipGuardContext:
 * @caller: how to reach AWS
 * @clock: the time
 * @ledger: (nullable): the audit log
 * @run: (nullable): the run; %NULL at planning
 * @fold: (nullable): what the audit log says of it, to be brought up to date before it is read
 * @cancellable: (nullable): ends calls
 * @environment: the environment's name
 * @region: the region
 * @inputs: (nullable): the guard's inputs, references resolved
 * @plan: (nullable): the plan that is being made or run, as JSON: `steps`, `forecast`, `environments`
 * @step: (nullable): the id of the step about to be entered; %NULL at planning
 * @evidence: (element-type JsonObject): calls made through slip_guard_call() are noted here
 * @differences: (element-type JsonObject): what a guard of drift found to differ: resource, how it was, how
 *   it is
 * @told: the same for people, and whose hand it was
 *
 * What a guard works with.
 */
typedef struct
{
  SlipCaller *caller;
  SlipClock *clock;
  SlipLedger *ledger;
  const char *run;
  SlipRunFold *fold;
  GCancellable *cancellable;
  const char *environment;
  const char *region;
  JsonObject *inputs;
  JsonObject *plan;
  const char *step;
  JsonArray *evidence;
  JsonArray *differences;
  GString *told;
} SlipGuardContext;

/**
 * SlipGuard:
 * @id: what documents call it: `kms-key-shareable`
 * @title: what it proves, for people: "Key can be shared"
 * @inputs: (array zero-terminated=1): names of inputs; a `?` at the end marks an optional one
 * @evaluate: looks and tells; fills @message (transfer full)
 * @advisory: whether it only advises: when it cannot be asked while running, that is noted and does not bar
 * @drift: whether it holds what is there against what the plan was made for. While running it binds until
 *   something that its step sent was carried out: behind that the run's own change is what differs. Behind the
 *   point of no return a person can accept the very difference that it found
 *
 * A named check that documents refer to. One file each in guards/. When it blocks while running, what a person said
 * for the step, and for that whose word it needs, counts no more.
 */
typedef struct
{
  const char *id;
  const char *title;
  const char *const *inputs;
  SlipGuardState (*evaluate) (SlipGuardContext *context, char **message);
  gboolean advisory;
  gboolean drift;
} SlipGuard;

/**
 * slip_guard_find:
 *
 * Returns: (transfer none) (nullable): the guard called @id
 */
const SlipGuard *slip_guard_find (const char *id);

/**
 * slip_guard_list_ids:
 *
 * Returns: (transfer container) (array zero-terminated=1): all ids, sorted
 */
const char **slip_guard_list_ids (void);

/**
 * slip_guard_call:
 * @context: a guard's context
 *
 * slip_caller_call() that notes request and answer as evidence.
 *
 * Returns: (transfer full): the output
 */
JsonNode *slip_guard_call (SlipGuardContext *context,
                           const char *service,
                           const char *operation,
                           JsonObject *input,
                           GError **error);

/**
 * slip_guard_run:
 * @means: what is at hand
 * @guard: an object of a plan's `guards`, or of a step's: `{guard, title?, environment, region,
 *   inputs, step?}`, references resolved
 * @plan: (nullable): the plan as JSON
 * @step: (nullable): the id of the step about to be entered, %NULL at planning
 *
 * Evaluates one guard, blocking. Any thread. What goes wrong while looking is
 * %SLIP_GUARD_UNPROVABLE, never a pass.
 *
 * Returns: (transfer full): what it found
 */
SlipGuardResult *
slip_guard_run (const SlipGuardMeans *means, JsonObject *guard, JsonObject *plan, const char *step);

G_END_DECLS
