/* SPDX-License-Identifier: MIT */
/* Members of a global cluster: detaching one, and making a secondary the primary. After its removal a
 * secondary is `promoting` for minutes, and nobody may delete it meanwhile
 * (hashicorp/terraform-provider-aws#39909, #40333). */

#include "slip-rds-database.h"
#include "slip-rds-global.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

static JsonNode *
answer (SlipServiceContext *ctx, const char *id)
{
  const SlipWorldRecord *global
      = slip_world_get (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, id);

  return slip_rds_wrap ("GlobalCluster", json_object_ref (slip_rds_shape (global)));
}

static const SlipWorldRecord *
find_member (SlipServiceContext *ctx,
             const SlipWorldRecord *global,
             const char *arn,
             GError **error)
{
  const SlipWorldRecord *cluster;

  if (arn == NULL || !g_str_has_prefix (arn, "arn:"))
    return slip_rds_fail (error, "InvalidParameterValue", "Malformed db cluster arn %s",
                          arn != NULL ? arn : "");
  cluster = slip_rds_global_cluster_of_arn (ctx->world, arn);
  if (cluster == NULL || slip_rds_global_find_member (slip_rds_shape (global), arn) == NULL)
    return slip_rds_fail (error, "DBClusterNotFoundFault",
                          "DBCluster %s is not a member of global cluster %s.", arn, global->id);
  return cluster;
}

/* --- Detach --- */

JsonNode *
slip_rds_remove_from_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *global = slip_rds_find (
      ctx, slip_json_string (input, "GlobalClusterIdentifier"), SLIP_RDS_GLOBAL, error);
  const SlipWorldRecord *cluster;
  g_autofree char *id = NULL;

  if (global == NULL
      || !slip_rds_require_status (global, allowed, "InvalidGlobalClusterStateFault", error)
      || (cluster
          = find_member (ctx, global, slip_json_string (input, "DbClusterIdentifier"), error))
             == NULL
      || (!slip_rds_cluster_is_broken (cluster)
          && !slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error)))
    return NULL;
  if (!slip_json_bool (cluster->data, "secondary", FALSE)
      && slip_rds_global_count_members (global) > 1)
    return slip_rds_fail (error, "InvalidGlobalClusterStateFault",
                          "Global Cluster %s still has secondary clusters. Remove them before the "
                          "primary cluster.",
                          slip_rds_get (global, "GlobalClusterArn"));
  id = g_strdup (global->id);
  if (!slip_world_is_scheduled (ctx->world, "rds.cluster-detaching", cluster->account,
                                cluster->region, SLIP_RDS_CLUSTER, cluster->id))
    slip_world_schedule (ctx->world, SLIP_RDS_SETTLE, "rds.cluster-detaching", cluster->account,
                         cluster->region, SLIP_RDS_CLUSTER, cluster->id, NULL);
  return answer (ctx, id);
}

static void
leave (SlipWorld *world, SlipRdsEdit *edit, const char *status)
{
  const char *global = slip_json_string (edit->data, "global");

  if (global != NULL)
    slip_rds_global_remove_member (world, edit->account, global,
                                   slip_json_string (edit->shape, "DBClusterArn"));
  json_object_remove_member (edit->data, "global");
  json_object_remove_member (edit->data, "secondary");
  if (status != NULL)
    json_object_set_string_member (edit->shape, "Status", status);
  slip_rds_edit_save (edit);
}

static void
on_detaching (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  const SlipWorldRecord *cluster = slip_world_get (world, transition->account, transition->region,
                                                   transition->type, transition->id);
  JsonObject *payload;
  JsonObject *database;

  if (edit == NULL)
    return;
  /* What is broken leaves, and stays broken. [inferred] */
  if (slip_rds_cluster_is_broken (cluster))
    {
      leave (world, edit, NULL);
      return;
    }
  if (!slip_json_bool (edit->data, "secondary", FALSE))
    {
      leave (world, edit, "available");
      return;
    }
  payload = json_object_new ();
  database = slip_json_object (edit->data, "database");
  if (database != NULL && slip_rds_database_is_open ())
    json_object_set_string_member (slip_rds_database_action (payload, "promote"), "key",
                                   slip_json_string (database, "key"));
  json_object_set_string_member (edit->shape, "Status", "promoting");
  slip_rds_edit_save (edit);
  slip_world_start_work (world, SLIP_RDS_PROMOTE, "rds.cluster-promoted", transition->account,
                         transition->region, transition->type, transition->id, payload);
}

