/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_column_room_add:
 * @view: a column view, before or after it has columns
 * @first: pixels that its first column needs
 *
 * Keeps room for the first column: while the view is too narrow for all of them, those at the end are
 * hidden, the last one first, but never the second one. What they say stands in the details of a row
 * as well. Main thread.
 */
void slip_column_room_add (GtkColumnView *view, int first);

/**
 * slip_column_room_set_need:
 * @column: a column that is not the first
 * @width_chars: how wide its texts are
 * @extra: pixels beside the text, such as an icon
 *
 * Tells how much room @column takes. A column of which nothing was told is never hidden.
 */
void slip_column_room_set_need (GtkColumnViewColumn *column, int width_chars, int extra);

G_END_DECLS
