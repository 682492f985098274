/* SPDX-License-Identifier: MIT */

/* The world in memory: resources in ordered buckets by type, account and region, with a log that
 * takes a transaction's changes back. Every change goes to the store in the same transaction, so
 * that memory and file never differ once a request is answered. */

#include "slip-world-private.h"

#include "slip-json.h"

typedef struct
{
  char *type;
  char *account;
  char *region;
  GTree *records; /* id → SlipWorldRecord */
} Bucket;

typedef struct
{
  Bucket *bucket;          /* borrowed; buckets live as long as the world */
  char *id;                /* owned */
  SlipWorldRecord *before; /* owned; NULL when there was none */
} Undo;

static void
record_clear (gpointer data)
{
  SlipWorldRecord *record = data;

  g_free ((char *)record->id);
  json_object_unref (record->data);
}

static void
record_unref (gpointer data)
{
  if (data != NULL)
    g_rc_box_release_full (data, record_clear);
}

static void
undo_free (gpointer data)
{
  Undo *undo = data;

  g_free (undo->id);
  record_unref (undo->before);
  g_free (undo);
}

static int
bucket_compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const Bucket *x = a;
  const Bucket *y = b;
  int order = strcmp (x->type, y->type);

  if (order == 0)
    order = strcmp (x->account, y->account);
  return order != 0 ? order : strcmp (x->region, y->region);
}

static void
bucket_free (gpointer data)
{
  Bucket *bucket = data;

  g_tree_unref (bucket->records);
  g_free (bucket->type);
  g_free (bucket->account);
  g_free (bucket->region);
  g_free (bucket);
}

static int
id_compare (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static Bucket *
find_bucket (SlipWorld *world, const char *account, const char *region, const char *type)
{
  Bucket key = {(char *)type, (char *)account, (char *)region, NULL};

  return g_tree_lookup (world->buckets, &key);
}

static Bucket *
need_bucket (SlipWorld *world, const char *account, const char *region, const char *type)
{
  Bucket *bucket = find_bucket (world, account, region, type);

  if (bucket != NULL)
    return bucket;
  bucket = g_new0 (Bucket, 1);
  bucket->type = g_strdup (type);
  bucket->account = g_strdup (account);
  bucket->region = g_strdup (region);
  bucket->records = g_tree_new_full (id_compare, NULL, NULL, record_unref);
  g_tree_insert (world->buckets, bucket, bucket);
  return bucket;
}

/* Takes @data over and seals it: what is in the world is never changed in place. */
static SlipWorldRecord *
record_new (Bucket *bucket, const char *id, JsonObject *data)
{
  SlipWorldRecord *record = g_rc_box_new0 (SlipWorldRecord);

  record->account = bucket->account;
  record->region = bucket->region;
  record->type = bucket->type;
  record->id = g_strdup (id);
  record->data = data;
  json_object_seal (data);
  return record;
}

static void
bucket_set (Bucket *bucket, SlipWorldRecord *record)
{
  g_tree_replace (bucket->records, (gpointer)record->id, record);
}

static gboolean
load_resources (SlipWorld *world, GError **error)
{
  sqlite3_stmt *row = slip_world_store_query (
      world->store, "SELECT type, account, region, id, data FROM resources", "");
  gboolean good = TRUE;

  while (good && slip_world_store_step (world->store, row))
    {
      const char *type = (const char *)sqlite3_column_text (row, 0);
      const char *id = (const char *)sqlite3_column_text (row, 3);
      g_autoptr (JsonNode) node
          = slip_json_parse ((const char *)sqlite3_column_text (row, 4), -1, error);
      JsonObject *data = node != NULL ? slip_json_node_object (node) : NULL;

      good = data != NULL;
      if (good)
        {
          Bucket *bucket = need_bucket (world, (const char *)sqlite3_column_text (row, 1),
                                        (const char *)sqlite3_column_text (row, 2), type);
          bucket_set (bucket, record_new (bucket, id, json_object_ref (data)));
        }
      else if (error == NULL || *error == NULL)
        g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
                     "resource %s %s is no JSON object", type, id);
      else
        g_prefix_error (error, "resource %s %s: ", type, id);
    }
  slip_world_store_done (row);
  return good;
}

