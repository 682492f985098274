/* SPDX-License-Identifier: MIT */

/* Where a cosignature is taken. It is verified here so that a wrong one is told before anything is
 * written; the run verifies it again, by the same function, when it is recorded. */

#include "config.h"

#include "slip-cosign-group.h"

#include <glib/gi18n.h>

#include "slip-cosign.h"
#include "slip-file-dialog.h"
#include "slip-file.h"
#include "slip-plain.h"
#include "slip-plan-files.h"
#include "slip-plan-summary.h"
#include "slip-status.h"
#include "slip-task.h"

struct _SlipCosignGroup
{
  AdwBin parent_instance;

  SlipWorkbench *workbench; /* owned */
  SlipPlan *plan;           /* owned */
  SlipRun *run;             /* owned; NULL for the plan itself */
  char *command;
  char *text;    /* the cosignature that was found good */
  char *message; /* why the last one was refused */
  SlipStatus *status;
  GtkLabel *verdict;
  guint generation; /* of what was taken; an older answer is of no use */
};

G_DEFINE_FINAL_TYPE (SlipCosignGroup, slip_cosign_group, ADW_TYPE_BIN)

static guint signal_changed;

/* ---- verifying */

typedef struct
{
  SlipWorkspace *workspace; /* owned */
  SlipPlan *plan;           /* owned */
  GFile *file;              /* owned, nullable */
  char *run;                /* with the next three: what a step asks; NULL for the plan itself */
  char *step;
  char *says;
  char *after;
  char *text;
  SlipCosignature *cosignature;
  guint generation;
} Verify;

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  g_object_unref (verify->workspace);
  g_object_unref (verify->plan);
  g_clear_object (&verify->file);
  g_free (verify->run);
  g_free (verify->step);
  g_free (verify->says);
  g_free (verify->after);
  g_free (verify->text);
  slip_cosignature_free (verify->cosignature);
  g_free (verify);
}

static gboolean
read_file (Verify *verify, GError **error)
{
  const char *path = g_file_peek_path (verify->file);

  if (path == NULL)
    {
      g_set_error_literal (error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                           _ ("That is no file of this machine. Save it here first."));
      return FALSE;
    }
  verify->text = slip_cosign_read_file (path, error);
  return verify->text != NULL;
}

static gboolean
verify (SlipJob *job, gpointer data, GError **error)
{
  Verify *self = data;
  const char *environment = slip_plan_get_environment (self->plan);
  g_autoptr (SlipRunCaller) caller = NULL;
  g_autoptr (SlipAwsIdentity) ours = NULL;
  const SlipCosignQuestion question = {self->run, self->step, self->says, self->after};

  if (self->text == NULL && !read_file (self, error))
    return FALSE;
  caller = slip_run_caller_new_for_workspace (self->workspace, "cosign");
  ours = slip_run_caller_identity (caller, environment, NULL, error);
  if (ours == NULL)
    return FALSE;
  self->cosignature
      = self->run != NULL
            ? slip_cosign_verify_for_step (caller, self->plan, &question, self->text, ours->arn,
                                           NULL, error)
            : slip_cosign_verify (caller, self->plan, self->text, ours->arn, NULL, error);
  return self->cosignature != NULL;
}

static void
show (SlipCosignGroup *self, SlipTone tone, const char *word, const char *text)
{
  slip_status_set (self->status, tone, word);
  gtk_label_set_label (self->verdict, text);
}

static void
verified_cb (gpointer owner, gpointer data, const GError *error)
{
  SlipCosignGroup *self = owner;
  Verify *done = data;
  g_autofree char *text = NULL;

  if (done->generation != self->generation)
    return;
  if (error != NULL)
    {
      self->message = g_strdup (error->message);
      show (self, SLIP_TONE_BAD, _ ("refused"), error->message);
    }
  else
    {
      self->text = g_steal_pointer (&done->text);
      text = g_strdup_printf (_ ("AWS says: %s of account %s"), done->cosignature->identity->arn,
                              done->cosignature->identity->account);
      show (self, SLIP_TONE_GOOD, _ ("cosigned"), text);
    }
  g_signal_emit (self, signal_changed, 0);
}

static void
begin (SlipCosignGroup *self, const char *text, GFile *file)
{
  Verify *data = g_new0 (Verify, 1);
  g_autoptr (SlipJob) job = NULL;

  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->message, g_free);
  data->workspace = g_object_ref (slip_workbench_get_workspace (self->workbench));
  data->plan = g_object_ref (self->plan);
  if (self->run != NULL)
    {
      data->run = g_strdup (slip_run_get_id (self->run));
      data->step = g_strdup (slip_run_get_need_step (self->run));
      data->says = g_strdup (slip_run_get_need_says (self->run));
      data->after = g_strdup (slip_run_get_need_after (self->run));
    }
  data->text = g_strdup (text);
  data->file = file != NULL ? g_object_ref (file) : NULL;
  data->generation = ++self->generation;
  show (self, SLIP_TONE_BUSY, _ ("asking AWS"), _ ("STS is asked who made it."));
  g_signal_emit (self, signal_changed, 0);
  job = slip_task_run (self, slip_pool_get_io (), _ ("Verifying the cosignature"), verify,
                       verified_cb, data, verify_free);
}

