/* SPDX-License-Identifier: MIT */

/* The main job, in the window, against a real rehearsal server: browse, plan, approve, run, verify and
 * export. Each test goes on where the one before stopped. Pictures of every page go to SLIPWAY_SHOTS. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-ages.h"
#include "slip-audit-page.h"
#include "slip-authorise.h"
#include "slip-clock.h"
#include "slip-entry.h"
#include "slip-estate-page.h"
#include "slip-export.h"
#include "slip-file-dialog.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-ledger-verify.h"
#include "slip-palette-item.h"
#include "slip-palette.h"
#include "slip-plan-view.h"
#include "slip-run-chooser.h"
#include "slip-run-page.h"
#include "slip-settings.h"
#include "slip-slot.h"
#include "slip-wizard-page.h"

#define SPEED 300
#define RUNBOOK "pre-migration-snapshot"

static SlipUi *ui;
static char *run_page_id;

static gboolean
list_is_complete (gpointer data)
{
  return slip_estate_list_get_state (data) == SLIP_ESTATE_COMPLETE
         || slip_estate_list_get_state (data) == SLIP_ESTATE_PARTIAL;
}

static SlipEstateList *
wait_for_list (const char *environment, SlipEstateKind kind)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, environment), kind);

  slip_ui_wait (list_is_complete, list, 30, "a listing");
  g_assert_cmpint (slip_estate_list_get_state (list), ==, SLIP_ESTATE_COMPLETE);
  return list;
}

static void
test_opens (void)
{
  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  g_assert_nonnull (slip_window_get_page (ui->window));
  slip_window_go (ui->window, "environment/production");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "nothing here is real AWS"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "environment");
}

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static void
test_databases (void)
{
  GtkSelectionModel *rows;
  SlipEstateList *list;

  if (skip ())
    return;
  slip_window_go (ui->window, "databases/production");
  list = wait_for_list ("production", SLIP_ESTATE_DATABASES);
  g_assert_cmpuint (slip_estate_list_get_n_total (list), >, 0);
  slip_ui_settle ();
  rows = gtk_column_view_get_model (
      slip_estate_page_get_view (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window))));
  /* A small estate opens expanded, down to the instances below the members of a global cluster. */
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (rows)), ==,
                    slip_estate_list_get_n_total (list));
  gtk_selection_model_select_item (rows, 1, TRUE);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "databases");
}

static SlipResource *
ref_selected (SlipEstatePage *page)
{
  GtkSingleSelection *selection
      = GTK_SINGLE_SELECTION (gtk_column_view_get_model (slip_estate_page_get_view (page)));
  SlipSlot *slot = gtk_single_selection_get_selected_item (selection);

  return slot != NULL ? g_object_ref (slip_slot_get_item (slot)) : NULL;
}

static void
test_snapshots (void)
{
  SlipEstatePage *page;
  SlipEstateList *list;
  g_autoptr (SlipResource) group = NULL;
  g_autoptr (SlipResource) snapshot = NULL;
  g_autoptr (SlipResource) selected = NULL;
  gint64 later = g_get_real_time () + 400 * (gint64)86400 * G_USEC_PER_SEC;
  g_autofree char *age = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "snapshots/production");
  list = wait_for_list ("production", SLIP_ESTATE_SNAPSHOTS);
  page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));
  slip_ui_settle ();
  group = g_list_model_get_item (G_LIST_MODEL (list), 0);
  snapshot = g_list_model_get_item (slip_resource_get_children (group), 0);
  g_assert_true (slip_estate_page_select (page, slip_resource_get_id (snapshot)));
  selected = ref_selected (page);
  g_assert_true (selected == snapshot);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots");
  /* Ages go with the clock, not with the listing. */
  age = slip_format_age (slip_resource_get_created (snapshot), later);
  g_assert_false (slip_ui_find_text (GTK_WIDGET (slip_estate_page_get_view (page)), age));
  slip_ages_update (later);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (slip_estate_page_get_view (page)), age));
  slip_ages_update (g_get_real_time ());
}

