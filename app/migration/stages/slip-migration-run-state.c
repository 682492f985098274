/* SPDX-License-Identifier: MIT */
/* What is known of runs: which one is taken up, which stage stands where, and what the target's manifest says. Nothing
 * here moves a row of a migration. */

#include "slip-migration-run-private.h"

#include "slip-functions.h"
#include "slip-sql-file.h"

#include <string.h>

/* Behind a lock's name: the sessions that work beside the one that has it. */
#define SLIP_STAGE_BESIDE ".beside"

#define LOCK_SECONDS 15

void
slip_migration_run_result_free (SlipMigrationRunResult *result)
{
  if (result == NULL)
    return;
  g_free (result->run_date);
  g_clear_pointer (&result->integration, slip_migration_integration_free);
  g_clear_pointer (&result->stages, g_ptr_array_unref);
  g_free (result);
}

void
slip_migration_run_status_free (SlipMigrationRunStatus *status)
{
  g_free (status->name);
  g_free (status->run_date);
  g_free (status->definitions_sha256);
  g_free (status->sidecar_sha256);
  g_free (status->integration);
  g_free (status->state);
  g_clear_pointer (&status->stages, g_ptr_array_unref);
  g_clear_pointer (&status->loaded, g_ptr_array_unref);
  g_clear_pointer (&status->parts, g_ptr_array_unref);
  g_free (status);
}

void
slip_migration_run_tell (SlipMigrationRun *run,
                         const char *stage,
                         const char *entity,
                         const char *step,
                         guint64 done,
                         guint64 total,
                         const char *unit)
{
  slip_stage_patience_tell (&run->patience, stage, entity, step, done, total, unit);
}

gboolean
slip_migration_run_has_table (
    SlipPg *pg, const char *schema, const char *table, gboolean *has, GError **error)
{
  gint64 number = 0;
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);

  if (!slip_stage_sql_ask_number (pg, "look for a table", &number, error,
                                  "SELECT (to_regclass (%L) IS NOT NULL)::int", name))
    return FALSE;
  *has = number != 0;
  return TRUE;
}

gboolean
slip_migration_run_has_manifest (SlipPg *target, gboolean *has, GError **error)
{
  return slip_migration_run_has_table (target, "slipway_migration", "load", has, error);
}

/* Of a run that is in a target another one knows nothing, and must not be taken for it. Versions that did not note that it is
 * in one noted that it was loaded. */
gboolean
slip_migration_run_find_manifest (
    SlipPg *pg, SlipPg *target, gint64 run, gboolean *has, GError **error)
{
  gint64 known = 0;
  g_auto (GStrv) token = slip_stage_sql_ask_list (
      pg, "look whether a target knows the run", error,
      "SELECT r.token FROM slipway.run r JOIN slipway.stage s ON s.run = r.id AND s.stage = "
      "'load_to_target'\n"
      " WHERE r.id = %D AND (s.state = 'done' OR s.in_target AND s.state <> 'undone')",
      run);

  if (token == NULL || !slip_migration_run_has_manifest (target, has, error)
      || (*has && token[0] != NULL
          && !slip_stage_sql_ask_number (
              target, "look for the run in the target", &known, error,
              "SELECT count (*) FROM slipway_migration.run WHERE token = %L", token[0])))
    return FALSE;
  if (token[0] == NULL || known > 0)
    return TRUE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "run %" G_GINT64_FORMAT " was loaded into a target, and %s knows nothing of it. Nothing was "
      "taken back. Name the database that it was loaded into (--target-db). Where that was brought "
      "back to a time before the run there is nothing to take back, which the next “slipwayctl "
      "migrate run” finds",
      run, slip_pg_get_where (target));
  return FALSE;
}

