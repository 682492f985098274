/* SPDX-License-Identifier: MIT */
/* Stage load_to_target: staged rows into the target, one transaction for each table, with a manifest of what was written
 * in the same transaction. Whatever happens, the manifest says which tables are in and which are not; a run goes on behind
 * them. Before the first row everything is looked at that somebody could have changed since ids were given. */

#include "slip-migration-run-private.h"

#include <string.h>

typedef struct
{
  SlipMigrationRun *run;
  GPtrArray *tables; /* SlipTargetTable, those that are staged */
  char **parts;      /* what the manifest has already */
  const char *table;
  guint n;
  gint64 expected;
} Load;

static gboolean
find_staged (Load *load, GError **error)
{
  SlipMigrationRun *run = load->run;
  GPtrArray *targets
      = slip_definitions_get_target_tables (slip_migration_get_definitions (run->migration));
  g_auto (GStrv) staged = slip_stage_sql_ask_list (
      run->pg, "list staged tables", error,
      "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN "
      "pg_attribute a ON a.attrelid = c.oid\n"
      " WHERE n.nspname = %L AND c.relkind = 'r' AND a.attname = 'migration_method'",
      run->schemas->staging);

  if (staged == NULL)
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    if (g_strv_contains ((const char *const *)staged,
                         ((const SlipTargetTable *)targets->pdata[i])->name))
      g_ptr_array_add (load->tables, targets->pdata[i]);
  if (load->tables->len > 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE, "nothing is staged in schema %s. Run stage integration first",
                    run->schemas->staging);
  return FALSE;
}

static gboolean
is_loaded (Load *load, const SlipTargetTable *table)
{
  return g_strv_contains ((const char *const *)load->parts, table->name);
}

/* ---- what must still be so */

static gboolean
check_free (Load *load, const SlipTargetTable *table, const char *column, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autofree char *taken = NULL;
  g_auto (GStrv) keys = NULL;
  g_autoptr (SlipPgRows) range = slip_stage_sql_ask (
      run->pg, "look at staged keys", error,
      "SELECT min (%I), max (%I) FROM %I.%I WHERE migration_method = 'INSERT'", column, column,
      run->schemas->staging, table->name);

  if (range == NULL)
    return FALSE;
  if (slip_pg_rows_get (range, 0, 0) == NULL)
    return TRUE;
  keys = slip_stage_sql_ask_list (
      run->target, "look whether keys are free", error,
      "SELECT %I FROM %I.%I WHERE %I BETWEEN %L AND %L ORDER BY 1 LIMIT 5", column,
      run->schemas->target, table->name, column, slip_pg_rows_get (range, 0, 0),
      slip_pg_rows_get (range, 0, 1));
  if (keys == NULL)
    return FALSE;
  if (keys[0] == NULL)
    return TRUE;
  taken = g_strjoinv (", ", keys);
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to since ids were given: %s.%s %s is taken. Nothing was "
      "loaded. Run stage "
      "integration again (slipwayctl migrate stage integration), and keep writers away "
      "until the load ends",
      table->name, column, taken);
  return FALSE;
}

static gboolean
check_uids (Load *load, const SlipTargetTable *table, GError **error)
{
  GPtrArray *uids = slip_migration_get_uids (load->run->migration);

  for (guint i = 0; i < uids->len; i++)
    {
      const SlipUid *uid = g_ptr_array_index (uids, i);

      for (guint j = 0; j < uid->columns->len; j++)
        {
          const SlipTableColumn *column = g_ptr_array_index (uid->columns, j);

          if (g_str_equal (column->table, table->name)
              && !check_free (load, table, column->column, error))
            return FALSE;
        }
    }
  return TRUE;
}

/* Rows that are to be updated must still be those that were matched. */
static gboolean
check_matched (Load *load, const SlipTargetTable *table, GError **error)
{
  SlipMigrationRun *run = load->run;
  const char *match = table->existing->match_field;
  g_autofree char *out
      = slip_stage_sql ("COPY (SELECT %I::bigint, %I::text FROM %I.%I WHERE "
                        "migration_method = 'UPDATE') TO STDOUT (FORMAT binary)",
                        table->primary_key, match, run->schemas->staging, table->name);
  g_autofree char *names = NULL;
  g_auto (GStrv) gone = NULL;

  if (!slip_stage_sql_run (run->target, "room for matched keys", error,
                           "CREATE TEMP TABLE IF NOT EXISTS slip_matched (key bigint, match text); "
                           "TRUNCATE slip_matched")
      || !slip_pg_copy_between (run->pg, out, run->target,
                                "COPY slip_matched FROM STDIN (FORMAT binary)", NULL, NULL, NULL,
                                error))
    return FALSE;
  gone = slip_stage_sql_ask_list (
      run->target, "look whether matched rows are the same", error,
      "SELECT m.key || ' (' || m.match || ')' FROM slip_matched m LEFT JOIN "
      "%I.%I t ON t.%I = m.key AND "
      "t.%I::text = m.match WHERE t.%I IS NULL ORDER BY m.key LIMIT 5",
      run->schemas->target, table->name, table->primary_key, match, table->primary_key);
  if (gone == NULL)
    return FALSE;
  if (gone[0] == NULL)
    return TRUE;
  names = g_strjoinv (", ", gone);
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to since rows were matched: %s %s is gone or has another "
      "%s. Nothing was loaded. Run "
      "stage integration again",
      table->name, names, match);
  return FALSE;
}

