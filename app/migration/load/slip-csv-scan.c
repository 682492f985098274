/* SPDX-License-Identifier: MIT */
/* Where records and fields of a CSV file begin and end: one look at each byte outside of quotes, memchr() within.
 * It changes no byte and knows no encoding; what a field holds is slip-csv-reader.c's. */

#include "slip-csv-reader-private.h"

#include <string.h>

/* A record that is longer than the first is read in larger pieces, since each looks at all of it again. */
#define BLOCK (256 * 1024)
#define LARGE_BLOCK (4 * 1024 * 1024)

/* ---- filling */

gboolean
slip_csv_fill (SlipCsvReader *self, GError **error)
{
  gsize wanted = CLAMP (self->fill - self->start, BLOCK, LARGE_BLOCK);
  gssize n;

  if (self->start > 0)
    {
      memmove (self->buffer, self->buffer + self->start, self->fill - self->start);
      self->base += self->start;
      self->fill -= self->start;
      self->start = 0;
    }
  if (self->room - self->fill < wanted)
    {
      self->room = self->fill + wanted + BLOCK;
      self->buffer = g_realloc (self->buffer, self->room + 1);
    }
  n = slip_source_file_read (self->source, self->buffer + self->fill, wanted, error);
  if (n < 0)
    return FALSE;
  self->fill += (gsize)n;
  self->ended = n == 0;
  /* A line feed behind the last byte ends every loop without another comparison. */
  self->buffer[self->fill] = '\n';
  return TRUE;
}

/* ---- scanning */

static SlipCsvScan
fail (SlipCsvReader *self, const char *reason, gsize fault, gsize field, guint column)
{
  self->reason = reason;
  self->fault = fault;
  self->fault_field = field;
  self->fault_column = column;
  return SLIP_CSV_SCAN_BAD;
}

/* From behind the opening quote to behind the closing one. */
static SlipCsvScan
scan_quoted (SlipCsvReader *self, const char *bytes, gsize size, gsize *at, SlipCsvPiece *piece)
{
  gsize i = *at;

  for (;;)
    {
      const char *found = memchr (bytes + i, self->quote, size - i);

      if (found == NULL)
        return self->ended ? fail (self, "a quote is opened here and never closed",
                                   piece->start - 1, piece->start - 1, self->pieces->len + 1)
                           : SLIP_CSV_SCAN_MORE;
      i = (gsize)(found - bytes);
      if (i + 1 == size && !self->ended)
        return SLIP_CSV_SCAN_MORE;
      if (i + 1 == size || bytes[i + 1] != self->quote)
        break;
      piece->doubled = TRUE;
      i += 2;
    }
  piece->length = i - piece->start;
  for (const char *p = memchr (bytes + piece->start, '\n', piece->length); p != NULL;
       p = memchr (p + 1, '\n', (gsize)(bytes + i - p - 1)))
    self->newlines++;
  *at = i + 1;
  return SLIP_CSV_SCAN_RECORD;
}

/* One field and what ends it. SLIP_CSV_SCAN_RECORD: there may be another; *ended when the record is over. */
static SlipCsvScan
scan_field (SlipCsvReader *self, const char *bytes, gsize size, gsize *at, gboolean *ended)
{
  SlipCsvPiece piece = {.start = *at};
  gsize i = *at;

  if (i < size && bytes[i] == self->quote)
    {
      SlipCsvScan scan;

      piece.start = ++i;
      scan = scan_quoted (self, bytes, size, &i, &piece);
      if (scan != SLIP_CSV_SCAN_RECORD)
        return scan;
      if (i < size && self->classes[(guchar)bytes[i]] == SLIP_CSV_PLAIN)
        return fail (self, "text stands behind the closing quote", i, piece.start - 1,
                     self->pieces->len + 1);
    }
  else
    {
      while (self->classes[(guchar)bytes[i]] == SLIP_CSV_PLAIN)
        i++;
      piece.length = MIN (i, size) - piece.start;
    }
  if (i >= size && !self->ended)
    return SLIP_CSV_SCAN_MORE;
  g_array_append_val (self->pieces, piece);
  *ended = i >= size || self->classes[(guchar)bytes[i]] != SLIP_CSV_DELIMITER;
  if (i < size && bytes[i] == '\r')
    {
      if (i + 1 == size && !self->ended)
        return SLIP_CSV_SCAN_MORE;
      if (i + 1 == size || bytes[i + 1] != '\n')
        return fail (self, "a carriage return stands here and ends no line", i, piece.start,
                     self->pieces->len);
      i++;
    }
  *at = MIN (i + 1, size);
  return SLIP_CSV_SCAN_RECORD;
}

static SlipCsvScan
scan (SlipCsvReader *self)
{
  const char *bytes = self->buffer + self->start;
  gsize size = self->fill - self->start;
  gboolean ended = FALSE;
  gsize at = 0;

  g_array_set_size (self->pieces, 0);
  self->newlines = 0;
  if (size == 0)
    return self->ended ? SLIP_CSV_SCAN_END : SLIP_CSV_SCAN_MORE;
  if (size == 1 && *bytes == '\r' && !self->ended)
    return SLIP_CSV_SCAN_MORE;
  while (!ended)
    {
      SlipCsvScan result = scan_field (self, bytes, size, &at, &ended);

      if (result != SLIP_CSV_SCAN_RECORD)
        return result;
      /* A delimiter as the file's last byte has an empty field behind it. */
      if (!ended && at == size && !self->ended)
        return SLIP_CSV_SCAN_MORE;
    }
  self->length = at;
  return *bytes == '\n' || (*bytes == '\r' && at == 2) ? SLIP_CSV_SCAN_BLANK : SLIP_CSV_SCAN_RECORD;
}

/* Where the field lies that a record which is too long stands in. */
static SlipCsvScan
give_up (SlipCsvReader *self)
{
  gsize begin = 0;

  if (self->pieces->len > 0)
    {
      const SlipCsvPiece *last = &g_array_index (self->pieces, SlipCsvPiece, self->pieces->len - 1);

      /* Behind the field comes its quote, if it has one, and the delimiter. */
      begin = last->start + last->length;
      begin += self->buffer[self->start + begin] == self->quote ? 2 : 1;
    }
  return fail (self, "the field that begins here is too long, or its quote is never closed", begin,
               begin, self->pieces->len + 1);
}

SlipCsvScan
slip_csv_scan (SlipCsvReader *self, GError **error)
{
  for (;;)
    {
      SlipCsvScan result = scan (self);

      if (result != SLIP_CSV_SCAN_MORE)
        return result;
      if (self->fill - self->start > 2 * self->max_field + BLOCK)
        return give_up (self);
      if (!slip_csv_fill (self, error))
        return SLIP_CSV_SCAN_MORE;
    }
}
