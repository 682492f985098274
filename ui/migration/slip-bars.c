/* SPDX-License-Identifier: MIT */

/* Bars of expected and actual: the upper one is an outline, the lower one filled, and what differs is a hatched end and
 * words, so that nothing is told by colour alone. */

#include "config.h"

#include "slip-bars.h"

#include <glib/gi18n.h>
#include <math.h>

#include "slip-format.h"
#include "slip-paint.h"

#define LINE_HEIGHT 34
#define BAR_HEIGHT 10
#define MARGIN 12
#define LABEL_WIDTH 180 /* of the texts, where there is no room for all of them */
#define NOTE_WIDTH 380
#define TEXT_GAP 12
#define MIN_BAR 40
#define GOOD_BAR 240 /* texts longer than the above take no more than leaves this */

struct _SlipBars
{
  GtkWidget parent_instance;

  GPtrArray *bars; /* owned; element-type SlipBar */
  int label_width; /* of the longest text, with its gap */
  int note_width;
  int cursor;
  GtkAdjustment *sight; /* owned; what of it is in sight; NULL when all of it is */
};

G_DEFINE_FINAL_TYPE (SlipBars, slip_bars, GTK_TYPE_WIDGET)

static guint signal_chosen;
static guint signal_activated;

void
slip_bar_free (SlipBar *bar)
{
  g_free (bar->label);
  g_free (bar->note);
  g_free (bar);
}

/* ---- drawing */

/* What is left when the bars have enough goes to the texts, to that at their end first: it says what is wrong. */
static void
divide (SlipBars *self, int *label, int *note)
{
  int rest
      = gtk_widget_get_width (GTK_WIDGET (self)) - 2 * MARGIN - LABEL_WIDTH - NOTE_WIDTH - GOOD_BAR;

  *note = NOTE_WIDTH + CLAMP (rest, 0, self->note_width - NOTE_WIDTH);
  rest -= *note - NOTE_WIDTH;
  *label = LABEL_WIDTH + CLAMP (rest, 0, self->label_width - LABEL_WIDTH);
}

static int
get_label_width (SlipBars *self)
{
  int label, note;

  divide (self, &label, &note);
  return label;
}

static double
get_room (SlipBars *self)
{
  int label, note;

  divide (self, &label, &note);
  return MAX (gtk_widget_get_width (GTK_WIDGET (self)) - 2.0 * MARGIN - label - note, MIN_BAR);
}

static gint64
get_highest (SlipBars *self)
{
  gint64 highest = 1;

  for (guint i = 0; i < self->bars->len; i++)
    {
      const SlipBar *bar = g_ptr_array_index (self->bars, i);

      highest = MAX (highest, MAX (bar->expected, bar->actual));
    }
  return highest;
}

/* A count that is not nought is seen, however small it is beside the largest. */
static float
get_length (SlipBars *self, gint64 rows)
{
  double length = get_room (self) * (double)rows / (double)get_highest (self);

  return rows > 0 ? (float)MAX (length, 3) : 0;
}

static void
draw_hatch (GtkSnapshot *snapshot, const graphene_rect_t *rect, const GdkRGBA *color)
{
  for (float x = rect->origin.x; x < rect->origin.x + rect->size.width; x += 3)
    gtk_snapshot_append_color (
        snapshot, color,
        &GRAPHENE_RECT_INIT (x, rect->origin.y, MIN (1.5f, rect->origin.x + rect->size.width - x),
                             rect->size.height));
}

static void
draw_pair (SlipBars *self, GtkSnapshot *snapshot, const SlipBar *bar, double y)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GdkRGBA text = slip_paint_get_color (widget, NULL);
  GdkRGBA fill = slip_paint_get_color (widget, "accent_bg_color");
  GdkRGBA wrong = slip_paint_get_tone (widget, bar->tone);
  float x = (float)(MARGIN + get_label_width (self));
  float expected = get_length (self, bar->expected);
  float actual = get_length (self, bar->actual);
  float hatched = bar->wrong > 0 ? MAX (get_length (self, bar->wrong), 6) : 0;
  graphene_rect_t upper = GRAPHENE_RECT_INIT (x, (float)y + 6, expected, BAR_HEIGHT);
  graphene_rect_t lower = GRAPHENE_RECT_INIT (x, (float)y + 7 + BAR_HEIGHT, actual, BAR_HEIGHT);

  text.alpha *= 0.6f;
  if (expected > 0)
    slip_paint_frame (snapshot, &upper, 1, &text);
  if (actual > 0)
    gtk_snapshot_append_color (snapshot, &fill, &lower);
  if (hatched > 0)
    {
      float end = MAX (expected, actual);

      hatched = MIN (hatched, MAX (end, 6));
      lower.origin.x = x + MAX (end - hatched, 0);
      lower.size.width = hatched;
      draw_hatch (snapshot, &lower, &wrong);
      slip_paint_frame (snapshot, &lower, 1, &wrong);
    }
}

