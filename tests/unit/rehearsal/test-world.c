/* SPDX-License-Identifier: MIT */

/* Claims about the world: what a transaction keeps and takes back, order, and what happens later. */

#include "fixture.h"

#include "slip-calls.h"
#include "slip-json.h"
#include "slip-world-items.h"
#include "slip-world-metrics.h"
#include "slip-world-private.h"

#include <sqlite3.h>

#define ACCOUNT "111111111111"
#define REGION "eu-west-1"
#define TYPE "test.thing"

static void
put (Fixture *fixture, const char *id, const char *state)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "state", state);
  slip_world_put (fixture->world, ACCOUNT, REGION, TYPE, id, data);
}

static const char *
state_of (Fixture *fixture, const char *id)
{
  const SlipWorldRecord *record = slip_world_get (fixture->world, ACCOUNT, REGION, TYPE, id);

  return record != NULL ? slip_json_string (record->data, "state") : NULL;
}

static void
commit (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  slip_world_commit (fixture->world, &error);
  g_assert_no_error (error);
}

static void
test_survives_reopen (Fixture *fixture, gconstpointer data)
{
  slip_world_begin (fixture->world);
  put (fixture, "kept", "one");
  put (fixture, "gone", "one");
  slip_world_set_setting (fixture->world, "port", "4242");
  commit (fixture);
  slip_world_begin (fixture->world);
  put (fixture, "kept", "two");
  g_assert_true (slip_world_remove (fixture->world, ACCOUNT, REGION, TYPE, "gone"));
  commit (fixture);

  fixture_reopen (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "kept"), ==, "two");
  g_assert_null (state_of (fixture, "gone"));
  g_assert_cmpstr (slip_world_get_setting (fixture->world, "port"), ==, "4242");
}

static void
test_rollback_takes_all_back (Fixture *fixture, gconstpointer data)
{
  slip_world_begin (fixture->world);
  put (fixture, "a", "one");
  slip_world_set_setting (fixture->world, "name", "one");
  commit (fixture);

  slip_world_begin (fixture->world);
  put (fixture, "a", "two");
  put (fixture, "a", "three");
  put (fixture, "b", "new");
  slip_world_set_setting (fixture->world, "name", "two");
  slip_world_set_setting (fixture->world, "other", "new");
  slip_world_remove (fixture->world, ACCOUNT, REGION, TYPE, "a");
  slip_world_rollback (fixture->world);

  g_assert_cmpstr (state_of (fixture, "a"), ==, "one");
  g_assert_null (state_of (fixture, "b"));
  g_assert_cmpstr (slip_world_get_setting (fixture->world, "name"), ==, "one");
  g_assert_null (slip_world_get_setting (fixture->world, "other"));
  fixture_reopen (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "one");
  g_assert_null (state_of (fixture, "b"));
}

static void
test_records_are_sealed (Fixture *fixture, gconstpointer data)
{
  JsonObject *copy;

  slip_world_begin (fixture->world);
  put (fixture, "a", "one");
  commit (fixture);
  g_assert_true (
      json_object_is_immutable (slip_world_get (fixture->world, ACCOUNT, REGION, TYPE, "a")->data));
  copy = slip_world_edit (fixture->world, ACCOUNT, REGION, TYPE, "a");
  g_assert_false (json_object_is_immutable (copy));
  json_object_set_string_member (copy, "state", "changed");
  json_object_unref (copy);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "one");
}

static gboolean
collect_ids (const SlipWorldRecord *record, gpointer data)
{
  g_string_append_printf (data, "%s ", record->id);
  return ((GString *)data)->len < 100;
}

static void
count (SlipWorld *world, gpointer data)
{
  guint *told = data;

  g_assert_false (world->in_transaction);
  (*told)++;
}

static void
test_watch_is_told_of_its_type (Fixture *fixture, gconstpointer data)
{
  guint told = 0;

  slip_world_watch (fixture->world, TYPE, count, &told);
  slip_world_begin (fixture->world);
  slip_world_put (fixture->world, ACCOUNT, REGION, "test.other", "a", json_object_new ());
  commit (fixture);
  g_assert_cmpuint (told, ==, 0);
  slip_world_begin (fixture->world);
  put (fixture, "a", "new");
  put (fixture, "b", "new");
  g_assert_cmpuint (told, ==, 0);
  commit (fixture);
  g_assert_cmpuint (told, ==, 1);
  slip_world_begin (fixture->world);
  put (fixture, "a", "old");
  slip_world_rollback (fixture->world);
  slip_world_begin (fixture->world);
  commit (fixture);
  g_assert_cmpuint (told, ==, 1);
  slip_world_begin (fixture->world);
  slip_world_remove (fixture->world, ACCOUNT, REGION, TYPE, "b");
  commit (fixture);
  g_assert_cmpuint (told, ==, 2);
}

