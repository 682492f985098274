/* SPDX-License-Identifier: MIT */

/* One parameter as rows: an entry, a choice or a switch, with its description below, which turns into
 * the reason when the value does not fit. */

#include "config.h"

#include "slip-parameter-field.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-menu-name.h"

struct _SlipParameterField
{
  GObject parent_instance;

  SlipRunbookParameter *parameter; /* owned */
  GPtrArray *rows;                 /* owned; element-type GtkWidget */
  GtkWidget *row;                  /* borrowed from rows */
  GtkWidget *control;              /* the entry row, the combo row or the switch */
  GtkLabel *note;                  /* below an entry or a combo row, or NULL */
  GtkLabel *outlook;               /* below the note, or NULL */
  GtkWidget *offer_button;         /* below both, or NULL */
  char *offer;                     /* what it puts in, or NULL */
  GtkWidget *picker;               /* menu button, or NULL */
  GtkListBox *picker_list;
  GtkStringList *values; /* of a combo row, or NULL */
  char *message;
  gboolean touched;
  gboolean setting;
};

G_DEFINE_FINAL_TYPE (SlipParameterField, slip_parameter_field, G_TYPE_OBJECT)

static guint signal_changed;
static guint signal_pick;

static char *dup_current_text (SlipParameterField *self);
static void show_note_row (SlipParameterField *self);

static void
show_offer (SlipParameterField *self)
{
  g_autofree char *text = NULL;

  if (self->offer_button == NULL)
    return;
  text = dup_current_text (self);
  gtk_widget_set_visible (self->offer_button,
                          self->offer != NULL && g_strcmp0 (text, self->offer) != 0);
  show_note_row (self);
}

static void
changed_cb (SlipParameterField *self)
{
  show_offer (self);
  if (self->setting)
    return;
  self->touched = TRUE;
  g_signal_emit (self, signal_changed, 0);
}

static const char *
get_title (SlipParameterField *self)
{
  return slip_runbook_parameter_get_title (self->parameter);
}

static void
add_row (SlipParameterField *self, GtkWidget *row)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_ptr_array_add (self->rows, g_object_ref_sink (row));
}

static void
picked_cb (SlipParameterField *self, GtkListBoxRow *row)
{
  const char *value = g_object_get_data (G_OBJECT (row), "value");
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->control));
  g_auto (GStrv) listed = g_strsplit_set (text, ", ", -1);
  g_autofree char *wanted = NULL;

  if (value == NULL)
    return;
  /* A list grows by what is picked; anything else is replaced. */
  if (slip_runbook_parameter_get_parameter_type (self->parameter) == SLIP_PARAMETER_STRING_LIST
      && text[0] != '\0' && !g_strv_contains ((const char *const *)listed, value))
    wanted = g_strdup_printf ("%s, %s", text, value);
  else
    wanted = g_strdup (value);
  gtk_editable_set_text (GTK_EDITABLE (self->control), wanted);
  gtk_menu_button_popdown (GTK_MENU_BUTTON (self->picker));
}

static void
popover_mapped_cb (SlipParameterField *self)
{
  g_signal_emit (self, signal_pick, 0);
}

static void
add_picker (SlipParameterField *self)
{
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  g_autofree char *label = g_strdup_printf (_ ("Choose %s"), get_title (self));

  self->picker_list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->picker_list, GTK_SELECTION_NONE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->picker_list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->picker_list));
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_propagate_natural_width (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 320);
  gtk_scrolled_window_set_max_content_width (GTK_SCROLLED_WINDOW (scroller), 520);
  gtk_popover_set_child (GTK_POPOVER (popover), scroller);
  self->picker = gtk_menu_button_new ();
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (self->picker), "pan-down-symbolic");
  gtk_menu_button_set_popover (GTK_MENU_BUTTON (self->picker), popover);
  gtk_widget_set_valign (self->picker, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->picker, "flat");
  slip_menu_name_set (GTK_MENU_BUTTON (self->picker), label);
  g_signal_connect_object (popover, "map", G_CALLBACK (popover_mapped_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->picker_list, "row-activated", G_CALLBACK (picked_cb), self,
                           G_CONNECT_SWAPPED);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (self->row), self->picker);
}

static GtkLabel *
new_note (const char *css_class)
{
  GtkLabel *label = GTK_LABEL (gtk_label_new (NULL));

  gtk_label_set_xalign (label, 0);
  gtk_label_set_wrap (label, TRUE);
  gtk_label_set_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_widget_add_css_class (GTK_WIDGET (label), css_class);
  return label;
}

