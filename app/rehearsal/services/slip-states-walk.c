/* SPDX-License-Identifier: MIT */

/* The walk through a state machine: each state entered in a transaction of its own, its input and output
 * shaped by the paths that it names, its failure retried or caught. What Task, Parallel and Map do
 * between entering and leaving is in files of their own. */

#include "slip-states-private.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <math.h>
#include <string.h>

/* ---- events of a state */

static JsonObject *
data_details (JsonObject *thread, const char *member, JsonNode *value)
{
  JsonObject *details = json_object_new ();
  JsonObject *complete = json_object_new ();
  g_autofree char *text = slip_json_to_text (value, FALSE);
  g_autofree char *about = g_strconcat (member, "Details", NULL);

  json_object_set_string_member (details, "name", slip_json_string (thread, "state"));
  json_object_set_string_member (details, member, text);
  json_object_set_boolean_member (complete, "truncated", FALSE);
  json_object_set_object_member (details, about, complete);
  return details;
}

static void
note_state (SlipStatesRun *run, JsonObject *thread, gboolean entered, JsonNode *value)
{
  JsonObject *state = slip_states_state (run, thread);
  g_autofree char *type = g_strconcat (slip_json_string (state, "Type"),
                                       entered ? "StateEntered" : "StateExited", NULL);

  slip_states_note (run, thread, type,
                    entered ? "stateEnteredEventDetails" : "stateExitedEventDetails",
                    data_details (thread, entered ? "input" : "output", value));
}

/* ---- input and output */

static gboolean
is_null_member (JsonObject *state, const char *name)
{
  JsonNode *node = json_object_get_member (state, name);

  return node != NULL && JSON_NODE_HOLDS_NULL (node);
}

/* What InputPath or OutputPath leaves: all, a part, or with null an empty object. */
static JsonNode *
take_path (SlipStatesRun *run,
           JsonObject *thread,
           JsonNode *value,
           const char *name,
           SlipStatesFault *fault)
{
  JsonObject *state = slip_states_state (run, thread);
  const char *path = slip_json_string (state, name);
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = value, .context = context};

  if (is_null_member (state, name))
    return slip_json_new_object (json_object_new ());
  return path == NULL ? slip_json_copy (value)
                      : slip_states_select (&scope, path, "States.Runtime", fault);
}

JsonNode *
slip_states_effective (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault)
{
  JsonObject *state = slip_states_state (run, thread);
  JsonNode *parameters = json_object_get_member (state, "Parameters");
  g_autoptr (JsonNode) input
      = take_path (run, thread, json_object_get_member (thread, "input"), "InputPath", fault);
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = input, .context = context};

  if (input == NULL || parameters == NULL
      || g_strcmp0 (slip_json_string (state, "Type"), "Map") == 0)
    return g_steal_pointer (&input);
  return slip_states_fill (&scope, parameters, fault);
}

static gboolean
is_small (JsonNode *value, SlipStatesFault *fault)
{
  g_autofree char *text = slip_json_to_text (value, FALSE);

  if (strlen (text) <= STATES_DATA_LIMIT)
    return TRUE;
  slip_states_fail (fault, "States.DataLimitExceeded",
                    "The state returned a result with a size exceeding the maximum number of bytes "
                    "service limit (%d)",
                    STATES_DATA_LIMIT);
  return FALSE;
}

static JsonNode *
select_result (SlipStatesRun *run, JsonObject *thread, JsonNode *result, SlipStatesFault *fault)
{
  JsonNode *selector = json_object_get_member (slip_states_state (run, thread), "ResultSelector");
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = result, .context = context};

  return selector != NULL ? slip_states_fill (&scope, selector, fault) : slip_json_copy (result);
}

