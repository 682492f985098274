/* SPDX-License-Identifier: MIT */
/* One table's files into its landing table, in one transaction. The database's part of it (the table, its files'
 * rows, rejected records) is in slip-landing-store.c; which tables there are and how many at once is
 * slip-load.c's. */

#include "slip-landing-private.h"

#include "slip-copy-text.h"
#include "slip-digest.h"
#include "slip-load-header.h"

/* What is sent at once; and what is appended at once, so that a field of 100 MB needs no second 100 MB. */
#define PIECE (128 * 1024)
/* What is sent first, so that the server has work while more is read. */
#define FIRST_PIECE (8 * 1024)
/* More bad records than this are not faults of records. */
#define MAX_BAD 10000
#define BAD_IN_MESSAGE 3
#define LOOK_EVERY 4096

/* The rows of one part on their way. */
typedef struct
{
  SlipLandingWork *work;
  SlipLandingPart *part;
  GString *buffer;
  SlipDigest *digest;
  gboolean sending; /* not once the table is known not to land */
  guint64 told;     /* bytes of the file that progress knows of */
} Stream;

void
slip_landing_init (SlipLanding *self)
{
  *self = (SlipLanding){
      .notes = g_ptr_array_new_with_free_func (g_free),
      .bad = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_bad_record_free),
  };
}

void
slip_landing_clear (SlipLanding *self)
{
  g_clear_pointer (&self->empty, g_free);
  g_clear_pointer (&self->notes, g_ptr_array_unref);
  g_clear_pointer (&self->bad, g_ptr_array_unref);
}

static void
part_free (gpointer data)
{
  SlipLandingPart *part = data;

  slip_records_free (part->opened);
  g_strfreev (part->header);
  g_strfreev (part->names);
  g_free (part->line);
  g_free (part->file_sha256);
  g_free (part->sha256);
  g_free (part->landed_sha256);
  g_free (part);
}

static void
work_clear (SlipLandingWork *work)
{
  g_ptr_array_unref (work->parts);
  g_ptr_array_unref (work->columns);
  g_strfreev (work->landed);
  g_free (work->relation);
  g_free (work->format);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipLandingWork, work_clear)

/* ---- headers */

static gboolean
read_headers (SlipLandingWork *work, GError **error)
{
  GPtrArray *files = work->order->table->parts;
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < files->len; i++)
    {
      const SlipLoadPart *file = g_ptr_array_index (files, i);
      SlipLandingPart *part = g_new0 (SlipLandingPart, 1);
      g_autoptr (SlipRecords) records = NULL;

      g_ptr_array_add (work->parts, part);
      part->file = file;
      records = slip_records_open (file->path, &work->order->format, error);
      if (records == NULL)
        return FALSE;
      part->header = g_strdupv ((char **)slip_records_get_header (records));
      part->line = slip_records_dup_header_line (records);
      part->names = slip_load_header_names (file->name, (const char *const *)part->header,
                                            work->landing->notes, error);
      if (part->names == NULL)
        return FALSE;
      for (char **name = part->names; *name != NULL; name++)
        if (g_hash_table_add (seen, *name))
          g_ptr_array_add (work->columns, *name);
      /* A spreadsheet's header stands behind all its texts: once is enough. One of several would hold what it needs
       * while the others are read. */
      if (files->len == 1)
        part->opened = g_steal_pointer (&records);
    }
  g_ptr_array_add (work->columns, NULL);
  return TRUE;
}

static char *
tell_headers (SlipLandingWork *work, const char *const *known, const char *what)
{
  g_autofree SlipLoadHeader *headers = g_new0 (SlipLoadHeader, work->parts->len);

  for (guint i = 0; i < work->parts->len; i++)
    {
      const SlipLandingPart *part = g_ptr_array_index (work->parts, i);

      headers[i] = (SlipLoadHeader){part->file->name, part->line, (const char *const *)part->header,
                                    (const char *const *)part->names};
    }
  return slip_load_header_tell (headers, work->parts->len, known, what);
}

static gboolean
compare_header (SlipLandingWork *work, const char *const *known, const char *what, GError **error)
{
  g_autofree char *other
      = slip_load_header_difference (known, (const char *const *)work->columns->pdata);
  g_autofree char *difference = other != NULL ? tell_headers (work, known, what) : NULL;
  const char *name = work->order->table->name;

  if (difference == NULL)
    return TRUE;
  if (work->order->accept_headers)
    {
      g_ptr_array_add (
          work->landing->notes,
          g_strdup_printf ("%s: the header is not the one that %s: %s", name, what, difference));
      return TRUE;
    }
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s: the header is not the one that %s: %s. Look whether it is the right file; "
               "“slipwayctl migrate load” and “slipwayctl migrate run” with --accept-headers take "
               "it as it is, and with --no-reload keep it then",
               name, what, difference);
  return FALSE;
}