static void
add_note (SlipParameterField *self)
{
  GtkWidget *row = adw_preferences_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->note = new_note ("parameter-note");
  self->outlook = new_note ("parameter-outlook");
  gtk_widget_set_visible (GTK_WIDGET (self->outlook), FALSE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->note));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->outlook));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_focusable (row, FALSE);
  gtk_widget_add_css_class (row, "note-row");
  add_row (self, row);
}

static void
make_entry (SlipParameterField *self, gboolean has_picker)
{
  self->row = self->control = adw_entry_row_new ();
  add_row (self, self->row);
  if (has_picker)
    add_picker (self);
  add_note (self);
  g_signal_connect_object (self->control, "changed", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
make_combo (SlipParameterField *self, const char *const *values)
{
  JsonArray *allowed = slip_runbook_parameter_get_allowed_values (self->parameter);

  self->row = self->control = adw_combo_row_new ();
  add_row (self, self->row);
  self->values = gtk_string_list_new (NULL);
  gtk_string_list_append (self->values, _ ("Choose…"));
  for (guint i = 0; values != NULL && values[i] != NULL; i++)
    gtk_string_list_append (self->values, values[i]);
  for (guint i = 0; values == NULL && allowed != NULL && i < json_array_get_length (allowed); i++)
    {
      JsonNode *node = json_array_get_element (allowed, i);
      g_autofree char *text = json_node_get_value_type (node) == G_TYPE_STRING
                                  ? json_node_dup_string (node)
                                  : slip_json_to_text (node, FALSE);

      gtk_string_list_append (self->values, text);
    }
  adw_combo_row_set_model (ADW_COMBO_ROW (self->row), G_LIST_MODEL (self->values));
  /* A subtitle of some length would leave no room for the value. */
  add_note (self);
  g_signal_connect_object (self->row, "notify::selected", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
make_switch (SlipParameterField *self)
{
  self->row = adw_action_row_new ();
  add_row (self, self->row);
  self->control = gtk_switch_new ();
  gtk_widget_set_valign (self->control, GTK_ALIGN_CENTER);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->control), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  get_title (self), -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), self->control);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->row), self->control);
  g_signal_connect_object (self->control, "notify::active", G_CALLBACK (changed_cb), self,
                           G_CONNECT_SWAPPED);
}

static void
slip_parameter_field_finalize (GObject *object)
{
  SlipParameterField *self = SLIP_PARAMETER_FIELD (object);

  g_clear_object (&self->parameter);
  g_clear_object (&self->values);
  g_ptr_array_unref (self->rows);
  g_free (self->message);
  g_free (self->offer);
  G_OBJECT_CLASS (slip_parameter_field_parent_class)->finalize (object);
}

static void
slip_parameter_field_class_init (SlipParameterFieldClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_parameter_field_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_PARAMETER_FIELD, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
  signal_pick = g_signal_new ("pick", SLIP_TYPE_PARAMETER_FIELD, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 0);
}

static void
slip_parameter_field_init (SlipParameterField *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
}

SlipParameterField *
slip_parameter_field_new (SlipRunbookParameter *parameter,
                          const char *const *values,
                          gboolean has_picker)
{
  SlipParameterField *self = g_object_new (SLIP_TYPE_PARAMETER_FIELD, NULL);
  SlipParameterType type = slip_runbook_parameter_get_parameter_type (parameter);

  self->parameter = g_object_ref (parameter);
  if (type == SLIP_PARAMETER_BOOLEAN)
    make_switch (self);
  else if (type != SLIP_PARAMETER_STRING_LIST
           && (values != NULL || slip_runbook_parameter_get_allowed_values (parameter) != NULL))
    make_combo (self, values);
  else
    make_entry (self, has_picker);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), get_title (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  get_title (self), -1);
  slip_parameter_field_show_message (self, NULL);
  return self;
}

SlipRunbookParameter *
slip_parameter_field_get_parameter (SlipParameterField *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), NULL);
  return self->parameter;
}

GPtrArray *
slip_parameter_field_get_rows (SlipParameterField *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), NULL);
  return self->rows;
}

static char *
dup_text (JsonNode *value)
{
  g_autoptr (GString) joined = NULL;
  JsonArray *array;

  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return json_node_dup_string (value);
  if (!JSON_NODE_HOLDS_ARRAY (value))
    return slip_json_to_text (value, FALSE);

  array = json_node_get_array (value);
  joined = g_string_new (NULL);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!JSON_NODE_HOLDS_VALUE (element) || json_node_get_value_type (element) != G_TYPE_STRING)
        return slip_json_to_text (value, FALSE);
      g_string_append_printf (joined, "%s%s", joined->len > 0 ? ", " : "",
                              json_node_get_string (element));
    }
  return g_string_free (g_steal_pointer (&joined), FALSE);
}

