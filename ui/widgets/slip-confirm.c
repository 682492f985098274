/* SPDX-License-Identifier: MIT */

/* Questions with a choice. Wraps the toolkit's message dialog, which later releases replace, behind
 * one async function; adds the environment's name, text that must be typed, and free text. */

#include "config.h"

#include "slip-confirm.h"

#include <glib/gi18n.h>

#define RESPONSE_NO "cancel"
#define RESPONSE_YES "confirm"

typedef struct
{
  AdwMessageDialog *dialog; /* borrowed: the window list owns it until the response */
  GtkWidget *entry;         /* borrowed from the dialog, or NULL */
  char *typed;
  char *answer;
  GCancellable *cancellable;
  gulong cancelled_id;
  gboolean has_responded; /* closing the window after a response responds again */
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_free (question->typed);
  if (question->answer != NULL)
    memset (question->answer, 0, strlen (question->answer));
  g_free (question->answer);
  g_clear_object (&question->cancellable);
  g_free (question);
}

static void
update_sensitivity (GtkEditable *editable, GTask *task)
{
  Question *question = g_task_get_task_data (task);
  const char *text = gtk_editable_get_text (editable);
  gboolean ready
      = question->typed != NULL ? g_strcmp0 (text, question->typed) == 0 : text[0] != '\0';

  adw_message_dialog_set_response_enabled (question->dialog, RESPONSE_YES, ready);
  /* Enter behind the whole text means it, and says nothing before: who typed would not see that it was dropped. */
  adw_message_dialog_set_default_response (question->dialog, ready ? RESPONSE_YES : NULL);
}

static void
response_cb (AdwMessageDialog *dialog, const char *response, GTask *task)
{
  Question *question = g_task_get_task_data (task);
  gboolean agreed = g_strcmp0 (response, RESPONSE_YES) == 0;

  if (question->has_responded)
    return;
  question->has_responded = TRUE;
  if (question->cancelled_id != 0)
    {
      gulong id = question->cancelled_id;

      question->cancelled_id = 0;
      g_signal_handler_disconnect (question->cancellable, id);
    }
  if (agreed && question->entry != NULL)
    question->answer = g_strdup (gtk_editable_get_text (GTK_EDITABLE (question->entry)));
  g_task_return_boolean (task, agreed);
}

static gboolean
close_in_main_loop (gpointer data)
{
  adw_message_dialog_response (data, RESPONSE_NO);
  gtk_window_destroy (data);
  return G_SOURCE_REMOVE;
}

static void
cancelled_cb (GCancellable *cancellable, GTask *task)
{
  Question *question = g_task_get_task_data (task);

  g_main_context_invoke_full (NULL, G_PRIORITY_DEFAULT, close_in_main_loop,
                              g_object_ref (question->dialog), g_object_unref);
}

/* The environment's name above everything else: two windows that look alike are how the wrong
 * database gets deleted. */
static GtkWidget *
new_environment_badge (const SlipConfirm *confirm)
{
  GtkWidget *badge = gtk_label_new (confirm->environment_title);

  gtk_widget_set_halign (badge, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (badge, "environment-badge");
  if (confirm->environment_protected)
    gtk_widget_add_css_class (badge, "protected");
  return badge;
}

static GtkWidget *
new_entry (const SlipConfirm *confirm)
{
  const char *title = confirm->entry_title;
  g_autofree char *typed_title = NULL;
  GtkWidget *row;

  if (confirm->typed != NULL)
    title = typed_title = g_strdup_printf (_ ("Type %s to confirm"), confirm->typed);
  row = confirm->entry_secret ? adw_password_entry_row_new () : adw_entry_row_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_entry_row_set_activates_default (ADW_ENTRY_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return row;
}

static void
add_extra (GTask *task, const SlipConfirm *confirm)
{
  Question *question = g_task_get_task_data (task);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  GtkWidget *list;

  if (confirm->environment_title != NULL)
    gtk_box_append (GTK_BOX (box), new_environment_badge (confirm));
  if (confirm->extra != NULL)
    gtk_box_append (GTK_BOX (box), confirm->extra);
  if (confirm->typed != NULL || confirm->entry_title != NULL)
    {
      question->entry = new_entry (confirm);
      list = gtk_list_box_new ();
      gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
      gtk_widget_add_css_class (list, "boxed-list");
      gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      confirm->heading, -1);
      gtk_list_box_append (GTK_LIST_BOX (list), question->entry);
      gtk_box_append (GTK_BOX (box), list);
      g_signal_connect_object (question->entry, "changed", G_CALLBACK (update_sensitivity), task,
                               0);
      update_sensitivity (GTK_EDITABLE (question->entry), task);
    }
  adw_message_dialog_set_extra_child (question->dialog, box);
}

void
slip_confirm_async (GtkWidget *parent,
                    const SlipConfirm *confirm,
                    GCancellable *cancellable,
                    GAsyncReadyCallback callback,
                    gpointer user_data)
{
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Question *question = g_new0 (Question, 1);
  GtkWidget *dialog;

  g_return_if_fail (confirm != NULL && confirm->heading != NULL && confirm->verb != NULL);

  dialog = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                   confirm->heading, confirm->body);
  question->dialog = ADW_MESSAGE_DIALOG (dialog);
  question->typed = g_strdup (confirm->typed);
  g_task_set_source_tag (task, slip_confirm_async);
  g_task_set_task_data (task, question, question_free);

  adw_message_dialog_add_responses (question->dialog, RESPONSE_NO,
                                    confirm->refuse != NULL ? confirm->refuse : _ ("_Cancel"),
                                    RESPONSE_YES, confirm->verb, NULL);
  adw_message_dialog_set_response_appearance (question->dialog, RESPONSE_YES,
                                              confirm->destructive ? ADW_RESPONSE_DESTRUCTIVE
                                                                   : ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_close_response (question->dialog, RESPONSE_NO);
  adw_message_dialog_set_default_response (question->dialog,
                                           confirm->destructive ? RESPONSE_NO : RESPONSE_YES);
  if (confirm->environment_protected)
    gtk_widget_add_css_class (dialog, "protected");
  add_extra (task, confirm);

  g_signal_connect_data (dialog, "response", G_CALLBACK (response_cb), task,
                         (GClosureNotify)(void (*) (void))g_object_unref, 0);
  /* What is typed goes where it is wanted, whatever stands above. */
  if (question->entry != NULL)
    gtk_widget_grab_focus (question->entry);
  gtk_window_present (GTK_WINDOW (dialog));
  if (cancellable != NULL)
    {
      question->cancellable = g_object_ref (cancellable);
      question->cancelled_id
          = g_signal_connect (cancellable, "cancelled", G_CALLBACK (cancelled_cb), task);
      if (g_cancellable_is_cancelled (cancellable))
        cancelled_cb (cancellable, task);
    }
}

gboolean
slip_confirm_finish (GAsyncResult *result, char **text)
{
  Question *question = g_task_get_task_data (G_TASK (result));

  g_return_val_if_fail (g_async_result_is_tagged (result, slip_confirm_async), FALSE);

  if (text != NULL)
    *text = g_steal_pointer (&question->answer);
  return g_task_propagate_boolean (G_TASK (result), NULL);
}

void
slip_confirm_message (GtkWidget *parent, const char *heading, const char *body)
{
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;
  GtkWidget *dialog
      = adw_message_dialog_new (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, heading, body);

  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _ ("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}
