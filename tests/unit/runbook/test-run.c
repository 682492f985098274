/* SPDX-License-Identifier: MIT */
/* The promise: no change without approval and intent, none sent twice, and a run that was interrupted
 * anywhere goes on correctly. */

#include "run-fixture.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define CREATE_AND_WAIT STEP_CREATE "," STEP_WAIT

static void
sends_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipFoldStep *create;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  create = slip_run_fold_find (fold, "Create");
  g_assert_cmpint (create->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpstr (slip_json_string (create->outputs, "Arn"), ==,
                   "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:snap");
  g_assert_cmpstr (create->request_id, ==, "request-1");
  g_assert_true (strstr (create->actor, "arn:aws:sts::111111111111:assumed-role/breakglass/alice")
                 != NULL);
  g_assert_false (fixture->unlocked);
}

static void
intent_comes_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 intent = 0;
  gint64 outcome = 0;

  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_go (fixture);
  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);
      const char *kind = slip_json_string (entry, "kind");

      if (g_str_equal (kind, "step.intent"))
        {
          intent = slip_json_int (entry, "seq", 0);
          g_assert_cmpstr (slip_json_string (entry, "operation"), ==,
                           "rds:CreateDBClusterSnapshot");
          g_assert_cmpstr (slip_json_string (entry, "effect"), ==, "change");
          g_assert_cmpstr (slip_json_string (entry, "account"), ==, "111111111111");
          g_assert_cmpstr (slip_json_string (entry, "region"), ==, "eu-west-1");
          g_assert_nonnull (slip_json_string (entry, "request_sha256"));
        }
      if (g_str_equal (kind, "step.outcome"))
        {
          outcome = slip_json_int (entry, "seq", 0);
          g_assert_nonnull (slip_json_string (entry, "service_date"));
          g_assert_nonnull (slip_json_string (entry, "request_id"));
        }
    }
  g_assert_cmpint (intent, >, 0);
  g_assert_cmpint (outcome, >, intent);
}

static void
refuses_without_approval (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GError) error = NULL;

  fixture_plan_only (fixture, STEP_CREATE);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  g_assert_cmpuint (fixture->unlocks, ==, 0);
  g_assert_false (slip_runner_control (fixture->runner, SLIP_RUNNER_APPROVE, NULL, "0000", &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
}

static void
refuses_another_approval (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan_only (fixture, STEP_CREATE);
  fixture_append (fixture, "run.approved", NULL, "{\"plan_sha256\":\"00ff\"}");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
keeps_references_to_secrets (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipPlanStep *step;

  fixture_plan (fixture, "{\"id\":\"Change\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
                         "\"operation\":\"ModifyDBCluster\",\"effect\":\"change\","
                         "\"reversibility\":\"recoverable\",\"request\":{\"DBClusterIdentifier\":"
                         "\"api\",\"MasterUserPassword\":\"{{ Read.Secret }}\"}}");
  fold = fixture_fold (fixture);
  step = slip_plan_find_step (fold->plan, "Change");
  g_assert_cmpstr (slip_json_string (json_node_get_object (slip_plan_step_get_request (step)),
                                     "MasterUserPassword"),
                   ==, "{{ Read.Secret }}");
}

static void
refuses_tampered_plan (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) other = slip_run_fold_new ("tampered");
  g_autoptr (GError) error = NULL;
  JsonObject *entry;
  JsonNode *plan;

  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_fold (fixture);
  entry = g_ptr_array_index (fold->entries, 0);
  plan = json_object_get_member (slip_json_object (entry, "data"), "plan");
  json_object_set_string_member (
      json_node_get_object (json_object_get_member (
          json_array_get_object_element (slip_json_array (json_node_get_object (plan), "steps"), 0),
          "request")),
      "DBClusterIdentifier", "another");
  g_assert_false (slip_run_fold_apply (other, entry, &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED);
}

static void
refuses_other_endpoint (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  g_free (fixture->endpoint);
  fixture->endpoint = g_strdup ("aws");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_ENDPOINT);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* Refused at once and without a trace; with the workspace set back, the run goes on. */
static void
refuses_edited_workspace (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) edited = NULL;
  g_autoptr (SlipRunFold) role = NULL;
  g_autoptr (SlipRunFold) back = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture->declared_account = "999999999999";
  edited = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_ENDPOINT);
  g_assert_nonnull (
      strstr (fixture->error->message, "account 111111111111 of environment production"));
  g_assert_nonnull (strstr (fixture->error->message, "999999999999"));
  g_assert_cmpint (edited->state, !=, SLIP_RUN_FAILED);
  g_assert_cmpuint (fixture_entries (edited, "run.resumed", NULL), ==, 0);

  fixture->declared_account = "111111111111";
  fixture->declared_role = "other";
  role = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_ENDPOINT);
  g_assert_nonnull (strstr (fixture->error->message, "role"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);

  fixture->declared_role = "breakglass";
  back = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (back->state, ==, SLIP_RUN_DONE);
}

