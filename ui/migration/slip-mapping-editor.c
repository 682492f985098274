/* SPDX-License-Identifier: MIT */

/* The editor of mappings and lookups. It shows what is on disk and sends each change to the draft; the draft says what
 * the change means and whether it is right. */

#include "config.h"

#include "slip-mapping-editor.h"

#include <glib/gi18n.h>

#include "slip-edit-column.h"
#include "slip-edit-item.h"
#include "slip-edit-meaning.h"
#include "slip-edit-save.h"
#include "slip-edit-sign-off.h"
#include "slip-edited.h"
#include "slip-json.h"
#include "slip-slow-list.h"
#include "slip-tip.h"

struct _SlipMappingEditor
{
  AdwBin parent_instance;

  GtkLabel *title;
  GtkColumnView *view;
  GListStore *items;             /* owned; element-type SlipEditItem */
  GtkSingleSelection *selection; /* owned */
  AdwPreferencesGroup *form;
  GtkWidget *fields[SLIP_N_EDITS];
  GtkWidget *complete;
  GtkWidget *new_group;
  GtkWidget *new_code;
  GtkWidget *new_value;
  SlipEditMeaning *meaning;
  GtkWidget *save;
  GtkWidget *discard;
  GtkWidget *undo;
  GtkWidget *remove;
  SlipMigrationData *data; /* owned */
  SlipEdited edited;       /* of the data; owns its draft */
  gboolean settling;
};

G_DEFINE_FINAL_TYPE (SlipMappingEditor, slip_mapping_editor, ADW_TYPE_BIN)

static guint signal_back;
static guint signal_saved;
static guint signal_checked;

/* ---- the form */

static void
show_complete (SlipMappingEditor *self, const SlipMappingColumn *column)
{
  gboolean before = self->settling;

  self->settling = TRUE;
  slip_edit_show_sign_off (self->complete, self->edited.draft, self->edited.mapping, column);
  self->settling = before;
}

/* An edit takes the sign-off back, in the same step of undo. */
static void
take_sign_off_back (SlipMappingEditor *self, SlipEditItem *item)
{
  const SlipMappingColumn *column = slip_edited_find_column (&self->edited, item);

  if (column == NULL
      || !slip_edit_take_sign_off_back (self->edited.draft, self->edited.mapping, column))
    return;
  item->complete = FALSE;
  show_complete (self, column);
}

static void
item_chosen_cb (SlipMappingEditor *self)
{
  SlipEditItem *item = gtk_single_selection_get_selected_item (self->selection);
  const SlipMappingColumn *column = slip_edited_find_column (&self->edited, item);

  self->settling = TRUE;
  for (guint i = 0; i < SLIP_N_EDITS; i++)
    {
      g_autofree char *text = item != NULL && slip_edited_has (&self->edited, i)
                                  ? slip_edited_dup_text (&self->edited, item, i)
                                  : NULL;

      gtk_editable_set_text (GTK_EDITABLE (self->fields[i]), text != NULL ? text : "");
      gtk_widget_set_visible (self->fields[i], item != NULL && slip_edited_has (&self->edited, i));
      gtk_widget_set_sensitive (self->fields[i], item != NULL && !item->removed);
    }
  gtk_widget_set_sensitive (self->remove, item != NULL && !item->removed);
  /* A list of columns is edited in the file: there is no telling where one ends. */
  if (column != NULL && column->source_columns != NULL && column->source_columns[1] != NULL)
    gtk_widget_set_sensitive (self->fields[SLIP_EDIT_SOURCE_COLUMN], FALSE);
  gtk_widget_set_visible (self->complete, column != NULL && !item->removed);
  show_complete (self, column);
  adw_preferences_group_set_title (self->form, item != NULL ? item->name : "");
  self->settling = FALSE;
}

