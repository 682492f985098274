/* SPDX-License-Identifier: MIT */
/* The claims of the planner: what it decides, what it leaves to the run, what it refuses, and that
 * planting a fault in the estate is caught before anything is changed. */

#include "scripted.h"

#include "slip-aws-error.h"
#include "slip-json.h"
#include "slip-planner.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1795242600) * G_USEC_PER_SEC) /* 2026-11-21T06:30:00Z */

static SlipRunbook *
parse (const char *text)
{
  g_autoptr (GPtrArray) faults = NULL;
  SlipRunbook *runbook = slip_runbook_parse (text, -1, "test", &faults);

  if (runbook == NULL)
    {
      g_autofree char *told = slip_faults_to_text (faults);

      g_error ("%s", told);
    }
  return runbook;
}

static SlipPlan *
plan_at (Scripted *script, SlipRunbook *runbook, const char *parameters, gint64 now, GError **error)
{
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (now);
  g_autoptr (JsonNode) node = slip_json_parse (parameters, -1, NULL);
  SlipPlannerOptions options = {
      .caller = caller,
      .clock = clock,
      .environment = "production",
      .parameters = json_node_get_object (node),
  };
  g_autoptr (GError) untrue = NULL;
  SlipPlan *plan = slip_planner_plan_full (runbook, &options, error);

  /* Whatever is planned can be held against its runbook. */
  if (plan != NULL && !slip_plan_is_blocked (plan))
    {
      slip_planner_check_plan (runbook, plan, caller, &untrue);
      g_assert_no_error (untrue);
    }
  return plan;
}

static SlipPlan *
plan_text (Scripted *script, const char *text, const char *parameters)
{
  g_autoptr (SlipRunbook) runbook = parse (text);
  g_autoptr (GError) error = NULL;
  SlipPlan *plan = plan_at (script, runbook, parameters, NOW, &error);

  g_assert_no_error (error);
  return plan;
}

static SlipPlan *
plan_snapshot (Scripted *script, const char *parameters)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", &error);
  SlipPlan *plan;

  g_assert_no_error (error);
  plan = plan_at (script, runbook, parameters, NOW, &error);
  g_assert_no_error (error);
  return plan;
}

static const char *
request_string (SlipPlan *plan, const char *id, const char *member)
{
  SlipPlanStep *step = slip_plan_find_step (plan, id);

  g_assert_nonnull (step);
  return slip_json_string (json_node_get_object (slip_plan_step_get_request (step)), member);
}

static char *
ids_of (SlipPlan *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);

      g_string_append_printf (text, "%s%s%s", i > 0 ? " " : "", slip_plan_step_get_id (step),
                              slip_plan_step_is_conditional (step) ? "?" : "");
    }
  return g_string_free (text, FALSE);
}

static void
assert_ids (SlipPlan *plan, const char *wanted)
{
  g_autofree char *ids = ids_of (plan);

  g_assert_cmpstr (ids, ==, wanted);
}

static void
test_snapshot (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_snapshot (script, "{}");
  SlipPlanStep *copy = slip_plan_find_step (plan, "CopySnapshot");

  assert_ids (
      plan,
      "CheckIdentity DescribeCluster FindSize AssertClusterAvailable DescribeKey "
      "AssertCustomerKey FindOlderCopy AreWritersQuiet CreateSnapshot WaitForSnapshot "
      "DescribeSnapshot IsThereAnOlderCopy IsItKept DeleteOlderCopy "
      "WaitForOlderCopyGone CopySnapshot WaitForCopy AssertCopySource AssertCopyKey "
      "ShareCopy AssertSharing DescribeCopy IsThereAReceiver SeeFromReceiver DescribeSharing");
  g_assert_false (slip_plan_is_blocked (plan));
  g_assert_cmpstr (request_string (plan, "CreateSnapshot", "DBClusterSnapshotIdentifier"), ==,
                   "pre-migration-snapshot-api-202611210630");
  g_assert_cmpstr (request_string (plan, "CopySnapshot", "KmsKeyId"), ==,
                   "arn:aws:kms:eu-west-1:111111111111:key/shared");
  g_assert_cmpstr (request_string (plan, "CopySnapshot", "SourceDBClusterSnapshotIdentifier"), ==,
                   "{{ DescribeSnapshot.SnapshotArn }}");
  g_assert_false (slip_plan_step_is_request_complete (copy));
  g_assert_cmpint (slip_plan_step_get_resume_rule (copy), ==, SLIP_RESUME_R1);
  g_assert_cmpint (slip_plan_get_point_of_no_return (plan), ==, 13);
  g_assert_cmpstr (slip_plan_step_get_environment (slip_plan_find_step (plan, "SeeFromReceiver")),
                   ==, "preproduction");
  g_assert_cmpstr (slip_plan_step_get_account (slip_plan_find_step (plan, "SeeFromReceiver")), ==,
                   "222222222222");
  g_assert_cmpfloat_with_epsilon (
      slip_plan_step_get_minutes (slip_plan_find_step (plan, "WaitForCopy")), 10 + 0.15 * 100,
      1e-9);
}

static void
test_no_older_copy (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = NULL;

  scripted_answer (script, "production", "rds:DescribeDBClusterSnapshots",
                   "{\"DBClusterSnapshots\":[]}");
  plan = plan_snapshot (script, "{\"TargetEnvironment\":\"\"}");
  assert_ids (
      plan, "CheckIdentity DescribeCluster FindSize AssertClusterAvailable DescribeKey "
            "AssertCustomerKey FindOlderCopy AreWritersQuiet CreateSnapshot WaitForSnapshot "
            "DescribeSnapshot IsThereAnOlderCopy CopySnapshot WaitForCopy AssertCopySource "
            "AssertCopyKey ShareCopy AssertSharing DescribeCopy IsThereAReceiver DescribeSharing");
  /* One, and without an audit log whether another run is unfinished. */
  g_assert_cmpuint (slip_plan_count_guards (plan, SLIP_GUARD_UNPROVABLE), ==, 2);
}

