/* SPDX-License-Identifier: MIT */

/* One call of an operation: check, lock, endpoint, then attempt after attempt until the service has
 * decided. The rule above all others: a change that may have reached AWS is not sent again unless its
 * idempotency token makes that harmless; its outcome is then unknown, and the caller has to ask. */

#include "slip-aws-client-private.h"

#include "config.h"
#include "slip-aws-protocol.h"
#include "slip-aws-sigv4.h"
#include "slip-aws-transport.h"
#include "slip-json.h"

#include <libsoup/soup.h>
#include <string.h>

#define DEADLINE_S 300

typedef struct
{
  SlipAwsClient *client;
  const SlipAwsCall *call;
  SlipAwsCallInfo *info;
  GCancellable *cancellable;
  SlipAwsPeekFunc peek; /* nullable */
  gpointer peek_data;
  SlipAwsModel *model;
  const SlipAwsOperation *op;
  JsonNode *input;           /* owned */
  SlipAwsEndpoint *endpoint; /* owned */
  SlipAwsRequest *request;   /* owned */
  SlipAwsLimiter *limiter;
  SlipAwsCredentials *credentials; /* owned; of the last attempt */
  char *host;                      /* owned; the Host header */
  char *user_agent;                /* owned */
  guint max_attempts;
  guint unreadable;    /* answers that could not be read */
  int retry_cost;      /* what the last retry took from the quota */
  gboolean change;     /* the effect is not read */
  gboolean repeatable; /* a second sending is harmless */
  gboolean ambiguous;  /* some attempt may have been carried out */
  gboolean timed_out;  /* the last attempt */
  gboolean renewed;    /* credentials, once */
  gboolean clock_set;  /* time of signing, once */
} Flight;

static void
flight_clear (Flight *flight)
{
  g_clear_pointer (&flight->input, json_node_unref);
  g_clear_pointer (&flight->endpoint, slip_aws_endpoint_free);
  g_clear_pointer (&flight->request, slip_aws_request_free);
  g_clear_pointer (&flight->credentials, slip_aws_credentials_unref);
  g_clear_pointer (&flight->host, g_free);
  g_clear_pointer (&flight->user_agent, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Flight, flight_clear)

/* Before the first attempt */

static gboolean
check_lock (Flight *flight, GError **error)
{
  if (!flight->change || slip_aws_client_is_unlocked (flight->client))
    return TRUE;
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_READ_ONLY,
               "%s %s is a %s operation, and this client only reads. Changes need an approved run, "
               "or --allow-change on the command line.",
               flight->call->service, flight->op->name,
               slip_aws_effect_name (slip_aws_operation_effect (flight->op)));
  return FALSE;
}

/* The prefix of an operation's host goes before AWS's own names only; an override is one host. */
static void
place_host (Flight *flight)
{
  SlipAwsEndpoint *endpoint = flight->endpoint;
  const char *prefix = flight->request->host_prefix;
  const char *style = slip_aws_endpoints_get_s3_style (flight->client->endpoints);

  if (prefix != NULL && !endpoint->overridden)
    {
      char *host = g_strconcat (prefix, endpoint->host, NULL);

      g_free (endpoint->host);
      endpoint->host = host;
    }
  if (slip_aws_model_is_s3 (flight->model) && g_str_has_prefix (flight->op->http_uri, "/{Bucket}"))
    slip_aws_endpoint_place_bucket (endpoint, flight->request,
                                    endpoint->overridden ? g_strcmp0 (style, "virtual") != 0
                                                         : g_strcmp0 (style, "path") == 0);
  flight->host = slip_aws_endpoint_dup_host_header (endpoint);
}

static void
find_limiter (Flight *flight)
{
  SlipAwsClient *client = flight->client;
  g_autofree char *account = NULL;

  g_mutex_lock (&client->lock);
  account = g_strdup (client->account);
  flight->user_agent = g_strdup (client->user_agent);
  g_mutex_unlock (&client->lock);
  if (account == NULL)
    account = g_strdup_printf ("%p", (void *)client->provider);
  flight->limiter
      = slip_aws_limiter_get (account, flight->endpoint->signing_region, flight->endpoint->host);
}

