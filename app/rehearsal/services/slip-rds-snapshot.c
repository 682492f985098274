/* SPDX-License-Identifier: MIT */
/* DB cluster snapshots: taking and deleting them. Listing is in slip-rds-snapshot-list.c, copies in
 * slip-rds-snapshot-copy.c, sharing in slip-rds-snapshot-share.c. */

#include "slip-backup-source.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

/* What a snapshot shows of its cluster. */
static const SlipRdsMember shown[] = {
    {"AvailabilityZones"},
    {"DBClusterIdentifier"},
    {"Engine"},
    {"EngineMode"},
    {"ClusterCreateTime"},
    {"MasterUsername"},
    {"EngineVersion"},
    {"StorageEncrypted"},
    {"KmsKeyId"},
    {"IAMDatabaseAuthenticationEnabled"},
    {"DbClusterResourceId"},
    {"StorageType"},
    {NULL},
};

/* What a restore needs of the cluster that was, and no snapshot shows. */
static const SlipRdsMember kept[] = {
    {"DatabaseName"},          {"BackupRetentionPeriod"},
    {"PreferredBackupWindow"}, {"PreferredMaintenanceWindow"},
    {"CopyTagsToSnapshot"},    {NULL},
};

void
slip_rds_snapshot_describe_cluster (const SlipWorldRecord *cluster,
                                    JsonObject *shape,
                                    JsonObject *source)
{
  slip_rds_copy_members (slip_rds_shape (cluster), shape, shown);
  slip_rds_copy_members (slip_rds_shape (cluster), source, kept);
}

char *
slip_rds_snapshot_new_rows_key (void)
{
  return slip_random_id ("snap-", 20, SLIP_ALPHABET_LOWER);
}

JsonObject *
slip_rds_snapshot_rows (const SlipWorldRecord *snapshot)
{
  return slip_json_object (snapshot->data, "rows");
}

gint64
slip_rds_snapshot_size (const SlipWorldRecord *snapshot)
{
  return slip_json_int (slip_rds_shape (snapshot), "AllocatedStorage", 1);
}

void
slip_rds_snapshot_begin (SlipRdsEdit *edit, const char *status, double seconds)
{
  gint64 now = slip_world_now (edit->world);
  gint64 length = (gint64)(seconds / slip_world_get_speed (edit->world) * G_USEC_PER_SEC);

  json_object_set_string_member (edit->shape, "Status", status);
  json_object_set_int_member (edit->shape, "PercentProgress", 0);
  json_object_set_int_member (edit->data, "begin_us", now);
  json_object_set_int_member (edit->data, "end_us", now + length);
}

JsonObject *
slip_rds_snapshot_view (SlipWorld *world, const SlipWorldRecord *record)
{
  JsonObject *shape = slip_rds_shape (record);
  gint64 begin = slip_json_int (record->data, "begin_us", 0);
  gint64 end = slip_json_int (record->data, "end_us", 0);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) copy = NULL;
  gint64 percent;

  if (end <= begin || slip_rds_is (record, "Status", "available")
      || slip_rds_is (record, "Status", "failed"))
    return json_object_ref (shape);
  percent = CLAMP ((slip_world_now (world) - begin) * 100 / (end - begin), 0, 99);
  node = slip_json_new_object (json_object_ref (shape));
  copy = slip_json_copy (node);
  json_object_set_int_member (json_node_get_object (copy), "PercentProgress", percent);
  return json_node_dup_object (copy);
}

guint
slip_rds_snapshot_count_manual (SlipWorld *world, const char *account, const char *region)
{
  g_autoptr (GPtrArray) all = slip_world_list (world, account, region, SLIP_RDS_SNAPSHOT);
  guint count = 0;

  for (guint i = 0; i < all->len; i++)
    count += slip_rds_is (g_ptr_array_index (all, i), "SnapshotType", "manual") ? 1 : 0;
  return count;
}

gboolean
slip_rds_snapshot_check_quota (SlipServiceContext *ctx, GError **error)
{
  gint64 quota = slip_world_get_quota (ctx->world, ctx->account, ctx->region,
                                       "rds.manual-cluster-snapshots", 100);

  if (slip_rds_snapshot_count_manual (ctx->world, ctx->account, ctx->region) < quota)
    return TRUE;
  slip_rds_fail (error, "SnapshotQuotaExceeded",
                 "Cannot create more than %" G_GINT64_FORMAT " manual snapshots", quota);
  return FALSE;
}

gboolean
slip_rds_snapshot_check_new (SlipServiceContext *ctx, const char *id, GError **error)
{
  if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id) == NULL)
    return TRUE;
  slip_rds_fail (error, "DBClusterSnapshotAlreadyExistsFault",
                 "Cannot create the cluster snapshot because one with the identifier %s already "
                 "exists.",
                 id);
  return FALSE;
}

