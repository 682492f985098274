/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-plan.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PLAN_VIEW (slip_plan_view_get_type ())

/**
 * SlipPlanView:
 *
 * A plan for reading before it is approved: what was proven, then every step with its effect, time
 * and undo, the point of no return as a line, and each step's exact request on demand.
 */
G_DECLARE_FINAL_TYPE (SlipPlanView, slip_plan_view, SLIP, PLAN_VIEW, AdwBin)

GtkWidget *slip_plan_view_new (void);

/**
 * slip_plan_view_set_plan:
 * @self: a view
 * @plan: (nullable): what to show
 *
 * Times are those that AWS takes, as at the head of a plan; a rehearsal is told there.
 */
void slip_plan_view_set_plan (SlipPlanView *self, SlipPlan *plan);

/**
 * slip_plan_view_expand:
 * @index: a step
 *
 * Opens the step's request.
 */
void slip_plan_view_expand (SlipPlanView *self, guint index);

G_END_DECLS