gboolean
slip_migration_run_install_manifest (SlipPg *target, GError **error)
{
  g_autoptr (GBytes) bytes = g_resource_lookup_data (slip_functions_get_resource (),
                                                     "/org/slipway/migration/target/manifest.sql",
                                                     G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autofree char *sql = NULL;
  g_autofree char *digest = NULL;
  gint64 has = 0;

  g_assert (bytes != NULL);
  digest = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, bytes);
  if (!slip_stage_sql_ask_number (target, "look for the manifest", &has, error,
                                  "SELECT count (*) FROM pg_namespace WHERE nspname = "
                                  "'slipway_migration' AND obj_description (oid, 'pg_namespace') = "
                                  "%L",
                                  digest))
    return FALSE;
  if (has > 0)
    return TRUE;
  sql = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return slip_stage_sql_run (target, "make the manifest's tables", error,
                             "BEGIN; SET LOCAL client_min_messages = warning;\n"
                             "SELECT pg_advisory_xact_lock (hashtext ('slipway.manifest'));\n%s\n"
                             "COMMENT ON SCHEMA slipway_migration IS %L; COMMIT",
                             sql, digest);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Values in one order, of two for a name the last: that is the one which counts. */
static char *
join_values (const char *const *values)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (guint i = 0; values[i] != NULL; i++)
    {
      gsize name = strcspn (values[i], "=") + 1;
      gboolean again = FALSE;

      for (guint j = i + 1; values[j] != NULL; j++)
        again = again || strncmp (values[i], values[j], name) == 0;
      if (!again)
        g_ptr_array_add (list, (char *)values[i]);
    }
  g_ptr_array_sort (list, compare_texts);
  g_ptr_array_add (list, NULL);
  return g_strjoinv ("\n", (char **)list->pdata);
}

static char *
dup_digest_with (const char *sha256, const char *values)
{
  g_autofree char *all = g_strdup_printf ("%s\n%s", sha256, values);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

/* `as_given` is what earlier versions knew a run by: its values in the order in which they were given. */
static char *
dup_sidecar_digest (SlipMigrationRun *run, char **as_given)
{
  const char *sha256 = slip_migration_get_sidecar_sha256 (run->migration);
  const char *const *values = run->options->values;
  g_autofree char *sorted = NULL;
  g_autofree char *given = NULL;

  *as_given = NULL;
  if (values == NULL || values[0] == NULL)
    return g_strdup (sha256);
  sorted = join_values (values);
  given = g_strjoinv ("\n", (char **)values);
  *as_given = dup_digest_with (sha256, given);
  return dup_digest_with (sha256, sorted);
}

static gboolean
end_to_wait (SlipPg *pg, GError **error)
{
  return slip_stage_sql_run (pg, "end to wait", error, "SET lock_timeout = %D",
                             (gint64)slip_pg_get_lock_wait (pg) * 1000);
}

/* Whether nobody else works there, now. */
static gboolean
try_lock (SlipPg *pg, const char *name, const char *beside, gint64 *locked, GError **error)
{
  return slip_stage_sql_ask_number (
      pg, "lock a database", locked, error,
      "SELECT CASE WHEN pg_try_advisory_lock (hashtext (%L)) AND pg_try_advisory_lock "
      "(hashtext (%L)) THEN pg_advisory_unlock (hashtext (%L))::int ELSE 0 END",
      name, beside, beside);
}

/* One at a time. The server may not have seen yet that a killed run is gone, so that it is waited for a while, which is told;
 * whether it was the waiting that failed is asked after. */
gboolean
slip_migration_run_lock (SlipPg *pg, const char *name, GError **error)
{
  gint64 locked = 0;
  gboolean waited;
  g_autofree char *beside = g_strconcat (name, SLIP_STAGE_BESIDE, NULL);
  g_autofree char *who = NULL;

  if (!try_lock (pg, name, beside, &locked, error) || locked != 0)
    return locked != 0;
  slip_pg_begin_spell (pg, LOCK_SECONDS);
  waited = slip_stage_sql_run (pg, "wait for a database", NULL,
                               "SET lock_timeout = '%Ds'; SELECT pg_advisory_lock (hashtext (%L)); "
                               "SELECT pg_advisory_lock (hashtext (%L)); SELECT pg_advisory_unlock "
                               "(hashtext (%L))",
                               (gint64)LOCK_SECONDS, name, beside, beside);
  who = slip_pg_end_spell (pg);
  if (waited)
    return end_to_wait (pg, error);
  if (!try_lock (pg, name, beside, &locked, error) || !end_to_wait (pg, error))
    return FALSE;
  if (locked != 0)
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE,
                    "another session runs a migration in %s%s%s, and did not end within %d s. Wait "
                    "until it ends, "
                    "or end it; “slipwayctl migrate status” tells how far it is",
                    slip_pg_get_where (pg), who != NULL ? ": " : "", who != NULL ? who : "",
                    LOCK_SECONDS);
  return FALSE;
}

