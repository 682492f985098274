/* SPDX-License-Identifier: MIT */
/* What a wait waited for came to `failed`: a person deletes it and resumes, and the run goes back to the step that
 * makes it. Nothing else goes back, and nothing is made twice that may still be there. */

#include "run-fixture.h"

#include "slip-run-commands.h"
#include "slip-run-lost.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

#define STEP_READ                                                                                  \
  "{\"id\":\"Read\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"           \
  "\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"request\":"                                \
  "{\"DBClusterSnapshotIdentifier\":\"snap\"}}"
#define STEP_JOB                                                                                   \
  "{\"id\":\"Job\",\"action\":\"aws:executeAwsApi\",\"service\":\"backup\",\"operation\":"         \
  "\"StartRestoreJob\",\"effect\":\"change\",\"request\":{\"RecoveryPointArn\":"                   \
  "\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:x\",\"Metadata\":{\"a\":\"b\"}},"         \
  "\"resume\":{\"rule\":\"R2\"}}"
#define STEP_TAG                                                                                   \
  "{\"id\":\"Tag\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"            \
  "\"AddTagsToResource\",\"effect\":\"change\",\"request\":{\"ResourceName\":\"snap\",\"Tags\":"   \
  "[{\"Key\":\"a\",\"Value\":\"b\"}]},\"resume\":{\"rule\":\"R3\",\"service\":\"rds\","            \
  "\"operation\":\"DescribeDBClusterSnapshots\",\"input\":{\"DBClusterSnapshotIdentifier\":"       \
  "\"snap\"},\"select\":\"$.DBClusterSnapshots[0]\",\"desired\":{\"$.Tagged\":true}}}"
#define STEP_AFTER                                                                                 \
  "{\"id\":\"After\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"          \
  "\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"request\":"                                \
  "{\"DBClusterSnapshotIdentifier\":\"snap\"}}"

static guint
made (Fixture *fixture)
{
  return fixture_count (fixture->effects, "CreateDBClusterSnapshot");
}

static guint
sent (Fixture *fixture)
{
  return fixture_count (fixture->sent, "CreateDBClusterSnapshot");
}

/* What a person does at the console. */
static void
delete_by_hand (Fixture *fixture, const char *id)
{
  g_assert_true (g_hash_table_remove (fixture->snapshots, id));
}

static void
set_status (Fixture *fixture, const char *status)
{
  JsonObject *snapshot = g_hash_table_lookup (fixture->snapshots, "snap");

  json_object_set_string_member (snapshot, "Status", status);
}

/* Everything that is made from now on comes to @state; %NULL for `available`. */
static void
let_come_to (Fixture *fixture, const char *state)
{
  fixture->state = state;
  fixture->ready_after = 2;
  g_hash_table_remove_all (fixture->reads);
}

static SlipRunFold *
resume (Fixture *fixture)
{
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  return fixture_go (fixture);
}

/* Runs @steps until their wait fails. */
static void
come_to_failed (Fixture *fixture, const char *steps)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_plan (fixture, steps);
  let_come_to (fixture, "failed");
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpint (slip_run_fold_find (fold, "Wait")->state, ==, SLIP_RUN_STEP_FAILED);
  g_assert_nonnull (strstr (fold->message, "failed"));
  let_come_to (fixture, NULL);
}

/* The details of the outcomes of @step that say so. */
static guint
told (SlipRunFold *fold, const char *step, const char *words)
{
  guint count = 0;

  for (guint i = 0; i < fold->entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (fold->entries, i);
      JsonObject *data = slip_json_object (entry, "data");
      const char *detail = data != NULL ? slip_json_string (data, "detail") : NULL;

      count += g_strcmp0 (slip_json_string (entry, "step"), step) == 0
               && g_strcmp0 (slip_json_string (entry, "kind"), "step.outcome") == 0
               && detail != NULL && strstr (detail, words) != NULL;
    }
  return count;
}

static void
assert_made_again (Fixture *fixture, SlipRunFold *fold, guint times)
{
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Create")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Wait")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpuint (made (fixture), ==, times);
  g_assert_cmpuint (told (fold, "Wait", "back to step Create"), ==, times - 1);
}

