/* SPDX-License-Identifier: MIT */
/* A view for spreadsheets (RFC 4180). A cell that a spreadsheet would take for a formula gets an
 * apostrophe in front: entries hold what others named their resources. */

#include "slip-json.h"
#include "slip-ledger-export-private.h"

#include <string.h>

static const char *const columns[] = {
    "seq",  "time", "kind",      "environment",    "account", "region",
    "run",  "step", "effect",    "operation",      "outcome", "request_id",
    "user", "host", "principal", "request_sha256", "data",
};

/* A cell of a spreadsheet holds 32,767 characters; what is longer would spoil the rows behind it. */
#define CELL_MAX 32000

static void
write_cell (FILE *out, const char *text)
{
  g_autofree char *cut = NULL;

  if (text == NULL || *text == '\0')
    return;
  if (strlen (text) > CELL_MAX && g_utf8_strlen (text, -1) > CELL_MAX)
    {
      g_autofree char *start = g_utf8_substring (text, 0, CELL_MAX);

      cut = g_strconcat (start, " … (cut: the JSON Lines export has all of it)", NULL);
      text = cut;
    }
  fputc ('"', out);
  if (strchr ("=+-@\t\r\n|%", *text) != NULL)
    fputc ('\'', out);
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        fputc ('"', out);
      fputc (*p, out);
    }
  fputc ('"', out);
}

static char *
member_text (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_canonical (node, NULL);
}

static char *
column_text (JsonObject *entry, const char *column)
{
  JsonObject *actor = slip_json_object (entry, "actor");

  if (g_str_equal (column, "user") || g_str_equal (column, "host")
      || g_str_equal (column, "principal"))
    return member_text (actor, column);
  return member_text (entry, column);
}

static gboolean
write_entry (SlipExporter *exporter,
             gint64 seq,
             const char *text,
             gsize length,
             const SlipTreeHash *leaf,
             gpointer data,
             GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, (gssize)length, error);

  if (node == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      g_autofree char *cell = column_text (json_node_get_object (node), columns[i]);

      if (i > 0)
        fputc (',', exporter->out);
      write_cell (exporter->out, cell);
    }
  fputs ("\r\n", exporter->out);
  return TRUE;
}

/* The last row has the table's shape too: kind `export`, and in `data` what the table covers. */
static void
write_summary (SlipExporter *exporter)
{
  g_autofree char *data = g_strdup_printf (
      "%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
      " entries; root %s; log %s; key %s. This table is a view: verify the JSON Lines export with "
      "slipwayctl ledger verify",
      exporter->info.entries, exporter->info.size, exporter->info.root, exporter->origin,
      exporter->key);

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      if (i > 0)
        fputc (',', exporter->out);
      if (g_str_equal (columns[i], "time"))
        write_cell (exporter->out, exporter->info.exported);
      else if (g_str_equal (columns[i], "kind"))
        write_cell (exporter->out, "export");
      else if (g_str_equal (columns[i], "run"))
        write_cell (exporter->out, exporter->run);
      else if (g_str_equal (columns[i], "data"))
        write_cell (exporter->out, data);
    }
  fputs ("\r\n", exporter->out);
}

gboolean
slip_export_csv (SlipExporter *exporter, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    fprintf (exporter->out, "%s%s", i > 0 ? "," : "", columns[i]);
  fputs ("\r\n", exporter->out);
  if (!slip_exporter_each (exporter, write_entry, NULL, error))
    return FALSE;
  write_summary (exporter);
  return TRUE;
}
