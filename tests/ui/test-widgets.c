/* SPDX-License-Identifier: MIT */

/* The widgets that carry meaning: what they say, when a dangerous button works, and that a worker that
 * waits for a one-time code never hangs. */

#include "config.h"

#include "slip-ui-harness.h"

#include "slip-ages.h"
#include "slip-bars.h"
#include "slip-cell.h"
#include "slip-columns.h"
#include "slip-comparison.h"
#include "slip-confirm.h"
#include "slip-field-list.h"
#include "slip-format.h"
#include "slip-json-view.h"
#include "slip-json.h"
#include "slip-lanes.h"
#include "slip-mfa.h"
#include "slip-plan.h"
#include "slip-resource-text.h"
#include "slip-run-text.h"
#include "slip-session.h"
#include "slip-slow-list.h"
#include "slip-status.h"
#include "slip-task.h"
#include "slip-tip.h"
#include "slip-ui.h"

static GtkWidget *
find_dialog (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (ADW_IS_MESSAGE_DIALOG (window) && gtk_widget_get_mapped (window))
        return window; /* The toolkit keeps it. */
    }
  return NULL;
}

static gboolean
has_dialog (gpointer data)
{
  return find_dialog () != NULL;
}

static gboolean
is_set (gpointer data)
{
  return *(gboolean *)data;
}

typedef struct
{
  gboolean done;
  gboolean agreed;
  char *text;
} Answer;

static void
answered_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->agreed = slip_confirm_finish (result, &answer->text);
  answer->done = TRUE;
}

static GtkWidget *
ask (const SlipConfirm *confirm, GCancellable *cancellable, Answer *answer)
{
  slip_confirm_async (NULL, confirm, cancellable, answered_cb, answer);
  slip_ui_wait (has_dialog, NULL, 5, "the dialog");
  slip_ui_settle ();
  return find_dialog ();
}

#define COMPARED                                                                                   \
  "{\"before\":{\"target\":\"production-Lpas\"},\"after\":{\"target\":\"production-Lpas-"          \
  "20261122\"},"                                                                                   \
  "\"fields\":[{\"field\":\"Alarms\",\"before\":[\"lpas-throttled\"],\"after\":null,\"same\":"     \
  "false,"                                                                                         \
  "\"explained\":\"alarms name their table; Terraform makes those of the new one\"},"              \
  "{\"field\":\"TimeToLive\",\"before\":{\"AttributeName\":\"ttl\",\"Enabled\":true},\"after\":"   \
  "null,"                                                                                          \
  "\"same\":false},{\"field\":\"DeletionProtectionEnabled\",\"before\":true,\"after\":false,"      \
  "\"same\":false},{\"field\":\"BillingMode\",\"before\":\"x\",\"after\":\"x\",\"same\":true},"    \
  "{\"field\":\"Tags\",\"before\":\"x\",\"after\":\"x\",\"same\":true}]}"

/* In a pane as narrow as that beside a run's steps. */
static void
test_comparison (void)
{
  g_autoptr (JsonNode) node = slip_json_parse (COMPARED, -1, NULL);
  GtkWidget *list = slip_field_list_new ();
  GtkWidget *window = gtk_window_new ();

  slip_field_list_add_widget (SLIP_FIELD_LIST (list),
                              slip_comparison_new (json_node_get_object (node)));
  gtk_window_set_title (GTK_WINDOW (window), "Compare");
  gtk_window_set_default_size (GTK_WINDOW (window), 400, 520);
  gtk_window_set_child (GTK_WINDOW (window), list);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (window, "Captured: production-Lpas"));
  g_assert_true (slip_ui_find_text (window, "Found: production-Lpas-20261122"));
  g_assert_true (slip_ui_find_text (window, "2 settings are the same: BillingMode, Tags"));
  g_assert_true (slip_ui_find_text (window, "not set"));
  g_assert_true (slip_ui_find_text (window, "differs"));
  g_assert_true (slip_ui_find_text (window, "Terraform makes those of the new one"));
  slip_ui_lint (window);
  slip_ui_shoot (window, "settings-compared");
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
press_enter (GtkWidget *entry)
{
  g_signal_emit_by_name (slip_ui_find (entry, GTK_TYPE_TEXT), "activate");
  slip_ui_settle ();
}

static void
test_confirm_typed (void)
{
  const SlipConfirm confirm = {
      .heading = "Delete the cluster?",
      .verb = "_Delete",
      .destructive = TRUE,
      .environment_title = "Production",
      .environment_protected = TRUE,
      .typed = "api-production",
  };
  Answer answer = {0};
  GtkWidget *dialog = ask (&confirm, NULL, &answer);
  GtkWidget *entry = slip_ui_find (dialog, ADW_TYPE_ENTRY_ROW);

  g_assert_true (slip_ui_find_text (dialog, "Production"));
  g_assert_nonnull (entry);
  g_assert_false (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "confirm"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "api-productio");
  press_enter (entry);
  g_assert_false (answer.done);
  g_assert_false (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "confirm"));
  gtk_editable_set_text (GTK_EDITABLE (entry), "api-production");
  g_assert_true (adw_message_dialog_get_response_enabled (ADW_MESSAGE_DIALOG (dialog), "confirm"));
  slip_ui_lint (dialog);
  slip_ui_shoot (dialog, "confirm");
  press_enter (entry);
  slip_ui_wait (is_set, &answer.done, 5, "the answer");
  g_assert_true (answer.agreed);
  g_assert_cmpstr (answer.text, ==, "api-production");
  g_free (answer.text);
}

static void
test_confirm_cancelled (void)
{
  const SlipConfirm confirm = {.heading = "Go on?", .verb = "_Go On"};
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer answer = {0};

  ask (&confirm, cancellable, &answer);
  g_cancellable_cancel (cancellable);
  slip_ui_wait (is_set, &answer.done, 5, "the withdrawal");
  g_assert_false (answer.agreed);
  g_assert_null (answer.text);
}

