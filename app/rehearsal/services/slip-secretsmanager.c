/* SPDX-License-Identifier: MIT */

/* AWS Secrets Manager: secrets with versions and stages, deletion with a recovery window. Lists,
 * policies, rotation and tags are in the files beside. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"
#include "slip-kms-world.h"

#define DEFAULT_WINDOW_DAYS 30
#define DAY_SECONDS (24 * 3600)
#define MAX_SECRET_BYTES 65536

gboolean
slip_secret_check_name (const char *name, GError **error)
{
  if (g_regex_match_simple ("^[A-Za-z0-9/_+=.@!-]{1,512}$", name, 0, 0))
    return TRUE;
  slip_service_error (error, 400, "ValidationException",
                      "Invalid name. Must be a valid name containing alphanumeric characters, or "
                      "any of the following: -/_+=.@!");
  return FALSE;
}

/* A key that is named must be there and be usable for the caller. */
static gboolean
check_key (SlipServiceContext *ctx, const char *key_id, GError **error)
{
  const SlipWorldRecord *key;

  if (key_id == NULL)
    return TRUE;
  key = slip_kms_world_find_key (ctx->world, ctx->account, ctx->region, key_id);
  if (key != NULL && slip_kms_world_is_enabled (key)
      && slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn,
                                "kms:GenerateDataKey"))
    return TRUE;
  slip_service_error (
      error, 400, "EncryptionFailure",
      "Secrets Manager can't encrypt the protected secret text using the provided "
      "KMS key. Check that the KMS key is available, enabled, and not in an invalid "
      "state.");
  return FALSE;
}

/* The content of a request: at most one of text and binary. */
static gboolean
read_content (JsonObject *input, const char **text, const char **binary, GError **error)
{
  *text = slip_json_string (input, "SecretString");
  *binary = slip_json_string (input, "SecretBinary");
  if (*text != NULL && *binary != NULL)
    {
      slip_service_error (error, 400, "InvalidParameterException",
                          "You can't specify both a binary secret value and a string secret value "
                          "in the same secret.");
      return FALSE;
    }
  if ((*text != NULL && strlen (*text) > MAX_SECRET_BYTES)
      || (*binary != NULL && strlen (*binary) / 4 * 3 > MAX_SECRET_BYTES))
    {
      slip_service_error (error, 400, "ValidationException",
                          "1 validation error detected: the secret value is longer than 65536 "
                          "bytes");
      return FALSE;
    }
  return TRUE;
}

static char *
dup_version_id (JsonObject *input)
{
  const char *token = slip_json_string (input, "ClientRequestToken");

  return token != NULL ? g_strdup (token) : g_uuid_string_random ();
}

/* A creation that is sent again with the same token and content is no error. */
static JsonNode *
create_again (SlipServiceContext *ctx,
              JsonObject *input,
              const SlipWorldRecord *known,
              GError **error)
{
  const char *token = slip_json_string (input, "ClientRequestToken");
  const SlipWorldRecord *version
      = token != NULL ? slip_secret_get_version (ctx->world, known, token) : NULL;
  JsonObject *output;

  if (json_object_has_member (known->data, "DeletedDate"))
    return slip_service_error (error, 400, "InvalidRequestException",
                               "You can't create this secret because a secret with this name is "
                               "already scheduled for deletion.");
  if (version == NULL
      || g_strcmp0 (slip_json_string (version->data, "SecretString"),
                    slip_json_string (input, "SecretString"))
             != 0
      || g_strcmp0 (slip_json_string (version->data, "SecretBinary"),
                    slip_json_string (input, "SecretBinary"))
             != 0)
    return slip_service_error (error, 400, "ResourceExistsException",
                               "The operation failed because the secret %s already exists.",
                               known->id);
  output = slip_secret_new_output (known);
  json_object_set_string_member (output, "VersionId", token);
  return slip_json_new_object (output);
}

