/* SPDX-License-Identifier: MIT */

/* Conditions and projections of DynamoDB on an item. What a condition names and the item does not
 * have makes the condition false, not wrong. */

#include "slip-dynamodb-expression.h"

#include <string.h>

#include "slip-json.h"

JsonObject *
slip_dynamodb_lookup (GArray *steps, JsonObject *item)
{
  JsonObject *value = slip_json_object (item, g_array_index (steps, SlipDynamodbStep, 0).name);

  for (guint i = 1; value != NULL && i < steps->len; i++)
    {
      const SlipDynamodbStep *step = &g_array_index (steps, SlipDynamodbStep, i);
      JsonObject *map = slip_json_object (value, "M");
      JsonArray *list = slip_json_array (value, "L");

      if (step->name != NULL)
        value = map != NULL ? slip_json_object (map, step->name) : NULL;
      else
        value = list != NULL && step->index < json_array_get_length (list)
                    ? json_array_get_object_element (list, step->index)
                    : NULL;
    }
  return value;
}

/* What size() is of: characters, bytes, or elements. */
static JsonObject *
size_of (JsonObject *value)
{
  const char *type = slip_dynamodb_type (value);
  JsonNode *node = json_object_get_member (value, type);
  gint64 size;
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_ARRAY (node))
    size = json_array_get_length (json_node_get_array (node));
  else if (JSON_NODE_HOLDS_OBJECT (node))
    size = json_object_get_size (json_node_get_object (node));
  else if (g_str_equal (type, "S"))
    size = g_utf8_strlen (json_node_get_string (node), -1);
  else if (g_str_equal (type, "B"))
    size = slip_dynamodb_value_size (value);
  else
    return NULL;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, size);
  return slip_dynamodb_new_value ("N", text);
}

/* Operands of conditions cannot fail, they can only be absent. */
static JsonObject *
operand (const SlipDynamodbNode *node, JsonObject *item)
{
  if (node->kind == SLIP_DYNAMODB_VALUE)
    return json_object_ref (node->value);
  if (node->kind == SLIP_DYNAMODB_PATH)
    {
      JsonObject *found = slip_dynamodb_lookup (node->steps, item);

      return found != NULL ? json_object_ref (found) : NULL;
    }
  if (node->kind == SLIP_DYNAMODB_CALL && g_str_equal (node->name, "size"))
    {
      g_autoptr (JsonObject) of = operand (slip_dynamodb_child (node, 0), item);

      return of != NULL ? size_of (of) : NULL;
    }
  return NULL;
}

static gboolean
compare (const char *sign, JsonObject *a, JsonObject *b)
{
  int order;

  if (g_str_equal (sign, "="))
    return a != NULL && b != NULL && slip_dynamodb_value_equal (a, b);
  if (g_str_equal (sign, "<>"))
    return a == NULL || b == NULL || !slip_dynamodb_value_equal (a, b);
  if (a == NULL || b == NULL || !slip_dynamodb_value_compare (a, b, &order))
    return FALSE;
  if (sign[0] == '<')
    return sign[1] == '=' ? order <= 0 : order < 0;
  return sign[1] == '=' ? order >= 0 : order > 0;
}

static gboolean
contains (JsonObject *value, JsonObject *part)
{
  const char *type = slip_dynamodb_type (value);
  const char *part_type = slip_dynamodb_type (part);
  JsonArray *array = slip_json_array (value, type);

  if (g_str_equal (type, "S"))
    return g_str_equal (part_type, "S")
           && strstr (slip_json_string (value, "S"), slip_json_string (part, "S")) != NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    if (g_str_equal (type, "L"))
      {
        if (slip_dynamodb_value_equal (json_array_get_object_element (array, i), part))
          return TRUE;
      }
    else if (type[0] == part_type[0] && part_type[1] == '\0'
             && g_str_equal (json_array_get_string_element (array, i),
                             slip_json_string (part, part_type)))
      return TRUE;
  return FALSE;
}

static gboolean
begins_with (JsonObject *value, JsonObject *part)
{
  g_autofree char *whole = NULL;
  g_autofree char *prefix = NULL;
  const char *type = slip_dynamodb_type (value);

  if (!g_str_equal (type, slip_dynamodb_type (part))
      || !(g_str_equal (type, "S") || g_str_equal (type, "B")))
    return FALSE;
  whole = slip_dynamodb_value_key (value);
  prefix = slip_dynamodb_value_key (part);
  return g_str_has_prefix (whole, prefix);
}

