/* SPDX-License-Identifier: MIT */
/* What became of a run's rows, number by number, and the rows behind a number, as text and as JSON. */

#include "slip-measures.h"

#include "slip-json.h"
#include "slip-landed-lines.h"
#include "slip-stage-sql.h"

/* ---- the numbers */

static const char *
dash (const char *text)
{
  return text != NULL ? text : "–";
}

char *
slip_measures_to_text (const SlipRunReport *report)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (report != NULL, g_string_free (text, FALSE));

  g_string_append_printf (text, "%5s %-14s %-20s %-24s %-24s %-14s %10s  %s\n", "no.", "stage",
                          "entity", "step", "column", "what", "rows", "values");
  for (guint i = 0; i < report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (report->measures, i);

      g_string_append_printf (
          text, "%5u %-14s %-20s %-24s %-24s %-14s %10" G_GINT64_FORMAT "  %s%s\n", i + 1,
          measure->stage, dash (measure->entity), dash (measure->step), dash (measure->column),
          measure->kind, measure->rows, measure->examples != NULL ? measure->examples : "",
          measure->values > 5 ? ", …" : "");
    }
  return g_string_free (text, FALSE);
}

static void
set_text (JsonObject *object, const char *name, const char *value)
{
  if (value != NULL)
    json_object_set_string_member (object, name, value);
}

static JsonObject *
measure_to_json (const SlipMeasure *measure, guint number)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "number", number);
  set_text (object, "stage", measure->stage);
  set_text (object, "entity", measure->entity);
  set_text (object, "step", measure->step);
  set_text (object, "column", measure->column);
  set_text (object, "kind", measure->kind);
  json_object_set_int_member (object, "rows", measure->rows);
  json_object_set_int_member (object, "values", measure->values);
  set_text (object, "examples", measure->examples);
  json_object_set_int_member (object, "ids", measure->ids);
  return object;
}

static JsonObject *
gap_to_json (const SlipRunReport *report, const SlipWaterfallGap *gap)
{
  JsonObject *object = json_object_new ();
  guint number = 0;

  set_text (object, "level", slip_waterfall_level_get_name (gap->level));
  set_text (object, "kind", gap->kind);
  set_text (object, "step", gap->step);
  set_text (object, "what", gap->what);
  json_object_set_int_member (object, "rows", gap->rows);
  if (gap->measure != NULL && g_ptr_array_find (report->measures, gap->measure, &number))
    json_object_set_int_member (object, "measure", number + 1);
  return object;
}

static JsonArray *
tables_to_json (const SlipRunReport *report, const SlipWaterfall *waterfall)
{
  JsonArray *tables = json_array_new ();

  for (guint i = 0; waterfall != NULL && i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);
      JsonObject *object = json_object_new ();
      JsonObject *counts = json_object_new ();
      JsonArray *gaps = json_array_new ();

      for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
        if (table->counts[level] >= 0)
          json_object_set_int_member (counts, slip_waterfall_level_get_name (level),
                                      table->counts[level]);
      for (guint j = 0; j < table->gaps->len; j++)
        json_array_add_object_element (gaps,
                                       gap_to_json (report, g_ptr_array_index (table->gaps, j)));
      set_text (object, "table", table->name[0] != '\0' ? table->name : "*");
      json_object_set_object_member (object, "counts", counts);
      json_object_set_int_member (object, "known", table->known);
      json_object_set_array_member (object, "gaps", gaps);
      json_array_add_object_element (tables, object);
    }
  return tables;
}

JsonNode *
slip_measures_to_json (const SlipRunReport *report, const SlipWaterfall *waterfall)
{
  JsonObject *object = json_object_new ();
  JsonArray *measures = json_array_new ();

  g_return_val_if_fail (report != NULL, slip_json_new_object (object));

  json_object_set_int_member (object, "run", report->run);
  json_object_set_array_member (object, "tables", tables_to_json (report, waterfall));
  for (guint i = 0; i < report->measures->len; i++)
    json_array_add_object_element (
        measures, measure_to_json (g_ptr_array_index (report->measures, i), i + 1));
  json_object_set_array_member (object, "measures", measures);
  return slip_json_new_object (object);
}

/* ---- the rows behind one */

