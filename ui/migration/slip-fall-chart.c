/* SPDX-License-Identifier: MIT */

/* The waterfall's drawing: plain colour nodes. Losses and gains carry their sign in words and numbers; colour only
 * repeats it. */

#include "config.h"

#include "slip-fall-chart.h"

#include <glib/gi18n.h>
#include <math.h>

#include "slip-format.h"
#include "slip-paint.h"

#define LABEL_HEIGHT 22
#define NUMBER_HEIGHT 22
#define LABEL_WIDTH 100 /* with less than that for each, labels stand in two lines by turns */
#define MARGIN 8
#define MIN_SLOT 64
#define MIN_HEIGHT 180

struct _SlipFallChart
{
  GtkWidget parent_instance;

  GPtrArray *slots; /* owned; element-type SlipFallSlot */
  int cursor;
};

G_DEFINE_FINAL_TYPE (SlipFallChart, slip_fall_chart, GTK_TYPE_WIDGET)

static guint signal_chosen;

void
slip_fall_slot_free (SlipFallSlot *slot)
{
  g_free (slot->label);
  g_free (slot);
}

/* ---- drawing */

static double
get_slot_width (SlipFallChart *self)
{
  return (gtk_widget_get_width (GTK_WIDGET (self)) - 2.0 * MARGIN) / MAX (self->slots->len, 1);
}

static int
get_label_lines (SlipFallChart *self)
{
  return get_slot_width (self) < LABEL_WIDTH ? 2 : 1;
}

static gint64
get_highest (SlipFallChart *self)
{
  gint64 highest = 1;

  for (guint i = 0; i < self->slots->len; i++)
    {
      const SlipFallSlot *slot = g_ptr_array_index (self->slots, i);

      highest = MAX (highest, MAX (slot->from, slot->to));
    }
  return highest;
}

static double
get_y (SlipFallChart *self, gint64 rows)
{
  double height = gtk_widget_get_height (GTK_WIDGET (self)) - get_label_lines (self) * LABEL_HEIGHT
                  - NUMBER_HEIGHT - 2.0 * MARGIN;

  return MARGIN + NUMBER_HEIGHT + height * (1 - (double)rows / (double)get_highest (self));
}

static void
get_bar (SlipFallChart *self, guint index, graphene_rect_t *rect)
{
  const SlipFallSlot *slot = g_ptr_array_index (self->slots, index);
  double width = get_slot_width (self);
  double top = get_y (self, MAX (slot->from, slot->to));
  double bottom = get_y (self, MIN (slot->from, slot->to));

  /* However few rows were lost among many, the bar is seen. */
  *rect = GRAPHENE_RECT_INIT ((float)(MARGIN + width * index + width * 0.14), (float)top,
                              (float)(width * 0.72), (float)MAX (bottom - top, 3));
}

static char *
dup_number (const SlipFallSlot *slot)
{
  g_autofree char *count = slip_format_count (slot->rows < 0 ? -slot->rows : slot->rows);

  if (slot->tone == SLIP_TONE_BUSY)
    return g_steal_pointer (&count);
  return g_strdup_printf (slot->rows < 0 ? "−%s" : "+%s", count);
}

static void
draw_slot (SlipFallChart *self, GtkSnapshot *snapshot, guint index, const GdkRGBA *text)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const SlipFallSlot *slot = g_ptr_array_index (self->slots, index);
  double width = get_slot_width (self);
  double middle = MARGIN + width * (index + 0.5);
  int lines = get_label_lines (self);
  int below = lines - (int)index % lines; /* from the line of the label to the end */
  int height = gtk_widget_get_height (widget);
  GdkRGBA fill = slip_paint_get_tone (widget, slot->tone);
  g_autofree char *number = dup_number (slot);
  graphene_rect_t bar;

  get_bar (self, index, &bar);
  gtk_snapshot_append_color (snapshot, &fill, &bar);
  slip_paint_text (widget, snapshot, number, middle, bar.origin.y - NUMBER_HEIGHT, NUMBER_HEIGHT,
                   width, 0.5, text);
  slip_paint_text (widget, snapshot, slot->label, middle,
                   height - below * LABEL_HEIGHT - MARGIN / 2.0, LABEL_HEIGHT, lines * width - 4,
                   0.5, text);
  if (self->cursor == (int)index)
    {
      graphene_rect_inset (&bar, -3, -3);
      slip_paint_frame (snapshot, &bar, 2, text);
    }
}

/* From one bar's end to the next one's beginning, so that the eye follows the level. */
static void
draw_steps (SlipFallChart *self, GtkSnapshot *snapshot, const GdkRGBA *text)
{
  GdkRGBA line = *text;

  line.alpha *= 0.35f;
  for (guint i = 0; i + 1 < self->slots->len; i++)
    {
      const SlipFallSlot *slot = g_ptr_array_index (self->slots, i);
      graphene_rect_t bar;
      graphene_rect_t next;

      get_bar (self, i, &bar);
      get_bar (self, i + 1, &next);
      gtk_snapshot_append_color (snapshot, &line,
                                 &GRAPHENE_RECT_INIT (bar.origin.x + bar.size.width,
                                                      roundf ((float)get_y (self, slot->to)),
                                                      next.origin.x - bar.origin.x - bar.size.width,
                                                      1));
    }
}

