/* SPDX-License-Identifier: MIT */

/* The rest-xml protocol (S3): paths, headers and query strings as the model says, and XML in the
 * bodies. */

#include "slip-aws-protocol-private.h"

#include <string.h>

#include "slip-json.h"

static gboolean
has_body_value (const SlipAwsShape *shape, JsonObject *object)
{
  for (guint i = 0; i < shape->n_members; i++)
    {
      JsonNode *node = json_object_get_member (object, shape->members[i]->name);
      if (shape->members[i]->location == SLIP_AWS_LOCATION_BODY && node != NULL
          && !JSON_NODE_HOLDS_NULL (node))
        return TRUE;
    }
  return FALSE;
}

/* @value is what the document's element holds; NULL writes no body at all. */
static gboolean
write_document (const SlipAwsMember *ref,
                const char *root,
                JsonNode *value,
                SlipAwsHeaders *headers,
                GBytes **body,
                GError **error)
{
  g_autoptr (GString) xml = g_string_new (NULL);

  if (value == NULL || JSON_NODE_HOLDS_NULL (value))
    return TRUE;
  if (!slip_aws_xml_write (xml, ref, root, value, error))
    return FALSE;
  *body = slip_aws_body_take (g_steal_pointer (&xml));
  if (slip_aws_headers_get (headers, "Content-Type") == NULL)
    slip_aws_headers_set (headers, "Content-Type", "application/xml");
  return TRUE;
}

static gboolean
refuse_stream (const SlipAwsMember *payload, GError **error)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK, "$.%s: event streams cannot be sent",
               payload->name);
  return FALSE;
}

static gboolean
write_payload (const SlipAwsMember *payload,
               JsonObject *object,
               SlipAwsHeaders *headers,
               GBytes **body,
               GError **error)
{
  JsonNode *node = json_object_get_member (object, payload->name);
  const char *root = payload->wire;

  /* A name that is only the member's own says nothing; then the shape's counts, if it has one. */
  if (strcmp (payload->wire, payload->name) == 0 && payload->shape->document != NULL)
    root = payload->shape->document;

  if (payload->event_stream)
    return refuse_stream (payload, error);
  if (slip_aws_rest_is_raw (payload))
    return slip_aws_rest_write_raw (payload, node, headers, body, error);
  return write_document (payload, root, node, headers, body, error);
}

/* A name that the shape was given wins over the one that every operation's input gets. */
static const char *
request_root (const SlipAwsOperation *op)
{
  const SlipAwsShape *shape = op->input;

  if (shape->document != NULL && strcmp (shape->document, shape->name) != 0)
    return shape->document;
  return op->input_ref->wire != NULL ? op->input_ref->wire : shape->name;
}

static gboolean
build_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               JsonObject *input,
               SlipAwsRequest *request,
               GError **error)
{
  if (!slip_aws_rest_write_head (op, input, request, error))
    return FALSE;
  if (op->input == NULL)
    return TRUE;
  if (op->input->payload != NULL)
    return write_payload (op->input->payload, input, request->headers, &request->body, error);
  if (!has_body_value (op->input, input))
    return TRUE;
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (input));
  return write_document (op->input_ref, request_root (op), node, request->headers, &request->body,
                         error);
}

/* Reads the document's element into the members of @shape. */
static gboolean
read_document (const SlipAwsShape *shape, GBytes *body, JsonObject *into, GError **error)
{
  SlipAwsXmlReader reader;
  GError *local = NULL;
  gsize length = 0;
  const char *text = slip_aws_body_text (body, &length);

  slip_aws_xml_reader_init (&reader, text, length, &local);
  if (slip_aws_xml_reader_next (&reader) == SLIP_AWS_XML_START
      && slip_aws_xml_read_structure (&reader, shape, into))
    slip_aws_xml_reader_next (&reader);
  slip_aws_xml_reader_clear (&reader);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

/* A payload that is no structure is wrapped into one, whose only member it is. */
static gboolean
read_payload (const SlipAwsMember *payload, GBytes *body, JsonObject *into, GError **error)
{
  if (slip_aws_rest_is_raw (payload))
    return slip_aws_rest_read_raw (payload, body, into, error);
  if (body == NULL || g_bytes_get_size (body) == 0)
    return TRUE;
  if (payload->shape->type != SLIP_AWS_TYPE_STRUCTURE)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MODEL, "payload %s is no structure",
                   payload->name);
      return FALSE;
    }
  g_autoptr (JsonObject) object = json_object_new ();
  if (!read_document (payload->shape, body, object, error))
    return FALSE;
  json_object_set_object_member (into, payload->name, g_steal_pointer (&object));
  return TRUE;
}

