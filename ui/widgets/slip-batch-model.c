/* SPDX-License-Identifier: MIT */

/* The first rows of a tree, in places that are used again. Which places there are is known from who
 * holds them: a view holds those that have widgets. When rows in sight change and nobody has scrolled,
 * every place stays where it is and gets another row, of which the view is not told at all. Further down
 * what is in sight must stay there: then all below is told anew as far as there are places, in one
 * change, since a view finds an item again only within one; the rows behind have no widgets and come
 * with the next frames. */

#include "config.h"

#include "slip-batch-model.h"

/* So many rows in sight may come between two frames and have widgets made. */
#define FEW_ROWS 3
/* So long may places say that they have another row before a frame, which then measures these rows. */
#define PORTION_US 2000
/* A view with so many rows has all the widgets that it ever has. */
#define MANY_ROWS 240

struct _SlipBatchModel
{
  GObject parent_instance;

  GListModel *model; /* owned */
  guint n_shown;     /* rows of the model that are shown */
  GHashTable *slots; /* owned; item → SlipSlot, neither referenced: all that somebody holds */
  GPtrArray *spare;  /* owned; element-type SlipSlot; while a change is told: to be used again */
  GPtrArray *untold; /* owned; element-type SlipSlot; they have another row and did not say so */
  SlipSlot *pinned;  /* owned, nullable */
  guint n_before;    /* rows of the model when it last changed */
  guint first;       /* all places with widgets are from here … */
  guint end;         /* … to before here */
  guint few_left;
  gboolean is_held;
  gboolean is_at_top;
  guint prefix; /* while held: rows before the first change */
  guint suffix; /* while held: rows after the last change */
};

static void
slot_gone_cb (gpointer data, GObject *where)
{
  SlipBatchModel *self = data;
  gpointer item = slip_slot_get_item ((SlipSlot *)where);

  if (g_hash_table_lookup (self->slots, item) == (gpointer)where)
    g_hash_table_remove (self->slots, item);
}

static void
let_slot_stand (SlipBatchModel *self, SlipSlot *slot, GtkTreeListRow *row)
{
  slip_slot_set_row (slot, row);
  g_hash_table_insert (self->slots, slip_slot_get_item (slot), slot);
}

static SlipSlot *
use_spare (SlipBatchModel *self)
{
  g_autoptr (SlipSlot) slot = g_ptr_array_steal_index (self->spare, 0);

  slot_gone_cb (self, G_OBJECT (slot));
  g_ptr_array_add (self->untold, g_object_ref (slot));
  return g_steal_pointer (&slot);
}

static SlipSlot *
make_slot (SlipBatchModel *self)
{
  SlipSlot *slot = slip_slot_new ();

  g_object_weak_ref (G_OBJECT (slot), slot_gone_cb, self);
  return slot;
}

static GType
slip_batch_model_get_item_type (GListModel *model)
{
  return SLIP_TYPE_SLOT;
}

static guint
slip_batch_model_get_n_items (GListModel *model)
{
  return SLIP_BATCH_MODEL (model)->n_shown;
}

static gpointer
slip_batch_model_get_item (GListModel *model, guint position)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (model);
  g_autoptr (GtkTreeListRow) row = NULL;
  g_autoptr (GObject) item = NULL;
  g_autoptr (SlipSlot) slot = NULL;

  if (position < self->n_shown)
    row = g_list_model_get_item (self->model, position);
  if (row == NULL)
    return NULL;
  item = gtk_tree_list_row_get_item (row);
  slot = g_hash_table_lookup (self->slots, item);
  if (slot != NULL)
    {
      g_object_ref (slot);
      slip_slot_set_position (slot, position);
      if (slip_slot_get_row (slot) == row)
        return g_steal_pointer (&slot);
      slip_slot_set_row (slot, row);
      g_ptr_array_add (self->untold, g_object_ref (slot));
      return g_steal_pointer (&slot);
    }
  slot = self->spare->len > 0 ? use_spare (self) : make_slot (self);
  let_slot_stand (self, slot, row);
  slip_slot_set_position (slot, position);
  self->first = MIN (self->first, position);
  self->end = MAX (self->end, position + 1);
  return g_steal_pointer (&slot);
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

/* The first @least, and more while @until has not come. */
static void
tell_untold (SlipBatchModel *self, guint least, gint64 until)
{
  for (guint i = 0; self->untold->len > 0 && (i < least || g_get_monotonic_time () < until); i++)
    {
      g_autoptr (SlipSlot) slot = g_ptr_array_steal_index (self->untold, 0);

      slip_slot_tell (slot);
    }
}

