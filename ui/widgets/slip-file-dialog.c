/* SPDX-License-Identifier: MIT */

/* Asking for a file. Has the shape of the async file dialog of later GTK releases, over the native
 * chooser of this one, so that moving on is a change of this file only. */

#include "config.h"

#include "slip-file-dialog.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"

static GFile *prepared;  /* owned; what the next question is answered with, or NULL */
static SlipLedger *kept; /* weak; whose files are no answer, or NULL */

void
slip_file_dialog_keep (SlipLedger *ledger)
{
  g_set_weak_pointer (&kept, ledger);
}

gboolean
slip_file_dialog_refuse (GtkWidget *parent, GFile *file)
{
  g_autofree char *text = NULL;

  g_return_val_if_fail (G_IS_FILE (file), TRUE);

  if (kept == NULL || g_file_peek_path (file) == NULL
      || !slip_ledger_is_file (kept, g_file_peek_path (file)))
    return FALSE;
  text = g_strdup_printf (
      _ ("%s holds what this workbench records. Opened or overwritten from here it "
         "could lose entries: choose another file. What is verified or given away "
         "is an exported file."),
      g_file_peek_path (file));
  slip_confirm_message (parent, _ ("This is the audit log itself"), text);
  return TRUE;
}

/* Takes the task and the file. */
static void
answer (GTask *task, GFile *file)
{
  if (file != NULL && slip_file_dialog_refuse (g_task_get_task_data (task), file))
    g_clear_object (&file);
  g_task_return_pointer (task, file, g_object_unref);
  g_object_unref (task);
}

static void
response_cb (GtkNativeDialog *dialog, int response, GTask *task)
{
  answer (task, response == GTK_RESPONSE_ACCEPT
                    ? gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog))
                    : NULL);
  g_object_unref (dialog);
}

static void
ask (GtkWidget *parent,
     const char *title,
     GtkFileChooserAction action,
     const char *name,
     GAsyncReadyCallback callback,
     gpointer user_data)
{
  GtkRoot *root = parent != NULL ? gtk_widget_get_root (parent) : NULL;
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  GtkFileChooserNative *dialog;

  g_task_set_source_tag (task, ask);
  if (parent != NULL)
    g_task_set_task_data (task, g_object_ref (parent), g_object_unref);
  if (prepared != NULL)
    {
      answer (task, g_steal_pointer (&prepared));
      return;
    }
  dialog = gtk_file_chooser_native_new (title, GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL,
                                        action, NULL, NULL);
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  if (name != NULL)
    gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);
  g_signal_connect (dialog, "response", G_CALLBACK (response_cb), task);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

void
slip_file_dialog_prepare_answer (GFile *file)
{
  g_set_object (&prepared, file);
}

void
slip_file_dialog_save_async (GtkWidget *parent,
                             const char *title,
                             const char *name,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (title != NULL);
  ask (parent, title, GTK_FILE_CHOOSER_ACTION_SAVE, name, callback, user_data);
}

void
slip_file_dialog_open_async (GtkWidget *parent,
                             const char *title,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (title != NULL);
  ask (parent, title, GTK_FILE_CHOOSER_ACTION_OPEN, NULL, callback, user_data);
}

typedef struct
{
  GtkWidget *window; /* owned */
  char *kind;
} Opening;

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Opening *opening = data;
  g_autoptr (GFile) file = slip_file_dialog_finish (result);

  if (file != NULL && g_file_peek_path (file) != NULL)
    {
      g_autofree char *page_id = g_strdup_printf ("%s/%s", opening->kind, g_file_peek_path (file));

      gtk_widget_activate_action (opening->window, "win.go", "s", page_id);
    }
  g_object_unref (opening->window);
  g_free (opening->kind);
  g_free (opening);
}

void
slip_file_dialog_open_page (GtkWidget *window, const char *title, const char *kind)
{
  Opening *opening;

  g_return_if_fail (GTK_IS_WIDGET (window));
  g_return_if_fail (kind != NULL);

  opening = g_new0 (Opening, 1);
  opening->window = g_object_ref (window);
  opening->kind = g_strdup (kind);
  slip_file_dialog_open_async (window, title, opened_cb, opening);
}

GFile *
slip_file_dialog_finish (GAsyncResult *result)
{
  g_return_val_if_fail (g_async_result_is_tagged (result, ask), NULL);
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
