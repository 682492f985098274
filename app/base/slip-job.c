/* SPDX-License-Identifier: MIT */
/* What is known of one piece of work on a worker thread. The worker sets, anybody reads; the main
 * context hears of it through one coalesced source, so that a loop over a million rows may report
 * every one of them. Jobs are run by slip-pool.c, or in place by slip_job_run_here(). */

#include "slip-job.h"
#include "slip-handoff.h"

#define CHANGED_INTERVAL_MS 100

struct _SlipJob
{
  GObject parent_instance;

  GMutex mutex;
  GCond finished_cond;
  GCancellable *cancellable; /* owned, set once */

  /* all below under mutex */
  char *title;
  char *detail;
  char *outcome; /* takes the detail's place when the job is done */
  char *rate_unit;
  GError *error;
  double progress;
  double rate;
  double remaining;
  SlipJobState state;
  guint changed_pending : 1;
};

enum
{
  CHANGED,
  FINISHED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SlipJob, slip_job, G_TYPE_OBJECT)

static gboolean
is_final (SlipJobState state)
{
  return state == SLIP_JOB_DONE || state == SLIP_JOB_FAILED || state == SLIP_JOB_CANCELLED;
}

static gboolean
emit_changed_cb (gpointer data)
{
  SlipJob *self = data;

  SLIP_HANDOFF_TAKE (self);
  g_mutex_lock (&self->mutex);
  self->changed_pending = FALSE;
  g_mutex_unlock (&self->mutex);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_REMOVE;
}

static gboolean
emit_finished_cb (gpointer data)
{
  g_signal_emit (data, signals[CHANGED], 0);
  g_signal_emit (data, signals[FINISHED], 0);
  return G_SOURCE_REMOVE;
}

/* Called with the mutex held. */
static void
queue_changed_source (SlipJob *self)
{
  GSource *source;

  if (self->changed_pending)
    return;
  self->changed_pending = TRUE;
  source = g_timeout_source_new (CHANGED_INTERVAL_MS);
  g_source_set_static_name (source, "slip-job-changed");
  SLIP_HANDOFF_GIVE (self);
  g_source_set_callback (source, emit_changed_cb, g_object_ref (self), g_object_unref);
  g_source_attach (source, NULL);
  g_source_unref (source);
}

static void
queue_changed (SlipJob *self)
{
  if (!is_final (self->state))
    queue_changed_source (self);
}

static gboolean
begin (SlipJob *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->state != SLIP_JOB_WAITING)
    return FALSE;
  self->state = SLIP_JOB_RUNNING;
  queue_changed (self);
  return TRUE;
}

static void
end (SlipJob *self, SlipJobState state, GError *error)
{
  g_mutex_lock (&self->mutex);
  g_clear_error (&self->error);
  self->error = error;
  self->state = state;
  /* What it was doing last says nothing once it has ended. */
  g_free (self->detail);
  self->detail = state == SLIP_JOB_DONE ? g_steal_pointer (&self->outcome) : NULL;
  if (state == SLIP_JOB_DONE)
    self->progress = 1;
  self->remaining = -1;
  g_cond_broadcast (&self->finished_cond);
  g_mutex_unlock (&self->mutex);
  slip_handoff_invoke (NULL, emit_finished_cb, g_object_ref (self), g_object_unref);
}

static void
slip_job_finalize (GObject *object)
{
  SlipJob *self = SLIP_JOB (object);

  g_clear_object (&self->cancellable);
  g_clear_error (&self->error);
  g_free (self->title);
  g_free (self->detail);
  g_free (self->outcome);
  g_free (self->rate_unit);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->finished_cond);
  G_OBJECT_CLASS (slip_job_parent_class)->finalize (object);
}

static void
slip_job_class_init (SlipJobClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_job_finalize;

  /**
   * SlipJob::changed:
   *
   * Something that a view shows is different. Default main context, at most ten times a second.
   */
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
  /**
   * SlipJob::finished:
   *
   * The state is final. Default main context, once.
   */
  signals[FINISHED] = g_signal_new ("finished", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                    NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
slip_job_init (SlipJob *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->finished_cond);
  self->cancellable = g_cancellable_new ();
  self->progress = -1;
  self->rate = -1;
  self->remaining = -1;
}

SlipJob *
slip_job_new (const char *title)
{
  SlipJob *self = g_object_new (SLIP_TYPE_JOB, NULL);

  self->title = g_strdup (title);
  return self;
}

static char *
dup_locked (SlipJob *self, char *const *field)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_strdup (*field);
}

static double
get_locked (SlipJob *self, const double *field)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return *field;
}

static void
set_locked (SlipJob *self, double *field, double value)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  *field = value;
  queue_changed (self);
}

