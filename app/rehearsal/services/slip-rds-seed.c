/* SPDX-License-Identifier: MIT */
/* The section `rds` of a scenario: clusters with instances, global clusters. Its format is described in
 * data/rehearsal/README.md. Everything is checked against what the same scenario made before, with the
 * place in the message. Groups and snapshots are in files of their own. */

#include "slip-rds-seed.h"
#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-global.h"
#include "slip-rds-groups.h"
#include "slip-rds-instance.h"
#include "slip-rds-operations.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-kms-world.h"

#include <string.h>

/* --- Helpers --- */

void
slip_rds_seed_time (const SlipSeed *seed, JsonObject *shape, const char *member, double hours_ago)
{
  gint64 now = slip_world_now (seed->world) / G_USEC_PER_SEC * G_USEC_PER_SEC;
  g_autofree char *text = slip_time_format (now - (gint64)(hours_ago * 3600.0) * G_USEC_PER_SEC);

  json_object_set_string_member (shape, member, text);
}

gboolean
slip_rds_seed_key (
    const SlipSeed *seed, JsonObject *item, const char *path, JsonObject *shape, GError **error)
{
  const char *key_id;
  const SlipWorldRecord *key;
  g_autofree char *arn = NULL;

  if (!slip_scenario_get_string (item, path, "kms_key_id", FALSE, &key_id, error))
    return FALSE;
  if (key_id == NULL)
    return TRUE;
  key = slip_kms_world_find_key (seed->world, seed->account, seed->region, key_id);
  if (key == NULL)
    return slip_scenario_error (error, path, "there is no key %s", key_id);
  arn = g_strdup_printf ("arn:aws:kms:%s:%s:key/%s", key->region, key->account, key->id);
  json_object_set_string_member (shape, "KmsKeyId", arn);
  json_object_set_boolean_member (shape, "StorageEncrypted", TRUE);
  return TRUE;
}

static gboolean
copy_member (JsonObject *item,
             const char *path,
             const SlipRdsSeedMember *m,
             JsonObject *shape,
             GError **error)
{
  const char *text = NULL;
  gint64 number = 0;
  gboolean flag = FALSE;
  JsonArray *strings = NULL;

  if (!json_object_has_member (item, m->name))
    return TRUE;
  switch (m->type)
    {
    case 's':
      if (!slip_scenario_get_string (item, path, m->name, TRUE, &text, error))
        return FALSE;
      json_object_set_string_member (shape, m->member, text);
      return TRUE;
    case 'i':
      if (!slip_scenario_get_int (item, path, m->name, 0, G_MAXINT, &number, error))
        return FALSE;
      json_object_set_int_member (shape, m->member, number);
      return TRUE;
    case 'b':
      if (!slip_scenario_get_bool (item, path, m->name, &flag, error))
        return FALSE;
      json_object_set_boolean_member (shape, m->member, flag);
      return TRUE;
    default:
      if (!slip_scenario_get_strings (item, path, m->name, FALSE, &strings, error))
        return FALSE;
      json_object_set_array_member (shape, m->member, json_array_ref (strings));
      return TRUE;
    }
}

gboolean
slip_rds_seed_copy (JsonObject *item,
                    const char *path,
                    const SlipRdsSeedMember *members,
                    JsonObject *shape,
                    GError **error)
{
  for (; members->name != NULL; members++)
    if (!copy_member (item, path, members, shape, error))
      return FALSE;
  return TRUE;
}

char *
slip_rds_seed_id (
    const SlipSeed *seed, JsonObject *item, const char *path, const char *type, GError **error)
{
  const char *id;

  if (!slip_scenario_get_string (item, path, "id", TRUE, &id, error))
    return NULL;
  if (!g_regex_match_simple ("^[a-z][a-z0-9.:-]*$", id, 0, 0))
    {
      slip_scenario_error (error, path, "id %s is not lower-case letters, digits and hyphens", id);
      return NULL;
    }
  if (slip_world_get (seed->world, seed->account, slip_rds_kind (type)->global ? "" : seed->region,
                      type, id)
      != NULL)
    {
      slip_scenario_error (error, path, "id %s is there already", id);
      return NULL;
    }
  return g_strdup (id);
}

