/* SPDX-License-Identifier: MIT */

/* Every operation of every service, from one side of the wire to the other: an input made up from the
 * model is checked, written as a request, read as a server reads it and compared; the same for an
 * output and its answer. The texts hold what each place finds hard to carry. */

#include <string.h>

#include "slip-aws-protocol.h"
#include "slip-json.h"

#define MAX_DEPTH 5

typedef struct
{
  GRand *random;
  SlipAwsProtocol protocol;
} Maker;

static JsonNode *make_value (Maker *maker, const SlipAwsMember *member, guint depth);

static JsonNode *
make_string (Maker *maker, const SlipAwsMember *member)
{
  static const char *const texts[] = {
      "plain",
      "two words",
      "a&b<c>\"d\"'e'",
      "caf\xC3\xA9 \xF0\x9F\x90\x98",
      "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:rds:a/b+c%d",
      "comma, and \"quote\"",
      "0",
      "true",
  };
  static const char *const multiline[] = {"line\nline\r\n\ttab", " spaces ", ""};

  if (member->host_label)
    return slip_json_new_string ("label-1");
  /* Headers and paths are one line; a path's part must not be empty. */
  if (member->location == SLIP_AWS_LOCATION_BODY && member->name != NULL
      && g_rand_int_range (maker->random, 0, 4) == 0)
    return slip_json_new_string (multiline[g_rand_int_range (maker->random, 0, 3)]);
  return slip_json_new_string (texts[g_rand_int_range (maker->random, 0, G_N_ELEMENTS (texts))]);
}

static JsonNode *
make_int (gint64 value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (node, value);
  return node;
}

static JsonNode *
make_double (double value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  json_node_set_double (node, value);
  return node;
}

static JsonNode *
make_boolean (gboolean value)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);
  json_node_set_boolean (node, value);
  return node;
}

static JsonNode *
make_time (Maker *maker, const SlipAwsMember *member)
{
  /* The form of HTTP has no fractions. */
  gboolean whole
      = member->location == SLIP_AWS_LOCATION_HEADER || member->time_format == SLIP_AWS_TIME_RFC822;
  return slip_json_new_string (whole || g_rand_boolean (maker->random)
                                   ? "2026-11-21T06:30:00Z"
                                   : "2024-02-29T23:59:59.125Z");
}

static JsonNode *
make_scalar (Maker *maker, const SlipAwsMember *member)
{
  static const double doubles[] = {0.5, 1.1, -1234.5678, 1e21};

  switch (member->shape->type)
    {
    case SLIP_AWS_TYPE_BOOLEAN:
      return make_boolean (g_rand_boolean (maker->random));
    case SLIP_AWS_TYPE_INTEGER:
      return make_int (g_rand_int_range (maker->random, G_MININT32, G_MAXINT32));
    case SLIP_AWS_TYPE_LONG:
      return make_int (G_GINT64_CONSTANT (-9007199254740993));
    case SLIP_AWS_TYPE_FLOAT:
    case SLIP_AWS_TYPE_DOUBLE:
      if (g_rand_int_range (maker->random, 0, 8) == 0)
        return slip_json_new_string ("-Infinity");
      return make_double (doubles[g_rand_int_range (maker->random, 0, G_N_ELEMENTS (doubles))]);
    case SLIP_AWS_TYPE_TIMESTAMP:
      return make_time (maker, member);
    case SLIP_AWS_TYPE_BLOB:
      return slip_json_new_string ("AAEC/w==");
    default:
      return make_string (maker, member);
    }
}

