/* SPDX-License-Identifier: MIT */
/* DeleteDBCluster. RDS deletes cannot be cancelled, so everything that forbids one is checked before:
 * protection, instances, membership in a global cluster, the final snapshot. */

#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

static gboolean
check_instances (SlipServiceContext *ctx, const SlipWorldRecord *cluster, GError **error)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (ctx->world, cluster);

  for (guint i = 0; i < instances->len; i++)
    if (!slip_rds_is (g_ptr_array_index (instances, i), "DBInstanceStatus", "deleting"))
      return slip_rds_refuse (
          error, "InvalidDBClusterStateFault",
          "Cluster cannot be deleted, it still contains DB instances in non-deleting "
          "state.");
  return TRUE;
}

/* Whether what is said of the final snapshot makes sense, whatever the cluster's state. */
static gboolean
check_wish (JsonObject *input, char **final, GError **error)
{
  const char *wanted = slip_json_string (input, "FinalDBSnapshotIdentifier");
  gboolean skip = slip_json_bool (input, "SkipFinalSnapshot", FALSE);

  *final = NULL;
  if (skip)
    return wanted == NULL
           || slip_rds_refuse (
               error, "InvalidParameterCombination",
               "FinalDBSnapshotIdentifier can not be specified when deleting a cluster with "
               "SkipFinalSnapshot.");
  if (wanted == NULL || *wanted == '\0')
    return slip_rds_refuse (
        error, "InvalidParameterCombination",
        "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.");
  *final = slip_rds_check_name (wanted, "FinalDBSnapshotIdentifier", 63, error);
  return *final != NULL;
}

static gboolean
check_final (SlipServiceContext *ctx,
             const SlipWorldRecord *cluster,
             const char *final,
             GError **error)
{
  return final == NULL
         || (slip_rds_snapshot_check_new (ctx, final, error)
             && slip_rds_cluster_check_snapshot (cluster, error)
             && slip_rds_snapshot_check_quota (ctx, error));
}

static gboolean
check_delete (SlipServiceContext *ctx, const SlipWorldRecord *cluster, GError **error)
{
  const char *const allowed[] = {"available", "stopped", NULL};

  if (!slip_rds_cluster_is_broken (cluster)
      && !slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error))
    return FALSE;
  if (slip_json_bool (slip_rds_shape (cluster), "DeletionProtection", FALSE))
    return slip_rds_refuse (
        error, "InvalidParameterCombination",
        "Cannot delete protected Cluster, please disable deletion protection and try "
        "again.");
  return slip_rds_global_check_delete (ctx, cluster, error)
         && check_instances (ctx, cluster, error);
}

static JsonObject *
plan_removal (const SlipWorldRecord *cluster)
{
  JsonObject *payload = json_object_new ();
  JsonObject *database = slip_json_object (cluster->data, "database");

  if (database != NULL && slip_rds_database_is_open ())
    json_object_set_string_member (slip_rds_database_action (payload, "remove"), "key",
                                   slip_json_string (database, "key"));
  return payload;
}

void
slip_rds_cluster_begin_delete (SlipWorld *world,
                               const char *account,
                               const char *region,
                               const char *id)
{
  const SlipWorldRecord *cluster = slip_world_get (world, account, region, SLIP_RDS_CLUSTER, id);

  if (cluster == NULL)
    return;
  slip_world_unschedule (world, NULL, account, region, SLIP_RDS_CLUSTER, id);
  slip_world_start_work (world, SLIP_RDS_CLUSTER_DELETE, "rds.cluster-deleted", account, region,
                         SLIP_RDS_CLUSTER, id, plan_removal (cluster));
}

JsonNode *
slip_rds_delete_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterIdentifier"), SLIP_RDS_CLUSTER, error);
  g_autofree char *final = NULL;
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (cluster == NULL || !check_wish (input, &final, error) || !check_delete (ctx, cluster, error)
      || !check_final (ctx, cluster, final, error))
    return NULL;
  id = g_strdup (cluster->id);
  if (final != NULL)
    {
      const SlipWorldRecord *snapshot
          = slip_rds_snapshot_take (ctx->world, cluster, final, "manual", NULL);
      SlipRdsEdit *mark = slip_rds_edit_record (ctx->world, snapshot);
      json_object_set_string_member (mark->data, "final-of", id);
      slip_rds_edit_save (mark);
    }
  edit = slip_rds_edit_record (ctx->world, cluster);
  json_object_set_string_member (edit->shape, "Status", "deleting");
  json_object_set_boolean_member (edit->data, "retain-backup",
                                  !slip_json_bool (input, "DeleteAutomatedBackups", TRUE));
  slip_rds_edit_save (edit);
  /* With a final snapshot the cluster goes only when that is complete: see slip-rds-snapshot.c. */
  if (final == NULL)
    slip_rds_cluster_begin_delete (ctx->world, ctx->account, ctx->region, id);
  cluster = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id);
  slip_rds_event (ctx->world, cluster, "deletion", "Deleting DB cluster");
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

static void
on_deleted (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const SlipWorldRecord *cluster
      = slip_world_get (world, work->account, work->region, work->type, work->id);
  g_autoptr (GPtrArray) instances = NULL;

  if (cluster == NULL)
    return;
  instances = slip_rds_cluster_instances (world, cluster);
  if (instances->len > 0)
    {
      /* The last instances are still going. */
      slip_world_start_work (world, 20, work->kind, work->account, work->region, work->type,
                             work->id, NULL);
      return;
    }
  /* Half deleted: the instances are gone, and somebody has to delete it once more. */
  if (work->fail != NULL)
    {
      slip_rds_event (world, cluster, "failure", "DB cluster deletion failed: %s", work->fail);
      slip_rds_cluster_set_status (world, work->account, work->region, work->id, "failed");
      return;
    }
  if (slip_json_bool (cluster->data, "retain-backup", FALSE))
    slip_rds_cluster_retain_backup (world, cluster);
  if (json_object_has_member (slip_rds_shape (cluster), "MasterUserSecret"))
    {
      SlipRdsEdit *edit = slip_rds_edit_record (world, cluster);
      slip_rds_unmanage_password (edit);
      slip_rds_edit_free (edit);
    }
  slip_rds_event (world, cluster, "deletion", "DB cluster deleted");
  slip_world_remove (world, work->account, work->region, work->type, work->id);
}

void
slip_rds_cluster_delete_attach (SlipWorld *world)
{
  slip_world_handle_work (world, "rds.cluster-deleted", slip_rds_database_work, on_deleted);
}