static void
draw_line (SlipBars *self, GtkSnapshot *snapshot, guint index, const GdkRGBA *text)
{
  GtkWidget *widget = GTK_WIDGET (self);
  const SlipBar *bar = g_ptr_array_index (self->bars, index);
  double y = (double)index * LINE_HEIGHT;
  int width = gtk_widget_get_width (widget);
  int label, note;
  GdkRGBA stripe = *text;

  stripe.alpha *= self->cursor == (int)index ? 0.10f : index % 2 == 0 ? 0.04f : 0;
  gtk_snapshot_append_color (snapshot, &stripe,
                             &GRAPHENE_RECT_INIT (0, (float)y, (float)width, LINE_HEIGHT));
  divide (self, &label, &note);
  slip_paint_text (widget, snapshot, bar->label, MARGIN, y, LINE_HEIGHT, label - TEXT_GAP, 0, text);
  draw_pair (self, snapshot, bar, y);
  slip_paint_text (widget, snapshot, bar->note, MARGIN + label + get_room (self) + TEXT_GAP, y,
                   LINE_HEIGHT, note - TEXT_GAP, 0, text);
  if (self->cursor == (int)index && gtk_widget_has_visible_focus (widget))
    {
      graphene_rect_t rect
          = GRAPHENE_RECT_INIT (1, (float)y + 1, (float)width - 2, LINE_HEIGHT - 2);

      slip_paint_frame (snapshot, &rect, 2, text);
    }
}

/* Each line has texts to lay out: of hundreds only those in sight are drawn. */
static void
slip_bars_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  SlipBars *self = SLIP_BARS (widget);
  GdkRGBA text = slip_paint_get_color (widget, NULL);
  guint first = 0;
  guint end = self->bars->len;

  if (self->sight != NULL)
    {
      double top = gtk_adjustment_get_value (self->sight);

      first = (guint)MAX (top / LINE_HEIGHT - 1, 0);
      end = MIN (end,
                 (guint)((top + gtk_adjustment_get_page_size (self->sight)) / LINE_HEIGHT) + 2);
    }
  for (guint i = first; i < end; i++)
    draw_line (self, snapshot, i, &text);
}

static void
forget_sight (SlipBars *self)
{
  if (self->sight != NULL)
    g_signal_handlers_disconnect_by_data (self->sight, self);
  g_clear_object (&self->sight);
}

static void
slip_bars_root (GtkWidget *widget)
{
  SlipBars *self = SLIP_BARS (widget);
  GtkWidget *scroller = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);

  GTK_WIDGET_CLASS (slip_bars_parent_class)->root (widget);
  forget_sight (self);
  if (scroller == NULL)
    return;
  self->sight = g_object_ref (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)));
  g_signal_connect_object (self->sight, "value-changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sight, "changed", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}

static void
slip_bars_unroot (GtkWidget *widget)
{
  forget_sight (SLIP_BARS (widget));
  GTK_WIDGET_CLASS (slip_bars_parent_class)->unroot (widget);
}

static int
measure_text (PangoLayout *layout, const char *text)
{
  int width;

  pango_layout_set_text (layout, text, -1);
  pango_layout_get_pixel_size (layout, &width, NULL);
  return width + TEXT_GAP + 1;
}

static void
measure_texts (SlipBars *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), NULL);

  self->label_width = LABEL_WIDTH;
  self->note_width = NOTE_WIDTH;
  for (guint i = 0; i < self->bars->len; i++)
    {
      const SlipBar *bar = g_ptr_array_index (self->bars, i);

      self->label_width = MAX (self->label_width, measure_text (layout, bar->label));
      self->note_width = MAX (self->note_width, measure_text (layout, bar->note));
    }
}

static void
slip_bars_measure (GtkWidget *widget,
                   GtkOrientation orientation,
                   int for_size,
                   int *minimum,
                   int *natural,
                   int *minimum_baseline,
                   int *natural_baseline)
{
  SlipBars *self = SLIP_BARS (widget);

  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = (int)self->bars->len * LINE_HEIGHT;
  else
    {
      measure_texts (self);
      *minimum = 2 * MARGIN + LABEL_WIDTH + NOTE_WIDTH + MIN_BAR;
      *natural = 2 * MARGIN + self->label_width + self->note_width + GOOD_BAR;
    }
}

/* ---- choosing */

/* %NULL where there is none at @index. */
static char *
dup_words (SlipBars *self, int index)
{
  const SlipBar *bar;

  if (index < 0 || index >= (int)self->bars->len)
    return NULL;
  bar = g_ptr_array_index (self->bars, (guint)index);
  return g_strdup_printf ("%s: %s", bar->label, bar->note);
}

static void
show_cursor (SlipBars *self)
{
  g_autofree char *text = dup_words (self, self->cursor);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  text != NULL ? text : "", -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* The line is brought into sight of the view that the bars are in. */
static void
scroll_to (SlipBars *self)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (GTK_WIDGET (self), GTK_TYPE_SCROLLED_WINDOW);

  if (scroller != NULL && self->cursor >= 0)
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                               self->cursor * LINE_HEIGHT, (self->cursor + 1) * LINE_HEIGHT);
}

