/* SPDX-License-Identifier: MIT */
/* `slipway:countItems`, the document half: how many items a DynamoDB table holds now. What DescribeTable
 * says of it is hours old, and of a table that was just restored nothing at all. */

#include "slip-actions.h"

#include "slip-json.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Table", SLIP_ACTION_TEXT, TRUE},   {"Exactly", SLIP_ACTION_ANY, FALSE},
    {"AtLeast", SLIP_ACTION_ANY, FALSE}, {"UnitsPerSecond", SLIP_ACTION_ANY, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Items", SLIP_PARAMETER_INTEGER},
    {NULL, SLIP_PARAMETER_STRING},
};

static gboolean
is_count (JsonNode *node)
{
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return FALSE;
  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node) >= 0;
  text = json_node_get_string (node);
  return text != NULL && strstr (text, "{{") != NULL;
}

static void
check_step (SlipActionCheck *check)
{
  static const char *const counts[] = {"Exactly", "AtLeast", "UnitsPerSecond"};

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      JsonNode *node = json_object_get_member (check->inputs, counts[i]);
      g_autofree char *suffix = g_strconcat (".inputs.", counts[i], NULL);

      if (node != NULL && !is_count (node))
        slip_action_report (check, suffix, "must be a whole number, or a reference to one");
    }
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  JsonObject *request = json_object_new ();

  slip_action_plan_members (plan, inputs, NULL, request);
  slip_action_plan_local (plan, "items", "count", SLIP_AWS_EFFECT_READ, "R0", request);
  return TRUE;
}

const SlipAction slip_action_count_items = {
    .name = "slipway:countItems",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
