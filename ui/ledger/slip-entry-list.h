/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-entry.h"
#include "slip-ledger.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ENTRY_LIST (slip_entry_list_get_type ())

/**
 * SlipEntryList:
 *
 * A #GListModel of #SlipEntry, newest first. Holds the newest entries that match its filter and
 * fetches older ones when asked, on a worker; what is appended meanwhile comes in at the top. Main
 * thread. Properties: `loading`, `complete` (nothing older matches), `message` (why reading failed).
 */
G_DECLARE_FINAL_TYPE (SlipEntryList, slip_entry_list, SLIP, ENTRY_LIST, GObject)

SlipEntryList *slip_entry_list_new (SlipLedger *ledger);

/**
 * slip_entry_list_set_filter:
 * @run: (nullable): only entries of this run
 * @kind: (nullable): only this kind; with a trailing `*` kinds that begin so
 * @text: (nullable): only entries whose JSON text holds this
 *
 * Empties the list and reads anew.
 */
void slip_entry_list_set_filter (SlipEntryList *self,
                                 const char *run,
                                 const char *kind,
                                 const char *text);

/**
 * slip_entry_list_load_more:
 *
 * Fetches older entries, unless that goes on already or there are none.
 */
void slip_entry_list_load_more (SlipEntryList *self);

/**
 * slip_entry_list_load_new:
 *
 * Fetches what was appended since.
 */
void slip_entry_list_load_new (SlipEntryList *self);
gboolean slip_entry_list_is_loading (SlipEntryList *self);
gboolean slip_entry_list_is_complete (SlipEntryList *self);
const char *slip_entry_list_get_message (SlipEntryList *self);

G_END_DECLS
