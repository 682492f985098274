/* SPDX-License-Identifier: MIT */

/* Executions as their callers see them: started once under a name, described, listed, stopped, and their
 * history page by page. */

#include "slip-states-private.h"

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-world-items.h"

#include <string.h>

#define PAGE_SIZE 100
#define MOST 1000

static const SlipPaging paging = {
    .token = "nextToken",
    .limit = "maxResults",
    .standard = PAGE_SIZE,
    .most = MOST,
    .code = "InvalidToken",
    .message = "Invalid Token: 'Invalid token'",
};

static const SlipWorldRecord *
need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *text = slip_json_string (input, "executionArn");
  g_autoptr (SlipArn) arn = slip_arn_parse (text);
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn->resource, ":", 3) : NULL;
  g_autofree char *id = NULL;
  const SlipWorldRecord *execution = NULL;

  if (parts == NULL || g_strv_length (parts) != 3 || !g_str_equal (parts[0], "execution")
      || !g_str_equal (arn->service, "states"))
    return slip_service_error (error, 400, "InvalidArn", "Invalid Arn: 'Invalid ARN: %s'", text);
  id = g_strdup_printf ("%s/%s", parts[1], parts[2]);
  if (g_str_equal (arn->account, ctx->account) && g_str_equal (arn->region, ctx->region))
    execution = slip_world_get (ctx->world, ctx->account, ctx->region, STATES_EXECUTION, id);
  if (execution == NULL)
    return slip_service_error (error, 400, "ExecutionDoesNotExist",
                               "Execution Does Not Exist: '%s'", text);
  return execution;
}

static void
copy (JsonObject *to, JsonObject *from, const char *const *members)
{
  for (guint i = 0; members[i] != NULL; i++)
    if (json_object_has_member (from, members[i]))
      json_object_set_member (to, members[i],
                              slip_json_copy (json_object_get_member (from, members[i])));
}

/* ---- starting */

static JsonNode *
show_start (const SlipWorldRecord *execution)
{
  static const char *const members[] = {"executionArn", "startDate", NULL};
  JsonObject *output = json_object_new ();

  copy (output, execution->data, members);
  return slip_json_new_object (output);
}

static JsonObject *
new_execution (SlipServiceContext *ctx,
               const SlipWorldRecord *machine,
               const char *name,
               const char *input)
{
  static const char *const members[] = {"stateMachineArn", "definition", "roleArn", NULL};
  JsonObject *data = json_object_new ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:states:%s:%s:execution:%s:%s", ctx->region,
                                          ctx->account, machine->id, name);
  g_autofree char *now = slip_world_dup_now (ctx->world);

  copy (data, machine->data, members);
  json_object_set_string_member (data, "executionArn", arn);
  json_object_set_string_member (data, "name", name);
  json_object_set_string_member (data, "status", "RUNNING");
  json_object_set_string_member (data, "startDate", now);
  json_object_set_string_member (data, "input", input);
  if (json_object_has_member (machine->data, "revisionId"))
    json_object_set_string_member (data, "revisionId",
                                   slip_json_string (machine->data, "revisionId"));
  json_object_set_string_member (data, "updateDate",
                                 slip_json_string (machine->data, "updateDate"));
  json_object_set_object_member (data, "threads", json_object_new ());
  return data;
}

static void
begin (SlipServiceContext *ctx, const char *id, JsonNode *input)
{
  SlipStatesRun *run = slip_states_run_open (ctx->world, ctx->account, ctx->region, id);
  JsonObject *details = json_object_new ();
  JsonObject *complete = json_object_new ();
  JsonObject *machine = json_node_get_object (run->definition);
  gint64 seconds = slip_json_int (machine, "TimeoutSeconds", 0);
  const char *name = slip_states_add_thread (run, NULL, 0, json_array_new (), input);

  json_object_set_string_member (details, "input", slip_json_string (run->data, "input"));
  json_object_set_boolean_member (complete, "truncated", FALSE);
  json_object_set_object_member (details, "inputDetails", complete);
  json_object_set_string_member (details, "roleArn", slip_json_string (run->data, "roleArn"));
  slip_states_note (run, slip_states_thread (run, name), "ExecutionStarted",
                    "executionStartedEventDetails", details);
  slip_states_schedule (run, slip_states_thread (run, name), 0, "states.state-entered");
  if (seconds > 0)
    slip_world_schedule (
        run->world,
        MAX ((double)seconds, MIN ((double)seconds, 120) * slip_world_get_speed (run->world)),
        "states.execution-timed-out", run->account, run->region, STATES_EXECUTION, run->id, NULL);
  slip_states_run_close (run);
}

