/* SPDX-License-Identifier: MIT */
/* The claims of the guards that stand before a restore: each planted fault blocks with the thing's name,
 * and what could not be told never passes. */

#include "run-fixture.h"
#include "scripted.h"

#include "slip-aws-error.h"
#include "slip-clock.h"
#include "slip-ledger-export.h"
#include "slip-trail.h"

#include <string.h>

#define SNAPSHOTS(status, engine, version)                                                         \
  "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"before\",\"DBClusterIdentifier\":"  \
  "\"api-production\",\"Status\":\"" status "\",\"Engine\":\"" engine                              \
  "\",\"EngineVersion\":\"" version "\",\"KmsKeyId\":\"k1\",\"SnapshotCreateTime\":"               \
  "\"2026-11-21T04:05:00Z\"}]}"
#define KEY(state) "{\"KeyMetadata\":{\"KeyId\":\"k1\",\"KeyState\":\"" state "\"}}"

static void
assert_guard (Scripted *script,
              const char *guard,
              const char *inputs,
              SlipGuardState state,
              const char *words)
{
  const ScriptedGuard asked = {"production", guard, inputs, NULL};

  scripted_assert_guard (script, &asked, state, words);
}

static void
answer (Scripted *script, const char *call, const char *text)
{
  scripted_answer (script, "production", call, text);
}

#define RESTORABLE                                                                                 \
  "{\"snapshot\":\"before\",\"engine\":\"aurora-postgresql\",\"engineVersion\":\"14.15\","         \
  "\"cluster\":\"api-production\"}"

static void
test_snapshot_restorable (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "kms:DescribeKey", KEY ("Enabled"));
  answer (script, "rds:DescribeDBClusterSnapshots",
          SNAPSHOTS ("available", "aurora-postgresql", "14.9"));
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_PASS,
                "2 h 25 min old: all that was written since 2026-11-21T04:05:00Z is lost");
  answer (script, "kms:DescribeKey", KEY ("PendingDeletion"));
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_BLOCK, "PendingDeletion");
  answer (script, "kms:DescribeKey", "!AccessDeniedException no");
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_UNPROVABLE, "key");
  answer (script, "rds:DescribeDBClusterSnapshots", SNAPSHOTS ("available", "aurora-mysql", "8.0"));
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_BLOCK,
                "engine aurora-mysql, not of aurora-postgresql");
  answer (script, "rds:DescribeDBClusterSnapshots",
          SNAPSHOTS ("available", "aurora-postgresql", "14.16"));
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_BLOCK, "newer than");
  answer (script, "rds:DescribeDBClusterSnapshots",
          SNAPSHOTS ("creating", "aurora-postgresql", "14.9"));
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_BLOCK, "is creating");
  answer (script, "rds:DescribeDBClusterSnapshots", "!DBClusterSnapshotNotFoundFault gone");
  assert_guard (script, "snapshot-restorable", RESTORABLE, SLIP_GUARD_BLOCK, "no snapshot before");
}

#define COUNTED(tags)                                                                              \
  "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"before\",\"TagList\":[" tags "]}]}"
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
test_snapshot_counted (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBClusterSnapshots",
          COUNTED ("{\"Key\":\"slipway:manifest\",\"Value\":\"" DIGEST "\"}"));
  assert_guard (script, "snapshot-counted", "{\"snapshot\":\"before\"}", SLIP_GUARD_PASS,
                "0123456789ab");
  answer (script, "rds:DescribeDBClusterSnapshots",
          COUNTED ("{\"Key\":\"slipway:manifest\",\"Value\":\"none\"}"));
  assert_guard (script, "snapshot-counted", "{\"snapshot\":\"before\"}", SLIP_GUARD_BLOCK,
                "was not counted");
  answer (script, "rds:DescribeDBClusterSnapshots", COUNTED (""));
  assert_guard (script, "snapshot-counted", "{\"snapshot\":\"before\"}", SLIP_GUARD_BLOCK,
                "was not counted");
  assert_guard (script, "snapshot-counted", "{\"snapshot\":\"before\",\"needed\":false}",
                SLIP_GUARD_PASS, "does not go by");
  answer (script, "rds:DescribeDBClusterSnapshots", "!AccessDenied no");
  assert_guard (script, "snapshot-counted", "{\"snapshot\":\"before\"}", SLIP_GUARD_UNPROVABLE,
                "tags");
}

