/* SPDX-License-Identifier: MIT */

/* The desk at 02:00: that names are whole, that nothing empty takes room, that what is finished says so,
 * and that every control of every page can be reached and has a name. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>

#include "slip-activity.h"
#include "slip-audit-page.h"
#include "slip-estate-page.h"
#include "slip-format.h"
#include "slip-nav-item.h"
#include "slip-navigator.h"
#include "slip-palette-item.h"
#include "slip-places.h"
#include "slip-wizard-page.h"

#define SPEED 600
#define RUNBOOK "pre-migration-snapshot"

static SlipUi *ui;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static gboolean
list_is_complete (gpointer data)
{
  return slip_estate_list_get_state (data) == SLIP_ESTATE_COMPLETE;
}

static SlipEstateList *
show_list (const char *page_id, SlipEstateKind kind)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, "production"), kind);

  slip_window_go (ui->window, page_id);
  slip_ui_wait (list_is_complete, list, 30, "a listing");
  slip_ui_settle ();
  return list;
}

static void
assert_whole (const char *when, const char *but)
{
  g_autofree char *cut = NULL;

  slip_ui_settle ();
  if (!slip_ui_find_cut (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_TREE_EXPANDER,
                         but, &cut))
    return;
  slip_ui_shoot (GTK_WIDGET (ui->window), "cut");
  g_error ("%s, “%s” is cut", when, cut);
}

static void
select_row (guint position)
{
  SlipEstatePage *page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));

  gtk_single_selection_set_selected (
      GTK_SINGLE_SELECTION (gtk_column_view_get_model (slip_estate_page_get_view (page))),
      position);
  slip_ui_settle ();
}

static void
test_names (void)
{
  ui = slip_ui_start (SPEED);
  if (ui == NULL)
    return;
  slip_ui_resize (ui, 1280, 800);
  show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  assert_whole ("at 1280", NULL);
  select_row (1);
  assert_whole ("at 1280 beside details", NULL);
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots-details");
  slip_ui_resize (ui, 1024, 768);
  /* 50 characters of a service's making do not fit into what is left of 1024 pixels. */
  assert_whole ("at 1024 beside details", "awsbackup:job-");
  slip_ui_shoot (GTK_WIDGET (ui->window), "snapshots-details-small");
  select_row (GTK_INVALID_LIST_POSITION);
  assert_whole ("at 1024", NULL);
  show_list ("databases/production", SLIP_ESTATE_DATABASES);
  assert_whole ("databases at 1024", NULL);
  slip_ui_shoot (GTK_WIDGET (ui->window), "databases-small");
  slip_ui_resize (ui, 1280, 800);
}

static guint
count_shown_columns (void)
{
  SlipEstatePage *page = SLIP_ESTATE_PAGE (slip_window_get_page (ui->window));
  GListModel *columns = gtk_column_view_get_columns (slip_estate_page_get_view (page));
  guint shown = 0;

  for (guint i = 0; i < g_list_model_get_n_items (columns); i++)
    {
      g_autoptr (GtkColumnViewColumn) column = g_list_model_get_item (columns, i);

      shown += gtk_column_view_column_get_visible (column) ? 1 : 0;
    }
  return shown;
}

static void
test_columns (void)
{
  guint all;

  if (skip ())
    return;
  show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  all = count_shown_columns ();
  g_assert_cmpuint (all, ==, 6);
  select_row (1);
  g_assert_cmpuint (count_shown_columns (), <, all);
  g_assert_cmpuint (count_shown_columns (), >=, 2);
  select_row (GTK_INVALID_LIST_POSITION);
  g_assert_cmpuint (count_shown_columns (), ==, all);
}

static void
append_entry (const char *kind, const char *step, const char *effect)
{
  g_autoptr (JsonObject) entry = json_object_new ();
  g_autoptr (GError) error = NULL;

  json_object_set_string_member (entry, "kind", kind);
  json_object_set_string_member (entry, "run", "a-run-of-the-test");
  json_object_set_string_member (entry, "step", step);
  json_object_set_string_member (entry, "environment", "production");
  json_object_set_string_member (entry, "effect", effect);
  slip_ledger_append (slip_workbench_get_ledger (ui->workbench), entry, NULL, &error);
  g_assert_no_error (error);
}

