/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_TRACE_PAGE (slip_trace_page_get_type ())

/**
 * SlipTracePage:
 *
 * The way of one record from the line of its file to the target: each place that it passed, with the row there and
 * the rule of each column. An item of the page is `TABLE:ROW-ID`.
 */
G_DECLARE_FINAL_TYPE (SlipTracePage, slip_trace_page, SLIP, TRACE_PAGE, SlipPage)

/**
 * slip_trace_page_new:
 * @name: a migration of the workspace
 *
 * Returns: (transfer floating) (nullable): the page, %NULL when there is no such migration
 */
SlipPage *slip_trace_page_new (SlipWorkbench *workbench, const char *name);

/**
 * slip_trace_page_is_busy:
 *
 * Returns: whether a record is being traced
 */
gboolean slip_trace_page_is_busy (SlipTracePage *self);

G_END_DECLS
