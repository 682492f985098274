/* SPDX-License-Identifier: MIT */
/* Counts of all stages in one line. Every number is one that a stage wrote; what no stage explains is a gap of its own,
 * `between`, so that the levels and the gaps between them always add up. */

#include "slip-waterfall-private.h"

#include "slip-migration-run.h"

#include <string.h>

static void
fall_clear (SlipFall *fall)
{
  g_hash_table_unref (fall->sources);
  g_hash_table_unref (fall->seen);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipFall, fall_clear)

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
  g_clear_pointer (&waterfall->gaps, g_ptr_array_unref);
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
add_table (SlipFall *fall, const char *name)
{
  SlipWaterfallTable *table = g_new0 (SlipWaterfallTable, 1);

  table->name = g_strdup (name);
  table->gaps = g_ptr_array_new ();
  for (guint i = 0; i < SLIP_WATERFALL_N_LEVELS; i++)
    table->counts[i] = -1;
  g_ptr_array_add (fall->waterfall->tables, table);
  return table;
}

static SlipWaterfallTable *
ensure_table (SlipFall *fall, const char *name)
{
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);

      if (g_str_equal (table->name, name))
        return table;
    }
  return add_table (fall, name);
}

void
slip_fall_add_count (SlipWaterfallTable *table, SlipWaterfallLevel level, gint64 rows)
{
  table->counts[level] = MAX (table->counts[level], 0) + rows;
}

void
slip_fall_add_gap (SlipFall *fall,
                   SlipWaterfallTable *table,
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
  g_ptr_array_add (fall->waterfall->gaps, gap);
  g_ptr_array_add (table->gaps, gap);
}

static const SlipMeasure *
find_measure (
    SlipFall *fall, const char *stage, const char *entity, const char *step, const char *kind)
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

/* ---- landed tables */

static gint64
count_landed (SlipFall *fall, const char *source)
{
  gint64 rows = 0;

  if (find_measure (fall, "filter", source, NULL, "in") != NULL)
    return slip_run_report_sum (fall->report, "filter", source, NULL, "in");
  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (g_str_equal (measure->stage, "load") && g_str_equal (measure->kind, "out")
          && measure->step == NULL && g_strcmp0 (measure->entity, source) == 0)
        rows += measure->rows;
    }
  return rows;
}

static SlipFallSource *
ensure_source (SlipFall *fall, const char *name)
{
  SlipFallSource *source = g_hash_table_lookup (fall->sources, name);

  if (source != NULL)
    return source;
  source = g_new0 (SlipFallSource, 1);
  source->landed = count_landed (fall, name);
  source->kept = -1;
  g_hash_table_insert (fall->sources, g_strdup (name), source);
  return source;
}

/* The landed table whose rows a step begins with; NULL when it goes on from what others made, or from SQL of its own. */
static const char *
get_source (const SlipStep *step)
{
  if (step->from != NULL)
    return step->from->relation.kind == SLIP_RELATION_SOURCE ? step->from->relation.table : NULL;
  return step->definition != NULL ? step->definition->source_table : NULL;
}

static gint64
get_in (SlipFall *fall, const SlipStep *step)
{
  return slip_run_report_sum (fall->report, "transform", NULL, step->name, "in");
}

/* A step that adds rows, and did. */
static const SlipMeasure *
find_out (SlipFall *fall, const SlipStep *step)
{
  return step->update == NULL ? find_measure (fall, "transform", NULL, step->name, "out") : NULL;
}

static void
find_sources (SlipFall *fall)
{
  GPtrArray *steps = slip_migration_get_steps (fall->migration);

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (g_str_equal (measure->stage, "load") && g_str_equal (measure->kind, "out")
          && measure->step == NULL && measure->entity != NULL)
        ensure_source (fall, measure->entity);
    }
  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);
      SlipFallSource *source;

      if (find_out (fall, step) == NULL || get_source (step) == NULL)
        continue;
      source = ensure_source (fall, get_source (step));
      source->kept = MAX (source->kept, get_in (fall, step));
      source->landed = MAX (source->landed, source->kept);
    }
}

/* ---- from the source to the transform */

/* A row that two filters leave out is told by both; the second time is taken back. */
static void
add_filters (SlipFall *fall, SlipWaterfallTable *table, const char *source, gint64 gone)
{
  gint64 told = 0;

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (!g_str_equal (measure->stage, "filter") || !g_str_equal (measure->kind, "dropped")
          || g_strcmp0 (measure->entity, source) != 0)
        continue;
      slip_fall_add_gap (fall, table, SLIP_WATERFALL_KEPT, measure->step, source, "filtered",
                         -measure->rows, measure);
      told += measure->rows;
    }
  slip_fall_add_gap (fall, table, SLIP_WATERFALL_KEPT, NULL, source,
                     told > gone ? "twice" : "between", told - gone, NULL);
}

