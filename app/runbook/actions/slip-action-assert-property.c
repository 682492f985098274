/* SPDX-License-Identifier: MIT */
/* `aws:assertAwsResourceProperty`: one call whose answer must have a property with one of the
 * desired values. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Service", SLIP_ACTION_TEXT, TRUE},
    {"Api", SLIP_ACTION_TEXT, TRUE},
    {"PropertySelector", SLIP_ACTION_TEXT, TRUE},
    {"DesiredValues", SLIP_ACTION_LIST, TRUE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static void
check_step (SlipActionCheck *check)
{
  JsonArray *values = slip_json_array (check->inputs, "DesiredValues");

  if (values != NULL && json_array_get_length (values) == 0)
    slip_action_report (check, ".inputs.DesiredValues", "nothing is desired");
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  return slip_action_plan_request (plan, inputs);
}

const SlipAction slip_action_assert_property = {
    .name = "aws:assertAwsResourceProperty",
    .planned = TRUE,
    .request_inputs = TRUE,
    .reads = TRUE,
    .inputs = inputs,
    .check = check_step,
    .plan = plan_step,
};