static gboolean
check_expected (SlipLandingWork *work, GError **error)
{
  GHashTable *expected = work->order->expected;
  const char *const *known
      = expected != NULL ? g_hash_table_lookup (expected, work->order->table->name) : NULL;

  if (expected == NULL)
    return TRUE;
  if (known != NULL)
    return compare_header (work, known, "is expected", error);
  g_ptr_array_add (work->landing->notes,
                   g_strdup_printf ("%s: no header is expected of it", work->order->table->name));
  return TRUE;
}

/* ---- rows */

static void
tell (Stream *stream, SlipRecords *records)
{
  const SlipLandingOrder *order = stream->work->order;
  guint64 now = slip_records_get_position (records);

  if (order->progress != NULL && now > stream->told)
    order->progress (stream->part->file->name, now - stream->told, order->data);
  stream->told = MAX (stream->told, now);
}

static gboolean
flush (Stream *stream, GError **error)
{
  GString *buffer = stream->buffer;
  gboolean ok = slip_pg_copy_in_data (stream->work->pg, buffer->str, buffer->len, error);

  slip_digest_add (stream->digest, buffer->str, buffer->len);
  g_string_truncate (buffer, 0);
  return ok;
}

/* Records that are longer than what is sent at once: fields by pieces. */
static gboolean
append_large (Stream *stream, const SlipRecord *record, GError **error)
{
  for (guint i = 0; i < record->n; i++)
    {
      const SlipField *field = &record->fields[i];

      g_string_append_c (stream->buffer, '\t');
      if (field->text == NULL)
        g_string_append_len (stream->buffer, "\\N", 2);
      for (gsize j = 0; j < field->length; j += PIECE)
        {
          slip_copy_text_append (stream->buffer, field->text + j, MIN (PIECE, field->length - j));
          if (stream->buffer->len >= PIECE && !flush (stream, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
append_record (Stream *stream, const SlipRecord *record, GError **error)
{
  GString *buffer = stream->buffer;

  slip_copy_text_append_number (buffer, stream->part->first_row_id + record->number - 1);
  if (G_LIKELY (record->length < PIECE))
    slip_copy_text_append_fields (buffer, record->fields, record->n);
  else if (!append_large (stream, record, error))
    return FALSE;
  g_string_append_c (buffer, '\n');
  stream->part->rows++;
  return TRUE;
}

/* The gate that is known before the end; percent are known then. */
static gboolean
must_stop (SlipLandingWork *work)
{
  const SlipLandingOrder *order = work->order;
  gint64 rejected = (gint64)work->landing->rejected;

  if (!order->collect)
    return rejected > 0;
  return order->max_rejected >= 0 && rejected > order->max_rejected;
}

static void
set_too_many (SlipLandingWork *work, gboolean all, GError **error)
{
  GPtrArray *bad = work->landing->bad;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < MIN (bad->len, BAD_IN_MESSAGE); i++)
    {
      g_autofree char *one = slip_bad_record_to_text (g_ptr_array_index (bad, i));

      g_string_append_printf (text, "\n  %s", one);
    }
  if (bad->len > BAD_IN_MESSAGE)
    g_string_append (text, "\n  …");
  if (all)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "%s: %" G_GUINT64_FORMAT " bad record%s, and nothing of it is landed. "
                 "slipway.rejected has %s%s%s",
                 work->order->table->name, work->landing->rejected, bad->len == 1 ? "" : "s",
                 bad->len == 1 ? "it" : "all of them",
                 work->order->collect ? ""
                                      : ". Correct the file, or let the others land: badRecords "
                                        "collect in the sidecar, or --max-rejected",
                 text->str);
  else
    g_set_error (
        error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
        "%s: more than %d bad records, and nothing of it is landed. Are encoding, delimiter "
        "and quote right? slipway.rejected has the first%s",
        work->order->table->name, MAX_BAD, text->str);
}

static gboolean
take_bad (Stream *stream, SlipBadRecord *bad, GError **error)
{
  SlipLandingWork *work = stream->work;

  g_ptr_array_add (work->landing->bad, bad);
  work->landing->rejected++;
  stream->part->rejected++;
  if (work->landing->rejected > MAX_BAD)
    {
      set_too_many (work, FALSE, error);
      return FALSE;
    }
  if (stream->sending && must_stop (work))
    {
      /* The others are looked for, so that all are told at once. */
      slip_pg_copy_in_abort (work->pg, "the file has bad records");
      stream->sending = FALSE;
    }
  return TRUE;
}

static gboolean
check_cancelled (Stream *stream, guint64 number, GError **error)
{
  if (stream->sending || number % LOOK_EVERY != 0)
    return TRUE;
  return slip_pg_check (stream->work->pg, error);
}

static gboolean
read_records (Stream *stream, SlipRecords *records, GError **error)
{
  for (;;)
    {
      SlipRecord record;
      SlipBadRecord *bad = NULL;
      SlipRead result = slip_records_next (records, &record, &bad, error);
      guint64 number;

      if (result == SLIP_READ_END || result == SLIP_READ_ERROR)
        return result == SLIP_READ_END;
      number = result == SLIP_READ_BAD ? bad->number : record.number;
      stream->part->last_row_id = stream->part->first_row_id + number - 1;
      if (result == SLIP_READ_BAD && !take_bad (stream, bad, error))
        return FALSE;
      if (result == SLIP_READ_RECORD && stream->sending && !append_record (stream, &record, error))
        return FALSE;
      if (stream->buffer->len < (stream->told > 0 ? PIECE : FIRST_PIECE))
        {
          if (!check_cancelled (stream, number, error))
            return FALSE;
          continue;
        }
      if (stream->sending && !flush (stream, error))
        return FALSE;
      g_string_truncate (stream->buffer, 0);
      tell (stream, records);
    }
}

static gboolean
end_rows (Stream *stream, GError **error)
{
  SlipLandingPart *part = stream->part;
  guint64 taken = 0;

  if (!stream->sending)
    return TRUE;
  if (!flush (stream, error) || !slip_pg_copy_in_end (stream->work->pg, &taken, error))
    return FALSE;
  part->landed_sha256 = slip_digest_end (stream->digest);
  if (taken == part->rows)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s: %" G_GUINT64_FORMAT " rows were sent and the server took %" G_GUINT64_FORMAT
               ". Has the table a trigger or a rule?",
               part->file->name, part->rows, taken);
  return FALSE;
}

static gboolean
begin_rows (Stream *stream, GError **error)
{
  SlipLandingWork *work = stream->work;
  g_autofree char *columns = slip_landing_column_list ((const char *const *)stream->part->names);
  g_autofree char *sql
      = g_strdup_printf ("COPY %s %s FROM STDIN WITH (FREEZE)", work->relation, columns);
  g_autofree char *name = g_strdup_printf ("load of %s", stream->part->file->name);

  slip_pg_name_statement (work->pg, name);
  return slip_pg_copy_in_begin (work->pg, sql, error);
}

static gboolean
is_same_header (SlipLandingPart *part, SlipRecords *records, GError **error)
{
  if (g_strv_equal ((const char *const *)part->header, slip_records_get_header (records)))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s changed while it was read. Wait until whoever writes it has finished, and load "
               "again",
               part->file->name);
  return FALSE;
}

/* A file that was fetched is what its source had, or nothing of it is landed. */
static gboolean
is_as_fetched (const SlipLandingPart *part, GError **error)
{
  const SlipLoadPart *file = part->file;

  if (file->sha256 == NULL || g_str_equal (file->sha256, part->sha256))
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
               "%s is not what was fetched: its SHA-256 is %s, and " SLIP_LOAD_FETCHED
               " says %s. Fetch it again, or take it out there if it was changed on purpose",
               file->name, part->sha256, file->sha256);
  return FALSE;
}