/* What the load put aside has no row id: nothing of it is landed. */
static char *
dup_rejected_sql (SlipMigration *migration, const SlipMeasure *measure, guint limit)
{
  g_autofree char *file
      = measure->step != NULL ? slip_stage_sql (" AND file = %L", measure->step) : g_strdup ("");

  return slip_stage_sql (
      "SELECT table_name AS \"table\", NULL::bigint AS \"row\", file, record, line, true AS "
      "exact,\n"
      "  json_build_object ('reason', reason, 'column', column_name, 'value', value) AS values\n"
      "  FROM slipway.rejected WHERE stage = 'load' AND table_schema = %L AND table_name = %L%s\n"
      " ORDER BY file, record LIMIT %D",
      slip_migration_get_schemas (migration)->source, measure->entity, file, (gint64)limit);
}

static char *
dup_rows_sql (SlipMigration *migration,
              const SlipRunReport *report,
              const SlipMeasure *measure,
              guint limit)
{
  g_autofree char *rows = NULL;
  g_autofree char *page = NULL;
  g_autofree char *frame = NULL;

  if (g_str_equal (measure->stage, "load") && g_str_equal (measure->kind, "rejected"))
    return dup_rejected_sql (migration, measure, limit);
  rows = slip_report_dup_rows_sql (migration, report->run, measure);
  if (rows == NULL)
    return NULL;
  page = g_strdup_printf ("%s LIMIT %u", rows, limit);
  frame = slip_landed_lines_dup_frame (migration, "table",
                                       "q.\"table\", q.casrec_row_id AS \"row\", q.file, q.record, "
                                       "l.line, l.exact, q.row AS values",
                                       "q.casrec_row_id");
  return slip_landed_lines_put (frame, page);
}

JsonNode *
slip_measures_read_rows (SlipPg *pg,
                         SlipMigration *migration,
                         const SlipRunReport *report,
                         gint64 number,
                         guint limit,
                         GError **error)
{
  const SlipMeasure *measure;
  g_autofree char *sql = NULL;
  g_autoptr (SlipPgRows) told = NULL;

  g_return_val_if_fail (pg != NULL && SLIP_IS_MIGRATION (migration) && report != NULL, NULL);

  if (number < 1 || number > report->measures->len)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "run %" G_GINT64_FORMAT " has measures 1 to %u, and none is %" G_GINT64_FORMAT,
                   report->run, report->measures->len, number);
      return NULL;
    }
  measure = g_ptr_array_index (report->measures, number - 1);
  sql = dup_rows_sql (migration, report, measure, limit);
  if (sql == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "no rows are kept behind measure %" G_GINT64_FORMAT
                   ", “%s” of stage %s: it counts all of them",
                   number, measure->kind, measure->stage);
      return NULL;
    }
  told = slip_stage_sql_ask (
      pg, "read the rows behind a number", error,
      "SELECT json_build_object ('number', %D, 'of', %D, 'rows', coalesce "
      "(json_agg (r), '[]')) FROM "
      "(%s) AS r",
      number, g_str_equal (measure->kind, "rejected") ? measure->rows : measure->ids, sql);
  return told != NULL ? slip_json_parse (slip_pg_rows_get (told, 0, 0), -1, error) : NULL;
}

char *
slip_measures_rows_to_text (JsonNode *rows)
{
  JsonObject *object = slip_json_node_object (rows);
  JsonArray *list = object != NULL ? slip_json_array (object, "rows") : NULL;
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (list != NULL, g_string_free (text, FALSE));

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *row = json_array_get_object_element (list, i);
      JsonNode *values = json_object_get_member (row, "values");
      g_autofree char *json = values != NULL && !JSON_NODE_HOLDS_NULL (values)
                                  ? slip_json_to_text (values, FALSE)
                                  : g_strdup ("no values are known");

      if (slip_json_string (row, "file") != NULL)
        g_string_append_printf (
            text, "%s record %" G_GINT64_FORMAT " (line %s%" G_GINT64_FORMAT "): %s\n",
            slip_json_string (row, "file"), slip_json_int (row, "record", 0),
            slip_json_bool (row, "exact", TRUE) ? "" : "≥ ", slip_json_int (row, "line", 0), json);
      else
        g_string_append_printf (text, "row %" G_GINT64_FORMAT ": %s\n",
                                slip_json_int (row, "row", 0), json);
    }
  if (slip_json_int (object, "of", 0) > json_array_get_length (list))
    g_string_append_printf (text, "… %u of %" G_GINT64_FORMAT "; --limit tells more\n",
                            json_array_get_length (list), slip_json_int (object, "of", 0));
  return g_string_free (text, FALSE);
}
