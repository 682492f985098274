/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-lanes.h"
#include "slip-run.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_TIMELINE (slip_run_timeline_get_type ())

/**
 * SlipRunTimeline:
 *
 * The time line of a run: lanes with zoom, scroll bar and cursor, or the same spans as a table. Signal
 * `step-activated` (the step's id) when a person chooses a span of a step.
 */
G_DECLARE_FINAL_TYPE (SlipRunTimeline, slip_run_timeline, SLIP, RUN_TIMELINE, AdwBin)

/**
 * slip_run_timeline_set_run:
 * @self: the time line
 * @run: a run
 * @speed: how much faster than real time its environment is
 */
void slip_run_timeline_set_run (SlipRunTimeline *self, SlipRun *run, double speed);

/**
 * slip_run_timeline_update:
 *
 * Reads what the run has gained.
 */
void slip_run_timeline_update (SlipRunTimeline *self);
SlipLanes *slip_run_timeline_get_lanes (SlipRunTimeline *self);

/**
 * slip_run_timeline_show_table:
 * @shown: whether the table is shown in place of the lanes
 */
void slip_run_timeline_show_table (SlipRunTimeline *self, gboolean shown);

G_END_DECLS