static void
test_begins_from_a_row (void)
{
  SlipWizardPage *wizard;
  SlipParameterField *field;
  g_autofree char *message = NULL;
  g_autoptr (JsonNode) value = NULL;

  if (skip ())
    return;
  slip_ui_click (GTK_WIDGET (ui->window), "Pre-migration snapshot");
  slip_ui_settle ();
  g_assert_true (SLIP_IS_WIZARD_PAGE (slip_window_get_page (ui->window)));
  wizard = SLIP_WIZARD_PAGE (slip_window_get_page (ui->window));
  g_assert_cmpstr (slip_environment_get_name (
                       slip_parameter_form_get_environment (slip_wizard_page_get_form (wizard))),
                   ==, "production");
  field = slip_parameter_form_find (slip_wizard_page_get_form (wizard), "Cluster");
  g_assert_nonnull (field);
  value = slip_parameter_field_dup_value (field, &message);
  g_assert_nonnull (value);
  g_assert_cmpstr (json_node_get_string (value), ==, "api-production");
  gtk_widget_activate_action (GTK_WIDGET (wizard), "wizard.cancel", NULL);
  slip_ui_settle ();
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, "snapshots/production");
}

static gboolean
is_whole (gpointer page)
{
  return !slip_estate_page_is_growing (page);
}

static guint
count_rows (SlipEstatePage *page)
{
  slip_ui_wait (is_whole, page, 20, "all rows");
  return g_list_model_get_n_items (
      G_LIST_MODEL (gtk_column_view_get_model (slip_estate_page_get_view (page))));
}

static gboolean
has_all_rows (gpointer data)
{
  return count_rows (SLIP_ESTATE_PAGE (slip_window_get_page (ui->window)))
         >= GPOINTER_TO_UINT (data);
}

static gboolean
is_filtered (gpointer page)
{
  return slip_estate_page_is_filtered (page, "manual available");
}

static void
test_filter (void)
{
  SlipEstatePage *page;
  GtkWidget *search;
  guint all;

  if (skip ())
    return;
  page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));
  all = count_rows (page);
  slip_estate_page_set_filter (page, "no-such-snapshot-anywhere");
  g_assert_cmpuint (count_rows (page), ==, 0);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "Nothing matches"));
  search = slip_ui_find (GTK_WIDGET (page), GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (search), "manual available");
  slip_ui_wait (is_filtered, page, 10, "the filter");
  g_assert_cmpuint (count_rows (page), >, 0);
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots-filtered");
  gtk_editable_set_text (GTK_EDITABLE (search), "");
  slip_ui_wait (has_all_rows, GUINT_TO_POINTER (all), 10, "all rows again");
}

static gboolean
finds (const char *text, const char *title, const char *action)
{
  g_autoptr (GPtrArray) items = slip_palette_search (ui->workbench, NULL, text, 60);

  for (guint i = 0; i < items->len; i++)
    {
      SlipPaletteItem *item = g_ptr_array_index (items, i);

      if (strstr (slip_palette_item_get_title (item), title) != NULL
          && strstr (slip_palette_item_get_action (item), action) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
test_search (void)
{
  GtkWidget *palette;

  if (skip ())
    return;
  gtk_widget_activate_action (GTK_WIDGET (ui->window), "win.search", NULL);
  slip_ui_settle ();
  palette = slip_ui_get_dialog (ui);
  g_assert_nonnull (palette);
  slip_ui_lint (palette);
  slip_palette_set_text (SLIP_PALETTE (palette), "api");
  g_assert_cmpuint (g_list_model_get_n_items (slip_palette_get_results (SLIP_PALETTE (palette))), >,
                    3);
  slip_ui_shoot (palette, "search");
  g_assert_true (finds ("failed", "pre-migration-snapshot-api-", "snapshots/production/"));
  g_assert_true (finds ("production failed snapshot", "pre-migration-snapshot-api-", "snapshots/"));
  g_assert_false (finds ("failed nowhere-at-all", "pre-migration-snapshot-api-", "snapshots/"));
  gtk_window_close (GTK_WINDOW (palette));
  slip_ui_settle ();
}

static gboolean
has_plan (gpointer data)
{
  const char *step = slip_wizard_page_get_step (data);

  return !g_str_equal (step, "planning");
}

/* Opens the step that cannot be undone and scrolls to the line before it. */
static void
show_point_of_no_return (GtkWidget *page, SlipPlan *plan)
{
  GtkWidget *view = slip_ui_find (page, SLIP_TYPE_PLAN_VIEW);
  GtkWidget *scroller = gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW);
  int index = slip_plan_get_point_of_no_return (plan);
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));

  g_assert_cmpint (index, >, 0);
  g_assert_true (slip_ui_find_text (view, "Point of no return"));
  slip_plan_view_expand (SLIP_PLAN_VIEW (view), (guint)index);
  slip_ui_settle ();
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * 0.52);
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-plan-final-step");
  slip_ui_lint (GTK_WIDGET (ui->window));
}

