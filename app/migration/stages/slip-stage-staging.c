/* SPDX-License-Identifier: MIT */
/* The integration's second half: rows into tables that are built like the target's. What the target would refuse is found
 * here, all of it where it can be counted, before the target sees a row. */

#include "slip-migration-run-private.h"

static gboolean
fill_copies (SlipMigrationRun *run, GError **error)
{
  GPtrArray *copies
      = slip_definitions_get_copy_tables (slip_migration_get_definitions (run->migration));

  for (guint i = 0; i < copies->len; i++)
    {
      const SlipCopyTable *table = g_ptr_array_index (copies, i);
      g_autofree char *out = slip_stage_sql ("COPY (SELECT * FROM %I.%I) TO STDOUT (FORMAT binary)",
                                             run->schemas->target, table->name);
      g_autofree char *in = slip_stage_sql ("COPY %I.%I FROM STDIN (FORMAT binary)",
                                            run->schemas->staging, table->name);

      if (!slip_pg_copy_between (run->target, out, run->pg, in, NULL, NULL, NULL, error))
        return FALSE;
    }
  return TRUE;
}

/* Texts go as they are, so that one that is too long is an error and never cut; all else is cast. */
static char *
dup_values (SlipMigrationRun *run, const char *table, char **names, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  GString *list = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_auto (GStrv) type = slip_stage_sql_ask_list (
          run->pg, "look at a type", error,
          "SELECT CASE WHEN t.typcategory = 'S' THEN 'text' ELSE format_type "
          "(a.atttypid, a.atttypmod) END FROM pg_attribute a\n"
          "  JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = "
          "%L::regclass AND a.attname = %L",
          name, names[i]);

      if (type == NULL)
        {
          g_string_free (list, TRUE);
          return NULL;
        }
      slip_stage_sql_append (list, "%st.%I::%s", i > 0 ? ", " : "", names[i], type[0]);
    }
  return g_string_free (list, FALSE);
}

/* Columns that only one side has, by name: what the integration has and the target lacks is lost, and that is told. */
static gboolean
note_dropped (SlipMigrationRun *run, const char *table, GString *note, GError **error)
{
  g_autofree char *one = slip_stage_sql ("%I.%I", run->schemas->transform, table);
  g_autofree char *other = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  g_autofree char *list = NULL;
  g_auto (GStrv) names = slip_stage_sql_ask_list (
      run->pg, "compare columns", error,
      "SELECT attname FROM pg_attribute a WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped\n"
      "   AND attname !~ '^(c_|casrec_)' AND NOT EXISTS (SELECT FROM pg_attribute b WHERE "
      "b.attrelid = %L::regclass\n"
      "       AND b.attname = a.attname AND b.attnum > 0 AND NOT b.attisdropped) ORDER BY attnum",
      one, other);

  if (names == NULL)
    return FALSE;
  if (names[0] == NULL)
    return TRUE;
  list = g_strjoinv (", ", names);
  g_string_append_printf (note, "%sthe target has no %s.%s", note->len > 0 ? "; " : "", table,
                          list);
  for (guint i = 0; names[i] != NULL; i++)
    if (!slip_stage_sql_run (
            run->pg, "note a column that the target lacks", error,
            "INSERT INTO slipway.measure (run, stage, entity, column_name, kind, rows) "
            "SELECT %D, 'integration', %L, %L, "
            "'dropped column', count (%I) FROM %I.%I",
            run->id, table, names[i], names[i], run->schemas->integration, table))
      return FALSE;
  return TRUE;
}

static gboolean
fill_table (SlipMigrationRun *run, const SlipTargetTable *table, gint64 *rows, GError **error)
{
  g_auto (GStrv) names = slip_migration_run_dup_common (
      run, run->schemas->staging, run->schemas->integration, table->name, error);
  g_autofree char *list = NULL;
  g_autofree char *values = NULL;
  g_autofree char *name = g_strdup_printf ("staging %s: insert", table->name);
  g_autofree char *sql = NULL;
  guint64 written = 0;

  if (names == NULL || (values = dup_values (run, table->name, names, error)) == NULL)
    return FALSE;
  list = slip_migration_run_join_names (names, "");
  sql = slip_stage_sql ("INSERT INTO %I.%I (%s) SELECT %s FROM %I.%I AS t", run->schemas->staging,
                        table->name, list, values, run->schemas->integration, table->name);
  slip_pg_name_statement (run->pg, name);
  if (!slip_pg_run_counted (run->pg, sql, &written, error))
    return FALSE;
  *rows += (gint64)written;
  return slip_stage_sql_run (run->pg, name, error, "ANALYZE %I.%I", run->schemas->staging,
                             table->name);
}

