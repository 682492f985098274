/* SPDX-License-Identifier: MIT */

/* A view of this GTK release makes the widgets of two hundred rows, each some milliseconds. Here it gets
 * a few at once and the others with the frames that follow, and keeps them from then on. */

#include "config.h"

#include "slip-estate-rows.h"

#include "slip-batch-model.h"
#include "slip-tree-keys.h"

#define ROW_HEIGHT 24
#define ROWS_AT_FIRST 4
#define GROW_US 2500
#define ROWS_WITH_WIDGETS 240
/* All that are left, after the places that have another row have said so in portions. */
#define ALL_IN_TURN (G_MAXUINT - 1)
#define MAX_DEPTH 8
#define MAX_EXPANDED 100
#define WALK_US 4000
#define WALK_AT_MOST_US 8000

struct _SlipEstateRows
{
  GObject parent_instance;

  GtkTreeListModel *tree;  /* owned */
  SlipBatchModel *batch;   /* owned */
  GtkWidget *view;         /* borrowed */
  SlipFilterState *filter; /* owned */
  guint tick;
  guint frames;    /* since the rows in sight changed */
  guint next_root; /* to filter and to expand; G_MAXUINT when there is none */
  gboolean expands;
  guint expanded;
  gboolean is_busy;
};

enum
{
  SETTLED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SlipEstateRows, slip_estate_rows, G_TYPE_OBJECT)

static void
slip_estate_rows_dispose (GObject *object)
{
  SlipEstateRows *self = SLIP_ESTATE_ROWS (object);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (self->view, self->tick);
  self->tick = 0;
  self->is_busy = FALSE;
  if (self->batch != NULL)
    g_signal_handlers_disconnect_by_data (self->batch, self);
  if (self->tree != NULL)
    g_signal_handlers_disconnect_by_data (self->tree, self);
  g_clear_object (&self->batch);
  g_clear_object (&self->tree);
  g_clear_object (&self->filter);
  G_OBJECT_CLASS (slip_estate_rows_parent_class)->dispose (object);
}

static void
slip_estate_rows_class_init (SlipEstateRowsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_estate_rows_dispose;
  signals[SETTLED] = g_signal_new ("settled", SLIP_TYPE_ESTATE_ROWS, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_estate_rows_init (SlipEstateRows *self)
{
  self->next_root = G_MAXUINT;
}

GListModel *
slip_estate_rows_get_model (SlipEstateRows *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_ROWS (self), NULL);
  return G_LIST_MODEL (self->batch);
}

static guint
count_in_sight (SlipEstateRows *self)
{
  return (guint)gtk_widget_get_height (self->view) / ROW_HEIGHT + 1;
}

static void
tell (SlipEstateRows *self)
{
  if (!slip_batch_model_end (self->batch, ROWS_AT_FIRST, count_in_sight (self)))
    return;
  self->frames = 0;
  /* Not through the adjustment: the new rows have no heights before the next frame. */
  if (slip_batch_model_get_n_shown (self->batch) > 0)
    slip_tree_keys_scroll_to (self->view, 0);
}

/* A row and those below it that have rows of their own. Looks among resources, which are there, and not
 * among rows, each of which would have to be made. */
static guint
expand_row (GtkTreeListRow *row, guint depth)
{
  g_autoptr (SlipResource) resource = gtk_tree_list_row_get_item (row);
  GListModel *level;
  guint expanded = 0;
  guint n;

  if (!gtk_tree_list_row_is_expandable (row))
    return 0;
  if (!gtk_tree_list_row_get_expanded (row))
    {
      gtk_tree_list_row_set_expanded (row, TRUE);
      expanded++;
    }
  /* Nothing stands below a snapshot, and there are tens of thousands. */
  if (slip_tree_filter_is_long (resource))
    return expanded;
  level = gtk_tree_list_row_get_children (row);
  n = level != NULL && depth < MAX_DEPTH ? g_list_model_get_n_items (level) : 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) child = g_list_model_get_item (level, i);
      g_autoptr (GtkTreeListRow) child_row = NULL;

      if (slip_resource_get_children (child) == NULL)
        continue;
      child_row = gtk_tree_list_row_get_child_row (row, i);
      expanded += expand_row (child_row, depth + 1);
    }
  return expanded;
}