typedef struct
{
  SlipMfaContext context;
  char *code;
  gboolean done;
} Mfa;

static gboolean
ask_mfa (SlipJob *job, gpointer data, GError **error)
{
  Mfa *mfa = data;
  g_autoptr (GCancellable) cancellable = slip_job_ref_cancellable (job);

  mfa->code = slip_mfa_ask ("arn:aws:iam::111111111111:mfa/ann", "profile production", cancellable,
                            &mfa->context);
  return TRUE;
}

static void
mfa_done_cb (gpointer owner, gpointer data, const GError *error)
{
  ((Mfa *)data)->done = TRUE;
}

static void
test_mfa_answered (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipWorkspace) workspace = slip_workspace_new_from_text (
      "{\"schema\":\"org.slipway.workspace/1\",\"name\":\"Sirius\",\"environments\":["
      "{\"name\":\"production\",\"title\":\"Production\",\"account\":\"111111111111\","
      "\"regions\":[\"eu-west-1\"],\"profile\":\"production\",\"protected\":true}]}",
      -1, "workspace.json", &error);
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  Mfa mfa = {.context.environment
             = workspace != NULL ? slip_workspace_find (workspace, "production") : NULL};
  g_autoptr (SlipJob) job
      = slip_task_run (owner, slip_pool_get_io (), "mfa", ask_mfa, mfa_done_cb, &mfa, NULL);
  GtkWidget *dialog;
  GtkWidget *entry;

  g_assert_no_error (error);
  slip_ui_wait (has_dialog, NULL, 5, "the question");
  slip_ui_settle ();
  dialog = find_dialog ();
  slip_ui_lint (dialog);
  /* Two windows that look alike are how the wrong account is signed in to. */
  g_assert_true (slip_ui_find_text (dialog, "Production"));
  slip_ui_shoot (dialog, "mfa");
  entry = slip_ui_find (dialog, ADW_TYPE_ENTRY_ROW);
  gtk_editable_set_text (GTK_EDITABLE (entry), "123456");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
  gtk_window_close (GTK_WINDOW (dialog));
  slip_ui_wait (is_set, &mfa.done, 5, "the worker");
  g_assert_cmpstr (mfa.code, ==, "123456");
  g_free (mfa.code);
}

static void
test_mfa_cancelled (void)
{
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  Mfa mfa = {0};
  g_autoptr (SlipJob) job
      = slip_task_run (owner, slip_pool_get_io (), "mfa", ask_mfa, mfa_done_cb, &mfa, NULL);

  slip_ui_wait (has_dialog, NULL, 5, "the question");
  slip_job_cancel (job);
  slip_ui_wait (is_set, &mfa.done, 5, "the worker to give up");
  g_assert_null (mfa.code);
  slip_ui_settle ();
  g_assert_null (find_dialog ());
}

static void
test_mfa_closed (void)
{
  g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
  Mfa mfa = {0};
  g_autoptr (SlipJob) job
      = slip_task_run (owner, slip_pool_get_io (), "mfa", ask_mfa, mfa_done_cb, &mfa, NULL);

  slip_ui_wait (has_dialog, NULL, 5, "the question");
  slip_ui_settle ();
  gtk_window_close (GTK_WINDOW (find_dialog ()));
  slip_ui_wait (is_set, &mfa.done, 5, "the worker to give up");
  g_assert_null (mfa.code);
}

