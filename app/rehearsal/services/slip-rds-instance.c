/* SPDX-License-Identifier: MIT */
/* DB instances of clusters. An instance is compute only: its rows are its cluster's, and so are
 * engine, encryption and endpoints' port. */

#include "slip-rds-cluster.h"
#include "slip-rds-instance.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

/* What an instance shows of its cluster at every moment. */
static const SlipRdsMember of_cluster[] = {
    {"Engine"},
    {"EngineVersion"},
    {"MasterUsername"},
    {"DatabaseName", "DBName"},
    {"StorageEncrypted"},
    {"KmsKeyId"},
    {"BackupRetentionPeriod"},
    {"PreferredBackupWindow"},
    {"IAMDatabaseAuthenticationEnabled"},
    {"VpcSecurityGroups"},
    {"NetworkType"},
    {"EnabledCloudwatchLogsExports"},
    {"CopyTagsToSnapshot"},
    {"EngineLifecycleSupport"},
    {NULL},
};

/* Members of the requests that go into the shape as they are. */
static const SlipRdsMember settings[] = {
    {"DBInstanceClass"},
    {"PreferredMaintenanceWindow"},
    {"AutoMinorVersionUpgrade"},
    {"PubliclyAccessible"},
    {"MonitoringInterval"},
    {"MonitoringRoleArn"},
    {"PromotionTier"},
    {"EnablePerformanceInsights", "PerformanceInsightsEnabled"},
    {"PerformanceInsightsKMSKeyId"},
    {"PerformanceInsightsRetentionPeriod"},
    {"CACertificateIdentifier"},
    {"DeletionProtection"},
    {NULL},
};

static const SlipWorldRecord *
cluster_of (SlipWorld *world, const SlipWorldRecord *instance)
{
  return slip_world_get (world, instance->account, instance->region, SLIP_RDS_CLUSTER,
                         slip_rds_get (instance, "DBClusterIdentifier"));
}

static JsonObject *
view_endpoint (const SlipWorldRecord *instance, const SlipWorldRecord *cluster)
{
  JsonObject *endpoint = json_object_new ();
  const char *address = slip_rds_get (cluster, "Endpoint");
  const char *rest = strstr (address, ".cluster-");
  g_autofree char *name = NULL;

  /* `api.cluster-abc.eu-west-1…` belongs to the cluster, `api-1.abc.eu-west-1…` to an instance. */
  name = rest != NULL ? g_strdup_printf ("%s.%s", instance->id, rest + strlen (".cluster-"))
                      : g_strdup (address);
  json_object_set_string_member (endpoint, "Address", name);
  json_object_set_int_member (endpoint, "Port",
                              slip_json_int (slip_rds_shape (cluster), "Port", 5432));
  json_object_set_string_member (endpoint, "HostedZoneId", slip_rds_get (cluster, "HostedZoneId"));
  return endpoint;
}

static JsonArray *
view_group (const char *name,
            const char *name_member,
            const char *status_member,
            const char *status)
{
  JsonArray *groups = json_array_new ();
  JsonObject *group = json_object_new ();

  json_object_set_string_member (group, name_member, name);
  json_object_set_string_member (group, status_member, status);
  json_array_add_object_element (groups, group);
  return groups;
}

JsonObject *
slip_rds_instance_view (SlipWorld *world, const SlipWorldRecord *instance)
{
  const SlipWorldRecord *cluster = cluster_of (world, instance);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (slip_rds_shape (instance)));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *shape = json_node_get_object (copy);
  const SlipWorldRecord *subnets;

  if (cluster == NULL)
    return json_object_ref (shape);
  slip_rds_copy_members (slip_rds_shape (cluster), shape, of_cluster);
  if (!slip_rds_is (instance, "DBInstanceStatus", "creating"))
    json_object_set_object_member (shape, "Endpoint", view_endpoint (instance, cluster));
  subnets = slip_world_get (world, cluster->account, cluster->region, SLIP_RDS_SUBNETS,
                            slip_rds_get (cluster, "DBSubnetGroup"));
  if (subnets != NULL)
    {
      g_autoptr (JsonNode) group
          = slip_json_new_object (json_object_ref (slip_rds_shape (subnets)));
      json_object_set_member (shape, "DBSubnetGroup", slip_json_copy (group));
    }
  return json_object_ref (shape);
}

