/* SPDX-License-Identifier: MIT */

/* Query and Scan, of tables and their indexes, in pages of one megabyte. A filter is applied after a
 * page's items were read: a page may be empty and not the last. */

#include "slip-dynamodb-item.h"

#include <string.h>

#include "slip-json.h"
#include "slip-world-items.h"

#define PAGE_BYTES (1024 * 1024)
#define MAX_SEGMENTS 1000000

typedef struct
{
  SlipServiceContext *ctx;
  const SlipWorldRecord *table;
  JsonObject *input;
  JsonObject *index; /* NULL: the table itself */
  gboolean global;
  SlipDynamodbNode *keys;
  SlipDynamodbNode *filter;
  SlipDynamodbNode *projection;
  const char *hash_name; /* of the table or the index */
  const char *range_name;
  JsonObject *hash; /* the partition of a query */
  JsonObject *start;
  char *start_order; /* of queries */
  gboolean backwards;
  gboolean count_only;
  gint64 limit;
  gint64 segment, segments;
  gint64 scanned, bytes;
  GPtrArray *page; /* element-type JsonObject: scanned items that matched */
  JsonObject *last;
  gboolean more;
} Walk;

static void
walk_clear (Walk *walk)
{
  g_clear_pointer (&walk->keys, slip_dynamodb_node_free);
  g_clear_pointer (&walk->filter, slip_dynamodb_node_free);
  g_clear_pointer (&walk->projection, slip_dynamodb_node_free);
  g_clear_pointer (&walk->page, g_ptr_array_unref);
  g_clear_pointer (&walk->last, json_object_unref);
  g_clear_pointer (&walk->start, json_object_unref);
  g_clear_pointer (&walk->start_order, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Walk, walk_clear)

/* --- What a key condition may be: hash = value, and perhaps one condition of the sort key --- */

static gboolean
is_path_to (const SlipDynamodbNode *node, const char *name)
{
  return node->kind == SLIP_DYNAMODB_PATH && node->steps->len == 1
         && g_strcmp0 (g_array_index (node->steps, SlipDynamodbStep, 0).name, name) == 0;
}

static gboolean
is_hash_condition (Walk *walk, const SlipDynamodbNode *node)
{
  if (node->kind != SLIP_DYNAMODB_COMPARE || !g_str_equal (node->name, "=")
      || !is_path_to (slip_dynamodb_child (node, 0), walk->hash_name)
      || slip_dynamodb_child (node, 1)->kind != SLIP_DYNAMODB_VALUE)
    return FALSE;
  walk->hash = slip_dynamodb_child (node, 1)->value;
  return TRUE;
}

static gboolean
is_range_condition (Walk *walk, const SlipDynamodbNode *node)
{
  gboolean kind_fits
      = (node->kind == SLIP_DYNAMODB_COMPARE && !g_str_equal (node->name, "<>"))
        || node->kind == SLIP_DYNAMODB_BETWEEN
        || (node->kind == SLIP_DYNAMODB_CALL && g_str_equal (node->name, "begins_with"));

  return walk->range_name != NULL && kind_fits
         && is_path_to (slip_dynamodb_child (node, 0), walk->range_name);
}

static gboolean
check_key_condition (Walk *walk, GError **error)
{
  const SlipDynamodbNode *node = walk->keys;
  const char *type = slip_dynamodb_attribute_type (walk->table->data, walk->hash_name);

  if (node == NULL)
    slip_dynamodb_invalid (error,
                           "Either the KeyConditions or KeyConditionExpression parameter must "
                           "be specified in the request.");
  else if (!is_hash_condition (walk, node)
           && !(node->kind == SLIP_DYNAMODB_AND
                && ((is_hash_condition (walk, slip_dynamodb_child (node, 0))
                     && is_range_condition (walk, slip_dynamodb_child (node, 1)))
                    || (is_hash_condition (walk, slip_dynamodb_child (node, 1))
                        && is_range_condition (walk, slip_dynamodb_child (node, 0))))))
    slip_dynamodb_invalid (error, "Query condition missed key schema element: %s", walk->hash_name);
  else if (!g_str_equal (slip_dynamodb_type (walk->hash), type))
    slip_dynamodb_invalid (error, "One or more parameter values were invalid: Condition parameter "
                                  "type does not match schema type");
  else
    return TRUE;
  return FALSE;
}

/* --- Reading --- */

/* Only attributes that an index projects are in its items. */
static JsonObject *
projected (Walk *walk, JsonObject *item)
{
  JsonObject *projection
      = walk->index != NULL ? slip_json_object (walk->index, "Projection") : NULL;
  const char *type = projection != NULL ? slip_json_string (projection, "ProjectionType") : "ALL";
  JsonArray *more;
  JsonObject *result;

  if (g_strcmp0 (type, "ALL") == 0
      || (!walk->global
          && g_strcmp0 (slip_json_string (walk->input, "Select"), "ALL_ATTRIBUTES") == 0))
    return json_object_ref (item);
  result = slip_dynamodb_only_keys (walk->table->data, walk->index, item);
  more = slip_json_array (projection, "NonKeyAttributes");
  for (guint i = 0; more != NULL && i < json_array_get_length (more); i++)
    {
      const char *name = json_array_get_string_element (more, i);

      if (slip_json_object (item, name) != NULL)
        json_object_set_object_member (result, name,
                                       json_object_ref (slip_json_object (item, name)));
    }
  return result;
}

static gboolean
is_in_index (Walk *walk, JsonObject *item)
{
  return walk->index == NULL
         || (slip_json_object (item, walk->hash_name) != NULL
             && (walk->range_name == NULL || slip_json_object (item, walk->range_name) != NULL));
}

/* Where an item stands in the order of what is queried. */
static char *
order_of (Walk *walk, JsonObject *item, const char *hash, const char *range)
{
  JsonObject *value = walk->index != NULL && walk->range_name != NULL
                          ? slip_json_object (item, walk->range_name)
                          : NULL;
  g_autofree char *first = value != NULL ? slip_dynamodb_value_key (value) : g_strdup ("");

  return g_strdup_printf ("%s\001%s\001%s", first, hash, range);
}

/* Whether the item comes behind the one where the page before ended, which may be gone. */
static gboolean
is_behind_start (Walk *walk, const char *order)
{
  int difference = walk->start_order != NULL ? strcmp (order, walk->start_order) : 0;

  return walk->start_order == NULL || (walk->backwards ? difference < 0 : difference > 0);
}

/* Takes one more item on the page; FALSE when the page is full. */
static gboolean
take (Walk *walk, JsonObject *item, gint64 size)
{
  g_autoptr (JsonObject) seen = NULL;

  if (walk->scanned == walk->limit || walk->bytes >= PAGE_BYTES)
    {
      walk->more = TRUE;
      return FALSE;
    }
  walk->scanned++;
  walk->bytes += size;
  g_clear_pointer (&walk->last, json_object_unref);
  walk->last = slip_dynamodb_only_keys (walk->table->data, walk->index, item);
  seen = projected (walk, item);
  if (slip_dynamodb_matches (walk->filter, seen))
    g_ptr_array_add (walk->page, g_steal_pointer (&seen));
  return TRUE;
}

/* A query of a table: its items come in order already. */
static gboolean
visit_partition (const SlipWorldItem *stored, gpointer data)
{
  Walk *walk = data;
  g_autoptr (JsonObject) item = slip_dynamodb_item_from_text (stored->text);

  g_autofree char *order = order_of (walk, item, stored->hash, stored->range);

  return !slip_dynamodb_matches (walk->keys, item) || !is_behind_start (walk, order)
         || take (walk, item, stored->size);
}

/* Segments divide the keys evenly and always in the same way. */
static gboolean
is_in_segment (Walk *walk, const SlipWorldItem *stored)
{
  return walk->segments <= 1
         || (gint64)(g_str_hash (stored->hash) % (guint)walk->segments) == walk->segment;
}

static gboolean
visit_all (const SlipWorldItem *stored, gpointer data)
{
  Walk *walk = data;
  g_autoptr (JsonObject) item = NULL;

  if (!is_in_segment (walk, stored))
    return TRUE;
  item = slip_dynamodb_item_from_text (stored->text);
  return !is_in_index (walk, item) || take (walk, item, stored->size);
}

typedef struct
{
  JsonObject *item;
  gint64 size;
  char *order;
} Entry;

static void
clear_entry (gpointer entry)
{
  json_object_unref (((Entry *)entry)->item);
  g_free (((Entry *)entry)->order);
}

typedef struct
{
  Walk *walk;
  GArray *entries;
} Collecting;

static gboolean
collect (const SlipWorldItem *stored, gpointer data)
{
  Collecting *collecting = data;
  Walk *walk = collecting->walk;
  g_autoptr (JsonObject) item = slip_dynamodb_item_from_text (stored->text);
  Entry entry = {NULL, stored->size, NULL};

  if (!is_in_index (walk, item) || !slip_dynamodb_matches (walk->keys, item))
    return TRUE;
  entry.order = order_of (walk, item, stored->hash, stored->range);
  entry.item = g_steal_pointer (&item);
  g_array_append_val (collecting->entries, entry);
  return TRUE;
}

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  return strcmp (((const Entry *)a)->order, ((const Entry *)b)->order);
}

