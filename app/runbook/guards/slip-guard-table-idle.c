/* SPDX-License-Identifier: MIT */
/* Whether nobody has read or written a DynamoDB table of late, by what CloudWatch says it consumed.
 * DynamoDB tells nothing of a table that nobody uses, so that no figures mean no use; figures that
 * cannot be read prove nothing. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"table", "hours?", NULL};

#define HOURS 24

/* CloudWatch gives no more than 1,440 figures in one answer. */
#define PERIOD 3600

static JsonObject *
new_input (SlipGuardContext *context, const char *metric, gint64 hours)
{
  JsonObject *input = json_object_new ();
  JsonObject *dimension = json_object_new ();
  JsonArray *dimensions = json_array_new ();
  JsonArray *statistics = json_array_new ();
  gint64 now = slip_clock_now (context->clock);
  g_autofree char *start = slip_time_format (now - hours * G_TIME_SPAN_HOUR);
  g_autofree char *end = slip_time_format (now);

  json_object_set_string_member (dimension, "Name", "TableName");
  json_object_set_string_member (dimension, "Value", slip_guard_input (context, "table"));
  json_array_add_object_element (dimensions, dimension);
  json_array_add_string_element (statistics, "Sum");
  json_object_set_string_member (input, "Namespace", "AWS/DynamoDB");
  json_object_set_string_member (input, "MetricName", metric);
  json_object_set_array_member (input, "Dimensions", dimensions);
  json_object_set_string_member (input, "StartTime", start);
  json_object_set_string_member (input, "EndTime", end);
  json_object_set_int_member (input, "Period", PERIOD);
  json_object_set_array_member (input, "Statistics", statistics);
  return input;
}

/* What was consumed, and when last; FALSE when it cannot be read. */
static gboolean
add_up (SlipGuardContext *context,
        const char *metric,
        gint64 hours,
        double *units,
        char **last,
        GError **error)
{
  g_autoptr (JsonObject) input = new_input (context, metric, hours);
  g_autoptr (JsonNode) output
      = slip_guard_call (context, "monitoring", "GetMetricStatistics", input, error);
  JsonArray *points
      = output != NULL ? slip_json_array (slip_json_node_object (output), "Datapoints") : NULL;

  *units = 0;
  for (guint i = 0; points != NULL && i < json_array_get_length (points); i++)
    {
      JsonObject *point = json_array_get_object_element (points, i);
      const char *time = slip_json_string (point, "Timestamp");

      if (slip_json_double (point, "Sum", 0) <= 0)
        continue;
      *units += slip_json_double (point, "Sum", 0);
      if (time != NULL && g_strcmp0 (time, *last) > 0)
        {
          g_free (*last);
          *last = g_strdup (time);
        }
    }
  return output != NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  gint64 hours = slip_json_int (context->inputs, "hours", HOURS);
  const char *table = slip_guard_input (context, "table");
  g_autoptr (GError) error = NULL;
  g_autofree char *last = NULL;
  double reads = 0;
  double writes = 0;

  if (table == NULL)
    {
      *message = g_strdup ("no table is named");
      return SLIP_GUARD_BLOCK;
    }
  if (!add_up (context, "ConsumedReadCapacityUnits", hours, &reads, &last, &error)
      || !add_up (context, "ConsumedWriteCapacityUnits", hours, &writes, &last, &error))
    return slip_guard_unprovable (message, "whether the table is still used", error);
  if (reads <= 0 && writes <= 0)
    {
      *message
          = g_strdup_printf ("nobody read or wrote %s in the last %d hours", table, (int)hours);
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf ("%s is in use: %.0f units were read and %.0f written in the last %d "
                              "hours, the last at %s. Find out who does, or wait",
                              table, reads, writes, (int)hours, last != NULL ? last : "?");
  return SLIP_GUARD_BLOCK;
}

const SlipGuard slip_guard_table_idle = {
    .id = "table-idle",
    .title = "Table is not used any more",
    .inputs = inputs,
    .evaluate = evaluate,
};
