/* SPDX-License-Identifier: MIT */

/* What a run's tree says, from what the migration database has and from what the work that goes on tells. The
 * database is believed where both know something: what stands there is committed. */

#include "config.h"

#include "slip-stage-tree.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-format.h"
#include "slip-migration-progress.h"
#include "slip-stage-look.h"

typedef struct
{
  SlipMigrationData *data;
  GPtrArray *lines;
  const char *const *left_out; /* nullable; stages that the work leaves out */
  const char *last;            /* the stage that is told of now, or NULL */
  GHashTable *places;          /* stage, entity and step → GPtrArray of SlipMeasure */
} Tree;

/* ---- what is known of a place */

/* NULL for @step and @entity is “any”, and the last one that was told counts. */
static const SlipStageLine *
find_line (Tree *tree, const char *stage, const char *entity, const char *step)
{
  for (guint i = tree->lines != NULL ? tree->lines->len : 0; i > 0; i--)
    {
      const SlipStageLine *line = g_ptr_array_index (tree->lines, i - 1);

      if (g_strcmp0 (line->stage, stage) == 0
          && (entity == NULL || g_strcmp0 (line->entity, entity) == 0)
          && (step == NULL || g_strcmp0 (line->step, step) == 0))
        return line;
    }
  return NULL;
}

static const SlipReportStage *
find_stage (Tree *tree, const char *stage)
{
  GPtrArray *stages
      = tree->data != NULL && tree->data->report != NULL ? tree->data->report->stages : NULL;

  for (guint i = 0; stages != NULL && i < stages->len; i++)
    if (g_strcmp0 (((SlipReportStage *)g_ptr_array_index (stages, i))->stage, stage) == 0)
      return g_ptr_array_index (stages, i);
  return NULL;
}

static const SlipReportStep *
find_step (Tree *tree, const char *step)
{
  GPtrArray *steps
      = tree->data != NULL && tree->data->report != NULL ? tree->data->report->steps : NULL;

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    if (g_strcmp0 (((SlipReportStep *)g_ptr_array_index (steps, i))->step, step) == 0)
      return g_ptr_array_index (steps, i);
  return NULL;
}

static gboolean
is_running (Tree *tree, const char *stage)
{
  return tree->last != NULL && g_strcmp0 (tree->last, stage) == 0;
}

/* ---- what became of rows */

static gboolean
is_flow (const SlipMeasure *measure)
{
  return g_str_equal (measure->kind, "in") || g_str_equal (measure->kind, "out")
         || g_str_equal (measure->kind, "changed") || g_str_equal (measure->kind, "audited");
}

static char *
dup_place (const char *stage, const char *entity, const char *step)
{
  return g_strdup_printf ("%s\n%s\n%s", stage, entity != NULL ? entity : "\1",
                          step != NULL ? step : "\1");
}

static void
add_measure (GHashTable *places, char *place, SlipMeasure *measure)
{
  GPtrArray *measures = g_hash_table_lookup (places, place);

  if (measures == NULL)
    {
      measures = g_ptr_array_new ();
      g_hash_table_insert (places, place, measures);
    }
  else
    g_free (place);
  g_ptr_array_add (measures, measure);
}

/* Looked up for each line of the tree: a large migration has thousands of both. Below a stage alone are all of it. */
static GHashTable *
index_measures (const SlipMigrationData *data)
{
  GHashTable *places
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
  GPtrArray *measures = data != NULL && data->report != NULL ? data->report->measures : NULL;

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      SlipMeasure *measure = g_ptr_array_index (measures, i);

      add_measure (places, dup_place (measure->stage, measure->entity, measure->step), measure);
      add_measure (places, g_strdup (measure->stage), measure);
      add_measure (places, g_strdup_printf ("%s\n%s", measure->stage, measure->entity), measure);
    }
  return places;
}

static GPtrArray *
find_measures (Tree *tree, const char *stage, const char *entity, const char *step)
{
  g_autofree char *place = dup_place (stage, entity, step);

  return g_hash_table_lookup (tree->places, place);
}

