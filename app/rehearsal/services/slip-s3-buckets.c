/* SPDX-License-Identifier: MIT */

/* Buckets: their names, which are one for all accounts, their regions, and who may come near them. */

#include "slip-s3-private.h"

#include "slip-call-resources.h"
#include "slip-json.h"
#include "slip-policy.h"
#include "slip-world-items.h"

#define FIRST_REGION "us-east-1"

typedef struct
{
  const char *name;
  const SlipWorldRecord *found;
} Search;

static gboolean
match (const SlipWorldRecord *bucket, gpointer data)
{
  Search *search = data;

  if (!g_str_equal (bucket->id, search->name))
    return TRUE;
  search->found = bucket;
  return FALSE;
}

const SlipWorldRecord *
slip_s3_bucket_get (SlipWorld *world, const char *name)
{
  Search search = {name, NULL};

  slip_world_foreach (world, NULL, NULL, S3_BUCKET, NULL, match, &search);
  return search.found;
}

gboolean
slip_s3_bucket_name_is_good (const char *name)
{
  return g_regex_match_simple ("^(?!xn--)(?!\\d+\\.\\d+\\.\\d+\\.\\d+$)(?!.*\\.\\.)"
                               "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$",
                               name, 0, 0);
}

void
slip_s3_bucket_put (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data)
{
  JsonObject *block = json_object_new ();
  static const char *const members[]
      = {"BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"};

  /* As AWS does with every new bucket since April 2023. */
  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    json_object_set_boolean_member (block, members[i], TRUE);
  json_object_set_object_member (data, "PublicAccessBlockConfiguration", block);
  slip_world_put (world, account, region, S3_BUCKET, name, data);
}

/* --- Who may --- */

static SlipPolicyVerdict
judge (SlipServiceContext *ctx,
       const SlipWorldRecord *bucket,
       const char *action,
       const char *resource)
{
  const char *text = slip_json_string (bucket->data, "Policy");
  g_autoptr (JsonNode) policy = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;
  g_autoptr (JsonObject) context = json_object_new ();
  SlipPolicyRequest request = {.account = ctx->account,
                               .principal_arn = ctx->principal_arn,
                               .action = action,
                               .resource = resource,
                               .context = context};

  json_object_set_string_member (context, "aws:PrincipalAccount", ctx->account);
  json_object_set_string_member (context, "aws:SecureTransport", "true");
  return slip_policy_judge_trust (policy, &request);
}

static gboolean
refuse (GError **error)
{
  slip_service_error (error, 403, "AccessDenied", "Access Denied");
  return FALSE;
}

const SlipWorldRecord *
slip_s3_bucket_open (SlipServiceContext *ctx,
                     const char *name,
                     const char *action,
                     const char *resource,
                     GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_get (ctx->world, name);
  SlipPolicyVerdict verdict;

  if (bucket == NULL)
    return slip_service_error (error, 404, "NoSuchBucket", "The specified bucket does not exist");
  verdict = judge (ctx, bucket, action, resource);
  if (verdict == SLIP_POLICY_DENIES
      || (verdict == SLIP_POLICY_SILENT && !g_str_equal (bucket->account, ctx->account)))
    {
      refuse (error);
      return NULL;
    }
  return bucket;
}

/* Clients find the region in the header and try again there. */
static gboolean
check_region (SlipServiceContext *ctx, const SlipWorldRecord *bucket, GError **error)
{
  slip_aws_headers_set (ctx->reply->headers, "x-amz-bucket-region", bucket->region);
  if (g_str_equal (bucket->region, ctx->region))
    return TRUE;
  slip_service_error (error, 301, "PermanentRedirect",
                      "The bucket you are attempting to access must be addressed using the "
                      "specified endpoint. Please send all future requests to this endpoint: "
                      "bucket %s is in %s.",
                      bucket->id, bucket->region);
  return FALSE;
}

const SlipWorldRecord *
slip_s3_bucket_find (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Bucket");
  const char *owner = slip_json_string (input, "ExpectedBucketOwner");
  g_autofree char *action = slip_call_resources_dup_action (ctx);
  g_autoptr (GPtrArray) resources = slip_call_resources_list (ctx, input);
  const char *resource = resources->len > 0 ? resources->pdata[0] : NULL;
  const SlipWorldRecord *bucket = slip_s3_bucket_open (ctx, name, action, resource, error);

  if (bucket == NULL)
    return NULL;
  if (owner != NULL && !g_str_equal (owner, bucket->account))
    {
      refuse (error);
      return NULL;
    }
  return check_region (ctx, bucket, error) ? bucket : NULL;
}

/* --- Operations --- */

