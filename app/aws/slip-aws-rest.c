/* SPDX-License-Identifier: MIT */

/* What rest-json and rest-xml share on the client's side: labels in the path, the query string, headers
 * and the status, and bodies that are a blob or a string as they are. The server's side is in
 * slip-aws-rest-server.c. */

#include "slip-aws-protocol-private.h"

#include <string.h>

#include "slip-aws-rest-private.h"
#include "slip-aws-scalar.h"
#include "slip-json.h"

static gboolean
set_bad_value (const SlipAwsMember *member, const char *why, GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "$.%s: %s", member->name, why);
  return FALSE;
}

static const SlipAwsMember *
find_label (const SlipAwsShape *shape, const char *label)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->location == SLIP_AWS_LOCATION_URI
        && strcmp (shape->members[i]->wire, label) == 0)
      return shape->members[i];
  return NULL;
}

static gboolean
append_label (
    const SlipAwsOperation *op, const char *label, JsonObject *input, GString *path, GError **error)
{
  gboolean greedy = g_str_has_suffix (label, "+");
  g_autofree char *name = g_strndup (label, strlen (label) - greedy);
  const SlipAwsMember *member = find_label (op->input, name);
  JsonNode *node = member != NULL ? json_object_get_member (input, member->name) : NULL;

  if (member == NULL)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "%s has no member for {%s}",
                   op->name, name);
      return FALSE;
    }
  g_autofree char *text
      = node != NULL ? slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_ISO8601, error) : NULL;
  if (text == NULL)
    return node != NULL ? FALSE
                        : set_bad_value (member, "is required, being part of the path", error);
  if (*text == '\0')
    return set_bad_value (member, "must not be empty, being part of the path", error);
  g_autofree char *encoded = slip_aws_uri_encode (text, -1, greedy ? "/" : NULL);
  g_string_append (path, encoded);
  return TRUE;
}

static gboolean
write_path (const SlipAwsOperation *op, JsonObject *input, SlipAwsRequest *request, GError **error)
{
  g_autoptr (GString) path = g_string_new (NULL);
  const char *at = op->http_uri;

  while (*at != '\0' && *at != '?')
    {
      const char *close = *at == '{' ? strchr (at, '}') : NULL;
      if (close == NULL)
        {
          g_string_append_c (path, *at++);
          continue;
        }
      g_autofree char *label = g_strndup (at + 1, close - at - 1);
      if (!append_label (op, label, input, path, error))
        return FALSE;
      at = close + 1;
    }
  g_free (request->path);
  request->path = g_string_free (g_steal_pointer (&path), FALSE);
  return TRUE;
}

static void
write_fixed_query (const SlipAwsOperation *op, SlipAwsRequest *request)
{
  const char *mark = strchr (op->http_uri, '?');
  g_auto (GStrv) parts = g_strsplit (mark != NULL ? mark + 1 : "", "&", -1);

  for (char **part = parts; *part != NULL; part++)
    {
      char *equals = strchr (*part, '=');
      if (**part == '\0')
        continue;
      if (equals != NULL)
        *equals = '\0';
      slip_aws_request_add_query (request, *part, equals != NULL ? equals + 1 : "");
    }
}

static gboolean
write_query_value (const SlipAwsMember *member,
                   const char *name,
                   JsonNode *node,
                   SlipAwsRequest *request,
                   GError **error)
{
  if (member->shape->type == SLIP_AWS_TYPE_LIST)
    {
      JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
      if (array == NULL)
        return set_bad_value (member, "must be an array", error);
      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!write_query_value (member->shape->element, name, json_array_get_element (array, i),
                                request, error))
          return FALSE;
      return TRUE;
    }
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  g_autofree char *text = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_ISO8601, error);
  if (text == NULL)
    return FALSE;
  slip_aws_request_add_query (request, name, text);
  return TRUE;
}

