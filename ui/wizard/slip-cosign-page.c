/* SPDX-License-Identifier: MIT */

/* The second person's side. Nothing is approved unread: the hash's first digits are typed, as at the
 * command line, and they stand at the end of what there is to read. */

#include "config.h"

#include "slip-cosign-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-confirm.h"
#include "slip-cosign.h"
#include "slip-file-dialog.h"
#include "slip-file.h"
#include "slip-plain.h"
#include "slip-plan-file.h"
#include "slip-plan-summary.h"
#include "slip-plan-view.h"
#include "slip-planner.h"
#include "slip-task.h"
#include "slip-tip.h"

#define HASH_DIGITS 12

struct _SlipCosignPage
{
  SlipPage parent_instance;

  GtkStack *stack;
  AdwStatusPage *failed;
  GtkBox *box; /* of what there is to read */
  GtkWidget *digits;
  GtkWidget *sign;
  GtkLabel *hint;
  SlipWorkbench *workbench;     /* owned */
  SlipEnvironment *environment; /* owned; ours of the plan's account */
  SlipPlan *plan;               /* owned */
  char *path;
  gboolean signing;
};

G_DEFINE_FINAL_TYPE (SlipCosignPage, slip_cosign_page, SLIP_TYPE_PAGE)

typedef struct
{
  SlipWorkspace *workspace; /* owned */
  SlipPlan *plan;           /* owned, nullable */
  char *environment;
  char *path;
} Work;

static void
work_free (gpointer data)
{
  Work *work = data;

  g_object_unref (work->workspace);
  g_clear_object (&work->plan);
  g_free (work->environment);
  g_free (work->path);
  g_free (work);
}

static Work *
work_new (SlipCosignPage *self, const char *path)
{
  Work *work = g_new0 (Work, 1);

  work->workspace = g_object_ref (slip_workbench_get_workspace (self->workbench));
  work->plan = self->plan != NULL ? g_object_ref (self->plan) : NULL;
  work->path = g_strdup (path);
  if (self->environment != NULL)
    work->environment = g_strdup (slip_environment_get_name (self->environment));
  return work;
}

static gboolean
is_ready (SlipCosignPage *self)
{
  const char *text
      = self->digits != NULL ? gtk_editable_get_text (GTK_EDITABLE (self->digits)) : "";

  return self->plan != NULL && self->environment != NULL && !self->signing
         && !slip_plan_is_blocked (self->plan) && strlen (text) >= HASH_DIGITS
         && g_str_has_prefix (slip_plan_get_hash (self->plan), text);
}

static void
update (SlipCosignPage *self)
{
  gtk_widget_set_sensitive (self->sign, is_ready (self));
}

/* ---- signing */

static gboolean
sign (SlipJob *job, gpointer data, GError **error)
{
  Work *work = data;
  g_autofree char *text
      = slip_cosign_make (work->workspace, work->plan, work->environment, NULL, error);

  if (text == NULL || !slip_file_write_atomic (work->path, text, -1, 0600, error))
    return FALSE;
  slip_job_set_outcome (job, work->path);
  return TRUE;
}

static void
signed_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipCosignPage *self = owner;
  Work *work = data;
  g_autofree char *text = NULL;

  self->signing = FALSE;
  update (self);
  if (error != NULL)
    {
      gtk_label_set_label (self->hint, "");
      slip_confirm_message (GTK_WIDGET (self), _ ("The plan was not cosigned"), error->message);
      return;
    }
  text = g_strdup_printf (_ ("Cosigned: %s. It holds for 15 minutes. Keep it like a password until "
                             "then, and hand it over."),
                          work->path);
  gtk_label_set_label (self->hint, text);
  slip_tip_set (GTK_WIDGET (self->hint), text);
}

void
slip_cosign_page_write (SlipCosignPage *self, const char *path)
{
  g_autoptr (SlipJob) job = NULL;

  g_return_if_fail (SLIP_IS_COSIGN_PAGE (self));
  g_return_if_fail (path != NULL);

  if (!is_ready (self))
    return;
  self->signing = TRUE;
  update (self);
  gtk_label_set_label (self->hint, _ ("Signing…"));
  job = slip_task_run (self, slip_pool_get_io (), _ ("Cosigning the plan"), sign, signed_cb,
                       work_new (self, path), work_free);
  slip_workbench_add_job (self->workbench, job);
}

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipCosignPage) self = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL && g_file_peek_path (file) != NULL)
    slip_cosign_page_write (self, g_file_peek_path (file));
}

