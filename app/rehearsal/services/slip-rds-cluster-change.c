/* SPDX-License-Identifier: MIT */
/* ModifyDBCluster and DeleteDBCluster. A modification is accepted at once; for a moment the status
 * still reads `available`, then it names what is going on, and only at the end the new values show. */

#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

/* Applied by a modification, whether ApplyImmediately is given or not. */
static const SlipRdsMember changes[] = {
    {"BackupRetentionPeriod"},
    {"PreferredBackupWindow"},
    {"PreferredMaintenanceWindow"},
    {"DeletionProtection"},
    {"CopyTagsToSnapshot"},
    {"DBClusterParameterGroupName", "DBClusterParameterGroup"},
    {"EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"},
    {"EnableHttpEndpoint", "HttpEndpointEnabled"},
    {"StorageType"},
    {"NetworkType"},
    {"ServerlessV2ScalingConfiguration"},
    {"AutoMinorVersionUpgrade"},
    {NULL},
};

/* Wait for the maintenance window unless ApplyImmediately is given. */
static const SlipRdsMember deferrable[] = {
    {"EngineVersion"},
    {"MasterUserPassword"},
    {"NewDBClusterIdentifier", "DBClusterIdentifier"},
    {NULL},
};

/* Which accepted changes PendingModifiedValues shows. */
static const char *const shown_pending[]
    = {"EngineVersion",         "DBClusterIdentifier", "IAMDatabaseAuthenticationEnabled",
       "BackupRetentionPeriod", "StorageType",         NULL};

static gboolean
check_new_name (SlipServiceContext *ctx, JsonObject *input, JsonObject *accepted, GError **error)
{
  const char *wanted = slip_json_string (input, "NewDBClusterIdentifier");
  g_autofree char *id = NULL;

  if (wanted == NULL)
    return TRUE;
  id = slip_rds_check_name (wanted, "NewDBClusterIdentifier", 63, error);
  if (id == NULL)
    return FALSE;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id) != NULL)
    return slip_rds_refuse (error, "DBClusterAlreadyExistsFault", "DB Cluster already exists");
  json_object_set_string_member (accepted, "DBClusterIdentifier", id);
  return TRUE;
}

static gboolean
check_upgrade (const SlipWorldRecord *cluster, JsonObject *input, GError **error)
{
  const char *wanted = slip_json_string (input, "EngineVersion");
  const char *engine = slip_rds_get (cluster, "Engine");
  const char *now = slip_rds_get (cluster, "EngineVersion");

  if (wanted == NULL || strcmp (wanted, now) == 0)
    return TRUE;
  if (slip_rds_check_version (engine, wanted, error) == NULL)
    return FALSE;
  if (!slip_rds_can_upgrade (engine, now, wanted))
    {
      slip_rds_fail (error, "InvalidParameterCombination", "Cannot upgrade %s from %s to %s",
                     engine, now, wanted);
      return FALSE;
    }
  if (g_ascii_strtoull (wanted, NULL, 10) != g_ascii_strtoull (now, NULL, 10)
      && !slip_json_bool (input, "AllowMajorVersionUpgrade", FALSE))
    return slip_rds_refuse (
        error, "InvalidParameterCombination",
        "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major "
        "version.");
  return TRUE;
}

