/* SPDX-License-Identifier: MIT */
/* The claims of the guards of the restore procedures: each planted fault blocks with the thing's name
 * and the way out, and what could not be told never passes. */

#include "scripted.h"

#include "slip-json.h"
#include "slip-planner.h"

#include <glib/gstdio.h>
#include <string.h>

#define RUN "20261121T063000Z-0badcafe"

static void
assert_there (Scripted *script,
              const char *environment,
              const char *guard,
              const char *inputs,
              SlipGuardState state,
              const char *words)
{
  const ScriptedGuard asked = {environment, guard, inputs, RUN};

  scripted_assert_guard (script, &asked, state, words);
}

static void
assert_guard (Scripted *script,
              const char *guard,
              const char *inputs,
              SlipGuardState state,
              const char *words)
{
  assert_there (script, "production", guard, inputs, state, words);
}

static void
answer (Scripted *script, const char *call, const char *text)
{
  scripted_answer (script, "production", call, text);
}

static void
test_not_production (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  assert_there (script, "production", "not-production", "{}", SLIP_GUARD_BLOCK,
                "refuses production");
  assert_there (script, "preproduction", "not-production",
                "{\"called\":\"preproduction\",\"source\":\"111111111111\"}", SLIP_GUARD_PASS,
                "preproduction (account 222222222222) is not production");
  assert_there (script, "preproduction", "not-production", "{\"called\":\"Production\"}",
                SLIP_GUARD_BLOCK, "refuses Production");
  assert_there (script, "preproduction", "not-production", "{\"source\":\"222222222222\"}",
                SLIP_GUARD_BLOCK, "cannot be overwritten with itself");
  /* What it is called elsewhere counts, whatever it is called here. */
  json_object_set_string_member (scripted_facts (script, "preproduction"), "alias",
                                 "sirius-production");
  assert_there (script, "preproduction", "not-production", "{}", SLIP_GUARD_BLOCK,
                "refuses preproduction");
  json_object_set_string_member (scripted_facts (script, "preproduction"), "alias", "sirius-2");
  assert_there (script, "preproduction", "not-production", "{\"called\":\"sirius-production\"}",
                SLIP_GUARD_BLOCK, "refuses sirius-production");
  assert_there (script, "preproduction", "not-production", "{\"called\":\"pre-production\"}",
                SLIP_GUARD_PASS, "is not production");
  assert_there (script, "preproduction", "not-production", "{\"called\":\"reproduction\"}",
                SLIP_GUARD_PASS, "is not production");
  scripted_add_environment (script, "{\"name\":\"europe\",\"account\":\"444444444444\"}");
  assert_there (script, "europe", "not-production", "{}", SLIP_GUARD_PASS, "is not production");
  json_object_set_boolean_member (scripted_facts (script, "europe"), "protected", TRUE);
  assert_there (script, "europe", "not-production", "{}", SLIP_GUARD_BLOCK,
                "europe is protected, and nothing in its name");
  json_object_set_string_member (scripted_facts (script, "preproduction"), "account",
                                 "111111111111");
  assert_there (script, "preproduction", "not-production", "{}", SLIP_GUARD_BLOCK,
                "account 111111111111 is that of production");
}

#define TASK(status, database, image, log)                                                         \
  "{\"taskDefinition\":{\"family\":\"copy\",\"revision\":7,\"status\":\"" status                   \
  "\",\"containerDefinitions\":[{\"name\":\"copy\",\"image\":\"" image                             \
  "\",\"environment\":[{\"name\":\"DATABASE\",\"value\":\"" database "\"}]" log "}]}}"
#define LOG                                                                                        \
  ",\"logConfiguration\":{\"logDriver\":\"awslogs\",\"options\":{\"awslogs-group\":\"sync\"}}"
#define WANTED "{\"taskDefinition\":\"copy\",\"variables\":{\"DATABASE\":\"api\"}}"

