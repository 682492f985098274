/* SPDX-License-Identifier: MIT */

/* The shared bucket and the rules of trying again. */

#include "slip-aws-error.h"
#include "slip-aws-limiter.h"
#include "slip-aws-retry.h"

static void
throttle_down (SlipAwsLimiter *limiter)
{
  double rate = slip_aws_limiter_get_rate (limiter);

  slip_aws_limiter_report (limiter, TRUE);
  g_assert_cmpfloat (slip_aws_limiter_get_rate (limiter), <, rate);
}

static void
test_is_shared (void)
{
  SlipAwsLimiter *a = slip_aws_limiter_get ("111111111111", "eu-west-1", "rds");

  g_assert_true (a == slip_aws_limiter_get ("111111111111", "eu-west-1", "rds"));
  g_assert_true (a != slip_aws_limiter_get ("111111111111", "eu-west-2", "rds"));
  g_assert_true (a != slip_aws_limiter_get ("222222222222", "eu-west-1", "rds"));
}

static void
test_does_not_slow_before_a_throttle (void)
{
  SlipAwsLimiter *limiter = slip_aws_limiter_get ("fast", "eu-west-1", "rds");
  gint64 begun = g_get_monotonic_time ();

  for (guint i = 0; i < 200; i++)
    g_assert_true (slip_aws_limiter_acquire (limiter, SLIP_AWS_PRIORITY_BROWSE, NULL, NULL));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, G_USEC_PER_SEC / 2);
}

static void
test_adapts (void)
{
  SlipAwsLimiter *limiter = slip_aws_limiter_get ("adapts", "eu-west-1", "rds");
  double slow;

  throttle_down (limiter);
  slow = slip_aws_limiter_get_rate (limiter);
  /* The echo of calls that were under way is one sign, not many. */
  slip_aws_limiter_report (limiter, TRUE);
  g_assert_cmpfloat (slip_aws_limiter_get_rate (limiter), ==, slow);
  g_usleep (20000);
  slip_aws_limiter_report (limiter, FALSE);
  g_assert_cmpfloat (slip_aws_limiter_get_rate (limiter), >, slow);
}

typedef struct
{
  SlipAwsLimiter *limiter;
  SlipAwsPriority priority;
  GAsyncQueue *order;
} Caller;

static gpointer
acquire_and_tell (gpointer data)
{
  Caller *caller = data;

  g_assert_true (slip_aws_limiter_acquire (caller->limiter, caller->priority, NULL, NULL));
  g_async_queue_push (caller->order, GINT_TO_POINTER (caller->priority + 1));
  return NULL;
}

/* Three callers, the least first, at an empty bucket. Whether all of them had to wait for one another;
 * on a slow machine a token may come before the last of them is there. */
static gboolean
queue_up (guint attempt, GAsyncQueue *order)
{
  g_autofree char *name = g_strdup_printf ("priorities-%u", attempt);
  SlipAwsLimiter *limiter = slip_aws_limiter_get (name, "eu-west-1", "rds");
  Caller callers[] = {{limiter, SLIP_AWS_PRIORITY_BROWSE, order},
                      {limiter, SLIP_AWS_PRIORITY_WAIT, order},
                      {limiter, SLIP_AWS_PRIORITY_RUN, order}};
  GThread *threads[3];
  guint waiting = 0;

  throttle_down (limiter);
  for (guint i = 0; i < 3; i++)
    threads[i] = g_thread_new ("caller", acquire_and_tell, &callers[i]);
  while (waiting < 3 && g_async_queue_length (order) == 0)
    {
      waiting = slip_aws_limiter_get_n_waiting (limiter);
      g_thread_yield ();
    }
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  return waiting == 3;
}

