/* SPDX-License-Identifier: MIT */
/* What the migration database says of a landing table, and what is written there beside its rows: the table itself,
 * `slipway.file` and `slipway.rejected`. */

#include "slip-landing-private.h"

#include "slip-copy-text.h"
#include "slip-load-header.h"

#include <string.h>

#define LOCK_SECONDS 30

/* ---- looking */

static gboolean
lock_table (SlipLandingWork *work, GError **error)
{
  const char *params[] = {work->relation, NULL};
  guint seconds = work->order->lock_seconds > 0 ? work->order->lock_seconds : LOCK_SECONDS;
  g_autofree char *timeout = g_strdup_printf ("SET LOCAL lock_timeout = '%us'", seconds);
  g_autoptr (GError) local = NULL;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_pg_run (work->pg, timeout, error))
    return FALSE;
  slip_pg_name_statement (work->pg, "lock of the landing");
  rows = slip_pg_query (
      work->pg, "SELECT pg_advisory_xact_lock (hashtextextended ('slipway load ' || $1, 0))",
      params, NULL, &local);
  if (rows != NULL)
    return TRUE;
  if (g_strcmp0 (slip_migration_error_get_sqlstate (local), "55P03") == 0)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                 "another session loads %s just now. Wait for it, or end it", work->relation);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static GStrv
column_of (SlipPgRows *rows, guint column)
{
  guint n = slip_pg_rows_get_n_rows (rows);
  GStrv texts = g_new0 (char *, n + 1);

  for (guint i = 0; i < n; i++)
    texts[i] = g_strdup (slip_pg_rows_get (rows, i, column));
  return texts;
}

gboolean
slip_landing_look (SlipLandingWork *work, GError **error)
{
  const char *params[] = {work->order->schema, work->order->table->name, NULL};
  g_autoptr (SlipPgRows) columns = NULL;
  g_autoptr (SlipPgRows) ours = NULL;

  if (!lock_table (work, error))
    return FALSE;
  slip_pg_name_statement (work->pg, "columns of the landing table");
  columns = slip_pg_query (
      work->pg,
      "SELECT a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
      " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = $2"
      " AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
      params, NULL, error);
  if (columns == NULL || slip_pg_rows_get_n_rows (columns) == 0)
    return columns != NULL;
  slip_pg_name_statement (work->pg, "files of the landing table");
  ours = slip_pg_query (work->pg,
                        "SELECT FROM slipway.file WHERE table_schema = $1 AND table_name = $2",
                        params, NULL, error);
  if (ours == NULL)
    return FALSE;
  work->landed = column_of (columns, 0);
  if (slip_pg_rows_get_n_rows (ours) > 0)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "%s exists and was not loaded by Slipway, so it is not replaced. Drop it, or name "
               "another schema in the sidecar",
               work->relation);
  return FALSE;
}

static gboolean
has_rows (SlipLandingWork *work, gint64 rows, gboolean *same, GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SELECT count(*) FROM %s", work->relation);
  g_autoptr (SlipPgRows) found = slip_pg_query (work->pg, sql, NULL, NULL, error);

  if (found == NULL)
    return FALSE;
  *same = slip_pg_rows_get_int (found, 0, 0) == rows;
  if (!*same)
    g_ptr_array_add (work->landing->notes,
                     g_strdup_printf ("%s had other rows than were loaded, and is loaded again",
                                      work->relation));
  return TRUE;
}

/* The size first: where it differs nothing has to be read. */
static gboolean
is_same_file (SlipLandingPart *part, SlipPgRows *rows, guint i, const char *format)
{
  return g_strcmp0 (slip_pg_rows_get (rows, i, 0), part->file->name) == 0
         && (guint64)slip_pg_rows_get_int (rows, i, 1) == part->file->bytes
         && g_strcmp0 (slip_pg_rows_get (rows, i, 3), format) == 0;
}

