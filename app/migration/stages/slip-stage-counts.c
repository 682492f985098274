/* SPDX-License-Identifier: MIT */
/* How many rows tables of the target have, against how many they had when the run was prepared and how many of it are in. */

#include "slip-migration-run-private.h"

static void
append_difference (GString *text, const char *table, gint64 difference)
{
  gboolean one = ABS (difference) == 1;

  g_string_append_printf (text, "%s%s ", text->len > 0 ? "; " : "", table);
  if (difference > 0)
    g_string_append_printf (text, "has +%" G_GINT64_FORMAT " %s not this run's", difference,
                            one ? "row that is" : "rows that are");
  else
    g_string_append_printf (text, "lacks %" G_GINT64_FORMAT " %s that it should have", -difference,
                            one ? "row" : "rows");
}

/* What differs is told, for others may write meanwhile, and so may the target's own triggers. @note is %NULL where nothing
 * does. */
gboolean
slip_stage_compare_counts (SlipPg *pg, SlipPg *target, gint64 run, char **note, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (SlipPgRows) before = slip_stage_sql_ask (
      pg, "read the target's counts", error,
      "SELECT b.table_name, b.value, r.schemas[5], r.token FROM slipway.base b JOIN slipway.run r "
      "ON r.id = b.run\n"
      " WHERE b.run = %D AND b.kind = 'rows' ORDER BY 1",
      run);

  *note = NULL;
  if (before == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (before); i++)
    {
      const char *table = slip_pg_rows_get (before, i, 0);
      gint64 difference = 0;
      gboolean there = FALSE;

      if (!slip_migration_run_has_table (target, slip_pg_rows_get (before, i, 2), table, &there,
                                         error))
        return FALSE;
      if (!there)
        {
          g_string_append_printf (text, "%s%s is not there any more", text->len > 0 ? "; " : "",
                                  table);
          continue;
        }
      if (!slip_stage_sql_ask_number (
              target, "count the target's rows", &difference, error,
              "SELECT (SELECT count (*) FROM %I.%I) - %D - coalesce ((SELECT "
              "inserted FROM slipway_migration.load WHERE "
              "token = %L AND part = %L), 0)",
              slip_pg_rows_get (before, i, 2), table, slip_pg_rows_get_int (before, i, 1),
              slip_pg_rows_get (before, i, 3), table))
        return FALSE;
      if (difference != 0)
        append_difference (text, table, difference);
    }
  if (text->len > 0)
    *note = g_strdup (text->str);
  return TRUE;
}
