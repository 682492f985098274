/* SPDX-License-Identifier: MIT */
/* Values in the text form of COPY (PostgreSQL manual, COPY, "Text Format"). */

#include "slip-copy-text.h"

#include <string.h>

/* The letter behind the backslash, or 0. As CopyAttributeOutText() of PostgreSQL. */
static const char letters[256] = {
    ['\b'] = 'b', ['\f'] = 'f', ['\n'] = 'n',  ['\r'] = 'r',
    ['\t'] = 't', ['\v'] = 'v', ['\\'] = '\\',
};

/* As g_string_append_len(), which looks whether the text lies within the string. */
static inline void
append (GString *out, const char *text, gsize length)
{
  gsize before = out->len;

  if (G_UNLIKELY (before + length >= out->allocated_len))
    {
      g_string_append_len (out, text, (gssize)length);
      return;
    }
  memcpy (out->str + before, text, length);
  out->len = before + length;
}

void
slip_copy_text_append (GString *out, const char *text, gsize length)
{
  gsize from = 0;

  for (gsize i = 0; i < length; i++)
    {
      char letter = letters[(guchar)text[i]];

      if (G_LIKELY (letter == 0))
        continue;
      append (out, text + from, i - from);
      append (out, (const char[]){'\\', letter}, 2);
      from = i + 1;
    }
  append (out, text + from, length - from);
}

void
slip_copy_text_append_number (GString *out, guint64 number)
{
  char digits[24];
  gsize i = sizeof digits;

  do
    digits[--i] = (char)('0' + number % 10);
  while ((number /= 10) > 0);
  append (out, digits + i, sizeof digits - i);
}
