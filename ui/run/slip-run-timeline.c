/* SPDX-License-Identifier: MIT */

/* Lanes and table of a run, and the bar above them. Everything shown is an entry of the ledger, or
 * planned; it moves when the ledger grows. */

#include "config.h"

#include "slip-run-timeline.h"

#include <glib/gi18n.h>

#include "slip-columns.h"
#include "slip-format.h"
#include "slip-run-lanes.h"
#include "slip-tip.h"

#define TABLE_HEIGHT 190

struct _SlipRunTimeline
{
  AdwBin parent_instance;

  GtkLabel *text;
  GtkStack *stack;
  GtkWidget *zooms;
  GtkToggleButton *table;
  SlipLanes *lanes;
  GtkWidget *bar;
  SlipTimeline *timeline; /* owned */
  SlipRunLanes *fold;     /* owned, nullable */
  SlipRun *run;           /* owned, nullable */
  double speed;
};

G_DEFINE_FINAL_TYPE (SlipRunTimeline, slip_run_timeline, ADW_TYPE_BIN)

static guint signal_step_activated;

/* ---- the table */

static char *
text_from (gpointer item)
{
  return slip_format_stamp (slip_timeline_item_get_span (item)->start);
}

static char *
text_took (gpointer item)
{
  const SlipSpan *span = slip_timeline_item_get_span (item);

  if (span->end == 0)
    return g_strdup (_ ("goes on"));
  if (span->end == span->start)
    return NULL;
  return slip_format_duration ((double)(span->end - span->start) / G_USEC_PER_SEC);
}

static char *
text_lane (gpointer item)
{
  return g_strdup (slip_timeline_item_get_lane (item));
}

static char *
text_what (gpointer item)
{
  return g_strdup (slip_timeline_item_get_span (item)->label);
}

static char *
text_detail (gpointer item)
{
  return g_strdup (slip_timeline_item_get_span (item)->detail);
}

static const SlipColumn columns[] = {
    {N_ ("From"), FALSE, 17, FALSE, text_from, NULL, NULL},
    {N_ ("Took"), FALSE, 7, TRUE, text_took, NULL, NULL},
    {N_ ("Lane"), FALSE, 10, FALSE, text_lane, NULL, NULL},
    {N_ ("What"), TRUE, 13, FALSE, text_what, NULL, NULL},
    {N_ ("Of"), TRUE, 18, FALSE, text_detail, NULL, NULL},
};

static GtkWidget *
new_table (SlipRunTimeline *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkSelectionModel *model
      = GTK_SELECTION_MODEL (gtk_no_selection_new (g_object_ref (G_LIST_MODEL (self->timeline))));
  GtkWidget *view = gtk_column_view_new (model);

  slip_columns_add (GTK_COLUMN_VIEW (view), columns, G_N_ELEMENTS (columns));
  gtk_accessible_update_property (GTK_ACCESSIBLE (view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Time line of the run, as a table"), -1);
  gtk_widget_add_css_class (view, "data-table");
  gtk_widget_add_css_class (view, "dense");
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), view);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (scroller), TABLE_HEIGHT);
  return scroller;
}

/* ---- the bar */

static char *
dup_summary (SlipRunTimeline *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->timeline));

  return g_strdup_printf (ngettext ("Time line: %u span. Pale bars are the plan.",
                                    "Time line: %u spans. Pale bars are the plan.", n),
                          n);
}

static void
show_text (SlipRunTimeline *self)
{
  int cursor = slip_lanes_get_cursor (self->lanes);
  g_autofree char *text
      = cursor >= 0 ? slip_timeline_dup_text (self->timeline, (guint)cursor) : dup_summary (self);

  gtk_label_set_label (self->text, text);
}

static void
zoom_in_cb (SlipRunTimeline *self)
{
  slip_lanes_zoom (self->lanes, 1.5);
}

static void
zoom_out_cb (SlipRunTimeline *self)
{
  slip_lanes_zoom (self->lanes, 1 / 1.5);
}

static void
fit_cb (SlipRunTimeline *self)
{
  slip_lanes_fit (self->lanes);
}

static void
adjusted_cb (SlipRunTimeline *self)
{
  gtk_widget_set_visible (self->bar, !slip_lanes_is_fit (self->lanes));
}

static void
table_cb (SlipRunTimeline *self)
{
  gboolean table = gtk_toggle_button_get_active (self->table);

  gtk_stack_set_visible_child_name (self->stack, table ? "table" : "lanes");
  gtk_widget_set_visible (self->zooms, !table);
}

static void
activated_cb (SlipRunTimeline *self, const char *tag)
{
  if (tag != NULL)
    g_signal_emit (self, signal_step_activated, 0, tag);
}

