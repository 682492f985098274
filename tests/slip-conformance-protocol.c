/* SPDX-License-Identifier: MIT */

/* `slip-conformance protocol FILE…`: the protocol cases in botocore's format. An input case holds a
 * model, parameters and the request that must come of them; an output case a model, an answer and what
 * must be read from it. The files write times as seconds since 1970 and blobs as plain text, so both
 * are brought into the form that JSON has above the wire. XML is compared by way of GMarkup, not by
 * the reader under test. */

#include "slip-conformance.h"

#include <stdio.h>
#include <string.h>

#include "slip-aws-protocol.h"
#include "slip-aws-time.h"
#include "slip-clock.h"
#include "slip-file.h"
#include "slip-json.h"

#define MAX_FILE_BYTES (64 * 1024 * 1024)
#define FIXED_TOKEN "00000000-0000-4000-8000-000000000000"

typedef struct
{
  guint number;
  guint failed;
} Tally;

/* --- values of the files above the wire --- */

static JsonNode *convert (const SlipAwsMember *member, JsonNode *node);

static JsonNode *
convert_scalar (SlipAwsType type, JsonNode *node)
{
  GType value_type
      = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;
  gint64 time_us = 0;

  if (type == SLIP_AWS_TYPE_TIMESTAMP && (value_type == G_TYPE_INT64 || value_type == G_TYPE_DOUBLE)
      && slip_aws_time_from_seconds (json_node_get_double (node), &time_us))
    {
      g_autofree char *text = slip_time_format (time_us);
      return slip_json_new_string (text);
    }
  if (type == SLIP_AWS_TYPE_BLOB && value_type == G_TYPE_STRING)
    {
      const char *raw = json_node_get_string (node);
      g_autofree char *encoded = g_base64_encode ((const guchar *)raw, strlen (raw));
      return slip_json_new_string (encoded);
    }
  return slip_json_copy (node);
}

static JsonNode *
convert_object (const SlipAwsShape *shape, JsonObject *object)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const SlipAwsMember *part = NULL;
      if (shape->type == SLIP_AWS_TYPE_STRUCTURE)
        part = slip_aws_shape_find_member (shape, name);
      else if (shape->type == SLIP_AWS_TYPE_MAP)
        part = shape->value;
      json_object_set_member (result, name,
                              part != NULL ? convert (part, node) : slip_json_copy (node));
    }
  return slip_json_new_object (result);
}

static JsonNode *
convert (const SlipAwsMember *member, JsonNode *node)
{
  const SlipAwsShape *shape = member->shape;

  if (shape->type == SLIP_AWS_TYPE_DOCUMENT)
    return slip_json_copy (node);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return convert_object (shape, json_node_get_object (node));
  if (JSON_NODE_HOLDS_ARRAY (node) && shape->type == SLIP_AWS_TYPE_LIST)
    {
      JsonArray *array = json_node_get_array (node);
      JsonArray *result = json_array_new ();
      for (guint i = 0; i < json_array_get_length (array); i++)
        json_array_add_element (result,
                                convert (shape->element, json_array_get_element (array, i)));
      return slip_json_new_array (result);
    }
  return convert_scalar (shape->type, node);
}

static JsonNode *
convert_by_shape (const SlipAwsShape *shape, JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return slip_json_new_object (json_object_new ());
  return shape != NULL ? convert_object (shape, json_node_get_object (node))
                       : slip_json_copy (node);
}

/* --- XML in a form that can be compared --- */

typedef struct
{
  char *name;
  GString *text;
  GPtrArray *attributes; /* element-type char*, "name=value" */
  GPtrArray *children;   /* element-type char*, canonical */
  GPtrArray *names;      /* element-type char*, the children's names */
} Element;

typedef struct
{
  GQueue stack; /* element-type Element */
  char *result;
} Canonical;

static void
element_free (Element *element)
{
  g_free (element->name);
  g_string_free (element->text, TRUE);
  g_ptr_array_unref (element->attributes);
  g_ptr_array_unref (element->children);
  g_ptr_array_unref (element->names);
  g_free (element);
}

