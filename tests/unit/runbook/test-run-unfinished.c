/* SPDX-License-Identifier: MIT */
/* What an interrupted run acts on is protected: what counts as the same thing, who is refused and told
 * what, and when that ends. And what is said of a thing that somebody else made. */

#include "run-fixture.h"

#include "slip-guard.h"
#include "slip-migration-error.h"
#include "slip-migration-log.h"
#include "slip-run-foreign.h"
#include "slip-run-targets.h"

#include <string.h>

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)
#define STARTED "{\"endpoints\":{\"production\":\"endpoint-a\"}}"

#define STEP_OTHER                                                                                 \
  "{\"id\":\"Create\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"         \
  "\"CreateDBClusterSnapshot\",\"effect\":\"change\",\"request\":{"                                \
  "\"DBClusterSnapshotIdentifier\":"                                                               \
  "\"another\",\"DBClusterIdentifier\":\"api\"}}"

/* ---- what a change acts on */

static void
subject_is_what_is_changed (void)
{
  static const struct
  {
    const char *operation;
    const char *request;
    const char *subject;
  } cases[] = {
      {"CreateDBClusterSnapshot",
       "{\"DBClusterIdentifier\":\"api\",\"DBClusterSnapshotIdentifier\":\"snap\"}", "snap"},
      {"CopyDBClusterSnapshot",
       "{\"SourceDBClusterSnapshotIdentifier\":\"a\",\"TargetDBClusterSnapshotIdentifier\":\"B\","
       "\"KmsKeyId\":\"alias/x\"}",
       "b"},
      {"ModifyDBClusterSnapshotAttribute",
       "{\"AttributeName\":\"restore\",\"DBClusterSnapshotIdentifier\":\"copy\"}", "copy"},
      {"DeleteDBClusterSnapshot",
       "{\"DBClusterSnapshotIdentifier\":\"arn:aws:rds:eu-west-1:111111111111:cluster-snapshot:"
       "c\"}",
       "c"},
      {"RestoreDBClusterFromSnapshot",
       "{\"DBClusterIdentifier\":\"new\",\"SnapshotIdentifier\":\"old\"}", "new"},
      {"RemoveFromGlobalCluster",
       "{\"DbClusterIdentifier\":\"dr\",\"GlobalClusterIdentifier\":\"world\"}", "world"},
      {"RestoreTableFromBackup", "{\"BackupArn\":\"arn:b\",\"TargetTableName\":\"cases\"}",
       "cases"},
      {"DeleteParameter", "{\"Name\":\"/production/Record\"}", "/production/record"},
      {"UpdateService", "{\"cluster\":\"production\",\"service\":\"api\"}", "api"},
      {"DeleteDBClusterSnapshot", "{\"DBClusterSnapshotIdentifier\":\"{{ Find.Name }}\"}", NULL},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (JsonNode) node = slip_json_parse (cases[i].request, -1, NULL);
      g_autofree char *subject
          = slip_run_targets_subject (cases[i].operation, json_node_get_object (node));

      g_test_message ("%s", cases[i].operation);
      g_assert_cmpstr (subject, ==, cases[i].subject);
    }
}

/* ---- who is in the way */

static JsonObject *
describe_environment (gpointer data, const char *name)
{
  return json_object_new ();
}

/* What the guard says of the fixture's plan. It asks nothing of AWS. */
static SlipGuardResult *
ask_guard (Fixture *fixture, SlipLedger *ledger)
{
  static const SlipCallerVTable vtable = {.environment = describe_environment};
  g_autoptr (SlipCaller) caller = slip_caller_new (&vtable, NULL, NULL);
  g_autoptr (JsonObject) guard = json_object_new ();
  g_autoptr (SlipRunFold) fold = fixture_fold (fixture);
  const SlipGuardMeans means = {.caller = caller, .clock = fixture->clock, .ledger = ledger};

  json_object_set_string_member (guard, "guard", "unfinished-runs");
  json_object_set_string_member (guard, "environment", "production");
  return slip_guard_run (&means, guard, json_node_get_object (slip_plan_to_json (fold->plan)),
                         NULL);
}

/* A run of @steps that was killed after @done of it was done. Its id; the fixture is ready for another. */
static char *
interrupt (Fixture *fixture, const char *steps, const char *done)
{
  fixture_plan (fixture, steps);
  fixture_append (fixture, "run.started", NULL, STARTED);
  if (done != NULL)
    fixture_append (fixture, "step.outcome", done, "{\"next\":\"Wait\",\"changed\":true}");
  return g_strdup (fixture->run);
}

