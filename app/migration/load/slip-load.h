/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-landing.h"
#include "slip-migration-progress.h"

G_BEGIN_DECLS

/**
 * SlipLoadOptions:
 * @conninfo: the migration database
 * @folder: where the source files are
 * @schema: (nullable): the landing tables' schema; %NULL is `casrec_csv`
 * @tables: (nullable) (element-type SlipSourceTable): what the sidecar says of files, as for slip_load_plan()
 * @format: what is stated about files, where a table does not say otherwise
 * @headers: (nullable): a file with expected headers, as slip_load_headers_read() reads it
 * @only: (nullable) (array zero-terminated=1): tables to restrict it to
 * @streams: how many tables at once; 0 is two
 * @accept_headers: as in #SlipLandingOrder
 * @no_reload: as in #SlipLandingOrder
 * @collect: as in #SlipLandingOrder
 * @max_rejected: as in #SlipLandingOrder
 * @max_rejected_percent: as in #SlipLandingOrder
 * @lock_seconds: how long to wait for another session that loads the same table, or reads it; 0 is 30
 * @run: the run's id, or 0: then no run may work in the database meanwhile
 * @bound: as in #SlipLandingOrder
 * @progress: (nullable): called on worker threads, by one at a time
 * @data: for @progress
 *
 * What to load and how.
 */
typedef struct
{
  const char *conninfo;
  const char *folder;
  const char *schema;
  GPtrArray *tables;
  SlipCsvFormat format;
  const char *headers;
  const char *const *only;
  guint streams;
  gboolean accept_headers;
  gboolean no_reload;
  gboolean collect;
  gint64 max_rejected;
  double max_rejected_percent;
  guint lock_seconds;
  gint64 run;
  gint64 bound;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipLoadOptions;

/**
 * SlipLoadResult:
 * @table: the landing table
 * @files: how many
 * @landing: what came of it
 * @seconds: how long it took
 * @error: (nullable): why it is not landed; the table is as it was
 *
 * One table's share of a load.
 */
typedef struct
{
  char *table;
  guint files;
  SlipLanding landing;
  double seconds;
  GError *error;
} SlipLoadResult;

void slip_load_result_free (SlipLoadResult *result);

/**
 * slip_load_run:
 * @options: what to load
 * @cancellable: (nullable): ends it; tables that are landed by then stay
 * @error: return location
 *
 * Lands all files of a folder, the largest tables first, several at a time, each in a transaction of its own. A
 * table that fails keeps none of the others from landing; a connection that is lost and a cancel do. Blocks;
 * worker threads only.
 *
 * Returns: (transfer full) (element-type SlipLoadResult): what came of each table, by name; %NULL when nothing could
 *   be begun: no files, no connection, an unreadable file of headers
 */
GPtrArray *
slip_load_run (const SlipLoadOptions *options, GCancellable *cancellable, GError **error);

/**
 * slip_load_count_failed:
 * @results: (element-type SlipLoadResult): results
 *
 * Returns: how many tables are not landed
 */
guint slip_load_count_failed (GPtrArray *results);

/**
 * slip_load_lock_out_runs:
 * @pg: a connection to the migration database; the lock goes with it
 * @error: return location
 *
 * Whoever changes what is landed beside a run holds this lock meanwhile.
 *
 * Returns: whether no run works there now; otherwise %SLIP_MIGRATION_ERROR_STATE
 */
gboolean slip_load_lock_out_runs (SlipPg *pg, GError **error);

G_END_DECLS