static void
test_formats (void)
{
  static const struct
  {
    double seconds;
    const char *text;
  } durations[] = {
      {0, "0 s"},           {0.2, "<1 s"},       {41, "41 s"},   {90, "2 min"},
      {7800, "2 h 10 min"}, {273600, "3 d 4 h"}, {14430, "4 h"}, {259500, "3 d"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (durations); i++)
    {
      g_autofree char *text = slip_format_duration (durations[i].seconds);

      g_assert_cmpstr (text, ==, durations[i].text);
    }
  {
    g_autofree char *account = slip_format_account ("111122223333");
    g_autofree char *other = slip_format_account ("all");
    g_autofree char *size = slip_format_size ((gint64)412 << 30);
    g_autofree char *small = slip_format_size (4608);
    g_autofree char *large = slip_format_size ((gint64)2048 << 30);
    g_autofree char *age = slip_format_age (1000000, 1000000 + (gint64)7200 * G_USEC_PER_SEC);
    g_autofree char *time = slip_format_time ((gint64)1795242600 * G_USEC_PER_SEC);
    g_autofree char *lines = slip_format_paragraphs ("One\ntwo.\n\nThree\nfour:\n- five\n- six\n");

    g_assert_cmpstr (account, ==, "1111 2222 3333");
    g_assert_cmpstr (other, ==, "all");
    g_assert_cmpstr (lines, ==, "One two.\n\nThree four:\n- five\n- six\n");
    g_assert_cmpstr (size, ==, "412 GiB");
    g_assert_cmpstr (large, ==, "2 TiB");
    g_assert_cmpstr (small, ==, "4.5 KiB");
    g_assert_cmpstr (age, ==, "2 h");
    g_assert_cmpstr (time, ==, "2026-11-21 06:30:00 UTC");
  }
}

static void
test_session (void)
{
  gint64 now = (gint64)1000 * G_USEC_PER_SEC;
  g_autofree char *left
      = slip_session_dup_text ("breakglass", FALSE, now + (gint64)41 * 60 * G_USEC_PER_SEC, now);
  g_autofree char *over = slip_session_dup_text ("breakglass", FALSE, now - 1, now);

  g_assert_cmpstr (left, ==, "breakglass 0:41 left");
  g_assert_cmpstr (over, ==, "breakglass: session ended");
}

static void
test_tones (void)
{
  g_assert_cmpint (slip_tone_of_aws_status ("available"), ==, SLIP_TONE_GOOD);
  g_assert_cmpint (slip_tone_of_aws_status ("creating"), ==, SLIP_TONE_BUSY);
  g_assert_cmpint (slip_tone_of_aws_status ("failed"), ==, SLIP_TONE_BAD);
  g_assert_cmpint (slip_tone_of_aws_status ("inaccessible-encryption-credentials"), ==,
                   SLIP_TONE_BAD);
  g_assert_cmpint (slip_tone_of_aws_status ("incompatible-restore"), ==, SLIP_TONE_BAD);
  /* A word that AWS adds later is on its way, never good. */
  g_assert_cmpint (slip_tone_of_aws_status ("pondering"), ==, SLIP_TONE_BUSY);
  g_assert_cmpint (slip_tone_of_aws_status (NULL), ==, SLIP_TONE_NEUTRAL);
}

static void
test_members (void)
{
  static const struct
  {
    const char *text;
    const char *name;
    const char *value;
  } cases[] = {
      {"{\"A\":\"x\",\"B\":12}", "B", "12"},
      {"{\"A\":{\"B\":\"inner\"},\"B\":\"outer\"}", "B", "outer"},
      {"{\"A\":\"\\\"B\\\":1\",\"B\":true}", "B", "true"},
      {"{\"B\":\"a\\u00e9\"}", "B", "aé"},
      {"{\"B\":[1,2],\"C\":\"z\"}", "B", NULL},
      {"{\"B\":[1,\"]\"],\"C\":\"z\"}", "C", "z"},
      {"{\"B\":null}", "B", NULL},
      {"{}", "B", NULL},
      {"", "B", NULL},
      {"{\"B", "B", NULL},
      {"{\"B\"", "B", NULL},
      {"{\"B\":\"unfinished", "C", NULL},
      {"{\"B\\", "B", NULL},
      {"[\"B\"]", "B", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *value = slip_json_text_dup_member (cases[i].text, cases[i].name);

      g_assert_cmpstr (value, ==, cases[i].value);
    }
}

static void
test_json_view (void)
{
  GtkWidget *view = g_object_ref_sink (slip_json_view_new ("Request"));
  g_autoptr (JsonNode) node = slip_json_parse (
      "{\"Name\":\"a \\\"b\\\"\",\"List\":[1,-2.5e3,true,null],\"É\":{}}", -1, NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) again = NULL;

  slip_json_view_set_node (SLIP_JSON_VIEW (view), node);
  text = slip_json_view_dup_text (SLIP_JSON_VIEW (view));
  again = slip_json_parse (text, -1, NULL);
  g_assert_true (slip_json_equal (node, again));
  slip_json_view_set_node (SLIP_JSON_VIEW (view), NULL);
  g_object_unref (view);
}

static void
test_fields (void)
{
  GtkWidget *fields = slip_field_list_new ();
  GtkWidget *window = gtk_window_new ();
  g_autoptr (JsonNode) node = slip_json_parse (
      "{\"Name\":\"api\",\"Zones\":[\"a\",\"b\"],\"Nested\":{\"Inner\":7},\"Empty\":\"\"}", -1,
      NULL);

  slip_field_list_add_json (SLIP_FIELD_LIST (fields), slip_json_node_object (node));
  gtk_window_set_child (GTK_WINDOW (window), fields);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (window, "api"));
  g_assert_true (slip_ui_find_text (window, "a, b"));
  g_assert_true (slip_ui_find_text (window, "Nested.Inner"));
  g_assert_false (slip_ui_find_text (window, "Empty"));
  gtk_window_destroy (GTK_WINDOW (window));
}

static GtkWidget *
show_lanes (GtkWidget *lanes)
{
  GtkWidget *window = gtk_window_new ();

  gtk_window_set_default_size (GTK_WINDOW (window), 800, 120);
  gtk_window_set_child (GTK_WINDOW (window), lanes);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  return window;
}

static SlipTimeline *
new_timeline (guint n)
{
  SlipTimeline *timeline = slip_timeline_new ();
  gint64 start = G_GINT64_CONSTANT (1795329000) * G_USEC_PER_SEC;

  slip_timeline_ensure_lane (timeline, "Our calls");
  slip_timeline_ensure_lane (timeline, "AWS states");
  for (guint i = 0; i < n; i++)
    {
      SlipSpan span = {.lane = i % 2,
                       .start = start + (gint64)i * G_USEC_PER_SEC,
                       .end = start + ((gint64)i + 1) * G_USEC_PER_SEC,
                       .tone = i % 7 == 0 ? SLIP_TONE_BAD : SLIP_TONE_BUSY,
                       .label = (char *)"DescribeDBClusters",
                       .tag = i % 2 == 0 ? "Create" : NULL};

      slip_timeline_add (timeline, &span);
    }
  slip_timeline_set_range (timeline, start, start + (gint64)MAX (n, 1) * G_USEC_PER_SEC,
                           start + (gint64)MAX (n, 1) * G_USEC_PER_SEC);
  slip_timeline_commit (timeline);
  return timeline;
}

static void
test_lanes (void)
{
  GtkWidget *lanes = slip_lanes_new ();
  GtkWidget *window = show_lanes (lanes);
  g_autoptr (SlipTimeline) timeline = new_timeline (6);
  g_autoptr (SlipTimelineItem) item = NULL;
  g_autofree char *text = NULL;

  slip_lanes_set_timeline (SLIP_LANES (lanes), timeline);
  slip_lanes_set_summary (SLIP_LANES (lanes), "six spans");
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (lanes), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                       "six spans");
  slip_ui_settle ();
  g_assert_cmpuint (slip_lanes_get_n_drawn (SLIP_LANES (lanes)), ==, 6);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (timeline)), ==, 6);
  item = g_list_model_get_item (G_LIST_MODEL (timeline), 1);
  g_assert_cmpstr (slip_timeline_item_get_lane (item), ==, "AWS states");
  /* The cursor goes along a lane, to the lane beside, and stops at the ends; it is spoken. */
  g_assert_true (slip_lanes_move (SLIP_LANES (lanes), GTK_DIR_RIGHT));
  g_assert_true (slip_lanes_move (SLIP_LANES (lanes), GTK_DIR_RIGHT));
  g_assert_cmpint (slip_lanes_get_cursor (SLIP_LANES (lanes)), ==, 2);
  g_assert_false (slip_lanes_move (SLIP_LANES (lanes), GTK_DIR_UP));
  g_assert_true (slip_lanes_move (SLIP_LANES (lanes), GTK_DIR_DOWN));
  g_assert_cmpint (slip_lanes_get_cursor (SLIP_LANES (lanes)), ==, 1);
  gtk_test_accessible_assert_role (lanes, GTK_ACCESSIBLE_ROLE_IMG);
  text = slip_timeline_dup_text (timeline, 1);
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (lanes), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       text);
  gtk_window_destroy (GTK_WINDOW (window));
}

