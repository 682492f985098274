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

/**
 * slip_drop_texts_let_shrink:
 * @down: a drop-down of texts
 * @max_chars: how wide its button becomes at most; -1 for as wide as what is chosen
 * @mode: where what is chosen is cut when there is less room
 *
 * Its button takes less room than what is chosen, so that a long text widens no window; the list shows all of each.
 * Main thread.
 */
void slip_drop_texts_let_shrink (GtkDropDown *down, int max_chars, PangoEllipsizeMode mode);

G_END_DECLS
