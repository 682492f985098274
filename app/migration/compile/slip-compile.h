/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"

G_BEGIN_DECLS

/**
 * SlipStatement:
 * @name: for errors and progress, such as "transform cases: insert"
 * @purpose: one sentence for a person
 * @sql: the statement, or several that belong together; it ends with ";\n"
 *
 * One piece of compiled SQL.
 */
typedef struct
{
  char *name;
  char *purpose;
  char *sql;
} SlipStatement;

void slip_statement_free (SlipStatement *statement);

/**
 * SlipCompileOptions:
 * @run_date: YYYY-MM-DD: what `current_date` is
 * @run: the run that measures belong to; 0 leaves it NULL
 * @source_schema: (nullable): where landed tables are read, for another schema than the sidecar's (one with
 *   views that leave out what filters drop)
 * @wide: (nullable) (element-type utf8): columns of the target, `table.column`, that hold more than 32 bits: a whole number of
 *   the mappings is read as what these take
 *
 * What a run adds to the definitions.
 */
typedef struct
{
  const char *run_date;
  gint64 run;
  const char *source_schema;
  GHashTable *wide;
} SlipCompileOptions;

/**
 * slip_compile_step:
 * @migration: a migration
 * @step: one of its steps
 * @options: what the run adds
 * @error: return location
 *
 * Compiles one step into the statements that carry it out: first what makes the destination (it can be run
 * again, and adds columns that are lacking), then one statement that inserts the step's rows (or updates
 * those of an earlier step) and writes what became of each row into `slipway.measure`, in one pass, then an
 * ANALYZE of the destination. The
 * statements need the functions of slip_functions_install(); they belong into one transaction. The same
 * migration, step and options give the same text. Any thread.
 *
 * Returns: (transfer full) (element-type SlipStatement): the statements in order, or %NULL with
 *   %SLIP_MIGRATION_ERROR_DEFINITION
 */
GPtrArray *slip_compile_step (SlipMigration *migration,
                              const SlipStep *step,
                              const SlipCompileOptions *options,
                              GError **error);

/**
 * slip_compile_dup_script:
 * @statements: (element-type SlipStatement): what slip_compile_step() gave
 *
 * Returns: (transfer full): one text for a person to read and for psql to run: each statement below its
 *   name and purpose as comments
 */
char *slip_compile_dup_script (GPtrArray *statements);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipStatement, slip_statement_free)

G_END_DECLS
