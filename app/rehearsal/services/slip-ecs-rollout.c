/* SPDX-License-Identifier: MIT */

/* How a service's tasks follow what is wanted: deployments on the world's clock, counts, the circuit
 * breaker with its rollback, and events. Tasks of services run no program: they are there, and run. */

#include "slip-ecs-private.h"

#include "slip-json.h"

#define ROLL_SECONDS 40
#define RETRY_SECONDS 60
#define BREAKER_THRESHOLD 3
#define MAX_EVENTS 100

void
slip_ecs_rollout_note (SlipWorld *world, JsonObject *service, const char *format, ...)
{
  JsonArray *old = slip_json_array (service, "events");
  JsonArray *events = json_array_new ();
  JsonObject *event = json_object_new ();
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *text = NULL;
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  text = g_strdup_vprintf (format, values);
  va_end (values);
  message = g_strdup_printf ("(service %s) %s", slip_json_string (service, "serviceName"), text);
  json_object_set_string_member (event, "id", id);
  json_object_set_string_member (event, "createdAt", now);
  json_object_set_string_member (event, "message", message);
  json_array_add_object_element (events, event);
  for (guint i = 0; i < json_array_get_length (old) && i < MAX_EVENTS - 1; i++)
    json_array_add_element (events, json_node_ref (json_array_get_element (old, i)));
  json_object_set_array_member (service, "events", events);
}

static JsonObject *
primary (JsonObject *service)
{
  JsonArray *deployments = slip_json_array (service, "deployments");

  return json_array_get_length (deployments) > 0 ? json_array_get_object_element (deployments, 0)
                                                 : NULL;
}

void
slip_ecs_rollout_schedule (
    SlipWorld *world, const char *account, const char *region, const char *id, double seconds)
{
  slip_world_unschedule (world, "ecs.service-rolled", account, region, ECS_SERVICE, id);
  slip_world_schedule (world, seconds, "ecs.service-rolled", account, region, ECS_SERVICE, id,
                       NULL);
}

static JsonObject *
new_deployment (SlipWorld *world, JsonObject *service, const char *definition_arn, const char *why)
{
  static const char *const members[] = {"networkConfiguration", "launchType", NULL};
  JsonObject *deployment = json_object_new ();
  g_autofree char *id = slip_random_id ("ecs-svc/", 19, "123456789");
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *reason
      = why != NULL ? g_strdup (why) : g_strdup_printf ("ECS deployment %s in progress.", id);

  json_object_set_string_member (deployment, "id", id);
  json_object_set_string_member (deployment, "status", "PRIMARY");
  json_object_set_string_member (deployment, "taskDefinition", definition_arn);
  json_object_set_int_member (deployment, "runningCount", 0);
  json_object_set_int_member (deployment, "failedTasks", 0);
  json_object_set_string_member (deployment, "createdAt", now);
  json_object_set_string_member (deployment, "updatedAt", now);
  json_object_set_string_member (deployment, "rolloutState", "IN_PROGRESS");
  json_object_set_string_member (deployment, "rolloutStateReason", reason);
  slip_ecs_copy (deployment, service, members);
  return deployment;
}

/* The new one in front; the one that was there stays until its tasks are replaced. */
static void
push_deployment (JsonObject *service, JsonObject *deployment)
{
  JsonArray *old = slip_json_array (service, "deployments");
  JsonArray *deployments = json_array_new ();

  json_array_add_object_element (deployments, deployment);
  for (guint i = 0; i < json_array_get_length (old); i++)
    {
      JsonObject *item = json_array_get_object_element (old, i);

      json_object_set_string_member (item, "status", "ACTIVE");
      json_object_set_int_member (item, "pendingCount", 0);
      if (slip_json_int (item, "runningCount", 0) > 0)
        json_array_add_object_element (deployments, json_object_ref (item));
    }
  json_object_set_array_member (service, "deployments", deployments);
}

