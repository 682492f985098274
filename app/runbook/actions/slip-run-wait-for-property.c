/* SPDX-License-Identifier: MIT */
/* aws:waitForAwsResourceProperty while running: polls until the property has a desired value, or after
 * a failure goes back to what makes the resource. */

#include "slip-run-engine.h"

static gboolean
run (SlipRunContext *context, GError **error)
{
  JsonObject *wait = slip_plan_step_get_wait (context->plan);
  g_autoptr (JsonObject) resolved = NULL;
  SlipRunWaitSpec spec = {
      .service = slip_plan_step_get_service (context->plan),
      .operation = slip_plan_step_get_operation (context->plan),
      .request = context->request,
  };
  gboolean back;

  if (wait == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the plan does not say what step %s waits for", context->step->id);
      return FALSE;
    }
  resolved = slip_run_engine_resolve_object (context->engine, wait, error);
  if (resolved == NULL)
    return FALSE;
  spec.wait = resolved;
  if (!slip_run_remake (context, &spec, &back, error) || back)
    return back;
  return slip_run_wait (context, &spec, error);
}

const SlipRunAction slip_run_action_wait_for_property = {
    .name = "aws:waitForAwsResourceProperty",
    .run = run,
};
