/* SPDX-License-Identifier: MIT */

/* Backup jobs: on demand, of whatever a source has. CREATED until the source begins, RUNNING until it
 * tells that the data is there. */

#include "slip-backup.h"

#include "slip-aws-error.h"
#include "slip-json.h"

#include <string.h>

#define STARTED "backup.backup-started"
#define COMPLETED "backup.backup-completed"
#define ABORTED "backup.backup-aborted"
#define START_WINDOW_US (8 * 3600 * G_TIME_SPAN_SECOND)
#define ABORT_SECONDS 30.0

static JsonNode *
answer (const SlipWorldRecord *job)
{
  static const char *const names[] = {"BackupJobId", "CreationDate", "IsParent", NULL};

  return slip_backup_answer (job, names);
}

static JsonObject *
new_job (SlipServiceContext *ctx,
         const SlipWorldRecord *vault,
         const SlipBackupSource *source,
         JsonObject *input,
         char **id)
{
  static const char *const of_vault[] = {"BackupVaultName", "BackupVaultArn", NULL};
  static const char *const of_input[] = {"ResourceArn", "IamRoleArn", "BackupOptions", NULL};
  JsonObject *shape;
  JsonObject *data = slip_backup_job_new (ctx, &shape, id);

  slip_backup_copy_members (slip_backup_shape (vault), shape, of_vault);
  slip_backup_copy_members (input, shape, of_input);
  json_object_set_string_member (shape, "BackupJobId", *id);
  json_object_set_string_member (shape, "State", "CREATED");
  json_object_set_string_member (shape, "ResourceType", source->resource_type);
  json_object_set_boolean_member (shape, "IsParent", FALSE);
  slip_backup_set_time (shape, "StartBy", slip_world_now (ctx->world) + START_WINDOW_US);
  json_object_set_object_member (data, "input", json_object_ref (input));
  return data;
}

JsonNode *
slip_backup_start_backup_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *arn = slip_json_string (input, "ResourceArn");
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *known
      = slip_backup_job_known (ctx, SLIP_BACKUP_BACKUP_JOB, input, &problem);
  const SlipWorldRecord *vault;
  const SlipBackupSource *source;
  g_autoptr (SlipArn) parts = slip_arn_parse (arn);
  g_autofree char *id = NULL;
  JsonObject *data;

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  if (known != NULL)
    return answer (known);
  vault = slip_backup_vault_find (ctx, slip_json_string (input, "BackupVaultName"), error);
  if (vault == NULL || !slip_backup_check_role (ctx, slip_json_string (input, "IamRoleArn"), error))
    return NULL;
  source = slip_backup_source_of (ctx->world, arn, NULL);
  if (source == NULL || parts == NULL || strcmp (parts->account, ctx->account) != 0
      || strcmp (parts->region, ctx->region) != 0)
    return slip_backup_invalid (error, "Cannot find resource %s", arn);
  data = new_job (ctx, vault, source, input, &id);
  return answer (slip_backup_job_begin (ctx, SLIP_BACKUP_BACKUP_JOB, id, data, input, STARTED));
}

/* --- What happens later --- */

static const SlipWorldRecord *
find_job (SlipWorld *world, const SlipTransition *t)
{
  return slip_world_get (world, t->account, t->region, SLIP_BACKUP_BACKUP_JOB, t->id);
}

static void
fail (SlipWorld *world, const SlipWorldRecord *job, const char *why)
{
  JsonObject *data = slip_backup_edit (world, job, NULL);

  slip_backup_job_end (world, job->type, data, "FAILED", why);
  slip_backup_put (world, job, data);
}

static gboolean
begin (SlipWorld *world,
       const SlipWorldRecord *job,
       const SlipWorldRecord *vault,
       SlipBackupPoint *point,
       GError **error)
{
  JsonObject *input = slip_json_object (job->data, "input");
  JsonObject *lifecycle = slip_json_object (input, "Lifecycle");
  const char *arn = slip_backup_get (job, "ResourceArn");
  g_autofree char *lower = g_ascii_strdown (job->id, -1);
  g_autofree char *refusal = NULL;
  const SlipBackupSource *source = slip_backup_source_of (world, arn, NULL);
  SlipBackupPlace place = {
      .account = job->account,
      .region = job->region,
      .job_id = lower,
      .vault_key = vault != NULL ? slip_backup_get (vault, "EncryptionKeyArn") : NULL,
  };

  if (vault == NULL || source == NULL)
    return slip_backup_missing (error, "%s does not exist any more",
                                vault == NULL ? slip_backup_get (job, "BackupVaultArn") : arn)
           != NULL;
  refusal = slip_backup_vault_dup_refusal (vault, slip_backup_lifecycle_days (lifecycle));
  if (refusal != NULL)
    return slip_backup_invalid (error, "%s", refusal) != NULL;
  if (!slip_backup_role_may (world, slip_backup_get (job, "IamRoleArn"), source->backup_action,
                             error)
      || !source->backup (world, arn, &place, point, error))
    return FALSE;
  slip_backup_source_expect (world, point->arn, COMPLETED, job->account, job->region, job->type,
                             job->id);
  slip_backup_point_add (world, vault, source, arn, point, "CREATING", slip_world_now (world),
                         lifecycle, slip_backup_get (job, "IamRoleArn"), NULL,
                         slip_json_object (input, "RecoveryPointTags"));
  return TRUE;
}

