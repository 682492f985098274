/* SPDX-License-Identifier: MIT */

/* A list that a view gets in slices. What is shown is always the beginning of what there is, so that positions are the
 * same in both. */

#include "config.h"

#include "slip-slow-list.h"

#include <gtk/gtk.h>

#define AT_ONCE 4      /* items that are told with a change itself */
#define WIDGETS 220    /* a view makes no more, however many items come */
#define BUDGET_US 3000 /* for widgets of more, in one turn of the main loop */
#define PAUSE_MS 8     /* behind that: a frame has to lay out all that came since the last one */

struct _SlipSlowList
{
  GObject parent_instance;

  GListModel *model; /* owned */
  guint shown;       /* how many of its items are there */
  guint source;      /* tells more of them */
  GPtrArray *items;  /* owned; those that are there; NULL where items do not linger */
  GPtrArray *gone;   /* owned; behind those: items that were taken away, and go one after another */
};

static void slip_slow_list_model_init (GListModelInterface *interface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipSlowList,
                               slip_slow_list,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, slip_slow_list_model_init))

/* ---- the model */

static GType
slip_slow_list_get_item_type (GListModel *model)
{
  return G_TYPE_OBJECT;
}

static guint
slip_slow_list_get_n_items (GListModel *model)
{
  SlipSlowList *self = SLIP_SLOW_LIST (model);

  return self->shown + (self->gone != NULL ? self->gone->len : 0);
}

static gpointer
slip_slow_list_get_item (GListModel *model, guint position)
{
  SlipSlowList *self = SLIP_SLOW_LIST (model);

  if (position < self->shown)
    return g_list_model_get_item (self->model, position);
  return self->gone != NULL && position - self->shown < self->gone->len
             ? g_object_ref (g_ptr_array_index (self->gone, position - self->shown))
             : NULL;
}

static void
slip_slow_list_model_init (GListModelInterface *interface)
{
  interface->get_item_type = slip_slow_list_get_item_type;
  interface->get_n_items = slip_slow_list_get_n_items;
  interface->get_item = slip_slow_list_get_item;
}

/* ---- slices */

static void
show (SlipSlowList *self, guint items)
{
  guint before = self->shown;

  self->shown = MIN (g_list_model_get_n_items (self->model), before + items);
  if (self->shown > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->shown - before);
}

/* An item takes the place of one that was taken away; where there is none, or no such place, the last one goes or it comes. */
static void
exchange (SlipSlowList *self, guint items)
{
  guint before = self->shown;
  guint more = MIN (g_list_model_get_n_items (self->model) - before, items);
  guint out = MIN (self->gone->len, items);
  guint at = more > 0 ? 0 : self->gone->len - out;

  for (guint i = 0; i < more; i++)
    g_ptr_array_add (self->items, g_list_model_get_item (self->model, before + i));
  if (out > 0)
    g_ptr_array_remove_range (self->gone, at, out);
  self->shown += more;
  if (more + out > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), before + at, out, more);
}

static void
advance (SlipSlowList *self, guint items)
{
  if (self->items != NULL)
    exchange (self, items);
  else
    show (self, items);
}

/* One row after another, for as long as it does not hold up a frame. */
static gboolean
grow_cb (gpointer data)
{
  SlipSlowList *self = data;
  gint64 end = g_get_monotonic_time () + BUDGET_US;

  do
    advance (self, self->shown < WIDGETS ? 1 : G_MAXUINT - self->shown);
  while (!slip_slow_list_is_whole (self) && g_get_monotonic_time () < end);
  self->source = 0;
  if (!slip_slow_list_is_whole (self))
    self->source = g_timeout_add_full (GDK_PRIORITY_REDRAW + 10, PAUSE_MS, grow_cb, self, NULL);
  return G_SOURCE_REMOVE;
}

/* Behind frames: each draws what came since the last one. */
static void
grow_soon (SlipSlowList *self)
{
  if (self->source == 0 && !slip_slow_list_is_whole (self))
    self->source = g_idle_add_full (GDK_PRIORITY_REDRAW + 10, grow_cb, self, NULL);
}

/* What stood there and behind it stays in sight for some turns. */
static void
let_linger (SlipSlowList *self, guint position)
{
  for (guint i = position; i < self->items->len; i++)
    g_ptr_array_insert (self->gone, (int)(i - position),
                        g_object_ref (g_ptr_array_index (self->items, i)));
  g_ptr_array_set_size (self->items, (int)position);
  self->shown = position;
  exchange (self, AT_ONCE);
}

static void
changed_cb (SlipSlowList *self, guint position, guint removed, guint added)
{
  guint gone;
  guint come = MIN (added, AT_ONCE);

  if (position >= self->shown)
    {
      grow_soon (self);
      return;
    }
  if (self->items != NULL)
    {
      let_linger (self, position);
      grow_soon (self);
      return;
    }
  gone = MIN (removed, self->shown - position);
  /* What is behind more than is told at once comes again behind it. */
  if (added > come)
    gone = self->shown - position;
  self->shown = self->shown - gone + come;
  g_list_model_items_changed (G_LIST_MODEL (self), position, gone, come);
  grow_soon (self);
}

gboolean
slip_slow_list_is_whole (SlipSlowList *self)
{
  g_return_val_if_fail (SLIP_IS_SLOW_LIST (self), TRUE);
  return self->shown >= g_list_model_get_n_items (self->model)
         && (self->gone == NULL || self->gone->len == 0);
}

void
slip_slow_list_reach (GListModel *model, guint position)
{
  while (GTK_IS_SINGLE_SELECTION (model))
    model = gtk_single_selection_get_model (GTK_SINGLE_SELECTION (model));
  if (SLIP_IS_SLOW_LIST (model) && position >= SLIP_SLOW_LIST (model)->shown)
    advance (SLIP_SLOW_LIST (model), position + 1 - SLIP_SLOW_LIST (model)->shown);
}

/* ---- the object */

static void
slip_slow_list_dispose (GObject *object)
{
  SlipSlowList *self = SLIP_SLOW_LIST (object);

  g_clear_handle_id (&self->source, g_source_remove);
  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  G_OBJECT_CLASS (slip_slow_list_parent_class)->dispose (object);
}

static void
slip_slow_list_finalize (GObject *object)
{
  g_clear_object (&SLIP_SLOW_LIST (object)->model);
  g_clear_pointer (&SLIP_SLOW_LIST (object)->items, g_ptr_array_unref);
  g_clear_pointer (&SLIP_SLOW_LIST (object)->gone, g_ptr_array_unref);
  G_OBJECT_CLASS (slip_slow_list_parent_class)->finalize (object);
}

static void
slip_slow_list_class_init (SlipSlowListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_slow_list_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_slow_list_finalize;
}

static void
slip_slow_list_init (SlipSlowList *self)
{
}

GListModel *
slip_slow_list_new (GListModel *model)
{
  SlipSlowList *self;

  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);

  self = g_object_new (SLIP_TYPE_SLOW_LIST, NULL);
  self->model = model;
  self->shown = MIN (g_list_model_get_n_items (model), AT_ONCE);
  g_signal_connect_object (model, "items-changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  grow_soon (self);
  return G_LIST_MODEL (self);
}

GListModel *
slip_slow_list_new_lingering (GListModel *model)
{
  SlipSlowList *self = SLIP_SLOW_LIST (slip_slow_list_new (model));

  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  self->gone = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->shown; i++)
    g_ptr_array_add (self->items, g_list_model_get_item (model, i));
  return G_LIST_MODEL (self);
}
