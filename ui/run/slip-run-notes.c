/* SPDX-License-Identifier: MIT */

/* Sentences about a run as a whole: what its evidence lacks, and where it stands. */

#include "config.h"

#include "slip-run-notes.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-run-text.h"
#include "slip-step-state.h"

char *
slip_run_notes_dup_entry (JsonObject *entry)
{
  JsonObject *data = entry != NULL ? slip_json_object (entry, "data") : NULL;
  const char *no_key = data != NULL ? slip_json_string (data, "unsigned") : NULL;
  const char *difference = data != NULL ? slip_json_string (data, "runbook_differs") : NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (no_key != NULL)
    g_string_append_printf (text,
                            _ ("Not signed: %s. The log still shows what was changed or removed in "
                               "it, but not that it is from this workstation."),
                            no_key);
  if (difference != NULL)
    g_string_append_printf (text,
                            _ ("%sThe plan is not of the runbook that is here: %s. The run follows "
                               "its plan, as it was approved."),
                            text->len > 0 ? "\n" : "", difference);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static gboolean
is_begin (const char *kind)
{
  return g_strcmp0 (kind, "run.started") == 0 || g_strcmp0 (kind, "run.resumed") == 0;
}

char *
slip_run_notes_dup_text (SlipRun *run)
{
  GPtrArray *entries;

  g_return_val_if_fail (SLIP_IS_RUN (run), NULL);

  entries = slip_run_get_entries (run);
  for (guint i = entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (entries, i - 1);

      if (is_begin (slip_json_string (entry, "kind")))
        return slip_run_notes_dup_entry (entry);
    }
  return NULL;
}

gint64
slip_run_notes_get_end (SlipRun *run)
{
  SlipRunState state;

  g_return_val_if_fail (SLIP_IS_RUN (run), 0);

  state = slip_run_get_state (run);
  return state == SLIP_RUN_DONE || state == SLIP_RUN_CANCELLED ? slip_run_get_finished (run) : 0;
}

gint64
slip_run_notes_get_first_change (SlipRun *run)
{
  gint64 first = 0;

  g_return_val_if_fail (SLIP_IS_RUN (run), 0);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (run)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);
      SlipPlanStep *planned = slip_run_step_get_plan_step (step);
      gint64 started = slip_run_step_get_started (step);

      if (started > 0 && slip_plan_step_get_effect (planned) != SLIP_AWS_EFFECT_READ
          && (first == 0 || started < first))
        first = started;
    }
  return first;
}

static const char *
get_request (SlipRun *run)
{
  if (slip_run_get_cancel_requested (run))
    return slip_run_get_going_on (run) != NULL
               ? _ ("Stops after the current call; AWS goes on with what was begun.")
               : _ ("Stops after the current call.");
  return slip_run_get_pause_requested (run) ? _ ("Pauses after the current call.") : NULL;
}

static guint
count_steps (SlipRun *run, SlipRunStepState state)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (run)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);

      n += slip_run_step_get_state (step) == state;
    }
  return n;
}

