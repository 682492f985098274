/* SPDX-License-Identifier: MIT */
/* What AWS offers everywhere: engine versions, instance classes, certificates, parameters, quotas.
 * Tables of facts, and the operations that show them. */

#include "slip-rds-cluster.h"
#include "slip-rds-groups.h"
#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"

#include "slip-json.h"

#include <string.h>

/* Oldest first; the first of an engine marked `preferred` is what a request without version gets. */
static const struct
{
  const char *engine;
  const char *version;
  const char *family;
  gboolean preferred;
} versions[] = {
    {"aurora-postgresql", "12.22", "aurora-postgresql12", FALSE},
    {"aurora-postgresql", "13.12", "aurora-postgresql13", FALSE},
    {"aurora-postgresql", "13.18", "aurora-postgresql13", FALSE},
    {"aurora-postgresql", "14.9", "aurora-postgresql14", FALSE},
    {"aurora-postgresql", "14.15", "aurora-postgresql14", FALSE},
    {"aurora-postgresql", "15.4", "aurora-postgresql15", FALSE},
    {"aurora-postgresql", "15.10", "aurora-postgresql15", TRUE},
    {"aurora-postgresql", "16.6", "aurora-postgresql16", FALSE},
    {"aurora-mysql", "8.0.mysql_aurora.3.08.0", "aurora-mysql8.0", TRUE},
};

static const char *const classes[] = {
    "db.r5.large",   "db.r5.xlarge",   "db.r5.2xlarge",  "db.r5.4xlarge",  "db.r6g.large",
    "db.r6g.xlarge", "db.r6g.2xlarge", "db.r6g.4xlarge", "db.r6g.8xlarge", "db.serverless",
    "db.t3.medium",  "db.t4g.large",   "db.t4g.medium",
};

static const struct
{
  const char *id;
  const char *thumbprint;
  const char *till;
} certificates[] = {
    {"rds-ca-rsa2048-g1", "2fa77ef894d9831b0ffc9e1e3b1d9ee1f2ba7e4b", "2061-05-25T22:59:00Z"},
    {"rds-ca-rsa4096-g1", "ab1b7b8f1b0d0a26d0ef5df9b5a1ac6f51c3e6c2", "2121-05-25T22:59:00Z"},
    {"rds-ca-ecc384-g1", "0d4a1f7a41f2c6e3b5d0e9b1f6a7c8d9e0f1a2b3", "2121-05-25T22:59:00Z"},
};

