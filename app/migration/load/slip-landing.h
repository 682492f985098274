/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-load-plan.h"
#include "slip-pg.h"
#include "slip-records.h"

G_BEGIN_DECLS

/**
 * SlipLandingBytesFunc:
 * @file: the file that is read
 * @bytes: how many more of its bytes are done
 * @user_data: as given
 */
typedef void (*SlipLandingBytesFunc) (const char *file, guint64 bytes, gpointer user_data);

/**
 * SlipLandingOrder:
 * @schema: the landing tables' schema
 * @table: what to land
 * @format: what is stated about its files
 * @expected: (nullable) (element-type utf8 GStrv): columns by table, as slip_load_headers_read() gives them
 * @accept_headers: whether columns may differ from those that are expected or landed
 * @no_reload: whether what is landed already from the same files stays
 * @collect: whether bad records go to `slipway.rejected` and the others land
 * @max_rejected: the most bad records that @collect lets pass; -1 for any number
 * @max_rejected_percent: the same in percent of all records, or negative when it is not limited
 * @lock_seconds: how long to wait for another session that loads the table; 0 is 30
 * @run: the run's id in `slipway.run`, or 0
 * @bound: a run that was made of these files, or 0: others are refused with %SLIP_MIGRATION_ERROR_CHANGED
 * @progress: (nullable): called now and then
 * @data: for @progress
 *
 * One table's landing.
 */
typedef struct
{
  const char *schema;
  const SlipLoadTable *table;
  SlipCsvFormat format;
  GHashTable *expected;
  gboolean accept_headers;
  gboolean no_reload;
  gboolean collect;
  gint64 max_rejected;
  double max_rejected_percent;
  guint lock_seconds;
  gint64 run;
  gint64 bound;
  SlipLandingBytesFunc progress;
  gpointer data;
} SlipLandingOrder;

/**
 * SlipLanding:
 * @kept: whether what was there was left
 * @rows: rows in the table
 * @rejected: bad records
 * @blank_lines: lines without anything
 * @bytes: of all its files
 * @empty: (nullable): which of its files have a header and no record, and how many rows were there before
 * @case_rows: rows of merged cases that went with what was there before
 * @notes: (element-type utf8): what was renamed and the like
 * @bad: (element-type SlipBadRecord): the bad records
 *
 * What came of it.
 */
typedef struct
{
  gboolean kept;
  guint64 rows;
  guint64 rejected;
  guint64 blank_lines;
  guint64 bytes;
  char *empty;
  gint64 case_rows;
  GPtrArray *notes;
  GPtrArray *bad;
} SlipLanding;

void slip_landing_init (SlipLanding *self);
void slip_landing_clear (SlipLanding *self);

/**
 * slip_landing_land:
 * @pg: a connection to the migration database, in no transaction, with `slipway` installed
 * @order: what to do
 * @landing: an initialised landing, filled also when it fails
 * @error: return location
 *
 * Replaces a landing table by the records of its files, in one transaction, which also writes the files' rows in
 * `slipway.file`: after whatever befalls client or server, both are there or neither is. Rows get
 * `casrec_row_id` in the order of the records over all parts. Columns are text; blank is "", and NULL is a column
 * that a part does not have.
 *
 * Bad records stop a table unless @order lets them pass; nothing of it is landed then, and
 * `slipway.rejected` holds all of them.
 *
 * Returns: whether the table holds what the files hold; otherwise %SLIP_MIGRATION_ERROR_INPUT,
 *   %SLIP_MIGRATION_ERROR_CHANGED for another header, or file that changes while it is read,
 *   %SLIP_MIGRATION_ERROR_STATE for a table that is not ours or that somebody else loads, or the connection's errors;
 *   the table is as it was
 */
gboolean
slip_landing_land (SlipPg *pg, const SlipLandingOrder *order, SlipLanding *landing, GError **error);

/**
 * slip_landing_verify:
 * @pg: a connection to the migration database
 * @schema: the landing tables' schema
 * @table: a landed table
 * @error: return location
 *
 * Reads a table's rows back and compares their number and their digest, part by part, with those of the rows that were
 * sent when it was landed.
 *
 * Returns: whether nobody changed the table since; otherwise %SLIP_MIGRATION_ERROR_CHANGED naming the part
 */
gboolean slip_landing_verify (SlipPg *pg, const char *schema, const char *table, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipLanding, slip_landing_clear)

G_END_DECLS
