/* SPDX-License-Identifier: MIT */
/* Rows that the target has by now, and had not when rows were matched: one that is to be inserted would stand beside them as
 * a second one. They are looked for by the rule that the integration matches by, in what is staged; before the first row,
 * and once more when nobody else can write to the table. */

#include "slip-migration-run-private.h"

/* What a row @alias must be to be matched at all, beside its field; of columns of @names only, when there are any. */
char *
slip_stage_match_conditions (const SlipTargetTable *table, const char *alias, char **names)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < table->existing->conditions->len; i++)
    {
      const SlipExistingCondition *condition = g_ptr_array_index (table->existing->conditions, i);

      if (names == NULL || g_strv_contains ((const char *const *)names, condition->field))
        slip_stage_sql_append (sql, " AND %s.%I::text = %L", alias, condition->field,
                               condition->value);
    }
  return g_string_free (sql, FALSE);
}

/* SQL, of rows of @from (as `n`) that are to be inserted and may match: their key and what they match by. Empty where they
 * have nothing to match by. */
char *
slip_stage_appeared_dup_staged (SlipMigrationRun *run,
                                const SlipTargetTable *table,
                                const char *from,
                                gint64 block,
                                GError **error)
{
  const char *match = table->existing->match_field;
  g_auto (GStrv) names = slip_migration_run_dup_common (
      run, run->schemas->staging, run->schemas->transform, table->name, error);
  g_autofree char *where = NULL;
  g_autofree char *behind
      = block >= 0 ? slip_stage_sql (" AND n.ctid >= '(%D,0)'", block) : g_strdup ("");

  if (names == NULL)
    return NULL;
  if (!g_strv_contains ((const char *const *)names, match))
    return g_strdup ("");
  where = slip_stage_match_conditions (table, "n", names);
  return slip_stage_sql ("SELECT n.%I::bigint AS key, n.%I::text AS match FROM %s AS n WHERE "
                         "n.migration_method = 'INSERT' AND n.%I::text <> ''%s%s",
                         table->primary_key, match, from, match, where, behind);
}

/* Where the row with @key was landed. */
static char *
dup_record (SlipMigrationRun *run, const SlipTargetTable *table, const char *key, GError **error)
{
  g_auto (GStrv) found = slip_stage_sql_ask_list (
      run->pg, "look where a row is from", error,
      "SELECT slipway.where_landed (to_jsonb (n) -> 'casrec_details') FROM %I.%I AS n WHERE n.%I = "
      "%L",
      run->schemas->integration, table->name, table->primary_key, key);

  return found != NULL ? g_strdup (found[0] != NULL ? found[0] : "a row") : NULL;
}

/* @staged is SQL for the target's session; rows that part @part of the manifest has are the run's own. What is told of those
 * that are there is empty where there are none. */
char *
slip_stage_dup_appeared (SlipMigrationRun *run,
                         const SlipTargetTable *table,
                         const char *staged,
                         gint64 part,
                         GError **error)
{
  g_autofree char *where = slip_stage_match_conditions (table, "t", NULL);
  g_autofree char *key
      = slip_migration_run_dup_key (run->target, run->schemas->target, table->name, "t", error);
  g_autoptr (SlipPgRows) rows = NULL;
  g_autoptr (GString) told = g_string_new (NULL);

  if (key == NULL)
    return NULL;
  rows = slip_stage_sql_ask (
      run->target, "look for rows that match by now", error,
      "SELECT s.key, t.%I, s.match FROM (%s) AS s JOIN %I.%I AS t ON t.%I::text = s.match\n"
      " WHERE true%s AND NOT EXISTS (SELECT FROM slipway_migration.row r WHERE r.load = %D AND "
      "r.key = %s) ORDER BY s.key, 2 LIMIT 5",
      table->primary_key, staged, run->schemas->target, table->name, table->existing->match_field,
      where, part, key);
  if (rows == NULL)
    return NULL;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      g_autofree char *record = dup_record (run, table, slip_pg_rows_get (rows, i, 0), error);
      g_autofree char *match = slip_migration_dup_told (slip_pg_rows_get (rows, i, 2));

      if (record == NULL)
        return NULL;
      g_string_append_printf (told, "%s%s %s has the %s %s of %s", i > 0 ? "; " : "", table->name,
                              slip_pg_rows_get (rows, i, 1), table->existing->match_field, match,
                              record);
    }
  return g_string_free (g_steal_pointer (&told), FALSE);
}
