/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-desk.h"
#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_COMPARISON_PAGE (slip_comparison_page_get_type ())

/**
 * SlipComparisonPage:
 *
 * What a run's validation found: expected beside actual for each mapping, the differing ones first, as bars and as a
 * table; a mapping opens its rows, a row its columns. An item of the page is a mapping's name.
 */
G_DECLARE_FINAL_TYPE (SlipComparisonPage, slip_comparison_page, SLIP, COMPARISON_PAGE, SlipPage)

/**
 * slip_comparison_page_new:
 * @name: a migration of the workspace
 *
 * Returns: (transfer floating) (nullable): the page, %NULL when there is no such migration
 */
SlipPage *slip_comparison_page_new (SlipWorkbench *workbench, const char *name);

/**
 * slip_comparison_page_new_chart:
 * @data: what is known of a run
 *
 * Returns: (transfer floating): a chart of expected beside actual of each mapping
 */
GtkWidget *slip_comparison_page_new_chart (SlipMigrationData *data);

G_END_DECLS
