/* SPDX-License-Identifier: MIT */
/* The claims of the guards: what passes, what blocks, and that what could not be told never passes. */

#include "scripted.h"

#include "slip-guard.h"
#include "slip-json.h"
#include "guards/slip-kms-policy.h"

#include <string.h>

#define NOW (G_GINT64_CONSTANT (1795242600) * G_USEC_PER_SEC) /* 2026-11-21T06:30:00Z */

static SlipGuardResult *
run_with (Scripted *script, const char *guard, const char *inputs, JsonObject *plan)
{
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (NOW);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_parse (inputs, -1, NULL);
  const SlipGuardMeans means = {.caller = caller, .clock = clock};

  g_assert_nonnull (node);
  json_object_set_string_member (object, "guard", guard);
  json_object_set_string_member (object, "environment", "production");
  json_object_set_string_member (object, "region", "eu-west-1");
  json_object_set_member (object, "inputs", g_steal_pointer (&node));
  return slip_guard_run (&means, object, plan, NULL);
}

static void
assert_guard (Scripted *script,
              const char *guard,
              const char *inputs,
              SlipGuardState state,
              const char *words)
{
  g_autoptr (SlipGuardResult) result = run_with (script, guard, inputs, NULL);
  const char *message = slip_guard_result_get_message (result);

  if (slip_guard_result_get_state (result) != state || strstr (message, words) == NULL)
    g_error ("%s is %s (%s), not %s (%s)", guard,
             slip_guard_state_get_name (slip_guard_result_get_state (result)), message,
             slip_guard_state_get_name (state), words);
}

static void
test_identity (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipGuardResult) result = NULL;

  assert_guard (script, "identity", "{}", SLIP_GUARD_PASS, "breakglass/ann");
  result = run_with (script, "identity", "{}", NULL);
  g_assert_cmpuint (json_array_get_length (slip_guard_result_get_evidence (result)), ==, 1);
  scripted_answer (script, "production", "sts:GetCallerIdentity",
                   "{\"Account\":\"222222222222\",\"Arn\":\"arn:aws:sts::222222222222:"
                   "assumed-role/breakglass/ann\",\"UserId\":\"U\"}");
  assert_guard (script, "identity", "{}", SLIP_GUARD_BLOCK, "222222222222");
  scripted_answer (script, "production", "sts:GetCallerIdentity",
                   "{\"Account\":\"111111111111\",\"Arn\":\"arn:aws:sts::111111111111:"
                   "assumed-role/viewer/ann\",\"UserId\":\"U\"}");
  assert_guard (script, "identity", "{}", SLIP_GUARD_BLOCK, "viewer");
  scripted_answer (script, "production", "sts:GetCallerIdentity", "!ExpiredToken it expired");
  assert_guard (script, "identity", "{}", SLIP_GUARD_BLOCK, "nobody is signed in");
}

static void
test_environment (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "environment", "{}", SLIP_GUARD_WARN, "is protected");
  assert_guard (script, "environment", "{\"forbidProtected\":true}", SLIP_GUARD_BLOCK, "protected");
  json_object_set_boolean_member (scripted_facts (script, "production"), "protected", FALSE);
  assert_guard (script, "environment", "{}", SLIP_GUARD_PASS, "not protected");
  json_object_set_boolean_member (scripted_facts (script, "preproduction"), "protected", TRUE);
  json_object_set_string_member (scripted_facts (script, "preproduction"), "account",
                                 "111111111111");
  assert_guard (script, "environment", "{}", SLIP_GUARD_BLOCK,
                "that of the protected environment preproduction");
}

