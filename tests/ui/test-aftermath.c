/* SPDX-License-Identifier: MIT */

/* The page of a run that failed half way: what exists now, how to undo it, how to finish by hand, how to
 * give it up, and the time line that tells how it came to that. AWS fails the copy of a run that is really
 * carried out; the entries of a second run are written by the test. */

#include "config.h"

#include "slip-ui-harness.h"

#include "slip-activity.h"
#include "slip-json.h"
#include "slip-lanes.h"
#include "slip-planner.h"
#include "slip-run-aftermath.h"
#include "slip-run-fold.h"
#include "slip-run-lanes.h"
#include "slip-run-notes.h"
#include "slip-run-page.h"
#include "slip-run-timeline.h"

#define SPEED 2000
#define RUNBOOK "pre-migration-snapshot"

static SlipUi *ui;
static char *run_id;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static SlipPlan *
make_plan (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find (RUNBOOK, &error);
  g_autoptr (JsonObject) parameters = json_object_new ();
  SlipPlan *plan = slip_planner_plan (runbook, slip_workbench_get_workspace (ui->workbench), NULL,
                                      "production", parameters, NULL, &error);

  g_assert_no_error (error);
  return plan;
}

static void
append (const char *kind, const char *step, const char *outcome, JsonObject *data)
{
  SlipLedger *ledger = slip_workbench_get_ledger (ui->workbench);
  g_autoptr (JsonObject) entry = slip_run_entry_new (kind, run_id, step, NULL);
  g_autoptr (JsonObject) owned = data;
  g_autoptr (GError) error = NULL;

  slip_run_entry_set_text (entry, "outcome", outcome);
  slip_run_entry_set_text (entry, "operation", step);
  json_object_set_string_member (entry, "effect", "change");
  if (data != NULL)
    json_object_set_object_member (entry, "data", json_object_ref (data));
  g_assert_true (slip_ledger_append (ledger, entry, NULL, &error));
  g_assert_no_error (error);
}

static JsonObject *
new_data (const char *name, const char *text)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, name, text);
  return data;
}

static void
change_with (const char *step)
{
  JsonObject *data = json_object_new ();

  json_object_set_boolean_member (data, "changed", TRUE);
  append (SLIP_STEP_OUTCOME_KIND, step, "done", data);
}

/* A wait failed, and what it waited for was gone when the run was resumed. */
static void
find_gone (const char *wait)
{
  JsonObject *data = new_data ("detail", "what failed is gone");

  json_object_set_boolean_member (data, "gone", TRUE);
  append (SLIP_STEP_OUTCOME_KIND, wait, "failed", data);
}

static void
end_with (const char *outcome, const char *message)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (run_id);
  JsonObject *data = new_data ("message", message);
  g_autoptr (GError) error = NULL;

  g_assert_true (slip_run_fold_sync (fold, slip_workbench_get_ledger (ui->workbench), &error));
  json_object_set_array_member (data, "leftovers", slip_run_fold_list_leftovers (fold));
  append (SLIP_RUN_FINISHED_KIND, NULL, outcome, data);
}

static gboolean
is_failed (gpointer data)
{
  SlipPage *page = slip_window_get_page (ui->window);
  SlipRun *run = SLIP_IS_RUN_PAGE (page) ? slip_run_page_get_run (SLIP_RUN_PAGE (page)) : NULL;

  return run != NULL && slip_run_get_state (run) == SLIP_RUN_FAILED;
}

static gboolean
is_quiet (gpointer data)
{
  return slip_activity_get_compact (data);
}

/* The button that a person's eye finds first. */
static gboolean
is_proposed (GtkWidget *page, const char *label)
{
  GtkWidget *button = slip_ui_find_button (page, label);

  g_assert_nonnull (button);
  return gtk_widget_has_css_class (button, "suggested-action");
}

