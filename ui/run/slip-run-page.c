/* SPDX-License-Identifier: MIT */

/* The page of one run. Every figure on it comes from the run, which folds the ledger; the page has no
 * timer and asks AWS nothing. */

#include "config.h"

#include "slip-run-page.h"

#include <glib/gi18n.h>

#include "slip-export.h"
#include "slip-format.h"
#include "slip-plain.h"
#include "slip-plan-objectives.h"
#include "slip-run-aftermath.h"
#include "slip-run-control.h"
#include "slip-run-notes.h"
#include "slip-run-text.h"
#include "slip-run-timeline.h"
#include "slip-step-columns.h"
#include "slip-step-details.h"
#include "slip-step-state.h"
#include "slip-tip.h"
#include "slip-tree-keys.h"

/* Letters of a message beside which its buttons still have room. */
#define NEED_LINE 120

struct _SlipRunPage
{
  SlipPage parent_instance;

  GtkStack *stack;
  AdwStatusPage *loading;
  GtkLabel *title;
  SlipStatus *status;
  GtkProgressBar *progress;
  GtkLabel *remaining;
  GtkBox *buttons;
  GtkRevealer *need_revealer;
  GtkWidget *need;
  GtkImage *need_icon;
  GtkBox *need_body;
  GtkLabel *need_text;
  GtkBox *need_buttons;
  SlipRunTimeline *timeline;
  SlipRunAftermath *aftermath;
  GtkLabel *objectives;
  GtkColumnView *view;
  GtkLabel *identity;
  GtkWidget *notes;
  GtkLabel *notes_text;

  SlipWorkbench *workbench;      /* owned */
  SlipRun *run;                  /* owned */
  SlipStepDetails *details;      /* owned; the page's details while a step is shown */
  GtkSingleSelection *selection; /* owned */
  GCancellable *cancellable;     /* owned */
  guint update_source;
  guint followed;    /* the step that list and details went to */
  guint scroll_tick; /* of the view */
  guint scroll_target;
  int shown_buttons; /* what the buttons were made for, so that they are not made anew at each entry */
};

G_DEFINE_FINAL_TYPE (SlipRunPage, slip_run_page, SLIP_TYPE_PAGE)

static void
button_cb (SlipRunPage *self, GtkWidget *button)
{
  SlipRunAsk ask = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), "ask"));

  slip_run_control_ask (GTK_WIDGET (self), self->workbench, self->run, ask);
}

