/* SPDX-License-Identifier: MIT */
/* Stage hooks: the sidecar's own statements on the target, each hook one transaction. While one runs, every row that it
 * changes is written down as it was and as it is, whatever table it is in, so that it can be taken back. Triggers do it
 * (data/migration/target/manifest.sql), which live as long as the transaction; a hook must not end it. */

#include "slip-migration-run-private.h"

#include "slip-stage-lost.h"

#include <string.h>

static void
refuse_end (const SlipHook *hook, const char *what, GError **error)
{
  g_clear_error (error);
  SLIP_STAGE_ERROR (error, STATE,
                    "hook %s: %s: a hook is one transaction, so that it is in as a whole or not at "
                    "all. Leave BEGIN, COMMIT, ROLLBACK and SAVEPOINT out of it",
                    hook->name, what);
}

/* Where what the hook does is written down. */
static void
refuse_ours (const SlipHook *hook, const char *what, GError **error)
{
  const SlipServerWords *said = *error != NULL ? slip_migration_error_get_words (*error) : NULL;
  g_autofree char *words = said != NULL ? g_strconcat (": ", said->primary, NULL) : g_strdup ("");

  g_clear_error (error);
  SLIP_STAGE_ERROR (
      error, STATE,
      "hook %s: %s: schema slipway_migration is where Slipway writes down what the run "
      "and its hooks change, so that it can be taken back. Nothing of the hook was "
      "kept: leave that schema out of it%s",
      hook->name, what, words);
}

#define SLIP_HOOK_REFUSED "SWHOK" /* data/migration/target/manifest.sql says why */
#define DUPLICATE_OBJECT "42710"

static gboolean
is_state (const GError *error, const char *state)
{
  return g_strcmp0 (slip_migration_error_get_sqlstate (error), state) == 0;
}

/* Whether the server refused something of schema slipway_migration. Its CONTEXT says nothing of that: it names our triggers whatever
 * ends the hook while they write down what it does, such as a time limit, a full disk or somebody who cancels. */
static gboolean
is_about_ours (const GError *error)
{
  static const char ours[] = "slipway_migration";
  const SlipServerWords *words = slip_migration_error_get_words (error);

  return words != NULL
         && (strstr (words->primary, ours) != NULL
             || (words->detail != NULL && strstr (words->detail, ours) != NULL)
             || (words->table != NULL && g_str_has_prefix (words->table, ours)));
}

static void
refuse (const SlipHook *hook, const char *why, GError **error)
{
  g_autofree char *words = g_strdup (why);

  g_clear_error (error);
  SLIP_STAGE_ERROR (
      error, STATE,
      "hook %s: %s, so that nothing of the hook was kept. Do that by hand, before the "
      "run or after it",
      hook->name, words);
}

