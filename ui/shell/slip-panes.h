/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * SlipPanes:
 * @window: the window
 * @outer: navigator beside all else
 * @middle: page and details above activity
 * @inner: page beside details
 * @details: the details pane
 * @activity: the activity panel
 *
 * The sizes of the window and its panes, restored at the start and remembered at the end. All widgets
 * are borrowed.
 */
typedef struct
{
  GtkWindow *window;
  GtkPaned *outer;
  GtkPaned *middle;
  GtkPaned *inner;
  GtkWidget *details;
  GtkWidget *activity;
  /*< private >*/
  int navigator_width;
  int details_width;
  int activity_height;
  guint frames;
  gboolean placing;
  gboolean widening;
  gboolean placed;
  gboolean activity_placed;
  gboolean compact;
} SlipPanes;

/**
 * slip_panes_restore:
 *
 * Gives the window the size it had.
 */
void slip_panes_restore (SlipPanes *panes);

/**
 * slip_panes_show_details:
 * @visible: whether the details pane is shown
 *
 * Shows or hides it; it comes back with the width it had.
 */
void slip_panes_show_details (SlipPanes *panes, gboolean visible);

/**
 * slip_panes_set_compact:
 * @compact: whether the activity panel is one line
 *
 * Gives the panel the height it needs; it grows back to the one it had.
 */
void slip_panes_set_compact (SlipPanes *panes, gboolean compact);

/**
 * slip_panes_save:
 *
 * Remembers the sizes.
 */
void slip_panes_save (SlipPanes *panes);

G_END_DECLS