/* A name that is taken is the same execution when that runs with the same input, and else an error. */
static JsonNode *
repeat (const SlipWorldRecord *known, const char *input, GError **error)
{
  if (g_str_equal (slip_json_string (known->data, "status"), "RUNNING")
      && g_str_equal (slip_json_string (known->data, "input"), input))
    return show_start (known);
  return slip_service_error (error, 400, "ExecutionAlreadyExists", "Execution Already Exists: '%s'",
                             slip_json_string (known->data, "executionArn"));
}

JsonNode *
slip_states_start_execution (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *machine
      = slip_states_need_machine (ctx, slip_json_string (input, "stateMachineArn"), error);
  const char *given = slip_json_string (input, "name");
  const char *text = slip_json_string (input, "input");
  g_autofree char *name = given != NULL ? g_strdup (given) : g_uuid_string_random ();
  g_autoptr (JsonNode) value = NULL;
  g_autofree char *id = NULL;
  const SlipWorldRecord *known;

  if (machine == NULL)
    return NULL;
  if (!g_regex_match_simple ("^[A-Za-z0-9_.-]{1,80}$", name, 0, 0))
    return slip_service_error (error, 400, "InvalidName", "Invalid Name: '%s'", name);
  text = text != NULL ? text : "{}";
  value = strlen (text) <= STATES_DATA_LIMIT ? slip_json_parse (text, -1, NULL) : NULL;
  if (value == NULL)
    return slip_service_error (error, 400, "InvalidExecutionInput",
                               "Invalid State Machine Execution Input: it is no JSON text of at "
                               "most %d bytes",
                               STATES_DATA_LIMIT);
  id = g_strdup_printf ("%s/%s", machine->id, name);
  known = slip_world_get (ctx->world, ctx->account, ctx->region, STATES_EXECUTION, id);
  if (known != NULL)
    return repeat (known, text, error);
  slip_world_put (ctx->world, ctx->account, ctx->region, STATES_EXECUTION, id,
                  new_execution (ctx, machine, name, text));
  begin (ctx, id, value);
  return show_start (slip_world_get (ctx->world, ctx->account, ctx->region, STATES_EXECUTION, id));
}

/* ---- looking */

static void
add_complete (JsonObject *output, const char *member)
{
  JsonObject *details = json_object_new ();

  json_object_set_boolean_member (details, "included", TRUE);
  json_object_set_object_member (output, member, details);
}

JsonNode *
slip_states_describe_execution (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const members[]
      = {"executionArn", "stateMachineArn", "name",  "status", "startDate", "stopDate",
         "input",        "output",          "error", "cause",  NULL};
  const SlipWorldRecord *execution = need (ctx, input, error);
  JsonObject *output;
  gboolean running;

  if (execution == NULL)
    return NULL;
  output = json_object_new ();
  copy (output, execution->data, members);
  add_complete (output, "inputDetails");
  if (json_object_has_member (output, "output"))
    add_complete (output, "outputDetails");
  running = g_str_equal (slip_json_string (execution->data, "status"), "RUNNING");
  json_object_set_int_member (output, "redriveCount", 0);
  json_object_set_string_member (output, "redriveStatus", "NOT_REDRIVABLE");
  json_object_set_string_member (output, "redriveStatusReason",
                                 running ? "Execution is RUNNING and cannot be redriven"
                                         : "The rehearsal does not redrive executions");
  return slip_json_new_object (output);
}

JsonNode *
slip_states_describe_machine_for_execution (SlipServiceContext *ctx,
                                            JsonObject *input,
                                            GError **error)
{
  static const char *const members[]
      = {"stateMachineArn", "definition", "roleArn", "updateDate", "revisionId", NULL};
  const SlipWorldRecord *execution = need (ctx, input, error);
  g_auto (GStrv) parts = execution != NULL ? g_strsplit (execution->id, "/", 2) : NULL;
  JsonObject *output;

  if (execution == NULL)
    return NULL;
  output = json_object_new ();
  copy (output, execution->data, members);
  json_object_set_string_member (output, "name", parts[0]);
  return slip_json_new_object (output);
}