static void
test_priorities (void)
{
  g_autoptr (GAsyncQueue) order = g_async_queue_new ();
  guint attempt = 0;

  while (!queue_up (attempt, order))
    {
      g_assert_cmpuint (++attempt, <, 20);
      while (g_async_queue_try_pop (order) != NULL)
        ;
    }
  g_assert_cmpint (GPOINTER_TO_INT (g_async_queue_pop (order)), ==, SLIP_AWS_PRIORITY_RUN + 1);
  g_assert_cmpint (GPOINTER_TO_INT (g_async_queue_pop (order)), ==, SLIP_AWS_PRIORITY_WAIT + 1);
  g_assert_cmpint (GPOINTER_TO_INT (g_async_queue_pop (order)), ==, SLIP_AWS_PRIORITY_BROWSE + 1);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (50000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancel_ends_the_wait (void)
{
  SlipAwsLimiter *limiter = slip_aws_limiter_get ("cancel", "eu-west-1", "rds");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  gint64 begun;
  GThread *thread;

  throttle_down (limiter);
  begun = g_get_monotonic_time ();
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (slip_aws_limiter_acquire (limiter, SLIP_AWS_PRIORITY_RUN, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, G_USEC_PER_SEC * 3 / 4);
  g_thread_join (thread);
}

static void
assert_verdict (const char *code, const char *text, guint status, SlipAwsVerdict verdict)
{
  g_autoptr (GError) error = slip_aws_error_new_service (code, text, status, NULL);

  g_assert_cmpint (slip_aws_retry_judge (error, TRUE, 0), ==, verdict);
}

static void
test_verdicts (void)
{
  g_autoptr (GError) transport
      = g_error_new (SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT, "connection refused");

  assert_verdict ("DBClusterNotFoundFault", "x", 404, SLIP_AWS_VERDICT_FINAL);
  assert_verdict ("AccessDenied", "x", 403, SLIP_AWS_VERDICT_FINAL);
  assert_verdict ("Throttling", "Rate exceeded", 400, SLIP_AWS_VERDICT_THROTTLED);
  assert_verdict ("RequestLimitExceeded", "x", 503, SLIP_AWS_VERDICT_THROTTLED);
  assert_verdict ("InternalFailure", "x", 500, SLIP_AWS_VERDICT_UNCERTAIN);
  assert_verdict ("Whatever", "x", 503, SLIP_AWS_VERDICT_UNCERTAIN);
  assert_verdict ("ExpiredToken", "x", 403, SLIP_AWS_VERDICT_SIGN_IN);
  assert_verdict ("UnrecognizedClientException", "x", 400, SLIP_AWS_VERDICT_SIGN_IN);
  assert_verdict ("InvalidClientTokenId", "x", 403, SLIP_AWS_VERDICT_SIGN_IN);
  assert_verdict ("RequestTimeTooSkewed", "x", 403, SLIP_AWS_VERDICT_CLOCK);
  assert_verdict ("SignatureDoesNotMatch", "Signature expired: 1 is now earlier than 2", 403,
                  SLIP_AWS_VERDICT_CLOCK);
  assert_verdict ("SignatureDoesNotMatch", "The request signature we calculated …", 403,
                  SLIP_AWS_VERDICT_FINAL);
  g_assert_cmpint (slip_aws_retry_judge (transport, FALSE, 0), ==, SLIP_AWS_VERDICT_NOT_SENT);
  g_assert_cmpint (slip_aws_retry_judge (transport, TRUE, 0), ==, SLIP_AWS_VERDICT_UNCERTAIN);
}

static void
test_quota (void)
{
  SlipAwsRetryQuota quota;
  guint retries = 0;
  int cost;

  slip_aws_retry_quota_init (&quota);
  while (slip_aws_retry_quota_take (&quota, FALSE, &cost))
    retries++;
  g_assert_cmpuint (retries, ==, 100);
  slip_aws_retry_quota_give (&quota, 5);
  g_assert_false (slip_aws_retry_quota_take (&quota, TRUE, &cost));
  g_assert_true (slip_aws_retry_quota_take (&quota, FALSE, &cost));
  slip_aws_retry_quota_clear (&quota);
}

static void
test_delays_are_bounded (void)
{
  for (guint attempt = 1; attempt < 60; attempt++)
    {
      gint64 delay = slip_aws_retry_delay (attempt);

      g_assert_cmpint (delay, >=, 0);
      g_assert_cmpint (delay, <=, 20 * G_USEC_PER_SEC);
      if (attempt == 1)
        g_assert_cmpint (delay, <=, G_USEC_PER_SEC);
    }
}

static void
test_attempts (void)
{
  g_assert_cmpuint (slip_aws_retry_attempts (0, 0, TRUE), ==, 8);
  g_assert_cmpuint (slip_aws_retry_attempts (0, 0, FALSE), ==, 3);
  g_assert_cmpuint (slip_aws_retry_attempts (0, 5, TRUE), ==, 5);
  g_assert_cmpuint (slip_aws_retry_attempts (1, 5, TRUE), ==, 1);
  g_setenv ("AWS_MAX_ATTEMPTS", "4", TRUE);
  g_assert_cmpuint (slip_aws_retry_configured ("9", NULL), ==, 4);
  g_unsetenv ("AWS_MAX_ATTEMPTS");
  g_assert_cmpuint (slip_aws_retry_configured ("9", NULL), ==, 9);
  g_assert_cmpuint (slip_aws_retry_configured (NULL, "legacy"), ==, 5);
  g_assert_cmpuint (slip_aws_retry_configured (NULL, NULL), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_unsetenv ("AWS_RETRY_MODE");
  g_test_add_func ("/limiter/is_shared", test_is_shared);
  g_test_add_func ("/limiter/does_not_slow_before_a_throttle",
                   test_does_not_slow_before_a_throttle);
  g_test_add_func ("/limiter/adapts", test_adapts);
  g_test_add_func ("/limiter/serves_by_priority", test_priorities);
  g_test_add_func ("/limiter/cancel_ends_the_wait", test_cancel_ends_the_wait);
  g_test_add_func ("/retry/verdicts", test_verdicts);
  g_test_add_func ("/retry/quota", test_quota);
  g_test_add_func ("/retry/delays_are_bounded", test_delays_are_bounded);
  g_test_add_func ("/retry/attempts", test_attempts);
  return g_test_run ();
}
