/* SPDX-License-Identifier: MIT */
/* The claims of the plan as a file: it round-trips, and what was changed in it is noticed. */

#include "scripted.h"

#include "slip-json.h"
#include "slip-planner.h"

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
lower_effect (JsonObject *plan)
{
  json_object_set_string_member (step_of (plan, 13), "effect", "read");
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
      change_request, drop_guard_spec, change_account, drop_step,        lead_nowhere,
      change_resume,  lower_effect,    change_hash,    drop_environment, break_guard,
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
  g_test_add_func ("/plan/refuses_rubbish", test_rubbish);
  g_test_add_func ("/plan/looks_up_what_it_knows", test_lookup);
  g_test_add_func ("/plan/properties", test_property);
  return g_test_run ();
}