static JsonObject *
new_secret_data (JsonObject *input)
{
  JsonObject *data = json_object_new ();
  static const char *const members[] = {"Description", "KmsKeyId"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (slip_json_string (input, members[i]) != NULL)
      json_object_set_string_member (data, members[i], slip_json_string (input, members[i]));
  if (slip_json_array (input, "Tags") != NULL)
    json_object_set_array_member (data, "Tags",
                                  slip_tags_merge (NULL, slip_json_array (input, "Tags"), "Key"));
  return data;
}

static JsonNode *
create_secret (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Name");
  const SlipWorldRecord *secret;
  const char *text, *binary;
  g_autofree char *version_id = dup_version_id (input);
  JsonObject *output;

  if (!slip_secret_check_name (name, error) || !read_content (input, &text, &binary, error)
      || !check_key (ctx, slip_json_string (input, "KmsKeyId"), error))
    return NULL;
  secret = slip_world_get (ctx->world, ctx->account, ctx->region, SM_SECRET, name);
  if (secret != NULL)
    return create_again (ctx, input, secret, error);
  secret = slip_secret_make (ctx->world, ctx->account, ctx->region, name, new_secret_data (input));
  output = slip_secret_new_output (secret);
  if (text != NULL || binary != NULL)
    {
      slip_secret_add_version (ctx->world, secret, version_id, text, binary, NULL, NULL);
      json_object_set_string_member (output, "VersionId", version_id);
    }
  return slip_json_new_object (output);
}

static JsonNode *
refuse_value (const char *version_id, const char *stage, GError **error)
{
  if (version_id != NULL)
    return slip_service_error (
        error, 400, "ResourceNotFoundException",
        "Secrets Manager can't find the specified secret value for VersionId: %s", version_id);
  return slip_service_error (
      error, 400, "ResourceNotFoundException",
      "Secrets Manager can't find the specified secret value for staging label: %s", stage);
}

static gboolean
check_decryption (SlipServiceContext *ctx, const SlipWorldRecord *secret, GError **error)
{
  const char *key_id = slip_json_string (secret->data, "KmsKeyId");
  const SlipWorldRecord *key;

  if (key_id == NULL)
    return TRUE;
  key = slip_kms_world_find_key (ctx->world, secret->account, secret->region, key_id);
  if (key != NULL && slip_kms_world_is_enabled (key))
    return TRUE;
  slip_service_error (error, 400, "DecryptionFailure",
                      "Secrets Manager can't decrypt the protected secret text using the provided "
                      "KMS key.");
  return FALSE;
}

static JsonNode *
show_value (SlipServiceContext *ctx,
            const SlipWorldRecord *secret,
            const char *wanted,
            const char *stage,
            GError **error)
{
  static const char *const members[] = {"SecretString", "SecretBinary", "CreatedDate"};
  const char *label = stage != NULL ? stage : SM_CURRENT;
  const char *version_id = wanted != NULL ? wanted : slip_secret_find_stage (secret, label);
  const SlipWorldRecord *version
      = version_id != NULL ? slip_secret_get_version (ctx->world, secret, version_id) : NULL;
  JsonArray *stages;
  JsonObject *output;

  if (version == NULL
      || (wanted != NULL && stage != NULL
          && g_strcmp0 (slip_secret_find_stage (secret, stage), wanted) != 0))
    return refuse_value (wanted, label, error);
  if (!check_decryption (ctx, secret, error))
    return NULL;
  output = slip_secret_new_output (secret);
  json_object_set_string_member (output, "VersionId", version_id);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (slip_json_string (version->data, members[i]) != NULL)
      json_object_set_string_member (output, members[i],
                                     slip_json_string (version->data, members[i]));
  stages = slip_json_array (slip_json_object (secret->data, "VersionIdsToStages"), version_id);
  if (stages != NULL)
    json_object_set_array_member (output, "VersionStages", json_array_ref (stages));
  return slip_json_new_object (output);
}

static JsonNode *
get_secret_value (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);

  if (secret == NULL)
    return NULL;
  return show_value (ctx, secret, slip_json_string (input, "VersionId"),
                     slip_json_string (input, "VersionStage"), error);
}

