/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_head_layout_new:
 *
 * For a widget with a #GtkScrolledWindow that is its head, then others. Below each other the head gets what it needs in that
 * width, and scrolls where then too little is left of the last child; that one gets the rest. A scrolled window by itself asks
 * for the height that its texts have in one line.
 *
 * Returns: (transfer full): how to lay it out
 */
GtkLayoutManager *slip_head_layout_new (void);

G_END_DECLS
