/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_BANNER (slip_run_banner_get_type ())

/**
 * SlipRunBanner:
 *
 * A bar across the window while a run was interrupted or waits for a person, or the outcome of a change
 * without a run is not known: which one, where, since when, and what to do about it. Stays until that is done. Signal: `open` (a page's id).
 */
G_DECLARE_FINAL_TYPE (SlipRunBanner, slip_run_banner, SLIP, RUN_BANNER, AdwBin)

/**
 * slip_run_banner_set_workbench:
 * @workbench: a workbench that is ready
 *
 * Follows the workbench's runs from now on.
 */
void slip_run_banner_set_workbench (SlipRunBanner *self, SlipWorkbench *workbench);

/**
 * slip_run_banner_set_page:
 * @page_id: (nullable): the page that is shown
 *
 * A run's own page says all this itself, and the bar is not shown above it.
 */
void slip_run_banner_set_page (SlipRunBanner *self, const char *page_id);

/**
 * slip_run_banner_get_run:
 *
 * Returns: (transfer none) (nullable): the id of the run that is shown, %NULL when the bar is hidden
 */
const char *slip_run_banner_get_run (SlipRunBanner *self);

G_END_DECLS
