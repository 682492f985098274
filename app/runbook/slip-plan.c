/* SPDX-License-Identifier: MIT */
/* A plan: JSON that was checked for what its readers rely on, and whose hash was computed again. It is
 * made by the planner, kept whole in the ledger, and read by the runner and the pages that show it. */

#include "slip-plan.h"

#include "slip-json.h"
#include "slip-plan-private.h"

#include <string.h>

#define FIRST_SCHEMA "org.slipway.plan/1"

struct _SlipPlan
{
  GObject parent_instance;
  JsonNode *node;
  JsonObject *object; /* borrowed from node */
  GListStore *steps;  /* element-type SlipPlanStep */
  GListStore *guards; /* element-type SlipGuardResult */
  GHashTable *by_id;  /* id → SlipPlanStep, borrowed */
};

G_DEFINE_FINAL_TYPE (SlipPlan, slip_plan, G_TYPE_OBJECT)

static void
slip_plan_finalize (GObject *object)
{
  SlipPlan *self = SLIP_PLAN (object);

  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_object (&self->steps);
  g_clear_object (&self->guards);
  g_clear_pointer (&self->node, json_node_unref);
  G_OBJECT_CLASS (slip_plan_parent_class)->finalize (object);
}

static void
slip_plan_class_init (SlipPlanClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_plan_finalize;
}

static void
slip_plan_init (SlipPlan *self)
{
  self->steps = g_list_store_new (SLIP_TYPE_PLAN_STEP);
  self->guards = g_list_store_new (SLIP_TYPE_GUARD_RESULT);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
}

gboolean
slip_plan_is_first_version (JsonObject *plan)
{
  return g_strcmp0 (slip_json_string (plan, "schema"), FIRST_SCHEMA) == 0;
}

/* What is forecast, observed or only told does not determine what will be done. */
static JsonNode *
strip_step (JsonObject *step)
{
  static const char *const told[] = {"minutes", "gib", "forecast", "known", "notes", "index", NULL};
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *member;

  json_object_iter_init (&iter, step);
  while (json_object_iter_next (&iter, &name, &member))
    if (!g_strv_contains (told, name))
      json_object_set_member (result, name, json_node_ref (member));
  return slip_json_new_object (result);
}

/* What was found is determining, as whoever approves counts on it; how it was told changes by the minute. */
static JsonArray *
strip_guards (JsonArray *guards)
{
  static const char *const kept[] = {
      "guard", "title", "state", "environment", "region", "step", "inputs", "severity", "when",
  };
  JsonArray *stripped = json_array_new ();

  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));
      JsonObject *result = json_object_new ();

      for (guint j = 0; guard != NULL && j < G_N_ELEMENTS (kept); j++)
        if (json_object_has_member (guard, kept[j]))
          json_object_set_member (result, kept[j],
                                  json_node_ref (json_object_get_member (guard, kept[j])));
      json_array_add_object_element (stripped, result);
    }
  return stripped;
}

JsonNode *
slip_plan_dup_determining (JsonObject *plan)
{
  static const char *const determining[] = {
      "schema",    "runbook", "environment", "environments", "parameters",
      "variables", "globals", "outputs",     "preflight",    "pairing",
  };
  JsonObject *part = json_object_new ();
  JsonArray *steps = slip_json_array (plan, "steps");
  JsonArray *stripped = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (determining); i++)
    if (json_object_has_member (plan, determining[i]))
      json_object_set_member (part, determining[i],
                              json_node_ref (json_object_get_member (plan, determining[i])));
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = slip_json_node_object (json_array_get_element (steps, i));

      if (step != NULL)
        json_array_add_element (stripped, strip_step (step));
    }
  json_object_set_array_member (part, "steps", stripped);
  if (!slip_plan_is_first_version (plan))
    json_object_set_array_member (part, "guards", strip_guards (slip_json_array (plan, "guards")));
  return slip_json_new_object (part);
}

char *
slip_plan_compute_hash (JsonObject *plan)
{
  g_autoptr (JsonNode) part = slip_plan_dup_determining (plan);

  return slip_json_sha256 (part);
}

