/* SPDX-License-Identifier: MIT */
/* How one staged table goes into the target: chunk by chunk of staging's blocks, each with its manifest in one transaction.
 * Staging is written once, so that "before block N" names the same rows whenever it is asked; the order of the keys is
 * that of the blocks nearly, for a small row may stand in what was left of an earlier block. A table whose rows refer to rows of its own goes in one chunk: constraints are judged at the end of each statement. */

#include "slip-migration-run-private.h"

#include <string.h>

#define CHUNK_ROWS 50000

typedef struct
{
  SlipMigrationRun *run;
  const SlipTargetTable *table;
  char **names;   /* columns that go */
  char *list;     /* the same, quoted */
  char **written; /* columns that the manifest has of a row */
  char *key;      /* SQL: what a row `t` of the target is known by */
  gint64 staged;  /* rows */
  gint64 updates; /* rows of these that the target has */
  gint64 blocks;  /* of the staged table */
  gint64 step;    /* blocks of one chunk */
  SlipStagePart part;
  gboolean
      ending; /* whether the chunk's end was sent, so that nobody here knows whether it is in */
} Chunks;

static void
chunks_clear (Chunks *chunks)
{
  g_strfreev (chunks->names);
  g_strfreev (chunks->written);
  g_free (chunks->list);
  g_free (chunks->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Chunks, chunks_clear)

/* Of a run: name → SlipStagePart. */
GHashTable *
slip_stage_parts (SlipMigrationRun *run, GError **error)
{
  g_autoptr (GHashTable) parts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->target, "read the manifest", error,
      "SELECT part, id, inserted, updated, next_block, complete::int FROM slipway_migration.load "
      "WHERE token = %L",
      run->token);

  for (guint i = 0; rows != NULL && i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipStagePart *part = g_new (SlipStagePart, 1);

      *part = (SlipStagePart){slip_pg_rows_get_int (rows, i, 1), slip_pg_rows_get_int (rows, i, 2),
                              slip_pg_rows_get_int (rows, i, 3), slip_pg_rows_get_int (rows, i, 4),
                              slip_pg_rows_get_int (rows, i, 5) != 0};
      g_hash_table_insert (parts, g_strdup (slip_pg_rows_get (rows, i, 0)), part);
    }
  return rows != NULL ? g_steal_pointer (&parts) : NULL;
}

/* ---- one chunk */

static void
on_rows (guint64 rows, guint64 bytes, gpointer data)
{
  Chunks *chunks = data;

  slip_migration_run_tell (chunks->run, "load_to_target", chunks->table->name, "rows",
                           rows + (guint64)(chunks->part.inserted + chunks->part.updated),
                           (guint64)chunks->staged, "rows");
}

static gboolean
send_rows (Chunks *chunks, gint64 until, guint64 *rows, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  g_autofree char *out = slip_stage_sql (
      "COPY (SELECT %s, migration_method FROM %I.%I WHERE ctid >= '(%D,0)' AND ctid < '(%D,0)') TO "
      "STDOUT (FORMAT binary)",
      chunks->list, run->schemas->staging, chunks->table->name, chunks->part.next_block, until);
  g_autofree char *in = slip_stage_sql (
      "COPY slip_in (%s, migration_method) FROM STDIN (FORMAT binary)", chunks->list);
  g_autofree char *name = g_strdup_printf ("load %s: send rows", chunks->table->name);

  if (!slip_stage_sql_run (run->target, "empty the room for rows", error, "TRUNCATE slip_in"))
    return FALSE;
  slip_pg_name_statement (run->target, name);
  return slip_pg_copy_between (run->pg, out, run->target, in, on_rows, chunks, rows, error)
         && (chunks->updates == 0
             || slip_stage_sql_run (run->target, "look at a chunk", error,
                                    "ANALYZE slip_in (migration_method, %I)",
                                    chunks->table->primary_key));
}

static gboolean
insert_rows (Chunks *chunks, guint64 *rows, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  g_autofree char *name = g_strdup_printf ("load %s: insert", chunks->table->name);
  g_autofree char *row = slip_migration_row_dup_text (chunks->written, "t");
  g_autofree char *sql = slip_stage_sql (
      "WITH written AS (INSERT INTO %I.%I AS t (%s) OVERRIDING SYSTEM VALUE\n"
      "  SELECT %s FROM slip_in WHERE migration_method = 'INSERT' RETURNING %s AS key, "
      "hashtextextended (%s, 0) AS hash)\n"
      "INSERT INTO slipway_migration.row (load, key, op, hash) SELECT %D, key, 'I', hash FROM "
      "written",
      run->schemas->target, chunks->table->name, chunks->list, chunks->list, chunks->key, row,
      chunks->part.id);

  slip_pg_name_statement (run->target, name);
  return slip_pg_run_counted (run->target, sql, rows, error);
}

