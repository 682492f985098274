/* SPDX-License-Identifier: MIT */
/* The record: JSON Lines that slip-ledger-verify.c reads. Every line is canonical JSON (RFC 8785) and
 * a template of few words around it, so that a verifier needs no general parser. The statement at
 * the end signs the header and the leaves in their order: what is missing, whichever line, shows. */

#include "slip-json.h"
#include "slip-ledger-export-private.h"
#include "slip-ledger-note.h"
#include "slip-ledger-private.h"

#include <string.h>

static char *
canonical (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (object);

  return slip_json_canonical (node, NULL);
}

static char *
run_text (const char *run)
{
  g_autoptr (JsonNode) node = NULL;

  if (run == NULL)
    return g_strdup ("null");
  node = slip_json_new_string (run);
  return slip_json_canonical (node, NULL);
}

static char *
header_text (SlipExporter *exporter)
{
  JsonObject *header = json_object_new ();

  json_object_set_string_member (header, "format", "org.slipway.ledger/1");
  json_object_set_string_member (header, "origin", exporter->origin);
  json_object_set_string_member (header, "key", exporter->key);
  json_object_set_int_member (header, "size", (gint64)exporter->info.size);
  json_object_set_string_member (header, "root", exporter->info.root);
  json_object_set_int_member (header, "entries", (gint64)exporter->info.entries);
  if (exporter->run != NULL)
    json_object_set_string_member (header, "run", exporter->run);
  else
    json_object_set_null_member (header, "run");
  json_object_set_string_member (header, "exported", exporter->info.exported);
  return canonical (header);
}

static void
write_base64 (FILE *out, const guint8 *hash)
{
  g_autofree char *base64 = g_base64_encode (hash, SLIP_LEDGER_HASH_SIZE);

  fprintf (out, "\"%s\"", base64);
}

static gboolean
write_proof (SlipExporter *exporter, guint64 index, GError **error)
{
  g_autoptr (GByteArray) proof = slip_tree_inclusion (
      index, exporter->info.size, slip_ledger_store_node, exporter->store, error);

  if (proof == NULL)
    return FALSE;
  fputs (",\"proof\":[", exporter->out);
  for (guint i = 0; i < proof->len; i += SLIP_LEDGER_HASH_SIZE)
    {
      if (i > 0)
        fputc (',', exporter->out);
      write_base64 (exporter->out, proof->data + i);
    }
  fputc (']', exporter->out);
  return TRUE;
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
  GChecksum *checksum = data;

  g_checksum_update (checksum, leaf->bytes, sizeof leaf->bytes);
  fputs ("{\"entry\":", exporter->out);
  fwrite (text, 1, length, exporter->out);
  fprintf (exporter->out, ",\"index\":%" G_GINT64_FORMAT ",\"leaf\":", seq - 1);
  write_base64 (exporter->out, leaf->bytes);
  if (exporter->run != NULL && !write_proof (exporter, (guint64)seq - 1, error))
    return FALSE;
  fputs ("}\n", exporter->out);
  return TRUE;
}

static char *
signed_checkpoint (SlipExporter *exporter, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%s\n%" G_GUINT64_FORMAT "\n%s\n", exporter->origin,
                                           exporter->info.size, exporter->info.root);

  return slip_ledger_sign (exporter->ledger, text, error);
}

/* Its first line is never a log's origin, so that nobody takes it for a checkpoint. */
static char *
signed_statement (SlipExporter *exporter, GChecksum *checksum, GError **error)
{
  guint8 digest[SLIP_LEDGER_HASH_SIZE];
  gsize length = sizeof digest;
  g_autofree char *base64 = NULL;
  g_autofree char *run = run_text (exporter->run);
  g_autofree char *text = NULL;

  g_checksum_get_digest (checksum, digest, &length);
  base64 = g_base64_encode (digest, sizeof digest);
  text = g_strdup_printf ("slipway-export/1\n%s\n%" G_GUINT64_FORMAT "\n%s\n%" G_GUINT64_FORMAT
                          "\n%s\n%s\n%s\n",
                          exporter->origin, exporter->info.size, exporter->info.root,
                          exporter->info.entries, run, exporter->info.exported, base64);
  return slip_ledger_sign (exporter->ledger, text, error);
}

gboolean
slip_export_jsonl (SlipExporter *exporter, GError **error)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autofree char *header = header_text (exporter);
  g_autofree char *checkpoint = signed_checkpoint (exporter, error);
  g_autofree char *statement = NULL;
  g_autofree char *last = NULL;
  JsonObject *seal;

  if (checkpoint == NULL)
    return FALSE;
  fprintf (exporter->out, "%s\n", header);
  g_checksum_update (checksum, (const guchar *)header, -1);
  if (!slip_exporter_each (exporter, write_entry, checksum, error))
    return FALSE;
  statement = signed_statement (exporter, checksum, error);
  if (statement == NULL)
    return FALSE;
  seal = json_object_new ();
  json_object_set_string_member (seal, "checkpoint", checkpoint);
  json_object_set_string_member (seal, "statement", statement);
  last = canonical (seal);
  fprintf (exporter->out, "%s\n", last);
  return TRUE;
}
