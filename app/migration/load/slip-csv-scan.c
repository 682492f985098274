/* SPDX-License-Identifier: MIT */
/* Where records and fields of a CSV file begin and end: one look at each byte outside of quotes, memchr() within.
 * It changes no byte and knows no encoding; what a field holds is slip-csv-reader.c's. */

#include "slip-csv-reader-private.h"

#include <string.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* A record that is longer than the first is read in larger pieces, since each looks at all of it again. */
#define LARGE_BLOCK (4 * 1024 * 1024)
/* The header, and rows for the server to begin with: until it has some, it waits. */
#define FIRST_BLOCK (16 * 1024)

/* ---- filling */

gboolean
slip_csv_fill (SlipCsvReader *self, GError **error)
{
  gboolean first = self->base + self->fill == 0;
  gsize wanted
      = first ? FIRST_BLOCK : CLAMP (self->fill - self->start, SLIP_CSV_BLOCK, LARGE_BLOCK);
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
      self->room = self->fill + wanted + SLIP_CSV_BLOCK;
      self->buffer = g_realloc (self->buffer, self->room + SLIP_CSV_GUARD);
    }
  n = slip_source_file_read (self->source, self->buffer + self->fill, wanted, error);
  if (n < 0)
    return FALSE;
  self->fill += (gsize)n;
  self->ended = n == 0;
  /* Line feeds behind the last byte end every loop without another comparison. */
  memset (self->buffer + self->fill, '\n', SLIP_CSV_GUARD);
  self->block = NULL;
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

#ifdef __SSE2__
static inline guint64
look (const SlipCsvReader *self, const char *text)
{
  const __m128i delimiter = _mm_set1_epi8 (self->delimiter);
  const __m128i line_feed = _mm_set1_epi8 ('\n');
  const __m128i carriage_return = _mm_set1_epi8 ('\r');
  guint64 stops = 0;

  for (guint i = 0; i < 4; i++)
    {
      __m128i bytes = _mm_loadu_si128 ((const __m128i *)(text + 16 * i));
      __m128i found = _mm_or_si128 (_mm_cmpeq_epi8 (bytes, delimiter),
                                    _mm_or_si128 (_mm_cmpeq_epi8 (bytes, line_feed),
                                                  _mm_cmpeq_epi8 (bytes, carriage_return)));

      stops |= (guint64)(guint)_mm_movemask_epi8 (found) << (16 * i);
    }
  return stops;
}

/* The next delimiter or line end. Most fields are short: sixty-four bytes are looked at once for all fields that end
 * there, which takes fewer steps than any loop over each, and no branch to guess wrong. */
static inline const char *
find_stop (SlipCsvReader *self, const char *text)
{
  guintptr ahead = (guintptr)text - (guintptr)self->block;

  if (ahead < 64)
    {
      guint64 left = self->stops >> ahead;

      if (left != 0)
        return text + __builtin_ctzll (left);
      text = self->block + 64;
    }
  for (;; text += 64)
    {
      self->stops = look (self, text);
      if (self->stops == 0)
        continue;
      self->block = text;
      return text + __builtin_ctzll (self->stops);
    }
}
#else
static inline const char *
find_stop (SlipCsvReader *self, const char *text)
{
  while (self->classes[(guchar)*text] == SLIP_CSV_PLAIN)
    text++;
  return text;
}
#endif

/* GLib's own way costs a call and a look at the array's size for each field. */
static inline gboolean
push (SlipCsvReader *self, gsize start, gsize length, gboolean doubled)
{
  guint n = self->pieces->len;
  SlipCsvPiece *piece;

  if (G_UNLIKELY (n == self->pieces_room))
    {
      if (n == SLIP_CSV_MAX_FIELDS)
        return FALSE;
      self->pieces_room = MIN (2 * n + 64, SLIP_CSV_MAX_FIELDS);
      g_array_set_size (self->pieces, self->pieces_room);
    }
  /* Member by member: a piece that is put together first and copied then is read before its parts are written, and
   * the processor waits for that at each field. */
  piece = (SlipCsvPiece *)self->pieces->data + n;
  piece->start = start;
  piece->length = length;
  piece->doubled = doubled;
  self->pieces->len = n + 1;
  return TRUE;
}

static SlipCsvScan
too_many (SlipCsvReader *self, gsize start)
{
  return fail (self, "the record has more than 16384 fields", start, start, self->pieces->len + 1);
}