static int
compare_text (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *)a, *(char *const *)b);
}

static void
start_element (GMarkupParseContext *context,
               const char *name,
               const char **attributes,
               const char **values,
               gpointer data,
               GError **error)
{
  Canonical *canonical = data;
  Element *element = g_new0 (Element, 1);

  element->name = g_strdup (name);
  element->text = g_string_new (NULL);
  element->attributes = g_ptr_array_new_with_free_func (g_free);
  element->children = g_ptr_array_new_with_free_func (g_free);
  element->names = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; attributes[i] != NULL; i++)
    g_ptr_array_add (element->attributes, g_strdup_printf ("%s=%s", attributes[i], values[i]));
  g_ptr_array_sort (element->attributes, compare_text);
  g_queue_push_head (&canonical->stack, element);
}

static void
add_text (
    GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **error)
{
  Canonical *canonical = data;
  Element *element = g_queue_peek_head (&canonical->stack);

  if (element != NULL)
    g_string_append_len (element->text, text, length);
}

/* Children of one name keep their order, which is that of a list; names are sorted, because the order
 * of a structure's members means nothing. */
static char *
canonical_element (Element *element)
{
  GString *out = g_string_new (NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  g_string_append_printf (out, "<%s", element->name);
  for (guint i = 0; i < element->attributes->len; i++)
    g_string_append_printf (out, " %s", (char *)element->attributes->pdata[i]);
  g_string_append_c (out, '>');
  for (guint i = 0; i < element->names->len; i++)
    if (!g_ptr_array_find_with_equal_func (names, element->names->pdata[i], g_str_equal, NULL))
      g_ptr_array_add (names, element->names->pdata[i]);
  g_ptr_array_sort (names, compare_text);
  for (guint i = 0; i < names->len; i++)
    for (guint j = 0; j < element->children->len; j++)
      if (strcmp (element->names->pdata[j], names->pdata[i]) == 0)
        g_string_append (out, element->children->pdata[j]);
  if (element->children->len == 0)
    g_string_append (out, element->text->str);
  g_string_append (out, "</>");
  return g_string_free (out, FALSE);
}

static void
end_element (GMarkupParseContext *context, const char *name, gpointer data, GError **error)
{
  Canonical *canonical = data;
  Element *element = g_queue_pop_head (&canonical->stack);
  Element *parent = g_queue_peek_head (&canonical->stack);
  char *text = canonical_element (element);

  if (parent != NULL)
    {
      g_ptr_array_add (parent->children, text);
      g_ptr_array_add (parent->names, g_strdup (element->name));
    }
  else
    {
      g_free (canonical->result);
      canonical->result = text;
    }
  element_free (element);
}

static char *
canonical_xml (const char *text)
{
  static const GMarkupParser parser
      = {.start_element = start_element, .end_element = end_element, .text = add_text};
  Canonical canonical = {.stack = G_QUEUE_INIT};
  g_autoptr (GMarkupParseContext) context
      = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &canonical, NULL);
  gboolean ok = g_markup_parse_context_parse (context, text, strlen (text), NULL)
                && g_markup_parse_context_end_parse (context, NULL);

  g_queue_clear_full (&canonical.stack, (GDestroyNotify)element_free);
  if (!ok)
    g_clear_pointer (&canonical.result, g_free);
  return canonical.result;
}

/* --- requests --- */

static char *
sorted_pairs (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "&", -1);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (g_free);

  for (char **part = parts; *part != NULL; part++)
    {
      g_autofree char *decoded = slip_aws_uri_decode (*part, -1, TRUE);
      if (**part != '\0')
        g_ptr_array_add (pairs, g_strdup_printf ("%s%s", decoded != NULL ? decoded : *part,
                                                 strchr (*part, '=') != NULL ? "" : "="));
    }
  g_ptr_array_sort (pairs, compare_text);
  g_ptr_array_add (pairs, NULL);
  return g_strjoinv ("\n", (char **)pairs->pdata);
}

