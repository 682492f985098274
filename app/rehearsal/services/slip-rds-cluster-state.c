/* SPDX-License-Identifier: MIT */
/* Stopping, starting and failing over a DB cluster, and the roles associated with it. */

#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

static const SlipWorldRecord *
find_in_state (SlipServiceContext *ctx, JsonObject *input, const char *status, GError **error)
{
  const char *const allowed[] = {status, NULL};
  const SlipWorldRecord *cluster = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterIdentifier"), SLIP_RDS_CLUSTER, error);

  if (cluster == NULL
      || !slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error))
    return NULL;
  return cluster;
}

static JsonNode *
begin (SlipServiceContext *ctx,
       const SlipWorldRecord *cluster,
       const char *status,
       const char *kind,
       double seconds,
       const char *database_action)
{
  JsonObject *database = slip_json_object (cluster->data, "database");
  JsonObject *payload = json_object_new ();
  g_autofree char *id = g_strdup (cluster->id);

  if (database_action != NULL && database != NULL && slip_rds_database_is_open ())
    json_object_set_string_member (slip_rds_database_action (payload, database_action), "key",
                                   slip_json_string (database, "key"));
  slip_rds_cluster_set_instance_status (ctx->world, cluster, status);
  cluster = slip_rds_cluster_set_status (ctx->world, ctx->account, ctx->region, id, status);
  slip_world_start_work (ctx->world, seconds, kind, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id,
                         payload);
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

JsonNode *
slip_rds_stop_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = find_in_state (ctx, input, "available", error);

  if (cluster == NULL)
    return NULL;
  if (slip_json_string (cluster->data, "global") != NULL)
    return slip_rds_fail (error, "InvalidDBClusterStateFault",
                          "Cannot stop cluster %s because it is part of a global cluster",
                          cluster->id);
  return begin (ctx, cluster, "stopping", "rds.cluster-stopped", SLIP_RDS_CLUSTER_STOP, "stop");
}

/* What lost its key comes back by a start, when it has the key again; which code says that it has not is
 * inferred. */
static const SlipWorldRecord *
find_to_start (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[]
      = {"stopped", "inaccessible-encryption-credentials-recoverable", NULL};
  const SlipWorldRecord *cluster = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterIdentifier"), SLIP_RDS_CLUSTER, error);

  if (cluster == NULL
      || !slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error))
    return NULL;
  if (slip_rds_cluster_is_broken (cluster)
      && !slip_rds_key_usable (ctx, slip_rds_get (cluster, "KmsKeyId")))
    return slip_rds_fail (error, "InvalidDBClusterStateFault",
                          "Cluster %s cannot be started, its KMS key can't be accessed.",
                          cluster->id);
  return cluster;
}

JsonNode *
slip_rds_start_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = find_to_start (ctx, input, error);

  return cluster != NULL ? begin (ctx, cluster, "starting", "rds.cluster-started",
                                  SLIP_RDS_CLUSTER_START, "start")
                         : NULL;
}

static void
on_stopped (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const SlipWorldRecord *cluster
      = slip_rds_cluster_set_status (world, work->account, work->region, work->id, "stopped");

  if (cluster == NULL)
    return;
  slip_rds_cluster_set_instance_status (world, cluster, "stopped");
  slip_rds_event (world, cluster, "notification", "DB cluster stopped");
}

static void
on_started (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  const char *why = error != NULL ? error->message : work->fail;
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const SlipWorldRecord *cluster;

  if (edit == NULL)
    return;
  slip_rds_cluster_take_place (edit, result);
  json_object_set_string_member (edit->shape, "Status", why != NULL ? "failed" : "available");
  slip_rds_edit_save (edit);
  cluster = slip_world_get (world, work->account, work->region, work->type, work->id);
  slip_rds_cluster_set_instance_status (world, cluster, why != NULL ? "failed" : "available");
  slip_rds_event (world, cluster, "notification", "DB cluster %s%s",
                  why != NULL ? "does not start: " : "started", why != NULL ? why : "");
}

/* --- Failover --- */

static gboolean
check_target (SlipServiceContext *ctx,
              const SlipWorldRecord *cluster,
              const char *target,
              GError **error)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (ctx->world, cluster);
  gboolean found = target == NULL;

  if (instances->len < 2)
    {
      slip_rds_fail (error, "InvalidDBClusterStateFault",
                     "Database cluster:%s should have at least two database instances for failover",
                     cluster->id);
      return FALSE;
    }
  for (guint i = 0; i < instances->len; i++)
    {
      const SlipWorldRecord *instance = g_ptr_array_index (instances, i);
      if (target != NULL && g_ascii_strcasecmp (instance->id, target) == 0)
        found = slip_rds_is (instance, "DBInstanceStatus", "available");
    }
  if (!found)
    slip_rds_fail (error, "InvalidDBInstanceState",
                   "Cannot find target instance %s in cluster %s, or it is not available.", target,
                   cluster->id);
  return found;
}