static JsonNode *
put_result (JsonObject *options, JsonNode *raw, JsonNode *result, SlipStatesFault *fault)
{
  const char *path = slip_json_string (options, "ResultPath");

  if (is_null_member (options, "ResultPath"))
    return slip_json_copy (raw);
  return path == NULL ? slip_json_copy (result) : slip_states_place (raw, path, result, fault);
}

/* ---- from one state to the next */

static void
go_to (SlipStatesRun *run, JsonObject *thread, const char *next, JsonNode *output)
{
  json_object_set_string_member (thread, "state", next);
  json_object_set_member (thread, "input", slip_json_copy (output));
  json_object_remove_member (thread, "attempts");
  json_object_remove_member (thread, "retries");
  json_object_remove_member (thread, "token");
  slip_states_turn (thread);
  slip_states_schedule (run, thread, 0, "states.state-entered");
}

static void
finish_thread (SlipStatesRun *run, JsonObject *thread, JsonNode *output)
{
  if (slip_json_string (thread, "parent") != NULL)
    slip_states_fan_joined (run, thread, output);
  else
    slip_states_end (run, "SUCCEEDED", output, NULL);
}

/* Leaves with what OutputPath makes of @shaped; @next is where to go, NULL where the state says. */
static void
leave (SlipStatesRun *run, JsonObject *thread, JsonNode *shaped, const char *next)
{
  JsonObject *state = slip_states_state (run, thread);
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) output = take_path (run, thread, shaped, "OutputPath", &fault);

  if (output == NULL || !is_small (output, &fault))
    {
      slip_states_break (run, thread, &fault);
      return;
    }
  note_state (run, thread, FALSE, output);
  if (next == NULL)
    next = slip_json_string (state, "Next");
  if (next != NULL)
    go_to (run, thread, next, output);
  else
    finish_thread (run, thread, output);
}

void
slip_states_succeed (SlipStatesRun *run, JsonObject *thread, JsonNode *result)
{
  JsonObject *state = slip_states_state (run, thread);
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) selected = select_result (run, thread, result, &fault);
  g_autoptr (JsonNode) shaped
      = selected != NULL
            ? put_result (state, json_object_get_member (thread, "input"), selected, &fault)
            : NULL;

  if (shaped == NULL)
    slip_states_break (run, thread, &fault);
  else
    leave (run, thread, shaped, NULL);
}

/* ---- failure */

/* What no wildcard takes. */
static gboolean
is_beyond (const char *error)
{
  return g_str_equal (error, "States.Runtime") || g_str_equal (error, "States.DataLimitExceeded");
}

static gboolean
takes_name (const char *name, const char *error)
{
  gboolean timed_out
      = g_str_equal (error, "States.Timeout") || g_str_equal (error, "States.HeartbeatTimeout");

  if (g_str_equal (name, error))
    return TRUE;
  if (g_str_equal (name, "States.ALL"))
    return !is_beyond (error);
  if (g_str_equal (name, "States.Timeout"))
    return timed_out;
  return g_str_equal (name, "States.TaskFailed") && !is_beyond (error) && !timed_out;
}

/* The first retrier or catcher that names the error. */
static JsonObject *
find_handler (JsonObject *state, const char *member, const char *error, guint *index)
{
  JsonArray *list = slip_json_array (state, member);

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *handler = json_array_get_object_element (list, i);
      JsonArray *names = slip_json_array (handler, "ErrorEquals");

      for (guint j = 0; j < json_array_get_length (names); j++)
        if (takes_name (json_array_get_string_element (names, j), error))
          {
            *index = i;
            return handler;
          }
    }
  return NULL;
}

