/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-estate-record.h"

G_BEGIN_DECLS

/**
 * SlipEstateEmit:
 * @records: (transfer full) (element-type SlipEstateRecord): rows that came
 * @data: as given
 *
 * Takes what one page held. Called from several threads at once.
 */
typedef void (*SlipEstateEmit) (GPtrArray *records, gpointer data);

/**
 * SlipEstateWalk:
 * @environment: where
 * @client: for its calls
 * @place: a region, or what else the kind of list has instead
 * @emit: takes the records
 * @data: for @emit
 * @cancellable: ends it
 *
 * What a listing is done with. Everything is borrowed.
 */
struct _SlipEstateWalk
{
  SlipEnvironment *environment;
  SlipAwsClient *client;
  const char *place;
  SlipEstateEmit emit;
  gpointer data;
  GCancellable *cancellable;
};

/**
 * slip_estate_walk:
 * @walk: what it is done with
 * @listing: what to list
 * @error: return location
 *
 * Lists page by page, describes what needs it, and lists what stands below, several at once. What one
 * refusal hides does not hide the rest: it goes on and fails at the end. Blocks; not on the main
 * thread.
 *
 * Returns: whether all of it was listed; the error is the first one, and tells how many there were
 */
gboolean
slip_estate_walk (const SlipEstateWalk *walk, const SlipEstateListing *listing, GError **error);

/**
 * slip_estate_walk_read:
 * @listing: a listing
 * @item: an item of it
 * @place: its region
 * @records: (element-type SlipEstateRecord): takes what @item is
 *
 * Makes records of an item, as the walk does and as the cache does later.
 */
void slip_estate_walk_read (const SlipEstateListing *listing,
                            JsonObject *item,
                            const char *place,
                            GPtrArray *records);

GPtrArray *slip_estate_records_new (void);

G_END_DECLS
