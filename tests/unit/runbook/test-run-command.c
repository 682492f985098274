/* SPDX-License-Identifier: MIT */
/* Claims of slipway:command: no shell, no secret on disk, nothing run twice unseen. */

#include "run-fixture.h"

#include <string.h>

#define READ "{\"slipway\":{\"effect\":\"read\"}}"

static SlipRunFold *
go (Fixture *fixture, const char *inputs, const char *more)
{
  g_autofree char *step = fixture_step ("Run", "slipway:command", inputs, more);

  fixture_plan (fixture, step);
  return fixture_go (fixture);
}

static void
runs_without_a_shell (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold
      = go (fixture, "{\"Command\":[\"printf\",\"%s\",\"$HOME; `id`\"]}", READ);

  g_assert_no_error (fixture->error);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (fold, "Run")->outputs, "Output"), ==,
                   "$HOME; `id`");
}

static void
outputs_are_selected_from_json (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = go (
      fixture, "{\"Command\":[\"echo\",\"{\\\"a\\\":{\\\"b\\\":7}}\"],\"Json\":true}",
      "{\"slipway\":{\"effect\":\"read\"},\"outputs\":[{\"Name\":\"B\",\"Selector\":\"$.a.b\","
      "\"Type\":\"Integer\"}]}");

  g_assert_no_error (fixture->error);
  g_assert_cmpint (slip_json_int (slip_run_fold_find (fold, "Run")->outputs, "B", 0), ==, 7);
}

static void
unexpected_exit_status_fails_with_what_it_said (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold
      = go (fixture, "{\"Command\":[\"sh\",\"-c\",\"echo no such branch >&2; exit 3\"]}", READ);
  g_autoptr (SlipRunFold) expected = NULL;

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "exit status 3: no such branch"));
  expected = go (fixture, "{\"Command\":[\"sh\",\"-c\",\"exit 3\"],\"ExitCodes\":[0,3]}", READ);
  g_assert_no_error (fixture->error);
}

static void
lent_credentials_and_secrets_stay_out_of_the_ledger (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold
      = go (fixture,
            "{\"Command\":[\"sh\",\"-c\",\"echo $AWS_ACCESS_KEY_ID $AWS_SECRET_ACCESS_KEY\"],"
            "\"Credentials\":true}",
            NULL);

  g_assert_no_error (fixture->error);
  g_assert_nonnull (strstr (slip_json_string (slip_run_fold_find (fold, "Run")->outputs, "Output"),
                            "AKIAEXAMPLE"));
  for (guint i = 0; i < fold->entries->len; i++)
    {
      g_autoptr (JsonNode) node
          = slip_json_new_object (json_object_ref (g_ptr_array_index (fold->entries, i)));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      g_assert_null (strstr (text, "lent-secret-key"));
    }
}

/* What it printed says nothing about whether it ran. */
static void
killed_change_that_says_cannot_run_asks_a_person (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = go (
      fixture, "{\"Command\":[\"sh\",\"-c\",\"echo cannot run hook >&2; kill -9 $$\"]}", NULL);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_DECISION);
}

static void
private_key_stays_out_of_the_ledger (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) key
      = go (fixture,
            "{\"Command\":[\"sh\",\"-c\",\"B='PRIVATE KEY-----'; echo -----BEGIN $B; echo "
            "MC4CAQA$((1+1)); echo -----END $B; echo after\"]}",
            READ);

  g_assert_no_error (fixture->error);
  g_assert_nonnull (
      strstr (slip_json_string (slip_run_fold_find (key, "Run")->outputs, "Output"), "after"));
  for (guint i = 0; i < key->entries->len; i++)
    {
      g_autoptr (JsonNode) node
          = slip_json_new_object (json_object_ref (g_ptr_array_index (key->entries, i)));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      g_assert_null (strstr (text, "MC4CAQA2"));
    }
}

static void
killed_change_asks_a_person (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) asked
      = go (fixture, "{\"Command\":[\"sh\",\"-c\",\"kill -9 $$\"]}", NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (asked->state, ==, SLIP_RUN_NEEDS_DECISION);
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Run", NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, 1);
}

static void
cut_off_change_is_not_run_again_unasked (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step = fixture_step ("Run", "slipway:command", "{\"Command\":[\"true\"]}", NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, step);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Run", NULL);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, 1);
}

/* ---- what Done tells */

/* Makes a file of @fixture's folder; that it is there means that it is done. */
static char *
touching (Fixture *fixture, const char *command)
{
  return g_strdup_printf ("{\"Command\":[\"sh\",\"-c\",\"%s\"],\"Directory\":\"%s\",\"Done\":"
                          "{\"Command\":[\"cat\",\"made\"],\"Output\":\"well\"}}",
                          command, fixture->folder);
}

static void
assert_made (Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, "made", NULL);
  g_autofree char *found = NULL;

  g_assert_true (g_file_get_contents (path, &found, NULL, NULL));
  g_assert_cmpstr (found, ==, text);
}

static void
make (Fixture *fixture, const char *text)
{
  g_autofree char *path = g_build_filename (fixture->folder, "made", NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
what_is_done_is_not_done_again (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inputs = touching (fixture, "echo again > made");
  g_autoptr (SlipRunFold) fold = NULL;

  make (fixture, "well\n");
  fold = go (fixture, inputs, NULL);
  g_assert_no_error (fixture->error);
  assert_made (fixture, "well\n");
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, 0);
}

static void
what_is_not_done_is_done_and_looked_at (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inputs = touching (fixture, "echo well > made");
  g_autofree char *other = touching (fixture, "echo badly > made");
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) wrong = NULL;

  make (fixture, "not yet\n");
  fold = go (fixture, inputs, NULL);
  g_assert_no_error (fixture->error);
  assert_made (fixture, "well\n");
  make (fixture, "not yet\n");
  wrong = go (fixture, other, NULL);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "what it should do is not done"));
}

