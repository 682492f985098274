/* SPDX-License-Identifier: MIT */
/* Claims of slipway:terraform, with the real Terraform: its built-in terraform_data needs no provider
 * and the local backend no service. */

#include "run-fixture.h"

#include "actions/slip-terraform-judge.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TERRAFORM "slipway:terraform"

#define CONFIG                                                                                     \
  "resource \"terraform_data\" \"table\" {\n  input = \"one\"\n}\n"                                \
  "resource \"terraform_data\" \"pipeline\" {\n  input = terraform_data.table.output\n}\n"         \
  "variable \"pager\" {\n  type = string\n  default = \"\"\n  sensitive = true\n}\n"               \
  "output \"arn\" {\n  value = \"arn:of:table\"\n}\n"                                              \
  "output \"key\" {\n  value = \"output-secret\"\n  sensitive = true\n}\n"

typedef struct
{
  Fixture run;
  char *directory;
} Project;

/* ---- the project */

static void
write_file (Project *project, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (project->directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static char *
terraform (Project *project, const char *words)
{
  g_autofree char *line = g_strconcat ("terraform ", words, NULL);
  g_auto (GStrv) argv = NULL;
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  g_autoptr (GError) error = NULL;
  int status;

  g_shell_parse_argv (line, NULL, &argv, &error);
  g_assert_no_error (error);
  g_spawn_sync (project->directory, argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out, &err,
                &status, &error);
  g_assert_no_error (error);
  if (status != 0)
    g_test_message ("%s: %s %s", line, out, err);
  g_assert_cmpint (status, ==, 0);
  return g_steal_pointer (&out);
}

static gboolean
have_terraform (void)
{
  g_autofree char *path = g_find_program_in_path ("terraform");

  if (path == NULL)
    g_test_skip ("terraform is not installed");
  return path != NULL;
}

static void
set_up (Project *project, gconstpointer data)
{
  fixture_set_up (&project->run, data);
  project->directory = g_build_filename (project->run.folder, "project", NULL);
  g_assert_cmpint (g_mkdir (project->directory, 0700), ==, 0);
  write_file (project, "main.tf", CONFIG);
}

static void
tear_down (Project *project, gconstpointer data)
{
  fixture_tear_down (&project->run, data);
  g_free (project->directory);
}

/* Initialised, with both resources in the state. */
static void
apply_by_hand (Project *project)
{
  g_free (terraform (project, "init -input=false"));
  g_free (terraform (project, "apply -input=false -auto-approve"));
}

static char *
id_of (Project *project, const char *address)
{
  g_autofree char *text = terraform (project, "show -json");
  g_autoptr (JsonNode) state = slip_json_parse (text, -1, NULL);
  g_autoptr (JsonNode) resources = slip_json_select (state, "$.values.root_module.resources", NULL);

  for (guint i = 0;
       resources != NULL && i < json_array_get_length (json_node_get_array (resources)); i++)
    {
      JsonObject *one = json_array_get_object_element (json_node_get_array (resources), i);

      if (g_str_equal (slip_json_string (one, "address"), address))
        return g_strdup (slip_json_string (slip_json_object (one, "values"), "id"));
    }
  return NULL;
}

/* ---- steps */

static char *
step (Project *project, const char *id, const char *operation, const char *inputs)
{
  g_autofree char *all
      = g_strdup_printf ("{\"Operation\":\"%s\",\"Directory\":\"%s\"%s%s}", operation,
                         project->directory, *inputs ? "," : "", inputs);

  return fixture_step (id, TERRAFORM, all, NULL);
}

static SlipRunFold *
go (Project *project, const char *steps)
{
  fixture_plan (&project->run, steps);
  return fixture_go (&project->run);
}

/* ---- claims */

static void
init_workspace_backup_list_and_outputs (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *init = step (project, "Init", "init", "");
  g_autofree char *select = step (project, "Select", "workspace", "\"Workspace\":\"production\"");
  g_autofree char *backup = step (project, "Backup", "stateBackup", "\"Workspace\":\"production\"");
  g_autofree char *list = step (project, "List", "stateList", "\"Workspace\":\"production\"");
  g_autofree char *outputs = step (project, "Outputs", "output", "\"Workspace\":\"production\"");
  g_autofree char *steps = g_strjoin (",", init, select, backup, list, outputs, NULL);
  JsonObject *out;
  GStatBuf buf;

  if (!have_terraform ())
    return;
  g_free (terraform (project, "init -input=false"));
  g_free (terraform (project, "workspace new production"));
  g_free (terraform (project, "apply -input=false -auto-approve"));
  g_free (terraform (project, "workspace select default"));
  fold = go (project, steps);
  g_assert_no_error (project->run.error);
  out = slip_run_fold_find (fold, "Backup")->outputs;
  g_assert_cmpint (slip_json_int (out, "Serial", 0), >, 0);
  g_assert_nonnull (slip_json_string (out, "Lineage"));
  g_assert_cmpint (g_stat (slip_json_string (out, "File"), &buf), ==, 0);
  g_assert_cmpint (buf.st_mode & 0777, ==, 0600);
  out = slip_run_fold_find (fold, "List")->outputs;
  g_assert_cmpuint (json_array_get_length (slip_json_array (out, "Addresses")), ==, 2);
  /* An intent, with the command line, before each. */
  g_assert_cmpuint (fixture_entries (fold, "step.intent", NULL), ==, 5);
  {
    g_autofree char *text
        = slip_json_to_text (slip_run_fold_find (fold, "Outputs")->response, FALSE);

    g_assert_nonnull (strstr (text, "arn:of:table"));
    g_assert_null (strstr (text, "output-secret"));
  }
}

static void
wrong_workspace_stops (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *select = step (project, "Select", "workspace", "\"Workspace\":\"production\"");

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  fold = go (project, select);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "production"));
}

