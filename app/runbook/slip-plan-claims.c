/* SPDX-License-Identifier: MIT */
/* What a plan says of itself, held against what this program knows. A plan file comes from anywhere and
 * its hash proves only that the file agrees with itself: whoever edits it computes the hash again. So
 * what a step will do is worked out anew from its inputs, and its effect is the API model's. */

#include "slip-plan-private.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-plan.h"

#include <string.h>

static gboolean untrue (JsonObject *step, GError **error, const char *format, ...)
    G_GNUC_PRINTF (3, 4);

static gboolean
untrue (JsonObject *step, GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
               "the plan is not to be believed: step %s %s. Plan again",
               slip_json_string (step, "id"), message);
  return FALSE;
}

/* ---- what a step does */

static gboolean
is_reference (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         && strstr (json_node_get_string (node), "{{") != NULL;
}

static gboolean
input_fits (const SlipActionInput *input, JsonNode *node)
{
  if (is_reference (node))
    return TRUE;
  switch (input->kind)
    {
    case SLIP_ACTION_TEXT:
      return JSON_NODE_HOLDS_VALUE (node);
    case SLIP_ACTION_LIST:
      return JSON_NODE_HOLDS_ARRAY (node);
    case SLIP_ACTION_MAP:
      return JSON_NODE_HOLDS_OBJECT (node);
    default:
      return TRUE;
    }
}

/* Planning takes the inputs of a checked document; these come from a file. */
static gboolean
check_inputs (JsonObject *step, const SlipAction *action, GError **error)
{
  JsonObject *inputs = slip_json_object (step, "inputs");

  for (const SlipActionInput *input = action->inputs; input != NULL && input->name != NULL; input++)
    {
      JsonNode *node = json_object_get_member (inputs, input->name);

      if (node != NULL ? !input_fits (input, node) : input->required)
        return untrue (step, error, "has no valid input %s for %s", input->name, action->name);
    }
  return TRUE;
}

/* The step as its action plans it from its inputs; what a document may tell of a program's effect is
 * taken as told. */
static JsonObject *
derive (JsonObject *step, const SlipAction *action, GError **error)
{
  static const char *const given[] = {"id", "name", "action"};
  g_autoptr (JsonNode) inputs = slip_json_copy (json_object_get_member (step, "inputs"));
  g_autoptr (JsonObject) slipway = json_object_new ();
  g_autoptr (JsonObject) derived = json_object_new ();
  SlipActionPlan plan = {.inputs = json_node_get_object (inputs),
                         .step = derived,
                         .slipway = slipway,
                         .made = slip_json_object (step, "request")};

  json_object_set_string_member (slipway, "effect", slip_json_string (step, "effect"));
  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    json_object_set_string_member (derived, given[i], slip_json_string (step, given[i]));
  if (action->plan != NULL && !action->plan (&plan, error))
    {
      g_prefix_error (error, "step %s: ", slip_json_string (step, "id"));
      return NULL;
    }
  return g_steal_pointer (&derived);
}

/* A document may not call a program's change a read where its action knows better. */
static void
take_fault (SlipActionCheck *check, const char *suffix, const char *message)
{
  char **fault = check->data;

  if (*fault == NULL && g_str_has_prefix (suffix, ".slipway.effect"))
    *fault = g_strdup (message);
}

static gboolean
check_told_effect (JsonObject *step, const SlipAction *action, GError **error)
{
  g_autoptr (JsonObject) document = json_object_new ();
  JsonObject *slipway = json_object_new ();
  g_autofree char *fault = NULL;
  SlipActionCheck check = {
      .path = "$",
      .step = document,
      .inputs = slip_json_object (step, "inputs"),
      .report = take_fault,
      .data = &fault,
  };

  json_object_set_string_member (slipway, "effect", slip_json_string (step, "effect"));
  json_object_set_object_member (document, "slipway", slipway);
  if (action->check != NULL && action->workstation)
    action->check (&check);
  return fault == NULL || untrue (step, error, "has another effect than it says: %s", fault);
}

static gboolean
same_member (JsonObject *a, JsonObject *b, const char *name)
{
  JsonNode *one = json_object_get_member (a, name);
  JsonNode *other = json_object_get_member (b, name);

  return one == NULL || other == NULL ? one == other : slip_json_equal (one, other);
}

