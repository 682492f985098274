/* SPDX-License-Identifier: MIT */

/* What backup, copy and restore jobs have in common: ids, idempotency tokens, progress on the clock. */

#include "slip-backup.h"

#include "slip-json.h"

#include <string.h>

#define TOKEN "backup.token"

/* A restore job alone calls its state Status. */
static const char *
state_member (const char *type)
{
  return strcmp (type, SLIP_BACKUP_RESTORE_JOB) == 0 ? "Status" : "State";
}

const char *
slip_backup_job_state (const SlipWorldRecord *job)
{
  return slip_backup_get (job, state_member (job->type));
}

JsonObject *
slip_backup_job_new (SlipServiceContext *ctx, JsonObject **shape, char **id)
{
  g_autofree char *uuid = g_uuid_string_random ();
  JsonObject *data = slip_backup_new (shape);
  gint64 now = slip_world_now (ctx->world);

  *id = g_ascii_strup (uuid, -1);
  json_object_set_string_member (*shape, "AccountId", ctx->account);
  slip_backup_set_time (*shape, "CreationDate", now);
  json_object_set_int_member (data, "created_us", now);
  return data;
}

/* --- Tokens --- */

static char *
dup_token_id (const char *type, JsonObject *input)
{
  const char *token = slip_json_string (input, "IdempotencyToken");

  return token != NULL ? g_strdup_printf ("%s/%s", type, token) : NULL;
}

static char *
dup_digest (JsonObject *input)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (input));

  return slip_json_sha256 (node);
}

const SlipWorldRecord *
slip_backup_job_known (SlipServiceContext *ctx, const char *type, JsonObject *input, GError **error)
{
  g_autofree char *id = dup_token_id (type, input);
  const SlipWorldRecord *token
      = id != NULL ? slip_world_get (ctx->world, ctx->account, ctx->region, TOKEN, id) : NULL;
  g_autofree char *digest = NULL;

  if (token == NULL)
    return NULL;
  digest = dup_digest (input);
  if (strcmp (digest, slip_json_string (token->data, "digest")) != 0)
    return slip_backup_invalid (error, "The IdempotencyToken %s was used with other parameters",
                                slip_json_string (input, "IdempotencyToken"));
  return slip_world_get (ctx->world, ctx->account, ctx->region, type,
                         slip_json_string (token->data, "job"));
}

static void
remember (SlipServiceContext *ctx, const char *type, JsonObject *input, const char *id)
{
  g_autofree char *token = dup_token_id (type, input);
  g_autofree char *digest = NULL;
  JsonObject *data;

  if (token == NULL)
    return;
  digest = dup_digest (input);
  data = json_object_new ();
  json_object_set_string_member (data, "digest", digest);
  json_object_set_string_member (data, "job", id);
  slip_world_put (ctx->world, ctx->account, ctx->region, TOKEN, token, data);
}

/* --- Progress --- */

const SlipWorldRecord *
slip_backup_job_begin (SlipServiceContext *ctx,
                       const char *type,
                       const char *id,
                       JsonObject *data,
                       JsonObject *input,
                       const char *started)
{
  slip_world_put (ctx->world, ctx->account, ctx->region, type, id, data);
  remember (ctx, type, input, id);
  slip_world_schedule (ctx->world, SLIP_BACKUP_PENDING, started, ctx->account, ctx->region, type,
                       id, NULL);
  return slip_world_get (ctx->world, ctx->account, ctx->region, type, id);
}

void
slip_backup_job_run (SlipWorld *world, JsonObject *data, double seconds)
{
  gint64 now = slip_world_now (world);
  gint64 length = (gint64)(seconds / slip_world_get_speed (world) * G_USEC_PER_SEC);

  json_object_set_int_member (data, "begin_us", now);
  json_object_set_int_member (data, "end_us", now + length);
}

void
slip_backup_job_end (
    SlipWorld *world, const char *type, JsonObject *data, const char *state, const char *message)
{
  JsonObject *shape = slip_json_object (data, "shape");

  json_object_set_string_member (shape, state_member (type), state);
  slip_backup_set_time (shape, "CompletionDate", slip_world_now (world));
  if (message != NULL)
    json_object_set_string_member (shape, "StatusMessage", message);
  json_object_remove_member (data, "begin_us");
  json_object_remove_member (data, "end_us");
}

JsonObject *
slip_backup_job_view (SlipWorld *world, const SlipWorldRecord *record)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (slip_backup_shape (record)));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  gint64 begin = slip_json_int (record->data, "begin_us", 0);
  gint64 end = slip_json_int (record->data, "end_us", 0);
  double percent = 0;
  g_autofree char *text = NULL;

  /* A copy job does not tell how far it is. */
  if (strcmp (record->type, SLIP_BACKUP_COPY_JOB) == 0)
    return json_node_dup_object (copy);
  if (strcmp (slip_backup_job_state (record), "COMPLETED") == 0)
    percent = 100;
  else if (end > begin)
    percent = CLAMP ((double)(slip_world_now (world) - begin) * 100 / (double)(end - begin), 0, 99);
  text = g_strdup_printf ("%d.%02d%%", (int)percent, (int)(percent * 100) % 100);
  json_object_set_string_member (json_node_get_object (copy), "PercentDone", text);
  return json_node_dup_object (copy);
}

const SlipWorldRecord *
slip_backup_job_find (SlipServiceContext *ctx, const char *type, const char *id, GError **error)
{
  const SlipWorldRecord *job = slip_world_get (ctx->world, ctx->account, ctx->region, type, id);

  if (job != NULL)
    return job;
  return slip_backup_missing (error, "%s job %s does not exist",
                              strcmp (type, SLIP_BACKUP_RESTORE_JOB) == 0 ? "Restore"
                              : strcmp (type, SLIP_BACKUP_COPY_JOB) == 0  ? "Copy"
                                                                          : "Backup",
                              id);
}

gboolean
slip_backup_job_matches (const SlipWorldRecord *job, JsonObject *input, const SlipBackupFilter *own)
{
  static const SlipBackupFilter filters[] = {
      {"ByAccountId", "AccountId", 0},
      {"ByResourceType", "ResourceType", 0},
      {"ByCreatedAfter", "CreationDate", 1},
      {"ByCreatedBefore", "CreationDate", -1},
      {"ByCompleteAfter", "CompletionDate", 1},
      {"ByCompleteBefore", "CompletionDate", -1},
      {NULL, NULL, 0},
  };

  return slip_backup_matches (job, input, filters) && slip_backup_matches (job, input, own);
}
