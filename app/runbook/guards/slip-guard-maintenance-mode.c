/* SPDX-License-Identifier: MIT */
/* Whether the service shows its maintenance page: the record that the runbook maintenance-mode-on wrote to
 * Parameter Store, and the load balancer's rules as they are now. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

static const char *const inputs[] = {"parameter", NULL};

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Conditions come back with members that nobody set, and in no order; `Field` and what it holds decide. */
static char *
normalise (JsonArray *conditions)
{
  g_autoptr (GPtrArray) parts = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; conditions != NULL && i < json_array_get_length (conditions); i++)
    {
      static const char *const holders[]
          = {"HostHeaderConfig",  "PathPatternConfig",       "HttpHeaderConfig",
             "QueryStringConfig", "HttpRequestMethodConfig", "SourceIpConfig"};
      JsonObject *condition = slip_json_node_object (json_array_get_element (conditions, i));
      JsonNode *values = NULL;
      g_autofree char *written = NULL;

      for (guint k = 0; condition != NULL && values == NULL && k < G_N_ELEMENTS (holders); k++)
        if (json_object_has_member (condition, holders[k]))
          values = json_object_get_member (json_object_get_object_member (condition, holders[k]),
                                           "Values");
      if (values == NULL && condition != NULL)
        values = json_object_get_member (condition, "Values");
      written = values != NULL ? slip_json_to_text (values, FALSE) : NULL;
      g_ptr_array_add (
          parts,
          g_strdup_printf ("%s=%s", condition != NULL ? slip_json_string (condition, "Field") : "",
                           written != NULL ? written : ""));
    }
  g_ptr_array_sort (parts, compare_texts);
  g_ptr_array_add (parts, NULL);
  return g_strjoinv ("; ", (char **)parts->pdata);
}

static SlipGuardState
check_rule (SlipGuardContext *context, JsonObject *rule, char **message)
{
  const char *arn = slip_json_string (rule, "arn");
  g_autoptr (JsonObject) input = json_object_new ();
  JsonArray *arns = json_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) now = NULL;
  g_autofree char *is = NULL;
  g_autofree char *wanted = normalise (slip_json_array (rule, "on"));

  json_array_add_string_element (arns, arn != NULL ? arn : "");
  json_object_set_array_member (input, "RuleArns", arns);
  output = slip_guard_call (context, "elbv2", "DescribeRules", input, &error);
  now = output != NULL ? slip_json_select (output, "$.Rules[0].Conditions", &error) : NULL;
  if (error != NULL)
    return slip_guard_unprovable (message, "the load balancer's rules", error);
  is = normalise (now != NULL ? json_node_get_array (now) : NULL);
  if (g_str_equal (is, wanted))
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("maintenance mode is recorded, but the rule %s was changed since: it "
                              "matches %s and not %s. Switch it on again",
                              arn, is, wanted);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonNode) record = NULL;
  SlipGuardState state = slip_guard_read_record (context, "maintenance-mode", &record, message);
  JsonArray *rules
      = record != NULL ? slip_json_array (slip_json_node_object (record), "rules") : NULL;

  if (record == NULL && *message == NULL)
    *message
        = g_strdup_printf ("%s is not in maintenance mode; what people write now would be lost. "
                           "Switch it on with the runbook maintenance-mode-on",
                           context->environment);
  if (state == SLIP_GUARD_PASS && (rules == NULL || json_array_get_length (rules) == 0))
    {
      *message = g_strdup_printf (
          "the record %s names no rule of the load balancer, so nothing shows that "
          "the service is closed. Switch maintenance mode on again",
          slip_guard_input (context, "parameter"));
      state = SLIP_GUARD_BLOCK;
    }
  for (guint i = 0; rules != NULL && i < json_array_get_length (rules) && state == SLIP_GUARD_PASS;
       i++)
    state = check_rule (context, json_array_get_object_element (rules, i), message);
  if (state == SLIP_GUARD_PASS)
    *message = g_strdup_printf ("in maintenance mode since %s",
                                slip_json_string (slip_json_node_object (record), "since"));
  return state;
}

const SlipGuard slip_guard_maintenance_mode = {
    .id = "maintenance-mode",
    .title = "Service is in maintenance mode",
    .inputs = inputs,
    .evaluate = evaluate,
};