typedef struct
{
  SlipEstateList *list;
  gint64 before;
} Listed;

static gboolean
is_listed_anew (gpointer data)
{
  const Listed *listed = data;

  return slip_estate_list_get_listed_at (listed->list) > listed->before
         && list_is_complete (listed->list);
}

static void
wait_for_new_listing (SlipEstateList *list, gint64 before, const char *why)
{
  Listed listed = {list, before};

  slip_ui_wait (is_listed_anew, &listed, 60, why);
}

static void
test_age (void)
{
  SlipEstateList *hidden;
  SlipEstateList *list;
  g_autofree char *time = NULL;
  gint64 hidden_before;
  gint64 before;

  if (skip ())
    return;
  hidden = show_list ("databases/production", SLIP_ESTATE_DATABASES);
  list = show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  time = slip_format_moment (slip_estate_list_get_listed_at (list), g_get_real_time ());
  g_assert_true (g_str_has_suffix (time, " UTC"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (slip_window_get_page (ui->window)), time));

  /* A change that was sent, and a wait that came to its end. */
  hidden_before = slip_estate_list_get_listed_at (hidden);
  before = slip_estate_list_get_listed_at (list);
  append_entry ("step.outcome", "Copy", "change");
  wait_for_new_listing (list, before, "a listing after a change");
  before = slip_estate_list_get_listed_at (list);
  append_entry ("step.waiting", "WaitForCopy", "read");
  append_entry ("step.outcome", "WaitForCopy", "read");
  wait_for_new_listing (list, before, "a listing after a wait");
  /* What nobody looks at costs no calls, until somebody does. */
  g_assert_cmpint (slip_estate_list_get_listed_at (hidden), ==, hidden_before);
  slip_window_go (ui->window, "databases/production");
  wait_for_new_listing (hidden, hidden_before, "a listing of what is looked at");
}

/* The same number for the same rows, wherever it stands. */
static void
test_counts (void)
{
  SlipEstateList *list;
  g_autofree char *count = NULL;
  gboolean found = FALSE;
  GListModel *jobs;

  if (skip ())
    return;
  list = show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  count = g_strdup_printf ("%u snapshots", slip_estate_list_get_n_total (list));
  g_assert_true (g_str_has_prefix (slip_estate_list_get_summary (list), count));
  jobs = slip_workbench_get_jobs (ui->workbench);
  for (guint i = 0; i < g_list_model_get_n_items (jobs); i++)
    {
      g_autoptr (SlipJob) job = g_list_model_get_item (jobs, i);
      g_autofree char *title = slip_job_dup_title (job);
      g_autofree char *detail = slip_job_dup_detail (job);

      if (!g_str_equal (title, "Listing snapshots of Production"))
        continue;
      found = TRUE;
      g_assert_cmpstr (detail, ==, count);
    }
  g_assert_true (found);
}

static gboolean
says_no_run (gpointer data)
{
  return slip_ui_find_text (GTK_WIDGET (ui->window), "The run cannot be shown");
}

static void
test_plain_texts (void)
{
  if (skip ())
    return;
  slip_window_go (ui->window, "run/<b>no & such");
  slip_ui_wait (says_no_run, NULL, 10, "the run's page");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "<b>no & such"));
  slip_workbench_toast (ui->workbench, "<b>this & that");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "<b>this & that"));
  slip_window_go (ui->window, "runbooks");
  slip_ui_settle ();
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "&apos;"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "&amp;"));
}

/* Of the handle between page and details. */
static guint
count_gestures (GtkPropagationPhase phase)
{
  GtkWidget *paned
      = gtk_widget_get_ancestor (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_PANED);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (paned);
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      n += GTK_IS_GESTURE (controller)
           && gtk_event_controller_get_propagation_phase (controller) == phase;
    }
  return n;
}

