/* SPDX-License-Identifier: MIT */
/* Values in the text form of COPY (PostgreSQL manual, COPY, "Text Format"). */

#include "slip-copy-text.h"

#include <string.h>

/* The letter behind the backslash, or 0. As CopyAttributeOutText() of PostgreSQL. */
static const char letters[256] = {
    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
    ['\t'] = 't', ['\v'] = 'v', ['\\'] = '\\',
};

#define EACH_BYTE(byte) ((guint64)(guchar)(byte)*0x0101010101010101u)

/* Room for so many bytes more, without touching them. */
static char *
make_room (GString *out, gsize length)
{
  gsize before = out->len;

  if (G_UNLIKELY (out->allocated_len - before <= length))
    {
      g_string_set_size (out, before + length);
      out->len = before;
    }
  return out->str + before;
}

/* Whether one of eight bytes is a backslash or below 14: one that is escaped, or may be. */
static inline gboolean
is_suspicious (guint64 word)
{
  guint64 slash = word ^ EACH_BYTE ('\\');

  return (((word - EACH_BYTE (14)) & ~word) | ((slash - EACH_BYTE (1)) & ~slash)) & EACH_BYTE (0x80)
             ? TRUE
             : FALSE;
}

static gboolean
is_plain (const char *text, gsize length)
{
  guint64 word;
  gsize i = 0;

  for (; i + sizeof word <= length; i += sizeof word)
    {
      memcpy (&word, text + i, sizeof word);
      if (is_suspicious (word))
        return FALSE;
    }
  for (; i < length; i++)
    if (letters[(guchar)text[i]] != 0)
      return FALSE;
  return TRUE;
}

static char *
escape (char *to, const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      char letter = letters[(guchar)text[i]];

      if (G_UNLIKELY (letter != 0))
        *to++ = '\\';
      *to++ = letter != 0 ? letter : text[i];
    }
  return to;
}

void
slip_copy_text_append (GString *out, const char *text, gsize length)
{
  char *to = make_room (out, 2 * length);

  out->len = (gsize)(escape (to, text, length) - out->str);
}

/* Fields of a record that needs no quotes lie one byte apart in the file. All of it is copied then, and what stands
 * between two becomes a tab. */
static gboolean
append_span (GString *out, const SlipField *fields, guint n)
{
  const char *first = fields[0].text;
  const char *end = fields[n - 1].text + fields[n - 1].length;
  gsize length = (gsize)(end - first);
  char *to;

  /* Fields of other records are memory of their own, with anything or nothing between them. */
  for (guint i = 0; i + 1 < n; i++)
    if (fields[i + 1].text != fields[i].text + fields[i].length + 1)
      return FALSE;
  if (first == NULL || !is_plain (first, length))
    return FALSE;
  to = make_room (out, length + 1);
  *to++ = '\t';
  memcpy (to, first, length);
  for (guint i = 0; i + 1 < n; i++)
    to[fields[i].text + fields[i].length - first] = '\t';
  out->len += length + 1;
  return TRUE;
}

void
slip_copy_text_append_fields (GString *out, const SlipField *fields, guint n)
{
  gsize all = 0;
  char *to;

  if (n == 0 || append_span (out, fields, n))
    return;
  for (guint i = 0; i < n; i++)
    all += 2 * fields[i].length + 3;
  to = make_room (out, all);
  for (guint i = 0; i < n; i++)
    {
      *to++ = '\t';
      if (fields[i].text != NULL)
        to = escape (to, fields[i].text, fields[i].length);
      else
        {
          *to++ = '\\';
          *to++ = 'N';
        }
    }
  out->len = (gsize)(to - out->str);
}

void
slip_copy_text_append_number (GString *out, guint64 number)
{
  char digits[24];
  gsize i = sizeof digits;

  do
    digits[--i] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  memcpy (make_room (out, sizeof digits - i), digits + i, sizeof digits - i);
  out->len += sizeof digits - i;
}
