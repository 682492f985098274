/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-catalogue.h"
#include "slip-migration.h"

G_BEGIN_DECLS

/**
 * SlipCheckAgainst:
 * @source: (nullable): the source's tables, landed or promised
 * @target: (nullable): the target's tables
 * @migration_db: (nullable): where the source is landed: codes of the data are looked up there, and names in SQL
 * @target_db: (nullable): the target: keys that lookups give are looked up there
 * @apart: whether rows that must be in the target are somebody else's to look for
 *
 * What a migration is held against; the more there is, the more is found.
 */
typedef struct
{
  const SlipCatalogue *source;
  const SlipCatalogue *target;
  SlipPg *migration_db;
  SlipPg *target_db;
  gboolean apart;
} SlipCheckAgainst;

/**
 * slip_migration_check:
 * @migration: a migration, as slip_migration_read() gives it
 * @against: what it is held against
 * @cancellable: (nullable): cancels queries
 * @findings: (element-type SlipFinding): where everything that is wrong is appended
 * @error: return location
 *
 * Checks whether the files of a migration fit each other, and what there is. Blocks; any thread, with connections
 * of that thread.
 *
 * Returns: whether it could look at everything; %FALSE with the error of a database
 */
gboolean slip_migration_check (SlipMigration *migration,
                               const SlipCheckAgainst *against,
                               GCancellable *cancellable,
                               GPtrArray *findings,
                               GError **error);

/**
 * slip_transformation_is_known:
 *
 * Returns: whether `requires_transformation` can be @name
 */
gboolean slip_transformation_is_known (const char *name);

/**
 * SlipNeeded:
 * @table: a table of the target
 * @column: (nullable): its column that points at the row; %NULL for what the sidecar says under needs
 * @value: (nullable): the key that @column lacks
 * @why: what needs the row
 * @need: (nullable): the sidecar's word of it, of the migration
 *
 * A row that must be in the target before a run, and is not; or rows.
 */
typedef struct
{
  char *table;
  char *column;
  char *value;
  char *why;
  const SlipNeed *need;
} SlipNeeded;

/**
 * slip_migration_list_needed:
 * @migration: the migration
 * @target_db: the target
 * @cancellable: (nullable): cancels queries
 * @target: (out) (transfer full): the tables of the target
 * @error: return location
 *
 * Returns: (transfer full) (element-type SlipNeeded): every row that slip_migration_find_needs() looks for and that is
 *   not there, in the order of the files; %NULL with the error of a database, or %SLIP_MIGRATION_ERROR_NOT_FOUND
 *   when a table that the sidecar names is not there
 */
GPtrArray *slip_migration_list_needed (SlipMigration *migration,
                                       SlipPg *target_db,
                                       GCancellable *cancellable,
                                       SlipCatalogue **target,
                                       GError **error);

/**
 * slip_migration_find_needs:
 * @migration: the migration
 * @target_db: the target
 * @findings: (element-type SlipFinding): where what is missing is added; what the sidecar itself needs is told of the
 *   sidecar's file, what definitions point at of theirs
 *
 * Looks for rows that must be in the target before a run: what the sidecar says under `needs`, and the keys that lookups and
 * defaults give for tables that the migration does not fill. Reads only; may block.
 *
 * Returns: %FALSE with @error set when the target could not be asked
 */
gboolean slip_migration_find_needs (SlipMigration *migration,
                                    SlipPg *target_db,
                                    GCancellable *cancellable,
                                    GPtrArray *findings,
                                    GError **error);

G_END_DECLS