/* The run stopped at the wait, and nothing was sent beyond the first making. */
static void
assert_not_made_again (Fixture *fixture, SlipRunFold *fold, guint sendings)
{
  g_assert_nonnull (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpstr (fold->cursor, ==, "Wait");
  g_assert_cmpuint (sent (fixture), ==, sendings);
  g_assert_cmpuint (told (fold, "Wait", "back to step"), ==, 0);
}

/* ---- goes back */

static void
what_failed_and_is_gone_is_made_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT "," STEP_AFTER);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (sent (fixture), ==, 2);
  g_assert_cmpint (slip_run_fold_find (fold, "After")->state, ==, SLIP_RUN_STEP_DONE);
}

static void
goes_back_as_often_as_it_fails (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) again = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  let_come_to (fixture, "failed");
  again = resume (fixture);
  g_assert_cmpint (again->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (made (fixture), ==, 2);
  let_come_to (fixture, NULL);
  delete_by_hand (fixture, "snap");
  done = resume (fixture);
  assert_made_again (fixture, done, 3);
}

static void
reads_between_are_read_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_READ "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (fixture_entries (fold, "step.outcome", "Read"), ==, 2);
}

/* What goes wrong at the second making is as at any other: looked up, or sent when it is allowed. */
static void
a_lost_answer_of_the_second_making_is_looked_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_AFTER);
  fold = resume (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (sent (fixture), ==, 2);
}

static void
a_refused_second_making_is_sent_at_the_next_resume (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_DENIED);
  refused = resume (fixture);
  g_assert_cmpint (refused->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpstr (refused->cursor, ==, "Create");
  g_assert_cmpuint (made (fixture), ==, 1);
  done = resume (fixture);
  assert_made_again (fixture, done, 2);
}

static void
a_process_that_dies_behind_the_way_back_makes_it_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonObject) entry = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GError) error = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  entry = slip_run_entry_new ("step.outcome", fixture->run, "Wait", NULL);
  json_object_set_string_member (entry, "outcome", "failed");
  json_object_set_string_member (slip_run_entry_data (entry), "detail", "back to step Create");
  json_object_set_string_member (slip_run_entry_data (entry), "next", "Create");
  slip_ledger_append (fixture->ledger, entry, NULL, &error);
  g_assert_no_error (error);
  fold = fixture_go (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (sent (fixture), ==, 2);
}

/* ---- stays */

static void
what_is_still_there_is_not_made_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 1);
  g_assert_nonnull (strstr (fold->message, "it came to state failed"));
}

/* Who knows how it came to be well again need not tell. */
static void
what_became_available_is_taken (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  set_status (fixture, "available");
  fold = resume (fixture);
  assert_made_again (fixture, fold, 1);
}

static void
end_deletion (gpointer user_data, const char *operation)
{
  Fixture *fixture = user_data;
  guint *looks = fixture->data;

  if (g_str_equal (operation, "DescribeDBClusterSnapshots") && ++*looks == 4)
    delete_by_hand (fixture, "snap");
}

/* Its name is still taken: making it now would be refused, and a wait is no proof that it goes. */
static void
what_is_being_deleted_is_made_again_when_it_is_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) deleting = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  guint looks = 0;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  set_status (fixture, "deleting");
  fixture->data = &looks;
  fixture->on_call = end_deletion;
  deleting = resume (fixture);
  assert_not_made_again (fixture, deleting, 1);
  g_assert_nonnull (strstr (deleting->message, "not found"));
  fixture->on_call = NULL;
  done = resume (fixture);
  assert_made_again (fixture, done, 2);
}

/* Found as it should be before anything was sent: another run's, or another hand's. */
static void
what_another_run_made_is_not_made_by_this_one (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "creating", "api");
  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  g_assert_cmpuint (sent (fixture), ==, 0);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 0);
}

static void
a_step_that_made_something_else_is_not_gone_back_to (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) steps = g_string_new (STEP_CREATE);
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "creating", "api");
  g_string_replace (steps, "\"snap\"", "\"other\"", 0);
  g_string_append (steps, "," STEP_WAIT);
  come_to_failed (fixture, steps->str);
  g_assert_cmpuint (made (fixture), ==, 1);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 1);
}

/* Going back past it would begin a second job. */
static void
never_goes_back_past_what_cannot_be_done_twice (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_JOB "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 1);
  g_assert_cmpuint (fixture_count (fixture->effects, "StartRestoreJob"), ==, 1);
}

