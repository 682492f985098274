/* SPDX-License-Identifier: MIT */

/* AWS Key Management Service: keys with their states, policies, rotation and tags. Aliases, grants,
 * cryptography and the judging of policies are in the files beside. */

#include "slip-kms-private.h"

#include "slip-json.h"
#include "slip-policy.h"

#define DEFAULT_WINDOW_DAYS 30
#define DAY_SECONDS (24 * 3600)

static const char *const metadata_members[] = {"AWSAccountId", "KeyId",
                                               "Arn",          "CreationDate",
                                               "Enabled",      "Description",
                                               "KeyUsage",     "KeyState",
                                               "DeletionDate", "Origin",
                                               "KeyManager",   "CustomerMasterKeySpec",
                                               "KeySpec",      "EncryptionAlgorithms",
                                               "MultiRegion"};

static JsonObject *
show_metadata (const SlipWorldRecord *key)
{
  JsonObject *metadata = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (metadata_members); i++)
    {
      JsonNode *node = json_object_get_member (key->data, metadata_members[i]);

      if (node != NULL)
        json_object_set_member (metadata, metadata_members[i], json_node_copy (node));
    }
  return metadata;
}

static JsonNode *
metadata_output (const SlipWorldRecord *key)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "KeyMetadata", show_metadata (key));
  return slip_json_new_object (output);
}

static gboolean
is_policy (const char *text)
{
  g_autoptr (JsonNode) node = slip_json_parse (text, -1, NULL);
  JsonObject *object = node != NULL ? slip_json_node_object (node) : NULL;

  return object != NULL && slip_json_array (object, "Statement") != NULL;
}

static gboolean
check_policy (const char *text, GError **error)
{
  if (is_policy (text))
    return TRUE;
  slip_service_error (error, 400, "MalformedPolicyDocumentException",
                      "Policy contains invalid JSON or no Statement");
  return FALSE;
}

/* A caller must not lock himself out of his own key unless he says that he knows. */
static gboolean
check_lockout (SlipServiceContext *ctx, JsonObject *input, const char *text, GError **error)
{
  g_autoptr (JsonNode) policy = slip_json_parse (text, -1, NULL);

  if (slip_json_bool (input, "BypassPolicyLockoutSafetyCheck", FALSE)
      || slip_policy_allows (policy, ctx->account, ctx->principal_arn, "kms:PutKeyPolicy"))
    return TRUE;
  slip_service_error (error, 400, "MalformedPolicyDocumentException",
                      "The new key policy will not allow you to update the key policy in the "
                      "future.");
  return FALSE;
}

static JsonNode *
create_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *spec = slip_json_string (input, "KeySpec");
  const char *usage = slip_json_string (input, "KeyUsage");
  const char *policy = slip_json_string (input, "Policy");
  JsonArray *tags = slip_json_array (input, "Tags");
  g_autofree char *standard = slip_kms_default_policy (ctx->account, NULL);
  g_autofree char *id = NULL;
  JsonObject *data;

  if ((spec != NULL && !g_str_equal (spec, "SYMMETRIC_DEFAULT"))
      || (usage != NULL && !g_str_equal (usage, "ENCRYPT_DECRYPT"))
      || slip_json_bool (input, "MultiRegion", FALSE))
    return slip_service_error (error, 400, "UnsupportedOperationException",
                               "The rehearsal has symmetric keys of one region only");
  if (policy != NULL
      && (!check_policy (policy, error) || !check_lockout (ctx, input, policy, error)))
    return NULL;
  id = slip_kms_make_key (ctx->world, ctx->account, ctx->region, NULL,
                          slip_json_string (input, "Description"),
                          policy != NULL ? policy : standard, FALSE);
  if (tags != NULL)
    {
      data = slip_world_edit (ctx->world, ctx->account, ctx->region, KMS_KEY, id);
      json_object_set_array_member (data, "tags", slip_tags_merge (NULL, tags, "TagKey"));
      slip_world_put (ctx->world, ctx->account, ctx->region, KMS_KEY, id, data);
    }
  return metadata_output (slip_world_get (ctx->world, ctx->account, ctx->region, KMS_KEY, id));
}

static JsonNode *
describe_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_key (ctx, slip_json_string (input, "KeyId"), TRUE, error);

  return key != NULL ? metadata_output (key) : NULL;
}

static JsonNode *
list_keys (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) keys = slip_world_list (ctx->world, ctx->account, ctx->region, KMS_KEY);
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < keys->len; i++)
    {
      const SlipWorldRecord *key = keys->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "KeyId", key->id);
      json_object_set_string_member (item, "KeyArn", slip_kms_key_arn (key));
      json_array_add_object_element (items, item);
    }
  return slip_kms_page (input, "Keys", items, error);
}

/* A key of the caller's own account that he may manage. */
static const SlipWorldRecord *
need_own_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *key_id = slip_json_string (input, "KeyId");
  const SlipWorldRecord *key = slip_kms_need_key (ctx, key_id, FALSE, error);

  if (key != NULL && !g_str_equal (key->account, ctx->account))
    return slip_service_error (error, 400, "AccessDeniedException",
                               "User: %s is not authorized to perform: kms:%s on resource: %s",
                               ctx->principal_arn, ctx->operation->name, slip_kms_key_arn (key));
  return key;
}

