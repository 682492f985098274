/* SPDX-License-Identifier: MIT */

/* Backup vaults: their policies, which really deny, their locks, and their notifications, which are
 * kept and sent to nobody. A lock with a date that has passed cannot be changed by anybody. */

#include "slip-backup.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-kms-world.h"

#include <string.h>

#define DAY_US (24 * 3600 * G_TIME_SPAN_SECOND)
#define MIN_CHANGEABLE_DAYS 3
#define MAX_RETENTION_DAYS 36500

/* --- Finding --- */

const SlipWorldRecord *
slip_backup_vault_of_arn (SlipWorld *world, const char *arn)
{
  g_autoptr (SlipArn) parts = arn != NULL ? slip_arn_parse (arn) : NULL;

  if (parts == NULL || strcmp (parts->service, "backup") != 0
      || !g_str_has_prefix (parts->resource, "backup-vault:"))
    return NULL;
  return slip_world_get (world, parts->account, parts->region, SLIP_BACKUP_VAULT,
                         parts->resource + strlen ("backup-vault:"));
}

/* The role of a session, which is what aws:PrincipalArn means for one. */
static char *
dup_role_arn (const char *principal_arn)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (principal_arn);
  g_auto (GStrv) parts = NULL;

  if (arn == NULL || !g_str_has_prefix (arn->resource, "assumed-role/"))
    return g_strdup (principal_arn);
  parts = g_strsplit (arn->resource, "/", 3);
  return g_strdup_printf ("arn:%s:iam::%s:role/%s", arn->partition, arn->account, parts[1]);
}

SlipPolicyVerdict
slip_backup_vault_judge (const SlipWorldRecord *vault,
                         const char *account,
                         const char *principal_arn,
                         const char *action)
{
  const char *text = slip_json_string (vault->data, "policy");
  g_autoptr (JsonNode) policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  g_autoptr (JsonObject) context = json_object_new ();
  g_autofree char *role = dup_role_arn (principal_arn);
  SlipPolicyRequest request
      = {.account = account, .principal_arn = principal_arn, .action = action, .context = context};

  json_object_set_string_member (context, "aws:PrincipalArn", role);
  json_object_set_string_member (context, "aws:PrincipalAccount", account);
  return slip_policy_judge_trust (policy, &request);
}

gboolean
slip_backup_vault_check (SlipServiceContext *ctx,
                         const SlipWorldRecord *vault,
                         const char *action,
                         GError **error)
{
  if (slip_backup_vault_judge (vault, ctx->account, ctx->principal_arn, action)
      != SLIP_POLICY_DENIES)
    return TRUE;
  slip_service_error (error, 403, "AccessDeniedException",
                      "User: %s is not authorized to perform: %s on resource: %s with an explicit "
                      "deny in a resource-based policy",
                      ctx->principal_arn, action, slip_backup_get (vault, "BackupVaultArn"));
  return FALSE;
}

const SlipWorldRecord *
slip_backup_vault_find (SlipServiceContext *ctx, const char *name, GError **error)
{
  const SlipWorldRecord *vault
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, name);
  g_autofree char *action = g_strconcat ("backup:", ctx->operation->name, NULL);

  if (vault == NULL)
    return slip_backup_missing (error, "Backup vault %s does not exist", name);
  return slip_backup_vault_check (ctx, vault, action, error) ? vault : NULL;
}

/* --- Locks --- */

gboolean
slip_backup_vault_is_locked (const SlipWorldRecord *vault)
{
  return slip_json_object (vault->data, "lock") != NULL;
}

char *
slip_backup_vault_dup_refusal (const SlipWorldRecord *vault, gint64 days)
{
  JsonObject *lock = slip_json_object (vault->data, "lock");
  gint64 min = lock != NULL ? slip_json_int (lock, "min", 0) : 0;
  gint64 max = lock != NULL ? slip_json_int (lock, "max", 0) : 0;

  if (min > 0 && days > 0 && days < min)
    return g_strdup_printf (
        "The retention period of %" G_GINT64_FORMAT
        " days is shorter than the minimum retention period of %" G_GINT64_FORMAT
        " days of the backup vault %s",
        days, min, vault->id);
  if (max > 0 && (days == 0 || days > max))
    return g_strdup_printf (
        "The retention period is longer than the maximum retention period of %" G_GINT64_FORMAT
        " days of the backup vault %s",
        max, vault->id);
  return NULL;
}

