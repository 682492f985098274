/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-page.h"
#include "slip-workbench.h"

G_BEGIN_DECLS

#define SLIP_TYPE_WINDOW (slip_window_get_type ())

/**
 * SlipWindow:
 *
 * The main window: navigator, page, details and activity. It wires models to widgets and holds
 * nothing else.
 */
G_DECLARE_FINAL_TYPE (SlipWindow, slip_window, SLIP, WINDOW, AdwApplicationWindow)

SlipWindow *slip_window_new (GtkApplication *application, SlipWorkbench *workbench);

/**
 * slip_window_go:
 * @self: a window
 * @page_id: a page, such as `snapshots/production`, `runs` or `run/2026…`
 *
 * Shows that page, made when it does not exist yet. An id that names nothing changes nothing.
 */
void slip_window_go (SlipWindow *self, const char *page_id);

/**
 * slip_window_get_page:
 *
 * Returns: (transfer none) (nullable): the page that is shown
 */
SlipPage *slip_window_get_page (SlipWindow *self);
const char *slip_window_get_page_id (SlipWindow *self);
SlipWorkbench *slip_window_get_workbench (SlipWindow *self);

G_END_DECLS
