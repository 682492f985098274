/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"
#include "slip-status.h"

G_BEGIN_DECLS

/* How states and kinds of entries are called in the window, translated. */
const char *slip_run_state_title (SlipRunState state);
SlipTone slip_run_state_tone (SlipRunState state);
const char *slip_run_step_state_title (SlipRunStepState state);
SlipTone slip_run_step_state_tone (SlipRunStepState state);

/**
 * slip_run_kind_title:
 * @kind: (nullable): a kind of ledger entry
 *
 * Returns: (transfer none): what it is for people; a kind that is not known stands for itself
 */
const char *slip_run_kind_title (const char *kind);

/**
 * slip_run_effect_title:
 * @effect: (nullable): `read`, `change` or `final`
 */
const char *slip_run_effect_title (const char *effect);
SlipTone slip_run_effect_tone (const char *effect);

/**
 * slip_run_has_undo:
 * @step: a planned step
 *
 * Returns: whether its document names a way to take it back
 */
gboolean slip_run_has_undo (const SlipPlanStep *step);

/**
 * slip_run_dup_effect_text:
 * @step: a planned step
 *
 * Returns: (transfer full): a sentence on whether it changes anything and how that is undone
 */
char *slip_run_dup_effect_text (const SlipPlanStep *step);

G_END_DECLS