static gboolean
check_call (JsonObject *step, const SlipAction *action, JsonObject *derived, GError **error)
{
  static const char *const members[] = {"service", "operation", "request"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (!same_member (step, derived, members[i]))
      return untrue (step, error, "would send another %s than its inputs say", members[i]);
  if (action->reads
      && !slip_action_require_read (slip_json_string (step, "service"),
                                    slip_json_string (step, "operation"), error))
    {
      g_prefix_error (error, "step %s: ", slip_json_string (step, "id"));
      return FALSE;
    }
  return TRUE;
}

/* ---- how bad it is */

static SlipAwsEffect
least_effect (JsonObject *step, JsonObject *derived)
{
  const char *service = slip_json_string (derived, "service");
  JsonArray *body = slip_json_array (step, "body");
  SlipAwsEffect least = SLIP_AWS_EFFECT_READ;
  SlipAwsEffect one;
  const SlipAwsOperation *op = NULL;

  if (slip_aws_effect_from_name (slip_json_string (derived, "effect"), &one))
    least = one;
  if (service != NULL && !slip_action_is_local (service))
    op = slip_aws_model_lookup_operation (service, slip_json_string (derived, "operation"), NULL,
                                          NULL);
  if (op != NULL)
    least = MAX (least, slip_aws_operation_effect (op));
  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    if (slip_aws_effect_from_name (
            slip_json_string (json_array_get_object_element (body, i), "effect"), &one))
      least = MAX (least, one);
  return least;
}

SlipReversibility
slip_plan_least_reversibility (SlipAwsEffect effect)
{
  if (effect == SLIP_AWS_EFFECT_FINAL)
    return SLIP_REVERSIBILITY_FINAL;
  return effect == SLIP_AWS_EFFECT_CHANGE ? SLIP_REVERSIBILITY_REVERSIBLE : SLIP_REVERSIBILITY_READ;
}

static gboolean
check_effect (JsonObject *step, JsonObject *derived, GError **error)
{
  SlipAwsEffect least = least_effect (step, derived);
  SlipAwsEffect effect = SLIP_AWS_EFFECT_READ;
  SlipReversibility reversibility = SLIP_REVERSIBILITY_READ;

  slip_aws_effect_from_name (slip_json_string (step, "effect"), &effect);
  slip_reversibility_parse (slip_json_string (step, "reversibility"), &reversibility);
  if (effect < least)
    return untrue (step, error, "is %s, and says that it is %s", slip_aws_effect_name (least),
                   slip_aws_effect_name (effect));
  if (reversibility < slip_plan_least_reversibility (effect))
    return untrue (step, error, "is %s, and says that it is %s",
                   slip_reversibility_get_name (slip_plan_least_reversibility (effect)),
                   slip_reversibility_get_name (reversibility));
  return TRUE;
}

/* ---- where, and what it looks with */

static gboolean
check_place (JsonObject *plan, JsonObject *step, GError **error)
{
  const char *name = slip_json_string (step, "environment");
  JsonObject *environment = slip_json_object (slip_json_object (plan, "environments"), name);

  if (environment == NULL)
    return untrue (step, error, "is for environment %s, of which the plan says nothing", name);
  if (g_strcmp0 (slip_json_string (environment, "account"), slip_json_string (step, "account"))
      != 0)
    return untrue (step, error, "is for account %s, but %s is %s",
                   slip_json_string (step, "account"), name,
                   slip_json_string (environment, "account"));
  return TRUE;
}

static gboolean
check_look (JsonObject *look, const char *service, const char *what, GError **error)
{
  const char *operation = slip_json_string (look, "operation");

  if (slip_json_string (look, "service") != NULL)
    service = slip_json_string (look, "service");
  if (operation == NULL || service == NULL || strstr (operation, "{{") != NULL
      || strstr (service, "{{") != NULL || slip_action_require_read (service, operation, error))
    return TRUE;
  g_prefix_error (error, "the plan is not to be believed: %s: ", what);
  return FALSE;
}

static gboolean
check_guards (JsonArray *guards, const char *what, GError **error)
{
  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));
      JsonObject *inputs = guard != NULL ? slip_json_object (guard, "inputs") : NULL;
      g_autofree char *place = g_strdup_printf ("%s %u", what, i + 1);

      if (inputs != NULL && !check_look (inputs, NULL, place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_looks (JsonObject *step, GError **error)
{
  const char *id = slip_json_string (step, "id");
  g_autofree char *resume = g_strdup_printf ("what step %s looks with", id);
  g_autofree char *guard = g_strdup_printf ("step %s, guard", id);

  return check_look (slip_json_object (step, "resume"), slip_json_string (step, "service"), resume,
                     error)
         && check_guards (slip_json_array (step, "guards"), guard, error);
}

/* ---- all */

static gboolean
check_steps (JsonObject *plan, JsonArray *steps, GError **error)
{
  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = slip_json_node_object (json_array_get_element (steps, i));
      g_autoptr (SlipPlanStep) shaped = NULL;
      g_autoptr (JsonObject) derived = NULL;
      const SlipAction *action;

      shaped = step != NULL ? slip_plan_step_new_from_json (step, i, error) : NULL;
      if (step == NULL)
        g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                     "the plan is damaged: step %u of a loop is no object", i + 1);
      if (shaped == NULL)
        return FALSE;
      action = slip_action_find (slip_json_string (step, "action"));
      if (action == NULL || !action->planned)
        return untrue (step, error, "has action %s, which this version cannot run",
                       slip_json_string (step, "action"));
      if (!check_steps (plan, slip_json_array (step, "body"), error)
          || (action->plan != NULL && !check_inputs (step, action, error)))
        return FALSE;
      derived = derive (step, action, error);
      if (derived == NULL || !check_call (step, action, derived, error)
          || !check_told_effect (step, action, error) || !check_effect (step, derived, error)
          || !check_place (plan, step, error) || !check_looks (step, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_plan_check_claims (JsonObject *plan, GError **error)
{
  return check_steps (plan, slip_json_array (plan, "steps"), error)
         && check_guards (slip_json_array (plan, "preflight"), "guard", error);
}