JsonArray *
slip_rds_seed_tags (JsonObject *item)
{
  return slip_tags_from_object (slip_json_object (item, "tags"));
}

/* --- Instances --- */

typedef struct
{
  const SlipSeed *seed;
  const char *cluster;
} ClusterSeed;

static gboolean
seed_instance (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"id",
                                        "class",
                                        "zone",
                                        "tier",
                                        "writer",
                                        "monitoring_interval",
                                        "monitoring_role_arn",
                                        "performance_insights",
                                        "ca",
                                        "status",
                                        "tags",
                                        NULL};
  static const SlipRdsSeedMember shapes[] = {
      {"class", "DBInstanceClass", 's'},
      {"zone", "AvailabilityZone", 's'},
      {"tier", "PromotionTier", 'i'},
      {"monitoring_interval", "MonitoringInterval", 'i'},
      {"monitoring_role_arn", "MonitoringRoleArn", 's'},
      {"performance_insights", "PerformanceInsightsEnabled", 'b'},
      {"ca", "CACertificateIdentifier", 's'},
      {"status", "DBInstanceStatus", 's'},
      {NULL},
  };
  const ClusterSeed *of = data;
  const SlipSeed *seed = of->seed;
  const SlipWorldRecord *cluster
      = slip_world_get (seed->world, seed->account, seed->region, SLIP_RDS_CLUSTER, of->cluster);
  gboolean writer = FALSE;
  g_autofree char *id = NULL;
  g_autoptr (SlipRdsEdit) edit = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || (id = slip_rds_seed_id (seed, item, path, SLIP_RDS_INSTANCE, error)) == NULL
      || !slip_scenario_get_bool (item, path, "writer", &writer, error))
    return FALSE;
  edit = slip_rds_edit_new (seed->world, seed->account, seed->region, SLIP_RDS_INSTANCE, id);
  slip_rds_copy_members (
      slip_rds_shape (cluster), edit->shape,
      (const SlipRdsMember[]){{"ClusterCreateTime", "InstanceCreateTime"}, {NULL}});
  json_object_set_string_member (edit->shape, "DBClusterIdentifier", of->cluster);
  if (!slip_rds_seed_copy (item, path, shapes, edit->shape, error))
    return FALSE;
  slip_rds_set_default (edit->shape, "DBInstanceClass", "db.r6g.large");
  slip_rds_set_default (edit->shape, "DBInstanceStatus", "available");
  json_object_set_array_member (edit->shape, "TagList", slip_rds_seed_tags (item));
  json_object_set_boolean_member (edit->data, "writer", writer);
  slip_rds_instance_fill_defaults (edit, cluster);
  slip_rds_edit_save (g_steal_pointer (&edit));
  return TRUE;
}

/* --- Clusters --- */

static const char *const cluster_members[] = {"id",
                                              "engine",
                                              "engine_version",
                                              "size_gib",
                                              "hours_ago",
                                              "master_username",
                                              "database_name",
                                              "kms_key_id",
                                              "subnet_group",
                                              "parameter_group",
                                              "security_groups",
                                              "deletion_protection",
                                              "backup_retention",
                                              "backup_window",
                                              "maintenance_window",
                                              "copy_tags",
                                              "iam_auth",
                                              "log_exports",
                                              "port",
                                              "status",
                                              "roles",
                                              "maintenance",
                                              "database",
                                              "instances",
                                              "tags",
                                              NULL};

static const SlipRdsSeedMember cluster_shapes[] = {
    {"engine", "Engine", 's'},
    {"engine_version", "EngineVersion", 's'},
    {"master_username", "MasterUsername", 's'},
    {"database_name", "DatabaseName", 's'},
    {"subnet_group", "DBSubnetGroup", 's'},
    {"parameter_group", "DBClusterParameterGroup", 's'},
    {"deletion_protection", "DeletionProtection", 'b'},
    {"backup_retention", "BackupRetentionPeriod", 'i'},
    {"backup_window", "PreferredBackupWindow", 's'},
    {"maintenance_window", "PreferredMaintenanceWindow", 's'},
    {"copy_tags", "CopyTagsToSnapshot", 'b'},
    {"iam_auth", "IAMDatabaseAuthenticationEnabled", 'b'},
    {"log_exports", "EnabledCloudwatchLogsExports", 'a'},
    {"port", "Port", 'i'},
    {"status", "Status", 's'},
    {NULL},
};

