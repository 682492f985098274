/* SPDX-License-Identifier: MIT */

/* Task states: ecs:runTask, with .sync and .waitForTaskToken. The rehearsal's own ECS runs the task, as the
 * machine's role may; its end is told by ECS, heartbeats and tokens by whoever has the token. A task that
 * timed out runs on, as in AWS, where only an abort stops it. */

#include "slip-states-private.h"

#include "slip-aws-model.h"
#include "slip-ecs-private.h"
#include "slip-json.h"
#include "slip-permissions.h"

#include <string.h>

/* Containers do real work: a time-out is that long in real time too, up to so many seconds. */
#define REAL_SECONDS 120

/* ---- ECS as Step Functions writes it: members begin with a capital */

static JsonNode *
rename (JsonNode *node, gboolean capital)
{
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  JsonObject *object = slip_json_node_object (node);
  JsonObject *renamed;
  JsonArray *list;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (array != NULL)
    {
      list = json_array_new ();
      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (list, rename (json_array_get_element (array, i), capital));
      return slip_json_new_array (list);
    }
  if (object == NULL)
    return slip_json_copy (node);
  renamed = json_object_new ();
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      g_autofree char *other = g_strdup (name);

      other[0] = capital ? g_ascii_toupper (name[0]) : g_ascii_tolower (name[0]);
      json_object_set_member (renamed, other, rename (value, capital));
    }
  return slip_json_new_object (renamed);
}

/* ---- events */

static const char *
pattern_of (SlipStatesRun *run, JsonObject *thread)
{
  const char *resource = slip_json_string (slip_states_state (run, thread), "Resource");

  return strrchr (resource, ':') + 1;
}

static JsonObject *
new_details (SlipStatesRun *run, JsonObject *thread)
{
  JsonObject *details = json_object_new ();

  json_object_set_string_member (details, "resourceType", "ecs");
  json_object_set_string_member (details, "resource", pattern_of (run, thread));
  return details;
}

static void
note_output (
    SlipStatesRun *run, JsonObject *thread, const char *type, const char *member, JsonNode *output)
{
  JsonObject *details = new_details (run, thread);
  JsonObject *complete = json_object_new ();
  g_autofree char *text = slip_json_to_text (output, FALSE);

  json_object_set_string_member (details, "output", text);
  json_object_set_boolean_member (complete, "truncated", FALSE);
  json_object_set_object_member (details, "outputDetails", complete);
  slip_states_note (run, thread, type, member, details);
}

static void
note_fault (SlipStatesRun *run,
            JsonObject *thread,
            const char *type,
            const char *member,
            const SlipStatesFault *fault)
{
  JsonObject *details = new_details (run, thread);

  json_object_set_string_member (details, "error", fault->error);
  if (fault->cause != NULL)
    json_object_set_string_member (details, "cause", fault->cause);
  slip_states_note (run, thread, type, member, details);
}

/* ---- time-outs */

/* What TimeoutSeconds or TimeoutSecondsPath says; 0 for none, -1 with @fault. */
static double
read_seconds (SlipStatesRun *run, JsonObject *thread, const char *name, SlipStatesFault *fault)
{
  JsonObject *state = slip_states_state (run, thread);
  g_autofree char *by_path = g_strconcat (name, "Path", NULL);
  const char *path = slip_json_string (state, by_path);
  g_autoptr (JsonNode) context = NULL;
  g_autoptr (JsonNode) found = NULL;
  SlipStatesScope scope;

  if (path == NULL)
    return slip_json_double (state, name, 0);
  context = slip_states_context (run, thread);
  scope.context = context;
  scope.input = json_object_get_member (thread, "input");
  found = slip_states_select (&scope, path, "States.Runtime", fault);
  if (found == NULL)
    return -1;
  if (JSON_NODE_HOLDS_VALUE (found) && json_node_get_double (found) > 0)
    return json_node_get_double (found);
  slip_states_fail (fault, "States.Runtime", "The %s does not reference a positive number",
                    by_path);
  return -1;
}