/* A row that another session holds is waited for here, and not in the update: that would read it anew and keep, as what it
 * replaced, the row from before that session. A statement of its own sees what was committed meanwhile. */
static gboolean
lock_matched (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const SlipTargetTable *table = chunks->table;
  g_autofree char *name = g_strdup_printf ("load %s: wait for rows", table->name);

  return slip_stage_sql_run (
      run->target, name, error,
      "SELECT count (*) FROM (SELECT FROM %I.%I AS t WHERE t.%I IN\n"
      "  (SELECT n.%I FROM slip_in AS n WHERE n.migration_method = 'UPDATE') ORDER BY t.%I\n"
      "  FOR NO KEY UPDATE OF t) AS held",
      run->schemas->target, table->name, table->primary_key, table->primary_key,
      table->primary_key);
}

/* A row that was matched may be another one's by the time that it is held: it is looked at under the lock, from which on
 * nobody changes it. */
static gboolean
check_matched (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const SlipTargetTable *table = chunks->table;
  const char *match = table->existing->match_field;
  g_autofree char *names = NULL;
  g_auto (GStrv) changed = NULL;

  if (!g_strv_contains ((const char *const *)chunks->names, match))
    return TRUE;
  changed = slip_stage_sql_ask_list (
      run->target, "look whether matched rows are the same", error,
      "SELECT n.%I || ' (“' || coalesce (left (n.%I::text, 40), '') || '”)' FROM slip_in AS n "
      "LEFT JOIN %I.%I AS t ON t.%I = n.%I\n"
      " WHERE n.migration_method = 'UPDATE' AND t.%I::text IS DISTINCT FROM n.%I::text ORDER BY "
      "n.%I LIMIT 5",
      table->primary_key, match, run->schemas->target, table->name, table->primary_key,
      table->primary_key, match, match, table->primary_key);
  if (changed == NULL)
    return FALSE;
  if (changed[0] == NULL)
    return TRUE;
  names = g_strjoinv (", ", changed);
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to while the load waited for its rows: %s %s is gone or "
      "has another %s. Of the %s of this chunk none is in. Put these rows back as they "
      "were, keep writers away, and run again: the load goes on behind what is in. Or "
      "take the run back: slipwayctl migrate undo %" G_GINT64_FORMAT,
      table->name, names, match, table->name, run->id);
  return FALSE;
}

/* From here to the chunk's end nobody else writes to the table: of a row that somebody has inserted and not committed nobody
 * else can know what it matches. */
static gboolean
check_appeared (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const SlipTargetTable *table = chunks->table;
  g_autofree char *staged = NULL;
  g_autofree char *told = NULL;

  if (table->existing == NULL || table->primary_key == NULL)
    return TRUE;
  staged = slip_stage_appeared_dup_staged (run, table, "slip_in", -1, error);
  if (staged == NULL || *staged == '\0')
    return staged != NULL;
  if (!slip_stage_sql_run (run->target, "hold a table", error,
                           "LOCK TABLE %I.%I IN SHARE ROW EXCLUSIVE MODE; ANALYZE slip_in (%I)",
                           run->schemas->target, table->name, table->existing->match_field))
    return FALSE;
  told = slip_stage_dup_appeared (run, table, staged, chunks->part.id, error);
  if (told == NULL || *told == '\0')
    return told != NULL;
  SLIP_STAGE_ERROR (
      error, CHANGED,
      "the target was written to while the load waited for %s: %s, which would be inserted beside "
      "it. Of the %s of this chunk none is in. Delete these rows, or give them another %s, keep "
      "writers away, and run again: the load goes on behind what is in. Or take the run back: "
      "slipwayctl migrate undo %" G_GINT64_FORMAT ", and run it anew",
      table->name, told, table->name, table->existing->match_field, run->id);
  return FALSE;
}