static void
test_clock (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "clock", "{}", SLIP_GUARD_PASS, "0 s");
  scripted_set_skew (script, -90 * G_USEC_PER_SEC);
  assert_guard (script, "clock", "{}", SLIP_GUARD_WARN, "90 s behind");
  scripted_set_skew (script, 90 * G_USEC_PER_SEC);
  assert_guard (script, "clock", "{}", SLIP_GUARD_WARN, "90 s ahead of the service's");
  scripted_set_skew (script, -299 * G_USEC_PER_SEC);
  assert_guard (script, "clock", "{}", SLIP_GUARD_BLOCK, "299 s behind the service's");
  scripted_set_skew (script, 299 * G_USEC_PER_SEC);
  assert_guard (script, "clock", "{}", SLIP_GUARD_BLOCK, "299 s ahead");
  scripted_set_skew (script, 0);
  scripted_answer (script, "production", "sts:GetCallerIdentity", "!!");
  assert_guard (script, "clock", "{}", SLIP_GUARD_UNPROVABLE, "could not be told");
}

static void
assert_runway (Scripted *script, gint64 minutes, SlipGuardState state, const char *words)
{
  g_autoptr (JsonNode) plan = slip_json_parse (
      "{\"steps\":[{\"title\":\"Look\",\"environment\":\"production\",\"minutes\":1},"
      "{\"title\":\"Copy\",\"environment\":\"production\",\"minutes\":60},"
      "{\"title\":\"Elsewhere\",\"environment\":\"preproduction\",\"minutes\":500}]}",
      -1, NULL);
  g_autoptr (SlipGuardResult) result = NULL;

  scripted_set_expiration (script, NOW + minutes * 60 * G_USEC_PER_SEC);
  result = run_with (script, "credentials", "{}", json_node_get_object (plan));
  g_assert_cmpint (slip_guard_result_get_state (result), ==, state);
  if (strstr (slip_guard_result_get_message (result), words) == NULL)
    g_error ("expected “%s” in: %s", words, slip_guard_result_get_message (result));
}

static void
test_credentials (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "credentials", "{}", SLIP_GUARD_PASS, "do not expire");
  assert_runway (script, 14, SLIP_GUARD_BLOCK, "at least 15 are needed");
  assert_runway (script, -5, SLIP_GUARD_BLOCK, "in 0 min");
  assert_runway (script, 30, SLIP_GUARD_WARN, "before step 2 (Copy) does");
  assert_runway (script, 90, SLIP_GUARD_PASS, "longer than the plan");
  scripted_set_expiration (script, -1);
  assert_guard (script, "credentials", "{}", SLIP_GUARD_BLOCK, "no credentials");
}

static void
test_permissions (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (JsonNode) plan = slip_json_parse (
      "{\"steps\":[{\"environment\":\"production\",\"service\":\"monitoring\",\"operation\":"
      "\"GetMetricData\"}]}",
      -1, NULL);
  JsonObject *object = json_node_get_object (plan);
  g_autoptr (SlipGuardResult) allowed = NULL;
  g_autoptr (SlipGuardResult) denied = NULL;
  g_autoptr (SlipGuardResult) refused = NULL;

  scripted_answer_to (script, "production", "iam:SimulatePrincipalPolicy",
                      "\"cloudwatch:GetMetricData\"],\"PolicySourceArn\":\"arn:aws:iam::"
                      "111111111111:role/breakglass\"",
                      "{\"EvaluationResults\":[{\"EvalActionName\":\"cloudwatch:GetMetricData\","
                      "\"EvalDecision\":\"allowed\"}]}");
  allowed = run_with (script, "permissions", "{}", object);
  g_assert_cmpint (slip_guard_result_get_state (allowed), ==, SLIP_GUARD_PASS);
  scripted_answer_to (script, "production", "iam:SimulatePrincipalPolicy", "cloudwatch",
                      "{\"EvaluationResults\":[{\"EvalActionName\":\"cloudwatch:GetMetricData\","
                      "\"EvalDecision\":\"implicitDeny\"}]}");
  denied = run_with (script, "permissions", "{}", object);
  g_assert_cmpint (slip_guard_result_get_state (denied), ==, SLIP_GUARD_WARN);
  g_assert_nonnull (strstr (slip_guard_result_get_message (denied), "cloudwatch:GetMetricData"));
  scripted_answer_to (script, "production", "iam:SimulatePrincipalPolicy", "cloudwatch",
                      "!AccessDenied no");
  refused = run_with (script, "permissions", "{}", object);
  g_assert_cmpint (slip_guard_result_get_state (refused), ==, SLIP_GUARD_UNPROVABLE);
}

