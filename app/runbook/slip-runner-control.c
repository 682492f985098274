/* SPDX-License-Identifier: MIT */
/* What a person can tell a run: checked against what the run asked for, then written into the ledger
 * with who said it. The engine reads it there, in this process or in another. */

#include "slip-runner-private.h"

#include "slip-cosign.h"
#include "slip-crash.h"
#include "slip-json.h"
#include "slip-person.h"
#include "slip-redact.h"
#include "slip-run-fold.h"
#include "slip-run-local.h"
#include "slip-run-lock.h"

#include <string.h>

typedef struct
{
  SlipRunner *runner;
  SlipRunFold *fold;
  SlipFoldStep *step;
  const char *step_id;
  const char *text;
  char *principal;
  SlipCosignature *cosignature;
} Control;

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED, message);
  return FALSE;
}

static gboolean
is_over (SlipRunFold *fold)
{
  return fold->state == SLIP_RUN_DONE || fold->state == SLIP_RUN_CANCELLED;
}

/* ---- checks: one for each control */

static gboolean
check_approve (Control *control, GError **error)
{
  if (control->fold->state != SLIP_RUN_PLANNED && control->fold->state != SLIP_RUN_APPROVED)
    return refuse (error, "run %s is %s; only a plan that has not begun can be approved",
                   control->fold->id, slip_run_state_get_name (control->fold->state));
  if (g_strcmp0 (control->text, control->fold->plan_hash) != 0)
    return refuse (error, "run %s has plan %s, not %s. Read it again, then approve that hash",
                   control->fold->id, control->fold->plan_hash,
                   control->text != NULL ? control->text : "nothing");
  if (slip_plan_is_blocked (control->fold->plan))
    return refuse (error, "a guard blocks the plan of run %s. Mend what it names and plan again",
                   control->fold->id);
  return TRUE;
}

static gboolean
check_cosign (Control *control, GError **error)
{
  SlipRunFold *fold = control->fold;

  if (fold->state != SLIP_RUN_PLANNED && fold->state != SLIP_RUN_APPROVED)
    return refuse (error,
                   "run %s is %s; only a plan that has not begun can be cosigned, and a step that "
                   "waits for a second person",
                   fold->id, slip_run_state_get_name (fold->state));
  if (slip_plan_is_blocked (fold->plan))
    return refuse (error, "a guard blocks the plan of run %s. Mend what it names and plan again",
                   fold->id);
  if (control->text == NULL)
    return refuse (error, "there is no cosignature to read");
  return TRUE;
}

static gboolean
check_cosign_step (Control *control, GError **error)
{
  if (!control->fold->need_cosign || g_strcmp0 (control->fold->need_step, control->step_id) != 0)
    return refuse (error, "run %s does not wait for a second person at step %s", control->fold->id,
                   control->step_id);
  if (control->text == NULL)
    return refuse (error, "there is no cosignature to read");
  return TRUE;
}

static char *
wanted_text (Control *control)
{
  JsonObject *confirm = slip_plan_step_get_confirm (control->step->plan_step);

  /* What the engine asked for has its references resolved. */
  if (g_strcmp0 (control->fold->need_step, control->step_id) == 0
      && control->fold->need_text != NULL)
    return g_strdup (control->fold->need_text);
  return slip_run_engine_wanted_text (control->step,
                                      confirm != NULL ? slip_json_string (confirm, "text") : NULL);
}

static gboolean
check_confirm (Control *control, GError **error)
{
  JsonObject *confirm = slip_plan_step_get_confirm (control->step->plan_step);
  g_autofree char *wanted = NULL;

  if (confirm == NULL ? control->step->voided == NULL
                      : g_strcmp0 (slip_json_string (confirm, "how"), "attest") == 0)
    return refuse (error, "step %s asks for no confirmation", control->step_id);
  wanted = wanted_text (control);
  if (wanted != NULL && g_strcmp0 (wanted, control->text) != 0)
    return refuse (error, "step %s is confirmed by typing %s exactly", control->step_id, wanted);
  return TRUE;
}

/* The guard that the run asks somebody to vouch for before the step; %NULL when it asks for none. */
static const char *
asked_guard (Control *control)
{
  SlipRunFold *fold = control->fold;

  return fold->state == SLIP_RUN_NEEDS_CONFIRMATION
                 && g_strcmp0 (fold->need_step, control->step_id) == 0
             ? fold->need_guard
             : NULL;
}