static gboolean
prepare (Flight *flight, GError **error)
{
  SlipAwsClient *client = flight->client;
  const SlipAwsCall *call = flight->call;
  const char *region = call->region != NULL ? call->region : client->region;

  flight->op
      = slip_aws_model_lookup_operation (call->service, call->operation, &flight->model, error);
  if (flight->op == NULL)
    return FALSE;
  if (!slip_aws_model_check_error (flight->model, flight->op, call->input, error))
    return FALSE;
  flight->change = slip_aws_operation_effect (flight->op) != SLIP_AWS_EFFECT_READ;
  if (!check_lock (flight, error))
    return FALSE;
  flight->repeatable = !flight->change || slip_aws_operation_token_member (flight->op) != NULL;
  flight->input = slip_aws_protocol_fill_token (flight->op, call->input);
  flight->max_attempts
      = slip_aws_retry_attempts (call->max_attempts, client->max_attempts, !flight->change);
  flight->endpoint = slip_aws_endpoints_resolve (client->endpoints, flight->model, region, error);
  if (flight->endpoint == NULL)
    return FALSE;
  flight->request
      = slip_aws_protocol_build_request (flight->model, flight->op, flight->input, error);
  if (flight->request == NULL)
    return FALSE;
  place_host (flight);
  find_limiter (flight);
  return TRUE;
}

/* One attempt */

static gboolean
sign (Flight *flight, GError **error)
{
  SlipAwsSigv4Flags flags = slip_aws_sigv4_flags_for (flight->endpoint->signing_name);

  if (flight->op->unsigned_request)
    return TRUE;
  g_clear_pointer (&flight->credentials, slip_aws_credentials_unref);
  flight->credentials
      = slip_aws_provider_get (flight->client->provider, flight->cancellable, error);
  if (flight->credentials == NULL)
    return FALSE;
  /* Without TLS the signature is the only thing that protects the body. */
  if (flight->op->unsigned_payload && g_str_equal (flight->endpoint->scheme, "https"))
    flags |= SLIP_AWS_SIGV4_UNSIGNED_PAYLOAD;
  if (flight->credentials->session_token == NULL)
    slip_aws_headers_remove (flight->request->headers, "X-Amz-Security-Token");
  return slip_aws_sigv4_sign (flight->request, flight->host, flight->credentials,
                              flight->endpoint->signing_region, flight->endpoint->signing_name,
                              slip_aws_client_signing_time (flight->client), flags, error);
}

static void
note_date (Flight *flight, const SlipAwsResponse *response)
{
  SlipAwsClient *client = flight->client;
  const char *text = slip_aws_headers_get (response->headers, "Date");
  g_autoptr (GDateTime) date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;

  if (date == NULL)
    return;
  flight->info->service_date_us = g_date_time_to_unix (date) * G_USEC_PER_SEC;
  g_mutex_lock (&client->lock);
  client->skew_us = flight->info->service_date_us - slip_clock_now (client->clock);
  g_mutex_unlock (&client->lock);
}

static void
note_response (Flight *flight, const SlipAwsResponse *response)
{
  flight->info->status = response->status;
  g_free (flight->info->request_id);
  flight->info->request_id = slip_aws_protocol_dup_request_id (response);
  note_date (flight, response);
}

static gboolean
is_streaming (const SlipAwsShape *shape)
{
  return shape != NULL && shape->payload != NULL && shape->payload->streaming;
}

/* Objects take as long as they take; everything else is an answer of kilobytes. */
static guint
deadline_of (Flight *flight)
{
  if (flight->call->deadline_s != 0)
    return flight->call->deadline_s;
  return is_streaming (flight->op->input) || is_streaming (flight->op->output) ? 0 : DEADLINE_S;
}

