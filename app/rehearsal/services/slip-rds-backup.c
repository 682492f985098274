/* SPDX-License-Identifier: MIT */

/* Aurora clusters as AWS Backup sees them. A recovery point is a cluster snapshot of type `awsbackup`;
 * a restore makes a cluster without instances, with the password that the cluster had then and
 * without a managed secret. */

#include "slip-backup-source.h"
#include "slip-kms-world.h"
#include "slip-rds-cluster.h"
#include "slip-rds-operations.h"
#include "slip-rds-seed.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

#define GIB ((gint64)1 << 30)
#define MAX_AGE_CASES 10000000

static const SlipWorldRecord *
find_by_arn (SlipWorld *world, const char *arn, const char *type, const char *prefix)
{
  g_autoptr (SlipArn) parts = slip_arn_parse (arn);

  if (parts == NULL || strcmp (parts->service, "rds") != 0
      || !g_str_has_prefix (parts->resource, prefix))
    return NULL;
  return slip_world_get (world, parts->account, parts->region, type,
                         parts->resource + strlen (prefix));
}

static const SlipWorldRecord *
find_cluster (SlipWorld *world, const char *arn)
{
  return find_by_arn (world, arn, SLIP_RDS_CLUSTER, "cluster:");
}

static const SlipWorldRecord *
find_snapshot (SlipWorld *world, const char *arn)
{
  return find_by_arn (world, arn, SLIP_RDS_SNAPSHOT, "cluster-snapshot:");
}

static JsonArray *
find (SlipWorld *world, const char *resource_arn)
{
  const SlipWorldRecord *cluster = find_cluster (world, resource_arn);
  JsonArray *tags;

  if (cluster == NULL)
    return NULL;
  tags = slip_rds_tags (cluster);
  return tags != NULL ? json_array_ref (tags) : json_array_new ();
}

/* --- Metadata: strings by name, spelled as RestoreDBClusterFromSnapshot spells them --- */

typedef struct
{
  const char *name;
  const char *shown; /* of the cluster; NULL when AWS does not tell it */
  char type;         /* s string, i integer, b boolean, a array of strings, o object */
} Member;

static const Member members[] = {
    {"DBClusterIdentifier", "DBClusterIdentifier", 's'},
    {"Engine", "Engine", 's'},
    {"EngineVersion", "EngineVersion", 's'},
    {"EngineMode", "EngineMode", 's'},
    {"DatabaseName", "DatabaseName", 's'},
    {"DBSubnetGroupName", "DBSubnetGroup", 's'},
    {"DBClusterParameterGroupName", "DBClusterParameterGroup", 's'},
    {"KmsKeyId", "KmsKeyId", 's'},
    {"Port", "Port", 'i'},
    {"AvailabilityZones", "AvailabilityZones", 'a'},
    {"VpcSecurityGroupIds", NULL, 'a'},
    {"EnableCloudwatchLogsExports", NULL, 'a'},
    {"EnableIAMDatabaseAuthentication", NULL, 'b'},
    {"DeletionProtection", NULL, 'b'},
    {"CopyTagsToSnapshot", NULL, 'b'},
    {"StorageType", NULL, 's'},
    {"NetworkType", NULL, 's'},
    {"ServerlessV2ScalingConfiguration", "ServerlessV2ScalingConfiguration", 'o'},
};

static char *
join (JsonArray *array, const char *member)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      const char *item = member != NULL
                             ? slip_json_string (json_array_get_object_element (array, i), member)
                             : json_array_get_string_element (array, i);
      g_string_append_printf (text, "%s%s", i > 0 ? "," : "", item);
    }
  return g_string_free (text, FALSE);
}

static char *
shown_text (JsonObject *shape, const Member *member)
{
  JsonNode *node = json_object_get_member (shape, member->shown);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  switch (member->type)
    {
    case 's':
      return g_strdup (slip_json_string (shape, member->shown));
    case 'i':
      return g_strdup_printf ("%" G_GINT64_FORMAT, slip_json_int (shape, member->shown, 0));
    case 'a':
      return join (slip_json_array (shape, member->shown), NULL);
    case 'o':
      return slip_json_to_text (node, FALSE);
    default:
      return NULL;
    }
}