static gboolean
check_attest (Control *control, GError **error)
{
  JsonObject *confirm = slip_plan_step_get_confirm (control->step->plan_step);
  g_autofree char *wanted = NULL;

  if (asked_guard (control) != NULL)
    return TRUE;
  if (confirm == NULL || g_strcmp0 (slip_json_string (confirm, "how"), "attest") != 0)
    return refuse (error, "step %s asks for no attestation", control->step_id);
  wanted = wanted_text (control);
  if (wanted != NULL && (control->text == NULL || strstr (control->text, wanted) == NULL))
    return refuse (error, "what is attested in step %s must be named in the note: %s",
                   control->step_id, wanted);
  return TRUE;
}

static gboolean
check_vote (Control *control, GError **error)
{
  if (g_strcmp0 (slip_plan_step_get_action (control->step->plan_step), "aws:approve") != 0)
    return refuse (error, "step %s asks for no approval", control->step_id);
  return TRUE;
}

/* Only what the run asks: said beforehand, it would be an answer to a question that nobody knows yet. */
static gboolean
check_decide (Control *control, GError **error)
{
  SlipRunFold *fold = control->fold;

  if (fold->state == SLIP_RUN_NEEDS_DECISION && g_strcmp0 (fold->need_step, control->step_id) == 0)
    return TRUE;
  if (control->step->open && !is_over (fold))
    return refuse (
        error,
        "run %s does not ask whether step %s happened. Resume it: it looks at AWS first, "
        "and asks only when that does not tell",
        fold->id, control->step_id);
  return refuse (error, "there is nothing to decide on step %s, which is %s", control->step_id,
                 slip_run_step_state_get_name (control->step->state));
}

static gboolean
check_alive (Control *control, GError **error)
{
  if (is_over (control->fold))
    return refuse (error, "run %s is %s already", control->fold->id,
                   slip_run_state_get_name (control->fold->state));
  return TRUE;
}

static const struct
{
  const char *kind;
  const char *outcome;
  gboolean on_step;
  gboolean identify;
  gboolean (*check) (Control *control, GError **error);
} controls[] = {
    [SLIP_RUNNER_APPROVE] = {SLIP_RUN_APPROVED_KIND, NULL, FALSE, TRUE, check_approve},
    [SLIP_RUNNER_COSIGN] = {SLIP_RUN_COSIGNED_KIND, NULL, FALSE, TRUE, check_cosign},
    [SLIP_RUNNER_COSIGN_STEP] = {SLIP_STEP_COSIGNED_KIND, NULL, TRUE, TRUE, check_cosign_step},
    [SLIP_RUNNER_CONFIRM] = {SLIP_STEP_CONFIRMED_KIND, NULL, TRUE, TRUE, check_confirm},
    [SLIP_RUNNER_ATTEST] = {SLIP_STEP_ATTESTED_KIND, NULL, TRUE, TRUE, check_attest},
    [SLIP_RUNNER_APPROVE_STEP] = {SLIP_STEP_APPROVED_KIND, NULL, TRUE, TRUE, check_vote},
    [SLIP_RUNNER_REJECT_STEP] = {SLIP_STEP_REJECTED_KIND, NULL, TRUE, TRUE, check_vote},
    [SLIP_RUNNER_DECIDE_DID] = {SLIP_STEP_DECIDED_KIND, "did", TRUE, TRUE, check_decide},
    [SLIP_RUNNER_DECIDE_DID_NOT] = {SLIP_STEP_DECIDED_KIND, "did-not", TRUE, TRUE, check_decide},
    [SLIP_RUNNER_PAUSE] = {SLIP_RUN_PAUSE_KIND, NULL, FALSE, FALSE, check_alive},
    [SLIP_RUNNER_RESUME] = {SLIP_RUN_RESUME_KIND, NULL, FALSE, FALSE, check_alive},
    [SLIP_RUNNER_CANCEL] = {SLIP_RUN_CANCEL_KIND, NULL, FALSE, FALSE, check_alive},
};

/* ---- writing */

static gboolean
is_paired_word (Control *control, SlipRunnerControl which)
{
  JsonObject *confirm
      = control->step != NULL ? slip_plan_step_get_confirm (control->step->plan_step) : NULL;

  return (which == SLIP_RUNNER_CONFIRM || which == SLIP_RUNNER_ATTEST) && confirm != NULL
         && slip_json_string (confirm, "pairing") != NULL;
}

static gboolean
is_approval (Control *control, SlipRunnerControl which)
{
  return which == SLIP_RUNNER_APPROVE || which == SLIP_RUNNER_COSIGN
         || which == SLIP_RUNNER_COSIGN_STEP || is_paired_word (control, which)
         || which == SLIP_RUNNER_APPROVE_STEP || which == SLIP_RUNNER_REJECT_STEP;
}

