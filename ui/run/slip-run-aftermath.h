/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_AFTERMATH (slip_run_aftermath_get_type ())

/**
 * SlipRunAftermath:
 *
 * After a failed or cancelled run: what exists now, in the order to undo it, with what it costs; and
 * the way to the commands that finish it by hand. Hidden while there is nothing of that.
 */
G_DECLARE_FINAL_TYPE (SlipRunAftermath, slip_run_aftermath, SLIP, RUN_AFTERMATH, AdwBin)

/**
 * slip_run_aftermath_show:
 * @self: the panel
 * @workbench: whose workspace tells how to sign in
 * @run: a run
 */
void slip_run_aftermath_show (SlipRunAftermath *self, SlipWorkbench *workbench, SlipRun *run);

G_END_DECLS