static void
refuses_wrong_account (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  g_free (fixture->account);
  fixture->account = g_strdup ("999999999999");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
two_runs_never_share_a_target (Fixture *fixture, gconstpointer data)
{
  g_autofree char *folder = slip_run_lock_folder (fixture->ledger);
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE ","
                                     "{\"id\":\"Pause\",\"action\":\"aws:pause\"}");
  slip_runner_set_hold (fixture->runner, TRUE);
  {
    g_autoptr (SlipRunner) first = g_object_ref (fixture->runner);
    g_autoptr (SlipJob) job = slip_runner_start (first);

    for (guint i = 0; i < 500 && slip_job_get_state (job) != SLIP_JOB_PAUSED; i++)
      g_usleep (10000);
    g_assert_cmpint (slip_job_get_state (job), ==, SLIP_JOB_PAUSED);
    fixture_plan (fixture, STEP_CREATE);
    fold = fixture_go (fixture);
    g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY);
    g_assert_true (slip_runner_control (first, SLIP_RUNNER_CANCEL, NULL, NULL, NULL));
    slip_job_wait (job);
  }
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* ---- what is not known */

static void
adopts_after_lost_answer (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipFoldStep *create;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  create = slip_run_fold_find (fold, "Create");
  g_assert_cmpint (create->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpstr (slip_json_string (create->outputs, "Arn"), ==,
                   "arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:snap");
}

static void
sends_again_when_it_did_not_happen (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BEFORE);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Create"), ==, 2);
}

static void
gives_up_when_it_never_happens (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  for (guint i = 0; i < 10; i++)
    fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BEFORE);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (fixture->sent->len, <=, 4);
}

static void
adopts_found_intent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_add_snapshot (fixture, "snap", "creating", "api");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  g_assert_true (slip_run_fold_find (fold, "Create")->changed);
}

static void
sends_found_intent_that_never_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

static void
stops_at_a_foreign_thing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_add_snapshot (fixture, "snap", "available", "another");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_true (strstr (fixture->error->message, "not this run's") != NULL);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
asks_when_a_foreign_thing_answers_an_intent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_add_snapshot (fixture, "snap", "available", "another");
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  g_assert_cmpstr (fold->need_step, ==, "Create");
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Create", "I looked");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
asks_a_person_without_evidence (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture,
                "{\"id\":\"Create\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
                "\"operation\":\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"request\":"
                "{\"DBClusterSnapshotIdentifier\":\"snap\",\"DBClusterIdentifier\":\"api\"},"
                "\"resume\":{\"rule\":\"R4\"}}");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BEFORE);
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID_NOT, "Create", NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
}

#define STEP_RESTORE                                                                               \
  "{\"id\":\"Restore\",\"action\":\"aws:executeAwsApi\",\"service\":\"backup\","                   \
  "\"operation\":\"StartRestoreJob\",\"effect\":\"change\",\"request\":{\"RecoveryPointArn\":"     \
  "\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x\",\"Metadata\":{\"a\":\"b\"}},"         \
  "\"resume\":{\"rule\":\"R2\"}}"

static void
sends_again_with_the_same_token (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  fixture_fault (fixture, "StartRestoreJob", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->tokens->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), !=, "");
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), ==,
                   g_ptr_array_index (fixture->tokens, 1));
}

static void
takes_the_token_from_the_ledger (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_RESTORE);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Restore", "{\"idempotency\":\"token-of-the-dead\"}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->tokens->len, ==, 1);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), ==, "token-of-the-dead");
}

static void
deletes_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_cmpint (slip_run_fold_find (fold, "Delete")->state, ==, SLIP_RUN_STEP_DONE);
}

static void
does_not_delete_what_is_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  g_hash_table_remove (fixture->snapshots, "old");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  g_assert_false (slip_run_fold_find (fold, "Delete")->changed);
}

static void
a_refused_look_is_not_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_DENIED);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (slip_run_fold_find (fold, "Delete")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_nonnull (g_hash_table_lookup (fixture->snapshots, "old"));
}

