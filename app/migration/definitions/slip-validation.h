/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipValidationColumn:
 * @column: a target column
 * @sql: an expression; `{col}` stands for what it would have been
 */
typedef struct
{
  char *column;
  char *sql;
} SlipValidationColumn;

/**
 * SlipValidationOrder:
 * @column: a column of the result
 * @mapping: the mapping that tells where it comes from
 * @mapping_column: a target column of @mapping
 * @descending: `direction`, which the original never reads
 */
typedef struct
{
  char *column;
  char *mapping;
  char *mapping_column;
  gboolean descending;
} SlipValidationOrder;

/**
 * SlipValidationSide:
 * @from_table: (nullable): the table without a schema
 * @transform: (element-type SlipValidationColumn): in the file's order
 * @joins: (array zero-terminated=1): SQL with placeholders
 * @exception_table_join: (nullable): SQL, of no use today
 * @where_clauses: (array zero-terminated=1): SQL with placeholders, all of which hold
 */
typedef struct
{
  char *from_table;
  GPtrArray *transform;
  char **joins;
  char *exception_table_join;
  char **where_clauses;
} SlipValidationSide;

/**
 * SlipValidation:
 * @name: the mapping's name, or one of its own for a check that is written by hand
 * @exclude: (array zero-terminated=1): target columns that are not compared
 * @case_mapping: (nullable): `casenumber_source` before the dot
 * @case_column: (nullable): `casenumber_source` behind the dot
 * @order: (element-type SlipValidationOrder): what rows are sorted by besides
 * @expected: the source's side (`casrec`)
 * @actual: the target's side (`sirius`)
 * @manual_column: (nullable): rows are left out by this column
 * @manual_identifiers: (array zero-terminated=1): the values that are left out
 *
 * One entry of `validation_mapping.json`. Placeholders of its SQL are `{casrec_schema}`,
 * `{target_schema}`, `{client_source}` and `{col}`.
 */
typedef struct
{
  char *name;
  char **exclude;
  char *case_mapping;
  char *case_column;
  GPtrArray *order;
  SlipValidationSide expected;
  SlipValidationSide actual;
  char *manual_column;
  char **manual_identifiers;
} SlipValidation;

void slip_validation_free (SlipValidation *validation);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipValidation, slip_validation_free)

G_END_DECLS
