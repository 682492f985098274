/* SPDX-License-Identifier: MIT */
#pragma once

#include <adwaita.h>

#include "slip-entry.h"

G_BEGIN_DECLS

#define SLIP_TYPE_ENTRY_DETAILS (slip_entry_details_get_type ())

/**
 * SlipEntryDetails:
 *
 * One ledger entry, whole. Signal `open` (page id) asks for its run.
 */
G_DECLARE_FINAL_TYPE (SlipEntryDetails, slip_entry_details, SLIP, ENTRY_DETAILS, AdwBin)

GtkWidget *slip_entry_details_new (void);
void slip_entry_details_set_entry (SlipEntryDetails *self, SlipEntry *entry);

G_END_DECLS
