/* SPDX-License-Identifier: MIT */

/* One execution of a state machine in the world: opened by whatever happens to it, gone on with, and put
 * back, in one transaction. Its threads (one, and one for each branch or item) are members of it, so that
 * a server that was killed finds each where it was. Its history is kept as items, which may be many. */

#include "slip-states-private.h"

#include "slip-json.h"
#include "slip-world-items.h"

char *
slip_states_collection (const char *account, const char *region, const char *id)
{
  return g_strdup_printf ("states.history:%s/%s/%s", account, region, id);
}

SlipStatesRun *
slip_states_run_open (SlipWorld *world, const char *account, const char *region, const char *id)
{
  JsonObject *data = slip_world_edit (world, account, region, STATES_EXECUTION, id);
  SlipStatesRun *run;

  if (data == NULL || g_strcmp0 (slip_json_string (data, "status"), "RUNNING") != 0)
    {
      g_clear_pointer (&data, json_object_unref);
      return NULL;
    }
  run = g_new0 (SlipStatesRun, 1);
  run->world = world;
  run->account = g_strdup (account);
  run->region = g_strdup (region);
  run->id = g_strdup (id);
  run->data = data;
  run->definition = slip_json_parse (slip_json_string (data, "definition"), -1, NULL);
  return run;
}

void
slip_states_run_close (SlipStatesRun *run)
{
  slip_world_put (run->world, run->account, run->region, STATES_EXECUTION, run->id, run->data);
  json_node_unref (run->definition);
  g_free (run->account);
  g_free (run->region);
  g_free (run->id);
  g_free (run);
}

/* ---- history */

gint64
slip_states_note (SlipStatesRun *run,
                  JsonObject *thread,
                  const char *type,
                  const char *member,
                  JsonObject *details)
{
  gint64 number = slip_json_int (run->data, "events", 0) + 1;
  gint64 last = thread != NULL ? slip_json_int (thread, "last", 0) : number - 1;
  g_autofree char *now = slip_world_dup_now (run->world);
  g_autofree char *collection = slip_states_collection (run->account, run->region, run->id);
  g_autofree char *range = g_strdup_printf ("%06" G_GINT64_FORMAT, number);
  JsonObject *event = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (event);
  g_autofree char *text = NULL;
  SlipWorldItem item = {.hash = "event", .range = range};

  json_object_set_string_member (event, "timestamp", now);
  json_object_set_string_member (event, "type", type);
  json_object_set_int_member (event, "id", number);
  json_object_set_int_member (event, "previousEventId", last);
  if (details != NULL)
    json_object_set_object_member (event, member, details);
  text = slip_json_to_text (node, FALSE);
  item.size = (gint64)strlen (text);
  item.text = text;
  slip_world_items_put (run->world, collection, &item, FALSE);
  json_object_set_int_member (run->data, "events", number);
  if (thread != NULL)
    json_object_set_int_member (thread, "last", number);
  return number;
}

gint64
slip_states_events (const SlipWorldRecord *execution)
{
  return slip_json_int (execution->data, "events", 0);
}

/* ---- threads */

JsonObject *
slip_states_thread (SlipStatesRun *run, const char *name)
{
  JsonObject *threads = slip_json_object (run->data, "threads");

  return threads != NULL && name != NULL ? slip_json_object (threads, name) : NULL;
}

const char *
slip_states_add_thread (
    SlipStatesRun *run, JsonObject *parent, guint index, JsonArray *scope, JsonNode *input)
{
  gint64 number = slip_json_int (run->data, "nextThread", 0);
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  JsonObject *thread = json_object_new ();

  json_object_set_string_member (thread, "name", name);
  if (parent != NULL)
    json_object_set_string_member (thread, "parent", slip_json_string (parent, "name"));
  json_object_set_int_member (thread, "index", index);
  json_object_set_array_member (thread, "scope", scope);
  json_object_set_member (thread, "input", slip_json_copy (input));
  json_object_set_int_member (thread, "last",
                              parent != NULL ? slip_json_int (parent, "last", 0) : 0);
  json_object_set_object_member (slip_json_object (run->data, "threads"), name, thread);
  json_object_set_int_member (run->data, "nextThread", number + 1);
  return slip_json_string (thread, "name");
}

/* The machine that a thread walks in: the whole, a branch, or what is done with each item. */
static JsonObject *
machine_of (SlipStatesRun *run, JsonObject *thread)
{
  JsonArray *scope = slip_json_array (thread, "scope");
  JsonObject *machine = json_node_get_object (run->definition);

  for (guint i = 0; i + 1 < json_array_get_length (scope); i += 2)
    {
      JsonObject *state = slip_json_object (slip_json_object (machine, "States"),
                                            json_array_get_string_element (scope, i));
      gint64 branch = json_array_get_int_element (scope, i + 1);

      if (branch >= 0)
        machine
            = json_array_get_object_element (slip_json_array (state, "Branches"), (guint)branch);
      else
        machine = slip_json_object (
            state, json_object_has_member (state, "ItemProcessor") ? "ItemProcessor" : "Iterator");
    }
  return machine;
}

JsonObject *
slip_states_scope_states (SlipStatesRun *run, JsonObject *thread)
{
  JsonObject *machine = machine_of (run, thread);

  if (!json_object_has_member (thread, "state"))
    json_object_set_string_member (thread, "state", slip_json_string (machine, "StartAt"));
  return slip_json_object (machine, "States");
}

