/* SPDX-License-Identifier: MIT */
/* Counts of all stages in one line. Every number is one that a stage wrote; what no stage explains is a gap of its own,
 * `between`, so that the levels and the gaps between them always add up. */

#include "slip-waterfall.h"

#include "slip-migration-run.h"
#include "slip-stage-sql.h"

#include <string.h>

/* A landed table. */
typedef struct
{
  gint64 landed;
  gint64 kept;    /* what filters leave; -1 when no step makes rows of it */
  gint64 counted; /* kept, once for each table of the target that it feeds */
} Source;

typedef struct
{
  SlipPg *pg;
  SlipMigration *migration;
  const SlipRunReport *report;
  SlipWaterfall *waterfall;
  GHashTable *sources; /* owned; name → Source, in no order */
  GHashTable *seen;    /* owned; set of "TABLE\nSOURCE" */
} Fall;

static void
fall_clear (Fall *fall)
{
  g_hash_table_unref (fall->sources);
  g_hash_table_unref (fall->seen);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fall, fall_clear)

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
add_table (Fall *fall, const char *name)
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
ensure_table (Fall *fall, const char *name)
{
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    {
      SlipWaterfallTable *table = g_ptr_array_index (fall->waterfall->tables, i);

      if (g_str_equal (table->name, name))
        return table;
    }
  return add_table (fall, name);
}

static void
add_count (SlipWaterfallTable *table, SlipWaterfallLevel level, gint64 rows)
{
  table->counts[level] = MAX (table->counts[level], 0) + rows;
}

static void
add_gap (Fall *fall,
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

/* ---- landed tables */

static gint64
count_landed (Fall *fall, const char *source)
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

static Source *
ensure_source (Fall *fall, const char *name)
{
  Source *source = g_hash_table_lookup (fall->sources, name);

  if (source != NULL)
    return source;
  source = g_new0 (Source, 1);
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
get_in (Fall *fall, const SlipStep *step)
{
  return slip_run_report_sum (fall->report, "transform", NULL, step->name, "in");
}

/* A step that adds rows, and did. */
static const SlipMeasure *
find_out (Fall *fall, const SlipStep *step)
{
  return step->update == NULL ? find_measure (fall, "transform", NULL, step->name, "out") : NULL;
}

static void
find_sources (Fall *fall)
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
      Source *source;

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
add_filters (Fall *fall, SlipWaterfallTable *table, const char *source, gint64 gone)
{
  gint64 told = 0;

  for (guint i = 0; i < fall->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (fall->report->measures, i);

      if (!g_str_equal (measure->stage, "filter") || !g_str_equal (measure->kind, "dropped")
          || g_strcmp0 (measure->entity, source) != 0)
        continue;
      add_gap (fall, table, SLIP_WATERFALL_KEPT, measure->step, source, "filtered", -measure->rows,
               measure);
      told += measure->rows;
    }
  add_gap (fall, table, SLIP_WATERFALL_KEPT, NULL, source, "between", told - gone, NULL);
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
add_dropped (Fall *fall, SlipWaterfallTable *table, const SlipStep *step, gint64 in, gint64 out)
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
      add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, what, "dropped", -measure->rows,
               measure);
      dropped += measure->rows;
    }
  multiplied = find_measure (fall, "transform", NULL, step->name, "multiplied");
  add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, NULL,
           multiplied != NULL && out > in - dropped ? "multiplied" : "between",
           out - (in - dropped), multiplied);
}

/* A source row counts once in a table, however many of its steps begin with it. */
static void
add_read (Fall *fall, SlipWaterfallTable *table, const SlipStep *step, gint64 in)
{
  const char *name = get_source (step);
  Source *source = name != NULL ? g_hash_table_lookup (fall->sources, name) : NULL;
  g_autofree char *key = NULL;

  add_count (table, SLIP_WATERFALL_LANDED, 0);
  add_count (table, SLIP_WATERFALL_KEPT, 0);
  if (source == NULL)
    {
      add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name,
               step->from != NULL ? step->from->relation.table : NULL, "derived", in, NULL);
      return;
    }
  key = g_strconcat (table->name, "\n", name, NULL);
  if (!g_hash_table_add (fall->seen, g_steal_pointer (&key)))
    {
      add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, name, "again", in, NULL);
      return;
    }
  add_count (table, SLIP_WATERFALL_LANDED, source->landed);
  add_count (table, SLIP_WATERFALL_KEPT, source->kept);
  source->counted += source->kept;
  add_filters (fall, table, name, source->landed - source->kept);
  add_gap (fall, table, SLIP_WATERFALL_TRANSFORMED, step->name, NULL, "dropped", in - source->kept,
           NULL);
}