static gboolean
check_references (const SlipSeed *seed, JsonObject *shape, const char *path, GError **error)
{
  static const struct
  {
    const char *member;
    const char *type;
  } references[]
      = {{"DBSubnetGroup", SLIP_RDS_SUBNETS}, {"DBClusterParameterGroup", SLIP_RDS_CLUSTER_GROUP}};

  for (guint i = 0; i < G_N_ELEMENTS (references); i++)
    {
      const char *name = slip_json_string (shape, references[i].member);
      if (name != NULL
          && slip_world_get (seed->world, seed->account, seed->region, references[i].type, name)
                 == NULL)
        return slip_scenario_error (error, path, "there is no %s", name);
    }
  if (slip_rds_check_version (slip_json_string (shape, "Engine"),
                              slip_json_string (shape, "EngineVersion"), NULL)
      == NULL)
    return slip_scenario_error (error, path, "there is no version %s of %s",
                                slip_json_string (shape, "EngineVersion"),
                                slip_json_string (shape, "Engine"));
  return TRUE;
}

static void
seed_lists (JsonObject *item, SlipRdsEdit *edit)
{
  JsonArray *security = slip_json_array (item, "security_groups");
  JsonArray *roles = slip_json_array (item, "roles");
  JsonArray *maintenance = slip_json_array (item, "maintenance");
  JsonArray *groups = json_array_new ();
  JsonArray *associated = json_array_new ();

  for (guint i = 0; security != NULL && i < json_array_get_length (security); i++)
    {
      JsonObject *group = json_object_new ();
      json_object_set_string_member (group, "VpcSecurityGroupId",
                                     json_array_get_string_element (security, i));
      json_object_set_string_member (group, "Status", "active");
      json_array_add_object_element (groups, group);
    }
  for (guint i = 0; roles != NULL && i < json_array_get_length (roles); i++)
    {
      JsonObject *role = json_object_new ();
      json_object_set_string_member (role, "RoleArn", json_array_get_string_element (roles, i));
      json_object_set_string_member (role, "Status", "ACTIVE");
      json_array_add_object_element (associated, role);
    }
  json_object_set_array_member (edit->shape, "VpcSecurityGroups", groups);
  json_object_set_array_member (edit->shape, "AssociatedRoles", associated);
  if (maintenance != NULL)
    json_object_set_array_member (edit->data, "maintenance", json_array_ref (maintenance));
}

static const SlipWorldRecord *
find_global (const SlipSeed *seed, const char *arn)
{
  g_autoptr (GPtrArray) all = slip_world_list (seed->world, seed->account, "", SLIP_RDS_GLOBAL);

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *global = g_ptr_array_index (all, i);
      if (slip_rds_global_find_member (slip_rds_shape (global), arn) != NULL)
        return slip_world_get (seed->world, seed->account, "", SLIP_RDS_GLOBAL, global->id);
    }
  return NULL;
}

/* Returns: (transfer none) (nullable): the primary when the new cluster is a secondary */
static const SlipWorldRecord *
join_global (const SlipSeed *seed, SlipRdsEdit *edit)
{
  const char *arn = slip_json_string (edit->shape, "DBClusterArn");
  const SlipWorldRecord *global = find_global (seed, arn);
  JsonObject *member;
  gboolean writer;

  if (global == NULL)
    return NULL;
  member = slip_rds_global_find_member (slip_rds_shape (global), arn);
  writer = slip_json_bool (member, "IsWriter", FALSE);
  json_object_set_string_member (edit->data, "global", global->id);
  json_object_set_boolean_member (edit->data, "secondary", !writer);
  return writer ? NULL : slip_rds_global_primary (seed->world, global);
}

