/* SPDX-License-Identifier: MIT */

/* Attribute values of DynamoDB: what is one, how large it is, and which of two is the greater. */

#include "slip-dynamodb-value.h"

#include <string.h>

#include "slip-json.h"
#include "slip-service.h"

#define MAX_DEPTH 32

gpointer
slip_dynamodb_invalid (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  message = g_strdup_vprintf (format, values);
  va_end (values);
  return slip_service_error (error, 400, "ValidationException", "%s", message);
}

JsonObject *
slip_dynamodb_copy (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (object));
  g_autoptr (JsonNode) copy = slip_json_copy (node);

  return json_object_ref (json_node_get_object (copy));
}

JsonObject *
slip_dynamodb_new_value (const char *type, const char *text)
{
  JsonObject *value = json_object_new ();

  json_object_set_string_member (value, type, text);
  return value;
}

const char *
slip_dynamodb_type (JsonObject *value)
{
  JsonObjectIter iter;
  const char *name = "";
  JsonNode *node;

  json_object_iter_init (&iter, value);
  return json_object_iter_next (&iter, &name, &node) ? name : "";
}

static JsonNode *normal_node (const char *type, JsonNode *node, int depth, GError **error);

static JsonObject *
normal_value (JsonObject *value, int depth, GError **error)
{
  const char *type;
  JsonNode *node;
  JsonObject *result;

  if (depth > MAX_DEPTH)
    return slip_dynamodb_invalid (
        error, "Nesting Levels have exceeded supported limits: Attributes in the item have nested "
               "levels beyond supported limit");
  if (value == NULL || json_object_get_size (value) == 0)
    return slip_dynamodb_invalid (error, "Supplied AttributeValue is empty, must contain exactly "
                                         "one of the supported datatypes");
  if (json_object_get_size (value) > 1)
    return slip_dynamodb_invalid (error, "Supplied AttributeValue has more than one datatypes set, "
                                         "must contain exactly one of the supported datatypes");
  type = slip_dynamodb_type (value);
  node = normal_node (type, json_object_get_member (value, type), depth, error);
  if (node == NULL)
    return NULL;
  result = json_object_new ();
  json_object_set_member (result, type, node);
  return result;
}

static JsonObject *
normal_members (JsonObject *members, int depth, GError **error)
{
  g_autoptr (JsonObject) result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, members);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *value = normal_value (slip_json_node_object (node), depth, error);

      if (value == NULL)
        return NULL;
      json_object_set_object_member (result, name, value);
    }
  return g_steal_pointer (&result);
}

static JsonNode *
normal_list (JsonArray *list, int depth, GError **error)
{
  g_autoptr (JsonArray) result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (list); i++)
    {
      JsonObject *value
          = normal_value (slip_json_node_object (json_array_get_element (list, i)), depth, error);

      if (value == NULL)
        return NULL;
      json_array_add_object_element (result, value);
    }
  return slip_json_new_array (g_steal_pointer (&result));
}

/* A set holds no value twice; 1 and 1.0 are one number. */
static JsonNode *
normal_set (const char *type, JsonArray *set, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (JsonArray) result = json_array_new ();

  if (json_array_get_length (set) == 0)
    return slip_dynamodb_invalid (
        error, "One or more parameter values were invalid: An %s may not be empty",
        type[0] == 'N'   ? "number set "
        : type[0] == 'S' ? "string set "
                         : "binary set ");
  for (guint i = 0; i < json_array_get_length (set); i++)
    {
      const char *text = json_array_get_string_element (set, i);
      char *normal = type[0] == 'N' ? slip_dynamodb_number_normal (text, error) : g_strdup (text);

      if (normal == NULL)
        return NULL;
      json_array_add_string_element (result, normal);
      if (!g_hash_table_add (seen, normal))
        return slip_dynamodb_invalid (error, "One or more parameter values were invalid: Input "
                                             "collection contains duplicates.");
    }
  return slip_json_new_array (g_steal_pointer (&result));
}

static JsonNode *
normal_node (const char *type, JsonNode *node, int depth, GError **error)
{
  if (g_str_equal (type, "N"))
    {
      g_autofree char *number = slip_dynamodb_number_normal (json_node_get_string (node), error);

      return number != NULL ? slip_json_new_string (number) : NULL;
    }
  if (g_str_equal (type, "M"))
    {
      JsonObject *members = normal_members (json_node_get_object (node), depth + 1, error);

      return members != NULL ? slip_json_new_object (members) : NULL;
    }
  if (g_str_equal (type, "L"))
    return normal_list (json_node_get_array (node), depth + 1, error);
  if (JSON_NODE_HOLDS_ARRAY (node))
    return normal_set (type, json_node_get_array (node), error);
  if (g_str_equal (type, "NULL") && !json_node_get_boolean (node))
    return slip_dynamodb_invalid (error,
                                  "One or more parameter values were invalid: Null attribute "
                                  "value types must have the value of true");
  return slip_json_copy (node);
}

