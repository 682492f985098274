/* SPDX-License-Identifier: MIT */

/* Age and length beside the field, where a point is chosen and another one can still be taken. The age
 * is known as soon as the point is listed. The length is that of a plan, which is made in the background
 * once the form is complete, so that both are the very figures of the next page. It only reads, and it
 * never asks a second time for a session that was refused. */

#include "config.h"

#include "slip-point-note.h"

#include <glib/gi18n.h>

#include "slip-aws-error.h"
#include "slip-choices.h"
#include "slip-plan-objectives.h"
#include "slip-plan-work.h"
#include "slip-resource-look.h"
#include "slip-task.h"

/* Nobody types that slowly, and no plan is made for half a name. */
#define QUIET_MS 1000

struct _SlipPointNote
{
  GObject parent_instance;

  SlipWorkbench *workbench;  /* owned */
  SlipRunbook *runbook;      /* owned */
  SlipParameterForm *form;   /* borrowed */
  SlipParameterField *field; /* owned; what chooses the point */
  SlipEstateList *list;      /* owned; where the point is listed, or NULL */
  gulong list_handler;
  SlipPlan *plan; /* owned; of what the form says now, or NULL */
  SlipJob *job;   /* owned */
  GError *error;  /* owned; why there is no plan */
  guint source;
  guint generation;
  gboolean refused;  /* nobody signed in */
  gboolean restores; /* what is chosen takes the place of what is there */
};

G_DEFINE_FINAL_TYPE (SlipPointNote, slip_point_note, G_TYPE_OBJECT)

static char *
dup_point (SlipPointNote *self)
{
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) value = slip_parameter_field_dup_value (self->field, &message);

  return value != NULL && JSON_NODE_HOLDS_VALUE (value) ? json_node_dup_string (value) : NULL;
}

/* One that cannot be restored now says so in place of its age. */
static char *
dup_age_of (SlipPointNote *self, SlipResource *resource, gint64 now)
{
  gint64 created = slip_resource_get_created (resource);

  if (created == 0 || slip_resource_get_tone (resource) != SLIP_TONE_GOOD)
    return slip_resource_dup_loss (resource, now);
  /* Where it is not brought back, nothing that was written since is lost. */
  return self->restores ? slip_plan_objectives_dup_age (created, now)
                        : slip_plan_objectives_dup_since (created, now);
}

static char *
dup_age (SlipPointNote *self, const char *point)
{
  SlipResource *resource = self->list != NULL ? slip_choices_find (
                               self->list, slip_parameter_field_get_parameter (self->field), point)
                                              : NULL;
  gint64 data = self->plan != NULL ? slip_plan_get_data_time (self->plan) : 0;
  gint64 now = g_get_real_time ();

  if (data != 0)
    return slip_plan_is_data_copied (self->plan) ? slip_plan_objectives_dup_data (self->plan, now)
                                                 : slip_plan_objectives_dup_age (data, now);
  if (resource != NULL)
    return dup_age_of (self, resource, now);
  if (self->list != NULL && slip_estate_list_get_state (self->list) == SLIP_ESTATE_LOADING)
    return g_strdup (_ ("Looking how old it is…"));
  return g_strdup_printf (
      _ ("It is not listed in %s."),
      slip_environment_get_title (slip_parameter_form_get_environment (self->form)));
}

static char *
dup_length (SlipPointNote *self)
{
  if (self->plan != NULL)
    return slip_plan_objectives_dup_length (self->plan,
                                            slip_parameter_form_get_environment (self->form));
  if (self->error != NULL)
    return g_strdup_printf (_ ("How long the procedure takes cannot be told: %s"),
                            self->error->message);
  if (self->source != 0 || self->job != NULL)
    return g_strdup (_ ("Working out how long the procedure takes…"));
  return g_strdup (_ ("How long the procedure takes is told here once all fields are filled in."));
}

static void
show (SlipPointNote *self)
{
  g_autofree char *point = dup_point (self);
  g_autofree char *age = NULL;
  g_autofree char *length = NULL;
  g_autofree char *text = NULL;

  if (point == NULL || slip_parameter_form_get_environment (self->form) == NULL)
    {
      slip_parameter_field_set_outlook (self->field, NULL);
      return;
    }
  age = dup_age (self, point);
  length = dup_length (self);
  text = age != NULL ? g_strdup_printf ("%s\n%s", age, length) : g_strdup (length);
  slip_parameter_field_set_outlook (self->field, text);
}

