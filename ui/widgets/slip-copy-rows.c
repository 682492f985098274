/* SPDX-License-Identifier: MIT */

/* Rows of a table on the clipboard. What a table shows can be pasted into a spreadsheet or a message, with the titles that
 * say what the numbers are. Files for others are written by the pages themselves. */

#include "config.h"

#include "slip-copy-rows.h"

#include <glib/gi18n.h>

#include "slip-slow-list.h"

/* Rows whose values are fetched page by page are kept while the last one is waited for. */
#define MOST_ROWS 5000

typedef struct
{
  SlipCopyRowsText text;
  gconstpointer data;
} Cell;

typedef struct
{
  GtkColumnView *view; /* borrowed; it owns this */
  GPtrArray *items;    /* owned, nullable; what is copied once it is there; element-type GObject */
  guint loaded;        /* how many of them are there for certain, from the first */
  gboolean more;       /* whether there are rows behind them */
} Copier;

/* Whose rows are waited for; what is copied last is what is meant. */
static GtkColumnView *waiting;

static const Cell *
get_cell (GListModel *columns, guint position, char **title)
{
  g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, position);

  if (title != NULL)
    *title = g_strdup (gtk_column_view_column_get_title (column));
  return g_object_get_data (G_OBJECT (column), "slip-copy-text"); /* the view keeps the column */
}

/* ---- text */

static void
append_text (GString *line, gboolean first, char *text)
{
  if (!first)
    g_string_append_c (line, '\t');
  if (text != NULL)
    g_string_append (line, g_strdelimit (text, "\t\r\n", ' '));
}

static void
append_titles (GString *text, GListModel *columns)
{
  gboolean first = TRUE;

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autofree char *title = NULL;

      if (get_cell (columns, i, &title) == NULL)
        continue;
      append_text (text, first, title);
      first = FALSE;
    }
  g_string_append_c (text, '\n');
}

/* A row of a tree is moved in as far as it is there. */
static void
append_row (GString *text, GListModel *columns, GObject *row)
{
  gboolean tree = GTK_IS_TREE_LIST_ROW (row);
  g_autoptr (GObject) item
      = tree ? gtk_tree_list_row_get_item (GTK_TREE_LIST_ROW (row)) : g_object_ref (row);
  gboolean first = TRUE;

  if (item == NULL)
    return; /* folded away since */
  for (guint i = 0; tree && i < gtk_tree_list_row_get_depth (GTK_TREE_LIST_ROW (row)); i++)
    g_string_append (text, "  ");
  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      const Cell *cell = get_cell (columns, i, NULL);
      g_autofree char *value = cell != NULL ? cell->text (item, cell->data) : NULL;

      if (cell == NULL)
        continue;
      append_text (text, first, value);
      first = FALSE;
    }
  g_string_append_c (text, '\n');
}

/* ---- copying */

static gboolean
is_loaded (GObject *item)
{
  gboolean loaded = TRUE;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (item), "loaded") != NULL)
    g_object_get (item, "loaded", &loaded, NULL);
  return loaded;
}

static void
forget (Copier *self)
{
  if (waiting == self->view)
    g_clear_weak_pointer (&waiting);
  if (self->items != NULL)
    g_signal_handlers_disconnect_by_data (gtk_widget_get_clipboard (GTK_WIDGET (self->view)),
                                          self->view);
  for (guint i = 0; self->items != NULL && i < self->items->len; i++)
    g_signal_handlers_disconnect_by_data (self->items->pdata[i], self->view);
  g_clear_pointer (&self->items, g_ptr_array_unref);
}

static void
copy_when_loaded (Copier *self)
{
  GListModel *columns = gtk_column_view_get_columns (self->view);
  g_autoptr (GString) text = NULL;

  /* A page tells of each of its rows: those that were there are not looked at again. */
  for (; self->loaded < self->items->len; self->loaded++)
    if (!is_loaded (self->items->pdata[self->loaded]))
      return;
  text = g_string_new (NULL);
  append_titles (text, columns);
  for (guint i = 0; i < self->items->len; i++)
    append_row (text, columns, self->items->pdata[i]);
  if (self->more)
    g_string_append_printf (text, _ ("… and more rows; %d are copied at once\n"), MOST_ROWS);
  forget (self);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self->view)), text->str);
}

