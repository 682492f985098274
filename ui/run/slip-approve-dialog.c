/* SPDX-License-Identifier: MIT */

/* The approval of a run planned earlier. It holds the wizard's own widget, so that no way to approve
 * shows less than another, and names the environment like every dialog does. */

#include "config.h"

#include "slip-approve-dialog.h"

#include <glib/gi18n.h>

#include "slip-authorise.h"
#include "slip-confirm.h"

struct _SlipApproveDialog
{
  AdwWindow parent_instance;

  GtkWidget *frame;
  GtkWidget *badge;
  SlipAuthorise *authorise;
  GtkWidget *approve;
  SlipWorkbench *workbench; /* owned */
  SlipRun *run;             /* owned */
  gboolean starting;
};

G_DEFINE_FINAL_TYPE (SlipApproveDialog, slip_approve_dialog, ADW_TYPE_WINDOW)

static void
update (SlipApproveDialog *self)
{
  gtk_button_set_label (GTK_BUTTON (self->approve), slip_authorise_is_waiting (self->authorise)
                                                        ? _ ("Approve and Wait")
                                                        : _ ("Approve and Start"));
  gtk_widget_set_sensitive (self->approve,
                            !self->starting && slip_authorise_is_ready (self->authorise));
}

static void
started_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipApproveDialog) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *run_id = slip_authorise_start_finish (result, &error);

  self->starting = FALSE;
  if (run_id == NULL)
    {
      update (self);
      slip_confirm_message (GTK_WIDGET (self), _ ("The run was not started"), error->message);
      return;
    }
  if (!slip_authorise_is_waiting (self->authorise))
    slip_workbench_start_run (self->workbench, run_id, slip_run_get_title (self->run));
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
approve_cb (SlipApproveDialog *self)
{
  if (self->starting || !slip_authorise_is_ready (self->authorise))
    return;
  self->starting = TRUE;
  update (self);
  slip_authorise_start_async (self->authorise, self->workbench, slip_run_get_id (self->run),
                              started_cb, g_object_ref (self));
}

static void
cancel_cb (SlipApproveDialog *self)
{
  gtk_window_close (GTK_WINDOW (self));
}

/* What is being written into the ledger cannot be called back by closing a window. */
static gboolean
slip_approve_dialog_close_request (GtkWindow *window)
{
  if (SLIP_APPROVE_DIALOG (window)->starting)
    return TRUE;
  return GTK_WINDOW_CLASS (slip_approve_dialog_parent_class)->close_request (window);
}

static void
slip_approve_dialog_dispose (GObject *object)
{
  SlipApproveDialog *self = SLIP_APPROVE_DIALOG (object);

  g_clear_object (&self->run);
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_APPROVE_DIALOG);
  G_OBJECT_CLASS (slip_approve_dialog_parent_class)->dispose (object);
}

static void
slip_approve_dialog_class_init (SlipApproveDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_approve_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = slip_approve_dialog_close_request;
  gtk_widget_class_set_template_from_resource (
      widget_class, "/org/slipway/Slipway/ui/run/slip-approve-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipApproveDialog, frame);
  gtk_widget_class_bind_template_child (widget_class, SlipApproveDialog, badge);
  gtk_widget_class_bind_template_child (widget_class, SlipApproveDialog, authorise);
  gtk_widget_class_bind_template_child (widget_class, SlipApproveDialog, approve);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, approve_cb);
  gtk_widget_class_bind_template_callback (widget_class, cancel_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
slip_approve_dialog_init (SlipApproveDialog *self)
{
  g_type_ensure (SLIP_TYPE_AUTHORISE);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_environment (SlipApproveDialog *self, SlipEnvironment *environment)
{
  gtk_label_set_label (GTK_LABEL (self->badge), slip_environment_get_title (environment));
  if (!slip_environment_is_protected (environment))
    return;
  gtk_widget_add_css_class (self->badge, "protected");
  gtk_widget_add_css_class (self->frame, "protected");
}

/* A second click must not put a second dialog over the first. */
static GtkWindow *
find_dialog (SlipRun *run)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (SLIP_IS_APPROVE_DIALOG (window) && SLIP_APPROVE_DIALOG (window)->run == run)
        return window; /* The toolkit keeps it. */
    }
  return NULL;
}

void
slip_approve_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run)
{
  SlipEnvironment *environment;
  SlipApproveDialog *self;
  SlipPlan *plan;
  g_autofree char *message = NULL;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (SLIP_IS_RUN (run));

  if (find_dialog (run) != NULL)
    {
      gtk_window_present (find_dialog (run));
      return;
    }
  plan = slip_run_get_plan (run);
  environment = slip_workbench_find_environment (workbench, slip_run_get_environment (run));
  if (plan == NULL || environment == NULL)
    {
      message = g_strdup_printf (_ ("The workspace has no environment %s. Add it, then reload the "
                                    "workspace."),
                                 slip_run_get_environment (run));
      slip_confirm_message (parent, _ ("This run cannot be approved here"), message);
      return;
    }
  self = g_object_new (SLIP_TYPE_APPROVE_DIALOG, "transient-for",
                       GTK_WINDOW (gtk_widget_get_root (parent)), NULL);
  self->workbench = g_object_ref (workbench);
  self->run = g_object_ref (run);
  slip_authorise_set_plan (self->authorise, workbench, plan, environment);
  show_environment (self, environment);
  if (slip_plan_get_point_of_no_return (plan) >= 0)
    gtk_widget_set_css_classes (self->approve, (const char *[]){"destructive-action", NULL});
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}
