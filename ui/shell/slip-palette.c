/* SPDX-License-Identifier: MIT */

/* The search over everything (Ctrl+K). Up and Down move through the results without leaving the
 * entry; Enter goes there. */

#include "config.h"

#include "slip-palette.h"

#include "slip-palette-item.h"
#include "slip-tree-keys.h"

#define MAX_RESULTS 60

struct _SlipPalette
{
  AdwWindow parent_instance;

  GtkSearchEntry *search;
  GtkStack *stack;
  GtkListView *view;
  SlipWorkbench *workbench;      /* owned */
  SlipEnvironment *environment;  /* owned, nullable; where the person is */
  GListStore *results;           /* owned; element-type SlipPaletteItem */
  GtkSingleSelection *selection; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipPalette, slip_palette, ADW_TYPE_WINDOW)

static void
search_now (SlipPalette *self)
{
  g_autoptr (GPtrArray) items = NULL;

  if (self->workbench == NULL)
    return;
  items = slip_palette_search (self->workbench, self->environment,
                               gtk_editable_get_text (GTK_EDITABLE (self->search)), MAX_RESULTS);

  g_list_store_splice (self->results, 0, g_list_model_get_n_items (G_LIST_MODEL (self->results)),
                       items->pdata, items->len);
  if (items->len > 0)
    gtk_single_selection_set_selected (self->selection, 0);
  gtk_stack_set_visible_child_name (self->stack, items->len > 0 ? "results" : "empty");
}

static void
search_changed_cb (SlipPalette *self)
{
  search_now (self);
}

static void
activate_item (SlipPalette *self, guint position)
{
  g_autoptr (SlipPaletteItem) item = g_list_model_get_item (G_LIST_MODEL (self->results), position);
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  if (item == NULL)
    return;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  if (parent != NULL
      && g_action_parse_detailed_name (slip_palette_item_get_action (item), &name, &target, NULL))
    gtk_widget_activate_action_variant (GTK_WIDGET (parent), name, target);
  gtk_window_close (GTK_WINDOW (self));
}

static void
activate_cb (SlipPalette *self, guint position)
{
  activate_item (self, position);
}

static void
activate_first_cb (SlipPalette *self)
{
  /* The search entry waits a moment before it searches; Enter must not act on older results. */
  search_now (self);
  activate_item (self, gtk_single_selection_get_selected (self->selection));
}

static void
stop_cb (SlipPalette *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 10);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *subtitle = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_MIDDLE);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_label_set_ellipsize (GTK_LABEL (subtitle), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (subtitle), 1);
  gtk_widget_add_css_class (subtitle, "dim-label");
  gtk_box_append (GTK_BOX (box), gtk_image_new ());
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), subtitle);
  gtk_list_item_set_child (list_item, box);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  SlipPaletteItem *item = gtk_list_item_get_item (list_item);
  GtkWidget *icon = gtk_widget_get_first_child (gtk_list_item_get_child (list_item));
  GtkWidget *title = gtk_widget_get_next_sibling (icon);
  GtkWidget *subtitle = gtk_widget_get_next_sibling (title);
  const char *text = slip_palette_item_get_subtitle (item);

  gtk_image_set_from_icon_name (GTK_IMAGE (icon), slip_palette_item_get_icon (item));
  gtk_label_set_label (GTK_LABEL (title), slip_palette_item_get_title (item));
  gtk_label_set_label (GTK_LABEL (subtitle), text != NULL ? text : "");
}

static gboolean
key_pressed_cb (GtkEventControllerKey *controller,
                guint keyval,
                guint keycode,
                GdkModifierType state,
                SlipPalette *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->results));
  guint position = gtk_single_selection_get_selected (self->selection);

  if (keyval == GDK_KEY_Escape)
    {
      gtk_window_close (GTK_WINDOW (self));
      return GDK_EVENT_STOP;
    }
  if ((keyval != GDK_KEY_Down && keyval != GDK_KEY_Up) || n == 0)
    return GDK_EVENT_PROPAGATE;
  if (keyval == GDK_KEY_Down)
    position = position == GTK_INVALID_LIST_POSITION ? 0 : MIN (position + 1, n - 1);
  else if (position != GTK_INVALID_LIST_POSITION && position > 0)
    position--;
  gtk_single_selection_set_selected (self->selection, position);
  slip_tree_keys_scroll_to (GTK_WIDGET (self->view), position);
  return GDK_EVENT_STOP;
}

static void
slip_palette_dispose (GObject *object)
{
  SlipPalette *self = SLIP_PALETTE (object);

  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->results);
  g_clear_object (&self->environment);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_PALETTE);
  G_OBJECT_CLASS (slip_palette_parent_class)->dispose (object);
}

static void
slip_palette_class_init (SlipPaletteClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_palette_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-palette.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipPalette, search);
  gtk_widget_class_bind_template_child (widget_class, SlipPalette, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipPalette, view);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_first_cb);
  gtk_widget_class_bind_template_callback (widget_class, activate_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
}

static void
slip_palette_init (SlipPalette *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  self->results = g_list_store_new (SLIP_TYPE_PALETTE_ITEM);
  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (self->results)));
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

void
slip_palette_present (GtkWindow *parent, SlipWorkbench *workbench, SlipEnvironment *environment)
{
  SlipPalette *self = g_object_new (SLIP_TYPE_PALETTE, "transient-for", parent, NULL);

  self->workbench = g_object_ref (workbench);
  g_set_object (&self->environment, environment);
  search_now (self);
  gtk_window_present (GTK_WINDOW (self));
  gtk_widget_grab_focus (GTK_WIDGET (self->search));
}

void
slip_palette_set_text (SlipPalette *self, const char *text)
{
  g_return_if_fail (SLIP_IS_PALETTE (self));
  gtk_editable_set_text (GTK_EDITABLE (self->search), text);
  search_now (self);
}

GListModel *
slip_palette_get_results (SlipPalette *self)
{
  g_return_val_if_fail (SLIP_IS_PALETTE (self), NULL);
  return G_LIST_MODEL (self->results);
}
