/* SPDX-License-Identifier: MIT */
/* The check of steps one by one: names, actions, inputs, outputs, times. How steps follow each other
 * and what they may refer to is slip-check-flow.c. */

#include "slip-check.h"

#include "slip-json.h"

#include <string.h>

/* Systems Manager takes 100. */
#define MAX_STEPS 200

static const SlipActionInput step_members[] = {
    {"name", SLIP_ACTION_TEXT, TRUE},
    {"action", SLIP_ACTION_TEXT, TRUE},
    {"description", SLIP_ACTION_TEXT, FALSE},
    {"inputs", SLIP_ACTION_MAP, FALSE},
    {"outputs", SLIP_ACTION_LIST, FALSE},
    {"timeoutSeconds", SLIP_ACTION_ANY, FALSE},
    {"maxAttempts", SLIP_ACTION_INTEGER, FALSE},
    {"onFailure", SLIP_ACTION_TEXT, FALSE},
    {"onCancel", SLIP_ACTION_TEXT, FALSE},
    {"nextStep", SLIP_ACTION_TEXT, FALSE},
    {"isEnd", SLIP_ACTION_ANY, FALSE},
    {"isCritical", SLIP_ACTION_ANY, FALSE},
    {"slipway", SLIP_ACTION_MAP, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput output_members[] = {
    {"Name", SLIP_ACTION_TEXT, TRUE},
    {"Selector", SLIP_ACTION_TEXT, TRUE},
    {"Type", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static void read_steps (SlipCheck *check, JsonArray *array, const char *path, const char *loop);

static gboolean
is_step_name (const char *name)
{
  gsize length = strlen (name);

  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '_')
      return FALSE;
  return length >= 3 && length <= 128;
}

/* Systems Manager takes booleans also as strings. */
static void
check_flag (SlipCheck *check, const char *path, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text = slip_json_string (object, name);

  if (node == NULL || (text != NULL && (g_str_equal (text, "true") || g_str_equal (text, "false"))))
    return;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    slip_check_fault_at (check, path, name, "must be true or false");
}

static void
check_times (SlipCheck *check, SlipCheckStep *step)
{
  JsonNode *timeout = json_object_get_member (step->object, "timeoutSeconds");
  const char *text = slip_json_string (step->object, "timeoutSeconds");
  gint64 attempts = slip_json_int (step->object, "maxAttempts", 1);
  gint64 seconds = slip_json_int (step->object, "timeoutSeconds", 0);
  gboolean fits = timeout == NULL || seconds > 0;

  if (text != NULL)
    fits = strstr (text, "{{") != NULL || g_ascii_strtoll (text, NULL, 10) > 0;
  if (!fits)
    slip_check_fault_at (check, step->path, "timeoutSeconds",
                         "must be a number of seconds above 0");
  if (attempts < 1 || attempts > 10)
    slip_check_fault_at (check, step->path, "maxAttempts", "must be 1 to 10");
}

static void
check_output (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *output)
{
  const char *name = slip_json_string (output, "Name");
  const char *type_name = slip_json_string (output, "Type");
  const char *selector = slip_json_string (output, "Selector");
  const SlipAwsOperation *operation = slip_check_operation (step);
  SlipParameterType type = SLIP_PARAMETER_STRING;

  slip_check_members (check, path, output, output_members, FALSE);
  if (type_name != NULL && !slip_parameter_type_parse (type_name, &type))
    slip_check_fault_at (check, path, "Type",
                         "“%s” is not one of: String, StringList, Integer, Boolean, MapList, "
                         "StringMap",
                         type_name);
  if (selector != NULL)
    {
      g_autofree char *at = slip_path_member (path, "Selector");

      slip_check_selector (check, at, operation, selector, &type);
    }
  if (name == NULL)
    return;
  if (g_hash_table_lookup (check->steps, step->name) != step)
    return;
  if (g_hash_table_replace (check->types, g_strdup_printf ("%s.%s", step->name, name),
                            GUINT_TO_POINTER ((guint)type + 1)))
    return;
  slip_check_fault_at (check, path, "Name", "the step has two outputs %s", name);
}

static void
check_outputs (SlipCheck *check, SlipCheckStep *step)
{
  JsonArray *outputs = slip_json_array (step->object, "outputs");
  g_autofree char *list = slip_path_member (step->path, "outputs");

  for (const SlipActionOutput *output = step->action != NULL ? step->action->outputs : NULL;
       output != NULL && output->name != NULL; output++)
    g_hash_table_replace (check->types, g_strdup_printf ("%s.%s", step->name, output->name),
                          GUINT_TO_POINTER ((guint)output->type + 1));
  for (guint i = 0; outputs != NULL && i < json_array_get_length (outputs); i++)
    {
      g_autofree char *path = slip_path_element (list, i);
      JsonObject *output = slip_json_node_object (json_array_get_element (outputs, i));

      if (output == NULL)
        slip_check_fault (check, path, "must be a map with Name, Selector and Type");
      else
        check_output (check, step, path, output);
    }
}

static void
report_action (SlipActionCheck *action, const char *suffix, const char *message)
{
  SlipCheck *check = action->data;
  g_autofree char *path = g_strconcat (action->path, suffix, NULL);

  slip_check_fault (check, path, "%s", message);
}

static void
check_inputs (SlipCheck *check, SlipCheckStep *step)
{
  g_autofree char *path = slip_path_member (step->path, "inputs");
  SlipActionCheck action = {
      .path = step->path,
      .step = step->object,
      .inputs = step->inputs,
      .report = report_action,
      .data = check,
  };

  slip_check_members (check, path, step->inputs, step->action->inputs,
                      step->action->request_inputs || step->action->free_inputs);
  if (step->action->request_inputs)
    slip_check_request (check, step);
  if (step->action->check != NULL)
    step->action->check (&action);
}

static void
check_action (SlipCheck *check, SlipCheckStep *step)
{
  const char *name = slip_json_string (step->object, "action");
  g_autofree const char **names = slip_action_list_names ();
  g_autofree char *hint = NULL;

  if (name == NULL)
    return;
  if (step->action != NULL)
    {
      check_inputs (check, step);
      return;
    }
  hint = slip_check_suggest (name, names);
  slip_check_fault_at (check, step->path, "action", "there is no action %s%s", name, hint);
}

static void
check_step (SlipCheck *check, SlipCheckStep *step)
{
  JsonObject *slipway = slip_json_object (step->object, "slipway");

  slip_check_members (check, step->path, step->object, step_members, FALSE);
  check_flag (check, step->path, step->object, "isEnd");
  check_flag (check, step->path, step->object, "isCritical");
  check_times (check, step);
  check_action (check, step);
  if (slipway != NULL)
    slip_check_slipway_step (check, step);
}

static void
register_step (SlipCheck *check, SlipCheckStep *step)
{
  const char *name = slip_json_string (step->object, "name");
  SlipCheckStep *other;

  if (name == NULL)
    return;
  if (!is_step_name (name))
    slip_check_fault_at (check, step->path, "name",
                         "a step's name is 3 to 128 letters, digits and _");
  other = g_hash_table_lookup (check->steps, name);
  if (other != NULL)
    slip_check_fault_at (check, step->path, "name", "the step at %s is called %s too", other->path,
                         name);
  else
    g_hash_table_insert (check->steps, step->name, step);
}

static void
read_loop (SlipCheck *check, SlipCheckStep *step)
{
  JsonArray *body = slip_json_array (step->inputs, "Steps");
  g_autofree char *path = g_strconcat (step->path, ".inputs.Steps", NULL);

  if (g_strcmp0 (slip_json_string (step->object, "action"), "aws:loop") != 0)
    return;
  if (step->loop != NULL)
    slip_check_fault (check, step->path, "a loop cannot stand in a loop");
  else if (body != NULL)
    read_steps (check, body, path, step->name);
}

static void
read_step (SlipCheck *check, JsonObject *object, const char *path, const char *loop)
{
  SlipCheckStep *step = g_new0 (SlipCheckStep, 1);
  const char *name = slip_json_string (object, "name");
  const char *action = slip_json_string (object, "action");
  JsonObject *inputs = slip_json_object (object, "inputs");

  step->name = g_strdup (name != NULL ? name : path);
  step->path = g_strdup (path);
  step->loop = g_strdup (loop);
  step->object = object;
  step->inputs = inputs != NULL ? json_object_ref (inputs) : json_object_new ();
  step->action = action != NULL ? slip_action_find (action) : NULL;
  g_ptr_array_add (check->all, step);
  if (loop == NULL)
    g_ptr_array_add (check->main_steps, step);
  register_step (check, step);
  read_loop (check, step);
}

static void
read_steps (SlipCheck *check, JsonArray *array, const char *path, const char *loop)
{
  if (json_array_get_length (array) == 0)
    slip_check_fault (check, path, "there are no steps");
  if (json_array_get_length (array) > MAX_STEPS)
    {
      slip_check_fault (check, path, "there are more than %d steps", MAX_STEPS);
      return;
    }
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      g_autofree char *at = slip_path_element (path, i);
      JsonObject *object = slip_json_node_object (json_array_get_element (array, i));

      if (object == NULL)
        slip_check_fault (check, at, "a step is a map with name, action and inputs");
      else
        read_step (check, object, at, loop);
    }
}

void
slip_check_steps (SlipCheck *check)
{
  JsonArray *steps = slip_json_array (check->root, "mainSteps");

  if (steps == NULL)
    return;
  read_steps (check, steps, "$.mainSteps", NULL);
  /* Types of outputs first, so that inputs that refer to them can be checked in any order. */
  for (guint i = 0; i < check->all->len; i++)
    check_outputs (check, g_ptr_array_index (check->all, i));
  for (guint i = 0; i < check->all->len; i++)
    check_step (check, g_ptr_array_index (check->all, i));
}
