/* SPDX-License-Identifier: MIT */
/* Waits: what counts as well, as gone, as pending; what a deadline, an expired token and a stepped
 * clock do. And the sessions behind them. */

#include "run-fixture.h"

#include "slip-run-engine.h"
#include "slip-runbook-error.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define CREATE_AND_WAIT STEP_CREATE "," STEP_WAIT
#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)

static void
waits_until_available (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 begun = slip_clock_now (fixture->clock);

  fixture->ready_after = 10;
  fixture_plan (fixture, CREATE_AND_WAIT);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (slip_run_fold_find (fold, "Wait")->state, ==, SLIP_RUN_STEP_DONE);
  /* Nine polls of 30 s, give or take 20 %. */
  g_assert_cmpint (slip_clock_now (fixture->clock) - begun, >=, 9 * 24 * G_USEC_PER_SEC);
  g_assert_cmpint (slip_clock_now (fixture->clock) - begun, <=, 9 * 36 * G_USEC_PER_SEC);
  /* What did not change is not written again. */
  g_assert_cmpuint (fixture_entries (fold, "step.observed", "Wait"), ==, 2);
}

#define DELETE_AS(action)                                                                          \
  "{\"id\":\"Look\",\"action\":\"aws:" action "\",\"service\":\"rds\","                            \
  "\"operation\":\"DeleteDBClusterSnapshot\",\"request\":{\"DBClusterSnapshotIdentifier\":"        \
  "\"pre-1\"},\"wait\":{\"selector\":\"$.DBClusterSnapshot.Status\",\"ok\":[\"deleted\"]},"        \
  "\"effect\":\"read\",\"reversibility\":\"read\"}"

/* The attack: a plan whose author said that a deletion is a look, with the hash made to fit. */
static void
never_looks_with_a_change (Fixture *fixture, gconstpointer data)
{
  static const char *const steps[] = {
      DELETE_AS ("waitForAwsResourceProperty"),
      DELETE_AS ("assertAwsResourceProperty"),
      DELETE_AS ("executeAwsApi"),
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (SlipRunFold) fold = NULL;

      fixture_plan_edited (fixture, steps[i]);
      fold = fixture_go (fixture);
      g_assert_nonnull (fixture->error);
      g_assert_nonnull (strstr (fixture->error->message, "step Look"));
      g_assert_cmpuint (fixture->sent->len, ==, 0);
      g_clear_error (&fixture->error);
    }
}

static void
reads_nothing_but_reads (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) answer = NULL;
  SlipRunEngine engine = {0};
  SlipRunContext context = {.engine = &engine};

  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_fold (fixture);
  context.step = slip_run_fold_find (fold, "Create");
  context.plan = context.step->plan_step;
  engine.caller = fixture->caller;
  answer = slip_run_engine_read (&context, "rds", "DeleteDBClusterSnapshot", NULL,
                                 SLIP_AWS_PRIORITY_WAIT, &error);
  g_assert_null (answer);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST);
  g_assert_nonnull (strstr (error->message, "rds:DeleteDBClusterSnapshot is final"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
unknown_state_is_pending (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT "," STEP_DELETE);
  fixture->state = "re-encrypting-in-a-new-way";
  slip_runner_set_hold (fixture->runner, FALSE);
  fixture->ready_after = 2;
  /* It never comes to an end by itself: cancelled from within the tenth poll. */
  {
    g_autoptr (SlipJob) job = slip_runner_start (fixture->runner);

    for (guint i = 0; i < 500; i++)
      {
        g_autoptr (SlipRunFold) now = fixture_fold (fixture);

        if (slip_run_fold_find (now, "Wait")->state == SLIP_RUN_STEP_OVERDUE)
          break;
        g_usleep (10000);
      }
    fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, NULL);
    slip_job_wait (job);
  }
  fold = fixture_fold (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_CANCELLED);
  /* Overdue, not done and not failed; and nothing behind it was begun. */
  g_assert_cmpint (slip_run_fold_find (fold, "Wait")->state, ==, SLIP_RUN_STEP_OVERDUE);
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 0);
  g_assert_true (strstr (fold->message, "AWS goes on") != NULL);
}

