/* SPDX-License-Identifier: MIT */

/* A prefix of a model and, for a few frames, old rows below what is seen. Dropping two hundred rows
 * costs a view as much as making some, so those that nobody sees leave as the new ones come. */

#include "config.h"

#include "slip-batch-model.h"

struct _SlipBatchModel
{
  GObject parent_instance;

  GListModel *model; /* owned */
  guint n_shown;     /* rows of the model that are shown */
  GPtrArray *stale; /* owned; element-type GObject; old rows behind them, until the new ones come */
  GPtrArray *kept;  /* owned; while held: the first rows as they were */
  gboolean is_held;
  gboolean was_whole; /* when the holding began */
  guint prefix;       /* while held: rows before the first change */
  guint suffix;       /* while held: rows after the last change */
};

static GType
slip_batch_model_get_item_type (GListModel *model)
{
  return g_list_model_get_item_type (SLIP_BATCH_MODEL (model)->model);
}

static guint
slip_batch_model_get_n_items (GListModel *model)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (model);

  return self->n_shown + self->stale->len;
}

static gpointer
slip_batch_model_get_item (GListModel *model, guint position)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (model);

  if (position < self->n_shown)
    return g_list_model_get_item (self->model, position);
  position -= self->n_shown;
  return position < self->stale->len ? g_object_ref (g_ptr_array_index (self->stale, position))
                                     : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_batch_model_get_item_type;
  iface->get_n_items = slip_batch_model_get_n_items;
  iface->get_item = slip_batch_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipBatchModel,
                               slip_batch_model,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
tell (SlipBatchModel *self, guint position, guint removed, guint added)
{
  self->n_shown = self->n_shown - removed + added;
  if (removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
items_changed_cb (SlipBatchModel *self, guint position, guint removed, guint added)
{
  guint n = g_list_model_get_n_items (self->model);
  guint n_before = n - added + removed;
  gboolean is_whole = self->n_shown == n_before && self->stale->len == 0;
  guint gone;

  if (self->is_held)
    {
      self->prefix = MIN (self->prefix, position);
      self->suffix = MIN (self->suffix, n - position - added);
      return;
    }
  if (position > self->n_shown || (position == self->n_shown && !is_whole))
    return;
  gone = MIN (removed, self->n_shown - position);
  /* Rows behind the change that are shown must stay behind all of it. */
  if (!is_whole && position + removed >= self->n_shown)
    tell (self, position, gone, MIN (added, gone));
  else
    tell (self, position, gone, added);
}

static void
slip_batch_model_dispose (GObject *object)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (object);

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  self->n_shown = 0;
  g_ptr_array_set_size (self->stale, 0);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (slip_batch_model_parent_class)->dispose (object);
}

static void
slip_batch_model_finalize (GObject *object)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (object);

  g_ptr_array_unref (self->stale);
  g_ptr_array_unref (self->kept);
  G_OBJECT_CLASS (slip_batch_model_parent_class)->finalize (object);
}

static void
slip_batch_model_class_init (SlipBatchModelClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_batch_model_finalize;
  G_OBJECT_CLASS (klass)->dispose = slip_batch_model_dispose;
}

static void
slip_batch_model_init (SlipBatchModel *self)
{
  self->stale = g_ptr_array_new_with_free_func (g_object_unref);
  self->kept = g_ptr_array_new_with_free_func (g_object_unref);
}

SlipBatchModel *
slip_batch_model_new (GListModel *model)
{
  SlipBatchModel *self;

  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);

  self = g_object_new (SLIP_TYPE_BATCH_MODEL, NULL);
  self->model = model;
  self->n_shown = g_list_model_get_n_items (model);
  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  return self;
}

void
slip_batch_model_begin (SlipBatchModel *self, guint with_widgets)
{
  guint n;

  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));
  g_return_if_fail (!self->is_held);

  self->is_held = TRUE;
  self->was_whole = !slip_batch_model_is_growing (self);
  self->prefix = G_MAXUINT;
  self->suffix = G_MAXUINT;
  n = MIN (with_widgets, g_list_model_get_n_items (G_LIST_MODEL (self)));
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (self->kept, g_list_model_get_item (G_LIST_MODEL (self), i));
}

/* All rows are shown and what changed lies behind those in sight: the smallest change there is. */
static void
tell_as_it_is (SlipBatchModel *self, guint n)
{
  guint suffix = MIN (self->suffix, MIN (n, self->n_shown) - self->prefix);

  tell (self, self->prefix, self->n_shown - self->prefix - suffix, n - self->prefix - suffix);
}

/* The rows from @position on are the old ones as far as they were kept. */
static void
set_stale (SlipBatchModel *self, guint position)
{
  g_ptr_array_set_size (self->stale, 0);
  for (guint i = position; i < self->kept->len; i++)
    g_ptr_array_add (self->stale, g_object_ref (g_ptr_array_index (self->kept, i)));
}

static void
replace_rows (SlipBatchModel *self, guint n, guint at_once)
{
  guint n_before = self->n_shown + self->stale->len;
  guint prefix = MIN (self->prefix, self->n_shown);
  guint shown = MIN (n, MAX (prefix, at_once));
  guint left;

  /* First what is far below, which has no widgets, then what is seen. */
  if (shown == n)
    g_ptr_array_set_size (self->kept, MIN (self->kept->len, shown));
  set_stale (self, prefix);
  self->n_shown = prefix;
  left = prefix + self->stale->len;
  if (n_before > left)
    g_list_model_items_changed (G_LIST_MODEL (self), left, n_before - left, 0);
  set_stale (self, shown);
  self->n_shown = shown;
  g_list_model_items_changed (G_LIST_MODEL (self), prefix, MIN (left, shown) - prefix,
                              shown - prefix);
}

static gboolean
tell_held (SlipBatchModel *self, guint in_sight, guint at_once)
{
  guint n = g_list_model_get_n_items (self->model);

  if (self->prefix == G_MAXUINT)
    return FALSE;
  if (!self->was_whole && self->prefix >= self->n_shown)
    return FALSE;
  if (self->was_whole && self->prefix >= in_sight)
    {
      tell_as_it_is (self, n);
      return FALSE;
    }
  replace_rows (self, n, at_once);
  return TRUE;
}

gboolean
slip_batch_model_end (SlipBatchModel *self, guint in_sight, guint at_once)
{
  gboolean changed;

  g_return_val_if_fail (SLIP_IS_BATCH_MODEL (self), FALSE);
  g_return_val_if_fail (self->is_held, FALSE);

  self->is_held = FALSE;
  changed = tell_held (self, in_sight, at_once);
  g_ptr_array_set_size (self->kept, 0);
  return changed;
}

void
slip_batch_model_grow (SlipBatchModel *self, guint rows)
{
  guint left;
  guint added;
  guint removed;

  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));

  left = g_list_model_get_n_items (self->model) - self->n_shown;
  added = MIN (left, rows);
  removed = added == left ? self->stale->len : MIN (added, self->stale->len);
  if (removed > 0)
    g_ptr_array_remove_range (self->stale, 0, removed);
  self->n_shown += added;
  if (removed > 0 || added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), self->n_shown - added, removed, added);
}

guint
slip_batch_model_get_n_shown (SlipBatchModel *self)
{
  g_return_val_if_fail (SLIP_IS_BATCH_MODEL (self), 0);
  return self->n_shown;
}

gboolean
slip_batch_model_is_growing (SlipBatchModel *self)
{
  g_return_val_if_fail (SLIP_IS_BATCH_MODEL (self), FALSE);
  return self->stale->len > 0 || self->n_shown < g_list_model_get_n_items (self->model);
}
