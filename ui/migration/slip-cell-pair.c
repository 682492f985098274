/* SPDX-License-Identifier: MIT */

/* A column of a row that was compared: what was expected, what is there, and the rule that says what should be. */

#include "config.h"

#include "slip-cell-pair.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-mapping-rule.h"

struct _SlipCellPair
{
  GObject parent_instance;

  char *column;
  char *expected; /* NULL is null, or no row */
  char *actual;
  char *rule;
  gboolean no_expected; /* no row is expected, rather than a null */
  gboolean no_actual;   /* no row is there */
  gboolean differs;
};

G_DEFINE_FINAL_TYPE (SlipCellPair, slip_cell_pair, G_TYPE_OBJECT)

static void
slip_cell_pair_finalize (GObject *object)
{
  SlipCellPair *self = SLIP_CELL_PAIR (object);

  g_free (self->column);
  g_free (self->expected);
  g_free (self->actual);
  g_free (self->rule);
  G_OBJECT_CLASS (slip_cell_pair_parent_class)->finalize (object);
}

static void
slip_cell_pair_class_init (SlipCellPairClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_cell_pair_finalize;
}

static void
slip_cell_pair_init (SlipCellPair *self)
{
}

static char *
dup_pair_column (gpointer item)
{
  return g_strdup (SLIP_CELL_PAIR (item)->column);
}

/* Of a row without another side it is the row that is wrong, as is said above, and none of its columns. */
static char *
dup_mark (gpointer item)
{
  SlipCellPair *self = SLIP_CELL_PAIR (item);

  if (self->no_expected)
    return g_strdup ("");
  if (self->no_actual)
    return g_strdup ("");
  return g_strdup (self->differs ? _ ("differs") : _ ("same"));
}

static SlipTone
get_mark_tone (gpointer item)
{
  SlipCellPair *self = SLIP_CELL_PAIR (item);

  if (self->no_expected || self->no_actual)
    return SLIP_TONE_NEUTRAL;
  return self->differs ? SLIP_TONE_BAD : SLIP_TONE_GOOD;
}

/* Null and blank are not the same, and look so. */
static char *
dup_shown (const char *value)
{
  if (value == NULL)
    return g_strdup (_ ("(null)"));
  return g_strdup (value[0] != '\0' ? value : _ ("(blank)"));
}

static char *
dup_expected (gpointer item)
{
  SlipCellPair *self = SLIP_CELL_PAIR (item);

  return self->no_expected ? g_strdup ("") : dup_shown (self->expected);
}

static char *
dup_actual (gpointer item)
{
  SlipCellPair *self = SLIP_CELL_PAIR (item);

  return self->no_actual ? g_strdup ("") : dup_shown (self->actual);
}

static char *
dup_rule (gpointer item)
{
  return g_strdup (SLIP_CELL_PAIR (item)->rule);
}

const SlipColumn slip_cell_pair_columns[SLIP_CELL_PAIR_N_COLUMNS] = {
    {.title = N_ ("Column"), .width_chars = 14, .text = dup_pair_column},
    {.title = N_ ("Mark"), .width_chars = 7, .text = dup_mark, .tone = get_mark_tone},
    {.title = N_ ("Expected"), .width_chars = 14, .expand = TRUE, .text = dup_expected},
    {.title = N_ ("Actual"), .width_chars = 14, .expand = TRUE, .text = dup_actual},
    {.title = N_ ("Mapping rule"), .width_chars = 18, .expand = TRUE, .text = dup_rule},
};

static char *
dup_member (JsonObject *object, const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, FALSE);
}

SlipCellPair *
slip_cell_pair_new (SlipMigration *migration,
                    const char *mapping,
                    const char *column,
                    JsonObject *expected,
                    JsonObject *actual)
{
  SlipCellPair *self;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration) && mapping != NULL && column != NULL, NULL);

  self = g_object_new (SLIP_TYPE_CELL_PAIR, NULL);
  self->column = g_strdup (column);
  self->expected = dup_member (expected, column);
  self->actual = dup_member (actual, column);
  self->no_expected = expected == NULL;
  self->no_actual = actual == NULL;
  self->differs
      = expected != NULL && actual != NULL && g_strcmp0 (self->expected, self->actual) != 0;
  self->rule = slip_mapping_rule_dup_text (migration, mapping, column);
  return self;
}

gboolean
slip_cell_pair_differs (SlipCellPair *self)
{
  g_return_val_if_fail (SLIP_IS_CELL_PAIR (self), FALSE);
  return self->differs;
}
