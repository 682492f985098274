/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-progress.h"
#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * SlipValidationOptions:
 * @run: the run in the migration database
 * @token: (nullable): what the target's manifest knows it by; %NULL not to ask what the target lost since it was loaded
 * @run_date: YYYY-MM-DD: what it took for today
 * @source: the schema that expected rows are read from: the landed one, or the one whose views leave out what filters drop
 * @mappings: (nullable) (array zero-terminated=1): these only; %NULL for all
 * @recheck: look again only at rows that were flagged, by their case numbers
 * @progress: (nullable): called as each mapping begins
 * @data: for @progress
 * @connections: how many mappings at once; 0 and 1 are one, by the session that is given
 * @migration_db: (nullable): where more sessions are opened
 * @target_db: (nullable): where more sessions that read the target are opened
 * @prepare: (nullable): what each of these does first, to the migration database or the target
 * @prepare_data: for @prepare
 * @cancellable: (nullable): ends these
 */
typedef struct
{
  gint64 run;
  const char *token;
  const char *run_date;
  const char *source;
  const char *const *mappings;
  gboolean recheck;
  SlipMigrationProgressFunc progress;
  gpointer data;
  guint connections;
  const char *migration_db;
  const char *target_db;
  gboolean (*prepare) (SlipPg *pg, gboolean target, gpointer data, GError **error);
  gpointer prepare_data;
  GCancellable *cancellable;
} SlipValidationOptions;

/**
 * SlipValidationResult:
 * @mapping: the mapping's name
 * @entity: (nullable): the sidecar's entity
 * @expected: rows that should be there
 * @actual: rows that are there
 * @missing: rows that should be and are not
 * @extra: rows that are and should not be
 * @differing: rows of which a column differs
 * @duplicated: rows of the target that are there too often
 * @known: of @missing, @extra and @differing: those that the sidecar has a reason for
 * @reasons: (nullable): these reasons, and of several how many differences each has
 * @columns_compared: target columns that were compared
 * @columns_total: target columns that the mapping has
 * @independent: whether expected was computed apart from the transform
 * @seconds: how long it took
 * @ended: when all of it was compared, microseconds since 1970
 * @note: (nullable): what a person should know
 * @outside: of @expected: rows of the run that the definition's own query does not reach; they are read back
 * @rechecked: when only rows that were flagged were looked at again, behind @ended; 0 where they were not
 * @flagged: where they were: rows that were not as they should be at @ended
 * @flagged_known: of these, those that the sidecar has a reason for
 *
 * One row of `slipway.validation`.
 */
typedef struct
{
  char *mapping;
  char *entity;
  gint64 expected;
  gint64 actual;
  gint64 missing;
  gint64 extra;
  gint64 differing;
  gint64 duplicated;
  gint64 known;
  char *reasons;
  guint columns_compared;
  guint columns_total;
  gboolean independent;
  double seconds;
  gint64 ended;
  char *note;
  gint64 outside;
  gint64 rechecked;
  gint64 flagged;
  gint64 flagged_known;
} SlipValidationResult;

/**
 * slip_validation_result_get_coverage:
 * @result: a result
 *
 * Returns: how much is compared with what was computed, in percent: columns of the mapping, and of a mapping of which some rows
 *   are outside of its definition's query these columns of the others only. Never 100 where something is left
 */
guint slip_validation_result_get_coverage (const SlipValidationResult *result);

void slip_validation_result_free (SlipValidationResult *result);

/**
 * slip_validation_execute:
 * @migration: a migration
 * @pg: the migration database; the functions are installed and nothing is open
 * @target: the target database
 * @options: how
 * @error: return location
 *
 * Computes what should be in the target from landed rows, by `validation_mapping.json` and the mappings, reads what is there, and
 * compares both ways. Of the target only the tables and columns that validations name come over, by binary COPY. Writes
 * `slipway.validation`, `slipway.difference` and `exceptions_<mapping>` in the source schema, all in one transaction, however many
 * sessions compare. No gate is
 * judged here. The connections' own
 * cancellable ends it; what an earlier validation found is then as it was. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipValidationResult): all mappings, those with differences first; %NULL with an
 *   error of the domain, and a message that names the mapping
 */
GPtrArray *slip_validation_execute (SlipMigration *migration,
                                    SlipPg *pg,
                                    SlipPg *target,
                                    const SlipValidationOptions *options,
                                    GError **error);

/**
 * slip_validation_find_entity:
 * @migration: a migration
 * @mapping: a mapping's name
 *
 * Returns: (transfer none) (nullable): the entity whose steps fill it, `rules` where rules do; %NULL when nothing does, and
 *   nothing is compared. Any thread
 */
const char *slip_validation_find_entity (SlipMigration *migration, const char *mapping);

/**
 * slip_validation_count_columns:
 * @migration: a migration
 * @mapping: one of its mappings
 * @independent: (out): whether they are computed, and not read back
 *
 * What slip_validation_execute() would compare, as far as the definitions and the sidecar say: a target that lacks one of these
 * columns has fewer. Any thread.
 *
 * Returns: how many columns of the mapping
 */
guint slip_validation_count_columns (SlipMigration *migration,
                                     const SlipMapping *mapping,
                                     gboolean *independent);

/**
 * slip_validation_results_read:
 * @pg: the migration database
 * @run: a run
 * @error: return location
 *
 * Returns: (transfer full) (element-type SlipValidationResult): what is known of a run, those with differences first; empty
 *   when it was not validated; %NULL with an error
 */
GPtrArray *slip_validation_results_read (SlipPg *pg, gint64 run, GError **error);

/**
 * SlipValidationChange:
 * @mapping: the mapping's name
 * @expected: rows that should be, in the run
 * @expected_before: the same in the other run
 * @appeared: rows that are not as they should be, and were in the other run
 * @gone: the other way round
 * @same: rows that are wrong in both, in the same way
 */
typedef struct
{
  char *mapping;
  gint64 expected;
  gint64 expected_before;
  gint64 appeared;
  gint64 gone;
  gint64 same;
} SlipValidationChange;

void slip_validation_change_free (SlipValidationChange *change);

/**
 * slip_validation_results_compare:
 * @pg: the migration database
 * @run: a run
 * @other: another one, validated before
 * @error: return location
 *
 * What two validations found, beside one another. Rows are the same by kind, key, columns and values; ids do not count, for
 * every run gives its own.
 *
 * Returns: (transfer full) (element-type SlipValidationChange): by mapping, those that changed first; %NULL with an error
 */
GPtrArray *slip_validation_results_compare (SlipPg *pg, gint64 run, gint64 other, GError **error);

G_END_DECLS
