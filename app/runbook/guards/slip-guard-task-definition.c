/* SPDX-License-Identifier: MIT */
/* Whether an ECS task definition is what a procedure takes it for: active, told what it should be told,
 * of the image that is meant, and with a log that can be followed. A task that works on another
 * environment's database exits with 0 as well. */

#include "slip-guards.h"
#include "slip-json.h"

#include <string.h>

/* `variables`: {NAME: value} that a container must have, a value of "" meaning that it must be absent
 * or empty; `image`: a part of the image's name; `optional`: when true, a missing definition is told
 * and no more. */
static const char *const inputs[] = {"taskDefinition", "variables?", "image?", "optional?", NULL};

static const char *
find_variable (JsonArray *containers, const char *name)
{
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = slip_json_node_object (json_array_get_element (containers, i));
      JsonArray *variables = container != NULL ? slip_json_array (container, "environment") : NULL;

      for (guint k = 0; variables != NULL && k < json_array_get_length (variables); k++)
        {
          JsonObject *variable = slip_json_node_object (json_array_get_element (variables, k));

          if (variable != NULL && g_strcmp0 (slip_json_string (variable, "name"), name) == 0)
            return slip_json_string (variable, "value");
        }
    }
  return NULL;
}

/* What a container is told that it should not be, or NULL. */
static char *
judge_variables (SlipGuardContext *context, const char *task, JsonArray *containers)
{
  JsonObject *expected = slip_json_object (context->inputs, "variables");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (expected == NULL)
    return NULL;
  json_object_iter_init_ordered (&iter, expected);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const char *wanted = slip_json_string (expected, name);
      const char *found = find_variable (containers, name);

      if (wanted == NULL || g_str_equal (wanted, found != NULL ? found : ""))
        continue;
      if (found == NULL)
        return g_strdup_printf ("task definition %s does not set %s, which should be %s. Register "
                                "a revision that does, or choose another",
                                task, name, wanted);
      return g_strdup_printf ("task definition %s sets %s to %s, not to %s: it would work on "
                              "something else. Register a revision that is right, or choose "
                              "another",
                              task, name, found, *wanted != '\0' ? wanted : "nothing");
    }
  return NULL;
}

static char *
judge_image (SlipGuardContext *context, const char *task, const char *image)
{
  const char *wanted = slip_guard_input (context, "image");

  if (wanted == NULL || (image != NULL && strstr (image, wanted) != NULL))
    return NULL;
  return g_strdup_printf ("task definition %s runs image %s, which is not %s", task,
                          image != NULL ? image : "(none)", wanted);
}

static const char *
log_option (JsonObject *container, const char *name)
{
  JsonObject *log = slip_json_object (container, "logConfiguration");
  JsonObject *options = log != NULL ? slip_json_object (log, "options") : NULL;

  if (options == NULL || g_strcmp0 (slip_json_string (log, "logDriver"), "awslogs") != 0)
    return NULL;
  return slip_json_string (options, name);
}

static gboolean
has_group (JsonNode *output, const char *group)
{
  JsonArray *groups = slip_json_array (slip_json_node_object (output), "logGroups");

  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (groups, i), "logGroupName"),
                   group)
        == 0)
      return TRUE;
  return FALSE;
}

/* A task without a log can do its work; a person should know that nothing of it will be seen. */
static SlipGuardState
judge_log (SlipGuardContext *context, const char *task, JsonObject *container, char **message)
{
  const char *group = log_option (container, "awslogs-group");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;

  if (group == NULL)
    {
      *message = g_strdup_printf ("task definition %s writes no CloudWatch log: nothing of what it "
                                  "does could be followed",
                                  task);
      return SLIP_GUARD_WARN;
    }
  json_object_set_string_member (input, "logGroupNamePrefix", group);
  output = slip_guard_call (context, "logs", "DescribeLogGroups", input, &error);
  if (output == NULL)
    return slip_guard_unprovable (message, "whether the task's log group is there", error);
  if (has_group (output, group) || log_option (container, "awslogs-create-group") != NULL)
    return SLIP_GUARD_PASS;
  *message = g_strdup_printf ("the log group %s of task definition %s is missing: its tasks would "
                              "not start. Create the group",
                              group, task);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
judge (SlipGuardContext *context, const char *task, JsonObject *definition, char **message)
{
  JsonArray *containers = slip_json_array (definition, "containerDefinitions");
  JsonObject *first = containers != NULL && json_array_get_length (containers) > 0
                          ? slip_json_node_object (json_array_get_element (containers, 0))
                          : NULL;
  const char *status = slip_json_string (definition, "status");
  const char *image = first != NULL ? slip_json_string (first, "image") : NULL;
  SlipGuardState state;

  if (first == NULL)
    *message = g_strdup_printf ("task definition %s has no containers", task);
  else if (status != NULL && !g_str_equal (status, "ACTIVE"))
    *message = g_strdup_printf ("task definition %s is %s, not ACTIVE", task, status);
  else
    *message = judge_variables (context, task, containers);
  if (*message == NULL)
    *message = judge_image (context, task, image);
  if (*message != NULL)
    return SLIP_GUARD_BLOCK;
  state = judge_log (context, task, first, message);
  if (state != SLIP_GUARD_PASS)
    return state;
  *message = g_strdup_printf (
      "%s, revision %d, runs %s%s", slip_json_string (definition, "family"),
      (int)slip_json_int (definition, "revision", 0), image,
      strstr (image, "@sha256:") != NULL ? "" : " (by its tag; the run records the digest it was)");
  return SLIP_GUARD_PASS;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *task = slip_guard_input (context, "taskDefinition");
  gboolean optional = slip_json_bool (context->inputs, "optional", FALSE);
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  JsonObject *definition;

  if (task == NULL)
    {
      *message = g_strdup (optional ? "no task definition is named; the step is left out"
                                    : "no task definition is named");
      return optional ? SLIP_GUARD_PASS : SLIP_GUARD_BLOCK;
    }
  json_object_set_string_member (input, "taskDefinition", task);
  output = slip_guard_call (context, "ecs", "DescribeTaskDefinition", input, &error);
  if (slip_aws_error_has_code (error, "ClientException"))
    {
      *message = g_strdup_printf ("there is no task definition %s in %s. %s", task, context->region,
                                  optional ? "Leave its parameter empty to do without it"
                                           : "Look at the environment's name and region");
      return SLIP_GUARD_BLOCK;
    }
  definition
      = output != NULL ? slip_json_object (slip_json_node_object (output), "taskDefinition") : NULL;
  if (output == NULL)
    return slip_guard_unprovable (message, "what the task definition says", error);
  if (definition == NULL)
    {
      *message = g_strdup_printf ("ECS does not show task definition %s", task);
      return SLIP_GUARD_UNPROVABLE;
    }
  return judge (context, task, definition, message);
}

const SlipGuard slip_guard_task_definition = {
    .id = "task-definition",
    .title = "Task does what it should",
    .inputs = inputs,
    .evaluate = evaluate,
};
