/* SPDX-License-Identifier: MIT */

/* One-time codes. The worker that needs credentials waits; the dialog runs on the main thread; what
 * was typed goes back through a queue. Whoever gives up first, nobody hangs: the worker looks at its
 * cancellable while it waits, and every way of closing the dialog is an answer. */

#include "config.h"

#include "slip-mfa.h"

#include <glib/gi18n.h>

#include "slip-confirm.h"
#include "slip-handoff.h"

#define POLL_US (200 * 1000)

typedef struct
{
  gatomicrefcount refs;
  SlipHandoffQueue *answers; /* owned; char *, "" for none */
  char *serial;
  char *purpose;
  GCancellable
      *dialog_cancellable; /* owned; only touched on the main thread but for its creation */
  SlipMfaContext *context;
} Question;

static Question *
question_ref (Question *question)
{
  g_atomic_ref_count_inc (&question->refs);
  return question;
}

static void
question_unref (gpointer data)
{
  Question *question = data;

  if (!g_atomic_ref_count_dec (&question->refs))
    return;
  slip_handoff_queue_unref (question->answers);
  g_free (question->serial);
  g_free (question->purpose);
  g_object_unref (question->dialog_cancellable);
  g_free (question);
}

static void
free_answer (gpointer data)
{
  char *answer = data;

  memset (answer, 0, strlen (answer));
  g_free (answer);
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  char *text = NULL;

  if (!slip_confirm_finish (result, &text))
    g_clear_pointer (&text, free_answer);
  slip_handoff_queue_push (question->answers, text != NULL ? text : g_strdup (""));
  question_unref (question);
}

static gboolean
show_in_main_loop (gpointer data)
{
  Question *question = data;
  SlipEnvironment *environment = question->context->environment;
  GtkWindow *window = question->context->application != NULL
                          ? gtk_application_get_active_window (question->context->application)
                          : NULL;
  g_autofree char *body = NULL;
  SlipConfirm confirm = {
      .heading = _ ("One-time code"),
      .verb = _ ("_Sign In"),
      .entry_title = _ ("Code"),
  };

  body = g_strdup_printf (_ ("To sign in for %s, enter the code that %s shows now."),
                          question->purpose, question->serial);
  confirm.body = body;
  if (environment != NULL)
    {
      confirm.environment_title = slip_environment_get_title (environment);
      confirm.environment_protected = slip_environment_is_protected (environment);
    }
  slip_confirm_async (window != NULL ? GTK_WIDGET (window) : NULL, &confirm,
                      question->dialog_cancellable, answered_cb, question_ref (question));
  return G_SOURCE_REMOVE;
}

static gboolean
withdraw_in_main_loop (gpointer data)
{
  Question *question = data;

  g_cancellable_cancel (question->dialog_cancellable);
  return G_SOURCE_REMOVE;
}

char *
slip_mfa_ask (const char *serial, const char *purpose, GCancellable *cancellable, gpointer data)
{
  Question *question = g_new0 (Question, 1);
  char *answer = NULL;

  g_return_val_if_fail (data != NULL, NULL);

  g_atomic_ref_count_init (&question->refs);
  question->answers = slip_handoff_queue_new (free_answer);
  question->serial = g_strdup (serial != NULL ? serial : _ ("your device"));
  question->purpose = g_strdup (purpose != NULL ? purpose : _ ("AWS"));
  question->dialog_cancellable = g_cancellable_new ();
  question->context = data;

  slip_handoff_invoke (NULL, show_in_main_loop, question_ref (question), question_unref);
  while (answer == NULL)
    {
      answer = slip_handoff_queue_timed_pop (question->answers, POLL_US);
      if (answer == NULL && g_cancellable_is_cancelled (cancellable))
        {
          slip_handoff_invoke (NULL, withdraw_in_main_loop, question_ref (question),
                               question_unref);
          break;
        }
    }
  question_unref (question);
  if (answer != NULL && answer[0] == '\0')
    g_clear_pointer (&answer, g_free);
  return answer;
}

void
slip_mfa_attach (SlipWorkbench *workbench, GtkApplication *application)
{
  GListModel *environments
      = slip_workspace_get_environments (slip_workbench_get_workspace (workbench));

  for (guint i = 0; i < g_list_model_get_n_items (environments); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (environments, i);
      SlipMfaContext *context = g_object_get_data (G_OBJECT (environment), "mfa-context");

      if (context != NULL)
        continue;
      context = g_new0 (SlipMfaContext, 1);
      context->application = application;
      context->environment = environment;
      /* Lives with the environment, whose clients hold the callback. */
      g_object_set_data_full (G_OBJECT (environment), "mfa-context", context, g_free);
      slip_environment_set_mfa_callback (environment, slip_mfa_ask, context);
    }
}
