/* SPDX-License-Identifier: MIT */
/* What a wait waited for came to nothing: AWS made it, and then said that it failed. Waiting again does
 * not mend that. A person finds the cause and deletes what is left; when the run is resumed and it is
 * gone, the run goes back to the step that makes it, which looks before it sends as at any resume. Nothing
 * is deleted here, and nothing that is still there is made a second time. */

#include "slip-run-engine.h"

#include "slip-json.h"

/* Whether @made is looked up by just the read that is waited with. */
static gboolean
is_same_look (SlipRunContext *context, const SlipRunWaitSpec *spec, SlipPlanStep *made)
{
  JsonObject *resume = slip_plan_step_get_resume (made);
  const char *service = resume != NULL ? slip_json_string (resume, "service") : NULL;
  g_autoptr (JsonObject) resolved = NULL;
  JsonNode *input;

  if (service == NULL || g_strcmp0 (service, spec->service) != 0
      || g_strcmp0 (slip_json_string (resume, "operation"), spec->operation) != 0
      || g_strcmp0 (slip_plan_step_get_environment (made),
                    slip_plan_step_get_environment (context->plan))
             != 0
      || g_strcmp0 (slip_plan_step_get_region (made), slip_plan_step_get_region (context->plan))
             != 0)
    return FALSE;
  resolved = slip_run_engine_resolve_object (context->engine, resume, NULL);
  input = resolved != NULL ? json_object_get_member (resolved, "input") : NULL;
  return input != NULL && slip_json_equal (input, spec->request);
}

/* Whether going through @step once more is harmless, because it reads or looks first. */
static gboolean
may_repeat (SlipPlanStep *step)
{
  SlipResumeRule rule = slip_plan_step_get_resume_rule (step);

  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ || rule == SLIP_RESUME_R1
         || rule == SLIP_RESUME_R3;
}

/* When the last outcome of @step was written, as the ledger counts; 0 for never. */
static gint64
get_last_outcome (SlipFoldStep *step)
{
  for (guint i = step->entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (step->entries, i - 1);

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_OUTCOME_KIND) == 0)
        return slip_json_int (entry, "seq", 0);
    }
  return 0;
}

/* The step that this run made it with. When it made it once more since the wait failed, what is not shown
 * is not shown yet, and not gone. */
static SlipPlanStep *
find_maker (SlipRunContext *context, const SlipRunWaitSpec *spec)
{
  SlipRunFold *fold = context->engine->fold;

  if (slip_plan_find_step (fold->plan, context->step->id) != context->plan)
    return NULL;
  for (guint i = slip_plan_step_get_index (context->plan); i > 0; i--)
    {
      SlipPlanStep *plan = slip_plan_get_step (fold->plan, i - 1);
      SlipFoldStep *step = slip_run_fold_find (fold, slip_plan_step_get_id (plan));

      if (step == NULL || step->state == SLIP_RUN_STEP_SKIPPED
          || step->state == SLIP_RUN_STEP_PLANNED)
        continue;
      if (!may_repeat (plan))
        return NULL;
      if (slip_plan_step_get_resume_rule (plan) == SLIP_RESUME_R1 && step->changed
          && is_same_look (context, spec, plan))
        return get_last_outcome (step) < get_last_outcome (context->step) ? plan : NULL;
    }
  return NULL;
}

static gboolean
is_gone (SlipRunContext *context, const SlipRunWaitSpec *spec, JsonArray *codes, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonNode) response = slip_run_engine_read (
      context, spec->service, spec->operation, spec->request, SLIP_AWS_PRIORITY_WAIT, &failure);
  const char *code;

  if (response != NULL)
    return FALSE;
  if (slip_run_error_is_stop (failure))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  code = slip_aws_error_get_code (failure);
  for (guint i = 0; code != NULL && codes != NULL && i < json_array_get_length (codes); i++)
    if (g_str_equal (code, json_array_get_string_element (codes, i)))
      return TRUE;
  return FALSE;
}

gboolean
slip_run_remake (SlipRunContext *context,
                 const SlipRunWaitSpec *spec,
                 gboolean *back,
                 GError **error)
{
  SlipPlanStep *maker = NULL;
  g_autoptr (GError) local = NULL;

  *back = FALSE;
  if (context->step->state == SLIP_RUN_STEP_FAILED)
    maker = find_maker (context, spec);
  if (maker == NULL)
    return TRUE;
  *back = is_gone (context, spec, slip_json_array (slip_plan_step_get_resume (maker), "absent"),
                   &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (!*back)
    return TRUE;
  context->outcome = "failed";
  g_free (context->detail);
  context->detail = g_strdup_printf ("what failed is gone; back to step %s, which makes it again",
                                     slip_plan_step_get_id (maker));
  g_free (context->next);
  context->next = g_strdup (slip_plan_step_get_id (maker));
  context->next_set = TRUE;
  return TRUE;
}
