/* SPDX-License-Identifier: MIT */
/* Pieces of work on several sessions at once: each begins when those before it are done, the lowest number
 * first, or the one that most work waits for. With one
 * session they are done in the order of their numbers, by the caller. */

#include "slip-jobs.h"

typedef struct
{
  const SlipJobs *jobs;
  gboolean *begun;
  gboolean *done;
  gint64 *ways; /* of each job its cost and that of the longest chain behind it, or NULL */
  guint n_done;
  GMutex mutex;
  GCond changed;
  GPtrArray *sessions;       /* those that were opened */
  GCancellable *cancellable; /* ends the others when one fails */
  GError *error;
} Work;

/* Under the lock: the next job that may begin, or -1. */
static int
find_ready (Work *work)
{
  int best = -1;

  for (guint i = 0; i < work->jobs->n_jobs; i++)
    {
      GArray *after = work->jobs->after != NULL ? work->jobs->after[i] : NULL;
      gboolean ready = !work->begun[i];

      for (guint j = 0; ready && after != NULL && j < after->len; j++)
        ready = work->done[g_array_index (after, guint, j)];
      if (ready && (best < 0 || (work->ways != NULL && work->ways[i] > work->ways[best])))
        best = (int)i;
      if (ready && work->ways == NULL)
        break;
    }
  return best;
}

/* None with one session: then the order is that of the numbers. */
static gint64 *
find_ways (const SlipJobs *jobs)
{
  gint64 *ways;

  if (jobs->costs == NULL || jobs->n_sessions <= 1)
    return NULL;
  ways = g_new0 (gint64, jobs->n_jobs + 1);
  for (guint i = jobs->n_jobs; i-- > 0;)
    {
      GArray *after = jobs->after != NULL ? jobs->after[i] : NULL;

      ways[i] += jobs->costs[i];
      for (guint j = 0; after != NULL && j < after->len; j++)
        {
          guint before = g_array_index (after, guint, j);

          ways[before] = MAX (ways[before], ways[i]);
        }
    }
  return ways;
}

/* Under the lock: ends everything with the first error. */
static void
fail (Work *work, GError *error)
{
  if (work->error == NULL)
    work->error = error;
  else
    g_error_free (error);
  g_cancellable_cancel (work->cancellable);
  g_cond_broadcast (&work->changed);
}

static void
work_off (Work *work, gpointer session)
{
  g_mutex_lock (&work->mutex);
  while (work->error == NULL && work->n_done < work->jobs->n_jobs)
    {
      int job = find_ready (work);
      GError *error = NULL;
      gboolean ok;

      if (job < 0)
        {
          g_cond_wait (&work->changed, &work->mutex);
          continue;
        }
      work->begun[job] = TRUE;
      g_mutex_unlock (&work->mutex);
      ok = work->jobs->func (session, (guint)job, work->jobs->data, &error);
      g_mutex_lock (&work->mutex);
      if (!ok)
        {
          fail (work, error);
          break;
        }
      work->done[job] = TRUE;
      work->n_done++;
      g_cond_broadcast (&work->changed);
    }
  g_mutex_unlock (&work->mutex);
}

static gpointer
worker (gpointer data)
{
  Work *work = data;
  GError *error = NULL;
  gpointer session = work->jobs->open (work->jobs->data, work->cancellable, &error);

  if (session == NULL)
    {
      g_mutex_lock (&work->mutex);
      fail (work, error);
      g_mutex_unlock (&work->mutex);
      return NULL;
    }
  g_mutex_lock (&work->mutex);
  g_ptr_array_add (work->sessions, session);
  g_mutex_unlock (&work->mutex);
  work_off (work, session);
  return NULL;
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

/**
 * slip_jobs_run:
 * @jobs: what is to be done
 * @cancellable: (nullable): ends the sessions that are opened; the caller's is the caller's
 * @error: return location for the first error
 *
 * Does all jobs. When one fails those that run on other sessions are ended, no more is begun, and it returns
 * when all have ended. Sessions are finished and closed behind the last job, by the thread of the caller.
 *
 * Returns: whether all are done
 */
gboolean
slip_jobs_run (const SlipJobs *jobs, GCancellable *cancellable, GError **error)
{
  g_autofree gboolean *begun = g_new0 (gboolean, jobs->n_jobs);
  g_autofree gboolean *done = g_new0 (gboolean, jobs->n_jobs);
  g_autoptr (GPtrArray) threads = g_ptr_array_new ();
  g_autoptr (GPtrArray) sessions = g_ptr_array_new_with_free_func (jobs->close);
  g_autoptr (GCancellable) own = g_cancellable_new ();
  g_autofree gint64 *ways = find_ways (jobs);
  Work work = {.jobs = jobs,
               .begun = begun,
               .done = done,
               .ways = ways,
               .sessions = sessions,
               .cancellable = own};
  gulong handler = 0;

  if (cancellable != NULL)
    handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), g_object_ref (own),
                                     g_object_unref);
  g_mutex_init (&work.mutex);
  g_cond_init (&work.changed);
  for (guint i = 1; i < MIN (jobs->n_sessions, jobs->n_jobs); i++)
    g_ptr_array_add (threads, g_thread_new ("jobs", worker, &work));
  if (jobs->session != NULL)
    work_off (&work, jobs->session);
  else
    worker (&work);
  for (guint i = 0; i < threads->len; i++)
    g_thread_join (g_ptr_array_index (threads, i));
  g_mutex_clear (&work.mutex);
  g_cond_clear (&work.changed);
  for (guint i = 0; jobs->finish != NULL && work.error == NULL && i < sessions->len; i++)
    jobs->finish (g_ptr_array_index (sessions, i), jobs->data, &work.error);
  g_cancellable_disconnect (cancellable, handler);
  if (work.error == NULL)
    return TRUE;
  g_propagate_error (error, work.error);
  return FALSE;
}

/**
 * slip_jobs_free_after:
 * @after: (transfer full): what #SlipJobs has as `after`, with a %NULL behind its last
 *
 * Frees lists that were made one for each job.
 */
void
slip_jobs_free_after (GArray **after)
{
  for (guint i = 0; after[i] != NULL; i++)
    g_array_unref (after[i]);
  g_free (after);
}
