/* SPDX-License-Identifier: MIT */
/* `aws:loop`: its steps once for each iterator, or again while a condition holds. The planner unrolls
 * a loop whose iterators it knows. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Iterators", SLIP_ACTION_LIST, FALSE},    {"IteratorDataType", SLIP_ACTION_TEXT, FALSE},
    {"LoopCondition", SLIP_ACTION_MAP, FALSE}, {"MaxIterations", SLIP_ACTION_INTEGER, FALSE},
    {"Steps", SLIP_ACTION_LIST, TRUE},         {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"CurrentIteratorValue", SLIP_PARAMETER_STRING},
    {"CurrentIteration", SLIP_PARAMETER_INTEGER},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_step (SlipActionCheck *check)
{
  static const char *const types[] = {"Boolean", "Integer", "String", "StringMap", NULL};
  JsonObject *condition = slip_json_object (check->inputs, "LoopCondition");
  const char *type = slip_json_string (check->inputs, "IteratorDataType");
  gboolean each = json_object_has_member (check->inputs, "Iterators");
  gint64 most = slip_json_int (check->inputs, "MaxIterations", 100);

  if (each == json_object_has_member (check->inputs, "LoopCondition"))
    slip_action_report (check, ".inputs", "give either Iterators or LoopCondition");
  if (condition != NULL)
    slip_condition_check (check, ".inputs.LoopCondition", condition, FALSE);
  if (type != NULL && !g_strv_contains (types, type))
    slip_action_report (check, ".inputs.IteratorDataType",
                        "“%s” is not one of: Boolean, Integer, String, StringMap", type);
  if (most < 1 || most > 100)
    slip_action_report (check, ".inputs.MaxIterations", "must be 1 to 100");
  if (json_object_has_member (check->step, "onCancel"))
    slip_action_report (check, ".onCancel", "a loop has no onCancel; its steps may have");
}

const SlipAction slip_action_loop = {
    .name = "aws:loop",
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
};
