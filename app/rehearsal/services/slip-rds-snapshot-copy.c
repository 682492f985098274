/* SPDX-License-Identifier: MIT */
/* CopyDBClusterSnapshot: within a region, across regions, and of a snapshot that another account
 * shares; with the same key or another. Most of it is the rules that decide which copy AWS takes. */

#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-times.h"

#include "slip-json.h"

#include <string.h>

typedef struct
{
  const SlipWorldRecord *source;
  gboolean foreign;      /* of another account */
  gboolean cross_region; /* from another region */
  gboolean encrypted;
  const char *source_key;
  char *key; /* owned; the copy's, or NULL when it is not encrypted */
} Copy;

/* How the two accounts, regions and keys may be combined. */
static gboolean
check_combination (Copy *copy, JsonObject *input, GError **error)
{
  const char *key = slip_json_string (input, "KmsKeyId");

  if (copy->foreign && slip_json_bool (input, "CopyTags", FALSE))
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "Tags of a snapshot that is shared by another account cannot be copied. Specify "
        "Tags instead of CopyTags.");
  if (!copy->encrypted)
    return key == NULL
           || slip_rds_refuse (
               error, "InvalidParameterCombination",
               "KmsKeyId cannot be specified for an unencrypted DB cluster snapshot.");
  if (copy->foreign && copy->cross_region)
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "Cannot copy an encrypted snapshot that is shared by another account from one "
        "region to another.");
  if (copy->foreign && key == NULL)
    return slip_rds_refuse (error, "InvalidParameterValue",
                            "Must specify new KMS key for cross account encrypted snapshot copy.");
  if (copy->cross_region && key == NULL)
    return slip_rds_refuse (error, "InvalidParameterValue",
                            "Must specify new KMS key for cross region encrypted snapshot copy.");
  return TRUE;
}

static gboolean
check_keys (SlipServiceContext *ctx, Copy *copy, JsonObject *input, GError **error)
{
  const char *key = slip_json_string (input, "KmsKeyId");

  if (!copy->encrypted)
    return TRUE;
  if (!slip_rds_key_usable (ctx, copy->source_key))
    {
      slip_rds_fail (
          error, "KMSKeyNotAccessibleFault",
          "The source snapshot KMS key [%s] does not exist, is not enabled or you do not "
          "have permissions to access it.",
          copy->source_key);
      return FALSE;
    }
  copy->key = key != NULL ? slip_rds_resolve_key (ctx, key, error) : g_strdup (copy->source_key);
  return copy->key != NULL;
}

static gboolean
check_source (Copy *copy, GError **error)
{
  const char *const allowed[] = {"available", NULL};

  if (copy->foreign && !slip_rds_is (copy->source, "SnapshotType", "manual"))
    return slip_rds_refuse (error, "InvalidDBClusterSnapshotStateFault",
                            "Automated snapshots of another account cannot be copied.");
  return slip_rds_require_status (copy->source, allowed, "InvalidDBClusterSnapshotStateFault",
                                  error);
}

/* AWS runs at most five copies into one region at a time. */
static gboolean
check_running (SlipServiceContext *ctx, Copy *copy, GError **error)
{
  gint64 quota
      = slip_world_get_quota (ctx->world, ctx->account, ctx->region, "rds.concurrent-copies", 5);
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT);
  gint64 running = 0;

  if (!copy->cross_region)
    return TRUE;
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *other = g_ptr_array_index (all, i);
      g_autoptr (SlipArn) arn = NULL;

      if (!slip_rds_is (other, "Status", "copying"))
        continue;
      arn = slip_arn_parse (slip_rds_get (other, "SourceDBClusterSnapshotArn"));
      running += arn != NULL && strcmp (arn->region, ctx->region) != 0 ? 1 : 0;
    }
  if (running < quota)
    return TRUE;
  slip_rds_fail (error, "SnapshotQuotaExceeded",
                 "Cannot have more than %" G_GINT64_FORMAT " cross region snapshot copies in "
                 "progress into one region",
                 quota);
  return FALSE;
}

static double
duration (SlipServiceContext *ctx, const SlipWorldRecord *source, const char *key)
{
  gint64 size = slip_rds_snapshot_size (source);
  gboolean full = strcmp (source->account, ctx->account) != 0
                  || strcmp (source->region, ctx->region) != 0
                  || g_strcmp0 (key, slip_rds_get (source, "KmsKeyId")) != 0;

  return full ? SLIP_RDS_COPY_FULL (size) : SLIP_RDS_COPY (size);
}

