/* SPDX-License-Identifier: MIT */

#include "config.h"

#include "slip-icons.h"

#include <string.h>

#define FOLDER "/org/slipway/Slipway/ui/icons/scalable/actions"
#define SIZE 16 /* what an image has beside text */
#define KEY "slip-icons"

/* Asked for just as an image of this name asks, so that it is the same icon. */
static GtkIconPaintable *
look_up (GtkWidget *window, const char *name)
{
  g_autoptr (GIcon) icon = g_themed_icon_new (name);

  return gtk_icon_theme_lookup_by_gicon (
      gtk_icon_theme_get_for_display (gtk_widget_get_display (window)), icon, SIZE,
      gtk_widget_get_scale_factor (window), gtk_widget_get_direction (window),
      GTK_ICON_LOOKUP_PRELOAD);
}

static gboolean
load_cb (gpointer data)
{
  GtkWidget *window = data;
  g_auto (GStrv) files
      = g_resources_enumerate_children (FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  GPtrArray *kept = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; files != NULL && files[i] != NULL; i++)
    if (g_str_has_suffix (files[i], ".svg"))
      {
        g_autofree char *name = g_strndup (files[i], strlen (files[i]) - strlen (".svg"));

        g_ptr_array_add (kept, look_up (window, name));
      }
  g_object_set_data_full (G_OBJECT (window), KEY, kept, (GDestroyNotify)g_ptr_array_unref);
  return G_SOURCE_REMOVE;
}

void
slip_icons_load_soon (GtkWidget *window)
{
  g_return_if_fail (GTK_IS_WIDGET (window));

  if (g_object_get_data (G_OBJECT (window), KEY) == NULL)
    g_idle_add_full (G_PRIORITY_LOW, load_cb, g_object_ref (window), g_object_unref);
}
