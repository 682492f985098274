/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ESTATE_PAGE (slip_estate_page_get_type ())

/**
 * SlipEstatePage:
 *
 * A tree of resources of one environment: filter, sortable columns, and a line that tells how
 * complete the list is.
 */
G_DECLARE_FINAL_TYPE (SlipEstatePage, slip_estate_page, SLIP, ESTATE_PAGE, SlipPage)

/**
 * slip_estate_page_new:
 * @workbench: where the list comes from
 * @environment: the environment
 * @kind: what to list
 */
SlipPage *
slip_estate_page_new (SlipWorkbench *workbench, SlipEnvironment *environment, SlipEstateKind kind);

/**
 * slip_estate_page_set_model:
 * @self: a page
 * @model: (nullable): a #GListModel of #SlipResource to show instead of the list's own roots
 *
 * For tests and benchmarks, which bring their own rows.
 */
void slip_estate_page_set_model (SlipEstatePage *self, GListModel *model);

/**
 * slip_estate_page_select:
 * @id: a resource's id
 *
 * Expands down to the resource, selects and shows it.
 *
 * Returns: whether it is in the list
 */
gboolean slip_estate_page_select (SlipEstatePage *self, const char *id);

/**
 * slip_estate_page_get_view:
 *
 * Returns: (transfer none): the column view
 */
GtkColumnView *slip_estate_page_get_view (SlipEstatePage *self);
void slip_estate_page_set_filter (SlipEstatePage *self, const char *text);

/**
 * slip_estate_page_is_filtered:
 * @self: a page
 * @text: what was typed
 *
 * Returns: whether the rows are those of the filter @text
 */
gboolean slip_estate_page_is_filtered (SlipEstatePage *self, const char *text);

/**
 * slip_estate_page_is_growing:
 *
 * Returns: whether more rows come into the view with the next frames
 */
gboolean slip_estate_page_is_growing (SlipEstatePage *self);

G_END_DECLS
