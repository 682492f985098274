/* SPDX-License-Identifier: MIT */

/* A tree of resources. Filter and sort work level by level, so that one keystroke on tens of
 * thousands of rows stays cheap and collapsed groups are searched as well. */

#include "config.h"

#include "slip-estate-page.h"

#include <glib/gi18n.h>

#include "slip-column-room.h"
#include "slip-estate-rows.h"
#include "slip-format.h"
#include "slip-plain.h"
#include "slip-resource-columns.h"
#include "slip-resource-details.h"
#include "slip-resource-look.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-status.h"
#include "slip-tip.h"
#include "slip-tree-filter.h"
#include "slip-tree-keys.h"
#include "slip-way-out.h"

#define MAX_AUTO_EXPANDED 100
#define PART_CHARS 60

struct _SlipEstatePage
{
  SlipPage parent_instance;

  GtkLabel *heading;
  GtkSearchEntry *search;
  GtkDropDown *region;
  GtkStack *stack;
  GtkColumnView *view;
  AdwStatusPage *empty;
  SlipStatus *status;
  GtkLabel *as_of;
  GtkWidget *stale;
  GtkLabel *stale_text;
  GtkMenuButton *parts_button;
  GtkGrid *parts;

  SlipWorkbench *workbench;      /* owned */
  SlipEnvironment *environment;  /* owned */
  SlipEstateList *list;          /* owned */
  SlipKeyKinds *keys;            /* owned */
  SlipFilterState *filter;       /* owned */
  SlipResourceDetails *details;  /* owned; the page's details while a row is selected */
  SlipEstateRows *rows;          /* owned */
  GtkSingleSelection *selection; /* owned */
  SlipResource *selected;        /* owned; nullable; stays while a filter hides it */
  guint expand_source;
  char *wanted; /* a resource that is to be shown once it is listed */
  gboolean expanded_once;
  gboolean goes_to_selected; /* when all rows are there again */
};

G_DEFINE_FINAL_TYPE (SlipEstatePage, slip_estate_page, SLIP_TYPE_PAGE)

static GListModel *
new_level (SlipEstatePage *self, GListModel *items, SlipResource *parent)
{
  GtkFilterListModel *filtered = gtk_filter_list_model_new (
      g_object_ref (items), GTK_FILTER (slip_tree_filter_new (self->filter, parent)));
  GtkSorter *sorter = gtk_column_view_get_sorter (self->view);

  return G_LIST_MODEL (gtk_sort_list_model_new (G_LIST_MODEL (filtered), g_object_ref (sorter)));
}

static GListModel *
create_children (gpointer item, gpointer data)
{
  SlipEstatePage *self = data;
  GListModel *children = slip_resource_get_children (item);

  if (children == NULL)
    return NULL;
  return new_level (self, children, item);
}

static void
show_empty (SlipEstatePage *self)
{
  const SlipEstateLook *look = slip_estate_kind_get_look (slip_estate_list_get_kind (self->list));
  SlipEstateState state = slip_estate_list_get_state (self->list);

  if (!slip_filter_state_is_empty (self->filter))
    {
      adw_status_page_set_icon_name (self->empty, "edit-find-symbolic");
      adw_status_page_set_title (self->empty, _ ("Nothing matches"));
      adw_status_page_set_description (self->empty, _ ("Try other words, or all regions."));
      return;
    }
  adw_status_page_set_icon_name (self->empty, look->icon);
  if (state == SLIP_ESTATE_PARTIAL)
    {
      adw_status_page_set_title (self->empty, _ ("Nothing could be listed"));
      g_autofree char *text
          = slip_way_out_dup_listing (self->environment, slip_way_out_find_failed (self->list));

      slip_plain_set_description (self->empty, text);
    }
  else if (state == SLIP_ESTATE_COMPLETE)
    {
      adw_status_page_set_title (self->empty, _ (look->empty_title));
      adw_status_page_set_description (self->empty, _ (look->empty_text));
    }
  else
    {
      adw_status_page_set_title (self->empty, _ ("Listing…"));
      adw_status_page_set_description (self->empty, NULL);
    }
}