JsonObject *
slip_dynamodb_value_normal (JsonObject *value, GError **error)
{
  return normal_value (value, 0, error);
}

JsonObject *
slip_dynamodb_item_normal (JsonObject *item, GError **error)
{
  return normal_members (item, 0, error);
}

static gint64
text_size (const char *type, const char *text)
{
  gint64 length = (gint64)strlen (text);

  if (type[0] == 'S')
    return length;
  if (type[0] == 'N')
    return (length + 1) / 2 + 1;
  return length / 4 * 3
         - (g_str_has_suffix (text, "==")  ? 2
            : g_str_has_suffix (text, "=") ? 1
                                           : 0);
}

static gint64
list_size (const char *type, JsonArray *list)
{
  gint64 size = g_str_equal (type, "L") ? 3 : 0;

  for (guint i = 0; i < json_array_get_length (list); i++)
    size += g_str_equal (type, "L")
                ? slip_dynamodb_value_size (json_array_get_object_element (list, i)) + 1
                : text_size (type, json_array_get_string_element (list, i));
  return size;
}

gint64
slip_dynamodb_value_size (JsonObject *value)
{
  const char *type = slip_dynamodb_type (value);
  JsonNode *node = json_object_get_member (value, type);

  if (JSON_NODE_HOLDS_ARRAY (node))
    return list_size (type, json_node_get_array (node));
  if (JSON_NODE_HOLDS_OBJECT (node))
    return 3 + (gint64)json_object_get_size (json_node_get_object (node))
           + slip_dynamodb_item_size (json_node_get_object (node));
  return json_node_get_value_type (node) == G_TYPE_STRING
             ? text_size (type, json_node_get_string (node))
             : 1;
}

gint64
slip_dynamodb_item_size (JsonObject *item)
{
  gint64 size = 0;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, item);
  while (json_object_iter_next (&iter, &name, &node))
    size += (gint64)strlen (name) + slip_dynamodb_value_size (json_node_get_object (node));
  return size;
}

char *
slip_dynamodb_value_key (JsonObject *value)
{
  static const char hex[] = "0123456789abcdef";
  const char *type = slip_dynamodb_type (value);
  const char *text = slip_json_string (value, type);
  g_autofree guchar *bytes = NULL;
  GString *key;
  gsize length = 0;

  if (type[0] == 'S')
    return g_strconcat ("s", text, NULL);
  if (type[0] == 'N')
    return slip_dynamodb_number_key (text);
  bytes = g_base64_decode (text, &length);
  key = g_string_new ("b");
  for (gsize i = 0; i < length; i++)
    {
      g_string_append_c (key, hex[bytes[i] >> 4]);
      g_string_append_c (key, hex[bytes[i] & 15]);
    }
  return g_string_free (key, FALSE);
}

static gboolean
has_order (const char *type)
{
  return g_str_equal (type, "S") || g_str_equal (type, "N") || g_str_equal (type, "B");
}

gboolean
slip_dynamodb_value_compare (JsonObject *a, JsonObject *b, int *order)
{
  g_autofree char *left = NULL;
  g_autofree char *right = NULL;
  const char *type = slip_dynamodb_type (a);

  if (!has_order (type) || !g_str_equal (type, slip_dynamodb_type (b)))
    return FALSE;
  left = slip_dynamodb_value_key (a);
  right = slip_dynamodb_value_key (b);
  *order = strcmp (left, right);
  return TRUE;
}

static gboolean
sets_equal (JsonArray *a, JsonArray *b)
{
  g_autoptr (GHashTable) left = g_hash_table_new (g_str_hash, g_str_equal);

  if (json_array_get_length (a) != json_array_get_length (b))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (a); i++)
    g_hash_table_add (left, (gpointer)json_array_get_string_element (a, i));
  for (guint i = 0; i < json_array_get_length (b); i++)
    if (!g_hash_table_contains (left, json_array_get_string_element (b, i)))
      return FALSE;
  return TRUE;
}

/* Both are normal, so that equal numbers are equal texts. Sets inside of maps and lists compare in
 * their order, which is how they were written. */
gboolean
slip_dynamodb_value_equal (JsonObject *a, JsonObject *b)
{
  const char *type = slip_dynamodb_type (a);

  if (!g_str_equal (type, slip_dynamodb_type (b)))
    return FALSE;
  if (strlen (type) == 2 && type[1] == 'S')
    return sets_equal (slip_json_array (a, type), slip_json_array (b, type));
  return slip_json_equal (json_object_get_member (a, type), json_object_get_member (b, type));
}
