/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipCall:
 * @service: (nullable): the model's name
 * @operation: (nullable): the operation, when the request could be read
 * @account: (nullable): the caller's account
 * @region: (nullable): the region it was signed for
 * @principal: (nullable): the caller's ARN; %NULL when it was not proven
 * @access_key: (nullable): what it was signed with
 * @request_id: the answer's request id
 * @effect: (nullable): `read`, `change` or `final`
 * @changed: whether the world was changed by it
 * @status: HTTP status of the answer; 0 when the connection was closed instead
 * @error: (nullable): error code
 * @message: (nullable): error message
 * @fault: (nullable): the fault that struck it
 * @user_agent: (nullable): the client
 * @parameters: (nullable): the input without secrets, as JSON text
 *
 * One served call, for the log.
 */
typedef struct
{
  const char *service;
  const char *operation;
  const char *account;
  const char *region;
  const char *principal;
  const char *access_key;
  const char *request_id;
  const char *effect;
  gboolean changed;
  guint status;
  const char *error;
  const char *message;
  const char *fault;
  const char *user_agent;
  const char *parameters;
} SlipCall;

/**
 * slip_calls_append:
 * @world: the world, in the transaction of the call's effect
 * @call: the call
 */
void slip_calls_append (SlipWorld *world, const SlipCall *call);

/**
 * slip_calls_list:
 * @after: only calls behind this sequence number
 * @limit: at most so many
 * @operation: (nullable): only of this operation
 *
 * Returns: (transfer full): calls, oldest first
 */
JsonArray *slip_calls_list (SlipWorld *world, gint64 after, gint64 limit, const char *operation);

/**
 * slip_calls_count:
 *
 * Returns: (transfer full): `{"rds:CreateDBClusterSnapshot": {"calls": 2, "effects": 1, "errors": 1}}`
 */
JsonObject *slip_calls_count (SlipWorld *world);

G_END_DECLS