static gboolean
retry (SlipStatesRun *run, JsonObject *thread, const SlipStatesFault *fault)
{
  guint index = 0;
  JsonObject *retrier
      = find_handler (slip_states_state (run, thread), "Retry", fault->error, &index);
  JsonObject *attempts = slip_json_object (thread, "attempts");
  g_autofree char *name = g_strdup_printf ("%u", index);
  gint64 made = attempts != NULL ? slip_json_int (attempts, name, 0) : 0;
  double seconds;

  if (retrier == NULL || made >= slip_json_int (retrier, "MaxAttempts", 3))
    return FALSE;
  if (attempts == NULL)
    {
      attempts = json_object_new ();
      json_object_set_object_member (thread, "attempts", attempts);
    }
  json_object_set_int_member (attempts, name, made + 1);
  json_object_set_int_member (thread, "retries", slip_json_int (thread, "retries", 0) + 1);
  seconds = slip_json_double (retrier, "IntervalSeconds", 1)
            * pow (slip_json_double (retrier, "BackoffRate", 2), (double)made);
  seconds = MIN (seconds, slip_json_double (retrier, "MaxDelaySeconds", seconds));
  if (g_strcmp0 (slip_json_string (retrier, "JitterStrategy"), "FULL") == 0)
    seconds *= g_random_double ();
  slip_states_turn (thread);
  slip_states_schedule (run, thread, seconds, "states.state-retried");
  return TRUE;
}

static gboolean catch (SlipStatesRun *run, JsonObject *thread, const SlipStatesFault *fault)
{
  guint index = 0;
  JsonObject *catcher
      = find_handler (slip_states_state (run, thread), "Catch", fault->error, &index);
  JsonObject *what = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (what);
  g_autoptr (JsonNode) output = NULL;
  g_auto (SlipStatesFault) other = {0};

  if (catcher == NULL)
    return FALSE;
  json_object_set_string_member (what, "Error", fault->error);
  json_object_set_string_member (what, "Cause", fault->cause != NULL ? fault->cause : "");
  output = put_result (catcher, json_object_get_member (thread, "input"), node, &other);
  if (output == NULL || !is_small (output, &other))
    return FALSE;
  note_state (run, thread, FALSE, output);
  go_to (run, thread, slip_json_string (catcher, "Next"), output);
  return TRUE;
}

/* A branch that fails takes its siblings with it, and fails the state that it is of. */
static void
fail_parent (SlipStatesRun *run, JsonObject *parent, SlipStatesFault *fault)
{
  JsonObject *state = slip_states_state (run, parent);
  gboolean parallel = g_strcmp0 (slip_json_string (state, "Type"), "Parallel") == 0;

  slip_states_abort (run, parent, "Another branch of the state failed");
  slip_states_note (run, parent, parallel ? "ParallelStateFailed" : "MapStateFailed", NULL, NULL);
  slip_states_break (run, parent, fault);
}

void
slip_states_break (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault)
{
  JsonObject *parent = slip_states_thread (run, slip_json_string (thread, "parent"));

  if (retry (run, thread, fault) || catch (run, thread, fault))
    return;
  if (parent != NULL)
    fail_parent (run, parent, fault);
  else
    slip_states_end (run, "FAILED", NULL, fault);
}

void
slip_states_abort (SlipStatesRun *run, JsonObject *thread, const char *why)
{
  JsonObject *threads = slip_json_object (run->data, "threads");
  g_autoptr (GPtrArray) children = g_ptr_array_new_with_free_func (g_free);
  const char *own = slip_json_string (thread, "name");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  slip_states_task_stop (run, thread, why);
  slip_states_turn (thread);
  json_object_iter_init (&iter, threads);
  while (json_object_iter_next (&iter, &name, &node))
    if (g_strcmp0 (slip_json_string (json_node_get_object (node), "parent"), own) == 0)
      g_ptr_array_add (children, g_strdup (name));
  for (guint i = 0; i < children->len; i++)
    {
      slip_states_abort (run, slip_json_object (threads, children->pdata[i]), why);
      json_object_remove_member (threads, children->pdata[i]);
    }
}

/* ---- states of other types */

static void
enter_pass (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  JsonNode *result = json_object_get_member (slip_states_state (run, thread), "Result");

  slip_states_succeed (run, thread, result != NULL ? result : input);
}

