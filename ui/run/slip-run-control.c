/* SPDX-License-Identifier: MIT */

/* What a person tells a run, as dialogs in front of slip_runner_control(). The words are the same
 * wherever a run is controlled from. */

#include "config.h"

#include "slip-run-control.h"

#include <glib/gi18n.h>

#include "slip-approve-dialog.h"
#include "slip-confirm.h"
#include "slip-cosign-dialog.h"

typedef struct
{
  GtkWidget *parent;        /* owned */
  SlipWorkbench *workbench; /* owned */
  SlipRun *run;             /* owned */
  SlipRunAsk ask;
  char *step;
  char *question; /* its name, when it was shown */
} Asking;

typedef struct
{
  const char *label;
  SlipRunnerControl control;
  gboolean starts;
} AskInfo;

static const AskInfo infos[] = {
    [SLIP_RUN_ASK_START] = {N_ ("_Continue"), SLIP_RUNNER_RESUME, TRUE},
    [SLIP_RUN_ASK_APPROVE] = {N_ ("_Approve and Start…"), SLIP_RUNNER_APPROVE, TRUE},
    [SLIP_RUN_ASK_COSIGN] = {N_ ("_Take Cosignature…"), SLIP_RUNNER_COSIGN, TRUE},
    [SLIP_RUN_ASK_PAUSE] = {N_ ("_Pause"), SLIP_RUNNER_PAUSE, FALSE},
    [SLIP_RUN_ASK_RESUME] = {N_ ("_Resume"), SLIP_RUNNER_RESUME, TRUE},
    [SLIP_RUN_ASK_CANCEL] = {N_ ("_Cancel Run…"), SLIP_RUNNER_CANCEL, FALSE},
    [SLIP_RUN_ASK_CONFIRM] = {N_ ("C_onfirm…"), SLIP_RUNNER_CONFIRM, TRUE},
    [SLIP_RUN_ASK_DID] = {N_ ("It _Happened…"), SLIP_RUNNER_DECIDE_DID, TRUE},
    [SLIP_RUN_ASK_DID_NOT] = {N_ ("It Did _Not Happen…"), SLIP_RUNNER_DECIDE_DID_NOT, TRUE},
    [SLIP_RUN_ASK_APPROVE_STEP] = {N_ ("_Approve Step…"), SLIP_RUNNER_APPROVE_STEP, TRUE},
    [SLIP_RUN_ASK_REJECT_STEP] = {N_ ("_Reject Step…"), SLIP_RUNNER_REJECT_STEP, TRUE},
};

static void
asking_free (Asking *asking)
{
  g_object_unref (asking->parent);
  g_object_unref (asking->workbench);
  g_object_unref (asking->run);
  g_free (asking->step);
  g_free (asking->question);
  g_free (asking);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Asking, asking_free)

static void
ensure_started (Asking *asking)
{
  slip_workbench_start_run (asking->workbench, slip_run_get_id (asking->run),
                            slip_run_get_title (asking->run));
}

static void
controlled_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Asking) asking = data;
  g_autoptr (GError) error = NULL;

  if (!slip_runner_control_finish (SLIP_RUNNER (source), result, &error))
    {
      slip_confirm_message (asking->parent, _ ("That was not accepted"), error->message);
      return;
    }
  if (infos[asking->ask].starts)
    ensure_started (asking);
}

static void
send (Asking *asking, SlipRunnerControl control, const char *text)
{
  g_autoptr (SlipRunner) runner
      = slip_workbench_ref_runner (asking->workbench, slip_run_get_id (asking->run));

  slip_runner_control_async (runner, control,
                             control == SLIP_RUNNER_ATTEST ? asking->question : asking->step, text,
                             NULL, controlled_cb, asking);
}

static const char *
get_step_title (SlipRun *run, const char *step)
{
  SlipRunStep *found = step != NULL ? slip_run_find_step (run, step) : NULL;

  return found != NULL ? slip_run_step_get_title (found) : NULL;
}

/* What was written for one question answers no other, that came while the dialog was open. */
static gboolean
is_another_question (Asking *asking)
{
  g_autofree char *now = slip_run_dup_need_name (asking->run);

  return g_strcmp0 (now, asking->question) != 0;
}

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Asking *asking = data;
  SlipRunnerControl control = infos[asking->ask].control;
  g_autofree char *text = NULL;

  if (!slip_confirm_finish (result, &text))
    {
      asking_free (asking);
      return;
    }
  if (asking->ask == SLIP_RUN_ASK_CONFIRM && is_another_question (asking))
    {
      slip_confirm_message (asking->parent, _ ("That was not accepted"),
                            _ ("The run asks something else by now. Read it, then answer that."));
      asking_free (asking);
      return;
    }
  if (asking->ask == SLIP_RUN_ASK_CONFIRM && slip_run_needs_attestation (asking->run))
    control = SLIP_RUNNER_ATTEST;
  send (asking, control, text);
}

