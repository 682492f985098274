/* SPDX-License-Identifier: MIT */
/* Tables that a step told, such as the report of a migration, as tables of the page: CSV inside JSON is nothing that a
 * person reads. What is no CSV stays in the entry, which the page has as well. */

#include "slip-ledger-export-private.h"

#include "slip-json.h"

#include <string.h>

/* One field from @p on, which is left behind it; RFC 4180. */
static char *
read_field (const char **p)
{
  GString *field = g_string_new (NULL);
  gboolean quoted = **p == '"';

  *p += quoted;
  for (; **p != '\0'; (*p)++)
    {
      if (quoted && **p == '"' && (*p)[1] == '"')
        (*p)++;
      else if (quoted && **p == '"')
        {
          (*p)++;
          break;
        }
      else if (!quoted && strchr (",\r\n", **p) != NULL)
        break;
      g_string_append_c (field, **p);
    }
  return g_string_free (field, FALSE);
}

static gboolean
is_number (const char *text)
{
  return text[0] != '\0' && strspn (text, "0123456789.-") == strlen (text);
}

static void
write_field (FILE *out, const char *element, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  if (is_number (text))
    fprintf (out, "<%s class=\"number\">%s</%s>", element, escaped, element);
  else
    fprintf (out, "<%s>%s</%s>", element, escaped, element);
}

static void
write_row (FILE *out, const char *element, const char **p)
{
  fputs ("<tr>", out);
  for (;;)
    {
      g_autofree char *field = read_field (p);

      write_field (out, element, field);
      if (**p != ',')
        break;
      (*p)++;
    }
  fputs ("</tr>\n", out);
  /* A field that is followed by neither is no CSV: the rest of the line is passed over. */
  while (**p != '\0' && **p != '\n')
    (*p)++;
  *p += **p == '\n';
}

static void
write_table (FILE *out, const char *name, const char *csv)
{
  g_autofree char *title = g_markup_escape_text (name, -1);
  const char *p = csv;

  fprintf (out, "<h3>%s</h3>\n<table><thead>", title);
  write_row (out, "th", &p);
  fputs ("</thead><tbody>\n", out);
  while (*p != '\0')
    write_row (out, "td", &p);
  fputs ("</tbody></table>\n", out);
}

void
slip_export_write_tables (FILE *out, const char *title, JsonObject *entry)
{
  JsonObject *data = slip_json_object (entry, "data");
  JsonObject *outputs = data != NULL ? slip_json_object (data, "outputs") : NULL;
  JsonObject *tables = outputs != NULL ? slip_json_object (outputs, "Tables") : NULL;
  g_autoptr (GList) names = tables != NULL ? json_object_get_members (tables) : NULL;
  g_autofree char *escaped = g_markup_escape_text (title, -1);

  if (names != NULL)
    fprintf (out, "<h2>%s</h2>\n", escaped);
  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *csv = slip_json_string (tables, l->data);

      if (csv != NULL && csv[0] != '\0')
        write_table (out, l->data, csv);
    }
}