static char *
compare (const char *what, const char *expected, const char *got)
{
  return g_strcmp0 (expected, got) == 0 ? NULL
                                        : g_strdup_printf ("%s: expected %s\n#   got %s", what,
                                                           expected, got != NULL ? got : "nothing");
}

/* The client puts an endpoint's own path before the request's. */
static char *
dup_path (const SlipAwsRequest *request, const char *endpoint)
{
  const char *start = endpoint != NULL ? strstr (endpoint, "://") : NULL;
  const char *slash = start != NULL ? strchr (start + 3, '/') : NULL;

  return g_strconcat (slash != NULL && slash[1] != '\0' ? slash : "", request->path, NULL);
}

static char *
check_uri (const SlipAwsRequest *request, const char *endpoint, const char *expected)
{
  g_autofree char *full = dup_path (request, endpoint);
  const char *mark = strchr (expected, '?');
  g_autofree char *path
      = mark != NULL ? g_strndup (expected, mark - expected) : g_strdup (expected);
  g_autofree char *query = slip_aws_request_dup_query_string (request);
  g_autofree char *want = sorted_pairs (mark != NULL ? mark + 1 : "");
  g_autofree char *got = sorted_pairs (query);
  char *problem = compare ("path", path, full);

  return problem != NULL ? problem : compare ("query string", want, got);
}

static char *
check_host (const SlipAwsRequest *request, const char *endpoint, const char *expected)
{
  const char *start = endpoint != NULL ? strstr (endpoint, "://") : NULL;
  const char *host = start != NULL ? start + 3 : "example.com";
  g_autofree char *plain = g_strndup (host, strcspn (host, "/"));
  g_autofree char *got
      = g_strconcat (request->host_prefix != NULL ? request->host_prefix : "", plain, NULL);

  g_autofree char *want = g_strndup (expected, strcspn (expected, "/"));
  return compare ("host", want, got);
}

static gboolean
has_header (const SlipAwsRequest *request, const char *name)
{
  /* The transport adds the length of whatever body there is. */
  if (g_ascii_strcasecmp (name, "Content-Length") == 0)
    return request->body != NULL && g_bytes_get_size (request->body) > 0;
  return slip_aws_headers_get (request->headers, name) != NULL;
}

static char *
check_headers (const SlipAwsRequest *request, JsonObject *serialized)
{
  JsonObject *headers = slip_json_object (serialized, "headers");
  JsonArray *required = slip_json_array (serialized, "requireHeaders");
  JsonArray *forbidden = slip_json_array (serialized, "forbidHeaders");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (headers != NULL)
    {
      json_object_iter_init (&iter, headers);
      while (json_object_iter_next (&iter, &name, &node))
        {
          g_autofree char *what = g_strdup_printf ("header %s", name);
          char *problem = compare (what, json_node_get_string (node),
                                   slip_aws_headers_get (request->headers, name));
          if (problem != NULL)
            return problem;
        }
    }
  for (guint i = 0; required != NULL && i < json_array_get_length (required); i++)
    if (!has_header (request, json_array_get_string_element (required, i)))
      return g_strdup_printf ("header %s is missing", json_array_get_string_element (required, i));
  for (guint i = 0; forbidden != NULL && i < json_array_get_length (forbidden); i++)
    if (has_header (request, json_array_get_string_element (forbidden, i)))
      return g_strdup_printf ("header %s must not be there",
                              json_array_get_string_element (forbidden, i));
  return NULL;
}

static gboolean
same_json (const char *a, const char *b)
{
  g_autoptr (JsonNode) left = slip_json_parse (a, -1, NULL);
  g_autoptr (JsonNode) right = slip_json_parse (b, -1, NULL);

  return left != NULL && right != NULL && slip_json_equal (left, right);
}

static gboolean
same_xml (const char *a, const char *b)
{
  g_autofree char *left = canonical_xml (a);
  g_autofree char *right = canonical_xml (b);

  return left != NULL && g_strcmp0 (left, right) == 0;
}

