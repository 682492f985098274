/* SPDX-License-Identifier: MIT */
/* The claims of the plan as a file: it round-trips, and what was changed in it is noticed. */

#include "scripted.h"

#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-planner.h"
#include "slip-run-engine.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1795242600) * G_USEC_PER_SEC)

static SlipPlan *
make (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (NOW);
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (GError) error = NULL;
  SlipPlannerOptions options = {.caller = caller, .clock = clock, .environment = "production"};
  SlipPlan *plan = slip_planner_plan_full (runbook, &options, &error);

  g_assert_no_error (error);
  return plan;
}

static void
test_round_trip (void)
{
  g_autoptr (SlipPlan) plan = make ();
  g_autofree char *text = slip_json_to_text (slip_plan_to_json (plan), TRUE);
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) again = slip_plan_new_from_json (node, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (slip_plan_get_hash (again), ==, slip_plan_get_hash (plan));
  g_assert_true (slip_json_equal (slip_plan_to_json (again), slip_plan_to_json (plan)));
  g_assert_cmpuint (slip_plan_get_n_steps (again), ==, slip_plan_get_n_steps (plan));
  g_assert_cmpint (slip_plan_get_started (again), ==, NOW);
  g_assert_cmpfloat_with_epsilon (slip_plan_get_minutes (again), slip_plan_get_minutes (plan),
                                  1e-9);
}

typedef void (*Tamper) (JsonObject *plan);

static JsonObject *
step_of (JsonObject *plan, guint index)
{
  return json_array_get_object_element (slip_json_array (plan, "steps"), index);
}

static void
change_request (JsonObject *plan)
{
  json_object_set_string_member (slip_json_object (step_of (plan, 13), "request"),
                                 "DBClusterSnapshotIdentifier", "another");
}

static void
drop_guard_spec (JsonObject *plan)
{
  JsonArray *guards = slip_json_array (step_of (plan, 13), "guards");

  json_array_remove_element (guards, 0);
}

static void
change_account (JsonObject *plan)
{
  json_object_set_string_member (
      slip_json_object (slip_json_object (plan, "environments"), "production"), "account",
      "999999999999");
}

static void
drop_step (JsonObject *plan)
{
  json_array_remove_element (slip_json_array (plan, "steps"), 23);
}

static void
lead_nowhere (JsonObject *plan)
{
  json_object_set_string_member (step_of (plan, 0), "next", "Nowhere");
}

static void
change_resume (JsonObject *plan)
{
  json_object_set_string_member (slip_json_object (step_of (plan, 8), "resume"), "rule", "R9");
}

static void
change_hash (JsonObject *plan)
{
  json_object_set_string_member (plan, "hash", "0000");
}

static void
drop_environment (JsonObject *plan)
{
  json_object_remove_member (plan, "environment");
}

static void
break_guard (JsonObject *plan)
{
  json_object_remove_member (json_array_get_object_element (slip_json_array (plan, "guards"), 0),
                             "state");
}

static void
test_tampering (void)
{
  static const Tamper tampers[] = {
      change_request, drop_guard_spec, change_account,   drop_step,   lead_nowhere,
      change_resume,  change_hash,     drop_environment, break_guard,
  };
  g_autoptr (SlipPlan) plan = make ();

  for (guint i = 0; i < G_N_ELEMENTS (tampers); i++)
    {
      g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (plan));
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipPlan) tampered = NULL;

      tampers[i](json_node_get_object (node));
      tampered = slip_plan_new_from_json (node, &error);
      if (tampered != NULL)
        g_error ("tampering %u was not noticed", i);
      g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
    }
}

/* ---- edits by somebody who computes the hash again */

static JsonObject *
find_step (JsonObject *plan, const char *operation)
{
  JsonArray *steps = slip_json_array (plan, "steps");

  for (guint i = 0; i < json_array_get_length (steps); i++)
    if (g_strcmp0 (slip_json_string (step_of (plan, i), "operation"), operation) == 0)
      return step_of (plan, i);
  g_error ("the plan has no %s", operation);
}

static void
lower_effect (JsonObject *plan)
{
  json_object_set_string_member (find_step (plan, "CreateDBClusterSnapshot"), "effect", "read");
}

static void
lower_reversibility (JsonObject *plan)
{
  json_object_set_string_member (find_step (plan, "CreateDBClusterSnapshot"), "reversibility",
                                 "read");
}

static void
send_other_request (JsonObject *plan)
{
  json_object_set_string_member (
      slip_json_object (find_step (plan, "CreateDBClusterSnapshot"), "request"),
      "DBClusterSnapshotIdentifier", "another");
}

