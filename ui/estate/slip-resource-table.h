/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-list.h"
#include "slip-key-kinds.h"

G_BEGIN_DECLS

/**
 * SlipResourceCell:
 *
 * How a cell looks: the name with icon and expander, a status with its tone, a text, or a text at the
 * right edge.
 */
typedef enum
{
  SLIP_CELL_NAME,
  SLIP_CELL_STATUS,
  SLIP_CELL_TEXT,
  SLIP_CELL_NUMBER,
} SlipResourceCell;

/**
 * SlipResourceRow:
 * @resource: the row
 * @parent: (nullable): the row above it in the tree
 * @keys: what is known of encryption keys
 *
 * What a cell is made from.
 */
typedef struct
{
  SlipResource *resource;
  SlipResource *parent;
  SlipKeyKinds *keys;
} SlipResourceRow;

/**
 * SlipResourceColumn:
 * @id: its name in the settings
 * @title: for people, to be translated
 * @cell: how it looks
 * @expand: whether it takes room that is left
 * @width_chars: the least width
 * @natural_chars: its width when there is room
 * @is_first_sort: whether the list is sorted by it at first
 * @text: (transfer full): what it says, maybe %NULL
 * @compare: how it sorts
 * @follows_children: whether it says something of the rows below
 * @follows_keys: whether it says something of the encryption key
 * @follows_clock: whether it says how long ago the row began
 *
 * One column of a kind of list.
 */
typedef struct
{
  const char *id;
  const char *title;
  SlipResourceCell cell;
  gboolean expand;
  int width_chars;
  int natural_chars;
  gboolean is_first_sort;
  char *(*text) (const SlipResourceRow *row);
  int (*compare) (SlipResource *a, SlipResource *b);
  gboolean follows_children;
  gboolean follows_keys;
  gboolean follows_clock;
} SlipResourceColumn;

/**
 * slip_resource_table_get:
 * @kind: a kind of list
 * @n_columns: (out): how many
 *
 * Returns: (transfer none) (array length=n_columns): its columns, at most six, the name first
 */
const SlipResourceColumn *slip_resource_table_get (SlipEstateKind kind, guint *n_columns);

G_END_DECLS
