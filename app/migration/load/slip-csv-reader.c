/* SPDX-License-Identifier: MIT */
/* Comma-separated values, record by record. The file's own bytes are cut into fields; a record is copied only
 * where it must be converted, so positions are the file's and memory is one record's. It decides nothing about
 * what a value means: blank is blank and "NULL" is four letters. */

#include "slip-csv-reader-private.h"

#include <string.h>

/* ---- what is told of a bad record */

static gsize
count_lines (const char *bytes, gsize length)
{
  gsize n = 0;

  for (const char *p = memchr (bytes, '\n', length); p != NULL;
       p = memchr (p + 1, '\n', length - (gsize)(p + 1 - bytes)))
    n++;
  return n;
}

static SlipBadRecord *
new_bad (SlipCsvReader *self,
         const char *reason,
         gsize fault,
         guint column,
         const char *value,
         gsize length)
{
  SlipBadRecord *bad = g_new0 (SlipBadRecord, 1);

  bad->file = g_strdup (slip_source_file_get_name (self->source));
  bad->number = self->number;
  bad->line = self->line + count_lines (self->buffer + self->start, fault);
  bad->byte = self->base + self->start + fault;
  bad->column = column;
  if (column > 0 && column <= self->width)
    bad->name = g_strdup (self->header[column - 1]);
  bad->value = slip_readable (value, length);
  bad->reason = g_strdup (reason);
  return bad;
}

/* The rest of the line is passed over, however long it is. */
static gboolean
skip_line (SlipCsvReader *self, gsize from, GError **error)
{
  for (;;)
    {
      const char *begin = self->buffer + self->start;
      const char *end = memchr (begin + from, '\n', self->fill - self->start - from);

      if (end != NULL || self->ended)
        {
          gsize n = end != NULL ? (gsize)(end + 1 - begin) : self->fill - self->start;

          self->line += count_lines (begin, n);
          self->start += n;
          return TRUE;
        }
      self->line += count_lines (begin, from);
      from = 0;
      self->start = self->fill;
      if (!slip_csv_fill (self, error))
        return FALSE;
    }
}

static SlipRead
tell_scan (SlipCsvReader *self, SlipBadRecord **bad, GError **error)
{
  const char *bytes = self->buffer + self->start;
  gsize most = MIN (self->fill - self->start - self->fault_field, 512);
  const char *field = bytes + self->fault_field;
  const char *end = memchr (field, '\n', most);

  *bad = new_bad (self, self->reason, self->fault, self->fault_column, field,
                  end != NULL ? (gsize)(end - field) : most);
  if (skip_line (self, self->fault, error))
    return SLIP_READ_BAD;
  g_clear_pointer (bad, slip_bad_record_free);
  return SLIP_READ_ERROR;
}

/* ---- fields */

static gsize
join_quotes (char *text, gsize length, char quote)
{
  gsize to = 0;

  for (gsize i = 0; i < length; i++)
    {
      text[to++] = text[i];
      if (text[i] == quote)
        i++;
    }
  return to;
}

static SlipBadRecord *
find_bad_text (SlipCsvReader *self, guint column, const char *text, gsize length, gsize good)
{
  g_autofree char *reason = text[good] == '\0'
                                ? g_strdup ("a NUL byte stands in the text")
                                : g_strdup_printf ("byte 0x%02X is not %s", (guchar)text[good],
                                                   slip_decoder_get_encoding (self->decoder));

  return new_bad (self, reason, (gsize)(text - self->buffer - self->start) + good, column, text,
                  length);
}

/* UTF-8 is looked at as a whole first, since nearly every record is good. */
static SlipBadRecord *
check_utf8 (SlipCsvReader *self)
{
  char *bytes = self->buffer + self->start;

  if (slip_decoder_find_fault (self->decoder, bytes, self->length) == self->length)
    return NULL;
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const SlipCsvPiece *piece = &g_array_index (self->pieces, SlipCsvPiece, i);
      gsize good = slip_decoder_find_fault (self->decoder, bytes + piece->start, piece->length);

      if (good < piece->length)
        return find_bad_text (self, i + 1, bytes + piece->start, piece->length, good);
    }
  return NULL;
}

/* Fields in the file's own bytes: nothing is copied. */
static void
lend_fields (SlipCsvReader *self)
{
  char *bytes = self->buffer + self->start;
  const SlipCsvPiece *pieces = (const SlipCsvPiece *)self->pieces->data;
  SlipField *fields = (SlipField *)self->fields->data;
  guint n = self->pieces->len;

  for (guint i = 0; i < n; i++)
    fields[i] = (SlipField){bytes + pieces[i].start, pieces[i].length};
  for (guint i = 0; self->doubled && i < n; i++)
    if (pieces[i].doubled)
      fields[i].length = join_quotes (bytes + pieces[i].start, pieces[i].length, self->quote);
}