static void
test_lists_in_order (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  slip_world_begin (fixture->world);
  put (fixture, "c", "x");
  put (fixture, "a", "x");
  put (fixture, "b", "x");
  slip_world_put (fixture->world, ACCOUNT, "eu-west-2", TYPE, "z", json_object_new ());
  slip_world_put (fixture->world, "222222222222", REGION, TYPE, "0", json_object_new ());
  slip_world_put (fixture->world, ACCOUNT, REGION, "test.thing2", "other", json_object_new ());
  commit (fixture);
  slip_world_foreach (fixture->world, ACCOUNT, REGION, TYPE, NULL, collect_ids, ids);
  g_assert_cmpstr (ids->str, ==, "a b c ");
  g_string_truncate (ids, 0);
  slip_world_foreach (fixture->world, ACCOUNT, REGION, TYPE, "a", collect_ids, ids);
  g_assert_cmpstr (ids->str, ==, "b c ");
  g_string_truncate (ids, 0);
  slip_world_foreach (fixture->world, NULL, NULL, TYPE, NULL, collect_ids, ids);
  g_assert_cmpstr (ids->str, ==, "a b c z 0 ");
  g_string_truncate (ids, 0);
  slip_world_foreach (fixture->world, NULL, REGION, TYPE, NULL, collect_ids, ids);
  g_assert_cmpstr (ids->str, ==, "a b c 0 ");
  g_assert_cmpuint (slip_world_count (fixture->world, ACCOUNT, NULL, TYPE), ==, 4);
}

static void
test_second_server_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_world_open (fixture->folder, 1, &error));
  g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, "still runs"));
}

/* Whoever gets it at the start of a rehearsal can go on. */
static void
assert_way_out (Fixture *fixture, const char *what)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_world_open (fixture->folder, 1, &error));
  g_assert_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE);
  g_test_message ("%s", error->message);
  g_assert_nonnull (strstr (error->message, what));
  g_assert_nonnull (strstr (error->message, fixture->folder));
  g_assert_nonnull (strstr (error->message, "--state"));
  g_assert_nonnull (strstr (error->message, "./app/run --fresh"));
}

static void
test_damaged_file_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "world.db", NULL);
  g_autofree char *log = g_build_filename (fixture->folder, "world.db-wal", NULL);

  g_clear_pointer (&fixture->world, slip_world_close);
  g_assert_true (g_file_set_contents (log, "", 0, NULL));
  g_assert_true (
      g_file_set_contents (path, "this is not a database, whatever it may say", -1, NULL));
  assert_way_out (fixture, "not a database");
}

static void
test_damaged_resource_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = g_build_filename (fixture->folder, "world.db", NULL);
  sqlite3 *database = NULL;

  slip_world_begin (fixture->world);
  put (fixture, "thing-1", "available");
  commit (fixture);
  g_clear_pointer (&fixture->world, slip_world_close);
  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, "UPDATE resources SET data = '{half'", NULL, NULL, NULL),
                   ==, SQLITE_OK);
  sqlite3_close (database);
  assert_way_out (fixture, "thing-1");
}

static void
execute (Fixture *fixture, const char *sql)
{
  g_autofree char *path = g_build_filename (fixture->folder, "world.db", NULL);
  sqlite3 *database = NULL;

  g_assert_cmpint (sqlite3_open (path, &database), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (database, sql, NULL, NULL, NULL), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_changes (database), >, 0);
  sqlite3_close (database);
}

