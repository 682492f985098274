/* SPDX-License-Identifier: MIT */
/* What a list of tables asks DynamoDB, which lists only names: each table is described, with its backups
 * and its time to live. A refusal of the last two leaves them unknown. */

#include "slip-estate-record.h"
#include "slip-json.h"

static SlipEstateRecord *
read_table (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_TABLE, item, region,
                                                     slip_json_string (item, "TableArn"),
                                                     slip_json_string (item, "TableName"));
  JsonObject *billing = slip_json_object (item, "BillingModeSummary");

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "TableStatus"));
  record->detail = g_strdup (billing != NULL ? slip_json_string (billing, "BillingMode") : NULL);
  if (record->detail == NULL)
    record->detail = g_strdup ("PROVISIONED");
  record->size = slip_json_int (item, "TableSizeBytes", -1);
  record->created = slip_estate_item_time (item, "CreationDateTime");
  record->is_parent = slip_json_array (item, "GlobalSecondaryIndexes") != NULL
                      || slip_json_array (item, "LocalSecondaryIndexes") != NULL
                      || slip_json_array (item, "Replicas") != NULL;
  return record;
}

static void
add_index (GPtrArray *records,
           JsonObject *table,
           JsonObject *index,
           const char *region,
           gboolean is_global)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_INDEX, index, region,
                                                     slip_json_string (index, "IndexArn"),
                                                     slip_json_string (index, "IndexName"));

  if (record == NULL)
    return;
  record->parent_id = g_strdup (slip_json_string (table, "TableArn"));
  record->status = g_strdup (slip_json_string (index, "IndexStatus"));
  record->detail = g_strdup (is_global ? "global index" : "local index");
  record->size = slip_json_int (index, "IndexSizeBytes", -1);
  g_ptr_array_add (records, record);
}

static void
add_replica (GPtrArray *records, JsonObject *table, JsonObject *replica)
{
  const char *region = slip_json_string (replica, "RegionName");
  const char *arn = slip_json_string (table, "TableArn");
  g_autofree char *id = arn != NULL ? g_strdup_printf ("%s/replica/%s", arn, region) : NULL;
  SlipEstateRecord *record
      = slip_estate_record_new (SLIP_RESOURCE_REPLICA, replica, region, id, region);

  if (record == NULL)
    return;
  record->parent_id = g_strdup (arn);
  record->status = g_strdup (slip_json_string (replica, "ReplicaStatus"));
  record->detail = g_strdup ("replica");
  g_ptr_array_add (records, record);
}

static void
read_table_parts (JsonObject *item, const char *region, GPtrArray *records)
{
  static const char *const members[]
      = {"GlobalSecondaryIndexes", "LocalSecondaryIndexes", "Replicas"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      JsonArray *array = slip_json_array (item, members[i]);

      for (guint j = 0; array != NULL && j < json_array_get_length (array); j++)
        {
          JsonObject *part = slip_json_node_object (json_array_get_element (array, j));

          if (part != NULL && i == 2)
            add_replica (records, item, part);
          else if (part != NULL)
            add_index (records, item, part, region, i == 0);
        }
    }
}

static const SlipEstateDescription table_descriptions[] = {
    {.operation = "DescribeTable", .argument = "TableName", .answer = "Table"},
    {.operation = "DescribeContinuousBackups",
     .argument = "TableName",
     .member = "TableName",
     .answer = "ContinuousBackupsDescription",
     .as = "ContinuousBackupsDescription",
     .is_optional = TRUE},
    {.operation = "DescribeTimeToLive",
     .argument = "TableName",
     .member = "TableName",
     .answer = "TimeToLiveDescription",
     .as = "TimeToLiveDescription",
     .is_optional = TRUE},
    {NULL},
};

const SlipEstateListing slip_estate_tables[1] = {
    {.label = "tables",
     .service = "dynamodb",
     .operation = "ListTables",
     .items = "TableNames",
     .read = read_table,
     .read_more = read_table_parts,
     .describe = table_descriptions},
};