void
slip_bars_choose (SlipBars *self, int index)
{
  g_return_if_fail (SLIP_IS_BARS (self));
  if (index >= (int)self->bars->len || index == self->cursor)
    return;
  self->cursor = index;
  scroll_to (self);
  show_cursor (self);
}

int
slip_bars_get_chosen (SlipBars *self)
{
  g_return_val_if_fail (SLIP_IS_BARS (self), -1);
  return self->cursor;
}

static gboolean
move_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipBars *self = SLIP_BARS (widget);
  int by;

  g_variant_get (args, "(i)", &by);
  if (self->bars->len == 0)
    return FALSE;
  slip_bars_choose (self,
                    self->cursor < 0 ? 0 : CLAMP (self->cursor + by, 0, (int)self->bars->len - 1));
  g_signal_emit (self, signal_chosen, 0, self->cursor);
  return TRUE;
}

static gboolean
activate_key (GtkWidget *widget, GVariant *args, gpointer data)
{
  SlipBars *self = SLIP_BARS (widget);

  if (self->cursor < 0)
    return FALSE;
  g_signal_emit (self, signal_activated, 0, self->cursor);
  return TRUE;
}

static void
pressed_cb (SlipBars *self, int n_press, double x, double y)
{
  int index = (int)(y / LINE_HEIGHT);

  gtk_widget_grab_focus (GTK_WIDGET (self));
  if (index < 0 || index >= (int)self->bars->len)
    return;
  slip_bars_choose (self, index);
  g_signal_emit (self, signal_chosen, 0, index);
  if (n_press == 2)
    g_signal_emit (self, signal_activated, 0, index);
}

/* A line whose texts are cut says all of them. */
static gboolean
slip_bars_query_tooltip (
    GtkWidget *widget, int x, int y, gboolean keyboard_mode, GtkTooltip *tooltip)
{
  SlipBars *self = SLIP_BARS (widget);
  int index = keyboard_mode ? self->cursor : y / LINE_HEIGHT;
  g_autofree char *text = dup_words (self, index);
  g_autoptr (PangoLayout) layout = NULL;
  const SlipBar *bar;
  int label, note;

  if (text == NULL)
    return FALSE;
  layout = gtk_widget_create_pango_layout (widget, NULL);
  bar = g_ptr_array_index (self->bars, (guint)index);
  divide (self, &label, &note);
  if (measure_text (layout, bar->label) <= label && measure_text (layout, bar->note) <= note)
    return FALSE;
  gtk_tooltip_set_text (tooltip, text);
  return TRUE;
}

/* ---- the widget */

static void
slip_bars_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_BARS (object)->bars);
  G_OBJECT_CLASS (slip_bars_parent_class)->finalize (object);
}

static void
slip_bars_class_init (SlipBarsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = slip_bars_finalize;
  widget_class->snapshot = slip_bars_snapshot;
  widget_class->root = slip_bars_root;
  widget_class->unroot = slip_bars_unroot;
  widget_class->measure = slip_bars_measure;
  widget_class->query_tooltip = slip_bars_query_tooltip;
  signal_chosen = g_signal_new ("chosen", SLIP_TYPE_BARS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_INT);
  signal_activated = g_signal_new ("activated", SLIP_TYPE_BARS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_INT);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Up, 0, move_key, "(i)", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Down, 0, move_key, "(i)", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Up, 0, move_key, "(i)", -8);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Down, 0, move_key, "(i)", 8);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Home, 0, move_key, "(i)", -100000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_End, 0, move_key, "(i)", 100000);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Return, 0, activate_key, NULL);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_space, 0, activate_key, NULL);
  gtk_widget_class_set_css_name (widget_class, "chart");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
slip_bars_init (SlipBars *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  self->cursor = -1;
  self->label_width = LABEL_WIDTH;
  self->note_width = NOTE_WIDTH;
  self->bars = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_bar_free);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}

GtkWidget *
slip_bars_new (void)
{
  return g_object_new (SLIP_TYPE_BARS, NULL);
}

static int
find_bar (GPtrArray *bars, const SlipBar *wanted)
{
  for (guint i = 0; wanted != NULL && i < bars->len; i++)
    if (g_str_equal (((const SlipBar *)g_ptr_array_index (bars, i))->label, wanted->label))
      return (int)i;
  return -1;
}

void
slip_bars_set_bars (SlipBars *self, GPtrArray *bars, const char *summary)
{
  g_return_if_fail (SLIP_IS_BARS (self) && bars != NULL);

  self->cursor
      = find_bar (bars, self->cursor >= 0 ? g_ptr_array_index (self->bars, self->cursor) : NULL);
  g_ptr_array_unref (self->bars);
  self->bars = bars;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, summary,
                                  -1);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  show_cursor (self);
}
