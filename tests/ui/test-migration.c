/* SPDX-License-Identifier: MIT */

/* Migrations in the window, on the example migration and a PostgreSQL of the test's own: that a run begun here goes through
 * and is followed, that each number opens its rows, that a comparison leads to the cell, that a record is traced, and
 * that a definition can be edited. Pictures of each page go to SLIPWAY_SHOTS. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/resource.h>

#include "fixture.h"
#include "slip-bars.h"
#include "slip-compared.h"
#include "slip-coverage.h"
#include "slip-definition-rows.h"
#include "slip-definition-work.h"
#include "slip-definitions-page.h"
#include "slip-difference-view.h"
#include "slip-fall-chart.h"
#include "slip-fall-rows.h"
#include "slip-file-dialog.h"
#include "slip-format.h"
#include "slip-json.h"
#include "slip-mapping-editor.h"
#include "slip-migration-desk.h"
#include "slip-migration-evidence.h"
#include "slip-migration-export.h"
#include "slip-migration-question.h"
#include "slip-navigator.h"
#include "slip-paged-list.h"
#include "slip-rows-view.h"
#include "slip-run-entry.h"
#include "slip-run-options.h"
#include "slip-stage-node.h"
#include "slip-stage-tree.h"
#include "slip-stage-words.h"
#include "slip-status.h"
#include "slip-tip.h"
#include "slip-trace-page.h"
#include "slip-trace-rows.h"
#include "slip-wizard-page.h"

#define SPEED 600
#define RUN_DATE "2022-06-15"

static SlipUi *ui;
static char *migration_db;
static char *target_db;

static gboolean
skip (void)
{
  if (ui == NULL)
    g_test_skip ("the window was not opened");
  return ui == NULL;
}

static void
run_tool (const char *const *argv)
{
  g_autofree char *out = NULL;
  g_autofree char *err = NULL;
  int status = -1;

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, &out,
                               &err, &status, NULL));
  if (status != 0)
    g_error ("%s %s: %s%s", argv[0], argv[1], out, err);
}

/* The workspace refuses passwords; libpq takes this one from the environment, as a person's ~/.pgpass would do. */
static char *
without_password (const char *conninfo)
{
  g_auto (GStrv) parts = g_strsplit (conninfo, "password='the secret' ", 2);

  return g_strconcat (parts[0], parts[1], NULL);
}

static void
make_databases (void)
{
  g_autofree char *migration = migration_server_new_database ();
  g_autofree char *target = migration_server_new_database ();
  g_autofree char *path
      = g_build_filename (g_getenv ("SLIPWAY_SOURCE"), "data/example/target.sql", NULL);
  g_autofree char *sql = NULL;
  g_autoptr (SlipPg) pg = migration_open (target);

  g_assert_true (g_file_get_contents (path, &sql, NULL, NULL));
  migration_run (pg, sql);
  g_setenv ("PGPASSWORD", "the secret", TRUE);
  migration_db = without_password (migration);
  target_db = without_password (target);
}

static char *
example_of (const char *folder)
{
  return g_build_filename (folder, "example", NULL);
}

/* The definitions are edited: the test has its own. */
static void
make_files (const char *folder)
{
  g_autofree char *from = g_build_filename (g_getenv ("SLIPWAY_SOURCE"), "data/example", NULL);
  g_autofree char *example = example_of (folder);
  g_autofree char *source = g_build_filename (folder, "source", NULL);
  g_autofree char *settings = g_build_filename (from, "generate.json", NULL);
  const char *const copy[] = {"cp", "-r", from, example, NULL};
  const char *const generate[] = {g_getenv ("SLIPWAYCTL"),
                                  "migrate",
                                  "generate",
                                  "--clients",
                                  "120",
                                  "--seed",
                                  "1",
                                  "--settings",
                                  settings,
                                  "--output",
                                  source,
                                  NULL};

  run_tool (copy);
  run_tool (generate);
}

static void
add_migration (const char *folder)
{
  g_autofree char *path = g_build_filename (folder, "world", "workspace.json", NULL);
  g_autofree char *example = example_of (folder);
  g_autofree char *source = g_build_filename (folder, "source", NULL);
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonArray *migrations = json_array_new ();
  JsonObject *club = json_object_new ();
  g_autofree char *changed = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  root = slip_json_parse (text, -1, NULL);
  json_object_set_string_member (club, "name", "club");
  json_object_set_string_member (club, "title", "Boat club");
  json_object_set_string_member (club, "definitions", example);
  json_object_set_string_member (club, "source", source);
  json_object_set_string_member (club, "migration_db", migration_db);
  json_object_set_string_member (club, "target_db", target_db);
  json_object_set_string_member (club, "run_date", RUN_DATE);
  json_array_add_object_element (migrations, club);
  json_object_set_array_member (json_node_get_object (root), "migrations", migrations);
  changed = slip_json_to_text (root, TRUE);
  g_assert_true (g_file_set_contents (path, changed, -1, NULL));
}

static gboolean
is_ready (gpointer data)
{
  return slip_workbench_get_state (ui->workbench) == SLIP_WORKBENCH_READY
         && slip_workspace_find_migration (slip_workbench_get_workspace (ui->workbench), "club")
                != NULL;
}

static SlipMigrationDesk *
get_desk (void)
{
  return slip_migration_desk_get (ui->workbench, "club");
}

static gboolean
is_read (gpointer data)
{
  return slip_migration_desk_get_data (get_desk ()) != NULL
         && !slip_migration_desk_is_loading (get_desk ());
}

static gboolean
is_idle (gpointer data)
{
  return !slip_migration_desk_is_busy (get_desk ()) && is_read (NULL);
}

static gboolean
has_no_toast (gpointer data)
{
  GType type = g_type_from_name ("AdwToastWidget");

  return type == 0 || slip_ui_find (GTK_WIDGET (ui->window), type) == NULL;
}

/* It says what a test before did, above what this one is about. */
static void
dismiss_toast (void)
{
  GtkWidget *close;

  if (has_no_toast (NULL))
    return;
  close = gtk_widget_get_last_child (
      slip_ui_find (GTK_WIDGET (ui->window), g_type_from_name ("AdwToastWidget")));
  g_assert_true (GTK_IS_BUTTON (close));
  g_signal_emit_by_name (close, "clicked");
  slip_ui_wait (has_no_toast, NULL, 10, "the toast to go");
}

static int
get_navigator_width (void)
{
  return gtk_widget_get_width (slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_NAVIGATOR));
}

/* In all sizes; the navigator gets back what a narrow window took. */
static void
shoot_all (const char *name)
{
  int width = get_navigator_width ();
  g_autofree char *small = g_strconcat (name, "-small", NULL);
  g_autofree char *dark = g_strconcat (name, "-dark", NULL);
  AdwStyleManager *style = adw_style_manager_get_default ();

  slip_ui_lint (GTK_WIDGET (ui->window));
  dismiss_toast ();
  slip_ui_shoot (GTK_WIDGET (ui->window), name);
  slip_ui_resize (ui, 1024, 768);
  slip_ui_shoot (GTK_WIDGET (ui->window), small);
  slip_ui_resize (ui, 1280, 800);
  g_assert_cmpint (get_navigator_width (), ==, width);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_FORCE_DARK);
  slip_ui_shoot (GTK_WIDGET (ui->window), dark);
  adw_style_manager_set_color_scheme (style, ADW_COLOR_SCHEME_DEFAULT);
}

static void
test_lists (void)
{
  migration_server_start ();
  if (migration_server_skip ())
    return;
  ui = slip_ui_start_prepared (SPEED, make_files);
  if (skip ())
    return;
  make_databases ();
  slip_window_go (ui->window, "migrations");
  slip_ui_settle ();
  /* Where there is none, the page tells how to name one. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "No migrations yet"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migrations-none");
  add_migration (ui->folder);
  slip_workbench_reload (ui->workbench);
  slip_ui_wait (is_ready, NULL, 30, "the workspace with its migration");
  slip_window_go (ui->window, "migrations");
  slip_ui_wait (is_read, NULL, 30, "the migration to be read");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "never run"));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migrations");
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
agree (void)
{
  GtkWidget *dialog = slip_ui_get_dialog (ui);

  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
  gtk_window_close (GTK_WINDOW (dialog));
  slip_ui_wait (has_no_dialog, NULL, 10, "the question to go");
}

static gint64
count_stages (const char *state)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  gint64 n = 0;

  for (guint i = 0; data->report != NULL && i < data->report->stages->len; i++)
    n += g_str_equal (((SlipReportStage *)g_ptr_array_index (data->report->stages, i))->state,
                      state);
  return n;
}

static gboolean
tells_of_a_step (gpointer data)
{
  g_autoptr (GPtrArray) lines = slip_migration_desk_dup_lines (get_desk ());

  /* It may be over before anybody looks. */
  return lines != NULL ? lines->len > 3 : is_idle (NULL) && count_stages ("done") > 0;
}

static void
open_row (guint position)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);

  g_signal_emit_by_name (view, "activate", position);
  slip_ui_settle ();
}

static gboolean
is_written (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static char *
export_to (const char *label, const char *name)
{
  char *path = g_build_filename (ui->folder, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  GtkWidget *button = slip_ui_find_button (GTK_WIDGET (ui->window), label);

  g_assert_true (gtk_widget_is_sensitive (button));
  slip_file_dialog_prepare_answer (file);
  g_signal_emit_by_name (button, "clicked");
  slip_ui_wait (is_written, path, 30, "the file");
  slip_ui_settle ();
  return path;
}

static void
assert_exported_picture (const char *name, int width, int height)
{
  g_autofree char *path = export_to ("PNG…", name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) picture = gdk_texture_new_from_filename (path, &error);
  g_autofree char *shot = g_strconcat (g_getenv ("SLIPWAY_SHOTS"), "/export-", name, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (picture), >=, width);
  g_assert_cmpint (gdk_texture_get_height (picture), >=, height);
  gdk_texture_save_to_png (picture, shot);
}

static char *
export_csv (const char *name, const char *head)
{
  g_autofree char *path = export_to ("CSV…", name);
  char *text = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_true (g_str_has_prefix (text, head));
  return text;
}

static GtkWidget *
find_cell (GtkWidget *root, const char *text)
{
  GtkWidget *found = NULL;

  if (GTK_IS_INSCRIPTION (root) && gtk_widget_get_mapped (root)
      && g_strcmp0 (gtk_inscription_get_text (GTK_INSCRIPTION (root)), text) == 0)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_cell (child, text);
  return found;
}

/* A number that is cut is another one. */
static void
assert_whole (const char *text)
{
  GtkWidget *cell = find_cell (GTK_WIDGET (ui->window), text);
  g_autoptr (PangoLayout) layout = NULL;
  int width;

  g_assert_nonnull (cell);
  layout = gtk_widget_create_pango_layout (cell, text);
  pango_layout_get_pixel_size (layout, &width, NULL);
  g_assert_cmpint (gtk_widget_get_width (cell), >=, width);
}

/* It is done, and how many rows of it are not as they should be is said beside that, with what they are behind it. */
static void
assert_tells_what_to_look_at (const char *stage)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  gint64 n = 0;
  g_autofree char *count = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < data->report->measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (data->report->measures, i);

      if (g_str_equal (measure->stage, stage)
          && g_strv_contains (slip_measure_get_look_kinds (), measure->kind))
        n += measure->rows;
    }
  g_assert_cmpint (n, >, 0);
  count = slip_format_count (n);
  text = g_strdup_printf ("done, %s to look at", count);
  assert_whole (text);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "To look at: unknown codes "));
}

/* What is to be looked at is found from the stage down: above it nothing looks as if all were well, and beside it nothing else.
 * Returns how many lines are such. */
static guint
count_to_look_at (GListModel *nodes)
{
  guint n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (nodes); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (nodes, i);
      const SlipStageNodeText *text = slip_stage_node_get_text (node);
      guint below = count_to_look_at (G_LIST_MODEL (slip_stage_node_get_children (node)));

      if (!text->leaf && (text->tone == SLIP_TONE_WARNING) != (below > 0))
        g_error ("%s: %s, and %u lines below it are to be looked at", text->title, text->state,
                 below);
      n += below + (text->tone == SLIP_TONE_WARNING);
    }
  return n;
}

static void
assert_leads_to_what_to_look_at (void)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);

  slip_stage_tree_update (roots, slip_migration_desk_get_data (get_desk ()), NULL, NULL);
  g_assert_cmpuint (count_to_look_at (G_LIST_MODEL (roots)), >, 4);
}

static void
test_runs (void)
{
  guint n_stages = g_strv_length ((char **)slip_migration_run_get_stages ());
  g_autofree char *csv = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-never-run");
  slip_ui_click (GTK_WIDGET (ui->window), "Run…");
  slip_ui_wait (has_dialog, NULL, 10, "the question before the run");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), target_db));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-question");
  agree ();
  slip_ui_wait (tells_of_a_step, NULL, 60, "the run to tell of steps");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-running");
  slip_ui_wait (is_idle, NULL, 120, "the run to end");
  slip_ui_settle ();
  g_assert_null (slip_migration_desk_get_message (get_desk ()));
  /* Nobody said where the new system's API is. */
  g_assert_cmpint (count_stages ("done"), ==, n_stages - 1);
  g_assert_cmpint (count_stages ("skipped"), ==, 1);
  open_row (3);
  open_row (4);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "member_addresses"));
  shoot_all ("migration-runs");
  assert_tells_what_to_look_at ("transform");
  assert_leads_to_what_to_look_at ();
  /* What stages note can be read, and not only pointed at. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "read back, not independent"));
  csv = export_csv ("run.csv", "stage,entity,step,column,kind,state,rows,seconds,examples,note\n");
  for (guint i = 0; i < n_stages; i++)
    {
      g_autofree char *line = g_strdup_printf ("\n%s,,,,,", slip_migration_run_get_stages ()[i]);

      g_assert_nonnull (strstr (csv, line));
    }
  g_assert_nonnull (strstr (csv, "\ntransform,members,"));
  /* All that is open, of which the window shows a part. */
  assert_exported_picture ("run.png", 500, 24 * 25);
  /* Rows that go without their lines are nothing to complain of. */
  open_row (3);
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "member_addresses"));
}