#define CLUSTER(id, rest)                                                                          \
  "{\"DBClusters\":[{\"DBClusterIdentifier\":\"" id "\",\"DBClusterArn\":\"arn:" id                \
  "\",\"Status\":\"available\",\"DbClusterResourceId\":\"cluster-" rest "}]}"
#define GLOBAL(member)                                                                             \
  "{\"GlobalClusters\":[{\"GlobalClusterIdentifier\":\"world\",\"GlobalClusterMembers\":"          \
  "[{\"DBClusterArn\":\"arn:" member "\"}]}]}"

#define SUCCESSOR "NEW\",\"ClusterCreateTime\":\"2026-11-18T06:30:00Z\""

static void
assert_left_behind (SlipLedger *ledger,
                    const char *old,
                    const char *global,
                    const char *more,
                    SlipGuardState state,
                    const char *words)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *inputs
      = g_strdup_printf ("{\"cluster\":\"api-old\",\"successor\":\"api-new\",%s}", more);
  const ScriptedGuard asked = {"production", "cluster-left-behind", inputs, NULL, ledger};

  if (strstr (more, "connected") != NULL)
    answer (script, "monitoring:GetMetricStatistics",
            "{\"Datapoints\":[{\"Maximum\":0},{\"Maximum\":3}]}");
  answer (script, "rds:DescribeGlobalClusters", global);
  scripted_answer_to (script, "production", "rds:DescribeDBClusters", "api-new",
                      CLUSTER ("api-new", SUCCESSOR));
  scripted_answer_to (script, "production", "rds:DescribeDBClusters", "api-old", old);
  scripted_assert_guard (script, &asked, state, words);
}

static JsonNode *
answer_rename (gpointer fixture, const char *operation, JsonObject *input, GError **error)
{
  if (g_str_equal (operation, "ModifyDBCluster"))
    return slip_json_parse ("{\"DBCluster\":{\"DbClusterResourceId\":\"cluster-OLD\"}}", -1, error);
  g_propagate_error (error, slip_aws_error_new_service ("Failed", "no", 400, "r-1"));
  return NULL;
}

#define RENAME                                                                                     \
  "{\"id\":\"Rename\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"         \
  "\"ModifyDBCluster\",\"effect\":\"change\",\"request\":{\"DBClusterIdentifier\":\"api-new\","    \
  "\"NewDBClusterIdentifier\":\"api-old\",\"ApplyImmediately\":true}}"
#define ROWS                                                                                       \
  "{\"id\":\"Rows\",\"action\":\"aws:sleep\",\"inputs\":{\"Duration\":\"PT1S\"},\"confirm\":{"     \
  "\"how\":\"attest\",\"ask\":\"the rows are those of before\",\"when\":\"step\","                 \
  "\"maxAgeMinutes\":30}}"
#define VOUCHED "breakglass/alice vouched that “the rows are those of before”"
#define AGE(hours) "\"minAgeHours\":" #hours

static void
cluster_that_a_run_left_behind (Fixture *fixture, gconstpointer data)
{
  const char *old = CLUSTER ("api-old", "OLD\"");
  const char *others = GLOBAL ("api-new");
  g_autoptr (SlipRunFold) broken = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  SlipLedger *ledger = fixture->ledger;

  /* A production cluster that is in no global cluster looks just so, and no run tells of it. */
  assert_left_behind (NULL, old, others, AGE (72), SLIP_GUARD_BLOCK,
                      "no finished run in this audit");
  assert_left_behind (ledger, old, others, AGE (72), SLIP_GUARD_BLOCK, "plan there, or name its");
  fixture->answer = answer_rename;
  fixture_plan (fixture, RENAME "," STEP_CREATE);
  broken = fixture_go (fixture);
  g_assert_cmpint (broken->state, ==, SLIP_RUN_FAILED);
  assert_left_behind (ledger, old, others, AGE (72), SLIP_GUARD_BLOCK,
                      "renamed api-new to api-old");
  fixture_plan (fixture, RENAME "," ROWS);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Rows", "I counted");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  assert_left_behind (ledger, old, others, AGE (72), SLIP_GUARD_PASS, fixture->run);
  /* Whoever decides that it goes reads what nobody but a person vouched for. */
  assert_left_behind (ledger, old, others, AGE (72), SLIP_GUARD_PASS, VOUCHED);
  /* The name is the same, the cluster is another one. */
  assert_left_behind (ledger, CLUSTER ("api-old", "ELSE\""), others, AGE (72), SLIP_GUARD_BLOCK,
                      "renamed api-new to api-old (cluster-ELSE)");
  assert_left_behind (ledger, old, others, AGE (73), SLIP_GUARD_BLOCK, "is kept for 73 hours");
  assert_left_behind (ledger, old, others, AGE (72) ",\"connected\":true", SLIP_GUARD_BLOCK,
                      "up to 3 connections");
  assert_left_behind (ledger, old, GLOBAL ("api-old"), AGE (72), SLIP_GUARD_BLOCK,
                      "a member of the global cluster world");
  assert_left_behind (ledger, old, "!AccessDenied no", AGE (72), SLIP_GUARD_UNPROVABLE,
                      "global clusters");
}

