/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_ages_follow:
 * @cell: a cell of slip_cell_new()
 * @time_us: since when, microseconds since 1970; 0 to follow nothing any more
 *
 * Lets @cell tell how long ago that was, and keeps it true with the clock for as long as it can be seen. Main thread.
 */
void slip_ages_follow (GtkWidget *cell, gint64 time_us);

/**
 * slip_ages_update:
 * @now_us: the time
 *
 * Brings all cells up to date that can be seen. Their timer does it; a test turns the clock with it.
 */
void slip_ages_update (gint64 now_us);

G_END_DECLS
