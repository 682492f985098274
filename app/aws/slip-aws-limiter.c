/* SPDX-License-Identifier: MIT */

/* One token bucket for each (account, region, service), shared by everything in the process that
 * calls it, because AWS counts per account and not per window. It begins generously, halves its rate
 * when AWS throttles and creeps back; the engineers' own automation shares the same quota, so it does
 * not creep fast. Who waits is served by priority, then in order of arrival. */

#include "slip-aws-limiter.h"

#define START_RATE 400.0
#define START_BURST 400.0
#define MIN_RATE 2.0
#define RECOVERY_PER_SECOND 1.0
#define SECOND ((double)G_USEC_PER_SEC)

typedef struct
{
  SlipAwsPriority priority;
  guint64 ticket;
} Waiter;

struct _SlipAwsLimiter
{
  GMutex lock;
  GCond changed;
  GQueue waiters; /* of Waiter, first served first; on their callers' stacks */
  guint64 next_ticket;
  double rate;
  double burst;
  double tokens;
  gint64 filled_us;
  gint64 adapted_us; /* when the rate last changed */
  gint64 window_us;  /* begin of the second that is counted */
  guint window_calls;
  double seen_rate; /* calls let through in the last whole second */
};

static GHashTable *limiters;
G_LOCK_DEFINE_STATIC (limiters);

static SlipAwsLimiter *
limiter_new (void)
{
  SlipAwsLimiter *self = g_new0 (SlipAwsLimiter, 1);

  g_mutex_init (&self->lock);
  g_cond_init (&self->changed);
  g_queue_init (&self->waiters);
  self->rate = START_RATE;
  self->burst = START_BURST;
  self->tokens = START_BURST;
  self->filled_us = g_get_monotonic_time ();
  self->adapted_us = self->filled_us;
  self->window_us = self->filled_us;
  return self;
}

SlipAwsLimiter *
slip_aws_limiter_get (const char *account, const char *region, const char *service)
{
  g_autofree char *key = g_strdup_printf ("%s\n%s\n%s", account, region, service);
  SlipAwsLimiter *self;

  G_LOCK (limiters);
  if (limiters == NULL)
    limiters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self = g_hash_table_lookup (limiters, key);
  if (self == NULL)
    {
      self = limiter_new ();
      g_hash_table_insert (limiters, g_steal_pointer (&key), self);
    }
  G_UNLOCK (limiters);
  return self;
}

static void
fill (SlipAwsLimiter *self, gint64 now_us)
{
  self->tokens += (double)(now_us - self->filled_us) / SECOND * self->rate;
  self->tokens = MIN (self->tokens, self->burst);
  self->filled_us = now_us;
}

static void
count_call (SlipAwsLimiter *self, gint64 now_us)
{
  gint64 passed = now_us - self->window_us;

  if (passed >= G_USEC_PER_SEC)
    {
      self->seen_rate = (double)self->window_calls / ((double)passed / SECOND);
      self->window_calls = 0;
      self->window_us = now_us;
    }
  self->window_calls++;
}

static int
compare_waiters (gconstpointer a, gconstpointer b, gpointer data)
{
  const Waiter *left = a;
  const Waiter *right = b;

  if (left->priority != right->priority)
    return left->priority > right->priority ? -1 : 1;
  return left->ticket < right->ticket ? -1 : 1;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  SlipAwsLimiter *self = data;

  g_mutex_lock (&self->lock);
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

/* Waits until @waiter is first and there is a token; the lock is held. */
static void
wait_for_turn (SlipAwsLimiter *self, Waiter *waiter, GCancellable *cancellable)
{
  while (!g_cancellable_is_cancelled (cancellable))
    {
      gint64 now_us = g_get_monotonic_time ();

      fill (self, now_us);
      if (g_queue_peek_head (&self->waiters) != waiter)
        g_cond_wait (&self->changed, &self->lock);
      else if (self->tokens >= 1)
        return;
      else
        g_cond_wait_until (&self->changed, &self->lock,
                           now_us + (gint64)((1 - self->tokens) / self->rate * SECOND) + 1000);
    }
}

static gboolean
wait_in_queue (SlipAwsLimiter *self,
               SlipAwsPriority priority,
               GCancellable *cancellable,
               GError **error)
{
  Waiter waiter = {priority, self->next_ticket++};
  gboolean cancelled;
  gulong handler = 0;

  g_queue_insert_sorted (&self->waiters, &waiter, compare_waiters, NULL);
  if (cancellable != NULL)
    {
      /* Connecting calls back at once when it is cancelled already, so not under the lock. */
      g_mutex_unlock (&self->lock);
      handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), self, NULL);
      g_mutex_lock (&self->lock);
    }
  wait_for_turn (self, &waiter, cancellable);
  cancelled = g_cancellable_is_cancelled (cancellable);
  g_queue_remove (&self->waiters, &waiter);
  if (!cancelled)
    self->tokens -= 1;
  g_cond_broadcast (&self->changed);
  if (handler != 0)
    {
      g_mutex_unlock (&self->lock);
      g_cancellable_disconnect (cancellable, handler);
      g_mutex_lock (&self->lock);
    }
  return !cancelled || !g_cancellable_set_error_if_cancelled (cancellable, error);
}

gboolean
slip_aws_limiter_acquire (SlipAwsLimiter *self,
                          SlipAwsPriority priority,
                          GCancellable *cancellable,
                          GError **error)
{
  gboolean ok = TRUE;
  gint64 now_us = g_get_monotonic_time ();

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  g_mutex_lock (&self->lock);
  fill (self, now_us);
  if (self->tokens < 1 || !g_queue_is_empty (&self->waiters))
    ok = wait_in_queue (self, priority, cancellable, error);
  else
    self->tokens -= 1;
  if (ok)
    count_call (self, g_get_monotonic_time ());
  g_mutex_unlock (&self->lock);
  return ok;
}

void
slip_aws_limiter_report (SlipAwsLimiter *self, gboolean throttled)
{
  gint64 now_us = g_get_monotonic_time ();
  double passed;

  g_mutex_lock (&self->lock);
  passed = (double)(now_us - self->adapted_us) / SECOND;
  if (throttled)
    {
      /* Calls that were under way together are throttled together: that is one sign, not many. */
      if (passed > 0.5 || self->rate >= START_RATE)
        {
          double seen = MAX (self->seen_rate, (double)self->window_calls);

          self->rate = MAX (MIN_RATE, MIN (self->rate, seen) * 0.5);
          self->burst = MAX (1.0, self->rate);
          self->tokens = MIN (self->tokens, 0);
          self->adapted_us = now_us;
        }
    }
  else if (self->rate < START_RATE && passed > 0)
    {
      self->rate = MIN (START_RATE, self->rate + RECOVERY_PER_SECOND * MIN (passed, 10.0));
      self->burst = MAX (1.0, self->rate);
      self->adapted_us = now_us;
    }
  g_cond_broadcast (&self->changed);
  g_mutex_unlock (&self->lock);
}

double
slip_aws_limiter_get_rate (SlipAwsLimiter *self)
{
  double rate;

  g_mutex_lock (&self->lock);
  rate = self->rate;
  g_mutex_unlock (&self->lock);
  return rate;
}

guint
slip_aws_limiter_get_n_waiting (SlipAwsLimiter *self)
{
  guint n;

  g_mutex_lock (&self->lock);
  n = g_queue_get_length (&self->waiters);
  g_mutex_unlock (&self->lock);
  return n;
}
