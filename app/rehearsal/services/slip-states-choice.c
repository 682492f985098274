/* SPDX-License-Identifier: MIT */

/* Choice states: rules of the Amazon States Language, data tests joined by And, Or and Not. A variable
 * that is not there, or of another type, fits only IsPresent and the other tests of kind. */

#include "slip-states-private.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

typedef enum
{
  OF_TEXT,
  OF_NUMBER,
  OF_TRUTH,
  OF_TIME,
} Kind;

typedef enum
{
  EQUALS,
  LESS,
  GREATER,
  LESS_OR_EQUAL,
  GREATER_OR_EQUAL,
} Order;

static const struct
{
  const char *prefix;
  Kind kind;
} kinds[]
    = {{"String", OF_TEXT}, {"Numeric", OF_NUMBER}, {"Boolean", OF_TRUTH}, {"Timestamp", OF_TIME}};

static const struct
{
  const char *suffix;
  Order order;
} orders[] = {
    {"Equals", EQUALS},
    {"LessThan", LESS},
    {"GreaterThan", GREATER},
    {"LessThanEquals", LESS_OR_EQUAL},
    {"GreaterThanEquals", GREATER_OR_EQUAL},
};

static const char *const tests[]
    = {"IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp", NULL};

/* `NumericLessThanPath`: a kind, an order, and whether the value is looked up. */
static gboolean
split_name (const char *name, Kind *kind, Order *order, gboolean *by_path)
{
  *by_path = g_str_has_suffix (name, "Path");
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    for (guint j = 0; j < G_N_ELEMENTS (orders); j++)
      {
        g_autofree char *full = g_strconcat (kinds[i].prefix, orders[j].suffix, NULL);
        gsize length = strlen (full);

        if (kinds[i].kind == OF_TRUTH && orders[j].order != EQUALS)
          continue;
        if (g_str_has_prefix (name, full) && g_str_equal (name + length, *by_path ? "Path" : ""))
          {
            *kind = kinds[i].kind;
            *order = orders[j].order;
            return TRUE;
          }
      }
  return FALSE;
}

gboolean
slip_states_is_comparison (const char *name)
{
  Kind kind;
  Order order;
  gboolean by_path;

  return g_str_equal (name, "StringMatches") || g_strv_contains (tests, name)
         || split_name (name, &kind, &order, &by_path);
}

/* ---- values */

static GType
type_of (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node)
                                                      : G_TYPE_INVALID;
}

static gboolean
is_number (JsonNode *node)
{
  return type_of (node) == G_TYPE_INT64 || type_of (node) == G_TYPE_DOUBLE;
}

static gboolean
read_time (JsonNode *node, gint64 *time)
{
  const char *text = node != NULL ? slip_json_node_string (node) : NULL;

  return text != NULL && strchr (text, 'T') != NULL && slip_time_parse (text, time);
}

static gboolean
compare (Kind kind, JsonNode *value, JsonNode *with, int *difference)
{
  gint64 a = 0, b = 0;

  switch (kind)
    {
    case OF_TEXT:
      if (slip_json_node_string (value) == NULL || slip_json_node_string (with) == NULL)
        return FALSE;
      *difference = strcmp (slip_json_node_string (value), slip_json_node_string (with));
      return TRUE;
    case OF_NUMBER:
      if (!is_number (value) || !is_number (with))
        return FALSE;
      *difference = (json_node_get_double (value) > json_node_get_double (with))
                    - (json_node_get_double (value) < json_node_get_double (with));
      return TRUE;
    case OF_TRUTH:
      if (type_of (value) != G_TYPE_BOOLEAN || type_of (with) != G_TYPE_BOOLEAN)
        return FALSE;
      *difference = json_node_get_boolean (value) != json_node_get_boolean (with);
      return TRUE;
    case OF_TIME:
    default:
      if (!read_time (value, &a) || !read_time (with, &b))
        return FALSE;
      *difference = (a > b) - (a < b);
      return TRUE;
    }
}

static gboolean
fits_order (Order order, int difference)
{
  switch (order)
    {
    case LESS:
      return difference < 0;
    case GREATER:
      return difference > 0;
    case LESS_OR_EQUAL:
      return difference <= 0;
    case GREATER_OR_EQUAL:
      return difference >= 0;
    case EQUALS:
    default:
      return difference == 0;
    }
}

/* `*` is any characters, `\\*` the star itself. */
static gboolean
matches (const char *pattern, const char *text)
{
  if (*pattern == '\0')
    return *text == '\0';
  if (*pattern == '*')
    return matches (pattern + 1, text) || (*text != '\0' && matches (pattern, text + 1));
  if (*pattern == '\\' && pattern[1] != '\0')
    pattern++;
  return *pattern == *text && matches (pattern + 1, text + 1);
}

