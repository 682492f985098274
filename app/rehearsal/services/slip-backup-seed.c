/* SPDX-License-Identifier: MIT */

/* The section `backup` of a scenario: vaults with their recovery points, and the organization's
 * settings. Its format is described in data/rehearsal/README.md. */

#include "slip-backup.h"

#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-scenario.h"

#include <string.h>

#define HOUR_US (3600 * G_TIME_SPAN_SECOND)
#define DAY_US (24 * HOUR_US)
#define MAX_HOURS (24 * 365 * 20)

static char *
dup_key_arn (const SlipSeed *seed, const char *key_id, const char *path, GError **error)
{
  const SlipWorldRecord *key = slip_kms_world_find_key (
      seed->world, seed->account, seed->region, key_id != NULL ? key_id : "alias/aws/backup");

  if (key != NULL)
    return g_strdup_printf ("arn:aws:kms:%s:%s:key/%s", key->region, key->account, key->id);
  slip_scenario_error (error, path, "there is no key %s", key_id);
  return NULL;
}

/* --- Recovery points --- */

typedef struct
{
  const char *resource;
  const char *type;
  const char *role;
  const char *copy_of;
  gint64 hours_ago;
  gint64 delete_after;
  JsonObject *tags;
} PointSeed;

typedef struct
{
  const SlipSeed *seed;
  const SlipWorldRecord *vault;
} VaultSeed;

static gboolean
read_point (JsonObject *item, const char *path, PointSeed *wish, GError **error)
{
  wish->hours_ago = 24;
  if (!slip_scenario_get_string (item, path, "resource", TRUE, &wish->resource, error)
      || !slip_scenario_get_string (item, path, "type", FALSE, &wish->type, error)
      || !slip_scenario_get_string (item, path, "role", FALSE, &wish->role, error)
      || !slip_scenario_get_string (item, path, "copied_from", FALSE, &wish->copy_of, error)
      || !slip_scenario_get_int (item, path, "hours_ago", 0, MAX_HOURS, &wish->hours_ago, error)
      || !slip_scenario_get_int (item, path, "delete_after_days", 1, 36500, &wish->delete_after,
                                 error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &wish->tags, error))
    return FALSE;
  wish->type = wish->type != NULL ? wish->type : "Aurora";
  return TRUE;
}

/* The job that made a copy, in the account that it came from: it links the two. */
static void
add_copy_job (const VaultSeed *in,
              const PointSeed *wish,
              const char *point_arn,
              const char *job_id,
              const SlipWorldRecord *from)
{
  g_autofree char *id = g_ascii_strup (job_id, -1);
  JsonObject *shape;
  JsonObject *data = slip_backup_new (&shape);
  gint64 created = slip_world_now (in->seed->world) - wish->hours_ago * HOUR_US;
  const SlipWorldRecord *made = slip_backup_point_of_arn (in->seed->world, in->vault->account,
                                                          in->vault->region, point_arn);
  static const char *const names[]
      = {"ResourceArn", "ResourceType", "ResourceName", "BackupSizeInBytes", NULL};

  slip_backup_copy_members (slip_backup_shape (made), shape, names);
  json_object_set_string_member (shape, "AccountId", from->account);
  json_object_set_string_member (shape, "CopyJobId", id);
  json_object_set_string_member (shape, "State", "COMPLETED");
  json_object_set_string_member (shape, "SourceBackupVaultArn",
                                 slip_backup_get (from, "BackupVaultArn"));
  json_object_set_string_member (shape, "SourceRecoveryPointArn", from->id);
  json_object_set_string_member (shape, "DestinationBackupVaultArn",
                                 slip_backup_get (in->vault, "BackupVaultArn"));
  json_object_set_string_member (shape, "DestinationRecoveryPointArn", point_arn);
  json_object_set_boolean_member (shape, "IsParent", FALSE);
  if (wish->role != NULL)
    json_object_set_string_member (shape, "IamRoleArn", wish->role);
  slip_backup_set_time (shape, "CreationDate", created);
  slip_backup_set_time (shape, "CompletionDate", created + HOUR_US / 2);
  json_object_set_int_member (data, "created_us", created);
  slip_world_put (in->seed->world, from->account, from->region, SLIP_BACKUP_COPY_JOB, id, data);
}

