/* SPDX-License-Identifier: MIT */
/* DB clusters as they are shown: DescribeDBClusters, their endpoints and automated backups, and the
 * small questions other files ask about a cluster. Making them is in slip-rds-cluster-make.c, changing
 * in slip-rds-cluster-change.c and slip-rds-cluster-state.c. */

#include "slip-rds-cluster.h"
#include "slip-rds-operations.h"
#include "slip-rds-times.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

gint64
slip_rds_cluster_size (const SlipWorldRecord *cluster)
{
  return slip_json_int (cluster->data, "size", 1);
}

char *
slip_rds_cluster_dup_vpc (SlipWorld *world, const SlipWorldRecord *cluster)
{
  const char *name = slip_rds_get (cluster, "DBSubnetGroup");
  const SlipWorldRecord *subnets
      = name != NULL
            ? slip_world_get (world, cluster->account, cluster->region, SLIP_RDS_SUBNETS, name)
            : NULL;

  return g_strdup (subnets != NULL ? slip_rds_get (subnets, "VpcId") : "vpc-00000000000000000");
}

GPtrArray *
slip_rds_cluster_instances (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (world, cluster->account, cluster->region, SLIP_RDS_INSTANCE);

  for (guint i = all->len; i > 0; i--)
    if (!slip_rds_is (g_ptr_array_index (all, i - 1), "DBClusterIdentifier", cluster->id))
      g_ptr_array_remove_index (all, i - 1);
  return g_steal_pointer (&all);
}

const SlipWorldRecord *
slip_rds_cluster_writer (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);

  for (guint i = 0; i < instances->len; i++)
    {
      const SlipWorldRecord *instance = g_ptr_array_index (instances, i);
      if (slip_json_bool (instance->data, "writer", FALSE))
        return slip_world_get (world, instance->account, instance->region, instance->type,
                               instance->id);
    }
  return NULL;
}

static void
set_writer (SlipWorld *world, const SlipWorldRecord *instance, gboolean writer)
{
  SlipRdsEdit *edit = slip_rds_edit_record (world, instance);

  json_object_set_boolean_member (edit->data, "writer", writer);
  slip_rds_edit_save (edit);
}

gboolean
slip_rds_cluster_choose_writer (SlipWorld *world,
                                const SlipWorldRecord *cluster,
                                const char *except)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);
  const SlipWorldRecord *best = NULL;
  gint64 best_tier = G_MAXINT64;
  g_autofree char *best_id = NULL;

  for (guint i = 0; i < instances->len; i++)
    {
      const SlipWorldRecord *instance = g_ptr_array_index (instances, i);
      gint64 tier = slip_json_int (slip_rds_shape (instance), "PromotionTier", 1);

      if (g_strcmp0 (instance->id, except) == 0
          || slip_rds_is (instance, "DBInstanceStatus", "deleting") || tier >= best_tier)
        continue;
      best = instance;
      best_tier = tier;
    }
  if (best == NULL)
    return FALSE;
  best_id = g_strdup (best->id);
  for (guint i = 0; i < instances->len; i++)
    {
      const SlipWorldRecord *instance = g_ptr_array_index (instances, i);
      gboolean writer = strcmp (instance->id, best_id) == 0;

      if (slip_json_bool (instance->data, "writer", FALSE) != writer)
        set_writer (world, instance, writer);
    }
  return TRUE;
}

/* --- View --- */