static void
failed_state_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture->state = "failed";
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (
      strstr (fixture->error->message,
              "state failed; AWS says: Cluster snapshot failed: The key was disabled"));
  g_assert_cmpint (slip_run_fold_find (fold, "Wait")->state, ==, SLIP_RUN_STEP_FAILED);
}

#define STEP_GONE                                                                                  \
  "{\"id\":\"Gone\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":"     \
  "\"old\"},\"wait\":{\"selector\":\"$.DBClusterSnapshots[0].Status\",\"ok\":[],\"gone\":"         \
  "[\"DBClusterSnapshotNotFoundFault\"],\"poll\":30,\"deadline\":3600}}"

static void
only_the_exact_code_is_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE "," STEP_GONE "," STEP_CREATE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_NONE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_THROTTLE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_TRANSPORT);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  /* Throttling and a broken connection were observed, then the code itself. */
  g_assert_cmpuint (fixture_entries (fold, "step.observed", "Gone"), ==, 3);
  g_assert_cmpstr (slip_run_fold_find (fold, "Gone")->detail, ==, "gone");
}

#define STEP_RENAMED(absent)                                                                       \
  "{\"id\":\"Renamed\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","         \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":"     \
  "\"old\"},\"wait\":{\"selector\":\"$.DBClusterSnapshots[0].Status\",\"ok\":[\"available\"]"      \
  "," absent "\"poll\":30,\"deadline\":3600}}"

#define STEP_LEFT(ok)                                                                              \
  "{\"id\":\"Left\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeGlobalClusters\",\"request\":{\"GlobalClusterIdentifier\":\"g\"},"      \
  "\"wait\":{\"selector\":\"$.GlobalClusters[0].GlobalClusterMembers[?(@.DBClusterArn == "         \
  "'arn:dr')]"                                                                                     \
  ".DBClusterArn\",\"ok\":[\"" ok "\"],\"pending\":[\"arn:dr\"],\"poll\":30,\"deadline\":3600}}"

/* Twice the list has it, then only others. */
static JsonNode *
members (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  static const char *const answers[] = {
      "{\"GlobalClusters\":[{\"GlobalClusterMembers\":[{\"DBClusterArn\":\"arn:dr\"}]}]}",
      "{\"GlobalClusters\":[{\"GlobalClusterMembers\":[{\"DBClusterArn\":\"arn:main\"}]}]}",
  };
  Fixture *fixture = data;
  guint look = GPOINTER_TO_UINT (fixture->data);

  fixture->data = GUINT_TO_POINTER (look + 1);
  return slip_json_parse (answers[look < 2 ? 0 : 1], -1, error);
}

static void
what_leaves_a_list_is_waited_for (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->answer = members;
  fixture_plan (fixture, STEP_LEFT ("[]"));
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpstr (slip_run_fold_find (fold, "Left")->detail, ==, "nothing there any more");
  g_assert_cmpuint (GPOINTER_TO_UINT (fixture->data), ==, 3);
}

/* A rename takes its time, and until then nothing has the new name. */
static void
what_gets_its_name_later_is_waited_for (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_RENAMED ("\"absent\":[\"DBClusterSnapshotNotFoundFault\"],"));
  for (guint i = 0; i < 40; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_MISSING);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_true (g_queue_is_empty (&fixture->faults));
  g_assert_cmpuint (fixture_entries (fold, "step.observed", "Renamed"), ==, 2);
}

static void
what_never_appears_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_RENAMED ("\"absent\":[\"DBClusterNotFoundFault\"],"));
  for (guint i = 0; i < 40; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_MISSING);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpuint (g_queue_get_length (&fixture->faults), ==, 40 - 11);
}

