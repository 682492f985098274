/* SPDX-License-Identifier: MIT */
/* A run's rest as commands for a shell: quoted, with what the run knows filled in, and with a look
 * before whatever may have happened already. */

#include "run-fixture.h"

#include "slip-run-commands.h"

#define ADD(path, func) g_test_add (path, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

static JsonObject *
find (JsonArray *commands, const char *step)
{
  for (guint i = 0; i < json_array_get_length (commands); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (commands, i), "step"), step)
        == 0)
      return json_array_get_object_element (commands, i);
  return NULL;
}

static const char *
get_line (JsonArray *commands, const char *step, guint index)
{
  JsonObject *object = find (commands, step);
  JsonArray *lines = object != NULL ? slip_json_array (object, "commands") : NULL;

  g_assert_nonnull (lines);
  g_assert_cmpuint (json_array_get_length (lines), >, index);
  return json_array_get_string_element (lines, index);
}

static gboolean
has_note (JsonArray *commands, const char *step, const char *text)
{
  JsonArray *notes = slip_json_array (find (commands, step), "notes");

  for (guint i = 0; i < json_array_get_length (notes); i++)
    if (strstr (json_array_get_string_element (notes, i), text) != NULL)
      return TRUE;
  return FALSE;
}

/* As a shell would split it. */
static char **
split (const char *line)
{
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;

  g_shell_parse_argv (line, NULL, &words, &error);
  g_assert_no_error (error);
  return g_steal_pointer (&words);
}

static void
lists_what_is_left (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (JsonNode) input = NULL;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT "," STEP_DELETE);
  fixture_fault (fixture, "DeleteDBClusterSnapshot", FAULT_DENIED);
  fixture_add_snapshot (fixture, "old", "available", "api");
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  commands = slip_run_fold_list_commands (fold, NULL);
  g_assert_cmpuint (json_array_get_length (commands), ==, 2);
  /* What it made is looked up first, and made again where it is gone. */
  g_assert_true (g_str_has_prefix (get_line (commands, "Create", 0), "if aws "));
  g_assert_true (has_note (commands, "Create", "the rest builds on it"));
  words = split (get_line (commands, "Delete", 0));
  g_assert_cmpstr (words[0], ==, "aws");
  g_assert_cmpstr (words[1], ==, "--region");
  g_assert_cmpstr (words[3], ==, "rds");
  g_assert_cmpstr (words[4], ==, "delete-db-cluster-snapshot");
  g_assert_cmpstr (words[5], ==, "--cli-input-json");
  input = slip_json_parse (words[6], -1, NULL);
  g_assert_cmpstr (slip_json_string (json_node_get_object (input), "DBClusterSnapshotIdentifier"),
                   ==, "old");
  g_assert_null (words[7]);
  g_assert_true (has_note (commands, "Delete", "Nothing takes this back"));
  g_assert_true (has_note (commands, "Delete", "does not say how"));
}

static void
looks_before_it_sends_again (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;

  fixture_plan (fixture, STEP_CREATE);
  fixture_append (fixture, "run.started", NULL, NULL);
  fixture_append (fixture, "step.intent", "Create", NULL);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  g_assert_true (has_note (commands, "Create", "whether it happened is not known"));
  g_assert_nonnull (strstr (get_line (commands, "Create", 0), " describe-db-cluster-snapshots "));
  g_assert_nonnull (strstr (get_line (commands, "Create", 1), " create-db-cluster-snapshot "));
}

static void
waits_in_a_loop (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  const char *line;

  fixture_plan (fixture, STEP_CREATE "," STEP_WAIT);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  line = get_line (commands, "Wait", 0);
  g_assert_true (g_str_has_prefix (line, "until said=$(aws "));
  g_assert_nonnull (strstr (line, "--query 'DBClusterSnapshots[0].Status' --output text"));
  g_assert_nonnull (strstr (line, "| grep -qixE 'available|failed'; do sleep 30; done; if "));
  g_assert_true (has_note (commands, "Wait", "Stop when it says failed"));
}