static gboolean
seed_database (const SlipSeed *seed,
               JsonObject *item,
               const char *path,
               SlipRdsEdit *edit,
               const SlipWorldRecord *primary,
               GError **error)
{
  static const char *const members[] = {"password", "seed", "cases", NULL};
  JsonObject *from = primary != NULL ? slip_json_object (primary->data, "database") : NULL;
  g_autofree char *key
      = g_ascii_strdown (slip_json_string (edit->shape, "DbClusterResourceId"), -1);
  g_autofree char *place = g_strconcat (path, ".database", NULL);
  const char *password = NULL, *name = NULL;
  gint64 cases = 1000;
  JsonObject *wish;
  JsonObject *database;

  if (!slip_scenario_get_object (item, path, "database", FALSE, &wish, error))
    return FALSE;
  if (wish == NULL && from == NULL)
    return TRUE;
  if (wish != NULL
      && (!slip_scenario_check_members (wish, place, members, error)
          || !slip_scenario_get_string (wish, place, "password", TRUE, &password, error)
          || !slip_scenario_get_string (wish, place, "seed", FALSE, &name, error)
          || !slip_scenario_get_int (wish, place, "cases", 0, 10000000, &cases, error)))
    return FALSE;
  if (name != NULL)
    {
      g_autofree char *sql = slip_rds_database_seed_sql (name);
      if (sql == NULL)
        return slip_scenario_error (error, place, "there is no seed %s", name);
    }
  database = json_object_new ();
  json_object_set_string_member (database, "key", key);
  slip_rds_set_default (database, "user", slip_json_string (edit->shape, "MasterUsername"));
  slip_rds_set_default (database, "name", slip_json_string (edit->shape, "DatabaseName"));
  slip_rds_set_default (database, "password", password);
  slip_rds_set_default (database, "seed", name);
  if (from != NULL)
    json_object_set_string_member (database, "primary", slip_json_string (from, "key"));
  else if (name != NULL)
    json_object_set_array_member (database, "settings", slip_rds_seed_settings (cases));
  json_object_set_int_member (database, "cases", cases);
  json_object_set_object_member (edit->data, "database", database);
  return TRUE;
}

static gboolean
fill_cluster (
    const SlipSeed *seed, JsonObject *item, const char *path, SlipRdsEdit *edit, GError **error)
{
  const SlipWorldRecord *primary;
  gint64 size = 10;
  gint64 hours = 24 * 200;

  if (!slip_scenario_get_int (item, path, "size_gib", 1, 131072, &size, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, 24 * 365 * 20, &hours, error)
      || !slip_rds_seed_copy (item, path, cluster_shapes, edit->shape, error))
    return FALSE;
  slip_rds_set_default (edit->shape, "Engine", "aurora-postgresql");
  slip_rds_set_default (edit->shape, "EngineVersion", "15.10");
  slip_rds_set_default (edit->shape, "MasterUsername", "root");
  slip_rds_set_default (edit->shape, "Status", "available");
  if (!slip_rds_seed_key (seed, item, path, edit->shape, error)
      || !check_references (seed, edit->shape, path, error))
    return FALSE;
  slip_rds_seed_time (seed, edit->shape, "ClusterCreateTime", (double)hours);
  json_object_set_int_member (edit->data, "size", size);
  json_object_set_array_member (edit->shape, "TagList", slip_rds_seed_tags (item));
  seed_lists (item, edit);
  primary = join_global (seed, edit);
  if (slip_json_bool (edit->data, "secondary", FALSE) && primary == NULL)
    return slip_scenario_error (error, path,
                                "the primary of its global cluster must come before it");
  slip_rds_cluster_fill_defaults (edit);
  return seed_database (seed, item, path, edit, primary, error);
}