static gboolean
check_values (const SlipWorldRecord *cluster, JsonObject *input, GError **error)
{
  const char *password = slip_json_string (input, "MasterUserPassword");
  gint64 days = slip_json_int (input, "BackupRetentionPeriod", 1);
  gboolean managed = json_object_has_member (slip_rds_shape (cluster), "MasterUserSecret");
  JsonNode *manage = json_object_get_member (input, "ManageMasterUserPassword");
  gboolean will_manage = manage != NULL ? json_node_get_boolean (manage) : managed;

  if (days < 1 || days > 35)
    {
      slip_rds_fail (error, "InvalidParameterValue",
                     "Invalid backup retention period: %" G_GINT64_FORMAT
                     ". Retention period must be between 1 and 35",
                     days);
      return FALSE;
    }
  if (slip_json_bool (cluster->data, "secondary", FALSE) && (password != NULL || manage != NULL))
    return slip_rds_refuse (error, "InvalidDBClusterStateFault",
                            "The master user password of a secondary cluster cannot be modified.");
  if (password != NULL && will_manage)
    return slip_rds_refuse (error, "InvalidParameterCombination",
                            "You can't specify MasterUserPassword for an instance with "
                            "ManageMasterUserPassword enabled.");
  if (manage != NULL && managed && !will_manage && password == NULL)
    return slip_rds_refuse (error, "InvalidParameterCombination",
                            "You must specify MasterUserPassword when you turn off "
                            "ManageMasterUserPassword.");
  if (slip_json_bool (input, "RotateMasterUserPassword", FALSE) && !will_manage)
    return slip_rds_refuse (
        error, "InvalidParameterCombination",
        "You can't rotate a master user password that isn't managed in AWS Secrets "
        "Manager.");
  return password == NULL || slip_rds_check_password (password, error);
}

static void
accept_security_groups (JsonObject *input, JsonObject *accepted)
{
  JsonArray *ids = slip_json_array (input, "VpcSecurityGroupIds");
  JsonArray *groups;

  if (ids == NULL)
    return;
  groups = json_array_new ();
  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      JsonObject *group = json_object_new ();
      json_object_set_string_member (group, "VpcSecurityGroupId",
                                     json_array_get_string_element (ids, i));
      json_object_set_string_member (group, "Status", "active");
      json_array_add_object_element (groups, group);
    }
  json_object_set_array_member (accepted, "VpcSecurityGroups", groups);
}

static void
accept_logs (const SlipWorldRecord *cluster, JsonObject *input, JsonObject *accepted)
{
  JsonObject *wanted = slip_json_object (input, "CloudwatchLogsExportConfiguration");
  JsonArray *now = slip_json_array (slip_rds_shape (cluster), "EnabledCloudwatchLogsExports");
  JsonArray *lists[] = {now, wanted != NULL ? slip_json_array (wanted, "EnableLogTypes") : NULL};
  JsonArray *off = wanted != NULL ? slip_json_array (wanted, "DisableLogTypes") : NULL;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  if (wanted == NULL)
    return;
  for (guint l = 0; l < G_N_ELEMENTS (lists); l++)
    for (guint i = 0; lists[l] != NULL && i < json_array_get_length (lists[l]); i++)
      {
        const char *name = json_array_get_string_element (lists[l], i);
        gboolean drop = g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL);

        for (guint j = 0; off != NULL && j < json_array_get_length (off); j++)
          drop = drop || strcmp (json_array_get_string_element (off, j), name) == 0;
        if (!drop)
          g_ptr_array_add (names, (gpointer)name);
      }
  g_ptr_array_add (names, NULL);
  json_object_set_array_member (accepted, "EnabledCloudwatchLogsExports",
                                slip_rds_strings ((const char *const *)names->pdata));
}

/* What the request asks for and what waited for a maintenance window, as members of the shape; the
 * master password travels beside. */
static JsonObject *
accept (const SlipWorldRecord *cluster, JsonObject *input)
{
  JsonObject *before = slip_json_object (cluster->data, "changes");
  JsonObject *accepted = json_object_new ();

  if (before != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (before));
      g_autoptr (JsonNode) copy = slip_json_copy (node);
      json_object_unref (accepted);
      accepted = json_node_dup_object (copy);
    }
  slip_rds_copy_members (input, accepted, changes);
  slip_rds_copy_members (input, accepted, deferrable);
  accept_security_groups (input, accepted);
  accept_logs (cluster, input, accepted);
  return accepted;
}

static void
show_pending (SlipRdsEdit *edit, JsonObject *accepted)
{
  JsonObject *pending = json_object_new ();

  for (guint i = 0; shown_pending[i] != NULL; i++)
    {
      JsonNode *node = json_object_get_member (accepted, shown_pending[i]);
      if (node != NULL
          && !slip_json_equal (node, json_object_get_member (edit->shape, shown_pending[i])))
        json_object_set_member (pending, shown_pending[i], slip_json_copy (node));
    }
  if (json_object_has_member (accepted, "MasterUserPassword"))
    json_object_set_string_member (pending, "MasterUserPassword", "****");
  if (json_object_get_size (pending) > 0)
    json_object_set_object_member (edit->shape, "PendingModifiedValues", pending);
  else
    {
      json_object_unref (pending);
      json_object_remove_member (edit->shape, "PendingModifiedValues");
    }
}

