/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipSpan:
 * @lane: which lane, from 0
 * @start: microseconds since 1970
 * @end: the same; @start for a moment, 0 when it goes on
 * @tone: its colour
 * @label: (nullable): written into it when there is room
 * @detail: (nullable): more of it
 * @tag: (nullable): interned; what it belongs to, such as a step's id
 *
 * Something that lasted.
 */
typedef struct
{
  guint lane;
  gint64 start;
  gint64 end;
  SlipTone tone;
  char *label;
  char *detail;
  const char *tag;
} SlipSpan;

#define SLIP_TYPE_TIMELINE (slip_timeline_get_type ())

/**
 * SlipTimeline:
 *
 * Spans in named lanes on one time axis, for #SlipLanes to draw and for a table to list: it is a
 * #GListModel of #SlipTimelineItem, which are made only when they are looked at. Has no clock.
 * Additions are told together, by slip_timeline_commit(), with the signal `changed`.
 */
G_DECLARE_FINAL_TYPE (SlipTimeline, slip_timeline, SLIP, TIMELINE, GObject)

SlipTimeline *slip_timeline_new (void);

/**
 * slip_timeline_ensure_lane:
 * @name: a name for people
 *
 * Returns: the lane of that name, made when there is none
 */
guint slip_timeline_ensure_lane (SlipTimeline *self, const char *name);
guint slip_timeline_get_n_lanes (SlipTimeline *self);
const char *slip_timeline_get_lane (SlipTimeline *self, guint lane);

/**
 * slip_timeline_add:
 * @self: a timeline
 * @span: (transfer none): copied
 *
 * Returns: its index
 */
guint slip_timeline_add (SlipTimeline *self, const SlipSpan *span);

/**
 * slip_timeline_end:
 * @self: a timeline
 * @index: a span that goes on
 * @end: when it ended
 * @tone: what came of it
 */
void slip_timeline_end (SlipTimeline *self, guint index, gint64 end, SlipTone tone);

/**
 * slip_timeline_clear_planned:
 *
 * Drops what was planned; it is told anew whenever the forecast changes.
 */
void slip_timeline_clear_planned (SlipTimeline *self);
void slip_timeline_add_planned (SlipTimeline *self, const SlipSpan *span);

/**
 * slip_timeline_set_range:
 * @start: the left edge of all there is
 * @end: the right edge
 * @now: up to when things are known; spans that go on are drawn up to it
 */
void slip_timeline_set_range (SlipTimeline *self, gint64 start, gint64 end, gint64 now);
void slip_timeline_get_range (SlipTimeline *self, gint64 *start, gint64 *end, gint64 *now);
void slip_timeline_commit (SlipTimeline *self);

/* (array length=n): in the order they were added; valid until the next change. */
const SlipSpan *slip_timeline_get_spans (SlipTimeline *self, guint *n);
const SlipSpan *slip_timeline_get_planned (SlipTimeline *self, guint *n);

/**
 * slip_timeline_dup_text:
 * @index: a span
 *
 * Returns: (transfer full): lane, what, from when, how long: in one line, also for a screen reader
 */
char *slip_timeline_dup_text (SlipTimeline *self, guint index);

#define SLIP_TYPE_TIMELINE_ITEM (slip_timeline_item_get_type ())

/**
 * SlipTimelineItem:
 *
 * One span as a row.
 */
G_DECLARE_FINAL_TYPE (SlipTimelineItem, slip_timeline_item, SLIP, TIMELINE_ITEM, GObject)

const SlipSpan *slip_timeline_item_get_span (SlipTimelineItem *self);
const char *slip_timeline_item_get_lane (SlipTimelineItem *self);

G_END_DECLS