static void
load_settings (SlipWorld *world)
{
  sqlite3_stmt *row = slip_world_store_query (world->store, "SELECT name, value FROM settings", "");

  while (slip_world_store_step (world->store, row))
    g_hash_table_insert (world->settings, g_strdup ((const char *)sqlite3_column_text (row, 0)),
                         g_strdup ((const char *)sqlite3_column_text (row, 1)));
  slip_world_store_done (row);
}

SlipWorld *
slip_world_open (const char *folder, double speed, GError **error)
{
  SlipWorldStore *store;
  g_autoptr (SlipWorld) world = NULL;

  g_return_val_if_fail (folder != NULL, NULL);
  g_return_val_if_fail (speed >= 1, NULL);

  store = slip_world_store_open (folder, error);
  if (store == NULL)
    return NULL;
  world = g_new0 (SlipWorld, 1);
  world->store = store;
  world->folder = g_canonicalize_filename (folder, NULL);
  world->speed = speed;
  world->clock = slip_clock_ref (slip_clock_get_system ());
  world->buckets = g_tree_new_full (bucket_compare, NULL, NULL, bucket_free);
  world->settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world->undo_settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world->undo = g_ptr_array_new_with_free_func (undo_free);
  world->schedule = slip_world_schedule_new (world);
  load_settings (world);
  if (!load_resources (world, error) || !slip_world_store_commit (store, error))
    {
      slip_world_store_tell_way_out (folder, error);
      return NULL;
    }
  return g_steal_pointer (&world);
}

void
slip_world_close (SlipWorld *world)
{
  slip_world_schedule_free (world->schedule);
  if (world->in_transaction)
    slip_world_rollback (world);
  g_ptr_array_unref (world->undo);
  g_hash_table_unref (world->settings);
  g_hash_table_unref (world->undo_settings);
  g_tree_unref (world->buckets);
  slip_world_store_close (world->store);
  slip_clock_unref (world->clock);
  g_free (world->folder);
  g_free (world->watched_type);
  g_free (world);
}

const char *
slip_world_get_folder (SlipWorld *world)
{
  return world->folder;
}

double
slip_world_get_speed (SlipWorld *world)
{
  return world->speed;
}

void
slip_world_set_clock (SlipWorld *world, SlipClock *clock)
{
  slip_clock_unref (world->clock);
  world->clock = slip_clock_ref (clock);
}

gint64
slip_world_now (SlipWorld *world)
{
  return world->in_transaction ? world->transaction_now : slip_clock_now (world->clock);
}

char *
slip_world_dup_now (SlipWorld *world)
{
  return slip_time_format (slip_world_now (world));
}

void
slip_world_begin (SlipWorld *world)
{
  g_return_if_fail (!world->in_transaction);

  world->transaction_now = slip_clock_now (world->clock);
  world->in_transaction = TRUE;
  world->changes = 0;
}

/* Takes memory back to how it was; the store is rolled back by its caller. */
static void
undo_memory (SlipWorld *world)
{
  GHashTableIter iter;
  gpointer name, value;

  for (guint i = world->undo->len; i > 0; i--)
    {
      Undo *undo = world->undo->pdata[i - 1];

      if (undo->before != NULL)
        bucket_set (undo->bucket, g_steal_pointer (&undo->before));
      else
        g_tree_remove (undo->bucket->records, undo->id);
    }
  g_hash_table_iter_init (&iter, world->undo_settings);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (value != NULL)
      g_hash_table_insert (world->settings, g_strdup (name), g_strdup (value));
    else
      g_hash_table_remove (world->settings, name);
}

static void
end_transaction (SlipWorld *world)
{
  g_ptr_array_set_size (world->undo, 0);
  g_hash_table_remove_all (world->undo_settings);
  world->in_transaction = FALSE;
  world->touched = FALSE;
  world->changes = 0;
}

void
slip_world_watch (SlipWorld *world, const char *type, SlipWorldWatchFunc func, gpointer data)
{
  g_free (world->watched_type);
  world->watched_type = g_strdup (type);
  world->watch = func;
  world->watch_data = data;
}

gboolean
slip_world_commit (SlipWorld *world, GError **error)
{
  gboolean changed, watched;

  g_return_val_if_fail (world->in_transaction, FALSE);

  if (!slip_world_store_commit (world->store, error))
    {
      undo_memory (world);
      end_transaction (world);
      return FALSE;
    }
  changed = world->changes > 0;
  watched = world->touched;
  end_transaction (world);
  if (changed)
    slip_world_schedule_committed (world->schedule);
  if (watched)
    world->watch (world, world->watch_data);
  return TRUE;
}