static GPtrArray *
find_entity (Tree *tree, const char *stage, const char *entity)
{
  g_autofree char *place = g_strdup_printf ("%s\n%s", stage, entity);

  return g_hash_table_lookup (tree->places, place);
}

/* Rows of a place: those it wrote, else those it changed, else those it read. */
static gint64
get_rows (Tree *tree, const char *stage, const char *entity, const char *step)
{
  GPtrArray *measures = find_measures (tree, stage, entity, step);
  gint64 in = -1;
  gint64 out = -1;

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);

      if (g_str_equal (measure->kind, "in"))
        in = MAX (in, 0) + measure->rows;
      else if (is_flow (measure))
        out = MAX (out, 0) + measure->rows;
    }
  return out >= 0 ? out : in;
}

static guint
put_measures (Tree *tree,
              GListStore *nodes,
              guint position,
              const char *stage,
              const char *entity,
              const char *step)
{
  GPtrArray *measures = find_measures (tree, stage, entity, step);

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);
      g_autofree char *id = NULL;
      g_autofree char *title = NULL;
      g_autofree char *rows = NULL;
      SlipStageNodeText text = {0};

      if (is_flow (measure))
        continue;
      id = g_strdup_printf ("%s/%s", measure->kind, measure->column);
      title = slip_measure_dup_title (measure);
      rows = slip_format_count (measure->rows);
      text.title = title;
      text.tone = slip_measure_tone (measure, &text.state);
      text.rows = rows;
      text.leaf = TRUE;
      text.measure = measure->ids > 0 ? measure : NULL;
      text.note = text.measure != NULL ? _ ("Enter opens the rows behind it") : NULL;
      slip_stage_nodes_put (nodes, position++, id, &text);
    }
  return position;
}

/* ---- places */

typedef struct
{
  const char *state; /* NULL: to do */
  gint64 rows;       /* -1: none are counted */
  gint64 total;      /* of so many, where not all are in */
  double seconds;    /* -1: nobody knows */
  const SlipStageLine *line;
  gboolean running;
} Place;

/* Below a stage whose rows are not there any more nothing is done, whatever was counted then. */
static const char *
get_done (Tree *tree, const char *stage, gboolean done)
{
  const SlipReportStage *known = done ? find_stage (tree, stage) : NULL;
  const char *state = known != NULL ? known->state : NULL;

  if (g_strcmp0 (state, "gone") == 0 || g_strcmp0 (state, "undone") == 0)
    return state;
  return done ? "done" : NULL;
}

static SlipStageNode *
put_place (
    GListStore *nodes, guint position, const char *title, GPtrArray *measures, const Place *place)
{
  const SlipStageLine *line = place->line;
  gint64 rows = place->rows;
  gboolean done = g_strcmp0 (place->state, "done") == 0;
  g_autofree char *look = NULL;
  g_autofree char *count = NULL;
  g_autofree char *rate = NULL;
  g_autofree char *time = NULL;
  SlipStageNodeText text = {.title = title};

  if (place->running && line != NULL && !done)
    {
      const char *unit = line->unit;

      if (g_strcmp0 (unit, "rows") == 0 && line->total > 0)
        count = slip_stage_dup_of (line->done, line->total, NULL);
      rate = slip_stage_dup_rate (slip_stage_line_get_rate (line), unit);
      time = slip_stage_dup_left (slip_stage_line_get_remaining (line));
      text.tone = slip_stage_tone ("running", &text.state);
    }
  else
    {
      if (rows >= 0)
        count = rows < place->total ? slip_stage_dup_of ((guint64)rows, (guint64)place->total, NULL)
                                    : slip_format_count (rows);
      rate = rows > 0 && place->seconds > 0.001
                 ? slip_stage_dup_rate ((double)rows / place->seconds, "rows")
                 : NULL;
      time = place->seconds >= 0 && done ? slip_stage_dup_time (place->seconds) : NULL;
      text.tone = slip_stage_tone (place->state, &text.state);
      if (done)
        slip_stage_look_show (measures, &text, &look, NULL);
    }
  text.rows = count;
  text.rate = rate;
  text.time = time;
  return slip_stage_nodes_put (nodes, position, title, &text);
}