/* The point of that vault which is of the same resource and age. */
static const SlipWorldRecord *
find_original (SlipWorld *world, const char *vault_arn, const PointSeed *wish)
{
  const SlipWorldRecord *vault = slip_backup_vault_of_arn (world, vault_arn);
  g_autoptr (GPtrArray) all = NULL;

  if (vault == NULL)
    return NULL;
  all = slip_world_list (world, vault->account, vault->region, SLIP_BACKUP_POINT);
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *point = g_ptr_array_index (all, i);

      if (g_strcmp0 (slip_backup_get (point, "BackupVaultArn"), vault_arn) == 0
          && g_strcmp0 (slip_backup_get (point, "ResourceArn"), wish->resource) == 0
          && slip_json_int (point->data, "hours_ago", -1) == wish->hours_ago)
        return point;
    }
  return NULL;
}

static gboolean
make_point (
    const VaultSeed *in, const PointSeed *wish, JsonObject *item, const char *path, GError **error)
{
  const SlipBackupSource *source = slip_backup_source_find (wish->type);
  const SlipWorldRecord *original = NULL;
  g_autofree char *job_id = g_uuid_string_random ();
  g_autofree char *arn = NULL;
  g_auto (SlipBackupPoint) point = {0};
  SlipBackupPlace place = {in->vault->account, in->vault->region, job_id,
                           slip_backup_get (in->vault, "EncryptionKeyArn"), NULL};
  gint64 created = slip_world_now (in->seed->world) - wish->hours_ago * HOUR_US;
  g_autoptr (JsonObject) lifecycle = NULL;
  JsonObject *data;

  if (source == NULL)
    return slip_scenario_error (error, path, "type %s cannot be backed up here", wish->type);
  if (wish->copy_of != NULL
      && (original = find_original (in->seed->world, wish->copy_of, wish)) == NULL)
    return slip_scenario_error (error, path, "vault %s holds no point of %s of that age",
                                wish->copy_of, wish->resource);
  if (!source->seed (in->seed, wish->resource, wish->hours_ago, &place, item, path, &point, error))
    return FALSE;
  arn = g_strdup (point.arn);
  if (wish->delete_after > 0)
    {
      lifecycle = json_object_new ();
      json_object_set_int_member (lifecycle, "DeleteAfterDays", wish->delete_after);
    }
  slip_backup_point_add (in->seed->world, in->vault, source, wish->resource, &point, "COMPLETED",
                         created, lifecycle, wish->role, wish->copy_of, wish->tags);
  data = slip_world_edit (in->seed->world, in->vault->account, in->vault->region, SLIP_BACKUP_POINT,
                          arn);
  json_object_set_int_member (data, "hours_ago", wish->hours_ago);
  slip_world_put (in->seed->world, in->vault->account, in->vault->region, SLIP_BACKUP_POINT, arn,
                  data);
  if (original != NULL)
    add_copy_job (in, wish, arn, job_id, original);
  return TRUE;
}

static gboolean
seed_point (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"resource",          "type", "role", "copied_from", "hours_ago",
         "delete_after_days", "tags", "data", NULL};
  PointSeed wish = {0};

  return slip_scenario_check_members (item, path, members, error)
         && read_point (item, path, &wish, error) && make_point (data, &wish, item, path, error);
}

/* One a day, or in other steps, back from `hours_ago`. */
static gboolean
seed_series (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[]
      = {"resource",          "type", "role", "copied_from", "hours_ago", "every_hours", "count",
         "delete_after_days", "tags", "data", NULL};
  PointSeed wish = {0};
  gint64 count = 0;
  gint64 step = 24;

  if (!slip_scenario_check_members (item, path, members, error)
      || !read_point (item, path, &wish, error)
      || !slip_scenario_get_int (item, path, "count", 1, 200000, &count, error)
      || !slip_scenario_get_int (item, path, "every_hours", 0, MAX_HOURS, &step, error))
    return FALSE;
  for (gint64 i = 0; i < count; i++, wish.hours_ago += step)
    if (!make_point (data, &wish, item, path, error))
      return FALSE;
  return TRUE;
}

/* --- Vaults --- */

