/* SPDX-License-Identifier: MIT */

/* Choosing one run of many. The list grows while runs go on, and the choice stays. */

#include "config.h"

#include "slip-run-chooser.h"

#include <glib/gi18n.h>

#include "slip-drop-texts.h"
#include "slip-format.h"
#include "slip-tip.h"

#define BUTTON_CHARS 20

struct _SlipRunChooser
{
  AdwBin parent_instance;

  GtkDropDown *drop_down; /* borrowed: it is the child */
  SlipRunList *runs;      /* owned, nullable */
  GPtrArray *ids;         /* owned; element-type utf8; of the rows after the first */
  char *chosen;
  gboolean filling;
};

G_DEFINE_FINAL_TYPE (SlipRunChooser, slip_run_chooser, ADW_TYPE_BIN)

static guint signal_changed;

static void
take_chosen (SlipRunChooser *self, const char *run_id)
{
  if (g_strcmp0 (self->chosen, run_id) == 0)
    return;
  g_free (self->chosen);
  self->chosen = g_strdup (run_id);
  g_signal_emit (self, signal_changed, 0);
}

static void
selected_cb (SlipRunChooser *self)
{
  guint selected = gtk_drop_down_get_selected (self->drop_down);

  if (!self->filling)
    take_chosen (self, selected > 0 && selected <= self->ids->len
                           ? g_ptr_array_index (self->ids, selected - 1)
                           : NULL);
}

static void
show_chosen (SlipRunChooser *self)
{
  guint position;
  gboolean found
      = self->chosen != NULL
        && g_ptr_array_find_with_equal_func (self->ids, self->chosen, g_str_equal, &position);

  self->filling = TRUE;
  gtk_drop_down_set_selected (self->drop_down, found ? position + 1 : 0);
  self->filling = FALSE;
}

static char *
dup_label (const SlipRunSummary *summary)
{
  g_autofree char *planned = slip_format_stamp (summary->planned);

  return g_strdup_printf ("%s · %s · %s", planned, summary->environment, summary->title);
}

static void
fill (SlipRunChooser *self)
{
  g_autoptr (GtkStringList) labels = gtk_string_list_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->runs));

  if (n == self->ids->len && gtk_drop_down_get_model (self->drop_down) != NULL)
    return;
  g_ptr_array_set_size (self->ids, 0);
  gtk_string_list_append (labels, _ ("All runs"));
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (SlipRunRow) row = g_list_model_get_item (G_LIST_MODEL (self->runs), i);
      g_autofree char *label = dup_label (slip_run_row_get_summary (row));

      gtk_string_list_append (labels, label);
      g_ptr_array_add (self->ids, g_strdup (slip_run_row_get_summary (row)->id));
    }
  self->filling = TRUE;
  gtk_drop_down_set_model (self->drop_down, G_LIST_MODEL (labels));
  self->filling = FALSE;
  show_chosen (self);
}

static void
slip_run_chooser_finalize (GObject *object)
{
  SlipRunChooser *self = SLIP_RUN_CHOOSER (object);

  g_clear_object (&self->runs);
  g_ptr_array_unref (self->ids);
  g_free (self->chosen);
  G_OBJECT_CLASS (slip_run_chooser_parent_class)->finalize (object);
}

static void
slip_run_chooser_class_init (SlipRunChooserClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = slip_run_chooser_finalize;
  signal_changed = g_signal_new ("changed", SLIP_TYPE_RUN_CHOOSER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
slip_run_chooser_init (SlipRunChooser *self)
{
  self->ids = g_ptr_array_new_with_free_func (g_free);
  self->drop_down = GTK_DROP_DOWN (gtk_drop_down_new (NULL, NULL));
  slip_drop_texts_let_shrink (self->drop_down, BUTTON_CHARS, PANGO_ELLIPSIZE_END);
  slip_tip_set (GTK_WIDGET (self->drop_down), _ ("Entries of one run"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Entries of one run"), -1);
  g_signal_connect_object (self->drop_down, "notify::selected", G_CALLBACK (selected_cb), self,
                           G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->drop_down));
}

void
slip_run_chooser_set_runs (SlipRunChooser *self, SlipRunList *runs)
{
  g_return_if_fail (SLIP_IS_RUN_CHOOSER (self));
  g_return_if_fail (SLIP_IS_RUN_LIST (runs));

  g_set_object (&self->runs, runs);
  g_signal_connect_object (runs, "loaded", G_CALLBACK (fill), self, G_CONNECT_SWAPPED);
  fill (self);
}

void
slip_run_chooser_choose (SlipRunChooser *self, const char *run_id)
{
  g_return_if_fail (SLIP_IS_RUN_CHOOSER (self));

  take_chosen (self, run_id);
  show_chosen (self);
}

const char *
slip_run_chooser_get_run (SlipRunChooser *self)
{
  g_return_val_if_fail (SLIP_IS_RUN_CHOOSER (self), NULL);
  return self->chosen;
}
