/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The retry quota of the SDKs' standard mode: a bucket of 500, from which a retry takes 5, one after
 * a time-out 10, and to which a success gives back what its retries took, or 1. Thread-safe. */
typedef struct
{
  GMutex lock;
  int tokens;
} SlipAwsRetryQuota;

void slip_aws_retry_quota_init (SlipAwsRetryQuota *quota);
void slip_aws_retry_quota_clear (SlipAwsRetryQuota *quota);

/* Takes the cost of a retry, or says that too much fails already. */
gboolean slip_aws_retry_quota_take (SlipAwsRetryQuota *quota, gboolean after_timeout, int *cost);

/* Gives back after a success; @cost is what the last retry took, 0 when there was none. */
void slip_aws_retry_quota_give (SlipAwsRetryQuota *quota, int cost);

/* The pause before attempt @attempt + 1, microseconds: full jitter over an exponential bound, 20 s at
 * most. @attempt counts from 1. */
gint64 slip_aws_retry_delay (guint attempt);

/* How often to try: @asked by the caller, else what is configured, else the default for reads (8) or
 * changes (3). */
guint slip_aws_retry_attempts (guint asked, guint configured, gboolean read);

/* AWS_MAX_ATTEMPTS or @profile_value, or what AWS_RETRY_MODE or @profile_mode means; 0 when nothing is
 * configured. */
guint slip_aws_retry_configured (const char *profile_value, const char *profile_mode);

/* What an answer means for the next attempt. */
typedef enum
{
  SLIP_AWS_VERDICT_FINAL,     /* the service decided */
  SLIP_AWS_VERDICT_THROTTLED, /* not carried out; later */
  SLIP_AWS_VERDICT_NOT_SENT,  /* not carried out; no connection */
  SLIP_AWS_VERDICT_UNCERTAIN, /* may have been carried out */
  SLIP_AWS_VERDICT_SIGN_IN,   /* not carried out; the credentials are refused */
  SLIP_AWS_VERDICT_CLOCK,     /* not carried out; our clock is wrong */
} SlipAwsVerdict;

SlipAwsVerdict slip_aws_retry_judge (const GError *error, gboolean maybe_sent, gint64 skew_us);

G_END_DECLS