static void
cluster_that_another_workstation_left_behind (Fixture *fixture, gconstpointer data)
{
  const char *old = CLUSTER ("api-old", "OLD\"");
  g_autofree char *path = g_build_filename (fixture->folder, "exported.jsonl", NULL);
  g_autofree char *key = slip_ledger_dup_public_key (fixture->ledger);
  g_autofree char *given
      = g_strdup_printf (AGE (0) ",\"evidence\":\"%s\",\"evidenceKey\":\"%s\"", path, key);
  g_autofree char *keyless = g_strdup_printf (AGE (0) ",\"evidence\":\"%s\"", path);
  g_autofree char *text = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (GError) error = NULL;
  char *place;

  fixture->answer = answer_rename;
  fixture_plan (fixture, RENAME "," ROWS);
  fixture_control (fixture, SLIP_RUNNER_ATTEST, "Rows", "I counted");
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_true (slip_ledger_export (fixture->ledger, SLIP_LEDGER_FORMAT_JSONL, fixture->run, path,
                                     NULL, NULL, &error));
  assert_left_behind (NULL, old, GLOBAL ("api-new"), given, SLIP_GUARD_PASS, fixture->run);
  assert_left_behind (NULL, old, GLOBAL ("api-new"), given, SLIP_GUARD_PASS, VOUCHED);
  assert_left_behind (NULL, old, GLOBAL ("api-new"), keyless, SLIP_GUARD_BLOCK,
                      "without the public key");
  assert_left_behind (NULL, CLUSTER ("api-old", "ELSE\""), GLOBAL ("api-new"), given,
                      SLIP_GUARD_BLOCK, "no finished run in that evidence");
  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  place = strstr (text, "cluster-OLD");
  g_assert_nonnull (place);
  memcpy (place, "cluster-ELS", strlen ("cluster-ELS"));
  g_assert_true (g_file_set_contents (path, text, -1, &error));
  assert_left_behind (NULL, CLUSTER ("api-old", "ELS\""), GLOBAL ("api-new"), given,
                      SLIP_GUARD_BLOCK, "could not be told");
}

static void
cluster_that_is_not_left_behind (void)
{
  const char *others = GLOBAL ("api-new");

  assert_left_behind (NULL, CLUSTER ("api-old", "NEW\""), others, AGE (72), SLIP_GUARD_BLOCK,
                      "in service, not the one that it replaced");
  assert_left_behind (NULL, "!DBClusterNotFoundFault gone", others, AGE (72), SLIP_GUARD_PASS,
                      "api-old is gone");
  assert_left_behind (NULL, "!AccessDenied no", others, AGE (72), SLIP_GUARD_UNPROVABLE,
                      "clusters");
}

#define POSSIBLE                                                                                   \
  "{\"cluster\":{\"DBClusterIdentifier\":\"api-production\",\"Engine\":\"aurora-postgresql\","     \
  "\"EngineVersion\":\"14.15\",\"DBSubnetGroupName\":\"data\",\"DBClusterParameterGroupName\":"    \
  "\"api-pg\",\"KmsKeyId\":\"k1\"},\"instances\":[{\"DBInstanceIdentifier\":\"api-0\","            \
  "\"DBClusterIdentifier\":\"api-production\","                                                    \
  "\"DBInstanceClass\":\"db.r6g.large\",\"AvailabilityZone\":\"eu-west-1a\"}]}"
#define WITHOUT_GROUP                                                                              \
  "{\"cluster\":{\"DBClusterIdentifier\":\"api-production\",\"Engine\":\"aurora-postgresql\","     \
  "\"DBSubnetGroupName\":\"data\"}}"

