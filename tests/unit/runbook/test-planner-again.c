/* SPDX-License-Identifier: MIT */
/* The claims of slip_planner_check_plan(): whoever edits a plan file, and computes its hash again, has
 * another plan than its runbook makes, whatever it is that was edited. */

#include "scripted.h"

#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-planner.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1795242600) * G_USEC_PER_SEC) /* 2026-11-21T06:30:00Z */

static const char *const text
    = "schemaVersion: '0.3'\n"
      "parameters:\n"
      "  Names: {type: StringList}\n"
      "  Waiver: {type: String, allowedValues: ['no', all], default: 'no', slipway: {pairing: "
      "{all: "
      "everything is given up}}}\n"
      "mainSteps:\n"
      "  - name: Find\n    action: aws:executeAwsApi\n"
      "    inputs: {Service: rds, Api: DescribeDBClusters, DBClusterIdentifier: api-production}\n"
      "    outputs: [{Name: Arn, Selector: '$.DBClusters[0].DBClusterArn', Type: String}]\n"
      "  - name: IsItWaived\n    action: aws:branch\n    inputs:\n      Choices:\n"
      "        - {NextStep: Waive, Variable: '{{ Waiver }}', StringEquals: all}\n"
      "      Default: Keep\n"
      "  - {name: Waive, action: aws:pause, inputs: {}, nextStep: Each}\n"
      "  - name: Keep\n    action: aws:executeAwsApi\n"
      "    inputs: {Service: rds, Api: CreateDBClusterSnapshot, DBClusterIdentifier: '{{ Find.Arn "
      "}}', "
      "DBClusterSnapshotIdentifier: kept}\n"
      "    slipway: {undo: delete it}\n"
      "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ Names }}'\n"
      "      Steps:\n"
      "        - {name: Ask, action: aws:pause, inputs: {}, slipway: {confirm: {how: simple, when: "
      "step}}}\n"
      "        - name: Drop\n          action: aws:executeAwsApi\n"
      "          inputs: {Service: rds, Api: DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: "
      "'{{ "
      "Each.CurrentIteratorValue }}'}\n"
      "          slipway: {confirmedBy: Ask, needs: [{service: rds, name: x}], guards: [{guard: "
      "clock, when: run}], resume: {rule: "
      "R6, "
      "service: rds, operation: DescribeDBClusterSnapshots, input: {DBClusterSnapshotIdentifier: "
      "'{{ "
      "Each.CurrentIteratorValue }}'}}}\n"
      "  - name: Open\n    action: aws:loop\n    inputs:\n      MaxIterations: 3\n"
      "      LoopCondition: {Variable: '{{ Look.Status }}', StringEquals: creating}\n"
      "      Steps:\n"
      "        - name: Look\n          action: aws:executeAwsApi\n"
      "          inputs: {Service: rds, Api: DescribeDBClusters, DBClusterIdentifier: "
      "api-production}\n"
      "          outputs: [{Name: Status, Selector: '$.DBClusters[0].Status', Type: String}]\n"
      "        - {name: Seen, action: aws:pause, inputs: {}, slipway: {confirm: {how: simple, "
      "when: "
      "step}}}\n";

typedef struct
{
  Scripted *script;
  SlipCaller *caller;
  SlipRunbook *runbook;
  SlipPlan *plan;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipClock) clock = slip_clock_new_manual (NOW);
  g_autoptr (GError) error = NULL;
  const char *values = data != NULL ? data : "{\"Names\":[\"a\",\"b\"],\"Waiver\":\"all\"}";
  g_autoptr (JsonNode) given = slip_json_parse (values, -1, NULL);
  SlipPlannerOptions options = {
      .clock = clock,
      .environment = "production",
      .parameters = json_node_get_object (given),
  };
  g_autoptr (GPtrArray) faults = NULL;

  fixture->script = scripted_new ();
  fixture->caller = options.caller = scripted_caller (fixture->script);
  fixture->runbook = slip_runbook_parse (text, -1, "test", &faults);
  if (fixture->runbook == NULL)
    {
      g_autofree char *told = slip_faults_to_text (faults);

      g_error ("%s", told);
    }
  fixture->plan = slip_planner_plan_full (fixture->runbook, &options, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_object (&fixture->plan);
  g_clear_object (&fixture->runbook);
  g_clear_pointer (&fixture->caller, slip_caller_unref);
  g_clear_pointer (&fixture->script, scripted_free);
}

/* ---- edits */

static JsonObject *
step_of (JsonObject *plan, const char *id)
{
  JsonArray *steps = slip_json_array (plan, "steps");

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonArray *body = slip_json_array (step, "body");

      if (g_str_equal (slip_json_string (step, "id"), id))
        return step;
      for (guint j = 0; body != NULL && j < json_array_get_length (body); j++)
        if (g_str_equal (slip_json_string (json_array_get_object_element (body, j), "id"), id))
          return json_array_get_object_element (body, j);
    }
  g_error ("there is no step %s", id);
}

