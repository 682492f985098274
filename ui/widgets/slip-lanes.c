/* SPDX-License-Identifier: MIT */

/* What of a time line is shown, and how keys and pointer change that. Frames are drawn in
 * slip-lanes-draw.c. */

#include "config.h"

#include "slip-lanes-private.h"

/* Less than this is no longer worth looking at. */
#define MIN_VIEW_US ((gint64)G_USEC_PER_SEC / 5)

G_DEFINE_FINAL_TYPE (SlipLanes, slip_lanes, GTK_TYPE_WIDGET)

static guint signal_cursor_changed;
static guint signal_activated;

/* ---- what is shown */

static void
tell_adjustment (SlipLanes *self)
{
  gint64 start;
  gint64 end;
  gint64 now;
  double page = (double)(self->end - self->start) / G_USEC_PER_SEC;

  slip_lanes_get_range (self, &start, &end, &now);
  self->settling = TRUE;
  gtk_adjustment_configure (self->adjustment, (double)(self->start - start) / G_USEC_PER_SEC, 0,
                            (double)(end - start) / G_USEC_PER_SEC, page / 10, page, page);
  self->settling = FALSE;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
show (SlipLanes *self, gint64 from, gint64 length)
{
  gint64 start;
  gint64 end;
  gint64 now;

  slip_lanes_get_range (self, &start, &end, &now);
  length = CLAMP (length, MIN (MIN_VIEW_US, MAX (end - start, 0)), MAX (end - start, 0));
  self->fit = length >= end - start;
  self->start = CLAMP (from, start, end - length);
  self->end = self->start + length;
  tell_adjustment (self);
}

static void
scrolled_cb (SlipLanes *self)
{
  gint64 start;
  gint64 end;
  gint64 now;

  if (self->settling)
    return;
  slip_lanes_get_range (self, &start, &end, &now);
  show (self, start + (gint64)(gtk_adjustment_get_value (self->adjustment) * G_USEC_PER_SEC),
        self->end - self->start);
}

static void
zoom_at (SlipLanes *self, double factor, double x)
{
  gint64 at = slip_lanes_time_of (self, x);
  double share = CLAMP ((x - GUTTER) / slip_lanes_width (self), 0, 1);
  gint64 length = MAX ((gint64)((double)(self->end - self->start) / factor), MIN_VIEW_US);

  show (self, at - (gint64)(share * (double)length), length);
}

static void
timeline_changed_cb (SlipLanes *self)
{
  gint64 start;
  gint64 end;
  gint64 now;
  guint n;

  slip_lanes_get_range (self, &start, &end, &now);
  slip_timeline_get_spans (self->timeline, &n);
  if (self->cursor >= (int)n)
    self->cursor = -1;
  if (self->fit || self->end <= self->start)
    show (self, start, end - start);
  else
    show (self, self->start, self->end - self->start);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
slip_lanes_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  if (SLIP_LANES (widget)->timeline != NULL)
    slip_lanes_draw (SLIP_LANES (widget), snapshot);
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
  guint n_lanes = self->timeline != NULL ? slip_timeline_get_n_lanes (self->timeline) : 0;

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = (int)n_lanes * LANE_HEIGHT + AXIS_HEIGHT;
  else
    {
      *minimum = GUTTER + 120;
      *natural = GUTTER + 400;
    }
}

/* ---- finding spans */

static int
find_at (SlipLanes *self, double x, double y)
{
  guint n;
  const SlipSpan *spans;
  gint64 start;
  gint64 end;
  gint64 now;

  if (self->timeline == NULL)
    return -1;
  slip_lanes_get_range (self, &start, &end, &now);
  spans = slip_timeline_get_spans (self->timeline, &n);
  for (guint i = n; i > 0; i--)
    {
      graphene_rect_t rect;

      if (!slip_lanes_get_rect (self, &spans[i - 1], now, &rect))
        continue;
      graphene_rect_inset (&rect, -2, -2);
      if (graphene_rect_contains_point (&rect, &GRAPHENE_POINT_INIT (x, y)))
        return (int)i - 1;
    }
  return -1;
}

static int
find_along (const SlipSpan *spans, guint n, int from, int step)
{
  for (int i = from + step; i >= 0 && i < (int)n; i += step)
    if (spans[i].lane == spans[from].lane)
      return i;
  return -1;
}

/* Of the next lane that has any, the span nearest in time. */
static int
find_beside (SlipLanes *self, const SlipSpan *spans, guint n, int from, int step)
{
  int n_lanes = (int)slip_timeline_get_n_lanes (self->timeline);

  for (int lane = (int)spans[from].lane + step; lane >= 0 && lane < n_lanes; lane += step)
    {
      int best = -1;

      for (guint i = 0; i < n; i++)
        if ((int)spans[i].lane == lane
            && (best < 0
                || ABS (spans[i].start - spans[from].start)
                       < ABS (spans[best].start - spans[from].start)))
          best = (int)i;
      if (best >= 0)
        return best;
    }
  return -1;
}

gboolean
slip_lanes_move (SlipLanes *self, GtkDirectionType direction)
{
  guint n = 0;
  const SlipSpan *spans;
  int found = -1;

  g_return_val_if_fail (SLIP_IS_LANES (self), FALSE);

  if (self->timeline == NULL)
    return FALSE;
  spans = slip_timeline_get_spans (self->timeline, &n);
  if (n == 0)
    return FALSE;
  if (self->cursor < 0)
    found = 0;
  else if (direction == GTK_DIR_LEFT || direction == GTK_DIR_RIGHT)
    found = find_along (spans, n, self->cursor, direction == GTK_DIR_LEFT ? -1 : 1);
  else
    found = find_beside (self, spans, n, self->cursor, direction == GTK_DIR_UP ? -1 : 1);
  if (found < 0)
    return FALSE;
  slip_lanes_set_cursor (self, found);
  return TRUE;
}

void
slip_lanes_set_cursor (SlipLanes *self, int index)
{
  guint n = 0;
  const SlipSpan *spans;
  g_autofree char *text = NULL;

  g_return_if_fail (SLIP_IS_LANES (self));

  if (self->timeline == NULL)
    return;
  spans = slip_timeline_get_spans (self->timeline, &n);
  self->cursor = index < (int)n ? index : -1;
  if (self->cursor >= 0)
    {
      gint64 at = spans[self->cursor].start;
      gint64 length = self->end - self->start;

      text = slip_timeline_dup_text (self->timeline, (guint)self->cursor);
      if (at < self->start || at > self->end)
        show (self, at - length / 3, length);
    }
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signal_cursor_changed, 0);
}