static void
plant_restore (Scripted *script)
{
  answer (script, "rds:DescribeDBSubnetGroups", "{\"DBSubnetGroups\":[{}]}");
  answer (script, "rds:DescribeDBClusterParameterGroups", "{\"DBClusterParameterGroups\":[{}]}");
  answer (script, "kms:DescribeKey", KEY ("Enabled"));
  answer (script, "rds:DescribeOrderableDBInstanceOptions",
          "{\"OrderableDBInstanceOptions\":[{\"AvailabilityZones\":[{\"Name\":\"eu-west-1a\"}]}]}");
}

static void
test_restore_possible (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  plant_restore (script);
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_PASS, "are there to bring");
  assert_guard (script, "restore-possible", WITHOUT_GROUP, SLIP_GUARD_BLOCK,
                "names no cluster parameter group");
  answer (script, "rds:DescribeOrderableDBInstanceOptions",
          "{\"OrderableDBInstanceOptions\":[{\"AvailabilityZones\":[{\"Name\":\"eu-west-1b\"}]}]}");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK,
                "db.r6g.large cannot be ordered in eu-west-1a");
  plant_restore (script);
  answer (script, "rds:DescribeDBSubnetGroups", "!DBSubnetGroupNotFoundFault gone");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK,
                "subnet group data is gone");
  plant_restore (script);
  answer (script, "kms:DescribeKey", KEY ("Disabled"));
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK, "key k1 is Disabled");
  plant_restore (script);
  answer (script, "rds:DescribeDBClusterParameterGroups", "!AccessDenied no");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_UNPROVABLE, "parameter group");
  /* Whoever mends the first fault must not hear of the next one by planning again. */
  answer (script, "rds:DescribeDBSubnetGroups", "!DBSubnetGroupNotFoundFault gone");
  answer (script, "kms:DescribeKey", KEY ("Disabled"));
  answer (script, "rds:DescribeOrderableDBInstanceOptions", "{\"OrderableDBInstanceOptions\":[]}");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK,
                "(1) the subnet group data is gone");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK,
                "(2) the key k1 is Disabled");
  assert_guard (script, "restore-possible", POSSIBLE, SLIP_GUARD_BLOCK,
                "(3) instance class db.r6g.large cannot be ordered");
}

static void
test_cluster_quota (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeAccountAttributes",
          "{\"AccountQuotas\":[{\"AccountQuotaName\":\"DBClusters\",\"Used\":39,\"Max\":40}]}");
  assert_guard (script, "cluster-quota", "{\"clusters\":1}", SLIP_GUARD_PASS, "39 of 40 clusters");
  assert_guard (script, "cluster-quota", "{\"clusters\":2}", SLIP_GUARD_BLOCK, "2 more are needed");
  assert_guard (script, "cluster-quota", "{\"instances\":1}", SLIP_GUARD_UNPROVABLE, "instances");
}

#define UNCHANGED                                                                                  \
  "{\"service\":\"rds\",\"operation\":\"DescribeDBClusters\",\"input\":{\"DBClusterIdentifier\":"  \
  "\"api-production\"},\"select\":\"$.DBClusters[0]\",\"expected\":{\"$.Port\":5432},"             \
  "\"resource\":\"api-production\"}"

static void
test_unchanged (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBClusters", "{\"DBClusters\":[{\"Port\":5432}]}");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_PASS, "still");
  answer (script, "rds:DescribeDBClusters", "{\"DBClusters\":[{\"Port\":5433}]}");
  answer (
      script, "cloudtrail:LookupEvents",
      "{\"Events\":[{\"EventName\":\"DescribeDBClusters\",\"Username\":\"bob\",\"ReadOnly\":"
      "\"true\"},{\"EventName\":\"ModifyDBCluster\",\"Username\":\"eve\",\"ReadOnly\":\"false\","
      "\"EventTime\":\"2026-11-21T06:20:00Z\"}]}");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_BLOCK,
                "$.Port was 5432 and is 5433. The last change that CloudTrail knows is "
                "ModifyDBCluster by eve at 2026-11-21T06:20:00Z");
  answer (script, "cloudtrail:LookupEvents", "!AccessDeniedException no");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_BLOCK,
                "CloudTrail could not be asked who did it (AccessDeniedException: no)");
  answer (script, "cloudtrail:LookupEvents", "{\"Events\":[]}");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_BLOCK, "does not say (yet)");
  answer (script, "rds:DescribeDBClusters", "{\"DBClusters\":[]}");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_BLOCK, "not there any more");
  answer (script, "rds:DescribeDBClusters", "!Throttling slow down");
  assert_guard (script, "unchanged", UNCHANGED, SLIP_GUARD_UNPROVABLE, "planned for");
}

