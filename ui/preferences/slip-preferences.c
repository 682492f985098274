/* SPDX-License-Identifier: MIT */

/* Preferences. A plain window with one preferences page, since the toolkit's own preferences window
 * is on its way out. Every control is bound to its key; there is nothing to apply. */

#include "config.h"

#include "slip-preferences.h"

#include <glib/gi18n.h>

#include "slip-resource-columns.h"
#include "slip-settings.h"

static const char *const schemes[] = {"system", "light", "dark"};

static gboolean
scheme_to_position (GValue *value, GVariant *variant, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_equal (schemes[i], g_variant_get_string (variant, NULL)))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
position_to_scheme (const GValue *value, const GVariantType *type, gpointer data)
{
  guint position = g_value_get_uint (value);

  return g_variant_new_string (schemes[position < G_N_ELEMENTS (schemes) ? position : 0]);
}

static GtkWidget *
new_scheme_row (void)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr (GtkStringList) names = gtk_string_list_new (NULL);

  gtk_string_list_append (names, _ ("Follow the desktop"));
  gtk_string_list_append (names, _ ("Light"));
  gtk_string_list_append (names, _ ("Dark"));
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Style"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (names));
  if (slip_settings_get () != NULL)
    g_settings_bind_with_mapping (slip_settings_get (), "color-scheme", row, "selected",
                                  G_SETTINGS_BIND_DEFAULT, scheme_to_position, position_to_scheme,
                                  NULL, NULL);
  return row;
}

static GtkWidget *
new_switch_row (const char *title, const char *subtitle, GtkWidget **switch_widget)
{
  GtkWidget *row = adw_action_row_new ();

  *switch_widget = gtk_switch_new ();
  gtk_widget_set_valign (*switch_widget, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (*switch_widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  title, -1);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), *switch_widget);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), *switch_widget);
  return row;
}

static GtkWidget *
new_bound_row (const char *title, const char *subtitle, const char *key)
{
  GtkWidget *switch_widget;
  GtkWidget *row = new_switch_row (title, subtitle, &switch_widget);

  if (slip_settings_get () != NULL)
    g_settings_bind (slip_settings_get (), key, switch_widget, "active", G_SETTINGS_BIND_DEFAULT);
  return row;
}

static GtkWidget *
new_text_row (const char *title, const char *text)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  return row;
}

static void
column_toggled_cb (GtkSwitch *switch_widget, GParamSpec *pspec, const char *id)
{
  GSettings *settings = slip_settings_get ();
  g_auto (GStrv) hidden = NULL;
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) next = NULL;

  if (settings == NULL)
    return;
  hidden = g_settings_get_strv (settings, "hidden-columns");
  for (guint i = 0; hidden[i] != NULL; i++)
    if (!g_str_equal (hidden[i], id))
      g_strv_builder_add (builder, hidden[i]);
  if (!gtk_switch_get_active (switch_widget))
    g_strv_builder_add (builder, id);
  next = g_strv_builder_end (builder);
  g_settings_set_strv (settings, "hidden-columns", (const char *const *)next);
}

static GtkWidget *
new_columns_group (SlipEstateKind kind)
{
  GtkWidget *group = adw_preferences_group_new ();
  g_autofree const char **ids = NULL;
  g_autofree const char **titles = NULL;
  g_auto (GStrv) hidden = NULL;
  g_autofree char *title
      = g_strdup_printf (_ ("Columns of “%s”"), slip_estate_kind_get_title (kind));

  if (slip_settings_get () != NULL)
    hidden = g_settings_get_strv (slip_settings_get (), "hidden-columns");
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  slip_resource_columns_list (kind, &ids, &titles);
  for (guint i = 0; ids[i] != NULL; i++)
    {
      GtkWidget *switch_widget;
      GtkWidget *row = new_switch_row (titles[i], NULL, &switch_widget);

      gtk_switch_set_active (GTK_SWITCH (switch_widget),
                             hidden == NULL
                                 || !g_strv_contains ((const char *const *)hidden, ids[i]));
      g_signal_connect (switch_widget, "notify::active", G_CALLBACK (column_toggled_cb),
                        (gpointer)ids[i]);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
  return group;
}

static GtkWidget *
new_page (const char *workspace_path, const char *state_dir)
{
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *look = adw_preferences_group_new ();
  GtkWidget *folders = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (look), _ ("Appearance and behaviour"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look), new_scheme_row ());
  adw_preferences_group_add (
      ADW_PREFERENCES_GROUP (look),
      new_bound_row (_ ("Local time"), _ ("Times are shown in UTC otherwise, as in the audit log"),
                     "local-time"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (look),
                             new_bound_row (_ ("Notifications"),
                                            _ ("When a run ends while the window is not in front"),
                                            "notifications"));
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (folders), _ ("Files"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (folders),
                             new_text_row (_ ("Workspace"), workspace_path));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (folders),
                             new_text_row (_ ("Audit log and other state"), state_dir));

  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (look));
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (folders));
  for (guint i = 0; i < SLIP_ESTATE_N_KINDS; i++)
    adw_preferences_page_add (ADW_PREFERENCES_PAGE (page),
                              ADW_PREFERENCES_GROUP (new_columns_group ((SlipEstateKind)i)));
  return page;
}

static gboolean
close_cb (GtkWidget *window, GVariant *args, gpointer data)
{
  gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}

GtkWidget *
slip_preferences_new (const char *workspace_path, const char *state_dir)
{
  GtkWidget *window = adw_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_box_append (GTK_BOX (box), adw_header_bar_new ());
  gtk_box_append (GTK_BOX (box), new_page (workspace_path, state_dir));
  adw_window_set_content (ADW_WINDOW (window), box);
  gtk_window_set_title (GTK_WINDOW (window), _ ("Preferences"));
  gtk_window_set_default_size (GTK_WINDOW (window), 560, 640);
  gtk_window_set_modal (GTK_WINDOW (window), TRUE);
  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys),
      gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                        gtk_callback_action_new (close_cb, NULL, NULL)));
  gtk_widget_add_controller (window, keys);
  return window;
}