JsonObject *
slip_states_state (SlipStatesRun *run, JsonObject *thread)
{
  JsonObject *states = slip_states_scope_states (run, thread);

  return slip_json_object (states, slip_json_string (thread, "state"));
}

void
slip_states_turn (JsonObject *thread)
{
  json_object_set_int_member (thread, "turn", slip_json_int (thread, "turn", 0) + 1);
}

void
slip_states_schedule (SlipStatesRun *run, JsonObject *thread, double seconds, const char *kind)
{
  JsonObject *payload = json_object_new ();

  json_object_set_string_member (payload, "thread", slip_json_string (thread, "name"));
  json_object_set_int_member (payload, "turn", slip_json_int (thread, "turn", 0));
  json_object_set_int_member (payload, "beat", slip_json_int (thread, "beat", 0));
  slip_world_schedule (run->world, seconds, kind, run->account, run->region, STATES_EXECUTION,
                       run->id, payload);
}

/* ---- the context object */

static void
copy_text (JsonObject *to, const char *as, JsonObject *from, const char *name)
{
  const char *text = slip_json_string (from, name);

  if (text != NULL)
    json_object_set_string_member (to, as, text);
}

static void
add_execution (SlipStatesRun *run, JsonObject *context)
{
  JsonObject *execution = json_object_new ();
  JsonObject *machine = json_object_new ();
  g_auto (GStrv) parts = g_strsplit (run->id, "/", 2);

  copy_text (execution, "Id", run->data, "executionArn");
  json_object_set_member (execution, "Input",
                          slip_json_parse (slip_json_string (run->data, "input"), -1, NULL));
  copy_text (execution, "Name", run->data, "name");
  copy_text (execution, "RoleArn", run->data, "roleArn");
  copy_text (execution, "StartTime", run->data, "startDate");
  json_object_set_int_member (execution, "RedriveCount", 0);
  copy_text (machine, "Id", run->data, "stateMachineArn");
  json_object_set_string_member (machine, "Name", parts[0]);
  json_object_set_object_member (context, "Execution", execution);
  json_object_set_object_member (context, "StateMachine", machine);
}

JsonNode *
slip_states_context (SlipStatesRun *run, JsonObject *thread)
{
  JsonObject *context = json_object_new ();
  JsonObject *state = json_object_new ();

  add_execution (run, context);
  copy_text (state, "EnteredTime", thread, "entered");
  copy_text (state, "Name", thread, "state");
  json_object_set_int_member (state, "RetryCount", slip_json_int (thread, "retries", 0));
  json_object_set_object_member (context, "State", state);
  if (slip_json_string (thread, "token") != NULL)
    {
      JsonObject *task = json_object_new ();

      copy_text (task, "Token", thread, "token");
      json_object_set_object_member (context, "Task", task);
    }
  for (JsonObject *at = thread; at != NULL;
       at = slip_states_thread (run, slip_json_string (at, "parent")))
    if (slip_json_object (at, "item") != NULL)
      {
        JsonObject *map = json_object_new ();

        json_object_set_member (map, "Item", slip_json_copy (json_object_get_member (at, "item")));
        json_object_set_object_member (context, "Map", map);
        break;
      }
  return slip_json_new_object (context);
}

/* ---- the end */

static JsonObject *
details_of (JsonNode *output, const SlipStatesFault *fault)
{
  JsonObject *details = json_object_new ();

  if (output != NULL)
    {
      JsonObject *complete = json_object_new ();
      g_autofree char *text = slip_json_to_text (output, FALSE);

      json_object_set_string_member (details, "output", text);
      json_object_set_boolean_member (complete, "truncated", FALSE);
      json_object_set_object_member (details, "outputDetails", complete);
    }
  if (fault != NULL && fault->error != NULL)
    json_object_set_string_member (details, "error", fault->error);
  if (fault != NULL && fault->cause != NULL)
    json_object_set_string_member (details, "cause", fault->cause);
  return details;
}

void
slip_states_end (SlipStatesRun *run,
                 const char *status,
                 JsonNode *output,
                 const SlipStatesFault *fault)
{
  static const struct
  {
    const char *status;
    const char *event;
    const char *member;
  } ends[] = {
      {"SUCCEEDED", "ExecutionSucceeded", "executionSucceededEventDetails"},
      {"FAILED", "ExecutionFailed", "executionFailedEventDetails"},
      {"TIMED_OUT", "ExecutionTimedOut", "executionTimedOutEventDetails"},
      {"ABORTED", "ExecutionAborted", "executionAbortedEventDetails"},
  };
  g_autofree char *now = slip_world_dup_now (run->world);

  for (guint i = 0; i < G_N_ELEMENTS (ends); i++)
    if (g_str_equal (status, ends[i].status))
      slip_states_note (run, slip_states_thread (run, "0"), ends[i].event, ends[i].member,
                        details_of (output, fault));
  json_object_set_string_member (run->data, "status", status);
  json_object_set_string_member (run->data, "stopDate", now);
  if (output != NULL)
    {
      g_autofree char *text = slip_json_to_text (output, FALSE);

      json_object_set_string_member (run->data, "output", text);
    }
  if (fault != NULL && fault->error != NULL)
    json_object_set_string_member (run->data, "error", fault->error);
  if (fault != NULL && fault->cause != NULL)
    json_object_set_string_member (run->data, "cause", fault->cause);
  json_object_set_object_member (run->data, "threads", json_object_new ());
  slip_world_unschedule (run->world, NULL, run->account, run->region, STATES_EXECUTION, run->id);
}
