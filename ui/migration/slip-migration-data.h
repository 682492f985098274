/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-project.h"
#include "slip-migration-run.h"
#include "slip-run-clash.h"
#include "slip-run-report.h"
#include "slip-validation-run.h"
#include "slip-waterfall.h"

G_BEGIN_DECLS

/**
 * SlipMigrationData:
 * @project: whose it is
 * @migration: the definitions as they are on disk
 * @findings: (element-type SlipFinding): what is wrong with them
 * @coverage: (element-type SlipCoverage): how much of them is mapped and validated
 * @runs: (element-type SlipMigrationRunStatus): the latest first; empty when there is none
 * @run: the run that the rest is about; 0 when there is none
 * @unasked: (nullable): why the target could not be asked; whether what runs loaded is there is not known then
 * @clash: (nullable): a run of a procedure that is not through and may still change databases of the migration's environment
 * @read: when it was read, microseconds since 1970; of what is kept, when that was
 * @report: (nullable): what that run did
 * @waterfall: (nullable): its counts over all stages
 * @validations: (nullable) (element-type SlipValidationResult): what its validation found
 * @has_lines: whether the migration database tells in which lines of source files records begin
 *
 * What is known of a migration at one moment. Immutable, reference counted and thread-safe.
 */
typedef struct
{
  SlipMigrationProject *project;
  SlipMigration *migration;
  GPtrArray *findings;
  GPtrArray *coverage;
  GPtrArray *runs;
  gint64 run;
  char *unasked;
  SlipRunClash *clash;
  gint64 read;
  SlipRunReport *report;
  SlipWaterfall *waterfall;
  GPtrArray *validations;
  gboolean has_lines;
  /*< private >*/
  gpointer kept; /* whose runs, report, waterfall and validations these are; NULL for its own */
} SlipMigrationData;

/**
 * slip_migration_data_new:
 * @project: a migration of the workspace
 *
 * Returns: (transfer full): nothing yet, for slip_migration_data_read()
 */
SlipMigrationData *slip_migration_data_new (SlipMigrationProject *project);

/**
 * slip_migration_data_read:
 * @data: what slip_migration_data_new() gave, and nobody else has
 * @ledger: the audit log
 * @wanted: a run's id; 0, or one that is not there, is the latest
 * @cancellable: ends it
 * @error: return location
 *
 * Reads all of it: files, audit log, migration database and target. Blocks; worker threads only.
 *
 * Returns: whether it could be read; what could stays in @data in any case
 */
gboolean slip_migration_data_read (SlipMigrationData *data,
                                   SlipLedger *ledger,
                                   gint64 wanted,
                                   GCancellable *cancellable,
                                   GError **error);

/**
 * slip_migration_data_keep:
 * @data: what slip_migration_data_read() could not read as a whole, and nobody else has
 * @before: (nullable): what was known before
 *
 * Takes over what @before knows of its runs, as of when that was read, where it knows of one: what was run is not undone by a
 * database that does not answer.
 */
void slip_migration_data_keep (SlipMigrationData *data, SlipMigrationData *before);

SlipMigrationData *slip_migration_data_ref (SlipMigrationData *data);
void slip_migration_data_unref (SlipMigrationData *data);

/**
 * slip_migration_data_get_status:
 * @data: (nullable): what is known
 *
 * Returns: (transfer none) (nullable): how the run stands that the rest is about
 */
const SlipMigrationRunStatus *slip_migration_data_get_status (const SlipMigrationData *data);

/**
 * slip_migration_data_is_gone:
 * @data: (nullable): what is known
 *
 * Returns: whether the target has nothing of what that run loaded: it was brought back to a time before
 */
gboolean slip_migration_data_is_gone (const SlipMigrationData *data);

/**
 * slip_migration_data_get_note:
 * @data: what is known
 *
 * Returns: (nullable): that the target has nothing of that run, or could not be asked: what every page of it says
 */
const char *slip_migration_data_get_note (const SlipMigrationData *data);

/**
 * slip_migration_data_get_failure:
 * @data: (nullable): what is known
 *
 * Returns: (nullable): what the stage of that run says that failed
 */
const char *slip_migration_data_get_failure (const SlipMigrationData *data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipMigrationData, slip_migration_data_unref)

G_END_DECLS
