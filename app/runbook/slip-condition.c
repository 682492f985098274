/* SPDX-License-Identifier: MIT */
/* Conditions of `aws:branch` and `aws:loop`. The planner asks with what is known before the run and
 * may hear "not known yet"; the runner asks again with everything. */

#include "slip-action.h"
#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-template.h"

#include <string.h>

typedef enum
{
  KIND_STRING,
  KIND_NUMBER,
  KIND_BOOLEAN,
} OperandKind;

typedef gboolean (*StringTest) (const char *value, const char *operand);
typedef gboolean (*NumberTest) (double value, double operand);

typedef struct
{
  const char *name;
  OperandKind kind;
  StringTest string;
  NumberTest number;
} Operator;

static gboolean
string_equals (const char *value, const char *operand)
{
  return g_str_equal (value, operand);
}

static gboolean
equals_ignore_case (const char *value, const char *operand)
{
  g_autofree char *a = g_utf8_casefold (value, -1);
  g_autofree char *b = g_utf8_casefold (operand, -1);

  return g_str_equal (a, b);
}

static gboolean
starts_with (const char *value, const char *operand)
{
  return g_str_has_prefix (value, operand);
}

static gboolean
ends_with (const char *value, const char *operand)
{
  return g_str_has_suffix (value, operand);
}

static gboolean
contains (const char *value, const char *operand)
{
  return strstr (value, operand) != NULL;
}

static gboolean
number_equals (double value, double operand)
{
  return value == operand;
}

static gboolean
greater (double value, double operand)
{
  return value > operand;
}

static gboolean
less (double value, double operand)
{
  return value < operand;
}

static gboolean
greater_or_equals (double value, double operand)
{
  return value >= operand;
}

static gboolean
less_or_equals (double value, double operand)
{
  return value <= operand;
}

static const Operator operators[] = {
    {"StringEquals", KIND_STRING, string_equals, NULL},
    {"EqualsIgnoreCase", KIND_STRING, equals_ignore_case, NULL},
    {"StartsWith", KIND_STRING, starts_with, NULL},
    {"EndsWith", KIND_STRING, ends_with, NULL},
    {"Contains", KIND_STRING, contains, NULL},
    {"NumericEquals", KIND_NUMBER, NULL, number_equals},
    {"NumericGreater", KIND_NUMBER, NULL, greater},
    {"NumericLesser", KIND_NUMBER, NULL, less},
    {"NumericGreaterOrEquals", KIND_NUMBER, NULL, greater_or_equals},
    {"NumericLesserOrEquals", KIND_NUMBER, NULL, less_or_equals},
    {"BooleanEquals", KIND_BOOLEAN, NULL, NULL},
};

static const Operator *
find_operator (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++)
    if (g_str_equal (operators[i].name, name))
      return &operators[i];
  return NULL;
}

static char *
as_text (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (JSON_NODE_HOLDS_NULL (node))
    return g_strdup ("");
  return slip_json_to_text (node, FALSE);
}

static gboolean
as_number (JsonNode *node, double *number)
{
  g_autofree char *text = NULL;
  char *end;

  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return FALSE;
  text = as_text (node);
  g_strstrip (text);
  *number = g_ascii_strtod (text, &end);
  return *text != '\0' && *end == '\0';
}

static gboolean
as_boolean (JsonNode *node, gboolean *value)
{
  g_autofree char *text = as_text (node);

  *value = g_str_equal (text, "true");
  return *value || g_str_equal (text, "false");
}

static SlipConditionResult
mismatch (const Operator *operator, JsonNode * value, JsonNode *operand, GError **error)
{
  g_autofree char *a = slip_json_to_text (value, FALSE);
  g_autofree char *b = slip_json_to_text (operand, FALSE);

  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
               "%s cannot compare %s with %s", operator->name, a, b);
  return SLIP_CONDITION_FALSE;
}

static SlipConditionResult
compare (const Operator *operator, JsonNode * value, JsonNode *operand, GError **error)
{
  double a;
  double b;
  gboolean one;
  gboolean two;

  switch (operator->kind)
    {
    case KIND_NUMBER:
      if (!as_number (value, &a) || !as_number (operand, &b))
        return mismatch (operator, value, operand, error);
      return operator->number (a, b) ? SLIP_CONDITION_TRUE : SLIP_CONDITION_FALSE;
    case KIND_BOOLEAN:
      if (!as_boolean (value, &one) || !as_boolean (operand, &two))
        return mismatch (operator, value, operand, error);
      return one == two ? SLIP_CONDITION_TRUE : SLIP_CONDITION_FALSE;
    case KIND_STRING:
    default:
      {
        g_autofree char *left = as_text (value);
        g_autofree char *right = as_text (operand);

        return operator->string (left, right) ? SLIP_CONDITION_TRUE : SLIP_CONDITION_FALSE;
      }
    }
}

