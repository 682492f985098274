/* SPDX-License-Identifier: MIT */

/* Amazon S3: buckets, and objects that are files. Access lists, object lock, replication and storage
 * classes have no effect here. */

#include "slip-s3-private.h"

static const SlipServiceOperation operations[] = {
    {"AbortMultipartUpload", slip_s3_abort_upload},
    {"CompleteMultipartUpload", slip_s3_complete_upload},
    {"CopyObject", slip_s3_copy_object},
    {"CreateBucket", slip_s3_create_bucket},
    {"CreateMultipartUpload", slip_s3_create_upload},
    {"DeleteBucket", slip_s3_delete_bucket},
    {"DeleteBucketEncryption", slip_s3_delete_setting},
    {"DeleteBucketPolicy", slip_s3_delete_setting},
    {"DeleteBucketTagging", slip_s3_delete_setting},
    {"DeleteObject", slip_s3_delete_object},
    {"DeleteObjects", slip_s3_delete_objects},
    {"DeletePublicAccessBlock", slip_s3_delete_setting},
    {"GetBucketEncryption", slip_s3_get_setting},
    {"GetBucketLocation", slip_s3_get_location},
    {"GetBucketPolicy", slip_s3_get_setting},
    {"GetBucketTagging", slip_s3_get_setting},
    {"GetBucketVersioning", slip_s3_get_setting},
    {"GetObject", slip_s3_get_object},
    {"GetPublicAccessBlock", slip_s3_get_setting},
    {"HeadBucket", slip_s3_head_bucket},
    {"HeadObject", slip_s3_head_object},
    {"ListBuckets", slip_s3_list_buckets},
    {"ListMultipartUploads", slip_s3_list_uploads},
    {"ListObjectVersions", slip_s3_list_versions},
    {"ListObjects", slip_s3_list_objects},
    {"ListObjectsV2", slip_s3_list_objects_v2},
    {"ListParts", slip_s3_list_parts},
    {"PutBucketEncryption", slip_s3_put_setting},
    {"PutBucketPolicy", slip_s3_put_setting},
    {"PutBucketTagging", slip_s3_put_setting},
    {"PutBucketVersioning", slip_s3_put_setting},
    {"PutObject", slip_s3_put_object},
    {"PutPublicAccessBlock", slip_s3_put_setting},
    {"UploadPart", slip_s3_upload_part},
    {NULL, NULL},
};

const SlipService slip_s3_service = {
    .name = "s3",
    .operations = operations,
    .attach = slip_s3_store_attach,
    .seed = slip_s3_seed,
    .start = slip_s3_store_start,
};
