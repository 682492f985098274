/* SPDX-License-Identifier: MIT */
/* What a restore loses, put back by hand: the calls that mode reapply of `slipway:capture` would make, from the table of
 * that kind of thing and what was captured, as if all were lost. */

#include "slip-run-commands-private.h"

#include "actions/slip-capture-table.h"
#include "slip-json.h"
#include "slip-run-foreign.h"

#include <string.h>

#define POLL_SECONDS 30

/* The ARN of the thing that is there now: that of the captured one, with its own name. */
static char *
make_arn (JsonObject *captured, const char *target)
{
  const char *arn = slip_json_string (captured, "arn");
  const char *name = slip_json_string (captured, "target");

  if (arn == NULL || name == NULL || !g_str_has_suffix (arn, name))
    return g_strdup (arn);
  return g_strdup_printf ("%.*s%s", (int)(strlen (arn) - strlen (name)), arn, target);
}

/* What a thing is like that was just made: nothing is set, but for the tag of the run that made it. */
static JsonObject *
make_bare (JsonObject *table, JsonObject *captured, const char *target, const char *run)
{
  JsonObject *bare = json_object_new ();
  JsonObject *fields = json_object_new ();
  JsonArray *list = slip_json_array (table, "fields");
  g_autofree char *arn = make_arn (captured, target);

  slip_run_entry_set_text (bare, "kind", slip_json_string (table, "kind"));
  json_object_set_string_member (bare, "target", target);
  slip_run_entry_set_text (bare, "arn", arn);
  json_object_set_object_member (bare, "fields", fields);
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *field = json_array_get_object_element (list, i);
      const char *name = slip_json_string (field, "field");
      JsonNode *value = json_object_get_member (field, "default");

      if (g_str_equal (name, "Tags"))
        {
          JsonObject *tag = json_object_new ();
          JsonArray *tags = json_array_new ();

          json_object_set_string_member (tag, "Key", SLIP_RUN_TAG);
          json_object_set_string_member (tag, "Value", run);
          json_array_add_object_element (tags, tag);
          json_object_set_array_member (fields, name, tags);
        }
      else if (value != NULL)
        json_object_set_member (fields, name, slip_json_copy (value));
    }
  return bare;
}

/* Puts what @change asks for into @into where both ask the same operation of the same thing. */
static gboolean
merge (SlipCaptureChange *into, SlipCaptureChange *change)
{
  JsonObject *first = slip_json_node_object (into->request);
  JsonObject *second = slip_json_node_object (change->request);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (first == NULL || second == NULL || !g_str_equal (into->service, change->service)
      || !g_str_equal (into->operation, change->operation))
    return FALSE;
  json_object_iter_init (&iter, second);
  while (json_object_iter_next (&iter, &name, &value))
    if (json_object_has_member (first, name)
        && !slip_json_equal (json_object_get_member (first, name), value))
      return FALSE;
  json_object_iter_init (&iter, second);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (first, name, slip_json_copy (value));
  return TRUE;
}

/* Until the thing takes changes. */
static void
add_ready (SlipRunCommands *commands, SlipPlanStep *step, JsonObject *table, const char *target)
{
  JsonObject *ready = slip_json_object (table, "ready");
  JsonArray *ok = ready != NULL ? slip_json_array (ready, "ok") : NULL;
  g_autofree char *query
      = ready != NULL ? slip_run_command_query (slip_json_string (ready, "select")) : NULL;
  g_autofree char *states = slip_run_command_join (ok, "|");
  g_autoptr (JsonObject) values = json_object_new ();
  g_autoptr (JsonNode) input = NULL;
  g_autofree char *call = NULL;
  g_autofree char *pattern = NULL;
  g_autofree char *line = NULL;

  if (query == NULL || *states == '\0')
    return;
  json_object_set_string_member (values, "target", target);
  input = slip_capture_expand (json_object_get_member (ready, "input"), values);
  call = slip_run_commands_make_call (commands, step, slip_json_string (ready, "service"),
                                      slip_json_string (ready, "operation"), input, query);
  pattern = slip_run_commands_make_pattern (states, "");
  line
      = g_strdup_printf ("until %s | grep -qxE %s; do sleep %d; done", call, pattern, POLL_SECONDS);
  slip_run_commands_add_line (commands, line);
}

static void
add_calls (SlipRunCommands *commands,
           SlipPlanStep *step,
           JsonObject *table,
           const char *target,
           GPtrArray *changes)
{
  for (guint i = 0; i < changes->len; i++)
    {
      SlipCaptureChange *change = g_ptr_array_index (changes, i);
      g_autofree char *line = NULL;

      while (i + 1 < changes->len && merge (change, g_ptr_array_index (changes, i + 1)))
        g_ptr_array_remove_index (changes, i + 1);
      add_ready (commands, step, table, target);
      line = slip_run_commands_make_call (commands, step, change->service, change->operation,
                                          change->request, NULL);
      slip_run_commands_add_line (commands, line);
    }
  add_ready (commands, step, table, target);
}

gboolean
slip_run_commands_add_reapply (SlipRunCommands *commands, SlipPlanStep *step)
{
  g_autoptr (JsonNode) planned
      = slip_json_new_object (json_object_ref (slip_plan_step_get_inputs (step)));
  g_autoptr (JsonNode) known = NULL;
  JsonObject *inputs;
  JsonObject *captured;
  const char *target;
  JsonObject *table;
  g_autoptr (JsonObject) bare = NULL;
  g_autoptr (GPtrArray) changes = NULL;

  if (g_strcmp0 (slip_plan_step_get_action (step), "slipway:capture") != 0
      || g_strcmp0 (slip_json_string (slip_plan_step_get_inputs (step), "Mode"), "reapply") != 0)
    return FALSE;
  known = slip_run_commands_resolve (commands, planned);
  inputs = slip_json_node_object (known);
  captured = slip_json_object (inputs, "Captured");
  target = slip_json_string (inputs, "Target");
  table = slip_capture_table_find (slip_json_string (inputs, "Kind"));
  if (table == NULL || captured == NULL || target == NULL
      || slip_json_object (captured, "fields") == NULL)
    return FALSE;
  bare = make_bare (table, captured, target, commands->fold->id);
  changes = slip_capture_changes (table, captured, bare, slip_json_array (inputs, "Except"));
  add_calls (commands, step, table, target, changes);
  slip_run_commands_note (commands,
                          "All that was captured of %s and that a call can set, as it was. What is "
                          "so already stays so; a call that says that "
                          "something is there already, or not there, did no harm.",
                          target);
  return TRUE;
}
