/* SPDX-License-Identifier: MIT */
/* Whether the service shows its maintenance page: the record that the runbook maintenance-mode-on wrote to
 * Parameter Store, and the load balancer's rules as they are now. With `half`, whether what is open of it can be closed by that
 * record: each rule is either as it was before or as the record closes it. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

static const char *const inputs[] = {"parameter", "half?", NULL};

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

/* What the rule matches now, normalised, or NULL. */
static char *
read_rule (SlipGuardContext *context, const char *arn, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  JsonArray *arns = json_array_new ();
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (JsonNode) now = NULL;
  g_autoptr (GError) local = NULL;

  json_array_add_string_element (arns, arn != NULL ? arn : "");
  json_object_set_array_member (input, "RuleArns", arns);
  output = slip_guard_call (context, "elbv2", "DescribeRules", input, error);
  if (output == NULL)
    return NULL;
  now = slip_json_select (output, "$.Rules[0].Conditions", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  return normalise (now != NULL && JSON_NODE_HOLDS_ARRAY (now) ? json_node_get_array (now) : NULL);
}

static char *
dup_command (const char *arn, JsonArray *conditions)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  g_autofree char *text = NULL;
  g_autofree char *quoted = NULL;

  json_node_set_array (node, conditions);
  text = slip_json_to_text (node, FALSE);
  quoted = g_shell_quote (text);
  return g_strdup_printf ("aws elbv2 modify-rule --rule-arn %s --conditions %s", arn, quoted);
}

/* Somebody gave it a third form, and neither end of the mode would put that back. */
static char *
describe_third (JsonObject *rule, const char *is, const char *was, const char *wanted)
{
  const char *arn = slip_json_string (rule, "arn");
  JsonArray *original = slip_json_array (rule, "original");
  g_autofree char *command = original != NULL ? dup_command (arn, original) : NULL;

  return g_strdup_printf (
      "maintenance mode is recorded, but the rule %s matches %s: neither %s, as "
      "the record closes it, nor %s, as it was before. If nobody needs what it "
      "matches now, put it back, then plan again%s%s",
      arn, is, wanted, was, command != NULL ? ": " : "", command != NULL ? command : "");
}

/* @open counts rules that are as before the mode. */
static SlipGuardState
check_rule (SlipGuardContext *context, JsonObject *rule, gboolean half, guint *open, char **message)
{
  const char *arn = slip_json_string (rule, "arn");
  g_autoptr (GError) error = NULL;
  g_autofree char *is = read_rule (context, arn, &error);
  g_autofree char *wanted = normalise (slip_json_array (rule, "on"));
  g_autofree char *was = normalise (slip_json_array (rule, "original"));

  if (is == NULL)
    return slip_guard_unprovable (message, "the load balancer's rules", error);
  if (g_str_equal (is, wanted))
    return SLIP_GUARD_PASS;
  if (half && g_str_equal (is, was))
    {
      (*open)++;
      return SLIP_GUARD_PASS;
    }
  *message = half ? describe_third (rule, is, was, wanted)
                  : g_strdup_printf ("maintenance mode is recorded, but the rule %s was changed "
                                     "since: it matches %s and not %s. Close what is open with the "
                                     "runbook maintenance-mode-on, which keeps the record",
                                     arn, is, wanted);
  return SLIP_GUARD_BLOCK;
}

/* Nothing to close is no half mode; but what this run has closed meanwhile is. */
static SlipGuardState
judge_half (SlipGuardContext *context, const char *since, guint open, char **message)
{
  if (open == 0 && context->run == NULL)
    {
      *message
          = g_strdup_printf ("maintenance mode is on already, since %s, and all of its rules are "
                             "closed. End it with the runbook maintenance-mode-off",
                             since);
      return SLIP_GUARD_BLOCK;
    }
  *message
      = g_strdup_printf ("maintenance mode was begun %s, and %u of its rules are open: they are "
                         "closed, and its record stays",
                         since, open);
  return SLIP_GUARD_PASS;
}

static SlipGuardState
check_rules (SlipGuardContext *context, JsonObject *record, char **message)
{
  gboolean half = g_strcmp0 (slip_guard_input (context, "half"), "true") == 0;
  JsonArray *rules = slip_json_array (record, "rules");
  const char *since = slip_json_string (record, "since");
  SlipGuardState state = SLIP_GUARD_PASS;
  guint open = 0;

  if (rules == NULL || json_array_get_length (rules) == 0)
    {
      *message = g_strdup_printf (
          "the record %s names no rule of the load balancer, so nothing shows that the service is "
          "closed. Take it away (aws ssm delete-parameter --name %s), then begin maintenance mode",
          slip_guard_input (context, "parameter"), slip_guard_input (context, "parameter"));
      return SLIP_GUARD_BLOCK;
    }
  for (guint i = 0; i < json_array_get_length (rules) && state == SLIP_GUARD_PASS; i++)
    state = check_rule (context, json_array_get_object_element (rules, i), half, &open, message);
  if (state != SLIP_GUARD_PASS)
    return state;
  since = since != NULL ? since : "an unknown time";
  if (half)
    return judge_half (context, since, open, message);
  *message = g_strdup_printf ("in maintenance mode since %s", since);
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (JsonNode) record = NULL;
  SlipGuardState state = slip_guard_read_record (context, "maintenance-mode", &record, message);

  if (record == NULL && *message == NULL)
    *message
        = g_strdup_printf ("%s is not in maintenance mode; what people write now would be lost. "
                           "Switch it on with the runbook maintenance-mode-on",
                           context->environment);
  return state == SLIP_GUARD_PASS && record != NULL
             ? check_rules (context, slip_json_node_object (record), message)
             : state;
}

const SlipGuard slip_guard_maintenance_mode = {
    .id = "maintenance-mode",
    .title = "Service is in maintenance mode",
    .inputs = inputs,
    .evaluate = evaluate,
};
