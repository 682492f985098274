/* SPDX-License-Identifier: MIT */

/* Recovery points: lists, descriptions, restore metadata, lifecycles and deletion. A lifecycle ends on
 * the real clock, as its CalculatedLifecycle tells; a lock keeps everything until then. */

#include "slip-backup.h"

#include "slip-clock.h"
#include "slip-json.h"

#include <string.h>

#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)
#define EXPIRED "backup.recovery-point-expired"

/* --- Finding --- */

const SlipWorldRecord *
slip_backup_point_of_arn (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *arn)
{
  return slip_world_get (world, account, region, SLIP_BACKUP_POINT, arn);
}

const SlipWorldRecord *
slip_backup_point_find (SlipServiceContext *ctx,
                        const SlipWorldRecord *vault,
                        const char *arn,
                        GError **error)
{
  const SlipWorldRecord *point
      = slip_backup_point_of_arn (ctx->world, ctx->account, ctx->region, arn);

  if (point != NULL && strcmp (slip_backup_get (point, "BackupVaultName"), vault->id) == 0)
    return point;
  return slip_backup_missing (error, "Cannot find recovery point %s in backup vault %s", arn,
                              vault->id);
}

static const SlipWorldRecord *
find (SlipServiceContext *ctx, JsonObject *input, const SlipWorldRecord **vault, GError **error)
{
  *vault = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  if (*vault == NULL)
    return NULL;
  return slip_backup_point_find (ctx, *vault, slip_json_string (input, "RecoveryPointArn"), error);
}

/* --- Lifecycle --- */

gint64
slip_backup_lifecycle_days (JsonObject *lifecycle)
{
  return lifecycle != NULL ? slip_json_int (lifecycle, "DeleteAfterDays", 0) : 0;
}

static void
set_lifecycle (JsonObject *shape, JsonObject *lifecycle, gint64 created_us)
{
  JsonObject *calculated = json_object_new ();
  gint64 cold = slip_json_int (lifecycle, "MoveToColdStorageAfterDays", 0);
  gint64 days = slip_backup_lifecycle_days (lifecycle);

  json_object_set_object_member (shape, "Lifecycle", json_object_ref (lifecycle));
  if (cold > 0)
    slip_backup_set_time (calculated, "MoveToColdStorageAt", created_us + cold * DAY_US);
  if (days > 0)
    slip_backup_set_time (calculated, "DeleteAt", created_us + days * DAY_US);
  json_object_set_object_member (shape, "CalculatedLifecycle", calculated);
}

static void
schedule_expiry (SlipWorld *world, const SlipWorldRecord *point)
{
  JsonObject *calculated = slip_json_object (slip_backup_shape (point), "CalculatedLifecycle");
  const char *text = calculated != NULL ? slip_json_string (calculated, "DeleteAt") : NULL;
  gint64 at = 0;
  double seconds;

  slip_world_unschedule (world, EXPIRED, point->account, point->region, point->type, point->id);
  if (text == NULL || !slip_time_parse (text, &at))
    return;
  /* The date is one of the real calendar, so the world's speed does not shorten it. */
  seconds = (double)MAX (at - slip_world_now (world), 0) / G_USEC_PER_SEC;
  slip_world_schedule (world, seconds * slip_world_get_speed (world), EXPIRED, point->account,
                       point->region, point->type, point->id, NULL);
}

static gboolean
check_lifecycle (JsonObject *lifecycle, GError **error)
{
  gint64 cold = slip_json_int (lifecycle, "MoveToColdStorageAfterDays", 0);
  gint64 days = slip_backup_lifecycle_days (lifecycle);

  if (days != 0 && days != -1 && days < 1)
    slip_backup_invalid (error, "Invalid lifecycle. DeleteAfterDays must be at least 1");
  else if (cold > 0 && days > 0 && days < cold + 90)
    slip_backup_invalid (error, "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days "
                                "apart from MoveToColdStorageAfterDays");
  else
    return TRUE;
  return FALSE;
}