static void
tell_portion (SlipBatchModel *self)
{
  tell_untold (self, 1, g_get_monotonic_time () + PORTION_US);
}

/* Where a place's row stands in the model now, G_MAXUINT when it is gone. */
static guint
get_position (SlipSlot *slot)
{
  GtkTreeListRow *row = slip_slot_get_row (slot);
  g_autoptr (GObject) item = gtk_tree_list_row_get_item (row);

  return item != NULL ? gtk_tree_list_row_get_position (row) : G_MAXUINT;
}

/* Places whose rows stood at @position or behind it before the change, and how many they are. */
static guint
count_below (SlipBatchModel *self, guint position)
{
  GHashTableIter iter;
  gpointer slot;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    if (slot != self->pinned && get_position (slot) >= position)
      n++;
  return n;
}

static GHashTable *
find_staying (SlipBatchModel *self, guint position, guint n)
{
  GHashTable *staying = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (self->model, position + i);
      g_autoptr (GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
      gpointer slot = item != NULL ? g_hash_table_lookup (self->slots, item) : NULL;

      if (slot != NULL)
        g_hash_table_add (staying, slot);
    }
  return staying;
}

static void
collect_spare (SlipBatchModel *self, guint position, guint added)
{
  g_autoptr (GHashTable) staying = find_staying (self, position, added);
  GHashTableIter iter;
  gpointer slot;

  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    if (slot != self->pinned && !g_hash_table_contains (staying, slot)
        && get_position (slot) >= position)
      g_ptr_array_add (self->spare, g_object_ref (slot));
}

static void
look_where_slots_are (SlipBatchModel *self)
{
  GHashTableIter iter;
  gpointer slot;

  self->first = G_MAXUINT;
  self->end = 0;
  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    {
      guint position = slot != self->pinned ? get_position (slot) : G_MAXUINT;

      if (position >= self->n_shown)
        continue;
      self->first = MIN (self->first, position);
      self->end = MAX (self->end, position + 1);
    }
}

/* Places that stand behind a change stand further on, and those within it nowhere until they are asked
 * for again. */
static void
move_places (SlipBatchModel *self, guint position, guint removed, guint added)
{
  GHashTableIter iter;
  gpointer slot;

  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    {
      guint old = slip_slot_get_position (slot);

      if (old == G_MAXUINT || old < position)
        continue;
      slip_slot_set_position (slot, old - position < removed ? G_MAXUINT : old - removed + added);
    }
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  guint one = slip_slot_get_position (*(SlipSlot *const *)a);
  guint two = slip_slot_get_position (*(SlipSlot *const *)b);

  return one < two ? -1 : one > two;
}

/* From the top, each once: what is in sight comes first. */
static void
sort_untold (SlipBatchModel *self)
{
  g_ptr_array_sort (self->untold, compare_places);
  for (guint i = self->untold->len; i > 1; i--)
    if (g_ptr_array_index (self->untold, i - 1) == g_ptr_array_index (self->untold, i - 2))
      g_ptr_array_remove_index (self->untold, i - 1);
}

/* The pinned place follows its row from @from to @to, and those between make room. */
static void
step_aside (GPtrArray *places, guint from, guint to)
{
  for (guint i = 0; i < places->len; i++)
    {
      SlipSlot *slot = g_ptr_array_index (places, i);
      guint position = slip_slot_get_position (slot);

      if (to < from && position >= to && position < from)
        slip_slot_set_position (slot, position + 1);
      else if (to > from && position > from && position <= to)
        slip_slot_set_position (slot, position - 1);
    }
}

/* The places from @position on, except the pinned one, without their rows. */
static GPtrArray *
take_places (SlipBatchModel *self, guint position)
{
  GPtrArray *places = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer slot;

  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    if (slot != self->pinned && slip_slot_get_position (slot) != G_MAXUINT
        && slip_slot_get_position (slot) >= position)
      {
        g_ptr_array_add (places, g_object_ref (slot));
        g_hash_table_iter_remove (&iter);
      }
  return places;
}

static void
fill_places (SlipBatchModel *self, GPtrArray *places, guint shown)
{
  for (guint i = 0; i < places->len; i++)
    {
      SlipSlot *slot = g_ptr_array_index (places, i);
      guint position = slip_slot_get_position (slot);
      g_autoptr (GtkTreeListRow) row
          = position < shown ? g_list_model_get_item (self->model, position) : NULL;

      if (row == NULL)
        {
          slip_slot_set_position (slot, G_MAXUINT);
          continue;
        }
      if (row != slip_slot_get_row (slot))
        g_ptr_array_add (self->untold, g_object_ref (slot));
      let_slot_stand (self, slot, row);
    }
  sort_untold (self);
}

