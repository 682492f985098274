/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-job.h"

G_BEGIN_DECLS

/**
 * SlipPool:
 *
 * A set of worker threads that run jobs in the order given. Thread-safe.
 */
typedef struct _SlipPool SlipPool;

SlipPool *slip_pool_new (const char *name, guint max_threads);
void slip_pool_free (SlipPool *pool);

/**
 * slip_pool_get_default:
 *
 * Returns: (transfer none): the pool for work that keeps a processor busy: one thread fewer than
 *   there are processors, at least one
 */
SlipPool *slip_pool_get_default (void);

/**
 * slip_pool_get_io:
 *
 * Returns: (transfer none): the pool for work that mostly waits (calls to AWS): up to 32 threads
 */
SlipPool *slip_pool_get_io (void);

/**
 * slip_pool_run:
 * @pool: a pool
 * @job: a waiting job; the pool holds a reference until it has finished
 * @func: the work
 * @data: for @func
 * @notify: (nullable): frees @data, on the worker, after @func
 *
 * Queues @job. Its final state, `finished` and slip_job_wait() tell of the end. A job cancelled
 * before it begins never runs @func. Any thread.
 */
void slip_pool_run (
    SlipPool *pool, SlipJob *job, SlipJobFunc func, gpointer data, GDestroyNotify notify);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPool, slip_pool_free)

G_END_DECLS
