/* SPDX-License-Identifier: MIT */
/* Counts of all stages in one line. Every number is one that a stage wrote; what no stage explains is a gap of its own,
 * `between`, so that the levels and the gaps between them always add up. */

#include "slip-waterfall.h"

#include "slip-migration-run.h"
#include "slip-stage-sql.h"

#include <string.h>

typedef struct
{
  SlipPg *pg;
  SlipMigration *migration;
  const SlipRunReport *report;
  SlipWaterfall *waterfall;
} Fall;

static void
gap_free (gpointer data)
{
  SlipWaterfallGap *gap = data;

  g_free (gap->table);
  g_free (gap->step);
  g_free (gap->what);
  g_free (gap->kind);
  g_free (gap);
}

static void
table_free (gpointer data)
{
  SlipWaterfallTable *table = data;

  g_free (table->name);
  g_ptr_array_unref (table->gaps);
  g_free (table);
}

void
slip_waterfall_free (SlipWaterfall *waterfall)
{
  g_clear_pointer (&waterfall->tables, g_ptr_array_unref);
  g_free (waterfall);
}

const char *
slip_waterfall_level_get_name (SlipWaterfallLevel level)
{
  static const char *const names[SLIP_WATERFALL_N_LEVELS]
      = {"landed", "kept", "transformed", "integrated", "loaded", "validated"};

  g_return_val_if_fail ((guint)level < SLIP_WATERFALL_N_LEVELS, NULL);
  return names[level];
}

static SlipWaterfallTable *
add_table (Fall *fall, const char *name, GDestroyNotify free_gap)
{
  SlipWaterfallTable *table = g_new0 (SlipWaterfallTable, 1);

  table->name = g_strdup (name);
  table->gaps = g_ptr_array_new_with_free_func (free_gap);
  for (guint i = 0; i < SLIP_WATERFALL_N_LEVELS; i++)
    table->counts[i] = -1;
  g_ptr_array_add (fall->waterfall->tables, table);
  return table;
}

static SlipWaterfallTable *
ensure_table (Fall *fall, const char *name)
{
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);

      if (g_str_equal (table->name, name))
        return table;
    }
  return add_table (fall, name, gap_free);
}

static void
add_count (SlipWaterfallTable *table, SlipWaterfallLevel level, gint64 rows)
{
  table->counts[level] = MAX (table->counts[level], 0) + rows;
}

static void
add_gap (SlipWaterfallTable *table,
         SlipWaterfallLevel level,
         const char *step,
         const char *what,
         const char *kind,
         gint64 rows,
         const SlipMeasure *measure)
{
  SlipWaterfallGap *gap;

  if (rows == 0)
    return;
  gap = g_new0 (SlipWaterfallGap, 1);
  gap->table = g_strdup (table->name);
  gap->level = level;
  gap->step = g_strdup (step);
  gap->what = g_strdup (what);
  gap->kind = g_strdup (kind);
  gap->rows = rows;
  gap->measure = measure != NULL && measure->ids > 0 ? measure : NULL;
  g_ptr_array_add (table->gaps, gap);
}

static const SlipMeasure *
find_measure (Fall *fall, const char *stage, const char *entity, const char *step, const char *kind)
{
  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (g_str_equal (measure->stage, stage) && g_str_equal (measure->kind, kind)
          && (entity == NULL || g_strcmp0 (measure->entity, entity) == 0)
          && (step == NULL || g_strcmp0 (measure->step, step) == 0))
        return measure;
    }
  return NULL;
}

/* ---- from the source to the transform */

/* A row that two filters leave out is told by both; the second time is taken back. */
static void
add_filters (Fall *fall, SlipWaterfallTable *table, const char *source, gint64 gone)
{
  gint64 told = 0;

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (!g_str_equal (measure->stage, "filter") || !g_str_equal (measure->kind, "dropped")
          || g_strcmp0 (measure->entity, source) != 0)
        continue;
      add_gap (table, SLIP_WATERFALL_KEPT, measure->step, source, "filtered", -measure->rows,
               measure);
      told += measure->rows;
    }
  add_gap (table, SLIP_WATERFALL_KEPT, NULL, source, "between", told - gone, NULL);
}

static void
add_dropped (Fall *fall, SlipWaterfallTable *table, const SlipStep *step, gint64 in, gint64 out)
{
  gint64 dropped = 0;
  const SlipMeasure *multiplied;

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (!g_str_equal (measure->stage, "transform") || !g_str_equal (measure->kind, "dropped")
          || g_strcmp0 (measure->step, step->name) != 0)
        continue;
      add_gap (table, SLIP_WATERFALL_TRANSFORMED, step->name, measure->column, "dropped",
               -measure->rows, measure);
      dropped += measure->rows;
    }
  multiplied = find_measure (fall, "transform", NULL, step->name, "multiplied");
  add_gap (table, SLIP_WATERFALL_TRANSFORMED, step->name, NULL,
           multiplied != NULL && out > in - dropped ? "multiplied" : "between",
           out - (in - dropped), multiplied);
}