#define UPDATE                                                                                     \
  "\"Expect\":[{\"name\":\"the table is updated in place\",\"addresses\":"                         \
  "[\"terraform_data.table\"],\"actions\":[\"update\"],\"required\":true},{\"name\":\"the "        \
  "pipeline follows\",\"addresses\":[\"terraform_data.pipe*\"],\"actions\":[\"update\"]}]"

static void
plans_and_applies_as_expected (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *plan
      = step (project, "MakePlan", "plan",
              UPDATE ",\"Environment\":{\"TF_VAR_pager_token\":\"unseen-value\"}");
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *steps = g_strjoin (",", plan, apply, NULL);
  g_autofree char *state = NULL;
  SlipFoldStep *made;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  write_file (project, "main.tf",
              "resource \"terraform_data\" \"table\" {\n  input = \"two\"\n}\n"
              "resource \"terraform_data\" \"pipeline\" {\n  input = "
              "terraform_data.table.output\n}\n");
  fold = go (project, steps);
  g_assert_no_error (project->run.error);
  g_assert_cmpint (fold->state, ==, SLIP_RUN_DONE);
  made = slip_run_fold_find (fold, "MakePlan");
  g_assert_cmpuint (json_array_get_length (slip_json_array (made->outputs, "Changes")), ==, 2);
  g_assert_cmpuint (strlen (slip_json_string (made->outputs, "Sha256")), ==, 64);
  state = terraform (project, "state show terraform_data.table");
  g_assert_nonnull (strstr (state, "two"));
  /* Neither the lent credentials nor the document's secret stand anywhere. */
  for (guint i = 0; i < fold->entries->len; i++)
    {
      g_autoptr (JsonNode) node
          = slip_json_new_object (json_object_ref (g_ptr_array_index (fold->entries, i)));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      g_assert_null (strstr (text, "lent-secret-key"));
    }
}

