/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-project.h"
#include "slip-migration-run.h"
#include "slip-run-report.h"
#include "slip-stage-feed.h"
#include "slip-validation-run.h"
#include "slip-waterfall.h"
#include "slip-workbench.h"

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
 * @read: when it was read, microseconds since 1970
 * @report: (nullable): what that run did
 * @waterfall: (nullable): its counts over all stages
 * @validations: (nullable) (element-type SlipValidationResult): what its validation found
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
  gint64 read;
  SlipRunReport *report;
  SlipWaterfall *waterfall;
  GPtrArray *validations;
} SlipMigrationData;

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

#define SLIP_TYPE_MIGRATION_DESK (slip_migration_desk_get_type ())

/**
 * SlipMigrationDesk:
 *
 * What the pages of one migration share: what is known of it, which run they show, and the work that goes on.
 * Signals: `changed`, there is other data; `progress`, the work that goes on has told something.
 */
G_DECLARE_FINAL_TYPE (SlipMigrationDesk, slip_migration_desk, SLIP, MIGRATION_DESK, GObject)

/**
 * slip_migration_desk_get:
 * @workbench: the workbench
 * @name: the migration's name in the workspace
 *
 * Returns: (transfer none) (nullable): its desk, the same for all pages
 */
SlipMigrationDesk *slip_migration_desk_get (SlipWorkbench *workbench, const char *name);

SlipMigrationProject *slip_migration_desk_get_project (SlipMigrationDesk *self);
SlipWorkbench *slip_migration_desk_get_workbench (SlipMigrationDesk *self);

/**
 * slip_migration_desk_get_data:
 *
 * Returns: (transfer none) (nullable): what is known; %NULL before it was read once
 */
SlipMigrationData *slip_migration_desk_get_data (SlipMigrationDesk *self);

/**
 * slip_migration_desk_get_message:
 *
 * Returns: (transfer none) (nullable): why not all is known, such as a database that does not answer
 */
const char *slip_migration_desk_get_message (SlipMigrationDesk *self);
gboolean slip_migration_desk_is_loading (SlipMigrationDesk *self);

/**
 * slip_migration_desk_load:
 *
 * Reads everything again, on a worker.
 */
void slip_migration_desk_load (SlipMigrationDesk *self);

/**
 * slip_migration_desk_show_run:
 * @run: a run's id; 0 for the latest
 *
 * Lets all pages show that run.
 */
void slip_migration_desk_show_run (SlipMigrationDesk *self, gint64 run);

/**
 * slip_migration_desk_start:
 * @stage: (nullable): the one stage to run, of the latest run; %NULL for all that is not done
 *
 * Runs stages on a worker thread, as `slipwayctl migrate run` and `stage` do. No effect while other work goes on.
 */
void slip_migration_desk_start (SlipMigrationDesk *self, const char *stage);

/**
 * slip_migration_desk_undo:
 * @run: a run's id
 * @stage: (nullable): from which on; %NULL for what is in the target
 *
 * Takes a run back, as `slipwayctl migrate undo` does.
 */
void slip_migration_desk_undo (SlipMigrationDesk *self, gint64 run, const char *stage);

/**
 * slip_migration_desk_stop:
 *
 * Ends the work that goes on; what is committed stays and is known.
 */
void slip_migration_desk_stop (SlipMigrationDesk *self);
gboolean slip_migration_desk_is_busy (SlipMigrationDesk *self);

/**
 * slip_migration_desk_dup_lines:
 *
 * Returns: (transfer full) (nullable) (element-type SlipStageLine): what the work that goes on has told; %NULL
 *   when none goes on
 */
GPtrArray *slip_migration_desk_dup_lines (SlipMigrationDesk *self);

G_END_DECLS
