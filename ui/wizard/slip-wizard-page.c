/* SPDX-License-Identifier: MIT */

/* The wizard. It strings together form, plan and authorisation; each of those knows its own part.
 * Planning happens on a worker and can be cancelled by going back. */

#include "config.h"

#include "slip-format.h"
#include "slip-wizard-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-authorise.h"
#include "slip-confirm.h"
#include "slip-global-offer.h"
#include "slip-plan-files.h"
#include "slip-plan-objectives.h"
#include "slip-plan-view.h"
#include "slip-plan-work.h"
#include "slip-point-note.h"
#include "slip-status.h"
#include "slip-task.h"
#include "slip-tip.h"

struct _SlipWizardPage
{
  SlipPage parent_instance;

  GtkLabel *title;
  GtkBox *crumbs;
  GtkStack *stack;
  GtkBox *parameters;
  GtkLabel *description;
  GtkExpander *more;
  GtkLabel *rest;
  GtkProgressBar *progress;
  GtkLabel *progress_text;
  GtkLabel *failed_text;
  SlipStatus *verdict;
  GtkLabel *forecast;
  GtkLabel *hash;
  SlipPlanView *plan_view;
  SlipAuthorise *authorise;
  GtkLabel *hint;
  GtkWidget *back;
  GtkButton *next;

  SlipWorkbench *workbench; /* owned */
  SlipRunbook *runbook;     /* owned; NULL when the plan comes from a file */
  SlipParameterForm *form;  /* borrowed; NULL when the plan comes from a file */
  SlipPointNote *point;     /* owned; NULL when no point is chosen */
  char *path;               /* the plan's file, or NULL */
  SlipPlan *plan;           /* owned */
  SlipJob *planning_job;    /* owned */
  guint generation;
  gboolean starting;
};

G_DEFINE_FINAL_TYPE (SlipWizardPage, slip_wizard_page, SLIP_TYPE_PAGE)

static const struct
{
  const char *step;
  const char *title;
} crumbs[] = {
    {"parameters", N_ ("Parameters")}, {"plan", N_ ("Plan")},
    {"authorise", N_ ("Authorise")},   {"run", N_ ("Run")},
    {"evidence", N_ ("Evidence")},
};

static gboolean
is_step (SlipWizardPage *self, const char *step)
{
  return g_strcmp0 (gtk_stack_get_visible_child_name (self->stack), step) == 0;
}

static void
show_crumbs (SlipWizardPage *self)
{
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->crumbs));
  const char *step = slip_wizard_page_get_step (self);

  if (g_str_equal (step, "planning") || g_str_equal (step, "failed"))
    step = "plan";
  for (; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      if (g_strcmp0 (gtk_widget_get_name (child), step) == 0)
        gtk_widget_set_css_classes (child, (const char *[]){"crumb", "current", NULL});
      else
        gtk_widget_set_css_classes (child, (const char *[]){"crumb", "dim-label", NULL});
    }
}

static void
set_next (SlipWizardPage *self, const char *label, gboolean enabled, gboolean destructive)
{
  gtk_button_set_label (self->next, label);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "wizard.next", enabled);
  gtk_widget_set_css_classes (
      GTK_WIDGET (self->next),
      (const char *[]){destructive ? "destructive-action" : "suggested-action", NULL});
}

static SlipEnvironment *
get_environment (SlipWizardPage *self)
{
  if (self->form != NULL)
    return slip_parameter_form_get_environment (self->form);
  return self->plan != NULL ? slip_workbench_find_environment (
             self->workbench, slip_plan_get_environment (self->plan))
                            : NULL;
}

static gboolean
has_final (SlipPlan *plan)
{
  return plan != NULL && slip_plan_get_point_of_no_return (plan) >= 0;
}