static const SlipWorldRecord *
need_customer_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_own_key (ctx, input, error);

  if (key != NULL && slip_kms_world_is_aws_managed (key))
    return slip_service_error (error, 400, "AccessDeniedException",
                               "User: %s is not authorized to perform: kms:%s on resource: %s",
                               ctx->principal_arn, ctx->operation->name, slip_kms_key_arn (key));
  return key;
}

static JsonObject *
edit (SlipServiceContext *ctx, const SlipWorldRecord *key)
{
  return slip_world_edit (ctx->world, key->account, key->region, KMS_KEY, key->id);
}

static void
put (SlipServiceContext *ctx, JsonObject *data)
{
  g_autofree char *id = g_strdup (slip_json_string (data, "KeyId"));

  slip_world_put (ctx->world, ctx->account, ctx->region, KMS_KEY, id, data);
}

static JsonNode *
get_key_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_own_key (ctx, input, error);
  const char *name = slip_json_string (input, "PolicyName");
  JsonObject *output;

  if (key == NULL)
    return NULL;
  if (name != NULL && !g_str_equal (name, "default"))
    return slip_service_error (error, 400, "NotFoundException", "No such policy exists");
  output = json_object_new ();
  json_object_set_string_member (output, "Policy", slip_json_string (key->data, "policy"));
  json_object_set_string_member (output, "PolicyName", "default");
  return slip_json_new_object (output);
}

static JsonNode *
put_key_policy (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  const char *policy = slip_json_string (input, "Policy");
  JsonObject *data;

  if (key == NULL || !check_policy (policy, error) || !check_lockout (ctx, input, policy, error))
    return NULL;
  data = edit (ctx, key);
  json_object_set_string_member (data, "policy", policy);
  put (ctx, data);
  return NULL;
}

static JsonNode *
list_key_policies (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *items;

  if (need_own_key (ctx, input, error) == NULL)
    return NULL;
  items = json_array_new ();
  json_array_add_string_element (items, "default");
  return slip_kms_page (input, "PolicyNames", items, error);
}

static gboolean
refuse_pending (const SlipWorldRecord *key, GError **error)
{
  if (!g_str_equal (slip_json_string (key->data, "KeyState"), "PendingDeletion"))
    return FALSE;
  slip_service_error (error, 400, "KMSInvalidStateException", "%s is pending deletion.",
                      slip_kms_key_arn (key));
  return TRUE;
}

static JsonNode *
set_enabled (SlipServiceContext *ctx, JsonObject *input, gboolean enabled, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  JsonObject *data;

  if (key == NULL || refuse_pending (key, error))
    return NULL;
  data = edit (ctx, key);
  json_object_set_boolean_member (data, "Enabled", enabled);
  json_object_set_string_member (data, "KeyState", enabled ? "Enabled" : "Disabled");
  put (ctx, data);
  return NULL;
}

static JsonNode *
enable_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_enabled (ctx, input, TRUE, error);
}

static JsonNode *
disable_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_enabled (ctx, input, FALSE, error);
}

static JsonNode *
schedule_key_deletion (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  gint64 days = slip_json_int (input, "PendingWindowInDays", DEFAULT_WINDOW_DAYS);
  gint64 end = slip_world_now (ctx->world) + days * DAY_SECONDS * G_TIME_SPAN_SECOND;
  g_autofree char *date = slip_time_format (end);
  JsonObject *data, *output;

  if (key == NULL || refuse_pending (key, error))
    return NULL;
  if (days < 7 || days > 30)
    return slip_service_error (error, 400, "ValidationException",
                               "PendingWindowInDays is not between 7 and 30");
  slip_world_schedule (ctx->world, (double)days * DAY_SECONDS, "kms.key-deleted", ctx->account,
                       ctx->region, KMS_KEY, key->id, NULL);
  data = edit (ctx, key);
  json_object_set_boolean_member (data, "Enabled", FALSE);
  json_object_set_string_member (data, "KeyState", "PendingDeletion");
  json_object_set_string_member (data, "DeletionDate", date);
  output = json_object_new ();
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (key));
  json_object_set_string_member (output, "DeletionDate", date);
  json_object_set_string_member (output, "KeyState", "PendingDeletion");
  json_object_set_int_member (output, "PendingWindowInDays", days);
  put (ctx, data);
  return slip_json_new_object (output);
}

static JsonNode *
cancel_key_deletion (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  JsonObject *data, *output;

  if (key == NULL)
    return NULL;
  if (!g_str_equal (slip_json_string (key->data, "KeyState"), "PendingDeletion"))
    return slip_service_error (error, 400, "KMSInvalidStateException",
                               "%s is not pending deletion.", slip_kms_key_arn (key));
  slip_world_unschedule (ctx->world, "kms.key-deleted", ctx->account, ctx->region, KMS_KEY,
                         key->id);
  output = json_object_new ();
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (key));
  data = edit (ctx, key);
  json_object_set_string_member (data, "KeyState", "Disabled");
  json_object_remove_member (data, "DeletionDate");
  put (ctx, data);
  return slip_json_new_object (output);
}