void
slip_backup_vault_set_lock (JsonObject *data, gint64 min, gint64 max, gint64 date_us)
{
  JsonObject *lock = json_object_new ();
  JsonObject *shape = slip_json_object (data, "shape");
  const char *const names[] = {"MinRetentionDays", "MaxRetentionDays", "LockDate"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    json_object_remove_member (shape, names[i]);
  json_object_set_int_member (lock, "min", min);
  json_object_set_int_member (lock, "max", max);
  json_object_set_int_member (lock, "date_us", date_us);
  json_object_set_object_member (data, "lock", lock);
  json_object_set_boolean_member (shape, "Locked", TRUE);
  if (min > 0)
    json_object_set_int_member (shape, "MinRetentionDays", min);
  if (max > 0)
    json_object_set_int_member (shape, "MaxRetentionDays", max);
  if (date_us > 0)
    slip_backup_set_time (shape, "LockDate", date_us);
}

static gboolean
check_lock_open (SlipServiceContext *ctx, const SlipWorldRecord *vault, GError **error)
{
  JsonObject *lock = slip_json_object (vault->data, "lock");
  gint64 date = lock != NULL ? slip_json_int (lock, "date_us", 0) : 0;

  if (date == 0 || slip_world_now (ctx->world) < date)
    return TRUE;
  slip_backup_refuse (error,
                      "The lock of backup vault %s became immutable at %s. It cannot be changed or "
                      "deleted.",
                      vault->id, slip_backup_get (vault, "LockDate"));
  return FALSE;
}

static gboolean
check_lock_input (JsonObject *input, GError **error)
{
  gint64 min = slip_json_int (input, "MinRetentionDays", 1);
  gint64 max = slip_json_int (input, "MaxRetentionDays", MAX_RETENTION_DAYS);
  gint64 days = slip_json_int (input, "ChangeableForDays", MIN_CHANGEABLE_DAYS);

  if (min < 1 || max > MAX_RETENTION_DAYS || min > max)
    return slip_backup_invalid (error,
                                "Retention days must be between 1 and %d, and the minimum "
                                "not above the maximum",
                                MAX_RETENTION_DAYS)
           != NULL;
  if (days < MIN_CHANGEABLE_DAYS || days > MAX_RETENTION_DAYS)
    return slip_backup_invalid (error, "ChangeableForDays must be between %d and %d",
                                MIN_CHANGEABLE_DAYS, MAX_RETENTION_DAYS)
           != NULL;
  return TRUE;
}

JsonNode *
slip_backup_put_vault_lock (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  gint64 days = slip_json_int (input, "ChangeableForDays", 0);
  JsonObject *data;

  if (vault == NULL || !check_lock_open (ctx, vault, error) || !check_lock_input (input, error))
    return NULL;
  data = slip_backup_edit (ctx->world, vault, NULL);
  slip_backup_vault_set_lock (data, slip_json_int (input, "MinRetentionDays", 0),
                              slip_json_int (input, "MaxRetentionDays", 0),
                              days > 0 ? slip_world_now (ctx->world) + days * DAY_US : 0);
  slip_backup_put (ctx->world, vault, data);
  return NULL;
}

JsonNode *
slip_backup_delete_vault_lock (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  JsonObject *data, *shape;

  if (vault == NULL || !check_lock_open (ctx, vault, error))
    return NULL;
  data = slip_backup_edit (ctx->world, vault, &shape);
  json_object_remove_member (data, "lock");
  json_object_remove_member (shape, "MinRetentionDays");
  json_object_remove_member (shape, "MaxRetentionDays");
  json_object_remove_member (shape, "LockDate");
  json_object_set_boolean_member (shape, "Locked", FALSE);
  slip_backup_put (ctx->world, vault, data);
  return NULL;
}

/* --- Create, describe, list, delete --- */

JsonObject *
slip_backup_vault_new (SlipWorld *world,
                       const char *account,
                       const char *region,
                       const char *name,
                       const char *key_arn,
                       gint64 created_us)
{
  JsonObject *shape;
  JsonObject *data = slip_backup_new (&shape);
  g_autofree char *arn = slip_backup_vault_arn (account, region, name);

  json_object_set_string_member (shape, "BackupVaultName", name);
  json_object_set_string_member (shape, "BackupVaultArn", arn);
  json_object_set_string_member (shape, "VaultType", "BACKUP_VAULT");
  json_object_set_string_member (shape, "VaultState", "AVAILABLE");
  json_object_set_string_member (shape, "EncryptionKeyArn", key_arn);
  slip_backup_set_time (shape, "CreationDate", created_us);
  json_object_set_boolean_member (shape, "Locked", FALSE);
  json_object_set_object_member (data, "tags", json_object_new ());
  return data;
}

static JsonNode *
answer_created (const SlipWorldRecord *vault)
{
  static const char *const names[] = {"BackupVaultName", "BackupVaultArn", "CreationDate", NULL};

  return slip_backup_answer (vault, names);
}

static char *
dup_key_arn (SlipServiceContext *ctx, const char *wanted, GError **error)
{
  const SlipWorldRecord *key = slip_kms_world_find_key (
      ctx->world, ctx->account, ctx->region, wanted != NULL ? wanted : "alias/aws/backup");

  if (key == NULL || !slip_kms_world_is_enabled (key)
      || !slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn,
                                 "kms:CreateGrant"))
    return slip_backup_invalid (error, "The encryption key %s does not exist or is not accessible",
                                wanted != NULL ? wanted : "alias/aws/backup");
  return g_strdup_printf ("arn:aws:kms:%s:%s:key/%s", key->region, key->account, key->id);
}

