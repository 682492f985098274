/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"

G_BEGIN_DECLS

/**
 * SlipDurations:
 *
 * What the ledger remembers of how long steps took: by kind of step (its action and call; a wait by
 * the change that it waits for) and by size, in runs that have ended. Durations of a rehearsal are
 * kept apart from those of AWS itself by its endpoints and its speed, and only what AWS took in it is
 * multiplied by that: our calls and the work in databases are no faster there. Steps in which the two
 * cannot be told apart, such as a task that runs in AWS, teach nothing then. Immutable once loaded, so
 * any thread may use it.
 */
typedef struct _SlipDurations SlipDurations;

/**
 * SlipDurationEstimate:
 * @runs: from how many runs; never 0
 * @median: minutes at speed 1
 * @p90: minutes at speed 1 that nine of ten did not exceed
 * @ours: of @median, the minutes that do not wait for AWS, and that are as long at any speed
 */
typedef struct
{
  guint runs;
  double median;
  double p90;
  double ours;
} SlipDurationEstimate;

/**
 * slip_durations_load:
 * @ledger: a ledger
 * @error: return location
 *
 * Reads the newest runs that have ended, at most 200. Only steps that were done in one go count: not
 * those that a pause, a person or an interruption lengthened. Blocks for the disk. Any thread.
 *
 * Returns: (transfer full): what they tell, or %NULL with %SLIP_LEDGER_ERROR_READ
 */
SlipDurations *slip_durations_load (SlipLedger *ledger, GError **error);
void slip_durations_free (SlipDurations *self);

/**
 * slip_durations_estimate:
 * @self: what is remembered
 * @plan: a plan
 * @step: one of its steps
 * @speed: how much faster than real time the plan's environment is; 1 for AWS itself
 * @estimate: (out): how long the step takes
 *
 * A step that has a size is compared with those between half and twice of it.
 *
 * Returns: whether anything is remembered
 */
gboolean slip_durations_estimate (SlipDurations *self,
                                  SlipPlan *plan,
                                  SlipPlanStep *step,
                                  double speed,
                                  SlipDurationEstimate *estimate);

/**
 * slip_plan_remember:
 * @plan: a plan as the planner made it
 * @ledger: (nullable): where earlier runs are
 * @workspace: (nullable): whose environments tell the speed; without it, that of AWS itself
 *
 * Puts what is remembered in place of what the document forecasts, step for step, and says so in the
 * plan: see slip_plan_step_get_runs(). The hash stays what it was. A ledger that cannot be read only
 * costs the better forecast. Blocks for the disk. Any thread.
 *
 * Returns: (transfer full): the plan with the better forecast, or @plan itself
 */
SlipPlan *slip_plan_remember (SlipPlan *plan, SlipLedger *ledger, SlipWorkspace *workspace);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDurations, slip_durations_free)

G_END_DECLS
