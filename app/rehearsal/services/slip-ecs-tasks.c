/* SPDX-License-Identifier: MIT */

/* Tasks as their callers see them: started, described, listed, stopped. Their states are in
 * slip-ecs-life.c, their programs in slip-ecs-run.c. */

#include "slip-ecs-private.h"

#include "slip-json.h"

#define TOKEN_LIFE_US (24LL * 3600 * G_USEC_PER_SEC)
#define MAX_COUNT 10

static const char *
status (const SlipWorldRecord *task)
{
  return slip_json_string (task->data, "lastStatus");
}

GPtrArray *
slip_ecs_list_cluster_tasks (SlipWorld *world, const SlipWorldRecord *cluster)
{
  GPtrArray *tasks = slip_world_list (world, cluster->account, cluster->region, ECS_TASK);
  g_autofree char *prefix = g_strconcat (cluster->id, "/", NULL);

  for (guint i = tasks->len; i > 0; i--)
    if (!g_str_has_prefix (((const SlipWorldRecord *)tasks->pdata[i - 1])->id, prefix))
      g_ptr_array_remove_index (tasks, i - 1);
  return tasks;
}

const SlipWorldRecord *
slip_ecs_find_task (SlipWorld *world, const SlipWorldRecord *cluster, const char *name)
{
  g_autoptr (GPtrArray) tasks = slip_ecs_list_cluster_tasks (world, cluster);
  g_autofree char *base = slip_ecs_base_name (name);
  g_autofree char *suffix = g_strconcat ("/", base, NULL);

  for (guint i = 0; i < tasks->len; i++)
    {
      const SlipWorldRecord *task = tasks->pdata[i];

      if (g_str_has_suffix (task->id, suffix))
        return slip_world_get (world, task->account, task->region, ECS_TASK, task->id);
    }
  return NULL;
}

static JsonObject *
new_container (JsonObject *definition, const char *task_arn, const char *task_id)
{
  JsonObject *container = json_object_new ();
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *arn = NULL;
  g_autofree char *cluster_path = g_path_get_dirname (task_arn);
  g_autofree char *base = g_strdup (strstr (cluster_path, ":task/"));
  g_autofree char *cpu
      = g_strdup_printf ("%" G_GINT64_FORMAT, slip_json_int (definition, "cpu", 0));

  arn = g_strdup_printf ("%.*s:container/%s/%s/%s", (int)(strstr (task_arn, ":task/") - task_arn),
                         task_arn, base + strlen (":task/"), task_id, id);
  json_object_set_string_member (container, "containerArn", arn);
  json_object_set_string_member (container, "taskArn", task_arn);
  json_object_set_string_member (container, "name", slip_json_string (definition, "name"));
  json_object_set_string_member (container, "image", slip_json_string (definition, "image"));
  json_object_set_string_member (container, "lastStatus", "PENDING");
  json_object_set_array_member (container, "networkInterfaces", json_array_new ());
  json_object_set_string_member (container, "healthStatus", "UNKNOWN");
  json_object_set_string_member (container, "cpu", cpu);
  return container;
}

static JsonArray *
new_containers (const SlipWorldRecord *definition, const char *task_arn, const char *task_id)
{
  JsonArray *from = slip_json_array (definition->data, "containerDefinitions");
  JsonArray *containers = json_array_new ();

  for (guint i = 0; i < json_array_get_length (from); i++)
    json_array_add_object_element (
        containers, new_container (json_array_get_object_element (from, i), task_arn, task_id));
  return containers;
}

static JsonObject *
new_overrides (JsonObject *input)
{
  JsonObject *given = input != NULL ? slip_json_object (input, "overrides") : NULL;
  JsonObject *overrides = json_object_new ();
  static const char *const members[]
      = {"containerOverrides", "cpu", "memory", "executionRoleArn", "taskRoleArn", NULL};

  if (given != NULL)
    slip_ecs_copy (overrides, given, members);
  if (!json_object_has_member (overrides, "containerOverrides"))
    json_object_set_array_member (overrides, "containerOverrides", json_array_new ());
  return overrides;
}

