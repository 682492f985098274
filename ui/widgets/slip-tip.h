/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_tip_set:
 * @widget: a widget that is brought up to date often
 * @text: (nullable): its tooltip
 *
 * Like gtk_widget_set_tooltip_text(), which asks the display where the pointer is and waits for the answer at each change;
 * this asks for nothing, and a tooltip that is open keeps its text until the pointer moves. A screen reader reads the text
 * as the widget's description.
 */
void slip_tip_set (GtkWidget *widget, const char *text);

/**
 * slip_tip_get:
 *
 * Returns: (transfer none) (nullable): the text that slip_tip_set() gave @widget
 */
const char *slip_tip_get (GtkWidget *widget);

/**
 * slip_tip_follow_label:
 * @label: a label that is cut where there is no room
 *
 * Lets what the label says be its tooltip where it is cut. It costs nothing until somebody points at it.
 */
void slip_tip_follow_label (GtkLabel *label);

G_END_DECLS