static void
refuses_a_bad_value (SlipWizardPage *page)
{
  SlipParameterField *field
      = slip_parameter_form_find (slip_wizard_page_get_form (page), "Cluster");

  slip_parameter_field_set_text (field, "not a name!");
  g_assert_nonnull (slip_parameter_field_get_message (field));
  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, "parameters");
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-bad-value");
  slip_parameter_field_set_text (field, "api-production");
  g_assert_null (slip_parameter_field_get_message (field));
}

/* Head and steps tell one measure, and say which. */
static void
assert_times_of_aws (GtkWidget *page, SlipPlan *plan)
{
  GtkWidget *view = slip_ui_find (page, SLIP_TYPE_PLAN_VIEW);
  g_autofree char *whole = slip_format_duration (slip_plan_get_minutes (plan) * 60);
  g_autofree char *head = g_strdup_printf ("about %s on AWS", whole);

  g_assert_true (slip_ui_find_text (page, head));
  g_assert_true (slip_ui_find_text (view, "Takes on AWS"));
  for (guint i = 0; i < slip_plan_get_n_steps (plan); i++)
    {
      double minutes = slip_plan_step_get_minutes (slip_plan_get_step (plan, i));
      g_autofree char *takes = slip_format_duration (minutes * 60);

      g_assert_true (slip_ui_find_text (view, takes));
    }
}

static void
test_wizard (void)
{
  SlipWizardPage *page;
  SlipParameterForm *form;
  SlipPlan *plan;

  if (skip ())
    return;
  slip_window_go (ui->window, "runbooks");
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "runbooks");
  slip_window_go (ui->window, "wizard/" RUNBOOK "?environment=production");
  g_assert_true (SLIP_IS_WIZARD_PAGE (slip_window_get_page (ui->window)));
  page = SLIP_WIZARD_PAGE (slip_window_get_page (ui->window));
  form = slip_wizard_page_get_form (page);
  g_assert_nonnull (slip_parameter_form_get_environment (form));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-parameters");
  refuses_a_bad_value (page);

  gtk_widget_activate_action (GTK_WIDGET (page), "wizard.next", NULL);
  slip_ui_wait (has_plan, page, 60, "a plan");
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-plan");
  g_assert_cmpstr (slip_wizard_page_get_step (page), ==, "plan");
  plan = slip_wizard_page_get_plan (page);
  g_assert_nonnull (plan);
  g_assert_cmpuint (slip_plan_get_n_steps (plan), >, 5);
  g_assert_cmpfloat (slip_plan_get_waiting_minutes (plan), >, 1);
  g_assert_cmpfloat (slip_plan_get_waiting_minutes (plan), <, slip_plan_get_minutes (plan));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), " waiting for AWS, "));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "in this rehearsal"));
  assert_times_of_aws (GTK_WIDGET (page), plan);
  slip_ui_lint (GTK_WIDGET (ui->window));
  show_point_of_no_return (GTK_WIDGET (page), plan);
}

static gboolean
is_run_page (gpointer data)
{
  return SLIP_IS_RUN_PAGE (slip_window_get_page (ui->window));
}

static gboolean
run_is_loaded (gpointer data)
{
  return slip_run_page_get_run (data) != NULL;
}

