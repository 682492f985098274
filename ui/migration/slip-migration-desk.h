/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-data.h"
#include "slip-stage-feed.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

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

/**
 * slip_migration_desk_get_asked:
 *
 * Returns: when it was last looked how the migration stands, whatever came of it, microseconds since 1970; 0 for not yet
 */
gint64 slip_migration_desk_get_asked (SlipMigrationDesk *self);

/**
 * slip_migration_desk_freshen:
 *
 * Reads the data again, for a page that is shown again, unless it is of just now.
 */
void slip_migration_desk_freshen (SlipMigrationDesk *self);

/**
 * slip_migration_desk_is_away:
 *
 * Returns: whether that is as there was no way to the migration database
 */
gboolean slip_migration_desk_is_away (SlipMigrationDesk *self);
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
 * slip_migration_desk_run:
 * @no_reload: leave landed tables whose files have not changed
 * @skip: (nullable) (array zero-terminated=1): stages to leave out
 *
 * As slip_migration_desk_start() of all stages, with what `slipwayctl migrate run --no-reload --skip` says.
 */
void slip_migration_desk_run (SlipMigrationDesk *self, gboolean no_reload, const char *const *skip);

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

/**
 * slip_migration_desk_get_left_out:
 *
 * Returns: (transfer none) (nullable) (array zero-terminated=1): the stages that the work that goes on leaves out
 */
const char *const *slip_migration_desk_get_left_out (SlipMigrationDesk *self);

G_END_DECLS
