/* SPDX-License-Identifier: MIT */
/* New DB clusters: what all ways to make one have in common, and CreateDBCluster. A cluster comes
 * without instances. Restores are in slip-rds-cluster-restore.c. */

#include "slip-backup-source.h"
#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

/* Members of the requests that go into the shape as they are. */
static const SlipRdsMember common[] = {
    {"DatabaseName"},
    {"Port"},
    {"DBClusterParameterGroupName", "DBClusterParameterGroup"},
    {"DBSubnetGroupName", "DBSubnetGroup"},
    {"EnableIAMDatabaseAuthentication", "IAMDatabaseAuthenticationEnabled"},
    {"EnableCloudwatchLogsExports", "EnabledCloudwatchLogsExports"},
    {"DeletionProtection"},
    {"CopyTagsToSnapshot"},
    {"StorageType"},
    {"NetworkType"},
    {"ServerlessV2ScalingConfiguration"},
    {"EngineLifecycleSupport"},
    {"AvailabilityZones"},
    {NULL},
};

static const SlipRdsMember only_create[] = {
    {"BackupRetentionPeriod"},
    {"PreferredBackupWindow"},
    {"PreferredMaintenanceWindow"},
    {"MasterUsername"},
    {"EnableHttpEndpoint", "HttpEndpointEnabled"},
    {"EnableGlobalWriteForwarding", "GlobalWriteForwardingRequested"},
    {"StorageEncrypted"},
    {"AutoMinorVersionUpgrade"},
    {NULL},
};

static void
set_zones (SlipRdsEdit *edit)
{
  const char *const letters[] = {"a", "b", "c"};
  JsonArray *zones = slip_json_array (edit->shape, "AvailabilityZones");

  if (zones != NULL && json_array_get_length (zones) > 0)
    return;
  zones = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (letters); i++)
    {
      g_autofree char *zone = g_strconcat (edit->region, letters[i], NULL);
      json_array_add_string_element (zones, zone);
    }
  json_object_set_array_member (edit->shape, "AvailabilityZones", zones);
}

void
slip_rds_cluster_fill_defaults (SlipRdsEdit *edit)
{
  static const char *const empty_lists[] = {"ReadReplicaIdentifiers", "AssociatedRoles",
                                            "DomainMemberships", "VpcSecurityGroups", "TagList"};
  static const char *const off[] = {"StorageEncrypted",   "IAMDatabaseAuthenticationEnabled",
                                    "DeletionProtection", "HttpEndpointEnabled",
                                    "CopyTagsToSnapshot", "CrossAccountClone"};
  JsonObject *shape = edit->shape;
  gboolean postgres = g_strcmp0 (slip_json_string (shape, "Engine"), "aurora-postgresql") == 0;
  g_autofree char *family = slip_rds_dup_family (slip_json_string (shape, "Engine"),
                                                 slip_json_string (shape, "EngineVersion"));
  g_autofree char *group = g_strconcat ("default.", family, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (empty_lists); i++)
    if (!json_object_has_member (shape, empty_lists[i]))
      json_object_set_array_member (shape, empty_lists[i], json_array_new ());
  for (guint i = 0; i < G_N_ELEMENTS (off); i++)
    slip_rds_set_default_bool (shape, off[i], FALSE);
  set_zones (edit);
  slip_rds_set_default_int (shape, "AllocatedStorage", 1);
  slip_rds_set_default_int (shape, "BackupRetentionPeriod", 1);
  slip_rds_set_default_int (shape, "Port", postgres ? 5432 : 3306);
  slip_rds_set_default_bool (shape, "AutoMinorVersionUpgrade", TRUE);
  slip_rds_set_default (shape, "DBClusterParameterGroup", group);
  slip_rds_set_default (shape, "DBSubnetGroup", "default");
  slip_rds_set_default (shape, "EngineMode", "provisioned");
  slip_rds_set_default (shape, "PreferredBackupWindow", "02:00-02:30");
  slip_rds_set_default (shape, "PreferredMaintenanceWindow", "sun:03:30-sun:04:00");
  slip_rds_set_default (shape, "HostedZoneId", "Z0REHEARSAL0RDS");
  slip_rds_set_default (shape, "NetworkType", "IPV4");
  slip_rds_set_default (shape, "ActivityStreamStatus", "stopped");
  slip_rds_set_default (shape, "EngineLifecycleSupport", "open-source-rds-extended-support");
  if (!json_object_has_member (shape, "ClusterCreateTime"))
    slip_rds_set_now (edit->world, shape, "ClusterCreateTime");
  if (!json_object_has_member (shape, "DbClusterResourceId"))
    {
      g_autofree char *id
          = slip_rds_resource_id (edit->world, "cluster-", edit->account, edit->region, edit->id);
      json_object_set_string_member (shape, "DbClusterResourceId", id);
    }
  if (!json_object_has_member (shape, "Endpoint"))
    slip_rds_cluster_set_place (edit, NULL, 0);
}

