/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"
#include "slip-guard.h"
#include "slip-runbook-error.h"

G_BEGIN_DECLS

/**
 * SlipReversibility:
 * @SLIP_REVERSIBILITY_READ: nothing to undo
 * @SLIP_REVERSIBILITY_REVERSIBLE: one call takes it back
 * @SLIP_REVERSIBILITY_RECOVERABLE: a procedure brings it back
 * @SLIP_REVERSIBILITY_FINAL: nothing does
 */
typedef enum
{
  SLIP_REVERSIBILITY_READ,
  SLIP_REVERSIBILITY_REVERSIBLE,
  SLIP_REVERSIBILITY_RECOVERABLE,
  SLIP_REVERSIBILITY_FINAL,
} SlipReversibility;

/**
 * SlipResumeRule:
 * @SLIP_RESUME_R0: a read: run it again
 * @SLIP_RESUME_R1: create if absent: look it up; absent → send, present with our fingerprint → adopt,
 *   present without → stop
 * @SLIP_RESUME_R2: a token makes it safe: send again with the same token
 * @SLIP_RESUME_R3: converge: look; already so → done, else send
 * @SLIP_RESUME_R4: neither: look for evidence, else ask a person
 * @SLIP_RESUME_R5: a person attests
 * @SLIP_RESUME_R6: delete if present: gone → done, deleting → wait, present → guards again, then send
 *
 * What to do with a step whose intent is on disk and whose outcome is not.
 */
typedef enum
{
  SLIP_RESUME_R0,
  SLIP_RESUME_R1,
  SLIP_RESUME_R2,
  SLIP_RESUME_R3,
  SLIP_RESUME_R4,
  SLIP_RESUME_R5,
  SLIP_RESUME_R6,
} SlipResumeRule;

#define SLIP_TYPE_REVERSIBILITY (slip_reversibility_get_type ())
#define SLIP_TYPE_RESUME_RULE (slip_resume_rule_get_type ())
GType slip_reversibility_get_type (void);
GType slip_resume_rule_get_type (void);

/* `read` `reversible` `recoverable` `final`; `R0` … `R6` */
const char *slip_reversibility_get_name (SlipReversibility reversibility);
const char *slip_resume_rule_get_name (SlipResumeRule rule);
gboolean slip_reversibility_parse (const char *name, SlipReversibility *reversibility);
gboolean slip_resume_rule_parse (const char *name, SlipResumeRule *rule);

#define SLIP_TYPE_PLAN_STEP (slip_plan_step_get_type ())

/**
 * SlipPlanStep:
 *
 * One concrete step of a plan. Immutable, thread-safe; all it returns is borrowed from the plan.
 * Read-only properties: `id`, `index` (uint), `title`, `environment`, `region`, `effect` (a string, see slip_aws_effect_name()).
 */
G_DECLARE_FINAL_TYPE (SlipPlanStep, slip_plan_step, SLIP, PLAN_STEP, GObject)

/**
 * slip_plan_step_get_id:
 *
 * Returns: the step's name, or `Loop[2].Step` for the second turn of an unrolled loop
 */
const char *slip_plan_step_get_id (const SlipPlanStep *self);

/**
 * slip_plan_step_get_index:
 *
 * Returns: its place in the plan, from 0
 */
guint slip_plan_step_get_index (const SlipPlanStep *self);
const char *slip_plan_step_get_name (const SlipPlanStep *self);
const char *slip_plan_step_get_title (const SlipPlanStep *self);
const char *slip_plan_step_get_action (const SlipPlanStep *self);
const char *slip_plan_step_get_environment (const SlipPlanStep *self);
const char *slip_plan_step_get_account (const SlipPlanStep *self);
const char *slip_plan_step_get_region (const SlipPlanStep *self);

/* %NULL for a step that calls nothing, such as `aws:sleep` */
const char *slip_plan_step_get_service (const SlipPlanStep *self);
const char *slip_plan_step_get_operation (const SlipPlanStep *self);

/**
 * slip_plan_step_get_request:
 *
 * Returns: (transfer none) (nullable): the request's input; exact, but for references to values that
 *   only earlier steps of the run yield
 */
