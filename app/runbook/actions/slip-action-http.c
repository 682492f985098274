/* SPDX-License-Identifier: MIT */
/* `slipway:http`, the document half: one web address and what it must answer. Asks only, unless the step
 * says that it changes something; then it is sent once. */

#include "slip-actions.h"

#include "slip-http-target.h"
#include "slip-json.h"
#include "slip-template.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Url", SLIP_ACTION_TEXT, TRUE},
    {"Method", SLIP_ACTION_TEXT, FALSE},
    {"Headers", SLIP_ACTION_MAP, FALSE},
    {"Body", SLIP_ACTION_TEXT, FALSE},
    {"Status", SLIP_ACTION_LIST, FALSE},
    {"BodyPattern", SLIP_ACTION_TEXT, FALSE},
    {"RefusePattern", SLIP_ACTION_TEXT, FALSE},
    {"Consecutive", SLIP_ACTION_INTEGER, FALSE},
    {"Attempts", SLIP_ACTION_INTEGER, FALSE},
    {"PauseSeconds", SLIP_ACTION_INTEGER, FALSE},
    {"CaFile", SLIP_ACTION_TEXT, FALSE},
    {"MaxBytes", SLIP_ACTION_INTEGER, FALSE},
    {"Json", SLIP_ACTION_BOOLEAN, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"StatusCode", SLIP_PARAMETER_INTEGER},
    {"Body", SLIP_PARAMETER_STRING},
    {"Requests", SLIP_PARAMETER_INTEGER},
    {NULL, SLIP_PARAMETER_STRING},
};

static gboolean
is_plain (const char *text)
{
  return text != NULL && strstr (text, "{{") == NULL;
}

static gboolean
only_asks (const char *method)
{
  return method == NULL || g_str_equal (method, "GET") || g_str_equal (method, "HEAD");
}

static void
check_method (SlipActionCheck *check)
{
  static const char *const methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", NULL};
  const char *method = slip_json_string (check->inputs, "Method");
  JsonObject *slipway = slip_json_object (check->step, "slipway");
  const char *effect = slipway != NULL ? slip_json_string (slipway, "effect") : NULL;
  gboolean changes = effect != NULL && !g_str_equal (effect, "read");

  if (method != NULL && !g_strv_contains (methods, method))
    slip_action_report (check, ".inputs.Method",
                        "“%s” is not one of: GET, HEAD, POST, PUT, PATCH, DELETE", method);
  else if (!only_asks (method) && !changes)
    slip_action_report (check, ".inputs.Method",
                        "%s may change something: say slipway: {effect: change}, or final", method);
  if (only_asks (method) && json_object_has_member (check->inputs, "Body"))
    slip_action_report (check, ".inputs.Body", "%s sends no body", method != NULL ? method : "GET");
  if (changes
      && (slip_json_int (check->inputs, "Attempts", 1) != 1
          || slip_json_int (check->inputs, "Consecutive", 1) != 1))
    slip_action_report (check, ".inputs",
                        "what changes something is sent once: no Attempts, no "
                        "Consecutive");
}

static void
check_pattern (SlipActionCheck *check, const char *name)
{
  const char *pattern = slip_json_string (check->inputs, name);
  g_autofree char *suffix = g_strconcat (".inputs.", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GRegex) regex = NULL;

  if (!is_plain (pattern))
    return;
  regex = g_regex_new (pattern, 0, 0, &error);
  if (regex == NULL)
    slip_action_report (check, suffix, "%s", error->message);
}

static void
check_number (SlipActionCheck *check, const char *name, gint64 least, gint64 most)
{
  JsonNode *node = json_object_get_member (check->inputs, name);
  g_autofree char *suffix = g_strconcat (".inputs.", name, NULL);
  gint64 value;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_INT64)
    return;
  value = json_node_get_int (node);
  if (value < least || value > most)
    slip_action_report (check, suffix,
                        "%" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT
                        " and %" G_GINT64_FORMAT,
                        value, least, most);
}

static void
check_status (SlipActionCheck *check)
{
  JsonArray *list = slip_json_array (check->inputs, "Status");

  if (list != NULL && json_array_get_length (list) == 0)
    slip_action_report (check, ".inputs.Status", "lists no status");
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonNode *node = json_array_get_element (list, i);
      gint64 status
          = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64
                ? json_node_get_int (node)
                : 0;

      if (slip_template_has_references (node))
        continue;
      if (status < 100 || status > 599)
        slip_action_report (check, ".inputs.Status", "element %u is no HTTP status", i + 1);
    }
}

static void
check_step (SlipActionCheck *check)
{
  const char *url = slip_json_string (check->inputs, "Url");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipHttpTarget) target = is_plain (url) ? slip_http_target_new (url, &error) : NULL;

  if (error != NULL)
    slip_action_report (check, ".inputs.Url", "%s", error->message);
  check_method (check);
  check_pattern (check, "BodyPattern");
  check_pattern (check, "RefusePattern");
  check_status (check);
  check_number (check, "Attempts", 1, 1000);
  check_number (check, "Consecutive", 1, 100);
  check_number (check, "PauseSeconds", 0, 3600);
  check_number (check, "MaxBytes", 1, SLIP_HTTP_MOST_BYTES);
  if (slip_json_int (check->inputs, "Attempts", G_MAXINT64)
      < slip_json_int (check->inputs, "Consecutive", 1))
    slip_action_report (check, ".inputs.Attempts", "Consecutive asks for more requests than that");
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  /* What becomes of the answer is no part of what is asked. */
  static const char *const answer[] = {"MaxBytes", "Json", NULL};
  const char *method = slip_json_string (plan->inputs, "Method");
  const char *url = slip_json_string (plan->inputs, "Url");
  SlipAwsEffect effect = only_asks (method) ? SLIP_AWS_EFFECT_READ : SLIP_AWS_EFFECT_CHANGE;
  g_autofree char *operation = g_ascii_strdown (method != NULL ? method : "GET", -1);
  g_autoptr (SlipHttpTarget) target = is_plain (url) ? slip_http_target_new (url, error) : NULL;
  SlipAwsEffect told = SLIP_AWS_EFFECT_READ;
  JsonObject *request;

  if (is_plain (url) && target == NULL)
    return FALSE;
  if (plan->slipway != NULL)
    slip_aws_effect_from_name (slip_json_string (plan->slipway, "effect"), &told);
  effect = MAX (effect, told);
  request = json_object_new ();
  json_object_set_string_member (request, "method", "GET");
  slip_action_plan_members (plan, inputs, answer, request);
  slip_action_plan_local (plan, "http", operation, effect,
                          effect == SLIP_AWS_EFFECT_READ ? "R0" : "R4", request);
  return TRUE;
}

const SlipAction slip_action_http = {
    .name = "slipway:http",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
