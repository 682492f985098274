/* SPDX-License-Identifier: MIT */

/* A task's states on the world's clock: PROVISIONING, PENDING, RUNNING, and its end, with the stop code
 * and the reasons that tell why. */

#include "slip-ecs-private.h"

#include "slip-json.h"

#define PENDING_SECONDS 5
#define RUNNING_SECONDS 20
#define STOPPED_SECONDS 10
#define KEPT_SECONDS 3600

/* Step Functions, which waits for tasks of its own. */
static void (*listener) (SlipWorld *world, const SlipWorldRecord *task);

void
slip_ecs_life_listen (void (*func) (SlipWorld *world, const SlipWorldRecord *task))
{
  listener = func;
}

static JsonObject *
edit (SlipWorld *world, const SlipTransition *transition)
{
  return slip_world_edit (world, transition->account, transition->region, ECS_TASK, transition->id);
}

static void
put (SlipWorld *world, const SlipTransition *transition, JsonObject *data)
{
  json_object_set_int_member (data, "version", slip_json_int (data, "version", 1) + 1);
  slip_world_put (world, transition->account, transition->region, ECS_TASK, transition->id, data);
}

static void
schedule (SlipWorld *world,
          const char *account,
          const char *region,
          const char *id,
          double seconds,
          const char *kind,
          JsonObject *payload)
{
  slip_world_schedule (world, seconds, kind, account, region, ECS_TASK, id, payload);
}

static gboolean
is_at (JsonObject *task, const char *status)
{
  return task != NULL && g_strcmp0 (slip_json_string (task, "lastStatus"), status) == 0;
}

static void
set_now (SlipWorld *world, JsonObject *data, const char *member)
{
  g_autofree char *now = slip_world_dup_now (world);

  if (!json_object_has_member (data, member))
    json_object_set_string_member (data, member, now);
}

static void
set_containers (JsonObject *task, const char *status)
{
  JsonArray *containers = slip_json_array (task, "containers");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    json_object_set_string_member (json_array_get_object_element (containers, i), "lastStatus",
                                   status);
}

static JsonObject *
find_container (JsonObject *task, const char *name)
{
  JsonArray *containers = slip_json_array (task, "containers");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (containers, i), "name"), name)
        == 0)
      return json_array_get_object_element (containers, i);
  return NULL;
}

/* The end begins: why is told once, by whoever was first. */
static void
begin_end (SlipWorld *world, JsonObject *task, const char *stop_code, const char *reason)
{
  json_object_set_string_member (task, "desiredStatus", "STOPPED");
  json_object_set_string_member (task, "lastStatus", "DEPROVISIONING");
  if (!json_object_has_member (task, "stopCode"))
    {
      json_object_set_string_member (task, "stopCode", stop_code);
      json_object_set_string_member (task, "stoppedReason", reason);
    }
  set_now (world, task, "stoppingAt");
}

void
slip_ecs_life_begin (SlipWorld *world, const SlipWorldRecord *task)
{
  schedule (world, task->account, task->region, task->id, PENDING_SECONDS, "ecs.task-pending",
            NULL);
}

static void
on_pending (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *task = edit (world, transition);

  if (!is_at (task, "PROVISIONING"))
    {
      g_clear_pointer (&task, json_object_unref);
      return;
    }
  json_object_set_string_member (task, "lastStatus", "PENDING");
  set_now (world, task, "pullStartedAt");
  put (world, transition, task);
  schedule (world, transition->account, transition->region, transition->id, RUNNING_SECONDS,
            "ecs.task-running", NULL);
}

static void
fail_start (SlipWorld *world,
            const SlipTransition *transition,
            JsonObject *task,
            const char *reason)
{
  begin_end (world, task, "TaskFailedToStart", reason);
  put (world, transition, task);
  schedule (world, transition->account, transition->region, transition->id, STOPPED_SECONDS,
            "ecs.task-stopped", NULL);
}

