/* SPDX-License-Identifier: MIT */

/* A frame of the lanes, of plain colour nodes. What falls on the same pixel is drawn once, so that a
 * frame costs what the screen is wide, however long the run was. */

#include "config.h"

#include "slip-lanes-private.h"

#include <math.h>

#include "slip-format.h"
#include "slip-paint.h"

#define SPAN_HEIGHT 16
#define MARGIN 12
#define MOMENT_WIDTH 4
#define MIN_TICK_GAP 90
#define MIN_LABEL_WIDTH 40
#define N_TONES (SLIP_TONE_UNKNOWN + 1)

typedef struct
{
  GdkRGBA fill[N_TONES];
  GdkRGBA ink[N_TONES];
  GdkRGBA text;
  GdkRGBA accent;
} Paint;

/* ---- colours */

static void
mix (Paint *paint, GtkWidget *widget)
{
  paint->text = slip_paint_get_color (widget, NULL);
  paint->accent = slip_paint_get_color (widget, "accent_color");
  for (guint tone = 0; tone < N_TONES; tone++)
    {
      const char *name = slip_paint_get_tone_name (tone);
      g_autofree char *fill = name != NULL ? g_strconcat (name, "_bg_color", NULL) : NULL;
      g_autofree char *ink = name != NULL ? g_strconcat (name, "_fg_color", NULL) : NULL;

      paint->fill[tone] = slip_paint_get_color (widget, fill);
      paint->ink[tone] = slip_paint_get_color (widget, ink);
      if (name == NULL)
        paint->fill[tone].alpha *= 0.25f;
    }
}

static GdkRGBA
fade (GdkRGBA color, float alpha)
{
  color.alpha *= alpha;
  return color;
}

/* ---- geometry */

double
slip_lanes_width (SlipLanes *self)
{
  return MAX (gtk_widget_get_width (GTK_WIDGET (self)) - GUTTER - MARGIN, 1);
}

double
slip_lanes_x_of (SlipLanes *self, gint64 time)
{
  if (self->end <= self->start)
    return GUTTER;
  return GUTTER
         + slip_lanes_width (self)
               * ((double)(time - self->start) / (double)(self->end - self->start));
}

gint64
slip_lanes_time_of (SlipLanes *self, double x)
{
  return self->start
         + (gint64)((double)(self->end - self->start)
                    * CLAMP ((x - GUTTER) / slip_lanes_width (self), 0, 1));
}

gboolean
slip_lanes_get_rect (SlipLanes *self, const SlipSpan *span, gint64 now, graphene_rect_t *rect)
{
  gint64 end = span->end != 0 ? span->end : MAX (now, span->start);
  double from;
  double to;

  if (span->start > self->end || (end < self->start && end != span->start)
      || (end == span->start && end < self->start))
    return FALSE;
  from = slip_lanes_x_of (self, MAX (span->start, self->start));
  to = slip_lanes_x_of (self, MIN (end, self->end));
  graphene_rect_init (rect, from, span->lane * LANE_HEIGHT + (LANE_HEIGHT - SPAN_HEIGHT) / 2.0,
                      MAX (to - from, MOMENT_WIDTH), SPAN_HEIGHT);
  return TRUE;
}

void
slip_lanes_get_range (SlipLanes *self, gint64 *start, gint64 *end, gint64 *now)
{
  *start = *end = *now = 0;
  if (self->timeline != NULL)
    slip_timeline_get_range (self->timeline, start, end, now);
}

/* ---- drawing */

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
  double seconds = (double)(self->end - self->start) / G_USEC_PER_SEC;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (slip_lanes_width (self) / (seconds / steps[i]) >= MIN_TICK_GAP)
      return steps[i] * G_USEC_PER_SEC;
  return (gint64)7 * 86400 * G_USEC_PER_SEC;
}

static void
draw_axis (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, double bottom)
{
  GdkRGBA line = fade (paint->text, 0.12f);
  GdkRGBA text = fade (paint->text, 0.7f);
  gint64 step;

  if (self->end <= self->start)
    return;
  step = get_tick_step (self);
  for (gint64 t = (self->start / step + 1) * step; t < self->end; t += step)
    {
      g_autofree char *label = slip_format_clock (t);
      double x = slip_lanes_x_of (self, t);

      gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (roundf (x), 0, 1, bottom));
      draw_text (self, snapshot, label, x + 4, bottom, AXIS_HEIGHT, 0, &text);
    }
}

static void
draw_lanes (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, int width)
{
  GdkRGBA stripe = fade (paint->text, 0.04f);

  for (guint i = 0; i < slip_timeline_get_n_lanes (self->timeline); i++)
    {
      if (i % 2 == 0)
        gtk_snapshot_append_color (snapshot, &stripe,
                                   &GRAPHENE_RECT_INIT (0, i * LANE_HEIGHT, width, LANE_HEIGHT));
      draw_text (self, snapshot, slip_timeline_get_lane (self->timeline, i), 12, i * LANE_HEIGHT,
                 LANE_HEIGHT, GUTTER - 20, &paint->text);
    }
}