static gboolean
has_rows (gpointer data)
{
  SlipRowsView *view = SLIP_ROWS_VIEW (data);

  return slip_rows_view_get_n_rows (view) > 0 && slip_ui_find_text (data, "member.csv");
}

/* Levels and the gaps between them add up, table by table. */
static void
assert_adds_up (const SlipWaterfallTable *table)
{
  gint64 at = -1;

  for (guint level = 0; level < SLIP_WATERFALL_N_LEVELS; level++)
    {
      if (table->counts[level] < 0)
        continue;
      for (guint i = 0; at >= 0 && i < table->gaps->len; i++)
        {
          const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

          if (gap->level == level)
            at += gap->rows;
        }
      if (at >= 0)
        g_assert_cmpint (at, ==, table->counts[level]);
      at = table->counts[level];
    }
}

static void
open_gap (const char *kind)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);
  GListModel *rows = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipFallRow) row = g_list_model_get_item (rows, i);
      const SlipWaterfallGap *gap = slip_fall_row_get_gap (row);

      if (gap != NULL && gap->step == NULL && g_str_equal (gap->kind, kind)
          && g_str_equal (gap->what, "member"))
        {
          g_signal_emit_by_name (view, "activate", i);
          slip_ui_settle ();
          return;
        }
    }
  g_error ("no gap %s", kind);
}

/* Each row is of the member's number that stands in that line of the file. */
static void
assert_lines (const char *csv)
{
  g_autofree char *path = g_build_filename (ui->folder, "source", "member.csv", NULL);
  g_autofree char *source = NULL;
  g_auto (GStrv) rows = g_strsplit (csv, "\n", -1);
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  g_assert_true (g_file_get_contents (path, &source, NULL, NULL));
  lines = g_strsplit (source, "\n", -1);
  for (guint i = 1; rows[i] != NULL && rows[i][0] != '\0'; i++, n++)
    {
      g_auto (GStrv) fields = g_strsplit (rows[i], ",", 7);
      guint64 line = g_ascii_strtoull (fields[4], NULL, 10);
      g_auto (GStrv) source_fields = NULL;

      g_assert_cmpuint (line, >, 1);
      g_assert_cmpuint (line, <=, g_strv_length (lines));
      source_fields = g_strsplit (lines[line - 1], ",", 2);
      g_assert_nonnull (strstr (fields[6], source_fields[0]));
    }
  g_assert_cmpuint (n, >, 0);
}

/* The line below the chart. */
static GtkWidget *
find_status (GtkWidget *root, const char *words)
{
  if (SLIP_IS_STATUS (root) && slip_status_get_text (SLIP_STATUS (root)) != NULL
      && strstr (slip_status_get_text (SLIP_STATUS (root)), words) != NULL)
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_status (child, words);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* What is through looks like it, and not like what is still to come. */
static void
assert_waterfall_is (const char *css_class)
{
  GtkWidget *status = find_status (GTK_WIDGET (ui->window), ", Landed ");

  g_assert_nonnull (status);
  g_assert_true (gtk_widget_has_css_class (status, css_class));
}

/* Where the chart does not fit, what scrolls it stands there without a pointer above it. */
static void
assert_tells_that_it_goes_on (void)
{
  GtkWidget *chart = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_FALL_CHART);
  GtkWidget *scroller = gtk_widget_get_ancestor (chart, GTK_TYPE_SCROLLED_WINDOW);
  GtkWidget *bar;

  slip_ui_resize (ui, 900, 768);
  bar = gtk_scrolled_window_get_hscrollbar (GTK_SCROLLED_WINDOW (scroller));
  g_assert_true (gtk_widget_get_mapped (bar));
  g_assert_false (gtk_scrolled_window_get_overlay_scrolling (GTK_SCROLLED_WINDOW (scroller)));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waterfall-narrow");
  slip_ui_resize (ui, 1280, 800);
}

/* A stage of the tree, or what is below it. */
static SlipStageNode *
find_node (GListModel *nodes, const char *id)
{
  for (guint i = 0; i < g_list_model_get_n_items (nodes); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (nodes, i);

      if (g_str_equal (slip_stage_node_get_id (node), id))
        return node; /* the list keeps it */
    }
  g_error ("nothing is called %s", id);
}

static void
assert_place (SlipStageNode *node, const char *state, const char *rows)
{
  const SlipStageNodeText *text = slip_stage_node_get_text (node);

  g_assert_cmpstr (text->state, ==, state);
  g_assert_cmpstr (text->rows, ==, rows);
}

/* As after a kill -9 in the load: the first table is in but for five rows, which nobody counted, and the second was begun. */
static void
break_the_load_off (SlipPg *pg, SlipPg *target)
{
  migration_run (pg,
                 "CREATE TEMP TABLE was_run AS TABLE slipway.run;\n"
                 "CREATE TEMP TABLE was_stage AS TABLE slipway.stage;\n"
                 "CREATE TEMP TABLE was_measure AS TABLE slipway.measure;\n"
                 "CREATE TEMP TABLE was_validation AS TABLE slipway.validation;\n"
                 "CREATE TEMP TABLE was_difference AS TABLE slipway.difference;\n"
                 "DELETE FROM slipway.validation;\n"
                 "DELETE FROM slipway.difference;\n"
                 "DELETE FROM slipway.stage WHERE stage IN ('hooks', 'validation', 'api');\n"
                 "DELETE FROM slipway.measure WHERE stage = 'load_to_target' AND entity IN ("
                 "'people', 'invoices');\n"
                 "UPDATE slipway.stage SET state = 'running', rows = 0, ended = NULL WHERE stage = "
                 "'load_to_target';\n"
                 "UPDATE slipway.run SET state = 'running', ended = NULL");
  migration_run (target,
                 "CREATE TEMP TABLE was AS TABLE slipway_migration.load;\n"
                 "UPDATE slipway_migration.load SET complete = false, inserted = inserted - 5 "
                 "WHERE part = 'people';\n"
                 "UPDATE slipway_migration.load SET complete = false, inserted = 0, updated = 0 "
                 "WHERE part = 'invoices'");
}

static void
mend_the_load (SlipPg *pg, SlipPg *target)
{
  migration_run (pg,
                 "UPDATE slipway.run r SET state = w.state, ended = w.ended FROM was_run w WHERE "
                 "w.id = r.id;\n"
                 "DELETE FROM slipway.stage;\n"
                 "INSERT INTO slipway.stage OVERRIDING SYSTEM VALUE SELECT * FROM was_stage;\n"
                 "DELETE FROM slipway.measure;\n"
                 "INSERT INTO slipway.measure OVERRIDING SYSTEM VALUE SELECT * FROM was_measure;\n"
                 "INSERT INTO slipway.validation OVERRIDING SYSTEM VALUE SELECT * FROM "
                 "was_validation;\n"
                 "INSERT INTO slipway.difference OVERRIDING SYSTEM VALUE SELECT * FROM "
                 "was_difference");
  migration_run (target, "UPDATE slipway_migration.load l SET complete = w.complete, inserted = "
                         "w.inserted, updated = w.updated FROM was w WHERE w.id = l.id");
}

static void
assert_lists_reason (const char *words)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);
  GListModel *rows = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));

  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (SlipFallRow) row = g_list_model_get_item (rows, i);
      g_autofree char *reason = slip_fall_row_dup_reason (row);

      if (g_str_equal (reason, words))
        return;
    }
  g_error ("no row says: %s", words);
}

/* The command line says the same. */
static void
assert_status_tells (const char *line)
{
  const char *const argv[]
      = {g_getenv ("SLIPWAYCTL"), "migrate", "status", "--migration-db", migration_db,
         "--target-db",           target_db, NULL};
  g_autofree char *said = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, &said, NULL, NULL, NULL));
  g_test_message ("%s", said);
  g_assert_nonnull (strstr (said, line));
}

static void
assert_only_the_rest_is_missing (const SlipWaterfallTable *table, gint64 rest)
{
  gint64 found = 0;

  assert_adds_up (table);
  for (guint i = 0; i < table->gaps->len; i++)
    {
      const SlipWaterfallGap *gap = g_ptr_array_index (table->gaps, i);

      if (gap->level != SLIP_WATERFALL_LOADED)
        continue;
      g_assert_cmpstr (gap->kind, ==, "not loaded");
      found += gap->rows;
    }
  g_assert_cmpint (found, ==, -rest);
}

/* What is in the target of a load that broke off is known, and said wherever the run is. */
static void
tells_what_is_in_of_a_load_that_broke_off (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autoptr (SlipPg) target = migration_open (target_db);
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  g_autofree char *in = NULL;
  g_autofree char *all = NULL;
  g_autofree char *people = NULL;
  g_autofree char *invoices = NULL;
  g_autofree char *line = NULL;
  SlipStageNode *stage;
  GListModel *tables;
  gint64 rest;

  all = migration_value (target, "SELECT sum (inserted + updated) FROM slipway_migration.load "
                                 "WHERE table_name IS NOT NULL");
  break_the_load_off (pg, target);
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "the run that broke off");
  slip_ui_settle ();
  in = migration_value (target, "SELECT sum (inserted + updated) FROM slipway_migration.load "
                                "WHERE table_name IS NOT NULL");
  people = migration_value (target, "SELECT inserted + updated || ' of ' || staged FROM "
                                    "slipway_migration.load WHERE part = 'people'");
  invoices = migration_value (target, "SELECT '0 of ' || staged FROM slipway_migration.load WHERE "
                                      "part = 'invoices'");
  rest = g_ascii_strtoll (all, NULL, 10) - g_ascii_strtoll (in, NULL, 10);
  g_assert_cmpint (rest, >, 5);
  slip_stage_tree_update (roots, slip_migration_desk_get_data (get_desk ()), NULL, NULL);
  stage = find_node (G_LIST_MODEL (roots), "load_to_target");
  g_free (all);
  all = slip_format_count (g_ascii_strtoll (in, NULL, 10));
  assert_place (stage, "broken off", all);
  tables = G_LIST_MODEL (slip_stage_node_get_children (stage));
  assert_place (find_node (tables, "people"), "in part", people);
  assert_place (find_node (tables, "invoices"), "to do", invoices);
  g_assert_cmpstr (slip_stage_node_get_text (find_node (tables, "contracts"))->state, ==, "done");
  assert_only_the_rest_is_missing (
      slip_migration_desk_get_data (get_desk ())->waterfall->tables->pdata[0], rest);
  /* It is farther down than the window shows. */
  assert_lists_reason ("not loaded yet: the load goes on, broke off or failed");
  assert_waterfall_is ("tone-neutral");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waterfall-broken-off");
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-broken-off");
  slip_window_go (ui->window, "migration-waterfall/club");
  line = g_strdup_printf ("%-16s %-10s %12s ", "load_to_target", "broken off", in);
  assert_status_tells (line);
  mend_the_load (pg, target);
}

/* Rows that two filters left out are known, and nothing to look at. */
static void
tells_of_rows_that_were_told_twice (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);

  migration_run (pg, "UPDATE slipway.measure SET rows = rows + 3 WHERE stage = 'filter' AND kind = "
                     "'dropped' AND step = 'away'");
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "rows that were told twice");
  slip_ui_settle ();
  assert_adds_up (slip_migration_desk_get_data (get_desk ())->waterfall->tables->pdata[0]);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "left out by two filters"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "Unexplained"));
  assert_waterfall_is ("tone-good");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waterfall-twice");
  migration_run (pg, "UPDATE slipway.measure SET rows = rows - 3 WHERE stage = 'filter' AND kind = "
                     "'dropped' AND step = 'away'");
}

static void
assert_offers (const char *label, gboolean offers)
{
  GtkWidget *button = slip_ui_find_button (GTK_WIDGET (ui->window), label);

  g_assert_cmpint (gtk_widget_is_sensitive (button), ==, offers);
}

/* As of a run that failed before the transform, or was taken back from there on. */
static void
says_that_nothing_is_counted (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);

  migration_run (pg, "UPDATE slipway.measure SET stage = 'aside' WHERE stage = 'transform'");
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "a run without counts");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "Nothing is counted of this run"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "How the stages of run 1 stand"));
  assert_offers ("CSV…", FALSE);
  assert_offers ("PNG…", FALSE);
  assert_offers ("Evidence…", TRUE);
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waterfall-empty");
  migration_run (pg, "UPDATE slipway.measure SET stage = 'transform' WHERE stage = 'aside'");
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "the run with its counts");
  slip_ui_settle ();
  assert_waterfall_is ("tone-good");
}

static void
test_waterfall (void)
{
  SlipWaterfall *waterfall;
  GtkWidget *chart;
  GtkWidget *view;
  g_autofree char *path = NULL;
  g_autofree char *csv = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_wait (is_read, NULL, 30, "the waterfall");
  slip_ui_settle ();
  waterfall = slip_migration_desk_get_data (get_desk ())->waterfall;
  for (guint i = 0; i < waterfall->tables->len; i++)
    assert_adds_up (g_ptr_array_index (waterfall->tables, i));
  assert_waterfall_is ("tone-good");
  tells_of_rows_that_were_told_twice ();
  tells_what_is_in_of_a_load_that_broke_off ();
  says_that_nothing_is_counted ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "contract: left out by filter away"));
  shoot_all ("migration-waterfall");
  assert_tells_that_it_goes_on ();
  open_gap ("again");
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW);
  slip_ui_wait (has_rows, view, 30, "the rows that feed several tables");
  g_assert_true (slip_page_escape (slip_window_get_page (ui->window)));
  slip_window_go (ui->window, "migration-waterfall/club/people");
  slip_ui_settle ();
  chart = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_FALL_CHART);
  slip_fall_chart_choose (SLIP_FALL_CHART (chart), 1);
  slip_ui_settle ();
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waterfall-table");
  view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);
  g_signal_emit_by_name (view, "activate", 0);
  slip_ui_settle ();
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW);
  g_assert_nonnull (view);
  slip_ui_wait (has_rows, view, 30, "the rows behind a gap");
  slip_ui_settle ();
  shoot_all ("migration-rows");
  path = export_to ("Export CSV…", "rows.csv");
  g_assert_true (g_file_get_contents (path, &csv, NULL, NULL));
  g_assert_true (g_str_has_prefix (csv, "table,casrec_row_id,file,record,line,exact,row\n"));
  assert_lines (csv);
}

