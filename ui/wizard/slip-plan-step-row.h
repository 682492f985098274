/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-plan.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PLAN_STEP_ROW (slip_plan_step_row_get_type ())

/**
 * SlipPlanStepRow:
 *
 * One step of a plan: a line of columns, and below it, once opened, why, what if it fails, and the
 * exact request.
 */
G_DECLARE_FINAL_TYPE (SlipPlanStepRow, slip_plan_step_row, SLIP, PLAN_STEP_ROW, GtkListBoxRow)

/**
 * slip_plan_step_row_new:
 * @step: a step
 * @groups: (array fixed-size=6): size groups that align the columns of all rows
 */
GtkWidget *slip_plan_step_row_new (SlipPlanStep *step, GtkSizeGroup **groups);
void slip_plan_step_row_set_expanded (SlipPlanStepRow *self, gboolean expanded);
gboolean slip_plan_step_row_get_expanded (SlipPlanStepRow *self);

/**
 * slip_plan_step_row_new_header:
 * @groups: (array fixed-size=6): as above
 *
 * Returns: (transfer floating): the titles of the columns
 */
GtkWidget *slip_plan_step_row_new_header (GtkSizeGroup **groups);

#define SLIP_PLAN_N_COLUMNS 6

G_END_DECLS
