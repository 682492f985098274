/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-backup-source.h"
#include "slip-policy.h"

G_BEGIN_DECLS

/* What the files of the backup service share. A record's data is an object with the member `shape`, as
 * the API shows it, and beside it what only the server knows. */

/* `policy` (text), `tags`, `notifications`, `lock` (`min`, `max`, `date_us`). */
#define SLIP_BACKUP_VAULT "backup.vault"
/* The id is the ARN. `stored`, `metadata`, `tags`, `job` (of a point that is being made). */
#define SLIP_BACKUP_POINT "backup.recovery-point"
/* `created_us`, `begin_us` and `end_us` (for PercentDone), `source` (a restore's or backup's source),
 * `point` (ARN of what is being made), `input` (the request). */
#define SLIP_BACKUP_BACKUP_JOB "backup.backup-job"
#define SLIP_BACKUP_COPY_JOB "backup.copy-job"
#define SLIP_BACKUP_RESTORE_JOB "backup.restore-job"
#define SLIP_BACKUP_PLAN "backup.plan"
/* The id is PLAN/SELECTION. */
#define SLIP_BACKUP_SELECTION "backup.selection"
#define SLIP_BACKUP_REGION_SETTINGS "backup.region-settings"
/* Of the organization: account and region are "". */
#define SLIP_BACKUP_GLOBAL_SETTINGS "backup.global-settings"

/* How long a job waits before it begins, in AWS's seconds. */
#define SLIP_BACKUP_PENDING 20.0

/* --- Errors and names (slip-backup-common.c) --- */