/* What a validation would leave behind: the claims here are about what the page makes of it. The second row is missing,
 * the others differ. */
static void
plant_differences (guint n, gboolean extra)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autofree char *sql = g_strdup_printf (
      "DELETE FROM slipway.validation WHERE mapping IN ('members', 'contracts');\n"
      "INSERT INTO slipway.validation (run, mapping, entity, expected, actual, missing, extra, "
      "differing, duplicated, columns_compared, columns_total, independent, started, ended)\n"
      "VALUES (1, 'members', 'members', 112, 111, 1, 0, %u, 0, 18, 21, true, now (), now ()),\n"
      "  (1, 'contracts', 'contracts', 110, 11%u, 0, %u, 0, 0, 20, 24, true, now (), now ());\n"
      "INSERT INTO slipway.difference (run, mapping, number, kind, key, columns, expected, actual, "
      "source_table, casrec_row_id, target_id)\n"
      "SELECT 1, 'members', n, CASE n WHEN 2 THEN 'missing' ELSE 'differing' END,\n"
      "  'M' || lpad (n::text, 6, '0'), ARRAY['surname', 'email'],\n"
      "  jsonb_build_object ('membernumber', 'M' || lpad (n::text, 6, '0'), 'surname', 'Okafor', "
      "'email', ''),\n"
      "  CASE n WHEN 2 THEN NULL ELSE jsonb_build_object ('membernumber', 'M' || lpad (n::text, 6, "
      "'0'), 'surname', 'Okafer', 'email', NULL) END,\n"
      "  'member', n %% 100 + 1, n::text FROM generate_series (1, %u) AS n;\n"
      "INSERT INTO slipway.difference (run, mapping, number, kind, key, columns, actual, "
      "target_id)\n"
      "VALUES (1, 'contracts', 1, 'extra', 'B000007', ARRAY['state'], '{\"state\": \"OPEN\"}', "
      "'7')",
      n - 1, extra, extra, n);

  migration_run (pg, sql);
}

static gboolean
has_chosen (gpointer data)
{
  return slip_ui_find_text (data, "Okafer");
}

static gboolean
has_differences (gpointer data)
{
  return slip_difference_view_get_n_rows (data) > 0;
}

static gboolean
has_all_differences (gpointer data)
{
  return slip_difference_view_get_n_rows (data) == 100001;
}

/* From the first row to the last of a hundred thousand: only what is looked at is fetched. */
static void
scroll_through (SlipDifferenceView *view)
{
  GtkWidget *list = slip_ui_find (GTK_WIDGET (view), GTK_TYPE_COLUMN_VIEW);
  GtkAdjustment *adjustment = gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list));

  for (guint i = 1; i <= 10; i++)
    {
      gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment) * i / 10);
      slip_ui_settle ();
    }
  slip_difference_view_select (view, 100000);
  slip_ui_wait (has_chosen, view, 30, "the last row's columns");
}

/* Pages that are shown do not look again at what was read just now. */
static gboolean
is_old (gpointer data)
{
  return is_read (NULL)
         && g_get_real_time () - slip_migration_desk_get_data (get_desk ())->read
                > 3 * G_USEC_PER_SEC;
}

static gboolean
is_planted (gpointer data)
{
  GPtrArray *found = slip_migration_desk_get_data (get_desk ())->validations;

  return is_read (NULL) && found != NULL
         && g_str_equal (((SlipValidationResult *)found->pdata[0])->mapping, "contracts");
}

static gboolean
has_one_less (gpointer data)
{
  return slip_difference_view_get_n_rows (data) == 3;
}

static GtkAdjustment *
get_place (GtkWidget *chart)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (chart, GTK_TYPE_SCROLLED_WINDOW);

  return gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller));
}

static void
look_again (void)
{
  slip_page_refresh (slip_window_get_page (ui->window));
  slip_ui_wait (is_read, NULL, 30, "the comparison to be read again");
  slip_ui_settle ();
}

/* Whoever reads the middle of a long list goes on reading there, when it is read anew and when it is clicked at. */
static void
keeps_its_place (void)
{
  SlipBars *bars = SLIP_BARS (slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_BARS));
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);
  GtkSelectionModel *model = gtk_column_view_get_model (GTK_COLUMN_VIEW (view));
  GtkAdjustment *place = get_place (GTK_WIDGET (bars));
  double middle = (gtk_adjustment_get_upper (place) - gtk_adjustment_get_page_size (place)) / 2;

  g_assert_cmpfloat (middle, >, 100);
  gtk_adjustment_set_value (place, middle);
  gtk_widget_grab_focus (GTK_WIDGET (bars));
  slip_ui_settle ();
  g_assert_cmpfloat (gtk_adjustment_get_value (place), ==, middle);
  look_again ();
  g_assert_cmpfloat (gtk_adjustment_get_value (place), ==, middle);
  slip_bars_choose (bars, 1);
  middle = gtk_adjustment_get_value (place);
  /* It is the first from now on. */
  plant_differences (4, FALSE);
  look_again ();
  g_assert_cmpint (slip_bars_get_chosen (bars), ==, 0);
  g_assert_true (gtk_selection_model_is_selected (model, 0));
  g_assert_cmpfloat (gtk_adjustment_get_value (place), ==, middle);
}

static gboolean
is_validated_now (gpointer data)
{
  GPtrArray *found = slip_migration_desk_get_data (get_desk ())->validations;

  return is_idle (NULL)
         && g_get_real_time () - ((SlipValidationResult *)found->pdata[0])->ended
                < 600 * G_USEC_PER_SEC;
}

/* What the definitions' page says of a mapping is what is compared of it, before a validation and behind one. */
static void
assert_covers (GPtrArray *coverage)
{
  GPtrArray *found = slip_migration_desk_get_data (get_desk ())->validations;
  guint n = 0;

  for (guint i = 0; i < coverage->len; i++)
    for (guint j = 0; j < found->len; j++)
      {
        const SlipCoverage *one = g_ptr_array_index (coverage, i);
        const SlipValidationResult *result = g_ptr_array_index (found, j);

        if (!g_str_equal (one->mapping, result->mapping))
          continue;
        n++;
        g_test_message ("%s: %u and %u of %u", one->mapping, one->validated,
                        result->columns_compared, result->columns_total);
        g_assert_cmpuint (one->validated, ==, result->columns_compared);
        g_assert_cmpuint (one->columns, ==, result->columns_total);
        g_assert_cmpint (one->independent, ==, result->independent);
        g_assert_cmpstr (one->entity, ==, result->entity);
      }
  g_assert_cmpuint (n, ==, found->len);
}

/* No step has a column that a rule of the sidecar fills, and it is filled. */
static void
assert_filled_by_rule (GPtrArray *coverage, const char *mapping)
{
  for (guint i = 0; i < coverage->len; i++)
    {
      const SlipCoverage *one = g_ptr_array_index (coverage, i);

      if (!g_str_equal (one->mapping, mapping))
        continue;
      g_assert_cmpuint (one->mapped, ==, 1);
      g_assert_cmpuint (one->columns, ==, 1);
      return;
    }
  g_assert_not_reached ();
}

static void
covers_what_it_compares (void)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  g_autoptr (GPtrArray) before = slip_coverage_read (data->migration);

  assert_filled_by_rule (before, "member_standing");

  assert_covers (data->coverage);
  assert_covers (before);
}

/* A target that is found otherwise later is not well, whatever the run came to; and nobody reads a green tick beside it. */
static void
tells_that_it_failed_since (SlipPg *pg)
{
  const SlipMigrationRunStatus *run;
  g_autofree char *heading = NULL;
  GtkWidget *status;

  migration_run (pg, "UPDATE slipway.stage SET gate = 'gate of stage validation: 1 differing' "
                     "WHERE run = 1 AND stage = 'validation'");
  slip_window_go (ui->window, "migration/club");
  look_again ();
  run = slip_migration_data_get_status (slip_migration_desk_get_data (get_desk ()));
  g_assert_cmpstr (run->state, ==, "done");
  status
      = find_status (GTK_WIDGET (ui->window), "Run 1: done, but “Validate” failed since. gate of");
  g_assert_nonnull (status);
  g_assert_true (gtk_widget_has_css_class (status, "tone-bad"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window),
                                    "Run 1 · " RUN_DATE " · done, but “Validate” failed since"));
  heading = slip_migration_dup_heading (slip_migration_desk_get_data (get_desk ()));
  g_assert_true (g_str_has_suffix (heading, ": done, but “Validate” failed since"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-failed-since");
  migration_run (pg, "UPDATE slipway.stage SET gate = NULL WHERE stage = 'validation'");
  look_again ();
  g_assert_null (find_status (GTK_WIDGET (ui->window), "failed since"));
}

/* It is of when the target was compared, however often it is read, and says what the run did since. */
static void
test_validates_again (void)
{
  g_autoptr (SlipPg) pg = NULL;
  GtkWidget *button;

  if (skip ())
    return;
  pg = migration_open (migration_db);
  migration_run (pg,
                 "UPDATE slipway.validation SET started = '2022-06-15 10:00+00', ended = "
                 "'2022-06-15 10:00:01+00'; UPDATE slipway.stage SET state = 'undone', undone = "
                 "'2022-06-15 11:00+00' WHERE stage = 'api'");
  slip_window_go (ui->window, "migration-comparison/club");
  slip_ui_wait (is_read, NULL, 30, "the comparison");
  look_again ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "validated 2022-06-15 10:00:01 UTC"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window),
                                    "Changed since it was compared: “Load source files”"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "“Load into the target”"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "” taken back"));
  shoot_all ("migration-comparison-old");
  button = slip_ui_find_button (GTK_WIDGET (ui->window), "Validate Again…");
  g_signal_emit_by_name (button, "clicked");
  slip_ui_wait (has_dialog, NULL, 30, "the question before the stage");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "changes nothing in it"));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-validate-question");
  agree ();
  slip_ui_wait (is_validated_now, NULL, 120, "the stage to end");
  slip_ui_settle ();
  g_assert_null (slip_migration_desk_get_message (get_desk ()));
  g_assert_true (gtk_widget_is_sensitive (button));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "2022-06-15 10:00"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "validated "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "Changed since"));
  migration_run (pg, "UPDATE slipway.stage SET state = 'skipped' WHERE stage = 'api'");
  covers_what_it_compares ();
  tells_that_it_failed_since (pg);
}

static void
copied_cb (GObject *clipboard, GAsyncResult *result, gpointer text)
{
  *(char **)text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (clipboard), result, NULL);
}

static gboolean
has_rows_of_all (gpointer text)
{
  return *(char **)text != NULL;
}

/* What is on the clipboard says so many lines, the first of them the titles. */
static void
assert_copies (GtkWidget *view, const char *action, const char *titles, guint n_rows)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard (view);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  gdk_clipboard_set_text (clipboard, "of somebody else");
  g_assert_true (gtk_widget_activate_action (view, action, NULL));
  while (text == NULL || g_str_equal (text, "of somebody else"))
    {
      g_clear_pointer (&text, g_free);
      gdk_clipboard_read_text_async (clipboard, NULL, copied_cb, &text);
      slip_ui_wait (has_rows_of_all, &text, 30, "what was copied");
    }
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpstr (lines[0], ==, titles);
  g_assert_cmpuint (g_strv_length (lines), ==, n_rows + 2); /* it ends with a line's end */
  g_assert_null (strstr (text, "…\t"));
}

/* One is one. */
static void
assert_counts_read_back (void)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  g_autoptr (GArray) were = g_array_new (FALSE, FALSE, sizeof (gboolean));
  g_autofree char *one = NULL;
  g_autofree char *two = NULL;
  SlipTone tone;

  for (guint i = 0; i < data->validations->len; i++)
    {
      SlipValidationResult *result = g_ptr_array_index (data->validations, i);

      g_array_append_val (were, result->independent);
      result->independent = i >= 2;
    }
  two = slip_compared_dup_total (data, &tone);
  ((SlipValidationResult *)data->validations->pdata[1])->independent = TRUE;
  one = slip_compared_dup_total (data, &tone);
  for (guint i = 0; i < were->len; i++)
    ((SlipValidationResult *)data->validations->pdata[i])->independent
        = g_array_index (were, gboolean, i);
  g_assert_true (g_str_has_suffix (two, "; 2 are not independent"));
  g_assert_true (g_str_has_suffix (one, "; 1 is not independent"));
}

static gboolean
tells_of_no_difference (gpointer view)
{
  return slip_ui_find_text (view, "Nothing Differs");
}

static gboolean
tells_of_none_of_kind (gpointer view)
{
  return slip_ui_find_text (view, "None of This Kind");
}