#define STEP_JOB                                                                                   \
  "{\"id\":\"Job\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"backup\","          \
  "\"operation\":\"DescribeCopyJob\",\"effect\":\"read\",\"request\":{\"CopyJobId\":\"c\"},"       \
  "\"wait\":{\"selector\":\"$.CopyJob.State\",\"ok\":[\"COMPLETED\"],\"pending\":[\"RUNNING\"],"   \
  "\"fail\":[\"FAILED\"],\"poll\":30,\"deadline\":3600}}"

static JsonNode *
answer_failed_job (gpointer fixture, const char *operation, JsonObject *input, GError **error)
{
  return slip_json_parse (
      "{\"CopyJob\":{\"State\":\"FAILED\",\"StatusMessage\":\"No such vault\"}}", -1, error);
}

static void
a_failed_job_tells_why (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_JOB);
  fixture->answer = answer_failed_job;
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fold->message, "it came to state FAILED; AWS says: No such vault"));
}

static void
denied_is_not_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_GONE "," STEP_CREATE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_DENIED);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
settles_by_looking_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 begun = slip_clock_now (fixture->clock);

  fixture_plan (
      fixture, "{\"id\":\"Wait\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","
               "\"operation\":\"DescribeDBClusterSnapshots\",\"request\":"
               "{\"DBClusterSnapshotIdentifier\":\"old\"},\"wait\":{\"selector\":"
               "\"$.DBClusterSnapshots[0].Status\",\"ok\":[\"available\"],\"settle\":60}}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (fixture->reads, "old")), ==, 2);
  g_assert_cmpint (slip_clock_now (fixture->clock) - begun, >=, MINUTE);
}

static void
goes_on_waiting_after_a_crash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"Wait\",\"changed\":true}");
  fixture_append (fixture, "step.waiting", "Wait", NULL);
  fixture_add_snapshot (fixture, "snap", "creating", "api");
  fold = fixture_go (fixture);
  g_assert_cmpuint (fixture_entries (fold, "step.waiting", "Wait"), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
stepped_clock_does_not_end_a_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_add_snapshot (fixture, "snap", "creating", "api");
  fixture->ready_after = 8;
  slip_clock_advance (fixture->clock, -30 * MINUTE);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.overdue", "Wait"), ==, 0);
}

/* ---- several values */

#define STEP_ALL(more)                                                                             \
  "{\"id\":\"All\",\"action\":\"aws:waitForAwsResourceProperty\",\"service\":\"rds\","             \
  "\"operation\":"                                                                                 \
  "\"DescribeDBInstances\",\"request\":{},\"wait\":{\"selector\":\"$.DBInstances[*]."              \
  "DBInstanceStatus\","                                                                            \
  "\"ok\":[\"available\"],\"fail\":[\"failed\"],\"pending\":[\"creating\"]," more                  \
  "\"poll\":30,\"deadline\":3600}}"

/* The statuses that each look finds, one text for a look; the last stays. */
static JsonNode *
instances (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;
  const char *const *looks = fixture->data;
  g_autofree char *text = NULL;

  if (!g_str_equal (operation, "DescribeDBInstances"))
    return slip_json_parse ("{}", -1, error);
  text = g_strdup_printf ("{\"DBInstances\":[%s]}", looks[0]);
  if (looks[1] != NULL)
    fixture->data = (gpointer)(looks + 1);
  return slip_json_parse (text, -1, error);
}

#define WELL "{\"DBInstanceStatus\":\"available\"}"
#define PENDING "{\"DBInstanceStatus\":\"creating\"}"
#define FAILED "{\"DBInstanceStatus\":\"failed\"}"

/* Returns how many of @looks were not needed. */
static guint
wait_for_all (Fixture *fixture, const char *step, const char *const *looks)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->answer = instances;
  fixture->data = (gpointer)looks;
  fixture_plan (fixture, step);
  fold = fixture_go (fixture);
  return g_strv_length (fixture->data) - 1;
}

