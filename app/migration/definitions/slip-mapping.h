/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipType:
 * @SLIP_TYPE_STR: text
 * @SLIP_TYPE_INT: 32 bits
 * @SLIP_TYPE_BIGINT: 64 bits
 * @SLIP_TYPE_BOOL: true or false
 * @SLIP_TYPE_DATE: a day
 * @SLIP_TYPE_DATETIME: a time of a day
 * @SLIP_TYPE_DECIMAL: numeric
 * @SLIP_TYPE_DICT: JSON
 *
 * `data_type` of a definition: `str`, `int`, `bigint`, `bool`, `date`, `datetime`, `Decimal`, `dict`.
 */
typedef enum
{
  SLIP_TYPE_STR,
  SLIP_TYPE_INT,
  SLIP_TYPE_BIGINT,
  SLIP_TYPE_BOOL,
  SLIP_TYPE_DATE,
  SLIP_TYPE_DATETIME,
  SLIP_TYPE_DECIMAL,
  SLIP_TYPE_DICT,
} SlipType;

/**
 * SlipMappingColumn:
 * @target: the target column, the key in the file
 * @type: of the target column
 * @complete: whether its author signed it off (`is_complete`)
 * @primary_key: whether it is the primary key
 * @parent_table: (nullable): `fk_parents` before the colon
 * @parent_column: (nullable): `fk_parents` behind the colon
 * @table: the target table as the mapping says it, which need not be the destination of the step
 * @entity: (nullable): the entity's name on the progress page
 * @source_table: (nullable): the source table, lower case
 * @source_columns: (nullable) (array zero-terminated=1): columns as they are in the file's header
 * @aliases: (nullable) (array zero-terminated=1): parallel to @source_columns
 * @transformation: (nullable): `requires_transformation`
 * @lookup: (nullable): the stem of the lookup's file, such as `title_codes_lookup`
 * @default_value: (nullable): a scalar, never ""
 * @calculated: (nullable): `current_date` or `uuid4`
 * @additional_columns: (nullable) (array zero-terminated=1): source columns that `conditional_lookup` reads
 * @sync: (nullable): `sync_lookup`
 *
 * How one column of the target is filled. "" in the file is %NULL here: not set.
 */
typedef struct
{
  char *target;
  SlipType type;
  gboolean complete;
  gboolean primary_key;
  char *parent_table;
  char *parent_column;
  char *table;
  char *entity;
  char *source_table;
  char **source_columns;
  char **aliases;
  char *transformation;
  char *lookup;
  JsonNode *default_value;
  char *calculated;
  char **additional_columns;
  char *sync;
} SlipMappingColumn;

/**
 * SlipMapping:
 * @name: the file's stem without `_mapping`, such as `client_persons`
 * @file: relative to the folder of the definitions
 * @columns: (element-type SlipMappingColumn): in the file's order, which counts
 *
 * One `NAME_mapping.json`.
 */
typedef struct
{
  char *name;
  char *file;
  GPtrArray *columns;
} SlipMapping;

/**
 * slip_mapping_find_column:
 * @mapping: a mapping
 * @target: a target column's name
 *
 * Returns: (transfer none) (nullable): the column
 */
const SlipMappingColumn *slip_mapping_find_column (const SlipMapping *mapping, const char *target);

/**
 * slip_mapping_find_alias:
 * @mapping: a mapping
 * @alias: an alias
 * @source: (out) (optional) (nullable) (transfer none): the source column that it stands for
 *
 * Returns: (transfer none) (nullable): the first column that has @alias
 */
const SlipMappingColumn *
slip_mapping_find_alias (const SlipMapping *mapping, const char *alias, const char **source);

/**
 * slip_mapping_get_source_table:
 *
 * Returns: (transfer none) (nullable): the source table of the first column that has one
 */
const char *slip_mapping_get_source_table (const SlipMapping *mapping);

/**
 * slip_type_get_name:
 *
 * Returns: (transfer none): as definitions write it, `Decimal`
 */
const char *slip_type_get_name (SlipType type);
gboolean slip_type_find (const char *name, SlipType *type);

/**
 * slip_value_dup_text:
 * @value: (nullable): a scalar
 *
 * What `str()` of Python makes of it, which is what the original compares and stores: `True`, `99`,
 * `2657.0`, `None`.
 *
 * Returns: (transfer full): the text
 */
char *slip_value_dup_text (JsonNode *value);

void slip_mapping_free (SlipMapping *mapping);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipMapping, slip_mapping_free)

G_END_DECLS
