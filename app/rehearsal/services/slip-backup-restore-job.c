/* SPDX-License-Identifier: MIT */

/* Restore jobs. PENDING until the source has begun to make the resource; what the source refuses then
 * (a name that is taken, a group that is missing) ends the job as FAILED with its StatusMessage, as at
 * AWS, and not the call that started it. */

#include "slip-backup.h"

#include "slip-aws-error.h"
#include "slip-json.h"

#include <string.h>

#define STARTED "backup.restore-started"
#define COMPLETED "backup.restore-completed"

static JsonNode *
answer (const SlipWorldRecord *job)
{
  static const char *const names[] = {"RestoreJobId", NULL};

  return slip_backup_answer (job, names);
}

static JsonObject *
new_job (SlipServiceContext *ctx, const SlipWorldRecord *point, JsonObject *input, char **id)
{
  static const char *const of_point[] = {"ResourceType", "BackupSizeInBytes", NULL};
  JsonObject *shape;
  JsonObject *data = slip_backup_job_new (ctx, &shape, id);

  slip_backup_copy_members (slip_backup_shape (point), shape, of_point);
  json_object_set_string_member (shape, "RestoreJobId", *id);
  json_object_set_string_member (shape, "RecoveryPointArn", point->id);
  json_object_set_string_member (shape, "Status", "PENDING");
  json_object_set_string_member (shape, "IamRoleArn", slip_json_string (input, "IamRoleArn"));
  json_object_set_string_member (shape, "RecoveryPointCreationDate",
                                 slip_backup_get (point, "CreationDate"));
  json_object_set_object_member (data, "input", json_object_ref (input));
  return data;
}

static gboolean
check (SlipServiceContext *ctx, const SlipWorldRecord *point, JsonObject *input, GError **error)
{
  const char *const restorable[] = {"COMPLETED", "AVAILABLE", "EXPIRED", NULL};
  const char *type = slip_json_string (input, "ResourceType");
  const SlipWorldRecord *vault;

  if (point == NULL)
    return slip_backup_missing (error, "Cannot find recovery point %s",
                                slip_json_string (input, "RecoveryPointArn"))
           != NULL;
  vault = slip_world_get (ctx->world, ctx->account, ctx->region, SLIP_BACKUP_VAULT,
                          slip_backup_get (point, "BackupVaultName"));
  if (vault != NULL && !slip_backup_vault_check (ctx, vault, "backup:StartRestoreJob", error))
    return FALSE;
  if (type != NULL && strcmp (type, slip_backup_get (point, "ResourceType")) != 0)
    return slip_backup_invalid (error,
                                "Resource type %s does not match that of the recovery point, "
                                "%s",
                                type, slip_backup_get (point, "ResourceType"))
           != NULL;
  if (!g_strv_contains (restorable, slip_backup_get (point, "Status")))
    return slip_backup_refuse (error, "Recovery point %s is in state %s and cannot be restored",
                               point->id, slip_backup_get (point, "Status"))
           != NULL;
  return slip_backup_check_role (ctx, slip_json_string (input, "IamRoleArn"), error);
}

JsonNode *
slip_backup_start_restore_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *known
      = slip_backup_job_known (ctx, SLIP_BACKUP_RESTORE_JOB, input, &problem);
  const SlipWorldRecord *point;
  g_autofree char *id = NULL;
  JsonObject *data;

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return NULL;
    }
  if (known != NULL)
    return answer (known);
  point = slip_backup_point_of_arn (ctx->world, ctx->account, ctx->region,
                                    slip_json_string (input, "RecoveryPointArn"));
  if (!check (ctx, point, input, error))
    return NULL;
  data = new_job (ctx, point, input, &id);
  return answer (slip_backup_job_begin (ctx, SLIP_BACKUP_RESTORE_JOB, id, data, input, STARTED));
}

/* --- What happens later --- */

static JsonArray *
copied_tags (const SlipWorldRecord *point, JsonObject *input)
{
  if (!slip_json_bool (input, "CopySourceTagsToRestoredResource", FALSE))
    return NULL;
  return slip_tags_from_object (slip_json_object (point->data, "tags"));
}

static char *
begin (SlipWorld *world, const SlipWorldRecord *job, double *seconds, GError **error)
{
  JsonObject *input = slip_json_object (job->data, "input");
  const char *role = slip_backup_get (job, "IamRoleArn");
  const SlipWorldRecord *point = slip_backup_point_of_arn (
      world, job->account, job->region, slip_backup_get (job, "RecoveryPointArn"));
  const SlipBackupSource *source = slip_backup_source_find (slip_backup_get (job, "ResourceType"));
  g_autoptr (JsonArray) tags = NULL;
  SlipServiceContext ctx = {
      .world = world,
      .account = job->account,
      .region = job->region,
      .principal_arn = role,
      .user_id = "backup.amazonaws.com",
      .access_key = "",
      .request_id = job->id,
      .endpoint = "",
  };

  if (point == NULL || source == NULL)
    return slip_backup_missing (error, "Recovery point %s does not exist any more",
                                slip_backup_get (job, "RecoveryPointArn"));
  if (!slip_backup_role_may (world, role, source->restore_action, error))
    return NULL;
  tags = copied_tags (point, input);
  return source->restore (&ctx, point->id, slip_json_object (point->data, "stored"),
                          slip_json_object (input, "Metadata"), tags, seconds, error);
}

