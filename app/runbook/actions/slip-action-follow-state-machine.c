/* SPDX-License-Identifier: MIT */
/* `slipway:executeStateMachine`, the document half: one execution of a Step Functions state machine, followed with its
 * events and the logs of the ECS tasks that it runs. `aws:executeStateMachine` only waits for its end. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Input", SLIP_ACTION_MAP, FALSE},
    {"Logs", SLIP_ACTION_BOOLEAN, FALSE},
    {"Integration", SLIP_ACTION_BOOLEAN, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"executionArn", SLIP_PARAMETER_STRING}, {"name", SLIP_PARAMETER_STRING},
    {"status", SLIP_PARAMETER_STRING},       {"startDate", SLIP_PARAMETER_STRING},
    {"stopDate", SLIP_PARAMETER_STRING},     {"States", SLIP_PARAMETER_MAP_LIST},
    {"Run", SLIP_PARAMETER_INTEGER},         {"Integration", SLIP_PARAMETER_STRING},
    {"Source", SLIP_PARAMETER_STRING},       {"Rows", SLIP_PARAMETER_INTEGER},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_step (SlipActionCheck *check)
{
  if (json_object_has_member (check->inputs, "name"))
    slip_action_report (check, ".inputs.name",
                        "name is the run's to choose: it finds its execution again by it");
  if (json_object_has_member (check->inputs, "input"))
    slip_action_report (check, ".inputs.input", "the execution's input stands in Input, as a map");
  if (slip_json_bool (check->inputs, "Integration", FALSE)
      && !slip_json_bool (check->inputs, "Logs", TRUE))
    slip_action_report (check, ".inputs.Integration",
                        "what was integrated stands in the tasks' logs: leave out Logs: false");
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  gboolean planned = slip_action_plan_request (plan, inputs);

  json_object_set_string_member (plan->step, "service", "states");
  json_object_set_string_member (plan->step, "operation", "StartExecution");
  return planned;
}

const SlipAction slip_action_follow_state_machine = {
    .name = "slipway:executeStateMachine",
    .workstation = TRUE,
    .planned = TRUE,
    .request_inputs = TRUE,
    .service = "states",
    .operation = "StartExecution",
    .answer = "DescribeExecution",
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