JsonNode *
slip_backup_update_point_lifecycle (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[]
      = {"BackupVaultArn", "RecoveryPointArn", "Lifecycle", "CalculatedLifecycle", NULL};
  JsonObject *lifecycle = slip_json_object (input, "Lifecycle");
  const SlipWorldRecord *vault;
  const SlipWorldRecord *point = find (ctx, input, &vault, error);
  g_autofree char *refusal = NULL;
  JsonObject *data, *shape, *output;
  gint64 created = 0;

  if (point == NULL || (lifecycle != NULL && !check_lifecycle (lifecycle, error)))
    return NULL;
  if (slip_backup_vault_is_locked (vault))
    return slip_backup_refuse (error,
                               "Backup vault %s is locked: the lifecycle of its recovery "
                               "points cannot be changed",
                               vault->id);
  data = slip_backup_edit (ctx->world, point, &shape);
  slip_time_parse (slip_json_string (shape, "CreationDate"), &created);
  json_object_remove_member (shape, "Lifecycle");
  json_object_remove_member (shape, "CalculatedLifecycle");
  if (lifecycle != NULL)
    set_lifecycle (shape, lifecycle, created);
  output = json_object_new ();
  slip_backup_copy_members (shape, output, names);
  slip_backup_put (ctx->world, point, data);
  schedule_expiry (ctx->world,
                   slip_backup_point_of_arn (ctx->world, ctx->account, ctx->region,
                                             slip_json_string (output, "RecoveryPointArn")));
  return slip_json_new_object (output);
}

/* --- Making and removing --- */

void
slip_backup_point_add (SlipWorld *world,
                       const SlipWorldRecord *vault,
                       const SlipBackupSource *source,
                       const char *resource_arn,
                       SlipBackupPoint *point,
                       const char *status,
                       gint64 created_us,
                       JsonObject *lifecycle,
                       const char *role,
                       const char *source_vault,
                       JsonObject *tags)
{
  static const char *const of_vault[] = {"BackupVaultName", "BackupVaultArn", "VaultType", NULL};
  gboolean there = strcmp (status, "COMPLETED") == 0;
  JsonObject *shape;
  JsonObject *data = slip_backup_new (&shape);

  slip_backup_copy_members (slip_backup_shape (vault), shape, of_vault);
  json_object_set_string_member (shape, "RecoveryPointArn", point->arn);
  json_object_set_string_member (shape, "ResourceArn", resource_arn);
  json_object_set_string_member (shape, "ResourceType", source->resource_type);
  json_object_set_string_member (shape, "ResourceName", point->source_name);
  json_object_set_string_member (shape, "Status", status);
  slip_backup_set_time (shape, "CreationDate", created_us);
  if (there)
    slip_backup_set_time (shape, "CompletionDate", created_us);
  json_object_set_int_member (shape, "BackupSizeInBytes", point->size);
  json_object_set_boolean_member (shape, "IsEncrypted", point->key != NULL);
  json_object_set_boolean_member (shape, "IsParent", FALSE);
  if (point->key != NULL)
    json_object_set_string_member (shape, "EncryptionKeyArn", point->key);
  if (role != NULL)
    json_object_set_string_member (shape, "IamRoleArn", role);
  if (source_vault != NULL)
    json_object_set_string_member (shape, "SourceBackupVaultArn", source_vault);
  if (lifecycle != NULL)
    set_lifecycle (shape, lifecycle, created_us);
  json_object_set_object_member (data, "stored", g_steal_pointer (&point->stored));
  json_object_set_object_member (data, "metadata", g_steal_pointer (&point->metadata));
  json_object_set_object_member (data, "tags",
                                 tags != NULL ? json_object_ref (tags) : json_object_new ());
  slip_world_put (world, vault->account, vault->region, SLIP_BACKUP_POINT, point->arn, data);
  if (there)
    schedule_expiry (world,
                     slip_backup_point_of_arn (world, vault->account, vault->region, point->arn));
}

static void
drop_data (SlipWorld *world, const SlipWorldRecord *point)
{
  const SlipBackupSource *source
      = slip_backup_source_find (slip_backup_get (point, "ResourceType"));

  if (source != NULL)
    source->remove (world, point->id, slip_json_object (point->data, "stored"));
}

void
slip_backup_point_remove (SlipWorld *world, const SlipWorldRecord *point)
{
  slip_backup_source_forget (world, point->id);
  drop_data (world, point);
  slip_world_remove (world, point->account, point->region, point->type, point->id);
}

void
slip_backup_point_finish (SlipWorld *world, const SlipWorldRecord *point, const char *why)
{
  g_autofree char *id = g_strdup (point->id);
  JsonObject *data, *shape;

  if (why != NULL)
    {
      slip_backup_point_remove (world, point);
      return;
    }
  data = slip_backup_edit (world, point, &shape);
  json_object_set_string_member (shape, "Status", "COMPLETED");
  slip_backup_set_time (shape, "CompletionDate", slip_world_now (world));
  slip_backup_put (world, point, data);
  schedule_expiry (world, slip_backup_point_of_arn (world, point->account, point->region, id));
}

