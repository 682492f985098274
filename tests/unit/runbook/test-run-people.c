/* SPDX-License-Identifier: MIT */
/* People in a run: pauses, cancellations, confirmations, attestations, approvals; from this process
 * and through the ledger alone. And the actions that are about where a run goes. */

#include "run-fixture.h"

#include "slip-given.h"
#include "slip-person.h"

#include "slip-run.h"

#include <glib/gstdio.h>
#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

static void
outcome (Fixture *fixture, const char *step, const char *data)
{
  fixture_append (fixture, "step.outcome", step, data);
}

/* ---- pause and cancel */

static void
pause_at (gpointer data, const char *operation)
{
  Fixture *fixture = data;

  if (!g_str_equal (operation, "CreateDBClusterSnapshot"))
    return;
  fixture->on_call = NULL;
  fixture_append (fixture, "run.pause", NULL, NULL);
}

static void
pauses_after_the_current_call (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) paused = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  fixture->on_call = pause_at;
  paused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_PAUSED);
  g_assert_cmpint (paused->state, ==, SLIP_RUN_PAUSED);
  g_assert_cmpstr (paused->message, ==, "paused; resume to go on");
  g_assert_cmpint (slip_run_fold_find (paused, "Create")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
}

static void
cancel_at (gpointer data, const char *operation)
{
  Fixture *fixture = data;

  if (!g_str_equal (operation, "CreateDBClusterSnapshot"))
    return;
  fixture->on_call = NULL;
  fixture_append (fixture, "run.cancel", NULL, NULL);
}

static void
cancels_and_says_what_is_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) after = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  fixture->on_call = cancel_at;
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_CANCELLED);
  g_assert_cmpuint (json_array_get_length (fold->leftovers), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  after = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

static void
cancels_what_nobody_executes (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, NULL);
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, NULL);
  fold = fixture_fold (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_CANCELLED);
  /* Its fate is not known, so it is named. */
  g_assert_cmpuint (json_array_get_length (fold->leftovers), ==, 1);
  g_assert_nonnull (strstr (fold->message, "AWS goes on with what was begun: "));
}

/* ---- confirmations */

#define CONFIRM(how, more)                                                                         \
  "{\"id\":\"Ask\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT1S\"},\"confirm\":{"      \
  "\"how\":"                                                                                       \
  "\"" how "\",\"ask\":\"sure?\",\"when\":\"step\"" more "}}"

static void
cancelled_at_a_question_nothing_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, STEP_CREATE "," CONFIRM ("typed", ",\"text\":\"yes\""));
  asked = fixture_go (fixture);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, "not today");
  fold = fixture_fold (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_CANCELLED);
  g_assert_cmpstr (fold->message, ==, "cancelled: not today");
}

static void
typed_confirmation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (GError) error = NULL;

  fixture_plan (fixture, CONFIRM ("typed", ",\"text\":\"{{ Database }}-production@111111111111\""));
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (fold->need_text, ==, "api-production@111111111111");
  g_assert_false (slip_runner_control (fixture->runner, SLIP_RUNNER_CONFIRM, "Ask",
                                       "api-production@222222222222", &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "api-production@111111111111");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

static void
old_attestation_is_asked_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) again = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, CONFIRM ("attest", ",\"maxAgeMinutes\":10"));
  first = fixture_go (fixture);
  g_assert_cmpint (first->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Ask", "maintenance mode is on");
  slip_clock_advance (fixture->clock, 11 * 60 * G_USEC_PER_SEC);
  again = fixture_go (fixture);
  g_assert_cmpint (again->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Ask", "still on");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_entries (done, "step.attested", "Ask"), ==, 2);
}

/* Nor does a clock that was set back make it last. */
static void
attestation_of_the_future_is_asked_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) again = NULL;

  fixture_plan (fixture, CONFIRM ("attest", ",\"maxAgeMinutes\":10"));
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Ask", "maintenance mode is on");
  slip_clock_advance (fixture->clock, -11 * G_TIME_SPAN_MINUTE);
  again = fixture_go (fixture);
  g_assert_cmpint (again->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
}

/* What was found meanwhile is something else than what was approved. */
static void
assert_voided_is_asked (Fixture *fixture, const char *step)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, step);
  fixture_append (fixture, "step.observed", "Ask",
                  "{\"detail\":\"another\",\"voids\":{\"why\":\"it is another plan\",\"text\":"
                  "\"c0ffee\"}}");
  asked = fixture_go (fixture);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_text, ==, "c0ffee");
  g_assert_nonnull (strstr (asked->message, "because it is another plan"));
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "c0ffee");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

