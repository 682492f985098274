/* SPDX-License-Identifier: MIT */

/* Who vouches for a plan, provable by AWS itself: a pre-signed GetCallerIdentity whose signature also
 * covers the plan's hash. The same construction that EKS uses for its tokens, with a header of our own.
 * Not an approval: what follows from the identity is for the runbook folder to decide. */

#include "slip-aws-proof.h"

#include "slip-aws-client-private.h"
#include "slip-aws-protocol.h"
#include "slip-aws-sigv4.h"
#include "slip-aws-transport.h"
#include "slip-json.h"

#include <string.h>

#define HEADER "x-slipway-plan"
#define VERSION "2011-06-15"

/* A proof from another workstation may be signed by a clock a little ahead of ours. */
#define AHEAD_SECONDS 300

#define MAX_PROOF_BYTES (16 * 1024)

typedef struct
{
  SlipAwsModel *model;
  const SlipAwsOperation *op;
  SlipAwsEndpoint *endpoint; /* owned */
  SlipAwsRequest *request;   /* owned */
  char *host;                /* owned */
} Question;

static void
question_clear (Question *question)
{
  g_clear_pointer (&question->endpoint, slip_aws_endpoint_free);
  g_clear_pointer (&question->request, slip_aws_request_free);
  g_clear_pointer (&question->host, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Question, question_clear)

static gboolean
place (Question *question, SlipAwsClient *client, const char *region, GError **error)
{
  question->op
      = slip_aws_model_lookup_operation ("sts", "GetCallerIdentity", &question->model, error);
  if (question->op == NULL)
    return FALSE;
  question->endpoint
      = slip_aws_endpoints_resolve (client->endpoints, question->model, region, error);
  if (question->endpoint == NULL)
    return FALSE;
  question->host = slip_aws_endpoint_dup_host_header (question->endpoint);
  return TRUE;
}

char *
slip_aws_proof_make (SlipAwsClient *client,
                     const char *bound_to,
                     GCancellable *cancellable,
                     GError **error)
{
  g_auto (Question) question = {0};
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (client), NULL);
  g_return_val_if_fail (bound_to != NULL && *bound_to != '\0', NULL);

  if (!place (&question, client, client->region, error))
    return NULL;
  credentials = slip_aws_provider_get (client->provider, cancellable, error);
  if (credentials == NULL)
    return NULL;
  question.request = slip_aws_request_new ("GET", "/");
  slip_aws_request_add_query (question.request, "Action", "GetCallerIdentity");
  slip_aws_request_add_query (question.request, "Version", VERSION);
  slip_aws_headers_set (question.request->headers, HEADER, bound_to);
  if (!slip_aws_sigv4_presign (question.request, question.host, credentials,
                               question.endpoint->signing_region, question.endpoint->signing_name,
                               slip_aws_client_signing_time (client), SLIP_AWS_PROOF_SECONDS,
                               SLIP_AWS_SIGV4_NONE, error))
    return NULL;
  return slip_aws_request_dup_query_string (question.request);
}

/* ---- verifying */

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
               "the proof of identity %s. Ask for a new one (slipwayctl cosign)", why);
  return FALSE;
}

/* Only what a pre-signed GetCallerIdentity holds, each once. */
static gboolean
check_members (const SlipAwsRequest *request, GError **error)
{
  static const char *const known[] = {"Action",
                                      "Version",
                                      "X-Amz-Algorithm",
                                      "X-Amz-Credential",
                                      "X-Amz-Date",
                                      "X-Amz-Expires",
                                      "X-Amz-SignedHeaders",
                                      "X-Amz-Security-Token",
                                      "X-Amz-Signature",
                                      NULL};
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = g_ptr_array_index (request->query, i);

      if (!g_strv_contains (known, pair->name) || !g_hash_table_add (seen, pair->name))
        return refuse (error, "holds more than a pre-signed sts:GetCallerIdentity");
    }
  if (g_strcmp0 (slip_aws_request_get_query (request, "Action"), "GetCallerIdentity") != 0
      || g_strcmp0 (slip_aws_request_get_query (request, "Version"), VERSION) != 0)
    return refuse (error, "is not a pre-signed sts:GetCallerIdentity");
  return TRUE;
}

