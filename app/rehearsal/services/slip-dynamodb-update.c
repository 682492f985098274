/* SPDX-License-Identifier: MIT */

/* Update expressions of DynamoDB. All operands are of the item as it was before the update; the
 * result is a new item, and the old one stays as it is. */

#include "slip-dynamodb-expression.h"

#include <string.h>

#include "slip-json.h"

#define BAD_PATH "The document path provided in the update expression is invalid for update"

/* A copy of @list without position @index, or with @value there; a value behind the end is added. */
static JsonArray *
replace_element (JsonArray *list, guint index, JsonObject *value)
{
  JsonArray *result = json_array_new ();
  guint length = json_array_get_length (list);

  for (guint i = 0; i < length; i++)
    if (i != index)
      json_array_add_object_element (result,
                                     json_object_ref (json_array_get_object_element (list, i)));
    else if (value != NULL)
      json_array_add_object_element (result, json_object_ref (value));
  if (index >= length && value != NULL)
    json_array_add_object_element (result, json_object_ref (value));
  return result;
}

/* Sets what the last step of a path names in what the steps before it lead to; NULL removes. */
static gboolean
assign (GArray *steps, JsonObject *item, JsonObject *value, GError **error)
{
  const SlipDynamodbStep *last = &g_array_index (steps, SlipDynamodbStep, steps->len - 1);
  JsonObject *holder, *members = item;

  if (steps->len > 1)
    {
      g_autoptr (GArray) way = g_array_copy (steps);

      /* The copy shares the names, which it must not free. */
      g_array_set_clear_func (way, NULL);
      g_array_set_size (way, steps->len - 1);
      holder = slip_dynamodb_lookup (way, item);
      if (holder != NULL && last->name == NULL && slip_json_array (holder, "L") != NULL)
        {
          json_object_set_array_member (
              holder, "L", replace_element (slip_json_array (holder, "L"), last->index, value));
          return TRUE;
        }
      members = holder != NULL && last->name != NULL ? slip_json_object (holder, "M") : NULL;
    }
  if (members == NULL)
    {
      slip_dynamodb_invalid (error, BAD_PATH);
      return FALSE;
    }
  if (value != NULL)
    json_object_set_object_member (members, last->name, json_object_ref (value));
  else
    json_object_remove_member (members, last->name);
  return TRUE;
}

static JsonObject *
sum_of (JsonObject *a, JsonObject *b, gboolean subtract, GError **error)
{
  const char *left = slip_json_string (a, "N");
  const char *right = slip_json_string (b, "N");
  g_autofree char *sum = NULL;

  if (left == NULL || right == NULL)
    return slip_dynamodb_invalid (error,
                                  "An operand in the update expression has an incorrect data "
                                  "type");
  sum = slip_dynamodb_number_add (left, right, subtract, error);
  return sum != NULL ? slip_dynamodb_new_value ("N", sum) : NULL;
}

static JsonObject *
joined_lists (JsonObject *a, JsonObject *b, GError **error)
{
  JsonArray *parts[] = {slip_json_array (a, "L"), slip_json_array (b, "L")};
  JsonArray *joined;
  JsonObject *value;

  if (parts[0] == NULL || parts[1] == NULL)
    return slip_dynamodb_invalid (error,
                                  "An operand in the update expression has an incorrect data "
                                  "type");
  joined = json_array_new ();
  for (guint p = 0; p < G_N_ELEMENTS (parts); p++)
    for (guint i = 0; i < json_array_get_length (parts[p]); i++)
      json_array_add_object_element (joined,
                                     json_object_ref (json_array_get_object_element (parts[p], i)));
  value = json_object_new ();
  json_object_set_array_member (value, "L", joined);
  return value;
}

static JsonObject *
pair_of (const SlipDynamodbNode *node, JsonObject *item, GError **error)
{
  g_autoptr (JsonObject) first = slip_dynamodb_operand (slip_dynamodb_child (node, 0), item, error);
  g_autoptr (JsonObject) second = NULL;

  if (first == NULL)
    return NULL;
  second = slip_dynamodb_operand (slip_dynamodb_child (node, 1), item, error);
  if (second == NULL)
    return NULL;
  if (node->kind == SLIP_DYNAMODB_CALL)
    return joined_lists (first, second, error);
  return sum_of (first, second, node->kind == SLIP_DYNAMODB_MINUS, error);
}

