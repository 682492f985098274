/* SPDX-License-Identifier: MIT */

/* DynamoDB: its list of operations and the small ones. Tables are in slip-dynamodb-table.c and the
 * files beside it, items in -item.c, -batch.c and -query.c, expressions in -parse.c, -evaluate.c and
 * -update.c. */

#include "slip-dynamodb.h"

#include "slip-json.h"

#define PAGE_SIZE 100
#define MAX_TABLES 2500

/* As far as an account may go without asking; on demand and per table. */
#define MAX_CAPACITY 80000
#define MAX_TABLE_CAPACITY 40000

static JsonNode *
create_table (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "TableName");
  gint64 most
      = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "dynamodb.tables", MAX_TABLES);
  JsonObject *output, *data;
  const SlipWorldRecord *table;

  if (!slip_dynamodb_check_name (name, error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name) != NULL)
    return slip_service_error (error, 400, "ResourceInUseException", "Table already exists: %s",
                               name);
  if (slip_world_count (ctx->world, ctx->account, ctx->region, DDB_TABLE) >= most)
    return slip_service_error (error, 400, "LimitExceededException",
                               "Subscriber limit exceeded: There is a limit of %" G_GINT64_FORMAT
                               " tables per region",
                               most);
  data = slip_dynamodb_new_table (ctx->world, ctx->account, ctx->region, input, error);
  if (data == NULL)
    return NULL;
  if (slip_json_string (input, "ResourcePolicy") != NULL)
    {
      json_object_set_string_member (data, "policy", slip_json_string (input, "ResourcePolicy"));
      json_object_set_string_member (data, "policy_revision", "1");
    }
  slip_world_put (ctx->world, ctx->account, ctx->region, DDB_TABLE, name, data);
  slip_dynamodb_keep_count (ctx->world, ctx->account, ctx->region, name);
  slip_dynamodb_schedule (ctx->world, DDB_CREATE_SECONDS, "dynamodb.table-created", ctx->account,
                          ctx->region, name);
  table = slip_world_get (ctx->world, ctx->account, ctx->region, DDB_TABLE, name);
  output = json_object_new ();
  json_object_set_object_member (output, "TableDescription",
                                 slip_dynamodb_show (ctx->world, table));
  return slip_json_new_object (output);
}

static JsonNode *
describe_table (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *table
      = slip_dynamodb_need (ctx, slip_json_string (input, "TableName"), error);
  JsonObject *output;

  if (table == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "Table", slip_dynamodb_show (ctx->world, table));
  return slip_json_new_object (output);
}

typedef struct
{
  JsonArray *names;
  guint limit;
  const char *last;
  gboolean more;
} Listing;

static gboolean
list_one (const SlipWorldRecord *table, gpointer data)
{
  Listing *listing = data;

  if (json_array_get_length (listing->names) == listing->limit)
    {
      listing->more = TRUE;
      return FALSE;
    }
  json_array_add_string_element (listing->names, table->id);
  listing->last = table->id;
  return TRUE;
}

static JsonNode *
list_tables (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 limit = slip_json_int (input, "Limit", PAGE_SIZE);
  Listing listing = {NULL, (guint)limit, NULL, FALSE};
  JsonObject *output;

  if (limit < 1 || limit > PAGE_SIZE)
    return slip_dynamodb_invalid (
        error,
        "1 validation error detected: Value '%" G_GINT64_FORMAT
        "' at 'limit' failed to satisfy constraint: Member must have value "
        "between 1 and %d",
        limit, PAGE_SIZE);
  listing.names = json_array_new ();
  slip_world_foreach (ctx->world, ctx->account, ctx->region, DDB_TABLE,
                      slip_json_string (input, "ExclusiveStartTableName"), list_one, &listing);
  output = json_object_new ();
  json_object_set_array_member (output, "TableNames", listing.names);
  if (listing.more)
    json_object_set_string_member (output, "LastEvaluatedTableName", listing.last);
  return slip_json_new_object (output);
}

static JsonNode *
describe_limits (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const struct
  {
    const char *member;
    const char *quota;
    gint64 fallback;
  } limits[] = {
      {"AccountMaxReadCapacityUnits", "dynamodb.account-read-capacity", MAX_CAPACITY},
      {"AccountMaxWriteCapacityUnits", "dynamodb.account-write-capacity", MAX_CAPACITY},
      {"TableMaxReadCapacityUnits", "dynamodb.table-read-capacity", MAX_TABLE_CAPACITY},
      {"TableMaxWriteCapacityUnits", "dynamodb.table-write-capacity", MAX_TABLE_CAPACITY},
  };
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (limits); i++)
    json_object_set_int_member (output, limits[i].member,
                                slip_world_get_quota (ctx->world, ctx->account, ctx->region,
                                                      limits[i].quota, limits[i].fallback));
  return slip_json_new_object (output);
}

static const SlipServiceOperation operations[] = {
    {"BatchGetItem", slip_dynamodb_batch_get},
    {"BatchWriteItem", slip_dynamodb_batch_write},
    {"CreateBackup", slip_dynamodb_create_backup},
    {"CreateTable", create_table},
    {"DeleteBackup", slip_dynamodb_delete_backup},
    {"DeleteItem", slip_dynamodb_delete_item},
    {"DeleteResourcePolicy", slip_dynamodb_delete_policy},
    {"DeleteTable", slip_dynamodb_delete_table},
    {"DescribeBackup", slip_dynamodb_describe_backup},
    {"DescribeContinuousBackups", slip_dynamodb_describe_pitr},
    {"DescribeContributorInsights", slip_dynamodb_describe_insights},
    {"DescribeKinesisStreamingDestination", slip_dynamodb_describe_kinesis},
    {"DescribeLimits", describe_limits},
    {"DescribeTable", describe_table},
    {"DescribeTimeToLive", slip_dynamodb_describe_ttl},
    {"GetItem", slip_dynamodb_get_item},
    {"GetResourcePolicy", slip_dynamodb_get_policy},
    {"ListBackups", slip_dynamodb_list_backups},
    {"ListTables", list_tables},
    {"ListTagsOfResource", slip_dynamodb_list_tags},
    {"PutItem", slip_dynamodb_put_item},
    {"PutResourcePolicy", slip_dynamodb_put_policy},
    {"Query", slip_dynamodb_query},
    {"RestoreTableFromBackup", slip_dynamodb_restore_backup},
    {"RestoreTableToPointInTime", slip_dynamodb_restore_time},
    {"Scan", slip_dynamodb_scan},
    {"TagResource", slip_dynamodb_tag},
    {"TransactGetItems", slip_dynamodb_transact_get},
    {"TransactWriteItems", slip_dynamodb_transact_write},
    {"UntagResource", slip_dynamodb_untag},
    {"UpdateContinuousBackups", slip_dynamodb_update_pitr},
    {"UpdateContributorInsights", slip_dynamodb_update_insights},
    {"UpdateItem", slip_dynamodb_update_item},
    {"UpdateTable", slip_dynamodb_update_table},
    {"UpdateTimeToLive", slip_dynamodb_update_ttl},
    {NULL, NULL},
};

const SlipService slip_dynamodb_service = {
    .name = "dynamodb",
    .operations = operations,
    .attach = slip_dynamodb_attach,
    .seed = slip_dynamodb_seed,
};
