/* SPDX-License-Identifier: MIT */
/* slipway:runTask while running: starts one task once, follows it and its log to its end, and tells
 * the truth about that end: a task has done its work only when every essential container exited with
 * 0. */

#include "slip-run-local.h"
#include "slip-run-task-log.h"

#include "slip-json.h"

#include <string.h>

/* ECS shows a task that was just started a little late, and a stopped one for about an hour. So often in
 * a row it must know nothing of it before that counts as forgotten. */
#define FORGOTTEN_LOOKS 5

typedef struct
{
  SlipRunContext *context;
  char *arn;
  JsonArray *definitions; /* containerDefinitions, or NULL when they cannot be read */
  SlipTaskLog *log;
  char *why;     /* why it failed */
  guint missing; /* looks in a row at which ECS did not know it */
} Task;

/* ---- who started it */

/* startedBy takes letters, digits, - / and _, at most 128. */
static char *
started_by (SlipRunContext *context, guint attempt)
{
  g_autofree char *step = g_strdup (context->step->id);
  g_autofree char *tail = NULL;
  gsize room;

  g_strcanon (step, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_", '-');
  tail = g_strdup_printf ("/%u", attempt);
  room = 128 - strlen (tail) - strlen (context->engine->fold->id) - 1;
  if (strlen (step) > room)
    step[room] = '\0';
  return g_strconcat (context->engine->fold->id, "/", step, tail, NULL);
}

/* A send whose fate is not known is the same attempt; after a failure there is a new one. */
static guint
attempt_of (SlipRunContext *context)
{
  JsonObject *sent = slip_json_node_object (context->step->request);
  const char *by = sent != NULL ? slip_json_string (sent, "startedBy") : NULL;
  const char *slash = by != NULL ? strrchr (by, '/') : NULL;

  if (context->step->open && slash != NULL)
    return (guint)g_ascii_strtoull (slash + 1, NULL, 10);
  return context->step->sends + 1;
}

static void
name_it (SlipRunContext *context)
{
  JsonObject *request = json_node_get_object (context->request);
  g_autofree char *by = started_by (context, attempt_of (context));
  g_autofree char *token = g_compute_checksum_for_string (G_CHECKSUM_SHA256, by, -1);

  json_object_set_string_member (request, "startedBy", by);
  /* 64 characters, which is the most that it may have. */
  json_object_set_string_member (request, "clientToken", token);
}

/* ---- finding it again */

static gboolean
list_tasks (SlipRunContext *context, const char *status, char **arn, GError **error)
{
  JsonObject *request = json_node_get_object (context->request);
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) first = NULL;

  if (json_object_has_member (request, "cluster"))
    json_object_set_string_member (input, "cluster", slip_json_string (request, "cluster"));
  json_object_set_string_member (input, "startedBy", slip_json_string (request, "startedBy"));
  json_object_set_string_member (input, "desiredStatus", status);
  answer = slip_run_engine_read (context, "ecs", "ListTasks", node, SLIP_AWS_PRIORITY_RUN, error);
  if (answer == NULL)
    return FALSE;
  first = slip_json_select (answer, "$.taskArns[0]", NULL);
  if (first != NULL && JSON_NODE_HOLDS_VALUE (first))
    *arn = json_node_dup_string (first);
  return TRUE;
}

static gboolean
find_started (SlipRunContext *context, char **arn, GError **error)
{
  static const char *const states[] = {"RUNNING", "STOPPED"};

  for (guint i = 0; context->step->open && *arn == NULL && i < G_N_ELEMENTS (states); i++)
    if (!list_tasks (context, states[i], arn, error))
      return FALSE;
  if (*arn != NULL)
    context->outcome = "adopted";
  return TRUE;
}

/* ---- starting */

/* ECS answers 200 also when it starts nothing. */
static char *
take_started (SlipRunContext *context, GError **error)
{
  g_autoptr (JsonNode) arn = slip_json_select (context->answer, "$.tasks[0].taskArn", NULL);
  g_autoptr (JsonNode) reason = slip_json_select (context->answer, "$.failures[0].reason", NULL);
  g_autoptr (JsonNode) detail = slip_json_select (context->answer, "$.failures[0].detail", NULL);

  if (arn != NULL && reason == NULL)
    return json_node_dup_string (arn);
  context->changed = FALSE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "ECS started no task: %s%s%s",
               reason != NULL ? json_node_get_string (reason) : "it does not say why",
               detail != NULL ? ": " : "", detail != NULL ? json_node_get_string (detail) : "");
  return NULL;
}