void
slip_cosign_group_take (SlipCosignGroup *self, const char *text)
{
  g_return_if_fail (SLIP_IS_COSIGN_GROUP (self));
  g_return_if_fail (text != NULL);
  begin (self, text, NULL);
}

void
slip_cosign_group_take_file (SlipCosignGroup *self, GFile *file)
{
  g_return_if_fail (SLIP_IS_COSIGN_GROUP (self));
  g_return_if_fail (G_IS_FILE (file));
  begin (self, NULL, file);
}

/* ---- taking */

static void
chosen_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipCosignGroup) self = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL)
    slip_cosign_group_take_file (self, file);
}

static void
choose_cb (SlipCosignGroup *self)
{
  slip_file_dialog_open_async (GTK_WIDGET (self), _ ("Open a cosignature"), chosen_cb,
                               g_object_ref (self));
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (SlipCosignGroup) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, &error);

  if (text != NULL)
    slip_cosign_group_take (self, text);
  else
    show (self, SLIP_TONE_BAD, _ ("refused"),
          error != NULL ? error->message : _ ("There is no text on the clipboard."));
}

static void
paste_cb (SlipCosignGroup *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, pasted_cb,
                                 g_object_ref (self));
}

static gboolean
drop_cb (SlipCosignGroup *self, const GValue *value)
{
  if (G_VALUE_HOLDS (value, G_TYPE_FILE))
    {
      if (!slip_file_dialog_refuse (GTK_WIDGET (self), g_value_get_object (value)))
        slip_cosign_group_take_file (self, g_value_get_object (value));
    }
  else if (G_VALUE_HOLDS_STRING (value))
    slip_cosign_group_take (self, g_value_get_string (value));
  else
    return FALSE;
  return TRUE;
}

static void
copy_cb (SlipCosignGroup *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->command);
  slip_workbench_toast (self->workbench, _ ("Command copied"));
}

static void
save_cb (SlipCosignGroup *self)
{
  slip_plan_files_save_ask (GTK_WIDGET (self), self->workbench, self->plan);
}

/* ---- what the colleague does */

/* On the rehearsal estate the colleague's desk is a folder beside ours. */
static char *
dup_second_workspace (SlipCosignGroup *self)
{
  g_autofree char *folder
      = g_path_get_dirname (slip_workbench_get_workspace_path (self->workbench));
  g_autofree char *path = g_build_filename (folder, "second", "workspace.json", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : NULL;
}

/* Without a hash: it shows what was read, and asks for the first digits of just that. One that came with the
 * command would vouch for whatever file came with it. */
static char *
dup_command (SlipCosignGroup *self)
{
  g_autoptr (GString) command = g_string_new ("slipwayctl");
  g_autofree char *second = dup_second_workspace (self);

  if (second != NULL)
    {
      g_autofree char *quoted = g_shell_quote (second);

      g_string_append_printf (command, " --workspace %s", quoted);
    }
  if (self->run != NULL)
    {
      g_autofree char *words = slip_run_dup_cosign_words (self->run);
      g_autofree char *file = slip_run_dup_cosign_file (self->run);

      g_string_append_printf (command, " cosign plan.json %s -o %s", words, file);
    }
  else
    g_string_append (command, " cosign plan.json -o cosignature.json");
  return g_string_free (g_steal_pointer (&command), FALSE);
}

static GtkWidget *
new_button (SlipCosignGroup *self, const char *label, GCallback callback)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  g_signal_connect_object (button, "clicked", callback, self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
new_how (SlipCosignGroup *self, const char *title, const char *text, GtkWidget *button)
{
  GtkWidget *row = slip_plan_summary_new_row (title, text);

  if (button != NULL)
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  return row;
}

static GtkWidget *
new_verdict (SlipCosignGroup *self)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);

  self->status = SLIP_STATUS (slip_status_new ());
  self->verdict = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_wrap (self->verdict, TRUE);
  gtk_label_set_wrap_mode (self->verdict, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (self->verdict, 0);
  gtk_label_set_selectable (self->verdict, TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self->verdict), TRUE);
  gtk_widget_set_valign (GTK_WIDGET (self->status), GTK_ALIGN_START);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->verdict), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("What is known of the cosignature"), -1);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->status));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->verdict));
  gtk_widget_add_css_class (box, "cosign-verdict");
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Cosignature"));
  return row;
}