static JsonArray *
view_members (SlipWorld *world, const SlipWorldRecord *cluster, gboolean *multi_az)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);
  JsonArray *members = json_array_new ();
  const char *zone = NULL;

  *multi_az = FALSE;
  for (guint i = 0; i < instances->len; i++)
    {
      const SlipWorldRecord *instance = g_ptr_array_index (instances, i);
      const char *here = slip_rds_get (instance, "AvailabilityZone");
      const char *group = slip_json_string (instance->data, "group-status");
      JsonObject *member = json_object_new ();

      json_object_set_string_member (member, "DBInstanceIdentifier", instance->id);
      json_object_set_boolean_member (member, "IsClusterWriter",
                                      slip_json_bool (instance->data, "writer", FALSE)
                                          && !slip_json_bool (cluster->data, "secondary", FALSE));
      json_object_set_string_member (member, "DBClusterParameterGroupStatus",
                                     group != NULL ? group : "in-sync");
      json_object_set_int_member (member, "PromotionTier",
                                  slip_json_int (slip_rds_shape (instance), "PromotionTier", 1));
      json_array_add_object_element (members, member);
      *multi_az = *multi_az || (zone != NULL && g_strcmp0 (zone, here) != 0);
      zone = here;
    }
  return members;
}

static void
set_time (JsonObject *object, const char *name, gint64 time_us)
{
  /* AWS shows whole seconds with milliseconds; the fraction carries nothing here. */
  g_autofree char *text = slip_time_format (time_us / 1000 * 1000);

  json_object_set_string_member (object, name, text);
}

/* The window of a point-in-time restore: it ends about five minutes ago and begins with the retention
 * period, or with the cluster. */
static void
set_restore_window (SlipWorld *world,
                    const SlipWorldRecord *cluster,
                    JsonObject *out,
                    const char *earliest,
                    const char *latest)
{
  gint64 now = slip_world_now (world);
  gint64 days = slip_json_int (slip_rds_shape (cluster), "BackupRetentionPeriod", 1);
  gint64 created = 0;
  gint64 begin;

  slip_time_parse (slip_rds_get (cluster, "ClusterCreateTime"), &created);
  begin = MAX (created, now - days * 24 * 3600 * G_USEC_PER_SEC);
  set_time (out, earliest, begin);
  set_time (out, latest, MAX (begin, now - 300 * G_USEC_PER_SEC));
}

JsonObject *
slip_rds_cluster_view (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (slip_rds_shape (cluster)));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *shape = json_node_get_object (copy);
  gboolean multi_az;

  json_object_set_array_member (shape, "DBClusterMembers",
                                view_members (world, cluster, &multi_az));
  json_object_set_boolean_member (shape, "MultiAZ", multi_az);
  if (!slip_rds_is (cluster, "Status", "creating"))
    set_restore_window (world, cluster, shape, "EarliestRestorableTime", "LatestRestorableTime");
  return json_object_ref (shape);
}

/* --- Reading --- */

JsonNode *
slip_rds_describe_db_clusters (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter filters[] = {
      {"db-cluster-id", "DBClusterIdentifier"},
      {"db-cluster-resource-id", "DbClusterResourceId"},
      {"engine", "Engine"},
      {"clone-group-id", "CloneGroupId"},
      {"domain", "DomainMemberships"},
      {NULL, NULL},
  };
  static const SlipRdsListing listing = {SLIP_RDS_CLUSTER, "DBClusters", "DBClusterIdentifier",
                                         filters,          NULL,         slip_rds_cluster_view};

  return slip_rds_list (ctx, input, &listing, error);
}

static JsonObject *
endpoint (const SlipWorldRecord *cluster, const char *member, const char *type)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "DBClusterIdentifier", cluster->id);
  json_object_set_string_member (object, "Endpoint", slip_rds_get (cluster, member));
  json_object_set_string_member (object, "Status", "available");
  json_object_set_string_member (object, "EndpointType", type);
  return object;
}

static gboolean
add_endpoints (JsonObject *input, const SlipWorldRecord *cluster, JsonArray *items)
{
  static const SlipRdsFilter filters[] = {{"db-cluster-endpoint-type", "EndpointType"},
                                          {"db-cluster-endpoint-status", "Status"},
                                          {NULL, NULL}};
  const struct
  {
    const char *member, *type;
  } kinds[] = {{"Endpoint", "WRITER"}, {"ReaderEndpoint", "READER"}};

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      JsonObject *object = endpoint (cluster, kinds[i].member, kinds[i].type);

      if (slip_rds_filters_match (input, filters, object))
        json_array_add_object_element (items, object);
      else
        json_object_unref (object);
    }
  return TRUE;
}

