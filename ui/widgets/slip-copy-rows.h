/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SlipCopyRowsText:
 * @item: what a row shows
 * @data: of slip_copy_rows_set_text()
 *
 * Returns: (transfer full) (nullable): what a cell says
 */
typedef char *(*SlipCopyRowsText) (gpointer item, gconstpointer data);

/**
 * slip_copy_rows_add:
 * @view: a table
 *
 * Lets rows of @view be copied as a spreadsheet takes them: a line with the columns' titles, a line for each row, tabs
 * between. Ctrl+C copies the rows that are selected, or all where none is; Ctrl+Shift+C copies all; a menu has both (right
 * click, Menu key, Shift+F10). An item whose property `loaded` is %FALSE is waited for. Columns that found no room are
 * copied too. Of a very long list only the beginning is copied, and its last line says so.
 */
void slip_copy_rows_add (GtkColumnView *view);

/**
 * slip_copy_rows_set_text:
 * @column: a column of a table
 * @text: what its cells say
 * @data: (nullable): for @text; must stay
 *
 * A column without it is not copied.
 */
void
slip_copy_rows_set_text (GtkColumnViewColumn *column, SlipCopyRowsText text, gconstpointer data);

G_END_DECLS