/* What is lost is counted to the first step that changes anything, and not to the run's end: the snapshot is taken by then. */
static void
assert_counts_loss_to_first_change (SlipRun *run)
{
  gint64 first = slip_run_notes_get_first_change (run);
  gboolean found = FALSE;

  g_assert_cmpint (first, >, slip_run_get_started (run));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (run)); i++)
    {
      g_autoptr (SlipRunStep) step = g_list_model_get_item (G_LIST_MODEL (run), i);
      SlipAwsEffect effect = slip_plan_step_get_effect (slip_run_step_get_plan_step (step));

      if (slip_run_step_get_started (step) == first)
        found = found || effect != SLIP_AWS_EFFECT_READ;
      else if (slip_run_step_get_started (step) > 0 && slip_run_step_get_started (step) < first)
        g_assert_cmpint (effect, ==, SLIP_AWS_EFFECT_READ);
    }
  g_assert_true (found);
}

static void
test_failed (void)
{
  g_autofree char *page_id = NULL;
  GtkWidget *page;

  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  slip_ui_ask_server (ui, "faults",
                      "{\"kind\":\"fail\",\"transition\":\"rds.snapshot-copied\","
                      "\"message\":\"The key was disabled\"}");
  run_id = slip_ui_approve_run (ui, "pre-migration-snapshot-api-fails");
  slip_workbench_start_run (ui->workbench, run_id, "Pre-migration snapshot");
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_failed, NULL, 300, "the run to fail");
  slip_ui_wait (is_quiet, slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ACTIVITY), 60,
                "a quiet activity panel");
  slip_ui_settle ();
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  g_assert_true (slip_ui_find_text (page, "What exists now, and how to undo it, in this order"));
  g_assert_true (slip_ui_find_text (page, "1  Copy it as"));
  g_assert_true (slip_ui_find_text (page, "2  Take the snapshot"));
  g_assert_true (slip_ui_find_text (page, "charged by its size for as long as it is kept"));
  g_assert_true (slip_ui_find_text (page, "Takes about"));
  assert_counts_loss_to_first_change (slip_run_page_get_run (SLIP_RUN_PAGE (page)));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-failed");
}

static void
test_advice (void)
{
  GtkWidget *page;

  if (skip ())
    return;
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  g_assert_true (slip_ui_find_text (page, "then resume"));
  g_assert_false (slip_ui_find_text (page, ".."));
  g_assert_false (is_proposed (page, "Cancel Run"));
  g_assert_true (is_proposed (page, "Resume"));
}

static gboolean
has_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) != NULL;
}

static void
close_dialogs (void)
{
  while (slip_ui_get_dialog (ui) != NULL)
    gtk_window_destroy (GTK_WINDOW (slip_ui_get_dialog (ui)));
}

static gboolean
has_no_dialog (gpointer data)
{
  return slip_ui_get_dialog (ui) == NULL;
}

/* What the window has bound to the key; keys themselves come from a seat, which tests lack. */
static void
press_escape (GtkWidget *window)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (window);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (!GTK_IS_SHORTCUT_CONTROLLER (controller))
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
          g_autofree char *keys
              = gtk_shortcut_trigger_to_string (gtk_shortcut_get_trigger (shortcut));

          if (g_str_equal (keys, "Escape"))
            {
              gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, window, NULL);
              return;
            }
        }
    }
  g_error ("Escape does nothing");
}

static void
test_by_hand (void)
{
  GtkWidget *dialog;

  if (skip ())
    return;
  slip_ui_click (GTK_WIDGET (slip_window_get_page (ui->window)), "Finish by Hand");
  slip_ui_wait (has_dialog, NULL, 10, "the commands");
  dialog = slip_ui_get_dialog (ui);
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (dialog, "aws --profile production --region eu-west-1"));
  g_assert_true (slip_ui_find_text (dialog, "Cancel the run first"));
  g_assert_false (slip_ui_find_text (dialog, " create-db-cluster-snapshot "));
  g_assert_true (slip_ui_find_text (dialog, " copy-db-cluster-snapshot "));
  g_assert_true (slip_ui_find_text (dialog, "Waiting again does not mend that"));
  g_assert_nonnull (slip_ui_find_button (dialog, "Copy All"));
  slip_ui_lint (dialog);
  g_assert_true (slip_ui_find_text (dialog, "Production"));
  slip_ui_shoot (dialog, "run-by-hand");
  /* A button that is activated clicks again a moment later, so there may be two. */
  for (guint i = 0; i < 2 && (dialog = slip_ui_get_dialog (ui)) != NULL; i++)
    {
      press_escape (dialog);
      slip_ui_settle ();
    }
  slip_ui_wait (has_no_dialog, NULL, 10, "the commands to go away");
}

