/* SPDX-License-Identifier: MIT */

/* What stands before every service: proof of who calls, and of an input that fits the model, each
 * refused with the code and status that AWS gives in the service's own protocol. */

#include "slip-gate.h"

#include "slip-aws-error.h"
#include "slip-aws-protocol.h"
#include "slip-json.h"
#include "slip-principals.h"

#define SKEW_SECONDS 300
#define SKEW_SECONDS_S3 900

const SlipWorldRecord *
slip_gate_admit (SlipWorld *world,
                 const SlipAwsRequest *request,
                 const char *host,
                 const SlipAwsSigned *signed_,
                 gint64 now_us,
                 GError **error)
{
  const SlipWorldRecord *key = slip_principals_find_key (world, signed_->access_key);
  const char *secret = key != NULL ? slip_json_string (key->data, "secret") : NULL;
  const char *token = key != NULL ? slip_json_string (key->data, "token") : NULL;
  guint skew = g_strcmp0 (signed_->service, "s3") == 0 ? SKEW_SECONDS_S3 : SKEW_SECONDS;

  if (!slip_aws_sigv4_verify (request, host, secret, token, now_us, skew, error))
    return NULL;
  if (slip_principals_is_expired (key, now_us))
    return slip_service_error (error, 403, "ExpiredToken",
                               "The security token included in the request is expired");
  return key;
}

typedef struct
{
  const char *query;
  const char *json;
  const char *ec2;
} Code;

static const Code codes[] = {
    {"MissingAuthenticationToken", "MissingAuthenticationTokenException", "AuthFailure"},
    {"IncompleteSignature", "IncompleteSignatureException", "AuthFailure"},
    {"InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"},
    {"InvalidAccessKeyId", "UnrecognizedClientException", "AuthFailure"},
    {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure"},
    {"RequestExpired", "InvalidSignatureException", "RequestExpired"},
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
};

static const Code *
find_code (const char *query)
{
  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_strcmp0 (codes[i].query, query) == 0)
      return &codes[i];
  return NULL;
}

static GError *
translate_s3 (const GError *error)
{
  const char *code = slip_aws_error_get_code (error);
  guint status = slip_aws_error_get_status (error);

  if (g_strcmp0 (code, "MissingAuthenticationToken") == 0)
    return slip_aws_error_new_service ("AccessDenied", "Access Denied", 403, NULL);
  if (g_strcmp0 (code, "RequestExpired") == 0)
    return slip_aws_error_new_service ("AccessDenied", "Request has expired", 403, NULL);
  if (g_strcmp0 (code, "ExpiredToken") == 0)
    status = 400;
  return slip_aws_error_new_service (code, slip_aws_error_get_text (error), status, NULL);
}

GError *
slip_gate_translate (const SlipAwsModel *model, const GError *error)
{
  const Code *code = find_code (slip_aws_error_get_code (error));
  const char *text = slip_aws_error_get_text (error);

  if (code == NULL || model == NULL)
    return g_error_copy (error);
  switch (slip_aws_model_get_protocol (model))
    {
    case SLIP_AWS_PROTOCOL_JSON:
      return slip_aws_error_new_service (code->json, text, 400, NULL);
    case SLIP_AWS_PROTOCOL_REST_JSON:
      return slip_aws_error_new_service (code->json, text, 403, NULL);
    case SLIP_AWS_PROTOCOL_EC2:
      return slip_aws_error_new_service (
          code->ec2, text, g_str_equal (code->ec2, "RequestExpired") ? 400 : 401, NULL);
    case SLIP_AWS_PROTOCOL_REST_XML:
      if (slip_aws_model_is_s3 (model))
        return translate_s3 (error);
      return g_error_copy (error);
    case SLIP_AWS_PROTOCOL_QUERY:
      return g_error_copy (error);
    default:
      g_assert_not_reached ();
    }
}

/* STS, IAM and the load balancers answer what their framework found; RDS and EC2 have their own
 * words. */
static gboolean
uses_validation_error (const SlipAwsModel *model)
{
  const char *service = slip_aws_model_get_service (model);

  return g_str_equal (service, "sts") || g_str_equal (service, "iam")
         || g_str_equal (service, "elbv2") || g_str_equal (service, "monitoring");
}

gboolean
slip_gate_read (const SlipAwsModel *model,
                const SlipAwsRequest *request,
                const SlipAwsOperation **operation,
                JsonNode **input,
                GError **error)
{
  g_autoptr (GError) problem = NULL;
  const char *code;

  if (slip_aws_protocol_parse_request (model, request, operation, input, &problem))
    return TRUE;
  code = slip_aws_error_get_code (problem);
  if (uses_validation_error (model)
      && (g_strcmp0 (code, "MissingParameter") == 0
          || g_strcmp0 (code, "InvalidParameterValue") == 0))
    slip_service_error (error, 400, "ValidationError", "%s", slip_aws_error_get_text (problem));
  else
    g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}