static void
count_changed_cb (SlipEstatePage *self)
{
  gboolean is_empty;

  if (self->selection == NULL)
    return;
  is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->selection)) == 0;
  if (is_empty)
    show_empty (self);
  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "list");
}

static SlipTone
get_tone (SlipEstateState state)
{
  switch (state)
    {
    case SLIP_ESTATE_LOADING:
      return SLIP_TONE_BUSY;
    case SLIP_ESTATE_COMPLETE:
      return SLIP_TONE_GOOD;
    case SLIP_ESTATE_PARTIAL:
      return SLIP_TONE_WARNING;
    case SLIP_ESTATE_EMPTY:
    default:
      return SLIP_TONE_NEUTRAL;
    }
}

static void
show_parts (SlipEstatePage *self)
{
  GPtrArray *parts = slip_estate_list_get_parts (self->list);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->parts))) != NULL)
    gtk_grid_remove (self->parts, child);
  for (guint i = 0; parts != NULL && i < parts->len; i++)
    {
      const SlipEstatePart *part = g_ptr_array_index (parts, i);
      GtkWidget *label = gtk_label_new (part->label);
      GtkWidget *status = slip_status_new ();
      g_autofree char *text = NULL;

      if (part->message != NULL)
        text = g_strdup_printf (_ ("%u so far: %s"), part->items, part->message);
      else
        text = g_strdup_printf ("%u", part->items);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      slip_status_set (SLIP_STATUS (status), get_tone (part->state), text);
      slip_status_set_wrap (SLIP_STATUS (status), PART_CHARS);
      gtk_grid_attach (self->parts, label, 0, i, 1, 1);
      gtk_grid_attach (self->parts, status, 1, i, 1, 1);
    }
}

/* Nobody sees them as long as they are not asked for, and they change with every listing. */
static void
parts_changed (SlipEstatePage *self)
{
  GPtrArray *parts = slip_estate_list_get_parts (self->list);

  gtk_widget_set_visible (GTK_WIDGET (self->parts_button), parts != NULL && parts->len > 0);
  if (gtk_widget_get_mapped (GTK_WIDGET (self->parts)))
    show_parts (self);
}

/* How old the rows may be stands there always: nobody must take them for the present. */
static void
show_time (SlipEstatePage *self)
{
  gint64 listed = slip_estate_list_get_listed_at (self->list);
  g_autofree char *time = slip_format_moment (listed, g_get_real_time ());
  g_autofree char *text = listed != 0 ? g_strdup_printf (_ ("as of %s"), time) : NULL;

  gtk_label_set_label (self->as_of, text != NULL ? text : "");
}

/* Above the rows, as long as it holds; a listing that goes on has not changed it yet. */
static void
show_stale (SlipEstatePage *self)
{
  g_autofree char *text = slip_way_out_dup_stale (self->list, g_get_real_time ());

  if (slip_estate_list_get_state (self->list) == SLIP_ESTATE_LOADING)
    return;
  gtk_widget_set_visible (self->stale,
                          text != NULL && slip_estate_list_get_n_total (self->list) > 0);
  gtk_label_set_label (self->stale_text, text != NULL ? text : "");
  slip_tip_set (self->stale, text);
}

/* A list that nobody sees waits until it is looked at: AWS counts our calls. */
static void
freshen (SlipEstatePage *self)
{
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    slip_workbench_freshen_estate (self->workbench, self->list);
}

static void
summary_changed_cb (SlipEstatePage *self)
{
  slip_status_set (self->status, get_tone (slip_estate_list_get_state (self->list)),
                   slip_estate_list_get_summary (self->list));
  show_time (self);
  show_stale (self);
  parts_changed (self);
  count_changed_cb (self);
  if (self->wanted != NULL && slip_estate_page_select (self, self->wanted))
    g_clear_pointer (&self->wanted, g_free);
  freshen (self);
}

