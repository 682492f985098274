/* SPDX-License-Identifier: MIT */

/* The main window. Header, edge and details pane follow the properties of the page that is shown; the
 * pages themselves are slip-page-stack.c's. */

#include "config.h"

#include "slip-window.h"

#include <glib/gi18n.h>

#include "slip-activity.h"
#include "slip-cosign-page.h"
#include "slip-estate-banner.h"
#include "slip-format.h"
#include "slip-icons.h"
#include "slip-menu-name.h"
#include "slip-navigator.h"
#include "slip-page-stack.h"
#include "slip-palette.h"
#include "slip-panes.h"
#include "slip-plan-files.h"
#include "slip-run-banner.h"
#include "slip-run.h"
#include "slip-session.h"
#include "slip-settings.h"
#include "slip-tip.h"
#include "slip-way-out.h"

struct _SlipWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  GtkWidget *frame;
  AdwWindowTitle *title;
  GtkLabel *environment_badge;
  SlipSession *session;
  GtkMenuButton *menu;
  GtkRevealer *banner_revealer;
  GtkLabel *banner;
  SlipRunBanner *run_banner;
  GtkStack *states;
  AdwStatusPage *failed;
  GtkLabel *failed_text;
  GtkLabel *failed_way_out;
  GtkPaned *outer;
  GtkPaned *middle;
  GtkPaned *inner;
  SlipNavigator *navigator;
  SlipPageStack *pages;
  AdwBin *details;
  SlipActivity *activity;

  SlipWorkbench *workbench; /* owned */
  gboolean show_details;
  SlipPanes panes;
};

G_DEFINE_FINAL_TYPE (SlipWindow, slip_window, ADW_TYPE_APPLICATION_WINDOW)

static void
show_banner (SlipWindow *self, SlipEnvironment *shown)
{
  g_autofree char *text = slip_estate_banner_dup_text (self->workbench, shown);

  if (text != NULL)
    gtk_label_set_label (self->banner, text);
  gtk_revealer_set_reveal_child (self->banner_revealer, text != NULL);
}

static char *
dup_environment_line (SlipEnvironment *environment)
{
  g_autofree char *account = slip_format_account (slip_environment_get_account (environment));
  g_autofree char *regions = g_strjoinv (", ", (char **)slip_environment_get_regions (environment));
  const char *alias = slip_environment_get_alias (environment);

  if (alias != NULL)
    return g_strdup_printf ("%s · %s · %s", alias, account, regions);
  return g_strdup_printf ("%s · %s", account, regions);
}

static void
show_header (SlipWindow *self)
{
  SlipPage *page = slip_window_get_page (self);
  SlipEnvironment *environment = NULL;
  gboolean is_protected;

  if (page != NULL)
    environment
        = slip_workbench_find_environment (self->workbench, slip_page_get_environment_name (page));
  is_protected = environment != NULL && slip_environment_is_protected (environment);

  if (environment != NULL)
    {
      g_autofree char *line = dup_environment_line (environment);
      g_autofree char *title = g_strdup_printf ("%s – %s", slip_environment_get_title (environment),
                                                page != NULL ? slip_page_get_title (page) : "");

      adw_window_title_set_title (self->title, title);
      adw_window_title_set_subtitle (self->title, line);
      gtk_label_set_label (self->environment_badge, slip_environment_get_title (environment));
    }
  else
    {
      adw_window_title_set_title (self->title,
                                  page != NULL ? slip_page_get_title (page) : "Slipway");
      adw_window_title_set_subtitle (self->title, page != NULL && slip_page_get_subtitle (page)
                                                      ? slip_page_get_subtitle (page)
                                                      : "");
    }
  gtk_widget_set_visible (GTK_WIDGET (self->environment_badge), is_protected);
  if (is_protected)
    {
      gtk_widget_add_css_class (self->frame, "protected");
      gtk_widget_add_css_class (GTK_WIDGET (self->environment_badge), "protected");
    }
  else
    gtk_widget_remove_css_class (self->frame, "protected");
  slip_session_set_environment (self->session, environment);
  show_banner (self, environment);
}

