/* SPDX-License-Identifier: MIT */

/* The rest-json protocol (AWS Backup, OpenSearch Ingestion): paths, headers and query strings as the
 * model says, and JSON in the bodies. */

#include "slip-aws-protocol-private.h"

#include "slip-json.h"

/* Writes the body of a request or an answer: the payload, or all members that are nowhere else. */
static gboolean
write_body (const SlipAwsShape *shape,
            JsonObject *object,
            SlipAwsHeaders *headers,
            GBytes **body,
            GError **error)
{
  const SlipAwsMember *payload = shape != NULL ? shape->payload : NULL;
  g_autoptr (JsonNode) wire = NULL;

  if (shape == NULL || (payload == NULL && !slip_aws_rest_has_body_members (shape)))
    return TRUE;
  if (payload != NULL && payload->event_stream)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CHECK,
                   "$.%s: event streams cannot be sent", payload->name);
      return FALSE;
    }
  if (payload != NULL)
    {
      JsonNode *node = json_object_get_member (object, payload->name);
      if (slip_aws_rest_is_raw (payload))
        return slip_aws_rest_write_raw (payload, node, headers, body, error);
      gboolean absent = node == NULL || JSON_NODE_HOLDS_NULL (node);
      /* There is no empty union, and any value is a document. */
      if (absent && (payload->shape->is_union || payload->shape->type == SLIP_AWS_TYPE_DOCUMENT))
        return TRUE;
      if (absent)
        wire = slip_json_new_object (json_object_new ());
      else if ((wire = slip_aws_json_to_wire (payload, node, error)) == NULL)
        return FALSE;
    }
  else
    {
      g_autoptr (JsonObject) members = json_object_new ();
      if (!slip_aws_json_members_to_wire (shape, object, members, error))
        return FALSE;
      wire = slip_json_new_object (g_steal_pointer (&members));
    }
  *body = slip_aws_json_to_body (wire);
  if (slip_aws_headers_get (headers, "Content-Type") == NULL)
    slip_aws_headers_set (headers, "Content-Type", "application/json");
  return TRUE;
}

static gboolean
read_body (const SlipAwsShape *shape, GBytes *body, JsonObject *into, GError **error)
{
  const SlipAwsMember *payload = shape->payload;

  if (payload != NULL && slip_aws_rest_is_raw (payload))
    return slip_aws_rest_read_raw (payload, body, into, error);
  if (payload == NULL && shape->n_wire == 0)
    return TRUE;
  if (body == NULL || g_bytes_get_size (body) == 0)
    return TRUE;
  g_autoptr (JsonNode) node = slip_aws_json_parse_body (body, error);
  if (node == NULL)
    return FALSE;
  if (payload != NULL)
    {
      if (JSON_NODE_HOLDS_NULL (node))
        return TRUE;
      JsonNode *value = slip_aws_json_from_wire (payload, node, error);
      if (value != NULL)
        json_object_set_member (into, payload->name, value);
      return value != NULL;
    }
  JsonObject *object = slip_aws_json_body_object (node, error);
  return object != NULL && slip_aws_json_members_from_wire (shape, object, into, error);
}

static gboolean
build_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               JsonObject *input,
               SlipAwsRequest *request,
               GError **error)
{
  return slip_aws_rest_write_head (op, input, request, error)
         && write_body (op->input, input, request->headers, &request->body, error);
}

static gboolean
parse_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                const SlipAwsResponse *response,
                const char *const *texts,
                JsonObject *output,
                GError **error)
{
  return slip_aws_rest_read_response (op, response, read_body, output, error);
}

static gboolean
parse_error_details (const SlipAwsModel *model,
                     const SlipAwsShape *shape,
                     const SlipAwsResponse *response,
                     JsonObject *details)
{
  return slip_aws_rest_read_head (shape, response, details, NULL)
         && read_body (shape, response->body, details, NULL);
}

static gboolean
parse_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsRequest *request,
               JsonObject *input,
               GError **error)
{
  return slip_aws_rest_read_request (op, request, read_body, "SerializationException", "", input,
                                     error);
}

static gboolean
build_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                JsonObject *output,
                const char *request_id,
                SlipAwsResponse *response,
                GError **error)
{
  return slip_aws_rest_write_response_head (op, output, request_id, response, error)
         && write_body (op->output, output, response->headers, &response->body, error);
}

static void
build_error (const SlipAwsModel *model,
             guint status,
             const char *code,
             const char *message,
             const char *request_id,
             SlipAwsResponse *response)
{
  slip_aws_json_build_error (status, code, message, request_id, "application/json", response);
}

const SlipAwsProtocolVtable slip_aws_protocol_rest_json = {
    .build_request = build_request,
    .parse_response = parse_response,
    .parse_error = slip_aws_json_parse_error,
    .parse_error_details = parse_error_details,
    .route = slip_aws_rest_route,
    .parse_request = parse_request,
    .build_response = build_response,
    .build_error = build_error,
};
