/* SPDX-License-Identifier: MIT */

/* What a run that did not end well leaves behind, newest first, since that is the order to undo it. */

#include "config.h"

#include "slip-run-aftermath.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-run-commands-window.h"
#include "slip-tip.h"

#define MIN_HEIGHT 96
#define MAX_HEIGHT 180

struct _SlipRunAftermath
{
  AdwBin parent_instance;

  GtkLabel *heading;
  GtkWidget *scroller;
  GtkBox *list;
  SlipWorkbench *workbench; /* owned, nullable */
  SlipRun *run;             /* owned, nullable */
  JsonArray *shown;         /* owned, nullable */
};

G_DEFINE_FINAL_TYPE (SlipRunAftermath, slip_run_aftermath, ADW_TYPE_BIN)

static void
commands_cb (SlipRunAftermath *self)
{
  if (self->run != NULL)
    slip_run_commands_window_present (GTK_WIDGET (self), self->workbench, self->run);
}

static void
add_line (GtkBox *box, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (box, label);
}

static void
add_leftover (SlipRunAftermath *self, JsonObject *item, guint number)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  const char *title = slip_json_string (item, "title");
  const char *what = slip_json_string (item, "what");
  const char *undo = slip_json_string (item, "undo");
  const char *cost = slip_json_string (item, "cost");
  const char *lost = slip_json_string (item, "lost");
  g_autofree char *head = g_strdup_printf ("%u  %s (%s)", number, title != NULL ? title : "",
                                           what != NULL ? what : "");
  g_autofree char *how
      = g_strdup_printf (lost != NULL                           ? _ ("It is not there: %s.")
                         : slip_json_bool (item, "gone", FALSE) ? _ ("To get it back: %s.")
                                                                : _ ("To undo: %s."),
                         lost != NULL   ? lost
                         : undo != NULL ? undo
                                        : "");
  g_autofree char *both
      = cost != NULL ? g_strdup_printf (_ ("%s It is %s."), how, cost) : g_strdup (how);

  add_line (GTK_BOX (box), head, NULL);
  add_line (GTK_BOX (box), both, "dim-label");
  gtk_box_append (self->list, box);
}

typedef enum
{
  EXISTS,
  TAKEN_AWAY, /* by this run */
  LOST,       /* made by this run, and gone since */
  N_FATES
} Fate;

static Fate
get_fate (JsonObject *item)
{
  return slip_json_string (item, "lost") != NULL ? LOST
         : slip_json_bool (item, "gone", FALSE)  ? TAKEN_AWAY
                                                 : EXISTS;
}

/* What exists comes first, in the order to undo it; what is gone has a line of its own above it. */
static void
add_leftovers (SlipRunAftermath *self, JsonArray *leftovers, Fate fate)
{
  guint n = leftovers != NULL ? json_array_get_length (leftovers) : 0;
  guint number = 0;

  for (guint i = 0; i < n; i++)
    {
      JsonObject *item = json_array_get_object_element (leftovers, i);

      if (get_fate (item) != fate)
        continue;
      if (fate != EXISTS && number == 0)
        add_line (self->list,
                  fate == LOST ? _ ("What is not there any more") : _ ("What was taken away"),
                  "heading");
      add_leftover (self, item, ++number);
    }
}

static void
show_heading (SlipRunAftermath *self, JsonArray *leftovers)
{
  guint n = leftovers != NULL ? json_array_get_length (leftovers) : 0;
  guint existing = 0;

  for (guint i = 0; i < n; i++)
    existing += get_fate (json_array_get_object_element (leftovers, i)) == EXISTS ? 1 : 0;
  gtk_label_set_label (self->heading, existing > 0
                                          ? _ ("What exists now, and how to undo it, in this order")
                                          : _ ("Nothing exists now that did not before"));
}

static GtkWidget *
new_head (SlipRunAftermath *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *button = gtk_button_new_with_label (_ ("Finish by Hand…"));

  self->heading = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->heading, 0);
  gtk_label_set_ellipsize (self->heading, PANGO_ELLIPSIZE_END);
  slip_tip_follow_label (self->heading);
  gtk_widget_set_hexpand (GTK_WIDGET (self->heading), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->heading), "heading");
  slip_tip_set (button, _ ("The AWS CLI commands that do what is left"));
  gtk_widget_add_css_class (button, "compact");
  g_signal_connect_object (button, "clicked", G_CALLBACK (commands_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->heading));
  gtk_box_append (GTK_BOX (box), button);
  return box;
}

static void
slip_run_aftermath_dispose (GObject *object)
{
  SlipRunAftermath *self = SLIP_RUN_AFTERMATH (object);

  g_clear_object (&self->run);
  g_clear_object (&self->workbench);
  g_clear_pointer (&self->shown, json_array_unref);
  G_OBJECT_CLASS (slip_run_aftermath_parent_class)->dispose (object);
}

static void
slip_run_aftermath_class_init (SlipRunAftermathClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_run_aftermath_dispose;
}

static void
slip_run_aftermath_init (SlipRunAftermath *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  self->list = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 6));
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_min_content_height (GTK_SCROLLED_WINDOW (self->scroller), MIN_HEIGHT);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (self->scroller), MAX_HEIGHT);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (self->scroller), TRUE);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), GTK_WIDGET (self->list));
  gtk_box_append (GTK_BOX (box), new_head (self));
  gtk_box_append (GTK_BOX (box), self->scroller);
  gtk_widget_add_css_class (box, "leftovers");
  adw_bin_set_child (ADW_BIN (self), box);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

void
slip_run_aftermath_show (SlipRunAftermath *self, SlipWorkbench *workbench, SlipRun *run)
{
  SlipRunState state;
  JsonArray *leftovers;
  guint n;
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_RUN_AFTERMATH (self));
  g_return_if_fail (SLIP_IS_RUN (run));

  state = slip_run_get_state (run);
  leftovers = slip_run_get_leftovers (run);
  n = leftovers != NULL ? json_array_get_length (leftovers) : 0;
  g_set_object (&self->workbench, workbench);
  g_set_object (&self->run, run);
  gtk_widget_set_visible (GTK_WIDGET (self),
                          state == SLIP_RUN_FAILED || state == SLIP_RUN_CANCELLED);
  if (self->shown == leftovers && leftovers != NULL)
    return;
  g_clear_pointer (&self->shown, json_array_unref);
  self->shown = leftovers != NULL ? json_array_ref (leftovers) : NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_box_remove (self->list, child);
  for (Fate fate = EXISTS; fate < N_FATES; fate++)
    add_leftovers (self, leftovers, fate);
  gtk_widget_set_visible (self->scroller, n > 0);
  show_heading (self, leftovers);
}
