/* SPDX-License-Identifier: MIT */
/* What a run does not take from its plan, because a plan file says what its last editor wanted: what its
 * steps do, which guards every change has, and whether two people are needed. That is worked out here
 * from the API models, the workspace and, where the plan was made from a runbook that is here, from it. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-planner.h"
#include "slip-runbook.h"

static gboolean
is_change (SlipPlanStep *step)
{
  return slip_plan_step_get_effect (step) != SLIP_AWS_EFFECT_READ;
}

/* Whether a step changes something, in @environment or with %NULL anywhere. */
static gboolean
changes (SlipPlan *plan, const char *environment)
{
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);

      if (is_change (step)
          && (environment == NULL
              || g_strcmp0 (slip_plan_step_get_environment (step), environment) == 0))
        return TRUE;
    }
  return FALSE;
}

/* ---- the runbook */

/* The runbook that the plan was made from, when it is here and is the same; else NULL. */
static SlipRunbook *
same_runbook (SlipPlan *plan)
{
  g_autofree char *difference = slip_plan_dup_runbook_difference (plan);

  return difference == NULL ? slip_runbook_find (slip_plan_get_runbook (plan), NULL) : NULL;
}

static JsonObject *
slipway_of (JsonObject *object)
{
  return object != NULL ? slip_json_object (object, "slipway") : NULL;
}

static gboolean
has_guard_of (JsonArray *guards, const char *id)
{
  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));

      if (guard != NULL && g_strcmp0 (slip_json_string (guard, "guard"), id) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
keeps_guards (SlipPlanStep *step, JsonObject *slipway, GError **error)
{
  JsonArray *told = slip_json_array (slipway, "guards");

  for (guint i = 0; told != NULL && i < json_array_get_length (told); i++)
    {
      JsonObject *one = json_array_get_object_element (told, i);

      if (g_strcmp0 (slip_json_string (one, "when"), "plan") == 0
          || has_guard_of (slip_plan_step_get_guards (step), slip_json_string (one, "guard")))
        continue;
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the runbook guards step %s with %s, and the plan does not. Plan again",
                   slip_plan_step_get_id (step), slip_json_string (one, "guard"));
      return FALSE;
    }
  return TRUE;
}

/* What the runbook asks of a step, the plan asks too. */
static gboolean
keeps_step (SlipPlanStep *step, JsonObject *slipway, GError **error)
{
  const char *word_of = slip_json_string (slipway, "confirmedBy");
  JsonObject *wanted = slip_json_object (slipway, "confirm");
  JsonObject *confirm = slip_plan_step_get_confirm (step);
  SlipAwsEffect effect;

  if (wanted != NULL
      && (confirm == NULL
          || g_strcmp0 (slip_json_string (confirm, "how"), slip_json_string (wanted, "how")) != 0))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the runbook has step %s confirmed (%s), and the plan does not. Plan again",
                   slip_plan_step_get_id (step), slip_json_string (wanted, "how"));
      return FALSE;
    }
  if (wanted != NULL
      && g_strcmp0 (slip_json_string (confirm, "pairing"), slip_json_string (wanted, "pairing"))
             != 0)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the runbook and the plan differ in whether a second person vouches for what "
                   "is said before step %s. Plan again",
                   slip_plan_step_get_id (step));
      return FALSE;
    }
  if (word_of != NULL && g_strcmp0 (slip_plan_step_get_confirmed_by (step), word_of) != 0)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the runbook has step %s confirmed by %s, and the plan does not. Plan again",
                   slip_plan_step_get_id (step), word_of);
      return FALSE;
    }
  if (slip_aws_effect_from_name (slip_json_string (slipway, "effect"), &effect)
      && slip_plan_step_get_effect (step) < effect)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "step %s is %s in the runbook, and less in the plan. Plan again",
                   slip_plan_step_get_id (step), slip_aws_effect_name (effect));
      return FALSE;
    }
  return keeps_guards (step, slipway, error);
}

static gboolean
keeps_runbook (SlipPlan *plan, GError **error)
{
  g_autoptr (SlipRunbook) runbook = same_runbook (plan);
  JsonArray *steps
      = runbook != NULL ? slip_json_array (slip_runbook_get_root (runbook), "mainSteps") : NULL;

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *told = json_array_get_object_element (steps, i);
      SlipPlanStep *step = slip_plan_find_step (plan, slip_json_string (told, "name"));

      if (step != NULL && slipway_of (told) != NULL && !keeps_step (step, slipway_of (told), error))
        return FALSE;
    }
  return TRUE;
}

/* Before it begins. What began was held so, or began with a version that made plans otherwise. */
static gboolean
is_made_so (SlipRunEngine *engine, GError **error)
{
  g_autoptr (SlipRunbook) runbook
      = engine->fold->started == 0 ? same_runbook (engine->fold->plan) : NULL;

  return runbook == NULL
         || slip_planner_check_plan (runbook, engine->fold->plan, engine->reader, error);
}

gboolean
slip_run_trust_check (SlipRunEngine *engine, GError **error)
{
  SlipPlan *plan = engine->fold->plan;

  return slip_plan_check_claims (slip_json_node_object (slip_plan_to_json (plan)), error)
         && is_made_so (engine, error) && keeps_runbook (plan, error);
}

/* ---- two people */