static void
what_voids_an_approval_is_asked_for (Fixture *fixture, gconstpointer data)
{
  assert_voided_is_asked (fixture,
                          "{\"id\":\"Ask\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":"
                          "\"PT1S\"},\"confirm\":{\"how\":\"simple\",\"when\":\"approval\"}}");
}

static void
what_voids_is_asked_for_where_nobody_was_asked (Fixture *fixture, gconstpointer data)
{
  assert_voided_is_asked (fixture, "{\"id\":\"Ask\",\"action\":\"aws:sleep\",\"inputs\":"
                                   "{\"Duration\":\"PT1S\"}}");
}

/* What a person said before the point of no return does not last for days. */
static void
old_word_is_asked_for_again_before_what_needs_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) again = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (GString) steps
      = g_string_new (CONFIRM ("typed", ",\"text\":\"old\",\"maxAgeMinutes\":30"));

  g_string_append (steps, "," STEP_CREATE "," STEP_DELETE);
  g_string_truncate (steps, steps->len - 1);
  g_string_append (steps, ",\"confirmedBy\":\"Ask\"}");
  fixture_plan (fixture, steps->str);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old");
  fixture->on_call = pause_at;
  first = fixture_go (fixture);
  g_assert_cmpint (slip_run_fold_find (first, "Ask")->state, ==, SLIP_RUN_STEP_DONE);
  slip_clock_advance (fixture->clock, 31 * 60 * G_USEC_PER_SEC);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  again = fixture_go (fixture);
  g_assert_cmpint (again->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (again->need_step, ==, "Ask");
  g_assert_cmpstr (again->need_text, ==, "old");
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 0);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (done, "step.confirmed", "Ask"), ==, 2);
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 1);
}

#define STEP_LOOK                                                                                  \
  "{\"id\":\"Look\",\"action\":\"aws:assertAwsResourceProperty\",\"service\":\"rds\","             \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"request\":"                  \
  "{\"DBClusterSnapshotIdentifier\":\"old\"},\"wait\":{\"selector\":"                              \
  "\"$.DBClusterSnapshots[0].Status\",\"ok\":[\"available\"]}}"
#define STEP_JOB                                                                                   \
  "{\"id\":\"Job\",\"action\":\"aws:executeAwsApi\",\"service\":\"backup\",\"operation\":"         \
  "\"StartRestoreJob\",\"effect\":\"change\",\"request\":{\"RecoveryPointArn\":"                   \
  "\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x\",\"Metadata\":{\"a\":\"b\"}},"         \
  "\"resume\":{\"rule\":\"R2\"}}"

/* A word, @between, and what needs the word, which AWS refuses until the word is half an hour old. */
static SlipRunFold *
go_until_the_word_is_old (Fixture *fixture, const char *between)
{
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (GString) steps
      = g_string_new (CONFIRM ("typed", ",\"text\":\"old\",\"maxAgeMinutes\":30"));

  g_string_append_printf (steps, ",%s,%s", between, STEP_DELETE);
  g_string_truncate (steps, steps->len - 1);
  g_string_append (steps, ",\"confirmedBy\":\"Ask\"}");
  fixture_plan (fixture, steps->str);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old");
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_DENIED);
  refused = fixture_go (fixture);
  g_assert_cmpint (slip_run_fold_find (refused, "Delete")->state, ==, SLIP_RUN_STEP_FAILED);
  slip_clock_advance (fixture->clock, 31 * 60 * G_USEC_PER_SEC);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  return fixture_go (fixture);
}

/* What was looked at between the word and what it was for is as old as the word. */
static void
what_was_seen_since_an_old_word_is_looked_at_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_until_the_word_is_old (fixture, STEP_LOOK);
  g_autoptr (SlipRunFold) seen = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_step, ==, "Ask");
  g_assert_cmpstr (asked->cursor, ==, "Ask");
  g_assert_cmpint (slip_run_fold_find (asked, "Delete")->state, ==, SLIP_RUN_STEP_PLANNED);
  fixture_add_snapshot (fixture, "old", "modifying", "api");
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old");
  seen = fixture_go (fixture);
  g_assert_cmpint (slip_run_fold_find (seen, "Look")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 1);
  fixture_add_snapshot (fixture, "old", "available", "api");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 2);
}

/* A job that was begun is not begun once more for a word. */
static void
old_word_is_asked_for_in_place_behind_what_is_not_repeated (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_until_the_word_is_old (fixture, STEP_JOB);
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_step, ==, "Ask");
  g_assert_cmpstr (asked->cursor, ==, "Delete");
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_count (fixture->sent, "StartRestoreJob"), ==, 1);
}