/* Of rows that were there already all is replaced but what the definitions protect; the row from before is kept. */
static gboolean
update_rows (Chunks *chunks, guint64 *rows, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const SlipTargetTable *table = chunks->table;
  g_autofree char *name = g_strdup_printf ("load %s: update", table->name);
  g_autofree char *row = slip_migration_row_dup_text (chunks->written, "t");
  g_autofree char *replaced = slip_migration_row_dup_text (chunks->written, "o");
  g_autofree char *sql = NULL;
  g_autoptr (GString) set = g_string_new (NULL);

  for (guint i = 0; chunks->names[i] != NULL; i++)
    if (!g_str_equal (chunks->names[i], table->primary_key)
        && !g_strv_contains ((const char *const *)table->existing->keep_columns, chunks->names[i]))
      slip_stage_sql_append (set, "%s%I = n.%I", set->len > 0 ? ", " : "", chunks->names[i],
                             chunks->names[i]);
  if (set->len == 0)
    return TRUE;
  sql = slip_stage_sql (
      "WITH written AS (UPDATE %I.%I AS t SET %s FROM slip_in AS n, %I.%I AS o\n"
      "  WHERE n.migration_method = 'UPDATE' AND t.%I = n.%I AND o.%I = n.%I RETURNING "
      "%s AS key, %s AS row, %s AS replaced)\n"
      "INSERT INTO slipway_migration.row (load, key, op, hash, replaced)\n"
      "SELECT %D, key, 'U', hashtextextended (row, 0), replaced FROM written",
      run->schemas->target, table->name, set->str, run->schemas->target, table->name,
      table->primary_key, table->primary_key, table->primary_key, table->primary_key, chunks->key,
      row, replaced, chunks->part.id);
  if (!lock_matched (chunks, error) || !check_matched (chunks, error))
    return FALSE;
  slip_pg_name_statement (run->target, name);
  return slip_pg_run_counted (run->target, sql, rows, error);
}

static gboolean
begin_chunk (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  g_autofree char *columns = slip_migration_row_dup_array (chunks->written);

  if (!slip_stage_sql_run (run->target, "begin a chunk", error,
                           "BEGIN ISOLATION LEVEL READ COMMITTED; " SLIP_STAGE_NO_WAIT))
    return FALSE;
  return chunks->part.id != 0
         || slip_stage_sql_ask_number (
             run->target, "note a table", &chunks->part.id, error,
             "INSERT INTO slipway_migration.load (token, part, table_schema, table_name, staged, "
             "complete, columns) VALUES (%L, %L, %L, %L, %D, false, %s) RETURNING id",
             run->token, chunks->table->name, run->schemas->target, chunks->table->name,
             chunks->staged, columns);
}

static gboolean
load_chunk (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  gint64 until = MIN (chunks->part.next_block + chunks->step, chunks->blocks);
  guint64 sent = 0;
  guint64 inserted = 0;
  guint64 updated = 0;
  SlipStagePart now;
  g_autoptr (SlipPgRows) before = NULL;

  if (!begin_chunk (chunks, error)
      || !slip_stage_touched_begin (run, chunks->table->name, &before, error)
      || !send_rows (chunks, until, &sent, error) || !check_appeared (chunks, error)
      || !insert_rows (chunks, &inserted, error)
      || (chunks->updates > 0 && !update_rows (chunks, &updated, error)))
    return FALSE;
  if (inserted + updated != sent)
    {
      SLIP_STAGE_ERROR (error, CHANGED,
                        "of %" G_GUINT64_FORMAT
                        " staged rows of %s the target took %" G_GUINT64_FORMAT
                        "; of these rows none is in",
                        sent, chunks->table->name, inserted + updated);
      return FALSE;
    }
  if (!slip_stage_touched_end (run, before, chunks->part.id, (gint64)sent, error))
    return FALSE;
  now = (SlipStagePart){chunks->part.id, chunks->part.inserted + (gint64)inserted,
                        chunks->part.updated + (gint64)updated, until, until >= chunks->blocks};
  chunks->ending = TRUE;
  if (!slip_stage_sql_run (run->target, "end a chunk", error,
                           "UPDATE slipway_migration.load SET inserted = %D, updated = %D, "
                           "next_block = %D, complete = %s WHERE id = %D; COMMIT",
                           now.inserted, now.updated, until, now.complete ? "true" : "false",
                           now.id))
    return FALSE;
  chunks->ending = FALSE;
  chunks->part = now;
  return TRUE;
}

/* Who is told that a connection is gone asks what of the table is in the target. Chunks do not wait for the disk, so that only a
 * server that closed the connection in order is known to have what it acknowledged; what any other has its manifest tells. */
