/* SPDX-License-Identifier: MIT */

/* Names for menu buttons. The toolkit's menu button wraps a toggle button, which has the focus, and of
 * which it says nothing to assistive programs in the releases that are supported here. */

#include "config.h"

#include "slip-menu-name.h"

#include "slip-tip.h"

void
slip_menu_name_set (GtkMenuButton *button, const char *name)
{
  GtkWidget *inside;

  g_return_if_fail (GTK_IS_MENU_BUTTON (button));
  g_return_if_fail (name != NULL);

  inside = gtk_widget_get_first_child (GTK_WIDGET (button));
  slip_tip_set (GTK_WIDGET (button), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (inside != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (inside), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
}
