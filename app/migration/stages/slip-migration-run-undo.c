/* SPDX-License-Identifier: MIT */
/* Takes a run back. Of the target it touches what the manifest names and nothing else, in one transaction: rows that were
 * inserted go, rows that were replaced come back as they were; how one table goes is in slip-migration-undo-table.c. A row
 * that somebody changed since, or that others depend on by now, ends it before anything is changed. Sequences stay: a number
 * that was given out is not given out again. */

#include "slip-migration-run-private.h"

#include "slip-functions.h"

#define LOCK_NOT_AVAILABLE "55P03"

typedef struct
{
  SlipPg *pg;
  SlipPg *target;
  SlipStagePatience patience;
  char *token;
  char **schemas; /* source, transform, integration, staging, target */
  gint64 run;
  gint64 rows;
  char *note;
  char *stays;           /* owned; tables that hooks made or altered, or NULL */
  GPtrArray *refused;    /* what keeps rows of the run */
  gboolean hooks_refuse; /* what hooks did stands */
} Undo;

/* ---- hooks, then tables, the last first */

/* A row's versions that came, and those that went: what is left of both is what hooks did to the table, however often and in
 * whatever order. */
static gboolean
undo_hooked (Undo *undo, const char *schema, const char *table, GPtrArray *refused, GError **error)
{
  g_auto (SlipUndoTable) of
      = {.target = undo->target, .schema = schema, .table = table, .refused = refused};
  g_auto (GStrv) noted = slip_stage_sql_ask_list (
      undo->target, "read the columns of what hooks changed", error,
      "SELECT unnest (columns) FROM slipway_migration.shape WHERE token = %L AND table_schema = %L "
      "AND table_name = %L",
      undo->token, schema, table);

  return noted != NULL && slip_migration_undo_open (&of, noted, error)
         && slip_stage_sql_run (
             undo->target, "gather what hooks changed", error,
             "CREATE TEMP TABLE slip_undo ON COMMIT DROP AS\n"
             "WITH ours AS (SELECT before, after FROM slipway_migration.change\n"
             "   WHERE token = %L AND table_schema = %L AND table_name = %L),\n"
             "net AS (SELECT v, sum (n) AS n FROM (SELECT after AS v, 1 AS n FROM ours UNION ALL\n"
             "   SELECT before, -1 FROM ours) AS one WHERE v IS NOT NULL GROUP BY v HAVING sum (n) "
             "<> 0),\n"
             "keyed AS MATERIALIZED (SELECT net.v, net.n, %s AS key FROM net CROSS JOIN LATERAL "
             "(SELECT (net.v::%s).*) AS t)\n"
             "SELECT key, (CASE WHEN went.v IS NULL THEN 'I' WHEN came.v IS NULL THEN 'D' ELSE 'U' "
             "END)::\"char\" AS op, hashtextextended (came.v, 0) AS hash, went.v AS replaced\n"
             "  FROM (SELECT * FROM keyed WHERE n > 0) AS came FULL JOIN (SELECT * FROM keyed "
             "WHERE "
             "n < 0) AS went USING (key)\n"
             " CROSS JOIN LATERAL generate_series (1, abs (coalesce (came.n, went.n)))",
             undo->token, schema, table, of.key, of.type)
         && slip_migration_undo_table (&of, &undo->rows, error);
}

/* Table @i of @tables within its savepoint: what did not end well did nothing, and waits for others. */
static gboolean
try_hooked (Undo *undo,
            const SlipPgRows *tables,
            guint i,
            gboolean *done,
            GPtrArray *refused,
            GError **first,
            GError **error)
{
  gint64 rows = undo->rows;
  guint before = refused->len;
  g_autoptr (GPtrArray) told = g_ptr_array_new_with_free_func (g_free);

  if (!slip_stage_sql_run (undo->target, "begin a table", error, "SAVEPOINT slip_table"))
    return FALSE;
  *done = undo_hooked (undo, slip_pg_rows_get (tables, i, 0), slip_pg_rows_get (tables, i, 1), told,
                       *first == NULL ? first : NULL);
  g_ptr_array_extend_and_steal (refused, g_steal_pointer (&told));
  *done = *done && refused->len == before;
  if (*done)
    return TRUE;
  undo->rows = rows;
  return slip_stage_sql_run (undo->target, "go back before a table", error,
                             "ROLLBACK TO SAVEPOINT slip_table");
}

