/* SPDX-License-Identifier: MIT */
/* Encodings of source files. Only those in which ASCII stands for itself: the reader then finds delimiters and
 * line ends in the file's own bytes, and every position that it tells is the file's. */

#include "slip-decoder.h"

#include <errno.h>
#include <string.h>

#define UTF8_BYTES 8

struct _SlipDecoder
{
  char *encoding; /* owned */
  gboolean utf8;
  gboolean single;             /* one byte, one character: a table does */
  char table[256][UTF8_BYTES]; /* UTF-8 of each byte; "" for none */
  GIConv iconv;                /* or (GIConv)-1 */
};

static gboolean
convert_byte (SlipDecoder *self, guint byte)
{
  char in[1] = {(char)byte};
  char *from = in;
  char *to = self->table[byte];
  gsize left = 1;
  gsize room = UTF8_BYTES - 1;

  g_iconv (self->iconv, NULL, NULL, NULL, NULL);
  errno = 0;
  return g_iconv (self->iconv, &from, &left, &to, &room) != (gsize)-1 && left == 0;
}

/* Whether ASCII is ASCII here; and whether each byte stands alone. */
static gboolean
look_at_bytes (SlipDecoder *self)
{
  self->single = TRUE;
  for (guint i = 1; i < 256; i++)
    {
      gboolean ok = convert_byte (self, i);

      if (i < 0x80 && (!ok || self->table[i][0] != (char)i || self->table[i][1] != '\0'))
        return FALSE;
      if (!ok && errno == EINVAL)
        self->single = FALSE;
      if (!ok)
        self->table[i][0] = '\0';
    }
  return TRUE;
}

SlipDecoder *
slip_decoder_new (const char *encoding, GError **error)
{
  g_autoptr (SlipDecoder) self = g_new0 (SlipDecoder, 1);

  self->encoding = g_strdup (encoding != NULL ? encoding : "UTF-8");
  self->utf8 = g_ascii_strcasecmp (self->encoding, "UTF-8") == 0
               || g_ascii_strcasecmp (self->encoding, "UTF8") == 0;
  self->iconv = (GIConv)-1;
  if (self->utf8)
    return g_steal_pointer (&self);
  self->iconv = g_iconv_open ("UTF-8", self->encoding);
  if (self->iconv == (GIConv)-1)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                 "the encoding %s is not known here. iconv --list tells which are", self->encoding);
  else if (!look_at_bytes (self))
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_DEFINITION,
                 "files in %s cannot be read as they are. Convert them first: iconv -f %s -t UTF-8",
                 self->encoding, self->encoding);
  else
    return g_steal_pointer (&self);
  return NULL;
}

void
slip_decoder_free (SlipDecoder *self)
{
  if (self == NULL)
    return;
  if (self->iconv != (GIConv)-1)
    g_iconv_close (self->iconv);
  g_free (self->encoding);
  g_free (self);
}

const char *
slip_decoder_get_encoding (SlipDecoder *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->encoding;
}

gboolean
slip_decoder_is_utf8 (SlipDecoder *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return self->utf8;
}

/* Eight bytes at a time: none above 0x7F and none that is NUL. */
static gsize
skip_ascii (const char *text, gsize length)
{
  const guint64 high = 0x8080808080808080u;
  const guint64 ones = 0x0101010101010101u;
  gsize i = 0;

  for (; i + 8 <= length; i += 8)
    {
      guint64 word;

      memcpy (&word, text + i, 8);
      if (((word | (word - ones)) & high) != 0)
        break;
    }
  while (i < length && text[i] > 0)
    i++;
  return i;
}

gsize
slip_decoder_find_fault (SlipDecoder *self, const char *text, gsize length)
{
  g_return_val_if_fail (self != NULL && self->utf8, 0);

  gsize i = skip_ascii (text, length);
  const char *end;

  if (i == length)
    return length;
  g_utf8_validate_len (text + i, length - i, &end);
  return (gsize)(end - text);
}

static gsize
append_single (SlipDecoder *self, const char *text, gsize length, gsize most, GString *out)
{
  gsize i = 0;

  while (i < length && out->len <= most)
    {
      gsize plain = skip_ascii (text + i, length - i);

      g_string_append_len (out, text + i, (gssize)plain);
      i += plain;
      if (i == length)
        break;
      if (self->table[(guchar)text[i]][0] == '\0')
        return i;
      g_string_append (out, self->table[(guchar)text[i++]]);
    }
  return i;
}

static gsize
append_several (SlipDecoder *self, const char *text, gsize length, gsize most, GString *out)
{
  const char *nul = memchr (text, '\0', length);
  char *from = (char *)text;
  gsize left = nul != NULL ? (gsize)(nul - text) : length;

  g_iconv (self->iconv, NULL, NULL, NULL, NULL);
  while (left > 0 && out->len <= most)
    {
      char piece[4096];
      char *to = piece;
      gsize room = sizeof piece;
      gsize n = g_iconv (self->iconv, &from, &left, &to, &room);
      int number = errno;

      g_string_append_len (out, piece, to - piece);
      if (n == (gsize)-1 && number != E2BIG)
        return (gsize)(from - text);
    }
  return (gsize)(from - text);
}

gsize
slip_decoder_append (SlipDecoder *self, const char *text, gsize length, gsize most, GString *out)
{
  g_return_val_if_fail (self != NULL && !self->utf8, 0);

  return self->single ? append_single (self, text, length, most, out)
                      : append_several (self, text, length, most, out);
}

gboolean
slip_decoder_check_mark (SlipDecoder *self,
                         const char *name,
                         const char *text,
                         gsize length,
                         gsize *skip,
                         GError **error)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    const char *encoding;
  } marks[] = {{"\xEF\xBB\xBF", 3, "UTF-8"},
               {"\xFF\xFE\x00\x00", 4, "UTF-32LE"},
               {"\xFF\xFE", 2, "UTF-16LE"},
               {"\x00\x00\xFE\xFF", 4, "UTF-32BE"},
               {"\xFE\xFF", 2, "UTF-16BE"}};

  g_return_val_if_fail (self != NULL && skip != NULL, FALSE);

  *skip = 0;
  for (gsize i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      if (length < marks[i].length || memcmp (text, marks[i].bytes, marks[i].length) != 0)
        continue;
      if (self->utf8 && i == 0)
        {
          *skip = marks[i].length;
          return TRUE;
        }
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_INPUT,
                   "%s begins with the byte order mark of %s, and is stated to be %s. %s", name,
                   marks[i].encoding, self->encoding,
                   i == 0 ? "State UTF-8" : "Convert it first: iconv -t UTF-8");
      return FALSE;
    }
  return TRUE;
}
