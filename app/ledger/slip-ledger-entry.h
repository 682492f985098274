/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * slip_ledger_entry_check:
 * @entry: what a caller wants to append
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_ENTRY when it sets a member that the ledger sets
 */
gboolean slip_ledger_entry_check (JsonObject *entry, GError **error);

/**
 * slip_ledger_entry_text:
 * @node: an entry
 * @length: (out): bytes of the text
 *
 * Returns: (transfer full): its canonical form, or %NULL with %SLIP_LEDGER_ERROR_ENTRY when it has
 *   none, is larger than %SLIP_LEDGER_ENTRY_MAX, deeper than %SLIP_LEDGER_ENTRY_DEPTH or not UTF-8
 */
char *slip_ledger_entry_text (JsonNode *node, gsize *length, GError **error);

/**
 * slip_ledger_entry_boot:
 *
 * Returns: (transfer none): which start of the machine the monotonic clock counts from
 */
const char *slip_ledger_entry_boot (void);

G_END_DECLS
