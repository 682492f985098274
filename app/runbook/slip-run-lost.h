/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run-fold.h"
#include "slip-run-look.h"

G_BEGIN_DECLS

/**
 * SLIP_RUN_MISSING:
 *
 * The member of what a guard that bars found, and of the outcome of a step that failed: what the run made and did not
 * find any more, `[{step, service, operation, input, code}]`, where `step` made it.
 */
#define SLIP_RUN_MISSING "missing"

/* What a run made and is not there any more, as far as its ledger knows; and where it goes on then. */

/**
 * slip_run_fold_list_lost:
 * @fold: a run
 *
 * Of each step that changed something, whether a later entry says that what it acted on is gone: the run
 * itself deleted it, found that somebody else had, or AWS said so and the run stopped at that. What was
 * made anew since is not gone. Things are told by what they are and by name, through renames. Touches no
 * disk and asks AWS nothing: of what nobody looked at again nothing is known.
 *
 * Returns: (transfer full): a table of step (#SlipFoldStep, borrowed) → why (utf8), a clause
 */
GHashTable *slip_run_fold_list_lost (SlipRunFold *fold);

/**
 * slip_run_fold_list_made:
 * @fold: a run
 *
 * Returns: (transfer full) (element-type SlipRunLook): how each thing is looked up that the run made, neither renamed
 *   nor took away again, and that can be looked up by name; in the order of the plan
 */
GPtrArray *slip_run_fold_list_made (SlipRunFold *fold);

/**
 * slip_run_fold_list_needed:
 * @fold: a run that is not through
 *
 * Returns: (transfer full) (element-type SlipRunLook): of these, what can be made again where it is gone, because all that
 *   was done since may be done once more; in the order of the plan
 */
GPtrArray *slip_run_fold_list_needed (SlipRunFold *fold);

/**
 * slip_run_fold_list_reset:
 * @fold: a run
 *
 * What was set since the first of slip_run_fold_list_needed() was made, and would be missing from what is made again.
 *
 * Returns: (transfer full) (element-type SlipFoldStep): in the order in which they were done
 */
GPtrArray *slip_run_fold_list_reset (SlipRunFold *fold);

/**
 * slip_run_fold_find_maker:
 * @fold: a run
 * @wait: a wait of it that failed
 *
 * The step that made, under rule R1, what @wait waits for, where the way between them may be taken once
 * more and it was not made again since @wait failed.
 *
 * Returns: (transfer none) (nullable): that step
 */
SlipFoldStep *slip_run_fold_find_maker (SlipRunFold *fold, SlipFoldStep *wait);

/**
 * slip_run_fold_list_again:
 * @fold: a run
 *
 * The steps that are done and that the run takes once more when it goes on: from where it went back to, or,
 * when it stopped at a wait that failed, from the step that makes what was waited for.
 *
 * Returns: (transfer full): a table of step (#SlipFoldStep, borrowed) → why (utf8) for the first of them,
 *   %NULL for the others
 */
GHashTable *slip_run_fold_list_again (SlipRunFold *fold);

G_END_DECLS
