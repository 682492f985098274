/* SPDX-License-Identifier: MIT */

/* Uploads in parts. Parts are files of their own until the upload is completed, which puts them
 * together into one. */

#include "slip-s3-private.h"

#include "slip-json.h"
#include "slip-world-items.h"

#define MIN_PART (5 * 1024 * 1024)
#define MAX_PARTS 10000

static JsonNode *
refuse_upload (GError **error)
{
  return slip_service_error (
      error, 404, "NoSuchUpload",
      "The specified upload does not exist. The upload ID may be invalid, or "
      "the upload may have been aborted or completed.");
}

/* The upload of a call; *bucket is its bucket. */
static const SlipWorldRecord *
find_upload (SlipServiceContext *ctx,
             JsonObject *input,
             const SlipWorldRecord **bucket,
             GError **error)
{
  g_autofree char *id = NULL;
  const SlipWorldRecord *upload;

  *bucket = slip_s3_bucket_find (ctx, input, error);
  if (*bucket == NULL)
    return NULL;
  id = g_strdup_printf ("%s/%s", (*bucket)->id, slip_json_string (input, "UploadId"));
  upload = slip_world_get (ctx->world, (*bucket)->account, (*bucket)->region, S3_UPLOAD, id);
  if (upload == NULL
      || g_strcmp0 (slip_json_string (upload->data, "Key"), slip_json_string (input, "Key")) != 0)
    {
      refuse_upload (error);
      return NULL;
    }
  return upload;
}

static const char *
upload_id (const SlipWorldRecord *upload)
{
  return strchr (upload->id, '/') + 1;
}

JsonNode *
slip_s3_create_upload (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  g_autofree char *name = slip_random_id (NULL, 48, SLIP_ALPHABET_LOWER);
  g_autofree char *id = NULL;
  JsonObject *data;
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  id = g_strdup_printf ("%s/%s", bucket->id, name);
  data = slip_s3_object_new (ctx, bucket, input);
  output = json_object_new ();
  json_object_set_string_member (output, "Bucket", bucket->id);
  json_object_set_string_member (output, "Key", slip_json_string (input, "Key"));
  json_object_set_string_member (output, "UploadId", name);
  slip_s3_show_written (data, output);
  slip_world_put (ctx->world, bucket->account, bucket->region, S3_UPLOAD, id, data);
  return slip_json_new_object (output);
}

/* --- Parts --- */

static JsonObject *
get_part (SlipWorld *world, const char *collection, gint64 number)
{
  g_autofree char *hash = g_strdup_printf ("%05" G_GINT64_FORMAT, number);
  g_autofree char *text = slip_world_items_get (world, collection, hash, "");
  g_autoptr (JsonNode) node = text != NULL ? slip_json_parse (text, -1, NULL) : NULL;

  return node != NULL ? json_node_dup_object (node) : NULL;
}

static void
put_part (SlipServiceContext *ctx,
          const char *collection,
          gint64 number,
          const char *file,
          const char *etag)
{
  g_autofree char *hash = g_strdup_printf ("%05" G_GINT64_FORMAT, number);
  g_autofree char *now = slip_world_dup_now (ctx->world);
  g_autoptr (JsonObject) old = get_part (ctx->world, collection, number);
  JsonObject *part = json_object_new ();
  g_autoptr (JsonNode) node = slip_json_new_object (part);
  g_autofree char *text = NULL;
  gint64 size = (gint64)g_bytes_get_size (ctx->payload->bytes);

  if (old != NULL)
    slip_s3_file_drop (ctx->world, slip_json_string (old, "file"));
  json_object_set_int_member (part, "PartNumber", number);
  json_object_set_string_member (part, "ETag", etag);
  json_object_set_int_member (part, "Size", size);
  json_object_set_string_member (part, "LastModified", now);
  json_object_set_string_member (part, "file", file);
  text = slip_json_to_text (node, FALSE);
  slip_world_items_put (ctx->world, collection, &(SlipWorldItem){hash, "", size, text}, FALSE);
}

