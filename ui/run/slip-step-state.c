/* SPDX-License-Identifier: MIT */

/* What is said of a step depends on its run. The run's state is kept with each step, since cells know
 * nothing but their step. */

#include "config.h"

#include "slip-step-state.h"

#include <glib/gi18n.h>

#include "slip-run-text.h"

#define RUN_STATE "slip-run-state"

static SlipRunState
get_run_state (SlipRunStep *step)
{
  int kept = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (step), RUN_STATE));

  return kept > 0 ? (SlipRunState)(kept - 1) : SLIP_RUN_RUNNING;
}

static SlipRunStepState
get_state (SlipRunStep *step)
{
  SlipRunState run = get_run_state (step);
  SlipRunStepState state = slip_run_step_get_state (step);
  gboolean abandoned = run == SLIP_RUN_INTERRUPTED || run == SLIP_RUN_CANCELLED;

  return abandoned && state == SLIP_RUN_STEP_INTENT ? SLIP_RUN_STEP_UNKNOWN : state;
}

static gboolean
was_waiting (SlipRunStepState state)
{
  return state == SLIP_RUN_STEP_WAITING || state == SLIP_RUN_STEP_OVERDUE;
}

void
slip_step_state_follow (SlipRun *run)
{
  int state;

  g_return_if_fail (SLIP_IS_RUN (run));

  state = (int)slip_run_get_state (run) + 1;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (run)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);

      if (GPOINTER_TO_INT (g_object_get_data (G_OBJECT (step), RUN_STATE)) == state)
        continue;
      g_object_set_data (G_OBJECT (step), RUN_STATE, GINT_TO_POINTER (state));
      g_object_notify (G_OBJECT (step), "state");
    }
}

char *
slip_step_state_dup_text (SlipRunStep *step)
{
  SlipRunStepState state;
  double progress;

  g_return_val_if_fail (SLIP_IS_RUN_STEP (step), NULL);

  state = get_state (step);
  progress = slip_run_step_get_progress (step);
  if (get_run_state (step) == SLIP_RUN_CANCELLED && state == SLIP_RUN_STEP_PLANNED)
    return g_strdup (_ ("not run"));
  if (get_run_state (step) == SLIP_RUN_CANCELLED && was_waiting (state))
    return g_strdup (_ ("cancelled"));
  if (state == SLIP_RUN_STEP_WAITING && progress >= 0)
    return g_strdup_printf (_ ("%s %.0f %%"), slip_run_step_state_title (state), progress * 100);
  return g_strdup (slip_run_step_state_title (state));
}

SlipTone
slip_step_state_get_tone (SlipRunStep *step)
{
  SlipRunStepState state;

  g_return_val_if_fail (SLIP_IS_RUN_STEP (step), SLIP_TONE_UNKNOWN);

  state = get_state (step);
  if (get_run_state (step) == SLIP_RUN_CANCELLED
      && (state == SLIP_RUN_STEP_PLANNED || was_waiting (state)))
    return SLIP_TONE_STOPPED;
  return slip_run_step_state_tone (state);
}

static guint
find_needed (SlipRun *run)
{
  const char *id = slip_run_get_need_step (run);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (run));

  for (guint i = 0; id != NULL && i < n; i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);

      if (g_strcmp0 (slip_run_step_get_id (step), id) == 0)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

guint
slip_step_state_find_current (SlipRun *run)
{
  guint needed;
  guint n;

  g_return_val_if_fail (SLIP_IS_RUN (run), GTK_INVALID_LIST_POSITION);

  needed = find_needed (run);
  n = g_list_model_get_n_items (G_LIST_MODEL (run));
  if (needed != GTK_INVALID_LIST_POSITION || n == 0)
    return needed;
  for (guint i = n; i > 0; i--)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i - 1);
      SlipRunStepState state = slip_run_step_get_state (step);

      if (state == SLIP_RUN_STEP_DONE || state == SLIP_RUN_STEP_SKIPPED)
        return MIN (i, n - 1);
      if (state != SLIP_RUN_STEP_PLANNED)
        return i - 1;
    }
  return 0;
}
