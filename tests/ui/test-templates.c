/* SPDX-License-Identifier: MIT */

/* Every widget with a template can be made, has no focusable part without a name, and goes without a
 * complaint. Warnings are fatal here, as the environment of all tests says. */

#include "config.h"

#include "slip-ui-harness.h"

#include "slip-preferences.h"
#include "slip-ui.h"

static void
shown_and_gone (GtkWidget *widget)
{
  GtkWidget *window = widget;

  if (!GTK_IS_WINDOW (widget))
    {
      window = gtk_window_new ();
      if (GTK_IS_LIST_BOX_ROW (widget))
        {
          GtkWidget *list = gtk_list_box_new ();

          gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                          "Rows", -1);
          gtk_list_box_append (GTK_LIST_BOX (list), widget);
          widget = list;
        }
      gtk_window_set_child (GTK_WINDOW (window), widget);
    }
  gtk_window_present (GTK_WINDOW (window));
  slip_ui_settle ();
  /* Rows get their names from what they are made for; the tour looks at those. */
  if (!GTK_IS_LIST_BOX (widget))
    slip_ui_lint (window);
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
test_template (gconstpointer data)
{
  GType type = *(const GType *)data;
  GtkWidget *widget = g_object_new (type, NULL);
  GtkWidget *watched = widget;

  g_object_add_weak_pointer (G_OBJECT (widget), (gpointer *)&watched);
  shown_and_gone (widget);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  if (watched != NULL)
    g_error ("%s outlives its window: %u references", g_type_name (type),
             G_OBJECT (watched)->ref_count);
}

static void
test_shortcuts (void)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/slipway/Slipway/gtk/help-overlay.ui");

  shown_and_gone (GTK_WIDGET (gtk_builder_get_object (builder, "help_overlay")));
}

static void
test_preferences (void)
{
  GtkWidget *window = slip_preferences_new ("/somewhere/workspace.json", "/somewhere/state");

  gtk_window_present (GTK_WINDOW (window));
  slip_ui_lint (window);
  slip_ui_shoot (window, "preferences");
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char **argv)
{
  const GType *types;

  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  slip_ui_init ();
  types = slip_ui_get_templates ();
  for (guint i = 0; types[i] != G_TYPE_INVALID; i++)
    {
      g_autofree char *path = g_strdup_printf ("/ui/templates/%s", g_type_name (types[i]));

      g_test_add_data_func (path, &types[i], test_template);
    }
  g_test_add_func ("/ui/templates/shortcuts", test_shortcuts);
  g_test_add_func ("/ui/templates/preferences", test_preferences);
  return g_test_run ();
}
