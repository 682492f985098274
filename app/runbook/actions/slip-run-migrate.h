/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-run.h"
#include "slip-run-local.h"

G_BEGIN_DECLS

/**
 * SlipRunMigrate:
 * @context: the step
 * @migration: (nullable): what the definitions say; %NULL for operations that need none
 * @migration_db: words of libpq, a secret
 * @target_db: (nullable): words of libpq, a secret
 * @source: (nullable): the folder of source files
 * @values: (nullable): `NAME=TEXT`
 *
 * One step of a migration under way.
 */
typedef struct
{
  SlipRunContext *context;
  SlipMigration *migration;
  char *migration_db;
  char *target_db;
  char *source;
  char **values;
} SlipRunMigrate;

/**
 * SlipRunMigrateWork:
 * @self: the step
 * @cancellable: ends it
 * @progress: tells how far it is; any thread
 * @progress_data: for @progress
 * @data: as given
 * @error: return location
 *
 * What takes long. It runs on a thread of its own and touches no member of the step's context.
 */
typedef gboolean (*SlipRunMigrateWork) (SlipRunMigrate *self,
                                        GCancellable *cancellable,
                                        SlipMigrationProgressFunc progress,
                                        gpointer progress_data,
                                        gpointer data,
                                        GError **error);

/**
 * slip_run_migrate_work:
 * @self: the step
 * @work: what to do
 * @data: for @work
 * @error: return location
 *
 * Does it, tells how far it is in the activity and now and then in the ledger, and ends it when the run is cancelled or
 * the step's `timeoutSeconds` are over.
 *
 * Returns: whether @work did; errors become those of a run
 */
gboolean slip_run_migrate_work (SlipRunMigrate *self,
                                SlipRunMigrateWork work,
                                gpointer data,
                                GError **error);

/**
 * slip_run_migrate_begin:
 * @self: a step that changes something
 * @error: return location
 *
 * Writes the intent. Of one that a killed process wrote, it first tells that it broke off, and asks the guards again.
 */
gboolean slip_run_migrate_begin (SlipRunMigrate *self, GError **error);

/**
 * slip_run_migrate_finish:
 * @self: a step that changes something
 * @kept: whether it was done before
 * @was_open: whether a killed process had begun it
 */
void slip_run_migrate_finish (SlipRunMigrate *self, gboolean kept, gboolean was_open);

/* One for each operation. */
gboolean slip_run_migrate_stage (SlipRunMigrate *self, GError **error);
gboolean slip_run_migrate_check (SlipRunMigrate *self, GError **error);
gboolean slip_run_migrate_report (SlipRunMigrate *self, GError **error);
gboolean slip_run_migrate_undo (SlipRunMigrate *self, GError **error);

G_END_DECLS