static void
add_step (Fall *fall, const SlipStep *step)
{
  const SlipMeasure *out = find_out (fall, step);
  SlipWaterfallTable *table;
  gint64 in;

  if (out == NULL)
    return; /* it adds no row, or did not run yet */
  table = ensure_table (fall, slip_step_get_destination (step));
  in = get_in (fall, step);
  add_read (fall, table, step, in);
  add_count (table, SLIP_WATERFALL_TRANSFORMED, out->rows);
  add_dropped (fall, table, step, in, out->rows);
}

/* ---- from the transform to the target */

/* Rules may add rows and take some away; what they did beyond that is not known by row. */
static void
add_between (Fall *fall, SlipWaterfallTable *table, SlipWaterfallLevel level, const char *what)
{
  if (table->counts[level] >= 0 && table->counts[level - 1] >= 0)
    add_gap (fall, table, level, NULL, what, "between",
             table->counts[level] - table->counts[level - 1], NULL);
}

static void
add_target (Fall *fall, SlipWaterfallTable *table)
{
  const char *name = table->name;

  if (find_measure (fall, "integration", name, NULL, "in") != NULL)
    {
      table->counts[SLIP_WATERFALL_INTEGRATED]
          = slip_run_report_sum (fall->report, "integration", name, NULL, "out");
      add_between (fall, table, SLIP_WATERFALL_INTEGRATED, "integration");
    }
  if (!slip_run_report_is_gone (fall->report)
      && find_measure (fall, "load_to_target", name, NULL, "out") != NULL)
    {
      table->counts[SLIP_WATERFALL_LOADED]
          = slip_run_report_sum (fall->report, "load_to_target", name, NULL, "out");
      add_between (fall, table, SLIP_WATERFALL_LOADED, "load_to_target");
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

enum
{
  MAPPING,
  ACTUAL,
  MISSING,
  EXTRA,
  DIFFERING,
  KNOWN_EXTRA,
  KNOWN_DIFFERING,
};

/* At most @rows of what went (@gone is positive) or came (negative) since the load is explained by them. */
static gint64
take (gint64 *gone, gint64 rows)
{
  gint64 taken = *gone > 0 ? MIN (*gone, rows) : MAX (*gone, -rows);

  *gone -= taken;
  return ABS (taken);
}

/* What is in the target and not as expected, but for what the sidecar has a reason for. A row that is missing was lost on
 * the way, and is a gap there, unless it went since the load; an extra one was loaded, or is of others and came since. */
static void
add_validation (
    Fall *fall, SlipWaterfallTable *table, const SlipPgRows *rows, guint row, gint64 *gone)
{
  const char *mapping = slip_pg_rows_get (rows, row, MAPPING);
  gint64 missing = slip_pg_rows_get_int (rows, row, MISSING);
  gint64 known_extra = slip_pg_rows_get_int (rows, row, KNOWN_EXTRA);
  gint64 known_differing = slip_pg_rows_get_int (rows, row, KNOWN_DIFFERING);
  gint64 extra = slip_pg_rows_get_int (rows, row, EXTRA) - known_extra;
  gint64 differing = slip_pg_rows_get_int (rows, row, DIFFERING) - known_differing;

  add_count (table, SLIP_WATERFALL_VALIDATED,
             slip_pg_rows_get_int (rows, row, ACTUAL) - extra - differing);
  table->known += known_extra + known_differing;
  add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "differing", -differing, NULL);
  if (*gone > 0)
    add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "missing", -take (gone, missing),
             NULL);
  if (*gone < 0)
    extra -= take (gone, extra);
  add_gap (fall, table, SLIP_WATERFALL_VALIDATED, mapping, NULL, "extra", -extra, NULL);
}

static gboolean
is_validated (const SlipPgRows *rows, const char *mapping)
{
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    if (g_strcmp0 (slip_pg_rows_get (rows, i, MAPPING), mapping) == 0)
      return TRUE;
  return FALSE;
}

/* The mappings that fill the table and have no validation; where all have one, all of them. */
static char *
dup_loaders (Fall *fall, const SlipWaterfallTable *table, const SlipPgRows *rows, gboolean *without)
{
  GPtrArray *steps = slip_migration_get_steps (fall->migration);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (GPtrArray) some = g_ptr_array_new ();

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);
      char *name = step->mapping_name != NULL ? step->mapping_name : step->name;

      if (step->update != NULL || g_strcmp0 (slip_step_get_destination (step), table->name) != 0
          || g_ptr_array_find_with_equal_func (all, name, g_str_equal, NULL))
        continue;
      g_ptr_array_add (all, name);
      if (!is_validated (rows, name))
        g_ptr_array_add (some, name);
    }
  *without = some->len > 0;
  g_ptr_array_add (all, NULL);
  g_ptr_array_add (some, NULL);
  return g_strjoinv (", ", (char **)(*without ? some : all)->pdata);
}

