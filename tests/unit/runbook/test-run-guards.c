/* SPDX-License-Identifier: MIT */
/* Guards while a run runs: what could be proven when it was planned and cannot be asked now. */

#include "run-fixture.h"
#include "scripted.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* A second step that is final, behind one that is. */
#define STEP_OLDER                                                                                 \
  "{\"id\":\"Older\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"          \
  "\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"request\":{\"DBClusterSnapshotIdentifier\":" \
  "\"older\"},\"guards\":[{\"guard\":\"change-freeze\",\"environment\":\"production\","            \
  "\"region\":\"eu-west-1\",\"inputs\":{\"parameter\":\"/freeze\"}}]}"
#define FREEZE                                                                                     \
  "{\"Parameter\":{\"Value\":\"{\\\"kind\\\":\\\"change-freeze\\\",\\\"reference\\\":\\\"CHG-"     \
  "1\\\","                                                                                         \
  "\\\"since\\\":\\\"2026-11-21T06:00:00Z\\\",\\\"reason\\\":\\\"rollback\\\"}\"}}"

/* Goes with guards that look into @script. */
static SlipRunFold *
go (Fixture *fixture, Scripted *script)
{
  g_autoptr (SlipCaller) reader = scripted_caller (script);

  scripted_set_expiration (script, slip_clock_now (fixture->clock) + G_TIME_SPAN_DAY);
  g_clear_object (&fixture->runner);
  fixture->runner
      = slip_runner_new_with_callers (fixture->ledger, fixture->run, fixture->caller, reader);
  return fixture_go (fixture);
}

static void
advice_that_cannot_be_had_does_not_bar (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) done = NULL;
  guint noted = 0;

  scripted_answer (script, "production", "iam:SimulatePrincipalPolicy", "!ServiceUnavailable down");
  fixture_plan (fixture, STEP_CREATE);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  for (guint i = 0; i < done->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (done->entries, i);

      noted += g_strcmp0 (slip_json_string (entry, "kind"), SLIP_RUN_GUARD_KIND) == 0
               && g_strcmp0 (slip_json_string (entry, "outcome"), "unprovable") == 0;
    }
  g_assert_cmpuint (noted, ==, 1);
}

static void
what_binds_bars_before_the_point_of_no_return (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) failed = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_plan (fixture, STEP_OLDER);
  failed = go (fixture, script);
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (
      strstr (failed->message, "could be proven at planning but not before step Older"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
what_binds_can_be_vouched_for_behind_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (GError) error = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_plan (fixture, STEP_DELETE "," STEP_OLDER);
  /* Nobody vouches for what was not asked. */
  g_assert_false (
      slip_runner_control (fixture->runner, SLIP_RUNNER_ATTEST, "Older", "before", &error));
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_step, ==, "Older");
  g_assert_cmpstr (asked->need_guard, ==, "change-freeze");
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Older", "the freeze is on, the board says so");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (done, "step.attested", "Older"), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
}

