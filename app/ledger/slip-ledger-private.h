/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-store.h"

G_BEGIN_DECLS

/**
 * slip_ledger_take_reader:
 *
 * Returns: (transfer full): a connection for the calling thread, without a transaction; give it back
 *   with slip_ledger_return_reader(), or %NULL with an error
 */
SlipLedgerStore *slip_ledger_take_reader (SlipLedger *self, GError **error);

/**
 * slip_ledger_return_reader:
 * @store: (transfer full): what slip_ledger_take_reader() gave; an open transaction is ended
 */
void slip_ledger_return_reader (SlipLedger *self, SlipLedgerStore *store);

/**
 * slip_ledger_sign:
 *
 * Returns: (transfer full): @text as a note signed with the ledger's key, which is looked for again
 *   when it was missing, or %NULL with %SLIP_LEDGER_ERROR_KEY
 */
char *slip_ledger_sign (SlipLedger *self, const char *text, GError **error);

/**
 * slip_ledger_query:
 * @columns: what to select from `entry`
 * @filter: (nullable): which entries
 * @count: whether to leave out order and limit
 *
 * Returns: (transfer full): the statement with its values bound, or %NULL with an error
 */
sqlite3_stmt *slip_ledger_query (SlipLedgerStore *store,
                                 const char *columns,
                                 const SlipLedgerFilter *filter,
                                 gboolean count,
                                 GError **error);

G_END_DECLS