/* One after the other, and again those that had to wait for another: rows that come back may refer to rows that do. What
 * still keeps rows then is refused; an error with it is of a row that could not go before. */
static gboolean
undo_each_hooked (Undo *undo, SlipPgRows *tables, GError **error)
{
  guint n = slip_pg_rows_get_n_rows (tables);
  g_autofree gboolean *done = g_new0 (gboolean, MAX (n, 1));
  guint left = n;
  guint before;

  do
    {
      g_autoptr (GError) first = NULL;
      g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);

      before = left;
      for (guint i = 0; i < n; i++)
        {
          if (done[i])
            continue;
          if (!try_hooked (undo, tables, i, &done[i], refused, &first, error))
            return FALSE;
          left -= done[i];
        }
      if (g_strcmp0 (slip_migration_error_get_sqlstate (first), LOCK_NOT_AVAILABLE) == 0
          || (left > 0 && left == before && refused->len == 0))
        {
          g_propagate_error (error, g_steal_pointer (&first));
          return FALSE;
        }
      if (left == before)
        {
          undo->hooks_refuse = refused->len > 0;
          g_ptr_array_extend_and_steal (undo->refused, g_steal_pointer (&refused));
          return TRUE;
        }
    }
  while (left > 0);
  return TRUE;
}

static gboolean
undo_hooks (Undo *undo, GError **error)
{
  g_autoptr (SlipPgRows) tables = slip_stage_sql_ask (
      undo->target, "list what hooks changed", error,
      "SELECT table_schema, table_name FROM slipway_migration.change WHERE token = "
      "%L GROUP BY 1, 2 ORDER BY max (id) DESC",
      undo->token);

  return tables != NULL
         && slip_migration_run_dup_stays (undo->target, undo->token, &undo->stays, error)
         && slip_stage_sql_run (undo->target, "watch no longer", error,
                                "SELECT slipway_migration.unwatch ()")
         && undo_each_hooked (undo, tables, error)
         && slip_stage_sql_run (
             undo->target, "forget what hooks changed", error,
             "DELETE FROM slipway_migration.change WHERE token = %L; DELETE FROM "
             "slipway_migration.shape WHERE token = %L; DELETE FROM slipway_migration.load WHERE "
             "token = %L AND table_name IS NULL",
             undo->token, undo->token, undo->token);
}

static gboolean
undo_tables (Undo *undo, GError **error)
{
  g_autoptr (SlipPgRows) parts = slip_stage_sql_ask (
      undo->target, "read the manifest", error,
      "SELECT id, table_schema, table_name FROM slipway_migration.load WHERE token "
      "= %L AND table_name IS NOT NULL ORDER BY id DESC",
      undo->token);

  for (guint i = 0; parts != NULL && i < slip_pg_rows_get_n_rows (parts); i++)
    {
      gint64 id = slip_pg_rows_get_int (parts, i, 0);
      g_auto (SlipUndoTable) of = {.target = undo->target,
                                   .schema = slip_pg_rows_get (parts, i, 1),
                                   .table = slip_pg_rows_get (parts, i, 2),
                                   .refused = undo->refused,
                                   .hooked = undo->hooks_refuse ? undo->token : NULL};
      g_auto (GStrv) noted = slip_migration_row_list_noted (undo->target, id, error);

      if (noted == NULL || !slip_migration_undo_open (&of, noted, error)
          || !slip_stage_sql_run (
              undo->target, "gather what was loaded", error,
              "CREATE TEMP TABLE slip_undo ON COMMIT DROP AS SELECT key, op, hash, "
              "replaced FROM slipway_migration.row WHERE load = %D",
              id)
          || !slip_migration_undo_table (&of, &undo->rows, error)
          || !slip_stage_sql_run (undo->target, "forget what was loaded", error,
                                  "DELETE FROM slipway_migration.row WHERE load = %D; DELETE FROM "
                                  "slipway_migration.load WHERE id = %D",
                                  id, id))
        return FALSE;
    }
  return parts != NULL;
}

