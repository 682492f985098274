/* SPDX-License-Identifier: MIT */

/* Plans that were made before: saved by the window, approved from a file, and approved on the page of a
 * run that the command line left planned. No way to approve shows less than the wizard does. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-approve-dialog.h"
#include "slip-authorise.h"
#include "slip-file.h"
#include "slip-plan-file.h"
#include "slip-plan-files.h"
#include "slip-planner.h"
#include "slip-run-page.h"
#include "slip-wizard-page.h"

#define SPEED 3000
#define RUNBOOK "pre-migration-snapshot"

static SlipUi *ui;
static char *plan_path;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static gboolean
has_step (gpointer data)
{
  const char *step
      = slip_wizard_page_get_step (SLIP_WIZARD_PAGE (slip_window_get_page (ui->window)));

  return g_str_equal (step, data) || g_str_equal (step, "failed");
}

static SlipWizardPage *
wait_for_step (const char *step)
{
  SlipWizardPage *page = SLIP_WIZARD_PAGE (slip_window_get_page (ui->window));

  slip_ui_wait (has_step, (gpointer)step, 60, step);
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, step);
  slip_ui_settle ();
  return page;
}

static gboolean
file_exists (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
}

static gboolean
planning_is_over (gpointer data)
{
  g_autoptr (SlipJob) job = g_list_model_get_item (slip_workbench_get_jobs (ui->workbench), 0);

  return job != NULL && slip_job_is_finished (job);
}

static void
test_save (void)
{
  SlipWizardPage *page;
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipJob) job = NULL;
  g_autofree char *detail = NULL;

  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  slip_window_go (ui->window, "wizard/" RUNBOOK "?environment=production");
  gtk_widget_activate_action (GTK_WIDGET (slip_window_get_page (ui->window)), "wizard.next", NULL);
  page = wait_for_step ("plan");
  slip_ui_wait (planning_is_over, NULL, 10, "the job of planning");
  job = g_list_model_get_item (slip_workbench_get_jobs (ui->workbench), 0);
  detail = slip_job_dup_detail (job);
  g_assert_nonnull (detail);
  g_assert_nonnull (strstr (detail, "no guard blocks"));

  g_assert_true (gtk_widget_is_sensitive (slip_ui_find_button (GTK_WIDGET (page), "Save Plan")));
  plan_path = g_build_filename (ui->folder, "plan.json", NULL);
  slip_plan_files_save (GTK_WIDGET (page), ui->workbench, slip_wizard_page_get_plan (page),
                        plan_path);
  slip_ui_wait (file_exists, plan_path, 10, "the file");
  plan = slip_plan_read_file (plan_path, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (slip_plan_get_hash (plan), ==,
                   slip_plan_get_hash (slip_wizard_page_get_plan (page)));
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.cancel", NULL);
  slip_ui_settle ();
}

/* The command line makes the same plan of the same file. */
static void
test_command_line (void)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");
  const char *arguments[] = {ctl, "run", "start", plan_path, "--approve", "000000000000", NULL};
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;
  g_autoptr (SlipPlan) plan = NULL;

  if (skip ())
    return;
  if (ctl == NULL || !g_file_test (ctl, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("slipwayctl was not built");
      return;
    }
  process = g_subprocess_newv (
      arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &told, NULL, &error);
  g_assert_no_error (error);
  plan = slip_plan_read_file (plan_path, &error);
  g_assert_no_error (error);
  g_assert_nonnull (strstr (told, slip_plan_get_hash (plan)));
  g_assert_nonnull (strstr (told, "nothing was done"));
}

static void
test_refuses (void)
{
  g_autofree char *text = NULL;
  g_autofree char *path = ui != NULL ? g_build_filename (ui->folder, "edited.json", NULL) : NULL;
  g_autofree char *page_id = g_strdup_printf ("plan/%s", path);
  g_autoptr (GError) error = NULL;
  char *name;

  if (skip ())
    return;
  g_assert_true (g_file_get_contents (plan_path, &text, NULL, &error));
  name = strstr (text, "api-snpshot-for-copy");
  g_assert_nonnull (name);
  memcpy (name, "api-snpshot-for-cope", strlen ("api-snpshot-for-cope"));
  g_assert_true (slip_file_write_atomic (path, text, -1, 0600, &error));
  slip_window_go (ui->window, page_id);
  wait_for_step ("failed");
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "plan-file-damaged");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), path));
  g_assert_false (gtk_widget_is_sensitive (
      slip_ui_find_button (GTK_WIDGET (slip_window_get_page (ui->window)), "Authorise")));
  gtk_widget_activate_action (GTK_WIDGET (slip_window_get_page (ui->window)), "wizard.cancel",
                              NULL);
  slip_ui_settle ();
}

