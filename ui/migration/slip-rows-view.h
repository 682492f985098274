/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-migration-desk.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ROWS_VIEW (slip_rows_view_get_type ())

/**
 * SlipRowsView:
 *
 * The rows behind a number: which file, record and line each came from, and what it says. However many there are, only
 * those that are looked at are fetched. Or what the new system's API was asked, and what it answered. Signals:
 * `back`, and `trace` (a landed table and a row id as `TABLE:ID`).
 */
G_DECLARE_FINAL_TYPE (SlipRowsView, slip_rows_view, SLIP, ROWS_VIEW, AdwBin)

GtkWidget *slip_rows_view_new (void);

/**
 * slip_rows_view_new_for_checks:
 *
 * Returns: a view of what slip_rows_view_dup_checks_sql() asks for
 */
GtkWidget *slip_rows_view_new_for_checks (void);

/**
 * slip_rows_view_dup_checks_sql:
 * @run: a run's id
 *
 * Returns: (transfer full): the query of the run's API checks, those first that are not as expected
 */
char *slip_rows_view_dup_checks_sql (gint64 run);

/**
 * slip_rows_view_show:
 * @title: what the rows have in common
 * @conninfo: the migration database
 * @sql: the query of slip_report_dup_rows_sql()
 * @frame: (nullable): slip_landed_lines_dup_rows(), where lines are known
 *
 * Shows other rows.
 */
void slip_rows_view_show (SlipRowsView *self,
                          const char *title,
                          const char *conninfo,
                          const char *sql,
                          const char *frame);

/**
 * slip_rows_view_retry:
 *
 * Fetches rows that could not be fetched.
 */
void slip_rows_view_retry (SlipRowsView *self);

/**
 * slip_rows_view_get_n_rows:
 *
 * Returns: how many rows there are; 0 while they are counted
 */
guint slip_rows_view_get_n_rows (SlipRowsView *self);

G_END_DECLS
