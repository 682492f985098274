/* SPDX-License-Identifier: MIT */

/* What the tests of the window share: a server, the window, bounded waiting, pictures, finding
 * widgets, and the check that everything focusable has a name. */

#include "config.h"

#include "slip-ui-harness.h"

#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <sys/prctl.h>

#include "slip-application.h"
#include "slip-json.h"
#include "slip-planner.h"
#include "slip-runner.h"
#include "slip-settings.h"
#include "slip-test-folder.h"

#define SERVER_SECONDS 30

/* As the workbench does: a worker that outlives main() finds libcrypto in order. Before anything else of it is used. */
static void __attribute__ ((constructor)) keep_crypto (void)
{
  OPENSSL_init_crypto (OPENSSL_INIT_NO_ATEXIT, NULL);
}

static char *
read_endpoint (GSubprocess *server)
{
  g_autoptr (GDataInputStream) lines
      = g_data_input_stream_new (g_subprocess_get_stdout_pipe (server));

  for (;;)
    {
      g_autofree char *line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);

      if (line == NULL)
        return NULL;
      if (g_str_has_prefix (line, "endpoint="))
        return g_strdup (line + strlen ("endpoint="));
    }
}

/* A test that crashes must not leave a server behind. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

static gboolean
start_server (SlipUi *ui, double speed, const char *scenario)
{
  const char *program = g_getenv ("SLIPWAY_REHEARSAL");
  g_autofree char *world = g_build_filename (ui->folder, "world", NULL);
  g_autofree char *speed_text = g_strdup_printf ("%.0f", speed);
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GError) error = NULL;

  if (program == NULL || !g_file_test (program, G_FILE_TEST_IS_EXECUTABLE))
    return FALSE;
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  ui->server
      = g_subprocess_launcher_spawn (launcher, &error, program, "--state", world, "--port", "0",
                                     "--speed", speed_text, "--scenario", scenario, NULL);
  g_assert_no_error (error);
  ui->endpoint = read_endpoint (ui->server);
  g_assert_nonnull (ui->endpoint);
  return TRUE;
}

static gboolean
is_open (gpointer data)
{
  SlipUi *ui = data;

  return slip_workbench_get_state (ui->workbench) != SLIP_WORKBENCH_LOADING;
}

static SlipUi *
start (double speed, const char *scenario, void (*prepare) (const char *folder))
{
  SlipUi *ui = g_new0 (SlipUi, 1);
  g_autofree char *workspace = NULL;
  g_autoptr (GError) error = NULL;

  ui->folder = g_dir_make_tmp ("slipway-ui-XXXXXX", &error);
  g_assert_no_error (error);
  if (prepare != NULL)
    prepare (ui->folder);
  if (!start_server (ui, speed, scenario))
    {
      g_test_skip ("slipway-rehearsal was not built");
      slip_ui_stop (ui);
      return NULL;
    }
  workspace = g_build_filename (ui->folder, "world", "workspace.json", NULL);
  g_setenv ("SLIPWAY_WORKSPACE", workspace, TRUE);
  g_setenv ("SLIPWAY_STATE_DIR", ui->folder, TRUE);
  g_object_set (gtk_settings_get_default (), "gtk-enable-animations", FALSE, "gtk-font-name",
                "Cantarell 11", NULL);
  /* No notification server listens on the test's bus, and the library warns of that. */
  if (slip_settings_get () != NULL)
    g_settings_set_boolean (slip_settings_get (), "notifications", FALSE);
  ui->application = GTK_APPLICATION (slip_application_new ());
  g_assert_true (g_application_register (G_APPLICATION (ui->application), NULL, &error));
  g_application_activate (G_APPLICATION (ui->application));
  ui->window = SLIP_WINDOW (gtk_application_get_windows (ui->application)->data);
  ui->workbench = slip_window_get_workbench (ui->window);
  slip_ui_wait (is_open, ui, SERVER_SECONDS, "the workspace to open");
  g_assert_no_error (slip_workbench_get_error (ui->workbench));
  return ui;
}