gboolean
slip_rds_check_password (const char *password, GError **error)
{
  gsize length = strlen (password);

  if (length < 8 || length > 99)
    {
      slip_rds_fail (
          error, "InvalidParameterValue",
          "The parameter MasterUserPassword is not a valid password because it is %s than "
          "%d characters.",
          length < 8 ? "shorter" : "longer", length < 8 ? 8 : 99);
      return FALSE;
    }
  for (const char *c = password; *c != '\0'; c++)
    if (*c == '/' || *c == '"' || *c == '@' || *c < 33 || *c > 126)
      {
        slip_rds_fail (error, "InvalidParameterValue",
                       "The parameter MasterUserPassword is not a valid password. Only printable "
                       "ASCII characters besides '/', '@', '\"', ' ' may be used.");
        return FALSE;
      }
  return TRUE;
}

static void
set_security_groups (SlipRdsEdit *edit, JsonArray *ids)
{
  JsonArray *groups = json_array_new ();

  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++)
    {
      JsonObject *group = json_object_new ();
      json_object_set_string_member (group, "VpcSecurityGroupId",
                                     json_array_get_string_element (ids, i));
      json_object_set_string_member (group, "Status", "active");
      json_array_add_object_element (groups, group);
    }
  json_object_set_array_member (edit->shape, "VpcSecurityGroups", groups);
}

/* --- What all three have in common --- */

char *
slip_rds_cluster_check_new (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 quota = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "rds.clusters", 40);
  g_autofree char *id = slip_rds_check_name (slip_json_string (input, "DBClusterIdentifier"),
                                             "DBClusterIdentifier", 63, error);

  if (id == NULL || !slip_rds_check_tags (slip_json_array (input, "Tags"), error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id) != NULL)
    return slip_rds_fail (error, "DBClusterAlreadyExistsFault", "DB Cluster already exists");
  if (slip_world_count (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER) >= quota)
    return slip_rds_fail (error, "DBClusterQuotaExceededFault",
                          "You have exceeded the quota of %" G_GINT64_FORMAT " DB clusters.",
                          quota);
  return g_steal_pointer (&id);
}

SlipRdsEdit *
slip_rds_cluster_new (SlipServiceContext *ctx,
                      JsonObject *input,
                      const char *id,
                      const char *engine,
                      const char *version)
{
  SlipRdsEdit *edit
      = slip_rds_edit_new (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id);

  slip_rds_copy_members (input, edit->shape, common);
  json_object_set_string_member (edit->shape, "Engine", engine);
  json_object_set_string_member (edit->shape, "EngineVersion", version);
  json_object_set_string_member (edit->shape, "Status", "creating");
  json_object_set_array_member (edit->shape, "TagList",
                                slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
  set_security_groups (edit, slip_json_array (input, "VpcSecurityGroupIds"));
  return edit;
}

JsonObject *
slip_rds_cluster_new_database (SlipRdsEdit *edit)
{
  JsonObject *database = json_object_new ();
  g_autofree char *key
      = g_ascii_strdown (slip_json_string (edit->shape, "DbClusterResourceId"), -1);
  const char *name = slip_json_string (edit->shape, "DatabaseName");

  json_object_set_string_member (database, "key", key);
  if (name != NULL)
    json_object_set_string_member (database, "name", name);
  slip_rds_set_default (database, "user", slip_json_string (edit->shape, "MasterUsername"));
  json_object_set_object_member (edit->data, "database", database);
  return database;
}

JsonNode *
slip_rds_cluster_begin_create (SlipServiceContext *ctx,
                               SlipRdsEdit *edit,
                               double seconds,
                               JsonObject *payload)
{
  g_autofree char *id = g_strdup (edit->id);
  const SlipWorldRecord *cluster;

  slip_rds_edit_save (edit);
  slip_world_start_work (ctx->world, seconds, "rds.cluster-created", ctx->account, ctx->region,
                         SLIP_RDS_CLUSTER, id, payload);
  cluster = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER, id);
  return slip_rds_wrap ("DBCluster", slip_rds_cluster_view (ctx->world, cluster));
}