/* No time, and a time that runs backwards, must not divide by nothing. */
static void
test_lanes_ranges (void)
{
  GtkWidget *lanes = slip_lanes_new ();
  GtkWidget *window = show_lanes (lanes);
  g_autoptr (SlipTimeline) timeline = new_timeline (2);
  gint64 start = G_GINT64_CONSTANT (1795329000) * G_USEC_PER_SEC;

  slip_lanes_set_timeline (SLIP_LANES (lanes), timeline);
  slip_timeline_set_range (timeline, start, start, start);
  slip_timeline_commit (timeline);
  slip_ui_settle ();
  slip_lanes_zoom (SLIP_LANES (lanes), 2);
  slip_timeline_set_range (timeline, start, start - 1, start);
  slip_timeline_commit (timeline);
  slip_ui_settle ();
  g_assert_true (slip_lanes_is_fit (SLIP_LANES (lanes)));
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_lanes_zoom (void)
{
  GtkWidget *lanes = slip_lanes_new ();
  GtkWidget *window = show_lanes (lanes);
  g_autoptr (SlipTimeline) timeline = new_timeline (600);
  GtkAdjustment *adjustment;

  slip_lanes_set_timeline (SLIP_LANES (lanes), timeline);
  slip_ui_settle ();
  adjustment = slip_lanes_get_adjustment (SLIP_LANES (lanes));
  g_assert_true (slip_lanes_is_fit (SLIP_LANES (lanes)));
  slip_lanes_zoom (SLIP_LANES (lanes), 10);
  g_assert_false (slip_lanes_is_fit (SLIP_LANES (lanes)));
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_page_size (adjustment), 60, 0.1);
  /* The cursor is always in sight. */
  slip_lanes_set_cursor (SLIP_LANES (lanes), 598);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), >, 500);
  g_assert_cmpfloat (gtk_adjustment_get_value (adjustment), <=, 540.1);
  gtk_adjustment_set_value (adjustment, 0);
  slip_ui_settle ();
  g_assert_cmpuint (slip_lanes_get_n_drawn (SLIP_LANES (lanes)), <, 70);
  /* More entries do not move what is looked at. */
  slip_timeline_commit (timeline);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_page_size (adjustment), 60, 0.1);
  g_assert_cmpfloat_with_epsilon (gtk_adjustment_get_value (adjustment), 0, 0.1);
  slip_lanes_fit (SLIP_LANES (lanes));
  g_assert_true (slip_lanes_is_fit (SLIP_LANES (lanes)));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A frame costs what the screen is wide, not how long the run was. */
static void
test_lanes_many (void)
{
  GtkWidget *lanes = slip_lanes_new ();
  GtkWidget *window = show_lanes (lanes);
  g_autoptr (SlipTimeline) timeline = new_timeline (10000);
  GtkSnapshot *snapshot;
  GskRenderNode *node;
  gint64 before;
  double took = 0;

  slip_lanes_set_timeline (SLIP_LANES (lanes), timeline);
  slip_ui_settle ();
  g_assert_cmpuint (slip_lanes_get_n_drawn (SLIP_LANES (lanes)), >, 50);
  g_assert_cmpuint (slip_lanes_get_n_drawn (SLIP_LANES (lanes)), <,
                    2 * (guint)gtk_widget_get_width (lanes));
  for (guint i = 0; i < 20; i++)
    {
      snapshot = gtk_snapshot_new ();
      before = g_get_monotonic_time ();
      GTK_WIDGET_GET_CLASS (lanes)->snapshot (lanes, snapshot);
      took += (double)(g_get_monotonic_time () - before) / 1000;
      node = gtk_snapshot_free_to_node (snapshot);
      g_clear_pointer (&node, gsk_render_node_unref);
    }
  g_test_message ("a frame of 10,000 spans: %.2f ms", took / 20);
  g_test_minimized_result (took / 20, "ms a frame of 10,000 spans: %.2f", took / 20);
  gtk_window_destroy (GTK_WINDOW (window));
}

static gboolean
is_whole (gpointer list)
{
  return slip_slow_list_is_whole (list);
}

static void
assert_begins_as (GListModel *list, GListModel *items)
{
  for (guint i = 0; i < g_list_model_get_n_items (list); i++)
    {
      g_autoptr (GObject) shown = g_list_model_get_item (list, i);
      g_autoptr (GObject) item = g_list_model_get_item (items, i);

      g_assert_true (shown == item);
    }
}

static void
count_cb (GListModel *list, guint position, guint removed, guint added, guint *n_items)
{
  *n_items += added - removed;
  g_assert_cmpuint (*n_items, ==, g_list_model_get_n_items (list));
}