/* One row in each table that services read. */
static void
fill_tables (Fixture *fixture)
{
  const SlipWorldItem item = {"hash-1", "range-1", 11, "{\"Id\":\"one\"}"};
  const SlipWorldItem other = {"hash-1", "range-1", 11, "{\"Id\":\"two\"}"};
  const SlipMetric metric = {ACCOUNT, REGION, "AWS/RDS", "CPUUtilization", "{}", "Percent"};
  const SlipCall served = {.service = "rds", .operation = "CreateDBCluster", .account = ACCOUNT};

  slip_world_begin (fixture->world);
  put (fixture, "thing-1", "available");
  slip_world_set_setting (fixture->world, "port", "4242");
  slip_world_schedule_insert (fixture->world, FALSE, 3600, "test.ready", ACCOUNT, REGION, TYPE,
                              "thing-1", json_object_new ());
  slip_world_items_put (fixture->world, "table-1", &item, TRUE);
  slip_world_items_put (fixture->world, "table-1", &other, TRUE);
  slip_world_items_copy (fixture->world, "table-1", "table-2");
  slip_world_items_rewind (fixture->world, "table-1", "table-3", 0);
  slip_world_items_date (fixture->world, "table-2", "hash-1", "range-1", 1);
  slip_world_add_event (fixture->world, ACCOUNT, REGION, "rds", "db-cluster", "api", "arn",
                        "backup", "Backup");
  slip_world_metric_count (fixture->world, &metric, 1);
  slip_calls_append (fixture->world, &served);
  commit (fixture);
}

/* A document that parses and lacks what its service wrote, in any table, is found before it is read. */
static void
test_changed_row_is_refused (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *break_it;
    const char *mend_it; /* for the next one */
    const char *told;
  } cases[] = {
      {"UPDATE resources SET data = '{}'",
       "UPDATE resources SET data = '{\"state\":\"available\"}'",
       "row test.thing thing-1 of 111111111111 eu-west-1 of table resources"},
      {"UPDATE settings SET value = '' WHERE name = 'port'",
       "UPDATE settings SET value = '4242' WHERE name = 'port'", "row port of table settings"},
      {"UPDATE schedule SET payload = '[]'", "UPDATE schedule SET payload = '{}'",
       "of table schedule"},
      {"UPDATE items SET item = '{}' WHERE collection = 'table-2'",
       "UPDATE items SET item = '{\"Id\":\"two\"}' WHERE collection = 'table-2'",
       "row table-2 hash-1 range-1 of table items"},
      {"UPDATE item_history SET item = '{}' WHERE item IS NOT NULL",
       "UPDATE item_history SET item = '{\"Id\":\"one\"}' WHERE item IS NOT NULL",
       "of table item_history"},
      {"UPDATE events SET source_id = NULL", "UPDATE events SET source_id = 'api'",
       "of table events"},
      {"UPDATE calls SET service = NULL", "UPDATE calls SET service = 'rds'", "of table calls"},
      {"UPDATE resources SET seal = NULL", NULL, "thing-1"},
  };

  fill_tables (fixture);
  fixture_reopen (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "thing-1"), ==, "available");
  g_clear_pointer (&fixture->world, slip_world_close);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_build_filename (fixture->folder, "world.db", NULL);
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      gsize size;
      gsize size_after;

      execute (fixture, cases[i].break_it);
      g_assert_true (g_file_get_contents (path, &before, &size, NULL));
      assert_way_out (fixture, cases[i].told);
      /* Whoever keeps the file can still have it looked at. */
      g_assert_true (g_file_get_contents (path, &after, &size_after, NULL));
      g_assert_cmpmem (before, size, after, size_after);
      if (cases[i].mend_it != NULL)
        execute (fixture, cases[i].mend_it);
    }
}

static void
on_ready (SlipWorld *world, const SlipTransition *transition)
{
  JsonObject *data = slip_world_edit (world, transition->account, transition->region,
                                      transition->type, transition->id);

  if (data == NULL)
    return;
  json_object_set_string_member (
      data, "state",
      transition->fail != NULL ? transition->fail : slip_json_string (transition->payload, "to"));
  slip_world_put (world, transition->account, transition->region, transition->type, transition->id,
                  data);
}

static void
schedule (Fixture *fixture, const char *id, double seconds, const char *to)
{
  JsonObject *payload = json_object_new ();

  json_object_set_string_member (payload, "to", to);
  slip_world_schedule (fixture->world, seconds, "test.ready", ACCOUNT, REGION, TYPE, id, payload);
}

static void
advance (Fixture *fixture, double seconds)
{
  slip_clock_advance (fixture->clock, (gint64)(seconds * G_USEC_PER_SEC));
  slip_world_tick (fixture->world);
}

