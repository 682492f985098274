/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-open-call.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_SETTLE_DIALOG (slip_settle_dialog_get_type ())

/**
 * SlipSettleDialog:
 *
 * Shows a change that belongs to no run and whose outcome nobody saw, helps to find out what became of
 * it, and records that: what `slipwayctl ledger settle` does.
 */
G_DECLARE_FINAL_TYPE (SlipSettleDialog, slip_settle_dialog, SLIP, SETTLE_DIALOG, AdwWindow)

/**
 * slip_settle_dialog_present:
 * @parent: a widget in the window
 * @workbench: whose ledger has the call
 * @call: the call; copied
 *
 * Shows the dialog, once for each call.
 */
void
slip_settle_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, const SlipOpenCall *call);

G_END_DECLS
