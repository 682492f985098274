/* SPDX-License-Identifier: MIT */
/* aws:pause while running: stops until a person resumes this very pause. */

#include "slip-run-engine.h"

static gboolean
released (SlipRunEngine *engine, gpointer data, GError **error)
{
  return ((SlipFoldStep *)data)->released;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *title = slip_plan_step_get_title (context->plan);
  g_autofree char *message = NULL;

  if (context->step->released)
    return TRUE;
  message = g_strdup_printf ("the runbook pauses here: %s. Resume to go on",
                             title != NULL ? title : context->step->id);
  return slip_run_engine_need (context->engine, "pause", context->step, message, NULL, released,
                               context->step, error);
}

const SlipRunAction slip_run_action_pause = {
    .name = "aws:pause",
    .run = run,
};