static void
update_buttons (SlipWizardPage *self)
{
  const char *hint = "";

  if (is_step (self, "parameters"))
    {
      set_next (self, _ ("Make the Plan"), TRUE, FALSE);
      hint = _ ("Planning only reads");
    }
  else if (is_step (self, "planning") || is_step (self, "failed"))
    set_next (self, _ ("Authorise"), FALSE, FALSE);
  else if (is_step (self, "plan"))
    {
      gboolean blocked = slip_plan_is_blocked (self->plan);

      set_next (self, _ ("Authorise"), !blocked, FALSE);
      if (blocked)
        hint = _ ("A guard blocks. Change what it names, then plan again.");
    }
  else
    {
      gboolean waits = slip_authorise_is_waiting (self->authorise);

      set_next (self, waits ? _ ("Approve and Wait") : _ ("Approve and Run"),
                !self->starting && slip_authorise_is_ready (self->authorise),
                has_final (self->plan));
      hint = self->starting ? _ ("Writing the approval into the audit log…")
             : waits        ? _ ("It does not run before a second person has cosigned it")
                            : "";
    }
  gtk_label_set_label (self->hint, hint);
  gtk_widget_set_visible (self->back, is_step (self, "authorise")
                                          || (self->form != NULL && !is_step (self, "parameters")));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "wizard.save-plan", self->plan != NULL);
  show_crumbs (self);
}

static void
show_step (SlipWizardPage *self, const char *step)
{
  gtk_stack_set_visible_child_name (self->stack, step);
  update_buttons (self);
}

static void
show_verdict (SlipWizardPage *self)
{
  guint pass = slip_plan_count_guards (self->plan, SLIP_GUARD_PASS);
  guint warn = slip_plan_count_guards (self->plan, SLIP_GUARD_WARN);
  guint block = slip_plan_count_guards (self->plan, SLIP_GUARD_BLOCK);
  guint unknown = slip_plan_count_guards (self->plan, SLIP_GUARD_UNPROVABLE);
  g_autoptr (GString) text = g_string_new (NULL);
  SlipTone tone = block > 0            ? SLIP_TONE_BAD
                  : warn + unknown > 0 ? SLIP_TONE_WARNING
                                       : SLIP_TONE_GOOD;

  g_string_append_printf (text, ngettext ("%u guard holds", "%u guards hold", pass), pass);
  if (block > 0)
    g_string_append_printf (text, ngettext (", %u blocks", ", %u block", block), block);
  if (warn > 0)
    g_string_append_printf (text, ngettext (", %u warning", ", %u warnings", warn), warn);
  if (unknown > 0)
    g_string_append_printf (text, _ (", %u not provable"), unknown);
  slip_status_set (self->verdict, tone, text->str);
}

static void
show_plan (SlipWizardPage *self)
{
  SlipEnvironment *environment = get_environment (self);
  g_autofree char *forecast
      = slip_plan_objectives_dup_line (self->plan, environment, g_get_real_time ());
  g_autofree char *data = slip_plan_objectives_dup_data (self->plan, g_get_real_time ());
  g_autofree char *source = slip_plan_objectives_dup_source (self->plan);
  g_autofree char *tooltip = g_strdup_printf (_ ("%s%sForecast: %s"), data != NULL ? data : "",
                                              data != NULL ? "\n" : "", source);
  g_autofree char *hash = g_strdup_printf ("%.12s…", slip_plan_get_hash (self->plan));

  show_verdict (self);
  gtk_label_set_label (self->forecast, forecast);
  slip_tip_set (GTK_WIDGET (self->forecast), tooltip);
  gtk_label_set_label (self->hash, hash);
  slip_tip_set (GTK_WIDGET (self->hash), slip_plan_get_hash (self->plan));
  slip_plan_view_set_plan (self->plan_view, self->plan);
  slip_authorise_set_plan (self->authorise, self->workbench, self->plan, environment);
  show_step (self, "plan");
}