static void
on_promoted (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const char *why = error != NULL ? error->message : work->fail;
  JsonObject *database;
  const SlipWorldRecord *cluster;

  if (edit == NULL)
    return;
  database = slip_json_object (edit->data, "database");
  if (why != NULL)
    {
      json_object_set_string_member (edit->shape, "Status", "available");
      slip_rds_edit_save (edit);
    }
  else
    {
      if (database != NULL)
        json_object_remove_member (database, "primary");
      leave (world, edit, "available");
    }
  cluster = slip_world_get (world, work->account, work->region, work->type, work->id);
  slip_rds_event (world, cluster, "notification",
                  why != NULL ? "Promotion failed: %s" : "DB cluster promoted%s",
                  why != NULL ? why : "");
}

/* --- Switchover and failover --- */

static gboolean
check_switch (SlipServiceContext *ctx,
              const SlipWorldRecord *global,
              const SlipWorldRecord *target,
              gboolean data_loss,
              GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *primary = slip_rds_global_primary (ctx->world, global);

  if (!slip_json_bool (target->data, "secondary", FALSE))
    {
      slip_rds_fail (error, "InvalidDBClusterStateFault",
                     "Cluster %s is already the primary cluster of the global cluster.",
                     target->id);
      return FALSE;
    }
  if (!slip_rds_require_status (target, allowed, "InvalidDBClusterStateFault", error))
    return FALSE;
  return data_loss || primary == NULL
         || slip_rds_require_status (primary, allowed, "InvalidDBClusterStateFault", error);
}

static JsonObject *
plan_switch (SlipServiceContext *ctx, const SlipWorldRecord *global, const SlipWorldRecord *target)
{
  JsonObject *payload = json_object_new ();
  JsonArray *members = slip_json_array (slip_rds_shape (global), "GlobalClusterMembers");
  JsonObject *to = slip_json_object (target->data, "database");
  JsonArray *followers;
  JsonObject *action;

  json_object_set_string_member (payload, "target", slip_rds_get (target, "DBClusterArn"));
  if (to == NULL || !slip_rds_database_is_open ())
    return payload;
  followers = json_array_new ();
  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      const SlipWorldRecord *cluster = slip_rds_global_cluster_of_arn (
          ctx->world,
          slip_json_string (json_array_get_object_element (members, i), "DBClusterArn"));
      JsonObject *database = cluster != NULL ? slip_json_object (cluster->data, "database") : NULL;

      if (database != NULL && cluster != target)
        json_array_add_string_element (followers, slip_json_string (database, "key"));
    }
  action = slip_rds_database_action (payload, "switch");
  json_object_set_string_member (action, "key", slip_json_string (to, "key"));
  json_object_set_array_member (action, "followers", followers);
  return payload;
}

static JsonNode *
begin_switch (SlipServiceContext *ctx, JsonObject *input, gboolean data_loss, GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *global = slip_rds_find (
      ctx, slip_json_string (input, "GlobalClusterIdentifier"), SLIP_RDS_GLOBAL, error);
  const SlipWorldRecord *target;
  const SlipWorldRecord *primary;
  g_autofree char *id = NULL;
  JsonObject *state;
  JsonObject *payload;
  SlipRdsEdit *edit;

  if (global == NULL
      || !slip_rds_require_status (global, allowed, "InvalidGlobalClusterStateFault", error)
      || (target
          = find_member (ctx, global, slip_json_string (input, "TargetDbClusterIdentifier"), error))
             == NULL
      || !check_switch (ctx, global, target, data_loss, error))
    return NULL;
  id = g_strdup (global->id);
  primary = slip_rds_global_primary (ctx->world, global);
  payload = plan_switch (ctx, global, target);
  state = json_object_new ();
  json_object_set_string_member (state, "Status", data_loss ? "failing-over" : "switching-over");
  if (primary != NULL)
    json_object_set_string_member (state, "FromDbClusterArn",
                                   slip_rds_get (primary, "DBClusterArn"));
  json_object_set_string_member (state, "ToDbClusterArn", slip_rds_get (target, "DBClusterArn"));
  json_object_set_boolean_member (state, "IsDataLossAllowed", data_loss);
  edit = slip_rds_edit_record (ctx->world, global);
  json_object_set_string_member (edit->shape, "Status",
                                 data_loss ? "failing-over" : "switching-over");
  json_object_set_object_member (edit->shape, "FailoverState", state);
  slip_rds_edit_save (edit);
  slip_rds_cluster_set_status (ctx->world, target->account, target->region, target->id,
                               "failing-over");
  if (primary != NULL && !slip_rds_cluster_is_broken (primary))
    slip_rds_cluster_set_status (ctx->world, primary->account, primary->region, primary->id,
                                 "failing-over");
  slip_world_start_work (ctx->world, SLIP_RDS_SWITCHOVER, "rds.global-switched", ctx->account, "",
                         SLIP_RDS_GLOBAL, id, payload);
  return answer (ctx, id);
}