static guint
n_rows (GtkWidget *view)
{
  return g_list_model_get_n_items (
      G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view))));
}

static void
test_time_line (void)
{
  SlipRunTimeline *timeline;
  SlipLanes *lanes;
  GtkAdjustment *sideways;
  GtkWidget *page;
  GtkWidget *view;

  if (skip ())
    return;
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  timeline = SLIP_RUN_TIMELINE (slip_ui_find (page, SLIP_TYPE_RUN_TIMELINE));
  g_assert_nonnull (timeline);
  lanes = slip_run_timeline_get_lanes (timeline);
  slip_lanes_set_cursor (lanes, 0);
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (page, "People · "));
  g_assert_true (slip_lanes_move (lanes, GTK_DIR_UP));
  g_assert_true (slip_ui_find_text (page, "AWS states · creating"));
  slip_lanes_zoom (lanes, 4);
  slip_ui_settle ();
  g_assert_false (slip_lanes_is_fit (lanes));
  g_assert_nonnull (slip_ui_find (page, GTK_TYPE_SCROLLBAR));
  slip_lanes_fit (lanes);
  slip_run_timeline_show_table (timeline, TRUE);
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (timeline), "AWS states"));
  view = slip_ui_find (GTK_WIDGET (timeline), GTK_TYPE_COLUMN_VIEW);
  g_assert_cmpuint (n_rows (view), >, 10);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-table");
  sideways = gtk_scrolled_window_get_hadjustment (
      GTK_SCROLLED_WINDOW (gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW)));
  g_assert_cmpfloat (gtk_adjustment_get_upper (sideways), <=,
                     gtk_adjustment_get_page_size (sideways));
  slip_run_timeline_show_table (timeline, FALSE);
}

static gboolean
is_cancelled (gpointer data)
{
  SlipPage *page = slip_window_get_page (ui->window);
  SlipRun *run = SLIP_IS_RUN_PAGE (page) ? slip_run_page_get_run (SLIP_RUN_PAGE (page)) : NULL;

  return run != NULL && slip_run_get_state (run) == SLIP_RUN_CANCELLED;
}

static gboolean
tells_that_it_is_over (gpointer data)
{
  return slip_ui_find_text (data, "cancelled after it had failed");
}

static gboolean
says_not_signed (gpointer data)
{
  return slip_ui_find_text (GTK_WIDGET (ui->window), "Not signed: the key file is missing");
}

static void
test_given_up (void)
{
  GtkWidget *page;
  GtkWidget *dialog;
  GtkWidget *activity;

  if (skip ())
    return;
  slip_ui_resize (ui, 1280, 800);
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  activity = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ACTIVITY);
  g_assert_true (slip_ui_find_text (activity, "The key was disabled"));
  slip_ui_click (page, "Cancel Run");
  slip_ui_wait (has_dialog, NULL, 10, "the question");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "It is over at once, and nothing"));
  while ((dialog = slip_ui_get_dialog (ui)) != NULL)
    {
      adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
      gtk_window_close (GTK_WINDOW (dialog));
      slip_ui_settle ();
    }
  slip_ui_wait (is_cancelled, NULL, 60, "the failed run to be cancelled");
  /* What somebody has dealt with does not ask for anybody any more. */
  slip_ui_wait (tells_that_it_is_over, activity, 60, "the activity line to tell that it is over");
  g_assert_false (slip_ui_find_text (activity, "The key was disabled"));
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-cancelled");
  g_assert_null (slip_ui_find_button (page, "Resume"));
  g_assert_null (slip_ui_find_button (page, "Cancel Run"));
  /* The step had ended badly, and nothing goes on. */
  g_assert_false (slip_ui_find_text (page, "AWS goes on"));
  g_assert_true (slip_ui_find_text (page, "1  Copy it as"));
  g_assert_true (slip_ui_find_text (page, "What was taken away"));
  slip_ui_click (page, "Finish by Hand");
  slip_ui_wait (has_dialog, NULL, 10, "the commands");
  slip_ui_settle ();
  g_assert_false (slip_ui_find_text (slip_ui_get_dialog (ui), "Cancel the run first"));
  close_dialogs ();
}

