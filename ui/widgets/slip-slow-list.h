/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_TYPE_SLOW_LIST (slip_slow_list_get_type ())

/**
 * SlipSlowList:
 *
 * The first items of a list, and soon all of them. A view of this GTK release makes the widgets of two hundred rows
 * whatever its height, at once and in one turn of the main loop. Behind this model they come a few at a time, with room
 * for frames and keys between. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipSlowList, slip_slow_list, SLIP, SLOW_LIST, GObject)

/**
 * slip_slow_list_new:
 * @model: (transfer full): the items
 *
 * Returns: (transfer full): a #GListModel of the same items
 */
GListModel *slip_slow_list_new (GListModel *model);

/**
 * slip_slow_list_new_lingering:
 * @model: (transfer full): items that own what they show
 *
 * Items that are taken away, whose widgets take as long to go, go a few at a time too: behind those that are there they are
 * still seen for some frames. For views in which nothing is chosen.
 *
 * Returns: (transfer full): a #GListModel that ends as one of the same items
 */
GListModel *slip_slow_list_new_lingering (GListModel *model);

/**
 * slip_slow_list_reach:
 * @model: a #SlipSlowList, or a model over one, such as a selection
 * @position: a position of the items
 *
 * Lets the item at @position be there now, as it must be to be selected.
 */
void slip_slow_list_reach (GListModel *model, guint position);

/**
 * slip_slow_list_is_whole:
 *
 * Returns: whether all items are there
 */
gboolean slip_slow_list_is_whole (SlipSlowList *self);

G_END_DECLS