static void
let_the_word_grow_old (gpointer data, const char *operation)
{
  Fixture *fixture = data;

  if (g_str_equal (operation, "DescribeDBClusterSnapshots"))
    slip_clock_advance (fixture->clock, 31 * 60 * G_USEC_PER_SEC);
}

/* Looking takes longer than the word lasts: it is asked for in place then, and there is an end. */
static void
way_that_outlasts_the_word_is_taken_back_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = go_until_the_word_is_old (fixture, STEP_LOOK);
  g_autoptr (SlipJob) job = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  guint words = 0;

  g_assert_cmpstr (asked->cursor, ==, "Ask");
  fixture->on_call = let_the_word_grow_old;
  slip_runner_set_hold (fixture->runner, TRUE);
  job = slip_runner_start (fixture->runner);
  for (guint i = 0; i < 1000 && words < 10 && !slip_job_is_finished (job); i++)
    {
      if (slip_job_get_state (job) == SLIP_JOB_PAUSED)
        {
          fixture_append (fixture, "step.confirmed", "Ask", NULL);
          words++;
          for (guint j = 0; j < 500 && slip_job_get_state (job) == SLIP_JOB_PAUSED; j++)
            g_usleep (10000);
        }
      g_usleep (10000);
    }
  g_assert_true (slip_job_is_finished (job));
  g_assert_cmpint (slip_job_wait (job), ==, SLIP_JOB_DONE);
  done = fixture_fold (fixture);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (words, ==, 3);
}

static void
word_of_a_step_that_asks_nobody_is_none (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GString) steps = g_string_new (STEP_CREATE "," STEP_DELETE);

  g_string_truncate (steps, steps->len - 1);
  g_string_append (steps, ",\"confirmedBy\":\"Create\"}");
  fixture_plan (fixture, steps->str);
  fold = fixture_go (fixture);
  g_assert_nonnull (fixture->error);
  g_assert_nonnull (strstr (fixture->error->message, "asks nobody there"));
  g_assert_cmpuint (fixture_count (fixture->sent, "DeleteDBClusterSnapshot"), ==, 0);
}

static void
attestation_of_another_principal_is_asked_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) again = NULL;
  g_autoptr (JsonObject) entry = NULL;

  fixture_plan (fixture,
                "{\"id\":\"Ask\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
                "\"operation\":\"DescribeDBClusterSnapshots\",\"request\":"
                "{\"DBClusterSnapshotIdentifier\":\"old\"},\"confirm\":{\"how\":\"attest\","
                "\"ask\":\"sure?\",\"when\":\"step\"}}");
  entry = slip_run_entry_new ("step.attested", fixture->run, "Ask",
                              "arn:aws:sts::111111111111:assumed-role/readonly/bob");
  g_assert_true (slip_ledger_append (fixture->ledger, entry, NULL, NULL));
  again = fixture_go (fixture);
  g_assert_cmpint (again->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
}

static void
control_reaches_a_waiting_worker (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipJob) job = NULL;

  fixture_plan (fixture, CONFIRM ("simple", ""));
  slip_runner_set_hold (fixture->runner, TRUE);
  job = slip_runner_start (fixture->runner);
  for (guint i = 0; i < 500 && slip_job_get_state (job) != SLIP_JOB_PAUSED; i++)
    g_usleep (10000);
  g_assert_cmpint (slip_job_get_state (job), ==, SLIP_JOB_PAUSED);
  /* Through the ledger only, as another process would. */
  fixture_append (fixture, "step.confirmed", "Ask", NULL);
  g_assert_cmpint (slip_job_wait (job), ==, SLIP_JOB_DONE);
}

static void
approvals_count_people (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) one = NULL;
  g_autoptr (SlipRunFold) rejected = NULL;

  fixture_plan (fixture, "{\"id\":\"Approve\",\"action\":\"aws:approve\",\"inputs\":"
                         "{\"MinRequiredApprovals\":2,\"Message\":\"two of you\"}}");
  one = fixture_go (fixture);
  g_assert_cmpint (one->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  g_clear_pointer (&one, slip_run_fold_free);
  fixture_control (fixture, SLIP_RUNNER_APPROVE_STEP, "Approve", NULL);
  fixture_control (fixture, SLIP_RUNNER_APPROVE_STEP, "Approve", NULL);
  one = fixture_go (fixture);
  /* The same person twice is one person. */
  g_assert_cmpint (one->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  fixture_control (fixture, SLIP_RUNNER_REJECT_STEP, "Approve", "no");
  rejected = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_cmpint (rejected->state, ==, SLIP_RUN_FAILED);
}

/* A vote as another process writes it, signed. */
static void
approve_as (Fixture *fixture, const char *principal)
{
  g_autoptr (JsonObject) entry
      = slip_run_entry_new ("step.approved", fixture->run, "Approve", principal);
  g_autofree char *note = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_ledger_append (fixture->ledger, entry, NULL, &error));
  note = slip_ledger_checkpoint (fixture->ledger, &error);
  g_assert_no_error (error);
}

