/* SPDX-License-Identifier: MIT */

/* Authorising a plan. What is approved is the hash; what must be typed comes from the plan's steps and
 * from the environment being protected. Approval and confirmations are ledger entries before anything
 * is sent. */

#include "config.h"

#include "slip-authorise.h"

#include <glib/gi18n.h>

#include "slip-cosign-group.h"
#include "slip-json.h"
#include "slip-plan-summary.h"
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
  SlipPlan *plan;          /* owned */
  GArray *sayings;         /* owned; element-type Saying */
  GtkWidget *agree;        /* the check that the plan was read */
  SlipCosignGroup *cosign; /* NULL when one person is enough */
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

/* What is asked stands above, in as many lines as it needs: the title of an entry has one, and its end is what must be
 * typed. */
static void
add_ask (GtkWidget *group, const char *ask)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), ask);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static void
add_saying (
    SlipAuthorise *self, GtkWidget *group, const char *step, const char *wanted, const char *ask)
{
  Saying saying = {g_strdup (step), g_strdup (wanted), NULL};
  g_autofree char *title = NULL;
  g_autofree char *shown = NULL;

  if (ask != NULL)
    add_ask (group, ask);
  if (wanted != NULL)
    title = ask != NULL ? g_strdup_printf (_ ("%s Type %s"), ask, wanted)
                        : g_strdup_printf (_ ("Type %s"), wanted);
  else
    title = g_strdup (ask != NULL ? ask : _ ("Attest, in your own words"));
  shown = wanted != NULL ? g_strdup_printf (_ ("Type %s"), wanted)
                         : g_strdup (_ ("Attest, in your own words"));
  saying.row = adw_entry_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (saying.row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (saying.row), shown);
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
slip_authorise_set_plan (SlipAuthorise *self,
                         SlipWorkbench *workbench,
                         SlipPlan *plan,
                         SlipEnvironment *environment)
{
  GtkWidget *warnings;
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_AUTHORISE (self));

  g_array_set_size (self->sayings, 0);
  self->agree = NULL;
  self->cosign = NULL;
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->box))) != NULL)
    gtk_box_remove (self->box, child);
  g_set_object (&self->plan, plan);
  if (plan == NULL)
    return;
  gtk_box_append (self->box, slip_plan_summary_new (plan, environment));
  warnings = slip_plan_summary_new_warnings (plan);
  if (warnings != NULL)
    gtk_box_append (self->box, warnings);
  gtk_box_append (self->box, slip_plan_summary_new_final (plan));
  gtk_box_append (self->box, new_saying_group (self, environment));
  if (slip_plan_get_pairing (plan) == NULL)
    return;
  self->cosign = SLIP_COSIGN_GROUP (slip_cosign_group_new (workbench, plan));
  g_signal_connect_object (self->cosign, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_box_append (self->box, GTK_WIDGET (self->cosign));
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

gboolean
slip_authorise_is_waiting (SlipAuthorise *self)
{
  g_return_val_if_fail (SLIP_IS_AUTHORISE (self), FALSE);
  return self->cosign != NULL && slip_cosign_group_get_text (self->cosign) == NULL;
}

SlipCosignGroup *
slip_authorise_get_cosign (SlipAuthorise *self)
{
  g_return_val_if_fail (SLIP_IS_AUTHORISE (self), NULL);
  return self->cosign;
}

typedef struct
{
  SlipWorkspace *workspace;
  SlipLedger *ledger;
  SlipPlan *plan;
  char *cosignature; /* NULL: none, or not yet */
  GPtrArray *steps;  /* element-type utf8 */
  GPtrArray *texts;  /* element-type utf8 */
  GArray *attested;  /* element-type gboolean */
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
  g_free (start->cosignature);
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
  if (start->cosignature != NULL
      && !slip_runner_control (runner, SLIP_RUNNER_COSIGN, NULL, start->cosignature, error))
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
  if (self->cosign != NULL)
    start->cosignature = g_strdup (slip_cosign_group_get_text (self->cosign));
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
