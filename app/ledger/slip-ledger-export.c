/* SPDX-License-Identifier: MIT */
/* What every export has in common: one state of the ledger, sealed first, and a file that appears
 * whole or not at all. The formats are in files of their own. */

#include "slip-ledger-export.h"
#include "slip-file.h"
#include "slip-ledger-export-private.h"
#include "slip-ledger-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

gboolean
slip_ledger_format_parse (const char *name, SlipLedgerFormat *format)
{
  static const char *const names[] = {"jsonl", "csv", "html"};

  g_return_val_if_fail (name != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (g_str_equal (name, names[i]))
        {
          *format = (SlipLedgerFormat)i;
          return TRUE;
        }
    }
  return FALSE;
}

static gboolean
export_error (SlipExporter *exporter, const char *what, int number, GError **error)
{
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_EXPORT, "cannot %s export %s: %s", what,
               exporter->path, g_strerror (number));
  return FALSE;
}

static gboolean
visit_row (SlipExporter *exporter,
           sqlite3_stmt *statement,
           SlipExportFunc func,
           gpointer data,
           GError **error)
{
  gint64 seq = sqlite3_column_int64 (statement, 0);
  const char *text = (const char *)sqlite3_column_text (statement, 1);
  gsize length = (gsize)sqlite3_column_bytes (statement, 1);
  const void *nodes = sqlite3_column_blob (statement, 2);
  SlipTreeHash leaf;

  if (text != NULL)
    slip_tree_leaf (text, length, &leaf);
  if (text == NULL || sqlite3_column_bytes (statement, 2) < (int)sizeof leaf
      || memcmp (nodes, &leaf, sizeof leaf) != 0)
    {
      g_autofree char *ledger = slip_ledger_dup_path (exporter->ledger);

      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_DAMAGED,
                   "ledger %s is damaged: entry %" G_GINT64_FORMAT
                   " does not fit the tree. Somebody changed the file",
                   ledger, seq);
      return FALSE;
    }
  return func (exporter, seq, text, length, &leaf, data, error);
}

gboolean
slip_exporter_each (SlipExporter *exporter, SlipExportFunc func, gpointer data, GError **error)
{
  SlipLedgerFilter filter = {.run = exporter->run};
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_query (exporter->store, "seq, body, nodes", &filter, FALSE, error);
  int code;

  if (statement == NULL)
    return FALSE;
  while ((code = slip_ledger_store_step (exporter->store, statement, error)) == SQLITE_ROW)
    {
      if (g_cancellable_set_error_if_cancelled (exporter->cancellable, error)
          || !visit_row (exporter, statement, func, data, error))
        return FALSE;
      /* Not worth the rest of a million entries when the disk is full. */
      if (ferror (exporter->out))
        return export_error (exporter, "write", errno, error);
    }
  return code == SQLITE_DONE;
}

static gboolean
count_entries (SlipExporter *exporter, GError **error)
{
  SlipLedgerFilter filter = {.run = exporter->run};
  g_autoptr (sqlite3_stmt) statement
      = slip_ledger_query (exporter->store, "count (*)", &filter, TRUE, error);

  if (statement == NULL || slip_ledger_store_step (exporter->store, statement, error) != SQLITE_ROW)
    return FALSE;
  exporter->info.entries = (guint64)sqlite3_column_int64 (statement, 0);
  return TRUE;
}

static gboolean
begin (SlipExporter *exporter, GError **error)
{
  SlipTreeFrontier frontier;
  g_autofree char *base64 = NULL;
  g_autofree char *now = slip_time_format (g_get_real_time () / G_USEC_PER_SEC * G_USEC_PER_SEC);
  SlipTreeHash root;

  exporter->store = slip_ledger_take_reader (exporter->ledger, error);
  if (exporter->store == NULL || !slip_ledger_store_begin (exporter->store, FALSE, error)
      || !slip_ledger_store_size (exporter->store, &exporter->info.size, error)
      || !slip_tree_load (&frontier, exporter->info.size, slip_ledger_store_node, exporter->store,
                          error)
      || !count_entries (exporter, error))
    return FALSE;
  slip_tree_root (&frontier, &root);
  base64 = g_base64_encode (root.bytes, sizeof root.bytes);
  g_strlcpy (exporter->info.root, base64, sizeof exporter->info.root);
  g_strlcpy (exporter->info.exported, now, sizeof exporter->info.exported);
  exporter->origin = slip_ledger_dup_origin (exporter->ledger);
  exporter->key = slip_ledger_dup_public_key (exporter->ledger);
  return TRUE;
}