static SlipResource *
ref_selected (SlipEstatePage *self)
{
  SlipSlot *slot = gtk_single_selection_get_selected_item (self->selection);

  return slot != NULL ? g_object_ref (slip_slot_get_item (slot)) : NULL;
}

static void
show_selected (SlipEstatePage *self, SlipResource *resource)
{
  slip_resource_details_set_resource (self->details, resource);
  /* An empty pane takes room that the names need. */
  slip_page_set_details (SLIP_PAGE (self), resource != NULL ? GTK_WIDGET (self->details) : NULL);
}

static void
selected_cb (SlipEstatePage *self)
{
  g_autoptr (SlipResource) resource = ref_selected (self);

  slip_estate_rows_pin (self->rows, gtk_single_selection_get_selected_item (self->selection));
  /* Rows that come back in a moment take the selection with them. */
  if (resource == NULL && slip_estate_rows_is_busy (self->rows))
    return;
  g_set_object (&self->selected, resource);
  show_selected (self, resource);
}

static void
settled_cb (SlipEstatePage *self)
{
  g_autoptr (SlipResource) resource = ref_selected (self);
  guint position;

  if (resource == NULL && self->selected != NULL
      && slip_estate_rows_find (self->rows, slip_resource_get_id (self->selected), &position))
    {
      gtk_single_selection_set_selected (self->selection, position);
      if (self->goes_to_selected && slip_filter_state_is_empty (self->filter))
        slip_tree_keys_scroll_to (GTK_WIDGET (self->view), position);
    }
  else
    show_selected (self, resource);
  self->goes_to_selected = FALSE;
}

static gboolean
expand_roots_cb (gpointer data)
{
  SlipEstatePage *self = data;

  self->expand_source = 0;
  slip_estate_rows_expand (self->rows, MAX_AUTO_EXPANDED);
  return G_SOURCE_REMOVE;
}

static void
expand_soon (SlipEstatePage *self)
{
  if (self->expand_source == 0)
    self->expand_source = g_idle_add (expand_roots_cb, self);
}

static void
roots_changed_cb (SlipEstatePage *self, guint position, guint removed, guint added)
{
  count_changed_cb (self);
  /* A small estate opens expanded once; after that the tree stays as the person left it. */
  if (added > 0 && !self->expanded_once
      && slip_estate_list_get_n_total (self->list) <= MAX_AUTO_EXPANDED)
    expand_soon (self);
  if (slip_estate_list_get_state (self->list) == SLIP_ESTATE_COMPLETE)
    self->expanded_once = TRUE;
}

static void
search_changed_cb (SlipEstatePage *self)
{
  /* The entry tells of its first text as well, when a page without a list may have no rows. */
  if (self->rows == NULL)
    return;
  slip_estate_page_set_filter (self, gtk_editable_get_text (GTK_EDITABLE (self->search)));
}

static void
stop_search_cb (SlipEstatePage *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
region_changed_cb (SlipEstatePage *self)
{
  guint selected = gtk_drop_down_get_selected (self->region);
  GtkStringObject *item = gtk_drop_down_get_selected_item (self->region);

  if (self->rows == NULL)
    return;
  self->goes_to_selected = TRUE;
  slip_estate_rows_begin (self->rows);
  slip_filter_state_set_region (
      self->filter, selected == 0 || item == NULL ? NULL : gtk_string_object_get_string (item));
  slip_estate_rows_end (self->rows, FALSE);
  count_changed_cb (self);
}

static void
action_cb (SlipEstatePage *self, const char *page_id)
{
  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
slip_estate_page_refresh (SlipPage *page)
{
  SlipEstatePage *self = SLIP_ESTATE_PAGE (page);

  slip_workbench_refresh_estate (self->workbench, self->list);
}

static void
slip_estate_page_start_filter (SlipPage *page)
{
  gtk_widget_grab_focus (GTK_WIDGET (SLIP_ESTATE_PAGE (page)->search));
}

static void
slip_estate_page_reveal (SlipPage *page, const char *item)
{
  SlipEstatePage *self = SLIP_ESTATE_PAGE (page);

  g_clear_pointer (&self->wanted, g_free);
  slip_estate_page_set_filter (self, "");
  if (!slip_estate_page_select (self, item))
    self->wanted = g_strdup (item);
}

static void
columns_changed_cb (SlipEstatePage *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);

  while (g_list_model_get_n_items (columns) > 0)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, 0);

      gtk_column_view_remove_column (self->view, column);
    }
  slip_resource_columns_add (self->view, slip_estate_list_get_kind (self->list), self->keys);
}

