/* SPDX-License-Identifier: MIT */
/* A waterfall as CSV and as a table for a terminal. */

#include "slip-report-csv.h"
#include "slip-waterfall.h"

static void
append_line (GString *csv,
             const SlipWaterfallTable *table,
             SlipWaterfallLevel level,
             const SlipWaterfallGap *gap,
             gint64 rows)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, rows);
  const char *const fields[] = {table->name[0] != '\0' ? table->name : "*",
                                slip_waterfall_level_get_name (level),
                                gap != NULL ? gap->kind : "count",
                                gap != NULL ? gap->step : NULL,
                                gap != NULL ? gap->what : NULL,
                                number};

  slip_report_csv_add (csv, fields, G_N_ELEMENTS (fields));
}

static void
append_level (GString *csv, const SlipWaterfallTable *table, SlipWaterfallLevel level)
{
  const SlipWaterfallGap known = {.kind = (char *)"known"};

  for (guint i = 0; i < table->gaps->len; i++)
    {
      const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

      if (gap->level == level)
        append_line (csv, table, level, gap, gap->rows);
    }
  if (table->counts[level] >= 0)
    append_line (csv, table, level, NULL, table->counts[level]);
  if (level == SLIP_WATERFALL_VALIDATED && table->known > 0)
    append_line (csv, table, level, &known, table->known);
}

char *
slip_waterfall_to_csv (const SlipWaterfall *waterfall)
{
  GString *csv = g_string_new ("table,level,kind,step,what,rows\n");

  g_return_val_if_fail (waterfall != NULL, g_string_free (csv, FALSE));

  for (guint i = 0; i < waterfall->tables->len; i++)
    for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
      append_level (csv, g_ptr_array_index (waterfall->tables, i), level);
  return g_string_free (csv, FALSE);
}

static void
append_known (GString *text, const SlipWaterfall *waterfall)
{
  const SlipWaterfallTable *all = g_ptr_array_index (waterfall->tables, 0);

  g_string_append (text, "A source row counts once in each table, and once in all of them.\n");
  if (all->known > 0)
    g_string_append_printf (text,
                            "Of those validated %" G_GINT64_FORMAT
                            " differ for a reason that the sidecar has (known).\n",
                            all->known);
}

char *
slip_waterfall_to_text (const SlipWaterfall *waterfall)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (waterfall != NULL, g_string_free (text, FALSE));

  g_string_append_printf (text, "%-24s", "table");
  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    g_string_append_printf (text, " %12s", slip_waterfall_level_get_name (level));
  g_string_append_c (text, '\n');
  for (guint i = 0; i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      g_string_append_printf (text, "%-24s", table->name[0] != '\0' ? table->name : "all tables");
      for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
        if (table->counts[level] >= 0)
          g_string_append_printf (text, " %12" G_GINT64_FORMAT, table->counts[level]);
        else
          g_string_append_printf (text, " %12s", "–");
      g_string_append_c (text, '\n');
    }
  append_known (text, waterfall);
  return g_string_free (text, FALSE);
}