static gboolean
has_fact (SlipRunEngine *engine, const char *environment, const char *fact)
{
  g_autoptr (JsonObject) facts
      = engine->reader != NULL ? slip_caller_dup_environment (engine->reader, environment) : NULL;

  return facts != NULL && slip_json_bool (facts, fact, FALSE);
}

const char *
slip_run_trust_pairing (SlipRunEngine *engine)
{
  SlipPlan *plan = engine->fold->plan;
  g_autoptr (SlipRunbook) runbook = NULL;
  JsonObject *slipway;
  const char *wanted;

  if (slip_plan_get_pairing (plan) != NULL || !changes (plan, NULL))
    return slip_plan_get_pairing (plan);
  if (has_fact (engine, slip_plan_get_environment (plan), "pairing"))
    return "this environment asks for two people";
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    if (is_change (slip_plan_get_step (plan, i))
        && has_fact (engine, slip_plan_step_get_environment (slip_plan_get_step (plan, i)),
                     "pairing"))
      return "an environment that this changes asks for two people";
  runbook = same_runbook (plan);
  wanted = runbook != NULL ? slip_runbook_find_pairing (runbook, slip_plan_get_parameters (plan))
                           : NULL;
  if (wanted != NULL)
    return g_intern_string (wanted);
  slipway = runbook != NULL ? slipway_of (slip_runbook_get_root (runbook)) : NULL;
  wanted = slipway != NULL ? slip_json_string (slipway, "pairing") : NULL;
  if (g_strcmp0 (wanted, "always") == 0
      || (g_strcmp0 (wanted, "protected") == 0
          && has_fact (engine, slip_plan_get_environment (plan), "protected")))
    return "this procedure asks for two people";
  return NULL;
}

/* By the workspace as it is now, or by the plan. */
static gboolean
is_guarded_place (SlipRunEngine *engine, const char *environment)
{
  JsonObject *told
      = slip_json_object (slip_plan_get_environments (engine->fold->plan), environment);

  return (told != NULL && slip_json_bool (told, "protected", FALSE))
         || has_fact (engine, environment, "protected")
         || has_fact (engine, environment, "pairing");
}

gboolean
slip_run_trust_step_pairing (SlipRunEngine *engine, const SlipFoldStep *step)
{
  JsonObject *confirm = slip_plan_step_get_confirm (step->plan_step);
  const char *wanted = confirm != NULL ? slip_json_string (confirm, "pairing") : NULL;
  const char *environment = slip_plan_step_get_environment (step->plan_step);

  if (wanted == NULL || g_str_equal (wanted, "always"))
    return wanted != NULL;
  return is_guarded_place (engine, slip_plan_get_environment (engine->fold->plan))
         || (environment != NULL && is_guarded_place (engine, environment));
}

/* ---- guards of every change */

/* Only the bare guard counts: one with a severity or inputs of its own may have been weakened. */
static gboolean
has_common (JsonArray *preflight, const char *id, const char *environment)
{
  for (guint i = 0; i < json_array_get_length (preflight); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (preflight, i));

      if (guard != NULL && g_strcmp0 (slip_json_string (guard, "guard"), id) == 0
          && g_strcmp0 (slip_json_string (guard, "environment"), environment) == 0
          && !json_object_has_member (guard, "step") && !json_object_has_member (guard, "inputs")
          && !json_object_has_member (guard, "severity"))
        return TRUE;
    }
  return FALSE;
}

static const char *
region_of (SlipPlan *plan, const char *environment)
{
  JsonObject *facts = slip_json_object (slip_plan_get_environments (plan), environment);
  JsonArray *regions = facts != NULL ? slip_json_array (facts, "regions") : NULL;

  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);

      if (g_strcmp0 (slip_plan_step_get_environment (step), environment) == 0)
        return slip_plan_step_get_region (step);
    }
  return regions != NULL && json_array_get_length (regions) > 0
             ? json_array_get_string_element (regions, 0)
             : "";
}

static void
add_common (SlipPlan *plan, JsonArray *preflight, const char *id, const char *environment)
{
  JsonObject *guard;

  if (has_common (preflight, id, environment))
    return;
  guard = json_object_new ();
  json_object_set_string_member (guard, "guard", id);
  json_object_set_string_member (guard, "environment", environment);
  json_object_set_string_member (guard, "region", region_of (plan, environment));
  json_array_add_object_element (preflight, guard);
}

JsonArray *
slip_run_trust_preflight (SlipPlan *plan)
{
  JsonArray *told = slip_json_array (slip_json_node_object (slip_plan_to_json (plan)), "preflight");
  g_autoptr (GList) names = json_object_get_members (slip_plan_get_environments (plan));
  JsonArray *preflight = json_array_new ();

  for (guint i = 0; told != NULL && i < json_array_get_length (told); i++)
    json_array_add_element (preflight, slip_json_copy (json_array_get_element (told, i)));
  for (GList *l = names; l != NULL; l = l->next)
    {
      add_common (plan, preflight, "identity", l->data);
      add_common (plan, preflight, "credentials", l->data);
      if (!changes (plan, l->data))
        continue;
      add_common (plan, preflight, "environment", l->data);
      add_common (plan, preflight, "permissions", l->data);
    }
  add_common (plan, preflight, "clock", slip_plan_get_environment (plan));
  if (changes (plan, NULL))
    add_common (plan, preflight, "unfinished-runs", slip_plan_get_environment (plan));
  return preflight;
}