static void
sign_cb (SlipCosignPage *self)
{
  g_autofree char *name = NULL;

  if (!is_ready (self))
    return;
  name = g_strdup_printf ("cosignature-%.8s.json", slip_plan_get_hash (self->plan));
  slip_file_dialog_save_async (GTK_WIDGET (self), _ ("Save the cosignature"), name, chosen_cb,
                               g_object_ref (self));
}

static void
cancel_cb (SlipCosignPage *self)
{
  if (!self->signing)
    slip_page_close (SLIP_PAGE (self));
}

/* ---- showing */

/* Ours may be called otherwise than the colleague's; the account is what counts. */
static SlipEnvironment *
find_environment (SlipCosignPage *self)
{
  const char *name = slip_plan_get_environment (self->plan);
  SlipWorkspace *workspace = slip_workbench_get_workspace (self->workbench);
  GListModel *all = slip_workspace_get_environments (workspace);
  SlipEnvironment *same = slip_workspace_find (workspace, name);
  JsonObject *facts = json_object_get_object_member (slip_plan_get_environments (self->plan), name);
  const char *account = json_object_get_string_member_with_default (facts, "account", "");

  if (same != NULL && g_strcmp0 (slip_environment_get_account (same), account) == 0)
    return g_object_ref (same);
  for (guint i = 0; i < g_list_model_get_n_items (all); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (all, i);

      if (g_strcmp0 (slip_environment_get_account (environment), account) == 0)
        return g_steal_pointer (&environment);
    }
  return NULL;
}

static GtkWidget *
new_saying (SlipCosignPage *self)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree char *description = NULL;
  g_autofree char *title
      = g_strdup_printf (_ ("Type the first %d digits of the plan's hash"), HASH_DIGITS);

  description = g_strdup_printf (_ ("You sign as whoever is signed in to %s (account %s). AWS "
                                    "tells that to the one who has the "
                                    "run. It allows nothing else."),
                                 slip_environment_get_title (self->environment),
                                 slip_environment_get_account (self->environment));
  slip_plain_set_group (ADW_PREFERENCES_GROUP (group), _ ("What you say"), description);
  self->digits = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->digits), title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->digits), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  g_signal_connect_object (self->digits, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->digits);
  return group;
}

static void
fail (SlipCosignPage *self, const char *message)
{
  slip_plain_set_description (self->failed, message);
  gtk_stack_set_visible_child_name (self->stack, "failed");
}

static void
show_plan (SlipCosignPage *self)
{
  GtkWidget *view = slip_plan_view_new ();
  GtkWidget *clamp = adw_clamp_new ();
  GtkWidget *inside = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);

  slip_plan_view_set_plan (SLIP_PLAN_VIEW (view), self->plan);
  gtk_box_append (self->box, view);
  gtk_box_append (GTK_BOX (inside), slip_plan_summary_new (self->plan, self->environment));
  gtk_box_append (GTK_BOX (inside), slip_plan_summary_new_final (self->plan));
  gtk_box_append (GTK_BOX (inside), new_saying (self));
  gtk_widget_set_margin_top (inside, 18);
  gtk_widget_set_margin_bottom (inside, 18);
  gtk_widget_set_margin_start (inside, 12);
  gtk_widget_set_margin_end (inside, 12);
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 720);
  adw_clamp_set_child (ADW_CLAMP (clamp), inside);
  gtk_box_append (self->box, clamp);
  gtk_stack_set_visible_child_name (self->stack, "plan");
  gtk_label_set_label (self->hint, slip_plan_is_blocked (self->plan)
                                       ? _ ("A guard blocks: this plan cannot be approved.")
                                       : _ ("Read it first. Cosigning changes nothing by itself."));
  update (self);
}

static gboolean
read_plan (SlipJob *job, gpointer data, GError **error)
{
  Work *work = data;

  work->plan = slip_plan_read_file (work->path, error);
  return work->plan != NULL
         && slip_planner_check_plan_file (work->plan, work->workspace, NULL, error);
}

