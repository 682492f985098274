/* SPDX-License-Identifier: MIT */

/* Settings of buckets that are documents: kept as they came, shown as they are, and missing in each
 * one's own words. Versioning, policies and default encryption have an effect; the others are kept. */

#include "slip-s3-private.h"

#include "slip-json.h"
#include "slip-policy.h"

typedef struct
{
  const char *stem;   /* of the operation's name */
  const char *member; /* of the Put's input, and of the bucket's record */
  const char
      *spread; /* the one member of it that the Get shows by itself; "" shows all; NULL: whole */
  const char *code; /* when it is not there; NULL: an empty answer */
  const char *message;
} Setting;

static const Setting settings[] = {
    {"BucketVersioning", "VersioningConfiguration", "", NULL, NULL},
    {"BucketEncryption", "ServerSideEncryptionConfiguration", NULL,
     "ServerSideEncryptionConfigurationNotFoundError",
     "The server side encryption configuration was not found"},
    {"PublicAccessBlock", "PublicAccessBlockConfiguration", NULL,
     "NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found"},
    {"BucketPolicy", "Policy", NULL, "NoSuchBucketPolicy", "The bucket policy does not exist"},
    {"BucketTagging", "Tagging", "TagSet", "NoSuchTagSet", "The TagSet does not exist"},
};

static const Setting *
find_setting (SlipServiceContext *ctx)
{
  const char *name = ctx->operation->name;
  const char *stem
      = name + (g_str_has_prefix (name, "Delete") ? strlen ("Delete") : strlen ("Get"));

  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].stem, stem))
      return &settings[i];
  g_assert_not_reached ();
}

/* S3 encrypts every object since January 2023, asked or not. */
static JsonNode *
dup_default (const Setting *setting)
{
  if (!g_str_equal (setting->stem, "BucketEncryption"))
    return NULL;
  return slip_json_parse ("{\"Rules\": [{\"ApplyServerSideEncryptionByDefault\": "
                          "{\"SSEAlgorithm\": \"AES256\"}, \"BucketKeyEnabled\": false}]}",
                          -1, NULL);
}

JsonNode *
slip_s3_get_setting (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const Setting *setting = find_setting (ctx);
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  g_autoptr (JsonNode) value = NULL;
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  value = json_object_has_member (bucket->data, setting->member)
              ? slip_json_copy (json_object_get_member (bucket->data, setting->member))
              : dup_default (setting);
  if (value == NULL && setting->code != NULL)
    return slip_service_error (error, 404, setting->code, "%s", setting->message);
  if (value == NULL)
    return NULL;
  if (g_strcmp0 (setting->spread, "") == 0)
    return g_steal_pointer (&value);
  output = json_object_new ();
  if (setting->spread != NULL)
    json_object_set_member (output, setting->spread,
                            json_object_dup_member (json_node_get_object (value), setting->spread));
  else
    json_object_set_member (output, setting->member, g_steal_pointer (&value));
  return slip_json_new_object (output);
}

static gboolean
check_policy (const Setting *setting, JsonObject *input, GError **error)
{
  g_autofree char *why = NULL;

  if (!g_str_equal (setting->member, "Policy"))
    return TRUE;
  why = slip_policy_check_document (slip_json_string (input, "Policy"), TRUE);
  if (why != NULL)
    slip_service_error (error, 400, "MalformedPolicy", "%s", why);
  return why == NULL;
}

JsonNode *
slip_s3_put_setting (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const Setting *setting = find_setting (ctx);
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonNode *value = json_object_get_member (input, setting->member);
  JsonObject *data;

  if (bucket == NULL)
    return NULL;
  if (value == NULL)
    return slip_service_error (error, 400, "MalformedXML",
                               "The XML you provided was not well-formed or did not validate "
                               "against our published schema");
  if (!check_policy (setting, input, error))
    return NULL;
  data = slip_world_edit (ctx->world, bucket->account, bucket->region, S3_BUCKET, bucket->id);
  json_object_set_member (data, setting->member, slip_json_copy (value));
  slip_world_put (ctx->world, bucket->account, bucket->region, S3_BUCKET, bucket->id, data);
  return NULL;
}

JsonNode *
slip_s3_delete_setting (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const Setting *setting = find_setting (ctx);
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonObject *data;

  if (bucket == NULL || !json_object_has_member (bucket->data, setting->member))
    return NULL;
  data = slip_world_edit (ctx->world, bucket->account, bucket->region, S3_BUCKET, bucket->id);
  json_object_remove_member (data, setting->member);
  slip_world_put (ctx->world, bucket->account, bucket->region, S3_BUCKET, bucket->id, data);
  return NULL;
}