/* A view believes what it is told of changes: it is always the beginning of what there is, and all of it in the end. */
static void
test_slow_list (void)
{
  g_autoptr (GtkStringList) items = gtk_string_list_new (NULL);
  g_autoptr (GListModel) list = slip_slow_list_new (G_LIST_MODEL (g_object_ref (items)));
  guint told = 0;
  const char *many[301] = {NULL};

  g_signal_connect (list, "items-changed", G_CALLBACK (count_cb), &told);
  for (guint i = 0; i < 300; i++)
    many[i] = "a";
  gtk_string_list_splice (items, 0, 0, many);
  g_assert_cmpuint (g_list_model_get_n_items (list), <, 20);
  slip_slow_list_reach (list, 50);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 51);
  /* Before what is there, within it, over its end, and behind it. */
  gtk_string_list_splice (items, 0, 2, (const char *[]){"b", "c", "d", NULL});
  assert_begins_as (list, G_LIST_MODEL (items));
  gtk_string_list_splice (items, 10, 5, many);
  assert_begins_as (list, G_LIST_MODEL (items));
  gtk_string_list_splice (items, g_list_model_get_n_items (list) - 1, 40, NULL);
  assert_begins_as (list, G_LIST_MODEL (items));
  gtk_string_list_append (items, "e");
  slip_ui_wait (is_whole, list, 10, "all items");
  g_assert_cmpuint (g_list_model_get_n_items (list), ==,
                    g_list_model_get_n_items (G_LIST_MODEL (items)));
  assert_begins_as (list, G_LIST_MODEL (items));
  gtk_string_list_splice (items, 0, g_list_model_get_n_items (G_LIST_MODEL (items)), NULL);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 0);
}

static void
find_most_cb (GListModel *list, guint position, guint removed, guint added, guint *most)
{
  *most = MAX (*most, MAX (removed, added));
}

/* What is taken away goes a few at a time too, behind what is there. */
static void
test_lingering_list (void)
{
  g_autoptr (GtkStringList) items = gtk_string_list_new (NULL);
  g_autoptr (GListModel) list = slip_slow_list_new_lingering (G_LIST_MODEL (g_object_ref (items)));
  g_autoptr (GObject) kept = NULL;
  g_autoptr (GObject) last = NULL;
  const char *many[101] = {NULL};
  guint told = 0;
  guint most = 0;

  for (guint i = 0; i < 100; i++)
    many[i] = "a";
  g_signal_connect (list, "items-changed", G_CALLBACK (count_cb), &told);
  gtk_string_list_splice (items, 0, 0, many);
  slip_ui_wait (is_whole, list, 10, "all items");
  assert_begins_as (list, G_LIST_MODEL (items));
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 100);
  g_signal_connect (list, "items-changed", G_CALLBACK (find_most_cb), &most);
  kept = g_list_model_get_item (list, 99);
  gtk_string_list_splice (items, 5, 95, (const char *[]){"b", "c", NULL});
  last = g_list_model_get_item (list, g_list_model_get_n_items (list) - 1);
  g_assert_true (last == kept);
  g_assert_cmpuint (g_list_model_get_n_items (list), >, 90);
  slip_ui_wait (is_whole, list, 10, "the rest to go");
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 7);
  assert_begins_as (list, G_LIST_MODEL (items));
  /* All of it, and others in its place. */
  gtk_string_list_splice (items, 0, 7, many);
  slip_ui_wait (is_whole, list, 10, "the others");
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 100);
  assert_begins_as (list, G_LIST_MODEL (items));
  gtk_string_list_splice (items, 0, 100, NULL);
  slip_ui_wait (is_whole, list, 10, "all to go");
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 0);
  g_assert_cmpuint (most, <, 20);
}

static void
count_notify_cb (guint *told)
{
  ++*told;
}

static gboolean
is_answered (GtkWidget *widget)
{
  g_autoptr (GObject) tooltip = g_object_new (GTK_TYPE_TOOLTIP, NULL);
  gboolean answered = FALSE;

  g_signal_emit_by_name (widget, "query-tooltip", 1, 1, FALSE, tooltip, &answered);
  return answered;
}

static char *
dup_effect (const char *service, const char *operation, const char *effect)
{
  g_autofree char *text = g_strdup_printf (
      "{\"id\":\"a\",\"name\":\"a\",\"title\":\"A\",\"action\":\"a\",\"environment\":\"e\","
      "\"account\":\"1\",\"region\":\"r\",\"onFailure\":\"Abort\",\"onCancel\":\"Abort\","
      "\"inputs\":{},\"resume\":{\"rule\":\"R0\"},\"service\":\"%s\",\"operation\":\"%s\","
      "\"request\":{},\"effect\":\"%s\",\"reversibility\":\"%s\"}",
      service, operation, effect, g_str_equal (effect, "read") ? "read" : "recoverable");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, &error);
  g_autoptr (SlipPlanStep) step
      = slip_plan_step_new_from_json (json_node_get_object (node), 0, &error);

  g_assert_no_error (error);
  return slip_run_dup_effect_text (step);
}

