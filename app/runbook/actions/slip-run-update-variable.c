/* SPDX-License-Identifier: MIT */
/* aws:updateVariable while running: the new value is part of the step's outcome entry, and frozen
 * there until another step sets another. */

#include "slip-run-engine.h"

#include "slip-json.h"

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *name = slip_json_string (context->inputs, "Name");
  JsonNode *value = json_object_get_member (context->inputs, "Value");

  if (name != NULL && g_str_has_prefix (name, "variable:"))
    name += strlen ("variable:");
  if (name == NULL || value == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "step %s names no variable, or no value", context->step->id);
      return FALSE;
    }
  context->variables = json_object_new ();
  json_object_set_member (context->variables, name, json_node_ref (value));
  return TRUE;
}

const SlipRunAction slip_run_action_update_variable = {
    .name = "aws:updateVariable",
    .run = run,
};