static void
approval_in_another_role_is_no_other_persons (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) one = NULL;
  g_autoptr (SlipRunFold) two = NULL;

  fixture_plan (fixture, "{\"id\":\"Approve\",\"action\":\"aws:approve\",\"inputs\":"
                         "{\"MinRequiredApprovals\":2}}");
  approve_as (fixture, "arn:aws:sts::111111111111:assumed-role/breakglass/ann");
  approve_as (fixture, "arn:aws:sts::111111111111:assumed-role/operator/Ann");
  one = fixture_go (fixture);
  g_assert_cmpint (one->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  g_assert_nonnull (strstr (one->message, "needs 2 approvals and has 1"));
  approve_as (fixture, "arn:aws:sts::111111111111:assumed-role/breakglass/ben");
  two = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (two->state, ==, SLIP_RUN_DONE);
}

#define NAMED "\"Condition\":{\"StringEquals\":{\"sts:RoleSessionName\":\"${aws:username}\"}}"
#define LETS_IN(action, more)                                                                      \
  "{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":" action more "}"
#define SERVICE                                                                                    \
  "{\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"x\"},\"Action\":\"sts:AssumeRole\"}"

static void
names_are_believed_where_the_trust_policy_binds_them (void)
{
  static const struct
  {
    const char *statements;
    gboolean named;
  } cases[] = {
      {LETS_IN ("\"sts:AssumeRole\"", "," NAMED), TRUE},
      {SERVICE "," LETS_IN ("[\"sts:AssumeRole\",\"sts:TagSession\"]", "," NAMED), TRUE},
      {LETS_IN ("\"sts:AssumeRole\"", ""), FALSE},
      /* One way in is enough. */
      {LETS_IN ("\"sts:AssumeRole\"", "," NAMED) "," LETS_IN ("\"sts:*\"", ""), FALSE},
      {LETS_IN ("\"sts:AssumeRoleWithWebIdentity\"", ""), FALSE},
      {LETS_IN ("\"sts:AssumeRole\"", ",\"Condition\":{\"StringLike\":{\"sts:RoleSessionName\":"
                                      "[\"${aws:username}\",\"*\"]}}"),
       FALSE},
      {LETS_IN ("\"sts:AssumeRole\"", ",\"Condition\":{\"StringEqualsIfExists\":{"
                                      "\"sts:RoleSessionName\":\"${aws:username}\"}}"),
       FALSE},
      {LETS_IN ("\"sts:TagSession\"", ""), TRUE},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"Statement\":[%s]}", cases[i].statements);
      g_autoptr (JsonNode) policy = slip_json_parse (text, -1, NULL);

      g_assert_nonnull (policy);
      if (slip_person_trust_names (policy) != cases[i].named)
        g_error ("%s", text);
    }
  g_assert_false (slip_person_trust_names (NULL));
  g_assert_true (
      slip_person_same ("arn:aws:sts::1:assumed-role/a/ann", "arn:aws:sts::1:assumed-role/b/Ann"));
  g_assert_false (
      slip_person_same ("arn:aws:sts::1:assumed-role/a/ann", "arn:aws:iam::1:user/ben"));
}

/* As somebody does who may write the file but has not got the key. */
static void
append_unsigned (Fixture *fixture, const char *kind, const char *step, const char *plan_hash)
{
  g_autofree char *path = slip_ledger_dup_path (fixture->ledger);
  g_autofree char *key = g_strconcat (path, ".key", NULL);
  g_autofree char *away = g_strconcat (key, ".away", NULL);
  g_autoptr (JsonObject) entry = slip_run_entry_new (
      kind, fixture->run, step, "arn:aws:sts::111111111111:assumed-role/breakglass/other");
  g_autoptr (SlipLedger) other = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_rename (key, away), ==, 0);
  other = slip_ledger_open (path, &error);
  g_assert_no_error (error);
  if (plan_hash != NULL)
    json_object_set_string_member (slip_run_entry_data (entry), "plan_sha256", plan_hash);
  slip_ledger_append (other, entry, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_rename (away, key), ==, 0);
}

