/* SPDX-License-Identifier: MIT */

/* The columns of resource lists. A column is one row of a table: how its cell looks, where its text
 * comes from and how it sorts. Cells are made once and only get new text while scrolling. */

#include "config.h"

#include "slip-resource-columns.h"

#include <glib/gi18n.h>

#include "slip-cell.h"
#include "slip-column-room.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-resource-text.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-status.h"

#define MAX_SPARE 240

typedef enum
{
  CELL_NAME,
  CELL_STATUS,
  CELL_TEXT,
  CELL_NUMBER,
} Cell;

/* What a cell is made from. */
typedef struct
{
  SlipResource *resource;
  SlipResource *parent; /* NULL at the root */
  SlipKeyKinds *keys;
} Row;

typedef struct
{
  const char *id;
  const char *title;
  Cell cell;
  gboolean expand;
  int width_chars;
  int natural_chars; /* when there is room */
  gboolean is_first_sort;
  char *(*text) (const Row *row);
  int (*compare) (SlipResource *a, SlipResource *b);
} Column;

typedef struct
{
  const Column *column;
  SlipKeyKinds *keys; /* owned */
  GPtrArray *spare;   /* owned; element-type GtkWidget; cells of rows that the view dropped */
} Binding;

static char *
text_name (const Row *row)
{
  const char *name = slip_resource_get_name (row->resource);
  const char *region = slip_resource_get_region (row->resource);

  /* Clusters of one name in two regions have a group each. */
  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP && region != NULL)
    return g_strdup_printf ("%s · %s", name, region);
  return g_strdup (name);
}

static char *
text_status (const Row *row)
{
  const char *status = slip_resource_get_status (row->resource);
  g_autofree char *percent = NULL;

  if (status == NULL || slip_tone_of_aws_status (status) != SLIP_TONE_BUSY)
    return g_strdup (status);
  percent = slip_resource_dup_member (row->resource, "PercentProgress");
  if (percent == NULL || g_str_equal (percent, "100"))
    return g_strdup (status);
  return g_strdup_printf (_ ("%s %s %%"), status, percent);
}

static char *
text_region (const Row *row)
{
  return g_strdup (slip_resource_get_region (row->resource));
}

static char *
text_size (const Row *row)
{
  return slip_format_size (slip_resource_get_size_gib (row->resource));
}

char *
slip_resource_dup_age (SlipResource *resource)
{
  return slip_format_age (slip_resource_get_created (resource), g_get_real_time ());
}

static char *
text_age (const Row *row)
{
  return slip_resource_dup_age (row->resource);
}

static char *
text_type (const Row *row)
{
  const char *type = slip_resource_get_detail (row->resource);
  GListModel *children = slip_resource_get_children (row->resource);

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP && children != NULL)
    {
      guint n = g_list_model_get_n_items (children);

      return g_strdup_printf (ngettext ("%u snapshot", "%u snapshots", n), n);
    }
  if (g_strcmp0 (type, "shared") == 0)
    return g_strdup (_ ("shared with us"));
  return g_strdup (type);
}

static char *
text_encryption (const Row *row)
{
  const char *key = slip_resource_get_key (row->resource);
  g_autofree char *encrypted = NULL;

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_SNAPSHOT_GROUP)
    return NULL;
  if (key != NULL)
    return g_strdup (
        slip_key_kinds_describe (row->keys, key, slip_resource_get_region (row->resource)));
  encrypted = slip_resource_dup_member (row->resource, "StorageEncrypted");
  return g_strdup (g_strcmp0 (encrypted, "true") == 0 ? _ ("encrypted") : _ ("not encrypted"));
}

/* Whether the parent's list of members says that @value is the writer; -1 when it does not say. */
static int
is_writer (
    SlipResource *parent, const char *list, const char *member, const char *value, const char *flag)
{
  g_autoptr (JsonObject) fields = NULL;
  JsonArray *members;

  if (parent == NULL || value == NULL)
    return -1;
  fields = slip_resource_dup_fields (parent);
  members = slip_json_array (fields, list);
  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (members, i));

      if (object != NULL && g_strcmp0 (slip_json_string (object, member), value) == 0)
        return slip_json_bool (object, flag, FALSE) ? 1 : 0;
    }
  return -1;
}

