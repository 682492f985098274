/* SPDX-License-Identifier: MIT */
/* What a run made and the rest of it builds on: another hand may have taken it away since, so that whoever finishes by
 * hand looks first. */

#include "slip-run-commands-private.h"

#include "slip-json.h"
#include "slip-run-lost.h"

void
slip_run_commands_begin (SlipRunCommands *commands)
{
  commands->lines = json_array_new ();
  commands->notes = json_array_new ();
}

JsonObject *
slip_run_commands_new_block (SlipRunCommands *commands, SlipFoldStep *step)
{
  JsonObject *object = json_object_new ();
  SlipPlanStep *planned = step->plan_step;
  const char *title = slip_plan_step_get_title (planned);

  json_object_set_string_member (object, "step", step->id);
  json_object_set_int_member (object, "index", slip_plan_step_get_index (planned) + 1);
  json_object_set_string_member (object, "title", title != NULL ? title : step->id);
  slip_run_entry_set_text (object, "environment", slip_plan_step_get_environment (planned));
  json_object_set_string_member (object, "effect",
                                 slip_aws_effect_name (slip_plan_step_get_effect (planned)));
  json_object_set_array_member (object, "commands", commands->lines);
  json_object_set_array_member (object, "notes", commands->notes);
  return object;
}

/* Looked up, and made again where AWS says that it is not there. */
static JsonObject *
describe_needed (SlipRunCommands *commands, SlipRunLook *look, const char *lost)
{
  SlipPlanStep *planned = look->step->plan_step;
  JsonNode *request = slip_plan_step_get_request (planned);
  g_autoptr (JsonNode) known
      = request != NULL ? slip_run_commands_resolve (commands, request) : NULL;
  g_autofree char *codes = slip_run_command_join (look->absent, ", ");
  g_autofree char *either = slip_run_command_join (look->absent, "|");
  g_autofree char *pattern = slip_run_commands_make_pattern (either, "");
  g_autofree char *asks = slip_run_commands_make_call (commands, planned, look->service,
                                                       look->operation, look->input, NULL);
  g_autofree char *makes
      = slip_run_commands_make_call (commands, planned, slip_plan_step_get_service (planned),
                                     slip_plan_step_get_operation (planned), known, NULL);
  g_autofree char *line
      = g_strdup_printf ("if %s 2>&1 | grep -qE %s; then %s; fi", asks, pattern, makes);

  slip_run_commands_note (
      commands,
      "The run made this, and the rest builds on it. Look whether it is still there: only when "
      "that answers %s it is "
      "gone, and is made again here, with the same settings. What people attested of it before "
      "they attested of what is gone: look again before it goes into service.",
      codes);
  if (lost != NULL)
    slip_run_commands_note (commands, "The run found it gone: %s.", lost);
  slip_run_commands_add_line (commands, line);
  return slip_run_commands_new_block (commands, look->step);
}

/* The waits behind it for the same thing, which are through at once when it was never gone. */
static void
add_waits (SlipRunCommands *commands, SlipRunLook *look)
{
  guint i = 0;

  if (!g_ptr_array_find (commands->fold->steps, look->step, &i))
    return;
  for (i++; i < commands->fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (commands->fold->steps, i);
      JsonNode *request = slip_plan_step_get_request (step->plan_step);
      g_autoptr (JsonNode) known = NULL;

      if (step->state != SLIP_RUN_STEP_DONE || slip_plan_step_get_wait (step->plan_step) == NULL
          || !slip_run_look_is_same (look, commands->fold, step->plan_step))
        continue;
      known = slip_run_commands_resolve (commands, request);
      slip_run_commands_add_wait (commands, step->plan_step, known);
      return;
    }
}

/* Another hand may have taken it away since; a step that waits for just this tells itself. */
void
slip_run_commands_add_needed (SlipRunCommands *commands, JsonArray *list, GHashTable *again)
{
  g_autoptr (GPtrArray) needed = slip_run_fold_list_needed (commands->fold);
  g_autoptr (GHashTable) lost = slip_run_fold_list_lost (commands->fold);
  SlipFoldStep *at = slip_run_fold_find (commands->fold, commands->fold->cursor);

  for (guint i = 0; i < needed->len; i++)
    {
      SlipRunLook *look = g_ptr_array_index (needed, i);
      JsonObject *block;

      if (g_hash_table_contains (again, look->step)
          || (slip_plan_step_get_wait (at->plan_step) != NULL
              && slip_run_look_is_same (look, commands->fold, at->plan_step)))
        continue;
      slip_run_commands_begin (commands);
      block = describe_needed (commands, look, g_hash_table_lookup (lost, look->step));
      add_waits (commands, look);
      json_array_add_object_element (list, block);
    }
}
