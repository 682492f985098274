/* SPDX-License-Identifier: MIT */
/* What lists of databases and of their snapshots ask RDS, and how an item becomes a row. */

#include "slip-estate-record.h"
#include "slip-json.h"

#include <string.h>

static gint64
storage_size (JsonObject *item)
{
  gint64 gib = slip_json_int (item, "AllocatedStorage", -1);

  return gib >= 0 ? gib << 30 : -1;
}

static char *
engine_detail (JsonObject *item)
{
  const char *engine = slip_json_string (item, "Engine");
  const char *version = slip_json_string (item, "EngineVersion");

  if (engine == NULL)
    return NULL;
  return version != NULL ? g_strdup_printf ("%s %s", engine, version) : g_strdup (engine);
}

static SlipEstateRecord *
read_global_cluster (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (
      SLIP_RESOURCE_GLOBAL_CLUSTER, item, NULL, slip_json_string (item, "GlobalClusterArn"),
      slip_json_string (item, "GlobalClusterIdentifier"));
  JsonArray *members = slip_json_array (item, "GlobalClusterMembers");
  g_autoptr (GStrvBuilder) adopts = g_strv_builder_new ();

  if (record == NULL)
    return NULL;
  for (guint i = 0; members != NULL && i < json_array_get_length (members); i++)
    {
      JsonObject *member = slip_json_node_object (json_array_get_element (members, i));
      const char *arn = member != NULL ? slip_json_string (member, "DBClusterArn") : NULL;

      if (arn != NULL)
        g_strv_builder_add (adopts, arn);
    }
  record->adopts = g_strv_builder_end (adopts);
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = engine_detail (item);
  return record;
}

static SlipEstateRecord *
read_cluster (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (
      SLIP_RESOURCE_CLUSTER, item, region, slip_json_string (item, "DBClusterArn"),
      slip_json_string (item, "DBClusterIdentifier"));

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = engine_detail (item);
  record->size = storage_size (item);
  record->created = slip_estate_item_time (item, "ClusterCreateTime");
  return record;
}

static SlipEstateRecord *
read_instance (JsonObject *item, const char *region)
{
  const char *arn = slip_json_string (item, "DBInstanceArn");
  const char *cluster = slip_json_string (item, "DBClusterIdentifier");
  const char *db = arn != NULL ? strstr (arn, ":db:") : NULL;
  SlipEstateRecord *record = slip_estate_record_new (
      SLIP_RESOURCE_INSTANCE, item, region, arn, slip_json_string (item, "DBInstanceIdentifier"));

  if (record == NULL)
    return NULL;
  if (cluster != NULL && db != NULL)
    record->parent_id = g_strdup_printf ("%.*s:cluster:%s", (int)(db - arn), arn, cluster);
  record->status = g_strdup (slip_json_string (item, "DBInstanceStatus"));
  record->detail = g_strdup (slip_json_string (item, "DBInstanceClass"));
  record->created = slip_estate_item_time (item, "InstanceCreateTime");
  return record;
}

static SlipEstateRecord *
read_snapshot (JsonObject *item, const char *region)
{
  const char *arn = slip_json_string (item, "DBClusterSnapshotArn");
  const char *cluster = slip_json_string (item, "DBClusterIdentifier");
  SlipEstateRecord *record
      = slip_estate_record_new (SLIP_RESOURCE_SNAPSHOT, item, region, arn,
                                slip_json_string (item, "DBClusterSnapshotIdentifier"));

  if (record == NULL)
    return NULL;
  if (cluster == NULL)
    cluster = "(no cluster)";
  record->parent_id = g_strdup_printf ("snapshots:%s:%s", region, cluster);
  record->parent_name = g_strdup (cluster);
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = g_strdup (slip_json_string (item, "SnapshotType"));
  record->size = storage_size (item);
  record->created = slip_estate_item_time (item, "SnapshotCreateTime");
  return record;
}

const SlipEstateListing slip_estate_databases[3] = {
    {"global", "rds", "DescribeGlobalClusters", "{\"MaxRecords\":100}", "GlobalClusters",
     read_global_cluster},
    {"clusters", "rds", "DescribeDBClusters", "{\"MaxRecords\":100}", "DBClusters", read_cluster},
    {"instances", "rds", "DescribeDBInstances", "{\"MaxRecords\":100}", "DBInstances",
     read_instance},
};

/* One listing a type: they run side by side, and none of them waits for the longest. Manual comes
 * first because it is what people look for. */
const SlipEstateListing slip_estate_snapshots[4] = {
    {"manual", "rds", "DescribeDBClusterSnapshots",
     "{\"SnapshotType\":\"manual\",\"MaxRecords\":100}", "DBClusterSnapshots", read_snapshot},
    {"automated", "rds", "DescribeDBClusterSnapshots",
     "{\"SnapshotType\":\"automated\",\"MaxRecords\":100}", "DBClusterSnapshots", read_snapshot},
    {"shared", "rds", "DescribeDBClusterSnapshots",
     "{\"SnapshotType\":\"shared\",\"IncludeShared\":true,\"MaxRecords\":100}",
     "DBClusterSnapshots", read_snapshot},
    {"awsbackup", "rds", "DescribeDBClusterSnapshots",
     "{\"SnapshotType\":\"awsbackup\",\"MaxRecords\":100}", "DBClusterSnapshots", read_snapshot},
};
