/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_NAVIGATOR (slip_navigator_get_type ())

/**
 * SlipNavigator:
 *
 * The left pane: environments, what is in each, and the pages beyond them. Signal `open` (page id)
 * tells of a choice.
 */
G_DECLARE_FINAL_TYPE (SlipNavigator, slip_navigator, SLIP, NAVIGATOR, AdwBin)

/**
 * slip_navigator_set_workbench:
 * @self: a navigator
 * @workbench: (nullable): whose environments it lists
 *
 * Builds the rows anew.
 */
void slip_navigator_set_workbench (SlipNavigator *self, SlipWorkbench *workbench);

/**
 * slip_navigator_select:
 * @self: a navigator
 * @page_id: the page that is shown
 *
 * Marks the row of @page_id, without a signal; none when it has no row.
 */
void slip_navigator_select (SlipNavigator *self, const char *page_id);

/**
 * slip_navigator_set_badge:
 * @page_id: a row's page
 * @badge: (nullable): a short text at the row's end, such as a count
 */
void slip_navigator_set_badge (SlipNavigator *self, const char *page_id, const char *badge);

/**
 * slip_navigator_get_roots:
 *
 * Returns: (transfer none): a #GListModel of #SlipNavItem
 */
GListModel *slip_navigator_get_roots (SlipNavigator *self);

G_END_DECLS