static void
put_transform_step (
    Tree *tree, GListStore *nodes, guint position, const char *entity, const SlipStep *step)
{
  const SlipReportStep *found = find_step (tree, step->name);
  SlipStageNode *node = put_place (
      nodes, position, step->name, find_measures (tree, "transform", entity, step->name),
      &(Place){.state = get_done (tree, "transform", found != NULL),
               .rows = found != NULL ? found->rows : -1,
               .seconds = found != NULL ? found->seconds : -1,
               .line = find_line (tree, "transform", entity, step->name),
               .running = is_running (tree, "transform")});
  GListStore *below = slip_stage_node_get_children (node);

  slip_stage_nodes_cut (below, put_measures (tree, below, 0, "transform", entity, step->name));
}

static void
put_transform_entity (Tree *tree, GListStore *nodes, guint position, const SlipEntity *entity)
{
  gboolean running = is_running (tree, "transform");
  gint64 rows = 0;
  double seconds = 0;
  guint n_done = 0;
  SlipStageNode *node;
  GListStore *children;

  for (guint i = 0; i < entity->steps->len; i++)
    {
      const SlipReportStep *found
          = find_step (tree, ((const SlipStep *)entity->steps->pdata[i])->name);

      n_done += found != NULL;
      rows += found != NULL ? found->rows : 0;
      seconds += found != NULL ? found->seconds : 0;
    }
  node = put_place (nodes, position, entity->name, find_entity (tree, "transform", entity->name),
                    &(Place){.state = get_done (tree, "transform", n_done == entity->steps->len),
                             .rows = n_done > 0 ? rows : -1,
                             .seconds = seconds,
                             .line = find_line (tree, "transform", entity->name, NULL),
                             .running = running});
  children = slip_stage_node_get_children (node);
  for (guint i = 0; i < entity->steps->len; i++)
    put_transform_step (tree, children, i, entity->name, g_ptr_array_index (entity->steps, i));
  slip_stage_nodes_cut (children, entity->steps->len);
}

static void
put_transform (Tree *tree, GListStore *nodes)
{
  GPtrArray *entities = slip_migration_get_entities (tree->data->migration);

  for (guint i = 0; i < entities->len; i++)
    put_transform_entity (tree, nodes, i, g_ptr_array_index (entities, i));
  slip_stage_nodes_cut (nodes, entities->len);
}

static void
add_name (GPtrArray *names, const char *name)
{
  if (name != NULL && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
    g_ptr_array_add (names, (gpointer)name);
}

/* Entities of a stage, or the steps of one: as they were measured, then as they are told. */
static GPtrArray *
gather_names (Tree *tree, const char *stage, const char *entity)
{
  GPtrArray *names = g_ptr_array_new ();
  GPtrArray *measures = entity != NULL ? find_entity (tree, stage, entity)
                                       : g_hash_table_lookup (tree->places, stage);

  for (guint i = 0; measures != NULL && i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);

      add_name (names, entity == NULL ? measure->entity : measure->step);
    }
  for (guint i = 0; tree->lines != NULL && i < tree->lines->len; i++)
    {
      const SlipStageLine *line = g_ptr_array_index (tree->lines, i);

      if (g_strcmp0 (line->stage, stage) != 0)
        continue;
      if (entity == NULL)
        add_name (names, line->entity);
    }
  return names;
}

static void
put_steps (Tree *tree, GListStore *nodes, const char *stage, const char *entity)
{
  g_autoptr (GPtrArray) steps = gather_names (tree, stage, entity);
  guint n = tree->data->report != NULL ? put_measures (tree, nodes, 0, stage, entity, NULL) : 0;

  for (guint i = 0; i < steps->len; i++)
    {
      const char *step = g_ptr_array_index (steps, i);
      SlipStageNode *node = put_place (nodes, n++, step, find_measures (tree, stage, entity, step),
                                       &(Place){.state = get_done (tree, stage, TRUE),
                                                .rows = get_rows (tree, stage, entity, step),
                                                .seconds = -1,
                                                .line = find_line (tree, stage, entity, step),
                                                .running = is_running (tree, stage)});
      GListStore *below = slip_stage_node_get_children (node);

      slip_stage_nodes_cut (below, put_measures (tree, below, 0, stage, entity, step));
    }
  slip_stage_nodes_cut (nodes, n);
}

