/* SPDX-License-Identifier: MIT */

/* The details pane of the audit log. */

#include "config.h"

#include "slip-entry-details.h"

#include <glib/gi18n.h>

#include "slip-json-view.h"
#include "slip-json.h"
#include "slip-run-text.h"

struct _SlipEntryDetails
{
  AdwBin parent_instance;

  GtkStack *stack;
  GtkLabel *number;
  GtkLabel *title;
  GtkWidget *open_run;
  SlipJsonView *json;
  SlipEntry *entry; /* owned */
};

G_DEFINE_FINAL_TYPE (SlipEntryDetails, slip_entry_details, ADW_TYPE_BIN)

static guint signal_open;

static void
open_run_cb (SlipEntryDetails *self)
{
  const char *run = slip_json_string (slip_entry_get_object (self->entry), "run");
  g_autofree char *page_id = g_strdup_printf ("run/%s", run);

  g_signal_emit (self, signal_open, 0, page_id);
}

static void
slip_entry_details_dispose (GObject *object)
{
  g_clear_object (&SLIP_ENTRY_DETAILS (object)->entry);
  G_OBJECT_CLASS (slip_entry_details_parent_class)->dispose (object);
}

static void
slip_entry_details_class_init (SlipEntryDetailsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = slip_entry_details_dispose;
  signal_open = g_signal_new ("open", SLIP_TYPE_ENTRY_DETAILS, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                              NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static GtkLabel *
new_label (const char *css_class)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_widget_add_css_class (label, css_class);
  return GTK_LABEL (label);
}

static void
slip_entry_details_init (SlipEntryDetails *self)
{
  GtkWidget *page = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *none = gtk_label_new (_ ("Choose an entry to see it whole"));

  self->stack = GTK_STACK (gtk_stack_new ());
  self->number = new_label ("caption-heading");
  gtk_widget_add_css_class (GTK_WIDGET (self->number), "dim-label");
  self->title = new_label ("title-4");
  self->open_run = gtk_button_new_with_label (_ ("Open the Run"));
  g_signal_connect_object (self->open_run, "clicked", G_CALLBACK (open_run_cb), self,
                           G_CONNECT_SWAPPED);
  self->json = SLIP_JSON_VIEW (slip_json_view_new (_ ("The entry as JSON")));

  gtk_widget_add_css_class (head, "details-head");
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->number));
  gtk_box_append (GTK_BOX (head), GTK_WIDGET (self->title));
  gtk_box_append (GTK_BOX (head), self->open_run);
  gtk_box_append (GTK_BOX (page), head);
  gtk_box_append (GTK_BOX (page), GTK_WIDGET (self->json));
  gtk_label_set_wrap (GTK_LABEL (none), TRUE);
  gtk_widget_add_css_class (none, "dim-label");
  gtk_stack_add_named (self->stack, none, "none");
  gtk_stack_add_named (self->stack, page, "entry");
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));
}

GtkWidget *
slip_entry_details_new (void)
{
  return g_object_new (SLIP_TYPE_ENTRY_DETAILS, NULL);
}

void
slip_entry_details_set_entry (SlipEntryDetails *self, SlipEntry *entry)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *number = NULL;
  JsonObject *object;

  g_return_if_fail (SLIP_IS_ENTRY_DETAILS (self));

  g_set_object (&self->entry, entry);
  gtk_stack_set_visible_child_name (self->stack, entry != NULL ? "entry" : "none");
  if (entry == NULL)
    return;
  object = slip_entry_get_object (entry);
  number = g_strdup_printf (_ ("Entry %u"), (guint)slip_entry_get_seq (entry));
  gtk_label_set_label (self->number, number);
  gtk_label_set_label (self->title, slip_run_kind_title (slip_json_string (object, "kind")));
  gtk_widget_set_visible (self->open_run, slip_json_string (object, "run") != NULL);
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, object);
  slip_json_view_set_node (self->json, node);
}
