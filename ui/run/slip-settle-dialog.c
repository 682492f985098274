/* SPDX-License-Identifier: MIT */

/* What became of a change without a run, when its process was killed or no answer told it. The person
 * says it; CloudTrail is asked when they want it, and only where it proves something does it stand in for
 * a note. Looking and recording are the functions of `slipwayctl ledger settle`. */

#include "config.h"

#include "slip-settle-dialog.h"

#include <glib/gi18n.h>

#include "slip-caller-workspace.h"
#include "slip-confirm.h"
#include "slip-field-list.h"
#include "slip-format.h"
#include "slip-json-view.h"
#include "slip-task.h"

struct _SlipSettleDialog
{
  AdwWindow parent_instance;

  GtkWidget *frame;
  GtkLabel *badge;
  SlipFieldList *fields;
  GtkBox *request;
  GtkWidget *look;
  GtkLabel *seen;
  GtkCheckButton *did;
  GtkCheckButton *did_not;
  GtkEditable *note;
  GtkWidget *record;

  SlipWorkbench *workbench; /* owned */
  SlipOpenCall *call;       /* owned */
  SlipJob *looking;         /* owned */
  char *proof;              /* what CloudTrail proves, or NULL */
  gboolean recording;
};

G_DEFINE_FINAL_TYPE (SlipSettleDialog, slip_settle_dialog, ADW_TYPE_WINDOW)

/* The worker's own half of the dialog's question. */
typedef struct
{
  SlipOpenCall *call;
  SlipCaller *caller; /* when it looks */
  SlipLedger *ledger; /* when it records */
  SlipOpenCallFate fate;
  char *text;
  const char *how;
  gboolean did;
} Settling;

static void
settling_free (gpointer data)
{
  Settling *settling = data;

  slip_open_call_free (settling->call);
  g_clear_pointer (&settling->caller, slip_caller_unref);
  g_clear_object (&settling->ledger);
  g_free (settling->text);
  g_free (settling);
}

static Settling *
settling_new (SlipSettleDialog *self)
{
  Settling *settling = g_new0 (Settling, 1);

  settling->call = slip_open_call_copy (self->call);
  return settling;
}

static gboolean
is_proven (SlipSettleDialog *self)
{
  return self->proof != NULL && gtk_check_button_get_active (self->did);
}

static void
update (SlipSettleDialog *self)
{
  gboolean said
      = gtk_check_button_get_active (self->did) || gtk_check_button_get_active (self->did_not);
  gboolean explained = is_proven (self) || gtk_editable_get_text (self->note)[0] != '\0';

  gtk_widget_set_sensitive (self->record, said && explained && !self->recording);
}

static void
show_seen (SlipSettleDialog *self, const char *text)
{
  gtk_label_set_label (self->seen, text);
  gtk_widget_set_visible (GTK_WIDGET (self->seen), TRUE);
}

static gboolean
look (SlipJob *job, gpointer data, GError **error)
{
  Settling *settling = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  return slip_open_call_look (settling->call, settling->caller, &settling->fate, &settling->text,
                              cancellable, error);
}

static void
looked_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipSettleDialog *self = owner;
  Settling *settling = data;
  g_autofree char *failure = NULL;

  g_clear_object (&self->looking);
  gtk_widget_set_sensitive (self->look, TRUE);
  if (error != NULL)
    {
      failure = g_strdup_printf (_ ("CloudTrail could not be asked: %s"), error->message);
      show_seen (self, failure);
      return;
    }
  show_seen (self, settling->text);
  if (settling->fate == SLIP_OPEN_CALL_DID)
    {
      g_free (self->proof);
      self->proof = g_strdup (settling->text);
      gtk_check_button_set_active (self->did, TRUE);
    }
  update (self);
}

static void
look_cb (SlipSettleDialog *self)
{
  Settling *settling = settling_new (self);

  settling->caller = slip_caller_new_for_workspace (slip_workbench_get_workspace (self->workbench));
  gtk_widget_set_sensitive (self->look, FALSE);
  show_seen (self, _ ("Reading CloudTrail…"));
  self->looking = slip_task_run (self, slip_pool_get_io (), _ ("Reading CloudTrail"), look,
                                 looked_cb, settling, settling_free);
}

static gboolean
record (SlipJob *job, gpointer data, GError **error)
{
  Settling *settling = data;

  return slip_open_call_settle (settling->call, settling->ledger, settling->did, settling->how,
                                settling->text, error);
}

static void
recorded_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipSettleDialog *self = owner;

  self->recording = FALSE;
  if (error == NULL)
    {
      gtk_window_destroy (GTK_WINDOW (self));
      return;
    }
  update (self);
  slip_confirm_message (GTK_WIDGET (self), _ ("It was not recorded"), error->message);
}

static void
record_cb (SlipSettleDialog *self)
{
  const char *note = gtk_editable_get_text (self->note);
  gboolean proven = is_proven (self);
  Settling *settling = settling_new (self);
  g_autoptr (SlipJob) job = NULL;

  self->recording = TRUE;
  update (self);
  settling->ledger = g_object_ref (slip_workbench_get_ledger (self->workbench));
  settling->did = gtk_check_button_get_active (self->did);
  settling->how = proven ? "cloudtrail" : "stated";
  if (proven && note[0] != '\0')
    settling->text = g_strdup_printf ("%s. %s", self->proof, note);
  else
    settling->text = g_strdup (proven ? self->proof : note);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Recording"), record, recorded_cb, settling,
                       settling_free);
}

