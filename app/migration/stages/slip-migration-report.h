/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * slip_migration_report_get_tables:
 *
 * Returns: (transfer none) (array zero-terminated=1): the tables that a report has: `stages`, `files`, `measures`,
 *   `validation`
 */
const char *const *slip_migration_report_get_tables (void);

/**
 * slip_migration_report_read:
 * @pg: the migration database
 * @run: a run's id
 * @gone: whether the target has nothing of it any more; stages that wrote there are `gone` then
 * @error: return location
 *
 * What a run did, in numbers: `{run, name, mode, runDate, state, definitionsSha256, sidecarSha256, stages: [{stage,
 * state, rows, seconds, note}], files: [{table, file, rows, rejected, sha256}], measures: [{stage, entity, step, column,
 * kind, rows}], validation: [a row of slipway.validation]}`. No value of any row is in it. Changes nothing. Blocks;
 * the thread of @pg.
 *
 * Returns: (transfer full): the report, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when there is no such run
 */
JsonNode *slip_migration_report_read (SlipPg *pg, gint64 run, gboolean gone, GError **error);

/**
 * slip_migration_report_csv:
 * @pg: the migration database
 * @run: a run's id
 * @table: one of slip_migration_report_get_tables()
 * @gone: as of slip_migration_report_read()
 * @error: return location
 *
 * The same as slip_migration_report_read() of one table, as CSV with a header (RFC 4180).
 *
 * Returns: (transfer full): the text, or %NULL with %SLIP_MIGRATION_ERROR_NOT_FOUND when there is no such table
 */
char *slip_migration_report_csv (
    SlipPg *pg, gint64 run, const char *table, gboolean gone, GError **error);

G_END_DECLS
