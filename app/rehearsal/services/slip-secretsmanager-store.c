/* SPDX-License-Identifier: MIT */

/* Secrets and their versions as resources of the world: finding, permission, stages. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-policy.h"

#define SUFFIX_LENGTH 7 /* "-AbCdEf" */

static char *
version_key (const char *name, const char *version_id)
{
  return g_strdup_printf ("%s\t%s", name, version_id);
}

/* An ARN may come without the six random characters at its end. */
static const SlipWorldRecord *
find_by_arn (SlipWorld *world, const SlipArn *arn, const char *text)
{
  const char *name = arn->resource + strlen ("secret:");
  gsize length = strlen (name);
  g_autofree char *short_name
      = length > SUFFIX_LENGTH ? g_strndup (name, length - SUFFIX_LENGTH) : g_strdup ("");
  const SlipWorldRecord *secret
      = slip_world_get (world, arn->account, arn->region, SM_SECRET, short_name);

  if (secret != NULL && g_str_equal (slip_json_string (secret->data, "ARN"), text))
    return secret;
  return slip_world_get (world, arn->account, arn->region, SM_SECRET, name);
}

static const SlipWorldRecord *
find (SlipServiceContext *ctx, const char *secret_id)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (secret_id);

  if (arn == NULL)
    return slip_world_get (ctx->world, ctx->account, ctx->region, SM_SECRET, secret_id);
  if (!g_str_equal (arn->service, "secretsmanager") || !g_str_equal (arn->region, ctx->region)
      || !g_str_has_prefix (arn->resource, "secret:"))
    return NULL;
  return find_by_arn (ctx->world, arn, secret_id);
}

static gboolean
deny (SlipServiceContext *ctx, const SlipWorldRecord *secret, GError **error)
{
  slip_service_error (error, 400, "AccessDeniedException",
                      "User: %s is not authorized to perform: secretsmanager:%s on resource: %s "
                      "because no resource-based policy allows the secretsmanager:%s action",
                      ctx->principal_arn, ctx->operation->name,
                      slip_json_string (secret->data, "ARN"), ctx->operation->name);
  return FALSE;
}

/* Another account needs the secret's policy and a key that is not the service's own. */
static gboolean
check_foreign (SlipServiceContext *ctx, const SlipWorldRecord *secret, GError **error)
{
  const char *text = slip_json_string (secret->data, "policy");
  const char *key_id = slip_json_string (secret->data, "KmsKeyId");
  g_autoptr (JsonNode) policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  g_autofree char *action = g_strdup_printf ("secretsmanager:%s", ctx->operation->name);
  const SlipWorldRecord *key;

  if (policy == NULL || !slip_policy_allows (policy, ctx->account, ctx->principal_arn, action))
    return deny (ctx, secret, error);
  key = key_id != NULL
            ? slip_kms_world_find_key (ctx->world, secret->account, secret->region, key_id)
            : NULL;
  if (key == NULL || slip_kms_world_is_aws_managed (key))
    {
      slip_service_error (error, 400, "InvalidRequestException",
                          "You can't access a secret from a different AWS account if you encrypt "
                          "the secret with the default KMS service key.");
      return FALSE;
    }
  return slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn, "kms:Decrypt")
         || deny (ctx, secret, error);
}

const SlipWorldRecord *
slip_secret_need (SlipServiceContext *ctx, const char *secret_id, gboolean deleted, GError **error)
{
  const SlipWorldRecord *secret = find (ctx, secret_id);

  if (secret == NULL)
    return slip_service_error (error, 400, "ResourceNotFoundException",
                               "Secrets Manager can't find the specified secret.");
  if (!g_str_equal (secret->account, ctx->account) && !check_foreign (ctx, secret, error))
    return NULL;
  if (!deleted && json_object_has_member (secret->data, "DeletedDate"))
    return slip_service_error (error, 400, "InvalidRequestException",
                               "You can't perform this operation on the secret because it was "
                               "marked for deletion.");
  return secret;
}

JsonObject *
slip_secret_edit (SlipServiceContext *ctx, const SlipWorldRecord *secret)
{
  return slip_world_edit (ctx->world, secret->account, secret->region, SM_SECRET, secret->id);
}

void
slip_secret_put (SlipServiceContext *ctx, const SlipWorldRecord *secret, JsonObject *data)
{
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autofree char *name = g_strdup (secret->id);

  json_object_set_string_member (data, "LastChangedDate", now);
  slip_world_put (ctx->world, secret->account, secret->region, SM_SECRET, name, data);
}