static gboolean
check_target (Load *load, GError **error)
{
  for (guint i = 0; i < load->tables->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (load->tables, i);

      if (is_loaded (load, table))
        continue;
      if ((table->primary_key != NULL && !check_free (load, table, table->primary_key, error))
          || !check_uids (load, table, error)
          || (table->existing != NULL && table->primary_key != NULL
              && !check_matched (load, table, error)))
        return FALSE;
    }
  return TRUE;
}

/* ---- one table */

static void
on_rows (guint64 rows, guint64 bytes, gpointer data)
{
  Load *load = data;

  slip_migration_run_tell (load->run, "load_to_target", load->table, "rows", rows,
                           (guint64)load->expected, "rows");
}

static gboolean
send_rows (Load *load, const SlipTargetTable *table, const char *list, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autofree char *order = table->order_by[0] != NULL
                               ? slip_migration_run_join_names (table->order_by, "")
                               : g_strdup ("1");
  g_autofree char *out = slip_stage_sql (
      "COPY (SELECT %s, migration_method FROM %I.%I ORDER BY %s) TO STDOUT (FORMAT binary)", list,
      run->schemas->staging, table->name, order);
  g_autofree char *in
      = slip_stage_sql ("COPY slip_in (%s, migration_method) FROM STDIN (FORMAT binary)", list);

  load->table = table->name;
  return slip_stage_sql_ask_number (run->pg, "count staged rows", &load->expected, error,
                                    "SELECT count (*) FROM %I.%I", run->schemas->staging,
                                    table->name)
         && slip_stage_sql_run (
             run->target, "room for rows", error,
             "CREATE TEMP TABLE slip_in ON COMMIT DROP AS SELECT %s FROM %I.%I WITH NO DATA;\n"
             "ALTER TABLE slip_in ADD COLUMN migration_method text",
             list, run->schemas->target, table->name)
         && slip_pg_copy_between (run->pg, out, run->target, in, on_rows, load, NULL, error);
}

static gboolean
insert_rows (Load *load,
             const SlipTargetTable *table,
             const char *list,
             gint64 id,
             gint64 *rows,
             GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autofree char *key
      = slip_migration_run_dup_key (run->target, run->schemas->target, table->name, "t", error);
  g_autofree char *name = g_strdup_printf ("load %s: insert", table->name);
  g_autofree char *sql = NULL;
  guint64 written = 0;

  if (key == NULL)
    return FALSE;
  sql = slip_stage_sql (
      "WITH written AS (INSERT INTO %I.%I AS t (%s) OVERRIDING SYSTEM VALUE\n"
      "  SELECT %s FROM slip_in WHERE migration_method = 'INSERT' RETURNING %s AS key, "
      "t::text AS row)\n"
      "INSERT INTO slipway_migration.row (load, key, op, hash) SELECT %D, key, 'I', "
      "hashtextextended (row, 0) FROM written",
      run->schemas->target, table->name, list, list, key, id);
  slip_pg_name_statement (run->target, name);
  if (!slip_pg_run_counted (run->target, sql, &written, error))
    return FALSE;
  *rows = (gint64)written;
  return TRUE;
}