/* Where what the pinned place shows stands now; G_MAXUINT when it is gone, or far down under another
 * row, which a list that sorts its items anew makes of them. */
static guint
find_pinned (SlipBatchModel *self, guint position)
{
  guint found = get_position (self->pinned);

  for (guint i = position; found == G_MAXUINT && i < self->end; i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (self->model, i);
      g_autoptr (GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

      if (row == NULL)
        break;
      if (item != slip_slot_get_item (self->pinned))
        continue;
      slip_slot_set_row (self->pinned, row);
      g_ptr_array_add (self->untold, g_object_ref (self->pinned));
      found = i;
    }
  return found;
}

static void
move_pinned (SlipBatchModel *self, GPtrArray *places, guint to)
{
  if (to != G_MAXUINT)
    step_aside (places, slip_slot_get_position (self->pinned), to);
  slip_slot_set_position (self->pinned, to);
}

/* The pinned place is the only one that a view has to find again. */
static void
tell_pinned (SlipBatchModel *self, guint from, guint to)
{
  guint first = to == G_MAXUINT ? from : MIN (from, to);
  guint n = to == G_MAXUINT ? 1 : MAX (from, to) - first + 1;

  if (from != to)
    g_list_model_items_changed (G_LIST_MODEL (self), first, n, n);
}

/* The places from @position on stay and get other rows. Returns FALSE when the pinned row comes from
 * where there are no more places, or goes where there were none. */
static gboolean
refill (SlipBatchModel *self, guint position, guint shown)
{
  guint old = self->n_shown;
  guint common = MIN (old, shown);
  guint from = self->pinned != NULL ? slip_slot_get_position (self->pinned) : G_MAXUINT;
  guint to = from != G_MAXUINT && from >= position ? find_pinned (self, position) : from;
  g_autoptr (GPtrArray) places = NULL;

  if (to >= shown)
    to = G_MAXUINT;
  if (from != to && to != G_MAXUINT && (to >= common || from >= common))
    return FALSE;
  places = take_places (self, position);
  if (from != to)
    move_pinned (self, places, to);
  fill_places (self, places, shown);
  self->n_shown = shown;
  if (old != shown)
    g_list_model_items_changed (G_LIST_MODEL (self), common, old - common, shown - common);
  if (from < common)
    tell_pinned (self, from, to);
  look_where_slots_are (self);
  return TRUE;
}

/* All from @position on is told anew, and of the rest so much as there are places. */
static void
retell (SlipBatchModel *self, guint position, guint at_once, gboolean in_place)
{
  guint n = g_list_model_get_n_items (self->model);
  guint removed = self->n_shown - position;
  guint shown = MIN (n, MAX (position + count_below (self, position), at_once));

  if (in_place && refill (self, position, self->n_shown >= MANY_ROWS ? n : shown))
    return;
  collect_spare (self, position, shown - position);
  move_places (self, position, removed, 0);
  self->n_shown = shown;
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, shown - position);
  g_ptr_array_set_size (self->spare, 0);
  look_where_slots_are (self);
}

static void
tell (SlipBatchModel *self, guint position, guint removed, guint added)
{
  self->n_shown = self->n_shown - removed + added;
  if (removed == 0 && added == 0)
    return;
  move_places (self, position, removed, added);
  if (position < self->first && position + removed <= self->first)
    {
      self->first = self->first - removed + added;
      self->end = self->end - removed + added;
    }
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
  if (position < self->end)
    look_where_slots_are (self);
  tell_untold (self, G_MAXUINT, 0);
}

/* Whether the change is where a view at the top has widgets, or would make some. */
static gboolean
is_near_top (SlipBatchModel *self, guint position)
{
  return self->end == 0 || (self->first == 0 && position < MAX (self->end, MANY_ROWS));
}

