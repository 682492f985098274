/* SPDX-License-Identifier: MIT */
/* `aws:branch`: goes to the step of the first choice whose condition holds. */

#include "slip-actions.h"
#include "slip-json.h"

static const SlipActionInput inputs[] = {
    {"Choices", SLIP_ACTION_LIST, TRUE},
    {"Default", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static void
check_step (SlipActionCheck *check)
{
  JsonArray *choices = slip_json_array (check->inputs, "Choices");

  if (choices != NULL && json_array_get_length (choices) == 0)
    slip_action_report (check, ".inputs.Choices", "there are no choices");
  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      g_autofree char *suffix = g_strdup_printf (".inputs.Choices[%u]", i);
      JsonObject *choice = slip_json_node_object (json_array_get_element (choices, i));

      if (choice == NULL)
        slip_action_report (check, suffix, "a choice is a map");
      else
        slip_condition_check (check, suffix, choice, TRUE);
      if (choice != NULL && slip_json_string (choice, "NextStep") == NULL)
        slip_action_report (check, suffix, "NextStep is missing");
    }
}

const SlipAction slip_action_branch = {
    .name = "aws:branch",
    .planned = TRUE,
    .inputs = inputs,
    .check = check_step,
};