/* As a killed process leaves it: nobody is asked, what there is decides. */
static void
cut_off_change_goes_on_by_what_there_is (Fixture *fixture, gconstpointer data)
{
  g_autofree char *inputs = touching (fixture, "echo well > made");
  g_autofree char *step = fixture_step ("Run", "slipway:command", inputs, NULL);
  g_autoptr (SlipRunFold) adopted = NULL;
  g_autoptr (SlipRunFold) again = NULL;

  for (guint i = 0; i < 2; i++)
    {
      SlipRunFold *fold;

      make (fixture, i == 0 ? "well" : "half");
      fixture_plan (fixture, step);
      fixture_append (fixture, "run.started", NULL,
                      "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
      fixture_append (fixture, "step.intent", "Run", NULL);
      fold = fixture_go (fixture);
      g_assert_no_error (fixture->error);
      g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
      g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, i + 1);
      *(i == 0 ? &adopted : &again) = fold;
    }
  assert_made (fixture, "well\n");
}

#define MINUTE (G_GINT64_CONSTANT (60) * G_USEC_PER_SEC)
#define LONG_STEP                                                                                  \
  "{\"Command\":[\"true\"],\"Credentials\":true}", "{\"minutes\":40,\"effect\":\"change\"}"

static void
short_session_is_not_lent_to_a_long_program (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->expiration = slip_clock_now (fixture->clock) + 30 * MINUTE;
  fold = go (fixture, LONG_STEP);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_nonnull (strstr (fixture->error->message, "needs 40 min"));
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, 0);
}

static void
session_that_can_be_renewed_is_renewed_before_it_is_lent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->expiration = slip_clock_now (fixture->clock) + 30 * MINUTE;
  fixture->renewed = slip_clock_now (fixture->clock) + 60 * MINUTE;
  fold = go (fixture, LONG_STEP);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Run"), ==, 1);
}

#define ADD(name, func)                                                                            \
  g_test_add ("/run/command/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

static void
secret_is_refused_in_a_command_line (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold
      = go (fixture, "{\"Command\":[\"echo\",\"lent-secret-key\"],\"Credentials\":true}", READ);

  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "argument 1 holds a secret"));
  g_assert_null (strstr (fixture->error->message, "lent-secret-key"));
  g_assert_null (slip_run_fold_find (fold, "Run")->outputs);
}

/* What a killed process left is kept while the step is open, and no longer. */
static void
raw_output_goes_when_the_step_is_settled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step = fixture_step ("Run", "slipway:command", "{\"Command\":[\"true\"]}", NULL);
  g_autofree char *path = slip_ledger_dup_path (fixture->ledger);
  g_autofree char *runs = g_strconcat (path, ".runs", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *log = NULL;
  g_autoptr (SlipRunFold) asked = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, step);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Run", NULL);
  folder = g_build_filename (runs, fixture->run, NULL);
  log = g_build_filename (folder, "output-Run.log", NULL);
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (log, "hunter2\n", -1, NULL));
  asked = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON);
  g_assert_true (g_file_test (log, G_FILE_TEST_EXISTS));
  fixture_control (fixture, SLIP_RUNNER_DECIDE_DID, "Run", NULL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_false (g_file_test (log, G_FILE_TEST_EXISTS));
}

static void
decision_that_is_not_asked_for_is_refused (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step = fixture_step ("Run", "slipway:command", "{\"Command\":[\"true\"]}", NULL);
  g_autoptr (GError) error = NULL;

  fixture_plan (fixture, step);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Run", NULL);
  g_assert_false (
      slip_runner_control (fixture->runner, SLIP_RUNNER_DECIDE_DID, "Run", NULL, &error));
  g_assert_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "does not ask whether step Run happened"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("runs_without_a_shell", runs_without_a_shell);
  ADD ("outputs_are_selected_from_json", outputs_are_selected_from_json);
  ADD ("unexpected_exit_status_fails_with_what_it_said",
       unexpected_exit_status_fails_with_what_it_said);
  ADD ("lent_credentials_and_secrets_stay_out_of_the_ledger",
       lent_credentials_and_secrets_stay_out_of_the_ledger);
  ADD ("killed_change_asks_a_person", killed_change_asks_a_person);
  ADD ("killed_change_that_says_cannot_run_asks_a_person",
       killed_change_that_says_cannot_run_asks_a_person);
  ADD ("private_key_stays_out_of_the_ledger", private_key_stays_out_of_the_ledger);
  ADD ("cut_off_change_is_not_run_again_unasked", cut_off_change_is_not_run_again_unasked);
  ADD ("secret_is_refused_in_a_command_line", secret_is_refused_in_a_command_line);
  ADD ("raw_output_goes_when_the_step_is_settled", raw_output_goes_when_the_step_is_settled);
  ADD ("decision_that_is_not_asked_for_is_refused", decision_that_is_not_asked_for_is_refused);
  ADD ("what_is_done_is_not_done_again", what_is_done_is_not_done_again);
  ADD ("what_is_not_done_is_done_and_looked_at", what_is_not_done_is_done_and_looked_at);
  ADD ("cut_off_change_goes_on_by_what_there_is", cut_off_change_goes_on_by_what_there_is);
  ADD ("short_session_is_not_lent_to_a_long_program", short_session_is_not_lent_to_a_long_program);
  ADD ("session_that_can_be_renewed_is_renewed_before_it_is_lent",
       session_that_can_be_renewed_is_renewed_before_it_is_lent);
  return g_test_run ();
}