static void
on_running (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *record
      = slip_world_get (world, transition->account, transition->region, ECS_TASK, transition->id);
  g_autofree char *problem = NULL;
  JsonObject *task;

  if (record == NULL || !is_at (record->data, "PENDING"))
    return;
  problem
      = transition->fail != NULL ? g_strdup (transition->fail) : slip_ecs_run_check (world, record);
  task = edit (world, transition);
  if (problem != NULL)
    {
      fail_start (world, transition, task, problem);
      return;
    }
  json_object_set_string_member (task, "lastStatus", "RUNNING");
  json_object_set_string_member (task, "connectivity", "CONNECTED");
  set_containers (task, "RUNNING");
  set_now (world, task, "pullStoppedAt");
  set_now (world, task, "connectivityAt");
  set_now (world, task, "startedAt");
  put (world, transition, task);
  schedule (world, transition->account, transition->region, transition->id, 0, "ecs.task-run",
            NULL);
}

void
slip_ecs_life_set_running (SlipWorld *world, const SlipWorldRecord *task)
{
  JsonObject *data = slip_world_edit (world, task->account, task->region, ECS_TASK, task->id);
  g_autofree char *id = g_strdup (task->id);

  json_object_set_string_member (data, "lastStatus", "RUNNING");
  json_object_set_string_member (data, "connectivity", "CONNECTED");
  set_containers (data, "RUNNING");
  set_now (world, data, "startedAt");
  slip_world_put (world, task->account, task->region, ECS_TASK, id, data);
}

/* A fault in a program's place: killed for its memory, or ended with 1. */
static void
set_failed (JsonObject *container, const char *why)
{
  gboolean memory = g_str_has_prefix (why, "OutOfMemoryError");

  json_object_set_int_member (container, "exitCode", memory ? 137 : 1);
  json_object_set_string_member (container, "reason", why);
}

static gboolean
is_essential (SlipWorld *world,
              const SlipTransition *transition,
              JsonObject *task,
              const char *name)
{
  const SlipWorldRecord *definition = slip_ecs_find_definition (
      world, transition->account, transition->region, slip_json_string (task, "taskDefinitionArn"));
  JsonArray *containers
      = definition != NULL ? slip_json_array (definition->data, "containerDefinitions") : NULL;

  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);

      if (g_strcmp0 (slip_json_string (container, "name"), name) == 0)
        return slip_json_bool (container, "essential", TRUE);
    }
  return TRUE;
}

static void
end_container (SlipWorld *world,
               const SlipTransition *transition,
               JsonObject *task,
               const char *name)
{
  gboolean essential = is_essential (world, transition, task, name);
  gboolean running = g_strcmp0 (slip_json_string (task, "desiredStatus"), "RUNNING") == 0;

  json_object_set_string_member (find_container (task, name), "lastStatus", "STOPPED");
  if (essential && running)
    {
      begin_end (world, task, "EssentialContainerExited", "Essential container in task exited");
      set_now (world, task, "executionStoppedAt");
      slip_ecs_run_end (transition->id, FALSE);
      schedule (world, transition->account, transition->region, transition->id, STOPPED_SECONDS,
                "ecs.task-stopped", NULL);
    }
}

static void
on_run (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *record
      = slip_world_get (world, transition->account, transition->region, ECS_TASK, transition->id);
  JsonObject *task;
  JsonArray *containers;

  if (record == NULL || !is_at (record->data, "RUNNING"))
    return;
  if (transition->fail == NULL)
    {
      slip_ecs_run_start (world, record);
      return;
    }
  task = edit (world, transition);
  containers = slip_json_array (task, "containers");
  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);

      set_failed (container, transition->fail);
      end_container (world, transition, task, slip_json_string (container, "name"));
    }
  put (world, transition, task);
}

static void
on_exited (SlipWorld *world, const SlipTransition *transition)
{
  const char *name = slip_json_string (transition->payload, "container");
  JsonObject *task = edit (world, transition);
  JsonObject *container = task != NULL ? find_container (task, name) : NULL;

  if (container == NULL || is_at (task, "STOPPED"))
    {
      g_clear_pointer (&task, json_object_unref);
      return;
    }
  json_object_set_int_member (container, "exitCode",
                              slip_json_int (transition->payload, "code", 0));
  if (slip_json_string (transition->payload, "reason") != NULL)
    json_object_set_string_member (container, "reason",
                                   slip_json_string (transition->payload, "reason"));
  if (transition->fail != NULL)
    set_failed (container, transition->fail);
  end_container (world, transition, task, name);
  put (world, transition, task);
}