static void
show_details (SlipWindow *self)
{
  SlipPage *page = slip_window_get_page (self);
  GtkWidget *details = page != NULL ? slip_page_get_details (page) : NULL;

  adw_bin_set_child (self->details, details);
  slip_panes_show_details (&self->panes, details != NULL && self->show_details);
}

static void
page_changed_cb (SlipWindow *self)
{
  show_header (self);
  show_details (self);
}

static void
compact_cb (SlipWindow *self)
{
  slip_panes_set_compact (&self->panes, slip_activity_get_compact (self->activity));
}

static void
open_cb (SlipWindow *self, const char *page_id)
{
  slip_window_go (self, page_id);
}

static void
shown_cb (SlipWindow *self, const char *page_id)
{
  slip_navigator_select (self->navigator, page_id);
  slip_run_banner_set_page (self->run_banner, page_id);
  show_header (self);
  show_details (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back",
                                 slip_page_stack_can_go_back (self->pages));
}

void
slip_window_go (SlipWindow *self, const char *page_id)
{
  g_return_if_fail (SLIP_IS_WINDOW (self));
  g_return_if_fail (page_id != NULL);

  if (slip_workbench_get_state (self->workbench) == SLIP_WORKBENCH_READY)
    slip_page_stack_go (self->pages, page_id);
}

SlipPage *
slip_window_get_page (SlipWindow *self)
{
  g_return_val_if_fail (SLIP_IS_WINDOW (self), NULL);
  return slip_page_stack_get_page (self->pages);
}

const char *
slip_window_get_page_id (SlipWindow *self)
{
  g_return_val_if_fail (SLIP_IS_WINDOW (self), NULL);
  return slip_page_stack_get_page_id (self->pages);
}

SlipWorkbench *
slip_window_get_workbench (SlipWindow *self)
{
  g_return_val_if_fail (SLIP_IS_WINDOW (self), NULL);
  return self->workbench;
}

static void
remove_all_pages (SlipWindow *self)
{
  adw_bin_set_child (self->details, NULL);
  slip_page_stack_clear (self->pages);
}

static void
go_to_start (SlipWindow *self)
{
  SlipWorkspace *workspace = slip_workbench_get_workspace (self->workbench);
  GSettings *settings = slip_settings_get ();
  g_autofree char *last = settings != NULL ? g_settings_get_string (settings, "last-page") : NULL;
  g_autoptr (SlipEnvironment) first = NULL;

  if (last != NULL && last[0] != '\0')
    slip_window_go (self, last);
  if (slip_window_get_page (self) != NULL)
    return;
  first = g_list_model_get_item (slip_workspace_get_environments (workspace), 0);
  if (first != NULL)
    {
      g_autofree char *page_id
          = g_strdup_printf ("snapshots/%s", slip_environment_get_name (first));

      slip_window_go (self, page_id);
    }
  else
    slip_window_go (self, "runbooks");
}

static void
runs_loaded_cb (SlipWindow *self, SlipRunList *runs)
{
  guint waiting = 0;
  guint going = 0;
  g_autofree char *badge = NULL;

  slip_run_list_count (runs, &waiting, &going);
  if (waiting + going > 0)
    badge = g_strdup_printf ("%u", waiting + going);
  slip_navigator_set_badge (self->navigator, "runs", badge);
}

static void
show_failure (SlipWindow *self, const GError *error)
{
  g_autofree char *way_out = slip_way_out_dup_text (self->workbench, error);

  adw_status_page_set_title (self->failed, slip_way_out_get_title (error));
  gtk_label_set_label (self->failed_text, error != NULL ? error->message : "");
  gtk_label_set_label (self->failed_way_out, way_out);
  gtk_stack_set_visible_child_name (self->states, "failed");
}

