/* SPDX-License-Identifier: MIT */
/* How far a run is and how long it will take: the forecast of its plan, corrected by what AWS says of
 * the thing that is waited for. The window, the activity row and the command line all ask here. */

#include "slip-run-fold.h"

/* A step that is not known to be done is never shown as done. */
#define MOST_UNDONE 0.99

/* A pace that was measured over too little tells nothing. */
#define LEAST_PROGRESS 0.05

/* How far a measured pace may be from the forecast; AWS' percentages do not move evenly. */
#define PACE_FACTOR 4

/* Minutes as long as AWS takes them, at speed 1. What is ours is not hastened, and so weighs more where AWS is. */
static double
step_minutes (SlipFoldStep *step, double speed)
{
  return slip_plan_step_get_seconds (step->plan_step, speed) * speed / 60;
}

static double
step_weight (SlipFoldStep *step, double speed)
{
  return MAX (step_minutes (step, speed), 0.02);
}

static gboolean
is_over (SlipFoldStep *step)
{
  return step->state == SLIP_RUN_STEP_DONE || step->state == SLIP_RUN_STEP_SKIPPED;
}

static gboolean
is_waiting (SlipFoldStep *step)
{
  return step->waiting_since != 0
         && (step->state == SLIP_RUN_STEP_WAITING || step->state == SLIP_RUN_STEP_OVERDUE);
}

static double
minutes_between (gint64 from, gint64 to, double speed)
{
  return MAX (to - from, 0) / (60.0 * G_USEC_PER_SEC) * speed;
}

/* Minutes at speed 1 that the wait will have taken in all. */
static double
expected_minutes (SlipFoldStep *step, double speed)
{
  double forecast = step_weight (step, speed);
  double measured;

  if (step->progress < LEAST_PROGRESS || step->progress_time == 0)
    return forecast;
  measured = minutes_between (step->waiting_since, step->progress_time, speed) / step->progress;
  return CLAMP (measured, forecast / PACE_FACTOR, forecast * PACE_FACTOR);
}

static gboolean
has_progress (SlipFoldStep *step)
{
  JsonObject *wait = slip_plan_step_get_wait (step->plan_step);

  return wait != NULL && json_object_has_member (wait, "progress");
}

/* What AWS says, where it says something; else what the forecast makes likely. Both only grow, so that
 * a bar never goes back. A thing that stays at nothing for long still shows that time passes. */
static double
done_of_wait (SlipFoldStep *step, gint64 now, double speed)
{
  double slowest = step_weight (step, speed) * (has_progress (step) ? PACE_FACTOR : 1);
  double likely = minutes_between (step->waiting_since, now, speed) / slowest;

  return MIN (MAX (step->progress, likely), MOST_UNDONE);
}

/* What is left at the pace so far, less what has passed since AWS last said something. */
static double
left_of_wait (SlipFoldStep *step, gint64 now, double speed)
{
  double expected = expected_minutes (step, speed);
  gboolean told = step->progress >= LEAST_PROGRESS && step->progress_time != 0;
  double left = expected * (1 - (told ? step->progress : 0));
  gint64 since = told ? step->progress_time : step->waiting_since;

  return MAX (left - minutes_between (since, now, speed), expected * (1 - MOST_UNDONE));
}

static double
step_done (SlipFoldStep *step, gint64 now, double speed)
{
  if (is_over (step))
    return 1;
  if (is_waiting (step))
    return done_of_wait (step, now, speed);
  return CLAMP (step->progress, 0, MOST_UNDONE);
}

static double
step_left (SlipFoldStep *step, gint64 now, double speed)
{
  if (is_waiting (step))
    return left_of_wait (step, now, speed);
  return step_minutes (step, speed) * (1 - step_done (step, now, speed));
}

double
slip_run_fold_get_progress (SlipRunFold *fold, gint64 now, double speed)
{
  double done = 0;
  double all = 0;

  g_return_val_if_fail (fold != NULL && speed > 0, 0);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      done += step_weight (step, speed) * step_done (step, now, speed);
      all += step_weight (step, speed);
    }
  return fold->state == SLIP_RUN_DONE ? 1 : all > 0 ? done / all : 0;
}

double
slip_run_fold_get_remaining (SlipRunFold *fold, gint64 now, double speed)
{
  double minutes = 0;

  g_return_val_if_fail (fold != NULL && speed > 0, 0);

  for (guint i = 0; i < fold->steps->len; i++)
    minutes += step_left (g_ptr_array_index (fold->steps, i), now, speed);
  return minutes * 60 / speed;
}

char *
slip_run_fold_dup_outcome (SlipRunFold *fold)
{
  guint n[SLIP_RUN_STEP_SKIPPED + 1] = {0};
  g_autoptr (GString) text = NULL;

  g_return_val_if_fail (fold != NULL, NULL);

  for (guint i = 0; i < fold->steps->len; i++)
    n[((SlipFoldStep *)g_ptr_array_index (fold->steps, i))->state]++;
  /* The fold counts as skipped what was passed by only when it reads the end. */
  n[SLIP_RUN_STEP_SKIPPED] += n[SLIP_RUN_STEP_PLANNED];
  if (n[SLIP_RUN_STEP_DONE] == fold->steps->len)
    return g_strdup_printf ("%u steps, each done and verified", fold->steps->len);
  text = g_string_new (NULL);
  g_string_append_printf (text, "%u steps done and verified", n[SLIP_RUN_STEP_DONE]);
  if (n[SLIP_RUN_STEP_SKIPPED] > 0)
    g_string_append_printf (text, ", %u skipped", n[SLIP_RUN_STEP_SKIPPED]);
  if (n[SLIP_RUN_STEP_FAILED] > 0)
    g_string_append_printf (text, ", %u failed", n[SLIP_RUN_STEP_FAILED]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}
