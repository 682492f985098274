/* SPDX-License-Identifier: MIT */
/* What a look before a sending says, by the step's resume rule, and what a refusal says: whether something is sent,
 * how often, and whose doing it is. */

#include "run-fixture.h"

#include <string.h>

#define ADD(func)                                                                                  \
  g_test_add ("/run/looks/" #func, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* Puts @desired right at `snap`, by rule R3. */
#define STEP_PUT_RIGHT(desired)                                                                    \
  "{\"id\":\"Tag\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"            \
  "\"AddTagsToResource\",\"effect\":\"change\",\"request\":{\"ResourceName\":\"snap\",\"Tags\":"   \
  "[{\"Key\":\"a\",\"Value\":\"b\"}]},\"resume\":{\"rule\":\"R3\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"input\":{\"DBClusterSnapshotIdentifier\":"       \
  "\"snap\"},\"select\":\"$.DBClusterSnapshots[0]\"," desired "}}"

static void
assert_outcome (SlipRunFold *fold, const char *step, const char *outcome)
{
  const char *last = NULL;

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);

      if (g_strcmp0 (slip_json_string (entry, "step"), step) == 0
          && g_strcmp0 (slip_json_string (entry, "kind"), "step.outcome") == 0)
        last = slip_json_string (entry, "outcome");
    }
  g_assert_cmpstr (last, ==, outcome);
}

static void
set_member (Fixture *fixture, const char *id, const char *member, const char *json)
{
  json_object_set_member (g_hash_table_lookup (fixture->snapshots, id), member,
                          fixture_json (json));
}

static void
show_late (gpointer data, const char *operation)
{
  Fixture *fixture = data;

  if (!g_str_equal (operation, "CreateDBClusterSnapshot"))
    return;
  for (guint i = 0; i < 2; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_MISSING);
}

static void
what_was_sent_and_is_shown_late_is_not_sent_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_AFTER);
  fixture->on_call = show_late;
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_true (g_queue_is_empty (&fixture->faults));
  assert_outcome (fold, "Create", "adopted");
}

/* A name alone proves nothing. */
static void
what_has_the_name_and_no_fingerprint_is_not_taken (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) step = g_string_new (STEP_CREATE);
  g_autoptr (SlipRunFold) fold = NULL;

  g_assert_cmpuint (
      g_string_replace (step, ",\"fingerprint\":{\"$.DBClusterIdentifier\":\"api\"}", "", 0), ==,
      1);
  fixture_add_snapshot (fixture, "snap", "available", "api");
  fixture_plan (fixture, step->str);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* A run's own tag among others. */
static void
what_has_the_fingerprint_among_others_is_taken (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) step = g_string_new (STEP_CREATE);
  g_autoptr (SlipRunFold) fold = NULL;

  g_assert_cmpuint (g_string_replace (step, "{\"$.DBClusterIdentifier\":\"api\"}",
                                      "{\"$.TagList[*].Value\":\"ours\"}", 0),
                    ==, 1);
  fixture_add_snapshot (fixture, "snap", "available", "api");
  set_member (fixture, "snap", "TagList", "[{\"Value\":\"theirs\"},{\"Value\":\"ours\"}]");
  fixture_plan (fixture, step->str);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_outcome (fold, "Create", "unchanged");
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
what_is_becoming_so_is_not_sent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "creating", "api");
  fixture->ready_after = 100;
  fixture_plan (fixture, STEP_PUT_RIGHT ("\"desired\":{\"$.Tagged\":true},\"becoming\":"
                                         "{\"$.Status\":[\"creating\"]}"));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_outcome (fold, "Tag", "unchanged");
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
put_right (Fixture *fixture, const char *zones, guint sendings)
{
  g_autoptr (SlipRunFold) fold = NULL;

  g_hash_table_remove (fixture->snapshots, "snap");
  g_ptr_array_set_size (fixture->sent, 0);
  fixture_add_snapshot (fixture, "snap", "available", "api");
  set_member (fixture, "snap", "AvailabilityZones", zones);
  fixture_plan (fixture, STEP_PUT_RIGHT ("\"desired\":{\"$.AvailabilityZones\":[\"a\",\"b\"]}"));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, sendings);
}