/* What was copied since is what whoever pastes means. */
static void
clipboard_cb (GtkColumnView *view)
{
  forget (g_object_get_data (G_OBJECT (view), "slip-copier"));
}

static void
loaded_cb (GtkColumnView *view)
{
  copy_when_loaded (g_object_get_data (G_OBJECT (view), "slip-copier"));
}

static void
begin (Copier *self, GListModel *rows, const GtkBitset *chosen)
{
  guint n = chosen != NULL ? (guint)gtk_bitset_get_size (chosen) : g_list_model_get_n_items (rows);

  if (waiting != NULL)
    forget (g_object_get_data (G_OBJECT (waiting), "slip-copier"));
  self->loaded = 0;
  self->more = n > MOST_ROWS;
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < MIN (n, MOST_ROWS); i++)
    {
      guint position = chosen != NULL ? gtk_bitset_get_nth (chosen, i) : i;
      GObject *item = g_list_model_get_item (rows, position);

      g_ptr_array_add (self->items, item);
      if (!is_loaded (item))
        g_signal_connect_object (item, "notify::loaded", G_CALLBACK (loaded_cb), self->view,
                                 G_CONNECT_SWAPPED);
    }
  g_set_weak_pointer (&waiting, self->view);
  g_signal_connect_object (gtk_widget_get_clipboard (GTK_WIDGET (self->view)), "changed",
                           G_CALLBACK (clipboard_cb), self->view, G_CONNECT_SWAPPED);
  copy_when_loaded (self);
}

static gboolean
can_copy (GtkColumnView *view)
{
  GListModel *columns = gtk_column_view_get_columns (view);

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    if (get_cell (columns, i, NULL) != NULL)
      return gtk_column_view_get_model (view) != NULL;
  return FALSE;
}

static void
copy (GtkColumnView *view, gboolean all)
{
  GtkSelectionModel *model = gtk_column_view_get_model (view);
  g_autoptr (GtkBitset) selected = NULL;

  if (!can_copy (view))
    return;
  selected = gtk_selection_model_get_selection (model);
  all = all || gtk_bitset_is_empty (selected);
  if (all)
    slip_slow_list_reach (G_LIST_MODEL (model), MOST_ROWS);
  begin (g_object_get_data (G_OBJECT (view), "slip-copier"), G_LIST_MODEL (model),
         all ? NULL : selected);
}

static void
copy_action (GSimpleAction *action, GVariant *parameter, gpointer view)
{
  copy (view, FALSE);
}

static void
copy_all_action (GSimpleAction *action, GVariant *parameter, gpointer view)
{
  copy (view, TRUE);
}

/* ---- the menu */

/* The item that was chosen is done behind this. */
static gboolean
unparent_cb (gpointer popover)
{
  if (gtk_widget_get_parent (popover) != NULL)
    gtk_widget_unparent (popover);
  return G_SOURCE_REMOVE;
}

static void
closed_cb (GtkPopover *popover)
{
  g_idle_add_full (G_PRIORITY_DEFAULT, unparent_cb, g_object_ref (popover), g_object_unref);
}

/* The view does not know of it: it must go before the view does. */
static void
show_menu (GtkColumnView *view, const GdkRectangle *at)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GtkWidget *popover;

  g_menu_append (menu, _ ("_Copy"), "rows.copy");
  g_menu_append (menu, _ ("Copy _All"), "rows.copy-all");
  popover = gtk_popover_menu_new_from_model (G_MENU_MODEL (menu));
  gtk_popover_set_has_arrow (GTK_POPOVER (popover), FALSE);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), at);
  gtk_widget_set_halign (popover, GTK_ALIGN_START);
  /* Before the list, which is looked for as the last one. */
  gtk_widget_insert_after (popover, GTK_WIDGET (view), NULL);
  g_signal_connect (popover, "closed", G_CALLBACK (closed_cb), NULL);
  g_signal_connect_object (view, "destroy", G_CALLBACK (unparent_cb), popover, G_CONNECT_SWAPPED);
  gtk_popover_popup (GTK_POPOVER (popover));
}

