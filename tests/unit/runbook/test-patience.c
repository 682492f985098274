/* SPDX-License-Identifier: MIT */
/* A caller that outlasts throttling, beside what the planner's tests show of it: reads on several threads. */

#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-patience.h"

#define READERS 3
#define LIMIT 120

/* For how long one reader waits for the others to pause as well. */
#define PATIENCE_US (10 * G_USEC_PER_SEC)

typedef struct
{
  GMutex lock;
  GCond changed;
  guint pausing;
  gboolean calm; /* AWS throttles no more */
  SlipClock *clock;
  SlipCaller *caller;
} Storm;

static JsonNode *
answer (gpointer data,
        const char *environment,
        const char *region,
        const char *service,
        const char *operation,
        JsonNode *input,
        GCancellable *cancellable,
        GError **error)
{
  Storm *storm = data;
  gboolean calm;

  g_mutex_lock (&storm->lock);
  calm = storm->calm || g_str_equal (operation, "DescribeEvents");
  g_mutex_unlock (&storm->lock);
  if (calm)
    return slip_json_new_object (json_object_new ());
  slip_aws_error_set_service (error, "Throttling", 400, "Rate exceeded");
  return NULL;
}

/* Ends when all readers pause. */
static gboolean
pause_together (
    gpointer data, double seconds, const char *text, GCancellable *cancellable, GError **error)
{
  Storm *storm = data;
  gint64 until = g_get_monotonic_time () + PATIENCE_US;

  g_mutex_lock (&storm->lock);
  storm->pausing++;
  while (storm->pausing < READERS && g_cond_wait_until (&storm->changed, &storm->lock, until))
    continue;
  g_assert_cmpuint (storm->pausing, >=, READERS);
  storm->calm = TRUE;
  g_cond_broadcast (&storm->changed);
  g_mutex_unlock (&storm->lock);
  return slip_clock_sleep (storm->clock, (gint64)(seconds * G_USEC_PER_SEC), cancellable, error);
}

/* Another read is answered in each pause. */
static gboolean
pause_and_read (
    gpointer data, double seconds, const char *text, GCancellable *cancellable, GError **error)
{
  Storm *storm = data;
  g_autoptr (JsonNode) other = slip_caller_call (storm->caller, "production", NULL, "rds",
                                                 "DescribeEvents", NULL, cancellable, error);

  g_assert_nonnull (other);
  storm->pausing++;
  g_assert_cmpuint (storm->pausing, <, LIMIT);
  return slip_clock_sleep (storm->clock, (gint64)(seconds * G_USEC_PER_SEC), cancellable, error);
}

static void
storm_init (Storm *storm, SlipPatientPause pause)
{
  const SlipCallerVTable vtable = {.call = answer};
  g_autoptr (SlipCaller) under = slip_caller_new (&vtable, storm, NULL);

  g_mutex_init (&storm->lock);
  g_cond_init (&storm->changed);
  storm->clock = slip_clock_new_manual (0);
  storm->caller = slip_caller_new_patient (under, storm->clock, LIMIT, pause, storm);
}

static void
storm_clear (Storm *storm)
{
  slip_caller_unref (storm->caller);
  slip_clock_unref (storm->clock);
  g_cond_clear (&storm->changed);
  g_mutex_clear (&storm->lock);
}

static gpointer
read_once (gpointer data)
{
  Storm *storm = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) found = slip_caller_call (storm->caller, "production", NULL, "rds",
                                                 "DescribeDBClusters", NULL, NULL, &error);

  g_assert_no_error (error);
  return GINT_TO_POINTER (found != NULL);
}

static void
test_side_by_side (void)
{
  Storm storm = {0};
  GThread *readers[READERS];

  storm_init (&storm, pause_together);
  for (guint i = 0; i < READERS; i++)
    readers[i] = g_thread_new ("reader", read_once, &storm);
  for (guint i = 0; i < READERS; i++)
    g_assert_true (GPOINTER_TO_INT (g_thread_join (readers[i])));
  g_assert_cmpuint (storm.pausing, ==, READERS);
  storm_clear (&storm);
}

/* That others are answered does not make one read endless. */
static void
test_gives_up_alone (void)
{
  Storm storm = {0};
  g_autoptr (GError) error = NULL;

  storm_init (&storm, pause_and_read);
  g_assert_null (slip_caller_call (storm.caller, "production", NULL, "rds", "DescribeDBClusters",
                                   NULL, NULL, &error));
  g_assert_true (slip_aws_error_is_throttle (error));
  g_assert_true (g_str_has_prefix (error->message, "AWS throttled this for "));
  g_assert_cmpuint (storm.pausing, >, 3);
  g_assert_cmpint (slip_clock_now (storm.clock), >=, LIMIT * G_USEC_PER_SEC);
  storm_clear (&storm);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/patience/throttled_reads_pause_side_by_side", test_side_by_side);
  g_test_add_func ("/patience/a_read_gives_up_though_others_are_answered", test_gives_up_alone);
  return g_test_run ();
}