static GtkWidget *
new_icon_button (SlipRunTimeline *self, const char *icon, const char *name, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  slip_tip_set (button, name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_add_css_class (button, "small");
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
new_bar (SlipRunTimeline *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->text = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->text, 0);
  gtk_label_set_ellipsize (self->text, PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (self->text);
  gtk_widget_set_hexpand (GTK_WIDGET (self->text), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), "numeric");
  self->zooms = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  gtk_box_append (GTK_BOX (self->zooms), new_icon_button (self, "zoom-out-symbolic", _ ("Zoom out"),
                                                          G_CALLBACK (zoom_out_cb)));
  gtk_box_append (GTK_BOX (self->zooms), new_icon_button (self, "zoom-in-symbolic", _ ("Zoom in"),
                                                          G_CALLBACK (zoom_in_cb)));
  gtk_box_append (GTK_BOX (self->zooms),
                  new_icon_button (self, "zoom-fit-best-symbolic", _ ("Show the whole run"),
                                   G_CALLBACK (fit_cb)));
  self->table = GTK_TOGGLE_BUTTON (gtk_toggle_button_new_with_label (_ ("As a Table")));
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "flat");
  gtk_widget_add_css_class (GTK_WIDGET (self->table), "compact");
  g_signal_connect_object (self->table, "toggled", G_CALLBACK (table_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->text));
  gtk_box_append (GTK_BOX (box), self->zooms);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->table));
  gtk_widget_add_css_class (box, "timeline-bar");
  return box;
}

static GtkWidget *
new_lanes (SlipRunTimeline *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkAdjustment *adjustment;

  self->lanes = SLIP_LANES (slip_lanes_new ());
  slip_lanes_set_timeline (self->lanes, self->timeline);
  slip_lanes_set_summary (self->lanes, _ ("Time line of the run"));
  adjustment = slip_lanes_get_adjustment (self->lanes);
  self->bar = gtk_scrollbar_new (GTK_ORIENTATION_HORIZONTAL, adjustment);
  gtk_widget_set_visible (self->bar, FALSE);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (adjusted_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lanes, "cursor-changed", G_CALLBACK (show_text), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->lanes, "activated", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->lanes));
  gtk_box_append (GTK_BOX (box), self->bar);
  return box;
}

static void
slip_run_timeline_finalize (GObject *object)
{
  SlipRunTimeline *self = SLIP_RUN_TIMELINE (object);

  g_clear_pointer (&self->fold, slip_run_lanes_free);
  g_clear_object (&self->run);
  g_object_unref (self->timeline);
  G_OBJECT_CLASS (slip_run_timeline_parent_class)->finalize (object);
}

static void
slip_run_timeline_class_init (SlipRunTimelineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_run_timeline_finalize;
  signal_step_activated = g_signal_new ("step-activated", SLIP_TYPE_RUN_TIMELINE, G_SIGNAL_RUN_LAST,
                                        0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
slip_run_timeline_init (SlipRunTimeline *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->timeline = slip_timeline_new ();
  self->speed = 1;
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  gtk_stack_add_named (self->stack, new_lanes (self), "lanes");
  gtk_stack_add_named (self->stack, new_table (self), "table");
  gtk_box_append (GTK_BOX (box), new_bar (self));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
}

void
slip_run_timeline_set_run (SlipRunTimeline *self, SlipRun *run, double speed)
{
  g_return_if_fail (SLIP_IS_RUN_TIMELINE (self));
  g_return_if_fail (SLIP_IS_RUN (run));
  g_return_if_fail (self->run == NULL);

  self->run = g_object_ref (run);
  self->speed = speed;
  self->fold = slip_run_lanes_new (run, self->timeline);
  slip_run_timeline_update (self);
}

void
slip_run_timeline_update (SlipRunTimeline *self)
{
  g_autofree char *summary = NULL;

  g_return_if_fail (SLIP_IS_RUN_TIMELINE (self));

  if (self->fold == NULL)
    return;
  slip_run_lanes_update (self->fold, self->speed);
  summary = g_strdup_printf (_ ("Time line of the run: %u spans, %.0f %% done. Arrow keys go from "
                                "span to span."),
                             g_list_model_get_n_items (G_LIST_MODEL (self->timeline)),
                             slip_run_get_progress (self->run) * 100);
  slip_lanes_set_summary (self->lanes, summary);
  show_text (self);
}

SlipLanes *
slip_run_timeline_get_lanes (SlipRunTimeline *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_TIMELINE (self), NULL);
  return self->lanes;
}

void
slip_run_timeline_show_table (SlipRunTimeline *self, gboolean shown)
{
  g_return_if_fail (SLIP_IS_RUN_TIMELINE (self));
  gtk_toggle_button_set_active (self->table, shown);
}
