/* SPDX-License-Identifier: MIT */

/* Columns of flat lists, from a table. */

#include "config.h"

#include "slip-columns.h"

#include <glib/gi18n.h>

#include "slip-cell.h"
#include "slip-column-room.h"
#include "slip-copy-rows.h"
#include "slip-tip.h"

/* A cell would be as wide as its text, up to here, or twice that where its column takes the room that is left. */
#define MOST_CHARS 30

/* The only cell that has more than one line: its height is known once its text is laid out. */
static GtkWidget *
new_wrapping (const SlipColumn *column)
{
  GtkWidget *child = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (child), 0);
  gtk_label_set_width_chars (GTK_LABEL (child), column->width_chars);
  gtk_label_set_ellipsize (GTK_LABEL (child), PANGO_ELLIPSIZE_END);
  gtk_label_set_wrap (GTK_LABEL (child), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (child), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_lines (GTK_LABEL (child), 2);
  if (column->expand)
    slip_tip_follow_label (GTK_LABEL (child));
  return child;
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const SlipColumn *column)
{
  GtkWidget *child;

  if (column->wraps)
    child = new_wrapping (column);
  else if (column->tone != NULL)
    child = slip_status_new_cell (column->width_chars, column->width_chars);
  else
    {
      child = slip_cell_new ();
      slip_cell_set_chars (child, column->width_chars, column->width_chars);
      slip_cell_set_tooltip (child);
      if (column->numeric)
        {
          gtk_inscription_set_xalign (GTK_INSCRIPTION (child), 1);
          gtk_widget_add_css_class (child, "numeric");
        }
    }
  gtk_list_item_set_child (list_item, child);
}

/* Most letters are narrower than what a font calls a character's width. */
static int
count_chars (const SlipColumn *column, const char *text)
{
  int most = MAX (column->width_chars, column->expand ? 2 * MOST_CHARS : MOST_CHARS);
  int chars = text != NULL ? (int)g_utf8_strlen (text, -1) : 0;

  return CLAMP (MIN (chars, 2 * most) * 9 / 10 + 1, column->width_chars, most);
}

static void
show_cell (GtkListItem *list_item)
{
  const SlipColumn *column = g_object_get_data (G_OBJECT (list_item), "column");
  GtkWidget *child = gtk_list_item_get_child (list_item);
  gpointer item = gtk_list_item_get_item (list_item);
  g_autofree char *text = NULL;
  int chars;

  if (column == NULL || item == NULL)
    return;
  text = column->text (item);
  chars = count_chars (column, text);
  if (column->wraps)
    gtk_label_set_label (GTK_LABEL (child), text != NULL ? text : "");
  else if (column->tone != NULL)
    {
      slip_status_set_chars (SLIP_STATUS (child), column->width_chars, chars);
      slip_status_set (SLIP_STATUS (child), column->tone (item), text);
    }
  else
    {
      slip_cell_set_chars (child, column->width_chars, chars);
      slip_cell_set_text (child, text);
    }
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const SlipColumn *column)
{
  g_object_set_data (G_OBJECT (list_item), "column", (gpointer)column);
  show_cell (list_item);
  g_signal_connect_object (gtk_list_item_get_item (list_item), "notify", G_CALLBACK (show_cell),
                           list_item, G_CONNECT_SWAPPED);
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const SlipColumn *column)
{
  g_signal_handlers_disconnect_by_func (gtk_list_item_get_item (list_item), show_cell, list_item);
}

static int
compare_cb (gconstpointer a, gconstpointer b, gpointer data)
{
  const SlipColumn *column = data;

  return gtk_ordering_from_cmpfunc (column->compare ((gpointer)a, (gpointer)b));
}

static char *
dup_copied (gpointer item, gconstpointer column)
{
  return ((const SlipColumn *)column)->text (item);
}

GtkColumnViewColumn *
slip_columns_append (GtkColumnView *view,
                     const char *title,
                     gboolean expand,
                     const SlipColumnCallbacks *callbacks,
                     gpointer data)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  g_autoptr (GtkColumnViewColumn) column = NULL;

  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view) && title != NULL && callbacks != NULL, NULL);

  g_signal_connect (factory, "setup", callbacks->setup, data);
  g_signal_connect (factory, "bind", callbacks->bind, data);
  g_signal_connect (factory, "unbind", callbacks->unbind, data);
  column = gtk_column_view_column_new (title, factory);
  gtk_column_view_column_set_expand (column, expand);
  gtk_column_view_column_set_resizable (column, TRUE);
  gtk_column_view_append_column (view, column);
  return column; /* the view keeps it */
}

void
slip_columns_add (GtkColumnView *view, const SlipColumn *columns, guint n_columns)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));

  for (guint i = 0; i < n_columns; i++)
    {
      static const SlipColumnCallbacks callbacks
          = {G_CALLBACK (setup_cb), G_CALLBACK (bind_cb), G_CALLBACK (unbind_cb)};
      gpointer data = (gpointer)&columns[i];
      GtkColumnViewColumn *column
          = slip_columns_append (view, _ (columns[i].title), columns[i].expand, &callbacks, data);

      slip_copy_rows_set_text (column, dup_copied, data);
      slip_column_room_set_need (column, columns[i].width_chars, columns[i].tone != NULL ? 24 : 0);
      if (columns[i].compare != NULL)
        {
          g_autoptr (GtkSorter) sorter
              = GTK_SORTER (gtk_custom_sorter_new (compare_cb, data, NULL));

          gtk_column_view_column_set_sorter (column, sorter);
        }
    }
}

GtkColumnView *
slip_columns_new_view (GtkSelectionModel *model, const char *name)
{
  GtkWidget *view = gtk_column_view_new (model);

  gtk_widget_add_css_class (view, "data-table");
  gtk_widget_add_css_class (view, "dense");
  slip_copy_rows_add (GTK_COLUMN_VIEW (view));
  if (name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  return GTK_COLUMN_VIEW (view);
}

GtkWidget *
slip_columns_new_scroller (GtkColumnView *view)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();

  g_return_val_if_fail (GTK_IS_COLUMN_VIEW (view), scroller);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (view));
  gtk_widget_set_vexpand (scroller, TRUE);
  return scroller;
}
