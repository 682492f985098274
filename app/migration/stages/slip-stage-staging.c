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
      g_autofree char *what = g_strdup_printf ("copy of the target's %s", table->name);

      if (!slip_stage_sql_copy (run->target, out, run->pg, in, what, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_key (const SlipTargetTable *table, const char *column)
{
  gboolean found = g_strcmp0 (table->primary_key, column) == 0;

  for (guint i = 0; !found && i < table->foreign_keys->len; i++)
    found = g_str_equal (((const SlipForeignKey *)table->foreign_keys->pdata[i])->column, column);
  return found;
}

/* Columns that both sides have, and their values: texts go as they are, so that one that is too long is an error and never
 * cut; all else is cast. Those that constraints join by are @keys too. */
static gboolean
read_columns (SlipMigrationRun *run,
              const SlipTargetTable *table,
              GString *list,
              GString *values,
              GString *keys,
              GError **error)
{
  g_autofree char *one = slip_stage_sql ("%I.%I", run->schemas->staging, table->name);
  g_autofree char *other = slip_stage_sql ("%I.%I", run->schemas->integration, table->name);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "compare columns", error,
      "SELECT a.attname, CASE WHEN t.typcategory = 'S' THEN 'text' ELSE format_type (a.atttypid, "
      "a.atttypmod) END\n"
      "  FROM pg_attribute a JOIN pg_attribute b ON b.attname = a.attname AND b.attrelid = "
      "%L::regclass AND b.attnum > 0 AND NOT b.attisdropped\n"
      "  JOIN pg_type t ON t.oid = a.atttypid\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated "
      "= '' ORDER BY a.attnum",
      other, one);

  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *name = slip_pg_rows_get (rows, i, 0);

      slip_stage_sql_append (list, "%s%I", i > 0 ? ", " : "", name);
      slip_stage_sql_append (values, "%st.%I::%s", i > 0 ? ", " : "", name,
                             slip_pg_rows_get (rows, i, 1));
      if (is_key (table, name))
        slip_stage_sql_append (keys, "%s%I", keys->len > 0 ? ", " : "", name);
    }
  return rows != NULL;
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

/* Columns that the target fills itself, by a default that only it can compute, an identity or a serial: where the rows have no such
 * column it is left out of the load, so that staging has nothing to judge there. */
static gboolean
find_left (SlipMigrationRun *run, const char *table, GError **error)
{
  g_autofree char *staging = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  g_autofree char *integration = slip_stage_sql ("%I.%I", run->schemas->integration, table);
  g_autofree char *target = slip_stage_sql ("%I.%I", run->schemas->target, table);
  g_auto (GStrv) names = slip_stage_sql_ask_list (
      run->target, "look for columns that the target fills", error,
      "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped AND attnotnull AND (atthasdef OR attidentity <> '')",
      target);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    if (!slip_stage_sql_run (
            run->pg, "note a column that the target fills", error,
            "INSERT INTO slip_left SELECT attrelid, attnum FROM pg_attribute a\n"
            " WHERE attrelid = %L::regclass AND attname = %L AND attnum > 0 AND NOT atthasdef AND "
            "NOT EXISTS (SELECT FROM pg_attribute i WHERE i.attrelid = %L::regclass AND i.attname "
            "= a.attname AND i.attnum > 0 AND NOT i.attisdropped)",
            staging, names[i], integration))
      return FALSE;
  return names != NULL;
}

static gboolean
leave_to_target (SlipMigrationRun *run, GError **error)
{
  g_autofree char *all = NULL;
  g_auto (GStrv) statements = slip_stage_sql_ask_list (
      run->pg, "list the columns that the target fills", error,
      "SELECT format ('ALTER TABLE %%s ALTER COLUMN %%I DROP NOT NULL', attrelid::regclass, "
      "attname) FROM slip_left JOIN pg_attribute USING (attrelid, attnum)");

  if (statements == NULL)
    return FALSE;
  all = g_strjoinv ("; ", statements);
  return *all == '\0'
         || slip_stage_sql_run (run->pg, "leave columns to the target", error, "%s", all);
}

/* In the order of the keys: the load goes through the table from its first block to its last. */
static gboolean
fill_table (SlipMigrationRun *run, const SlipTargetTable *table, gint64 *rows, GError **error)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  g_autoptr (GString) order = g_string_new (NULL);
  g_autoptr (GString) keys = g_string_new (NULL);
  g_autofree char *name = g_strdup_printf ("staging %s: insert", table->name);
  g_autofree char *sql = NULL;
  guint64 written = 0;

  if (!read_columns (run, table, list, values, keys, error))
    return FALSE;
  if (table->primary_key != NULL)
    slip_stage_sql_append (order, " ORDER BY t.%I", table->primary_key);
  for (guint i = 0; table->primary_key == NULL && table->order_by[i] != NULL; i++)
    slip_stage_sql_append (order, "%st.%I", i > 0 ? ", " : " ORDER BY ", table->order_by[i]);
  sql = slip_stage_sql ("INSERT INTO %I.%I (%s) SELECT %s FROM %I.%I AS t%s", run->schemas->staging,
                        table->name, list->str, values->str, run->schemas->integration, table->name,
                        order->str);
  slip_pg_name_statement (run->pg, name);
  if (!slip_pg_run_counted (run->pg, sql, &written, error))
    return FALSE;
  *rows += (gint64)written;
  return slip_stage_sql_run (run->pg, name, error, "ANALYZE %I.%I%s%s%s", run->schemas->staging,
                             table->name, keys->len > 0 ? " (" : "", keys->str,
                             keys->len > 0 ? ")" : "");
}