static char *
check_body (SlipAwsProtocol protocol, const SlipAwsRequest *request, const char *expected)
{
  gsize size = 0;
  const char *data = request->body != NULL ? g_bytes_get_data (request->body, &size) : NULL;
  g_autofree char *got = g_strndup (data != NULL ? data : "", size);

  if (strcmp (got, expected) == 0)
    return NULL;
  if (protocol == SLIP_AWS_PROTOCOL_QUERY || protocol == SLIP_AWS_PROTOCOL_EC2)
    {
      g_autofree char *left = sorted_pairs (expected);
      g_autofree char *right = sorted_pairs (got);
      return compare ("body", left, right);
    }
  if (protocol == SLIP_AWS_PROTOCOL_REST_XML ? same_xml (expected, got) : same_json (expected, got))
    return NULL;
  return compare ("body", expected, got);
}

static JsonNode *
prepare_input (const SlipAwsOperation *op, JsonNode *params)
{
  const char *token = slip_aws_operation_token_member (op);
  JsonNode *input = convert_by_shape (op->input, params);
  JsonObject *object = json_node_get_object (input);

  if (token != NULL && !json_object_has_member (object, token))
    json_object_set_string_member (object, token, FIXED_TOKEN);
  return input;
}

static char *
run_input (const SlipAwsModel *model,
           const SlipAwsOperation *op,
           JsonObject *suite,
           JsonObject *test)
{
  JsonObject *serialized = slip_json_object (test, "serialized");
  g_autoptr (JsonNode) input = prepare_input (op, json_object_get_member (test, "params"));
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) request = slip_aws_protocol_build_request (model, op, input, &error);
  const char *endpoint = slip_json_string (suite, "clientEndpoint");
  const char *host = slip_json_string (serialized, "host");
  const char *body = slip_json_string (serialized, "body");
  char *problem = NULL;

  if (request == NULL)
    return g_strdup (error->message);
  if (slip_json_string (serialized, "method") != NULL)
    problem = compare ("method", slip_json_string (serialized, "method"), request->method);
  if (problem == NULL && slip_json_string (serialized, "uri") != NULL)
    problem = check_uri (request, endpoint, slip_json_string (serialized, "uri"));
  if (problem == NULL && host != NULL)
    problem = check_host (request, endpoint, host);
  if (problem == NULL)
    problem = check_headers (request, serialized);
  if (problem == NULL && body != NULL)
    problem = check_body (slip_aws_model_get_protocol (model), request, body);
  return problem;
}

/* --- answers --- */

static SlipAwsResponse *
make_response (JsonObject *object)
{
  SlipAwsResponse *response = slip_aws_response_new (slip_json_int (object, "status_code", 200));
  JsonObject *headers = slip_json_object (object, "headers");
  const char *body = slip_json_string (object, "body");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (headers != NULL)
    {
      json_object_iter_init_ordered (&iter, headers);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        slip_aws_headers_append (response->headers, name, json_node_get_string (node));
    }
  if (body != NULL)
    response->body = g_bytes_new (body, strlen (body));
  return response;
}

static char *
compare_json (const char *what, JsonNode *expected, JsonNode *got)
{
  if (got != NULL && slip_json_equal (expected, got))
    return NULL;
  g_autofree char *left = slip_json_to_text (expected, FALSE);
  g_autofree char *right = got != NULL ? slip_json_to_text (got, FALSE) : g_strdup ("nothing");
  return g_strdup_printf ("%s: expected %s\n#   got %s", what, left, right);
}

static const SlipAwsShape *
error_shape (const SlipAwsOperation *op, const char *code)
{
  for (guint i = 0; i < op->n_errors; i++)
    if (g_strcmp0 (op->errors[i]->error_code, code) == 0
        || g_strcmp0 (op->errors[i]->name, code) == 0)
      return op->errors[i];
  return NULL;
}