/* Where a load is not through, a table is done when all of its rows are in. */
static Place
get_table (Tree *tree, const char *stage, const char *entity, gboolean done)
{
  const SlipReportStage *known = find_stage (tree, stage);
  const SlipStageLine *line = find_line (tree, stage, entity, NULL);
  gboolean latest = line != NULL && line == find_line (tree, stage, NULL, NULL);
  Place place = {.rows = -1, .seconds = -1, .line = line};

  place.running = is_running (tree, stage) && latest;
  if (tree->data->report != NULL)
    place.rows = get_rows (tree, stage, entity, NULL);
  place.state = get_done (tree, stage, done || (place.rows >= 0 && !latest));
  if (!g_str_equal (stage, "load_to_target") || known == NULL
      || !slip_migration_stage_is_open (known->state))
    return place;
  place.total = slip_run_report_sum (tree->data->report, stage, entity, NULL, "in");
  if (place.rows < place.total)
    place.state = place.rows <= 0                         ? NULL
                  : g_str_equal (known->state, "running") ? "running"
                                                          : "in part";
  return place;
}

static void
put_tables (Tree *tree, GListStore *nodes, const char *stage, gboolean done)
{
  g_autoptr (GPtrArray) names = gather_names (tree, stage, NULL);

  for (guint i = 0; i < names->len; i++)
    {
      const char *entity = g_ptr_array_index (names, i);
      Place place = get_table (tree, stage, entity, done);
      SlipStageNode *node = put_place (nodes, i, entity, find_entity (tree, stage, entity), &place);

      put_steps (tree, slip_stage_node_get_children (node), stage, entity);
    }
  slip_stage_nodes_cut (nodes, names->len);
}

/* ---- stages */

/* Of steps and tables: how many are done tells how long the others will take, roughly. */
static double
get_stage_remaining (Tree *tree, const char *stage, const SlipReportStage *known)
{
  const SlipStageLine *line = find_line (tree, stage, NULL, NULL);
  const SlipStageLine *first = NULL;
  double seconds;

  if (line == NULL || line->total == 0 || line->done == 0)
    return -1;
  if (slip_stage_line_get_rate (line) > 0)
    return slip_stage_line_get_remaining (line);
  for (guint i = 0; first == NULL && i < tree->lines->len; i++)
    if (g_strcmp0 (((SlipStageLine *)tree->lines->pdata[i])->stage, stage) == 0)
      first = tree->lines->pdata[i];
  seconds = (double)(g_get_monotonic_time () - first->begun) / G_USEC_PER_SEC;
  return seconds * (double)(line->total - MIN (line->done, line->total)) / (double)line->done;
}

/* Whether it may have gone on since it was read. */
static gboolean
goes_on (const char *state)
{
  return g_str_equal (state, "running") || g_str_equal (state, "broken off");
}

/* What the database says of a stage was read a moment ago: the work itself has told more since. It goes from stage to stage. */
static const char *
get_state (Tree *tree, guint position, const char *stage)
{
  const SlipReportStage *known = find_stage (tree, stage);
  const char *state = known != NULL ? known->state : NULL;
  const char *const *stages = slip_migration_run_get_stages ();
  guint at = 0;

  if (tree->last == NULL)
    return state;
  while (stages[at] != NULL && !g_str_equal (stages[at], tree->last))
    at++;
  if (stages[at] == NULL)
    return state;
  if (position == at)
    return "running";
  if (state != NULL && !goes_on (state))
    return state;
  if (tree->left_out != NULL && g_strv_contains (tree->left_out, stage))
    return "skipped";
  return position < at ? "done" : NULL;
}

