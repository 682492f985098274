/* SPDX-License-Identifier: MIT */
/* An object of S3 into a file, piece by piece. What is not whole yet is beside the file, under a name that says of which
 * object: whoever is killed leaves what the next one takes up. */

#include "slip-aws-objects.h"

#include "slip-aws-object-check.h"
#include "slip-file.h"
#include "slip-json.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#define PIECE (4 * 1024 * 1024)
#define BLOCK (128 * 1024)

typedef struct
{
  SlipAwsClient *client;
  const char *bucket;
  const char *key;
  const char *version;
  const char *path;
  SlipAwsBytesFunc func;
  gpointer data;
  SlipAwsDownload *download;
  GCancellable *cancellable;

  JsonNode *head;            /* owned; what S3 says of the object */
  SlipAwsObjectCheck *check; /* owned */
  char *part;                /* owned; the path of what is not whole yet */
  int fd;                    /* of it, or -1 */
  guint64 done;
} Fetch;

static void
fetch_clear (Fetch *fetch)
{
  g_clear_pointer (&fetch->head, json_node_unref);
  g_clear_pointer (&fetch->check, slip_aws_object_check_free);
  g_free (fetch->part);
  if (fetch->fd >= 0)
    close (fetch->fd);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fetch, fetch_clear)

void
slip_aws_download_clear (SlipAwsDownload *download)
{
  g_clear_pointer (&download->version_id, g_free);
  g_clear_pointer (&download->etag, g_free);
  g_clear_pointer (&download->last_modified, g_free);
  g_clear_pointer (&download->sha256, g_free);
}

static void
set_io_error (GError **error, const char *path, const char *what)
{
  int number = errno;

  g_set_error (error, G_FILE_ERROR, (gint)g_file_error_from_errno (number), "%s: %s: %s", path,
               what, g_strerror (number));
}

/* ---- what S3 says */

static JsonObject *
new_input (const Fetch *fetch, JsonNode **input)
{
  JsonObject *object = json_object_new ();

  *input = slip_json_new_object (object);
  json_object_set_string_member (object, "Bucket", fetch->bucket);
  json_object_set_string_member (object, "Key", fetch->key);
  if (fetch->download->version_id != NULL)
    json_object_set_string_member (object, "VersionId", fetch->download->version_id);
  else if (fetch->version != NULL)
    json_object_set_string_member (object, "VersionId", fetch->version);
  return object;
}

static JsonNode *
ask (Fetch *fetch, const char *operation, JsonNode *input, GError **error)
{
  const SlipAwsCall call = {.service = "s3", .operation = operation, .input = input};
  g_autoptr (GError) local = NULL;
  JsonNode *answer = slip_aws_client_call (fetch->client, &call, NULL, fetch->cancellable, &local);

  if (answer != NULL)
    return answer;
  /* An answer without a body has no words of its own. */
  if (slip_aws_error_get_status (local) == 404 && g_str_equal (operation, "HeadObject"))
    slip_aws_error_set_service (error, "NotFound", 404, "s3://%s/%s is not there%s%s", fetch->bucket,
                                fetch->key, fetch->version != NULL ? " in version " : "",
                                fetch->version != NULL ? fetch->version : "");
  else
    g_propagate_prefixed_error (error, g_steal_pointer (&local), "s3://%s/%s: ", fetch->bucket,
                                fetch->key);
  return NULL;
}

/* Of an upload in parts the ETag is a sum over the parts, so their size is needed. All but the last are alike. */
static gboolean
find_part_size (Fetch *fetch, guint64 *size, GError **error)
{
  const char *dash = strrchr (fetch->download->etag, '-');
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (JsonNode) answer = NULL;

  *size = 0;
  if (dash == NULL)
    return TRUE;
  json_object_set_int_member (new_input (fetch, &input), "PartNumber", 1);
  answer = ask (fetch, "HeadObject", input, error);
  if (answer == NULL)
    return FALSE;
  *size = (guint64)slip_json_int (json_node_get_object (answer), "ContentLength", 0);
  /* A server that knows no parts answers with the whole. */
  if (*size >= fetch->download->size && !g_str_has_prefix (dash, "-1"))
    *size = 0;
  return TRUE;
}