static void
waits_for_a_busy_resource (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BUSY);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_BUSY);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 3);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
}

static void
expired_token_on_a_change_is_no_failure (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_EXPIRED);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
  g_assert_cmpuint (fixture_entries (fold, "run.paused", NULL), ==, 1);
  g_assert_cmpuint (fixture_entries (fold, "run.identity", NULL), ==, 2);
}

static void
a_failed_step_resumes_there (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  JsonObject *left;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_DENIED);
  failed = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpstr (failed->need_step, ==, "Delete");
  g_assert_cmpuint (json_array_get_length (failed->leftovers), ==, 1);
  left = json_array_get_object_element (failed->leftovers, 0);
  g_assert_cmpstr (slip_json_string (left, "step"), ==, "Create");
  g_assert_cmpstr (slip_json_string (left, "undo"), ==, "delete snapshot snap");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_count (fixture->sent, "CreateDBClusterSnapshot"), ==, 1);
}

static void
goes_on_when_the_document_says_so (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *steps = g_strconcat (
      "{\"id\":\"Look\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"
      "\"DescribeDBClusterSnapshots\",\"onFailure\":\"Continue\",\"isCritical\":false,"
      "\"request\":{\"DBClusterSnapshotIdentifier\":\"nothing\"}},",
      STEP_CREATE, NULL);

  fixture_plan (fixture, steps);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Look")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
}

/* ---- disk and secrets */

static struct rlimit old_limit;

static void
fill_disk (gpointer data, const char *operation)
{
  Fixture *fixture = data;
  g_autofree char *path = slip_ledger_dup_path (fixture->ledger);
  g_autofree char *wal = g_strconcat (path, "-wal", NULL);
  struct stat info;
  struct rlimit limit = old_limit;

  if (!g_str_equal (operation, "DescribeDBClusterSnapshots"))
    return;
  g_assert_cmpint (stat (wal, &info), ==, 0);
  limit.rlim_cur = (rlim_t)info.st_size;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
}

static void
stops_before_the_call_on_a_full_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) full = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &old_limit), ==, 0);
  fixture_plan (fixture, STEP_CREATE);
  fixture->on_call = fill_disk;
  full = fixture_go (fixture);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &old_limit), ==, 0);
  fixture->on_call = NULL;
  g_assert_nonnull (fixture->error);
  g_assert_true (strstr (fixture->error->message, "audit log cannot be written") != NULL);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

static void
secrets_are_never_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipFoldStep *step;

  fixture_plan (fixture,
                "{\"id\":\"Get\",\"action\":\"aws:executeAwsApi\",\"service\":\"secretsmanager\","
                "\"operation\":\"GetSecretValue\",\"request\":{\"SecretId\":\"db\"},\"outputs\":"
                "[{\"Name\":\"Value\",\"Selector\":\"$.SecretString\",\"Type\":\"String\"}]}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  step = slip_run_fold_find (fold, "Get");
  g_assert_true (step->has_secrets);
  g_assert_false (json_object_has_member (step->outputs, "Value"));
  {
    SlipLedgerFilter filter = {.text = "hunter2"};

    g_assert_cmpint (slip_ledger_count (fixture->ledger, &filter, NULL), ==, 0);
  }
}

#define STEP_SECRET                                                                                \
  "{\"id\":\"Get\",\"action\":\"aws:executeAwsApi\",\"service\":\"secretsmanager\","               \
  "\"operation\":\"GetSecretValue\",\"request\":{\"SecretId\":\"db\"},\"outputs\":"                \
  "[{\"Name\":\"Value\",\"Selector\":\"$.SecretString\",\"Type\":\"String\"}]},"                   \
  "{\"id\":\"Use\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"            \
  "\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"request\":{"                                \
  "\"DBClusterSnapshotIdentifier\":"                                                               \
  "\"snap\",\"DBClusterIdentifier\":\"{{ Get.Value }}\"},\"resume\":{\"rule\":\"R4\"}}"

static void
assert_no_secret (Fixture *fixture)
{
  SlipLedgerFilter filter = {.text = "hunter2"};

  g_assert_cmpint (slip_ledger_count (fixture->ledger, &filter, NULL), ==, 0);
}

static void
a_secret_is_used_and_not_stored (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_SECRET);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (
      slip_json_string (g_hash_table_lookup (fixture->snapshots, "snap"), "DBClusterIdentifier"),
      ==, "hunter2-very-secret");
  assert_no_secret (fixture);
}