static JsonObject *
describe (const SlipWorldRecord *cluster, const char *key, const char *job_id)
{
  JsonObject *metadata = json_object_new ();
  JsonObject *shape = slip_rds_shape (cluster);
  g_autofree char *groups
      = join (slip_json_array (shape, "VpcSecurityGroups"), "VpcSecurityGroupId");

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      g_autofree char *text = members[i].shown != NULL ? shown_text (shape, &members[i]) : NULL;

      if (text != NULL && *text != '\0')
        json_object_set_string_member (metadata, members[i].name, text);
    }
  if (*groups != '\0')
    json_object_set_string_member (metadata, "VpcSecurityGroupIds", groups);
  if (key != NULL)
    json_object_set_string_member (metadata, "KmsKeyId", key);
  json_object_set_string_member (metadata, "aws:backup:request-id", job_id);
  return metadata;
}

/* `a,b` as well as `["a","b"]`: clients write both. */
static JsonArray *
split (const char *text)
{
  g_autoptr (JsonNode) node = *text == '[' ? slip_json_parse (text, -1, NULL) : NULL;
  g_auto (GStrv) parts = NULL;
  JsonArray *array;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    return json_array_ref (json_node_get_array (node));
  array = json_array_new ();
  parts = g_strsplit (text, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      json_array_add_string_element (array, parts[i]);
  return array;
}

static gboolean
read_object (JsonObject *input, const Member *member, const char *text, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    {
      slip_service_error (error, 400, "InvalidParameterValueException",
                          "Invalid restore metadata: %s is no JSON object", member->name);
      return FALSE;
    }
  json_object_set_member (input, member->name, g_steal_pointer (&node));
  return TRUE;
}

static gboolean
read_member (JsonObject *input, const Member *member, const char *text, GError **error)
{
  gint64 number = 0;
  gboolean yes = g_ascii_strcasecmp (text, "true") == 0;

  switch (member->type)
    {
    case 'i':
      if (g_ascii_string_to_signed (text, 10, 0, 65535, &number, NULL))
        json_object_set_int_member (input, member->name, number);
      else
        return slip_rds_refuse (error, "InvalidParameterValueException",
                                "Invalid restore metadata: Port is no number of a port");
      return TRUE;
    case 'b':
      if (!yes && g_ascii_strcasecmp (text, "false") != 0)
        {
          slip_service_error (error, 400, "InvalidParameterValueException",
                              "Invalid restore metadata: %s is neither true nor false",
                              member->name);
          return FALSE;
        }
      json_object_set_boolean_member (input, member->name, yes);
      return TRUE;
    case 'a':
      json_object_set_array_member (input, member->name, split (text));
      return TRUE;
    case 'o':
      return read_object (input, member, text, error);
    default:
      json_object_set_string_member (input, member->name, text);
      return TRUE;
    }
}

/* The spelling of names differs by time and client, so case does not matter; unknown ones are left. */
static JsonObject *
read_metadata (JsonObject *metadata, GError **error)
{
  g_autoptr (JsonObject) input = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, metadata);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      const char *text = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (text == NULL || *text == '\0')
        continue;
      for (guint i = 0; i < G_N_ELEMENTS (members); i++)
        if (g_ascii_strcasecmp (name, members[i].name) == 0
            && !read_member (input, &members[i], text, error))
          return NULL;
    }
  return g_steal_pointer (&input);
}

/* --- Backups and copies --- */

static void
fill_point (SlipWorld *world,
            const SlipWorldRecord *snapshot,
            const char *name,
            double seconds,
            SlipBackupPoint *point)
{
  const char *arn = slip_rds_get (snapshot, "DBClusterSnapshotArn");

  point->arn = g_strdup (arn);
  point->stored = json_object_new ();
  json_object_set_string_member (point->stored, "snapshot", arn);
  if (slip_json_bool (slip_rds_shape (snapshot), "StorageEncrypted", FALSE))
    point->key = g_strdup (slip_rds_get (snapshot, "KmsKeyId"));
  point->size = slip_rds_snapshot_size (snapshot) * GIB;
  point->seconds = seconds;
  point->source_name = g_strdup (name);
}

