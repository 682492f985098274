/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-bench.h"

G_BEGIN_DECLS

/**
 * SlipBenchProbe:
 *
 * Measures how long the main loop stands: a source that wants to be called every millisecond notes
 * how late it is. A thread beside it looks, when the loop has stood for a while, where it stands.
 */
typedef struct _SlipBenchProbe SlipBenchProbe;

/**
 * slip_bench_probe_new:
 * @suspicious_ms: after how long the thread looks
 * @window: whose frames are told in their parts: what before them, layout, drawing
 *
 * Begins to measure the calling thread's main loop; one probe at a time.
 */
SlipBenchProbe *slip_bench_probe_new (double suspicious_ms, GtkWidget *window);

/**
 * slip_bench_probe_stop:
 * @longest_ms: (out): the longest time the loop stood without being held up by others: waiting for a processor, or for
 *   the display's server to answer
 * @stood: how long it stood each time that it was late by more than a millisecond; added to
 * @stack: (out) (transfer full): where it stood then, or the empty text when it never stood long
 *
 * Ends measuring and frees the probe.
 */
void slip_bench_probe_stop (SlipBenchProbe *probe,
                            double *longest_ms,
                            SlipBenchSeries *stood,
                            char **stack);

G_END_DECLS
