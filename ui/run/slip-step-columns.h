/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_step_columns_add:
 * @view: the list of a run's steps
 *
 * Gives it its columns, of which the last ones hide where there is no room.
 */
void slip_step_columns_add (GtkColumnView *view);

G_END_DECLS