static gboolean
only_deferred (JsonObject *accepted, gboolean immediately)
{
  guint deferred = 0;

  if (immediately)
    return FALSE;
  for (const SlipRdsMember *m = deferrable; m->input != NULL; m++)
    deferred += json_object_has_member (accepted, m->shape != NULL ? m->shape : m->input) ? 1 : 0;
  return deferred == json_object_get_size (accepted);
}

static gboolean
manage (SlipServiceContext *ctx,
        SlipRdsEdit *edit,
        JsonObject *input,
        JsonObject *accepted,
        GError **error)
{
  JsonNode *wanted = json_object_get_member (input, "ManageMasterUserPassword");
  gboolean managed = json_object_has_member (edit->shape, "MasterUserSecret");
  const char *key_id = slip_json_string (input, "MasterUserSecretKmsKeyId");
  g_autofree char *key = NULL;
  g_autofree char *password = NULL;

  if (wanted != NULL && !json_node_get_boolean (wanted))
    {
      if (managed)
        slip_rds_unmanage_password (edit);
      return TRUE;
    }
  if (wanted == NULL && !slip_json_bool (input, "RotateMasterUserPassword", FALSE))
    return TRUE;
  if (managed && !slip_json_bool (input, "RotateMasterUserPassword", FALSE))
    return TRUE;
  key = slip_rds_resolve_key (ctx, key_id != NULL ? key_id : "alias/aws/secretsmanager", error);
  if (key == NULL)
    return FALSE;
  password = slip_rds_manage_password (edit, key);
  json_object_set_string_member (accepted, "MasterUserPassword", password);
  return TRUE;
}

static gboolean
check_modify (SlipServiceContext *ctx,
              const SlipWorldRecord *cluster,
              JsonObject *input,
              JsonObject *accepted,
              GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const char *version = slip_json_string (input, "EngineVersion");

  return slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error)
         && check_values (cluster, input, error) && check_upgrade (cluster, input, error)
         && slip_rds_check_groups (
             ctx, input, slip_rds_get (cluster, "Engine"),
             version != NULL ? version : slip_rds_get (cluster, "EngineVersion"), error)
         && check_new_name (ctx, input, accepted, error);
}

/* What is broken can only be deleted, and for that its protection must come off. [inferred] */
static gboolean
is_unprotecting_broken (const SlipWorldRecord *cluster, JsonObject *input)
{
  guint others = json_object_get_size (input) - 2;

  return slip_rds_cluster_is_broken (cluster)
         && json_object_has_member (input, "DeletionProtection")
         && others == (json_object_has_member (input, "ApplyImmediately") ? 1 : 0);
}

static JsonNode *
protect_broken (SlipServiceContext *ctx, const SlipWorldRecord *cluster, JsonObject *input)
{
  g_autofree char *id = g_strdup (cluster->id);
  SlipRdsEdit *edit = slip_rds_edit_record (ctx->world, cluster);

  json_object_set_boolean_member (edit->shape, "DeletionProtection",
                                  slip_json_bool (input, "DeletionProtection", FALSE));
  slip_rds_edit_save (edit);
  cluster = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id);
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