static void
watch (SlipStatesRun *run, JsonObject *thread, const char *name, const char *kind)
{
  g_auto (SlipStatesFault) fault = {0};
  double seconds = read_seconds (run, thread, name, &fault);
  double speed = slip_world_get_speed (run->world);

  if (seconds > 0)
    slip_states_schedule (run, thread, MAX (seconds, MIN (seconds, REAL_SECONDS) * speed), kind);
}

/* ---- beginning */

void
slip_states_task_enter (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  JsonObject *details = new_details (run, thread);
  g_autofree char *parameters = slip_json_to_text (input, FALSE);
  g_auto (SlipStatesFault) fault = {0};
  double timeout = read_seconds (run, thread, "TimeoutSeconds", &fault);
  double heartbeat = timeout >= 0 ? read_seconds (run, thread, "HeartbeatSeconds", &fault) : -1;

  json_object_set_string_member (details, "region", run->region);
  json_object_set_string_member (details, "parameters", parameters);
  if (timeout > 0)
    json_object_set_int_member (details, "timeoutInSeconds", (gint64)timeout);
  if (heartbeat > 0)
    json_object_set_int_member (details, "heartbeatInSeconds", (gint64)heartbeat);
  slip_states_note (run, thread, "TaskScheduled", "taskScheduledEventDetails", details);
  if (fault.error != NULL)
    {
      slip_states_break (run, thread, &fault);
      return;
    }
  json_object_set_member (thread, "parameters", slip_json_copy (input));
  slip_states_schedule (run, thread, 0, "states.task-started");
}

static gboolean
role_may (SlipStatesRun *run, const char *action, SlipStatesFault *fault)
{
  const char *arn = slip_json_string (run->data, "roleArn");
  const SlipWorldRecord *role = slip_permissions_find_identity (run->world, arn);
  g_auto (SlipPermission) permission = {0};
  SlipPolicyRequest request = {.account = run->account, .principal_arn = arn, .action = action};

  if (role != NULL)
    {
      slip_permissions_judge (run->world, role, &request, &permission);
      if (permission.verdict == SLIP_POLICY_ALLOWS)
        return TRUE;
    }
  slip_states_fail (fault, "ECS.AccessDeniedException",
                    "User: %s is not authorized to perform: %s because no identity-based policy "
                    "allows the %s action (Service: AmazonECS; Status Code: 400; Error Code: "
                    "AccessDeniedException)",
                    arn, action, action);
  return FALSE;
}

static gpointer
take_error (const GError *error, SlipStatesFault *fault)
{
  const char *code = slip_aws_error_get_code (error);
  g_autofree char *name = g_strconcat ("ECS.", code != NULL ? code : "AmazonECSException", NULL);

  return slip_states_fail (fault, name, "%s (Service: AmazonECS; Status Code: 400; Error Code: %s)",
                           error->message, code != NULL ? code : "Unknown");
}

/* The answer of RunTask with a task in it. */
static JsonNode *
run_task (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault)
{
  SlipServiceContext ctx
      = {.world = run->world, .account = run->account, .region = run->region, .endpoint = ""};
  g_autoptr (JsonNode) input = rename (json_object_get_member (thread, "parameters"), FALSE);
  JsonObject *request = slip_json_node_object (input);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;
  JsonArray *failures;
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation ("ecs", "RunTask", &model, NULL);

  if (request == NULL || !slip_aws_model_check_error (model, op, input, &error))
    return slip_states_fail (fault, "States.Runtime",
                             "The Parameters are no request of RunTask: %s",
                             error != NULL ? error->message : "they are no object");
  if (!role_may (run, "ecs:RunTask", fault))
    return NULL;
  if (!json_object_has_member (request, "startedBy"))
    json_object_set_string_member (request, "startedBy", "AWS Step Functions");
  answer = slip_ecs_run_task (&ctx, request, &error);
  if (answer == NULL)
    return take_error (error, fault);
  failures = slip_json_array (json_node_get_object (answer), "failures");
  if (json_array_get_length (failures) > 0)
    {
      g_autoptr (JsonNode) shown = rename (answer, TRUE);
      g_autofree char *text = slip_json_to_text (shown, FALSE);

      return slip_states_fail (fault, "AmazonECS.Unknown", "%s", text);
    }
  return g_steal_pointer (&answer);
}

