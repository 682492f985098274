/* SPDX-License-Identifier: MIT */

/* Parallel and Map states: threads of their own for branches and items, and the array of what these
 * yield when the last has ended. Maps are inline ones. */

#include "slip-states-private.h"

#include "slip-json.h"

static JsonArray *
inner_scope (JsonObject *thread, gint64 branch)
{
  JsonArray *outer = slip_json_array (thread, "scope");
  JsonArray *scope = json_array_new ();

  for (guint i = 0; i < json_array_get_length (outer); i++)
    json_array_add_element (scope, slip_json_copy (json_array_get_element (outer, i)));
  json_array_add_string_element (scope, slip_json_string (thread, "state"));
  json_array_add_int_element (scope, branch);
  return scope;
}

static void
begin (SlipStatesRun *run, JsonObject *thread, guint children)
{
  json_object_set_int_member (thread, "length", children);
  json_object_set_int_member (thread, "begun", 0);
  json_object_set_object_member (thread, "results", json_object_new ());
}

static void
end (SlipStatesRun *run, JsonObject *thread, const char *event)
{
  JsonObject *results = slip_json_object (thread, "results");
  JsonArray *array = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_array (array);

  for (gint64 i = 0; i < slip_json_int (thread, "length", 0); i++)
    {
      g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, i);

      json_array_add_element (array, slip_json_copy (json_object_get_member (results, name)));
    }
  json_object_remove_member (thread, "results");
  json_object_remove_member (thread, "items");
  slip_states_note (run, thread, event, NULL, NULL);
  slip_states_succeed (run, thread, node);
}

/* ---- Parallel */

static void
enter_parallel (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  guint length
      = json_array_get_length (slip_json_array (slip_states_state (run, thread), "Branches"));

  slip_states_note (run, thread, "ParallelStateStarted", NULL, NULL);
  begin (run, thread, length);
  for (guint i = 0; i < length; i++)
    {
      const char *name = slip_states_add_thread (run, thread, i, inner_scope (thread, i), input);

      slip_states_schedule (run, slip_states_thread (run, name), 0, "states.state-entered");
    }
}

/* ---- Map */

static JsonObject *
iteration (JsonObject *thread, gint64 index)
{
  JsonObject *details = json_object_new ();

  json_object_set_string_member (details, "name", slip_json_string (thread, "state"));
  json_object_set_int_member (details, "index", index);
  return details;
}

/* What an item's thread begins with: the item, or what ItemSelector makes of it. */
static JsonNode *
item_input (SlipStatesRun *run, JsonObject *child, SlipStatesFault *fault)
{
  JsonObject *parent = slip_states_thread (run, slip_json_string (child, "parent"));
  JsonObject *state = slip_states_state (run, parent);
  JsonNode *selector = json_object_get_member (state, "ItemSelector");
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (JsonNode) context = slip_states_context (run, child);
  SlipStatesScope scope = {.context = context};

  if (selector == NULL)
    selector = json_object_get_member (state, "Parameters");
  if (selector == NULL)
    return slip_json_copy (json_object_get_member (slip_json_object (child, "item"), "Value"));
  input = slip_states_effective (run, parent, fault);
  scope.input = input;
  return input != NULL ? slip_states_fill (&scope, selector, fault) : NULL;
}

static gboolean
begin_item (SlipStatesRun *run, JsonObject *thread, SlipStatesFault *fault)
{
  gint64 index = slip_json_int (thread, "begun", 0);
  JsonNode *value = json_array_get_element (slip_json_array (thread, "items"), (guint)index);
  const char *name
      = slip_states_add_thread (run, thread, (guint)index, inner_scope (thread, -1), value);
  JsonObject *child = slip_states_thread (run, name);
  JsonObject *item = json_object_new ();
  JsonNode *input;

  json_object_set_int_member (item, "Index", index);
  json_object_set_member (item, "Value", slip_json_copy (value));
  json_object_set_object_member (child, "item", item);
  json_object_set_int_member (thread, "begun", index + 1);
  slip_states_note (run, child, "MapIterationStarted", "mapIterationStartedEventDetails",
                    iteration (thread, index));
  input = item_input (run, child, fault);
  if (input == NULL)
    return FALSE;
  json_object_set_member (child, "input", input);
  slip_states_schedule (run, child, 0, "states.state-entered");
  return TRUE;
}

static void
enter_map (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  JsonObject *state = slip_states_state (run, thread);
  const char *path = slip_json_string (state, "ItemsPath");
  g_autoptr (JsonNode) context = slip_states_context (run, thread);
  SlipStatesScope scope = {.input = input, .context = context};
  g_auto (SlipStatesFault) fault = {0};
  g_autoptr (JsonNode) items
      = slip_states_select (&scope, path != NULL ? path : "$", "States.Runtime", &fault);
  gint64 most = slip_json_int (state, "MaxConcurrency", 0);
  JsonObject *details = json_object_new ();
  guint length;

  if (items != NULL && !JSON_NODE_HOLDS_ARRAY (items))
    {
      slip_states_fail (&fault, "States.Runtime", "Reference path \"%s\" must point to array.",
                        path != NULL ? path : "$");
      g_clear_pointer (&items, json_node_unref);
    }
  length = items != NULL ? json_array_get_length (json_node_get_array (items)) : 0;
  json_object_set_int_member (details, "length", length);
  slip_states_note (run, thread, "MapStateStarted", "mapStateStartedEventDetails", details);
  if (items == NULL)
    {
      slip_states_break (run, thread, &fault);
      return;
    }
  begin (run, thread, length);
  json_object_set_member (thread, "items", slip_json_copy (items));
  for (guint i = 0; i < length && (most == 0 || i < most); i++)
    if (!begin_item (run, thread, &fault))
      {
        slip_states_abort (run, thread, "Another item of the state failed");
        slip_states_break (run, thread, &fault);
        return;
      }
  if (length == 0)
    end (run, thread, "MapStateSucceeded");
}

void
slip_states_fan_enter (SlipStatesRun *run, JsonObject *thread, JsonNode *input)
{
  if (g_strcmp0 (slip_json_string (slip_states_state (run, thread), "Type"), "Map") == 0)
    enter_map (run, thread, input);
  else
    enter_parallel (run, thread, input);
}

void
slip_states_fan_joined (SlipStatesRun *run, JsonObject *child, JsonNode *result)
{
  JsonObject *thread = slip_states_thread (run, slip_json_string (child, "parent"));
  gboolean map = slip_json_object (child, "item") != NULL;
  gint64 index = slip_json_int (child, "index", 0);
  g_autofree char *name = g_strdup_printf ("%" G_GINT64_FORMAT, index);
  g_autofree char *own = g_strdup (slip_json_string (child, "name"));
  JsonObject *results = slip_json_object (thread, "results");
  g_auto (SlipStatesFault) fault = {0};

  if (map)
    slip_states_note (run, child, "MapIterationSucceeded", "mapIterationSucceededEventDetails",
                      iteration (thread, index));
  json_object_set_int_member (thread, "last", slip_json_int (child, "last", 0));
  json_object_set_member (results, name, slip_json_copy (result));
  json_object_remove_member (slip_json_object (run->data, "threads"), own);
  if (json_object_get_size (results) == slip_json_int (thread, "length", 0))
    end (run, thread, map ? "MapStateSucceeded" : "ParallelStateSucceeded");
  else if (map && slip_json_int (thread, "begun", 0) < slip_json_int (thread, "length", 0)
           && !begin_item (run, thread, &fault))
    {
      slip_states_abort (run, thread, "Another item of the state failed");
      slip_states_break (run, thread, &fault);
    }
}