static void
test_cluster (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const inputs = "{\"cluster\":\"api-production\"}";

  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_PASS, "14.15, 1 instances");
  scripted_answer (script, "production", "rds:DescribeDBClusters",
                   "{\"DBClusters\":[{\"DBClusterIdentifier\":\"api-production\",\"Status\":"
                   "\"backing-up\"}]}");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_BLOCK, "is backing-up");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "!DBClusterNotFoundFault no");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_BLOCK, "there is no cluster");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "!AccessDenied no");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_UNPROVABLE, "could not be told");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "{\"DBClusters\":[]}");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_BLOCK, "there is no cluster");
}

static void
test_instances (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const inputs
      = "{\"cluster\":\"api-production\",\"instances\":[\"one\"],\"advice\":\"Do that.\"}";

  scripted_answer (script, "production", "rds:DescribeDBInstances",
                   "{\"DBInstances\":[{\"DBInstanceStatus\":\"available\"}]}");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_PASS, "is available");
  scripted_answer (script, "production", "rds:DescribeDBInstances",
                   "{\"DBInstances\":[{\"DBInstanceStatus\":\"storage-full\"}]}");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_BLOCK,
                "is storage-full, not available. Do that.");
  scripted_answer (script, "production", "rds:DescribeDBInstances", "!AccessDenied no");
  assert_guard (script, "cluster-healthy", inputs, SLIP_GUARD_UNPROVABLE, "its instances");
}

static void
set_status (Scripted *script, const char *status)
{
  g_autofree char *answer
      = g_strdup_printf ("{\"DBClusters\":[{\"DBClusterIdentifier\":\"api-production\","
                         "\"Status\":\"%s\"}]}",
                         status);

  scripted_answer (script, "production", "rds:DescribeDBClusters", answer);
}

static void
test_waiver (void)
{
#define CLUSTER                                                                                    \
  "{\"cluster\":\"api-production\",\"passing\":[\"backing-up\"],\"advice\":\"Do that.\","
  static const char *const asked = CLUSTER "\"waiver\":\"no\"}";
  static const char *const waived = CLUSTER "\"waiver\":\"yes\",\"mode\":\"replace\"}";
  static const char *const renamed = CLUSTER "\"waiver\":\"yes\",\"mode\":\"rename-swap\"}";
#undef CLUSTER
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "snapshot-waiver", asked, SLIP_GUARD_PASS, "can be taken");
  assert_guard (script, "snapshot-waiver", waived, SLIP_GUARD_BLOCK,
                "nothing to waive. Plan again");
  set_status (script, "backing-up");
  assert_guard (script, "snapshot-waiver", asked, SLIP_GUARD_WARN, "until it is available");
  assert_guard (script, "snapshot-waiver", waived, SLIP_GUARD_BLOCK, "passes by itself");
  set_status (script, "incompatible-parameters");
  assert_guard (script, "snapshot-waiver", asked, SLIP_GUARD_BLOCK,
                "is incompatible-parameters, not available: AWS takes no snapshot of it. Do that.");
  assert_guard (script, "snapshot-waiver", waived, SLIP_GUARD_WARN, "there will be none");
  assert_guard (script, "snapshot-waiver", renamed, SLIP_GUARD_BLOCK, "cannot be renamed");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "!AccessDenied no");
  assert_guard (script, "snapshot-waiver", waived, SLIP_GUARD_UNPROVABLE,
                "the state of the cluster");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "!DBClusterNotFoundFault no");
  assert_guard (script, "snapshot-waiver", waived, SLIP_GUARD_BLOCK, "there is no cluster");
}