static void
test_details (void)
{
  if (skip ())
    return;
  show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  g_assert_null (slip_page_get_details (slip_window_get_page (ui->window)));
  select_row (1);
  g_assert_true (gtk_widget_get_mapped (slip_page_get_details (slip_window_get_page (ui->window))));
  g_assert_cmpuint (count_gestures (GTK_PHASE_CAPTURE), >, 0);
  select_row (GTK_INVALID_LIST_POSITION);
  g_assert_null (slip_page_get_details (slip_window_get_page (ui->window)));
  /* What stands now where the handle was is to be clicked. */
  g_assert_cmpuint (count_gestures (GTK_PHASE_CAPTURE), ==, 0);
  g_assert_cmpuint (count_gestures (GTK_PHASE_NONE), >, 0);
}

static guint
find_nav_row (GListModel *rows, const char *page_id)
{
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);
      g_autoptr (SlipNavItem) item = gtk_tree_list_row_get_item (row);

      if (g_strcmp0 (slip_nav_item_get_page_id (item), page_id) == 0)
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static void
assert_highlighted (GtkSelectionModel *rows, const char *page_id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (rows));
  guint position = find_nav_row (G_LIST_MODEL (rows), page_id);

  g_assert_cmpuint (position, !=, GTK_INVALID_LIST_POSITION);
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, page_id);
  for (guint i = 0; i < n; i++)
    g_assert_cmpint (gtk_selection_model_is_selected (rows, i), ==, i == position);
}

/* What the pointer and the arrow keys do to a list, and what Enter and a click do. */
static void
test_navigator (void)
{
  GtkWidget *view;
  GtkSelectionModel *rows;
  g_autoptr (GtkTreeListRow) production = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "snapshots/production");
  view = slip_ui_find (slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_NAVIGATOR),
                       GTK_TYPE_LIST_VIEW);
  rows = gtk_list_view_get_model (GTK_LIST_VIEW (view));
  assert_highlighted (rows, "snapshots/production");
  gtk_selection_model_select_item (rows, find_nav_row (G_LIST_MODEL (rows), "runs"), TRUE);
  assert_highlighted (rows, "snapshots/production");
  gtk_widget_activate_action (view, "list.select-item", "(ubb)",
                              find_nav_row (G_LIST_MODEL (rows), "audit"), FALSE, FALSE);
  assert_highlighted (rows, "snapshots/production");
  gtk_widget_activate_action (view, "list.activate-item", "u",
                              find_nav_row (G_LIST_MODEL (rows), "runs"));
  assert_highlighted (rows, "runs");

  slip_window_go (ui->window, "tables/production");
  assert_highlighted (rows, "tables/production");
  production = g_list_model_get_item (G_LIST_MODEL (rows),
                                      find_nav_row (G_LIST_MODEL (rows), "environment/production"));
  gtk_tree_list_row_set_expanded (production, FALSE);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (rows)); i++)
    g_assert_false (gtk_selection_model_is_selected (rows, i));
  gtk_tree_list_row_set_expanded (production, TRUE);
  assert_highlighted (rows, "tables/production");
}

static gboolean
is_compact (gpointer data)
{
  return slip_activity_get_compact (data);
}

static void
test_activity (void)
{
  GtkWidget *activity;
  GtkWidget *more;

  if (skip ())
    return;
  activity = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ACTIVITY);
  slip_ui_wait (is_compact, activity, 30, "a quiet activity panel");
  slip_ui_settle ();
  g_assert_cmpint (gtk_widget_get_height (activity), <, 60);
  g_assert_true (slip_ui_find_text (activity, "of Production: "));
  more = slip_ui_find (activity, GTK_TYPE_TOGGLE_BUTTON);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (more), TRUE);
  slip_ui_settle ();
  g_assert_cmpint (gtk_widget_get_height (activity), >, 80);
  g_assert_true (slip_ui_find_text (activity, "Listing snapshots of Production"));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (more), FALSE);
}

static const char *
find_runbook_action (SlipEnvironment *environment)
{
  g_autoptr (GPtrArray) items
      = slip_palette_search (ui->workbench, environment, "Pre-migration", 20);

  for (guint i = 0; i < items->len; i++)
    if (strstr (slip_palette_item_get_action (g_ptr_array_index (items, i)), "wizard/") != NULL)
      return g_intern_string (slip_palette_item_get_action (g_ptr_array_index (items, i)));
  return "";
}