static void
enter_choice (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = input, .context = context};
  g_auto (SlipStatesFault) fault = {0};
  const char *next = slip_states_choose (&scope, slip_states_state (run, thread), &fault);

  if (next != NULL)
    leave (run, thread, input, next);
  else
    slip_states_break (run, thread, &fault);
}

/* Seconds from now, or -1 with @fault. */
static double
wait_seconds (SlipStatesRun *run,
              JsonObject *state,
              const SlipStatesScope *scope,
              SlipStatesFault *fault)
{
  const char *member
      = json_object_has_member (state, "SecondsPath") ? "SecondsPath" : "TimestampPath";
  const char *path = slip_json_string (state, member);
  g_autoptr (JsonNode) found
      = path != NULL ? slip_states_select (scope, path, "States.Runtime", fault) : NULL;
  const char *text
      = found != NULL ? slip_json_node_string (found) : slip_json_string (state, "Timestamp");
  gint64 time = 0;

  if (path != NULL && found == NULL)
    return -1;
  if (text != NULL && slip_time_parse (text, &time))
    return MAX ((double)(time - slip_world_now (run->world)) / G_USEC_PER_SEC, 0)
           * slip_world_get_speed (run->world);
  if (found != NULL && JSON_NODE_HOLDS_VALUE (found) && json_node_get_double (found) >= 0
      && text == NULL)
    return json_node_get_double (found);
  if (json_object_has_member (state, "Seconds"))
    return slip_json_double (state, "Seconds", 0);
  slip_states_fail (fault, "States.Runtime", "The %s parameter does not reference a valid value",
                    member);
  return -1;
}

static void
enter_wait (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = input, .context = context};
  g_auto (SlipStatesFault) fault = {0};
  double seconds = wait_seconds (run, slip_states_state (run, thread), &scope, &fault);

  if (seconds < 0)
    slip_states_break (run, thread, &fault);
  else
    slip_states_schedule (run, thread, seconds, "states.wait-over");
}

static char *
fail_text (const SlipStatesScope *scope,
           JsonObject *state,
           const char *name,
           SlipStatesFault *fault)
{
  g_autofree char *by_path = g_strconcat (name, "Path", NULL);
  const char *path = slip_json_string (state, by_path);
  g_autoptr (JsonNode) found = NULL;

  if (path == NULL)
    return g_strdup (slip_json_string (state, name));
  found = slip_states_is_call (path) ? slip_states_call (scope, path, fault)
                                     : slip_states_select (scope, path, "States.Runtime", fault);
  if (found == NULL)
    return NULL;
  return slip_json_node_string (found) != NULL ? g_strdup (slip_json_node_string (found))
                                               : slip_json_to_text (found, FALSE);
}

static void
enter_fail (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  JsonObject *state = slip_states_state (run, thread);
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = input, .context = context};
  g_auto (SlipStatesFault) fault = {0};
  g_auto (SlipStatesFault) bad = {0};

  fault.error = fail_text (&scope, state, "Error", &bad);
  fault.cause = bad.error == NULL ? fail_text (&scope, state, "Cause", &bad) : NULL;
  if (bad.error == NULL && fault.error == NULL)
    fault.error = g_strdup ("States.Runtime");
  slip_states_break (run, thread, bad.error != NULL ? &bad : &fault);
}