static void
send_other_operation (JsonObject *plan)
{
  JsonObject *step = find_step (plan, "DescribeDBClusters");

  json_object_set_string_member (step, "operation", "DescribeDBClusterSnapshots");
}

static void
act_elsewhere (JsonObject *plan)
{
  json_object_set_string_member (find_step (plan, "CreateDBClusterSnapshot"), "account",
                                 "999999999999");
}

/* A step that only looks is given a deletion to look with, inputs and request alike. */
static void
delete_with (JsonObject *step, const char *action)
{
  JsonObject *inputs = json_object_new ();
  JsonObject *request = json_object_new ();
  JsonArray *values = json_array_new ();

  json_array_add_string_element (values, "deleted");
  json_object_set_string_member (request, "DBClusterSnapshotIdentifier", "api-production");
  json_object_set_string_member (inputs, "Service", "rds");
  json_object_set_string_member (inputs, "Api", "DeleteDBClusterSnapshot");
  json_object_set_string_member (inputs, "DBClusterSnapshotIdentifier", "api-production");
  json_object_set_string_member (inputs, "PropertySelector", "$.DBClusterSnapshot.Status");
  json_object_set_array_member (inputs, "DesiredValues", values);
  json_object_set_string_member (step, "action", action);
  json_object_set_string_member (step, "service", "rds");
  json_object_set_string_member (step, "operation", "DeleteDBClusterSnapshot");
  json_object_set_object_member (step, "inputs", inputs);
  json_object_set_object_member (step, "request", request);
}

static void
delete_in_assert (JsonObject *plan)
{
  delete_with (find_step (plan, "DescribeDBClusters"), "aws:assertAwsResourceProperty");
}

static void
delete_in_wait (JsonObject *plan)
{
  delete_with (find_step (plan, "DescribeDBClusters"), "aws:waitForAwsResourceProperty");
}

static void
delete_in_probe (JsonObject *plan)
{
  JsonObject *resume = slip_json_object (find_step (plan, "CreateDBClusterSnapshot"), "resume");

  json_object_set_string_member (resume, "service", "rds");
  json_object_set_string_member (resume, "operation", "DeleteDBClusterSnapshot");
}

static void
delete_in_guard (JsonObject *plan)
{
  JsonObject *guard = json_object_new ();
  JsonObject *inputs = json_object_new ();

  json_object_set_string_member (inputs, "service", "rds");
  json_object_set_string_member (inputs, "operation", "DeleteDBClusterSnapshot");
  json_object_set_string_member (guard, "guard", "unchanged");
  json_object_set_object_member (guard, "inputs", inputs);
  json_array_add_object_element (slip_json_array (plan, "preflight"), guard);
}

static void
test_rehashed (void)
{
  static const struct
  {
    Tamper tamper;
    const char *told;
  } edits[] = {
      {lower_effect, "is change, and says that it is read"},
      {lower_reversibility, "is reversible, and says that it is read"},
      {send_other_request, "another request than its inputs say"},
      {send_other_operation, "another operation than its inputs say"},
      {act_elsewhere, "is for account 999999999999"},
      {delete_in_assert, "rds:DeleteDBClusterSnapshot is final, and only reads"},
      {delete_in_wait, "rds:DeleteDBClusterSnapshot is final, and only reads"},
      {delete_in_probe, "rds:DeleteDBClusterSnapshot is final, and only reads"},
      {delete_in_guard, "rds:DeleteDBClusterSnapshot is final, and only reads"},
  };
  g_autoptr (SlipPlan) plan = make ();

  for (guint i = 0; i < G_N_ELEMENTS (edits); i++)
    {
      g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (plan));
      JsonObject *object = json_node_get_object (node);
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipPlan) edited = NULL;
      g_autofree char *hash = NULL;

      edits[i].tamper (object);
      hash = slip_plan_compute_hash (object);
      json_object_set_string_member (object, "hash", hash);
      edited = slip_plan_new_from_json (node, &error);
      g_assert_null (edited);
      g_assert_nonnull (strstr (error->message, edits[i].told));
    }
}

static gboolean
is_bare (JsonArray *guards, const char *id)
{
  for (guint i = 0; i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = json_array_get_object_element (guards, i);

      if (g_str_equal (slip_json_string (guard, "guard"), id)
          && g_strcmp0 (slip_json_string (guard, "environment"), "production") == 0
          && !json_object_has_member (guard, "severity"))
        return TRUE;
    }
  return FALSE;
}

