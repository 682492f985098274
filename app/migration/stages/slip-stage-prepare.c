/* SPDX-License-Identifier: MIT */
/* Stage prepare: the staging schema, built like the target's tables from its catalogue, so that the target's
 * constraints judge rows before the target sees one; and how many rows each table of the target has. */

#include "slip-migration-run-private.h"

/* The tables that staging needs, as SQL: an array of names. */
static char *
dup_tables (SlipMigrationRun *run)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (run->migration);
  GPtrArray *targets = slip_definitions_get_target_tables (definitions);
  GPtrArray *copies = slip_definitions_get_copy_tables (definitions);
  GString *list = g_string_new ("ARRAY[");

  for (guint i = 0; i < targets->len; i++)
    slip_stage_sql_append (list, "%s%L", i > 0 ? ", " : "",
                           ((const SlipTargetTable *)targets->pdata[i])->name);
  for (guint i = 0; i < copies->len; i++)
    slip_stage_sql_append (list, "%s%L", list->len > 6 ? ", " : "",
                           ((const SlipCopyTable *)copies->pdata[i])->name);
  g_string_append (list, "]::text[]");
  return g_string_free (list, FALSE);
}

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

/* Defaults that are constants; what calls a function of the target cannot be asked here, and is no business of
 * rows that are judged. */
static const char tables_sql[]
    = "SELECT format ('CREATE TABLE %%I.%%I (%%s)', %L, c.relname, string_agg (format ('%%I "
      "%%s%%s%%s', a.attname,\n"
      "    format_type (a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' "
      "END,\n"
      "    CASE WHEN d.expr IS NOT NULL AND a.attgenerated = '' AND d.expr !~ '[a-z_0-9]\\s*\\('\n"
      "         THEN ' DEFAULT ' || d.expr ELSE '' END), ', ' ORDER BY a.attnum))\n"
      "  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace\n"
      "  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped\n"
      "  LEFT JOIN LATERAL (SELECT pg_get_expr (adbin, adrelid) AS expr FROM pg_attrdef\n"
      "                      WHERE adrelid = c.oid AND adnum = a.attnum) AS d ON true\n"
      " WHERE n.nspname = %L AND c.relname = ANY (%s) GROUP BY c.relname ORDER BY c.relname";

static const char constraints_sql[]
    = "SELECT format ('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I %%s', %L, c.relname, o.conname, "
      "pg_get_constraintdef (o.oid))\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace\n"
      " WHERE n.nspname = %L AND c.relname = ANY (%s) AND o.contype IN ('p', 'u', 'c') ORDER BY "
      "o.contype = 'c', o.conname";

static const char indexes_sql[]
    = "SELECT regexp_replace (pg_get_indexdef (i.indexrelid), ' ON (ONLY )?\\S+ USING ',\n"
      "         replace (format (' ON %%I.%%I USING ', %L, c.relname), '\\', '\\\\'))\n"
      "  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace\n"
      " WHERE n.nspname = %L AND c.relname = ANY (%s) AND i.indisunique\n"
      "   AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid AND "
      "o.conrelid = i.indrelid)";

static const char keys_sql[]
    = "SELECT format ('ALTER TABLE %%I.%%I ADD CONSTRAINT %%I FOREIGN KEY (%%s) REFERENCES %%I.%%I "
      "(%%s) DEFERRABLE "
      "INITIALLY DEFERRED', %L, c.relname, o.conname, own.names, %L, p.relname, its.names)\n"
      "  FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid JOIN pg_namespace n ON n.oid = "
      "c.relnamespace\n"
      "  JOIN pg_class p ON p.oid = o.confrelid\n"
      " CROSS JOIN LATERAL (SELECT string_agg (quote_ident (a.attname), ', ' ORDER BY k.n) AS "
      "names\n"
      "    FROM unnest (o.conkey) WITH ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid "
      "= c.oid AND a.attnum = k.num) own\n"
      " CROSS JOIN LATERAL (SELECT string_agg (quote_ident (a.attname), ', ' ORDER BY k.n) AS "
      "names\n"
      "    FROM unnest (o.confkey) WITH ORDINALITY AS k (num, n) JOIN pg_attribute a ON a.attrelid "
      "= p.oid AND a.attnum = k.num) its\n"
      " WHERE n.nspname = %L AND o.contype = 'f' AND c.relname = ANY (%s) AND p.relname = ANY "
      "(%s)\n"
      "   AND p.relnamespace = c.relnamespace ORDER BY c.relname, o.conname";

static gboolean
carry_out (SlipMigrationRun *run, const char *what, char **statements, GError **error)
{
  g_autofree char *all = NULL;

  if (statements == NULL)
    return FALSE;
  all = g_strjoinv (";\n", statements);
  return *all == '\0' || slip_stage_sql_run (run->pg, what, error, "%s", all);
}

static gboolean
build (SlipMigrationRun *run, const char *tables, GError **error)
{
  const char *staging = run->schemas->staging;
  const char *target = run->schemas->target;
  g_auto (GStrv) made = slip_stage_sql_ask_list (run->target, "read the target's tables", error,
                                                 tables_sql, staging, target, tables);
  g_auto (GStrv) constraints = NULL;
  g_auto (GStrv) indexes = NULL;
  g_auto (GStrv) keys = NULL;

  if (!carry_out (run, "staging tables", made, error))
    return FALSE;
  constraints = slip_stage_sql_ask_list (run->target, "read the target's constraints", error,
                                         constraints_sql, staging, target, tables);
  if (!carry_out (run, "staging constraints", constraints, error))
    return FALSE;
  indexes = slip_stage_sql_ask_list (run->target, "read the target's indexes", error, indexes_sql,
                                     staging, target, tables);
  if (!carry_out (run, "staging indexes", indexes, error))
    return FALSE;
  keys = slip_stage_sql_ask_list (run->target, "read the target's foreign keys", error, keys_sql,
                                  staging, staging, target, tables, tables);
  return carry_out (run, "staging foreign keys", keys, error);
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
  g_autofree char *tables = dup_tables (run);

  return check_tables (run, tables, error)
         && slip_stage_sql_run (run->pg, "begin to prepare", error,
                                "BEGIN; DROP SCHEMA IF EXISTS %I CASCADE; CREATE SCHEMA %I;\n"
                                "DELETE FROM slipway.base WHERE run = %D AND kind = 'rows'",
                                run->schemas->staging, run->schemas->staging, run->id)
         && build (run, tables, error) && count_target (run, &result->rows, error)
         && slip_migration_run_rules (run, "prepare", error)
         && slip_migration_run_set_stage (run, "prepare", "done", result->rows, NULL, error)
         && slip_stage_sql_run (run->pg, "end to prepare", error, "COMMIT");
}