static SlipBadRecord *
convert_fields (SlipCsvReader *self)
{
  char *bytes = self->buffer + self->start;
  SlipField *fields = (SlipField *)self->fields->data;
  const gsize most = self->max_field + SLIP_CSV_BLOCK;
  const char *begin;

  g_string_truncate (self->converted, 0);
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const SlipCsvPiece *piece = &g_array_index (self->pieces, SlipCsvPiece, i);
      gsize before = self->converted->len;
      gsize good = slip_decoder_append (self->decoder, bytes + piece->start, piece->length, most,
                                        self->converted);

      if (self->converted->len > most)
        {
          g_autofree char *reason
              = g_strdup_printf ("the record has more than %" G_GSIZE_FORMAT
                                 " bytes as UTF-8 (--max-field, or maxFieldBytes in the sidecar)",
                                 most);

          return new_bad (self, reason, piece->start + good, i + 1, bytes + piece->start,
                          piece->length);
        }
      if (good < piece->length)
        return find_bad_text (self, i + 1, bytes + piece->start, piece->length, good);
      fields[i].length = self->converted->len - before;
    }
  begin = self->converted->str;
  for (guint i = 0; i < self->pieces->len; i++)
    {
      fields[i].text = begin;
      begin += fields[i].length;
      if (g_array_index (self->pieces, SlipCsvPiece, i).doubled)
        fields[i].length = join_quotes ((char *)fields[i].text, fields[i].length, self->quote);
    }
  return NULL;
}

static SlipBadRecord *
check_width (SlipCsvReader *self)
{
  g_autofree char *reason = NULL;
  gsize n = self->length;

  if (self->width == 0 || self->pieces->len == self->width)
    return NULL;
  while (
      n > 0
      && (self->buffer[self->start + n - 1] == '\n' || self->buffer[self->start + n - 1] == '\r'))
    n--;
  reason = g_strdup_printf ("%u %s, and the header has %u", self->pieces->len,
                            self->pieces->len == 1 ? "field" : "fields", self->width);
  return new_bad (self, reason, 0, 0, self->buffer + self->start, n);
}

static SlipBadRecord *
check_lengths (SlipCsvReader *self)
{
  if (self->length <= self->max_field)
    return NULL;
  for (guint i = 0; i < self->pieces->len; i++)
    {
      const SlipCsvPiece *piece = &g_array_index (self->pieces, SlipCsvPiece, i);
      g_autofree char *reason = NULL;

      if (piece->length <= self->max_field)
        continue;
      reason = g_strdup_printf ("the field has %" G_GSIZE_FORMAT " bytes, and %" G_GSIZE_FORMAT
                                " are allowed (--max-field, or maxFieldBytes in the sidecar)",
                                piece->length, self->max_field);
      return new_bad (self, reason, piece->start, i + 1, self->buffer + self->start + piece->start,
                      piece->length);
    }
  return NULL;
}

static SlipBadRecord *
take_fields (SlipCsvReader *self)
{
  SlipBadRecord *bad = check_width (self);

  if (self->fields->len != self->pieces->len)
    g_array_set_size (self->fields, self->pieces->len);
  if (bad == NULL)
    bad = check_lengths (self);
  if (bad == NULL && slip_decoder_is_utf8 (self->decoder))
    bad = check_utf8 (self);
  else if (bad == NULL)
    return convert_fields (self);
  if (bad == NULL)
    lend_fields (self);
  return bad;
}

static void
pass (SlipCsvReader *self)
{
  self->start += self->length;
  self->line += self->newlines + 1;
  self->inner += self->newlines;
}

SlipRead
slip_csv_reader_next (SlipCsvReader *self, SlipRecord *record, SlipBadRecord **bad, GError **error)
{
  g_return_val_if_fail (self != NULL && record != NULL && bad != NULL, SLIP_READ_ERROR);

  for (;;)
    {
      SlipCsvScan result = slip_csv_scan (self, error);

      if (result == SLIP_CSV_SCAN_MORE || result == SLIP_CSV_SCAN_END)
        return result == SLIP_CSV_SCAN_END ? SLIP_READ_END : SLIP_READ_ERROR;
      if (result != SLIP_CSV_SCAN_BLANK)
        self->number++;
      if (result == SLIP_CSV_SCAN_BAD)
        return tell_scan (self, bad, error);
      if (result == SLIP_CSV_SCAN_RECORD)
        break;
      self->blank++;
      pass (self);
    }
  *bad = take_fields (self);
  *record = (SlipRecord){.fields = (const SlipField *)self->fields->data,
                         .n = self->fields->len,
                         .number = self->number,
                         .line = self->line,
                         .byte = self->base + self->start,
                         .length = self->length};
  pass (self);
  return *bad != NULL ? SLIP_READ_BAD : SLIP_READ_RECORD;
}

