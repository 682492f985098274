/* SPDX-License-Identifier: MIT */
/* Takes a run back. Of the target it touches what the manifest names and nothing else, in one transaction: rows that were
 * inserted go, rows that were replaced come back as they were. A row that somebody changed since, or that others depend
 * on by now, ends it before anything is changed. Sequences stay: a number that was given out is not given out again. */

#include "slip-migration-run-private.h"

#include "slip-functions.h"

typedef struct
{
  SlipPg *pg;
  SlipPg *target;
  char *token;
  char **schemas; /* source, transform, integration, staging, target */
  gint64 run;
  gint64 rows;
  char *note;
} Undo;

/* ---- one table: slip_undo (key, op, hash, replaced) says what was done to it. Without a primary key rows are known by
 * all that they are, so that of those that are alike as many go as came: an update is a row that came and one that went. */

static gboolean
has_key (const char *key)
{
  return g_str_has_prefix (key, "ROW(");
}

static gboolean
refuse (char **names, const char *schema, const char *table, const char *what, GError **error)
{
  g_autofree char *list = NULL;

  if (names == NULL)
    return FALSE;
  if (names[0] == NULL)
    return TRUE;
  list = slip_migration_run_join_told (names);
  SLIP_STAGE_ERROR (
      error, STATE,
      "%s.%s: %s: %s. Nothing was taken back. Settle these rows first, or restore a snapshot",
      schema, table, what, list);
  return FALSE;
}

static gboolean
check_unchanged (Undo *undo, const char *schema, const char *table, const char *key, GError **error)
{
  g_autofree char *sql
      = has_key (key)
            ? slip_stage_sql (
                "SELECT u.key FROM slip_undo u LEFT JOIN %I.%I AS t ON %s = u.key WHERE u.op <> "
                "'D'\n"
                "   AND hashtextextended (t::text, 0) IS DISTINCT FROM u.hash ORDER BY 1 LIMIT 5",
                schema, table, key)
            : slip_stage_sql (
                "SELECT key FROM (SELECT key, count(*) AS n FROM slip_undo WHERE op = 'I'\n"
                "  GROUP BY 1) AS u LEFT JOIN (SELECT %s AS key, count(*) AS n FROM %I.%I "
                "AS t GROUP BY 1) AS h USING (key)\n"
                " WHERE u.n > coalesce (h.n, 0) ORDER BY 1 LIMIT 5",
                key, schema, table);
  g_auto (GStrv) changed = slip_stage_sql_ask_list (
      undo->target, "look for rows that were changed since", error, "%s", sql);

  return refuse (changed, schema, table, "rows of the run were changed or deleted since", error);
}

static gboolean
check_dependents (Undo *undo, const char *schema, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  g_autofree char *parent = slip_migration_run_dup_key (undo->target, schema, table, "p", error);
  g_autofree char *own = slip_migration_run_dup_key (undo->target, schema, table, "c", error);
  g_autoptr (SlipPgRows) keys = NULL;

  if (parent == NULL || own == NULL)
    return FALSE;
  keys = slip_stage_sql_ask (
      undo->target, "list what refers to a table", error,
      "SELECT o.conrelid::regclass, string_agg (format ('c.%%I = p.%%I', a.attname, b.attname), ' "
      "AND '),\n"
      "       o.conrelid = o.confrelid\n"
      "  FROM pg_constraint o CROSS JOIN unnest (o.conkey, o.confkey) AS k (own, its)\n"
      "  JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.own\n"
      "  JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = k.its\n"
      " WHERE o.contype = 'f' AND o.confrelid = %L::regclass GROUP BY o.oid, o.conrelid, "
      "o.confrelid",
      name);
  for (guint i = 0; keys != NULL && i < slip_pg_rows_get_n_rows (keys); i++)
    {
      gboolean itself = g_str_equal (slip_pg_rows_get (keys, i, 2), "t");
      g_autofree char *but
          = itself ? slip_stage_sql (
                " AND NOT EXISTS (SELECT FROM slip_undo v WHERE v.op = 'I' AND v.key = %s)", own)
                   : g_strdup ("");
      g_auto (GStrv) rows = slip_stage_sql_ask_list (
          undo->target, "look for rows that depend on the run's", error,
          "SELECT %L || ' ' || left (c::text, 60) || ' depends on ' || u.key FROM %s AS c JOIN %s "
          "AS p ON %s\n"
          "  JOIN slip_undo u ON u.key = %s AND u.op = 'I' WHERE true%s ORDER BY 1 LIMIT 5",
          slip_pg_rows_get (keys, i, 0), slip_pg_rows_get (keys, i, 0), name,
          slip_pg_rows_get (keys, i, 1), parent, but);

      if (!refuse (rows, schema, table, "later rows depend on rows of the run", error))
        return FALSE;
    }
  return keys != NULL;
}

