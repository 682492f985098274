/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

#define SLIP_TYPE_FRESHNESS (slip_freshness_get_type ())

/**
 * SlipFreshness:
 *
 * Tells from the ledger when a run has changed an estate, or has seen a change of its own come to its
 * end: lists made before that are old. It reads the entries of this and of other processes on a worker.
 * Main thread. Signal `changed` (environment's name, %NULL for all): something is not as it was.
 */
G_DECLARE_FINAL_TYPE (SlipFreshness, slip_freshness, SLIP, FRESHNESS, GObject)

SlipFreshness *slip_freshness_new (SlipLedger *ledger);

/**
 * slip_freshness_look_soon:
 * @self: a freshness
 * @seq: an entry that the ledger has gained
 *
 * Reads what the ledger has gained, together with other requests of the same moment.
 */
void slip_freshness_look_soon (SlipFreshness *self, gint64 seq);

/**
 * slip_freshness_get_changed:
 * @self: a freshness
 * @environment: an environment's name
 *
 * Returns: when it was last told of a change there, microseconds since 1970; 0 for never
 */
gint64 slip_freshness_get_changed (SlipFreshness *self, const char *environment);

G_END_DECLS