/* Inside EXECUTE no statement can end the transaction. */
static gboolean
carry_out (
    SlipMigrationRun *run, const SlipHook *hook, const char *what, const char *text, GError **error)
{
  g_autofree char *name = g_strdup_printf ("hook %s: %s", hook->name, what);
  g_autofree char *sql = NULL;
  g_autofree char *body = NULL;
  g_autofree char *block = NULL;
  g_autoptr (GError) problem = NULL;

  if (text == NULL)
    return TRUE;
  sql = slip_migration_expand (run->migration, text, run->run_date);
  body = slip_stage_sql ("BEGIN EXECUTE %L; END", sql);
  block = slip_stage_sql ("DO %L", body);
  slip_pg_name_statement (run->target, name);
  if (slip_pg_run (run->target, block, &problem))
    return TRUE;
  if (strstr (problem->message, "EXECUTE of transaction commands") != NULL)
    refuse_end (hook, what, &problem);
  else if (is_state (problem, SLIP_HOOK_REFUSED))
    refuse (hook, slip_migration_error_get_words (problem)->primary, &problem);
  else if (is_state (problem, DUPLICATE_OBJECT)
           && strstr (problem->message, "\"slipway_capture") != NULL)
    refuse (hook, "a table that was there cannot become a partition while what is in it is watched",
            &problem);
  else if (is_about_ours (problem))
    refuse_ours (hook, what, &problem);
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static SlipPgRows *
ask (
    SlipMigrationRun *run, const SlipHook *hook, const char *what, const char *text, GError **error)
{
  g_autofree char *name = g_strdup_printf ("hook %s: %s", hook->name, what);
  g_autofree char *sql = slip_migration_expand (run->migration, text, run->run_date);

  slip_pg_name_statement (run->target, name);
  return slip_pg_query (run->target, sql, NULL, NULL, error);
}

/* Whether the transaction is still the hook's. */
static gboolean
check_transaction (
    SlipMigrationRun *run, const SlipHook *hook, const char *what, gint64 id, GError **error)
{
  gint64 now = 0;

  if (!slip_stage_sql_ask_number (run->target, "look at the transaction", &now, error,
                                  "SELECT txid_current ()"))
    return FALSE;
  if (now == id)
    return TRUE;
  refuse_end (hook, what, error);
  return FALSE;
}

/* How schema slipway_migration stands: what it is made of, and how many rows of it the session has written but for those that its
 * triggers write. Nobody else alters it while a run has the target. */
static gboolean
read_ours (SlipMigrationRun *run, char **ours, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->target, "look at what is written down", error,
      "WITH n AS (SELECT oid, ctid::text AS place FROM pg_namespace WHERE nspname = "
      "'slipway_migration'),\n"
      "     c AS (SELECT c.oid, c.ctid::text AS place, relname FROM pg_class c JOIN n ON n.oid = "
      "relnamespace)\n"
      "SELECT md5 (string_agg (x, ',' ORDER BY x)) FROM (SELECT concat_ws (' ', 'n', oid, place) "
      "AS x FROM n\n"
      "  UNION ALL SELECT concat_ws (' ', 'c', oid, place, pg_stat_get_xact_tuples_updated (oid), "
      "pg_stat_get_xact_tuples_deleted (oid),\n"
      "                   CASE WHEN relname <> 'change' THEN pg_stat_get_xact_tuples_inserted "
      "(oid) END) FROM c\n"
      "  UNION ALL SELECT concat_ws (' ', 'a', attrelid, attnum, a.ctid) FROM pg_attribute a JOIN "
      "c ON c.oid = attrelid\n"
      "  UNION ALL SELECT concat_ws (' ', 't', t.oid, t.ctid) FROM pg_trigger t JOIN c ON c.oid = "
      "tgrelid\n"
      "  UNION ALL SELECT concat_ws (' ', 'r', r.oid, r.ctid) FROM pg_rewrite r JOIN c ON c.oid = "
      "ev_class\n"
      "  UNION ALL SELECT concat_ws (' ', 'k', k.oid, k.ctid) FROM pg_constraint k JOIN c ON c.oid "
      "= conrelid\n"
      "  UNION ALL SELECT concat_ws (' ', 'p', p.oid, p.ctid) FROM pg_proc p JOIN n ON n.oid = "
      "pronamespace) AS parts");

  if (rows == NULL)
    return FALSE;
  *ours = g_strdup (slip_pg_rows_get (rows, 0, 0));
  return TRUE;
}

static gboolean
check_ours (SlipMigrationRun *run, const SlipHook *hook, const char *before, GError **error)
{
  g_autofree char *now = NULL;
  g_autoptr (GError) altered = NULL;

  if (!read_ours (run, &now, error))
    return FALSE;
  if (g_strcmp0 (now, before) == 0)
    return TRUE;
  refuse_ours (hook, "it alters what is not its own", &altered);
  g_propagate_error (error, g_steal_pointer (&altered));
  return FALSE;
}

static gboolean
check_watched (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  g_autofree char *names = NULL;
  g_auto (GStrv) tables = slip_stage_sql_ask_list (run->target, "look whether all was watched",
                                                   error, "SELECT slipway_migration.unwatched ()");

  if (tables == NULL || tables[0] == NULL)
    return tables != NULL;
  names = g_strjoinv (", ", tables);
  SLIP_STAGE_ERROR (
      error, STATE,
      "hook %s: what it does to %s could not be taken back, so that nothing of it was "
      "kept: it switches that table's triggers off or takes it out of another as its partition, or "
      "the table belongs to a role that %s may not act for",
      hook->name, names, slip_pg_get_where (run->target));
  return FALSE;
}

