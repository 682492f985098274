/* SPDX-License-Identifier: MIT */

/* Pull the plug half way: the command line begins a run and is killed at a ledger boundary; the window
 * then shows the run as interrupted, and Continue brings it to its end. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-json.h"
#include "slip-open-call.h"
#include "slip-planner.h"
#include "slip-run-banner.h"
#include "slip-run-entry.h"
#include "slip-run-page.h"
#include "slip-settle-dialog.h"

#define SPEED 2000

static SlipUi *ui;

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
  return slip_ui_find_text (GTK_WIDGET (ui->window), "Interrupted");
}

static SlipRunBanner *
find_banner (GtkWidget *root)
{
  if (SLIP_IS_RUN_BANNER (root))
    return SLIP_RUN_BANNER (root);
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      SlipRunBanner *found = find_banner (child);

      if (found != NULL)
        return found;
    }
  return NULL;
}

static gboolean
is_run_page (gpointer data)
{
  return SLIP_IS_RUN_PAGE (slip_window_get_page (ui->window));
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

/* A run that the command line began and that died on its way; NULL when it cannot be made. */
static char *
interrupt_run (const char *snapshot)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");
  char *run_id = slip_ui_approve_run (ui, snapshot);
  const char *arguments[] = {ctl, "run", "resume", run_id, NULL};
  g_autofree char *output = run_ctl ("60", arguments);

  g_test_message ("%s", output);
  return run_id;
}

static gboolean
skip (void)
{
  const char *ctl = g_getenv ("SLIPWAYCTL");

  if (ctl != NULL && g_file_test (ctl, G_FILE_TEST_IS_EXECUTABLE))
    return FALSE;
  g_test_skip ("slipwayctl was not built");
  return TRUE;
}

static SlipRun *
wait_for_run (void)
{
  slip_ui_wait (is_run_page, NULL, 10, "the run's page");
  slip_ui_wait (is_loaded, slip_window_get_page (ui->window), 10, "the run");
  return slip_run_page_get_run (SLIP_RUN_PAGE (slip_window_get_page (ui->window)));
}

static void
wait_for_end (SlipRun *run)
{
  slip_ui_wait (is_over, run, 120, "the run to end");
  g_test_message ("%s: %s", slip_run_state_get_name (slip_run_get_state (run)),
                  slip_run_get_message (run));
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_DONE);
  slip_ui_settle ();
}

static void
test_resume (void)
{
  g_autofree char *run_id = NULL;
  g_autofree char *cut = NULL;
  g_autofree char *page_id = NULL;
  GtkWidget *button;
  GtkWidget *focus;
  SlipRun *run;

  if (skip ())
    return;
  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  run_id = interrupt_run ("pre-migration-snapshot-api-one");
  slip_window_go (ui->window, "runs");
  slip_ui_wait (has_run, NULL, 10, "the interrupted run");
  slip_ui_shoot (GTK_WIDGET (ui->window), "runs-interrupted");
  slip_ui_resize (ui, 1024, 768);
  slip_ui_shoot (GTK_WIDGET (ui->window), "runs-small");
  if (slip_ui_find_cut (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_COLUMN_VIEW, NULL,
                        &cut))
    g_error ("at 1024, “%s” is cut", cut);
  slip_ui_resize (ui, 1280, 800);
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_window_go (ui->window, page_id);
  run = wait_for_run ();
  g_assert_cmpint (slip_run_get_state (run), ==, SLIP_RUN_INTERRUPTED);
  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-interrupted");

  /* The button has the focus when it is removed, as it has after a person pressed it. */
  button = slip_ui_find_button (GTK_WIDGET (slip_window_get_page (ui->window)), "Continue");
  g_assert_true (gtk_widget_grab_focus (button));
  slip_ui_click (GTK_WIDGET (slip_window_get_page (ui->window)), "Continue");
  wait_for_end (run);
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-resumed");
  focus = gtk_window_get_focus (GTK_WINDOW (ui->window));
  g_assert_nonnull (gtk_widget_get_ancestor (focus, GTK_TYPE_COLUMN_VIEW));
}

static gboolean
has_banner (gpointer data)
{
  return slip_run_banner_get_run (data) != NULL;
}

static gboolean
has_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) != NULL;
}

