/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipConditionOp:
 * @SLIP_CONDITION_CONVERT_TO_TIMESTAMP: adds a column of time from @column (date) and @time_column
 * @SLIP_CONDITION_GREATER_THAN: @column > @value
 * @SLIP_CONDITION_LESS_THAN: @column < @value
 * @SLIP_CONDITION_RECENT_OR_OPEN_INVOICES: @column (a date) is after 31 March of @number, or debt is open
 * @SLIP_CONDITION_DATE_SINCE: @column (a date) ≥ @date
 * @SLIP_CONDITION_FIRST_X_CHARS: adds @result_column, the first @number characters of @column
 * @SLIP_CONDITION_EXCLUDE_VALUES: @column is none of @values
 * @SLIP_CONDITION_INCLUDE_VALUES: @column is one of @values
 * @SLIP_CONDITION_NOT_NULL: any of the @column of all of these is set
 * @SLIP_CONDITION_LATEST: of the rows with the same @per, the one with the last @column
 * @SLIP_CONDITION_EQUAL: @column is @values[0]
 *
 * In the order in which the original evaluates them, whatever the file's.
 */
typedef enum
{
  SLIP_CONDITION_CONVERT_TO_TIMESTAMP,
  SLIP_CONDITION_GREATER_THAN,
  SLIP_CONDITION_LESS_THAN,
  SLIP_CONDITION_RECENT_OR_OPEN_INVOICES,
  SLIP_CONDITION_DATE_SINCE,
  SLIP_CONDITION_FIRST_X_CHARS,
  SLIP_CONDITION_EXCLUDE_VALUES,
  SLIP_CONDITION_INCLUDE_VALUES,
  SLIP_CONDITION_NOT_NULL,
  SLIP_CONDITION_LATEST,
  SLIP_CONDITION_EQUAL,
} SlipConditionOp;

/**
 * SlipCondition:
 * @op: what it does
 * @column: as the file says it: a source column, an alias, a `c_` name, or what another one adds. The
 *   `timestamp` of %SLIP_CONDITION_LATEST is what %SLIP_CONDITION_CONVERT_TO_TIMESTAMP adds
 * @values: (nullable) (array zero-terminated=1): texts, as `str()` of Python makes them
 * @value: a number, for the two comparisons
 * @number: characters, or a year
 * @date: (nullable): YYYY-MM-DD
 * @time_column: (nullable): a source column
 * @result_column: (nullable): the name that is added
 * @per: (nullable): a source column
 *
 * One of a step's `source_conditions`. Fields that @op does not name are %NULL or 0.
 */
typedef struct
{
  SlipConditionOp op;
  char *column;
  char **values;
  double value;
  gint64 number;
  char *date;
  char *time_column;
  char *result_column;
  char *per;
} SlipCondition;

/**
 * SlipTableTransform:
 * @name: the decision table's name, such as `set_cases_orderstatus`
 * @source_columns: (array zero-terminated=1): source columns
 * @target_columns: (array zero-terminated=1): what it sets
 */
typedef struct
{
  char *name;
  char **source_columns;
  char **target_columns;
} SlipTableTransform;

/**
 * SlipTableDefinition:
 * @name: the mapping's name
 * @destination: the table that rows go to
 * @entity: the switch of the original that enables it, such as `clients`
 * @required: (array zero-terminated=1): entities that come before; told, never needed
 * @source_table: (nullable): lower case; %NULL where rows come from other steps
 * @additional_columns: (array zero-terminated=1): source columns that become `c_…`
 * @conditions: (element-type SlipCondition): in the order of evaluation
 * @transforms: (element-type SlipTableTransform): in the file's order
 * @join: whether it only joins two tables (`table_type`)
 *
 * One entry of `tables/table_definitions.json`.
 */
typedef struct
{
  char *name;
  char *destination;
  char *entity;
  char **required;
  char *source_table;
  char **additional_columns;
  GPtrArray *conditions;
  GPtrArray *transforms;
  gboolean join;
} SlipTableDefinition;

/**
 * slip_condition_op_get_name:
 *
 * Returns: (transfer none): as definitions write it; `=` and `not null` for those that are no member's name
 */
const char *slip_condition_op_get_name (SlipConditionOp op);

/**
 * slip_table_definition_dup_c_name:
 * @column: a source column
 *
 * Returns: (transfer full): the name under which rows carry it on: `c_`, lower case, spaces become `_`,
 *   full stops go
 */
char *slip_table_definition_dup_c_name (const char *column);
void slip_table_definition_free (SlipTableDefinition *definition);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipTableDefinition, slip_table_definition_free)

G_END_DECLS
