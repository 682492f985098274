/* SPDX-License-Identifier: MIT */

/* Authorising a plan. What is approved is the hash; what must be typed comes from the plan's steps and
 * from the environment being protected. Approval and confirmations are ledger entries before anything
 * is sent. */

#include "config.h"

#include "slip-authorise.h"

#include <glib/gi18n.h>

#include "slip-format.h"
#include "slip-json.h"
#include "slip-run.h"
#include "slip-task.h"

typedef struct
{
  char *step;   /* NULL for the environment's own */
  char *wanted; /* what must be typed; NULL for an attestation, whose text is free */
  GtkWidget *row;
} Saying;

struct _SlipAuthorise
{
  AdwBin parent_instance;

  GtkBox *box;
  SlipPlan *plan;   /* owned */
  GArray *sayings;  /* owned; element-type Saying */
  GtkWidget *agree; /* the check that the plan was read */
};

G_DEFINE_FINAL_TYPE (SlipAuthorise, slip_authorise, ADW_TYPE_BIN)

static guint signal_changed;

static void
clear_saying (gpointer data)
{
  Saying *saying = data;

  g_free (saying->step);
  g_free (saying->wanted);
}

static void
changed_cb (SlipAuthorise *self)
{
  g_signal_emit (self, signal_changed, 0);
}

static GtkWidget *
new_text_row (const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 4);
  gtk_widget_set_focusable (row, FALSE);
  return row;
}

static char *
dup_effects (SlipPlan *plan)
{
  GListModel *steps = slip_plan_get_steps (plan);
  guint reads = 0;
  guint changes = 0;
  guint finals = 0;

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipPlanStep) step = g_list_model_get_item (steps, i);

      if (slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL)
        finals++;
      else if (slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ)
        reads++;
      else
        changes++;
    }
  return g_strdup_printf (_ ("%u that only read, %u that change, %u that cannot be undone"), reads,
                          changes, finals);
}

static char *
dup_duration (SlipPlan *plan, SlipEnvironment *environment)
{
  double minutes = slip_plan_get_minutes (plan);
  g_autofree char *real = slip_format_duration (minutes * 60);
  g_autofree char *fast = slip_format_duration (slip_environment_forecast (environment, minutes));

  if (slip_environment_get_speed (environment) <= 1)
    return g_steal_pointer (&real);
  return g_strdup_printf (_ ("%s on AWS, about %s in this rehearsal"), real, fast);
}

static char *
dup_preflight (SlipPlan *plan)
{
  GListModel *guards = slip_plan_get_guards (plan);

  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) guard = g_list_model_get_item (guards, i);

      if (slip_guard_result_get_state (guard) == SLIP_GUARD_BLOCK)
        return g_strdup_printf (_ ("A guard blocks, and the plan cannot be approved: %s"),
                                slip_guard_result_get_message (guard));
    }
  return g_strdup_printf (_ ("%u guards hold, %u to look at, %u not provable"),
                          slip_plan_count_guards (plan, SLIP_GUARD_PASS),
                          slip_plan_count_guards (plan, SLIP_GUARD_WARN),
                          slip_plan_count_guards (plan, SLIP_GUARD_UNPROVABLE));
}

static GtkWidget *
new_summary (SlipPlan *plan, SlipEnvironment *environment)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *effects = dup_effects (plan);
  g_autofree char *duration = dup_duration (plan, environment);
  g_autofree char *preflight = dup_preflight (plan);
  g_autofree char *account = slip_format_account (slip_environment_get_account (environment));
  g_autofree char *where
      = g_strdup_printf ("%s, %s", slip_environment_get_title (environment), account);

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What you approve"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_text_row (_ ("Runbook"), slip_plan_get_title (plan)));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_text_row (_ ("Where"), where));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), new_text_row (_ ("Steps"), effects));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_text_row (_ ("Preflight"), preflight));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_text_row (_ ("Forecast"), duration));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                             new_text_row (_ ("Hash of the plan"), slip_plan_get_hash (plan)));
  return group;
}

static char *
dup_step_line (SlipPlanStep *step)
{
  const char *undo = slip_plan_step_get_undo (step);
  const char *region = slip_plan_step_get_region (step);
  g_autoptr (GString) line = g_string_new (NULL);

  g_string_append (line, slip_plan_step_get_environment (step));
  if (region != NULL)
    g_string_append_printf (line, " · %s", region);
  if (undo != NULL)
    g_string_append_printf (line, _ ("\nTo get back: %s"), undo);
  return g_string_free (g_steal_pointer (&line), FALSE);
}