/* A table may be told by what hooks did to it, and by what was loaded. */
static gboolean
check_refused (Undo *undo, GError **error)
{
  g_autofree char *told = NULL;

  if (undo->refused->len == 0)
    return TRUE;
  g_ptr_array_add (undo->refused, NULL);
  told = g_strjoinv ("; ", (char **)undo->refused->pdata);
  SLIP_STAGE_ERROR (error, STATE,
                    "%s. Nothing was taken back. Settle these rows first, or restore a snapshot",
                    told);
  return FALSE;
}

static gboolean
undo_target (Undo *undo, gboolean tables, GError **error)
{
  gboolean has = FALSE;

  if (!slip_migration_run_find_manifest (undo->pg, undo->target, undo->run, &has, error))
    return FALSE;
  if (!has)
    return TRUE;
  return slip_migration_run_install_manifest (undo->target, error)
         && slip_stage_sql_run (
             undo->target, "begin to take back", error,
             "SET client_min_messages = warning; SET jit = off; BEGIN ISOLATION LEVEL READ "
             "COMMITTED; SET CONSTRAINTS ALL IMMEDIATE;\n"
             "CREATE TEMP TABLE slip_kept (relation regclass, key text) ON COMMIT DROP")
         && undo_hooks (undo, error) && (!tables || undo_tables (undo, error))
         && check_refused (undo, error)
         && slip_stage_sql_run (
             undo->target, "end to take back", error,
             "UPDATE slipway_migration.run SET state = 'undone', ended = clock_timestamp () "
             "WHERE token = %L AND %s; COMMIT",
             undo->token, tables ? "true" : "false");
}

/* ---- the migration database */

static gboolean
undo_stage (Undo *undo, const char *stage, GError **error)
{
  g_autofree char *drops = NULL;
  g_auto (GStrv) tables = NULL;

  if (!g_str_equal (stage, "load"))
    return slip_stage_schema_undo (undo->pg, undo->schemas, stage, error);
  tables
      = slip_stage_sql_ask_list (undo->pg, "list landed tables", error,
                                 "SELECT DISTINCT format ('DROP TABLE IF EXISTS %%I.%%I CASCADE', "
                                 "table_schema, table_name) FROM slipway.file WHERE "
                                 "table_schema = %L",
                                 undo->schemas[0]);
  if (tables == NULL)
    return FALSE;
  drops = g_strjoinv ("; ", tables);
  return slip_stage_sql_run (undo->pg, "undo stage load", error,
                             "%s; DELETE FROM slipway.file WHERE table_schema = %L; DELETE FROM "
                             "slipway.case_row WHERE table_schema = %L",
                             drops, undo->schemas[0], undo->schemas[0]);
}

/* What was left out and of which nothing is made, was not there to be taken back. What a run took over of another by leaving a
 * stage out goes with the run. */
#define STAYS_SKIPPED                                                                              \
  "state = 'skipped' AND stage IN ('load_to_target', 'validation', 'api', 'hooks')"

static gboolean
undo_stages (Undo *undo, guint from, const char *state, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();

  if (!slip_stage_sql_run (undo->pg, "begin to take back", error,
                           "SET client_min_messages = warning; BEGIN"))
    return FALSE;
  for (guint i = from; stages[i] != NULL; i++)
    if (!undo_stage (undo, stages[i], error)
        || !slip_stage_sql_run (
            undo->pg, "note the stage", error,
            "UPDATE slipway.stage SET state = 'undone', undone = CASE WHEN state = 'undone' THEN "
            "coalesce (undone, clock_timestamp ()) ELSE clock_timestamp () END,\n"
            "  ended = coalesce (ended, clock_timestamp ()) WHERE run = %D AND stage = %L\n"
            "  AND NOT (" STAYS_SKIPPED ")",
            undo->run, stages[i]))
      return FALSE;
  return slip_stage_sql_run (
      undo->pg, "end to take back", error,
      "UPDATE slipway.run SET state = CASE WHEN state = 'undone' THEN state ELSE %L END, "
      "taken_back_in = %L, ended = clock_timestamp () WHERE id = %D; COMMIT",
      state, slip_pg_get_where (undo->target), undo->run);
}

