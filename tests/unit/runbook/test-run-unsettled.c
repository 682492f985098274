/* SPDX-License-Identifier: MIT */
/* A change with an idempotency token whose answer was lost: whatever is said of a later sending of it,
 * its token stays until AWS, or a person, has said what became of it. */

#include "run-fixture.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

#define STEP_RESTORE                                                                               \
  "{\"id\":\"Restore\",\"action\":\"aws:executeAwsApi\",\"service\":\"backup\","                   \
  "\"operation\":\"StartRestoreJob\",\"effect\":\"change\",\"request\":{\"RecoveryPointArn\":"     \
  "\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x\",\"Metadata\":{\"a\":\"b\"}},"         \
  "\"resume\":{\"rule\":\"R2\"}}"

/* The first sending loses its answer, the second one meets @fault. */
static SlipRunFold *
lose_then (Fixture *fixture, Fault fault)
{
  fixture_plan (fixture, STEP_RESTORE);
  fixture_fault (fixture, "StartRestoreJob", FAULT_AFTER);
  fixture_fault (fixture, "StartRestoreJob", fault);
  return fixture_go (fixture);
}

static void
assert_one_token (Fixture *fixture, guint sendings)
{
  g_assert_cmpuint (fixture->tokens->len, ==, sendings);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), !=, "");
  for (guint i = 1; i < sendings; i++)
    g_assert_cmpstr (g_ptr_array_index (fixture->tokens, i), ==,
                     g_ptr_array_index (fixture->tokens, 0));
}

static guint
count_outcomes (SlipRunFold *fold, const char *outcome)
{
  guint count = 0;

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);

      count += g_strcmp0 (slip_json_string (entry, "kind"), "step.outcome") == 0
               && g_strcmp0 (slip_json_string (entry, "outcome"), outcome) == 0;
    }
  return count;
}

static void
a_refusal_leaves_it_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = lose_then (fixture, FAULT_DENIED);
  g_autoptr (SlipRunFold) done = NULL;
  SlipFoldStep *step = slip_run_fold_find (fold, "Restore");

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  g_assert_nonnull (strstr (fold->message, "its answer was lost"));
  g_assert_nonnull (strstr (fold->message, "not authorised"));
  g_assert_cmpint (step->state, ==, SLIP_RUN_STEP_UNKNOWN);
  g_assert_true (step->open);
  g_assert_cmpuint (fixture->sent->len, ==, 2);

  /* Allowed by now: sent again as the same request. */
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  assert_one_token (fixture, 2);
}

static void
a_refusal_leaves_open_what_was_found (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Restore", "{\"idempotency\":\"token-of-the-dead\"}");
  fixture_fault (fixture, "StartRestoreJob", FAULT_DENIED);
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_one_token (fixture, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), ==, "token-of-the-dead");
}

static void
a_person_says_that_it_happened (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = lose_then (fixture, FAULT_DENIED);
  g_autoptr (SlipRunFold) done = NULL;

  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Restore", "I looked");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_true (slip_run_fold_find (done, "Restore")->changed);
  g_assert_cmpuint (count_outcomes (done, "adopted"), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
}

/* What follows needs what the lost answer told: what is there now tells it. */
static void
what_a_person_saw_is_looked_up_for_its_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (
      fixture,
      "{\"id\":\"Create\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"
      "\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"request\":"
      "{\"DBClusterSnapshotIdentifier\":\"snap\",\"DBClusterIdentifier\":\"api\"},\"outputs\":"
      "[{\"Name\":\"Of\",\"Selector\":\"$.DBClusterSnapshot.DBClusterIdentifier\",\"Type\":"
      "\"String\"}],\"resume\":{\"rule\":\"R2\",\"service\":\"rds\",\"operation\":"
      "\"DescribeDBClusterSnapshots\",\"input\":{\"DBClusterSnapshotIdentifier\":\"snap\"},"
      "\"select\":\"$.DBClusterSnapshots[0]\"}}");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_AFTER);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_DENIED);
  asked = fixture_go (fixture);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_DECISION);
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Create", "I looked");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (done, "Create")->outputs, "Of"), ==,
                   "api");
  g_assert_cmpuint (fixture->sent->len, ==, 2);
}

static void
a_person_says_that_it_did_not_happen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = lose_then (fixture, FAULT_DENIED);
  g_autoptr (SlipRunFold) done = NULL;

  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID_NOT, "Restore", "I looked");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (count_outcomes (done, "absent"), ==, 1);
  g_assert_cmpuint (fixture->tokens->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), !=,
                   g_ptr_array_index (fixture->tokens, 1));
}