static void
slip_fall_chart_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SlipFallChart *self = SLIP_FALL_CHART (widget);
  GdkRGBA text = slip_paint_get_color (widget, NULL);
  GdkRGBA ground = text;
  int lines = get_label_lines (self);
  int height = gtk_widget_get_height (widget);
  int width = gtk_widget_get_width (widget);

  ground.alpha *= 0.4f;
  gtk_snapshot_append_color (snapshot, &ground,
                             &GRAPHENE_RECT_INIT (MARGIN,
                                                  (float)(height - lines * LABEL_HEIGHT - MARGIN),
                                                  (float)(width - 2 * MARGIN), 1));
  draw_steps (self, snapshot, &text);
  for (guint i = 0; i < self->slots->len; i++)
    draw_slot (self, snapshot, i, &text);
}

static void
slip_fall_chart_measure (GtkWidget *widget,
                         GtkOrientation orientation,
                         int for_size,
                         int *minimum,
                         int *natural,
                         int *minimum_baseline,
                         int *natural_baseline)
{
  int n = (int)SLIP_FALL_CHART (widget)->slots->len;

  *minimum = *natural
      = orientation == GTK_ORIENTATION_HORIZONTAL ? n * MIN_SLOT + 2 * MARGIN : MIN_HEIGHT;
}

/* ---- choosing */

static char *
dup_slot (const SlipFallSlot *slot)
{
  g_autofree char *number = dup_number (slot);

  return g_strdup_printf ("%s: %s", slot->label, number);
}

static void
show_cursor (SlipFallChart *self)
{
  g_autofree char *text
      = self->cursor >= 0 ? dup_slot (g_ptr_array_index (self->slots, (guint)self->cursor)) : NULL;

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* In a narrow window the chart is wider than its view. */
static void
scroll_to (SlipFallChart *self)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);
  double left = MARGIN + get_slot_width (self) * self->cursor;

  if (scroller != NULL && self->cursor >= 0)
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_hadjustment (GTK_SCROLLED_WINDOW (scroller)),
                               left, left + get_slot_width (self));
}

void
slip_fall_chart_choose (SlipFallChart *self, int index)
{
  g_return_if_fail (SLIP_IS_FALL_CHART (self));
  if (index >= (int)self->slots->len)
    return;
  self->cursor = index;
  scroll_to (self);
  show_cursor (self);
  g_signal_emit (self, signal_chosen, 0,
                 index >= 0 ? ((SlipFallSlot *)g_ptr_array_index (self->slots, (guint)index))->tag
                            : G_MAXUINT);
}

static gboolean
move_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipFallChart *self = SLIP_FALL_CHART (widget);
  int by;

  g_variant_get (args, "(i)", &by);
  if (self->slots->len == 0)
    return FALSE;
  slip_fall_chart_choose (
      self, self->cursor < 0 ? 0 : CLAMP (self->cursor + by, 0, (int)self->slots->len - 1));
  return TRUE;
}

static gboolean
leave_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipFallChart *self = SLIP_FALL_CHART (widget);

  if (self->cursor < 0)
    return FALSE;
  slip_fall_chart_choose (self, -1);
  return TRUE;
}

static int
find_at (SlipFallChart *self, double x)
{
  int index = (int)((x - MARGIN) / get_slot_width (self));

  return x >= MARGIN && index < (int)self->slots->len ? index : -1;
}

static void
pressed_cb (SlipFallChart *self, int n_press, double x, double y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  slip_fall_chart_choose (self, find_at (self, x));
}

static gboolean
slip_fall_chart_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard_mode, GtkTooltip *tooltip)
{
  SlipFallChart *self = SLIP_FALL_CHART (widget);
  int found = keyboard_mode ? self->cursor : find_at (self, x);
  g_autofree char *text = NULL;

  if (found < 0)
    return FALSE;
  text = dup_slot (g_ptr_array_index (self->slots, (guint)found));
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget */

static void
slip_fall_chart_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_FALL_CHART (object)->slots);
  G_OBJECT_CLASS (slip_fall_chart_parent_class)->finalize (object);
}

static void
slip_fall_chart_class_init (SlipFallChartClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_fall_chart_finalize;
  widget_class->snapshot = slip_fall_chart_snapshot;
  widget_class->measure = slip_fall_chart_measure;
  widget_class->query_tooltip = slip_fall_chart_query_tooltip;
  signal_chosen = g_signal_new ("chosen", SLIP_TYPE_FALL_CHART, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Left, 0, move_key, "(i)", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Right, 0, move_key, "(i)", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, move_key, "(i)", -1000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, move_key, "(i)", 1000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, leave_key, NULL);
  gtk_widget_class_set_css_name (widget_class, "chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
slip_fall_chart_init (SlipFallChart *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->cursor = -1;
  self->slots = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_fall_slot_free);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
slip_fall_chart_new (void)
{
  return g_object_new (SLIP_TYPE_FALL_CHART, NULL);
}

static int
find_slot (GPtrArray *slots, const SlipFallSlot *wanted)
{
  for (guint i = 0; wanted != NULL && i < slots->len; i++)
    if (((const SlipFallSlot *)g_ptr_array_index (slots, i))->tag == wanted->tag)
      return (int)i;
  return -1;
}

void
slip_fall_chart_set_slots (SlipFallChart *self, GPtrArray *slots, const char *summary)
{
  int before = self->cursor;

  g_return_if_fail (SLIP_IS_FALL_CHART (self) && slots != NULL);

  self->cursor = find_slot (slots, before >= 0 ? g_ptr_array_index (self->slots, before) : NULL);
  g_ptr_array_unref (self->slots);
  self->slots = slots;
  if (before >= 0 && self->cursor < 0)
    g_signal_emit (self, signal_chosen, 0, G_MAXUINT);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, summary,
                                  -1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  show_cursor (self);
}
