/* SPDX-License-Identifier: MIT */
/* `aws:executeAwsApi`: one call of an AWS API. All inputs but `Service` and `Api` are the request. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Service", SLIP_ACTION_TEXT, TRUE},
    {"Api", SLIP_ACTION_TEXT, TRUE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

gboolean
slip_action_plan_request (SlipActionPlan *plan, const SlipActionInput *own)
{
  g_autoptr (JsonObject) request = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, plan->inputs);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      gboolean listed = FALSE;

      for (const SlipActionInput *input = own; input->name != NULL; input++)
        listed = listed || g_str_equal (input->name, name);
      if (!listed)
        json_object_set_member (request, name, slip_json_copy (node));
    }
  json_object_set_string_member (plan->step, "service", slip_json_string (plan->inputs, "Service"));
  json_object_set_string_member (plan->step, "operation", slip_json_string (plan->inputs, "Api"));
  json_object_set_object_member (plan->step, "request", g_steal_pointer (&request));
  return TRUE;
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  return slip_action_plan_request (plan, inputs);
}

const SlipAction slip_action_execute_aws_api = {
    .name = "aws:executeAwsApi",
    .planned = TRUE,
    .request_inputs = TRUE,
    .inputs = inputs,
    .plan = plan_step,
};