static gboolean
look (Fetch *fetch, guint64 *part_size, GError **error)
{
  SlipAwsDownload *download = fetch->download;
  g_autoptr (JsonNode) input = NULL;
  JsonObject *head;

  json_object_set_string_member (new_input (fetch, &input), "ChecksumMode", "ENABLED");
  fetch->head = ask (fetch, "HeadObject", input, error);
  if (fetch->head == NULL)
    return FALSE;
  head = json_node_get_object (fetch->head);
  download->version_id = g_strdup (slip_json_string (head, "VersionId"));
  download->etag = g_strdup (slip_json_string (head, "ETag"));
  download->last_modified = g_strdup (slip_json_string (head, "LastModified"));
  download->size = (guint64)slip_json_int (head, "ContentLength", 0);
  if (download->etag != NULL)
    return find_part_size (fetch, part_size, error);
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL, "s3://%s/%s has no ETag",
               fetch->bucket, fetch->key);
  return FALSE;
}

/* ---- what is there already */

static char *
part_prefix (const Fetch *fetch)
{
  return g_strconcat (fetch->path, ".slipway-part-", NULL);
}

static char *
part_path (const Fetch *fetch)
{
  const SlipAwsDownload *download = fetch->download;
  g_autofree char *prefix = part_prefix (fetch);
  g_autofree char *what = g_strdup_printf (
      "%s %s %s %s %" G_GUINT64_FORMAT, fetch->bucket, fetch->key,
      download->version_id != NULL ? download->version_id : "", download->etag, download->size);
  g_autofree char *sum = g_compute_checksum_for_string (G_CHECKSUM_SHA256, what, -1);

  return g_strdup_printf ("%s%.16s", prefix, sum);
}

/* Beginnings of what the object was before. */
static void
remove_other_parts (const Fetch *fetch)
{
  g_autofree char *folder = g_path_get_dirname (fetch->path);
  g_autofree char *prefix = part_prefix (fetch);
  g_autofree char *name = g_path_get_basename (prefix);
  g_autofree char *own = g_path_get_basename (fetch->part);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *each;

  while (dir != NULL && (each = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (each, name) && !g_str_equal (each, own))
      {
        g_autofree char *path = g_build_filename (folder, each, NULL);

        g_unlink (path);
      }
}

static gboolean
read_back (Fetch *fetch, GError **error)
{
  g_autofree guint8 *block = g_malloc (BLOCK);
  gssize n;

  while ((n = read (fetch->fd, block, BLOCK)) != 0)
    {
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_io_error (error, fetch->part, "cannot be read");
          return FALSE;
        }
      slip_aws_object_check_add (fetch->check, block, (gsize)n);
      fetch->done += (guint64)n;
    }
  return TRUE;
}

static gboolean
open_part (Fetch *fetch, guint64 part_size, GError **error)
{
  fetch->part = part_path (fetch);
  remove_other_parts (fetch);
  fetch->fd = open (fetch->part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fetch->fd < 0)
    {
      set_io_error (error, fetch->part, "cannot be made");
      return FALSE;
    }
  fetch->check = slip_aws_object_check_new (json_node_get_object (fetch->head), part_size);
  if (!read_back (fetch, error))
    return FALSE;
  fetch->download->resumed = fetch->done;
  return TRUE;
}

/* ---- what comes */

static gboolean
write_all (Fetch *fetch, const guint8 *data, gsize length, GError **error)
{
  while (length > 0)
    {
      gssize n = write (fetch->fd, data, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_io_error (error, fetch->part, "cannot be written");
          return FALSE;
        }
      data += n;
      length -= (gsize)n;
    }
  return TRUE;
}