static JsonObject *
plan_rows (SlipRdsEdit *edit, JsonObject *rows)
{
  JsonObject *payload = json_object_new ();
  const char *source = rows != NULL ? slip_json_string (rows, "key") : NULL;
  g_autofree char *key = slip_rds_snapshot_new_rows_key ();
  JsonObject *action;

  if (source == NULL || !slip_rds_database_is_open ())
    return payload;
  json_object_set_string_member (slip_json_object (edit->data, "rows"), "key", key);
  action = slip_rds_database_action (payload, "copy");
  json_object_set_string_member (action, "source", source);
  json_object_set_string_member (action, "snapshot", key);
  return payload;
}

const SlipWorldRecord *
slip_rds_snapshot_begin_copy (SlipServiceContext *ctx,
                              const SlipWorldRecord *source,
                              const char *id,
                              const char *type,
                              const char *key,
                              JsonArray *tags,
                              double *seconds)
{
  static const SlipRdsMember beside[] = {{"rows"}, {"source"}, {NULL}};
  SlipRdsEdit *edit
      = slip_rds_edit_new (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (slip_rds_shape (source)));
  g_autoptr (JsonNode) shape = slip_json_copy (node);
  g_autofree char *arn = g_strdup (slip_json_string (edit->shape, "DBClusterSnapshotArn"));
  double takes = duration (ctx, source, key);
  JsonObject *payload;
  const SlipWorldRecord *record;

  edit->shape = json_node_get_object (shape);
  json_object_set_object_member (edit->data, "shape", json_object_ref (edit->shape));
  json_object_set_string_member (edit->shape, "DBClusterSnapshotIdentifier", id);
  json_object_set_string_member (edit->shape, "DBClusterSnapshotArn", arn);
  json_object_set_string_member (edit->shape, "SourceDBClusterSnapshotArn",
                                 slip_rds_get (source, "DBClusterSnapshotArn"));
  json_object_set_string_member (edit->shape, "SnapshotType", type);
  json_object_set_array_member (edit->shape, "TagList", slip_tags_merge (NULL, tags, "Key"));
  slip_rds_set_now (ctx->world, edit->shape, "SnapshotCreateTime");
  if (key != NULL)
    json_object_set_string_member (edit->shape, "KmsKeyId", key);
  slip_rds_copy_members (source->data, edit->data, beside);
  slip_rds_snapshot_begin (edit, "copying", takes);
  payload = plan_rows (edit, slip_rds_snapshot_rows (source));
  slip_rds_edit_save (edit);
  slip_world_start_work (ctx->world, takes, "rds.snapshot-copied", ctx->account, ctx->region,
                         SLIP_RDS_SNAPSHOT, id, payload);
  record = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_RDS_SNAPSHOT, id);
  slip_rds_event (ctx->world, record, "backup", "Started copy of cluster snapshot %s",
                  slip_rds_get (source, "DBClusterSnapshotArn"));
  if (seconds != NULL)
    *seconds = takes;
  return record;
}

JsonNode *
slip_rds_copy_db_cluster_snapshot (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  Copy copy = {0};
  const SlipWorldRecord *made;
  JsonArray *inherited;
  g_autoptr (JsonArray) tags = NULL;
  g_autofree char *key = NULL;
  g_autofree char *id
      = slip_rds_check_name (slip_json_string (input, "TargetDBClusterSnapshotIdentifier"),
                             "TargetDBClusterSnapshotIdentifier", 63, error);

  if (id == NULL || !slip_rds_check_tags (slip_json_array (input, "Tags"), error))
    return NULL;
  copy.source = slip_rds_snapshot_find_source (
      ctx, slip_json_string (input, "SourceDBClusterSnapshotIdentifier"), error);
  if (copy.source == NULL)
    return NULL;
  copy.foreign = strcmp (copy.source->account, ctx->account) != 0;
  copy.cross_region = strcmp (copy.source->region, ctx->region) != 0;
  copy.encrypted = slip_json_bool (slip_rds_shape (copy.source), "StorageEncrypted", FALSE);
  copy.source_key = slip_rds_get (copy.source, "KmsKeyId");

  if (!slip_rds_snapshot_check_new (ctx, id, error) || !check_source (&copy, error)
      || !check_combination (&copy, input, error) || !check_keys (ctx, &copy, input, error))
    return NULL;
  key = copy.key;
  if (!slip_rds_snapshot_check_quota (ctx, error) || !check_running (ctx, &copy, error))
    return NULL;
  inherited = slip_json_bool (input, "CopyTags", FALSE) ? slip_rds_tags (copy.source) : NULL;
  tags = slip_tags_merge (inherited, slip_json_array (input, "Tags"), "Key");
  made = slip_rds_snapshot_begin_copy (ctx, copy.source, id, "manual", copy.key, tags, NULL);
  return slip_rds_wrap ("DBClusterSnapshot", slip_rds_snapshot_view (ctx->world, made));
}
