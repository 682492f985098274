/* SPDX-License-Identifier: MIT */

/* One AWS request from its bytes to its answer. The order matters and is AWS's: who calls, what is
 * called, with what, and may he; then the effect and the log of it in one transaction, and only then the answer. */

#include "slip-exchange.h"

#include "slip-aws-error.h"
#include "slip-aws-protocol.h"
#include "slip-calls.h"
#include "slip-gate.h"
#include "slip-json.h"
#include "slip-permissions.h"
#include "slip-route.h"

#include <zlib.h>

/* All that is known of a call so far. */
typedef struct
{
  SlipWorld *world;
  SlipFaults *faults;
  const SlipAwsRequest *request;
  const char *host;
  char *request_id;
  SlipAwsSigned signed_;
  SlipAwsModel *model;
  const SlipService *service;
  const SlipAwsOperation *operation;
  SlipServiceFunc func;
  JsonNode *input;
  SlipServiceContext context;
  SlipServiceReply reply;
  SlipPayload *payload;
  char *account;
  char *principal;
  char *user_id;
  const char *fault; /* static: what struck it */
} Call;

static void
call_clear (Call *call)
{
  g_free (call->request_id);
  slip_aws_signed_clear (&call->signed_);
  g_clear_pointer (&call->input, json_node_unref);
  g_clear_pointer (&call->payload, slip_payload_free);
  g_clear_pointer (&call->reply.headers, slip_aws_headers_free);
  g_clear_pointer (&call->reply.body, g_bytes_unref);
  g_free (call->account);
  g_free (call->principal);
  g_free (call->user_id);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Call, call_clear)

static char *
dup_parameters (Call *call)
{
  g_autoptr (JsonNode) redacted = NULL;

  if (call->input == NULL || call->operation == NULL)
    return NULL;
  redacted = slip_aws_model_redact (call->operation, call->input, FALSE);
  return redacted != NULL ? slip_json_to_text (redacted, FALSE) : NULL;
}

/* Writes the call to the log, in the open transaction. */
static void
log_call (Call *call, guint status, gboolean changed, const GError *error)
{
  g_autofree char *parameters = dup_parameters (call);
  SlipCall entry = {
      .service = call->model != NULL ? slip_aws_model_get_service (call->model) : NULL,
      .operation = call->operation != NULL ? call->operation->name : NULL,
      .account = call->account,
      .region = call->signed_.region,
      .principal = call->principal,
      .access_key = call->signed_.access_key,
      .request_id = call->request_id,
      .effect = call->operation != NULL
                    ? slip_aws_effect_name (slip_aws_operation_effect (call->operation))
                    : NULL,
      .changed = changed,
      .status = status,
      .error = slip_aws_error_get_code (error),
      .message = slip_aws_error_get_text (error),
      .fault = call->fault,
      .user_agent = slip_aws_headers_get (call->request->headers, "user-agent"),
      .parameters = parameters,
  };

  slip_calls_append (call->world, &entry);
}

static void
log_alone (Call *call, guint status, const GError *error)
{
  g_autoptr (GError) problem = NULL;

  slip_world_begin (call->world);
  log_call (call, status, FALSE, error);
  if (!slip_world_commit (call->world, &problem))
    g_warning ("the call cannot be logged: %s", problem->message);
}

/* DynamoDB tells a checksum of every answer, and its clients try again when it does not fit. */
static SlipAwsResponse *
add_checksum (const SlipAwsModel *model, SlipAwsResponse *response)
{
  gsize length = 0;
  const guchar *body = NULL;
  g_autofree char *sum = NULL;

  if (response == NULL || !g_str_equal (slip_aws_model_get_service (model), "dynamodb"))
    return response;
  if (response->body != NULL)
    body = g_bytes_get_data (response->body, &length);
  sum = g_strdup_printf ("%lu", crc32_z (crc32_z (0, NULL, 0), body, length));
  slip_aws_headers_set (response->headers, "x-amz-crc32", sum);
  return response;
}

