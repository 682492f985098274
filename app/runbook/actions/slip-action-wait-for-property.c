/* SPDX-License-Identifier: MIT */
/* `aws:waitForAwsResourceProperty`: polls a call until a property of its answer has one of the desired values. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Service", SLIP_ACTION_TEXT, TRUE},
    {"Api", SLIP_ACTION_TEXT, TRUE},
    {"PropertySelector", SLIP_ACTION_TEXT, TRUE},
    {"DesiredValues", SLIP_ACTION_LIST, TRUE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

/* The planner lays the step's `slipway.wait` over this. */
static void
plan_wait (SlipActionPlan *plan)
{
  JsonObject *wait = json_object_new ();

  json_object_set_string_member (wait, "selector",
                                 slip_json_string (plan->inputs, "PropertySelector"));
  json_object_set_member (wait, "ok",
                          slip_json_copy (json_object_get_member (plan->inputs, "DesiredValues")));
  json_object_set_object_member (plan->step, "wait", wait);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  plan_wait (plan);
  return slip_action_plan_request (plan, inputs);
}

const SlipAction slip_action_wait_for_property = {
    .name = "aws:waitForAwsResourceProperty",
    .planned = TRUE,
    .request_inputs = TRUE,
    .reads = TRUE,
    .inputs = inputs,
    .check = slip_action_check_desired,
    .plan = plan_step,
};
