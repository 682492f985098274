/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUNS_PAGE (slip_runs_page_get_type ())

/**
 * SlipRunsPage:
 *
 * All runs in the ledger, newest first.
 */
G_DECLARE_FINAL_TYPE (SlipRunsPage, slip_runs_page, SLIP, RUNS_PAGE, SlipPage)

SlipPage *slip_runs_page_new (SlipWorkbench *workbench);

G_END_DECLS
