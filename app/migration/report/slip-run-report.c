/* SPDX-License-Identifier: MIT */
/* What a run did, read from the tables that its stages wrote. Nothing is counted here again: each number stands in
 * the migration database, committed with the rows that it tells of. */

#include "slip-run-report.h"

#include "slip-migration-run.h"
#include "slip-report-csv.h"
#include "slip-stage-shown.h"
#include "slip-stage-sql.h"

static void
stage_free (gpointer data)
{
  SlipReportStage *stage = data;

  g_free (stage->stage);
  g_free (stage->state);
  g_free (stage->note);
  g_free (stage);
}

static void
step_free (gpointer data)
{
  SlipReportStep *step = data;

  g_free (step->step);
  g_free (step->entity);
  g_free (step);
}

static void
measure_free (gpointer data)
{
  SlipMeasure *measure = data;

  g_free (measure->stage);
  g_free (measure->entity);
  g_free (measure->step);
  g_free (measure->column);
  g_free (measure->kind);
  g_free (measure->examples);
  g_free (measure);
}

void
slip_run_report_free (SlipRunReport *report)
{
  g_clear_pointer (&report->stages, g_ptr_array_unref);
  g_clear_pointer (&report->steps, g_ptr_array_unref);
  g_clear_pointer (&report->measures, g_ptr_array_unref);
  g_free (report);
}

static double
get_double (const SlipPgRows *rows, guint row, guint column)
{
  const char *text = slip_pg_rows_get (rows, row, column);

  return text != NULL ? g_ascii_strtod (text, NULL) : 0;
}

static gboolean
read_stages (SlipPg *pg, SlipRunReport *report, GError **error)
{
  g_autofree char *order = g_strjoinv (",", (char **)slip_migration_run_get_stages ());
  g_autoptr (SlipPgRows) rows
      = slip_stage_sql_ask (pg, "read the stages", error,
                            "SELECT stage, " SLIP_STAGE_SHOWN_STATE
                            ", (extract (epoch FROM started) * 1000000)::bigint,\n"
                            "  extract (epoch FROM coalesce (ended, clock_timestamp ()) - "
                            "started), rows, " SLIP_STAGE_SHOWN_NOTE ",\n"
                            /* the table of an earlier release has no such column */
                            "  coalesce ((extract (epoch FROM (to_jsonb (stage.*) ->> "
                            "'undone')::timestamptz) * 1000000)::bigint, 0)\n"
                            "  FROM slipway.stage AS stage WHERE run = %D\n"
                            " ORDER BY array_position (string_to_array (%L, ','), stage), started",
                            report->run, order);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipReportStage *stage = g_new0 (SlipReportStage, 1);

      stage->stage = g_strdup (slip_pg_rows_get (rows, i, 0));
      stage->state = g_strdup (slip_pg_rows_get (rows, i, 1));
      stage->started = slip_pg_rows_get_int (rows, i, 2);
      stage->seconds = get_double (rows, i, 3);
      stage->rows = slip_pg_rows_get_int (rows, i, 4);
      stage->note = g_strdup (slip_pg_rows_get (rows, i, 5));
      stage->undone = slip_pg_rows_get_int (rows, i, 6);
      g_ptr_array_add (report->stages, stage);
    }
  return TRUE;
}

static gboolean
read_end (SlipPg *pg, SlipRunReport *report, GError **error)
{
  return slip_stage_sql_ask_number (
      pg, "read when it ended", &report->ended, error,
      "SELECT coalesce (max ((extract (epoch FROM ended) * 1000000)::bigint), 0)\n"
      "  FROM slipway.run WHERE id = %D",
      report->run);
}

static gboolean
read_steps (SlipPg *pg, SlipRunReport *report, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      pg, "read the steps", error,
      "SELECT step, entity, rows, seconds FROM slipway.step WHERE run = %D ORDER BY ended, step",
      report->run);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipReportStep *step = g_new0 (SlipReportStep, 1);

      step->step = g_strdup (slip_pg_rows_get (rows, i, 0));
      step->entity = g_strdup (slip_pg_rows_get (rows, i, 1));
      step->rows = slip_pg_rows_get_int (rows, i, 2);
      step->seconds = get_double (rows, i, 3);
      g_ptr_array_add (report->steps, step);
    }
  return TRUE;
}