static gboolean
call (const SlipDynamodbNode *node, JsonObject *item)
{
  g_autoptr (JsonObject) first = operand (slip_dynamodb_child (node, 0), item);
  g_autoptr (JsonObject) second
      = node->children->len > 1 ? operand (slip_dynamodb_child (node, 1), item) : NULL;

  if (g_str_equal (node->name, "attribute_exists"))
    return first != NULL;
  if (g_str_equal (node->name, "attribute_not_exists"))
    return first == NULL;
  if (first == NULL || second == NULL)
    return FALSE;
  if (g_str_equal (node->name, "attribute_type"))
    return g_strcmp0 (slip_json_string (second, "S"), slip_dynamodb_type (first)) == 0;
  return g_str_equal (node->name, "begins_with") ? begins_with (first, second)
                                                 : contains (first, second);
}

static gboolean
one_of (const SlipDynamodbNode *node, JsonObject *item)
{
  g_autoptr (JsonObject) first = operand (slip_dynamodb_child (node, 0), item);

  for (guint i = 1; first != NULL && i < node->children->len; i++)
    {
      g_autoptr (JsonObject) other = operand (slip_dynamodb_child (node, i), item);

      if (compare ("=", first, other))
        return TRUE;
    }
  return FALSE;
}

static gboolean
matches (const SlipDynamodbNode *node, JsonObject *item)
{
  g_autoptr (JsonObject) first = NULL;
  g_autoptr (JsonObject) second = NULL;
  g_autoptr (JsonObject) third = NULL;

  switch (node->kind)
    {
    case SLIP_DYNAMODB_AND:
      return matches (slip_dynamodb_child (node, 0), item)
             && matches (slip_dynamodb_child (node, 1), item);
    case SLIP_DYNAMODB_OR:
      return matches (slip_dynamodb_child (node, 0), item)
             || matches (slip_dynamodb_child (node, 1), item);
    case SLIP_DYNAMODB_NOT:
      return !matches (slip_dynamodb_child (node, 0), item);
    case SLIP_DYNAMODB_CALL:
      return call (node, item);
    case SLIP_DYNAMODB_IN:
      return one_of (node, item);
    case SLIP_DYNAMODB_COMPARE:
      first = operand (slip_dynamodb_child (node, 0), item);
      second = operand (slip_dynamodb_child (node, 1), item);
      return compare (node->name, first, second);
    case SLIP_DYNAMODB_BETWEEN:
      first = operand (slip_dynamodb_child (node, 0), item);
      second = operand (slip_dynamodb_child (node, 1), item);
      third = operand (slip_dynamodb_child (node, 2), item);
      return compare (">=", first, second) && compare ("<=", first, third);
    default:
      return FALSE;
    }
}

gboolean
slip_dynamodb_matches (const SlipDynamodbNode *condition, JsonObject *item)
{
  return condition == NULL || matches (condition, item);
}

static JsonObject *
child_of (JsonObject *members, const char *name)
{
  if (!json_object_has_member (members, name))
    json_object_set_object_member (members, name, json_object_new ());
  return slip_json_object (members, name);
}

/* Makes @holder lead to @value along the rest of the path. Elements of lists come one after another,
 * as the service packs them. */
static void
place (GArray *steps, guint at, JsonObject *holder, JsonObject *value)
{
  const char *type = slip_dynamodb_type (value);
  const SlipDynamodbStep *step;
  JsonObject *element;

  if (at == steps->len)
    {
      json_object_set_member (holder, type, json_node_copy (json_object_get_member (value, type)));
      return;
    }
  step = &g_array_index (steps, SlipDynamodbStep, at);
  if (step->name != NULL)
    {
      place (steps, at + 1, child_of (child_of (holder, "M"), step->name), value);
      return;
    }
  if (!json_object_has_member (holder, "L"))
    json_object_set_array_member (holder, "L", json_array_new ());
  element = json_object_new ();
  json_array_add_object_element (slip_json_array (holder, "L"), element);
  place (steps, at + 1, element, value);
}

JsonObject *
slip_dynamodb_project (const SlipDynamodbNode *projection, JsonObject *item)
{
  JsonObject *result;

  if (projection == NULL)
    return json_object_ref (item);
  result = json_object_new ();
  for (guint i = 0; i < projection->children->len; i++)
    {
      GArray *steps = slip_dynamodb_child (projection, i)->steps;
      JsonObject *found = slip_dynamodb_lookup (steps, item);

      if (found != NULL)
        place (steps, 1, child_of (result, g_array_index (steps, SlipDynamodbStep, 0).name), found);
    }
  return result;
}