/* Lets the task's end be told to the thread. */
static void
bind (SlipStatesRun *run, JsonObject *thread, JsonNode *answer)
{
  g_autoptr (JsonNode) arn = slip_json_select (answer, "$.tasks[0].taskArn", NULL);
  g_autoptr (JsonNode) cluster_arn = slip_json_select (answer, "$.tasks[0].clusterArn", NULL);
  g_autofree char *cluster_name = slip_ecs_base_name (json_node_get_string (cluster_arn));
  const SlipWorldRecord *cluster
      = slip_world_get (run->world, run->account, run->region, ECS_CLUSTER, cluster_name);
  const SlipWorldRecord *task
      = slip_ecs_find_task (run->world, cluster, json_node_get_string (arn));
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "execution", run->id);
  json_object_set_string_member (data, "thread", slip_json_string (thread, "name"));
  json_object_set_int_member (data, "turn", slip_json_int (thread, "turn", 0));
  json_object_set_string_member (thread, "task", task->id);
  slip_world_put (run->world, run->account, run->region, STATES_TASK, task->id, data);
}

static void
submit (SlipStatesRun *run, JsonObject *thread, JsonNode *answer)
{
  g_autoptr (JsonNode) output = rename (answer, TRUE);

  note_output (run, thread, "TaskSubmitted", "taskSubmittedEventDetails", output);
  if (g_str_equal (pattern_of (run, thread), "runTask"))
    {
      note_output (run, thread, "TaskSucceeded", "taskSucceededEventDetails", output);
      slip_states_succeed (run, thread, output);
      return;
    }
  bind (run, thread, answer);
  watch (run, thread, "TimeoutSeconds", "states.task-timed-out");
  watch (run, thread, "HeartbeatSeconds", "states.task-heartbeat-missed");
}

/* ---- what happens */

static SlipStatesRun *
open_thread (SlipWorld *world, const SlipTransition *transition, JsonObject **thread)
{
  SlipStatesRun *run
      = slip_states_run_open (world, transition->account, transition->region, transition->id);

  *thread = run != NULL ? slip_states_thread (run, slip_json_string (transition->payload, "thread"))
                        : NULL;
  if (*thread != NULL
      && slip_json_int (*thread, "turn", 0) == slip_json_int (transition->payload, "turn", -1))
    return run;
  g_clear_pointer (&run, slip_states_run_close);
  return NULL;
}

/* A fault's message may begin with the error's name: `ECS.ServerException: try later`. */
static void
take_message (const char *message, SlipStatesFault *fault)
{
  g_auto (GStrv) parts = g_strsplit (message, ": ", 2);

  if (parts[1] != NULL && g_regex_match_simple ("^[A-Za-z]+\\.[A-Za-z]+$", parts[0], 0, 0))
    slip_states_fail (fault, parts[0], "%s", parts[1]);
  else
    slip_states_fail (fault, "ECS.ServerException", "%s", message);
}

static void
on_started (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_thread (world, transition, &thread);
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) answer = NULL;

  if (run == NULL)
    return;
  slip_states_note (run, thread, "TaskStarted", "taskStartedEventDetails",
                    new_details (run, thread));
  if (transition->fail != NULL)
    take_message (transition->fail, &fault);
  else
    answer = run_task (run, thread, &fault);
  json_object_remove_member (thread, "parameters");
  if (answer != NULL)
    submit (run, thread, answer);
  else
    {
      note_fault (run, thread, "TaskSubmitFailed", "taskSubmitFailedEventDetails", &fault);
      slip_states_break (run, thread, &fault);
    }
  slip_states_run_close (run);
}

