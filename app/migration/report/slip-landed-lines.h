/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * slip_landed_lines_are_known:
 * @pg: a migration database
 * @known: (out): whether it can tell lines; one that nothing has run in since an earlier version cannot
 * @error: return location
 *
 * Looks, and changes nothing. Blocks.
 *
 * Returns: whether that could be asked
 */
gboolean slip_landed_lines_are_known (SlipPg *pg, gboolean *known, GError **error);

/**
 * slip_landed_lines_dup_frame:
 * @migration: a migration
 * @table: the column of a query that has the landed table; `casrec_row_id` has the record
 * @columns: what is selected: `q.COLUMN` of the query, and `l.line` and `l.exact`, null where it is no file's record
 * @order: what it is sorted by
 *
 * What fills in lines of source files. Records of a file are looked through up to the last one that is asked for, however
 * many those are, so that a long query is asked page by page, and the frame put around each page.
 *
 * Returns: (transfer full): a frame for slip_landed_lines_put()
 */
char *slip_landed_lines_dup_frame (SlipMigration *migration,
                                   const char *table,
                                   const char *columns,
                                   const char *order);

/**
 * slip_landed_lines_dup_rows:
 *
 * Returns: (transfer full): the frame for slip_report_dup_rows_sql() and slip_report_dup_landed_sql()
 */
char *slip_landed_lines_dup_rows (SlipMigration *migration);

/**
 * slip_landed_lines_put:
 * @frame: (nullable): a frame; without one lines stay null
 * @sql: a query, or a page of it
 *
 * Returns: (transfer full): the query in its frame
 */
char *slip_landed_lines_put (const char *frame, const char *sql);

G_END_DECLS