JsonNode *
slip_rds_failover_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *target = slip_json_string (input, "TargetDBInstanceIdentifier");
  const SlipWorldRecord *cluster = find_in_state (ctx, input, "available", error);
  JsonObject *payload;
  g_autofree char *id = NULL;

  if (cluster == NULL || !check_target (ctx, cluster, target, error))
    return NULL;
  id = g_strdup (cluster->id);
  payload = json_object_new ();
  if (target != NULL)
    {
      g_autofree char *lower = g_ascii_strdown (target, -1);
      json_object_set_string_member (payload, "target", lower);
    }
  slip_rds_event (ctx->world, cluster, "failover", "Started cross AZ failover to DB instance: %s",
                  target != NULL ? target : "the reader with the lowest promotion tier");
  cluster = slip_rds_cluster_set_status (ctx->world, ctx->account, ctx->region, id, "failing-over");
  slip_world_schedule (ctx->world, SLIP_RDS_FAILOVER, "rds.cluster-failed-over", ctx->account,
                       ctx->region, SLIP_RDS_CLUSTER, id, payload);
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

static void
make_writer (SlipWorld *world, const SlipWorldRecord *cluster, const char *target)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);

  for (guint i = 0; i < instances->len; i++)
    {
      SlipRdsEdit *edit = slip_rds_edit_record (world, g_ptr_array_index (instances, i));
      json_object_set_boolean_member (edit->data, "writer", strcmp (edit->id, target) == 0);
      slip_rds_edit_save (edit);
    }
}

static void
on_failed_over (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *cluster = slip_world_get (world, transition->account, transition->region,
                                                   transition->type, transition->id);
  const char *target
      = transition->payload != NULL ? slip_json_string (transition->payload, "target") : NULL;
  const SlipWorldRecord *writer;

  if (cluster == NULL)
    return;
  writer = slip_rds_cluster_writer (world, cluster);
  if (transition->fail == NULL && target != NULL)
    make_writer (world, cluster, target);
  else if (transition->fail == NULL)
    slip_rds_cluster_choose_writer (world, cluster, writer != NULL ? writer->id : NULL);
  cluster = slip_rds_cluster_set_status (world, transition->account, transition->region,
                                         transition->id, "available");
  writer = slip_rds_cluster_writer (world, cluster);
  slip_rds_event (world, cluster, "failover", "Completed failover to DB instance: %s",
                  writer != NULL ? writer->id : "none");
}

/* --- Roles --- */

static gint
find_role (JsonArray *roles, const char *arn)
{
  for (guint i = 0; roles != NULL && i < json_array_get_length (roles); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (roles, i), "RoleArn"), arn)
        == 0)
      return (gint)i;
  return -1;
}

JsonNode *
slip_rds_add_role_to_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "RoleArn");
  const char *feature = slip_json_string (input, "FeatureName");
  const SlipWorldRecord *cluster = find_in_state (ctx, input, "available", error);
  SlipRdsEdit *edit;
  JsonObject *role;

  if (cluster == NULL)
    return NULL;
  if (find_role (slip_json_array (slip_rds_shape (cluster), "AssociatedRoles"), arn) >= 0)
    return slip_rds_fail (error, "DBClusterRoleAlreadyExists",
                          "Role ARN %s is already associated with DB Cluster: %s.", arn,
                          cluster->id);
  edit = slip_rds_edit_record (ctx->world, cluster);
  role = json_object_new ();
  json_object_set_string_member (role, "RoleArn", arn);
  json_object_set_string_member (role, "Status", "ACTIVE");
  if (feature != NULL)
    json_object_set_string_member (role, "FeatureName", feature);
  json_array_add_object_element (slip_json_array (edit->shape, "AssociatedRoles"), role);
  slip_rds_edit_save (edit);
  return NULL;
}

JsonNode *
slip_rds_remove_role_from_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "RoleArn");
  const SlipWorldRecord *cluster = find_in_state (ctx, input, "available", error);
  SlipRdsEdit *edit;
  gint index;

  if (cluster == NULL)
    return NULL;
  index = find_role (slip_json_array (slip_rds_shape (cluster), "AssociatedRoles"), arn);
  if (index < 0)
    return slip_rds_fail (error, "DBClusterRoleNotFound",
                          "Role ARN %s cannot be found for DB Cluster: %s.", arn, cluster->id);
  edit = slip_rds_edit_record (ctx->world, cluster);
  json_array_remove_element (slip_json_array (edit->shape, "AssociatedRoles"), (guint)index);
  slip_rds_edit_save (edit);
  return NULL;
}

void
slip_rds_cluster_state_attach (SlipWorld *world)
{
  slip_world_handle_work (world, "rds.cluster-stopped", slip_rds_database_work, on_stopped);
  slip_world_handle_work (world, "rds.cluster-started", slip_rds_database_work, on_started);
  slip_world_handle (world, "rds.cluster-failed-over", on_failed_over);
}
