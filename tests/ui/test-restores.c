/* SPDX-License-Identifier: MIT */

/* The wizards of the restore procedures, as far as the plan: each asks for what it destroys and is held up
 * by its guards, and tells how old the data is and how long it takes. Pictures go to SLIPWAY_SHOTS. */

#include "config.h"

#include "slip-ui-harness.h"

#include <string.h>

#include "slip-authorise.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-plan-view.h"
#include "slip-run-notes.h"
#include "slip-run-page.h"
#include "slip-runner.h"
#include "slip-wizard-page.h"

/* Slow: a plan that is made later must not be one of other days. */
#define SPEED 300

#define SNAPSHOT "pre-migration-snapshot-api-202611141905"

static SlipUi *ui;

static gboolean
skip (void)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");

  if (ui == NULL)
    g_test_skip ("the window was not opened");
  else if (ctl == NULL || !g_file_test (ctl, G_FILE_TEST_IS_EXECUTABLE))
    g_test_skip ("slipwayctl was not built");
  else
    return FALSE;
  return TRUE;
}

/* One call by the command line. */
static JsonNode *
call_as (const char *environment, const char *service, const char *operation, const char *input)
{
  const char *arguments[] = {g_getenv ("SLIPWAYCTL"),
                             "aws",
                             "--environment",
                             environment,
                             "--allow-change",
                             "--confirm",
                             environment,
                             service,
                             operation,
                             "--input",
                             input,
                             NULL};
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *told = NULL;
  JsonNode *answer;

  process = g_subprocess_newv (arguments, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8 (process, NULL, NULL, &told, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_successful (process));
  answer = slip_json_parse (told, -1, &error);
  g_assert_no_error (error);
  return answer;
}

static JsonNode *
call (const char *service, const char *operation, const char *input)
{
  return call_as ("production", service, operation, input);
}

static gboolean
has_plan (gpointer data)
{
  return !g_str_equal (slip_wizard_page_get_step (data), "planning");
}

static void
fill_in (SlipWizardPage *page, const char *name, const char *value)
{
  SlipParameterField *field = slip_parameter_form_find (slip_wizard_page_get_form (page), name);

  g_assert_nonnull (field);
  slip_parameter_field_set_text (field, value);
  if (slip_parameter_field_get_message (field) != NULL)
    g_error ("%s: %s", name, slip_parameter_field_get_message (field));
}

static SlipWizardPage *
open_wizard (const char *runbook, const char *environment)
{
  g_autofree char *id = g_strdup_printf ("wizard/%s?environment=%s", runbook, environment);

  slip_window_go (ui->window, id);
  slip_ui_settle ();
  return SLIP_WIZARD_PAGE (slip_window_get_page (ui->window));
}

/* Plans, and takes pictures of both pages. */
static SlipPlan *
plan (SlipWizardPage *page, const char *picture)
{
  g_autofree char *first = g_strdup_printf ("%s-parameters", picture);
  g_autofree char *second = g_strdup_printf ("%s-plan", picture);

  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), first);
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_wait (has_plan, page, 120, "a plan");
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, "plan");
  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), second);
  return slip_wizard_page_get_plan (page);
}

/* Age and length stand at the head of the plan, not only in it. */
static void
assert_objectives (SlipWizardPage *page)
{
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "RPO "));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "RTO about "));
}

static gboolean
tells_rpo (gpointer data)
{
  return slip_ui_find_text (data, "RPO ");
}

static gboolean
tells_age (gpointer data)
{
  return slip_ui_find_text (data, "Data as of 20") && slip_ui_find_text (data, " old. What was");
}

static gboolean
tells_length (gpointer data)
{
  return slip_ui_find_text (data, "The whole procedure takes about ");
}

/* Where the point is chosen both are told too, and they are those of the plan that follows. */
static char *
read_point (SlipWizardPage *page)
{
  GtkWidget *form = GTK_WIDGET (slip_wizard_page_get_form (page));

  slip_ui_wait (tells_age, form, 60, "the age of the data beside the field");
  slip_ui_wait (tells_length, form, 120, "the length of the procedure beside the field");
  return slip_ui_dup_text (form, "The whole procedure takes about ");
}

/* The field as the second row of what is in sight. */
static void
scroll_to (SlipWizardPage *page, const char *name)
{
  SlipParameterForm *form = slip_wizard_page_get_form (page);
  GtkWidget *row = g_ptr_array_index (
      slip_parameter_field_get_rows (slip_parameter_form_find (form, name)), 0);
  GtkWidget *scroller = gtk_widget_get_ancestor (row, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  double x;
  double y;

  g_assert_true (gtk_widget_translate_coordinates (row, scroller, 0, 0, &x, &y));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) + y - 160);
  slip_ui_settle ();
}