#define EVENT(time, agent)                                                                         \
  "{\"EventName\":\"ModifyDBCluster\",\"Username\":\"ann\",\"ReadOnly\":\"false\",\"EventTime\":"  \
  "\"" time "\",\"CloudTrailEvent\":\"{\\\"userAgent\\\":\\\"" agent "\\\"}\"}"

/* Nobody is named for what was done before the plan read it; and of what says itself that it is the run's, that it does. */
static void
test_trail_names_no_innocent (void)
{
  const struct
  {
    const char *event;
    const char *says;
  } cases[] = {
      {EVENT ("2026-11-21T06:20:00Z", "aws-cli/2"), "CloudTrail knows is ModifyDBCluster by ann"},
      {EVENT ("2026-11-21T06:19:59Z", "aws-cli/2"), "does not say (yet)"},
      {EVENT ("2026-11-21T06:20:01Z", "Slipway/1 run/20261121T0600Z-r"),
       "by user agent, that they are this run's; the last is ModifyDBCluster by ann"},
      {EVENT ("2026-11-21T06:20:01Z", "Slipway/1 run/20261121T0600Z-s"),
       "CloudTrail knows is ModifyDBCluster by ann"},
  };
  gint64 since = 0;

  g_assert_true (slip_time_parse ("2026-11-21T06:20:00Z", &since));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"Events\":[%s]}", cases[i].event);
      g_autoptr (JsonNode) answer = slip_json_parse (text, -1, NULL);
      g_autofree char *told
          = slip_trail_describe_last_change (answer, NULL, NULL, "20261121T0600Z-r", since);

      g_assert_nonnull (strstr (told, cases[i].says));
    }
}

#define AS_VALUES                                                                                  \
  "{\"service\":\"rds\",\"operation\":\"DescribeDBClusters\",\"input\":{},\"select\":"             \
  "\"$.DBClusters[0]\",\"expected\":{\"$.TagList\":[{\"Key\":\"a\",\"Value\":\"1\"},{\"Key\":"     \
  "\"b\",\"Value\":\"2\"}],\"$.Members[*].Name\":[]}}"

/* Neither the order of members nor that of a service's lists means anything. */
static void
test_unchanged_compares_values (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBClusters",
          "{\"DBClusters\":[{\"Members\":[],\"TagList\":[{\"Value\":\"2\",\"Key\":\"b\"},"
          "{\"Value\":\"1\",\"Key\":\"a\"}]}]}");
  assert_guard (script, "unchanged", AS_VALUES, SLIP_GUARD_PASS, "still");
  answer (script, "rds:DescribeDBClusters",
          "{\"DBClusters\":[{\"Members\":[{\"Name\":\"new\"}],\"TagList\":[{\"Value\":\"2\","
          "\"Key\":\"b\"},{\"Value\":\"1\",\"Key\":\"a\"}]}]}");
  assert_guard (script, "unchanged", AS_VALUES, SLIP_GUARD_BLOCK,
                "$.Members[*].Name[0] was not there and is \"new\"");
}

#define CAPTURED(fields)                                                                           \
  "{\"kind\":\"rds-cluster\",\"target\":\"api\",\"arn\":\"arn:aws:rds:eu-west-2:1:cluster:api\","  \
  "\"fields\":{" fields "}}"
#define AS_CAPTURED(more)                                                                          \
  "{\"kind\":\"rds-cluster\",\"captured\":[" CAPTURED (                                            \
      "\"BackupRetentionPeriod\":14,\"DeletionProtection\":true,\"Writer\":[\"api-0\"],"           \
      "\"DbClusterResourceId\":\"cluster-A\"") "]" more "}"
#define FOUND(days, resource)                                                                      \
  "{\"DBClusters\":[{\"DBClusterArn\":\"arn:aws:rds:eu-west-2:1:cluster:api\","                    \
  "\"DBClusterMembers\":[{\"DBInstanceIdentifier\":\"api-1\",\"IsClusterWriter\":true}],"          \
  "\"DeletionProtection\":false,\"BackupRetentionPeriod\":" days ",\"DbClusterResourceId\":"       \
  "\"cluster-" resource "\"}]}"