static void
test_kept_copy (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan
      = plan_snapshot (script, "{\"KeepPreviousCopy\":true,\"Quiesced\":\"writes-stopped\"}");

  g_assert_cmpstr (request_string (plan, "KeepOlderCopy", "TargetDBClusterSnapshotIdentifier"), ==,
                   "api-snpshot-for-copy-prev-202611210630");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (plan, "WaitForKeptCopy")), ==,
                   "DeleteOlderCopy");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (plan, "AreWritersQuiet")), ==,
                   "AttestQuiet");
  g_assert_cmpint (slip_plan_step_get_resume_rule (slip_plan_find_step (plan, "AttestQuiet")), ==,
                   SLIP_RESUME_R5);
}

static void
test_hash (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) one = plan_snapshot (script, "{}");
  g_autoptr (SlipPlan) same = plan_snapshot (script, "{}");
  g_autoptr (SlipPlan) other = plan_snapshot (script, "{\"CopyName\":\"api-snapshot-for-copy\"}");
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (SlipPlan) later = NULL;
  g_autoptr (SlipPlan) again = NULL;
  g_autoptr (SlipPlan) moved = NULL;
  g_autofree char *parameters = NULL;
  g_autoptr (JsonNode) node = NULL;

  g_assert_cmpstr (slip_plan_get_hash (one), ==, slip_plan_get_hash (same));
  g_assert_cmpstr (slip_plan_get_hash (one), !=, slip_plan_get_hash (other));
  later = plan_at (script, runbook, "{}", NOW + 60 * G_USEC_PER_SEC, NULL);
  g_assert_cmpstr (slip_plan_get_hash (one), !=, slip_plan_get_hash (later));
  node = json_node_init_object (json_node_alloc (), slip_plan_get_parameters (one));
  parameters = slip_json_to_text (node, FALSE);
  again = plan_at (script, runbook, parameters, NOW + 60 * G_USEC_PER_SEC, NULL);
  g_assert_cmpstr (slip_plan_get_hash (one), ==, slip_plan_get_hash (again));
  json_object_set_string_member (scripted_facts (script, "production"), "endpoint", "elsewhere");
  moved = plan_snapshot (script, "{}");
  g_assert_cmpstr (slip_plan_get_hash (one), !=, slip_plan_get_hash (moved));
}

static void
test_reads_once (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_snapshot (script, "{}");

  g_assert_nonnull (plan);
  g_assert_cmpuint (scripted_count (script, "kms:DescribeKey"), ==, 1);
  g_assert_cmpuint (scripted_count (script, "sts:GetCallerIdentity"), ==, 2);
  g_assert_cmpuint (scripted_count_all (script), <=, 20);
}

static void
assert_blocked (Scripted *script, const char *parameters, const char *words)
{
  g_autoptr (SlipPlan) plan = plan_snapshot (script, parameters);
  GListModel *guards = slip_plan_get_guards (plan);
  gboolean told = FALSE;

  g_assert_true (slip_plan_is_blocked (plan));
  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) result = g_list_model_get_item (guards, i);

      told = told
             || (slip_guard_result_get_state (result) == SLIP_GUARD_BLOCK
                 && strstr (slip_guard_result_get_message (result), words) != NULL);
    }
  if (!told)
    g_error ("no guard blocks with “%s”", words);
}

