/* SPDX-License-Identifier: MIT */

/* A list of named values for details panes. */

#include "config.h"

#include "slip-field-list.h"

#include <glib/gi18n.h>

#include "slip-json.h"

#define MAX_DEPTH 6
#define MAX_FIELDS 300

struct _SlipFieldList
{
  GtkWidget parent_instance;

  GtkWidget *box;
  guint n_fields;
};

G_DEFINE_FINAL_TYPE (SlipFieldList, slip_field_list, GTK_TYPE_WIDGET)

static void
slip_field_list_dispose (GObject *object)
{
  g_clear_pointer (&SLIP_FIELD_LIST (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (slip_field_list_parent_class)->dispose (object);
}

static void
slip_field_list_class_init (SlipFieldListClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_field_list_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "fields");
}

static void
slip_field_list_init (SlipFieldList *self)
{
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
slip_field_list_new (void)
{
  return g_object_new (SLIP_TYPE_FIELD_LIST, NULL);
}

void
slip_field_list_clear (SlipFieldList *self)
{
  GtkWidget *child;

  g_return_if_fail (SLIP_IS_FIELD_LIST (self));
  while ((child = gtk_widget_get_first_child (self->box)) != NULL)
    gtk_box_remove (GTK_BOX (self->box), child);
  self->n_fields = 0;
}

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  if (css_class != NULL)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

void
slip_field_list_add (SlipFieldList *self, const char *name, const char *value)
{
  GtkWidget *pair;
  GtkWidget *value_label;

  g_return_if_fail (SLIP_IS_FIELD_LIST (self));
  if (value == NULL || value[0] == '\0' || self->n_fields >= MAX_FIELDS)
    return;

  pair = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (pair), new_label (name, "field-name"));
  value_label = new_label (value, "field-value");
  gtk_label_set_selectable (GTK_LABEL (value_label), TRUE);
  gtk_widget_set_focus_on_click (value_label, FALSE);
  gtk_box_append (GTK_BOX (pair), value_label);
  gtk_box_append (GTK_BOX (self->box), pair);
  self->n_fields++;
}

void
slip_field_list_add_note (SlipFieldList *self, const char *text)
{
  g_return_if_fail (SLIP_IS_FIELD_LIST (self));
  gtk_box_append (GTK_BOX (self->box), new_label (text, "dim-label"));
}

void
slip_field_list_add_widget (SlipFieldList *self, GtkWidget *widget)
{
  g_return_if_fail (SLIP_IS_FIELD_LIST (self));
  gtk_box_append (GTK_BOX (self->box), widget);
}

static void add_node (SlipFieldList *self, const char *name, JsonNode *node, guint depth);

static void
add_object (SlipFieldList *self, const char *prefix, JsonObject *object, guint depth)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *path
          = prefix != NULL ? g_strdup_printf ("%s.%s", prefix, name) : g_strdup (name);

      add_node (self, path, node, depth + 1);
    }
}

static char *
dup_scalar (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, FALSE);
}

static void
add_array (SlipFieldList *self, const char *name, JsonArray *array, guint depth)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_VALUE (element))
        {
          g_autofree char *text = dup_scalar (element);

          g_string_append_printf (joined, "%s%s", joined->len > 0 ? ", " : "", text);
        }
      else
        {
          g_autofree char *path = g_strdup_printf ("%s[%u]", name, i);

          add_node (self, path, element, depth + 1);
        }
    }
  slip_field_list_add (self, name, joined->str);
}

static void
add_node (SlipFieldList *self, const char *name, JsonNode *node, guint depth)
{
  g_autofree char *text = NULL;

  if (depth > MAX_DEPTH || JSON_NODE_HOLDS_NULL (node))
    return;
  if (JSON_NODE_HOLDS_OBJECT (node))
    add_object (self, name, json_node_get_object (node), depth);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    add_array (self, name, json_node_get_array (node), depth);
  else
    {
      text = dup_scalar (node);
      slip_field_list_add (self, name, text);
    }
}

void
slip_field_list_add_json (SlipFieldList *self, gpointer object)
{
  g_return_if_fail (SLIP_IS_FIELD_LIST (self));
  if (object != NULL)
    add_object (self, NULL, object, 0);
}
