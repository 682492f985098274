/* SPDX-License-Identifier: MIT */

/* Two people for one plan, in the window: the first one approves and waits, the second one cosigns at
 * a desk of their own (the command line's, and the window's), and the run begins. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>
#include <string.h>

#include "slip-authorise.h"
#include "slip-cosign-dialog.h"
#include "slip-cosign-group.h"
#include "slip-cosign-page.h"
#include "slip-cosign.h"
#include "slip-file.h"
#include "slip-plan-file.h"
#include "slip-plan-files.h"
#include "slip-run-page.h"
#include "slip-wizard-page.h"

#define SPEED 3000
#define RUNBOOK "pre-migration-snapshot"

static SlipUi *ui;
static char *plan_path;
static char *cosigned;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static SlipPage *
get_page (void)
{
  return slip_window_get_page (ui->window);
}

/* The estate asks for two people from now on. */
static void
require_pairing (void)
{
  const char *path = slip_workbench_get_workspace_path (ui->workbench);
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *changed = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *environments;

  g_assert_true (g_file_get_contents (path, &text, NULL, &error));
  node = json_from_string (text, &error);
  g_assert_no_error (error);
  environments = json_object_get_array_member (json_node_get_object (node), "environments");
  json_object_set_boolean_member (json_array_get_object_element (environments, 0), "pairing", TRUE);
  changed = json_to_string (node, TRUE);
  g_assert_true (slip_file_write_atomic (path, changed, -1, 0600, &error));
}

static gboolean
is_ready (gpointer data)
{
  return slip_workbench_get_state (ui->workbench) == SLIP_WORKBENCH_READY;
}

static gboolean
has_step (gpointer data)
{
  return SLIP_IS_WIZARD_PAGE (get_page ())
         && g_str_equal (slip_wizard_page_get_step (SLIP_WIZARD_PAGE (get_page ())), data);
}

static gboolean
file_exists (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
}

static void
test_wants_two (void)
{
  SlipWizardPage *page;
  SlipCosignGroup *group;

  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  require_pairing ();
  slip_workbench_reload (ui->workbench);
  slip_ui_wait (is_ready, NULL, 30, "the workspace");
  slip_window_go (ui->window, "wizard/" RUNBOOK "?environment=production");
  gtk_widget_activate_action (GTK_WIDGET (get_page ()), "wizard.next", NULL);
  slip_ui_wait (has_step, (gpointer) "plan", 60, "a plan");
  page = SLIP_WIZARD_PAGE (get_page ());
  plan_path = g_build_filename (ui->folder, "plan.json", NULL);
  slip_plan_files_save (GTK_WIDGET (page), ui->workbench, slip_wizard_page_get_plan (page),
                        plan_path);
  slip_ui_wait (file_exists, plan_path, 10, "the file");
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_wait (has_step, (gpointer) "authorise", 10, "the last page");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "A second person"));
  group = SLIP_COSIGN_GROUP (slip_ui_find (GTK_WIDGET (page), SLIP_TYPE_COSIGN_GROUP));
  g_assert_nonnull (group);
  g_assert_nonnull (strstr (slip_cosign_group_get_command (group), "second/workspace.json"));
  /* The colleague types the hash of what they read, and is given none. */
  g_assert_null (strstr (slip_cosign_group_get_command (group), "--approve"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), slip_cosign_group_get_command (group)));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "authorise-two-people");
}

/* As the page tells the colleague to, with the names of its files. */
static char *
cosign_at_the_command_line (const char *folder)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");
  g_autofree char *base = g_path_get_dirname (slip_workbench_get_workspace_path (ui->workbench));
  g_autofree char *workspace = g_build_filename (base, folder, "workspace.json", NULL);
  g_autoptr (SlipPlan) plan = slip_plan_read_file (plan_path, NULL);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *told = NULL;

  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE,
                              &error, ctl, "--workspace", workspace, "cosign", plan_path,
                              "--approve", slip_plan_get_hash (plan), NULL);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &told, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  return told;
}