char *
slip_ecs_make_task (SlipWorld *world,
                    const SlipWorldRecord *cluster,
                    const SlipWorldRecord *definition,
                    const char *group,
                    const char *started_by,
                    JsonObject *input)
{
  static const char *const from_definition[] = {"cpu", "memory", NULL};
  static const char *const from_input[] = {"tags", "enableExecuteCommand", NULL};
  JsonObject *data = json_object_new ();
  g_autofree char *task_id = slip_random_id (NULL, 32, SLIP_ALPHABET_HEX);
  g_autofree char *arn = g_strdup_printf ("arn:aws:ecs:%s:%s:task/%s/%s", cluster->region,
                                          cluster->account, cluster->id, task_id);
  g_autofree char *now = slip_world_dup_now (world);
  char *id = g_strdup_printf ("%s/%s/%s", cluster->id,
                              slip_json_string (definition->data, "family"), task_id);
  const char *launch = input != NULL ? slip_json_string (input, "launchType") : NULL;

  json_object_set_string_member (data, "taskArn", arn);
  json_object_set_string_member (data, "clusterArn",
                                 slip_json_string (cluster->data, "clusterArn"));
  json_object_set_string_member (data, "taskDefinitionArn",
                                 slip_json_string (definition->data, "taskDefinitionArn"));
  json_object_set_string_member (data, "lastStatus", "PROVISIONING");
  json_object_set_string_member (data, "desiredStatus", "RUNNING");
  json_object_set_string_member (data, "group", group);
  json_object_set_string_member (data, "launchType", launch != NULL ? launch : "FARGATE");
  json_object_set_string_member (data, "platformVersion", "1.4.0");
  json_object_set_string_member (data, "platformFamily", "Linux");
  json_object_set_string_member (data, "availabilityZone", "");
  json_object_set_string_member (data, "createdAt", now);
  json_object_set_int_member (data, "version", 1);
  if (started_by != NULL)
    json_object_set_string_member (data, "startedBy", started_by);
  {
    g_autofree char *zone = g_strconcat (cluster->region, "a", NULL);

    json_object_set_string_member (data, "availabilityZone", zone);
  }
  slip_ecs_copy (data, definition->data, from_definition);
  json_object_set_array_member (data, "tags", json_array_new ());
  if (input != NULL)
    slip_ecs_copy (data, input, from_input);
  json_object_set_object_member (data, "overrides", new_overrides (input));
  json_object_set_array_member (data, "containers", new_containers (definition, arn, task_id));
  slip_world_put (world, cluster->account, cluster->region, ECS_TASK, id, data);
  return id;
}

static gboolean
has_container (const SlipWorldRecord *definition, const char *name)
{
  JsonArray *containers = slip_json_array (definition->data, "containerDefinitions");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (containers, i), "name"), name)
        == 0)
      return TRUE;
  return FALSE;
}

static gboolean
invalid (GError **error, const char *format, const char *name)
{
  g_autofree char *text = g_strdup_printf ("%s%s", format, name);

  slip_service_error (error, 400, "InvalidParameterException", "%s", text);
  return FALSE;
}

static gboolean
check_run (const SlipWorldRecord *definition, JsonObject *input, GError **error)
{
  JsonObject *overrides = slip_json_object (input, "overrides");
  JsonArray *containers
      = overrides != NULL ? slip_json_array (overrides, "containerOverrides") : NULL;
  const char *started_by = slip_json_string (input, "startedBy");
  gint64 count = slip_json_int (input, "count", 1);

  if (count < 1 || count > MAX_COUNT)
    return invalid (error, "Count must be between 1 and 10.", "");
  /* What Step Functions says of itself has blanks. */
  if (started_by != NULL && !g_str_equal (started_by, "AWS Step Functions")
      && !g_regex_match_simple ("^[A-Za-z0-9_/-]{1,128}$", started_by, 0, 0))
    return invalid (error, "Invalid startedBy: ", started_by);
  if (g_strcmp0 (slip_json_string (definition->data, "networkMode"), "awsvpc") == 0
      && slip_json_object (input, "networkConfiguration") == NULL)
    return invalid (
        error, "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
        "");
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      const char *name = slip_json_string (json_array_get_object_element (containers, i), "name");

      if (!has_container (definition, name))
        return invalid (error, "Override for a container that is not in the TaskDefinition: ",
                        name != NULL ? name : "");
    }
  return TRUE;
}

static JsonObject *
show (const SlipWorldRecord *task, gboolean with_tags)
{
  JsonObject *object = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (task->data);

  for (GList *member = members; member != NULL; member = member->next)
    if (with_tags || !g_str_equal (member->data, "tags"))
      json_object_set_member (object, member->data,
                              json_node_copy (json_object_get_member (task->data, member->data)));
  return object;
}