static char *
text_role (const Row *row)
{
  int writer;

  switch (slip_resource_get_kind (row->resource))
    {
    case SLIP_RESOURCE_GLOBAL_CLUSTER:
      return g_strdup (_ ("global"));
    case SLIP_RESOURCE_CLUSTER:
      writer = is_writer (row->parent, "GlobalClusterMembers", "DBClusterArn",
                          slip_resource_get_id (row->resource), "IsWriter");
      return g_strdup (writer < 0 ? _ ("cluster") : writer > 0 ? _ ("primary") : _ ("secondary"));
    case SLIP_RESOURCE_INSTANCE:
      writer = is_writer (row->parent, "DBClusterMembers", "DBInstanceIdentifier",
                          slip_resource_get_name (row->resource), "IsClusterWriter");
      return g_strdup (writer < 0 ? _ ("instance") : writer > 0 ? _ ("writer") : _ ("reader"));
    case SLIP_RESOURCE_SNAPSHOT:
    case SLIP_RESOURCE_SNAPSHOT_GROUP:
      break;
    }
  return NULL;
}

static char *
text_engine (const Row *row)
{
  g_autofree char *engine = NULL;
  g_autofree char *version = NULL;

  if (slip_resource_get_kind (row->resource) != SLIP_RESOURCE_INSTANCE)
    return g_strdup (slip_resource_get_detail (row->resource));
  engine = slip_resource_dup_member (row->resource, "Engine");
  version = slip_resource_dup_member (row->resource, "EngineVersion");
  return g_strdup_printf ("%s %s", engine != NULL ? engine : "", version != NULL ? version : "");
}

static char *
text_class (const Row *row)
{
  gint64 size = slip_resource_get_size_gib (row->resource);

  if (slip_resource_get_kind (row->resource) == SLIP_RESOURCE_INSTANCE)
    return g_strdup (slip_resource_get_detail (row->resource));
  /* Aurora's storage grows by itself, and the API then always says 1. */
  return size > 1 ? slip_format_size (size) : NULL;
}

static gboolean
is_group (SlipResource *resource)
{
  return slip_resource_get_kind (resource) == SLIP_RESOURCE_SNAPSHOT_GROUP;
}

static int
compare_name (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_name (a), slip_resource_get_name (b));
}

static int
compare_status (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_status (a), slip_resource_get_status (b));
}

static int
compare_region (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_region (a), slip_resource_get_region (b));
}

static int
compare_detail (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_detail (a), slip_resource_get_detail (b));
}

static int
compare_kind (SlipResource *a, SlipResource *b)
{
  return (int)slip_resource_get_kind (a) - (int)slip_resource_get_kind (b);
}

