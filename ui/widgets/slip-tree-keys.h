/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_tree_keys_add:
 * @view: a #GtkListView or #GtkColumnView over a #GtkTreeListModel
 *
 * Makes plain Left and Right collapse and expand the focused row, as file managers do; the toolkit
 * itself only offers Shift+Left and Shift+Right. Left on a row without children moves to its parent.
 */
void slip_tree_keys_add (GtkWidget *view);

/**
 * slip_tree_keys_scroll_to:
 * @view: a #GtkListView or #GtkColumnView
 * @position: a row
 *
 * Scrolls until the row is in view.
 */
void slip_tree_keys_scroll_to (GtkWidget *view, guint position);

G_END_DECLS