JsonNode *
slip_rds_modify_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_rds_find (
      ctx, slip_json_string (input, "DBClusterIdentifier"), SLIP_RDS_CLUSTER, error);
  gboolean immediately = slip_json_bool (input, "ApplyImmediately", FALSE);
  g_autoptr (JsonObject) accepted = NULL;
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (cluster == NULL)
    return NULL;
  if (is_unprotecting_broken (cluster, input))
    return protect_broken (ctx, cluster, input);
  accepted = accept (cluster, input);
  if (!check_modify (ctx, cluster, input, accepted, error))
    return NULL;
  id = g_strdup (cluster->id);
  edit = slip_rds_edit_record (ctx->world, cluster);
  if (!manage (ctx, edit, input, accepted, error))
    {
      slip_rds_edit_free (edit);
      return NULL;
    }
  show_pending (edit, accepted);
  json_object_set_object_member (edit->data, "changes", json_object_ref (accepted));
  json_object_set_boolean_member (edit->data, "apply-deferred", immediately);
  slip_rds_edit_save (edit);
  if (json_object_get_size (accepted) > 0 && !only_deferred (accepted, immediately)
      && !slip_world_is_scheduled (ctx->world, "rds.cluster-settled", ctx->account, ctx->region,
                                   SLIP_RDS_CLUSTER, id))
    slip_world_schedule (ctx->world, SLIP_RDS_SETTLE, "rds.cluster-settled", ctx->account,
                         ctx->region, SLIP_RDS_CLUSTER, id, NULL);
  cluster = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id);
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

/* --- What happens later --- */

static const struct
{
  const char *member;
  const char *status;
  double seconds;
} phases[] = {
    {"EngineVersion", "upgrading", SLIP_RDS_UPGRADE},
    {"DBClusterIdentifier", "renaming", SLIP_RDS_CLUSTER_RENAME},
    {"MasterUserPassword", "resetting-master-credentials", SLIP_RDS_PASSWORD},
    {"IAMDatabaseAuthenticationEnabled", "update-iam-db-auth", SLIP_RDS_CLUSTER_MODIFY},
};

static JsonObject *
plan_password (const SlipWorldRecord *cluster, JsonObject *accepted)
{
  JsonObject *payload = json_object_new ();
  JsonObject *database = slip_json_object (cluster->data, "database");
  const char *password = slip_json_string (accepted, "MasterUserPassword");
  JsonObject *action;

  if (password == NULL || database == NULL || !slip_rds_database_is_open ())
    return payload;
  action = slip_rds_database_action (payload, "password");
  slip_rds_copy_members (database, action, (const SlipRdsMember[]){{"key"}, {"user"}, {NULL}});
  json_object_set_string_member (action, "password", password);
  return payload;
}

static void
on_settled (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  const SlipWorldRecord *cluster = slip_world_get (world, transition->account, transition->region,
                                                   transition->type, transition->id);
  gboolean immediately;
  const char *status = "modifying";
  double seconds = SLIP_RDS_CLUSTER_MODIFY;
  JsonObject *accepted;
  JsonObject *payload;

  if (edit == NULL)
    return;
  accepted = slip_json_object (edit->data, "changes");
  immediately = slip_json_bool (edit->data, "apply-deferred", FALSE);
  for (guint i = 0; accepted != NULL && i < G_N_ELEMENTS (phases); i++)
    if (json_object_has_member (accepted, phases[i].member)
        && (immediately || strcmp (phases[i].status, "update-iam-db-auth") == 0))
      {
        status = phases[i].status;
        seconds = phases[i].seconds;
        break;
      }
  payload
      = accepted != NULL && immediately ? plan_password (cluster, accepted) : json_object_new ();
  json_object_set_string_member (edit->shape, "Status", status);
  slip_rds_edit_save (edit);
  slip_world_start_work (world, seconds, "rds.cluster-modified", transition->account,
                         transition->region, transition->type, transition->id, payload);
}

static void
mark_reboot_needed (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);

  for (guint i = 0; i < instances->len; i++)
    {
      SlipRdsEdit *edit = slip_rds_edit_record (world, g_ptr_array_index (instances, i));
      json_object_set_string_member (edit->data, "group-status", "pending-reboot");
      slip_rds_edit_save (edit);
    }
}

