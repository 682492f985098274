/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-service.h"

G_BEGIN_DECLS

/* What a service offers so that AWS Backup can back up, copy and restore its resources. The backup
 * service keeps vaults, jobs and recovery points; the source keeps the data, in the service that owns
 * it. Every function runs on the main thread, in a transaction, and never blocks: it begins something,
 * and slip_backup_source_notify() tells later how it ended. */

/**
 * SlipBackupPoint:
 * @arn: the recovery point's ARN, made by the source: a snapshot's, a table's backup's
 * @stored: how the source finds the data again; opaque to the backup service, which keeps it
 * @metadata: RestoreMetadata, strings by name; what GetRecoveryPointRestoreMetadata shows
 * @key: (nullable): ARN of the key that the data is encrypted with
 * @size: bytes
 * @seconds: how long it takes, in AWS's time; for PercentDone
 * @source_name: the resource's name, for ResourceName
 *
 * A recovery point as a source hands it over. All members are owned.
 */
typedef struct
{
  char *arn;
  JsonObject *stored;
  JsonObject *metadata;
  char *key;
  gint64 size;
  double seconds;
  char *source_name;
} SlipBackupPoint;

void slip_backup_point_clear (SlipBackupPoint *point);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipBackupPoint, slip_backup_point_clear)

/**
 * SlipBackupPlace:
 * @account: the account that will own the recovery point
 * @region: its region
 * @job_id: the job's id, a UUID, for names such as `awsbackup:job-UUID`
 * @vault_key: ARN of the vault's key
 * @tags: (nullable): tags for what is made, as `{"Key": …, "Value": …}`
 *
 * Where a backup or a copy shall go. Everything is borrowed.
 */
typedef struct
{
  const char *account;
  const char *region;
  const char *job_id;
  const char *vault_key;
  JsonArray *tags;
} SlipBackupPlace;

/**
 * SlipBackupSource:
 * @resource_type: AWS Backup's name of the type: `Aurora`, `DynamoDB`
 * @backup_action: (nullable): what the job's role must be allowed for a backup:
 *   `rds:CreateDBClusterSnapshot`
 * @copy_action: (nullable): for a copy
 * @restore_action: (nullable): for a restore
 * @find: the resource's tags as `{"Key": …, "Value": …}` (an empty array when it has none), or %NULL
 *   when @resource_arn is not an existing resource of this source. Errors are not set.
 * @backup: begins to store the resource's data as it is now. On success @point is filled; the source
 *   calls slip_backup_source_notify() with the point's ARN when the data is there. On failure @error
 *   is made with slip_service_error(), its message becomes the job's StatusMessage, and the world is
 *   as it was.
 * @copy: begins to copy @stored (of @arn) to another vault, possibly of another account or region; else
 *   like @backup. @point's metadata is already a copy of that of @arn, for the source to change.
 * @restore: begins to make a resource from @stored as @metadata says: unknown names in @metadata are
 *   ignored, what is missing falls back as AWS documents it. @ctx is made by the backup service: the
 *   caller's account and region, and the restore's role as principal. Gives the new resource's ARN and
 *   how long it takes; the source calls slip_backup_source_notify() with that ARN when it is usable or
 *   has failed. Failure as in @backup.
 * @remove: deletes the data of @stored. Also called for a backup or copy that is still being made:
 *   nothing is notified then.
 * @seed: a recovery point of a scenario, `hours_ago` old, of the resource @resource_arn, which is
 *   seeded before: fills @point with data that a restore brings back. @item is the scenario's object,
 *   for the source's own members under its member `data` (Aurora: `cases`). Errors with
 *   slip_scenario_error().
 *
 * One kind of resource that can be backed up. Listed in slip-backup-source.c.
 */
typedef struct
{
  const char *resource_type;
  const char *backup_action;
  const char *copy_action;
  const char *restore_action;
  JsonArray *(*find) (SlipWorld *world, const char *resource_arn);
  gboolean (*backup) (SlipWorld *world,
                      const char *resource_arn,
                      const SlipBackupPlace *place,
                      SlipBackupPoint *point,
                      GError **error);
  gboolean (*copy) (SlipWorld *world,
                    const char *arn,
                    JsonObject *stored,
                    const SlipBackupPlace *place,
                    SlipBackupPoint *point,
                    GError **error);
  char *(*restore) (SlipServiceContext *ctx,
                    const char *arn,
                    JsonObject *stored,
                    JsonObject *metadata,
                    JsonArray *tags,
                    double *seconds,
                    GError **error);
  void (*remove) (SlipWorld *world, const char *arn, JsonObject *stored);
  gboolean (*seed) (const SlipSeed *seed,
                    const char *resource_arn,
                    gint64 hours_ago,
                    const SlipBackupPlace *place,
                    JsonObject *item,
                    const char *path,
                    SlipBackupPoint *point,
                    GError **error);
} SlipBackupSource;

/**
 * slip_backup_source_find:
 * @resource_type: such as `Aurora`
 *
 * Returns: (transfer none) (nullable): the source of that type
 */
const SlipBackupSource *slip_backup_source_find (const char *resource_type);

/**
 * slip_backup_source_of:
 * @resource_arn: a resource's ARN
 * @tags: (out) (transfer full) (optional): the resource's tags
 *
 * Returns: (transfer none) (nullable): the source that has such a resource now
 */
const SlipBackupSource *
slip_backup_source_of (SlipWorld *world, const char *resource_arn, JsonArray **tags);

/**
 * slip_backup_source_notify:
 * @world: the world, in a transaction
 * @arn: the ARN of what was begun: a recovery point's, or a restored resource's
 * @why: (nullable): why it failed; %NULL when it is there
 *
 * A source tells that a backup, copy or restore has ended. Harmless for an ARN that no job waits for,
 * so a service may call it for everything that it finishes.
 */
void slip_backup_source_notify (SlipWorld *world, const char *arn, const char *why);

/**
 * slip_backup_source_expect:
 * @arn: what a source has begun
 * @kind: the transition that shall happen to the job when the source notifies; its payload is
 *   `{"why": …}` when that failed
 * @account: the job's account
 * @region: its region
 * @type: its type
 * @id: its id
 *
 * For the backup service: lets a job wait for a source. Durable.
 */
void slip_backup_source_expect (SlipWorld *world,
                                const char *arn,
                                const char *kind,
                                const char *account,
                                const char *region,
                                const char *type,
                                const char *id);

/**
 * slip_backup_source_forget:
 *
 * For the backup service: no job waits for @arn any more.
 */
void slip_backup_source_forget (SlipWorld *world, const char *arn);

G_END_DECLS
