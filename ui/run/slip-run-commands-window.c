/* SPDX-License-Identifier: MIT */

/* The rest of a run for a person with a shell. Nothing here runs anything. */

#include "config.h"

#include "slip-run-commands-window.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-run-commands.h"

static void
copy_cb (GtkWidget *button)
{
  const char *text = g_object_get_data (G_OBJECT (button), "text");

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), text);
}

static GtkWidget *
new_copy (const char *label, const char *name, const char *text)
{
  GtkWidget *button = gtk_button_new_with_label (label);

  g_object_set_data_full (G_OBJECT (button), "text", g_strdup (text), g_free);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  gtk_widget_add_css_class (button, "compact");
  gtk_widget_set_valign (button, GTK_ALIGN_START);
  g_signal_connect (button, "clicked", G_CALLBACK (copy_cb), NULL);
  return button;
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (label), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_set_hexpand (label, TRUE);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
add_command (GtkBox *box, const char *command)
{
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  g_autofree char *name = g_strdup_printf (_ ("Copy: %.60s"), command);

  gtk_box_append (GTK_BOX (line), new_label (command, "mono"));
  gtk_box_append (GTK_BOX (line), new_copy (_ ("Copy"), name, command));
  gtk_widget_add_css_class (line, "command");
  gtk_box_append (box, line);
}

static GtkWidget *
new_step (JsonObject *step)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  JsonArray *notes = slip_json_array (step, "notes");
  JsonArray *commands = slip_json_array (step, "commands");
  g_autofree char *title
      = g_strdup_printf ("%" G_GINT64_FORMAT "  %s", slip_json_int (step, "index", 0),
                         slip_json_string (step, "title"));

  gtk_box_append (GTK_BOX (box), new_label (title, "heading"));
  for (guint i = 0; i < json_array_get_length (notes); i++)
    gtk_box_append (GTK_BOX (box),
                    new_label (json_array_get_string_element (notes, i), "dim-label"));
  for (guint i = 0; i < json_array_get_length (commands); i++)
    add_command (GTK_BOX (box), json_array_get_string_element (commands, i));
  return box;
}

/* What is copied from here goes to this environment, so the window says which it is. */
static GtkWidget *
new_badge (SlipEnvironment *environment, GtkWidget *frame)
{
  GtkWidget *badge = gtk_label_new (slip_environment_get_title (environment));

  gtk_widget_set_valign (badge, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (badge, "environment-badge");
  if (slip_environment_is_protected (environment))
    {
      gtk_widget_add_css_class (badge, "protected");
      gtk_widget_add_css_class (frame, "protected");
    }
  return badge;
}

static void
close_on_escape (GtkWidget *window)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (
      GTK_SHORTCUT_CONTROLLER (keys), gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                        gtk_named_action_new ("window.close")));
  gtk_widget_add_controller (window, keys);
}

static GtkWidget *
new_content (SlipWorkbench *workbench, SlipRun *run)
{
  GtkWidget *frame = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  SlipEnvironment *environment
      = slip_workbench_find_environment (workbench, slip_run_get_environment (run));
  GtkWidget *header = adw_header_bar_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 18);
  GtkWidget *copy_all;
  g_autoptr (JsonArray) commands
      = slip_run_list_commands (run, slip_workbench_get_workspace (workbench));
  g_autofree char *script = slip_run_commands_to_script (commands);

  gtk_box_append (
      GTK_BOX (box),
      new_label (
          slip_run_get_state (run) == SLIP_RUN_CANCELLED
              ? _ ("Read each before you run it.")
              : _ ("Cancel the run first, so that nobody does both. Read each before you run "
                   "it."),
          NULL));
  for (guint i = 0; i < json_array_get_length (commands); i++)
    gtk_box_append (GTK_BOX (box), new_step (json_array_get_object_element (commands, i)));
  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 18);
  gtk_widget_set_margin_start (box, 18);
  gtk_widget_set_margin_end (box, 18);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_widget_add_css_class (frame, "slip-frame");
  if (environment != NULL)
    adw_header_bar_pack_start (ADW_HEADER_BAR (header), new_badge (environment, frame));
  copy_all = new_copy (_ ("Copy All"), _ ("Copy all commands"), script);
  gtk_widget_set_valign (copy_all, GTK_ALIGN_CENTER);
  adw_header_bar_pack_start (ADW_HEADER_BAR (header), copy_all);
  gtk_box_append (GTK_BOX (frame), header);
  gtk_box_append (GTK_BOX (frame), scroller);
  return frame;
}

void
slip_run_commands_window_present (GtkWidget *parent, SlipWorkbench *workbench, SlipRun *run)
{
  GtkWidget *window;

  g_return_if_fail (GTK_IS_WIDGET (parent));
  g_return_if_fail (SLIP_IS_RUN (run));

  window = adw_window_new ();
  gtk_window_set_title (GTK_WINDOW (window), _ ("Finish by Hand"));
  gtk_window_set_transient_for (GTK_WINDOW (window), GTK_WINDOW (gtk_widget_get_root (parent)));
  gtk_window_set_default_size (GTK_WINDOW (window), 860, 620);
  adw_window_set_content (ADW_WINDOW (window), new_content (workbench, run));
  close_on_escape (window);
  gtk_window_present (GTK_WINDOW (window));
}
