/* SPDX-License-Identifier: MIT */
/* The way of one record. Rows of the transform carry the record that they come from; those that a step made of rows of
 * others carry its number only, so they are held against the rows that they point at. */

#include "slip-trace.h"

#include "slip-run-report.h"
#include "slip-stage-sql.h"
#include "slip-trace-private.h"

#include <string.h>

static void
step_free (gpointer data)
{
  SlipTraceStep *step = data;

  g_free (step->stage);
  g_free (step->table);
  g_free (step->key);
  g_free (step->mapping);
  g_free (step->rule);
  g_free (step->what);
  g_free (step->values);
  g_free (step);
}

void
slip_trace_free (SlipTrace *trace)
{
  g_free (trace->table);
  g_free (trace->file);
  g_clear_pointer (&trace->steps, g_ptr_array_unref);
  g_free (trace);
}

GPtrArray *
slip_trace_new_steps (void)
{
  return g_ptr_array_new_with_free_func (step_free);
}

SlipTraceStep *
slip_trace_add (SlipTrace *trace, const char *stage, const char *table, const char *rule)
{
  SlipTraceStep *step = g_new0 (SlipTraceStep, 1);

  step->stage = g_strdup (stage);
  step->table = g_strdup (table);
  step->rule = g_strdup (rule);
  g_ptr_array_add (trace->steps, step);
  return step;
}

/* ---- the file */

static gboolean
read_source (SlipTracing *tracing, GError **error)
{
  SlipTrace *trace = tracing->trace;
  SlipTraceStep *step;
  g_autoptr (SlipPgRows) row = NULL;
  g_autoptr (SlipPgRows) file = slip_stage_sql_ask (
      tracing->pg, "look for the file", error,
      "SELECT f.name, %D - f.first_row_id + 1, l.line, l.exact::int, slipway.record_told (f.name, "
      "%D - f.first_row_id + 1, l.line, l.exact)\n"
      "  FROM slipway.file AS f CROSS JOIN LATERAL slipway.landed_line (f, %D) AS l\n"
      " WHERE table_schema = %L AND table_name = %L AND %D BETWEEN first_row_id AND last_row_id\n"
      "UNION ALL SELECT 'merged cases', count (*), 0, 1, 'row ' || %D || ' of merged cases' FROM "
      "slipway.case_row WHERE table_schema = %L AND table_name = %L AND casrec_row_id <= %D HAVING "
      "max (casrec_row_id) = %D",
      trace->row_id, trace->row_id, trace->row_id, tracing->schemas->source, trace->table,
      trace->row_id, trace->row_id, tracing->schemas->source, trace->table, trace->row_id,
      trace->row_id);

  if (file == NULL)
    return FALSE;
  if (slip_pg_rows_get_n_rows (file) == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "there is no record %" G_GINT64_FORMAT
                   " of %s. “slipwayctl migrate status” and slipway.file tell what is landed",
                   trace->row_id, trace->table);
      return FALSE;
    }
  row = slip_stage_sql_ask (tracing->pg, "read the record", error,
                            "SELECT row_to_json (s) FROM %I.%I AS s WHERE s.casrec_row_id = %D",
                            tracing->schemas->source, trace->table, trace->row_id);
  if (row == NULL)
    return FALSE;
  trace->file = g_strdup (slip_pg_rows_get (file, 0, 0));
  trace->record = slip_pg_rows_get_int (file, 0, 1);
  trace->line = slip_pg_rows_get_int (file, 0, 2);
  trace->exact = slip_pg_rows_get_int (file, 0, 3) != 0;
  step = slip_trace_add (trace, "load", trace->table, trace->file);
  step->key = g_strdup_printf ("%" G_GINT64_FORMAT, trace->row_id);
  step->lost = slip_pg_rows_get_n_rows (row) == 0;
  step->values = step->lost ? NULL : g_strdup (slip_pg_rows_get (row, 0, 0));
  step->what = g_strconcat (slip_pg_rows_get (file, 0, 4), step->lost ? ", rejected" : NULL, NULL);
  return TRUE;
}

