/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-paged-list.h"

G_BEGIN_DECLS

/**
 * SlipDifferenceField:
 *
 * The columns of the query behind the list, in its order.
 */
typedef enum
{
  SLIP_DIFFERENCE_MAPPING,
  SLIP_DIFFERENCE_NUMBER,
  SLIP_DIFFERENCE_KIND,
  SLIP_DIFFERENCE_KEY,
  SLIP_DIFFERENCE_COLUMNS,
  SLIP_DIFFERENCE_SOURCE_TABLE,
  SLIP_DIFFERENCE_ROW_ID,
  SLIP_DIFFERENCE_FILE,
  SLIP_DIFFERENCE_RECORD,
  SLIP_DIFFERENCE_LINE,
  SLIP_DIFFERENCE_EXACT,
  SLIP_DIFFERENCE_TARGET_ID,
  SLIP_DIFFERENCE_KNOWN,
  SLIP_DIFFERENCE_EXPECTED,
  SLIP_DIFFERENCE_ACTUAL,
} SlipDifferenceField;

#define SLIP_DIFFERENCE_N_COLUMNS 5

extern const SlipColumn slip_difference_columns[SLIP_DIFFERENCE_N_COLUMNS];

/**
 * slip_difference_get_kind_title:
 * @kind: (nullable): a kind of difference
 *
 * Returns: (transfer none): what it is called, translated; of %NULL what all of them are
 */
const char *slip_difference_get_kind_title (const char *kind);

/**
 * slip_difference_row_dup_source:
 *
 * Returns: (transfer full) (nullable): the file with record and line, as far as they are known
 */
char *slip_difference_row_dup_source (SlipPagedRow *row);

G_END_DECLS