/* Which runs stand how; one that is killed stays as it was, one that ends says so. */
static char *
dup_states (Undo *undo, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      undo->pg, "look how runs stand", error,
      "SELECT coalesce (string_agg (concat_ws (' ', id, state, ended), ',' ORDER BY id), '') FROM "
      "slipway.run");

  return rows != NULL ? g_strdup (slip_pg_rows_get (rows, 0, 0)) : NULL;
}

/* A dead session's locks are waited for. Of a run that was alive, and has ended since, nobody has seen what it did. */
static gboolean
lock (Undo *undo, GError **error)
{
  g_autofree char *before = dup_states (undo, error);
  g_autofree char *after = NULL;

  if (before == NULL || !slip_migration_run_lock (undo->pg, SLIP_STAGE_RUN_LOCK, error)
      || !slip_migration_run_lock (undo->target, SLIP_STAGE_TARGET_LOCK, error)
      || (after = dup_states (undo, error)) == NULL)
    return FALSE;
  if (g_str_equal (before, after))
    return TRUE;
  SLIP_STAGE_ERROR (error, STATE,
                    "a run was at work in %s and has just ended. Nothing was taken back. "
                    "“slipwayctl migrate status” tells what it did; say undo again then",
                    slip_pg_get_where (undo->pg));
  return FALSE;
}

/* What is before the target is shared: a run that came later works on what it made there. */
static gboolean
check_owner (Undo *undo, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      undo->pg, "look for later runs", error,
      "SELECT o.id, o.name, o.state FROM slipway.run o JOIN slipway.run m ON m.id = %D\n"
      "   AND o.id <> m.id AND o.schemas[1:4] && m.schemas[1:4]\n"
      " WHERE o.state <> 'undone' AND (SELECT max (started) FROM slipway.stage WHERE run = o.id)\n"
      "     > coalesce ((SELECT max (started) FROM slipway.stage WHERE run = m.id), m.started)\n"
      " ORDER BY o.id DESC LIMIT 1",
      undo->run);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    return TRUE;
  SLIP_STAGE_ERROR (
      error, STATE,
      "what is landed, transformed and staged in %s is that of run %s (%s, %s), which "
      "came later. Nothing was taken back. Take that one back, or leave --stage out: "
      "then only what run %" G_GINT64_FORMAT " put into the target is taken back",
      slip_pg_get_where (undo->pg), slip_pg_rows_get (rows, 0, 0), slip_pg_rows_get (rows, 0, 1),
      slip_pg_rows_get (rows, 0, 2), undo->run);
  return FALSE;
}

static gboolean
find (Undo *undo, GError **error)
{
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_functions_install (undo->pg, error) || !lock (undo, error))
    return FALSE;
  rows = slip_stage_sql_ask (
      undo->pg, "find the run", error,
      "SELECT token, schemas[1], schemas[2], schemas[3], schemas[4], schemas[5], "
      "state FROM slipway.run WHERE id = %D",
      undo->run);
  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) == 0 || slip_pg_rows_get (rows, 0, 1) == NULL)
    {
      SLIP_STAGE_ERROR (error, NOT_FOUND,
                        "there is no run %" G_GINT64_FORMAT
                        " in %s. “slipwayctl migrate status” lists those that there are",
                        undo->run, slip_pg_get_where (undo->pg));
      return FALSE;
    }
  undo->token = g_strdup (slip_pg_rows_get (rows, 0, 0));
  undo->schemas = g_new0 (char *, 6);
  for (guint i = 0; i < 5; i++)
    undo->schemas[i] = g_strdup (slip_pg_rows_get (rows, 0, i + 1));
  return TRUE;
}

