/* SPDX-License-Identifier: MIT */
/* Whether nobody has read or written a DynamoDB table of late, by what CloudWatch says it consumed.
 * DynamoDB tells nothing of a table that nobody uses, so that no figures mean no use; figures that
 * cannot be read prove nothing. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"table", "hours?", NULL};

#define HOURS 24

/* What was consumed, and when last; FALSE when it cannot be read. */
static gboolean
add_up (SlipGuardContext *context,
        const char *metric,
        gint64 hours,
        double *units,
        char **last,
        GError **error)
{
  const SlipGuardMetric asked
      = {"AWS/DynamoDB", metric, "TableName", slip_guard_input (context, "table"), "Sum", hours};
  g_autoptr (JsonNode) output = slip_guard_ask_metric (context, &asked, error);
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