static char *
run_error (const SlipAwsModel *model,
           const SlipAwsOperation *op,
           const SlipAwsResponse *response,
           JsonObject *test)
{
  g_autoptr (JsonNode) details = NULL;
  g_autoptr (GError) error = slip_aws_protocol_parse_error (model, op, response, &details);
  const char *code = slip_json_string (test, "errorCode");
  const char *message = slip_json_string (test, "errorMessage");
  char *problem = compare ("error code", code, slip_aws_error_get_code (error));

  if (problem == NULL && message != NULL)
    problem = compare ("error message", message, slip_aws_error_get_text (error));
  if (problem == NULL && json_object_has_member (test, "error"))
    {
      g_autoptr (JsonNode) expected
          = convert_by_shape (error_shape (op, code), json_object_get_member (test, "error"));
      problem = compare_json ("error", expected, details);
    }
  return problem;
}

/* Every list that is a member of the output, given as text, says what it says as values. */
static char *
check_texts (const SlipAwsModel *model,
             const SlipAwsOperation *op,
             const SlipAwsResponse *response,
             JsonNode *expected)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) got = NULL;

  for (guint i = 0; op->output != NULL && i < op->output->n_members; i++)
    if (op->output->members[i]->shape->type == SLIP_AWS_TYPE_LIST)
      g_ptr_array_add (names, (gpointer)op->output->members[i]->name);
  g_ptr_array_add (names, NULL);
  got = slip_aws_protocol_parse_page (model, op, response, (const char *const *)names->pdata,
                                      &error);
  if (got == NULL)
    return g_strdup (error->message);
  for (char **name = (char **)names->pdata; *name != NULL; name++)
    {
      const char *items = slip_json_string (json_node_get_object (got), *name);
      g_autofree char *text = items != NULL ? g_strdup_printf ("[%s\n  ]", items) : NULL;
      JsonNode *list = text != NULL ? slip_json_parse (text, -1, &error) : NULL;

      if (text != NULL && list == NULL)
        return g_strdup_printf ("%s as text: %s", *name, error->message);
      if (list != NULL)
        json_object_set_member (json_node_get_object (got), *name, list);
    }
  return compare_json ("result with its lists as text", expected, got);
}

static char *
run_output (const SlipAwsModel *model, const SlipAwsOperation *op, JsonObject *test)
{
  g_autoptr (SlipAwsResponse) response = make_response (slip_json_object (test, "response"));
  g_autoptr (GError) error = NULL;

  if (json_object_has_member (test, "errorCode") || json_object_has_member (test, "error"))
    return run_error (model, op, response, test);
  g_autoptr (JsonNode) expected
      = convert_by_shape (op->output, json_object_get_member (test, "result"));
  g_autoptr (JsonNode) got = slip_aws_protocol_parse_response (model, op, response, &error);
  if (got == NULL)
    return g_strdup (error->message);
  char *problem = compare_json ("result", expected, got);
  return problem != NULL ? problem : check_texts (model, op, response, expected);
}

/* --- suites --- */

/* Why a case is about something that no service of ours does; NULL when it is not. */
static const char *
reason_to_skip (JsonObject *suite)
{
  static const char *const spoken[] = {"query", "ec2", "json", "rest-json", "rest-xml", NULL};
  JsonObject *metadata = slip_json_object (suite, "metadata");
  const char *protocol = metadata != NULL ? slip_json_string (metadata, "protocol") : NULL;

  if (protocol != NULL && !g_strv_contains (spoken, protocol))
    return "no service of ours requires this protocol: all of them offer query, ec2, json, "
           "rest-json "
           "or rest-xml";
  return NULL;
}

static gboolean
has_event_stream (const SlipAwsShape *shape)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->event_stream)
      return TRUE;
  return FALSE;
}

static SlipAwsModel *
make_model (JsonObject *suite, JsonObject *given, GError **error)
{
  JsonObject *model = json_object_new ();
  JsonObject *operations = json_object_new ();
  JsonNode *shapes = json_object_get_member (suite, "shapes");

  json_object_set_member (model, "metadata",
                          slip_json_copy (json_object_get_member (suite, "metadata")));
  if (shapes != NULL)
    json_object_set_member (model, "shapes", slip_json_copy (shapes));
  json_object_set_object_member (operations, slip_json_string (given, "name"),
                                 json_object_ref (given));
  json_object_set_object_member (model, "operations", operations);
  g_autoptr (JsonNode) node = slip_json_new_object (model);
  return slip_aws_model_new_from_json (node, "conformance", error);
}

