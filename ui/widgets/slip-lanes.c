/* SPDX-License-Identifier: MIT */

/* Lanes on a time axis, drawn with plain colour nodes: redrawing a run of hundreds of entries costs
 * less than a millisecond. */

#include "config.h"

#include "slip-lanes.h"

#include <math.h>

#include "slip-format.h"

#define LANE_HEIGHT 26
#define SPAN_HEIGHT 18
#define AXIS_HEIGHT 22
#define GUTTER 150
#define MOMENT_WIDTH 4
#define MIN_TICK_GAP 90

typedef struct
{
  guint lane;
  gint64 start;
  gint64 end; /* 0 when it goes on */
  SlipTone tone;
  char *label;
  char *tooltip;
} Span;

struct _SlipLanes
{
  GtkWidget parent_instance;

  GStrv names;
  GArray *spans; /* owned; element-type Span */
  gint64 start;
  gint64 end;
  gint64 planned_end;
};

G_DEFINE_FINAL_TYPE (SlipLanes, slip_lanes, GTK_TYPE_WIDGET)

static void
clear_span (gpointer data)
{
  Span *span = data;

  g_free (span->label);
  g_free (span->tooltip);
}

/* The one place that asks the theme for colours. */
static GdkRGBA
get_color (GtkWidget *widget, const char *name)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA color = {0.5f, 0.5f, 0.5f, 1};

  if (name == NULL)
    gtk_style_context_get_color (context, &color);
  else
    gtk_style_context_lookup_color (context, name, &color);
  return color;
}

static GdkRGBA
get_tone_color (GtkWidget *widget, SlipTone tone)
{
  GdkRGBA color;

  switch (tone)
    {
    case SLIP_TONE_GOOD:
      return get_color (widget, "success_bg_color");
    case SLIP_TONE_BUSY:
      return get_color (widget, "accent_bg_color");
    case SLIP_TONE_WARNING:
    case SLIP_TONE_UNKNOWN:
      return get_color (widget, "warning_bg_color");
    case SLIP_TONE_BAD:
      return get_color (widget, "error_bg_color");
    case SLIP_TONE_NEUTRAL:
    case SLIP_TONE_STOPPED:
      break;
    }
  color = get_color (widget, NULL);
  color.alpha *= 0.25f;
  return color;
}

static GdkRGBA
get_text_color (GtkWidget *widget, SlipTone tone)
{
  switch (tone)
    {
    case SLIP_TONE_GOOD:
      return get_color (widget, "success_fg_color");
    case SLIP_TONE_BUSY:
      return get_color (widget, "accent_fg_color");
    case SLIP_TONE_WARNING:
    case SLIP_TONE_UNKNOWN:
      return get_color (widget, "warning_fg_color");
    case SLIP_TONE_BAD:
      return get_color (widget, "error_fg_color");
    case SLIP_TONE_NEUTRAL:
    case SLIP_TONE_STOPPED:
      break;
    }
  return get_color (widget, NULL);
}

static double
x_of (SlipLanes *self, gint64 time)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - GUTTER - 12;

  if (self->end <= self->start)
    return GUTTER;
  return GUTTER + width * CLAMP ((double)(time - self->start) / (self->end - self->start), 0, 1);
}

static gboolean
get_span_rect (SlipLanes *self, const Span *span, graphene_rect_t *rect)
{
  gint64 end = span->end != 0 ? span->end : self->end;
  double x = x_of (self, span->start);
  double width = MAX (x_of (self, end) - x, MOMENT_WIDTH);

  if (span->start > self->end)
    return FALSE;
  graphene_rect_init (rect, x, span->lane * LANE_HEIGHT + (LANE_HEIGHT - SPAN_HEIGHT) / 2.0, width,
                      SPAN_HEIGHT);
  return TRUE;
}

static void
draw_text (SlipLanes *self,
           GtkSnapshot *snapshot,
           const char *text,
           double x,
           double y,
           double height,
           double max_width,
           const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width;
  int text_height;

  if (max_width > 0)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int)(max_width * PANGO_SCALE));
    }
  pango_layout_get_pixel_size (layout, &width, &text_height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (
      snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (y + (height - text_height) / 2)));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static gint64
get_tick_step (SlipLanes *self)
{
  static const gint64 steps[]
      = {1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400};
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - GUTTER - 12;
  double seconds = (double)(self->end - self->start) / G_USEC_PER_SEC;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (width / (seconds / steps[i]) >= MIN_TICK_GAP)
      return steps[i] * G_USEC_PER_SEC;
  return (gint64)7 * 86400 * G_USEC_PER_SEC;
}

static void
draw_axis (SlipLanes *self, GtkSnapshot *snapshot, double bottom)
{
  GdkRGBA line = get_color (GTK_WIDGET (self), NULL);
  GdkRGBA text = line;
  gint64 step;

  if (self->end <= self->start)
    return;
  line.alpha *= 0.12f;
  text.alpha *= 0.7f;
  step = get_tick_step (self);
  for (gint64 t = (self->start / step + 1) * step; t < self->end; t += step)
    {
      g_autofree char *label = slip_format_clock (t);
      double x = x_of (self, t);

      gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (roundf (x), 0, 1, bottom));
      draw_text (self, snapshot, label, x + 4, bottom, AXIS_HEIGHT, 0, &text);
    }
}