static void
test_task_definition (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "ecs:DescribeTaskDefinition";
  const char *const guard = "task-definition";

  answer (script, "logs:DescribeLogGroups", "{\"logGroups\":[{\"logGroupName\":\"sync\"}]}");
  answer (script, call, TASK ("ACTIVE", "api", "repo/sync:v1", LOG));
  assert_guard (script, guard, WANTED, SLIP_GUARD_PASS,
                "revision 7, runs repo/sync:v1 (by its tag");
  assert_guard (script, guard,
                "{\"taskDefinition\":\"copy\",\"variables\":{\"SOURCE\":\"production\"}}",
                SLIP_GUARD_BLOCK, "does not set SOURCE, which should be production");
  assert_guard (script, guard, "{\"taskDefinition\":\"copy\",\"image\":\"sync:v2\"}",
                SLIP_GUARD_BLOCK, "runs image repo/sync:v1, which is not sync:v2");
  answer (script, call, TASK ("ACTIVE", "membrane", "repo/sync:v1", LOG));
  assert_guard (script, guard, WANTED, SLIP_GUARD_BLOCK, "sets DATABASE to membrane, not to api");
  answer (script, call, TASK ("INACTIVE", "api", "repo/sync:v1", LOG));
  assert_guard (script, guard, WANTED, SLIP_GUARD_BLOCK, "is INACTIVE");
  answer (script, call, TASK ("ACTIVE", "api", "repo/sync:v1", ""));
  assert_guard (script, guard, WANTED, SLIP_GUARD_WARN, "writes no CloudWatch log");
  answer (script, call, TASK ("ACTIVE", "api", "repo/sync@sha256:00", LOG));
  answer (script, "logs:DescribeLogGroups", "{\"logGroups\":[{\"logGroupName\":\"sync-2\"}]}");
  assert_guard (script, guard, WANTED, SLIP_GUARD_BLOCK, "log group sync of task definition copy");
  answer (script, "logs:DescribeLogGroups", "!AccessDeniedException no");
  assert_guard (script, guard, WANTED, SLIP_GUARD_UNPROVABLE, "log group");
  answer (script, call, "!ClientException Unable to describe task definition.");
  assert_guard (script, guard, WANTED, SLIP_GUARD_BLOCK, "there is no task definition copy");
  answer (script, call, "!AccessDeniedException no");
  assert_guard (script, guard, WANTED, SLIP_GUARD_UNPROVABLE, "task definition");
  assert_guard (script, guard, "{\"taskDefinition\":\"\",\"optional\":true}", SLIP_GUARD_PASS,
                "left out");
  assert_guard (script, guard, "{\"taskDefinition\":\"\"}", SLIP_GUARD_BLOCK, "is named");
}

#define RUNNING(group, by)                                                                         \
  "{\"tasks\":[{\"taskArn\":\"arn:t1\",\"group\":\"" group "\",\"startedBy\":\"" by "\"}]}"

static void
test_environment_quiet (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const guard = "environment-quiet";
  const char *const all
      = "{\"cluster\":\"pre\",\"families\":[\"restore-api\"],\"stopped\":[\"api\"]}";

  answer (script, "ecs:ListTasks", "{\"taskArns\":[]}");
  assert_guard (script, guard, all, SLIP_GUARD_PASS, "nobody else");
  answer (script, "ecs:ListTasks", "{\"taskArns\":[\"arn:t1\"]}");
  answer (script, "ecs:DescribeTasks", RUNNING ("family:restore-api", "bob"));
  assert_guard (script, guard, all, SLIP_GUARD_BLOCK,
                "restore-api is running already, started by bob");
  answer (script, "ecs:DescribeTasks", RUNNING ("family:restore-api", RUN "/Restore/1"));
  assert_guard (script, guard, all, SLIP_GUARD_PASS, "nobody else");
  answer (script, "ecs:DescribeTasks", RUNNING ("service:api", "ecs-svc/1"));
  assert_guard (script, guard, all, SLIP_GUARD_PASS, "nobody else");
  answer (script, "ecs:DescribeTasks", RUNNING ("service:frontend", "ecs-svc/2"));
  assert_guard (script, guard, all, SLIP_GUARD_WARN, "service:frontend (1 running)");
  answer (script, "ecs:DescribeTasks", "!AccessDeniedException no");
  assert_guard (script, guard, all, SLIP_GUARD_UNPROVABLE, "which tasks run");
}