/* What left rows out, as a person finds it in the sidecar: a join has only the name that expressions call it by. */
static char *
dup_what (const SlipStep *step, const char *column)
{
  for (guint i = 0; column != NULL && step->joins != NULL && i < step->joins->len; i++)
    {
      const SlipJoin *join = g_ptr_array_index (step->joins, i);

      if (g_strcmp0 (join->alias, column) == 0)
        return g_strdup_printf ("join %s (%s)", column,
                                join->relation.table != NULL ? join->relation.table : "SQL");
    }
  return g_strdup (column);
}

static void
add_dropped (SlipFall *fall, SlipWaterfallTable *table, const SlipStep *step, gint64 in, gint64 out)
{
  gint64 dropped = 0;
  const SlipMeasure *multiplied;

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);
      g_autofree char *what = NULL;

      if (!g_str_equal (measure->stage, "transform") || !g_str_equal (measure->kind, "dropped")
          || g_strcmp0 (measure->step, step->name) != 0)
        continue;
      what = dup_what (step, measure->column);
      slip_fall_add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, what, "dropped",
                         -measure->rows, measure);
      dropped += measure->rows;
    }
  multiplied = find_measure (fall, "transform", NULL, step->name, "multiplied");
  slip_fall_add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, NULL,
                     multiplied != NULL && out > in - dropped ? "multiplied" : "between",
                     out - (in - dropped), multiplied);
}

/* A source row counts once in a table, however many of its steps begin with it. */
static void
add_read (SlipFall *fall, SlipWaterfallTable *table, const SlipStep *step, gint64 in)
{
  const char *name = get_source (step);
  SlipFallSource *source = name != NULL ? g_hash_table_lookup (fall->sources, name) : NULL;
  g_autofree char *key = NULL;

  slip_fall_add_count (table, SLIP_WATERFALL_LANDED, 0);
  slip_fall_add_count (table, SLIP_WATERFALL_KEPT, 0);
  if (source == NULL)
    {
      slip_fall_add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name,
                         step->from != NULL ? step->from->relation.table : NULL, "derived", in,
                         NULL);
      return;
    }
  key = g_strconcat (table->name, "\n", name, NULL);
  if (!g_hash_table_add (fall->seen, g_steal_pointer (&key)))
    {
      slip_fall_add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, name, "again", in,
                         NULL);
      return;
    }
  slip_fall_add_count (table, SLIP_WATERFALL_LANDED, source->landed);
  slip_fall_add_count (table, SLIP_WATERFALL_KEPT, source->kept);
  source->counted += source->kept;
  add_filters (fall, table, name, source->landed - source->kept);
  slip_fall_add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, NULL, "dropped",
                     in - source->kept, NULL);
}

static void
add_step (SlipFall *fall, const SlipStep *step)
{
  const SlipMeasure *out = find_out (fall, step);
  SlipWaterfallTable *table;
  gint64 in;

  if (out == NULL)
    return; /* it adds no row, or did not run yet */
  table = ensure_table (fall, slip_step_get_destination (step));
  in = get_in (fall, step);
  add_read (fall, table, step, in);
  slip_fall_add_count (table, SLIP_WATERFALL_TRANSFORMED, out->rows);
  add_dropped (fall, table, step, in, out->rows);
}

/* ---- from the transform to the target */

/* Rules may add rows and take some away; what they did beyond that is not known by row. */
static void
add_between (SlipFall *fall,
             SlipWaterfallTable *table,
             SlipWaterfallLevel level,
             const char *what,
             const char *kind)
{
  if (table->counts[level] >= 0 && table->counts[level - 1] >= 0)
    slip_fall_add_gap (fall, table, level, NULL, what, kind,
                       table->counts[level] - table->counts[level - 1], NULL);
}

/* Whether rows are still to come: the load goes on, broke off or failed. */
static gboolean
is_loading (SlipFall *fall)
{
  for (guint i = 0; i < fall->report->stages->len; i++)
    {
      const SlipReportStage *stage = g_ptr_array_index (fall->report->stages, i);

      if (g_str_equal (stage->stage, "load_to_target"))
        return slip_migration_stage_is_open (stage->state);
    }
  return FALSE;
}