/* A session that works beside the one that has the lock @name: of a run that was killed the server may still be busy with
 * either. */
gboolean
slip_migration_run_lock_beside (SlipPg *pg, const char *name, GError **error)
{
  g_autofree char *beside = g_strconcat (name, SLIP_STAGE_BESIDE, NULL);

  return slip_stage_sql_run (pg, "lock a database", error,
                             "SELECT pg_advisory_lock_shared (hashtext (%L))", beside);
}

/* A run of another migration database may be of the same definitions, values and date; none of this one's is. */
static gboolean
refuse_in_target (SlipMigrationRun *run, SlipPgRows *rows, GError **error)
{
  const char *id = slip_pg_rows_get (rows, 0, 0);
  gboolean validates = g_strcmp0 (run->options->only, "validation") == 0;
  gint64 ours = 0;

  if (!slip_stage_sql_ask_number (run->pg, "look whose run is in the target", &ours, error,
                                  "SELECT count (*) FROM slipway.run WHERE token = %L",
                                  slip_pg_rows_get (rows, 0, 1)))
    return FALSE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "run %s of %s, begun %s %s, has its rows in %s. Take it back first: slipwayctl migrate undo "
      "%s%s%s",
      id, slip_migration_get_name (run->migration), slip_pg_rows_get (rows, 0, 2),
      ours > 0 ? "with other definitions, values or run date" : "from another migration database",
      slip_pg_get_where (run->target), id,
      ours > 0 ? "" : ", with that one as --migration-db. Or go on there",
      ours > 0 && validates
          ? ". To compare its rows by the definitions as they are now: slipwayctl migrate validate"
          : "");
  return FALSE;
}

/* Rows of another run of this migration in the target: ids given now would be given beside them. */
static gboolean
check_target_free (SlipMigrationRun *run, GError **error)
{
  gboolean has = FALSE;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_migration_run_has_manifest (run->target, &has, error))
    return FALSE;
  if (!has)
    return TRUE;
  rows = slip_stage_sql_ask (
      run->target, "look for other runs in the target", error,
      "SELECT r.run, r.token, r.started::timestamp(0) FROM slipway_migration.run r\n"
      " WHERE r.name = %L AND r.token::text <> %L\n"
      "   AND EXISTS (SELECT FROM slipway_migration.load l WHERE l.token = r.token)",
      slip_migration_get_name (run->migration), run->token != NULL ? run->token : "");
  if (rows == NULL)
    return FALSE;
  return slip_pg_rows_get_n_rows (rows) == 0 || refuse_in_target (run, rows, error);
}