/* With the plan that the action itself makes: its lines are lists of words. */
static void
terraform_stands_word_for_word (Fixture *fixture, gconstpointer data)
{
  g_autofree char *plan = fixture_step (
      "Plan", "slipway:terraform",
      "{\"Operation\":\"plan\",\"Directory\":\"/code/a root\",\"VarFiles\":[\"it's.tfvars\"],"
      "\"Environment\":{\"TF_VAR_role\":\"deploy\"}}",
      NULL);
  g_autofree char *apply = fixture_step ("Apply", "slipway:terraform",
                                         "{\"Operation\":\"apply\",\"Directory\":\"/code/a "
                                         "root\",\"Plan\":\"(run)/plan-Plan.tfplan\"}",
                                         NULL);
  g_autofree char *steps = g_strconcat (plan, ",", apply, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_auto (GStrv) words = NULL;
  g_auto (GStrv) last = NULL;

  fixture_plan (fixture, steps);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  words = split (get_line (commands, "Plan", 0));
  g_assert_cmpstr (words[0], ==, "cd");
  g_assert_cmpstr (words[1], ==, "/code/a root");
  g_assert_cmpstr (words[2], ==, "&&");
  g_assert_true (g_strv_contains ((const char *const *)words, "terraform"));
  g_assert_true (g_strv_contains ((const char *const *)words, "plan"));
  g_assert_true (g_strv_contains ((const char *const *)words, "-var-file=it's.tfvars"));
  g_assert_true (has_note (commands, "Plan", "Set TF_VAR_role"));
  last = split (get_line (commands, "Apply", 0));
  g_assert_cmpstr (last[g_strv_length (last) - 1], ==, "plan-Plan.tfplan");
  g_assert_true (has_note (commands, "Apply", "make it with terraform plan -out"));
}

static void
write_program (const char *folder, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, &error);
  g_assert_no_error (error);
}

