/* SPDX-License-Identifier: MIT */
/* aws:assertAwsResourceProperty while running: one read, whose property must have a desired value. */

#include "slip-run-engine.h"

#include "slip-action.h"
#include "slip-json.h"

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *selector = slip_json_string (context->inputs, "PropertySelector");
  JsonArray *desired = slip_json_array (context->inputs, "DesiredValues");
  const char *match = slip_json_string (slip_plan_step_get_json (context->plan), "match");
  gboolean exactly = g_strcmp0 (match, "exactly") == 0;
  g_autoptr (JsonNode) value = NULL;
  g_autoptr (JsonNode) wanted = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *value_text = NULL;
  g_autofree char *wanted_text = NULL;

  if (!slip_action_require_read (slip_plan_step_get_service (context->plan),
                                 slip_plan_step_get_operation (context->plan), error)
      || !slip_run_send (context, error))
    return FALSE;
  value = slip_json_select (context->answer, selector != NULL ? selector : "$", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (desired != NULL && slip_plan_property_holds (value, desired, exactly))
    return TRUE;
  wanted = desired != NULL ? slip_json_new_array (json_array_ref (desired)) : NULL;
  wanted_text = wanted != NULL ? slip_json_to_text (wanted, FALSE) : g_strdup ("anything");
  value_text = value != NULL ? slip_json_to_text (value, FALSE) : g_strdup ("absent");
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s is %s, not one of %s", selector,
               value_text, wanted_text);
  return FALSE;
}

const SlipRunAction slip_run_action_assert_property = {
    .name = "aws:assertAwsResourceProperty",
    .run = run,
};