SlipUi *
slip_ui_start (double speed)
{
  return start (speed, "sirius", NULL);
}

SlipUi *
slip_ui_start_prepared (double speed, void (*prepare) (const char *folder))
{
  return start (speed, "sirius", prepare);
}

SlipUi *
slip_ui_start_scenario (double speed, const char *scenario)
{
  return start (speed, scenario, NULL);
}

void
slip_ui_stop (SlipUi *ui)
{
  if (ui->window != NULL)
    gtk_window_destroy (GTK_WINDOW (ui->window));
  g_clear_object (&ui->application);
  if (ui->server != NULL)
    {
      g_subprocess_send_signal (ui->server, SIGTERM);
      g_subprocess_wait (ui->server, NULL, NULL);
    }
  g_clear_object (&ui->server);
  slip_test_remove_folder (ui->folder);
  g_free (ui->folder);
  g_free (ui->endpoint);
  g_free (ui);
}

static gboolean
timed_out_cb (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_REMOVE;
}

void
slip_ui_wait (SlipUiCondition condition, gpointer data, double seconds, const char *what)
{
  gboolean timed_out = FALSE;
  guint source = g_timeout_add ((guint)(seconds * 1000), timed_out_cb, &timed_out);

  while (!condition (data) && !timed_out)
    g_main_context_iteration (NULL, TRUE);
  if (timed_out)
    g_error ("waited %.0f s for %s", seconds, what);
  g_source_remove (source);
}

static gboolean
count_down_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  int *frames = data;

  return --*frames > 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static gboolean
is_zero (gpointer data)
{
  return *(int *)data <= 0;
}

void
slip_ui_settle (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, 0);
  int frames = 12;

  if (window == NULL || !gtk_widget_get_mapped (window))
    {
      while (g_main_context_iteration (NULL, FALSE))
        ;
      return;
    }
  gtk_widget_add_tick_callback (window, count_down_cb, &frames, NULL);
  slip_ui_wait (is_zero, &frames, 90, "twelve frames");
}

void
slip_ui_shoot (GtkWidget *window, const char *name)
{
  const char *folder = g_getenv ("SLIPWAY_SHOTS");
  g_autoptr (GdkPaintable) paintable = NULL;
  g_autoptr (GtkSnapshot) snapshot = NULL;
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  g_autofree char *path = NULL;
  int width;
  int height;

  slip_ui_settle ();
  if (folder == NULL)
    return;
  g_mkdir_with_parents (folder, 0755);
  path = g_strdup_printf ("%s/%s.png", folder, name);
  paintable = gtk_widget_paintable_new (window);
  width = gdk_paintable_get_intrinsic_width (paintable);
  height = gdk_paintable_get_intrinsic_height (paintable);
  snapshot = gtk_snapshot_new ();
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (g_steal_pointer (&snapshot));
  g_assert_nonnull (node);
  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (window)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, width, height));
  g_assert_true (gdk_texture_save_to_png (texture, path));
  g_test_message ("picture %s", path);
}

GtkWidget *
slip_ui_find (GtkWidget *root, GType type)
{
  if (g_type_is_a (G_OBJECT_TYPE (root), type) && gtk_widget_get_mapped (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = slip_ui_find (child, type);

      if (found != NULL)
        return found;
    }
  return NULL;
}

/* NULL when the widget is none that shows a text. */
static const char *
get_text (GtkWidget *widget)
{
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  return GTK_IS_INSCRIPTION (widget) ? gtk_inscription_get_text (GTK_INSCRIPTION (widget)) : NULL;
}

static gboolean
says (GtkWidget *widget, const char *text)
{
  const char *label = get_text (widget);

  return label != NULL && gtk_widget_get_mapped (widget) && strstr (label, text) != NULL;
}

char *
slip_ui_dup_text (GtkWidget *root, const char *text)
{
  char *found = says (root, text) ? g_strdup (get_text (root)) : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child (root); found == NULL && child != NULL;
       child = gtk_widget_get_next_sibling (child))
    found = slip_ui_dup_text (child, text);
  return found;
}

