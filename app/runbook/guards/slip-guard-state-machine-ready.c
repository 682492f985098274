/* SPDX-License-Identifier: MIT */
/* Whether a state machine may be started: it is there, is what `slipwayctl migrate state-machine` made of the definitions
 * that are meant, runs every stage anew where it must, and nobody's execution of it is under way. A short machine that
 * leaves the load or the validation out looks the same in a list. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

/* `sha256`: the definition's digest, as `slipwayctl migrate state-machine DIR --sha256` tells it; `stages`: those
 * that may not be left out; a load must load the source files. */
static const char *const inputs[] = {"stateMachine", "sha256?", "stages?", NULL};

/* ---- the definition */

static JsonObject *
find_states (JsonNode *definition)
{
  JsonObject *machine = definition != NULL ? slip_json_node_object (definition) : NULL;

  return machine != NULL ? slip_json_object (machine, "States") : NULL;
}

static const char *
command_of (JsonObject *state, char **held)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (state));

  *held = slip_json_to_text (node, FALSE);
  return *held;
}

/* What a machine that shall run everything leaves out, or NULL. */
static char *
judge_stages (SlipGuardContext *context, JsonObject *states)
{
  g_auto (GStrv) needed = slip_guard_input_list (context, "stages");

  for (guint i = 0; needed != NULL && needed[i] != NULL; i++)
    {
      JsonObject *state = states != NULL ? slip_json_object (states, needed[i]) : NULL;
      g_autofree char *held = NULL;

      if (state == NULL || g_strcmp0 (slip_json_string (state, "Type"), "Task") != 0)
        return g_strdup_printf ("the state machine leaves the stage %s out. Update it with the "
                                "whole one of “slipwayctl migrate state-machine”",
                                needed[i]);
      if (g_str_equal (needed[i], "load")
          && (strstr (command_of (state, &held), "--source") == NULL
              || strstr (held, "--no-reload") != NULL))
        return g_strdup ("the state machine does not load the source files anew, but takes what "
                         "was landed before. Make it without --landed and --no-reload");
      if (g_str_equal (needed[i], "load_to_target")
          && strstr (command_of (state, &held), "'--integration', $.integration") == NULL)
        return g_strdup (
            "the state machine loads whatever is integrated when it comes to that, and "
            "not what was agreed to. Make it anew with “slipwayctl migrate "
            "state-machine”");
    }
  return NULL;
}

static SlipGuardState
judge_definition (SlipGuardContext *context, const char *text, char **message)
{
  const char *wanted = slip_guard_input (context, "sha256");
  g_autoptr (JsonNode) definition = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  g_autofree char *digest = definition != NULL ? slip_json_sha256 (definition) : NULL;

  if (digest == NULL)
    {
      *message = g_strdup ("Step Functions does not show the state machine's definition");
      return SLIP_GUARD_UNPROVABLE;
    }
  if (wanted != NULL && !g_str_equal (wanted, digest))
    {
      *message = g_strdup_printf ("the state machine's definition is %s, not %s: it was made of "
                                  "other definitions or options. Update it, or find out who did",
                                  digest, wanted);
      return SLIP_GUARD_BLOCK;
    }
  *message = judge_stages (context, find_states (definition));
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  if (wanted == NULL)
    {
      *message = g_strdup_printf ("the state machine's definition is %s, which nothing is held "
                                  "against: give the digest that “slipwayctl migrate state-machine "
                                  "DIR --sha256” tells",
                                  digest);
      return SLIP_GUARD_WARN;
    }
  *message = g_strdup_printf ("its definition is %s, and no execution runs", digest);
  return SLIP_GUARD_PASS;
}

/* ---- who else */

static SlipGuardState
judge_running (SlipGuardContext *context, const char *machine, char **message)
{
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonArray *list;

  json_object_set_string_member (input, "stateMachineArn", machine);
  json_object_set_string_member (input, "statusFilter", "RUNNING");
  output = slip_guard_call (context, "states", "ListExecutions", input, &error);
  list = output != NULL ? slip_json_array (slip_json_node_object (output), "executions") : NULL;
  if (list == NULL)
    return slip_guard_unprovable (message, "whether an execution of it runs", error);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *one = json_array_get_object_element (list, i);
      const char *name = slip_json_string (one, "name");

      if (name != NULL && (context->run == NULL || !g_str_has_prefix (name, context->run)))
        {
          *message
              = g_strdup_printf ("the execution %s runs since %s. Wait for its end, or stop it",
                                 name, slip_json_string (one, "startDate"));
          return SLIP_GUARD_BLOCK;
        }
    }
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *machine = slip_guard_input (context, "stateMachine");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *shown;
  SlipGuardState state;

  if (machine == NULL)
    {
      *message = g_strdup ("no state machine is named");
      return SLIP_GUARD_BLOCK;
    }
  json_object_set_string_member (input, "stateMachineArn", machine);
  output = slip_guard_call (context, "states", "DescribeStateMachine", input, &error);
  if (slip_aws_error_has_code (error, "StateMachineDoesNotExist")
      || slip_aws_error_has_code (error, "InvalidArn"))
    {
      *message = g_strdup_printf ("there is no state machine %s", machine);
      return SLIP_GUARD_BLOCK;
    }
  if (output == NULL)
    return slip_guard_unprovable (message, "what the state machine does", error);
  shown = slip_json_node_object (output);
  if (g_strcmp0 (slip_json_string (shown, "status"), "ACTIVE") != 0)
    {
      *message = g_strdup_printf ("the state machine %s is not ACTIVE", machine);
      return SLIP_GUARD_BLOCK;
    }
  state = judge_running (context, machine, message);
  return state == SLIP_GUARD_PASS
             ? judge_definition (context, slip_json_string (shown, "definition"), message)
             : state;
}

const SlipGuard slip_guard_state_machine_ready = {
    .id = "state-machine-ready",
    .title = "State machine is the one that is meant, and free",
    .inputs = inputs,
    .evaluate = evaluate,
};