typedef struct
{
  const char *what;
  const char *step;   /* NULL for the plan itself */
  const char *member; /* what is edited; a member of a member behind a slash */
  const char *value;  /* JSON, or NULL when it is left out */
  const char *why;    /* the refusal has these words */
} Edit;

static const Edit edits[] = {
    {"two people", NULL, "pairing", NULL, "everything is given up, and the plan leaves that out"},
    {"a value", NULL, "parameters/Waiver", "\"no\"",
     "is Keep in the runbook, and Waive in the plan"},
    {"a list", NULL, "parameters/Names", "[\"a\"]",
     "is Open in the runbook, and Each[2].Ask in the plan"},
    {"a turn's word", "Each[1].Ask", "confirm", NULL, "of step Each[1].Ask"},
    {"what it needs", "Each[2].Drop", "needs", NULL, "needs"},
    {"whose word", "Each[2].Drop", "confirmedBy", NULL, "confirmedBy"},
    {"the word of another turn", "Each[2].Drop", "confirmedBy", "\"Each[1].Ask\"", "confirmedBy"},
    {"a turn's guards", "Each[2].Drop", "guards", NULL, "guards"},
    {"how it is gone on with", "Each[1].Drop", "resume", "{\"rule\":\"R4\"}", "resume"},
    {"a word in a loop that is open", "Open[*].Seen", "confirm", NULL, "of step Open"},
    {"where it goes", "Find", "next", "\"Each[2].Ask\"", "of step Find"},
    {"what a failure does", "Each[1].Drop", "onFailure", "\"Continue\"", "onFailure"},
    {"what a branch takes", "IsItWaived", "next", "\"Each[1].Ask\"", "of step IsItWaived"},
    {"whether it matters", "Each[1].Drop", "isCritical", "false", "isCritical"},
    {"an answer", "Find", "known", NULL, "step Find is read when a plan is made"},
    {"all guards", NULL, "preflight", "[]", "preflight"},
    {"what all guards found", NULL, "guards", "[]", "and nothing is in its place"},
    {"the version", NULL, "schema", "\"org.slipway.plan/1\"", "do not bind what guards found"},
};

static void
edit_member (JsonObject *object, const char *path, const char *value)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  guint last = g_strv_length (parts) - 1;

  for (guint i = 0; i < last; i++)
    object = slip_json_object (object, parts[i]);
  if (value != NULL)
    json_object_set_member (object, parts[last], slip_json_parse (value, -1, NULL));
  else
    json_object_remove_member (object, parts[last]);
}

/* As whoever edits the file does: with the hash that fits. */
static SlipPlan *
read_again (JsonNode *node)
{
  g_autofree char *hash = slip_plan_compute_hash (json_node_get_object (node));
  g_autoptr (GError) error = NULL;
  SlipPlan *plan;

  json_object_set_string_member (json_node_get_object (node), "hash", hash);
  plan = slip_plan_new_stored (node, &error);
  g_assert_no_error (error);
  return plan;
}

static void
assert_refused (Fixture *fixture, JsonNode *node, const char *what, const char *why)
{
  g_autoptr (SlipPlan) edited = read_again (node);
  g_autoptr (GError) error = NULL;
  gboolean held = slip_planner_check_plan (fixture->runbook, edited, fixture->caller, &error);

  if (held || strstr (error->message, why) == NULL)
    g_error ("%s: %s", what, held ? "taken" : error->message);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
}

static void
test_edits (Fixture *fixture, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (fixture->plan));
      JsonObject *plan = json_node_get_object (node);

      edit_member (edits[i].step != NULL ? step_of (plan, edits[i].step) : plan, edits[i].member,
                   edits[i].value);
      assert_refused (fixture, node, edits[i].what, edits[i].why);
    }
}

static void
test_left_out (Fixture *fixture, gconstpointer data)
{
  guint n = slip_plan_get_n_steps (fixture->plan);

  for (guint i = 1; i < n; i++)
    {
      g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (fixture->plan));
      JsonArray *steps = slip_json_array (json_node_get_object (node), "steps");
      JsonObject *before = json_array_get_object_element (steps, i - 1);
      JsonObject *step = json_array_get_object_element (steps, i);
      g_autofree char *id = g_strdup (slip_json_string (step, "id"));

      if (slip_json_string (step, "next") != NULL)
        json_object_set_string_member (before, "next", slip_json_string (step, "next"));
      else
        json_object_remove_member (before, "next");
      json_array_remove_element (steps, i);
      for (guint j = 0; j < json_array_get_length (steps); j++)
        json_object_set_int_member (json_array_get_object_element (steps, j), "index", j);
      assert_refused (fixture, node, id, id);
    }
}