static void
add_not_compared (Fall *fall, SlipWaterfallTable *table, const SlipPgRows *rows, gint64 gone)
{
  gboolean without;
  g_autofree char *loaders = dup_loaders (fall, table, rows, &without);

  add_gap (fall, table, SLIP_WATERFALL_VALIDATED, loaders,
           without ? "no validation" : "outside of what its validation selects", "not compared",
           -gone, NULL);
}

static void
add_validations (Fall *fall, SlipWaterfallTable *table, const SlipPgRows *rows)
{
  g_autoptr (GArray) mine = g_array_new (FALSE, FALSE, sizeof (guint));
  gint64 gone = table->counts[SLIP_WATERFALL_LOADED];

  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    if (g_strcmp0 (find_destination (fall, slip_pg_rows_get (rows, i, MAPPING)), table->name) == 0)
      {
        g_array_append_val (mine, i);
        gone -= slip_pg_rows_get_int (rows, i, ACTUAL);
      }
  if (mine->len == 0)
    return;
  if (table->counts[SLIP_WATERFALL_LOADED] < 0)
    gone = 0;
  for (guint i = 0; i < mine->len; i++)
    add_validation (fall, table, rows, g_array_index (mine, guint, i), &gone);
  /* A row that several mappings compare counts once. */
  if (gone < 0)
    add_count (table, SLIP_WATERFALL_VALIDATED, gone);
  else
    add_not_compared (fall, table, rows, gone);
}

static gboolean
read_validation (Fall *fall, GError **error)
{
  gint64 has = 0;
  g_autoptr (SlipPgRows) rows = NULL;

  if (!slip_stage_sql_ask_number (fall->pg, "look for a validation", &has, error,
                                  "SELECT (to_regclass ('slipway.validation') IS NOT NULL)::int"))
    return FALSE;
  /* What was found in a target that was brought back to a time before is so no more. */
  if (has == 0 || slip_run_report_is_gone (fall->report))
    return TRUE;
  rows = slip_stage_sql_ask (
      fall->pg, "read the validation", error,
      "SELECT v.mapping, v.actual, v.missing, v.extra, v.differing, d.extra, d.differing\n"
      "  FROM slipway.validation AS v\n"
      "  CROSS JOIN LATERAL (\n"
      "    SELECT count (*) FILTER (WHERE kind = 'extra') AS extra,\n"
      "           count (*) FILTER (WHERE kind = 'differing') AS differing\n"
      "      FROM slipway.difference\n"
      "     WHERE v.known > 0 AND run = v.run AND mapping = v.mapping AND known IS NOT NULL) AS d\n"
      " WHERE v.run = %D ORDER BY v.mapping",
      fall->report->run);
  if (rows == NULL)
    return FALSE;
  for (guint i = 1; i < fall->waterfall->tables->len; i++)
    add_validations (fall, g_ptr_array_index (fall->waterfall->tables, i), rows);
  return TRUE;
}

/* ---- all of it */

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A landed row counts once, and is told where it feeds several tables, or none. */
static void
sum_up_sources (Fall *fall, SlipWaterfallTable *all)
{
  guint n;
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (fall->sources, &n);

  qsort (names, n, sizeof *names, compare_names);
  for (guint i = 0; i < n; i++)
    {
      const char *name = names[i];
      const Source *source = g_hash_table_lookup (fall->sources, name);

      add_count (all, SLIP_WATERFALL_LANDED, source->landed);
      if (source->kept < 0)
        {
          add_gap (fall, all, SLIP_WATERFALL_KEPT, NULL, name, "unread", -source->landed, NULL);
          continue;
        }
      add_count (all, SLIP_WATERFALL_KEPT, source->kept);
      add_filters (fall, all, name, source->landed - source->kept);
      add_gap (fall, all, SLIP_WATERFALL_TRANSFORMED, NULL, name, "again",
               source->counted - source->kept, NULL);
    }
  if (all->counts[SLIP_WATERFALL_KEPT] < 0 && n > 0)
    add_count (all, SLIP_WATERFALL_KEPT, 0);
}

/* A table that no row reached at a level, or of which nothing is known there, is told. */
static void
close_level (Fall *fall, SlipWaterfallTable *all, SlipWaterfallLevel level)
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
  add_gap (fall, all, level, NULL, slip_waterfall_level_get_name (level), "between",
           all->counts[level] - at, NULL);
}

static void
sum_up (Fall *fall)
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
          add_count (all, level, table->counts[level]);
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
  g_auto (Fall) fall = {pg,
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
  if (!read_validation (&fall, error))
    return NULL;
  sum_up (&fall);
  return g_steal_pointer (&waterfall);
}
