/* SPDX-License-Identifier: MIT */
/* The planner: puts together what its parts find out, and evaluates the guards once the steps are
 * known. It reads and never changes anything. */

#include "slip-planner.h"

#include "slip-caller-workspace.h"
#include "slip-json.h"
#include "slip-patience.h"
#include "slip-plan-private.h"
#include "slip-planner-private.h"
#include "slip-template.h"

/* Whoever plans sits and waits. */
#define THROTTLED_SECONDS 120

void
slip_planning_clear (SlipPlanning *planning)
{
  g_clear_pointer (&planning->caller, slip_caller_unref);
  g_clear_object (&planning->cancellable);
  g_clear_pointer (&planning->facts, json_object_unref);
  g_clear_pointer (&planning->parameters, json_object_unref);
  g_clear_pointer (&planning->variables, json_object_unref);
  g_clear_pointer (&planning->first_variables, json_object_unref);
  g_clear_pointer (&planning->globals, json_object_unref);
  g_clear_pointer (&planning->known, g_hash_table_unref);
  g_clear_pointer (&planning->unfit, g_hash_table_unref);
  g_clear_pointer (&planning->used, g_hash_table_unref);
  g_clear_pointer (&planning->aliases, g_hash_table_unref);
  g_clear_pointer (&planning->steps, json_array_unref);
  g_clear_pointer (&planning->environments, json_object_unref);
  g_clear_pointer (&planning->guards, json_array_unref);
  g_clear_pointer (&planning->results, json_array_unref);
}

static JsonObject *
first_variables (SlipRunbook *runbook)
{
  JsonObject *table = slip_json_object (slip_runbook_get_root (runbook), "variables");
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (table == NULL)
    return result;
  json_object_iter_init_ordered (&iter, table);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonNode *value = json_object_get_member (json_node_get_object (node), "default");

      if (value != NULL)
        json_object_set_member (result, name, slip_json_copy (value));
    }
  return result;
}

static gboolean
set_started (SlipPlanning *planning, GError **error)
{
  const char *started = planning->options->started;

  planning->started = slip_clock_now (planning->clock);
  if (started == NULL || slip_time_parse (started, &planning->started))
    return TRUE;
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER,
               "“%s” is no time such as 2026-11-21T06:30:00Z", started);
  return FALSE;
}

static gboolean
set_environment (SlipPlanning *planning, GError **error)
{
  const char *name = planning->options->environment;
  JsonArray *regions;

  planning->facts = slip_caller_dup_environment (planning->caller, name);
  if (planning->facts == NULL)
    {
      g_auto (GStrv) names = slip_caller_list_environments (planning->caller);
      g_autofree char *list = names != NULL ? g_strjoinv (", ", names) : g_strdup ("none");

      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   "there is no environment %s in the workspace. There are: %s", name, list);
      return FALSE;
    }
  regions = slip_json_array (planning->facts, "regions");
  if (regions == NULL || json_array_get_length (regions) == 0)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   "the environment %s has no regions", name);
      return FALSE;
    }
  planning->region = json_array_get_string_element (regions, 0);
  return slip_planning_touch (planning, name, error) != NULL;
}

static gboolean
set_parameters (SlipPlanning *planning, GError **error)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autofree char *text = NULL;

  planning->parameters = slip_planner_default_parameters (
      planning->runbook, planning->facts, planning->options->parameters, planning->started);
  faults = slip_planner_validate_parameters (planning->runbook, planning->parameters);
  if (faults->len == 0)
    return TRUE;
  text = slip_faults_to_text (faults);
  g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER, text);
  return FALSE;
}

static gboolean
wait_out_throttling (
    gpointer data, double seconds, const char *text, GCancellable *cancellable, GError **error)
{
  SlipPlanning *planning = data;

  if (planning->options->job != NULL)
    slip_job_set_detail (planning->options->job, text);
  if (planning->options->tell != NULL)
    planning->options->tell (text, planning->options->data);
  return slip_clock_sleep (planning->clock, (gint64)(seconds * G_USEC_PER_SEC), cancellable, error);
}

static SlipCaller *
new_caller (SlipPlanning *planning)
{
  g_autoptr (SlipCaller) patient = slip_caller_new_patient (
      planning->options->caller, planning->clock, THROTTLED_SECONDS, wait_out_throttling, planning);

  return slip_caller_new_cached (patient);
}