/* A mapping that is as expected says what was compared, and not just nothing. */
static void
tells_what_was_equal (void)
{
  GPtrArray *found = slip_migration_desk_get_data (get_desk ())->validations;
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_DIFFERENCE_VIEW);
  const SlipValidationResult *equal = NULL;
  g_autofree char *page = NULL;
  g_autofree char *rows = NULL;
  GtkWidget *kind;

  for (guint i = 0; i < found->len && equal == NULL; i++)
    if (slip_compared_count_wrong (found->pdata[i]) == 0
        && ((SlipValidationResult *)found->pdata[i])->expected > 0)
      equal = found->pdata[i];
  g_assert_nonnull (equal);
  rows = g_strdup_printf ("%" G_GINT64_FORMAT " in the target", equal->actual);
  page = g_strdup_printf ("migration-comparison/club/%s", equal->mapping);
  slip_window_go (ui->window, page);
  slip_ui_wait (tells_of_no_difference, view, 30, "a word on what was compared");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (view, rows));
  g_assert_true (slip_ui_find_text (view, " columns were compared"));
  g_assert_false (gtk_widget_is_sensitive (slip_ui_find_button (view, "Export CSV…")));
  slip_ui_lint (GTK_WIDGET (ui->window));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-differences-none");
  slip_window_go (ui->window, "migration-comparison/club/members");
  slip_ui_wait (has_differences, view, 30, "the differences to be counted");
  kind = slip_ui_find (view, GTK_TYPE_DROP_DOWN);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (kind), 4);
  slip_ui_wait (tells_of_none_of_kind, view, 30, "a word on the kind");
  g_assert_true (slip_ui_find_text (view, "1 missing, 3 differing"));
  gtk_drop_down_set_selected (GTK_DROP_DOWN (kind), 0);
  slip_ui_wait (has_differences, view, 30, "all kinds again");
}

static gboolean
tells_of_an_extra_row (gpointer view)
{
  return slip_ui_find_text (view, "no such row is expected");
}

static gboolean
tells_that_nobody_knows_its_record (gpointer data)
{
  return find_status (GTK_WIDGET (ui->window), "row 999999 of contracts is none that run 1 made")
         != NULL;
}

static gboolean
tells_of_its_record (gpointer data)
{
  return slip_ui_find_text (GTK_WIDGET (ui->window), "inserted by this run");
}

static gboolean
shows_differences (gpointer data)
{
  return slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_DIFFERENCE_VIEW) != NULL;
}

static void
open_extra_row (void)
{
  GtkWidget *view;

  slip_window_go (ui->window, "migration-comparison/club/contracts");
  slip_ui_wait (shows_differences, NULL, 30, "the mapping's rows");
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_DIFFERENCE_VIEW);
  slip_ui_wait (has_differences, view, 30, "the extra row");
  slip_difference_view_select (SLIP_DIFFERENCE_VIEW (view), 0);
  slip_ui_wait (tells_of_an_extra_row, view, 30, "the extra row's columns");
  slip_ui_settle ();
}

/* A row that nobody expects has no other side that each of its columns could differ from; and what a run inserted has a record. */
static void
tells_of_what_is_extra (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);

  migration_run (pg, "UPDATE slipway.difference SET known = 'somebody enters berths by hand until "
                     "the new season has begun, which is as it should be, and they are never taken "
                     "out of it again', target_id = '999999' WHERE mapping = 'contracts'");
  open_extra_row ();
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "differs"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "(null)"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "are never taken out of it again"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-differences-extra");
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (ui->window), "Trace the Record"),
                         "clicked");
  slip_ui_wait (tells_that_nobody_knows_its_record, NULL, 30, "why it is not traced");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-trace-extra");
  migration_run (pg, "UPDATE slipway.difference SET target_id = '7' WHERE mapping = 'contracts'");
  open_extra_row ();
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (ui->window), "Trace the Record"),
                         "clicked");
  slip_ui_wait (tells_of_its_record, NULL, 30, "the way of the row that the run inserted");
}

static void
set_validation_gate (const char *gate)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autofree char *value = gate != NULL ? g_strdup_printf ("'%s'", gate) : NULL;
  g_autofree char *sql = g_strdup_printf (
      "UPDATE slipway.stage SET gate = %s WHERE run = 1 AND stage = 'validation'",
      value != NULL ? value : "NULL");

  migration_run (pg, sql);
}

static void
test_comparison (void)
{
  SlipMigrationDesk *desk;
  GtkWidget *view;
  GPtrArray *found;
  g_autofree char *path = NULL;
  g_autofree char *csv = NULL;

  if (skip ())
    return;
  desk = get_desk ();
  slip_window_go (ui->window, "migration-comparison/club");
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_wait (is_old, NULL, 30, "what is known to be old");
  /* As a command does beside the window; whoever comes back to the page sees it. */
  plant_differences (4, TRUE);
  set_validation_gate ("gate of stage validation: 5 rows not as expected");
  slip_window_go (ui->window, "migration-comparison/club");
  slip_ui_wait (is_planted, NULL, 30, "the comparison");
  slip_ui_settle ();
  found = slip_migration_desk_get_data (desk)->validations;
  /* Those that differ come first. */
  g_assert_cmpstr (((SlipValidationResult *)found->pdata[0])->mapping, ==, "contracts");
  g_assert_cmpstr (((SlipValidationResult *)found->pdata[1])->mapping, ==, "members");
  assert_copies (slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW), "rows.copy-all",
                 "Mapping\tState\tExpected\tActual\tColumns\tNote", found->len);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window),
                                    "Run 1 · " RUN_DATE " · done, but “Validate” failed since"));
  shoot_all ("migration-comparison");
  set_validation_gate (NULL);
  assert_counts_read_back ();
  keeps_its_place ();
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_wait (is_read, NULL, 30, "the waterfall");
  slip_ui_settle ();
  assert_waterfall_is ("tone-bad");
  slip_window_go (ui->window, "migration-comparison/club/members");
  slip_ui_settle ();
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_DIFFERENCE_VIEW);
  g_assert_nonnull (view);
  slip_ui_wait (has_differences, view, 30, "the differences to be counted");
  g_assert_cmpuint (slip_difference_view_get_n_rows (SLIP_DIFFERENCE_VIEW (view)), ==, 4);
  slip_difference_view_select (SLIP_DIFFERENCE_VIEW (view), 0);
  slip_ui_wait (has_chosen, view, 30, "the first row's columns");
  slip_ui_settle ();
  /* Null and blank are told apart, and the rule stands beside. */
  g_assert_true (slip_ui_find_text (view, "(blank)"));
  g_assert_true (slip_ui_find_text (view, "(null)"));
  g_assert_true (slip_ui_find_text (view, "member.Surname"));
  g_assert_true (slip_ui_find_text (view, "member.csv, line 3"));
  g_assert_true (slip_ui_find_text (view, "member.csv, record 2, line 3"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "validated "));
  shoot_all ("migration-differences");
  path = export_to ("Export CSV…", "differences.csv");
  g_assert_true (g_file_get_contents (path, &csv, NULL, NULL));
  g_assert_nonnull (strstr (csv, ",file,record,line,exact,"));
  g_assert_nonnull (strstr (csv, ",member,2,member.csv,2,3,t,"));
  tells_what_was_equal ();
  tells_of_what_is_extra ();
  slip_window_go (ui->window, "migration-comparison/club/members");
  slip_ui_settle ();
  /* One that nobody compared yet is waited for; what is open stays. */
  slip_window_go (ui->window, "migration-comparison/club/none");
  /* A row is mended, and compared again: it leaves the list that is open too. */
  plant_differences (3, TRUE);
  slip_migration_desk_load (desk);
  slip_ui_wait (has_one_less, view, 30, "the row that is mended to go");
  plant_differences (100001, TRUE);
  slip_window_go (ui->window, "migration-comparison/club/members");
  slip_ui_wait (has_all_differences, view, 30, "a hundred thousand differences to be counted");
  scroll_through (SLIP_DIFFERENCE_VIEW (view));
  /* Pages that nobody looked at are fetched for it; a clipboard is not for a hundred thousand rows, and says so. */
  assert_copies (slip_ui_find (view, GTK_TYPE_COLUMN_VIEW), "rows.copy-all",
                 "What\tKey\tColumns\tSource\tTarget key", 5001);
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-differences-end");
}

static gboolean
has_all_rows (gpointer list)
{
  return g_list_model_get_n_items (list) == 1000;
}

static gboolean
is_loaded (gpointer row)
{
  return slip_paged_row_is_loaded (row);
}

static gboolean
has_failed (gpointer list)
{
  return slip_paged_list_get_message (list) != NULL;
}

static gboolean
is_well (gpointer list)
{
  return slip_paged_list_get_message (list) == NULL;
}

static gboolean
is_past (gpointer moment)
{
  return g_get_monotonic_time () >= *(gint64 *)moment;
}

/* Whoever looks again does not wait for as long as it was tried in vain: the fourth time comes seven seconds behind the first. */
static void
fetches_at_once_for_whoever_looks_again (SlipPg *pg)
{
  g_autoptr (SlipPagedList) list
      = slip_paged_list_new (migration_db, "SELECT n FROM slipway.paged ORDER BY n", NULL);
  g_autoptr (SlipPagedRow) missed = NULL;
  gint64 third;

  slip_ui_wait (has_all_rows, list, 30, "the rows to be counted");
  migration_run (pg, "ALTER TABLE slipway.paged RENAME TO paged_away");
  missed = g_list_model_get_item (G_LIST_MODEL (list), 500);
  slip_ui_wait (has_failed, list, 30, "the page to fail");
  third = g_get_monotonic_time () + 3300 * G_TIME_SPAN_MILLISECOND;
  slip_ui_wait (is_past, &third, 30, "the page to fail three times");
  migration_run (pg, "ALTER TABLE slipway.paged_away RENAME TO paged");
  slip_paged_list_retry (list);
  slip_ui_wait (is_loaded, missed, 3, "the page at once");
}

/* A page that could not be fetched comes when it can be, though another one came before it, and nobody leaves the list. */
static void
fetches_again_what_did_not_come (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autoptr (SlipPagedList) list = NULL;
  g_autoptr (SlipPagedRow) missed = NULL;
  g_autoptr (SlipPagedRow) other = NULL;

  migration_run (pg,
                 "CREATE TABLE slipway.paged AS SELECT g AS n FROM generate_series (1, 1000) g");
  list = slip_paged_list_new (migration_db, "SELECT n FROM slipway.paged ORDER BY n", NULL);
  slip_ui_wait (has_all_rows, list, 30, "the rows to be counted");
  migration_run (pg, "ALTER TABLE slipway.paged RENAME TO paged_away");
  missed = g_list_model_get_item (G_LIST_MODEL (list), 500);
  slip_ui_wait (has_failed, list, 30, "the page to fail");
  migration_run (pg, "ALTER TABLE slipway.paged_away RENAME TO paged");
  other = g_list_model_get_item (G_LIST_MODEL (list), 900);
  slip_ui_wait (is_loaded, other, 30, "another page");
  slip_ui_wait (is_loaded, missed, 30, "the page that failed");
  g_assert_cmpstr (slip_paged_row_get (missed, 0), ==, "501");
  slip_ui_wait (is_well, list, 30, "no word of the failure");
  fetches_at_once_for_whoever_looks_again (pg);
  migration_run (pg, "DROP TABLE slipway.paged");
}

static void
goes_on_about (const char *page, const char *words, const char *class)
{
  GtkWidget *status;

  slip_window_go (ui->window, page);
  look_again ();
  status = find_status (GTK_WIDGET (ui->window), words);
  g_assert_nonnull (status);
  g_assert_true (gtk_widget_has_css_class (status, class));
}

static void
tells_of_a_target_that_does_not_answer (void)
{
  g_autoptr (SlipPg) target = migration_open (target_db);
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autofree char *name = migration_value (target, "SELECT quote_ident (current_database ())");
  g_autofree char *shut = g_strdup_printf ("ALTER DATABASE %s ALLOW_CONNECTIONS false", name);
  g_autofree char *open = g_strdup_printf ("ALTER DATABASE %s ALLOW_CONNECTIONS true", name);

  migration_run (pg, shut);
  goes_on_about ("migration/club", "Run 1: done. cannot connect", "tone-warning");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-target-away");
  goes_on_about ("migrations", "done, but the target does not answer", "tone-warning");
  migration_run (pg, open);
}

static void
refuse (void)
{
  gtk_window_close (GTK_WINDOW (slip_ui_get_dialog (ui)));
  slip_ui_wait (has_no_dialog, NULL, 10, "the question to go");
}

/* The window looks before it asks. */
static void
ask_to_run (void)
{
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  slip_ui_click (GTK_WIDGET (ui->window), "Run…");
  slip_ui_wait (has_dialog, NULL, 30, "the question before the run");
  slip_ui_settle ();
}

/* What is known of runs does not go with the connection, and says as of when it is. */
/* Chosen once in vain and once again, it is the one that is shown. */
static void
shows_the_run_that_was_wanted_when_it_was_away (void)
{
  SlipMigrationDesk *desk = get_desk ();

  for (guint i = 0; i < 2; i++)
    {
      slip_migration_desk_show_run (desk, 2);
      slip_ui_wait (is_read, NULL, 30, "what was read before");
      slip_ui_settle ();
      g_assert_cmpint (slip_migration_desk_get_data (desk)->run, ==, 1);
      g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "cannot connect"));
    }
  migration_server_resume ();
  {
    g_autoptr (SlipPg) pg = migration_open (migration_db);

    migration_run (pg, "CREATE TEMP TABLE copy AS SELECT * FROM slipway.run; UPDATE copy SET id = "
                       "2, token = gen_random_uuid (), state = 'undone'; INSERT INTO slipway.run "
                       "OVERRIDING SYSTEM VALUE SELECT * FROM copy");
    slip_migration_desk_show_run (desk, 2);
    slip_ui_wait (is_read, NULL, 30, "the other run");
    slip_ui_settle ();
    g_assert_cmpint (slip_migration_desk_get_data (desk)->run, ==, 2);
    migration_run (pg, "DELETE FROM slipway.run WHERE id = 2");
  }
  slip_migration_desk_show_run (desk, 1);
  slip_ui_wait (is_read, NULL, 30, "the run");
}

static gboolean
tells_of_no_connection (gpointer data)
{
  GtkWidget *page = GTK_WIDGET (slip_window_get_page (ui->window));

  return is_read (NULL) && find_status (page, "cannot connect") != NULL;
}

static gboolean
tells_of_a_connection (gpointer data)
{
  return is_read (NULL) && !tells_of_no_connection (NULL);
}

/* Whoever comes back to where all migrations are sees how they stand, and as of when that is. */
static void
looks_at_all_again (gboolean away)
{
  slip_window_go (ui->window, "migrations");
  slip_ui_wait (away ? tells_of_no_connection : tells_of_a_connection, NULL, 30,
                "all migrations to be looked at again");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "as of "));
}

