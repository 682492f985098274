/* SPDX-License-Identifier: MIT */

/* The list of runbooks. There are few of them, so plain rows do. */

#include "config.h"

#include "slip-runbooks-page.h"

#include <glib/gi18n.h>

#include "slip-tip.h"
#include <string.h>

struct _SlipRunbooksPage
{
  SlipPage parent_instance;

  SlipWorkbench *workbench; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipRunbooksPage, slip_runbooks_page, SLIP_TYPE_PAGE)

static void
row_activated_cb (SlipRunbooksPage *self, GtkWidget *row)
{
  slip_page_open (SLIP_PAGE (self), g_object_get_data (G_OBJECT (row), "page-id"));
}

static char *
dup_first_paragraph (const char *text)
{
  const char *end = strstr (text, "\n\n");
  g_autofree char *paragraph = end != NULL ? g_strndup (text, end - text) : g_strdup (text);

  g_strstrip (paragraph);
  g_strdelimit (paragraph, "\n", ' ');
  return g_steal_pointer (&paragraph);
}

static GtkWidget *
new_runbook_row (SlipRunbooksPage *self, SlipRunbook *runbook)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *subtitle = dup_first_paragraph (slip_runbook_get_description (runbook));
  g_autofree char *escaped = g_uri_escape_string (slip_runbook_get_name (runbook), NULL, TRUE);
  g_autofree char *page_id = g_strdup_printf ("wizard/%s", escaped);
  guint n_steps = json_array_get_length (slip_runbook_get_steps (runbook));
  g_autofree char *steps = g_strdup_printf (ngettext ("%u step", "%u steps", n_steps), n_steps);
  GtkWidget *count = gtk_label_new (steps);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), slip_runbook_get_title (runbook));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 3);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("slip-runbook-symbolic"));
  gtk_widget_add_css_class (count, "dim-label");
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), count);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row),
                             gtk_image_new_from_icon_name ("go-next-symbolic"));
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  slip_runbook_get_title (runbook), -1);
  g_object_set_data_full (G_OBJECT (row), "page-id", g_steal_pointer (&page_id), g_free);
  g_signal_connect_object (row, "activated", G_CALLBACK (row_activated_cb), self,
                           G_CONNECT_SWAPPED);
  return row;
}

static GtkWidget *
new_problem_row (const char *problem)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), problem);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 6);
  gtk_widget_add_css_class (row, "error-text");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, problem, -1);
  return row;
}

static GtkWidget *
new_open_button (void)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("_Open Plan…"));

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  slip_tip_set (button, _ ("A plan that somebody made before, to read, approve and "
                           "run"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "win.open-plan");
  return button;
}

static void
add_groups (SlipRunbooksPage *self, AdwPreferencesPage *page)
{
  GListModel *runbooks = slip_workbench_get_runbooks (self->workbench);
  GPtrArray *problems = slip_workbench_get_runbook_problems (self->workbench);
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());

  adw_preferences_group_set_title (group, _ ("Runbooks"));
  adw_preferences_group_set_description (
      group, _ ("Each begins with parameters and a plan. Nothing changes before you approve it."));
  adw_preferences_group_set_header_suffix (group, new_open_button ());
  for (guint i = 0; runbooks != NULL && i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);

      adw_preferences_group_add (group, new_runbook_row (self, runbook));
    }
  adw_preferences_page_add (page, group);
  if (problems == NULL || problems->len == 0)
    return;

  group = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  adw_preferences_group_set_title (group, _ ("Left out"));
  adw_preferences_group_set_description (group, _ ("Documents with faults. Mend them, then reload "
                                                   "the workspace."));
  for (guint i = 0; i < problems->len; i++)
    adw_preferences_group_add (group, new_problem_row (g_ptr_array_index (problems, i)));
  adw_preferences_page_add (page, group);
}

static void
slip_runbooks_page_dispose (GObject *object)
{
  g_clear_object (&SLIP_RUNBOOKS_PAGE (object)->workbench);
  G_OBJECT_CLASS (slip_runbooks_page_parent_class)->dispose (object);
}

static void
slip_runbooks_page_class_init (SlipRunbooksPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_runbooks_page_dispose;
}

static void
slip_runbooks_page_init (SlipRunbooksPage *self)
{
}

SlipPage *
slip_runbooks_page_new (SlipWorkbench *workbench)
{
  SlipRunbooksPage *self = g_object_new (SLIP_TYPE_RUNBOOKS_PAGE, NULL);
  GtkWidget *page = adw_preferences_page_new ();

  self->workbench = g_object_ref (workbench);
  add_groups (self, ADW_PREFERENCES_PAGE (page));
  adw_bin_set_child (ADW_BIN (self), page);
  return SLIP_PAGE (self);
}