static void
planned_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipWizardPage *self = owner;
  SlipPlanWork *work = data;

  if (work->generation != self->generation)
    return;
  g_clear_object (&self->planning_job);
  if (error != NULL)
    {
      gtk_label_set_label (self->failed_text, error->message);
      show_step (self, "failed");
      return;
    }
  g_set_object (&self->plan, work->plan);
  if (self->point != NULL)
    slip_point_note_take_plan (self->point, self->plan);
  if (self->form == NULL)
    {
      slip_page_set_title (SLIP_PAGE (self), slip_plan_get_title (self->plan));
      slip_page_set_environment_name (SLIP_PAGE (self), slip_plan_get_environment (self->plan));
      gtk_label_set_label (self->title, slip_plan_get_title (self->plan));
    }
  show_plan (self);
}

static void
planning_progress_cb (SlipWizardPage *self, SlipJob *job)
{
  double fraction = slip_job_get_progress (job);
  g_autofree char *detail = slip_job_dup_detail (job);

  if (job != self->planning_job)
    return;
  if (fraction >= 0)
    gtk_progress_bar_set_fraction (self->progress, CLAMP (fraction, 0, 1));
  else
    gtk_progress_bar_pulse (self->progress);
  gtk_label_set_label (self->progress_text, detail != NULL ? detail : "");
}

static void
forget_plan (SlipWizardPage *self)
{
  self->generation++;
  if (self->planning_job != NULL)
    slip_job_cancel (self->planning_job);
  g_clear_object (&self->planning_job);
  g_clear_object (&self->plan);
}

static void
begin (SlipWizardPage *self, SlipPlanWork *work)
{
  gboolean reads = work->path != NULL;

  work->workspace = g_object_ref (slip_workbench_get_workspace (self->workbench));
  work->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  work->generation = self->generation;
  gtk_progress_bar_set_fraction (self->progress, 0);
  gtk_label_set_label (self->progress_text, "");
  show_step (self, "planning");
  self->planning_job = slip_task_run (
      self, slip_pool_get_io (), reads ? _ ("Reading the plan") : _ ("Planning"),
      reads ? slip_plan_work_read : slip_plan_work_make, planned_cb, work, slip_plan_work_free);
  g_signal_connect_object (self->planning_job, "changed", G_CALLBACK (planning_progress_cb), self,
                           G_CONNECT_SWAPPED);
  slip_workbench_add_job (self->workbench, self->planning_job);
}

static void
start_planning (SlipWizardPage *self)
{
  g_autoptr (JsonObject) parameters = slip_parameter_form_dup_parameters (self->form);
  SlipEnvironment *environment = slip_parameter_form_get_environment (self->form);
  SlipPlanWork *work;

  if (parameters == NULL)
    {
      gtk_label_set_label (self->hint, _ ("Some fields need attention"));
      slip_parameter_form_focus_problem (self->form);
      return;
    }
  forget_plan (self);
  if (self->point != NULL)
    slip_point_note_stop (self->point);
  work = g_new0 (SlipPlanWork, 1);
  work->runbook = g_object_ref (self->runbook);
  work->environment = g_strdup (slip_environment_get_name (environment));
  work->parameters = g_steal_pointer (&parameters);
  begin (self, work);
}

static void
start_reading (SlipWizardPage *self)
{
  SlipPlanWork *work = g_new0 (SlipPlanWork, 1);

  forget_plan (self);
  work->path = g_strdup (self->path);
  begin (self, work);
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipWizardPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *run_id = slip_authorise_start_finish (result, &error);
  g_autofree char *page_id = NULL;

  self->starting = FALSE;
  update_buttons (self);
  if (run_id == NULL)
    {
      slip_confirm_message (GTK_WIDGET (self), _ ("The run was not started"), error->message);
      return;
    }
  if (!slip_authorise_is_waiting (self->authorise))
    slip_workbench_start_run (self->workbench, run_id, slip_plan_get_title (self->plan));
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_page_open (SLIP_PAGE (self), page_id);
  slip_page_close (SLIP_PAGE (self));
}