static gboolean
seed_cluster (JsonObject *item, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  ClusterSeed of = {seed, NULL};
  g_autofree char *id = NULL;
  g_autoptr (SlipRdsEdit) edit = NULL;

  if (!slip_scenario_check_members (item, path, cluster_members, error)
      || (id = slip_rds_seed_id (seed, item, path, SLIP_RDS_CLUSTER, error)) == NULL)
    return FALSE;
  edit = slip_rds_edit_new (seed->world, seed->account, seed->region, SLIP_RDS_CLUSTER, id);
  if (!fill_cluster (seed, item, path, edit, error))
    return FALSE;
  slip_rds_edit_save (g_steal_pointer (&edit));
  of.cluster = id;
  return slip_scenario_foreach_item (item, path, "instances", seed_instance, &of, error);
}

/* --- Global clusters --- */

static gboolean
seed_member (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"region", "cluster", "writer", NULL};
  SlipRdsEdit *edit = data;
  const char *region;
  const char *cluster;
  gboolean writer = FALSE;
  g_autofree char *arn = NULL;
  JsonObject *member;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "region", TRUE, &region, error)
      || !slip_scenario_get_string (item, path, "cluster", TRUE, &cluster, error)
      || !slip_scenario_get_bool (item, path, "writer", &writer, error))
    return FALSE;
  arn = slip_rds_arn (SLIP_RDS_CLUSTER, edit->account, region, cluster);
  member = json_object_new ();
  json_object_set_string_member (member, "DBClusterArn", arn);
  json_object_set_boolean_member (member, "IsWriter", writer);
  json_object_set_string_member (member, "GlobalWriteForwardingStatus", "disabled");
  json_object_set_string_member (member, "SynchronizationStatus", "connected");
  json_array_add_object_element (slip_rds_global_members (edit->shape), member);
  return TRUE;
}

static gboolean
seed_global (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"id",
                                        "engine_version",
                                        "database_name",
                                        "encrypted",
                                        "deletion_protection",
                                        "members",
                                        "tags",
                                        NULL};
  static const SlipRdsSeedMember shapes[] = {{"engine_version", "EngineVersion", 's'},
                                             {"database_name", "DatabaseName", 's'},
                                             {"encrypted", "StorageEncrypted", 'b'},
                                             {"deletion_protection", "DeletionProtection", 'b'},
                                             {NULL}};
  const SlipSeed *seed = data;
  g_autofree char *id = NULL;
  g_autoptr (SlipRdsEdit) edit = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || (id = slip_rds_seed_id (seed, item, path, SLIP_RDS_GLOBAL, error)) == NULL)
    return FALSE;
  edit = slip_rds_edit_new (seed->world, seed->account, "", SLIP_RDS_GLOBAL, id);
  json_object_set_string_member (edit->shape, "Engine", "aurora-postgresql");
  json_object_set_string_member (edit->shape, "Status", "available");
  if (!slip_rds_seed_copy (item, path, shapes, edit->shape, error)
      || !slip_scenario_foreach_item (item, path, "members", seed_member, edit, error))
    return FALSE;
  slip_rds_set_default (edit->shape, "EngineVersion", "15.10");
  slip_rds_global_fill_defaults (edit);
  slip_rds_global_update_readers (edit->shape);
  slip_rds_set_tags (edit, slip_rds_seed_tags (item));
  slip_rds_edit_save (g_steal_pointer (&edit));
  return TRUE;
}

gboolean
slip_rds_seed (const SlipSeed *seed, GError **error)
{
  static const char *const global_members[] = {"global_clusters", NULL};
  static const char *const members[]
      = {"security_groups",  "subnet_groups",      "cluster_parameter_groups",
         "parameter_groups", "clusters",           "snapshots",
         "daily_snapshots",  "generate_snapshots", NULL};
  JsonObject *section = seed->section;
  gpointer data = (gpointer)seed;

  if (*seed->region == '\0')
    return slip_scenario_check_members (section, seed->path, global_members, error)
           && slip_scenario_foreach_item (section, seed->path, "global_clusters", seed_global, data,
                                          error);
  return slip_scenario_check_members (section, seed->path, members, error)
         && slip_rds_seed_groups (seed, error)
         && slip_scenario_foreach_item (section, seed->path, "clusters", seed_cluster, data, error)
         && slip_rds_seed_snapshots (seed, error);
}
