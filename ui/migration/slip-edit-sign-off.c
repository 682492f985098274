/* SPDX-License-Identifier: MIT */

/* The sign-off of a mapping's column (`is_complete` of its file) as a person edits it: whoever signed a rule off did not
 * sign off what somebody made of it since. */

#include "config.h"

#include "slip-edit-sign-off.h"

#include <glib/gi18n.h>

#include "slip-edit-item.h"

gboolean
slip_edit_is_signed_off (SlipDefinitionDraft *draft,
                         const SlipMapping *mapping,
                         const SlipMappingColumn *column)
{
  g_autofree char *path = slip_edit_dup_member_path (column->target, SLIP_EDIT_COMPLETE);
  JsonNode *value = slip_definition_draft_get (draft, mapping->file, path);

  return value != NULL ? json_node_get_boolean (value) : column->complete;
}

gboolean
slip_edit_take_sign_off_back (SlipDefinitionDraft *draft,
                              const SlipMapping *mapping,
                              const SlipMappingColumn *column)
{
  g_autofree char *path = slip_edit_dup_member_path (column->target, SLIP_EDIT_COMPLETE);

  if (!slip_edit_is_signed_off (draft, mapping, column))
    return FALSE;
  slip_definition_draft_follow (draft, mapping->file, path,
                                json_node_init_boolean (json_node_alloc (), FALSE));
  return TRUE;
}

GtkWidget *
slip_edit_sign_off_row_new (void)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *toggle = gtk_switch_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Signed off"));
  gtk_widget_set_valign (toggle, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Signed off"), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (row), toggle);
  g_object_set_data (G_OBJECT (row), "switch", toggle);
  return row;
}

GtkSwitch *
slip_edit_get_switch (GtkWidget *row)
{
  return GTK_SWITCH (g_object_get_data (G_OBJECT (row), "switch"));
}

void
slip_edit_show_sign_off (GtkWidget *row,
                         SlipDefinitionDraft *draft,
                         const SlipMapping *mapping,
                         const SlipMappingColumn *column)
{
  gboolean complete = column != NULL && slip_edit_is_signed_off (draft, mapping, column);

  gtk_switch_set_active (slip_edit_get_switch (row), complete);
  adw_action_row_set_subtitle (
      ADW_ACTION_ROW (row), column != NULL && column->complete && !complete
                                ? _ ("Taken back: it was of the rule before. Undo brings it back.")
                                : "");
}
