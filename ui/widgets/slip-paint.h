/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-status.h"

G_BEGIN_DECLS

/* What widgets that draw themselves have in common. Main thread. */

/**
 * slip_paint_get_color:
 * @widget: whose theme is asked
 * @name: (nullable): a colour of the theme; %NULL for that of the text
 *
 * Returns: the colour
 */
GdkRGBA slip_paint_get_color (GtkWidget *widget, const char *name);

/**
 * slip_paint_get_tone_name:
 *
 * Returns: (transfer none) (nullable): how the theme's colours of a tone begin, such as `error`
 */
const char *slip_paint_get_tone_name (SlipTone tone);

/**
 * slip_paint_get_tone:
 *
 * Returns: the colour that fills things of a tone
 */
GdkRGBA slip_paint_get_tone (GtkWidget *widget, SlipTone tone);

/**
 * slip_paint_text:
 * @text: one line
 * @x: the left edge; with @xalign 1 the right one, with 0.5 the middle
 * @y: the upper edge of the room
 * @height: of the room; the text stands in its middle
 * @max_width: a longer text is cut with an ellipsis; 0 is no limit
 * @xalign: 0, 0.5 or 1
 * @color: its colour
 *
 * Returns: how wide it is
 */
int slip_paint_text (GtkWidget *widget,
                     GtkSnapshot *snapshot,
                     const char *text,
                     double x,
                     double y,
                     double height,
                     double max_width,
                     double xalign,
                     const GdkRGBA *color);

/**
 * slip_paint_frame:
 * @rect: what is framed
 * @width: of the line, pixels
 *
 * Draws a line around something.
 */
void slip_paint_frame (GtkSnapshot *snapshot,
                       const graphene_rect_t *rect,
                       float width,
                       const GdkRGBA *color);

G_END_DECLS