static gboolean
read_measures (SlipPg *pg, SlipRunReport *report, GError **error)
{
  g_autofree char *order = g_strjoinv (",", (char **)slip_migration_run_get_stages ());
  /* Landed files count as measures of the load. */
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      pg, "read the measures", error,
      "WITH told AS (\n"
      "  SELECT stage, entity, step, column_name, kind, value, rows, row_ids\n"
      "    FROM slipway.measure WHERE run = %D\n"
      "  UNION ALL\n"
      "  SELECT 'load', f.table_name, CASE WHEN level > 0 THEN f.name END, NULL, kind, NULL, n, "
      "NULL\n"
      "    FROM slipway.run AS r CROSS JOIN " SLIP_STAGE_SHOWN_FILES " AS f\n"
      "    CROSS JOIN LATERAL (VALUES ('out', f.rows), ('rejected', f.rejected)) AS k (kind, n)\n"
      "    CROSS JOIN generate_series (0, 1) AS level WHERE r.id = %D AND (kind = 'out' OR n > "
      "0))\n"
      "SELECT stage, entity, step, column_name, kind, sum (rows)::bigint, count (value),\n"
      "  array_to_string ((array_agg (value ORDER BY rows DESC, value)\n"
      "                    FILTER (WHERE value IS NOT NULL))[1:5], ', '),\n"
      "  coalesce (sum (cardinality (row_ids)), 0)\n"
      "  FROM told GROUP BY 1, 2, 3, 4, 5\n"
      " ORDER BY array_position (string_to_array (%L, ','), stage), entity, step, kind, sum (rows) "
      "DESC, column_name",
      report->run, report->run, order);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipMeasure *measure = g_new0 (SlipMeasure, 1);

      measure->stage = g_strdup (slip_pg_rows_get (rows, i, 0));
      measure->entity = g_strdup (slip_pg_rows_get (rows, i, 1));
      measure->step = g_strdup (slip_pg_rows_get (rows, i, 2));
      measure->column = g_strdup (slip_pg_rows_get (rows, i, 3));
      measure->kind = g_strdup (slip_pg_rows_get (rows, i, 4));
      measure->rows = slip_pg_rows_get_int (rows, i, 5);
      measure->values = slip_pg_rows_get_int (rows, i, 6);
      measure->examples = g_strdup (slip_pg_rows_get (rows, i, 7));
      measure->ids = slip_pg_rows_get_int (rows, i, 8);
      g_ptr_array_add (report->measures, measure);
    }
  return TRUE;
}

SlipRunReport *
slip_run_report_read (SlipPg *pg, gint64 run, GError **error)
{
  g_autoptr (SlipRunReport) report = g_new0 (SlipRunReport, 1);

  g_return_val_if_fail (pg != NULL, NULL);

  report->run = run;
  report->stages = g_ptr_array_new_with_free_func (stage_free);
  report->steps = g_ptr_array_new_with_free_func (step_free);
  report->measures = g_ptr_array_new_with_free_func (measure_free);
  if (!read_stages (pg, report, error) || !read_end (pg, report, error)
      || !read_steps (pg, report, error) || !read_measures (pg, report, error))
    return NULL;
  return g_steal_pointer (&report);
}

static SlipMeasure *
ensure_loaded (SlipRunReport *report, const char *table, const char *kind)
{
  SlipMeasure *measure;

  for (guint i = 0; i < report->measures->len; i++)
    {
      measure = g_ptr_array_index (report->measures, i);
      if (g_str_equal (measure->stage, "load_to_target") && g_str_equal (measure->kind, kind)
          && g_strcmp0 (measure->entity, table) == 0)
        return measure;
    }
  measure = g_new0 (SlipMeasure, 1);
  measure->stage = g_strdup ("load_to_target");
  measure->entity = g_strdup (table);
  measure->kind = g_strdup (kind);
  g_ptr_array_add (report->measures, measure);
  return measure;
}

/* A load that was killed has not counted what it wrote last; and what it counted need not be there any more. */
static void
take_parts (SlipRunReport *report, GPtrArray *parts)
{
  for (guint i = 0; i < report->measures->len; i++)
    {
      SlipMeasure *measure = g_ptr_array_index (report->measures, i);

      if (g_str_equal (measure->stage, "load_to_target") && g_str_equal (measure->kind, "out"))
        measure->rows = 0;
    }
  for (guint i = 0; i < parts->len; i++)
    {
      const SlipLoadedPart *part = g_ptr_array_index (parts, i);

      ensure_loaded (report, part->table, "in")->rows = part->staged;
      ensure_loaded (report, part->table, "out")->rows = part->rows;
    }
}

void
slip_run_report_take_status (SlipRunReport *report, const SlipMigrationRunStatus *status)
{
  g_return_if_fail (report != NULL && status != NULL);

  for (guint i = 0; i < status->stages->len; i++)
    {
      const SlipStageResult *result = g_ptr_array_index (status->stages, i);
      gboolean load = g_str_equal (result->stage, "load_to_target") && status->parts != NULL
                      && slip_migration_stage_is_open (result->state);
      gboolean otherwise
          = g_str_equal (result->state, "gone") || g_str_equal (result->state, "broken off");

      if (load)
        take_parts (report, status->parts);
      for (guint j = 0; j < report->stages->len && (otherwise || load); j++)
        {
          SlipReportStage *stage = g_ptr_array_index (report->stages, j);

          if (!g_str_equal (stage->stage, result->stage))
            continue;
          g_free (stage->state);
          stage->state = g_strdup (result->state);
          if (load)
            stage->rows = result->rows;
        }
    }
}