static gboolean
seed_lock (
    const SlipSeed *seed, JsonObject *item, const char *path, JsonObject *data, GError **error)
{
  static const char *const members[] = {"min_days", "max_days", "changeable_days", NULL};
  JsonObject *lock = NULL;
  gint64 min = 0, max = 0, days = 0;

  if (!slip_scenario_get_object (item, path, "lock", FALSE, &lock, error))
    return FALSE;
  if (lock == NULL)
    return TRUE;
  if (!slip_scenario_check_members (lock, path, members, error)
      || !slip_scenario_get_int (lock, path, "min_days", 1, 36500, &min, error)
      || !slip_scenario_get_int (lock, path, "max_days", 1, 36500, &max, error)
      || !slip_scenario_get_int (lock, path, "changeable_days", 0, 36500, &days, error))
    return FALSE;
  slip_backup_vault_set_lock (data, min, max,
                              json_object_has_member (lock, "changeable_days")
                                  ? slip_world_now (seed->world) + days * DAY_US
                                  : 0);
  return TRUE;
}

static gboolean
seed_policy (JsonObject *item, const char *path, JsonObject *data, GError **error)
{
  JsonObject *policy = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  if (!slip_scenario_get_object (item, path, "policy", FALSE, &policy, error))
    return FALSE;
  if (policy == NULL)
    return TRUE;
  node = slip_json_new_object (json_object_ref (policy));
  text = slip_json_to_text (node, FALSE);
  if (!slip_backup_is_policy (text))
    return slip_scenario_error (error, path, "policy has no statements");
  json_object_set_string_member (data, "policy", text);
  return TRUE;
}

static gboolean
seed_vault (JsonObject *item, const char *path, gpointer data_, GError **error)
{
  static const char *const members[]
      = {"name", "kms_key_id", "policy", "lock", "tags", "recovery_points", "series", NULL};
  const SlipSeed *seed = data_;
  VaultSeed in = {seed, NULL};
  const char *name, *key_id;
  JsonObject *tags;
  g_autofree char *key = NULL;
  g_autoptr (JsonObject) data = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "kms_key_id", FALSE, &key_id, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error)
      || (key = dup_key_arn (seed, key_id, path, error)) == NULL)
    return FALSE;
  if (slip_world_get (seed->world, seed->account, seed->region, SLIP_BACKUP_VAULT, name) != NULL)
    return slip_scenario_error (error, path, "vault %s is there already", name);
  data = slip_backup_vault_new (seed->world, seed->account, seed->region, name, key,
                                slip_world_now (seed->world) - 400 * DAY_US);
  if (tags != NULL)
    json_object_set_object_member (data, "tags", json_object_ref (tags));
  if (!seed_policy (item, path, data, error) || !seed_lock (seed, item, path, data, error))
    return FALSE;
  slip_world_put (seed->world, seed->account, seed->region, SLIP_BACKUP_VAULT, name,
                  g_steal_pointer (&data));
  in.vault = slip_world_get (seed->world, seed->account, seed->region, SLIP_BACKUP_VAULT, name);
  return slip_scenario_foreach_item (item, path, "recovery_points", seed_point, &in, error)
         && slip_scenario_foreach_item (item, path, "series", seed_series, &in, error);
}

static gboolean
seed_organization (const SlipSeed *seed, GError **error)
{
  static const char *const members[] = {"management", "cross_account", NULL};
  gboolean management = FALSE;
  gboolean cross = FALSE;
  JsonObject *data, *map;

  if (!slip_scenario_check_members (seed->section, seed->path, members, error)
      || !slip_scenario_get_bool (seed->section, seed->path, "management", &management, error)
      || !slip_scenario_get_bool (seed->section, seed->path, "cross_account", &cross, error))
    return FALSE;
  data = json_object_new ();
  map = json_object_new ();
  json_object_set_string_member (map, "isCrossAccountBackupEnabled", cross ? "true" : "false");
  json_object_set_object_member (data, "GlobalSettings", map);
  slip_backup_set_time (data, "LastUpdateTime", slip_world_now (seed->world));
  if (management)
    json_object_set_string_member (data, "management", seed->account);
  slip_world_put (seed->world, "", "", SLIP_BACKUP_GLOBAL_SETTINGS, "organization", data);
  return TRUE;
}

gboolean
slip_backup_seed (const SlipSeed *seed, GError **error)
{
  if (*seed->region == '\0')
    return seed_organization (seed, error);
  return slip_scenario_seed_list (seed, "vaults", seed_vault, error);
}
