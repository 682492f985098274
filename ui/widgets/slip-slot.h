/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SLIP_TYPE_SLOT (slip_slot_get_type ())

/**
 * SlipSlot:
 *
 * A place in a view of a tree, with the row that stands there. A view of this GTK release makes new
 * widgets for each row that is new to it, so a row that went leaves its place to one that came: the
 * signal `changed` tells the widgets to show the other row. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipSlot, slip_slot, SLIP, SLOT, GObject)

/**
 * slip_slot_new:
 *
 * Returns: (transfer full): a place without a row
 */
SlipSlot *slip_slot_new (void);

/**
 * slip_slot_set_row:
 * @self: a place
 * @row: the row that stands there from now on
 *
 * Does not tell: slip_slot_tell() does.
 */
void slip_slot_set_row (SlipSlot *self, GtkTreeListRow *row);
GtkTreeListRow *slip_slot_get_row (SlipSlot *self); /* borrowed, nullable */

/**
 * slip_slot_get_item:
 *
 * Returns: (transfer none) (nullable): what the row shows, even when the row went from its tree
 */
gpointer slip_slot_get_item (SlipSlot *self);

/**
 * slip_slot_set_position:
 * @self: a place
 * @position: where it stands in its list
 *
 * For the list that the place is in; a row moves before its place is told of it.
 */
void slip_slot_set_position (SlipSlot *self, guint position);

/**
 * slip_slot_get_position:
 *
 * Returns: where the place stands, %G_MAXUINT when nowhere
 */
guint slip_slot_get_position (SlipSlot *self);

/**
 * slip_slot_tell:
 *
 * Emits `changed`.
 */
void slip_slot_tell (SlipSlot *self);

G_END_DECLS