/* The table's own triggers would write the time of the undo into rows that must be as they were. */
static gboolean
switch_triggers (Undo *undo,
                 const char *schema,
                 const char *table,
                 char **triggers,
                 const char *word,
                 GError **error)
{
  for (guint i = 0; triggers[i] != NULL; i++)
    if (!slip_stage_sql_run (undo->target, "triggers", error, "ALTER TABLE %I.%I %s TRIGGER %I",
                             schema, table, word, triggers[i]))
      return FALSE;
  return TRUE;
}

/* Columns that can be written, but those of identity @but: what the server always gives ('a') is inserted, never updated. */
static char **
list_columns (Undo *undo, const char *schema, const char *table, const char *but, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);

  return slip_stage_sql_ask_list (
      undo->target, "list columns", error,
      "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped AND attgenerated = '' AND attidentity <> %L ORDER BY attnum",
      name, but);
}

static gboolean
put_replaced_back (
    Undo *undo, const char *schema, const char *table, const char *key, GError **error)
{
  g_autoptr (GString) set = g_string_new (NULL);
  g_auto (GStrv) columns = list_columns (undo, schema, table, "a", error);

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    slip_stage_sql_append (set, "%s%I = (x.r).%I", i > 0 ? ", " : "", columns[i], columns[i]);
  return columns != NULL
         && (set->len == 0
             || slip_stage_sql_run (
                 undo->target, "put replaced rows back", error,
                 "UPDATE %I.%I AS t SET %s FROM (SELECT key, replaced::%I.%I AS r FROM "
                 "slip_undo WHERE op = 'U') AS x WHERE %s = x.key",
                 schema, table, set->str, schema, table, key));
}

static gboolean
remove_inserted (Undo *undo, const char *schema, const char *table, const char *key, GError **error)
{
  if (has_key (key))
    return slip_stage_sql_run (
        undo->target, "remove inserted rows", error,
        "DELETE FROM %I.%I AS t USING slip_undo AS u WHERE u.op = 'I' AND %s = u.key", schema,
        table, key);
  return slip_stage_sql_run (
      undo->target, "remove inserted rows", error,
      "DELETE FROM %I.%I WHERE (tableoid, ctid) IN (SELECT h.part, h.place FROM\n"
      "  (SELECT t.tableoid AS part, t.ctid AS place, %s AS key, row_number() OVER (PARTITION BY "
      "%s) "
      "AS n FROM %I.%I AS t) AS h\n"
      "  JOIN (SELECT key, count(*) AS n FROM slip_undo WHERE op = 'I' GROUP BY 1) AS u ON u.key = "
      "h.key AND h.n <= u.n)",
      schema, table, key, key, schema, table);
}

static gboolean
put_deleted_back (Undo *undo, const char *schema, const char *table, GError **error)
{
  g_auto (GStrv) columns = list_columns (undo, schema, table, "-", error);
  g_autofree char *list = NULL;
  g_autofree char *values = NULL;

  if (columns == NULL)
    return FALSE;
  list = slip_migration_run_join_names (columns, "");
  values = slip_migration_run_join_names (columns, "(x.r).");
  return slip_stage_sql_run (
      undo->target, "put deleted rows back", error,
      "INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT "
      "replaced::%I.%I AS r FROM slip_undo WHERE op = 'D') AS x",
      schema, table, list, values, schema, table);
}

static gboolean
put_back (Undo *undo, const char *schema, const char *table, const char *key, GError **error)
{
  return put_replaced_back (undo, schema, table, key, error)
         && check_dependents (undo, schema, table, error)
         && remove_inserted (undo, schema, table, key, error)
         && put_deleted_back (undo, schema, table, error);
}

