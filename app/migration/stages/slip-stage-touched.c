/* SPDX-License-Identifier: MIT */
/* What triggers of the target do to rows of a run while these are loaded: to the row that fires them, or to rows of other tables.
 * The manifest says how a row stood when it was written; where the load's own transaction changed it once more, that is
 * noted before it ends, so that nobody is taken for one who changed it since. */

#include "slip-migration-run-private.h"

/* How many rows of the run's tables the session has written. */
static SlipPgRows *
count_written (SlipMigrationRun *run, GError **error)
{
  return slip_stage_sql_ask (
      run->target, "look at what is written", error,
      "SELECT id, table_schema, table_name, slipway_migration.written_below (to_regclass (format "
      "('%%I.%%I', table_schema, table_name))) FROM slipway_migration.load\n"
      " WHERE token = %L AND table_name IS NOT NULL ORDER BY id",
      run->token);
}

/* In a chunk's transaction, before its rows: @before is %NULL for a table @name that has no triggers. */
gboolean
slip_stage_touched_begin (SlipMigrationRun *run,
                          const char *name,
                          SlipPgRows **before,
                          GError **error)
{
  g_autofree char *table = slip_stage_sql ("%I.%I", run->schemas->target, name);
  gint64 triggers = 0;

  *before = NULL;
  if (!slip_stage_sql_ask_number (
          run->target, "look for triggers", &triggers, error,
          "SELECT count (*) FROM pg_trigger WHERE tgrelid IN (SELECT slipway_migration.below (%L)) "
          "AND NOT tgisinternal AND tgenabled <> 'D'",
          table))
    return FALSE;
  if (triggers == 0)
    return TRUE;
  *before = count_written (run, error);
  return *before != NULL;
}

/* Only rows as this transaction left them: what others committed meanwhile is a change of theirs. Of a table without a primary
 * key a row is known by what it was. */
static gboolean
note_table (
    SlipMigrationRun *run, gint64 load, const char *schema, const char *table, GError **error)
{
  g_autofree char *key = slip_migration_run_dup_key (run->target, schema, table, "t", error);
  g_auto (GStrv) noted = slip_migration_row_list_noted (run->target, load, error);
  g_autofree char *row = noted != NULL ? slip_migration_row_dup_text (noted, "t") : NULL;

  return key != NULL && row != NULL
         && slip_stage_sql_run (
             run->target, "note what triggers changed", error,
             "UPDATE slipway_migration.row AS r SET hash = hashtextextended (%s, 0) FROM "
             "%I.%I AS t\n"
             " WHERE r.load = %D AND r.key = %s AND slipway_migration.is_ours (t.xmin) AND r.hash "
             "<> hashtextextended (%s, 0)",
             row, schema, table, load, key, row);
}

static gint64
find_written (const SlipPgRows *rows, gint64 load)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    if (slip_pg_rows_get_int (rows, i, 0) == load)
      return slip_pg_rows_get_int (rows, i, 3);
  return 0;
}

/* Behind a chunk's rows: those of part @load are @rows. Triggers that wait for the end of the transaction come now. */
gboolean
slip_stage_touched_end (
    SlipMigrationRun *run, const SlipPgRows *before, gint64 load, gint64 rows, GError **error)
{
  g_autoptr (SlipPgRows) now = NULL;

  if (before == NULL)
    return TRUE;
  if (!slip_stage_sql_run (run->target, "look at constraints", error,
                           "SET CONSTRAINTS ALL IMMEDIATE")
      || (now = count_written (run, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (now); i++)
    {
      gint64 part = slip_pg_rows_get_int (now, i, 0);
      gint64 written = slip_pg_rows_get_int (now, i, 3) - find_written (before, part);

      if (written > (part == load ? rows : 0)
          && !note_table (run, part, slip_pg_rows_get (now, i, 1), slip_pg_rows_get (now, i, 2),
                          error))
        return FALSE;
    }
  return TRUE;
}