static void
on_started (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job = find_job (world, t);
  const SlipWorldRecord *vault;
  g_auto (SlipBackupPoint) point = {0};
  g_autoptr (GError) error = NULL;
  JsonObject *data, *shape;

  if (job == NULL)
    return;
  vault = slip_world_get (world, job->account, job->region, SLIP_BACKUP_VAULT,
                          slip_backup_get (job, "BackupVaultName"));
  if (t->fail != NULL || !begin (world, job, vault, &point, &error))
    {
      fail (world, job, t->fail != NULL ? t->fail : slip_aws_error_get_text (error));
      return;
    }
  data = slip_backup_edit (world, job, &shape);
  json_object_set_string_member (shape, "State", "RUNNING");
  json_object_set_string_member (shape, "RecoveryPointArn", point.arn);
  json_object_set_string_member (shape, "ResourceName", point.source_name);
  slip_backup_set_time (shape, "InitiationDate", slip_world_now (world));
  slip_backup_set_time (
      shape, "ExpectedCompletionDate",
      slip_world_now (world)
          + (gint64)(point.seconds / slip_world_get_speed (world) * G_USEC_PER_SEC));
  json_object_set_int_member (shape, "BackupSizeInBytes", point.size);
  slip_backup_job_run (world, data, point.seconds);
  slip_backup_put (world, job, data);
}

static void
on_completed (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job = find_job (world, t);
  const char *why = t->payload != NULL ? slip_json_string (t->payload, "why") : NULL;
  const SlipWorldRecord *point;
  JsonObject *data, *shape;

  if (job == NULL || strcmp (slip_backup_job_state (job), "RUNNING") != 0)
    return;
  why = t->fail != NULL ? t->fail : why;
  point = slip_backup_point_of_arn (world, t->account, t->region,
                                    slip_backup_get (job, "RecoveryPointArn"));
  if (point != NULL)
    slip_backup_point_finish (world, point, why);
  data = slip_backup_edit (world, job, &shape);
  if (why == NULL)
    json_object_set_int_member (shape, "BytesTransferred",
                                slip_json_int (shape, "BackupSizeInBytes", 0));
  slip_backup_job_end (world, job->type, data, why == NULL ? "COMPLETED" : "FAILED", why);
  slip_backup_put (world, job, data);
}

static void
on_aborted (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job = find_job (world, t);
  JsonObject *data;

  if (job == NULL)
    return;
  data = slip_backup_edit (world, job, NULL);
  slip_backup_job_end (world, job->type, data, t->fail == NULL ? "ABORTED" : "FAILED",
                       t->fail == NULL ? "The backup job was stopped by user" : t->fail);
  slip_backup_put (world, job, data);
}

void
slip_backup_backup_attach (SlipWorld *world)
{
  slip_world_handle (world, STARTED, on_started);
  slip_world_handle (world, COMPLETED, on_completed);
  slip_world_handle (world, ABORTED, on_aborted);
}

/* --- Stop, describe, list --- */

JsonNode *
slip_backup_stop_backup_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"CREATED", "PENDING", "RUNNING", NULL};
  const SlipWorldRecord *job = slip_backup_job_find (
      ctx, SLIP_BACKUP_BACKUP_JOB, slip_json_string (input, "BackupJobId"), error);
  const SlipWorldRecord *point;
  g_autofree char *id = NULL;
  const char *arn;
  JsonObject *data, *shape;

  if (job == NULL)
    return NULL;
  if (!g_strv_contains (allowed, slip_backup_job_state (job)))
    return slip_backup_refuse (error, "Backup job %s cannot be stopped in state %s", job->id,
                               slip_backup_job_state (job));
  id = g_strdup (job->id);
  arn = slip_backup_get (job, "RecoveryPointArn");
  point
      = arn != NULL ? slip_backup_point_of_arn (ctx->world, ctx->account, ctx->region, arn) : NULL;
  if (point != NULL)
    slip_backup_point_remove (ctx->world, point);
  slip_world_unschedule (ctx->world, NULL, job->account, job->region, job->type, job->id);
  data = slip_backup_edit (ctx->world, job, &shape);
  json_object_set_string_member (shape, "State", "ABORTING");
  json_object_remove_member (shape, "RecoveryPointArn");
  slip_backup_put (ctx->world, job, data);
  slip_world_schedule (ctx->world, ABORT_SECONDS, ABORTED, ctx->account, ctx->region,
                       SLIP_BACKUP_BACKUP_JOB, id, NULL);
  return NULL;
}

JsonNode *
slip_backup_describe_backup_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *job = slip_backup_job_find (
      ctx, SLIP_BACKUP_BACKUP_JOB, slip_json_string (input, "BackupJobId"), error);

  return job != NULL ? slip_json_new_object (slip_backup_job_view (ctx->world, job)) : NULL;
}

static gboolean
match (const SlipWorldRecord *job, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {
      {"ByResourceArn", "ResourceArn", 0},         {"ByState", "State", 0},
      {"ByBackupVaultName", "BackupVaultName", 0}, {"ByParentJobId", "ParentJobId", 0},
      {"ByMessageCategory", "MessageCategory", 0}, {NULL, NULL, 0},
  };

  return slip_backup_job_matches (job, input, filters);
}

JsonNode *
slip_backup_list_backup_jobs (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list
      = {SLIP_BACKUP_BACKUP_JOB, "BackupJobs", TRUE, match, slip_backup_job_view};

  return slip_backup_list (ctx, input, &list, error);
}
