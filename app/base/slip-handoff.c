/* SPDX-License-Identifier: MIT */
/* Hands objects from one thread to another: to a main context, or through a queue. It is the only
 * file that does so, because ThreadSanitizer has to be told of each hand-over. */

#include "slip-handoff.h"

typedef struct
{
  GSourceFunc func;
  gpointer data;
  GDestroyNotify notify;
} Invocation;

struct _SlipHandoffQueue
{
  gatomicrefcount ref_count;
  GAsyncQueue *items; /* owned */
};

static gboolean
invocation_cb (gpointer user_data)
{
  Invocation *invocation = user_data;

  SLIP_HANDOFF_TAKE (invocation);
  invocation->func (invocation->data);
  return G_SOURCE_REMOVE;
}

static void
invocation_free (gpointer user_data)
{
  Invocation *invocation = user_data;

  if (invocation->notify != NULL)
    invocation->notify (invocation->data);
  g_free (invocation);
}

void
slip_handoff_invoke (GMainContext *context, GSourceFunc func, gpointer data, GDestroyNotify notify)
{
  Invocation *invocation;
  GSource *source;

  g_return_if_fail (func != NULL);

  invocation = g_new0 (Invocation, 1);
  invocation->func = func;
  invocation->data = data;
  invocation->notify = notify;

  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, invocation_cb, invocation, invocation_free);
  g_source_set_static_name (source, "slip-handoff");
  SLIP_HANDOFF_GIVE (invocation);
  g_source_attach (source, context);
  g_source_unref (source);
}

SlipHandoffQueue *
slip_handoff_queue_new (GDestroyNotify item_free)
{
  SlipHandoffQueue *self = g_new0 (SlipHandoffQueue, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->items = g_async_queue_new_full (item_free);
  return self;
}

SlipHandoffQueue *
slip_handoff_queue_ref (SlipHandoffQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);

  g_atomic_ref_count_inc (&queue->ref_count);
  return queue;
}

void
slip_handoff_queue_unref (SlipHandoffQueue *queue)
{
  g_return_if_fail (queue != NULL);

  SLIP_HANDOFF_GIVE (queue);
  if (!g_atomic_ref_count_dec (&queue->ref_count))
    return;
  SLIP_HANDOFF_TAKE (queue);
  g_async_queue_unref (queue->items);
  g_free (queue);
}

void
slip_handoff_queue_push (SlipHandoffQueue *queue, gpointer item)
{
  g_return_if_fail (queue != NULL);
  g_return_if_fail (item != NULL);

  SLIP_HANDOFF_GIVE (item);
  g_async_queue_push (queue->items, item);
}

static gpointer
taken (gpointer item)
{
  if (item != NULL)
    SLIP_HANDOFF_TAKE (item);
  return item;
}

gpointer
slip_handoff_queue_pop (SlipHandoffQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);

  return taken (g_async_queue_pop (queue->items));
}

gpointer
slip_handoff_queue_try_pop (SlipHandoffQueue *queue)
{
  g_return_val_if_fail (queue != NULL, NULL);

  return taken (g_async_queue_try_pop (queue->items));
}

gpointer
slip_handoff_queue_timed_pop (SlipHandoffQueue *queue, guint64 timeout_us)
{
  g_return_val_if_fail (queue != NULL, NULL);

  return taken (g_async_queue_timeout_pop (queue->items, timeout_us));
}

guint
slip_handoff_queue_length (SlipHandoffQueue *queue)
{
  g_return_val_if_fail (queue != NULL, 0);

  return (guint)MAX (0, g_async_queue_length (queue->items));
}
