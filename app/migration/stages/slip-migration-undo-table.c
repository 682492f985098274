/* SPDX-License-Identifier: MIT */
/* One table of a run that is taken back, in the transaction of slip-migration-run-undo.c: the temporary table slip_undo (key, op,
 * hash, replaced) says what was done to it. Without a primary key rows are known by all that they are, so that of those that
 * are alike as many go as came: an update is a row that came and one that went. */

#include "slip-migration-run-private.h"

static gboolean
check_there (const SlipUndoTable *undo, GError **error)
{
  gboolean there = FALSE;

  if (!slip_migration_run_has_table (undo->target, undo->schema, undo->table, &there, error))
    return FALSE;
  if (!there)
    SLIP_STAGE_ERROR (
        error, STATE,
        "there is no table %s.%s any more, and rows of the run were in it. Nothing was "
        "taken back. Give the table its name again, or restore a snapshot",
        undo->schema, undo->table);
  return there;
}

/* Columns that came since are left as they are; one that went took with it what was written there. */
static gboolean
find_shape (SlipUndoTable *undo, char **noted, GError **error)
{
  g_auto (GStrv) now
      = slip_migration_row_list_columns (undo->target, undo->schema, undo->table, error);
  g_autofree char *list = NULL;

  if (now == NULL)
    return FALSE;
  undo->type = slip_stage_sql ("%I.%I", undo->schema, undo->table);
  if (noted[0] == NULL || g_strv_equal ((const char *const *)noted, (const char *const *)now))
    {
      undo->columns = g_steal_pointer (&now);
      return TRUE;
    }
  for (guint i = 0; noted[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *)now, noted[i]))
      {
        SLIP_STAGE_ERROR (error, STATE,
                          "%s.%s has no column %s any more, which the run wrote. Nothing was taken "
                          "back. Give it back its column, or restore a snapshot",
                          undo->schema, undo->table, noted[i]);
        return FALSE;
      }
  undo->columns = g_strdupv (noted);
  list = slip_migration_run_join_names (undo->columns, "");
  if (!slip_stage_sql_run (undo->target, "make a row as it was written", error,
                           "DROP TABLE IF EXISTS pg_temp.slip_shape; CREATE TEMP TABLE slip_shape "
                           "ON COMMIT DROP AS SELECT %s FROM %s WITH NO DATA",
                           list, undo->type))
    return FALSE;
  g_free (undo->type);
  undo->type = g_strdup ("pg_temp.slip_shape");
  return TRUE;
}

/* Before anything else is done with a table: target, schema and table are set, @noted is what the manifest has of a row's
 * columns, or empty. */
gboolean
slip_migration_undo_open (SlipUndoTable *undo, char **noted, GError **error)
{
  if (!check_there (undo, error) || !find_shape (undo, noted, error))
    return FALSE;
  undo->row = slip_migration_row_dup_text (undo->columns, "t");
  undo->key = slip_migration_run_dup_key (undo->target, undo->schema, undo->table, "t", error);
  if (undo->key == NULL)
    return FALSE;
  undo->keyed = !g_str_equal (undo->key, "t::text");
  if (undo->keyed)
    return TRUE;
  g_free (undo->key);
  undo->key = g_strdup (undo->row);
  return TRUE;
}

void
slip_migration_undo_close (SlipUndoTable *undo)
{
  g_clear_pointer (&undo->columns, g_strfreev);
  g_clear_pointer (&undo->row, g_free);
  g_clear_pointer (&undo->type, g_free);
  g_clear_pointer (&undo->key, g_free);
}

/* The table's own triggers and rules would write the time of the undo into rows that must be as they were, or something
 * else instead. Those that fire always do so again afterwards. */
static SlipPgRows *
list_reactions (const SlipUndoTable *undo, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", undo->schema, undo->table);

  return slip_stage_sql_ask (
      undo->target, "list triggers", error,
      "SELECT format ('TRIGGER %%I', tgname), CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE "
      "'ENABLE' END FROM pg_trigger\n"
      " WHERE tgrelid = %L::regclass AND NOT tgisinternal AND tgenabled IN ('O', 'A')\n"
      "UNION ALL SELECT format ('RULE %%I', rulename), CASE ev_enabled WHEN 'A' THEN 'ENABLE "
      "ALWAYS' ELSE 'ENABLE' END FROM pg_rewrite\n"
      " WHERE ev_class = %L::regclass AND rulename <> '_RETURN' AND ev_enabled IN ('O', 'A')",
      name, name);
}

static gboolean
switch_reactions (const SlipUndoTable *undo,
                  const SlipPgRows *reactions,
                  gboolean on,
                  GError **error)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (reactions); i++)
    if (!slip_stage_sql_run (undo->target, "triggers", error, "ALTER TABLE %I.%I %s %s",
                             undo->schema, undo->table,
                             on ? slip_pg_rows_get (reactions, i, 1) : "DISABLE",
                             slip_pg_rows_get (reactions, i, 0)))
      return FALSE;
  return TRUE;
}

