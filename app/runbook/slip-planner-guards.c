/* SPDX-License-Identifier: MIT */
/* Which guards a plan has: those that a document names, and those that every plan has for every
 * environment it touches. */

#include "slip-json.h"
#include "slip-planner-private.h"
#include "slip-template.h"

#include <string.h>

JsonObject *
slip_planning_touch (SlipPlanning *planning, const char *name, GError **error)
{
  static const char *const kept[] = {
      "title", "account", "alias", "role", "protected", "endpoint", "overridden",
  };
  g_autoptr (JsonObject) facts = slip_caller_dup_environment (planning->caller, name);
  JsonObject *touched;

  if (facts == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   "there is no environment “%s” in the workspace", name);
      return NULL;
    }
  if (!json_object_has_member (planning->environments, name))
    {
      touched = json_object_new ();
      for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
        if (json_object_has_member (facts, kept[i]))
          json_object_set_member (touched, kept[i],
                                  slip_json_copy (json_object_get_member (facts, kept[i])));
      json_object_set_member (touched, "regions",
                              slip_json_copy (json_object_get_member (facts, "regions")));
      json_object_set_object_member (planning->environments, name, touched);
    }
  return slip_json_object (planning->environments, name);
}

const char *
slip_planning_region (SlipPlanning *planning, JsonObject *facts, const char *wanted)
{
  JsonArray *regions = slip_json_array (facts, "regions");

  if (wanted != NULL && *wanted != '\0')
    return wanted;
  for (guint i = 0; i < json_array_get_length (regions); i++)
    if (g_strcmp0 (json_array_get_string_element (regions, i), planning->region) == 0)
      return planning->region;
  return json_array_get_length (regions) > 0 ? json_array_get_string_element (regions, 0)
                                             : planning->region;
}

/* A guard as slip_guard_run() takes it, from one in a document. What a guard of the run compares with
 * is expected where it is read, so that drift is seen before the first change and not at the guard. */
static JsonObject *
make_guard (SlipPlanning *planning,
            const SlipPlanScope *scope,
            JsonObject *told,
            const char *environment,
            const char *region,
            char **unknown_name,
            GError **error)
{
  static const char *const kept[] = {"guard", "severity", "when"};
  const char *title = slip_json_string (told, "title");
  g_autoptr (JsonObject) guard = json_object_new ();
  JsonObject *inputs = slip_json_object (told, "inputs");
  gboolean again = g_strcmp0 (slip_json_string (told, "when"), "plan") != 0;
  const char *own = slip_json_string (told, "environment");
  const char *own_region = slip_json_string (told, "region");
  g_autofree char *name
      = own != NULL ? slip_planning_resolve_text (planning, scope, own) : g_strdup (environment);
  g_autofree char *place = own_region != NULL
                               ? slip_planning_resolve_text (planning, scope, own_region)
                               : g_strdup (region);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (told, kept[i]))
      json_object_set_member (guard, kept[i],
                              slip_json_copy (json_object_get_member (told, kept[i])));
  if (title != NULL)
    {
      g_autofree char *written = slip_planning_resolve_text (planning, scope, title);

      json_object_set_string_member (guard, "title", written);
    }
  json_object_set_string_member (guard, "environment", name);
  json_object_set_string_member (guard, "region", place);
  if (inputs != NULL)
    {
      g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), inputs);
      g_autoptr (JsonNode) resolved
          = slip_planning_resolve (planning, scope, node, again, unknown, error);

      if (resolved == NULL)
        return NULL;
      json_object_set_member (guard, "inputs", g_steal_pointer (&resolved));
    }
  *unknown_name = unknown->len > 0 ? g_strdup (g_ptr_array_index (unknown, 0)) : NULL;
  return g_steal_pointer (&guard);
}

/* A guard that cannot be evaluated yet is in the plan as not provable. */
static void
add_unproven (SlipPlanning *planning, JsonObject *guard, const char *unknown)
{
  static const char *const kept[] = {"guard", "environment", "region", "step"};
  const SlipGuard *found = slip_guard_find (slip_json_string (guard, "guard"));
  const char *title = slip_json_string (guard, "title");
  JsonObject *result = json_object_new ();
  g_autofree char *message
      = g_strdup_printf ("depends on %s, which is known only while running", unknown);

  for (guint i = 0; i < G_N_ELEMENTS (kept); i++)
    if (json_object_has_member (guard, kept[i]))
      json_object_set_member (result, kept[i],
                              slip_json_copy (json_object_get_member (guard, kept[i])));
  json_object_set_string_member (result, "title", title != NULL ? title : found->title);
  json_object_set_string_member (result, "state", "unprovable");
  json_object_set_string_member (result, "message", message);
  json_object_set_array_member (result, "evidence", json_array_new ());
  json_array_add_object_element (planning->results, result);
}

