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
    .check = slip_action_check_desired,
    .plan = plan_step,
};