static gboolean
is_judged (gpointer data)
{
  return slip_cosign_group_get_text (data) != NULL || slip_cosign_group_get_message (data) != NULL;
}

static void
assert_refused (SlipCosignGroup *group, const char *text, const char *why)
{
  slip_cosign_group_take (group, text);
  slip_ui_wait (is_judged, group, 30, "the verdict");
  g_assert_null (slip_cosign_group_get_text (group));
  g_assert_nonnull (strstr (slip_cosign_group_get_message (group), why));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (group), why));
}

static void
test_refuses (void)
{
  SlipCosignGroup *group;
  g_autofree char *ours = NULL;
  GtkWidget *scroller;

  if (skip ())
    return;
  group = SLIP_COSIGN_GROUP (slip_ui_find (GTK_WIDGET (get_page ()), SLIP_TYPE_COSIGN_GROUP));
  assert_refused (group, "{\"schema\":\"org.slipway.plan/1\"}", "this is no cosignature");
  ours = cosign_at_the_command_line (".");
  assert_refused (group, ours, "cannot be both the first and the second person");
  scroller = gtk_widget_get_ancestor (GTK_WIDGET (group), GTK_TYPE_SCROLLED_WINDOW);
  slip_ui_settle ();
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                            10000);
  slip_ui_shoot (GTK_WIDGET (ui->window), "cosign-refused");
}

static void
test_takes (void)
{
  SlipCosignGroup *group;
  GtkWidget *authorise;

  if (skip ())
    return;
  group = SLIP_COSIGN_GROUP (slip_ui_find (GTK_WIDGET (get_page ()), SLIP_TYPE_COSIGN_GROUP));
  authorise = slip_ui_find (GTK_WIDGET (get_page ()), SLIP_TYPE_AUTHORISE);
  g_assert_true (slip_authorise_is_waiting (SLIP_AUTHORISE (authorise)));
  cosigned = cosign_at_the_command_line ("second");
  slip_cosign_group_take (group, cosigned);
  slip_ui_wait (is_judged, group, 30, "the verdict");
  g_assert_cmpstr (slip_cosign_group_get_message (group), ==, NULL);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (group), ":assumed-role/breakglass/colleague"));
  g_assert_false (slip_authorise_is_waiting (SLIP_AUTHORISE (authorise)));
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "cosign-taken");
  gtk_widget_activate_action (GTK_WIDGET (get_page ()), "wizard.cancel", NULL);
  slip_ui_settle ();
}

static gboolean
is_run_page (gpointer data)
{
  return SLIP_IS_RUN_PAGE (get_page ())
         && slip_run_page_get_run (SLIP_RUN_PAGE (get_page ())) != NULL;
}

static gboolean
is_approved (gpointer data)
{
  return slip_run_get_state (data) == SLIP_RUN_APPROVED;
}

static gboolean
has_plan_to_read (gpointer data)
{
  return slip_cosign_page_get_plan (data) != NULL;
}

