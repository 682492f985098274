/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipBenchTime:
 * @wall: microseconds of the monotonic clock
 * @worked: microseconds that the calling thread had a processor, since it began
 * @held: microseconds that others held it up since then: it waited for a processor, or the display's server owed it an answer
 *
 * A moment. Two of them tell how long something took, how much of that was work, and how much was not ours to change. What
 * is left, a lock or a disk waited for, is ours.
 */
typedef struct
{
  gint64 wall;
  gint64 worked;
  gint64 held;
} SlipBenchTime;

/**
 * slip_bench_options:
 *
 * Returns: (transfer full): the options that all measurements have: `--factor` and `--shared`
 */
GOptionContext *slip_bench_options (const char *summary);

SlipBenchTime slip_bench_now (void);

/**
 * slip_bench_since:
 * @from: an earlier moment of the same thread
 *
 * Returns: milliseconds since @from; with `--shared` only those in which the thread had a processor
 */
double slip_bench_since (const SlipBenchTime *from);

/**
 * slip_bench_between:
 * @from: an earlier moment of the same thread
 * @to: a later one
 *
 * Returns: milliseconds between them in which nobody else held the thread up
 */
double slip_bench_between (const SlipBenchTime *from, const SlipBenchTime *to);

/**
 * slip_bench_hold:
 * @us: microseconds
 *
 * Adds to what the calling thread waited for others.
 */
void slip_bench_hold (gint64 us);

/**
 * SlipBenchSeries:
 *
 * How long something took each time it was done: by the clock, by work, and without what others held up.
 */
typedef struct
{
  GArray *wall;   /* element-type double, milliseconds */
  GArray *worked; /* the same */
  GArray *ours;   /* the same */
} SlipBenchSeries;

SlipBenchSeries *slip_bench_series_new (void);
void slip_bench_series_free (SlipBenchSeries *series);

/**
 * slip_bench_series_add:
 * @from: when it began
 * @to: when it ended
 */
void
slip_bench_series_add (SlipBenchSeries *series, const SlipBenchTime *from, const SlipBenchTime *to);

/**
 * slip_bench_series_get:
 * @p: 0.5 for the median, 1 for the greatest
 *
 * Returns: milliseconds; of work with `--shared`
 */
double slip_bench_series_get (SlipBenchSeries *series, double p);

/**
 * slip_bench_series_print:
 * @name: of the series
 *
 * Prints `,"NAME_wall_ms":{…},"NAME_worked_ms":{…},"NAME_ours_ms":{…}`, each with median, p99 and worst.
 */
void slip_bench_series_print (SlipBenchSeries *series, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipBenchSeries, slip_bench_series_free)

/**
 * slip_bench_judge:
 * @value: what was measured
 * @limit: what it is held to, before `--factor`
 *
 * Prints `"held_to":LIMIT,"kept":BOOL` and the end of the JSON object whose begin the caller printed.
 *
 * Returns: the exit status: 0 or 1
 */
int slip_bench_judge (double value, double limit);

G_END_DECLS