static void
add_header (const char *name, const char *value, gpointer data)
{
  SlipAwsResponse *response = data;

  slip_aws_headers_set (response->headers, name, value);
}

/* What the service has to say besides its output or error. */
static SlipAwsResponse *
add_reply (Call *call, SlipAwsResponse *response)
{
  if (response != NULL && call->reply.headers != NULL)
    slip_aws_headers_foreach (call->reply.headers, add_header, response);
  return response;
}

static SlipAwsResponse *
build_error (Call *call, const GError *error)
{
  SlipAwsModel *model = call->model;
  guint status = slip_aws_error_get_status (error);
  const char *code = slip_aws_error_get_code (error);
  SlipAwsResponse *response;

  /* Whoever sends nothing that names a service gets the oldest protocol's answer. */
  if (model == NULL)
    model = slip_aws_model_get ("sts", NULL);
  g_assert (model != NULL);
  /* S3 says by 301 and 304 what is no failure of either side. */
  response = slip_aws_protocol_build_error (
      model, call->operation, status >= 300 ? status : 500, code != NULL ? code : "InternalFailure",
      code != NULL ? slip_aws_error_get_text (error) : error->message, call->request_id);
  if (status == 304)
    g_clear_pointer (&response->body, g_bytes_unref);
  return add_reply (call, add_checksum (model, response));
}

static SlipExchange
refuse (Call *call, const GError *error)
{
  SlipExchange exchange = {build_error (call, error), SLIP_ANSWER_WHOLE, 0};

  log_alone (call, exchange.response->status, error);
  return exchange;
}

static gboolean
prove (Call *call, gint64 now_us, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *key = NULL;

  if (slip_aws_sigv4_parse (call->request, &call->signed_, &problem))
    {
      call->model = slip_route_find_model (call->request, call->signed_.service);
      key = slip_gate_admit (call->world, call->request, call->host, &call->signed_, now_us,
                             &problem);
    }
  else
    call->model = slip_route_find_model (call->request, NULL);
  if (key == NULL)
    {
      g_propagate_error (error, slip_gate_translate (call->model, problem));
      return FALSE;
    }
  call->context.session = key;
  call->account = g_strdup (slip_json_string (key->data, "account"));
  call->principal = g_strdup (slip_json_string (key->data, "arn"));
  call->user_id = g_strdup (slip_json_string (key->data, "user_id"));
  return TRUE;
}

/* An object's content does not pass through JSON, and the host may name the bucket. */
static SlipAwsRequest *
read_s3 (Call *call, GError **error)
{
  g_autoptr (SlipAwsRequest) request = slip_aws_request_copy (call->request);
  g_autofree char *bucket = slip_route_dup_bucket (call->host);

  if (bucket != NULL)
    {
      g_autofree char *path = g_steal_pointer (&request->path);

      request->path = g_strconcat ("/", bucket, path, NULL);
    }
  if (!slip_payload_is_upload (request))
    return g_steal_pointer (&request);
  call->payload = slip_payload_read (call->request, &call->signed_,
                                     slip_json_string (call->context.session->data, "secret"),
                                     slip_world_get_folder (call->world), error);
  g_clear_pointer (&request->body, g_bytes_unref);
  return call->payload != NULL ? g_steal_pointer (&request) : NULL;
}

