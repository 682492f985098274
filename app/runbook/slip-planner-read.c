/* SPDX-License-Identifier: MIT */
/* Reads at planning: those that come before the first change tell what the plan is built on, and
 * whether what the document asserts holds. */

#include "slip-action.h"
#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-redact.h"
#include "slip-planner-private.h"

#include <string.h>

static gboolean
is_text (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static const SlipAwsOperation *
operation_of (JsonObject *planned)
{
  return slip_aws_model_lookup_operation (slip_json_string (planned, "service"),
                                          slip_json_string (planned, "operation"), NULL, NULL);
}

/* A plan is kept for good, so what redaction would hide stays unknown to it. */
static void
take_outputs (SlipPlanning *planning, JsonObject *planned, JsonNode *answer)
{
  JsonArray *outputs = slip_json_array (planned, "outputs");
  g_autoptr (JsonNode) shown = slip_aws_model_redact (operation_of (planned), answer, TRUE);
  JsonObject *known = json_object_new ();

  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      JsonObject *output = json_array_get_object_element (outputs, i);
      const char *name = slip_json_string (output, "Name");
      const char *selector = slip_json_string (output, "Selector");
      g_autoptr (JsonNode) value = slip_json_select (answer, selector, NULL);
      g_autoptr (JsonNode) open = slip_json_select (shown, selector, NULL);

      if (value == NULL || open == NULL || !slip_json_equal (value, open))
        continue;
      value = slip_action_open_output (output, g_steal_pointer (&value), NULL);
      if (value == NULL)
        continue;
      slip_planning_know (planning, slip_json_string (planned, "id"), name, value);
      json_object_set_member (known, name, g_steal_pointer (&value));
    }
  json_object_set_object_member (planned, "known", known);
}

static JsonObject *
evidence_new (SlipPlanning *planning, JsonObject *planned, JsonNode *answer, const GError *error)
{
  JsonObject *evidence = json_object_new ();
  g_autofree char *time = slip_time_format (slip_clock_now (planning->clock));
  const SlipAwsOperation *operation = operation_of (planned);

  json_object_set_string_member (evidence, "service", slip_json_string (planned, "service"));
  json_object_set_string_member (evidence, "operation", slip_json_string (planned, "operation"));
  json_object_set_string_member (evidence, "environment",
                                 slip_json_string (planned, "environment"));
  json_object_set_string_member (evidence, "region", slip_json_string (planned, "region"));
  json_object_set_member (
      evidence, "input",
      operation != NULL
          ? slip_aws_model_redact (operation, json_object_get_member (planned, "request"), FALSE)
          : slip_redact_json (json_object_get_member (planned, "request")));
  if (answer != NULL && operation != NULL)
    json_object_set_member (evidence, "output", slip_aws_model_redact (operation, answer, TRUE));
  if (error != NULL)
    json_object_set_string_member (evidence, "error", error->message);
  json_object_set_string_member (evidence, "time", time);
  return evidence;
}

static void
add_result (SlipPlanning *planning,
            JsonObject *planned,
            const char *guard,
            SlipGuardState state,
            const char *message,
            JsonObject *evidence)
{
  JsonObject *result = json_object_new ();
  JsonArray *list = json_array_new ();

  json_array_add_object_element (list, evidence);
  json_object_set_string_member (result, "guard", guard);
  json_object_set_string_member (result, "title", slip_json_string (planned, "title"));
  json_object_set_string_member (result, "state", slip_guard_state_get_name (state));
  json_object_set_string_member (result, "message", message);
  json_object_set_string_member (result, "environment", slip_json_string (planned, "environment"));
  json_object_set_string_member (result, "region", slip_json_string (planned, "region"));
  json_object_set_string_member (result, "step", slip_json_string (planned, "id"));
  json_object_set_array_member (result, "evidence", list);
  json_array_add_object_element (planning->results, result);
}

static gboolean
is_desired (JsonArray *desired, JsonNode *value)
{
  g_autofree char *text = is_text (value) ? g_strdup (json_node_get_string (value))
                                          : slip_json_to_text (value, FALSE);

  for (guint i = 0; i < json_array_get_length (desired); i++)
    {
      JsonNode *node = json_array_get_element (desired, i);
      g_autofree char *other = is_text (node) ? g_strdup (json_node_get_string (node))
                                              : slip_json_to_text (node, FALSE);

      if (g_str_equal (text, other))
        return TRUE;
    }
  return FALSE;
}

gboolean
slip_plan_property_holds (JsonNode *property, JsonArray *desired, gboolean exactly)
{
  JsonArray *values;

  if (property == NULL)
    return FALSE;
  if (!JSON_NODE_HOLDS_ARRAY (property))
    return is_desired (desired, property);
  values = json_node_get_array (property);
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (!is_desired (desired, json_array_get_element (values, i)))
      return FALSE;
  for (guint i = 0; exactly && i < json_array_get_length (desired); i++)
    if (!is_desired (values, json_array_get_element (desired, i)))
      return FALSE;
  return json_array_get_length (values) > 0 || json_array_get_length (desired) == 0;
}