gboolean
slip_landing_is_same (SlipLandingWork *work, gboolean *same, GError **error)
{
  const char *params[] = {work->order->schema, work->order->table->name, NULL};
  g_autoptr (SlipPgRows) rows = slip_pg_query (
      work->pg,
      "SELECT name, bytes, sha256, format, rows, rejected, blank_lines FROM slipway.file"
      " WHERE table_schema = $1 AND table_name = $2 ORDER BY part",
      params, NULL, error);
  SlipLanding *landing = work->landing;

  if (rows == NULL)
    return FALSE;
  *same = work->landed != NULL && slip_pg_rows_get_n_rows (rows) == work->parts->len;
  for (guint i = 0; *same && i < work->parts->len; i++)
    *same = is_same_file (g_ptr_array_index (work->parts, i), rows, i, work->format);
  for (guint i = 0; *same && i < work->parts->len; i++)
    {
      SlipLandingPart *part = g_ptr_array_index (work->parts, i);
      g_autofree char *sha256 = slip_source_file_digest (part->file->path, NULL, NULL, error);

      if (sha256 == NULL)
        return FALSE;
      *same = g_str_equal (sha256, slip_pg_rows_get (rows, i, 2));
      landing->rows += (guint64)slip_pg_rows_get_int (rows, i, 4);
      landing->rejected += (guint64)slip_pg_rows_get_int (rows, i, 5);
      landing->blank_lines += (guint64)slip_pg_rows_get_int (rows, i, 6);
    }
  if (*same && !has_rows (work, (gint64)landing->rows, same, error))
    return FALSE;
  if (!*same)
    landing->rows = landing->rejected = landing->blank_lines = 0;
  return TRUE;
}

/* ---- the table */

char *
slip_landing_column_list (const char *const *names)
{
  GString *list = g_string_new ("(" SLIP_LOAD_ROW_ID);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *quoted = slip_pg_quote_name (names[i]);

      g_string_append_printf (list, ", %s", quoted);
    }
  g_string_append_c (list, ')');
  return g_string_free (list, FALSE);
}

static char *
create_table (SlipLandingWork *work)
{
  GString *sql = g_string_new (NULL);

  g_string_append_printf (sql, "CREATE TABLE %s (" SLIP_LOAD_ROW_ID " bigint NOT NULL",
                          work->relation);
  for (guint i = 0; i + 1 < work->columns->len; i++)
    {
      g_autofree char *quoted = slip_pg_quote_name (g_ptr_array_index (work->columns, i));

      g_string_append_printf (sql, ", %s text", quoted);
    }
  g_string_append (sql, ")");
  return g_string_free (sql, FALSE);
}

gboolean
slip_landing_make_table (SlipLandingWork *work, GError **error)
{
  const char *const *columns = (const char *const *)work->columns->pdata;
  g_autofree char *create = create_table (work);
  g_autofree char *difference
      = work->landed != NULL
            ? slip_load_header_difference ((const char *const *)work->landed + 1, columns)
            : NULL;
  g_autofree char *sql = NULL;

  /* Emptied it keeps the views that read it; both ways its rows come frozen. */
  if (work->landed != NULL && difference == NULL)
    sql = g_strdup_printf ("TRUNCATE %s", work->relation);
  else
    sql = g_strdup_printf ("DROP TABLE IF EXISTS %s; %s", work->relation, create);
  slip_pg_name_statement (work->pg, "making of the landing table");
  return slip_pg_run (work->pg, sql, error);
}

/* ---- beside it */

/* An array of texts as PostgreSQL writes it. */
static char *
array_text (const char *const *texts)
{
  GString *array = g_string_new ("{");

  for (guint i = 0; texts[i] != NULL; i++)
    {
      g_string_append (array, i > 0 ? ",\"" : "\"");
      for (const char *p = texts[i]; *p != '\0'; p++)
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (array, '\\');
          g_string_append_c (array, *p);
        }
      g_string_append_c (array, '"');
    }
  g_string_append_c (array, '}');
  return g_string_free (array, FALSE);
}

