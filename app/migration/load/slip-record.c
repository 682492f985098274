/* SPDX-License-Identifier: MIT */
/* Records as readers give them, and how a bad one is told: where it is, and what stands there in a form that a
 * terminal survives. */

#include "slip-record.h"

#include "slip-migration-error.h"

#include <string.h>

#define READABLE_BYTES 120

void
slip_bad_record_free (SlipBadRecord *bad)
{
  if (bad == NULL)
    return;
  g_free (bad->file);
  g_free (bad->sheet);
  g_free (bad->name);
  g_free (bad->value);
  g_free (bad->reason);
  g_free (bad);
}

char *
slip_column_letters (guint column)
{
  GString *letters = g_string_new (NULL);

  for (; column > 0; column = (column - 1) / 26)
    g_string_prepend_c (letters, (char)('A' + (column - 1) % 26));
  return g_string_free (letters, FALSE);
}

/* Where it stands, as the program that shows the file calls it. */
static void
append_sheet_place (GString *text, const SlipBadRecord *bad)
{
  g_autofree char *letters = slip_column_letters (bad->column);

  g_string_append_printf (text, "%s sheet %s, ", bad->file, bad->sheet);
  if (bad->number > 0)
    g_string_append_printf (text, "record %" G_GUINT64_FORMAT " (row %" G_GUINT64_FORMAT ")",
                            bad->number, bad->line);
  else
    g_string_append_printf (text, "row %" G_GUINT64_FORMAT, bad->line);
  if (bad->column > 0)
    g_string_append_printf (text, ", column %s", letters);
}

static void
append_place (GString *text, const SlipBadRecord *bad)
{
  if (bad->number > 0)
    g_string_append_printf (text,
                            "%s record %" G_GUINT64_FORMAT " (line %" G_GUINT64_FORMAT
                            "), byte %" G_GUINT64_FORMAT,
                            bad->file, bad->number, bad->line, bad->byte);
  else
    g_string_append_printf (text, "%s line %" G_GUINT64_FORMAT ", byte %" G_GUINT64_FORMAT,
                            bad->file, bad->line, bad->byte);
  if (bad->column > 0)
    g_string_append_printf (text, ", column %u", bad->column);
}

char *
slip_bad_record_to_text (const SlipBadRecord *bad)
{
  g_return_val_if_fail (bad != NULL, NULL);

  GString *text = g_string_new (NULL);
  g_autofree char *told = NULL;

  if (bad->sheet != NULL)
    append_sheet_place (text, bad);
  else
    append_place (text, bad);
  if (bad->name != NULL)
    {
      g_autofree char *name = slip_readable (bad->name, strlen (bad->name));

      g_string_append_printf (text, " (%s)", name);
    }
  told = slip_migration_dup_told (bad->value);
  g_string_append_printf (text, ": %s: %s", bad->reason, told);
  return g_string_free (text, FALSE);
}

static void
append_byte (GString *readable, guchar byte)
{
  if (byte == '\n')
    g_string_append (readable, "\\n");
  else if (byte == '\r')
    g_string_append (readable, "\\r");
  else if (byte == '\t')
    g_string_append (readable, "\\t");
  else
    g_string_append_printf (readable, "\\x%02X", byte);
}

char *
slip_readable (const char *text, gsize length)
{
  g_return_val_if_fail (text != NULL || length == 0, NULL);

  GString *readable = g_string_new (NULL);
  gsize i = 0;

  while (i < length && readable->len < READABLE_BYTES)
    {
      gunichar c = g_utf8_get_char_validated (text + i, (gssize)(length - i));
      gsize n = 1;

      if (c == (gunichar)-1 || c == (gunichar)-2 || c < 0x20 || !g_unichar_isprint (c))
        append_byte (readable, (guchar)text[i]);
      else
        {
          n = (gsize)g_utf8_skip[(guchar)text[i]];
          g_string_append_len (readable, text + i, (gssize)n);
        }
      i += n;
    }
  if (i < length)
    g_string_append (readable, "…");
  return g_string_free (readable, FALSE);
}
