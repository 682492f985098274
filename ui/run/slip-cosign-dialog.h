/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COSIGN_DIALOG (slip_cosign_dialog_get_type ())

/**
 * SlipCosignDialog:
 *
 * Takes the second person's cosignature for a run that waits for it, and then lets the run begin.
 */
G_DECLARE_FINAL_TYPE (SlipCosignDialog, slip_cosign_dialog, SLIP, COSIGN_DIALOG, AdwWindow)

/**
 * slip_cosign_dialog_present:
 * @parent: a widget in the window to ask over
 * @workbench: the workbench
 * @run: a run with slip_run_needs_cosignature()
 */
void slip_cosign_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run);

G_END_DECLS
