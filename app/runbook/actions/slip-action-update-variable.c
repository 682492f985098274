/* SPDX-License-Identifier: MIT */
/* `aws:updateVariable`: gives a variable of the document a new value. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Name", SLIP_ACTION_TEXT, TRUE},
    {"Value", SLIP_ACTION_ANY, TRUE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static void
check_step (SlipActionCheck *check)
{
  const char *name = slip_json_string (check->inputs, "Name");

  if (name != NULL && !g_str_has_prefix (name, "variable:"))
    slip_action_report (check, ".inputs.Name", "write variable:%s", name);
}

const SlipAction slip_action_update_variable = {
    .name = "aws:updateVariable",
    .planned = TRUE,
    .inputs = inputs,
    .check = check_step,
};
