/* SPDX-License-Identifier: MIT */

/* The columns of a run's tree, in the window and in its picture. Rows tell by themselves when they say something else. */

#include "config.h"

#include "slip-stage-columns.h"

#include <glib/gi18n.h>

#include "slip-cell.h"
#include "slip-column-room.h"
#include "slip-columns.h"
#include "slip-copy-rows.h"
#include "slip-slow-list.h"
#include "slip-stage-node.h"
#include "slip-tip.h"

#define LEAST_CHARS 10
/* “done before, 1,446 to look at” */
#define MOST_STATE_CHARS 32

enum
{
  COLUMN_TITLE,
  COLUMN_STATE,
  COLUMN_ROWS,
  COLUMN_RATE,
  COLUMN_TIME,
  COLUMN_NOTE,
};

static const struct
{
  const char *title;
  int width;
} columns[] = {
    [COLUMN_TITLE] = {N_ ("Stage, entity, rule"), 0},
    [COLUMN_STATE] = {N_ ("State"), 20},
    [COLUMN_ROWS] = {N_ ("Rows"), 12},
    [COLUMN_RATE] = {N_ ("Rate"), 10},
    [COLUMN_TIME] = {N_ ("Time"), 10},
    [COLUMN_NOTE] = {N_ ("Note"), 0},
};

static SlipStageNode *
get_node (GtkListItem *list_item)
{
  GtkTreeListRow *row = gtk_list_item_get_item (list_item);
  g_autoptr (SlipStageNode) node = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  return node; /* the row keeps it */
}

/* Its column is as wide as it. */
static void
show_number (GtkWidget *cell, const char *text)
{
  int chars = text != NULL ? (int)g_utf8_strlen (text, -1) : 0;

  slip_cell_set_chars (cell, LEAST_CHARS, CLAMP (chars, LEAST_CHARS, 3 * LEAST_CHARS));
  slip_cell_set_text (cell, text);
}

/* A number of rows to look at that is cut is none: the column is as wide as it. */
static void
show_state (SlipStatus *cell, const SlipStageNodeText *text)
{
  int chars = text->state != NULL ? (int)g_utf8_strlen (text->state, -1) : 0;

  chars = CLAMP (chars, LEAST_CHARS, MOST_STATE_CHARS);
  slip_status_set_chars (cell, chars, chars);
  slip_status_set (cell, text->tone, text->state);
}

static void
show_cell (GtkListItem *list_item)
{
  guint column = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (list_item), "column"));
  SlipStageNode *node = get_node (list_item);
  GtkWidget *child = gtk_list_item_get_child (list_item);
  const SlipStageNodeText *text;

  if (node == NULL)
    return;
  text = slip_stage_node_get_text (node);
  switch (column)
    {
    case COLUMN_TITLE:
      child = gtk_tree_expander_get_child (GTK_TREE_EXPANDER (child));
      slip_cell_set_text (child, text->title);
      slip_tip_set (child, text->note);
      break;
    case COLUMN_NOTE:
      slip_cell_set_text (child, text->note);
      slip_tip_set (child, text->note);
      break;
    case COLUMN_STATE:
      show_state (SLIP_STATUS (child), text);
      break;
    case COLUMN_ROWS:
      show_number (child, text->rows);
      break;
    case COLUMN_RATE:
      show_number (child, text->rate);
      break;
    default:
      show_number (child, text->time);
    }
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  guint column = GPOINTER_TO_UINT (data);
  GtkWidget *child;

  g_object_set_data (G_OBJECT (list_item), "column", data);
  if (column == COLUMN_STATE)
    {
      gtk_list_item_set_child (list_item, slip_status_new_cell (LEAST_CHARS, LEAST_CHARS + 4));
      return;
    }
  child = slip_cell_new ();
  slip_cell_set_chars (child, LEAST_CHARS, LEAST_CHARS);
  if (column == COLUMN_TITLE)
    {
      GtkWidget *expander = gtk_tree_expander_new ();

      gtk_widget_set_hexpand (child, TRUE);
      gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), child);
      child = expander;
    }
  else if (column == COLUMN_NOTE)
    gtk_widget_add_css_class (child, "dim-label");
  else
    {
      gtk_inscription_set_xalign (GTK_INSCRIPTION (child), 1);
      gtk_widget_add_css_class (child, "numeric");
    }
  gtk_list_item_set_child (list_item, child);
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  SlipStageNode *node = get_node (list_item);

  if (GPOINTER_TO_UINT (data) == COLUMN_TITLE)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)),
                                    gtk_list_item_get_item (list_item));
  show_cell (list_item);
  g_object_set_data_full (G_OBJECT (list_item), "node", g_object_ref (node), g_object_unref);
  g_signal_connect_object (node, "notify::text", G_CALLBACK (show_cell), list_item,
                           G_CONNECT_SWAPPED);
}

/* A row that was folded away no longer has its node. */
static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer data)
{
  g_signal_handlers_disconnect_by_func (g_object_get_data (G_OBJECT (list_item), "node"), show_cell,
                                        list_item);
  g_object_set_data (G_OBJECT (list_item), "node", NULL);
  if (GPOINTER_TO_UINT (data) == COLUMN_TITLE)
    gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)), NULL);
}

static char *
dup_copied (gpointer item, gconstpointer column)
{
  const SlipStageNodeText *text = slip_stage_node_get_text (item);
  const char *const cells[]
      = {text->title, text->state, text->rows, text->rate, text->time, text->note};

  return g_strdup (cells[GPOINTER_TO_UINT (column)]);
}

void
slip_stage_columns_add (GtkColumnView *view)
{
  g_return_if_fail (GTK_IS_COLUMN_VIEW (view));

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    {
      static const SlipColumnCallbacks callbacks
          = {G_CALLBACK (setup_cb), G_CALLBACK (bind_cb), G_CALLBACK (unbind_cb)};
      GtkColumnViewColumn *column
          = slip_columns_append (view, _ (columns[i].title), i == COLUMN_TITLE || i == COLUMN_NOTE,
                                 &callbacks, GUINT_TO_POINTER (i));

      slip_copy_rows_set_text (column, dup_copied, GUINT_TO_POINTER (i));
      if (columns[i].width > 0)
        slip_column_room_set_need (column, columns[i].width, i == COLUMN_STATE ? 24 : 0);
    }
}

void
slip_stage_columns_draw (SlipTablePicture *picture, GListModel *rows)
{
  const char *titles[G_N_ELEMENTS (columns) + 1] = {NULL};

  g_return_if_fail (SLIP_IS_TABLE_PICTURE (picture) && G_IS_LIST_MODEL (rows));

  for (guint i = 0; i < G_N_ELEMENTS (columns); i++)
    titles[i] = _ (columns[i].title);
  slip_table_picture_add_head (picture, NULL, titles);
  slip_slow_list_reach (rows, G_MAXUINT - 1);
  for (guint i = 0; i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);
      g_autoptr (SlipStageNode) node = gtk_tree_list_row_get_item (row);
      const SlipStageNodeText *text = slip_stage_node_get_text (node);
      const char *const cells[] = {text->title,
                                   text->state != NULL ? text->state : "",
                                   text->rows != NULL ? text->rows : "",
                                   text->rate != NULL ? text->rate : "",
                                   text->time != NULL ? text->time : "",
                                   text->note != NULL && text->measure == NULL ? text->note : "",
                                   NULL};

      slip_table_picture_add_row (picture, gtk_tree_list_row_get_depth (row), text->tone, cells);
    }
}
