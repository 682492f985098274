/* SPDX-License-Identifier: MIT */

/* Keys as resources of the world: how they are named, found and made, and who may use them. Other
 * services ask here when they are given a KmsKeyId. */

#include "slip-kms-private.h"

#include <openssl/rand.h>

#include "slip-json.h"
#include "slip-paging.h"
#include "slip-policy.h"

#define PAGE_SIZE 100

const char *
slip_kms_key_arn (const SlipWorldRecord *key)
{
  return slip_json_string (key->data, "Arn");
}

gboolean
slip_kms_world_is_aws_managed (const SlipWorldRecord *key)
{
  return g_strcmp0 (slip_json_string (key->data, "KeyManager"), "AWS") == 0;
}

gboolean
slip_kms_world_is_enabled (const SlipWorldRecord *key)
{
  return g_strcmp0 (slip_json_string (key->data, "KeyState"), "Enabled") == 0;
}

static void
put_material (SlipWorld *world, const char *account, const char *region, const char *id)
{
  JsonObject *material = json_object_new ();
  guchar bytes[32];
  g_autofree char *text = NULL;

  if (RAND_bytes (bytes, sizeof bytes) != 1)
    g_error ("the system has no randomness");
  text = g_base64_encode (bytes, sizeof bytes);
  json_object_set_string_member (material, "key", text);
  slip_world_put (world, account, region, KMS_MATERIAL, id, material);
}

static JsonArray *
one_text (const char *text)
{
  JsonArray *array = json_array_new ();

  json_array_add_string_element (array, text);
  return array;
}

char *
slip_kms_make_key (SlipWorld *world,
                   const char *account,
                   const char *region,
                   const char *id,
                   const char *description,
                   const char *policy,
                   gboolean aws_managed)
{
  JsonObject *key = json_object_new ();
  g_autofree char *name = id != NULL ? g_strdup (id) : g_uuid_string_random ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:kms:%s:%s:key/%s", region, account, name);
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (key, "AWSAccountId", account);
  json_object_set_string_member (key, "KeyId", name);
  json_object_set_string_member (key, "Arn", arn);
  json_object_set_string_member (key, "CreationDate", now);
  json_object_set_boolean_member (key, "Enabled", TRUE);
  json_object_set_string_member (key, "Description", description != NULL ? description : "");
  json_object_set_string_member (key, "KeyUsage", "ENCRYPT_DECRYPT");
  json_object_set_string_member (key, "KeyState", "Enabled");
  json_object_set_string_member (key, "Origin", "AWS_KMS");
  json_object_set_string_member (key, "KeyManager", aws_managed ? "AWS" : "CUSTOMER");
  json_object_set_string_member (key, "CustomerMasterKeySpec", "SYMMETRIC_DEFAULT");
  json_object_set_string_member (key, "KeySpec", "SYMMETRIC_DEFAULT");
  json_object_set_array_member (key, "EncryptionAlgorithms", one_text ("SYMMETRIC_DEFAULT"));
  json_object_set_boolean_member (key, "MultiRegion", FALSE);
  json_object_set_string_member (key, "policy", policy);
  json_object_set_array_member (key, "tags", json_array_new ());
  json_object_set_array_member (key, "grants", json_array_new ());
  json_object_set_boolean_member (key, "rotation", aws_managed);
  slip_world_put (world, account, region, KMS_KEY, name, key);
  put_material (world, account, region, name);
  return g_steal_pointer (&name);
}

void
slip_kms_put_alias (
    SlipWorld *world, const char *account, const char *region, const char *name, const char *key_id)
{
  JsonObject *alias = slip_world_edit (world, account, region, KMS_ALIAS, name);
  g_autofree char *arn = g_strdup_printf ("arn:aws:kms:%s:%s:%s", region, account, name);
  g_autofree char *now = slip_world_dup_now (world);

  if (alias == NULL)
    {
      alias = json_object_new ();
      json_object_set_string_member (alias, "CreationDate", now);
    }
  json_object_set_string_member (alias, "AliasName", name);
  json_object_set_string_member (alias, "AliasArn", arn);
  json_object_set_string_member (alias, "TargetKeyId", key_id);
  json_object_set_string_member (alias, "LastUpdatedDate", now);
  slip_world_put (world, account, region, KMS_ALIAS, name, alias);
}

