/* SPDX-License-Identifier: MIT */

/* Writing and deleting objects, with S3's conditions, versions and delete markers. */

#include "slip-s3-private.h"

#include "slip-json.h"

#define MAX_KEY 1024

/* Members of the input that are kept with the object and shown with it. */
static const char *const kept[] = {"CacheControl",
                                   "ContentDisposition",
                                   "ContentEncoding",
                                   "ContentLanguage",
                                   "ContentType",
                                   "Metadata",
                                   "WebsiteRedirectLocation",
                                   "Expires",
                                   "ServerSideEncryption",
                                   "SSEKMSKeyId",
                                   "BucketKeyEnabled",
                                   "StorageClass",
                                   NULL};

char *
slip_s3_etag (GBytes *bytes)
{
  gsize length = 0;
  const guchar *data = g_bytes_get_data (bytes, &length);
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, data, length);

  return g_strdup_printf ("\"%s\"", sum);
}

static gboolean
is_same_etag (const char *etag, const char *given)
{
  g_autofree char *bare = g_strndup (etag + 1, strlen (etag) - 2);

  return g_str_equal (etag, given) || g_str_equal (bare, given);
}

gboolean
slip_s3_check_write (SlipServiceContext *ctx, const char *bucket, const char *key, GError **error)
{
  const char *none = slip_aws_headers_get (ctx->request->headers, "if-none-match");
  const char *match = slip_aws_headers_get (ctx->request->headers, "if-match");
  g_autoptr (JsonObject) newest = slip_s3_newest (ctx->world, bucket, key);
  gboolean there = newest != NULL && !slip_json_bool (newest, "marker", FALSE);

  if (none != NULL && !g_str_equal (none, "*"))
    slip_service_error (error, 501, "NotImplemented",
                        "A header you provided implies functionality that is not implemented");
  else if (match != NULL && !there)
    slip_service_error (error, 404, "NoSuchKey", "The specified key does not exist.");
  else if ((none != NULL && there)
           || (match != NULL && !is_same_etag (slip_json_string (newest, "ETag"), match)))
    slip_service_error (error, 412, "PreconditionFailed",
                        "At least one of the pre-conditions you specified did not hold");
  else
    return TRUE;
  return FALSE;
}

/* The bucket's default counts where the request names no encryption. */
static void
set_encryption (const SlipWorldRecord *bucket, JsonObject *object)
{
  JsonObject *configuration = slip_json_object (bucket->data, "ServerSideEncryptionConfiguration");
  JsonArray *rules = configuration != NULL ? slip_json_array (configuration, "Rules") : NULL;
  JsonObject *rule = rules != NULL && json_array_get_length (rules) > 0
                         ? json_array_get_object_element (rules, 0)
                         : NULL;
  JsonObject *by
      = rule != NULL ? slip_json_object (rule, "ApplyServerSideEncryptionByDefault") : NULL;
  const char *key = by != NULL ? slip_json_string (by, "KMSMasterKeyID") : NULL;

  if (slip_json_string (object, "ServerSideEncryption") != NULL)
    return;
  json_object_set_string_member (object, "ServerSideEncryption",
                                 by != NULL ? slip_json_string (by, "SSEAlgorithm") : "AES256");
  if (key != NULL)
    json_object_set_string_member (object, "SSEKMSKeyId", key);
}

JsonObject *
slip_s3_object_new (SlipServiceContext *ctx, const SlipWorldRecord *bucket, JsonObject *input)
{
  JsonObject *object = json_object_new ();
  g_autofree char *now = slip_world_dup_now (ctx->world);
  const char *encoding;

  for (guint i = 0; kept[i] != NULL; i++)
    if (json_object_has_member (input, kept[i]))
      json_object_set_member (object, kept[i],
                              slip_json_copy (json_object_get_member (input, kept[i])));
  /* The framing of an upload is no encoding of the object. */
  encoding = slip_json_string (object, "ContentEncoding");
  if (encoding != NULL && g_str_has_prefix (encoding, "aws-chunked"))
    {
      const char *comma = strchr (encoding, ',');
      g_autofree char *rest = comma != NULL ? g_strstrip (g_strdup (comma + 1)) : NULL;

      json_object_remove_member (object, "ContentEncoding");
      if (rest != NULL)
        json_object_set_string_member (object, "ContentEncoding", rest);
    }
  if (slip_json_string (object, "ContentType") == NULL)
    json_object_set_string_member (object, "ContentType", "binary/octet-stream");
  json_object_set_string_member (object, "Key", slip_json_string (input, "Key"));
  json_object_set_string_member (object, "LastModified", now);
  set_encryption (bucket, object);
  return object;
}