static void
set_column (SlipMappingEditor *self, SlipEditItem *item, SlipEdit edit, const char *text)
{
  const SlipMappingColumn *column = slip_mapping_find_column (self->edited.mapping, item->name);
  g_autofree char *path = slip_edit_dup_path (item->name, edit);
  SlipType type = edit == SLIP_EDIT_DEFAULT ? column->type : SLIP_TYPE_STR;

  slip_definition_draft_set (self->edited.draft, self->edited.mapping->file, path,
                             slip_edit_new_value (type, text));
  /* An alias is the column's own name unless two targets share it. */
  if (edit == SLIP_EDIT_SOURCE_COLUMN
      && (column->aliases == NULL
          || g_strcmp0 (column->aliases[0], column->source_columns[0]) == 0))
    {
      g_autofree char *alias = slip_edit_dup_member_path (item->name, ".transform_casrec.alias");

      slip_definition_draft_follow (self->edited.draft, self->edited.mapping->file, alias,
                                    slip_edit_new_value (SLIP_TYPE_STR, text));
    }
  take_sign_off_back (self, item);
  slip_edit_item_take_rule (item,
                            slip_edit_column_dup_rule (self->data->migration, self->edited.mapping,
                                                       column, self->edited.draft));
}

/* A code that is not on disk yet is another code then; whatever is on disk keeps its line. */
static void
rename_item (SlipMappingEditor *self, SlipEditItem *item, const char *to)
{
  gboolean is_new = slip_edited_is_added (&self->edited, item);

  if (self->edited.mapping != NULL && to[0] == '\0')
    return; /* until something is typed; a blank code is a code */
  slip_definition_draft_rename (self->edited.draft, slip_edited_get_file (&self->edited),
                                item->name, to);
  if (g_strcmp0 (to, item->name) != 0)
    take_sign_off_back (self, item);
  if (is_new)
    {
      g_free (item->name);
      item->name = g_strdup (to);
    }
  slip_edit_item_take_draft (item, self->edited.draft, slip_edited_get_file (&self->edited));
}

static void
remove_cb (SlipMappingEditor *self)
{
  SlipEditItem *item = gtk_single_selection_get_selected_item (self->selection);
  guint selected = gtk_single_selection_get_selected (self->selection);

  if (item == NULL)
    return;
  slip_definition_draft_rename (self->edited.draft, slip_edited_get_file (&self->edited),
                                item->name, NULL);
  slip_edited_fill (&self->edited, self->items);
  slip_slow_list_reach (G_LIST_MODEL (self->selection), selected);
  gtk_single_selection_set_selected (self->selection, selected);
  item_chosen_cb (self);
}

static void
undo_cb (SlipMappingEditor *self)
{
  guint selected = gtk_single_selection_get_selected (self->selection);

  slip_definition_draft_undo (self->edited.draft);
  slip_edited_fill (&self->edited, self->items);
  slip_slow_list_reach (G_LIST_MODEL (self->selection), selected);
  gtk_single_selection_set_selected (self->selection, selected);
  item_chosen_cb (self);
}

static void
field_changed_cb (SlipMappingEditor *self, GtkEditable *field)
{
  SlipEditItem *item = gtk_single_selection_get_selected_item (self->selection);
  const char *text = gtk_editable_get_text (field);
  g_autofree char *path = NULL;

  if (self->settling || item == NULL)
    return;
  for (guint i = 0; i < SLIP_N_EDITS; i++)
    if (self->fields[i] == GTK_WIDGET (field) && i != SLIP_EDIT_VALUE && i != SLIP_EDIT_NAME)
      set_column (self, item, i, text);
  if (self->fields[SLIP_EDIT_NAME] == GTK_WIDGET (field))
    {
      rename_item (self, item, text);
      return;
    }
  if (self->fields[SLIP_EDIT_VALUE] == GTK_WIDGET (field)
      && slip_edited_is_added (&self->edited, item))
    {
      slip_definition_draft_add_code (self->edited.draft, self->edited.lookup->file, item->name,
                                      slip_edit_new_value (self->edited.lookup->type, text));
      slip_edit_item_take_rule (item, g_strdup (text));
    }
  else if (self->fields[SLIP_EDIT_VALUE] == GTK_WIDGET (field))
    {
      path = slip_edit_dup_member_path (item->name, ".sirius_mapping");
      slip_definition_draft_set (self->edited.draft, self->edited.lookup->file, path,
                                 slip_edit_new_value (self->edited.lookup->type, text));
      slip_edit_item_take_rule (item, g_strdup (text));
    }
}

