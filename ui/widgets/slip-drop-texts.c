/* SPDX-License-Identifier: MIT */

/* The texts of a drop-down. */

#include "config.h"

#include "slip-drop-texts.h"

static gboolean
is_same (GListModel *a, GListModel *b)
{
  guint n = g_list_model_get_n_items (a);

  if (n != g_list_model_get_n_items (b))
    return FALSE;
  for (guint i = 0; i < n; i++)
    if (g_strcmp0 (gtk_string_list_get_string (GTK_STRING_LIST (a), i),
                   gtk_string_list_get_string (GTK_STRING_LIST (b), i))
        != 0)
      return FALSE;
  return TRUE;
}

void
slip_drop_texts_put (GtkDropDown *down, GtkStringList *texts, guint selected)
{
  GListModel *before;

  g_return_if_fail (GTK_IS_DROP_DOWN (down) && GTK_IS_STRING_LIST (texts));

  before = gtk_drop_down_get_model (down);
  if (!GTK_IS_STRING_LIST (before) || !is_same (before, G_LIST_MODEL (texts)))
    gtk_drop_down_set_model (down, G_LIST_MODEL (texts));
  gtk_drop_down_set_selected (down, selected);
}