/* The lock waits for those who refer to a row and have not committed, and lets nobody begin: a key could cascade to theirs. */
static gboolean
undo_table (Undo *undo, const char *schema, const char *table, GError **error)
{
  g_autofree char *key = slip_migration_run_dup_key (undo->target, schema, table, "t", error);
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  g_auto (GStrv) triggers = NULL;
  gint64 rows = 0;

  if (key == NULL
      || !slip_stage_sql_run (undo->target, "lock a table", error,
                              "LOCK TABLE %I.%I IN EXCLUSIVE MODE", schema, table)
      || (!has_key (key)
          && !slip_stage_sql_run (
              undo->target, "tell updates apart", error,
              "INSERT INTO slip_undo (key, op, hash, replaced) SELECT key, 'D', 0, replaced FROM "
              "slip_undo WHERE op = 'U'; UPDATE slip_undo SET op = 'I' WHERE op = 'U'"))
      || !slip_stage_sql_run (undo->target, "look at a table's changes", error, "ANALYZE slip_undo")
      || !slip_stage_sql_ask_number (undo->target, "count rows to take back", &rows, error,
                                     "SELECT count (*) FROM slip_undo")
      || !check_unchanged (undo, schema, table, key, error))
    return FALSE;
  undo->rows += rows;
  triggers
      = slip_stage_sql_ask_list (undo->target, "list triggers", error,
                                 "SELECT tgname FROM pg_trigger WHERE tgrelid = %L::regclass AND "
                                 "NOT tgisinternal AND tgenabled = 'O'",
                                 name);
  return triggers != NULL && switch_triggers (undo, schema, table, triggers, "DISABLE", error)
         && put_back (undo, schema, table, key, error)
         && switch_triggers (undo, schema, table, triggers, "ENABLE", error)
         && slip_stage_sql_run (undo->target, "done with a table", error, "DROP TABLE slip_undo");
}

/* ---- hooks, then tables, the last first */

/* A row's versions that came, and those that went: what is left of both is what hooks did to the table, however often and in
 * whatever order. */
static gboolean
undo_hooked (Undo *undo, const char *schema, const char *table, GError **error)
{
  g_autofree char *key = slip_migration_run_dup_key (undo->target, schema, table, "t", error);

  return key != NULL
         && slip_stage_sql_run (
             undo->target, "gather what hooks changed", error,
             "CREATE TEMP TABLE slip_undo ON COMMIT DROP AS\n"
             "WITH ours AS (SELECT before, after FROM slipway_migration.change\n"
             "   WHERE token = %L AND table_schema = %L AND table_name = %L),\n"
             "net AS (SELECT v, sum (n) AS n FROM (SELECT after AS v, 1 AS n FROM ours UNION ALL\n"
             "   SELECT before, -1 FROM ours) AS one WHERE v IS NOT NULL GROUP BY v HAVING sum (n) "
             "<> 0),\n"
             "keyed AS MATERIALIZED (SELECT net.v, net.n, %s AS key FROM net CROSS JOIN LATERAL "
             "(SELECT (net.v::%I.%I).*) AS t)\n"
             "SELECT key, (CASE WHEN went.v IS NULL THEN 'I' WHEN came.v IS NULL THEN 'D' ELSE 'U' "
             "END)::\"char\" AS op, hashtextextended (came.v, 0) AS hash, went.v AS replaced\n"
             "  FROM (SELECT * FROM keyed WHERE n > 0) AS came FULL JOIN (SELECT * FROM keyed "
             "WHERE "
             "n < 0) AS went USING (key)\n"
             " CROSS JOIN LATERAL generate_series (1, abs (coalesce (came.n, went.n)))",
             undo->token, schema, table, key, schema, table)
         && undo_table (undo, schema, table, error);
}