static void
add_button (SlipRunPage *self, GtkBox *box, SlipRunAsk ask, const char *css_class)
{
  const char *label = slip_run_control_get_label (ask);
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  g_auto (GStrv) parts = g_strsplit (label, "_", 2);
  g_autofree char *plain = g_strjoinv ("", parts);

  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, plain,
                                  -1);
  g_object_set_data (G_OBJECT (button), "ask", GINT_TO_POINTER (ask));
  if (css_class != NULL)
    gtk_widget_add_css_class (button, css_class);
  g_signal_connect_object (button, "clicked", G_CALLBACK (button_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (box, button);
}

/* The focus moves before the button that has it goes; the window would look for another place in a page that changes. */
static void
clear_box (SlipRunPage *self, GtkBox *box)
{
  GtkWidget *child;

  if (gtk_widget_get_focus_child (GTK_WIDGET (box)) != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (self->view));
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

/* A failed run goes on or is given up; the one that its advice names comes first to the eye. */
static void
add_failed_buttons (SlipRunPage *self)
{
  gboolean plan_again = slip_run_notes_advise_new_plan (self->run);

  add_button (self, self->need_buttons, SLIP_RUN_ASK_CANCEL,
              plan_again ? "suggested-action" : NULL);
  add_button (self, self->need_buttons, SLIP_RUN_ASK_RESUME,
              plan_again ? NULL : "suggested-action");
}

/* Which buttons a state offers: the plain ones above, those that answer a question beside it. */
static void
show_buttons (SlipRunPage *self, SlipRunState state)
{
  gboolean asked = slip_run_get_cancel_requested (self->run);
  int wanted = (int)state * 8 + (asked ? 1 : 0) + (slip_run_needs_cosignature (self->run) ? 2 : 0)
               + (slip_run_notes_advise_new_plan (self->run) ? 4 : 0);

  if (self->shown_buttons == wanted)
    return;
  self->shown_buttons = wanted;
  clear_box (self, self->buttons);
  clear_box (self, self->need_buttons);
  switch (state)
    {
    case SLIP_RUN_PLANNED:
      add_button (self, self->need_buttons, SLIP_RUN_ASK_APPROVE, "suggested-action");
      return;
    case SLIP_RUN_APPROVED:
      if (slip_run_needs_cosignature (self->run))
        {
          add_button (self, self->need_buttons, SLIP_RUN_ASK_COSIGN, "suggested-action");
          break;
        }
      add_button (self, self->need_buttons, SLIP_RUN_ASK_START, "suggested-action");
      break;
    case SLIP_RUN_INTERRUPTED:
      add_button (self, self->need_buttons, SLIP_RUN_ASK_START, "suggested-action");
      break;
    case SLIP_RUN_RUNNING:
      if (!asked)
        add_button (self, self->buttons, SLIP_RUN_ASK_PAUSE, NULL);
      break;
    case SLIP_RUN_PAUSED:
    case SLIP_RUN_NEEDS_SIGN_IN:
      add_button (self, self->need_buttons, SLIP_RUN_ASK_RESUME, "suggested-action");
      break;
    case SLIP_RUN_FAILED:
      add_failed_buttons (self);
      return;
    case SLIP_RUN_NEEDS_DECISION:
      add_button (self, self->need_buttons, SLIP_RUN_ASK_DID, NULL);
      add_button (self, self->need_buttons, SLIP_RUN_ASK_DID_NOT, NULL);
      break;
    case SLIP_RUN_NEEDS_CONFIRMATION:
      add_button (self, self->need_buttons, SLIP_RUN_ASK_CONFIRM, "suggested-action");
      break;
    case SLIP_RUN_NEEDS_APPROVAL:
      if (slip_run_needs_cosignature (self->run))
        {
          add_button (self, self->need_buttons, SLIP_RUN_ASK_COSIGN, "suggested-action");
          break;
        }
      add_button (self, self->need_buttons, SLIP_RUN_ASK_APPROVE_STEP, "suggested-action");
      add_button (self, self->need_buttons, SLIP_RUN_ASK_REJECT_STEP, NULL);
      break;
    case SLIP_RUN_CANCELLED:
    case SLIP_RUN_DONE:
      return;
    }
  if (!asked)
    add_button (self, self->buttons, SLIP_RUN_ASK_CANCEL, NULL);
}

static void
show_need (SlipRunPage *self, SlipRunState state)
{
  gboolean waits = state == SLIP_RUN_APPROVED && slip_run_needs_cosignature (self->run);
  SlipTone tone = waits ? SLIP_TONE_WARNING : slip_run_state_tone (state);
  g_autofree char *text = slip_run_notes_dup_need (self->run);

  for (SlipTone t = SLIP_TONE_NEUTRAL; t <= SLIP_TONE_UNKNOWN; t++)
    gtk_widget_remove_css_class (self->need, slip_tone_get_css_class (t));
  gtk_widget_add_css_class (self->need, slip_tone_get_css_class (tone));
  gtk_image_set_from_icon_name (self->need_icon, slip_tone_get_icon (tone));
  gtk_label_set_label (self->need_text, text != NULL ? text : "");
  /* What takes some lines has all of the width, with the buttons below. */
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->need_body),
                                  text != NULL && strlen (text) > NEED_LINE
                                      ? GTK_ORIENTATION_VERTICAL
                                      : GTK_ORIENTATION_HORIZONTAL);
  gtk_revealer_set_reveal_child (self->need_revealer, text != NULL);
}