gboolean
slip_planning_add_step_guards (SlipPlanning *planning,
                               const SlipPlanScope *scope,
                               JsonObject *step,
                               JsonObject *planned,
                               GError **error)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  JsonArray *told = slipway != NULL ? slip_json_array (slipway, "guards") : NULL;
  g_autoptr (JsonArray) again = json_array_new ();

  for (guint i = 0; told != NULL && i < json_array_get_length (told); i++)
    {
      JsonObject *one = json_array_get_object_element (told, i);
      const char *when = slip_json_string (one, "when");
      g_autofree char *unknown = NULL;
      g_autoptr (JsonObject) guard
          = make_guard (planning, scope, one, slip_json_string (planned, "environment"),
                        slip_json_string (planned, "region"), &unknown, error);

      if (guard == NULL)
        return FALSE;
      json_object_set_string_member (guard, "step", slip_json_string (planned, "id"));
      if (g_strcmp0 (when, "run") != 0 && unknown == NULL)
        json_array_add_object_element (planning->guards, json_object_ref (guard));
      else if (g_strcmp0 (when, "run") != 0)
        add_unproven (planning, guard, unknown);
      if (g_strcmp0 (when, "plan") != 0)
        json_array_add_object_element (again, g_steal_pointer (&guard));
    }
  if (json_array_get_length (again) > 0)
    json_object_set_array_member (planned, "guards", g_steal_pointer (&again));
  return TRUE;
}

static void
add_common (SlipPlanning *planning, JsonArray *list, const char *id, const char *environment)
{
  JsonObject *facts = slip_json_object (planning->environments, environment);
  JsonObject *guard = json_object_new ();

  json_object_set_string_member (guard, "guard", id);
  json_object_set_string_member (guard, "environment", environment);
  json_object_set_string_member (guard, "region", slip_planning_region (planning, facts, NULL));
  json_array_add_object_element (list, guard);
}

/* Whether a step in @environment changes something. */
static gboolean
is_changed (SlipPlanning *planning, const char *environment)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    {
      JsonObject *step = json_array_get_object_element (planning->steps, i);

      if (g_strcmp0 (slip_json_string (step, "environment"), environment) == 0
          && g_strcmp0 (slip_json_string (step, "effect"), "read") != 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_asked_for (JsonArray *guards, const char *program)
{
  for (guint i = 0; i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = json_array_get_object_element (guards, i);
      JsonObject *inputs = slip_json_object (guard, "inputs");

      if (g_strcmp0 (slip_json_string (guard, "guard"), "tool-version") == 0 && inputs != NULL
          && g_strcmp0 (slip_json_string (inputs, "program"), program) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A program that this machine does not have is told now, and not hours later by the step that runs it.
 * Only Terraform's: another program may do anything when it is asked for its version. */
static void
guard_programs (SlipPlanning *planning, JsonArray *steps, JsonArray *guards)
{
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      const char *program = inputs != NULL ? slip_json_string (inputs, "Program") : NULL;

      guard_programs (planning, slip_json_array (step, "body"), guards);
      if (g_strcmp0 (slip_json_string (step, "action"), "slipway:terraform") != 0
          || (program != NULL && strstr (program, "{{") != NULL))
        continue;
      program = program != NULL ? program : "terraform";
      if (!is_asked_for (guards, program))
        {
          JsonObject *asks = json_object_new ();

          json_object_set_string_member (asks, "program", program);
          add_common (planning, guards, "tool-version", slip_json_string (step, "environment"));
          json_object_set_object_member (
              json_array_get_object_element (guards, json_array_get_length (guards) - 1), "inputs",
              asks);
        }
    }
}

/* Who we are is asked again before each step that is final. */
static void
guard_final_steps (SlipPlanning *planning)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    {
      JsonObject *step = json_array_get_object_element (planning->steps, i);
      JsonArray *guards = slip_json_array (step, "guards");

      if (g_strcmp0 (slip_json_string (step, "effect"), "final") != 0)
        continue;
      if (guards == NULL)
        {
          guards = json_array_new ();
          json_object_set_array_member (step, "guards", guards);
        }
      add_common (planning, guards, "identity", slip_json_string (step, "environment"));
    }
}

gboolean
slip_planning_add_guards (SlipPlanning *planning, GError **error)
{
  const SlipPlanScope scope = {.prefix = ""};
  JsonObject *settings = slip_runbook_get_settings (planning->runbook);
  JsonArray *told = settings != NULL ? slip_json_array (settings, "guards") : NULL;
  g_autoptr (JsonArray) all = json_array_new ();
  JsonObjectIter iter;
  const char *name;
  gboolean changes = FALSE;

  json_object_iter_init_ordered (&iter, planning->environments);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    {
      add_common (planning, all, "identity", name);
      if (is_changed (planning, name))
        {
          add_common (planning, all, "environment", name);
          add_common (planning, all, "permissions", name);
          changes = TRUE;
        }
      add_common (planning, all, "credentials", name);
    }
  add_common (planning, all, "clock", planning->options->environment);
  if (changes)
    add_common (planning, all, "unfinished-runs", planning->options->environment);
  for (guint i = 0; told != NULL && i < json_array_get_length (told); i++)
    {
      g_autofree char *unknown = NULL;
      g_autoptr (JsonObject) guard
          = make_guard (planning, &scope, json_array_get_object_element (told, i),
                        planning->options->environment, planning->region, &unknown, error);

      if (guard == NULL)
        return FALSE;
      if (unknown == NULL)
        json_array_add_object_element (all, g_steal_pointer (&guard));
      else
        add_unproven (planning, guard, unknown);
    }
  for (guint i = 0; i < json_array_get_length (planning->guards); i++)
    json_array_add_element (all, slip_json_copy (json_array_get_element (planning->guards, i)));
  guard_programs (planning, planning->steps, all);
  json_array_unref (planning->guards);
  planning->guards = g_steal_pointer (&all);
  guard_final_steps (planning);
  return TRUE;
}