static void
complete_changed_cb (SlipMappingEditor *self, GParamSpec *pspec, GtkSwitch *toggle)
{
  SlipEditItem *item = gtk_single_selection_get_selected_item (self->selection);
  g_autofree char *path = NULL;

  if (self->settling || item == NULL)
    return;
  path = slip_edit_dup_member_path (item->name, SLIP_EDIT_COMPLETE);
  slip_definition_draft_set (
      self->edited.draft, self->edited.mapping->file, path,
      json_node_init_boolean (json_node_alloc (), gtk_switch_get_active (toggle)));
  item->complete = gtk_switch_get_active (toggle);
  slip_edit_item_mark (item);
  show_complete (self, slip_mapping_find_column (self->edited.mapping, item->name));
}

static void
add_code_cb (SlipMappingEditor *self)
{
  const char *code = gtk_editable_get_text (GTK_EDITABLE (self->new_code));
  const char *value = gtk_editable_get_text (GTK_EDITABLE (self->new_value));

  if (self->edited.lookup == NULL || code[0] == '\0' || slip_mapping_editor_select (self, code))
    return; /* one that is there is chosen now */
  slip_definition_draft_add_code (self->edited.draft, self->edited.lookup->file, code,
                                  slip_edit_new_value (self->edited.lookup->type, value));
  slip_edited_add_code (&self->edited, self->items, code, g_strdup (value));
  gtk_editable_set_text (GTK_EDITABLE (self->new_code), "");
  gtk_editable_set_text (GTK_EDITABLE (self->new_value), "");
}

/* ---- what it means */

static void
show_draft (SlipMappingEditor *self)
{
  const char *message = slip_definition_draft_get_message (self->edited.draft);
  gboolean empty = slip_definition_draft_is_empty (self->edited.draft);

  slip_edit_meaning_show (self->meaning, self->edited.draft);
  /* What were typed now would not be in what is written, and goes with it when that is done. */
  gtk_widget_set_sensitive (gtk_widget_get_first_child (GTK_WIDGET (self)),
                            !slip_definition_draft_is_saving (self->edited.draft));
  gtk_widget_set_sensitive (self->save,
                            !empty && message == NULL
                                && !slip_definition_draft_is_checking (self->edited.draft));
  gtk_widget_set_sensitive (self->discard, !empty);
  gtk_widget_set_sensitive (self->undo, slip_definition_draft_can_undo (self->edited.draft));
  g_signal_emit (self, signal_checked, 0);
}

static void
saved_cb (SlipMappingEditor *self)
{
  show_draft (self);
  if (slip_definition_draft_is_empty (self->edited.draft))
    g_signal_emit (self, signal_saved, 0);
}

static void
save_cb (SlipMappingEditor *self)
{
  slip_edit_save (GTK_WIDGET (self), self->edited.draft);
}

static void
discard_cb (SlipMappingEditor *self)
{
  guint selected = gtk_single_selection_get_selected (self->selection);

  slip_definition_draft_discard (self->edited.draft);
  slip_edited_fill (&self->edited, self->items);
  slip_slow_list_reach (G_LIST_MODEL (self->selection), selected);
  gtk_single_selection_set_selected (self->selection, selected);
}

static void
back_cb (SlipMappingEditor *self)
{
  g_signal_emit (self, signal_back, 0);
}

/* ---- the widget */

static void
slip_mapping_editor_dispose (GObject *object)
{
  SlipMappingEditor *self = SLIP_MAPPING_EDITOR (object);

  if (self->view != NULL)
    gtk_column_view_set_model (self->view, NULL);
  self->view = NULL;
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->items);
  g_clear_object (&self->edited.draft);
  g_clear_pointer (&self->data, slip_migration_data_unref);
  adw_bin_set_child (ADW_BIN (self), NULL);
  G_OBJECT_CLASS (slip_mapping_editor_parent_class)->dispose (object);
}