static void
test_master_password (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const inputs = "{\"cluster\":\"api\"}";

  answer (script, "rds:DescribeDBClusters", "{\"DBClusters\":[{\"Status\":\"available\"}]}");
  assert_guard (script, "master-password", inputs, SLIP_GUARD_PASS, "not managed by RDS");
  answer (script, "rds:DescribeDBClusters",
          "{\"DBClusters\":[{\"MasterUserSecret\":{\"SecretArn\":\"arn:rds!1\"}}]}");
  assert_guard (script, "master-password", inputs, SLIP_GUARD_BLOCK,
                "in arn:rds!1, which is deleted");
  answer (script, "rds:DescribeDBClusters", "!DBClusterNotFoundFault none");
  assert_guard (script, "master-password", inputs, SLIP_GUARD_BLOCK, "there is no cluster api");
  answer (script, "rds:DescribeDBClusters", "!AccessDenied no");
  assert_guard (script, "master-password", inputs, SLIP_GUARD_UNPROVABLE, "who keeps");
}

static void
test_cluster_name_free (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBClusters", "!DBClusterNotFoundFault none");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\"}", SLIP_GUARD_PASS,
                "no cluster is called new");
  answer (script, "rds:DescribeDBClusters",
          "{\"DBClusters\":[{\"Status\":\"available\",\"ClusterCreateTime\":\"2026-11-20T00:00:"
          "00Z\"}]}");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\"}", SLIP_GUARD_BLOCK,
                "exists already (available");
  answer (script, "rds:DescribeDBClusters", "!AccessDenied no");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\"}", SLIP_GUARD_UNPROVABLE,
                "name is free");
  answer (script, "rds:DescribeDBClusters", "!DBClusterNotFoundFault none");
  assert_guard (script, "cluster-name-free",
                "{\"cluster\":\"new\",\"otherThan\":[\"old\",\"NEW\"]}", SLIP_GUARD_BLOCK,
                "the name new to another cluster too");
  assert_guard (
      script, "cluster-name-free",
      "{\"cluster\":\"a123456789b123456789c123456789d123456789e123456789f123456789-old\"}",
      SLIP_GUARD_BLOCK, "64 characters long, and the name of a cluster may have 63");
  answer (script, "rds:DescribeDBInstances", "!DBInstanceNotFound none");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\",\"instances\":[\"new-0\"]}",
                SLIP_GUARD_PASS, "no instance as its instances will be");
  answer (script, "rds:DescribeDBInstances",
          "{\"DBInstances\":[{\"DBInstanceStatus\":\"available\",\"InstanceCreateTime\":"
          "\"2026-11-20T00:00:00Z\"}]}");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\",\"instances\":[\"new-0\"]}",
                SLIP_GUARD_BLOCK, "an instance new-0 exists already (available");
  answer (script, "rds:DescribeDBInstances", "!AccessDenied no");
  assert_guard (script, "cluster-name-free", "{\"cluster\":\"new\",\"instances\":[\"new-0\"]}",
                SLIP_GUARD_UNPROVABLE, "name is free");
}

#define POLICY(statement) "{\"Policy\":\"{\\\"Statement\\\":[" statement "]}\"}"
#define DENY(principal, action, more)                                                              \
  "{\\\"Sid\\\":\\\"No\\\",\\\"Effect\\\":\\\"Deny\\\",\\\"Principal\\\":" principal               \
  ",\\\"Action\\\":" action more "}"

static void
test_vault_allows_restore (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "backup:GetBackupVaultAccessPolicy";
  const char *const guard = "vault-allows-restore";
  const char *const vault = "{\"vault\":\"dest\"}";

  answer (script, call, "!ResourceNotFoundException none");
  assert_guard (script, guard, vault, SLIP_GUARD_PASS, "no policy of its own");
  answer (
      script, call,
      POLICY (DENY ("{\\\"AWS\\\":\\\"*\\\"}",
                    "[\\\"backup:DeleteRecoveryPoint\\\",\\\"backup:startrestorejob\\\"]", "")));
  assert_guard (script, guard, vault, SLIP_GUARD_BLOCK,
                "denies restores here (statement No). Copy the recovery point back");
  assert_guard (script, guard, vault, SLIP_GUARD_BLOCK, "copy-recovery-point-back");
  answer (script, call, POLICY (DENY ("\\\"*\\\"", "\\\"backup:Start*\\\"", "")));
  assert_guard (script, guard, vault, SLIP_GUARD_BLOCK, "denies restores");
  answer (script, call,
          POLICY (DENY ("{\\\"AWS\\\":\\\"arn:aws:iam::111111111111:role/x\\\"}",
                        "\\\"backup:*\\\"", "")));
  assert_guard (script, guard, vault, SLIP_GUARD_BLOCK, "denies restores");
  answer (script, call,
          POLICY (DENY ("{\\\"AWS\\\":\\\"arn:aws:iam::999999999999:root\\\"}", "\\\"backup:*\\\"",
                        "")));
  assert_guard (script, guard, vault, SLIP_GUARD_PASS, "denies no restore");
  answer (script, call, POLICY (DENY ("\\\"*\\\"", "\\\"backup:DeleteRecoveryPoint\\\"", "")));
  assert_guard (script, guard, vault, SLIP_GUARD_PASS, "denies no restore");
  answer (script, call,
          POLICY (DENY ("\\\"*\\\"", "\\\"backup:*\\\"", ",\\\"Condition\\\":{\\\"Bool\\\":{}}")));
  assert_guard (script, guard, vault, SLIP_GUARD_UNPROVABLE, "under a condition");
  answer (script, call, "!AccessDeniedException no");
  assert_guard (script, guard, vault, SLIP_GUARD_UNPROVABLE, "restore begin");
}