static void
items_changed_cb (SlipBatchModel *self, guint position, guint removed, guint added)
{
  guint n = g_list_model_get_n_items (self->model);
  gboolean is_whole = self->n_shown == n - added + removed;
  guint gone;

  if (self->is_held)
    {
      self->prefix = MIN (self->prefix, position);
      self->suffix = MIN (self->suffix, n - position - added);
      return;
    }
  if (position > self->n_shown || (position == self->n_shown && !is_whole))
    return;
  /* Further down what is seen may stand right behind the change, and is not to be cut off. */
  if (is_near_top (self, position))
    {
      if (self->is_at_top && self->end > 0)
        {
          retell (self, position, 0, TRUE);
          return;
        }
      if (MAX (added, removed) > self->few_left)
        {
          retell (self, position, self->end == 0 ? position + FEW_ROWS : 0, FALSE);
          tell_portion (self);
          return;
        }
      self->few_left -= added;
    }
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
  GHashTableIter iter;
  gpointer slot;

  if (self->model != NULL)
    g_signal_handlers_disconnect_by_data (self->model, self);
  self->n_shown = 0;
  g_ptr_array_set_size (self->untold, 0);
  g_clear_object (&self->pinned);
  g_hash_table_iter_init (&iter, self->slots);
  while (g_hash_table_iter_next (&iter, NULL, &slot))
    g_object_weak_unref (slot, slot_gone_cb, self);
  g_hash_table_remove_all (self->slots);
  g_clear_object (&self->model);
  G_OBJECT_CLASS (slip_batch_model_parent_class)->dispose (object);
}

static void
slip_batch_model_finalize (GObject *object)
{
  SlipBatchModel *self = SLIP_BATCH_MODEL (object);

  g_hash_table_unref (self->slots);
  g_ptr_array_unref (self->spare);
  g_ptr_array_unref (self->untold);
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
  self->slots = g_hash_table_new (NULL, NULL);
  self->spare = g_ptr_array_new_with_free_func (g_object_unref);
  self->untold = g_ptr_array_new_with_free_func (g_object_unref);
  self->first = G_MAXUINT;
  self->few_left = FEW_ROWS;
}

SlipBatchModel *
slip_batch_model_new (GListModel *model, guint at_once)
{
  SlipBatchModel *self;

  g_return_val_if_fail (G_IS_LIST_MODEL (model), NULL);

  self = g_object_new (SLIP_TYPE_BATCH_MODEL, NULL);
  self->model = model;
  self->n_shown = MIN (g_list_model_get_n_items (model), at_once);
  g_signal_connect_swapped (model, "items-changed", G_CALLBACK (items_changed_cb), self);
  return self;
}

void
slip_batch_model_begin (SlipBatchModel *self)
{
  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));
  g_return_if_fail (!self->is_held);

  self->is_held = TRUE;
  self->n_before = g_list_model_get_n_items (self->model);
  self->prefix = G_MAXUINT;
  self->suffix = G_MAXUINT;
}

gboolean
slip_batch_model_end (SlipBatchModel *self, guint at_once, guint in_sight)
{
  guint n;
  guint suffix;

  g_return_val_if_fail (SLIP_IS_BATCH_MODEL (self), FALSE);
  g_return_val_if_fail (self->is_held, FALSE);

  self->is_held = FALSE;
  n = g_list_model_get_n_items (self->model);
  if (self->prefix == G_MAXUINT)
    return FALSE;
  if (self->n_shown < self->n_before && self->prefix >= self->n_shown)
    return FALSE;
  if (self->n_shown == self->n_before && !is_near_top (self, self->prefix)
      && self->prefix >= self->end)
    {
      suffix = MIN (self->suffix, MIN (n, self->n_shown) - self->prefix);
      tell (self, self->prefix, self->n_shown - self->prefix - suffix, n - self->prefix - suffix);
      return FALSE;
    }
  retell (self, self->prefix, at_once, self->first == 0);
  tell_untold (self, in_sight, 0);
  return TRUE;
}

void
slip_batch_model_grow (SlipBatchModel *self, guint rows)
{
  guint added;

  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));

  self->few_left = FEW_ROWS;
  if (self->untold->len > 0 && rows != G_MAXUINT)
    {
      tell_portion (self);
      return;
    }
  added = MIN (g_list_model_get_n_items (self->model) - self->n_shown, rows);
  self->n_shown += added;
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), self->n_shown - added, 0, added);
  tell_untold (self, G_MAXUINT, 0);
}

void
slip_batch_model_pin (SlipBatchModel *self, SlipSlot *slot)
{
  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));

  g_set_object (&self->pinned, slot);
}

void
slip_batch_model_set_at_top (SlipBatchModel *self, gboolean is_at_top)
{
  g_return_if_fail (SLIP_IS_BATCH_MODEL (self));
  self->is_at_top = is_at_top;
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
  return self->untold->len > 0 || self->n_shown < g_list_model_get_n_items (self->model);
}
