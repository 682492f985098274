/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_drop_texts_put:
 * @down: a drop-down
 * @texts: what can be chosen
 * @selected: what is chosen
 *
 * Offers other choices. Where they are the same as before the list stays, as the toolkit makes widgets for all of a new
 * one at once. Main thread.
 */
void slip_drop_texts_put (GtkDropDown *down, GtkStringList *texts, guint selected);

G_END_DECLS
