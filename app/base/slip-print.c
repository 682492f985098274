/* SPDX-License-Identifier: MIT */
/* What commands print holds titles of plans, names of resources and messages of services, and a
 * terminal obeys whatever escape stands in them: it can hide a line, rewrite one, or set the clipboard.
 * So nothing reaches it that does not pass here. */

#include "slip-print.h"

#include <stdio.h>
#include <string.h>

static gboolean
is_harmful (gunichar c)
{
  if (c < 0x20)
    return c != '\n' && c != '\t';
  return (c >= 0x7f && c < 0xa0) || c == 0x061c || c == 0x200e || c == 0x200f
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* Most of what is printed, and megabytes of it. */
static gboolean
is_plain (char c)
{
  return (guchar)(c - 0x20) < 0x7f - 0x20 || c == '\n' || c == '\t';
}

char *
slip_print_escape (const char *text)
{
  GString *out;
  const char *end;

  g_return_val_if_fail (text != NULL, NULL);
  out = g_string_sized_new (strlen (text));
  end = text + strlen (text);
  while (text < end)
    {
      const char *stop = text;
      gunichar c;

      while (is_plain (*stop))
        stop++;
      g_string_append_len (out, text, stop - text);
      text = stop;
      if (text == end)
        break;
      c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar)-1 || c == (gunichar)-2)
        {
          g_string_append_printf (out, "\\x%02x", (guchar)*text++);
          continue;
        }
      if (is_harmful (c))
        g_string_append_printf (out, "\\u%04x", c);
      else
        g_string_append_unichar (out, c);
      text = g_utf8_next_char (text);
    }
  return g_string_free (out, FALSE);
}

static GString *
cut (const char *text, gsize max_bytes)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  gsize length = strlen (valid);
  const char *end;
  GString *kept;

  if (max_bytes == 0 || length <= max_bytes)
    return g_string_new (valid);
  end = g_utf8_find_prev_char (valid, valid + max_bytes + 1);
  kept = g_string_new_len (valid, end - valid);
  g_string_append_printf (kept, "… (%" G_GSIZE_FORMAT " bytes more)",
                          length - (gsize)(end - valid));
  return kept;
}

char *
slip_print_cut (const char *text, gsize max_bytes)
{
  g_return_val_if_fail (text != NULL, NULL);

  return g_string_free (cut (text, max_bytes), FALSE);
}

char *
slip_print_one_line (const char *text, gsize max_bytes)
{
  GString *line;

  g_return_val_if_fail (text != NULL, NULL);
  line = cut (text, max_bytes);
  g_strdelimit (line->str, "\r\n\t\v\f", ' ');
  g_string_replace (line, "\xc2\x85", " ", 0);
  g_string_replace (line, "\xe2\x80\xa8", " ", 0);
  g_string_replace (line, "\xe2\x80\xa9", " ", 0);
  return g_string_free (line, FALSE);
}

/* As GLib's own handler: the locale may not be able to say everything. */
static void
print_to (FILE *file, const char *text)
{
  g_autofree char *escaped = slip_print_escape (text);
  g_autofree char *converted = NULL;
  const char *charset;

  if (!g_get_charset (&charset))
    converted = g_convert_with_fallback (escaped, -1, charset, "UTF-8", "?", NULL, NULL, NULL);
  fputs (converted != NULL ? converted : escaped, file);
  fflush (file);
}

static void
print_out (const char *text)
{
  print_to (stdout, text);
}

static void
print_error (const char *text)
{
  print_to (stderr, text);
}

void
slip_print_install (void)
{
  g_set_print_handler (print_out);
  g_set_printerr_handler (print_error);
}