/* What nobody can take back stands here by name, also for a person who did not scroll the plan. */
static GtkWidget *
new_final_group (SlipPlan *plan)
{
  GtkWidget *group = adw_preferences_group_new ();
  int point = slip_plan_get_point_of_no_return (plan);
  g_autofree char *description = NULL;

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("Point of no return"));
  if (point < 0)
    {
      adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group),
                                             _ ("There is none: every step can be undone."));
      return group;
    }
  description
      = g_strdup_printf (_ ("Before step %d. From there on these cannot be undone:"), point + 1);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (group), description);
  for (guint i = (guint)point; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);
      g_autofree char *title = NULL;
      g_autofree char *line = NULL;
      GtkWidget *row;

      if (slip_plan_step_get_reversibility (step) != SLIP_REVERSIBILITY_FINAL
          && slip_plan_step_get_effect (step) != SLIP_AWS_EFFECT_FINAL)
        continue;
      title = g_strdup_printf ("%u  %s", i + 1, slip_plan_step_get_title (step));
      line = dup_step_line (step);
      row = new_text_row (title, line);
      gtk_widget_add_css_class (row, "final-row");
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}

static void
add_saying (
    SlipAuthorise *self, GtkWidget *group, const char *step, const char *wanted, const char *ask)
{
  Saying saying = {g_strdup (step), g_strdup (wanted), NULL};
  g_autofree char *title = NULL;

  if (wanted != NULL)
    title = ask != NULL ? g_strdup_printf (_ ("%s Type %s"), ask, wanted)
                        : g_strdup_printf (_ ("Type %s"), wanted);
  else
    title = g_strdup (ask != NULL ? ask : _ ("Attest, in your own words"));
  saying.row = adw_entry_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (saying.row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (saying.row), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (saying.row), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  g_signal_connect_object (saying.row, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), saying.row);
  g_array_append_val (self->sayings, saying);
}

static void
add_step_sayings (SlipAuthorise *self, GtkWidget *group)
{
  GListModel *steps = slip_plan_get_steps (self->plan);

  for (guint i = 0; i < g_list_model_get_n_items (steps); i++)
    {
      g_autoptr (SlipPlanStep) step = g_list_model_get_item (steps, i);
      JsonObject *confirm = slip_plan_step_get_confirm (step);
      const char *how = confirm != NULL ? slip_json_string (confirm, "how") : NULL;

      if (how == NULL || g_strcmp0 (slip_json_string (confirm, "when"), "approval") != 0)
        continue;
      if (g_str_equal (how, "typed"))
        add_saying (self, group, slip_plan_step_get_id (step), slip_json_string (confirm, "text"),
                    slip_json_string (confirm, "ask"));
      else if (g_str_equal (how, "attest"))
        add_saying (self, group, slip_plan_step_get_id (step), NULL,
                    slip_json_string (confirm, "ask"));
    }
}

static GtkWidget *
new_saying_group (SlipAuthorise *self, SlipEnvironment *environment)
{
  GtkWidget *group = adw_preferences_group_new ();
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _ ("What you say"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 _ ("I have read the plan, and approve exactly this one"));
  self->agree = gtk_check_button_new ();
  gtk_widget_set_valign (self->agree, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->agree), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("I have read the plan, and approve exactly this one"), -1);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), self->agree);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), self->agree);
  g_signal_connect_object (self->agree, "toggled", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
  if (slip_environment_is_protected (environment))
    add_saying (self, group, NULL, slip_environment_get_name (environment),
                _ ("This environment is protected."));
  add_step_sayings (self, group);
  return group;
}

static void
slip_authorise_finalize (GObject *object)
{
  SlipAuthorise *self = SLIP_AUTHORISE (object);

  g_clear_object (&self->plan);
  g_array_unref (self->sayings);
  G_OBJECT_CLASS (slip_authorise_parent_class)->finalize (object);
}

static void
slip_authorise_class_init (SlipAuthoriseClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_authorise_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_AUTHORISE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
slip_authorise_init (SlipAuthorise *self)
{
  self->sayings = g_array_new (FALSE, TRUE, sizeof (Saying));
  g_array_set_clear_func (self->sayings, clear_saying);
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->box));
}

GtkWidget *
slip_authorise_new (void)
{
  return g_object_new (SLIP_TYPE_AUTHORISE, NULL);
}