static void
a_secret_is_read_again_after_a_crash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_SECRET);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.outcome", "Get",
                  "{\"next\":\"Use\",\"outputs\":{},\"secret_outputs\":true}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->effects->len, ==, 1);
  assert_no_secret (fixture);
}

#define STEP_MACHINE                                                                               \
  "{\"id\":\"Migrate\",\"action\":\"aws:executeStateMachine\",\"service\":\"states\","             \
  "\"operation\":\"StartExecution\",\"effect\":\"change\",\"request\":{\"stateMachineArn\":"       \
  "\"arn:aws:states:eu-west-1:111111111111:stateMachine:migrate\",\"name\":"                       \
  "\"slipway-{{ automation:EXECUTION_ID }}-Migrate\"},\"resume\":{\"rule\":\"R2\"}}"

static void
an_execution_is_started_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipFoldStep *step;

  fixture_plan (fixture, STEP_MACHINE);
  fixture->ready_after = 4;
  fixture_fault (fixture, "StartExecution", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  step = slip_run_fold_find (fold, "Migrate");
  g_assert_cmpuint (fixture_count (fixture->effects, "StartExecution"), ==, 1);
  g_assert_cmpstr (slip_json_string (step->outputs, "status"), ==, "SUCCEEDED");
  g_assert_true (
      g_str_has_prefix (step->handle, "arn:aws:states:eu-west-1:111111111111:execution:"));
}

static void
a_failed_execution_tells_its_cause (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_MACHINE);
  fixture->state = "FAILED";
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_true (strstr (fixture->error->message, "the third state failed") != NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/sends_once", sends_once);
  ADD ("/run/intent_comes_first", intent_comes_first);
  ADD ("/run/refuses/without_approval", refuses_without_approval);
  ADD ("/run/refuses/another_approval", refuses_another_approval);
  ADD ("/run/refuses/tampered_plan", refuses_tampered_plan);
  ADD ("/run/plan/keeps_references_to_secrets", keeps_references_to_secrets);
  ADD ("/run/refuses/other_endpoint", refuses_other_endpoint);
  ADD ("/run/refuses/edited_workspace", refuses_edited_workspace);
  ADD ("/run/refuses/wrong_account", refuses_wrong_account);
  ADD ("/run/refuses/shared_target", two_runs_never_share_a_target);
  ADD ("/run/unknown/adopts_after_lost_answer", adopts_after_lost_answer);
  ADD ("/run/unknown/sends_again_when_it_did_not_happen", sends_again_when_it_did_not_happen);
  ADD ("/run/unknown/gives_up_when_it_never_happens", gives_up_when_it_never_happens);
  ADD ("/run/resume/adopts_found_intent", adopts_found_intent);
  ADD ("/run/resume/sends_intent_that_never_left", sends_found_intent_that_never_left);
  ADD ("/run/resume/stops_at_a_foreign_thing", stops_at_a_foreign_thing);
  ADD ("/run/resume/asks_about_a_foreign_thing", asks_when_a_foreign_thing_answers_an_intent);
  ADD ("/run/resume/asks_a_person_without_evidence", asks_a_person_without_evidence);
  ADD ("/run/resume/same_token", sends_again_with_the_same_token);
  ADD ("/run/resume/token_from_the_ledger", takes_the_token_from_the_ledger);
  ADD ("/run/resume/deletes_once", deletes_once);
  ADD ("/run/resume/gone_is_done", does_not_delete_what_is_gone);
  ADD ("/run/resume/a_refused_look_is_not_gone", a_refused_look_is_not_gone);
  ADD ("/run/send/waits_for_a_busy_resource", waits_for_a_busy_resource);
  ADD ("/run/send/expired_token_is_no_failure", expired_token_on_a_change_is_no_failure);
  ADD ("/run/failure/resumes_there", a_failed_step_resumes_there);
  ADD ("/run/failure/continues", goes_on_when_the_document_says_so);
  ADD ("/run/disk/stops_before_the_call", stops_before_the_call_on_a_full_disk);
  ADD ("/run/secrets/never_stored", secrets_are_never_stored);
  ADD ("/run/secrets/used_and_not_stored", a_secret_is_used_and_not_stored);
  ADD ("/run/secrets/read_again_after_a_crash", a_secret_is_read_again_after_a_crash);
  ADD ("/run/state_machine/started_once", an_execution_is_started_once);
  ADD ("/run/state_machine/tells_its_cause", a_failed_execution_tells_its_cause);
  return g_test_run ();
}