/* The other side: a colleague's window opens the plan, and writes the cosignature. */
static void
test_cosigns (void)
{
  g_autofree char *page_id = NULL;
  g_autofree char *path = NULL;
  g_autofree char *digits = NULL;
  g_autofree char *text = NULL;
  GStatBuf info;
  SlipCosignPage *page;
  GtkWidget *entry;

  if (skip ())
    return;
  page_id = g_strdup_printf ("cosign/%s", plan_path);
  slip_window_go (ui->window, page_id);
  page = SLIP_COSIGN_PAGE (get_page ());
  slip_ui_wait (has_plan_to_read, page, 10, "the plan");
  slip_ui_settle ();
  g_assert_true (
      slip_ui_find_text (GTK_WIDGET (page), slip_plan_get_hash (slip_cosign_page_get_plan (page))));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "Point of no return"));
  g_assert_false (gtk_widget_is_sensitive (slip_ui_find_button (GTK_WIDGET (page), "Cosign and")));
  slip_ui_lint (GTK_WIDGET (ui->window));
  entry = slip_ui_find (GTK_WIDGET (page), ADW_TYPE_ENTRY_ROW);
  gtk_editable_set_text (GTK_EDITABLE (entry), "000000000000");
  g_assert_false (gtk_widget_is_sensitive (slip_ui_find_button (GTK_WIDGET (page), "Cosign and")));
  digits = g_strndup (slip_plan_get_hash (slip_cosign_page_get_plan (page)), 12);
  gtk_editable_set_text (GTK_EDITABLE (entry), digits);
  g_assert_true (gtk_widget_is_sensitive (slip_ui_find_button (GTK_WIDGET (page), "Cosign and")));
  path = g_build_filename (ui->folder, "ours.json", NULL);
  slip_cosign_page_write (page, path);
  slip_ui_wait (file_exists, path, 30, "the cosignature");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "cosign");
  g_assert_cmpint (g_stat (path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, slip_plan_get_hash (slip_cosign_page_get_plan (page))));
  g_assert_nonnull (strstr (text, SLIP_COSIGN_SCHEMA));
  slip_page_close (SLIP_PAGE (page));
  slip_ui_settle ();
}

static void
test_waits (void)
{
  g_autofree char *page_id = NULL;
  SlipRun *run;

  if (skip ())
    return;
  page_id = g_strdup_printf ("plan/%s", plan_path);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (has_step, (gpointer) "plan", 30, "the plan");
  gtk_widget_activate_action (GTK_WIDGET (get_page ()), "wizard.next", NULL);
  slip_ui_wait (has_step, (gpointer) "authorise", 10, "the last page");
  slip_ui_say_everything (slip_ui_find (GTK_WIDGET (get_page ()), SLIP_TYPE_AUTHORISE));
  slip_ui_settle ();
  g_assert_nonnull (slip_ui_find_button (GTK_WIDGET (get_page ()), "Approve and Wait"));
  gtk_widget_activate_action (GTK_WIDGET (get_page ()), "wizard.next", NULL);
  slip_ui_wait (is_run_page, NULL, 60, "the run's page");
  run = slip_run_page_get_run (SLIP_RUN_PAGE (get_page ()));
  slip_ui_wait (is_approved, run, 30, "the approval");
  slip_ui_settle ();
  g_assert_true (slip_run_needs_cosignature (run));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (get_page ()), "Waits for a second person"));
  g_assert_null (slip_ui_find_button (GTK_WIDGET (get_page ()), "Continue"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "left once it goes on"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-waits-for-cosignature");
}

static gboolean
has_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) != NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  GtkWidget *dialog = slip_ui_get_dialog (ui);

  /* A question in its place says why it did not go away. */
  if (ADW_IS_MESSAGE_DIALOG (dialog))
    g_error ("%s: %s", adw_message_dialog_get_heading (ADW_MESSAGE_DIALOG (dialog)),
             adw_message_dialog_get_body (ADW_MESSAGE_DIALOG (dialog)));
  return dialog == NULL;
}

static gboolean
is_over (gpointer data)
{
  SlipRunState state = slip_run_get_state (data);

  return state == SLIP_RUN_DONE || state == SLIP_RUN_FAILED || state == SLIP_RUN_CANCELLED;
}

