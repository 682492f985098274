/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-status.h"

G_BEGIN_DECLS

/**
 * SlipBar:
 * @label: what is counted
 * @expected: rows that should be
 * @actual: rows that are
 * @wrong: rows that are not as they should be, of both
 * @note: what is wrong in words, or that nothing is; translated
 * @tone: what that means
 *
 * Two numbers side by side.
 */
typedef struct
{
  char *label;
  gint64 expected;
  gint64 actual;
  gint64 wrong;
  char *note;
  SlipTone tone;
} SlipBar;

void slip_bar_free (SlipBar *bar);

#define SLIP_TYPE_BARS (slip_bars_get_type ())

/**
 * SlipBars:
 *
 * Draws expected beside actual, a line for each pair. Arrow keys go from line to line, which a screen reader hears as
 * the widget's description; Enter opens one. Signals: `chosen` and `activated` (a line).
 */
G_DECLARE_FINAL_TYPE (SlipBars, slip_bars, SLIP, BARS, GtkWidget)

GtkWidget *slip_bars_new (void);

/**
 * slip_bars_set_bars:
 * @bars: (element-type SlipBar) (transfer full): the lines
 * @summary: what a screen reader says of all of it
 *
 * Shows other lines. The marked one stays marked, wherever the line of its label is now.
 */
void slip_bars_set_bars (SlipBars *self, GPtrArray *bars, const char *summary);

/**
 * slip_bars_choose:
 * @index: a line; -1 for none
 *
 * Marks a line, without a signal.
 */
void slip_bars_choose (SlipBars *self, int index);

/**
 * slip_bars_get_chosen:
 *
 * Returns: the marked line; -1 for none
 */
int slip_bars_get_chosen (SlipBars *self);

G_END_DECLS