static gboolean damaged (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

static gboolean
damaged (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN, "the plan is damaged: %s",
               message);
  return FALSE;
}

static gboolean
read_steps (SlipPlan *self, GError **error)
{
  JsonArray *steps = slip_json_array (self->object, "steps");

  if (steps == NULL)
    return damaged (error, "it has no steps");
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (steps, i));
      g_autoptr (SlipPlanStep) step = NULL;

      if (object == NULL)
        return damaged (error, "step %u is no object", i + 1);
      step = slip_plan_step_new_from_json (object, i, error);
      if (step == NULL)
        return FALSE;
      if (!g_hash_table_insert (self->by_id, (gpointer)slip_plan_step_get_id (step), step))
        return damaged (error, "two steps are called %s", slip_plan_step_get_id (step));
      g_list_store_append (self->steps, step);
    }
  return TRUE;
}

/* Every way that a step points must lead to a step. */
static gboolean
check_targets (SlipPlan *self, GError **error)
{
  for (guint i = 0; i < slip_plan_get_n_steps (self); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (self, i);
      const char *targets[] = {
          slip_plan_step_get_next (step),
          slip_plan_step_get_on_failure (step),
          slip_plan_step_get_on_cancel (step),
      };

      for (guint j = 0; j < G_N_ELEMENTS (targets); j++)
        {
          const char *target = targets[j];

          if (j > 0 && !g_str_has_prefix (target, "step:"))
            continue;
          if (j > 0)
            target += strlen ("step:");
          if (target != NULL && slip_plan_find_step (self, target) == NULL)
            return damaged (error, "step %s leads to %s, which is not there",
                            slip_plan_step_get_id (step), target);
        }
    }
  return TRUE;
}