static void
test_common_guards (void)
{
  static const char *const common[]
      = {"identity", "credentials", "environment", "permissions", "clock", "unfinished-runs"};
  g_autoptr (SlipPlan) plan = make ();
  g_autoptr (JsonArray) whole = slip_run_trust_preflight (plan);
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (plan));
  JsonArray *told = slip_json_array (json_node_get_object (node), "preflight");
  g_autoptr (JsonArray) without = NULL;
  g_autoptr (SlipPlan) edited = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *hash = NULL;

  /* What the planner makes has them all, and gets none twice. */
  g_assert_cmpuint (json_array_get_length (whole), ==, json_array_get_length (told));
  while (json_array_get_length (told) > 0)
    json_array_remove_element (told, 0);
  for (guint i = 0; i < 2; i++)
    {
      JsonObject *weak = json_object_new ();

      json_object_set_string_member (weak, "guard", common[i]);
      json_object_set_string_member (weak, "environment", "production");
      json_object_set_string_member (weak, "severity", "warn");
      json_array_add_object_element (told, weak);
    }
  hash = slip_plan_compute_hash (json_node_get_object (node));
  json_object_set_string_member (json_node_get_object (node), "hash", hash);
  edited = slip_plan_new_from_json (node, &error);
  g_assert_no_error (error);
  without = slip_run_trust_preflight (edited);
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    g_assert_true (is_bare (without, common[i]));
}

/* A plan file is anybody's bytes: no cut of it may do worse than be refused. */
static void
test_rubbish (void)
{
  static const char *const texts[] = {
      "[]",
      "{}",
      "{\"schema\":\"org.slipway.plan/1\"}",
      "{\"schema\":\"org.slipway.plan/1\",\"runbook\":{\"name\":\"a\",\"title\":\"b\"},"
      "\"environments\":{},\"parameters\":{},\"variables\":{},\"globals\":{},\"forecast\":{},"
      "\"environment\":\"e\",\"started\":\"2026-11-21T06:30:00Z\",\"steps\":[1],\"guards\":[]}",
      "{\"schema\":\"org.slipway.plan/1\",\"runbook\":{\"name\":\"a\",\"title\":\"b\"},"
      "\"environments\":{},\"parameters\":{},\"variables\":{},\"globals\":{},\"forecast\":{},"
      "\"environment\":\"e\",\"started\":\"2026-11-21T06:30:00Z\",\"steps\":[{}],\"guards\":[]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (JsonNode) node = slip_json_parse (texts[i], -1, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipPlan) plan = slip_plan_new_from_json (node, &error);

      g_assert_null (plan);
      g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
    }
}

static void
test_lookup (void)
{
  g_autoptr (SlipPlan) plan = make ();
  g_autoptr (JsonNode) parameter = slip_plan_lookup (plan, "Cluster");
  g_autoptr (JsonNode) nothing = slip_plan_lookup (plan, "CreateSnapshot.Arn");

  g_assert_cmpstr (json_node_get_string (parameter), ==, "api-production");
  g_assert_null (nothing);
}

static void
assert_property (const char *property, const char *desired, gboolean exactly, gboolean holds)
{
  g_autoptr (JsonNode) a = slip_json_parse (property, -1, NULL);
  g_autoptr (JsonNode) b = slip_json_parse (desired, -1, NULL);

  g_assert_cmpint (slip_plan_property_holds (a, json_node_get_array (b), exactly), ==, holds);
}

static void
test_property (void)
{
  assert_property ("\"a\"", "[\"a\",\"b\"]", FALSE, TRUE);
  assert_property ("true", "[\"true\"]", FALSE, TRUE);
  assert_property ("7", "[7]", FALSE, TRUE);
  assert_property ("\"c\"", "[\"a\"]", FALSE, FALSE);
  assert_property ("[\"a\"]", "[\"a\",\"b\"]", FALSE, TRUE);
  assert_property ("[\"a\"]", "[\"a\",\"b\"]", TRUE, FALSE);
  assert_property ("[\"b\",\"a\"]", "[\"a\",\"b\"]", TRUE, TRUE);
  assert_property ("[\"a\",\"all\"]", "[\"a\"]", TRUE, FALSE);
  assert_property ("[]", "[\"a\"]", FALSE, FALSE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  g_test_add_func ("/plan/round_trips", test_round_trip);
  g_test_add_func ("/plan/notices_what_was_changed", test_tampering);
  g_test_add_func ("/plan/is_not_believed_because_its_hash_agrees", test_rehashed);
  g_test_add_func ("/plan/guards_of_every_change_are_there_whatever_it_says", test_common_guards);
  g_test_add_func ("/plan/refuses_rubbish", test_rubbish);
  g_test_add_func ("/plan/looks_up_what_it_knows", test_lookup);
  g_test_add_func ("/plan/properties", test_property);
  return g_test_run ();
}