static void
what_blocks_is_not_vouched_away (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_plan (fixture, STEP_DELETE "," STEP_OLDER);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Older", "it is on");
  scripted_answer (script, "production", "ssm:GetParameter", "!ParameterNotFound none");
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  scripted_answer (script, "production", "ssm:GetParameter", FREEZE);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

#define FOUND(guard, step, state)                                                                  \
  "{\"guard\":\"" guard "\",\"title\":\"t\",\"state\":\"" state "\",\"message\":\"m\","            \
  "\"environment\":\"production\",\"region\":\"eu-west-1\"," step "\"evidence\":[]}"

/* What a plan file says of a guard that only planning asks, its last editor said. */
static void
what_only_planning_asks_is_asked_before_the_first_change (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) stopped = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  fixture->preflight = "{\"guard\":\"change-freeze\",\"environment\":\"production\",\"region\":"
                       "\"eu-west-1\",\"step\":\"Create\",\"when\":\"plan\",\"inputs\":"
                       "{\"parameter\":\"/freeze\"}}";
  fixture->found = FOUND ("change-freeze", "\"step\":\"Create\",", "pass");
  scripted_answer (script, "production", "ssm:GetParameter", "!ParameterNotFound none");
  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE);
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  /* Nor does it become advice because it cannot be asked. */
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  stopped = go (fixture, script);
  g_assert_cmpint (stopped->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (stopped->message, "could be proven at planning"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  scripted_answer (script, "production", "ssm:GetParameter", FREEZE);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  /* Behind the first change it is planning's again. */
  g_assert_cmpuint (scripted_count (script, "ssm:GetParameter"), ==, 3);
}

static void
what_planning_could_not_prove_waives_its_own_step_only (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *found;
    gboolean waives;
  } cases[] = {
      {FOUND ("change-freeze", "\"step\":\"Older\",", "unprovable"), TRUE},
      {FOUND ("change-freeze", "\"step\":\"Older\",", "pass"), FALSE},
      {FOUND ("change-freeze", "\"step\":\"Create\",", "unprovable"), FALSE},
      {FOUND ("unchanged", "\"step\":\"Older\",", "unprovable"), FALSE},
      {FOUND ("change-freeze", "", "unprovable"), FALSE},
  };
  g_autoptr (GString) steps = g_string_new (STEP_OLDER);

  g_string_replace (steps, "\"inputs\":{", "\"step\":\"Older\",\"inputs\":{", 1);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Scripted) script = scripted_new ();
      g_autoptr (SlipRunFold) ended = NULL;

      scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
      fixture_add_snapshot (fixture, "older", "available", "api");
      fixture->found = cases[i].found;
      fixture_plan (fixture, steps->str);
      ended = go (fixture, script);
      g_assert_cmpint (ended->state, ==, cases[i].waives ? SLIP_RUN_DONE : SLIP_RUN_FAILED);
      g_assert_cmpuint (fixture->sent->len, ==, cases[i].waives ? 1 : 0);
      fixture_tear_down (fixture, data);
      memset (fixture, 0, sizeof *fixture);
      fixture_set_up (fixture, data);
    }
}

/* What cannot be undone need not be a deletion. */
static void
what_cannot_be_undone_is_past_the_return (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) steps = g_string_new (STEP_CREATE "," STEP_OLDER);
  g_autoptr (SlipRunFold) asked = NULL;

  g_string_replace (steps, "\"reversible\"", "\"final\"", 1);
  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_plan (fixture, steps->str);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_guard, ==, "change-freeze");
}

static void
what_was_vouched_for_long_ago_is_asked_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) again = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!AccessDeniedException no");
  fixture_plan (fixture, STEP_DELETE "," STEP_OLDER);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Older", "the board says so");
  slip_clock_advance (fixture->clock, 2 * G_TIME_SPAN_HOUR);
  again = go (fixture, script);
  g_assert_cmpint (again->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* Hours may lie between what is sent and what is sent again. */
static void
guards_are_proven_again_before_a_second_sending (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!ParameterNotFound none");
  scripted_answer_times (script, "production", "ssm:GetParameter", FREEZE, 1);
  fixture_plan (fixture, STEP_OLDER);
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_BEFORE);
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  g_assert_cmpuint (fixture->effects->len, ==, 0);
}

/* What holds for the whole plan is proven before the first change and before what is final, and not in between. */
static void
the_whole_is_proven_before_the_first_change_and_what_is_final (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) steps = g_string_new (STEP_CREATE);
  g_autoptr (SlipRunFold) done = NULL;

  g_string_replace (steps, "\"Create\"", "\"Second\"", 1);
  g_string_replace (steps, "\"snap\"", "\"second\"", 0);
  g_string_prepend (steps, STEP_CREATE ",");
  g_string_append (steps, "," STEP_DELETE);
  fixture_plan (fixture, steps->str);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_entries (done, SLIP_RUN_GUARD_KIND, "Create"), >, 0);
  g_assert_cmpuint (fixture_entries (done, SLIP_RUN_GUARD_KIND, "Second"), ==, 0);
  g_assert_cmpuint (fixture_entries (done, SLIP_RUN_GUARD_KIND, "Delete"), ==,
                    fixture_entries (done, SLIP_RUN_GUARD_KIND, "Create"));
}

#define KEY(state) "{\"KeyMetadata\":{\"KeyId\":\"k\",\"KeyState\":\"" state "\"}}"