/* What staging would refuse, counted for each column before it is filled: the server's own error names one row at most. */
static gboolean
find_refused (SlipMigrationRun *run, const SlipTargetTable *table, GString *refused, GError **error)
{
  g_autofree char *staging = slip_stage_sql ("%I.%I", run->schemas->staging, table->name);
  g_autofree char *integration = slip_stage_sql ("%I.%I", run->schemas->integration, table->name);
  g_autofree char *all = NULL;
  g_auto (GStrv) told = NULL;
  g_auto (GStrv) queries = slip_stage_sql_ask_list (
      run->pg, "read staging's columns", error,
      "SELECT format ('SELECT ''%%s'' || count (*) || '' rows (landed '' || array_to_string "
      "((array_agg (casrec_row_id))[1:5], '', '') || '')'' "
      "FROM %%s WHERE %%s HAVING count (*) > 0', replace (c.what, '''', ''''''), %L, c.condition)\n"
      "  FROM pg_attribute a JOIN pg_attribute i ON i.attrelid = %L::regclass AND i.attname = "
      "a.attname AND i.attnum > 0\n"
      " CROSS JOIN LATERAL (SELECT format ('%%s is NOT NULL: ', a.attname), format ('%%I IS NULL', "
      "a.attname) WHERE a.attnotnull\n"
      "   UNION ALL SELECT format ('%%s is longer than %%s letters: ', a.attname, a.atttypmod - "
      "4),\n"
      "          format ('length (%%I::text) > %%s', a.attname, a.atttypmod - 4)\n"
      "    WHERE a.atttypid IN ('varchar'::regtype, 'bpchar'::regtype) AND a.atttypmod > 4) AS c "
      "(what, condition)\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped",
      integration, integration, staging);

  if (queries == NULL)
    return FALSE;
  if (queries[0] == NULL)
    return TRUE;
  all = g_strjoinv ("\nUNION ALL ", queries);
  told = slip_stage_sql_ask_list (run->pg, "count what staging would refuse", error, "%s", all);
  for (guint i = 0; told != NULL && told[i] != NULL; i++)
    g_string_append_printf (refused, "\n  %s.%s", table->name, told[i]);
  return told != NULL;
}

/* Rows whose parent is nowhere; the constraints would end at the first. */
static gboolean
find_orphans (SlipMigrationRun *run, GString *refused, GError **error)
{
  g_auto (GStrv) told = NULL;
  g_autofree char *all = NULL;
  g_auto (GStrv) queries = slip_stage_sql_ask_list (
      run->pg, "read staging's foreign keys", error,
      "SELECT format ('SELECT ''%%s.%%s points at no row of %%s: '' || count (*) || '' rows ('' || "
      "array_to_string ((array_agg (DISTINCT "
      "c.%%I))[1:5], '', '') || '')'' FROM %%s c LEFT JOIN %%s p ON p.%%I = c.%%I WHERE c.%%I IS "
      "NOT NULL AND p.%%I IS NULL HAVING "
      "count (*) > 0', c.relname, a.attname, p.relname, a.attname, c.oid::regclass, "
      "p.oid::regclass, b.attname, a.attname, a.attname, "
      "b.attname)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_class p ON p.oid = "
      "o.confrelid\n"
      "  JOIN pg_namespace n ON n.oid = c.relnamespace\n"
      "  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = o.conkey[1]\n"
      "  JOIN pg_attribute b ON b.attrelid = p.oid AND b.attnum = o.confkey[1]\n"
      " WHERE n.nspname = %L AND o.contype = 'f' AND array_length (o.conkey, 1) = 1",
      run->schemas->staging);

  if (queries == NULL)
    return FALSE;
  if (queries[0] == NULL)
    return TRUE;
  all = g_strjoinv ("\nUNION ALL ", queries);
  told = slip_stage_sql_ask_list (run->pg, "look for rows without a parent", error, "%s", all);
  for (guint i = 0; told != NULL && told[i] != NULL; i++)
    g_string_append_printf (refused, "\n  %s", told[i]);
  return told != NULL;
}

static gboolean
judge (GString *refused, GError **error)
{
  if (refused->len == 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE, "the target would refuse rows; nothing was written to it:%s",
                    refused->str);
  return FALSE;
}

static gboolean
empty (SlipMigrationRun *run, GError **error)
{
  g_autofree char *all = NULL;
  g_auto (GStrv) tables = slip_stage_sql_ask_list (
      run->pg, "list staging's tables", error,
      "SELECT format ('%%I.%%I', schemaname, tablename) FROM pg_tables WHERE schemaname = %L",
      run->schemas->staging);

  if (tables == NULL)
    return FALSE;
  if (tables[0] == NULL)
    {
      SLIP_STAGE_ERROR (error, STATE, "schema %s is empty: run stage prepare first",
                        run->schemas->staging);
      return FALSE;
    }
  all = g_strjoinv (", ", tables);
  return slip_stage_sql_run (run->pg, "empty staging", error, "TRUNCATE %s", all);
}

gboolean
slip_stage_staging (SlipMigrationRun *run, gint64 *rows, GString *note, GError **error)
{
  GPtrArray *targets
      = slip_definitions_get_target_tables (slip_migration_get_definitions (run->migration));
  g_autoptr (GPtrArray) made = g_ptr_array_new ();
  g_autoptr (GString) refused = g_string_new (NULL);

  if (!empty (run, error) || !fill_copies (run, error))
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (targets, i);
      gboolean has = FALSE;

      if (!slip_migration_run_has_table (run->pg, run->schemas->integration, table->name, &has,
                                         error))
        return FALSE;
      if (!has)
        continue;
      if (!note_dropped (run, table->name, note, error)
          || !find_refused (run, table, refused, error)
          || !slip_stage_sql_run (
              run->pg, "room for how a row is migrated", error,
              "ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS migration_method text, ADD "
              "COLUMN IF NOT EXISTS casrec_details "
              "jsonb",
              run->schemas->staging, table->name))
        return FALSE;
      g_ptr_array_add (made, (gpointer)table);
    }
  if (!judge (refused, error))
    return FALSE;
  for (guint i = 0; i < made->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (made, i);

      slip_migration_run_tell (run, "integration", table->name, "staging", i, made->len, "tables");
      if (!fill_table (run, table, rows, error))
        return FALSE;
    }
  return find_orphans (run, refused, error) && judge (refused, error)
         && slip_stage_sql_run (run->pg, "judge foreign keys", error,
                                "SET CONSTRAINTS ALL IMMEDIATE");
}
