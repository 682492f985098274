/* SPDX-License-Identifier: MIT */

/* A plan for reading. Guards that did not pass come first and open; those that hold are one line until
 * a person wants to see them. What could not be proven is never drawn as proven. */

#include "config.h"

#include "slip-plan-view.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-plan-step-row.h"
#include "slip-status.h"

struct _SlipPlanView
{
  AdwBin parent_instance;

  GtkBox *box;
  GtkListBox *guards;
  GtkListBox *passed;
  GtkExpander *passed_expander;
  GtkListBox *steps;
  GtkWidget *header;
  GtkSizeGroup *groups[SLIP_PLAN_N_COLUMNS]; /* owned; NULL for a column that takes what is left */
  int point_of_no_return;
};

G_DEFINE_FINAL_TYPE (SlipPlanView, slip_plan_view, ADW_TYPE_BIN)

static SlipTone
get_guard_tone (SlipGuardState state)
{
  switch (state)
    {
    case SLIP_GUARD_PASS:
      return SLIP_TONE_GOOD;
    case SLIP_GUARD_WARN:
      return SLIP_TONE_WARNING;
    case SLIP_GUARD_BLOCK:
      return SLIP_TONE_BAD;
    case SLIP_GUARD_UNPROVABLE:
      break;
    }
  return SLIP_TONE_UNKNOWN;
}

static const char *
get_guard_word (SlipGuardState state)
{
  switch (state)
    {
    case SLIP_GUARD_PASS:
      return _ ("holds");
    case SLIP_GUARD_WARN:
      return _ ("warning");
    case SLIP_GUARD_BLOCK:
      return _ ("blocks");
    case SLIP_GUARD_UNPROVABLE:
      break;
    }
  return _ ("not provable");
}

static GtkWidget *
new_guard_row (SlipGuardResult *guard)
{
  SlipGuardState state = slip_guard_result_get_state (guard);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *status = slip_status_new ();
  GtkWidget *title = gtk_label_new (slip_guard_result_get_title (guard));
  GtkWidget *message = gtk_label_new (slip_guard_result_get_message (guard));

  slip_status_set (SLIP_STATUS (status), get_guard_tone (state), get_guard_word (state));
  gtk_widget_set_size_request (status, 112, -1);
  gtk_widget_set_valign (status, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_wrap (GTK_LABEL (title), TRUE);
  gtk_label_set_width_chars (GTK_LABEL (title), 28);
  gtk_label_set_max_width_chars (GTK_LABEL (title), 28);
  gtk_widget_set_valign (title, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (message), 0);
  gtk_label_set_wrap (GTK_LABEL (message), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (message), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_hexpand (message, TRUE);
  gtk_widget_add_css_class (message, "dim-label");
  gtk_box_append (GTK_BOX (box), status);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), message);
  gtk_widget_add_css_class (box, "guard-line");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  slip_guard_result_get_title (guard), -1);
  return row;
}

static void
clear_list (GtkListBox *list)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (list))) != NULL)
    gtk_list_box_remove (list, child);
}

static void
show_guards (SlipPlanView *self, SlipPlan *plan)
{
  static const SlipGuardState order[]
      = {SLIP_GUARD_BLOCK, SLIP_GUARD_UNPROVABLE, SLIP_GUARD_WARN, SLIP_GUARD_PASS};
  GListModel *guards = slip_plan_get_guards (plan);
  guint passed = slip_plan_count_guards (plan, SLIP_GUARD_PASS);
  g_autofree char *text
      = g_strdup_printf (ngettext ("%u guard holds", "%u guards hold", passed), passed);

  for (guint o = 0; o < G_N_ELEMENTS (order); o++)
    for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
      {
        g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);

        if (slip_guard_result_get_state (guard) == order[o])
          gtk_list_box_append (order[o] == SLIP_GUARD_PASS ? self->passed : self->guards,
                               new_guard_row (guard));
      }
  gtk_expander_set_label (self->passed_expander, text);
  gtk_widget_set_visible (GTK_WIDGET (self->passed_expander), passed > 0);
  gtk_widget_set_visible (GTK_WIDGET (self->guards), passed < g_list_model_get_n_items (guards));
}