static void
all_of_several_must_be_well (Fixture *fixture, gconstpointer data)
{
  static const char *const looks[] = {"", WELL "," PENDING, PENDING "," WELL, WELL "," WELL, NULL};

  g_assert_cmpuint (wait_for_all (fixture, STEP_ALL (""), looks), ==, 0);
  g_assert_no_error (fixture->error);
}

static void
one_of_several_that_failed_is_enough (Fixture *fixture, gconstpointer data)
{
  static const char *const looks[] = {WELL "," FAILED "," PENDING, WELL, NULL};

  /* The look that follows is that for the reason. */
  wait_for_all (fixture, STEP_ALL (""), looks);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
}

static void
what_does_not_settle_is_waited_for (Fixture *fixture, gconstpointer data)
{
  static const char *const looks[] = {WELL, PENDING, PENDING, WELL, WELL, "", NULL};

  g_assert_cmpuint (wait_for_all (fixture, STEP_ALL ("\"settle\":60,"), looks), ==, 0);
  g_assert_no_error (fixture->error);
}

/* ---- time, and what is not found */

/* A process that dies in the wait, and one that goes on when the clock has moved by @moved. */
static guint
count_overdue (Fixture *fixture, gint64 moved, guint looks)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"Wait\",\"changed\":true}");
  fixture_append (fixture, "step.waiting", "Wait", NULL);
  fixture_add_snapshot (fixture, "snap", "creating", "api");
  g_hash_table_remove_all (fixture->reads);
  fixture->ready_after = looks;
  slip_clock_advance (fixture->clock, moved);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  return fixture_entries (fold, "step.overdue", "Wait");
}

/* The deadline is an hour, and there are 30 s between two looks, give or take 20 %. */
static void
overdue_counts_from_where_the_wait_began (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpuint (count_overdue (fixture, 0, 60), ==, 0);
  g_assert_cmpuint (count_overdue (fixture, 50 * MINUTE, 60), ==, 1);
  g_assert_cmpuint (count_overdue (fixture, -40 * MINUTE, 170), ==, 1);
}

static void
what_is_found_between_is_there (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  g_hash_table_remove (fixture->snapshots, "old");
  fixture_add_snapshot (fixture, "old", "creating", "api");
  fixture->ready_after = 2;
  fixture_plan (fixture, STEP_RENAMED ("\"absent\":[\"DBClusterNotFoundFault\"],"));
  for (guint i = 0; i < 17; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", i == 8 ? FAULT_NONE : FAULT_MISSING);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

static void
another_thing_that_is_not_found_is_not_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GString) step = g_string_new (STEP_GONE);

  g_string_replace (step, "DBClusterSnapshotNotFoundFault", "DBClusterNotFoundFault", 1);
  g_hash_table_remove (fixture->snapshots, "old");
  fixture_plan (fixture, step->str);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
}

/* ---- sessions */