static gboolean
fetch_piece (Fetch *fetch, GError **error)
{
  guint64 end = MIN (fetch->done + PIECE, fetch->download->size) - 1;
  g_autofree char *range
      = g_strdup_printf ("bytes=%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, fetch->done, end);
  g_autoptr (JsonNode) input = NULL;
  g_autoptr (JsonNode) answer = NULL;
  JsonObject *object = new_input (fetch, &input);
  g_autofree guint8 *bytes = NULL;
  const char *body;
  gsize length = 0;

  json_object_set_string_member (object, "Range", range);
  json_object_set_string_member (object, "IfMatch", fetch->download->etag);
  answer = ask (fetch, "GetObject", input, error);
  if (answer == NULL)
    return FALSE;
  body = slip_json_string (json_node_get_object (answer), "Body");
  bytes = g_base64_decode (body != NULL ? body : "", &length);
  if (length != end + 1 - fetch->done)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "s3://%s/%s: %s was asked for and %" G_GSIZE_FORMAT " bytes came", fetch->bucket,
                   fetch->key, range, length);
      return FALSE;
    }
  if (!write_all (fetch, bytes, length, error))
    return FALSE;
  slip_aws_object_check_add (fetch->check, bytes, length);
  fetch->done += length;
  if (fetch->func != NULL)
    fetch->func (fetch->done, fetch->download->size, fetch->data);
  return TRUE;
}

static gboolean
finish (Fetch *fetch, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (fetch->path);

  if (fetch->done != fetch->download->size)
    {
      g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                   "s3://%s/%s: what an earlier download left is longer than the object",
                   fetch->bucket, fetch->key);
      g_unlink (fetch->part);
      return FALSE;
    }
  if (!slip_aws_object_check_end (fetch->check, &fetch->download->checked, &fetch->download->sha256,
                                  error))
    {
      g_prefix_error (error, "s3://%s/%s: ", fetch->bucket, fetch->key);
      g_unlink (fetch->part);
      return FALSE;
    }
  if (fsync (fetch->fd) != 0 || g_rename (fetch->part, fetch->path) != 0)
    {
      set_io_error (error, fetch->path, "cannot be written");
      return FALSE;
    }
  return slip_file_sync_folder (folder, error);
}

static gboolean
run (Fetch *fetch, GError **error)
{
  guint64 part_size = 0;

  if (!look (fetch, &part_size, error) || !open_part (fetch, part_size, error))
    return FALSE;
  while (fetch->done < fetch->download->size)
    if (!fetch_piece (fetch, error))
      return FALSE;
  return finish (fetch, error);
}

gboolean
slip_aws_object_download (SlipAwsClient *client,
                          const char *bucket,
                          const char *key,
                          const char *version,
                          const char *path,
                          SlipAwsBytesFunc func,
                          gpointer data,
                          SlipAwsDownload *download,
                          GCancellable *cancellable,
                          GError **error)
{
  g_return_val_if_fail (SLIP_IS_AWS_CLIENT (client), FALSE);
  g_return_val_if_fail (bucket != NULL && key != NULL && path != NULL && download != NULL, FALSE);

  for (guint attempt = 0;; attempt++)
    {
      g_auto (Fetch) fetch = {.client = client,
                              .bucket = bucket,
                              .key = key,
                              .version = version,
                              .path = path,
                              .func = func,
                              .data = data,
                              .download = download,
                              .cancellable = cancellable,
                              .fd = -1};
      g_autoptr (GError) local = NULL;

      if (run (&fetch, &local))
        return TRUE;
      /* What an earlier download had left may have been spoilt; from its beginning it is another matter. */
      if (attempt > 0 || download->resumed == 0 || fetch.done < download->size
          || !g_error_matches (local, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      slip_aws_download_clear (download);
      download->resumed = 0;
    }
}
