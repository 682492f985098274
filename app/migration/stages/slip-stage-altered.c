/* SPDX-License-Identifier: MIT */
/* Values that change on the way without anybody asking for it: money that is cut to pence, numbers and times that the
 * target's types round. They go on as in the original; here they are counted, and told with their place. */

#include "slip-migration-run-private.h"

#include "slip-run-report.h"

#include <string.h>

/* Columns that a note names; a report has them all. */
#define TOLD 20

/* What a column's type makes another value of, where that is no fault: fewer digits behind the point, fewer of a second, a day
 * in place of a time. Texts are never cut: one that is too long is refused. */
static const char rounded_sql[]
    = "SELECT a.attname, format_type (a.atttypid, a.atttypmod)\n"
      "  FROM pg_attribute a JOIN pg_attribute i ON i.attrelid = %L::regclass AND i.attname = "
      "a.attname AND i.attnum > 0 AND NOT i.attisdropped\n"
      " WHERE a.attrelid = %L::regclass AND a.attnum > 0 AND NOT a.attisdropped\n"
      "   AND (a.atttypid <> i.atttypid OR a.atttypmod <> i.atttypmod)\n"
      "   AND ((i.atttypid = 'numeric'::regtype AND (a.atttypid IN ('int2'::regtype, "
      "'int4'::regtype, 'int8'::regtype)\n"
      "         OR (a.atttypid = 'numeric'::regtype AND a.atttypmod >= 4)))\n"
      "     OR (i.atttypid IN ('timestamp'::regtype, 'timestamptz'::regtype) AND a.atttypid = "
      "'date'::regtype)\n"
      "     OR (i.atttypid = a.atttypid AND a.atttypid IN ('timestamp'::regtype, "
      "'timestamptz'::regtype) AND a.atttypmod >= 0))\n"
      " ORDER BY a.attnum";

static gboolean
measure_column (
    SlipMigrationRun *run, const char *table, const char *column, const char *type, GError **error)
{
  return slip_stage_sql_run (
      run->pg, "count what the target's types round", error,
      "INSERT INTO slipway.measure (run, stage, entity, step, column_name, kind, value, rows, "
      "row_ids)\n"
      "SELECT %D, 'integration', %L, regexp_replace (casrec_mapping_file_name, '_mapping$', ''), "
      "%L, 'altered value', %I::text || ' → ' || %I::%s, count (*),\n"
      "  array_agg (casrec_row_id::bigint ORDER BY casrec_row_id::bigint)\n"
      "  FROM %I.%I WHERE %I::%s <> %I GROUP BY casrec_mapping_file_name, %I",
      run->id, table, column, column, column, type, run->schemas->integration, table, column, type,
      column, column);
}

gboolean
slip_stage_altered (SlipMigrationRun *run, const char *table, GError **error)
{
  g_autofree char *staging = slip_stage_sql ("%I.%I", run->schemas->staging, table);
  g_autofree char *integration = slip_stage_sql ("%I.%I", run->schemas->integration, table);
  g_autoptr (GString) any = g_string_new (NULL);
  gint64 found = 0;
  g_autoptr (SlipPgRows) columns
      = slip_stage_sql_ask (run->pg, "compare types", error, rounded_sql, integration, staging);

  if (columns == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (columns); i++)
    slip_stage_sql_append (any, "%s%I::%s <> %I", i > 0 ? " OR " : "",
                           slip_pg_rows_get (columns, i, 0), slip_pg_rows_get (columns, i, 1),
                           slip_pg_rows_get (columns, i, 0));
  if (any->len == 0)
    return TRUE;
  /* One look for them all; mostly there is nothing. */
  if (!slip_stage_sql_ask_number (run->pg, "look for what the target's types round", &found, error,
                                  "SELECT EXISTS (SELECT FROM %s WHERE %s)::int", integration,
                                  any->str))
    return FALSE;
  for (guint i = 0; found != 0 && i < slip_pg_rows_get_n_rows (columns); i++)
    if (!measure_column (run, table, slip_pg_rows_get (columns, i, 0),
                         slip_pg_rows_get (columns, i, 1), error))
      return FALSE;
  return TRUE;
}

/* ---- what is told */

/* The file and record of a row id of a step, where the step's rows are of one table. */
static char *
dup_place (
    SlipMigrationRun *run, const char *step, const char *column, const char *row_id, GError **error)
{
  const SlipStep *found = step != NULL ? slip_migration_find_step (run->migration, step) : NULL;
  g_autoptr (GPtrArray) sources
      = found != NULL ? slip_step_dup_sources (run->migration, found) : NULL;
  g_auto (GStrv) place = NULL;

  if (row_id == NULL)
    return g_strdup ("made of no file's row");
  if (found != NULL && g_strv_contains ((const char *const *)found->dates, column))
    {
      g_autofree char *table = g_strndup (column, strcspn (column, "."));

      g_clear_pointer (&sources, g_ptr_array_unref);
      sources = g_ptr_array_new_with_free_func (g_free);
      g_ptr_array_add (sources, g_steal_pointer (&table));
    }
  if (sources == NULL || sources->len != 1)
    return g_strdup_printf ("row %s", row_id);
  place = slip_stage_sql_ask_list (
      run->pg, "look for a record", error,
      "SELECT slipway.where_landed (jsonb_build_array (jsonb_build_object ('casrec_row_id', %L, "
      "'casrec_table_name', %L)))",
      row_id, (const char *)g_ptr_array_index (sources, 0));
  return place != NULL ? g_strdup (place[0]) : NULL;
}