#define POINT(status, created, expires)                                                            \
  "{\"Status\":\"" status                                                                          \
  "\",\"ResourceType\":\"Aurora\",\"ResourceArn\":\"arn:c\",\"CreationDate\":"                     \
  "\"" created "\",\"BackupSizeInBytes\":3221225472,\"EncryptionKeyArn\":\"k1\","                  \
  "\"CalculatedLifecycle\":{\"DeleteAt\":\"" expires "\"}}"
#define THE_POINT                                                                                  \
  "{\"vault\":\"v\",\"recoveryPoint\":\"arn:p\",\"resourceType\":\"Aurora\",\"resource\":\"arn:"   \
  "c\","                                                                                           \
  "\"maxAgeHours\":24}"

static void
test_recovery_point_usable (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const call = "backup:DescribeRecoveryPoint";
  const char *const guard = "recovery-point-usable";

  answer (script, "kms:DescribeKey", "{\"KeyMetadata\":{\"KeyState\":\"Enabled\"}}");
  answer (script, call, POINT ("COMPLETED", "2026-11-21T04:05:00Z", "2026-12-21T04:05:00Z"));
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_PASS,
                "3.0 GiB, 2 h 25 min old: all that was written since 2026-11-21T04:05:00Z is lost");
  assert_guard (script, guard,
                "{\"vault\":\"v\",\"recoveryPoint\":\"arn:p\",\"resourceType\":\"DynamoDB\"}",
                SLIP_GUARD_BLOCK, "of Aurora, not of DynamoDB");
  assert_guard (script, guard,
                "{\"vault\":\"v\",\"recoveryPoint\":\"arn:p\",\"resource\":\"arn:other\"}",
                SLIP_GUARD_BLOCK, "is of arn:c, not of arn:other");
  answer (script, call, POINT ("AVAILABLE", "2026-11-19T04:05:00Z", "2026-12-21T04:05:00Z"));
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_BLOCK, "should be no older than 24 hours");
  answer (script, call, POINT ("COMPLETED", "2026-11-21T04:05:00Z", "2026-11-21T09:00:00Z"));
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_WARN, "expires at 2026-11-21T09:00:00Z");
  answer (script, call,
          POINT ("COMPLETED", "2026-11-21T04:05:00Z",
                 "2026-12-21T04:05:00Z\"},\"SourceBackupVaultArn\":\"arn:v2\",\"x\":{\"y\":\""));
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_WARN,
                "copied at 2026-11-21T04:05:00Z (2 h 25 min old): its data is older");
  answer (script, call, POINT ("EXPIRED", "2026-11-21T04:05:00Z", "2026-11-21T05:00:00Z"));
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_BLOCK, "is EXPIRED");
  answer (script, call, "!ResourceNotFoundException none");
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_BLOCK, "no such recovery point in vault v");
  answer (script, call, POINT ("COMPLETED", "2026-11-21T04:05:00Z", "2026-12-21T04:05:00Z"));
  answer (script, "kms:DescribeKey", "{\"KeyMetadata\":{\"KeyState\":\"PendingDeletion\"}}");
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_BLOCK, "key k1 is PendingDeletion");
  answer (script, "kms:DescribeKey", "!AccessDeniedException no");
  assert_guard (script, guard, THE_POINT, SLIP_GUARD_UNPROVABLE, "key");
}

