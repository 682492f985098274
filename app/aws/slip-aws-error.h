/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_AWS_ERROR (slip_aws_error_quark ())

/**
 * SlipAwsError:
 * @SLIP_AWS_ERROR_SERVICE: the service answered with an error; slip_aws_error_get_code() has its code
 * @SLIP_AWS_ERROR_MODEL: there is no such service or operation, or a model is malformed
 * @SLIP_AWS_ERROR_CHECK: a request does not fit the model; the message names every place
 * @SLIP_AWS_ERROR_PROTOCOL: an answer, or a request at the server, cannot be read
 * @SLIP_AWS_ERROR_TRANSPORT: no connection, or it broke before an answer; nothing was changed
 * @SLIP_AWS_ERROR_CREDENTIALS: no credentials, or their source refused
 * @SLIP_AWS_ERROR_MFA_NEEDED: the credentials need a token code and nobody is there to ask
 * @SLIP_AWS_ERROR_EXPIRED: the credentials have expired; sign in again
 * @SLIP_AWS_ERROR_READ_ONLY: the client is not unlocked for changes
 * @SLIP_AWS_ERROR_UNKNOWN_OUTCOME: a change may or may not have reached the service
 * @SLIP_AWS_ERROR_IDENTITY: the credentials belong to another account or role
 * @SLIP_AWS_ERROR_CONFIG: a configuration file is malformed or lacks something
 * @SLIP_AWS_ERROR_CANCELLED: a person cancelled
 * @SLIP_AWS_ERROR_ENDPOINT: no endpoint for the service and region, or a malformed override
 *
 * Errors of the aws folder. An extended error: service errors carry code, status and request id.
 */
typedef enum
{
  SLIP_AWS_ERROR_SERVICE,
  SLIP_AWS_ERROR_MODEL,
  SLIP_AWS_ERROR_CHECK,
  SLIP_AWS_ERROR_PROTOCOL,
  SLIP_AWS_ERROR_TRANSPORT,
  SLIP_AWS_ERROR_CREDENTIALS,
  SLIP_AWS_ERROR_MFA_NEEDED,
  SLIP_AWS_ERROR_EXPIRED,
  SLIP_AWS_ERROR_READ_ONLY,
  SLIP_AWS_ERROR_UNKNOWN_OUTCOME,
  SLIP_AWS_ERROR_IDENTITY,
  SLIP_AWS_ERROR_CONFIG,
  SLIP_AWS_ERROR_CANCELLED,
  SLIP_AWS_ERROR_ENDPOINT,
} SlipAwsError;

GQuark slip_aws_error_quark (void);

/**
 * slip_aws_error_new_service:
 * @code: the error code on the wire, "DBClusterNotFoundFault"
 * @message: (nullable): the service's words
 * @status: the HTTP status; 0 when not known
 * @request_id: (nullable): the request id
 *
 * The error's message reads `CODE: MESSAGE`; the bare words are slip_aws_error_get_text().
 *
 * Returns: (transfer full): a %SLIP_AWS_ERROR_SERVICE
 */
GError *slip_aws_error_new_service (const char *code,
                                    const char *message,
                                    guint status,
                                    const char *request_id);

/**
 * slip_aws_error_set_service:
 * @error: return location, or %NULL
 * @code: the error code on the wire
 * @status: the HTTP status
 * @format: printf() format of the service's words
 *
 * Shorthand for the services of the rehearsal server.
 */
void
slip_aws_error_set_service (GError **error, const char *code, guint status, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

/**
 * slip_aws_error_get_code:
 * @error: (nullable): an error of any domain
 *
 * Returns: (transfer none) (nullable): the service's code, or %NULL when @error is no service error
 */
const char *slip_aws_error_get_code (const GError *error);

/**
 * slip_aws_error_get_text:
 * @error: (nullable): an error of any domain
 *
 * Returns: (transfer none) (nullable): the service's words without its code, or %NULL
 */
const char *slip_aws_error_get_text (const GError *error);

/**
 * slip_aws_error_get_status:
 * @error: (nullable): an error of any domain
 *
 * Returns: the HTTP status of the answer; 0 when there was none
 */
guint slip_aws_error_get_status (const GError *error);

/**
 * slip_aws_error_get_request_id:
 * @error: (nullable): an error of any domain
 *
 * Returns: (transfer none) (nullable): the request id to quote to AWS
 */
const char *slip_aws_error_get_request_id (const GError *error);

/**
 * slip_aws_error_has_code:
 * @error: (nullable): an error of any domain
 * @code: a code on the wire
 *
 * Returns: whether @error is a service error with exactly this code
 */
gboolean slip_aws_error_has_code (const GError *error, const char *code);

/**
 * slip_aws_error_is_throttle:
 * @error: (nullable): an error of any domain
 *
 * Returns: whether the service asked to slow down (the codes of the SDKs' standard retry mode)
 */
gboolean slip_aws_error_is_throttle (const GError *error);

/**
 * slip_aws_error_is_transient:
 * @error: (nullable): an error of any domain
 *
 * Returns: whether trying again may help (the SDKs' standard retry mode): request time-outs, HTTP 500,
 *   502, 503 and 504, a broken connection
 */
gboolean slip_aws_error_is_transient (const GError *error);

/**
 * slip_aws_error_is_expired_token:
 * @error: (nullable): an error of any domain
 *
 * Returns: whether the service says that the credentials have expired
 */
gboolean slip_aws_error_is_expired_token (const GError *error);

G_END_DECLS