JsonNode *
slip_s3_upload_part (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket;
  const SlipWorldRecord *upload = find_upload (ctx, input, &bucket, error);
  gint64 number = slip_json_int (input, "PartNumber", 0);
  g_autofree char *collection = NULL;
  g_autofree char *etag = NULL;
  g_autofree char *file = NULL;
  JsonObject *output;

  if (upload == NULL)
    return NULL;
  if (number < 1 || number > MAX_PARTS)
    return slip_service_error (error, 400, "InvalidArgument",
                               "Part number must be an integer between 1 and 10000, inclusive");
  file = slip_s3_file_write (ctx->world, &ctx->payload->bytes, 1, error);
  if (file == NULL)
    return NULL;
  collection = slip_s3_upload_collection (upload_id (upload));
  etag = slip_s3_etag (ctx->payload->bytes);
  put_part (ctx, collection, number, file, etag);
  if (ctx->payload->algorithm != NULL)
    {
      g_autofree char *name = g_strconcat ("x-amz-checksum-", ctx->payload->algorithm, NULL);

      slip_aws_headers_set (ctx->reply->headers, name, ctx->payload->checksum);
    }
  output = json_object_new ();
  json_object_set_string_member (output, "ETag", etag);
  json_object_set_string_member (output, "ServerSideEncryption",
                                 slip_json_string (upload->data, "ServerSideEncryption"));
  return slip_json_new_object (output);
}

static gboolean
collect_part (const SlipWorldItem *item, gpointer data)
{
  g_autoptr (JsonNode) node = slip_json_parse (item->text, -1, NULL);

  g_ptr_array_add (data, json_node_dup_object (node));
  return TRUE;
}

static GPtrArray *
list_all (SlipWorld *world, const char *collection)
{
  GPtrArray *parts = g_ptr_array_new_with_free_func ((GDestroyNotify)json_object_unref);

  slip_world_items_foreach (world, collection, NULL, NULL, collect_part, parts);
  return parts;
}

/* Ends an upload: its parts' files go with this transaction. */
static void
end_upload (SlipServiceContext *ctx, const SlipWorldRecord *upload)
{
  g_autofree char *collection = slip_s3_upload_collection (upload_id (upload));
  g_autoptr (GPtrArray) parts = list_all (ctx->world, collection);

  for (guint i = 0; i < parts->len; i++)
    slip_s3_file_drop (ctx->world, slip_json_string (parts->pdata[i], "file"));
  slip_world_items_clear (ctx->world, collection);
  slip_world_remove (ctx->world, upload->account, upload->region, S3_UPLOAD, upload->id);
}

JsonNode *
slip_s3_abort_upload (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket;
  const SlipWorldRecord *upload = find_upload (ctx, input, &bucket, error);

  if (upload != NULL)
    end_upload (ctx, upload);
  return NULL;
}

/* --- Completion --- */

static char *
strip_quotes (const char *etag)
{
  gsize length = strlen (etag);

  return length >= 2 && *etag == '"' ? g_strndup (etag + 1, length - 2) : g_strdup (etag);
}

static gboolean
refuse_part (GError **error, const char *code, const char *message)
{
  slip_service_error (error, 400, code, "%s", message);
  return FALSE;
}