/* Tables, columns and what stands beside them go without a row that a trigger could write down, and so do values that ALTER TABLE
 * writes anew. */
static gboolean
check_lost (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  g_autoptr (SlipPgRows) lost
      = slip_stage_sql_ask (run->target, "look whether all can be taken back", error,
                            "SELECT slipway_migration.lost (%L, %L)", run->token, hook->name);

  if (lost == NULL || slip_pg_rows_get (lost, 0, 0) == NULL)
    return lost != NULL;
  SLIP_STAGE_ERROR (error, STATE,
                    "hook %s: an undo could not bring these back, so that nothing of the hook was "
                    "kept: %s. Do that by hand, before the run or after it, or let the hook make "
                    "one of its own and leave what is there",
                    hook->name, slip_pg_rows_get (lost, 0, 0));
  return FALSE;
}

static gboolean
audit (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;

  if (hook->audit == NULL)
    return TRUE;
  rows = ask (run, hook, "audit", hook->audit, error);
  return rows != NULL
         && slip_stage_sql_run (
             run->pg, "count what a hook will change", error,
             "DELETE FROM slipway.measure WHERE run = %D AND stage = 'hooks' AND step = %L;\n"
             "INSERT INTO slipway.measure (run, stage, entity, step, kind, rows) "
             "VALUES (%D, 'hooks', 'hooks', %L, "
             "'audited', %D)",
             run->id, hook->name, run->id, hook->name, (gint64)slip_pg_rows_get_n_rows (rows));
}

static gboolean
validate (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (hook->validate == NULL)
    return TRUE;
  rows = ask (run, hook, "validate", hook->validate, error);
  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    return TRUE;
  for (guint i = 0; i < MIN (slip_pg_rows_get_n_rows (rows), 5); i++)
    {
      g_string_append (text, "\n ");
      for (guint j = 0; j < slip_pg_rows_get_n_columns (rows); j++)
        {
          const char *value = slip_pg_rows_get (rows, i, j);
          g_autofree char *told
              = value != NULL ? slip_migration_dup_told (value) : g_strdup ("null");

          g_string_append_printf (text, " %s=%s", slip_pg_rows_get_column (rows, j), told);
        }
    }
  SLIP_STAGE_ERROR (error, GATE,
                    "hook %s: its validation finds %u %s, so that nothing of it was kept:%s",
                    hook->name, slip_pg_rows_get_n_rows (rows),
                    slip_pg_rows_get_n_rows (rows) == 1 ? "row" : "rows", text->str);
  return FALSE;
}

static gboolean
carry_out_all (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  gint64 id = 0;

  return slip_stage_sql_ask_number (run->target, "look at the transaction", &id, error,
                                    "SELECT txid_current ()")
         && carry_out (run, hook, "setup", hook->setup, error) && audit (run, hook, error)
         && check_transaction (run, hook, "audit", id, error)
         && carry_out (run, hook, "update", hook->update, error) && validate (run, hook, error)
         && check_transaction (run, hook, "validate", id, error);
}

/* In the open transaction, which has its locks then. */
static gboolean
begin_hook (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  g_autofree char *name = g_strdup_printf ("hook %s: hold all tables", hook->name);
  g_autofree char *sql
      = slip_stage_sql ("SET CONSTRAINTS ALL IMMEDIATE; SELECT slipway_migration.watch (%L, %L)",
                        run->token, hook->name);

  return slip_pg_begin_by_turns (run->target, name, sql, error);
}

/* Triggers that somebody's COMMIT left behind, and those of tables that somebody reads. */
static gboolean
unwatch (SlipMigrationRun *run, GError **error)
{
  return slip_pg_begin_by_turns (run->target, "watch no longer",
                                 "SELECT slipway_migration.unwatch ()", error)
         && slip_stage_sql_run (run->target, "watch no longer", error, "COMMIT");
}