/* While it takes none, in whatever state: once there may be a snapshot after all, that comes first. */
static void
test_waived_snapshot (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const waived = "{\"snapshot\":\"pre-migration-snapshot-x\",\"cluster\":\"api-"
                                    "production\",\"waiver\":\"yes\","
                                    "\"state\":\"failed\"}";

  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_BLOCK,
                "was failed, and now it is avail");
  set_status (script, "failed");
  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_WARN, "which was waived");
  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_WARN, "it is so still");
  set_status (script, "inaccessible-encryption-credentials");
  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_WARN,
                "was failed; it is inaccessible-encryption-credentials now");
  assert_guard (
      script, "snapshot-usable",
      "{\"snapshot\":\"pre-migration-snapshot-x\",\"cluster\":\"api-production\",\"waiver\":\"no\","
      "\"state\":\"failed\"}",
      SLIP_GUARD_BLOCK, "there is no snapshot pre-migration-snapshot-x");
  scripted_answer (script, "production", "rds:DescribeDBClusters", "!DBClusterNotFoundFault no");
  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_WARN,
                "it is gone now, and no snapshot");
  assert_guard (script, "snapshot-name-free",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"waiver\":\"yes\"}", SLIP_GUARD_PASS,
                "is not taken");
  assert_guard (script, "snapshot-name-free",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"waiver\":\"no\"}", SLIP_GUARD_BLOCK,
                "exists already");
}

/* What was taken of its replicas is all that is kept then. */
static void
test_kept_instead (void)
{
#define KEPT(status, of)                                                                           \
  "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"before\",\"Status\":\"" status      \
  "\",\"DBClusterIdentifier\":\"" of "\"}]}"
  static const char *const look = "rds:DescribeDBClusterSnapshots";
  static const char *const waived
      = "{\"snapshot\":\"before\",\"cluster\":\"api-production\",\"waiver\":\"yes\",\"state\":"
        "\"failed\","
        "\"replicas\":[\"arn:aws:rds:eu-west-2:111111111111:cluster:api-dr\"]}";
  static const struct
  {
    const char *answer;
    SlipGuardState state;
    const char *words;
  } cases[] = {
      {KEPT ("available", "api-dr"), SLIP_GUARD_WARN, "which was waived"},
      {KEPT ("creating", "api-dr"), SLIP_GUARD_BLOCK,
       "before in eu-west-2 is creating, of cluster"},
      {KEPT ("available", "other"), SLIP_GUARD_BLOCK, "of cluster other; it should be"},
      {"!DBClusterSnapshotNotFoundFault no", SLIP_GUARD_BLOCK,
       "no snapshot before of cluster api-dr in eu-west-2"},
      {"!AccessDenied no", SLIP_GUARD_UNPROVABLE, "what is kept of the replica"},
  };
  g_autoptr (Scripted) script = scripted_new ();

  set_status (script, "failed");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      scripted_answer (script, "production", look, cases[i].answer);
      scripted_answer_times (script, "production", look, "!DBClusterSnapshotNotFoundFault no", 1);
      assert_guard (script, "snapshot-usable", waived, cases[i].state, cases[i].words);
    }
  scripted_answer (script, "production", look, "!DBClusterSnapshotNotFoundFault no");
  scripted_answer_to (script, "production", "rds:DescribeDBClusters", "api-dr",
                      "!DBClusterNotFoundFault no");
  assert_guard (script, "snapshot-usable", waived, SLIP_GUARD_UNPROVABLE,
                "neither cluster api-dr in eu-west-2 nor its snapshot before is there");
#undef KEPT
}

static void
set_key (Scripted *script, const char *manager, const char *state, const char *region)
{
  g_autofree char *answer = g_strdup_printf (
      "{\"KeyMetadata\":{\"KeyId\":\"k\",\"Arn\":\"arn:aws:kms:%s:111111111111:key/k\","
      "\"KeyManager\":\"%s\",\"KeyState\":\"%s\",\"KeySpec\":\"SYMMETRIC_DEFAULT\"}}",
      region, manager, state);

  scripted_answer (script, "production", "kms:DescribeKey", answer);
}