static void
add_step (Fall *fall, const SlipStep *step)
{
  SlipWaterfallTable *table;
  const SlipMeasure *out;
  const char *source
      = step->from == NULL && step->definition != NULL ? step->definition->source_table : NULL;
  gint64 in;
  gint64 landed;

  if (step->update != NULL)
    return; /* it adds no row */
  out = find_measure (fall, "transform", NULL, step->name, "out");
  if (out == NULL)
    return; /* not run yet */
  table = ensure_table (fall, slip_step_get_destination (step));
  in = slip_run_report_sum (fall->report, "transform", NULL, step->name, "in");
  landed = source != NULL && find_measure (fall, "filter", source, NULL, "in") != NULL
               ? slip_run_report_sum (fall->report, "filter", source, NULL, "in")
               : in;
  add_count (table, SLIP_WATERFALL_LANDED, landed);
  add_count (table, SLIP_WATERFALL_KEPT, in);
  add_count (table, SLIP_WATERFALL_TRANSFORMED, out->rows);
  if (source != NULL)
    add_filters (fall, table, source, landed - in);
  add_dropped (fall, table, step, in, out->rows);
}

/* ---- from the transform to the target */

/* Rules may add rows and take some away; what they did beyond that is not known by row. */
static void
add_between (SlipWaterfallTable *table, SlipWaterfallLevel level, const char *what)
{
  if (table->counts[level] >= 0 && table->counts[level - 1] >= 0)
    add_gap (table, level, NULL, what, "between", table->counts[level] - table->counts[level - 1],
             NULL);
}

static void
add_target (Fall *fall, SlipWaterfallTable *table)
{
  const char *name = table->name;

  if (find_measure (fall, "integration", name, NULL, "in") != NULL)
    {
      table->counts[SLIP_WATERFALL_INTEGRATED]
          = slip_run_report_sum (fall->report, "integration", name, NULL, "out");
      add_between (table, SLIP_WATERFALL_INTEGRATED, "integration");
    }
  if (find_measure (fall, "load_to_target", name, NULL, "out") != NULL)
    {
      table->counts[SLIP_WATERFALL_LOADED]
          = slip_run_report_sum (fall->report, "load_to_target", name, NULL, "out");
      add_between (table, SLIP_WATERFALL_LOADED, "load_to_target");
    }
}

/* ---- validation */

/* The table whose rows a mapping adds; NULL when it only changes those of others, which are counted by theirs. */
static const char *
find_destination (Fall *fall, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (fall->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->update == NULL && g_strcmp0 (step->mapping_name, mapping) == 0)
        return slip_step_get_destination (step);
    }
  return NULL;
}

static void
add_validation (Fall *fall, const SlipPgRows *rows, guint row)
{
  const char *mapping = slip_pg_rows_get (rows, row, 0);
  const char *destination = find_destination (fall, mapping);
  SlipWaterfallTable *table;
  gint64 expected = slip_pg_rows_get_int (rows, row, 1);
  gint64 missing = slip_pg_rows_get_int (rows, row, 2);
  gint64 extra = slip_pg_rows_get_int (rows, row, 3);
  gint64 differing = slip_pg_rows_get_int (rows, row, 4);

  if (destination == NULL)
    return;
  table = ensure_table (fall, destination);
  add_count (table, SLIP_WATERFALL_VALIDATED, expected - missing - differing);
  add_gap (table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "differing", -differing, NULL);
  /* A missing row never was in the target, an extra one is there and no row of this run. */
  add_gap (table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "missing", -missing, NULL);
  add_gap (table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "extra", extra, NULL);
}

static gboolean
read_validation (Fall *fall, GError **error)
{
  gint64 has = 0;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_stage_sql_ask_number (fall->pg, "look for a validation", &has, error,
                                  "SELECT (to_regclass ('slipway.validation') IS NOT NULL)::int"))
    return FALSE;
  if (has == 0)
    return TRUE;
  rows = slip_stage_sql_ask (
      fall->pg, "read the validation", error,
      "SELECT mapping, expected, missing, extra, differing FROM slipway.validation\n"
      " WHERE run = %D AND expected IS NOT NULL ORDER BY mapping",
      fall->report->run);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    add_validation (fall, rows, i);
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);
      gint64 told = 0;

      if (table->counts[SLIP_WATERFALL_VALIDATED] < 0 || table->counts[SLIP_WATERFALL_LOADED] < 0)
        continue;
      for (guint j = 0; j < table->gaps->len; j++)
        {
          const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, j);

          if (gap->level == SLIP_WATERFALL_VALIDATED)
            told += gap->rows;
        }
      add_gap (table, SLIP_WATERFALL_VALIDATED, NULL, NULL, "not compared",
               table->counts[SLIP_WATERFALL_VALIDATED] - table->counts[SLIP_WATERFALL_LOADED]
                   - told,
               NULL);
    }
  return TRUE;
}

