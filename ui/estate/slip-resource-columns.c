/* SPDX-License-Identifier: MIT */

/* The cells of resource lists. What the columns say is in slip-resource-table.c. Cells are made once and
 * only get new text while scrolling. */

#include "config.h"

#include "slip-resource-columns.h"

#include <glib/gi18n.h>

#include "slip-ages.h"
#include "slip-cell.h"
#include "slip-column-room.h"
#include "slip-resource-look.h"
#include "slip-resource-table.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-status.h"

#define MAX_SPARE 240

typedef struct
{
  const SlipResourceColumn *column;
  SlipKeyKinds *keys; /* owned */
  GPtrArray *spare;   /* owned; element-type GtkWidget; cells of rows that the view dropped */
} Binding;

static gboolean
is_group (SlipResource *resource)
{
  return slip_resource_get_kind (resource) == SLIP_RESOURCE_SNAPSHOT_GROUP;
}

static GtkWidget *
new_text_cell (const SlipResourceColumn *column)
{
  GtkWidget *cell = slip_cell_new ();

  slip_cell_set_chars (cell, column->width_chars, column->natural_chars);
  if (column->cell == SLIP_CELL_NUMBER)
    {
      gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 1);
      gtk_widget_add_css_class (cell, "numeric");
    }
  return cell;
}

static GtkWidget *
new_name_cell (const SlipResourceColumn *column)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *cell = new_text_cell (column);
  GtkWidget *expander = gtk_tree_expander_new ();

  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_MIDDLE);
  slip_cell_set_tooltip (cell);
  gtk_widget_set_hexpand (cell, TRUE);
  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), cell);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  return expander;
}

static GtkWidget *
new_cell (const SlipResourceColumn *column)
{
  switch (column->cell)
    {
    case SLIP_CELL_NAME:
      return new_name_cell (column);
    case SLIP_CELL_STATUS:
      return slip_status_new_cell (column->width_chars, column->natural_chars);
    case SLIP_CELL_TEXT:
    case SLIP_CELL_NUMBER:
    default:
      return new_text_cell (column);
    }
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Binding *binding)
{
  g_autoptr (GtkWidget) child = NULL;

  if (binding->spare->len > 0)
    child = g_ptr_array_steal_index_fast (binding->spare, binding->spare->len - 1);
  else
    child = g_object_ref_sink (new_cell (binding->column));
  gtk_list_item_set_child (list_item, child);
}

/* The view drops and makes hundreds of rows when a filter changes; what is inside can be kept. */
static void
teardown_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Binding *binding)
{
  GtkWidget *child = gtk_list_item_get_child (list_item);

  if (child == NULL || binding->spare->len >= MAX_SPARE)
    return;
  g_ptr_array_add (binding->spare, g_object_ref (child));
  gtk_list_item_set_child (list_item, NULL);
}

static void
show_name (GtkTreeExpander *expander, SlipResource *resource, const char *text)
{
  GtkWidget *box = gtk_tree_expander_get_child (expander);
  GtkWidget *icon = gtk_widget_get_first_child (box);
  GtkWidget *label = gtk_widget_get_last_child (box);
  const char *status = slip_resource_get_status (resource);
  const char *icon_name = slip_resource_kind_get_icon (slip_resource_get_kind (resource));
  GtkInscriptionOverflow overflow;

  /* Hundreds of cells are bound for one keystroke in the filter: nothing is set that stands already. */
  if (g_object_get_data (G_OBJECT (expander), "icon") != icon_name)
    {
      gtk_image_set_from_icon_name (GTK_IMAGE (icon), icon_name);
      g_object_set_data (G_OBJECT (expander), "icon", (gpointer)icon_name);
    }
  slip_cell_set_text (label, text);
  /* Names mostly differ at their end; a recovery point's begins with what it is of, and ends with a time
   * that its age tells as well. */
  overflow = slip_resource_get_kind (resource) == SLIP_RESOURCE_RECOVERY_POINT
                 ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END
                 : GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_MIDDLE;
  if (gtk_inscription_get_text_overflow (GTK_INSCRIPTION (label)) != overflow)
    gtk_inscription_set_text_overflow (GTK_INSCRIPTION (label), overflow);
  if (is_group (resource) != gtk_widget_has_css_class (label, "group-name"))
    {
      if (is_group (resource))
        gtk_widget_add_css_class (label, "group-name");
      else
        gtk_widget_remove_css_class (label, "group-name");
    }
  if (g_strcmp0 (g_object_get_data (G_OBJECT (label), "status"), status) == 0)
    return;
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  status != NULL ? status : "", -1);
  g_object_set_data (G_OBJECT (label), "status", (gpointer)g_intern_string (status));
}

