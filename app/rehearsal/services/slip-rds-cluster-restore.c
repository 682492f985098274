/* SPDX-License-Identifier: MIT */
/* DB clusters restored from a snapshot or to a point in time. What the request does not say falls back
 * to AWS's defaults, not to those of the cluster that was (awsdocs/amazon-aurora-user-guide#11). */

#include "slip-rds-cluster.h"
#include "slip-rds-database.h"
#include "slip-rds-operations.h"
#include "slip-rds-snapshot.h"
#include "slip-rds-times.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

/* --- From a snapshot --- */

static gboolean
check_snapshot (SlipServiceContext *ctx,
                const SlipWorldRecord *snapshot,
                JsonObject *input,
                const char *engine,
                const char *version,
                GError **error)
{
  const char *const allowed[] = {"available", NULL};
  const char *from = slip_rds_get (snapshot, "EngineVersion");

  if (strcmp (snapshot->region, ctx->region) != 0)
    {
      slip_rds_fail (error, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot %s not found.",
                     slip_json_string (input, "SnapshotIdentifier"));
      return FALSE;
    }
  if (!slip_rds_require_status (snapshot, allowed, "InvalidDBClusterSnapshotStateFault", error))
    return FALSE;
  if (!slip_rds_is (snapshot, "Engine", engine))
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "The engine name requested for your DB cluster (%s) doesn't match the engine "
                     "name of your snapshot (%s).",
                     engine, slip_rds_get (snapshot, "Engine"));
      return FALSE;
    }
  if (strcmp (from, version) != 0 && !slip_rds_can_upgrade (engine, from, version))
    {
      slip_rds_fail (error, "InvalidParameterCombination",
                     "Cannot restore a snapshot of version %s as version %s", from, version);
      return FALSE;
    }
  if (slip_json_bool (slip_rds_shape (snapshot), "StorageEncrypted", FALSE)
      && !slip_rds_key_usable (ctx, slip_rds_get (snapshot, "KmsKeyId")))
    {
      slip_rds_fail (
          error, "KMSKeyNotAccessibleFault",
          "The source snapshot KMS key [%s] does not exist, is not enabled or you do not "
          "have permissions to access it.",
          slip_rds_get (snapshot, "KmsKeyId"));
      return FALSE;
    }
  /* Nobody runs a cluster on a key of somebody else: copy a shared snapshot first. */
  if (strcmp (snapshot->account, ctx->account) != 0
      && slip_json_bool (slip_rds_shape (snapshot), "StorageEncrypted", FALSE)
      && slip_json_string (input, "KmsKeyId") == NULL)
    return slip_rds_refuse (
        error, "InvalidParameterValue",
        "Must specify KMS key to restore an encrypted snapshot that is shared by another "
        "account.");
  return TRUE;
}

static JsonObject *
plan_restore (SlipRdsEdit *edit, JsonObject *input, JsonObject *rows)
{
  static const SlipRdsMember from_seed[]
      = {{"seed"}, {"settings"}, {"user"}, {"password"}, {"name"}, {NULL}};
  JsonObject *payload = json_object_new ();
  JsonObject *database;
  JsonObject *action;

  if (rows == NULL)
    return payload;
  database = slip_rds_cluster_new_database (edit);
  if (!slip_rds_database_is_open ())
    return payload;
  action = slip_rds_database_action (payload,
                                     json_object_has_member (rows, "seed") ? "create" : "restore");
  slip_rds_copy_members (rows, action, from_seed);
  json_object_set_string_member (action, "key", slip_json_string (database, "key"));
  if (json_object_has_member (rows, "key"))
    json_object_set_string_member (action, "snapshot", slip_json_string (rows, "key"));
  slip_rds_cluster_ask_for_port (action, input);
  return payload;
}

static char *
choose_restore_key (
    SlipServiceContext *ctx, JsonObject *input, JsonObject *source, gboolean *ok, GError **error)
{
  const char *wanted = slip_json_string (input, "KmsKeyId");
  char *key = NULL;

  *ok = TRUE;
  if (wanted == NULL && !slip_json_bool (source, "StorageEncrypted", FALSE))
    return NULL;
  key = slip_rds_resolve_key (ctx, wanted != NULL ? wanted : slip_json_string (source, "KmsKeyId"),
                              error);
  *ok = key != NULL;
  return key;
}

