/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"
#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_WATERFALL_PAGE (slip_waterfall_page_get_type ())

/**
 * SlipWaterfallPage:
 *
 * What became of the rows of a run over all stages, for one table of the target or all: the drawing, and below it
 * each gap with its reason. A gap opens its rows.
 */
G_DECLARE_FINAL_TYPE (SlipWaterfallPage, slip_waterfall_page, SLIP, WATERFALL_PAGE, SlipPage)

/**
 * slip_waterfall_page_new:
 * @name: a migration of the workspace
 *
 * Returns: (transfer floating) (nullable): the page, %NULL when there is no such migration
 */
SlipPage *slip_waterfall_page_new (SlipWorkbench *workbench, const char *name);

/**
 * slip_waterfall_page_new_chart:
 * @data: what is known of a run
 * @name: (nullable): a table of the target; all of them when there is none of that name
 *
 * Returns: (transfer floating): a chart of what became of their rows
 */
GtkWidget *slip_waterfall_page_new_chart (SlipMigrationData *data, const char *name);

G_END_DECLS