const SlipRdsParameter slip_rds_parameters[] = {
    {"autovacuum", TRUE, "1", "boolean", "0,1", TRUE, TRUE, "Starts the autovacuum subprocess."},
    {"log_min_duration_statement", TRUE, NULL, "integer", "-1-2147483647", TRUE, TRUE,
     "(ms) Sets the minimum execution time above which statements will be logged."},
    {"max_replication_slots", TRUE, "20", "integer", "5-262143", FALSE, TRUE,
     "Sets the maximum number of replication slots that the server can support."},
    {"max_wal_senders", TRUE, "20", "integer", "5-262143", FALSE, TRUE,
     "Sets the maximum number of simultaneously running WAL sender processes."},
    {"rds.force_ssl", TRUE, "0", "boolean", "0,1", TRUE, TRUE, "Force SSL connections."},
    {"rds.logical_replication", TRUE, "0", "boolean", "0,1", FALSE, TRUE,
     "Enables logical decoding."},
    {"rds.superuser_variables", TRUE, "session_replication_role", "string", NULL, TRUE, FALSE,
     "List of superuser-only variables for which we elevate rds_superuser modification "
     "statements."},
    {"session_replication_role", TRUE, "origin", "string", "origin,replica,local", TRUE, TRUE,
     "Sets the sessions behavior for triggers and rewrite rules."},
    {"shared_preload_libraries", TRUE, "pg_stat_statements", "list", NULL, FALSE, TRUE,
     "Lists shared libraries to preload into server."},
    {"timezone", TRUE, "UTC", "string", NULL, TRUE, TRUE,
     "Sets the time zone for displaying and interpreting time stamps."},
    {"wal_sender_timeout", TRUE, "30000", "integer", "0-3600000", TRUE, TRUE,
     "(ms) Sets the maximum time to wait for WAL replication."},
    {"autovacuum_max_workers", FALSE, NULL, "integer", "1-262143", FALSE, TRUE,
     "Sets the maximum number of simultaneously running autovacuum worker processes."},
    {"log_statement", FALSE, NULL, "string", "none,ddl,mod,all", TRUE, TRUE,
     "Sets the type of statements logged."},
    {"maintenance_work_mem", FALSE, NULL, "integer", "1024-2147483647", TRUE, TRUE,
     "(kB) Sets the maximum memory to be used for maintenance operations."},
    {"max_connections", FALSE, "LEAST({DBInstanceClassMemory/9531392},5000)", "integer", "6-262143",
     FALSE, TRUE, "Sets the maximum number of concurrent connections."},
    {"shared_buffers", FALSE, "SUM({DBInstanceClassMemory/12038},-50003)", "integer",
     "16-1073741823", FALSE, TRUE,
     "(8kB) Sets the number of shared memory buffers used by the server."},
    {"statement_timeout", FALSE, NULL, "integer", "0-2147483647", TRUE, TRUE,
     "(ms) Sets the maximum allowed duration of any statement."},
    {"work_mem", FALSE, NULL, "integer", "64-2147483647", TRUE, TRUE,
     "(kB) Sets the maximum memory to be used for query workspaces."},
    {NULL},
};

/* --- Facts for other files --- */

char *
slip_rds_dup_family (const char *engine, const char *version)
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_strcmp0 (versions[i].engine, engine) == 0
        && g_strcmp0 (versions[i].version, version) == 0)
      return g_strdup (versions[i].family);
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT, engine,
                          version != NULL ? g_ascii_strtoull (version, NULL, 10) : 0);
}

gboolean
slip_rds_is_family (const char *family)
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_strcmp0 (versions[i].family, family) == 0)
      return TRUE;
  return FALSE;
}

void
slip_rds_foreach_family (void (*func) (const char *family, gpointer data), gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (i == 0 || strcmp (versions[i].family, versions[i - 1].family) != 0)
      func (versions[i].family, data);
}

const char *
slip_rds_check_version (const char *engine, const char *version, GError **error)
{
  gboolean engine_known = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_strcmp0 (versions[i].engine, engine) == 0)
      {
        gsize length = version != NULL ? strlen (version) : 0;

        engine_known = TRUE;
        if (version == NULL ? versions[i].preferred : strcmp (versions[i].version, version) == 0)
          return versions[i].version;
        /* A major version alone means its newest minor one. */
        if (length > 0 && strchr (version, '.') == NULL
            && strncmp (versions[i].version, version, length) == 0
            && versions[i].version[length] == '.'
            && (i + 1 == G_N_ELEMENTS (versions)
                || strncmp (versions[i + 1].version, version, length) != 0))
          return versions[i].version;
      }
  if (!engine_known)
    return slip_rds_fail (error, "InvalidParameterValue", "Invalid DB engine: %s", engine);
  return slip_rds_fail (error, "InvalidParameterCombination", "Cannot find version %s for %s",
                        version, engine);
}

static gint
version_index (const char *engine, const char *version)
{
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    if (g_strcmp0 (versions[i].engine, engine) == 0
        && g_strcmp0 (versions[i].version, version) == 0)
      return (gint)i;
  return -1;
}

gboolean
slip_rds_can_upgrade (const char *engine, const char *from, const char *to)
{
  gint old = version_index (engine, from);
  gint new = version_index (engine, to);

  return new >= 0 && new > old;
}

