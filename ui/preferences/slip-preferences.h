/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/**
 * slip_preferences_new:
 * @workspace_path: the workspace file, shown
 * @state_dir: the state folder, shown
 *
 * Returns: (transfer floating): a window with the settings
 */
GtkWidget *slip_preferences_new (const char *workspace_path, const char *state_dir);

G_END_DECLS