/* What was planned fills the lane from edge to edge, so that it is seen behind what happened. */
static void
draw_planned (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint)
{
  GdkRGBA fill = fade (paint->accent, 0.14f);
  GdkRGBA edge = fade (paint->accent, 0.55f);
  guint n;
  const SlipSpan *spans = slip_timeline_get_planned (self->timeline, &n);

  for (guint i = 0; i < n; i++)
    {
      graphene_rect_t rect;

      if (!slip_lanes_get_rect (self, &spans[i], spans[i].end, &rect))
        continue;
      rect.origin.y = spans[i].lane * LANE_HEIGHT + 2;
      rect.size.height = LANE_HEIGHT - 4;
      gtk_snapshot_append_color (snapshot, &fill, &rect);
      gtk_snapshot_append_color (snapshot, &edge,
                                 &GRAPHENE_RECT_INIT (rect.origin.x + rect.size.width - 1,
                                                      rect.origin.y, 1, rect.size.height));
    }
}

static void
draw_span (SlipLanes *self,
           GtkSnapshot *snapshot,
           const Paint *paint,
           const SlipSpan *span,
           const graphene_rect_t *rect)
{
  GskRoundedRect rounded;

  gsk_rounded_rect_init_from_rect (&rounded, rect, MIN (4, rect->size.width / 2));
  gtk_snapshot_push_rounded_clip (snapshot, &rounded);
  gtk_snapshot_append_color (snapshot, &paint->fill[span->tone], rect);
  gtk_snapshot_pop (snapshot);
  if (span->label != NULL && rect->size.width > MIN_LABEL_WIDTH)
    draw_text (self, snapshot, span->label, rect->origin.x + 6, rect->origin.y, SPAN_HEIGHT,
               rect->size.width - 10, &paint->ink[span->tone]);
}

static void
draw_spans (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, gint64 now)
{
  guint n_lanes = slip_timeline_get_n_lanes (self->timeline);
  g_autofree double *edges = g_new0 (double, n_lanes);
  g_autofree int *tones = g_new0 (int, n_lanes);
  guint n;
  const SlipSpan *spans = slip_timeline_get_spans (self->timeline, &n);

  self->drawn = 0;
  for (guint i = 0; i < n; i++)
    {
      const SlipSpan *span = &spans[i];
      graphene_rect_t rect;
      double edge;

      if (span->lane >= n_lanes || !slip_lanes_get_rect (self, span, now, &rect))
        continue;
      edge = rect.origin.x + rect.size.width;
      /* A failure is never hidden by what lies on the same pixel. */
      if (edge <= edges[span->lane] + 1
          && (span->tone == (SlipTone)tones[span->lane] || span->tone != SLIP_TONE_BAD))
        continue;
      edges[span->lane] = MAX (edge, edges[span->lane]);
      tones[span->lane] = (int)span->tone;
      draw_span (self, snapshot, paint, span, &rect);
      self->drawn++;
    }
}

static void
draw_now (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, gint64 now, double bottom)
{
  if (now <= self->start || now >= self->end)
    return;
  gtk_snapshot_append_color (
      snapshot, &paint->accent,
      &GRAPHENE_RECT_INIT (roundf (slip_lanes_x_of (self, now)), 0, 2, bottom));
}

static void
draw_pointer (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, double bottom)
{
  GdkRGBA line = fade (paint->text, 0.5f);
  GdkRGBA ground = slip_paint_get_color (GTK_WIDGET (self), "view_bg_color");
  g_autofree char *label = NULL;
  double x = self->pointer;

  if (x < GUTTER || self->end <= self->start)
    return;
  label = slip_format_clock (slip_lanes_time_of (self, x));
  gtk_snapshot_append_color (snapshot, &line, &GRAPHENE_RECT_INIT (roundf (x), 0, 1, bottom));
  gtk_snapshot_append_color (snapshot, &ground,
                             &GRAPHENE_RECT_INIT (x + 1, bottom, 72, AXIS_HEIGHT));
  draw_text (self, snapshot, label, x + 4, bottom, AXIS_HEIGHT, 0, &paint->text);
}

static void
draw_cursor (SlipLanes *self, GtkSnapshot *snapshot, const Paint *paint, gint64 now)
{
  guint n;
  const SlipSpan *spans = slip_timeline_get_spans (self->timeline, &n);
  graphene_rect_t rect;
  GskRoundedRect outline;
  const float widths[4] = {2, 2, 2, 2};
  const GdkRGBA colors[4] = {paint->text, paint->text, paint->text, paint->text};

  if (self->cursor < 0 || self->cursor >= (int)n
      || !slip_lanes_get_rect (self, &spans[self->cursor], now, &rect))
    return;
  graphene_rect_inset (&rect, -3, -3);
  gsk_rounded_rect_init_from_rect (&outline, &rect, 5);
  gtk_snapshot_append_border (snapshot, &outline, widths, colors);
}

void
slip_lanes_draw (SlipLanes *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET (self);
  int width = gtk_widget_get_width (widget);
  double bottom;
  gint64 start;
  gint64 end;
  gint64 now;
  Paint paint;

  if (self->timeline == NULL)
    return;
  mix (&paint, widget);
  slip_lanes_get_range (self, &start, &end, &now);
  bottom = slip_timeline_get_n_lanes (self->timeline) * LANE_HEIGHT;
  draw_lanes (self, snapshot, &paint, width);
  draw_axis (self, snapshot, &paint, bottom);
  draw_planned (self, snapshot, &paint);
  draw_spans (self, snapshot, &paint, now);
  if (end > now)
    draw_now (self, snapshot, &paint, now, bottom);
  draw_pointer (self, snapshot, &paint, bottom);
  draw_cursor (self, snapshot, &paint, now);
}