/* Brings one row of the first level and those below it to what is asked for. */
static guint
walk_root (SlipEstateRows *self, GtkTreeListRow *row)
{
  g_autoptr (SlipResource) resource = gtk_tree_list_row_get_item (row);
  GListModel *level;

  slip_filter_state_tell_below (self->filter, resource);
  if (self->expands && self->expanded < MAX_EXPANDED)
    self->expanded += expand_row (row, 0);
  level = gtk_tree_list_row_get_children (row);
  return 1 + (level != NULL ? g_list_model_get_n_items (level) : 0);
}

/* From the top, for so long that the frame is still in time; a little longer for rows in sight. */
static void
walk (SlipEstateRows *self, guint in_sight)
{
  gint64 begun = g_get_monotonic_time ();
  guint rows = 0;

  while (self->next_root != G_MAXUINT)
    {
      g_autoptr (GtkTreeListRow) row
          = gtk_tree_list_model_get_child_row (self->tree, self->next_root);
      gint64 taken = g_get_monotonic_time () - begun;

      if (taken > (rows < in_sight ? WALK_AT_MOST_US : WALK_US))
        return;
      self->next_root++;
      if (row != NULL)
        {
          rows += walk_root (self, row);
          continue;
        }
      self->next_root = G_MAXUINT;
      slip_filter_state_tell_all (self->filter);
    }
}

static void
walk_on (SlipEstateRows *self)
{
  slip_batch_model_begin (self->batch);
  walk (self, 0);
  tell (self);
}

static void
grow (SlipEstateRows *self)
{
  gint64 until = g_get_monotonic_time () + GROW_US;

  do
    {
      guint n = slip_batch_model_get_n_shown (self->batch);

      slip_batch_model_grow (self->batch, n >= ROWS_WITH_WIDGETS ? ALL_IN_TURN : 1);
    }
  while (slip_batch_model_is_growing (self->batch) && g_get_monotonic_time () < until);
}

static gboolean
settle (SlipEstateRows *self)
{
  if (self->next_root != G_MAXUINT || slip_batch_model_is_growing (self->batch))
    return FALSE;
  self->is_busy = FALSE;
  g_signal_emit (self, signals[SETTLED], 0);
  return TRUE;
}

static gboolean
tick_cb (GtkWidget *view, GdkFrameClock *clock, gpointer data)
{
  SlipEstateRows *self = data;

  /* The first frame shows what there is. */
  if (self->frames++ == 0)
    return G_SOURCE_CONTINUE;
  if (self->next_root != G_MAXUINT)
    walk_on (self);
  else
    grow (self);
  if (self->next_root != G_MAXUINT || slip_batch_model_is_growing (self->batch))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  settle (self);
  return G_SOURCE_REMOVE;
}

static void
grow_soon (SlipEstateRows *self)
{
  if (self->tick == 0 && slip_batch_model_is_growing (self->batch))
    self->tick = gtk_widget_add_tick_callback (self->view, tick_cb, self, NULL);
}

/* Before the rows are told: somebody who has scrolled looks at rows that must stay in sight. */
static void
look_where_view_is (SlipEstateRows *self)
{
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (self->view));

  slip_batch_model_set_at_top (self->batch,
                               adjustment != NULL && gtk_adjustment_get_value (adjustment) < 1);
}

SlipEstateRows *
slip_estate_rows_new (GtkTreeListModel *tree, GtkWidget *view, SlipFilterState *filter)
{
  SlipEstateRows *self;

  g_return_val_if_fail (GTK_IS_TREE_LIST_MODEL (tree), NULL);
  g_return_val_if_fail (GTK_IS_SCROLLABLE (view), NULL);

  self = g_object_new (SLIP_TYPE_ESTATE_ROWS, NULL);
  self->tree = tree;
  self->view = view;
  self->filter = g_object_ref (filter);
  g_signal_connect_swapped (tree, "items-changed", G_CALLBACK (look_where_view_is), self);
  self->batch = slip_batch_model_new (g_object_ref (G_LIST_MODEL (tree)), ROWS_AT_FIRST);
  /* Not of the batch: places that get another row are no change of it. */
  g_signal_connect_swapped (tree, "items-changed", G_CALLBACK (grow_soon), self);
  grow_soon (self);
  return self;
}

