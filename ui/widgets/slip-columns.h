/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipColumn:
 * @title: to be translated
 * @expand: whether it takes what room is left
 * @width_chars: its least width, in characters
 * @numeric: whether its text is right-aligned
 * @text: (transfer full) (nullable): the cell's text
 * @tone: (nullable): what a status cell means; with it the cell shows an icon as well
 * @compare: (nullable): how it sorts; a column without it does not
 * @wraps: whether a long text goes on in a second line
 *
 * A column of a list of objects. Cells follow their object's `notify`.
 */
typedef struct
{
  const char *title;
  gboolean expand;
  int width_chars;
  gboolean numeric;
  char *(*text) (gpointer item);
  SlipTone (*tone) (gpointer item);
  int (*compare) (gpointer a, gpointer b);
  gboolean wraps;
} SlipColumn;

/**
 * SlipColumnCallbacks:
 * @setup: of a #GtkSignalListItemFactory
 * @bind: the same
 * @unbind: the same
 *
 * How the cells of a column are made.
 */
typedef struct
{
  GCallback setup;
  GCallback bind;
  GCallback unbind;
} SlipColumnCallbacks;

/**
 * slip_columns_append:
 * @view: a view
 * @title: translated
 * @expand: whether it takes the room that is left
 * @callbacks: what makes its cells
 * @data: for @callbacks
 *
 * Adds a column whose cells are not those of a table.
 *
 * Returns: (transfer none): the column
 */
GtkColumnViewColumn *slip_columns_append (GtkColumnView *view,
                                          const char *title,
                                          gboolean expand,
                                          const SlipColumnCallbacks *callbacks,
                                          gpointer data);

/**
 * slip_columns_add:
 * @view: a column view whose rows are plain objects
 * @columns: (array length=n_columns): the columns; must stay
 *
 * Appends columns.
 */
void slip_columns_add (GtkColumnView *view, const SlipColumn *columns, guint n_columns);

/**
 * slip_columns_new_view:
 * @model: (transfer full) (nullable): its rows
 * @name: (nullable): what screen readers call it
 *
 * Returns: (transfer floating): a column view that looks like a table of data, without columns; its rows can be copied
 */
GtkColumnView *slip_columns_new_view (GtkSelectionModel *model, const char *name);

/**
 * slip_columns_new_scroller:
 * @view: a column view
 *
 * Returns: (transfer floating): what scrolls @view and takes what height is left
 */
GtkWidget *slip_columns_new_scroller (GtkColumnView *view);

G_END_DECLS