static void
on_time (SlipWorld *world, const SlipTransition *transition, const char *error)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_thread (world, transition, &thread);
  g_auto (SlipStatesFault) fault = {0};

  if (run == NULL)
    return;
  fault.error = g_strdup (error);
  note_fault (run, thread, "TaskTimedOut", "taskTimedOutEventDetails", &fault);
  slip_world_remove (world, run->account, run->region, STATES_TASK,
                     slip_json_string (thread, "task"));
  json_object_remove_member (thread, "task");
  slip_states_break (run, thread, &fault);
  slip_states_run_close (run);
}

static void
on_timed_out (SlipWorld *world, const SlipTransition *transition)
{
  on_time (world, transition, "States.Timeout");
}

static void
on_heartbeat_missed (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *execution = slip_world_get (world, transition->account, transition->region,
                                                     STATES_EXECUTION, transition->id);
  JsonObject *threads = execution != NULL ? slip_json_object (execution->data, "threads") : NULL;
  const char *name = slip_json_string (transition->payload, "thread");
  JsonObject *thread = threads != NULL ? slip_json_object (threads, name) : NULL;

  if (thread != NULL
      && slip_json_int (thread, "beat", 0) == slip_json_int (transition->payload, "beat", -1))
    on_time (world, transition, "States.HeartbeatTimeout");
}

static gboolean
did_its_work (JsonObject *task)
{
  JsonArray *containers = slip_json_array (task, "Containers");

  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    if (slip_json_int (json_array_get_object_element (containers, i), "ExitCode", -1) != 0)
      return FALSE;
  return g_strcmp0 (slip_json_string (task, "StopCode"), "EssentialContainerExited") == 0;
}

static void
on_ended (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_thread (world, transition, &thread);
  JsonNode *task = json_object_get_member (transition->payload, "task");
  g_auto (SlipStatesFault) fault = {0};

  if (run == NULL)
    return;
  json_object_remove_member (thread, "task");
  slip_states_turn (thread);
  if (transition->fail == NULL && did_its_work (json_node_get_object (task)))
    {
      note_output (run, thread, "TaskSucceeded", "taskSucceededEventDetails", task);
      slip_states_succeed (run, thread, task);
    }
  else
    {
      fault.error = g_strdup ("States.TaskFailed");
      fault.cause = transition->fail != NULL ? g_strdup (transition->fail)
                                             : slip_json_to_text (task, FALSE);
      note_fault (run, thread, "TaskFailed", "taskFailedEventDetails", &fault);
      slip_states_break (run, thread, &fault);
    }
  slip_states_run_close (run);
}

/* ECS tells of each task that stopped; most are nobody's. */
static void
on_task_stopped (SlipWorld *world, const SlipWorldRecord *task)
{
  const SlipWorldRecord *bound
      = slip_world_get (world, task->account, task->region, STATES_TASK, task->id);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *execution = NULL;
  JsonObject *payload;

  if (bound == NULL)
    return;
  node = slip_json_new_object (json_object_ref (task->data));
  execution = g_strdup (slip_json_string (bound->data, "execution"));
  payload = json_object_new ();
  json_object_set_string_member (payload, "thread", slip_json_string (bound->data, "thread"));
  json_object_set_int_member (payload, "turn", slip_json_int (bound->data, "turn", 0));
  json_object_set_member (payload, "task", rename (node, TRUE));
  slip_world_schedule (world, 0, "states.task-ended", task->account, task->region, STATES_EXECUTION,
                       execution, payload);
  slip_world_remove (world, task->account, task->region, STATES_TASK, task->id);
}

void
slip_states_task_stop (SlipStatesRun *run, JsonObject *thread, const char *why)
{
  g_autofree char *id = g_strdup (slip_json_string (thread, "task"));
  const SlipWorldRecord *task
      = id != NULL ? slip_world_get (run->world, run->account, run->region, ECS_TASK, id) : NULL;

  if (id == NULL)
    return;
  json_object_remove_member (thread, "task");
  slip_world_remove (run->world, run->account, run->region, STATES_TASK, id);
  if (task != NULL && g_strcmp0 (slip_json_string (task->data, "desiredStatus"), "RUNNING") == 0)
    slip_ecs_life_stop (run->world, task, "UserInitiated", why);
}