int
slip_lanes_get_cursor (SlipLanes *self)
{
  g_return_val_if_fail (SLIP_IS_LANES (self), -1);
  return self->cursor;
}

/* ---- keys and pointer */

static gboolean
move_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  return slip_lanes_move (SLIP_LANES (widget), (GtkDirectionType)g_variant_get_int32 (args));
}

static gboolean
zoom_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  double factor = g_variant_get_double (args);

  if (factor > 0)
    slip_lanes_zoom (SLIP_LANES (widget), factor);
  else
    slip_lanes_fit (SLIP_LANES (widget));
  return TRUE;
}

static gboolean
edge_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipLanes *self = SLIP_LANES (widget);
  guint n = 0;

  if (self->timeline != NULL)
    slip_timeline_get_spans (self->timeline, &n);
  if (n > 0)
    slip_lanes_set_cursor (self, g_variant_get_int32 (args) < 0 ? 0 : (int)n - 1);
  return n > 0;
}

static gboolean
activate_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipLanes *self = SLIP_LANES (widget);
  guint n = 0;
  const SlipSpan *spans
      = self->timeline != NULL ? slip_timeline_get_spans (self->timeline, &n) : NULL;

  if (self->cursor < 0 || self->cursor >= (int)n)
    return FALSE;
  g_signal_emit (self, signal_activated, 0, spans[self->cursor].tag);
  return TRUE;
}