static JsonNode *
make_structure (Maker *maker, const SlipAwsShape *shape, guint depth)
{
  JsonObject *object = json_object_new ();
  guint only = shape->is_union && shape->n_members > 0
                   ? (guint)g_rand_int_range (maker->random, 0, shape->n_members)
                   : G_MAXUINT;

  for (guint i = 0; i < shape->n_members; i++)
    {
      const SlipAwsMember *member = shape->members[i];
      JsonNode *node = NULL;
      gboolean wanted = only == G_MAXUINT
                            ? member->required || depth < 2 || g_rand_boolean (maker->random)
                            : i == only;
      /* A deprecated member may share its name on the wire with the list that took its place. */
      gboolean shadowed = member->location == SLIP_AWS_LOCATION_BODY
                          && slip_aws_shape_find_wire (shape, member->wire, -1) != member;
      if (wanted && !shadowed && member->location != SLIP_AWS_LOCATION_STATUS)
        node = make_value (maker, member, depth + 1);
      if (node != NULL)
        json_object_set_member (object, member->name, node);
    }
  /* A form cannot say "a structure without members". */
  for (guint i = 0; depth > 0 && i < shape->n_members && json_object_get_size (object) == 0; i++)
    {
      JsonNode *node = make_value (maker, shape->members[i], depth + 1);
      if (node != NULL)
        json_object_set_member (object, shape->members[i]->name, node);
    }
  if (depth > 0 && json_object_get_size (object) == 0)
    {
      json_object_unref (object);
      return NULL;
    }
  return slip_json_new_object (object);
}

static JsonNode *
make_list (Maker *maker, const SlipAwsMember *member, guint depth)
{
  JsonArray *array = json_array_new ();
  guint n = g_rand_int_range (maker->random, 1, depth < 3 ? 13 : 3);

  for (guint i = 0; i < n; i++)
    {
      SlipAwsMember element = *member->shape->element;
      element.location = member->location;
      element.required = member->required;
      JsonNode *node = make_value (maker, &element, depth + 1);
      if (node != NULL)
        json_array_add_element (array, node);
    }
  /* Nor can the ec2 protocol say "an empty list". */
  if (json_array_get_length (array) == 0)
    {
      json_array_unref (array);
      return NULL;
    }
  return slip_json_new_array (array);
}

static JsonNode *
make_map (Maker *maker, const SlipAwsMember *member, guint depth)
{
  static const char *const keys[] = {"one", "two-2", "Three"};
  JsonObject *object = json_object_new ();
  SlipAwsMember value = *member->shape->value;

  value.location = member->location;
  value.required = member->required;
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      JsonNode *node = make_value (maker, &value, depth + 1);
      if (node != NULL)
        json_object_set_member (object, keys[i], node);
    }
  if (json_object_get_size (object) == 0)
    {
      json_object_unref (object);
      return NULL;
    }
  return slip_json_new_object (object);
}

/* Returns NULL where the shapes nest too deep to go on. */
static JsonNode *
make_value (Maker *maker, const SlipAwsMember *member, guint depth)
{
  SlipAwsType type = member->shape->type;

  if (depth > (member->required ? 2 * MAX_DEPTH : MAX_DEPTH)
      && (type == SLIP_AWS_TYPE_STRUCTURE || type == SLIP_AWS_TYPE_LIST
          || type == SLIP_AWS_TYPE_MAP))
    return NULL;
  if (type == SLIP_AWS_TYPE_STRUCTURE)
    return make_structure (maker, member->shape, depth);
  if (type == SLIP_AWS_TYPE_LIST)
    return make_list (maker, member, depth);
  if (type == SLIP_AWS_TYPE_MAP)
    return make_map (maker, member, depth);
  return make_scalar (maker, member);
}

static gboolean
has_event_stream (const SlipAwsShape *shape)
{
  for (guint i = 0; shape != NULL && i < shape->n_members; i++)
    if (shape->members[i]->event_stream)
      return TRUE;
  return FALSE;
}

static void
assert_same (const SlipAwsModel *model,
             const SlipAwsOperation *op,
             const char *what,
             JsonNode *expected,
             JsonNode *got)
{
  if (slip_json_equal (expected, got))
    return;
  g_autofree char *left = slip_json_to_text (expected, TRUE);
  g_autofree char *right = slip_json_to_text (got, TRUE);
  g_error ("%s %s: %s changed on its way\nfrom %s\nto %s", slip_aws_model_get_service (model),
           op->name, what, left, right);
}

/* Puts the request through the line of text that a server gets. */
static void
send_target (SlipAwsRequest *request)
{
  g_autofree char *query = slip_aws_request_dup_query_string (request);
  g_autofree char *target = g_strconcat (request->path, *query != '\0' ? "?" : "", query, NULL);

  g_assert_true (slip_aws_request_set_target (request, target));
}