JsonObject *
slip_dynamodb_operand (const SlipDynamodbNode *operand, JsonObject *item, GError **error)
{
  JsonObject *found;

  if (operand->kind == SLIP_DYNAMODB_VALUE)
    return json_object_ref (operand->value);
  if (operand->kind == SLIP_DYNAMODB_PATH)
    {
      found = slip_dynamodb_lookup (operand->steps, item);
      if (found == NULL)
        return slip_dynamodb_invalid (error, "The provided expression refers to an attribute that "
                                             "does not exist in the item");
      return json_object_ref (found);
    }
  if (operand->kind == SLIP_DYNAMODB_CALL && g_str_equal (operand->name, "if_not_exists"))
    {
      const SlipDynamodbNode *path = slip_dynamodb_child (operand, 0);

      found = path->kind == SLIP_DYNAMODB_PATH ? slip_dynamodb_lookup (path->steps, item) : NULL;
      return found != NULL ? json_object_ref (found)
                           : slip_dynamodb_operand (slip_dynamodb_child (operand, 1), item, error);
    }
  if (operand->kind == SLIP_DYNAMODB_CALL && g_str_equal (operand->name, "size"))
    return slip_dynamodb_invalid (error, "Invalid UpdateExpression: The function is not allowed in "
                                         "an update expression; function: size");
  return pair_of (operand, item, error);
}

static gboolean
has_text (JsonArray *array, const char *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    if (g_str_equal (json_array_get_string_element (array, i), text))
      return TRUE;
  return FALSE;
}

/* The union of two sets, or the first without the second. NULL when nothing is left. */
static JsonObject *
combined_sets (const char *type, JsonArray *have, JsonArray *other, gboolean without)
{
  g_autoptr (JsonArray) result = json_array_new ();
  JsonObject *value;

  for (guint i = 0; i < json_array_get_length (have); i++)
    if (!without || !has_text (other, json_array_get_string_element (have, i)))
      json_array_add_string_element (result, json_array_get_string_element (have, i));
  for (guint i = 0; !without && i < json_array_get_length (other); i++)
    if (!has_text (result, json_array_get_string_element (other, i)))
      json_array_add_string_element (result, json_array_get_string_element (other, i));
  if (json_array_get_length (result) == 0)
    return NULL;
  value = json_object_new ();
  json_object_set_array_member (value, type, g_steal_pointer (&result));
  return value;
}

/* ADD to a number or a set, DELETE from a set. */
static gboolean
add_or_delete (const SlipDynamodbNode *action,
               GArray *steps,
               JsonObject *before,
               JsonObject *item,
               GError **error)
{
  gboolean delete = g_str_equal (action->name, "DELETE");
  g_autoptr (JsonObject) by
      = slip_dynamodb_operand (slip_dynamodb_child (action, 1), before, error);
  JsonObject *have = slip_dynamodb_lookup (steps, before);
  g_autoptr (JsonObject) result = NULL;
  const char *type;

  if (by == NULL)
    return FALSE;
  type = slip_dynamodb_type (by);
  if (have == NULL)
    return delete || assign (steps, item, by, error);
  if (strlen (type) == 2 && type[1] == 'S' && slip_json_array (have, type) != NULL)
    result = combined_sets (type, slip_json_array (have, type), slip_json_array (by, type), delete);
  else
    {
      result = delete ? slip_dynamodb_invalid (error, "An operand in the update expression has an "
                                                      "incorrect data type")
                      : sum_of (have, by, FALSE, error);
      if (result == NULL)
        return FALSE;
    }
  return assign (steps, item, result, error);
}

static gboolean
act (const SlipDynamodbNode *action, JsonObject *before, JsonObject *item, GError **error)
{
  GArray *steps = slip_dynamodb_child (action, 0)->steps;
  g_autoptr (JsonObject) value = NULL;

  if (g_str_equal (action->name, "REMOVE"))
    return slip_dynamodb_lookup (steps, item) == NULL || assign (steps, item, NULL, error);
  if (!g_str_equal (action->name, "SET"))
    return add_or_delete (action, steps, before, item, error);
  value = slip_dynamodb_operand (slip_dynamodb_child (action, 1), before, error);
  return value != NULL && assign (steps, item, value, error);
}

JsonObject *
slip_dynamodb_update (const SlipDynamodbNode *update,
                      JsonObject *item,
                      GHashTable *touched,
                      GError **error)
{
  g_autoptr (JsonObject) result = slip_dynamodb_copy (item);

  for (guint i = 0; update != NULL && i < update->children->len; i++)
    {
      const SlipDynamodbNode *action = slip_dynamodb_child (update, i);
      GArray *steps = slip_dynamodb_child (action, 0)->steps;

      if (!act (action, item, result, error))
        return NULL;
      g_hash_table_add (touched, g_strdup (g_array_index (steps, SlipDynamodbStep, 0).name));
    }
  return g_steal_pointer (&result);
}