JsonNode *
slip_backup_delete_point (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault;
  const SlipWorldRecord *point = find (ctx, input, &vault, error);

  if (point == NULL)
    return NULL;
  if (slip_backup_vault_is_locked (vault))
    return slip_backup_refuse (error,
                               "Backup vault %s is locked: its recovery points cannot be "
                               "deleted before their lifecycle ends",
                               vault->id);
  if (strcmp (slip_backup_get (point, "Status"), "CREATING") == 0)
    return slip_service_error (error, 400, "InvalidResourceStateException",
                               "Recovery point %s is being created", point->id);
  slip_backup_point_remove (ctx->world, point);
  return NULL;
}

static void
on_expired (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *point
      = slip_backup_point_of_arn (world, transition->account, transition->region, transition->id);
  JsonObject *data, *shape;

  if (point == NULL)
    return;
  if (transition->fail == NULL)
    {
      slip_backup_point_remove (world, point);
      return;
    }
  /* AWS could not delete it, and says so on the point. */
  data = slip_backup_edit (world, point, &shape);
  json_object_set_string_member (shape, "Status", "EXPIRED");
  json_object_set_string_member (shape, "StatusMessage", transition->fail);
  slip_backup_put (world, point, data);
}

void
slip_backup_point_attach (SlipWorld *world)
{
  slip_world_handle (world, EXPIRED, on_expired);
}

/* --- Reading --- */

JsonNode *
slip_backup_describe_point (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault;
  const SlipWorldRecord *point = find (ctx, input, &vault, error);
  g_autoptr (JsonNode) node = NULL;
  JsonNode *copy;

  if (point == NULL)
    return NULL;
  node = slip_json_new_object (json_object_ref (slip_backup_shape (point)));
  copy = slip_json_copy (node);
  json_object_set_string_member (json_node_get_object (copy), "StorageClass", "WARM");
  return copy;
}

JsonNode *
slip_backup_get_point_metadata (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[] = {"BackupVaultArn", "RecoveryPointArn", "ResourceType", NULL};
  const SlipWorldRecord *vault;
  const SlipWorldRecord *point = find (ctx, input, &vault, error);
  JsonObject *output;

  if (point == NULL)
    return NULL;
  output = json_object_new ();
  slip_backup_copy_members (slip_backup_shape (point), output, names);
  json_object_set_object_member (output, "RestoreMetadata",
                                 json_object_ref (slip_json_object (point->data, "metadata")));
  return slip_json_new_object (output);
}

static gboolean
match_in_vault (const SlipWorldRecord *point, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {
      {"BackupVaultName", "BackupVaultName", 0},
      {"ByResourceArn", "ResourceArn", 0},
      {"ByResourceType", "ResourceType", 0},
      {"ByBackupPlanId", "BackupPlanId", 0},
      {"ByCreatedAfter", "CreationDate", 1},
      {"ByCreatedBefore", "CreationDate", -1},
      {"ByParentRecoveryPointArn", "ParentRecoveryPointArn", 0},
      {NULL, NULL, 0},
  };

  return slip_backup_matches (point, input, filters);
}

JsonNode *
slip_backup_list_points_by_vault (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list = {SLIP_BACKUP_POINT, "RecoveryPoints", FALSE, match_in_vault, NULL};

  if (slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error) == NULL)
    return NULL;
  return slip_backup_list (ctx, input, &list, error);
}

static gboolean
match_of_resource (const SlipWorldRecord *point, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {{"ResourceArn", "ResourceArn", 0}, {NULL, NULL, 0}};

  return slip_backup_matches (point, input, filters);
}

static JsonObject *
view_of_resource (SlipWorld *world, const SlipWorldRecord *point)
{
  static const char *const names[]
      = {"RecoveryPointArn", "CreationDate", "Status",   "StatusMessage", "EncryptionKeyArn",
         "BackupVaultName",  "ResourceName", "IsParent", "VaultType",     NULL};
  JsonObject *shape = slip_backup_shape (point);
  JsonObject *object = json_object_new ();

  slip_backup_copy_members (shape, object, names);
  json_object_set_int_member (object, "BackupSizeBytes",
                              slip_json_int (shape, "BackupSizeInBytes", 0));
  return object;
}

JsonNode *
slip_backup_list_points_by_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list
      = {SLIP_BACKUP_POINT, "RecoveryPoints", FALSE, match_of_resource, view_of_resource};

  return slip_backup_list (ctx, input, &list, error);
}
