/* SPDX-License-Identifier: MIT */
/* What the migration database says of a landing table, and what is written there beside its rows: the table itself,
 * `slipway.file` and `slipway.rejected`. */

#include "slip-landing-private.h"

#include "slip-load-header.h"

#include <string.h>

#define LOCK_SECONDS 30

/* ---- looking */

/* Each question to the server is a wait, so statements that need no answer go together. */
static gboolean
begin (SlipLandingWork *work, GError **error)
{
  guint seconds = work->order->lock_seconds > 0 ? work->order->lock_seconds : LOCK_SECONDS;
  g_autofree char *key = g_strconcat ("slipway load ", work->relation, NULL);
  g_autofree char *quoted = slip_pg_quote_literal (key);
  g_autofree char *sql = g_strdup_printf (
      "BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '%us';"
      "SELECT pg_advisory_xact_lock (hashtextextended (%s, 0))",
      seconds, quoted);
  g_autoptr (GError) local = NULL;

  slip_pg_name_statement (work->pg, "lock of the landing");
  if (slip_pg_run (work->pg, sql, &local))
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

/* The view that a run's filters make of the table. */
static char *
dup_view (SlipLandingWork *work)
{
  g_autofree char *kept = g_strconcat (
      work->order->schema != NULL ? work->order->schema : "casrec_csv", "_kept", NULL);

  return slip_landing_relation (kept, work->order->table->name);
}

gboolean
slip_landing_begin (SlipLandingWork *work, GError **error)
{
  g_autofree char *view = dup_view (work);
  const char *params[]
      = {work->order->schema, work->order->table->name, work->relation, view, NULL};
  g_autoptr (SlipPgRows) columns = NULL;

  if (!begin (work, error))
    return FALSE;
  /* Asked for each table: a join of the catalogue's tables would be planned for longer than it takes. */
  slip_pg_name_statement (work->pg, "columns of the landing table");
  columns = slip_pg_query (
      work->pg,
      "SELECT (SELECT sum (rows) FROM slipway.file WHERE table_schema = $1 AND table_name = $2),"
      " EXISTS (SELECT FROM slipway.rejected WHERE table_schema = $1 AND table_name = $2),"
      " (SELECT count(*) FROM slipway.case_row WHERE table_schema = $1 AND table_name = $2),"
      " to_regclass ($4) IS NOT NULL, attname FROM (VALUES (to_regclass ($3))) AS t (id) LEFT JOIN "
      "pg_attribute"
      " ON attrelid = id AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
      params, NULL, error);
  if (columns == NULL)
    return FALSE;
  work->noted = slip_pg_rows_get (columns, 0, 0) != NULL;
  work->faulty = g_str_equal (slip_pg_rows_get (columns, 0, 1), "t");
  work->case_rows = slip_pg_rows_get_int (columns, 0, 2);
  work->viewed = g_str_equal (slip_pg_rows_get (columns, 0, 3), "t");
  if (slip_pg_rows_get (columns, 0, 4) == NULL)
    return TRUE;
  work->landed = column_of (columns, 4);
  work->before = slip_pg_rows_get_int (columns, 0, 0);
  if (work->noted)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
               "%s exists and was not loaded by Slipway, so it is not replaced. Drop it, or name "
               "another schema in the sidecar",
               work->relation);
  return FALSE;
}

