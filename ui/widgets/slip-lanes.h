/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-status.h"

G_BEGIN_DECLS

#define SLIP_TYPE_LANES (slip_lanes_get_type ())

/**
 * SlipLanes:
 *
 * Spans and moments on a time axis, in named lanes. Drawn from what it was given and nothing else: it
 * has no clock. For a screen reader it is an image with a spoken summary.
 */
G_DECLARE_FINAL_TYPE (SlipLanes, slip_lanes, SLIP, LANES, GtkWidget)

GtkWidget *slip_lanes_new (void);

/**
 * slip_lanes_set_lanes:
 * @names: (array zero-terminated=1): names, from top to bottom
 */
void slip_lanes_set_lanes (SlipLanes *self, const char *const *names);
void slip_lanes_clear (SlipLanes *self);

/**
 * slip_lanes_add:
 * @self: lanes
 * @lane: which, from 0
 * @start_us: where it begins, microseconds since 1970
 * @end_us: where it ends; the same as @start_us for a moment, 0 when it goes on
 * @tone: its colour
 * @label: (nullable): written into it when there is room
 * @tooltip: (nullable): shown when the pointer is over it
 */
void slip_lanes_add (SlipLanes *self,
                     guint lane,
                     gint64 start_us,
                     gint64 end_us,
                     SlipTone tone,
                     const char *label,
                     const char *tooltip);

/**
 * slip_lanes_set_range:
 * @start_us: the left edge
 * @end_us: the right edge; spans that go on end here
 */
void slip_lanes_set_range (SlipLanes *self, gint64 start_us, gint64 end_us);

/**
 * slip_lanes_set_planned_end:
 * @time_us: where the plan's forecast ends, drawn as a line; 0 for none
 */
void slip_lanes_set_planned_end (SlipLanes *self, gint64 time_us);

/**
 * slip_lanes_set_summary:
 * @summary: what a screen reader says of it
 */
void slip_lanes_set_summary (SlipLanes *self, const char *summary);
guint slip_lanes_get_n_spans (SlipLanes *self);

G_END_DECLS