static void
test_time_is_scaled (Fixture *fixture, gconstpointer data)
{
  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  schedule (fixture, "a", 100, "available");
  commit (fixture);
  advance (fixture, 9.9);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "creating");
  advance (fixture, 0.2);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "available");
}

static void
test_transitions_survive_reopen (Fixture *fixture, gconstpointer data)
{
  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  schedule (fixture, "a", 100, "available");
  commit (fixture);
  fixture_reopen (fixture, 10);
  slip_world_handle (fixture->world, "test.ready", on_ready);
  g_assert_true (
      slip_world_is_scheduled (fixture->world, "test.ready", ACCOUNT, REGION, TYPE, "a"));
  advance (fixture, 11);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "available");
  g_assert_false (
      slip_world_is_scheduled (fixture->world, "test.ready", ACCOUNT, REGION, TYPE, "a"));
}

static void
test_rolled_back_schedule_is_none (Fixture *fixture, gconstpointer data)
{
  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  commit (fixture);
  slip_world_begin (fixture->world);
  schedule (fixture, "a", 1, "available");
  slip_world_rollback (fixture->world);
  advance (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "creating");
}

static void
test_removed_resource_has_no_future (Fixture *fixture, gconstpointer data)
{
  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  schedule (fixture, "a", 1, "available");
  slip_world_remove (fixture->world, ACCOUNT, REGION, TYPE, "a");
  put (fixture, "a", "another");
  commit (fixture);
  advance (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "another");
}

typedef struct
{
  SlipWorldVerdict verdict;
} Judge;

static SlipWorldVerdict
judge (const SlipTransition *transition, char **reason, gpointer data)
{
  Judge *self = data;

  if (self->verdict == SLIP_WORLD_FAILS)
    *reason = g_strdup ("failed");
  return self->verdict;
}

/* A resource that becomes available in a second, if @self says so. */
static void
schedule_judged (Fixture *fixture, Judge *self)
{
  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_set_judge (fixture->world, judge, self);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  schedule (fixture, "a", 1, "available");
  commit (fixture);
}

static void
test_stuck_until_released (Fixture *fixture, gconstpointer data)
{
  Judge self = {SLIP_WORLD_STUCK};

  schedule_judged (fixture, &self);
  advance (fixture, 1000);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "creating");
  self.verdict = SLIP_WORLD_HAPPENS;
  slip_world_tick (fixture->world);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "available");
}

/* Lets time pass between looking at what is due and setting the timer, as a busy machine does. */
static SlipWorldVerdict
judge_slowly (const SlipTransition *transition, char **reason, gpointer data)
{
  Fixture *fixture = data;

  if (!g_str_equal (transition->id, "a"))
    return SLIP_WORLD_HAPPENS;
  slip_clock_advance (fixture->clock, 100 * G_USEC_PER_SEC);
  return SLIP_WORLD_STUCK;
}

static gboolean
give_up (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_due_while_looking_is_not_lost (Fixture *fixture, gconstpointer data)
{
  gboolean given_up = FALSE;
  guint source;

  slip_world_handle (fixture->world, "test.ready", on_ready);
  slip_world_set_judge (fixture->world, judge_slowly, fixture);
  slip_world_begin (fixture->world);
  put (fixture, "a", "creating");
  put (fixture, "b", "creating");
  schedule (fixture, "a", 0, "available");
  schedule (fixture, "b", 50, "available");
  commit (fixture);
  /* Nobody calls: only its own timer can wake the world. */
  slip_world_run (fixture->world);
  g_assert_cmpstr (state_of (fixture, "b"), ==, "creating");
  source = g_timeout_add_seconds (10, give_up, &given_up);
  while (!given_up && !g_str_equal (state_of (fixture, "b"), "available"))
    g_main_context_iteration (NULL, TRUE);
  g_assert_false (given_up);
  g_source_remove (source);
}

static void
test_failed_transition_says_why (Fixture *fixture, gconstpointer data)
{
  Judge self = {SLIP_WORLD_FAILS};

  schedule_judged (fixture, &self);
  advance (fixture, 10);
  g_assert_cmpstr (state_of (fixture, "a"), ==, "failed");
}

static gboolean
count_event (const SlipWorldEvent *event, gpointer data)
{
  g_string_append_printf (data, "%s:%s ", event->source_id, event->message);
  return TRUE;
}

static void
test_events_are_kept_by_place (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) seen = g_string_new (NULL);

  slip_world_begin (fixture->world);
  slip_world_add_event (fixture->world, ACCOUNT, REGION, "rds", "db-cluster", "a", "", "backup",
                        "one");
  slip_world_add_event (fixture->world, ACCOUNT, "eu-west-2", "rds", "db-cluster", "b", "",
                        "backup", "two");
  commit (fixture);
  slip_clock_advance (fixture->clock, G_USEC_PER_SEC);
  slip_world_begin (fixture->world);
  slip_world_add_event (fixture->world, ACCOUNT, REGION, "rds", "db-cluster", "a", "", "backup",
                        "three");
  commit (fixture);
  slip_world_foreach_event (fixture->world, ACCOUNT, REGION, "rds", 0, 0, count_event, seen);
  g_assert_cmpstr (seen->str, ==, "a:one a:three ");
  g_string_truncate (seen, 0);
  slip_world_foreach_event (fixture->world, ACCOUNT, REGION, "rds", slip_world_now (fixture->world),
                            0, count_event, seen);
  g_assert_cmpstr (seen->str, ==, "a:three ");
}