/* A final step that a person types a word for, with a guard against other hands. */
#define STEP_DRIFT                                                                                 \
  "{\"id\":\"Older\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"          \
  "\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"request\":{\"DBClusterSnapshotIdentifier\":" \
  "\"older\"},\"confirm\":{\"how\":\"typed\",\"text\":\"older@1\",\"when\":\"step\"},\"guards\":[" \
  "{"                                                                                              \
  "\"guard\":\"unchanged\",\"environment\":\"production\",\"region\":\"eu-west-1\",\"inputs\":"    \
  "{\"service\":\"kms\",\"operation\":\"DescribeKey\",\"input\":{\"KeyId\":\"k\"},\"select\":\"$"  \
  "\","                                                                                            \
  "\"expected\":{\"$.KeyMetadata.KeyState\":\"Enabled\"},\"resource\":\"older\"}}]}"

static guint
count_guard (SlipRunFold *fold, const char *guard)
{
  guint n = 0;

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);
      JsonObject *data = slip_json_object (entry, "data");

      n += g_strcmp0 (slip_json_string (entry, "kind"), SLIP_RUN_GUARD_KIND) == 0 && data != NULL
           && g_strcmp0 (slip_json_string (data, "guard"), guard) == 0;
    }
  return n;
}

/* What was typed was typed for the thing as it was: after it was put back, the word is asked for again. */
static void
another_hand_voids_the_word (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  fixture_plan (fixture, STEP_DRIFT);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (
      strstr (blocked->message, "$.KeyMetadata.KeyState was \"Enabled\" and is \"Disabled\""));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Enabled"));
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_nonnull (strstr (asked->message, "asks again, because somebody changed older"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* Killed right behind what the guard found: the word counts no more all the same. */
static void
no_kill_saves_a_word_from_a_guard (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) killed = slip_run_fold_new ("killed");
  gboolean found = FALSE;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  fixture_plan (fixture, STEP_DRIFT);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  blocked = go (fixture, script);
  for (guint i = 0; i < blocked->entries->len && !found; i++)
    {
      JsonObject *entry = g_ptr_array_index (blocked->entries, i);
      JsonObject *told = slip_json_object (entry, "data");

      g_assert_true (slip_run_fold_apply (killed, entry, NULL));
      found = g_strcmp0 (slip_json_string (entry, "kind"), SLIP_RUN_GUARD_KIND) == 0
              && g_strcmp0 (slip_json_string (told, "guard"), "unchanged") == 0;
      if (!found && g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_CONFIRMED_KIND) == 0)
        g_assert_cmpint (slip_run_fold_find (killed, "Older")->confirmed, !=, 0);
    }
  g_assert_true (found);
  g_assert_cmpint (slip_run_fold_find (killed, "Older")->confirmed, ==, 0);
  g_assert_nonnull (slip_run_fold_find (killed, "Older")->voided);
}

#define STEP_ASKED                                                                                 \
  "{\"id\":\"GoOn\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT1S\"},\"confirm\":{"     \
  "\"how\":\"typed\",\"text\":\"all@1\",\"when\":\"step\"}}"

/* What is missing and made anew is not what the word was said of: the step's word is asked for again, and that which
 * it needs of another step. */
static void
a_guard_that_bars_voids_every_word (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) steps = g_string_new (STEP_ASKED "," STEP_OLDER);
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) own = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpuint (g_string_replace (steps, "\"guards\":",
                                      "\"confirmedBy\":\"GoOn\",\"confirm\":{\"how\":\"typed\","
                                      "\"text\":\"older@1\",\"when\":\"step\"},\"guards\":",
                                      1),
                    ==, 1);
  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", "!ParameterNotFound none");
  fixture_plan (fixture, steps->str);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "GoOn", "all@1");
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  scripted_answer (script, "production", "ssm:GetParameter", FREEZE);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_step, ==, "GoOn");
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "GoOn", "all@1");
  own = go (fixture, script);
  g_assert_cmpint (own->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (own->need_step, ==, "Older");
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* A call that AWS refused changed nothing: what differs before it is sent again is another hand's. */
static void
another_hand_is_seen_behind_a_refusal (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) blocked = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_DENIED);
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Enabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  fixture_plan (fixture, STEP_DRIFT);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  refused = go (fixture, script);
  g_assert_cmpint (refused->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

static Scripted *disabled_while_it_is_sent;

static void
disable_while_it_is_sent (gpointer fixture, const char *operation)
{
  if (g_str_equal (operation, "DeleteDBClusterSnapshot"))
    scripted_answer (disabled_while_it_is_sent, "production", "kms:DescribeKey", KEY ("Disabled"));
}

/* AWS is busy with what another hand does just then: what the word was given for is looked at again before the
 * call is sent again. */
static void
another_hand_is_seen_behind_a_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_BUSY);
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Enabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  fixture_plan (fixture, STEP_DRIFT);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  disabled_while_it_is_sent = script;
  fixture->on_call = disable_while_it_is_sent;
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