/* Each of the faults that a real operator has met, planted, must block before the first change. */
static void
test_planted_faults (void)
{
  static const struct
  {
    const char *environment;
    const char *call;
    const char *part;
    const char *answer;
    const char *parameters;
    const char *words;
  } faults[] = {
      {"production", "kms:DescribeKey", NULL, "!NotFoundException no such alias", "{}",
       "cannot be used"},
      {"production", "kms:DescribeKey", NULL,
       "{\"KeyMetadata\":{\"KeyId\":\"k\",\"Arn\":\"arn:aws:kms:eu-west-1:111111111111:key/k\","
       "\"KeyManager\":\"AWS\",\"KeyState\":\"Enabled\"}}",
       "{}", "managed by AWS"},
      {"production", "kms:DescribeKey", NULL,
       "{\"KeyMetadata\":{\"KeyId\":\"k\",\"Arn\":\"arn:aws:kms:eu-west-1:111111111111:key/k\","
       "\"KeyManager\":\"CUSTOMER\",\"KeyState\":\"Disabled\"}}",
       "{}", "is Disabled"},
      {"production", "kms:GetKeyPolicy", NULL, "{\"Policy\":\"{\\\"Statement\\\":[]}\"}", "{}",
       "does not permit account 222222222222"},
      {"production", "rds:DescribeDBClusterSnapshots", "pre-migration-snapshot",
       "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"pre-migration-snapshot-api-"
       "202611210630\",\"DBClusterIdentifier\":\"api-production\"}]}",
       "{}", "exists already"},
      {"production", "rds:DescribeDBClusters", NULL,
       "{\"DBClusters\":[{\"DBClusterIdentifier\":\"api-production\",\"Status\":\"modifying\","
       "\"AllocatedStorage\":1}]}",
       "{}", "is modifying"},
      {"production", "rds:DescribeDBClusters", NULL, "!DBClusterNotFoundFault no", "{}",
       "there is no cluster"},
      {"production", "sts:GetCallerIdentity", NULL,
       "{\"Account\":\"222222222222\",\"Arn\":\"arn:aws:sts::222222222222:assumed-role/breakglass/"
       "ann\",\"UserId\":\"U\"}",
       "{}", "222222222222"},
      {"preproduction", "sts:GetCallerIdentity", NULL,
       "{\"Account\":\"111111111111\",\"Arn\":\"arn:aws:sts::111111111111:assumed-role/breakglass/"
       "ann\",\"UserId\":\"U\"}",
       "{}", "111111111111"},
      {"production", "sts:GetCallerIdentity", NULL,
       "{\"Account\":\"111111111111\",\"Arn\":\"arn:aws:sts::111111111111:assumed-role/viewer/"
       "ann\",\"UserId\":\"U\"}",
       "{}", "viewer"},
      {"production", "rds:DescribeAccountAttributes", NULL,
       "{\"AccountQuotas\":[{\"AccountQuotaName\":\"ManualClusterSnapshots\",\"Max\":2}]}", "{}",
       "the limit of 2 is passed"},
      {"preproduction", "rds:DescribeDBClusterSnapshots", NULL,
       "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"r\",\"Status\":\"copying\","
       "\"SourceDBClusterSnapshotArn\":\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:"
       "api-snpshot-for-copy\"}]}",
       "{}", "is being read"},
      {NULL, NULL, NULL, NULL, "{\"CopyName\":\"api-snapshot-for-copy\"}",
       "expects api-snpshot-for-copy"},
      {NULL, NULL, NULL, NULL, "{\"ShareWith\":[\"111111111111\"]}", "itself"},
      {NULL, NULL, NULL, NULL,
       "{\"ShareWith\":[\"333333333333\"],\"TargetEnvironment\":"
       "\"preproduction\"}",
       "not shared with"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (Scripted) script = scripted_new ();

      if (faults[i].call != NULL && faults[i].part != NULL)
        scripted_answer_to (script, faults[i].environment, faults[i].call, faults[i].part,
                            faults[i].answer);
      else if (faults[i].call != NULL)
        scripted_answer (script, faults[i].environment, faults[i].call, faults[i].answer);
      assert_blocked (script, faults[i].parameters, faults[i].words);
    }
}

static void
test_short_session (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  scripted_set_expiration (script, NOW + 10 * 60 * G_USEC_PER_SEC);
  assert_blocked (script, "{}", "at least 15 are needed");
}

static void
test_parameter_faults (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan
      = plan_at (script, runbook,
                 "{\"ShareWith\":[\"all\"],\"CopyName\":\"bad name\",\"CopyNam\":\"x\","
                 "\"Quiesced\":\"{{ Cluster }}\"}",
                 NOW, &error);

  g_assert_null (plan);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PARAMETER);
  g_assert_nonnull (strstr (error->message, "ShareWith: “all” does not fit. Wanted: "));
  g_assert_nonnull (strstr (error->message, "CopyName: “bad name” does not fit. Wanted: "));
  g_assert_nonnull (strstr (error->message, "CopyNam: the runbook has no such parameter; did you "
                                            "mean CopyName?"));
  g_assert_nonnull (strstr (error->message, "Quiesced: a value cannot hold a reference"));
  g_assert_cmpuint (scripted_count_all (script), ==, 0);
}

static void
test_broken_way (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = NULL;

  scripted_answer (script, "production", "rds:DescribeDBClusters", "!!");
  plan = plan_at (script, runbook, "{}", NOW, &error);
  g_assert_null (plan);
  g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_TRANSPORT);
  g_assert_true (g_str_has_prefix (error->message, "step DescribeCluster: "));
}

#define HEAD "schemaVersion: '0.3'\n"
#define PAUSE(name) "  - {name: " name ", action: aws:pause, inputs: {}}\n"

static void
test_loop (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const text = HEAD
      "parameters:\n  Names: {type: StringList}\nvariables:\n  Last: {type: String, default: "
      "none}\nmainSteps:\n" PAUSE (
          "first") "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ Names "
                   "}}'\n"
                   "      Steps:\n"
                   "        - name: Find\n          action: aws:executeAwsApi\n"
                   "          inputs: {Service: rds, Api: DescribeDBClusters, DBClusterIdentifier: "
                   "'{{ Each.CurrentIteratorValue }}-{{ Each.CurrentIteration }}'}\n"
                   "          outputs: [{Name: Arn, Selector: '$.DBClusters[0].DBClusterArn', "
                   "Type: "
                   "String}]\n          slipway: {evaluate: run}\n"
                   "        - name: Stop\n          action: aws:executeAwsApi\n          "
                   "onFailure: "
                   "Continue\n          inputs: {Service: rds, Api: StopDBCluster, "
                   "DBClusterIdentifier: "
                   "'{{ Find.Arn }}'}\n"
                   "        - name: Note\n          action: aws:updateVariable\n          inputs: "
                   "{Name: "
                   "'variable:Last', Value: '{{ Each.CurrentIteratorValue }}'}\n"
                   "  - name: After\n    action: aws:executeAwsApi\n    inputs: {Service: rds, "
                   "Api: "
                   "DescribeDBClusters, DBClusterIdentifier: '{{ variable:Last }}'}\n";
  g_autoptr (SlipPlan) plan = plan_text (script, text, "{\"Names\":[\"a\",\"b\"]}");
  g_autoptr (SlipPlan) none = plan_text (script, text, "{\"Names\":[]}");

  assert_ids (plan, "first Each[1].Find Each[1].Stop Each[1].Note Each[2].Find Each[2].Stop "
                    "Each[2].Note After");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (plan, "first")), ==,
                   "Each[1].Find");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (plan, "Each[1].Note")), ==,
                   "Each[2].Find");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (plan, "Each[2].Note")), ==,
                   "After");
  g_assert_cmpstr (request_string (plan, "Each[2].Find", "DBClusterIdentifier"), ==, "b-2");
  g_assert_cmpstr (request_string (plan, "Each[2].Stop", "DBClusterIdentifier"), ==,
                   "{{ Each[2].Find.Arn }}");
  g_assert_cmpstr (request_string (plan, "After", "DBClusterIdentifier"), ==, "b");
  assert_ids (none, "first After");
  g_assert_cmpstr (slip_plan_step_get_next (slip_plan_find_step (none, "first")), ==, "After");
  g_assert_cmpstr (request_string (none, "After", "DBClusterIdentifier"), ==, "none");
}

