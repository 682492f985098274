/* SPDX-License-Identifier: MIT */

/* Items of tables, in the world's own file, so that an item's change and the call that made it are
 * one transaction. Knows keys, sizes and text; what they mean is the service's. A collection may keep
 * a history of what its changes replaced, from which an earlier state is made again. */

#include "slip-world-items.h"

#include "slip-world-private.h"

static void
note_change (SlipWorld *world)
{
  g_return_if_fail (world->in_transaction);
  world->changes++;
}

char *
slip_world_items_get (SlipWorld *world, const char *collection, const char *hash, const char *range)
{
  sqlite3_stmt *row = slip_world_store_query (
      world->store, "SELECT item FROM items WHERE collection = ? AND hash = ? AND range = ?", "sss",
      collection, hash, range);
  char *text = NULL;

  if (slip_world_store_step (world->store, row))
    text = g_strdup ((const char *)sqlite3_column_text (row, 0));
  slip_world_store_done (row);
  return text;
}

/* A replaced item is kept with the time of the change; an item that was new leaves a NULL. */
static void
keep_history (SlipWorld *world, const char *collection, const char *hash, const char *range)
{
  slip_world_store_write (
      world->store,
      "INSERT INTO item_history (collection, time, hash, range, size, item, seal)"
      " SELECT ?1, ?2, ?3, ?4, size, item, row_seal (?1, ?2, ?3, ?4, size, item)"
      " FROM (SELECT 1) LEFT JOIN items ON collection = ?1 AND hash = ?3 AND range = ?4",
      "siss", collection, slip_world_now (world), hash, range);
}

void
slip_world_items_put (SlipWorld *world,
                      const char *collection,
                      const SlipWorldItem *item,
                      gboolean history)
{
  note_change (world);
  if (history)
    keep_history (world, collection, item->hash, item->range);
  slip_world_store_write (world->store,
                          "INSERT OR REPLACE INTO items VALUES (?1, ?2, ?3, ?4, ?5,"
                          " row_seal (?1, ?2, ?3, ?4, ?5))",
                          "sssis", collection, item->hash, item->range, item->size, item->text);
}

void
slip_world_items_remove (
    SlipWorld *world, const char *collection, const char *hash, const char *range, gboolean history)
{
  note_change (world);
  if (history)
    keep_history (world, collection, hash, range);
  slip_world_store_write (world->store,
                          "DELETE FROM items WHERE collection = ? AND hash = ? AND range = ?",
                          "sss", collection, hash, range);
}

static void
walk (SlipWorld *world, sqlite3_stmt *row, SlipWorldItemFunc func, gpointer data)
{
  while (slip_world_store_step (world->store, row))
    {
      SlipWorldItem item
          = {(const char *)sqlite3_column_text (row, 0), (const char *)sqlite3_column_text (row, 1),
             sqlite3_column_int64 (row, 2), (const char *)sqlite3_column_text (row, 3)};

      if (!func (&item, data))
        break;
    }
  slip_world_store_done (row);
}

void
slip_world_items_foreach (SlipWorld *world,
                          const char *collection,
                          const char *after_hash,
                          const char *after_range,
                          SlipWorldItemFunc func,
                          gpointer data)
{
  walk (world,
        slip_world_store_query (world->store,
                                "SELECT hash, range, size, item FROM items WHERE collection = ?1"
                                " AND (hash, range) > (?2, ?3) ORDER BY hash, range",
                                "sss", collection, after_hash != NULL ? after_hash : "",
                                after_range != NULL ? after_range : ""),
        func, data);
}

void
slip_world_items_foreach_of (SlipWorld *world,
                             const char *collection,
                             const char *hash,
                             gboolean backwards,
                             SlipWorldItemFunc func,
                             gpointer data)
{
  static const char forwards_sql[] = "SELECT hash, range, size, item FROM items WHERE"
                                     " collection = ? AND hash = ? ORDER BY range";
  static const char backwards_sql[] = "SELECT hash, range, size, item FROM items WHERE"
                                      " collection = ? AND hash = ? ORDER BY range DESC";

  walk (world,
        slip_world_store_query (world->store, backwards ? backwards_sql : forwards_sql, "ss",
                                collection, hash),
        func, data);
}

gint64
slip_world_items_count (SlipWorld *world, const char *collection, gint64 *bytes)
{
  sqlite3_stmt *row = slip_world_store_query (
      world->store, "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM items WHERE collection = ?", "s",
      collection);
  gint64 count = 0;

  if (bytes != NULL)
    *bytes = 0;
  if (slip_world_store_step (world->store, row))
    {
      count = sqlite3_column_int64 (row, 0);
      if (bytes != NULL)
        *bytes = sqlite3_column_int64 (row, 1);
    }
  slip_world_store_done (row);
  return count;
}

void
slip_world_items_copy (SlipWorld *world, const char *from, const char *to)
{
  slip_world_items_clear (world, to);
  slip_world_store_write (
      world->store,
      "INSERT INTO items SELECT ?1, hash, range, size, item, row_seal (?1, hash, range, size, item)"
      " FROM items WHERE collection = ?2",
      "ss", to, from);
}

void
slip_world_items_date (
    SlipWorld *world, const char *collection, const char *hash, const char *range, gint64 time_us)
{
  /* That it was put just now, as a table with continuous backups remembers, is not so. */
  slip_world_store_write (
      world->store, "DELETE FROM item_history WHERE collection = ? AND hash = ? AND range = ?",
      "sss", collection, hash, range);
  slip_world_store_write (
      world->store,
      "INSERT INTO item_history (collection, time, hash, range, size, item, seal)"
      " VALUES (?1, ?2, ?3, ?4, NULL, NULL,"
      " row_seal (?1, ?2, ?3, ?4, NULL, NULL))",
      "siss", collection, time_us, hash, range);
}

/* For each key the oldest change after the moment tells what was there at the moment. */
void
slip_world_items_rewind (SlipWorld *world, const char *from, const char *to, gint64 time_us)
{
  slip_world_items_copy (world, from, to);
  slip_world_store_write (
      world->store,
      "DELETE FROM items WHERE collection = ?1 AND (hash, range) IN"
      " (SELECT hash, range FROM item_history WHERE collection = ?2 AND time > ?3)",
      "ssi", to, from, time_us);
  slip_world_store_write (
      world->store,
      "INSERT INTO items SELECT ?1, hash, range, size, item, row_seal (?1, hash, range, size, item)"
      " FROM item_history WHERE seq IN"
      " (SELECT MIN(seq) FROM item_history WHERE collection = ?2 AND time > ?3"
      " GROUP BY hash, range) AND item IS NOT NULL",
      "ssi", to, from, time_us);
}

void
slip_world_items_clear (SlipWorld *world, const char *collection)
{
  note_change (world);
  slip_world_store_write (world->store, "DELETE FROM items WHERE collection = ?", "s", collection);
  slip_world_items_forget (world, collection);
}

void
slip_world_items_forget (SlipWorld *world, const char *collection)
{
  note_change (world);
  slip_world_store_write (world->store, "DELETE FROM item_history WHERE collection = ?", "s",
                          collection);
}