#define FREEZE_GUARD                                                                               \
  "}},{\"guard\":\"change-freeze\",\"environment\":\"production\",\"region\":\"eu-west-1\","       \
  "\"inputs\":{\"parameter\":\"/freeze\"}}]"

/* A drift guard, and behind it one that AWS throttles so often. */
static char *
prepare_held_up (Fixture *fixture, Scripted *script, const char *step, int throttles)
{
  GString *steps = g_string_new (step);

  g_assert_cmpuint (g_string_replace (steps, "}}]", FREEZE_GUARD, 1), ==, 1);
  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "ssm:GetParameter", FREEZE);
  scripted_answer_times (script, "production", "ssm:GetParameter", "!ThrottlingException slow",
                         throttles);
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  return g_string_free (steps, FALSE);
}

/* While the second guard waits, what the first one saw is changed: the list begins anew. */
static void
another_hand_is_seen_while_guards_wait (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *steps = prepare_held_up (fixture, script, STEP_DRIFT, 1);
  g_autoptr (SlipRunFold) blocked = NULL;

  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer_times (script, "production", "kms:DescribeKey", KEY ("Enabled"), 1);
  fixture_plan (fixture, steps);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Older"));
  g_assert_cmpuint (count_guard (blocked, "unchanged"), ==, 2);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* How old the word is, is looked at last. */
static void
a_word_that_grows_old_while_guards_wait_is_asked_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *steps = prepare_held_up (fixture, script, STEP_DRIFT, 9);
  g_autoptr (GString) young = g_string_new (steps);
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpuint (g_string_replace (young, "\"how\":", "\"maxAgeMinutes\":1,\"how\":", 1), ==, 1);
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Enabled"));
  fixture_plan (fixture, young->str);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 1);
}

/* Guards that are held up time and again end the go with the way out, and not with a change. */
static void
guards_that_are_always_held_up_end_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *steps = prepare_held_up (fixture, script, STEP_DRIFT, 1);
  g_autoptr (SlipRunFold) ended = NULL;

  /* Six pauses before each answer are more than a minute. */
  for (guint i = 0; i < 8; i++)
    {
      scripted_answer_times (script, "production", "ssm:GetParameter", FREEZE, 1);
      scripted_answer_times (script, "production", "ssm:GetParameter", "!ThrottlingException slow",
                             6);
    }
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Enabled"));
  fixture_plan (fixture, steps);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  ended = go (fixture, script);
  g_assert_cmpint (ended->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (ended->message, "held up 8 times in a row"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* A change whose step looks first at what is there is proven behind that look, when it had to wait. */
static void
another_hand_is_seen_while_it_looks (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) step = g_string_new (STEP_CREATE);
  const char *guards = strstr (STEP_DRIFT, "\"guards\"");
  g_autofree char *more = g_strndup (guards, strlen (guards) - 1);
  g_autofree char *with = g_strconcat (more, ",\"outputs\":", NULL);
  g_autoptr (SlipRunFold) blocked = NULL;

  g_assert_cmpuint (g_string_replace (step, "\"outputs\":", with, 1), ==, 1);
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer_times (script, "production", "kms:DescribeKey", KEY ("Enabled"), 1);
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_THROTTLE);
  fixture_plan (fixture, step->str);
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "blocks step Create"));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* A step that waits for what it started, and fails there, as a task that exits with another status than 0. */
static void
the_runs_own_change_is_no_drift (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) done = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  fixture_plan (fixture, STEP_DRIFT);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  fixture_append (fixture, SLIP_STEP_INTENT_KIND, "Older", "{}");
  fixture_append (fixture, SLIP_STEP_WAITING_KIND, "Older", "{\"handle\":\"task\"}");
  fixture_append (fixture, SLIP_STEP_OUTCOME_KIND, "Older", "{\"error\":{\"message\":\"exit 1\"}}");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (count_guard (done, "unchanged"), ==, 0);
}