static void
test_open_loop (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD
      "mainSteps:\n"
      "  - name: Make\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
      "StopDBCluster, DBClusterIdentifier: x}\n    outputs: [{Name: Names, Selector: "
      "'$.DBCluster.AvailabilityZones', Type: StringList}]\n"
      "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ Make.Names }}'\n"
      "      Steps:\n        - name: Drop\n          action: aws:executeAwsApi\n          "
      "inputs: {Service: rds, Api: DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: '{{ "
      "Each.CurrentIteratorValue }}'}\n"
      "        - name: Look\n          action: aws:pause\n          inputs: {}\n",
      "{}");
  SlipPlanStep *each = slip_plan_find_step (plan, "Each");
  JsonArray *body = slip_plan_step_get_body (each);
  JsonObject *drop = json_array_get_object_element (body, 0);

  assert_ids (plan, "Make Each");
  g_assert_cmpuint (json_array_get_length (body), ==, 2);
  g_assert_cmpstr (slip_json_string (drop, "id"), ==, "Each[*].Drop");
  g_assert_cmpstr (slip_json_string (drop, "next"), ==, "Each[*].Look");
  g_assert_cmpstr (
      slip_json_string (slip_json_object (drop, "request"), "DBClusterSnapshotIdentifier"), ==,
      "{{ Each[*].CurrentIteratorValue }}");
  g_assert_cmpint (slip_plan_step_get_effect (each), ==, SLIP_AWS_EFFECT_FINAL);
  g_assert_cmpint (slip_plan_get_point_of_no_return (plan), ==, 1);
  g_assert_cmpuint (slip_plan_count_guards (plan, SLIP_GUARD_WARN), ==, 2);
}

#define LOOP_OF_WORDS(names)                                                                       \
  "  - {name: All, action: aws:pause, inputs: {}, slipway: {confirm: {how: simple, when: "         \
  "step}}}\n"                                                                                      \
  "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ " names " }}'\n"        \
  "      Steps:\n        - {name: Ask, action: aws:pause, inputs: {}, slipway: {confirm: {how: "   \
  "simple, when: step}}}\n"                                                                        \
  "        - {name: One, action: aws:pause, inputs: {}, slipway: {confirmedBy: Ask, needs: "       \
  "[{service: rds, name: 'of-{{ Each.CurrentIteratorValue }}'}]}}\n"                               \
  "        - {name: Two, action: aws:pause, inputs: {}, slipway: {confirmedBy: All, guards: "      \
  "[{guard: clock, when: run, title: 'Before {{ Each.CurrentIteratorValue }}'}]}}\n"

static const char *
needed_name (JsonObject *step)
{
  return slip_json_string (json_array_get_object_element (slip_json_array (step, "needs"), 0),
                           "name");
}

static JsonObject *
step_at (SlipPlan *plan, guint n)
{
  JsonObject *root = slip_json_node_object (slip_plan_to_json (plan));

  return json_array_get_object_element (slip_json_array (root, "steps"), n);
}

static const char *
guard_title (JsonArray *guards)
{
  return slip_json_string (json_array_get_object_element (guards, 0), "title");
}

/* A word that is given in a turn counts in that turn only, whether the turns are known or not. */
static void
test_word_of_a_turn (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script, HEAD "parameters:\n  Names: {type: StringList}\nmainSteps:\n" LOOP_OF_WORDS ("Names"),
      "{\"Names\":[\"a\",\"b\"]}");
  g_autoptr (SlipPlan) later = plan_text (
      script,
      HEAD "mainSteps:\n"
           "  - name: Make\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
           "StopDBCluster, "
           "DBClusterIdentifier: x}\n    outputs: [{Name: Names, Selector: "
           "'$.DBCluster.AvailabilityZones', Type: StringList}]\n" LOOP_OF_WORDS ("Make.Names"),
      "{}");
  JsonArray *body = slip_plan_step_get_body (slip_plan_find_step (later, "Each"));

  g_assert_cmpstr (slip_plan_step_get_confirmed_by (slip_plan_find_step (plan, "Each[2].One")), ==,
                   "Each[2].Ask");
  g_assert_cmpstr (slip_plan_step_get_confirmed_by (slip_plan_find_step (plan, "Each[2].Two")), ==,
                   "All");
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (body, 1), "confirmedBy"), ==,
                   "Each[*].Ask");
  g_assert_cmpstr (needed_name (step_at (plan, 2)), ==, "of-a");
  g_assert_cmpstr (needed_name (json_array_get_object_element (body, 1)), ==,
                   "of-{{ Each[*].CurrentIteratorValue }}");
  g_assert_cmpstr (
      guard_title (slip_plan_step_get_guards (slip_plan_find_step (plan, "Each[2].Two"))), ==,
      "Before b");
  g_assert_cmpstr (
      guard_title (slip_json_array (json_array_get_object_element (body, 2), "guards")), ==,
      "Before {{ Each[*].CurrentIteratorValue }}");
}

static void
test_open_branch (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD
      "variables:\n  V: {type: String, default: a}\nmainSteps:\n"
      "  - name: Make\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
      "StopDBCluster, DBClusterIdentifier: x}\n    outputs: [{Name: Status, Selector: "
      "'$.DBCluster.Status', Type: String}]\n"
      "  - name: Which\n    action: aws:branch\n    inputs: {Choices: [{Variable: '{{ "
      "Make.Status }}', StringEquals: stopped, NextStep: Left}], Default: Right}\n"
      "  - name: Left\n    action: aws:updateVariable\n    inputs: {Name: 'variable:V', Value: "
      "b}\n    nextStep: Join\n" PAUSE (
          "Right") "  - name: Join\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
                   "DescribeDBClusters, DBClusterIdentifier: '{{ variable:V }}'}\n",
      "{}");

  assert_ids (plan, "Make Which Left? Right? Join");
  g_assert_cmpstr (request_string (plan, "Join", "DBClusterIdentifier"), ==, "{{ variable:V }}");
}