static gboolean
backup (SlipWorld *world,
        const char *resource_arn,
        const SlipBackupPlace *place,
        SlipBackupPoint *point,
        GError **error)
{
  const SlipWorldRecord *cluster = find_cluster (world, resource_arn);
  g_autofree char *id = g_strdup_printf ("awsbackup:job-%s", place->job_id);
  const SlipWorldRecord *snapshot;

  if (cluster == NULL)
    return slip_rds_refuse (error, "DBClusterNotFoundFault", "DBCluster not found.");
  if (!slip_rds_cluster_check_snapshot (cluster, error))
    return FALSE;
  snapshot = slip_rds_snapshot_take (world, cluster, id, "awsbackup", place->tags);
  fill_point (world, snapshot, cluster->id,
              SLIP_RDS_SNAPSHOT_TAKE (slip_rds_cluster_size (cluster)), point);
  point->metadata = describe (cluster, point->key, place->job_id);
  slip_rds_cluster_begin_backup (world, cluster, SLIP_RDS_SNAPSHOT_BEGIN);
  return TRUE;
}

/* Who receives an encrypted copy must be allowed to use the key of what it reads, and nobody else can
 * be allowed to use a key that AWS manages. */
static gboolean
check_copy_key (SlipServiceContext *ctx, const SlipWorldRecord *snapshot, GError **error)
{
  const char *arn = slip_rds_get (snapshot, "KmsKeyId");
  const SlipWorldRecord *key
      = slip_kms_world_find_key (ctx->world, snapshot->account, snapshot->region, arn);

  if (key != NULL && strcmp (snapshot->account, ctx->account) != 0
      && slip_kms_world_is_aws_managed (key))
    return slip_rds_refuse (error, "InvalidParameterValueException",
                            "Copy job failed. The source snapshot is encrypted with an AWS managed "
                            "key, which cannot be "
                            "shared with another account.");
  if (slip_rds_key_usable (ctx, arn))
    return TRUE;
  slip_service_error (error, 400, "AccessDeniedException",
                      "Copy job failed. The source snapshot KMS key [%s] does not exist, is not "
                      "enabled or account %s does not have permissions to access it.",
                      arn, ctx->account);
  return FALSE;
}

static gboolean
copy (SlipWorld *world,
      const char *arn,
      JsonObject *stored,
      const SlipBackupPlace *place,
      SlipBackupPoint *point,
      GError **error)
{
  const SlipWorldRecord *source = find_snapshot (world, slip_json_string (stored, "snapshot"));
  const char *const allowed[] = {"available", NULL};
  SlipServiceContext ctx = {.world = world, .account = place->account, .region = place->region};
  g_autofree char *id = g_strdup_printf ("awsbackup:copyjob-%s", place->job_id);
  gboolean encrypted;
  double seconds;
  const SlipWorldRecord *made;

  if (source == NULL)
    return slip_rds_refuse (error, "DBClusterSnapshotNotFoundFault",
                            "DBClusterSnapshot not found.");
  encrypted = slip_json_bool (slip_rds_shape (source), "StorageEncrypted", FALSE);
  if (!slip_rds_require_status (source, allowed, "InvalidDBClusterSnapshotStateFault", error)
      || (encrypted && !check_copy_key (&ctx, source, error)))
    return FALSE;
  made = slip_rds_snapshot_begin_copy (&ctx, source, id, "awsbackup",
                                       encrypted ? place->vault_key : NULL, place->tags, &seconds);
  fill_point (world, made, slip_rds_get (made, "DBClusterIdentifier"), seconds, point);
  if (encrypted)
    json_object_set_string_member (point->metadata, "KmsKeyId", place->vault_key);
  return TRUE;
}