static void
assert_guard (Fixture *fixture, SlipGuardState state, const char *part)
{
  g_autoptr (SlipGuardResult) result = ask_guard (fixture, fixture->ledger);

  g_test_message ("%s", slip_guard_result_get_message (result));
  g_assert_cmpint (slip_guard_result_get_state (result), ==, state);
  g_assert_nonnull (strstr (slip_guard_result_get_message (result), part));
}

static void
guard_names_the_run_and_the_ways_out (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt (fixture, STEP_CREATE "," STEP_WAIT, NULL);
  g_autofree char *way = g_strdup_printf ("slipwayctl run resume|cancel %s", first);

  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_BLOCK, first);
  assert_guard (fixture, SLIP_GUARD_BLOCK, "“Test”");
  assert_guard (fixture, SLIP_GUARD_BLOCK, "is not through: interrupted, next is “Create”. ");
  assert_guard (fixture, SLIP_GUARD_BLOCK, "may still change snap.");
  assert_guard (fixture, SLIP_GUARD_BLOCK, way);
}

#define STEP_OF(service, operation, request)                                                       \
  "{\"id\":\"Do\",\"action\":\"aws:executeAwsApi\",\"service\":\"" service                         \
  "\",\"operation\":\"" operation "\",\"effect\":\"change\",\"request\":" request "}"

static void
local_work_tasks_and_new_names_are_seen (Fixture *fixture, gconstpointer data)
{
  static const char *const pairs[][2] = {
      {STEP_OF ("terraform", "apply", "{\"directory\":\"/srv/tf\"}"),
       STEP_OF ("terraform", "import", "{\"directory\":\"/srv/tf\",\"address\":\"x.y\"}")},
      {STEP_OF ("command", "run", "{\"command\":[\"do\",\"it\"]}"),
       STEP_OF ("command", "run", "{\"command\":[\"do\",\"it\"]}")},
      {STEP_OF ("ecs", "RunTask", "{\"cluster\":\"api\",\"taskDefinition\":\"migrate\"}"),
       STEP_OF ("ecs", "RunTask", "{\"cluster\":\"api\",\"taskDefinition\":\"migrate:7\"}")},
      {STEP_OF ("rds", "ModifyDBCluster",
                "{\"DBClusterIdentifier\":\"old\",\"NewDBClusterIdentifier\":\"new\"}"),
       STEP_OF ("rds", "DeleteDBCluster", "{\"DBClusterIdentifier\":\"new\"}")},
      {STEP_OF ("rds", "ModifyDBCluster",
                "{\"DBClusterIdentifier\":\"one\",\"NewDBClusterIdentifier\":\"two\"}"),
       STEP_OF ("rds", "DeleteDBCluster", "{\"DBClusterIdentifier\":\"one\"}")},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      g_autofree char *first = NULL;

      /* Only targets count here: these steps have no inputs that would lead to their requests. */
      fixture_plan_edited (fixture, pairs[i][0]);
      fixture_append (fixture, "run.started", NULL, STARTED);
      first = g_strdup (fixture->run);
      fixture_plan_edited (fixture, pairs[i][1]);
      assert_guard (fixture, SLIP_GUARD_BLOCK, first);
    }
}

/* One run of a later version, or one that is damaged, does not hold up everything for good. */
static void
unreadable_run_is_not_provable_and_can_be_laid_aside (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunner) runner = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *mine = NULL;

  fixture_plan (fixture, STEP_CREATE);
  mine = g_steal_pointer (&fixture->run);
  fixture->run = g_strdup ("20250101T000000Z-deadbeef");
  fixture_append (fixture, "run.planned", NULL,
                  "{\"plan\":{\"schema\":\"org.slipway.plan/2\"},\"plan_sha256\":\"x\"}");
  fixture_append (fixture, "run.started", NULL, STARTED);
  runner = slip_runner_new_with_callers (fixture->ledger, fixture->run, fixture->caller, NULL);
  g_free (fixture->run);
  fixture->run = g_steal_pointer (&mine);
  assert_guard (fixture, SLIP_GUARD_UNPROVABLE, "slipwayctl run cancel 20250101T000000Z-deadbeef");
  g_assert_true (slip_runner_control (runner, SLIP_RUNNER_CANCEL, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

/* What a migration by hand, which is in no plan, must wait for. */
static void
assert_migration (Fixture *fixture, const char *environment, const char *said)
{
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (slip_migration_log_check (fixture->ledger, environment, &error), ==,
                   said == NULL);
  if (said == NULL)
    {
      g_assert_no_error (error);
      return;
    }
  g_test_message ("%s", error->message);
  g_assert_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, said));
}