static gboolean
tells_what_could_not_be_checked (gpointer data)
{
  return find_status (GTK_WIDGET (ui->window), "not everything could be checked") != NULL;
}

static gboolean
tells_that_all_was_checked (gpointer data)
{
  return find_status (GTK_WIDGET (ui->window), "held against both databases") != NULL;
}

/* Of what could not be looked at nobody is told that it is well, nor that it is of when the runs were read. */
static void
checks_definitions_in_part (gint64 read)
{
  g_autofree char *then = slip_format_moment (read, g_get_real_time ());

  slip_window_go (ui->window, "migration-definitions/club");
  /* The bar is drawn before what is below it. */
  g_assert_nonnull (slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_DEFINITIONS_PAGE));
  g_assert_null (
      slip_ui_find (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_COLUMN_VIEW));
  slip_ui_wait (tells_what_could_not_be_checked, NULL, 30, "the definitions to be checked in part");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "checked in part"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "nothing found"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "as of "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), then));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-definitions-away");
}

static void
checks_definitions_when_it_can (void)
{
  slip_window_go (ui->window, "migration-definitions/club");
  slip_ui_wait (tells_that_all_was_checked, NULL, 30, "the definitions to be checked");
  slip_ui_settle ();
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "checked in part"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "nothing found"));
}

static gboolean
tells_of_no_rows (gpointer view)
{
  return slip_ui_find_text (view, "cannot connect");
}

static void
opens_rows_in_vain (void)
{
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_settle ();
  slip_page_escape (slip_window_get_page (ui->window));
  slip_ui_settle ();
  /* A gap of people, as a test before chose it. */
  open_row (0);
  slip_ui_wait (tells_of_no_rows, slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW), 30,
                "why there are no rows");
  assert_offers ("Export CSV…", FALSE);
}

/* Nobody waits for as long as it was tried in vain before. */
static void
has_the_rows_when_it_can (void)
{
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_settle ();
  slip_ui_wait (has_rows, slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW), 5,
                "the rows that could not be read");
  g_assert_true (slip_page_escape (slip_window_get_page (ui->window)));
}

static void
test_away (void)
{
  const char *const pages[] = {"migration/club", "migration-comparison/club",
                               "migration-waterfall/club", "migration-trace/club", "migrations"};
  gint64 done;
  gint64 read;

  if (skip ())
    return;
  tells_of_a_target_that_does_not_answer ();
  slip_window_go (ui->window, "migration/club");
  look_again ();
  done = count_stages ("done");
  read = slip_migration_desk_get_data (get_desk ())->read;
  g_assert_cmpint (done, >, 5);
  looks_at_all_again (FALSE);
  slip_window_go (ui->window, "migration/club");
  slip_ui_wait (is_old, NULL, 30, "what is known to be old");
  read = slip_migration_desk_get_data (get_desk ())->read;
  migration_server_halt ();
  looks_at_all_again (TRUE);
  opens_rows_in_vain ();
  checks_definitions_in_part (read);
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *picture = g_strdup_printf ("migration-away-%" G_GSIZE_FORMAT, i);

      goes_on_about (pages[i], "cannot connect to the migration database", "tone-bad");
      slip_ui_shoot (GTK_WIDGET (ui->window), picture);
      g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "Nothing compared yet"));
      g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "No run yet"));
    }
  g_assert_cmpint (count_stages ("done"), ==, done);
  g_assert_cmpint (slip_migration_desk_get_data (get_desk ())->read, ==, read);
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "How the migration stands is not"));
  refuse ();
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (ui->window), "Take Back…"), "clicked");
  slip_ui_wait (has_dialog, NULL, 30, "why nothing is taken back now");
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "How the migration stands is not"));
  refuse ();
  shows_the_run_that_was_wanted_when_it_was_away ();
  has_the_rows_when_it_can ();
  checks_definitions_when_it_can ();
  looks_at_all_again (FALSE);
  goes_on_about ("migration/club", "Run 1: done", "tone-good");
  g_assert_cmpint (slip_migration_desk_get_data (get_desk ())->read, >, read);
}

/* That nothing could be read is not that nothing was run. */
static void
test_unread (void)
{
  if (skip ())
    return;
  migration_server_halt ();
  slip_window_go (ui->window, "migration/club");
  look_again ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "The runs cannot be read now"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-unread");
  slip_window_go (ui->window, "migration-comparison/club");
  look_again ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "The runs cannot be read now"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "Nothing compared yet"));
  assert_offers ("CSV…", FALSE);
  assert_offers ("PNG…", FALSE);
  assert_offers ("Evidence…", FALSE);
  migration_server_resume ();
  slip_window_go (ui->window, "migration/club");
  look_again ();
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "The runs cannot be read now"));
}

static void
plant_checks (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);

  migration_run (
      pg,
      "INSERT INTO slipway.api_check (run, file, line, endpoint, reference, locator, purpose, "
      "expected, actual, state, message, asked, status, tries, milliseconds) VALUES\n"
      "(1, 'members.csv', 2, '/api/v1/people/{id}', 'M000001', '$.membership', 'membership', "
      "'left', 'left', 'passed', NULL, '/api/v1/people/12', 200, 1, 3),\n"
      "(1, 'members.csv', 3, '/api/v1/people/{id}', 'M000003', '$.surname', 'surname', "
      "'dunnockby', 'somebody else', 'failed', NULL, '/api/v1/people/14', 200, 5, 9),\n"
      "(1, 'members.csv', 4, '/api/v1/people/{id}', 'M000004', '$.uid', 'number', '300000000020', "
      "NULL, 'error', '/api/v1/people/15: HTTP 500', '/api/v1/people/15', 500, 5, 9);\n"
      "INSERT INTO slipway.measure (run, stage, entity, kind, rows) VALUES\n"
      "(1, 'api', 'members.csv', 'in', 3), (1, 'api', 'members.csv', 'passed', 1), "
      "(1, 'api', 'members.csv', 'failed', 2)");
}

static gboolean
has_checks (gpointer data)
{
  return slip_rows_view_get_n_rows (data) == 3
         && slip_ui_find_text (data, "/api/v1/people/15: HTTP 500");
}

/* Wherever what is open above puts it. */
static guint
stage_position (const char *wanted)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (ui->window), GTK_TYPE_COLUMN_VIEW);
  GListModel *model = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (model, i);
      g_autoptr (SlipStageNode) node = gtk_tree_list_row_get_item (row);

      if (gtk_tree_list_row_get_depth (row) == 0
          && g_str_equal (slip_stage_node_get_id (node), wanted))
        return i;
    }
  g_assert_not_reached ();
}

/* From the comparison and from the run: what was expected stands beside what was answered, or why nothing was. */
static void
test_checks (void)
{
  GtkWidget *view;

  if (skip ())
    return;
  fetches_again_what_did_not_come ();
  plant_checks ();
  slip_window_go (ui->window, "migration-comparison/club");
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "the checks");
  slip_ui_settle ();
  slip_ui_click (GTK_WIDGET (ui->window), "API: 2 of 3 failed");
  slip_ui_settle ();
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW);
  g_assert_nonnull (view);
  slip_ui_wait (has_checks, view, 30, "the checks' rows");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (view, "dunnockby"));
  g_assert_true (slip_ui_find_text (view, "somebody else"));
  shoot_all ("migration-api");
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  open_row (stage_position ("api"));
  view = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_ROWS_VIEW);
  g_assert_nonnull (view);
  slip_ui_wait (has_checks, view, 30, "the checks' rows");
}

static void
assert_picture (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GdkTexture) picture = gdk_texture_new_from_filename (path, &error);
  g_autofree char *shot = g_build_filename (g_getenv ("SLIPWAY_SHOTS"), name, NULL);

  g_assert_no_error (error);
  g_assert_cmpint (gdk_texture_get_width (picture), >=, 1200);
  g_assert_cmpint (gdk_texture_get_height (picture), >, 100);
  gdk_texture_save_to_png (picture, shot);
}

/* Charts of both pages, also of the one that is not shown; and whoever gets the folder checks it with sha256sum. */
static char *
dup_audit_log (void)
{
  const char *argv[] = {g_getenv ("SLIPWAYCTL"),
                        "--state",
                        g_getenv ("SLIPWAY_STATE_DIR"),
                        "ledger",
                        "list",
                        "--json",
                        NULL};
  char *told = NULL;

  g_assert_true (g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, &told, NULL, NULL, NULL));
  return told;
}

static void
test_evidence (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *sums = NULL;
  const char *argv[] = {"sh", "-c", "cd \"$0\" && sha256sum --strict -c SHA256SUMS", NULL, NULL};
  g_autofree char *told = NULL;

  if (skip ())
    return;
  folder = g_build_filename (ui->folder, "evidence", NULL);
  sums = g_build_filename (folder, "SHA256SUMS", NULL);
  slip_window_go (ui->window, "migration-comparison/club");
  slip_ui_wait (is_read, NULL, 30, "the comparison");
  slip_ui_settle ();
  slip_migration_evidence_save (GTK_WIDGET (slip_window_get_page (ui->window)), get_desk (),
                                folder);
  slip_ui_wait (is_written, sums, 60, "the evidence");
  argv[3] = folder;
  run_tool (argv);
  assert_picture (folder, "comparison.png");
  assert_picture (folder, "waterfall.png");
  slip_ui_settle ();
  told = dup_audit_log ();
  g_assert_nonnull (strstr (told, "migration:run"));
  g_assert_nonnull (strstr (told, "migration:report"));
}

static gboolean
is_traced (gpointer data)
{
  return !slip_trace_page_is_busy (data);
}

static gboolean
has_items (gpointer list)
{
  return g_list_model_get_n_items (list) >= 5;
}

static guint n_lines;

static gboolean
has_all (gpointer list)
{
  return g_list_model_get_n_items (list) == n_lines;
}

/* They come in slices, however slowly. */
static void
settle_items (GListModel *list)
{
  guint n;

  do
    {
      n = g_list_model_get_n_items (list);
      slip_ui_settle ();
    }
  while (g_list_model_get_n_items (list) != n);
}

/* Lines of the trace before go a few at a time, and are lines of it for as long as they are there. */
static void
assert_lines_linger (SlipPage *page)
{
  GtkWidget *view = slip_ui_find (GTK_WIDGET (page), GTK_TYPE_COLUMN_VIEW);
  GListModel *lines = G_LIST_MODEL (gtk_column_view_get_model (GTK_COLUMN_VIEW (view)));
  g_autoptr (SlipTracePlace) first = NULL;

  slip_ui_wait (has_items, lines, 10, "the lines");
  settle_items (lines);
  n_lines = g_list_model_get_n_items (lines);
  first = g_list_model_get_item (lines, 0);
  slip_window_go (ui->window, "migration-trace/club/member:1");
  g_assert_cmpuint (g_list_model_get_n_items (lines), >=, n_lines - 4);
  g_assert_cmpuint (g_list_model_get_n_items (lines), >, 0);
  slip_ui_wait (is_traced, page, 60, "the record's way again");
  slip_ui_wait (has_all, lines, 60, "as many lines as before");
  g_assert_cmpstr (slip_trace_place_get_step (first)->stage, ==, "load");
}

/* Not of when the run's numbers were read. */
static void
assert_is_of_when_it_was_traced (SlipPage *page)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  gint64 read = data->read;
  g_autofree char *before = NULL;

  data->read -= 3600 * (gint64)G_USEC_PER_SEC;
  before = slip_format_moment (data->read, g_get_real_time ());
  g_signal_emit_by_name (get_desk (), "changed");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "as of "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (page), before));
  data->read = read;
}

static const char *
get_first_landed (void)
{
  GPtrArray *measures = slip_migration_desk_get_data (get_desk ())->report->measures;

  for (guint i = 0; i < measures->len; i++)
    {
      const SlipMeasure *measure = g_ptr_array_index (measures, i);

      if (g_str_equal (measure->stage, "load") && g_str_equal (measure->kind, "out"))
        return measure->entity;
    }
  g_assert_not_reached ();
}

static void
test_trace (void)
{
  SlipPage *page;
  g_autofree char *csv = NULL;

  if (skip ())
    return;
  slip_window_go (ui->window, "migration-trace/club");
  page = slip_window_get_page (ui->window);
  slip_ui_settle ();
  g_assert_false (slip_ui_find_text (GTK_WIDGET (page), "(None)"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), get_first_landed ()));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-trace-nothing");
  /* As a row of the waterfall or of the comparison sends one here. */
  slip_window_go (ui->window, "migration-trace/club/member:1");
  page = slip_window_get_page (ui->window);
  slip_ui_wait (is_traced, page, 60, "the record's way");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "member.csv record 1 (line 2)"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "transform.people"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "integration.people"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "public.people"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (page), "inserted by this run"));
  assert_lines_linger (page);
  assert_is_of_when_it_was_traced (page);
  shoot_all ("migration-trace");
  csv = export_csv ("trace.csv",
                    "place,stage,table,key,rule,what,lost,column,value,mapping_rule\n1,load,");
  g_assert_nonnull (strstr (csv, ",no,membernumber,"));
  assert_exported_picture ("trace.png", 500, 200);
}

static gboolean
is_definitions_checked (gpointer data)
{
  return slip_definitions_page_is_checked (data);
}

static gboolean
is_draft_checked (gpointer data)
{
  return !slip_definition_draft_is_busy (data);
}

static GtkWidget *
find_row (GtkWidget *root, const char *title)
{
  if (ADW_IS_ENTRY_ROW (root) && gtk_widget_get_mapped (root)
      && g_str_equal (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (root)), title))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = find_row (child, title);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* It is made when the definitions are read. */
static gboolean
has_editor (gpointer data)
{
  GtkWidget *editor = slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_MAPPING_EDITOR);

  return editor != NULL && gtk_widget_get_mapped (editor);
}