static void
begin_with_notes (void)
{
  JsonObject *data = new_data ("unsigned", "the key file is missing");

  json_object_set_string_member (data, "runbook_differs", "it was made from another runbook");
  append (SLIP_RUN_STARTED_KIND, NULL, NULL, data);
}

static GtkWidget *
find_label (GtkWidget *root, const char *text)
{
  const char *own = GTK_IS_LABEL (root)         ? gtk_label_get_text (GTK_LABEL (root))
                    : GTK_IS_INSCRIPTION (root) ? gtk_inscription_get_text (GTK_INSCRIPTION (root))
                                                : NULL;

  if (own != NULL && gtk_widget_get_mapped (root) && g_str_equal (own, text))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_label (child, text);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* In the list of steps, and not below its edge. */
static gboolean
is_in_sight (GtkWidget *page, const char *text)
{
  GtkWidget *view = slip_ui_find (page, GTK_TYPE_COLUMN_VIEW);
  GtkWidget *scroller = gtk_widget_get_ancestor (view, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *label = find_label (view, text);
  graphene_rect_t bounds;

  return label != NULL && gtk_widget_compute_bounds (label, scroller, &bounds)
         && bounds.origin.y >= 0
         && bounds.origin.y + bounds.size.height <= gtk_widget_get_height (scroller) + 1;
}

/* What whoever resumes it is told first. */
static void
assert_continues_with (const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRun) run
      = slip_run_load (slip_workbench_get_ledger (ui->workbench), run_id, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = slip_run_notes_dup_next (run);
  if (strstr (text, words) == NULL)
    g_error ("“%s” is not in “%s”", words, text);
}

/* And what AWS did while nobody looked. */
static void
assert_meanwhile (const char *words)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRun) run
      = slip_run_load (slip_workbench_get_ledger (ui->workbench), run_id, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = slip_run_notes_dup_meanwhile (run);
  if (!g_str_has_prefix (text, words))
    g_error ("“%s” does not begin with “%s”", text, words);
}

static void
assert_goes_on (const char *title)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRun) run
      = slip_run_load (slip_workbench_get_ledger (ui->workbench), run_id, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (slip_run_get_going_on (run), ==, title);
}

static void
observe_events (const char *step, const char *events)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (events, -1, &error);
  JsonObject *data = new_data ("detail", "validation → the last line of its log");

  g_assert_no_error (error);
  json_object_set_member (data, "events", g_steal_pointer (&node));
  append (SLIP_STEP_OBSERVED_KIND, step, NULL, data);
}

#define HISTORY                                                                                    \
  "{\"id\":1,\"type\":\"ExecutionStarted\",\"timestamp\":\"2026-11-21T01:59:13Z\"},"               \
  "{\"id\":2,\"type\":\"TaskStateEntered\",\"state\":\"load_to_target\","                          \
  "\"timestamp\":\"2026-11-21T01:59:14Z\"}"
#define REST                                                                                       \
  ",{\"id\":3,\"type\":\"TaskStateExited\",\"state\":\"load_to_target\","                          \
  "\"timestamp\":\"2026-11-21T01:59:16.500Z\"},"                                                   \
  "{\"id\":4,\"type\":\"TaskStateEntered\",\"state\":\"validation\","                              \
  "\"timestamp\":\"2026-11-21T01:59:16.500Z\"},"                                                   \
  "{\"id\":5,\"type\":\"TaskStateExited\",\"state\":\"validation\","                               \
  "\"timestamp\":\"2026-11-21T01:59:25Z\"}"

/* Spans of AWS' states that are called so; how long the last of them is, in milliseconds. */
static guint
count_spans (SlipTimeline *timeline, const char *label, gint64 *length)
{
  guint n;
  guint found = 0;
  const SlipSpan *spans = slip_timeline_get_spans (timeline, &n);

  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (spans[i].label, label) == 0)
      {
        found++;
        *length = (spans[i].end - spans[i].start) / 1000;
      }
  return found;
}

/* Who was killed and resumed reads a history once more from its beginning. Each state is there once, and as long as the
 * history tells, however long nobody looked. */
