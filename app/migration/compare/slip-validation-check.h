/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * SlipValidationFragment:
 * @path: where it stands, a JSON pointer
 * @sql: as it is written there
 * @text: as it stands in the query
 * @mask: (nullable): what is right in its place wherever it stands
 * A piece of SQL of the definitions.
 */
typedef struct
{
  char *path;
  char *sql;
  char *text;
  const char *mask;
} SlipValidationFragment;

/**
 * SlipValidationQueryFunc:
 * @path: (nullable): where the query stands in the sidecar; %NULL for one that is made of `validation_mapping.json`
 * @mapping: whose validation it is
 * @sql: (nullable): a query; %NULL where @missing is told
 * @missing: (nullable): a table of the source that the validation reads and that is not landed
 * @fragments: (nullable) (element-type SlipValidationFragment): pieces of @sql that the definitions have
 * @data: as given
 * @error: return location
 * Returns: whether to go on
 */
typedef gboolean (*SlipValidationQueryFunc) (const char *path,
                                             const char *mapping,
                                             const char *sql,
                                             const char *missing,
                                             GPtrArray *fragments,
                                             gpointer data,
                                             GError **error);

/**
 * slip_validation_each_query:
 * @migration: a migration
 * @pg: the migration database; the functions are installed and nothing is open
 * @target: the target database: what its tables are is read
 * @run_date: what stands for the run's day, YYYY-MM-DD
 * @func: called for each query that something is computed by, while empty tables stand for all that it reads
 * @data: for @func
 * @error: return location
 * Makes the queries of a validation, of what should be and of what is, in a transaction that is rolled back: for those who look
 * whether PostgreSQL can read them. Blocks; worker threads only.
 * Returns: whether all were made and @func never refused; %FALSE with %SLIP_MIGRATION_ERROR_DEFINITION where a query cannot be
 *   made of the definitions
 */
gboolean slip_validation_each_query (SlipMigration *migration,
                                     SlipPg *pg,
                                     SlipPg *target,
                                     const char *run_date,
                                     SlipValidationQueryFunc func,
                                     gpointer data,
                                     GError **error);

G_END_DECLS
