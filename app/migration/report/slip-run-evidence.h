/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-run.h"
#include "slip-migration.h"
#include "slip-pg.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_run_evidence_write:
 * @migration: the definitions that the run was of
 * @migration_db: conninfo of the migration database
 * @target_db: (nullable): conninfo of the target, which knows whether the run is in it still
 * @run: a run's id; 0 is the latest
 * @pictures: (nullable) (element-type utf8 GBytes): more files by name, such as charts
 * @folder: a folder that is not there yet, or is empty
 * @cancellable: (nullable): cancels
 * @error: return location
 *
 * Writes what a run did into one folder, for whoever signs it off: `report.json`, a CSV for each of
 * slip_migration_report_get_tables(), `waterfall.csv`, @pictures, and `SHA256SUMS`, by which `sha256sum -c` checks the
 * others. Counts and names, never a value of a row. Changes no database. Blocks; worker threads only.
 *
 * Returns: (transfer full): `{run, target, folder, sha256, files: {name: sha256}}`, with the word of
 *   slip_migration_run_status_get_target() and the digest of `SHA256SUMS`, for an audit log;
 *   or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when there is no such run, %SLIP_MIGRATION_ERROR_STATE when something is
 *   in the folder, or another error
 */
JsonObject *slip_run_evidence_write (SlipMigration *migration,
                                     const char *migration_db,
                                     const char *target_db,
                                     gint64 run,
                                     GHashTable *pictures,
                                     const char *folder,
                                     GCancellable *cancellable,
                                     GError **error);

/**
 * slip_run_evidence_dup_waterfall:
 * @migration: the definitions that the run was of
 * @pg: the migration database
 * @run: a run's id
 * @status: (nullable): how it stands, where the target was asked
 * @error: return location
 *
 * Returns: (transfer full): the run's waterfall with every gap, as CSV, or %NULL with an error of the database
 */
char *slip_run_evidence_dup_waterfall (SlipMigration *migration,
                                       SlipPg *pg,
                                       gint64 run,
                                       const SlipMigrationRunStatus *status,
                                       GError **error);

G_END_DECLS
