/* SPDX-License-Identifier: MIT */

/* States of alarms. An alarm looks at its metric a minute after it was put and a minute after new
 * values came; between those it stays as it is, where the real ones look every period. */

#include "slip-monitoring.h"

#include "slip-json.h"
#include "slip-world-metrics.h"

void
slip_monitoring_look_later (SlipWorld *world,
                            const char *account,
                            const char *region,
                            const char *name)
{
  if (!slip_world_is_scheduled (world, "monitoring.alarm-evaluated", account, region, CW_ALARM,
                                name))
    slip_world_schedule (world, CW_EVALUATE_SECONDS, "monitoring.alarm-evaluated", account, region,
                         CW_ALARM, name, NULL);
}

void
slip_monitoring_change_state (SlipWorld *world,
                              const char *account,
                              const char *region,
                              const char *name,
                              const char *state,
                              const char *reason)
{
  JsonObject *data = slip_world_edit (world, account, region, CW_ALARM, name);
  g_autofree char *now = slip_world_dup_now (world);

  if (data == NULL)
    return;
  if (g_strcmp0 (slip_json_string (data, "StateValue"), state) != 0)
    json_object_set_string_member (data, "StateTransitionedTimestamp", now);
  json_object_set_string_member (data, "StateValue", state);
  json_object_set_string_member (data, "StateReason", reason);
  json_object_set_string_member (data, "StateUpdatedTimestamp", now);
  slip_world_put (world, account, region, CW_ALARM, name, data);
}

static double
statistic (const SlipMetricValues *values, const char *name)
{
  if (g_strcmp0 (name, "Sum") == 0)
    return values->sum;
  if (g_strcmp0 (name, "Minimum") == 0)
    return values->minimum;
  if (g_strcmp0 (name, "Maximum") == 0)
    return values->maximum;
  return g_strcmp0 (name, "SampleCount") == 0 ? values->count : values->sum / values->count;
}

static gboolean
breaches (JsonObject *alarm, double value)
{
  const char *operator_name = slip_json_string (alarm, "ComparisonOperator");
  double threshold = slip_json_double (alarm, "Threshold", 0);

  if (g_strcmp0 (operator_name, "GreaterThanOrEqualToThreshold") == 0)
    return value >= threshold;
  if (g_strcmp0 (operator_name, "GreaterThanThreshold") == 0)
    return value > threshold;
  if (g_strcmp0 (operator_name, "LessThanOrEqualToThreshold") == 0)
    return value <= threshold;
  return value < threshold;
}

/* What missing values mean; NULL leaves the alarm as it is. */
static const char *
state_without_data (JsonObject *alarm)
{
  const char *treat = slip_json_string (alarm, "TreatMissingData");

  if (g_strcmp0 (treat, "ignore") == 0)
    return NULL;
  if (g_strcmp0 (treat, "breaching") == 0)
    return "ALARM";
  return g_strcmp0 (treat, "notBreaching") == 0 ? "OK" : "INSUFFICIENT_DATA";
}

static const char *
evaluate (SlipWorld *world, const SlipWorldRecord *record, char **reason)
{
  JsonObject *alarm = record->data;
  g_autofree char *dimensions
      = slip_world_metric_dimensions_from_array (slip_json_array (alarm, "Dimensions"));
  SlipMetric metric = {record->account,
                       record->region,
                       slip_json_string (alarm, "Namespace"),
                       slip_json_string (alarm, "MetricName"),
                       dimensions,
                       slip_json_string (alarm, "Unit")};
  gint64 period = slip_json_int (alarm, "Period", 60);
  gint64 periods = slip_json_int (alarm, "EvaluationPeriods", 1);
  gint64 now = slip_world_now (world);
  g_autoptr (GArray) found
      = slip_world_metric_read (world, &metric, now - period * periods * G_TIME_SPAN_SECOND,
                                now + 60 * G_TIME_SPAN_SECOND, period);
  gint64 breaching = 0;

  if (found->len == 0)
    {
      *reason = g_strdup_printf ("Insufficient Data: %" G_GINT64_FORMAT " datapoints were unknown.",
                                 periods);
      return state_without_data (alarm);
    }
  for (guint i = 0; i < found->len; i++)
    breaching += breaches (alarm, statistic (&g_array_index (found, SlipMetricValues, i),
                                             slip_json_string (alarm, "Statistic")));
  *reason = g_strdup_printf ("Threshold Crossed: %" G_GINT64_FORMAT
                             " of %u datapoints breach the threshold (%g).",
                             breaching, found->len, slip_json_double (alarm, "Threshold", 0));
  return breaching >= slip_json_int (alarm, "DatapointsToAlarm", periods) ? "ALARM" : "OK";
}

static void
on_evaluated (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *alarm
      = slip_world_get (world, transition->account, transition->region, CW_ALARM, transition->id);
  g_autofree char *reason = NULL;
  const char *state;

  /* Alarms of expressions are kept, not looked at. */
  if (alarm == NULL || transition->fail != NULL
      || slip_json_string (alarm->data, "MetricName") == NULL)
    return;
  state = evaluate (world, alarm, &reason);
  if (state != NULL)
    slip_monitoring_change_state (world, transition->account, transition->region, transition->id,
                                  state, reason);
}

void
slip_monitoring_attach (SlipWorld *world)
{
  slip_world_handle (world, "monitoring.alarm-evaluated", on_evaluated);
}