static void
test_authorise (void)
{
  GtkWidget *page;
  GtkWidget *authorise;

  if (skip ())
    return;
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  gtk_widget_activate_action (page, "wizard.next", NULL);
  slip_ui_settle ();
  authorise = slip_ui_find (page, SLIP_TYPE_AUTHORISE);
  g_assert_nonnull (authorise);
  g_assert_false (slip_authorise_is_ready (SLIP_AUTHORISE (authorise)));
  slip_ui_shoot (GTK_WIDGET (ui->window), "wizard-authorise");
  g_assert_true (slip_ui_find_text (authorise, "What is replaced may go"));
  g_assert_true (slip_ui_find_text (authorise, "and will be deleted"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_say_everything (authorise);
  g_assert_true (slip_authorise_is_ready (SLIP_AUTHORISE (authorise)));
  gtk_widget_activate_action (page, "wizard.next", NULL);
  slip_ui_wait (is_run_page, NULL, 60, "the run's page");
  slip_ui_wait (run_is_loaded, slip_window_get_page (ui->window), 30, "the run");
  run_page_id = g_strdup (slip_window_get_page_id (ui->window));
}

static gboolean
needs_or_over (gpointer data)
{
  SlipRunState state = slip_run_get_state (data);

  return state != SLIP_RUN_RUNNING && state != SLIP_RUN_APPROVED && state != SLIP_RUN_PLANNED;
}

static gboolean
is_half_way (gpointer data)
{
  return slip_run_get_progress (data) > 0.4 || needs_or_over (data);
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

static gboolean
goes_on (gpointer data)
{
  SlipRunState state = slip_run_get_state (data);

  return state != SLIP_RUN_NEEDS_CONFIRMATION && state != SLIP_RUN_NEEDS_APPROVAL;
}

/* Answers what a run asks on its way, through the same dialogs a person gets. */
static void
answer (SlipRun *run)
{
  GtkWidget *dialog;
  GtkWidget *entry;

  slip_ui_click (GTK_WIDGET (ui->window),
                 slip_run_get_state (run) == SLIP_RUN_NEEDS_APPROVAL ? "Approve Step" : "Confirm");
  slip_ui_wait (has_dialog, NULL, 10, "a dialog");
  slip_ui_settle ();
  dialog = slip_ui_get_dialog (ui);
  slip_ui_lint (dialog);
  slip_ui_shoot (dialog, "run-confirm");
  entry = slip_ui_find (dialog, ADW_TYPE_ENTRY_ROW);
  if (entry != NULL)
    {
      const char *wanted = slip_run_get_need_text (run);

      gtk_editable_set_text (GTK_EDITABLE (entry), wanted != NULL ? wanted : "seen by the test");
    }
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
  gtk_window_close (GTK_WINDOW (dialog));
  slip_ui_wait (has_no_dialog, NULL, 10, "the dialog to close");
  slip_ui_wait (goes_on, run, 60, "the run to go on");
}

static void
test_run (void)
{
  SlipRun *run;
  g_autofree char *cut = NULL;

  if (skip ())
    return;
  run = slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window)));
  slip_ui_wait (is_half_way, run, 300, "half of the run");
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-running");
  g_assert_false (GTK_IS_LABEL (gtk_window_get_focus (GTK_WINDOW (ui->window))));
  if (slip_ui_find_cut (GTK_WIDGET (slip_window_get_page (ui->window)), SLIP_TYPE_RUN_PAGE, NULL,
                        &cut))
    g_error ("at 1280, “%s” is cut", cut);
  slip_ui_lint (GTK_WIDGET (ui->window));
  for (guint i = 0; i < 10 && slip_run_get_state (run) != SLIP_RUN_DONE; i++)
    {
      slip_ui_wait (needs_or_over, run, 300, "the run to end");
      if (slip_run_get_state (run) == SLIP_RUN_NEEDS_CONFIRMATION
          || slip_run_get_state (run) == SLIP_RUN_NEEDS_APPROVAL)
        answer (run);
    }
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-done");
  g_test_message ("run is %s: %s", slip_run_state_get_name (slip_run_get_state (run)),
                  slip_run_get_message (run));
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
  slip_window_go (ui->window, "runs");
  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "runs");
  g_assert_true (finds ("done", "Pre-migration snapshot", run_page_id));
  g_assert_true (finds (strchr (run_page_id, '/') + 1, "Pre-migration snapshot", run_page_id));
  g_assert_false (finds ("interrupted", "Pre-migration snapshot", run_page_id));
}

static gboolean
says_matches (gpointer data)
{
  return slip_ui_find_text (data, "match");
}