/* Instances name their cluster, so they follow its new name. */
static void
rename_cluster (SlipRdsEdit *edit, const char *id)
{
  SlipWorld *world = edit->world;
  const SlipWorldRecord *old
      = slip_world_get (world, edit->account, edit->region, SLIP_RDS_CLUSTER, edit->id);
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, old);
  g_autofree char *old_arn = g_strdup (slip_rds_get (old, "DBClusterArn"));
  g_autofree char *new_arn = slip_rds_arn (SLIP_RDS_CLUSTER, edit->account, edit->region, id);
  const char *global = slip_json_string (edit->data, "global");
  const char *endpoint = slip_json_string (edit->shape, "Endpoint");
  gboolean has_rows = endpoint != NULL && g_str_has_prefix (endpoint, "127.");

  if (global != NULL)
    slip_rds_global_rename_member (world, edit->account, global, old_arn, new_arn);
  for (guint i = 0; i < instances->len; i++)
    {
      SlipRdsEdit *instance = slip_rds_edit_record (world, g_ptr_array_index (instances, i));
      json_object_set_string_member (instance->shape, "DBClusterIdentifier", id);
      slip_rds_edit_save (instance);
    }
  if (!has_rows)
    {
      g_autofree char *before = g_strdup (edit->id);
      g_free (edit->id);
      edit->id = g_strdup (id);
      slip_rds_cluster_set_place (edit, NULL, 0);
      g_free (edit->id);
      edit->id = g_steal_pointer (&before);
    }
  slip_rds_rename (edit, id);
}

/* Returns the deferred members that must go on waiting. */
static JsonObject *
apply (SlipRdsEdit *edit, JsonObject *accepted, gboolean immediately)
{
  JsonObject *waiting = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (accepted);

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *name = l->data;
      gboolean deferred = strcmp (name, "EngineVersion") == 0
                          || strcmp (name, "MasterUserPassword") == 0
                          || strcmp (name, "DBClusterIdentifier") == 0;
      JsonNode *value = json_object_get_member (accepted, name);

      if (deferred && !immediately)
        json_object_set_member (waiting, name, slip_json_copy (value));
      else if (strcmp (name, "MasterUserPassword") != 0
               && strcmp (name, "DBClusterIdentifier") != 0)
        json_object_set_member (edit->shape, name, slip_json_copy (value));
    }
  return waiting;
}

static void
on_modified (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const char *why = error != NULL ? error->message : work->fail;
  g_autoptr (JsonObject) accepted = NULL;
  g_autofree char *new_id = NULL;
  gboolean immediately;
  gboolean group_changes;
  const SlipWorldRecord *cluster;

  if (edit == NULL)
    return;
  accepted = slip_json_object (edit->data, "changes");
  accepted = accepted != NULL ? json_object_ref (accepted) : json_object_new ();
  immediately = slip_json_bool (edit->data, "apply-deferred", FALSE);
  json_object_remove_member (edit->data, "changes");
  json_object_remove_member (edit->data, "apply-deferred");
  json_object_remove_member (edit->shape, "PendingModifiedValues");
  json_object_set_string_member (edit->shape, "Status", "available");
  group_changes = why == NULL && json_object_has_member (accepted, "DBClusterParameterGroup");
  if (why == NULL)
    {
      JsonObject *waiting = apply (edit, accepted, immediately);
      show_pending (edit, waiting);
      json_object_set_object_member (edit->data, "changes", waiting);
      if (immediately)
        new_id = g_strdup (slip_json_string (accepted, "DBClusterIdentifier"));
    }
  if (new_id != NULL && strcmp (new_id, edit->id) != 0)
    rename_cluster (edit, new_id);
  else
    slip_rds_edit_save (edit);
  cluster = slip_world_get (world, work->account, work->region, work->type,
                            new_id != NULL ? new_id : work->id);
  if (group_changes)
    mark_reboot_needed (world, cluster);
  if (why != NULL)
    slip_rds_event (world, cluster, "failure", "DB cluster modification failed: %s", why);
  else if (new_id != NULL)
    slip_rds_event (world, cluster, "notification", "Renamed cluster from %s to %s", work->id,
                    new_id);
  else if (json_object_has_member (accepted, "MasterUserPassword"))
    slip_rds_event (world, cluster, "configuration change", "Reset master credentials");
  else
    slip_rds_event (world, cluster, "configuration change", "Finished applying modification");
}

void
slip_rds_cluster_change_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.cluster-settled", on_settled);
  slip_world_handle_work (world, "rds.cluster-modified", slip_rds_database_work, on_modified);
}