char *
slip_job_dup_title (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), NULL);

  return dup_locked (self, &self->title);
}

char *
slip_job_dup_detail (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), NULL);

  return dup_locked (self, &self->detail);
}

void
slip_job_set_outcome (SlipJob *self, const char *outcome)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SLIP_IS_JOB (self));

  locker = g_mutex_locker_new (&self->mutex);
  if (self->state == SLIP_JOB_DONE)
    {
      g_free (self->detail);
      self->detail = g_strdup (outcome);
      queue_changed_source (self);
      return;
    }
  g_free (self->outcome);
  self->outcome = g_strdup (outcome);
}

void
slip_job_set_detail (SlipJob *self, const char *detail)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SLIP_IS_JOB (self));

  locker = g_mutex_locker_new (&self->mutex);
  if (g_strcmp0 (self->detail, detail) == 0)
    return;
  g_free (self->detail);
  self->detail = g_strdup (detail);
  queue_changed (self);
}

void
slip_job_set_progress (SlipJob *self, double fraction)
{
  g_return_if_fail (SLIP_IS_JOB (self));

  set_locked (self, &self->progress, MIN (fraction, 1.0));
}

double
slip_job_get_progress (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), -1);

  return get_locked (self, &self->progress);
}

void
slip_job_set_rate (SlipJob *self, double per_second, const char *unit)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SLIP_IS_JOB (self));

  locker = g_mutex_locker_new (&self->mutex);
  self->rate = per_second;
  if (g_strcmp0 (self->rate_unit, unit) != 0)
    {
      g_free (self->rate_unit);
      self->rate_unit = g_strdup (unit);
    }
  queue_changed (self);
}

double
slip_job_get_rate (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), -1);

  return get_locked (self, &self->rate);
}

char *
slip_job_dup_rate_unit (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), NULL);

  return dup_locked (self, &self->rate_unit);
}

void
slip_job_set_remaining (SlipJob *self, double seconds)
{
  g_return_if_fail (SLIP_IS_JOB (self));

  set_locked (self, &self->remaining, seconds);
}

double
slip_job_get_remaining (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), -1);

  return get_locked (self, &self->remaining);
}

void
slip_job_set_paused (SlipJob *self, gboolean paused)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (SLIP_IS_JOB (self));

  locker = g_mutex_locker_new (&self->mutex);
  if (self->state == (paused ? SLIP_JOB_RUNNING : SLIP_JOB_PAUSED))
    {
      self->state = paused ? SLIP_JOB_PAUSED : SLIP_JOB_RUNNING;
      queue_changed (self);
    }
}

SlipJobState
slip_job_get_state (SlipJob *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (SLIP_IS_JOB (self), SLIP_JOB_FAILED);

  locker = g_mutex_locker_new (&self->mutex);
  return self->state;
}

gboolean
slip_job_is_finished (SlipJob *self)
{
  return is_final (slip_job_get_state (self));
}

GError *
slip_job_dup_error (SlipJob *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (SLIP_IS_JOB (self), NULL);

  locker = g_mutex_locker_new (&self->mutex);
  return self->error != NULL ? g_error_copy (self->error) : NULL;
}

GCancellable *
slip_job_ref_cancellable (SlipJob *self)
{
  g_return_val_if_fail (SLIP_IS_JOB (self), NULL);

  return g_object_ref (self->cancellable);
}

void
slip_job_cancel (SlipJob *self)
{
  g_return_if_fail (SLIP_IS_JOB (self));

  g_cancellable_cancel (self->cancellable);
}

SlipJobState
slip_job_wait (SlipJob *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (SLIP_IS_JOB (self), SLIP_JOB_FAILED);

  locker = g_mutex_locker_new (&self->mutex);
  while (!is_final (self->state))
    g_cond_wait (&self->finished_cond, &self->mutex);
  return self->state;
}

SlipJobState
slip_job_run_here (SlipJob *self, SlipJobFunc func, gpointer data)
{
  g_autoptr (GError) error = NULL;
  SlipJobState state = SLIP_JOB_DONE;

  g_return_val_if_fail (SLIP_IS_JOB (self), SLIP_JOB_FAILED);
  g_return_val_if_fail (func != NULL, SLIP_JOB_FAILED);

  if (!begin (self))
    return slip_job_get_state (self);
  if (g_cancellable_set_error_if_cancelled (self->cancellable, &error)
      || !func (self, data, &error))
    {
      if (error == NULL)
        error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED,
                                     "the job failed without a reason");
      state = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? SLIP_JOB_CANCELLED
                                                                        : SLIP_JOB_FAILED;
    }
  end (self, state, g_steal_pointer (&error));
  return state;
}
