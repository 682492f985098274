/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-model.h"
#include "slip-caller.h"
#include "slip-fault.h"
#include "slip-runbook-parameter.h"

G_BEGIN_DECLS

/* The document half of actions: which there are, what they take and yield, how they are checked and
 * planned. The run half is a table of its own, found by the same name; a test holds the two together. */

/**
 * SlipActionKind:
 * @SLIP_ACTION_TEXT: a string
 * @SLIP_ACTION_INTEGER: a whole number
 * @SLIP_ACTION_BOOLEAN: true or false
 * @SLIP_ACTION_LIST: an array
 * @SLIP_ACTION_MAP: an object
 * @SLIP_ACTION_ANY: anything
 *
 * What an input takes, once its references are resolved.
 */
typedef enum
{
  SLIP_ACTION_TEXT,
  SLIP_ACTION_INTEGER,
  SLIP_ACTION_BOOLEAN,
  SLIP_ACTION_LIST,
  SLIP_ACTION_MAP,
  SLIP_ACTION_ANY,
} SlipActionKind;

/**
 * SlipActionInput:
 * @name: as in `inputs`; %NULL ends the table
 * @kind: what it takes
 * @required: whether it must be there
 */
typedef struct
{
  const char *name;
  SlipActionKind kind;
  gboolean required;
} SlipActionInput;

/**
 * SlipActionOutput:
 * @name: as in `{{ Step.Name }}`; %NULL ends the table
 * @type: its type
 *
 * An output that the action has without a document declaring it.
 */
typedef struct
{
  const char *name;
  SlipParameterType type;
} SlipActionOutput;

typedef struct _SlipActionCheck SlipActionCheck;
typedef struct _SlipActionPlan SlipActionPlan;

/**
 * SlipAction:
 * @name: `aws:executeAwsApi`
 * @workstation: whether only a workstation has it; Systems Manager does not
 * @planned: whether this version can plan and run it
 * @free_inputs: whether inputs that are not listed are none of the check's business
 * @request_inputs: whether inputs that are not listed are members of the request of `Service` and
 *   `Api`, checked against the API model
 * @reads: whether its call may be a read only
 * @service: (nullable): with @request_inputs, the service, when the document does not tell it
 * @operation: (nullable): with @service, the operation
 * @answer: (nullable): with @service, the operation that gives the answer outputs select from
 * @inputs: the inputs that it takes
 * @outputs: (nullable): what it yields by itself
 * @check: (nullable): finds further faults in the step's document
 * @plan: (nullable): fills in what is special about its planned step
 *
 * One action. Each lives in a file of its own in actions/.
 */
typedef struct
{
  const char *name;
  gboolean workstation;
  gboolean planned;
  gboolean free_inputs;
  gboolean request_inputs;
  gboolean reads;
  const char *service;
  const char *operation;
  const char *answer;
  const SlipActionInput *inputs;
  const SlipActionOutput *outputs;
  void (*check) (SlipActionCheck *check);
  gboolean (*plan) (SlipActionPlan *plan, GError **error);
} SlipAction;

/**
 * SlipActionCheck:
 * @path: the step's path, `$.mainSteps[3]`
 * @step: the step's object
 * @inputs: its inputs, empty when it has none
 * @report: adds a fault at `path` + @suffix
 * @data: for @report
 *
 * What an action's check works with. References to steps in `nextStep` and the like, and those in
 * `{{ }}`, are checked for every action alike; inputs by the table. The action adds the rest.
 */
struct _SlipActionCheck
{
  const char *path;
  JsonObject *step;
  JsonObject *inputs;
  void (*report) (SlipActionCheck *check, const char *suffix, const char *message);
  gpointer data;
};

/**
 * slip_action_report:
 * @check: the check
 * @suffix: where below the step, `.inputs.Duration`
 * @format: printf format of the message
 */