JsonNode *
slip_rds_describe_db_cluster_endpoints (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter filters[] = {{"db-cluster-endpoint-type", ""},
                                          {"db-cluster-endpoint-custom-type", ""},
                                          {"db-cluster-endpoint-id", ""},
                                          {"db-cluster-endpoint-status", ""},
                                          {NULL, NULL}};
  const char *value = slip_json_string (input, "DBClusterIdentifier");
  g_autoptr (GPtrArray) all = NULL;
  JsonArray *items;

  if (!slip_rds_check_filters (input, filters, error))
    return NULL;
  if (slip_json_string (input, "DBClusterEndpointIdentifier") != NULL)
    return slip_rds_list_fixed (input, "DBClusterEndpoints", json_array_new (), error);
  if (value != NULL)
    {
      const SlipWorldRecord *cluster = slip_rds_find (ctx, value, SLIP_RDS_CLUSTER, error);
      if (cluster == NULL)
        return NULL;
      items = json_array_new ();
      add_endpoints (input, cluster, items);
      return slip_rds_list_fixed (input, "DBClusterEndpoints", items, error);
    }
  items = json_array_new ();
  all = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER);
  for (guint i = 0; i < all->len; i++)
    add_endpoints (input, g_ptr_array_index (all, i), items);
  return slip_rds_list_fixed (input, "DBClusterEndpoints", items, error);
}

/* --- Automated backups --- */

static const SlipRdsMember backup_members[] = {
    {"Engine"},
    {"DBClusterIdentifier"},
    {"MasterUsername"},
    {"DbClusterResourceId"},
    {"IAMDatabaseAuthenticationEnabled"},
    {"ClusterCreateTime"},
    {"StorageEncrypted"},
    {"AllocatedStorage"},
    {"EngineVersion"},
    {"DBClusterArn"},
    {"BackupRetentionPeriod"},
    {"EngineMode"},
    {"AvailabilityZones"},
    {"Port"},
    {"KmsKeyId"},
    {"StorageType"},
    {NULL},
};

static JsonObject *
backup_of_cluster (SlipWorld *world, const SlipWorldRecord *cluster)
{
  JsonObject *backup = json_object_new ();
  JsonObject *window = json_object_new ();
  g_autofree char *lower = g_ascii_strdown (slip_rds_get (cluster, "DbClusterResourceId"), -1);
  g_autofree char *name = g_strdup_printf ("ab-%s", lower + strlen ("cluster-"));
  g_autofree char *arn = slip_rds_arn (SLIP_RDS_BACKUP, cluster->account, cluster->region, name);
  g_autofree char *vpc = slip_rds_cluster_dup_vpc (world, cluster);

  slip_rds_copy_members (slip_rds_shape (cluster), backup, backup_members);
  json_object_set_string_member (backup, "DBClusterAutomatedBackupsArn", arn);
  json_object_set_string_member (backup, "VpcId", vpc);
  json_object_set_string_member (backup, "Region", cluster->region);
  json_object_set_string_member (backup, "LicenseModel", "postgresql-license");
  json_object_set_string_member (backup, "Status", "active");
  set_restore_window (world, cluster, window, "EarliestTime", "LatestTime");
  json_object_set_object_member (backup, "RestoreWindow", window);
  return backup;
}

/* The automated backup of a cluster that goes, kept on the owner's wish. */
void
slip_rds_cluster_retain_backup (SlipWorld *world, const SlipWorldRecord *cluster)
{
  const char *id = slip_rds_get (cluster, "DbClusterResourceId");
  JsonObject *data = json_object_new ();
  JsonObject *backup = backup_of_cluster (world, cluster);

  json_object_set_string_member (backup, "Status", "retained");
  json_object_set_object_member (data, "shape", backup);
  slip_world_put (world, cluster->account, cluster->region, SLIP_RDS_BACKUP, id, data);
}

