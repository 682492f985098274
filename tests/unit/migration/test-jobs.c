/* SPDX-License-Identifier: MIT */
/* Jobs on several sessions: what waits for what, and what becomes of the others when one fails. */

#include "slip-jobs.h"

#define N 6

typedef struct
{
  GMutex mutex;
  GCond changed;
  GCancellable *cancellable; /* of the session that was opened last */
  GString *order;
  guint n_open;
  guint n_finished;
  guint n_closed;
  guint n_inside;
  int failing; /* the job that fails, or -1 */
} World;

static World *world;
static int callers; /* its address is the caller's session */

static gpointer
open_one (gpointer data, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&world->mutex);
  world->n_open++;
  g_set_object (&world->cancellable, cancellable);
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->mutex);
  return g_object_ref (cancellable);
}

static void
close_one (gpointer session)
{
  world->n_closed++;
  g_object_unref (session);
}

static gboolean
finish_one (gpointer session, gpointer data, GError **error)
{
  world->n_finished++;
  return TRUE;
}

/* Both sessions must be inside at once, or the first two jobs never end. */
static gboolean
meet (gpointer session, guint job, gpointer data, GError **error)
{
  g_mutex_lock (&world->mutex);
  world->n_inside++;
  g_cond_broadcast (&world->changed);
  while (job < 2 && world->n_inside < 2)
    g_cond_wait (&world->changed, &world->mutex);
  g_string_append_printf (world->order, "%u", job);
  g_mutex_unlock (&world->mutex);
  return TRUE;
}

static gboolean
note (gpointer session, guint job, gpointer data, GError **error)
{
  g_mutex_lock (&world->mutex);
  g_string_append_printf (world->order, "%u", job);
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->mutex);
  if ((int)job != world->failing)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "job %u", job);
  return FALSE;
}

/* The caller's job fails once the other session is at work; that one ends by its cancellable only. */
static gboolean
fail_beside (gpointer session, guint job, gpointer data, GError **error)
{
  if (session == &callers)
    {
      g_mutex_lock (&world->mutex);
      while (world->n_inside == 0)
        g_cond_wait (&world->changed, &world->mutex);
      g_mutex_unlock (&world->mutex);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the first fault");
      return FALSE;
    }
  g_mutex_lock (&world->mutex);
  world->n_inside++;
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->mutex);
  while (!g_cancellable_is_cancelled (session))
    g_thread_yield ();
  return !g_cancellable_set_error_if_cancelled (session, error);
}

static void
setup (void)
{
  world = g_new0 (World, 1);
  g_mutex_init (&world->mutex);
  g_cond_init (&world->changed);
  world->order = g_string_new (NULL);
  world->failing = -1;
}

static void
teardown (void)
{
  g_assert_cmpuint (world->n_closed, ==, world->n_open);
  g_clear_object (&world->cancellable);
  g_string_free (world->order, TRUE);
  g_mutex_clear (&world->mutex);
  g_cond_clear (&world->changed);
  g_clear_pointer (&world, g_free);
}