void slip_action_report (SlipActionCheck *check, const char *suffix, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

/**
 * slip_action_check_desired:
 * @check: the check of an action whose input `DesiredValues` is the list of what a property may be
 *
 * Reports a list that is empty: nothing would ever fit it.
 */
void slip_action_check_desired (SlipActionCheck *check);

/**
 * SlipActionPlan:
 * @inputs: the step's inputs, references resolved as far as they are known
 * @step: the planned step, being filled in: members as #SlipPlanStep has them
 * @slipway: (nullable): the step's `slipway` object, as it stands in the document
 * @made: (nullable): the step's request in a plan that is held against its inputs; what was taken from
 *   a file of this machine is taken from it then
 *
 * What an action's planning works with. `service`, `operation` and `request` make the step a call.
 */
struct _SlipActionPlan
{
  JsonObject *inputs;
  JsonObject *step;
  JsonObject *slipway;
  JsonObject *made;
};

/**
 * slip_action_find:
 *
 * Returns: (transfer none) (nullable): the action called @name
 */
const SlipAction *slip_action_find (const char *name);

/**
 * slip_action_list_names:
 *
 * Returns: (transfer container) (array zero-terminated=1): the names of all actions, sorted
 */
const char **slip_action_list_names (void);

/**
 * slip_action_is_local:
 * @service: the `service` of a planned step
 *
 * Returns: whether the step is no call of an AWS service but work on this machine: `terraform`, `sql`,
 *   `command`, `file`, `http`, `capture`, `items`, `metric` or `migration`
 */
gboolean slip_action_is_local (const char *service);

/**
 * slip_action_require_read:
 * @service: a service of AWS
 * @operation: one of its operations
 * @error: return location
 *
 * For every place that only looks, and so is asked for no intent, guard or approval: waits, assertions,
 * guards, probes. What counts is the API model's word (slip_aws_operation_effect()), never a document's
 * or a plan's. Thread-safe.
 *
 * Returns: %FALSE with %SLIP_RUNBOOK_ERROR_REQUEST naming the operation when it changes something, or
 *   with the model's error when there is no such operation
 */
gboolean slip_action_require_read (const char *service, const char *operation, GError **error);

/**
 * slip_action_plan_local:
 * @plan: the planning of an action
 * @service: one of those of slip_action_is_local()
 * @operation: what it does
 * @effect: its effect, when the document says no more
 * @rule: its resume rule, when the document gives none
 * @request: (transfer full): what exactly it will do; no secrets
 *
 * Fills in the planned step of an action that is no call.
 */
void slip_action_plan_local (SlipActionPlan *plan,
                             const char *service,
                             const char *operation,
                             SlipAwsEffect effect,
                             const char *rule,
                             JsonObject *request);

/**
 * slip_action_plan_members:
 * @plan: the planning of an action
 * @inputs: the inputs that it takes
 * @but: (nullable) (array zero-terminated=1): those of them that the request does not show
 * @request: the request; what it has already is the fallback
 *
 * Puts the inputs that the step has into the request, as members whose names begin with a small letter.
 */
void slip_action_plan_members (SlipActionPlan *plan,
                               const SlipActionInput *inputs,
                               const char *const *but,
                               JsonObject *request);

/**
 * slip_action_metric_dimensions:
 * @named: the dimensions of a step with `slipway:metric`, `{name: value}`
 *
 * Returns: (transfer full) (element-type JsonObject): the same as CloudWatch takes them, `{Name, Value}`
 */
JsonArray *slip_action_metric_dimensions (JsonObject *named);

/**
 * slip_action_open_output:
 * @output: a declared output, `{Name, Selector, Type}`
 * @value: (transfer full): what the selector found
 * @error: return location
 *
 * Text that holds a JSON object, such as a secret's, becomes the object when the output is declared as
 * a StringMap.
 *
 * Returns: (transfer full): the output's value, or %NULL with %SLIP_RUNBOOK_ERROR_EXPRESSION, which
 *   does not tell the text
 */
JsonNode *slip_action_open_output (JsonObject *output, JsonNode *value, GError **error);

/**
 * slip_action_parse_duration:
 * @text: an ISO 8601 duration of days and smaller units, `PT10M`, `P1DT2H`
 * @seconds: (out): its length
 *
 * Returns: whether @text is one
 */
gboolean slip_action_parse_duration (const char *text, gint64 *seconds);

/**
 * SlipConditionResult:
 *
 * What a condition comes to: true, false, or not known because a reference in it has no value yet.
 */
typedef enum
{
  SLIP_CONDITION_FALSE,
  SLIP_CONDITION_TRUE,
  SLIP_CONDITION_UNKNOWN,
} SlipConditionResult;

/**
 * slip_condition_evaluate:
 * @condition: `{Variable, StringEquals: …}`, `{And: […]}`, `{Or: […]}`, `{Not: {…}}`: a choice of
 *   `aws:branch`, or a `LoopCondition`, with references resolved as far as they are known
 * @error: return location
 *
 * Returns: what it comes to; %SLIP_CONDITION_FALSE with %SLIP_RUNBOOK_ERROR_EXPRESSION when
 *   it is malformed or its operator does not suit the value
 */
SlipConditionResult slip_condition_evaluate (JsonObject *condition, GError **error);

/**
 * slip_condition_check:
 * @check: the check of an action
 * @suffix: where below the step the condition stands
 * @condition: it
 * @choice: whether it is a choice of `aws:branch`, which has a `NextStep` besides
 *
 * Reports what is wrong with a condition's form.
 */
void slip_condition_check (SlipActionCheck *check,
                           const char *suffix,
                           JsonObject *condition,
                           gboolean choice);

G_END_DECLS