static JsonNode *
update_key_description (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  JsonObject *data;

  if (key == NULL || refuse_pending (key, error))
    return NULL;
  data = edit (ctx, key);
  json_object_set_string_member (data, "Description", slip_json_string (input, "Description"));
  put (ctx, data);
  return NULL;
}

static JsonNode *
set_rotation (SlipServiceContext *ctx, JsonObject *input, gboolean on, GError **error)
{
  const SlipWorldRecord *key = need_customer_key (ctx, input, error);
  JsonObject *data;

  if (key == NULL || refuse_pending (key, error))
    return NULL;
  data = edit (ctx, key);
  json_object_set_boolean_member (data, "rotation", on);
  put (ctx, data);
  return NULL;
}

static JsonNode *
enable_key_rotation (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_rotation (ctx, input, TRUE, error);
}

static JsonNode *
disable_key_rotation (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return set_rotation (ctx, input, FALSE, error);
}

static JsonNode *
get_key_rotation_status (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_own_key (ctx, input, error);
  JsonObject *output;

  if (key == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_boolean_member (output, "KeyRotationEnabled",
                                  slip_json_bool (key->data, "rotation", FALSE));
  return slip_json_new_object (output);
}

static JsonNode *
list_resource_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key = need_own_key (ctx, input, error);

  if (key == NULL)
    return NULL;
  return slip_kms_page (
      input, "Tags", slip_tags_merge (slip_json_array (key->data, "tags"), NULL, "TagKey"), error);
}

static const SlipTagging tagging
    = {.stored = "tags", .given = "Tags", .keys = "TagKeys", .key = "TagKey"};

static JsonNode *
tag_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_set (ctx, need_customer_key (ctx, input, error), input, &tagging);
}

static JsonNode *
untag_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_unset (ctx, need_customer_key (ctx, input, error), input, &tagging);
}

static void
on_key_deleted (SlipWorld *world, const SlipTransition *transition)
{
  g_autoptr (GPtrArray) aliases
      = slip_world_list (world, transition->account, transition->region, KMS_ALIAS);

  for (guint i = 0; i < aliases->len; i++)
    {
      const SlipWorldRecord *alias = aliases->pdata[i];

      if (g_str_equal (slip_json_string (alias->data, "TargetKeyId"), transition->id))
        slip_world_remove (world, alias->account, alias->region, KMS_ALIAS, alias->id);
    }
  slip_world_remove (world, transition->account, transition->region, KMS_MATERIAL, transition->id);
  slip_world_remove (world, transition->account, transition->region, KMS_KEY, transition->id);
}

static void
attach (SlipWorld *world)
{
  slip_world_handle (world, "kms.key-deleted", on_key_deleted);
}

static const SlipServiceOperation operations[] = {
    {"CancelKeyDeletion", cancel_key_deletion},
    {"CreateAlias", slip_kms_create_alias},
    {"CreateGrant", slip_kms_create_grant},
    {"CreateKey", create_key},
    {"Decrypt", slip_kms_decrypt},
    {"DeleteAlias", slip_kms_delete_alias},
    {"DescribeKey", describe_key},
    {"DisableKey", disable_key},
    {"DisableKeyRotation", disable_key_rotation},
    {"EnableKey", enable_key},
    {"EnableKeyRotation", enable_key_rotation},
    {"Encrypt", slip_kms_encrypt},
    {"GenerateDataKey", slip_kms_generate_data_key},
    {"GenerateDataKeyWithoutPlaintext", slip_kms_generate_data_key_without_plaintext},
    {"GenerateRandom", slip_kms_generate_random},
    {"GetKeyPolicy", get_key_policy},
    {"GetKeyRotationStatus", get_key_rotation_status},
    {"ListAliases", slip_kms_list_aliases},
    {"ListGrants", slip_kms_list_grants},
    {"ListKeyPolicies", list_key_policies},
    {"ListKeys", list_keys},
    {"ListResourceTags", list_resource_tags},
    {"ListRetirableGrants", slip_kms_list_retirable_grants},
    {"PutKeyPolicy", put_key_policy},
    {"ReEncrypt", slip_kms_re_encrypt},
    {"RetireGrant", slip_kms_retire_grant},
    {"RevokeGrant", slip_kms_revoke_grant},
    {"ScheduleKeyDeletion", schedule_key_deletion},
    {"TagResource", tag_resource},
    {"UntagResource", untag_resource},
    {"UpdateAlias", slip_kms_update_alias},
    {"UpdateKeyDescription", update_key_description},
    {NULL, NULL},
};

const SlipService slip_kms_service = {
    .name = "kms",
    .operations = operations,
    .attach = attach,
    .seed = slip_kms_seed,
    .prepare = slip_kms_prepare,
};
