/* SPDX-License-Identifier: MIT */
/* ModifyDBInstance and RebootDBInstance. As with clusters a modification is accepted first, shows in
 * PendingModifiedValues, and takes effect at the end of `modifying` or `renaming`. */

#include "slip-rds-cluster.h"
#include "slip-rds-instance.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

static const SlipRdsMember changes[] = {
    {"PreferredMaintenanceWindow"},
    {"AutoMinorVersionUpgrade"},
    {"PubliclyAccessible"},
    {"MonitoringInterval"},
    {"MonitoringRoleArn"},
    {"PromotionTier"},
    {"EnablePerformanceInsights", "PerformanceInsightsEnabled"},
    {"PerformanceInsightsKMSKeyId"},
    {"PerformanceInsightsRetentionPeriod"},
    {"DeletionProtection"},
    {NULL},
};

/* Wait for the maintenance window unless ApplyImmediately is given; all show while they wait. */
static const SlipRdsMember deferrable[] = {
    {"DBInstanceClass"},
    {"CACertificateIdentifier"},
    {"NewDBInstanceIdentifier", "DBInstanceIdentifier"},
    {NULL},
};

static gboolean
check_modify (SlipServiceContext *ctx,
              const SlipWorldRecord *instance,
              JsonObject *input,
              GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const char *const of_cluster[] = {"MasterUserPassword",  "BackupRetentionPeriod",
                                    "EngineVersion",       "AllocatedStorage",
                                    "StorageType",         "EnableIAMDatabaseAuthentication",
                                    "DBPortNumber",        "ManageMasterUserPassword",
                                    "VpcSecurityGroupIds", "PreferredBackupWindow"};
  const char *wanted = slip_json_string (input, "NewDBInstanceIdentifier");
  const char *wanted_class = slip_json_string (input, "DBInstanceClass");
  const char *group = slip_json_string (input, "DBParameterGroupName");
  g_autofree char *id = NULL;

  if (!slip_rds_require_status (instance, allowed, "InvalidDBInstanceState", error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (of_cluster); i++)
    if (json_object_has_member (input, of_cluster[i]))
      {
        slip_rds_fail (error, "InvalidParameterCombination",
                       "The DB instance belongs to an Aurora DB cluster. Modify %s with "
                       "ModifyDBCluster.",
                       of_cluster[i]);
        return FALSE;
      }
  if (wanted_class != NULL
      && !slip_rds_check_class (
          slip_rds_get (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER,
                                        slip_rds_get (instance, "DBClusterIdentifier")),
                        "Engine"),
          wanted_class, error))
    return FALSE;
  if (group != NULL && !g_str_has_prefix (group, "default.")
      && slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_GROUP, group) == NULL)
    {
      slip_rds_fail (error, "DBParameterGroupNotFound", "DBParameterGroup not found: %s", group);
      return FALSE;
    }
  if (wanted == NULL)
    return TRUE;
  id = slip_rds_check_name (wanted, "NewDBInstanceIdentifier", 63, error);
  if (id == NULL)
    return FALSE;
  return slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id) == NULL
         || slip_rds_refuse (error, "DBInstanceAlreadyExists", "DB instance already exists");
}

static void
accept_group (SlipRdsEdit *edit, const char *name)
{
  JsonArray *groups;
  JsonObject *group;

  if (name == NULL)
    return;
  groups = json_array_new ();
  group = json_object_new ();
  json_object_set_string_member (group, "DBParameterGroupName", name);
  json_object_set_string_member (group, "ParameterApplyStatus", "pending-reboot");
  json_array_add_object_element (groups, group);
  json_object_set_array_member (edit->shape, "DBParameterGroups", groups);
}

JsonNode *
slip_rds_modify_db_instance (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *instance = slip_rds_find (
      ctx, slip_json_string (input, "DBInstanceIdentifier"), SLIP_RDS_INSTANCE, error);
  gboolean immediately = slip_json_bool (input, "ApplyImmediately", FALSE);
  JsonObject *pending;
  JsonObject *accepted;
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;
  gboolean begin;

  if (instance == NULL || !check_modify (ctx, instance, input, error))
    return NULL;
  id = g_strdup (instance->id);
  edit = slip_rds_edit_record (ctx->world, instance);
  pending = slip_json_object (edit->shape, "PendingModifiedValues");
  slip_rds_copy_members (input, pending, deferrable);
  if (json_object_has_member (pending, "DBInstanceIdentifier"))
    {
      g_autofree char *lower
          = g_ascii_strdown (slip_json_string (pending, "DBInstanceIdentifier"), -1);
      json_object_set_string_member (pending, "DBInstanceIdentifier", lower);
    }
  accepted = slip_json_object (edit->data, "changes");
  if (accepted == NULL)
    {
      accepted = json_object_new ();
      json_object_set_object_member (edit->data, "changes", accepted);
    }
  slip_rds_copy_members (input, accepted, changes);
  accept_group (edit, slip_json_string (input, "DBParameterGroupName"));
  json_object_set_boolean_member (edit->data, "apply-deferred", immediately);
  begin
      = json_object_get_size (accepted) > 0 || (immediately && json_object_get_size (pending) > 0);
  slip_rds_edit_save (edit);
  if (begin
      && !slip_world_is_scheduled (ctx->world, "rds.instance-settled", ctx->account, ctx->region,
                                   SLIP_RDS_INSTANCE, id))
    slip_world_schedule (ctx->world, SLIP_RDS_SETTLE, "rds.instance-settled", ctx->account,
                         ctx->region, SLIP_RDS_INSTANCE, id, NULL);
  instance = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  return slip_rds_wrap ("DBInstance", slip_rds_instance_view (ctx->world, instance));
}