gboolean
slip_rds_check_class (const char *engine, const char *instance_class, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_strcmp0 (classes[i], instance_class) == 0)
      return TRUE;
  slip_rds_fail (error, "InvalidParameterCombination",
                 "RDS does not support creating a DB instance with the following combination: "
                 "DBInstanceClass=%s, Engine=%s.",
                 instance_class, engine);
  return FALSE;
}

/* --- Engine versions --- */

static JsonObject *
view_version (guint index)
{
  const char *const logs[] = {"postgresql", NULL};
  const char *const modes[] = {"provisioned", NULL};
  JsonObject *object = json_object_new ();
  JsonArray *targets = json_array_new ();
  JsonArray *authorities = json_array_new ();
  const char *engine = versions[index].engine;
  g_autofree char *description = g_strdup_printf (
      "Aurora %s (Compatible with %s %s)",
      g_str_has_suffix (engine, "mysql") ? "MySQL" : "PostgreSQL",
      g_str_has_suffix (engine, "mysql") ? "MySQL" : "PostgreSQL", versions[index].version);
  g_autofree char *major = g_strdup_printf ("%" G_GUINT64_FORMAT,
                                            g_ascii_strtoull (versions[index].version, NULL, 10));

  for (guint i = index + 1; i < G_N_ELEMENTS (versions); i++)
    if (strcmp (versions[i].engine, engine) == 0)
      {
        JsonObject *target = json_object_new ();
        gboolean other = strcmp (versions[i].family, versions[index].family) != 0;

        json_object_set_string_member (target, "Engine", engine);
        json_object_set_string_member (target, "EngineVersion", versions[i].version);
        json_object_set_boolean_member (target, "AutoUpgrade", FALSE);
        json_object_set_boolean_member (target, "IsMajorVersionUpgrade", other);
        json_array_add_object_element (targets, target);
      }
  for (guint i = 0; i < G_N_ELEMENTS (certificates); i++)
    json_array_add_string_element (authorities, certificates[i].id);
  json_object_set_string_member (object, "Engine", engine);
  json_object_set_string_member (object, "MajorEngineVersion", major);
  json_object_set_string_member (object, "EngineVersion", versions[index].version);
  json_object_set_string_member (object, "DBParameterGroupFamily", versions[index].family);
  json_object_set_string_member (object, "DBEngineDescription", engine);
  json_object_set_string_member (object, "DBEngineVersionDescription", description);
  json_object_set_array_member (object, "ValidUpgradeTarget", targets);
  json_object_set_array_member (object, "ExportableLogTypes", slip_rds_strings (logs));
  json_object_set_boolean_member (object, "SupportsLogExportsToCloudwatchLogs", TRUE);
  json_object_set_boolean_member (object, "SupportsReadReplica", FALSE);
  json_object_set_array_member (object, "SupportedEngineModes", slip_rds_strings (modes));
  json_object_set_string_member (object, "Status", "available");
  json_object_set_boolean_member (object, "SupportsGlobalDatabases", TRUE);
  json_object_set_array_member (object, "SupportedCACertificateIdentifiers", authorities);
  return object;
}

JsonNode *
slip_rds_describe_db_engine_versions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const SlipRdsFilter filters[] = {{"engine", "Engine"},
                                          {"engine-version", "EngineVersion"},
                                          {"db-parameter-group-family", "DBParameterGroupFamily"},
                                          {"status", "Status"},
                                          {"engine-mode", ""},
                                          {NULL, NULL}};
  const char *engine = slip_json_string (input, "Engine");
  const char *version = slip_json_string (input, "EngineVersion");
  const char *family = slip_json_string (input, "DBParameterGroupFamily");
  gboolean preferred = slip_json_bool (input, "DefaultOnly", FALSE);
  JsonArray *items;

  if (!slip_rds_check_filters (input, filters, error))
    return NULL;
  items = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      g_autoptr (JsonObject) object = NULL;

      if ((engine != NULL && strcmp (versions[i].engine, engine) != 0)
          || (version != NULL && !g_str_has_prefix (versions[i].version, version))
          || (family != NULL && strcmp (versions[i].family, family) != 0)
          || (preferred && !versions[i].preferred))
        continue;
      object = view_version (i);
      if (slip_rds_filters_match (input, filters, object))
        json_array_add_object_element (items, g_steal_pointer (&object));
    }
  return slip_rds_list_fixed (input, "DBEngineVersions", items, error);
}