gboolean
slip_ui_find_text (GtkWidget *root, const char *text)
{
  g_autofree char *found = slip_ui_dup_text (root, text);

  return found != NULL;
}

gboolean
slip_ui_offers (GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL (widget) && strstr (gtk_label_get_text (GTK_LABEL (widget)), text) != NULL)
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (slip_ui_offers (child, text))
      return TRUE;
  return FALSE;
}

GtkWidget *
slip_ui_find_button (GtkWidget *root, const char *label)
{
  if (GTK_IS_BUTTON (root) && gtk_widget_get_mapped (root) && slip_ui_find_text (root, label))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      GtkWidget *found = slip_ui_find_button (child, label);

      if (found != NULL)
        return found;
    }
  return NULL;
}

void
slip_ui_click (GtkWidget *root, const char *label)
{
  GtkWidget *button = slip_ui_find_button (root, label);

  if (button == NULL)
    g_error ("there is no button that says %s", label);
  g_assert_true (gtk_widget_is_sensitive (button));
  g_signal_emit_by_name (button, "clicked");
}

static gboolean
is_exempt (GtkWidget *widget)
{
  static const char *const types[]
      = {"GtkListItemWidget", "GtkColumnViewCell",     "GtkColumnViewTitle",
         "GtkColumnListView", "GtkColumnViewListView", "GtkScrolledWindow",
         "GtkText",           "GtkTreeExpander",       "GtkPaned",
         "GtkStack",          "GtkPopoverMenu",        NULL};

  /* The toolkit makes its search button, and gives it no name. */
  if (gtk_widget_get_ancestor (widget, GTK_TYPE_SHORTCUTS_WINDOW) != NULL)
    return TRUE;
  /* The library's own button that closes a toast; its next release names it. */
  if (gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY) != NULL
      && g_str_equal (G_OBJECT_TYPE_NAME (gtk_widget_get_parent (widget)), "AdwToastWidget"))
    return TRUE;
  return g_strv_contains (types, G_OBJECT_TYPE_NAME (widget)) || GTK_IS_WINDOW (widget)
         || GTK_IS_LABEL (widget) || GTK_IS_POPOVER (widget);
}

static gboolean
has_label_inside (GtkWidget *widget)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      const char *text = get_text (child);

      if ((text != NULL && text[0] != '\0') || has_label_inside (child))
        return TRUE;
    }
  return FALSE;
}

static gboolean
has_name (GtkWidget *widget)
{
  g_autofree char *missing = NULL;

  /* The check gives NULL when the property is as asked; an unset one is reported as such. */
  missing = gtk_test_accessible_check_property (GTK_ACCESSIBLE (widget),
                                                GTK_ACCESSIBLE_PROPERTY_LABEL, "");
  if (missing != NULL && strstr (missing, "undefined") == NULL && missing[0] != '\0')
    return TRUE;
  /* A tooltip is a description, and not read as a name. */
  return has_label_inside (widget);
}

static void
lint (GtkWidget *widget, GString *found)
{
  if (!gtk_widget_get_mapped (widget))
    return;
  if (gtk_widget_get_focusable (widget) && !is_exempt (widget) && !has_name (widget))
    {
      for (GtkWidget *at = widget; at != NULL; at = gtk_widget_get_parent (at))
        g_string_append_printf (found, "%s%s", at == widget ? "\n  " : " < ",
                                G_OBJECT_TYPE_NAME (at));
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    lint (child, found);
}

void
slip_ui_lint (GtkWidget *root)
{
  g_autoptr (GString) found = g_string_new (NULL);

  lint (root, found);
  if (found->len > 0)
    g_error ("can be focused and has no name:%s", found->str);
}

GtkWidget *
slip_ui_get_dialog (SlipUi *ui)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (window != GTK_WIDGET (ui->window) && gtk_widget_get_mapped (window))
        return window; /* The toolkit keeps it. */
    }
  return NULL;
}