static void
show_progress (SlipRunPage *self, SlipRunState state)
{
  double remaining = slip_run_get_remaining (self->run);
  gboolean going = state != SLIP_RUN_DONE && state != SLIP_RUN_CANCELLED;
  g_autofree char *text = NULL;

  gtk_progress_bar_set_fraction (self->progress, CLAMP (slip_run_get_progress (self->run), 0, 1));
  gtk_widget_set_visible (GTK_WIDGET (self->progress), going);
  if (going && state != SLIP_RUN_FAILED && remaining > 0)
    {
      g_autofree char *duration = slip_format_duration (remaining);

      /* Nothing counts down while nobody carries it out. */
      text = g_strdup_printf (
          state == SLIP_RUN_RUNNING ? _ ("%s left") : _ ("%s left once it goes on"), duration);
    }
  gtk_label_set_label (self->remaining, text != NULL ? text : "");
}

/* What is lost, how long it takes, and when it is over: what an incident is led by. */
static void
show_objectives (SlipRunPage *self, SlipRunState state)
{
  SlipPlan *plan = slip_run_get_plan (self->run);
  SlipEnvironment *environment
      = slip_workbench_find_environment (self->workbench, slip_run_get_environment (self->run));
  double remaining = slip_run_get_remaining (self->run);
  gint64 ended = slip_run_notes_get_end (self->run);
  gint64 now = ended != 0 ? ended : g_get_real_time ();
  gint64 changed = slip_run_notes_get_first_change (self->run);
  gint64 lost = changed != 0 ? changed : now; /* nobody has written since */
  g_autofree char *line = slip_plan_objectives_dup_line (plan, environment, lost);
  g_autofree char *data = slip_plan_objectives_dup_data (plan, lost);
  g_autofree char *source = slip_plan_objectives_dup_source (plan);
  g_autofree char *tooltip
      = data != NULL ? g_strdup_printf ("%s\n%s", data, source) : g_strdup (source);
  g_autofree char *whole = NULL;

  if (state == SLIP_RUN_RUNNING && remaining > 0)
    {
      g_autofree char *end = slip_format_clock (now + (gint64)(remaining * G_USEC_PER_SEC));

      whole = g_strdup_printf (_ ("%s · done about %s"), line, end);
    }
  else if (ended != 0)
    {
      g_autofree char *end = slip_format_clock (ended);

      /* Translators: ages are counted to then, and grow no further */
      whole = g_strdup_printf (_ ("%s · ended %s"), line, end);
    }
  gtk_label_set_label (self->objectives, whole != NULL ? whole : line);
  slip_tip_set (GTK_WIDGET (self->objectives), tooltip);
}

static void
show_step (SlipRunPage *self, SlipRunStep *step)
{
  slip_step_details_set_step (self->details, step);
  slip_page_set_details (SLIP_PAGE (self), GTK_WIDGET (self->details));
}

static gboolean
scroll_cb (GtkWidget *view, GdkFrameClock *clock, gpointer data)
{
  SlipRunPage *self = data;

  /* A list without a height scrolls nowhere. */
  if (gtk_widget_get_height (view) <= 1)
    return G_SOURCE_CONTINUE;
  self->scroll_tick = 0;
  slip_tree_keys_scroll_to (view, self->scroll_target);
  return G_SOURCE_REMOVE;
}

/* In the next frame: what stands above the list may just have taken some of its room. */
static void
scroll_to (SlipRunPage *self, guint position)
{
  self->scroll_target = position;
  if (self->scroll_tick == 0)
    self->scroll_tick
        = gtk_widget_add_tick_callback (GTK_WIDGET (self->view), scroll_cb, self, NULL);
}