static void
test_search (void)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;
  SlipParameterForm *form;

  if (skip ())
    return;
  g_assert_null (strstr (find_runbook_action (NULL), "environment"));
  g_action_parse_detailed_name (
      find_runbook_action (slip_workbench_find_environment (ui->workbench, "preproduction")), &name,
      &target, NULL);
  g_assert_cmpstr (name, ==, "win.go");
  gtk_widget_activate_action_variant (GTK_WIDGET (ui->window), name, target);
  form = slip_wizard_page_get_form (SLIP_WIZARD_PAGE (slip_window_get_page (ui->window)));
  g_assert_cmpstr (slip_environment_get_name (slip_parameter_form_get_environment (form)), ==,
                   "preproduction");
  gtk_widget_activate_action (GTK_WIDGET (slip_window_get_page (ui->window)), "wizard.cancel",
                              NULL);
}

static gboolean
has_focus_within (GtkWidget *row)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (ui->window));

  return focus != NULL && (focus == row || gtk_widget_is_ancestor (focus, row));
}

static gboolean
is_in_view (GtkWidget *row)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (row, GTK_TYPE_SCROLLED_WINDOW);
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds (row, scroller, &bounds) && bounds.origin.y >= 0
         && bounds.origin.y + bounds.size.height <= gtk_widget_get_height (scroller) + 1;
}

static void
test_focus (void)
{
  GtkWidget *page;
  SlipParameterForm *form;
  SlipParameterField *field;
  GtkWidget *row;

  if (skip ())
    return;
  slip_window_go (ui->window, "wizard/" RUNBOOK);
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  form = slip_wizard_page_get_form (SLIP_WIZARD_PAGE (page));
  gtk_widget_activate_action (page, "wizard.next", NULL);
  slip_ui_settle ();
  g_assert_true (has_focus_within (slip_ui_find (page, ADW_TYPE_COMBO_ROW)));

  slip_parameter_form_set_environment (
      form, slip_workbench_find_environment (ui->workbench, "production"));
  field = slip_parameter_form_find (form, "CopyName");
  g_assert_nonnull (field);
  slip_parameter_field_set_text (field, "not a name!");
  gtk_widget_activate_action (page, "wizard.next", NULL);
  slip_ui_settle ();
  row = g_ptr_array_index (slip_parameter_field_get_rows (field), 0);
  g_assert_cmpstr (slip_wizard_page_get_step (SLIP_WIZARD_PAGE (page)), ==, "parameters");
  g_assert_true (has_focus_within (row));
  g_assert_true (is_in_view (row));
  gtk_widget_activate_action (page, "wizard.cancel", NULL);
  slip_ui_settle ();
}

static gboolean
says_matches (gpointer data)
{
  return slip_ui_find_text (data, "match");
}

static gboolean
says_all (gpointer data)
{
  return slip_ui_find_text (data, "all shown");
}

static void
test_audit (void)
{
  GtkWidget *page;
  GtkWidget *search;
  JsonObject *entry;
  g_autoptr (GError) error = NULL;

  if (skip ())
    return;
  for (guint i = 0; i < 3; i++)
    {
      entry = json_object_new ();
      json_object_set_string_member (entry, "kind", i == 0 ? "test.odd" : "test.even");
      slip_ledger_append (slip_workbench_get_ledger (ui->workbench), entry, NULL, &error);
      g_assert_no_error (error);
      json_object_unref (entry);
    }
  slip_window_go (ui->window, "audit");
  page = GTK_WIDGET (slip_window_get_page (ui->window));
  slip_ui_wait (says_all, page, 10, "the audit log");
  search = slip_ui_find (page, GTK_TYPE_SEARCH_ENTRY);
  gtk_editable_set_text (GTK_EDITABLE (search), "test.odd");
  slip_ui_wait (says_matches, page, 10, "the filter");
  g_assert_false (slip_ui_find_text (page, "all shown"));
  gtk_editable_set_text (GTK_EDITABLE (search), "");
  slip_ui_wait (says_all, page, 10, "the whole log");
}

