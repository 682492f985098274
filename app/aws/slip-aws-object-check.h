/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * SlipAwsObjectCheck:
 *
 * Holds the bytes of an object against what S3 says of them, as they come. One thread.
 */
typedef struct _SlipAwsObjectCheck SlipAwsObjectCheck;

/**
 * slip_aws_object_check_new:
 * @head: the answer of `HeadObject` with `ChecksumMode` ENABLED
 * @part_size: bytes of the first part of an upload in parts, or 0
 *
 * Takes the strongest of what S3 has: a checksum of the whole, the MD5 that the ETag is, or that of its parts.
 *
 * Returns: (transfer full): the check
 */
SlipAwsObjectCheck *slip_aws_object_check_new (JsonObject *head, guint64 part_size);
void slip_aws_object_check_free (SlipAwsObjectCheck *self);
void slip_aws_object_check_add (SlipAwsObjectCheck *self, const guint8 *data, gsize length);

/**
 * slip_aws_object_check_end:
 * @by: (out): what it was held against; `size` when there is nothing to compute
 * @sha256: (out) (transfer full): of all bytes
 * @error: return location
 *
 * Returns: whether the bytes are the object; otherwise %SLIP_AWS_ERROR_PROTOCOL
 */
gboolean slip_aws_object_check_end (SlipAwsObjectCheck *self,
                                    const char **by,
                                    char **sha256,
                                    GError **error);

/**
 * slip_aws_crc32:
 * @polynomial: reflected: 0xEDB88320 (CRC32) or 0x82F63B78 (CRC32C)
 * @crc: of the bytes before, 0 at first
 *
 * Returns: the cyclic redundancy check of all bytes so far
 */
guint32 slip_aws_crc32 (guint32 polynomial, guint32 crc, const guint8 *data, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipAwsObjectCheck, slip_aws_object_check_free)

G_END_DECLS