JsonNode *
slip_rds_describe_db_cluster_automated_backups (SlipServiceContext *ctx,
                                                JsonObject *input,
                                                GError **error)
{
  static const SlipRdsFilter filters[] = {{"status", "Status"},
                                          {"db-cluster-id", "DBClusterIdentifier"},
                                          {"db-cluster-resource-id", "DbClusterResourceId"},
                                          {NULL, NULL}};
  const char *resource = slip_json_string (input, "DbClusterResourceId");
  const char *cluster = slip_json_string (input, "DBClusterIdentifier");
  g_autoptr (GPtrArray) live
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_RDS_CLUSTER);
  g_autoptr (GPtrArray) kept
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_RDS_BACKUP);
  g_auto (SlipRdsName) name = {0};
  JsonArray *items;

  if (!slip_rds_check_filters (input, filters, error)
      || (cluster != NULL && !slip_rds_parse_name (ctx, cluster, SLIP_RDS_CLUSTER, &name, error)))
    return NULL;
  items = json_array_new ();
  for (guint i = 0; i < live->len + kept->len; i++)
    {
      gboolean is_live = i < live->len;
      const SlipWorldRecord *record
          = g_ptr_array_index (is_live ? live : kept, is_live ? i : i - live->len);
      g_autoptr (JsonObject) backup = is_live ? backup_of_cluster (ctx->world, record)
                                              : json_object_ref (slip_rds_shape (record));

      if ((resource == NULL
           || g_strcmp0 (resource, slip_json_string (backup, "DbClusterResourceId")) == 0)
          && (name.id == NULL
              || g_strcmp0 (name.id, slip_json_string (backup, "DBClusterIdentifier")) == 0)
          && slip_json_int (backup, "BackupRetentionPeriod", 1) > 0
          && slip_rds_filters_match (input, filters, backup))
        json_array_add_object_element (items, g_steal_pointer (&backup));
    }
  return slip_rds_list_fixed (input, "DBClusterAutomatedBackups", items, error);
}

JsonNode *
slip_rds_delete_db_cluster_automated_backup (SlipServiceContext *ctx,
                                             JsonObject *input,
                                             GError **error)
{
  const char *id = slip_json_string (input, "DbClusterResourceId");
  const SlipWorldRecord *record
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_BACKUP, id);
  JsonObject *backup;

  if (record == NULL)
    return slip_rds_fail (error, "DBClusterAutomatedBackupNotFoundFault",
                          "DBCluster automated backup %s not found.", id);
  backup = json_object_ref (slip_rds_shape (record));
  slip_world_remove (ctx->world, ctx->account, ctx->region, SLIP_RDS_BACKUP, id);
  return slip_rds_wrap ("DBClusterAutomatedBackup", backup);
}

/* --- Status --- */

gboolean
slip_rds_cluster_check_snapshot (const SlipWorldRecord *cluster, GError **error)
{
  if (slip_rds_is (cluster, "Status", "available"))
    return TRUE;
  slip_rds_fail (error, "InvalidDBClusterStateFault",
                 "Can't create a snapshot because the database cluster %s isn't currently in the "
                 "available state.",
                 cluster->id);
  return FALSE;
}

const SlipWorldRecord *
slip_rds_cluster_set_status (
    SlipWorld *world, const char *account, const char *region, const char *id, const char *status)
{
  SlipRdsEdit *edit = slip_rds_edit (world, account, region, SLIP_RDS_CLUSTER, id);

  if (edit == NULL)
    return NULL;
  json_object_set_string_member (edit->shape, "Status", status);
  slip_rds_edit_save (edit);
  return slip_world_get (world, account, region, SLIP_RDS_CLUSTER, id);
}