gboolean
slip_trace_find_line (SlipMigration *migration,
                      SlipPg *pg,
                      const char *table,
                      const char *file,
                      gint64 line,
                      gint64 *row_id,
                      GError **error)
{
  const SlipSchemas *schemas;
  g_autofree char *parts = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && pg != NULL && table != NULL, FALSE);
  g_return_val_if_fail (row_id != NULL, FALSE);

  schemas = slip_migration_get_schemas (migration);
  parts = file != NULL ? slip_stage_sql ("name = %L", file) : g_strdup ("part = 1");
  *row_id = 0;
  if (!slip_stage_sql_ask_number (
          pg, "look for a line", row_id, error,
          "WITH f AS (SELECT *, 1 + (SELECT sum (length (h) - length (replace (h, E'\\n', ''))) "
          "FROM unnest (header) AS h) AS head\n"
          "  FROM slipway.file WHERE table_schema = %L AND table_name = %L AND %s)\n"
          "SELECT id FROM (\n"
          "  SELECT s.casrec_row_id AS id, e.n, f.head + 1 + s.casrec_row_id - f.first_row_id\n"
          "    + coalesce (sum (e.n) OVER (ORDER BY s.casrec_row_id ROWS BETWEEN UNBOUNDED "
          "PRECEDING AND 1 PRECEDING), 0) AS line\n"
          "    FROM f JOIN %I.%I AS s ON s.casrec_row_id BETWEEN f.first_row_id AND f.last_row_id\n"
          "    CROSS JOIN LATERAL (SELECT length (s::text) - length (replace (s::text, E'\\n', "
          "'')) AS n) AS e) AS at\n"
          " WHERE %D BETWEEN line AND line + n LIMIT 1",
          schemas->source, table, parts, schemas->source, table, line))
    return FALSE;
  if (*row_id > 0)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
               "line %" G_GINT64_FORMAT
               " of %s is no landed record. Line 1 is the header; rejected "
               "records are in slipway.rejected",
               line, file != NULL ? file : table);
  return FALSE;
}

/* ---- filters, and what steps noted of the record */

static gboolean
read_filters (SlipTracing *tracing, GError **error)
{
  SlipTrace *trace = tracing->trace;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      tracing->pg, "look at the filters", error,
      "SELECT filter, reason FROM slipway.excluded WHERE table_name = %L AND casrec_row_id = %D "
      "ORDER BY 1",
      trace->table, trace->row_id);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipTraceStep *step
          = slip_trace_add (trace, "filter", trace->table, slip_pg_rows_get (rows, i, 0));

      step->what = g_strdup_printf ("left out: %s", slip_pg_rows_get (rows, i, 1));
      step->lost = TRUE;
      tracing->filtered = TRUE;
    }
  return TRUE;
}

static gboolean
read_notes (SlipTracing *tracing, const SlipStep *step, GError **error)
{
  SlipTrace *trace = tracing->trace;
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      tracing->pg, "look at what a step noted", error,
      "SELECT kind, column_name, value, stage FROM slipway.measure\n"
      " WHERE run = %D AND stage IN ('transform', 'integration') AND step = %L AND row_ids @> "
      "ARRAY[%D]::bigint[]\n"
      "   AND kind <> 'multiplied' ORDER BY stage DESC, kind = 'dropped' DESC, column_name",
      tracing->run, step->name, trace->row_id);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *kind = slip_pg_rows_get (rows, i, 0);
      const char *column = slip_pg_rows_get (rows, i, 1);
      const char *value = slip_pg_rows_get (rows, i, 2);
      SlipTraceStep *told = slip_trace_add (trace, slip_pg_rows_get (rows, i, 3),
                                            slip_step_get_destination (step), step->name);

      told->lost = g_str_equal (kind, "dropped");
      told->what = value != NULL
                       ? g_strdup_printf ("%s: %s (%s)", kind, column != NULL ? column : "", value)
                       : g_strdup_printf ("%s: %s", kind, column != NULL ? column : "");
    }
  return TRUE;
}

/* ---- rows that steps made */

/* Keys of the record's rows in a table of the transform, as a list of SQL literals; NULL when it has none. */
static const char *
get_keys (SlipTracing *tracing, const char *table)
{
  return g_hash_table_lookup (tracing->keys, table);
}

