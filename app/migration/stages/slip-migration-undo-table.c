/* SPDX-License-Identifier: MIT */
/* One table of a run that is taken back, in the transaction of slip-migration-run-undo.c: the temporary table slip_undo (key, op,
 * hash, replaced) says what was done to it. Without a primary key rows are known by all that they are, so that of those that
 * are alike as many go as came: an update is a row that came and one that went. */

#include "slip-migration-run-private.h"

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
check_unchanged (
    SlipPg *target, const char *schema, const char *table, const char *key, GError **error)
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
  g_auto (GStrv) changed
      = slip_stage_sql_ask_list (target, "look for rows that were changed since", error, "%s", sql);

  return refuse (changed, schema, table, "rows of the run were changed or deleted since", error);
}

static gboolean
check_dependents (SlipPg *target, const char *schema, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  g_autofree char *parent = slip_migration_run_dup_key (target, schema, table, "p", error);
  g_autofree char *own = slip_migration_run_dup_key (target, schema, table, "c", error);
  g_autoptr (SlipPgRows) keys = NULL;

  if (parent == NULL || own == NULL)
    return FALSE;
  keys = slip_stage_sql_ask (
      target, "list what refers to a table", error,
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
          target, "look for rows that depend on the run's", error,
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

/* The table's own triggers and rules would write the time of the undo into rows that must be as they were, or something
 * else instead. Those that fire always do so again afterwards. */
static SlipPgRows *
list_reactions (SlipPg *target, const char *schema, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);

  return slip_stage_sql_ask (
      target, "list triggers", error,
      "SELECT format ('TRIGGER %%I', tgname), CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE "
      "'ENABLE' END FROM pg_trigger\n"
      " WHERE tgrelid = %L::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')\n"
      "UNION ALL SELECT format ('RULE %%I', rulename), CASE ev_enabled WHEN 'A' THEN 'ENABLE "
      "ALWAYS' ELSE 'ENABLE' END FROM pg_rewrite\n"
      " WHERE ev_class = %L::regclass AND rulename <> '_RETURN' AND ev_enabled IN ('O', 'A')",
      name, name);
}

static gboolean
switch_reactions (SlipPg *target,
                  const char *schema,
                  const char *table,
                  const SlipPgRows *reactions,
                  gboolean on,
                  GError **error)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (reactions); i++)
    if (!slip_stage_sql_run (target, "triggers", error, "ALTER TABLE %I.%I %s %s", schema, table,
                             on ? slip_pg_rows_get (reactions, i, 1) : "DISABLE",
                             slip_pg_rows_get (reactions, i, 0)))
      return FALSE;
  return TRUE;
}

/* Columns that can be written, but those of identity @but: what the server always gives ('a') is inserted, never updated. */
static char **
list_columns (
    SlipPg *target, const char *schema, const char *table, const char *but, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);

  return slip_stage_sql_ask_list (
      target, "list columns", error,
      "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped AND attgenerated = '' AND attidentity <> %L ORDER BY attnum",
      name, but);
}

static gboolean
put_replaced_back (
    SlipPg *target, const char *schema, const char *table, const char *key, GError **error)
{
  g_autoptr (GString) set = g_string_new (NULL);
  g_auto (GStrv) columns = list_columns (target, schema, table, "a", error);

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    slip_stage_sql_append (set, "%s%I = (x.r).%I", i > 0 ? ", " : "", columns[i], columns[i]);
  return columns != NULL
         && (set->len == 0
             || slip_stage_sql_run (
                 target, "put replaced rows back", error,
                 "UPDATE %I.%I AS t SET %s FROM (SELECT key, replaced::%I.%I AS r FROM "
                 "slip_undo WHERE op = 'U') AS x WHERE %s = x.key",
                 schema, table, set->str, schema, table, key));
}

static gboolean
remove_inserted (
    SlipPg *target, const char *schema, const char *table, const char *key, GError **error)
{
  if (has_key (key))
    return slip_stage_sql_run (
        target, "remove inserted rows", error,
        "DELETE FROM %I.%I AS t USING slip_undo AS u WHERE u.op = 'I' AND %s = u.key", schema,
        table, key);
  return slip_stage_sql_run (
      target, "remove inserted rows", error,
      "DELETE FROM %I.%I WHERE (tableoid, ctid) IN (SELECT h.part, h.place FROM\n"
      "  (SELECT t.tableoid AS part, t.ctid AS place, %s AS key, row_number() OVER (PARTITION BY "
      "%s) "
      "AS n FROM %I.%I AS t) AS h\n"
      "  JOIN (SELECT key, count(*) AS n FROM slip_undo WHERE op = 'I' GROUP BY 1) AS u ON u.key = "
      "h.key AND h.n <= u.n)",
      schema, table, key, key, schema, table);
}

static gboolean
put_deleted_back (SlipPg *target, const char *schema, const char *table, GError **error)
{
  g_auto (GStrv) columns = list_columns (target, schema, table, "-", error);
  g_autofree char *list = NULL;
  g_autofree char *values = NULL;

  if (columns == NULL)
    return FALSE;
  list = slip_migration_run_join_names (columns, "");
  values = slip_migration_run_join_names (columns, "(x.r).");
  return slip_stage_sql_run (
      target, "put deleted rows back", error,
      "INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT "
      "replaced::%I.%I AS r FROM slip_undo WHERE op = 'D') AS x",
      schema, table, list, values, schema, table);
}

static gboolean
put_back (SlipPg *target, const char *schema, const char *table, const char *key, GError **error)
{
  return put_replaced_back (target, schema, table, key, error)
         && check_dependents (target, schema, table, error)
         && remove_inserted (target, schema, table, key, error)
         && put_deleted_back (target, schema, table, error);
}

/* The lock waits for those who refer to a row and have not committed, and lets nobody begin: a key could cascade to theirs. */
gboolean
slip_migration_undo_table (
    SlipPg *target, const char *schema, const char *table, gint64 *taken, GError **error)
{
  g_autofree char *key = slip_migration_run_dup_key (target, schema, table, "t", error);
  g_autoptr (SlipPgRows) reactions = NULL;
  gint64 rows = 0;

  if (key == NULL
      || !slip_stage_sql_run (target, "lock a table", error, "LOCK TABLE %I.%I IN EXCLUSIVE MODE",
                              schema, table)
      || (!has_key (key)
          && !slip_stage_sql_run (
              target, "tell updates apart", error,
              "INSERT INTO slip_undo (key, op, hash, replaced) SELECT key, 'D', 0, replaced FROM "
              "slip_undo WHERE op = 'U'; UPDATE slip_undo SET op = 'I' WHERE op = 'U'"))
      || !slip_stage_sql_run (target, "look at a table's changes", error, "ANALYZE slip_undo")
      || !slip_stage_sql_ask_number (target, "count rows to take back", &rows, error,
                                     "SELECT count (*) FROM slip_undo")
      || !check_unchanged (target, schema, table, key, error))
    return FALSE;
  *taken += rows;
  reactions = list_reactions (target, schema, table, error);
  return reactions != NULL && switch_reactions (target, schema, table, reactions, FALSE, error)
         && put_back (target, schema, table, key, error)
         && switch_reactions (target, schema, table, reactions, TRUE, error)
         && slip_stage_sql_run (target, "done with a table", error, "DROP TABLE slip_undo");
}
