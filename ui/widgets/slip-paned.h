/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_paned_watch:
 * @paned: with both its children
 *
 * While one of the children is hidden, the handle between them takes no clicks. In this GTK release it goes on taking them where it
 * stood when both were shown, from whatever stands there now.
 */
void slip_paned_watch (GtkPaned *paned);

G_END_DECLS
