/* SPDX-License-Identifier: MIT */
/* Stage load_to_target: staged rows into the target, table by table; how one goes is in slip-stage-chunk.c. Whatever happens,
 * the manifest says which rows are in and which are not; a run goes on behind them. Before the first row everything is
 * looked at that somebody could have changed since ids were given. */

#include "slip-migration-run-private.h"

#include <string.h>

typedef struct
{
  SlipMigrationRun *run;
  GPtrArray *tables; /* SlipTargetTable, those that are staged */
  GHashTable *parts; /* name → SlipStagePart: what the manifest has already */
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

static const SlipStagePart *
find_part (Load *load, const SlipTargetTable *table)
{
  return g_hash_table_lookup (load->parts, table->name);
}

static gboolean
is_loaded (Load *load, const SlipTargetTable *table)
{
  const SlipStagePart *part = find_part (load, table);

  return part != NULL && part->complete;
}

/* Behind which block staged rows are not in the target yet. */
static gint64
get_next_block (Load *load, const SlipTargetTable *table)
{
  const SlipStagePart *part = find_part (load, table);

  return part != NULL ? part->next_block : 0;
}

/* ---- what must still be so */

/* What is in already, and what is to be done: ids are given anew only while nothing of the run is. */
static char *
dup_way_out (Load *load, const char *settle)
{
  GHashTableIter iter;
  gpointer name, value;
  guint whole = 0;
  g_autoptr (GString) part = g_string_new (NULL);

  g_hash_table_iter_init (&iter, load->parts);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      const SlipStagePart *found = value;

      whole += found->complete;
      if (!found->complete && found->inserted + found->updated > 0)
        g_string_append_printf (
            part, " and %" G_GINT64_FORMAT " %s of %s", found->inserted + found->updated,
            found->inserted + found->updated == 1 ? "row" : "rows", (const char *)name);
    }
  if (whole == 0 && part->len == 0)
    return g_strdup ("Nothing was loaded. Run stage integration again (slipwayctl migrate stage "
                     "integration), and keep writers away until the load ends");
  return g_strdup_printf (
      "Of run %" G_GINT64_FORMAT
      " %u of %u tables are in as a whole%s. %s, keep writers away, and run "
      "again: the load goes on behind what is in. Or take the run back: slipwayctl migrate undo "
      "%" G_GINT64_FORMAT ", which is refused as long as rows of others refer to its rows",
      load->run->id, whole, load->tables->len, part->str, settle, load->run->id);
}

/* Staging's blocks need not follow its keys, so that between keys that are still to come may be some that are in. */
static char *
dup_not_ours (Load *load, const SlipTargetTable *table, GError **error)
{
  const SlipStagePart *part = find_part (load, table);
  g_autofree char *key = NULL;

  if (part == NULL)
    return g_strdup ("");
  key = slip_migration_run_dup_key (load->run->target, load->run->schemas->target, table->name, "t",
                                    error);
  return key != NULL ? slip_stage_sql (" AND NOT EXISTS (SELECT FROM slipway_migration.row r WHERE "
                                       "r.load = %D AND r.key = %s)",
                                       part->id, key)
                     : NULL;
}

static gboolean
check_free (Load *load, const SlipTargetTable *table, const char *column, GError **error)
{
  SlipMigrationRun *run = load->run;
  g_autofree char *not_ours = dup_not_ours (load, table, error);
  g_autofree char *taken = NULL;
  g_autofree char *settle = NULL;
  g_autofree char *way_out = NULL;
  g_auto (GStrv) keys = NULL;
  g_autoptr (SlipPgRows) range = NULL;

  if (not_ours == NULL)
    return FALSE;
  range = slip_stage_sql_ask (
      run->pg, "look at staged keys", error,
      "SELECT min (%I), max (%I) FROM %I.%I WHERE migration_method = 'INSERT' AND ctid >= "
      "'(%D,0)'",
      column, column, run->schemas->staging, table->name, get_next_block (load, table));
  if (range == NULL)
    return FALSE;
  if (slip_pg_rows_get (range, 0, 0) == NULL)
    return TRUE;
  keys = slip_stage_sql_ask_list (
      run->target, "look whether keys are free", error,
      "SELECT t.%I FROM %I.%I AS t WHERE t.%I BETWEEN %L AND %L%s ORDER BY 1 LIMIT 5", column,
      run->schemas->target, table->name, column, slip_pg_rows_get (range, 0, 0),
      slip_pg_rows_get (range, 0, 1), not_ours);
  if (keys == NULL)
    return FALSE;
  if (keys[0] == NULL)
    return TRUE;
  taken = g_strjoinv (", ", keys);
  settle = g_strdup_printf ("Give these rows another %s, or delete them", column);
  way_out = dup_way_out (load, settle);
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to since ids were given: %s.%s %s is taken by rows that are not the "
      "run's. %s",
      table->name, column, taken, way_out);
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
  g_autofree char *out = slip_stage_sql (
      "COPY (SELECT %I::bigint, %I::text FROM %I.%I WHERE "
      "migration_method = 'UPDATE' AND ctid >= '(%D,0)') TO STDOUT (FORMAT binary)",
      table->primary_key, match, run->schemas->staging, table->name, get_next_block (load, table));
  g_autofree char *what = g_strdup_printf ("matched keys of %s", table->name);
  g_autofree char *names = NULL;
  g_autofree char *way_out = NULL;
  g_auto (GStrv) gone = NULL;

  if (!slip_stage_sql_run (run->target, "room for matched keys", error,
                           "CREATE TEMP TABLE IF NOT EXISTS slip_matched (key bigint, match text); "
                           "TRUNCATE slip_matched")
      || !slip_stage_sql_copy (run->pg, out, run->target,
                               "COPY slip_matched FROM STDIN (FORMAT binary)", what, error))
    return FALSE;
  gone = slip_stage_sql_ask_list (
      run->target, "look whether matched rows are the same", error,
      "SELECT m.key || ' (“' || m.match || '”)' FROM slip_matched m LEFT JOIN "
      "%I.%I t ON t.%I = m.key AND "
      "t.%I::text = m.match WHERE t.%I IS NULL ORDER BY m.key LIMIT 5",
      run->schemas->target, table->name, table->primary_key, match, table->primary_key);
  if (gone == NULL)
    return FALSE;
  if (gone[0] == NULL)
    return TRUE;
  names = g_strjoinv (", ", gone);
  way_out = dup_way_out (load, "Put these rows back as they were");
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to since rows were matched: %s %s is gone or has another "
      "%s. %s",
      table->name, names, match, way_out);
  return FALSE;
}