const SlipWorldRecord *
slip_secret_make (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data)
{
  g_autofree char *end
      = slip_random_id (NULL, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:secretsmanager:%s:%s:secret:%s-%s", region, account, name, end);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "ARN", arn);
  json_object_set_string_member (data, "Name", name);
  json_object_set_string_member (data, "CreatedDate", now);
  json_object_set_string_member (data, "LastChangedDate", now);
  json_object_set_object_member (data, "VersionIdsToStages", json_object_new ());
  slip_world_put (world, account, region, SM_SECRET, name, data);
  return slip_world_get (world, account, region, SM_SECRET, name);
}

const SlipWorldRecord *
slip_secret_get_version (SlipWorld *world, const SlipWorldRecord *secret, const char *version_id)
{
  g_autofree char *key = version_key (secret->id, version_id);

  return slip_world_get (world, secret->account, secret->region, SM_VERSION, key);
}

static gboolean
has_stage (JsonArray *stages, const char *stage)
{
  for (guint i = 0; stages != NULL && i < json_array_get_length (stages); i++)
    if (g_str_equal (json_array_get_string_element (stages, i), stage))
      return TRUE;
  return FALSE;
}

static const char *
find_stage (JsonObject *data, const char *stage)
{
  JsonObject *versions = slip_json_object (data, "VersionIdsToStages");
  g_autoptr (GList) ids = json_object_get_members (versions);

  for (GList *id = ids; id != NULL; id = id->next)
    if (has_stage (slip_json_array (versions, id->data), stage))
      return id->data;
  return NULL;
}

const char *
slip_secret_find_stage (const SlipWorldRecord *secret, const char *stage)
{
  return find_stage (secret->data, stage);
}

/* A version without a stage is deprecated and not shown, but can still be read by its id. */
static void
take_stage (JsonObject *versions, const char *version, const char *stage)
{
  JsonArray *stages = slip_json_array (versions, version);
  JsonArray *left = json_array_new ();

  for (guint i = 0; i < json_array_get_length (stages); i++)
    if (!g_str_equal (json_array_get_string_element (stages, i), stage))
      json_array_add_string_element (left, json_array_get_string_element (stages, i));
  if (json_array_get_length (left) > 0)
    json_object_set_array_member (versions, version, left);
  else
    {
      json_array_unref (left);
      json_object_remove_member (versions, version);
    }
}

static void
give_stage (JsonObject *versions, const char *version, const char *stage)
{
  JsonArray *stages = slip_json_array (versions, version);

  if (stages == NULL)
    {
      stages = json_array_new ();
      json_object_set_array_member (versions, version, stages);
    }
  if (!has_stage (stages, stage))
    json_array_add_string_element (stages, stage);
}

void
slip_secret_move_stage (JsonObject *secret, const char *stage, const char *to_version)
{
  JsonObject *versions = slip_json_object (secret, "VersionIdsToStages");
  g_autofree char *from = g_strdup (find_stage (secret, stage));

  if (g_strcmp0 (from, to_version) == 0)
    return;
  if (from != NULL)
    take_stage (versions, from, stage);
  if (to_version != NULL)
    give_stage (versions, to_version, stage);
  if (from != NULL && to_version != NULL && g_str_equal (stage, SM_CURRENT))
    slip_secret_move_stage (secret, SM_PREVIOUS, from);
}

static gboolean
same_content (JsonObject *version, const char *text, const char *binary)
{
  return g_strcmp0 (slip_json_string (version, "SecretString"), text) == 0
         && g_strcmp0 (slip_json_string (version, "SecretBinary"), binary) == 0;
}

static void
put_version (SlipWorld *world,
             const SlipWorldRecord *secret,
             const char *version_id,
             const char *text,
             const char *binary)
{
  g_autofree char *key = version_key (secret->id, version_id);
  g_autofree char *now = slip_world_dup_now (world);
  JsonObject *version = json_object_new ();

  json_object_set_string_member (version, "VersionId", version_id);
  json_object_set_string_member (version, "CreatedDate", now);
  if (text != NULL)
    json_object_set_string_member (version, "SecretString", text);
  if (binary != NULL)
    json_object_set_string_member (version, "SecretBinary", binary);
  slip_world_put (world, secret->account, secret->region, SM_VERSION, key, version);
}

gboolean
slip_secret_add_version (SlipWorld *world,
                         const SlipWorldRecord *secret,
                         const char *version_id,
                         const char *text,
                         const char *binary,
                         JsonArray *stages,
                         GError **error)
{
  const SlipWorldRecord *known = slip_secret_get_version (world, secret, version_id);
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *name = g_strdup (secret->id);
  JsonObject *data;

  if (known != NULL && same_content (known->data, text, binary))
    return TRUE;
  if (known != NULL)
    {
      slip_service_error (
          error, 400, "ResourceExistsException",
          "You can't use ClientRequestToken %s because that value is already in use "
          "for a version of secret %s.",
          version_id, slip_json_string (secret->data, "ARN"));
      return FALSE;
    }
  put_version (world, secret, version_id, text, binary);
  data = slip_world_edit (world, secret->account, secret->region, SM_SECRET, name);
  if (stages == NULL)
    slip_secret_move_stage (data, SM_CURRENT, version_id);
  for (guint i = 0; stages != NULL && i < json_array_get_length (stages); i++)
    slip_secret_move_stage (data, json_array_get_string_element (stages, i), version_id);
  json_object_set_string_member (data, "LastChangedDate", now);
  slip_world_put (world, secret->account, secret->region, SM_SECRET, name, data);
  return TRUE;
}

void
slip_secret_remove (SlipWorld *world, const char *account, const char *region, const char *name)
{
  g_autoptr (GPtrArray) versions = slip_world_list (world, account, region, SM_VERSION);
  g_autofree char *prefix = version_key (name, "");

  for (guint i = 0; i < versions->len; i++)
    {
      const SlipWorldRecord *version = versions->pdata[i];

      if (g_str_has_prefix (version->id, prefix))
        slip_world_remove (world, account, region, SM_VERSION, version->id);
    }
  slip_world_remove (world, account, region, SM_SECRET, name);
}

JsonObject *
slip_secret_new_output (const SlipWorldRecord *secret)
{
  JsonObject *output = json_object_new ();

  json_object_set_string_member (output, "ARN", slip_json_string (secret->data, "ARN"));
  json_object_set_string_member (output, "Name", secret->id);
  return output;
}