/* Until the person chooses a step, the list and the details follow the one that is under way. */
static void
follow_step (SlipRunPage *self)
{
  guint position = slip_step_state_find_current (self->run);
  g_autoptr (SlipRunStep) step = NULL;

  if (gtk_single_selection_get_selected (self->selection) != GTK_INVALID_LIST_POSITION
      || position == self->followed)
    return;
  step = g_list_model_get_item (G_LIST_MODEL (self->run), position);
  if (step == NULL)
    return;
  self->followed = position;
  show_step (self, step);
  scroll_to (self, position);
}

static void
show_identity (SlipRunPage *self)
{
  const char *cosigner = slip_run_get_cosigned_by (self->run);
  g_autofree char *identity = g_strdup_printf (
      _ ("Run %s · plan %.12s…%s%s"), slip_run_get_id (self->run),
      slip_run_get_plan_hash (self->run), cosigner != NULL ? _ (" · cosigned by ") : "",
      cosigner != NULL ? cosigner : "");

  gtk_label_set_label (self->identity, identity);
}

/* What weakens the evidence is said on the page, not only in the log. */
static void
show_notes (SlipRunPage *self)
{
  g_autofree char *text = slip_run_notes_dup_text (self->run);

  gtk_widget_set_visible (self->notes, text != NULL);
  gtk_label_set_label (self->notes_text, text != NULL ? text : "");
}

static void
show_run (SlipRunPage *self)
{
  SlipRunState state = slip_run_get_state (self->run);

  slip_status_set (self->status, slip_run_state_tone (state), slip_run_state_title (state));
  slip_step_state_follow (self->run);
  show_progress (self, state);
  show_objectives (self, state);
  show_buttons (self, state);
  show_need (self, state);
  slip_run_aftermath_show (self->aftermath, self->workbench, self->run);
  slip_run_timeline_update (self->timeline);
  show_identity (self);
  show_notes (self);
  follow_step (self);
}

static gboolean
update_cb (gpointer data)
{
  SlipRunPage *self = data;

  self->update_source = 0;
  show_run (self);
  return G_SOURCE_REMOVE;
}

static void
run_changed_cb (SlipRunPage *self)
{
  /* Many properties change with one entry; draw once for all of them. */
  if (self->update_source == 0)
    self->update_source = g_idle_add (update_cb, self);
}

static void
selected_cb (SlipRunPage *self)
{
  SlipRunStep *step = gtk_single_selection_get_selected_item (self->selection);

  if (step != NULL)
    show_step (self, step);
}

/* A span of the time line was chosen: its step is shown in the table and beside it. */
static void
step_activated_cb (SlipRunPage *self, const char *id)
{
  GListModel *steps = G_LIST_MODEL (self->run);

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (steps, i);

      if (g_strcmp0 (slip_run_step_get_id (step), id) != 0)
        continue;
      gtk_single_selection_set_selected (self->selection, i);
      scroll_to (self, i);
      return;
    }
}

static void
audit_cb (SlipRunPage *self)
{
  g_autofree char *page_id = g_strdup_printf ("audit/%s", slip_run_get_id (self->run));

  slip_page_open (SLIP_PAGE (self), page_id);
}

static void
export_cb (SlipRunPage *self)
{
  slip_export_ask (GTK_WIDGET (self), self->workbench, slip_run_get_id (self->run),
                   SLIP_LEDGER_FORMAT_JSONL);
}

