/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-open-call.h"
#include "slip-run-row.h"

G_BEGIN_DECLS

#define SLIP_TYPE_RUN_LIST (slip_run_list_get_type ())

/**
 * SlipRunList:
 *
 * All runs of a ledger, newest first, as a #GListModel of #SlipRunRow. Read on a worker whenever the
 * ledger has grown, at most a few times a second. Main thread. Signal: `loaded`, after each reading.
 */
G_DECLARE_FINAL_TYPE (SlipRunList, slip_run_list, SLIP, RUN_LIST, GObject)

SlipRunList *slip_run_list_new (SlipLedger *ledger);

/**
 * slip_run_list_load_soon:
 *
 * Reads anew, together with other requests of the same moment.
 */
void slip_run_list_load_soon (SlipRunList *self);

/**
 * slip_run_list_count:
 * @waiting: (out) (optional): runs that wait for a person, or whose process is gone
 * @going: (out) (optional): runs that are executed just now
 *
 * Returns: how many runs there are
 */
guint slip_run_list_count (SlipRunList *self, guint *waiting, guint *going);

/**
 * slip_run_list_get_open_call:
 *
 * Returns: (transfer none) (nullable): the oldest change that belongs to no run and whose outcome is not
 *   known; until the next `loaded`
 */
const SlipOpenCall *slip_run_list_get_open_call (SlipRunList *self);

/**
 * slip_run_list_get_message:
 *
 * Returns: (transfer none) (nullable): why the last reading failed
 */
const char *slip_run_list_get_message (SlipRunList *self);

G_END_DECLS