/* Whoever approves could also do it: the account and the role that the plan names. A principal of
 * another account would look like a second person. */
static gboolean
is_of_plan (Control *control, const SlipAwsIdentity *identity, GError **error)
{
  SlipPlan *plan = control->fold->plan;
  JsonObject *facts
      = slip_json_object (slip_plan_get_environments (plan), slip_plan_get_environment (plan));

  if (facts == NULL || slip_json_string (facts, "account") == NULL)
    return refuse (error, "the plan does not name the account of environment %s",
                   slip_plan_get_environment (plan));
  return slip_aws_identity_matches (identity, slip_json_string (facts, "account"),
                                    slip_json_string (facts, "role"), error);
}

/* An approval without a principal would be worth little; a decision at night must not fail because
 * the session is over, which is what it may be about. */
static gboolean
identify (Control *control, SlipRunnerControl which, GError **error)
{
  g_autoptr (SlipRunCaller) caller = slip_runner_ref_caller (control->runner);
  g_autoptr (GError) local = NULL;
  g_autoptr (SlipAwsIdentity) identity = slip_run_caller_identity (
      caller, slip_plan_get_environment (control->fold->plan), NULL, &local);

  if (identity != NULL)
    {
      control->principal = g_strdup (identity->arn);
      return !is_approval (control, which) || is_of_plan (control, identity, error);
    }
  if (is_approval (control, which) && which != SLIP_RUNNER_REJECT_STEP)
    {
      g_propagate_prefixed_error (error, g_steal_pointer (&local),
                                  "an approval names who approves, but AWS does not say: ");
      return FALSE;
    }
  return TRUE;
}

static const char *
first_of (Control *control)
{
  const SlipFoldStep *step = control->step;
  const char *first = step->attested_as != NULL ? step->attested_as : step->confirmed_as;

  return first != NULL ? first : control->principal;
}

static gboolean
verify_step (Control *control, GError **error)
{
  SlipFoldStep *step = control->step;
  g_autoptr (SlipRunCaller) caller = slip_runner_ref_caller (control->runner);
  SlipCosignQuestion question = {control->fold->id, step->id, step->asked_says, step->asked_after};

  control->cosignature = slip_cosign_verify_for_step (
      caller, control->fold->plan, &question, control->text, first_of (control), NULL, error);
  return control->cosignature != NULL
         && slip_cosign_check_unused (slip_runner_get_ledger (control->runner), NULL,
                                      control->cosignature->sha256, 0, error);
}

/* Two people: whoever comes second must not be the first one again. */
static gboolean
check_people (Control *control, SlipRunnerControl which, GError **error)
{
  g_autoptr (SlipRunCaller) caller = NULL;
  const char *first = control->fold->approved_as;

  if (which == SLIP_RUNNER_APPROVE && control->fold->cosigned_by != NULL
      && slip_person_same (control->fold->cosigned_by, control->principal))
    return refuse (error, "%s cosigned this plan already; somebody else approves it",
                   control->principal);
  if (which == SLIP_RUNNER_COSIGN_STEP)
    return verify_step (control, error);
  if (which != SLIP_RUNNER_COSIGN)
    return TRUE;
  caller = slip_runner_ref_caller (control->runner);
  control->cosignature
      = slip_cosign_verify (caller, control->fold->plan, control->text,
                            first != NULL ? first : control->principal, NULL, error);
  return control->cosignature != NULL
         && slip_cosign_check_unused (slip_runner_get_ledger (control->runner), control->fold->id,
                                      control->cosignature->sha256, 0, error);
}

/* The proof itself is good for minutes more, so only its digest is kept. */
static void
tell_cosignature (const SlipCosignature *cosignature, JsonObject *data)
{
  g_autofree char *made = slip_time_format (cosignature->made_us);

  json_object_set_string_member (data, "cosigned_by", cosignature->identity->arn);
  json_object_set_string_member (data, "account", cosignature->identity->account);
  slip_run_entry_set_text (data, "said_by", cosignature->said_by);
  json_object_set_string_member (data, "made", made);
  json_object_set_string_member (data, "proof_sha256", cosignature->sha256);
}

