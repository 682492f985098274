/* SPDX-License-Identifier: MIT */

/* The left pane. Its rows come from the workspace's environments and the table of places; choosing
 * one emits `open`. It does not know what a page is. */

#include "config.h"

#include "slip-navigator.h"

#include <glib/gi18n.h>

#include "slip-nav-item.h"
#include "slip-places.h"
#include "slip-shown-row.h"
#include "slip-tip.h"
#include "slip-tree-keys.h"

struct _SlipNavigator
{
  AdwBin parent_instance;

  GtkListView *view;
  GListStore *roots;       /* owned; element-type SlipNavItem */
  SlipShownRow *selection; /* owned */
  GtkTreeListModel *tree;  /* borrowed from the selection */
  guint opened;            /* the environment that was opened for the page shown */
};

G_DEFINE_FINAL_TYPE (SlipNavigator, slip_navigator, ADW_TYPE_BIN)

static guint signal_open;

static GListModel *
create_children (gpointer item, gpointer data)
{
  GListModel *children = slip_nav_item_get_children (item);

  return children != NULL ? g_object_ref (children) : NULL;
}

static SlipNavItem *
ref_item_at (SlipNavigator *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  return row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
}

static void
activate_cb (SlipNavigator *self, guint position)
{
  g_autoptr (SlipNavItem) item = ref_item_at (self, position);

  if (item != NULL && slip_nav_item_get_page_id (item) != NULL)
    g_signal_emit (self, signal_open, 0, slip_nav_item_get_page_id (item));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *icon = gtk_image_new ();
  GtkWidget *label = gtk_label_new (NULL);
  GtkWidget *badge = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (label, TRUE);
  slip_tip_follow_label (GTK_LABEL (label));
  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (badge, "nav-badge");
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), badge);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  gtk_list_item_set_child (list_item, expander);
}

static gboolean
badge_to_visible (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_boolean (to, g_value_get_string (from) != NULL);
  return TRUE;
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkTreeListRow *row = gtk_list_item_get_item (list_item);
  g_autoptr (SlipNavItem) item = gtk_tree_list_row_get_item (row);
  GtkWidget *expander = gtk_list_item_get_child (list_item);
  GtkWidget *box = gtk_tree_expander_get_child (GTK_TREE_EXPANDER (expander));
  GtkWidget *icon = gtk_widget_get_first_child (box);
  GtkWidget *label = gtk_widget_get_next_sibling (icon);
  GtkWidget *badge = gtk_widget_get_next_sibling (label);
  gboolean is_environment = slip_nav_item_get_children (item) != NULL;

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), row);
  gtk_image_set_from_icon_name (GTK_IMAGE (icon), slip_nav_item_get_icon (item));
  gtk_label_set_label (GTK_LABEL (label), slip_nav_item_get_title (item));
  gtk_widget_set_css_classes (label,
                              (const char *[]){is_environment ? "heading" : "nav-label", NULL});
  if (slip_nav_item_is_protected (item))
    {
      gtk_widget_add_css_class (icon, "protected-icon");
      slip_tip_set (box, _ ("Protected environment"));
    }
  else
    {
      gtk_widget_remove_css_class (icon, "protected-icon");
      slip_tip_set (box, NULL);
    }
  g_object_set_data_full (
      G_OBJECT (list_item), "badge",
      g_object_ref (g_object_bind_property (item, "badge", badge, "label", G_BINDING_SYNC_CREATE)),
      g_object_unref);
  g_object_set_data_full (G_OBJECT (list_item), "badge-visible",
                          g_object_ref (g_object_bind_property_full (
                              item, "badge", badge, "visible", G_BINDING_SYNC_CREATE,
                              badge_to_visible, NULL, NULL, NULL)),
                          g_object_unref);
}

static void
unbind_binding (GtkListItem *list_item, const char *name)
{
  GBinding *binding = g_object_get_data (G_OBJECT (list_item), name);

  if (binding != NULL)
    g_binding_unbind (binding);
  g_object_set_data (G_OBJECT (list_item), name, NULL);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *expander = gtk_list_item_get_child (list_item);

  unbind_binding (list_item, "badge");
  unbind_binding (list_item, "badge-visible");
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), NULL);
}

