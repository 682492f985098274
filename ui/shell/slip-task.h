/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-job.h"
#include "slip-pool.h"

G_BEGIN_DECLS

/**
 * SlipTaskDone:
 * @owner: the object it was begun for
 * @data: as given to slip_task_run()
 * @error: (nullable): why it failed
 *
 * Called on the main thread when the work has ended.
 */
typedef void (*SlipTaskDone) (gpointer owner, gpointer data, const GError *error);

/**
 * slip_task_run:
 * @owner: (type GObject): who wants it; @done is not called once it is gone
 * @pool: where it runs
 * @title: what it is, translated, for the activity panel
 * @func: the work, on a pool's thread; must not touch @owner
 * @done: (nullable): called on the main thread afterwards
 * @data: shared by both, one after the other
 * @notify: (nullable): frees @data on the main thread
 *
 * Runs something that blocks away from the main thread. Main thread.
 *
 * Returns: (transfer full): the job
 */
SlipJob *slip_task_run (gpointer owner,
                        SlipPool *pool,
                        const char *title,
                        SlipJobFunc func,
                        SlipTaskDone done,
                        gpointer data,
                        GDestroyNotify notify);

/**
 * slip_task_prepare:
 *
 * The job of slip_task_run() before it begins, for work that has to know its job. It must be given to
 * slip_pool_run() with the same @data.
 *
 * Returns: (transfer full): the job
 */
SlipJob *slip_task_prepare (
    gpointer owner, const char *title, SlipTaskDone done, gpointer data, GDestroyNotify notify);

G_END_DECLS
