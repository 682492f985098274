/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-run.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_PAGE (slip_run_page_get_type ())

/**
 * SlipRunPage:
 *
 * One run: what it needs, its time line, its steps. Follows the ledger, so that it shows the same
 * whether this process, another one or none executes the run.
 */
G_DECLARE_FINAL_TYPE (SlipRunPage, slip_run_page, SLIP, RUN_PAGE, SlipPage)

SlipPage *slip_run_page_new (SlipWorkbench *workbench, const char *run_id);

/**
 * slip_run_page_get_run:
 *
 * Returns: (transfer none) (nullable): the run, %NULL while it is being read
 */
SlipRun *slip_run_page_get_run (SlipRunPage *self);

G_END_DECLS