/* A program that tells a version, and a folder to find it in. */
typedef struct
{
  char *folder;
  char *program;
} Tool;

static void
tool_set_up (Tool *tool, gconstpointer data)
{
  (void)data;
  tool->folder = g_dir_make_tmp ("slipway-tool-XXXXXX", NULL);
  tool->program = g_build_filename (tool->folder, "tool", NULL);
  g_assert_true (g_file_set_contents_full (
      tool->program,
      "#!/bin/sh\n[ \"$1\" = version ] || exit 1\necho Tool v1.13.4\necho on linux\n", -1,
      G_FILE_SET_CONTENTS_NONE, 0700, NULL));
}

static void
tool_tear_down (Tool *tool, gconstpointer data)
{
  (void)data;
  g_assert_cmpint (g_remove (tool->program), ==, 0);
  g_assert_cmpint (g_rmdir (tool->folder), ==, 0);
  g_free (tool->program);
  g_free (tool->folder);
}

static void
assert_version (Tool *tool, const char *require, SlipGuardState state, const char *words)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autofree char *inputs
      = g_strdup_printf ("{\"program\":\"%s\",\"require\":\"%s\"}", tool->program, require);

  assert_guard (script, "tool-version", inputs, state, words);
}

static void
test_tool_version (Tool *tool, gconstpointer data)
{
  g_autoptr (Scripted) script = scripted_new ();
  (void)data;

  assert_version (tool, "~> 1.13.3", SLIP_GUARD_PASS, "Tool v1.13.4 satisfies ~> 1.13.3");
  assert_version (tool, "~>1.12", SLIP_GUARD_PASS, "satisfies");
  assert_version (tool, ">= 1.5, < 2", SLIP_GUARD_PASS, "satisfies");
  assert_version (tool, "~> 1.12.0", SLIP_GUARD_BLOCK, "and ~> 1.12.0 is required");
  assert_version (tool, ">= 1.14", SLIP_GUARD_BLOCK, "is required");
  assert_version (tool, "1.13.4", SLIP_GUARD_PASS, "satisfies");
  assert_version (tool, "newest", SLIP_GUARD_BLOCK, "no version constraint");
  assert_guard (script, "tool-version", "{\"program\":\"/nowhere/terraform\"}", SLIP_GUARD_BLOCK,
                "is not installed");
  assert_guard (script, "tool-version", "{\"program\":\"/nowhere/terraform\",\"needed\":false}",
                SLIP_GUARD_PASS, "not used");
}

/* What the preflight of a plan says of @title, or %NULL. */
static char *
plan_says (const char *text, const char *title)
{
  g_autoptr (Scripted) script = scripted_new ();
  g_autoptr (SlipCaller) caller = scripted_caller (script);
  g_autoptr (SlipClock) clock = slip_clock_new_manual (SCRIPTED_NOW);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_parse (text, -1, "test", &faults);
  SlipPlannerOptions options = {.caller = caller, .clock = clock, .environment = "production"};
  g_autoptr (SlipPlan) plan
      = runbook != NULL ? slip_planner_plan_full (runbook, &options, &error) : NULL;
  GListModel *guards;

  g_assert_no_error (error);
  guards = slip_plan_get_guards (plan);
  for (guint i = 0; i < g_list_model_get_n_items (guards); i++)
    {
      g_autoptr (SlipGuardResult) result = g_list_model_get_item (guards, i);

      if (g_str_equal (slip_guard_result_get_title (result), title))
        return g_strdup_printf ("%s: %s",
                                slip_guard_state_get_name (slip_guard_result_get_state (result)),
                                slip_guard_result_get_message (result));
    }
  return NULL;
}

/* Without a word of it in the document. */
static void
test_terraform_is_asked_for (void)
{
  static const char *const head = "schemaVersion: '0.3'\nmainSteps:\n";
  g_autofree char *missing = g_strconcat (
      head,
      "  - {name: one, action: 'slipway:terraform', inputs: {Operation: stateList, Directory: /, "
      "Program: /nowhere/terraform}}\n",
      NULL);
  g_autofree char *without
      = g_strconcat (head, "  - {name: one, action: 'aws:pause', inputs: {}}\n", NULL);
  g_autofree char *said = plan_says (missing, "Program is installed");
  g_autofree char *nothing = plan_says (without, "Program is installed");

  g_assert_cmpstr (
      said, ==,
      "block: /nowhere/terraform is not installed on this machine. Install it, or choose "
      "to have its part done by hand");
  g_assert_null (nothing);
}