static void
migration_waits_for_what_still_changes_databases (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = interrupt (
      fixture, STEP_OF ("ecs", "UpdateService", "{\"cluster\":\"x\",\"service\":\"y\"}"), NULL);
  g_autofree char *first = NULL;
  g_autofree char *way = NULL;
  g_autofree char *unnamed = NULL;

  g_assert_nonnull (other);
  assert_migration (fixture, "production", NULL);
  first = interrupt (fixture, STEP_CREATE "," STEP_WAIT, NULL);
  way = g_strdup_printf ("slipwayctl run resume|cancel %s", first);
  assert_migration (fixture, "production", "works in databases of production, and run ");
  assert_migration (fixture, "production", "It may still change snap. Resume it, or cancel it");
  assert_migration (fixture, "production", way);
  assert_migration (fixture, "development", NULL);
  assert_migration (fixture, NULL, NULL);
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"Wait\",\"changed\":true}");
  assert_migration (fixture, "production", NULL);
  unnamed = interrupt (
      fixture, STEP_OF ("rds", "ModifyDBCluster", "{\"DBClusterIdentifier\":\"{{ Find.Name }}\"}"),
      NULL);
  assert_migration (fixture, "production", "gets its name only while it runs");
}

/* The procedure `migrate` waits for the name to be typed, and has nothing of RDS to change any more. */
static void
migration_waits_for_what_still_migrates (Fixture *fixture, gconstpointer data)
{
  static const char *const steps[] = {
      STEP_OF ("migration", "load_to_target",
               "{\"migrationDatabase\":{\"Host\":\"work.club\"},\"targetDatabase\":{\"Host\":"
               "\"live.club\"}}"),
      STEP_OF ("sql", "query", "{\"Secret\":\"rds-live.club\",\"Statement\":\"TRUNCATE t\"}"),
      STEP_OF ("states", "StartExecution", "{\"stateMachineArn\":\"arn:live.club\"}"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      /* Only targets count here, as above. */
      fixture_plan_edited (fixture, steps[i]);
      fixture_append (fixture, "run.started", NULL, STARTED);
      assert_migration (fixture, "production", fixture->run);
      assert_migration (fixture, "production", "live.club");
      fixture_append (fixture, "step.outcome", "Do", "{\"changed\":true}");
      assert_migration (fixture, "production", NULL);
    }
}

/* A migration on AWS and one from here are of the same databases; of the state machine alone nobody would see it. */
static void
what_a_state_machine_changes_is_not_changed_beside_it (Fixture *fixture, gconstpointer data)
{
#define STEP_MACHINE(id, machine, host)                                                            \
  "{\"id\":\"" id "\",\"title\":\"Load\",\"action\":\"slipway:executeStateMachine\","              \
  "\"service\":\"states\",\"operation\":\"StartExecution\",\"effect\":\"change\",\"request\":{"    \
  "\"stateMachineArn\":\"" machine "\"},\"changes\":[{\"service\":\"migration\",\"name\":\"" host  \
  "\"}]}"
#define STEP_MIGRATE(host)                                                                         \
  STEP_OF ("migration", "load_to_target", "{\"targetDatabase\":{\"Host\":\"" host "\"}}")

  fixture_plan_edited (fixture, STEP_MACHINE ("Load", "arn:one", "live.club") "," STEP_WAIT);
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_plan_edited (fixture, STEP_MIGRATE ("other.club"));
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
  fixture_plan_edited (fixture, STEP_MIGRATE ("live.club"));
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It may still change live.club");
  fixture_plan_edited (fixture, STEP_MACHINE ("Again", "arn:two", "live.club"));
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It may still change live.club");
  /* A host that the run read of a cluster is told as the cluster, by which a person knows it. */
  fixture_plan_edited (
      fixture,
      "{\"id\":\"Read\",\"title\":\"Read\",\"action\":\"aws:executeAwsApi\",\"service\":"
      "\"rds\",\"operation\":\"DescribeDBClusters\",\"effect\":\"read\",\"request\":{"
      "\"DBClusterIdentifier\":\"live\"}}," STEP_MACHINE ("Load", "arn:three", "10.0.0.7"));
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_append (fixture, "step.outcome", "Read",
                  "{\"next\":\"Load\",\"outputs\":{\"Endpoint\":\"10.0.0.7\"}}");
  fixture_plan_edited (fixture, STEP_MIGRATE ("10.0.0.7"));
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It may still change live. ");
}

static void
databases_are_the_same_whoever_opens_them (void)
{
  g_assert_true (slip_migration_log_is_same_database ("host=db dbname=api user=ann",
                                                      "postgresql://ben@db/api"));
  g_assert_false (
      slip_migration_log_is_same_database ("host=db dbname=api", "host=db dbname=other"));
  g_assert_false (slip_migration_log_is_same_database ("", ""));
}

static void
guard_lets_others_pass (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt (fixture, STEP_CREATE "," STEP_WAIT, NULL);

  fixture_plan_only (fixture, STEP_OTHER);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

static void
what_is_done_is_not_in_the_way (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt (fixture, STEP_CREATE "," STEP_WAIT, "Create");

  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

static void
what_never_began_is_not_in_the_way (Fixture *fixture, gconstpointer data)
{
  fixture_plan (fixture, STEP_CREATE);
  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

static void
guard_without_a_ledger_proves_nothing (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipGuardResult) result = NULL;

  fixture_plan_only (fixture, STEP_CREATE);
  result = ask_guard (fixture, NULL);
  g_assert_cmpint (slip_guard_result_get_state (result), ==, SLIP_GUARD_UNPROVABLE);
}

/* ---- names that are known only while running */

#define STEP_FIND                                                                                  \
  "{\"id\":\"Find\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"           \
  "\"DescribeDBClusterSnapshots\",\"effect\":\"read\",\"request\":{},\"outputs\":[{\"Name\":"      \
  "\"Name\",\"Selector\":\"$.x\",\"Type\":\"String\"}]}"
#define STEP_NAMED(service, name)                                                                  \
  "{\"id\":\"Drop\",\"title\":\"Drop the old one\",\"action\":\"aws:executeAwsApi\","              \
  "\"service\":\"" service "\",\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\","    \
  "\"request\":{\"DBClusterSnapshotIdentifier\":\"" name "\"}}"

/* A run that was killed before, or with @found after, it read whose snapshot it drops. */
static char *
interrupt_finding (Fixture *fixture, const char *service, const char *found)
{
  g_autofree char *steps
      = g_strconcat (STEP_FIND, ",",
                     g_str_equal (service, "rds") ? STEP_NAMED ("rds", "{{ Find.Name }}")
                                                  : STEP_NAMED ("neptune", "{{ Find.Name }}"),
                     NULL);

  fixture_plan_edited (fixture, steps);
  fixture_append (fixture, "run.started", NULL, STARTED);
  if (found != NULL)
    {
      g_autofree char *data
          = g_strdup_printf ("{\"next\":\"Drop\",\"outputs\":{\"Name\":\"%s\"}}", found);

      fixture_append (fixture, "step.outcome", "Find", data);
    }
  return g_strdup (fixture->run);
}

static void
what_has_no_name_yet_is_in_the_way (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt_finding (fixture, "rds", NULL);
  g_autofree char *way = g_strdup_printf ("slipwayctl run resume|cancel %s", first);
  g_autoptr (SlipRunFold) refused = NULL;

  fixture_plan (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_BLOCK,
                "What its step “Drop the old one” changes gets its name only while it runs");
  assert_guard (fixture, SLIP_GUARD_BLOCK, way);
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY);
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

static void
what_was_resolved_meanwhile_counts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *same = interrupt_finding (fixture, "rds", "snap");

  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It may still change snap.");
}

static void
what_was_resolved_to_another_lets_pass (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = interrupt_finding (fixture, "rds", "elsewhere");

  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

static void
what_has_no_name_in_another_service_lets_pass (Fixture *fixture, gconstpointer data)
{
  g_autofree char *other = interrupt_finding (fixture, "neptune", NULL);

  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

/* Before its own final steps the guard is asked again, with the names that there are then. */
static void
a_plan_without_names_proves_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt (fixture, STEP_CREATE, NULL);

  fixture_plan_edited (fixture, STEP_FIND "," STEP_NAMED ("rds", "{{ Find.Name }}"));
  assert_guard (fixture, SLIP_GUARD_UNPROVABLE,
                "It may still change snap, and what step “Drop the "
                "old one” of this plan changes gets its name");
}

#define STEP_EACH(list)                                                                            \
  "{\"id\":\"Each\",\"title\":\"Each\",\"action\":\"aws:loop\",\"inputs\":{\"Iterators\":" list    \
  "},\"body\":[{\"id\":\"Each[*].Drop\",\"title\":\"Drop one\",\"action\":\"aws:executeAwsApi\","  \
  "\"service\":\"rds\",\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\","            \
  "\"request\":"                                                                                   \
  "{\"DBClusterSnapshotIdentifier\":\"{{ Each.CurrentIteratorValue }}\"}}]}"

static void
turns_that_are_left_are_known_by_their_list (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = NULL;

  fixture_plan_edited (fixture, STEP_EACH ("\"{{ Find.Names }}\""));
  fixture_append (fixture, "run.started", NULL, STARTED);
  first = g_strdup (fixture->run);
  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_BLOCK, "gets its name only while it runs");
  g_free (fixture->run);
  fixture->run = g_strdup (first);
  fixture_append (
      fixture, "step.turn", "Each",
      "{\"turn\":1,\"value\":\"a\",\"values\":[\"a\",\"b\"],\"next\":\"Each[1].Drop\"}");
  fixture_plan_only (fixture, STEP_CREATE);
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
  fixture_plan_edited (fixture, STEP_NAMED ("rds", "b"));
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It may still change b.");
}

/* ---- what it needs */

#define STEP_RESTORE                                                                               \
  "{\"id\":\"Restore\",\"title\":\"Restore\",\"action\":\"aws:executeAwsApi\",\"service\":"        \
  "\"rds\","                                                                                       \
  "\"operation\":\"RestoreDBClusterFromSnapshot\",\"effect\":\"change\",\"request\":{"             \
  "\"DBClusterIdentifier\":\"api\",\"SnapshotIdentifier\":\"before\"}}"
#define STEP_END_OLD                                                                               \
  "{\"id\":\"End\",\"title\":\"End\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","        \
  "\"operation\":\"DeleteDBCluster\",\"effect\":\"final\",\"request\":{\"DBClusterIdentifier\":"   \
  "\"old\",\"FinalDBSnapshotIdentifier\":\"kept\"}}"
#define STEP_RENAME                                                                                \
  "{\"id\":\"Rename\",\"title\":\"Rename\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","  \
  "\"operation\":\"ModifyDBCluster\",\"effect\":\"change\",\"request\":{\"DBClusterIdentifier\":"  \
  "\"source\",\"NewDBClusterIdentifier\":\"aside\"}}"

/* A rollback that took its snapshot and deleted the old cluster, keeping a last one, and that is still to
 * restore. */
static char *
interrupt_rollback (Fixture *fixture)
{
  fixture_plan_edited (fixture, STEP_CREATE "," STEP_END_OLD "," STEP_RESTORE);
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_append (fixture, "step.outcome", "Create", "{\"next\":\"End\",\"changed\":true}");
  fixture_append (fixture, "step.outcome", "End", "{\"next\":\"Restore\",\"changed\":true}");
  return g_strdup (fixture->run);
}

static void
what_a_run_made_or_restores_from_is_not_taken_away (Fixture *fixture, gconstpointer data)
{
  static const char *const needed[] = {"snap", "kept", "before"};
  static const char *const others[] = {"elsewhere", "old"};
  g_autofree char *first = interrupt_rollback (fixture);

  for (gsize i = 0; i < G_N_ELEMENTS (needed); i++)
    {
      g_autofree char *step = g_strdup_printf (
          "{\"id\":\"Drop\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
          "\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\","
          "\"request\":{\"DBClusterSnapshotIdentifier\":\"%s\"}}",
          needed[i]);
      g_autofree char *told = g_strdup_printf (
          "It made %s, or needs it, and this plan takes that away. Resume it, or cancel it: ",
          needed[i]);

      fixture_plan_edited (fixture, step);
      assert_guard (fixture, SLIP_GUARD_BLOCK, told);
      assert_guard (fixture, SLIP_GUARD_BLOCK, first);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *step = g_strdup_printf (
          "{\"id\":\"Drop\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\","
          "\"operation\":\"DeleteDBClusterSnapshot\",\"effect\":\"final\","
          "\"request\":{\"DBClusterSnapshotIdentifier\":\"%s\"}}",
          others[i]);

      fixture_plan_edited (fixture, step);
      assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
    }
}

static void
taking_it_away_is_refused_also_as_it_starts (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt_rollback (fixture);
  g_autoptr (SlipRunFold) refused = NULL;

  fixture_plan_edited (fixture, STEP_NAMED ("rds", "before"));
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY);
  g_assert_nonnull (strstr (fixture->error->message, first));
  g_assert_cmpuint (fixture->sent->len, ==, 0);
}

/* Whoever reads the same, or copies it too, takes nothing away; whoever renames it does. */
static void
two_may_work_from_the_same (Fixture *fixture, gconstpointer data)
{
#define COPY(id, to)                                                                               \
  "{\"id\":\"" id "\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"         \
  "\"CopyDBClusterSnapshot\",\"effect\":\"change\",\"request\":{"                                  \
  "\"SourceDBClusterSnapshotIdentifier\":"                                                         \
  "\"arn:aws:rds:eu-west-1:1:cluster-snapshot:source\",\"TargetDBClusterSnapshotIdentifier\":"     \
  "\"" to "\"}}"
  g_autofree char *first = NULL;

  fixture_plan_edited (fixture, COPY ("One", "one"));
  fixture_append (fixture, "run.started", NULL, STARTED);
  first = g_strdup (fixture->run);
  fixture_plan_edited (fixture, COPY ("Two", "two"));
  assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
  fixture_plan_edited (fixture, STEP_RENAME);
  assert_guard (fixture, SLIP_GUARD_BLOCK, "It made source, or needs it");
}

/* A run that found a snapshot's name, and of whose task nothing but `needs` tells what it works from. */
#define STEP_TASK                                                                                  \
  "{\"id\":\"Task\",\"title\":\"Restore by a task\",\"action\":\"slipway:runTask\",\"service\":"   \
  "\"ecs\",\"operation\":\"RunTask\",\"effect\":\"final\",\"account\":\"222\",\"region\":\"r\","   \
  "\"request\":{\"cluster\":\"production\",\"taskDefinition\":\"restore\"},\"needs\":["            \
  "{\"service\":\"rds\",\"name\":\"shared\",\"account\":\"111\"},"                                 \
  "{\"service\":\"rds\",\"name\":\"{{ Find.Name }}\"},"                                            \
  "{\"service\":\"ssm\",\"name\":\"/a/record\",\"region\":\"s\"},"                                 \
  "{\"service\":\"dynamodb\",\"name\":[\"one\",\"arn:aws:dynamodb:q:333:table/two\"]}]}"

static void
assert_taken (Fixture *fixture,
              const char *place,
              const char *operation,
              const char *request,
              gboolean needed)
{
  g_autofree char *step = g_strdup_printf ("{\"id\":\"Drop\",\"action\":\"aws:executeAwsApi\",%s,"
                                           "\"operation\":\"%s\",\"effect\":\"final\","
                                           "\"request\":%s}",
                                           place, operation, request);

  g_test_message ("%s %s", place, request);
  fixture_plan_edited (fixture, step);
  if (needed)
    assert_guard (fixture, SLIP_GUARD_BLOCK, "or needs it, and this plan takes that away");
  else
    assert_guard (fixture, SLIP_GUARD_PASS, "no unfinished run");
}

static void
what_a_task_declares_is_not_taken_away (Fixture *fixture, gconstpointer data)
{
#define PLACE(account, region, service)                                                            \
  "\"account\":\"" account "\",\"region\":\"" region "\",\"service\":\"" service "\""
#define SNAPSHOT(name) "DeleteDBClusterSnapshot", "{\"DBClusterSnapshotIdentifier\":\"" name "\"}"
#define TABLE(name) "DeleteTable", "{\"TableName\":\"" name "\"}"
  fixture_plan_edited (fixture, STEP_FIND "," STEP_TASK);
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_append (fixture, "step.outcome", "Find",
                  "{\"next\":\"Task\",\"outputs\":{\"Name\":\"found\"}}");
  assert_taken (fixture, PLACE ("111", "r", "rds"), SNAPSHOT ("shared"), TRUE);
  assert_taken (fixture, PLACE ("222", "r", "rds"), SNAPSHOT ("shared"), FALSE);
  assert_taken (fixture, PLACE ("222", "r", "rds"), SNAPSHOT ("found"), TRUE);
  assert_taken (fixture, PLACE ("222", "r", "rds"), SNAPSHOT ("other"), FALSE);
  assert_taken (fixture, PLACE ("222", "s", "ssm"), "DeleteParameter", "{\"Name\":\"/a/record\"}",
                TRUE);
  assert_taken (fixture, PLACE ("222", "s", "ssm"), "DeleteParameter", "{\"Name\":\"/b/record\"}",
                FALSE);
  assert_taken (fixture, PLACE ("222", "r", "dynamodb"), TABLE ("one"), TRUE);
  assert_taken (fixture, PLACE ("333", "q", "dynamodb"), TABLE ("two"), TRUE);
}

static void
what_a_done_task_needed_may_go (Fixture *fixture, gconstpointer data)
{
  fixture_plan_edited (fixture, STEP_TASK "," STEP_WAIT);
  fixture_append (fixture, "run.started", NULL, STARTED);
  fixture_append (fixture, "step.outcome", "Task", "{\"next\":\"Wait\",\"changed\":true}");
  assert_taken (fixture, PLACE ("111", "r", "rds"), SNAPSHOT ("shared"), FALSE);
}

/* A capture's table tells of which service it is. */
static void
what_settings_are_put_back_to_is_not_taken_away (Fixture *fixture, gconstpointer data)
{
#define STEP_REAPPLY(effect)                                                                       \
  "{\"id\":\"Back\",\"title\":\"Put "                                                              \
  "back\",\"action\":\"slipway:capture\",\"service\":\"capture\","                                 \
  "\"operation\":\"reapply\",\"effect\":\"" effect                                                 \
  "\",\"account\":\"222\",\"region\":\"r\",\"request\":{\"kind\":\"rds-cluster\",\"target\":"      \
  "\"restored\"}}"
  fixture_plan_edited (fixture, STEP_REAPPLY ("change"));
  fixture_append (fixture, "run.started", NULL, STARTED);
  assert_taken (fixture, PLACE ("222", "r", "rds"), "DeleteDBCluster",
                "{\"DBClusterIdentifier\":\"restored\"}", TRUE);
  assert_taken (fixture, PLACE ("222", "r", "rds"), "DeleteDBCluster",
                "{\"DBClusterIdentifier\":\"another\"}", FALSE);
}

/* ---- starting */

static void
starting_is_refused_until_the_other_is_cancelled (Fixture *fixture, gconstpointer data)
{
  g_autofree char *first = interrupt (fixture, STEP_CREATE "," STEP_WAIT, NULL);
  g_autoptr (SlipRunner) other = g_object_ref (fixture->runner);
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (GError) error = NULL;

  fixture_plan (fixture, STEP_CREATE);
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY);
  g_assert_nonnull (strstr (fixture->error->message, first));
  /* Nothing was sent, and nothing of the refusal stays: the run can be started later. */
  g_assert_cmpint (refused->state, ==, SLIP_RUN_APPROVED);
  g_assert_cmpuint (fixture->sent->len, ==, 0);

  slip_runner_control (other, SLIP_RUNNER_CANCEL, NULL, NULL, &error);
  g_assert_no_error (error);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (done->state, ==, SLIP_RUN_DONE);
}