static JsonObject *
make_entry (Control *control, SlipRunnerControl which)
{
  JsonObject *entry
      = slip_run_entry_new (controls[which].kind, control->fold->id,
                            controls[which].on_step ? control->step_id : NULL, control->principal);
  JsonObject *data = slip_run_entry_data (entry);

  slip_run_entry_set_text (entry, "environment", slip_plan_get_environment (control->fold->plan));
  slip_run_entry_set_text (entry, "outcome", controls[which].outcome);
  json_object_set_string_member (data, "plan_sha256", control->fold->plan_hash);
  if (which == SLIP_RUNNER_ATTEST && asked_guard (control) != NULL)
    {
      json_object_set_string_member (data, "guard", asked_guard (control));
      slip_run_entry_set_text (data, "guard_sha256", control->fold->need_guard_sha256);
    }
  if (which == SLIP_RUNNER_COSIGN_STEP)
    {
      json_object_set_string_member (data, "says", control->step->asked_says);
      json_object_set_string_member (data, "asked_sha256", control->step->asked);
    }
  if (which == SLIP_RUNNER_COSIGN || which == SLIP_RUNNER_COSIGN_STEP)
    tell_cosignature (control->cosignature, data);
  else if (which != SLIP_RUNNER_APPROVE && control->text != NULL)
    {
      g_autofree char *text = slip_redact_text (control->text);

      json_object_set_string_member (data, "text", text);
    }
  return entry;
}

#define GOING_ON ". AWS goes on with what was begun: "

/* A run that a process executes is ended by its engine, after the current call. One that nobody
 * executes is ended here, with what it leaves behind. */
static gboolean
cancel_idle_run (SlipRunner *self, const char *note, GError **error)
{
  SlipLedger *ledger = slip_runner_get_ledger (self);
  g_autofree char *folder = slip_run_lock_folder (ledger);
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (slip_runner_get_run_id (self));
  g_autoptr (SlipRunLock) lock = slip_run_lock_take (folder, fold->id, "cancel", NULL);
  g_autoptr (JsonObject) entry = NULL;
  g_autofree char *redacted = note != NULL ? slip_redact_text (note) : NULL;
  g_autofree char *message = NULL;
  const char *going_on;
  JsonObject *data;

  if (lock == NULL)
    return TRUE;
  if (!slip_run_fold_sync (fold, ledger, error))
    return FALSE;
  if (is_over (fold))
    return TRUE;
  entry = slip_run_entry_new (SLIP_RUN_FINISHED_KIND, fold->id, NULL, NULL);
  data = slip_run_entry_data (entry);
  json_object_set_string_member (entry, "outcome", "cancelled");
  going_on = slip_run_fold_find_going_on (fold);
  message = g_strconcat ("cancelled", fold->started == 0 ? " before anything was done" : "",
                         redacted != NULL ? ": " : "", redacted != NULL ? redacted : "",
                         going_on != NULL ? GOING_ON : NULL, going_on, NULL);
  json_object_set_string_member (data, "message", message);
  json_object_set_array_member (data, "leftovers", slip_run_fold_list_leftovers (fold));
  if (!slip_ledger_append (ledger, entry, NULL, error))
    return FALSE;
  slip_run_local_sweep (ledger, fold->id, NULL);
  return TRUE;
}

/* A run whose plan cannot be read can only be laid aside, or it would be in the way for ever. */
static gboolean
cancel_unreadable (SlipRunner *self, const char *note, GError *why, GError **error)
{
  SlipLedger *ledger = slip_runner_get_ledger (self);
  const char *id = slip_runner_get_run_id (self);
  g_autofree char *folder = slip_run_lock_folder (ledger);
  g_autoptr (GError) owned = why;
  g_autoptr (SlipRunLock) lock = slip_run_lock_take (folder, id, "cancel", error);
  g_autoptr (JsonObject) request = slip_run_entry_new (SLIP_RUN_CANCEL_KIND, id, NULL, NULL);
  g_autoptr (JsonObject) end = slip_run_entry_new (SLIP_RUN_FINISHED_KIND, id, NULL, NULL);
  g_autofree char *redacted = note != NULL ? slip_redact_text (note) : NULL;
  g_autofree char *message = g_strdup_printf (
      "cancelled. What it left behind cannot be told: %s. AWS goes on with what was begun",
      owned->message);

  if (lock == NULL)
    return FALSE;
  slip_run_entry_set_text (slip_run_entry_data (request), "text", redacted);
  json_object_set_string_member (end, "outcome", "cancelled");
  json_object_set_string_member (slip_run_entry_data (end), "message", message);
  if (!slip_ledger_append (ledger, request, NULL, error)
      || !slip_ledger_append (ledger, end, NULL, error))
    return FALSE;
  slip_run_local_sweep (ledger, id, NULL);
  return TRUE;
}