static void
expired_token_pauses_and_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) paused = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture->ready_after = 6;
  fixture_plan (fixture, CREATE_AND_WAIT);
  for (guint i = 0; i < 3; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_NONE);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_EXPIRED);
  /* The first check passes, the one after the expiry does not: nobody has signed in yet. */
  fixture_fault (fixture, "GetCallerIdentity", FAULT_NONE);
  fixture->renewed = 0;
  paused = NULL;
  {
    g_autoptr (SlipJob) job = NULL;

    /* take_fault() takes FAULT_NONE for none; the expired identity is the second one in the queue. */
    fixture_fault (fixture, "GetCallerIdentity", FAULT_EXPIRED);
    job = slip_runner_start (fixture->runner);
    slip_job_wait (job);
    fixture->error = slip_job_dup_error (job);
  }
  paused = fixture_fold (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (paused->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_cmpint (slip_run_fold_find (paused, "Wait")->state, ==, SLIP_RUN_STEP_WAITING);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

static void
renewed_session_of_another_account_stops (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, CREATE_AND_WAIT "," STEP_DELETE);
  fold = NULL;
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"Wait\"}");
  fixture_append (fixture, "step.outcome", "Wait", "{\"next\":\"Delete\"}");
  g_free (fixture->account);
  fixture->account = g_strdup ("222222222222");
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_true (strstr (fold->message, "222222222222") != NULL);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
runway_too_short (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  fixture->expiration = slip_clock_now (fixture->clock) + 5 * MINUTE;
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (refused->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_cmpstr (refused->need_step, ==, "Delete");
  /* What can be taken back was done; the final stretch was not entered. */
  g_assert_cmpuint (fixture_count (fixture->sent, "CreateDBClusterSnapshot"), ==, 1);
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 0);
  fixture->expiration = slip_clock_now (fixture->clock) + 60 * MINUTE;
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

#define STEP_STOP                                                                                  \
  "{\"id\":\"Stop\",\"action\":\"aws:executeAwsApi\",\"service\":\"osis\",\"operation\":"          \
  "\"StopPipeline\",\"effect\":\"change\",\"request\":{\"PipelineName\":\"lpas\"},\"resume\":"     \
  "{\"rule\":\"R3\",\"service\":\"osis\",\"operation\":\"GetPipeline\",\"input\":"                 \
  "{\"PipelineName\":\"lpas\"},\"select\":\"$.Pipeline\",\"desired\":{\"$.Status\":\"STOPPED\"},"  \
  "\"becoming\":{\"$.Status\":[\"STOPPING\"]}}}"

/* A pipeline that is as the fixture's data tells. */
static JsonNode *
pipeline (gpointer data, const char *operation, JsonObject *input, GError **error)
{
  Fixture *fixture = data;
  g_autofree char *text
      = g_strdup_printf ("{\"Pipeline\":{\"Status\":\"%s\"}}", (const char *)fixture->data);

  return slip_json_parse (text, -1, error);
}

/* The process died behind the intent: what is becoming so was sent, and is not sent again. */
static void
what_is_becoming_so_is_not_sent_again (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *status;
    guint sent;
  } cases[] = {{"STOPPED", 0}, {"STOPPING", 0}, {"ACTIVE", 1}};

  fixture->answer = pipeline;
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SlipRunFold) fold = NULL;

      fixture->data = (gpointer)cases[i].status;
      g_ptr_array_set_size (fixture->effects, 0);
      fixture_plan (fixture, STEP_STOP);
      fixture_append (fixture, "run.started", NULL,
                      "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
      fixture_append (fixture, "step.intent", "Stop", NULL);
      fold = fixture_go (fixture);
      g_assert_no_error (fixture->error);
      g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
      g_assert_cmpuint (fixture_count (fixture->effects, "StopPipeline"), ==, cases[i].sent);
    }
}

static void
runway_renews_by_itself (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_DELETE);
  fixture->expiration = slip_clock_now (fixture->clock) + 5 * MINUTE;
  fixture->renewed = slip_clock_now (fixture->clock) + 60 * MINUTE;
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

#define STEP_READ                                                                                  \
  "{\"id\":\"Look\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"effect\":\"read\","     \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"timeoutSeconds\":600,\"request\":"               \
  "{\"DBClusterSnapshotIdentifier\":\"old\"}}"

static void
reads_outlast_throttling (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 begun = slip_clock_now (fixture->clock);

  fixture_plan (fixture, STEP_READ);
  for (guint i = 0; i < 5; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_THROTTLE);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_entries (fold, "step.observed", "Look"), ==, 5);
  /* 2, 4, 8, 16 and 30 s, each at least half of it. */
  g_assert_cmpint (slip_clock_now (fixture->clock) - begun, >=, 30 * G_USEC_PER_SEC);
}