/* What the hook did is in by now: who reads a table is no reason to take it back. */
static gboolean
unwatch_behind (SlipMigrationRun *run, const SlipHook *hook, GError **error)
{
  if (unwatch (run, error))
    return TRUE;
  g_prefix_error (error,
                  "hook %s is in. The triggers that wrote down what it did remain; they do nothing "
                  "any more, and the next call takes them away: ",
                  hook->name);
  return FALSE;
}

/* What hooks made or altered: no undo takes it back. @stays is %NULL where there are none. */
gboolean
slip_migration_run_dup_stays (SlipPg *target, const char *token, char **stays, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      target, "look what hooks leave", error,
      "SELECT string_agg (part || ': ' || stays, '; ' ORDER BY id) || ': an undo leaves these so' "
      "FROM slipway_migration.load WHERE token = %L AND stays IS NOT NULL",
      token);

  *stays = rows != NULL ? g_strdup (slip_pg_rows_get (rows, 0, 0)) : NULL;
  return rows != NULL;
}

/* Of other reasons the same command goes on when they are gone: of a lock, a full disk, a time limit, a connection. */
static gboolean
is_for_what_it_does (const GError *error)
{
  static const char *const passing[] = {"08", "40", "53", "55", "57", "58", "XX", NULL};
  const char *state = slip_migration_error_get_sqlstate (error);
  g_autofree char *of = state != NULL ? g_strndup (state, 2) : NULL;

  if (error == NULL || error->domain != SLIP_MIGRATION_ERROR
      || error->code == SLIP_MIGRATION_ERROR_CONNECTION
      || error->code == SLIP_MIGRATION_ERROR_CANCELLED)
    return FALSE;
  return of == NULL || !g_strv_contains (passing, of);
}

/* A run is bound to its hooks' files as they were when it began. */
static void
tell_way_out (SlipMigrationRun *run, GError *error)
{
  g_autofree char *message = NULL;

  if (!is_for_what_it_does (error))
    return;
  message = g_steal_pointer (&error->message);
  error->message = g_strdup_printf (
      "%s%sTo change what the hook does, take the run back, which is bound to it as it is, and run "
      "again: slipwayctl migrate undo %" G_GINT64_FORMAT ", then slipwayctl migrate run",
      message, strchr (message, '\n') != NULL ? "\n" : ". ", run->id);
}

/* Of the session's settings a hook may leave others, or none (RESET ALL). */
static gboolean
run_hook (SlipMigrationRun *run, const SlipHook *hook, const char *part, GError **error)
{
  g_autofree char *ours = NULL;
  gint64 changed = 0;
  gint64 left = 0;

  if (!begin_hook (run, hook, error) || !read_ours (run, &ours, error)
      || !carry_out_all (run, hook, error) || !check_ours (run, hook, ours, error)
      || !slip_stage_sql_run (run->target, "look at constraints", error,
                              "SET CONSTRAINTS ALL IMMEDIATE")
      || !check_watched (run, hook, error) || !check_lost (run, hook, error)
      || !slip_stage_sql_ask_number (
          run->target, "count what a hook changed", &changed, error,
          "SELECT count (*) FROM slipway_migration.change WHERE token = %L AND hook = %L",
          run->token, hook->name)
      || !slip_stage_sql_ask_number (run->target, "watch no longer", &left, error,
                                     "SELECT slipway_migration.unwatch_soon ()")
      || !slip_stage_sql_run (
          run->target, "end a hook", error,
          "INSERT INTO slipway_migration.shape SELECT %L, table_schema, table_name, array_agg "
          "(attname::text ORDER BY attnum)\n"
          "  FROM (SELECT DISTINCT table_schema, table_name FROM slipway_migration.change WHERE "
          "token = %L AND hook = %L) AS c\n"
          "  JOIN pg_attribute ON attrelid = to_regclass (format ('%%I.%%I', table_schema, "
          "table_name)) AND attnum > 0 AND NOT attisdropped\n"
          " GROUP BY table_schema, table_name ON CONFLICT DO NOTHING;\n"
          "INSERT INTO slipway_migration.load (token, part, updated, stays) VALUES (%L, %L, %D, "
          "slipway_migration.stays ()); COMMIT",
          run->token, run->token, hook->name, run->token, part, changed)
      || !slip_pg_set_session (run->target, error)
      || !slip_stage_session_prepare_target (run, run->target, error))
    {
      if (error != NULL)
        tell_way_out (run, *error);
      return FALSE;
    }
  return left == 0 || unwatch_behind (run, hook, error);
}