/* Takes a part of the request's list: its content goes to @pieces, its digest to @digests. */
static gboolean
take_part (SlipServiceContext *ctx,
           const char *collection,
           JsonObject *asked,
           gboolean last,
           GPtrArray *pieces,
           GByteArray *digests,
           GError **error)
{
  gint64 number = slip_json_int (asked, "PartNumber", 0);
  const char *etag = slip_json_string (asked, "ETag");
  g_autoptr (JsonObject) part = get_part (ctx->world, collection, number);
  g_autofree char *have = part != NULL ? strip_quotes (slip_json_string (part, "ETag")) : NULL;
  g_autofree char *want = strip_quotes (etag != NULL ? etag : "");
  GBytes *bytes;

  if (have == NULL || !g_str_equal (have, want))
    return refuse_part (error, "InvalidPart",
                        "One or more of the specified parts could not be found. The part may not "
                        "have been uploaded, or the specified entity tag may not match the part's "
                        "entity tag.");
  if (!last && slip_json_int (part, "Size", 0) < MIN_PART)
    return refuse_part (error, "EntityTooSmall",
                        "Your proposed upload is smaller than the minimum allowed size");
  bytes = slip_s3_file_map (ctx->world, slip_json_string (part, "file"), error);
  if (bytes == NULL)
    return FALSE;
  g_ptr_array_add (pieces, bytes);
  for (guint i = 0; have[i] != '\0'; i += 2)
    {
      guint8 byte
          = (guint8)(g_ascii_xdigit_value (have[i]) << 4 | g_ascii_xdigit_value (have[i + 1]));

      g_byte_array_append (digests, &byte, 1);
    }
  return TRUE;
}

static gboolean
check_order (JsonArray *list, GError **error)
{
  guint count = list != NULL ? json_array_get_length (list) : 0;
  gint64 before = 0;

  if (count == 0)
    return refuse_part (error, "MalformedXML",
                        "The XML you provided was not well-formed or did not validate against our "
                        "published schema");
  for (guint i = 0; i < count; i++)
    {
      gint64 number = slip_json_int (json_array_get_object_element (list, i), "PartNumber", 0);

      if (number <= before)
        return refuse_part (
            error, "InvalidPartOrder",
            "The list of parts was not in ascending order. Parts must be ordered by "
            "part number.");
      before = number;
    }
  return TRUE;
}

static gboolean
take_parts (SlipServiceContext *ctx,
            const char *collection,
            JsonArray *list,
            GPtrArray *pieces,
            GByteArray *digests,
            GError **error)
{
  if (!check_order (list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++)
    if (!take_part (ctx, collection, json_array_get_object_element (list, i),
                    i + 1 == json_array_get_length (list), pieces, digests, error))
      return FALSE;
  return TRUE;
}

static JsonObject *
make_object (const SlipWorldRecord *upload,
             GPtrArray *pieces,
             GByteArray *digests,
             const char *file,
             const char *now)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (upload->data));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *object = json_node_dup_object (copy);
  g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, digests->data, digests->len);
  g_autofree char *etag = g_strdup_printf ("\"%s-%u\"", sum, pieces->len);
  JsonArray *parts = json_array_new ();
  gint64 size = 0;

  for (guint i = 0; i < pieces->len; i++)
    {
      gint64 part = (gint64)g_bytes_get_size (pieces->pdata[i]);

      json_array_add_int_element (parts, part);
      size += part;
    }
  json_object_set_array_member (object, "parts", parts);
  json_object_set_string_member (object, "file", file);
  json_object_set_string_member (object, "ETag", etag);
  json_object_set_int_member (object, "Size", size);
  json_object_set_string_member (object, "LastModified", now);
  return object;
}

JsonNode *
slip_s3_complete_upload (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket;
  const SlipWorldRecord *upload = find_upload (ctx, input, &bucket, error);
  JsonObject *request = slip_json_object (input, "MultipartUpload");
  g_autoptr (GPtrArray) pieces = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autoptr (GByteArray) digests = g_byte_array_new ();
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *collection = NULL;
  g_autofree char *file = NULL;
  g_autofree char *location = NULL;
  g_autofree char *now = slip_world_dup_now (ctx->world);
  JsonObject *output;

  if (upload == NULL)
    return NULL;
  collection = slip_s3_upload_collection (upload_id (upload));
  if (!slip_s3_check_write (ctx, bucket->id, slip_json_string (input, "Key"), error)
      || !take_parts (ctx, collection, request != NULL ? slip_json_array (request, "Parts") : NULL,
                      pieces, digests, error))
    return NULL;
  file = slip_s3_file_write (ctx->world, (GBytes *const *)pieces->pdata, pieces->len, error);
  if (file == NULL)
    return NULL;
  object = make_object (upload, pieces, digests, file, now);
  slip_s3_add (ctx->world, bucket, object);
  location
      = g_strdup_printf ("%s/%s/%s", ctx->endpoint, bucket->id, slip_json_string (object, "Key"));
  output = json_object_new ();
  json_object_set_string_member (output, "Location", location);
  json_object_set_string_member (output, "Bucket", bucket->id);
  json_object_set_string_member (output, "Key", slip_json_string (object, "Key"));
  json_object_set_string_member (output, "ETag", slip_json_string (object, "ETag"));
  slip_s3_show_written (object, output);
  end_upload (ctx, upload);
  return slip_json_new_object (output);
}