static void
assert_history_once (const char *step)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipTimeline) timeline = slip_timeline_new ();
  g_autoptr (SlipRunLanes) lanes = NULL;
  g_autoptr (SlipRun) run = NULL;
  gint64 length = 0;

  observe_events (step, "[" HISTORY "]");
  append (SLIP_STEP_OBSERVED_KIND, step, NULL, new_data ("detail", "load_to_target → a line"));
  observe_events (step, "[" HISTORY REST "]");
  run = slip_run_load (slip_workbench_get_ledger (ui->workbench), run_id, &error);
  g_assert_no_error (error);
  lanes = slip_run_lanes_new (run, timeline);
  slip_run_lanes_update (lanes, 1);
  g_assert_cmpuint (count_spans (timeline, "load_to_target", &length), ==, 1);
  g_assert_cmpint (length, ==, 2500);
  g_assert_cmpuint (count_spans (timeline, "validation", &length), ==, 1);
  g_assert_cmpint (length, ==, 8500);
  g_assert_cmpuint (count_spans (timeline, "load_to_target → a line", &length), ==, 0);
}

static void
test_cancelled (void)
{
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *page_id = NULL;
  g_autofree char *cut = NULL;
  GtkWidget *page;

  if (skip ())
    return;
  slip_ui_resize (ui, 1280, 800);
  plan = make_plan ();
  g_free (run_id);
  run_id = slip_run_create (slip_workbench_get_ledger (ui->workbench), plan, &error);
  g_assert_no_error (error);
  append (SLIP_RUN_APPROVED_KIND, NULL, NULL, new_data ("plan_sha256", slip_plan_get_hash (plan)));
  begin_with_notes ();
  append (SLIP_STEP_INTENT_KIND, "CreateSnapshot", NULL, NULL);
  change_with ("CreateSnapshot");
  assert_continues_with ("Its point of no return is still ahead: step ");
  /* What ended with the process that did it is begun, and nothing goes on. */
  append (SLIP_STEP_INTENT_KIND, "DescribeSnapshot", NULL, NULL);
  assert_continues_with (" was begun: ");
  assert_meanwhile ("Nothing went on meanwhile.");
  append (SLIP_STEP_OUTCOME_KIND, "DescribeSnapshot", "done", NULL);
  append (SLIP_STEP_INTENT_KIND, "DeleteOlderCopy", NULL, NULL);
  assert_meanwhile ("AWS went on with what was begun: Delete the older copy");
  assert_continues_with ("Its point of no return was begun, step ");
  assert_continues_with (" was begun: Delete the older copy");
  change_with ("DeleteOlderCopy");
  append (SLIP_STEP_WAITING_KIND, "WaitForOlderCopyGone", NULL, new_data ("detail", "deleting"));
  assert_goes_on ("Wait until the older copy is gone");
  assert_history_once ("WaitForOlderCopyGone");
  end_with ("cancelled", "cancelled. AWS goes on with what was begun");
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_cancelled, NULL, 10, "the run");
  slip_ui_settle ();
  page = GTK_WIDGET (slip_window_get_page (ui->window));

  slip_ui_shoot (GTK_WIDGET (ui->window), "run-notes");
  /* What is gone does not exist, and nothing of a run that is over waits. */
  g_assert_true (slip_ui_find_text (page, "1  Take the snapshot"));
  g_assert_true (slip_ui_find_text (page, "What was taken away"));
  g_assert_true (slip_ui_find_text (page, "1  Delete the older copy"));
  g_assert_true (slip_ui_find_text (page, "To get it back: nothing"));
  g_assert_false (slip_ui_find_text (slip_ui_find (page, GTK_TYPE_COLUMN_VIEW), "waiting"));
  g_assert_false (slip_ui_find_text (slip_ui_find (page, GTK_TYPE_COLUMN_VIEW), "to do"));
  g_assert_nonnull (find_label (page, "cancelled"));
  g_assert_true (slip_ui_find_text (page, "not run"));
  g_assert_true (slip_ui_find_text (page, "Not signed: the key file is missing"));
  g_assert_true (slip_ui_find_text (page, "it was made from another runbook"));
  g_assert_true (is_in_sight (page, "Wait until the older copy is gone"));
  if (slip_ui_find_cut (page, GTK_TYPE_COLUMN_VIEW, NULL, &cut))
    g_error ("at 1280, “%s” is cut", cut);
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_window_go (ui->window, "audit");
  slip_ui_wait (says_not_signed, NULL, 10, "the audit log");
}

