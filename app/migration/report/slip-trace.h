/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration.h"
#include "slip-pg.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipTraceStep:
 * @stage: where it is: `load`, `filter`, `transform`, `integration`, `load_to_target`, `validation`
 * @table: the table, with its schema where it has one
 * @key: (nullable): the row's key there
 * @mapping: (nullable): the mapping whose columns the row has
 * @rule: (nullable): the step, filter or mapping that did it
 * @what: what became of the record there, untranslated
 * @lost: whether the record ends there
 * @values: (nullable): the row as a JSON object, in the table's order
 *
 * One place that a record passed.
 */
typedef struct
{
  char *stage;
  char *table;
  char *key;
  char *mapping;
  char *rule;
  char *what;
  gboolean lost;
  char *values;
} SlipTraceStep;

/**
 * SlipTrace:
 * @table: the landed table
 * @row_id: its casrec_row_id
 * @file: the file it came from
 * @record: which record of the file, from 1
 * @line: the line that the record begins in, from 1; with @exact %FALSE at least that
 * @exact: whether no blank line lies before it
 * @steps: (element-type SlipTraceStep): the places, in order
 */
typedef struct
{
  char *table;
  gint64 row_id;
  char *file;
  gint64 record;
  gint64 line;
  gboolean exact;
  GPtrArray *steps;
} SlipTrace;

void slip_trace_free (SlipTrace *trace);

/**
 * slip_trace_read:
 * @migration: the migration
 * @run: a run's id
 * @pg: the migration database
 * @target: (nullable): the target; %NULL leaves it out
 * @table: a landed table
 * @row_id: a casrec_row_id
 * @error: return location
 *
 * Follows one record from its file to the target: filters, every row that steps made of it or changed by it, what they
 * noted of it, its keys, the row in the target, and what the validation says. A row that a step made of other
 * steps' rows is taken for the record's when it points at one of them. What another run left in the schemas that runs share
 * is not this run's: the way says then that the record is not transformed, or not integrated, in this run. Blocks; worker threads only.
 *
 * Returns: (transfer full): the way, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when there is no such record, or an
 *   error of a database
 */
SlipTrace *slip_trace_read (SlipMigration *migration,
                            gint64 run,
                            SlipPg *pg,
                            SlipPg *target,
                            const char *table,
                            gint64 row_id,
                            GError **error);

/**
 * slip_trace_find_line:
 * @migration: the migration
 * @pg: the migration database
 * @table: a landed table
 * @file: (nullable): a part's name; %NULL for the first part
 * @line: a line of the file, from 1
 * @row_id: (out): the record that begins in or goes on over that line
 * @error: return location
 *
 * Records may span lines; blank lines are not known by their place and are not counted.
 *
 * Returns: whether there is one; %FALSE with %SLIP_MIGRATION_ERROR_NOT_FOUND, or an error of the database
 */
gboolean slip_trace_find_line (SlipMigration *migration,
                               SlipPg *pg,
                               const char *table,
                               const char *file,
                               gint64 line,
                               gint64 *row_id,
                               GError **error);

/**
 * slip_trace_find_key:
 * @migration: the migration
 * @run: a run's id
 * @pg: the migration database
 * @mapping: a mapping's name
 * @key: a primary key of the mapping's table in the target
 * @row_id: (out): the casrec_row_id of the record that the row was made of
 * @error: return location
 *
 * The way back, from a row that the run inserted to its record.
 *
 * Returns: (transfer full): the landed table; %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when the run made no such row or its
 *   record is not known, or an error of the database
 */
char *slip_trace_find_key (SlipMigration *migration,
                           gint64 run,
                           SlipPg *pg,
                           const char *mapping,
                           const char *key,
                           gint64 *row_id,
                           GError **error);

/**
 * slip_trace_to_text:
 *
 * Returns: (transfer full): the way, for a person to read
 */
char *slip_trace_to_text (const SlipTrace *trace);

/**
 * slip_trace_to_json:
 *
 * Returns: (transfer full): `{table, row, file, record, line, exact, steps: [{stage, table, key, rule, what, lost,
 *   values}]}`
 */
JsonNode *slip_trace_to_json (const SlipTrace *trace);

/**
 * slip_trace_to_csv:
 * @migration: the migration that it is a trace of
 *
 * Returns: (transfer full): a line for each column of the row at each place, with the mapping's rule of it; one
 *   without a column for a place that has no row. A null is an empty field
 */
char *slip_trace_to_csv (const SlipTrace *trace, SlipMigration *migration);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipTrace, slip_trace_free)

G_END_DECLS