/* Hooks that are still to come, and name a table with a column that it has no more. */
static gboolean
check_shape (SlipMigrationRun *run, char **parts, GError **error)
{
  GPtrArray *hooks = slip_migration_get_hooks (run->migration);
  g_autoptr (SlipPgRows) lost = slip_stage_lost_ask (run->target, run->token, error);
  g_autoptr (GString) told = g_string_new (NULL);

  for (guint i = 0; lost != NULL && i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autofree char *part = g_strdup_printf ("hook %s", hook->name);
      g_autofree char *sql = g_strdup_printf ("%s %s %s %s", hook->setup != NULL ? hook->setup : "",
                                              hook->audit != NULL ? hook->audit : "",
                                              hook->update != NULL ? hook->update : "",
                                              hook->validate != NULL ? hook->validate : "");

      for (guint k = 0; k < slip_pg_rows_get_n_rows (lost); k++)
        {
          g_autofree char *text = slip_stage_lost_dup_text (lost, k);

          if (!g_strv_contains ((const char *const *)parts, part)
              && slip_stage_lost_is_named (lost, k, sql))
            g_string_append_printf (told, "%shook %s names %s", told->len > 0 ? "; " : "",
                                    hook->name, text);
        }
    }
  if (told->len > 0)
    SLIP_STAGE_ERROR (error, STATE,
                      "%s, which %s had when run %" G_GINT64_FORMAT
                      " was loaded and has no more. No hook was carried out",
                      told->str, slip_pg_get_where (run->target), run->id);
  return lost != NULL && told->len == 0;
}

gboolean
slip_stage_hooks (SlipMigrationRun *run, SlipStageResult *result, GError **error)
{
  GPtrArray *hooks = slip_migration_get_hooks (run->migration);
  g_auto (GStrv) parts = NULL;
  guint n = 0;
  gint64 loaded = 0;
  gboolean has = FALSE;

  if (!slip_migration_run_has_manifest (run->target, &has, error)
      || (has
          && !slip_stage_sql_ask_number (
              run->target, "read the manifest", &loaded, error,
              "SELECT count (*) FROM slipway_migration.run WHERE token = %L AND state = 'loaded'",
              run->token)))
    return FALSE;
  if (loaded == 0)
    {
      SLIP_STAGE_ERROR (error, STATE,
                        "hooks work on rows in the target, and run %" G_GINT64_FORMAT
                        " is not loaded. Run stage load_to_target first",
                        run->id);
      return FALSE;
    }
  if (!slip_migration_run_install_manifest (run->target, error) || !unwatch (run, error))
    return FALSE;
  parts = slip_stage_sql_ask_list (run->target, "read the manifest", error,
                                   "SELECT part FROM slipway_migration.load WHERE token = %L",
                                   run->token);
  if (parts == NULL || !check_shape (run, parts, error))
    return FALSE;
  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autofree char *part = g_strdup_printf ("hook %s", hook->name);

      slip_migration_run_tell (run, "hooks", NULL, hook->name, i, hooks->len, "steps");
      if (g_strv_contains ((const char *const *)parts, part))
        continue;
      if (!run_hook (run, hook, part, error))
        {
          slip_pg_rollback (run->target);
          if (!unwatch (run, NULL))
            g_debug ("the target does not answer; triggers are looked for again at the next call");
          return FALSE;
        }
      n++;
    }
  if (n == 0 && hooks->len > 0)
    result->state = g_strdup ("kept");
  return slip_migration_run_dup_stays (run->target, run->token, &result->note, error)
         && slip_stage_sql_ask_number (
             run->target, "count what hooks changed", &result->rows, error,
             "SELECT coalesce (sum (updated), 0)::bigint FROM slipway_migration.load WHERE token = "
             "%L AND table_name IS NULL",
             run->token);
}
