/* SPDX-License-Identifier: MIT */
/* slipway:executeStateMachine while running: starts one execution once, under a name of this run's, step's and attempt's,
 * and follows its states and their logs to its end. A run that was killed finds it by that name and follows on; after a
 * failure, resuming starts a new one. */

#include "slip-run-execution-events.h"

#include "slip-json.h"

#include <string.h>

#define MAX_NAME 80

/* How often, and how many seconds apart, the logs of tasks that have ended are looked at for what they must tell. */
#define LATE_LOOKS 24
#define LATE_SECONDS 5

typedef struct
{
  SlipRunContext *context;
  char *arn;
  SlipExecutionEvents *events;
  char *why; /* why it failed */
} Execution;

/* ---- its name */

/* A send whose fate is not known is the same attempt; after a failure there is a new one. */
static guint
attempt_of (SlipRunContext *context)
{
  JsonObject *sent = slip_json_node_object (context->step->request);
  const char *name = sent != NULL ? slip_json_string (sent, "name") : NULL;
  const char *dash = name != NULL ? strrchr (name, '-') : NULL;

  if (context->step->open && dash != NULL)
    return (guint)g_ascii_strtoull (dash + 1, NULL, 10);
  return context->step->sends + 1;
}

static char *
new_name (SlipRunContext *context)
{
  g_autofree char *attempt = g_strdup_printf ("-%u", attempt_of (context));
  g_autofree char *name = g_strdup_printf ("%s-%s", context->engine->fold->id, context->step->id);

  g_strcanon (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_", '-');
  if (strlen (name) > MAX_NAME - strlen (attempt))
    name[MAX_NAME - strlen (attempt)] = '\0';
  return g_strconcat (name, attempt, NULL);
}

/* arn:aws:states:R:A:stateMachine:NAME → arn:aws:states:R:A:execution:NAME:EXECUTION */
static char *
dup_arn (SlipRunContext *context)
{
  JsonObject *request = json_node_get_object (context->request);
  const char *machine = slip_json_string (request, "stateMachineArn");
  g_auto (GStrv) parts = machine != NULL ? g_strsplit (machine, ":", -1) : NULL;

  if (parts == NULL || g_strv_length (parts) < 7)
    return NULL;
  return g_strdup_printf ("%s:%s:%s:%s:%s:execution:%s:%s", parts[0], parts[1], parts[2], parts[3],
                          parts[4], parts[6], slip_json_string (request, "name"));
}

/* ---- starting */

static gboolean
compose (SlipRunContext *context, GError **error)
{
  JsonObject *request = slip_json_node_object (context->request);
  JsonNode *input = json_object_get_member (context->inputs, "Input");
  g_autofree char *name = NULL;
  g_autofree char *text = NULL;

  if (request == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the plan has no request for step %s", context->step->id);
      return FALSE;
    }
  name = new_name (context);
  /* The same bytes each time: that makes the same start. */
  text = input != NULL ? slip_json_canonical (input, error) : g_strdup ("{}");
  if (text == NULL)
    return FALSE;
  json_object_set_string_member (request, "name", name);
  json_object_set_string_member (request, "input", text);
  return TRUE;
}

static gboolean
start (Execution *execution, GError **error)
{
  SlipRunContext *context = execution->context;
  g_autoptr (GError) local = NULL;
  const char *code;

  if (context->step->handle != NULL
      && (context->step->state == SLIP_RUN_STEP_WAITING
          || context->step->state == SLIP_RUN_STEP_OVERDUE
          || context->step->state == SLIP_RUN_STEP_UNKNOWN))
    {
      execution->arn = g_strdup (context->step->handle);
      return TRUE;
    }
  if (!compose (context, error))
    return FALSE;
  execution->arn = dup_arn (context);
  if (slip_run_send (context, &local))
    return TRUE;
  /* The name is this run's: what has it was started by a sending whose answer was lost. */
  code = slip_aws_error_get_code (local);
  if (g_strcmp0 (code, "ExecutionAlreadyExists") == 0 && execution->arn != NULL)
    {
      context->outcome = "adopted";
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* ---- following */

static guint
count_tasks (JsonObject *states)
{
  g_autoptr (GList) all = states != NULL ? json_object_get_values (states) : NULL;
  guint count = 0;

  for (GList *state = all; state != NULL; state = state->next)
    {
      JsonObject *object = slip_json_node_object (state->data);

      count += object != NULL && g_strcmp0 (slip_json_string (object, "Type"), "Task") == 0;
    }
  return count;
}

/* Without it there is no percentage; that is all. */
static gboolean
read_total (Execution *execution, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (JsonNode) machine = NULL;
  const char *definition;

  json_object_set_string_member (input, "executionArn", execution->arn);
  answer = slip_run_engine_read (execution->context, "states", "DescribeStateMachineForExecution",
                                 node, SLIP_AWS_PRIORITY_RUN, &local);
  if (answer == NULL && slip_run_error_is_stop (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  definition
      = answer != NULL ? slip_json_string (json_node_get_object (answer), "definition") : NULL;
  machine = definition != NULL ? slip_json_parse (definition, -1, NULL) : NULL;
  if (machine != NULL && slip_json_node_object (machine) != NULL)
    slip_execution_events_set_total (
        execution->events,
        count_tasks (slip_json_object (json_node_get_object (machine), "States")));
  return TRUE;
}

static SlipRunSeen
judge (SlipRunContext *context, JsonNode *response, char **detail, gpointer data, GError **error)
{
  Execution *execution = data;
  JsonObject *shown = slip_json_node_object (response);
  const char *status = shown != NULL ? slip_json_string (shown, "status") : NULL;
  g_autofree char *at = NULL;

  if (!slip_execution_events_follow (execution->events, error))
    return SLIP_RUN_SEEN_ERROR;
  at = slip_execution_events_dup_detail (execution->events);
  if (status == NULL || g_str_equal (status, "RUNNING") || g_str_equal (status, "PENDING_REDRIVE"))
    {
      *detail = g_strdup (at != NULL ? at : "started");
      return SLIP_RUN_SEEN_PENDING;
    }
  if (g_str_equal (status, "SUCCEEDED"))
    {
      *detail = g_strdup ("the execution came to its end");
      return SLIP_RUN_SEEN_OK;
    }
  {
    const char *name = slip_json_string (shown, "error");
    const char *cause = slip_json_string (shown, "cause");

    g_free (execution->why);
    execution->why
        = g_strdup_printf ("%s%s%s%s%s", status, name != NULL ? ": " : "", name != NULL ? name : "",
                           cause != NULL && *cause != '\0' ? ": " : "", cause != NULL ? cause : "");
    *detail = g_strdup (execution->why);
  }
  return SLIP_RUN_SEEN_FAILED;
}

/* ---- what it leaves */

static void
take_outputs (SlipRunContext *context, Execution *execution)
{
  static const char *const names[] = {"executionArn", "name", "status", "startDate", "stopDate"};
  JsonObject *shown = slip_json_node_object (context->answer);
  const SlipMigrationIntegration *integration;
  gint64 migration_run;

  if (context->outputs == NULL)
    context->outputs = json_object_new ();
  for (guint i = 0; shown != NULL && i < G_N_ELEMENTS (names); i++)
    if (slip_json_string (shown, names[i]) != NULL)
      json_object_set_string_member (context->outputs, names[i],
                                     slip_json_string (shown, names[i]));
  if (execution->events == NULL)
    return;
  json_object_set_array_member (context->outputs, "States",
                                slip_execution_events_new_states (execution->events));
  migration_run = slip_execution_events_get_migration_run (execution->events);
  if (migration_run > 0)
    json_object_set_int_member (context->outputs, "Run", migration_run);
  integration = slip_execution_events_get_integration (execution->events);
  if (integration == NULL)
    return;
  json_object_set_string_member (context->outputs, "Integration", integration->mark);
  json_object_set_string_member (context->outputs, "Source", integration->source);
  json_object_set_int_member (context->outputs, "Rows", integration->rows);
}

/* Whoever takes back what a cancelled run did needs to know of it as of one that came to its end. */
static JsonObject *
new_left (Execution *execution)
{
  JsonObject *left = json_object_new ();

  take_outputs (execution->context, execution);
  json_object_set_boolean_member (left, "changed", TRUE);
  json_object_set_object_member (left, "outputs", json_object_ref (execution->context->outputs));
  return left;
}

/* A person cancelled: what would go on in AWS is stopped, and said to be. A stop that fails is told, and the run is
 * cancelled all the same. */
static void
stop (Execution *execution, GError **failure)
{
  SlipRunContext *context = execution->context;
  SlipRunEngine *engine = context->engine;
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_auto (SlipAwsCallInfo) info = {0};
  SlipAwsCall call = {
      .service = "states",
      .operation = "StopExecution",
      .region = slip_plan_step_get_region (context->plan),
      .input = node,
      .priority = SLIP_AWS_PRIORITY_RUN,
  };
  g_autoptr (JsonNode) answer = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *said = NULL;

  json_object_set_string_member (input, "executionArn", execution->arn);
  if (!slip_run_local_intent (context, "states:StopExecution", json_object_ref (input), &local))
    return;
  json_object_set_string_member (input, "error", "Cancelled");
  json_object_set_string_member (input, "cause", engine->fold->id);
  answer = slip_run_caller_call (engine->caller, slip_plan_step_get_environment (context->plan),
                                 &call, &info, NULL, &local);
  said = answer != NULL
             ? g_strdup_printf ("; the execution %s is stopped, and so is its task", execution->arn)
             : g_strdup_printf ("; the execution %s could not be stopped and goes on: %s. Stop it "
                                "by hand (states StopExecution)",
                                execution->arn, local->message);
  if (!slip_run_local_settle (context, "states:StopExecution", answer != NULL ? "part" : "unknown",
                              said + 2, new_left (execution), NULL))
    g_message ("that the execution was stopped could not be written%s", said);
  {
    g_autofree char *message = g_strconcat (
        "cancelled", engine->fold->cancelled_by != NULL ? " by " : "",
        engine->fold->cancelled_by != NULL ? engine->fold->cancelled_by : "", said, NULL);

    g_clear_error (failure);
    g_set_error_literal (failure, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED, message);
  }
}

/* The cause names a task whose log says why: that is followed, so it is said here. Its last lines may come behind the
 * execution's end. */
static gboolean
tell_why (Execution *execution, GError **error)
{
  g_autofree char *reason = NULL;

  if (!slip_execution_events_follow (execution->events, error))
    return FALSE;
  reason = slip_execution_events_dup_reason (execution->events, execution->why);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the execution did not do its work: %s%s%s", execution->why,
               reason != NULL ? ":\n" : "", reason != NULL ? reason : "");
  return FALSE;
}

/* A person is asked about just that, and the next execution is held to it. */
static gboolean
wait_for_integration (Execution *execution, GError **error)
{
  if (!slip_json_bool (execution->context->inputs, "Integration", FALSE))
    return TRUE;
  for (guint i = 0; slip_execution_events_get_integration (execution->events) == NULL; i++)
    {
      if (i == LATE_LOOKS)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                       "the execution came to its end, and no log of its tasks tells what was "
                       "integrated, so that nobody can be asked about it. Resume: a new execution "
                       "keeps what is done and tells it again. An image of an older version does "
                       "not tell it: cancel this run and plan again with a newer one");
          return FALSE;
        }
      if (!slip_run_engine_sleep (execution->context->engine, LATE_SECONDS, error)
          || !slip_execution_events_look_again (execution->events, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
follow (Execution *execution, GError **error)
{
  JsonObject *input = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (input);
  g_autoptr (JsonObject) wait = json_object_new ();
  g_autoptr (GError) local = NULL;
  SlipRunWaitSpec spec = {
      .service = "states",
      .operation = "DescribeExecution",
      .request = node,
      .wait = wait,
      .handle = execution->arn,
      .judge = judge,
      .data = execution,
  };

  json_object_set_string_member (input, "executionArn", execution->arn);
  execution->context->changed = TRUE;
  execution->events
      = slip_execution_events_new (execution->context, execution->arn,
                                   slip_json_bool (execution->context->inputs, "Logs", TRUE));
  if (!read_total (execution, error))
    return FALSE;
  if (slip_run_wait (execution->context, &spec, &local))
    return slip_execution_events_follow (execution->events, error)
           && wait_for_integration (execution, error);
  if (g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED))
    stop (execution, &local);
  if (execution->why != NULL && !slip_run_error_is_stop (local))
    return tell_why (execution, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  Execution execution = {.context = context};
  gboolean ok = start (&execution, error) && follow (&execution, error);

  take_outputs (context, &execution);
  g_clear_pointer (&execution.events, slip_execution_events_free);
  g_free (execution.arn);
  g_free (execution.why);
  return ok;
}

const SlipRunAction slip_run_action_follow_state_machine = {
    .name = "slipway:executeStateMachine",
    .run = run,
};