static int
by_start (gconstpointer a, gconstpointer b)
{
  const SlipWorldRecord *one = *(SlipWorldRecord *const *)a;
  const SlipWorldRecord *other = *(SlipWorldRecord *const *)b;

  return strcmp (slip_json_string (other->data, "startDate"),
                 slip_json_string (one->data, "startDate"));
}

JsonNode *
slip_states_list_executions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const members[]
      = {"executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", NULL};
  const SlipWorldRecord *machine
      = slip_states_need_machine (ctx, slip_json_string (input, "stateMachineArn"), error);
  const char *wanted = slip_json_string (input, "statusFilter");
  g_autoptr (GPtrArray) all = NULL;
  JsonArray *list;

  if (machine == NULL)
    return NULL;
  all = slip_world_list (ctx->world, ctx->account, ctx->region, STATES_EXECUTION);
  g_ptr_array_sort (all, by_start);
  list = json_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *execution = all->pdata[i];
      JsonObject *shown;

      if (!g_str_equal (slip_json_string (execution->data, "stateMachineArn"),
                        slip_json_string (machine->data, "stateMachineArn"))
          || (wanted != NULL
              && !g_str_equal (slip_json_string (execution->data, "status"), wanted)))
        continue;
      shown = json_object_new ();
      copy (shown, execution->data, members);
      json_array_add_object_element (list, shown);
    }
  return slip_page_array (input, "executions", list, &paging, error);
}

/* ---- stopping */

JsonNode *
slip_states_stop_execution (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *execution = need (ctx, input, error);
  g_autofree char *id = execution != NULL ? g_strdup (execution->id) : NULL;
  SlipStatesRun *run;
  JsonObject *output;
  SlipStatesFault fault = {.error = (char *)slip_json_string (input, "error"),
                           .cause = (char *)slip_json_string (input, "cause")};

  if (execution == NULL)
    return NULL;
  run = slip_states_run_open (ctx->world, ctx->account, ctx->region, id);
  if (run != NULL)
    {
      slip_states_abort (run, slip_states_thread (run, "0"), "The execution was stopped");
      slip_states_end (run, "ABORTED", NULL, &fault);
      slip_states_run_close (run);
    }
  execution = slip_world_get (ctx->world, ctx->account, ctx->region, STATES_EXECUTION, id);
  output = json_object_new ();
  json_object_set_string_member (output, "stopDate",
                                 slip_json_string (execution->data, "stopDate"));
  return slip_json_new_object (output);
}

/* ---- history */

typedef struct
{
  JsonArray *events;
  gboolean with_data;
} Walk;

/* The events' inputs and outputs, which a caller may not want. */
static void
drop_data (JsonObject *event)
{
  g_autoptr (GList) members = json_object_get_members (event);

  for (GList *member = members; member != NULL; member = member->next)
    {
      JsonObject *details = slip_json_object (event, member->data);

      if (details == NULL)
        continue;
      for (guint i = 0; i < 4; i++)
        {
          static const char *const data[] = {"input", "inputDetails", "output", "outputDetails"};

          if (json_object_has_member (details, data[i]))
            json_object_remove_member (details, data[i]);
        }
    }
}

static gboolean
add_event (const SlipWorldItem *item, gpointer data)
{
  Walk *walk = data;
  g_autoptr (JsonNode) event = slip_json_parse (item->text, -1, NULL);

  if (!walk->with_data)
    drop_data (json_node_get_object (event));
  json_array_add_element (walk->events, g_steal_pointer (&event));
  return TRUE;
}

JsonNode *
slip_states_get_history (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *execution = need (ctx, input, error);
  Walk walk = {.with_data = slip_json_bool (input, "includeExecutionData", TRUE)};
  g_autofree char *collection = NULL;

  if (execution == NULL)
    return NULL;
  collection = slip_states_collection (ctx->account, ctx->region, execution->id);
  walk.events = json_array_new ();
  slip_world_items_foreach_of (ctx->world, collection, "event",
                               slip_json_bool (input, "reverseOrder", FALSE), add_event, &walk);
  return slip_page_array (input, "events", walk.events, &paging, error);
}
