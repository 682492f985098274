/* SPDX-License-Identifier: MIT */

/* Copy jobs: of a recovery point to another vault of the same or another account or region. What the
 * destination refuses (its policy, its lock, the organization's settings) makes the job fail later; what
 * the source vault denies is refused at once. */

#include "slip-backup.h"

#include "slip-aws-error.h"
#include "slip-json.h"

#include <string.h>

#define STARTED "backup.copy-started"
#define COMPLETED "backup.copy-completed"

static JsonNode *
answer (const SlipWorldRecord *job)
{
  static const char *const names[] = {"CopyJobId", "CreationDate", "IsParent", NULL};

  return slip_backup_answer (job, names);
}

static JsonObject *
new_job (SlipServiceContext *ctx,
         const SlipWorldRecord *vault,
         const SlipWorldRecord *point,
         JsonObject *input,
         char **id)
{
  static const char *const of_point[]
      = {"ResourceArn", "ResourceType", "ResourceName", "BackupSizeInBytes", NULL};
  JsonObject *shape;
  JsonObject *data = slip_backup_job_new (ctx, &shape, id);

  slip_backup_copy_members (slip_backup_shape (point), shape, of_point);
  json_object_set_string_member (shape, "CopyJobId", *id);
  json_object_set_string_member (shape, "State", "CREATED");
  json_object_set_string_member (shape, "SourceBackupVaultArn",
                                 slip_backup_get (vault, "BackupVaultArn"));
  json_object_set_string_member (shape, "SourceRecoveryPointArn", point->id);
  json_object_set_string_member (shape, "DestinationBackupVaultArn",
                                 slip_json_string (input, "DestinationBackupVaultArn"));
  json_object_set_string_member (shape, "IamRoleArn", slip_json_string (input, "IamRoleArn"));
  json_object_set_boolean_member (shape, "IsParent", FALSE);
  json_object_set_object_member (data, "input", json_object_ref (input));
  json_object_set_string_member (data, "principal", ctx->principal_arn);
  return data;
}

static gboolean
check_source (SlipServiceContext *ctx,
              const SlipWorldRecord *vault,
              const SlipWorldRecord *point,
              JsonObject *input,
              GError **error)
{
  const char *destination = slip_json_string (input, "DestinationBackupVaultArn");
  g_autoptr (SlipArn) arn = slip_arn_parse (destination);

  if (arn == NULL || strcmp (arn->service, "backup") != 0
      || !g_str_has_prefix (arn->resource, "backup-vault:"))
    slip_backup_invalid (error, "Invalid destination backup vault ARN: %s", destination);
  else if (strcmp (destination, slip_backup_get (vault, "BackupVaultArn")) == 0)
    slip_backup_invalid (error, "Source and destination backup vault are the same");
  else if (strcmp (slip_backup_get (point, "Status"), "COMPLETED") != 0)
    slip_service_error (error, 400, "InvalidResourceStateException",
                        "Recovery point %s is in state %s", point->id,
                        slip_backup_get (point, "Status"));
  else
    return slip_backup_vault_check (ctx, vault, "backup:CopyFromBackupVault", error)
           && slip_backup_check_role (ctx, slip_json_string (input, "IamRoleArn"), error);
  return FALSE;
}

JsonNode *
slip_backup_start_copy_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GError) problem = NULL;
  const SlipWorldRecord *known = slip_backup_job_known (ctx, SLIP_BACKUP_COPY_JOB, input, &problem);
  const SlipWorldRecord *vault;
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
  vault = slip_backup_vault_find (ctx, slip_json_string (input, "SourceBackupVaultName"), error);
  if (vault == NULL)
    return NULL;
  point = slip_backup_point_find (ctx, vault, slip_json_string (input, "RecoveryPointArn"), error);
  if (point == NULL || !check_source (ctx, vault, point, input, error))
    return NULL;
  data = new_job (ctx, vault, point, input, &id);
  return answer (slip_backup_job_begin (ctx, SLIP_BACKUP_COPY_JOB, id, data, input, STARTED));
}

/* --- What happens later --- */

/* Whether the destination takes it. */
static gboolean
check_destination (SlipWorld *world,
                   const SlipWorldRecord *job,
                   const SlipWorldRecord *vault,
                   gint64 days,
                   GError **error)
{
  const char *arn = slip_backup_get (job, "DestinationBackupVaultArn");
  SlipPolicyVerdict verdict = vault != NULL ? slip_backup_vault_judge (
                                  vault, job->account, slip_json_string (job->data, "principal"),
                                  "backup:CopyIntoBackupVault")
                                            : SLIP_POLICY_SILENT;
  g_autofree char *refusal = NULL;
  gboolean foreign = vault != NULL && strcmp (vault->account, job->account) != 0;

  if (vault == NULL)
    return slip_backup_missing (error, "Copy job failed. Backup vault %s does not exist", arn)
           != NULL;
  if (foreign && !slip_backup_cross_account (world))
    return slip_backup_refuse (error, "Copy job failed. Cross-account copy is not enabled in the "
                                      "organization: set isCrossAccountBackupEnabled")
           != NULL;
  if (verdict == SLIP_POLICY_DENIES || (foreign && verdict != SLIP_POLICY_ALLOWS))
    return slip_backup_refuse (error,
                               "Copy job failed. Access Denied trying to call AWS Backup "
                               "service: the access policy of %s does not allow "
                               "backup:CopyIntoBackupVault to account %s",
                               arn, job->account)
           != NULL;
  refusal = slip_backup_vault_dup_refusal (vault, days);
  return refusal == NULL || slip_backup_invalid (error, "Copy job failed. %s", refusal) != NULL;
}

