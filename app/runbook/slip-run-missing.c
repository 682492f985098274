/* SPDX-License-Identifier: MIT */
/* A run that stops tells what exists now. Another hand may have taken away what it made, and what it stopped at
 * seldom tells: so it looks. Nothing is changed here, and a look that fails says nothing. */

#include "slip-run-missing.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-lost.h"

static JsonNode *
ask (SlipRunEngine *engine, SlipRunLook *look, GError **error)
{
  SlipPlanStep *plan = look->step->plan_step;
  const char *environment = slip_plan_step_get_environment (plan);
  SlipAwsCall call = {
      .service = look->service,
      .operation = look->operation,
      .region = slip_plan_step_get_region (plan),
      .input = look->input,
      .priority = SLIP_AWS_PRIORITY_WAIT,
  };

  if (!slip_action_require_read (look->service, look->operation, error))
    return NULL;
  return slip_run_caller_call (engine->caller, environment, &call, NULL, engine->cancellable,
                               error);
}

static JsonObject *
new_missing (SlipRunLook *look, const char *code)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "step", look->step->id);
  json_object_set_string_member (object, "service", look->service);
  json_object_set_string_member (object, "operation", look->operation);
  json_object_set_member (object, "input", json_node_ref (look->input));
  json_object_set_string_member (object, "code", code);
  return object;
}

JsonArray *
slip_run_list_missing (SlipRunEngine *engine)
{
  g_autoptr (GPtrArray) made = NULL;
  g_autoptr (JsonArray) missing = json_array_new ();

  g_return_val_if_fail (engine != NULL, NULL);

  made = slip_run_fold_list_made (engine->fold);
  for (guint i = 0; i < made->len; i++)
    {
      SlipRunLook *look = g_ptr_array_index (made, i);
      g_autoptr (GError) failure = NULL;
      g_autoptr (JsonNode) answer = ask (engine, look, &failure);
      const char *code = slip_aws_error_get_code (failure);

      if (answer == NULL && slip_run_look_is_absent (look, code))
        json_array_add_object_element (missing, new_missing (look, code));
      /* Where the way to AWS is closed it stays so for the others. */
      if (failure != NULL && !g_error_matches (failure, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE))
        break;
    }
  return json_array_get_length (missing) > 0 ? g_steal_pointer (&missing) : NULL;
}

static gboolean
holds (GPtrArray *looks, const char *id)
{
  for (guint i = 0; i < looks->len; i++)
    if (g_strcmp0 (((SlipRunLook *)g_ptr_array_index (looks, i))->step->id, id) == 0)
      return TRUE;
  return FALSE;
}

static void
append_name (GString *names, const char *name)
{
  g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", name);
}

char *
slip_run_describe_missing (SlipRunEngine *engine, JsonArray *missing, gboolean again)
{
  g_autoptr (GPtrArray) needed = NULL;
  g_autoptr (GString) can = g_string_new (NULL);
  g_autoptr (GString) cannot = g_string_new (NULL);
  g_autoptr (GString) text = g_string_new (NULL);

  g_return_val_if_fail (engine != NULL, NULL);

  if (missing == NULL)
    return NULL;
  needed = slip_run_fold_list_needed (engine->fold);
  for (guint i = 0; i < json_array_get_length (missing); i++)
    {
      const char *id = slip_json_string (json_array_get_object_element (missing, i), "step");

      append_name (holds (needed, id) ? can : cannot, id);
    }
  if (can->len > 0)
    g_string_append_printf (text,
                            "What these steps made is not there any more: %s. “slipwayctl run "
                            "commands %s” has the calls that make it "
                            "again; do that and resume, or cancel this run and plan again",
                            can->str, engine->fold->id);
  if (cannot->len > 0 && !again)
    g_string_append_printf (text,
                            "%sWhat these steps made is not there any more, and this run does not "
                            "make it again: %s. When the rest needs "
                            "it, cancel this run and plan again",
                            text->len > 0 ? ". " : "", cannot->str);
  return text->len > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}
