/* SPDX-License-Identifier: MIT */

/* Aliases of keys. */

#include "slip-kms-private.h"

#include "slip-json.h"

static gboolean
check_name (const char *name, GError **error)
{
  if (g_str_has_prefix (name, "alias/aws/"))
    {
      slip_service_error (error, 400, "NotAuthorizedException",
                          "AWS reserves aliases that begin with alias/aws/");
      return FALSE;
    }
  if (!g_regex_match_simple ("^alias/[a-zA-Z0-9/_-]{1,250}$", name, 0, 0))
    {
      slip_service_error (
          error, 400, "ValidationException",
          "1 validation error detected: Value '%s' at 'aliasName' failed to satisfy "
          "constraint: Member must satisfy regular expression pattern: "
          "^alias/[a-zA-Z0-9/_-]+$",
          name);
      return FALSE;
    }
  return TRUE;
}

static const SlipWorldRecord *
need_target (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_key (ctx, slip_json_string (input, "TargetKeyId"), FALSE, error);

  if (key == NULL)
    return NULL;
  if (!g_str_equal (key->account, ctx->account))
    return slip_service_error (error, 400, "NotFoundException", "Invalid keyId '%s'",
                               slip_json_string (input, "TargetKeyId"));
  if (g_str_equal (slip_json_string (key->data, "KeyState"), "PendingDeletion"))
    return slip_service_error (error, 400, "KMSInvalidStateException", "%s is pending deletion.",
                               slip_kms_key_arn (key));
  return key;
}

JsonNode *
slip_kms_create_alias (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "AliasName");
  const SlipWorldRecord *key;

  if (!check_name (name, error))
    return NULL;
  key = need_target (ctx, input, error);
  if (key == NULL)
    return NULL;
  if (slip_world_get (ctx->world, ctx->account, ctx->region, KMS_ALIAS, name) != NULL)
    return slip_service_error (error, 400, "AlreadyExistsException",
                               "An alias with the name arn:aws:kms:%s:%s:%s already exists",
                               ctx->region, ctx->account, name);
  slip_kms_put_alias (ctx->world, ctx->account, ctx->region, name, key->id);
  return NULL;
}

static gboolean
need_alias (SlipServiceContext *ctx, const char *name, GError **error)
{
  if (slip_world_get (ctx->world, ctx->account, ctx->region, KMS_ALIAS, name) != NULL)
    return TRUE;
  slip_service_error (error, 400, "NotFoundException", "Alias arn:aws:kms:%s:%s:%s is not found.",
                      ctx->region, ctx->account, name);
  return FALSE;
}

JsonNode *
slip_kms_update_alias (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "AliasName");
  const SlipWorldRecord *key;

  if (!check_name (name, error) || !need_alias (ctx, name, error))
    return NULL;
  key = need_target (ctx, input, error);
  if (key != NULL)
    slip_kms_put_alias (ctx->world, ctx->account, ctx->region, name, key->id);
  return NULL;
}

JsonNode *
slip_kms_delete_alias (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "AliasName");

  if (check_name (name, error) && need_alias (ctx, name, error))
    slip_world_remove (ctx->world, ctx->account, ctx->region, KMS_ALIAS, name);
  return NULL;
}

JsonNode *
slip_kms_list_aliases (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *wanted = slip_json_string (input, "KeyId");
  const SlipWorldRecord *key = NULL;
  g_autoptr (GPtrArray) aliases = NULL;
  JsonArray *items;

  if (wanted != NULL)
    {
      key = slip_kms_need_key (ctx, wanted, FALSE, error);
      if (key == NULL)
        return NULL;
    }
  items = json_array_new ();
  aliases = slip_world_list (ctx->world, ctx->account, ctx->region, KMS_ALIAS);
  for (guint i = 0; i < aliases->len; i++)
    {
      const SlipWorldRecord *alias = aliases->pdata[i];

      if (key == NULL || g_str_equal (slip_json_string (alias->data, "TargetKeyId"), key->id))
        json_array_add_object_element (items, json_object_ref (alias->data));
    }
  return slip_kms_page (input, "Aliases", items, error);
}