static void
a_read_gives_up_at_its_timeout (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 begun = slip_clock_now (fixture->clock);
  gint64 spent;

  fixture_plan (fixture, STEP_READ);
  for (guint i = 0; i < 200; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_THROTTLE);
  fold = fixture_go (fixture);
  spent = (slip_clock_now (fixture->clock) - begun) / G_USEC_PER_SEC;
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "AWS throttled this for"));
  g_assert_cmpint (spent, >=, 600);
  g_assert_cmpint (spent, <, 700);
}

/* A laptop that was suspended, a process that was stopped and a clock that was put forward: each makes a look old. */
static void
what_was_seen_before_a_suspend_is_old (void)
{
  SlipRunMoment moment;
  SlipRunMoment slept;
  SlipRunMoment set;

  slip_run_moment_now (&moment);
  slept = set = moment;
  slept.boot -= 30 * 60 * G_USEC_PER_SEC;
  set.wall -= 30 * 60 * G_USEC_PER_SEC;
  g_assert_cmpint (slip_run_moment_age (&moment), <, SLIP_RUN_LOOK_US);
  g_assert_cmpint (slip_run_moment_age (&slept), >, SLIP_RUN_LOOK_US);
  g_assert_cmpint (slip_run_moment_age (&set), >, SLIP_RUN_LOOK_US);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/looks/a_plan_that_calls_a_deletion_a_look_is_refused", never_looks_with_a_change);
  ADD ("/run/looks/only_reads_are_sent_to_look", reads_nothing_but_reads);
  g_test_add_func ("/run/looks/what_was_seen_before_a_suspend_is_old",
                   what_was_seen_before_a_suspend_is_old);
  ADD ("/run/wait/until_available", waits_until_available);
  ADD ("/run/wait/unknown_state_is_pending_and_overdue_goes_on", unknown_state_is_pending);
  ADD ("/run/wait/failed_state_fails", failed_state_fails);
  ADD ("/run/wait/only_the_exact_code_is_gone", only_the_exact_code_is_gone);
  ADD ("/run/wait/denied_is_not_gone", denied_is_not_gone);
  ADD ("/run/wait/what_leaves_a_list_is_waited_for", what_leaves_a_list_is_waited_for);
  ADD ("/run/wait/what_gets_its_name_later_is_waited_for", what_gets_its_name_later_is_waited_for);
  ADD ("/run/wait/what_never_appears_fails", what_never_appears_fails);
  ADD ("/run/wait/a_failed_job_tells_why", a_failed_job_tells_why);
  ADD ("/run/read/outlasts_a_throttle_storm", reads_outlast_throttling);
  ADD ("/run/read/gives_up_at_its_timeout", a_read_gives_up_at_its_timeout);
  ADD ("/run/wait/settles_by_looking_twice", settles_by_looking_twice);
  ADD ("/run/wait/goes_on_after_a_crash", goes_on_waiting_after_a_crash);
  ADD ("/run/wait/stepped_clock", stepped_clock_does_not_end_a_wait);
  ADD ("/run/resume/what_is_becoming_so_is_not_sent_again", what_is_becoming_so_is_not_sent_again);
  ADD ("/run/session/expired_token_pauses_and_goes_on", expired_token_pauses_and_goes_on);
  ADD ("/run/session/another_account_stops", renewed_session_of_another_account_stops);
  ADD ("/run/session/runway_too_short", runway_too_short);
  ADD ("/run/session/runway_renews_by_itself", runway_renews_by_itself);
  ADD ("/run/wait/all_of_several_must_be_well", all_of_several_must_be_well);
  ADD ("/run/wait/one_of_several_that_failed_is_enough", one_of_several_that_failed_is_enough);
  ADD ("/run/wait/what_does_not_settle_is_waited_for", what_does_not_settle_is_waited_for);
  ADD ("/run/wait/overdue_counts_from_where_the_wait_began",
       overdue_counts_from_where_the_wait_began);
  ADD ("/run/wait/what_is_found_between_is_there", what_is_found_between_is_there);
  ADD ("/run/wait/another_thing_that_is_not_found_is_not_gone",
       another_thing_that_is_not_found_is_not_gone);
  return g_test_run ();
}