static void
test_failure_paths (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD "mainSteps:\n"
           "  - name: Try\n    action: aws:executeAwsApi\n    onFailure: 'step:Mend'\n    inputs: "
           "{Service: rds, Api: StopDBCluster, DBClusterIdentifier: x}\n    isEnd: true\n" PAUSE (
               "Mend"),
      "{}");

  assert_ids (plan, "Try Mend?");
  g_assert_cmpstr (slip_plan_step_get_on_failure (slip_plan_get_step (plan, 0)), ==, "step:Mend");
  g_assert_null (slip_plan_step_get_next (slip_plan_get_step (plan, 0)));
}

/* A way back means that a read is made again later: its answer now decides nothing. */
static void
test_way_back (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD
      "mainSteps:\n"
      "  - name: Look\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
      "DescribeDBClusters, DBClusterIdentifier: api-production}\n    outputs: [{Name: Status, "
      "Selector: '$.DBClusters[0].Status', Type: String}]\n"
      "  - name: Which\n    action: aws:branch\n    inputs: {Choices: [{Variable: '{{ "
      "Look.Status }}', StringEquals: available, NextStep: Done}], Default: Look}\n" PAUSE ("Done"),
      "{}");

  assert_ids (plan, "Look Which Done");
  g_assert_cmpuint (scripted_count (script, "rds:DescribeDBClusters"), ==, 0);
}

static void
test_expectations (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_snapshot (script, "{}");
  JsonObject *key = slip_plan_step_get_expect (slip_plan_find_step (plan, "DescribeKey"));
  JsonObject *older = slip_plan_step_get_expect (slip_plan_find_step (plan, "FindOlderCopy"));

  g_assert_cmpstr (slip_json_string (key, "KeyArn"), ==,
                   "arn:aws:kms:eu-west-1:111111111111:key/shared");
  g_assert_nonnull (slip_json_array (older, "Arns"));
  g_assert_nonnull (slip_json_array (older, "Created"));
  g_assert_null (slip_plan_step_get_expect (slip_plan_find_step (plan, "DescribeCluster")));
}

static void
test_injection (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = NULL;

  scripted_answer (script, "production", "kms:DescribeKey",
                   "{\"KeyMetadata\":{\"KeyId\":\"k\",\"Arn\":\"{{ Cluster }}\"}}");
  plan = plan_at (script, runbook, "{}", NOW, &error);
  g_assert_null (plan);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
}

static void
test_secrets (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = NULL;
  g_autofree char *text = NULL;

  scripted_answer (script, "production", "secretsmanager:GetSecretValue",
                   "{\"ARN\":\"arn:s\",\"SecretString\":\"hunter2\"}");
  plan
      = plan_text (script,
                   HEAD "mainSteps:\n  - name: Read\n    action: aws:executeAwsApi\n    inputs: "
                        "{Service: secretsmanager, Api: GetSecretValue, SecretId: s}\n    outputs: "
                        "[{Name: Secret, Selector: $.SecretString, Type: String}]\n  - name: Use\n"
                        "    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
                        "DescribeDBClusters, DBClusterIdentifier: '{{ Read.Secret }}'}\n",
                   "{}");
  text = slip_json_to_text (slip_plan_to_json (plan), FALSE);
  g_assert_null (strstr (text, "hunter2"));
  g_assert_cmpstr (request_string (plan, "Use", "DBClusterIdentifier"), ==, "{{ Read.Secret }}");
}

/* The audit log would store another plan than the one with the approved hash. */
static void
test_secret_values (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook
      = parse (HEAD "parameters:\n  Note: {type: String}\nmainSteps:\n  - name: Note\n    action: "
                    "aws:pause\n    inputs: {}\n    slipway: {why: '{{ Note }}'}\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan
      = plan_at (script, runbook, "{\"Note\":\"log in with password=hunter2\"}", NOW, &error);

  g_assert_null (plan);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
  g_assert_nonnull (strstr (error->message, "$.parameters.Note"));
  g_assert_null (strstr (error->message, "hunter2"));
  g_clear_error (&error);
  plan = plan_at (script, runbook, "{\"Note\":\"the password is in the safe\"}", NOW, &error);
  g_assert_no_error (error);
}

/* By no name is this a secret; only the model says so, and a plan file may come from anywhere. */
static void
test_marked_values (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD "mainSteps:\n  - name: Read\n    action: aws:executeAwsApi\n    inputs: {Service: "
           "secretsmanager, Api: GetSecretValue, SecretId: s}\n    outputs: [{Name: Secret, "
           "Selector: $.SecretString, Type: String}]\n  - name: Put\n    action: "
           "aws:executeAwsApi\n    inputs: {Service: ssm, Api: PutParameter, Name: /x, Value: '{{ "
           "Read.Secret }}'}\n    slipway: {effect: change, resume: {rule: R4}}\n",
      "{}");
  g_autoptr (JsonNode) node = slip_json_copy (slip_plan_to_json (plan));
  JsonArray *steps = slip_json_array (json_node_get_object (node), "steps");
  JsonObject *put = json_array_get_object_element (steps, json_array_get_length (steps) - 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) edited = NULL;

  g_assert_cmpstr (request_string (plan, "Put", "Value"), ==, "{{ Read.Secret }}");
  json_object_set_string_member (slip_json_object (put, "request"), "Value", "hunter2");
  json_object_set_string_member (slip_json_object (put, "inputs"), "Value", "hunter2");
  edited = slip_plan_new_from_json (node, &error);
  g_assert_null (edited);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN);
  g_assert_nonnull (strstr (error->message, "looks like a secret at $.steps["));
  g_assert_nonnull (strstr (error->message, "].request.Value."));
  g_assert_null (strstr (error->message, "hunter2"));
}

