/* SPDX-License-Identifier: MIT */
/* `slipway:metric`, the document half: a metric of CloudWatch whose newest value must be low enough.
 * `aws:waitForAwsResourceProperty` cannot say this: the request needs the time of each look, and a value
 * is compared, not matched. */

#include "slip-actions.h"

#include "slip-json.h"
#include "slip-template.h"

/* CloudWatch has a value a minute or two after it was measured. */
#define DEFAULT_MINUTES 5

static const SlipActionInput inputs[] = {
    {"Namespace", SLIP_ACTION_TEXT, TRUE},  {"MetricName", SLIP_ACTION_TEXT, TRUE},
    {"Dimensions", SLIP_ACTION_MAP, TRUE},  {"AtMost", SLIP_ACTION_ANY, TRUE},
    {"Statistic", SLIP_ACTION_TEXT, FALSE}, {"Minutes", SLIP_ACTION_INTEGER, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Value", SLIP_PARAMETER_STRING},
    {"Time", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

JsonArray *
slip_action_metric_dimensions (JsonObject *named)
{
  g_autoptr (GList) names = json_object_get_members (named);
  JsonArray *dimensions = json_array_new ();

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "Name", l->data);
      json_object_set_string_member (one, "Value", slip_json_string (named, l->data));
      json_array_add_object_element (dimensions, one);
    }
  return dimensions;
}

static gboolean
is_number (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node)
         && (json_node_get_value_type (node) == G_TYPE_INT64
             || json_node_get_value_type (node) == G_TYPE_DOUBLE);
}

static void
check_dimensions (SlipActionCheck *check)
{
  JsonObject *dimensions = slip_json_object (check->inputs, "Dimensions");
  g_autoptr (GList) names = dimensions != NULL ? json_object_get_members (dimensions) : NULL;

  if (dimensions != NULL && names == NULL)
    slip_action_report (check, ".inputs.Dimensions",
                        "names no dimension: it would mean whatever CloudWatch lists first");
  for (GList *l = names; l != NULL; l = l->next)
    if (slip_json_string (dimensions, l->data) == NULL)
      slip_action_report (check, ".inputs.Dimensions", "%s is no text", (const char *)l->data);
}

static void
check_step (SlipActionCheck *check)
{
  static const char *const statistics[]
      = {"Average", "Maximum", "Minimum", "SampleCount", "Sum", NULL};
  JsonNode *most = json_object_get_member (check->inputs, "AtMost");
  const char *statistic = slip_json_string (check->inputs, "Statistic");
  gint64 minutes = slip_json_int (check->inputs, "Minutes", 1);

  check_dimensions (check);
  if (most != NULL && !is_number (most) && !slip_template_has_references (most))
    slip_action_report (check, ".inputs.AtMost", "must be a number, or a reference to one");
  if (statistic != NULL && !g_strv_contains (statistics, statistic)
      && !slip_template_has_references (json_object_get_member (check->inputs, "Statistic")))
    slip_action_report (check, ".inputs.Statistic",
                        "“%s” is not one of: Average, Maximum, Minimum, SampleCount, Sum",
                        statistic);
  if (minutes < 1 || minutes > 1440)
    slip_action_report (check, ".inputs.Minutes", "%" G_GINT64_FORMAT " is not between 1 and 1440",
                        minutes);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  JsonObject *request = json_object_new ();

  json_object_set_string_member (request, "statistic", "Maximum");
  json_object_set_int_member (request, "minutes", DEFAULT_MINUTES);
  slip_action_plan_members (plan, inputs, NULL, request);
  slip_action_plan_local (plan, "metric", "wait", SLIP_AWS_EFFECT_READ, "R0", request);
  return TRUE;
}

const SlipAction slip_action_metric = {
    .name = "slipway:metric",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
