/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-run.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_ROW (slip_run_row_get_type ())

/**
 * SlipRunRow:
 *
 * One run in the list of runs. Property: `summary`, notified when it was replaced.
 */
G_DECLARE_FINAL_TYPE (SlipRunRow, slip_run_row, SLIP, RUN_ROW, GObject)

/**
 * slip_run_row_new:
 * @summary: (transfer full): what is known of the run
 */
SlipRunRow *slip_run_row_new (SlipRunSummary *summary);
const SlipRunSummary *slip_run_row_get_summary (SlipRunRow *self);

/**
 * slip_run_row_take_summary:
 * @summary: (transfer full): what is known now
 */
void slip_run_row_take_summary (SlipRunRow *self, SlipRunSummary *summary);

/**
 * slip_run_rows_update:
 * @store: a list of #SlipRunRow
 * @summaries: (element-type SlipRunSummary): all runs, newest first; emptied
 *
 * Makes @store say what @summaries say, keeping the rows of runs that stay.
 */
void slip_run_rows_update (GListStore *store, GPtrArray *summaries);

G_END_DECLS