static gboolean
is_refusal (const GError *error)
{
  return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MFA_NEEDED)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED);
}

static void
planned_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipPointNote *self = owner;
  SlipPlanWork *work = data;

  if (work->generation != self->generation)
    return;
  g_clear_object (&self->job);
  g_clear_error (&self->error);
  if (error != NULL)
    {
      self->error = g_error_copy (error);
      self->refused = is_refusal (error);
    }
  else
    g_set_object (&self->plan, work->plan);
  show (self);
}

static gboolean
plan_cb (gpointer data)
{
  SlipPointNote *self = data;
  g_autoptr (JsonObject) parameters = slip_parameter_form_dup_complete (self->form);
  SlipPlanWork *work;

  self->source = 0;
  if (parameters != NULL)
    {
      work = g_new0 (SlipPlanWork, 1);
      work->runbook = g_object_ref (self->runbook);
      work->workspace = g_object_ref (slip_workbench_get_workspace (self->workbench));
      work->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
      work->environment
          = g_strdup (slip_environment_get_name (slip_parameter_form_get_environment (self->form)));
      work->parameters = g_steal_pointer (&parameters);
      work->generation = self->generation;
      self->job = slip_task_run (self, slip_pool_get_io (), _ ("Forecast"), slip_plan_work_make,
                                 planned_cb, work, slip_plan_work_free);
    }
  show (self);
  return G_SOURCE_REMOVE;
}

static void
forget_plan (SlipPointNote *self)
{
  self->generation++;
  g_clear_handle_id (&self->source, g_source_remove);
  if (self->job != NULL)
    slip_job_cancel (self->job);
  g_clear_object (&self->job);
  g_clear_object (&self->plan);
  if (!self->refused)
    g_clear_error (&self->error);
}

static void
set_list (SlipPointNote *self, SlipEstateList *list)
{
  if (self->list == list)
    return;
  if (self->list != NULL)
    g_clear_signal_handler (&self->list_handler, self->list);
  g_set_object (&self->list, list);
  if (list != NULL)
    self->list_handler = g_signal_connect_swapped (list, "notify", G_CALLBACK (show), self);
}

static void
form_changed_cb (SlipPointNote *self)
{
  SlipEnvironment *environment = slip_parameter_form_get_environment (self->form);
  g_autofree char *point = dup_point (self);

  forget_plan (self);
  if (point != NULL && environment != NULL)
    {
      set_list (self, slip_choices_get_list (self->workbench, environment,
                                             slip_parameter_field_get_parameter (self->field)));
      if (!self->refused)
        self->source = g_timeout_add (QUIET_MS, plan_cb, self);
    }
  show (self);
}

static void
slip_point_note_dispose (GObject *object)
{
  SlipPointNote *self = SLIP_POINT_NOTE (object);

  forget_plan (self);
  set_list (self, NULL);
  g_clear_error (&self->error);
  g_clear_object (&self->field);
  g_clear_object (&self->runbook);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_point_note_parent_class)->dispose (object);
}

static void
slip_point_note_class_init (SlipPointNoteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_point_note_dispose;
}

static void
slip_point_note_init (SlipPointNote *self)
{
}

SlipPointNote *
slip_point_note_new (SlipWorkbench *workbench, SlipRunbook *runbook, SlipParameterForm *form)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);

  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      SlipPointNote *self;

      if (!slip_choices_is_point (parameter))
        continue;
      self = g_object_new (SLIP_TYPE_POINT_NOTE, NULL);
      self->workbench = g_object_ref (workbench);
      self->runbook = g_object_ref (runbook);
      self->restores = slip_runbook_brings_back (runbook);
      self->form = form;
      self->field = g_object_ref (
          slip_parameter_form_find (form, slip_runbook_parameter_get_name (parameter)));
      g_signal_connect_object (form, "changed", G_CALLBACK (form_changed_cb), self,
                               G_CONNECT_SWAPPED);
      form_changed_cb (self);
      return self;
    }
  return NULL;
}

void
slip_point_note_stop (SlipPointNote *self)
{
  g_return_if_fail (SLIP_IS_POINT_NOTE (self));

  forget_plan (self);
  show (self);
}

void
slip_point_note_take_plan (SlipPointNote *self, SlipPlan *plan)
{
  g_return_if_fail (SLIP_IS_POINT_NOTE (self));
  g_return_if_fail (SLIP_IS_PLAN (plan));

  forget_plan (self);
  g_clear_error (&self->error);
  self->refused = FALSE;
  g_set_object (&self->plan, plan);
  show (self);
}
