/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_DEFINITIONS_PAGE (slip_definitions_page_get_type ())

/**
 * SlipDefinitionsPage:
 *
 * A migration's definitions: how far each mapping is, what the check finds with file and path, and an editor for
 * mappings and lookups. An item of the page is a mapping's or a lookup's name.
 */
G_DECLARE_FINAL_TYPE (SlipDefinitionsPage, slip_definitions_page, SLIP, DEFINITIONS_PAGE, SlipPage)

/**
 * slip_definitions_page_new:
 * @name: a migration of the workspace
 *
 * Returns: (transfer floating) (nullable): the page, %NULL when there is no such migration
 */
SlipPage *slip_definitions_page_new (SlipWorkbench *workbench, const char *name);

/**
 * slip_definitions_page_is_checked:
 *
 * Returns: whether the check has ended
 */
gboolean slip_definitions_page_is_checked (SlipDefinitionsPage *self);

G_END_DECLS
