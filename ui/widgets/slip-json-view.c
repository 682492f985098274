/* SPDX-License-Identifier: MIT */

/* JSON for reading. Colours come from a scan over the finished text, which is always ours and
 * therefore well formed; a very long one is cut, and says so. */

#include "config.h"

#include "slip-json-view.h"

#include <glib/gi18n.h>
#include <string.h>

#include "slip-json.h"
#include "slip-tip.h"

#define MAX_BYTES (256 * 1024)

struct _SlipJsonView
{
  AdwBin parent_instance;

  GtkTextView *view;
  GtkTextTag *name_tag;
  GtkTextTag *string_tag;
  GtkTextTag *number_tag;
  char *text; /* what is shown */
};

G_DEFINE_FINAL_TYPE (SlipJsonView, slip_json_view, ADW_TYPE_BIN)

static const char *
skip_string (const char *p)
{
  for (p++; *p != '\0' && *p != '"'; p++)
    if (*p == '\\' && p[1] != '\0')
      p++;
  return *p == '"' ? p + 1 : p;
}

static void
colour_line (SlipJsonView *self, GtkTextBuffer *buffer, const char *line, int number)
{
  const char *p = line;
  GtkTextIter start;
  GtkTextIter end;

  while (*p != '\0')
    {
      const char *from = p;
      GtkTextTag *tag = NULL;

      if (*p == '"')
        {
          p = skip_string (p);
          tag = *p == ':' ? self->name_tag : self->string_tag;
        }
      else if (g_ascii_isalnum (*p) || *p == '-')
        {
          while (g_ascii_isalnum (*p) || *p == '+' || *p == '-' || *p == '.')
            p++;
          tag = self->number_tag;
        }
      else
        {
          p++;
          continue;
        }
      gtk_text_buffer_get_iter_at_line_index (buffer, &start, number, from - line);
      gtk_text_buffer_get_iter_at_line_index (buffer, &end, number, p - line);
      gtk_text_buffer_apply_tag (buffer, tag, &start, &end);
    }
}

static void
copy_cb (SlipJsonView *self)
{
  g_autofree char *text = slip_json_view_dup_text (self);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
colours_cb (SlipJsonView *self)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  g_object_set (self->name_tag, "foreground", dark ? "#99c1f1" : "#1a5fb4", NULL);
  g_object_set (self->string_tag, "foreground", dark ? "#8ff0a4" : "#1e6b37", NULL);
  g_object_set (self->number_tag, "foreground", dark ? "#ffbe6f" : "#9c4a00", NULL);
}

static void
slip_json_view_finalize (GObject *object)
{
  g_free (SLIP_JSON_VIEW (object)->text);
  G_OBJECT_CLASS (slip_json_view_parent_class)->finalize (object);
}

static void
slip_json_view_class_init (SlipJsonViewClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_json_view_finalize;
}

static void
slip_json_view_init (SlipJsonView *self)
{
  GtkWidget *overlay = gtk_overlay_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  GtkTextBuffer *buffer;

  self->view = GTK_TEXT_VIEW (gtk_text_view_new ());
  gtk_text_view_set_editable (self->view, FALSE);
  gtk_text_view_set_cursor_visible (self->view, FALSE);
  gtk_text_view_set_monospace (self->view, TRUE);
  gtk_text_view_set_accepts_tab (self->view, FALSE);
  gtk_text_view_set_wrap_mode (self->view, GTK_WRAP_WORD_CHAR);
  /* No text below the button. */
  gtk_text_view_set_right_margin (self->view, 36);
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "json-view");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("JSON"), -1);
  buffer = gtk_text_view_get_buffer (self->view);
  self->name_tag = gtk_text_buffer_create_tag (buffer, NULL, NULL);
  self->string_tag = gtk_text_buffer_create_tag (buffer, NULL, NULL);
  self->number_tag = gtk_text_buffer_create_tag (buffer, NULL, NULL);
  colours_cb (self);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark",
                           G_CALLBACK (colours_cb), self, G_CONNECT_SWAPPED);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_overlay_set_child (GTK_OVERLAY (overlay), scroller);
  gtk_widget_set_halign (copy, GTK_ALIGN_END);
  gtk_widget_set_valign (copy, GTK_ALIGN_START);
  gtk_widget_set_margin_end (copy, 12);
  gtk_widget_set_margin_top (copy, 4);
  gtk_widget_add_css_class (copy, "flat");
  slip_tip_set (copy, _ ("Copy as JSON"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Copy as JSON"), -1);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (copy_cb), self, G_CONNECT_SWAPPED);
  gtk_overlay_add_overlay (GTK_OVERLAY (overlay), copy);
  adw_bin_set_child (ADW_BIN (self), overlay);
}

GtkWidget *
slip_json_view_new (const char *accessible_label)
{
  SlipJsonView *self = g_object_new (SLIP_TYPE_JSON_VIEW, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  accessible_label, -1);
  return GTK_WIDGET (self);
}

void
slip_json_view_set_node (SlipJsonView *self, JsonNode *node)
{
  GtkTextBuffer *buffer;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_return_if_fail (SLIP_IS_JSON_VIEW (self));

  buffer = gtk_text_view_get_buffer (self->view);
  text = node != NULL ? slip_json_to_text (node, TRUE) : g_strdup ("");
  if (strlen (text) > MAX_BYTES)
    {
      char *end = g_utf8_find_prev_char (text, text + MAX_BYTES);
      g_autofree char *cut = g_strndup (text, end != NULL ? (gsize)(end - text) : 0);

      g_free (text);
      text = g_strdup_printf ("%s\n%s", cut, _ ("… cut here: too long to show"));
    }
  /* Setting the same text again would lose what is selected and where it is scrolled to. */
  if (g_strcmp0 (self->text, text) == 0)
    return;
  g_free (self->text);
  self->text = g_strdup (text);
  gtk_text_buffer_set_text (buffer, text, -1);
  lines = g_strsplit (text, "\n", -1);
  for (int i = 0; lines[i] != NULL; i++)
    colour_line (self, buffer, lines[i], i);
}

char *
slip_json_view_dup_text (SlipJsonView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter start;
  GtkTextIter end;

  g_return_val_if_fail (SLIP_IS_JSON_VIEW (self), NULL);
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}