gboolean
slip_run_report_is_gone (const SlipRunReport *report)
{
  g_return_val_if_fail (report != NULL, FALSE);

  for (guint i = 0; i < report->stages->len; i++)
    if (g_str_equal (((SlipReportStage *)g_ptr_array_index (report->stages, i))->state, "gone"))
      return TRUE;
  return slip_run_report_is_taken_back (report);
}

gboolean
slip_run_report_is_taken_back (const SlipRunReport *report)
{
  g_return_val_if_fail (report != NULL, FALSE);

  for (guint i = 0; i < report->stages->len; i++)
    {
      const SlipReportStage *stage = g_ptr_array_index (report->stages, i);

      if (g_str_equal (stage->stage, "load_to_target") && g_str_equal (stage->state, "undone"))
        return TRUE;
    }
  return FALSE;
}

GPtrArray *
slip_run_report_list_since (const SlipRunReport *report, gint64 moment)
{
  GPtrArray *since = g_ptr_array_new ();

  g_return_val_if_fail (report != NULL, since);

  for (guint i = 0; i < report->stages->len; i++)
    {
      const SlipReportStage *stage = g_ptr_array_index (report->stages, i);
      gboolean compares
          = g_str_equal (stage->stage, "validation") || g_str_equal (stage->stage, "api");
      gboolean undone = g_str_equal (stage->state, "undone");
      gint64 taken_back = stage->undone > 0 ? stage->undone : report->ended;

      if (g_str_equal (stage->state, "skipped"))
        continue;
      if (undone ? taken_back > moment : !compares && stage->started > moment)
        g_ptr_array_add (since, (gpointer)stage);
    }
  return since;
}

gint64
slip_run_report_sum (const SlipRunReport *report,
                     const char *stage,
                     const char *entity,
                     const char *step,
                     const char *kind)
{
  gint64 sum = 0;

  g_return_val_if_fail (report != NULL && stage != NULL && kind != NULL, 0);

  for (guint i = 0; i < report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (report->measures, i);

      if (g_str_equal (measure->stage, stage) && g_str_equal (measure->kind, kind)
          && (entity == NULL || g_strcmp0 (measure->entity, entity) == 0)
          && (step == NULL || g_strcmp0 (measure->step, step) == 0))
        sum += measure->rows;
    }
  return sum;
}

/* ---- as CSV */

static void
add_line (GString *csv,
          const char *stage,
          const SlipMeasure *measure,
          const char *state,
          gint64 rows,
          double seconds,
          const char *note)
{
  char time[G_ASCII_DTOSTR_BUF_SIZE] = "";
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, rows);
  const char *const fields[]
      = {stage, measure->entity, measure->step, measure->column,   measure->kind,
         state, number,          time,          measure->examples, note};

  if (seconds >= 0)
    g_ascii_formatd (time, sizeof time, "%.3f", seconds);
  slip_report_csv_add (csv, fields, G_N_ELEMENTS (fields));
}

static void
add_below (GString *csv, const SlipRunReport *report, const char *stage)
{
  for (guint i = 0; i < report->steps->len && g_str_equal (stage, "transform"); i++)
    {
      const SlipReportStep *step = g_ptr_array_index (report->steps, i);
      const SlipMeasure place = {.entity = step->entity, .step = step->step};

      add_line (csv, stage, &place, "done", step->rows, step->seconds, NULL);
    }
  for (guint i = 0; i < report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (report->measures, i);

      if (g_str_equal (measure->stage, stage))
        add_line (csv, stage, measure, NULL, measure->rows, -1, NULL);
    }
}

char *
slip_run_report_to_csv (const SlipRunReport *report)
{
  static const SlipMeasure whole = {0};
  GString *csv = g_string_new ("stage,entity,step,column,kind,state,rows,seconds,examples,note\n");

  g_return_val_if_fail (report != NULL, g_string_free (csv, FALSE));

  for (guint i = 0; i < report->stages->len; i++)
    {
      const SlipReportStage *stage = g_ptr_array_index (report->stages, i);

      add_line (csv, stage->stage, &whole, stage->state, stage->rows, stage->seconds, stage->note);
      add_below (csv, report, stage->stage);
    }
  return g_string_free (csv, FALSE);
}

/* ---- where a step's rows come from */