static gboolean
start (SlipRunContext *context, Task *task, GError **error)
{
  /* What is waited for already was started already; so was what a person was asked about. */
  if (context->step->handle != NULL
      && (context->step->state == SLIP_RUN_STEP_WAITING
          || context->step->state == SLIP_RUN_STEP_OVERDUE
          || context->step->state == SLIP_RUN_STEP_UNKNOWN))
    {
      task->arn = g_strdup (context->step->handle);
      return TRUE;
    }
  name_it (context);
  if (!find_started (context, &task->arn, error))
    return FALSE;
  if (task->arn != NULL)
    return TRUE;
  if (!slip_run_send (context, error))
    return FALSE;
  task->arn = take_started (context, error);
  return task->arn != NULL;
}

/* ---- what it consists of */

static gboolean
read_definition (Task *task, const char *definition, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *root;

  json_object_set_string_member (input, "taskDefinition", definition);
  answer = slip_run_engine_read (task->context, "ecs", "DescribeTaskDefinition", node,
                                 SLIP_AWS_PRIORITY_RUN, &local);
  if (answer == NULL && slip_run_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  root = answer != NULL ? slip_json_object (json_node_get_object (answer), "taskDefinition") : NULL;
  if (root != NULL && slip_json_array (root, "containerDefinitions") != NULL)
    task->definitions = json_array_ref (slip_json_array (root, "containerDefinitions"));
  else
    g_message ("task definition %s cannot be read; every container counts as essential: %s",
               definition, local != NULL ? local->message : "the answer has none");
  return TRUE;
}

static gboolean
is_essential (Task *task, const char *name)
{
  for (guint i = 0; task->definitions != NULL && i < json_array_get_length (task->definitions); i++)
    {
      JsonObject *one = slip_json_node_object (json_array_get_element (task->definitions, i));

      if (one != NULL && g_strcmp0 (slip_json_string (one, "name"), name) == 0)
        return slip_json_bool (one, "essential", TRUE);
    }
  return TRUE;
}

/* ---- the truth about its end */

static void
add_reason (GString *why, JsonObject *container, const char *what)
{
  const char *reason = slip_json_string (container, "reason");

  g_string_append_printf (why, "%scontainer %s %s%s%s", why->len > 0 ? "; " : "",
                          slip_json_string (container, "name"), what, reason != NULL ? ": " : "",
                          reason != NULL ? reason : "");
}

static void
judge_containers (Task *task, JsonArray *containers, GString *why)
{
  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = slip_json_node_object (json_array_get_element (containers, i));
      gint64 exit_code;

      if (container == NULL || !is_essential (task, slip_json_string (container, "name")))
        continue;
      if (!json_object_has_member (container, "exitCode"))
        {
          add_reason (why, container, "has no exit code");
          continue;
        }
      exit_code = slip_json_int (container, "exitCode", -1);
      if (exit_code != 0)
        {
          g_autofree char *what = g_strdup_printf ("exited with %" G_GINT64_FORMAT, exit_code);

          add_reason (why, container, what);
        }
    }
}

static SlipRunSeen
judge_stopped (Task *task, JsonObject *shown, char **detail)
{
  const char *code = slip_json_string (shown, "stopCode");
  const char *reason = slip_json_string (shown, "stoppedReason");
  JsonArray *containers = slip_json_array (shown, "containers");
  g_autoptr (GString) why = g_string_new (NULL);

  if (g_strcmp0 (code, "EssentialContainerExited") != 0)
    g_string_append_printf (why, "%s", code != NULL ? code : "it stopped without a stop code");
  if (containers == NULL || json_array_get_length (containers) == 0)
    g_string_append_printf (why, "%sit had no containers", why->len > 0 ? "; " : "");
  judge_containers (task, containers, why);
  if (why->len == 0)
    {
      *detail = g_strdup ("every essential container exited with 0");
      return SLIP_RUN_SEEN_OK;
    }
  if (reason != NULL)
    g_string_append_printf (why, " (%s)", reason);
  g_free (task->why);
  task->why = g_strdup (why->str);
  *detail = g_strdup_printf ("STOPPED: %s", why->str);
  return SLIP_RUN_SEEN_FAILED;
}

/* Only ECS's own MISSING counts: an answer that holds nothing at all says nothing. */
static SlipRunSeen
judge_missing (Task *task, const char *reason, char **detail)
{
  *detail = g_strdup_printf ("ECS does not show it%s%s", reason != NULL ? ": " : "",
                             reason != NULL ? reason : "");
  if (g_strcmp0 (reason, "MISSING") != 0)
    return SLIP_RUN_SEEN_PENDING;
  return ++task->missing < FORGOTTEN_LOOKS ? SLIP_RUN_SEEN_PENDING : SLIP_RUN_SEEN_FAILED;
}