static void
one_session_does_all_in_order (void)
{
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 1,
                   .session = &callers,
                   .open = open_one,
                   .close = close_one,
                   .func = note};
  g_autoptr (GError) error = NULL;

  setup ();
  g_assert_true (slip_jobs_run (&jobs, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (world->order->str, ==, "012345");
  g_assert_cmpuint (world->n_open, ==, 0);
  teardown ();
}

static void
two_sessions_work_at_once_and_are_finished (void)
{
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 2,
                   .session = &callers,
                   .open = open_one,
                   .close = close_one,
                   .func = meet,
                   .finish = finish_one};
  g_autoptr (GError) error = NULL;

  setup ();
  g_assert_true (slip_jobs_run (&jobs, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (world->order->len, ==, N);
  g_assert_cmpuint (world->n_finished, ==, 1);
  teardown ();
}

static void
without_a_session_of_the_callers_all_are_opened (void)
{
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 2,
                   .open = open_one,
                   .close = close_one,
                   .func = meet,
                   .finish = finish_one};
  g_autoptr (GError) error = NULL;

  setup ();
  g_assert_true (slip_jobs_run (&jobs, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (world->order->len, ==, N);
  g_assert_cmpuint (world->n_open, ==, 2);
  g_assert_cmpuint (world->n_finished, ==, 2);
  teardown ();
}

static void
a_job_waits_for_those_before_it (void)
{
  GArray **after = g_new0 (GArray *, N + 1);
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 3,
                   .after = after,
                   .session = &callers,
                   .open = open_one,
                   .close = close_one,
                   .func = note};
  g_autoptr (GError) error = NULL;

  setup ();
  for (guint i = 0; i < N; i++)
    {
      after[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      for (guint j = 0; j < i; j++)
        g_array_append_val (after[i], j);
    }
  g_assert_true (slip_jobs_run (&jobs, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (world->order->str, ==, "012345");
  slip_jobs_free_after (after);
  teardown ();
}

/* A session that is there once the caller has done everything. */
static gpointer
open_late (gpointer data, GCancellable *cancellable, GError **error)
{
  g_mutex_lock (&world->mutex);
  while (world->order->len < N)
    g_cond_wait (&world->changed, &world->mutex);
  g_mutex_unlock (&world->mutex);
  return open_one (data, cancellable, error);
}

static void
with_costs_the_longest_chain_is_begun_first (void)
{
  GArray **after = g_new0 (GArray *, N + 1);
  gint64 costs[N] = {1, 5, 2, 1, 9, 1};
  const guint before[N] = {0, 0, 0, 2, 3, 0};
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 2,
                   .after = after,
                   .costs = costs,
                   .session = &callers,
                   .open = open_late,
                   .close = close_one,
                   .func = note};
  g_autoptr (GError) error = NULL;

  setup ();
  for (guint i = 0; i < N; i++)
    {
      after[i] = g_array_new (FALSE, FALSE, sizeof (guint));
      if (before[i] > 0)
        g_array_append_val (after[i], before[i]);
    }
  g_assert_true (slip_jobs_run (&jobs, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (world->order->str, ==, "234105");
  slip_jobs_free_after (after);
  teardown ();
}

static void
nothing_is_begun_behind_a_fault (void)
{
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 1,
                   .session = &callers,
                   .open = open_one,
                   .close = close_one,
                   .func = note};
  g_autoptr (GError) error = NULL;

  setup ();
  world->failing = 2;
  g_assert_false (slip_jobs_run (&jobs, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (world->order->str, ==, "012");
  teardown ();
}

static void
a_fault_ends_the_other_sessions_and_nothing_is_finished (void)
{
  SlipJobs jobs = {.n_jobs = N,
                   .n_sessions = 2,
                   .session = &callers,
                   .open = open_one,
                   .close = close_one,
                   .func = fail_beside,
                   .finish = finish_one};
  g_autoptr (GError) error = NULL;

  setup ();
  g_assert_false (slip_jobs_run (&jobs, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "the first fault");
  g_assert_cmpuint (world->n_finished, ==, 0);
  teardown ();
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/jobs/one-session-does-all-in-order", one_session_does_all_in_order);
  g_test_add_func ("/jobs/two-sessions-work-at-once-and-are-finished",
                   two_sessions_work_at_once_and_are_finished);
  g_test_add_func ("/jobs/without-a-session-of-the-callers-all-are-opened",
                   without_a_session_of_the_callers_all_are_opened);
  g_test_add_func ("/jobs/a-job-waits-for-those-before-it", a_job_waits_for_those_before_it);
  g_test_add_func ("/jobs/with-costs-the-longest-chain-is-begun-first",
                   with_costs_the_longest_chain_is_begun_first);
  g_test_add_func ("/jobs/nothing-is-begun-behind-a-fault", nothing_is_begun_behind_a_fault);
  g_test_add_func ("/jobs/a-fault-ends-the-other-sessions-and-nothing-is-finished",
                   a_fault_ends_the_other_sessions_and_nothing_is_finished);
  return g_test_run ();
}