/* A shell carries it out: no value, one that is too high, and one that is good. */
static void
looks_at_a_metric_until_it_is_low (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step
      = fixture_step ("Lag", "slipway:metric",
                      "{\"Namespace\":\"AWS/RDS\",\"MetricName\":\"Lag\",\"AtMost\":1000,"
                      "\"Dimensions\":{\"DBClusterIdentifier\":\"it's mine\"}}",
                      NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *script = NULL;
  g_autofree char *said = NULL;
  const char *folder = fixture->folder;
  g_autofree char *path = g_build_filename (folder, "said", NULL);
  g_auto (GStrv) looks = NULL;
  const char *argv[] = {"sh", "-c", NULL, NULL};
  int status = -1;

  write_program (folder, "aws",
                 "#!/bin/sh\necho \"$*\" >> \"${0%/*}/said\"\n"
                 "case $(wc -l < \"${0%/*}/said\") in 1) echo None ;; 2) echo 1000.5 ;; *) echo "
                 "999.25 ;; esac\n");
  write_program (folder, "sleep", "#!/bin/sh\n");
  fixture_plan (fixture, step);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  script = g_strdup_printf ("PATH='%s':$PATH; %s", folder, get_line (commands, "Lag", 0));
  argv[2] = script;
  g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status,
                &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (g_file_get_contents (path, &said, NULL, NULL));
  looks = g_strsplit (g_strchomp (said), "\n", -1);
  g_assert_cmpuint (g_strv_length (looks), ==, 3);
  g_assert_nonnull (strstr (said, "cloudwatch get-metric-statistics --cli-input-json"));
  g_assert_nonnull (strstr (said, "{\"Name\":\"DBClusterIdentifier\",\"Value\":\"it's mine\"}"));
  g_assert_nonnull (strstr (said, "--start-time 20"));
  g_assert_true (has_note (commands, "Lag", "list-metrics"));
}

/* What a restore loses, as single calls: those of one operation are one, and the tag of the run goes. */
static void
puts_back_what_was_captured (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step = fixture_step (
      "Back", "slipway:capture",
      "{\"Mode\":\"reapply\",\"Kind\":\"rds-cluster\",\"Target\":\"api\",\"Except\":["
      "\"DeletionProtection\"],"
      "\"Captured\":{\"kind\":\"rds-cluster\",\"target\":\"old\",\"arn\":\"arn:aws:rds:eu-west-1:1:"
      "cluster:old\","
      "\"fields\":{\"BackupRetentionPeriod\":14,\"PreferredBackupWindow\":\"01:00-02:00\","
      "\"CopyTagsToSnapshot\":false,\"DeletionProtection\":true,"
      "\"AssociatedRoles\":[{\"RoleArn\":\"r1\"},{\"RoleArn\":\"r2\"}],"
      "\"Tags\":[{\"Key\":\"owner\",\"Value\":\"it's ops\"}]}}}",
      NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_autoptr (GString) all = g_string_new (NULL);
  static const char *const calls[]
      = {"modify-db-cluster", "add-role-to-db-cluster", "add-role-to-db-cluster",
         "remove-tags-from-resource", "add-tags-to-resource"};

  fixture_plan (fixture, step);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  /* Before each, and after the last, until the cluster takes changes. */
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      const char *line = get_line (commands, "Back", 2 * i + 1);

      g_assert_true (g_str_has_prefix (get_line (commands, "Back", 2 * i), "until aws "));
      g_assert_nonnull (strstr (line, calls[i]));
      g_string_append_printf (all, "%s\n", line);
    }
  g_assert_nonnull (strstr (get_line (commands, "Back", 2 * G_N_ELEMENTS (calls)), "grep -qxE"));
  g_assert_nonnull (strstr (all->str, "\"BackupRetentionPeriod\":14"));
  g_assert_nonnull (strstr (all->str, "\"PreferredBackupWindow\":\"01:00-02:00\""));
  g_assert_nonnull (strstr (all->str, "arn:aws:rds:eu-west-1:1:cluster:api"));
  g_assert_nonnull (strstr (all->str, "\"TagKeys\":[\"slipway:run\"]"));
  g_assert_null (strstr (all->str, "CopyTagsToSnapshot"));
  g_assert_null (strstr (all->str, "eletionProtection"));
}

/* A value of somebody else's making must stay one word of the shell. */
static void
quotes_what_a_shell_would_take (Fixture *fixture, gconstpointer data)
{
  g_autofree char *step = fixture_step (
      "Run", "slipway:command",
      "{\"Command\":[\"echo\",\"it's $(reboot)\",\"; rm -rf /\"],"
      "\"Environment\":{\"TOKEN\":\"x\"}}",
      "{\"service\":\"command\",\"operation\":\"run\",\"effect\":\"change\",\"request\":{"
      "\"command\":"
      "[\"echo\",\"it's $(reboot)\",\"; rm -rf /\"],\"environment\":[\"TOKEN\"]}}");
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;
  g_auto (GStrv) words = NULL;

  fixture_plan (fixture, step);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  words = split (get_line (commands, "Run", 0));
  g_assert_cmpuint (g_strv_length (words), ==, 3);
  g_assert_cmpstr (words[1], ==, "it's $(reboot)");
  g_assert_cmpstr (words[2], ==, "; rm -rf /");
  g_assert_true (has_note (commands, "Run", "Set TOKEN"));
}

static void
says_where_an_output_comes_from (Fixture *fixture, gconstpointer data)
{
  static const char share[]
      = "{\"id\":\"Share\",\"action\":\"aws:executeAwsApi\",\"service\":\"rds\",\"operation\":"
        "\"DeleteDBClusterSnapshot\",\"effect\":\"final\",\"request\":"
        "{\"DBClusterSnapshotIdentifier\":\"{{ Create.Arn }}\"}}";
  g_autofree char *steps = g_strconcat (STEP_CREATE, ",", share, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (JsonArray) commands = NULL;

  fixture_plan (fixture, steps);
  fold = fixture_fold (fixture);
  commands = slip_run_fold_list_commands (fold, NULL);
  g_assert_true (
      has_note (commands, "Share",
                "Replace {{ Create.Arn }} by $.DBClusterSnapshot.DBClusterSnapshotArn of "
                "the answer of step 1"));
}

static void
leftovers_come_newest_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  JsonObject *first;

  fixture_plan (fixture, STEP_CREATE "," STEP_DELETE "," STEP_WAIT);
  fixture_add_snapshot (fixture, "old", "available", "api");
  fixture->state = "failed";
  fold = fixture_go (fixture);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_FAILED);
  g_assert_cmpuint (json_array_get_length (fold->leftovers), ==, 2);
  first = json_array_get_object_element (fold->leftovers, 0);
  g_assert_cmpstr (slip_json_string (first, "step"), ==, "Delete");
  g_assert_null (slip_json_string (first, "cost"));
  g_assert_cmpstr (slip_json_string (json_array_get_object_element (fold->leftovers, 1), "cost"),
                   ==, "charged by its size for as long as it is kept");
}

static void
leftovers_are_told_with_what_the_run_knows (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) parts = g_strsplit (STEP_CREATE, "delete snapshot snap", 2);
  g_autofree char *create = g_strjoinv ("delete {{ Create.Arn }}", parts);
  g_autofree char *steps = g_strconcat (create, ",", STEP_WAIT, NULL);
  g_autoptr (SlipRunFold) fold = NULL;
  const char *undo;

  fixture_plan (fixture, steps);
  fixture->state = "failed";
  fold = fixture_go (fixture);
  undo = slip_json_string (json_array_get_object_element (fold->leftovers, 0), "undo");
  g_assert_true (g_str_has_prefix (undo, "delete arn:aws:rds:"));
}

