/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"

G_BEGIN_DECLS

/* Between SlipRun and SlipRunStep only. */
SlipRunStep *slip_run_step_new (SlipFoldStep *step);
SlipFoldStep *slip_run_step_get_fold (SlipRunStep *self);

/**
 * slip_run_step_changed:
 *
 * Notifies what differs from the last time.
 */
void slip_run_step_changed (SlipRunStep *self);

G_END_DECLS