JsonNode *slip_plan_step_get_request (const SlipPlanStep *self);

/**
 * slip_plan_step_is_request_complete:
 *
 * Returns: whether the request holds no more references
 */
gboolean slip_plan_step_is_request_complete (const SlipPlanStep *self);

/**
 * slip_plan_step_get_inputs:
 *
 * Returns: (transfer none): the action's inputs (`Choices`, `Duration`, `PropertySelector`,
 *   `DesiredValues`, …), references resolved as far as they are known
 */
JsonObject *slip_plan_step_get_inputs (const SlipPlanStep *self);

/**
 * slip_plan_step_get_outputs:
 *
 * Returns: (transfer none) (nullable): declared outputs, objects `{Name, Selector, Type}`
 */
JsonArray *slip_plan_step_get_outputs (const SlipPlanStep *self);

/**
 * slip_plan_step_is_failed_at_planning:
 * @self: a step
 *
 * Returns: whether it is a read that AWS refused, or an assertion that did not hold, when the plan was made
 */
gboolean slip_plan_step_is_failed_at_planning (const SlipPlanStep *self);

/**
 * slip_plan_step_get_expect:
 *
 * Returns: (transfer none) (nullable): outputs, by name, that were read at planning and that the rest
 *   of the plan builds on. When the run reads something else, the plan no longer holds
 */
JsonObject *slip_plan_step_get_expect (const SlipPlanStep *self);

/**
 * slip_plan_step_get_known:
 *
 * Returns: (transfer none) (nullable): all outputs, by name, as read at planning
 */
JsonObject *slip_plan_step_get_known (const SlipPlanStep *self);
SlipAwsEffect slip_plan_step_get_effect (const SlipPlanStep *self);
SlipReversibility slip_plan_step_get_reversibility (const SlipPlanStep *self);
SlipResumeRule slip_plan_step_get_resume_rule (const SlipPlanStep *self);

/**
 * slip_plan_step_get_resume:
 *
 * Returns: (transfer none): `{rule, service, operation, input, select?, absent?: [codes], fingerprint?:
 *   {selector: value}, desired?: {selector: value}, deleting?: {selector: [values]}, maxAgeMinutes?}`
 */
JsonObject *slip_plan_step_get_resume (const SlipPlanStep *self);

/**
 * slip_plan_step_get_wait:
 *
 * Returns: (transfer none) (nullable): `{selector, ok: [], pending: [], fail: [], gone: [codes],
 *   poll: seconds, deadline: seconds, progress?: selector, settle?: seconds}`
 */
JsonObject *slip_plan_step_get_wait (const SlipPlanStep *self);

/**
 * slip_plan_step_get_undo:
 *
 * Returns: (transfer none) (nullable): how to take it back, for people
 */
const char *slip_plan_step_get_undo (const SlipPlanStep *self);

/**
 * slip_plan_step_get_confirm:
 *
 * Returns: (transfer none) (nullable): `{how: simple|typed|attest, text, ask, when: approval|step,
 *   maxAgeMinutes?}`: what a person must say before this step; `text` is what a typed one types
 */
JsonObject *slip_plan_step_get_confirm (const SlipPlanStep *self);

/**
 * slip_plan_step_get_confirmed_by:
 *
 * Returns: (transfer none) (nullable): the id of an earlier step whose confirmation this one needs too, not
 *   older than that step says
 */
const char *slip_plan_step_get_confirmed_by (const SlipPlanStep *self);
const char *slip_plan_step_get_why (const SlipPlanStep *self);
const char *slip_plan_step_get_if_it_fails (const SlipPlanStep *self);

/**
 * slip_plan_step_get_hints:
 *
 * Returns: (transfer none) (nullable): what to do, by error code: `{"KMSKeyNotAccessibleFault": "…"}`
 */
JsonObject *slip_plan_step_get_hints (const SlipPlanStep *self);

/**
 * slip_plan_step_get_notes:
 *
 * Returns: (transfer none) (nullable): strings: what the planner decided or does not know yet
 */
