/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-export.h"
#include "slip-ledger-tree.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

G_BEGIN_DECLS

/**
 * SlipExporter:
 *
 * An export on its way: one state of the ledger, and a file that is not yet at its place.
 */
typedef struct
{
  SlipLedger *ledger;
  gpointer store; /* SlipLedgerStore, in a read transaction */
  const char *run;
  GCancellable *cancellable;
  char *path;
  char *origin;
  char *key;
  SlipLedgerExport info;
  FILE *out;
} SlipExporter;

/**
 * SlipExportFunc:
 * @leaf: the entry's leaf hash
 *
 * Writes one entry. Errors of the file are found when it is closed.
 */
typedef gboolean (*SlipExportFunc) (SlipExporter *exporter,
                                    gint64 seq,
                                    const char *text,
                                    gsize length,
                                    const SlipTreeHash *leaf,
                                    gpointer data,
                                    GError **error);

/**
 * slip_exporter_each:
 *
 * Calls @func for each entry that the export covers, in order, after comparing it with the tree.
 */
gboolean
slip_exporter_each (SlipExporter *exporter, SlipExportFunc func, gpointer data, GError **error);

/* The formats, one file each. */
gboolean slip_export_jsonl (SlipExporter *exporter, GError **error);
gboolean slip_export_csv (SlipExporter *exporter, GError **error);
gboolean slip_export_html (SlipExporter *exporter, GError **error);

/**
 * slip_export_write_tables:
 * @title: what stands above them
 * @entry: an entry
 *
 * Writes the CSV tables that the entry's step told (outputs, Tables) as HTML tables, each under its name; nothing for
 * other entries.
 */
void slip_export_write_tables (FILE *out, const char *title, JsonObject *entry);

G_END_DECLS
