/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

/**
 * slip_run_commands_window_present:
 * @parent: a widget in the window it belongs to
 * @workbench: whose workspace tells how to sign in
 * @run: a run that is not done
 *
 * Shows what is left of a run as commands for the AWS CLI, to be read and copied one by one. It stays
 * open beside the window.
 */
void slip_run_commands_window_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run);

G_END_DECLS