static JsonNode *
answer (JsonArray *tasks, JsonArray *failures)
{
  JsonObject *output = json_object_new ();

  json_object_set_array_member (output, "tasks", tasks);
  json_object_set_array_member (output, "failures", failures);
  return slip_json_new_object (output);
}

/* A token that was used before: the same call gets the same tasks, another one is refused. Sets
 * @result when the call is answered by this. */
static gboolean
use_token (SlipServiceContext *ctx,
           const SlipWorldRecord *cluster,
           const char *id,
           const char *digest,
           JsonNode **result,
           GError **error)
{
  const SlipWorldRecord *known
      = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_TOKEN, id);
  JsonArray *names, *tasks;

  if (known == NULL
      || slip_json_int (known->data, "time", 0) < slip_world_now (ctx->world) - TOKEN_LIFE_US)
    return TRUE;
  if (g_strcmp0 (slip_json_string (known->data, "digest"), digest) != 0)
    {
      slip_service_error (error, 400, "ConflictException",
                          "The client token was used before with other parameters.");
      return FALSE;
    }
  names = slip_json_array (known->data, "tasks");
  tasks = json_array_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const SlipWorldRecord *task = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_TASK,
                                                    json_array_get_string_element (names, i));

      if (task != NULL)
        json_array_add_object_element (tasks, show (task, TRUE));
    }
  *result = answer (tasks, json_array_new ());
  return TRUE;
}

static char *
digest_input (JsonObject *input)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (input));
  g_autofree char *text = slip_json_to_text (node, FALSE);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);
}

static void
keep_token (SlipServiceContext *ctx, const char *id, const char *digest, JsonArray *names)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "digest", digest);
  json_object_set_int_member (data, "time", slip_world_now (ctx->world));
  json_object_set_array_member (data, "tasks", json_array_ref (names));
  slip_world_put (ctx->world, ctx->account, ctx->region, ECS_TOKEN, id, data);
}

static guint
count_active (SlipServiceContext *ctx)
{
  g_autoptr (GPtrArray) tasks = slip_world_list (ctx->world, ctx->account, ctx->region, ECS_TASK);
  guint count = 0;

  for (guint i = 0; i < tasks->len; i++)
    count += !g_str_equal (status (tasks->pdata[i]), "STOPPED");
  return count;
}

static JsonNode *
start_tasks (SlipServiceContext *ctx,
             const SlipWorldRecord *cluster,
             const SlipWorldRecord *definition,
             JsonObject *input,
             JsonArray *names)
{
  const char *given = slip_json_string (input, "group");
  g_autofree char *group
      = given != NULL
            ? g_strdup (given)
            : g_strconcat ("family:", slip_json_string (definition->data, "family"), NULL);
  gint64 quota
      = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "ecs.running-tasks", 1000);
  JsonArray *tasks = json_array_new (), *failures = json_array_new ();

  for (gint64 i = 0; i < slip_json_int (input, "count", 1); i++)
    {
      g_autofree char *id = NULL;
      const SlipWorldRecord *task;

      if (count_active (ctx) >= quota)
        {
          json_array_add_object_element (
              failures, slip_ecs_failure (NULL, "Capacity is unavailable at this time. Please try "
                                                "again later or in a different availability zone"));
          continue;
        }
      id = slip_ecs_make_task (ctx->world, cluster, definition, group,
                               slip_json_string (input, "startedBy"), input);
      task = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_TASK, id);
      json_array_add_string_element (names, id);
      json_array_add_object_element (tasks, show (task, TRUE));
      slip_ecs_life_begin (ctx->world, task);
    }
  return answer (tasks, failures);
}

JsonNode *
slip_ecs_run_task (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  const SlipWorldRecord *definition = slip_ecs_find_definition (
      ctx->world, ctx->account, ctx->region, slip_json_string (input, "taskDefinition"));
  const char *token = slip_json_string (input, "clientToken");
  g_autofree char *digest = digest_input (input);
  g_autofree char *token_id
      = cluster != NULL && token != NULL ? g_strdup_printf ("%s/%s", cluster->id, token) : NULL;
  g_autoptr (JsonArray) names = json_array_new ();
  JsonNode *result = NULL;

  if (cluster == NULL)
    return NULL;
  if (token != NULL && !use_token (ctx, cluster, token_id, digest, &result, error))
    return NULL;
  if (result != NULL)
    return result;
  if (definition == NULL)
    return slip_service_error (error, 400, "ClientException", "TaskDefinition not found.");
  if (!g_str_equal (slip_json_string (definition->data, "status"), "ACTIVE"))
    return slip_service_error (error, 400, "ClientException", "TaskDefinition is inactive");
  if (!check_run (definition, input, error))
    return NULL;
  result = start_tasks (ctx, cluster, definition, input, names);
  if (token != NULL && json_array_get_length (names) > 0)
    keep_token (ctx, token_id, digest, names);
  return result;
}