/* Else the first text that can be selected would get it, and look chosen. */
static void
take_focus (SlipRunPage *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (root != NULL
      && (focus == NULL || GTK_IS_LABEL (focus)
          || gtk_widget_is_ancestor (focus, GTK_WIDGET (self))))
    gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
take_run (SlipRunPage *self, SlipRun *run)
{
  SlipEnvironment *environment;
  double speed = 1;

  self->run = run;
  environment = slip_workbench_find_environment (self->workbench, slip_run_get_environment (run));
  if (environment != NULL)
    speed = slip_environment_get_speed (environment);
  slip_run_set_speed (run, speed);
  slip_run_timeline_set_run (self->timeline, run, speed);
  gtk_label_set_label (self->title, slip_run_get_title (run));
  slip_page_set_environment_name (SLIP_PAGE (self), slip_run_get_environment (run));
  slip_page_set_title (SLIP_PAGE (self), slip_run_get_title (run));

  self->selection = gtk_single_selection_new (G_LIST_MODEL (g_object_ref (run)));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, GTK_INVALID_LIST_POSITION);
  gtk_column_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "notify", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (run, "changed", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_stack_set_visible_child_name (self->stack, "run");
  show_run (self);
  take_focus (self);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipRunPage) self = data;
  g_autoptr (GError) error = NULL;
  SlipRun *run = slip_run_load_finish (result, &error);

  if (run == NULL)
    {
      adw_status_page_set_icon_name (self->loading, "slip-warn-symbolic");
      adw_status_page_set_title (self->loading, _ ("The run cannot be shown"));
      slip_plain_set_description (self->loading, error->message);
      return;
    }
  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_object_unref (run);
      return;
    }
  take_run (self, run);
}

static void
slip_run_page_dispose (GObject *object)
{
  SlipRunPage *self = SLIP_RUN_PAGE (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->update_source, g_source_remove);
  if (self->scroll_tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self->view), self->scroll_tick);
  self->scroll_tick = 0;
  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->details);
  g_clear_object (&self->run);
  g_clear_object (&self->workbench);
  /* The template lets its direct children go, of which the bin would not know. */
  adw_bin_set_child (ADW_BIN (self), NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_RUN_PAGE);
  G_OBJECT_CLASS (slip_run_page_parent_class)->dispose (object);
}

static void
slip_run_page_finalize (GObject *object)
{
  g_object_unref (SLIP_RUN_PAGE (object)->cancellable);
  G_OBJECT_CLASS (slip_run_page_parent_class)->finalize (object);
}

static void
slip_run_page_class_init (SlipRunPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_run_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_run_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/run/slip-run-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, loading);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, title);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, status);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, progress);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, remaining);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, buttons);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need_revealer);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need_icon);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need_body);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need_text);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, need_buttons);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, timeline);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, aftermath);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, objectives);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, view);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, identity);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, notes);
  gtk_widget_class_bind_template_child (widget_class, SlipRunPage, notes_text);
  gtk_widget_class_bind_template_callback (widget_class, audit_cb);
  gtk_widget_class_bind_template_callback (widget_class, export_cb);
  gtk_widget_class_bind_template_callback (widget_class, step_activated_cb);
}

static void
slip_run_page_init (SlipRunPage *self)
{
  g_type_ensure (SLIP_TYPE_RUN_TIMELINE);
  g_type_ensure (SLIP_TYPE_RUN_AFTERMATH);
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_tip_follow_label (self->identity);
  self->cancellable = g_cancellable_new ();
  self->shown_buttons = -1;
  self->followed = GTK_INVALID_LIST_POSITION;
  slip_step_columns_add (self->view);
  self->details = SLIP_STEP_DETAILS (g_object_ref_sink (slip_step_details_new ()));
}

SlipPage *
slip_run_page_new (SlipWorkbench *workbench, const char *run_id)
{
  SlipRunPage *self = g_object_new (SLIP_TYPE_RUN_PAGE, NULL);

  self->workbench = g_object_ref (workbench);
  slip_page_set_title (SLIP_PAGE (self), _ ("Run"));
  slip_run_load_async (slip_workbench_get_ledger (workbench), run_id, self->cancellable, loaded_cb,
                       g_object_ref (self));
  return SLIP_PAGE (self);
}

SlipRun *
slip_run_page_get_run (SlipRunPage *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_PAGE (self), NULL);
  return self->run;
}
