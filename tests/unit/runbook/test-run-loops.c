/* SPDX-License-Identifier: MIT */
/* Loops that only the run can unroll, from the document through the planner to the last turn; and
 * automations that another service runs. */

#include "run-fixture.h"
#include "scripted.h"

#include "slip-planner.h"

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

/* Plans a document on the script, and makes the run of its steps on the fixture's AWS. */
static void
plan_document (Fixture *fixture, const char *text)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *steps = NULL;
  SlipPlannerOptions options
      = {.caller = caller, .clock = fixture->clock, .environment = "production"};

  runbook = slip_runbook_parse (text, -1, "loop", &faults);
  g_assert_nonnull (runbook);
  plan = slip_planner_plan_full (runbook, &options, &error);
  g_assert_no_error (error);
  node = slip_json_new_array (
      json_array_ref (slip_json_array (json_node_get_object (slip_plan_to_json (plan)), "steps")));
  steps = slip_json_to_text (node, FALSE);
  /* The fixture puts brackets around them. */
  steps[strlen (steps) - 1] = '\0';
  fixture_plan (fixture, steps + 1);
}

#define HEAD "schemaVersion: '0.3'\n"

/* `snap` is made, and looked at again and again while it is not there yet. */
#define UNTIL                                                                                      \
  HEAD "mainSteps:\n"                                                                              \
       "  - name: Create\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "         \
       "CreateDBClusterSnapshot, DBClusterSnapshotIdentifier: snap, DBClusterIdentifier: api}\n"   \
       "  - name: Again\n    action: aws:loop\n    inputs:\n      MaxIterations: 10\n"             \
       "      LoopCondition: {Variable: '{{ Look.State }}', StringEquals: creating}\n"             \
       "      Steps:\n"                                                                            \
       "        - name: Look\n          action: aws:executeAwsApi\n          inputs: {Service: "   \
       "rds, Api: DescribeDBClusterSnapshots, DBClusterSnapshotIdentifier: snap}\n"                \
       "          outputs: [{Name: State, Selector: '$.DBClusterSnapshots[0].Status', Type: "      \
       "String}]\n"                                                                                \
       "  - name: Delete\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "         \
       "DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: snap}\n"

static void
repeats_while_the_condition_holds (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->ready_after = 5;
  plan_document (fixture, UNTIL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  /* Four looks find it creating, the fifth available. */
  g_assert_cmpuint (fixture_entries (fold, "step.turn", "Again"), ==, 5);
  g_assert_cmpint (slip_run_fold_find (fold, "Again[5].Look")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_null (slip_run_fold_find (fold, "Again[6].Look"));
  g_assert_cmpuint (fixture_count (fixture->effects, "DeleteDBClusterSnapshot"), ==, 1);
}

static void
stops_repeating_at_the_most (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->ready_after = 1000;
  plan_document (fixture, UNTIL);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  /* As Systems Manager does: what follows the loop has to look for itself. */
  g_assert_cmpuint (fixture_entries (fold, "step.turn", "Again"), ==, 10);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

static void
goes_on_repeating_after_a_crash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture->ready_after = 2;
  plan_document (fixture, UNTIL);
  fixture_add_snapshot (fixture, "snap", "creating", "api");
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"Again\",\"changed\":true}");
  fixture_append (fixture, "step.turn", "Again", "{\"turn\":1,\"next\":\"Again[1].Look\"}");
  fixture_append (fixture, "step.outcome", "Again[1].Look",
                  "{\"next\":\"Again\",\"outputs\":{\"State\":\"creating\"}}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_entries (fold, "step.turn", "Again"), ==, 3);
  g_assert_cmpuint (fixture_count (fixture->sent, "CreateDBClusterSnapshot"), ==, 0);
}

/* Variables that a turn changes are asked for after the turn, not at planning. */
static void
counts_in_a_variable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  plan_document (
      fixture,
      HEAD "variables:\n  Go: {type: String, default: 'yes'}\nmainSteps:\n"
           "  - name: Again\n    action: aws:loop\n    inputs:\n      MaxIterations: 7\n"
           "      LoopCondition: {Variable: '{{ variable:Go }}', StringEquals: 'yes'}\n"
           "      Steps:\n"
           "        - name: Stop\n          action: aws:updateVariable\n          inputs: {Name: "
           "'variable:Go', Value: 'no'}\n");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_entries (fold, "step.turn", "Again"), ==, 1);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

#define LIST(most)                                                                                 \
  HEAD                                                                                             \
      "mainSteps:\n"                                                                               \
      "  - name: Create\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "          \
      "CreateDBClusterSnapshot, DBClusterSnapshotIdentifier: snap, DBClusterIdentifier: api}\n"    \
      "    outputs: [{Name: Zones, Selector: '$.DBClusterSnapshot.AvailabilityZones', Type: "      \
      "StringList}]\n"                                                                             \
      "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ Create.Zones }}'\n" \
      "      MaxIterations: " most "\n      Steps:\n"                                              \
      "        - name: Drop\n          action: aws:executeAwsApi\n          inputs: {Service: "    \
      "rds, Api: DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: '{{ "                       \
      "Each.CurrentIteratorValue }}'}\n"                                                           \
      "          slipway: {resume: {rule: R6, operation: DescribeDBClusterSnapshots, input: "      \
      "{DBClusterSnapshotIdentifier: '{{ Each.CurrentIteratorValue }}'}, select: "                 \
      "'$.DBClusterSnapshots[0]', absent: [DBClusterSnapshotNotFoundFault]}}\n"

static void
create_is_done_with (Fixture *fixture)
{
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (
      fixture, "step.outcome", "Create",
      "{\"next\":\"Each\",\"changed\":true,\"outputs\":{\"Zones\":[\"old\",\"older\"]}}");
}

static void
takes_each_value_of_a_list_that_a_step_yields (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  plan_document (fixture, LIST ("5"));
  create_is_done_with (fixture);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpuint (fixture_count (fixture->effects, "DeleteDBClusterSnapshot"), ==, 2);
  g_assert_cmpuint (g_hash_table_size (fixture->snapshots), ==, 0);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

static void
refuses_a_list_that_is_too_long (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "older", "available", "api");
  plan_document (fixture, LIST ("1"));
  create_is_done_with (fixture);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "the loop has 2 turns, more than 1"));
  /* Not even the first value was taken. */
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* ---- automations */