static void
show_text (SlipParameterField *self, const char *text)
{
  if (GTK_IS_SWITCH (self->control))
    gtk_switch_set_active (GTK_SWITCH (self->control), g_strcmp0 (text, "true") == 0);
  else if (ADW_IS_COMBO_ROW (self->control))
    {
      guint n = g_list_model_get_n_items (G_LIST_MODEL (self->values));
      guint selected = 0;

      for (guint i = 1; text != NULL && i < n; i++)
        if (g_str_equal (gtk_string_list_get_string (self->values, i), text))
          selected = i;
      adw_combo_row_set_selected (ADW_COMBO_ROW (self->control), selected);
    }
  else
    gtk_editable_set_text (GTK_EDITABLE (self->control), text != NULL ? text : "");
}

void
slip_parameter_field_set_default (SlipParameterField *self, JsonNode *value)
{
  g_autofree char *text = NULL;

  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));

  if (self->touched || slip_runbook_parameter_is_destructive (self->parameter))
    return;
  text = value != NULL ? dup_text (value) : NULL;
  self->setting = TRUE;
  show_text (self, text);
  self->setting = FALSE;
}

gboolean
slip_parameter_field_is_touched (SlipParameterField *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), FALSE);
  return self->touched;
}

static char *
dup_current_text (SlipParameterField *self)
{
  if (GTK_IS_SWITCH (self->control))
    return g_strdup (gtk_switch_get_active (GTK_SWITCH (self->control)) ? "true" : "false");
  if (ADW_IS_COMBO_ROW (self->control))
    {
      guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self->control));

      return selected == 0 || selected == GTK_INVALID_LIST_POSITION
                 ? NULL
                 : g_strdup (gtk_string_list_get_string (self->values, selected));
    }
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->control))));
}

/* Where the document lets nothing be a value, whoever emptied the field means that, and not the default. */
static JsonNode *
dup_nothing (SlipParameterField *self)
{
  g_autoptr (JsonNode) nothing = slip_json_new_string ("");
  g_autofree char *message = NULL;

  if (!self->touched
      || slip_runbook_parameter_get_parameter_type (self->parameter) != SLIP_PARAMETER_STRING
      || slip_runbook_parameter_get_allowed_pattern (self->parameter) == NULL
      || !slip_runbook_parameter_check (self->parameter, nothing, &message))
    return NULL;
  return g_steal_pointer (&nothing);
}

JsonNode *
slip_parameter_field_dup_value (SlipParameterField *self, char **message)
{
  g_autofree char *text = dup_current_text (self);
  g_autoptr (JsonNode) value = NULL;
  g_autoptr (GError) error = NULL;

  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), NULL);

  *message = NULL;
  if (text == NULL || text[0] == '\0')
    {
      if (slip_runbook_parameter_is_required (self->parameter))
        *message = g_strdup (_ ("This is needed"));
      return *message == NULL ? dup_nothing (self) : NULL;
    }
  value = slip_runbook_parameter_parse (self->parameter, text, &error);
  if (value == NULL)
    {
      *message = g_strdup (error->message);
      return NULL;
    }
  if (!slip_runbook_parameter_check (self->parameter, value, message))
    return NULL;
  return g_steal_pointer (&value);
}

static void
show_note_row (SlipParameterField *self)
{
  gboolean has_note = gtk_label_get_label (self->note)[0] != '\0';
  gboolean has_outlook = gtk_label_get_label (self->outlook)[0] != '\0';
  gboolean has_offer = self->offer_button != NULL && gtk_widget_get_visible (self->offer_button);
  GtkWidget *row = gtk_widget_get_ancestor (GTK_WIDGET (self->note), ADW_TYPE_PREFERENCES_ROW);

  gtk_widget_set_visible (GTK_WIDGET (self->note), has_note);
  gtk_widget_set_visible (GTK_WIDGET (self->outlook), has_outlook);
  gtk_widget_set_visible (row, has_note || has_outlook || has_offer);
}

/* What a screen reader says with the field. */
static void
describe (SlipParameterField *self)
{
  const char *text = self->message != NULL
                         ? self->message
                         : slip_runbook_parameter_get_description (self->parameter);
  const char *outlook = self->outlook != NULL ? gtk_label_get_label (self->outlook) : "";
  g_autofree char *both = g_strdup_printf ("%s%s%s", text != NULL ? text : "",
                                           outlook[0] != '\0' ? "\n" : "", outlook);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  both, -1);
}

