/* SPDX-License-Identifier: MIT */
/* Who else uses an ECS cluster: tasks that run now. One of the families that the procedure is about to
 * run means that somebody else restores; other tasks, and services that are not stopped, are told. */

#include "slip-guards.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

/* `families`: of the tasks that will be run; `stopped`: services whose tasks do not count. Nor do
 * those that the run itself started. */
static const char *const inputs[] = {"cluster", "families?", "stopped?", NULL};

#define MAX_PAGES 50

static JsonObject *
new_input (SlipGuardContext *context)
{
  JsonObject *input = json_object_new ();

  json_object_set_string_member (input, "cluster", slip_guard_input (context, "cluster"));
  return input;
}

/* DescribeTasks takes 100 tasks, which is a page of ListTasks. */
static gboolean
describe (SlipGuardContext *context, JsonArray *arns, JsonArray *tasks, GError **error)
{
  g_autoptr (JsonObject) input = new_input (context);
  g_autoptr (JsonNode) output = NULL;
  JsonArray *found;

  if (arns == NULL || json_array_get_length (arns) == 0)
    return TRUE;
  json_object_set_array_member (input, "tasks", json_array_ref (arns));
  output = slip_guard_call (context, "ecs", "DescribeTasks", input, error);
  if (output == NULL)
    return FALSE;
  found = slip_json_array (slip_json_node_object (output), "tasks");
  for (guint i = 0; found != NULL && i < json_array_get_length (found); i++)
    json_array_add_element (tasks, json_node_ref (json_array_get_element (found, i)));
  return TRUE;
}

static JsonArray *
list_running (SlipGuardContext *context, GError **error)
{
  g_autoptr (JsonArray) tasks = json_array_new ();
  g_autofree char *token = NULL;

  for (guint page = 0; page < MAX_PAGES; page++)
    {
      g_autoptr (JsonObject) input = new_input (context);
      g_autoptr (JsonNode) output = NULL;
      JsonObject *answer;

      json_object_set_string_member (input, "desiredStatus", "RUNNING");
      if (token != NULL)
        json_object_set_string_member (input, "nextToken", token);
      output = slip_guard_call (context, "ecs", "ListTasks", input, error);
      answer = output != NULL ? slip_json_node_object (output) : NULL;
      if (answer == NULL || !describe (context, slip_json_array (answer, "taskArns"), tasks, error))
        return NULL;
      g_free (token);
      token = g_strdup (slip_json_string (answer, "nextToken"));
      if (token == NULL || *token == '\0')
        return g_steal_pointer (&tasks);
    }
  g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                       "the list of running tasks does not end");
  return NULL;
}

static gboolean
is_ours (SlipGuardContext *context, JsonObject *task)
{
  const char *by = slip_json_string (task, "startedBy");

  return context->run != NULL && by != NULL && g_str_has_prefix (by, context->run);
}

/* `service:api` or `family:restore…`, as ECS groups its tasks. */
static const char *
name_behind (JsonObject *task, const char *kind)
{
  const char *group = slip_json_string (task, "group");

  return group != NULL && g_str_has_prefix (group, kind) ? group + strlen (kind) : NULL;
}

static void
count (GHashTable *others, const char *name)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (others, name));

  g_hash_table_insert (others, g_strdup (name), GUINT_TO_POINTER (n + 1));
}

static char *
tell (GHashTable *others)
{
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_keys (others), (GCompareFunc)strcmp);
  GString *text = g_string_new (NULL);

  for (GList *l = names; l != NULL; l = l->next)
    g_string_append_printf (text, "%s%s (%u running)", text->len > 0 ? ", " : "",
                            (const char *)l->data,
                            GPOINTER_TO_UINT (g_hash_table_lookup (others, l->data)));
  return g_string_free (text, FALSE);
}

static SlipGuardState
judge (SlipGuardContext *context, JsonArray *tasks, char **message)
{
  g_auto (GStrv) families = slip_guard_input_list (context, "families");
  g_auto (GStrv) stopped = slip_guard_input_list (context, "stopped");
  g_autoptr (GHashTable) others = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *who = NULL;

  for (guint i = 0; i < json_array_get_length (tasks); i++)
    {
      JsonObject *task = slip_json_node_object (json_array_get_element (tasks, i));
      const char *family = task != NULL ? name_behind (task, "family:") : NULL;
      const char *service = task != NULL ? name_behind (task, "service:") : NULL;
      const char *by = task != NULL ? slip_json_string (task, "startedBy") : NULL;

      if (task == NULL || is_ours (context, task)
          || (service != NULL && g_strv_contains ((const char *const *)stopped, service)))
        continue;
      if (family != NULL && g_strv_contains ((const char *const *)families, family))
        {
          *message = g_strdup_printf ("a task of %s is running already%s%s: somebody else restores "
                                      "here. Find out who, and wait until it has ended (%s)",
                                      family, by != NULL ? ", started by " : "",
                                      by != NULL ? by : "", slip_json_string (task, "taskArn"));
          return SLIP_GUARD_BLOCK;
        }
      count (others, slip_json_string (task, "group") != NULL ? slip_json_string (task, "group")
                                                              : "tasks of no group");
    }
  if (g_hash_table_size (others) == 0)
    {
      *message = g_strdup ("nobody else runs anything here");
      return SLIP_GUARD_PASS;
    }
  who = tell (others);
  *message
      = g_strdup_printf ("others use this environment: %s. Tell their people that its database "
                         "goes away",
                         who);
  return SLIP_GUARD_WARN;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) tasks = NULL;

  if (slip_guard_input (context, "cluster") == NULL)
    {
      *message = g_strdup ("no ECS cluster is named");
      return SLIP_GUARD_BLOCK;
    }
  tasks = list_running (context, &error);
  if (tasks == NULL)
    return slip_guard_unprovable (message, "which tasks run", error);
  return judge (context, tasks, message);
}

const SlipGuard slip_guard_environment_quiet = {
    .id = "environment-quiet",
    .title = "Nobody else uses the environment",
    .inputs = inputs,
    .evaluate = evaluate,
};