/* Of rows that were there already all is replaced but what the definitions protect; the row from before is kept. */
static gboolean
update_rows (
    Load *load, const SlipTargetTable *table, char **names, gint64 id, gint64 *rows, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autofree char *key = NULL;
  g_autofree char *name = g_strdup_printf ("load %s: update", table->name);
  g_autofree char *sql = NULL;
  g_autoptr (GString) set = g_string_new (NULL);
  guint64 written = 0;

  if (table->existing == NULL || table->primary_key == NULL)
    return TRUE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], table->primary_key)
        && !g_strv_contains ((const char *const *)table->existing->keep_columns, names[i]))
      slip_stage_sql_append (set, "%s%I = n.%I", set->len > 0 ? ", " : "", names[i], names[i]);
  if (set->len == 0)
    return TRUE;
  key = slip_migration_run_dup_key (run->target, run->schemas->target, table->name, "t", error);
  if (key == NULL)
    return FALSE;
  sql = slip_stage_sql (
      "WITH written AS (UPDATE %I.%I AS t SET %s FROM slip_in AS n, %I.%I AS o\n"
      "  WHERE n.migration_method = 'UPDATE' AND t.%I = n.%I AND o.%I = n.%I RETURNING "
      "%s AS key, t::text AS row, o::text AS replaced)\n"
      "INSERT INTO slipway_migration.row (load, key, op, hash, replaced)\n"
      "SELECT %D, key, 'U', hashtextextended (row, 0), replaced FROM written",
      run->schemas->target, table->name, set->str, run->schemas->target, table->name,
      table->primary_key, table->primary_key, table->primary_key, table->primary_key, key, id);
  slip_pg_name_statement (run->target, name);
  if (!slip_pg_run_counted (run->target, sql, &written, error))
    return FALSE;
  *rows = (gint64)written;
  return TRUE;
}

static gboolean
load_table (Load *load, const SlipTargetTable *table, gint64 *rows, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_auto (GStrv) names = slip_migration_run_dup_common (
      run, run->schemas->staging, run->schemas->integration, table->name, error);
  g_autoptr (GPtrArray) columns = g_ptr_array_new ();
  g_autofree char *list = NULL;
  gint64 id = 0;
  gint64 inserted = 0;
  gint64 updated = 0;

  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], "migration_method") && !g_str_equal (names[i], "casrec_details"))
      g_ptr_array_add (columns, names[i]);
  g_ptr_array_add (columns, NULL);
  list = slip_migration_run_join_names ((char **)columns->pdata, "");
  if (!slip_stage_sql_run (run->target, "begin a table", error, "BEGIN")
      || !send_rows (load, table, list, error)
      || !slip_stage_sql_ask_number (
          run->target, "note a table", &id, error,
          "INSERT INTO slipway_migration.load (token, part, table_schema, "
          "table_name) VALUES (%L, %L, %L, %L) "
          "RETURNING id",
          run->token, table->name, run->schemas->target, table->name)
      || !insert_rows (load, table, list, id, &inserted, error)
      || !update_rows (load, table, (char **)columns->pdata, id, &updated, error))
    return FALSE;
  *rows += inserted + updated;
  if (inserted + updated != load->expected)
    {
      SLIP_STAGE_ERROR (error, CHANGED,
                        "of %" G_GINT64_FORMAT
                        " staged rows of %s the target took %" G_GINT64_FORMAT
                        "; the table is as it was",
                        load->expected, table->name, inserted + updated);
      return FALSE;
    }
  return slip_stage_sql_run (
             run->target, "end a table", error,
             "UPDATE slipway_migration.load SET inserted = %D, updated = %D WHERE id = %D; COMMIT",
             inserted, updated, id)
         && slip_stage_sql_run (
             run->pg, "count loaded rows", error,
             "DELETE FROM slipway.measure WHERE run = %D AND stage = 'load_to_target' "
             "AND entity = %L;\n"
             "INSERT INTO slipway.measure (run, stage, entity, kind, value, rows) "
             "VALUES (%D, 'load_to_target', %L, 'in', "
             "NULL, %D), (%D, 'load_to_target', %L, 'out', 'INSERT', %D), (%D, "
             "'load_to_target', %L, 'out', 'UPDATE', %D)",
             run->id, table->name, run->id, table->name, load->expected, run->id, table->name,
             inserted, run->id, table->name, updated);
}

/* ---- behind all tables */

static gboolean
reset_sequences (Load *load, GError **error)
{
  SlipMigrationRun *run = load->run;
  GPtrArray *uids = slip_migration_get_uids (run->migration);

  for (guint i = 0; i < load->tables->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (load->tables, i);

      for (guint j = 0; j < table->sequences->len; j++)
        {
          const SlipTargetSequence *sequence = g_ptr_array_index (table->sequences, j);
          g_autofree char *name = slip_stage_sql ("%I.%I", run->schemas->target, sequence->name);

          if (!sequence->uid
              && !slip_stage_sql_run (
                  run->target, "reset a sequence", error,
                  "SELECT setval (%L, greatest (m.key, s.last_value)) FROM (SELECT max (%I) AS key "
                  "FROM %I.%I) m, %s AS s\n"
                  " WHERE m.key IS NOT NULL AND (m.key > s.last_value OR NOT s.is_called)",
                  name, sequence->column, run->schemas->target, table->name, name))
            return FALSE;
        }
    }
  for (guint i = 0; i < uids->len; i++)
    {
      const SlipUid *uid = g_ptr_array_index (uids, i);
      g_autofree char *name = slip_stage_sql ("%I.%I", run->schemas->target, uid->sequence);
      gint64 last = 0;

      if (!slip_stage_last_uid (run, uid, &last, error)
          || (last > 0
              && !slip_stage_sql_run (run->target, "reset a sequence", error,
                                      "SELECT setval (%L, %D)", name, last)))
        return FALSE;
    }
  return TRUE;
}

