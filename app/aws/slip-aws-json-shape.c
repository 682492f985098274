/* SPDX-License-Identifier: MIT */

/* JSON along the shapes of a model, for the json and rest-json protocols: names change where the model
 * says so, times become numbers and back; all else is the same above the wire and on it. */

#include "slip-aws-protocol-private.h"

#include <math.h>
#include <string.h>

#include "slip-aws-scalar.h"
#include "slip-aws-time.h"
#include "slip-json.h"

/* What differs between what goes to AWS and what comes back. */
typedef struct
{
  gboolean (*members) (const SlipAwsShape *shape,
                       JsonObject *object,
                       JsonObject *into,
                       GError **error);
  JsonNode *(*scalar) (const SlipAwsMember *member, JsonNode *node, GError **error);
  int mismatch;        /* the SlipAwsErrorCode of a value of another type */
  gboolean keep_nulls; /* in maps; in lists a null always keeps its place */
} Direction;

static const char *
name_of (const SlipAwsMember *member)
{
  return member->name != NULL ? member->name : member->shape->name;
}

static JsonNode *
set_mismatch (const SlipAwsMember *member, int code, GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, code, "%s: the value is not a %s", name_of (member),
               slip_aws_type_name (member->shape->type));
  return NULL;
}

static JsonNode *
turn (const Direction *way, const SlipAwsMember *member, JsonNode *node, GError **error);

static JsonNode *
turn_item (const Direction *way, const SlipAwsMember *member, JsonNode *node, GError **error)
{
  return JSON_NODE_HOLDS_NULL (node) ? json_node_new (JSON_NODE_NULL)
                                     : turn (way, member, node, error);
}

static JsonNode *
turn_list (const Direction *way, const SlipAwsShape *shape, JsonArray *array, GError **error)
{
  g_autoptr (JsonArray) result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = turn_item (way, shape->element, json_array_get_element (array, i), error);
      if (item == NULL)
        return NULL;
      json_array_add_element (result, item);
    }
  return slip_json_new_array (g_steal_pointer (&result));
}

static JsonNode *
turn_map (const Direction *way, const SlipAwsShape *shape, JsonObject *object, GError **error)
{
  g_autoptr (JsonObject) result = json_object_new ();
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      if (JSON_NODE_HOLDS_NULL (node) && !way->keep_nulls)
        continue;
      JsonNode *item = turn_item (way, shape->value, node, error);
      if (item == NULL)
        return NULL;
      json_object_set_member (result, key, item);
    }
  return slip_json_new_object (g_steal_pointer (&result));
}

static JsonNode *
turn (const Direction *way, const SlipAwsMember *member, JsonNode *node, GError **error)
{
  const SlipAwsShape *shape = member->shape;

  switch (shape->type)
    {
    case SLIP_AWS_TYPE_STRUCTURE:
      {
        g_autoptr (JsonObject) result = json_object_new ();
        if (!JSON_NODE_HOLDS_OBJECT (node))
          return set_mismatch (member, way->mismatch, error);
        if (!way->members (shape, json_node_get_object (node), result, error))
          return NULL;
        return slip_json_new_object (g_steal_pointer (&result));
      }
    case SLIP_AWS_TYPE_LIST:
      return JSON_NODE_HOLDS_ARRAY (node)
                 ? turn_list (way, shape, json_node_get_array (node), error)
                 : set_mismatch (member, way->mismatch, error);
    case SLIP_AWS_TYPE_MAP:
      return JSON_NODE_HOLDS_OBJECT (node)
                 ? turn_map (way, shape, json_node_get_object (node), error)
                 : set_mismatch (member, way->mismatch, error);
    case SLIP_AWS_TYPE_DOCUMENT:
      return slip_json_copy (node);
    default:
      return way->scalar (member, node, error);
    }
}