static gboolean
planning_init (SlipPlanning *planning, GError **error)
{
  const SlipPlannerOptions *options = planning->options;

  planning->clock = options->clock != NULL ? options->clock : slip_clock_get_system ();
  planning->caller
      = planning->made != NULL ? slip_caller_ref (options->caller) : new_caller (planning);
  planning->cancellable = options->job != NULL ? slip_job_ref_cancellable (options->job) : NULL;
  planning->globals = json_object_new ();
  planning->known
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_node_unref);
  planning->unfit = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  planning->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  planning->aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  planning->steps = json_array_new ();
  planning->environments = json_object_new ();
  planning->guards = json_array_new ();
  planning->results = json_array_new ();
  planning->variables = first_variables (planning->runbook);
  planning->first_variables = first_variables (planning->runbook);
  return set_started (planning, error) && set_environment (planning, error)
         && set_parameters (planning, error);
}

static double
sum_minutes (JsonArray *steps)
{
  double minutes = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    minutes += slip_json_double (json_array_get_object_element (steps, i), "minutes", 0);
  return minutes;
}

static gboolean
changes_something (SlipPlanning *planning)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (planning->steps, i), "effect"),
                   "read")
        != 0)
      return TRUE;
  return FALSE;
}

/* Whether it changes another environment in which one person is not enough. */
static gboolean
changes_paired (SlipPlanning *planning)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    {
      JsonObject *step = json_array_get_object_element (planning->steps, i);
      g_autoptr (JsonObject) facts = NULL;

      if (g_strcmp0 (slip_json_string (step, "effect"), "read") == 0)
        continue;
      facts
          = slip_caller_dup_environment (planning->caller, slip_json_string (step, "environment"));
      if (facts != NULL && slip_json_bool (facts, "pairing", FALSE))
        return TRUE;
    }
  return FALSE;
}

const char *
slip_planning_second_person (SlipPlanning *planning)
{
  JsonObject *slipway = slip_json_object (slip_runbook_get_root (planning->runbook), "slipway");
  const char *wanted = slipway != NULL ? slip_json_string (slipway, "pairing") : NULL;
  const char *given_up = slip_runbook_find_pairing (planning->runbook, planning->parameters);

  if (!changes_something (planning))
    return NULL;
  if (given_up != NULL)
    return given_up;
  if (g_strcmp0 (wanted, "always") == 0)
    return "this procedure asks for two people";
  if (g_strcmp0 (wanted, "protected") == 0 && slip_json_bool (planning->facts, "protected", FALSE))
    return "this procedure asks for two people in a protected environment";
  if (slip_json_bool (planning->facts, "pairing", FALSE))
    return "this environment asks for two people";
  if (changes_paired (planning))
    return "an environment that this changes asks for two people";
  return NULL;
}

static JsonObject *
assemble (SlipPlanning *planning)
{
  JsonObject *plan = json_object_new ();
  JsonObject *runbook = json_object_new ();
  JsonObject *forecast = json_object_new ();
  JsonArray *outputs = slip_json_array (slip_runbook_get_root (planning->runbook), "outputs");
  g_autofree char *started = slip_time_format (planning->started);

  json_object_set_string_member (runbook, "name", slip_runbook_get_name (planning->runbook));
  json_object_set_string_member (runbook, "title", slip_runbook_get_title (planning->runbook));
  json_object_set_string_member (runbook, "sha256", slip_runbook_get_sha256 (planning->runbook));
  json_object_set_double_member (forecast, "minutes", sum_minutes (planning->steps));
  json_object_set_string_member (plan, "schema", SLIP_PLAN_SCHEMA);
  json_object_set_object_member (plan, "runbook", runbook);
  json_object_set_string_member (plan, "environment", planning->options->environment);
  json_object_set_object_member (plan, "environments", json_object_ref (planning->environments));
  json_object_set_string_member (plan, "started", started);
  json_object_set_object_member (plan, "parameters", json_object_ref (planning->parameters));
  json_object_set_object_member (plan, "variables", json_object_ref (planning->first_variables));
  json_object_set_object_member (plan, "globals", json_object_ref (planning->globals));
  json_object_set_object_member (plan, "forecast", forecast);
  if (outputs != NULL)
    json_object_set_array_member (plan, "outputs", json_array_ref (outputs));
  if (slip_planning_second_person (planning) != NULL)
    json_object_set_string_member (plan, "pairing", slip_planning_second_person (planning));
  json_object_set_array_member (plan, "steps", json_array_ref (planning->steps));
  json_object_set_array_member (plan, "preflight", json_array_ref (planning->guards));
  return plan;
}