static char *
dup_acknowledged (Chunks *chunks, const GError *error, gint64 at, gint64 n_chunks)
{
  const char *table = chunks->table->name;
  gint64 in = chunks->part.inserted + chunks->part.updated;
  gboolean measured = chunks->step > 0 || chunks->part.complete;
  g_autofree char *rows
      = measured ? g_strdup_printf ("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, in, chunks->staged)
                 : g_strdup_printf ("%" G_GINT64_FORMAT, in);
  g_autofree char *behind = NULL;

  if (!measured || chunks->part.complete)
    behind = g_strdup ("");
  else if (chunks->ending)
    behind = g_strdup_printf ("; chunk %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT
                              " is in as a whole or not at all",
                              at, n_chunks);
  else
    behind = g_strdup_printf (", and of chunk %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " none",
                              at, n_chunks);
  if (slip_migration_error_is_closed (error))
    return g_strdup_printf ("Of %s %s rows are in%s", table, rows, behind);
  return g_strdup_printf (
      "Of %s the server had acknowledged %s rows%s. If it crashed, it may have lost the last "
      "chunks "
      "that it acknowledged, of this table and of others: each as a whole, with what the manifest "
      "has of it",
      table, rows, behind);
}

static void
tell_in (Chunks *chunks, GError **error)
{
  gint64 step = MAX (chunks->step, 1);
  gint64 n_chunks = MAX ((chunks->blocks + step - 1) / step, 1);
  gint64 at = MIN (chunks->part.next_block / step + 1, n_chunks);
  g_autofree char *before = NULL;
  g_autofree char *passing = NULL;

  if (error == NULL
      || !g_error_matches (*error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION))
    return;
  passing = dup_acknowledged (chunks, *error, at, n_chunks);
  before = g_steal_pointer (&(*error)->message);
  (*error)->message = g_strdup_printf (
      "%s. Rows of %s were going in. What is in is told exactly by slipwayctl migrate status%s. "
      "Run again: the load goes on behind it",
      before, chunks->table->name,
      slip_migration_error_is_closed (*error) ? "" : ", as soon as the server is back");
  slip_migration_error_add_passing (*error, passing);
}

/* ---- a table */

/* The columns of a table that is in in part are those that its first rows were written down with. */
static gboolean
find_written (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;

  if (chunks->part.id != 0)
    {
      chunks->written = slip_migration_row_list_noted (run->target, chunks->part.id, error);
      if (chunks->written == NULL || chunks->written[0] != NULL)
        return chunks->written != NULL;
      g_clear_pointer (&chunks->written, g_strfreev);
    }
  chunks->written = slip_migration_row_list_columns (run->target, run->schemas->target,
                                                     chunks->table->name, error);
  return chunks->written != NULL;
}

static gboolean
find_columns (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  g_auto (GStrv) names = slip_migration_run_dup_common (
      run, run->schemas->staging, run->schemas->integration, chunks->table->name, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (names == NULL)
    return FALSE;
  for (guint i = 0; names[i] != NULL; i++)
    if (!g_str_equal (names[i], "migration_method") && !g_str_equal (names[i], "casrec_details"))
      g_strv_builder_add (builder, names[i]);
  chunks->names = g_strv_builder_end (builder);
  chunks->list = slip_migration_run_join_names (chunks->names, "");
  chunks->key = slip_migration_run_dup_key (run->target, run->schemas->target, chunks->table->name,
                                            "t", error);
  return chunks->key != NULL && find_written (chunks, error);
}

/* Whether a staged row points at a row of the same table, by a key of the target. */
static gboolean
refers_to_itself (Chunks *chunks, gboolean *refers, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  g_autofree char *name = slip_stage_sql ("%I.%I", run->schemas->target, chunks->table->name);
  g_autoptr (GString) any = g_string_new (NULL);
  gint64 found = 0;
  g_auto (GStrv) columns = slip_stage_sql_ask_list (
      run->target, "look for keys of a table to itself", error,
      "SELECT a.attname FROM pg_constraint o JOIN pg_attribute a ON a.attrelid = o.conrelid AND "
      "a.attnum = ANY (o.conkey)\n"
      " WHERE o.contype = 'f' AND o.conrelid = %L::regclass AND o.confrelid = o.conrelid",
      name);

  *refers = FALSE;
  if (columns == NULL)
    return FALSE;
  for (guint i = 0; columns[i] != NULL; i++)
    if (g_strv_contains ((const char *const *)chunks->names, columns[i]))
      slip_stage_sql_append (any, "%s%I IS NOT NULL", any->len > 0 ? " OR " : "", columns[i]);
  if (any->len == 0)
    return TRUE;
  if (!slip_stage_sql_ask_number (run->pg, "look for rows that point at others of their table",
                                  &found, error, "SELECT EXISTS (SELECT FROM %I.%I WHERE %s)::int",
                                  run->schemas->staging, chunks->table->name, any->str))
    return FALSE;
  *refers = found != 0;
  return TRUE;
}

static gboolean
measure_staged (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const char *table = chunks->table->name;
  g_autofree char *name = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  gboolean refers = FALSE;
  guint per_chunk = run->options->chunk_rows > 0 ? run->options->chunk_rows : CHUNK_ROWS;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "count staged rows", error,
      "SELECT count (*), count (*) FILTER (WHERE migration_method = 'UPDATE'),\n"
      "  count (*) FILTER (WHERE ctid < '(%D,0)'), pg_relation_size (%L) / current_setting "
      "('block_size')::bigint FROM %I.%I",
      chunks->part.next_block, name, run->schemas->staging, table);

  if (rows == NULL || !refers_to_itself (chunks, &refers, error))
    return FALSE;
  chunks->staged = slip_pg_rows_get_int (rows, 0, 0);
  chunks->updates = slip_pg_rows_get_int (rows, 0, 1);
  chunks->blocks = slip_pg_rows_get_int (rows, 0, 3);
  chunks->step = refers || chunks->staged <= per_chunk
                     ? MAX (chunks->blocks, 1)
                     : MAX (chunks->blocks * per_chunk / chunks->staged, 1);
  if (slip_pg_rows_get_int (rows, 0, 2) == chunks->part.inserted + chunks->part.updated)
    return TRUE;
  SLIP_STAGE_ERROR (error, CHANGED,
                    "table %s.%s was written to since it was loaded in part: %" G_GINT64_FORMAT
                    " of its rows are in the target, and %" G_GINT64_FORMAT
                    " stand where they stood. Take the run back: slipwayctl migrate undo "
                    "%" G_GINT64_FORMAT,
                    run->schemas->staging, table, chunks->part.inserted + chunks->part.updated,
                    slip_pg_rows_get_int (rows, 0, 2), run->id);
  return FALSE;
}

static gboolean
count_loaded (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;
  const char *table = chunks->table->name;

  return slip_stage_sql_run (
      run->pg, "count loaded rows", error,
      SLIP_STAGE_NO_WAIT
      ";\nDELETE FROM slipway.measure WHERE run = %D AND stage = 'load_to_target' AND entity = "
      "%L;\n"
      "INSERT INTO slipway.measure (run, stage, entity, kind, value, rows) VALUES (%D, "
      "'load_to_target', %L, 'in', NULL, %D), (%D, 'load_to_target', %L, 'out', 'INSERT', %D), "
      "(%D, 'load_to_target', %L, 'out', 'UPDATE', %D)",
      run->id, table, run->id, table, chunks->staged, run->id, table, chunks->part.inserted,
      run->id, table, chunks->part.updated);
}

static gboolean
load_chunks (Chunks *chunks, GError **error)
{
  SlipMigrationRun *run = chunks->run;

  if (!find_columns (chunks, error) || !measure_staged (chunks, error)
      || !slip_stage_sql_run (run->target, "room for rows", error,
                              SLIP_STAGE_NO_WAIT
                              ";\nDROP TABLE IF EXISTS slip_in; CREATE TEMP TABLE slip_in AS "
                              "SELECT %s FROM %I.%I WITH NO "
                              "DATA;\nALTER TABLE slip_in ADD COLUMN migration_method text",
                              chunks->list, run->schemas->target, chunks->table->name))
    return FALSE;
  while (!chunks->part.complete)
    if (!load_chunk (chunks, error))
      return FALSE;
  return TRUE;
}

/* Loads what of @table is not in yet, and notes in the migration database what is: a run can be killed between the two.
 * @part is what the manifest says of the table, or NULL. */
gboolean
slip_stage_chunks (SlipMigrationRun *run,
                   const SlipTargetTable *table,
                   const SlipStagePart *part,
                   GError **error)
{
  g_auto (Chunks) chunks = {.run = run, .table = table};

  if (part != NULL)
    chunks.part = *part;
  chunks.staged = chunks.part.inserted + chunks.part.updated;
  if ((chunks.part.complete || load_chunks (&chunks, error)) && count_loaded (&chunks, error))
    return TRUE;
  tell_in (&chunks, error);
  return FALSE;
}
