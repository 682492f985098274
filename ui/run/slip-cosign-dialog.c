/* SPDX-License-Identifier: MIT */

/* The second person's approval, recorded for a run that was approved by one, or that waits for them at a
 * step. */

#include "config.h"

#include "slip-cosign-dialog.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-cosign-group.h"

struct _SlipCosignDialog
{
  AdwWindow parent_instance;

  SlipWorkbench *workbench; /* owned */
  SlipRun *run;             /* owned */
  SlipCosignGroup *group;
  GtkWidget *take;
  gboolean taking;
  gboolean starts; /* the run goes on once it is recorded */
};

G_DEFINE_FINAL_TYPE (SlipCosignDialog, slip_cosign_dialog, ADW_TYPE_WINDOW)

static void
update (SlipCosignDialog *self)
{
  gtk_widget_set_sensitive (self->take,
                            !self->taking && slip_cosign_group_get_text (self->group) != NULL);
}

static void
taken_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipCosignDialog) self = data;
  g_autoptr (GError) error = NULL;

  self->taking = FALSE;
  if (!slip_runner_control_finish (SLIP_RUNNER (source), result, &error))
    {
      update (self);
      slip_confirm_message (GTK_WIDGET (self), _ ("The cosignature was not taken"), error->message);
      return;
    }
  if (self->starts)
    slip_workbench_start_run (self->workbench, slip_run_get_id (self->run),
                              slip_run_get_title (self->run));
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
take_cb (SlipCosignDialog *self)
{
  g_autoptr (SlipRunner) runner = NULL;

  if (self->taking || slip_cosign_group_get_text (self->group) == NULL)
    return;
  self->taking = TRUE;
  update (self);
  runner = slip_workbench_ref_runner (self->workbench, slip_run_get_id (self->run));
  slip_runner_control_async (runner, SLIP_RUNNER_COSIGN, NULL,
                             slip_cosign_group_get_text (self->group), NULL, taken_cb,
                             g_object_ref (self));
}

/* What is being written into the ledger cannot be called back by closing a window. */
static gboolean
slip_cosign_dialog_close_request (GtkWindow *window)
{
  if (SLIP_COSIGN_DIALOG (window)->taking)
    return TRUE;
  return GTK_WINDOW_CLASS (slip_cosign_dialog_parent_class)->close_request (window);
}

static void
slip_cosign_dialog_dispose (GObject *object)
{
  SlipCosignDialog *self = SLIP_COSIGN_DIALOG (object);

  g_clear_object (&self->run);
  g_clear_object (&self->workbench);
  G_OBJECT_CLASS (slip_cosign_dialog_parent_class)->dispose (object);
}

static void
slip_cosign_dialog_class_init (SlipCosignDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_cosign_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = slip_cosign_dialog_close_request;
  gtk_widget_class_add_binding_action (GTK_WIDGET_CLASS (klass), GDK_KEY_Escape, 0, "window.close",
                                       NULL);
}

static void
slip_cosign_dialog_init (SlipCosignDialog *self)
{
  gtk_window_set_title (GTK_WINDOW (self), _ ("Cosignature"));
  gtk_window_set_modal (GTK_WINDOW (self), TRUE);
  gtk_window_set_default_size (GTK_WINDOW (self), 700, 480);
}

static GtkWidget *
new_frame (SlipCosignDialog *self, SlipEnvironment *environment)
{
  GtkWidget *frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *badge = gtk_label_new (environment != NULL ? slip_environment_get_title (environment)
                                                        : slip_run_get_environment (self->run));

  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (badge, "environment-badge");
  gtk_widget_add_css_class (frame, "slip-frame");
  if (environment != NULL && slip_environment_is_protected (environment))
    {
      gtk_widget_add_css_class (badge, "protected");
      gtk_widget_add_css_class (frame, "protected");
    }
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), badge);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_set_margin_start (GTK_WIDGET (self->group), 18);
  gtk_widget_set_margin_end (GTK_WIDGET (self->group), 18);
  gtk_widget_set_margin_top (GTK_WIDGET (self->group), 12);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->group), 18);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->group));
  gtk_widget_add_css_class (bar, "wizard-bar");
  gtk_widget_set_hexpand (self->take, TRUE);
  gtk_widget_set_halign (self->take, GTK_ALIGN_END);
  gtk_box_append (GTK_BOX (bar), self->take);
  gtk_box_append (GTK_BOX (frame), header);
  gtk_box_append (GTK_BOX (frame), scroller);
  gtk_box_append (GTK_BOX (frame), bar);
  return frame;
}

/* A second click must not put a second dialog over the first. */
static GtkWindow *
find_dialog (SlipRun *run)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (SLIP_IS_COSIGN_DIALOG (window) && SLIP_COSIGN_DIALOG (window)->run == run)
        return window; /* The toolkit keeps it. */
    }
  return NULL;
}

void
slip_cosign_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run)
{
  SlipCosignDialog *self;
  gboolean step;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (SLIP_IS_RUN (run));

  if (!slip_run_needs_cosignature (run))
    return;
  if (find_dialog (run) != NULL)
    {
      gtk_window_present (find_dialog (run));
      return;
    }
  step = slip_run_get_need_says (run) != NULL;
  self = g_object_new (SLIP_TYPE_COSIGN_DIALOG, "transient-for",
                       GTK_WINDOW (gtk_widget_get_root (parent)), NULL);
  self->workbench = g_object_ref (workbench);
  self->run = g_object_ref (run);
  self->starts = step || slip_run_get_state (run) == SLIP_RUN_APPROVED;
  self->group
      = SLIP_COSIGN_GROUP (step ? slip_cosign_group_new_for_step (workbench, run)
                                : slip_cosign_group_new (workbench, slip_run_get_plan (run)));
  self->take = gtk_button_new_with_label (step           ? _ ("Record and Go On")
                                          : self->starts ? _ ("Record and Start")
                                                         : _ ("Record"));
  gtk_widget_add_css_class (self->take,
                            !step && slip_plan_get_point_of_no_return (slip_run_get_plan (run)) >= 0
                                ? "destructive-action"
                                : "suggested-action");
  g_signal_connect_object (self->take, "clicked", G_CALLBACK (take_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->group, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  adw_window_set_content (ADW_WINDOW (self),
                          new_frame (self, slip_workbench_find_environment (
                                               workbench, slip_run_get_environment (run))));
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}