static void
names_as_the_cli_does (void)
{
  static const char *const names[][2] = {
      {"CreateDBClusterSnapshot", "create-db-cluster-snapshot"},
      {"DescribeDBInstances", "describe-db-instances"},
      {"GetCallerIdentity", "get-caller-identity"},
      {"RestoreDBClusterFromSnapshot", "restore-db-cluster-from-snapshot"},
      {"PutObject", "put-object"},
      {"ListDBs", "list-dbs"},
      {"DescribeElasticsearchDomain", "describe-elasticsearch-domain"},
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *name = slip_run_command_operation (names[i][0]);

      g_assert_cmpstr (name, ==, names[i][1]);
    }
  g_assert_cmpstr (slip_run_command_name ("monitoring"), ==, "cloudwatch");
  g_assert_cmpstr (slip_run_command_name ("rds"), ==, "rds");
}

static void
collect_operations (const char *path, GString *names)
{
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GList) members = NULL;
  JsonObject *operations;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  node = slip_json_parse (text, -1, NULL);
  operations = slip_json_object (slip_json_node_object (node), "operations");
  members = operations != NULL ? json_object_get_members (operations) : NULL;
  for (GList *l = members; l != NULL; l = l->next)
    g_string_append_printf (names, "%s\n", (const char *)l->data);
}

/* Against botocore itself, which the AWS CLI takes its names from. */
static void
names_every_operation_as_botocore_does (void)
{
  static const char script[] = "import sys\nfrom botocore import xform_name\n"
                               "for n in sys.stdin.read().split(): print(xform_name(n, '-'))";
  g_autofree char *folder = g_test_build_filename (G_TEST_DIST, "..", "data", "aws", NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  g_autoptr (GString) names = g_string_new (NULL);
  g_autoptr (GSubprocess) python = NULL;
  g_autofree char *told = NULL;
  g_auto (GStrv) ours = NULL;
  g_auto (GStrv) theirs = NULL;

  g_assert_nonnull (dir);
  for (const char *file = g_dir_read_name (dir); file != NULL; file = g_dir_read_name (dir))
    {
      g_autofree char *path = g_build_filename (folder, file, NULL);

      if (g_str_has_suffix (file, ".json"))
        collect_operations (path, names);
    }
  python = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE
                                 | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                             NULL, "python3", "-c", script, NULL);
  if (python == NULL || !g_subprocess_communicate_utf8 (python, names->str, NULL, &told, NULL, NULL)
      || !g_subprocess_get_successful (python))
    {
      g_test_skip ("botocore is not installed");
      return;
    }
  ours = g_strsplit (g_strstrip (names->str), "\n", -1);
  theirs = g_strsplit (g_strstrip (told), "\n", -1);
  g_assert_cmpuint (g_strv_length (ours), >, 500);
  g_assert_cmpuint (g_strv_length (ours), ==, g_strv_length (theirs));
  for (guint i = 0; ours[i] != NULL; i++)
    {
      g_autofree char *name = slip_run_command_operation (ours[i]);

      g_assert_cmpstr (name, ==, theirs[i]);
    }
}

static void
selectors_become_queries_or_nothing (void)
{
  g_autofree char *plain = slip_run_command_query ("$.DBClusters[0].Members[*].Status");

  g_assert_cmpstr (plain, ==, "DBClusters[0].Members[*].Status");
  g_assert_null (slip_run_command_query ("$.Items[?(@.Name=='x')].Value"));
  g_assert_null (slip_run_command_query ("$..Status"));
  g_assert_null (slip_run_command_query (NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("/run/commands/lists_what_is_left", lists_what_is_left);
  ADD ("/run/commands/looks_before_it_sends_again", looks_before_it_sends_again);
  ADD ("/run/commands/waits_in_a_loop", waits_in_a_loop);
  ADD ("/run/commands/terraform_stands_word_for_word", terraform_stands_word_for_word);
  ADD ("/run/commands/looks_at_a_metric_until_it_is_low", looks_at_a_metric_until_it_is_low);
  ADD ("/run/commands/puts_back_what_was_captured", puts_back_what_was_captured);
  ADD ("/run/commands/quotes_what_a_shell_would_take", quotes_what_a_shell_would_take);
  ADD ("/run/commands/says_where_an_output_comes_from", says_where_an_output_comes_from);
  ADD ("/run/commands/leftovers_come_newest_first", leftovers_come_newest_first);
  ADD ("/run/commands/leftovers_are_told_with_what_the_run_knows",
       leftovers_are_told_with_what_the_run_knows);
  g_test_add_func ("/run/commands/names_as_the_cli_does", names_as_the_cli_does);
  g_test_add_func ("/run/commands/names_every_operation_as_botocore_does",
                   names_every_operation_as_botocore_does);
  g_test_add_func ("/run/commands/selectors_become_queries_or_nothing",
                   selectors_become_queries_or_nothing);
  return g_test_run ();
}