gboolean
slip_ui_find_cut (GtkWidget *root, GType inside, const char *but, char **text)
{
  if (!gtk_widget_get_mapped (root))
    return FALSE;
  if (GTK_IS_LABEL (root) && gtk_widget_get_ancestor (root, inside) != NULL
      && pango_layout_is_ellipsized (gtk_label_get_layout (GTK_LABEL (root)))
      && (but == NULL || !g_str_has_prefix (gtk_label_get_text (GTK_LABEL (root)), but)))
    {
      *text = g_strdup (gtk_label_get_text (GTK_LABEL (root)));
      return TRUE;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (slip_ui_find_cut (child, inside, but, text))
      return TRUE;
  return FALSE;
}

static gboolean
has_width (gpointer data)
{
  const int *size = data;
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWidget) window = g_list_model_get_item (toplevels, i);

      if (SLIP_IS_WINDOW (window))
        return ABS (gtk_widget_get_width (window) - size[0]) <= 32;
    }
  return FALSE;
}

void
slip_ui_resize (SlipUi *ui, int width, int height)
{
  int size[2] = {width, height};

  gtk_window_set_default_size (GTK_WINDOW (ui->window), width, height);
  slip_ui_wait (has_width, size, 10, "the window's size");
  slip_ui_settle ();
}

char *
slip_ui_approve_run (SlipUi *ui, const char *snapshot)
{
  SlipWorkspace *workspace = slip_workbench_get_workspace (ui->workbench);
  SlipLedger *ledger = slip_workbench_get_ledger (ui->workbench);
  g_autoptr (GError) error = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_find ("pre-migration-snapshot", &error);
  g_autoptr (SlipPlan) plan = NULL;
  g_autoptr (JsonObject) parameters = json_object_new ();
  g_autoptr (SlipRunner) runner = NULL;
  char *run_id;

  g_assert_no_error (error);
  if (snapshot != NULL)
    json_object_set_string_member (parameters, "SnapshotName", snapshot);
  plan = slip_planner_plan (runbook, workspace, ledger, "production", parameters, NULL, &error);
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

void
slip_ui_ask_server (SlipUi *ui, const char *path, const char *body)
{
  g_autofree char *url = g_strdup_printf ("%s/_slipway/%s", ui->endpoint, path);
  g_autoptr (SoupSession) session = soup_session_new ();
  g_autoptr (SoupMessage) message = soup_message_new ("POST", url);
  g_autoptr (GBytes) bytes = g_bytes_new (body, strlen (body));
  g_autoptr (GBytes) answer = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (message);
  soup_message_set_request_body_from_bytes (message, "application/json", bytes);
  answer = soup_session_send_and_read (session, message, NULL, &error);
  g_assert_no_error (error);
  if (soup_message_get_status (message) != SOUP_STATUS_OK)
    g_error ("%s: %.*s", path, (int)g_bytes_get_size (answer),
             (const char *)g_bytes_get_data (answer, NULL));
}

void
slip_ui_say_everything (GtkWidget *widget)
{
  if (ADW_IS_ENTRY_ROW (widget))
    {
      const char *title = adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget));
      const char *typed = strstr (title, "Type ");

      gtk_editable_set_text (GTK_EDITABLE (widget),
                             typed != NULL ? typed + strlen ("Type ") : "checked by the test");
      return;
    }
  if (GTK_IS_CHECK_BUTTON (widget))
    gtk_check_button_set_active (GTK_CHECK_BUTTON (widget), TRUE);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    slip_ui_say_everything (child);
}