static JsonNode *
time_to_wire (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  gint64 time_us = 0;
  JsonNode *result = NULL;

  if (!slip_aws_scalar_to_time (node, &time_us))
    return set_mismatch (member, SLIP_AWS_ERROR_CHECK, error);
  if (member->time_format != SLIP_AWS_TIME_DEFAULT && member->time_format != SLIP_AWS_TIME_UNIX)
    {
      g_autofree char *text = slip_aws_time_write (time_us, member->time_format);
      return slip_json_new_string (text);
    }
  result = json_node_new (JSON_NODE_VALUE);
  if (time_us % 1000000 == 0)
    json_node_set_int (result, time_us / 1000000);
  else
    json_node_set_double (result, time_us / 1e6);
  return result;
}

static JsonNode *
scalar_to_wire (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  if (member->shape->type == SLIP_AWS_TYPE_TIMESTAMP)
    return time_to_wire (member, node, error);
  /* Only to learn whether the value is of the right type. */
  g_autofree char *text = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_UNIX, error);
  return text != NULL ? slip_json_copy (node) : NULL;
}

static const Direction to_wire = {
    .members = slip_aws_json_members_to_wire,
    .scalar = scalar_to_wire,
    .mismatch = SLIP_AWS_ERROR_CHECK,
    .keep_nulls = TRUE,
};

gboolean
slip_aws_json_members_to_wire (const SlipAwsShape *shape,
                               JsonObject *object,
                               JsonObject *into,
                               GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const SlipAwsMember *member = slip_aws_shape_find_member (shape, name);
      if (member == NULL)
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "%s has no member %s",
                       shape->name, name);
          return FALSE;
        }
      if (member->location != SLIP_AWS_LOCATION_BODY || JSON_NODE_HOLDS_NULL (node))
        continue;
      JsonNode *item = slip_aws_json_to_wire (member, node, error);
      if (item == NULL)
        return FALSE;
      json_object_set_member (into, member->wire, item);
    }
  return TRUE;
}

JsonNode *
slip_aws_json_to_wire (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  return turn (&to_wire, member, node, error);
}

static JsonNode *
new_int (gint64 value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (node, value);
  return node;
}

/* A number that came as one. Whole numbers sometimes come as `3.0`. */
static JsonNode *
number_from_wire (const SlipAwsMember *member, JsonNode *node)
{
  gboolean whole
      = member->shape->type == SLIP_AWS_TYPE_INTEGER || member->shape->type == SLIP_AWS_TYPE_LONG;
  double value = json_node_get_double (node);

  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return slip_json_copy (node);
  if (!whole)
    return slip_json_copy (node);
  return value == floor (value) && fabs (value) < 9e15 ? new_int ((gint64)value) : NULL;
}

static JsonNode *
time_from_wire (JsonNode *node)
{
  gint64 time_us = 0;

  return slip_aws_scalar_to_time (node, &time_us) ? slip_aws_scalar_new_time (time_us) : NULL;
}

static JsonNode *
scalar_from_wire (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  JsonNode *result = NULL;

  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_TIMESTAMP:
      result = time_from_wire (node);
      break;
    case SLIP_AWS_TYPE_BOOLEAN:
      if (type == G_TYPE_BOOLEAN)
        result = slip_json_copy (node);
      break;
    case SLIP_AWS_TYPE_STRING:
    case SLIP_AWS_TYPE_BLOB:
      if (type == G_TYPE_STRING)
        result = slip_json_copy (node);
      break;
    default:
      if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
        result = number_from_wire (member, node);
      break;
    }
  /* Numbers and booleans also come as text. */
  if (result == NULL && type == G_TYPE_STRING && member->shape->type != SLIP_AWS_TYPE_TIMESTAMP)
    return slip_aws_scalar_from_text (member, json_node_get_string (node), error);
  return result != NULL ? result : set_mismatch (member, SLIP_AWS_ERROR_PROTOCOL, error);
}

static const Direction from_wire = {
    .members = slip_aws_json_members_from_wire,
    .scalar = scalar_from_wire,
    .mismatch = SLIP_AWS_ERROR_PROTOCOL,
};

