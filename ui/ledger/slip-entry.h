/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ENTRY (slip_entry_get_type ())

/**
 * SlipEntry:
 *
 * A ledger entry as a row. Immutable; may be made on any thread.
 */
G_DECLARE_FINAL_TYPE (SlipEntry, slip_entry, SLIP, ENTRY, GObject)

SlipEntry *slip_entry_new (const SlipLedgerEntry *entry);
gint64 slip_entry_get_seq (SlipEntry *self);

/**
 * slip_entry_get_object:
 *
 * Returns: (transfer none): the whole entry; never change it
 */
JsonObject *slip_entry_get_object (SlipEntry *self);

G_END_DECLS