static void
header_cb (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data)
{
  SlipPlanView *self = data;
  GtkWidget *line;

  if (self->point_of_no_return < 0 || gtk_list_box_row_get_index (row) != self->point_of_no_return)
    {
      gtk_list_box_row_set_header (
          row, before != NULL ? gtk_separator_new (GTK_ORIENTATION_HORIZONTAL) : NULL);
      return;
    }
  line = gtk_label_new (_ ("Point of no return"));
  gtk_widget_add_css_class (line, "no-return");
  gtk_list_box_row_set_header (row, line);
}

static void
activated_cb (SlipPlanView *self, SlipPlanStepRow *row)
{
  slip_plan_step_row_set_expanded (row, !slip_plan_step_row_get_expanded (row));
}

static void
show_steps (SlipPlanView *self, SlipPlan *plan)
{
  GListModel *steps = slip_plan_get_steps (plan);

  clear_list (self->steps);
  self->point_of_no_return = slip_plan_get_point_of_no_return (plan);
  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipPlanStep) step = g_list_model_get_item (steps, i);

      gtk_list_box_append (self->steps, slip_plan_step_row_new (step, self->groups));
    }
}

static void
slip_plan_view_finalize (GObject *object)
{
  SlipPlanView *self = SLIP_PLAN_VIEW (object);

  for (guint i = 0; i < SLIP_PLAN_N_COLUMNS; i++)
    g_clear_object (&self->groups[i]);
  G_OBJECT_CLASS (slip_plan_view_parent_class)->finalize (object);
}

static void
slip_plan_view_class_init (SlipPlanViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_plan_view_finalize;
}

static GtkListBox *
new_list (const char *label)
{
  GtkWidget *list = gtk_list_box_new ();

  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "plan-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  return GTK_LIST_BOX (list);
}

static GtkWidget *
new_heading (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "plan-heading");
  return label;
}

static void
slip_plan_view_init (SlipPlanView *self)
{
  for (guint i = 0; i < SLIP_PLAN_N_COLUMNS; i++)
    self->groups[i] = gtk_size_group_new (GTK_SIZE_GROUP_HORIZONTAL);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->guards = new_list (_ ("Preflight"));
  self->passed = new_list (_ ("Guards that hold"));
  self->passed_expander = GTK_EXPANDER (gtk_expander_new (NULL));
  gtk_expander_set_child (self->passed_expander, GTK_WIDGET (self->passed));
  gtk_widget_add_css_class (GTK_WIDGET (self->passed_expander), "passed-guards");
  self->steps = new_list (_ ("Steps of the plan"));
  gtk_list_box_set_header_func (self->steps, header_cb, self, NULL);
  g_signal_connect_object (self->steps, "row-activated", G_CALLBACK (activated_cb), self,
                           G_CONNECT_SWAPPED);
  self->header = slip_plan_step_row_new_header (self->groups);
  gtk_box_append (self->box, new_heading (_ ("Preflight")));
  gtk_box_append (self->box, GTK_WIDGET (self->guards));
  gtk_box_append (self->box, GTK_WIDGET (self->passed_expander));
  gtk_box_append (self->box, new_heading (_ ("Steps")));
  gtk_box_append (self->box, self->header);
  gtk_box_append (self->box, GTK_WIDGET (self->steps));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

GtkWidget *
slip_plan_view_new (void)
{
  return g_object_new (SLIP_TYPE_PLAN_VIEW, NULL);
}

void
slip_plan_view_set_plan (SlipPlanView *self, SlipPlan *plan)
{
  g_return_if_fail (SLIP_IS_PLAN_VIEW (self));

  clear_list (self->guards);
  clear_list (self->passed);
  clear_list (self->steps);
  if (plan == NULL)
    return;
  show_guards (self, plan);
  show_steps (self, plan);
}

void
slip_plan_view_expand (SlipPlanView *self, guint index)
{
  GtkListBoxRow *row;

  g_return_if_fail (SLIP_IS_PLAN_VIEW (self));
  row = gtk_list_box_get_row_at_index (self->steps, (int)index);
  if (row != NULL)
    slip_plan_step_row_set_expanded (SLIP_PLAN_STEP_ROW (row), TRUE);
}
