/* SPDX-License-Identifier: MIT */
/* ModifyGlobalCluster and DeleteGlobalCluster. */

#include "slip-rds-global.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

static const SlipWorldRecord *
find_available (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *global = slip_rds_find (
      ctx, slip_json_string (input, "GlobalClusterIdentifier"), SLIP_RDS_GLOBAL, error);

  if (global == NULL
      || !slip_rds_require_status (global, allowed, "InvalidGlobalClusterStateFault", error))
    return NULL;
  return global;
}

JsonNode *
slip_rds_modify_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsMember accepted[] = {{"DeletionProtection"}, {"EngineVersion"}, {NULL}};
  const SlipWorldRecord *global = find_available (ctx, input, error);
  const char *wanted = slip_json_string (input, "NewGlobalClusterIdentifier");
  const char *version = slip_json_string (input, "EngineVersion");
  g_autofree char *id = NULL;
  g_autofree char *new_id = NULL;
  JsonObject *payload;

  if (global == NULL)
    return NULL;
  if (wanted != NULL
      && (new_id = slip_rds_global_check_new (ctx, wanted, "NewGlobalClusterIdentifier", error))
             == NULL)
    return NULL;
  if (version != NULL && !slip_rds_is (global, "EngineVersion", version)
      && (slip_rds_check_version (slip_rds_get (global, "Engine"), version, error) == NULL
          || (!slip_rds_can_upgrade (slip_rds_get (global, "Engine"),
                                     slip_rds_get (global, "EngineVersion"), version)
              && !slip_rds_refuse (error, "InvalidParameterCombination",
                                   "The global cluster cannot be upgraded to this version."))))
    return NULL;
  id = g_strdup (global->id);
  payload = json_object_new ();
  slip_rds_copy_members (input, payload, accepted);
  if (new_id != NULL)
    json_object_set_string_member (payload, "id", new_id);
  slip_world_schedule (ctx->world, SLIP_RDS_SETTLE, "rds.global-settled", ctx->account, "",
                       SLIP_RDS_GLOBAL, id, payload);
  return slip_rds_global_answer (ctx, id);
}

static void
on_settled (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  gboolean upgrade = transition->payload != NULL
                     && json_object_has_member (transition->payload, "EngineVersion");
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) copy = NULL;

  if (edit == NULL)
    return;
  json_object_set_string_member (edit->shape, "Status", upgrade ? "upgrading" : "modifying");
  slip_rds_edit_save (edit);
  node = slip_json_new_object (json_object_ref (transition->payload));
  copy = slip_json_copy (node);
  slip_world_schedule (world, upgrade ? SLIP_RDS_UPGRADE : SLIP_RDS_GLOBAL_CHANGE,
                       "rds.global-modified", transition->account, "", SLIP_RDS_GLOBAL,
                       transition->id, json_node_dup_object (copy));
}

static void
for_members (SlipWorld *world, JsonObject *shape, const char *global, const char *version)
{
  JsonArray *members = slip_rds_global_members (shape);

  for (guint i = 0; i < json_array_get_length (members); i++)
    {
      const SlipWorldRecord *cluster = slip_rds_global_cluster_of_arn (
          world, slip_json_string (json_array_get_object_element (members, i), "DBClusterArn"));
      SlipRdsEdit *edit = cluster != NULL ? slip_rds_edit_record (world, cluster) : NULL;

      if (edit == NULL)
        continue;
      json_object_set_string_member (edit->data, "global", global);
      if (version != NULL)
        json_object_set_string_member (edit->shape, "EngineVersion", version);
      slip_rds_edit_save (edit);
    }
}

static void
on_modified (SlipWorld *world, const SlipTransition *transition)
{
  static const SlipRdsMember applied[] = {{"DeletionProtection"}, {"EngineVersion"}, {NULL}};
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  const char *new_id = slip_json_string (transition->payload, "id");

  if (edit == NULL)
    return;
  json_object_set_string_member (edit->shape, "Status", "available");
  if (transition->fail != NULL)
    {
      slip_rds_edit_save (edit);
      return;
    }
  slip_rds_copy_members (transition->payload, edit->shape, applied);
  for_members (world, edit->shape, new_id != NULL ? new_id : edit->id,
               slip_json_string (transition->payload, "EngineVersion"));
  if (new_id != NULL)
    slip_rds_rename (edit, new_id);
  else
    slip_rds_edit_save (edit);
}

JsonNode *
slip_rds_delete_global_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *global = find_available (ctx, input, error);
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (global == NULL)
    return NULL;
  if (slip_json_bool (slip_rds_shape (global), "DeletionProtection", FALSE))
    return slip_rds_fail (
        error, "InvalidParameterCombination",
        "Cannot delete protected Global Cluster, please disable deletion protection "
        "and try again.");
  if (slip_rds_global_count_members (global) > 0)
    return slip_rds_fail (error, "InvalidGlobalClusterStateFault", "Global Cluster %s is not empty",
                          slip_rds_get (global, "GlobalClusterArn"));
  id = g_strdup (global->id);
  edit = slip_rds_edit_record (ctx->world, global);
  json_object_set_string_member (edit->shape, "Status", "deleting");
  slip_rds_edit_save (edit);
  slip_world_schedule (ctx->world, SLIP_RDS_GLOBAL_DELETE, "rds.global-deleted", ctx->account, "",
                       SLIP_RDS_GLOBAL, id, NULL);
  return slip_rds_global_answer (ctx, id);
}

static void
on_deleted (SlipWorld *world, const SlipTransition *transition)
{
  slip_world_remove (world, transition->account, transition->region, transition->type,
                     transition->id);
}

void
slip_rds_global_change_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.global-settled", on_settled);
  slip_world_handle (world, "rds.global-modified", on_modified);
  slip_world_handle (world, "rds.global-deleted", on_deleted);
}
