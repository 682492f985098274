/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-client.h"

G_BEGIN_DECLS

/**
 * SlipAwsObject:
 * @key: its key
 * @version_id: (nullable): its version; %NULL where versions were not asked for
 * @etag: (nullable): its ETag with its quotes; %NULL for a delete marker
 * @last_modified: as S3 tells it, ISO 8601
 * @size: bytes
 * @latest: whether it is the newest version of its key
 * @marker: whether it says that the key is deleted, and has no content
 *
 * An object of S3, or one version of it.
 */
typedef struct
{
  char *key;
  char *version_id;
  char *etag;
  char *last_modified;
  guint64 size;
  gboolean latest;
  gboolean marker;
} SlipAwsObject;

void slip_aws_object_free (SlipAwsObject *object);

/**
 * slip_aws_objects_list:
 * @client: a client
 * @bucket: a bucket
 * @prefix: what keys begin with; "" for all
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * `ListObjectsV2`, all pages. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipAwsObject): objects by key; %NULL with a %SLIP_AWS_ERROR
 */
GPtrArray *slip_aws_objects_list (SlipAwsClient *client,
                                  const char *bucket,
                                  const char *prefix,
                                  GCancellable *cancellable,
                                  GError **error);

/**
 * slip_aws_objects_list_versions:
 * @client: a client
 * @bucket: a bucket
 * @key: a key, whole
 * @cancellable: (nullable): ends it
 * @error: return location
 *
 * `ListObjectVersions` of one key, all pages; delete markers are among them. Blocks; worker threads only.
 *
 * Returns: (transfer full) (element-type SlipAwsObject): versions, the newest first; %NULL with a %SLIP_AWS_ERROR
 */
GPtrArray *slip_aws_objects_list_versions (SlipAwsClient *client,
                                           const char *bucket,
                                           const char *key,
                                           GCancellable *cancellable,
                                           GError **error);

/**
 * SlipAwsDownload:
 * @version_id: (nullable): the version; %NULL in a bucket without
 * @etag: its ETag
 * @last_modified: as S3 tells it
 * @size: bytes
 * @sha256: of the bytes that are on disk, 64 hexadecimal digits
 * @checked: by what it was held against S3's own words: `SHA256`, `SHA1`, `CRC32`, `CRC32C`, `MD5`, or `size` where
 *   S3 has no checksum that can be computed
 * @resumed: bytes that an earlier download had left
 *
 * What was downloaded. Zero it before, clear it after.
 */
typedef struct
{
  char *version_id;
  char *etag;
  char *last_modified;
  guint64 size;
  char *sha256;
  const char *checked;
  guint64 resumed;
} SlipAwsDownload;

void slip_aws_download_clear (SlipAwsDownload *download);

/**
 * SlipAwsBytesFunc:
 * @done: bytes so far
 * @total: bytes in all
 * @data: as given
 */
typedef void (*SlipAwsBytesFunc) (guint64 done, guint64 total, gpointer data);

/**
 * slip_aws_object_download:
 * @client: a client
 * @bucket: a bucket
 * @key: a key
 * @version: (nullable): a version; %NULL for the newest
 * @path: the file, which is replaced when the object is there as a whole and right
 * @func: (nullable): called for each piece
 * @data: for @func
 * @download: (inout): filled in
 * @cancellable: (nullable): ends it; what is there stays for the next time
 * @error: return location
 *
 * Fetches an object in pieces of 4 MiB (`GetObject` with `Range`), in constant memory. What a killed download left beside
 * @path is taken up when the object is still the same. The bytes are held against the strongest checksum that S3 has
 * of them before @path changes. Blocks; worker threads only.
 *
 * Returns: whether @path is the object; otherwise a %SLIP_AWS_ERROR, PROTOCOL where the bytes are not what S3 says, or a
 *   #GFileError
 */
gboolean slip_aws_object_download (SlipAwsClient *client,
                                   const char *bucket,
                                   const char *key,
                                   const char *version,
                                   const char *path,
                                   SlipAwsBytesFunc func,
                                   gpointer data,
                                   SlipAwsDownload *download,
                                   GCancellable *cancellable,
                                   GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipAwsDownload, slip_aws_download_clear)

G_END_DECLS