/* Whoever reads what a step does is not told of AWS where the step does nothing there. */
static void
test_effects (void)
{
  static const struct
  {
    const char *service;
    const char *operation;
    const char *effect;
    const char *says;
  } cases[] = {
      {"migration", "transform", "change", "the migration database, and nothing in AWS"},
      {"migration", "load_to_target", "final", "rows of the target’s database, and nothing in AWS"},
      {"migration", "validation", "read", "Only reads"},
      {"sql", "run", "change", "Changes a database, and nothing in AWS"},
      {"file", "edit", "change", "Changes a file on this machine, and nothing in AWS"},
      {"command", "run", "change", "Runs a program on this machine"},
      {"http", "POST", "change", "Asks another service to change something"},
      {"rds", "ModifyDBCluster", "change", "Changes AWS; a procedure brings it back"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = dup_effect (cases[i].service, cases[i].operation, cases[i].effect);

      if (strstr (text, cases[i].says) == NULL)
        g_error ("%s:%s: %s", cases[i].service, cases[i].operation, text);
    }
}

/* A status line of a page tells a warning whole: in more lines, and what those have no room for by its tooltip. */
static void
test_status_lines (void)
{
  GtkWidget *status = g_object_ref_sink (slip_status_new ());
  GtkWidget *label = gtk_widget_get_last_child (status);
  int least;
  int one;
  int more;

  slip_status_set_lines (SLIP_STATUS (status), 20, 3);
  slip_status_set (SLIP_STATUS (status), SLIP_TONE_GOOD, "done");
  gtk_widget_measure (status, GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL, NULL);
  gtk_widget_measure (status, GTK_ORIENTATION_VERTICAL, least, &one, NULL, NULL, NULL);
  slip_status_set (SLIP_STATUS (status), SLIP_TONE_WARNING,
                   "Changed since it was compared: “Load source files”, “Transform”");
  gtk_widget_measure (status, GTK_ORIENTATION_VERTICAL, least, &more, NULL, NULL, NULL);
  g_assert_cmpint (more, >=, 2 * one);
  g_assert_cmpint (more, <=, 4 * one);
  /* It makes no page wider. */
  gtk_widget_measure (status, GTK_ORIENTATION_HORIZONTAL, -1, &one, NULL, NULL, NULL);
  g_assert_cmpint (one, <=, least);
  gtk_widget_size_allocate (status, &(GtkAllocation){0, 0, 400, more}, -1);
  g_assert_false (is_answered (label));
  slip_status_set (SLIP_STATUS (status), SLIP_TONE_WARNING,
                   "Changed since it was compared: “Fetch source files”, “Load source files”, "
                   "“Filter”, “Prepare”, “Transform”, “Integrate”, “Load into the target”");
  gtk_widget_size_allocate (status, &(GtkAllocation){0, 0, least, more}, -1);
  g_assert_true (is_answered (label));
  g_object_unref (status);
}

/* What the toolkit keeps itself has the display asked at each change. */
static void
test_tip (void)
{
  GtkWidget *label = g_object_ref_sink (gtk_label_new ("a"));
  guint told = 0;

  slip_tip_set (label, NULL);
  g_assert_false (gtk_widget_get_has_tooltip (label));
  slip_tip_set (label, "one");
  g_assert_true (gtk_widget_get_has_tooltip (label));
  g_signal_connect_swapped (label, "notify", G_CALLBACK (count_notify_cb), &told);
  slip_tip_set (label, "two");
  g_assert_cmpstr (slip_tip_get (label), ==, "two");
  g_assert_null (gtk_widget_get_tooltip_text (label));
  g_assert_true (is_answered (label));
  gtk_test_accessible_assert_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                       "two");
  slip_tip_set (label, NULL);
  g_assert_null (slip_tip_get (label));
  g_assert_false (is_answered (label));
  g_assert_false (gtk_test_accessible_has_property (GTK_ACCESSIBLE (label),
                                                    GTK_ACCESSIBLE_PROPERTY_DESCRIPTION));
  g_assert_cmpuint (told, ==, 0);
  slip_tip_set (label, "three");
  g_assert_true (is_answered (label));
  g_object_unref (label);
}

static gboolean
is_seven_seconds (gpointer cell)
{
  return g_ascii_strtoll (gtk_inscription_get_text (cell), NULL, 10) >= 7;
}

/* By itself while somebody looks; where nobody does, when somebody looks again. */
static void
test_ages (void)
{
  GtkWidget *window = gtk_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *seen = slip_cell_new ();
  GtkWidget *hidden = slip_cell_new ();
  gint64 now = g_get_real_time ();

  gtk_box_append (GTK_BOX (box), seen);
  gtk_box_append (GTK_BOX (box), hidden);
  gtk_widget_set_visible (hidden, FALSE);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  slip_ages_follow (seen, now - 5 * G_USEC_PER_SEC);
  slip_ages_follow (hidden, now - 3700 * (gint64)G_USEC_PER_SEC);
  slip_ui_wait (is_seven_seconds, seen, 20, "an age to grow with the clock");
  slip_ages_update (now + 7200 * (gint64)G_USEC_PER_SEC);
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (seen)), ==, "2 h");
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (hidden)), ==, "1 h");
  slip_cell_set_text (hidden, "of before");
  gtk_widget_set_visible (hidden, TRUE);
  slip_ui_settle ();
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (hidden)), ==, "1 h");
  slip_ages_follow (seen, 0);
  slip_cell_set_text (seen, "a group");
  slip_ages_update (now + 7200 * (gint64)G_USEC_PER_SEC);
  g_assert_cmpstr (gtk_inscription_get_text (GTK_INSCRIPTION (seen)), ==, "a group");
  gtk_window_destroy (GTK_WINDOW (window));
  slip_ages_update (now);
}

static guint
count_glyphs (GskRenderNode *node)
{
  guint n = 0;

  if (gsk_render_node_get_node_type (node) == GSK_TEXT_NODE)
    return gsk_text_node_get_num_glyphs (node);
  if (gsk_render_node_get_node_type (node) == GSK_TRANSFORM_NODE)
    return count_glyphs (gsk_transform_node_get_child (node));
  for (guint i = 0; gsk_render_node_get_node_type (node) == GSK_CONTAINER_NODE
                    && i < gsk_container_node_get_n_children (node);
       i++)
    n += count_glyphs (gsk_container_node_get_child (node, i));
  return n;
}

