/* SPDX-License-Identifier: MIT */
/* `aws:executeAutomation`: starts another document in Systems Manager and waits for its end. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"DocumentName", SLIP_ACTION_TEXT, TRUE},
    {"DocumentVersion", SLIP_ACTION_TEXT, FALSE},
    {"MaxConcurrency", SLIP_ACTION_TEXT, FALSE},
    {"MaxErrors", SLIP_ACTION_TEXT, FALSE},
    {"RuntimeParameters", SLIP_ACTION_MAP, FALSE},
    {"Tags", SLIP_ACTION_LIST, FALSE},
    {"TargetLocations", SLIP_ACTION_LIST, FALSE},
    {"TargetMaps", SLIP_ACTION_LIST, FALSE},
    {"TargetParameterName", SLIP_ACTION_TEXT, FALSE},
    {"Targets", SLIP_ACTION_LIST, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Output", SLIP_PARAMETER_STRING_LIST},
    {"ExecutionId", SLIP_PARAMETER_STRING},
    {"Status", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

/* StartAutomationExecution takes every parameter as a list of strings. */
static JsonObject *
plan_parameters (JsonObject *parameters)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonArray *values;

      if (JSON_NODE_HOLDS_ARRAY (node))
        {
          json_object_set_member (result, name, slip_json_copy (node));
          continue;
        }
      values = json_array_new ();
      if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
        json_array_add_string_element (values, json_node_get_string (node));
      else
        {
          g_autofree char *text = slip_json_canonical (node, NULL);

          json_array_add_string_element (values, text);
        }
      json_object_set_array_member (result, name, values);
    }
  return result;
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  JsonObject *request = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, plan->inputs);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_str_equal (name, "RuntimeParameters") && JSON_NODE_HOLDS_OBJECT (node))
      json_object_set_object_member (request, "Parameters",
                                     plan_parameters (json_node_get_object (node)));
    else
      json_object_set_member (request, name, slip_json_copy (node));
  json_object_set_string_member (plan->step, "service", "ssm");
  json_object_set_string_member (plan->step, "operation", "StartAutomationExecution");
  json_object_set_object_member (plan->step, "request", request);
  return TRUE;
}

const SlipAction slip_action_execute_automation = {
    .name = "aws:executeAutomation",
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .plan = plan_step,
};
