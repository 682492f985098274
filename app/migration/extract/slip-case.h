/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Ids of merged rows begin here, beyond those of a file of so many records, and fit where definitions give a row's id to a
 * column of four bytes. */
#define SLIP_CASE_FIRST_ROW_ID ((gint64)1 << 30)

/**
 * SlipCaseOptions:
 * @key: the case, as it is known at its source
 * @from: (nullable): conninfo of the database in which the case is landed; only read
 * @source: (nullable): the folder of source files, where @from is %NULL
 * @to: conninfo of the migration database that it is merged into
 * @salt: what makes anonymous values nobody's; the same salt gives the same
 *
 * Which case, from where, where to.
 */
typedef struct
{
  const char *key;
  const char *from;
  const char *source;
  const char *to;
  GBytes *salt;
} SlipCaseOptions;

/**
 * SlipCaseTableResult:
 * @table: a landed table
 * @rows: rows of the case
 * @added: how many of them are new
 * @kept: how many were there
 * @removed: rows that an earlier merge of this case had left and that it has no more
 *
 * One table's share.
 */
typedef struct
{
  char *table;
  guint rows;
  guint added;
  guint kept;
  guint removed;
} SlipCaseTableResult;

/**
 * SlipCaseResult:
 * @key: what the case is called from now on
 * @tables: (element-type SlipCaseTableResult): in the sidecar's order
 * @empty: (element-type utf8): other tables of the source, which no row is of a case in and which were landed without rows
 */
typedef struct
{
  char *key;
  GPtrArray *tables;
  GPtrArray *empty;
} SlipCaseResult;

void slip_case_result_free (SlipCaseResult *result);

/**
 * slip_case_pull:
 * @migration: a migration whose sidecar has `case`
 * @options: which case
 * @cancellable: (nullable): ends it, and nothing is changed
 * @error: return location
 *
 * Takes the rows of one case out of landed tables or source files, puts values of nobody in place of somebody's by the
 * classes of the columns, and merges the rows into the landed tables of another database, in one transaction. Doing it
 * again changes nothing; when the case has changed, its rows here are what it is now. Values as they were are
 * in memory only. Blocks; worker threads only.
 *
 * Returns: (transfer full): what was merged; %NULL with %SLIP_MIGRATION_ERROR_DEFINITION naming every column that has no
 *   class, %SLIP_MIGRATION_ERROR_NOT_FOUND for a case or table that is not there, %SLIP_MIGRATION_ERROR_STATE when the
 *   landed tables cannot take it, or the errors of files and databases
 */
SlipCaseResult *slip_case_pull (SlipMigration *migration,
                                const SlipCaseOptions *options,
                                GCancellable *cancellable,
                                GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCaseResult, slip_case_result_free)

G_END_DECLS