/* A picture is as wide as its texts need it, and no word of the line that differs is missing. */
static void
test_bars (void)
{
  const char *label = "invoices of berths that somebody kept";
  const char *note = "1,013 expected, 1,013 actual · gone; it was 1,013 wrong, 1 missing, 2 more";
  GPtrArray *bars = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_bar_free);
  SlipBar *bar = g_new0 (SlipBar, 1);
  GtkWidget *window = gtk_window_new ();
  GtkWidget *chart = slip_bars_new ();
  GtkAllocation room = {0};
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;

  bar->label = g_strdup (label);
  bar->note = g_strdup (note);
  bar->expected = bar->actual = bar->wrong = 1013;
  g_ptr_array_add (bars, bar);
  gtk_window_set_child (GTK_WINDOW (window), chart);
  slip_bars_set_bars (SLIP_BARS (chart), bars, "Comparison");
  gtk_widget_measure (chart, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &room.width, NULL, NULL);
  gtk_widget_measure (chart, GTK_ORIENTATION_VERTICAL, room.width, NULL, &room.height, NULL, NULL);
  gtk_widget_size_allocate (chart, &room, -1);
  GTK_WIDGET_GET_CLASS (chart)->snapshot (chart, snapshot);
  node = gtk_snapshot_free_to_node (snapshot);
  g_assert_cmpuint (count_glyphs (node), >=, g_utf8_strlen (label, -1) + g_utf8_strlen (note, -1));
  g_assert_false (is_answered (chart));
  /* Where it is narrower, a tooltip says what is cut. */
  gtk_widget_measure (chart, GTK_ORIENTATION_HORIZONTAL, -1, &room.width, NULL, NULL, NULL);
  gtk_widget_size_allocate (chart, &room, -1);
  g_assert_true (is_answered (chart));
  gtk_window_destroy (GTK_WINDOW (window));
}

static char *
dup_name (gpointer item)
{
  return g_strdup (gtk_string_object_get_string (item));
}

static char *
dup_length (gpointer item)
{
  return g_strdup_printf ("%zu", strlen (gtk_string_object_get_string (item)));
}

static const SlipColumn name_columns[] = {
    {.title = "Name", .width_chars = 8, .expand = TRUE, .text = dup_name},
    {.title = "Letters", .width_chars = 8, .numeric = TRUE, .text = dup_length},
};

static void
read_cb (GObject *clipboard, GAsyncResult *result, gpointer text)
{
  *(char **)text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static gboolean
has_text (gpointer text)
{
  return *(char **)text != NULL;
}

static void
assert_copied (GtkWidget *view, const char *expected)
{
  g_autofree char *text = NULL;

  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (view), NULL, read_cb, &text);
  slip_ui_wait (has_text, &text, 10, "what was copied");
  g_assert_cmpstr (text, ==, expected);
}

/* As the toolkit does when its keys are pressed in the table. */
static void
press (GtkWidget *view, const char *keys)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (view);
  g_autoptr (GtkShortcutTrigger) wanted = gtk_shortcut_trigger_parse_string (keys);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GListModel) shortcuts = g_list_model_get_item (controllers, i);

      for (guint s = 0;
           GTK_IS_SHORTCUT_CONTROLLER (shortcuts) && s < g_list_model_get_n_items (shortcuts); s++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (shortcuts, s);

          if (gtk_shortcut_trigger_equal (gtk_shortcut_get_trigger (shortcut), wanted))
            {
              g_assert_true (
                  gtk_shortcut_action_activate (gtk_shortcut_get_action (shortcut), 0, view, NULL));
              return;
            }
        }
    }
  g_error ("nothing is done for %s", keys);
}

static gboolean
has_menu (gpointer view)
{
  return slip_ui_find (view, GTK_TYPE_POPOVER_MENU) != NULL;
}

/* A table's numbers can be taken elsewhere: rows with the titles that say what they are. */
static void
test_copy (void)
{
  GtkStringList *items = gtk_string_list_new ((const char *[]){"oak", "a\tb\nc", "birch", NULL});
  GtkSingleSelection *one = gtk_single_selection_new (G_LIST_MODEL (items));
  GtkWidget *window = gtk_window_new ();
  g_autoptr (GtkColumnViewColumn) letters = NULL;
  GtkWidget *view;

  gtk_single_selection_set_autoselect (one, FALSE);
  gtk_single_selection_set_can_unselect (one, TRUE);
  gtk_single_selection_set_selected (one, GTK_INVALID_LIST_POSITION);
  view = GTK_WIDGET (slip_columns_new_view (GTK_SELECTION_MODEL (one), "Trees"));
  slip_columns_add (GTK_COLUMN_VIEW (view), name_columns, G_N_ELEMENTS (name_columns));
  gtk_window_set_child (GTK_WINDOW (window), view);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  /* Where none is chosen: all. One that does not fit beside the others is copied as well. */
  letters = g_list_model_get_item (gtk_column_view_get_columns (GTK_COLUMN_VIEW (view)), 1);
  gtk_column_view_column_set_visible (letters, FALSE);
  press (view, "<Control>c");
  assert_copied (view, "Name\tLetters\noak\t3\na b c\t5\nbirch\t5\n");
  gtk_single_selection_set_selected (one, 2);
  press (view, "<Control>c");
  assert_copied (view, "Name\tLetters\nbirch\t5\n");
  press (view, "<Control><Shift>c");
  assert_copied (view, "Name\tLetters\noak\t3\na b c\t5\nbirch\t5\n");
  press (view, "Menu|<Shift>F10");
  slip_ui_wait (has_menu, view, 10, "the menu");
  g_assert_true (slip_ui_offers (view, "Copy All"));
  g_assert_true (slip_ui_offers (view, "Ctrl+C"));
  gtk_window_destroy (GTK_WINDOW (window));
}

/* A row whose values come later. */
typedef struct
{
  GObject parent_instance;

  gboolean loaded;
} LateRow;

typedef GObjectClass LateRowClass;

GType late_row_get_type (void);