#define SNAPSHOT(created, source)                                                                  \
  "{\"DBClusterSnapshots\":[{\"DBClusterSnapshotIdentifier\":\"new\",\"DBClusterIdentifier\":"     \
  "\"api\","                                                                                       \
  "\"Status\":\"available\",\"Engine\":\"aurora-postgresql\",\"SnapshotCreateTime\":\"" created    \
  "\",\"SourceDBClusterSnapshotArn\":\"" source "\"}]}"

static void
test_snapshot_origin (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  const char *const made
      = "{\"snapshot\":\"new\",\"source\":\"arn:s\",\"notBefore\":\"2026-11-21T06:00:00Z\"}";

  answer (script, "rds:DescribeDBClusterSnapshots", SNAPSHOT ("2026-11-21T06:10:00Z", "arn:s"));
  assert_guard (script, "snapshot-usable", made, SLIP_GUARD_PASS, "available");
  answer (script, "rds:DescribeDBClusterSnapshots", SNAPSHOT ("2026-11-20T06:10:00Z", "arn:s"));
  assert_guard (script, "snapshot-usable", made, SLIP_GUARD_BLOCK, "it is an older one");
  answer (script, "rds:DescribeDBClusterSnapshots", SNAPSHOT ("2026-11-21T06:10:00Z", "arn:x"));
  assert_guard (script, "snapshot-usable", made, SLIP_GUARD_BLOCK, "a copy of arn:x, not of arn:s");
  assert_guard (script, "snapshot-restorable",
                "{\"snapshot\":\"new\",\"engine\":\"aurora-postgresql\",\"maxAgeHours\":24}",
                SLIP_GUARD_PASS, "20 min old");
  answer (script, "rds:DescribeDBClusterSnapshots", SNAPSHOT ("2026-10-11T06:10:00Z", "arn:s"));
  assert_guard (script, "snapshot-restorable",
                "{\"snapshot\":\"new\",\"engine\":\"aurora-postgresql\",\"maxAgeHours\":24}",
                SLIP_GUARD_BLOCK, "41 days old, and should be no older than 24 hours");
  answer (script, "ecs:DescribeTaskDefinition", TASK ("ACTIVE", "api", "repo/sync:v1", ""));
  assert_guard (script, "snapshot-restorable",
                "{\"taskDefinition\":\"copy\",\"account\":\"9\",\"engine\":\"aurora-postgresql\"}",
                SLIP_GUARD_UNPROVABLE, "copy does not tell which snapshot it copies");
  answer (script, "ecs:DescribeTaskDefinition",
          "{\"taskDefinition\":{\"containerDefinitions\":[{\"environment\":[{\"name\":"
          "\"SNAPSHOT_NAME\",\"value\":\"shared\"}]}]}}");
  assert_guard (script, "snapshot-restorable",
                "{\"taskDefinition\":\"copy\",\"account\":\"9\",\"engine\":\"aurora-postgresql\"}",
                SLIP_GUARD_PASS, "arn:aws:rds:eu-west-1:9:cluster-snapshot:shared is available");
  assert_guard (script, "snapshot-usable",
                "{\"snapshot\":\"new\",\"taskDefinition\":\"copy\",\"account\":\"9\"}",
                SLIP_GUARD_BLOCK,
                "a copy of arn:s, not of arn:aws:rds:eu-west-1:9:cluster-snapshot:shared");
  answer (script, "rds:DescribeDBClusterSnapshots",
          SNAPSHOT ("2026-11-21T06:10:00Z", "arn:aws:rds:eu-west-1:9:cluster-snapshot:shared"));
  assert_guard (script, "snapshot-usable",
                "{\"snapshot\":\"new\",\"taskDefinition\":\"copy\",\"account\":\"9\"}",
                SLIP_GUARD_PASS, "available");
  answer (script, "ecs:DescribeTaskDefinition", TASK ("ACTIVE", "api", "repo/sync:v1", ""));
  assert_guard (script, "snapshot-usable",
                "{\"snapshot\":\"new\",\"taskDefinition\":\"copy\",\"account\":\"9\"}",
                SLIP_GUARD_UNPROVABLE, "copy does not tell which snapshot it copies");
}