void
slip_rds_cluster_ask_for_port (JsonObject *action, JsonObject *input)
{
  if (json_object_has_member (input, "Port"))
    json_object_set_int_member (action, "port", slip_json_int (input, "Port", 0));
}

/* --- Create --- */

static gboolean
check_master (JsonObject *input, gboolean secondary, GError **error)
{
  const char *user = slip_json_string (input, "MasterUsername");
  const char *password = slip_json_string (input, "MasterUserPassword");
  gboolean managed = slip_json_bool (input, "ManageMasterUserPassword", FALSE);

  if (secondary)
    {
      if (user != NULL || password != NULL || managed)
        return slip_rds_refuse (
            error, "InvalidParameterCombination",
            "Cannot specify user name or password for a cross region replication "
            "cluster");
      return json_object_has_member (input, "DatabaseName") ? slip_rds_refuse (
                 error, "InvalidParameterCombination",
                 "Cannot specify database name for cross region replication cluster")
                                                            : TRUE;
    }
  if (user == NULL || *user == '\0')
    return slip_rds_refuse (error, "InvalidParameterValue",
                            "The parameter MasterUsername must be provided and must not be blank.");
  if (!g_ascii_isalpha (*user) || strlen (user) > 63 || strcmp (user, "rdsadmin") == 0)
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "MasterUsername rdsadmin cannot be used as it is a reserved word used by the "
        "engine");
  if (managed)
    return password == NULL
           || slip_rds_refuse (error, "InvalidParameterCombination",
                               "You can't specify MasterUserPassword for an instance with "
                               "ManageMasterUserPassword enabled.");
  if (password == NULL || *password == '\0')
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "The parameter MasterUserPassword must be provided and must not be blank.");
  return slip_rds_check_password (password, error);
}

/* Encryption of a secondary needs a key of its own region. */
static gboolean
choose_key (SlipServiceContext *ctx,
            JsonObject *input,
            const SlipWorldRecord *primary,
            char **key,
            GError **error)
{
  const char *wanted = slip_json_string (input, "KmsKeyId");
  gboolean encrypted = slip_json_bool (input, "StorageEncrypted", FALSE) || wanted != NULL;

  *key = NULL;
  if (primary != NULL)
    {
      encrypted = slip_json_bool (slip_rds_shape (primary), "StorageEncrypted", FALSE);
      if (encrypted && wanted == NULL)
        return slip_rds_refuse (
            error, "InvalidParameterCombination",
            "KmsKeyId should be explicitly specified for encrypted cross-region "
            "replication cluster");
    }
  if (!encrypted)
    return TRUE;
  *key = slip_rds_resolve_key (ctx, wanted, error);
  return *key != NULL;
}

static JsonObject *
plan_create (SlipServiceContext *ctx,
             SlipRdsEdit *edit,
             JsonObject *input,
             const SlipWorldRecord *primary,
             const char *password)
{
  JsonObject *payload = json_object_new ();
  JsonObject *from = primary != NULL ? slip_json_object (primary->data, "database") : NULL;
  JsonObject *database;
  JsonObject *action;

  if (!slip_rds_database_is_open ()
      || g_strcmp0 (slip_json_string (edit->shape, "Engine"), "aurora-postgresql") != 0
      || (primary != NULL && from == NULL))
    return payload;
  database = slip_rds_cluster_new_database (edit);
  action = slip_rds_database_action (payload, primary != NULL ? "follow" : "create");
  slip_rds_copy_members (database, action,
                         (const SlipRdsMember[]){{"key"}, {"name"}, {"user"}, {NULL}});
  if (primary != NULL)
    {
      json_object_set_string_member (action, "primary", slip_json_string (from, "key"));
      json_object_set_string_member (database, "primary", slip_json_string (from, "key"));
    }
  else
    json_object_set_string_member (action, "password", password);
  slip_rds_cluster_ask_for_port (action, input);
  return payload;
}

static void
inherit_from_primary (SlipRdsEdit *edit, const SlipWorldRecord *primary)
{
  static const SlipRdsMember inherited[] = {{"DatabaseName"}, {"MasterUsername"}, {NULL}};

  slip_rds_copy_members (slip_rds_shape (primary), edit->shape, inherited);
  json_object_set_int_member (edit->data, "size", slip_rds_cluster_size (primary));
}