/* An assertion before the first change is part of the preflight. */
static gboolean
judge_assertion (SlipPlanning *planning, JsonObject *planned, JsonNode *answer)
{
  JsonObject *inputs = slip_json_object (planned, "inputs");
  const char *selector = slip_json_string (inputs, "PropertySelector");
  JsonArray *desired = slip_json_array (inputs, "DesiredValues");
  gboolean exactly = g_strcmp0 (slip_json_string (planned, "match"), "exactly") == 0;
  g_autoptr (JsonNode) property = slip_json_select (answer, selector, NULL);
  gboolean holds = desired != NULL && slip_plan_property_holds (property, desired, exactly);
  g_autofree char *found = property != NULL ? slip_json_to_text (property, FALSE) : NULL;
  g_autofree char *wanted
      = slip_json_to_text (json_object_get_member (inputs, "DesiredValues"), FALSE);
  const char *way = holds ? NULL : slip_json_string (planned, "ifItFails");
  g_autofree char *message
      = g_strdup_printf ("%s is %s%s%s%s%s", selector, found != NULL ? found : "absent",
                         holds ? "" : ", but should be ", holds ? "" : wanted,
                         way != NULL ? ". " : "", way != NULL ? way : "");

  add_result (planning, planned, "assertion", holds ? SLIP_GUARD_PASS : SLIP_GUARD_BLOCK, message,
              evidence_new (planning, planned, answer, NULL));
  return holds;
}

/* Whether the failure of a read is a fact about the estate and not about our way to it. */
static gboolean
is_about_estate (const GError *error)
{
  if (g_error_matches (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND))
    return TRUE;
  return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE)
         && !slip_aws_error_is_expired_token (error) && !slip_aws_error_is_throttle (error)
         && !slip_aws_error_is_transient (error);
}

/* What is asked for by no name is not missing in the estate: a field of the form was left empty. */
static const char *
find_empty (JsonObject *planned)
{
  JsonObject *request = slip_json_object (planned, "request");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (request == NULL)
    return NULL;
  json_object_iter_init (&iter, request);
  while (json_object_iter_next (&iter, &name, &node))
    if (is_text (node) && json_node_get_string (node)[0] == '\0')
      return name;
  return NULL;
}

static char *
dup_why (JsonObject *planned, const GError *failure)
{
  const char *empty = find_empty (planned);
  const char *way = slip_json_string (planned, "ifItFails");

  if (empty == NULL)
    return g_strdup_printf ("%s: %s", slip_json_string (planned, "operation"), failure->message);
  return g_strdup_printf ("%s: its %s is empty%s%s", slip_json_string (planned, "operation"), empty,
                          way != NULL ? ". " : "", way != NULL ? way : "");
}

static gboolean
take_failure (SlipPlanning *planning, JsonObject *planned, GError *failure, GError **error)
{
  const char *on_failure = slip_json_string (planned, "onFailure");
  g_autofree char *message = NULL;

  if (!is_about_estate (failure))
    {
      g_propagate_prefixed_error (error, failure, "step %s: ", slip_json_string (planned, "id"));
      return FALSE;
    }
  if (g_str_equal (on_failure, "Abort"))
    {
      message = dup_why (planned, failure);
      add_result (planning, planned, "read", SLIP_GUARD_BLOCK, message,
                  evidence_new (planning, planned, NULL, failure));
    }
  g_error_free (failure);
  return TRUE;
}

gboolean
slip_planning_evaluate (SlipPlanning *planning,
                        JsonObject *planned,
                        gboolean *failed,
                        GError **error)
{
  GError *failure = NULL;
  g_autoptr (JsonNode) answer = NULL;
  const char *action = slip_json_string (planned, "action");

  if (planning->options->job != NULL)
    slip_job_set_detail (planning->options->job, slip_json_string (planned, "title"));
  if (slip_planning_is_capture (planned))
    {
      answer = slip_planning_capture (planning, planned, &failure);
      *failed = answer == NULL;
      return answer != NULL || take_failure (planning, planned, failure, error);
    }
  answer = slip_caller_call (
      planning->caller, slip_json_string (planned, "environment"),
      slip_json_string (planned, "region"), slip_json_string (planned, "service"),
      slip_json_string (planned, "operation"), json_object_get_member (planned, "request"),
      planning->cancellable, &failure);
  *failed = answer == NULL;
  if (answer == NULL)
    return take_failure (planning, planned, failure, error);
  take_outputs (planning, planned, answer);
  if (g_str_equal (action, "aws:assertAwsResourceProperty"))
    *failed = !judge_assertion (planning, planned, answer);
  return TRUE;
}

static JsonObject *
find_step (JsonArray *steps, const char *id)
{
  JsonObject *found = NULL;

  for (guint i = 0; steps != NULL && found == NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = slip_json_node_object (json_array_get_element (steps, i));

      if (step != NULL && g_strcmp0 (slip_json_string (step, "id"), id) == 0)
        found = step;
      else if (step != NULL)
        found = find_step (slip_json_array (step, "body"), id);
    }
  return found;
}

JsonObject *
slip_planning_find_made (SlipPlanning *planning, const char *id)
{
  return planning->made != NULL ? find_step (slip_json_array (planning->made, "steps"), id) : NULL;
}

gboolean
slip_planning_recall (SlipPlanning *planning, JsonObject *planned, gboolean *failed, GError **error)
{
  const char *id = slip_json_string (planned, "id");
  JsonObject *made = slip_planning_find_made (planning, id);
  JsonObject *known = made != NULL ? slip_json_object (made, "known") : NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  *failed = made != NULL && slip_json_bool (made, "failedAtPlanning", FALSE);
  if (known != NULL && slip_planning_is_capture (planned)
      && slip_json_object (known, "Document") == NULL)
    known = NULL;
  if (*failed ? g_str_equal (slip_json_string (planned, "onFailure"), "Abort") : known == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   *failed ? "step %s failed when the plan was made"
                           : "step %s is read when a plan is made, and this one holds no answer",
                   id);
      return FALSE;
    }
  if (known == NULL)
    return TRUE;
  json_object_set_object_member (planned, "known", json_object_ref (known));
  json_object_iter_init (&iter, known);
  while (json_object_iter_next (&iter, &name, &node))
    slip_planning_know (planning, id, name, node);
  return TRUE;
}