static JsonNode *
put_secret_value (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  JsonArray *stages = slip_json_array (input, "VersionStages");
  const char *text, *binary;
  g_autofree char *version_id = dup_version_id (input);
  JsonArray *shown;
  JsonObject *output;

  if (secret == NULL || !read_content (input, &text, &binary, error))
    return NULL;
  if (text == NULL && binary == NULL)
    return slip_service_error (error, 400, "InvalidRequestException",
                               "You must provide either SecretString or SecretBinary.");
  output = slip_secret_new_output (secret);
  if (!slip_secret_add_version (ctx->world, secret, version_id, text, binary, stages, error))
    {
      json_object_unref (output);
      return NULL;
    }
  json_object_set_string_member (output, "VersionId", version_id);
  shown = json_array_new ();
  if (stages == NULL)
    json_array_add_string_element (shown, SM_CURRENT);
  for (guint i = 0; stages != NULL && i < json_array_get_length (stages); i++)
    json_array_add_string_element (shown, json_array_get_string_element (stages, i));
  json_object_set_array_member (output, "VersionStages", shown);
  return slip_json_new_object (output);
}

static JsonNode *
update_secret (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  const char *description = slip_json_string (input, "Description");
  const char *key_id = slip_json_string (input, "KmsKeyId");
  const char *text, *binary;
  g_autofree char *version_id = dup_version_id (input);
  g_autofree char *name = NULL;
  g_autofree char *account = NULL;
  JsonObject *output, *data;

  if (secret == NULL || !read_content (input, &text, &binary, error)
      || !check_key (ctx, key_id, error))
    return NULL;
  name = g_strdup (secret->id);
  account = g_strdup (secret->account);
  data = slip_secret_edit (ctx, secret);
  if (description != NULL)
    json_object_set_string_member (data, "Description", description);
  if (key_id != NULL)
    json_object_set_string_member (data, "KmsKeyId", key_id);
  slip_secret_put (ctx, secret, data);
  secret = slip_world_get (ctx->world, account, ctx->region, SM_SECRET, name);
  output = slip_secret_new_output (secret);
  if (text == NULL && binary == NULL)
    return slip_json_new_object (output);
  json_object_set_string_member (output, "VersionId", version_id);
  if (!slip_secret_add_version (ctx->world, secret, version_id, text, binary, NULL, error))
    {
      json_object_unref (output);
      return NULL;
    }
  return slip_json_new_object (output);
}

static JsonNode *
update_version_stage (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), FALSE, error);
  const char *stage = slip_json_string (input, "VersionStage");
  const char *from = slip_json_string (input, "RemoveFromVersionId");
  const char *to = slip_json_string (input, "MoveToVersionId");
  const char *holder;
  JsonObject *output, *data;

  if (secret == NULL)
    return NULL;
  holder = slip_secret_find_stage (secret, stage);
  if (to != NULL && slip_secret_get_version (ctx->world, secret, to) == NULL)
    return refuse_value (to, stage, error);
  if (holder != NULL && g_strcmp0 (holder, to) != 0 && g_strcmp0 (holder, from) != 0)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The parameter RemoveFromVersionId can't be empty. Staging label %s "
                               "is currently attached to version %s, so you must explicitly "
                               "reference that version in RemoveFromVersionId.",
                               stage, holder);
  output = slip_secret_new_output (secret);
  data = slip_secret_edit (ctx, secret);
  slip_secret_move_stage (data, stage, to);
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

static JsonNode *
describe_secret (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const members[] = {"ARN",
                                        "Name",
                                        "Description",
                                        "KmsKeyId",
                                        "RotationEnabled",
                                        "RotationLambdaARN",
                                        "RotationRules",
                                        "LastRotatedDate",
                                        "LastChangedDate",
                                        "DeletedDate",
                                        "NextRotationDate",
                                        "Tags",
                                        "VersionIdsToStages",
                                        "CreatedDate"};
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), TRUE, error);
  JsonObject *output;

  if (secret == NULL)
    return NULL;
  output = json_object_new ();
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      JsonNode *node = json_object_get_member (secret->data, members[i]);

      if (node != NULL)
        json_object_set_member (output, members[i], json_node_copy (node));
    }
  return slip_json_new_object (output);
}