static void
test_restore_overrides (void)
{
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBSubnetGroups", "{\"DBSubnetGroups\":[{}]}");
  answer (script, "rds:DescribeDBClusterParameterGroups", "{\"DBClusterParameterGroups\":[{}]}");
  answer (script, "kms:DescribeKey", "{\"KeyMetadata\":{\"KeyState\":\"Enabled\"}}");
  assert_guard (script, "restore-possible",
                "{\"cluster\":{\"dbClusterIdentifier\":\"old\",\"DBSubnetGroupName\":\"data\"},"
                "\"overrides\":{\"DBClusterIdentifier\":\"new\",\"DBSubnetGroupName\":\"\","
                "\"DBClusterParameterGroupName\":\"pg\"}}",
                SLIP_GUARD_PASS, "bring new back");
  assert_guard (script, "restore-possible",
                "{\"cluster\":{\"DBSubnetGroupName\":\"data\"},\"overrides\":{"
                "\"DBClusterParameterGroupName\":\"\"}}",
                SLIP_GUARD_BLOCK, "names no cluster parameter group");
}

/* A lost key is a reason for another one; what is given up with one that AWS manages is told. What the cluster
 * had before is nothing new. */
static void
test_restore_key_of_aws (void)
{
#define BACK(overrides)                                                                            \
  "{\"cluster\":{\"DBClusterIdentifier\":\"api\",\"DBSubnetGroupName\":\"data\","                  \
  "\"DBClusterParameterGroupName\":\"pg\",\"KmsKeyId\":\"own\"},\"overrides\":{" overrides "}}"
  g_autoptr (Scripted) script = scripted_new ();

  answer (script, "rds:DescribeDBSubnetGroups", "{\"DBSubnetGroups\":[{}]}");
  answer (script, "rds:DescribeDBClusterParameterGroups", "{\"DBClusterParameterGroups\":[{}]}");
  answer (script, "kms:DescribeKey",
          "{\"KeyMetadata\":{\"KeyState\":\"Enabled\",\"KeyManager\":\"AWS\"}}");
  assert_guard (script, "restore-possible", BACK ("\"KmsKeyId\":\"alias/aws/rds\""),
                SLIP_GUARD_WARN, "the key alias/aws/rds is managed by AWS: no snapshot");
  assert_guard (script, "restore-possible", BACK ("\"KmsKeyId\":\"\""), SLIP_GUARD_PASS,
                "bring api back");
  answer (script, "kms:DescribeKey",
          "{\"KeyMetadata\":{\"KeyState\":\"Enabled\",\"KeyManager\":\"CUSTOMER\"}}");
  assert_guard (script, "restore-possible", BACK ("\"KmsKeyId\":\"other\""), SLIP_GUARD_PASS,
                "bring api back");
}

static void
test_services_run (void)
{
  static const char two[] = "{\"cluster\":\"c\",\"services\":[\"api\",\"frontend\"]}";
  g_autoptr (Scripted) script = scripted_new ();

  assert_guard (script, "services-run", "{\"cluster\":\"c\",\"services\":[]}", SLIP_GUARD_PASS,
                "no service");
  assert_guard (script, "services-run", two, SLIP_GUARD_UNPROVABLE, "whether the services run");
  answer (script, "ecs:DescribeServices",
          "{\"services\":[{\"serviceName\":\"api\",\"desiredCount\":3},"
          "{\"serviceName\":\"frontend\",\"desiredCount\":0}]}");
  assert_guard (script, "services-run", two, SLIP_GUARD_WARN, "would be left so: frontend. If");
  answer (script, "ecs:DescribeServices",
          "{\"services\":[{\"serviceName\":\"api\",\"desiredCount\":3}]}");
  assert_guard (script, "services-run", two, SLIP_GUARD_PASS, "as many");
}