gpointer slip_backup_missing (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
gpointer slip_backup_invalid (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
gpointer slip_backup_refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
char *slip_backup_vault_arn (const char *account, const char *region, const char *name);

JsonObject *slip_backup_shape (const SlipWorldRecord *record);
const char *slip_backup_get (const SlipWorldRecord *record, const char *member);

/**
 * slip_backup_new:
 *
 * Returns: (transfer full): data with an empty `shape`
 */
JsonObject *slip_backup_new (JsonObject **shape);

/**
 * slip_backup_edit:
 * @shape: (out): borrowed from the data
 *
 * Returns: (transfer full) (nullable): a copy of the record's data to change
 */
JsonObject *slip_backup_edit (SlipWorld *world, const SlipWorldRecord *record, JsonObject **shape);
void slip_backup_put (SlipWorld *world, const SlipWorldRecord *record, JsonObject *data);
void slip_backup_copy_members (JsonObject *from, JsonObject *to, const char *const *names);
void slip_backup_set_time (JsonObject *object, const char *name, gint64 time_us);

/**
 * slip_backup_answer:
 * @record: whose shape is told
 * @names: ends with %NULL
 *
 * Returns: (transfer full): an output of those members
 */
JsonNode *slip_backup_answer (const SlipWorldRecord *record, const char *const *names);

/**
 * slip_backup_check_role:
 *
 * Returns: whether @arn is a role of the caller's account that trusts AWS Backup
 */
gboolean slip_backup_check_role (SlipServiceContext *ctx, const char *arn, GError **error);

/**
 * slip_backup_role_may:
 * @action: (nullable): such as `rds:RestoreDBClusterFromSnapshot`; %NULL needs no permission
 *
 * Returns: whether the role's policies allow it
 */
gboolean
slip_backup_role_may (SlipWorld *world, const char *arn, const char *action, GError **error);

/**
 * SlipBackupList:
 * @type: what is listed
 * @output: the output's member
 * @newest_first: jobs: by their creation; others by id
 * @match: (nullable): whether a record is listed
 * @view: (nullable): as it is shown; %NULL for the shape as it is
 */
typedef struct
{
  const char *type;
  const char *output;
  gboolean newest_first;
  gboolean (*match) (const SlipWorldRecord *record, JsonObject *input);
  JsonObject *(*view) (SlipWorld *world, const SlipWorldRecord *record);
} SlipBackupList;

JsonNode *slip_backup_list (SlipServiceContext *ctx,
                            JsonObject *input,
                            const SlipBackupList *list,
                            GError **error);

/**
 * SlipBackupFilter:
 * @input: the request's member
 * @member: the shape's
 * @order: 0: equal; 1: the shape's time is later; -1: earlier
 */
typedef struct
{
  const char *input;
  const char *member;
  int order;
} SlipBackupFilter;

/**
 * slip_backup_matches:
 * @filters: ends with a %NULL input
 *
 * Returns: whether the record fits every filter that the request sets
 */
gboolean slip_backup_matches (const SlipWorldRecord *record,
                              JsonObject *input,
                              const SlipBackupFilter *filters);

/* --- Vaults (slip-backup-vault.c) --- */

/**
 * slip_backup_vault_find:
 *
 * The caller's vault of that name, when its policy does not deny what is being called.
 *
 * Returns: (transfer none) (nullable): the vault, or %NULL with ResourceNotFoundException or
 *   AccessDeniedException
 */
const SlipWorldRecord *
slip_backup_vault_find (SlipServiceContext *ctx, const char *name, GError **error);

/**
 * slip_backup_vault_check:
 * @action: such as `backup:StartRestoreJob`
 *
 * Returns: whether the vault's policy does not deny it to the caller
 */
gboolean slip_backup_vault_check (SlipServiceContext *ctx,
                                  const SlipWorldRecord *vault,
                                  const char *action,
                                  GError **error);

/**
 * slip_backup_vault_judge:
 *
 * Returns: what the vault's policy says when @principal_arn of @account asks for @action
 */
SlipPolicyVerdict slip_backup_vault_judge (const SlipWorldRecord *vault,
                                           const char *account,
                                           const char *principal_arn,
                                           const char *action);

/**
 * slip_backup_vault_of_arn:
 *
 * Returns: (transfer none) (nullable): the vault with that ARN, of whatever account
 */
const SlipWorldRecord *slip_backup_vault_of_arn (SlipWorld *world, const char *arn);
gboolean slip_backup_vault_is_locked (const SlipWorldRecord *vault);

/**
 * slip_backup_vault_dup_refusal:
 * @days: a lifecycle's DeleteAfterDays; 0 for a point that is kept for ever
 *
 * Returns: (transfer full) (nullable): why the vault's lock does not take such a recovery point
 */
char *slip_backup_vault_dup_refusal (const SlipWorldRecord *vault, gint64 days);
JsonObject *slip_backup_vault_new (SlipWorld *world,
                                   const char *account,
                                   const char *region,
                                   const char *name,
                                   const char *key_arn,
                                   gint64 created_us);
void slip_backup_vault_set_lock (JsonObject *data, gint64 min, gint64 max, gint64 date_us);
gboolean slip_backup_is_policy (const char *text);

/* --- Recovery points (slip-backup-point.c) --- */

/**
 * slip_backup_point_find:
 * @vault: the vault it must be in
 *
 * Returns: (transfer none) (nullable): the point, or %NULL with ResourceNotFoundException
 */
const SlipWorldRecord *slip_backup_point_find (SlipServiceContext *ctx,
                                               const SlipWorldRecord *vault,
                                               const char *arn,
                                               GError **error);

/**
 * slip_backup_point_add:
 * @vault: where it goes
 * @source: of what kind it is
 * @resource_arn: what was backed up
 * @point: as the source gave it; `stored` and `metadata` are taken
 * @status: `CREATING` or `COMPLETED`
 * @created_us: its CreationDate
 * @lifecycle: (nullable): Lifecycle
 * @role: (nullable): IamRoleArn
 * @source_vault: (nullable): ARN of the vault that a copy comes from
 *
 * Puts a recovery point into a vault.
 */
void slip_backup_point_add (SlipWorld *world,
                            const SlipWorldRecord *vault,
                            const SlipBackupSource *source,
                            const char *resource_arn,
                            SlipBackupPoint *point,
                            const char *status,
                            gint64 created_us,
                            JsonObject *lifecycle,
                            const char *role,
                            const char *source_vault,
                            JsonObject *tags);

/**
 * slip_backup_point_finish:
 * @why: (nullable): why it failed: then the point is gone
 *
 * A point that was being made is there, or not.
 */
void slip_backup_point_finish (SlipWorld *world, const SlipWorldRecord *point, const char *why);
void slip_backup_point_remove (SlipWorld *world, const SlipWorldRecord *point);
const SlipWorldRecord *slip_backup_point_of_arn (SlipWorld *world,
                                                 const char *account,
                                                 const char *region,
                                                 const char *arn);

/* --- Jobs (slip-backup-job.c) --- */

/**
 * slip_backup_job_new:
 * @type: %SLIP_BACKUP_BACKUP_JOB and so on
 * @shape: (out): the job's shape with AccountId and CreationDate
 * @id: (out) (transfer full): its id
 */
JsonObject *slip_backup_job_new (SlipServiceContext *ctx, JsonObject **shape, char **id);

/**
 * slip_backup_job_known:
 * @error: set when the token was used with another request
 *
 * AWS does a call with an IdempotencyToken once.
 *
 * Returns: (transfer none) (nullable): the job that an earlier call with this token began
 */
const SlipWorldRecord *slip_backup_job_known (SlipServiceContext *ctx,
                                              const char *type,
                                              JsonObject *input,
                                              GError **error);

/**
 * slip_backup_job_begin:
 * @type: the job's
 * @id: its id
 * @data: (transfer full): it, as slip_backup_job_new() began it
 * @input: what was asked for, remembered by its IdempotencyToken
 * @started: the transition that comes when the job starts to work
 *
 * Returns: (transfer none): the job, waiting
 */
const SlipWorldRecord *slip_backup_job_begin (SlipServiceContext *ctx,
                                              const char *type,
                                              const char *id,
                                              JsonObject *data,
                                              JsonObject *input,
                                              const char *started);
JsonObject *slip_backup_job_view (SlipWorld *world, const SlipWorldRecord *record);
const SlipWorldRecord *
slip_backup_job_find (SlipServiceContext *ctx, const char *type, const char *id, GError **error);

/**
 * slip_backup_job_run:
 *
 * The job works from now on, for @seconds of AWS's time.
 */
void slip_backup_job_run (SlipWorld *world, JsonObject *data, double seconds);

/**
 * slip_backup_job_end:
 * @data: the job
 * @state: `COMPLETED`, `FAILED`, `ABORTED`
 * @message: (nullable): StatusMessage
 */
void slip_backup_job_end (
    SlipWorld *world, const char *type, JsonObject *data, const char *state, const char *message);
const char *slip_backup_job_state (const SlipWorldRecord *job);

/**
 * slip_backup_job_matches:
 * @own: what only jobs of this type are filtered by; ends with a %NULL input
 *
 * Returns: as slip_backup_matches(), of those and of what any job is filtered by: its account, the
 *   type of its resource, its times
 */
gboolean slip_backup_job_matches (const SlipWorldRecord *job,
                                  JsonObject *input,
                                  const SlipBackupFilter *own);
gint64 slip_backup_lifecycle_days (JsonObject *lifecycle);

void slip_backup_backup_attach (SlipWorld *world);
void slip_backup_copy_attach (SlipWorld *world);
void slip_backup_restore_attach (SlipWorld *world);
void slip_backup_point_attach (SlipWorld *world);
gboolean slip_backup_seed (const SlipSeed *seed, GError **error);
gboolean slip_backup_cross_account (SlipWorld *world);

#define SLIP_BACKUP_OPERATIONS(X)                                                                  \
  X (CreateBackupPlan, slip_backup_create_plan)                                                    \
  X (CreateBackupSelection, slip_backup_create_selection)                                          \
  X (CreateBackupVault, slip_backup_create_vault)                                                  \
  X (DeleteBackupPlan, slip_backup_delete_plan)                                                    \
  X (DeleteBackupSelection, slip_backup_delete_selection)                                          \
  X (DeleteBackupVault, slip_backup_delete_vault)                                                  \
  X (DeleteBackupVaultAccessPolicy, slip_backup_delete_vault_policy)                               \
  X (DeleteBackupVaultLockConfiguration, slip_backup_delete_vault_lock)                            \
  X (DeleteBackupVaultNotifications, slip_backup_delete_vault_notifications)                       \
  X (DeleteRecoveryPoint, slip_backup_delete_point)                                                \
  X (DescribeBackupJob, slip_backup_describe_backup_job)                                           \
  X (DescribeBackupVault, slip_backup_describe_vault)                                              \
  X (DescribeCopyJob, slip_backup_describe_copy_job)                                               \
  X (DescribeGlobalSettings, slip_backup_describe_global_settings)                                 \
  X (DescribeProtectedResource, slip_backup_describe_protected_resource)                           \
  X (DescribeRecoveryPoint, slip_backup_describe_point)                                            \
  X (DescribeRegionSettings, slip_backup_describe_region_settings)                                 \
  X (DescribeRestoreJob, slip_backup_describe_restore_job)                                         \
  X (GetBackupPlan, slip_backup_get_plan)                                                          \
  X (GetBackupSelection, slip_backup_get_selection)                                                \
  X (GetBackupVaultAccessPolicy, slip_backup_get_vault_policy)                                     \
  X (GetBackupVaultNotifications, slip_backup_get_vault_notifications)                             \
  X (GetRecoveryPointRestoreMetadata, slip_backup_get_point_metadata)                              \
  X (GetRestoreJobMetadata, slip_backup_get_restore_job_metadata)                                  \
  X (GetSupportedResourceTypes, slip_backup_get_supported_types)                                   \
  X (ListBackupJobs, slip_backup_list_backup_jobs)                                                 \
  X (ListBackupPlans, slip_backup_list_plans)                                                      \
  X (ListBackupSelections, slip_backup_list_selections)                                            \
  X (ListBackupVaults, slip_backup_list_vaults)                                                    \
  X (ListCopyJobs, slip_backup_list_copy_jobs)                                                     \
  X (ListProtectedResources, slip_backup_list_protected_resources)                                 \
  X (ListRecoveryPointsByBackupVault, slip_backup_list_points_by_vault)                            \
  X (ListRecoveryPointsByResource, slip_backup_list_points_by_resource)                            \
  X (ListRestoreJobs, slip_backup_list_restore_jobs)                                               \
  X (ListTags, slip_backup_list_tags)                                                              \
  X (PutBackupVaultAccessPolicy, slip_backup_put_vault_policy)                                     \
  X (PutBackupVaultLockConfiguration, slip_backup_put_vault_lock)                                  \
  X (PutBackupVaultNotifications, slip_backup_put_vault_notifications)                             \
  X (PutRestoreValidationResult, slip_backup_put_validation)                                       \
  X (StartBackupJob, slip_backup_start_backup_job)                                                 \
  X (StartCopyJob, slip_backup_start_copy_job)                                                     \
  X (StartRestoreJob, slip_backup_start_restore_job)                                               \
  X (StopBackupJob, slip_backup_stop_backup_job)                                                   \
  X (TagResource, slip_backup_tag)                                                                 \
  X (UntagResource, slip_backup_untag)                                                             \
  X (UpdateBackupPlan, slip_backup_update_plan)                                                    \
  X (UpdateGlobalSettings, slip_backup_update_global_settings)                                     \
  X (UpdateRecoveryPointLifecycle, slip_backup_update_point_lifecycle)                             \
  X (UpdateRegionSettings, slip_backup_update_region_settings)

#define SLIP_BACKUP_DECLARE(name, func)                                                            \
  JsonNode *func (SlipServiceContext *ctx, JsonObject *input, GError **error);
SLIP_BACKUP_OPERATIONS (SLIP_BACKUP_DECLARE)
#undef SLIP_BACKUP_DECLARE

G_END_DECLS
