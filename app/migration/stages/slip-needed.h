/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-check.h"

G_BEGIN_DECLS

/**
 * slip_needed_to_sql:
 * @migration: the migration
 * @target_db: the target; it is asked which columns the sidecar's rows have
 * @target: its tables
 * @needed: (element-type SlipNeeded): of slip_migration_list_needed()
 * @error: return location
 *
 * Writes rows that stand in for those that are needed: their keys, and in columns that are NOT NULL without a default
 * something of the column's type, the same in no two rows where the type allows. One statement for each table and key,
 * in one transaction; none of them adds a row that is there. Blocks; worker threads only.
 *
 * Returns: (transfer full): the statements, or %NULL with the error of the database, or
 *   %SLIP_MIGRATION_ERROR_DEFINITION when the sidecar does not say which rows those of a need are
 */
char *slip_needed_to_sql (SlipMigration *migration,
                          SlipPg *target_db,
                          const SlipCatalogue *target,
                          GPtrArray *needed,
                          GError **error);

G_END_DECLS