/* Once: activating a button clicks it again a moment later, when another page is shown. */
static void
press (SlipRunBanner *banner, const char *label)
{
  GtkWidget *button = slip_ui_find_button (GTK_WIDGET (banner), label);

  g_assert_nonnull (button);
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
has_no_run (gpointer data)
{
  return slip_run_banner_get_run (data) == NULL;
}

static void
test_banner (void)
{
  g_autofree char *run_id = NULL;
  SlipRunBanner *banner;
  GtkWidget *dialog;
  GtkWidget *focus;
  SlipRun *run;

  if (ui == NULL)
    {
      g_test_skip ("the window was not opened");
      return;
    }
  banner = find_banner (GTK_WIDGET (ui->window));
  g_assert_null (slip_run_banner_get_run (banner));
  run_id = interrupt_run ("pre-migration-snapshot-api-two");
  slip_window_go (ui->window, "snapshots/development");
  slip_ui_wait (has_banner, banner, 10, "the banner");
  slip_ui_settle ();
  g_assert_cmpstr (slip_run_banner_get_run (banner), ==, run_id);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (banner), "Interrupted since"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (banner), "Pre-migration snapshot"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (banner), "Production"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "interrupted");

  /* The run's own page says it itself. */
  press (banner, "Show");
  run = wait_for_run ();
  g_assert_cmpstr (slip_run_get_id (run), ==, run_id);
  g_assert_null (slip_run_banner_get_run (banner));
  slip_window_go (ui->window, "snapshots/development");
  slip_ui_settle ();
  /* It has the focus when the banner goes, as it has after a person pressed it. */
  g_assert_true (gtk_widget_grab_focus (slip_ui_find_button (GTK_WIDGET (banner), "Continue")));
  press (banner, "Continue");
  slip_ui_wait (has_dialog, NULL, 10, "the question");
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (slip_ui_find_text (dialog, "Production"));
  g_assert_true (slip_ui_find_text (dialog, "Continue “Pre-migration snapshot"));
  g_assert_true (slip_ui_find_text (dialog, run_id));
  g_assert_true (slip_ui_find_text (dialog, "Next is step "));
  g_assert_true (slip_ui_find_text (dialog, "Its point of no return is still ahead: step "));
  slip_ui_shoot (dialog, "interrupted-continue");
  while ((dialog = slip_ui_get_dialog (ui)) != NULL)
    {
      adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
      gtk_window_close (GTK_WINDOW (dialog));
      slip_ui_settle ();
    }
  run = wait_for_run ();
  focus = gtk_window_get_focus (GTK_WINDOW (ui->window));
  g_assert_true (focus == NULL || !gtk_widget_is_ancestor (focus, GTK_WIDGET (banner)));
  g_assert_true (focus == NULL || gtk_widget_get_mapped (focus));
  wait_for_end (run);
  slip_window_go (ui->window, "snapshots/development");
  slip_ui_wait (has_no_run, banner, 10, "the banner without a run");
}

static gboolean
tells_of_call (gpointer data)
{
  return slip_ui_find_text (data, "happened is not known");
}

static gboolean
is_hidden (gpointer data)
{
  return !gtk_widget_get_visible (data);
}

static gboolean
tells_what_cloudtrail_says (gpointer data)
{
  return slip_ui_find_text (data, "without what CloudTrail would know it by");
}

static GtkCheckButton *
find_check (GtkWidget *root, const char *title)
{
  GtkWidget *row = NULL;

  if (ADW_IS_ACTION_ROW (root)
      && g_strcmp0 (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title) == 0)
    row = slip_ui_find (root, GTK_TYPE_CHECK_BUTTON);
  for (GtkWidget *child = gtk_widget_get_first_child (root); row == NULL && child != NULL;
       child = gtk_widget_get_next_sibling (child))
    row = GTK_WIDGET (find_check (child, title));
  return row != NULL ? GTK_CHECK_BUTTON (row) : NULL;
}

/* Neither outcome is chosen beforehand, and neither is recorded without how one knows. */
static void
settle_as_not_done (GtkWidget *dialog)
{
  GtkWidget *record = slip_ui_find_button (dialog, "Record");
  GtkEditable *note = GTK_EDITABLE (slip_ui_find (dialog, ADW_TYPE_ENTRY_ROW));

  g_assert_false (gtk_check_button_get_active (find_check (dialog, "It happened")));
  g_assert_false (gtk_check_button_get_active (find_check (dialog, "It did not happen")));
  gtk_editable_set_text (note, "the snapshot is still listed");
  g_assert_false (gtk_widget_is_sensitive (record));
  gtk_editable_set_text (note, "");
  gtk_check_button_set_active (find_check (dialog, "It did not happen"), TRUE);
  g_assert_false (gtk_widget_is_sensitive (record));
  gtk_editable_set_text (note, "the snapshot is still listed");
  g_assert_true (gtk_widget_is_sensitive (record));
  slip_ui_click (dialog, "Record");
}

