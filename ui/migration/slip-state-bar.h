/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-status.h"

G_BEGIN_DECLS

/**
 * slip_state_bar_new:
 * @status: (out) (transfer none): how what is shown stands
 * @as_of: (out) (transfer none): of when it is
 *
 * Returns: (transfer floating): the line below a page of migrations
 */
GtkWidget *slip_state_bar_new (SlipStatus **status, GtkLabel **as_of);

/**
 * slip_state_bar_dup_time:
 * @moment: of when it is what a page shows, microseconds since 1970; 0 is unknown
 *
 * Returns: (transfer full): “as of 10:00:01 UTC”, or ""
 */
char *slip_state_bar_dup_time (gint64 moment);

G_END_DECLS
