/* SPDX-License-Identifier: MIT */
/* Stage hooks: the sidecar's own statements on the target, each hook one transaction. While one runs, every row that it
 * changes is written down as it was and as it is, whatever table it is in, so that it can be taken back. */

#include "slip-migration-run-private.h"

/* AFTER triggers on every table of the schema; they live as long as the transaction. */
static gboolean
watch (SlipMigrationRun *run, gboolean on, GError **error)
{
  g_autofree char *action = on ? g_strdup ("CREATE TRIGGER slipway_capture AFTER INSERT OR UPDATE "
                                           "OR DELETE ON %s FOR EACH ROW EXECUTE "
                                           "FUNCTION slipway_migration.capture ()")
                               : g_strdup ("DROP TRIGGER slipway_capture ON %s");

  return slip_stage_sql_run (
      run->target, on ? "watch what a hook changes" : "watch no longer", error,
      "SET CONSTRAINTS ALL IMMEDIATE;\n"
      "DO $do$ DECLARE relation regclass; BEGIN FOR relation IN SELECT c.oid FROM "
      "pg_class c JOIN pg_namespace n ON "
      "n.oid = c.relnamespace WHERE n.nspname = %L AND c.relkind = 'r' AND NOT "
      "c.relispartition LOOP EXECUTE format (%L, "
      "relation); END LOOP; END $do$",
      run->schemas->target, action);
}

static gboolean
carry_out (
    SlipMigrationRun *run, const SlipHook *hook, const char *what, const char *text, GError **error)
{
  g_autofree char *name = g_strdup_printf ("hook %s: %s", hook->name, what);
  g_autofree char *sql = NULL;

  if (text == NULL)
    return TRUE;
  sql = slip_migration_expand (run->migration, text, run->run_date);
  slip_pg_name_statement (run->target, name);
  return slip_pg_run (run->target, sql, error);
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
        g_string_append_printf (
            text, " %s=%s", slip_pg_rows_get_column (rows, j),
            slip_pg_rows_get (rows, i, j) != NULL ? slip_pg_rows_get (rows, i, j) : "null");
    }
  SLIP_STAGE_ERROR (error, GATE,
                    "hook %s: its validation finds %u rows, so that nothing of it was kept:%s",
                    hook->name, slip_pg_rows_get_n_rows (rows), text->str);
  return FALSE;
}

static gboolean
run_hook (SlipMigrationRun *run, const SlipHook *hook, const char *part, GError **error)
{
  gint64 changed = 0;

  if (!slip_stage_sql_run (run->target, "begin a hook", error,
                           "BEGIN; SELECT set_config ('slipway.token', %L, true), set_config "
                           "('slipway.hook', %L, true)",
                           run->token, hook->name)
      || !watch (run, TRUE, error) || !carry_out (run, hook, "setup", hook->setup, error)
      || !audit (run, hook, error) || !carry_out (run, hook, "update", hook->update, error)
      || !validate (run, hook, error) || !watch (run, FALSE, error)
      || !slip_stage_sql_ask_number (
          run->target, "count what a hook changed", &changed, error,
          "SELECT count (*) FROM slipway_migration.change WHERE token = %L AND hook = %L",
          run->token, hook->name))
    return FALSE;
  return slip_stage_sql_run (
      run->target, "end a hook", error,
      "INSERT INTO slipway_migration.load (token, part, updated) VALUES (%L, %L, %D); COMMIT",
      run->token, part, changed);
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
  parts = slip_stage_sql_ask_list (run->target, "read the manifest", error,
                                   "SELECT part FROM slipway_migration.load WHERE token = %L",
                                   run->token);
  for (guint i = 0; parts != NULL && i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);
      g_autofree char *part = g_strdup_printf ("hook %s", hook->name);

      slip_migration_run_tell (run, "hooks", NULL, hook->name, i, hooks->len, "steps");
      if (g_strv_contains ((const char *const *)parts, part))
        continue;
      if (!run_hook (run, hook, part, error))
        return FALSE;
      n++;
    }
  if (n == 0 && hooks->len > 0)
    result->state = g_strdup ("kept");
  return parts != NULL
         && slip_stage_sql_ask_number (
             run->target, "count what hooks changed", &result->rows, error,
             "SELECT coalesce (sum (updated), 0)::bigint FROM slipway_migration.load WHERE token = "
             "%L AND table_name IS NULL",
             run->token);
}