static gboolean
find_run (SlipMigrationRun *run, const char *sidecar, const char *as_given, GError **error)
{
  g_autofree char *there = slip_migration_run_dup_there (run->target, error);
  g_autoptr (SlipPgRows) rows = NULL;

  if (there == NULL)
    return FALSE;
  rows = slip_stage_sql_ask (
      run->pg, "look for the latest run", error,
      "SELECT id, token, run_date, format ('state = %%L, ended = %%L', state, ended) FROM (SELECT "
      "* FROM slipway.run "
      "WHERE name = %L AND (state <> 'undone' OR token::text = ANY (%s))\n"
      "  ORDER BY state = 'undone' DESC, id DESC LIMIT 1) AS latest\n"
      " WHERE definitions_sha256 = %L AND sidecar_sha256 IN (%L, %L) AND mode = %L AND "
      "(%L IS NULL OR run_date::text = %L)",
      slip_migration_get_name (run->migration), there,
      slip_definitions_get_sha256 (slip_migration_get_definitions (run->migration)), sidecar,
      as_given, slip_migration_is_strict (run->migration) ? "strict" : "compat",
      run->options->run_date, run->options->run_date);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    return TRUE;
  run->id = slip_pg_rows_get_int (rows, 0, 0);
  run->token = g_strdup (slip_pg_rows_get (rows, 0, 1));
  run->run_date = g_strdup (slip_pg_rows_get (rows, 0, 2));
  run->was = g_strdup (slip_pg_rows_get (rows, 0, 3));
  run->resumed = TRUE;
  return TRUE;
}

static gboolean
add_run (SlipMigrationRun *run, const char *sidecar, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();

  run->run_date = run->options->run_date != NULL ? g_strdup (run->options->run_date)
                                                 : g_date_time_format (now, "%Y-%m-%d");
  rows = slip_stage_sql_ask (
      run->pg, "begin a run", error,
      "INSERT INTO slipway.run (name, definitions_sha256, sidecar_sha256, run_date, mode, state, "
      "schemas)\n"
      "VALUES (%L, %L, %L, %L, %L, 'running', ARRAY[%L, %L, %L, %L, %L]) RETURNING id, token",
      slip_migration_get_name (run->migration),
      slip_definitions_get_sha256 (slip_migration_get_definitions (run->migration)), sidecar,
      run->run_date, slip_migration_is_strict (run->migration) ? "strict" : "compat",
      run->schemas->source, run->schemas->transform, run->schemas->integration,
      run->schemas->staging, run->schemas->target);
  if (rows == NULL)
    return FALSE;
  run->id = slip_pg_rows_get_int (rows, 0, 0);
  run->token = g_strdup (slip_pg_rows_get (rows, 0, 1));
  return TRUE;
}

gboolean
slip_migration_run_make_functions (SlipMigrationRun *run, GError **error)
{
  GPtrArray *functions = slip_migration_get_functions (run->migration);
  gboolean ok;

  if (run->made)
    return TRUE;
  ok = slip_stage_sql_run (run->pg, "make functions", error, "BEGIN");

  for (guint i = 0; ok && i < functions->len; i++)
    {
      const SlipNamedSql *file = g_ptr_array_index (functions, i);
      g_autofree char *sql = slip_migration_expand (run->migration, file->sql, run->run_date);

      ok = slip_sql_carry_out (run->pg, file->name, sql, NULL, error);
    }
  ok = ok && slip_stage_sql_run (run->pg, "make functions", error, "COMMIT");
  if (!ok)
    slip_pg_rollback (run->pg);
  run->made = ok;
  return ok;
}

/* Finds the run that is taken up, or begins one. */
gboolean
slip_migration_run_begin (SlipMigrationRun *run, GError **error)
{
  g_autofree char *as_given = NULL;
  g_autofree char *sidecar = dup_sidecar_digest (run, &as_given);

  if (!slip_functions_install (run->pg, error)
      || !slip_migration_run_lock (run->pg, SLIP_STAGE_RUN_LOCK, error)
      || !slip_stage_schema_check_all (run, error) || !find_run (run, sidecar, as_given, error)
      || (run->resumed && !slip_migration_run_check_identity (run, error))
      || !check_target_free (run, error) || !slip_migration_run_check_other (run, error))
    return FALSE;
  if (run->resumed)
    return slip_stage_sql_run (
        run->pg, "take a run up", error,
        "UPDATE slipway.run SET state = 'running', ended = NULL WHERE id = %D", run->id);
  /* A run that a slip of the pen began would be the latest one. */
  if (run->options->only != NULL && !slip_migration_run_check_order (run, error))
    return FALSE;
  if (!slip_migration_run_check_definitions (run, FALSE, run->options->only == NULL, error))
    return FALSE;
  return add_run (run, sidecar, error) && slip_migration_run_note_identity (run, error);
}