static void
a_failed_run_is_in_the_way_too (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) failed = NULL;
  g_autoptr (SlipRunFold) refused = NULL;
  g_autofree char *first = NULL;

  fixture_fault (fixture, "CreateDBClusterSnapshot", FAULT_DENIED);
  fixture_plan (fixture, STEP_CREATE);
  failed = fixture_go (fixture);
  g_assert_cmpint (failed->state, ==, SLIP_RUN_FAILED);
  first = g_strdup (fixture->run);
  fixture_plan (fixture, STEP_CREATE);
  refused = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_BUSY);
  g_assert_nonnull (strstr (fixture->error->message, first));
  assert_guard (fixture, SLIP_GUARD_BLOCK, "is not through: failed");
}

static void
the_interrupted_run_itself_goes_on (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *first = interrupt (fixture, STEP_CREATE, NULL);

  fold = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
}

/* ---- whose it is */

static void
tag (Fixture *fixture, const char *snapshot, const char *run)
{
  JsonObject *object = g_hash_table_lookup (fixture->snapshots, snapshot);
  g_autofree char *text = g_strdup_printf ("[{\"Key\":\"slipway:run\",\"Value\":\"%s\"}]", run);
  g_autoptr (JsonNode) tags = slip_json_parse (text, -1, NULL);

  json_object_set_string_member (object, "SnapshotCreateTime", "2026-11-21T05:10:12Z");
  json_object_set_member (object, "TagList", g_steal_pointer (&tags));
}