static void
a_refused_look_is_not_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  for (guint i = 0; i < 2; i++)
    fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_DENIED);
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 1);
  g_assert_nonnull (strstr (fold->message, "not authorised"));
}

static void
an_expired_session_waits_for_a_sign_in_and_then_goes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) expired = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_EXPIRED);
  /* Who resumes is signed in, and when it expired nobody is. */
  fixture_fault (fixture, "GetCallerIdentity", FAULT_NONE);
  fixture_fault (fixture, "GetCallerIdentity", FAULT_EXPIRED);
  expired = resume (fixture);
  g_assert_cmpint (expired->state, ==, SLIP_RUN_NEEDS_SIGN_IN);
  g_assert_cmpuint (sent (fixture), ==, 1);
  done = resume (fixture);
  assert_made_again (fixture, done, 2);
}

/* RDS may not show for a while what was just made. */
static void
show_late (gpointer user_data, const char *operation)
{
  if (!g_str_equal (operation, "CreateDBClusterSnapshot"))
    return;
  for (guint i = 0; i < 3; i++)
    fixture_fault (user_data, "DescribeDBClusterSnapshots", FAULT_MISSING);
}

static void
what_was_just_made_again_and_is_not_shown_yet_is_waited_for (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  delete_by_hand (fixture, "snap");
  fixture->on_call = show_late;
  fold = resume (fixture);
  g_assert_true (g_queue_is_empty (&fixture->faults));
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (sent (fixture), ==, 2);
}

/* A wait that did not fail waits, for what was made may be shown late; only then it is missed. */
static void
a_wait_that_did_not_fail_never_goes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  let_come_to (fixture, NULL);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_append (fixture, "step.outcome", "Create", "{\"changed\":true,\"next\":\"Wait\"}");
  fixture_append (fixture, "step.waiting", "Wait", NULL);
  fold = fixture_go (fixture);
  assert_not_made_again (fixture, fold, 0);
  done = resume (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (sent (fixture), ==, 1);
  g_assert_cmpuint (told (done, "Wait", "back to step Create"), ==, 1);
}

/* It was still there when somebody resumed, and the process that then waited anew died: that wait did not fail,
 * and what it does not find now may be shown late. */
static void
a_wait_that_was_begun_anew_never_goes_back (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_WAIT);
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  fixture_append (fixture, "step.waiting", "Wait", NULL);
  delete_by_hand (fixture, "snap");
  fold = fixture_go (fixture);
  assert_not_made_again (fixture, fold, 1);
  done = resume (fixture);
  assert_made_again (fixture, done, 2);
}

/* STEP_CREATE with another member. */
static char *
create_with (const char *member)
{
  return g_strconcat ("{", member, STEP_CREATE + strlen ("{"), NULL);
}

static void
what_was_skipped_between_is_not_in_the_way (Fixture *fixture, gconstpointer data)
{
  g_autofree char *create = create_with ("\"next\":\"Wait\",");
  g_autofree char *steps = g_strconcat (create, "," STEP_JOB "," STEP_WAIT, NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, steps);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (fixture_count (fixture->sent, "StartRestoreJob"), ==, 0);
}

/* The steps of a turn that only the run unrolls are not in the plan, so that no way back is known. */
static void
a_turn_of_a_loop_stays_failed (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) steps = g_string_new (STEP_CREATE "," STEP_WAIT "]}");
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  g_string_replace (steps, "\"id\":\"Create\"", "\"id\":\"Each[*].Create\"", 1);
  g_string_replace (steps, "\"id\":\"Wait\"", "\"id\":\"Each[*].Wait\"", 1);
  g_string_prepend (steps, "{\"id\":\"Each\",\"action\":\"aws:loop\",\"inputs\":{\"Iterators\":["
                           "\"one\",\"two\"]},\"body\":[");
  fixture_plan (fixture, steps->str);
  let_come_to (fixture, "failed");
  failed = fixture_go (fixture);
  g_assert_cmpstr (failed->cursor, ==, "Each[1].Wait");
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpstr (fold->cursor, ==, "Each[1].Wait");
  g_assert_cmpuint (sent (fixture), ==, 1);
}

