/* SPDX-License-Identifier: MIT */

/* The json protocol, 1.0 and 1.1 (DynamoDB, KMS, Secrets Manager, ECS, DMS, Step Functions and more):
 * the operation in a header, JSON in both bodies. */

#include "slip-aws-protocol-private.h"

#include <string.h>

#include "slip-json.h"

static char *
dup_content_type (const SlipAwsModel *model)
{
  return g_strdup_printf ("application/x-amz-json-%s",
                          model->json_version != NULL ? model->json_version : "1.0");
}

static GBytes *
to_body (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (object));

  return slip_aws_json_to_body (node);
}

static gboolean
build_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               JsonObject *input,
               SlipAwsRequest *request,
               GError **error)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autofree char *type = dup_content_type (model);
  g_autofree char *target = g_strdup_printf (
      "%s.%s", model->target_prefix != NULL ? model->target_prefix : model->service, op->name);

  if (op->input != NULL && !slip_aws_json_members_to_wire (op->input, input, body, error))
    return FALSE;
  slip_aws_headers_set (request->headers, "X-Amz-Target", target);
  slip_aws_headers_set (request->headers, "Content-Type", type);
  if (model->query_compatible)
    slip_aws_headers_set (request->headers, "x-amzn-query-mode", "true");
  request->body = to_body (body);
  return TRUE;
}

static JsonObject *
parse_object (GBytes *body, JsonNode **node, GError **error)
{
  *node = slip_aws_json_parse_body (body, error);
  return *node != NULL ? slip_aws_json_body_object (*node, error) : NULL;
}

static gboolean
parse_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                const SlipAwsResponse *response,
                const char *const *texts,
                JsonObject *output,
                GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  if (op->output == NULL)
    return TRUE;
  JsonObject *object = parse_object (response->body, &node, error);
  return object != NULL && slip_aws_json_members_from_wire (op->output, object, output, error);
}

static gboolean
parse_error_details (const SlipAwsModel *model,
                     const SlipAwsShape *shape,
                     const SlipAwsResponse *response,
                     JsonObject *details)
{
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = parse_object (response->body, &node, NULL);

  return object != NULL && slip_aws_json_members_from_wire (shape, object, details, NULL);
}

static const SlipAwsOperation *
route (const SlipAwsModel *model, const SlipAwsRequest *request, GError **error)
{
  const char *target = slip_aws_headers_get (request->headers, "X-Amz-Target");
  gsize length = model->target_prefix != NULL ? strlen (model->target_prefix) : 0;
  const SlipAwsOperation *op = NULL;

  if (target != NULL
      && strncmp (target, model->target_prefix != NULL ? model->target_prefix : "", length) == 0
      && target[length] == '.')
    op = slip_aws_model_find_operation (model, target + length + 1);
  if (op == NULL)
    slip_aws_error_set_service (error, "UnknownOperationException", 400,
                                "The operation %s is not known",
                                target != NULL ? target : "(none)");
  return op;
}

static gboolean
parse_request (const SlipAwsModel *model,
               const SlipAwsOperation *op,
               const SlipAwsRequest *request,
               JsonObject *input,
               GError **error)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) local = NULL;
  JsonObject *object = parse_object (request->body, &node, &local);

  if (object != NULL
      && (op->input == NULL || slip_aws_json_members_from_wire (op->input, object, input, &local)))
    return TRUE;
  slip_aws_error_set_service (error, "SerializationException", 400, "%s", local->message);
  return FALSE;
}

static gboolean
build_response (const SlipAwsModel *model,
                const SlipAwsOperation *op,
                JsonObject *output,
                const char *request_id,
                SlipAwsResponse *response,
                GError **error)
{
  g_autoptr (JsonObject) body = json_object_new ();
  g_autofree char *type = dup_content_type (model);

  if (op->output != NULL && !slip_aws_json_members_to_wire (op->output, output, body, error))
    return FALSE;
  slip_aws_headers_set (response->headers, "Content-Type", type);
  response->body = op->output != NULL ? to_body (body) : g_bytes_new_static ("", 0);
  return TRUE;
}

static void
build_error (const SlipAwsModel *model,
             guint status,
             const char *code,
             const char *message,
             const char *request_id,
             SlipAwsResponse *response)
{
  g_autofree char *type = dup_content_type (model);
  slip_aws_json_build_error (status, code, message, request_id, type, response);
}

const SlipAwsProtocolVtable slip_aws_protocol_json = {
    .build_request = build_request,
    .parse_response = parse_response,
    .parse_error = slip_aws_json_parse_error,
    .parse_error_details = parse_error_details,
    .route = route,
    .parse_request = parse_request,
    .build_response = build_response,
    .build_error = build_error,
};
