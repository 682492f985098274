/* SPDX-License-Identifier: MIT */

/* Which columns a narrow window shows. A name that is cut in its middle is worth less than a size that
 * is a click away, so the first column is served first. */

#include "config.h"

#include "slip-column-room.h"

/* Of the interface's font, and of a cell's own padding. */
#define PIXELS_PER_CHAR 9
#define CELL_PADDING 18

typedef struct
{
  GtkColumnView *view;       /* borrowed: it owns this */
  GtkAdjustment *adjustment; /* owned, nullable */
  gulong handler;
  GListModel *columns; /* owned */
  gulong columns_handler;
  int first;
  guint source;
} Room;

static int
get_need (GtkColumnViewColumn *column)
{
  return GPOINTER_TO_INT (g_object_get_data (G_OBJECT (column), "slip-room"));
}

static gboolean
update_cb (gpointer data)
{
  Room *room = data;
  GListModel *columns = room->columns;
  int width = room->adjustment != NULL ? (int)gtk_adjustment_get_page_size (room->adjustment) : 0;
  int used = room->first;

  room->source = 0;
  for (guint i = 1; width > 1 && i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);
      gboolean fits;

      used += get_need (column);
      fits = i == 1 || used <= width || get_need (column) == 0;
      if (gtk_column_view_column_get_visible (column) != fits)
        gtk_column_view_column_set_visible (column, fits);
    }
  return G_SOURCE_REMOVE;
}

/* Later: the width is told in the middle of an allocation. */
static void
queue_update (Room *room)
{
  if (room->source == 0)
    room->source = g_idle_add_full (G_PRIORITY_HIGH_IDLE, update_cb, room, NULL);
}

static void
forget_adjustment (Room *room)
{
  if (room->adjustment != NULL)
    g_clear_signal_handler (&room->handler, room->adjustment);
  g_clear_object (&room->adjustment);
}

static void
adjustment_changed_cb (Room *room)
{
  forget_adjustment (room);
  g_set_object (&room->adjustment, gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (room->view)));
  if (room->adjustment == NULL)
    return;
  room->handler = g_signal_connect_swapped (room->adjustment, "notify::page-size",
                                            G_CALLBACK (queue_update), room);
  queue_update (room);
}

static void
room_free (gpointer data)
{
  Room *room = data;

  g_clear_handle_id (&room->source, g_source_remove);
  forget_adjustment (room);
  g_clear_signal_handler (&room->columns_handler, room->columns);
  g_object_unref (room->columns);
  g_free (room);
}

void
slip_column_room_add (GtkColumnView *view, int first)
{
  Room *room;

  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));

  room = g_new0 (Room, 1);
  room->view = view;
  room->first = first;
  g_object_set_data_full (G_OBJECT (view), "slip-room", room, room_free);
  g_signal_connect_data (view, "notify::hadjustment", G_CALLBACK (adjustment_changed_cb), room,
                         NULL, G_CONNECT_SWAPPED);
  room->columns = g_object_ref (gtk_column_view_get_columns (view));
  room->columns_handler
      = g_signal_connect_swapped (room->columns, "items-changed", G_CALLBACK (queue_update), room);
  adjustment_changed_cb (room);
}

void
slip_column_room_set_need (GtkColumnViewColumn *column, int width_chars, int extra)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW_COLUMN (column));
  g_object_set_data (G_OBJECT (column), "slip-room",
                     GINT_TO_POINTER (width_chars * PIXELS_PER_CHAR + extra + CELL_PADDING));
}