/* What made it stands in the plan, before the loop: going back there from a turn would begin the loop anew. */
static void
a_turn_of_a_loop_does_not_lead_out_of_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) turns = g_string_new (STEP_WAIT "]}");
  g_autofree char *steps = NULL;
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) fold = NULL;

  g_string_replace (turns, "\"id\":\"Wait\"", "\"id\":\"Each[*].Wait\"", 1);
  steps = g_strconcat (STEP_CREATE ",{\"id\":\"Each\",\"action\":\"aws:loop\",\"inputs\":"
                                   "{\"Iterators\":[\"one\",\"two\"]},\"body\":[",
                       turns->str, NULL);
  fixture_plan (fixture, steps);
  let_come_to (fixture, "failed");
  failed = fixture_go (fixture);
  g_assert_cmpstr (failed->cursor, ==, "Each[1].Wait");
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  let_come_to (fixture, NULL);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpstr (fold->cursor, ==, "Each[1].Wait");
  g_assert_cmpuint (sent (fixture), ==, 1);
}

/* Of the same name, but another thing. */
static void
what_was_made_in_another_region_is_not_made_again (Fixture *fixture, gconstpointer data)
{
  g_autofree char *create = create_with ("\"region\":\"eu-west-2\",");
  g_autofree char *steps = g_strconcat (create, "," STEP_WAIT, NULL);
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, steps);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_not_made_again (fixture, fold, 1);
}

/* Looked at in the same way, before the wait: what makes it is further back. */
static void
goes_back_to_what_makes_it_and_not_to_what_changes_it (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_TAG "," STEP_WAIT);
  g_assert_cmpuint (fixture_count (fixture->effects, "AddTagsToResource"), ==, 1);
  delete_by_hand (fixture, "snap");
  fold = resume (fixture);
  assert_made_again (fixture, fold, 2);
  g_assert_cmpuint (fixture_count (fixture->effects, "AddTagsToResource"), ==, 2);
}

/* ---- what is told of it */

static JsonObject *
find_left (SlipRunFold *fold, const char *step)
{
  for (guint i = 0; fold->leftovers != NULL && i < json_array_get_length (fold->leftovers); i++)
    {
      JsonObject *left = json_array_get_object_element (fold->leftovers, i);

      if (g_strcmp0 (slip_json_string (left, "step"), step) == 0)
        return left;
    }
  g_error ("nothing is told of %s", step);
}

static gboolean
is_lost (SlipRunFold *fold, const char *step, const char *why)
{
  JsonObject *left = find_left (fold, step);
  const char *lost = slip_json_string (left, "lost");

  g_assert_true ((lost == NULL) == (slip_json_string (left, "undo") != NULL));
  return lost != NULL && strstr (lost, why) != NULL;
}

/* The steps by name, and the notes of the first. */
static char *
list_commands (SlipRunFold *fold, char **notes)
{
  g_autoptr (JsonArray) commands = slip_run_fold_list_commands (fold, NULL);
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (commands); i++)
    {
      JsonObject *step = json_array_get_object_element (commands, i);

      g_string_append_printf (names, "%s%s", i > 0 ? " " : "", slip_json_string (step, "step"));
      if (i == 0)
        *notes = slip_run_command_join (slip_json_array (step, "notes"), "; ");
    }
  return g_string_free (names, FALSE);
}

/* As another hand would: what failed then is about another thing. */
#define STEP_OTHER                                                                                 \
  "{\"id\":\"Other\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"          \
  "\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"request\":"                                \
  "{\"DBClusterSnapshotIdentifier\":\"other\"}}"

static void
delete_before (gpointer user_data, const char *operation)
{
  Fixture *fixture = user_data;
  g_autoptr (SlipRunFold) fold = fixture_fold (fixture);

  if (fixture_entries (fold, "step.outcome", "Wait") > 0)
    g_hash_table_remove (fixture->snapshots, "snap");
}

static JsonNode *
no_table (gpointer fixture, const char *operation, JsonObject *input, GError **error)
{
  if (g_str_equal (operation, "StartRestoreJob"))
    return slip_json_parse ("{\"RestoreJobId\":\"job-1\"}", -1, error);
  if (g_str_equal (operation, "DescribeTable"))
    g_assert_cmpstr (slip_json_string (input, "TableName"), ==, "restored");
  slip_aws_error_set_service (error,
                              g_str_equal (operation, "DescribeTable")
                                  ? "ResourceNotFoundException"
                                  : "DBClusterSnapshotNotFoundFault",
                              404, "not found");
  return NULL;
}