void
slip_states_task_attach (SlipWorld *world)
{
  slip_world_handle (world, "states.task-started", on_started);
  slip_world_handle (world, "states.task-timed-out", on_timed_out);
  slip_world_handle (world, "states.task-heartbeat-missed", on_heartbeat_missed);
  slip_world_handle (world, "states.task-ended", on_ended);
  slip_ecs_life_listen (on_task_stopped);
}

/* ---- whoever has a task's token */

/* The execution and thread that a token is of; NULL with AWS's errors. */
static SlipStatesRun *
open_token (SlipServiceContext *ctx, JsonObject *input, JsonObject **thread, GError **error)
{
  const char *token = slip_json_string (input, "taskToken");
  g_autofree char *words = slip_marker_decode (token);
  g_auto (GStrv) parts = words != NULL ? g_strsplit (words, "\n", 3) : NULL;
  SlipStatesRun *run;

  if (parts == NULL || g_strv_length (parts) != 3)
    return slip_service_error (error, 400, "InvalidToken", "Invalid Token: 'Invalid token'");
  run = slip_states_run_open (ctx->world, ctx->account, ctx->region, parts[0]);
  *thread = run != NULL ? slip_states_thread (run, parts[1]) : NULL;
  if (*thread != NULL && g_strcmp0 (slip_json_string (*thread, "token"), token) == 0
      && slip_json_string (*thread, "task") != NULL)
    return run;
  g_clear_pointer (&run, slip_states_run_close);
  return slip_service_error (error, 400, "TaskTimedOut",
                             "Task Timed Out: 'Provided task does not exist anymore'");
}

JsonNode *
slip_states_send_heartbeat (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_token (ctx, input, &thread, error);

  if (run == NULL)
    return NULL;
  json_object_set_int_member (thread, "beat", slip_json_int (thread, "beat", 0) + 1);
  watch (run, thread, "HeartbeatSeconds", "states.task-heartbeat-missed");
  slip_states_run_close (run);
  return NULL;
}

/* Who waits for a token takes its word; with .sync the container's end counts. */
static SlipStatesRun *
open_waiting (SlipServiceContext *ctx, JsonObject *input, JsonObject **thread, GError **error)
{
  SlipStatesRun *run = open_token (ctx, input, thread, error);

  if (run == NULL || g_str_has_suffix (pattern_of (run, *thread), ".waitForTaskToken"))
    return run;
  slip_states_run_close (run);
  return slip_service_error (error, 400, "InvalidToken",
                             "Invalid Token: 'The task does not wait for its token'");
}

static void
unbind (SlipStatesRun *run, JsonObject *thread)
{
  slip_world_remove (run->world, run->account, run->region, STATES_TASK,
                     slip_json_string (thread, "task"));
  json_object_remove_member (thread, "task");
  slip_states_turn (thread);
}

JsonNode *
slip_states_send_success (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (JsonNode) output = slip_json_parse (slip_json_string (input, "output"), -1, NULL);
  JsonObject *thread = NULL;
  SlipStatesRun *run;

  if (output == NULL)
    return slip_service_error (error, 400, "InvalidOutput", "Invalid Output: it is no JSON text");
  run = open_waiting (ctx, input, &thread, error);
  if (run == NULL)
    return NULL;
  unbind (run, thread);
  note_output (run, thread, "TaskSucceeded", "taskSucceededEventDetails", output);
  slip_states_succeed (run, thread, output);
  slip_states_run_close (run);
  return NULL;
}

JsonNode *
slip_states_send_failure (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "error");
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_waiting (ctx, input, &thread, error);
  g_auto (SlipStatesFault) fault = {0};

  if (run == NULL)
    return NULL;
  unbind (run, thread);
  fault.error = g_strdup (name != NULL ? name : "States.TaskFailed");
  fault.cause = g_strdup (slip_json_string (input, "cause"));
  note_fault (run, thread, "TaskFailed", "taskFailedEventDetails", &fault);
  slip_states_break (run, thread, &fault);
  slip_states_run_close (run);
  return NULL;
}