/* After one stage: whether it was the last that was missing. */
gboolean
slip_migration_run_end_stage (SlipMigrationRun *run, GError **error)
{
  return slip_stage_sql_run (run->pg, "end a stage", error,
                             "UPDATE slipway.run SET ended = clock_timestamp (), state = CASE WHEN "
                             "(SELECT count (*) FROM slipway.stage\n"
                             "  WHERE run = %D AND state = 'done' AND stage IN ('load_to_target', "
                             "'hooks')) = 2 THEN 'done' ELSE 'in part' END\n"
                             " WHERE id = %D",
                             run->id, run->id);
}

gboolean
slip_migration_run_end (SlipMigrationRun *run, const char *state, GError **error)
{
  return slip_stage_sql_run (
      run->pg, "end a run", error,
      "UPDATE slipway.run SET state = %L, ended = clock_timestamp () WHERE id = %D", state,
      run->id);
}

gboolean
slip_migration_run_set_stage (SlipMigrationRun *run,
                              const char *stage,
                              const char *state,
                              gint64 rows,
                              const char *note,
                              GError **error)
{
  gboolean begins = g_str_equal (state, "running");
  gboolean kept = g_str_equal (state, "kept"); /* what was noted when it was done still holds */

  return slip_stage_sql_run (
      run->pg, "note the stage", error,
      "INSERT INTO slipway.stage (run, stage, state, started, ended, rows, note)\n"
      "VALUES (%D, %L, %L, clock_timestamp (), %s, %D, %L)\n"
      "ON CONFLICT (run, stage) DO UPDATE SET state = excluded.state, ended = excluded.ended,\n"
      "  rows = CASE WHEN %s THEN greatest (stage.rows, excluded.rows) ELSE excluded.rows END,\n"
      "  note = CASE WHEN %s THEN stage.note ELSE excluded.note END,\n"
      "  gate = CASE WHEN %s THEN stage.gate END,\n"
      "  started = CASE WHEN %s THEN excluded.started ELSE stage.started END",
      run->id, stage, kept ? "done" : state, begins ? "NULL" : "clock_timestamp ()", rows, note,
      begins || kept ? "true" : "false", begins || kept ? "true" : "false",
      begins || kept ? "true" : "false", begins ? "true" : "false");
}

char *
slip_migration_run_dup_stage (SlipMigrationRun *run, const char *stage, GError **error)
{
  g_auto (GStrv) list = slip_stage_sql_ask_list (
      run->pg, "look at the stage", error,
      "SELECT state FROM slipway.stage WHERE run = %D AND stage = %L", run->id, stage);

  if (list == NULL)
    return NULL;
  return g_strdup (list[0] != NULL ? list[0] : "");
}

