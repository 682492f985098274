/* SPDX-License-Identifier: MIT */
/* `slipway:command`, the document half: one program with its arguments, without a shell. It counts as a
 * change unless the step says that it only reads; what `Done` can tell to be done converges. */

#include "slip-actions.h"
#include "slip-json.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Command", SLIP_ACTION_LIST, TRUE},     {"Directory", SLIP_ACTION_TEXT, FALSE},
    {"Environment", SLIP_ACTION_MAP, FALSE}, {"Credentials", SLIP_ACTION_BOOLEAN, FALSE},
    {"ExitCodes", SLIP_ACTION_LIST, FALSE},  {"Json", SLIP_ACTION_BOOLEAN, FALSE},
    {"Done", SLIP_ACTION_MAP, FALSE},        {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"ExitCode", SLIP_PARAMETER_INTEGER},
    {"Output", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_words (SlipActionCheck *check, const char *suffix, JsonArray *command)
{
  if (command != NULL && json_array_get_length (command) == 0)
    slip_action_report (check, suffix, "the first element is the program");
  for (guint i = 0; command != NULL && i < json_array_get_length (command); i++)
    {
      JsonNode *word = json_array_get_element (command, i);

      if (!JSON_NODE_HOLDS_VALUE (word) || json_node_get_value_type (word) != G_TYPE_STRING)
        slip_action_report (check, suffix, "element %u is no string; write it in quotes", i + 1);
    }
}

static void
check_done (SlipActionCheck *check)
{
  JsonObject *done = slip_json_object (check->inputs, "Done");
  g_autoptr (GList) names = done != NULL ? json_object_get_members (done) : NULL;

  if (done != NULL && slip_json_array (done, "Command") == NULL)
    slip_action_report (check, ".inputs.Done", "needs Command, a list");
  else if (done != NULL)
    check_words (check, ".inputs.Done.Command", slip_json_array (done, "Command"));
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_str_equal (l->data, "Command") && !g_str_equal (l->data, "Output"))
      slip_action_report (check, ".inputs.Done", "there is no member %s", (const char *)l->data);
}

static void
check_step (SlipActionCheck *check)
{
  JsonObject *environment = slip_json_object (check->inputs, "Environment");
  const char *folder = slip_json_string (check->inputs, "Directory");
  g_autoptr (GList) names = environment != NULL ? json_object_get_members (environment) : NULL;

  check_words (check, ".inputs.Command", slip_json_array (check->inputs, "Command"));
  check_done (check);
  if (folder != NULL && strstr (folder, "{{") == NULL && *folder != '/')
    slip_action_report (check, ".inputs.Directory", "“%s” is no absolute path", folder);
  for (GList *l = names; l != NULL; l = l->next)
    if (g_str_has_prefix (l->data, "AWS_"))
      slip_action_report (check, ".inputs.Environment",
                          "%s is not the document's to set: say Credentials: true",
                          (const char *)l->data);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  static const char *const copied[] = {"Command", "Directory", "ExitCodes", "Credentials", "Done"};
  JsonObject *environment = slip_json_object (plan->inputs, "Environment");
  g_autoptr (GList) names = environment != NULL ? json_object_get_members (environment) : NULL;
  JsonObject *request = json_object_new ();
  JsonArray *list = json_array_new ();
  SlipAwsEffect effect = SLIP_AWS_EFFECT_CHANGE;

  for (guint i = 0; i < G_N_ELEMENTS (copied); i++)
    if (json_object_has_member (plan->inputs, copied[i]))
      {
        g_autofree char *name = g_ascii_strdown (copied[i], -1);

        json_object_set_member (request, name,
                                slip_json_copy (json_object_get_member (plan->inputs, copied[i])));
      }
  names = g_list_sort (g_steal_pointer (&names), (GCompareFunc)strcmp);
  for (GList *l = names; l != NULL; l = l->next)
    json_array_add_string_element (list, l->data);
  json_object_set_array_member (request, "environment", list);
  if (plan->slipway != NULL)
    slip_aws_effect_from_name (slip_json_string (plan->slipway, "effect"), &effect);
  slip_action_plan_local (plan, "command", "run", effect,
                          effect == SLIP_AWS_EFFECT_READ                  ? "R0"
                          : json_object_has_member (plan->inputs, "Done") ? "R3"
                                                                          : "R4",
                          request);
  return TRUE;
}

const SlipAction slip_action_command = {
    .name = "slipway:command",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
