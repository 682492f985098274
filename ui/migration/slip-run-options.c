/* SPDX-License-Identifier: MIT */

/* What a person may choose of a run before it begins: whether files that have not changed are landed anew, and which stages
 * are left out. Decides nothing: what a stage that is left out means is the run's to say. */

#include "config.h"

#include "slip-run-options.h"

#include <glib/gi18n.h>

#include "slip-migration-run.h"
#include "slip-stage-words.h"

#define MOST_HEIGHT 320 /* pixels */

struct _SlipRunOptions
{
  AdwBin parent_instance;

  AdwExpanderRow *row;
  GtkSwitch *no_reload;
  GPtrArray *stages; /* owned; element-type GtkCheckButton, in the order of the stages */
};

G_DEFINE_FINAL_TYPE (SlipRunOptions, slip_run_options, ADW_TYPE_BIN)

static void
update (SlipRunOptions *self)
{
  const char *const *names = slip_migration_run_get_stages ();
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean loads = TRUE;

  for (guint i = 0; i < self->stages->len; i++)
    if (!gtk_check_button_get_active (g_ptr_array_index (self->stages, i)))
      {
        g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : _ ("without: "),
                                slip_stage_get_title (names[i]));
        loads = loads && !g_str_equal (names[i], "load_to_target");
      }
  if (text->len == 0)
    g_string_append (text, _ ("all stages"));
  /* What stands above tells of a whole run. */
  if (!loads)
    g_string_append_printf (text, "; %s", _ ("so no rows are loaded into the target"));
  if (gtk_switch_get_active (self->no_reload))
    g_string_append_printf (text, "; %s", _ ("files that have not changed stay landed"));
  adw_expander_row_set_subtitle (self->row, text->str);
}

static GtkWidget *
add_row (SlipRunOptions *self, const char *title, const char *subtitle, GtkWidget *control)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  if (subtitle != NULL)
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  gtk_widget_set_valign (control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (control), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), control);
  g_signal_connect_object (control, "notify::active", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  adw_expander_row_add_row (self->row, row);
  return row;
}

static void
slip_run_options_finalize (GObject *object)
{
  g_ptr_array_unref (SLIP_RUN_OPTIONS (object)->stages);
  G_OBJECT_CLASS (slip_run_options_parent_class)->finalize (object);
}

static void
slip_run_options_class_init (SlipRunOptionsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_run_options_finalize;
}

static void
slip_run_options_init (SlipRunOptions *self)
{
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->stages = g_ptr_array_new_with_free_func (g_object_unref);
  self->row = ADW_EXPANDER_ROW (adw_expander_row_new ());
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), _ ("Options"));
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  gtk_widget_add_css_class (list, "boxed-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Options of the run"), -1);
  gtk_list_box_append (GTK_LIST_BOX (list), GTK_WIDGET (self->row));
  /* All stages are more than a small screen has room for. */
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), MOST_HEIGHT);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
slip_run_options_new (gboolean source)
{
  SlipRunOptions *self = g_object_new (SLIP_TYPE_RUN_OPTIONS, NULL);
  const char *const *names = slip_migration_run_get_stages ();
  GtkWidget *no_reload = gtk_switch_new ();

  self->no_reload = GTK_SWITCH (no_reload);
  gtk_widget_set_visible (
      add_row (self, _ ("Keep what is landed"), _ ("Of files that have not changed"), no_reload),
      source);
  for (guint i = 0; names[i] != NULL; i++)
    {
      GtkWidget *check = gtk_check_button_new ();

      gtk_check_button_set_active (GTK_CHECK_BUTTON (check), TRUE);
      g_ptr_array_add (self->stages, g_object_ref_sink (check));
      add_row (self, slip_stage_get_title (names[i]), NULL, check);
    }
  update (self);
  return GTK_WIDGET (self);
}

gboolean
slip_run_options_get_no_reload (SlipRunOptions *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_OPTIONS (self), FALSE);
  return gtk_switch_get_active (self->no_reload);
}

GStrv
slip_run_options_dup_skip (SlipRunOptions *self)
{
  const char *const *names = slip_migration_run_get_stages ();
  g_autoptr (GStrvBuilder) skip = g_strv_builder_new ();

  g_return_val_if_fail (SLIP_IS_RUN_OPTIONS (self), NULL);

  for (guint i = 0; i < self->stages->len; i++)
    if (!gtk_check_button_get_active (g_ptr_array_index (self->stages, i)))
      g_strv_builder_add (skip, names[i]);
  return g_strv_builder_end (skip);
}

void
slip_run_options_choose (SlipRunOptions *self, gboolean no_reload, const char *const *skip)
{
  const char *const *names = slip_migration_run_get_stages ();

  g_return_if_fail (SLIP_IS_RUN_OPTIONS (self) && skip != NULL);

  gtk_switch_set_active (self->no_reload, no_reload);
  for (guint i = 0; i < self->stages->len; i++)
    gtk_check_button_set_active (g_ptr_array_index (self->stages, i),
                                 !g_strv_contains (skip, names[i]));
}
