/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A session of one worker, opened with a cancellable that ends it when another one's job fails. */
typedef gpointer (*SlipJobsOpen) (gpointer data, GCancellable *cancellable, GError **error);
typedef gboolean (*SlipJobFunc) (gpointer session, guint job, gpointer data, GError **error);

typedef gboolean (*SlipJobsFinish) (gpointer session, gpointer data, GError **error);

typedef struct
{
  guint n_jobs;
  guint n_sessions; /* at most so many at once; the first is that of the caller, if there is one */
  GArray **after;   /* (nullable): of each job the jobs, guint, that must be done before it */
  gint64
      *costs; /* (nullable): of each job how long it takes, in any unit. Those that most work waits
                    for are begun first; jobs wait for lower numbers only */
  gpointer
      session; /* (nullable): the caller's; without it one is opened for the caller's thread as well */
  SlipJobsOpen open; /* one more */
  GDestroyNotify close;
  SlipJobFunc func;
  SlipJobsFinish finish; /* (nullable): of each session that was opened, once all jobs are done */
  gpointer data;
} SlipJobs;

gboolean slip_jobs_run (const SlipJobs *jobs, GCancellable *cancellable, GError **error);
void slip_jobs_free_after (GArray **after);

G_END_DECLS
