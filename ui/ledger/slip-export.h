/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-ledger-export.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_export_ask:
 * @parent: a widget in the window
 * @workbench: whose ledger is exported
 * @run: (nullable): only this run; %NULL for the whole log
 * @format: how to write it
 *
 * Asks where to, writes it on a worker, and tells the result.
 */
void slip_export_ask (GtkWidget *parent,
                      SlipWorkbench *workbench,
                      const char *run,
                      SlipLedgerFormat format);

/**
 * slip_export_to:
 * @parent: a widget in the window
 * @path: the file
 *
 * What slip_export_ask() does once the person has chosen.
 */
void slip_export_to (GtkWidget *parent,
                     SlipWorkbench *workbench,
                     const char *run,
                     SlipLedgerFormat format,
                     const char *path);

/**
 * slip_export_verify_ask:
 * @parent: a widget in the window
 * @workbench: whose own key the file is checked against
 *
 * Asks for an exported file and tells whether it verifies against this ledger's key.
 */
void slip_export_verify_ask (GtkWidget *parent, SlipWorkbench *workbench);

G_END_DECLS