JsonNode *
slip_rds_create_db_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *engine = slip_json_string (input, "Engine");
  gboolean secondary = FALSE;
  const SlipWorldRecord *global;
  const SlipWorldRecord *primary;
  const char *version;
  const char *password = slip_json_string (input, "MasterUserPassword");
  g_autofree char *id = slip_rds_cluster_check_new (ctx, input, error);
  g_autofree char *key = NULL;
  g_autofree char *managed = NULL;
  g_autoptr (GError) join_error = NULL;
  SlipRdsEdit *edit;
  JsonObject *payload;

  if (id == NULL)
    return NULL;
  version = slip_rds_check_version (engine, slip_json_string (input, "EngineVersion"), error);
  if (version == NULL)
    return NULL;
  global = slip_rds_global_check_join (ctx, input, &secondary, &join_error);
  if (join_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&join_error));
      return NULL;
    }
  primary = secondary ? slip_rds_global_primary (ctx->world, global) : NULL;
  if (!check_master (input, secondary, error)
      || !slip_rds_check_groups (ctx, input, engine, version, error)
      || !choose_key (ctx, input, primary, &key, error))
    return NULL;

  edit = slip_rds_cluster_new (ctx, input, id, engine, version);
  slip_rds_copy_members (input, edit->shape, only_create);
  json_object_set_int_member (edit->data, "size", 1);
  json_object_set_boolean_member (edit->shape, "StorageEncrypted", key != NULL);
  if (key != NULL)
    json_object_set_string_member (edit->shape, "KmsKeyId", key);
  if (primary != NULL)
    inherit_from_primary (edit, primary);
  slip_rds_cluster_fill_defaults (edit);
  if (slip_json_bool (input, "ManageMasterUserPassword", FALSE))
    {
      g_autofree char *secret_key
          = slip_rds_resolve_key (ctx,
                                  slip_json_string (input, "MasterUserSecretKmsKeyId") != NULL
                                      ? slip_json_string (input, "MasterUserSecretKmsKeyId")
                                      : "alias/aws/secretsmanager",
                                  error);
      if (secret_key == NULL)
        {
          slip_rds_edit_free (edit);
          return NULL;
        }
      password = managed = slip_rds_manage_password (edit, secret_key);
    }
  payload = plan_create (ctx, edit, input, primary, password);
  if (global != NULL)
    slip_rds_global_add_member (ctx->world, global, edit,
                                secondary ? "pending-resync" : "connected");
  return slip_rds_cluster_begin_create (
      ctx, edit, secondary ? SLIP_RDS_SECONDARY_CREATE : SLIP_RDS_CLUSTER_CREATE, payload);
}

/* --- What happens later --- */

static void
finish_database (SlipRdsEdit *edit, JsonObject *result)
{
  JsonObject *database = slip_json_object (edit->data, "database");

  if (database != NULL)
    json_object_remove_member (database, "password");
  slip_rds_cluster_take_place (edit, result);
}

static void
on_created (SlipWorld *world, const SlipTransition *work, JsonObject *result, const GError *error)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, work);
  const char *why = error != NULL ? error->message : work->fail;
  g_autofree char *global = NULL;
  g_autofree char *arn = NULL;
  gboolean restored;
  const SlipWorldRecord *cluster;

  if (edit == NULL)
    return;
  restored = slip_json_bool (edit->data, "restored", FALSE);
  json_object_remove_member (edit->data, "restored");
  global = g_strdup (slip_json_string (edit->data, "global"));
  arn = g_strdup (slip_json_string (edit->shape, "DBClusterArn"));
  finish_database (edit, result);
  json_object_set_string_member (edit->shape, "Status",
                                 why == NULL ? "available"
                                 : restored  ? "incompatible-restore"
                                             : "failed");
  slip_rds_edit_save (edit);
  cluster = slip_world_get (world, work->account, work->region, work->type, work->id);
  slip_backup_source_notify (world, arn, why);
  if (why != NULL)
    {
      slip_rds_event (world, cluster, "failure", "DB cluster %s failed: %s",
                      restored ? "restore" : "creation", why);
      return;
    }
  slip_rds_event (world, cluster, "creation", "DB cluster %s", restored ? "restored" : "created");
  if (global != NULL)
    slip_rds_global_set_synchronization (world, work->account, global, arn, "connected");
  /* The first automated backup follows at once. */
  slip_rds_cluster_begin_backup (world, cluster, SLIP_RDS_BACKING_UP);
}

void
slip_rds_cluster_make_attach (SlipWorld *world)
{
  slip_world_handle_work (world, "rds.cluster-created", slip_rds_database_work, on_created);
}