static void
test_key (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const inputs = "{\"key\":\"alias/shared\",\"accounts\":[\"222222222222\"]}";
  static const char *const other = "{\"key\":\"alias/shared\",\"accounts\":[\"333333333333\"]}";

  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_PASS, "customer key");
  assert_guard (script, "kms-key-shareable", other, SLIP_GUARD_BLOCK,
                "does not permit account 333333333333: kms:Decrypt, kms:DescribeKey, "
                "kms:CreateGrant");
  set_key (script, "AWS", "Enabled", "eu-west-1");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_BLOCK, "is managed by AWS");
  set_key (script, "CUSTOMER", "PendingDeletion", "eu-west-1");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_BLOCK, "is PendingDeletion");
  set_key (script, "CUSTOMER", "Enabled", "eu-west-2");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_BLOCK, "is in eu-west-2");
  set_key (script, "CUSTOMER", "Enabled", "eu-west-1");
  scripted_answer (script, "production", "kms:GetKeyPolicy", "!AccessDeniedException no");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_UNPROVABLE, "policy permits");
  scripted_answer (script, "production", "kms:GetKeyPolicy", "{\"Policy\":\"not json\"}");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_UNPROVABLE, "could not be told");
  scripted_answer (script, "production", "kms:DescribeKey", "!NotFoundException no such alias");
  assert_guard (script, "kms-key-shareable", inputs, SLIP_GUARD_BLOCK, "cannot be used");
}

static void
assert_policy (const char *statements, const char *missing)
{
  static const char *const needed[] = {"kms:Decrypt", "kms:CreateGrant", NULL};
  g_autofree char *text = g_strdup_printf ("{\"Statement\":%s}", statements);
  g_autoptr (JsonNode) policy = slip_json_parse (text, -1, NULL);
  g_autofree char *found = slip_kms_policy_find_missing (policy, "222222222222", needed);

  g_assert_cmpstr (found, ==, missing);
}

static void
test_policy (void)
{
#define ALLOW "\"Effect\":\"Allow\",\"Principal\":{\"AWS\":[\"222222222222\"]}"
  assert_policy ("[{" ALLOW ",\"Action\":\"kms:*\"}]", NULL);
  assert_policy ("{" ALLOW ",\"Action\":[\"kms:decrypt\",\"kms:Create*\"]}", NULL);
  assert_policy ("[{" ALLOW ",\"Action\":\"kms:Decrypt\"}]", "kms:CreateGrant");
  assert_policy ("[{" ALLOW ",\"Action\":\"kms:*\",\"Condition\":{\"Bool\":"
                 "{\"kms:GrantIsForAWSResource\":\"true\"}}}]",
                 NULL);
  assert_policy ("[{" ALLOW
                 ",\"Action\":\"kms:*\",\"Condition\":{\"StringEquals\":{\"a\":\"b\"}}}]",
                 "kms:Decrypt, kms:CreateGrant");
  assert_policy ("[{" ALLOW ",\"Action\":\"kms:*\"},{\"Effect\":\"Deny\",\"Principal\":\"*\","
                 "\"Action\":\"kms:CreateGrant\"}]",
                 "kms:CreateGrant");
  assert_policy ("[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::222222222222:role/"
                 "one\"},\"Action\":\"kms:*\"}]",
                 "kms:Decrypt, kms:CreateGrant");
  assert_policy ("7", "kms:Decrypt, kms:CreateGrant");
#undef ALLOW
}

static void
test_snapshots (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "snapshot-name-free", "{\"snapshot\":\"pre-migration-snapshot-x\"}",
                SLIP_GUARD_PASS, "no snapshot is called");
  assert_guard (script, "snapshot-name-free", "{\"snapshot\":\"api-snpshot-for-copy\"}",
                SLIP_GUARD_BLOCK, "exists already");
  assert_guard (script, "snapshot-usable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"cluster\":\"api-production\"}",
                SLIP_GUARD_PASS, "is available");
  assert_guard (script, "snapshot-usable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"cluster\":\"other\"}", SLIP_GUARD_BLOCK,
                "is of cluster api-production, not of other");
  assert_guard (script, "snapshot-usable", "{\"snapshot\":\"pre-migration-snapshot-x\"}",
                SLIP_GUARD_BLOCK, "there is no snapshot");
  scripted_answer (script, "production", "rds:DescribeDBClusterSnapshots", "!!");
  assert_guard (script, "snapshot-name-free", "{\"snapshot\":\"x\",\"otherThan\":[\"x\"]}",
                SLIP_GUARD_BLOCK, "the name x to another snapshot too");
  assert_guard (script, "snapshot-name-free", "{\"snapshot\":\"x\"}", SLIP_GUARD_UNPROVABLE,
                "the connection broke");
}