static void
test_late_guard (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script,
      HEAD "mainSteps:\n  - name: Make\n    action: aws:executeAwsApi\n    inputs: {Service: rds, "
           "Api: StopDBCluster, DBClusterIdentifier: x}\n    outputs: [{Name: Id, Selector: "
           "'$.DBCluster.DBClusterIdentifier', Type: String}]\n  - name: Look\n    action: "
           "aws:pause\n    inputs: {}\n    slipway: {guards: [{guard: cluster-healthy, inputs: "
           "{cluster: '{{ Make.Id }}'}}]}\n",
      "{}");

  /* One, and without an audit log whether another run is unfinished. */
  g_assert_cmpuint (slip_plan_count_guards (plan, SLIP_GUARD_UNPROVABLE), ==, 2);
  g_assert_cmpuint (
      json_array_get_length (slip_plan_step_get_guards (slip_plan_find_step (plan, "Look"))), ==,
      1);
}

/* Each of them is in the plan's text, and what they say is told once. */
static void
test_blocked_twice (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = NULL;

  scripted_answer (script, "production", "rds:DescribeDBClusterSnapshots",
                   "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"before\","
                   "\"Status\":\"creating\"}]}");
  plan = plan_text (
      script,
      HEAD
      "mainSteps:\n  - name: Look\n    action: aws:pause\n    inputs: {}\n    "
      "slipway: {guards: [{guard: snapshot-usable, inputs: {snapshot: before}}, "
      "{guard: snapshot-restorable, inputs: {snapshot: before, engine: aurora-postgresql}}]}\n",
      "{}");
  g_assert_cmpuint (slip_plan_count_guards (plan, SLIP_GUARD_BLOCK), ==, 1);
  g_assert_true (slip_plan_is_blocked (plan));
  g_assert_cmpuint (json_array_get_length (slip_json_array (
                        slip_json_node_object (slip_plan_to_json (plan)), "guards")),
                    ==, g_list_model_get_n_items (slip_plan_get_guards (plan)) + 1);
}

static void
test_bad_requests (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = parse (
      HEAD "parameters:\n  M: {type: StringMap}\nmainSteps:\n  - name: one\n    action: "
           "aws:executeAwsApi\n    inputs: {Service: rds, Api: DescribeDBClusters, Filters: "
           "['{{ M }}']}\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = plan_at (script, runbook, "{\"M\":{\"Nam\":\"x\"}}", NOW, &error);

  g_assert_null (plan);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_REQUEST);
  g_assert_nonnull (strstr (error->message, "step one: "));
}

static void
test_destructive (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("tidy-up-snapshots", NULL);
  g_autoptr (JsonObject) defaults
      = slip_planner_default_parameters (runbook, scripted_facts (script, "production"), NULL, NOW);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = plan_at (script, runbook, "{}", NOW, &error);

  g_assert_cmpstr (slip_json_string (defaults, "Cluster"), ==, "api-production");
  g_assert_false (json_object_has_member (defaults, "Snapshots"));
  g_assert_null (plan);
  g_assert_nonnull (strstr (error->message, "Snapshots: has no value"));
}

/* Where one person is enough otherwise, a value may ask for two. */
static void
test_pairing (void)
{
  static const char *const text
      = "schemaVersion: '0.3'\nparameters:\n  Waiver: {type: String, allowedValues: ['no', all], "
        "default: 'no', slipway: {pairing: {all: everything is given up}}}\nmainSteps:\n"
        "  - name: one\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
        "DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: x}\n    isEnd: true\n";
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) one = plan_text (script, text, "{}");
  g_autoptr (SlipPlan) two = plan_text (script, text, "{\"Waiver\":\"all\"}");

  g_assert_null (slip_plan_get_pairing (one));
  g_assert_cmpstr (slip_plan_get_pairing (two), ==, "everything is given up");
}

static void
test_choices (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) choices
      = slip_planner_list_choices (runbook, slip_runbook_find_parameter (runbook, "Cluster"),
                                   caller, "production", NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (choices), ==, 1);
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 0), "value"), ==,
                   "api-production");
}

static void
test_choices_by_another (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("migrate-on-aws", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (slip_planner_list_choices (runbook,
                                            slip_runbook_find_parameter (runbook, "ImageTag"),
                                            caller, "production", NULL, NULL, &error));
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION);
  g_assert_nonnull (
      strstr (error->message, "ImageTag is chosen by Repository, which has no value"));
  g_assert_nonnull (strstr (error->message, "Give that first, or write it into the "
                                            "workspace, as the setting migration.repository of the "
                                            "environment production"));
  g_assert_true (slip_planner_find_missing (runbook,
                                            slip_runbook_find_parameter (runbook, "ImageTag"),
                                            caller, "production", NULL)
                 == slip_runbook_find_parameter (runbook, "Repository"));
}

/* Somebody else's snapshots are listed by ARN; the parameter takes names. */
static void
test_choices_by_age (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("restore-preproduction", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) choices = NULL;

  scripted_answer (script, "preproduction", "rds:DescribeDBClusterSnapshots",
                   "{\"DBClusterSnapshots\":["
                   "{\"DBClusterSnapshotIdentifier\":\"arn:aws:rds:eu-west-1:111111111111:cluster-"
                   "snapshot:begun\",\"Status\":\"creating\"},"
                   "{\"DBClusterSnapshotIdentifier\":\"arn:aws:rds:eu-west-1:111111111111:cluster-"
                   "snapshot:old\",\"Status\":\"failed\","
                   "\"SnapshotCreateTime\":\"2026-11-19T06:30:00Z\"},"
                   "{\"DBClusterSnapshotIdentifier\":\"arn:aws:rds:eu-west-1:111111111111:cluster-"
                   "snapshot:new\","
                   "\"SnapshotCreateTime\":\"2026-11-20T06:30:00Z\"}]}");
  choices
      = slip_planner_list_choices (runbook, slip_runbook_find_parameter (runbook, "SharedSnapshot"),
                                   caller, "preproduction", NULL, NULL, &error);
  g_assert_no_error (error);
  /* One that has no time yet takes it from no other. */
  g_assert_cmpuint (json_array_get_length (choices), ==, 3);
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 2), "value"), ==,
                   "begun");
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 2), "time"), ==, NULL);
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 1), "state"), ==,
                   "failed");
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 0), "value"), ==,
                   "new");
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 0), "time"), ==,
                   "2026-11-20T06:30:00Z");
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (choices, 1), "value"), ==,
                   "old");
}