static gboolean
write_control (Control *control, SlipRunnerControl which, GError **error)
{
  g_autoptr (JsonObject) entry = NULL;

  if (controls[which].identify
      && (!identify (control, which, error) || !check_people (control, which, error)))
    return FALSE;
  entry = make_entry (control, which);
  slip_crash_point ("before control");
  if (!slip_ledger_append (slip_runner_get_ledger (control->runner), entry, NULL, error))
    return FALSE;
  slip_crash_point ("after control");
  if (which == SLIP_RUNNER_CANCEL && !cancel_idle_run (control->runner, control->text, error))
    return FALSE;
  slip_runner_wake (control->runner);
  return TRUE;
}

/* What was read and answered may not be what the run asks by now; only the question whose name was given
 * is answered, so that what is signed is what was read. */
static gboolean
find_question (Control *control, SlipRunnerControl which, GError **error)
{
  g_autofree char *asked = slip_run_fold_dup_need_name (control->fold);
  gboolean same = g_strcmp0 (asked, control->step_id) == 0;

  if (which != SLIP_RUNNER_ATTEST || control->step_id == NULL)
    return TRUE;
  if (same)
    control->step_id = control->fold->need_step;
  else if (strchr (control->step_id, '/') != NULL || asked_guard (control) != NULL)
    return refuse (error, "run %s does not ask %s, but %s. Read that, then answer it",
                   control->fold->id, control->step_id, asked != NULL ? asked : "nothing");
  return TRUE;
}

static gboolean
find_step (Control *control, GError **error)
{
  control->step = slip_run_fold_ensure_step (control->fold, control->step_id);
  if (control->step != NULL)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_FOUND, "run %s has no step %s",
               control->fold->id, control->step_id != NULL ? control->step_id : "(none named)");
  return FALSE;
}

static gboolean
control_with (SlipRunner *self,
              SlipRunFold *fold,
              SlipRunnerControl which,
              const char *step,
              const char *text,
              GError **error)
{
  Control control = {.runner = self, .fold = fold, .step_id = step, .text = text};
  gboolean ok;

  if (fold->plan == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_FOUND, "the ledger holds no run %s",
                   fold->id);
      return FALSE;
    }
  /* Killed behind the entry, nobody knows that it was written; it is there, and once is enough. */
  if (which == SLIP_RUNNER_COSIGN && !is_over (fold) && slip_cosign_is_recorded (fold, text))
    {
      slip_runner_wake (self);
      return TRUE;
    }
  /* What is handed over says itself what it is for; the run says what it waits for. */
  if (which == SLIP_RUNNER_COSIGN && fold->need_cosign)
    {
      which = SLIP_RUNNER_COSIGN_STEP;
      control.step_id = fold->need_step;
    }
  ok = find_question (&control, which, error)
       && (!controls[which].on_step || find_step (&control, error))
       && controls[which].check (&control, error) && write_control (&control, which, error);
  g_free (control.principal);
  slip_cosignature_free (control.cosignature);
  return ok;
}

gboolean
slip_runner_control (
    SlipRunner *self, SlipRunnerControl which, const char *step, const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;
  SlipRunFold *fold;
  gboolean ok;

  g_return_val_if_fail (SLIP_IS_RUNNER (self) && which < G_N_ELEMENTS (controls), FALSE);

  fold = slip_runner_take_fold (self, &local);
  if (fold != NULL)
    {
      ok = control_with (self, fold, which, step, text, error);
      slip_runner_return_fold (self, fold);
      return ok;
    }
  if (which == SLIP_RUNNER_CANCEL
      && g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED))
    return cancel_unreadable (self, text, g_steal_pointer (&local), error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* ---- the same without blocking */

typedef struct
{
  SlipRunnerControl which;
  char *step;
  char *text;
} AsyncControl;

static void
async_control_free (gpointer data)
{
  AsyncControl *control = data;

  g_free (control->step);
  g_free (control->text);
  g_free (control);
}

static void
control_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  AsyncControl *control = data;
  g_autoptr (GError) error = NULL;

  if (slip_runner_control (source, control->which, control->step, control->text, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
slip_runner_control_async (SlipRunner *self,
                           SlipRunnerControl which,
                           const char *step,
                           const char *text,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  AsyncControl *control = g_new0 (AsyncControl, 1);

  g_return_if_fail (SLIP_IS_RUNNER (self));

  control->which = which;
  control->step = g_strdup (step);
  control->text = g_strdup (text);
  g_task_set_source_tag (task, slip_runner_control_async);
  g_task_set_task_data (task, control, async_control_free);
  g_task_run_in_thread (task, control_thread);
}

gboolean
slip_runner_control_finish (SlipRunner *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