JsonArray *slip_plan_step_get_notes (const SlipPlanStep *self);

/**
 * slip_plan_step_get_minutes:
 *
 * Returns: forecast duration in minutes at speed 1
 */
double slip_plan_step_get_minutes (const SlipPlanStep *self);

/**
 * slip_plan_step_get_gib:
 *
 * Returns: the size that its duration depends on, GiB; 0 when it has none
 */
double slip_plan_step_get_gib (const SlipPlanStep *self);

/**
 * slip_plan_step_get_runs:
 *
 * Returns: from how many earlier runs its forecast is; 0 when it is the document's
 */
guint slip_plan_step_get_runs (const SlipPlanStep *self);

/**
 * slip_plan_step_get_p90_minutes:
 *
 * Returns: minutes at speed 1 that nine of ten earlier runs did not exceed; the forecast itself when
 *   there are none
 */
double slip_plan_step_get_p90_minutes (const SlipPlanStep *self);

/**
 * slip_plan_step_get_seconds:
 * @self: a step
 * @speed: how much faster than real time AWS is there; 1 for AWS itself
 *
 * Returns: forecast seconds at @speed: what earlier runs measured of our own work is no faster
 */
double slip_plan_step_get_seconds (const SlipPlanStep *self, double speed);

/**
 * slip_plan_step_get_timeout:
 *
 * Returns: `timeoutSeconds`, 0 without one
 */
gint64 slip_plan_step_get_timeout (const SlipPlanStep *self);

/**
 * slip_plan_step_get_max_attempts:
 *
 * Returns: `maxAttempts`, 1 without one
 */
guint slip_plan_step_get_max_attempts (const SlipPlanStep *self);

/**
 * slip_plan_step_get_next:
 *
 * Returns: (nullable): the id of the step after this one; %NULL when the run ends here. A branch
 *   that was not decided at planning goes where its choice says instead
 */
const char *slip_plan_step_get_next (const SlipPlanStep *self);

/**
 * slip_plan_step_get_on_failure:
 *
 * Returns: `Abort`, `Continue` or `step:ID`
 */
const char *slip_plan_step_get_on_failure (const SlipPlanStep *self);

/**
 * slip_plan_step_get_on_cancel:
 *
 * Returns: `Abort` or `step:ID`
 */
const char *slip_plan_step_get_on_cancel (const SlipPlanStep *self);
gboolean slip_plan_step_is_critical (const SlipPlanStep *self);

/**
 * slip_plan_step_is_conditional:
 *
 * Returns: whether a run may go past it, because a branch before it is decided only then
 */
gboolean slip_plan_step_is_conditional (const SlipPlanStep *self);

/**
 * slip_plan_step_get_guards:
 *
 * Returns: (transfer none) (nullable): objects for slip_guard_run(), to be evaluated again just
 *   before this step is entered; resolve references first
 */
JsonArray *slip_plan_step_get_guards (const SlipPlanStep *self);

/**
 * slip_plan_step_get_body:
 *
 * Returns: (transfer none) (nullable): for a loop whose list is not known at planning: the planned
 *   steps (as JSON objects) of one turn, ids `Loop[*].Step`; each turn replaces `*` by its number
 */
JsonArray *slip_plan_step_get_body (const SlipPlanStep *self);

/**
 * slip_plan_step_get_json:
 *
 * Returns: (transfer none): the step as in the plan's JSON
 */
JsonObject *slip_plan_step_get_json (const SlipPlanStep *self);

/**
 * slip_plan_step_new_from_json:
 * @object: (transfer none): a planned step, as in `steps` or a loop's body
 * @index: its place
 * @error: return location
 *
 * For the turns of loops that are unrolled while running.
 *
 * Returns: (transfer full): the step, or %NULL with %SLIP_RUNBOOK_ERROR_PLAN
 */
SlipPlanStep *slip_plan_step_new_from_json (JsonObject *object, guint index, GError **error);

#define SLIP_TYPE_PLAN (slip_plan_get_type ())

/**
 * SlipPlan:
 *
 * What a run will do, step for step, and what was proven before. Immutable, thread-safe.
 */