static void
show_cell (GtkListItem *list_item, Binding *binding)
{
  SlipSlot *slot = gtk_list_item_get_item (list_item);
  SlipResource *resource = slip_slot_get_item (slot);
  g_autoptr (GtkTreeListRow) parent_row = gtk_tree_list_row_get_parent (slip_slot_get_row (slot));
  g_autoptr (SlipResource) parent
      = parent_row != NULL ? gtk_tree_list_row_get_item (parent_row) : NULL;
  GtkWidget *child = gtk_list_item_get_child (list_item);
  SlipResourceRow row = {resource, parent, binding->keys};
  g_autofree char *text = binding->column->text (&row);

  switch (binding->column->cell)
    {
    case SLIP_CELL_NAME:
      show_name (GTK_TREE_EXPANDER (child), resource, text);
      break;
    case SLIP_CELL_STATUS:
      slip_status_set (SLIP_STATUS (child), slip_resource_get_tone (resource), text);
      break;
    case SLIP_CELL_TEXT:
    case SLIP_CELL_NUMBER:
      slip_cell_set_text (child, text);
      if (binding->column->follows_clock)
        slip_ages_follow (child, slip_resource_get_created (resource));
      break;
    }
}

static void
resource_changed_cb (GtkListItem *list_item)
{
  Binding *binding = g_object_get_data (G_OBJECT (list_item), "binding");

  if (binding != NULL && gtk_list_item_get_item (list_item) != NULL)
    show_cell (list_item, binding);
}

static void
show_resource (GtkListItem *list_item, Binding *binding)
{
  SlipSlot *slot = gtk_list_item_get_item (list_item);
  SlipResource *resource = slip_slot_get_item (slot);

  g_object_set_data_full (G_OBJECT (list_item), "resource", g_object_ref (resource),
                          g_object_unref);
  if (binding->column->cell == SLIP_CELL_NAME)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)),
                                    slip_slot_get_row (slot));
  show_cell (list_item, binding);
  g_signal_connect_object (resource, "notify", G_CALLBACK (resource_changed_cb), list_item,
                           G_CONNECT_SWAPPED);
  if (binding->column->follows_children && slip_resource_get_children (resource) != NULL)
    g_signal_connect_object (slip_resource_get_children (resource), "items-changed",
                             G_CALLBACK (resource_changed_cb), list_item, G_CONNECT_SWAPPED);
}

static void
leave_resource (GtkListItem *list_item)
{
  SlipResource *resource = g_object_get_data (G_OBJECT (list_item), "resource");
  GListModel *children = slip_resource_get_children (resource);

  g_signal_handlers_disconnect_by_func (resource, resource_changed_cb, list_item);
  if (children != NULL)
    g_signal_handlers_disconnect_by_func (children, resource_changed_cb, list_item);
  g_object_set_data (G_OBJECT (list_item), "resource", NULL);
}