/* What is being written into the ledger cannot be called back by closing a window. */
static gboolean
slip_settle_dialog_close_request (GtkWindow *window)
{
  if (SLIP_SETTLE_DIALOG (window)->recording)
    return TRUE;
  return GTK_WINDOW_CLASS (slip_settle_dialog_parent_class)->close_request (window);
}

static void
slip_settle_dialog_dispose (GObject *object)
{
  SlipSettleDialog *self = SLIP_SETTLE_DIALOG (object);

  if (self->looking != NULL)
    slip_job_cancel (self->looking);
  g_clear_object (&self->looking);
  g_clear_object (&self->workbench);
  g_clear_pointer (&self->call, slip_open_call_free);
  g_clear_pointer (&self->proof, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_SETTLE_DIALOG);
  G_OBJECT_CLASS (slip_settle_dialog_parent_class)->dispose (object);
}

static void
slip_settle_dialog_class_init (SlipSettleDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_settle_dialog_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = slip_settle_dialog_close_request;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/run/slip-settle-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, frame);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, badge);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, fields);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, request);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, look);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, seen);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, did);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, did_not);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, note);
  gtk_widget_class_bind_template_child (widget_class, SlipSettleDialog, record);
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, look_cb);
  gtk_widget_class_bind_template_callback (widget_class, record_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
slip_settle_dialog_init (SlipSettleDialog *self)
{
  g_type_ensure (SLIP_TYPE_FIELD_LIST);
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_environment (SlipSettleDialog *self)
{
  SlipEnvironment *environment
      = self->call->environment != NULL
            ? slip_workbench_find_environment (self->workbench, self->call->environment)
            : NULL;

  gtk_label_set_label (self->badge, environment != NULL ? slip_environment_get_title (environment)
                                    : self->call->environment != NULL ? self->call->environment
                                                                      : _ ("no environment"));
  gtk_widget_set_sensitive (self->look, environment != NULL);
  if (environment == NULL)
    show_seen (self, _ ("The workspace has no such environment, so that CloudTrail cannot be "
                        "asked from here."));
  else if (slip_environment_is_protected (environment))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self->badge), "protected");
      gtk_widget_add_css_class (self->frame, "protected");
    }
}

static void
show_call (SlipSettleDialog *self)
{
  const SlipOpenCall *call = self->call;
  g_autofree char *operation = g_strdup_printf ("%s:%s", call->service, call->operation);
  g_autofree char *time = slip_format_time (call->time);
  g_autofree char *age = slip_format_age (call->time, g_get_real_time ());
  g_autofree char *when = g_strdup_printf (_ ("%s, %s ago, by %s"), time, age, call->actor);
  g_autofree char *account = slip_format_account (call->account != NULL ? call->account : "");
  g_autofree char *where
      = g_strdup_printf ("%s · %s", account, call->region != NULL ? call->region : "");
  g_autofree char *why = g_strdup_printf (
      call->lost ? _ ("no answer came that tells it (entry %" G_GINT64_FORMAT " of the audit log)")
                 : _ ("its process ended before the answer came (entry "
                      "%" G_GINT64_FORMAT " of the audit log)"),
      call->seq);

  slip_field_list_add (self->fields, _ ("Call"), operation);
  slip_field_list_add (self->fields, _ ("When"), when);
  slip_field_list_add (self->fields, _ ("Where"), where);
  slip_field_list_add (self->fields, _ ("Not known because"), why);
  gtk_widget_set_visible (GTK_WIDGET (self->request), call->request != NULL);
  if (call->request != NULL)
    {
      GtkWidget *json = slip_json_view_new (_ ("Its request"));

      slip_json_view_set_node (SLIP_JSON_VIEW (json), call->request);
      gtk_widget_set_size_request (json, -1, 84);
      gtk_widget_set_hexpand (json, TRUE);
      gtk_box_append (self->request, json);
    }
}

/* A second click must not put a second dialog over the first. */
static GtkWindow *
find_dialog (const SlipOpenCall *call)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (SLIP_IS_SETTLE_DIALOG (window) && SLIP_SETTLE_DIALOG (window)->call->seq == call->seq)
        return window; /* The toolkit keeps it. */
    }
  return NULL;
}

void
slip_settle_dialog_present (GtkWidget *parent, SlipWorkbench *workbench, const SlipOpenCall *call)
{
  SlipSettleDialog *self;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (call != NULL);

  if (find_dialog (call) != NULL)
    {
      gtk_window_present (find_dialog (call));
      return;
    }
  self = g_object_new (SLIP_TYPE_SETTLE_DIALOG, "transient-for",
                       GTK_WINDOW (gtk_widget_get_root (parent)), NULL);
  self->workbench = g_object_ref (workbench);
  self->call = slip_open_call_copy (call);
  show_environment (self);
  show_call (self);
  update (self);
  gtk_window_present (GTK_WINDOW (self));
}
