/* SPDX-License-Identifier: MIT */

/* The lines of a trace's page as objects of a list, and how their columns read. What a place means is app/migration's. */

#include "config.h"

#include "slip-trace-rows.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-mapping-rule.h"
#include "slip-stage-tree.h"

/* ---- a place that the record passed */

struct _SlipTracePlace
{
  GObject parent_instance;

  GPtrArray *steps;          /* owned; element-type SlipTraceStep */
  const SlipTraceStep *step; /* borrowed: one of them */
};

G_DEFINE_FINAL_TYPE (SlipTracePlace, slip_trace_place, G_TYPE_OBJECT)

static void
slip_trace_place_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_TRACE_PLACE (object)->steps);
  G_OBJECT_CLASS (slip_trace_place_parent_class)->finalize (object);
}

static void
slip_trace_place_class_init (SlipTracePlaceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_trace_place_finalize;
}

static void
slip_trace_place_init (SlipTracePlace *self)
{
}

SlipTracePlace *
slip_trace_place_new (const SlipTrace *trace, guint step)
{
  SlipTracePlace *self = g_object_new (SLIP_TYPE_TRACE_PLACE, NULL);

  self->steps = g_ptr_array_ref (trace->steps);
  self->step = g_ptr_array_index (trace->steps, step);
  return self;
}

const SlipTraceStep *
slip_trace_place_get_step (SlipTracePlace *self)
{
  g_return_val_if_fail (SLIP_IS_TRACE_PLACE (self), NULL);
  return self->step;
}

static const SlipTraceStep *
get (gpointer item)
{
  return SLIP_TRACE_PLACE (item)->step;
}

static char *
dup_stage (gpointer item)
{
  return g_strdup (slip_stage_get_title (get (item)->stage));
}

static SlipTone
get_stage_tone (gpointer item)
{
  const SlipTraceStep *step = get (item);

  if (g_str_equal (step->stage, "validation"))
    return SLIP_TONE_BAD;
  if (step->lost)
    return SLIP_TONE_WARNING;
  return step->values != NULL ? SLIP_TONE_GOOD : SLIP_TONE_UNKNOWN;
}

static char *
dup_table (gpointer item)
{
  return g_strdup (get (item)->table);
}

static char *
dup_key (gpointer item)
{
  return g_strdup (get (item)->key);
}

static char *
dup_what (gpointer item)
{
  return g_strdup (get (item)->what);
}

static char *
dup_rule (gpointer item)
{
  return g_strdup (get (item)->rule);
}

const SlipColumn slip_trace_place_columns[SLIP_TRACE_N_PLACE_COLUMNS] = {
    {.title = N_ ("Stage"), .width_chars = 16, .text = dup_stage, .tone = get_stage_tone},
    {.title = N_ ("Table"), .width_chars = 20, .text = dup_table},
    {.title = N_ ("Key"), .width_chars = 8, .text = dup_key},
    {.title = N_ ("What became of it"), .width_chars = 24, .expand = TRUE, .text = dup_what},
    {.title = N_ ("Rule"), .width_chars = 16, .text = dup_rule},
};

/* ---- a column of the row there */

struct _SlipTraceCell
{
  GObject parent_instance;

  char *column;
  char *value;
  char *rule;
};

G_DEFINE_FINAL_TYPE (SlipTraceCell, slip_trace_cell, G_TYPE_OBJECT)

static void
slip_trace_cell_finalize (GObject *object)
{
  SlipTraceCell *self = SLIP_TRACE_CELL (object);

  g_free (self->column);
  g_free (self->value);
  g_free (self->rule);
  G_OBJECT_CLASS (slip_trace_cell_parent_class)->finalize (object);
}

static void
slip_trace_cell_class_init (SlipTraceCellClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_trace_cell_finalize;
}

static void
slip_trace_cell_init (SlipTraceCell *self)
{
}

static char *
dup_value (JsonNode *value)
{
  if (JSON_NODE_HOLDS_NULL (value))
    return g_strdup (_ ("(null)"));
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value)[0] != '\0' ? json_node_get_string (value)
                                                             : _ ("(blank)"));
  return slip_json_to_text (value, FALSE);
}

SlipTraceCell *
slip_trace_cell_new (SlipMigration *migration,
                     const SlipTraceStep *step,
                     const char *column,
                     JsonNode *value)
{
  SlipTraceCell *self = g_object_new (SLIP_TYPE_TRACE_CELL, NULL);

  self->column = g_strdup (column);
  self->value = dup_value (value);
  if (step->mapping != NULL)
    self->rule = slip_mapping_rule_dup_text (migration, step->mapping, column);
  return self;
}

static char *
dup_cell_column (gpointer item)
{
  return g_strdup (SLIP_TRACE_CELL (item)->column);
}

static char *
dup_cell_value (gpointer item)
{
  return g_strdup (SLIP_TRACE_CELL (item)->value);
}

static char *
dup_cell_rule (gpointer item)
{
  return g_strdup (SLIP_TRACE_CELL (item)->rule);
}

const SlipColumn slip_trace_cell_columns[SLIP_TRACE_N_CELL_COLUMNS] = {
    {.title = N_ ("Column"), .width_chars = 20, .text = dup_cell_column},
    {.title = N_ ("Value"), .width_chars = 24, .expand = TRUE, .text = dup_cell_value},
    {.title = N_ ("Mapping rule"), .width_chars = 24, .expand = TRUE, .text = dup_cell_rule},
};
