/* SPDX-License-Identifier: MIT */

/* The words beside the editor's form. The draft finds them; here they are put one below the other. */

#include "config.h"

#include "slip-edit-meaning.h"

#include <glib/gi18n.h>

struct _SlipEditMeaning
{
  AdwBin parent_instance;

  GtkLabel *changes;
  GtkLabel *findings;
  GPtrArray *found; /* owned, nullable; element-type utf8; of the file on disk */
};

G_DEFINE_FINAL_TYPE (SlipEditMeaning, slip_edit_meaning, ADW_TYPE_BIN)

static char *
join (GPtrArray *lines, const char *none)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (text, "%s• %s", i > 0 ? "\n" : "",
                            (const char *)g_ptr_array_index (lines, i));
  if (lines->len == 0)
    g_string_append (text, none);
  return g_string_free (text, FALSE);
}

/* What has nothing to say until everything is looked at says so. */
static char *
dup_brought (SlipDefinitionDraft *draft)
{
  GPtrArray *findings = slip_definition_draft_get_findings (draft);
  const char *unasked = slip_definition_draft_get_unasked (draft);
  g_autofree char *brought = NULL;

  if (slip_definition_draft_is_checking (draft))
    return g_strdup (_ ("Checking the change…"));
  if (slip_definition_draft_is_asking (draft))
    {
      brought = join (findings, _ ("Nothing new in the files."));
      return g_strconcat (brought, "\n", _ ("Asking the databases…"), NULL);
    }
  if (unasked == NULL)
    return join (findings, _ ("The check has nothing new to say."));
  brought = join (findings, _ ("Nothing new in what was checked."));
  return g_strconcat (brought, "\n", _ ("Not everything could be checked: "), unasked, NULL);
}

/* What a change brings is told first, and what is there without it behind. */
static char *
dup_findings (SlipEditMeaning *self, SlipDefinitionDraft *draft)
{
  gboolean empty = slip_definition_draft_is_empty (draft);
  g_autofree char *found = self->found != NULL ? join (self->found, _ ("Nothing in this file."))
                                               : g_strdup (_ ("Checking…"));
  g_autofree char *brought = NULL;

  if (empty)
    return g_steal_pointer (&found);
  brought = dup_brought (draft);
  if (self->found == NULL || self->found->len == 0)
    return g_steal_pointer (&brought);
  return g_strdup_printf ("%s\n\n%s\n%s", brought, _ ("Without the change:"), found);
}

void
slip_edit_meaning_set_findings (SlipEditMeaning *self, GPtrArray *findings, const char *file)
{
  g_return_if_fail (SLIP_IS_EDIT_MEANING (self) && file != NULL);

  g_clear_pointer (&self->found, g_ptr_array_unref);
  if (findings == NULL)
    return;
  self->found = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < findings->len; i++)
    {
      const SlipFinding *finding = g_ptr_array_index (findings, i);
      const char *severity = slip_severity_get_name (finding->severity);

      if (g_strcmp0 (finding->file, file) == 0)
        g_ptr_array_add (self->found,
                         g_strdup_printf ("%s: %s%s%s%s%s", severity,
                                          finding->path != NULL ? finding->path : "",
                                          finding->path != NULL ? ": " : "", finding->message,
                                          finding->advice != NULL ? ". " : "",
                                          finding->advice != NULL ? finding->advice : ""));
    }
}

void
slip_edit_meaning_show (SlipEditMeaning *self, SlipDefinitionDraft *draft)
{
  const char *message;
  gboolean empty;
  g_autofree char *changes = NULL;
  g_autofree char *findings = NULL;

  g_return_if_fail (SLIP_IS_EDIT_MEANING (self) && SLIP_IS_DEFINITION_DRAFT (draft));

  message = slip_definition_draft_get_message (draft);
  empty = slip_definition_draft_is_empty (draft);
  changes = join (slip_definition_draft_get_changes (draft),
                  empty ? _ ("Nothing is changed.") : _ ("Nothing changes in meaning."));
  findings = dup_findings (self, draft);
  gtk_label_set_label (self->changes, changes);
  gtk_label_set_label (self->findings, message != NULL ? message : findings);
}

static GtkLabel *
add_text (GtkBox *box, const char *title)
{
  GtkWidget *head = gtk_label_new (title);
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (head), 0);
  gtk_widget_add_css_class (head, "heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_yalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_box_append (box, head);
  gtk_box_append (box, label);
  return GTK_LABEL (label);
}

static void
slip_edit_meaning_finalize (GObject *object)
{
  g_clear_pointer (&SLIP_EDIT_MEANING (object)->found, g_ptr_array_unref);
  G_OBJECT_CLASS (slip_edit_meaning_parent_class)->finalize (object);
}

static void
slip_edit_meaning_class_init (SlipEditMeaningClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_edit_meaning_finalize;
}

static void
slip_edit_meaning_init (SlipEditMeaning *self)
{
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);

  gtk_widget_set_margin_top (box, 12);
  gtk_widget_set_margin_bottom (box, 12);
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 12);
  self->changes = add_text (GTK_BOX (box), _ ("What this changes"));
  self->findings = add_text (GTK_BOX (box), _ ("What the check says"));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER,
                                  GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), box);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
slip_edit_meaning_new (void)
{
  return g_object_new (SLIP_TYPE_EDIT_MEANING, NULL);
}