static void
unexpected_delete_stops_and_names_the_resource (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *plan = step (project, "MakePlan", "plan", UPDATE);
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *steps = g_strjoin (",", plan, apply, NULL);
  g_autofree char *list = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  write_file (project, "main.tf",
              "resource \"terraform_data\" \"table\" {\n  input = \"two\"\n}\n");
  fold = go (project, steps);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "delete of terraform_data.pipeline"));
  list = terraform (project, "state list");
  g_assert_nonnull (strstr (list, "terraform_data.pipeline"));
  g_assert_cmpint (slip_run_fold_find (fold, "Apply")->state, ==, SLIP_RUN_STEP_PLANNED);
}

static void
replacement_must_be_named (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) refused = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *unnamed = step (project, "MakePlan", "plan",
                                   "\"Expect\":[],\"Replace\":[\"terraform_data.pipeline\"]");
  g_autofree char *named = step (
      project, "MakePlan", "plan",
      "\"Replace\":[\"terraform_data.pipeline\"],\"Expect\":[{\"name\":\"the pipeline is made "
      "anew\",\"addresses\":[\"terraform_data.pipeline\"],\"actions\":[\"replace\"]}]");
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *steps = g_strjoin (",", named, apply, NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  refused = go (project, unnamed);
  g_assert_nonnull (strstr (project->run.error->message, "replace of terraform_data.pipeline"));
  before = id_of (project, "terraform_data.pipeline");
  fold = go (project, steps);
  g_assert_no_error (project->run.error);
  after = id_of (project, "terraform_data.pipeline");
  g_assert_cmpstr (before, !=, after);
}

/* Between plan and apply somebody else applies: the plan is stale, and made and judged again. */
static void
stale_plan_is_made_again (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *plan = step (project, "MakePlan", "plan",
                                "\"Expect\":[{\"name\":\"any\",\"addresses\":[\"*\"],\"actions\":"
                                "[\"update\"]}]");
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *steps
      = g_strjoin (",", plan,
                   "{\"id\":\"Hold\",\"action\":\"aws:pause\",\"resume\":{\"rule\":"
                   "\"R5\"}}",
                   apply, NULL);
  g_autofree char *state = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  write_file (project, "main.tf",
              "resource \"terraform_data\" \"table\" {\n  input = \"two\"\n}\n"
              "resource \"terraform_data\" \"pipeline\" {\n  input = 1\n}\n");
  fixture_plan (&project->run, steps);
  slip_run_fold_free (fixture_go (&project->run));
  g_free (terraform (project, "apply -input=false -auto-approve -target=terraform_data.pipeline"));
  fixture_control (&project->run, SLIP_RUNNER_RESUME, "Hold", NULL);
  fold = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Apply"), ==, 2);
  state = terraform (project, "state show terraform_data.table");
  g_assert_nonnull (strstr (state, "two"));
}

static void
changed_plan_file_is_refused (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) first = NULL;
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *plan = step (project, "MakePlan", "plan", UPDATE);
  g_autofree char *apply = step (project, "Apply", "apply", "\"Plan\":\"{{ MakePlan.PlanFile }}\"");
  g_autofree char *steps
      = g_strjoin (",", plan,
                   "{\"id\":\"Hold\",\"action\":\"aws:pause\",\"resume\":{\"rule\":"
                   "\"R5\"}}",
                   apply, NULL);
  const char *file;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  write_file (project, "main.tf",
              "resource \"terraform_data\" \"table\" {\n  input = \"two\"\n}\n"
              "resource \"terraform_data\" \"pipeline\" {\n  input = "
              "terraform_data.table.output\n}\n");
  fixture_plan (&project->run, steps);
  first = fixture_go (&project->run);
  file = slip_json_string (slip_run_fold_find (first, "MakePlan")->outputs, "PlanFile");
  g_assert_true (g_file_set_contents (file, "something else", -1, NULL));
  fixture_control (&project->run, SLIP_RUNNER_RESUME, "Hold", NULL);
  fold = fixture_go (&project->run);
  g_assert_nonnull (strstr (project->run.error->message, "is not the plan that was judged"));
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Apply"), ==, 0);
}

