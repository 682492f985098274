/* SPDX-License-Identifier: MIT */

/* Tooltips of what changes often. On X11 each set tooltip is a round trip to the display, also of a text alone: a list of
 * some hundred cells would hold up the main loop for longer than drawing it. So the text is kept beside the widget, and
 * given when somebody points at it. */

#include "config.h"

#include "slip-tip.h"

static GQuark
get_quark (void)
{
  return g_quark_from_static_string ("slip-tip");
}

static gboolean
query_text_cb (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  const char *text = slip_tip_get (widget);

  if (text == NULL)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

const char *
slip_tip_get (GtkWidget *widget)
{
  const char *text;

  g_return_val_if_fail (GTK_IS_WIDGET (widget), NULL);

  text = g_object_get_qdata (G_OBJECT (widget), get_quark ());
  return text != NULL && text[0] != '\0' ? text : NULL;
}

void
slip_tip_set (GtkWidget *widget, const char *text)
{
  const char *old;

  g_return_if_fail (GTK_IS_WIDGET (widget));

  old = g_object_get_qdata (G_OBJECT (widget), get_quark ());
  if (g_strcmp0 (slip_tip_get (widget), text) == 0 || (old == NULL && text == NULL))
    return;
  /* Once: what is asked for has a tooltip for good, and shows none where there is no text. */
  if (old == NULL)
    {
      gtk_widget_set_has_tooltip (widget, TRUE);
      g_signal_connect (widget, "query-tooltip", G_CALLBACK (query_text_cb), NULL);
    }
  g_object_set_qdata_full (G_OBJECT (widget), get_quark (), g_strdup (text != NULL ? text : ""),
                           g_free);
  /* As the toolkit does with a tooltip that it keeps itself. */
  if (text != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                    text, -1);
  else
    gtk_accessible_reset_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION);
}

static gboolean
query_cb (GtkLabel *label, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  if (!pango_layout_is_ellipsized (gtk_label_get_layout (label)))
    return FALSE;
  gtk_tooltip_set_text (tooltip, gtk_label_get_text (label));
  return TRUE;
}

void
slip_tip_follow_label (GtkLabel *label)
{
  g_return_if_fail (GTK_IS_LABEL (label));

  gtk_widget_set_has_tooltip (GTK_WIDGET (label), TRUE);
  g_signal_connect (label, "query-tooltip", G_CALLBACK (query_cb), NULL);
}