static void
unsigned_approval_does_not_count (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) forged = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, "{\"id\":\"Approve\",\"action\":\"aws:approve\",\"inputs\":"
                         "{\"MinRequiredApprovals\":1,\"Message\":\"one of you\"}}");
  asked = fixture_go (fixture);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  append_unsigned (fixture, "step.approved", "Approve", NULL);
  forged = fixture_go (fixture);
  g_assert_cmpint (forged->state, ==, SLIP_RUN_NEEDS_APPROVAL);
  g_assert_nonnull (strstr (forged->message, "bears no signature and does not count"));
  fixture_control (fixture, SLIP_RUNNER_APPROVE_STEP, "Approve", NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

/* Everybody who may write the file can say that a plan was approved. */
static void
plan_whose_approval_is_unsigned_is_not_begun (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) planned = NULL;
  g_autoptr (SlipRunFold) forged = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan_only (fixture, STEP_CREATE);
  planned = fixture_fold (fixture);
  append_unsigned (fixture, "run.approved", NULL, planned->plan_hash);
  forged = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NOT_APPROVED);
  g_assert_nonnull (strstr (fixture->error->message, "bears no signature"));
  g_assert_nonnull (strstr (fixture->error->message, "Give it again"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_APPROVE, NULL, planned->plan_hash);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* Nobody could prove later what was done in it. */
static void
protected_environment_is_not_changed_without_the_key (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = slip_ledger_dup_path (fixture->ledger);
  g_autofree char *key = g_strconcat (path, ".key", NULL);
  g_autofree char *away = g_strconcat (key, ".away", NULL);
  g_autoptr (SlipLedger) without = NULL;
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (GError) error = NULL;

  fixture_plan (fixture, STEP_CREATE);
  g_assert_cmpint (g_rename (key, away), ==, 0);
  without = slip_ledger_open (path, &error);
  g_assert_no_error (error);
  slip_ledger_set_clock (without, fixture->clock);
  g_clear_object (&fixture->runner);
  fixture->runner = slip_runner_new_with_callers (without, fixture->run, fixture->caller, NULL);
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
  g_assert_nonnull (strstr (fixture->error->message, "the audit log cannot be signed"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
pause_step_waits_for_resume (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) paused = NULL;
  g_autoptr (SlipRunFold) still = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, "{\"id\":\"Here\",\"action\":\"aws:pause\"}," STEP_CREATE);
  paused = fixture_go (fixture);
  g_assert_cmpint (paused->state, ==, SLIP_RUN_PAUSED);
  g_assert_cmpstr (paused->need_step, ==, "Here");
  still = fixture_go (fixture);
  g_assert_cmpint (still->state, ==, SLIP_RUN_PAUSED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* ---- where a run goes */

static void
branches (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (
      fixture,
      "{\"id\":\"Set\",\"action\":\"aws:updateVariable\",\"inputs\":{\"Name\":\"variable:count\","
      "\"Value\":7}},{\"id\":\"Branch\",\"action\":\"aws:branch\",\"inputs\":{\"Choices\":["
      "{\"Variable\":\"{{ variable:count }}\",\"NumericEquals\":1,\"NextStep\":\"Create\"},"
      "{\"Variable\":\"{{ variable:count }}\",\"NumericEquals\":7,\"NextStep\":\"End\"},"
      "{\"Variable\":\"{{ Nothing.Here "
      "}}\",\"StringEquals\":\"x\",\"NextStep\":\"Create\"}]}}," STEP_CREATE
      ",{\"id\":\"End\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT5S\"}}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Create")->state, ==, SLIP_RUN_STEP_SKIPPED);
  g_assert_cmpint (slip_run_fold_find (fold, "End")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

#define STEP_LOOP                                                                                  \
  "{\"id\":\"Each\",\"action\":\"aws:loop\",\"inputs\":{\"Iterators\":[\"old\",\"older\"]},"       \
  "\"body\":[{\"id\":\"Each[*].Delete\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","     \
  "\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"request\":"                    \
  "{\"DBClusterSnapshotIdentifier\":\"{{ Each.CurrentIteratorValue }}\"},\"resume\":{\"rule\":"    \
  "\"R6\",\"operation\":\"DescribeDBClusterSnapshots\",\"input\":{"                                \
  "\"DBClusterSnapshotIdentifier\":"                                                               \
  "\"{{ Each.CurrentIteratorValue }}\"},\"select\":\"$.DBClusterSnapshots[0]\",\"absent\":"        \
  "[\"DBClusterSnapshotNotFoundFault\"]}}]}"

static void
loops_over_values (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  fixture_plan (fixture, STEP_LOOP "," STEP_CREATE);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_count (fixture->effects, "DeleteDBClusterSnapshot"), ==, 2);
  g_assert_cmpuint (fixture_count (fixture->effects, "CreateDBClusterSnapshot"), ==, 1);
  g_assert_cmpint (slip_run_fold_find (fold, "Each[1].Delete")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Each[2].Delete")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Each")->state, ==, SLIP_RUN_STEP_DONE);
}

static void
resumes_inside_a_turn (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  fixture_plan (fixture, STEP_LOOP);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.turn", "Each",
                  "{\"turn\":1,\"value\":\"old\",\"values\":[\"old\",\"older\"],\"next\":"
                  "\"Each[1].Delete\"}");
  outcome (fixture, "Each[1].Delete", "{\"next\":\"Each\",\"changed\":true}");
  fixture_append (fixture, "step.turn", "Each",
                  "{\"turn\":2,\"value\":\"older\",\"next\":\"Each[2].Delete\"}");
  fixture_append (fixture, "step.intent", "Each[2].Delete", NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  /* The first turn was done by the process that died; only the second is. */
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_null (g_hash_table_lookup (fixture->snapshots, "older"));
  g_assert_nonnull (g_hash_table_lookup (fixture->snapshots, "old"));
}

static void
sleeps_only_what_is_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  gint64 begun = slip_clock_now (fixture->clock);
  gint64 end = begun + 600 * G_USEC_PER_SEC;
  g_autofree char *deadline = slip_time_format (end);
  g_autofree char *waiting = g_strdup_printf ("{\"deadline\":\"%s\"}", deadline);

  fixture_plan (fixture,
                "{\"id\":\"Nap\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT10M\"}}");
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.waiting", "Nap", waiting);
  slip_clock_advance (fixture->clock, 540 * G_USEC_PER_SEC);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (slip_clock_now (fixture->clock), ==, end);
}

static void
asserts (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) good = NULL;
  g_autoptr (SlipRunFold) bad = NULL;
  const char *step
      = "{\"id\":\"Assert\",\"action\":\"aws:assertAwsResourceProperty\",\"service\":\"rds\","
        "\"operation\":\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":"
        "\"old\"},\"inputs\":{\"PropertySelector\":\"$.DBClusterSnapshots[*].Status\","
        "\"DesiredValues\":[\"available\"]}}";

  fixture_plan (fixture, step);
  good = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  fixture_add_snapshot (fixture, "old", "copying", "api");
  fixture_plan (fixture, step);
  bad = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_true (strstr (fixture->error->message, "copying") != NULL);
}

static void
stale_plan_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (
      fixture,
      "{\"id\":\"Look\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"
      "\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":\"old\"},"
      "\"outputs\":[{\"Name\":\"Status\",\"Selector\":\"$.DBClusterSnapshots[0].Status\"}],"
      "\"expect\":{\"Status\":\"copying\"}}," STEP_CREATE);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (
      strstr (fixture->error->message, "Status: it was \"copying\" and is \"available\""));
  g_assert_nonnull (strstr (fixture->error->message, "Plan again"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* A plan that leaves an answer out has the run fill it in; a read that failed has it go another way. */
static void
what_was_not_there_at_planning_must_not_be (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *select, *told, *why;
  } cases[] = {
      {"Status", "\"expect\":{\"Status\":null}", "it was null and is \"available\""},
      {"Status", "\"onFailure\":\"Continue\",\"failedAtPlanning\":true", "and does not now"},
      {"Nothing", "\"expect\":{\"Status\":null}", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (SlipRunFold) fold = NULL;
      g_autofree char *steps = g_strdup_printf (
          "{\"id\":\"Look\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"
          "\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":\"old\"},"
          "\"outputs\":[{\"Name\":\"Status\",\"Selector\":\"$.DBClusterSnapshots[0].%s\"}],%s}"
          "," STEP_CREATE,
          cases[i].select, cases[i].told);

      fixture_plan (fixture, steps);
      fold = fixture_go (fixture);
      g_assert_cmpuint (fixture->sent->len, ==, cases[i].why != NULL ? 0 : 1);
      if (cases[i].why != NULL)
        g_assert_nonnull (strstr (fixture->error->message, cases[i].why));
      else
        g_assert_no_error (fixture->error);
      fixture_tear_down (fixture, data);
      memset (fixture, 0, sizeof *fixture);
      fixture_set_up (fixture, data);
    }
}

#define STEP_ASKED                                                                                 \
  "{\"id\":\"Ask\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"            \
  "\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":\"old\"},"          \
  "\"confirm\":{\"how\":\"typed\",\"text\":\"old@"                                                 \
  "1\","                                                                                           \
  "\"when\":\"step\"}}"
#define STEP_EXPECTING                                                                             \
  "{\"id\":\"Look\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"           \
  "\"DescribeDBClusterSnapshots\",\"request\":{\"DBClusterSnapshotIdentifier\":\"old\"},"          \
  "\"outputs\":[{\"Name\":\"Status\",\"Selector\":\"$.DBClusterSnapshots[0].Status\"}],"           \
  "\"expect\":{\"Status\":\"available\"}}"
#define STEP_END                                                                                   \
  "{\"id\":\"End\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"            \
  "\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"confirmedBy\":\"Ask\",\"request\":{"         \
  "\"DBClusterSnapshotIdentifier\":\"old\"}}"

/* What was said was said of things as they were, also when it is not a guard that sees the difference. */
static void
stale_plan_voids_the_words (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) stale = NULL;
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_add_snapshot (fixture, "old", "failed", "api");
  fixture_plan (fixture, STEP_ASKED "," STEP_EXPECTING "," STEP_END);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old@1");
  stale = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (stale->message, "was \"available\" and is \"failed\""));
  fixture_add_snapshot (fixture, "old", "available", "api");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  asked = fixture_go (fixture);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_nonnull (strstr (asked->message, "asks again, because what the plan was built on"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Ask", "old@1");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

/* ---- the object that the window binds */

static gboolean
not_yet_done (SlipRun *run)
{
  return slip_run_get_state (run) != SLIP_RUN_DONE;
}

static void
run_object_follows_the_ledger (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRun) run = NULL;
  g_autoptr (SlipJob) job = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) json = NULL;
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  run = slip_run_load (fixture->ledger, fixture->run, &error);
  g_assert_no_error (error);
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_APPROVED);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (run)), ==, 2);
  job = slip_runner_start (fixture->runner);
  while (not_yet_done (run) && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
  g_assert_cmpint (slip_run_step_get_state (slip_run_find_step (run, "Wait")), ==,
                   SLIP_RUN_STEP_DONE);
  json = slip_run_to_json (run);
  g_assert_cmpstr (slip_json_string (json_node_get_object (json), "state"), ==, "done");
  slip_job_wait (job);
}

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **)data = g_object_ref (result);
}