static gboolean
land_part (SlipLandingWork *work, SlipLandingPart *part, gboolean sending, GError **error)
{
  g_autoptr (SlipRecords) records
      = part->opened != NULL ? g_steal_pointer (&part->opened)
                             : slip_records_open (part->file->path, &work->order->format, error);
  Stream stream = {.work = work, .part = part, .sending = sending};
  gboolean ok;

  if (records == NULL || !is_same_header (part, records, error)
      || (sending && !begin_rows (&stream, error)))
    return FALSE;
  stream.buffer = g_string_sized_new (2 * PIECE);
  stream.digest = slip_digest_new ();
  ok = read_records (&stream, records, error)
       && slip_records_finish (records, &part->bytes, &part->sha256, error)
       && is_as_fetched (part, error) && end_rows (&stream, error);
  if (!ok)
    slip_pg_copy_in_abort (work->pg, "the file cannot be loaded");
  tell (&stream, records);
  part->blank_lines = slip_records_get_blank_lines (records);
  part->inner_lines = slip_records_get_inner_lines (records);
  slip_digest_free (stream.digest);
  g_string_free (stream.buffer, TRUE);
  return ok;
}

static gboolean
land_parts (SlipLandingWork *work, GError **error)
{
  SlipLanding *landing = work->landing;
  guint64 next = 1;

  for (guint i = 0; i < work->parts->len; i++)
    {
      SlipLandingPart *part = g_ptr_array_index (work->parts, i);

      part->first_row_id = next;
      part->last_row_id = next - 1;
      if (!land_part (work, part, !must_stop (work), error))
        return FALSE;
      next = part->last_row_id + 1;
      landing->rows += part->rows;
      landing->blank_lines += part->blank_lines;
    }
  return TRUE;
}

