/* SPDX-License-Identifier: MIT */

/* The one way in which a widget asks for work that may block: a job on a pool, and a function back
 * on the main thread unless the widget has gone meanwhile. */

#include "config.h"

#include "slip-task.h"

typedef struct
{
  GWeakRef owner;
  SlipTaskDone done;
  gpointer data;
  GDestroyNotify notify;
} Task;

static void
finished_cb (SlipJob *job, Task *task)
{
  g_autoptr (GObject) owner = g_weak_ref_get (&task->owner);
  g_autoptr (GError) error = slip_job_dup_error (job);

  if (error == NULL && slip_job_get_state (job) == SLIP_JOB_CANCELLED)
    error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
  if (owner != NULL && task->done != NULL)
    task->done (owner, task->data, error);

  g_weak_ref_clear (&task->owner);
  if (task->notify != NULL)
    task->notify (task->data);
  g_free (task);
}

SlipJob *
slip_task_prepare (
    gpointer owner, const char *title, SlipTaskDone done, gpointer data, GDestroyNotify notify)
{
  SlipJob *job = slip_job_new (title);
  Task *task = g_new0 (Task, 1);

  g_weak_ref_init (&task->owner, owner);
  task->done = done;
  task->data = data;
  task->notify = notify;
  g_signal_connect (job, "finished", G_CALLBACK (finished_cb), task);
  return job;
}

SlipJob *
slip_task_run (gpointer owner,
               SlipPool *pool,
               const char *title,
               SlipJobFunc func,
               SlipTaskDone done,
               gpointer data,
               GDestroyNotify notify)
{
  SlipJob *job = slip_task_prepare (owner, title, done, data, notify);

  slip_pool_run (pool, job, func, data, NULL);
  return job;
}
