/* SPDX-License-Identifier: MIT */

/* Text in cells. A GtkLabel lays out its text to be measured, and a view measures two hundred rows that
 * nobody sees; a GtkInscription is measured by its number of characters. */

#include "config.h"

#include "slip-cell.h"

GtkWidget *
slip_cell_new (void)
{
  GtkWidget *cell = gtk_inscription_new (NULL);

  gtk_inscription_set_min_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_nat_lines (GTK_INSCRIPTION (cell), 1);
  gtk_inscription_set_text_overflow (GTK_INSCRIPTION (cell),
                                     GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END);
  gtk_widget_set_valign (cell, GTK_ALIGN_CENTER);
  return cell;
}

void
slip_cell_set_chars (GtkWidget *cell, int chars, int natural_chars)
{
  g_return_if_fail (GTK_IS_INSCRIPTION (cell));

  gtk_inscription_set_min_chars (GTK_INSCRIPTION (cell), (guint)chars);
  gtk_inscription_set_nat_chars (GTK_INSCRIPTION (cell), (guint)natural_chars);
}

void
slip_cell_set_text (GtkWidget *cell, const char *text)
{
  g_return_if_fail (GTK_IS_INSCRIPTION (cell));

  if (g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (cell)), text) != 0)
    gtk_inscription_set_text (GTK_INSCRIPTION (cell), text);
}

static gboolean
query_tooltip_cb (GtkWidget *cell, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  const char *text = gtk_inscription_get_text (GTK_INSCRIPTION (cell));
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (cell, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  if (width <= gtk_widget_get_width (cell))
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

void
slip_cell_set_tooltip (GtkWidget *cell)
{
  g_return_if_fail (GTK_IS_INSCRIPTION (cell));

  gtk_widget_set_has_tooltip (cell, TRUE);
  g_signal_connect (cell, "query-tooltip", G_CALLBACK (query_tooltip_cb), NULL);
}