/* From the opening quote to behind the closing one. */
static SlipCsvScan
scan_quoted (SlipCsvReader *self, const char *bytes, gsize size, gsize *at)
{
  gsize start = *at + 1;
  gboolean doubled = FALSE;
  gsize i = start;

  for (;;)
    {
      const char *found = memchr (bytes + i, self->quote, size - i);

      if (found == NULL)
        return self->ended ? fail (self, "a quote is opened here and never closed", start - 1,
                                   start - 1, self->pieces->len + 1)
                           : SLIP_CSV_SCAN_MORE;
      i = (gsize)(found - bytes);
      if (i + 1 == size && !self->ended)
        return SLIP_CSV_SCAN_MORE;
      if (i + 1 == size || bytes[i + 1] != self->quote)
        break;
      doubled = TRUE;
      i += 2;
    }
  for (const char *p = memchr (bytes + start, '\n', i - start); p != NULL;
       p = memchr (p + 1, '\n', (gsize)(bytes + i - p - 1)))
    self->newlines++;
  *at = i + 1;
  if (i + 1 < size && self->classes[(guchar)bytes[i + 1]] == SLIP_CSV_PLAIN)
    return fail (self, "text stands behind the closing quote", i + 1, start - 1,
                 self->pieces->len + 1);
  if (i + 1 >= size && !self->ended)
    return SLIP_CSV_SCAN_MORE;
  if (!push (self, start, i - start, doubled))
    return too_many (self, start - 1);
  self->doubled |= doubled;
  return SLIP_CSV_SCAN_RECORD;
}

/* A carriage return ends a line with the line feed behind it, and nothing without. */
static SlipCsvScan
check_return (SlipCsvReader *self, const char *bytes, gsize size, gsize *at)
{
  if (*at + 1 == size && !self->ended)
    return SLIP_CSV_SCAN_MORE;
  if (*at + 1 == size || bytes[*at + 1] != '\n')
    return fail (self, "a carriage return stands here and ends no line", *at,
                 g_array_index (self->pieces, SlipCsvPiece, self->pieces->len - 1).start,
                 self->pieces->len);
  ++*at;
  return SLIP_CSV_SCAN_RECORD;
}

/* One field and what ends it. SLIP_CSV_SCAN_RECORD: there may be another; *ended when the record is over. */
static inline SlipCsvScan
scan_field (SlipCsvReader *self, const char *bytes, gsize size, gsize *at, gboolean *ended)
{
  gsize i = *at;
  SlipCsvScan result = SLIP_CSV_SCAN_RECORD;

  if (i < size && bytes[i] == self->quote)
    {
      result = scan_quoted (self, bytes, size, at);
      if (result != SLIP_CSV_SCAN_RECORD)
        return result;
      i = *at;
    }
  else
    {
      i = (gsize)(find_stop (self, bytes + i) - bytes);
      if (i >= size && !self->ended)
        return SLIP_CSV_SCAN_MORE;
      if (!push (self, *at, MIN (i, size) - *at, FALSE))
        return too_many (self, *at);
    }
  *ended = i >= size || self->classes[(guchar)bytes[i]] != SLIP_CSV_DELIMITER;
  if (i < size && bytes[i] == '\r')
    result = check_return (self, bytes, size, &i);
  *at = MIN (i + 1, size);
  return result;
}

static SlipCsvScan
scan (SlipCsvReader *self)
{
  const char *bytes = self->buffer + self->start;
  gsize size = self->fill - self->start;
  gboolean ended = FALSE;
  gsize at = 0;

  self->pieces->len = 0;
  self->doubled = FALSE;
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
  g_free (self->told);
  self->told = g_strdup_printf (
      "the field that begins here has more than %" G_GSIZE_FORMAT " bytes, and %" G_GSIZE_FORMAT
      " are allowed (--max-field, or maxFieldBytes in the sidecar), or its quote is never closed",
      self->fill - self->start - begin, self->max_field);
  return fail (self, self->told, begin, begin, self->pieces->len + 1);
}

SlipCsvScan
slip_csv_scan (SlipCsvReader *self, GError **error)
{
  for (;;)
    {
      SlipCsvScan result = scan (self);

      if (result != SLIP_CSV_SCAN_MORE)
        return result;
      /* What is converted stands in memory a second time. */
      if (self->fill - self->start
          > (slip_decoder_is_utf8 (self->decoder) ? 2 : 1) * self->max_field + SLIP_CSV_BLOCK)
        return give_up (self);
      if (!slip_csv_fill (self, error))
        return SLIP_CSV_SCAN_MORE;
    }
}