static int
find_stage (const char *stage, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();
  g_autofree char *all = g_strjoinv (", ", (char **)stages);

  for (int i = 0; stages[i] != NULL; i++)
    if (g_str_equal (stages[i], stage))
      return i;
  SLIP_STAGE_ERROR (error, NOT_FOUND, "there is no stage %s. There are: %s", stage, all);
  return -1;
}

static void
add_stays (Undo *undo)
{
  g_autofree char *counted = g_steal_pointer (&undo->note);

  if (counted != NULL && undo->stays != NULL)
    undo->note = g_strjoin ("; ", counted, undo->stays, NULL);
  else
    undo->note = counted != NULL ? g_steal_pointer (&counted) : g_steal_pointer (&undo->stays);
}

/* With a stage it is the same run that goes on from there, also where nothing is left of it. */
static const char *
get_state (const char *stage, int from)
{
  if (stage == NULL)
    return "undone";
  return from <= find_stage ("load", NULL) ? "taken back" : "taken back in part";
}

static gboolean
take_back (Undo *undo, const char *stage, GError **error)
{
  int from = find_stage (stage != NULL ? stage : "load_to_target", error);
  int load = find_stage ("load_to_target", NULL);

  if (from < 0 || !find (undo, error)
      || (from < load
          && (!check_owner (undo, error)
              || !slip_stage_schema_check_run (undo->pg, undo->schemas, error))))
    return FALSE;
  if (!undo_target (undo, from <= load, error))
    {
      slip_pg_rollback (undo->target);
      if (error != NULL
          && g_strcmp0 (slip_migration_error_get_sqlstate (*error), LOCK_NOT_AVAILABLE) == 0)
        g_prefix_error (error, "nothing was taken back: ");
      return FALSE;
    }
  if (!undo_stages (undo, (guint)from, get_state (stage, from), error))
    {
      slip_pg_rollback (undo->pg);
      return FALSE;
    }
  if (from <= load
      && !slip_stage_compare_counts (undo->pg, undo->target, undo->run, &undo->note, NULL))
    undo->note = g_strdup ("the target's rows could not be counted");
  add_stays (undo);
  return TRUE;
}

static gboolean
open_databases (Undo *undo,
                const SlipMigrationUndoOptions *options,
                GCancellable *cancellable,
                GError **error)
{
  undo->patience
      = (SlipStagePatience){"undo", options->lock_wait, options->progress, options->data};
  undo->pg = slip_pg_open (options->migration_db, "migration database", cancellable, error);
  if (undo->pg != NULL)
    undo->target = slip_pg_open (options->target_db, "target database", cancellable, error);
  return undo->target != NULL
         && slip_stage_patience_take (&undo->patience, undo->pg, options->migration_db, error)
         && slip_stage_patience_take (&undo->patience, undo->target, options->target_db, error)
         && slip_stage_schema_check_roles (undo->pg, undo->target, error);
}

gboolean
slip_migration_run_undo (const SlipMigrationUndoOptions *options,
                         gint64 *rows,
                         char **note,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GPtrArray) refused = g_ptr_array_new_with_free_func (g_free);
  Undo undo = {.run = options->run, .refused = refused};
  gboolean ok;

  g_return_val_if_fail (options->migration_db != NULL && options->target_db != NULL, FALSE);
  g_return_val_if_fail (rows != NULL && note != NULL, FALSE);

  ok = open_databases (&undo, options, cancellable, error)
       && take_back (&undo, options->stage, error);
  *rows = undo.rows;
  *note = undo.note;
  g_clear_pointer (&undo.pg, slip_pg_close);
  g_clear_pointer (&undo.target, slip_pg_close);
  g_free (undo.token);
  g_free (undo.stays);
  g_strfreev (undo.schemas);
  return ok;
}