static SlipMappingEditor *
open_editor (const char *name)
{
  g_autofree char *page_id = g_strconcat ("migration-definitions/club/", name, NULL);

  slip_window_go (ui->window, page_id);
  slip_ui_settle ();
  slip_ui_wait (has_editor, NULL, 20, "the editor");
  return SLIP_MAPPING_EDITOR (slip_ui_find (GTK_WIDGET (ui->window), SLIP_TYPE_MAPPING_EDITOR));
}

/* In the list, and not in the form below it. */
static gboolean
has_rule (SlipMappingEditor *editor, const char *rule)
{
  return slip_ui_find_text (slip_ui_find (GTK_WIDGET (editor), GTK_TYPE_COLUMN_VIEW), rule);
}

static gboolean
is_signed_off (SlipMappingEditor *editor)
{
  return gtk_switch_get_active (GTK_SWITCH (slip_ui_find (GTK_WIDGET (editor), GTK_TYPE_SWITCH)));
}

/* Errors are named, and the file stays as it is until somebody says that they are to be saved. */
static void
asks_before_it_saves_errors (SlipMappingEditor *editor, const char *path, const char *before)
{
  GtkWidget *save = slip_ui_find_button (GTK_WIDGET (editor), "Save");
  g_autofree char *kept = NULL;

  g_signal_emit_by_name (save, "clicked");
  slip_ui_wait (has_dialog, NULL, 10, "the question before errors are saved");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "Save with 1 error?"));
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "titel_lookup"));
  g_assert_nonnull (slip_ui_find_button (slip_ui_get_dialog (ui), "Save Anyway"));
  g_assert_nonnull (slip_ui_find_button (slip_ui_get_dialog (ui), "Go On Editing"));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-save-errors");
  refuse ();
  g_assert_false (slip_definition_draft_is_empty (slip_mapping_editor_get_draft (editor)));
  g_assert_true (g_file_get_contents (path, &kept, NULL, NULL));
  g_assert_cmpstr (kept, ==, before);
}

/* What somebody signed off was the rule of before; one undo brings both back. */
static void
takes_the_sign_off_back (SlipMappingEditor *editor, SlipDefinitionDraft *draft)
{
  g_assert_false (is_signed_off (editor));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "Taken back: it was of the rule before"));
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (editor), "Undo"), "clicked");
  slip_ui_settle ();
  g_assert_true (slip_definition_draft_is_empty (draft));
  g_assert_true (is_signed_off (editor));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (editor), "Taken back"));
}

/* Before the check has an answer a mapping has no mark that all is well. */
static void
assert_says_that_it_is_not_known_yet (void)
{
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  g_autoptr (SlipCovered) covered = slip_covered_new (g_ptr_array_index (data->coverage, 0));
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  const SlipColumn *check = &slip_covered_columns[1];
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  slip_covered_count (covered, NULL, NULL, FALSE);
  before = check->text (covered);
  g_assert_cmpstr (before, ==, "checking…");
  g_assert_cmpint (check->tone (covered), ==, SLIP_TONE_BUSY);
  slip_covered_count (covered, none, none, TRUE);
  after = check->text (covered);
  g_assert_cmpstr (after, ==, "nothing found");
  g_assert_cmpint (check->tone (covered), ==, SLIP_TONE_GOOD);
}

/* What is saved is the file as it was but for the value; what is wrong is said before. */
static void
test_definitions (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *signed_off = NULL;
  g_autofree char *wanted = NULL;
  SlipMappingEditor *editor;
  SlipDefinitionDraft *draft;
  const char *place;

  if (skip ())
    return;
  slip_window_go (ui->window, "migration-definitions/club");
  slip_ui_settle ();
  g_assert_nonnull (
      slip_ui_find (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_COLUMN_VIEW));
  assert_says_that_it_is_not_known_yet ();
  slip_ui_wait (is_definitions_checked, slip_window_get_page (ui->window), 60, "the check");
  slip_ui_settle ();
  shoot_all ("migration-definitions");
  folder = example_of (ui->folder);
  path = g_build_filename (folder, "mapping_definitions/members_mapping.json", NULL);
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  editor = open_editor ("members");
  draft = slip_mapping_editor_get_draft (editor);
  /* What the check of the page found in this file, and in no other. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "warning: /salutation/"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (editor), "warning: /riskband/"));
  g_assert_true (slip_mapping_editor_select (editor, "salutation"));
  slip_ui_settle ();
  g_assert_true (has_rule (editor, "lookup title_lookup"));
  g_assert_true (is_signed_off (editor));
  gtk_editable_set_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), "Lookup")), "titel_lookup");
  slip_ui_wait (is_draft_checked, draft, 60, "the check of the change");
  slip_ui_settle ();
  g_assert_cmpuint (slip_definition_draft_get_findings (draft)->len, >, 0);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "titel_lookup"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "“no”. Until it is signed off again"));
  g_assert_true (has_rule (editor, "lookup titel_lookup"));
  g_assert_false (has_rule (editor, "lookup title_lookup"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "warning: /salutation/"));
  /* Not what the check says of the files as they are. */
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "the change brings: errors 1"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "0 errors"));
  shoot_all ("migration-mapping-editor");
  asks_before_it_saves_errors (editor, path, before);
  takes_the_sign_off_back (editor, draft);
  gtk_editable_set_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), "Lookup")), "title_lookup");
  gtk_editable_set_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), "Default value")), "Mx");
  slip_ui_wait (is_draft_checked, draft, 60, "the check of the change");
  slip_ui_settle ();
  g_assert_cmpuint (slip_definition_draft_get_findings (draft)->len, ==, 0);
  g_assert_cmpuint (slip_definition_draft_get_changes (draft)->len, ==, 2);
  g_assert_true (has_rule (editor, "lookup title_lookup, else “Mx”"));
  g_assert_nonnull (
      strstr (g_ptr_array_index (slip_definition_draft_get_changes (draft), 0), "Mx"));
  slip_ui_click (GTK_WIDGET (editor), "Save");
  /* What were typed now would be in no file. */
  g_assert_true (slip_definition_draft_is_saving (draft));
  g_assert_false (gtk_widget_is_sensitive (find_row (GTK_WIDGET (editor), "Default value")));
  slip_definition_draft_discard (draft);
  g_assert_false (slip_definition_draft_is_empty (draft));
  slip_ui_wait (is_draft_checked, draft, 60, "the save");
  g_assert_true (slip_definition_draft_is_empty (draft));
  g_assert_true (gtk_widget_get_sensitive (gtk_widget_get_first_child (GTK_WIDGET (editor))));
  slip_ui_settle ();
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  place = strstr (strstr (before, "\"salutation\""), "\"default_value\": \"\"");
  signed_off = g_strdup_printf ("%.*s\"default_value\": \"Mx\"%s", (int)(place - before), before,
                                place + strlen ("\"default_value\": \"\""));
  place = strstr (strstr (signed_off, "\"salutation\""), "\"is_complete\": true");
  wanted = g_strdup_printf ("%.*s\"is_complete\": false%s", (int)(place - signed_off), signed_off,
                            place + strlen ("\"is_complete\": true"));
  g_assert_cmpstr (after, ==, wanted);
}

static void
set_first (GHashTable *files, GHashTable *seen, const char *file, const char *text)
{
  SlipDefinitionEdits *edits = slip_definition_edits_new ();

  json_object_set_string_member (edits->set, "$.value", "new");
  g_hash_table_insert (files, g_strdup (file), edits);
  g_hash_table_insert (seen, g_strdup (file),
                       g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1));
}

/* Two files, of which one is larger than any may be: the disk is full for it. */
static void
saves_all_or_nothing (void)
{
  g_autofree char *folder = g_build_filename (ui->folder, "two", NULL);
  g_autofree char *fill = g_strnfill (100 * 1000, ' ');
  const char *small = "{\"value\": \"old\"}\n";
  g_autofree char *large = g_strconcat (small, fill, NULL);
  const char *const names[] = {"a.json", "b.json", "c.json"};
  g_autoptr (GHashTable) files
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, slip_definition_edits_free);
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) dir = NULL;
  SlipDefinitionWork *work;
  struct rlimit before;
  struct rlimit least;
  guint n = 0;

  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      const char *text = i == 1 ? large : small;

      g_assert_true (g_file_set_contents (path, text, -1, NULL));
      set_first (files, seen, names[i], text);
    }
  work = slip_definition_work_new (slip_migration_desk_get_project (get_desk ()), folder, files,
                                   seen);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  least = (struct rlimit){50 * 1000, before.rlim_max};
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &least), ==, 0);
  g_assert_false (slip_definition_work_save (NULL, work, &error));
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  slip_definition_work_free (work);
  g_assert_nonnull (strstr (error->message, "nothing was changed"));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (folder, names[i], NULL);
      g_autofree char *text = NULL;

      g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
      g_assert_true (g_str_has_prefix (text, small));
    }
  dir = g_dir_open (folder, 0, NULL);
  while (g_dir_read_name (dir) != NULL)
    n++;
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (names));
}

/* A folder whose name only begins like that of the definitions is not below it. */
static void
refuses_a_folder_beside (void)
{
  SlipMigrationProject *project = slip_migration_desk_get_project (get_desk ());
  g_autofree char *beside = g_strconcat (project->definitions, "-old", NULL);
  g_autoptr (GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (SlipJob) job = slip_job_new ("check");
  g_autoptr (GError) error = NULL;
  SlipDefinitionWork *work = slip_definition_work_new (project, beside, none, none);

  g_assert_false (slip_definition_work_check (job, work, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  slip_definition_work_free (work);
}

static void
test_lookup (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *after = NULL;
  SlipMappingEditor *editor;
  SlipDefinitionDraft *draft;

  if (skip ())
    return;
  saves_all_or_nothing ();
  refuses_a_folder_beside ();
  folder = example_of (ui->folder);
  path = g_build_filename (folder, "mapping_definitions/lookups/title_lookup.json", NULL);
  editor = open_editor ("title_lookup");
  draft = slip_mapping_editor_get_draft (editor);
  gtk_editable_set_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), "Code")), "77");
  slip_ui_click (GTK_WIDGET (editor), "Add the Code");
  slip_ui_wait (is_draft_checked, draft, 60, "the check of the code");
  slip_ui_settle ();
  shoot_all ("migration-lookup-editor");
  g_assert_cmpuint (slip_definition_draft_get_changes (draft)->len, ==, 1);
  /* Somebody else writes the file meanwhile: nothing of theirs is lost. */
  g_assert_true (g_file_set_contents (path, "{\"1\": {\"sirius_mapping\": \"Ms\"}}\n", -1, NULL));
  slip_ui_click (GTK_WIDGET (editor), "Save");
  slip_ui_wait (is_draft_checked, draft, 60, "the save to be refused");
  g_assert_nonnull (strstr (slip_definition_draft_get_message (draft), "changed by somebody else"));
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  g_assert_cmpstr (after, ==, "{\"1\": {\"sirius_mapping\": \"Ms\"}}\n");
  slip_definition_draft_discard (draft);
}

static const char *
get_row_text (SlipMappingEditor *editor, const char *title)
{
  return gtk_editable_get_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), title)));
}

static void
type_in (SlipMappingEditor *editor, const char *title, const char *text)
{
  gtk_editable_set_text (GTK_EDITABLE (find_row (GTK_WIDGET (editor), title)), text);
}

static void
wait_for_check (SlipDefinitionDraft *draft, const char *what)
{
  slip_ui_wait (is_draft_checked, draft, 60, what);
  slip_ui_settle ();
}

/* Once: slip_ui_click() clicks as a key and as a pointer do. */
static void
press (SlipMappingEditor *editor, const char *label)
{
  GtkWidget *button = slip_ui_find_button (GTK_WIDGET (editor), label);

  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

typedef struct
{
  SlipMappingEditor *editor;
  guint asking;
} Told;

/* The files' word comes first, by the headers that are promised, and says that the databases' is to come. */
static void
told_cb (SlipDefinitionDraft *draft, Told *told)
{
  if (slip_definition_draft_is_busy (draft))
    g_assert_false (slip_ui_find_text (GTK_WIDGET (told->editor), "nothing new to say"));
  if (!slip_definition_draft_is_asking (draft))
    return;
  told->asking++;
  g_assert_true (slip_ui_find_text (GTK_WIDGET (told->editor), "Asking the databases…"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (told->editor), "has no column “Surnme”"));
}

/* The check of a change knows what that of the saved files would know: columns that the source has, and codes in rows that
 * are landed. What follows from a key is taken back with it. */
static void
test_live_check (void)
{
  static const char *const keys[] = {"Surnam", "Surna", "Surn", "Surnm", "Surnme"};
  Told told = {0};
  SlipMappingEditor *editor;
  SlipDefinitionDraft *draft;

  if (skip ())
    return;
  editor = open_editor ("members");
  draft = slip_mapping_editor_get_draft (editor);
  told.editor = editor;
  g_signal_connect (draft, "checked", G_CALLBACK (told_cb), &told);
  g_assert_true (slip_mapping_editor_select (editor, "surname"));
  slip_ui_settle ();
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    type_in (editor, "Source column", keys[i]);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "Checking the change…"));
  wait_for_check (draft, "the check of a column that is not in the source");
  g_signal_handlers_disconnect_by_data (draft, &told);
  g_assert_cmpuint (told.asking, ==, 1);
  g_assert_null (slip_definition_draft_get_unasked (draft));
  g_assert_cmpuint (slip_definition_draft_count (draft, SLIP_SEVERITY_ERROR), >, 0);
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "has no column “Surnme”"));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "the change brings: errors 0"));
  shoot_all ("migration-mapping-live");
  press (editor, "Undo");
  g_assert_true (slip_definition_draft_is_empty (draft));
  g_assert_cmpstr (get_row_text (editor, "Source column"), ==, "Surname");
  wait_for_check (draft, "the check of nothing");
  editor = open_editor ("title_lookup");
  draft = slip_mapping_editor_get_draft (editor);
  g_assert_true (slip_mapping_editor_select (editor, "2"));
  slip_ui_settle ();
  press (editor, "Remove");
  g_assert_false (slip_ui_find_text (GTK_WIDGET (editor), "nothing new to say"));
  wait_for_check (draft, "the check of a code that landed rows have");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "rows of member are not in "));
  g_assert_false (slip_ui_find_text (GTK_WIDGET (ui->window), "errors 0, warnings 0"));
  shoot_all ("migration-lookup-live");
  press (editor, "Undo");
  wait_for_check (draft, "the check of nothing");
  g_assert_true (slip_definition_draft_is_empty (draft));
  /* A code that is typed anew is one change behind its addition. */
  type_in (editor, "Code", "77");
  press (editor, "Add the Code");
  g_assert_true (slip_mapping_editor_select (editor, "77"));
  slip_ui_settle ();
  type_in (editor, "Name", "7");
  type_in (editor, "Name", "78");
  type_in (editor, "Name", "789");
  press (editor, "Undo");
  g_assert_true (slip_mapping_editor_select (editor, "77"));
  press (editor, "Undo");
  g_assert_true (slip_definition_draft_is_empty (draft));
  wait_for_check (draft, "the check of nothing");
}