static void
assert_told (Fixture *fixture, const char *part)
{
  g_test_message ("%s", fixture->error->message);
  g_assert_nonnull (strstr (fixture->error->message, part));
}

static void
a_taken_name_tells_whose_it_is (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) done = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *first = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  done = fixture_go (fixture);
  g_assert_no_error (fixture->error);
  first = g_strdup (fixture->run);
  fixture_add_snapshot (fixture, "snap", "available", "another");
  tag (fixture, "snap", first);
  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_go (fixture);
  g_assert_error (fixture->error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  assert_told (fixture, "snap is there already, and it is not this run's: available, made "
                        "2026-11-21T05:10:12Z by run ");
  assert_told (fixture, first);
  assert_told (fixture, "(“Test”, done)");
  assert_told (fixture, "Plan again with another name");
  /* Raw tags help nobody, and what another run made may be somebody's way back. */
  g_assert_null (strstr (fixture->error->message, "\"Key\""));
  g_assert_null (strstr (fixture->error->message, "elete"));
}

static void
a_taken_name_of_another_workstation (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "available", "another");
  tag (fixture, "snap", "20261121T050000Z-00c0ffee");
  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_go (fixture);
  assert_told (fixture, "by run 20261121T050000Z-00c0ffee, which is not in this audit log");
  assert_told (fixture, "Ask whoever works there");
}

