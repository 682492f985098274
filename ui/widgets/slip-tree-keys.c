/* SPDX-License-Identifier: MIT */

/* Keys and scrolling that list views of this GTK release do not have themselves. */

#include "config.h"

#include "slip-tree-keys.h"

#include "slip-slot.h"

static GtkTreeListRow *
ref_row (GListModel *model, guint position)
{
  g_autoptr (GObject) item = g_list_model_get_item (model, position);
  GtkTreeListRow *row = NULL;

  if (SLIP_IS_SLOT (item))
    row = slip_slot_get_row (SLIP_SLOT (item));
  else if (GTK_IS_TREE_LIST_ROW (item))
    row = GTK_TREE_LIST_ROW (item);
  return row != NULL ? g_object_ref (row) : NULL;
}

static GtkTreeListRow *
ref_focused_row (GtkWidget *view, GtkSelectionModel *selection, guint *position)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (selection);

  if (gtk_bitset_is_empty (selected))
    return NULL;
  *position = gtk_bitset_get_minimum (selected);
  return ref_row (G_LIST_MODEL (selection), *position);
}

static GtkSelectionModel *
get_selection (GtkWidget *view)
{
  return GTK_IS_COLUMN_VIEW (view) ? gtk_column_view_get_model (GTK_COLUMN_VIEW (view))
                                   : gtk_list_view_get_model (GTK_LIST_VIEW (view));
}

static gboolean
collapse_or_leave (GtkWidget *view, GVariant *args, gpointer data)
{
  GtkSelectionModel *selection = get_selection (view);
  g_autoptr (GtkTreeListRow) row = NULL;
  g_autoptr (GtkTreeListRow) parent = NULL;
  guint position = 0;

  if (selection == NULL || (row = ref_focused_row (view, selection, &position)) == NULL)
    return GDK_EVENT_PROPAGATE;
  if (gtk_tree_list_row_get_expanded (row))
    {
      gtk_tree_list_row_set_expanded (row, FALSE);
      return GDK_EVENT_STOP;
    }
  parent = gtk_tree_list_row_get_parent (row);
  if (parent == NULL)
    return GDK_EVENT_PROPAGATE;
  while (position > 0)
    {
      g_autoptr (GtkTreeListRow) above = ref_row (G_LIST_MODEL (selection), --position);

      if (above == parent)
        {
          gtk_selection_model_select_item (selection, position, TRUE);
          slip_tree_keys_scroll_to (view, position);
          break;
        }
    }
  return GDK_EVENT_STOP;
}

static gboolean
expand (GtkWidget *view, GVariant *args, gpointer data)
{
  GtkSelectionModel *selection = get_selection (view);
  g_autoptr (GtkTreeListRow) row = NULL;
  guint position = 0;

  if (selection == NULL || (row = ref_focused_row (view, selection, &position)) == NULL)
    return GDK_EVENT_PROPAGATE;
  if (!gtk_tree_list_row_is_expandable (row) || gtk_tree_list_row_get_expanded (row))
    return GDK_EVENT_PROPAGATE;
  gtk_tree_list_row_set_expanded (row, TRUE);
  return GDK_EVENT_STOP;
}

static void
add_key (GtkEventController *controller, guint key, GtkShortcutFunc func)
{
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_keyval_trigger_new (key, 0),
                        gtk_callback_action_new (func, NULL, NULL)));
}

void
slip_tree_keys_add (GtkWidget *view)
{
  GtkEventController *controller;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (view) || GTK_IS_LIST_VIEW (view));

  controller = gtk_shortcut_controller_new ();
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  add_key (controller, GDK_KEY_Left, collapse_or_leave);
  add_key (controller, GDK_KEY_Right, expand);
  gtk_widget_add_controller (view, controller);
}

void
slip_tree_keys_scroll_to (GtkWidget *view, guint position)
{
  /* The action lives on the list inside a column view and on a list view itself. */
  GtkWidget *list = GTK_IS_COLUMN_VIEW (view) ? gtk_widget_get_last_child (view) : view;

  if (list != NULL)
    gtk_widget_activate_action (list, "list.scroll-to-item", "u", position);
}