static void
fill_lists (SlipRdsEdit *edit, const char *group, const char *option_group)
{
  static const char *const empty[] = {"DBSecurityGroups", "ReadReplicaDBInstanceIdentifiers",
                                      "DomainMemberships", "AssociatedRoles", "TagList"};

  for (guint i = 0; i < G_N_ELEMENTS (empty); i++)
    if (!json_object_has_member (edit->shape, empty[i]))
      json_object_set_array_member (edit->shape, empty[i], json_array_new ());
  if (!json_object_has_member (edit->shape, "DBParameterGroups"))
    json_object_set_array_member (
        edit->shape, "DBParameterGroups",
        view_group (group, "DBParameterGroupName", "ParameterApplyStatus", "in-sync"));
  if (!json_object_has_member (edit->shape, "OptionGroupMemberships"))
    json_object_set_array_member (
        edit->shape, "OptionGroupMemberships",
        view_group (option_group, "OptionGroupName", "Status", "in-sync"));
}

void
slip_rds_instance_fill_defaults (SlipRdsEdit *edit, const SlipWorldRecord *cluster)
{
  JsonObject *shape = edit->shape;
  const char *engine = slip_rds_get (cluster, "Engine");
  const char *version = slip_rds_get (cluster, "EngineVersion");
  g_autofree char *family = slip_rds_dup_family (engine, version);
  g_autofree char *group = g_strconcat ("default.", family, NULL);
  g_autofree char *option_group = g_strdup_printf ("default:%s-%" G_GUINT64_FORMAT, engine,
                                                   g_ascii_strtoull (version, NULL, 10));
  g_autofree char *zone = g_strconcat (edit->region, "a", NULL);

  fill_lists (edit, group, option_group);
  slip_rds_set_default (shape, "DBInstanceStatus", "creating");
  slip_rds_set_default_int (shape, "AllocatedStorage", 1);
  slip_rds_set_default_int (shape, "DbInstancePort", 0);
  slip_rds_set_default_int (shape, "MonitoringInterval", 0);
  slip_rds_set_default_int (shape, "PromotionTier", 1);
  slip_rds_set_default_bool (shape, "MultiAZ", FALSE);
  slip_rds_set_default_bool (shape, "AutoMinorVersionUpgrade", TRUE);
  slip_rds_set_default_bool (shape, "PubliclyAccessible", FALSE);
  slip_rds_set_default_bool (shape, "PerformanceInsightsEnabled", FALSE);
  slip_rds_set_default_bool (shape, "DeletionProtection", FALSE);
  slip_rds_set_default (shape, "AvailabilityZone", zone);
  slip_rds_set_default (shape, "PreferredMaintenanceWindow", "sun:04:00-sun:04:30");
  slip_rds_set_default (shape, "LicenseModel", "postgresql-license");
  slip_rds_set_default (shape, "StorageType", "aurora");
  slip_rds_set_default (shape, "CACertificateIdentifier", "rds-ca-rsa2048-g1");
  if (!json_object_has_member (shape, "InstanceCreateTime"))
    slip_rds_set_now (edit->world, shape, "InstanceCreateTime");
  if (!json_object_has_member (shape, "DbiResourceId"))
    {
      g_autofree char *id
          = slip_rds_resource_id (edit->world, "db-", edit->account, edit->region, edit->id);
      json_object_set_string_member (shape, "DbiResourceId", id);
    }
  json_object_set_object_member (shape, "PendingModifiedValues", json_object_new ());
}

/* --- Reading --- */

