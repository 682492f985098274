/* SPDX-License-Identifier: MIT */
/* A word that a step needs, and that has grown old meanwhile. What was looked at between the word and the step
 * is as old: where all of it only reads, or looks before it sends, the run goes back to where the word is given
 * and takes that way once more. Elsewhere the word alone is asked for again, by slip-run-people.c.
 *
 * What no guard can ask, a search of Terraform's state, is a step that stands directly before what it is for: it is
 * made again where another process made it, or longer ago than a guard's look may be. */

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

static gboolean
is_going_on (SlipRunContext *context)
{
  return context->step->open || context->step->state == SLIP_RUN_STEP_WAITING
         || context->step->state == SLIP_RUN_STEP_OVERDUE;
}

gboolean
slip_run_go_back (SlipRunContext *context)
{
  SlipRunFold *fold = context->engine->fold;
  const char *name = slip_plan_step_get_confirmed_by (context->plan);
  SlipFoldStep *word = name != NULL ? slip_run_fold_find (fold, name) : NULL;

  if (word == NULL || word->state != SLIP_RUN_STEP_DONE || is_going_on (context)
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

static gboolean
is_search (SlipPlanStep *step)
{
  JsonObject *inputs = slip_plan_step_get_inputs (step);

  return g_strcmp0 (slip_plan_step_get_action (step), "slipway:terraform") == 0 && inputs != NULL
         && g_strcmp0 (slip_json_string (inputs, "Operation"), "stateSearch") == 0;
}

/* The search right before a step that cannot be undone, when it was made. */
static SlipFoldStep *
find_search (SlipRunContext *context)
{
  SlipRunFold *fold = context->engine->fold;
  guint index = slip_plan_step_get_index (context->plan);
  SlipPlanStep *before;
  SlipFoldStep *search;

  if (slip_plan_step_get_effect (context->plan) != SLIP_AWS_EFFECT_FINAL || index == 0
      || slip_plan_find_step (fold->plan, context->step->id) != context->plan)
    return NULL;
  before = slip_plan_get_step (fold->plan, index - 1);
  search = is_search (before) ? slip_run_fold_find (fold, slip_plan_step_get_id (before)) : NULL;
  return search != NULL && search->state == SLIP_RUN_STEP_DONE ? search : NULL;
}

void
slip_run_note_search (SlipRunContext *context)
{
  if (!is_search (context->plan))
    return;
  context->engine->searched = context->step->id;
  slip_run_moment_now (&context->engine->searched_at);
}

gboolean
slip_run_search_again (SlipRunContext *context, gboolean *again, GError **error)
{
  SlipRunEngine *engine = context->engine;
  SlipFoldStep *search = is_going_on (context) ? NULL : find_search (context);

  *again = FALSE;
  if (search == NULL)
    return TRUE;
  /* A word may be long in coming: what is searched is searched after it. */
  if (!slip_run_engine_confirm (engine, context->step, error)
      || !slip_run_engine_confirm_again (engine, context->step, error))
    return FALSE;
  *again = g_strcmp0 (engine->searched, search->id) != 0
           || slip_run_moment_age (&engine->searched_at) > SLIP_RUN_LOOK_US;
  if (!*again)
    return TRUE;
  context->outcome = "postponed";
  context->detail
      = g_strdup_printf ("what step %s found is not of just now; it is made again", search->id);
  context->next = g_strdup (search->id);
  context->next_set = TRUE;
  return TRUE;
}