static gboolean
is_region (const char *region)
{
  gsize length = strlen (region);

  return length > 0 && length < 40
         && strspn (region, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}

static gboolean
check_scope (const SlipAwsSigned *signed_by, GError **error)
{
  g_auto (GStrv) headers = g_strsplit (signed_by->signed_headers, ";", -1);

  if (!signed_by->presigned || !g_str_equal (signed_by->service, "sts")
      || !is_region (signed_by->region))
    return refuse (error, "is not signed for STS in a region");
  if (!g_strv_contains ((const char *const *)headers, "host")
      || !g_strv_contains ((const char *const *)headers, HEADER) || g_strv_length (headers) != 2)
    return refuse (error, "is not bound to a plan");
  return TRUE;
}

static gboolean
check_age (const SlipAwsSigned *signed_by, gint64 now_us, GError **error)
{
  gint64 age_s = (now_us - signed_by->time_us) / G_USEC_PER_SEC;
  g_autofree char *why = NULL;

  if (age_s < -AHEAD_SECONDS)
    return refuse (error, "was made in the future: one of the two clocks is wrong");
  if (signed_by->expires_s > SLIP_AWS_PROOF_SECONDS)
    return refuse (error, "would hold for longer than 15 minutes");
  if (age_s <= (gint64)signed_by->expires_s)
    return TRUE;
  why = g_strdup_printf ("was made %" G_GINT64_FORMAT " minutes ago and held for %u", age_s / 60,
                         signed_by->expires_s / 60);
  return refuse (error, why);
}

static SlipAwsRequest *
read_proof (const char *proof, SlipAwsSigned *signed_by, gint64 now_us, GError **error)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_new ("GET", "/");
  g_autofree char *target = g_strconcat ("/?", proof, NULL);

  if (strlen (proof) > MAX_PROOF_BYTES || !slip_aws_request_set_target (request, target))
    {
      refuse (error, "cannot be read");
      return NULL;
    }
  if (!check_members (request, error))
    return NULL;
  if (!slip_aws_sigv4_parse (request, signed_by, NULL))
    {
      refuse (error, "has no signature");
      return NULL;
    }
  if (!check_scope (signed_by, error) || !check_age (signed_by, now_us, error))
    return NULL;
  return g_steal_pointer (&request);
}

/* What STS refuses is the proof's fault, unless STS itself has trouble. */
static JsonNode *
read_answer (const Question *question, const SlipAwsResponse *response, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonNode *output
      = slip_aws_protocol_parse_response (question->model, question->op, response, &local);

  if (output != NULL)
    return output;
  if (response->status >= 400 && response->status < 500)
    g_set_error (
        error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
        "STS does not accept the proof of identity for what is asked here: %s. It was made for "
        "another plan or step, another endpoint, or was altered. Ask for a new one (slipwayctl "
        "cosign)",
        local->message);
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

static JsonNode *
ask (SlipAwsClient *client, Question *question, GCancellable *cancellable, GError **error)
{
  gboolean maybe_sent;
  gboolean timed_out;
  g_autofree char *user_agent = NULL;
  g_autoptr (SlipAwsResponse) response = NULL;
  SlipAwsExchange exchange = {
      .endpoint = question->endpoint,
      .request = question->request,
      .ca_bundle = slip_aws_endpoints_get_setting (client->endpoints, "ca_bundle"),
      .deadline_s = 300,
  };

  g_mutex_lock (&client->lock);
  user_agent = g_strdup (client->user_agent);
  g_mutex_unlock (&client->lock);
  exchange.user_agent = user_agent;
  response = slip_aws_transport_send (&exchange, &maybe_sent, &timed_out, cancellable, error);
  return response != NULL ? read_answer (question, response, error) : NULL;
}

SlipAwsIdentity *
slip_aws_proof_verify (SlipAwsClient *client,
                       const char *proof,
                       const char *bound_to,
                       gint64 *made_us,
                       GCancellable *cancellable,
                       GError **error)
{
  g_auto (Question) question = {0};
  g_auto (SlipAwsSigned) signed_by = {0};
  g_autoptr (JsonNode) output = NULL;
  JsonObject *answer;

  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (client), NULL);
  g_return_val_if_fail (proof != NULL && bound_to != NULL && *bound_to != '\0', NULL);

  question.request = read_proof (proof, &signed_by, slip_aws_client_signing_time (client), error);
  if (question.request == NULL || !place (&question, client, signed_by.region, error))
    return NULL;
  slip_aws_headers_set (question.request->headers, HEADER, bound_to);
  output = ask (client, &question, cancellable, error);
  answer = output != NULL ? slip_json_node_object (output) : NULL;
  if (output == NULL)
    return NULL;
  if (answer == NULL || slip_json_string (answer, "Account") == NULL
      || slip_json_string (answer, "Arn") == NULL)
    {
      refuse (error, "led to an answer without account or ARN");
      return NULL;
    }
  if (made_us != NULL)
    *made_us = signed_by.time_us;
  return slip_aws_identity_new_for_arn (slip_json_string (answer, "Account"),
                                        slip_json_string (answer, "Arn"),
                                        slip_json_string (answer, "UserId"));
}
