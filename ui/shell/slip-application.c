/* SPDX-License-Identifier: MIT */

/* The program as the desktop sees it. Finds workspace and state folder by the same rules as
 * slipwayctl, opens the window, and tells by notification when a run has ended. */

#include "config.h"

#include "slip-application.h"

#include <glib/gi18n.h>

#include "slip-about.h"
#include "slip-mfa.h"
#include "slip-preferences.h"
#include "slip-settings.h"
#include "slip-ui.h"
#include "slip-window.h"

struct _SlipApplication
{
  AdwApplication parent_instance;

  char *workspace_path;
  char *state_dir;
  SlipWorkbench *workbench; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipApplication, slip_application, ADW_TYPE_APPLICATION)

static const GOptionEntry options[] = {
    {"workspace", 'w', 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Open this workspace file"),
     N_ ("FILE")},
    {"state", 's', 0, G_OPTION_ARG_FILENAME, NULL, N_ ("Keep the audit log in this folder"),
     N_ ("DIR")},
    {"version", 'v', 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version and exit"), NULL},
    {NULL},
};

static void
set_path (char **path, GVariantDict *dict, const char *option)
{
  g_autofree char *value = NULL;

  if (g_variant_dict_lookup (dict, option, "^ay", &value))
    {
      g_free (*path);
      *path = g_canonicalize_filename (value, NULL);
    }
}

static int
slip_application_handle_local_options (GApplication *application, GVariantDict *dict)
{
  SlipApplication *self = SLIP_APPLICATION (application);

  if (g_variant_dict_contains (dict, "version"))
    {
      g_print ("slipway %s\n", SLIP_VERSION);
      return 0;
    }
  set_path (&self->workspace_path, dict, "workspace");
  set_path (&self->state_dir, dict, "state");
  return -1;
}

static char *
dup_default_workspace (void)
{
  const char *path = g_getenv ("SLIPWAY_WORKSPACE");

  if (path != NULL && path[0] != '\0')
    return g_canonicalize_filename (path, NULL);
  return g_build_filename (g_get_user_config_dir (), "slipway", "workspace.json", NULL);
}

static char *
dup_default_state_dir (void)
{
  const char *path = g_getenv ("SLIPWAY_STATE_DIR");

  if (path != NULL && path[0] != '\0')
    return g_canonicalize_filename (path, NULL);
  return g_build_filename (g_get_user_state_dir (), "slipway", NULL);
}

static void
run_ended_cb (SlipApplication *self, const char *run_id, SlipJob *job)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));
  g_autoptr (GNotification) notification = NULL;
  const char *given = g_object_get_data (G_OBJECT (job), "title");
  g_autofree char *title = given != NULL ? g_strdup (given) : slip_job_dup_title (job);
  g_autofree char *page_id = g_strdup_printf ("run/%s", run_id);
  g_autoptr (GError) error = slip_job_dup_error (job);
  gboolean done = slip_job_get_state (job) == SLIP_JOB_DONE;

  if (!slip_settings_get_boolean ("notifications", TRUE))
    return;
  if (window != NULL && gtk_window_is_active (window))
    return;

  notification = g_notification_new (title);
  g_notification_set_body (notification, done            ? _ ("The run ended well.")
                                         : error != NULL ? error->message
                                                         : _ ("The run was cancelled."));
  if (!done)
    g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.show-page", "s", page_id);
  g_application_send_notification (G_APPLICATION (self), run_id, notification);
}

static void
state_changed_cb (SlipApplication *self)
{
  if (slip_workbench_get_state (self->workbench) == SLIP_WORKBENCH_READY)
    slip_mfa_attach (self->workbench, GTK_APPLICATION (self));
}

static void
slip_application_activate (GApplication *application)
{
  SlipApplication *self = SLIP_APPLICATION (application);
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (window == NULL)
    {
      self->workbench = slip_workbench_new (self->workspace_path, self->state_dir);
      g_signal_connect_object (self->workbench, "state-changed", G_CALLBACK (state_changed_cb),
                               self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->workbench, "run-ended", G_CALLBACK (run_ended_cb), self,
                               G_CONNECT_SWAPPED);
      window = GTK_WINDOW (slip_window_new (GTK_APPLICATION (self), self->workbench));
    }
  gtk_window_present (window);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (data);

  if (window != NULL)
    gtk_window_close (window);
  else
    g_application_quit (data);
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  slip_about_present (gtk_application_get_active_window (data));
}

