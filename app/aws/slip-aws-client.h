/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-clock.h"

#include "slip-aws-endpoint.h"
#include "slip-aws-error.h"
#include "slip-aws-limiter.h"
#include "slip-aws-model.h"
#include "slip-aws-provider.h"

G_BEGIN_DECLS

#define SLIP_TYPE_AWS_CLIENT (slip_aws_client_get_type ())

/**
 * SlipAwsClient:
 *
 * Calls AWS as one identity. Thread-safe. It begins read-only: it refuses to sign anything whose
 * effect is not `read` until slip_aws_client_unlock().
 */
G_DECLARE_FINAL_TYPE (SlipAwsClient, slip_aws_client, SLIP, AWS_CLIENT, GObject)

/**
 * SlipAwsCall:
 * @service: a service's name, such as `rds`
 * @operation: an operation's name, such as `DescribeDBClusters`
 * @region: (nullable): a region, or %NULL for the client's own
 * @input: (nullable): the input by the model's member names, or %NULL for none
 * @priority: who goes first
 * @max_attempts: the most attempts, 0 for the default: 8 for reads (`AWS_MAX_ATTEMPTS` when set), 3 otherwise
 * @timeout_s: seconds without a byte before an attempt is given up; 0 for 60
 * @deadline_s: seconds before an attempt is given up however many bytes came; 0 for 300, and for none where
 *   S3 objects are transferred
 * @results_as_text: whether lists of results may come as text, as slip_aws_protocol_parse_page() gives
 *   them; for who only prints them
 *
 * One call. Borrows everything; zero what is not needed.
 */
typedef struct
{
  const char *service;
  const char *operation;
  const char *region;
  JsonNode *input;
  SlipAwsPriority priority;
  guint max_attempts;
  guint timeout_s;
  guint deadline_s;
  gboolean results_as_text;
} SlipAwsCall;

/**
 * SlipAwsCallInfo:
 * @request_id: (nullable): AWS's id of the last attempt that was answered
 * @endpoint: (nullable): the URL it went to
 * @status: HTTP status of the last answer, 0 without one
 * @attempts: how often it was sent or tried to be sent
 * @service_date_us: the answer's `Date`, microseconds since the epoch, or 0
 * @maybe_sent: whether AWS may have carried the call out although no answer says so
 *
 * What is known of a call besides its result; also set when it failed. Zero it before the call,
 * clear it with slip_aws_call_info_clear() after.
 */
typedef struct
{
  char *request_id;
  char *endpoint;
  guint status;
  guint attempts;
  gint64 service_date_us;
  gboolean maybe_sent;
} SlipAwsCallInfo;

void slip_aws_call_info_clear (SlipAwsCallInfo *info);

/**
 * slip_aws_client_new:
 * @provider: gives credentials
 * @endpoints: the endpoint map
 * @default_region: (nullable): the region of calls that name none
 *
 * Returns: (transfer full): a client, read-only
 */
SlipAwsClient *slip_aws_client_new (SlipAwsProvider *provider,
                                    SlipAwsEndpoints *endpoints,
                                    const char *default_region);

/**
 * slip_aws_client_new_for_profile:
 * @profile: (nullable): a profile, or %NULL for the environment's chain
 * @region: (nullable): the default region, or %NULL for the environment's or profile's
 * @endpoint_url: (nullable): an endpoint for every service
 * @error: return location
 *
 * Reads the shared configuration files and makes a client. Does not call AWS.
 *
 * Returns: (transfer full): a client, or %NULL with %SLIP_AWS_ERROR_CONFIG
 */
SlipAwsClient *slip_aws_client_new_for_profile (const char *profile,
                                                const char *region,
                                                const char *endpoint_url,
                                                GError **error);

/**
 * slip_aws_client_call:
 * @self: a client
 * @call: the call
 * @info: (inout) (nullable): filled in
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Calls an operation and waits for its answer: checks the input against the model, refuses what the
 * lock forbids, signs, sends, retries. A change without an idempotency token is sent again only
 * when the last attempt was proven not to have been carried out. Blocks; any thread but the main one.
 *
 * Returns: (transfer full): the output by the model's member names, or %NULL with a %SLIP_AWS_ERROR:
 *   MODEL (no such operation), CHECK (bad input), READ_ONLY, CREDENTIALS, MFA_NEEDED, EXPIRED (sign
 *   in again), ENDPOINT, TRANSPORT, PROTOCOL, SERVICE (see slip_aws_error_get_code()),
 *   UNKNOWN_OUTCOME (a change that may have been carried out: ask AWS before going on), CANCELLED
 */