/* Another row stands here now. */
static void
slot_changed_cb (GtkListItem *list_item)
{
  leave_resource (list_item);
  show_resource (list_item, g_object_get_data (G_OBJECT (list_item), "binding"));
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Binding *binding)
{
  g_object_set_data (G_OBJECT (list_item), "binding", binding);
  show_resource (list_item, binding);
  g_signal_connect_object (gtk_list_item_get_item (list_item), "changed",
                           G_CALLBACK (slot_changed_cb), list_item, G_CONNECT_SWAPPED);
  if (binding->column->follows_keys)
    g_signal_connect_object (binding->keys, "changed", G_CALLBACK (resource_changed_cb), list_item,
                             G_CONNECT_SWAPPED);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, Binding *binding)
{
  leave_resource (list_item);
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), slot_changed_cb,
                                        list_item);
  g_signal_handlers_disconnect_by_func (binding->keys, resource_changed_cb, list_item);
  if (binding->column->cell == SLIP_CELL_NAME)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)), NULL);
  g_object_set_data (G_OBJECT (list_item), "binding", NULL);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  const SlipResourceColumn *column = data;

  /* Groups have neither age nor size: only their names order them. */
  if (is_group ((SlipResource *)a) && column->cell != SLIP_CELL_NAME)
    return GTK_ORDERING_EQUAL;
  return gtk_ordering_from_cmpfunc (column->compare ((SlipResource *)a, (SlipResource *)b));
}

static void
binding_free (gpointer data, GClosure *closure)
{
  Binding *binding = data;

  g_ptr_array_unref (binding->spare);
  g_object_unref (binding->keys);
  g_free (binding);
}

static GtkColumnViewColumn *
new_column (const SlipResourceColumn *column, SlipKeyKinds *keys)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkSorter) sorter
      = GTK_SORTER (gtk_custom_sorter_new (compare_cb, (gpointer)column, NULL));
  Binding *binding = g_new0 (Binding, 1);
  GtkColumnViewColumn *result;

  binding->column = column;
  binding->keys = g_object_ref (keys);
  binding->spare = g_ptr_array_new_with_free_func (g_object_unref);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), binding);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), binding);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), binding);
  g_signal_connect_data (factory, "teardown", G_CALLBACK (teardown_cb), binding, binding_free, 0);
  result = gtk_column_view_column_new (_ (column->title), factory);
  gtk_column_view_column_set_expand (result, column->expand);
  gtk_column_view_column_set_resizable (result, TRUE);
  slip_column_room_set_need (result, column->width_chars,
                             column->cell == SLIP_CELL_STATUS ? 24 : 0);
  gtk_column_view_column_set_sorter (result, sorter);
  return result;
}

void
slip_resource_columns_add (GtkColumnView *view, SlipEstateKind kind, SlipKeyKinds *keys)
{
  GSettings *settings = slip_settings_get ();
  g_auto (GStrv) hidden
      = settings != NULL ? g_settings_get_strv (settings, "hidden-columns") : NULL;
  guint n_columns;
  const SlipResourceColumn *columns = slip_resource_table_get (kind, &n_columns);

  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));
  g_return_if_fail (columns != NULL);

  for (guint i = 0; i < n_columns; i++)
    {
      const SlipResourceColumn *column = &columns[i];
      g_autoptr (GtkColumnViewColumn) view_column = NULL;

      if (hidden != NULL && column->cell != SLIP_CELL_NAME
          && g_strv_contains ((const char *const *)hidden, column->id))
        continue;
      view_column = new_column (column, keys);
      gtk_column_view_append_column (view, view_column);
      if (column->is_first_sort)
        gtk_column_view_sort_by_column (view, view_column, GTK_SORT_ASCENDING);
    }
}

void
slip_resource_columns_list (SlipEstateKind kind, const char ***ids, const char ***titles)
{
  g_autoptr (GPtrArray) id_array = g_ptr_array_new ();
  g_autoptr (GPtrArray) title_array = g_ptr_array_new ();
  guint n_columns;
  const SlipResourceColumn *columns = slip_resource_table_get (kind, &n_columns);

  g_return_if_fail (columns != NULL);

  for (guint i = 0; i < n_columns; i++)
    if (columns[i].cell != SLIP_CELL_NAME)
      {
        g_ptr_array_add (id_array, (gpointer)columns[i].id);
        g_ptr_array_add (title_array, (gpointer)_ (columns[i].title));
      }
  g_ptr_array_add (id_array, NULL);
  g_ptr_array_add (title_array, NULL);
  *ids = (const char **)g_ptr_array_free (g_steal_pointer (&id_array), FALSE);
  *titles = (const char **)g_ptr_array_free (g_steal_pointer (&title_array), FALSE);
}
