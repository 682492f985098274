/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * SlipLedgerWatcher:
 *
 * Tells a ledger's watchers of new entries. Thread-safe.
 */
typedef struct _SlipLedgerWatcher SlipLedgerWatcher;

/**
 * slip_ledger_watcher_new:
 * @ledger: (transfer none): whom it works for; not referenced
 */
SlipLedgerWatcher *slip_ledger_watcher_new (SlipLedger *ledger, const char *path);
void slip_ledger_watcher_free (SlipLedgerWatcher *watcher);

guint
slip_ledger_watcher_add (SlipLedgerWatcher *watcher, SlipLedgerAppendedFunc func, gpointer data);
void slip_ledger_watcher_remove (SlipLedgerWatcher *watcher, guint id);

/**
 * slip_ledger_watcher_tell:
 *
 * Says that @seq is in the ledger. Any thread; returns at once.
 */
void slip_ledger_watcher_tell (SlipLedgerWatcher *watcher, gint64 seq);

G_END_DECLS