/* Rules of the sidecar at the end of a stage, in the file's order. */
/* Rows that a rule left without what it fills in: nothing matched them. */
static gboolean
count_unfilled (SlipMigrationRun *run, const SlipBusinessRule *rule, GError **error)
{
  for (guint i = 0; i < rule->fills->len; i++)
    {
      const SlipTableColumn *fill = g_ptr_array_index (rule->fills, i);
      g_autofree char *name = g_strdup_printf ("%s.%s", fill->table, fill->column);

      if (!slip_stage_sql_run (
              run->pg, "count what a rule did not match", error,
              "INSERT INTO slipway.measure (run, stage, entity, step, column_name, kind, rows, "
              "row_ids)\n"
              "SELECT %D, %L, 'rules', %L, %L, 'unmatched', count (*), array_agg (row ORDER BY "
              "row)\n"
              "  FROM (SELECT (casrec_details -> 0 ->> 'casrec_row_id')::bigint AS row FROM %I.%I "
              "WHERE %I IS NULL) AS r HAVING count (*) > 0",
              run->id, rule->stage, rule->name, name, run->schemas->integration, fill->table,
              fill->column))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_migration_run_rules (SlipMigrationRun *run, const char *stage, GError **error)
{
  GPtrArray *rules = slip_migration_get_rules (run->migration);

  for (guint i = 0; i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);
      g_autofree char *sql = NULL;
      g_autofree char *name = NULL;
      gint64 begun = g_get_monotonic_time ();
      guint64 rows = 0;

      if (!g_str_equal (rule->stage, stage))
        continue;
      slip_migration_run_tell (run, stage, "rules", rule->name, i, rules->len, "steps");
      sql = slip_migration_expand (run->migration, rule->sql, run->run_date);
      name = g_strdup_printf ("rule %s", rule->name);
      if (!slip_sql_carry_out (run->pg, name, sql, &rows, error))
        return FALSE;
      if (!slip_stage_sql_run (run->pg, "count what a rule did", error,
                               "INSERT INTO slipway.measure (run, stage, entity, step, kind, rows) "
                               "VALUES (%D, %L, 'rules', "
                               "%L, 'changed', %D)",
                               run->id, stage, rule->name, (gint64)rows)
          || !count_unfilled (run, rule, error))
        return FALSE;
      g_debug ("rule %s: %.3f s", rule->name,
               (double)(g_get_monotonic_time () - begun) / G_USEC_PER_SEC);
    }
  return TRUE;
}

char *
slip_migration_run_join_names (char **names, const char *prefix)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; names[i] != NULL; i++)
    slip_stage_sql_append (list, "%s%s%I", i > 0 ? ", " : "", prefix, names[i]);
  return g_string_free (list, FALSE);
}

/* Values of rows, as messages quote them. */
char *
slip_migration_run_join_told (char **values)
{
  GString *list = g_string_new (NULL);

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autofree char *told = slip_migration_dup_told (values[i]);

      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", told);
    }
  return g_string_free (list, FALSE);
}

/* What a row is known by: its primary key, or all of it where there is none. */
char *
slip_migration_run_dup_key (
    SlipPg *target, const char *schema, const char *table, const char *alias, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  g_auto (GStrv) columns = slip_stage_sql_ask_list (
      target, "look for the primary key", error,
      "SELECT a.attname FROM pg_constraint c CROSS JOIN unnest (c.conkey) WITH ORDINALITY AS k "
      "(attnum, n)\n"
      "  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.attnum\n"
      " WHERE c.contype = 'p' AND c.conrelid = %L::regclass ORDER BY k.n",
      name);
  g_autofree char *prefix = g_strdup_printf ("%s.", alias);
  g_autofree char *list = NULL;

  if (columns == NULL)
    return NULL;
  if (columns[0] == NULL)
    return g_strdup_printf ("%s::text", alias);
  list = slip_migration_run_join_names (columns, prefix);
  return g_strdup_printf ("ROW(%s)::text", list);
}

/* Columns that two tables of the migration database share, in the order of the first. */
char **
slip_migration_run_dup_common (
    SlipMigrationRun *run, const char *left, const char *right, const char *table, GError **error)
{
  g_autofree char *one = slip_stage_sql ("%I.%I", left, table);
  g_autofree char *other = slip_stage_sql ("%I.%I", right, table);

  return slip_stage_sql_ask_list (
      run->pg, "compare columns", error,
      "SELECT a.attname FROM pg_attribute a JOIN pg_attribute b ON b.attname = a.attname\n"
      " WHERE a.attrelid = %L::regclass AND b.attrelid = %L::regclass AND a.attnum > 0 AND "
      "b.attnum > 0\n"
      "   AND NOT a.attisdropped AND NOT b.attisdropped AND a.attgenerated = '' ORDER BY a.attnum",
      one, other);
}

const SlipExistingData *
slip_migration_run_find_existing (SlipMigrationRun *run, const char *table)
{
  const SlipTargetTable *found
      = slip_definitions_find_target_table (slip_migration_get_definitions (run->migration), table);

  return found != NULL ? found->existing : NULL;
}
