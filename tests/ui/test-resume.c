/* SPDX-License-Identifier: MIT */

/* Pull the plug half way: the command line begins a run and is killed at a ledger boundary; the window
 * then shows the run as interrupted, and Continue brings it to its end. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-json.h"
#include "slip-planner.h"
#include "slip-run-page.h"

#define SPEED 2000

static char *
run_ctl (const char *crash_at, const char *const *arguments)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  char *output = NULL;

  if (crash_at != NULL)
    g_subprocess_launcher_setenv (launcher, "SLIPWAY_CRASH_AT", crash_at, TRUE);
  process = g_subprocess_launcher_spawnv (launcher, arguments, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  return output;
}

static gboolean
has_run (gpointer data)
{
  SlipUi *ui = data;

  return slip_ui_find_text (GTK_WIDGET (ui->window), "Interrupted");
}

static gboolean
is_loaded (gpointer data)
{
  return slip_run_page_get_run (data) != NULL;
}

static gboolean
is_over (gpointer data)
{
  SlipRunState state = slip_run_get_state (data);

  return state == SLIP_RUN_DONE || state == SLIP_RUN_FAILED || state == SLIP_RUN_NEEDS_DECISION
         || state == SLIP_RUN_NEEDS_CONFIRMATION;
}

/* A plan, approved with all it asks for; what the wizard does, without its pages. */
static char *
approve_run (SlipUi *ui)
{
  SlipWorkspace *workspace = slip_workbench_get_workspace (ui->workbench);
  SlipLedger *ledger = slip_workbench_get_ledger (ui->workbench);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", &error);
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (SlipRunner) runner = NULL;
  char *run_id;

  g_assert_no_error (error);
  plan = slip_planner_plan (runbook, workspace, "production", NULL, NULL, &error);
  g_assert_no_error (error);
  run_id = slip_run_create (ledger, plan, &error);
  g_assert_no_error (error);
  runner = slip_runner_new (workspace, ledger, run_id);
  slip_runner_control (runner, SLIP_RUNNER_APPROVE, NULL, slip_plan_get_hash (plan), &error);
  g_assert_no_error (error);
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      SlipPlanStep *step = slip_plan_get_step (plan, i);
      JsonObject *confirm = slip_plan_step_get_confirm (step);
      const char *how = confirm != NULL ? slip_json_string (confirm, "how") : NULL;

      if (how == NULL || g_str_equal (how, "simple"))
        continue;
      slip_runner_control (
          runner, g_str_equal (how, "attest") ? SLIP_RUNNER_ATTEST : SLIP_RUNNER_CONFIRM,
          slip_plan_step_get_id (step), slip_json_string (confirm, "text"), &error);
      g_assert_no_error (error);
    }
  return run_id;
}

static void
test_resume (void)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");
  const char *arguments[] = {ctl, "run", "resume", NULL, NULL};
  g_autoptr (SlipUi) ui = NULL;
  g_autofree char *output = NULL;
  g_autofree char *run_id = NULL;
  g_autofree char *page_id = NULL;
  SlipRun *run;

  if (ctl == NULL || !g_file_test (ctl, G_FILE_TEST_IS_EXECUTABLE))
    {
      g_test_skip ("slipwayctl was not built");
      return;
    }
  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  run_id = approve_run (ui);
  arguments[3] = run_id;
  output = run_ctl ("60", arguments);
  g_test_message ("%s", output);

  slip_window_go (ui->window, "runs");
  slip_ui_wait (has_run, ui, 10, "the interrupted run");
  slip_ui_shoot (GTK_WIDGET (ui->window), "runs-interrupted");
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_loaded, slip_window_get_page (ui->window), 10, "the run");
  run = slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window)));
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_INTERRUPTED);
  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-interrupted");

  slip_ui_click (GTK_WIDGET (ui->window), "Continue");
  slip_ui_wait (is_over, run, 120, "the run to end");
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-resumed");
  g_test_message ("%s: %s", slip_run_state_get_name (slip_run_get_state (run)),
                  slip_run_get_message (run));
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/resume/continues_what_was_interrupted", test_resume);
  return g_test_run ();
}