static void
preferences_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  SlipApplication *self = data;
  GtkWidget *preferences = slip_preferences_new (self->workspace_path, self->state_dir);

  gtk_window_set_transient_for (GTK_WINDOW (preferences),
                                gtk_application_get_active_window (GTK_APPLICATION (self)));
  gtk_window_present (GTK_WINDOW (preferences));
}

static void
show_page_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window;

  g_application_activate (data);
  window = gtk_application_get_active_window (data);
  if (SLIP_IS_WINDOW (window))
    slip_window_go (SLIP_WINDOW (window), g_variant_get_string (parameter, NULL));
}

static void
add_keys (GtkApplication *application)
{
  static const struct
  {
    const char *action;
    const char *keys[3];
  } keys[] = {
      {"app.quit", {"<Control>q", NULL}},
      {"app.preferences", {"<Control>comma", NULL}},
      {"win.search", {"<Control>k", NULL}},
      {"win.open-plan", {"<Control>o", NULL}},
      {"win.cosign-plan", {"<Control><Shift>o", NULL}},
      {"win.filter", {"<Control>f", NULL}},
      {"win.refresh", {"F5", "<Control>r", NULL}},
      {"win.back", {"<Alt>Left", NULL}},
      {"win.show-details", {"F9", NULL}},
      {"win.show-activity", {"<Control>j", NULL}},
      {"win.show-help-overlay", {"<Control>question", "F1", NULL}},
      {"win.go::runbooks", {"<Alt>1", NULL}},
      {"win.go::runs", {"<Alt>2", NULL}},
      {"win.go::audit", {"<Alt>3", NULL}},
      {"window.close", {"<Control>w", NULL}},
  };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (application, keys[i].action,
                                           (const char *const *)keys[i].keys);
}

static void
slip_application_startup (GApplication *application)
{
  SlipApplication *self = SLIP_APPLICATION (application);
  static const GActionEntry actions[] = {
      {.name = "quit", .activate = quit_action},
      {.name = "about", .activate = about_action},
      {.name = "preferences", .activate = preferences_action},
      {.name = "show-page", .activate = show_page_action, .parameter_type = "s"},
  };

  G_APPLICATION_CLASS (slip_application_parent_class)->startup (application);
  slip_ui_init ();
  slip_settings_apply_color_scheme ();
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  add_keys (GTK_APPLICATION (self));
}

static void
slip_application_dispose (GObject *object)
{
  g_clear_object (&SLIP_APPLICATION (object)->workbench);
  G_OBJECT_CLASS (slip_application_parent_class)->dispose (object);
}

static void
slip_application_finalize (GObject *object)
{
  SlipApplication *self = SLIP_APPLICATION (object);

  g_free (self->workspace_path);
  g_free (self->state_dir);
  G_OBJECT_CLASS (slip_application_parent_class)->finalize (object);
}

static void
slip_application_class_init (SlipApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_application_dispose;
  G_OBJECT_CLASS (klass)->finalize = slip_application_finalize;
  application_class->startup = slip_application_startup;
  application_class->activate = slip_application_activate;
  application_class->handle_local_options = slip_application_handle_local_options;
}

static void
slip_application_init (SlipApplication *self)
{
  self->workspace_path = dup_default_workspace ();
  self->state_dir = dup_default_state_dir ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

SlipApplication *
slip_application_new (void)
{
  /* A second start with another workspace must be a second process: the first one's window would
   * otherwise come forward and show the wrong estate. */
  return g_object_new (SLIP_TYPE_APPLICATION, "application-id", SLIP_APP_ID, "flags",
                       G_APPLICATION_NON_UNIQUE, "resource-base-path", "/org/slipway/Slipway",
                       NULL);
}