static void
test_migration_apart (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  JsonObject *settings = slip_json_object (scripted_facts (script, "production"), "settings");
  JsonObject *kept = json_object_new ();
  static const char own[] = "{\"target\":\"other\",\"migration\":\"Live\"}";

  assert_guard (script, "migration-apart", "{\"target\":\"live\",\"migration\":\"LIVE\"}",
                SLIP_GUARD_BLOCK, "which is the target itself");
  assert_guard (script, "migration-apart", own, SLIP_GUARD_PASS,
                "works in Live, and goes into other");
  json_object_set_string_member (settings, "cluster", "live");
  assert_guard (script, "migration-apart", own, SLIP_GUARD_BLOCK,
                "which is the database of production itself");
  json_object_set_object_member (settings, "migration", kept);
  json_object_set_string_member (kept, "cluster", "work");
  assert_guard (script, "migration-apart", own, SLIP_GUARD_BLOCK,
                "The workspace names work for it");
  assert_guard (script, "migration-apart", "{\"target\":\"live\",\"migration\":\"work\"}",
                SLIP_GUARD_PASS, "works in work, and goes into live");
  json_object_set_string_member (kept, "cluster", "live");
  assert_guard (script, "migration-apart", own, SLIP_GUARD_PASS, "works in Live");
  assert_guard (script, "migration-apart", "{\"target\":\"live\",\"migration\":\"live\"}",
                SLIP_GUARD_BLOCK, "Name the cluster that is kept for migrations");
}

static void
test_restore_instances (void)
{
  g_autoptr (Scripted) script = scripted_new ();
  static const char request[]
      = "{\"cluster\":{\"DBClusterIdentifier\":\"new\",\"Engine\":\"aurora\","
        "\"DBSubnetGroupName\":\"data\",\"DBClusterParameterGroupName\":"
        "\"pg\"},\"instances\":[{\"DBInstanceIdentifier\":\"new-0\","
        "\"DBInstanceClass\":\"db.huge\"%s}]}";
  g_autofree char *of_none = g_strdup_printf (request, "");
  g_autofree char *of_another = g_strdup_printf (request, ",\"DBClusterIdentifier\":\"other\"");

  answer (script, "rds:DescribeDBSubnetGroups", "{\"DBSubnetGroups\":[{}]}");
  answer (script, "rds:DescribeDBClusterParameterGroups", "{\"DBClusterParameterGroups\":[{}]}");
  answer (script, "rds:DescribeOrderableDBInstanceOptions", "{\"OrderableDBInstanceOptions\":[]}");
  assert_guard (script, "restore-possible", of_none, SLIP_GUARD_BLOCK,
                "instance class db.huge cannot be ordered");
  assert_guard (script, "restore-possible", of_another, SLIP_GUARD_PASS, "bring new back");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guards/terraform_is_asked_for_when_planning", test_terraform_is_asked_for);
  g_test_add_func ("/guard/not_production/refuses_by_name_account_and_source", test_not_production);
  g_test_add_func ("/guard/task_definition/holds_variables_image_and_log_to_what_is_meant",
                   test_task_definition);
  g_test_add_func ("/guard/environment_quiet/tells_who_else_is_there", test_environment_quiet);
  g_test_add_func ("/guard/cluster_name_free/blocks_a_taken_name", test_cluster_name_free);
  g_test_add_func ("/guard/master_password/blocks_what_rds_manages", test_master_password);
  g_test_add_func ("/guard/vault_allows_restore/reads_the_vaults_policy",
                   test_vault_allows_restore);
  g_test_add_func ("/guard/recovery_point_usable/tells_age_size_key_and_expiry",
                   test_recovery_point_usable);
  g_test_add ("/guard/tool_version/compares_as_terraform_does", Tool, NULL, tool_set_up,
              test_tool_version, tool_tear_down);
  g_test_add_func ("/guard/snapshot/an_older_or_foreign_copy_blocks", test_snapshot_origin);
  g_test_add_func ("/guard/restore_possible/tells_what_a_key_of_aws_gives_up",
                   test_restore_key_of_aws);
  g_test_add_func ("/guard/restore_possible/overrides_count_whatever_their_case",
                   test_restore_overrides);
  g_test_add_func ("/guard/services_run/tells_those_that_would_be_started_with_nothing",
                   test_services_run);
  g_test_add_func ("/guard/migration_apart/blocks_the_target_and_what_is_in_service",
                   test_migration_apart);
  g_test_add_func ("/guard/restore_possible/an_instance_that_names_no_cluster_is_of_this_one",
                   test_restore_instances);
  return g_test_run ();
}