static void
test_workstation (void)
{
  g_autoptr (SlipRunbook) runbook
      = parse (HEAD "mainSteps:\n  - {name: one, action: 'slipway:migrate', inputs: {Operation: "
                    "report, Run: 1, MigrationDatabase: {Secret: rds-club}}}\n");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  text = slip_runbook_export_ssm (runbook, SLIP_RUNBOOK_YAML, &error);
  g_assert_null (text);
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPORT);
  g_assert_nonnull (strstr (error->message, "only a workstation has: one (slipway:migrate)"));
}

static void
test_references_into_maps (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = parse (
      HEAD
      "parameters: {Things: {type: MapList, description: d}}\n"
      "mainSteps:\n"
      "  - name: Each\n    action: aws:loop\n    inputs:\n      Iterators: '{{ Things }}'\n"
      "      IteratorDataType: StringMap\n      Steps:\n"
      "        - name: Delete\n          action: aws:executeAwsApi\n          inputs: {Service: "
      "rds, "
      "Api: DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: '{{ "
      "Each.CurrentIteratorValue.Id }}'}\n"
      "          slipway: {title: 'Delete {{ Each.CurrentIteratorValue.Of[0] }}', resume: {rule: "
      "R4}}\n");
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan
      = plan_at (script, runbook,
                 "{\"Things\":[{\"Id\":\"a\",\"Of\":[\"x\"]},{\"Id\":\"b\",\"Of\":"
                 "[\"y\"]}]}",
                 NOW, &error);
  SlipPlanStep *second;

  g_assert_no_error (error);
  second = slip_plan_find_step (plan, "Each[2].Delete");
  g_assert_cmpstr (slip_json_string (slip_json_node_object (slip_plan_step_get_request (second)),
                                     "DBClusterSnapshotIdentifier"),
                   ==, "b");
  g_assert_cmpstr (slip_plan_step_get_title (second), ==, "Delete y");
  g_assert_null (slip_runbook_export_ssm (runbook, SLIP_RUNBOOK_YAML, &error));
  g_assert_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPORT);
}

#define MERGED                                                                                     \
  "parameters: {Captured: {type: StringMap, description: d}, Name: {type: String, description: "   \
  "d, default: ''}}\n"                                                                             \
  "mainSteps:\n"                                                                                   \
  "  - name: Create\n    action: aws:executeAwsApi\n"                                              \
  "    inputs: {Service: rds, Api: CreateDBClusterSnapshot, DBClusterSnapshotIdentifier: '{{ "     \
  "Name }}', DBClusterIdentifier: "                                                                \
  "api-production}\n"                                                                              \
  "    slipway: {merge: {from: '{{ Captured }}', key: api}, resume: {rule: R4}}\n"

static void
test_merge (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan = plan_text (
      script, HEAD MERGED,
      "{\"Captured\":{\"api\":{\"DBClusterSnapshotIdentifier\":\"mine\",\"DBClusterIdentifier\":"
      "\"other\"}}}");
  g_autoptr (SlipPlan) named = plan_text (
      script, HEAD MERGED,
      "{\"Name\":\"ours\",\"Captured\":{\"api\":{\"DBClusterSnapshotIdentifier\":\"mine\"}}}");
  JsonObject *request
      = slip_json_node_object (slip_plan_step_get_request (slip_plan_find_step (plan, "Create")));

  g_assert_cmpstr (slip_json_string (request, "DBClusterSnapshotIdentifier"), ==, "mine");
  g_assert_cmpstr (slip_json_string (request, "DBClusterIdentifier"), ==, "api-production");
  request
      = slip_json_node_object (slip_plan_step_get_request (slip_plan_find_step (named, "Create")));
  g_assert_cmpstr (slip_json_string (request, "DBClusterSnapshotIdentifier"), ==, "ours");
}

#define RESTORED                                                                                   \
  "parameters: {Captured: {type: StringMap, description: d}, Group: {type: String, description: "  \
  "d}}\n"                                                                                          \
  "mainSteps:\n"                                                                                   \
  "  - name: Restore\n    action: aws:executeAwsApi\n"                                             \
  "    inputs: {Service: backup, Api: StartRestoreJob, RecoveryPointArn: arn, Metadata: "          \
  "{DBClusterIdentifier: new, DBSubnetGroupName: '{{ Group }}', Extra: ''}}\n"                     \
  "    slipway: {merge: {from: '{{ Captured }}', into: Metadata, ignoreCase: true}}\n"

static void
test_merge_into (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipPlan) plan
      = plan_text (script, HEAD RESTORED,
                   "{\"Group\":\"\",\"Captured\":{\"dbclusterIdentifier\":\"old\","
                   "\"DBSubnetGroupName\":\"data\",\"aws:backup:request-id\":\"r1\"}}");
  JsonObject *request
      = slip_json_node_object (slip_plan_step_get_request (slip_plan_find_step (plan, "Restore")));
  JsonObject *metadata = slip_json_object (request, "Metadata");

  /* The captured spelling, our value; what is empty is taken; what is not known stays. */
  g_assert_cmpstr (slip_json_string (metadata, "dbclusterIdentifier"), ==, "new");
  g_assert_cmpstr (slip_json_string (metadata, "DBSubnetGroupName"), ==, "data");
  g_assert_cmpstr (slip_json_string (metadata, "aws:backup:request-id"), ==, "r1");
  g_assert_cmpuint (json_object_get_size (metadata), ==, 3);
  g_assert_cmpstr (slip_json_string (request, "RecoveryPointArn"), ==, "arn");
}