/* --- Restores --- */

static char *
restore (SlipServiceContext *ctx,
         const char *arn,
         JsonObject *stored,
         JsonObject *metadata,
         JsonArray *tags,
         double *seconds,
         GError **error)
{
  const char *snapshot_arn = slip_json_string (stored, "snapshot");
  const SlipWorldRecord *snapshot = find_snapshot (ctx->world, snapshot_arn);
  g_autoptr (JsonObject) input = read_metadata (metadata, error);
  g_autoptr (JsonNode) answer = NULL;

  if (input == NULL)
    return NULL;
  if (snapshot == NULL)
    return slip_rds_fail (error, "DBClusterSnapshotNotFoundFault",
                          "DBClusterSnapshot %s not found.", snapshot_arn);
  if (!json_object_has_member (input, "DBClusterIdentifier"))
    return slip_rds_fail (error, "InvalidParameterValueException",
                          "Invalid restore metadata. DBClusterIdentifier is missing.");
  if (!json_object_has_member (input, "Engine"))
    json_object_set_string_member (input, "Engine", slip_rds_get (snapshot, "Engine"));
  json_object_set_string_member (input, "SnapshotIdentifier", snapshot_arn);
  if (tags != NULL)
    json_object_set_array_member (input, "Tags", json_array_ref (tags));
  answer = slip_rds_restore_db_cluster_from_snapshot (ctx, input, error);
  if (answer == NULL)
    return NULL;
  *seconds = SLIP_RDS_RESTORE (slip_rds_snapshot_size (snapshot));
  return g_strdup (slip_json_string (slip_json_object (json_node_get_object (answer), "DBCluster"),
                                     "DBClusterArn"));
}

static void
remove_stored (SlipWorld *world, const char *arn, JsonObject *stored)
{
  const SlipWorldRecord *snapshot = find_snapshot (world, slip_json_string (stored, "snapshot"));

  if (snapshot != NULL && !slip_rds_is (snapshot, "Status", "deleting"))
    slip_rds_snapshot_begin_remove (world, snapshot);
}

/* --- Scenario --- */

static gboolean
seed (const SlipSeed *where,
      const char *resource_arn,
      gint64 hours_ago,
      const SlipBackupPlace *place,
      JsonObject *item,
      const char *path,
      SlipBackupPoint *point,
      GError **error)
{
  static const char *const allowed[] = {"cases", NULL};
  const SlipWorldRecord *cluster = find_cluster (where->world, resource_arn);
  JsonObject *data = NULL;
  g_autofree char *id = NULL;
  const SlipWorldRecord *snapshot;
  gboolean foreign;
  gint64 cases = -1;

  if (cluster == NULL)
    return slip_scenario_error (error, path, "there is no cluster %s", resource_arn);
  if (!slip_scenario_get_object (item, path, "data", FALSE, &data, error)
      || (data != NULL
          && (!slip_scenario_check_members (data, path, allowed, error)
              || !slip_scenario_get_int (data, path, "cases", 0, MAX_AGE_CASES, &cases, error))))
    return FALSE;
  foreign = strcmp (cluster->account, place->account) != 0
            || strcmp (cluster->region, place->region) != 0;
  id = g_strdup_printf ("awsbackup:%s-%s", foreign ? "copyjob" : "job", place->job_id);
  snapshot = slip_rds_seed_backup (where, cluster, id, foreign ? place->vault_key : NULL, hours_ago,
                                   cases);
  fill_point (where->world, snapshot, cluster->id, 0, point);
  point->metadata = describe (cluster, point->key, place->job_id);
  return TRUE;
}

const SlipBackupSource slip_rds_backup_source = {
    .resource_type = "Aurora",
    .backup_action = "rds:CreateDBClusterSnapshot",
    .copy_action = "rds:CopyDBClusterSnapshot",
    .restore_action = "rds:RestoreDBClusterFromSnapshot",
    .find = find,
    .backup = backup,
    .copy = copy,
    .restore = restore,
    .remove = remove_stored,
    .seed = seed,
};
