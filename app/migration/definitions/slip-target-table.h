/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipForeignKey:
 * @column: a column of the table
 * @parent_table: the table that it points into
 * @parent_column: the key there
 */
typedef struct
{
  char *column;
  char *parent_table;
  char *parent_column;
} SlipForeignKey;

/**
 * SlipTargetSequence:
 * @name: the sequence
 * @column: the column that it fills
 * @uid: whether it gives out public numbers (`uid`) and not the primary key (`pk`)
 */
typedef struct
{
  char *name;
  char *column;
  gboolean uid;
} SlipTargetSequence;

/**
 * SlipExistingCondition:
 * @field: a column of the target
 * @value: what it equals
 */
typedef struct
{
  char *field;
  char *value;
} SlipExistingCondition;

/**
 * SlipExistingData:
 * @match_field: rows of the target with the same value here are updated
 * @conditions: (element-type SlipExistingCondition): which rows of the target can match; all must hold
 * @keep_columns: (array zero-terminated=1): columns that an update leaves as they are
 */
typedef struct
{
  char *match_field;
  GPtrArray *conditions;
  char **keep_columns;
} SlipExistingData;

/**
 * SlipTargetTable:
 * @name: the entry's name, which is the table's
 * @sirius_tables: (array zero-terminated=1): names in the target; the original reads none of them
 * @base_entities: (array zero-terminated=1): entities that fill it
 * @relies_on: (array zero-terminated=1): entities that it needs besides
 * @join: whether it joins two tables
 * @primary_key: (nullable): its column
 * @foreign_keys: (element-type SlipForeignKey): in the file's order
 * @sequences: (element-type SlipTargetSequence): in the file's order
 * @order_by: (array zero-terminated=1): columns
 * @existing: (nullable): how rows that are there already are found
 *
 * One entry of `tables.json`; their order is the order of loading.
 */
typedef struct
{
  char *name;
  char **sirius_tables;
  char **base_entities;
  char **relies_on;
  gboolean join;
  char *primary_key;
  GPtrArray *foreign_keys;
  GPtrArray *sequences;
  char **order_by;
  SlipExistingData *existing;
} SlipTargetTable;

void slip_target_table_free (SlipTargetTable *table);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipTargetTable, slip_target_table_free)

G_END_DECLS