static const char *const *
texts_of (const Flight *flight)
{
  const SlipAwsPagination *pagination = slip_aws_operation_pagination (flight->op);

  return flight->call->results_as_text && pagination != NULL ? pagination->result_keys : NULL;
}

/* An answer that redirects says that the region or endpoint is wrong; it is an error like others. */
static JsonNode *
attempt (Flight *flight, gboolean *maybe_sent, GError **error)
{
  g_autoptr (SlipAwsResponse) response = NULL;
  SlipAwsExchange exchange = {
      .endpoint = flight->endpoint,
      .request = flight->request,
      .user_agent = flight->user_agent,
      .ca_bundle = slip_aws_endpoints_get_setting (flight->client->endpoints, "ca_bundle"),
      .timeout_s = flight->call->timeout_s,
      .deadline_s = deadline_of (flight),
      .once = flight->change,
      .verbatim = slip_aws_model_is_s3 (flight->model),
  };

  *maybe_sent = FALSE;
  flight->timed_out = FALSE;
  flight->info->attempts++;
  response = slip_aws_transport_send (&exchange, maybe_sent, &flight->timed_out,
                                      flight->cancellable, error);
  if (response == NULL)
    return NULL;
  note_response (flight, response);
  if (flight->peek != NULL && response->status < 300)
    flight->peek (flight->op, response, flight->peek_data);
  return slip_aws_protocol_parse_page (flight->model, flight->op, response, texts_of (flight),
                                       error);
}

/* Between attempts */

static gint64
get_skew (SlipAwsClient *client)
{
  gint64 skew_us;

  g_mutex_lock (&client->lock);
  skew_us = client->skew_us;
  g_mutex_unlock (&client->lock);
  return skew_us;
}

static gboolean
adopt_clock (Flight *flight)
{
  SlipAwsClient *client = flight->client;

  if (flight->clock_set || flight->info->service_date_us == 0)
    return FALSE;
  flight->clock_set = TRUE;
  g_mutex_lock (&client->lock);
  client->sign_offset_us = client->skew_us;
  g_mutex_unlock (&client->lock);
  return TRUE;
}

/* Whether new credentials are worth another attempt. A change is not sent with them before somebody
 * has looked whose they are. */
static gboolean
renew_credentials (Flight *flight)
{
  if (flight->renewed || flight->change || flight->credentials == NULL)
    return FALSE;
  flight->renewed = TRUE;
  slip_aws_provider_invalidate (flight->client->provider, flight->credentials);
  return TRUE;
}

/* Only a new signature helps after some refusals; after all others, time does. */
static gboolean
pause_before_next (Flight *flight, SlipAwsVerdict verdict, GError **cause)
{
  gint64 delay_us = slip_aws_retry_delay (flight->info->attempts);

  if (verdict == SLIP_AWS_VERDICT_CLOCK || verdict == SLIP_AWS_VERDICT_SIGN_IN
      || slip_clock_sleep (flight->client->clock, delay_us, flight->cancellable, NULL))
    return TRUE;
  g_clear_error (cause);
  g_set_error (cause, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the call was cancelled");
  return FALSE;
}

static gboolean
may_try_again (Flight *flight)
{
  return flight->info->attempts < flight->max_attempts
         && slip_aws_retry_quota_take (&flight->client->quota, flight->timed_out,
                                       &flight->retry_cost);
}

/* Whether @cause leaves room for another attempt. */
static gboolean
go_on (Flight *flight, SlipAwsVerdict verdict, const GError *cause)
{
  guint attempts = flight->info->attempts;

  switch (verdict)
    {
    case SLIP_AWS_VERDICT_CLOCK:
      return adopt_clock (flight);
    case SLIP_AWS_VERDICT_SIGN_IN:
      return renew_credentials (flight);
    case SLIP_AWS_VERDICT_UNCERTAIN:
      /* What cannot be read three times is not our service. */
      if (g_error_matches (cause, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL)
          && ++flight->unreadable >= 3)
        return FALSE;
      return flight->repeatable && !g_cancellable_is_cancelled (flight->cancellable)
             && may_try_again (flight);
    case SLIP_AWS_VERDICT_THROTTLED:
      /* On a control plane this code may be a real quota, which waiting does not lift. */
      if (slip_aws_error_has_code (cause, "LimitExceededException") && attempts >= 3)
        return FALSE;
      return may_try_again (flight);
    case SLIP_AWS_VERDICT_NOT_SENT:
      return attempts < 4 && may_try_again (flight);
    case SLIP_AWS_VERDICT_FINAL:
      break;
    }
  return FALSE;
}

/* What is said of the last attempt says nothing of one before it whose answer was lost: a change that
 * may have been carried out stays so, also when another sending of it is refused. */
static void
conclude (Flight *flight, SlipAwsVerdict verdict, GError *cause, GError **error)
{
  flight->info->maybe_sent = flight->ambiguous;
  if (verdict == SLIP_AWS_VERDICT_SIGN_IN)
    slip_aws_provider_set_refused (flight->client->provider, TRUE);
  if (flight->change && flight->ambiguous)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_UNKNOWN_OUTCOME,
                 "%s %s may or may not have been carried out: %s", flight->call->service,
                 flight->op->name, cause->message);
  else if (verdict == SLIP_AWS_VERDICT_SIGN_IN)
    g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED,
                 "AWS refuses the credentials from %s (%s). Sign in again.",
                 flight->credentials != NULL ? flight->credentials->source : "nowhere",
                 cause->message);
  else
    g_propagate_error (error, g_error_copy (cause));
}