static void
slip_mapping_editor_class_init (SlipMappingEditorClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = slip_mapping_editor_dispose;
  signal_back = g_signal_new ("back", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_checked
      = g_signal_new ("checked", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signal_saved
      = g_signal_new ("saved", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
new_bar (SlipMappingEditor *self)
{
  GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);
  GtkWidget *back = gtk_button_new_from_icon_name ("go-previous-symbolic");

  gtk_accessible_update_property (GTK_ACCESSIBLE (back), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Back to all definitions"), -1);
  slip_tip_set (back, _ ("Back to all definitions"));
  gtk_widget_add_css_class (back, "flat");
  self->title = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_xalign (self->title, 0);
  gtk_label_set_ellipsize (self->title, PANGO_ELLIPSIZE_START);
  slip_tip_follow_label (self->title);
  gtk_widget_set_hexpand (GTK_WIDGET (self->title), TRUE);
  gtk_widget_add_css_class (GTK_WIDGET (self->title), "heading");
  self->undo = gtk_button_new_with_mnemonic (_ ("_Undo"));
  self->discard = gtk_button_new_with_mnemonic (_ ("_Discard"));
  self->save = gtk_button_new_with_mnemonic (_ ("_Save"));
  gtk_widget_add_css_class (self->save, "suggested-action");
  gtk_widget_add_css_class (bar, "page-bar");
  gtk_box_append (GTK_BOX (bar), back);
  gtk_box_append (GTK_BOX (bar), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (bar), self->undo);
  gtk_box_append (GTK_BOX (bar), self->discard);
  gtk_box_append (GTK_BOX (bar), self->save);
  g_signal_connect_object (back, "clicked", G_CALLBACK (back_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->undo, "clicked", G_CALLBACK (undo_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->discard, "clicked", G_CALLBACK (discard_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->save, "clicked", G_CALLBACK (save_cb), self, G_CONNECT_SWAPPED);
  return bar;
}

static GtkWidget *
new_form (SlipMappingEditor *self)
{
  GtkWidget *page = adw_preferences_page_new ();
  GtkWidget *add = gtk_button_new_with_mnemonic (_ ("_Add the Code"));

  self->form = ADW_PREFERENCES_GROUP (adw_preferences_group_new ());
  self->remove = gtk_button_new_with_mnemonic (_ ("Re_move"));
  adw_preferences_group_set_header_suffix (self->form, self->remove);
  g_signal_connect_object (self->remove, "clicked", G_CALLBACK (remove_cb), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < SLIP_N_EDITS; i++)
    {
      self->fields[i] = adw_entry_row_new ();
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->fields[i]),
                                     slip_edit_get_title (i));
      adw_preferences_group_add (self->form, self->fields[i]);
      g_signal_connect_object (self->fields[i], "changed", G_CALLBACK (field_changed_cb), self,
                               G_CONNECT_SWAPPED);
    }
  self->complete = slip_edit_sign_off_row_new ();
  g_signal_connect_object (slip_edit_get_switch (self->complete), "notify::active",
                           G_CALLBACK (complete_changed_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_group_add (self->form, self->complete);

  self->new_group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->new_group), _ ("Another code"));
  self->new_code = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->new_code), _ ("Code"));
  self->new_value = adw_entry_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->new_value), _ ("Becomes"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->new_group), self->new_code);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->new_group), self->new_value);
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (self->new_group), add);
  g_signal_connect_object (add, "clicked", G_CALLBACK (add_code_cb), self, G_CONNECT_SWAPPED);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), self->form);
  adw_preferences_page_add (ADW_PREFERENCES_PAGE (page), ADW_PREFERENCES_GROUP (self->new_group));
  return page;
}