void
slip_world_rollback (SlipWorld *world)
{
  g_return_if_fail (world->in_transaction);

  slip_world_store_rollback (world->store);
  undo_memory (world);
  end_transaction (world);
}

guint
slip_world_get_changes (SlipWorld *world)
{
  return world->changes;
}

static void
remember (SlipWorld *world, Bucket *bucket, const char *id, const SlipWorldRecord *before)
{
  Undo *undo = g_new0 (Undo, 1);

  undo->bucket = bucket;
  undo->id = g_strdup (id);
  undo->before = before != NULL ? g_rc_box_acquire ((gpointer)before) : NULL;
  g_ptr_array_add (world->undo, undo);
  world->touched |= world->watch != NULL && g_str_equal (bucket->type, world->watched_type);
  world->changes++;
}

const SlipWorldRecord *
slip_world_get (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id)
{
  Bucket *bucket = find_bucket (world, account, region, type);

  return bucket != NULL && id != NULL ? g_tree_lookup (bucket->records, id) : NULL;
}

JsonObject *
slip_world_edit (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id)
{
  const SlipWorldRecord *record = slip_world_get (world, account, region, type, id);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) copy = NULL;

  if (record == NULL)
    return NULL;
  node = slip_json_new_object (json_object_ref (record->data));
  copy = slip_json_copy (node);
  return json_node_dup_object (copy);
}

void
slip_world_put (SlipWorld *world,
                const char *account,
                const char *region,
                const char *type,
                const char *id,
                JsonObject *data)
{
  Bucket *bucket;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  g_return_if_fail (world->in_transaction);
  g_return_if_fail (id != NULL && data != NULL);

  bucket = need_bucket (world, account, region, type);
  remember (world, bucket, id, g_tree_lookup (bucket->records, id));
  node = slip_json_new_object (json_object_ref (data));
  text = slip_json_to_text (node, FALSE);
  slip_world_store_write (world->store,
                          "INSERT OR REPLACE INTO resources VALUES (?1, ?2, ?3, ?4, ?5,"
                          " row_seal (?1, ?2, ?3, ?4, ?5))",
                          "sssss", type, account, region, id, text);
  bucket_set (bucket, record_new (bucket, id, data));
}

gboolean
slip_world_remove (
    SlipWorld *world, const char *account, const char *region, const char *type, const char *id)
{
  Bucket *bucket = find_bucket (world, account, region, type);
  const SlipWorldRecord *record = slip_world_get (world, account, region, type, id);
  g_autofree char *name = g_strdup (id);

  g_return_val_if_fail (world->in_transaction, FALSE);

  if (record == NULL)
    return FALSE;
  remember (world, bucket, name, record);
  slip_world_store_write (
      world->store,
      "DELETE FROM resources WHERE type = ? AND account = ? AND region = ? AND id = ?", "ssss",
      bucket->type, bucket->account, bucket->region, name);
  g_tree_remove (bucket->records, name);
  slip_world_unschedule (world, NULL, bucket->account, bucket->region, bucket->type, name);
  return TRUE;
}

static gboolean
walk_bucket (Bucket *bucket, const char *after, SlipWorldFunc func, gpointer data)
{
  GTreeNode *node = after != NULL ? g_tree_upper_bound (bucket->records, after)
                                  : g_tree_node_first (bucket->records);

  for (; node != NULL; node = g_tree_node_next (node))
    if (!func (g_tree_node_value (node), data))
      return FALSE;
  return TRUE;
}

void
slip_world_foreach (SlipWorld *world,
                    const char *account,
                    const char *region,
                    const char *type,
                    const char *after,
                    SlipWorldFunc func,
                    gpointer data)
{
  Bucket key = {(char *)type, (char *)(account != NULL ? account : ""), (char *)"", NULL};
  GTreeNode *node;

  g_return_if_fail (after == NULL || (account != NULL && region != NULL));

  for (node = g_tree_lower_bound (world->buckets, &key); node != NULL;
       node = g_tree_node_next (node))
    {
      Bucket *bucket = g_tree_node_value (node);

      if (!g_str_equal (bucket->type, type)
          || (account != NULL && !g_str_equal (bucket->account, account)))
        return;
      if (region != NULL && !g_str_equal (bucket->region, region))
        continue;
      if (!walk_bucket (bucket, after, func, data))
        return;
    }
}