static JsonObject *
merge_tags (const SlipWorldRecord *cluster, JsonArray *own)
{
  JsonObject *holder = json_object_new ();
  JsonArray *inherited = slip_json_bool (slip_rds_shape (cluster), "CopyTagsToSnapshot", FALSE)
                             ? slip_rds_tags (cluster)
                             : NULL;

  json_object_set_array_member (holder, "TagList", slip_tags_merge (inherited, own, "Key"));
  return holder;
}

/* Rows of a cluster without a database of its own do not exist; a snapshot of it has none either. */
static JsonObject *
plan_rows (SlipRdsEdit *edit, const SlipWorldRecord *cluster)
{
  JsonObject *database = slip_json_object (cluster->data, "database");
  g_autofree char *key = slip_rds_snapshot_new_rows_key ();
  JsonObject *payload = json_object_new ();
  JsonObject *action;
  JsonObject *rows;

  if (database == NULL || !slip_rds_database_is_open ())
    return payload;
  rows = json_object_new ();
  json_object_set_string_member (rows, "key", key);
  json_object_set_object_member (edit->data, "rows", rows);
  action = slip_rds_database_action (payload, "snapshot");
  json_object_set_string_member (action, "key", slip_json_string (database, "key"));
  json_object_set_string_member (action, "snapshot", key);
  return payload;
}

const SlipWorldRecord *
slip_rds_snapshot_take (SlipWorld *world,
                        const SlipWorldRecord *cluster,
                        const char *id,
                        const char *type,
                        JsonArray *tags)
{
  SlipRdsEdit *edit
      = slip_rds_edit_new (world, cluster->account, cluster->region, SLIP_RDS_SNAPSHOT, id);
  gint64 size = slip_rds_cluster_size (cluster);
  g_autoptr (JsonObject) holder = merge_tags (cluster, tags);
  g_autofree char *vpc = slip_rds_cluster_dup_vpc (world, cluster);
  JsonObject *source = json_object_new ();
  JsonObject *payload;
  const SlipWorldRecord *record;

  slip_rds_snapshot_describe_cluster (cluster, edit->shape, source);
  json_object_set_object_member (edit->data, "source", source);
  slip_rds_set_now (world, edit->shape, "SnapshotCreateTime");
  json_object_set_int_member (edit->shape, "AllocatedStorage", size);
  json_object_set_int_member (edit->shape, "Port", 0);
  json_object_set_string_member (edit->shape, "VpcId", vpc);
  json_object_set_string_member (edit->shape, "LicenseModel", "postgresql-license");
  json_object_set_string_member (edit->shape, "SnapshotType", type);
  json_object_set_array_member (edit->shape, "TagList",
                                json_array_ref (slip_json_array (holder, "TagList")));
  slip_rds_snapshot_begin (edit, "creating", SLIP_RDS_SNAPSHOT_TAKE (size));
  payload = plan_rows (edit, cluster);
  slip_rds_edit_save (edit);
  slip_world_start_work (world, SLIP_RDS_SNAPSHOT_TAKE (size), "rds.snapshot-created",
                         cluster->account, cluster->region, SLIP_RDS_SNAPSHOT, id, payload);
  record = slip_world_get (world, cluster->account, cluster->region, SLIP_RDS_SNAPSHOT, id);
  slip_rds_event (world, record, "backup", "Creating %s cluster snapshot", type);
  return record;
}

JsonNode *
slip_rds_create_db_cluster_snapshot (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster;
  const SlipWorldRecord *snapshot;
  JsonArray *tags = slip_json_array (input, "Tags");
  g_autofree char *id
      = slip_rds_check_name (slip_json_string (input, "DBClusterSnapshotIdentifier"),
                             "DBClusterSnapshotIdentifier", 63, error);

  if (id == NULL || !slip_rds_check_tags (tags, error))
    return NULL;
  cluster = slip_rds_find (ctx, slip_json_string (input, "DBClusterIdentifier"), SLIP_RDS_CLUSTER,
                           error);
  if (cluster == NULL || !slip_rds_snapshot_check_new (ctx, id, error)
      || !slip_rds_cluster_check_snapshot (cluster, error)
      || !slip_rds_snapshot_check_quota (ctx, error))
    return NULL;

  snapshot = slip_rds_snapshot_take (ctx->world, cluster, id, "manual", tags);
  slip_rds_cluster_begin_backup (ctx->world, cluster, SLIP_RDS_SNAPSHOT_BEGIN);
  return slip_rds_wrap ("DBClusterSnapshot", slip_rds_snapshot_view (ctx->world, snapshot));
}

