/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-plan.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COSIGN_PAGE (slip_cosign_page_get_type ())

/**
 * SlipCosignPage:
 *
 * A colleague's plan, shown as for approval, to be cosigned as the second person. What it writes is
 * what slipwayctl cosign writes. Page id: `cosign/PLANFILE`.
 */
G_DECLARE_FINAL_TYPE (SlipCosignPage, slip_cosign_page, SLIP, COSIGN_PAGE, SlipPage)

SlipPage *slip_cosign_page_new (SlipWorkbench *workbench, const char *path);

/**
 * slip_cosign_page_get_plan:
 *
 * Returns: (transfer none) (nullable): the plan, once it was read
 */
SlipPlan *slip_cosign_page_get_plan (SlipCosignPage *self);

/**
 * slip_cosign_page_write:
 * @self: the page, with the hash's digits typed
 * @path: where the cosignature goes; a file that is there is replaced
 *
 * Signs, on a worker, and writes the file for its owner alone.
 */
void slip_cosign_page_write (SlipCosignPage *self, const char *path);

/**
 * slip_cosign_page_open_ask:
 * @window: a widget of the window
 *
 * Asks for a plan's file and shows it for cosigning.
 */
void slip_cosign_page_open_ask (GtkWidget *window);

G_END_DECLS