const char *
slip_step_get_destination (const SlipStep *step)
{
  g_return_val_if_fail (step != NULL, NULL);

  if (step->update != NULL)
    return step->update->table;
  return step->definition != NULL ? step->definition->destination : step->name;
}

static void
add_source (GPtrArray *sources, const char *table)
{
  if (table != NULL && !g_ptr_array_find_with_equal_func (sources, table, g_str_equal, NULL))
    g_ptr_array_add (sources, (gpointer)table);
}

/* @depth ends a ring, which no migration that runs has. */
static void
gather_sources (SlipMigration *migration, const SlipStep *step, GPtrArray *sources, guint depth)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  const SlipFrom *from = step->from;

  if (from == NULL)
    {
      if (step->definition != NULL)
        add_source (sources, step->definition->source_table);
      return;
    }
  if (from->relation.kind == SLIP_RELATION_SOURCE)
    add_source (sources, from->relation.table);
  else if (from->relation.kind == SLIP_RELATION_SQL)
    add_source (sources, from->table);
  else if (from->relation.kind == SLIP_RELATION_TRANSFORM && depth < steps->len)
    for (guint i = 0; i < steps->len; i++)
      {
        const SlipStep *other = g_ptr_array_index (steps, i);

        if (other != step && other->update == NULL
            && g_strcmp0 (slip_step_get_destination (other), from->relation.table) == 0)
          gather_sources (migration, other, sources, depth + 1);
      }
}

GPtrArray *
slip_step_dup_sources (SlipMigration *migration, const SlipStep *step)
{
  GPtrArray *sources = g_ptr_array_new ();

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && step != NULL, sources);

  gather_sources (migration, step, sources, 0);
  return sources;
}

/* ---- the rows behind a number */

static char *
dup_table (SlipMigration *migration, const SlipMeasure *measure)
{
  const SlipStep *step;
  g_autoptr (GPtrArray) sources = NULL;

  if (g_str_equal (measure->stage, "filter"))
    return g_strdup (measure->entity);
  step = measure->step != NULL ? slip_migration_find_step (migration, measure->step) : NULL;
  if (step == NULL)
    return NULL;
  sources = slip_step_dup_sources (migration, step);
  return sources->len == 1 ? g_strdup (g_ptr_array_index (sources, 0)) : NULL;
}

static char *
dup_landed_rows (const SlipSchemas *schemas, const char *table, const char *ids)
{
  return slip_stage_sql (
      "SELECT %L AS \"table\", i.id AS casrec_row_id, f.name AS file,\n"
      "  i.id - f.first_row_id + 1 AS record, NULL::bigint AS line, NULL::boolean AS exact,\n"
      "  row_to_json (s) AS row\n"
      "  FROM (%s) AS i\n"
      "  LEFT JOIN slipway.file AS f ON f.table_schema = %L AND f.table_name = %L\n"
      "    AND i.id BETWEEN f.first_row_id AND f.last_row_id\n"
      "  LEFT JOIN %I.%I AS s ON s.casrec_row_id = i.id ORDER BY i.id",
      table, ids, schemas->source, table, schemas->source, table);
}

char *
slip_report_dup_rows_sql (SlipMigration *migration, gint64 run, const SlipMeasure *measure)
{
  const SlipSchemas *schemas;
  g_autofree char *table = NULL;
  g_autofree char *ids = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && measure != NULL, NULL);

  if (measure->ids == 0)
    return NULL;
  schemas = slip_migration_get_schemas (migration);
  table = dup_table (migration, measure);
  ids = slip_stage_sql (
      "SELECT DISTINCT id FROM slipway.measure AS m CROSS JOIN unnest (m.row_ids) AS id\n"
      " WHERE m.run = %D AND m.stage = %L AND m.entity IS NOT DISTINCT FROM %L\n"
      "   AND m.step IS NOT DISTINCT FROM %L AND m.column_name IS NOT DISTINCT FROM %L AND m.kind "
      "= %L",
      run, measure->stage, measure->entity, measure->step, measure->column, measure->kind);
  if (table == NULL)
    return g_strdup_printf (
        "SELECT NULL::text AS \"table\", i.id AS casrec_row_id, NULL::text AS file,\n"
        "  NULL::bigint AS record, NULL::bigint AS line, NULL::boolean AS exact,\n"
        "  NULL::json AS row\n  FROM (%s) AS i ORDER BY i.id",
        ids);
  return dup_landed_rows (schemas, table, ids);
}

char *
slip_report_dup_landed_sql (SlipMigration *migration, const char *table)
{
  const SlipSchemas *schemas;
  g_autofree char *ids = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && table != NULL, NULL);

  schemas = slip_migration_get_schemas (migration);
  ids = slip_stage_sql ("SELECT casrec_row_id AS id FROM %I.%I", schemas->source, table);
  return dup_landed_rows (schemas, table, ids);
}