/* A query of an index: its items are found among all and brought into its order. */
static void
query_index (Walk *walk)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  Collecting collecting = {walk, entries};

  g_array_set_clear_func (entries, clear_entry);
  slip_world_items_foreach (walk->ctx->world, slip_dynamodb_collection (walk->table), NULL, NULL,
                            collect, &collecting);
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = &g_array_index (entries, Entry, walk->backwards ? entries->len - 1 - i : i);

      if (is_behind_start (walk, entry->order) && !take (walk, entry->item, entry->size))
        break;
    }
}

/* --- Requests --- */

static gboolean
prepare_place (Walk *walk, GError **error)
{
  const char *name = slip_json_string (walk->input, "IndexName");

  walk->table
      = slip_dynamodb_need_open (walk->ctx, slip_json_string (walk->input, "TableName"), error);
  if (walk->table == NULL || !slip_dynamodb_refuse_legacy (walk->input, error))
    return FALSE;
  if (name != NULL)
    {
      walk->index = slip_dynamodb_find_index (walk->table->data, name, &walk->global);
      if (walk->index == NULL
          || (walk->global
              && g_strcmp0 (slip_json_string (walk->index, "IndexStatus"), "CREATING") == 0))
        {
          slip_dynamodb_invalid (error, "The table does not have the specified index: %s", name);
          return FALSE;
        }
    }
  if (walk->global && slip_json_bool (walk->input, "ConsistentRead", FALSE))
    {
      slip_dynamodb_invalid (error,
                             "Consistent reads are not supported on global secondary indexes");
      return FALSE;
    }
  slip_dynamodb_key_names (
      slip_json_array (walk->index != NULL ? walk->index : walk->table->data, "KeySchema"),
      &walk->hash_name, &walk->range_name);
  return TRUE;
}

