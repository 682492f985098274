/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-run.h"
#include "slip-migration.h"
#include "slip-pg.h"

G_BEGIN_DECLS

/**
 * SlipReportStage:
 * @stage: its name
 * @state: `running`, `done`, `failed`, `skipped`; `gone` and `broken off` as slip_run_report_take_status() says
 * @started: when it began, microseconds since 1970; 0 when it did not
 * @undone: when it was taken back, if it is `undone`; 0 where nobody wrote that down
 * @seconds: how long it took, or takes so far
 * @rows: rows that it wrote
 * @note: (nullable): what a person should know
 */
typedef struct
{
  char *stage;
  char *state;
  gint64 started;
  gint64 undone;
  double seconds;
  gint64 rows;
  char *note;
} SlipReportStage;

/**
 * SlipReportStep:
 * @step: its name
 * @entity: the entity's name
 * @rows: rows that it wrote
 * @seconds: how long it took
 *
 * A step of the transform that is done.
 */
typedef struct
{
  char *step;
  char *entity;
  gint64 rows;
  double seconds;
} SlipReportStep;

/**
 * SlipMeasure:
 * @stage: the stage
 * @entity: (nullable): the entity, or a table
 * @step: (nullable): the step, the filter or the rule
 * @column: (nullable): the column, condition or join
 * @kind: `in`, `out`, `dropped`, `defaulted`, `unknown code` …, see slipway.measure
 * @rows: how many rows
 * @values: how many different values did it
 * @examples: (nullable): the most frequent of them, a few
 * @ids: how many row ids are kept behind it; 0 when none are
 *
 * What became of rows, of all values together.
 */
typedef struct
{
  char *stage;
  char *entity;
  char *step;
  char *column;
  char *kind;
  gint64 rows;
  gint64 values;
  char *examples;
  gint64 ids;
} SlipMeasure;

/**
 * SlipRunReport:
 * @run: the run's id
 * @stages: (element-type SlipReportStage): in order
 * @steps: (element-type SlipReportStep): in the order in which they ended
 * @measures: (element-type SlipMeasure): by stage, entity and step
 * @ended: when the run, or what took it back, ended last, microseconds since 1970; 0 while it goes on
 */
typedef struct
{
  gint64 run;
  GPtrArray *stages;
  GPtrArray *steps;
  GPtrArray *measures;
  gint64 ended;
} SlipRunReport;

void slip_run_report_free (SlipRunReport *report);

/**
 * slip_run_report_read:
 * @pg: the migration database
 * @run: a run's id
 * @error: return location
 *
 * Reads what a run did and what became of its rows: a few hundred numbers, however many rows there are. Blocks;
 * worker threads only.
 *
 * Returns: (transfer full): the report, or %NULL with an error of the database
 */
SlipRunReport *slip_run_report_read (SlipPg *pg, gint64 run, GError **error);

/**
 * slip_run_report_take_status:
 * @report: a report
 * @status: how its run stands, where the target was asked
 *
 * Has stages whose rows the target does not have any more say so: `gone`, as slip_migration_run_status() does; what was
 * loaded is then counted no more. One that nobody goes on with is `broken off`. Of a load that is not through, rows are those
 * that the target has, whatever was counted before it broke off.
 */
void slip_run_report_take_status (SlipRunReport *report, const SlipMigrationRunStatus *status);

/**
 * slip_run_report_is_gone:
 *
 * Returns: whether what the run loaded is not in the target any more, as slip_run_report_take_status() was told, or because it
 *   was taken back
 */
gboolean slip_run_report_is_gone (const SlipRunReport *report);

/**
 * slip_run_report_is_taken_back:
 *
 * Returns: whether slip_migration_run_undo() took out of the target what the run loaded
 */
gboolean slip_run_report_is_taken_back (const SlipRunReport *report);

/**
 * slip_run_report_list_since:
 * @report: a report
 * @moment: when its rows were compared, microseconds since 1970
 *
 * What may have changed since what was compared at @moment: stages that began behind it, and those that were taken back behind
 * it. A comparison itself, whether with what was expected or through the API, changes nothing.
 *
 * Returns: (transfer container) (element-type SlipReportStage): these stages of @report, in order
 */
GPtrArray *slip_run_report_list_since (const SlipRunReport *report, gint64 moment);

/**
 * slip_run_report_sum:
 * @stage: a stage
 * @entity: (nullable): an entity or table; %NULL for any
 * @step: (nullable): a step; %NULL for any
 * @kind: a kind
 *
 * Returns: the rows of all measures that match
 */
gint64 slip_run_report_sum (const SlipRunReport *report,
                            const char *stage,
                            const char *entity,
                            const char *step,
                            const char *kind);

/**
 * slip_run_report_to_csv:
 *
 * Returns: (transfer full): a line for each stage, then one for each step and each number of it, in the order in which
 *   the report has them
 */
char *slip_run_report_to_csv (const SlipRunReport *report);

/**
 * slip_step_dup_sources:
 * @migration: a migration
 * @step: one of its steps
 *
 * Returns: (transfer container) (element-type utf8): the landed tables that the step's row ids count in: its
 *   source table, or those of the steps whose rows it goes on from. The names are @migration's
 */
GPtrArray *slip_step_dup_sources (SlipMigration *migration, const SlipStep *step);

/**
 * slip_step_get_destination:
 *
 * Returns: (transfer none): the table whose rows the step adds or changes
 */
const char *slip_step_get_destination (const SlipStep *step);

/**
 * slip_report_dup_rows_sql:
 * @migration: a migration
 * @run: a run's id
 * @measure: one of its measures
 *
 * The query behind a number: columns `table`, `casrec_row_id`, `file`, `record` (from 1, in its file), `line` and `exact`
 * (null; slip_landed_lines_dup_rows() fills them in) and `row` (JSON, in the file's order), by row id. Where row ids can be
 * of several tables, `file` and `row` are null.
 *
 * Returns: (transfer full) (nullable): the query, or %NULL when no row ids are kept
 */
char *slip_report_dup_rows_sql (SlipMigration *migration, gint64 run, const SlipMeasure *measure);

/**
 * slip_report_dup_landed_sql:
 * @table: a landed table
 *
 * The query for all rows of a landed table, with the columns of slip_report_dup_rows_sql().
 *
 * Returns: (transfer full): the query
 */
char *slip_report_dup_landed_sql (SlipMigration *migration, const char *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunReport, slip_run_report_free)

G_END_DECLS
