/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-columns.h"
#include "slip-trace.h"

G_BEGIN_DECLS

#define SLIP_TYPE_TRACE_PLACE (slip_trace_place_get_type ())

/**
 * SlipTracePlace:
 *
 * A place that a record passed, as a row of a list.
 */
G_DECLARE_FINAL_TYPE (SlipTracePlace, slip_trace_place, SLIP, TRACE_PLACE, GObject)

/**
 * slip_trace_place_new:
 * @trace: a trace, whose steps the row keeps: it may be shown for longer than the trace
 * @step: which of its steps
 *
 * Returns: (transfer full): its row
 */
SlipTracePlace *slip_trace_place_new (const SlipTrace *trace, guint step);
const SlipTraceStep *slip_trace_place_get_step (SlipTracePlace *self);

#define SLIP_TYPE_TRACE_CELL (slip_trace_cell_get_type ())

/**
 * SlipTraceCell:
 *
 * A column of the row at a place, as a row of a list.
 */
G_DECLARE_FINAL_TYPE (SlipTraceCell, slip_trace_cell, SLIP, TRACE_CELL, GObject)

/**
 * slip_trace_cell_new:
 * @migration: the migration that is traced
 * @step: the place
 * @column: a column of the row there
 * @value: what it holds there
 *
 * Returns: (transfer full): its row, with the mapping's rule of the column
 */
SlipTraceCell *slip_trace_cell_new (SlipMigration *migration,
                                    const SlipTraceStep *step,
                                    const char *column,
                                    JsonNode *value);

#define SLIP_TRACE_N_PLACE_COLUMNS 5
#define SLIP_TRACE_N_CELL_COLUMNS 3

/* How places and cells are shown. */
extern const SlipColumn slip_trace_place_columns[SLIP_TRACE_N_PLACE_COLUMNS];
extern const SlipColumn slip_trace_cell_columns[SLIP_TRACE_N_CELL_COLUMNS];

G_END_DECLS
