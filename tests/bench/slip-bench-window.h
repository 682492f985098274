/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-page.h"
#include "slip-window.h"

G_BEGIN_DECLS

/**
 * slip_bench_use_points:
 *
 * From now on the rows are recovery points of backup vaults instead of snapshots of clusters.
 */
void slip_bench_use_points (void);

/**
 * slip_bench_get_leaf:
 *
 * Returns: what kind of row there are many of
 */
SlipResourceKind slip_bench_get_leaf (void);

/**
 * slip_bench_new_state:
 * @rows: how many snapshots
 * @clusters: of how many clusters
 *
 * Makes a state folder with a workspace, whose endpoint nobody listens on, and with what an earlier
 * listing of its only environment kept; the program that starts next in this environment opens them.
 *
 * Returns: (transfer full): the folder
 */
char *slip_bench_new_state (guint rows, guint clusters);
void slip_bench_remove_state (const char *folder);

/**
 * slip_bench_open:
 * @rows: how many snapshots there must be
 *
 * Opens the program's window on the state of slip_bench_new_state() and waits until its first page,
 * the snapshots, has all rows.
 *
 * Returns: (transfer none): the page
 */
SlipEstatePage *slip_bench_open (guint rows);

/**
 * slip_bench_open_window:
 *
 * Opens the window only.
 *
 * Returns: (transfer none): the window
 */
SlipWindow *slip_bench_open_window (void);

/**
 * slip_bench_expand:
 * @page: a page
 *
 * Expands all first rows and waits until that is drawn.
 */
void slip_bench_expand (SlipEstatePage *page);

/**
 * slip_bench_get_rows:
 *
 * Returns: (transfer none): the rows as the view shows them
 */
GListModel *slip_bench_get_rows (SlipEstatePage *page);

G_END_DECLS