static void
read_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipCosignPage *self = owner;
  Work *work = data;
  g_autofree char *message = NULL;
  g_autofree char *title = NULL;

  if (error != NULL)
    {
      fail (self, error->message);
      return;
    }
  g_set_object (&self->plan, work->plan);
  self->environment = find_environment (self);
  if (self->environment == NULL)
    {
      message = g_strdup_printf (
          _ ("The plan is for environment %s, and this workspace has none of its account. A second "
             "person signs in to the account that the plan changes."),
          slip_plan_get_environment (self->plan));
      fail (self, message);
      return;
    }
  title = g_strdup_printf (_ ("Cosign: %s"), slip_plan_get_title (self->plan));
  slip_page_set_title (SLIP_PAGE (self), title);
  slip_page_set_environment_name (SLIP_PAGE (self), slip_environment_get_name (self->environment));
  show_plan (self);
}

static void
slip_cosign_page_dispose (GObject *object)
{
  SlipCosignPage *self = SLIP_COSIGN_PAGE (object);

  g_clear_object (&self->environment);
  g_clear_object (&self->plan);
  g_clear_object (&self->workbench);
  g_clear_pointer (&self->path, g_free);
  G_OBJECT_CLASS (slip_cosign_page_parent_class)->dispose (object);
}

static void
slip_cosign_page_class_init (SlipCosignPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_cosign_page_dispose;
}

static GtkWidget *
new_bar (SlipCosignPage *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *cancel = gtk_button_new_with_label (_ ("Close"));

  self->hint = GTK_LABEL (gtk_label_new (NULL));
  gtk_widget_set_hexpand (GTK_WIDGET (self->hint), TRUE);
  gtk_label_set_xalign (self->hint, 0);
  gtk_label_set_wrap (self->hint, TRUE);
  gtk_label_set_wrap_mode (self->hint, PANGO_WRAP_WORD_CHAR);
  self->sign = gtk_button_new_with_label (_ ("Cosign and Save…"));
  gtk_widget_add_css_class (self->sign, "suggested-action");
  gtk_widget_set_valign (cancel, GTK_ALIGN_CENTER);
  gtk_widget_set_valign (self->sign, GTK_ALIGN_CENTER);
  g_signal_connect_object (cancel, "clicked", G_CALLBACK (cancel_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sign, "clicked", G_CALLBACK (sign_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_css_class (bar, "wizard-bar");
  gtk_box_append (GTK_BOX (bar), cancel);
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->hint));
  gtk_box_append (GTK_BOX (bar), self->sign);
  return bar;
}

static void
slip_cosign_page_init (SlipCosignPage *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *loading = adw_status_page_new ();

  self->stack = GTK_STACK (gtk_stack_new ());
  self->failed = ADW_STATUS_PAGE (adw_status_page_new ());
  self->box = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  adw_status_page_set_title (ADW_STATUS_PAGE (loading), _ ("Reading the plan…"));
  adw_status_page_set_icon_name (self->failed, "slip-warn-symbolic");
  adw_status_page_set_title (self->failed, _ ("This plan cannot be cosigned here"));
  gtk_widget_add_css_class (GTK_WIDGET (self->failed), "compact");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->box));
  gtk_stack_add_named (self->stack, loading, "loading");
  gtk_stack_add_named (self->stack, GTK_WIDGET (self->failed), "failed");
  gtk_stack_add_named (self->stack, scroller, "plan");
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  gtk_box_append (GTK_BOX (box), new_bar (self));
  adw_bin_set_child (ADW_BIN (self), box);
}

SlipPage *
slip_cosign_page_new (SlipWorkbench *workbench, const char *path)
{
  SlipCosignPage *self = g_object_new (SLIP_TYPE_COSIGN_PAGE, NULL);
  g_autoptr (SlipJob) job = NULL;

  self->workbench = g_object_ref (workbench);
  self->path = g_strdup (path);
  slip_page_set_title (SLIP_PAGE (self), _ ("Cosign a plan"));
  update (self);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Reading the plan"), read_plan, read_cb,
                       work_new (self, path), work_free);
  return SLIP_PAGE (self);
}

SlipPlan *
slip_cosign_page_get_plan (SlipCosignPage *self)
{
  g_return_val_if_fail (SLIP_IS_COSIGN_PAGE (self), NULL);
  return self->plan;
}

void
slip_cosign_page_open_ask (GtkWidget *window)
{
  g_return_if_fail (GTK_IS_WIDGET (window));
  slip_file_dialog_open_page (window, _ ("Open the plan to cosign"), "cosign");
}
