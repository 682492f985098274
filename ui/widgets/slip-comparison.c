/* SPDX-License-Identifier: MIT */

/* Settings before and after, side by side, as config custody compares them. It judges nothing: what is
 * the same and what is explained was decided when the run compared. */

#include "config.h"

#include "slip-comparison.h"

#include <glib/gi18n.h>

#include "slip-json.h"
#include "slip-status.h"

static GtkWidget *
new_label (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_focus_on_click (label, FALSE);
  gtk_widget_set_hexpand (label, TRUE);
  gtk_widget_add_css_class (label, css_class);
  return label;
}

/* Nothing is a value too: a setting that was lost has one only on the left. */
static char *
dup_value (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return g_strdup (_ ("not set"));
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_to_text (node, TRUE);
}

static void
attach_value (GtkGrid *grid, JsonObject *field, const char *member, int column, int row)
{
  g_autofree char *text = dup_value (json_object_get_member (field, member));

  gtk_grid_attach (grid, new_label (text, "mono"), column, row, 1, 1);
}

static void
attach_field (GtkGrid *grid, JsonObject *field, int *row)
{
  const char *why = slip_json_string (field, "explained");
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *status = slip_status_new ();

  slip_status_set (SLIP_STATUS (status), why != NULL ? SLIP_TONE_GOOD : SLIP_TONE_BAD,
                   why != NULL ? _ ("explained") : _ ("differs"));
  gtk_box_append (GTK_BOX (head), new_label (slip_json_string (field, "field"), "heading"));
  gtk_box_append (GTK_BOX (head), status);
  gtk_grid_attach (grid, head, 0, (*row)++, 2, 1);
  attach_value (grid, field, "before", 0, *row);
  attach_value (grid, field, "after", 1, (*row)++);
  if (why != NULL)
    gtk_grid_attach (grid, new_label (why, "dim-label"), 0, (*row)++, 2, 1);
}

static void
attach_head (GtkGrid *grid, JsonObject *comparison, int *row)
{
  JsonObject *before = slip_json_object (comparison, "before");
  JsonObject *after = slip_json_object (comparison, "after");
  g_autofree char *was = g_strdup_printf (
      _ ("Captured: %s"), before != NULL ? slip_json_string (before, "target") : "");
  g_autofree char *is
      = g_strdup_printf (_ ("Found: %s"), after != NULL ? slip_json_string (after, "target") : "");

  gtk_grid_attach (grid, new_label (was, "field-name"), 0, *row, 1, 1);
  gtk_grid_attach (grid, new_label (is, "field-name"), 1, (*row)++, 1, 1);
}

/* Those that differ: with a reason, or without one. */
static void
attach_different (GtkGrid *grid, JsonArray *fields, gboolean explained, int *row)
{
  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = slip_json_node_object (json_array_get_element (fields, i));

      if (field != NULL && !slip_json_bool (field, "same", FALSE)
          && (slip_json_string (field, "explained") != NULL) == explained)
        attach_field (grid, field, row);
    }
}

static void
attach_same (GtkGrid *grid, JsonArray *fields, int *row)
{
  g_autoptr (GString) names = g_string_new (NULL);
  g_autofree char *text = NULL;
  guint same = 0;

  for (guint i = 0; i < json_array_get_length (fields); i++)
    {
      JsonObject *field = slip_json_node_object (json_array_get_element (fields, i));

      if (field != NULL && slip_json_bool (field, "same", FALSE))
        g_string_append_printf (names, "%s%s", same++ > 0 ? ", " : "",
                                slip_json_string (field, "field"));
    }
  if (same == 0)
    return;
  text = g_strdup_printf (
      ngettext ("%u setting is the same: %s", "%u settings are the same: %s", same), same,
      names->str);
  gtk_grid_attach (grid, new_label (text, "dim-label"), 0, (*row)++, 2, 1);
}

GtkWidget *
slip_comparison_new (JsonObject *comparison)
{
  GtkGrid *grid = GTK_GRID (gtk_grid_new ());
  JsonArray *fields;
  int row = 0;

  g_return_val_if_fail (comparison != NULL, NULL);

  fields = slip_json_array (comparison, "fields");
  gtk_grid_set_row_spacing (grid, 6);
  gtk_grid_set_column_spacing (grid, 12);
  gtk_grid_set_column_homogeneous (grid, TRUE);
  attach_head (grid, comparison, &row);
  if (fields == NULL)
    return GTK_WIDGET (grid);
  attach_different (grid, fields, FALSE, &row);
  attach_different (grid, fields, TRUE, &row);
  attach_same (grid, fields, &row);
  return GTK_WIDGET (grid);
}
