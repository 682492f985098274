/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-tree-filter.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ESTATE_ROWS (slip_estate_rows_get_type ())

/**
 * SlipEstateRows:
 *
 * The rows of a tree of resources on their way into a view. What changes reaches the view in portions, a
 * few rows a frame, and a filter's effect as one change, so that nobody waits for hundreds of rows to be
 * made.
 *
 * The signal `settled` is emitted when all rows are in the view again.
 */
G_DECLARE_FINAL_TYPE (SlipEstateRows, slip_estate_rows, SLIP, ESTATE_ROWS, GObject)

/**
 * slip_estate_rows_new:
 * @tree: (transfer full): a tree of #SlipResource
 * @view: (transfer none): the view in a scrolled window; it must outlive the rows' use
 * @filter: what the tree's levels are filtered by
 */
SlipEstateRows *
slip_estate_rows_new (GtkTreeListModel *tree, GtkWidget *view, SlipFilterState *filter);

/**
 * slip_estate_rows_get_model:
 *
 * Returns: (transfer none): what the view is to show, a #GListModel of #SlipSlot
 */
GListModel *slip_estate_rows_get_model (SlipEstateRows *self);

/**
 * slip_estate_rows_begin:
 *
 * Call it before the filter changes, and slip_estate_rows_end() after.
 */
void slip_estate_rows_begin (SlipEstateRows *self);

/**
 * slip_estate_rows_end:
 * @self: the rows
 * @expand: whether to expand all levels too
 *
 * Filters and expands what is in sight, and the rest a bit in each frame.
 */
void slip_estate_rows_end (SlipEstateRows *self, gboolean expand);

/**
 * slip_estate_rows_is_busy:
 *
 * Returns: whether `settled` is still to come
 */
gboolean slip_estate_rows_is_busy (SlipEstateRows *self);

/**
 * slip_estate_rows_pin:
 * @slot: (nullable): the #SlipSlot that is selected; it keeps its row
 */
void slip_estate_rows_pin (SlipEstateRows *self, gpointer slot);

/**
 * slip_estate_rows_expand:
 * @max: about how many rows
 *
 * Expands all levels now; for short lists.
 */
void slip_estate_rows_expand (SlipEstateRows *self, guint max);

/**
 * slip_estate_rows_find:
 * @self: the rows
 * @id: a resource's id
 * @position: (out): its position in the model
 *
 * Expands down to a resource, and lets all rows into the view.
 *
 * Returns: whether the resource is among the rows that the filter lets through
 */
gboolean slip_estate_rows_find (SlipEstateRows *self, const char *id, guint *position);

G_END_DECLS
