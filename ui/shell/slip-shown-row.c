/* SPDX-License-Identifier: MIT */

/* The navigator's selection. What a view asks to select is refused: the default methods of the interface
 * do that. */

#include "config.h"

#include "slip-shown-row.h"

#include "slip-nav-item.h"

struct _SlipShownRow
{
  GObject parent_instance;

  GListModel *rows; /* owned */
  char *page_id;
  guint position; /* GTK_INVALID_LIST_POSITION: no row is shown */
};

static GType
slip_shown_row_get_item_type (GListModel *model)
{
  return GTK_TYPE_TREE_LIST_ROW;
}

static guint
slip_shown_row_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (SLIP_SHOWN_ROW (model)->rows);
}

static gpointer
slip_shown_row_get_item (GListModel *model, guint position)
{
  return g_list_model_get_item (SLIP_SHOWN_ROW (model)->rows, position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = slip_shown_row_get_item_type;
  iface->get_n_items = slip_shown_row_get_n_items;
  iface->get_item = slip_shown_row_get_item;
}

static gboolean
slip_shown_row_is_selected (GtkSelectionModel *model, guint position)
{
  return SLIP_SHOWN_ROW (model)->position == position;
}

static GtkBitset *
slip_shown_row_get_selection_in_range (GtkSelectionModel *model, guint position, guint n_items)
{
  GtkBitset *result = gtk_bitset_new_empty ();

  if (SLIP_SHOWN_ROW (model)->position != GTK_INVALID_LIST_POSITION)
    gtk_bitset_add (result, SLIP_SHOWN_ROW (model)->position);
  return result;
}

static void
selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = slip_shown_row_is_selected;
  iface->get_selection_in_range = slip_shown_row_get_selection_in_range;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SlipShownRow,
                               slip_shown_row,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL,
                                                          selection_model_init))

static guint
find_page (SlipShownRow *self)
{
  guint n = g_list_model_get_n_items (self->rows);

  for (guint i = 0; self->page_id != NULL && i < n; i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (self->rows, i);
      g_autoptr (SlipNavItem) item = gtk_tree_list_row_get_item (row);

      if (g_strcmp0 (slip_nav_item_get_page_id (item), self->page_id) == 0)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

/* Views ask each new row whether it is selected, and carry the selection of those that move. */
static void
rows_changed_cb (SlipShownRow *self, guint position, guint removed, guint added)
{
  self->position = find_page (self);
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static void
slip_shown_row_finalize (GObject *object)
{
  SlipShownRow *self = SLIP_SHOWN_ROW (object);

  g_clear_object (&self->rows);
  g_free (self->page_id);
  G_OBJECT_CLASS (slip_shown_row_parent_class)->finalize (object);
}

static void
slip_shown_row_class_init (SlipShownRowClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_shown_row_finalize;
}

static void
slip_shown_row_init (SlipShownRow *self)
{
  self->position = GTK_INVALID_LIST_POSITION;
}

SlipShownRow *
slip_shown_row_new (GtkTreeListModel *rows)
{
  SlipShownRow *self = g_object_new (SLIP_TYPE_SHOWN_ROW, NULL);

  self->rows = G_LIST_MODEL (rows);
  g_signal_connect_object (rows, "items-changed", G_CALLBACK (rows_changed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

void
slip_shown_row_set_page (SlipShownRow *self, const char *page_id)
{
  guint before;

  g_return_if_fail (SLIP_IS_SHOWN_ROW (self));

  before = self->position;
  g_free (self->page_id);
  self->page_id = g_strdup (page_id);
  self->position = find_page (self);
  if (before == self->position)
    return;
  if (before != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), before, 1);
  if (self->position != GTK_INVALID_LIST_POSITION)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), self->position, 1);
}