static void
a_busy_resource_is_no_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = lose_then (fixture, FAULT_BUSY);

  g_assert_no_error (fixture->error);
  assert_one_token (fixture, 2);
  g_assert_cmpuint (count_outcomes (fold, "absent"), ==, 0);
  g_assert_cmpuint (count_outcomes (fold, "unknown"), ==, 2);
}

static void
an_expired_session_is_no_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = lose_then (fixture, FAULT_EXPIRED);

  g_assert_no_error (fixture->error);
  assert_one_token (fixture, 2);
  g_assert_cmpuint (count_outcomes (fold, "absent"), ==, 0);
}

/* Nothing was lost: what was refused is over, and what is sent next is a new request. */
static void
a_first_refusal_is_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  fixture_fault (fixture, "StartRestoreJob", FAULT_DENIED);
  failed = fixture_go (fixture);
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpint (slip_run_fold_find (failed, "Restore")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_false (slip_run_fold_find (failed, "Restore")->open);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->tokens->len, ==, 1);
}

static void
asks_when_every_answer_is_lost (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  for (guint i = 0; i < 8; i++)
    fixture_fault (fixture, "StartRestoreJob", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  g_assert_true (slip_run_fold_find (fold, "Restore")->open);
  assert_one_token (fixture, 4);
}

/* A look that fails says nothing of what it was to look up. */
static void
a_failed_look_leaves_it_open (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture,
                "{\"id\":\"Create\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
                "\"operation\":\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"onFailure\":"
                "\"Continue\",\"request\":{\"DBClusterSnapshotIdentifier\":\"snap\","
                "\"DBClusterIdentifier\":\"api\"},\"resume\":{\"rule\":\"R4\",\"service\":\"rds\","
                "\"operation\":\"DescribeDBClusterSnapshots\",\"input\":"
                "{\"DBClusterSnapshotIdentifier\":\"snap\"},\"select\":\"$.DBClusterSnapshots[0]\","
                "\"absent\":[\"DBClusterSnapshotNotFoundFault\"]}}");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BEFORE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_DENIED);
  failed = fixture_go (fixture);
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpint (slip_run_fold_find (failed, "Create")->state, ==, SLIP_RUN_STEP_UNKNOWN);
  g_assert_cmpstr (failed->cursor, ==, "Create");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_cmpint (done->state, ==, SLIP_RUN_NEEDS_DECISION);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* Given up because it stays busy: what was sent first is as unknown as before. */
static void
a_resource_that_stays_busy_is_no_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  fixture_fault (fixture, "StartRestoreJob", FAULT_AFTER);
  for (guint i = 0; i < 21; i++)
    fixture_fault (fixture, "StartRestoreJob", FAULT_BUSY);
  failed = fixture_go (fixture);
  g_assert_nonnull (fixture->error);
  g_assert_cmpint (slip_run_fold_find (failed, "Restore")->state, ==, SLIP_RUN_STEP_UNKNOWN);
  g_assert_true (slip_run_fold_find (failed, "Restore")->open);
  g_assert_true (g_queue_is_empty (&fixture->faults));
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_one_token (fixture, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/unsettled/a_refusal_leaves_it_open", a_refusal_leaves_it_open);
  ADD ("/run/unsettled/a_refusal_leaves_open_what_was_found", a_refusal_leaves_open_what_was_found);
  ADD ("/run/unsettled/a_person_says_that_it_happened", a_person_says_that_it_happened);
  ADD ("/run/unsettled/a_person_says_that_it_did_not_happen", a_person_says_that_it_did_not_happen);
  ADD ("/run/unsettled/its_answer_is_looked_up", what_a_person_saw_is_looked_up_for_its_answer);
  ADD ("/run/unsettled/a_busy_resource_is_no_proof", a_busy_resource_is_no_proof);
  ADD ("/run/unsettled/an_expired_session_is_no_proof", an_expired_session_is_no_proof);
  ADD ("/run/unsettled/a_first_refusal_is_proof", a_first_refusal_is_proof);
  ADD ("/run/unsettled/asks_when_every_answer_is_lost", asks_when_every_answer_is_lost);
  ADD ("/run/unsettled/a_resource_that_stays_busy_is_no_proof",
       a_resource_that_stays_busy_is_no_proof);
  ADD ("/run/unsettled/a_failed_look_leaves_it_open", a_failed_look_leaves_it_open);
  return g_test_run ();
}
