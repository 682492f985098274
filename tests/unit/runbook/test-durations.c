/* SPDX-License-Identifier: MIT */
/* The memory of durations: what finished runs teach the next plan, and what they must not. */

#include "run-fixture.h"

#include "slip-durations.h"
#include "slip-plan-private.h"

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

#define SIZED(gib)                                                                                 \
  "{\"id\":\"Copy\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"           \
  "\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"minutes\":9,\"gib\":" gib ",\"request\":"    \
  "{\"DBClusterSnapshotIdentifier\":\"old\"}}"

static void
done_after (Fixture *fixture, const char *step, double minutes)
{
  fixture_append (fixture, "step.intent", step, NULL);
  slip_clock_advance (fixture->clock, (gint64)(minutes * 60 * G_USEC_PER_SEC));
  fixture_append (fixture, "step.outcome", step, NULL);
}

/* A finished run of @steps whose step took @minutes. */
static void
remember (Fixture *fixture, const char *steps, const char *step, double minutes)
{
  fixture_plan (fixture, steps);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":1}");
  done_after (fixture, step, minutes);
  fixture_append (fixture, "run.finished", NULL, NULL);
}

static gboolean
estimate (Fixture *fixture, const char *steps, double speed, SlipDurationEstimate *result)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipDurations) durations = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  gboolean found;

  fixture_plan (fixture, steps);
  fold = fixture_fold (fixture);
  durations = slip_durations_load (fixture->ledger, &error);
  g_assert_no_error (error);
  found = slip_durations_estimate (durations, fold->plan, slip_plan_get_step (fold->plan, 0), speed,
                                   result);
  return found;
}

static void
gives_median_and_p90 (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  for (guint i = 1; i <= 10; i++)
    remember (fixture, STEP_CREATE, "Create", i);
  g_assert_true (estimate (fixture, STEP_CREATE, 1, &result));
  g_assert_cmpuint (result.runs, ==, 10);
  g_assert_cmpfloat_with_epsilon (result.median, 6, 0.01);
  g_assert_cmpfloat_with_epsilon (result.p90, 9, 0.01);
}

static void
knows_nothing_of_other_steps (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  remember (fixture, STEP_CREATE, "Create", 3);
  g_assert_false (estimate (fixture, STEP_DELETE, 1, &result));
}

static void
compares_like_sizes (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  remember (fixture, SIZED ("100"), "Copy", 4);
  remember (fixture, SIZED ("4000"), "Copy", 90);
  g_assert_true (estimate (fixture, SIZED ("150"), 1, &result));
  g_assert_cmpuint (result.runs, ==, 1);
  g_assert_cmpfloat_with_epsilon (result.median, 4, 0.01);
  g_assert_false (estimate (fixture, SIZED ("700"), 1, &result));
}

static void
runs_that_have_not_ended_teach_nothing (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":1}");
  done_after (fixture, "Create", 5);
  g_assert_false (estimate (fixture, STEP_CREATE, 1, &result));
}

static void
interruptions_do_not_count_as_duration (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":1}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  slip_clock_advance (fixture->clock, 600 * (gint64)60 * G_USEC_PER_SEC);
  fixture_append (fixture, "run.resumed", NULL, NULL);
  fixture_append (fixture, "step.outcome", "Create", NULL);
  fixture_append (fixture, "run.finished", NULL, NULL);
  g_assert_false (estimate (fixture, STEP_CREATE, 1, &result));
}

static void
keeps_paces_apart (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  remember (fixture, STEP_CREATE, "Create", 3);
  g_assert_true (estimate (fixture, STEP_CREATE, 1, &result));
  g_assert_false (estimate (fixture, STEP_CREATE, 60, &result));
}

/* A wait is as long as what it waits for, whatever it polls with. */
static void
waits_are_known_by_their_cause (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipDurations) durations = NULL;
  g_autoptr (SlipRunFold) alone = NULL;
  g_autoptr (SlipRunFold) after = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":1}");
  done_after (fixture, "Create", 0.1);
  done_after (fixture, "Wait", 12);
  fixture_append (fixture, "run.finished", NULL, NULL);
  durations = slip_durations_load (fixture->ledger, &error);
  g_assert_no_error (error);
  fixture_plan (fixture, STEP_WAIT);
  alone = fixture_fold (fixture);
  g_assert_false (slip_durations_estimate (durations, alone->plan,
                                           slip_plan_find_step (alone->plan, "Wait"), 1, &result));
  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  after = fixture_fold (fixture);
  g_assert_true (slip_durations_estimate (durations, after->plan,
                                          slip_plan_find_step (after->plan, "Wait"), 1, &result));
  g_assert_cmpfloat_with_epsilon (result.median, 12, 0.01);
}

