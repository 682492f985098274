/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-columns.h"
#include "slip-migration.h"

G_BEGIN_DECLS

#define SLIP_TYPE_CELL_PAIR (slip_cell_pair_get_type ())

/**
 * SlipCellPair:
 *
 * A column of a row: expected beside actual, and its mapping rule. Immutable.
 */
G_DECLARE_FINAL_TYPE (SlipCellPair, slip_cell_pair, SLIP, CELL_PAIR, GObject)

#define SLIP_CELL_PAIR_N_COLUMNS 5

extern const SlipColumn slip_cell_pair_columns[SLIP_CELL_PAIR_N_COLUMNS];

/**
 * slip_cell_pair_new:
 * @migration: the migration
 * @mapping: the mapping that was validated
 * @column: a column of its
 * @expected: (nullable): the row as it should be; %NULL where there should be none
 * @actual: (nullable): the row as it is; %NULL where there is none
 *
 * Returns: (transfer full): the pair
 */
SlipCellPair *slip_cell_pair_new (SlipMigration *migration,
                                  const char *mapping,
                                  const char *column,
                                  JsonObject *expected,
                                  JsonObject *actual);

/**
 * slip_cell_pair_differs:
 *
 * Returns: whether both rows are there, and have this column otherwise
 */
gboolean slip_cell_pair_differs (SlipCellPair *self);

G_END_DECLS
