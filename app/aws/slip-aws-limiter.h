/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipAwsPriority:
 * @SLIP_AWS_PRIORITY_BROWSE: filling a view; the default
 * @SLIP_AWS_PRIORITY_WAIT: polling for a state
 * @SLIP_AWS_PRIORITY_RUN: a step of a run
 *
 * Who goes first when calls must wait.
 */
typedef enum
{
  SLIP_AWS_PRIORITY_BROWSE,
  SLIP_AWS_PRIORITY_WAIT,
  SLIP_AWS_PRIORITY_RUN,
} SlipAwsPriority;

/**
 * SlipAwsLimiter:
 *
 * The token bucket that all calls to one service of one account in one region share, whatever client
 * they go through. It fills at a generous rate until AWS throttles; then it halves its rate and
 * finds back slowly. Thread-safe, lives as long as the process.
 */
typedef struct _SlipAwsLimiter SlipAwsLimiter;

/**
 * slip_aws_limiter_get:
 * @account: the account, or whatever stands for it before it is known
 * @region: the region
 * @service: the service
 *
 * Returns: (transfer none): the bucket of the three
 */
SlipAwsLimiter *slip_aws_limiter_get (const char *account, const char *region, const char *service);

/**
 * slip_aws_limiter_acquire:
 * @self: a bucket
 * @priority: who asks
 * @cancellable: (nullable): ends the wait
 * @error: return location
 *
 * Takes one token, and waits for it while higher priorities or earlier callers go first.
 *
 * Returns: %FALSE with %G_IO_ERROR_CANCELLED
 */
gboolean slip_aws_limiter_acquire (SlipAwsLimiter *self,
                                   SlipAwsPriority priority,
                                   GCancellable *cancellable,
                                   GError **error);

/**
 * slip_aws_limiter_report:
 * @self: a bucket
 * @throttled: whether the answer was a throttle
 *
 * Adapts the rate to an answer.
 */
void slip_aws_limiter_report (SlipAwsLimiter *self, gboolean throttled);

/**
 * slip_aws_limiter_get_rate:
 * @self: a bucket
 *
 * Returns: calls a second it lets through just now
 */
double slip_aws_limiter_get_rate (SlipAwsLimiter *self);

/**
 * slip_aws_limiter_get_n_waiting:
 * @self: a bucket
 *
 * Returns: how many callers wait for a token just now; a hint, since other threads go on
 */
guint slip_aws_limiter_get_n_waiting (SlipAwsLimiter *self);

G_END_DECLS