static gboolean
is_run_page (gpointer data)
{
  return SLIP_IS_RUN_PAGE (slip_window_get_page (ui->window))
         && slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window))) != NULL;
}

static gboolean
is_approved (gpointer data)
{
  return slip_run_get_state (data) != SLIP_RUN_PLANNED;
}

static void
assert_shows_all (GtkWidget *root, SlipPlan *plan)
{
  int point = slip_plan_get_point_of_no_return (plan);
  g_autofree char *before = g_strdup_printf ("Before step %d", point + 1);

  g_assert_true (slip_ui_find_text (root, slip_plan_get_hash (plan)));
  g_assert_true (slip_ui_find_text (root, "Production"));
  g_assert_true (slip_ui_find_text (root, "Point of no return"));
  g_assert_cmpint (point, >=, 0);
  g_assert_true (slip_ui_find_text (root, before));
  g_assert_true (
      slip_ui_find_text (root, slip_plan_step_get_title (slip_plan_get_step (plan, (guint)point))));
}

static gboolean
is_over (gpointer data)
{
  SlipRunState state = slip_run_get_state (data);

  return state == SLIP_RUN_DONE || state == SLIP_RUN_FAILED || state == SLIP_RUN_CANCELLED;
}

static void
test_approve_file (void)
{
  g_autofree char *page_id = NULL;
  SlipWizardPage *page;
  SlipRun *run;

  if (skip ())
    return;
  page_id = g_strdup_printf ("plan/%s", plan_path);
  slip_window_go (ui->window, page_id);
  page = wait_for_step ("plan");
  g_assert_cmpstr (slip_page_get_environment_name (SLIP_PAGE (page)), ==, "production");
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "plan-file");
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  wait_for_step ("authorise");
  assert_shows_all (GTK_WIDGET (page), slip_wizard_page_get_plan (page));
  slip_ui_say_everything (slip_ui_find (GTK_WIDGET (page), SLIP_TYPE_AUTHORISE));
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_wait (is_run_page, NULL, 60, "the run's page");
  run = slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window)));
  slip_ui_wait (is_over, run, 240, "the run's end");
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
}

static gboolean
has_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) != NULL;
}

static gboolean
has_no_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) == NULL;
}

static void
open_planned_run (SlipPlan *plan)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *run_id
      = slip_run_create (slip_workbench_get_ledger (ui->workbench), plan, &error);
  g_autofree char *page_id = g_strdup_printf ("run/%s", run_id);

  g_assert_no_error (error);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_run_page, NULL, 10, "the run");
  slip_ui_settle ();
}

static void
test_approve_run (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = NULL;
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (JsonObject) parameters = json_object_new ();
  GtkWidget *dialog;
  SlipRun *run;

  if (skip ())
    return;
  runbook = slip_runbook_find (RUNBOOK, &error);
  g_assert_no_error (error);
  /* The run before took the name of this minute. */
  json_object_set_string_member (parameters, "SnapshotName", "pre-migration-snapshot-api-another");
  plan = slip_planner_plan (runbook, slip_workbench_get_workspace (ui->workbench),
                            slip_workbench_get_ledger (ui->workbench), "production", parameters,
                            NULL, &error);
  g_assert_no_error (error);
  g_assert_false (slip_plan_is_blocked (plan));
  open_planned_run (plan);
  run = slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window)));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-planned");
  slip_ui_click (GTK_WIDGET (ui->window), "Approve and Start");
  slip_ui_wait (has_dialog, NULL, 10, "the dialog");
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (SLIP_IS_APPROVE_DIALOG (dialog));
  slip_ui_settle ();
  slip_ui_lint (dialog);
  assert_shows_all (dialog, plan);
  g_assert_false (gtk_widget_is_sensitive (slip_ui_find_button (dialog, "Approve and Start")));
  slip_ui_shoot (dialog, "run-approve");
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_PLANNED);
  slip_ui_say_everything (dialog);
  slip_ui_click (dialog, "Approve and Start");
  slip_ui_wait (has_no_dialog, NULL, 30, "the dialog to close");
  slip_ui_wait (is_approved, run, 30, "the approval");
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
  g_free (plan_path);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/plans/saves_what_was_planned", test_save);
  g_test_add_func ("/ui/plans/saves_what_the_command_line_reads", test_command_line);
  g_test_add_func ("/ui/plans/refuses_a_file_that_was_edited", test_refuses);
  g_test_add_func ("/ui/plans/runs_from_a_file", test_approve_file);
  g_test_add_func ("/ui/plans/approves_a_planned_run_no_easier_than_in_the_wizard",
                   test_approve_run);
  g_test_add_func ("/ui/plans/stops", test_stop);
  return g_test_run ();
}