static SlipRdsEdit *
restored_cluster (SlipServiceContext *ctx,
                  JsonObject *input,
                  const char *id,
                  JsonObject *source,
                  JsonObject *beside,
                  const char *version,
                  const char *key)
{
  static const SlipRdsMember from_source[] = {{"MasterUsername"}, {"EngineMode"}, {NULL}};
  /* Retention and windows fall back to AWS's defaults (hashicorp/terraform-provider-aws#588). */
  static const SlipRdsMember from_beside[] = {{"DatabaseName"}, {NULL}};
  SlipRdsEdit *edit
      = slip_rds_cluster_new (ctx, input, id, slip_json_string (source, "Engine"), version);

  slip_rds_copy_members (source, edit->shape, from_source);
  if (beside != NULL)
    slip_rds_copy_members (beside, edit->shape, from_beside);
  json_object_set_boolean_member (edit->shape, "StorageEncrypted", key != NULL);
  if (key != NULL)
    json_object_set_string_member (edit->shape, "KmsKeyId", key);
  json_object_set_boolean_member (edit->data, "restored", TRUE);
  slip_rds_cluster_fill_defaults (edit);
  return edit;
}

JsonNode *
slip_rds_restore_db_cluster_from_snapshot (SlipServiceContext *ctx,
                                           JsonObject *input,
                                           GError **error)
{
  const char *engine = slip_json_string (input, "Engine");
  const char *version = slip_json_string (input, "EngineVersion");
  const SlipWorldRecord *snapshot;
  g_autofree char *id = slip_rds_cluster_check_new (ctx, input, error);
  g_autofree char *key = NULL;
  SlipRdsEdit *edit;
  gint64 size;
  gboolean ok;
  JsonObject *payload;

  if (id == NULL)
    return NULL;
  snapshot
      = slip_rds_snapshot_find_source (ctx, slip_json_string (input, "SnapshotIdentifier"), error);
  if (snapshot == NULL)
    return NULL;
  version = slip_rds_check_version (
      engine, version != NULL ? version : slip_rds_get (snapshot, "EngineVersion"), error);
  if (version == NULL || !check_snapshot (ctx, snapshot, input, engine, version, error)
      || !slip_rds_check_groups (ctx, input, engine, version, error))
    return NULL;
  key = choose_restore_key (ctx, input, slip_rds_shape (snapshot), &ok, error);
  if (!ok)
    return NULL;

  size = slip_rds_snapshot_size (snapshot);
  edit = restored_cluster (ctx, input, id, slip_rds_shape (snapshot),
                           slip_json_object (snapshot->data, "source"), version, key);
  json_object_set_int_member (edit->data, "size", size);
  payload = plan_restore (edit, input, slip_rds_snapshot_rows (snapshot));
  return slip_rds_cluster_begin_create (ctx, edit, SLIP_RDS_RESTORE (size), payload);
}

/* The newest rows that are not younger than the asked time: a stored snapshot's, or those of now. */
static JsonObject *
rows_at (SlipServiceContext *ctx, const SlipWorldRecord *cluster, gint64 time_us)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, cluster->account, cluster->region, SLIP_RDS_SNAPSHOT);
  gint64 best_time = G_MININT64;
  JsonObject *best = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *snapshot = g_ptr_array_index (all, i);
      gint64 taken = 0;

      if (slip_rds_is (snapshot, "DbClusterResourceId",
                       slip_rds_get (cluster, "DbClusterResourceId"))
          && slip_rds_is (snapshot, "Status", "available")
          && slip_rds_snapshot_rows (snapshot) != NULL
          && slip_time_parse (slip_rds_get (snapshot, "SnapshotCreateTime"), &taken)
          && taken <= time_us && taken > best_time)
        {
          best_time = taken;
          best = slip_rds_snapshot_rows (snapshot);
        }
    }
  return best;
}