/* It stopped at something else, and looks what of its own is there: that is told, and the way to make it again. */
static void
a_run_that_stops_tells_what_is_not_there_any_more (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) stopped = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_autoptr (GHashTable) lost = NULL;
  g_autofree char *names = NULL;
  g_autofree char *notes = NULL;
  JsonArray *lines;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT "," STEP_OTHER);
  fixture->on_call = delete_before;
  stopped = fixture_go (fixture);
  fixture->on_call = NULL;
  g_assert_cmpint (stopped->state, ==, SLIP_RUN_FAILED);
  g_assert_true (is_lost (stopped, "Create", "at step Other that it is not there"));
  g_assert_nonnull (strstr (stopped->message, "made is not there any more: Create. “slipwayctl run "
                                              "commands "));
  names = list_commands (stopped, &notes);
  g_assert_cmpstr (names, ==, "Create Other");
  g_assert_nonnull (strstr (notes, "The run found it gone"));
  commands = slip_run_fold_list_commands (stopped, NULL);
  lines = slip_json_array (json_array_get_object_element (commands, 0), "commands");
  g_assert_cmpuint (json_array_get_length (lines), ==, 2);
  g_assert_true (g_regex_match_simple ("^if aws .*describe-db-cluster-snapshots .*grep -qE "
                                       "DBClusterSnapshotNotFoundFault; then aws .*create-db-"
                                       "cluster-snapshot .*; fi$",
                                       json_array_get_string_element (lines, 0), 0, 0));
  g_assert_nonnull (strstr (json_array_get_string_element (lines, 1), "until "));
  fixture_add_snapshot (fixture, "snap", "available", "api");
  fixture_add_snapshot (fixture, "other", "available", "api");
  done = resume (fixture);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (sent (fixture), ==, 1);
  lost = slip_run_fold_list_lost (done);
  g_assert_cmpuint (g_hash_table_size (lost), ==, 0);
}

/* What comes behind a deletion cannot be made again as it was, so that no command is given. */
static void
what_was_made_before_a_deletion_is_planned_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) stopped = NULL;
  g_autofree char *names = NULL;
  g_autofree char *notes = NULL;

  fixture_add_snapshot (fixture, "old", "available", "api");
  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT "," STEP_DELETE "," STEP_OTHER);
  fixture->on_call = delete_before;
  stopped = fixture_go (fixture);
  fixture->on_call = NULL;
  g_assert_true (is_lost (stopped, "Create", "that it is not there"));
  g_assert_nonnull (strstr (stopped->message, "does not make it again: Create"));
  names = list_commands (stopped, &notes);
  g_assert_cmpstr (names, ==, "Other");
}

/* AWS Backup makes it in another service's name. */
static void
what_a_restore_job_made_is_told_to_be_gone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) steps = g_string_new (STEP_JOB "," STEP_OTHER);
  g_autoptr (SlipRunFold) stopped = NULL;

  g_string_replace (steps, "{\"a\":\"b\"}", "{\"targetTableName\":\"restored\"}", 1);
  fixture->answer = no_table;
  fixture_plan (fixture, steps->str);
  stopped = fixture_go (fixture);
  g_assert_true (is_lost (stopped, "Job", "that it is not there (ResourceNotFoundException)"));
}

/* Where the run would begin, and a look, because what failed may still be there. */
static void
commands_begin_where_it_is_made_anew (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_autofree char *notes = NULL;
  g_autofree char *names = NULL;
  JsonArray *lines;

  come_to_failed (fixture, STEP_DELETE "," STEP_CREATE "," STEP_READ "," STEP_WAIT "," STEP_AFTER);
  fold = fixture_fold (fixture);
  names = list_commands (fold, &notes);
  g_assert_cmpstr (names, ==, "Create Read Wait After");
  g_assert_nonnull (strstr (notes, "Step Wait failed: it came to state failed"));
  g_assert_nonnull (strstr (notes, "when it answers DBClusterSnapshotNotFoundFault"));
  commands = slip_run_fold_list_commands (fold, NULL);
  lines = slip_json_array (json_array_get_object_element (commands, 0), "commands");
  g_assert_cmpuint (json_array_get_length (lines), ==, 2);
  g_assert_nonnull (strstr (json_array_get_string_element (lines, 0), "describe-db-cluster-snap"));
  g_assert_nonnull (strstr (json_array_get_string_element (lines, 1), "create-db-cluster-snapsh"));
}

