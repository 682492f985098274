/* SPDX-License-Identifier: MIT */

/* The settings of the window. A missing schema, as in a tree that was only built, must not end the
 * program (the library's own constructor would), so it is looked up first. */

#include "config.h"

#include "slip-settings.h"

static GSettings *
new_settings (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchema) schema = NULL;
  g_autoptr (GSettingsSchemaSource) built = NULL;

  if (source != NULL)
    schema = g_settings_schema_source_lookup (source, SLIP_APP_ID, TRUE);
  if (schema == NULL)
    {
      built
          = g_settings_schema_source_new_from_directory (SLIP_BUILD_SCHEMADIR, source, TRUE, NULL);
      if (built != NULL)
        schema = g_settings_schema_source_lookup (built, SLIP_APP_ID, TRUE);
    }
  return schema != NULL ? g_settings_new_full (schema, NULL, NULL) : NULL;
}

GSettings *
slip_settings_get (void)
{
  static GSettings *settings;
  static gsize once;

  if (g_once_init_enter (&once))
    {
      settings = new_settings ();
      g_once_init_leave (&once, 1);
    }
  return settings;
}

gboolean
slip_settings_get_boolean (const char *key, gboolean fallback)
{
  GSettings *settings = slip_settings_get ();

  return settings != NULL ? g_settings_get_boolean (settings, key) : fallback;
}

int
slip_settings_get_int (const char *key, int fallback)
{
  GSettings *settings = slip_settings_get ();

  return settings != NULL ? g_settings_get_int (settings, key) : fallback;
}

void
slip_settings_set_int (const char *key, int value)
{
  GSettings *settings = slip_settings_get ();

  if (settings != NULL && g_settings_get_int (settings, key) != value)
    g_settings_set_int (settings, key, value);
}

static void
apply_color_scheme (GSettings *settings, const char *key, gpointer data)
{
  g_autofree char *scheme = g_settings_get_string (settings, "color-scheme");
  AdwColorScheme value = ADW_COLOR_SCHEME_DEFAULT;

  if (g_str_equal (scheme, "light"))
    value = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_str_equal (scheme, "dark"))
    value = ADW_COLOR_SCHEME_FORCE_DARK;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), value);
}

void
slip_settings_apply_color_scheme (void)
{
  GSettings *settings = slip_settings_get ();

  if (settings == NULL)
    return;
  g_signal_connect (settings, "changed::color-scheme", G_CALLBACK (apply_color_scheme), NULL);
  apply_color_scheme (settings, "color-scheme", NULL);
}
