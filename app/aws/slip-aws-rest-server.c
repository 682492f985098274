/* SPDX-License-Identifier: MIT */

/* The server's side of what rest-json and rest-xml share: which operation a method, a path and a query
 * string mean, and the members that travel in them. Used by the rehearsal server. */

#include "slip-aws-rest-private.h"

#include <string.h>

#include "slip-aws-scalar.h"
#include "slip-json.h"

/* Cuts the path of a template or a request; `/a/` is `/a`. */
static GStrv
split_path (const char *path, gsize length)
{
  g_autofree char *copy = g_strndup (path, length);
  char *start = copy[0] == '/' ? copy + 1 : copy;
  gsize n = strlen (start);

  if (n > 0 && start[n - 1] == '/')
    start[n - 1] = '\0';
  return *start != '\0' ? g_strsplit (start, "/", -1) : g_new0 (char *, 1);
}

static gsize
path_length (const char *uri)
{
  const char *mark = strchr (uri, '?');
  return mark != NULL ? (gsize)(mark - uri) : strlen (uri);
}

static gboolean
is_label (const char *part)
{
  return part[0] == '{' && g_str_has_suffix (part, "}");
}

static gboolean
is_greedy (const char *part)
{
  return is_label (part) && g_str_has_suffix (part, "+}");
}

/* Returns how many parts are literally the same, or -1 when the path does not match. A greedy label
 * takes all parts that those behind it leave. */
static int
match_path (char **template, char **path)
{
  int literal = 0;

  for (; *template != NULL; template ++, path++)
    {
      if (*path == NULL || **path == '\0')
        return -1;
      if (is_greedy (*template))
        {
          guint rest = g_strv_length (template + 1);
          guint have = g_strv_length (path);
          if (have < rest + 1)
            return -1;
          path += have - rest - 1;
        }
      else if (!is_label (*template))
        {
          if (strcmp (*template, *path) != 0)
            return -1;
          literal++;
        }
    }
  return *path == NULL ? literal : -1;
}

/* Returns how many fixed query parameters there are, or -1 when the request lacks one. */
static int
match_fixed_query (const SlipAwsOperation *op, const SlipAwsRequest *request)
{
  const char *mark = strchr (op->http_uri, '?');
  g_auto (GStrv) parts = g_strsplit (mark != NULL ? mark + 1 : "", "&", -1);
  int n = 0;

  for (char **part = parts; *part != NULL; part++)
    {
      char *equals = strchr (*part, '=');
      if (**part == '\0')
        continue;
      if (equals != NULL)
        *equals = '\0';
      const char *value = slip_aws_request_get_query (request, *part);
      if (value == NULL || (equals != NULL && strcmp (value, equals + 1) != 0))
        return -1;
      n++;
    }
  return n;
}

/* S3 tells operations apart by what they require: a part number, a source to copy from. */
static int
match_required (const SlipAwsOperation *op, const SlipAwsRequest *request)
{
  int n = 0;

  for (guint i = 0; op->input != NULL && i < op->input->n_members; i++)
    {
      const SlipAwsMember *member = op->input->members[i];
      const char *value = NULL;
      if (!member->required || member->shape->type == SLIP_AWS_TYPE_MAP)
        continue;
      if (member->location == SLIP_AWS_LOCATION_QUERY)
        value = slip_aws_request_get_query (request, member->wire);
      else if (member->location == SLIP_AWS_LOCATION_HEADER)
        value = slip_aws_headers_get (request->headers, member->wire);
      else
        continue;
      n += value != NULL ? 1 : -1;
    }
  return n;
}

const SlipAwsOperation *
slip_aws_rest_route (const SlipAwsModel *model, const SlipAwsRequest *request, GError **error)
{
  g_auto (GStrv) path = split_path (request->path, strlen (request->path));
  const SlipAwsOperation *best = NULL;
  int best_score = 0;

  for (guint i = 0; i < model->operations->len; i++)
    {
      const SlipAwsOperation *op = model->operations->pdata[i];
      if (strcmp (op->http_method, request->method) != 0)
        continue;
      g_auto (GStrv) template = split_path (op->http_uri, path_length (op->http_uri));
      int literal = match_path (template, path);
      int fixed = literal >= 0 ? match_fixed_query (op, request) : -1;
      int required = fixed >= 0 ? match_required (op, request) : -1;
      int score = literal * 10000 + fixed * 100 + required * 2 + !op->deprecated;
      if (literal < 0 || fixed < 0 || (model->is_s3 && required < 0)
          || (best != NULL && score <= best_score))
        continue;
      best = op;
      best_score = score;
    }
  if (best == NULL && model->is_s3)
    slip_aws_error_set_service (error, "MethodNotAllowed", 405,
                                "The specified method is not allowed against this resource.");
  else if (best == NULL)
    slip_aws_error_set_service (error, "UnknownOperationException", 404,
                                "No operation answers %s %s", request->method, request->path);
  return best;
}

static const SlipAwsMember *
find_located (const SlipAwsShape *shape, SlipAwsLocation location, const char *wire)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->location == location && strcmp (shape->members[i]->wire, wire) == 0)
      return shape->members[i];
  return NULL;
}

static gboolean
set_malformed (GError **error, const char *what)
{
  slip_aws_error_set_service (error, "SerializationException", 400, "%s is malformed", what);
  return FALSE;
}

