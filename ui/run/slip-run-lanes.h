/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-lanes.h"
#include "slip-run.h"

G_BEGIN_DECLS

/**
 * slip_run_lanes_fill:
 * @lanes: lanes
 * @run: a run
 *
 * Draws a run's ledger entries: our calls, what AWS said of its states, what people did, and how long
 * each session lasts. Open spans end at the run's last entry.
 */
void slip_run_lanes_fill (SlipLanes *lanes, SlipRun *run);

G_END_DECLS
