/* SPDX-License-Identifier: MIT */

/* Measurements by the minute, in the world's file. Services count what they serve, CloudWatch takes
 * what clients send and answers with sums. */

#include "slip-world-metrics.h"

#include <stdarg.h>

#include "slip-json.h"
#include "slip-world-private.h"

#define MINUTE (60 * G_TIME_SPAN_SECOND)

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *)a, *(const char *const *)b);
}

/* Takes pairs over. A tab cannot be in a dimension. */
static char *
join_pairs (GPtrArray *pairs)
{
  g_ptr_array_sort (pairs, compare_texts);
  g_ptr_array_add (pairs, NULL);
  return g_strjoinv ("\t", (char **)pairs->pdata);
}

char *
slip_world_metric_dimensions (const char *name, ...)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);
  va_list more;

  va_start (more, name);
  for (; name != NULL; name = va_arg (more, const char *))
    g_ptr_array_add (pairs, g_strdup_printf ("%s=%s", name, va_arg (more, const char *)));
  va_end (more);
  return join_pairs (pairs);
}

char *
slip_world_metric_dimensions_from_array (JsonArray *dimensions)
{
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; dimensions != NULL && i < json_array_get_length (dimensions); i++)
    {
      JsonObject *one = json_array_get_object_element (dimensions, i);

      g_ptr_array_add (pairs, g_strdup_printf ("%s=%s", slip_json_string (one, "Name"),
                                               slip_json_string (one, "Value")));
    }
  return join_pairs (pairs);
}

/* The store binds whole numbers and texts; fractions go as text, which SQLite's REAL columns turn
 * into numbers. */
void
slip_world_metric_add (SlipWorld *world, const SlipMetric *metric, const SlipMetricValues *values)
{
  char count[G_ASCII_DTOSTR_BUF_SIZE], sum[G_ASCII_DTOSTR_BUF_SIZE];
  char low[G_ASCII_DTOSTR_BUF_SIZE], high[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (count, sizeof count, values->count);
  g_ascii_dtostr (sum, sizeof sum, values->sum);
  g_ascii_dtostr (low, sizeof low, values->minimum);
  g_ascii_dtostr (high, sizeof high, values->maximum);
  slip_world_store_write (
      world->store,
      "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
      " ON CONFLICT DO UPDATE SET count = count + excluded.count, sum = sum + excluded.sum,"
      " low = MIN(low, excluded.low), high = MAX(high, excluded.high)",
      "ssssssissss", metric->account, metric->region, metric->namespace_, metric->name,
      metric->dimensions, metric->unit, values->time_us / MINUTE, count, sum, low, high);
}

void
slip_world_metric_set (SlipWorld *world, const SlipMetric *metric, double value)
{
  slip_world_store_write (world->store,
                          "DELETE FROM metrics WHERE account = ? AND region = ? AND namespace = ?"
                          " AND name = ? AND dimensions = ? AND minute = ?",
                          "sssssi", metric->account, metric->region, metric->namespace_,
                          metric->name, metric->dimensions, slip_world_now (world) / MINUTE);
  slip_world_metric_count (world, metric, value);
}

void
slip_world_metric_forget (SlipWorld *world, const SlipMetric *metric)
{
  slip_world_store_write (world->store,
                          "DELETE FROM metrics WHERE account = ? AND region = ? AND namespace = ?"
                          " AND name = ? AND dimensions = ?",
                          "sssss", metric->account, metric->region, metric->namespace_,
                          metric->name, metric->dimensions);
}

void
slip_world_metric_count (SlipWorld *world, const SlipMetric *metric, double value)
{
  SlipMetricValues values = {slip_world_now (world), 1, value, value, value, ""};

  slip_world_metric_add (world, metric, &values);
}

GArray *
slip_world_metric_read (
    SlipWorld *world, const SlipMetric *metric, gint64 from_us, gint64 to_us, gint64 period)
{
  gint64 minutes = MAX (period / 60, 1);
  GArray *found = g_array_new (FALSE, TRUE, sizeof (SlipMetricValues));
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT minute / ?8, SUM(count), SUM(sum), MIN(low), MAX(high), MAX(unit) FROM metrics"
      " WHERE account = ?1 AND region = ?2 AND namespace = ?3 AND name = ?4 AND dimensions = ?5"
      " AND minute >= ?6 AND minute < ?7 AND (?9 IS NULL OR unit = ?9)"
      " GROUP BY minute / ?8 ORDER BY 1",
      "sssssiiis", metric->account, metric->region, metric->namespace_, metric->name,
      metric->dimensions, from_us / MINUTE, (to_us + MINUTE - 1) / MINUTE, minutes, metric->unit);

  while (slip_world_store_step (world->store, row))
    {
      SlipMetricValues values = {
          .time_us = sqlite3_column_int64 (row, 0) * minutes * MINUTE,
          .count = sqlite3_column_double (row, 1),
          .sum = sqlite3_column_double (row, 2),
          .minimum = sqlite3_column_double (row, 3),
          .maximum = sqlite3_column_double (row, 4),
      };

      g_strlcpy (values.unit, (const char *)sqlite3_column_text (row, 5), sizeof values.unit);
      g_array_append_val (found, values);
    }
  slip_world_store_done (row);
  return found;
}

void
slip_world_metric_foreach (
    SlipWorld *world, const char *account, const char *region, SlipMetricFunc func, gpointer data)
{
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT DISTINCT namespace, name, dimensions FROM metrics WHERE account = ? AND region = ?"
      " ORDER BY namespace, name, dimensions",
      "ss", account, region);

  while (slip_world_store_step (world->store, row))
    {
      SlipMetric metric = {account,
                           region,
                           (const char *)sqlite3_column_text (row, 0),
                           (const char *)sqlite3_column_text (row, 1),
                           (const char *)sqlite3_column_text (row, 2),
                           NULL};

      if (!func (&metric, data))
        break;
    }
  slip_world_store_done (row);
}
