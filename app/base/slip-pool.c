/* SPDX-License-Identifier: MIT */
/* Worker threads for jobs. Two shared pools: one for work that keeps a processor busy, sized so that
 * the window keeps a core, and one for calls to AWS, which mostly wait. */

#include "slip-pool.h"
#include "slip-handoff.h"

#define IO_THREADS 32

struct _SlipPool
{
  GThreadPool *threads; /* owned */
};

typedef struct
{
  SlipJob *job; /* owned */
  SlipJobFunc func;
  gpointer data; /* owned through notify */
  GDestroyNotify notify;
} Order;

static void
work (gpointer data, gpointer user_data)
{
  Order *order = data;

  SLIP_HANDOFF_TAKE (order);
  slip_job_run_here (order->job, order->func, order->data);
  if (order->notify != NULL)
    order->notify (order->data);
  g_object_unref (order->job);
  g_free (order);
}

SlipPool *
slip_pool_new (const char *name, guint max_threads)
{
  SlipPool *pool;

  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (max_threads > 0, NULL);

  /* Resources of a program are registered by the first look for one. A second thread that looks meanwhile finds those that
   * are not yet registered to be none, and crashes (GLib 2.74, register_lazy_static_resources()): let it be done before
   * there are threads. */
  g_resources_get_info ("/", G_RESOURCE_LOOKUP_FLAGS_NONE, NULL, NULL, NULL);
  pool = g_new0 (SlipPool, 1);
  /* A pool that is not exclusive cannot fail to be made: threads are started when needed. */
  pool->threads = g_thread_pool_new (work, pool, (int)max_threads, FALSE, NULL);
  return pool;
}

void
slip_pool_free (SlipPool *pool)
{
  g_return_if_fail (pool != NULL);

  g_thread_pool_free (pool->threads, FALSE, TRUE);
  g_free (pool);
}

SlipPool *
slip_pool_get_default (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    {
      guint n = g_get_num_processors ();

      g_once_init_leave (&pool, slip_pool_new ("slip-cpu", MAX (1, n - 1)));
    }
  return pool;
}

SlipPool *
slip_pool_get_io (void)
{
  static SlipPool *pool;

  if (g_once_init_enter (&pool))
    g_once_init_leave (&pool, slip_pool_new ("slip-io", IO_THREADS));
  return pool;
}

void
slip_pool_run (SlipPool *pool, SlipJob *job, SlipJobFunc func, gpointer data, GDestroyNotify notify)
{
  Order *order;

  g_return_if_fail (pool != NULL);
  g_return_if_fail (SLIP_IS_JOB (job));
  g_return_if_fail (func != NULL);

  order = g_new0 (Order, 1);
  order->job = g_object_ref (job);
  order->func = func;
  order->data = data;
  order->notify = notify;
  SLIP_HANDOFF_GIVE (order);
  g_thread_pool_push (pool->threads, order, NULL);
}