static void
assert_input_arrives (const SlipAwsModel *model, const SlipAwsOperation *op, JsonNode *input)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsRequest) request = NULL;
  g_autoptr (JsonNode) got = NULL;
  const SlipAwsOperation *found = NULL;

  slip_aws_model_check_error (model, op, input, &error);
  g_assert_no_error (error);
  request = slip_aws_protocol_build_request (model, op, input, &error);
  g_assert_no_error (error);
  send_target (request);
  /* A deprecated operation may share its path with the one that took its place, and directory
   * buckets are listed at another host. */
  if (op->deprecated || strcmp (op->name, "ListDirectoryBuckets") == 0)
    return;
  if (!slip_aws_protocol_parse_request (model, request, &found, &got, &error))
    g_error ("%s %s: %s (%s %s)", slip_aws_model_get_service (model), op->name, error->message,
             request->method, request->path);
  g_assert_cmpstr (found->name, ==, op->name);
  assert_same (model, op, "input", input, got);
}

static void
assert_output_arrives (const SlipAwsModel *model, const SlipAwsOperation *op, JsonNode *output)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipAwsResponse) response
      = slip_aws_protocol_build_response (model, op, output, "11111111-2222", &error);
  g_assert_no_error (error);
  g_autoptr (JsonNode) got = slip_aws_protocol_parse_response (model, op, response, &error);
  g_assert_no_error (error);
  assert_same (model, op, "output", output, got);
  g_autofree char *id = slip_aws_protocol_dup_request_id (response);
  g_assert_cmpstr (id, ==, "11111111-2222");
}

static JsonNode *
make_ref (Maker *maker, const SlipAwsShape *shape)
{
  return shape != NULL ? make_structure (maker, shape, 0)
                       : slip_json_new_object (json_object_new ());
}

static void
test_service (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get (data, &error);
  Maker maker = {.random = g_rand_new_with_seed (20261121)};

  g_assert_no_error (error);
  maker.protocol = slip_aws_model_get_protocol (model);
  for (guint i = 0; i < slip_aws_model_get_n_operations (model); i++)
    {
      const SlipAwsOperation *op = slip_aws_model_get_operation (model, i);
      if (has_event_stream (op->input) || has_event_stream (op->output))
        continue;
      g_autoptr (JsonNode) input = make_ref (&maker, op->input);
      g_autoptr (JsonNode) output = make_ref (&maker, op->output);
      assert_input_arrives (model, op, input);
      assert_output_arrives (model, op, output);
    }
  g_rand_free (maker.random);
}

static void
test_errors_arrive (gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  SlipAwsModel *model = slip_aws_model_get (data, &error);
  g_assert_no_error (error);
  g_autoptr (SlipAwsResponse) response = slip_aws_protocol_build_error (
      model, NULL, 404, "SomethingNotFoundFault", "a <thing> & \"more\"", "id-1");
  g_autoptr (JsonNode) output = slip_aws_protocol_parse_response (
      model, slip_aws_model_get_operation (model, 0), response, &error);

  g_assert_null (output);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE);
  g_assert_cmpstr (slip_aws_error_get_code (error), ==, "SomethingNotFoundFault");
  g_assert_cmpstr (slip_aws_error_get_text (error), ==, "a <thing> & \"more\"");
  g_assert_cmpuint (slip_aws_error_get_status (error), ==, 404);
  g_assert_cmpstr (slip_aws_error_get_request_id (error), ==, "id-1");
}

int
main (int argc, char **argv)
{
  const char *const *services = slip_aws_model_list_services ();

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; services[i] != NULL; i++)
    {
      g_autofree char *whole
          = g_strdup_printf ("/aws/protocol/%s/every_operation_arrives", services[i]);
      g_autofree char *errors = g_strdup_printf ("/aws/protocol/%s/errors_arrive", services[i]);
      g_test_add_data_func (whole, services[i], test_service);
      g_test_add_data_func (errors, services[i], test_errors_arrive);
    }
  return g_test_run ();
}
