/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-check.h"

G_BEGIN_DECLS

/**
 * SlipMigrationCheckAll:
 * @folder: the folder of definitions
 * @sidecar: (nullable): the sidecar, where it is not `migration.json` there
 * @source: (nullable): a folder of source files
 * @headers: (nullable): a file that promises the source's headers; without it, that which the sidecar names
 * @migration_db: (nullable): conninfo of the migration database
 * @target_db: (nullable): conninfo of the target
 *
 * What is checked, and what it is held against.
 */
typedef struct
{
  const char *folder;
  const char *sidecar;
  const char *source;
  const char *headers;
  const char *migration_db;
  const char *target_db;
} SlipMigrationCheckAll;

/**
 * slip_migration_check_all:
 * @what: what is checked
 * @findings: (element-type SlipFinding): where everything that is wrong is appended, sorted
 * @empty: (out) (optional) (nullable) (transfer full): the migration database, when nothing is landed there yet
 * @cancellable: (nullable): cancels queries
 * @error: return location
 *
 * slip_migration_check() of a folder, against the nearest there is of the source: rows that are landed, before files that
 * are to be, before a promise. Changes nothing. Blocks; worker threads only.
 *
 * Returns: whether it could look at everything; else what was found so far, and the error of a file or database
 */
gboolean slip_migration_check_all (const SlipMigrationCheckAll *what,
                                   GPtrArray *findings,
                                   char **empty,
                                   GCancellable *cancellable,
                                   GError **error);

/**
 * slip_migration_check_change:
 * @what: what is checked as it is
 * @changed: a folder of the same definitions as they would be
 * @before: (element-type SlipFinding): where everything that is wrong as it is is appended, sorted
 * @after: (element-type SlipFinding): the same, as it would be
 * @cancellable: (nullable): cancels queries
 * @error: return location
 *
 * slip_migration_check_all() of both, against one and the same: the source and the target that @what has. What the sidecar
 * names beside the definitions is looked for from their own folder. Changes nothing. Blocks; worker threads only.
 *
 * Returns: whether it could look at everything; else what was found so far, and the error of a file or database
 */
gboolean slip_migration_check_change (const SlipMigrationCheckAll *what,
                                      const char *changed,
                                      GPtrArray *before,
                                      GPtrArray *after,
                                      GCancellable *cancellable,
                                      GError **error);

G_END_DECLS