static const char *
choose_region (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonObject *configuration = slip_json_object (input, "CreateBucketConfiguration");
  const char *wanted
      = configuration != NULL ? slip_json_string (configuration, "LocationConstraint") : NULL;
  gboolean first = g_str_equal (ctx->region, FIRST_REGION);

  if (wanted == NULL && first)
    return FIRST_REGION;
  if (wanted == NULL)
    return slip_service_error (error, 400, "IllegalLocationConstraintException",
                               "The unspecified location constraint is incompatible for the region "
                               "specific endpoint this request was sent to.");
  if (g_str_equal (wanted, FIRST_REGION))
    return slip_service_error (error, 400, "InvalidLocationConstraint",
                               "The specified location-constraint is not valid");
  if (!first && !g_str_equal (wanted, ctx->region))
    return slip_service_error (error, 400, "IllegalLocationConstraintException",
                               "The %s location constraint is incompatible for the region specific "
                               "endpoint this request was sent to.",
                               wanted);
  return wanted;
}

/* us-east-1 takes a second creation by the owner for none. */
static JsonNode *
refuse_name (SlipServiceContext *ctx, const SlipWorldRecord *known, GError **error)
{
  if (!g_str_equal (known->account, ctx->account))
    return slip_service_error (
        error, 409, "BucketAlreadyExists",
        "The requested bucket name is not available. The bucket namespace is "
        "shared by all users of the system. Please select a different name "
        "and try again.");
  if (g_str_equal (ctx->region, FIRST_REGION) && g_str_equal (known->region, FIRST_REGION))
    return NULL;
  return slip_service_error (error, 409, "BucketAlreadyOwnedByYou",
                             "Your previous request to create the named bucket succeeded and you "
                             "already own it.");
}

JsonNode *
slip_s3_create_bucket (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "Bucket");
  const SlipWorldRecord *known = slip_s3_bucket_get (ctx->world, name);
  const char *region;
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autofree char *location = NULL;
  JsonObject *data;
  JsonObject *output;

  if (!slip_s3_bucket_name_is_good (name))
    return slip_service_error (error, 400, "InvalidBucketName",
                               "The specified bucket is not valid.");
  region = choose_region (ctx, input, error);
  if (region == NULL)
    return NULL;
  if (known != NULL)
    return refuse_name (ctx, known, error);
  data = json_object_new ();
  json_object_set_string_member (data, "created", now);
  slip_s3_bucket_put (ctx->world, ctx->account, region, name, data);
  location = g_str_equal (region, FIRST_REGION)
                 ? g_strconcat ("/", name, NULL)
                 : g_strdup_printf ("http://%s.s3.amazonaws.com/", name);
  output = json_object_new ();
  json_object_set_string_member (output, "Location", location);
  return slip_json_new_object (output);
}

static gboolean
on_any (const SlipWorldItem *item, gpointer data)
{
  *(gboolean *)data = TRUE;
  return FALSE;
}

JsonNode *
slip_s3_delete_bucket (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  g_autofree char *collection = NULL;
  gboolean any = FALSE;

  if (bucket == NULL)
    return NULL;
  collection = slip_s3_collection (bucket->id);
  slip_world_items_foreach (ctx->world, collection, NULL, NULL, on_any, &any);
  if (any)
    return slip_service_error (error, 409, "BucketNotEmpty",
                               "The bucket you tried to delete is not empty%s",
                               slip_json_object (bucket->data, "VersioningConfiguration") != NULL
                                   ? ". You must delete all versions in the bucket."
                                   : "");
  slip_world_remove (ctx->world, bucket->account, bucket->region, S3_BUCKET, bucket->id);
  return NULL;
}

JsonNode *
slip_s3_head_bucket (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_string_member (output, "BucketRegion", bucket->region);
  return slip_json_new_object (output);
}

JsonNode *
slip_s3_list_buckets (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) all = slip_world_list (ctx->world, ctx->account, NULL, S3_BUCKET);
  JsonArray *list = json_array_new ();
  JsonObject *output = json_object_new ();
  JsonObject *owner = json_object_new ();
  g_autofree char *id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, ctx->account, -1);

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *bucket = all->pdata[i];
      JsonObject *item = json_object_new ();

      json_object_set_string_member (item, "Name", bucket->id);
      json_object_set_string_member (item, "CreationDate",
                                     slip_json_string (bucket->data, "created"));
      json_array_add_object_element (list, item);
    }
  json_object_set_string_member (owner, "ID", id);
  json_object_set_array_member (output, "Buckets", list);
  json_object_set_object_member (output, "Owner", owner);
  return slip_json_new_object (output);
}

JsonNode *
slip_s3_get_location (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  output = json_object_new ();
  if (!g_str_equal (bucket->region, FIRST_REGION))
    json_object_set_string_member (output, "LocationConstraint", bucket->region);
  return slip_json_new_object (output);
}
