/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_PALETTE (slip_palette_get_type ())

/**
 * SlipPalette:
 *
 * Search over everything that can be gone to or done: pages, environments, runbooks, resources that
 * were listed, and actions.
 */
G_DECLARE_FINAL_TYPE (SlipPalette, slip_palette, SLIP, PALETTE, AdwWindow)

/**
 * slip_palette_present:
 * @parent: the main window; what is chosen is activated on it
 * @workbench: what to search in
 * @environment: (nullable): where the person is; runbooks begin there
 *
 * Shows the search.
 */
void
slip_palette_present (GtkWindow *parent, SlipWorkbench *workbench, SlipEnvironment *environment);

/**
 * slip_palette_set_text:
 * @text: what to search for
 */
void slip_palette_set_text (SlipPalette *self, const char *text);

/**
 * slip_palette_get_results:
 *
 * Returns: (transfer none): a #GListModel of what matches, best first
 */
GListModel *slip_palette_get_results (SlipPalette *self);

G_END_DECLS