/* 2 s until the first look and the last, 8 s that the service takes, at 60 times its pace; and what is ours. */
static void
only_what_aws_takes_is_multiplied_by_the_speed (Fixture *fixture, gconstpointer data)
{
  SlipDurationEstimate result;

  fixture_plan (fixture, STEP_WAIT "," STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":60}");
  fixture_append (fixture, "step.waiting", "Wait", NULL);
  slip_clock_advance (fixture->clock, 2 * G_USEC_PER_SEC);
  fixture_append (fixture, "step.observed", "Wait", "{\"detail\":\"creating\"}");
  slip_clock_advance (fixture->clock, 10 * G_USEC_PER_SEC);
  fixture_append (fixture, "step.outcome", "Wait", NULL);
  done_after (fixture, "Create", 0.5);
  fixture_append (fixture, "run.finished", NULL, NULL);
  g_assert_true (estimate (fixture, STEP_WAIT, 60, &result));
  g_assert_cmpfloat_with_epsilon (result.median, 8 + 4.0 / 60, 0.001);
  g_assert_cmpfloat_with_epsilon (result.ours, 4.0 / 60, 0.001);
  g_assert_true (estimate (fixture, STEP_CREATE, 60, &result));
  g_assert_cmpfloat_with_epsilon (result.median, 0.5, 0.001);
  g_assert_cmpfloat_with_epsilon (result.ours, 0.5, 0.001);
}

/* A task is at work at its own pace, and is started and looked at at AWS'. */
static void
what_cannot_be_told_apart_teaches_nothing_in_a_rehearsal (Fixture *fixture, gconstpointer data)
{
  const char *task
      = "{\"id\":\"Task\",\"action\":\"slipway:runTask\",\"service\":\"ecs\",\"operation\":"
        "\"RunTask\",\"effect\":\"change\",\"minutes\":9,\"request\":{}}";
  SlipDurationEstimate result;

  remember (fixture, task, "Task", 3);
  g_assert_true (estimate (fixture, task, 1, &result));
  fixture_plan (fixture, task);
  fixture_append (fixture, "run.started", NULL, "{\"speed\":60}");
  done_after (fixture, "Task", 3);
  fixture_append (fixture, "run.finished", NULL, NULL);
  g_assert_false (estimate (fixture, task, 60, &result));
}

static void
goes_into_a_plan_without_changing_its_hash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipPlan) better = NULL;
  g_autoptr (SlipPlan) same = NULL;

  remember (fixture, STEP_DELETE, "Delete", 7);
  fixture_plan (fixture, STEP_DELETE "," STEP_CREATE);
  fold = fixture_fold (fixture);
  better = slip_plan_remember (fold->plan, fixture->ledger, NULL);
  g_assert_cmpstr (slip_plan_get_hash (better), ==, slip_plan_get_hash (fold->plan));
  g_assert_cmpuint (slip_plan_step_get_runs (slip_plan_find_step (better, "Delete")), ==, 1);
  g_assert_cmpfloat_with_epsilon (
      slip_plan_step_get_minutes (slip_plan_find_step (better, "Delete")), 7, 0.01);
  g_assert_cmpuint (slip_plan_step_get_runs (slip_plan_find_step (better, "Create")), ==, 0);
  g_assert_cmpuint (slip_plan_get_n_remembered (better), ==, 1);
  /* 7 minutes of ours were measured, and are as long at any speed; what the document guesses is not. */
  g_assert_cmpfloat_with_epsilon (
      slip_plan_step_get_seconds (slip_plan_find_step (better, "Delete"), 60), 420, 0.1);
  g_assert_cmpfloat_with_epsilon (
      slip_plan_get_seconds (better, 60),
      420 + slip_plan_step_get_minutes (slip_plan_find_step (better, "Create")), 0.1);
  same = slip_plan_remember (fold->plan, NULL, NULL);
  g_assert_true (same == fold->plan);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/durations/gives_median_and_p90", gives_median_and_p90);
  ADD ("/durations/knows_nothing_of_other_steps", knows_nothing_of_other_steps);
  ADD ("/durations/compares_like_sizes", compares_like_sizes);
  ADD ("/durations/runs_that_have_not_ended_teach_nothing", runs_that_have_not_ended_teach_nothing);
  ADD ("/durations/interruptions_do_not_count_as_duration", interruptions_do_not_count_as_duration);
  ADD ("/durations/keeps_paces_apart", keeps_paces_apart);
  ADD ("/durations/waits_are_known_by_their_cause", waits_are_known_by_their_cause);
  ADD ("/durations/only_what_aws_takes_is_multiplied_by_the_speed",
       only_what_aws_takes_is_multiplied_by_the_speed);
  ADD ("/durations/what_cannot_be_told_apart_teaches_nothing_in_a_rehearsal",
       what_cannot_be_told_apart_teaches_nothing_in_a_rehearsal);
  ADD ("/durations/goes_into_a_plan_without_changing_its_hash",
       goes_into_a_plan_without_changing_its_hash);
  return g_test_run ();
}