#define LONG_FAILURE                                                                               \
  "step AssertCopySource: the execution did not do its work: FAILED: Slipway.StageFailed: stage "  \
  "load failed with exit status 1; the log of its task arn:aws:ecs:eu-west-1:111111111111:task/"   \
  "club-migration/67d955b3097f5353a03db8e8ab0db94d says why:\n1 of 20 tables could not be "        \
  "landed. Cancel this run, then plan again."

/* A reason of some lines is not squeezed beside the buttons that answer it. */
static void
assert_has_room (GtkWidget *page)
{
  GtkWidget *label = find_label (page, LONG_FAILURE);
  GtkWidget *bar = label;

  while (bar != NULL && !gtk_widget_has_css_class (bar, "need-bar"))
    bar = gtk_widget_get_parent (bar);
  g_assert_nonnull (bar);
  g_assert_cmpint (gtk_widget_get_width (label), >, gtk_widget_get_width (bar) * 3 / 4);
  g_assert_cmpint (gtk_widget_get_height (bar), <, gtk_widget_get_height (page) / 2);
}

/* Resumed, it would fail again. */
static void
test_plan_again (void)
{
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *page_id = NULL;
  GtkWidget *page;

  if (skip ())
    return;
  plan = make_plan ();
  g_free (run_id);
  run_id = slip_run_create (slip_workbench_get_ledger (ui->workbench), plan, &error);
  g_assert_no_error (error);
  append (SLIP_RUN_APPROVED_KIND, NULL, NULL, new_data ("plan_sha256", slip_plan_get_hash (plan)));
  append (SLIP_RUN_STARTED_KIND, NULL, NULL, NULL);
  append (SLIP_STEP_INTENT_KIND, "CopySnapshot", NULL, NULL);
  change_with ("CopySnapshot");
  find_gone ("WaitForCopy");
  end_with ("failed", LONG_FAILURE);
  page_id = g_strdup_printf ("run/%s", run_id);
  slip_window_go (ui->window, page_id);
  slip_ui_wait (is_failed, NULL, 30, "the run");
  slip_ui_settle ();
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  g_assert_true (is_proposed (page, "Cancel Run"));
  g_assert_false (is_proposed (page, "Resume"));
  assert_has_room (page);
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-failed-long");
  g_assert_true (slip_ui_find_text (page, "Nothing exists now that did not before"));
  g_assert_true (slip_ui_find_text (page, "What is not there any more"));
  g_assert_true (slip_ui_find_text (page, "1  Copy it as"));
  g_assert_true (slip_ui_find_text (page, "It is not there: step WaitForCopy found it gone."));
}

static void
test_fits (void)
{
  if (skip ())
    return;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      ADW_COLOR_SCHEME_FORCE_DARK);
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-failed-dark");
  slip_ui_resize (ui, 1024, 768);
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-failed-small-dark");
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), ADW_COLOR_SCHEME_DEFAULT);
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "run-failed-small");
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (ui->window)), <=, 1024);
}

static void
test_stop (void)
{
  if (skip ())
    return;
  slip_ui_stop (ui);
  g_free (run_id);
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/aftermath/says_what_exists_in_the_order_to_undo_it", test_failed);
  g_test_add_func ("/ui/aftermath/proposes_what_the_step_advises", test_advice);
  g_test_add_func ("/ui/aftermath/gives_the_commands_to_finish_by_hand", test_by_hand);
  g_test_add_func ("/ui/aftermath/tells_the_time_line_to_eyes_and_ears", test_time_line);
  g_test_add_func ("/ui/aftermath/fits_dark_and_small", test_fits);
  g_test_add_func ("/ui/aftermath/cancels_a_failed_run", test_given_up);
  g_test_add_func ("/ui/aftermath/tells_what_a_cancelled_run_left_and_took_away", test_cancelled);
  g_test_add_func ("/ui/aftermath/proposes_to_cancel_where_a_new_plan_is_advised", test_plan_again);
  g_test_add_func ("/ui/aftermath/stops", test_stop);
  return g_test_run ();
}
