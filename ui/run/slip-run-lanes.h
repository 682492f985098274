/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"
#include "slip-timeline.h"

G_BEGIN_DECLS

/**
 * SlipRunLanes:
 *
 * A run's ledger entries as spans: our calls, what AWS said of its states, what people did and what
 * was waited for them, and how long each session lasts; behind them, what was planned. Each entry is
 * read once. Nothing is interpolated: a span that goes on ends at the run's last entry.
 */
typedef struct _SlipRunLanes SlipRunLanes;

SlipRunLanes *slip_run_lanes_new (SlipRun *run, SlipTimeline *timeline);
void slip_run_lanes_free (SlipRunLanes *self);

/**
 * slip_run_lanes_update:
 * @self: the lanes
 * @speed: how much faster than real time the run's environment is
 *
 * Reads the entries that have come since, and tells the timeline.
 */
void slip_run_lanes_update (SlipRunLanes *self, double speed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipRunLanes, slip_run_lanes_free)

G_END_DECLS