static void
lists_have_the_same_members_in_any_order (Fixture *fixture, gconstpointer data)
{
  put_right (fixture, "[\"b\",\"a\"]", 0);
  put_right (fixture, "[\"a\"]", 1);
  put_right (fixture, "[\"a\",\"b\",\"c\"]", 1);
  put_right (fixture, "[\"a\",\"c\"]", 1);
}

#define GONE "\"desired\":{\"$.Tagged\":true},\"gone\":[\"DBClusterSnapshotNotFoundFault\"]"

static void
assert_detail (SlipRunFold *fold, const char *text)
{
  JsonObject *entry = NULL;
  const char *detail = NULL;

  for (guint i = 0; i < fold->entries->len; i++)
    if (g_strcmp0 (slip_json_string (g_ptr_array_index (fold->entries, i), "kind"), "step.outcome")
        == 0)
      entry = g_ptr_array_index (fold->entries, i);
  g_assert_nonnull (entry);
  detail = slip_json_string (slip_json_object (entry, "data"), "detail");
  g_assert_cmpstr (detail, ==, text);
}

/* What only prepared its deletion has nothing to do any more; the log has the code that AWS said it by. */
static void
what_is_gone_needs_no_preparing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_PUT_RIGHT (GONE));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  assert_outcome (fold, "Tag", "unchanged");
  assert_detail (fold, "it is gone (DBClusterSnapshotNotFoundFault), which leaves nothing to do");
}

static void
what_goes_at_the_sending_needs_no_preparing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "available", "api");
  fixture_plan (fixture, STEP_PUT_RIGHT (GONE));
  fixture_fault (fixture, "AddTagsToResource", FAULT_MISSING);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  assert_outcome (fold, "Tag", "unchanged");
  assert_detail (fold, "it is gone (DBClusterSnapshotNotFoundFault), which leaves nothing to do");
}

/* A rename looks under the new name: that nothing is there yet is no sign that it is gone. */
static void
what_has_not_its_new_name_yet_is_not_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_PUT_RIGHT (GONE ",\"absent\":[\"DBClusterSnapshotNotFoundFault\"]"));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  assert_outcome (fold, "Tag", "done");
}

/* Only these codes of only these steps: of any other, what is gone is missing. */
static void
what_is_gone_is_missing_to_any_other_step (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (
      fixture,
      STEP_PUT_RIGHT ("\"desired\":{\"$.Tagged\":true},\"gone\":[\"DBClusterNotFoundFault\"]"));
  fold = fixture_go (fixture);
  g_assert_nonnull (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
what_is_being_deleted_is_not_deleted_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  set_member (fixture, "old", "Status", "\"deleting\"");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_outcome (fold, "Delete", "unchanged");
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* It went between the look and the first sending: another hand's doing. */
static void
what_is_gone_at_the_first_sending_was_not_deleted_by_us (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_MISSING);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  assert_outcome (fold, "Delete", "unchanged");
}

static void
cancel_at_look (gpointer data, const char *operation)
{
  Fixture *fixture = data;

  if (!g_str_equal (operation, "DescribeDBClusterSnapshots"))
    return;
  fixture->on_call = NULL;
  fixture_append (fixture, "run.cancel", NULL, NULL);
}

static void
cancelled_at_the_look_nothing_is_sent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  fixture->on_call = cancel_at_look;
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_CANCELLED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* Refusals are no lost answers: they do not use up what is tried for those. */
static void
a_resource_that_is_busy_for_long_is_outlasted (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  for (guint i = 0; i < 8; i++)
    fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BUSY);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 9);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD (what_was_sent_and_is_shown_late_is_not_sent_again);
  ADD (what_has_the_name_and_no_fingerprint_is_not_taken);
  ADD (what_has_the_fingerprint_among_others_is_taken);
  ADD (what_is_becoming_so_is_not_sent);
  ADD (lists_have_the_same_members_in_any_order);
  ADD (what_is_gone_needs_no_preparing);
  ADD (what_goes_at_the_sending_needs_no_preparing);
  ADD (what_has_not_its_new_name_yet_is_not_gone);
  ADD (what_is_gone_is_missing_to_any_other_step);
  ADD (what_is_being_deleted_is_not_deleted_again);
  ADD (what_is_gone_at_the_first_sending_was_not_deleted_by_us);
  ADD (cancelled_at_the_look_nothing_is_sent);
  ADD (a_resource_that_is_busy_for_long_is_outlasted);
  return g_test_run ();
}