static void
draw_lanes (SlipLanes *self, GtkSnapshot *snapshot, int width)
{
  GdkRGBA text = get_color (GTK_WIDGET (self), NULL);
  GdkRGBA stripe = text;

  stripe.alpha *= 0.04f;
  for (guint i = 0; self->names != NULL && self->names[i] != NULL; i++)
    {
      if (i % 2 == 0)
        gtk_snapshot_append_color (snapshot, &stripe,
                                   &GRAPHENE_RECT_INIT (0, i * LANE_HEIGHT, width, LANE_HEIGHT));
      draw_text (self, snapshot, self->names[i], 12, i * LANE_HEIGHT, LANE_HEIGHT, GUTTER - 20,
                 &text);
    }
}

static void
draw_span (SlipLanes *self, GtkSnapshot *snapshot, const Span *span)
{
  GdkRGBA fill = get_tone_color (GTK_WIDGET (self), span->tone);
  GdkRGBA text = get_text_color (GTK_WIDGET (self), span->tone);
  graphene_rect_t rect;
  GskRoundedRect rounded;

  if (!get_span_rect (self, span, &rect))
    return;
  gsk_rounded_rect_init_from_rect (&rounded, &rect, MIN (4, rect.size.width / 2));
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &fill, &rect);
  gtk_snapshot_pop (snapshot);
  if (span->label != NULL && rect.size.width > 40)
    draw_text (self, snapshot, span->label, rect.origin.x + 6, rect.origin.y, SPAN_HEIGHT,
               rect.size.width - 10, &text);
}

static void
slip_lanes_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SlipLanes *self = SLIP_LANES (widget);
  guint n_lanes = self->names != NULL ? g_strv_length (self->names) : 0;
  int width = gtk_widget_get_width (widget);
  double bottom = n_lanes * LANE_HEIGHT;

  draw_lanes (self, snapshot, width);
  draw_axis (self, snapshot, bottom);
  for (guint i = 0; i < self->spans->len; i++)
    draw_span (self, snapshot, &g_array_index (self->spans, Span, i));
  if (self->planned_end > self->start && self->planned_end <= self->end)
    {
      GdkRGBA color = get_color (widget, "accent_color");

      gtk_snapshot_append_color (
          snapshot, &color,
          &GRAPHENE_RECT_INIT (roundf (x_of (self, self->planned_end)), 0, 2, bottom));
    }
}

static void
slip_lanes_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  SlipLanes *self = SLIP_LANES (widget);
  guint n_lanes = self->names != NULL ? g_strv_length (self->names) : 0;

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = n_lanes * LANE_HEIGHT + AXIS_HEIGHT;
  else
    {
      *minimum = GUTTER + 120;
      *natural = GUTTER + 400;
    }
}

static gboolean
slip_lanes_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard_mode, GtkTooltip *tooltip)
{
  SlipLanes *self = SLIP_LANES (widget);

  for (guint i = self->spans->len; i > 0; i--)
    {
      const Span *span = &g_array_index (self->spans, Span, i - 1);
      graphene_rect_t rect;

      if (span->tooltip == NULL || !get_span_rect (self, span, &rect))
        continue;
      graphene_rect_inset (&rect, -2, -2);
      if (graphene_rect_contains_point (&rect, &GRAPHENE_POINT_INIT (x, y)))
        {
          gtk_tooltip_set_text (tooltip, span->tooltip);
          return TRUE;
        }
    }
  return FALSE;
}

static void
slip_lanes_finalize (GObject *object)
{
  SlipLanes *self = SLIP_LANES (object);

  g_strfreev (self->names);
  g_array_unref (self->spans);
  G_OBJECT_CLASS (slip_lanes_parent_class)->finalize (object);
}

static void
slip_lanes_class_init (SlipLanesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_lanes_finalize;
  widget_class->snapshot = slip_lanes_snapshot;
  widget_class->measure = slip_lanes_measure;
  widget_class->query_tooltip = slip_lanes_query_tooltip;
  gtk_widget_class_set_css_name (widget_class, "lanes");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
slip_lanes_init (SlipLanes *self)
{
  self->spans = g_array_new (FALSE, TRUE, sizeof (Span));
  g_array_set_clear_func (self->spans, clear_span);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

GtkWidget *
slip_lanes_new (void)
{
  return g_object_new (SLIP_TYPE_LANES, NULL);
}

void
slip_lanes_set_lanes (SlipLanes *self, const char *const *names)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  g_strfreev (self->names);
  self->names = g_strdupv ((char **)names);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
slip_lanes_clear (SlipLanes *self)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  g_array_set_size (self->spans, 0);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
slip_lanes_add (SlipLanes *self,
                guint lane,
                gint64 start_us,
                gint64 end_us,
                SlipTone tone,
                const char *label,
                const char *tooltip)
{
  Span span = {lane, start_us, end_us, tone, NULL, NULL};

  g_return_if_fail (SLIP_IS_LANES (self));
  span.label = g_strdup (label);
  span.tooltip = g_strdup (tooltip);
  g_array_append_val (self->spans, span);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
slip_lanes_set_range (SlipLanes *self, gint64 start_us, gint64 end_us)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  self->start = start_us;
  self->end = end_us;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
slip_lanes_set_planned_end (SlipLanes *self, gint64 time_us)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  self->planned_end = time_us;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
slip_lanes_set_summary (SlipLanes *self, const char *summary)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, summary,
                                  -1);
}

guint
slip_lanes_get_n_spans (SlipLanes *self)
{
  g_return_val_if_fail (SLIP_IS_LANES (self), 0);
  return self->spans->len;
}
