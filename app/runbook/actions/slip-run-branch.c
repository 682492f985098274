/* SPDX-License-Identifier: MIT */
/* aws:branch while running: the first choice that holds says where to go on. Choices are resolved
 * one after another, because those behind the first that holds may name what never gets a value. */

#include "slip-run-engine.h"

#include "slip-action.h"
#include "slip-json.h"

static gboolean
choice_holds (SlipRunContext *context, JsonObject *choice, gboolean *holds, GError **error)
{
  g_autoptr (JsonObject) resolved = slip_run_engine_resolve_object (context->engine, choice, error);
  g_autoptr (GError) local = NULL;
  SlipConditionResult result;

  if (resolved == NULL)
    return FALSE;
  result = slip_condition_evaluate (resolved, &local);
  *holds = result == SLIP_CONDITION_TRUE;
  if (local == NULL && result != SLIP_CONDITION_UNKNOWN)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_EXPRESSION, "%s",
               local != NULL ? local->message : "a choice names something that has no value");
  return FALSE;
}

static void
go_to (SlipRunContext *context, const char *next)
{
  context->next_set = TRUE;
  context->next = g_strdup (next);
  context->detail = g_strdup_printf ("on to %s", next);
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  JsonArray *choices = slip_json_array (context->inputs, "Choices");
  const char *otherwise = slip_json_string (context->inputs, "Default");

  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = slip_json_node_object (json_array_get_element (choices, i));
      gboolean holds = FALSE;

      if (choice == NULL)
        continue;
      if (!choice_holds (context, choice, &holds, error))
        {
          g_prefix_error (error, "choice %u: ", i + 1);
          return FALSE;
        }
      if (!holds)
        continue;
      go_to (context, slip_json_string (choice, "NextStep"));
      return TRUE;
    }
  if (otherwise != NULL)
    go_to (context, otherwise);
  return TRUE;
}

static const char *const late[] = {"Choices", NULL};

const SlipRunAction slip_run_action_branch = {
    .name = "aws:branch",
    .late = late,
    .run = run,
};