static char *
dup_description (SlipCosignGroup *self)
{
  const char *why = slip_plan_get_pairing (self->plan);

  if (self->run != NULL)
    return g_strdup_printf (
        _ ("Step %s waits for somebody else of the same account, who looks for themselves and "
           "vouches that %s. AWS says who that was. What they hand over holds for 15 minutes."),
        slip_run_get_need_step (self->run), slip_run_get_need_says (self->run));
  return g_strdup_printf (
      _ ("%c%s. Somebody else of the same account reads the plan and cosigns it; AWS says who that "
         "was. What they hand over holds for 15 minutes."),
      g_ascii_toupper (why[0]), why + 1);
}

static void
fill (SlipCosignGroup *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  GtkWidget *take = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  g_autofree char *description = dup_description (self);

  slip_plain_set_group (group, _ ("A second person"), description);
  adw_preferences_group_add (
      group, new_how (self, _ ("1  Hand over the plan"), _ ("As a file. It holds no secrets."),
                      new_button (self, _ ("Save Plan…"), G_CALLBACK (save_cb))));
  adw_preferences_group_add (
      group, new_how (self,
                      self->run != NULL ? _ ("2  Your colleague looks, and vouches for it")
                                        : _ ("2  Your colleague reads and cosigns it"),
                      self->command, new_button (self, _ ("Copy Command"), G_CALLBACK (copy_cb))));
  gtk_box_append (GTK_BOX (take), new_button (self, _ ("Paste"), G_CALLBACK (paste_cb)));
  gtk_box_append (GTK_BOX (take), new_button (self, _ ("Choose File…"), G_CALLBACK (choose_cb)));
  adw_preferences_group_add (
      group, new_how (self, _ ("3  Take the cosignature"),
                      _ ("Choose the file, drop it here, or paste its text."), take));
  adw_preferences_group_add (group, new_verdict (self));
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (group));
  show (self, SLIP_TONE_WARNING, _ ("missing"),
        self->run != NULL ? _ ("Nobody has vouched for this step.")
                          : _ ("Nobody has cosigned this plan."));
}

static void
add_drop_target (SlipCosignGroup *self)
{
  GType types[] = {G_TYPE_FILE, G_TYPE_STRING};
  GtkDropTarget *target = gtk_drop_target_new (G_TYPE_INVALID, GDK_ACTION_COPY);

  gtk_drop_target_set_gtypes (target, types, G_N_ELEMENTS (types));
  g_signal_connect_object (target, "drop", G_CALLBACK (drop_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));
}

static void
slip_cosign_group_finalize (GObject *object)
{
  SlipCosignGroup *self = SLIP_COSIGN_GROUP (object);

  g_clear_object (&self->workbench);
  g_clear_object (&self->plan);
  g_clear_object (&self->run);
  g_free (self->command);
  g_free (self->text);
  g_free (self->message);
  G_OBJECT_CLASS (slip_cosign_group_parent_class)->finalize (object);
}

static void
slip_cosign_group_class_init (SlipCosignGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_cosign_group_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_COSIGN_GROUP, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_cosign_group_init (SlipCosignGroup *self)
{
  add_drop_target (self);
}

static GtkWidget *
new_group (SlipWorkbench *workbench, SlipPlan *plan, SlipRun *run)
{
  SlipCosignGroup *self = g_object_new (SLIP_TYPE_COSIGN_GROUP, NULL);

  self->workbench = g_object_ref (workbench);
  self->plan = g_object_ref (plan);
  self->run = run != NULL ? g_object_ref (run) : NULL;
  self->command = dup_command (self);
  fill (self);
  return GTK_WIDGET (self);
}

GtkWidget *
slip_cosign_group_new (SlipWorkbench *workbench, SlipPlan *plan)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench), NULL);
  g_return_val_if_fail (slip_plan_get_pairing (plan) != NULL, NULL);

  return new_group (workbench, plan, NULL);
}

GtkWidget *
slip_cosign_group_new_for_step (SlipWorkbench *workbench, SlipRun *run)
{
  g_return_val_if_fail (SLIP_IS_WORKBENCH (workbench), NULL);
  g_return_val_if_fail (slip_run_get_need_says (run) != NULL, NULL);

  return new_group (workbench, slip_run_get_plan (run), run);
}

const char *
slip_cosign_group_get_text (SlipCosignGroup *self)
{
  g_return_val_if_fail (SLIP_IS_COSIGN_GROUP (self), NULL);
  return self->text;
}

const char *
slip_cosign_group_get_message (SlipCosignGroup *self)
{
  g_return_val_if_fail (SLIP_IS_COSIGN_GROUP (self), NULL);
  return self->message;
}

const char *
slip_cosign_group_get_command (SlipCosignGroup *self)
{
  g_return_val_if_fail (SLIP_IS_COSIGN_GROUP (self), NULL);
  return self->command;
}