/* Rows that are to be inserted must be in nobody's place. */
static gboolean
check_appeared (Load *load, const SlipTargetTable *table, GError **error)
{
  SlipMigrationRun *run = load->run;
  const SlipStagePart *part = find_part (load, table);
  g_autofree char *from = slip_stage_sql ("%I.%I", run->schemas->staging, table->name);
  g_autofree char *staged
      = slip_stage_appeared_dup_staged (run, table, from, get_next_block (load, table), error);
  g_autofree char *what = g_strdup_printf ("what may match in %s", table->name);
  g_autofree char *out = NULL;
  g_autofree char *told = NULL;
  g_autofree char *way_out = NULL;

  if (staged == NULL || *staged == '\0')
    return staged != NULL;
  out = g_strdup_printf ("COPY (%s) TO STDOUT (FORMAT binary)", staged);
  if (!slip_stage_sql_run (run->target, "room for what may match", error, "TRUNCATE slip_matched")
      || !slip_stage_sql_copy (run->pg, out, run->target,
                               "COPY slip_matched FROM STDIN (FORMAT binary)", what, error)
      || !slip_stage_sql_run (run->target, "look at what may match", error, "ANALYZE slip_matched"))
    return FALSE;
  told = slip_stage_dup_appeared (run, table, "SELECT key, match FROM slip_matched",
                                  part != NULL ? part->id : 0, error);
  if (told == NULL || *told == '\0')
    return told != NULL;
  way_out = dup_way_out (load, "Delete these rows, or give them another value there");
  SLIP_STAGE_ERROR (error, CHANGED,
                    "the target was written to since rows were matched: %s, which would be "
                    "inserted beside it. %s",
                    told, way_out);
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
              && (!check_matched (load, table, error) || !check_appeared (load, table, error))))
        return FALSE;
    }
  return TRUE;
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
analyze (SlipMigrationRun *run, const SlipTargetTable *table, gpointer data, GError **error)
{
  return slip_stage_sql_run (run->target, "analyze", error, "ANALYZE %I.%I", run->schemas->target,
                             table->name);
}

static gboolean
finish (Load *load, SlipStageResult *result, GError **error)
{
  SlipMigrationRun *run = load->run;

  return reset_sequences (load, error)
         && slip_stage_sessions_each (run, "load_to_target", load->tables, FALSE, analyze, NULL,
                                      error)
         && slip_stage_compare_counts (run->pg, run->target, run->id, &result->note, error)
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
          "ON CONFLICT (token) DO UPDATE SET state = excluded.state, ended = NULL\n"
          " WHERE run.state = 'undone'",
          run->token, run->id, slip_migration_get_name (run->migration))
      || !slip_migration_run_note_identity (run, error)
      || !slip_stage_sql_run (run->pg, "note that a target knows the run", error,
                              "UPDATE slipway.stage SET in_target = true WHERE run = %D AND stage "
                              "= 'load_to_target'",
                              run->id))
    return FALSE;
  load->parts = slip_stage_parts (run, error);
  if (load->parts == NULL
      || !slip_stage_sql_ask_number (
          run->target, "read the manifest", &loaded, error,
          "SELECT count (*) FROM slipway_migration.run WHERE token = %L AND state = 'loaded'",
          run->token))
    return FALSE;
  *complete = loaded > 0;
  return TRUE;
}

/* All rows of the run, whichever call wrote them. */
static gboolean
count_rows (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  return slip_stage_sql_ask_number (
      run->target, "count the run's rows", &result->rows, error,
      "SELECT coalesce (sum (inserted + updated), 0)::bigint FROM slipway_migration.load\n"
      " WHERE token = %L AND table_name IS NOT NULL",
      run->token);
}

static gboolean
load_table (SlipMigrationRun *run, const SlipTargetTable *table, gpointer data, GError **error)
{
  return slip_stage_chunks (run, table, find_part (data, table), error);
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
      return count_rows (load->run, result, error);
    }
  /* Once rows are in, the target itself says what it takes. */
  if ((g_hash_table_size (load->parts) == 0 && !slip_stage_shape_check (load->run, error))
      || !check_target (load, error))
    return FALSE;
  return slip_stage_sessions_each (load->run, "load_to_target", load->tables, TRUE, load_table,
                                   load, error)
         && finish (load, result, error) && count_rows (load->run, result, error);
}

gboolean
slip_stage_target (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  Load load = {.run = run, .tables = g_ptr_array_new ()};
  gboolean ok = load_all (&load, result, error);

  g_ptr_array_unref (load.tables);
  g_clear_pointer (&load.parts, g_hash_table_unref);
  return ok;
}