static gboolean
check_time (SlipServiceContext *ctx,
            const SlipWorldRecord *cluster,
            JsonObject *input,
            gint64 *time_us,
            GError **error)
{
  const char *text = slip_json_string (input, "RestoreToTime");
  gboolean latest = slip_json_bool (input, "UseLatestRestorableTime", FALSE);
  gboolean clone = g_strcmp0 (slip_json_string (input, "RestoreType"), "copy-on-write") == 0;
  g_autoptr (JsonObject) shown = slip_rds_cluster_view (ctx->world, cluster);
  gint64 earliest = 0;
  gint64 last = 0;

  *time_us = G_MAXINT64;
  if (latest && text != NULL)
    return slip_rds_refuse (error, "InvalidParameterCombination",
                            "Cannot specify both RestoreToTime and UseLatestRestorableTime");
  if (latest || clone)
    return TRUE;
  if (text == NULL)
    return slip_rds_refuse (error, "InvalidParameterCombination",
                            "You must specify either RestoreToTime or UseLatestRestorableTime");
  slip_time_parse (text, time_us);
  slip_time_parse (slip_json_string (shown, "EarliestRestorableTime"), &earliest);
  slip_time_parse (slip_json_string (shown, "LatestRestorableTime"), &last);
  if (*time_us < earliest || *time_us > last)
    {
      slip_rds_fail (error, "InvalidRestoreFault",
                     "The specified time %s is not within the restorable window of cluster %s.",
                     text, cluster->id);
      return FALSE;
    }
  return TRUE;
}

static JsonObject *
plan_clone (SlipServiceContext *ctx,
            SlipRdsEdit *edit,
            JsonObject *input,
            const SlipWorldRecord *source,
            gint64 time_us)
{
  JsonObject *from = slip_json_object (source->data, "database");
  JsonObject *rows = time_us != G_MAXINT64 ? rows_at (ctx, source, time_us) : NULL;
  JsonObject *payload;
  JsonObject *action;

  if (from == NULL)
    return json_object_new ();
  if (rows != NULL)
    return plan_restore (edit, input, rows);
  payload = json_object_new ();
  slip_rds_cluster_new_database (edit);
  if (!slip_rds_database_is_open ())
    return payload;
  action = slip_rds_database_action (payload, "clone");
  json_object_set_string_member (action, "source", slip_json_string (from, "key"));
  json_object_set_string_member (
      action, "key", slip_json_string (slip_json_object (edit->data, "database"), "key"));
  slip_rds_cluster_ask_for_port (action, input);
  return payload;
}

JsonNode *
slip_rds_restore_db_cluster_to_point_in_time (SlipServiceContext *ctx,
                                              JsonObject *input,
                                              GError **error)
{
  const SlipWorldRecord *source;
  const char *version;
  gint64 time_us;
  gint64 size;
  gboolean ok;
  g_autofree char *id = slip_rds_cluster_check_new (ctx, input, error);
  g_autofree char *key = NULL;
  SlipRdsEdit *edit;
  JsonObject *payload;

  if (id == NULL)
    return NULL;
  source = slip_rds_find (ctx, slip_json_string (input, "SourceDBClusterIdentifier"),
                          SLIP_RDS_CLUSTER, error);
  if (source == NULL || !check_time (ctx, source, input, &time_us, error))
    return NULL;
  version = slip_rds_get (source, "EngineVersion");
  if (!slip_rds_check_groups (ctx, input, slip_rds_get (source, "Engine"), version, error))
    return NULL;
  key = choose_restore_key (ctx, input, slip_rds_shape (source), &ok, error);
  if (!ok)
    return NULL;
  size = slip_rds_cluster_size (source);
  edit = restored_cluster (ctx, input, id, slip_rds_shape (source), slip_rds_shape (source),
                           version, key);
  json_object_set_int_member (edit->data, "size", size);
  payload = plan_clone (ctx, edit, input, source, time_us);
  return slip_rds_cluster_begin_create (ctx, edit, SLIP_RDS_RESTORE (size), payload);
}
