/* SPDX-License-Identifier: MIT */
/* `aws:executeStateMachine`: starts a Step Functions state machine and waits for its end. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"stateMachineArn", SLIP_ACTION_TEXT, TRUE},
    {"name", SLIP_ACTION_TEXT, FALSE},
    {"input", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"executionArn", SLIP_PARAMETER_STRING}, {"input", SLIP_PARAMETER_STRING},
    {"name", SLIP_PARAMETER_STRING},         {"output", SLIP_PARAMETER_STRING},
    {"startDate", SLIP_PARAMETER_STRING},    {"stateMachineArn", SLIP_PARAMETER_STRING},
    {"status", SLIP_PARAMETER_STRING},       {"stopDate", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

/* Names of executions take no brackets, which ids of steps in loops have. */
static char *
execution_name (const char *id)
{
  g_autofree char *bare = g_strdup (id);

  g_strcanon (bare, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '-');
  return g_strdup_printf ("{{ automation:EXECUTION_ID }}-%s", bare);
}

/* The execution's name makes StartExecution safe to send twice (R2); without one in the document it
 * is the run's id and the step's. */
static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  JsonObject *request = json_object_new ();
  const char *name = slip_json_string (plan->inputs, "name");
  const char *input = slip_json_string (plan->inputs, "input");
  g_autofree char *own = execution_name (slip_json_string (plan->step, "id"));

  json_object_set_string_member (request, "stateMachineArn",
                                 slip_json_string (plan->inputs, "stateMachineArn"));
  json_object_set_string_member (request, "name", name != NULL ? name : own);
  if (input != NULL)
    json_object_set_string_member (request, "input", input);
  json_object_set_string_member (plan->step, "service", "states");
  json_object_set_string_member (plan->step, "operation", "StartExecution");
  json_object_set_object_member (plan->step, "request", request);
  return TRUE;
}

const SlipAction slip_action_execute_state_machine = {
    .name = "aws:executeStateMachine",
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .plan = plan_step,
};