/* What the run itself changed is expected, which instance writes may change, all else is another hand's;
 * what another version did not capture is not known to differ. */
static void
test_as_captured (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *ours = AS_CAPTURED (",\"changed\":{\"DeletionProtection\":false}");
  const char *not_told = AS_CAPTURED (",\"except\":[\"DeletionProtection\"]");

  answer (script, "rds:DescribeDBClusterEndpoints", "{\"DBClusterEndpoints\":[]}");
  answer (script, "monitoring:DescribeAlarms", "{\"MetricAlarms\":[]}");
  answer (script, "cloudtrail:LookupEvents",
          "{\"Events\":[{\"EventName\":\"ModifyDBCluster\",\"Username\":\"late\",\"ReadOnly\":"
          "\"false\",\"CloudTrailEvent\":\"{\\\"errorCode\\\":\\\"AccessDenied\\\"}\"},"
          "{\"EventName\":\"ModifyDBCluster\",\"Username\":\"eve\",\"ReadOnly\":\"false\","
          "\"EventTime\":\"2026-11-21T06:20:00Z\"}]}");
  answer (script, "rds:DescribeDBClusters", FOUND ("14", "A"));
  assert_guard (script, "as-captured", ours, SLIP_GUARD_PASS, "still");
  assert_guard (script, "as-captured", not_told, SLIP_GUARD_PASS, "still");
  assert_guard (script, "as-captured", AS_CAPTURED (""), SLIP_GUARD_BLOCK,
                "changed api since the plan was made: DeletionProtection was true and is false. "
                "The last change that CloudTrail knows is ModifyDBCluster by eve at "
                "2026-11-21T06:20:00Z. Put it back and resume");
  answer (script, "rds:DescribeDBClusters", FOUND ("3", "A"));
  assert_guard (script, "as-captured", ours, SLIP_GUARD_BLOCK,
                "BackupRetentionPeriod was 14 and is 3");
  answer (script, "rds:DescribeDBClusters", FOUND ("14", "B"));
  assert_guard (script, "as-captured", ours, SLIP_GUARD_BLOCK,
                "DbClusterResourceId was \"cluster-A\" and is \"cluster-B\"");
  answer (script, "rds:DescribeDBClusters", "!DBClusterNotFoundFault none");
  assert_guard (script, "as-captured", ours, SLIP_GUARD_BLOCK, "not there any more");
  answer (script, "rds:DescribeDBClusters", "!AccessDenied no");
  assert_guard (script, "as-captured", ours, SLIP_GUARD_UNPROVABLE, "as it was captured");
  assert_guard (script, "as-captured", "{\"kind\":\"rds-instance\",\"captured\":" CAPTURED ("") "}",
                SLIP_GUARD_BLOCK, "no Document of a capture of kind rds-instance");
}

/* Names repeat in other regions, and another cluster's loss is none of this one's. */
static void
test_as_captured_of (void)
{
#define TWO(of)                                                                                    \
  "{\"kind\":\"rds-cluster\",\"captured\":["                                                       \
  "{\"kind\":\"rds-cluster\",\"target\":\"api\",\"arn\":\"arn:aws:rds:eu-west-2:1:cluster:api\","  \
  "\"fields\":{\"BackupRetentionPeriod\":14}},"                                                    \
  "{\"kind\":\"rds-cluster\",\"target\":\"api\",\"arn\":\"arn:aws:rds:eu-west-1:1:cluster:api\","  \
  "\"fields\":{\"BackupRetentionPeriod\":3}}]" of "}"
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "cloudtrail:LookupEvents", "{\"Events\":[]}");
  answer (script, "rds:DescribeDBClusters", FOUND ("3", "A"));
  assert_guard (script, "as-captured", TWO (",\"of\":\"api\""), SLIP_GUARD_PASS,
                "it is still what was planned for");
  assert_guard (script, "as-captured", TWO (""), SLIP_GUARD_BLOCK, "was 14 and is 3");
  assert_guard (script, "as-captured", TWO (",\"of\":\"other\""), SLIP_GUARD_BLOCK,
                "nothing of what was captured is other in eu-west-1");
}