static void
test_begins (void)
{
  SlipRun *run;
  GtkWidget *dialog;
  SlipCosignGroup *group;

  if (skip ())
    return;
  run = slip_run_page_get_run (SLIP_RUN_PAGE (get_page ()));
  slip_ui_click (GTK_WIDGET (get_page ()), "Take Cosignature");
  slip_ui_wait (has_dialog, NULL, 10, "the dialog");
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (SLIP_IS_COSIGN_DIALOG (dialog));
  slip_ui_settle ();
  slip_ui_lint (dialog);
  g_assert_false (gtk_widget_is_sensitive (slip_ui_find_button (dialog, "Record and Start")));
  group = SLIP_COSIGN_GROUP (slip_ui_find (dialog, SLIP_TYPE_COSIGN_GROUP));
  slip_cosign_group_take (group, cosigned);
  slip_ui_wait (is_judged, group, 30, "the verdict");
  slip_ui_settle ();
  slip_ui_shoot (dialog, "cosign-dialog");
  slip_ui_click (dialog, "Record and Start");
  slip_ui_wait (has_no_dialog, NULL, 30, "the dialog to close");
  slip_ui_wait (is_over, run, 240, "the run's end");
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
  g_assert_nonnull (strstr (slip_run_get_cosigned_by (run), "/colleague"));
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (get_page ()), "cosigned by"));
}

#define OPENS                                                                                      \
  "schemaVersion: '0.3'\n"                                                                         \
  "slipway: {title: Open it again}\n"                                                              \
  "mainSteps:\n"                                                                                   \
  "  - name: Open\n"                                                                               \
  "    action: aws:sleep\n"                                                                        \
  "    inputs: {Duration: PT1S}\n"                                                                 \
  "    slipway:\n"                                                                                 \
  "      title: Open it\n"                                                                         \
  "      confirm: {how: attest, ask: \"the application was tried\", when: step, pairing: "         \
  "always}\n"                                                                                      \
  "  - name: Which\n"                                                                              \
  "    action: aws:branch\n"                                                                       \
  "    inputs:\n"                                                                                  \
  "      Choices: [{Variable: '{{ automation:EXECUTION_ID }}', StringEquals: none, NextStep: "     \
  "Shut}]\n"                                                                                       \
  "      Default: Last\n"                                                                          \
  "  - {name: Shut, action: 'aws:sleep', inputs: {Duration: PT1S}}\n"                              \
  "  - {name: Last, action: 'aws:sleep', isEnd: true, inputs: {Duration: PT1S}}\n"

/* A run of that, with the first person's word; its id. */
static char *
start_what_waits (const char *file)
{
  g_autofree char *runbook = g_build_filename (ui->folder, "open.yaml", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (SlipRunner) runner = NULL;
  char *id;

  g_assert_true (slip_file_write_atomic (runbook, OPENS, -1, 0600, &error));
  process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error, g_getenv ("SLIPWAYCTL"),
                              "--workspace", slip_workbench_get_workspace_path (ui->workbench),
                              "plan", runbook, "-e", "production", "-o", file, NULL);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  plan = slip_plan_read_file (file, &error);
  g_assert_no_error (error);
  id = slip_run_create (slip_workbench_get_ledger (ui->workbench), plan, &error);
  g_assert_no_error (error);
  runner = slip_workbench_ref_runner (ui->workbench, id);
  slip_runner_control (runner, SLIP_RUNNER_APPROVE, NULL, slip_plan_get_hash (plan), &error);
  g_assert_no_error (error);
  slip_runner_control (runner, SLIP_RUNNER_ATTEST, "Open", "I tried it", &error);
  g_assert_no_error (error);
  slip_workbench_start_run (ui->workbench, id, slip_plan_get_title (plan));
  return id;
}

static gboolean
waits_for_somebody (gpointer data)
{
  return slip_run_get_state (data) == SLIP_RUN_NEEDS_APPROVAL;
}

/* What the window tells the colleague to do, with their file's name, and the digest that they then read. */
static char *
vouch (SlipCosignGroup *group, SlipRun *run, const char *file)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GSubprocess) process = NULL;
  g_auto (GStrv) words = NULL;
  char *told = NULL;

  g_assert_true (g_shell_parse_argv (slip_cosign_group_get_command (group), NULL, &words, &error));
  g_ptr_array_add (argv, (gpointer)g_getenv ("SLIPWAYCTL"));
  for (guint i = 1; !g_str_equal (words[i], "-o"); i++)
    g_ptr_array_add (argv, g_str_equal (words[i], "plan.json") ? (gpointer)file : words[i]);
  g_ptr_array_add (argv, (gpointer) "--approve");
  g_ptr_array_add (argv, (gpointer)slip_run_get_need_asked (run));
  g_ptr_array_add (argv, NULL);
  process = g_subprocess_newv ((const char *const *)argv->pdata, G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                               &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &told, NULL, &error);
  g_assert_true (g_subprocess_get_successful (process));
  return told;
}