/* Only what was done was verified. */
static char *
dup_done (SlipRun *run)
{
  guint done = count_steps (run, SLIP_RUN_STEP_DONE);
  guint skipped = count_steps (run, SLIP_RUN_STEP_SKIPPED);
  guint failed = count_steps (run, SLIP_RUN_STEP_FAILED);
  g_autoptr (GString) text = g_string_new (NULL);

  if (skipped + failed == 0)
    return g_strdup (
        _ ("All steps are done and verified. Export the audit log for the change record."));
  g_string_append_printf (
      text, ngettext ("%u step is done and verified", "%u steps are done and verified", done),
      done);
  if (skipped > 0)
    g_string_append_printf (text, _ (", %u skipped"), skipped);
  if (failed > 0)
    g_string_append_printf (text, _ (", %u failed"), failed);
  g_string_append (text, _ (". Export the audit log for the change record."));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const char *
get_need (SlipRun *run)
{
  const char *message = slip_run_get_message (run);

  switch (slip_run_get_state (run))
    {
    case SLIP_RUN_RUNNING:
      return get_request (run);
    case SLIP_RUN_PLANNED:
      return message != NULL ? message : _ ("Nobody has approved this plan.");
    case SLIP_RUN_APPROVED:
      return message != NULL ? message : _ ("Approved, and not begun.");
    case SLIP_RUN_INTERRUPTED:
      return message != NULL ? message
                             : _ ("The process that carried this out is gone. Continue asks AWS "
                                  "what happened before it does anything.");
    case SLIP_RUN_PAUSED:
      return message != NULL                       ? message
             : slip_run_get_going_on (run) != NULL ? _ ("Paused. AWS goes on with what was begun.")
                                                   : _ ("Paused.");
    case SLIP_RUN_NEEDS_SIGN_IN:
    case SLIP_RUN_NEEDS_DECISION:
    case SLIP_RUN_NEEDS_CONFIRMATION:
    case SLIP_RUN_NEEDS_APPROVAL:
    case SLIP_RUN_FAILED:
    case SLIP_RUN_CANCELLED:
    case SLIP_RUN_DONE:
      break;
    }
  return message;
}

char *
slip_run_notes_dup_need (SlipRun *run)
{
  g_return_val_if_fail (SLIP_IS_RUN (run), NULL);

  if (slip_run_get_state (run) == SLIP_RUN_DONE)
    return dup_done (run);
  /* The plan says why; the rest is said where it is taken. */
  if (slip_run_get_state (run) == SLIP_RUN_APPROVED && slip_run_needs_cosignature (run))
    return g_strdup_printf (_ ("Waits for a second person: %s. Nothing was done yet."),
                            slip_plan_get_pairing (slip_run_get_plan (run)));
  return g_strdup (get_need (run));
}

gboolean
slip_run_notes_advise_new_plan (SlipRun *run)
{
  const char *message;

  g_return_val_if_fail (SLIP_IS_RUN (run), FALSE);

  message = slip_run_get_state (run) == SLIP_RUN_FAILED ? slip_run_get_message (run) : NULL;
  return message != NULL && strcasestr (message, "plan again") != NULL
         && strcasestr (message, "resume") == NULL;
}

static gboolean
is_begun (SlipRunStep *step)
{
  SlipRunStepState state = slip_run_step_get_state (step);

  return state != SLIP_RUN_STEP_PLANNED && state != SLIP_RUN_STEP_DONE
         && state != SLIP_RUN_STEP_SKIPPED;
}

/* A turn of a loop stands for the loop's own step of the plan. */
static guint
get_planned (SlipRunStep *step)
{
  return slip_plan_step_get_index (slip_run_step_get_plan_step (step));
}

/* Whether something of a step of the plan was sent, in any of its turns. */
static gboolean
was_sent (SlipRun *run, guint planned)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (run));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);

      if (get_planned (step) == planned
          && (is_begun (step) || slip_run_step_get_state (step) == SLIP_RUN_STEP_DONE))
        return TRUE;
    }
  return FALSE;
}

static char *
dup_point (SlipRun *run, guint current)
{
  int point = slip_plan_get_point_of_no_return (slip_run_get_plan (run));
  const char *title;

  if (point < 0)
    return g_strdup (_ ("It has no point of no return."));
  title = slip_plan_step_get_title (slip_plan_get_step (slip_run_get_plan (run), (guint)point));
  if (current > (guint)point)
    return g_strdup_printf (_ ("Its point of no return was passed with step %d, %s."), point + 1,
                            title);
  if (was_sent (run, (guint)point))
    return g_strdup_printf (_ ("Its point of no return was begun, step %d, %s: what that changes "
                               "may be changed already."),
                            point + 1, title);
  return g_strdup_printf (_ ("Its point of no return is still ahead: step %d, %s."), point + 1,
                          title);
}

char *
slip_run_notes_dup_next (SlipRun *run)
{
  guint current;
  guint planned = 0;
  g_autoptr (SlipRunStep) step = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *point = NULL;

  g_return_val_if_fail (SLIP_IS_RUN (run), NULL);

  current = slip_step_state_find_current (run);
  step = g_list_model_get_item (G_LIST_MODEL (run), current);
  g_string_append_printf (text, _ ("Run %s."), slip_run_get_id (run));
  if (step != NULL)
    {
      planned = get_planned (step);
      g_string_append_printf (text,
                              is_begun (step) ? _ ("\nStep %u of %u was begun: %s.")
                                              : _ ("\nNext is step %u of %u: %s."),
                              planned + 1, slip_plan_get_n_steps (slip_run_get_plan (run)),
                              slip_run_step_get_title (step));
    }
  point = dup_point (run, planned);
  g_string_append_printf (text, "\n%s", point);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What this machine was doing itself ended with the process that did it. */
char *
slip_run_notes_dup_meanwhile (SlipRun *run)
{
  const char *going_on;

  g_return_val_if_fail (SLIP_IS_RUN (run), NULL);

  going_on = slip_run_get_going_on (run);
  if (going_on == NULL)
    return g_strdup (_ ("Nothing went on meanwhile. Before anything else is done, it is looked up "
                        "what became of what was begun. No change is made twice."));
  return g_strdup_printf (
      _ ("AWS went on with what was begun: %s. Before anything else is done, it is asked what "
         "became of the call that was on its way. Nothing is sent twice."),
      going_on);
}
