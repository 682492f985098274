/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-record.h"

G_BEGIN_DECLS

/**
 * slip_estate_cache_add:
 * @kept: what one listing has so far
 * @listing: that listing
 * @record: a record of it; one that is no item of a listing is passed over
 *
 * Adds the item behind a record to what slip_estate_cache_write() writes.
 */
void slip_estate_cache_add (GString *kept,
                            const SlipEstateListing *listing,
                            const SlipEstateRecord *record);

/**
 * slip_estate_cache_write:
 * @folder: where; made when it is not there
 * @environment: whose
 * @kind: of which list
 * @label: of which listing
 * @kept: the items
 *
 * Keeps a complete listing for the next start. A failure is only told in the log: the cache makes a
 * start faster, and a full disk must not fail a listing.
 */
void slip_estate_cache_write (const char *folder,
                              SlipEnvironment *environment,
                              SlipEstateKind kind,
                              const char *label,
                              GString *kept);

/**
 * SlipEstateCacheFunc:
 * @records: (transfer full) (element-type SlipEstateRecord): some rows
 * @saved: when they were listed, microseconds since the epoch
 */
typedef void (*SlipEstateCacheFunc) (GPtrArray *records, gint64 saved, gpointer data);

/**
 * slip_estate_cache_read:
 * @listing: the listing of @label
 * @place: its region
 * @func: takes the rows, a few hundred at once
 *
 * Reads what was kept of a listing; nothing when it is of another account or endpoint, or broken.
 */
void slip_estate_cache_read (const char *folder,
                             SlipEnvironment *environment,
                             SlipEstateKind kind,
                             const char *label,
                             const SlipEstateListing *listing,
                             const char *place,
                             SlipEstateCacheFunc func,
                             gpointer data);

G_END_DECLS