static void
test_replaceable (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const inputs = "{\"snapshot\":\"api-snpshot-for-copy\",\"cluster\":"
                                    "\"api-production\",\"readBy\":\"preproduction\"}";

  assert_guard (script, "snapshot-replaceable", inputs, SLIP_GUARD_WARN,
                "24 h 30 min old, shared with 222222222222");
  assert_guard (script, "snapshot-replaceable", "{\"snapshot\":\"pre-migration-snapshot\"}",
                SLIP_GUARD_PASS, "nothing is replaced");
  assert_guard (script, "snapshot-replaceable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"cluster\":\"membrane\"}",
                SLIP_GUARD_BLOCK, "not of membrane");
  assert_guard (script, "snapshot-replaceable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"created\":[\"2026-11-20T06:00:00Z\"]}",
                SLIP_GUARD_WARN, "will be deleted");
  assert_guard (script, "snapshot-replaceable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"created\":[\"2020-01-01T00:00:00Z\"]}",
                SLIP_GUARD_BLOCK, "is not the snapshot that was found");
  assert_guard (script, "snapshot-replaceable",
                "{\"snapshot\":\"api-snpshot-for-copy\",\"created\":[]}", SLIP_GUARD_BLOCK,
                "is not the snapshot that was found");
  scripted_answer (script, "preproduction", "rds:DescribeDBClusterSnapshots", "!AccessDenied no");
  assert_guard (script, "snapshot-replaceable", inputs, SLIP_GUARD_UNPROVABLE, "still reads it");
  scripted_answer (script, "preproduction", "rds:DescribeDBClusterSnapshots",
                   "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"restore\","
                   "\"Status\":\"copying\",\"SourceDBClusterSnapshotArn\":\"arn:aws:rds:eu-west-1:"
                   "111111111111:cluster-snapshot:api-snpshot-for-copy\"}]}");
  assert_guard (script, "snapshot-replaceable", inputs, SLIP_GUARD_BLOCK,
                "preproduction copies it to restore");
}

static void
test_quota (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "snapshot-quota", "{\"adds\":2}", SLIP_GUARD_PASS, "1 manual");
  assert_guard (script, "snapshot-quota", "{\"adds\":100}", SLIP_GUARD_BLOCK, "limit of 100");
  scripted_answer (script, "production", "rds:DescribeAccountAttributes", "!AccessDenied no");
  assert_guard (script, "snapshot-quota", "{\"adds\":2}", SLIP_GUARD_UNPROVABLE, "an assumed 100");
  assert_guard (script, "snapshot-quota", "{\"adds\":100}", SLIP_GUARD_WARN, "an assumed 100");
  assert_guard (script, "snapshot-quota",
                "{\"adds\":1,\"shareWith\":[\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\","
                "\"10\",\"11\",\"12\",\"13\",\"14\",\"15\",\"16\",\"17\",\"18\",\"19\",\"20\","
                "\"21\"]}",
                SLIP_GUARD_BLOCK, "20 accounts, not with 21");
}

static void
test_target (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "target-account",
                "{\"target\":\"preproduction\",\"accounts\":[\"222222222222\"]}", SLIP_GUARD_PASS,
                "one of those");
  assert_guard (script, "target-account",
                "{\"target\":\"preproduction\",\"accounts\":[\"333333333333\"]}", SLIP_GUARD_BLOCK,
                "not shared with");
  assert_guard (script, "target-account", "{\"target\":\"\",\"accounts\":[\"222222222222\"]}",
                SLIP_GUARD_UNPROVABLE, "cannot be proven");
  assert_guard (script, "target-account",
                "{\"target\":\"preproduction\",\"accounts\":[\"111111111111\"]}", SLIP_GUARD_BLOCK,
                "itself");
  assert_guard (script, "target-account", "{\"target\":\"gone\",\"accounts\":[\"222222222222\"]}",
                SLIP_GUARD_BLOCK, "no environment gone");
}