void
slip_s3_show_written (JsonObject *object, JsonObject *output)
{
  static const char *const members[] = {"ServerSideEncryption", "SSEKMSKeyId"};

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    if (slip_json_string (object, members[i]) != NULL)
      json_object_set_string_member (output, members[i], slip_json_string (object, members[i]));
  if (slip_json_bool (object, "versioned", FALSE))
    json_object_set_string_member (output, "VersionId", slip_json_string (object, "version"));
}

static gboolean
check_key (const char *key, GError **error)
{
  if (strlen (key) <= MAX_KEY)
    return TRUE;
  slip_service_error (error, 400, "KeyTooLongError", "Your key is too long");
  return FALSE;
}

JsonNode *
slip_s3_put_object (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  const char *key = slip_json_string (input, "Key");
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *etag = NULL;
  g_autofree char *file = NULL;
  JsonObject *output;

  if (bucket == NULL || !check_key (key, error)
      || !slip_s3_check_write (ctx, bucket->id, key, error))
    return NULL;
  file = slip_s3_file_write (ctx->world, &ctx->payload->bytes, 1, error);
  if (file == NULL)
    return NULL;
  etag = slip_s3_etag (ctx->payload->bytes);
  object = slip_s3_object_new (ctx, bucket, input);
  json_object_set_string_member (object, "file", file);
  json_object_set_string_member (object, "ETag", etag);
  json_object_set_int_member (object, "Size", (gint64)g_bytes_get_size (ctx->payload->bytes));
  if (ctx->payload->algorithm != NULL)
    {
      json_object_set_string_member (object, "algorithm", ctx->payload->algorithm);
      json_object_set_string_member (object, "checksum", ctx->payload->checksum);
    }
  slip_s3_add (ctx->world, bucket, object);
  output = json_object_new ();
  json_object_set_string_member (output, "ETag", etag);
  slip_s3_show_written (object, output);
  return slip_json_new_object (output);
}

/* --- Copies --- */

/* `/bucket/key` or `bucket/key`, encoded, perhaps with `?versionId=…`. */
static gboolean
split_source (const char *source, char **bucket, char **key, char **version, GError **error)
{
  const char *start = *source == '/' ? source + 1 : source;
  g_auto (GStrv) halves = g_strsplit (start, "?versionId=", 2);
  g_autofree char *plain = slip_aws_uri_decode (halves[0], -1, FALSE);
  char *slash = plain != NULL ? strchr (plain, '/') : NULL;

  if (slash == NULL || slash[1] == '\0')
    {
      slip_service_error (error, 400, "InvalidArgument",
                          "Copy Source must mention the source bucket and key: "
                          "sourcebucket/sourcekey");
      return FALSE;
    }
  *bucket = g_strndup (plain, (gsize)(slash - plain));
  *key = g_strdup (slash + 1);
  *version = g_strdup (halves[1]);
  return TRUE;
}

static JsonObject *
find_source (SlipServiceContext *ctx, const char *source, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *key = NULL;
  g_autofree char *version = NULL;
  g_autofree char *resource = NULL;
  g_autoptr (JsonObject) object = NULL;

  if (!split_source (source, &name, &key, &version, error))
    return NULL;
  resource = g_strdup_printf ("arn:aws:s3:::%s/%s", name, key);
  if (slip_s3_bucket_open (ctx, name, "s3:GetObject", resource, error) == NULL)
    return NULL;
  object = version != NULL ? slip_s3_version (ctx->world, name, key, version)
                           : slip_s3_newest (ctx->world, name, key);
  if (object == NULL || slip_json_bool (object, "marker", FALSE))
    return slip_service_error (error, 404, "NoSuchKey", "The specified key does not exist.");
  return g_steal_pointer (&object);
}

/* Type and metadata come with the source unless the request replaces them. */
static JsonObject *
make_copy (SlipServiceContext *ctx,
           const SlipWorldRecord *bucket,
           JsonObject *input,
           JsonObject *source)
{
  static const char *const own[] = {"ETag", "Size", "algorithm", "checksum"};
  gboolean replace = g_strcmp0 (slip_json_string (input, "MetadataDirective"), "REPLACE") == 0;
  JsonObject *object = slip_s3_object_new (ctx, bucket, input);

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (json_object_has_member (source, own[i]))
      json_object_set_member (object, own[i], json_object_dup_member (source, own[i]));
  for (guint i = 0; !replace && kept[i] != NULL; i++)
    if (json_object_has_member (source, kept[i]) && !g_str_has_prefix (kept[i], "S"))
      json_object_set_member (object, kept[i], json_object_dup_member (source, kept[i]));
  return object;
}