/* Other services tell of alarms: only what is compared is asked for, and what is not told hides nothing of
 * the rest. What RDS itself does not tell stays untold. */
static void
test_as_captured_without_alarms (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *expected = "{\"kind\":\"rds-cluster\",\"captured\":[" CAPTURED (
      "\"BackupRetentionPeriod\":14,\"Alarms\":[{\"AlarmName\":\"cpu\"}]") "]}";
  const char *left_out = "{\"kind\":\"rds-cluster\",\"captured\":" CAPTURED (
      "\"BackupRetentionPeriod\":14,\"Alarms\":[]") ",\"except\":[\"Alarms\"]}";
  const char *endpoints
      = "{\"kind\":\"rds-cluster\",\"captured\":" CAPTURED ("\"CustomEndpoints\":[]") "}";

  answer (script, "monitoring:DescribeAlarms", "!AccessDenied down");
  answer (script, "rds:DescribeDBClusterEndpoints", "!AccessDenied no endpoints");
  answer (script, "rds:DescribeDBClusters", FOUND ("14", "A"));
  assert_guard (script, "as-captured", left_out, SLIP_GUARD_PASS, "still");
  g_assert_cmpuint (scripted_count (script, "monitoring:DescribeAlarms"), ==, 0);
  assert_guard (script, "as-captured", expected, SLIP_GUARD_WARN,
                "api is still what was planned for, but could not be compared: Alarms "
                "(monitoring:DescribeAlarms: AccessDenied: down)");
  g_assert_cmpuint (scripted_count (script, "rds:DescribeDBClusterEndpoints"), ==, 0);
  assert_guard (script, "as-captured", endpoints, SLIP_GUARD_UNPROVABLE, "no endpoints");
  answer (script, "rds:DescribeDBClusters", FOUND ("3", "A"));
  answer (script, "cloudtrail:LookupEvents", "{\"Events\":[]}");
  assert_guard (script, "as-captured", expected, SLIP_GUARD_BLOCK,
                "BackupRetentionPeriod was 14 and is 3");
}

#define FREEZE "{\"parameter\":\"/slipway/production/change-freeze\"}"

static void
test_change_freeze (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "ssm:GetParameter", "!ParameterNotFound none");
  assert_guard (script, "change-freeze", FREEZE, SLIP_GUARD_BLOCK, "change-freeze-on");
  answer (script, "ssm:GetParameter",
          "{\"Parameter\":{\"Value\":\"{\\\"kind\\\":\\\"change-freeze\\\",\\\"reference\\\":"
          "\\\"CHG-7\\\",\\\"since\\\":\\\"06:00\\\","
          "\\\"reason\\\":\\\"rollback\\\"}\"}}");
  assert_guard (script, "change-freeze", FREEZE, SLIP_GUARD_PASS, "CHG-7 is on since 06:00");
  /* The record of something else proves nothing. */
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_BLOCK,
                "does not hold a record of maintenance-mode");
  answer (script, "ssm:GetParameter", "{\"Parameter\":{\"Value\":\"yes\"}}");
  assert_guard (script, "change-freeze", FREEZE, SLIP_GUARD_BLOCK, "does not hold a record");
  answer (script, "ssm:GetParameter", "!AccessDeniedException no");
  assert_guard (script, "change-freeze", FREEZE, SLIP_GUARD_UNPROVABLE, "change-freeze");
}

static void
test_maintenance_mode (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "ssm:GetParameter", "!ParameterNotFound none");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_BLOCK, "maintenance-mode-on");
  answer (script, "ssm:GetParameter",
          "{\"Parameter\":{\"Value\":\"{\\\"kind\\\":\\\"maintenance-mode\\\",\\\"since\\\":\\\"06:"
          "00\\\",\\\"rules\\\":[{\\\"arn\\\":"
          "\\\"r1\\\",\\\"on\\\":[{\\\"Field\\\":\\\"host-header\\\",\\\"HostHeaderConfig\\\":"
          "{\\\"Values\\\":[\\\"app\\\"]}}]}]}\"}}");
  answer (script, "elbv2:DescribeRules",
          "{\"Rules\":[{\"Conditions\":[{\"Field\":\"host-header\",\"Values\":[\"app\"],"
          "\"HostHeaderConfig\":{\"Values\":[\"app\"]}}]}]}");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_PASS, "since 06:00");
  answer (script, "elbv2:DescribeRules",
          "{\"Rules\":[{\"Conditions\":[{\"Field\":\"path-pattern\",\"PathPatternConfig\":"
          "{\"Values\":[\"/maintenance\"]}}]}]}");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_BLOCK, "rule r1 was changed");
  assert_guard (script, "change-freeze", FREEZE, SLIP_GUARD_BLOCK,
                "does not hold a record of change-freeze");
  answer (
      script, "ssm:GetParameter",
      "{\"Parameter\":{\"Value\":\"{\\\"kind\\\":\\\"maintenance-mode\\\",\\\"rules\\\":[]}\"}}");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_BLOCK, "names no rule");
}