static gboolean
understand (Call *call, GError **error)
{
  g_autoptr (SlipAwsRequest) own = NULL;
  const char *name;

  if (call->model == NULL)
    {
      slip_service_error (error, 501, "NotImplemented",
                          "There is no service that signs as %s in this rehearsal",
                          call->signed_.service);
      return FALSE;
    }
  name = slip_aws_model_get_service (call->model);
  if (slip_aws_model_is_s3 (call->model))
    {
      own = read_s3 (call, error);
      if (own == NULL)
        return FALSE;
    }
  if (!slip_gate_read (call->model, own != NULL ? own : call->request, &call->operation,
                       &call->input, error))
    return FALSE;
  call->service = slip_services_find (name);
  call->func = call->service != NULL
                   ? slip_service_find_operation (call->service, call->operation->name)
                   : NULL;
  if (call->func == NULL)
    {
      slip_service_error (error, 501, "NotImplemented", "The rehearsal does not offer %s:%s", name,
                          call->operation->name);
      return FALSE;
    }
  return TRUE;
}

static const SlipFault *
match (Call *call, SlipFaultKind kind)
{
  const SlipFault *fault = slip_faults_match_call (
      call->faults, kind, slip_aws_model_get_service (call->model), call->operation->name,
      call->account, call->signed_.region, call->principal);

  if (fault != NULL)
    call->fault = slip_fault_kind_name (kind);
  return fault;
}

static GError *
throttle_error (Call *call, const SlipFault *fault)
{
  const char *code = "Throttling";
  guint status = 400;

  switch (slip_aws_model_get_protocol (call->model))
    {
    case SLIP_AWS_PROTOCOL_JSON:
      code = "ThrottlingException";
      break;
    case SLIP_AWS_PROTOCOL_REST_JSON:
      code = "ThrottlingException";
      status = 429;
      break;
    case SLIP_AWS_PROTOCOL_EC2:
      code = "RequestLimitExceeded";
      status = 503;
      break;
    case SLIP_AWS_PROTOCOL_REST_XML:
      code = "SlowDown";
      status = 503;
      break;
    case SLIP_AWS_PROTOCOL_QUERY:
      break;
    default:
      g_assert_not_reached ();
    }
  return slip_aws_error_new_service (fault->code != NULL ? fault->code : code,
                                     fault->message != NULL ? fault->message : "Rate exceeded",
                                     fault->status != 0 ? fault->status : status, NULL);
}

static GError *
server_error (Call *call, const SlipFault *fault)
{
  guint status = fault->status != 0 ? fault->status : 500;
  const char *code = status == 503 ? "ServiceUnavailable" : "InternalFailure";

  if (slip_aws_model_is_s3 (call->model) && status != 503)
    code = "InternalError";
  return slip_aws_error_new_service (
      fault->code != NULL ? fault->code : code,
      fault->message != NULL
          ? fault->message
          : "The request processing has failed because of an unknown error, exception or failure.",
      status, NULL);
}

/* Faults that strike before anything happened. Returns an error to answer, or sets @dropped. */
static GError *
strike_before (Call *call, gboolean *dropped)
{
  const SlipFault *fault;

  if (match (call, SLIP_FAULT_DROP) != NULL)
    {
      *dropped = TRUE;
      return slip_aws_error_new_service ("Dropped", "the connection was closed", 0, NULL);
    }
  fault = match (call, SLIP_FAULT_EXPIRED_TOKEN);
  if (fault != NULL)
    {
      g_autoptr (GError) expired = slip_aws_error_new_service (
          "ExpiredToken", "The security token included in the request is expired", 403, NULL);

      return slip_gate_translate (call->model, expired);
    }
  fault = match (call, SLIP_FAULT_THROTTLE);
  if (fault != NULL)
    return throttle_error (call, fault);
  fault = match (call, SLIP_FAULT_ERROR_BEFORE);
  return fault != NULL ? server_error (call, fault) : NULL;
}

static void
fill_context (Call *call, const char *endpoint)
{
  call->context.world = call->world;
  call->context.model = call->model;
  call->context.operation = call->operation;
  call->context.account = call->account;
  call->context.region = call->signed_.region;
  call->context.principal_arn = call->principal;
  call->context.user_id = call->user_id;
  call->context.access_key = call->signed_.access_key;
  call->context.request_id = call->request_id;
  call->context.endpoint = endpoint;
  call->context.request = call->request;
  call->context.payload = call->payload;
  call->reply.headers = slip_aws_headers_new ();
  call->context.reply = &call->reply;
}