static void
commands_begin_where_a_process_went_back_to_and_died (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *notes = NULL;
  g_autofree char *names = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_READ "," STEP_WAIT "," STEP_AFTER);
  delete_by_hand (fixture, "snap");
  fixture_control (fixture, SLIP_RUNNER_RESUME, NULL, NULL);
  fixture_append (fixture, "step.outcome", "Wait",
                  "{\"outcome\":\"failed\",\"gone\":true,\"next\":\"Create\","
                  "\"detail\":\"what failed is gone\"}");
  fold = fixture_fold (fixture);
  g_assert_cmpstr (fold->cursor, ==, "Create");
  names = list_commands (fold, &notes);
  g_assert_cmpstr (names, ==, "Create Read Wait After");
  g_assert_nonnull (strstr (notes, "went back to this step from step Wait: what failed is gone"));
}

/* Whoever then cancels is not sent to delete what is not there. */
static void
what_is_gone_is_not_told_as_existing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) cancelled = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  come_to_failed (fixture, STEP_CREATE "," STEP_TAG "," STEP_WAIT);
  failed = fixture_fold (fixture);
  g_assert_false (is_lost (failed, "Create", ""));
  g_assert_false (is_lost (failed, "Tag", ""));
  delete_by_hand (fixture, "snap");
  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_DENIED);
  refused = resume (fixture);
  g_assert_true (is_lost (refused, "Create", "step Wait found it gone"));
  g_assert_true (is_lost (refused, "Tag", "step Wait found it gone"));
  let_come_to (fixture, "failed");
  done = resume (fixture);
  g_assert_cmpint (done->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (made (fixture), ==, 2);
  g_assert_false (is_lost (done, "Create", ""));
  g_assert_false (is_lost (done, "Tag", ""));
  delete_by_hand (fixture, "snap");
  fixture_control (fixture, SLIP_RUNNER_CANCEL, NULL, NULL);
  cancelled = fixture_fold (fixture);
  /* Nobody looked. */
  g_assert_false (is_lost (cancelled, "Create", ""));
}

static char *
delete_of (const char *id)
{
  g_auto (GStrv) parts = g_strsplit (STEP_DELETE, "\"old\"", -1);
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", id);

  return g_strjoinv (quoted, parts);
}

/* By the run itself, and by somebody else before the run came to it. */
static void
what_a_later_step_deleted_is_not_told_as_existing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *drop = delete_of ("snap");
  g_autofree char *steps = g_strconcat (STEP_CREATE ",", drop, "," STEP_WAIT, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *notes = NULL;
  g_autofree char *names = NULL;

  fixture_plan (fixture, steps);
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_true (is_lost (fold, "Create", "step Delete deleted it"));
  g_assert_true (slip_json_bool (find_left (fold, "Delete"), "gone", FALSE));
  names = list_commands (fold, &notes);
  g_assert_cmpstr (names, ==, "Wait");
}

/* Of one kind, another of the same name is another thing. */
static void
what_another_name_was_deleted_by_stays_told (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "old", "available", "api");
  come_to_failed (fixture, STEP_CREATE "," STEP_DELETE "," STEP_WAIT);
  fold = fixture_fold (fixture);
  g_assert_false (is_lost (fold, "Create", ""));
}