/* The log of one run, from its page, with times that order what happened in one second. */
static void
test_audit_of_run (void)
{
  GtkWidget *page;
  GListModel *entries;
  g_autoptr (SlipEntry) first = NULL;
  g_autofree char *time = NULL;
  gint64 us = 0;

  if (skip ())
    return;
  slip_window_go (ui->window, run_page_id);
  slip_ui_click (GTK_WIDGET (slip_window_get_page (ui->window)), "Audit log");
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, "audit");
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  slip_ui_wait (says_matches, page, 30, "the run's entries");
  slip_ui_settle ();
  entries = G_LIST_MODEL (
      gtk_column_view_get_model (GTK_COLUMN_VIEW (slip_ui_find (page, GTK_TYPE_COLUMN_VIEW))));
  g_assert_cmpuint (g_list_model_get_n_items (entries), >, 10);
  for (guint i = 0; i < g_list_model_get_n_items (entries); i++)
    {
      g_autoptr (SlipEntry) entry = g_list_model_get_item (entries, i);

      g_assert_cmpstr (slip_json_string (slip_entry_get_object (entry), "run"), ==,
                       strchr (run_page_id, '/') + 1);
    }
  first = g_list_model_get_item (entries, 0);
  g_assert_true (slip_time_parse (slip_json_string (slip_entry_get_object (first), "time"), &us));
  time = slip_format_exact_time (us);
  g_assert_true (g_str_has_suffix (time, " UTC"));
  g_assert_nonnull (strchr (time, '.'));
  g_assert_true (slip_ui_find_text (page, time));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "audit-of-run");
  slip_run_chooser_choose (SLIP_RUN_CHOOSER (slip_ui_find (page, SLIP_TYPE_RUN_CHOOSER)), NULL);
}

static gboolean
is_verified (gpointer data)
{
  return slip_ui_find_text (data, "nothing was changed or removed");
}

static gboolean
file_exists (gpointer data)
{
  return g_file_test (data, G_FILE_TEST_EXISTS);
}

static void
test_audit (void)
{
  GtkWidget *page;
  g_autofree char *path = NULL;
  SlipVerifyReport report;
  g_autoptr (GError) error = NULL;
  g_autofree char *key = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "audit");
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  gtk_widget_activate_action (page, "audit.verify", NULL);
  slip_ui_wait (is_verified, page, 30, "the log to verify");
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "audit-log");

  path = g_build_filename (ui->folder, "evidence.jsonl", NULL);
  slip_export_to (page, ui->workbench, strchr (run_page_id, '/') + 1, SLIP_LEDGER_FORMAT_JSONL,
                  path);
  slip_ui_wait (file_exists, path, 30, "the export");
  key = slip_ledger_dup_public_key (slip_workbench_get_ledger (ui->workbench));
  g_assert_true (slip_ledger_verify_file (path, key, &report, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (report.entries, >, 10);
}

static void
assert_refused (const char *what)
{
  GtkWidget *dialog;

  slip_ui_wait (has_dialog, NULL, 30, what);
  slip_ui_settle ();
  dialog = slip_ui_get_dialog (ui);
  g_test_message ("%s", what);
  g_assert_true (slip_ui_find_text (dialog, "This is the audit log itself"));
  if (g_str_equal (what, "audit.verify-file"))
    slip_ui_shoot (dialog, "audit-log-kept");
  gtk_window_close (GTK_WINDOW (dialog));
  slip_ui_wait (has_no_dialog, NULL, 10, "the dialog to close");
}

/* Whatever asks for a file, and whether it reads or writes: that of the open ledger is no answer. */
static void
test_ledger_is_kept (void)
{
  static const struct
  {
    const char *action;
    const char *target;
    const char *file;
  } asked[] = {
      {"audit.verify-file", NULL, "ledger.db"},   {"audit.export", "csv", "ledger.db"},
      {"audit.export", "jsonl", "ledger.db-wal"}, {"win.open-plan", NULL, "ledger.db"},
      {"win.open-plan", NULL, "ledger.db-shm"},   {"win.cosign-plan", NULL, "ledger.db"},
  };
  SlipPage *page;

  if (skip ())
    return;
  slip_window_go (ui->window, "audit");
  page = slip_window_get_page (ui->window);
  for (guint i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *path
          = g_build_filename (g_getenv ("SLIPWAY_STATE_DIR"), asked[i].file, NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      GStatBuf before;
      GStatBuf after;

      g_assert_cmpint (g_stat (path, &before), ==, 0);
      slip_file_dialog_prepare_answer (file);
      g_assert_true (gtk_widget_activate_action (GTK_WIDGET (page), asked[i].action,
                                                 asked[i].target != NULL ? "s" : NULL,
                                                 asked[i].target));
      assert_refused (asked[i].action);
      g_assert_true (slip_window_get_page (ui->window) == page);
      /* A file that is written takes the place of the one that was there. */
      g_assert_cmpint (g_stat (path, &after), ==, 0);
      g_assert_cmpuint (after.st_ino, ==, before.st_ino);
    }
}

static gboolean
is_small (gpointer data)
{
  return gtk_widget_get_width (GTK_WIDGET (ui->window)) <= 1030;
}

static void
test_dark_and_small (void)
{
  if (skip ())
    return;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_DARK);
  slip_window_go (ui->window, "snapshots/production");
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots-dark");
  slip_window_go (ui->window, run_page_id);
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-done-dark");
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_DEFAULT);

  gtk_window_set_default_size (GTK_WINDOW (ui->window), 1024, 700);
  slip_ui_wait (is_small, NULL, 10, "the window to shrink");
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-small");
  slip_window_go (ui->window, "snapshots/production");
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots-small");
}