static gboolean
is_source_of_a_copy (SlipServiceContext *ctx, const SlipWorldRecord *snapshot)
{
  const char *arn = slip_rds_get (snapshot, "DBClusterSnapshotArn");
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT);

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *other = g_ptr_array_index (all, i);
      if (slip_rds_is (other, "Status", "copying")
          && slip_rds_is (other, "SourceDBClusterSnapshotArn", arn))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_delete (SlipServiceContext *ctx, const SlipWorldRecord *snapshot, GError **error)
{
  const char *const allowed[] = {"available", "failed", "copying", NULL};

  if (!slip_rds_is (snapshot, "SnapshotType", "manual"))
    {
      slip_rds_fail (error, "InvalidDBClusterSnapshotStateFault",
                     "Cannot delete the snapshot because it is not a manual snapshot: %s",
                     snapshot->id);
      return FALSE;
    }
  if (!slip_rds_require_status (snapshot, allowed, "InvalidDBClusterSnapshotStateFault", error))
    return FALSE;
  if (is_source_of_a_copy (ctx, snapshot))
    {
      slip_rds_fail (error, "InvalidDBClusterSnapshotStateFault",
                     "Cannot delete the snapshot because it is currently being copied: %s",
                     snapshot->id);
      return FALSE;
    }
  return TRUE;
}

static JsonObject *
plan_removal (JsonObject *rows)
{
  JsonObject *payload = json_object_new ();
  const char *key = rows != NULL ? slip_json_string (rows, "key") : NULL;

  if (key != NULL)
    json_object_set_string_member (slip_rds_database_action (payload, "remove-snapshot"),
                                   "snapshot", key);
  return payload;
}

void
slip_rds_snapshot_begin_remove (SlipWorld *world, const SlipWorldRecord *snapshot)
{
  JsonObject *payload = plan_removal (slip_rds_snapshot_rows (snapshot));
  SlipRdsEdit *edit;

  slip_world_unschedule (world, NULL, snapshot->account, snapshot->region, snapshot->type,
                         snapshot->id);
  edit = slip_rds_edit_record (world, snapshot);
  json_object_set_string_member (edit->shape, "Status", "deleting");
  slip_world_start_work (world, SLIP_RDS_SNAPSHOT_DELETE, "rds.snapshot-deleted", edit->account,
                         edit->region, SLIP_RDS_SNAPSHOT, edit->id, payload);
  slip_rds_edit_save (edit);
}

JsonNode *
slip_rds_delete_db_cluster_snapshot (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *snapshot = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterSnapshotIdentifier"), SLIP_RDS_SNAPSHOT, error);
  JsonObject *shown_now;

  if (snapshot == NULL || !check_delete (ctx, snapshot, error))
    return NULL;
  shown_now = slip_rds_snapshot_view (ctx->world, snapshot);
  slip_rds_snapshot_begin_remove (ctx->world, snapshot);
  return slip_rds_wrap ("DBClusterSnapshot", shown_now);
}

/* --- What happens later --- */

static void
on_made (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const char *why = error != NULL ? error->message : work->fail;
  gboolean copy = strcmp (work->kind, "rds.snapshot-copied") == 0;
  g_autofree char *final_of = NULL;
  const SlipWorldRecord *record;

  if (edit == NULL)
    return;
  /* It was deleted meanwhile: the deletion that waits behind this work clears the rows away. */
  if (g_strcmp0 (slip_json_string (edit->shape, "Status"), "deleting") == 0)
    {
      slip_rds_edit_free (edit);
      return;
    }
  final_of = g_strdup (slip_json_string (edit->data, "final-of"));
  json_object_remove_member (edit->data, "final-of");
  json_object_set_string_member (edit->shape, "Status", why != NULL ? "failed" : "available");
  json_object_set_int_member (edit->shape, "PercentProgress", why != NULL ? 0 : 100);
  json_object_remove_member (edit->data, "begin_us");
  json_object_remove_member (edit->data, "end_us");
  slip_rds_edit_save (edit);
  record = slip_world_get (world, work->account, work->region, work->type, work->id);
  if (why != NULL)
    slip_rds_event (world, record, "notification", "%s failed: %s",
                    copy ? "Cluster snapshot copy" : "Cluster snapshot", why);
  else
    slip_rds_event (world, record, "backup", "%s",
                    copy ? "Finished copy of cluster snapshot"
                    : slip_rds_is (record, "SnapshotType", "manual")
                        ? "Manual cluster snapshot created"
                        : "Automated cluster snapshot created");
  slip_backup_source_notify (world, slip_rds_get (record, "DBClusterSnapshotArn"), why);
  if (final_of != NULL && why == NULL)
    slip_rds_cluster_begin_delete (world, work->account, work->region, final_of);
  else if (final_of != NULL)
    slip_rds_cluster_set_status (world, work->account, work->region, final_of, "available");
}

static void
on_deleted (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const SlipWorldRecord *record
      = slip_world_get (world, work->account, work->region, work->type, work->id);

  if (record == NULL)
    return;
  slip_rds_snapshot_unshare_all (world, record);
  slip_rds_event (world, record, "deletion", "Deleted %s snapshot",
                  slip_rds_get (record, "SnapshotType"));
  slip_world_remove (world, work->account, work->region, work->type, work->id);
}

void
slip_rds_snapshot_attach (SlipWorld *world)
{
  slip_world_handle_work (world, "rds.snapshot-created", slip_rds_database_work, on_made);
  slip_world_handle_work (world, "rds.snapshot-copied", slip_rds_database_work, on_made);
  slip_world_handle_work (world, "rds.snapshot-deleted", slip_rds_database_work, on_deleted);
}
