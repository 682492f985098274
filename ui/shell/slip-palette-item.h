/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PALETTE_ITEM (slip_palette_item_get_type ())

/**
 * SlipPaletteItem:
 *
 * Something the search found.
 */
G_DECLARE_FINAL_TYPE (SlipPaletteItem, slip_palette_item, SLIP, PALETTE_ITEM, GObject)

const char *slip_palette_item_get_title (SlipPaletteItem *self);
const char *slip_palette_item_get_subtitle (SlipPaletteItem *self);
const char *slip_palette_item_get_icon (SlipPaletteItem *self);

/**
 * slip_palette_item_get_action:
 *
 * Returns: (transfer none): an action in detailed form, for g_action_parse_detailed_name()
 */
const char *slip_palette_item_get_action (SlipPaletteItem *self);

/**
 * slip_palette_search:
 * @workbench: what to search in
 * @text: words, all of which must occur
 * @limit: at most so many
 *
 * Returns: (transfer full) (element-type SlipPaletteItem): what matches, best first
 */
GPtrArray *slip_palette_search (SlipWorkbench *workbench,
                                SlipEnvironment *environment,
                                const char *text,
                                guint limit);

G_END_DECLS