JsonNode *
slip_s3_copy_object (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  g_autoptr (JsonObject) source = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *file = NULL;
  JsonObject *result;
  JsonObject *output;

  if (bucket == NULL || !check_key (slip_json_string (input, "Key"), error)
      || !slip_s3_check_write (ctx, bucket->id, slip_json_string (input, "Key"), error))
    return NULL;
  source = find_source (ctx, slip_json_string (input, "CopySource"), error);
  bytes = source != NULL ? slip_s3_file_map (ctx->world, slip_json_string (source, "file"), error)
                         : NULL;
  file = bytes != NULL ? slip_s3_file_write (ctx->world, &bytes, 1, error) : NULL;
  if (file == NULL)
    return NULL;
  object = make_copy (ctx, bucket, input, source);
  json_object_set_string_member (object, "file", file);
  slip_s3_add (ctx->world, bucket, object);
  result = json_object_new ();
  json_object_set_string_member (result, "ETag", slip_json_string (object, "ETag"));
  json_object_set_string_member (result, "LastModified", slip_json_string (object, "LastModified"));
  output = json_object_new ();
  json_object_set_object_member (output, "CopyObjectResult", result);
  slip_s3_show_written (object, output);
  return slip_json_new_object (output);
}

/* --- Deleting --- */

static JsonObject *
put_marker (SlipServiceContext *ctx, const SlipWorldRecord *bucket, const char *key)
{
  JsonObject *marker = json_object_new ();
  g_autofree char *now = slip_world_dup_now (ctx->world);

  json_object_set_string_member (marker, "Key", key);
  json_object_set_string_member (marker, "LastModified", now);
  json_object_set_boolean_member (marker, "marker", TRUE);
  slip_s3_add (ctx->world, bucket, marker);
  return marker;
}

/* Deletes a version, or puts a marker in front of all, as DeleteObject does; what is not there is
 * deleted already. Fills the members that both operations tell. */
static void
delete_one (SlipServiceContext *ctx,
            const SlipWorldRecord *bucket,
            const char *key,
            const char *version,
            gboolean batch,
            JsonObject *output)
{
  gboolean versioned = json_object_has_member (bucket->data, "VersioningConfiguration");
  g_autoptr (JsonObject) object = NULL;

  if (version == NULL && versioned)
    {
      object = put_marker (ctx, bucket, key);
      json_object_set_boolean_member (output, "DeleteMarker", TRUE);
      json_object_set_string_member (output, batch ? "DeleteMarkerVersionId" : "VersionId",
                                     slip_json_string (object, "version"));
      return;
    }
  object = version != NULL ? slip_s3_version (ctx->world, bucket->id, key, version)
                           : slip_s3_newest (ctx->world, bucket->id, key);
  if (version != NULL)
    json_object_set_string_member (output, "VersionId", version);
  if (object == NULL)
    return;
  if (slip_json_bool (object, "marker", FALSE))
    json_object_set_boolean_member (output, "DeleteMarker", TRUE);
  slip_s3_remove (ctx->world, bucket, object);
}

JsonNode *
slip_s3_delete_object (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  output = json_object_new ();
  delete_one (ctx, bucket, slip_json_string (input, "Key"), slip_json_string (input, "VersionId"),
              FALSE, output);
  return slip_json_new_object (output);
}

JsonNode *
slip_s3_delete_objects (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  JsonObject *request = slip_json_object (input, "Delete");
  JsonArray *objects = slip_json_array (request, "Objects");
  JsonArray *deleted;
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  if (json_array_get_length (objects) > 1000)
    return slip_service_error (error, 400, "MalformedXML",
                               "The XML you provided was not well-formed or did not validate "
                               "against our published schema");
  deleted = json_array_new ();
  for (guint i = 0; i < json_array_get_length (objects); i++)
    {
      JsonObject *each = json_array_get_object_element (objects, i);
      const char *key = slip_json_string (each, "Key");
      JsonObject *told = json_object_new ();

      json_object_set_string_member (told, "Key", key);
      delete_one (ctx, bucket, key, slip_json_string (each, "VersionId"), TRUE, told);
      json_array_add_object_element (deleted, told);
    }
  output = json_object_new ();
  if (slip_json_bool (request, "Quiet", FALSE))
    json_array_unref (deleted);
  else
    json_object_set_array_member (output, "Deleted", deleted);
  return slip_json_new_object (output);
}
