/* SPDX-License-Identifier: MIT */

/* A line of the editor: a mapping's column or a lookup's code, where its values are in the file, and what the draft would
 * do to it. */

#include "config.h"

#include "slip-edit-item.h"

#include <glib/gi18n.h>

#include "slip-json.h"

/* ---- what can be edited */

static const struct
{
  const char *title;
  const char *member; /* of transform_casrec */
} edits[SLIP_N_EDITS] = {
    [SLIP_EDIT_SOURCE_TABLE] = {N_ ("Source table"), "casrec_table"},
    [SLIP_EDIT_SOURCE_COLUMN] = {N_ ("Source column"), "casrec_column_name"},
    [SLIP_EDIT_TRANSFORMATION] = {N_ ("Transformation"), "requires_transformation"},
    [SLIP_EDIT_LOOKUP] = {N_ ("Lookup"), "lookup_table"},
    [SLIP_EDIT_DEFAULT] = {N_ ("Default value"), "default_value"},
    [SLIP_EDIT_VALUE] = {N_ ("Becomes"), NULL},
    [SLIP_EDIT_NAME] = {N_ ("Name"), NULL},
};

const char *
slip_edit_get_title (SlipEdit edit)
{
  g_return_val_if_fail ((guint)edit < SLIP_N_EDITS, NULL);
  return _ (edits[edit].title);
}

char *
slip_edit_dup_member_path (const char *name, const char *rest)
{
  const char *quote = strchr (name, '\'') != NULL ? "\"" : "'";

  return g_strdup_printf ("$[%s%s%s]%s", quote, name, quote, rest);
}

char *
slip_edit_dup_path (const char *name, SlipEdit edit)
{
  g_autofree char *rest = edits[edit].member != NULL
                              ? g_strdup_printf (".transform_casrec.%s", edits[edit].member)
                              : g_strdup (".sirius_mapping");

  return slip_edit_dup_member_path (name, rest);
}

JsonNode *
slip_edit_new_value (SlipType type, const char *text)
{
  g_autoptr (JsonNode) node = NULL;

  if (text[0] != '\0' && type != SLIP_TYPE_STR && type != SLIP_TYPE_DATE
      && type != SLIP_TYPE_DATETIME)
    node = slip_json_parse (text, -1, NULL);
  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    return g_steal_pointer (&node);
  return json_node_init_string (json_node_alloc (), text);
}

/* ---- the line */

G_DEFINE_FINAL_TYPE (SlipEditItem, slip_edit_item, G_TYPE_OBJECT)

static GParamSpec *edited_property;

static void
slip_edit_item_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, SLIP_EDIT_ITEM (object)->edited);
}

static void
slip_edit_item_finalize (GObject *object)
{
  SlipEditItem *self = SLIP_EDIT_ITEM (object);

  g_free (self->name);
  g_free (self->type);
  g_free (self->rule);
  g_free (self->to);
  G_OBJECT_CLASS (slip_edit_item_parent_class)->finalize (object);
}

static void
slip_edit_item_class_init (SlipEditItemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = slip_edit_item_get_property;
  object_class->finalize = slip_edit_item_finalize;
  edited_property
      = g_param_spec_boolean ("edited", NULL, NULL, FALSE,
                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, edited_property);
}

static void
slip_edit_item_init (SlipEditItem *self)
{
}

SlipEditItem *
slip_edit_item_new (const char *name, const char *type, char *rule)
{
  SlipEditItem *self = g_object_new (SLIP_TYPE_EDIT_ITEM, NULL);

  self->name = g_strdup (name);
  self->type = g_strdup (type);
  self->rule = rule;
  return self;
}

void
slip_edit_item_mark (SlipEditItem *item)
{
  item->edited = TRUE;
  g_object_notify_by_pspec (G_OBJECT (item), edited_property);
}

void
slip_edit_item_take_rule (SlipEditItem *item, char *rule)
{
  g_free (item->rule);
  item->rule = rule;
  slip_edit_item_mark (item);
}

static gboolean
is_set (SlipEditItem *item, SlipDefinitionDraft *draft, const char *file)
{
  g_autofree char *complete = slip_edit_dup_member_path (item->name, SLIP_EDIT_COMPLETE);
  gboolean set = slip_definition_draft_get (draft, file, complete) != NULL;

  for (guint i = 0; i < SLIP_N_EDITS && !set; i++)
    {
      g_autofree char *path = slip_edit_dup_path (item->name, i);

      set = slip_definition_draft_get (draft, file, path) != NULL;
    }
  return set;
}

/* What the draft would do to a line. */
void
slip_edit_item_take_draft (SlipEditItem *item, SlipDefinitionDraft *draft, const char *file)
{
  const char *to;
  gboolean other = slip_definition_draft_get_name (draft, file, item->name, &to);

  item->removed = other && to == NULL;
  g_free (item->to);
  item->to = other ? g_strdup (to) : NULL;
  item->edited = item->edited || other || is_set (item, draft, file);
  g_object_notify_by_pspec (G_OBJECT (item), edited_property);
}

/* ---- how it reads */

static char *
dup_name (gpointer item)
{
  SlipEditItem *self = SLIP_EDIT_ITEM (item);
  const char *name = self->name[0] != '\0' ? self->name : _ ("(blank)");

  return self->to != NULL ? g_strdup_printf ("%s → %s", name, self->to) : g_strdup (name);
}

static char *
dup_state (gpointer item)
{
  SlipEditItem *self = SLIP_EDIT_ITEM (item);

  if (self->removed)
    return g_strdup (_ ("removed"));
  if (self->to != NULL)
    return g_strdup (_ ("renamed"));
  if (self->edited)
    return g_strdup (self->is_code || self->complete ? _ ("edited") : _ ("edited, open"));
  if (self->is_code)
    return g_strdup (_ ("known"));
  return g_strdup (self->complete ? _ ("signed off") : _ ("open"));
}

static SlipTone
get_state_tone (gpointer item)
{
  SlipEditItem *self = SLIP_EDIT_ITEM (item);

  if (self->removed)
    return SLIP_TONE_BAD;
  if (self->edited || self->to != NULL)
    return SLIP_TONE_BUSY;
  return self->complete ? SLIP_TONE_GOOD : SLIP_TONE_WARNING;
}

static char *
dup_type (gpointer item)
{
  return g_strdup (SLIP_EDIT_ITEM (item)->type);
}

static char *
dup_rule (gpointer item)
{
  return g_strdup (SLIP_EDIT_ITEM (item)->rule);
}

const SlipColumn slip_edit_item_columns[SLIP_EDIT_ITEM_N_COLUMNS] = {
    {.title = N_ ("Column or code"), .width_chars = 20, .text = dup_name},
    {.title = N_ ("State"), .width_chars = 10, .text = dup_state, .tone = get_state_tone},
    {.title = N_ ("Type"), .width_chars = 8, .text = dup_type},
    {.title = N_ ("Rule"), .width_chars = 24, .expand = TRUE, .text = dup_rule},
};