static gboolean
take_settled (const SlipLedgerEntry *entry, gpointer data)
{
  JsonObject **settled = data;

  g_assert_null (*settled);
  *settled = json_object_ref (entry->object);
  return TRUE;
}

/* The entry is the command line's own. */
static void
assert_settled (SlipLedger *ledger)
{
  SlipLedgerFilter filter = {.kind = SLIP_CALL_SETTLED_KIND};
  g_autoptr (JsonObject) settled = NULL;
  g_autoptr (GPtrArray) calls = NULL;
  g_autoptr (GError) error = NULL;

  slip_ledger_foreach (ledger, &filter, take_settled, &settled, &error);
  g_assert_no_error (error);
  g_assert_nonnull (settled);
  g_assert_cmpstr (slip_json_string (settled, "outcome"), ==, "did-not");
  g_assert_cmpstr (slip_json_string (slip_json_object (settled, "data"), "how"), ==, "stated");
  g_assert_cmpstr (slip_json_string (slip_json_object (settled, "data"), "text"), ==,
                   "the snapshot is still listed");
  calls = slip_open_call_list (ledger, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (calls->len, ==, 0);
}

/* A change from the command line whose process was killed. */
static void
test_open_call (void)
{
  SlipLedger *ledger;
  g_autoptr (JsonObject) entry = slip_run_entry_new_of_call (SLIP_CALL_INTENT_KIND, NULL);
  g_autoptr (JsonNode) request = slip_json_parse (
      "{\"DBClusterSnapshotIdentifier\":\"api-production-pre-upgrade-14\"}", -1, NULL);
  g_autoptr (GError) error = NULL;
  SlipRunBanner *banner;
  GtkWidget *dialog;

  if (ui == NULL)
    {
      g_test_skip ("the window was not opened");
      return;
    }
  banner = find_banner (GTK_WIDGET (ui->window));
  ledger = slip_workbench_get_ledger (slip_window_get_workbench (ui->window));
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (banner)));
  json_object_set_string_member (entry, "environment", "production");
  json_object_set_string_member (entry, "account", "111111111111");
  json_object_set_string_member (entry, "region", "eu-west-1");
  json_object_set_string_member (entry, "operation", "rds:DeleteDBClusterSnapshot");
  json_object_set_member (entry, "request", g_steal_pointer (&request));
  slip_ledger_append (ledger, entry, NULL, &error);
  g_assert_no_error (error);
  slip_ui_wait (tells_of_call, banner, 30, "the banner that tells of the call");
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (banner)));
  slip_ui_settle ();
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "open-call");
  press (banner, "Show");
  slip_ui_settle ();
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, "audit");

  press (banner, "Settle");
  slip_ui_settle ();
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (SLIP_IS_SETTLE_DIALOG (dialog));
  g_assert_true (slip_ui_find_text (dialog, "Production"));
  g_assert_true (slip_ui_find_text (dialog, "rds:DeleteDBClusterSnapshot"));
  g_assert_true (slip_ui_find_text (dialog, "its process ended before the answer came"));
  /* CloudTrail does not know it, and proves nothing by that. */
  slip_ui_click (dialog, "Look It Up");
  slip_ui_wait (tells_what_cloudtrail_says, dialog, 60, "what CloudTrail says");
  slip_ui_lint (dialog);
  slip_ui_shoot (dialog, "settle");
  settle_as_not_done (dialog);
  slip_ui_wait (is_hidden, banner, 30, "the banner to go away");
  g_assert_null (slip_ui_get_dialog (ui));
  assert_settled (ledger);
}

static void
test_stop (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  else
    slip_ui_stop (ui);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/resume/continues_what_was_interrupted", test_resume);
  g_test_add_func ("/ui/resume/tells_of_what_was_interrupted_on_every_page", test_banner);
  g_test_add_func ("/ui/resume/tells_of_a_change_whose_process_was_killed", test_open_call);
  g_test_add_func ("/ui/resume/stops", test_stop);
  return g_test_run ();
}
