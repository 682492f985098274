/* SPDX-License-Identifier: MIT */
/* The registry of actions, and what several of them need. An action is one more line in the table and
 * one more file in actions/. */

#include "slip-action.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

#include "actions/slip-actions.h"

#include <string.h>

static const SlipAction *const actions[] = {
    &slip_action_approve,
    &slip_action_assert_property,
    &slip_action_branch,
    &slip_action_execute_automation,
    &slip_action_execute_aws_api,
    &slip_action_execute_state_machine,
    &slip_action_loop,
    &slip_action_pause,
    &slip_action_sleep,
    &slip_action_update_variable,
    &slip_action_wait_for_property,
    &slip_action_capture,
    &slip_action_command,
    &slip_action_count_items,
    &slip_action_edit_json,
    &slip_action_edit_secret,
    &slip_action_follow_state_machine,
    &slip_action_http,
    &slip_action_metric,
    &slip_action_migrate,
    &slip_action_run_task,
    &slip_action_sql,
    &slip_action_terraform,
};

const SlipAction *
slip_action_find (const char *name)
{
  g_return_val_if_fail (name != NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (g_str_equal (actions[i]->name, name))
      return actions[i];
  return NULL;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

const char **
slip_action_list_names (void)
{
  GPtrArray *names = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    g_ptr_array_add (names, (gpointer)actions[i]->name);
  g_ptr_array_sort (names, compare);
  g_ptr_array_add (names, NULL);
  return (const char **)g_ptr_array_free (names, FALSE);
}

void
slip_action_report (SlipActionCheck *check, const char *suffix, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  check->report (check, suffix, message);
}

void
slip_action_check_desired (SlipActionCheck *check)
{
  JsonArray *values = slip_json_array (check->inputs, "DesiredValues");

  if (values != NULL && json_array_get_length (values) == 0)
    slip_action_report (check, ".inputs.DesiredValues", "nothing is desired");
}

gboolean
slip_action_is_local (const char *service)
{
  static const char *const services[]
      = {"terraform", "sql", "command", "file", "http", "capture", "items", "metric", "migration",
         NULL};

  return g_strv_contains (services, service);
}

gboolean
slip_action_require_read (const char *service, const char *operation, GError **error)
{
  const SlipAwsOperation *op;

  g_return_val_if_fail (service != NULL && operation != NULL, FALSE);
  op = slip_aws_model_lookup_operation (service, operation, NULL, error);
  if (op == NULL)
    return FALSE;
  if (slip_aws_operation_effect (op) == SLIP_AWS_EFFECT_READ)
    return TRUE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST,
               "%s:%s is %s, and only reads may be sent here. Make it a step of its own with "
               "aws:executeAwsApi",
               service, operation,
               slip_aws_operation_effect (op) == SLIP_AWS_EFFECT_FINAL ? "final" : "a change");
  return FALSE;
}

void
slip_action_plan_members (SlipActionPlan *plan,
                          const SlipActionInput *inputs,
                          const char *const *but,
                          JsonObject *request)
{
  for (const SlipActionInput *input = inputs; input->name != NULL; input++)
    {
      JsonNode *value = json_object_get_member (plan->inputs, input->name);
      g_autofree char *name = g_strdup (input->name);

      if (value == NULL || (but != NULL && g_strv_contains (but, input->name)))
        continue;
      name[0] = g_ascii_tolower (name[0]);
      json_object_set_member (request, name, slip_json_copy (value));
    }
}

void
slip_action_plan_local (SlipActionPlan *plan,
                        const char *service,
                        const char *operation,
                        SlipAwsEffect effect,
                        const char *rule,
                        JsonObject *request)
{
  JsonObject *resume = json_object_new ();

  g_return_if_fail (slip_action_is_local (service));

  json_object_set_string_member (resume, "rule", rule);
  json_object_set_object_member (plan->step, "resume", resume);
  json_object_set_string_member (plan->step, "service", service);
  json_object_set_string_member (plan->step, "operation", operation);
  json_object_set_string_member (plan->step, "effect", slip_aws_effect_name (effect));
  json_object_set_object_member (plan->step, "request", request);
}

gboolean
slip_action_parse_duration (const char *text, gint64 *seconds)
{
  static const struct
  {
    char unit;
    gboolean time;
    gint64 seconds;
  } units[] = {{'W', FALSE, 604800},
               {'D', FALSE, 86400},
               {'H', TRUE, 3600},
               {'M', TRUE, 60},
               {'S', TRUE, 1}};
  gboolean time = FALSE;
  guint next = 0;
  guint parts = 0;

  *seconds = 0;
  if (*text++ != 'P')
    return FALSE;
  while (*text != '\0')
    {
      char *end;
      gint64 value;

      if (*text == 'T' && !time)
        {
          time = TRUE;
          text++;
        }
      if (!g_ascii_isdigit (*text))
        return FALSE;
      value = g_ascii_strtoll (text, &end, 10);
      while (next < G_N_ELEMENTS (units) && (units[next].unit != *end || units[next].time != time))
        next++;
      if (next == G_N_ELEMENTS (units) || value > 1000000000)
        return FALSE;
      *seconds += value * units[next++].seconds;
      text = end + 1;
      parts++;
    }
  return parts > 0;
}

JsonNode *
slip_action_open_output (JsonObject *output, JsonNode *value, GError **error)
{
  JsonNode *opened;

  if (g_strcmp0 (slip_json_string (output, "Type"), "StringMap") != 0
      || !JSON_NODE_HOLDS_VALUE (value) || json_node_get_value_type (value) != G_TYPE_STRING)
    return value;
  opened = slip_json_parse (json_node_get_string (value), -1, NULL);
  json_node_unref (value);
  if (opened != NULL && slip_json_node_object (opened) != NULL)
    return opened;
  g_clear_pointer (&opened, json_node_unref);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
               "output %s: the text is no JSON object", slip_json_string (output, "Name"));
  return NULL;
}