static gboolean
is_kind (const char *test, JsonNode *value)
{
  gint64 time = 0;

  if (g_str_equal (test, "IsNull"))
    return value != NULL && JSON_NODE_HOLDS_NULL (value);
  if (g_str_equal (test, "IsPresent"))
    return value != NULL;
  if (g_str_equal (test, "IsNumeric"))
    return is_number (value);
  if (g_str_equal (test, "IsString"))
    return value != NULL && slip_json_node_string (value) != NULL;
  if (g_str_equal (test, "IsBoolean"))
    return type_of (value) == G_TYPE_BOOLEAN;
  return read_time (value, &time);
}

/* ---- rules */

static gboolean
judge_test (const SlipStatesScope *scope,
            JsonObject *rule,
            const char *name,
            JsonNode *argument,
            gboolean *fits,
            SlipStatesFault *fault)
{
  const char *variable = slip_json_string (rule, "Variable");
  gboolean of_presence = g_str_equal (name, "IsPresent");
  g_autoptr (JsonNode) value = of_presence
                                   ? slip_states_find (scope, variable)
                                   : slip_states_select (scope, variable, "States.Runtime", fault);
  g_autoptr (JsonNode) with = NULL;
  Kind kind = OF_TEXT;
  Order order = EQUALS;
  gboolean by_path = FALSE;
  int difference = 0;

  if (value == NULL && !of_presence)
    return FALSE;
  if (g_strv_contains (tests, name))
    {
      *fits = is_kind (name, value) == json_node_get_boolean (argument);
      return TRUE;
    }
  if (g_str_equal (name, "StringMatches"))
    {
      const char *text = slip_json_node_string (value);

      *fits = text != NULL && matches (slip_json_node_string (argument), text);
      return TRUE;
    }
  if (!split_name (name, &kind, &order, &by_path))
    return FALSE;
  with = by_path
             ? slip_states_select (scope, slip_json_node_string (argument), "States.Runtime", fault)
             : slip_json_copy (argument);
  if (with == NULL)
    return FALSE;
  *fits = compare (kind, value, with, &difference) && fits_order (order, difference);
  return TRUE;
}

static gboolean
judge (const SlipStatesScope *scope, JsonObject *rule, gboolean *fits, SlipStatesFault *fault);

static gboolean
judge_all (const SlipStatesScope *scope,
           JsonArray *rules,
           gboolean until,
           gboolean *fits,
           SlipStatesFault *fault)
{
  *fits = !until;
  for (guint i = 0; i < json_array_get_length (rules) && *fits != until; i++)
    if (!judge (scope, json_array_get_object_element (rules, i), fits, fault))
      return FALSE;
  return TRUE;
}

static gboolean
judge (const SlipStatesScope *scope, JsonObject *rule, gboolean *fits, SlipStatesFault *fault)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *argument;

  if (slip_json_array (rule, "And") != NULL)
    return judge_all (scope, slip_json_array (rule, "And"), FALSE, fits, fault);
  if (slip_json_array (rule, "Or") != NULL)
    return judge_all (scope, slip_json_array (rule, "Or"), TRUE, fits, fault);
  if (slip_json_object (rule, "Not") != NULL)
    {
      if (!judge (scope, slip_json_object (rule, "Not"), fits, fault))
        return FALSE;
      *fits = !*fits;
      return TRUE;
    }
  json_object_iter_init_ordered (&iter, rule);
  while (json_object_iter_next_ordered (&iter, &name, &argument))
    if (slip_states_is_comparison (name))
      return judge_test (scope, rule, name, argument, fits, fault);
  slip_states_fail (fault, "States.Runtime", "A choice rule has no comparison");
  return FALSE;
}

const char *
slip_states_choose (const SlipStatesScope *scope, JsonObject *state, SlipStatesFault *fault)
{
  JsonArray *choices = slip_json_array (state, "Choices");
  const char *fallback = slip_json_string (state, "Default");

  for (guint i = 0; i < json_array_get_length (choices); i++)
    {
      JsonObject *rule = json_array_get_object_element (choices, i);
      gboolean fits = FALSE;

      if (!judge (scope, rule, &fits, fault))
        return NULL;
      if (fits)
        return slip_json_string (rule, "Next");
    }
  if (fallback != NULL)
    return fallback;
  return slip_states_fail (fault, "States.NoChoiceMatched",
                           "Failed to find a transition out of the state: no rule fits and there "
                           "is no Default");
}
