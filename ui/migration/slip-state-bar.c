/* SPDX-License-Identifier: MIT */

/* The line below pages of migrations: how what they show stands, and of when it is. */

#include "config.h"

#include "slip-state-bar.h"

#include <glib/gi18n.h>

#include "slip-format.h"

GtkWidget *
slip_state_bar_new (SlipStatus **status, GtkLabel **as_of)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *state = slip_status_new ();
  GtkWidget *time = gtk_label_new (NULL);

  g_return_val_if_fail (status != NULL && as_of != NULL, bar);

  slip_status_set_lines (SLIP_STATUS (state), 20, 3);
  gtk_widget_set_hexpand (state, TRUE);
  gtk_widget_add_css_class (bar, "status-bar");
  gtk_box_append (GTK_BOX (bar), state);
  gtk_widget_add_css_class (time, "dim-label");
  gtk_widget_add_css_class (time, "numeric");
  gtk_widget_set_margin_start (time, 12);
  gtk_box_append (GTK_BOX (bar), time);
  *status = SLIP_STATUS (state);
  *as_of = GTK_LABEL (time);
  return bar;
}

char *
slip_state_bar_dup_time (gint64 moment)
{
  g_autofree char *time = moment != 0 ? slip_format_moment (moment, g_get_real_time ()) : NULL;

  return time != NULL ? g_strdup_printf (_ ("as of %s"), time) : g_strdup ("");
}