static void
shoot_dialog (const char *name, const char *text)
{
  GtkWidget *dialog;

  slip_ui_wait (has_dialog, NULL, 30, name);
  slip_ui_settle ();
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (slip_ui_find_text (dialog, text));
  slip_ui_shoot (dialog, name);
  while (slip_ui_get_dialog (ui) != NULL)
    gtk_window_destroy (GTK_WINDOW (slip_ui_get_dialog (ui)));
}

static void
test_help (void)
{
  if (skip ())
    return;
  g_action_group_activate_action (G_ACTION_GROUP (ui->application), "about", NULL);
  shoot_dialog ("about", "The Slipway developers");
  gtk_widget_activate_action (GTK_WIDGET (ui->window), "win.show-help-overlay", NULL);
  shoot_dialog ("shortcuts", "Keyboard shortcuts");
}

static void
test_remembers_sizes (void)
{
  GtkWidget *outer;
  gboolean stops = TRUE;

  if (skip ())
    return;
  if (slip_settings_get () == NULL)
    {
      g_test_skip ("the settings' schema was not compiled");
      return;
    }
  outer = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_PANED);
  gtk_paned_set_position (GTK_PANED (outer), 247);
  slip_ui_settle ();
  g_signal_emit_by_name (ui->window, "close-request", &stops);
  g_assert_false (stops);
  g_assert_cmpint (slip_settings_get_int ("navigator-width", 0), ==, 247);
  g_assert_cmpint (slip_settings_get_int ("window-width", 0), ==, 1024);
  g_assert_cmpint (slip_settings_get_int ("details-width", 0), >=, 250);
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
  g_free (run_page_id);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/tour/opens_the_workspace", test_opens);
  g_test_add_func ("/ui/tour/lists_databases_as_a_tree", test_databases);
  g_test_add_func ("/ui/tour/selects_a_snapshot_below_its_cluster", test_snapshots);
  g_test_add_func ("/ui/tour/begins_a_runbook_from_a_row", test_begins_from_a_row);
  g_test_add_func ("/ui/tour/filters_rows_and_says_when_nothing_matches", test_filter);
  g_test_add_func ("/ui/tour/searches_everything", test_search);
  g_test_add_func ("/ui/tour/plans_from_a_runbook", test_wizard);
  g_test_add_func ("/ui/tour/approves_only_what_was_said_in_full", test_authorise);
  g_test_add_func ("/ui/tour/runs_to_the_end_and_shows_it", test_run);
  g_test_add_func ("/ui/tour/shows_the_log_of_one_run_to_the_millisecond", test_audit_of_run);
  g_test_add_func ("/ui/tour/verifies_and_exports_the_log", test_audit);
  g_test_add_func ("/ui/tour/gives_no_dialog_the_open_log", test_ledger_is_kept);
  g_test_add_func ("/ui/tour/fits_dark_and_small", test_dark_and_small);
  g_test_add_func ("/ui/tour/shows_about_and_the_shortcuts", test_help);
  g_test_add_func ("/ui/tour/remembers_sizes", test_remembers_sizes);
  g_test_add_func ("/ui/tour/stops", test_stop);
  return g_test_run ();
}