JsonNode *
slip_backup_create_vault (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "BackupVaultName");
  const char *creator = slip_json_string (input, "CreatorRequestId");
  JsonObject *tags = slip_json_object (input, "BackupVaultTags");
  const SlipWorldRecord *known
      = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, name);
  g_autofree char *key = NULL;
  JsonObject *data;

  if (!g_regex_match_simple ("^[a-zA-Z0-9_-]{2,50}$", name, 0, 0))
    return slip_backup_invalid (error,
                                "Invalid backup vault name %s: 2 to 50 letters, digits, "
                                "hyphens and underscores",
                                name);
  if (known != NULL && creator != NULL
      && g_strcmp0 (slip_backup_get (known, "CreatorRequestId"), creator) == 0)
    return answer_created (known);
  if (known != NULL)
    return slip_service_error (error, 400, "AlreadyExistsException",
                               "Backup vault with the same name already exists");
  key = dup_key_arn (ctx, slip_json_string (input, "EncryptionKeyArn"), error);
  if (key == NULL)
    return NULL;
  data = slip_backup_vault_new (ctx->world, ctx->account, ctx->region, name, key,
                                slip_world_now (ctx->world));
  if (creator != NULL)
    json_object_set_string_member (slip_json_object (data, "shape"), "CreatorRequestId", creator);
  if (tags != NULL)
    json_object_set_object_member (data, "tags", json_object_ref (tags));
  slip_world_put (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, name, data);
  return answer_created (
      slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, name));
}

typedef struct
{
  const char *vault;
  gint64 count;
} Count;

static gboolean
count_point (const SlipWorldRecord *point, gpointer data)
{
  Count *count = data;

  count->count += strcmp (slip_backup_get (point, "BackupVaultName"), count->vault) == 0 ? 1 : 0;
  return TRUE;
}

static JsonObject *
view (SlipWorld *world, const SlipWorldRecord *vault)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (slip_backup_shape (vault)));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  Count count = {vault->id, 0};

  slip_world_foreach (world, vault->account, vault->region, SLIP_BACKUP_POINT, NULL, count_point,
                      &count);
  json_object_set_int_member (json_node_get_object (copy), "NumberOfRecoveryPoints", count.count);
  return json_node_dup_object (copy);
}

/* AWS does not tell whether a vault that somebody may not see is there. */
JsonNode *
slip_backup_describe_vault (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "BackupVaultName");
  const SlipWorldRecord *vault;

  if (slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, name) == NULL)
    return slip_service_error (error, 403, "AccessDeniedException",
                               "Insufficient privileges to perform this action.");
  vault = slip_backup_vault_find (ctx, name, error);
  return vault != NULL ? slip_json_new_object (view (ctx->world, vault)) : NULL;
}