static gboolean
prepare_expressions (Walk *walk, gboolean query, GError **error)
{
  g_auto (SlipDynamodbNames) names = {0};
  g_autoptr (GError) problem = NULL;

  slip_dynamodb_names_init (&names, walk->input);
  walk->filter = slip_dynamodb_parse_condition (walk->input, "FilterExpression", &names, &problem);
  if (problem == NULL)
    walk->projection = slip_dynamodb_parse_projection (walk->input, &names, &problem);
  if (problem == NULL && query)
    walk->keys
        = slip_dynamodb_parse_condition (walk->input, "KeyConditionExpression", &names, &problem);
  if (problem == NULL && slip_dynamodb_names_check (&names, &problem)
      && (!query || check_key_condition (walk, &problem)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gboolean
prepare_select (Walk *walk, GError **error)
{
  const char *select = slip_json_string (walk->input, "Select");
  JsonObject *projection
      = walk->index != NULL ? slip_json_object (walk->index, "Projection") : NULL;

  walk->count_only = g_strcmp0 (select, "COUNT") == 0;
  if (select != NULL && walk->projection != NULL && !g_str_equal (select, "SPECIFIC_ATTRIBUTES"))
    slip_dynamodb_invalid (error, "Cannot specify the ProjectionExpression when choosing to get %s",
                           select);
  else if (g_strcmp0 (select, "ALL_ATTRIBUTES") == 0 && walk->global
           && g_strcmp0 (slip_json_string (projection, "ProjectionType"), "ALL") != 0)
    slip_dynamodb_invalid (
        error,
        "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is "
        "not supported for global secondary index %s because its projection type "
        "is not ALL",
        slip_json_string (walk->index, "IndexName"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
prepare_page (Walk *walk, GError **error)
{
  JsonObject *start = slip_json_object (walk->input, "ExclusiveStartKey");

  walk->page = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);
  walk->limit = slip_json_int (walk->input, "Limit", -1);
  walk->backwards = !slip_json_bool (walk->input, "ScanIndexForward", TRUE);
  if (walk->limit == 0 || walk->limit < -1)
    {
      slip_dynamodb_invalid (error,
                             "1 validation error detected: Value '%" G_GINT64_FORMAT
                             "' at 'limit' failed to satisfy constraint: Member must have "
                             "value greater than or equal to 1",
                             walk->limit);
      return FALSE;
    }
  walk->start = start != NULL ? slip_dynamodb_item_normal (start, error) : NULL;
  return start == NULL || walk->start != NULL;
}

/* The table's keys of where the page before ended. */
static gboolean
read_start (Walk *walk, SlipDynamodbKey *key, GError **error)
{
  if (walk->start == NULL || slip_dynamodb_key_of (walk->table, walk->start, FALSE, key, NULL))
    return TRUE;
  slip_dynamodb_invalid (error, "The provided starting key is invalid");
  return FALSE;
}

static JsonNode *
finish (Walk *walk)
{
  JsonObject *output = json_object_new ();
  const char *index = walk->global ? slip_json_string (walk->index, "IndexName") : NULL;
  double units = slip_dynamodb_read_units (walk->bytes,
                                           slip_json_bool (walk->input, "ConsistentRead", FALSE));
  JsonObject *consumed;

  slip_dynamodb_consume (walk->ctx->world, walk->table->account, walk->table->region,
                         walk->table->id, index, units, 0);
  if (!walk->count_only)
    {
      JsonArray *items = json_array_new ();

      for (guint i = 0; i < walk->page->len; i++)
        json_array_add_object_element (
            items, slip_dynamodb_project (walk->projection, walk->page->pdata[i]));
      json_object_set_array_member (output, "Items", items);
    }
  json_object_set_int_member (output, "Count", walk->page->len);
  json_object_set_int_member (output, "ScannedCount", walk->scanned);
  /* AWS tells the last key also when a limit was met exactly at the end. */
  if (walk->last != NULL && (walk->more || walk->scanned == walk->limit))
    json_object_set_object_member (output, "LastEvaluatedKey", json_object_ref (walk->last));
  consumed = slip_dynamodb_show_consumed (walk->table->id, index, units, walk->input);
  if (consumed != NULL)
    json_object_set_object_member (output, "ConsumedCapacity", consumed);
  return slip_json_new_object (output);
}

JsonNode *
slip_dynamodb_query (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_auto (Walk) walk = {.ctx = ctx, .input = input};
  g_auto (SlipDynamodbKey) after = {NULL, NULL};

  if (!prepare_place (&walk, error) || !prepare_expressions (&walk, TRUE, error)
      || !prepare_select (&walk, error) || !prepare_page (&walk, error)
      || !read_start (&walk, &after, error))
    return NULL;
  if (after.hash != NULL)
    walk.start_order = order_of (&walk, walk.start, after.hash, after.range);
  if (walk.index != NULL)
    query_index (&walk);
  else
    {
      g_autofree char *hash = slip_dynamodb_value_key (walk.hash);

      slip_world_items_foreach_of (ctx->world, slip_dynamodb_collection (walk.table), hash,
                                   walk.backwards, visit_partition, &walk);
    }
  return finish (&walk);
}

static gboolean
prepare_segment (Walk *walk, GError **error)
{
  gboolean has_segment = json_object_has_member (walk->input, "Segment");
  gboolean has_total = json_object_has_member (walk->input, "TotalSegments");

  walk->segment = slip_json_int (walk->input, "Segment", 0);
  walk->segments = slip_json_int (walk->input, "TotalSegments", 1);
  if (has_segment != has_total)
    slip_dynamodb_invalid (error,
                           "The %s parameter is required but was not present in the request "
                           "when parameter %s is present",
                           has_segment ? "TotalSegments" : "Segment",
                           has_segment ? "Segment" : "TotalSegments");
  else if (walk->segments < 1 || walk->segments > MAX_SEGMENTS || walk->segment < 0
           || walk->segment >= walk->segments)
    slip_dynamodb_invalid (error,
                           "The Segment parameter is zero-based and must be less than parameter "
                           "TotalSegments: Segment: %" G_GINT64_FORMAT
                           " is not less than TotalSegments: %" G_GINT64_FORMAT,
                           walk->segment, walk->segments);
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_dynamodb_scan (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_auto (Walk) walk = {.ctx = ctx, .input = input};
  g_auto (SlipDynamodbKey) after = {NULL, NULL};

  if (!prepare_place (&walk, error) || !prepare_expressions (&walk, FALSE, error)
      || !prepare_select (&walk, error) || !prepare_page (&walk, error)
      || !prepare_segment (&walk, error) || !read_start (&walk, &after, error))
    return NULL;
  slip_world_items_foreach (ctx->world, slip_dynamodb_collection (walk.table), after.hash,
                            after.range, visit_all, &walk);
  return finish (&walk);
}