static void
a_taken_name_without_a_tag (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;

  fixture_add_snapshot (fixture, "snap", "creating", "another");
  fixture->ready_after = 99;
  fixture_plan (fixture, STEP_CREATE);
  fold = fixture_go (fixture);
  assert_told (fixture, "creating, made at an unknown time by no run that it tells of");
  assert_told (fixture, "Find out whose it is");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/targets/subject_is_what_is_changed", subject_is_what_is_changed);
  g_test_add_func ("/run/targets/databases_are_the_same_whoever_opens_them",
                   databases_are_the_same_whoever_opens_them);
  ADD ("/run/unfinished/migration_waits_for_what_still_changes_databases",
       migration_waits_for_what_still_changes_databases);
  ADD ("/run/unfinished/migration_waits_for_what_still_migrates",
       migration_waits_for_what_still_migrates);
  ADD ("/run/unfinished/what_a_state_machine_changes_is_not_changed_beside_it",
       what_a_state_machine_changes_is_not_changed_beside_it);
  ADD ("/run/unfinished/guard_names_the_run_and_the_ways_out",
       guard_names_the_run_and_the_ways_out);
  ADD ("/run/unfinished/local_work_tasks_and_new_names_are_seen",
       local_work_tasks_and_new_names_are_seen);
  ADD ("/run/unfinished/unreadable_run_is_not_provable_and_can_be_laid_aside",
       unreadable_run_is_not_provable_and_can_be_laid_aside);
  ADD ("/run/unfinished/guard_lets_others_pass", guard_lets_others_pass);
  ADD ("/run/unfinished/what_is_done_is_not_in_the_way", what_is_done_is_not_in_the_way);
  ADD ("/run/unfinished/what_never_began_is_not_in_the_way", what_never_began_is_not_in_the_way);
  ADD ("/run/unfinished/without_a_ledger_nothing_is_proven", guard_without_a_ledger_proves_nothing);
  ADD ("/run/unfinished/what_has_no_name_yet_is_in_the_way", what_has_no_name_yet_is_in_the_way);
  ADD ("/run/unfinished/what_was_resolved_meanwhile_counts", what_was_resolved_meanwhile_counts);
  ADD ("/run/unfinished/what_was_resolved_to_another_lets_pass",
       what_was_resolved_to_another_lets_pass);
  ADD ("/run/unfinished/what_has_no_name_in_another_service_lets_pass",
       what_has_no_name_in_another_service_lets_pass);
  ADD ("/run/unfinished/a_plan_without_names_proves_nothing", a_plan_without_names_proves_nothing);
  ADD ("/run/unfinished/turns_that_are_left_are_known_by_their_list",
       turns_that_are_left_are_known_by_their_list);
  ADD ("/run/unfinished/what_a_run_made_or_restores_from_is_not_taken_away",
       what_a_run_made_or_restores_from_is_not_taken_away);
  ADD ("/run/unfinished/what_a_task_declares_is_not_taken_away",
       what_a_task_declares_is_not_taken_away);
  ADD ("/run/unfinished/what_a_done_task_needed_may_go", what_a_done_task_needed_may_go);
  ADD ("/run/unfinished/what_settings_are_put_back_to_is_not_taken_away",
       what_settings_are_put_back_to_is_not_taken_away);
  ADD ("/run/unfinished/taking_it_away_is_refused_also_as_it_starts",
       taking_it_away_is_refused_also_as_it_starts);
  ADD ("/run/unfinished/two_may_work_from_the_same", two_may_work_from_the_same);
  ADD ("/run/unfinished/starting_is_refused_until_the_other_is_cancelled",
       starting_is_refused_until_the_other_is_cancelled);
  ADD ("/run/unfinished/a_failed_run_is_in_the_way_too", a_failed_run_is_in_the_way_too);
  ADD ("/run/unfinished/the_interrupted_run_itself_goes_on", the_interrupted_run_itself_goes_on);
  ADD ("/run/foreign/a_taken_name_tells_whose_it_is", a_taken_name_tells_whose_it_is);
  ADD ("/run/foreign/a_taken_name_of_another_workstation", a_taken_name_of_another_workstation);
  ADD ("/run/foreign/a_taken_name_without_a_tag", a_taken_name_without_a_tag);
  return g_test_run ();
}
