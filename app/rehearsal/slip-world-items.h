/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipWorldItem:
 * @hash: the partition key as bytes that compare as the keys do
 * @range: the sort key likewise, "" without one
 * @size: bytes, as the service counts them
 * @text: the item as JSON text
 *
 * One item of a collection, borrowed from the world's file during a walk.
 */
typedef struct
{
  const char *hash;
  const char *range;
  gint64 size;
  const char *text;
} SlipWorldItem;

/**
 * SlipWorldItemFunc:
 * @item: an item
 * @data: as given
 *
 * Must neither put nor remove items.
 *
 * Returns: %FALSE to stop
 */
typedef gboolean (*SlipWorldItemFunc) (const SlipWorldItem *item, gpointer data);

/**
 * slip_world_items_get:
 * @world: a world
 * @collection: what holds the item: a table's id, a backup's ARN
 * @hash: partition key
 * @range: sort key, ""
 *
 * Items are many and stay in the world's file; unlike resources they are never all in memory. Their
 * changes belong to the open transaction as those of resources do.
 *
 * Returns: (transfer full) (nullable): the item's text
 */
char *slip_world_items_get (SlipWorld *world,
                            const char *collection,
                            const char *hash,
                            const char *range);

/**
 * slip_world_items_put:
 * @history: whether to keep what was there, for slip_world_items_rewind()
 *
 * Adds or replaces an item.
 */
void slip_world_items_put (SlipWorld *world,
                           const char *collection,
                           const SlipWorldItem *item,
                           gboolean history);

/**
 * slip_world_items_remove:
 *
 * Removes an item; one that is not there is no error.
 */
void slip_world_items_remove (SlipWorld *world,
                              const char *collection,
                              const char *hash,
                              const char *range,
                              gboolean history);

/**
 * slip_world_items_foreach:
 * @after_hash: (nullable): only items behind this key
 * @after_range: (nullable): and this sort key
 *
 * Visits items in the order of their keys' bytes.
 */
void slip_world_items_foreach (SlipWorld *world,
                               const char *collection,
                               const char *after_hash,
                               const char *after_range,
                               SlipWorldItemFunc func,
                               gpointer data);

/**
 * slip_world_items_foreach_of:
 * @hash: only items of this partition
 *
 * Visits a partition's items in the order of their sort keys, or backwards.
 */
void slip_world_items_foreach_of (SlipWorld *world,
                                  const char *collection,
                                  const char *hash,
                                  gboolean backwards,
                                  SlipWorldItemFunc func,
                                  gpointer data);

/**
 * slip_world_items_count:
 * @bytes: (out) (optional): the sum of their sizes
 *
 * Returns: how many items there are
 */
gint64 slip_world_items_count (SlipWorld *world, const char *collection, gint64 *bytes);

/**
 * slip_world_items_copy:
 *
 * Makes @to hold what @from holds, and nothing else.
 */
void slip_world_items_copy (SlipWorld *world, const char *from, const char *to);

/**
 * slip_world_items_rewind:
 * @from: a collection with history
 * @to: gets its state at @time_us
 * @time_us: microseconds since 1970
 */
void slip_world_items_rewind (SlipWorld *world, const char *from, const char *to, gint64 time_us);

/**
 * slip_world_items_date:
 * @time_us: microseconds since 1970
 *
 * For seeds: tells that an item was not there before @time_us.
 */
void slip_world_items_date (
    SlipWorld *world, const char *collection, const char *hash, const char *range, gint64 time_us);

/**
 * slip_world_items_clear:
 *
 * Removes a collection with its history.
 */
void slip_world_items_clear (SlipWorld *world, const char *collection);

/**
 * slip_world_items_forget:
 *
 * Removes a collection's history.
 */
void slip_world_items_forget (SlipWorld *world, const char *collection);

G_END_DECLS