JsonNode *slip_aws_client_call (SlipAwsClient *self,
                                const SlipAwsCall *call,
                                SlipAwsCallInfo *info,
                                GCancellable *cancellable,
                                GError **error);

/**
 * slip_aws_client_call_async:
 * @self: a client
 * @call: the call; copied
 * @cancellable: (nullable): ends it
 * @callback: called in the caller's thread-default main context
 * @data: for @callback
 *
 * slip_aws_client_call() on a worker.
 */
void slip_aws_client_call_async (SlipAwsClient *self,
                                 const SlipAwsCall *call,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data);

/**
 * slip_aws_client_call_finish:
 * @self: a client
 * @result: what the callback got
 * @info: (inout) (nullable): filled in
 * @error: return location
 *
 * Returns: (transfer full): as slip_aws_client_call()
 */
JsonNode *slip_aws_client_call_finish (SlipAwsClient *self,
                                       GAsyncResult *result,
                                       SlipAwsCallInfo *info,
                                       GError **error);

/**
 * SlipAwsPageFunc:
 * @page: one page's output; borrowed
 * @data: as given
 * @error: return location
 *
 * Takes one page, on the calling thread.
 *
 * Returns: %FALSE to stop; with @error set the list fails with it
 */
typedef gboolean (*SlipAwsPageFunc) (JsonNode *page, gpointer data, GError **error);

/**
 * slip_aws_client_list:
 * @self: a client
 * @call: the call of the first page
 * @func: takes each page
 * @data: for @func
 * @info: (inout) (nullable): of the last page
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * Calls page after page, as the model's pagination says; an operation without pages is one page.
 * A service that repeats a page's token is an error, not an endless loop.
 *
 * Returns: %TRUE when all pages were taken or @func stopped it
 */
gboolean slip_aws_client_list (SlipAwsClient *self,
                               const SlipAwsCall *call,
                               SlipAwsPageFunc func,
                               gpointer data,
                               SlipAwsCallInfo *info,
                               GCancellable *cancellable,
                               GError **error);

/**
 * slip_aws_client_unlock:
 * @self: a client
 * @why: for what run or command; kept for slip_aws_client_dup_unlocked_for()
 *
 * Lets changes through until slip_aws_client_lock(). Only the runner does this, for an approved
 * plan, and the command line for `--allow-change` and for the heartbeats of a task that it is.
 */
void slip_aws_client_unlock (SlipAwsClient *self, const char *why);
void slip_aws_client_lock (SlipAwsClient *self);
gboolean slip_aws_client_is_unlocked (SlipAwsClient *self);

/**
 * slip_aws_client_dup_unlocked_for:
 * @self: a client
 *
 * Returns: (transfer full) (nullable): what it was unlocked for
 */
char *slip_aws_client_dup_unlocked_for (SlipAwsClient *self);

SlipAwsProvider *slip_aws_client_ref_provider (SlipAwsClient *self);
SlipAwsEndpoints *slip_aws_client_ref_endpoints (SlipAwsClient *self);

/**
 * slip_aws_client_dup_region:
 * @self: a client
 *
 * Returns: (transfer full) (nullable): the default region
 */
char *slip_aws_client_dup_region (SlipAwsClient *self);

/**
 * slip_aws_client_get_clock_skew:
 * @self: a client
 *
 * Returns: how far AWS's clock is ahead of ours by the last answer's `Date`, microseconds; 0 when
 *   there was no answer yet. `Date` counts whole seconds.
 */
gint64 slip_aws_client_get_clock_skew (SlipAwsClient *self);

/**
 * slip_aws_client_set_account:
 * @self: a client
 * @account: the account's id
 *
 * Says whose rate limits its calls share. The identity check sets it too. Before the first call.
 */
void slip_aws_client_set_account (SlipAwsClient *self, const char *account);

/**
 * slip_aws_client_set_clock:
 * @self: a client
 * @clock: whose sleeps the pauses between attempts take, and whose time signs
 *
 * For tests, and for rehearsal estates that run fast. Before the first call.
 */
void slip_aws_client_set_clock (SlipAwsClient *self, SlipClock *clock);

/**
 * slip_aws_client_set_user_agent_suffix:
 * @self: a client
 * @suffix: (nullable): behind `Slipway/VERSION`, such as `run/7f3a`, so that CloudTrail links back
 */
void slip_aws_client_set_user_agent_suffix (SlipAwsClient *self, const char *suffix);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipAwsCallInfo, slip_aws_call_info_clear)

G_END_DECLS