static void
slip_mapping_editor_init (SlipMappingEditor *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *paned = gtk_paned_new (GTK_ORIENTATION_VERTICAL);
  GtkWidget *below = gtk_paned_new (GTK_ORIENTATION_HORIZONTAL);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->items = g_list_store_new (SLIP_TYPE_EDIT_ITEM);
  self->selection
      = gtk_single_selection_new (slip_slow_list_new (G_LIST_MODEL (g_object_ref (self->items))));
  g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (item_chosen_cb),
                           self, G_CONNECT_SWAPPED);
  self->view = slip_columns_new_view (GTK_SELECTION_MODEL (g_object_ref (self->selection)),
                                      _ ("Columns or codes"));
  slip_columns_add (self->view, slip_edit_item_columns, SLIP_EDIT_ITEM_N_COLUMNS);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_box_append (GTK_BOX (box), new_bar (self));
  gtk_paned_set_start_child (GTK_PANED (below), new_form (self));
  self->meaning = SLIP_EDIT_MEANING (slip_edit_meaning_new ());
  gtk_paned_set_end_child (GTK_PANED (below), GTK_WIDGET (self->meaning));
  gtk_paned_set_position (GTK_PANED (below), 480);
  gtk_paned_set_start_child (GTK_PANED (paned), scroller);
  gtk_paned_set_end_child (GTK_PANED (paned), below);
  gtk_paned_set_position (GTK_PANED (paned), 220);
  gtk_widget_set_vexpand (paned, TRUE);
  gtk_box_append (GTK_BOX (box), paned);
  adw_bin_set_child (ADW_BIN (self), box);
}

GtkWidget *
slip_mapping_editor_new (void)
{
  return g_object_new (SLIP_TYPE_MAPPING_EDITOR, NULL);
}

gboolean
slip_mapping_editor_show (SlipMappingEditor *self, SlipMigrationData *data, const char *name)
{
  SlipDefinitions *definitions;
  const SlipMapping *mapping;
  const SlipLookup *lookup;

  g_return_val_if_fail (SLIP_IS_MAPPING_EDITOR (self), FALSE);
  g_return_val_if_fail (data != NULL && name != NULL, FALSE);

  definitions = slip_migration_get_definitions (data->migration);
  mapping = slip_definitions_find_mapping (definitions, name);
  lookup = mapping == NULL ? slip_definitions_find_lookup (definitions, name) : NULL;
  if (mapping == NULL && lookup == NULL)
    return FALSE;
  g_list_store_remove_all (self->items);
  slip_migration_data_ref (data);
  g_clear_pointer (&self->data, slip_migration_data_unref);
  self->data = data;
  self->edited.migration = data->migration;
  self->edited.mapping = mapping;
  self->edited.lookup = lookup;
  if (self->edited.draft != NULL)
    g_signal_handlers_disconnect_by_data (self->edited.draft, self);
  g_clear_object (&self->edited.draft);
  self->edited.draft = slip_definition_draft_new (data->project, data->migration);
  g_signal_connect_object (self->edited.draft, "checked", G_CALLBACK (show_draft), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->edited.draft, "saved", G_CALLBACK (saved_cb), self,
                           G_CONNECT_SWAPPED);
  gtk_label_set_label (self->title, mapping != NULL ? mapping->file : lookup->file);
  gtk_widget_set_visible (self->new_group, lookup != NULL);
  slip_edited_fill (&self->edited, self->items);
  item_chosen_cb (self);
  show_draft (self);
  return TRUE;
}

gboolean
slip_mapping_editor_select (SlipMappingEditor *self, const char *item)
{
  g_return_val_if_fail (SLIP_IS_MAPPING_EDITOR (self), FALSE);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->items)); i++)
    {
      g_autoptr (SlipEditItem) found = g_list_model_get_item (G_LIST_MODEL (self->items), i);

      if (g_strcmp0 (found->name, item) == 0)
        {
          slip_slow_list_reach (G_LIST_MODEL (self->selection), i);
          gtk_single_selection_set_selected (self->selection, i);
          return TRUE;
        }
    }
  return FALSE;
}

SlipDefinitionDraft *
slip_mapping_editor_get_draft (SlipMappingEditor *self)
{
  g_return_val_if_fail (SLIP_IS_MAPPING_EDITOR (self), NULL);
  return self->edited.draft;
}

void
slip_mapping_editor_set_findings (SlipMappingEditor *self, GPtrArray *findings)
{
  g_return_if_fail (SLIP_IS_MAPPING_EDITOR (self) && self->edited.draft != NULL);
  slip_edit_meaning_set_findings (self->meaning, findings, slip_edited_get_file (&self->edited));
  slip_edit_meaning_show (self->meaning, self->edited.draft);
}
