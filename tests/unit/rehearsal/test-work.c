/* SPDX-License-Identifier: MIT */

/* Claims about background work: it runs elsewhere, its outcome comes in order, and it is begun again
 * when the server died. */

#include "fixture.h"

#include "slip-json.h"

#define ACCOUNT "111111111111"
#define REGION "eu-west-1"
#define TYPE "test.thing"

static GThread *main_thread;
static GString *outcomes;
static int runs; /* atomic */

static JsonObject *
run_work (const char *folder, const SlipTransition *work, GCancellable *cancellable, GError **error)
{
  JsonObject *result;
  const char *problem = slip_json_string (work->payload, "problem");

  g_assert_true (g_thread_self () != main_thread);
  g_assert_true (g_file_test (folder, G_FILE_TEST_IS_DIR));
  g_atomic_int_inc (&runs);
  if (problem != NULL)
    {
      g_set_error_literal (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_WORK, problem);
      return NULL;
    }
  result = json_object_new ();
  json_object_set_string_member (result, "done", slip_json_string (work->payload, "name"));
  return result;
}

static void
take_in (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  g_assert_true (g_thread_self () == main_thread);
  g_string_append_printf (outcomes, "%s ",
                          error != NULL ? error->message : slip_json_string (result, "done"));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture_set_up (fixture, data);
  main_thread = g_thread_self ();
  outcomes = g_string_new (NULL);
  runs = 0;
  slip_world_handle_work (fixture->world, "test.work", run_work, take_in);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  fixture_tear_down (fixture, data);
  g_string_free (outcomes, TRUE);
}

static void
start (Fixture *fixture, double seconds, const char *id, const char *payload)
{
  g_autoptr (GError) error = NULL;

  slip_world_begin (fixture->world);
  slip_world_start_work (fixture->world, seconds, "test.work", ACCOUNT, REGION, TYPE, id,
                         fixture_object (payload));
  slip_world_commit (fixture->world, &error);
  g_assert_no_error (error);
}

static void
wait_for (const char *expected)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  while (!g_str_equal (outcomes->str, expected))
    {
      if (g_get_monotonic_time () > end)
        g_error ("have \"%s\", want \"%s\"", outcomes->str, expected);
      g_main_context_iteration (NULL, FALSE);
      g_thread_yield ();
    }
}

static void
test_outcome_is_taken_in (Fixture *fixture, gconstpointer data)
{
  slip_world_run (fixture->world);
  start (fixture, 0, "a", "{\"name\": \"one\"}");
  wait_for ("one ");
  g_assert_false (
      slip_world_is_scheduled (fixture->world, "test.work", ACCOUNT, REGION, TYPE, "a"));
}

static void
test_failure_is_taken_in (Fixture *fixture, gconstpointer data)
{
  slip_world_run (fixture->world);
  start (fixture, 0, "a", "{\"problem\": \"no-space\"}");
  wait_for ("no-space ");
}

static void
test_one_resource_in_order (Fixture *fixture, gconstpointer data)
{
  slip_world_run (fixture->world);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *payload = g_strdup_printf ("{\"name\": \"%u\"}", i);

      start (fixture, 0, "a", payload);
    }
  wait_for ("0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 ");
}

static void
test_not_before_its_time (Fixture *fixture, gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 10 * G_TIME_SPAN_SECOND;

  slip_world_run (fixture->world);
  start (fixture, 100, "a", "{\"name\": \"late\"}");
  while (g_atomic_int_get (&runs) == 0 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpstr (outcomes->str, ==, "");
  slip_clock_advance (fixture->clock, 11 * G_USEC_PER_SEC);
  slip_world_tick (fixture->world);
  wait_for ("late ");
}

static void
test_begun_again_after_a_crash (Fixture *fixture, gconstpointer data)
{
  /* The world never ran, so nothing but the row is there. */
  start (fixture, 0, "a", "{\"name\": \"again\"}");
  g_assert_cmpint (g_atomic_int_get (&runs), ==, 0);
  fixture_reopen (fixture, 10);
  slip_world_handle_work (fixture->world, "test.work", run_work, take_in);
  slip_world_run (fixture->world);
  wait_for ("again ");
}

static void
test_dropped_before_it_began (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  start (fixture, 0, "a", "{\"name\": \"dropped\"}");
  slip_world_begin (fixture->world);
  slip_world_unschedule (fixture->world, "test.work", ACCOUNT, REGION, TYPE, "a");
  slip_world_commit (fixture->world, &error);
  g_assert_no_error (error);
  start (fixture, 0, "b", "{\"name\": \"kept\"}");
  slip_world_run (fixture->world);
  wait_for ("kept ");
  g_assert_cmpint (g_atomic_int_get (&runs), ==, 1);
}

#define ADD(name, func) g_test_add ("/world/work/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("outcome_is_taken_in", test_outcome_is_taken_in);
  ADD ("failure_is_taken_in", test_failure_is_taken_in);
  ADD ("one_resource_in_order", test_one_resource_in_order);
  ADD ("not_before_its_time", test_not_before_its_time);
  ADD ("begun_again_after_a_crash", test_begun_again_after_a_crash);
  ADD ("dropped_before_it_began", test_dropped_before_it_began);
  return g_test_run ();
}