JsonNode *
slip_rds_describe_db_instances (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter filters[] = {
      {"db-cluster-id", "DBClusterIdentifier"},
      {"db-instance-id", "DBInstanceIdentifier"},
      {"dbi-resource-id", "DbiResourceId"},
      {"domain", "Domain"},
      {"engine", "Engine"},
      {NULL, NULL},
  };
  static const SlipRdsListing listing = {SLIP_RDS_INSTANCE, "DBInstances", "DBInstanceIdentifier",
                                         filters,           NULL,          slip_rds_instance_view};

  return slip_rds_list (ctx, input, &listing, error);
}

/* --- Create --- */

static gboolean
check_cluster (const SlipWorldRecord *cluster, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"available", "backing-up", "creating", NULL};
  const char *engine = slip_json_string (input, "Engine");
  const char *const of_cluster_only[]
      = {"MasterUsername",        "MasterUserPassword",      "DBName",
         "AllocatedStorage",      "StorageEncrypted",        "KmsKeyId",
         "BackupRetentionPeriod", "ManageMasterUserPassword"};

  if (!slip_rds_require_status (cluster, allowed, "InvalidDBClusterStateFault", error))
    return FALSE;
  if (!slip_rds_is (cluster, "Engine", engine))
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "The engine name requested for your DB instance (%s) doesn't match the engine "
                     "name of your DB cluster (%s).",
                     engine, slip_rds_get (cluster, "Engine"));
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (of_cluster_only); i++)
    if (json_object_has_member (input, of_cluster_only[i]))
      {
        slip_rds_fail (error, "InvalidParameterCombination",
                       "The requested DB Instance will be a member of a DB Cluster. Set %s for the "
                       "DB Cluster.",
                       of_cluster_only[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_place (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *zone = slip_json_string (input, "AvailabilityZone");
  gint64 tier = slip_json_int (input, "PromotionTier", 1);

  if (zone != NULL
      && (!g_str_has_prefix (zone, ctx->region) || strlen (zone) != strlen (ctx->region) + 1
          || strchr ("abc", zone[strlen (ctx->region)]) == NULL))
    {
      slip_rds_fail (error, "InvalidVPCNetworkStateFault",
                     "%s is not a valid availability zone in the DB subnet group's VPC.", zone);
      return FALSE;
    }
  if (tier < 0 || tier > 15)
    return slip_rds_refuse (error, "InvalidParameterValue",
                            "Invalid promotion tier. Valid values are 0 - 15.");
  if (slip_json_int (input, "MonitoringInterval", 0) > 0
      && slip_json_string (input, "MonitoringRoleArn") == NULL)
    return slip_rds_refuse (
        error, "InvalidParameterCombination",
        "A MonitoringRoleARN value is required if you specify a MonitoringInterval value "
        "other than 0.");
  return TRUE;
}

static gboolean
check_parameter_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *group = slip_json_string (input, "DBParameterGroupName");

  if (group == NULL || g_str_has_prefix (group, "default.")
      || slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_GROUP, group) != NULL)
    return TRUE;
  slip_rds_fail (error, "DBParameterGroupNotFound", "DBParameterGroup not found: %s", group);
  return FALSE;
}

static char *
check_new (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 quota = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "rds.instances", 40);
  g_autofree char *id = slip_rds_check_name (slip_json_string (input, "DBInstanceIdentifier"),
                                             "DBInstanceIdentifier", 63, error);

  if (id == NULL || !slip_rds_check_tags (slip_json_array (input, "Tags"), error))
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id) != NULL)
    return slip_rds_fail (error, "DBInstanceAlreadyExists", "DB instance already exists");
  if (slip_world_count (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE) >= quota)
    return slip_rds_fail (error, "InstanceQuotaExceeded",
                          "DB instance quota of %" G_GINT64_FORMAT " exceeded.", quota);
  return g_steal_pointer (&id);
}