/* Waits for a place in the line, gets credentials, signs; nothing is sent yet. */
static gboolean
get_ready (Flight *flight, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (!slip_aws_limiter_acquire (flight->limiter, flight->call->priority, flight->cancellable,
                                 &local))
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CANCELLED, "the call was cancelled");
      return FALSE;
    }
  return sign (flight, error);
}

static JsonNode *
fly (Flight *flight, GError **error)
{
  while (TRUE)
    {
      g_autoptr (GError) cause = NULL;
      SlipAwsVerdict verdict = SLIP_AWS_VERDICT_FINAL;
      gboolean maybe_sent = FALSE;
      JsonNode *output = NULL;
      gboolean ready = get_ready (flight, &cause);

      if (ready)
        output = attempt (flight, &maybe_sent, &cause);
      if (output != NULL)
        {
          slip_aws_limiter_report (flight->limiter, FALSE);
          slip_aws_provider_set_refused (flight->client->provider, FALSE);
          slip_aws_retry_quota_give (&flight->client->quota, flight->retry_cost);
          return output;
        }
      if (ready)
        {
          verdict = slip_aws_retry_judge (cause, maybe_sent, get_skew (flight->client));
          slip_aws_limiter_report (flight->limiter, verdict == SLIP_AWS_VERDICT_THROTTLED);
          flight->ambiguous = flight->ambiguous || verdict == SLIP_AWS_VERDICT_UNCERTAIN;
        }
      if (!ready || !go_on (flight, verdict, cause) || !pause_before_next (flight, verdict, &cause))
        {
          conclude (flight, verdict, cause, error);
          return NULL;
        }
    }
}

JsonNode *
slip_aws_client_run_call (SlipAwsClient *self,
                          const SlipAwsCall *call,
                          SlipAwsPeekFunc peek,
                          gpointer data,
                          SlipAwsCallInfo *info,
                          GCancellable *cancellable,
                          GError **error)
{
  g_auto (SlipAwsCallInfo) own_info = {0};
  g_auto (Flight) flight = {0};

  flight.client = self;
  flight.call = call;
  flight.info = info != NULL ? info : &own_info;
  flight.cancellable = cancellable;
  flight.peek = peek;
  flight.peek_data = data;
  slip_aws_call_info_clear (flight.info);
  if (!prepare (&flight, error))
    return NULL;
  flight.info->endpoint = slip_aws_endpoint_dup_url (flight.endpoint);
  return fly (&flight, error);
}