/* Constraints stand aside while tables are filled: judged at once for a whole table they cost a fraction of what they
 * cost for each row, and indexes are built from sorted keys. */
typedef struct
{
  char **drop;
  char **add;
  char **faults; /* queries that tell of rows which they forbid */
} Constraints;

static void
constraints_clear (Constraints *constraints)
{
  g_strfreev (constraints->drop);
  g_strfreev (constraints->add);
  g_strfreev (constraints->faults);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Constraints, constraints_clear)

/* Of a constraint o: a key over a column that the target fills, or one that points at such a column, is judged by the target. */
#define NOT_LEFT                                                                                   \
  "NOT EXISTS (SELECT FROM slip_left l WHERE (o.conrelid = l.attrelid AND o.contype = 'p' AND "    \
  "l.attnum = ANY (o.conkey)) OR (o.confrelid = l.attrelid AND l.attnum = ANY (o.confkey)))"

/* The target takes no new row that a constraint forbids, though it was not held against the old ones ("NOT VALID"). */
static gboolean
read_constraints (SlipMigrationRun *run, Constraints *constraints, GError **error)
{
  g_autofree char *schema = slip_stage_sql ("%I", run->schemas->staging);

  constraints->drop = slip_stage_sql_ask_list (
      run->pg, "read staging's constraints", error,
      "SELECT format ('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname) AS sql, "
      "contype = 'f' AS key FROM pg_constraint\n"
      " WHERE connamespace = %L::regnamespace AND contype IN ('p', 'u', 'x', 'f', 'c')\n"
      "UNION ALL SELECT format ('DROP INDEX %%s', i.indexrelid::regclass), false FROM pg_index i "
      "JOIN pg_class c ON c.oid = i.indrelid\n"
      " WHERE c.relnamespace = %L::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint o WHERE "
      "o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))\n"
      " ORDER BY key DESC",
      schema, schema);
  if (constraints->drop == NULL)
    return FALSE;
  constraints->add = slip_stage_sql_ask_list (
      run->pg, "read staging's constraints", error,
      "SELECT format ('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, "
      "CASE WHEN EXISTS (SELECT FROM pg_attribute d WHERE d.attrelid = conrelid AND d.attname = "
      "'casrec_details') THEN regexp_replace (def, ' NOT VALID$', '') ELSE def END) AS sql, "
      "contype = 'f' AS key\n"
      "  FROM pg_constraint o, pg_get_constraintdef (oid) AS def\n"
      " WHERE connamespace = %L::regnamespace AND contype IN ('p', 'u', 'x', 'f', 'c') "
      "AND " NOT_LEFT "\n"
      "UNION ALL SELECT pg_get_indexdef (i.indexrelid), false FROM pg_index i JOIN pg_class c ON "
      "c.oid = i.indrelid\n"
      " WHERE c.relnamespace = %L::regnamespace AND NOT EXISTS (SELECT FROM pg_constraint o WHERE "
      "o.conindid = i.indexrelid AND o.contype IN ('p', 'u', 'x'))\n"
      " ORDER BY key, sql",
      schema, schema);
  if (constraints->add == NULL)
    return FALSE;
  constraints->faults = slip_stage_refused_dup_queries (run, error);
  return constraints->faults != NULL;
}

static gboolean
run_each (SlipMigrationRun *run, char **statements, GError **error)
{
  for (guint i = 0; statements[i] != NULL; i++)
    if (!slip_stage_sql_run (run->pg, "constraints of staging", error, "%s", statements[i]))
      return FALSE;
  return TRUE;
}

