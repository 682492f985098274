/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-waterfall.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_measures_to_text:
 * @report: what a run did
 *
 * Returns: (transfer full): a table for a terminal: a number for each measure, stage, entity, step, column, kind, rows and
 *   the most frequent values
 */
char *slip_measures_to_text (const SlipRunReport *report);

/**
 * slip_measures_to_json:
 * @report: what a run did
 * @waterfall: (nullable): its waterfall
 *
 * Returns: (transfer full): `{run, tables: [{table, counts, gaps: [{level, kind, step, what, rows, measure}]}], measures:
 *   [{number, stage, entity, step, column, kind, rows, values, examples, ids}]}`, with the numbers of the text
 */
JsonNode *slip_measures_to_json (const SlipRunReport *report, const SlipWaterfall *waterfall);

/**
 * slip_measures_read_rows:
 * @pg: the migration database
 * @migration: the migration
 * @report: what a run did
 * @number: a measure's number, from 1
 * @limit: how many rows at most
 * @error: return location
 *
 * Reads the rows behind a number, by row id. Blocks; worker threads only.
 *
 * Returns: (transfer full): `{number, of, rows: [{table, row, file, record, line, exact, values}]}` where `of` is how many
 *   there are; or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when there is no such measure or no rows are kept behind it, or
 *   an error of the database
 */
JsonNode *slip_measures_read_rows (SlipPg *pg,
                                   SlipMigration *migration,
                                   const SlipRunReport *report,
                                   gint64 number,
                                   guint limit,
                                   GError **error);

/**
 * slip_measures_rows_to_text:
 * @rows: what slip_measures_read_rows() gave
 *
 * Returns: (transfer full): a line for each row: `FILE record R (line L): VALUES`
 */
char *slip_measures_rows_to_text (JsonNode *rows);

G_END_DECLS
