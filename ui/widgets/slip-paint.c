/* SPDX-License-Identifier: MIT */

/* Colours of the theme, lines and texts for widgets that draw themselves: the one place that asks the theme. */

#include "config.h"

#include "slip-paint.h"

#include <math.h>

GdkRGBA
slip_paint_get_color (GtkWidget *widget, const char *name)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA color = {0.5f, 0.5f, 0.5f, 1};

  if (name == NULL)
    gtk_style_context_get_color (context, &color);
  else
    gtk_style_context_lookup_color (context, name, &color);
  return color;
}

const char *
slip_paint_get_tone_name (SlipTone tone)
{
  switch (tone)
    {
    case SLIP_TONE_GOOD:
      return "success";
    case SLIP_TONE_BUSY:
      return "accent";
    case SLIP_TONE_WARNING:
    case SLIP_TONE_UNKNOWN:
      return "warning";
    case SLIP_TONE_BAD:
      return "error";
    case SLIP_TONE_NEUTRAL:
    case SLIP_TONE_STOPPED:
      break;
    }
  return NULL;
}

GdkRGBA
slip_paint_get_tone (GtkWidget *widget, SlipTone tone)
{
  const char *name = slip_paint_get_tone_name (tone);
  g_autofree char *fill = name != NULL ? g_strconcat (name, "_bg_color", NULL) : NULL;
  GdkRGBA color = slip_paint_get_color (widget, fill);

  if (name == NULL)
    color.alpha *= 0.25f;
  return color;
}

int
slip_paint_text (GtkWidget *widget,
                 GtkSnapshot *snapshot,
                 const char *text,
                 double x,
                 double y,
                 double height,
                 double max_width,
                 double xalign,
                 const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width;
  int text_height;

  if (max_width > 0)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int)(max_width * PANGO_SCALE));
    }
  pango_layout_get_pixel_size (layout, &width, &text_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot,
                          &GRAPHENE_POINT_INIT (roundf ((float)(x - width * xalign)),
                                                roundf ((float)(y + (height - text_height) / 2))));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
  return width;
}

void
slip_paint_frame (GtkSnapshot *snapshot,
                  const graphene_rect_t *rect,
                  float width,
                  const GdkRGBA *color)
{
  const float widths[4] = {width, width, width, width};
  const GdkRGBA colors[4] = {*color, *color, *color, *color};
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect (&outline, rect, 0);
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}