static gboolean
read_body (const SlipAwsShape *shape, GBytes *body, JsonObject *into, GError **error)
{
  if (shape->payload != NULL)
    return read_payload (shape->payload, body, into, error);
  if (shape->n_wire == 0 || body == NULL || g_bytes_get_size (body) == 0)
    return TRUE;
  return read_document (shape, body, into, error);
}

/* The one answer of S3 whose outer element is the member itself: `<LocationConstraint>eu-west-1</…>`. */
static gboolean
is_bare_location (const SlipAwsModel *model, const SlipAwsOperation *op)
{
  return model->is_s3 && strcmp (op->name, "GetBucketLocation") == 0;
}

static gboolean
read_bare_location (GBytes *body, JsonObject *output, GError **error)
{
  SlipAwsXmlReader reader;
  GError *local = NULL;
  gsize length = 0;
  const char *text = slip_aws_body_text (body, &length);
  const char *region = NULL;

  slip_aws_xml_reader_init (&reader, text, length, &local);
  if (slip_aws_xml_reader_next (&reader) == SLIP_AWS_XML_START)
    region = slip_aws_xml_reader_take_text (&reader);
  if (local == NULL && region != NULL && *region != '\0')
    json_object_set_string_member (output, "LocationConstraint", region);
  if (local == NULL)
    slip_aws_xml_reader_next (&reader);
  slip_aws_xml_reader_clear (&reader);
  if (local == NULL)
    return TRUE;
  g_propagate_error (error, local);
  return FALSE;
}

static void
write_bare_location (const char *region, SlipAwsResponse *response)
{
  GString *xml
      = g_string_new ("<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");

  slip_aws_xml_append_text (xml, region != NULL ? region : "");
  g_string_append (xml, "</LocationConstraint>");
  slip_aws_xml_take_body (response, "application/xml", xml);
}

static gboolean
parse_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                const SlipAwsResponse *response,
                const char *const *texts,
                JsonObject *output,
                GError **error)
{
  if (is_bare_location (model, op))
    return read_bare_location (response->body, output, error);
  return slip_aws_rest_read_response (op, response, read_body, output, error);
}

static gboolean
parse_error_details (const SlipAwsModel *model,
                     const SlipAwsShape *shape,
                     const SlipAwsResponse *response,
                     JsonObject *details)
{
  return slip_aws_rest_read_head (shape, response, details, NULL)
         && slip_aws_xml_parse_error_details (model, shape, response, details);
}

static gboolean
parse_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsRequest *request,
               JsonObject *input,
               GError **error)
{
  return slip_aws_rest_read_request (op, request, read_body, "MalformedXML",
                                     "The XML you provided was not well-formed: ", input, error);
}

static gboolean
build_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                JsonObject *output,
                const char *request_id,
                SlipAwsResponse *response,
                GError **error)
{
  if (!slip_aws_rest_write_response_head (op, output, request_id, response, error))
    return FALSE;
  if (op->output == NULL)
    return TRUE;
  if (is_bare_location (model, op))
    {
      write_bare_location (slip_json_string (output, "LocationConstraint"), response);
      return TRUE;
    }
  if (op->output->payload != NULL)
    return write_payload (op->output->payload, output, response->headers, &response->body, error);
  if (!slip_aws_rest_has_body_members (op->output))
    return TRUE;
  g_autofree char *fallback = g_strconcat (op->name, "Result", NULL);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (output));
  return write_document (op->output_ref,
                         op->output_ref->wire != NULL ? op->output_ref->wire : fallback, node,
                         response->headers, &response->body, error);
}

static void
build_error (const SlipAwsModel *model,
             guint status,
             const char *code,
             const char *message,
             const char *request_id,
             SlipAwsResponse *response)
{
  GString *xml = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");

  if (model->is_s3)
    {
      g_string_append (xml, "<Error>");
      slip_aws_xml_append_element (xml, "Code", code);
      slip_aws_xml_append_element (xml, "Message", message);
    }
  else
    {
      g_string_append (xml, "<ErrorResponse>");
      slip_aws_xml_append_error (xml, NULL, code, message);
    }
  slip_aws_xml_append_element (xml, "RequestId", request_id);
  g_string_append (xml, model->is_s3 ? "</Error>" : "</ErrorResponse>");
  slip_aws_xml_take_body (response, "application/xml", xml);
}

const SlipAwsProtocolVtable slip_aws_protocol_rest_xml = {
    .build_request = build_request,
    .parse_response = parse_response,
    .parse_error = slip_aws_xml_parse_error,
    .parse_error_details = parse_error_details,
    .route = slip_aws_rest_route,
    .parse_request = parse_request,
    .build_response = build_response,
    .build_error = build_error,
};