static void
next_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (widget);

  if (is_step (self, "parameters"))
    start_planning (self);
  else if (is_step (self, "plan"))
    show_step (self, "authorise");
  else if (is_step (self, "authorise") && !self->starting
           && slip_authorise_is_ready (self->authorise))
    {
      self->starting = TRUE;
      update_buttons (self);
      slip_authorise_start_async (self->authorise, self->workbench, NULL, started_cb,
                                  g_object_ref (self));
    }
}

static gboolean
slip_wizard_page_escape (SlipPage *page)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (page);

  if (self->starting)
    return TRUE;
  if (is_step (self, "authorise"))
    show_step (self, "plan");
  else if (self->form != NULL && !is_step (self, "parameters"))
    {
      forget_plan (self);
      show_step (self, "parameters");
    }
  else
    return FALSE;
  return TRUE;
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  slip_wizard_page_escape (SLIP_PAGE (widget));
}

static void
save_plan_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (widget);

  if (self->plan != NULL)
    slip_plan_files_save_ask (widget, self->workbench, self->plan);
}

static void
cancel_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (widget);

  if (self->starting)
    return;
  forget_plan (self);
  slip_page_close (SLIP_PAGE (self));
}

static void
form_changed_cb (SlipWizardPage *self)
{
  SlipEnvironment *environment = slip_parameter_form_get_environment (self->form);

  /* What was planned is no longer what is asked for. */
  forget_plan (self);
  slip_page_set_environment_name (
      SLIP_PAGE (self), environment != NULL ? slip_environment_get_name (environment) : NULL);
  if (!is_step (self, "parameters"))
    show_step (self, "parameters");
  else
    update_buttons (self);
}

static void
slip_wizard_page_refresh (SlipPage *page)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (page);

  if (!is_step (self, "plan") && !is_step (self, "failed"))
    return;
  if (self->form != NULL)
    start_planning (self);
  else
    start_reading (self);
}

static void
slip_wizard_page_dispose (GObject *object)
{
  SlipWizardPage *self = SLIP_WIZARD_PAGE (object);

  forget_plan (self);
  g_clear_object (&self->point);
  g_clear_object (&self->runbook);
  g_clear_object (&self->workbench);
  g_clear_pointer (&self->path, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_WIZARD_PAGE);
  G_OBJECT_CLASS (slip_wizard_page_parent_class)->dispose (object);
}

static void
slip_wizard_page_class_init (SlipWizardPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_wizard_page_dispose;
  SLIP_PAGE_CLASS (klass)->escape = slip_wizard_page_escape;
  SLIP_PAGE_CLASS (klass)->refresh = slip_wizard_page_refresh;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/slipway/Slipway/ui/wizard/slip-wizard-page.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, title);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, crumbs);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, stack);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, parameters);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, description);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, more);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, rest);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, progress);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, progress_text);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, failed_text);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, verdict);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, forecast);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, hash);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, plan_view);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, authorise);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, hint);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, back);
  gtk_widget_class_bind_template_child (widget_class, SlipWizardPage, next);
  gtk_widget_class_bind_template_callback (widget_class, update_buttons);
  gtk_widget_class_install_action (widget_class, "wizard.next", NULL, next_action);
  gtk_widget_class_install_action (widget_class, "wizard.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "wizard.cancel", NULL, cancel_action);
  gtk_widget_class_install_action (widget_class, "wizard.save-plan", NULL, save_plan_action);
}

static void
slip_wizard_page_init (SlipWizardPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_status_set_lines (self->verdict, 20, 3);
  slip_tip_follow_label (self->hint);
  for (guint i = 0; i < G_N_ELEMENTS (crumbs); i++)
    {
      g_autofree char *text = g_strdup_printf ("%u %s", i + 1, _ (crumbs[i].title));
      GtkWidget *label = gtk_label_new (text);

      gtk_widget_set_name (label, crumbs[i].step);
      gtk_box_append (self->crumbs, label);
    }
}

