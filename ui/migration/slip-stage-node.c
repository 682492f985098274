/* SPDX-License-Identifier: MIT */

/* One line of a run's tree. Lists of them are brought up to date by difference, so that a person who looks at a run that
 * goes on keeps her place. */

#include "config.h"

#include "slip-stage-node.h"

struct _SlipStageNode
{
  GObject parent_instance;

  char *id;
  SlipStageNodeText text; /* its texts are owned */
  GListStore *children;   /* owned */
};

G_DEFINE_FINAL_TYPE (SlipStageNode, slip_stage_node, G_TYPE_OBJECT)

static GParamSpec *text_property;

static void
free_text (SlipStageNodeText *text)
{
  g_free ((char *)text->title);
  g_free ((char *)text->state);
  g_free ((char *)text->rows);
  g_free ((char *)text->rate);
  g_free ((char *)text->time);
  g_free ((char *)text->note);
}

static void
slip_stage_node_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_pointer (value, &SLIP_STAGE_NODE (object)->text);
}

static void
slip_stage_node_finalize (GObject *object)
{
  SlipStageNode *self = SLIP_STAGE_NODE (object);

  g_free (self->id);
  free_text (&self->text);
  g_object_unref (self->children);
  G_OBJECT_CLASS (slip_stage_node_parent_class)->finalize (object);
}

static void
slip_stage_node_class_init (SlipStageNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = slip_stage_node_get_property;
  object_class->finalize = slip_stage_node_finalize;
  text_property = g_param_spec_pointer (
      "text", NULL, NULL, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, text_property);
}

static void
slip_stage_node_init (SlipStageNode *self)
{
  self->children = g_list_store_new (SLIP_TYPE_STAGE_NODE);
}

const SlipStageNodeText *
slip_stage_node_get_text (SlipStageNode *self)
{
  g_return_val_if_fail (SLIP_IS_STAGE_NODE (self), NULL);
  return &self->text;
}

const char *
slip_stage_node_get_id (SlipStageNode *self)
{
  g_return_val_if_fail (SLIP_IS_STAGE_NODE (self), NULL);
  return self->id;
}

GListStore *
slip_stage_node_get_children (SlipStageNode *self)
{
  g_return_val_if_fail (SLIP_IS_STAGE_NODE (self), NULL);
  return self->children;
}

static gboolean
is_same (const SlipStageNodeText *a, const SlipStageNodeText *b)
{
  return a->tone == b->tone && g_strcmp0 (a->title, b->title) == 0
         && g_strcmp0 (a->state, b->state) == 0 && g_strcmp0 (a->rows, b->rows) == 0
         && g_strcmp0 (a->rate, b->rate) == 0 && g_strcmp0 (a->time, b->time) == 0
         && g_strcmp0 (a->note, b->note) == 0;
}

static void
set_text (SlipStageNode *self, const SlipStageNodeText *text)
{
  gboolean same = is_same (&self->text, text);

  self->text.measure = text->measure;
  if (same)
    return;
  free_text (&self->text);
  self->text = (SlipStageNodeText){
      .title = g_strdup (text->title),
      .tone = text->tone,
      .state = g_strdup (text->state),
      .rows = g_strdup (text->rows),
      .rate = g_strdup (text->rate),
      .time = g_strdup (text->time),
      .note = g_strdup (text->note),
      .leaf = text->leaf,
      .measure = text->measure,
  };
  g_object_notify_by_pspec (G_OBJECT (self), text_property);
}

static guint
find (GListStore *nodes, guint from, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (nodes));

  for (guint i = from; i < n; i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (G_LIST_MODEL (nodes), i);

      if (g_str_equal (node->id, id))
        return i;
    }
  return n;
}

SlipStageNode *
slip_stage_nodes_put (GListStore *nodes,
                      guint position,
                      const char *id,
                      const SlipStageNodeText *text)
{
  g_autoptr (SlipStageNode) node = NULL;
  guint found;

  g_return_val_if_fail (G_IS_LIST_STORE (nodes) && id != NULL && text != NULL, NULL);

  found = find (nodes, position, id);
  if (found == position)
    node = g_list_model_get_item (G_LIST_MODEL (nodes), position);
  if (node == NULL && found < g_list_model_get_n_items (G_LIST_MODEL (nodes)))
    {
      node = g_list_model_get_item (G_LIST_MODEL (nodes), found);
      g_list_store_remove (nodes, found);
      g_list_store_insert (nodes, position, node);
    }
  if (node == NULL)
    {
      node = g_object_new (SLIP_TYPE_STAGE_NODE, NULL);
      node->id = g_strdup (id);
      set_text (node, text);
      g_list_store_insert (nodes, position, node);
      return node; /* the list keeps it */
    }
  set_text (node, text);
  return node;
}

void
slip_stage_nodes_cut (GListStore *nodes, guint n)
{
  guint have = g_list_model_get_n_items (G_LIST_MODEL (nodes));

  if (have > n)
    g_list_store_splice (nodes, n, have - n, NULL, 0);
}
