/* SPDX-License-Identifier: MIT */
/* Figures of CloudWatch, for guards that ask whether something is still used. What they mean is for the
 * guard to say. */

#include "slip-guards.h"
#include "slip-json.h"

/* CloudWatch gives no more than 1,440 figures in one answer. */
#define PERIOD 3600

JsonNode *
slip_guard_ask_metric (SlipGuardContext *context, const SlipGuardMetric *asked, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  JsonObject *dimension = json_object_new ();
  JsonArray *dimensions = json_array_new ();
  JsonArray *statistics = json_array_new ();
  gint64 now = slip_clock_now (context->clock);
  g_autofree char *start = slip_time_format (now - asked->hours * G_TIME_SPAN_HOUR);
  g_autofree char *end = slip_time_format (now);

  json_object_set_string_member (dimension, "Name", asked->dimension);
  json_object_set_string_member (dimension, "Value", asked->value);
  json_array_add_object_element (dimensions, dimension);
  json_array_add_string_element (statistics, asked->statistic);
  json_object_set_string_member (input, "Namespace", asked->name_space);
  json_object_set_string_member (input, "MetricName", asked->metric);
  json_object_set_array_member (input, "Dimensions", dimensions);
  json_object_set_string_member (input, "StartTime", start);
  json_object_set_string_member (input, "EndTime", end);
  json_object_set_int_member (input, "Period", PERIOD);
  json_object_set_array_member (input, "Statistics", statistics);
  return slip_guard_call (context, "monitoring", "GetMetricStatistics", input, error);
}
