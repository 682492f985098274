/* SPDX-License-Identifier: MIT */

/* The rules of trying again: what an error proves about a call, how long to wait, how often, and the
 * quota that keeps an outage from being fed with retries. Rules of the AWS SDKs' standard mode; what
 * is stricter here is that an error which does not prove that nothing happened says so. */

#include "slip-aws-retry.h"

#include "slip-aws-error.h"

#include <string.h>

#define QUOTA 500
#define RETRY_COST 5
#define TIMEOUT_COST 10
#define MAX_DELAY_S 20.0
#define READ_ATTEMPTS 8
#define CHANGE_ATTEMPTS 3
#define LEGACY_ATTEMPTS 5
#define STANDARD_ATTEMPTS 3
#define MOST_ATTEMPTS 50
#define CLOCK_TOLERANCE_US (240 * G_USEC_PER_SEC)

void
slip_aws_retry_quota_init (SlipAwsRetryQuota *quota)
{
  g_mutex_init (&quota->lock);
  quota->tokens = QUOTA;
}

void
slip_aws_retry_quota_clear (SlipAwsRetryQuota *quota)
{
  g_mutex_clear (&quota->lock);
}

gboolean
slip_aws_retry_quota_take (SlipAwsRetryQuota *quota, gboolean after_timeout, int *cost)
{
  int wanted = after_timeout ? TIMEOUT_COST : RETRY_COST;
  gboolean enough;

  g_mutex_lock (&quota->lock);
  enough = quota->tokens >= wanted;
  if (enough)
    quota->tokens -= wanted;
  g_mutex_unlock (&quota->lock);
  *cost = enough ? wanted : 0;
  return enough;
}

void
slip_aws_retry_quota_give (SlipAwsRetryQuota *quota, int cost)
{
  g_mutex_lock (&quota->lock);
  quota->tokens = MIN (QUOTA, quota->tokens + (cost > 0 ? cost : 1));
  g_mutex_unlock (&quota->lock);
}

gint64
slip_aws_retry_delay (guint attempt)
{
  double bound = MIN (MAX_DELAY_S, (double)(1u << MIN (attempt - 1, 10)));

  return (gint64)(g_random_double () * bound * (double)G_USEC_PER_SEC);
}

guint
slip_aws_retry_attempts (guint asked, guint configured, gboolean read)
{
  if (asked != 0)
    return MIN (asked, MOST_ATTEMPTS);
  if (configured != 0)
    return configured;
  return read ? READ_ATTEMPTS : CHANGE_ATTEMPTS;
}

static guint
parse_attempts (const char *text)
{
  guint64 value;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 1, MOST_ATTEMPTS, &value, NULL))
    return 0;
  return (guint)value;
}

guint
slip_aws_retry_configured (const char *profile_value, const char *profile_mode)
{
  guint attempts = parse_attempts (g_getenv ("AWS_MAX_ATTEMPTS"));
  const char *mode = g_getenv ("AWS_RETRY_MODE");

  if (attempts == 0)
    attempts = parse_attempts (profile_value);
  if (attempts != 0)
    return attempts;
  if (mode == NULL || *mode == '\0')
    mode = profile_mode;
  if (g_strcmp0 (mode, "legacy") == 0)
    return LEGACY_ATTEMPTS;
  /* The bucket that all calls share already does what “adaptive” adds. */
  if (g_strcmp0 (mode, "standard") == 0 || g_strcmp0 (mode, "adaptive") == 0)
    return STANDARD_ATTEMPTS;
  return 0;
}

static gboolean
is_one_of (const char *code, const char *const *codes)
{
  return g_strv_contains (codes, code);
}

static gboolean
is_clock_error (const char *code, const char *text, gint64 skew_us)
{
  static const char *const always[] = {"RequestTimeTooSkewed", "RequestInTheFuture", NULL};
  static const char *const by_text[]
      = {"SignatureDoesNotMatch", "InvalidSignatureException", "AuthFailure", NULL};

  if (is_one_of (code, always))
    return TRUE;
  if (is_one_of (code, by_text) && text != NULL
      && (strstr (text, "Signature expired") != NULL || strstr (text, "not yet current") != NULL))
    return TRUE;
  return g_str_equal (code, "RequestExpired") && ABS (skew_us) > CLOCK_TOLERANCE_US;
}

static gboolean
is_sign_in_error (const GError *error, const char *code)
{
  static const char *const codes[] = {"InvalidClientTokenId", "UnrecognizedClientException",
                                      "InvalidAccessKeyId",   "InvalidToken",
                                      "AuthFailure",          NULL};

  return slip_aws_error_is_expired_token (error) || is_one_of (code, codes);
}

SlipAwsVerdict
slip_aws_retry_judge (const GError *error, gboolean maybe_sent, gint64 skew_us)
{
  const char *code = slip_aws_error_get_code (error);

  if (code == NULL)
    {
      if (g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL))
        return SLIP_AWS_VERDICT_UNCERTAIN;
      if (maybe_sent)
        return SLIP_AWS_VERDICT_UNCERTAIN;
      return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT)
                 ? SLIP_AWS_VERDICT_NOT_SENT
                 : SLIP_AWS_VERDICT_FINAL;
    }
  if (is_clock_error (code, slip_aws_error_get_text (error), skew_us))
    return SLIP_AWS_VERDICT_CLOCK;
  if (is_sign_in_error (error, code))
    return SLIP_AWS_VERDICT_SIGN_IN;
  if (slip_aws_error_is_throttle (error))
    return SLIP_AWS_VERDICT_THROTTLED;
  return slip_aws_error_is_transient (error) ? SLIP_AWS_VERDICT_UNCERTAIN : SLIP_AWS_VERDICT_FINAL;
}
