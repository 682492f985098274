/* SPDX-License-Identifier: MIT */
/* Stage filter: which landed rows stay behind, and why. Nothing is deleted: rows are named in slipway.excluded, and a
 * view of each landed table, which the steps read, leaves them out. */

#include "slip-migration-run-private.h"

static gboolean
drop_rows (SlipMigrationRun *run, const SlipFilter *filter, gint64 *dropped, GError **error)
{
  g_autofree char *condition = slip_migration_expand (run->migration, filter->drop, run->run_date);
  g_autofree char *name = g_strdup_printf ("filter %s", filter->name);
  g_autofree char *sql = slip_stage_sql (
      "INSERT INTO slipway.excluded (table_name, casrec_row_id, filter, reason)\n"
      "SELECT %L, s.casrec_row_id, %L, %L FROM %I.%I AS s WHERE %s",
      filter->table, filter->name, filter->reason != NULL ? filter->reason : filter->name,
      run->schemas->source, filter->table, condition);
  guint64 rows = 0;

  slip_pg_name_statement (run->pg, name);
  if (!slip_pg_run_counted (run->pg, sql, &rows, error))
    return FALSE;
  *dropped = (gint64)rows;
  return TRUE;
}

static gboolean
follow (SlipMigrationRun *run, const SlipFilter *filter, const SlipFollow *to, GError **error)
{
  g_autofree char *name = g_strdup_printf ("filter %s: %s", filter->name, to->table);
  g_autoptr (GString) on = g_string_new (NULL);
  gboolean has = FALSE;

  if (!slip_migration_run_has_table (run->pg, run->schemas->source, to->table, &has, error))
    return FALSE;
  if (!has)
    return TRUE; /* a source file that this delivery does not have has no rows to leave out */
  for (guint i = 0; i < to->on->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (to->on, i);

      slip_stage_sql_append (on, "%sf.%I = s.%I", i > 0 ? " AND " : "", pair->left, pair->right);
    }
  return slip_stage_sql_run (
      run->pg, name, error,
      "INSERT INTO slipway.excluded (table_name, casrec_row_id, filter, reason)\n"
      "SELECT DISTINCT %L, s.casrec_row_id, %L, %L FROM %I.%I AS s JOIN %I.%I AS f ON %s\n"
      "  JOIN slipway.excluded x ON x.table_name = %L AND x.filter = %L\n"
      "   AND x.casrec_row_id = f.casrec_row_id\nON CONFLICT DO NOTHING",
      to->table, filter->name, filter->reason != NULL ? filter->reason : filter->name,
      run->schemas->source, to->table, run->schemas->source, filter->table, on->str, filter->table,
      filter->name);
}

static gboolean
run_filters (SlipMigrationRun *run, gint64 *dropped, GError **error)
{
  GPtrArray *filters = slip_migration_get_filters (run->migration);

  for (guint i = 0; i < filters->len; i++)
    {
      const SlipFilter *filter = g_ptr_array_index (filters, i);
      gint64 rows = 0;

      if (!filter->enabled)
        continue;
      slip_migration_run_tell (run, "filter", filter->table, filter->name, i, filters->len,
                               "steps");
      if (!drop_rows (run, filter, &rows, error))
        return FALSE;
      *dropped += rows;
      for (guint j = 0; rows > 0 && j < filter->follows->len; j++)
        if (!follow (run, filter, g_ptr_array_index (filter->follows, j), error))
          return FALSE;
    }
  return TRUE;
}

static gboolean
make_views (SlipMigrationRun *run, GError **error)
{
  g_autofree char *all = NULL;
  g_auto (GStrv) views = slip_stage_sql_ask_list (
      run->pg, "list landed tables", error,
      "SELECT format ('CREATE VIEW %%I.%%I AS SELECT * FROM %%I.%%I AS s%%s', %L, c.relname, "
      "n.nspname, c.relname,\n"
      "  CASE WHEN EXISTS (SELECT FROM slipway.excluded x WHERE x.table_name = c.relname)\n"
      "       THEN format (' WHERE NOT EXISTS (SELECT FROM slipway.excluded x WHERE x.table_name = "
      "%%L AND "
      "x.casrec_row_id = s.casrec_row_id)', c.relname) ELSE '' END)\n"
      "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n"
      " WHERE n.nspname = %L AND c.relkind = 'r'\n"
      "   AND EXISTS (SELECT FROM slipway.file f WHERE f.table_schema = n.nspname AND f.table_name "
      "= "
      "c.relname) ORDER BY c.relname",
      run->kept, run->schemas->source);

  if (views == NULL)
    return FALSE;
  all = g_strjoinv (";\n", views);
  return slip_stage_sql_run (run->pg, "make the views of filters", error, "%s", all);
}

static gboolean
measure (SlipMigrationRun *run, GError **error)
{
  return slip_stage_sql_run (
      run->pg, "count what filters leave out", error,
      "ANALYZE slipway.excluded;\n"
      "INSERT INTO slipway.measure (run, stage, entity, step, kind, rows, row_ids)\n"
      "SELECT %D, 'filter', table_name, filter, 'dropped', count (*), array_agg (casrec_row_id "
      "ORDER BY "
      "casrec_row_id)\n  FROM slipway.excluded GROUP BY table_name, filter;\n"
      "INSERT INTO slipway.measure (run, stage, entity, kind, rows)\n"
      "SELECT %D, 'filter', table_name, 'in', sum (rows) FROM slipway.file WHERE table_schema = %L "
      "GROUP BY "
      "table_name",
      run->id, run->id, run->schemas->source);
}

gboolean
slip_stage_filter (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  gint64 seen = 0;

  return slip_stage_sql_run (run->pg, "begin the filters", error,
                             "BEGIN; DELETE FROM slipway.excluded;\n"
                             "DELETE FROM slipway.measure WHERE run = %D AND stage = 'filter'",
                             run->id)
         && slip_stage_schema_make (run->pg, run->kept, error) && run_filters (run, &seen, error)
         && make_views (run, error) && measure (run, error)
         && slip_migration_run_rules (run, "filter", error)
         && slip_stage_sql_ask_number (
             run->pg, "count what filters leave out", &result->rows, error,
             "SELECT count (DISTINCT (table_name, casrec_row_id)) FROM slipway.excluded")
         && slip_migration_run_set_stage (run, "filter", "done", result->rows, NULL, error)
         && slip_stage_sql_run (run->pg, "end the filters", error, "COMMIT");
}