/* Names change and go as values do: one line of the file, checked at once, and taken back step by step. */
static void
test_names (void)
{
  g_autofree char *folder = NULL;
  g_autofree char *path = NULL;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_auto (GStrv) old = NULL;
  g_auto (GStrv) new = NULL;
  SlipMappingEditor *editor;
  SlipDefinitionDraft *draft;
  guint differing = 0;

  if (skip ())
    return;
  folder = example_of (ui->folder);
  path = g_build_filename (folder, "mapping_definitions/lookups/contract_kind_lookup.json", NULL);
  g_assert_true (g_file_get_contents (path, &before, NULL, NULL));
  editor = open_editor ("contract_kind_lookup");
  draft = slip_mapping_editor_get_draft (editor);
  g_assert_true (slip_mapping_editor_select (editor, "S"));
  slip_ui_settle ();
  type_in (editor, "Name", "P");
  wait_for_check (draft, "the check of a name that is taken");
  g_assert_nonnull (
      strstr (slip_definition_draft_get_message (draft), "there is one of that name"));
  type_in (editor, "Name", "ZZ");
  wait_for_check (draft, "the check of the name");
  g_assert_null (slip_definition_draft_get_message (draft));
  g_assert_cmpuint (slip_definition_draft_get_changes (draft)->len, >, 0);
  type_in (editor, "Becomes", "stored");
  slip_ui_settle ();
  g_assert_true (has_rule (editor, "stored"));
  press (editor, "Undo");
  slip_ui_settle ();
  g_assert_false (has_rule (editor, "stored"));
  g_assert_true (slip_mapping_editor_select (editor, "P"));
  press (editor, "Remove");
  wait_for_check (draft, "the check of what is removed");
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "removed"));
  g_assert_true (slip_ui_find_text (GTK_WIDGET (editor), "renamed"));
  shoot_all ("migration-lookup-names");
  press (editor, "Undo");
  wait_for_check (draft, "the check without the removal");
  g_assert_cmpstr (get_row_text (editor, "Name"), ==, "P");
  press (editor, "Save");
  wait_for_check (draft, "the save");
  g_assert_true (g_file_get_contents (path, &after, NULL, NULL));
  old = g_strsplit (before, "\n", -1);
  new = g_strsplit (after, "\n", -1);
  g_assert_cmpuint (g_strv_length (old), ==, g_strv_length (new));
  for (guint i = 0; old[i] != NULL; i++)
    differing += !g_str_equal (old[i], new[i]);
  g_assert_cmpuint (differing, ==, 1);
  g_assert_nonnull (strstr (after, "\"ZZ\""));
  /* A column that others need: the check says so before anything is written. */
  editor = open_editor ("members");
  draft = slip_mapping_editor_get_draft (editor);
  g_assert_true (slip_mapping_editor_select (editor, "membernumber"));
  press (editor, "Remove");
  wait_for_check (draft, "the check of a column that is needed");
  g_assert_cmpuint (slip_definition_draft_get_findings (draft)->len, >, 0);
  shoot_all ("migration-mapping-names");
  press (editor, "Undo");
  wait_for_check (draft, "the check of nothing");
  g_assert_cmpuint (slip_definition_draft_get_findings (draft)->len, ==, 0);
  g_assert_true (slip_definition_draft_is_empty (draft));
}

static gboolean
has_unfinished (gpointer data)
{
  g_autofree char *text = slip_migration_question_dup_unfinished (get_desk ());

  return text != NULL && strstr (text, data) != NULL;
}

static void
begin_run (const char *id)
{
  g_autoptr (JsonObject) entry = slip_run_entry_new (SLIP_RUN_STARTED_KIND, id, NULL, NULL);
  g_autoptr (GError) error = NULL;

  slip_ledger_append (slip_workbench_get_ledger (ui->workbench), entry, NULL, &error);
  g_assert_no_error (error);
}

static gboolean
is_waiting (gpointer data)
{
  g_autoptr (GPtrArray) lines = slip_migration_desk_dup_lines (get_desk ());

  for (guint i = 0; lines != NULL && i < lines->len; i++)
    {
      const SlipStageLine *line = g_ptr_array_index (lines, i);

      if (g_strcmp0 (line->unit, SLIP_MIGRATION_WAITING) == 0)
        return g_str_has_prefix (line->step, data);
    }
  return FALSE;
}

/* One that is left out is not done, also before anybody wrote that down. */
static void
assert_left_out (SlipMigrationData *data, GPtrArray *lines)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  const char *const left_out[] = {"filter", NULL};
  SlipReportStage *filter = NULL;

  for (guint i = 0; filter == NULL && i < data->report->stages->len; i++)
    if (g_str_equal (((SlipReportStage *)data->report->stages->pdata[i])->stage, "filter"))
      filter = data->report->stages->pdata[i];
  g_assert_nonnull (filter);
  filter->stage[0] = '\0'; /* as in a run that has not come to it */
  slip_stage_tree_update (roots, data, lines, left_out);
  filter->stage[0] = 'f';
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (roots)); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (G_LIST_MODEL (roots), i);

      if (g_str_equal (slip_stage_node_get_id (node), "filter"))
        g_assert_cmpstr (slip_stage_node_get_text (node)->state, ==, "skipped");
    }
}

/* While it goes on each stage has the state of now, whatever was read of it before; one that is told of all at once has no
 * rate. */
static void
assert_states_of_now (void)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();
  SlipMigrationData *data = slip_migration_desk_get_data (get_desk ());
  SlipReportStage *load = g_ptr_array_index (data->report->stages, 0);
  SlipStageLine line = {.stage = (char *)"integration",
                        .unit = (char *)"rows",
                        .done = 14000,
                        .total = 20000,
                        .begun = 1000,
                        .told = 13000};
  char *state = load->state;

  g_ptr_array_add (lines, &line);
  g_assert_cmpfloat (slip_stage_line_get_rate (&line), ==, 0);
  load->state = (char *)"running";
  slip_stage_tree_update (roots, data, lines, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (roots)); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (G_LIST_MODEL (roots), i);
      const SlipStageNodeText *text = slip_stage_node_get_text (node);

      g_assert_cmpint (g_strcmp0 (text->state, "running") == 0, ==,
                       g_str_equal (slip_stage_node_get_id (node), "integration"));
      if (!g_str_equal (slip_stage_node_get_id (node), "load"))
        continue;
      g_assert_cmpstr (text->state, ==, "done");
      g_assert_null (text->rows);
    }
  load->state = state;
  assert_left_out (data, lines);
}

/* The tree's row of stage validation, wherever it is scrolled to. */
static void
assert_waits (const char *who)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  g_autoptr (GPtrArray) lines = slip_migration_desk_dup_lines (get_desk ());

  slip_stage_tree_update (roots, slip_migration_desk_get_data (get_desk ()), lines, NULL);
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (roots)); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (G_LIST_MODEL (roots), i);
      const SlipStageNodeText *text = slip_stage_node_get_text (node);

      if (!g_str_equal (slip_migration_run_get_stages ()[i], "validation"))
        continue;
      g_assert_true (g_str_has_prefix (text->time, "waiting "));
      g_assert_true (g_str_has_prefix (text->note, who));
    }
}

/* Somebody has a table of the target for himself: the tree and the activity say who, until he is done. */
static void
test_waits (void)
{
  g_autoptr (SlipPg) pg = NULL;
  g_autofree char *pid = NULL;
  g_autofree char *who = NULL;

  if (skip ())
    return;
  pg = migration_open (target_db);
  pid = migration_value (pg, "SELECT pg_backend_pid ()");
  who = g_strdup_printf ("waits for a lock of process %s", pid);
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  assert_states_of_now ();
  migration_run (pg, "BEGIN; LOCK TABLE people");
  slip_migration_desk_start (get_desk (), "validation");
  slip_ui_wait (is_waiting, who, 60, "the stage to tell for whom it waits");
  slip_ui_settle ();
  assert_waits (who);
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-waiting");
  migration_run (pg, "ROLLBACK");
  slip_ui_wait (is_idle, NULL, 120, "the stage to end");
  slip_ui_settle ();
  g_assert_null (slip_migration_desk_get_message (get_desk ()));
}

/* Another workstation has integrated anew since the page was read: what is loaded is what it shows, or nothing. */
static void
test_loads_what_is_shown (void)
{
  g_autoptr (SlipPg) pg = NULL;
  g_autofree char *started = NULL;
  g_autofree char *back = NULL;

  if (skip ())
    return;
  pg = migration_open (migration_db);
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  started = migration_value (pg, "SELECT started FROM slipway.stage WHERE stage = 'integration'");
  migration_run (pg, "UPDATE slipway.stage SET started = started + interval '1 s'\n"
                     " WHERE stage = 'integration'");
  slip_migration_desk_start (get_desk (), "load_to_target");
  slip_ui_wait (is_idle, NULL, 60, "the stage to be refused");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "was agreed to"));
  back = g_strdup_printf ("UPDATE slipway.stage SET started = '%s' WHERE stage = 'integration'",
                          started);
  migration_run (pg, back);
}

/* As after a rollback of the target's cluster, of which nothing but the target itself tells. */
static void
bring_target_back (void)
{
  g_autoptr (SlipPg) pg = migration_open (target_db);

  migration_run (pg, "DROP SCHEMA slipway_migration CASCADE");
}

static void
fail_run (void)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);

  migration_run (pg, "UPDATE slipway.run SET state = 'failed' WHERE id = 1");
}

static gboolean
is_of_production (gpointer data)
{
  return is_ready (NULL)
         && slip_workspace_find_migration (slip_workbench_get_workspace (ui->workbench), "club")
                    ->environment
                != NULL
         && is_read (NULL);
}

static void
name_environment (void)
{
  g_autofree char *path = g_build_filename (ui->folder, "world", "workspace.json", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) parts = NULL;
  g_autofree char *changed = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  parts = g_strsplit (text, "\"run_date\"", 2);
  changed = g_strconcat (parts[0], "\"environment\": \"production\", \"run_date\"", parts[1], NULL);
  g_assert_true (g_file_set_contents (path, changed, -1, NULL));
  slip_workbench_reload (ui->workbench);
  slip_ui_wait (is_of_production, NULL, 30, "the environment");
}

static void
refuses_in_the_command_line (const char *id, const char *const *what)
{
  g_autofree char *workspace = g_build_filename (ui->folder, "world", "workspace.json", NULL);
  const char *argv[] = {g_getenv ("SLIPWAYCTL"),
                        "--workspace",
                        workspace,
                        "--state",
                        g_getenv ("SLIPWAY_STATE_DIR"),
                        "migrate",
                        what[0],
                        what[1],
                        "--migration-db",
                        migration_db,
                        "--target-db",
                        target_db,
                        NULL};
  g_autofree char *said = NULL;
  int status = -1;

  g_assert_true (
      g_spawn_sync (NULL, (char **)argv, NULL, 0, NULL, NULL, NULL, &said, &status, NULL));
  g_assert_false (g_spawn_check_wait_status (status, NULL));
  g_assert_nonnull (strstr (said, id));
  g_assert_nonnull (strstr (said, "works in databases of production, and run "));
}

/* A run that is planned takes for today what the migration does, not the day of the plan. */
static void
assert_offers_run_date (const char *wizard)
{
  SlipParameterForm *form;
  g_autoptr (JsonNode) value = NULL;
  g_autofree char *message = NULL;

  slip_window_go (ui->window, wizard);
  slip_ui_settle ();
  form = slip_wizard_page_get_form (SLIP_WIZARD_PAGE (slip_window_get_page (ui->window)));
  value = slip_parameter_field_dup_value (slip_parameter_form_find (form, "RunDate"), &message);
  g_assert_cmpstr (json_node_get_string (value), ==, RUN_DATE);
}

/* Where the environment is known, window and command line refuse what comes between a run and its databases. */
static void
refuses_beside (const char *id)
{
  g_autofree char *example = example_of (ui->folder);
  const char *const run[] = {"run", example};
  const char *const undo[] = {"undo", "1"};
  g_autofree char *page_id = g_strconcat ("run/", id, NULL);

  name_environment ();
  assert_offers_run_date ("wizard/migrate-on-aws?environment=production");
  assert_offers_run_date ("wizard/migrate?environment=production");
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-wizard");
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), id));
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "is not through: interrupted"));
  g_assert_null (slip_ui_find (slip_ui_get_dialog (ui), GTK_TYPE_TEXT));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-refused");
  agree ();
  slip_ui_settle ();
  g_assert_false (slip_migration_desk_is_busy (get_desk ()));
  g_assert_cmpstr (slip_window_get_page_id (ui->window), ==, page_id);
  /* Nor by another way to it. */
  slip_migration_desk_start (get_desk (), "load");
  slip_ui_wait (is_idle, NULL, 60, "the stage to be refused");
  slip_ui_settle ();
  g_assert_true (
      slip_ui_find_text (GTK_WIDGET (ui->window), "works in databases of production, and run "));
  refuses_in_the_command_line (id, run);
  refuses_in_the_command_line (id, undo);
  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (ui->window), "Take Back…"), "clicked");
  slip_ui_wait (has_dialog, NULL, 30, "the refusal to take back");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), id));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-undo-refused");
  refuse ();
  slip_migration_desk_undo (get_desk (), 1, NULL);
  slip_ui_wait (is_idle, NULL, 60, "the undo to be refused");
  slip_ui_settle ();
  g_assert_true (
      slip_ui_find_text (GTK_WIDGET (ui->window), "works in databases of production, and run "));
}