JsonNode *
slip_ecs_describe_tasks (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  JsonArray *names = slip_json_array (input, "tasks");
  JsonArray *tasks, *failures;

  if (cluster == NULL)
    return NULL;
  if (json_array_get_length (names) == 0 || json_array_get_length (names) > 100)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Tasks must be between 1 and 100.");
  tasks = json_array_new ();
  failures = json_array_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      const SlipWorldRecord *task = slip_ecs_find_task (ctx->world, cluster, name);
      g_autofree char *base = slip_ecs_base_name (name);
      g_autofree char *arn = g_strdup_printf ("arn:aws:ecs:%s:%s:task/%s/%s", ctx->region,
                                              ctx->account, cluster->id, base);

      if (task != NULL)
        json_array_add_object_element (tasks, show (task, slip_ecs_wants (input, "TAGS")));
      else
        json_array_add_object_element (failures, slip_ecs_failure (arn, "MISSING"));
    }
  return answer (tasks, failures);
}

static gboolean
is_listed (const SlipWorldRecord *task, JsonObject *input)
{
  const char *family = slip_json_string (input, "family");
  const char *started_by = slip_json_string (input, "startedBy");
  const char *service = slip_json_string (input, "serviceName");
  const char *wanted = slip_json_string (input, "desiredStatus");
  const char *launch = slip_json_string (input, "launchType");
  g_auto (GStrv) parts = g_strsplit (task->id, "/", 3);
  g_autofree char *name = service != NULL ? slip_ecs_base_name (service) : NULL;
  g_autofree char *group = name != NULL ? g_strconcat ("service:", name, NULL) : NULL;

  return (family == NULL || g_str_equal (parts[1], family))
         && (started_by == NULL
             || g_strcmp0 (slip_json_string (task->data, "startedBy"), started_by) == 0)
         && (group == NULL || g_strcmp0 (slip_json_string (task->data, "group"), group) == 0)
         && (launch == NULL || g_strcmp0 (slip_json_string (task->data, "launchType"), launch) == 0)
         && g_strcmp0 (slip_json_string (task->data, "desiredStatus"),
                       wanted != NULL ? wanted : "RUNNING")
                == 0;
}

JsonNode *
slip_ecs_list_tasks (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  g_autoptr (GPtrArray) tasks
      = cluster != NULL ? slip_ecs_list_cluster_tasks (ctx->world, cluster) : NULL;
  JsonArray *list;

  if (cluster == NULL)
    return NULL;
  list = json_array_new ();
  for (guint i = 0; i < tasks->len; i++)
    {
      const SlipWorldRecord *task = tasks->pdata[i];

      if (is_listed (task, input))
        json_array_add_string_element (list, slip_json_string (task->data, "taskArn"));
    }
  return slip_ecs_page (input, "taskArns", list, error);
}

JsonNode *
slip_ecs_stop_task (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  const SlipWorldRecord *task
      = cluster != NULL ? slip_ecs_find_task (ctx->world, cluster, slip_json_string (input, "task"))
                        : NULL;
  const char *reason = slip_json_string (input, "reason");
  g_autofree char *id = task != NULL ? g_strdup (task->id) : NULL;
  JsonObject *output;

  if (cluster == NULL)
    return NULL;
  if (task == NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The referenced task was not found.");
  if (g_str_equal (slip_json_string (task->data, "desiredStatus"), "RUNNING"))
    slip_ecs_life_stop (ctx->world, task, "UserInitiated",
                        reason != NULL ? reason : "Task stopped by user");
  output = json_object_new ();
  json_object_set_object_member (
      output, "task",
      show (slip_world_get (ctx->world, ctx->account, ctx->region, ECS_TASK, id), TRUE));
  return slip_json_new_object (output);
}
