/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-timeline.h"

G_BEGIN_DECLS

#define SLIP_TYPE_LANES (slip_lanes_get_type ())

/**
 * SlipLanes:
 *
 * Draws a #SlipTimeline: what was planned behind what happened. It can be zoomed (Ctrl and the wheel,
 * plus and minus, 0 for all) and scrolled (the wheel, dragging, an adjustment for a scroll bar). Arrow
 * keys move a cursor from span to span, which a screen reader hears as the widget's description.
 * Signals: `cursor-changed`, `activated` (a span's tag, which may be %NULL).
 */
G_DECLARE_FINAL_TYPE (SlipLanes, slip_lanes, SLIP, LANES, GtkWidget)

GtkWidget *slip_lanes_new (void);
void slip_lanes_set_timeline (SlipLanes *self, SlipTimeline *timeline);

/**
 * slip_lanes_get_adjustment:
 *
 * Returns: (transfer none): what part is shown, in seconds from the beginning
 */
GtkAdjustment *slip_lanes_get_adjustment (SlipLanes *self);

/**
 * slip_lanes_zoom:
 * @factor: above 1 shows less time in more detail
 */
void slip_lanes_zoom (SlipLanes *self, double factor);

/**
 * slip_lanes_fit:
 *
 * Shows all there is, also when more comes.
 */
void slip_lanes_fit (SlipLanes *self);
gboolean slip_lanes_is_fit (SlipLanes *self);

/**
 * slip_lanes_set_cursor:
 * @index: a span; -1 for none
 *
 * Moves the cursor there and scrolls so that it is seen.
 */
void slip_lanes_set_cursor (SlipLanes *self, int index);
int slip_lanes_get_cursor (SlipLanes *self);

/**
 * slip_lanes_move:
 * @direction: `GTK_DIR_LEFT` and `GTK_DIR_RIGHT` along the lane, up and down to the lane beside
 *
 * Returns: whether there was a span to move to
 */
gboolean slip_lanes_move (SlipLanes *self, GtkDirectionType direction);

/**
 * slip_lanes_set_summary:
 * @summary: what a screen reader says of it
 */
void slip_lanes_set_summary (SlipLanes *self, const char *summary);

/**
 * slip_lanes_get_n_drawn:
 *
 * Returns: how many bars the last frame took; spans that fall on the same pixels are one
 */
guint slip_lanes_get_n_drawn (SlipLanes *self);

G_END_DECLS
