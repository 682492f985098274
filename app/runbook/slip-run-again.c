/* SPDX-License-Identifier: MIT */
/* A word that a step needs, and that has grown old meanwhile. What was looked at between the word and the step
 * is as old: where all of it only reads, or looks before it sends, the run goes back to where the word is given
 * and takes that way once more. Elsewhere the word alone is asked for again, by slip-run-people.c. */

#include "slip-run-engine.h"

#include "slip-json.h"

/* Whether taking @step once more does nothing that was not wanted before, and asks nobody. */
static gboolean
may_repeat (SlipPlanStep *step)
{
  static const char *const others[]
      = {"aws:updateVariable", "aws:loop", "aws:approve", "aws:pause", "aws:sleep", NULL};
  SlipResumeRule rule = slip_plan_step_get_resume_rule (step);

  if (g_strv_contains (others, slip_plan_step_get_action (step))
      || slip_plan_step_get_confirm (step) != NULL)
    return FALSE;
  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ || rule == SLIP_RESUME_R1
         || rule == SLIP_RESUME_R3;
}

static gboolean
was_entered (SlipFoldStep *step)
{
  return step != NULL && step->state != SLIP_RUN_STEP_PLANNED
         && step->state != SLIP_RUN_STEP_SKIPPED;
}

static gboolean
is_way_free (SlipRunFold *fold, SlipPlanStep *from, SlipPlanStep *to)
{
  for (guint i = slip_plan_step_get_index (from) + 1; i < slip_plan_step_get_index (to); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (fold->plan, i);

      if (was_entered (slip_run_fold_find (fold, slip_plan_step_get_id (step)))
          && !may_repeat (step))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_run_go_back (SlipRunContext *context)
{
  SlipRunFold *fold = context->engine->fold;
  const char *name = slip_plan_step_get_confirmed_by (context->plan);
  SlipFoldStep *word = name != NULL ? slip_run_fold_find (fold, name) : NULL;

  if (word == NULL || word->state != SLIP_RUN_STEP_DONE || context->step->open
      || context->step->state == SLIP_RUN_STEP_WAITING
      || context->step->state == SLIP_RUN_STEP_OVERDUE
      || slip_plan_step_get_confirm (word->plan_step) == NULL)
    return FALSE;
  /* Turns that only the run made are in no order of the plan. */
  if (slip_plan_find_step (fold->plan, name) != word->plan_step
      || slip_plan_find_step (fold->plan, context->step->id) != context->plan
      || slip_plan_step_get_index (word->plan_step) >= slip_plan_step_get_index (context->plan))
    return FALSE;
  if (slip_run_engine_is_said (context->engine, word)
      || !is_way_free (fold, word->plan_step, context->plan))
    return FALSE;
  /* Where the way takes longer than the word lasts, going back would never end. */
  if (g_strcmp0 (context->engine->gone_back_from, context->step->id) == 0)
    return FALSE;
  context->engine->gone_back_from = context->step->id;
  context->outcome = "postponed";
  context->detail = g_strdup_printf ("what was said before step %s %s; back to it, and what was "
                                     "looked at since is looked at again",
                                     name, word->voided != NULL ? "counts no more" : "is too old");
  context->next = g_strdup (name);
  context->next_set = TRUE;
  return TRUE;
}
