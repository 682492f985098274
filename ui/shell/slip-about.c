/* SPDX-License-Identifier: MIT */

/* The about window. */

#include "config.h"

#include "slip-about.h"

#include <adwaita.h>
#include <glib/gi18n.h>

void
slip_about_present (GtkWindow *parent)
{
  adw_show_about_window (
      parent, "application-name", "Slipway", "application-icon", SLIP_APP_ID, "version",
      SLIP_VERSION, "developer-name", _ ("The Slipway developers"), "license-type",
      GTK_LICENSE_MIT_X11, "comments",
      _ ("Snapshot, restore and migrate databases on AWS, step by step, with an audit log that "
         "anyone can verify."),
      "debug-info", "GTK " G_STRINGIFY (GTK_MAJOR_VERSION) "." G_STRINGIFY (GTK_MINOR_VERSION),
      NULL);
}
