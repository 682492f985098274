/* SPDX-License-Identifier: MIT */

/* Grants on keys: made, listed, revoked by the key's owner, retired by who may. */

#include "slip-kms-private.h"

#include "slip-json.h"

static void
copy_member (JsonObject *to, JsonObject *from, const char *name)
{
  JsonNode *node = json_object_get_member (from, name);

  if (node != NULL)
    json_object_set_member (to, name, slip_json_copy (node));
}

static JsonObject *
find_grant (JsonArray *grants, const char *id, guint *index)
{
  for (guint i = 0; i < json_array_get_length (grants); i++)
    {
      JsonObject *grant = json_array_get_object_element (grants, i);

      if (g_strcmp0 (slip_json_string (grant, "GrantId"), id) == 0
          || g_strcmp0 (slip_json_string (grant, "token"), id) == 0)
        {
          *index = i;
          return grant;
        }
    }
  return NULL;
}

JsonNode *
slip_kms_create_grant (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const members[]
      = {"Name", "GranteePrincipal", "RetiringPrincipal", "Operations", "Constraints"};
  const SlipWorldRecord *key
      = slip_kms_need_key (ctx, slip_json_string (input, "KeyId"), FALSE, error);
  g_autofree char *id = slip_random_id (NULL, 64, SLIP_ALPHABET_HEX);
  g_autofree char *token = slip_random_id ("AQpA", 200, SLIP_ALPHABET_LOWER);
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autoptr (SlipArn) grantee = slip_arn_parse (slip_json_string (input, "GranteePrincipal"));
  g_autofree char *account = NULL;
  g_autofree char *name = NULL;
  JsonObject *data, *grant, *output;

  if (key == NULL)
    return NULL;
  if (grantee == NULL)
    return slip_service_error (error, 400, "InvalidArnException", "ARN is not valid: %s",
                               slip_json_string (input, "GranteePrincipal"));
  account = g_strdup (key->account);
  name = g_strdup (key->id);
  data = slip_world_edit (ctx->world, account, ctx->region, KMS_KEY, name);
  grant = json_object_new ();
  json_object_set_string_member (grant, "KeyId", slip_json_string (data, "Arn"));
  json_object_set_string_member (grant, "GrantId", id);
  json_object_set_string_member (grant, "CreationDate", now);
  json_object_set_string_member (grant, "IssuingAccount", ctx->account);
  json_object_set_string_member (grant, "token", token);
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    copy_member (grant, input, members[i]);
  json_array_add_object_element (slip_json_array (data, "grants"), grant);
  slip_world_put (ctx->world, account, ctx->region, KMS_KEY, name, data);
  output = json_object_new ();
  json_object_set_string_member (output, "GrantId", id);
  json_object_set_string_member (output, "GrantToken", token);
  return slip_json_new_object (output);
}

static JsonObject *
show_grant (JsonObject *grant)
{
  static const char *const members[] = {"KeyId",          "GrantId",          "Name",
                                        "CreationDate",   "GranteePrincipal", "RetiringPrincipal",
                                        "IssuingAccount", "Operations",       "Constraints"};
  JsonObject *shown = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    copy_member (shown, grant, members[i]);
  return shown;
}

static gboolean
grant_matches (JsonObject *grant, const char *member, const char *value)
{
  return value == NULL || g_strcmp0 (slip_json_string (grant, member), value) == 0;
}

JsonNode *
slip_kms_list_grants (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_key (ctx, slip_json_string (input, "KeyId"), FALSE, error);
  JsonArray *grants;
  JsonArray *items;

  if (key == NULL)
    return NULL;
  grants = slip_json_array (key->data, "grants");
  items = json_array_new ();
  for (guint i = 0; i < json_array_get_length (grants); i++)
    {
      JsonObject *grant = json_array_get_object_element (grants, i);

      if (grant_matches (grant, "GrantId", slip_json_string (input, "GrantId"))
          && grant_matches (grant, "GranteePrincipal",
                            slip_json_string (input, "GranteePrincipal")))
        json_array_add_object_element (items, show_grant (grant));
    }
  return slip_kms_page (input, "Grants", items, error);
}

JsonNode *
slip_kms_list_retirable_grants (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) keys = slip_world_list (ctx->world, ctx->account, ctx->region, KMS_KEY);
  const char *principal = slip_json_string (input, "RetiringPrincipal");
  JsonArray *items = json_array_new ();

  for (guint k = 0; k < keys->len; k++)
    {
      const SlipWorldRecord *key = keys->pdata[k];
      JsonArray *grants = slip_json_array (key->data, "grants");

      for (guint i = 0; i < json_array_get_length (grants); i++)
        if (grant_matches (json_array_get_object_element (grants, i), "RetiringPrincipal",
                           principal))
          json_array_add_object_element (items,
                                         show_grant (json_array_get_object_element (grants, i)));
    }
  return slip_kms_page (input, "Grants", items, error);
}

static gboolean
remove_grant (SlipServiceContext *ctx, const SlipWorldRecord *key, const char *id, GError **error)
{
  g_autofree char *account = g_strdup (key->account);
  g_autofree char *name = g_strdup (key->id);
  JsonObject *data = slip_world_edit (ctx->world, account, ctx->region, KMS_KEY, name);
  guint index = 0;

  if (find_grant (slip_json_array (data, "grants"), id, &index) == NULL)
    {
      json_object_unref (data);
      slip_service_error (error, 400, "NotFoundException", "Grant ID %s not found", id);
      return FALSE;
    }
  json_array_remove_element (slip_json_array (data, "grants"), index);
  slip_world_put (ctx->world, account, ctx->region, KMS_KEY, name, data);
  return TRUE;
}

JsonNode *
slip_kms_revoke_grant (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_key (ctx, slip_json_string (input, "KeyId"), FALSE, error);

  if (key != NULL)
    remove_grant (ctx, key, slip_json_string (input, "GrantId"), error);
  return NULL;
}

static const SlipWorldRecord *
find_by_token (SlipServiceContext *ctx, const char *token)
{
  g_autoptr (GPtrArray) keys = slip_world_list (ctx->world, NULL, ctx->region, KMS_KEY);

  for (guint k = 0; k < keys->len; k++)
    {
      const SlipWorldRecord *key = keys->pdata[k];
      guint index;

      if (find_grant (slip_json_array (key->data, "grants"), token, &index) != NULL)
        return slip_world_get (ctx->world, key->account, key->region, KMS_KEY, key->id);
    }
  return NULL;
}

JsonNode *
slip_kms_retire_grant (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *token = slip_json_string (input, "GrantToken");
  const char *key_id = slip_json_string (input, "KeyId");
  const char *id = token != NULL ? token : slip_json_string (input, "GrantId");
  const SlipWorldRecord *key;

  if (id == NULL || (token == NULL && key_id == NULL))
    return slip_service_error (error, 400, "ValidationException",
                               "Either a grant token, or a key id and a grant id, is needed");
  key = token != NULL ? find_by_token (ctx, token) : slip_kms_need_key (ctx, key_id, FALSE, error);
  if (key != NULL)
    remove_grant (ctx, key, id, error);
  else if (token != NULL)
    slip_service_error (error, 400, "InvalidGrantTokenException", "The grant token is not valid");
  return NULL;
}
