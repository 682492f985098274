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
 * slip_migration_export_chart:
 * @chart: (transfer floating): a chart that is shown nowhere, so that it is drawn whole
 * @heading: (nullable): what stands above it, as slip_migration_dup_heading() tells
 *
 * Asks where to, and writes a PNG of a chart, 1,200 pixels wide, in the colours of @parent. Main thread.
 */
void slip_migration_export_chart (
    GtkWidget *parent, const char *title, const char *name, GtkWidget *chart, const char *heading);

/**
 * slip_migration_draw:
 * @chart: (transfer floating): a chart that is shown nowhere
 * @heading: (nullable): what stands above it
 * @like: a widget that is shown; the chart is drawn in its colours
 *
 * Returns: (transfer full): PNG of it, as slip_migration_export_chart() writes
 */
GBytes *slip_migration_draw (GtkWidget *chart, const char *heading, GtkWidget *like);

/**
 * slip_migration_dup_heading:
 *
 * Returns: (transfer full) (nullable): which migration, run and run date are shown, and how the run stands
 */
char *slip_migration_dup_heading (SlipMigrationData *data);

G_END_DECLS