/* A list of final changes whose length is not known deserves a look. */
static void
warn_of_open_loops (SlipPlanning *planning)
{
  for (guint i = 0; i < json_array_get_length (planning->steps); i++)
    {
      JsonObject *step = json_array_get_object_element (planning->steps, i);
      JsonObject *result;

      if (slip_json_array (step, "body") == NULL
          || g_strcmp0 (slip_json_string (step, "effect"), "final") != 0)
        continue;
      result = json_object_new ();
      json_object_set_string_member (result, "guard", "open-loop");
      json_object_set_string_member (result, "title", slip_json_string (step, "title"));
      json_object_set_string_member (result, "state", "warn");
      json_object_set_string_member (
          result, "message",
          "what this loop does cannot be undone, and how often it does it "
          "is known only while running");
      json_object_set_string_member (result, "step", slip_json_string (step, "id"));
      json_object_set_array_member (result, "evidence", json_array_new ());
      json_array_add_object_element (planning->results, result);
    }
}

static gboolean
run_guards (SlipPlanning *planning, JsonObject *plan, GError **error)
{
  guint n = json_array_get_length (planning->guards);
  g_autoptr (JsonArray) results = json_array_new ();
  const SlipGuardMeans means = {
      .caller = planning->caller,
      .clock = planning->clock,
      .ledger = planning->options->ledger,
      .cancellable = planning->cancellable,
  };

  for (guint i = 0; i < n; i++)
    {
      JsonObject *guard = json_array_get_object_element (planning->guards, i);
      g_autoptr (SlipGuardResult) result = NULL;

      if (g_cancellable_set_error_if_cancelled (planning->cancellable, error))
        return FALSE;
      if (planning->options->job != NULL)
        slip_job_set_progress (planning->options->job, 0.5 + 0.5 * i / n);
      result = slip_guard_run (&means, guard, plan, NULL);
      json_array_add_object_element (results, slip_guard_result_to_json (result));
    }
  for (guint i = 0; i < json_array_get_length (planning->results); i++)
    json_array_add_element (results,
                            slip_json_copy (json_array_get_element (planning->results, i)));
  json_object_set_array_member (plan, "guards", g_steal_pointer (&results));
  return TRUE;
}

JsonNode *
slip_planning_make (SlipPlanning *planning, GError **error)
{
  if (!planning_init (planning, error) || !slip_planning_walk (planning, error)
      || !slip_planning_add_guards (planning, error))
    return NULL;
  warn_of_open_loops (planning);
  return slip_json_new_object (assemble (planning));
}

SlipPlan *
slip_planner_plan_full (SlipRunbook *runbook, const SlipPlannerOptions *options, GError **error)
{
  g_auto (SlipPlanning) planning = {.runbook = runbook, .options = options};
  g_autoptr (JsonNode) node = NULL;
  JsonObject *plan;
  g_autofree char *hash = NULL;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (runbook), NULL);
  g_return_val_if_fail (options != NULL && options->caller != NULL, NULL);
  g_return_val_if_fail (options->environment != NULL, NULL);
  node = slip_planning_make (&planning, error);
  if (node == NULL)
    return NULL;
  plan = json_node_get_object (node);
  if (!run_guards (&planning, plan, error))
    return NULL;
  hash = slip_plan_compute_hash (plan);
  json_object_set_string_member (plan, "hash", hash);
  return slip_plan_new_from_json (node, error);
}

SlipPlan *
slip_planner_plan (SlipRunbook *runbook,
                   SlipWorkspace *workspace,
                   SlipLedger *ledger,
                   const char *environment,
                   JsonObject *parameters,
                   SlipJob *job,
                   GError **error)
{
  g_autoptr (SlipCaller) caller = slip_caller_new_for_workspace (workspace);
  SlipEnvironment *found = slip_workspace_find (workspace, environment);
  g_autoptr (SlipClock) clock = found != NULL ? slip_environment_ref_clock (found) : NULL;
  SlipPlannerOptions options = {
      .caller = caller,
      .clock = clock,
      .ledger = ledger,
      .environment = environment,
      .parameters = parameters,
      .job = job,
  };

  return slip_planner_plan_full (runbook, &options, error);
}