static gboolean
is_asking (gpointer data)
{
  return is_run_page (NULL)
         && g_strcmp0 (slip_run_get_id (slip_run_page_get_run (SLIP_RUN_PAGE (get_page ()))), data)
                == 0;
}

/* A step that wants a second person while the run waits: the same widget takes what they hand over. */
static void
test_step_waits (void)
{
  g_autofree char *file = NULL;
  g_autofree char *id = NULL;
  g_autofree char *page_id = NULL;
  g_autofree char *text = NULL;
  SlipRun *run;
  SlipCosignGroup *group;
  GtkWidget *dialog;

  if (skip ())
    return;
  file = g_build_filename (ui->folder, "open.json", NULL);
  id = start_what_waits (file);
  page_id = g_strconcat ("run/", id, NULL);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_asking, id, 30, "the run's page");
  run = slip_run_page_get_run (SLIP_RUN_PAGE (get_page ()));
  slip_ui_wait (waits_for_somebody, run, 30, "the question");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (get_page ()), "needs a second person to vouch"));
  g_assert_null (slip_ui_find_button (GTK_WIDGET (get_page ()), "Approve Step"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "step-waits-for-second-person");
  slip_ui_click (GTK_WIDGET (get_page ()), "Take Cosignature");
  slip_ui_wait (has_dialog, NULL, 10, "the dialog");
  dialog = slip_ui_get_dialog (ui);
  group = SLIP_COSIGN_GROUP (slip_ui_find (dialog, SLIP_TYPE_COSIGN_GROUP));
  g_assert_true (slip_ui_find_text (dialog, slip_cosign_group_get_command (group)));
  slip_ui_settle ();
  slip_ui_lint (dialog);
  slip_cosign_group_take (group, cosigned);
  slip_ui_wait (is_judged, group, 30, "the verdict");
  g_assert_nonnull (strstr (slip_cosign_group_get_message (group), "this cosigns a plan"));
  text = vouch (group, run, file);
  slip_cosign_group_take (group, text);
  slip_ui_wait (is_judged, group, 30, "the verdict");
  g_assert_cmpstr (slip_cosign_group_get_message (group), ==, NULL);
  slip_ui_settle ();
  slip_ui_shoot (dialog, "cosign-step-dialog");
  slip_ui_click (dialog, "Record and Go On");
  slip_ui_wait (has_no_dialog, NULL, 30, "the dialog to close");
  slip_ui_wait (is_over, run, 60, "the run's end");
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
  g_assert_true (g_str_has_suffix (slip_run_step_get_cosigned_by (slip_run_find_step (run, "Open")),
                                   "/colleague"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-done-with-skipped");
  /* What was passed by was neither done nor verified. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (get_page ()),
                                    "3 steps are done and verified, 1 skipped. Export"));
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
  g_free (plan_path);
  g_free (cosigned);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/people/says_that_and_how_a_second_person_cosigns", test_wants_two);
  g_test_add_func ("/ui/people/refuses_in_the_engines_words", test_refuses);
  g_test_add_func ("/ui/people/shows_who_aws_says_it_was", test_takes);
  g_test_add_func ("/ui/people/cosigns_only_what_was_read", test_cosigns);
  g_test_add_func ("/ui/people/waits_for_the_second_person", test_waits);
  g_test_add_func ("/ui/people/begins_when_the_second_person_cosigned", test_begins);
  g_test_add_func ("/ui/people/takes_the_second_person_of_a_step", test_step_waits);
  g_test_add_func ("/ui/people/stops", test_stop);
  return g_test_run ();
}