void
slip_rds_cluster_set_instance_status (SlipWorld *world,
                                      const SlipWorldRecord *cluster,
                                      const char *status)
{
  g_autoptr (GPtrArray) instances = slip_rds_cluster_instances (world, cluster);

  for (guint i = 0; i < instances->len; i++)
    {
      SlipRdsEdit *edit = slip_rds_edit_record (world, g_ptr_array_index (instances, i));
      json_object_set_string_member (edit->shape, "DBInstanceStatus", status);
      slip_rds_edit_save (edit);
    }
}

void
slip_rds_cluster_begin_backup (SlipWorld *world, const SlipWorldRecord *cluster, double seconds)
{
  g_autofree char *account = g_strdup (cluster->account);
  g_autofree char *region = g_strdup (cluster->region);
  g_autofree char *id = g_strdup (cluster->id);

  slip_rds_cluster_set_status (world, account, region, id, "backing-up");
  slip_world_schedule (world, seconds, "rds.cluster-backed-up", account, region, SLIP_RDS_CLUSTER,
                       id, NULL);
}

static void
on_backed_up (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *cluster = slip_world_get (world, transition->account, transition->region,
                                                   SLIP_RDS_CLUSTER, transition->id);

  if (cluster != NULL && slip_rds_is (cluster, "Status", "backing-up"))
    slip_rds_cluster_set_status (world, transition->account, transition->region, transition->id,
                                 "available");
}

void
slip_rds_cluster_set_place (SlipRdsEdit *edit, const char *address, guint port)
{
  const char *id = edit->id;
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *name = NULL;
  g_autofree char *reader = NULL;

  g_checksum_update (sum, (const guchar *)edit->account, -1);
  g_checksum_update (sum, (const guchar *)edit->region, -1);
  name = g_strdup_printf ("%s.cluster-%.12s.%s.rds.amazonaws.com", id, g_checksum_get_string (sum),
                          edit->region);
  reader = g_strdup_printf ("%s.cluster-ro-%.12s.%s.rds.amazonaws.com", id,
                            g_checksum_get_string (sum), edit->region);
  if (port != 0)
    json_object_set_int_member (edit->shape, "Port", port);
  json_object_set_string_member (edit->shape, "Endpoint", address != NULL ? address : name);
  json_object_set_string_member (edit->shape, "ReaderEndpoint", address != NULL ? address : reader);
}

void
slip_rds_cluster_take_place (SlipRdsEdit *edit, JsonObject *result)
{
  const char *address = result != NULL ? slip_json_string (result, "address") : NULL;

  if (address != NULL)
    slip_rds_cluster_set_place (edit, address, (guint)slip_json_int (result, "port", 0));
}

char *
slip_rds_resource_id (
    SlipWorld *world, const char *prefix, const char *account, const char *region, const char *id)
{
  const char *before = slip_world_get_setting (world, "rds.resources");
  guint64 number = before != NULL ? g_ascii_strtoull (before, NULL, 10) : 0;
  g_autofree char *text
      = g_strdup_printf ("%s/%s/%s/%s/%" G_GUINT64_FORMAT, prefix, account, region, id, number);
  g_autofree char *next = g_strdup_printf ("%" G_GUINT64_FORMAT, number + 1);
  g_autoptr (GChecksum) sum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  GString *result = g_string_new (prefix);

  slip_world_set_setting (world, "rds.resources", next);
  g_checksum_update (sum, (const guchar *)text, -1);
  g_checksum_get_digest (sum, digest, &length);
  for (guint i = 0; i < 26; i++)
    g_string_append_c (result, SLIP_ALPHABET_UPPER[digest[i] % 32]);
  return g_string_free (result, FALSE);
}

void
slip_rds_cluster_attach (SlipWorld *world)
{
  slip_world_handle (world, "rds.cluster-backed-up", on_backed_up);
}