/* The run stopped because AWS said so. */
static void
what_aws_answered_is_not_there_is_not_told_as_existing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) done = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT "," STEP_AFTER);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Create", NULL);
  fixture_append (fixture, "step.outcome", "Create", "{\"changed\":true,\"next\":\"After\"}");
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_true (is_lost (fold, "Create", "AWS answered step After that it is not there"));
  fixture_add_snapshot (fixture, "snap", "available", "api");
  fixture_fault (fixture, "DescribeDBClusterSnapshots", FAULT_DENIED);
  done = resume (fixture);
  g_assert_false (is_lost (done, "Create", ""));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/remake/commands_begin_where_it_is_made_anew", commands_begin_where_it_is_made_anew);
  ADD ("/run/remake/commands_begin_where_a_process_went_back_to_and_died",
       commands_begin_where_a_process_went_back_to_and_died);
  ADD ("/run/remake/what_is_gone_is_not_told_as_existing", what_is_gone_is_not_told_as_existing);
  ADD ("/run/remake/what_a_later_step_deleted_is_not_told_as_existing",
       what_a_later_step_deleted_is_not_told_as_existing);
  ADD ("/run/remake/what_another_name_was_deleted_by_stays_told",
       what_another_name_was_deleted_by_stays_told);
  ADD ("/run/remake/what_aws_answered_is_not_there_is_not_told_as_existing",
       what_aws_answered_is_not_there_is_not_told_as_existing);
  ADD ("/run/remake/a_run_that_stops_tells_what_is_not_there_any_more",
       a_run_that_stops_tells_what_is_not_there_any_more);
  ADD ("/run/remake/what_was_made_before_a_deletion_is_planned_again",
       what_was_made_before_a_deletion_is_planned_again);
  ADD ("/run/remake/what_a_restore_job_made_is_told_to_be_gone",
       what_a_restore_job_made_is_told_to_be_gone);
  ADD ("/run/remake/what_failed_and_is_gone_is_made_again", what_failed_and_is_gone_is_made_again);
  ADD ("/run/remake/goes_back_as_often_as_it_fails", goes_back_as_often_as_it_fails);
  ADD ("/run/remake/reads_between_are_read_again", reads_between_are_read_again);
  ADD ("/run/remake/a_lost_answer_of_the_second_making_is_looked_up",
       a_lost_answer_of_the_second_making_is_looked_up);
  ADD ("/run/remake/a_refused_second_making_is_sent_at_the_next_resume",
       a_refused_second_making_is_sent_at_the_next_resume);
  ADD ("/run/remake/a_process_that_dies_behind_the_way_back_makes_it_once",
       a_process_that_dies_behind_the_way_back_makes_it_once);
  ADD ("/run/remake/what_is_still_there_is_not_made_again", what_is_still_there_is_not_made_again);
  ADD ("/run/remake/what_became_available_is_taken", what_became_available_is_taken);
  ADD ("/run/remake/what_is_being_deleted_is_made_again_when_it_is_gone",
       what_is_being_deleted_is_made_again_when_it_is_gone);
  ADD ("/run/remake/what_another_run_made_is_not_made_by_this_one",
       what_another_run_made_is_not_made_by_this_one);
  ADD ("/run/remake/a_step_that_made_something_else_is_not_gone_back_to",
       a_step_that_made_something_else_is_not_gone_back_to);
  ADD ("/run/remake/never_goes_back_past_what_cannot_be_done_twice",
       never_goes_back_past_what_cannot_be_done_twice);
  ADD ("/run/remake/a_refused_look_is_not_gone", a_refused_look_is_not_gone);
  ADD ("/run/remake/an_expired_session_waits_for_a_sign_in_and_then_goes_back",
       an_expired_session_waits_for_a_sign_in_and_then_goes_back);
  ADD ("/run/remake/what_was_just_made_again_and_is_not_shown_yet_is_waited_for",
       what_was_just_made_again_and_is_not_shown_yet_is_waited_for);
  ADD ("/run/remake/a_wait_that_did_not_fail_never_goes_back",
       a_wait_that_did_not_fail_never_goes_back);
  ADD ("/run/remake/a_wait_that_was_begun_anew_never_goes_back",
       a_wait_that_was_begun_anew_never_goes_back);
  ADD ("/run/remake/a_turn_of_a_loop_does_not_lead_out_of_it",
       a_turn_of_a_loop_does_not_lead_out_of_it);
  ADD ("/run/remake/what_was_skipped_between_is_not_in_the_way",
       what_was_skipped_between_is_not_in_the_way);
  ADD ("/run/remake/a_turn_of_a_loop_stays_failed", a_turn_of_a_loop_stays_failed);
  ADD ("/run/remake/what_was_made_in_another_region_is_not_made_again",
       what_was_made_in_another_region_is_not_made_again);
  ADD ("/run/remake/goes_back_to_what_makes_it_and_not_to_what_changes_it",
       goes_back_to_what_makes_it_and_not_to_what_changes_it);
  return g_test_run ();
}