static gboolean
read_label (const SlipAwsOperation *op,
            const char *part,
            const char *encoded,
            JsonObject *input,
            GError **error)
{
  gsize suffix = is_greedy (part) ? 2 : 1;
  g_autofree char *label = g_strndup (part + 1, strlen (part) - 1 - suffix);
  g_autofree char *text = slip_aws_uri_decode (encoded, -1, FALSE);
  const SlipAwsMember *member = find_located (op->input, SLIP_AWS_LOCATION_URI, label);

  if (member == NULL || text == NULL)
    return set_malformed (error, label);
  JsonNode *node = slip_aws_scalar_from_text (member, text, NULL);
  if (node == NULL)
    return set_malformed (error, label);
  json_object_set_member (input, member->name, node);
  return TRUE;
}

static gboolean
read_labels (const SlipAwsOperation *op,
             const SlipAwsRequest *request,
             JsonObject *input,
             GError **error)
{
  g_auto (GStrv) template = split_path (op->http_uri, path_length (op->http_uri));
  /* The last slash belongs to a greedy label: S3 has keys that end with one. */
  gsize n = g_strv_length (template);
  gboolean greedy_end = n > 0 && is_greedy (template[n - 1]);
  g_autofree char *raw = g_strconcat (request->path, greedy_end ? "/" : "", NULL);
  g_auto (GStrv) path = split_path (raw, strlen (raw));
  char **at = path;

  for (char **part = template; *part != NULL && *at != NULL; part++, at++)
    {
      if (is_greedy (*part))
        {
          gsize rest = g_strv_length (part + 1);
          gsize take = g_strv_length (at) - rest;
          g_autofree char *last = at[take];
          at[take] = NULL;
          g_autofree char *joined = g_strjoinv ("/", at);
          at[take] = g_steal_pointer (&last);
          if (!read_label (op, *part, joined, input, error))
            return FALSE;
          at += take - 1;
        }
      else if (is_label (*part) && !read_label (op, *part, *at, input, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
read_query_pair (const SlipAwsMember *member,
                 const SlipAwsPair *pair,
                 JsonObject *input,
                 GError **error)
{
  const SlipAwsMember *scalar
      = member->shape->type == SLIP_AWS_TYPE_LIST ? member->shape->element : member;
  JsonNode *node = slip_aws_scalar_from_text (scalar, pair->value, NULL);

  if (node == NULL)
    return set_malformed (error, pair->name);
  if (scalar == member)
    {
      json_object_set_member (input, member->name, node);
      return TRUE;
    }
  JsonArray *array = slip_json_array (input, member->name);
  if (array == NULL)
    {
      array = json_array_new ();
      json_object_set_array_member (input, member->name, array);
    }
  json_array_add_element (array, node);
  return TRUE;
}

/* A map in the query string takes the parameters that nothing else claims. */
static void
read_query_map (const SlipAwsMember *member, const SlipAwsPair *pair, JsonObject *input)
{
  JsonObject *object = slip_json_object (input, member->name);

  if (object == NULL)
    {
      object = json_object_new ();
      json_object_set_object_member (input, member->name, object);
    }
  if (member->shape->value->shape->type != SLIP_AWS_TYPE_LIST)
    {
      json_object_set_string_member (object, pair->name, pair->value);
      return;
    }
  JsonArray *array = slip_json_array (object, pair->name);
  if (array == NULL)
    {
      array = json_array_new ();
      json_object_set_array_member (object, pair->name, array);
    }
  json_array_add_string_element (array, pair->value);
}

static const SlipAwsMember *
find_query_map (const SlipAwsShape *shape)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->location == SLIP_AWS_LOCATION_QUERY
        && shape->members[i]->shape->type == SLIP_AWS_TYPE_MAP)
      return shape->members[i];
  return NULL;
}

static gboolean
read_query (const SlipAwsOperation *op,
            const SlipAwsRequest *request,
            JsonObject *input,
            GError **error)
{
  const SlipAwsMember *map = find_query_map (op->input);

  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = request->query->pdata[i];
      const SlipAwsMember *member = find_located (op->input, SLIP_AWS_LOCATION_QUERY, pair->name);
      if (member != NULL && member != map)
        {
          if (!read_query_pair (member, pair, input, error))
            return FALSE;
        }
      else if (map != NULL)
        read_query_map (map, pair, input);
    }
  return TRUE;
}

gboolean
slip_aws_rest_read_request_head (const SlipAwsOperation *op,
                                 const SlipAwsRequest *request,
                                 JsonObject *input,
                                 GError **error)
{
  g_autoptr (GError) local = NULL;

  if (op->input == NULL)
    return TRUE;
  if (!read_labels (op, request, input, error) || !read_query (op, request, input, error))
    return FALSE;
  if (slip_aws_rest_read_headers (op->input, request->headers, input, &local))
    return TRUE;
  return set_malformed (error, local->message);
}

gboolean
slip_aws_rest_write_response_head (const SlipAwsOperation *op,
                                   JsonObject *output,
                                   const char *request_id,
                                   SlipAwsResponse *response,
                                   GError **error)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, output);
  while (json_object_iter_next (&iter, &name, &node))
    {
      const SlipAwsMember *member
          = op->output != NULL ? slip_aws_shape_find_member (op->output, name) : NULL;
      if (member == NULL)
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "there is no member %s", name);
          return FALSE;
        }
      if (member->location == SLIP_AWS_LOCATION_STATUS)
        response->status = CLAMP (slip_json_int (output, name, response->status), 200, 599);
    }
  return op->output == NULL
         || slip_aws_rest_write_headers (op->output, output, response->headers, error);
}