#define LOOKED_UP                                                                                  \
  "}}],\"resume\":{\"rule\":\"R6\",\"service\":\"rds\",\"operation\":"                             \
  "\"DescribeDBClusterSnapshots\",\"input\":{\"DBClusterSnapshotIdentifier\":\"older\"},"          \
  "\"select\":\"$.DBClusterSnapshots[0]\",\"absent\":[\"DBClusterSnapshotNotFoundFault\"]}}"

static void
prepare_drift (Fixture *fixture, Scripted *script, const char *steps)
{
  fixture_add_snapshot (fixture, "older", "available", "api");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents", "{\"Events\":[]}");
  fixture_plan (fixture, steps);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
}

/* R6: what somebody else deleted is done, though no guard can say that it is as it was. What is there is proven. */
static void
what_is_gone_is_done_without_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) step = g_string_new (STEP_DRIFT);
  g_autoptr (SlipRunFold) blocked = NULL;
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpuint (g_string_replace (step, "}}]}", LOOKED_UP, 0), ==, 1);
  prepare_drift (fixture, script, step->str);
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (count_guard (blocked, "unchanged"), ==, 1);
  g_hash_table_remove (fixture->snapshots, "older");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (count_guard (done, "unchanged"), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

#define SET_RIGHT                                                                                  \
  "}}],\"resume\":{\"rule\":\"R3\",\"service\":\"rds\",\"operation\":"                             \
  "\"DescribeDBClusterSnapshots\",\"input\":{\"DBClusterSnapshotIdentifier\":\"older\"},"          \
  "\"select\":\"$.DBClusterSnapshots[0]\",\"desired\":{\"$.Status\":\"available\"}}}"

/* R3: what another hand did already is done, whatever else changed. */
static void
what_is_as_it_shall_be_is_done_without_proof (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GString) step = g_string_new (STEP_DRIFT);
  g_autoptr (SlipRunFold) done = NULL;

  g_assert_cmpuint (g_string_replace (step, "}}]}", SET_RIGHT, 0), ==, 1);
  prepare_drift (fixture, script, step->str);
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (count_guard (done, "unchanged"), ==, 0);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* A thing that another hand deleted differs; that is no question that AWS did not answer. */
static void
what_is_gone_differs (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) blocked = NULL;

  prepare_drift (fixture, script, STEP_DRIFT);
  scripted_answer (script, "production", "kms:DescribeKey", "!NotFoundException none");
  blocked = go (fixture, script);
  g_assert_cmpint (blocked->state, ==, SLIP_RUN_FAILED);
  g_assert_nonnull (strstr (blocked->message, "it is not there any more"));
}

/* Behind the point of no return the very difference can be accepted, and no other. */
/* Who read one question, and answers when another was asked since. */
static gboolean
answers_nothing_else (Fixture *fixture, SlipRunFold *asked)
{
  g_autofree char *name = slip_run_fold_dup_need_name (asked);
  g_autoptr (GError) error = NULL;

  return !slip_runner_control (fixture->runner, SLIP_RUNNER_ATTEST, name, "it may", &error)
         && g_error_matches (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED)
         && strstr (error->message, "Read that, then answer it") != NULL;
}

