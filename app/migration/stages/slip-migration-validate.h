/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-run.h"
#include "slip-validation-run.h"

G_BEGIN_DECLS

/**
 * SlipMigrationValidateOptions:
 * @migration_db: conninfo of the migration database
 * @target_db: conninfo of the target
 * @run: the run whose rows are looked at; 0 for the latest
 * @mappings: (nullable) (array zero-terminated=1): these only; %NULL for all
 * @recheck: look again only at cases in which the run's last validation found differences
 * @lock_wait: as in #SlipMigrationRunOptions
 * @progress: (nullable): called on worker threads, by one at a time
 * @data: for @progress
 */
typedef struct
{
  const char *migration_db;
  const char *target_db;
  gint64 run;
  const char *const *mappings;
  gboolean recheck;
  guint lock_wait;
  SlipMigrationProgressFunc progress;
  gpointer data;
} SlipMigrationValidateOptions;

/**
 * slip_migration_validate:
 * @migration: the migration as it is now; a validation definition may have been corrected since the run
 * @options: how
 * @run: (out): the run that was looked at; 0 when none was found
 * @results: (out) (transfer full) (nullable) (element-type SlipValidationResult): all that is known of it then
 * @cancellable: (nullable): ends it; what was known before is known again
 * @error: return location
 *
 * Validates a run whose rows are in the target, at any time after its load and as often as one likes, and judges the gates of
 * stage `validation`. Nothing of the target is changed. Blocks; worker threads only.
 *
 * Returns: whether it is done and no gate is exceeded; %SLIP_MIGRATION_ERROR_GATE with @results when one is,
 *   %SLIP_MIGRATION_ERROR_STATE when the run is not in the target, or another error of the domain
 */
gboolean slip_migration_validate (SlipMigration *migration,
                                  const SlipMigrationValidateOptions *options,
                                  gint64 *run,
                                  GPtrArray **results,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * slip_migration_validations_compare:
 * @migration: the migration
 * @migration_db: conninfo of the migration database
 * @run: a run; 0 for the latest
 * @other: another one
 * @found: (out): the run that @run is
 * @note: (out) (nullable): that they were validated at different moments, one behind its hooks
 * @cancellable: (nullable): cancels
 * @error: return location
 *
 * What was found of a run beside what was found of another. Looks, and changes nothing. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipValidationChange): by mapping; %NULL with
 *   %SLIP_MIGRATION_ERROR_NOT_FOUND when one of them was never validated, %SLIP_MIGRATION_ERROR_STATE when @other is @run, or
 *   another error
 */
GPtrArray *slip_migration_validations_compare (SlipMigration *migration,
                                               const char *migration_db,
                                               gint64 run,
                                               gint64 other,
                                               gint64 *found,
                                               char **note,
                                               GCancellable *cancellable,
                                               GError **error);

G_END_DECLS
