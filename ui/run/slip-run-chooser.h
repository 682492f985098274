/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run-list.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_CHOOSER (slip_run_chooser_get_type ())

/**
 * SlipRunChooser:
 *
 * A drop-down of all runs, newest first, for filters. Signal `changed`: another one was chosen.
 */
G_DECLARE_FINAL_TYPE (SlipRunChooser, slip_run_chooser, SLIP, RUN_CHOOSER, AdwBin)

void slip_run_chooser_set_runs (SlipRunChooser *self, SlipRunList *runs);

/**
 * slip_run_chooser_choose:
 * @self: a chooser
 * @run_id: (nullable): a run, also one that is not listed yet; %NULL for all
 */
void slip_run_chooser_choose (SlipRunChooser *self, const char *run_id);

/**
 * slip_run_chooser_get_run:
 *
 * Returns: (transfer none) (nullable): the run that is chosen, %NULL when all are
 */
const char *slip_run_chooser_get_run (SlipRunChooser *self);

G_END_DECLS