void
slip_ecs_rollout_begin (SlipWorld *world,
                        const SlipWorldRecord *service,
                        JsonObject *data,
                        const char *definition_arn,
                        const char *why)
{
  g_autofree char *id = g_strdup (service->id);
  g_autofree char *account = g_strdup (service->account);
  g_autofree char *region = g_strdup (service->region);
  gint64 desired, running;
  JsonObject *first;

  if (data == NULL)
    data = slip_world_edit (world, account, region, ECS_SERVICE, id);
  if (definition_arn != NULL)
    {
      push_deployment (data, new_deployment (world, data, definition_arn, why));
      json_object_set_string_member (data, "taskDefinition", definition_arn);
    }
  desired = slip_json_int (data, "desiredCount", 0);
  first = primary (data);
  running = slip_json_int (first, "runningCount", 0);
  json_object_set_int_member (first, "desiredCount", desired);
  json_object_set_int_member (first, "pendingCount", MAX (desired - running, 0));
  slip_world_put (world, account, region, ECS_SERVICE, id, data);
  slip_ecs_rollout_schedule (world, account, region, id, ROLL_SECONDS);
}

/* --- Tasks --- */

static void
stop_others (SlipWorld *world, GPtrArray *tasks, const char *deployment, gint64 keep)
{
  gint64 kept = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      const SlipWorldRecord *task = tasks->pdata[i];
      g_autofree char *reason
          = g_strdup_printf ("Scaling activity initiated by (deployment %s)", deployment);

      if (g_strcmp0 (slip_json_string (task->data, "desiredStatus"), "RUNNING") != 0)
        continue;
      if (g_strcmp0 (slip_json_string (task->data, "startedBy"), deployment) == 0 && kept < keep)
        kept++;
      else
        slip_ecs_life_stop (world, task, "ServiceSchedulerInitiated", reason);
    }
}

static GPtrArray *
list_tasks (SlipWorld *world, const SlipWorldRecord *cluster, const char *group)
{
  GPtrArray *tasks = slip_ecs_list_cluster_tasks (world, cluster);

  for (guint i = tasks->len; i > 0; i--)
    if (g_strcmp0 (slip_json_string (((const SlipWorldRecord *)tasks->pdata[i - 1])->data, "group"),
                   group)
        != 0)
      g_ptr_array_remove_index (tasks, i - 1);
  return tasks;
}

static gint64
count_own (GPtrArray *tasks, const char *deployment)
{
  gint64 count = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      const SlipWorldRecord *task = tasks->pdata[i];

      count += g_strcmp0 (slip_json_string (task->data, "startedBy"), deployment) == 0
               && g_strcmp0 (slip_json_string (task->data, "desiredStatus"), "RUNNING") == 0;
    }
  return count;
}

static void
follow (SlipWorld *world, const SlipWorldRecord *service, JsonObject *deployment)
{
  g_autofree char *cluster_name
      = slip_ecs_base_name (slip_json_string (service->data, "clusterArn"));
  const SlipWorldRecord *cluster
      = slip_world_get (world, service->account, service->region, ECS_CLUSTER, cluster_name);
  const SlipWorldRecord *definition = slip_ecs_find_definition (
      world, service->account, service->region, slip_json_string (deployment, "taskDefinition"));
  const char *id = slip_json_string (deployment, "id");
  g_autofree char *group
      = g_strconcat ("service:", slip_json_string (service->data, "serviceName"), NULL);
  gint64 desired = slip_json_int (deployment, "desiredCount", 0);
  g_autoptr (GPtrArray) tasks = list_tasks (world, cluster, group);
  gint64 have = count_own (tasks, id);

  for (; definition != NULL && have < desired; have++)
    {
      g_autofree char *task = slip_ecs_make_task (world, cluster, definition, group, id, NULL);

      slip_ecs_life_set_running (
          world, slip_world_get (world, service->account, service->region, ECS_TASK, task));
    }
  stop_others (world, tasks, id, desired);
}

