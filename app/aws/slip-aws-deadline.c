/* SPDX-License-Identifier: MIT */

/* Deadlines of HTTP exchanges. A socket's time-out begins again with each byte, so that a server which
 * sends one now and then is waited for without an end. One thread watches all deadlines and cancels;
 * the transport is the only caller. */

#include "slip-aws-deadline.h"

struct _SlipAwsDeadline
{
  GCancellable *stop;        /* owned */
  GCancellable *cancellable; /* owned, or NULL */
  gulong handler;
  gint64 due_us;       /* monotonic */
  SlipAwsDeadline *of; /* the next in the list of all */
  gboolean over;
};

static GMutex lock;
static GCond changed;
static SlipAwsDeadline *all; /* the first to come first */

/* Cancelling wakes a poll and takes no lock of ours, so that it may be done under it. */
static gpointer
watch (gpointer data)
{
  g_mutex_lock (&lock);
  while (TRUE)
    {
      SlipAwsDeadline *first = all;

      if (first == NULL)
        g_cond_wait (&changed, &lock);
      else if (g_get_monotonic_time () < first->due_us)
        g_cond_wait_until (&changed, &lock, first->due_us);
      else
        {
          all = first->of;
          first->over = TRUE;
          g_cancellable_cancel (first->stop);
        }
    }
  return NULL;
}

static void
start_watching (void)
{
  static gsize started;

  if (g_once_init_enter (&started))
    {
      g_thread_unref (g_thread_new ("slip-deadlines", watch, NULL));
      g_once_init_leave (&started, 1);
    }
}

static void
cancelled_cb (GCancellable *cancellable, GCancellable *stop)
{
  g_cancellable_cancel (stop);
}

SlipAwsDeadline *
slip_aws_deadline_new (guint seconds, GCancellable *cancellable)
{
  SlipAwsDeadline *self = g_new0 (SlipAwsDeadline, 1);
  SlipAwsDeadline **at = &all;

  start_watching ();
  self->stop = g_cancellable_new ();
  self->due_us = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  if (cancellable != NULL)
    {
      self->cancellable = g_object_ref (cancellable);
      self->handler
          = g_cancellable_connect (cancellable, G_CALLBACK (cancelled_cb), self->stop, NULL);
    }
  g_mutex_lock (&lock);
  while (*at != NULL && (*at)->due_us <= self->due_us)
    at = &(*at)->of;
  self->of = *at;
  *at = self;
  g_cond_signal (&changed);
  g_mutex_unlock (&lock);
  return self;
}

GCancellable *
slip_aws_deadline_get_cancellable (SlipAwsDeadline *self)
{
  return self->stop;
}

gboolean
slip_aws_deadline_is_over (SlipAwsDeadline *self)
{
  gboolean over;

  g_mutex_lock (&lock);
  over = self->over;
  g_mutex_unlock (&lock);
  return over;
}

void
slip_aws_deadline_free (SlipAwsDeadline *self)
{
  if (self == NULL)
    return;
  g_mutex_lock (&lock);
  for (SlipAwsDeadline **at = &all; *at != NULL; at = &(*at)->of)
    if (*at == self)
      {
        *at = self->of;
        break;
      }
  g_mutex_unlock (&lock);
  if (self->cancellable != NULL)
    g_cancellable_disconnect (self->cancellable, self->handler);
  g_clear_object (&self->cancellable);
  g_object_unref (self->stop);
  g_free (self);
}
