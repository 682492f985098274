/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-resource.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ESTATE_ROWS (slip_estate_rows_get_type ())

/**
 * SlipEstateRows:
 *
 * The rows of a tree of resources on their way into a view. A filter's effect reaches the view as one
 * change and in portions, a few rows a frame, so that no key waits for hundreds of rows to be made.
 *
 * The signal `settled` is emitted when all rows are in the view again.
 */
G_DECLARE_FINAL_TYPE (SlipEstateRows, slip_estate_rows, SLIP, ESTATE_ROWS, GObject)

/**
 * slip_estate_rows_new:
 * @tree: (transfer full): a tree of #SlipResource
 * @view: (transfer none): the view in a scrolled window; it must outlive the rows' use
 */
SlipEstateRows *slip_estate_rows_new (GtkTreeListModel *tree, GtkWidget *view);

/**
 * slip_estate_rows_get_model:
 *
 * Returns: (transfer none): what the view is to show, a #GListModel of #GtkTreeListRow
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
 * @expand: whether to expand all levels too, a bit in each frame
 */
void slip_estate_rows_end (SlipEstateRows *self, gboolean expand);

/**
 * slip_estate_rows_is_busy:
 *
 * Returns: whether `settled` is still to come
 */
gboolean slip_estate_rows_is_busy (SlipEstateRows *self);

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
