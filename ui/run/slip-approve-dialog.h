/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_APPROVE_DIALOG (slip_approve_dialog_get_type ())

/**
 * SlipApproveDialog:
 *
 * Asks for the approval of a run that was planned earlier, by whomever: with the same summary, and
 * the same words to be said, as the wizard's last page.
 */
G_DECLARE_FINAL_TYPE (SlipApproveDialog, slip_approve_dialog, SLIP, APPROVE_DIALOG, AdwWindow)

/**
 * slip_approve_dialog_present:
 * @parent: a widget in the window
 * @workbench: where the run is
 * @run: a run that is planned and not approved
 *
 * Shows the dialog; a run that is approved in it is started.
 */
void slip_approve_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run);

G_END_DECLS
