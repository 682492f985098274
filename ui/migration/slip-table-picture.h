/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-columns.h"

G_BEGIN_DECLS

#define SLIP_TYPE_TABLE_PICTURE (slip_table_picture_get_type ())

/**
 * SlipTablePicture:
 *
 * Tables as one picture, as wide and as high as what they say: for files, where nothing scrolls. It is never shown; see
 * slip_migration_export_drawing(). Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipTablePicture, slip_table_picture, SLIP, TABLE_PICTURE, GtkWidget)

/**
 * slip_table_picture_new:
 * @title: what stands above
 *
 * Returns: (transfer floating): a picture
 */
GtkWidget *slip_table_picture_new (const char *title);

/**
 * slip_table_picture_add_head:
 * @title: (nullable): what the table is about
 * @cells: (array zero-terminated=1): the titles of its columns
 *
 * Begins a table.
 */
void
slip_table_picture_add_head (SlipTablePicture *self, const char *title, const char *const *cells);

/**
 * slip_table_picture_add_row:
 * @depth: how far its first cell is indented, in steps
 * @tone: what the row means; a mark in its colour stands before it, and the cells say it in words
 * @cells: (array zero-terminated=1): its cells, one for each column
 *
 * Adds a row to the table that was begun last. Of a table of many hundred rows the picture has the first, and says how
 * many it lacks.
 */
void slip_table_picture_add_row (SlipTablePicture *self,
                                 guint depth,
                                 SlipTone tone,
                                 const char *const *cells);

/**
 * slip_table_picture_add_model:
 * @title: (nullable): what the table is about
 * @rows: its rows
 * @columns: (array length=n_columns): as a column view of them has
 *
 * Adds a table with all rows of a list.
 */
void slip_table_picture_add_model (SlipTablePicture *self,
                                   const char *title,
                                   GListModel *rows,
                                   const SlipColumn *columns,
                                   guint n_columns);

G_END_DECLS