/* Runs the service's function and builds its answer, in the open transaction. */
static SlipAwsResponse *
serve (Call *call, GError **error)
{
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (GError) problem = NULL;
  SlipAwsResponse *response;

  output = call->func (&call->context, json_node_get_object (call->input), &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  response = slip_aws_protocol_build_response (call->model, call->operation, output,
                                               call->request_id, error);
  if (response == NULL)
    g_prefix_error (error, "the answer does not fit the model: ");
  if (response != NULL && call->reply.status != 0)
    response->status = call->reply.status;
  if (response != NULL && call->reply.body != NULL)
    {
      g_clear_pointer (&response->body, g_bytes_unref);
      response->body = g_bytes_ref (call->reply.body);
    }
  return add_reply (call, add_checksum (call->model, response));
}

/* Faults that strike when it has happened. */
static void
strike_after (Call *call, SlipExchange *exchange)
{
  const SlipFault *fault;

  if (match (call, SLIP_FAULT_DROP_AFTER) != NULL)
    exchange->answer = SLIP_ANSWER_DROPPED;
  else if (match (call, SLIP_FAULT_TRUNCATE) != NULL)
    exchange->answer = SLIP_ANSWER_TRUNCATED;
  else if ((fault = match (call, SLIP_FAULT_ERROR_AFTER)) != NULL)
    {
      g_autoptr (GError) error = server_error (call, fault);

      slip_aws_response_free (exchange->response);
      exchange->response = build_error (call, error);
    }
}

static SlipExchange
perform (Call *call)
{
  SlipExchange exchange = {NULL, SLIP_ANSWER_WHOLE, 0};
  g_autoptr (GError) error = NULL;
  const SlipFault *slow = match (call, SLIP_FAULT_SLOW);

  if (slow != NULL)
    exchange.delay = slow->seconds;
  slip_world_begin (call->world);
  exchange.response = serve (call, &error);
  if (exchange.response != NULL)
    {
      strike_after (call, &exchange);
      log_call (call, exchange.answer == SLIP_ANSWER_DROPPED ? 0 : exchange.response->status,
                slip_world_get_changes (call->world) > 0, NULL);
      if (slip_world_commit (call->world, &error))
        return exchange;
      g_clear_pointer (&exchange.response, slip_aws_response_free);
      exchange.answer = SLIP_ANSWER_WHOLE;
    }
  else
    slip_world_rollback (call->world);
  if (slip_aws_error_get_code (error) == NULL)
    g_warning ("%s: %s", call->operation->name, error->message);
  exchange.response = build_error (call, error);
  log_alone (call, exchange.response->status, error);
  return exchange;
}

SlipExchange
slip_exchange_run (SlipWorld *world,
                   SlipFaults *faults,
                   const char *endpoint,
                   const SlipAwsRequest *request,
                   const char *host)
{
  g_auto (Call) call = {.world = world, .faults = faults, .request = request, .host = host};
  g_autoptr (GError) error = NULL;
  gboolean dropped = FALSE;
  gint64 now
      = slip_world_now (world) + (gint64)(slip_faults_get_skew (faults) * G_TIME_SPAN_SECOND);

  call.request_id = g_uuid_string_random ();
  if (!prove (&call, now, &error) || !understand (&call, &error))
    return refuse (&call, error);
  error = strike_before (&call, &dropped);
  if (dropped)
    {
      log_alone (&call, 0, error);
      return (SlipExchange){NULL, SLIP_ANSWER_DROPPED, 0};
    }
  if (error != NULL)
    return refuse (&call, error);
  fill_context (&call, endpoint);
  if (!slip_permissions_check (&call.context, json_node_get_object (call.input), &error))
    return refuse (&call, error);
  return perform (&call);
}