/* ---- exchange of an object */

#define NEW_ID "00000000-0000-0000-0000-00000000beef"
#define REPLACE                                                                                    \
  "\"Address\":\"terraform_data.table\",\"ImportId\":\"" NEW_ID "\",\"LockTimeout\":\"0s\""

static void
replaces_object (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *replace = step (project, "Swap", "replaceObject", REPLACE);
  g_autofree char *old = NULL;
  g_autofree char *id = NULL;
  JsonObject *out;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  old = id_of (project, "terraform_data.table");
  fold = go (project, replace);
  g_assert_no_error (project->run.error);
  id = id_of (project, "terraform_data.table");
  g_assert_cmpstr (id, ==, NEW_ID);
  out = slip_run_fold_find (fold, "Swap")->outputs;
  g_assert_cmpstr (slip_json_string (out, "OldId"), ==, old);
  g_assert_true (g_file_test (slip_json_string (out, "File"), G_FILE_TEST_IS_REGULAR));
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Swap"), ==, 2);
}

/* Killed behind the removal it finds nothing to do; and what is left outside still is what it was. */
static void
removes_from_the_state (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autoptr (SlipRunFold) again = NULL;
  g_autofree char *removal
      = step (project, "Remove", "stateRemove", "\"Address\":\"terraform_data.pipeline\"");
  g_autofree char *list = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  fold = go (project, removal);
  g_assert_no_error (project->run.error);
  list = terraform (project, "state list");
  g_assert_null (strstr (list, "pipeline"));
  g_assert_nonnull (strstr (list, "terraform_data.table"));
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Remove"), ==, 1);
  fixture_plan (&project->run, removal);
  fixture_append (&project->run, "step.intent", "Remove", NULL);
  again = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  g_assert_cmpuint (fixture_entries (again, "step.intent", "Remove"), ==, 1);
}

/* A terraform that is killed -9 whenever it is to import. */
static char *
write_killed_importer (Project *project)
{
  char *path = g_build_filename (project->directory, "terraform-killed", NULL);

  write_file (project, "terraform-killed",
              "#!/bin/sh\n[ \"$1\" = import ] && kill -9 $$\nexec terraform \"$@\"\n");
  g_assert_cmpint (g_chmod (path, 0700), ==, 0);
  return path;
}

static void
killed_import_is_taken_back (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *program = write_killed_importer (project);
  g_autofree char *inputs = g_strdup_printf (REPLACE ",\"Program\":\"%s\"", program);
  g_autofree char *replace = step (project, "Swap", "replaceObject", inputs);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *plan = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  before = id_of (project, "terraform_data.table");
  fold = go (project, replace);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "Taken back"));
  after = id_of (project, "terraform_data.table");
  g_assert_cmpstr (before, ==, after);
  /* Not only the id: Terraform sees nothing to do. */
  plan = terraform (project, "plan -input=false -detailed-exitcode");
  g_assert_nonnull (strstr (plan, "No changes"));
}