G_DEFINE_TYPE (LateRow, late_row, G_TYPE_OBJECT)

static void
late_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_boolean (value, ((LateRow *)object)->loaded);
}

static void
late_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ((LateRow *)object)->loaded = g_value_get_boolean (value);
}

static void
late_row_class_init (LateRowClass *klass)
{
  klass->get_property = late_row_get_property;
  klass->set_property = late_row_set_property;
  g_object_class_install_property (
      klass, 1, g_param_spec_boolean ("loaded", NULL, NULL, FALSE, G_PARAM_READWRITE));
}

static void
late_row_init (LateRow *self)
{
}

static char *
dup_late (gpointer item)
{
  return g_strdup (((LateRow *)item)->loaded ? "there" : "…");
}

static const SlipColumn late_columns[] = {{.title = "Late", .text = dup_late}};

/* Takes @rows. */
static GtkWidget *
new_late_view (GListStore *rows)
{
  GtkColumnView *view = slip_columns_new_view (
      GTK_SELECTION_MODEL (gtk_no_selection_new (G_LIST_MODEL (rows))), "Late");

  slip_columns_add (view, late_columns, G_N_ELEMENTS (late_columns));
  return GTK_WIDGET (view);
}

/* Rows are copied when they are there, and not over what was copied while they were waited for. */
static void
test_copy_late (void)
{
  GListStore *rows = g_list_store_new (late_row_get_type ());
  GListStore *others = g_list_store_new (late_row_get_type ());
  GtkWidget *window = gtk_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  g_autoptr (GObject) third = g_object_new (late_row_get_type (), NULL);
  GtkWidget *other;
  g_autoptr (GObject) first = g_object_new (late_row_get_type (), NULL);
  g_autoptr (GObject) second = g_object_new (late_row_get_type (), NULL);
  GtkWidget *view;

  g_list_store_append (rows, first);
  g_list_store_append (rows, second);
  g_list_store_append (others, third);
  view = new_late_view (rows);
  other = new_late_view (others);
  gtk_box_append (GTK_BOX (box), view);
  gtk_box_append (GTK_BOX (box), other);
  gtk_window_set_child (GTK_WINDOW (window), box);
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  gdk_clipboard_set_text (gtk_widget_get_clipboard (view), "before");
  press (view, "<Control>c");
  g_object_set (first, "loaded", TRUE, NULL);
  slip_ui_settle ();
  assert_copied (view, "before");
  g_object_set (second, "loaded", TRUE, NULL);
  assert_copied (view, "Late\nthere\nthere\n");
  /* Of two that wait, the later one is meant, whichever comes first. */
  g_object_set (first, "loaded", FALSE, NULL);
  press (view, "<Control>c");
  press (other, "<Control>c");
  g_object_set (first, "loaded", TRUE, NULL);
  g_object_set (third, "loaded", TRUE, NULL);
  slip_ui_settle ();
  assert_copied (view, "Late\nthere\n");
  g_object_set (first, "loaded", FALSE, NULL);
  press (view, "<Control>c");
  slip_ui_settle ();
  gdk_clipboard_set_text (gtk_widget_get_clipboard (view), "something else");
  slip_ui_settle ();
  g_object_set (first, "loaded", TRUE, NULL);
  slip_ui_settle ();
  assert_copied (view, "something else");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  slip_ui_init ();
  g_test_add_func ("/ui/comparison/settings_stand_side_by_side", test_comparison);
  g_test_add_func ("/ui/bars/cut_no_text_where_there_is_room", test_bars);
  g_test_add_func ("/ui/columns/rows_are_copied_with_their_titles", test_copy);
  g_test_add_func ("/ui/columns/rows_that_come_late_are_not_copied_over_what_was_since",
                   test_copy_late);
  g_test_add_func ("/ui/confirm/works_only_when_typed_exactly", test_confirm_typed);
  g_test_add_func ("/ui/confirm/can_be_withdrawn", test_confirm_cancelled);
  g_test_add_func ("/ui/mfa/gives_the_code_to_the_worker", test_mfa_answered);
  g_test_add_func ("/ui/mfa/cancelling_frees_the_worker", test_mfa_cancelled);
  g_test_add_func ("/ui/mfa/closing_the_dialog_frees_the_worker", test_mfa_closed);
  g_test_add_func ("/ui/format/writes_numbers_for_people", test_formats);
  g_test_add_func ("/ui/session/tells_what_is_left", test_session);
  g_test_add_func ("/ui/tip/is_answered_and_asks_the_display_for_nothing", test_tip);
  g_test_add_func ("/ui/ages/grow_with_the_clock_while_somebody_looks", test_ages);
  g_test_add_func ("/ui/effects/say_aws_only_where_it_is", test_effects);
  g_test_add_func ("/ui/status/unknown_is_never_good", test_tones);
  g_test_add_func ("/ui/status/warning_takes_the_lines_that_it_needs", test_status_lines);
  g_test_add_func ("/ui/member/is_found_without_a_tree", test_members);
  g_test_add_func ("/ui/json_view/shows_what_it_was_given", test_json_view);
  g_test_add_func ("/ui/fields/flatten_an_answer", test_fields);
  g_test_add_func ("/ui/slow_list/is_always_the_beginning_of_what_there_is", test_slow_list);
  g_test_add_func ("/ui/slow_list/what_is_taken_away_goes_a_few_at_a_time", test_lingering_list);
  g_test_add_func ("/ui/lanes/move_a_cursor_that_is_spoken", test_lanes);
  g_test_add_func ("/ui/lanes/draw_any_range", test_lanes_ranges);
  g_test_add_func ("/ui/lanes/zooms_and_keeps_the_cursor_in_sight", test_lanes_zoom);
  g_test_add_func ("/ui/lanes/draws_ten_thousand_spans_as_pixels", test_lanes_many);
  return g_test_run ();
}