/* What is said of the values of a kind of measure. */
static const char *
get_word (const char *kind)
{
  if (g_str_equal (kind, "altered value"))
    return "altered";
  if (g_str_equal (kind, "unknown code"))
    return "unknown";
  if (g_str_equal (kind, "bad value"))
    return "bad";
  if (g_str_equal (kind, "ambiguous"))
    return "with more than one to pick from";
  return g_str_equal (kind, "not a date") ? "no date, and the rows dropped"
                                          : "no number, and the rows dropped";
}

static const char *
get_unit (const char *kind, gboolean one)
{
  if (g_str_equal (kind, "ambiguous"))
    return one ? "row" : "rows";
  return one ? "value" : "values";
}

/* A value that is bad: what stands in the file, where a transformation made it of that, and what keeps a number from being one of the
 * type. */
static char *
dup_bad (SlipMigrationRun *run,
         const char *step,
         const char *name,
         const char *row_id,
         const char *value,
         const char *told,
         GError **error)
{
  const SlipStep *found = step != NULL ? slip_migration_find_step (run->migration, step) : NULL;
  const SlipMappingColumn *column = found != NULL && found->mapping != NULL
                                        ? slip_mapping_find_column (found->mapping, name)
                                        : NULL;
  g_autofree char *landed = NULL;
  g_auto (GStrv) why = NULL;

  if (column == NULL || value == NULL || row_id == NULL)
    return g_strdup (told);
  if (column->transformation != NULL && column->source_columns != NULL && found->from == NULL
      && column->source_columns[1] == NULL && column->source_table != NULL)
    landed = slip_stage_sql ("(SELECT %I FROM %I.%I WHERE casrec_row_id = %L)",
                             column->source_columns[0], run->schemas->source, column->source_table,
                             row_id);
  why = slip_stage_sql_ask_list (
      run->pg, "look why a value is bad", error,
      "SELECT CASE WHEN left (landed, 200) <> value THEN format ('%%s, which becomes %%s', "
      "slipway.told "
      "(landed), slipway.told (value)) ELSE slipway.told (value) END\n"
      "    || CASE WHEN NOT %s OR number IS NULL THEN '' WHEN number <> trunc (number) THEN ', no "
      "whole number'\n"
      "       ELSE format (', out of the range of %%s', CASE WHEN slipway.as_bigint (value) IS "
      "NULL "
      "THEN 'bigint' ELSE 'integer' END) END\n"
      "  FROM (SELECT value, slipway.as_decimal (value) AS number, %s AS landed FROM (VALUES (%L)) "
      "AS v (value)) AS w",
      column->type == SLIP_TYPE_INT || column->type == SLIP_TYPE_BIGINT ? "true" : "false",
      landed != NULL ? landed : "NULL::text", value);
  return why != NULL ? g_strdup (why[0]) : NULL;
}

/* By column: how many, and the first of them. The others are in slipway.measure. */
gboolean
slip_stage_note_values (SlipMigrationRun *run, const char *stage, GString *note, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      run->pg, "list bad and altered values", error,
      "SELECT coalesce (step, entity) || '.' || column_name, sum (rows), (array_agg (step ORDER BY "
      "row_ids))[1],\n"
      "  (array_agg (row_ids[1] ORDER BY row_ids))[1],\n"
      "  coalesce (slipway.told ((array_agg (value ORDER BY row_ids))[1]), 'blank'), kind, min "
      "(column_name), (array_agg (value ORDER BY row_ids))[1]\n"
      "  FROM slipway.measure WHERE run = %D AND stage = %L\n"
      "   AND (kind IN ('altered value', 'bad value', 'unknown code', 'ambiguous')\n"
      "        OR (kind IN ('not a number', 'not a date') AND value IS NOT NULL))\n"
      " GROUP BY 1, kind ORDER BY array_position (ARRAY['not a date', 'not a number', 'bad value', "
      "'ambiguous', 'unknown code'], kind), 1",
      run->id, stage);
  guint n = rows != NULL ? slip_pg_rows_get_n_rows (rows) : 0;

  for (guint i = 0; i < MIN (n, TOLD); i++)
    {
      gboolean one = slip_pg_rows_get_int (rows, i, 1) == 1;
      g_autofree char *place
          = dup_place (run, slip_pg_rows_get (rows, i, 2), slip_pg_rows_get (rows, i, 6),
                       slip_pg_rows_get (rows, i, 3), error);
      g_autofree char *told
          = place != NULL && g_str_equal (slip_pg_rows_get (rows, i, 5), "bad value")
                ? dup_bad (run, slip_pg_rows_get (rows, i, 2), slip_pg_rows_get (rows, i, 6),
                           slip_pg_rows_get (rows, i, 3), slip_pg_rows_get (rows, i, 7),
                           slip_pg_rows_get (rows, i, 4), error)
                : g_strdup (slip_pg_rows_get (rows, i, 4));

      if (place == NULL || told == NULL)
        return FALSE;
      g_string_append_printf (note, "%s%s: %s %s %s (%s: %s%s)", note->len > 0 ? "; " : "",
                              slip_pg_rows_get (rows, i, 0), slip_pg_rows_get (rows, i, 1),
                              get_unit (slip_pg_rows_get (rows, i, 5), one),
                              get_word (slip_pg_rows_get (rows, i, 5)), place, told,
                              one ? "" : " …");
    }
  if (n > TOLD)
    g_string_append_printf (note, "; and %u more %s: slipwayctl migrate waterfall --measures",
                            n - TOLD, n - TOLD == 1 ? "column" : "columns");
  return rows != NULL;
}
