/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-table-picture.h"

G_BEGIN_DECLS

/**
 * slip_stage_columns_add:
 * @view: a view of #GtkTreeListRow of #SlipStageNode
 *
 * Adds a run's columns: what, state, rows, rate and time.
 */
void slip_stage_columns_add (GtkColumnView *view);

/**
 * slip_stage_columns_draw:
 * @picture: a picture
 * @rows: what such a view shows
 *
 * Adds all that is open in the tree, also what is not in sight.
 */
void slip_stage_columns_draw (SlipTablePicture *picture, GListModel *rows);

G_END_DECLS
