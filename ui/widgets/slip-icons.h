/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_icons_load_soon:
 * @window: that has been mapped; keeps the icons for as long as it lives
 *
 * Has the icons of rows and statuses read and rendered on another thread, so that the first frame that shows one finds it
 * there: to render one takes a millisecond or two, and a list shows half a dozen at once.
 */
void slip_icons_load_soon (GtkWidget *window);

G_END_DECLS