/* Where the keyboard gets to from the first control on, with nothing but Tab. */
static guint
count_tab_stops (void)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);

  gtk_window_set_focus (GTK_WINDOW (ui->window), NULL);
  for (guint i = 0; i < 400; i++)
    {
      GtkWidget *focus;

      gtk_widget_child_focus (GTK_WIDGET (ui->window), GTK_DIR_TAB_FORWARD);
      focus = gtk_window_get_focus (GTK_WINDOW (ui->window));
      if (focus == NULL || !g_hash_table_add (seen, focus))
        break;
      g_assert_true (gtk_widget_is_sensitive (focus));
    }
  return g_hash_table_size (seen);
}

static void
look_at (const char *page_id)
{
  guint stops;

  slip_window_go (ui->window, page_id);
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, page_id);
  slip_ui_settle ();
  g_test_message ("%s", page_id);
  slip_ui_lint (GTK_WIDGET (ui->window));
  stops = count_tab_stops ();
  g_test_message ("%s: %u stops of the Tab key", page_id, stops);
  g_assert_cmpuint (stops, >=, 5);
}

static void
test_every_page (void)
{
  guint n_places;
  const SlipPlace *places = slip_places_get (&n_places);

  if (skip ())
    return;
  for (guint i = 0; i < n_places; i++)
    {
      g_autofree char *page_id = NULL;

      /* Those are looked at where there is a migration, in test-migration.c. */
      if (places[i].flags & SLIP_PLACE_IN_MIGRATION)
        continue;
      if (places[i].flags & SLIP_PLACE_IN_ENVIRONMENT)
        page_id = g_strdup_printf ("%s/production", places[i].kind);
      else if (g_str_equal (places[i].kind, "wizard"))
        page_id = g_strdup ("wizard/" RUNBOOK "?environment=production");
      else if (g_str_equal (places[i].kind, "plan"))
        page_id = g_strdup ("plan//no/such/plan.json");
      else if (g_str_equal (places[i].kind, "cosign"))
        page_id = g_strdup ("cosign//no/such/plan.json");
      else if (g_str_equal (places[i].kind, "run"))
        page_id = g_strdup ("run/no-such-run");
      else
        page_id = g_strdup (places[i].kind);
      look_at (page_id);
    }
}

static gboolean
is_not_loading (gpointer data)
{
  return slip_estate_list_get_state (data) != SLIP_ESTATE_LOADING;
}

static gboolean
is_partial (gpointer data)
{
  return slip_estate_list_get_state (data) == SLIP_ESTATE_PARTIAL;
}

static gboolean
says (gpointer data)
{
  return slip_ui_find_text (GTK_WIDGET (ui->window), data);
}

static SlipEstateList *
refuse_list (const char *page_id, SlipEstateKind kind)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, "production"), kind);

  slip_window_go (ui->window, page_id);
  slip_workbench_refresh_estate (ui->workbench, list);
  slip_ui_wait (is_partial, list, 60, "a listing that is refused");
  return list;
}

/* A session that ends at AWS before its own end. */
static void
test_refused (void)
{
  GtkWidget *activity;
  SlipEstateList *list;
  gint64 before;
  int least = 0;

  if (skip ())
    return;
  activity = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ACTIVITY);
  show_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  slip_ui_resize (ui, 1280, 800);
  slip_ui_ask_server (ui, "sessions/expire", "{\"match\": \"production\"}");
  list = refuse_list ("snapshots/production", SLIP_ESTATE_SNAPSHOTS);
  slip_ui_wait (is_compact, activity, 30, "a quiet activity panel");
  slip_ui_wait (says, (gpointer) "breakglass: session refused", 60, "the header to say so");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "refused");
  g_assert_true (says ((gpointer) "Rows are old, as of "));
  g_assert_true (says ((gpointer) "not all could be listed anew. AWS refuses the credentials"));
  g_assert_true (slip_ui_find_text (activity, "ExpiredToken"));
  gtk_widget_measure (GTK_WIDGET (ui->window), GTK_ORIENTATION_HORIZONTAL, -1, &least, NULL, NULL,
                      NULL);
  g_assert_cmpint (least, <=, 1024);

  /* Nobody asks for the next listing: it follows a change. */
  before = slip_estate_list_get_listed_at (list);
  slip_ui_ask_server (ui, "sessions/renew", "{}");
  append_entry ("step.outcome", "Copy", "change");
  wait_for_new_listing (list, before, "a listing after a change");
  slip_ui_wait (says, (gpointer) " left", 60, "the header to say so");
  g_assert_false (says ((gpointer) "Rows are old"));
  g_assert_false (slip_ui_find_text (activity, "ExpiredToken"));
}