G_DECLARE_FINAL_TYPE (SlipPlan, slip_plan, SLIP, PLAN, GObject)

/**
 * slip_plan_new_from_json:
 * @node: what slip_plan_to_json() gave
 * @error: return location
 *
 * Reads a plan that may come from anywhere. That it agrees with its hash says only that it is whole: so
 * each step's call is worked out again from its inputs, and its effect held against the API model.
 *
 * Returns: (transfer full): the plan, or %NULL with %SLIP_RUNBOOK_ERROR_PLAN when it is damaged, its
 *   `hash` is not that of what it says, it holds what looks like a secret, or a step is not what it says
 *   it is; with %SLIP_RUNBOOK_ERROR_REQUEST when a change stands where only a read is sent
 */
SlipPlan *slip_plan_new_from_json (JsonNode *node, GError **error);

/**
 * slip_plan_new_stored:
 * @node: a plan as it stands in the audit log
 * @error: return location
 *
 * The same without looking for secrets: what was taken in once stays readable when more is called a
 * secret later. Its hash still tells whether it is whole. Nor does it hold the steps against the models:
 * what this version would plan otherwise is no reason to hide what was done. A run does that before it
 * begins.
 *
 * Returns: (transfer full): the plan, or %NULL with %SLIP_RUNBOOK_ERROR_PLAN
 */
SlipPlan *slip_plan_new_stored (JsonNode *node, GError **error);

/**
 * slip_plan_dup_runbook_difference:
 *
 * Compares the runbook that the plan names with the one of that name that is here. Reads files.
 *
 * Returns: (transfer full) (nullable): in what they differ, as a sentence for whoever reads the plan, or
 *   %NULL when they are the same
 */
char *slip_plan_dup_runbook_difference (SlipPlan *self);

/**
 * slip_plan_to_json:
 *
 * Returns: (transfer none): the plan as JSON; never change it
 */
JsonNode *slip_plan_to_json (SlipPlan *self);

/**
 * slip_plan_get_hash:
 *
 * Returns: (transfer none): SHA-256, 64 hexadecimal digits, of all that determines what will be done:
 *   the document, the parameters, the environments with account, role and endpoints, the steps. Not
 *   of guards' results, times or the forecast, so that planning again when nothing changed gives the
 *   same
 */
const char *slip_plan_get_hash (SlipPlan *self);

/**
 * slip_plan_get_steps:
 *
 * Returns: (transfer none): a #GListModel of #SlipPlanStep
 */
GListModel *slip_plan_get_steps (SlipPlan *self);
guint slip_plan_get_n_steps (SlipPlan *self);

/* Borrowed */
SlipPlanStep *slip_plan_get_step (SlipPlan *self, guint index);
SlipPlanStep *slip_plan_find_step (SlipPlan *self, const char *id);

/**
 * slip_plan_get_guards:
 *
 * Returns: (transfer none): a #GListModel of #SlipGuardResult
 */
GListModel *slip_plan_get_guards (SlipPlan *self);

/**
 * slip_plan_get_pairing:
 *
 * Returns: (transfer none) (nullable): why a second person must cosign the plan before it runs, for
 *   people; %NULL when one person is enough
 */
const char *slip_plan_get_pairing (SlipPlan *self);

/**
 * slip_plan_is_blocked:
 *
 * Returns: whether a guard blocks; such a plan cannot be approved
 */
gboolean slip_plan_is_blocked (SlipPlan *self);
guint slip_plan_count_guards (SlipPlan *self, SlipGuardState state);

/**
 * slip_plan_get_parameters:
 *
 * Returns: (transfer none): all parameters with the values they have in this plan
 */
JsonObject *slip_plan_get_parameters (SlipPlan *self);

/**
 * slip_plan_get_variables:
 *
 * Returns: (transfer none): the document's variables with their first values
 */
JsonObject *slip_plan_get_variables (SlipPlan *self);

/**
 * slip_plan_get_globals:
 *
 * Returns: (transfer none): `{"global:DATE": …, "global:REGION": …}`: those that the document uses,
 *   frozen at planning. `automation:EXECUTION_ID` is the run's id
 */