/* What nobody carries out is over at once; then nothing goes on but what AWS does. */
static const char *
get_cancelling (SlipRun *run)
{
  if (slip_run_get_state (run) == SLIP_RUN_RUNNING)
    return _ ("It stops after the current call, and stops a Step Functions execution "
              "that it follows. AWS goes on with what else was begun, and nothing is "
              "undone; the page then lists what exists and how to undo it.");
  if (slip_run_get_going_on (run) != NULL)
    return _ (
        "It is over at once. AWS goes on with what was begun, and nothing is undone; the page "
        "then lists what exists and how to undo it.");
  return _ ("It is over at once, and nothing is undone; the page then lists what exists and how to "
            "undo it.");
}

static void
fill_question (Asking *asking, SlipConfirm *confirm)
{
  confirm->body = slip_run_get_message (asking->run);
  switch (asking->ask)
    {
    case SLIP_RUN_ASK_CANCEL:
      confirm->heading = _ ("Cancel this run?");
      confirm->body = get_cancelling (asking->run);
      confirm->verb = _ ("_Cancel the Run");
      confirm->destructive = TRUE;
      break;
    case SLIP_RUN_ASK_CONFIRM:
      confirm->heading = get_step_title (asking->run, asking->step);
      if (confirm->heading == NULL)
        confirm->heading = _ ("Confirm this step");
      confirm->typed = slip_run_get_need_text (asking->run);
      confirm->destructive = confirm->typed != NULL;
      if (slip_run_needs_attestation (asking->run))
        confirm->entry_title = _ ("What you attest, in your own words");
      confirm->verb = confirm->entry_title != NULL ? _ ("_Attest") : _ ("_Confirm");
      break;
    case SLIP_RUN_ASK_DID:
      confirm->heading = _ ("Did it happen?");
      confirm->entry_title = _ ("How you know");
      confirm->verb = _ ("It _Happened");
      break;
    case SLIP_RUN_ASK_DID_NOT:
      confirm->heading = _ ("Did it not happen?");
      confirm->entry_title = _ ("How you know");
      confirm->verb = _ ("It Did _Not Happen");
      confirm->destructive = TRUE;
      break;
    case SLIP_RUN_ASK_APPROVE_STEP:
      confirm->heading = _ ("Approve this step?");
      confirm->entry_title = _ ("Note for the audit log");
      confirm->verb = _ ("_Approve");
      break;
    case SLIP_RUN_ASK_REJECT_STEP:
      confirm->heading = _ ("Reject this step?");
      confirm->entry_title = _ ("Why");
      confirm->verb = _ ("_Reject");
      confirm->destructive = TRUE;
      break;
    case SLIP_RUN_ASK_START:
    case SLIP_RUN_ASK_APPROVE:
    case SLIP_RUN_ASK_COSIGN:
    case SLIP_RUN_ASK_PAUSE:
    case SLIP_RUN_ASK_RESUME:
      break;
    }
}

void
slip_run_control_ask (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run, SlipRunAsk ask)
{
  Asking *asking;
  SlipConfirm confirm = {0};
  SlipEnvironment *environment;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (SLIP_IS_RUN (run));

  if (ask == SLIP_RUN_ASK_APPROVE)
    {
      slip_approve_dialog_present (parent, workbench, run);
      return;
    }
  if (ask == SLIP_RUN_ASK_COSIGN)
    {
      slip_cosign_dialog_present (parent, workbench, run);
      return;
    }
  asking = g_new0 (Asking, 1);
  asking->parent = g_object_ref (parent);
  asking->workbench = g_object_ref (workbench);
  asking->run = g_object_ref (run);
  asking->ask = ask;
  asking->step = g_strdup (slip_run_get_need_step (run));
  asking->question = slip_run_dup_need_name (run);

  if (ask == SLIP_RUN_ASK_START)
    {
      ensure_started (asking);
      asking_free (asking);
      return;
    }
  if (ask == SLIP_RUN_ASK_PAUSE || ask == SLIP_RUN_ASK_RESUME)
    {
      send (asking, infos[ask].control, NULL);
      return;
    }
  environment = slip_workbench_find_environment (workbench, slip_run_get_environment (run));
  if (environment != NULL)
    {
      confirm.environment_title = slip_environment_get_title (environment);
      confirm.environment_protected = slip_environment_is_protected (environment);
    }
  fill_question (asking, &confirm);
  slip_confirm_async (parent, &confirm, NULL, answered_cb, asking);
}

const char *
slip_run_control_get_label (SlipRunAsk ask)
{
  g_return_val_if_fail ((guint)ask < G_N_ELEMENTS (infos), NULL);
  return _ (infos[ask].label);
}
