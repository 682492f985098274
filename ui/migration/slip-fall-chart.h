/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipFallSlot:
 * @label: what it is, translated
 * @from: where the bar begins, rows
 * @to: where it ends, rows
 * @rows: what the number above it says: a level's rows, or those of a gap with their sign
 * @tone: how it is drawn
 * @tag: what a choice of it means to the owner
 *
 * A bar of the chart: a level stands on the ground, a gap hangs between two levels.
 */
typedef struct
{
  char *label;
  gint64 from;
  gint64 to;
  gint64 rows;
  SlipTone tone;
  guint tag;
} SlipFallSlot;

void slip_fall_slot_free (SlipFallSlot *slot);

#define SLIP_TYPE_FALL_CHART (slip_fall_chart_get_type ())

/**
 * SlipFallChart:
 *
 * Draws how a number of rows becomes another, level by level. Arrow keys go from bar to bar, which a screen
 * reader hears as the widget's description. Signal `chosen` (a slot's tag).
 */
G_DECLARE_FINAL_TYPE (SlipFallChart, slip_fall_chart, SLIP, FALL_CHART, GtkWidget)

GtkWidget *slip_fall_chart_new (void);

/**
 * slip_fall_chart_set_slots:
 * @slots: (element-type SlipFallSlot) (transfer full): the bars, from the left
 * @summary: what a screen reader says of all of it
 *
 * Shows other bars. The marked one stays marked by its tag; that it is not there any more is told.
 */
void slip_fall_chart_set_slots (SlipFallChart *self, GPtrArray *slots, const char *summary);

/**
 * slip_fall_chart_choose:
 * @index: a bar; -1 for none
 *
 * Marks a bar, and tells so.
 */
void slip_fall_chart_choose (SlipFallChart *self, int index);

G_END_DECLS