/* The process died between `state rm` and `import`: what AWS would be, the state is. */
static void
killed_between_rm_and_import_goes_on (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *replace = step (project, "Swap", "replaceObject", REPLACE);
  g_autofree char *path = g_build_filename (project->run.folder, "backup.json", NULL);
  g_autofree char *state = NULL;
  g_autofree char *seen = NULL;
  g_autofree char *id = NULL;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  state = terraform (project, "state pull");
  g_assert_true (g_file_set_contents (path, state, -1, NULL));
  fixture_plan (&project->run, replace);
  fixture_append (&project->run, "run.started", NULL,
                  "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  seen = g_strdup_printf ("{\"detail\":\"x\",\"backup\":{\"File\":\"%s\",\"Serial\":1,\"Lineage\":"
                          "\"l\",\"Sha256\":\"s\",\"OldId\":\"old\"}}",
                          path);
  fixture_append (&project->run, "step.observed", "Swap", seen);
  fixture_append (&project->run, "step.intent", "Swap", NULL);
  g_free (terraform (project, "state rm terraform_data.table"));
  fold = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  id = id_of (project, "terraform_data.table");
  g_assert_cmpstr (id, ==, NEW_ID);
  /* Only the import was left. */
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Swap"), ==, 2);
  g_assert_cmpstr (slip_json_string (slip_run_fold_find (fold, "Swap")->outputs, "OldId"), ==,
                   "old");
}

static void
killed_after_import_is_adopted (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *replace = step (project, "Swap", "replaceObject", REPLACE);

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  fixture_plan (&project->run, replace);
  fixture_append (&project->run, "run.started", NULL,
                  "{\"endpoints\":{\"production\":\"endpoint-a\"}}");
  fixture_append (&project->run, "step.intent", "Swap", NULL);
  g_free (terraform (project, "state rm terraform_data.table"));
  g_free (terraform (project, "import terraform_data.table " NEW_ID));
  fold = fixture_go (&project->run);
  g_assert_no_error (project->run.error);
  g_assert_cmpuint (fixture_entries (fold, "step.intent", "Swap"), ==, 1);
}

/* ---- locks */

static void
lock_of_another_is_told (Project *project, gconstpointer data)
{
  g_autoptr (SlipRunFold) fold = NULL;
  g_autofree char *replace = step (project, "Swap", "replaceObject", REPLACE);
  g_autofree char *id = NULL;
  g_autofree char *before = NULL;
  g_autofree char *fifo = g_build_filename (project->run.folder, "wake", NULL);
  g_autofree char *config = NULL;
  g_autoptr (GSubprocess) holder = NULL;
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_autofree char *lock
      = g_build_filename (project->directory, ".terraform.tfstate.lock.info", NULL);
  gint64 end = g_get_monotonic_time () + 60 * G_USEC_PER_SEC;
  int fd;

  if (!have_terraform ())
    return;
  apply_by_hand (project);
  before = id_of (project, "terraform_data.table");
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  config = g_strdup_printf (CONFIG "resource \"terraform_data\" \"slow\" {\n  provisioner "
                                   "\"local-exec\" {\n    command = \"cat %s\"\n  }\n}\n",
                            fifo);
  write_file (project, "main.tf", config);
  g_subprocess_launcher_set_cwd (launcher, project->directory);
  holder = g_subprocess_launcher_spawn (launcher, NULL, "terraform", "apply", "-auto-approve",
                                        "-input=false", NULL);
  g_assert_nonnull (holder);
  while (!g_file_test (lock, G_FILE_TEST_EXISTS) && g_get_monotonic_time () < end)
    g_usleep (20000);
  g_assert_true (g_file_test (lock, G_FILE_TEST_EXISTS));
  fold = go (project, replace);
  g_assert_error (project->run.error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED);
  g_assert_nonnull (strstr (project->run.error->message, "is locked by "));
  g_assert_nonnull (strstr (project->run.error->message, "force-unlock"));
  /* Whoever holds it may go on now, and ends well. */
  while ((fd = open (fifo, O_WRONLY | O_NONBLOCK)) < 0 && g_get_monotonic_time () < end)
    g_usleep (20000);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_subprocess_wait (holder, NULL, NULL);
}

/* ---- rules */

typedef struct
{
  const char *changes;
  const char *rules;
  gboolean strict;
  const char *refusal; /* NULL when it may */
} Judgement;

static void
judges (void)
{
#define CHANGE(address, action, attributes)                                                        \
  "{\"address\":\"" address "\",\"action\":\"" action "\",\"attributes\":[" attributes "]}"
  static const Judgement cases[] = {
      {CHANGE ("a.b", "update", "\"tags\""), "", FALSE, NULL},
      {CHANGE ("a.b", "update", "\"tags\""), "", TRUE, "update of a.b is expected by no rule"},
      {CHANGE ("a.b", "delete", ""), "", FALSE, "delete of a.b is expected by no rule"},
      {CHANGE ("a.b", "forget", ""), "", FALSE, "forget of a.b"},
      {CHANGE ("a.b[0]", "replace", ""),
       "{\"name\":\"n\",\"addresses\":[\"a.b[0]\"],\"actions\":[\"replace\"]}", TRUE, NULL},
      {CHANGE ("a.b[1]", "replace", ""),
       "{\"name\":\"n\",\"addresses\":[\"a.b[0]\"],\"actions\":[\"replace\"]}", FALSE, "a.b[1]"},
      {CHANGE ("module.x[\\\"k\\\"].a.b", "update", ""),
       "{\"name\":\"nothing there\",\"addresses\":[\"module.x*\"],\"refuse\":true}", FALSE,
       "refused by “nothing there”"},
      {CHANGE ("a.b", "update", "\"image\",\"tags\""),
       "{\"name\":\"n\",\"addresses\":[\"*\"],\"actions\":[\"update\"],\"attributes\":[\"tags\"]}",
       TRUE, "expected by no rule"},
      {CHANGE ("a.b", "create", ""),
       "{\"name\":\"table updated\",\"addresses\":[\"a.t\"],\"actions\":[\"update\"],\"required\":"
       "true}",
       FALSE, "does not do “table updated”"},
      {CHANGE ("a.b", "delete", ""),
       "{\"name\":\"any\",\"addresses\":[\"*\"],\"actions\":[\"delete\"]},{\"name\":\"never\","
       "\"addresses\":[\"a.*\"],\"actions\":[\"delete\"],\"refuse\":true}",
       FALSE, "refused by “never”"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *changes_text = g_strdup_printf ("[%s]", cases[i].changes);
      g_autofree char *rules_text = g_strdup_printf ("[%s]", cases[i].rules);
      g_autoptr (JsonNode) changes = slip_json_parse (changes_text, -1, NULL);
      g_autoptr (JsonNode) rules = slip_json_parse (rules_text, -1, NULL);
      g_autoptr (JsonArray) unexpected = NULL;
      g_autoptr (GError) error = NULL;
      gboolean ok
          = slip_terraform_judge (json_node_get_array (changes), NULL, json_node_get_array (rules),
                                  cases[i].strict, &unexpected, &error);

      g_test_message ("case %u: %s", i, error != NULL ? error->message : "may");
      g_assert_cmpint (ok, ==, cases[i].refusal == NULL);
      if (!ok)
        g_assert_nonnull (strstr (error->message, cases[i].refusal));
    }
}

typedef struct
{
  const char *before;
  const char *after;
  const char *unknown;
  const char *sensitive;
  const char *wrong; /* NULL when it may */
} Values;

/* As a task definition has them: in JSON that is text. */
#define IMAGES(app)                                                                                \
  "{\"container_definitions\":\"[{\\\"image\\\":\\\"otel:9\\\"},{\\\"image\\\":\\\"" app "\\\"}]"  \
  "\"}"

static void
judges_values_however_deep (void)
{
  static const Values cases[] = {
      {IMAGES ("app:v1"), IMAGES ("app:v1"), "{}", "{}", NULL},
      {IMAGES ("app:v0"), IMAGES ("app:v1"), "{}", "{}", NULL},
      {IMAGES ("app:v1"), IMAGES ("app:v2"), "{}", "{}", "its image would be “app:v2”, not *:v1"},
      {"null", IMAGES ("app:v1"), "{}", "{}", "“otel:9”"},
      {IMAGES ("app:v1"), "{}", "{\"container_definitions\":true}", "{}", "only after the apply"},
      {"{\"input\":{\"image\":\"app:v1\"}}", "{\"input\":{}}", "{\"input\":{\"image\":true}}", "{}",
       "only after the apply"},
      {"{\"arn\":\"a\",\"image\":\"app:v1\"}", "{\"image\":\"app:v1\"}", "{\"arn\":true}", "{}",
       NULL},
      {"{\"input\":{\"image\":\"app:v1\"},\"output\":{\"image\":\"app:v1\"}}",
       "{\"input\":{\"image\":\"app:v1\"}}", "{\"output\":true}", "{}", NULL},
      {IMAGES ("app:v1"), IMAGES ("app:v2"), "{}", "{\"container_definitions\":true}",
       "its image changes, and not to *:v1"},
  };
  static const char *const kinds[] = {
      "{\"name\":\"this "
      "image\",\"addresses\":[\"a.*\"],\"values\":{\"image\":\"*:v1\"},\"actions\":[\"replace\"]}",
      "{\"name\":\"any\",\"addresses\":[\"a.*\"],\"actions\":[\"replace\"]},{\"name\":\"no other "
      "image\","
      "\"addresses\":[\"*\"],\"values\":{\"image\":[\"*:v1\"]},\"refuse\":true}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases) * G_N_ELEMENTS (kinds); i++)
    {
      const Values *one = &cases[i / G_N_ELEMENTS (kinds)];
      g_autofree char *text = g_strdup_printf (
          "{\"resource_changes\":[{\"address\":\"a.b\",\"type\":\"a\",\"change\":{\"actions\":["
          "\"delete\","
          "\"create\"],\"before\":%s,\"after\":%s,\"after_unknown\":%s,\"after_sensitive\":%s}}]}",
          one->before, one->after, one->unknown, one->sensitive);
      g_autofree char *rules_text = g_strdup_printf ("[%s]", kinds[i % G_N_ELEMENTS (kinds)]);
      g_autoptr (JsonNode) plan = slip_json_parse (text, -1, NULL);
      g_autoptr (JsonNode) rules = slip_json_parse (rules_text, -1, NULL);
      g_autoptr (JsonArray) changes = slip_terraform_summarise (json_node_get_object (plan), NULL);
      g_autoptr (JsonArray) unexpected = NULL;
      g_autoptr (GError) error = NULL;
      gboolean ok = slip_terraform_judge (changes, json_node_get_object (plan),
                                          json_node_get_array (rules), TRUE, &unexpected, &error);

      g_test_message ("case %u: %s", i, error != NULL ? error->message : "may");
      g_assert_cmpint (ok, ==, one->wrong == NULL);
      if (i % G_N_ELEMENTS (kinds) == 1 && !ok)
        g_assert_nonnull (strstr (error->message, "refused by “no other image”"));
      /* The list of patterns is told as one. */
      if (i % G_N_ELEMENTS (kinds) == 0 && !ok)
        g_assert_nonnull (strstr (error->message, one->wrong));
    }
}

#define ADD(name, func) g_test_add ("/run/terraform/" name, Project, NULL, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/run/terraform/judges_plans_by_resource_and_action", judges);
  g_test_add_func ("/run/terraform/judges_values_however_deep", judges_values_however_deep);
  ADD ("init_workspace_backup_list_and_outputs", init_workspace_backup_list_and_outputs);
  ADD ("wrong_workspace_stops", wrong_workspace_stops);
  ADD ("plans_and_applies_as_expected", plans_and_applies_as_expected);
  ADD ("unexpected_delete_stops_and_names_the_resource",
       unexpected_delete_stops_and_names_the_resource);
  ADD ("replacement_must_be_named", replacement_must_be_named);
  ADD ("stale_plan_is_made_again", stale_plan_is_made_again);
  ADD ("changed_plan_file_is_refused", changed_plan_file_is_refused);
  ADD ("replaces_object", replaces_object);
  ADD ("removes_from_the_state", removes_from_the_state);
  ADD ("killed_import_is_taken_back", killed_import_is_taken_back);
  ADD ("killed_between_rm_and_import_goes_on", killed_between_rm_and_import_goes_on);
  ADD ("killed_after_import_is_adopted", killed_after_import_is_adopted);
  ADD ("lock_of_another_is_told", lock_of_another_is_told);
  return g_test_run ();
}