JsonObject *slip_plan_get_globals (SlipPlan *self);

/**
 * slip_plan_get_outputs:
 *
 * Returns: (transfer none) (nullable): references that a finished run prints, `Step.Output`
 */
JsonArray *slip_plan_get_outputs (SlipPlan *self);
const char *slip_plan_get_runbook (SlipPlan *self);
const char *slip_plan_get_title (SlipPlan *self);
const char *slip_plan_get_environment (SlipPlan *self);

/**
 * slip_plan_get_environments:
 *
 * Returns: (transfer none): by name, each environment that the plan touches: `{title, account, alias,
 *   role, protected, endpoint, overridden}`. A run refuses to go on when an endpoint differs
 */
JsonObject *slip_plan_get_environments (SlipPlan *self);

/**
 * slip_plan_get_started:
 *
 * Returns: when it was planned, microseconds since 1970
 */
gint64 slip_plan_get_started (SlipPlan *self);

/**
 * slip_plan_get_minutes:
 *
 * Returns: forecast of the whole, minutes at speed 1
 */
double slip_plan_get_minutes (SlipPlan *self);

/**
 * slip_plan_get_seconds:
 * @self: a plan
 * @speed: as of slip_plan_step_get_seconds()
 *
 * Returns: forecast of the whole, seconds at @speed
 */
double slip_plan_get_seconds (SlipPlan *self, double speed);

/**
 * slip_plan_get_waiting_minutes:
 *
 * Returns: how much of slip_plan_get_minutes() is waiting until AWS has done what was asked; the rest is
 *   calls, work on this machine, and people
 */
double slip_plan_get_waiting_minutes (SlipPlan *self);

/**
 * slip_plan_get_p90_minutes:
 *
 * Returns: what the whole takes, minutes at speed 1, when each step takes as long as nine in ten did
 *   before; the forecast itself when no run is remembered
 */
double slip_plan_get_p90_minutes (SlipPlan *self);

/**
 * slip_plan_get_n_remembered:
 *
 * Returns: how many steps have their forecast from earlier runs, and not from the document
 */
guint slip_plan_get_n_remembered (SlipPlan *self);

/**
 * slip_plan_get_data_time:
 *
 * When what a plan restores was saved: the moment of the snapshot, recovery point or backup that its
 * first restore reads, as the guards and reads of planning saw it.
 *
 * Returns: microseconds since 1970; 0 when it restores nothing, or nobody saw when that was made
 */
gint64 slip_plan_get_data_time (SlipPlan *self);

/**
 * slip_plan_is_data_copied:
 *
 * Whether slip_plan_get_data_time() is when something was copied. What it holds is older, and AWS does not tell
 * by how much.
 *
 * Returns: %TRUE when the data is older than its time
 */
gboolean slip_plan_is_data_copied (SlipPlan *self);

/**
 * slip_plan_get_point_of_no_return:
 *
 * Returns: the index of the first step that is final; -1 when there is none
 */
int slip_plan_get_point_of_no_return (SlipPlan *self);

/**
 * slip_plan_property_holds:
 * @property: (nullable): what `PropertySelector` selects in an answer
 * @desired: `DesiredValues`, references resolved
 * @exactly: whether a list must hold every desired value too (`slipway.match: exactly`)
 *
 * How `aws:assertAwsResourceProperty` and `aws:waitForAwsResourceProperty` compare, at planning and in
 * a run: values as text; a list holds when it is not empty and all its elements are desired.
 *
 * Returns: whether the property is as desired
 */
gboolean slip_plan_property_holds (JsonNode *property, JsonArray *desired, gboolean exactly);

/**
 * slip_plan_lookup:
 * @self: a plan
 * @reference: `Parameter`, `Step.Output`, `variable:Name`, `global:DATE`
 *
 * Looks a reference up among what the plan itself knows: parameters, first values of variables,
 * globals. Not outputs: those are the run's.
 *
 * Returns: (transfer full) (nullable): the value
 */
JsonNode *slip_plan_lookup (SlipPlan *self, const char *reference);

G_END_DECLS
