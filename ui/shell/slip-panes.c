/* SPDX-License-Identifier: MIT */

/* Sizes of the window and its panes. A pane's position counts from its start, and only means something
 * once all is allocated: what keeps its size is the pane at the end, so it is placed anew whenever it
 * comes back. */

#include "config.h"

#include "slip-panes.h"

#include "slip-paned.h"
#include "slip-settings.h"

/* Beside a page of a narrow window, details take less than they would like. */
static int
get_details_width (SlipPanes *panes)
{
  int window = gtk_widget_get_width (GTK_WIDGET (panes->window));
  int minimum = 0;

  gtk_widget_measure (panes->details, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  return MAX (MIN (panes->details_width, window * 27 / 100), minimum);
}

static int
get_activity_height (SlipPanes *panes)
{
  int minimum = 0;

  gtk_widget_measure (panes->activity, GTK_ORIENTATION_VERTICAL, -1, &minimum, NULL, NULL, NULL);
  return panes->compact ? minimum : MAX (panes->activity_height, minimum);
}

static gboolean
place_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SlipPanes *panes = data;
  int width = gtk_widget_get_width (GTK_WIDGET (panes->inner));
  int height = gtk_widget_get_height (GTK_WIDGET (panes->middle));

  if (width <= 0 || height <= 0)
    return G_SOURCE_CONTINUE;
  gtk_paned_set_position (panes->inner, MAX (width - get_details_width (panes) - 1, 0));
  if (!panes->activity_placed)
    gtk_paned_set_position (panes->middle, height - get_activity_height (panes) - 1);
  if (++panes->frames < 3)
    return G_SOURCE_CONTINUE;
  panes->placed = TRUE;
  panes->activity_placed = TRUE;
  panes->placing = FALSE;
  return G_SOURCE_REMOVE;
}

static void
place (SlipPanes *panes)
{
  panes->frames = 0;
  if (!panes->placing)
    gtk_widget_add_tick_callback (GTK_WIDGET (panes->window), place_cb, panes, NULL);
  panes->placing = TRUE;
}

static void
remember_activity_height (SlipPanes *panes)
{
  if (panes->activity_placed && !panes->compact && gtk_widget_get_mapped (panes->activity))
    panes->activity_height = gtk_widget_get_height (panes->activity);
}

static void
remember_details_width (SlipPanes *panes)
{
  int width = gtk_widget_get_width (panes->details);

  /* What a narrow window made of it is not what the person chose. */
  if (panes->placed && !panes->placing && gtk_widget_get_mapped (panes->details)
      && ABS (width - get_details_width (panes)) > 2)
    panes->details_width = width;
}

static void
resized_cb (SlipPanes *panes)
{
  if (panes->placed && gtk_widget_get_visible (panes->details))
    place (panes);
}

static int
get_navigator_room (SlipPanes *panes)
{
  int room = 0;

  g_object_get (panes->outer, "max-position", &room, NULL);
  return room;
}

/* What a narrow window or a broad page made of it is not what the person chose. */
static void
navigator_moved_cb (SlipPanes *panes)
{
  int width = gtk_paned_get_position (panes->outer);

  if (!panes->widening && width < get_navigator_room (panes))
    panes->navigator_width = width;
}

static gboolean
widen_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  SlipPanes *panes = data;

  gtk_paned_set_position (panes->outer, MIN (panes->navigator_width, get_navigator_room (panes)));
  panes->widening = FALSE;
  return G_SOURCE_REMOVE;
}

/* The paned itself never gives back what it took. */
static void
room_changed_cb (SlipPanes *panes)
{
  int wanted = MIN (panes->navigator_width, get_navigator_room (panes));

  if (panes->widening || gtk_paned_get_position (panes->outer) >= wanted)
    return;
  panes->widening = TRUE;
  gtk_widget_add_tick_callback (GTK_WIDGET (panes->window), widen_cb, panes, NULL);
}

void
slip_panes_restore (SlipPanes *panes)
{
  int width = slip_settings_get_int ("window-width", 1280);

  gtk_window_set_default_size (panes->window, width, slip_settings_get_int ("window-height", 800));
  if (slip_settings_get_boolean ("window-maximized", FALSE))
    gtk_window_maximize (panes->window);
  panes->navigator_width = slip_settings_get_int ("navigator-width", 216);
  gtk_paned_set_position (panes->outer, panes->navigator_width);
  panes->activity_height = slip_settings_get_int ("activity-height", 132);
  panes->details_width = slip_settings_get_int ("details-width", 340);
  slip_paned_watch (panes->outer);
  slip_paned_watch (panes->middle);
  slip_paned_watch (panes->inner);
  g_signal_connect_swapped (panes->window, "notify::default-width", G_CALLBACK (resized_cb), panes);
  g_signal_connect_swapped (panes->outer, "notify::position", G_CALLBACK (navigator_moved_cb),
                            panes);
  g_signal_connect_swapped (panes->outer, "notify::max-position", G_CALLBACK (room_changed_cb),
                            panes);
}

void
slip_panes_show_details (SlipPanes *panes, gboolean visible)
{
  gboolean was_visible = gtk_widget_get_visible (panes->details);

  remember_details_width (panes);
  gtk_widget_set_visible (panes->details, visible);
  if (visible && (!was_visible || !panes->placed))
    place (panes);
}

void
slip_panes_set_compact (SlipPanes *panes, gboolean compact)
{
  if (panes->compact == compact)
    return;
  remember_activity_height (panes);
  remember_details_width (panes);
  panes->compact = compact;
  panes->activity_placed = FALSE;
  place (panes);
}

void
slip_panes_save (SlipPanes *panes)
{
  GSettings *settings = slip_settings_get ();
  int width = 0;
  int height = 0;

  if (settings == NULL)
    return;
  gtk_window_get_default_size (panes->window, &width, &height);
  if (width > 0 && height > 0)
    {
      slip_settings_set_int ("window-width", width);
      slip_settings_set_int ("window-height", height);
    }
  g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (panes->window));
  slip_settings_set_int ("navigator-width", panes->navigator_width);
  remember_details_width (panes);
  slip_settings_set_int ("details-width", panes->details_width);
  remember_activity_height (panes);
  slip_settings_set_int ("activity-height", panes->activity_height);
}