static gboolean
analyze (Load *load, GError **error)
{
  for (guint i = 0; i < load->tables->len; i++)
    if (!slip_stage_sql_run (load->run->target, "analyze", error, "ANALYZE %I.%I",
                             load->run->schemas->target,
                             ((const SlipTargetTable *)load->tables->pdata[i])->name))
      return FALSE;
  return TRUE;
}

/* Tables must have the rows that they had and those that came; what differs is told, for others may write meanwhile. */
static gboolean
compare_counts (Load *load, SlipStageResult *result, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autoptr (GString) note = g_string_new (NULL);
  g_autoptr (SlipPgRows) before = slip_stage_sql_ask (
      run->pg, "read the target's counts", error,
      "SELECT table_name, value FROM slipway.base WHERE run = %D AND kind = 'rows' ORDER BY 1",
      run->id);

  if (before == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (before); i++)
    {
      const char *table = slip_pg_rows_get (before, i, 0);
      gint64 difference = 0;

      if (!slip_stage_sql_ask_number (
              run->target, "count the target's rows", &difference, error,
              "SELECT (SELECT count (*) FROM %I.%I) - %D - coalesce ((SELECT "
              "inserted FROM slipway_migration.load WHERE "
              "token = %L AND part = %L), 0)",
              run->schemas->target, table, slip_pg_rows_get_int (before, i, 1), run->token, table))
        return FALSE;
      if (difference != 0)
        g_string_append_printf (note, "%s%s has %+" G_GINT64_FORMAT " rows that are not this run's",
                                note->len > 0 ? "; " : "", table, difference);
    }
  if (note->len > 0)
    result->note = g_strdup (note->str);
  return TRUE;
}

static gboolean
finish (Load *load, SlipStageResult *result, GError **error)
{
  SlipMigrationRun *run = load->run;

  return reset_sequences (load, error) && analyze (load, error)
         && compare_counts (load, result, error)
         && slip_stage_sql_run (run->target, "note that the run is loaded", error,
                                "UPDATE slipway_migration.run SET state = 'loaded', ended = "
                                "clock_timestamp () WHERE token = %L",
                                run->token);
}

static gboolean
begin (Load *load, gboolean *complete, GError **error)
{
  SlipMigrationRun *run = load->run;
  gint64 loaded = 0;

  if (!slip_migration_run_install_manifest (run->target, error)
      || !slip_stage_sql_run (
          run->target, "note the run in the target", error,
          "INSERT INTO slipway_migration.run (token, run, name, state) VALUES (%L, "
          "%D, %L, 'loading')\n"
          "ON CONFLICT (token) DO NOTHING",
          run->token, run->id, slip_migration_get_name (run->migration)))
    return FALSE;
  load->parts = slip_stage_sql_ask_list (run->target, "read the manifest", error,
                                         "SELECT part FROM slipway_migration.load WHERE token = %L",
                                         run->token);
  if (load->parts == NULL
      || !slip_stage_sql_ask_number (
          run->target, "read the manifest", &loaded, error,
          "SELECT count (*) FROM slipway_migration.run WHERE token = %L AND state = 'loaded'",
          run->token))
    return FALSE;
  *complete = loaded > 0;
  return TRUE;
}

static gboolean
load_all (Load *load, SlipStageResult *result, GError **error)
{
  gboolean complete = FALSE;

  if (!find_staged (load, error) || !begin (load, &complete, error))
    return FALSE;
  if (complete)
    {
      result->state = g_strdup ("kept");
      result->note = g_strdup ("the run is in the target already; nothing was changed");
      return TRUE;
    }
  if (!check_target (load, error))
    return FALSE;
  for (guint i = 0; i < load->tables->len; i++)
    {
      const SlipTargetTable *table = g_ptr_array_index (load->tables, i);

      slip_migration_run_tell (load->run, "load_to_target", table->name, NULL, i, load->tables->len,
                               "tables");
      if (!is_loaded (load, table) && !load_table (load, table, &result->rows, error))
        return FALSE;
    }
  return finish (load, result, error);
}

gboolean
slip_stage_target (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  Load load = {.run = run, .tables = g_ptr_array_new ()};
  gboolean ok = load_all (&load, result, error);

  g_ptr_array_unref (load.tables);
  g_strfreev (load.parts);
  return ok;
}