#define AUTOMATION                                                                                 \
  HEAD "mainSteps:\n"                                                                              \
       "  - name: Patch\n    action: aws:executeAutomation\n    inputs:\n"                         \
       "      DocumentName: AWS-RestartEC2Instance\n"                                              \
       "      RuntimeParameters: {InstanceId: i-0123456789abcdef0}\n"                              \
       "  - name: Use\n    action: aws:branch\n    inputs:\n      Choices:\n"                      \
       "        - {Variable: '{{ Patch.Status }}', StringEquals: Success, NextStep: Good}\n"       \
       "      Default: Bad\n"                                                                      \
       "  - {name: Bad, action: 'aws:sleep', inputs: {Duration: PT1S}, isEnd: true}\n"             \
       "  - {name: Good, action: 'aws:sleep', inputs: {Duration: PT1S}, isEnd: true}\n"

static void
an_automation_is_started_once (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  SlipFoldStep *step;

  plan_document (fixture, AUTOMATION);
  fixture->ready_after = 4;
  fixture_fault (fixture, "StartAutomationExecution", FAULT_AFTER);
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  step = slip_run_fold_find (fold, "Patch");
  g_assert_cmpint (step->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpstr (step->handle, ==, AUTOMATION_ID);
  g_assert_cmpstr (slip_json_string (step->outputs, "Status"), ==, "Success");
  g_assert_cmpstr (slip_json_string (step->outputs, "ExecutionId"), ==, AUTOMATION_ID);
  g_assert_cmpstr (json_array_get_string_element (slip_json_array (step->outputs, "Output"), 0), ==,
                   "restarted");
  g_assert_cmpint (slip_run_fold_find (fold, "Good")->state, ==, SLIP_RUN_STEP_DONE);
  g_assert_cmpint (slip_run_fold_find (fold, "Bad")->state, ==, SLIP_RUN_STEP_SKIPPED);
  /* What was passed by was neither done nor verified. */
  g_assert_cmpstr (fixture->told, ==, "3 steps done and verified, 1 skipped");
  /* It was sent twice, with one token: Systems Manager starts it once. */
  g_assert_cmpuint (fixture->tokens->len, ==, 2);
  g_assert_cmpstr (g_ptr_array_index (fixture->tokens, 0), ==,
                   g_ptr_array_index (fixture->tokens, 1));
  g_assert_cmpuint (strlen (g_ptr_array_index (fixture->tokens, 0)), ==, 36);
}

static void
a_failed_automation_tells_its_cause (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  plan_document (fixture, AUTOMATION);
  fixture->state = "Failed";
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (fixture->error->message, "the instance is gone"));
  g_assert_cmpint (slip_run_fold_find (fold, "Good")->state, !=, SLIP_RUN_STEP_DONE);
}

static void
an_automation_is_waited_for_after_a_crash (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  plan_document (fixture, AUTOMATION);
  fixture_append (fixture, "run.started", NULL, "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (fixture, "step.intent", "Patch", NULL);
  fixture_append (fixture, "step.waiting", "Patch", "{\"handle\":\"" AUTOMATION_ID "\"}");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/loop/repeats_while_the_condition_holds", repeats_while_the_condition_holds);
  ADD ("/run/loop/stops_repeating_at_the_most", stops_repeating_at_the_most);
  ADD ("/run/loop/goes_on_repeating_after_a_crash", goes_on_repeating_after_a_crash);
  ADD ("/run/loop/asks_for_variables_after_the_turn", counts_in_a_variable);
  ADD ("/run/loop/takes_each_value_of_a_yielded_list",
       takes_each_value_of_a_list_that_a_step_yields);
  ADD ("/run/loop/refuses_a_list_that_is_too_long", refuses_a_list_that_is_too_long);
  ADD ("/run/automation/is_started_once", an_automation_is_started_once);
  ADD ("/run/automation/failure_tells_its_cause", a_failed_automation_tells_its_cause);
  ADD ("/run/automation/is_waited_for_after_a_crash", an_automation_is_waited_for_after_a_crash);
  return g_test_run ();
}