/* ---- the gate */

static gboolean
pass_gate (SlipLandingWork *work, GError **error)
{
  double most = work->order->max_rejected_percent;
  guint64 all = work->landing->rows + work->landing->rejected;

  if (!must_stop (work)
      && (most < 0 || (double)work->landing->rejected * 100 <= most * (double)all))
    return TRUE;
  set_too_many (work, TRUE, error);
  return FALSE;
}

/* What was wrong is kept although nothing landed. */
static void
keep_rejected (SlipLandingWork *work)
{
  g_autoptr (GError) error = NULL;

  if (work->landing->bad->len == 0)
    return;
  if (!slip_landing_keep_rejected (work, &error))
    {
      slip_pg_rollback (work->pg);
      g_ptr_array_add (work->landing->notes,
                       g_strdup_printf ("bad records could not be kept: %s", error->message));
    }
}

/* ---- all of it */

/* A delivery of a header alone may be what is meant, or what is left of one that went wrong: nobody knows but who reads it. */
static void
tell_empty (SlipLandingWork *work)
{
  SlipLanding *landing = work->landing;
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; i < work->parts->len; i++)
    {
      const SlipLandingPart *part = g_ptr_array_index (work->parts, i);

      if (landing->kept ? landing->rows + landing->rejected > 0 : part->rows + part->rejected > 0)
        continue;
      g_string_append_printf (names, "%s%s", n++ > 0 ? ", " : "", part->file->name);
    }
  if (n == 0)
    return;
  g_string_append (names, n == 1 ? " has a header and no rows" : " have a header and no rows");
  if (landing->rows == 0 && !landing->kept && work->before > 0)
    g_string_append_printf (names, "; %s had %" G_GINT64_FORMAT " %s before",
                            work->order->table->name, work->before,
                            work->before == 1 ? "row" : "rows");
  landing->empty = g_strdup (names->str);
}

static gboolean
land (SlipLandingWork *work, GError **error)
{
  gboolean same = FALSE;

  if (!slip_landing_begin (work, error))
    return FALSE;
  if (work->order->bound > 0 && !slip_landing_check_bound (work, error))
    return FALSE;
  if (work->order->no_reload && !slip_landing_is_same (work, &same, error))
    return FALSE;
  work->landing->kept = same;
  if (same)
    return slip_pg_run (work->pg, "COMMIT", error);
  if (!check_expected (work, error))
    return FALSE;
  if (work->landed != NULL
      && !compare_header (work, (const char *const *)work->landed + 1, "is landed", error))
    return FALSE;
  return slip_landing_make_table (work, error) && land_parts (work, error)
         && pass_gate (work, error) && slip_landing_commit (work, error);
}

static char *
describe_format (const SlipCsvFormat *format)
{
  return g_strdup_printf ("%s, delimiter %c, quote %c",
                          format->encoding != NULL ? format->encoding : "UTF-8",
                          format->delimiter != '\0' ? format->delimiter : ',',
                          format->quote != '\0' ? format->quote : '"');
}

char *
slip_landing_relation (const char *schema, const char *table)
{
  g_autofree char *quoted_schema = slip_pg_quote_name (schema);
  g_autofree char *quoted_table = slip_pg_quote_name (table);

  return g_strconcat (quoted_schema, ".", quoted_table, NULL);
}

char *
slip_landing_dup_file_rows (const char *schema, const char *table)
{
  g_autofree char *quoted_schema = slip_pg_quote_literal (schema);
  g_autofree char *quoted_table = slip_pg_quote_literal (table);

  return g_strdup_printf ("(casrec_row_id < (1::bigint << 30) OR NOT EXISTS (SELECT FROM "
                          "slipway.case_row WHERE table_schema = %s AND table_name = %s))",
                          quoted_schema, quoted_table);
}

gboolean
slip_landing_land (SlipPg *pg, const SlipLandingOrder *order, SlipLanding *landing, GError **error)
{
  g_return_val_if_fail (pg != NULL && order != NULL && landing != NULL, FALSE);

  g_auto (SlipLandingWork) work = {
      .pg = pg,
      .order = order,
      .landing = landing,
      .parts = g_ptr_array_new_with_free_func (part_free),
      .columns = g_ptr_array_new (),
      .relation = slip_landing_relation (order->schema, order->table->name),
      .format = describe_format (&order->format),
  };

  landing->bytes = order->table->bytes;
  if (read_headers (&work, error) && land (&work, error))
    {
      tell_empty (&work);
      return TRUE;
    }
  slip_pg_rollback (pg);
  keep_rejected (&work);
  landing->rows = 0;
  return FALSE;
}