static void
slip_estate_page_finalize (GObject *object)
{
  g_free (SLIP_ESTATE_PAGE (object)->wanted);
  G_OBJECT_CLASS (slip_estate_page_parent_class)->finalize (object);
}

static void
slip_estate_page_dispose (GObject *object)
{
  SlipEstatePage *self = SLIP_ESTATE_PAGE (object);

  g_clear_handle_id (&self->expand_source, g_source_remove);
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_object (&self->rows);
  g_clear_object (&self->selection);
  g_clear_object (&self->details);
  g_clear_object (&self->selected);
  g_clear_object (&self->filter);
  g_clear_object (&self->keys);
  g_clear_object (&self->list);
  g_clear_object (&self->environment);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_ESTATE_PAGE);
  G_OBJECT_CLASS (slip_estate_page_parent_class)->dispose (object);
}

static void
slip_estate_page_class_init (SlipEstatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_estate_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_estate_page_finalize;
  SLIP_PAGE_CLASS (klass)->reveal = slip_estate_page_reveal;
  SLIP_PAGE_CLASS (klass)->refresh = slip_estate_page_refresh;
  SLIP_PAGE_CLASS (klass)->start_filter = slip_estate_page_start_filter;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/slipway/Slipway/ui/estate/slip-estate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, heading);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, search);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, region);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, view);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, empty);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, status);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, as_of);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, stale);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, stale_text);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, parts_button);
  gtk_widget_class_bind_template_child (widget_class, SlipEstatePage, parts);
  gtk_widget_class_bind_template_callback (widget_class, show_parts);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, region_changed_cb);
}

static void
slip_estate_page_init (SlipEstatePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_tip_follow_label (self->as_of);
  self->filter = slip_filter_state_new ();
  gtk_search_entry_set_key_capture_widget (self->search, GTK_WIDGET (self->stack));
  slip_tree_keys_add (GTK_WIDGET (self->view));
}

static void
fill_regions (SlipEstatePage *self)
{
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);
  const char *const *regions = slip_environment_get_regions (self->environment);

  gtk_string_list_append (names, _ ("All regions"));
  for (guint i = 0; regions[i] != NULL; i++)
    gtk_string_list_append (names, regions[i]);
  gtk_drop_down_set_model (self->region, G_LIST_MODEL (names));
  gtk_widget_set_visible (GTK_WIDGET (self->region), regions[0] != NULL && regions[1] != NULL);
}