static gboolean
is_known (SlipTracing *tracing, const char *table, const char *key)
{
  for (guint i = 0; key != NULL && i < tracing->trace->steps->len; i++)
    {
      const SlipTraceStep *step = g_ptr_array_index (tracing->trace->steps, i);

      if (g_str_equal (step->table, table) && g_strcmp0 (step->key, key) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
add_key (SlipTracing *tracing, const char *table, const char *key)
{
  const char *before = get_keys (tracing, table);
  g_autofree char *literal = slip_pg_quote_literal (key);

  if (key != NULL)
    g_hash_table_insert (tracing->keys, g_strdup (table),
                         before != NULL ? g_strdup_printf ("%s, %s", before, literal)
                                        : g_strdup (literal));
}

/* The column by which a row of the step points at the rows that it was made of. */
static const SlipMappingColumn *
find_pointer (const SlipStep *step)
{
  const char *parent = step->from != NULL && step->from->relation.kind == SLIP_RELATION_TRANSFORM
                           ? step->from->relation.table
                           : NULL;

  for (guint i = 0; parent != NULL && step->mapping != NULL && i < step->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (step->mapping->columns, i);

      if (g_strcmp0 (column->parent_table, parent) == 0)
        return column;
    }
  return NULL;
}

/* Which rows are the record's, in SQL; NULL when that cannot be known. */
static char *
dup_condition (SlipTracing *tracing, const SlipStep *step, const char *prefix)
{
  g_autofree char *file = g_strconcat (step->mapping_name, "_mapping", NULL);
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, tracing->trace->row_id);
  const SlipMappingColumn *pointer = find_pointer (step);
  g_autofree char *column = NULL;
  g_autoptr (GPtrArray) sources = NULL;

  if (step->update != NULL)
    return slip_stage_sql (
        "t.casrec_details @> jsonb_build_array (jsonb_build_object ('casrec_row_id', %D,\n"
        "  'casrec_mapping_file_name', %L::text))",
        tracing->trace->row_id, file);
  if (pointer != NULL)
    {
      const char *keys = get_keys (tracing, pointer->parent_table);

      if (keys == NULL)
        return NULL;
      column = g_strconcat (prefix, pointer->target, NULL);
      return slip_stage_sql (
          "t.casrec_mapping_file_name = %L AND t.casrec_row_id = %L AND t.%I::text IN (%s)", file,
          id, column, keys);
    }
  sources = slip_step_dup_sources (tracing->migration, step);
  if (sources->len > 1)
    return NULL;
  return slip_stage_sql ("t.casrec_mapping_file_name = %L AND t.casrec_row_id = %L", file, id);
}

static gboolean
read_made (SlipTracing *tracing, const SlipStep *step, GError **error)
{
  const char *table = slip_step_get_destination (step);
  g_autofree char *name = g_strdup_printf ("%s.%s", tracing->schemas->transform, table);
  g_autofree char *condition = dup_condition (tracing, step, "");
  g_autoptr (SlipPgRows) rows = NULL;

  if (condition == NULL || !slip_trace_has_table (tracing, tracing->schemas->transform, table))
    return TRUE;
  rows = slip_stage_sql_ask (
      tracing->pg, "look for rows of the transform", error,
      "SELECT row_to_json (t), row_to_json (t) ->> 'id' FROM %I.%I AS t WHERE %s LIMIT %D",
      tracing->schemas->transform, table, condition, (gint64)SLIP_TRACE_MAX_ROWS);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipTraceStep *made;

      /* Two steps of one mapping cannot be told apart by their rows. */
      if (step->update == NULL && is_known (tracing, name, slip_pg_rows_get (rows, i, 1)))
        continue;
      made = slip_trace_add (tracing->trace, "transform", name, step->name);
      made->key = g_strdup (slip_pg_rows_get (rows, i, 1));
      made->mapping = g_strdup (step->mapping_name);
      made->what = g_strdup (step->update != NULL ? "changed a row" : "became a row");
      made->values = g_strdup (slip_pg_rows_get (rows, i, 0));
      add_key (tracing, table, made->key);
    }
  return TRUE;
}

static gboolean
is_of_table (SlipTracing *tracing, const SlipStep *step)
{
  g_autoptr (GPtrArray) sources = slip_step_dup_sources (tracing->migration, step);

  return g_ptr_array_find_with_equal_func (sources, tracing->trace->table, g_str_equal, NULL);
}

/* Rows of the transform are those of the run that noted its steps last; a run that left the stage out took them over. */
static gboolean
is_transformed (SlipTracing *tracing, gboolean *transformed, GError **error)
{
  gint64 count = 0;

  if (!slip_stage_sql_ask_number (
          tracing->pg, "look whose rows are transformed", &count, error,
          "SELECT (SELECT count (*) FROM slipway.step WHERE run = %D)\n"
          "  + (SELECT count (*) FROM slipway.stage WHERE run = %D AND stage = 'transform' AND "
          "state = 'skipped')",
          tracing->run, tracing->run))
    return FALSE;
  *transformed = count > 0;
  return TRUE;
}

static gboolean
read_steps (SlipTracing *tracing, GError **error)
{
  GPtrArray *steps = slip_migration_get_steps (tracing->migration);
  gboolean transformed = FALSE;

  if (!is_transformed (tracing, &transformed, error))
    return FALSE;
  if (!transformed)
    {
      slip_trace_add (tracing->trace, "transform", tracing->trace->table, NULL)->what
          = g_strdup_printf ("not transformed in run %" G_GINT64_FORMAT, tracing->run);
      return TRUE;
    }
  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (!is_of_table (tracing, step))
        continue;
      if ((step->from == NULL && !read_notes (tracing, step, error))
          || !read_made (tracing, step, error))
        return FALSE;
    }
  return TRUE;
}

SlipTrace *
slip_trace_read (SlipMigration *migration,
                 gint64 run,
                 SlipPg *pg,
                 SlipPg *target,
                 const char *table,
                 gint64 row_id,
                 GError **error)
{
  g_autoptr (SlipTrace) trace = g_new0 (SlipTrace, 1);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  SlipTracing tracing = {
      .migration = migration, .run = run, .pg = pg, .target = target, .trace = trace, .keys = keys};

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && pg != NULL && table != NULL, NULL);

  tracing.schemas = slip_migration_get_schemas (migration);
  trace->table = g_strdup (table);
  trace->row_id = row_id;
  trace->steps = slip_trace_new_steps ();
  if (!read_source (&tracing, error) || !read_filters (&tracing, error))
    return NULL;
  if (!tracing.filtered
      && (!read_steps (&tracing, error) || !slip_trace_read_keys (&tracing, error)
          || !slip_trace_read_validation (&tracing, error)))
    return NULL;
  return g_steal_pointer (&trace);
}