/* Two that look at one thing from two sides are blocked by the same of it. */
static gboolean
is_told (SlipPlan *self, SlipGuardResult *result)
{
  if (slip_guard_result_get_state (result) != SLIP_GUARD_BLOCK)
    return FALSE;
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->guards)); i++)
    {
      g_autoptr (SlipGuardResult) other = g_list_model_get_item (G_LIST_MODEL (self->guards), i);

      if (slip_guard_result_get_state (other) == SLIP_GUARD_BLOCK
          && g_strcmp0 (slip_guard_result_get_message (other),
                        slip_guard_result_get_message (result))
                 == 0
          && g_strcmp0 (slip_guard_result_get_environment (other),
                        slip_guard_result_get_environment (result))
                 == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
read_guards (SlipPlan *self, GError **error)
{
  JsonArray *guards = slip_json_array (self->object, "guards");

  if (guards == NULL)
    return damaged (error, "it has no guards");
  for (guint i = 0; i < json_array_get_length (guards); i++)
    {
      JsonObject *object = slip_json_node_object (json_array_get_element (guards, i));
      g_autoptr (SlipGuardResult) result = NULL;

      if (object == NULL)
        return damaged (error, "guard %u is no object", i + 1);
      result = slip_guard_result_new_from_json (object, error);
      if (result == NULL)
        return FALSE;
      if (!is_told (self, result))
        g_list_store_append (self->guards, result);
    }
  return TRUE;
}

static gboolean
check_members (SlipPlan *self, GError **error)
{
  static const char *const objects[]
      = {"runbook", "environments", "parameters", "variables", "globals", "forecast"};
  gint64 started;

  if (!slip_plan_is_first_version (self->object)
      && g_strcmp0 (slip_json_string (self->object, "schema"), SLIP_PLAN_SCHEMA) != 0)
    return damaged (error, "its schema is not " SLIP_PLAN_SCHEMA);
  for (guint i = 0; i < G_N_ELEMENTS (objects); i++)
    if (slip_json_object (self->object, objects[i]) == NULL)
      return damaged (error, "%s is missing", objects[i]);
  if (slip_json_string (slip_json_object (self->object, "runbook"), "name") == NULL
      || slip_json_string (slip_json_object (self->object, "runbook"), "title") == NULL)
    return damaged (error, "the runbook's name or title is missing");
  if (slip_json_string (self->object, "environment") == NULL)
    return damaged (error, "environment is missing");
  if (slip_json_string (self->object, "started") == NULL
      || !slip_time_parse (slip_json_string (self->object, "started"), &started))
    return damaged (error, "started is no time");
  return TRUE;
}

static gboolean
check_hash (SlipPlan *self, GError **error)
{
  const char *claimed = slip_json_string (self->object, "hash");
  g_autofree char *actual = slip_plan_compute_hash (self->object);

  if (g_strcmp0 (claimed, actual) != 0)
    return damaged (error, "its hash is not that of what it says");
  return TRUE;
}

static SlipPlan *
new_plan (JsonNode *node, gboolean stored, GError **error)
{
  g_autoptr (SlipPlan) self = NULL;

  g_return_val_if_fail (node != NULL, NULL);
  self = g_object_new (SLIP_TYPE_PLAN, NULL);
  self->node = slip_json_copy (node);
  self->object = slip_json_node_object (self->node);
  if (self->object == NULL)
    {
      damaged (error, "it is no object");
      return NULL;
    }
  if ((!stored && !slip_plan_check_secrets (self->node, error)) || !check_members (self, error)
      || !read_steps (self, error) || !check_targets (self, error) || !read_guards (self, error)
      || !check_hash (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

SlipPlan *
slip_plan_new_from_json (JsonNode *node, GError **error)
{
  g_autoptr (SlipPlan) self = NULL;

  g_return_val_if_fail (node != NULL, NULL);
  self = new_plan (node, FALSE, error);
  if (self == NULL || !slip_plan_check_claims (self->object, error))
    return NULL;
  return g_steal_pointer (&self);
}

SlipPlan *
slip_plan_new_stored (JsonNode *node, GError **error)
{
  return new_plan (node, TRUE, error);
}

JsonNode *
slip_plan_to_json (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return self->node;
}

const char *
slip_plan_get_hash (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_string (self->object, "hash");
}

GListModel *
slip_plan_get_steps (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return G_LIST_MODEL (self->steps);
}

guint
slip_plan_get_n_steps (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  return g_list_model_get_n_items (G_LIST_MODEL (self->steps));
}

SlipPlanStep *
slip_plan_get_step (SlipPlan *self, guint index)
{
  JsonArray *steps;
  JsonObject *object;

  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  steps = slip_json_array (self->object, "steps");
  if (index >= json_array_get_length (steps))
    return NULL;
  object = json_array_get_object_element (steps, index);
  return g_hash_table_lookup (self->by_id, slip_json_string (object, "id"));
}

SlipPlanStep *
slip_plan_find_step (SlipPlan *self, const char *id)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  g_return_val_if_fail (id != NULL, NULL);
  return g_hash_table_lookup (self->by_id, id);
}

GListModel *
slip_plan_get_guards (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return G_LIST_MODEL (self->guards);
}

guint
slip_plan_count_guards (SlipPlan *self, SlipGuardState state)
{
  guint count = 0;

  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->guards)); i++)
    {
      g_autoptr (SlipGuardResult) result = g_list_model_get_item (G_LIST_MODEL (self->guards), i);

      count += slip_guard_result_get_state (result) == state;
    }
  return count;
}

const char *
slip_plan_get_pairing (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_string (self->object, "pairing");
}

gboolean
slip_plan_is_blocked (SlipPlan *self)
{
  return slip_plan_count_guards (self, SLIP_GUARD_BLOCK) > 0;
}

JsonObject *
slip_plan_get_parameters (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_object (self->object, "parameters");
}

JsonObject *
slip_plan_get_variables (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_object (self->object, "variables");
}

JsonObject *
slip_plan_get_globals (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_object (self->object, "globals");
}

JsonArray *
slip_plan_get_outputs (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_array (self->object, "outputs");
}

const char *
slip_plan_get_runbook (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_string (slip_json_object (self->object, "runbook"), "name");
}

const char *
slip_plan_get_title (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_string (slip_json_object (self->object, "runbook"), "title");
}

const char *
slip_plan_get_environment (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_string (self->object, "environment");
}

JsonObject *
slip_plan_get_environments (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  return slip_json_object (self->object, "environments");
}

gint64
slip_plan_get_started (SlipPlan *self)
{
  gint64 started = 0;

  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  slip_time_parse (slip_json_string (self->object, "started"), &started);
  return started;
}

double
slip_plan_get_minutes (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  return slip_json_double (slip_json_object (self->object, "forecast"), "minutes", 0);
}

double
slip_plan_get_seconds (SlipPlan *self, double speed)
{
  double seconds = 0;

  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);

  for (guint i = 0; i < slip_plan_get_n_steps (self); i++)
    seconds += slip_plan_step_get_seconds (slip_plan_get_step (self, i), speed);
  return seconds;
}