static void
dispatch (SlipStatesRun *run, JsonObject *thread)
{
  const char *type = slip_json_string (slip_states_state (run, thread), "Type");
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) input = NULL;

  if (g_str_equal (type, "Task"))
    {
      g_autofree char *secret = slip_random_id (NULL, 24, SLIP_ALPHABET_LOWER);
      g_autofree char *words
          = g_strdup_printf ("%s\n%s\n%s", run->id, slip_json_string (thread, "name"), secret);
      g_autofree char *token = slip_marker_encode (words);

      json_object_set_string_member (thread, "token", token);
    }
  input = slip_states_effective (run, thread, &fault);
  if (input == NULL)
    slip_states_break (run, thread, &fault);
  else if (g_str_equal (type, "Task"))
    slip_states_task_enter (run, thread, input);
  else if (g_str_equal (type, "Pass"))
    enter_pass (run, thread, input);
  else if (g_str_equal (type, "Choice"))
    enter_choice (run, thread, input);
  else if (g_str_equal (type, "Wait"))
    enter_wait (run, thread, input);
  else if (g_str_equal (type, "Succeed"))
    leave (run, thread, input, NULL);
  else if (g_str_equal (type, "Fail"))
    enter_fail (run, thread, input);
  else
    slip_states_fan_enter (run, thread, input);
}

/* ---- what happens */

/* Opens the execution and finds the thread that @transition is for; NULL when that is past. */
static SlipStatesRun *
open_for (SlipWorld *world, const SlipTransition *transition, JsonObject **thread)
{
  SlipStatesRun *run
      = slip_states_run_open (world, transition->account, transition->region, transition->id);

  if (run == NULL)
    return NULL;
  *thread = slip_states_thread (run, slip_json_string (transition->payload, "thread"));
  if (*thread != NULL
      && slip_json_int (*thread, "turn", 0) == slip_json_int (transition->payload, "turn", -1))
    return run;
  slip_states_run_close (run);
  return NULL;
}

static void
on_entered (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_for (world, transition, &thread);
  g_auto (SlipStatesFault) fault = {0};
  g_autofree char *now = slip_world_dup_now (world);

  if (run == NULL)
    return;
  json_object_set_string_member (thread, "entered", now);
  slip_states_scope_states (run, thread);
  note_state (run, thread, TRUE, json_object_get_member (thread, "input"));
  if (slip_json_int (run->data, "events", 0) > STATES_EVENT_LIMIT - 10)
    {
      slip_states_fail (&fault, "States.Runtime",
                        "The execution reached the maximum number of history events (%d).",
                        STATES_EVENT_LIMIT);
      slip_states_end (run, "FAILED", NULL, &fault);
    }
  else if (transition->fail != NULL)
    {
      slip_states_fail (&fault, "States.Runtime", "%s", transition->fail);
      slip_states_break (run, thread, &fault);
    }
  else
    dispatch (run, thread);
  slip_states_run_close (run);
}

static void
on_retried (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_for (world, transition, &thread);

  if (run == NULL)
    return;
  dispatch (run, thread);
  slip_states_run_close (run);
}

static void
on_wait_over (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *thread = NULL;
  SlipStatesRun *run = open_for (world, transition, &thread);
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) input = NULL;

  if (run == NULL)
    return;
  input = slip_states_effective (run, thread, &fault);
  if (input != NULL)
    leave (run, thread, input, NULL);
  else
    slip_states_break (run, thread, &fault);
  slip_states_run_close (run);
}

static void
on_execution_timed_out (SlipWorld *world, const SlipTransition *transition)
{
  SlipStatesRun *run
      = slip_states_run_open (world, transition->account, transition->region, transition->id);
  JsonObject *thread = run != NULL ? slip_states_thread (run, "0") : NULL;
  SlipStatesFault fault = {.error = (char *)"States.Timeout"};

  if (run == NULL)
    return;
  if (thread != NULL)
    slip_states_abort (run, thread, "The execution timed out");
  slip_states_end (run, "TIMED_OUT", NULL, &fault);
  slip_states_run_close (run);
}

void
slip_states_walk_attach (SlipWorld *world)
{
  slip_world_handle (world, "states.state-entered", on_entered);
  slip_world_handle (world, "states.state-retried", on_retried);
  slip_world_handle (world, "states.wait-over", on_wait_over);
  slip_world_handle (world, "states.execution-timed-out", on_execution_timed_out);
}