static JsonObject *
dup_metadata (const SlipWorldRecord *point)
{
  g_autoptr (JsonNode) node
      = slip_json_new_object (json_object_ref (slip_json_object (point->data, "metadata")));
  g_autoptr (JsonNode) copy = slip_json_copy (node);

  return json_node_dup_object (copy);
}

static gboolean
begin (SlipWorld *world, const SlipWorldRecord *job, SlipBackupPoint *made, GError **error)
{
  const char *source_arn = slip_backup_get (job, "SourceRecoveryPointArn");
  const SlipWorldRecord *vault
      = slip_backup_vault_of_arn (world, slip_backup_get (job, "DestinationBackupVaultArn"));
  const SlipWorldRecord *point
      = slip_backup_point_of_arn (world, job->account, job->region, source_arn);
  const SlipBackupSource *source = slip_backup_source_find (slip_backup_get (job, "ResourceType"));
  JsonObject *lifecycle = slip_json_object (slip_json_object (job->data, "input"), "Lifecycle");
  g_autofree char *lower = g_ascii_strdown (job->id, -1);
  SlipBackupPlace place = {.job_id = lower};

  if (point == NULL || source == NULL)
    return slip_backup_missing (error, "Copy job failed. Recovery point %s does not exist",
                                source_arn)
           != NULL;
  if (!check_destination (world, job, vault, slip_backup_lifecycle_days (lifecycle), error)
      || !slip_backup_role_may (world, slip_backup_get (job, "IamRoleArn"), source->copy_action,
                                error))
    return FALSE;
  place.account = vault->account;
  place.region = vault->region;
  place.vault_key = slip_backup_get (vault, "EncryptionKeyArn");
  made->metadata = dup_metadata (point);
  if (!source->copy (world, point->id, slip_json_object (point->data, "stored"), &place, made,
                     error))
    return FALSE;
  slip_backup_source_expect (world, made->arn, COMPLETED, job->account, job->region, job->type,
                             job->id);
  slip_backup_point_add (
      world, vault, source, slip_backup_get (point, "ResourceArn"), made, "CREATING",
      slip_world_now (world), lifecycle, slip_backup_get (job, "IamRoleArn"),
      slip_backup_get (point, "BackupVaultArn"), slip_json_object (point->data, "tags"));
  return TRUE;
}

static void
on_started (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job
      = slip_world_get (world, t->account, t->region, SLIP_BACKUP_COPY_JOB, t->id);
  g_auto (SlipBackupPoint) made = {0};
  g_autoptr (GError) error = NULL;
  JsonObject *data, *shape;

  if (job == NULL)
    return;
  if (t->fail != NULL || !begin (world, job, &made, &error))
    {
      data = slip_backup_edit (world, job, NULL);
      slip_backup_job_end (world, job->type, data, "FAILED",
                           t->fail != NULL ? t->fail : slip_aws_error_get_text (error));
      slip_backup_put (world, job, data);
      return;
    }
  data = slip_backup_edit (world, job, &shape);
  json_object_set_string_member (shape, "State", "RUNNING");
  json_object_set_string_member (shape, "DestinationRecoveryPointArn", made.arn);
  slip_backup_job_run (world, data, made.seconds);
  slip_backup_put (world, job, data);
}

static void
on_completed (SlipWorld *world, const SlipTransition *t)
{
  const SlipWorldRecord *job
      = slip_world_get (world, t->account, t->region, SLIP_BACKUP_COPY_JOB, t->id);
  const char *why = t->payload != NULL ? slip_json_string (t->payload, "why") : NULL;
  const SlipWorldRecord *vault, *point;
  JsonObject *data;

  if (job == NULL || strcmp (slip_backup_job_state (job), "RUNNING") != 0)
    return;
  why = t->fail != NULL ? t->fail : why;
  vault = slip_backup_vault_of_arn (world, slip_backup_get (job, "DestinationBackupVaultArn"));
  point = vault != NULL
              ? slip_backup_point_of_arn (world, vault->account, vault->region,
                                          slip_backup_get (job, "DestinationRecoveryPointArn"))
              : NULL;
  if (point != NULL)
    slip_backup_point_finish (world, point, why);
  data = slip_backup_edit (world, job, NULL);
  slip_backup_job_end (world, job->type, data, why == NULL ? "COMPLETED" : "FAILED", why);
  slip_backup_put (world, job, data);
}

void
slip_backup_copy_attach (SlipWorld *world)
{
  slip_world_handle (world, STARTED, on_started);
  slip_world_handle (world, COMPLETED, on_completed);
}

/* --- Describe, list --- */

JsonNode *
slip_backup_describe_copy_job (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *job = slip_backup_job_find (ctx, SLIP_BACKUP_COPY_JOB,
                                                     slip_json_string (input, "CopyJobId"), error);
  JsonObject *output;

  if (job == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "CopyJob", slip_backup_job_view (ctx->world, job));
  return slip_json_new_object (output);
}

static gboolean
match (const SlipWorldRecord *job, JsonObject *input)
{
  static const SlipBackupFilter filters[] = {
      {"ByResourceArn", "ResourceArn", 0},
      {"ByState", "State", 0},
      {"ByDestinationVaultArn", "DestinationBackupVaultArn", 0},
      {"ByParentJobId", "ParentJobId", 0},
      {"ByMessageCategory", "MessageCategory", 0},
      {NULL, NULL, 0},
  };

  return slip_backup_job_matches (job, input, filters);
}

JsonNode *
slip_backup_list_copy_jobs (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipBackupList list = {SLIP_BACKUP_COPY_JOB, "CopyJobs", TRUE, match, slip_backup_job_view};

  return slip_backup_list (ctx, input, &list, error);
}
