/* SPDX-License-Identifier: MIT */
/* Stage prepare: the staging schema, built like the target's tables (slip-stage-shape.c), so that the target's
 * constraints judge rows before the target sees one; and how many rows each table of the target has. */

#include "slip-migration-check.h"
#include "slip-migration-run-private.h"

/* Every table that is loaded must be there, all that are not at once. */
static gboolean
check_tables (SlipMigrationRun *run, const char *tables, GError **error)
{
  g_autofree char *names = NULL;
  g_auto (GStrv) missing = slip_stage_sql_ask_list (
      run->target, "look for the target's tables", error,
      "SELECT t FROM unnest (%s) AS t WHERE to_regclass (format ('%%I.%%I', %L, t)) IS NULL",
      tables, run->schemas->target);

  if (missing == NULL)
    return FALSE;
  if (missing[0] == NULL)
    return TRUE;
  names = g_strjoinv (", ", missing);
  SLIP_STAGE_ERROR (
      error, NOT_FOUND,
      "schema %s of %s has no table %s. Is it the right database, and is its schema migrated?",
      run->schemas->target, slip_pg_get_where (run->target), names);
  return FALSE;
}

/* Rows that somebody must have put into the target before. Without those that the sidecar names nothing goes on; a key that
 * a lookup or a default gives may belong to no row of this source, and is told only. */
static gboolean
check_needs (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autoptr (GPtrArray) findings = slip_findings_new ();
  g_autoptr (GString) refused = g_string_new (NULL);
  g_autoptr (GString) told = g_string_new (result->note);

  if (!slip_migration_find_needs (run->migration, run->target, run->cancellable, findings, error))
    return FALSE;
  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);

      if (finding->path != NULL && g_str_has_prefix (finding->path, "/needs/"))
        g_string_append_printf (refused, "\n  %s", finding->message);
      else
        g_string_append_printf (told, "%s%s: %s", told->len > 0 ? "; " : "", finding->file,
                                finding->message);
    }
  if (refused->len > 0)
    {
      SLIP_STAGE_ERROR (error, NOT_FOUND,
                        "%s lacks rows that must be there before the run; nothing was written to "
                        "it:%s%s%s",
                        slip_pg_get_where (run->target), refused->str, told->len > 0 ? "\n  " : "",
                        told->str);
      return FALSE;
    }
  g_free (result->note);
  result->note = told->len > 0 ? g_strdup (told->str) : NULL;
  return TRUE;
}

/* Rows of every table of the target: those that are no part of the migration must be as many afterwards. */
static gboolean
count_target (SlipMigrationRun *run, gint64 *rows, GError **error)
{
  g_auto (GStrv) tables = slip_stage_sql_ask_list (
      run->target, "list the target's tables", error,
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n"
      " WHERE n.nspname = %L AND c.relkind IN ('r', 'p') ORDER BY 1",
      run->schemas->target);

  for (guint i = 0; tables != NULL && tables[i] != NULL; i++)
    {
      gint64 count = 0;

      if (!slip_stage_sql_ask_number (run->target, "count the target's rows", &count, error,
                                      "SELECT count (*) FROM %I.%I", run->schemas->target,
                                      tables[i])
          || !slip_stage_sql_run (
              run->pg, "note the target's rows", error,
              "INSERT INTO slipway.base (run, table_name, column_name, kind, value) "
              "VALUES (%D, %L, '', "
              "'rows', %D)",
              run->id, tables[i], count))
        return FALSE;
      *rows += count;
    }
  return tables != NULL;
}

gboolean
slip_stage_prepare (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  g_autofree char *tables = slip_stage_shape_dup_tables (run);

  return check_tables (run, tables, error) && check_needs (run, result, error)
         && slip_stage_sql_run (
             run->pg, "begin to prepare", error,
             "BEGIN; DELETE FROM slipway.base WHERE run = %D AND kind IN ('rows', 'shape')",
             run->id)
         && slip_stage_schema_make (run->pg, run->schemas->staging, error)
         && slip_stage_shape_build (run, error) && count_target (run, &result->rows, error)
         && slip_migration_run_rules (run, "prepare", error)
         && slip_migration_run_set_stage (run, "prepare", "done", result->rows, NULL, error)
         && slip_stage_sql_run (run->pg, "end to prepare", error, "COMMIT");
}
