/* SPDX-License-Identifier: MIT */
/* What keeps a run from being taken back: rows of it that somebody changed since, and rows of others that depend on them. Of
 * each table it is told how many there are. The temporary table slip_kept has rows of the run that stand because of that, in
 * tables that were looked at before; no row is kept by these. */

#include "slip-migration-run-private.h"

#define TOLD 5

/* @rows: how many there are in all, and what is told of one; @one and @many: what they are. */
static void
refuse (const SlipUndoTable *undo, const SlipPgRows *rows, const char *one, const char *many)
{
  guint n = slip_pg_rows_get_n_rows (rows);
  g_autoptr (GString) told = NULL;
  gint64 all;

  if (n == 0)
    return;
  all = slip_pg_rows_get_int (rows, 0, 0);
  told = g_string_new (NULL);
  g_string_append_printf (told, "%s.%s: %" G_GINT64_FORMAT " %s: ", undo->schema, undo->table, all,
                          all == 1 ? one : many);
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *value = slip_migration_dup_told (slip_pg_rows_get (rows, i, 1));

      g_string_append_printf (told, "%s%s", i > 0 ? ", " : "", value);
    }
  if (all > (gint64)n)
    g_string_append (told, " …");
  g_ptr_array_add (undo->refused, g_string_free (g_steal_pointer (&told), FALSE));
}

/* Rows that hooks changed stand as hooks left them, where these could not be taken back. */
static char *
dup_but_hooked (const SlipUndoTable *undo)
{
  return undo->hooked != NULL
             ? slip_stage_sql (" AND NOT EXISTS (SELECT FROM slipway_migration.change AS h WHERE "
                               "h.token = %L AND h.table_schema = %L AND h.table_name = %L AND "
                               "hashtextextended (h.before, 0) = u.hash)",
                               undo->hooked, undo->schema, undo->table)
             : g_strdup ("");
}

gboolean
slip_migration_undo_check_unchanged (const SlipUndoTable *undo, GError **error)
{
  g_autofree char *but = dup_but_hooked (undo);
  g_autofree char *sql
      = undo->keyed ? slip_stage_sql (
            "SELECT count(*) OVER (), u.key FROM slip_undo u LEFT JOIN %I.%I AS t ON %s = u.key\n"
            " WHERE u.op <> 'D' AND hashtextextended (%s, 0) IS DISTINCT FROM u.hash%s ORDER "
            "BY 2 LIMIT %D",
            undo->schema, undo->table, undo->key, undo->row, but, (gint64)TOLD)
                    : slip_stage_sql (
                        "SELECT sum (u.n - coalesce (h.n, 0)) OVER (), key FROM (SELECT key, "
                        "count(*) AS n "
                        "FROM slip_undo AS u WHERE op = 'I'%s\n"
                        "  GROUP BY 1) AS u LEFT JOIN (SELECT %s AS key, count(*) AS n FROM %I.%I "
                        "AS t GROUP BY 1) AS h USING (key)\n"
                        " WHERE u.n > coalesce (h.n, 0) ORDER BY 2 LIMIT %D",
                        but, undo->key, undo->schema, undo->table, (gint64)TOLD);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      undo->target, "look for rows that were changed since", error, "%s", sql);

  if (rows == NULL)
    return FALSE;
  refuse (undo, rows, "row of the run was changed or deleted since",
          "rows of the run were changed or deleted since");
  return TRUE;
}

/* What a row of the table is known by, by another name of it. */
static char *
dup_key (const SlipUndoTable *undo, const char *alias, GError **error)
{
  return undo->keyed
             ? slip_migration_run_dup_key (undo->target, undo->schema, undo->table, alias, error)
             : slip_migration_row_dup_text (undo->columns, alias);
}

