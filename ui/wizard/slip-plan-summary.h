/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-environment.h"
#include "slip-plan.h"

G_BEGIN_DECLS

/**
 * slip_plan_summary_new:
 * @plan: a plan
 * @environment: where it acts, in this workspace
 *
 * Returns: (transfer floating): what is approved: runbook, place, effects, preflight, forecast, hash
 */
GtkWidget *slip_plan_summary_new (SlipPlan *plan, SlipEnvironment *environment);

/**
 * slip_plan_summary_new_warnings:
 * @plan: a plan
 *
 * Returns: (transfer floating) (nullable): what each guard says that does not simply hold; %NULL when all
 *   do
 */
GtkWidget *slip_plan_summary_new_warnings (SlipPlan *plan);

/**
 * slip_plan_summary_new_final:
 * @plan: a plan
 *
 * Returns: (transfer floating): each step that nobody can take back, by name
 */
GtkWidget *slip_plan_summary_new_final (SlipPlan *plan);

/**
 * slip_plan_summary_new_row:
 * @title: what it is
 * @text: what it says
 *
 * Returns: (transfer floating): a row to read
 */
GtkWidget *slip_plan_summary_new_row (const char *title, const char *text);

G_END_DECLS
