/* SPDX-License-Identifier: MIT */
/* Whether whoever restores the copy looks for it under the name it will have. A producer and a consumer
 * that disagree restore yesterday's data without an error. What the consumer expects comes from its task
 * definition when that can be read, else from the workspace's settings. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

static const char *const inputs[] = {
    "name", "expected?", "taskDefinition?", "environment?", "database?", "source?", NULL,
};

static const char *
find_variable (JsonObject *container, const char *name)
{
  JsonArray *variables = slip_json_array (container, "environment");

  for (guint i = 0; variables != NULL && i < json_array_get_length (variables); i++)
    {
      JsonObject *variable = slip_json_node_object (json_array_get_element (variables, i));

      if (variable != NULL && g_strcmp0 (slip_json_string (variable, "name"), name) == 0)
        return slip_json_string (variable, "value");
    }
  return NULL;
}

/* The copy task restores `<DATABASE>-<SOURCE_ENVIRONMENT_NAME>-snapshot-for-copy`, unless its
 * SNAPSHOT_NAME says another name. */
static char *
name_from_containers (JsonArray *containers)
{
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = slip_json_node_object (json_array_get_element (containers, i));
      const char *database = container != NULL ? find_variable (container, "DATABASE") : NULL;
      const char *source
          = container != NULL ? find_variable (container, "SOURCE_ENVIRONMENT_NAME") : NULL;
      const char *name = container != NULL ? find_variable (container, "SNAPSHOT_NAME") : NULL;

      if (name != NULL && *name != '\0')
        return g_strdup (name);
      if (database != NULL && source != NULL)
        return g_strdup_printf ("%s-%s-snapshot-for-copy", database, source);
    }
  return NULL;
}

char *
slip_guard_dup_copy_name (SlipGuardContext *context, const char *task, GError **error)
{
  SlipGuardContext there = *context;
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (JsonNode) output = NULL;
  JsonObject *definition;

  if (slip_guard_input (context, "environment") != NULL)
    there.environment = slip_guard_input (context, "environment");
  json_object_set_string_member (input, "taskDefinition", task);
  output = slip_guard_call (&there, "ecs", "DescribeTaskDefinition", input, error);
  definition
      = output != NULL ? slip_json_object (slip_json_node_object (output), "taskDefinition") : NULL;
  return definition != NULL
             ? name_from_containers (slip_json_array (definition, "containerDefinitions"))
             : NULL;
}

char *
slip_guard_dup_copied (SlipGuardContext *context,
                       const char *task,
                       const char *account,
                       GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *name = slip_guard_dup_copy_name (context, task, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return NULL;
    }
  if (name == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                 "task definition %s does not tell which snapshot it copies", task);
  if (name == NULL || account == NULL)
    return g_steal_pointer (&name);
  return g_strdup_printf ("arn:aws:rds:%s:%s:cluster-snapshot:%s", context->region, account, name);
}

static char *
replace (const char *text, const char *what, const char *by)
{
  g_auto (GStrv) parts = g_strsplit (text, what, -1);

  return g_strjoinv (by != NULL ? by : what, parts);
}

static SlipGuardState
judge (const char *name, const char *expected, const char *where, char **message)
{
  if (g_str_equal (name, expected))
    {
      *message = g_strdup_printf ("the copy is called %s, as %s expects", name, where);
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf (
      "the copy would be called %s, but %s expects %s and would not find it. Set "
      "the copy's name to %s",
      name, where, expected, expected);
  return SLIP_GUARD_BLOCK;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  const char *name = slip_guard_input (context, "name");
  const char *task = slip_guard_input (context, "taskDefinition");
  const char *setting = slip_guard_input (context, "expected");
  g_autofree char *expected = NULL;
  g_autofree char *with_database = NULL;
  g_autoptr (GError) error = NULL;

  if (name == NULL)
    {
      *message = g_strdup ("the copy has no name");
      return SLIP_GUARD_BLOCK;
    }
  if (task != NULL)
    expected = slip_guard_dup_copy_name (context, task, &error);
  if (expected != NULL)
    return judge (name, expected, task, message);
  if (setting != NULL)
    {
      with_database = replace (setting, "<db>", slip_guard_input (context, "database"));
      expected = replace (with_database, "<env>", slip_guard_input (context, "source"));
      return judge (name, expected, "the consumer (by the workspace's settings)", message);
    }
  *message
      = g_strdup_printf ("what the consumer expects is not known%s%s. Set consumer.expects in the "
                         "environment's settings",
                         error != NULL ? ": " : "", error != NULL ? error->message : "");
  return SLIP_GUARD_UNPROVABLE;
}

const SlipGuard slip_guard_consumer_name = {
    .id = "consumer-name",
    .title = "Consumer looks for this name",
    .inputs = inputs,
    .evaluate = evaluate,
};
