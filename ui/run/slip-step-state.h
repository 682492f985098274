/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"
#include "slip-status.h"

G_BEGIN_DECLS

/* A step's state as its run lets it be: a run that is over runs nothing, and one whose process is gone
 * does not know what became of its last call, whatever the last entry says. */

/**
 * slip_step_state_follow:
 * @run: a run
 *
 * Tells the run's steps how it stands; they notify `state` when that changes their words.
 */
void slip_step_state_follow (SlipRun *run);

/**
 * slip_step_state_dup_text:
 * @step: a step
 *
 * Returns: (transfer full): its state in words, with how far AWS is
 */
char *slip_step_state_dup_text (SlipRunStep *step);
SlipTone slip_step_state_get_tone (SlipRunStep *step);

/**
 * slip_step_state_find_current:
 * @run: a run
 *
 * Returns: the position of the step that a person should look at: the one that needs them, else the one
 *   under way, else the next one
 */
guint slip_step_state_find_current (SlipRun *run);

G_END_DECLS