/* SQL: of rows `c` of table @name those that are not of the run. */
static char *
dup_of_others (const SlipUndoTable *undo,
               const char *schema,
               const char *table,
               gboolean itself,
               GError **error)
{
  g_autofree char *own = itself
                             ? dup_key (undo, "c", error)
                             : slip_migration_run_dup_key (undo->target, schema, table, "c", error);
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);
  GString *but;

  if (own == NULL)
    return NULL;
  but = g_string_new (NULL);
  if (itself)
    slip_stage_sql_append (
        but, " AND NOT EXISTS (SELECT FROM slip_undo v WHERE v.op = 'I' AND v.key = %s)", own);
  if (undo->refused->len > 0)
    slip_stage_sql_append (but,
                           " AND NOT EXISTS (SELECT FROM slip_kept k WHERE k.relation = "
                           "%L::regclass AND k.key = %s)",
                           name, own);
  if (undo->hooked != NULL)
    slip_stage_sql_append (but,
                           " AND NOT EXISTS (SELECT FROM slipway_migration.change AS h WHERE "
                           "h.token = %L AND h.table_schema = %L AND h.table_name = %L AND h.after "
                           "= c::text)",
                           undo->hooked, schema, table);
  return g_string_free (but, FALSE);
}

static gboolean
check_key (const SlipUndoTable *undo, const SlipPgRows *keys, guint i, GError **error)
{
  const char *child = slip_pg_rows_get (keys, i, 0);
  g_autofree char *parent = dup_key (undo, "p", error);
  g_autofree char *but
      = dup_of_others (undo, slip_pg_rows_get (keys, i, 3), slip_pg_rows_get (keys, i, 4),
                       g_str_equal (slip_pg_rows_get (keys, i, 2), "t"), error);
  g_autoptr (SlipPgRows) rows = NULL;

  if (parent == NULL || but == NULL)
    return FALSE;
  rows = slip_stage_sql_ask (
      undo->target, "look for rows that depend on the run's", error,
      "SELECT count(*) OVER (), %L || ' ' || left (c::text, 60) || ' depends on ' || u.key FROM %s "
      "AS c JOIN %I.%I AS p ON %s\n"
      "  JOIN slip_undo u ON u.key = %s AND u.op = 'I' WHERE true%s ORDER BY 2 LIMIT %D",
      child, child, undo->schema, undo->table, slip_pg_rows_get (keys, i, 1), parent, but,
      (gint64)TOLD);
  if (rows == NULL)
    return FALSE;
  refuse (undo, rows, "later row depends on rows of the run",
          "later rows depend on rows of the run");
  return TRUE;
}

gboolean
slip_migration_undo_check_dependents (const SlipUndoTable *undo, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", undo->schema, undo->table);
  g_autoptr (SlipPgRows) keys = slip_stage_sql_ask (
      undo->target, "list what refers to a table", error,
      "SELECT o.conrelid::regclass, string_agg (format ('c.%%I = p.%%I', a.attname, b.attname), ' "
      "AND '),\n"
      "       o.conrelid = o.confrelid, n.nspname, r.relname\n"
      "  FROM pg_constraint o CROSS JOIN unnest (o.conkey, o.confkey) AS k (own, its)\n"
      "  JOIN pg_attribute a ON a.attrelid = o.conrelid AND a.attnum = k.own\n"
      "  JOIN pg_attribute b ON b.attrelid = o.confrelid AND b.attnum = k.its\n"
      "  JOIN pg_class r ON r.oid = o.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace\n"
      " WHERE o.contype = 'f' AND o.confrelid = %L::regclass GROUP BY o.oid, o.conrelid, "
      "o.confrelid, n.nspname, r.relname ORDER BY 1, 2",
      name);

  for (guint i = 0; keys != NULL && i < slip_pg_rows_get_n_rows (keys); i++)
    if (!check_key (undo, keys, i, error))
      return FALSE;
  return keys != NULL;
}

/* The table's rows stand, and what refers to others of the run with them. */
gboolean
slip_migration_undo_keep (const SlipUndoTable *undo, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", undo->schema, undo->table);

  return slip_stage_sql_run (
      undo->target, "note rows that stand", error,
      "INSERT INTO slip_kept SELECT %L::regclass, key FROM slip_undo WHERE op <> 'D'; ANALYZE "
      "slip_kept",
      name);
}
