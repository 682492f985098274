/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

#include "slip-plan.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_plan_files_save_ask:
 * @parent: a widget in the window
 * @workbench: where the work is shown
 * @plan: the plan
 *
 * Asks for a file and writes the plan there, as `slipwayctl plan --output` does. Main thread.
 */
void slip_plan_files_save_ask (GtkWidget *parent, SlipWorkbench *workbench, SlipPlan *plan);

/**
 * slip_plan_files_save:
 * @path: the file
 *
 * As slip_plan_files_save_ask(), once the file is known.
 */
void slip_plan_files_save (GtkWidget *parent,
                           SlipWorkbench *workbench,
                           SlipPlan *plan,
                           const char *path);

/**
 * slip_plan_files_open_ask:
 * @window: the main window
 *
 * Asks for a plan's file and opens its page, where it is read, approved and run. Main thread.
 */
void slip_plan_files_open_ask (GtkWidget *window);

G_END_DECLS
