/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_about_present:
 * @parent: (nullable): the window to show it over
 *
 * Tells what the program is. The one place that uses the toolkit's about window, which later
 * releases replace.
 */
void slip_about_present (GtkWindow *parent);

G_END_DECLS