void
slip_ecs_rollout_settle (SlipWorld *world, const SlipWorldRecord *service)
{
  g_autofree char *id = g_strdup (service->id);
  g_autofree char *account = g_strdup (service->account);
  g_autofree char *region = g_strdup (service->region);
  JsonObject *data = slip_world_edit (world, account, region, ECS_SERVICE, id);
  JsonObject *first = json_object_ref (primary (data));
  JsonArray *deployments = json_array_new ();
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *reason
      = g_strdup_printf ("ECS deployment %s completed.", slip_json_string (first, "id"));
  gint64 before = slip_json_int (first, "runningCount", 0);
  gint64 desired = slip_json_int (first, "desiredCount", 0);

  follow (world, service, first);
  json_object_set_int_member (first, "runningCount", desired);
  json_object_set_int_member (first, "pendingCount", 0);
  json_object_set_string_member (first, "rolloutState", "COMPLETED");
  json_object_set_string_member (first, "rolloutStateReason", reason);
  json_object_set_string_member (first, "updatedAt", now);
  json_array_add_object_element (deployments, first);
  json_object_set_array_member (data, "deployments", deployments);
  if (desired > before)
    slip_ecs_rollout_note (world, data, "has started %" G_GINT64_FORMAT " tasks.",
                           desired - before);
  else if (desired < before)
    slip_ecs_rollout_note (world, data, "has stopped %" G_GINT64_FORMAT " running tasks.",
                           before - desired);
  slip_ecs_rollout_note (world, data, "has reached a steady state.");
  if (g_strcmp0 (slip_json_string (data, "status"), "DRAINING") == 0)
    json_object_set_string_member (data, "status", "INACTIVE");
  slip_world_put (world, account, region, ECS_SERVICE, id, data);
  slip_world_unschedule (world, "ecs.service-rolled", account, region, ECS_SERVICE, id);
}

/* --- Failures --- */

/* The deployment before the one that fails, which still has its tasks. */
static const char *
previous_definition (JsonObject *service)
{
  JsonArray *deployments = slip_json_array (service, "deployments");

  return json_array_get_length (deployments) > 1
             ? slip_json_string (json_array_get_object_element (deployments, 1), "taskDefinition")
             : NULL;
}

static void
trip (SlipWorld *world, const SlipTransition *transition, JsonObject *data, gboolean rollback)
{
  JsonObject *first = primary (data);
  g_autofree char *id = g_strdup (slip_json_string (first, "id"));
  g_autofree char *before = g_strdup (previous_definition (data));
  g_autofree char *why = g_strdup_printf (
      "ECS deployment circuit breaker: rolling back to the last completed deployment from %s.", id);

  json_object_set_string_member (first, "rolloutState", "FAILED");
  json_object_set_string_member (first, "rolloutStateReason",
                                 "ECS deployment circuit breaker: tasks failed to start.");
  json_object_set_int_member (first, "pendingCount", 0);
  slip_ecs_rollout_note (world, data, "(deployment %s) deployment failed: tasks failed to start.",
                         id);
  slip_world_put (world, transition->account, transition->region, ECS_SERVICE, transition->id,
                  data);
  if (rollback && before != NULL)
    slip_ecs_rollout_begin (world,
                            slip_world_get (world, transition->account, transition->region,
                                            ECS_SERVICE, transition->id),
                            NULL, before, why);
}

static void
fail_tasks (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *data = slip_world_edit (world, transition->account, transition->region, ECS_SERVICE,
                                      transition->id);
  JsonObject *first = primary (data);
  JsonObject *configuration = slip_json_object (data, "deploymentConfiguration");
  JsonObject *breaker
      = configuration != NULL ? slip_json_object (configuration, "deploymentCircuitBreaker") : NULL;
  gint64 failed
      = slip_json_int (first, "failedTasks", 0) + MAX (slip_json_int (first, "desiredCount", 0), 1);

  json_object_set_int_member (first, "failedTasks", failed);
  slip_ecs_rollout_note (world, data, "was unable to start a task. Reason: %s", transition->fail);
  if (breaker != NULL && slip_json_bool (breaker, "enable", FALSE) && failed >= BREAKER_THRESHOLD)
    {
      trip (world, transition, data, slip_json_bool (breaker, "rollback", FALSE));
      return;
    }
  slip_world_put (world, transition->account, transition->region, ECS_SERVICE, transition->id,
                  data);
  slip_ecs_rollout_schedule (world, transition->account, transition->region, transition->id,
                             RETRY_SECONDS);
}

static void
on_rolled (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *service = slip_world_get (world, transition->account, transition->region,
                                                   ECS_SERVICE, transition->id);

  if (service == NULL || primary (service->data) == NULL)
    return;
  if (transition->fail != NULL)
    fail_tasks (world, transition);
  else
    slip_ecs_rollout_settle (world, service);
}

void
slip_ecs_rollout_attach (SlipWorld *world)
{
  slip_world_handle (world, "ecs.service-rolled", on_rolled);
}
