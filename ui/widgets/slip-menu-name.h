/* SPDX-License-Identifier: MIT */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * slip_menu_name_set:
 * @button: a menu button that shows an icon only
 * @name: what a screen reader says, translated
 *
 * Names the button, and the part inside it that takes the keyboard's focus. Main thread.
 */
void slip_menu_name_set (GtkMenuButton *button, const char *name);

G_END_DECLS