static void
add_statement (JsonArray *statements, const char *sid, const char *account, const char *actions)
{
  JsonObject *statement = json_object_new ();
  JsonObject *principal = json_object_new ();
  JsonArray *list = json_array_new ();
  g_auto (GStrv) names = g_strsplit (actions, " ", -1);
  g_autofree char *root = g_strdup_printf ("arn:aws:iam::%s:root", account);

  json_object_set_string_member (statement, "Sid", sid);
  json_object_set_string_member (statement, "Effect", "Allow");
  json_object_set_string_member (principal, "AWS", root);
  json_object_set_object_member (statement, "Principal", principal);
  for (guint i = 0; names[i] != NULL; i++)
    json_array_add_string_element (list, names[i]);
  json_object_set_array_member (statement, "Action", list);
  json_object_set_string_member (statement, "Resource", "*");
  json_array_add_object_element (statements, statement);
}

char *
slip_kms_default_policy (const char *account, JsonArray *usable_by)
{
  JsonObject *policy = json_object_new ();
  JsonArray *statements = json_array_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (policy);

  json_object_set_string_member (policy, "Version", "2012-10-17");
  json_object_set_string_member (policy, "Id", "key-default-1");
  add_statement (statements, "Enable IAM User Permissions", account, "kms:*");
  for (guint i = 0; usable_by != NULL && i < json_array_get_length (usable_by); i++)
    add_statement (statements, "Allow use by another account",
                   json_array_get_string_element (usable_by, i),
                   "kms:Encrypt kms:Decrypt kms:ReEncrypt* kms:GenerateDataKey* kms:DescribeKey "
                   "kms:CreateGrant kms:ListGrants kms:RevokeGrant");
  json_object_set_array_member (policy, "Statement", statements);
  return slip_json_to_text (node, TRUE);
}

/* AWS makes a service's own key when the service first needs it in an account and region. */
static const SlipWorldRecord *
need_aws_alias (SlipWorld *world, const char *account, const char *region, const char *name)
{
  const SlipWorldRecord *alias = slip_world_get (world, account, region, KMS_ALIAS, name);
  g_autofree char *policy = NULL;
  g_autofree char *description = NULL;
  g_autofree char *id = NULL;

  if (alias != NULL || !g_regex_match_simple ("^alias/aws/[a-z]+$", name, 0, 0))
    return alias;
  policy = slip_kms_default_policy (account, NULL);
  description
      = g_strdup_printf ("Default key that protects my %s data when no other key is defined",
                         name + strlen ("alias/aws/"));
  id = slip_kms_make_key (world, account, region, NULL, description, policy, TRUE);
  slip_kms_put_alias (world, account, region, name, id);
  return slip_world_get (world, account, region, KMS_ALIAS, name);
}

static const SlipWorldRecord *
find_by_name (SlipWorld *world, const char *account, const char *region, const char *name)
{
  const SlipWorldRecord *alias;

  if (!g_str_has_prefix (name, "alias/"))
    return slip_world_get (world, account, region, KMS_KEY, name);
  alias = need_aws_alias (world, account, region, name);
  if (alias == NULL)
    return NULL;
  return slip_world_get (world, account, region, KMS_KEY,
                         slip_json_string (alias->data, "TargetKeyId"));
}

const SlipWorldRecord *
slip_kms_world_find_key (SlipWorld *world,
                         const char *account,
                         const char *region,
                         const char *key_id)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (key_id);
  const char *name;

  if (arn == NULL)
    return find_by_name (world, account, region, key_id);
  if (!g_str_equal (arn->service, "kms"))
    return NULL;
  name = arn->resource;
  if (g_str_has_prefix (name, "key/"))
    name += strlen ("key/");
  else if (!g_str_has_prefix (name, "alias/"))
    return NULL;
  /* Somebody else's own service key is never made here. */
  if (g_str_has_prefix (name, "alias/aws/") && !g_str_equal (arn->account, account))
    return NULL;
  return find_by_name (world, arn->account, arn->region, name);
}

static gboolean
grant_allows (const SlipWorldRecord *key,
              const char *account,
              const char *principal_arn,
              const char *action)
{
  JsonArray *grants = slip_json_array (key->data, "grants");
  const char *operation = action + strlen ("kms:");

  for (guint i = 0; grants != NULL && i < json_array_get_length (grants); i++)
    {
      JsonObject *grant = json_array_get_object_element (grants, i);
      JsonArray *operations = slip_json_array (grant, "Operations");
      const char *grantee = slip_json_string (grant, "GranteePrincipal");
      g_autoptr (SlipArn) arn = slip_arn_parse (grantee);

      if (arn == NULL || !g_str_equal (arn->account, account)
          || (principal_arn != NULL && !g_str_equal (arn->resource, "root")
              && !g_str_equal (grantee, principal_arn)))
        continue;
      for (guint o = 0; o < json_array_get_length (operations); o++)
        if (g_str_equal (json_array_get_string_element (operations, o), operation))
          return TRUE;
    }
  return FALSE;
}