/* The page's row of a stage is chosen, and its button pressed. */
static void
ask_for_stage (const char *stage)
{
  GtkWidget *view;
  GtkSelectionModel *rows;

  slip_window_go (ui->window, "migration/club");
  slip_ui_settle ();
  /* What a test before opened on the page stands above its rows. */
  if (slip_page_escape (slip_window_get_page (ui->window)))
    slip_ui_settle ();
  view = slip_ui_find (GTK_WIDGET (slip_window_get_page (ui->window)), GTK_TYPE_COLUMN_VIEW);
  rows = gtk_column_view_get_model (GTK_COLUMN_VIEW (view));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (rows)); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (rows), i);
      g_autoptr (SlipStageNode) node = gtk_tree_list_row_get_item (row);

      if (gtk_tree_list_row_get_depth (row) == 0
          && g_strcmp0 (slip_stage_node_get_id (node), stage) == 0)
        gtk_selection_model_select_item (rows, i, TRUE);
    }
  slip_ui_settle ();
  g_signal_emit_by_name (slip_ui_find_button (GTK_WIDGET (ui->window), "Run Stage…"), "clicked");
  slip_ui_wait (has_dialog, NULL, 30, "the question before the stage");
  slip_ui_settle ();
}

static void
set_run (const char *column, const char *value)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autofree char *sql
      = g_strdup_printf ("UPDATE slipway.run SET %s = '%s' WHERE id = 1", column, value);

  migration_run (pg, sql);
}

/* What was edited is of another run, and rows of the one before are in the target. */
static void
tells_of_edited_definitions (void)
{
  ask_to_run ();
  g_assert_true (
      slip_ui_find_text (slip_ui_get_dialog (ui), "Not as in run 1 any more: definitions."));
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "take that one back first"));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-question-edited");
  refuse ();
  ask_for_stage ("transform");
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "any more: definitions."));
  refuse ();
  /* From here on the run is one of the definitions as they are now. */
  set_run ("definitions_sha256", slip_definitions_get_sha256 (slip_migration_get_definitions (
                                     slip_migration_desk_get_data (get_desk ())->migration)));
}

/* A stage before the load is refused while its run is in the target; what leads there is offered. */
static void
offers_to_take_back_from_the_stage (void)
{
  ask_for_stage ("transform");
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "from this stage on"));
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), target_db));
  g_assert_nonnull (slip_ui_find_button (slip_ui_get_dialog (ui), "Take Back"));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-stage-instead");
  refuse ();
  ask_for_stage ("validation");
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "changes nothing in it"));
  refuse ();
}

static gboolean
asks_to_run (gpointer data)
{
  return has_dialog (NULL) && slip_ui_find_text (slip_ui_get_dialog (ui), "Run the migration?");
}

static void
read_again (void)
{
  slip_migration_desk_load (get_desk ());
  slip_ui_wait (is_read, NULL, 30, "the run to be read again");
  slip_ui_settle ();
}

/* No stage of a run that was taken back can be run: the question leads to the one before a new run. */
static void
offers_a_run_where_none_is_left (void)
{
  GtkWidget *dialog;

  GtkWidget *undo;

  set_run ("state", "undone");
  ask_for_stage ("transform");
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (slip_ui_find_text (dialog, "there is none that was not taken back"));
  undo = slip_ui_find_button (GTK_WIDGET (ui->window), "Take Back…");
  g_assert_false (gtk_widget_is_sensitive (undo));
  g_assert_cmpstr (slip_tip_get (undo), ==, "This run was taken back already");
  adw_message_dialog_response (ADW_MESSAGE_DIALOG (dialog), "confirm");
  gtk_window_close (GTK_WINDOW (dialog));
  slip_ui_wait (asks_to_run, NULL, 30, "the question before the run");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "a new run begins"));
  refuse ();
  set_run ("state", "done");
  read_again ();
  g_assert_true (gtk_widget_is_sensitive (undo));
  g_assert_null (slip_tip_get (undo));
}

static void
set_stages (const char *stages, const char *from, const char *to)
{
  g_autoptr (SlipPg) pg = migration_open (migration_db);
  g_autofree char *sql = g_strdup_printf ("UPDATE slipway.stage SET state = '%s' WHERE run = 1 AND "
                                          "state = '%s' AND stage IN (%s)",
                                          to, from, stages);

  migration_run (pg, sql);
}

/* It is named where the run goes on, and what then goes into the target. */
static void
tells_where_one_taken_back_goes_on (const char *state,
                                    const char *stages,
                                    const char *title,
                                    gboolean again)
{
  g_autofree char *words
      = g_strdup_printf ("Run 1 was %s. It goes on from stage “%s”%s", state, title,
                         again ? ", and all of its rows go into the target again." : ".");

  set_run ("state", state);
  set_stages (stages, "done", "undone");
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), words));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-question-in-part");
  refuse ();
  set_stages (stages, "undone", "done");
  set_run ("state", "done");
  read_again ();
}

static gboolean
has_left_out (gpointer data)
{
  return is_idle (NULL) && count_stages ("skipped") == 4;
}

/* What is chosen beside the question is what the run does, and stands in the audit log. */
static void
leaves_out_what_was_chosen (void)
{
  static const char *const left_out[] = {"load_to_target", "validation", "api", "hooks", NULL};
  GtkWidget *options;
  g_autofree char *told = NULL;

  ask_to_run ();
  options = slip_ui_find (slip_ui_get_dialog (ui), SLIP_TYPE_RUN_OPTIONS);
  g_assert_true (slip_ui_find_text (options, "all stages"));
  g_assert_false (slip_run_options_get_no_reload (SLIP_RUN_OPTIONS (options)));
  slip_run_options_choose (SLIP_RUN_OPTIONS (options), TRUE, left_out);
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (options, "have not changed stay landed"));
  g_assert_true (slip_ui_find_text (options, "so no rows are loaded into the target"));
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (slip_ui_find (options, ADW_TYPE_EXPANDER_ROW)),
                                 TRUE);
  slip_ui_settle ();
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-options");
  agree ();
  slip_ui_wait (has_left_out, NULL, 120, "the run without what reaches the target");
  slip_ui_settle ();
  g_assert_null (slip_migration_desk_get_message (get_desk ()));
  g_assert_cmpint (count_stages ("done"), ==, 5);
  told = dup_audit_log ();
  g_assert_true (g_regex_match_simple ("\"noReload\"\\s*:\\s*true", told, 0, 0));
  g_assert_true (g_regex_match_simple ("\"skip\"\\s*:\\s*\\[\\s*\"load_to_target\"", told, 0, 0));
}

static void
tells_that_a_gone_run_is_of_another_date (void)
{
  GtkWidget *dialog;

  set_run ("run_date", "2022-06-14");
  ask_to_run ();
  dialog = slip_ui_get_dialog (ui);
  g_assert_true (slip_ui_find_text (dialog, "Run 1 was loaded and is gone"));
  g_assert_true (slip_ui_find_text (dialog, "the run date (2022-06-14, now " RUN_DATE ")"));
  g_assert_true (slip_ui_find_text (dialog, "a new run begins, and all of its rows go into"));
  slip_ui_shoot (dialog, "migration-run-question-gone-other");
  refuse ();
  set_run ("run_date", RUN_DATE);
  read_again ();
}

static void
assert_nothing_is_done_below (const char *stage)
{
  g_autoptr (GListStore) roots = g_list_store_new (SLIP_TYPE_STAGE_NODE);
  GListModel *below;

  slip_stage_tree_update (roots, slip_migration_desk_get_data (get_desk ()), NULL, NULL);
  below = G_LIST_MODEL (slip_stage_node_get_children (find_node (G_LIST_MODEL (roots), stage)));
  g_assert_cmpuint (g_list_model_get_n_items (below), >, 0);
  for (guint i = 0; i < g_list_model_get_n_items (below); i++)
    {
      g_autoptr (SlipStageNode) node = g_list_model_get_item (below, i);

      g_assert_cmpstr (slip_stage_node_get_text (node)->state, ==, "gone");
    }
}

static void
test_gone (void)
{
  g_autofree char *id = NULL;
  SlipWaterfall *waterfall;

  if (skip ())
    return;
  tells_of_edited_definitions ();
  offers_to_take_back_from_the_stage ();
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "nothing is changed"));
  refuse ();
  tells_where_one_taken_back_goes_on ("taken back in part", "'validation'", "Validate", FALSE);
  bring_target_back ();
  tells_where_one_taken_back_goes_on ("taken back in part",
                                      "'transform', 'integration', 'load_to_target', 'validation'",
                                      "Transform", TRUE);
  tells_where_one_taken_back_goes_on (
      "taken back",
      "'load', 'filter', 'prepare', 'transform', 'integration', 'load_to_target', 'validation'",
      "Load source files", TRUE);
  /* Whether it had come to its end or not. */
  fail_run ();
  /* The window has not looked since: it does before it asks. */
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), "go into the target again"));
  g_assert_false (slip_ui_find_text (slip_ui_get_dialog (ui), "nothing is changed"));
  g_assert_null (slip_ui_find (slip_ui_get_dialog (ui), GTK_TYPE_TEXT));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-question-gone");
  refuse ();
  tells_that_a_gone_run_is_of_another_date ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "Run 1: gone"));
  g_assert_cmpint (count_stages ("gone"), >=, 2);
  assert_nothing_is_done_below ("load_to_target");
  shoot_all ("migration-gone");
  waterfall = slip_migration_desk_get_data (get_desk ())->waterfall;
  for (guint i = 0; i < waterfall->tables->len; i++)
    {
      const SlipWaterfallTable *table = g_ptr_array_index (waterfall->tables, i);

      g_assert_cmpint (table->counts[SLIP_WATERFALL_LOADED], <, 0);
      g_assert_cmpint (table->counts[SLIP_WATERFALL_VALIDATED], <, 0);
    }
  slip_window_go (ui->window, "migration-waterfall/club");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "was brought back to a time before"));
  slip_window_go (ui->window, "migration-comparison/club");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "was brought back to a time before"));
  slip_ui_shoot (GTK_WIDGET (ui->window), "migration-comparison-gone");
  slip_window_go (ui->window, "migrations");
  slip_ui_settle ();
  g_assert_true (slip_ui_find_text (GTK_WIDGET (ui->window), "gone"));
  offers_a_run_where_none_is_left ();
  leaves_out_what_was_chosen ();
  /* What brings the target back may be on its way still. */
  id = slip_ui_approve_run (ui, NULL);
  begin_run (id);
  slip_ui_wait (has_unfinished, id, 30, "the run that was begun");
  ask_to_run ();
  g_assert_true (slip_ui_find_text (slip_ui_get_dialog (ui), id));
  g_assert_nonnull (slip_ui_find (slip_ui_get_dialog (ui), GTK_TYPE_TEXT));
  slip_ui_shoot (slip_ui_get_dialog (ui), "migration-run-question-unfinished");
  /* What is to be typed is typed there, though options stand above it. */
  g_assert_nonnull (gtk_widget_get_ancestor (
      gtk_window_get_focus (GTK_WINDOW (slip_ui_get_dialog (ui))), ADW_TYPE_ENTRY_ROW));
  refuse ();
  refuses_beside (id);
}

static void
test_stop (void)
{
  g_clear_pointer (&ui, slip_ui_stop);
  g_clear_pointer (&migration_db, g_free);
  g_clear_pointer (&target_db, g_free);
  migration_server_stop ();
}

int
main (int argc, char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/migration/lists_those_of_the_workspace", test_lists);
  g_test_add_func ("/ui/migration/says_that_runs_could_not_be_read", test_unread);
  g_test_add_func ("/ui/migration/runs_all_stages_and_tells_how_far", test_runs);
  g_test_add_func ("/ui/migration/tells_whose_lock_it_waits_for", test_waits);
  g_test_add_func ("/ui/migration/loads_what_is_shown_or_nothing", test_loads_what_is_shown);
  g_test_add_func ("/ui/migration/waterfall_adds_up_and_a_gap_opens_its_rows", test_waterfall);
  g_test_add_func ("/ui/migration/tells_when_it_was_validated_and_validates_again",
                   test_validates_again);
  g_test_add_func ("/ui/migration/keeps_what_is_known_when_servers_are_gone", test_away);
  g_test_add_func ("/ui/migration/compares_to_the_cell_among_a_hundred_thousand_rows",
                   test_comparison);
  g_test_add_func ("/ui/migration/shows_what_the_api_was_asked_and_answered", test_checks);
  g_test_add_func ("/ui/migration/hands_in_all_of_a_run_and_says_so_in_the_audit_log",
                   test_evidence);
  g_test_add_func ("/ui/migration/traces_a_record_to_the_target", test_trace);
  g_test_add_func ("/ui/migration/edits_a_mapping_and_nothing_else_of_its_file", test_definitions);
  g_test_add_func ("/ui/migration/checks_a_change_against_all_there_is_and_takes_it_back_whole",
                   test_live_check);
  g_test_add_func ("/ui/migration/renames_and_removes_columns_and_codes_and_takes_it_back",
                   test_names);
  g_test_add_func ("/ui/migration/keeps_what_others_wrote_to_a_lookup", test_lookup);
  g_test_add_func ("/ui/migration/calls_gone_what_a_rollback_took_and_asks_before_it_goes_in_again",
                   test_gone);
  g_test_add_func ("/ui/migration/stops", test_stop);
  return g_test_run ();
}
