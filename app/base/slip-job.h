/* SPDX-License-Identifier: MIT */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipJobState:
 * @SLIP_JOB_WAITING: not begun
 * @SLIP_JOB_RUNNING: a worker is in it
 * @SLIP_JOB_PAUSED: a worker is in it and waits for a person
 * @SLIP_JOB_DONE: ended well
 * @SLIP_JOB_FAILED: ended with an error
 * @SLIP_JOB_CANCELLED: ended because a person said so
 */
typedef enum
{
  SLIP_JOB_WAITING,
  SLIP_JOB_RUNNING,
  SLIP_JOB_PAUSED,
  SLIP_JOB_DONE,
  SLIP_JOB_FAILED,
  SLIP_JOB_CANCELLED,
} SlipJobState;

#define SLIP_TYPE_JOB (slip_job_get_type ())

/**
 * SlipJob:
 *
 * One piece of work on a worker thread and what is known of it: title, detail, progress, rate,
 * remaining time, state, error. Thread-safe. `changed` (coalesced to one emission in 100 ms) and
 * `finished` (once) are emitted in the default main context, never on the worker.
 */
G_DECLARE_FINAL_TYPE (SlipJob, slip_job, SLIP, JOB, GObject)

/**
 * SlipJobFunc:
 * @job: the job it runs for
 * @data: as given to slip_pool_run()
 * @error: return location
 *
 * Work done on a pool's thread.
 *
 * Returns: whether it ended well; with %FALSE @error is set
 */
typedef gboolean (*SlipJobFunc) (SlipJob *job, gpointer data, GError **error);

SlipJob *slip_job_new (const char *title);

char *slip_job_dup_title (SlipJob *self);

/**
 * slip_job_dup_detail:
 * @self: a job
 *
 * Returns: (transfer full) (nullable): what it does just now; once it is done what came of it, and
 *   %NULL when it failed or was cancelled
 */
char *slip_job_dup_detail (SlipJob *self);

/**
 * slip_job_set_detail:
 * @self: a job
 * @detail: (nullable): one line on what it does just now
 */
void slip_job_set_detail (SlipJob *self, const char *detail);

/**
 * slip_job_set_outcome:
 * @self: a job
 * @outcome: (nullable): one line on what came of it, if it ends well
 *
 * Takes the detail's place when the job is done, at once when it is done already.
 */
void slip_job_set_outcome (SlipJob *self, const char *outcome);

/**
 * slip_job_set_progress:
 * @self: a job
 * @fraction: 0 to 1, or negative when it is not known
 */
void slip_job_set_progress (SlipJob *self, double fraction);
double slip_job_get_progress (SlipJob *self);

/**
 * slip_job_set_rate:
 * @self: a job
 * @per_second: items a second, or negative when not known
 * @unit: (nullable): what an item is, translated, in the plural: "rows"
 */
void slip_job_set_rate (SlipJob *self, double per_second, const char *unit);
double slip_job_get_rate (SlipJob *self);
char *slip_job_dup_rate_unit (SlipJob *self);

/**
 * slip_job_set_remaining:
 * @self: a job
 * @seconds: expected seconds to the end, or negative when not known
 */
void slip_job_set_remaining (SlipJob *self, double seconds);
double slip_job_get_remaining (SlipJob *self);

/**
 * slip_job_set_paused:
 * @self: a job
 * @paused: whether its worker waits for a person
 *
 * Moves between %SLIP_JOB_RUNNING and %SLIP_JOB_PAUSED; no effect in another state.
 */
void slip_job_set_paused (SlipJob *self, gboolean paused);

SlipJobState slip_job_get_state (SlipJob *self);
gboolean slip_job_is_finished (SlipJob *self);

/**
 * slip_job_dup_error:
 * @self: a job
 *
 * Returns: (transfer full) (nullable): why it failed
 */
GError *slip_job_dup_error (SlipJob *self);

/**
 * slip_job_ref_cancellable:
 * @self: a job
 *
 * Returns: (transfer full): cancelled by slip_job_cancel()
 */
GCancellable *slip_job_ref_cancellable (SlipJob *self);
void slip_job_cancel (SlipJob *self);

/**
 * slip_job_wait:
 * @self: a job
 *
 * Blocks until the job has finished. For the command line and tests, never the main thread of the
 * window.
 *
 * Returns: the final state
 */
SlipJobState slip_job_wait (SlipJob *self);

/**
 * slip_job_run_here:
 * @self: a waiting job
 * @func: the work
 * @data: for @func
 *
 * Runs the job on the calling thread, with the state changes and signals of a pool's worker.
 *
 * Returns: the final state
 */
SlipJobState slip_job_run_here (SlipJob *self, SlipJobFunc func, gpointer data);

G_END_DECLS