static void
assert_same_length (const char *told, SlipPlan *plan)
{
  g_autofree char *minutes = slip_format_duration (slip_plan_get_minutes (plan) * 60);
  g_autofree char *length = g_strdup_printf ("takes about %s on AWS", minutes);

  if (strstr (told, length) == NULL)
    g_error ("“%s” does not tell %s", told, length);
}

/* Opens the first step behind the line, and scrolls to it. */
static void
show_point_of_no_return (SlipWizardPage *page, SlipPlan *made, const char *picture)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (page), SLIP_TYPE_PLAN_VIEW);
  GtkWidget *scroller = gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
  int index = slip_plan_get_point_of_no_return (made);

  g_assert_cmpint (index, >, 0);
  slip_plan_view_expand (SLIP_PLAN_VIEW (view), (guint)index);
  slip_ui_settle ();
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * index
                                            / slip_plan_get_n_steps (made));
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), picture);
}

static void
leave (SlipWizardPage *page)
{
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.cancel", NULL);
  slip_ui_settle ();
}

static SlipWizardPage *
open_rollback (void)
{
  SlipWizardPage *page = open_wizard ("roll-back-global-cluster", "production");

  fill_in (page, "GlobalCluster", "production-api-global");
  fill_in (page, "Snapshot", SNAPSHOT);
  fill_in (page, "Mode", "rename-swap");
  fill_in (page, "Verification", "restore-beside");
  fill_in (page, "Decision", "it cannot be fixed forward; decided by ann and ben");
  fill_in (page, "MasterSecret", "rds-api-production");
  return page;
}

static void
test_nothing_preselected (void)
{
  static const char *const asked[]
      = {"GlobalCluster", "Snapshot", "Mode", "Verification", "Decision"};
  SlipWizardPage *page;

  ui = slip_ui_start (SPEED);
  if (skip ())
    return;
  page = open_wizard ("roll-back-global-cluster", "production");
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      SlipParameterField *field
          = slip_parameter_form_find (slip_wizard_page_get_form (page), asked[i]);
      g_autofree char *message = NULL;
      g_autoptr (JsonNode) value = slip_parameter_field_dup_value (field, &message);

      g_assert_null (value);
    }
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, "parameters");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "rollback-nothing-preselected");
  leave (page);
}

static void
test_rollback_is_held_up (void)
{
  SlipWizardPage *page;
  SlipPlan *made;

  if (skip ())
    return;
  page = open_rollback ();
  made = plan (page, "rollback-blocked");
  g_assert_true (slip_plan_is_blocked (made));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "change-freeze-on"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "maintenance-mode-on"));
  g_assert_false (
      gtk_widget_is_sensitive (slip_ui_find_button (GTK_WIDGET (ui->window), "Authorise")));
  assert_objectives (page);
  leave (page);
}

/* What is missing is told by the name of the field, and no sentence has a gap where its name would be. */
static void
test_rollback_without_a_secret (void)
{
  SlipWizardPage *page;
  SlipPlan *made;

  if (skip ())
    return;
  page = open_rollback ();
  fill_in (page, "MasterSecret", "");
  made = plan (page, "rollback-no-secret");
  g_assert_true (slip_plan_is_blocked (made));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "its SecretId is empty. Name the secret in "
                                                       "the field “Master password”"));
  g_assert_cmpstr (slip_plan_step_get_title (slip_plan_find_step (made, "TryToReadSecret")), ==,
                   "The master password's secret can be read, and is JSON");
  leave (page);
}

static gboolean
is_cancelled (gpointer run)
{
  return slip_run_get_state (run) == SLIP_RUN_CANCELLED;
}

