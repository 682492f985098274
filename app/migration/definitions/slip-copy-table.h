/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-mapping.h"

G_BEGIN_DECLS

/**
 * SlipCopyColumn:
 * @name: a column of the target
 * @type: its type
 * @primary_key: whether it is the primary key
 * @parent_table: (nullable): the table that it points into
 * @parent_column: (nullable): the key there
 */
typedef struct
{
  char *name;
  SlipType type;
  gboolean primary_key;
  char *parent_table;
  char *parent_column;
} SlipCopyColumn;

/**
 * SlipCopyTable:
 * @name: a table of the target
 * @columns: (element-type SlipCopyColumn): in the file's order
 *
 * One entry of `tables_to_copy_from_sirius.json`: what the integration takes over from the target.
 */
typedef struct
{
  char *name;
  GPtrArray *columns;
} SlipCopyTable;

void slip_copy_table_free (SlipCopyTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipCopyTable, slip_copy_table_free)

G_END_DECLS
