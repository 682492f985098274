/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-lanes.h"

G_BEGIN_DECLS

/* Between the lanes' two files: what moves, and what is drawn. */

#define LANE_HEIGHT 26
#define AXIS_HEIGHT 22
#define GUTTER 150

struct _SlipLanes
{
  GtkWidget parent_instance;

  SlipTimeline *timeline;    /* owned, nullable */
  GtkAdjustment *adjustment; /* owned */
  gint64 start;              /* of what is shown */
  gint64 end;
  gboolean fit;
  int cursor;
  double pointer; /* x, negative when it is elsewhere */
  double drag_from;
  guint drawn;
  gboolean settling;
};

double slip_lanes_width (SlipLanes *self);
double slip_lanes_x_of (SlipLanes *self, gint64 time);
gint64 slip_lanes_time_of (SlipLanes *self, double x);

/* Where a span is drawn; FALSE when that is not in what is shown. */
gboolean
slip_lanes_get_rect (SlipLanes *self, const SlipSpan *span, gint64 now, graphene_rect_t *rect);
void slip_lanes_get_range (SlipLanes *self, gint64 *start, gint64 *end, gint64 *now);
void slip_lanes_draw (SlipLanes *self, GtkSnapshot *snapshot);

G_END_DECLS