static void
apply_query (SlipWizardPage *self, const char *query)
{
  g_autoptr (GHashTable) values = g_uri_parse_params (query, -1, "&", G_URI_PARAMS_NONE, NULL);
  GHashTableIter iter;
  gpointer name;
  gpointer value;

  if (values == NULL)
    return;
  slip_parameter_form_set_environment (
      self->form, slip_workbench_find_environment (self->workbench,
                                                   g_hash_table_lookup (values, "environment")));
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!g_str_equal (name, "environment"))
      slip_parameter_form_set_value (self->form, name, value);
}

/* What the procedure does stands above its parameters; what else there is to know does not push them away. */
static void
describe (SlipWizardPage *self)
{
  g_autofree char *text = slip_format_paragraphs (slip_runbook_get_description (self->runbook));
  char *rest = strstr (text, "\n\n");

  if (rest != NULL)
    {
      *rest = '\0';
      rest += strlen ("\n\n");
    }
  gtk_label_set_label (self->description, text);
  gtk_label_set_label (self->rest, rest != NULL ? rest : "");
  gtk_widget_set_visible (GTK_WIDGET (self->description), *text != '\0');
  gtk_widget_set_visible (GTK_WIDGET (self->more), rest != NULL);
}

SlipPage *
slip_wizard_page_new (SlipWorkbench *workbench, const char *argument)
{
  g_auto (GStrv) parts = g_strsplit (argument, "?", 2);
  g_autofree char *name = g_uri_unescape_string (parts[0] != NULL ? parts[0] : "", NULL);
  SlipRunbook *runbook = slip_workbench_find_runbook (workbench, name);
  SlipWizardPage *self;

  if (runbook == NULL)
    return NULL;
  self = g_object_new (SLIP_TYPE_WIZARD_PAGE, NULL);
  self->workbench = g_object_ref (workbench);
  self->runbook = g_object_ref (runbook);
  slip_page_set_title (SLIP_PAGE (self), slip_runbook_get_title (runbook));
  gtk_label_set_label (self->title, slip_runbook_get_title (runbook));
  describe (self);
  self->form = SLIP_PARAMETER_FORM (slip_parameter_form_new (workbench, runbook));
  gtk_box_append (self->parameters, GTK_WIDGET (self->form));
  g_signal_connect_object (self->form, "changed", G_CALLBACK (form_changed_cb), self,
                           G_CONNECT_SWAPPED);
  if (parts[0] != NULL && parts[1] != NULL)
    apply_query (self, parts[1]);
  slip_global_offer_attach (workbench, runbook, self->form);
  self->point = slip_point_note_new (workbench, runbook, self->form);
  show_step (self, "parameters");
  return SLIP_PAGE (self);
}

SlipPage *
slip_wizard_page_new_for_file (SlipWorkbench *workbench, const char *path)
{
  SlipWizardPage *self = g_object_new (SLIP_TYPE_WIZARD_PAGE, NULL);
  g_autofree char *name = g_path_get_basename (path);

  self->workbench = g_object_ref (workbench);
  self->path = g_strdup (path);
  slip_page_set_title (SLIP_PAGE (self), name);
  gtk_label_set_label (self->title, name);
  start_reading (self);
  return SLIP_PAGE (self);
}

SlipParameterForm *
slip_wizard_page_get_form (SlipWizardPage *self)
{
  g_return_val_if_fail (SLIP_IS_WIZARD_PAGE (self), NULL);
  return self->form;
}

SlipPlan *
slip_wizard_page_get_plan (SlipWizardPage *self)
{
  g_return_val_if_fail (SLIP_IS_WIZARD_PAGE (self), NULL);
  return self->plan;
}

const char *
slip_wizard_page_get_step (SlipWizardPage *self)
{
  g_return_val_if_fail (SLIP_IS_WIZARD_PAGE (self), NULL);
  return gtk_stack_get_visible_child_name (self->stack);
}