static gboolean
has_failed (gpointer data)
{
  return slip_workbench_get_state (ui->workbench) == SLIP_WORKBENCH_FAILED;
}

static void
show_failed_list (void)
{
  SlipEstateList *list = slip_workbench_get_estate (
      ui->workbench, slip_workbench_find_environment (ui->workbench, "development"),
      SLIP_ESTATE_PIPELINES);

  slip_window_go (ui->window, "pipelines/development");
  /* One that goes on already may have asked before. */
  slip_ui_wait (is_not_loading, list, 120, "the listing before");
  slip_workbench_refresh_estate (ui->workbench, list);
  slip_ui_wait (is_partial, list, 120, "a listing that fails");
  slip_ui_settle ();
}

static void
test_way_out (void)
{
  const char *path;
  g_autofree char *ledger = NULL;
  g_autofree char *wal = NULL;
  g_autoptr (GError) error = NULL;

  if (skip ())
    return;
  slip_ui_ask_server (ui, "sessions/expire", "{\"match\": \"development\"}");
  show_failed_list ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "Nothing could be listed"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "AWS refuses the credentials"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "Is its server still there?"));
  g_subprocess_force_exit (ui->server);
  g_subprocess_wait (ui->server, NULL, NULL);
  show_failed_list ();
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "no-server");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), ui->endpoint));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "Is its server still there?"));

  ledger = g_build_filename (slip_workbench_get_state_dir (ui->workbench), "ledger.db", NULL);
  g_assert_true (g_file_set_contents (ledger, "this is no ledger, but long enough", -1, &error));
  wal = g_strconcat (ledger, "-wal", NULL);
  g_unlink (wal);
  slip_workbench_reload (ui->workbench);
  slip_ui_wait (has_failed, NULL, 30, "the audit log to be refused");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "The audit log cannot be opened"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "to a safe place as evidence"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "no-ledger");

  path = slip_workbench_get_workspace_path (ui->workbench);
  g_assert_true (g_file_set_contents (path, "{ \"environments\": [", -1, &error));
  slip_workbench_reload (ui->workbench);
  slip_ui_wait (has_failed, NULL, 30, "the workspace to be refused");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "The workspace cannot be opened"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "Mend the file"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), path));
  slip_ui_shoot (GTK_WIDGET (ui->window), "no-workspace");
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
  g_test_add_func ("/ui/desk/shows_names_whole", test_names);
  g_test_add_func ("/ui/desk/hides_columns_before_it_cuts_names", test_columns);
  g_test_add_func ("/ui/desk/says_how_old_a_list_is_and_lists_anew_after_a_change", test_age);
  g_test_add_func ("/ui/desk/counts_the_same_in_list_and_activity", test_counts);
  g_test_add_func ("/ui/desk/shows_texts_of_others_as_they_are", test_plain_texts);
  g_test_add_func ("/ui/desk/highlights_the_page_that_is_shown_and_no_other", test_navigator);
  g_test_add_func ("/ui/desk/has_no_empty_details", test_details);
  g_test_add_func ("/ui/desk/has_one_line_of_activity_while_nothing_goes_on", test_activity);
  g_test_add_func ("/ui/desk/carries_the_environment_from_the_search", test_search);
  g_test_add_func ("/ui/desk/focuses_the_first_field_that_needs_attention", test_focus);
  g_test_add_func ("/ui/desk/says_how_many_entries_match", test_audit);
  g_test_add_func ("/ui/desk/names_every_control_of_every_page", test_every_page);
  g_test_add_func ("/ui/desk/says_that_a_session_is_refused_and_rows_are_old", test_refused);
  g_test_add_func ("/ui/desk/names_the_way_out_when_nothing_can_be_shown", test_way_out);
  g_test_add_func ("/ui/desk/stops", test_stop);
  return g_test_run ();
}