/* ---- opening */

static void
classify (SlipCsvReader *self, const SlipCsvFormat *format)
{
  char delimiter = format->delimiter != '\0' ? format->delimiter : ',';

  self->quote = format->quote != '\0' ? format->quote : '"';
  self->max_field = format->max_field > 0 ? format->max_field : SLIP_CSV_MAX_FIELD;
  self->delimiter = delimiter;
  self->classes['\n'] = SLIP_CSV_LINE_FEED;
  self->classes['\r'] = SLIP_CSV_CARRIAGE_RETURN;
  self->classes[(guchar)delimiter] = SLIP_CSV_DELIMITER;
}

static gboolean
check_format (const SlipCsvFormat *format, GError **error)
{
  char delimiter = format->delimiter != '\0' ? format->delimiter : ',';
  char quote = format->quote != '\0' ? format->quote : '"';

  if (delimiter > 0 && quote > 0 && delimiter != quote && strchr ("\r\n", delimiter) == NULL
      && strchr ("\r\n", quote) == NULL)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
               "delimiter and quote must be two ASCII characters that end no line");
  return FALSE;
}

static gboolean
read_header (SlipCsvReader *self, GError **error)
{
  g_autoptr (SlipBadRecord) bad = NULL;
  SlipRecord record;
  SlipRead result = slip_csv_reader_next (self, &record, &bad, error);

  if (result == SLIP_READ_END)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                 "%s is empty: it has no header. Remove the file, or export it again",
                 slip_source_file_get_name (self->source));
  else if (result == SLIP_READ_BAD)
    {
      g_autofree char *text = NULL;

      bad->number = 0;
      text = slip_bad_record_to_text (bad);
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "the header cannot be read: %s", text);
    }
  if (result != SLIP_READ_RECORD)
    return FALSE;
  self->header = g_new0 (char *, record.n + 1);
  for (guint i = 0; i < record.n; i++)
    self->header[i] = g_strndup (record.fields[i].text, record.fields[i].length);
  self->width = record.n;
  self->number = 0;
  self->inner = 0;
  return TRUE;
}

SlipCsvReader *
slip_csv_reader_new (SlipSourceFile *source, const SlipCsvFormat *format, GError **error)
{
  g_return_val_if_fail (source != NULL && format != NULL, NULL);

  g_autoptr (SlipCsvReader) self = g_new0 (SlipCsvReader, 1);

  self->source = source;
  self->line = 1;
  self->pieces = g_array_new (FALSE, FALSE, sizeof (SlipCsvPiece));
  self->fields = g_array_new (FALSE, FALSE, sizeof (SlipField));
  self->converted = g_string_new (NULL);
  if (!check_format (format, error))
    return NULL;
  classify (self, format);
  self->decoder = slip_decoder_new (format->encoding, error);
  if (self->decoder == NULL || !slip_csv_fill (self, error)
      || !slip_decoder_check_mark (self->decoder, slip_source_file_get_name (source), self->buffer,
                                   self->fill, &self->start, error))
    return NULL;
  return read_header (self, error) ? g_steal_pointer (&self) : NULL;
}

void
slip_csv_reader_free (SlipCsvReader *self)
{
  if (self == NULL)
    return;
  slip_source_file_free (self->source);
  slip_decoder_free (self->decoder);
  g_strfreev (self->header);
  g_free (self->buffer);
  g_array_unref (self->pieces);
  g_array_unref (self->fields);
  g_string_free (self->converted, TRUE);
  g_free (self->told);
  g_free (self);
}

const char *const *
slip_csv_reader_get_header (SlipCsvReader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char *const *)self->header;
}

SlipSourceFile *
slip_csv_reader_get_source (SlipCsvReader *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->source;
}

guint64
slip_csv_reader_get_position (SlipCsvReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->base + self->start;
}

guint64
slip_csv_reader_get_blank_lines (SlipCsvReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->blank;
}

guint64
slip_csv_reader_get_inner_lines (SlipCsvReader *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->inner;
}
