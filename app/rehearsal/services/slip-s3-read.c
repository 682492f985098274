/* SPDX-License-Identifier: MIT */

/* Reading objects: whole, in ranges, on conditions, and only what is known of them. Content goes from
 * its file to the socket and passes through no document. */

#include "slip-s3-private.h"

#include "slip-json.h"

static gboolean
has_etag (JsonObject *object, const char *list)
{
  const char *etag = slip_json_string (object, "ETag");
  g_auto (GStrv) given = g_strsplit (list, ",", -1);

  for (char **each = given; *each != NULL; each++)
    {
      const char *text = g_strstrip (*each);
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", text);

      if (g_str_equal (text, "*") || g_str_equal (text, etag) || g_str_equal (quoted, etag))
        return TRUE;
    }
  return FALSE;
}

/* Whether the object is newer than a time of the input. */
static gboolean
is_newer (JsonObject *object, const char *time)
{
  g_autoptr (GDateTime) than = g_date_time_new_from_iso8601 (time, NULL);
  g_autoptr (GDateTime) modified
      = g_date_time_new_from_iso8601 (slip_json_string (object, "LastModified"), NULL);

  return than != NULL && g_date_time_compare (modified, than) > 0;
}

static gboolean
check_conditions (JsonObject *input, JsonObject *object, GError **error)
{
  const char *match = slip_json_string (input, "IfMatch");
  const char *none = slip_json_string (input, "IfNoneMatch");
  const char *since = slip_json_string (input, "IfModifiedSince");
  const char *unmodified = slip_json_string (input, "IfUnmodifiedSince");

  if ((match != NULL && !has_etag (object, match))
      || (match == NULL && unmodified != NULL && is_newer (object, unmodified)))
    slip_service_error (error, 412, "PreconditionFailed",
                        "At least one of the pre-conditions you specified did not hold");
  else if ((none != NULL && has_etag (object, none))
           || (none == NULL && since != NULL && !is_newer (object, since)))
    slip_service_error (error, 304, "NotModified", "Not Modified");
  else
    return TRUE;
  return FALSE;
}

static JsonObject *
refuse_marker (SlipServiceContext *ctx, JsonObject *marker, gboolean named, GError **error)
{
  slip_aws_headers_set (ctx->reply->headers, "x-amz-delete-marker", "true");
  slip_aws_headers_set (ctx->reply->headers, "x-amz-version-id",
                        slip_json_string (marker, "version"));
  if (named)
    return slip_service_error (error, 405, "MethodNotAllowed",
                               "The specified method is not allowed against this resource.");
  return slip_service_error (error, 404, "NoSuchKey", "The specified key does not exist.");
}

static JsonObject *
find (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *bucket = slip_s3_bucket_find (ctx, input, error);
  const char *key = slip_json_string (input, "Key");
  const char *version = slip_json_string (input, "VersionId");
  g_autoptr (JsonObject) object = NULL;

  if (bucket == NULL)
    return NULL;
  object = version != NULL ? slip_s3_version (ctx->world, bucket->id, key, version)
                           : slip_s3_newest (ctx->world, bucket->id, key);
  if (object == NULL && version != NULL)
    return slip_service_error (error, 404, "NoSuchVersion",
                               "The specified version does not exist.");
  if (object == NULL)
    return slip_service_error (error, 404, "NoSuchKey", "The specified key does not exist.");
  if (slip_json_bool (object, "marker", FALSE))
    return refuse_marker (ctx, object, version != NULL, error);
  return check_conditions (input, object, error) ? g_steal_pointer (&object) : NULL;
}

/* --- Ranges --- */

/* `bytes=A-B`, `bytes=A-` or `bytes=-N`. What is no such range is not heeded, as HTTP has it. Returns
 * FALSE when none of it is in the object. */