static void
test_region_quota_wins (Fixture *fixture, gconstpointer data)
{
  slip_world_begin (fixture->world);
  slip_world_put (fixture->world, ACCOUNT, "", "quota", "rds.things",
                  fixture_object ("{\"value\": 5}"));
  slip_world_put (fixture->world, ACCOUNT, "eu-west-2", "quota", "rds.things",
                  fixture_object ("{\"value\": 2}"));
  commit (fixture);
  g_assert_cmpint (slip_world_get_quota (fixture->world, ACCOUNT, REGION, "rds.things", 9), ==, 5);
  g_assert_cmpint (slip_world_get_quota (fixture->world, ACCOUNT, "eu-west-2", "rds.things", 9), ==,
                   2);
  g_assert_cmpint (slip_world_get_quota (fixture->world, ACCOUNT, REGION, "rds.others", 9), ==, 9);
}

static void
test_ten_thousand (Fixture *fixture, gconstpointer data)
{
  gint64 start;

  slip_world_begin (fixture->world);
  for (guint i = 0; i < 10000; i++)
    {
      g_autofree char *id = g_strdup_printf ("thing-%05u", i);

      put (fixture, id, "available");
    }
  commit (fixture);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *after = g_strdup_printf ("thing-%05u", i * 100);
      g_autoptr (GString) ids = g_string_new (NULL);

      slip_world_foreach (fixture->world, ACCOUNT, REGION, TYPE, after, collect_ids, ids);
      g_assert_cmpuint (ids->len, >=, 12);
    }
  /* A hundred pages must not walk ten thousand things each: that would take a second. */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 200 * 1000);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/world/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("survives_reopen", test_survives_reopen);
  ADD ("rollback_takes_all_back", test_rollback_takes_all_back);
  ADD ("records_are_sealed", test_records_are_sealed);
  ADD ("watch_is_told_after_each_commit_that_changed_its_type", test_watch_is_told_of_its_type);
  ADD ("lists_in_order", test_lists_in_order);
  ADD ("second_server_is_refused", test_second_server_is_refused);
  ADD ("damaged_file_is_refused_with_the_way_out", test_damaged_file_is_refused);
  ADD ("damaged_resource_is_refused_with_the_way_out", test_damaged_resource_is_refused);
  ADD ("changed_row_is_refused_with_the_way_out_and_nothing_is_written",
       test_changed_row_is_refused);
  ADD ("time_is_scaled", test_time_is_scaled);
  ADD ("transitions_survive_reopen", test_transitions_survive_reopen);
  ADD ("rolled_back_schedule_is_none", test_rolled_back_schedule_is_none);
  ADD ("removed_resource_has_no_future", test_removed_resource_has_no_future);
  ADD ("stuck_until_released", test_stuck_until_released);
  ADD ("due_while_looking_is_not_lost", test_due_while_looking_is_not_lost);
  ADD ("failed_transition_says_why", test_failed_transition_says_why);
  ADD ("events_are_kept_by_place", test_events_are_kept_by_place);
  ADD ("region_quota_wins", test_region_quota_wins);
  ADD ("ten_thousand_list_by_page", test_ten_thousand);
  return g_test_run ();
}