static void
test_consumer (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char *const task
      = "{\"name\":\"api-snpshot-for-copy\",\"expected\":\"other\",\"taskDefinition\":\"copy\","
        "\"environment\":\"preproduction\"}";

  assert_guard (script, "consumer-name", "{\"name\":\"a\",\"expected\":\"a\"}", SLIP_GUARD_PASS,
                "as the consumer");
  assert_guard (
      script, "consumer-name",
      "{\"name\":\"a\",\"expected\":\"<db>-<env>-snapshot-for-copy\",\"database\":\"api\","
      "\"source\":\"production\"}",
      SLIP_GUARD_BLOCK, "expects api-production-snapshot-for-copy");
  assert_guard (script, "consumer-name", "{\"name\":\"a\",\"expected\":\"\"}",
                SLIP_GUARD_UNPROVABLE, "is not known");
  assert_guard (script, "consumer-name", task, SLIP_GUARD_BLOCK, "expects other");
  scripted_answer (script, "preproduction", "ecs:DescribeTaskDefinition",
                   "{\"taskDefinition\":{\"containerDefinitions\":[{\"environment\":[{\"name\":"
                   "\"DATABASE\",\"value\":\"api\"},{\"name\":\"SOURCE_ENVIRONMENT_NAME\","
                   "\"value\":\"production\"}]}]}}");
  assert_guard (script, "consumer-name", task, SLIP_GUARD_BLOCK,
                "copy expects api-production-snapshot-for-copy");
}

static void
test_stranger (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "from-the-future", "{}", SLIP_GUARD_UNPROVABLE, "no guard from-the-future");
}

static void
test_evidence_is_redacted (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipGuardResult) result = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  scripted_answer (script, "production", "rds:DescribeDBClusters",
                   "{\"DBClusters\":[{\"DBClusterIdentifier\":\"a\",\"Status\":\"available\","
                   "\"PendingModifiedValues\":{\"MasterUserPassword\":\"hunter2\"}}]}");
  result = run_with (script, "cluster-healthy", "{\"cluster\":\"a\"}", NULL);
  node = slip_json_new_array (json_array_ref (slip_guard_result_get_evidence (result)));
  text = slip_json_to_text (node, FALSE);
  g_assert_nonnull (strstr (text, "MasterUserPassword"));
  g_assert_null (strstr (text, "hunter2"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guard/identity_needs_account_and_role", test_identity);
  g_test_add_func ("/guard/protected_by_name_and_by_account", test_environment);
  g_test_add_func ("/guard/clock", test_clock);
  g_test_add_func ("/guard/session_end_against_the_forecast", test_credentials);
  g_test_add_func ("/guard/permissions_are_advice", test_permissions);
  g_test_add_func ("/guard/cluster", test_cluster);
  g_test_add_func ("/guard/instances_that_matter_are_available_too", test_instances);
  g_test_add_func ("/guard/a_snapshot_is_waived_only_where_none_can_be_taken", test_waiver);
  g_test_add_func ("/guard/a_waived_snapshot_may_be_missing_while_none_can_be_taken",
                   test_waived_snapshot);
  g_test_add_func ("/guard/what_was_taken_of_replicas_instead_must_be_there", test_kept_instead);
  g_test_add_func ("/guard/key_must_be_shareable", test_key);
  g_test_add_func ("/guard/key_policies", test_policy);
  g_test_add_func ("/guard/snapshots", test_snapshots);
  g_test_add_func ("/guard/what_is_replaced_is_not_read", test_replaceable);
  g_test_add_func ("/guard/quota", test_quota);
  g_test_add_func ("/guard/receiving_account", test_target);
  g_test_add_func ("/guard/consumer_and_producer_agree_on_the_name", test_consumer);
  g_test_add_func ("/guard/an_unknown_guard_never_passes", test_stranger);
  g_test_add_func ("/guard/evidence_holds_no_secrets", test_evidence_is_redacted);
  return g_test_run ();
}