/* --- Orderable options --- */

/* The graviton class of 8xlarge stands for those that not every zone has. */
static JsonArray *
zones_of (const char *instance_class, const char *region)
{
  JsonArray *zones = json_array_new ();
  const char *letters = strcmp (instance_class, "db.r6g.8xlarge") == 0 ? "ab" : "abc";

  for (; *letters != '\0'; letters++)
    {
      JsonObject *zone = json_object_new ();
      g_autofree char *name = g_strdup_printf ("%s%c", region, *letters);

      json_object_set_string_member (zone, "Name", name);
      json_array_add_object_element (zones, zone);
    }
  return zones;
}

static JsonObject *
view_option (guint version, const char *instance_class, const char *region)
{
  static const char *const on[] = {"Vpc",
                                   "SupportsStorageEncryption",
                                   "SupportsEnhancedMonitoring",
                                   "SupportsIAMDatabaseAuthentication",
                                   "SupportsPerformanceInsights",
                                   "SupportsKerberosAuthentication",
                                   "SupportsGlobalDatabases",
                                   "SupportsClusters"};
  static const char *const off[] = {"MultiAZCapable",
                                    "ReadReplicaCapable",
                                    "SupportsIops",
                                    "SupportsStorageAutoscaling",
                                    "OutpostCapable",
                                    "SupportsStorageThroughput",
                                    "SupportsDedicatedLogVolume"};
  const char *const modes[] = {"provisioned", NULL};
  const char *const networks[] = {"IPV4", "DUAL", NULL};
  const char *const streams[] = {"sync", "async", NULL};
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "Engine", versions[version].engine);
  json_object_set_string_member (object, "EngineVersion", versions[version].version);
  json_object_set_string_member (object, "DBInstanceClass", instance_class);
  json_object_set_string_member (object, "LicenseModel", "postgresql-license");
  json_object_set_array_member (object, "AvailabilityZones", zones_of (instance_class, region));
  json_object_set_string_member (object, "StorageType", "aurora");
  for (guint i = 0; i < G_N_ELEMENTS (on); i++)
    json_object_set_boolean_member (object, on[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (off); i++)
    json_object_set_boolean_member (object, off[i], FALSE);
  json_object_set_array_member (object, "AvailableProcessorFeatures", json_array_new ());
  json_object_set_array_member (object, "SupportedEngineModes", slip_rds_strings (modes));
  json_object_set_array_member (object, "SupportedActivityStreamModes", slip_rds_strings (streams));
  json_object_set_array_member (object, "SupportedNetworkTypes", slip_rds_strings (networks));
  return object;
}

JsonNode *
slip_rds_describe_orderable_db_instance_options (SlipServiceContext *ctx,
                                                 JsonObject *input,
                                                 GError **error)
{
  const char *engine = slip_json_string (input, "Engine");
  const char *version = slip_json_string (input, "EngineVersion");
  const char *wanted = slip_json_string (input, "DBInstanceClass");
  gboolean known = FALSE;
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      if (strcmp (versions[i].engine, engine) != 0)
        continue;
      known = TRUE;
      if (version != NULL && strcmp (versions[i].version, version) != 0)
        continue;
      for (guint c = 0; c < G_N_ELEMENTS (classes); c++)
        if (wanted == NULL || strcmp (classes[c], wanted) == 0)
          json_array_add_object_element (items, view_option (i, classes[c], ctx->region));
    }
  if (!known)
    {
      json_array_unref (items);
      return slip_rds_fail (error, "InvalidParameterValue", "Invalid DB engine: %s", engine);
    }
  return slip_rds_list_fixed (input, "OrderableDBInstanceOptions", items, error);
}