/* Parameters that a member of their own names win over those of a map. */
static gboolean
write_query_map (const SlipAwsMember *member,
                 JsonNode *node,
                 SlipAwsRequest *request,
                 GError **error)
{
  JsonObject *object = slip_json_node_object (node);
  guint named = request->query->len;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (object == NULL)
    return set_bad_value (member, "must be an object", error);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      gboolean taken = FALSE;
      for (guint i = 0; i < named && !taken; i++)
        taken = strcmp (((const SlipAwsPair *)request->query->pdata[i])->name, key) == 0;
      if (!taken && !write_query_value (member->shape->value, key, value, request, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
write_query (const SlipAwsOperation *op,
             JsonObject *input,
             SlipAwsRequest *request,
             gboolean maps,
             GError **error)
{
  for (guint i = 0; op->input != NULL && i < op->input->n_members; i++)
    {
      const SlipAwsMember *member = op->input->members[i];
      JsonNode *node = json_object_get_member (input, member->name);
      gboolean is_map = member->shape->type == SLIP_AWS_TYPE_MAP;
      if (member->location != SLIP_AWS_LOCATION_QUERY || node == NULL || JSON_NODE_HOLDS_NULL (node)
          || is_map != maps)
        continue;
      if (is_map ? !write_query_map (member, node, request, error)
                 : !write_query_value (member, member->wire, node, request, error))
        return FALSE;
    }
  return TRUE;
}

/* A list in a header is cut at commas, so an element with one is quoted. */
static char *
quote (char *text)
{
  if (strchr (text, ',') == NULL && strchr (text, '"') == NULL)
    return text;
  GString *quoted = g_string_new ("\"");
  for (const char *p = text; *p != '\0'; p++)
    {
      if (*p == '"')
        g_string_append_c (quoted, '\\');
      g_string_append_c (quoted, *p);
    }
  g_string_append_c (quoted, '"');
  g_free (text);
  return g_string_free (quoted, FALSE);
}

static char *
header_text (const SlipAwsMember *member, JsonNode *node, GError **error)
{
  if (member->shape->type != SLIP_AWS_TYPE_LIST)
    {
      g_autofree char *text = slip_aws_scalar_to_text (member, node, SLIP_AWS_TIME_RFC822, error);
      if (text != NULL && member->json_value)
        return g_base64_encode ((const guchar *)text, strlen (text));
      return g_steal_pointer (&text);
    }
  const SlipAwsMember *element = member->shape->element;
  JsonArray *array = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  if (array == NULL)
    {
      set_bad_value (member, "must be an array", error);
      return NULL;
    }
  g_autoptr (GString) joined = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *item = json_array_get_element (array, i);
      if (JSON_NODE_HOLDS_NULL (item))
        continue;
      char *text = slip_aws_scalar_to_text (element, item, SLIP_AWS_TIME_RFC822, error);
      if (text == NULL)
        return NULL;
      if (element->shape->type == SLIP_AWS_TYPE_STRING)
        text = quote (text);
      g_string_append_printf (joined, "%s%s", i > 0 ? ", " : "", text);
      g_free (text);
    }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static gboolean
set_header (const SlipAwsMember *member,
            const char *name,
            const char *value,
            SlipAwsHeaders *headers,
            GError **error)
{
  for (const char *p = value; *p != '\0'; p++)
    if (*p == '\r' || *p == '\n')
      return set_bad_value (member, "must be one line, being a header", error);
  for (const char *p = name; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return set_bad_value (member, "has a key that cannot be a header's name", error);
  slip_aws_headers_set (headers, name, value);
  return TRUE;
}

static gboolean
write_header_map (const SlipAwsMember *member,
                  JsonNode *node,
                  SlipAwsHeaders *headers,
                  GError **error)
{
  JsonObject *object = slip_json_node_object (node);
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (object == NULL)
    return set_bad_value (member, "must be an object", error);
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    {
      /* With an empty prefix the map covers all headers; those with a member of their own win. */
      g_autofree char *name = g_strconcat (member->renamed ? member->wire : "", key, NULL);
      g_autofree char *text = header_text (member->shape->value, value, error);
      if (text == NULL)
        return FALSE;
      if (slip_aws_headers_get (headers, name) == NULL
          && !set_header (member, name, text, headers, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_aws_rest_write_headers (const SlipAwsShape *shape,
                             JsonObject *object,
                             SlipAwsHeaders *headers,
                             GError **error)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = json_object_get_member (object, member->name);
      if (member->location != SLIP_AWS_LOCATION_HEADER || node == NULL
          || JSON_NODE_HOLDS_NULL (node))
        continue;
      g_autofree char *text = header_text (member, node, error);
      if (text == NULL || !set_header (member, member->wire, text, headers, error))
        return FALSE;
    }
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = json_object_get_member (object, member->name);
      if (member->location == SLIP_AWS_LOCATION_HEADERS && node != NULL
          && !JSON_NODE_HOLDS_NULL (node) && !write_header_map (member, node, headers, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
refuse_unknown (const SlipAwsOperation *op, JsonObject *input, GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, input);
  while (json_object_iter_next (&iter, &name, &node))
    if (op->input == NULL || slip_aws_shape_find_member (op->input, name) == NULL)
      {
        g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "there is no member %s", name);
        return FALSE;
      }
  return TRUE;
}

gboolean
slip_aws_rest_write_head (const SlipAwsOperation *op,
                          JsonObject *input,
                          SlipAwsRequest *request,
                          GError **error)
{
  if (!refuse_unknown (op, input, error) || !write_path (op, input, request, error))
    return FALSE;
  write_fixed_query (op, request);
  return write_query (op, input, request, FALSE, error)
         && write_query (op, input, request, TRUE, error)
         && (op->input == NULL
             || slip_aws_rest_write_headers (op->input, input, request->headers, error));
}

/* Cuts a header's list. Times have a comma of their own, and quoted elements may have any. */
static GPtrArray *
split_header (const SlipAwsMember *element, const char *text)
{
  GPtrArray *items = g_ptr_array_new_with_free_func (g_free);
  gboolean dates = element->shape->type == SLIP_AWS_TYPE_TIMESTAMP
                   && element->time_format != SLIP_AWS_TIME_ISO8601
                   && element->time_format != SLIP_AWS_TIME_UNIX;

  while (*text != '\0')
    {
      g_autoptr (GString) item = g_string_new (NULL);
      guint commas = 0;
      while (g_ascii_isspace (*text))
        text++;
      gboolean quoted = *text == '"';
      for (text += quoted; *text != '\0'; text++)
        {
          if (quoted && *text == '\\' && text[1] != '\0')
            text++;
          else if (quoted ? *text == '"' : *text == ',' && (!dates || ++commas == 2))
            break;
          g_string_append_c (item, *text);
        }
      if (!quoted)
        g_strchomp (item->str);
      g_ptr_array_add (items, g_strdup (item->str));
      while (*text != '\0' && *text != ',')
        text++;
      if (*text == ',')
        text++;
    }
  return items;
}

JsonNode *
slip_aws_rest_read_header (const SlipAwsMember *member, const char *text, GError **error)
{
  if (!g_utf8_validate (text, -1, NULL))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "header %s is not UTF-8",
                   member->wire);
      return NULL;
    }
  if (member->shape->type == SLIP_AWS_TYPE_LIST)
    {
      g_autoptr (JsonArray) array = json_array_new ();
      g_autoptr (GPtrArray) items = split_header (member->shape->element, text);
      for (guint i = 0; i < items->len; i++)
        {
          JsonNode *item
              = slip_aws_scalar_from_text (member->shape->element, items->pdata[i], error);
          if (item == NULL)
            return NULL;
          json_array_add_element (array, item);
        }
      return slip_json_new_array (g_steal_pointer (&array));
    }
  if (member->json_value)
    {
      gsize length = 0;
      g_autofree guchar *decoded = g_base64_decode (text, &length);
      g_autofree char *value = g_utf8_make_valid ((const char *)decoded, length);
      return slip_json_new_string (value);
    }
  return slip_aws_scalar_from_text (member, text, error);
}

JsonNode *
slip_aws_rest_read_header_map (const SlipAwsMember *member, const SlipAwsHeaders *headers)
{
  const char *prefix = member->renamed ? member->wire : "";
  gsize length = strlen (prefix);
  g_autoptr (JsonObject) object = json_object_new ();

  for (guint i = 0; i < slip_aws_headers_get_length (headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (headers, i);
      if (g_ascii_strncasecmp (pair->name, prefix, length) == 0
          && g_utf8_validate (pair->value, -1, NULL) && g_utf8_validate (pair->name, -1, NULL))
        json_object_set_string_member (object, pair->name + length, pair->value);
    }
  return slip_json_new_object (g_steal_pointer (&object));
}

gboolean
slip_aws_rest_read_headers (const SlipAwsShape *shape,
                            const SlipAwsHeaders *headers,
                            JsonObject *into,
                            GError **error)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = NULL;
      if (member->location == SLIP_AWS_LOCATION_HEADERS)
        node = slip_aws_rest_read_header_map (member, headers);
      else if (member->location == SLIP_AWS_LOCATION_HEADER)
        {
          const char *text = slip_aws_headers_get (headers, member->wire);
          if (text == NULL)
            continue;
          if (*text == '\0' && member->shape->type != SLIP_AWS_TYPE_STRING
              && member->shape->type != SLIP_AWS_TYPE_LIST)
            continue;
          if ((node = slip_aws_rest_read_header (member, text, error)) == NULL)
            return FALSE;
        }
      if (node != NULL)
        json_object_set_member (into, member->name, node);
    }
  return TRUE;
}

gboolean
slip_aws_rest_read_head (const SlipAwsShape *shape,
                         const SlipAwsResponse *response,
                         JsonObject *output,
                         GError **error)
{
  for (guint i = 0; i < shape->n_members; i++)
    if (shape->members[i]->location == SLIP_AWS_LOCATION_STATUS)
      json_object_set_int_member (output, shape->members[i]->name, response->status);
  return slip_aws_rest_read_headers (shape, response->headers, output, error);
}

gboolean
slip_aws_rest_is_raw (const SlipAwsMember *payload)
{
  return payload->shape->type == SLIP_AWS_TYPE_BLOB || payload->shape->type == SLIP_AWS_TYPE_STRING;
}

gboolean
slip_aws_rest_write_raw (const SlipAwsMember *payload,
                         JsonNode *node,
                         SlipAwsHeaders *headers,
                         GBytes **body,
                         GError **error)
{
  gboolean blob = payload->shape->type == SLIP_AWS_TYPE_BLOB;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  char *text = slip_aws_scalar_to_text (payload, node, SLIP_AWS_TIME_ISO8601, error);
  if (text == NULL)
    return FALSE;
  gsize length = strlen (text);
  if (blob && length > 0)
    g_base64_decode_inplace (text, &length);
  *body = g_bytes_new_take (text, length);
  if (slip_aws_headers_get (headers, "Content-Type") == NULL)
    slip_aws_headers_set (headers, "Content-Type",
                          blob ? "application/octet-stream" : "text/plain");
  return TRUE;
}

gboolean
slip_aws_rest_read_raw (const SlipAwsMember *payload,
                        GBytes *body,
                        JsonObject *into,
                        GError **error)
{
  gsize length = 0;
  const char *text = slip_aws_body_text (body, &length);

  if (length == 0 && !payload->streaming)
    return TRUE;
  if (payload->shape->type == SLIP_AWS_TYPE_BLOB)
    {
      g_autofree char *encoded = g_base64_encode ((const guchar *)text, length);
      json_object_set_string_member (into, payload->name, encoded);
      return TRUE;
    }
  if (length > 0 && !g_utf8_validate_len (text, length, NULL))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "%s is not UTF-8 text",
                   payload->name);
      return FALSE;
    }
  g_autofree char *copy = g_strndup (text, length);
  json_object_set_string_member (into, payload->name, copy);
  return TRUE;
}

gboolean
slip_aws_rest_has_body_members (const SlipAwsShape *shape)
{
  return shape->n_body > 0;
}

gboolean
slip_aws_rest_read_response (const SlipAwsOperation *op,
                             const SlipAwsResponse *response,
                             SlipAwsRestReadBody read_body,
                             JsonObject *output,
                             GError **error)
{
  return op->output == NULL
         || (slip_aws_rest_read_head (op->output, response, output, error)
             && read_body (op->output, response->body, output, error));
}

gboolean
slip_aws_rest_read_request (const SlipAwsOperation *op,
                            const SlipAwsRequest *request,
                            SlipAwsRestReadBody read_body,
                            const char *code,
                            const char *prefix,
                            JsonObject *input,
                            GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!slip_aws_rest_read_request_head (op, request, input, error))
    return FALSE;
  if (op->input == NULL || read_body (op->input, request->body, input, &local))
    return TRUE;
  slip_aws_error_set_service (error, code, 400, "%s%s", prefix, local->message);
  return FALSE;
}
