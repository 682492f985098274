/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-services-list.h"

G_BEGIN_DECLS

/* Buckets belong to an account and a region, their names to all of AWS. A bucket's id is its name. */
#define S3_BUCKET "s3.bucket"
/* An upload in parts; the id is `BUCKET/UPLOADID`. */
#define S3_UPLOAD "s3.upload"

typedef JsonNode *SlipS3Func (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* slip-s3-buckets.c */
SlipS3Func slip_s3_create_bucket, slip_s3_delete_bucket, slip_s3_head_bucket, slip_s3_list_buckets,
    slip_s3_get_location;

/* Whose a bucket is matters to no lookup: names are unique. Returns: (nullable) */
const SlipWorldRecord *slip_s3_bucket_get (SlipWorld *world, const char *name);

/* The bucket of a call, when it is there, in this region, and its policy lets the caller do this. */
const SlipWorldRecord *
slip_s3_bucket_find (SlipServiceContext *ctx, JsonObject *input, GError **error);

/* The same for another bucket and action, such as the source of a copy. */
const SlipWorldRecord *slip_s3_bucket_open (SlipServiceContext *ctx,
                                            const char *name,
                                            const char *action,
                                            const char *resource,
                                            GError **error);
gboolean slip_s3_bucket_name_is_good (const char *name);

/* Takes data (transfer full) with `created` and settings; used by the seed too. */
void slip_s3_bucket_put (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonObject *data);

/* slip-s3-settings.c */
SlipS3Func slip_s3_get_setting, slip_s3_put_setting, slip_s3_delete_setting;

/* slip-s3-store.c: objects are items of the collection of their bucket, by key and, newest first, by
 * version; their content is a file whose name has nothing to do with the key. */
char *slip_s3_collection (const char *bucket);
char *slip_s3_upload_collection (const char *upload_id);

/* Returns: (transfer full) (nullable): the newest version, which may be a delete marker */
JsonObject *slip_s3_newest (SlipWorld *world, const char *bucket, const char *key);
JsonObject *
slip_s3_version (SlipWorld *world, const char *bucket, const char *key, const char *version);

/* Gives the object (transfer none, changed) its version and puts it in front of the others; without
 * versioning it replaces what was there. */
void slip_s3_add (SlipWorld *world, const SlipWorldRecord *bucket, JsonObject *object);

/* Removes a version with its file. */
void slip_s3_remove (SlipWorld *world, const SlipWorldRecord *bucket, JsonObject *object);

/* Writes a new file. Returns: (transfer full): its name */
char *slip_s3_file_write (SlipWorld *world, GBytes *const *pieces, guint count, GError **error);
GBytes *slip_s3_file_map (SlipWorld *world, const char *name, GError **error);

/* Removes a file when this transaction is done. */
void slip_s3_file_drop (SlipWorld *world, const char *name);
gboolean slip_s3_store_start (SlipWorld *world, GError **error);
void slip_s3_store_attach (SlipWorld *world);

/* slip-s3-objects.c */
SlipS3Func slip_s3_put_object, slip_s3_copy_object, slip_s3_delete_object, slip_s3_delete_objects;

/* Whether the conditions of a write (If-None-Match: *, If-Match) hold for the key. */
gboolean
slip_s3_check_write (SlipServiceContext *ctx, const char *bucket, const char *key, GError **error);

/* A new object's record with what the input says of it (type, metadata, …), and the time. */
JsonObject *
slip_s3_object_new (SlipServiceContext *ctx, const SlipWorldRecord *bucket, JsonObject *input);

/* Adds encryption and version to an answer about a written object. */
void slip_s3_show_written (JsonObject *object, JsonObject *output);
char *slip_s3_etag (GBytes *bytes);

/* slip-s3-read.c */
SlipS3Func slip_s3_get_object, slip_s3_head_object;

/* slip-s3-list.c */
SlipS3Func slip_s3_list_objects, slip_s3_list_objects_v2, slip_s3_list_versions;

/* slip-s3-uploads.c */
SlipS3Func slip_s3_create_upload, slip_s3_upload_part, slip_s3_complete_upload,
    slip_s3_abort_upload, slip_s3_list_parts, slip_s3_list_uploads;

/* slip-s3-seed.c */
gboolean slip_s3_seed (const SlipSeed *seed, GError **error);

G_END_DECLS