/* Rows of texts and numbers, sent by COPY since there may be ten thousand. */
static void
append_text (GString *row, const char *text)
{
  if (text != NULL)
    slip_copy_text_append (row, text, strlen (text));
  else
    g_string_append_len (row, "\\N", 2);
  g_string_append_c (row, '\t');
}

static void
append_number (GString *row, guint64 number)
{
  slip_copy_text_append_number (row, number);
  g_string_append_c (row, '\t');
}

static void
append_run (GString *row, gint64 run)
{
  if (run > 0)
    append_number (row, (guint64)run);
  else
    append_text (row, NULL);
}

static gboolean
send (SlipPg *pg, const char *copy, GString *rows, GError **error)
{
  if (!slip_pg_copy_in_begin (pg, copy, error)
      || !slip_pg_copy_in_data (pg, rows->str, rows->len, error))
    return FALSE;
  return slip_pg_copy_in_end (pg, NULL, error);
}

static gboolean
forget (SlipLandingWork *work, const char *sql, GError **error)
{
  const char *params[] = {work->order->schema, work->order->table->name, NULL};
  g_autoptr (SlipPgRows) rows = slip_pg_query (work->pg, sql, params, NULL, error);

  return rows != NULL;
}

static void
append_part (GString *rows, SlipLandingWork *work, guint i)
{
  SlipLandingPart *part = g_ptr_array_index (work->parts, i);
  g_autofree char *header = array_text ((const char *const *)part->names);

  append_text (rows, work->order->schema);
  append_text (rows, work->order->table->name);
  append_number (rows, i + 1);
  append_run (rows, work->order->run);
  append_text (rows, part->file->name);
  append_number (rows, part->bytes);
  append_text (rows, part->sha256);
  append_text (rows, work->format);
  append_text (rows, header);
  append_number (rows, part->rows);
  append_number (rows, part->rejected);
  append_number (rows, part->blank_lines);
  append_number (rows, part->first_row_id);
  append_number (rows, part->last_row_id);
  append_text (rows, part->landed_sha256);
  rows->str[rows->len - 1] = '\n';
}

gboolean
slip_landing_note_parts (SlipLandingWork *work, GError **error)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  if (!forget (work, "DELETE FROM slipway.file WHERE table_schema = $1 AND table_name = $2", error))
    return FALSE;
  for (guint i = 0; i < work->parts->len; i++)
    append_part (rows, work, i);
  return send (
      work->pg,
      "COPY slipway.file (table_schema, table_name, part, run, name, bytes, sha256, format,"
      " header, rows, rejected, blank_lines, first_row_id, last_row_id, landed_sha256)"
      " FROM STDIN",
      rows, error);
}

static void
append_rejected (GString *rows, SlipLandingWork *work, const SlipBadRecord *bad)
{
  append_run (rows, work->order->run);
  append_text (rows, "load");
  append_text (rows, work->order->schema);
  append_text (rows, work->order->table->name);
  append_text (rows, bad->file);
  append_number (rows, bad->number);
  append_number (rows, bad->line);
  append_number (rows, bad->byte);
  append_number (rows, bad->column);
  append_text (rows, bad->name);
  append_text (rows, bad->value);
  append_text (rows, bad->reason);
  rows->str[rows->len - 1] = '\n';
}

gboolean
slip_landing_note_rejected (SlipLandingWork *work, GError **error)
{
  g_autoptr (GString) rows = g_string_new (NULL);

  if (!forget (work,
               "DELETE FROM slipway.rejected WHERE stage = 'load' AND table_schema = $1"
               " AND table_name = $2",
               error))
    return FALSE;
  for (guint i = 0; i < work->landing->bad->len; i++)
    append_rejected (rows, work, g_ptr_array_index (work->landing->bad, i));
  return send (
      work->pg,
      "COPY slipway.rejected (run, stage, table_schema, table_name, file, record, line, byte,"
      " column_number, column_name, value, reason) FROM STDIN",
      rows, error);
}