/* And of nothing is true, Or of nothing is false. What is certain wins over what is not known. */
static SlipConditionResult
combine (JsonArray *conditions, SlipConditionResult decisive, GError **error)
{
  SlipConditionResult result
      = decisive == SLIP_CONDITION_TRUE ? SLIP_CONDITION_FALSE : SLIP_CONDITION_TRUE;

  for (guint i = 0; i < json_array_get_length (conditions); i++)
    {
      JsonObject *condition = slip_json_node_object (json_array_get_element (conditions, i));
      g_autoptr (GError) local = NULL;
      SlipConditionResult one
          = condition != NULL ? slip_condition_evaluate (condition, &local) : SLIP_CONDITION_FALSE;

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return SLIP_CONDITION_FALSE;
        }
      if (one == decisive)
        return decisive;
      if (one == SLIP_CONDITION_UNKNOWN)
        result = SLIP_CONDITION_UNKNOWN;
    }
  return result;
}

static SlipConditionResult
negate (JsonObject *condition, GError **error)
{
  g_autoptr (GError) local = NULL;
  SlipConditionResult result = slip_condition_evaluate (condition, &local);

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return SLIP_CONDITION_FALSE;
    }
  if (result == SLIP_CONDITION_UNKNOWN)
    return result;
  return result == SLIP_CONDITION_TRUE ? SLIP_CONDITION_FALSE : SLIP_CONDITION_TRUE;
}

static SlipConditionResult
evaluate_variable (JsonObject *condition, GError **error)
{
  JsonNode *value = json_object_get_member (condition, "Variable");
  JsonObjectIter iter;
  const char *name;
  JsonNode *operand;

  json_object_iter_init_ordered (&iter, condition);
  while (value != NULL && json_object_iter_next_ordered (&iter, &name, &operand))
    {
      const Operator *operator= find_operator (name);

      if (operator== NULL)
        continue;
      if (slip_template_has_references (value) || slip_template_has_references (operand))
        return SLIP_CONDITION_UNKNOWN;
      return compare (operator, value, operand, error);
    }
  g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
                       "a condition has a Variable and one operator");
  return SLIP_CONDITION_FALSE;
}

SlipConditionResult
slip_condition_evaluate (JsonObject *condition, GError **error)
{
  JsonArray *list;

  g_return_val_if_fail (condition != NULL, SLIP_CONDITION_FALSE);
  list = slip_json_array (condition, "And");
  if (list != NULL)
    return combine (list, SLIP_CONDITION_FALSE, error);
  list = slip_json_array (condition, "Or");
  if (list != NULL)
    return combine (list, SLIP_CONDITION_TRUE, error);
  if (slip_json_object (condition, "Not") != NULL)
    return negate (slip_json_object (condition, "Not"), error);
  return evaluate_variable (condition, error);
}

static void
check_group (SlipActionCheck *check, const char *suffix, const char *name, JsonNode *node)
{
  JsonArray *list = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (g_str_equal (name, "Not") && JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autofree char *at = g_strconcat (suffix, ".Not", NULL);

      slip_condition_check (check, at, json_node_get_object (node), FALSE);
      return;
    }
  if (list == NULL || g_str_equal (name, "Not"))
    {
      slip_action_report (check, suffix, "%s takes %s", name,
                          g_str_equal (name, "Not") ? "one condition" : "a list of conditions");
      return;
    }
  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      g_autofree char *at = g_strdup_printf ("%s.%s[%u]", suffix, name, i);
      JsonObject *condition = slip_json_node_object (json_array_get_element (list, i));

      if (condition == NULL)
        slip_action_report (check, at, "a condition is a map");
      else
        slip_condition_check (check, at, condition, FALSE);
    }
}

void
slip_condition_check (SlipActionCheck *check,
                      const char *suffix,
                      JsonObject *condition,
                      gboolean choice)
{
  guint tests = 0;
  gboolean group = FALSE;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, condition);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      if (g_str_equal (name, "Variable") || (choice && g_str_equal (name, "NextStep")))
        continue;
      tests++;
      if (g_str_equal (name, "And") || g_str_equal (name, "Or") || g_str_equal (name, "Not"))
        {
          group = TRUE;
          check_group (check, suffix, name, node);
        }
      else if (find_operator (name) == NULL)
        slip_action_report (check, suffix,
                            "there is no operator %s. There are StringEquals, EqualsIgnoreCase, "
                            "StartsWith, EndsWith, Contains, NumericEquals, NumericGreater, "
                            "NumericLesser, NumericGreaterOrEquals, NumericLesserOrEquals, "
                            "BooleanEquals, And, Or, Not",
                            name);
    }
  if (tests != 1)
    slip_action_report (check, suffix, "a condition has one operator; this has %u", tests);
  if (group == json_object_has_member (condition, "Variable"))
    slip_action_report (check, suffix,
                        group ? "And, Or and Not take no Variable" : "Variable is missing");
}
