/* SPDX-License-Identifier: MIT */
/* `slipway:capture`, the document half: custody of what a restore loses. Captured before, put back
 * after, compared at the end. */

#include "slip-actions.h"
#include "slip-capture-read.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Mode", SLIP_ACTION_TEXT, TRUE},    {"Kind", SLIP_ACTION_TEXT, TRUE},
    {"Target", SLIP_ACTION_TEXT, TRUE},  {"Captured", SLIP_ACTION_ANY, FALSE},
    {"Explain", SLIP_ACTION_MAP, FALSE}, {"Except", SLIP_ACTION_LIST, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Document", SLIP_PARAMETER_STRING_MAP},
    {"Applied", SLIP_PARAMETER_STRING_LIST},
    {"Comparison", SLIP_PARAMETER_STRING_MAP},
    {"Unexplained", SLIP_PARAMETER_STRING_LIST},
    {NULL, SLIP_PARAMETER_STRING},
};

static const char *const modes[] = {"capture", "reapply", "diff", NULL};

static void
check_fields (SlipActionCheck *check, JsonObject *table)
{
  JsonObject *explain = slip_json_object (check->inputs, "Explain");
  JsonArray *except = slip_json_array (check->inputs, "Except");
  g_autoptr (GList) names = explain != NULL ? json_object_get_members (explain) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    if (!slip_capture_table_has_field (table, l->data))
      slip_action_report (check, ".inputs.Explain", "%s has no field %s",
                          slip_json_string (table, "kind"), (const char *)l->data);
  for (guint i = 0; except != NULL && i < json_array_get_length (except); i++)
    {
      JsonNode *node = json_array_get_element (except, i);
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (name == NULL
          || (strstr (name, "{{") == NULL && !slip_capture_table_has_field (table, name)))
        slip_action_report (check, ".inputs.Except", "%s has no field %s",
                            slip_json_string (table, "kind"), name != NULL ? name : "like that");
    }
}

static void
check_step (SlipActionCheck *check)
{
  const char *mode = slip_json_string (check->inputs, "Mode");
  const char *kind = slip_json_string (check->inputs, "Kind");
  gboolean captures = g_strcmp0 (mode, "capture") == 0;
  JsonObject *table = slip_capture_table_find (kind);

  if (mode != NULL && !g_strv_contains (modes, mode))
    slip_action_report (check, ".inputs.Mode", "“%s” is not one of: capture, reapply, diff", mode);
  if (g_strcmp0 (kind, SLIP_CAPTURE_GLOBAL) == 0 && mode != NULL && !captures)
    slip_action_report (check, ".inputs.Mode",
                        "%s is captured as a whole; put back and compare its members", kind);
  if (kind != NULL && table == NULL && g_strcmp0 (kind, SLIP_CAPTURE_GLOBAL) != 0)
    {
      g_autofree char *known = g_strjoinv (", ", (char **)slip_capture_list_kinds ());

      slip_action_report (check, ".inputs.Kind", "“%s” is not one of: %s, " SLIP_CAPTURE_GLOBAL,
                          kind, known);
    }
  if (mode != NULL && captures == json_object_has_member (check->inputs, "Captured"))
    slip_action_report (check, ".inputs.Captured",
                        captures ? "mode capture makes it, and takes none"
                                 : "modes reapply and diff need the Document of a capture");
  if (table != NULL)
    check_fields (check, table);
}

static JsonArray *
list_calls (JsonObject *table)
{
  JsonArray *fields = slip_json_array (table, "fields");
  JsonArray *calls = json_array_new ();
  static const char *const members[] = {"apply", "add", "remove"};

  for (guint i = 0; i < json_array_get_length (fields); i++)
    for (guint j = 0; j < G_N_ELEMENTS (members); j++)
      {
        JsonObject *field = json_array_get_object_element (fields, i);
        JsonObject *call = slip_json_object (field, members[j]);
        g_autofree char *text = NULL;

        if (call == NULL)
          continue;
        text = g_strdup_printf ("%s: %s:%s", slip_json_string (field, "field"),
                                slip_json_string (call, "service"),
                                slip_json_string (call, "operation"));
        json_array_add_string_element (calls, text);
      }
  return calls;
}

static JsonArray *
list_reads (JsonObject *table, GHashTable *only)
{
  JsonArray *reads = table != NULL ? slip_json_array (table, "reads") : NULL;
  JsonArray *calls = json_array_new ();

  if (table == NULL)
    {
      json_array_add_string_element (calls, "rds:DescribeGlobalClusters");
      json_array_add_string_element (calls, "rds:DescribeDBClusters");
      json_array_add_string_element (calls, "rds:DescribeDBClusterEndpoints");
      json_array_add_string_element (calls, "rds:DescribeDBInstances");
    }
  for (guint i = 0; reads != NULL && i < json_array_get_length (reads); i++)
    {
      JsonObject *read = json_array_get_object_element (reads, i);
      g_autofree char *text = g_strdup_printf ("%s:%s", slip_json_string (read, "service"),
                                               slip_json_string (read, "operation"));

      if (slip_capture_needs_read (table, i, only))
        json_array_add_string_element (calls, text);
    }
  return calls;
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  const char *mode = slip_json_string (plan->inputs, "Mode");
  const char *kind = slip_json_string (plan->inputs, "Kind");
  gboolean reapplies = g_strcmp0 (mode, "reapply") == 0;
  JsonObject *captured = slip_json_object (plan->inputs, "Captured");
  JsonObject *table = slip_capture_table_find (kind);
  g_autoptr (GHashTable) only = NULL;
  JsonObject *request;

  gboolean whole = g_strcmp0 (kind, SLIP_CAPTURE_GLOBAL) == 0 && g_strcmp0 (mode, "capture") == 0;

  if ((table == NULL && !whole) || mode == NULL || !g_strv_contains (modes, mode))
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "there is no capture of mode %s and kind %s", mode, kind);
      return FALSE;
    }
  request = json_object_new ();
  json_object_set_string_member (request, "kind", kind);
  json_object_set_string_member (request, "target", slip_json_string (plan->inputs, "Target"));
  if (reapplies)
    only = slip_capture_list_applied (table, slip_json_array (plan->inputs, "Except"));
  json_object_set_array_member (request, "reads", list_reads (table, only));
  if (reapplies)
    json_object_set_array_member (request, "may_send", list_calls (table));
  if (reapplies && captured != NULL && slip_json_object (captured, "fields") != NULL)
    json_object_set_member (request, "fields",
                            slip_json_copy (json_object_get_member (captured, "fields")));
  if (json_object_has_member (plan->inputs, "Except"))
    json_object_set_member (request, "except",
                            slip_json_copy (json_object_get_member (plan->inputs, "Except")));
  slip_action_plan_local (plan, "capture", mode,
                          reapplies ? SLIP_AWS_EFFECT_CHANGE : SLIP_AWS_EFFECT_READ,
                          reapplies ? "R3" : "R0", request);
  return TRUE;
}

const SlipAction slip_action_capture = {
    .name = "slipway:capture",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
