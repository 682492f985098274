/* SPDX-License-Identifier: MIT */
/* The check of `parameters` and `variables`: types, limits, and whether a default fits what the
 * document itself demands of a value. */

#include "slip-check.h"

#include "slip-json.h"
#include "slip-redact.h"
#include "slip-runbook-private.h"

#include <string.h>

static const SlipActionInput parameter_members[] = {
    {"type", SLIP_ACTION_TEXT, TRUE},
    {"description", SLIP_ACTION_TEXT, FALSE},
    {"default", SLIP_ACTION_ANY, FALSE},
    {"allowedValues", SLIP_ACTION_LIST, FALSE},
    {"allowedPattern", SLIP_ACTION_TEXT, FALSE},
    {"displayType", SLIP_ACTION_TEXT, FALSE},
    {"minItems", SLIP_ACTION_INTEGER, FALSE},
    {"maxItems", SLIP_ACTION_INTEGER, FALSE},
    {"minChars", SLIP_ACTION_INTEGER, FALSE},
    {"maxChars", SLIP_ACTION_INTEGER, FALSE},
    {"slipway", SLIP_ACTION_MAP, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const char *const display_types[] = {"textfield", "textarea", NULL};

static gboolean
is_name (const char *name)
{
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && *at != '_')
      return FALSE;
  return *name != '\0';
}

static void
check_limits (
    SlipCheck *check, const char *path, JsonObject *object, const char *min, const char *max)
{
  gint64 low = slip_json_int (object, min, 0);
  gint64 high = slip_json_int (object, max, G_MAXINT64);

  if (low < 0)
    slip_check_fault_at (check, path, min, "must not be negative");
  if (high < 0)
    slip_check_fault_at (check, path, max, "must not be negative");
  if (low >= 0 && high >= 0 && low > high)
    slip_check_fault_at (check, path, min, "is more than %s", max);
}

static gboolean
check_pattern (SlipCheck *check, const char *path, JsonObject *object)
{
  const char *pattern = slip_json_string (object, "allowedPattern");
  g_autoptr (GRegex) regex = NULL;
  g_autoptr (GError) error = NULL;

  if (pattern == NULL)
    return TRUE;
  regex = g_regex_new (pattern, 0, 0, &error);
  if (regex == NULL)
    slip_check_fault_at (check, path, "allowedPattern", "is no regular expression: %s",
                         error->message);
  return regex != NULL;
}

/* Limits that make no sense for the type are a misunderstanding worth telling. */
static void
check_applicable (SlipCheck *check, const char *path, JsonObject *object, SlipParameterType type)
{
  gboolean text = type == SLIP_PARAMETER_STRING;
  gboolean list = type == SLIP_PARAMETER_STRING_LIST || type == SLIP_PARAMETER_MAP_LIST;

  for (guint i = 0; parameter_members[i].name != NULL; i++)
    {
      const char *name = parameter_members[i].name;
      gboolean items = g_str_has_suffix (name, "Items");
      gboolean chars = g_str_has_suffix (name, "Chars") || g_str_equal (name, "allowedPattern");

      if (!json_object_has_member (object, name))
        continue;
      if (items && !list && type != SLIP_PARAMETER_STRING_MAP)
        slip_check_fault_at (check, path, name, "a %s has no items",
                             slip_parameter_type_name (type));
      if (chars && !text && type != SLIP_PARAMETER_STRING_LIST)
        slip_check_fault_at (check, path, name, "a %s has no characters",
                             slip_parameter_type_name (type));
    }
}

/* Nothing at all is the one thing that may be preselected for destruction. */
static gboolean
is_nothing (JsonNode *value)
{
  if (JSON_NODE_HOLDS_ARRAY (value))
    return json_array_get_length (json_node_get_array (value)) == 0;
  return JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING
         && *json_node_get_string (value) == '\0';
}

static void
check_default (SlipCheck *check, const char *path, SlipRunbookParameter *parameter)
{
  JsonNode *value = slip_runbook_parameter_get_default (parameter);
  g_autofree char *message = NULL;

  if (value == NULL)
    return;
  if (slip_runbook_parameter_is_destructive (parameter) && !is_nothing (value))
    slip_check_fault_at (check, path, "default",
                         "what a step destroys is never preselected: leave the default out");
  else if (!slip_runbook_parameter_check (parameter, value, &message))
    slip_check_fault_at (check, path, "default", "%s", message);
}

static void
check_allowed_values (SlipCheck *check,
                      const char *path,
                      JsonObject *object,
                      SlipParameterType type)
{
  JsonArray *values = slip_json_array (object, "allowedValues");
  g_autofree char *list_path = slip_path_member (path, "allowedValues");

  if (values == NULL)
    return;
  if (json_array_get_length (values) == 0)
    slip_check_fault (check, list_path, "allows nothing");
  for (guint i = 0; i < json_array_get_length (values); i++)
    {
      g_autofree char *at = slip_path_element (list_path, i);
      JsonNode *node = json_array_get_element (values, i);
      GType held = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
      gboolean fits = TRUE;

      if (type == SLIP_PARAMETER_STRING || type == SLIP_PARAMETER_STRING_LIST)
        fits = held == G_TYPE_STRING;
      else if (type == SLIP_PARAMETER_INTEGER)
        fits = held == G_TYPE_INT64;
      else if (type == SLIP_PARAMETER_BOOLEAN)
        fits = held == G_TYPE_BOOLEAN;
      else
        fits = JSON_NODE_HOLDS_OBJECT (node);
      if (!fits)
        slip_check_fault (check, at, "is no value of a %s", slip_parameter_type_name (type));
    }
}

static void
check_parameter (
    SlipCheck *check, const char *path, const char *name, JsonObject *object, gboolean variable)
{
  const char *type_name = slip_json_string (object, "type");
  g_autoptr (SlipRunbookParameter) parameter = NULL;
  SlipParameterType type;
  gboolean pattern_fits;

  slip_check_members (check, path, object, parameter_members, FALSE);
  slip_check_one_of (check, path, object, "displayType", display_types);
  pattern_fits = check_pattern (check, path, object);
  check_limits (check, path, object, "minItems", "maxItems");
  check_limits (check, path, object, "minChars", "maxChars");
  if (variable && json_object_has_member (object, "slipway"))
    slip_check_fault_at (check, path, "slipway", "a variable has no slipway object");
  else if (slip_json_object (object, "slipway") != NULL)
    {
      g_autofree char *slipway_path = slip_path_member (path, "slipway");

      slip_check_slipway_parameter (check, slipway_path, object);
    }
  if (type_name == NULL)
    return;
  if (!slip_parameter_type_parse (type_name, &type))
    {
      slip_check_fault_at (check, path, "type",
                           "“%s” is not one of: String, StringList, Integer, Boolean, MapList, "
                           "StringMap",
                           type_name);
      return;
    }
  g_hash_table_replace (check->types,
                        variable ? g_strdup_printf ("variable:%s", name) : g_strdup (name),
                        GUINT_TO_POINTER ((guint)type + 1));
  check_applicable (check, path, object, type);
  check_allowed_values (check, path, object, type);
  if (!pattern_fits)
    return;
  parameter = slip_runbook_parameter_new (name, object);
  check_default (check, path, parameter);
}

static void
check_table (SlipCheck *check, const char *member, gboolean variable)
{
  JsonObject *table = slip_json_object (check->root, member);
  g_autofree char *table_path = slip_path_member ("$", member);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (table == NULL)
    return;
  json_object_iter_init_ordered (&iter, table);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *path = slip_path_member (table_path, name);

      if (slip_redact_name_is_secret (name))
        slip_check_fault (check, path,
                          "a plan and the audit log hold every parameter as it is: let a "
                          "step take the secret from where it is kept");
      if (!is_name (name))
        slip_check_fault (check, path, "a name is made of letters, digits and _");
      if (JSON_NODE_HOLDS_OBJECT (node))
        check_parameter (check, path, name, json_node_get_object (node), variable);
      else
        slip_check_fault (check, path, "must be a map with a type");
    }
}

void
slip_check_parameters (SlipCheck *check)
{
  check_table (check, "parameters", FALSE);
  check_table (check, "variables", TRUE);
}
