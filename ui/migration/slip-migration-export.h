/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_migration_export_query:
 * @parent: a widget in the window
 * @title: what is saved
 * @name: the proposed file name
 * @conninfo: a database
 * @sql: a query
 *
 * Asks where to, and writes what the query answers as CSV on a worker, in constant memory. Main thread.
 */
void slip_migration_export_query (
    GtkWidget *parent, const char *title, const char *name, const char *conninfo, const char *sql);

/**
 * slip_migration_export_text:
 * @text: what is written
 *
 * Asks where to, and writes a text. Main thread.
 */
void slip_migration_export_text (GtkWidget *parent,
                                 const char *title,
                                 const char *name,
                                 const char *text);

/**
 * slip_migration_export_picture:
 * @widget: what is drawn, as it is on the screen
 *
 * Asks where to, and writes a PNG of a widget. Main thread.
 */
void slip_migration_export_picture (GtkWidget *widget, const char *title, const char *name);

/**
 * slip_migration_export_drawing:
 * @chart: (transfer floating): a chart that is shown nowhere; it gets the size that it asks for
 *
 * Asks where to, and writes a PNG of a chart in the colours of @parent. Main thread.
 */
void slip_migration_export_drawing (GtkWidget *parent,
                                    const char *title,
                                    const char *name,
                                    GtkWidget *chart);

/**
 * slip_migration_draw:
 * @chart: (transfer floating): a chart that is shown nowhere
 * @like: a widget that is shown; the chart is drawn in its colours
 * @width: its width; 0 for the one that it asks for
 *
 * Returns: (transfer full): PNG of it
 */
GBytes *slip_migration_draw (GtkWidget *chart, GtkWidget *like, int width);

G_END_DECLS