/* Columns of the run that can be written, but those of identity @but: what the server always gives ('a') is inserted, never updated. */
static char **
list_columns (const SlipUndoTable *undo, const char *but, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", undo->schema, undo->table);
  g_autofree char *noted = slip_migration_row_dup_array (undo->columns);

  return slip_stage_sql_ask_list (
      undo->target, "list columns", error,
      "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass AND attnum > 0 AND NOT "
      "attisdropped AND attgenerated = '' AND attidentity <> %L AND attname = ANY (%s) ORDER BY "
      "attnum",
      name, but, noted);
}

static gboolean
put_replaced_back (const SlipUndoTable *undo, GError **error)
{
  g_autoptr (GString) set = g_string_new (NULL);
  g_auto (GStrv) columns = list_columns (undo, "a", error);

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    slip_stage_sql_append (set, "%s%I = (x.r).%I", i > 0 ? ", " : "", columns[i], columns[i]);
  return columns != NULL
         && (set->len == 0
             || slip_stage_sql_run (
                 undo->target, "put replaced rows back", error,
                 "UPDATE %I.%I AS t SET %s FROM (SELECT key, replaced::%s AS r FROM "
                 "slip_undo WHERE op = 'U') AS x WHERE %s = x.key",
                 undo->schema, undo->table, set->str, undo->type, undo->key));
}

static gboolean
remove_inserted (const SlipUndoTable *undo, GError **error)
{
  if (undo->keyed)
    return slip_stage_sql_run (
        undo->target, "remove inserted rows", error,
        "DELETE FROM %I.%I AS t USING slip_undo AS u WHERE u.op = 'I' AND %s = u.key", undo->schema,
        undo->table, undo->key);
  return slip_stage_sql_run (
      undo->target, "remove inserted rows", error,
      "DELETE FROM %I.%I WHERE (tableoid, ctid) IN (SELECT h.part, h.place FROM\n"
      "  (SELECT t.tableoid AS part, t.ctid AS place, %s AS key, row_number() OVER (PARTITION BY "
      "%s) "
      "AS n FROM %I.%I AS t) AS h\n"
      "  JOIN (SELECT key, count(*) AS n FROM slip_undo WHERE op = 'I' GROUP BY 1) AS u ON u.key = "
      "h.key AND h.n <= u.n)",
      undo->schema, undo->table, undo->key, undo->key, undo->schema, undo->table);
}

static gboolean
put_deleted_back (const SlipUndoTable *undo, GError **error)
{
  g_auto (GStrv) columns = list_columns (undo, "-", error);
  g_autofree char *list = NULL;
  g_autofree char *values = NULL;

  if (columns == NULL)
    return FALSE;
  list = slip_migration_run_join_names (columns, "");
  values = slip_migration_run_join_names (columns, "(x.r).");
  return slip_stage_sql_run (
      undo->target, "put deleted rows back", error,
      "INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM (SELECT "
      "replaced::%s AS r FROM slip_undo WHERE op = 'D') AS x",
      undo->schema, undo->table, list, values, undo->type);
}

/* What keeps rows is told of all tables at once: from the first one on that has any nothing is written any more, for the
 * transaction ends without effect. */
static gboolean
put_back (const SlipUndoTable *undo, GError **error)
{
  if (undo->refused->len > 0)
    return slip_migration_undo_keep (undo, error)
           && slip_migration_undo_check_dependents (undo, error);
  if (!put_replaced_back (undo, error) || !slip_migration_undo_check_dependents (undo, error))
    return FALSE;
  if (undo->refused->len > 0)
    return slip_migration_undo_keep (undo, error);
  return remove_inserted (undo, error) && put_deleted_back (undo, error);
}

/* The lock waits for those who refer to a row and have not committed, and lets nobody begin: a key could cascade to theirs. What
 * keeps rows of the run is added to `refused`; only what the server refuses is an error. */
gboolean
slip_migration_undo_table (SlipUndoTable *undo, gint64 *taken, GError **error)
{
  g_autoptr (SlipPgRows) reactions = NULL;
  gint64 rows = 0;

  if (!slip_stage_sql_run (undo->target, "lock a table", error,
                           "LOCK TABLE %I.%I IN EXCLUSIVE MODE", undo->schema, undo->table)
      || (!undo->keyed
          && !slip_stage_sql_run (
              undo->target, "tell updates apart", error,
              "INSERT INTO slip_undo (key, op, hash, replaced) SELECT key, 'D', 0, replaced FROM "
              "slip_undo WHERE op = 'U'; UPDATE slip_undo SET op = 'I' WHERE op = 'U'"))
      || !slip_stage_sql_run (undo->target, "look at a table's changes", error, "ANALYZE slip_undo")
      || !slip_stage_sql_ask_number (undo->target, "count rows to take back", &rows, error,
                                     "SELECT count (*) FROM slip_undo")
      || !slip_migration_undo_check_unchanged (undo, error))
    return FALSE;
  *taken += rows;
  reactions = list_reactions (undo, error);
  return reactions != NULL && switch_reactions (undo, reactions, FALSE, error)
         && put_back (undo, error) && switch_reactions (undo, reactions, TRUE, error)
         && slip_stage_sql_run (undo->target, "done with a table", error, "DROP TABLE slip_undo");
}