/* ---- all of it */

static void
sum_up (Fall *fall)
{
  SlipWaterfallTable *all = g_ptr_array_index (fall->waterfall->tables, 0);

  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);

      for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
        if (table->counts[level] >= 0)
          add_count (all, level, table->counts[level]);
      for (guint j = 0; j < table->gaps->len; j++)
        g_ptr_array_add (all->gaps, g_ptr_array_index (table->gaps, j));
    }
}

SlipWaterfall *
slip_waterfall_read (SlipPg *pg,
                     SlipMigration *migration,
                     const SlipRunReport *report,
                     GError **error)
{
  g_autoptr (SlipWaterfall) waterfall = g_new0 (SlipWaterfall, 1);
  Fall fall = {pg, migration, report, waterfall};
  GPtrArray *steps;

  g_return_val_if_fail (pg != NULL && SLIP_IS_MIGRATION (migration) && report != NULL, NULL);

  waterfall->tables = g_ptr_array_new_with_free_func (table_free);
  add_table (&fall, "", NULL);
  steps = slip_migration_get_steps (migration);
  for (guint i = 0; i < steps->len; i++)
    add_step (&fall, g_ptr_array_index (steps, i));
  for (guint i = 1; i < waterfall->tables->len; i++)
    add_target (&fall, g_ptr_array_index (waterfall->tables, i));
  if (!read_validation (&fall, error))
    return NULL;
  sum_up (&fall);
  return g_steal_pointer (&waterfall);
}

/* ---- as text */

static void
append_field (GString *csv, const char *text)
{
  if (csv->len > 0 && csv->str[csv->len - 1] != '\n')
    g_string_append_c (csv, ',');
  if (text == NULL)
    return;
  if (strpbrk (text, ",\"\r\n") == NULL)
    {
      g_string_append (csv, text);
      return;
    }
  g_string_append_c (csv, '"');
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (csv, '"');
      g_string_append_c (csv, *p);
    }
  g_string_append_c (csv, '"');
}

static void
append_line (GString *csv, const char *const *fields, guint n, gint64 rows)
{
  g_autofree char *number = g_strdup_printf ("%" G_GINT64_FORMAT, rows);

  for (guint i = 0; i < n; i++)
    append_field (csv, fields[i]);
  g_string_append_printf (csv, ",%s\n", number);
}

char *
slip_waterfall_to_csv (const SlipWaterfall *waterfall)
{
  GString *csv = g_string_new ("table,level,kind,step,what,rows\n");

  g_return_val_if_fail (waterfall != NULL, g_string_free (csv, FALSE));

  for (guint i = 1; i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
        {
          const char *name = slip_waterfall_level_get_name (level);

          for (guint j = 0; j < table->gaps->len; j++)
            {
              const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, j);
              const char *const fields[]
                  = {table->name, name, gap->kind, gap->step != NULL ? gap->step : "",
                     gap->what != NULL ? gap->what : ""};

              if (gap->level == level)
                append_line (csv, fields, G_N_ELEMENTS (fields), gap->rows);
            }
          if (table->counts[level] >= 0)
            {
              const char *const fields[] = {table->name, name, "count", "", ""};

              append_line (csv, fields, G_N_ELEMENTS (fields), table->counts[level]);
            }
        }
    }
  return g_string_free (csv, FALSE);
}

char *
slip_waterfall_to_text (const SlipWaterfall *waterfall)
{
  GString *text = g_string_new (NULL);

  g_return_val_if_fail (waterfall != NULL, g_string_free (text, FALSE));

  g_string_append_printf (text, "%-24s", "table");
  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    g_string_append_printf (text, " %12s", slip_waterfall_level_get_name (level));
  g_string_append_c (text, '\n');
  for (guint i = 0; i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      g_string_append_printf (text, "%-24s", table->name[0] != '\0' ? table->name : "all tables");
      for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
        if (table->counts[level] >= 0)
          g_string_append_printf (text, " %12" G_GINT64_FORMAT, table->counts[level]);
        else
          g_string_append_printf (text, " %12s", "–");
      g_string_append_c (text, '\n');
    }
  return g_string_free (text, FALSE);
}