static gboolean
read_range (const char *text, gint64 size, gint64 *first, gint64 *last, gboolean *partial)
{
  g_autoptr (GRegex) regex = g_regex_new ("^bytes=([0-9]*)-([0-9]*)$", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *from = NULL;
  g_autofree char *to = NULL;

  *first = 0;
  *last = size - 1;
  *partial = FALSE;
  if (text == NULL || !g_regex_match (regex, text, 0, &match))
    return TRUE;
  from = g_match_info_fetch (match, 1);
  to = g_match_info_fetch (match, 2);
  if (*from == '\0' && *to == '\0')
    return TRUE;
  *partial = TRUE;
  if (*from == '\0')
    {
      gint64 count = g_ascii_strtoll (to, NULL, 10);

      *first = MAX (size - count, 0);
      return count > 0 && size > 0;
    }
  *first = g_ascii_strtoll (from, NULL, 10);
  if (*to != '\0')
    {
      gint64 end = g_ascii_strtoll (to, NULL, 10);

      /* Backwards is malformed, and then the whole object is sent. */
      if (end < *first)
        {
          *first = 0;
          *partial = FALSE;
          return TRUE;
        }
      *last = MIN (end, size - 1);
    }
  return *first < size;
}

/* The bytes of one part of an upload in parts; an object that came at once is one part. Returns FALSE when there are not
 * as many. */
static gboolean
find_part (JsonObject *object, gint64 number, gint64 size, gint64 *first, gint64 *last)
{
  JsonArray *parts = slip_json_array (object, "parts");
  gint64 count = parts != NULL ? json_array_get_length (parts) : 1;

  *first = 0;
  *last = size - 1;
  if (number < 1 || number > count)
    return FALSE;
  for (gint64 i = 0; parts != NULL && i < number; i++)
    {
      *first = i == 0 ? 0 : *last + 1;
      *last = *first + json_array_get_int_element (parts, (guint)i) - 1;
    }
  return TRUE;
}

/* --- Answers --- */

static JsonObject *
describe (JsonObject *object)
{
  static const char *const shown[] = {"CacheControl",
                                      "ContentDisposition",
                                      "ContentEncoding",
                                      "ContentLanguage",
                                      "ContentType",
                                      "Metadata",
                                      "WebsiteRedirectLocation",
                                      "Expires",
                                      "ServerSideEncryption",
                                      "SSEKMSKeyId",
                                      "StorageClass",
                                      "ETag",
                                      "LastModified"};
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    if (json_object_has_member (object, shown[i]))
      json_object_set_member (output, shown[i], json_object_dup_member (object, shown[i]));
  json_object_set_string_member (output, "AcceptRanges", "bytes");
  if (slip_json_bool (object, "versioned", FALSE))
    json_object_set_string_member (output, "VersionId", slip_json_string (object, "version"));
  return output;
}

/* The checksum of the whole is no checksum of a part of it. */
static void
add_checksum (SlipServiceContext *ctx, JsonObject *input, JsonObject *object)
{
  const char *algorithm = slip_json_string (object, "algorithm");
  g_autofree char *name = NULL;

  if (algorithm == NULL || g_strcmp0 (slip_json_string (input, "ChecksumMode"), "ENABLED") != 0)
    return;
  name = g_strconcat ("x-amz-checksum-", algorithm, NULL);
  slip_aws_headers_set (ctx->reply->headers, name, slip_json_string (object, "checksum"));
  slip_aws_headers_set (ctx->reply->headers, "x-amz-checksum-type", "FULL_OBJECT");
}

static void
override_headers (JsonObject *input, JsonObject *output)
{
  static const char *const names[]
      = {"CacheControl", "ContentDisposition", "ContentEncoding", "ContentLanguage", "ContentType"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *asked = g_strconcat ("Response", names[i], NULL);
      const char *value = slip_json_string (input, asked);

      if (value != NULL)
        json_object_set_string_member (output, names[i], value);
    }
}

static JsonNode *
answer (
    SlipServiceContext *ctx, JsonObject *input, JsonObject *object, gboolean body, GError **error)
{
  gint64 size = slip_json_int (object, "Size", 0);
  gint64 first, last;
  gboolean partial;
  g_autoptr (GBytes) bytes = NULL;
  JsonObject *output;

  if (json_object_has_member (input, "PartNumber"))
    {
      partial = slip_json_array (object, "parts") != NULL;
      if (!find_part (object, slip_json_int (input, "PartNumber", 0), size, &first, &last))
        return slip_service_error (error, 416, "InvalidPartNumber",
                                   "The requested partnumber is not satisfiable");
    }
  else if (!read_range (slip_json_string (input, "Range"), size, &first, &last, &partial))
    return slip_service_error (error, 416, "InvalidRange",
                               "The requested range is not satisfiable");
  if (body)
    {
      bytes = slip_s3_file_map (ctx->world, slip_json_string (object, "file"), error);
      if (bytes == NULL)
        return NULL;
      ctx->reply->body = g_bytes_new_from_bytes (bytes, (gsize)first, (gsize)(last - first + 1));
    }
  output = describe (object);
  override_headers (input, output);
  json_object_set_int_member (output, "ContentLength", last - first + 1);
  if (json_object_has_member (input, "PartNumber") && slip_json_array (object, "parts") != NULL)
    json_object_set_int_member (output, "PartsCount",
                                json_array_get_length (slip_json_array (object, "parts")));
  if (partial)
    {
      g_autofree char *range = g_strdup_printf (
          "bytes %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT "/%" G_GINT64_FORMAT, first, last, size);

      ctx->reply->status = 206;
      slip_aws_headers_set (ctx->reply->headers, "content-range", range);
    }
  else
    add_checksum (ctx, input, object);
  return slip_json_new_object (output);
}

JsonNode *
slip_s3_get_object (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (JsonObject) object = find (ctx, input, error);

  return object != NULL ? answer (ctx, input, object, TRUE, error) : NULL;
}

JsonNode *
slip_s3_head_object (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (JsonObject) object = find (ctx, input, error);

  return object != NULL ? answer (ctx, input, object, FALSE, error) : NULL;
}
