/* SPDX-License-Identifier: MIT */
/* How far a run is and what is left, as the window and the command line tell it. */

#include "run-fixture.h"

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define STARTED "{\"endpoints\":{\"production\":\"endpoint-a\"}}"

/* Without the selector AWS says nothing of progress. */
#define STEP_SILENT                                                                                \
  "{\"id\":\"Wait\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"minutes\":10,\"request\":"                       \
  "{\"DBClusterSnapshotIdentifier\":\"snap\"},\"wait\":{\"selector\":"                             \
  "\"$.DBClusterSnapshots[0].Status\",\"ok\":[\"available\"]}}"

static void
begin_waiting (Fixture *fixture, const char *step)
{
  fixture_plan (fixture, step);
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_append (fixture, "step.waiting", "Wait", "{}");
}

static void
observe (Fixture *fixture, int minutes, const char *progress)
{
  g_autofree char *data = g_strdup_printf ("{\"detail\":\"copying\",\"progress\":%s}", progress);

  slip_clock_advance (fixture->clock, minutes * MINUTE);
  fixture_append (fixture, "step.observed", "Wait", data);
}

static double
minutes_left (Fixture *fixture, int later, double speed)
{
  g_autoptr (SlipRunFold) fold = fixture_fold (fixture);

  return slip_run_fold_get_remaining (fold, slip_clock_now (fixture->clock) + later * MINUTE, speed)
         / 60;
}

static double
progress (Fixture *fixture, int later)
{
  g_autoptr (SlipRunFold) fold = fixture_fold (fixture);

  return slip_run_fold_get_progress (fold, slip_clock_now (fixture->clock) + later * MINUTE, 1);
}

#define assert_near(a, b) g_assert_cmpfloat_with_epsilon (a, b, 0.01)

static void
follows_the_pace_that_aws_keeps (Fixture *fixture, gconstpointer data)
{
  begin_waiting (fixture, STEP_WAIT);
  assert_near (minutes_left (fixture, 0, 1), 10);
  /* A quarter in five minutes: fifteen more, whatever the forecast was. */
  observe (fixture, 5, "0.25");
  assert_near (minutes_left (fixture, 0, 1), 15);
  assert_near (minutes_left (fixture, 5, 1), 10);
  assert_near (progress (fixture, 0), 0.25);
  /* Then faster. */
  observe (fixture, 5, "0.5");
  assert_near (minutes_left (fixture, 0, 1), 10);
}

static void
falls_back_to_the_forecast (Fixture *fixture, gconstpointer data)
{
  begin_waiting (fixture, STEP_SILENT);
  assert_near (minutes_left (fixture, 4, 1), 6);
  assert_near (progress (fixture, 4), 0.4);
  /* What takes longer than forecast is neither done nor without end. */
  assert_near (minutes_left (fixture, 60, 1), 0.1);
  assert_near (progress (fixture, 60), 0.99);
}

static void
stays_near_the_forecast (Fixture *fixture, gconstpointer data)
{
  begin_waiting (fixture, STEP_WAIT);
  /* Five per cent in two hours would be forty; the forecast was ten minutes. */
  observe (fixture, 120, "0.05");
  g_assert_cmpfloat (minutes_left (fixture, 0, 1), <=, 40);
  g_assert_cmpfloat (minutes_left (fixture, 0, 1), >, 30);
  assert_near (progress (fixture, 0), 0.99);
}

static void
never_goes_back (Fixture *fixture, gconstpointer data)
{
  double last = 0;

  begin_waiting (fixture, STEP_WAIT);
  observe (fixture, 1, "0.6");
  /* What AWS says goes back, stands still, and jumps. */
  for (guint i = 0; i < 40; i++)
    {
      double now;

      observe (fixture, 1, i % 3 == 0 ? "0.1" : i < 20 ? "0.6" : "0.62");
      now = progress (fixture, 0);
      g_assert_cmpfloat (now, >=, last);
      g_assert_cmpfloat (now, <, 1);
      last = now;
    }
  g_assert_cmpfloat (minutes_left (fixture, 0, 1), >=, 0);
}

static void
a_rehearsal_is_as_much_faster (Fixture *fixture, gconstpointer data)
{
  begin_waiting (fixture, STEP_WAIT);
  /* A hundred times as fast: ten minutes are six seconds, and of those four are over. */
  assert_near (minutes_left (fixture, 0, 100) * 60, 6);
  slip_clock_advance (fixture->clock, 4 * G_USEC_PER_SEC);
  assert_near (minutes_left (fixture, 0, 100) * 60, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/progress/follows_the_pace_that_aws_keeps", follows_the_pace_that_aws_keeps);
  ADD ("/run/progress/falls_back_to_the_forecast", falls_back_to_the_forecast);
  ADD ("/run/progress/stays_near_the_forecast", stays_near_the_forecast);
  ADD ("/run/progress/never_goes_back", never_goes_back);
  ADD ("/run/progress/a_rehearsal_is_as_much_faster", a_rehearsal_is_as_much_faster);
  return g_test_run ();
}