/* What was lost is counted to the end of the run, and not to whenever somebody looks. */
static void
assert_ends (SlipPlan *made)
{
  SlipLedger *ledger = slip_workbench_get_ledger (ui->workbench);
  g_autoptr (GError) error = NULL;
  g_autofree char *run_id = slip_run_create (ledger, made, &error);
  g_autofree char *page_id = g_strdup_printf ("run/%s", run_id);
  g_autoptr (SlipRunner) runner = NULL;
  g_autofree char *ended = NULL;
  g_autofree char *text = NULL;
  GtkWidget *page;
  SlipRun *run;

  g_assert_no_error (error);
  slip_window_go (ui->window, page_id);
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  slip_ui_wait (tells_rpo, page, 30, "the run's page");
  g_assert_false (slip_ui_find_text (page, " · ended "));
  run = slip_run_page_get_run (SLIP_RUN_PAGE (page));
  g_assert_cmpint (slip_run_notes_get_end (run), ==, 0);
  runner = slip_runner_new (slip_workbench_get_workspace (ui->workbench), ledger, run_id);
  slip_runner_control (runner, SLIP_RUNNER_CANCEL, NULL, NULL, &error);
  g_assert_no_error (error);
  slip_ui_wait (is_cancelled, run, 30, "the run to be cancelled");
  slip_ui_settle ();
  g_assert_cmpint (slip_run_notes_get_end (run), ==, slip_run_get_finished (run));
  ended = slip_format_clock (slip_run_get_finished (run));
  text = g_strdup_printf (" · ended %s", ended);
  g_assert_true (slip_ui_find_text (page, text));
}

static void
test_rollback (void)
{
  SlipWizardPage *page;
  SlipPlan *made;
  g_autoptr (JsonNode) answer = NULL;

  if (skip ())
    return;
  answer = call ("ssm", "PutParameter",
                 "{\"Name\":\"/slipway/production/change-freeze\",\"Type\":\"String\",\"Value\":"
                 "\"{\\\"kind\\\":\\\"change-freeze\\\",\\\"reference\\\":\\\"CHG-4711\\\","
                 "\\\"reason\\\":\\\"rollback\\\",\\\"since\\\":\\\"2026-11-21T06:00:00Z\\\"}\"}");
  page = open_rollback ();
  fill_in (page, "Maintenance", "");
  made = plan (page, "rollback");
  g_assert_false (slip_plan_is_blocked (made));
  assert_objectives (page);
  show_point_of_no_return (page, made, "rollback-point-of-no-return");
  g_assert_nonnull (slip_plan_find_step (made, "RestoreBeside"));
  g_assert_nonnull (slip_plan_find_step (made, "CompareWithSnapshot"));
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_settle ();
  g_assert_nonnull (slip_ui_find (GTK_WIDGET (page), SLIP_TYPE_AUTHORISE));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "production-api-global@111111111111"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "What was written since is lost"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "rollback-authorise");
  assert_ends (made);
  slip_window_go (ui->window, "runbooks");
}

static gboolean
offers_shared_snapshot (gpointer data)
{
  return slip_ui_offers (data, "api-snpshot-for-copy  ·  available  ·  ");
}

static void
test_preproduction (void)
{
  SlipWizardPage *page;
  SlipParameterField *field;
  SlipPlan *made;
  GtkWidget *row;
  g_autofree char *told = NULL;

  if (skip ())
    return;
  page = open_wizard ("restore-preproduction", "preproduction");
  fill_in (page, "MaxAgeHours", "2400");
  /* What production shares, by the name that the task looks for; nothing of this account. */
  field = slip_parameter_form_find (slip_wizard_page_get_form (page), "SharedSnapshot");
  row = g_ptr_array_index (slip_parameter_field_get_rows (field), 0);
  g_signal_emit_by_name (field, "pick");
  slip_ui_wait (offers_shared_snapshot, row, 60, "the shared snapshots with their ages");
  g_assert_false (slip_ui_offers (row, "api-preproduction-before-restore"));
  g_assert_false (slip_ui_offers (row, "arn:"));
  told = read_point (page);
  scroll_to (page, "SharedSnapshot");
  slip_ui_shoot (GTK_WIDGET (ui->window), "preproduction-point");
  made = plan (page, "preproduction");
  g_assert_false (slip_plan_is_blocked (made));
  assert_same_length (told, made);
  /* A task restores it; the guard saw of when the snapshot is. */
  assert_objectives (page);
  leave (page);
}

static gboolean
tells_that_it_is_not_listed (gpointer data)
{
  return slip_ui_find_text (data, "It is not listed in Production.");
}

static void
test_from_backup (void)
{
  g_autoptr (JsonNode) points = NULL;
  g_autoptr (JsonNode) newest = NULL;
  g_autofree char *told = NULL;
  SlipWizardPage *page;
  SlipPlan *made;

  if (skip ())
    return;
  points = call ("backup", "ListRecoveryPointsByBackupVault",
                 "{\"BackupVaultName\":\"mavis-production-backup-vault\"}");
  newest = slip_json_select (points, "$.RecoveryPoints[0].RecoveryPointArn", NULL);
  g_assert_nonnull (newest);
  page = open_wizard ("restore-aurora-from-backup", "production");
  fill_in (page, "RecoveryPoint", "arn:aws:backup:eu-west-1:111111111111:recovery-point:none");
  slip_ui_wait (tells_that_it_is_not_listed, slip_wizard_page_get_form (page), 60,
                "a word on what is not there");
  fill_in (page, "RecoveryPoint", json_node_get_string (newest));
  fill_in (page, "MaxAgeHours", "2400");
  fill_in (page, "Maintenance", "");
  told = read_point (page);
  scroll_to (page, "RecoveryPoint");
  slip_ui_shoot (GTK_WIDGET (ui->window), "from-backup-point");
  made = plan (page, "from-backup");
  g_assert_false (slip_plan_is_blocked (made));
  assert_objectives (page);
  assert_same_length (told, made);
  leave (page);
}