static int
compare_number (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare_size (SlipResource *a, SlipResource *b)
{
  return compare_number (slip_resource_get_size_gib (a), slip_resource_get_size_gib (b));
}

/* By age, so that ascending puts the newest first. */
static int
compare_age (SlipResource *a, SlipResource *b)
{
  return compare_number (slip_resource_get_created (b), slip_resource_get_created (a));
}

static int
compare_encryption (SlipResource *a, SlipResource *b)
{
  return g_strcmp0 (slip_resource_get_key (a), slip_resource_get_key (b));
}

static const Column snapshot_columns[] = {
    {"name", N_ ("Name"), CELL_NAME, TRUE, 16, 30, FALSE, text_name, compare_name},
    {"status", N_ ("Status"), CELL_STATUS, FALSE, 8, 13, FALSE, text_status, compare_status},
    {"age", N_ ("Age"), CELL_NUMBER, FALSE, 5, 5, TRUE, text_age, compare_age},
    {"size", N_ ("Size"), CELL_NUMBER, FALSE, 6, 7, FALSE, text_size, compare_size},
    {"type", N_ ("Type"), CELL_TEXT, FALSE, 8, 12, FALSE, text_type, compare_detail},
    {"encryption", N_ ("Encryption"), CELL_TEXT, FALSE, 11, 14, FALSE, text_encryption,
     compare_encryption},
};

static const Column database_columns[] = {
    {"name", N_ ("Name"), CELL_NAME, TRUE, 16, 30, FALSE, text_name, compare_name},
    {"status", N_ ("Status"), CELL_STATUS, FALSE, 8, 13, FALSE, text_status, compare_status},
    {"role", N_ ("Role"), CELL_TEXT, FALSE, 7, 10, FALSE, text_role, compare_kind},
    {"region", N_ ("Region"), CELL_TEXT, FALSE, 8, 10, FALSE, text_region, compare_region},
    {"class", N_ ("Class"), CELL_TEXT, FALSE, 11, 14, FALSE, text_class, compare_size},
    {"engine", N_ ("Engine"), CELL_TEXT, TRUE, 8, 16, FALSE, text_engine, compare_detail},
};

static const struct
{
  const Column *columns;
  guint n_columns;
} kinds[] = {
    [SLIP_ESTATE_DATABASES] = {database_columns, G_N_ELEMENTS (database_columns)},
    [SLIP_ESTATE_SNAPSHOTS] = {snapshot_columns, G_N_ELEMENTS (snapshot_columns)},
};

static const char *
get_kind_icon (SlipResourceKind kind)
{
  switch (kind)
    {
    case SLIP_RESOURCE_GLOBAL_CLUSTER:
      return "slip-globe-symbolic";
    case SLIP_RESOURCE_CLUSTER:
      return "slip-cluster-symbolic";
    case SLIP_RESOURCE_INSTANCE:
      return "slip-database-symbolic";
    case SLIP_RESOURCE_SNAPSHOT:
      return "slip-snapshot-symbolic";
    case SLIP_RESOURCE_SNAPSHOT_GROUP:
      return "slip-cluster-symbolic";
    }
  return NULL;
}

static GtkWidget *
new_text_cell (const Column *column)
{
  GtkWidget *cell = slip_cell_new ();

  slip_cell_set_chars (cell, column->width_chars, column->natural_chars);
  if (column->cell == CELL_NUMBER)
    {
      gtk_inscription_set_xalign (GTK_INSCRIPTION (cell), 1);
      gtk_widget_add_css_class (cell, "numeric");
    }
  return cell;
}

static GtkWidget *
new_name_cell (const Column *column)
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
new_cell (const Column *column)
{
  switch (column->cell)
    {
    case CELL_NAME:
      return new_name_cell (column);
    case CELL_STATUS:
      return slip_status_new_cell (column->width_chars, column->natural_chars);
    case CELL_TEXT:
    case CELL_NUMBER:
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
  const char *icon_name = get_kind_icon (slip_resource_get_kind (resource));

  /* Hundreds of cells are bound for one keystroke in the filter: nothing is set that stands already. */
  if (g_object_get_data (G_OBJECT (expander), "icon") != icon_name)
    {
      gtk_image_set_from_icon_name (GTK_IMAGE (icon), icon_name);
      g_object_set_data (G_OBJECT (expander), "icon", (gpointer)icon_name);
    }
  slip_cell_set_text (label, text);
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
  Row row = {resource, parent, binding->keys};
  g_autofree char *text = binding->column->text (&row);

  switch (binding->column->cell)
    {
    case CELL_NAME:
      show_name (GTK_TREE_EXPANDER (child), resource, text);
      break;
    case CELL_STATUS:
      slip_status_set (SLIP_STATUS (child),
                       slip_tone_of_aws_status (slip_resource_get_status (resource)), text);
      break;
    case CELL_TEXT:
    case CELL_NUMBER:
      slip_cell_set_text (child, text);
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
  if (binding->column->cell == CELL_NAME)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)),
                                    slip_slot_get_row (slot));
  show_cell (list_item, binding);
  g_signal_connect_object (resource, "notify", G_CALLBACK (resource_changed_cb), list_item,
                           G_CONNECT_SWAPPED);
  if (binding->column->text == text_type && slip_resource_get_children (resource) != NULL)
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
  if (binding->column->text == text_encryption)
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
  if (binding->column->cell == CELL_NAME)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)), NULL);
  g_object_set_data (G_OBJECT (list_item), "binding", NULL);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  const Column *column = data;

  /* Groups have neither age nor size: only their names order them. */
  if (is_group ((SlipResource *)a) && column->cell != CELL_NAME)
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
new_column (const Column *column, SlipKeyKinds *keys)
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
  slip_column_room_set_need (result, column->width_chars, column->cell == CELL_STATUS ? 24 : 0);
  gtk_column_view_column_set_sorter (result, sorter);
  return result;
}

void
slip_resource_columns_add (GtkColumnView *view, SlipEstateKind kind, SlipKeyKinds *keys)
{
  GSettings *settings = slip_settings_get ();
  g_auto (GStrv) hidden
      = settings != NULL ? g_settings_get_strv (settings, "hidden-columns") : NULL;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));
  g_return_if_fail ((guint)kind < G_N_ELEMENTS (kinds));

  for (guint i = 0; i < kinds[kind].n_columns; i++)
    {
      const Column *column = &kinds[kind].columns[i];
      g_autoptr (GtkColumnViewColumn) view_column = NULL;

      if (hidden != NULL && column->cell != CELL_NAME
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

  g_return_if_fail ((guint)kind < G_N_ELEMENTS (kinds));

  for (guint i = 0; i < kinds[kind].n_columns; i++)
    if (kinds[kind].columns[i].cell != CELL_NAME)
      {
        g_ptr_array_add (id_array, (gpointer)kinds[kind].columns[i].id);
        g_ptr_array_add (title_array, (gpointer)_ (kinds[kind].columns[i].title));
      }
  g_ptr_array_add (id_array, NULL);
  g_ptr_array_add (title_array, NULL);
  *ids = (const char **)g_ptr_array_free (g_steal_pointer (&id_array), FALSE);
  *titles = (const char **)g_ptr_array_free (g_steal_pointer (&title_array), FALSE);
}
