/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_TYPE_PAGED_ROW (slip_paged_row_get_type ())

/**
 * SlipPagedRow:
 *
 * A row of a #SlipPagedList; empty until its page has come, which `notify::loaded` tells. Main thread.
 */
G_DECLARE_FINAL_TYPE (SlipPagedRow, slip_paged_row, SLIP, PAGED_ROW, GObject)

/**
 * slip_paged_row_is_loaded:
 *
 * Returns: whether its values are there
 */
gboolean slip_paged_row_is_loaded (SlipPagedRow *self);

/**
 * slip_paged_row_get:
 * @column: a column's index in the query
 *
 * Returns: (transfer none) (nullable): the value as text; %NULL is null, or not there yet
 */
const char *slip_paged_row_get (SlipPagedRow *self, guint column);

/**
 * slip_paged_row_dup_line:
 * @line: the column that has a line's number
 * @exact: the column that says whether the record begins just there
 *
 * Returns: (transfer full) (nullable): the line as a person reads it: "12", or "≥ 12" where it is there or later
 */
char *slip_paged_row_dup_line (SlipPagedRow *self, guint line, guint exact);

#define SLIP_TYPE_PAGED_LIST (slip_paged_list_get_type ())

/**
 * SlipPagedList:
 *
 * What a query answers, however many rows: a #GListModel of #SlipPagedRow that knows how many there are, and
 * fetches what is looked at on a worker, a page at a time, the latest first. Signal `changed`: it has been
 * counted, or has failed.
 */
G_DECLARE_FINAL_TYPE (SlipPagedList, slip_paged_list, SLIP, PAGED_LIST, GObject)

/**
 * slip_paged_list_new:
 * @conninfo: a database
 * @sql: a query with an order, without a limit
 * @frame: (nullable): what slip_landed_lines_put() puts around each page
 *
 * Returns: (transfer full): a list that is empty until it is counted
 */
SlipPagedList *slip_paged_list_new (const char *conninfo, const char *sql, const char *frame);

/**
 * slip_paged_list_get_message:
 *
 * Returns: (transfer none) (nullable): why rows are not there
 */
const char *slip_paged_list_get_message (SlipPagedList *self);

/**
 * slip_paged_list_retry:
 *
 * Fetches what could not be fetched now, and not only after a while: somebody looks, or the database is known to answer.
 */
void slip_paged_list_retry (SlipPagedList *self);

/**
 * slip_paged_list_is_counted:
 *
 * Returns: whether it is known how many rows there are
 */
gboolean slip_paged_list_is_counted (SlipPagedList *self);

/**
 * slip_paged_list_dup_unfinished:
 *
 * Returns: (transfer full) (nullable): what stands in place of a count: why there are no rows, or that they are being
 *   counted; %NULL once they are
 */
char *slip_paged_list_dup_unfinished (SlipPagedList *self);

/**
 * slip_paged_list_dup_sql:
 *
 * Returns: (transfer full): the query of all rows, in its frame
 */
char *slip_paged_list_dup_sql (SlipPagedList *self);
const char *slip_paged_list_get_conninfo (SlipPagedList *self);

G_END_DECLS