static void
report (
    Tally *tally, const char *name, const char *description, const char *problem, const char *skip)
{
  g_autofree char *title = g_strdup_printf ("%s: %s", name, description != NULL ? description : "");

  for (char *p = title; *p != '\0'; p++)
    if (*p == '\n' || *p == '#')
      *p = ' ';
  tally->number++;
  tally->failed += problem != NULL;
  printf ("%s %u - %s%s%s\n", problem != NULL ? "not ok" : "ok", tally->number, title,
          skip != NULL ? " # SKIP " : "", skip != NULL ? skip : "");
  if (problem == NULL)
    return;
  g_auto (GStrv) lines = g_strsplit (problem, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    printf ("# %s\n", **line == '#' ? *line + 1 : *line);
}

static void
run_case (JsonObject *suite, JsonObject *test, Tally *tally)
{
  JsonObject *given = slip_json_object (test, "given");
  const char *description = slip_json_string (test, "description");
  const char *name = slip_json_string (test, "id");
  const char *skip = reason_to_skip (suite);
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;

  if (name == NULL)
    name = given != NULL ? slip_json_string (given, "name") : "case";
  if (description == NULL)
    description = slip_json_string (suite, "description");
  if (skip != NULL)
    {
      report (tally, name, description, NULL, skip);
      return;
    }
  if (given == NULL || slip_json_string (given, "name") == NULL)
    {
      report (tally, name, description, "the case names no operation", NULL);
      return;
    }
  g_autoptr (SlipAwsModel) model = make_model (suite, given, &error);
  if (model == NULL)
    {
      report (tally, name, description, error->message, NULL);
      return;
    }
  const SlipAwsOperation *op = slip_aws_model_get_operation (model, 0);
  if (has_event_stream (op->input) || has_event_stream (op->output))
    skip = "event streams: the two operations of our services that have one are not called";
  else if (slip_json_object (test, "serialized") != NULL)
    problem = run_input (model, op, suite, test);
  else if (slip_json_object (test, "response") != NULL)
    problem = run_output (model, op, test);
  else
    problem = g_strdup ("the case has neither a request nor an answer");
  report (tally, name, description, problem, skip);
}

static JsonArray *
load_suites (const char *path, JsonNode **node)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = slip_file_read (path, MAX_FILE_BYTES, &error);

  *node = bytes != NULL
              ? slip_json_parse (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error)
              : NULL;
  if (*node != NULL && JSON_NODE_HOLDS_ARRAY (*node))
    return json_node_get_array (*node);
  fprintf (stderr, "slip-conformance: %s: %s\n", path,
           error != NULL ? error->message : "not a list of suites");
  return NULL;
}

static guint
run_suites (JsonArray *suites, Tally *tally)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (suites); i++)
    {
      JsonObject *suite = slip_json_node_object (json_array_get_element (suites, i));
      JsonArray *cases = suite != NULL ? slip_json_array (suite, "cases") : NULL;
      for (guint j = 0; cases != NULL && j < json_array_get_length (cases); j++)
        {
          JsonObject *test = slip_json_node_object (json_array_get_element (cases, j));
          n += test != NULL;
          if (tally != NULL && test != NULL)
            run_case (suite, test, tally);
        }
    }
  return n;
}

int
slip_conformance_protocol (int argc, char **argv)
{
  g_autoptr (GPtrArray) nodes = g_ptr_array_new_with_free_func ((GDestroyNotify)json_node_unref);
  Tally tally = {0, 0};
  guint total = 0;

  for (int i = 0; i < argc; i++)
    {
      JsonNode *node = NULL;
      JsonArray *suites = load_suites (argv[i], &node);
      if (node != NULL)
        g_ptr_array_add (nodes, node);
      if (suites == NULL)
        return 2;
      total += run_suites (suites, NULL);
    }
  printf ("1..%u\n", total);
  for (guint i = 0; i < nodes->len; i++)
    run_suites (json_node_get_array (nodes->pdata[i]), &tally);
  return tally.failed > 0 ? 1 : 0;
}
