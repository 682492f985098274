/* SPDX-License-Identifier: MIT */
/* What each kind of list asks AWS, and how an item of the answer becomes a row. A new kind is a new
 * table here and nothing else. Runs on worker threads; touches no list. */

#include "slip-estate-record.h"
#include "slip-json.h"

#include <string.h>

void
slip_estate_record_free (SlipEstateRecord *record)
{
  if (record == NULL)
    return;
  g_free (record->id);
  g_free (record->name);
  g_free (record->region);
  g_free (record->status);
  g_free (record->detail);
  g_free (record->parent_id);
  g_free (record->parent_name);
  g_strfreev (record->adopts);
  g_free (record->text);
  g_free (record);
}

static SlipEstateRecord *
record_new (
    SlipResourceKind kind, JsonObject *item, const char *region, const char *arn, const char *name)
{
  SlipEstateRecord *record;
  g_autoptr (JsonNode) node = NULL;

  /* An item without its identity is no row; the model says both are always there. */
  if (arn == NULL || name == NULL)
    return NULL;
  node = json_node_init_object (json_node_alloc (), item);
  record = g_new0 (SlipEstateRecord, 1);
  record->kind = kind;
  record->id = g_strdup (arn);
  record->name = g_strdup (name);
  record->region = g_strdup (region);
  record->text = slip_json_to_text (node, FALSE);
  record->size_gib = -1;
  return record;
}

static gint64
time_member (JsonObject *item, const char *name)
{
  gint64 time = 0;

  return slip_time_parse (slip_json_string (item, name), &time) ? time : 0;
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
  SlipEstateRecord *record = record_new (SLIP_RESOURCE_GLOBAL_CLUSTER, item, NULL,
                                         slip_json_string (item, "GlobalClusterArn"),
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
  SlipEstateRecord *record
      = record_new (SLIP_RESOURCE_CLUSTER, item, region, slip_json_string (item, "DBClusterArn"),
                    slip_json_string (item, "DBClusterIdentifier"));

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = engine_detail (item);
  record->size_gib = slip_json_int (item, "AllocatedStorage", -1);
  record->created = time_member (item, "ClusterCreateTime");
  return record;
}

static SlipEstateRecord *
read_instance (JsonObject *item, const char *region)
{
  const char *arn = slip_json_string (item, "DBInstanceArn");
  const char *cluster = slip_json_string (item, "DBClusterIdentifier");
  const char *db = arn != NULL ? strstr (arn, ":db:") : NULL;
  SlipEstateRecord *record = record_new (SLIP_RESOURCE_INSTANCE, item, region, arn,
                                         slip_json_string (item, "DBInstanceIdentifier"));

  if (record == NULL)
    return NULL;
  if (cluster != NULL && db != NULL)
    record->parent_id = g_strdup_printf ("%.*s:cluster:%s", (int)(db - arn), arn, cluster);
  record->status = g_strdup (slip_json_string (item, "DBInstanceStatus"));
  record->detail = g_strdup (slip_json_string (item, "DBInstanceClass"));
  record->created = time_member (item, "InstanceCreateTime");
  return record;
}

static SlipEstateRecord *
read_snapshot (JsonObject *item, const char *region)
{
  const char *arn = slip_json_string (item, "DBClusterSnapshotArn");
  const char *cluster = slip_json_string (item, "DBClusterIdentifier");
  SlipEstateRecord *record = record_new (SLIP_RESOURCE_SNAPSHOT, item, region, arn,
                                         slip_json_string (item, "DBClusterSnapshotIdentifier"));

  if (record == NULL)
    return NULL;
  if (cluster == NULL)
    cluster = "(no cluster)";
  record->parent_id = g_strdup_printf ("snapshots:%s:%s", region, cluster);
  record->parent_name = g_strdup (cluster);
  record->status = g_strdup (slip_json_string (item, "Status"));
  record->detail = g_strdup (slip_json_string (item, "SnapshotType"));
  record->size_gib = slip_json_int (item, "AllocatedStorage", -1);
  record->created = time_member (item, "SnapshotCreateTime");
  return record;
}

static const SlipEstateListing databases[] = {
    {"global", "rds", "DescribeGlobalClusters", "{\"MaxRecords\":100}", "GlobalClusters",
     read_global_cluster},
    {"clusters", "rds", "DescribeDBClusters", "{\"MaxRecords\":100}", "DBClusters", read_cluster},
    {"instances", "rds", "DescribeDBInstances", "{\"MaxRecords\":100}", "DBInstances",
     read_instance},
};

/* One listing a type: they run side by side, and none of them waits for the longest. Manual comes
 * first because it is what people look for. */
static const SlipEstateListing snapshots[] = {
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

const SlipEstateListing *
slip_estate_listings (SlipEstateKind kind, guint *n_listings)
{
  switch (kind)
    {
    case SLIP_ESTATE_DATABASES:
      *n_listings = G_N_ELEMENTS (databases);
      return databases;
    case SLIP_ESTATE_SNAPSHOTS:
      *n_listings = G_N_ELEMENTS (snapshots);
      return snapshots;
    default:
      g_return_val_if_reached (NULL);
    }
}

const char *
slip_estate_kind_get_name (SlipEstateKind kind)
{
  static const char *const names[] = {"databases", "snapshots"};

  g_return_val_if_fail (kind < G_N_ELEMENTS (names), NULL);

  return names[kind];
}