static gboolean
match_vault (const SlipWorldRecord *record, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {{"ByVaultType", "VaultType", 0}, {NULL, NULL, 0}};

  return slip_backup_matches (record, input, filters) && !slip_json_bool (input, "ByShared", FALSE);
}

JsonNode *
slip_backup_list_vaults (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list = {SLIP_BACKUP_VAULT, "BackupVaultList", FALSE, match_vault, view};

  return slip_backup_list (ctx, input, &list, error);
}

JsonNode *
slip_backup_delete_vault (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  Count count;

  if (vault == NULL)
    return NULL;
  count = (Count){vault->id, 0};
  slip_world_foreach (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_POINT, NULL, count_point,
                      &count);
  if (count.count > 0)
    return slip_backup_refuse (
        error, "Backup vault cannot be deleted (contains %" G_GINT64_FORMAT " recovery points)",
        count.count);
  slip_world_remove (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT, vault->id);
  return NULL;
}

/* --- Policy --- */

gboolean
slip_backup_is_policy (const char *text)
{
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;

  return object != NULL && slip_json_array (object, "Statement") != NULL;
}

JsonNode *
slip_backup_put_vault_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  const char *policy = slip_json_string (input, "Policy");
  JsonObject *data;

  if (vault == NULL)
    return NULL;
  if (!slip_backup_is_policy (policy))
    return slip_backup_invalid (error, "Policy document is malformed: it has no statements");
  data = slip_backup_edit (ctx->world, vault, NULL);
  json_object_set_string_member (data, "policy", policy);
  slip_backup_put (ctx->world, vault, data);
  return NULL;
}

static JsonNode *
remove_data (SlipServiceContext *ctx, JsonObject *input, const char *member, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  JsonObject *data;

  if (vault == NULL)
    return NULL;
  data = slip_backup_edit (ctx->world, vault, NULL);
  json_object_remove_member (data, member);
  slip_backup_put (ctx->world, vault, data);
  return NULL;
}

JsonNode *
slip_backup_delete_vault_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return remove_data (ctx, input, "policy", error);
}

static JsonObject *
new_vault_output (const SlipWorldRecord *vault)
{
  static const char *const names[] = {"BackupVaultName", "BackupVaultArn", NULL};
  JsonObject *output = json_object_new ();

  slip_backup_copy_members (slip_backup_shape (vault), output, names);
  return output;
}

JsonNode *
slip_backup_get_vault_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  JsonObject *output;

  if (vault == NULL)
    return NULL;
  if (slip_json_string (vault->data, "policy") == NULL)
    return slip_backup_missing (error, "No policy associated with backup vault %s", vault->id);
  output = new_vault_output (vault);
  json_object_set_string_member (output, "Policy", slip_json_string (vault->data, "policy"));
  return slip_json_new_object (output);
}

/* --- Notifications --- */

JsonNode *
slip_backup_put_vault_notifications (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[] = {"SNSTopicArn", "BackupVaultEvents", NULL};
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  JsonObject *data, *kept;

  if (vault == NULL)
    return NULL;
  data = slip_backup_edit (ctx->world, vault, NULL);
  kept = json_object_new ();
  slip_backup_copy_members (input, kept, names);
  json_object_set_object_member (data, "notifications", kept);
  slip_backup_put (ctx->world, vault, data);
  return NULL;
}

JsonNode *
slip_backup_get_vault_notifications (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const names[] = {"SNSTopicArn", "BackupVaultEvents", NULL};
  const SlipWorldRecord *vault
      = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  JsonObject *kept, *output;

  if (vault == NULL)
    return NULL;
  kept = slip_json_object (vault->data, "notifications");
  if (kept == NULL)
    return slip_backup_missing (error, "Failed to find notifications for backup vault %s",
                                vault->id);
  output = new_vault_output (vault);
  slip_backup_copy_members (kept, output, names);
  return slip_json_new_object (output);
}

JsonNode *
slip_backup_delete_vault_notifications (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return remove_data (ctx, input, "notifications", error);
}