static gboolean
collect (const SlipWorldRecord *record, gpointer data)
{
  g_ptr_array_add (data, g_rc_box_acquire ((gpointer)record));
  return TRUE;
}

GPtrArray *
slip_world_list (SlipWorld *world, const char *account, const char *region, const char *type)
{
  GPtrArray *records = g_ptr_array_new_with_free_func (record_unref);

  slip_world_foreach (world, account, region, type, NULL, collect, records);
  return records;
}

static gboolean
count_one (const SlipWorldRecord *record, gpointer data)
{
  (*(guint *)data)++;
  return TRUE;
}

guint
slip_world_count (SlipWorld *world, const char *account, const char *region, const char *type)
{
  guint count = 0;

  slip_world_foreach (world, account, region, type, NULL, count_one, &count);
  return count;
}

JsonObject *
slip_world_describe (SlipWorld *world)
{
  JsonObject *counts = json_object_new ();

  for (GTreeNode *node = g_tree_node_first (world->buckets); node != NULL;
       node = g_tree_node_next (node))
    {
      Bucket *bucket = g_tree_node_value (node);
      gint64 before = slip_json_int (counts, bucket->type, 0);

      json_object_set_int_member (counts, bucket->type, before + g_tree_nnodes (bucket->records));
    }
  return counts;
}

const char *
slip_world_get_setting (SlipWorld *world, const char *name)
{
  return g_hash_table_lookup (world->settings, name);
}

void
slip_world_set_setting (SlipWorld *world, const char *name, const char *value)
{
  g_return_if_fail (world->in_transaction);

  if (!g_hash_table_contains (world->undo_settings, name))
    g_hash_table_insert (world->undo_settings, g_strdup (name),
                         g_strdup (g_hash_table_lookup (world->settings, name)));
  slip_world_store_write (world->store,
                          "INSERT OR REPLACE INTO settings VALUES (?1, ?2, row_seal (?1, ?2))",
                          "ss", name, value);
  g_hash_table_insert (world->settings, g_strdup (name), g_strdup (value));
}

gint64
slip_world_get_quota (
    SlipWorld *world, const char *account, const char *region, const char *name, gint64 fallback)
{
  const SlipWorldRecord *record = slip_world_get (world, account, region, "quota", name);

  if (record == NULL)
    record = slip_world_get (world, account, "", "quota", name);
  return record != NULL ? slip_json_int (record->data, "value", fallback) : fallback;
}

void
slip_world_add_event (SlipWorld *world,
                      const char *account,
                      const char *region,
                      const char *service,
                      const char *source_type,
                      const char *source_id,
                      const char *source_arn,
                      const char *category,
                      const char *message)
{
  g_return_if_fail (world->in_transaction);

  slip_world_store_write (world->store,
                          "INSERT INTO events (time, account, region, service, source_type, "
                          "source_id, source_arn, category, message, seal) "
                          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,"
                          " row_seal (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9))",
                          "issssssss", slip_world_now (world), account, region, service,
                          source_type, source_id, source_arn, category, message);
}

void
slip_world_foreach_event (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *service,
                          gint64 since_us,
                          gint64 after,
                          SlipWorldEventFunc func,
                          gpointer data)
{
  sqlite3_stmt *row = slip_world_store_query (
      world->store,
      "SELECT seq, time, source_type, source_id, source_arn, category, message FROM events "
      "WHERE account = ? AND region = ? AND service = ? AND time >= ? AND seq > ? ORDER BY seq",
      "sssii", account, region, service, since_us, after);

  while (slip_world_store_step (world->store, row))
    {
      SlipWorldEvent event = {
          .sequence = sqlite3_column_int64 (row, 0),
          .time_us = sqlite3_column_int64 (row, 1),
          .source_type = (const char *)sqlite3_column_text (row, 2),
          .source_id = (const char *)sqlite3_column_text (row, 3),
          .source_arn = (const char *)sqlite3_column_text (row, 4),
          .category = (const char *)sqlite3_column_text (row, 5),
          .message = (const char *)sqlite3_column_text (row, 6),
      };

      if (!func (&event, data))
        break;
    }
  slip_world_store_done (row);
}