void
slip_ecs_life_stop (SlipWorld *world,
                    const SlipWorldRecord *task,
                    const char *stop_code,
                    const char *reason)
{
  JsonObject *data = slip_world_edit (world, task->account, task->region, ECS_TASK, task->id);
  g_autofree char *id = g_strdup (task->id);
  g_autofree char *account = g_strdup (task->account);
  g_autofree char *region = g_strdup (task->region);

  begin_end (world, data, stop_code, reason);
  slip_world_put (world, account, region, ECS_TASK, id, data);
  slip_ecs_run_end (id, FALSE);
  schedule (world, account, region, id, STOPPED_SECONDS, "ecs.task-stopped", NULL);
}

/* Containers that ran without a program are killed when their task ends; one that never started has no
 * exit code, which is how a caller tells. */
static void
close_containers (JsonObject *task)
{
  JsonArray *containers = slip_json_array (task, "containers");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);

      if (g_strcmp0 (slip_json_string (container, "lastStatus"), "RUNNING") == 0
          && !json_object_has_member (container, "exitCode"))
        json_object_set_int_member (container, "exitCode", 137);
    }
  set_containers (task, "STOPPED");
}

static void
on_stopped (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *task = edit (world, transition);

  if (task == NULL || is_at (task, "STOPPED"))
    {
      g_clear_pointer (&task, json_object_unref);
      return;
    }
  slip_ecs_run_end (transition->id, TRUE);
  close_containers (task);
  json_object_set_string_member (task, "lastStatus", "STOPPED");
  set_now (world, task, "executionStoppedAt");
  set_now (world, task, "stoppedAt");
  put (world, transition, task);
  schedule (world, transition->account, transition->region, transition->id, KEPT_SECONDS,
            "ecs.task-forgotten", NULL);
  if (listener != NULL)
    listener (world, slip_world_get (world, transition->account, transition->region, ECS_TASK,
                                     transition->id));
}

static void
on_forgotten (SlipWorld *world, const SlipTransition *transition)
{
  slip_world_remove (world, transition->account, transition->region, ECS_TASK, transition->id);
}

void
slip_ecs_life_attach (SlipWorld *world)
{
  slip_world_handle (world, "ecs.task-pending", on_pending);
  slip_world_handle (world, "ecs.task-running", on_running);
  slip_world_handle (world, "ecs.task-run", on_run);
  slip_world_handle (world, "ecs.task-exited", on_exited);
  slip_world_handle (world, "ecs.task-stopped", on_stopped);
  slip_world_handle (world, "ecs.task-forgotten", on_forgotten);
}

static void
end_lost (SlipWorld *world, const SlipWorldRecord *task)
{
  JsonArray *containers = slip_json_array (task->data, "containers");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);
      const char *name = slip_json_string (container, "name");
      JsonObject *payload;

      if (json_object_has_member (container, "exitCode")
          || !slip_ecs_run_has_program (world, task, container))
        continue;
      payload = json_object_new ();
      json_object_set_string_member (payload, "container", name);
      json_object_set_int_member (payload, "code", 137);
      json_object_set_string_member (payload, "reason",
                                     "the rehearsal server ended while the container ran");
      schedule (world, task->account, task->region, task->id, 0, "ecs.task-exited", payload);
    }
}

gboolean
slip_ecs_life_start (SlipWorld *world, GError **error)
{
  g_autoptr (GPtrArray) tasks = NULL;

  slip_world_begin (world);
  tasks = slip_world_list (world, NULL, NULL, ECS_TASK);
  for (guint i = 0; i < tasks->len; i++)
    {
      const SlipWorldRecord *task = tasks->pdata[i];

      if (is_at (task->data, "RUNNING")
          && !g_str_has_prefix (slip_json_string (task->data, "group"), "service:")
          && !slip_world_is_scheduled (world, "ecs.task-run", task->account, task->region, ECS_TASK,
                                       task->id)
          && !slip_world_is_scheduled (world, "ecs.task-exited", task->account, task->region,
                                       ECS_TASK, task->id))
        end_lost (world, task);
    }
  return slip_world_commit (world, error);
}