static gboolean
read_window (JsonObject *input, gboolean *force, gint64 *days, GError **error)
{
  gboolean given = json_object_has_member (input, "RecoveryWindowInDays");

  *force = slip_json_bool (input, "ForceDeleteWithoutRecovery", FALSE);
  *days = slip_json_int (input, "RecoveryWindowInDays", DEFAULT_WINDOW_DAYS);
  if (*force && given)
    {
      slip_service_error (error, 400, "InvalidParameterException",
                          "You can't use ForceDeleteWithoutRecovery in conjunction with "
                          "RecoveryWindowInDays.");
      return FALSE;
    }
  if (*days < 7 || *days > 30)
    {
      slip_service_error (error, 400, "InvalidParameterException",
                          "The RecoveryWindowInDays value must be between 7 and 30 days "
                          "(inclusive).");
      return FALSE;
    }
  return TRUE;
}

static JsonNode *
delete_secret (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret;
  gboolean force;
  gint64 days;
  g_autofree char *date = NULL;
  JsonObject *output, *data;

  if (!read_window (input, &force, &days, error))
    return NULL;
  secret = slip_secret_need (ctx, slip_json_string (input, "SecretId"), force, error);
  if (secret == NULL)
    return NULL;
  date = slip_time_format (slip_world_now (ctx->world)
                           + (force ? 0 : days * DAY_SECONDS * G_TIME_SPAN_SECOND));
  output = slip_secret_new_output (secret);
  json_object_set_string_member (output, "DeletionDate", date);
  if (force)
    {
      g_autofree char *name = g_strdup (secret->id);

      slip_secret_remove (ctx->world, secret->account, secret->region, name);
      return slip_json_new_object (output);
    }
  slip_world_schedule (ctx->world, (double)days * DAY_SECONDS, "secretsmanager.secret-deleted",
                       secret->account, secret->region, SM_SECRET, secret->id, NULL);
  data = slip_secret_edit (ctx, secret);
  json_object_set_string_member (data, "DeletedDate", date);
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

static JsonNode *
restore_secret (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *secret
      = slip_secret_need (ctx, slip_json_string (input, "SecretId"), TRUE, error);
  JsonObject *output, *data;

  if (secret == NULL)
    return NULL;
  output = slip_secret_new_output (secret);
  if (!json_object_has_member (secret->data, "DeletedDate"))
    return slip_json_new_object (output);
  slip_world_unschedule (ctx->world, "secretsmanager.secret-deleted", secret->account,
                         secret->region, SM_SECRET, secret->id);
  data = slip_secret_edit (ctx, secret);
  json_object_remove_member (data, "DeletedDate");
  slip_secret_put (ctx, secret, data);
  return slip_json_new_object (output);
}

static void
on_deleted (SlipWorld *world, const SlipTransition *transition)
{
  slip_secret_remove (world, transition->account, transition->region, transition->id);
}

static void
attach (SlipWorld *world)
{
  slip_world_handle (world, "secretsmanager.secret-deleted", on_deleted);
}

static const SlipServiceOperation operations[] = {
    {"CancelRotateSecret", slip_secret_cancel_rotate},
    {"CreateSecret", create_secret},
    {"DeleteResourcePolicy", slip_secret_delete_policy},
    {"DeleteSecret", delete_secret},
    {"DescribeSecret", describe_secret},
    {"GetRandomPassword", slip_secret_random_password},
    {"GetResourcePolicy", slip_secret_get_policy},
    {"GetSecretValue", get_secret_value},
    {"ListSecretVersionIds", slip_secret_list_versions},
    {"ListSecrets", slip_secret_list},
    {"PutResourcePolicy", slip_secret_put_policy},
    {"PutSecretValue", put_secret_value},
    {"RestoreSecret", restore_secret},
    {"RotateSecret", slip_secret_rotate},
    {"TagResource", slip_secret_tag},
    {"UntagResource", slip_secret_untag},
    {"UpdateSecret", update_secret},
    {"UpdateSecretVersionStage", update_version_stage},
    {"ValidateResourcePolicy", slip_secret_validate_policy},
    {NULL, NULL},
};

const SlipService slip_secretsmanager_service = {
    .name = "secretsmanager",
    .operations = operations,
    .attach = attach,
    .seed = slip_secret_seed,
};