#define HALF "{\"parameter\":\"/slipway/production/change-freeze\",\"half\":\"true\"}"
#define RULE_OF(path)                                                                              \
  "{\"Rules\":[{\"Conditions\":[{\"Field\":\"path-pattern\",\"PathPatternConfig\":"                \
  "{\"Values\":[\"" path "\"]}}]}]}"

/* Only what the record explains is closed again: as it was before, or as the record closes it. */
static void
test_half_open_maintenance (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "ssm:GetParameter",
          "{\"Parameter\":{\"Value\":\"{\\\"kind\\\":\\\"maintenance-mode\\\",\\\"since\\\":\\\"06:"
          "00\\\",\\\"rules\\\":[{\\\"arn\\\":\\\"r1\\\",\\\"on\\\":[{\\\"Field\\\":"
          "\\\"path-pattern\\\",\\\"PathPatternConfig\\\":{\\\"Values\\\":[\\\"/*\\\"]}}],"
          "\\\"original\\\":[{\\\"Field\\\":\\\"path-pattern\\\",\\\"PathPatternConfig\\\":"
          "{\\\"Values\\\":[\\\"/maintenance\\\"]}}]}]}\"}}");
  answer (script, "elbv2:DescribeRules", RULE_OF ("/maintenance"));
  assert_guard (script, "maintenance-mode", HALF, SLIP_GUARD_PASS, "1 of its rules are open");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_BLOCK,
                "runbook maintenance-mode-on, which keeps the record");
  answer (script, "elbv2:DescribeRules", RULE_OF ("/elsewhere"));
  assert_guard (script, "maintenance-mode", HALF, SLIP_GUARD_BLOCK,
                "aws elbv2 modify-rule --rule-arn r1 --conditions '[{");
  answer (script, "elbv2:DescribeRules", RULE_OF ("/*"));
  assert_guard (script, "maintenance-mode", HALF, SLIP_GUARD_BLOCK, "is on already, since 06:00");
  assert_guard (script, "maintenance-mode", FREEZE, SLIP_GUARD_PASS, "since 06:00");
}

#define ADD(name, func) g_test_add (name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guards/trail_names_no_innocent", test_trail_names_no_innocent);
  g_test_add_func ("/guards/snapshot_restorable", test_snapshot_restorable);
  g_test_add_func ("/guards/restore_possible", test_restore_possible);
  g_test_add_func ("/guards/snapshot_counted", test_snapshot_counted);
  g_test_add_func ("/guards/cluster_left_behind/blocks_what_is_in_service",
                   cluster_that_is_not_left_behind);
  ADD ("/guards/cluster_left_behind/asks_for_the_run_that_renamed_it",
       cluster_that_a_run_left_behind);
  ADD ("/guards/cluster_left_behind/takes_the_verified_log_of_another_workstation",
       cluster_that_another_workstation_left_behind);
  g_test_add_func ("/guards/cluster_quota", test_cluster_quota);
  g_test_add_func ("/guards/unchanged_names_the_actor", test_unchanged);
  g_test_add_func ("/guards/unchanged_compares_values", test_unchanged_compares_values);
  g_test_add_func ("/guards/as_captured", test_as_captured);
  g_test_add_func ("/guards/as_captured_of_a_list_only_what_is_meant_counts", test_as_captured_of);
  g_test_add_func ("/guards/as_captured_without_alarms", test_as_captured_without_alarms);
  g_test_add_func ("/guards/change_freeze", test_change_freeze);
  g_test_add_func ("/guards/maintenance_mode", test_maintenance_mode);
  g_test_add_func ("/guards/maintenance_mode/half_open_is_closed_as_recorded",
                   test_half_open_maintenance);
  return g_test_run ();
}