gboolean
slip_aws_json_members_from_wire (const SlipAwsShape *shape,
                                 JsonObject *object,
                                 JsonObject *into,
                                 GError **error)
{
  JsonObjectIter iter;
  const char *wire;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &wire, &node))
    {
      const SlipAwsMember *member = slip_aws_shape_find_wire (shape, wire, -1);
      if (member == NULL || JSON_NODE_HOLDS_NULL (node))
        continue;
      JsonNode *item = slip_aws_json_from_wire (member, node, error);
      if (item == NULL)
        return FALSE;
      json_object_set_member (into, member->name, item);
    }
  return TRUE;
}

JsonNode *
slip_aws_json_from_wire (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  return turn (&from_wire, member, node, error);
}

static gboolean
is_blank (const char *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isspace (text[i]))
      return FALSE;
  return TRUE;
}

/* An empty body stands for an empty object. */
JsonNode *
slip_aws_json_parse_body (GBytes *body, GError **error)
{
  gsize length = 0;
  const char *text = slip_aws_body_text (body, &length);
  g_autoptr (GError) local = NULL;

  if (is_blank (text, length))
    return slip_json_new_object (json_object_new ());
  JsonNode *node = slip_json_parse (text, length, &local);
  if (node == NULL)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "JSON %s", local->message);
  return node;
}

GBytes *
slip_aws_json_to_body (JsonNode *node)
{
  char *text = slip_json_to_text (node, FALSE);

  return g_bytes_new_take (text, strlen (text));
}

JsonObject *
slip_aws_json_body_object (JsonNode *body, GError **error)
{
  JsonObject *object = slip_json_node_object (body);

  if (object == NULL)
    g_set_error_literal (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                         "the body is JSON, but not an object");
  return object;
}

/* `aws.api#FooError:http://…` is FooError. */
static char *
strip_code (const char *code)
{
  const char *colon = strchr (code, ':');
  g_autofree char *head = colon != NULL ? g_strndup (code, colon - code) : g_strdup (code);
  const char *hash = strrchr (head, '#');

  return g_strdup (hash != NULL ? hash + 1 : head);
}

static const char *
first_string (JsonObject *object, const char *const *names)
{
  for (; object != NULL && *names != NULL; names++)
    if (slip_json_string (object, *names) != NULL)
      return slip_json_string (object, *names);
  return NULL;
}

void
slip_aws_json_parse_error (const SlipAwsModel *model,
                           const SlipAwsResponse *response,
                           SlipAwsFailure *failure)
{
  static const char *const code_names[] = {"__type", "code", "Code", NULL};
  static const char *const message_names[] = {"message", "Message", "errorMessage", NULL};
  g_autoptr (JsonNode) node = slip_aws_json_parse_body (response->body, NULL);
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;
  const char *code = slip_aws_headers_get (response->headers, "x-amzn-errortype");
  const char *query = slip_aws_headers_get (response->headers, "x-amzn-query-error");

  if (model->protocol == SLIP_AWS_PROTOCOL_JSON && first_string (object, code_names) != NULL)
    code = first_string (object, code_names);
  if (code == NULL)
    code = first_string (object, code_names);
  /* Services that used to speak query keep their old codes here: `Code;Sender`. */
  if (query != NULL && strchr (query, ';') != NULL && *query != ';')
    {
      failure->code = g_strndup (query, strchr (query, ';') - query);
      failure->type = code != NULL ? strip_code (code) : NULL;
    }
  else if (code != NULL)
    failure->code = strip_code (code);
  failure->message = g_strdup (first_string (object, message_names));
}

void
slip_aws_json_build_error (guint status,
                           const char *code,
                           const char *message,
                           const char *request_id,
                           const char *content_type,
                           SlipAwsResponse *response)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "__type", code);
  json_object_set_string_member (object, "message", message);
  g_autoptr (JsonNode) node = slip_json_new_object (object);
  response->body = slip_aws_json_to_body (node);
  slip_aws_headers_set (response->headers, "Content-Type", content_type);
  slip_aws_headers_set (response->headers, "x-amzn-ErrorType", code);
}