/* One after the other, and again those that had to wait for another: rows that come back may refer to rows that do. */
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

      before = left;
      for (guint i = 0; i < n; i++)
        {
          gint64 rows = undo->rows;

          if (done[i])
            continue;
          if (!slip_stage_sql_run (undo->target, "begin a table", error, "SAVEPOINT slip_table"))
            return FALSE;
          done[i] = undo_hooked (undo, slip_pg_rows_get (tables, i, 0),
                                 slip_pg_rows_get (tables, i, 1), first == NULL ? &first : NULL);
          left -= done[i];
          if (done[i])
            continue;
          undo->rows = rows;
          if (!slip_stage_sql_run (undo->target, "go back before a table", error,
                                   "ROLLBACK TO SAVEPOINT slip_table"))
            return FALSE;
        }
      if (left == before && left > 0)
        {
          g_propagate_error (error, g_steal_pointer (&first));
          return FALSE;
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
         && slip_stage_sql_run (undo->target, "watch no longer", error,
                                "SELECT slipway_migration.unwatch ()")
         && undo_each_hooked (undo, tables, error)
         && slip_stage_sql_run (
             undo->target, "forget what hooks changed", error,
             "DELETE FROM slipway_migration.change WHERE token = %L; DELETE FROM "
             "slipway_migration.load WHERE token = %L AND "
             "table_name IS NULL",
             undo->token, undo->token);
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

      if (!slip_stage_sql_run (
              undo->target, "gather what was loaded", error,
              "CREATE TEMP TABLE slip_undo ON COMMIT DROP AS SELECT key, op, hash, "
              "replaced FROM slipway_migration.row WHERE load = %D",
              id)
          || !undo_table (undo, slip_pg_rows_get (parts, i, 1), slip_pg_rows_get (parts, i, 2),
                          error)
          || !slip_stage_sql_run (undo->target, "forget what was loaded", error,
                                  "DELETE FROM slipway_migration.row WHERE load = %D; DELETE FROM "
                                  "slipway_migration.load WHERE id = %D",
                                  id, id))
        return FALSE;
    }
  return parts != NULL;
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
             "COMMITTED; SET CONSTRAINTS ALL IMMEDIATE")
         && undo_hooks (undo, error) && (!tables || undo_tables (undo, error))
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
                             "%s; DELETE FROM slipway.file WHERE table_schema = %L", drops,
                             undo->schemas[0]);
}

static gboolean
undo_stages (Undo *undo, guint from, gboolean whole, GError **error)
{
  const char *const *stages = slip_migration_run_get_stages ();

  if (!slip_stage_sql_run (undo->pg, "begin to take back", error,
                           "SET client_min_messages = warning; BEGIN"))
    return FALSE;
  for (guint i = from; stages[i] != NULL; i++)
    if (!undo_stage (undo, stages[i], error)
        || !slip_stage_sql_run (
            undo->pg, "note the stage", error,
            "UPDATE slipway.stage SET state = 'undone', ended = coalesce (ended, "
            "clock_timestamp ()) WHERE run = %D AND stage = %L",
            undo->run, stages[i]))
      return FALSE;
  return slip_stage_sql_run (
      undo->pg, "end to take back", error,
      "UPDATE slipway.run SET state = CASE WHEN state = 'undone' THEN state ELSE %L END, "
      "ended = clock_timestamp () WHERE id = %D; COMMIT",
      whole ? "undone" : "taken back in part", undo->run);
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
      return FALSE;
    }
  if (!undo_stages (undo, (guint)from, stage == NULL, error))
    {
      slip_pg_rollback (undo->pg);
      return FALSE;
    }
  if (from <= load
      && !slip_stage_compare_counts (undo->pg, undo->target, undo->run, &undo->note, NULL))
    undo->note = g_strdup ("the target's rows could not be counted");
  return TRUE;
}

gboolean
slip_migration_run_undo (const char *migration_db,
                         const char *target_db,
                         gint64 run,
                         const char *stage,
                         gint64 *rows,
                         char **note,
                         GCancellable *cancellable,
                         GError **error)
{
  Undo undo = {.run = run};
  gboolean ok = FALSE;

  g_return_val_if_fail (migration_db != NULL && target_db != NULL && rows != NULL && note != NULL,
                        FALSE);

  undo.pg = slip_pg_open (migration_db, "migration database", cancellable, error);
  if (undo.pg != NULL)
    undo.target = slip_pg_open (target_db, "target database", cancellable, error);
  if (undo.target != NULL)
    ok = take_back (&undo, stage, error);
  *rows = undo.rows;
  *note = undo.note;
  g_clear_pointer (&undo.pg, slip_pg_close);
  g_clear_pointer (&undo.target, slip_pg_close);
  g_free (undo.token);
  g_strfreev (undo.schemas);
  return ok;
}