/* --- Certificates --- */

JsonNode *
slip_rds_describe_certificates (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *wanted = slip_json_string (input, "CertificateIdentifier");
  JsonArray *items = json_array_new ();
  JsonNode *node;

  for (guint i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      JsonObject *object;
      g_autofree char *arn = NULL;

      if (wanted != NULL && strcmp (certificates[i].id, wanted) != 0)
        continue;
      arn = g_strdup_printf ("arn:aws:rds:%s::cert:%s", ctx->region, certificates[i].id);
      object = json_object_new ();
      json_object_set_string_member (object, "CertificateIdentifier", certificates[i].id);
      json_object_set_string_member (object, "CertificateType", "CA");
      json_object_set_string_member (object, "Thumbprint", certificates[i].thumbprint);
      json_object_set_string_member (object, "ValidFrom", "2021-05-25T22:00:00Z");
      json_object_set_string_member (object, "ValidTill", certificates[i].till);
      json_object_set_string_member (object, "CertificateArn", arn);
      json_object_set_boolean_member (object, "CustomerOverride", FALSE);
      json_array_add_object_element (items, object);
    }
  if (wanted != NULL && json_array_get_length (items) == 0)
    {
      json_array_unref (items);
      return slip_rds_fail (error, "CertificateNotFound", "Certificate not found: %s", wanted);
    }
  node = slip_rds_list_fixed (input, "Certificates", items, error);
  if (node != NULL)
    json_object_set_string_member (json_node_get_object (node), "DefaultCertificateForNewLaunches",
                                   "rds-ca-rsa2048-g1");
  return node;
}

/* --- Quotas --- */

JsonNode *
slip_rds_describe_account_attributes (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const struct
  {
    const char *name;
    const char *quota;
    gint64 fallback;
    const char *type; /* counted; NULL for snapshots and what there is none of */
    const char *region;
  } quotas[] = {
      {"DBInstances", "rds.instances", 40, SLIP_RDS_INSTANCE, ctx->region},
      {"DBParameterGroups", SLIP_RDS_GROUP, 50, SLIP_RDS_GROUP, ctx->region},
      {"ManualClusterSnapshots", "rds.manual-cluster-snapshots", 100, NULL, NULL},
      {"DBSubnetGroups", "rds.subnet-groups", 50, SLIP_RDS_SUBNETS, ctx->region},
      {"DBClusters", "rds.clusters", 40, SLIP_RDS_CLUSTER, ctx->region},
      {"DBClusterParameterGroups", SLIP_RDS_CLUSTER_GROUP, 50, SLIP_RDS_CLUSTER_GROUP, ctx->region},
      {"AllocatedStorage", "rds.allocated-storage", 100000, NULL, NULL},
  };
  JsonArray *items = json_array_new ();
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (quotas); i++)
    {
      JsonObject *quota = json_object_new ();
      guint used = 0;

      if (quotas[i].type != NULL)
        used = slip_world_count (ctx->world, ctx->account, quotas[i].region, quotas[i].type);
      else if (strcmp (quotas[i].name, "ManualClusterSnapshots") == 0)
        used = slip_rds_snapshot_count_manual (ctx->world, ctx->account, ctx->region);
      json_object_set_string_member (quota, "AccountQuotaName", quotas[i].name);
      json_object_set_int_member (quota, "Used", used);
      json_object_set_int_member (quota, "Max",
                                  slip_world_get_quota (ctx->world, ctx->account, ctx->region,
                                                        quotas[i].quota, quotas[i].fallback));
      json_array_add_object_element (items, quota);
    }
  json_object_set_array_member (output, "AccountQuotas", items);
  return slip_json_new_object (output);
}