/* Nobody knows when one broke off; and how many rows it wrote is known of the load alone, if the target tells. */
static void
show_known (Tree *tree, const SlipReportStage *known, char **rows, char **rate, char **time)
{
  const SlipMigrationRunStatus *run = slip_migration_data_get_status (tree->data);
  gboolean off = g_str_equal (known->state, "broken off");
  gboolean load = g_str_equal (known->stage, "load_to_target");
  gboolean told = !load || !slip_migration_stage_is_open (known->state)
                  || (run != NULL && run->parts != NULL);

  if (told && (load || !off))
    *rows = slip_format_count (known->rows);
  if (off)
    return;
  *rate = known->rows > 0 && known->seconds > 0.001
              ? slip_stage_dup_rate ((double)known->rows / known->seconds, "rows")
              : NULL;
  *time = slip_stage_dup_time (known->seconds);
}

static SlipStageNode *
put_stage (Tree *tree, GListStore *roots, guint position, const char *stage)
{
  const SlipReportStage *known = find_stage (tree, stage);
  const SlipStageLine *line = find_line (tree, stage, NULL, NULL);
  gboolean running = is_running (tree, stage);
  const char *state = get_state (tree, position, stage);
  g_autofree char *rows = NULL;
  g_autofree char *rate = NULL;
  g_autofree char *time = NULL;
  g_autofree char *look = NULL;
  g_autofree char *note = NULL;
  SlipStageNodeText text = {.title = slip_stage_get_title (stage)};

  if (running && line != NULL && g_strcmp0 (line->unit, SLIP_MIGRATION_WAITING) == 0)
    {
      g_autofree char *waited = slip_format_duration ((double)line->done);

      /* Translators: how long the stage has waited for somebody else's lock */
      time = g_strdup_printf (_ ("waiting %s"), waited);
    }
  else if (running)
    {
      rows = line != NULL && line->total > 0 && line->unit != NULL
                 ? slip_stage_dup_of (line->done, line->total, line->unit)
                 : NULL;
      rate
          = line != NULL ? slip_stage_dup_rate (slip_stage_line_get_rate (line), line->unit) : NULL;
      time = slip_stage_dup_left (get_stage_remaining (tree, stage, known));
    }
  /* Of one that has ended since it was read nobody has counted yet. */
  else if (known != NULL && g_strcmp0 (state, "skipped") != 0
           && (tree->last == NULL || !goes_on (known->state)))
    show_known (tree, known, &rows, &rate, &time);
  text.tone = slip_stage_tone (state, &text.state);
  text.rows = rows;
  text.rate = rate;
  text.time = time;
  text.note = known != NULL ? known->note : NULL;
  if (running && line != NULL && g_strcmp0 (line->unit, SLIP_MIGRATION_WAITING) == 0)
    text.note = line->step;
  if (g_strcmp0 (state, "done") == 0)
    slip_stage_look_show (g_hash_table_lookup (tree->places, stage), &text, &look, &note);
  return slip_stage_nodes_put (roots, position, stage, &text);
}

void
slip_stage_tree_update (GListStore *roots,
                        SlipMigrationData *data,
                        GPtrArray *lines,
                        const char *const *left_out)
{
  const char *const *stages = slip_migration_run_get_stages ();
  const SlipStageLine *last
      = lines != NULL && lines->len > 0 ? g_ptr_array_index (lines, lines->len - 1) : NULL;
  g_autoptr (GHashTable) places = index_measures (data);
  Tree tree = {data, lines, left_out, last != NULL ? last->stage : NULL, places};
  guint n = 0;

  g_return_if_fail (G_IS_LIST_STORE (roots));

  for (; stages[n] != NULL; n++)
    {
      SlipStageNode *node = put_stage (&tree, roots, n, stages[n]);
      GListStore *children = slip_stage_node_get_children (node);
      const SlipReportStage *known = find_stage (&tree, stages[n]);

      if (data == NULL || data->migration == NULL)
        continue;
      if (g_str_equal (stages[n], "transform"))
        put_transform (&tree, children);
      else
        put_tables (&tree, children, stages[n],
                    known != NULL && g_strcmp0 (known->state, "done") == 0);
    }
  slip_stage_nodes_cut (roots, n);
}