/* Whether its rows are those that were landed, and nobody wrote to one since. */
static gboolean
has_rows (
    SlipLandingWork *work, gint64 rows, const char *landed_xid, gboolean *same, GError **error)
{
  g_autofree char *xid = slip_pg_quote_literal (landed_xid);
  g_autofree char *of_files
      = slip_landing_dup_file_rows (work->order->schema, work->order->table->name);
  g_autofree char *sql = g_strdup_printf (
      "SELECT count(*), count(*) FILTER (WHERE xmin <> %s::xid) FROM %s WHERE %s", xid,
      work->relation, of_files);
  g_autoptr (SlipPgRows) found = slip_pg_query (work->pg, sql, NULL, NULL, error);

  if (found == NULL)
    return FALSE;
  *same = slip_pg_rows_get_int (found, 0, 0) == rows && slip_pg_rows_get_int (found, 0, 1) == 0;
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

static const char *
digest_file (SlipLandingPart *part, GError **error)
{
  if (part->file_sha256 == NULL)
    part->file_sha256 = slip_source_file_digest (part->file->path, NULL, NULL, error);
  return part->file_sha256;
}

static gboolean
refuse_part (SlipLandingWork *work, const char *file, const char *what, GError **error)
{
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s %s run %" G_GINT64_FORMAT " was made of", file, what, work->order->bound);
  return FALSE;
}

gboolean
slip_landing_check_bound (SlipLandingWork *work, GError **error)
{
  g_autofree char *run = g_strdup_printf ("%" G_GINT64_FORMAT, work->order->bound);
  const char *params[] = {run, work->order->table->name, NULL};
  g_autoptr (SlipPgRows) rows
      = slip_pg_query (work->pg,
                       "SELECT bytes, sha256, format FROM slipway.run_file WHERE run = $1::bigint"
                       " AND table_name = $2 ORDER BY part",
                       params, NULL, error);

  if (rows == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (rows) != work->parts->len)
    return refuse_part (work, work->order->table->name, "has not the number of files that", error);
  for (guint i = 0; i < work->parts->len; i++)
    {
      SlipLandingPart *part = g_ptr_array_index (work->parts, i);
      gboolean same = (guint64)slip_pg_rows_get_int (rows, i, 0) == part->file->bytes;
      const char *sha256 = same ? digest_file (part, error) : NULL;

      if (same && sha256 == NULL)
        return FALSE;
      if (!same || !g_str_equal (sha256, slip_pg_rows_get (rows, i, 1)))
        return refuse_part (work, part->file->name, "is another file than the one that", error);
      if (!g_str_equal (work->format, slip_pg_rows_get (rows, i, 2)))
        return refuse_part (work, part->file->name, "is read in another way than the one that",
                            error);
    }
  return TRUE;
}

gboolean
slip_landing_is_same (SlipLandingWork *work, gboolean *same, GError **error)
{
  const char *params[] = {work->order->schema, work->order->table->name, NULL};
  g_autoptr (SlipPgRows) rows
      = slip_pg_query (work->pg,
                       "SELECT name, bytes, sha256, format, rows, rejected, blank_lines, "
                       "landed_xid FROM slipway.file"
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
      const char *sha256 = digest_file (part, error);

      if (sha256 == NULL)
        return FALSE;
      *same = g_str_equal (sha256, slip_pg_rows_get (rows, i, 2));
      landing->rows += (guint64)slip_pg_rows_get_int (rows, i, 4);
      landing->rejected += (guint64)slip_pg_rows_get_int (rows, i, 5);
      landing->blank_lines += (guint64)slip_pg_rows_get_int (rows, i, 6);
    }
  if (*same && !has_rows (work, (gint64)landing->rows, slip_pg_rows_get (rows, 0, 7), same, error))
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

/* Without NOT NULL: the server would look at each column of each row for the sake of one that is always there. */
static char *
create_table (SlipLandingWork *work)
{
  GString *sql = g_string_new (NULL);

  g_string_append_printf (sql, "CREATE TABLE %s (" SLIP_LOAD_ROW_ID " bigint", work->relation);
  for (guint i = 0; i + 1 < work->columns->len; i++)
    {
      g_autofree char *quoted = slip_pg_quote_name (g_ptr_array_index (work->columns, i));

      g_string_append_printf (sql, ", %s text", quoted);
    }
  g_string_append (sql, ")");
  return g_string_free (sql, FALSE);
}

/* Somebody's own views and functions read it: what they hold up is told, and that nothing of ours takes them away. The server's
 * hint, to drop with CASCADE, is about a statement that nobody typed. */
static GError *
tell_what_depends (SlipLandingWork *work, GError *problem)
{
  const SlipServerWords *words = slip_migration_error_get_words (problem);
  g_autoptr (GError) said = problem;
  SlipServerWords own;
  GError *told;

  if (words == NULL || !g_str_equal (words->sqlstate, "2BP01"))
    return g_steal_pointer (&said);
  own = *words;
  own.hint = NULL;
  told = slip_migration_error_new_server (slip_pg_get_where (work->pg),
                                          slip_migration_error_get_statement (problem), &own);
  g_prefix_error (
      &told,
      "%s: the file has other columns, and what reads the landed table holds up that it "
      "is made anew. Drop what is named here by hand; what a file of functions makes is "
      "made again behind the load: ",
      work->order->table->name);
  return told;
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
  g_autofree char *view = dup_view (work);
  g_autoptr (GString) sql = g_string_new (NULL);
  g_autoptr (GError) own = NULL;

  /* Emptied it keeps the views that read it; both ways its rows come frozen. With other columns the view that
   * a run's filters made of it goes as well, and is made again by the next run. */
  if (work->landed != NULL && difference == NULL)
    g_string_printf (sql, "TRUNCATE %s", work->relation);
  else
    {
      if (work->viewed)
        g_string_append_printf (sql, "DROP VIEW %s; ", view);
      if (work->landed != NULL)
        g_string_append_printf (sql, "DROP TABLE %s; ", work->relation);
      g_string_append (sql, create);
    }
  work->landing->case_rows = work->landed != NULL ? work->case_rows : 0;
  if (work->landing->case_rows > 0)
    g_ptr_array_add (work->landing->notes,
                     g_strdup_printf ("%s: %" G_GINT64_FORMAT " %s of merged cases went with what "
                                      "was landed before; merge the cases again: migrate case",
                                      work->order->table->name, work->case_rows,
                                      work->case_rows == 1 ? "row" : "rows"));
  slip_pg_name_statement (work->pg, "making of the landing table");
  if (slip_pg_run (work->pg, sql->str, &own))
    return TRUE;
  g_propagate_error (error, tell_what_depends (work, g_steal_pointer (&own)));
  return FALSE;
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

static void
append_text (GString *values, const char *text)
{
  g_autofree char *quoted = slip_pg_quote_literal (text);

  g_string_append_printf (values, "%s, ", quoted);
}

static void
append_number (GString *values, guint64 number)
{
  g_string_append_printf (values, "%" G_GUINT64_FORMAT ", ", number);
}

static void
append_run (GString *values, gint64 run)
{
  if (run > 0)
    append_number (values, (guint64)run);
  else
    append_text (values, NULL);
}

/* From "(a, b, " to "(a, b)". */
static void
end_values (GString *values)
{
  g_string_truncate (values, values->len - 2);
  g_string_append_c (values, ')');
}

static void
append_delete (GString *sql, SlipLandingWork *work, const char *table)
{
  g_autofree char *schema = slip_pg_quote_literal (work->order->schema);
  g_autofree char *name = slip_pg_quote_literal (work->order->table->name);

  g_string_append_printf (sql, "DELETE FROM %s WHERE table_schema = %s AND table_name = %s;\n",
                          table, schema, name);
}

static void
append_part (GString *sql, SlipLandingWork *work, guint i)
{
  SlipLandingPart *part = g_ptr_array_index (work->parts, i);
  g_autofree char *header = array_text ((const char *const *)part->names);

  g_string_append (sql, i > 0 ? ",\n(" : "(");
  append_text (sql, work->order->schema);
  append_text (sql, work->order->table->name);
  append_number (sql, i + 1);
  append_run (sql, work->order->run);
  append_text (sql, part->file->name);
  append_number (sql, part->bytes);
  append_text (sql, part->sha256);
  append_text (sql, work->format);
  append_text (sql, header);
  append_number (sql, part->rows);
  append_number (sql, part->rejected);
  append_number (sql, part->blank_lines);
  append_number (sql, part->inner_lines);
  append_number (sql, part->first_row_id);
  append_number (sql, part->last_row_id);
  append_text (sql, part->landed_sha256);
  g_string_append (sql, "(txid_current() % 4294967296)::text, ");
  end_values (sql);
}

static void
append_rejected (GString *sql, SlipLandingWork *work, guint i)
{
  const SlipBadRecord *bad = g_ptr_array_index (work->landing->bad, i);

  g_string_append (sql, i > 0 ? ",\n(" : "(");
  append_run (sql, work->order->run);
  append_text (sql, "load");
  append_text (sql, work->order->schema);
  append_text (sql, work->order->table->name);
  append_text (sql, bad->file);
  append_number (sql, bad->number);
  append_number (sql, bad->line);
  if (bad->sheet == NULL)
    append_number (sql, bad->byte);
  else
    append_text (sql, NULL);
  append_number (sql, bad->column);
  append_text (sql, bad->name);
  append_text (sql, bad->value);
  append_text (sql, bad->reason);
  end_values (sql);
}

static void
append_all_rejected (GString *sql, SlipLandingWork *work)
{
  if (work->faulty)
    append_delete (sql, work, "slipway.rejected");
  if (work->landing->bad->len == 0)
    return;
  g_string_append (
      sql, "INSERT INTO slipway.rejected (run, stage, table_schema, table_name, file, record,"
           " line, byte, column_number, column_name, value, reason) VALUES\n");
  for (guint i = 0; i < work->landing->bad->len; i++)
    append_rejected (sql, work, i);
  g_string_append (sql, ";\n");
}

gboolean
slip_landing_commit (SlipLandingWork *work, GError **error)
{
  g_autoptr (GString) sql = g_string_new (NULL);

  /* Nobody else lands this table meanwhile, and merges only into one that is there. */
  if (work->noted)
    append_delete (sql, work, "slipway.file");
  if (work->landed != NULL || work->case_rows > 0)
    append_delete (sql, work, "slipway.case_row");
  g_string_append (
      sql, "INSERT INTO slipway.file (table_schema, table_name, part, run, name, bytes, sha256,"
           " format, header, rows, rejected, blank_lines, inner_lines, first_row_id, last_row_id,"
           " landed_sha256, landed_xid) VALUES\n");
  for (guint i = 0; i < work->parts->len; i++)
    append_part (sql, work, i);
  g_string_append (sql, ";\n");
  append_all_rejected (sql, work);
  g_string_append (sql, "COMMIT");
  slip_pg_name_statement (work->pg, "commit of the landing");
  return slip_pg_run (work->pg, sql->str, error);
}

gboolean
slip_landing_keep_rejected (SlipLandingWork *work, GError **error)
{
  g_autoptr (GString) sql = g_string_new ("BEGIN;\n");

  /* Without the lock, what was there may be another load's by now. */
  work->faulty = TRUE;
  append_all_rejected (sql, work);
  g_string_append (sql, "COMMIT");
  slip_pg_name_statement (work->pg, "keeping of bad records");
  return slip_pg_run (work->pg, sql->str, error);
}