static void
test_merge_faults (void)
{
  static const char *const cases[][2] = {
      {"{\"Captured\":{\"membrane\":{}}}", "there is no map under api"},
      {"{\"Captured\":{\"api\":{}}}", "DBClusterSnapshotIdentifier"},
      {"{\"Captured\":{\"api\":{\"DBClusterSnapshotIdentifier\":\"x\",\"Kye\":1}}}", "Kye"},
  };
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipRunbook) runbook = parse (HEAD MERGED);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SlipPlan) plan = plan_at (script, runbook, cases[i][0], NOW, &error);

      g_assert_null (plan);
      g_assert_nonnull (strstr (error->message, cases[i][1]));
    }
}

static void
count_told (const char *text, gpointer data)
{
  guint *told = data;

  g_assert_true (g_str_has_prefix (text, "throttled by AWS, trying again in "));
  (*told)++;
}

static SlipPlan *
plan_throttled (Scripted *script, int times, guint *told, gint64 *waited, GError **error)
{
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", NULL);
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (NOW);
  const SlipPlannerOptions options = {
      .caller = caller,
      .clock = clock,
      .environment = "production",
      .tell = count_told,
      .data = told,
  };
  SlipPlan *plan;

  scripted_answer_times (script, "production", "rds:DescribeDBClusters",
                         "!Throttling Rate exceeded", times);
  plan = slip_planner_plan_full (runbook, &options, error);
  *waited = (slip_clock_now (clock) - NOW) / G_USEC_PER_SEC;
  return plan;
}

static void
test_outlasts_throttling (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  guint told = 0;
  gint64 waited;

  plan = plan_throttled (script, 4, &told, &waited, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (told, ==, 4);
  /* 2, 4, 8 and 16 s, each at least half of it. */
  g_assert_cmpint (waited, >=, 15);
  g_assert_false (slip_plan_is_blocked (plan));
}

static void
test_throttled_for_good (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  guint told = 0;
  gint64 waited;

  plan = plan_throttled (script, G_MAXINT, &told, &waited, &error);
  g_assert_null (plan);
  g_assert_true (slip_aws_error_is_throttle (error));
  g_assert_nonnull (strstr (error->message, "It changed nothing: try again"));
  g_assert_cmpint (waited, >=, 120);
  g_assert_cmpint (waited, <, 180);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  g_test_add_func ("/planner/pre_migration_snapshot", test_snapshot);
  g_test_add_func ("/planner/goes_past_what_is_not_there", test_no_older_copy);
  g_test_add_func ("/planner/keeps_the_older_copy_when_asked", test_kept_copy);
  g_test_add_func ("/planner/hash_follows_what_will_be_done", test_hash);
  g_test_add_func ("/planner/reads_each_thing_once", test_reads_once);
  g_test_add_func ("/planner/planted_faults_block", test_planted_faults);
  g_test_add_func ("/planner/a_short_session_blocks", test_short_session);
  g_test_add_func ("/planner/parameters_are_tested_before_anything_is_read", test_parameter_faults);
  g_test_add_func ("/planner/a_broken_connection_is_an_error", test_broken_way);
  g_test_add_func ("/planner/unrolls_loops_whose_list_is_known", test_loop);
  g_test_add_func ("/planner/leaves_other_loops_open", test_open_loop);
  g_test_add_func ("/planner/a_word_of_a_turn_is_that_turns", test_word_of_a_turn);
  g_test_add_func ("/planner/leaves_branches_open_that_only_the_run_can_decide", test_open_branch);
  g_test_add_func ("/planner/plans_what_a_failure_leads_to", test_failure_paths);
  g_test_add_func ("/planner/a_way_back_is_not_decided_now", test_way_back);
  g_test_add_func ("/planner/what_it_builds_on_must_stay", test_expectations);
  g_test_add_func ("/planner/answers_never_become_references", test_injection);
  g_test_add_func ("/planner/a_plan_holds_no_secrets", test_secrets);
  g_test_add_func ("/planner/refuses_values_that_look_like_secrets", test_secret_values);
  g_test_add_func ("/planner/refuses_values_that_a_model_marks_as_secret", test_marked_values);
  g_test_add_func ("/planner/a_guard_that_must_wait_is_not_provable", test_late_guard);
  g_test_add_func ("/planner/what_two_guards_say_alike_is_told_once", test_blocked_twice);
  g_test_add_func ("/planner/refuses_requests_that_aws_would_refuse", test_bad_requests);
  g_test_add_func ("/planner/never_preselects_what_is_destroyed", test_destructive);
  g_test_add_func ("/planner/a_value_may_ask_for_two_people", test_pairing);
  g_test_add_func ("/planner/offers_what_there_is", test_choices);
  g_test_add_func ("/planner/choices_have_names_and_ages_newest_first", test_choices_by_age);
  g_test_add_func ("/planner/a_choice_by_another_says_which_comes_first", test_choices_by_another);
  g_test_add_func ("/planner/references_lead_into_maps", test_references_into_maps);
  g_test_add_func ("/planner/merges_what_was_captured_into_a_request", test_merge);
  g_test_add_func ("/planner/merges_into_a_map_whatever_the_case", test_merge_into);
  g_test_add_func ("/planner/a_merged_request_is_checked_like_any_other", test_merge_faults);
  g_test_add_func ("/planner/workstation_actions_are_named", test_workstation);
  g_test_add_func ("/planner/reads_outlast_a_throttle_storm", test_outlasts_throttling);
  g_test_add_func ("/planner/a_storm_without_end_is_told_with_a_way_out", test_throttled_for_good);
  return g_test_run ();
}