static gboolean
tells_only_age (gpointer data)
{
  return slip_ui_find_text (data, "Of 20") && slip_ui_find_text (data, " old.");
}

static gboolean
tells_of_repository (gpointer data)
{
  return slip_ui_offers (data, "“Tag” is chosen by “Repository”, which is empty");
}

/* A field is named as the form names it, and a word of the command line is no way out here. */
static void
tells_what_it_is_chosen_by (SlipWizardPage *page)
{
  SlipParameterField *field
      = slip_parameter_form_find (slip_wizard_page_get_form (page), "ImageTag");
  GtkWidget *row = g_ptr_array_index (slip_parameter_field_get_rows (field), 0);

  g_signal_emit_by_name (field, "pick");
  slip_ui_wait (tells_of_repository, row, 60, "what the tag is chosen by");
  g_assert_false (slip_ui_offers (row, "--set"));
  scroll_to (page, "ImageTag");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migrate-on-aws-tag");
}

/* A copy, and a migration whose way back a snapshot is, take nothing away that was written since. */
static void
test_nothing_is_lost (void)
{
  g_autoptr (JsonNode) points = NULL;
  g_autoptr (JsonNode) newest = NULL;
  SlipWizardPage *page;

  if (skip ())
    return;
  page = open_wizard ("migrate-on-aws", "production");
  fill_in (page, "SnapshotName", SNAPSHOT);
  slip_ui_wait (tells_only_age, slip_wizard_page_get_form (page), 60, "the snapshot's age");
  g_assert_false (slip_ui_find_text (GTK_WIDGET (page), "since is lost"));
  scroll_to (page, "SnapshotName");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migrate-on-aws-point");
  tells_what_it_is_chosen_by (page);
  leave (page);
  points = call_as ("backup", "backup", "ListRecoveryPointsByBackupVault",
                    "{\"BackupVaultName\":\"mavis-destination-backup-vault\"}");
  newest = slip_json_select (points, "$.RecoveryPoints[0].RecoveryPointArn", NULL);
  page = open_wizard ("copy-recovery-point-back", "backup");
  fill_in (page, "RecoveryPoint", json_node_get_string (newest));
  (void)plan (page, "copy-back");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "Takes about "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (page), "RPO "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (page), "since is lost"));
  leave (page);
}

/* The cluster that is in service is two years old, and nothing was left behind. */
static void
test_tidy_up (void)
{
  SlipWizardPage *page;
  SlipPlan *made;

  if (skip ())
    return;
  page = open_wizard ("tidy-up-after-rollback", "production");
  fill_in (page, "Snapshots", "[\"api-production-pre-upgrade-14\"]");
  fill_in (page, "Accepted", "the service owner, this morning");
  made = plan (page, "tidy-up");
  g_assert_false (slip_plan_is_blocked (made));
  g_assert_null (slip_plan_find_step (made, "DeleteKeeping"));
  g_assert_nonnull (slip_plan_find_step (made, "EachSnapshot[1].DeleteSnapshot"));
  leave (page);
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/restores/nothing_is_preselected", test_nothing_preselected);
  g_test_add_func ("/ui/restores/rollback_without_a_freeze_cannot_be_authorised",
                   test_rollback_is_held_up);
  g_test_add_func ("/ui/restores/rollback_without_a_secret_names_the_field",
                   test_rollback_without_a_secret);
  g_test_add_func ("/ui/restores/rollback_tells_age_and_length", test_rollback);
  g_test_add_func ("/ui/restores/preproduction_tells_age_and_length", test_preproduction);
  g_test_add_func ("/ui/restores/from_backup_tells_age_and_length", test_from_backup);
  g_test_add_func ("/ui/restores/what_restores_nothing_tells_of_no_loss", test_nothing_is_lost);
  g_test_add_func ("/ui/restores/tidies_up_what_is_named_only", test_tidy_up);
  g_test_add_func ("/ui/restores/stops", test_stop);
  return g_test_run ();
}
