/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-aws-http.h"
#include "slip-aws-sigv4.h"

G_BEGIN_DECLS

/**
 * SlipPayload:
 * @bytes: what was uploaded, without the framing it came in
 * @algorithm: (nullable): of the checksum the client sent, as headers name it: `crc32`, `crc32c`,
 *   `crc64nvme`, `sha1` or `sha256`
 * @checksum: (nullable): its value, base64, which fits @bytes
 *
 * The body of an upload to S3.
 */
typedef struct
{
  GBytes *bytes;
  char *algorithm;
  char *checksum;
} SlipPayload;

void slip_payload_free (SlipPayload *payload);

/**
 * slip_payload_is_upload:
 * @request: a request to S3
 *
 * Returns: whether its body is an object's or a part's content and no document
 */
gboolean slip_payload_is_upload (const SlipAwsRequest *request);

/**
 * slip_payload_read:
 * @request: an upload whose signature was proven
 * @signed_: what it says of its signature
 * @secret: the secret access key, for the signatures of chunks
 * @folder: where bytes may be put down
 * @error: return location
 *
 * Takes the framing `aws-chunked` off (signed or not, with trailers or not) and holds the bytes
 * against what the client says of them: the length, the signatures, the checksum, Content-MD5.
 *
 * Returns: (transfer full) (nullable): the payload, or %NULL with a %SLIP_AWS_ERROR_SERVICE
 *   (`SignatureDoesNotMatch`, `IncompleteBody`, `BadDigest`, `InvalidDigest`, `InvalidRequest`)
 */
SlipPayload *slip_payload_read (const SlipAwsRequest *request,
                                const SlipAwsSigned *signed_,
                                const char *secret,
                                const char *folder,
                                GError **error);

/**
 * slip_payload_dup_checksum:
 * @algorithm: as in #SlipPayload
 * @bytes: any bytes
 *
 * Returns: (transfer full) (nullable): the checksum as base64; %NULL for an unknown algorithm
 */
char *slip_payload_dup_checksum (const char *algorithm, GBytes *bytes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPayload, slip_payload_free)

G_END_DECLS