/* Without a wish for it an instance goes where its cluster has fewest. */
static char *
choose_zone (SlipWorld *world, const SlipWorldRecord *cluster)
{
  JsonArray *zones = slip_json_array (slip_rds_shape (cluster), "AvailabilityZones");
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);
  const char *best = NULL;
  guint best_count = G_MAXUINT;

  for (guint z = 0; z < json_array_get_length (zones); z++)
    {
      const char *zone = json_array_get_string_element (zones, z);
      guint count = 0;

      for (guint i = 0; i < instances->len; i++)
        count += slip_rds_is (g_ptr_array_index (instances, i), "AvailabilityZone", zone) ? 1 : 0;
      if (count < best_count)
        {
          best = zone;
          best_count = count;
        }
    }
  return g_strdup (best);
}

JsonNode *
slip_rds_create_db_instance (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *value = slip_json_string (input, "DBClusterIdentifier");
  const char *group = slip_json_string (input, "DBParameterGroupName");
  const SlipWorldRecord *cluster;
  const SlipWorldRecord *instance;
  g_autofree char *id = check_new (ctx, input, error);
  g_autofree char *zone = NULL;
  SlipRdsEdit *edit;

  if (id == NULL)
    return NULL;
  if (value == NULL)
    return slip_rds_fail (
        error, "InvalidParameterCombination",
        "This estate has Aurora clusters only: DBClusterIdentifier must be given.");
  cluster = slip_rds_find (ctx, value, SLIP_RDS_CLUSTER, error);
  if (cluster == NULL || !check_cluster (cluster, input, error) || !check_place (ctx, input, error)
      || !slip_rds_check_class (slip_json_string (input, "Engine"),
                                slip_json_string (input, "DBInstanceClass"), error)
      || !check_parameter_group (ctx, input, error))
    return NULL;

  edit = slip_rds_edit_new (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  slip_rds_copy_members (input, edit->shape, settings);
  zone = json_object_has_member (input, "AvailabilityZone")
             ? g_strdup (slip_json_string (input, "AvailabilityZone"))
             : choose_zone (ctx->world, cluster);
  json_object_set_string_member (edit->shape, "AvailabilityZone", zone);
  json_object_set_string_member (edit->shape, "DBClusterIdentifier", cluster->id);
  json_object_set_array_member (edit->shape, "TagList",
                                slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
  if (group != NULL)
    json_object_set_array_member (
        edit->shape, "DBParameterGroups",
        view_group (group, "DBParameterGroupName", "ParameterApplyStatus", "in-sync"));
  json_object_set_boolean_member (edit->data, "writer",
                                  slip_rds_cluster_writer (ctx->world, cluster) == NULL);
  slip_rds_instance_fill_defaults (edit, cluster);
  slip_rds_edit_save (edit);
  slip_world_schedule (ctx->world, SLIP_RDS_INSTANCE_CREATE, "rds.instance-created", ctx->account,
                       ctx->region, SLIP_RDS_INSTANCE, id, NULL);
  instance = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  return slip_rds_wrap ("DBInstance", slip_rds_instance_view (ctx->world, instance));
}

/* --- Delete --- */

static gboolean
check_last (SlipServiceContext *ctx,
            const SlipWorldRecord *instance,
            const SlipWorldRecord *cluster,
            GError **error)
{
  const char *global = slip_json_string (cluster->data, "global");
  const SlipWorldRecord *record
      = global != NULL ? slip_world_get (ctx->world, ctx->account, "", SLIP_RDS_GLOBAL, global)
                       : NULL;
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (ctx->world, cluster);
  guint left = 0;

  for (guint i = 0; i < instances->len; i++)
    left += slip_rds_is (g_ptr_array_index (instances, i), "DBInstanceStatus", "deleting") ? 0 : 1;
  if (left == 1 && record != NULL && !slip_json_bool (cluster->data, "secondary", FALSE)
      && slip_rds_global_count_members (record) > 1)
    return slip_rds_refuse (
        error, "InvalidDBClusterStateFault",
        "Cannot delete the last instance of the master cluster. Delete the replica "
        "cluster before deleting the last master cluster instance.");
  return TRUE;
}

JsonNode *
slip_rds_delete_db_instance (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"available",
                                 "failed",
                                 "incompatible-restore",
                                 "incompatible-network",
                                 "incompatible-parameters",
                                 "storage-full",
                                 "inaccessible-encryption-credentials",
                                 "inaccessible-encryption-credentials-recoverable",
                                 "creating",
                                 "stopped",
                                 NULL};
  const SlipWorldRecord *instance = slip_rds_find (
      ctx, slip_json_string (input, "DBInstanceIdentifier"), SLIP_RDS_INSTANCE, error);
  const SlipWorldRecord *cluster;
  g_autofree char *id = NULL;
  SlipRdsEdit *edit;

  if (instance == NULL
      || !slip_rds_require_status (instance, allowed, "InvalidDBInstanceState", error))
    return NULL;
  if (slip_json_bool (slip_rds_shape (instance), "DeletionProtection", FALSE))
    return slip_rds_fail (error, "InvalidParameterCombination",
                          "Cannot delete protected DB Instance, please disable deletion protection "
                          "and try again.");
  cluster = cluster_of (ctx->world, instance);
  if (cluster != NULL && !check_last (ctx, instance, cluster, error))
    return NULL;
  id = g_strdup (instance->id);
  slip_world_unschedule (ctx->world, NULL, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  edit = slip_rds_edit_record (ctx->world, instance);
  json_object_set_string_member (edit->shape, "DBInstanceStatus", "deleting");
  slip_rds_edit_save (edit);
  if (cluster != NULL && slip_json_bool (instance->data, "writer", FALSE))
    slip_rds_cluster_choose_writer (ctx->world, cluster, id);
  slip_world_schedule (ctx->world, SLIP_RDS_INSTANCE_DELETE, "rds.instance-deleted", ctx->account,
                       ctx->region, SLIP_RDS_INSTANCE, id, NULL);
  instance = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_INSTANCE, id);
  return slip_rds_wrap ("DBInstance", slip_rds_instance_view (ctx->world, instance));
}

static void
on_deleted (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *instance = slip_world_get (world, transition->account, transition->region,
                                                    transition->type, transition->id);

  if (instance == NULL)
    return;
  if (transition->fail != NULL)
    {
      SlipRdsEdit *edit = slip_rds_edit_record (world, instance);

      slip_rds_event (world, instance, "failure", "DB instance deletion failed: %s",
                      transition->fail);
      json_object_set_string_member (edit->shape, "DBInstanceStatus", "failed");
      slip_rds_edit_save (edit);
      return;
    }
  slip_rds_event (world, instance, "deletion", "DB instance deleted");
  slip_world_remove (world, transition->account, transition->region, transition->type,
                     transition->id);
}

static void
on_created (SlipWorld *world, const SlipTransition *transition)
{
  SlipRdsEdit *edit = slip_rds_edit_transition (world, transition);
  const SlipWorldRecord *instance;
  const SlipWorldRecord *cluster;

  if (edit == NULL)
    return;
  cluster = slip_world_get (world, edit->account, edit->region, SLIP_RDS_CLUSTER,
                            slip_json_string (edit->shape, "DBClusterIdentifier"));
  /* An instance is ready only after its cluster. */
  if (transition->fail == NULL && cluster != NULL && slip_rds_is (cluster, "Status", "creating"))
    {
      slip_world_schedule (world, 20, transition->kind, transition->account, transition->region,
                           transition->type, transition->id, NULL);
      slip_rds_edit_free (edit);
      return;
    }
  json_object_set_string_member (edit->shape, "DBInstanceStatus",
                                 transition->fail != NULL ? "failed" : "available");
  slip_rds_edit_save (edit);
  instance = slip_world_get (world, transition->account, transition->region, transition->type,
                             transition->id);
  slip_rds_event (world, instance, "creation", "DB instance %s",
                  transition->fail != NULL ? transition->fail : "created");
}

void
slip_rds_instance_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.instance-created", on_created);
  slip_world_handle (world, "rds.instance-deleted", on_deleted);
}