static gboolean
waits_for_aws (JsonObject *step)
{
  static const char *const actions[] = {"aws:waitForAwsResourceProperty",
                                        "aws:sleep",
                                        "aws:executeStateMachine",
                                        "aws:executeAutomation",
                                        "slipway:metric",
                                        "slipway:executeStateMachine",
                                        "slipway:runTask",
                                        NULL};
  const char *action = slip_json_string (step, "action");

  return action != NULL && g_strv_contains (actions, action);
}

/* A loop's minutes are those of all its turns; they are shared out as in one turn. */
static double
waiting_minutes (JsonObject *step)
{
  JsonArray *body = slip_json_array (step, "body");
  double minutes = slip_json_double (step, "minutes", 0);
  double waiting = 0;
  double all = 0;

  if (body == NULL)
    return waits_for_aws (step) ? minutes : 0;
  for (guint i = 0; i < json_array_get_length (body); i++)
    {
      JsonObject *inner = json_array_get_object_element (body, i);

      waiting += waiting_minutes (inner);
      all += slip_json_double (inner, "minutes", 0);
    }
  return all > 0 ? minutes * waiting / all : 0;
}

double
slip_plan_get_waiting_minutes (SlipPlan *self)
{
  double minutes = 0;

  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);

  for (guint i = 0; i < slip_plan_get_n_steps (self); i++)
    minutes += waiting_minutes (slip_plan_step_get_json (slip_plan_get_step (self, i)));
  return MIN (minutes, slip_plan_get_minutes (self));
}

double
slip_plan_get_p90_minutes (SlipPlan *self)
{
  JsonObject *forecast;

  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  forecast = slip_json_object (self->object, "forecast");
  return slip_json_double (forecast, "p90", slip_json_double (forecast, "minutes", 0));
}

guint
slip_plan_get_n_remembered (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), 0);
  return (guint)MAX (0,
                     slip_json_int (slip_json_object (self->object, "forecast"), "remembered", 0));
}

int
slip_plan_get_point_of_no_return (SlipPlan *self)
{
  g_return_val_if_fail (SLIP_IS_PLAN (self), -1);
  for (guint i = 0; i < slip_plan_get_n_steps (self); i++)
    if (slip_plan_step_get_effect (slip_plan_get_step (self, i)) == SLIP_AWS_EFFECT_FINAL
        || slip_plan_step_get_reversibility (slip_plan_get_step (self, i))
               == SLIP_REVERSIBILITY_FINAL)
      return (int)i;
  return -1;
}

JsonNode *
slip_plan_lookup (SlipPlan *self, const char *reference)
{
  JsonObject *table;
  const char *name = reference;
  JsonNode *node;

  g_return_val_if_fail (SLIP_IS_PLAN (self), NULL);
  g_return_val_if_fail (reference != NULL, NULL);
  if (g_str_has_prefix (reference, "variable:"))
    {
      table = slip_plan_get_variables (self);
      name = reference + strlen ("variable:");
    }
  else if (g_str_has_prefix (reference, "global:"))
    table = slip_plan_get_globals (self);
  else
    table = slip_plan_get_parameters (self);
  node = json_object_get_member (table, name);
  return node != NULL ? slip_json_copy (node) : NULL;
}