static void
slip_navigator_dispose (GObject *object)
{
  SlipNavigator *self = SLIP_NAVIGATOR (object);

  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->roots);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_NAVIGATOR);
  G_OBJECT_CLASS (slip_navigator_parent_class)->dispose (object);
}

static void
slip_navigator_class_init (SlipNavigatorClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_navigator_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-navigator.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipNavigator, view);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cb);
  signal_open = g_signal_new ("open", SLIP_TYPE_NAVIGATOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
slip_navigator_init (SlipNavigator *self)
{
  GtkTreeListModel *tree;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->roots = g_list_store_new (SLIP_TYPE_NAV_ITEM);
  /* Environments open when something in them is shown: all of them would push the runs out of sight. */
  tree = gtk_tree_list_model_new (G_LIST_MODEL (g_object_ref (self->roots)), FALSE, FALSE,
                                  create_children, NULL, NULL);
  self->tree = tree;
  self->selection = slip_shown_row_new (tree);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  slip_tree_keys_add (GTK_WIDGET (self->view));
}

/* What was opened for another page closes; what the person opened stays. */
static void
expand_root (SlipNavigator *self, guint position)
{
  g_autoptr (GtkTreeListRow) row = gtk_tree_list_model_get_child_row (self->tree, position);
  g_autoptr (GtkTreeListRow) before = gtk_tree_list_model_get_child_row (self->tree, self->opened);

  if (row == NULL || gtk_tree_list_row_get_expanded (row))
    return;
  if (before != NULL)
    gtk_tree_list_row_set_expanded (before, FALSE);
  gtk_tree_list_row_set_expanded (row, TRUE);
  self->opened = position;
}

static void
append_environment (SlipNavigator *self, SlipEnvironment *environment)
{
  const char *name = slip_environment_get_name (environment);
  g_autofree char *id = g_strdup_printf ("environment/%s", name);
  g_autoptr (SlipNavItem) item = slip_nav_item_new (id, slip_environment_get_title (environment),
                                                    "slip-environment-symbolic",
                                                    slip_environment_is_protected (environment));
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    if ((places[i].flags & SLIP_PLACE_IN_NAVIGATOR)
        && (places[i].flags & SLIP_PLACE_IN_ENVIRONMENT))
      {
        g_autofree char *child_id = g_strdup_printf ("%s/%s", places[i].kind, name);
        g_autoptr (SlipNavItem) child
            = slip_nav_item_new (child_id, _ (places[i].title), places[i].icon, FALSE);

        slip_nav_item_append (item, child);
      }
  g_list_store_append (self->roots, item);
}

static SlipNavItem *
new_migration (const SlipMigrationProject *project)
{
  g_autofree char *id = g_strdup_printf ("migration/%s", project->name);
  SlipNavItem *item = slip_nav_item_new (id, project->title, "slip-migration-symbolic", FALSE);
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  for (guint i = 0; i < n_places; i++)
    if ((places[i].flags & SLIP_PLACE_IN_NAVIGATOR) && (places[i].flags & SLIP_PLACE_IN_MIGRATION))
      {
        g_autofree char *child_id = g_strdup_printf ("%s/%s", places[i].kind, project->name);
        g_autoptr (SlipNavItem) child
            = slip_nav_item_new (child_id, _ (places[i].title), places[i].icon, FALSE);

        slip_nav_item_append (item, child);
      }
  return item;
}

static void
append_migrations (SlipNavItem *item, GPtrArray *projects)
{
  for (guint i = 0; i < projects->len; i++)
    {
      g_autoptr (SlipNavItem) project = new_migration (g_ptr_array_index (projects, i));

      slip_nav_item_append (item, project);
    }
}

void
slip_navigator_set_workbench (SlipNavigator *self, SlipWorkbench *workbench)
{
  SlipWorkspace *workspace;
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  g_return_if_fail (SLIP_IS_NAVIGATOR (self));

  g_list_store_remove_all (self->roots);
  workspace = workbench != NULL ? slip_workbench_get_workspace (workbench) : NULL;
  if (workspace == NULL)
    return;

  for (guint i = 0;; i++)
    {
      g_autoptr (SlipEnvironment) environment
          = g_list_model_get_item (slip_workspace_get_environments (workspace), i);

      if (environment == NULL)
        break;
      append_environment (self, environment);
    }
  for (guint i = 0; i < n_places; i++)
    if ((places[i].flags & SLIP_PLACE_IN_NAVIGATOR)
        && !(places[i].flags & (SLIP_PLACE_IN_ENVIRONMENT | SLIP_PLACE_IN_MIGRATION)))
      {
        g_autoptr (SlipNavItem) item
            = slip_nav_item_new (places[i].kind, _ (places[i].title), places[i].icon, FALSE);

        if (g_str_equal (places[i].kind, "migrations"))
          append_migrations (item, slip_workspace_get_migrations (workspace));
        g_list_store_append (self->roots, item);
      }
  expand_root (self, 0);
}

static gboolean
holds (SlipNavItem *item, const char *page_id)
{
  GListModel *children = slip_nav_item_get_children (item);

  for (guint i = 0; children != NULL && i < g_list_model_get_n_items (children); i++)
    {
      g_autoptr (SlipNavItem) child = g_list_model_get_item (children, i);

      if (g_strcmp0 (slip_nav_item_get_page_id (child), page_id) == 0 || holds (child, page_id))
        return TRUE;
    }
  return FALSE;
}

/* A migration below its root: the page itself counts, since what is below it is what one looks for. */
static void
expand_below (GtkTreeListRow *row, const char *page_id)
{
  g_autoptr (GtkTreeListRow) child = NULL;

  for (guint i = 0; (child = gtk_tree_list_row_get_child_row (row, i)) != NULL; i++)
    {
      g_autoptr (SlipNavItem) item = gtk_tree_list_row_get_item (child);

      if (slip_nav_item_get_children (item) != NULL
          && (g_strcmp0 (slip_nav_item_get_page_id (item), page_id) == 0 || holds (item, page_id)))
        gtk_tree_list_row_set_expanded (child, TRUE);
      g_clear_object (&child);
    }
}

/* Opens the environment, or the migration, that a page belongs to. */
static void
expand_for (SlipNavigator *self, const char *page_id)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->roots)); i++)
    {
      g_autoptr (SlipNavItem) root = g_list_model_get_item (G_LIST_MODEL (self->roots), i);
      g_autoptr (GtkTreeListRow) row = NULL;

      if (!holds (root, page_id))
        continue;
      expand_root (self, i);
      row = gtk_tree_list_model_get_child_row (self->tree, i);
      expand_below (row, page_id);
    }
}

void
slip_navigator_select (SlipNavigator *self, const char *page_id)
{
  g_return_if_fail (SLIP_IS_NAVIGATOR (self));

  expand_for (self, page_id);
  slip_shown_row_set_page (self->selection, page_id);
}

static void
set_badge_in (GListModel *items, const char *page_id, const char *badge)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (SlipNavItem) item = g_list_model_get_item (items, i);

      if (g_strcmp0 (slip_nav_item_get_page_id (item), page_id) == 0)
        slip_nav_item_set_badge (item, badge);
      if (slip_nav_item_get_children (item) != NULL)
        set_badge_in (slip_nav_item_get_children (item), page_id, badge);
    }
}

void
slip_navigator_set_badge (SlipNavigator *self, const char *page_id, const char *badge)
{
  g_return_if_fail (SLIP_IS_NAVIGATOR (self));
  set_badge_in (G_LIST_MODEL (self->roots), page_id, badge);
}

GListModel *
slip_navigator_get_roots (SlipNavigator *self)
{
  g_return_val_if_fail (SLIP_IS_NAVIGATOR (self), NULL);
  return G_LIST_MODEL (self->roots);
}