/* Where the focus is: the row. */
static gboolean
menu_key (GtkWidget *view, GVariant *args, gpointer data)
{
  GtkRoot *root = gtk_widget_get_root (view);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;
  graphene_rect_t bounds = GRAPHENE_RECT_INIT (0, 0, 0, 0);

  if (!can_copy (GTK_COLUMN_VIEW (view)))
    return GDK_EVENT_PROPAGATE;
  if (focus == NULL || !gtk_widget_compute_bounds (focus, view, &bounds))
    graphene_rect_init (&bounds, 0, 0, 1, 1);
  show_menu (GTK_COLUMN_VIEW (view),
             &(GdkRectangle){(int)bounds.origin.x + 24, (int)(bounds.origin.y + bounds.size.height),
                             1, 1});
  return GDK_EVENT_STOP;
}

static void
pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, GtkColumnView *view)
{
  GtkWidget *under = gtk_widget_pick (GTK_WIDGET (view), x, y, GTK_PICK_DEFAULT);

  if (!can_copy (view))
    return;
  /* The row under the pointer is what “Copy” is about. */
  if (under != NULL)
    gtk_widget_activate_action (under, "listitem.select", "(bb)", FALSE, FALSE);
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  show_menu (view, &(GdkRectangle){(int)x, (int)y, 1, 1});
}

/* ---- the table */

static void
copier_free (gpointer memory)
{
  Copier *self = memory;

  g_clear_pointer (&self->items, g_ptr_array_unref);
  g_free (self);
}

static void
add_shortcut (GtkEventController *controller, const char *keys, GtkShortcutAction *action)
{
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (controller),
      gtk_shortcut_new (gtk_shortcut_trigger_parse_string (keys), action));
}

void
slip_copy_rows_add (GtkColumnView *view)
{
  static const GActionEntry entries[] = {{.name = "copy", .activate = copy_action},
                                         {.name = "copy-all", .activate = copy_all_action}};
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  GtkEventController *keys = gtk_shortcut_controller_new ();
  GtkGesture *click = gtk_gesture_click_new ();
  Copier *self;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));

  self = g_new0 (Copier, 1);
  self->view = view;
  g_object_set_data_full (G_OBJECT (view), "slip-copier", self, copier_free);
  g_action_map_add_action_entries (G_ACTION_MAP (group), entries, G_N_ELEMENTS (entries), view);
  gtk_widget_insert_action_group (GTK_WIDGET (view), "rows", G_ACTION_GROUP (group));
  /* One of its own for each: the menu shows keys that have no alternative. */
  add_shortcut (keys, "<Control>c", gtk_named_action_new ("rows.copy"));
  add_shortcut (keys, "<Control>Insert", gtk_named_action_new ("rows.copy"));
  add_shortcut (keys, "<Control><Shift>c", gtk_named_action_new ("rows.copy-all"));
  add_shortcut (keys, "Menu|<Shift>F10", gtk_callback_action_new (menu_key, NULL, NULL));
  gtk_widget_add_controller (GTK_WIDGET (view), keys);
  gtk_gesture_single_set_button (GTK_GESTURE_SINGLE (click), GDK_BUTTON_SECONDARY);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), view);
  gtk_widget_add_controller (GTK_WIDGET (view), GTK_EVENT_CONTROLLER (click));
}

void
slip_copy_rows_set_text (GtkColumnViewColumn *column, SlipCopyRowsText text, gconstpointer data)
{
  Cell *cell;

  g_return_if_fail (GTK_IS_COLUMN_VIEW_COLUMN (column) && text != NULL);

  cell = g_new0 (Cell, 1);
  cell->text = text;
  cell->data = data;
  g_object_set_data_full (G_OBJECT (column), "slip-copy-text", cell, g_free);
}