gboolean
slip_kms_world_allows (SlipWorld *world,
                       const SlipWorldRecord *key,
                       const char *account,
                       const char *principal_arn,
                       const char *action)
{
  g_autoptr (JsonNode) policy = NULL;

  if (slip_kms_world_is_aws_managed (key))
    return g_str_equal (key->account, account);
  policy = slip_json_parse (slip_json_string (key->data, "policy"), -1, NULL);
  return (policy != NULL && slip_policy_allows (policy, account, principal_arn, action))
         || grant_allows (key, account, principal_arn, action);
}

static void
refuse_unknown (SlipServiceContext *ctx, const char *key_id, GError **error)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (key_id);

  if (g_str_has_prefix (key_id, "alias/"))
    slip_service_error (error, 400, "NotFoundException", "Alias arn:aws:kms:%s:%s:%s is not found.",
                        ctx->region, ctx->account, key_id);
  else if (arn != NULL && g_str_has_prefix (arn->resource, "alias/"))
    slip_service_error (error, 400, "NotFoundException", "Alias %s is not found.", key_id);
  else if (arn != NULL)
    slip_service_error (error, 400, "NotFoundException", "Key '%s' does not exist", key_id);
  else if (g_uuid_string_is_valid (key_id))
    slip_service_error (error, 400, "NotFoundException",
                        "Key 'arn:aws:kms:%s:%s:key/%s' does not exist", ctx->region, ctx->account,
                        key_id);
  else
    slip_service_error (error, 400, "NotFoundException", "Invalid keyId '%s'", key_id);
}

const SlipWorldRecord *
slip_kms_need_key (SlipServiceContext *ctx,
                   const char *key_id,
                   gboolean alias_allowed,
                   GError **error)
{
  g_autoptr (SlipArn) arn = slip_arn_parse (key_id);
  g_autofree char *action = g_strdup_printf ("kms:%s", ctx->operation->name);
  const SlipWorldRecord *key;

  if (arn != NULL && g_str_equal (arn->service, "kms") && !g_str_equal (arn->region, ctx->region))
    return slip_service_error (error, 400, "NotFoundException", "Invalid arn %s", arn->region);
  if (!alias_allowed && strstr (key_id, "alias/") != NULL)
    return slip_service_error (error, 400, "NotFoundException", "Invalid keyId '%s'", key_id);
  key = slip_kms_world_find_key (ctx->world, ctx->account, ctx->region, key_id);
  if (key == NULL)
    {
      refuse_unknown (ctx, key_id, error);
      return NULL;
    }
  if (!slip_kms_world_allows (ctx->world, key, ctx->account, ctx->principal_arn, action))
    return slip_service_error (error, 400, "AccessDeniedException",
                               "User: %s is not authorized to perform: %s on resource: %s because "
                               "no resource-based policy allows the %s action",
                               ctx->principal_arn, action, slip_kms_key_arn (key), action);
  return key;
}

const SlipWorldRecord *
slip_kms_need_usable_key (SlipServiceContext *ctx, const char *key_id, GError **error)
{
  const SlipWorldRecord *key = slip_kms_need_key (ctx, key_id, TRUE, error);
  const char *state = key != NULL ? slip_json_string (key->data, "KeyState") : NULL;

  if (key == NULL || g_str_equal (state, "Enabled"))
    return key;
  if (g_str_equal (state, "Disabled"))
    return slip_service_error (error, 400, "DisabledException", "%s is disabled.",
                               slip_kms_key_arn (key));
  return slip_service_error (error, 400, "KMSInvalidStateException", "%s is pending deletion.",
                             slip_kms_key_arn (key));
}

JsonNode *
slip_kms_page (JsonObject *input, const char *member, JsonArray *items, GError **error)
{
  static const SlipPaging paging = {
      .token = "Marker",
      .next = "NextMarker",
      .limit = "Limit",
      .truncated = "Truncated",
      .standard = PAGE_SIZE,
      .most = 1000,
      .code = "InvalidMarkerException",
      .message = "Could not deserialize marker",
  };

  return slip_page_array (input, member, items, &paging, error);
}