JsonNode *
slip_rds_switchover_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return begin_switch (ctx, input, FALSE, error);
}

JsonNode *
slip_rds_failover_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gboolean data_loss = slip_json_bool (input, "AllowDataLoss", FALSE);

  if (data_loss && slip_json_bool (input, "Switchover", FALSE))
    return slip_rds_fail (error, "InvalidParameterCombination",
                          "AllowDataLoss and Switchover cannot both be specified.");
  return begin_switch (ctx, input, data_loss, error);
}

static void
settle_member (SlipWorld *world, JsonObject *member, const char *writer, const char *writer_key)
{
  const char *arn = slip_json_string (member, "DBClusterArn");
  const SlipWorldRecord *cluster = slip_rds_global_cluster_of_arn (world, arn);
  SlipRdsEdit *edit = cluster != NULL ? slip_rds_edit_record (world, cluster) : NULL;
  gboolean is_writer = g_strcmp0 (arn, writer) == 0;
  JsonObject *database;

  json_object_set_boolean_member (member, "IsWriter", is_writer);
  if (edit == NULL)
    return;
  json_object_set_boolean_member (edit->data, "secondary", !is_writer);
  if (!slip_rds_cluster_is_broken (cluster))
    json_object_set_string_member (edit->shape, "Status", "available");
  database = slip_json_object (edit->data, "database");
  if (database != NULL && is_writer)
    json_object_remove_member (database, "primary");
  else if (database != NULL && writer_key != NULL)
    json_object_set_string_member (database, "primary", writer_key);
  slip_rds_edit_save (edit);
}

static void
on_switched (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const char *why = error != NULL ? error->message : work->fail;
  const char *target = slip_json_string (work->payload, "target");
  JsonObject *action = slip_json_object (work->payload, "database");
  const char *key = action != NULL ? slip_json_string (action, "key") : NULL;
  const SlipWorldRecord *before;
  g_autofree char *writer = NULL;
  JsonArray *members;

  if (edit == NULL)
    return;
  before = slip_rds_global_primary (
      world, slip_world_get (world, work->account, "", SLIP_RDS_GLOBAL, work->id));
  writer
      = g_strdup (why != NULL && before != NULL ? slip_rds_get (before, "DBClusterArn") : target);
  members = slip_rds_global_members (edit->shape);
  for (guint i = 0; i < json_array_get_length (members); i++)
    settle_member (world, json_array_get_object_element (members, i), writer,
                   why == NULL ? key : NULL);
  slip_rds_global_update_readers (edit->shape);
  json_object_set_string_member (edit->shape, "Status", "available");
  json_object_remove_member (edit->shape, "FailoverState");
  slip_rds_edit_save (edit);
  before = slip_rds_global_cluster_of_arn (world, writer);
  if (before != NULL)
    slip_rds_event (world, before, "global-failover",
                    why != NULL ? "Global switchover failed: %s" : "Global switchover completed%s",
                    why != NULL ? why : "");
}

void
slip_rds_global_members_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.cluster-detaching", on_detaching);
  slip_world_handle_work (world, "rds.cluster-promoted", slip_rds_database_work, on_promoted);
  slip_world_handle_work (world, "rds.global-switched", slip_rds_database_work, on_switched);
}
