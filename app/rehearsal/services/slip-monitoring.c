/* SPDX-License-Identifier: MIT */

/* CloudWatch's list of operations and its scenarios. */

#include "slip-monitoring.h"

#include "slip-json.h"
#include "slip-scenario.h"

/* An alarm of a scenario: what PutMetricAlarm takes, in its own words, with the state it is in. */
static gboolean
seed_alarm (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"name",      "description", "namespace", "metric",    "dimensions",
         "statistic", "period",      "periods",   "threshold", "comparison",
         "state",     "actions",     "missing",   "tags",      NULL};
  static const char *const names[][2]
      = {{"name", "AlarmName"},          {"description", "AlarmDescription"},
         {"namespace", "Namespace"},     {"metric", "MetricName"},
         {"statistic", "Statistic"},     {"comparison", "ComparisonOperator"},
         {"missing", "TreatMissingData"}};
  const SlipSeed *seed = data;
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonArray) dimensions = NULL;
  JsonArray *actions, *named = json_array_new ();
  gint64 period = 300, periods = 1, threshold = 0;
  JsonObject *tags, *pairs;
  const char *text, *state;

  json_object_set_array_member (input, "Dimensions", named);
  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_int (item, path, "period", 60, 86400, &period, error)
      || !slip_scenario_get_int (item, path, "periods", 1, 100, &periods, error)
      || !slip_scenario_get_int (item, path, "threshold", -1000000, 1000000, &threshold, error)
      || !slip_scenario_get_object (item, path, "dimensions", FALSE, &pairs, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error)
      || !slip_scenario_get_strings (item, path, "actions", FALSE, &actions, error)
      || !slip_scenario_get_string (item, path, "state", FALSE, &state, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gboolean required = i != 1 && i != 6;

      if (!slip_scenario_get_string (item, path, names[i][0], required, &text, error))
        return FALSE;
      if (text != NULL)
        json_object_set_string_member (input, names[i][1], text);
    }
  dimensions = slip_tags_from_object (pairs);
  for (guint i = 0; i < json_array_get_length (dimensions); i++)
    {
      JsonObject *from = json_array_get_object_element (dimensions, i);
      JsonObject *one = json_object_new ();

      json_object_set_string_member (one, "Name", slip_json_string (from, "Key"));
      json_object_set_string_member (one, "Value", slip_json_string (from, "Value"));
      json_array_add_object_element (named, one);
    }
  json_object_set_int_member (input, "Period", period);
  json_object_set_int_member (input, "EvaluationPeriods", periods);
  json_object_set_double_member (input, "Threshold", (double)threshold);
  if (actions != NULL)
    json_object_set_array_member (input, "AlarmActions", json_array_ref (actions));
  json_object_set_array_member (input, "Tags", slip_tags_from_object (tags));
  slip_monitoring_make_alarm (seed->world, seed->account, seed->region, input);
  slip_world_unschedule (seed->world, "monitoring.alarm-evaluated", seed->account, seed->region,
                         CW_ALARM, slip_json_string (input, "AlarmName"));
  slip_monitoring_change_state (
      seed->world, seed->account, seed->region, slip_json_string (input, "AlarmName"),
      state != NULL ? state : "OK",
      "Threshold Crossed: no datapoints were received for the periods and "
      "missing datapoints were treated as [NonBreaching].");
  return TRUE;
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "alarms", seed_alarm, error);
}

static const SlipServiceOperation operations[] = {
    {"DeleteAlarms", slip_monitoring_delete_alarms},
    {"DescribeAlarms", slip_monitoring_describe_alarms},
    {"DescribeAlarmsForMetric", slip_monitoring_describe_for_metric},
    {"DisableAlarmActions", slip_monitoring_disable_actions},
    {"EnableAlarmActions", slip_monitoring_enable_actions},
    {"GetMetricData", slip_monitoring_get_data},
    {"GetMetricStatistics", slip_monitoring_get_statistics},
    {"ListMetrics", slip_monitoring_list_metrics},
    {"ListTagsForResource", slip_monitoring_list_tags},
    {"PutMetricAlarm", slip_monitoring_put_alarm},
    {"PutMetricData", slip_monitoring_put_data},
    {"SetAlarmState", slip_monitoring_set_state},
    {"TagResource", slip_monitoring_tag},
    {"UntagResource", slip_monitoring_untag},
    {NULL, NULL},
};

const SlipService slip_monitoring_service = {
    .name = "monitoring",
    .operations = operations,
    .attach = slip_monitoring_attach,
    .seed = seed,
};
