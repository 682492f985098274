/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * slip_bench_stall:
 * @rows: how many snapshots land
 *
 * Opens the window on a rehearsal, starts a run, lists @rows snapshots into an expanded group of the
 * page that is shown, and measures how long the main loop stood at most.
 *
 * Returns: the exit status
 */
int slip_bench_stall (guint rows);

G_END_DECLS