static void
on_started (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job
      = slip_world_get (world, t->account, t->region, SLIP_BACKUP_RESTORE_JOB, t->id);
  g_autoptr (GError) error = NULL;
  g_autofree char *arn = NULL;
  double seconds = 0;
  JsonObject *data, *shape;

  if (job == NULL)
    return;
  if (t->fail == NULL)
    arn = begin (world, job, &seconds, &error);
  data = slip_backup_edit (world, job, &shape);
  if (arn == NULL)
    {
      slip_backup_job_end (world, job->type, data, "FAILED",
                           t->fail != NULL ? t->fail : slip_aws_error_get_text (error));
      slip_backup_put (world, job, data);
      return;
    }
  slip_backup_source_expect (world, arn, COMPLETED, job->account, job->region, job->type, job->id);
  json_object_set_string_member (shape, "Status", "RUNNING");
  json_object_set_int_member (shape, "ExpectedCompletionTimeMinutes", (gint64)(seconds / 60) + 1);
  json_object_set_string_member (data, "made", arn);
  slip_backup_job_run (world, data, seconds);
  slip_backup_put (world, job, data);
}

static void
note_restore (SlipWorld *world, const SlipWorldRecord *job)
{
  const SlipWorldRecord *point = slip_backup_point_of_arn (
      world, job->account, job->region, slip_backup_get (job, "RecoveryPointArn"));
  JsonObject *data, *shape;

  if (point == NULL)
    return;
  data = slip_backup_edit (world, point, &shape);
  slip_backup_set_time (shape, "LastRestoreTime", slip_world_now (world));
  slip_backup_put (world, point, data);
}

static void
on_completed (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job
      = slip_world_get (world, t->account, t->region, SLIP_BACKUP_RESTORE_JOB, t->id);
  const char *why = t->payload != NULL ? slip_json_string (t->payload, "why") : NULL;
  JsonObject *data, *shape;

  if (job == NULL || strcmp (slip_backup_job_state (job), "RUNNING") != 0)
    return;
  why = t->fail != NULL ? t->fail : why;
  if (why == NULL)
    note_restore (world, job);
  data = slip_backup_edit (world, job, &shape);
  if (why == NULL)
    json_object_set_string_member (shape, "CreatedResourceArn", slip_json_string (data, "made"));
  slip_backup_job_end (world, job->type, data, why == NULL ? "COMPLETED" : "FAILED", why);
  slip_backup_put (world, job, data);
}

void
slip_backup_restore_attach (SlipWorld *world)
{
  slip_world_handle (world, STARTED, on_started);
  slip_world_handle (world, COMPLETED, on_completed);
}

/* --- Describe, list, validate --- */

JsonNode *
slip_backup_describe_restore_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *job = slip_backup_job_find (
      ctx, SLIP_BACKUP_RESTORE_JOB, slip_json_string (input, "RestoreJobId"), error);

  return job != NULL ? slip_json_new_object (slip_backup_job_view (ctx->world, job)) : NULL;
}

JsonNode *
slip_backup_get_restore_job_metadata (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *job = slip_backup_job_find (
      ctx, SLIP_BACKUP_RESTORE_JOB, slip_json_string (input, "RestoreJobId"), error);
  static const char *const names[] = {"Metadata", NULL};
  JsonObject *output;

  if (job == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_string_member (output, "RestoreJobId", job->id);
  slip_backup_copy_members (slip_json_object (job->data, "input"), output, names);
  return slip_json_new_object (output);
}

static gboolean
match (const SlipWorldRecord *job, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {
      {"ByStatus", "Status", 0},
      {"ByRestoreTestingPlanArn", "RestoreTestingPlanArn", 0},
      {NULL, NULL, 0},
  };

  return slip_backup_job_matches (job, input, filters);
}

JsonNode *
slip_backup_list_restore_jobs (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list
      = {SLIP_BACKUP_RESTORE_JOB, "RestoreJobs", TRUE, match, slip_backup_job_view};

  return slip_backup_list (ctx, input, &list, error);
}

JsonNode *
slip_backup_put_validation (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *const allowed[] = {"FAILED", "SUCCESSFUL", "TIMED_OUT", "VALIDATING", NULL};
  static const char *const names[] = {"ValidationStatus", "ValidationStatusMessage", NULL};
  const char *status = slip_json_string (input, "ValidationStatus");
  const SlipWorldRecord *job = slip_backup_job_find (
      ctx, SLIP_BACKUP_RESTORE_JOB, slip_json_string (input, "RestoreJobId"), error);
  JsonObject *data, *shape;

  if (job == NULL)
    return NULL;
  if (!g_strv_contains (allowed, status))
    return slip_backup_invalid (error, "Invalid validation status %s", status);
  if (strcmp (slip_backup_job_state (job), "COMPLETED") != 0)
    return slip_backup_refuse (error,
                               "Restore job %s is in state %s: only a completed one can be "
                               "validated",
                               job->id, slip_backup_job_state (job));
  data = slip_backup_edit (ctx->world, job, &shape);
  slip_backup_copy_members (input, shape, names);
  slip_backup_put (ctx->world, job, data);
  return NULL;
}