static gboolean
write_format (SlipExporter *exporter, SlipLedgerFormat format, GError **error)
{
  switch (format)
    {
    case SLIP_LEDGER_FORMAT_CSV:
      return slip_export_csv (exporter, error);
    case SLIP_LEDGER_FORMAT_HTML:
      return slip_export_html (exporter, error);
    case SLIP_LEDGER_FORMAT_JSONL:
    default:
      return slip_export_jsonl (exporter, error);
    }
}

static gboolean
finish_file (SlipExporter *exporter, const char *temporary, GError **error)
{
  FILE *out = g_steal_pointer (&exporter->out);
  gboolean written = fflush (out) == 0 && !ferror (out) && fsync (fileno (out)) == 0;
  int number = errno;

  if (fclose (out) != 0 && written)
    {
      number = errno;
      written = FALSE;
    }
  if (!written)
    return export_error (exporter, "write", number, error);
  if (g_rename (temporary, exporter->path) != 0)
    return export_error (exporter, "write", errno, error);
  return TRUE;
}

/* Beside the target, so that the rename stays on one file system. */
static gboolean
write_beside (SlipExporter *exporter, SlipLedgerFormat format, GError **error)
{
  g_autofree char *temporary = slip_file_temporary (exporter->path);
  g_autofree char *folder = g_path_get_dirname (exporter->path);
  int fd = g_mkstemp_full (temporary, O_RDWR | O_CLOEXEC, 0600);
  gboolean written;

  if (fd < 0)
    return export_error (exporter, "create", errno, error);
  slip_file_sweep (folder);
  exporter->out = fdopen (fd, "w");
  if (exporter->out == NULL)
    {
      int number = errno;

      close (fd);
      g_unlink (temporary);
      return export_error (exporter, "create", number, error);
    }
  written = write_format (exporter, format, error) && finish_file (exporter, temporary, error);
  if (exporter->out != NULL)
    fclose (g_steal_pointer (&exporter->out));
  if (!written)
    g_unlink (temporary);
  return written && slip_file_sync_folder (folder, error);
}

/* A link is followed, so that it stays one; a device or a pipe cannot be replaced as a whole. */
static char *
resolve_target (const char *path, GError **error)
{
  char *real = realpath (path, NULL);
  char *target;

  if (real == NULL)
    return g_canonicalize_filename (path, NULL);
  target = g_strdup (real);
  free (real);
  if (g_file_test (target, G_FILE_TEST_IS_REGULAR))
    return target;
  g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_EXPORT,
               "cannot write export %s: it is not a regular file", path);
  g_free (target);
  return NULL;
}

/* Sealing needs room on the ledger's disk. Where there is none the export, which carries its own
 * signature, must still be possible, if only onto another disk. */
static gboolean
seal (SlipLedger *self, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *note = slip_ledger_checkpoint (self, &local);

  if (note != NULL || g_error_matches (local, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_WRITE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
slip_ledger_export (SlipLedger *self,
                    SlipLedgerFormat format,
                    const char *run,
                    const char *path,
                    SlipLedgerExport *info,
                    GCancellable *cancellable,
                    GError **error)
{
  SlipExporter exporter = {.ledger = self, .run = run, .cancellable = cancellable};
  gboolean written;

  g_return_val_if_fail (SLIP_IS_LEDGER (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  exporter.path = resolve_target (path, error);
  if (exporter.path == NULL)
    return FALSE;
  written
      = seal (self, error) && begin (&exporter, error) && write_beside (&exporter, format, error);
  if (exporter.store != NULL)
    slip_ledger_return_reader (self, exporter.store);
  if (written && info != NULL)
    *info = exporter.info;
  g_free (exporter.path);
  g_free (exporter.origin);
  g_free (exporter.key);
  return written;
}