static void
a_difference_can_be_accepted_behind_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) another = NULL;
  g_autoptr (SlipRunFold) word = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  prepare_drift (fixture, script, STEP_DELETE "," STEP_DRIFT);
  asked = go (fixture, script);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (asked->need_guard, ==, "unchanged");
  g_assert_nonnull (strstr (asked->message, "was \"Enabled\" and is \"Disabled\""));
  g_assert_nonnull (strstr (asked->message, "accept this very difference"));
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Older", "the key may stay disabled");
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("PendingDeletion"));
  another = go (fixture, script);
  g_assert_cmpint (another->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_cmpstr (another->need_guard, ==, "unchanged");
  g_assert_nonnull (strstr (another->message, "is \"PendingDeletion\""));
  g_assert_cmpstr (another->need_guard_sha256, !=, asked->need_guard_sha256);
  g_assert_true (answers_nothing_else (fixture, asked));
  g_assert_cmpuint (fixture->sent->len, ==, 1);
  /* Who changed it is told by and by, and is no other difference. */
  scripted_answer (script, "production", "kms:DescribeKey", KEY ("Disabled"));
  scripted_answer (script, "production", "cloudtrail:LookupEvents",
                   "{\"Events\":[{\"EventName\":\"DisableKey\",\"Username\":\"eve\",\"ReadOnly\":"
                   "\"false\",\"EventTime\":\"2026-11-21T06:20:00Z\"}]}");
  word = go (fixture, script);
  g_assert_cmpint (word->state, ==, SLIP_RUN_NEEDS_CONFIRMATION);
  g_assert_null (word->need_guard);
  g_assert_nonnull (strstr (word->message, "asks again, because somebody changed older"));
  fixture_control (fixture, SLIP_RUNNER_CONFIRM, "Older", "older@1");
  done = go (fixture, script);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (done, "step.attested", "Older"), ==, 1);
  g_assert_cmpuint (fixture->sent->len, ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/guards/advice_that_cannot_be_had_does_not_bar",
       advice_that_cannot_be_had_does_not_bar);
  ADD ("/run/guards/what_binds_bars_before_the_point_of_no_return",
       what_binds_bars_before_the_point_of_no_return);
  ADD ("/run/guards/what_binds_can_be_vouched_for_behind_it",
       what_binds_can_be_vouched_for_behind_it);
  ADD ("/run/guards/what_blocks_is_not_vouched_away", what_blocks_is_not_vouched_away);
  ADD ("/run/guards/what_only_planning_asks_is_asked_before_the_first_change",
       what_only_planning_asks_is_asked_before_the_first_change);
  ADD ("/run/guards/what_planning_could_not_prove_waives_its_own_step_only",
       what_planning_could_not_prove_waives_its_own_step_only);
  ADD ("/run/guards/what_cannot_be_undone_is_past_the_return",
       what_cannot_be_undone_is_past_the_return);
  ADD ("/run/guards/what_was_vouched_for_long_ago_is_asked_again",
       what_was_vouched_for_long_ago_is_asked_again);
  ADD ("/run/guards/are_proven_again_before_a_second_sending",
       guards_are_proven_again_before_a_second_sending);
  ADD ("/run/guards/the_whole_is_proven_before_the_first_change_and_what_is_final",
       the_whole_is_proven_before_the_first_change_and_what_is_final);
  ADD ("/run/guards/another_hand_voids_the_word", another_hand_voids_the_word);
  ADD ("/run/guards/no_kill_saves_a_word_from_a_guard", no_kill_saves_a_word_from_a_guard);
  ADD ("/run/guards/a_guard_that_bars_voids_every_word", a_guard_that_bars_voids_every_word);
  ADD ("/run/guards/another_hand_is_seen_behind_a_refusal", another_hand_is_seen_behind_a_refusal);
  ADD ("/run/guards/another_hand_is_seen_behind_a_wait", another_hand_is_seen_behind_a_wait);
  ADD ("/run/guards/another_hand_is_seen_while_guards_wait",
       another_hand_is_seen_while_guards_wait);
  ADD ("/run/guards/a_word_that_grows_old_while_guards_wait_is_asked_again",
       a_word_that_grows_old_while_guards_wait_is_asked_again);
  ADD ("/run/guards/guards_that_are_always_held_up_end_it", guards_that_are_always_held_up_end_it);
  ADD ("/run/guards/another_hand_is_seen_while_it_looks", another_hand_is_seen_while_it_looks);
  ADD ("/run/guards/the_runs_own_change_is_no_drift", the_runs_own_change_is_no_drift);
  ADD ("/run/guards/what_is_gone_is_done_without_proof", what_is_gone_is_done_without_proof);
  ADD ("/run/guards/what_is_as_it_shall_be_is_done_without_proof",
       what_is_as_it_shall_be_is_done_without_proof);
  ADD ("/run/guards/what_is_gone_differs", what_is_gone_differs);
  ADD ("/run/guards/a_difference_can_be_accepted_behind_it",
       a_difference_can_be_accepted_behind_it);
  return g_test_run ();
}