void
slip_parameter_field_set_outlook (SlipParameterField *self, const char *text)
{
  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));

  if (self->outlook == NULL)
    return;
  gtk_label_set_label (self->outlook, text != NULL ? text : "");
  show_note_row (self);
  describe (self);
}

void
slip_parameter_field_show_message (SlipParameterField *self, const char *message)
{
  const char *description;
  const char *text;

  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));

  description = slip_runbook_parameter_get_description (self->parameter);
  text = message != NULL ? message : description;
  g_free (self->message);
  self->message = g_strdup (message);
  if (self->note != NULL)
    {
      gtk_label_set_label (self->note, text != NULL ? text : "");
      show_note_row (self);
    }
  else
    adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), text != NULL ? text : "");
  if (message != NULL)
    gtk_widget_add_css_class (self->row, "error");
  else
    gtk_widget_remove_css_class (self->row, "error");
  if (self->note != NULL && message != NULL)
    gtk_widget_add_css_class (GTK_WIDGET (self->note), "error");
  else if (self->note != NULL)
    gtk_widget_remove_css_class (GTK_WIDGET (self->note), "error");
  describe (self);
}

static void
take_offer (SlipParameterField *self)
{
  /* What stands there goes before this comes, and who hears of that may offer anew. */
  g_autofree char *offer = g_strdup (self->offer);

  /* The button that has the focus is about to go. */
  gtk_widget_grab_focus (self->row);
  show_text (self, offer);
}

static GtkWidget *
new_offer_button (SlipParameterField *self)
{
  GtkWidget *button = gtk_button_new ();
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_button_set_child (GTK_BUTTON (button), label);
  gtk_widget_set_halign (button, GTK_ALIGN_START);
  gtk_widget_add_css_class (button, "parameter-offer");
  /* A screen reader says which field it is for. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                  get_title (self), -1);
  g_signal_connect_object (button, "clicked", G_CALLBACK (take_offer), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (gtk_widget_get_parent (GTK_WIDGET (self->note))), button);
  return button;
}

void
slip_parameter_field_set_offer (SlipParameterField *self, const char *value, const char *text)
{
  gboolean offers = value != NULL && value[0] != '\0';

  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));

  if (self->note == NULL || (self->offer_button == NULL && !offers))
    return;
  if (self->offer_button == NULL)
    self->offer_button = new_offer_button (self);
  g_free (self->offer);
  self->offer = offers ? g_strdup (value) : NULL;
  gtk_label_set_label (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->offer_button))),
                       offers ? text : "");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->offer_button),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, offers ? text : "", -1);
  show_offer (self);
}

const char *
slip_parameter_field_get_offer (SlipParameterField *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), NULL);
  return self->offer;
}

const char *
slip_parameter_field_get_message (SlipParameterField *self)
{
  g_return_val_if_fail (SLIP_IS_PARAMETER_FIELD (self), NULL);
  return self->message;
}

/* A choice is a line; why there is none (@value is NULL) is read to its end. */
static GtkWidget *
new_choice_row (const char *title, const char *value)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (value != NULL)
    gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_label_set_wrap (GTK_LABEL (label), value == NULL);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_margin_start (label, 6);
  gtk_widget_set_margin_end (label, 6);
  gtk_widget_set_margin_top (label, 6);
  gtk_widget_set_margin_bottom (label, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), value != NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (row), "value", g_strdup (value), g_free);
  return row;
}

void
slip_parameter_field_set_choices (SlipParameterField *self, JsonArray *choices, const char *note)
{
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));
  if (self->picker_list == NULL)
    return;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->picker_list))) != NULL)
    gtk_list_box_remove (self->picker_list, child);
  if (note != NULL)
    gtk_list_box_append (self->picker_list, new_choice_row (note, NULL));
  for (guint i = 0; choices != NULL && i < json_array_get_length (choices); i++)
    {
      JsonObject *choice = slip_json_node_object (json_array_get_element (choices, i));
      const char *value = choice != NULL ? slip_json_string (choice, "value") : NULL;
      const char *title = choice != NULL ? slip_json_string (choice, "title") : NULL;

      if (value != NULL)
        gtk_list_box_append (self->picker_list,
                             new_choice_row (title != NULL ? title : value, value));
    }
}

void
slip_parameter_field_set_text (SlipParameterField *self, const char *text)
{
  g_return_if_fail (SLIP_IS_PARAMETER_FIELD (self));
  show_text (self, text);
}