void
slip_estate_rows_begin (SlipEstateRows *self)
{
  g_return_if_fail (SLIP_IS_ESTATE_ROWS (self));

  self->is_busy = TRUE;
  slip_batch_model_begin (self->batch);
}

void
slip_estate_rows_end (SlipEstateRows *self, gboolean expand)
{
  g_return_if_fail (SLIP_IS_ESTATE_ROWS (self));

  self->next_root = 0;
  self->expands = expand;
  self->expanded = 0;
  walk (self, count_in_sight (self));
  tell (self);
  /* Nobody looks at a view without frames. */
  if (!gtk_widget_get_mapped (self->view))
    {
      while (self->next_root != G_MAXUINT)
        walk_on (self);
      slip_batch_model_grow (self->batch, G_MAXUINT);
    }
  if (!settle (self) && self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (self->view, tick_cb, self, NULL);
}

gboolean
slip_estate_rows_is_busy (SlipEstateRows *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_ROWS (self), FALSE);
  return self->is_busy || slip_batch_model_is_growing (self->batch);
}

void
slip_estate_rows_pin (SlipEstateRows *self, gpointer slot)
{
  g_return_if_fail (SLIP_IS_ESTATE_ROWS (self));
  slip_batch_model_pin (self->batch, slot);
}

void
slip_estate_rows_expand (SlipEstateRows *self, guint max)
{
  g_return_if_fail (SLIP_IS_ESTATE_ROWS (self));

  for (guint i = 0, expanded = 0; expanded < max; i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_child_row (self->tree, i);

      if (row == NULL)
        break;
      expanded += expand_row (row, 0);
    }
}

static gboolean
has_id (SlipResource *resource, const char *id)
{
  return g_strcmp0 (slip_resource_get_id (resource), id) == 0;
}

static gboolean
contains (SlipResource *resource, const char *id, guint depth)
{
  GListModel *children = slip_resource_get_children (resource);
  guint n = children != NULL && depth < MAX_DEPTH ? g_list_model_get_n_items (children) : 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) child = g_list_model_get_item (children, i);

      if (has_id (child, id) || contains (child, id, depth + 1))
        return TRUE;
    }
  return FALSE;
}

static GtkTreeListRow *
find_below (GtkTreeListRow *row, const char *id, guint depth)
{
  GListModel *level;
  guint n;

  gtk_tree_list_row_set_expanded (row, TRUE);
  level = gtk_tree_list_row_get_children (row);
  n = level != NULL && depth < MAX_DEPTH ? g_list_model_get_n_items (level) : 0;
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipResource) child = g_list_model_get_item (level, i);
      g_autoptr (GtkTreeListRow) child_row = NULL;

      if (!has_id (child, id) && !contains (child, id, depth + 1))
        continue;
      child_row = gtk_tree_list_row_get_child_row (row, i);
      return has_id (child, id) ? g_steal_pointer (&child_row)
                                : find_below (child_row, id, depth + 1);
    }
  return NULL;
}

static GtkTreeListRow *
find_row (SlipEstateRows *self, const char *id)
{
  for (guint i = 0;; i++)
    {
      g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_child_row (self->tree, i);
      g_autoptr (SlipResource) resource = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

      if (row == NULL)
        return NULL;
      if (has_id (resource, id))
        return g_steal_pointer (&row);
      if (contains (resource, id, 0))
        return find_below (row, id, 0);
    }
}

gboolean
slip_estate_rows_find (SlipEstateRows *self, const char *id, guint *position)
{
  g_autoptr (GtkTreeListRow) row = NULL;

  g_return_val_if_fail (SLIP_IS_ESTATE_ROWS (self), FALSE);
  g_return_val_if_fail (id != NULL && position != NULL, FALSE);

  row = find_row (self, id);
  if (row == NULL)
    return FALSE;
  slip_batch_model_grow (self->batch, G_MAXUINT);
  *position = gtk_tree_list_row_get_position (row);
  return TRUE;
}