/* An entry that comes when the thread has read and nobody watches yet, and none after it. */
static void
run_object_misses_no_entry_while_it_is_loaded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (SlipRun) run = NULL;
  g_autoptr (GError) error = NULL;
  gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  fixture_plan (fixture, STEP_CREATE);
  slip_run_load_async (fixture->ledger, fixture->run, NULL, loaded_cb, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  fixture_append (fixture, "run.started", NULL, NULL);
  run = slip_run_load_finish (result, &error);
  g_assert_no_error (error);
  while (slip_run_get_state (run) == SLIP_RUN_APPROVED && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_INTERRUPTED);
}

static void
lists_runs_and_sees_interruption (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) runs = NULL;
  g_autoptr (GError) error = NULL;
  SlipRunSummary *summary;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, NULL);
  fixture_append (fixture, "step.intent", "Create", NULL);
  runs = slip_run_list (fixture->ledger, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runs->len, ==, 1);
  summary = g_ptr_array_index (runs, 0);
  g_assert_cmpint (summary->state, ==, SLIP_RUN_INTERRUPTED);
  g_assert_cmpstr (summary->environment, ==, "production");
  g_assert_cmpuint (summary->steps, ==, 1);
}

/* Hours later the same step asks again: what the command line said is not the word of anybody then. */
static void
a_given_word_answers_once_and_in_time (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) list = g_strsplit ("GoOn=api@1 GoOnward=no Reopen GoOn=api@2", " ", -1);
  const gint64 hour = G_TIME_SPAN_HOUR;
  g_autoptr (SlipGiven) given = slip_given_new (5 * hour);
  g_autoptr (SlipRunFold) fold = NULL;
  SlipPlanStep *step;

  fixture_plan (fixture, CONFIRM ("typed", ",\"maxAgeMinutes\":120,\"text\":\"api@1\""));
  fold = fixture_fold (fixture);
  step = slip_run_fold_find (fold, "Ask")->plan_step;
  g_assert_cmpint (slip_given_minutes (step), ==, 120);
  g_assert_cmpstr (slip_given_take (given, list, "GoOn", step, 5 * hour), ==, "api@1");
  g_assert_cmpstr (slip_given_take (given, list, "Reopen", step, 6 * hour), ==, "");
  g_assert_null (slip_given_take (given, list, "Reopen", step, 6 * hour));
  g_assert_null (slip_given_take (given, list, "GoOn", step, 7 * hour + 1));
  g_assert_null (slip_given_take (given, list, "GoOn", step, 3 * hour - 1));
  g_assert_cmpstr (slip_given_take (given, list, "GoOn", step, 7 * hour), ==, "api@2");
  g_assert_null (slip_given_take (given, list, "GoOn", step, 7 * hour));
  g_assert_null (slip_given_take (given, NULL, "GoOn", step, 5 * hour));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/pause/after_the_current_call", pauses_after_the_current_call);
  ADD ("/run/cancel/says_what_is_left", cancels_and_says_what_is_left);
  ADD ("/run/cancel/what_nobody_executes", cancels_what_nobody_executes);
  ADD ("/run/cancel/at_a_question_nothing_goes_on", cancelled_at_a_question_nothing_goes_on);
  ADD ("/run/confirm/typed", typed_confirmation);
  ADD ("/run/confirm/old_attestation_is_asked_again", old_attestation_is_asked_again);
  ADD ("/run/confirm/attestation_of_the_future_is_asked_again",
       attestation_of_the_future_is_asked_again);
  ADD ("/run/confirm/what_voids_an_approval_is_asked_for", what_voids_an_approval_is_asked_for);
  ADD ("/run/confirm/what_voids_is_asked_for_where_nobody_was_asked",
       what_voids_is_asked_for_where_nobody_was_asked);
  ADD ("/run/confirm/old_word_is_asked_for_again_before_what_needs_it",
       old_word_is_asked_for_again_before_what_needs_it);
  ADD ("/run/confirm/old_word_and_what_was_seen",
       what_was_seen_since_an_old_word_is_looked_at_again);
  ADD ("/run/confirm/old_word_in_place",
       old_word_is_asked_for_in_place_behind_what_is_not_repeated);
  ADD ("/run/confirm/word_outlasted", way_that_outlasts_the_word_is_taken_back_once);
  ADD ("/run/confirm/word_of_a_step_that_asks_nobody_is_none",
       word_of_a_step_that_asks_nobody_is_none);
  ADD ("/run/confirm/attestation_of_another_principal",
       attestation_of_another_principal_is_asked_again);
  ADD ("/run/confirm/reaches_a_waiting_worker", control_reaches_a_waiting_worker);
  g_test_add_func ("/run/person/is_named_where_the_trust_policy_binds_the_session",
                   names_are_believed_where_the_trust_policy_binds_them);
  ADD ("/run/approve/counts_people", approvals_count_people);
  ADD ("/run/approve/another_role_is_no_other_person",
       approval_in_another_role_is_no_other_persons);
  ADD ("/run/approve/what_nobody_signed_does_not_count", unsigned_approval_does_not_count);
  ADD ("/run/approve/plan_whose_approval_is_unsigned_is_not_begun",
       plan_whose_approval_is_unsigned_is_not_begun);
  ADD ("/run/approve/protected_environment_is_not_changed_without_the_key",
       protected_environment_is_not_changed_without_the_key);
  ADD ("/run/pause/step_waits_for_resume", pause_step_waits_for_resume);
  ADD ("/run/words/a_given_word_answers_once_and_in_time", a_given_word_answers_once_and_in_time);
  ADD ("/run/flow/branch", branches);
  ADD ("/run/flow/loop", loops_over_values);
  ADD ("/run/flow/resumes_inside_a_turn", resumes_inside_a_turn);
  ADD ("/run/flow/sleep", sleeps_only_what_is_left);
  ADD ("/run/flow/assert", asserts);
  ADD ("/run/flow/stale_plan", stale_plan_is_refused);
  ADD ("/run/flow/what_was_not_there_at_planning_must_not_be",
       what_was_not_there_at_planning_must_not_be);
  ADD ("/run/flow/a_stale_plan_voids_the_words", stale_plan_voids_the_words);
  ADD ("/run/object/follows_the_ledger", run_object_follows_the_ledger);
  ADD ("/run/object/misses_no_entry_while_it_is_loaded",
       run_object_misses_no_entry_while_it_is_loaded);
  ADD ("/run/list/sees_interruption", lists_runs_and_sees_interruption);
  return g_test_run ();
}