static void
state_changed_cb (SlipWindow *self)
{
  const GError *error = slip_workbench_get_error (self->workbench);

  switch (slip_workbench_get_state (self->workbench))
    {
    case SLIP_WORKBENCH_LOADING:
      gtk_stack_set_visible_child_name (self->states, "loading");
      break;
    case SLIP_WORKBENCH_FAILED:
      show_failure (self, error);
      break;
    case SLIP_WORKBENCH_READY:
      remove_all_pages (self);
      slip_page_stack_set_workbench (self->pages, self->workbench);
      slip_navigator_set_workbench (self->navigator, self->workbench);
      slip_run_banner_set_workbench (self->run_banner, self->workbench);
      gtk_stack_set_visible_child_name (self->states, "ready");
      g_signal_connect_object (slip_workbench_get_runs (self->workbench), "loaded",
                               G_CALLBACK (runs_loaded_cb), self, G_CONNECT_SWAPPED);
      go_to_start (self);
      break;
    }
}

static void
toast_cb (SlipWindow *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  adw_toast_set_title (toast, escaped);
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
back_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  slip_page_stack_back (SLIP_WINDOW (widget)->pages);
}

static void
refresh_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipPage *page = slip_window_get_page (SLIP_WINDOW (widget));

  if (page != NULL)
    slip_page_refresh (page);
}

static void
filter_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipPage *page = slip_window_get_page (SLIP_WINDOW (widget));

  if (page != NULL)
    slip_page_start_filter (page);
}

static void
reload_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  slip_workbench_reload (SLIP_WINDOW (widget)->workbench);
}

static void
search_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  SlipWindow *self = SLIP_WINDOW (widget);
  SlipPage *page = slip_window_get_page (self);
  const char *shown = page != NULL ? slip_page_get_environment_name (page) : NULL;

  if (slip_workbench_get_state (self->workbench) == SLIP_WORKBENCH_READY)
    slip_palette_present (GTK_WINDOW (self), self->workbench,
                          slip_workbench_find_environment (self->workbench, shown));
}

static void
open_plan_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (slip_workbench_get_state (SLIP_WINDOW (widget)->workbench) == SLIP_WORKBENCH_READY)
    slip_plan_files_open_ask (widget);
}

static void
cosign_plan_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  if (slip_workbench_get_state (SLIP_WINDOW (widget)->workbench) == SLIP_WORKBENCH_READY)
    slip_cosign_page_open_ask (widget);
}

static void
go_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  slip_window_go (SLIP_WINDOW (widget), g_variant_get_string (parameter, NULL));
}

typedef enum
{
  PROP_SHOW_DETAILS = 1,
  PROP_SHOW_ACTIVITY,
} SlipWindowProp;

static GParamSpec *properties[PROP_SHOW_ACTIVITY + 1];