static void
add_target (SlipFall *fall, SlipWaterfallTable *table)
{
  const char *name = table->name;
  gboolean loading = is_loading (fall);

  if (find_measure (fall, "integration", name, NULL, "in") != NULL)
    {
      table->counts[SLIP_WATERFALL_INTEGRATED]
          = slip_run_report_sum (fall->report, "integration", name, NULL, "out");
      add_between (fall, table, SLIP_WATERFALL_INTEGRATED, "integration", "between");
    }
  if (!slip_run_report_is_gone (fall->report)
      && (find_measure (fall, "load_to_target", name, NULL, "out") != NULL
          || (loading && table->counts[SLIP_WATERFALL_INTEGRATED] >= 0)))
    {
      table->counts[SLIP_WATERFALL_LOADED]
          = slip_run_report_sum (fall->report, "load_to_target", name, NULL, "out");
      add_between (fall, table, SLIP_WATERFALL_LOADED, "load_to_target",
                   loading ? "not loaded" : "between");
    }
}

/* ---- all of it */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A landed row counts once, and is told where it feeds several tables, or none. */
static void
sum_up_sources (SlipFall *fall, SlipWaterfallTable *all)
{
  guint n;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (fall->sources, &n);

  qsort (names, n, sizeof *names, compare_names);
  for (guint i = 0; i < n; i++)
    {
      const char *name = names[i];
      const SlipFallSource *source = g_hash_table_lookup (fall->sources, name);

      slip_fall_add_count (all, SLIP_WATERFALL_LANDED, source->landed);
      if (source->kept < 0)
        {
          slip_fall_add_gap (fall, all, SLIP_WATERFALL_KEPT, NULL, name, "unread", -source->landed,
                             NULL);
          continue;
        }
      slip_fall_add_count (all, SLIP_WATERFALL_KEPT, source->kept);
      add_filters (fall, all, name, source->landed - source->kept);
      slip_fall_add_gap (fall, all, SLIP_WATERFALL_TRANSFORMED, NULL, name, "again",
                         source->counted - source->kept, NULL);
    }
  if (all->counts[SLIP_WATERFALL_KEPT] < 0 && n > 0)
    slip_fall_add_count (all, SLIP_WATERFALL_KEPT, 0);
}

/* A table that no row reached at a level, or of which nothing is known there, is told. */
static void
close_level (SlipFall *fall, SlipWaterfallTable *all, SlipWaterfallLevel level)
{
  gint64 at = all->counts[level - 1];

  if (at < 0 || all->counts[level] < 0)
    return;
  for (guint i = 0; i < all->gaps->len; i++)
    {
      const SlipWaterfallGap *gap = g_ptr_array_index (all->gaps, i);

      if (gap->level == level)
        at += gap->rows;
    }
  slip_fall_add_gap (fall, all, level, NULL, slip_waterfall_level_get_name (level), "between",
                     all->counts[level] - at, NULL);
}

static void
sum_up (SlipFall *fall)
{
  SlipWaterfallTable *all = g_ptr_array_index (fall->waterfall->tables, 0);

  if (fall->waterfall->tables->len == 1)
    return; /* nothing is transformed yet */
  sum_up_sources (fall, all);
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);

      for (guint level = SLIP_WATERFALL_TRANSFORMED; level < SLIP_WATERFALL_N_LEVELS; level++)
        if (table->counts[level] >= 0)
          slip_fall_add_count (all, level, table->counts[level]);
      all->known += table->known;
      for (guint j = 0; j < table->gaps->len; j++)
        if (((SlipWaterfallGap *)g_ptr_array_index (table->gaps, j))->level
            >= SLIP_WATERFALL_TRANSFORMED)
          g_ptr_array_add (all->gaps, g_ptr_array_index (table->gaps, j));
    }
  for (guint level = SLIP_WATERFALL_KEPT; level < SLIP_WATERFALL_N_LEVELS; level++)
    close_level (fall, all, level);
}

SlipWaterfall *
slip_waterfall_read (SlipPg *pg,
                     SlipMigration *migration,
                     const SlipRunReport *report,
                     GError **error)
{
  g_autoptr (SlipWaterfall) waterfall = g_new0 (SlipWaterfall, 1);
  g_auto (SlipFall) fall = {pg,
                            migration,
                            report,
                            waterfall,
                            g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free),
                            g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL)};
  GPtrArray *steps;

  g_return_val_if_fail (pg != NULL && SLIP_IS_MIGRATION (migration) && report != NULL, NULL);

  waterfall->tables = g_ptr_array_new_with_free_func (table_free);
  waterfall->gaps = g_ptr_array_new_with_free_func (gap_free);
  add_table (&fall, "");
  find_sources (&fall);
  steps = slip_migration_get_steps (migration);
  for (guint i = 0; i < steps->len; i++)
    add_step (&fall, g_ptr_array_index (steps, i));
  for (guint i = 1; i < waterfall->tables->len; i++)
    add_target (&fall, g_ptr_array_index (waterfall->tables, i));
  if (!slip_fall_read_validation (&fall, error))
    return NULL;
  sum_up (&fall);
  return g_steal_pointer (&waterfall);
}