/* Puts the constraints back, which judges all rows. Of a fault the server names one row; all are looked for then. */
static gboolean
judge_rows (SlipMigrationRun *run, Constraints *constraints, GError **error)
{
  g_autoptr (GError) fault = NULL;
  g_autoptr (GString) refused = g_string_new (NULL);

  slip_migration_run_tell (run, "integration", "staging", "constraints", 0, 1, "steps");
  if (!slip_stage_sql_run (run->pg, "begin to judge", error, "SAVEPOINT slip_judge"))
    return FALSE;
  if (run_each (run, constraints->add, &fault))
    return TRUE;
  if (slip_stage_sql_run (run->pg, "look for all faults", error, "ROLLBACK TO SAVEPOINT slip_judge")
      && slip_stage_refused_look (run, constraints->faults, refused, error)
      && slip_stage_refused_judge (refused, error))
    g_propagate_error (error, g_steal_pointer (&fault));
  return FALSE;
}

/* Where columns do not take what is there, constraints are held against it all the same, in columns that take more. What
 * of that the server does not do is not told: what was found is, and ends the stage. */
static void
look_further (
    SlipMigrationRun *run, GPtrArray *tables, GPtrArray *widen, char **faults, GString *refused)
{
  g_autoptr (GError) error = NULL;
  gint64 rows = 0;
  gboolean ok = TRUE;

  slip_migration_run_tell (run, "integration", "staging", "constraints", 0, 1, "steps");
  for (guint i = 0; ok && i < widen->len; i++)
    ok = slip_stage_sql_run (run->pg, "widen a column", &error, "%s",
                             (const char *)widen->pdata[i]);
  for (guint i = 0; ok && i < tables->len; i++)
    ok = fill_table (run, g_ptr_array_index (tables, i), &rows, &error);
  if (!ok || !slip_stage_refused_look (run, faults, refused, &error))
    g_string_append_printf (
        refused, "\n  Whether constraints hold is told when these are mended: %s", error->message);
}

/* What prepare has just made is left as it is: to empty tables makes new files for them and all of their indexes. */
static gboolean
empty (SlipMigrationRun *run, GError **error)
{
  g_autoptr (SlipPgRows) tables = slip_stage_sql_ask (
      run->pg, "list staging's tables", error,
      "SELECT count (*), coalesce (sum (pg_relation_size (oid)), 0), string_agg "
      "(oid::regclass::text, ', ') FROM pg_class\n"
      " WHERE relnamespace = to_regnamespace (quote_ident (%L)) AND relkind = 'r'",
      run->schemas->staging);

  if (tables == NULL)
    return FALSE;
  if (slip_pg_rows_get_int (tables, 0, 0) == 0)
    {
      SLIP_STAGE_ERROR (error, STATE, "schema %s is empty: run stage prepare first",
                        run->schemas->staging);
      return FALSE;
    }
  return slip_pg_rows_get_int (tables, 0, 1) == 0
         || slip_stage_sql_run (run->pg, "empty staging", error, "TRUNCATE %s",
                                slip_pg_rows_get (tables, 0, 2));
}

gboolean
slip_stage_staging (SlipMigrationRun *run, gint64 *rows, GString *note, GError **error)
{
  GPtrArray *targets
      = slip_definitions_get_target_tables (slip_migration_get_definitions (run->migration));
  g_autoptr (GPtrArray) made = g_ptr_array_new ();
  g_autoptr (GString) refused = g_string_new (NULL);
  g_autoptr (GPtrArray) widen = g_ptr_array_new_with_free_func (g_free);
  g_auto (Constraints) constraints = {NULL};

  if (!slip_stage_shape_check (run, error) || !empty (run, error)
      || !slip_stage_sql_run (
          run->pg, "room for columns that the target fills", error,
          "CREATE TEMP TABLE slip_left (attrelid regclass, attnum int2) ON COMMIT DROP"))
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
      if (!note_dropped (run, table->name, note, error) || !find_left (run, table->name, error)
          || !slip_stage_refused_find (run, table, refused, widen, error)
          || !slip_stage_sql_run (
              run->pg, "room for how a row is migrated", error,
              "ALTER TABLE %I.%I ADD COLUMN IF NOT EXISTS migration_method text, ADD "
              "COLUMN IF NOT EXISTS casrec_details "
              "jsonb",
              run->schemas->staging, table->name))
        return FALSE;
      g_ptr_array_add (made, (gpointer)table);
    }
  if (!read_constraints (run, &constraints, error) || !run_each (run, constraints.drop, error)
      || !leave_to_target (run, error) || !fill_copies (run, error))
    return FALSE;
  if (refused->len > 0)
    {
      look_further (run, made, widen, constraints.faults, refused);
      return slip_stage_refused_judge (refused, error);
    }
  for (guint i = 0; i < made->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (made, i);

      slip_migration_run_tell (run, "integration", table->name, "staging", i, made->len, "tables");
      if (!slip_stage_altered (run, table->name, error) || !fill_table (run, table, rows, error))
        return FALSE;
    }
  return slip_stage_note_values (run, "integration", note, error)
         && judge_rows (run, &constraints, error);
}