static void
slip_window_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  SlipWindow *self = SLIP_WINDOW (object);

  switch ((SlipWindowProp)prop_id)
    {
    case PROP_SHOW_DETAILS:
      g_value_set_boolean (value, self->show_details);
      break;
    case PROP_SHOW_ACTIVITY:
      /* Actions are looked at while the window is made, before its template is. */
      g_value_set_boolean (value, self->activity == NULL
                                      || gtk_widget_get_visible (GTK_WIDGET (self->activity)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
slip_window_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  SlipWindow *self = SLIP_WINDOW (object);

  switch ((SlipWindowProp)prop_id)
    {
    case PROP_SHOW_DETAILS:
      self->show_details = g_value_get_boolean (value);
      show_details (self);
      break;
    case PROP_SHOW_ACTIVITY:
      gtk_widget_set_visible (GTK_WIDGET (self->activity), g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
bind_settings (SlipWindow *self)
{
  GSettings *settings = slip_settings_get ();

  if (settings == NULL)
    return;
  g_settings_bind (settings, "show-details", self, "show-details", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "show-activity", self, "show-activity", G_SETTINGS_BIND_DEFAULT);
}

static gboolean
slip_window_close_request (GtkWindow *window)
{
  slip_panes_save (&SLIP_WINDOW (window)->panes);
  return GTK_WINDOW_CLASS (slip_window_parent_class)->close_request (window);
}

static void
slip_window_dispose (GObject *object)
{
  SlipWindow *self = SLIP_WINDOW (object);

  if (self->pages != NULL)
    remove_all_pages (self);
  self->pages = NULL;
  g_clear_object (&self->workbench);
  gtk_widget_dispose_template (GTK_WIDGET (self), SLIP_TYPE_WINDOW);
  G_OBJECT_CLASS (slip_window_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/slipway/Slipway/ui/shell/slip-window.ui");
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, frame);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, title);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, environment_badge);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, session);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, menu);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, banner_revealer);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, banner);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, run_banner);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, states);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, failed);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, failed_text);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, failed_way_out);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, outer);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, middle);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, inner);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, navigator);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, pages);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, details);
  gtk_widget_class_bind_template_child (widget_class, SlipWindow, activity);
  gtk_widget_class_bind_template_callback (widget_class, open_cb);
  gtk_widget_class_bind_template_callback (widget_class, compact_cb);
  gtk_widget_class_bind_template_callback (widget_class, shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, page_changed_cb);
}

static void
slip_window_class_init (SlipWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = slip_window_get_property;
  object_class->set_property = slip_window_set_property;
  object_class->dispose = slip_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = slip_window_close_request;
  bind_template (widget_class);

  properties[PROP_SHOW_DETAILS] = g_param_spec_boolean ("show-details", NULL, NULL, TRUE, flags);
  properties[PROP_SHOW_ACTIVITY] = g_param_spec_boolean ("show-activity", NULL, NULL, TRUE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  gtk_widget_class_install_action (widget_class, "win.back", NULL, back_action);
  gtk_widget_class_install_action (widget_class, "win.refresh", NULL, refresh_action);
  gtk_widget_class_install_action (widget_class, "win.filter", NULL, filter_action);
  gtk_widget_class_install_action (widget_class, "win.reload", NULL, reload_action);
  gtk_widget_class_install_action (widget_class, "win.search", NULL, search_action);
  gtk_widget_class_install_action (widget_class, "win.open-plan", NULL, open_plan_action);
  gtk_widget_class_install_action (widget_class, "win.cosign-plan", NULL, cosign_plan_action);
  gtk_widget_class_install_action (widget_class, "win.go", "s", go_action);
  gtk_widget_class_install_property_action (widget_class, "win.show-details", "show-details");
  gtk_widget_class_install_property_action (widget_class, "win.show-activity", "show-activity");
}

static void
slip_window_init (SlipWindow *self)
{
  self->show_details = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  slip_tip_follow_label (self->banner);
  self->panes = (SlipPanes){.window = GTK_WINDOW (self),
                            .outer = self->outer,
                            .middle = self->middle,
                            .inner = self->inner,
                            .details = GTK_WIDGET (self->details),
                            .activity = GTK_WIDGET (self->activity)};
  slip_panes_restore (&self->panes);
  slip_menu_name_set (self->menu, _ ("Main menu"));
  bind_settings (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.back", FALSE);
  g_signal_connect (self, "map", G_CALLBACK (slip_icons_load_soon), NULL);
}

SlipWindow *
slip_window_new (GtkApplication *application, SlipWorkbench *workbench)
{
  SlipWindow *self = g_object_new (SLIP_TYPE_WINDOW, "application", application, NULL);

  self->workbench = g_object_ref (workbench);
  slip_activity_set_workbench (self->activity, workbench);
  g_signal_connect_object (workbench, "state-changed", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (workbench, "toast", G_CALLBACK (toast_cb), self, G_CONNECT_SWAPPED);
  state_changed_cb (self);
  return self;
}
