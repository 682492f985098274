/* SPDX-License-Identifier: MIT */

/* The texts of a drop-down. */

#include "config.h"

#include "slip-drop-texts.h"

struct Cut
{
  int max_chars;
  PangoEllipsizeMode mode;
};

/* @cut: NULL where all of the text is shown */
static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, const struct Cut *cut)
{
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (cut != NULL)
    {
      gtk_label_set_ellipsize (GTK_LABEL (label), cut->mode);
      gtk_label_set_max_width_chars (GTK_LABEL (label), cut->max_chars);
    }
  gtk_list_item_set_child (list_item, label);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item)
{
  GtkStringObject *item = gtk_list_item_get_item (list_item);

  gtk_label_set_label (GTK_LABEL (gtk_list_item_get_child (list_item)),
                       gtk_string_object_get_string (item));
}

static void
free_cut (gpointer cut, GClosure *closure)
{
  g_free (cut);
}

/* @cut: (transfer full) (nullable) */
static GtkListItemFactory *
new_factory (struct Cut *cut)
{
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_data (factory, "setup", G_CALLBACK (setup_cb), cut, free_cut, 0);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), NULL);
  return factory;
}

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

void
slip_drop_texts_let_shrink (GtkDropDown *down, int max_chars, PangoEllipsizeMode mode)
{
  g_autoptr (GtkListItemFactory) button = NULL;
  g_autoptr (GtkListItemFactory) list = NULL;
  struct Cut *cut;

  g_return_if_fail (GTK_IS_DROP_DOWN (down));

  cut = g_new (struct Cut, 1);
  *cut = (struct Cut){max_chars, mode};
  button = new_factory (cut);
  list = new_factory (NULL);
  gtk_drop_down_set_factory (down, button);
  gtk_drop_down_set_list_factory (down, list);
}