void
slip_authorise_set_plan (SlipAuthorise *self, SlipPlan *plan, SlipEnvironment *environment)
{
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_AUTHORISE (self));

  g_array_set_size (self->sayings, 0);
  self->agree = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
  g_set_object (&self->plan, plan);
  if (plan == NULL)
    return;
  gtk_box_append (self->box, new_summary (plan, environment));
  gtk_box_append (self->box, new_final_group (plan));
  gtk_box_append (self->box, new_saying_group (self, environment));
}

gboolean
slip_authorise_is_ready (SlipAuthorise *self)
{
  g_return_val_if_fail (SLIP_IS_AUTHORISE (self), FALSE);

  if (self->plan == NULL || slip_plan_is_blocked (self->plan))
    return FALSE;
  if (self->agree == NULL || !gtk_check_button_get_active (GTK_CHECK_BUTTON (self->agree)))
    return FALSE;
  for (guint i = 0; i < self->sayings->len; i++)
    {
      const Saying *saying = &g_array_index (self->sayings, Saying, i);
      const char *text = gtk_editable_get_text (GTK_EDITABLE (saying->row));

      if (saying->wanted != NULL ? !g_str_equal (text, saying->wanted) : text[0] == '\0')
        return FALSE;
    }
  return TRUE;
}

typedef struct
{
  SlipWorkspace *workspace;
  SlipLedger *ledger;
  SlipPlan *plan;
  GPtrArray *steps; /* element-type utf8 */
  GPtrArray *texts; /* element-type utf8 */
  GArray *attested; /* element-type gboolean */
  char *run_id;
  GTask *task;
} Start;

static void
start_free (gpointer data)
{
  Start *start = data;

  g_object_unref (start->workspace);
  g_object_unref (start->ledger);
  g_object_unref (start->plan);
  g_ptr_array_unref (start->steps);
  g_ptr_array_unref (start->texts);
  g_array_unref (start->attested);
  g_free (start->run_id);
  g_object_unref (start->task);
  g_free (start);
}

static gboolean
approve (SlipJob *job, gpointer data, GError **error)
{
  Start *start = data;
  g_autoptr (SlipRunner) runner = NULL;

  if (start->run_id == NULL)
    start->run_id = slip_run_create (start->ledger, start->plan, error);
  if (start->run_id == NULL)
    return FALSE;
  runner = slip_runner_new (start->workspace, start->ledger, start->run_id);
  if (!slip_runner_control (runner, SLIP_RUNNER_APPROVE, NULL, slip_plan_get_hash (start->plan),
                            error))
    return FALSE;
  for (guint i = 0; i < start->steps->len; i++)
    if (!slip_runner_control (
            runner,
            g_array_index (start->attested, gboolean, i) ? SLIP_RUNNER_ATTEST : SLIP_RUNNER_CONFIRM,
            g_ptr_array_index (start->steps, i), g_ptr_array_index (start->texts, i), error))
      return FALSE;
  return TRUE;
}

static void
approved_cb (gpointer owner, gpointer data, const GError *error)
{
  Start *start = data;

  if (error != NULL)
    g_task_return_error (start->task, g_error_copy (error));
  else
    g_task_return_pointer (start->task, g_steal_pointer (&start->run_id), g_free);
}

void
slip_authorise_start_async (SlipAuthorise *self,
                            SlipWorkbench *workbench,
                            const char *run_id,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Start *start;
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_AUTHORISE (self));
  g_return_if_fail (slip_authorise_is_ready (self));

  start = g_new0 (Start, 1);
  start->workspace = g_object_ref (slip_workbench_get_workspace (workbench));
  start->ledger = g_object_ref (slip_workbench_get_ledger (workbench));
  start->plan = g_object_ref (self->plan);
  start->run_id = g_strdup (run_id);
  start->steps = g_ptr_array_new_with_free_func (g_free);
  start->texts = g_ptr_array_new_with_free_func (g_free);
  start->attested = g_array_new (FALSE, FALSE, sizeof (gboolean));
  start->task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (start->task, slip_authorise_start_async);
  for (guint i = 0; i < self->sayings->len; i++)
    {
      const Saying *saying = &g_array_index (self->sayings, Saying, i);
      gboolean attested = saying->wanted == NULL;

      if (saying->step == NULL)
        continue;
      g_ptr_array_add (start->steps, g_strdup (saying->step));
      g_ptr_array_add (start->texts, g_strdup (gtk_editable_get_text (GTK_EDITABLE (saying->row))));
      g_array_append_val (start->attested, attested);
    }
  job = slip_task_run (workbench, slip_pool_get_io (), _ ("Approving the plan"), approve,
                       approved_cb, start, start_free);
}

char *
slip_authorise_start_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, slip_authorise_start_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