static void
test_other_way (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (fixture->plan));
  JsonObject *plan = json_node_get_object (node);
  JsonObject *branch = step_of (plan, "IsItWaived");
  JsonObject *choice = json_array_get_object_element (
      slip_json_array (slip_json_object (branch, "inputs"), "Choices"), 0);

  /* All that speaks of the value, and still the steps of the other way. */
  edit_member (plan, "parameters/Waiver", "\"no\"");
  edit_member (plan, "pairing", NULL);
  json_object_set_string_member (choice, "Variable", "no");
  assert_refused (fixture, node, "the way", "is Keep in the runbook, and Waive in the plan");
}

/* Left out, an answer is a reference that the run fills in: so the run is told that nothing was there. */
static void
test_answer_left_out (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (fixture->plan));
  JsonObject *plan = json_node_get_object (node);
  JsonObject *find = step_of (plan, "Find");
  g_autofree char *arn = g_strdup (slip_json_string (slip_json_object (find, "known"), "Arn"));

  g_assert_cmpstr (slip_json_string (slip_json_object (find, "expect"), "Arn"), ==, arn);
  edit_member (find, "known/Arn", NULL);
  edit_member (find, "expect", NULL);
  edit_member (step_of (plan, "Keep"), "request/DBClusterIdentifier", "\"{{ Find.Arn }}\"");
  edit_member (step_of (plan, "Keep"), "inputs/DBClusterIdentifier", "\"{{ Find.Arn }}\"");
  assert_refused (fixture, node, "the answer", "of step Find");
}

static JsonObject *
result_of (JsonObject *plan, const char *guard)
{
  JsonArray *results = slip_json_array (plan, "guards");

  for (guint i = 0; i < json_array_get_length (results); i++)
    {
      JsonObject *result = json_array_get_object_element (results, i);

      if (g_str_equal (slip_json_string (result, "guard"), guard))
        return result;
    }
  g_error ("there is no result of %s", guard);
}

/* A result that nothing comes to would waive a guard that the run asks. */
static void
test_results (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) more = slip_json_copy (slip_plan_to_json (fixture->plan));
  g_autoptr (JsonNode) moved = slip_json_copy (slip_plan_to_json (fixture->plan));
  g_autoptr (JsonNode) found = slip_json_copy (slip_plan_to_json (fixture->plan));
  g_autoptr (JsonNode) copy = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) edited = NULL;
  JsonObject *result = json_node_get_object (more);

  copy = slip_json_copy (
      json_array_get_element (slip_json_array (json_node_get_object (more), "guards"), 0));
  json_object_set_string_member (json_node_get_object (copy), "guard", "as-captured");
  json_object_set_string_member (json_node_get_object (copy), "state", "unprovable");
  json_array_add_element (slip_json_array (result, "guards"), g_steal_pointer (&copy));
  assert_refused (fixture, more, "one more", "a result of guard as-captured");
  json_object_set_string_member (result_of (json_node_get_object (moved), "clock"), "step", "Keep");
  assert_refused (fixture, moved, "of a step", "guard clock is asked when a plan is made");
  /* And whoever approved has approved what was found. */
  json_object_set_string_member (result_of (json_node_get_object (found), "clock"), "state",
                                 "unprovable");
  edited = slip_plan_new_from_json (found, &error);
  g_assert_null (edited);
  g_assert_nonnull (strstr (error->message, "its hash is not that"));
}

static void
test_protection (Fixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (fixture->plan));

  edit_member (json_node_get_object (node), "environments/production/protected", "false");
  assert_refused (fixture, node, "protection", "is protected by the workspace that is here");
}

static void
test_as_made (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  guint asked = scripted_count (fixture->script, "rds:DescribeDBClusters");

  g_assert_true (
      slip_planner_check_plan (fixture->runbook, fixture->plan, fixture->caller, &error));
  g_assert_true (slip_planner_check_plan (fixture->runbook, fixture->plan, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (scripted_count (fixture->script, "rds:DescribeDBClusters"), ==, asked);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/planner/again/what_was_planned_is_held_and_nobody_is_asked", test_as_made);
  ADD ("/planner/again/whatever_is_edited_is_told", test_edits);
  ADD ("/planner/again/no_step_can_be_left_out", test_left_out);
  ADD ("/planner/again/a_value_leads_its_own_way_only", test_other_way);
  g_test_add ("/planner/again/no_answer_can_be_left_out", Fixture,
              "{\"Names\":[\"a\"],\"Waiver\":\"no\"}", set_up, test_answer_left_out, tear_down);
  ADD ("/planner/again/what_guards_found_is_of_guards_that_are_asked", test_results);
  ADD ("/planner/again/what_is_protected_here_is_protected_in_the_plan", test_protection);
  return g_test_run ();
}