static SlipRunSeen
judge (SlipRunContext *context, JsonNode *response, char **detail, gpointer data, GError **error)
{
  Task *task = data;
  g_autoptr (JsonNode) shown = slip_json_select (response, "$.tasks[0]", NULL);
  g_autoptr (JsonNode) missing = slip_json_select (response, "$.failures[0].reason", NULL);
  JsonObject *object = slip_json_node_object (shown);
  const char *status = object != NULL ? slip_json_string (object, "lastStatus") : NULL;
  g_autofree char *line = NULL;

  if (task->log != NULL && !slip_task_log_follow (task->log, error))
    return SLIP_RUN_SEEN_ERROR;
  if (status == NULL)
    return judge_missing (task, missing != NULL ? json_node_get_string (missing) : NULL, detail);
  task->missing = 0;
  if (g_str_equal (status, "STOPPED"))
    return judge_stopped (task, object, detail);
  line = task->log != NULL ? slip_task_log_dup_last (task->log) : NULL;
  *detail = line != NULL ? g_strdup_printf ("%s: %s", status, line) : g_strdup (status);
  return SLIP_RUN_SEEN_PENDING;
}

/* ---- the step */

static void
take_outputs (SlipRunContext *context, Task *task)
{
  static const char *const selectors[] = {
      "taskArn",    "$.tasks[0].taskArn",    "taskDefinitionArn", "$.tasks[0].taskDefinitionArn",
      "stopCode",   "$.tasks[0].stopCode",   "stoppedReason",     "$.tasks[0].stoppedReason",
      "containers", "$.tasks[0].containers",
  };

  if (context->outputs == NULL)
    context->outputs = json_object_new ();
  for (guint i = 0; context->answer != NULL && i < G_N_ELEMENTS (selectors); i += 2)
    {
      JsonNode *value = slip_json_select (context->answer, selectors[i + 1], NULL);

      if (value != NULL)
        json_object_set_member (context->outputs, selectors[i], value);
    }
  if (task->log != NULL && slip_task_log_get_file (task->log) != NULL)
    json_object_set_string_member (context->outputs, "logFile", slip_task_log_get_file (task->log));
}

static gboolean
prepare (Task *task, GError **error)
{
  JsonObject *request = json_node_get_object (task->context->request);

  if (!read_definition (task, slip_json_string (request, "taskDefinition"), error))
    return FALSE;
  if (slip_json_bool (task->context->inputs, "Logs", TRUE))
    task->log = slip_task_log_new (task->context, task->definitions, task->arn);
  return TRUE;
}

/* How it ended nobody can tell any more, but what it should have done can be looked at. */
static gboolean
ask_person (Task *task, GError **error)
{
  SlipRunContext *context = task->context;
  const char *file = task->log != NULL ? slip_task_log_get_file (task->log) : NULL;
  g_autofree char *why = g_strdup_printf (
      "ECS has forgotten the task %s, as it does about an hour after a task stopped, and how it "
      "ended "
      "was not seen. Whether it did its work shows in what it was to make%s%s",
      task->arn, file != NULL ? ", and in its log, " : "", file != NULL ? file : "");
  gboolean did = FALSE;

  if (!slip_run_local_settle (context, NULL, "unknown", why, NULL, error)
      || !slip_run_engine_decide (context->engine, context->step, why, &did, error))
    return FALSE;
  if (did)
    {
      context->outcome = "adopted";
      g_free (context->detail);
      context->detail = g_strdup ("it did its work, as a person says; ECS has forgotten the task");
      return TRUE;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the task %s did not do its work, as a person says; ECS has forgotten it. To resume "
               "starts a new one",
               task->arn);
  return FALSE;
}

static gboolean
follow (Task *task, GError **error)
{
  JsonObject *request = json_node_get_object (task->context->request);
  JsonObject *input = json_object_new ();
  JsonArray *tasks = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (JsonObject) wait = json_object_new ();
  g_autoptr (GError) local = NULL;
  SlipRunWaitSpec spec = {
      .service = "ecs",
      .operation = "DescribeTasks",
      .request = node,
      .wait = wait,
      .handle = task->arn,
      .judge = judge,
      .data = task,
  };

  json_array_add_string_element (tasks, task->arn);
  json_object_set_array_member (input, "tasks", tasks);
  if (json_object_has_member (request, "cluster"))
    json_object_set_string_member (input, "cluster", slip_json_string (request, "cluster"));
  task->context->changed = TRUE;
  if (slip_run_wait (task->context, &spec, &local))
    return task->log == NULL || slip_task_log_follow (task->log, error);
  if (task->missing >= FORGOTTEN_LOOKS && !slip_run_error_is_stop (local))
    return ask_person (task, error);
  if (task->why != NULL && !slip_run_error_is_stop (local))
    g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "the task did not do its work: %s",
                 task->why);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  Task task = {.context = context};
  gboolean ok = slip_json_node_object (context->request) != NULL && start (context, &task, error)
                && prepare (&task, error) && follow (&task, error);

  take_outputs (context, &task);
  g_clear_pointer (&task.definitions, json_array_unref);
  g_clear_pointer (&task.log, slip_task_log_free);
  g_free (task.arn);
  g_free (task.why);
  return ok;
}

const SlipRunAction slip_run_action_run_task = {
    .name = "slipway:runTask",
    .run = run,
};