static void
motion_cb (SlipLanes *self, double x, double y)
{
  self->pointer = x;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
leave_cb (SlipLanes *self)
{
  self->pointer = -1;
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
scroll_cb (SlipLanes *self, double dx, double dy, GtkEventControllerScroll *controller)
{
  GdkModifierType state
      = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  gint64 length = self->end - self->start;

  if ((state & GDK_CONTROL_MASK) != 0)
    {
      zoom_at (self, dy < 0 ? 1.25 : 0.8, self->pointer > 0 ? self->pointer : GUTTER);
      return TRUE;
    }
  if (self->fit)
    return FALSE;
  show (self, self->start + (gint64)((dx != 0 ? dx : dy) * (double)length / 10), length);
  return TRUE;
}

static void
drag_begin_cb (SlipLanes *self)
{
  self->drag_from = (double)self->start;
}

static void
drag_update_cb (SlipLanes *self, double dx, double dy)
{
  gint64 length = self->end - self->start;

  if (!self->fit)
    show (self, (gint64)(self->drag_from - dx / slip_lanes_width (self) * (double)length), length);
}

static void
pressed_cb (SlipLanes *self, int n_press, double x, double y)
{
  int found = find_at (self, x, y);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (found < 0)
    return;
  slip_lanes_set_cursor (self, found);
  activate_key (GTK_WIDGET (self), NULL, NULL);
}

static gboolean
slip_lanes_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard_mode, GtkTooltip *tooltip)
{
  SlipLanes *self = SLIP_LANES (widget);
  int found = keyboard_mode ? self->cursor : find_at (self, x, y);
  g_autofree char *text = NULL;

  if (found < 0)
    return FALSE;
  text = slip_timeline_dup_text (self->timeline, (guint)found);
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

static void
add_controllers (SlipLanes *self)
{
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *scroll
      = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkGesture *click = gtk_gesture_click_new ();

  g_signal_connect_object (motion, "motion", G_CALLBACK (motion_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (motion, "leave", G_CALLBACK (leave_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (scroll, "scroll", G_CALLBACK (scroll_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "drag-begin", G_CALLBACK (drag_begin_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (drag, "drag-update", G_CALLBACK (drag_update_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), motion);
  gtk_widget_add_controller (GTK_WIDGET (self), scroll);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

static void
add_keys (GtkWidgetClass *klass)
{
  static const struct
  {
    guint key;
    GtkDirectionType direction;
  } moves[] = {{GDK_KEY_Left, GTK_DIR_LEFT},
               {GDK_KEY_Right, GTK_DIR_RIGHT},
               {GDK_KEY_Up, GTK_DIR_UP},
               {GDK_KEY_Down, GTK_DIR_DOWN}};
  static const struct
  {
    guint key;
    double factor;
  } zooms[] = {{GDK_KEY_plus, 1.5},      {GDK_KEY_KP_Add, 1.5},          {GDK_KEY_equal, 1.5},
               {GDK_KEY_minus, 1 / 1.5}, {GDK_KEY_KP_Subtract, 1 / 1.5}, {GDK_KEY_0, 0},
               {GDK_KEY_KP_0, 0}};

  for (guint i = 0; i < G_N_ELEMENTS (moves); i++)
    gtk_widget_class_add_binding (klass, moves[i].key, 0, move_key, "i", (int)moves[i].direction);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    gtk_widget_class_add_binding (klass, zooms[i].key, 0, zoom_key, "d", zooms[i].factor);
  gtk_widget_class_add_binding (klass, GDK_KEY_Home, 0, edge_key, "i", -1);
  gtk_widget_class_add_binding (klass, GDK_KEY_End, 0, edge_key, "i", 1);
  gtk_widget_class_add_binding (klass, GDK_KEY_Return, 0, activate_key, NULL);
  gtk_widget_class_add_binding (klass, GDK_KEY_space, 0, activate_key, NULL);
}

static void
slip_lanes_finalize (GObject *object)
{
  SlipLanes *self = SLIP_LANES (object);

  g_clear_object (&self->timeline);
  g_object_unref (self->adjustment);
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
  signal_cursor_changed = g_signal_new ("cursor-changed", SLIP_TYPE_LANES, G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_activated = g_signal_new ("activated", SLIP_TYPE_LANES, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  add_keys (widget_class);
  gtk_widget_class_set_css_name (widget_class, "lanes");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
slip_lanes_init (SlipLanes *self)
{
  self->fit = TRUE;
  self->cursor = -1;
  self->pointer = -1;
  self->adjustment = g_object_ref_sink (gtk_adjustment_new (0, 0, 0, 0, 0, 0));
  g_signal_connect_object (self->adjustment, "value-changed", G_CALLBACK (scrolled_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  add_controllers (self);
}

GtkWidget *
slip_lanes_new (void)
{
  return g_object_new (SLIP_TYPE_LANES, NULL);
}

void
slip_lanes_set_timeline (SlipLanes *self, SlipTimeline *timeline)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  g_return_if_fail (SLIP_IS_TIMELINE (timeline));

  if (self->timeline != NULL)
    g_signal_handlers_disconnect_by_data (self->timeline, self);
  g_set_object (&self->timeline, timeline);
  self->fit = TRUE;
  g_signal_connect_object (timeline, "changed", G_CALLBACK (timeline_changed_cb), self,
                           G_CONNECT_SWAPPED);
  timeline_changed_cb (self);
}

GtkAdjustment *
slip_lanes_get_adjustment (SlipLanes *self)
{
  g_return_val_if_fail (SLIP_IS_LANES (self), NULL);
  return self->adjustment;
}

void
slip_lanes_zoom (SlipLanes *self, double factor)
{
  guint n = 0;
  const SlipSpan *spans;
  double x = GUTTER;

  g_return_if_fail (SLIP_IS_LANES (self));
  g_return_if_fail (factor > 0);

  /* Around what is looked at: the cursor, the pointer, the middle. */
  spans = self->timeline != NULL ? slip_timeline_get_spans (self->timeline, &n) : NULL;
  if (self->cursor >= 0 && self->cursor < (int)n)
    x = slip_lanes_x_of (self, spans[self->cursor].start);
  else
    x = self->pointer > GUTTER ? self->pointer : GUTTER + slip_lanes_width (self) / 2;
  zoom_at (self, factor, CLAMP (x, GUTTER, GUTTER + slip_lanes_width (self)));
}

void
slip_lanes_fit (SlipLanes *self)
{
  gint64 start;
  gint64 end;
  gint64 now;

  g_return_if_fail (SLIP_IS_LANES (self));
  slip_lanes_get_range (self, &start, &end, &now);
  show (self, start, end - start);
}

gboolean
slip_lanes_is_fit (SlipLanes *self)
{
  g_return_val_if_fail (SLIP_IS_LANES (self), TRUE);
  return self->fit;
}

void
slip_lanes_set_summary (SlipLanes *self, const char *summary)
{
  g_return_if_fail (SLIP_IS_LANES (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, summary,
                                  -1);
}

guint
slip_lanes_get_n_drawn (SlipLanes *self)
{
  g_return_val_if_fail (SLIP_IS_LANES (self), 0);
  return self->drawn;
}