static void
on_settled (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  gboolean rename;

  if (edit == NULL)
    return;
  rename = slip_json_bool (edit->data, "apply-deferred", FALSE)
           && json_object_has_member (slip_json_object (edit->shape, "PendingModifiedValues"),
                                      "DBInstanceIdentifier");
  json_object_set_string_member (edit->shape, "DBInstanceStatus",
                                 rename ? "renaming" : "modifying");
  slip_rds_edit_save (edit);
  slip_world_schedule (world, SLIP_RDS_INSTANCE_MODIFY, "rds.instance-modified",
                       transition->account, transition->region, transition->type, transition->id,
                       NULL);
}

static void
on_modified (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  JsonObject *pending;
  JsonObject *accepted;
  g_autofree char *new_id = NULL;
  const SlipWorldRecord *instance;

  if (edit == NULL)
    return;
  pending = slip_json_object (edit->shape, "PendingModifiedValues");
  accepted = slip_json_object (edit->data, "changes");
  if (transition->fail == NULL)
    {
      static const SlipRdsMember applied[]
          = {{"DBInstanceClass"}, {"CACertificateIdentifier"}, {NULL}};
      g_autoptr (GList) names = json_object_get_members (accepted);

      for (GList *l = names; l != NULL; l = l->next)
        json_object_set_member (edit->shape, l->data,
                                slip_json_copy (json_object_get_member (accepted, l->data)));
      if (slip_json_bool (edit->data, "apply-deferred", FALSE))
        {
          slip_rds_copy_members (pending, edit->shape, applied);
          new_id = g_strdup (slip_json_string (pending, "DBInstanceIdentifier"));
          json_object_set_object_member (edit->shape, "PendingModifiedValues", json_object_new ());
        }
    }
  json_object_remove_member (edit->data, "changes");
  json_object_remove_member (edit->data, "apply-deferred");
  json_object_set_string_member (edit->shape, "DBInstanceStatus", "available");
  if (new_id != NULL)
    slip_rds_rename (edit, new_id);
  else
    slip_rds_edit_save (edit);
  instance = slip_world_get (world, transition->account, transition->region, transition->type,
                             new_id != NULL ? new_id : transition->id);
  if (new_id != NULL)
    slip_rds_event (world, instance, "notification", "Renamed instance from %s to %s",
                    transition->id, new_id);
  else
    slip_rds_event (world, instance, "configuration change", "Finished applying modification%s%s",
                    transition->fail != NULL ? ": " : "",
                    transition->fail != NULL ? transition->fail : "");
}

/* --- Reboot --- */

JsonNode *
slip_rds_reboot_db_instance (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const SlipWorldRecord *instance = slip_rds_find (
      ctx, slip_json_string (input, "DBInstanceIdentifier"), SLIP_RDS_INSTANCE, error);
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (instance == NULL
      || !slip_rds_require_status (instance, allowed, "InvalidDBInstanceState", error))
    return NULL;
  if (slip_json_bool (input, "ForceFailover", FALSE))
    return slip_rds_fail (error, "InvalidParameterCombination",
                          "ForceFailover cannot be specified for an Aurora DB instance. Use "
                          "FailoverDBCluster.");
  id = g_strdup (instance->id);
  edit = slip_rds_edit_record (ctx->world, instance);
  json_object_set_string_member (edit->shape, "DBInstanceStatus", "rebooting");
  slip_rds_edit_save (edit);
  slip_world_schedule (ctx->world, SLIP_RDS_INSTANCE_REBOOT, "rds.instance-rebooted", ctx->account,
                       ctx->region, SLIP_RDS_INSTANCE, id, NULL);
  instance = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  return slip_rds_wrap ("DBInstance", slip_rds_instance_view (ctx->world, instance));
}

/* A reboot is what brings static parameters of its groups into effect. */
static void
on_rebooted (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  JsonArray *groups;

  if (edit == NULL)
    return;
  json_object_set_string_member (edit->shape, "DBInstanceStatus",
                                 transition->fail != NULL ? "failed" : "available");
  json_object_remove_member (edit->data, "group-status");
  groups = slip_json_array (edit->shape, "DBParameterGroups");
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    json_object_set_string_member (json_array_get_object_element (groups, i),
                                   "ParameterApplyStatus", "in-sync");
  slip_rds_edit_save (edit);
  slip_rds_event (world,
                  slip_world_get (world, transition->account, transition->region, transition->type,
                                  transition->id),
                  "availability", "DB instance restarted");
}

void
slip_rds_instance_change_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.instance-settled", on_settled);
  slip_world_handle (world, "rds.instance-modified", on_modified);
  slip_world_handle (world, "rds.instance-rebooted", on_rebooted);
}
