/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SLIP_TYPE_NAV_ITEM (slip_nav_item_get_type ())

/**
 * SlipNavItem:
 *
 * One row of the navigator. Properties: `title`, `badge`.
 */
G_DECLARE_FINAL_TYPE (SlipNavItem, slip_nav_item, SLIP, NAV_ITEM, GObject)

/**
 * slip_nav_item_new:
 * @page_id: (nullable): what choosing it shows
 * @title: for people
 * @icon: a symbolic icon
 * @is_protected: whether it is a protected environment
 */
SlipNavItem *
slip_nav_item_new (const char *page_id, const char *title, const char *icon, gboolean is_protected);

const char *slip_nav_item_get_page_id (SlipNavItem *self);
const char *slip_nav_item_get_title (SlipNavItem *self);
const char *slip_nav_item_get_icon (SlipNavItem *self);
gboolean slip_nav_item_is_protected (SlipNavItem *self);
const char *slip_nav_item_get_badge (SlipNavItem *self);
void slip_nav_item_set_badge (SlipNavItem *self, const char *badge);

/**
 * slip_nav_item_get_children:
 *
 * Returns: (transfer none) (nullable): the rows below it, %NULL when there are none
 */
GListModel *slip_nav_item_get_children (SlipNavItem *self);
void slip_nav_item_append (SlipNavItem *self, SlipNavItem *child);

G_END_DECLS