/* --- Lists --- */

JsonNode *
slip_s3_list_parts (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket;
  const SlipWorldRecord *upload = find_upload (ctx, input, &bucket, error);
  gint64 after = slip_json_int (input, "PartNumberMarker", 0);
  gint64 max = CLAMP (slip_json_int (input, "MaxParts", 1000), 1, 1000);
  g_autofree char *collection = NULL;
  g_autoptr (GPtrArray) parts = NULL;
  JsonArray *list;
  JsonObject *output;
  gint64 last = after;
  gboolean truncated = FALSE;

  if (upload == NULL)
    return NULL;
  collection = slip_s3_upload_collection (upload_id (upload));
  parts = list_all (ctx->world, collection);
  list = json_array_new ();
  for (guint i = 0; i < parts->len; i++)
    {
      JsonObject *part = parts->pdata[i];

      if (slip_json_int (part, "PartNumber", 0) <= after)
        continue;
      truncated = json_array_get_length (list) >= max;
      if (truncated)
        break;
      json_object_remove_member (part, "file");
      last = slip_json_int (part, "PartNumber", 0);
      json_array_add_object_element (list, json_object_ref (part));
    }
  output = json_object_new ();
  json_object_set_string_member (output, "Bucket", bucket->id);
  json_object_set_string_member (output, "Key", slip_json_string (upload->data, "Key"));
  json_object_set_string_member (output, "UploadId", upload_id (upload));
  json_object_set_int_member (output, "PartNumberMarker", after);
  json_object_set_int_member (output, "NextPartNumberMarker", last);
  json_object_set_int_member (output, "MaxParts", max);
  json_object_set_boolean_member (output, "IsTruncated", truncated);
  json_object_set_array_member (output, "Parts", list);
  json_object_set_string_member (output, "StorageClass", "STANDARD");
  return slip_json_new_object (output);
}

/* All of a bucket's on one page: nobody rehearses with a thousand. */
JsonNode *
slip_s3_list_uploads (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  const char *prefix = slip_json_string (input, "Prefix");
  g_autofree char *start = NULL;
  g_autoptr (GPtrArray) all = NULL;
  JsonArray *list;
  JsonObject *output;

  if (bucket == NULL)
    return NULL;
  start = g_strconcat (bucket->id, "/", NULL);
  all = slip_world_list (ctx->world, bucket->account, bucket->region, S3_UPLOAD);
  list = json_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *upload = all->pdata[i];
      const char *key = slip_json_string (upload->data, "Key");
      JsonObject *item;

      if (!g_str_has_prefix (upload->id, start)
          || (prefix != NULL && !g_str_has_prefix (key, prefix)))
        continue;
      item = json_object_new ();
      json_object_set_string_member (item, "UploadId", upload_id (upload));
      json_object_set_string_member (item, "Key", key);
      json_object_set_string_member (item, "Initiated",
                                     slip_json_string (upload->data, "LastModified"));
      json_object_set_string_member (item, "StorageClass", "STANDARD");
      json_array_add_object_element (list, item);
    }
  output = json_object_new ();
  json_object_set_string_member (output, "Bucket", bucket->id);
  json_object_set_boolean_member (output, "IsTruncated", FALSE);
  json_object_set_array_member (output, "Uploads", list);
  return slip_json_new_object (output);
}
