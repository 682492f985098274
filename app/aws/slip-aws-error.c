/* SPDX-License-Identifier: MIT */

/* The error domain of the aws folder. A service's error carries what it answered (code, words, HTTP
 * status, request id) so that callers decide by the code on the wire and never by the text. */

#include "slip-aws-error.h"

#include <string.h>

typedef struct
{
  char *code;
  char *text;
  char *request_id;
  guint status;
} SlipAwsErrorPrivate;

static const char *const throttle_codes[] = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
    NULL,
};

static const char *const transient_codes[] = {
    "InternalError",           "InternalFailure",    "PriorRequestNotComplete", "RequestTimeout",
    "RequestTimeoutException", "ServiceUnavailable", "InternalServerError",     NULL,
};

static const char *const expired_codes[] = {
    "ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", NULL,
};

static void
slip_aws_error_private_init (SlipAwsErrorPrivate *priv)
{
}

static void
slip_aws_error_private_copy (const SlipAwsErrorPrivate *src, SlipAwsErrorPrivate *dest)
{
  dest->code = g_strdup (src->code);
  dest->text = g_strdup (src->text);
  dest->request_id = g_strdup (src->request_id);
  dest->status = src->status;
}

static void
slip_aws_error_private_clear (SlipAwsErrorPrivate *priv)
{
  g_free (priv->code);
  g_free (priv->text);
  g_free (priv->request_id);
}

G_DEFINE_EXTENDED_ERROR (SlipAwsError, slip_aws_error)

GError *
slip_aws_error_new_service (const char *code,
                            const char *message,
                            guint status,
                            const char *request_id)
{
  g_return_val_if_fail (code != NULL, NULL);

  gboolean has_text = message != NULL && *message != '\0';
  GError *error = g_error_new (SLIP_AWS_ERROR, SLIP_AWS_ERROR_SERVICE, "%s%s%s", code,
                               has_text ? ": " : "", has_text ? message : "");
  SlipAwsErrorPrivate *priv = slip_aws_error_get_private (error);
  priv->code = g_strdup (code);
  priv->text = g_strdup (has_text ? message : "");
  priv->request_id = g_strdup (request_id);
  priv->status = status;
  return error;
}

void
slip_aws_error_set_service (GError **error, const char *code, guint status, const char *format, ...)
{
  if (error == NULL)
    return;
  g_return_if_fail (*error == NULL);

  va_list args;
  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  *error = slip_aws_error_new_service (code, text, status, NULL);
}

static const SlipAwsErrorPrivate *
peek (const GError *error)
{
  return error != NULL && error->domain == SLIP_AWS_ERROR ? slip_aws_error_get_private (error)
                                                          : NULL;
}

const char *
slip_aws_error_get_code (const GError *error)
{
  const SlipAwsErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->code : NULL;
}

const char *
slip_aws_error_get_text (const GError *error)
{
  const SlipAwsErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->text : NULL;
}

guint
slip_aws_error_get_status (const GError *error)
{
  const SlipAwsErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->status : 0;
}

const char *
slip_aws_error_get_request_id (const GError *error)
{
  const SlipAwsErrorPrivate *priv = peek (error);
  return priv != NULL ? priv->request_id : NULL;
}

gboolean
slip_aws_error_has_code (const GError *error, const char *code)
{
  return g_strcmp0 (slip_aws_error_get_code (error), code) == 0 && code != NULL;
}

static gboolean
code_is_in (const GError *error, const char *const *codes)
{
  const char *code = slip_aws_error_get_code (error);
  return code != NULL && g_strv_contains (codes, code);
}

gboolean
slip_aws_error_is_throttle (const GError *error)
{
  return code_is_in (error, throttle_codes) || slip_aws_error_get_status (error) == 429;
}

gboolean
slip_aws_error_is_transient (const GError *error)
{
  guint status = slip_aws_error_get_status (error);
  return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT)
         || code_is_in (error, transient_codes) || status == 500 || status == 502 || status == 503
         || status == 504;
}

gboolean
slip_aws_error_is_expired_token (const GError *error)
{
  return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED)
         || code_is_in (error, expired_codes);
}