void
slip_estate_page_set_model (SlipEstatePage *self, GListModel *model)
{
  g_autoptr (GtkTreeListModel) tree = NULL;

  g_return_if_fail (SLIP_IS_ESTATE_PAGE (self));

  if (model == NULL)
    model = G_LIST_MODEL (self->list);
  tree = gtk_tree_list_model_new (new_level (self, model, NULL), FALSE, FALSE, create_children,
                                  self, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->rows);
  self->rows = slip_estate_rows_new (g_object_ref (tree), GTK_WIDGET (self->view), self->filter);
  g_signal_connect_object (self->rows, "settled", G_CALLBACK (settled_cb), self, G_CONNECT_SWAPPED);
  self->selection
      = gtk_single_selection_new (g_object_ref (slip_estate_rows_get_model (self->rows)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (gtk_tree_list_model_get_model (tree), "items-changed",
                           G_CALLBACK (roots_changed_cb), self, G_CONNECT_SWAPPED);
  roots_changed_cb (self, 0, 0, g_list_model_get_n_items (model));
}

SlipPage *
slip_estate_page_new (SlipWorkbench *workbench, SlipEnvironment *environment, SlipEstateKind kind)
{
  SlipEstatePage *self = g_object_new (SLIP_TYPE_ESTATE_PAGE, NULL);

  self->workbench = g_object_ref (workbench);
  self->environment = g_object_ref (environment);
  self->keys = slip_key_kinds_new (environment);
  self->list = g_object_ref (slip_workbench_get_estate (workbench, environment, kind));
  gtk_label_set_label (self->heading, slip_estate_kind_get_title (kind));
  slip_column_room_add (self->view, slip_estate_kind_get_look (kind)->name_width);
  slip_page_set_title (SLIP_PAGE (self), slip_estate_kind_get_title (kind));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  slip_estate_kind_get_title (kind), -1);
  fill_regions (self);
  slip_resource_columns_add (self->view, kind, self->keys);

  self->details = SLIP_RESOURCE_DETAILS (
      g_object_ref_sink (slip_resource_details_new (workbench, self->keys)));
  g_signal_connect_object (self->details, "open", G_CALLBACK (action_cb), self, G_CONNECT_SWAPPED);
  slip_estate_page_set_model (self, NULL);
  g_signal_connect_object (self->list, "notify::summary", G_CALLBACK (summary_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->list, "notify::state", G_CALLBACK (summary_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "estate-changed", G_CALLBACK (freshen), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self, "map", G_CALLBACK (freshen), self, G_CONNECT_AFTER);
  if (slip_settings_get () != NULL)
    g_signal_connect_object (slip_settings_get (), "changed::local-time", G_CALLBACK (show_time),
                             self, G_CONNECT_SWAPPED);
  if (slip_settings_get () != NULL)
    g_signal_connect_object (slip_settings_get (), "changed::hidden-columns",
                             G_CALLBACK (columns_changed_cb), self, G_CONNECT_SWAPPED);
  summary_changed_cb (self);
  return SLIP_PAGE (self);
}

gboolean
slip_estate_page_select (SlipEstatePage *self, const char *id)
{
  guint position = 0;

  g_return_val_if_fail (SLIP_IS_ESTATE_PAGE (self), FALSE);
  g_return_val_if_fail (id != NULL, FALSE);

  if (!slip_estate_rows_find (self->rows, id, &position))
    return FALSE;
  gtk_single_selection_set_selected (self->selection, position);
  slip_tree_keys_scroll_to (GTK_WIDGET (self->view), position);
  return TRUE;
}

GtkColumnView *
slip_estate_page_get_view (SlipEstatePage *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_PAGE (self), NULL);
  return self->view;
}

void
slip_estate_page_set_filter (SlipEstatePage *self, const char *text)
{
  g_return_if_fail (SLIP_IS_ESTATE_PAGE (self));

  self->goes_to_selected = TRUE;
  slip_estate_rows_begin (self->rows);
  slip_filter_state_set_text (self->filter, text);
  /* Rows that a filter took come back collapsed; a small estate is whole in sight, as it was at first. */
  slip_estate_rows_end (self->rows,
                        !slip_filter_state_is_empty (self->filter)
                            || slip_estate_list_get_n_total (self->list) <= MAX_AUTO_EXPANDED);
  count_changed_cb (self);
}

gboolean
slip_estate_page_is_filtered (SlipEstatePage *self, const char *text)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_PAGE (self), FALSE);
  return g_strcmp0 (slip_filter_state_get_text (self->filter), text) == 0;
}

gboolean
slip_estate_page_is_growing (SlipEstatePage *self)
{
  g_return_val_if_fail (SLIP_IS_ESTATE_PAGE (self), FALSE);
  return slip_estate_rows_is_busy (self->rows);
}
