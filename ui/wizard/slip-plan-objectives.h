/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-environment.h"
#include "slip-plan.h"

G_BEGIN_DECLS

/* How much is lost and how long it takes, in words for the head of a plan and of a run. */

/**
 * slip_plan_objectives_dup_age:
 * @data: when the data was saved, microseconds since 1970
 * @now_us: the moment that the age is told for
 *
 * Returns: (transfer full): `Data as of 2026-11-20 02:00:00 UTC, 19 h old. What was written since is lost.`
 */
char *slip_plan_objectives_dup_age (gint64 data, gint64 now_us);

/**
 * slip_plan_objectives_dup_length:
 * @plan: a plan
 * @environment: (nullable): where it acts; %NULL stands for AWS
 *
 * Returns: (transfer full): `The whole procedure takes about 2 h 10 min: 1 h 40 min waiting for AWS, 30 min
 *   ours.`
 */
char *slip_plan_objectives_dup_length (SlipPlan *plan, SlipEnvironment *environment);

/**
 * slip_plan_objectives_dup_since:
 * @data: when it was saved, microseconds since 1970
 * @now_us: the time
 *
 * Returns: (transfer full): when that was and how old it is, of what is looked at and not restored
 */
char *slip_plan_objectives_dup_since (gint64 data, gint64 now_us);

/**
 * slip_plan_objectives_dup_data:
 * @plan: a plan
 * @now_us: the moment that the age is told for, microseconds since 1970
 *
 * Returns: (transfer full) (nullable): `of 2026-11-21 04:05:00 UTC, 2 h 10 min old; what was written
 *   since is lost`; %NULL when the plan restores nothing
 */
char *slip_plan_objectives_dup_data (SlipPlan *plan, gint64 now_us);

/**
 * slip_plan_objectives_dup_source:
 *
 * Returns: (transfer full): where the forecast is from: `9 of 14 steps from earlier runs`
 */
char *slip_plan_objectives_dup_source (SlipPlan *plan);

/**
 * slip_plan_objectives_dup_line:
 * @plan: a plan
 * @environment: (nullable): where it acts; %NULL stands for AWS
 * @now_us: the moment that the age is told for
 *
 * Returns: (transfer full): `RPO 2 h 10 min · RTO about 38 min, at worst 52 min: 36 min waiting for AWS,
 *   2 min ours`, for the head of a page; of a rehearsal also that this is AWS's time, and how long it
 *   takes there
 */
char *slip_plan_objectives_dup_line (SlipPlan *plan, SlipEnvironment *environment, gint64 now_us);

G_END_DECLS
