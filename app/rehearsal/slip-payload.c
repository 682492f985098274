/* SPDX-License-Identifier: MIT */

/* Uploads to S3 as clients send them: plain, or framed as aws-chunked with signatures of chunks, with
 * checksums in headers or behind the last chunk. From "Authenticating Requests: Using the Authorization
 * Header" and "Checking object integrity" of the S3 documentation. */

#include "slip-payload.h"

#include "slip-service.h"
#include "slip-spool.h"

#include <openssl/crypto.h>
#include <zlib.h>

#define MAX_LINE 4096
#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
#define PREFIX "x-amz-checksum-"

void
slip_payload_free (SlipPayload *payload)
{
  g_clear_pointer (&payload->bytes, g_bytes_unref);
  g_free (payload->algorithm);
  g_free (payload->checksum);
  g_free (payload);
}

gboolean
slip_payload_is_upload (const SlipAwsRequest *request)
{
  static const char *const own[] = {"partNumber", "uploadId", "x-id", NULL};

  const char *slash = *request->path != '\0' ? strchr (request->path + 1, '/') : NULL;

  if (!g_str_equal (request->method, "PUT") || slash == NULL || slash[1] == '\0')
    return FALSE;
  for (guint i = 0; i < request->query->len; i++)
    {
      const SlipAwsPair *pair = request->query->pdata[i];

      if (!g_strv_contains (own, pair->name)
          && g_ascii_strncasecmp (pair->name, "x-amz-", strlen ("x-amz-")) != 0)
        return FALSE;
    }
  return TRUE;
}

/* --- Checksums --- */

static guint32
crc32c (const guchar *data, gsize length)
{
  static guint32 table[256];
  static gsize once = 0;
  guint32 crc = 0xffffffffU;

  if (g_once_init_enter (&once))
    {
      for (guint i = 0; i < 256; i++)
        {
          guint32 value = i;

          for (guint bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? (value >> 1) ^ 0x82f63b78U : value >> 1;
          table[i] = value;
        }
      g_once_init_leave (&once, 1);
    }
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

static guint64
crc64nvme (const guchar *data, gsize length)
{
  static guint64 table[256];
  static gsize once = 0;
  guint64 crc = ~(guint64)0;

  if (g_once_init_enter (&once))
    {
      for (guint i = 0; i < 256; i++)
        {
          guint64 value = i;

          for (guint bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? (value >> 1) ^ G_GUINT64_CONSTANT (0x9a6c9329ac4bc9b5)
                                     : value >> 1;
          table[i] = value;
        }
      g_once_init_leave (&once, 1);
    }
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ data[i]) & 0xff] ^ (crc >> 8);
  return ~crc;
}

static char *
encode_number (guint64 value, guint bytes)
{
  guchar text[8];

  for (guint i = 0; i < bytes; i++)
    text[i] = (guchar)(value >> (8 * (bytes - 1 - i)));
  return g_base64_encode (text, bytes);
}

static char *
encode_digest (GChecksumType type, const guchar *data, gsize length)
{
  g_autoptr (GChecksum) sum = g_checksum_new (type);
  guchar digest[32];
  gsize size = sizeof digest;

  for (gsize at = 0; at < length; at += G_MAXINT32)
    g_checksum_update (sum, data + at, (gssize)MIN (length - at, G_MAXINT32));
  g_checksum_get_digest (sum, digest, &size);
  return g_base64_encode (digest, size);
}

char *
slip_payload_dup_checksum (const char *algorithm, GBytes *bytes)
{
  gsize length = 0;
  const guchar *data = g_bytes_get_data (bytes, &length);

  if (g_str_equal (algorithm, "crc32"))
    return encode_number (crc32_z (crc32_z (0, NULL, 0), data, length), 4);
  if (g_str_equal (algorithm, "crc32c"))
    return encode_number (crc32c (data, length), 4);
  if (g_str_equal (algorithm, "crc64nvme"))
    return encode_number (crc64nvme (data, length), 8);
  if (g_str_equal (algorithm, "sha1"))
    return encode_digest (G_CHECKSUM_SHA1, data, length);
  if (g_str_equal (algorithm, "sha256"))
    return encode_digest (G_CHECKSUM_SHA256, data, length);
  return NULL;
}

static gboolean
check_sum (SlipPayload *payload, const char *name, const char *value, GError **error)
{
  const char *algorithm = name + strlen (PREFIX);
  g_autofree char *have = slip_payload_dup_checksum (algorithm, payload->bytes);

  /* Names such as x-amz-checksum-type say nothing of the bytes. */
  if (have == NULL)
    return TRUE;
  if (!g_str_equal (have, value))
    {
      slip_service_error (error, 400, "BadDigest",
                          "The %s you specified did not match the calculated checksum.", algorithm);
      return FALSE;
    }
  g_free (payload->algorithm);
  g_free (payload->checksum);
  payload->algorithm = g_strdup (algorithm);
  payload->checksum = g_strdup (value);
  return TRUE;
}

static gboolean
check_sums (SlipPayload *payload, const SlipAwsHeaders *headers, GError **error)
{
  const char *md5 = slip_aws_headers_get (headers, "content-md5");

  for (guint i = 0; i < slip_aws_headers_get_length (headers); i++)
    {
      const SlipAwsPair *pair = slip_aws_headers_get_pair (headers, i);
      g_autofree char *name = g_ascii_strdown (pair->name, -1);

      if (g_str_has_prefix (name, PREFIX) && !check_sum (payload, name, pair->value, error))
        return FALSE;
    }
  if (md5 != NULL)
    {
      gsize length = 0;
      const guchar *data = g_bytes_get_data (payload->bytes, &length);
      g_autofree char *have = encode_digest (G_CHECKSUM_MD5, data, length);

      if (!g_str_equal (md5, have))
        {
          slip_service_error (error, 400, "BadDigest",
                              "The Content-MD5 you specified did not match what we received.");
          return FALSE;
        }
    }
  return TRUE;
}

/* --- aws-chunked --- */

typedef struct
{
  const char *at;
  const char *end;
  const SlipAwsSigned *signed_;
  const char *secret;
  char *signature; /* of what came before; NULL when chunks are not signed */
  SlipSpool *spool;
  SlipAwsHeaders *trailers;
} Frames;

static gboolean
fail_frames (GError **error)
{
  slip_service_error (error, 400, "IncompleteBody",
                      "The request body terminated unexpectedly: it is no whole aws-chunked body");
  return FALSE;
}

static char *
take_line (Frames *frames)
{
  gsize left = MIN ((gsize)(frames->end - frames->at), MAX_LINE);
  const char *line = frames->at;
  const char *end = g_strstr_len (line, (gssize)left, "\n");

  if (end == NULL)
    return NULL;
  frames->at = end + 1;
  return g_strndup (line, (gsize)(end - line) - (end > line && end[-1] == '\r'));
}

/* Proves a chunk or the trailers by the chain of signatures that the request's own begins. */
static gboolean
check_link (Frames *frames,
            const char *kind,
            const char *middle,
            const char *data,
            gsize length,
            const char *said)
{
  const SlipAwsSigned *by = frames->signed_;
  g_autofree char *hash
      = g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)data, length);
  g_autofree char *day = g_strndup (by->amz_date, 8);
  g_autofree char *text = g_strdup_printf (
      "AWS4-HMAC-SHA256-%s\n%s\n%s/%s/%s/aws4_request\n%s\n%s%s", kind, by->amz_date, day,
      by->region, by->service, frames->signature, middle, hash);
  g_autofree char *have
      = slip_aws_sigv4_sign_text (frames->secret, by->amz_date, by->region, by->service, text);

  if (said == NULL || strlen (said) != strlen (have)
      || CRYPTO_memcmp (said, have, strlen (have)) != 0)
    return FALSE;
  g_free (frames->signature);
  frames->signature = g_steal_pointer (&have);
  return TRUE;
}

static gboolean
refuse_signature (GError **error)
{
  slip_service_error (
      error, 403, "SignatureDoesNotMatch",
      "The chunk signature we calculated does not match the signature you provided. "
      "Check your AWS Secret Access Key and signing method.");
  return FALSE;
}

static gboolean
read_chunk (Frames *frames, gboolean *last, GError **error)
{
  g_autofree char *line = take_line (frames);
  const char *sign = line != NULL ? strstr (line, ";chunk-signature=") : NULL;
  char *end = NULL;
  guint64 size = line != NULL ? g_ascii_strtoull (line, &end, 16) : 0;

  if (line == NULL || end == line || (*end != '\0' && *end != ';'))
    return fail_frames (error);
  if (size > (guint64)(frames->end - frames->at))
    return fail_frames (error);
  if (frames->signature != NULL
      && !check_link (frames, "PAYLOAD", EMPTY_SHA256 "\n", frames->at, size,
                      sign != NULL ? sign + strlen (";chunk-signature=") : NULL))
    return refuse_signature (error);
  *last = size == 0;
  if (*last)
    return TRUE;
  slip_spool_write (frames->spool, frames->at, size);
  frames->at += size;
  if (frames->end - frames->at < 2 || frames->at[0] != '\r' || frames->at[1] != '\n')
    return fail_frames (error);
  frames->at += 2;
  return TRUE;
}

static gboolean
read_trailers (Frames *frames, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *said = NULL;

  while (frames->at < frames->end)
    {
      g_autofree char *line = take_line (frames);
      char *colon = line != NULL ? strchr (line, ':') : NULL;

      if (line == NULL)
        return fail_frames (error);
      if (colon == NULL)
        break;
      *colon = '\0';
      g_strstrip (colon + 1);
      if (g_ascii_strcasecmp (line, "x-amz-trailer-signature") == 0)
        {
          g_free (said);
          said = g_strdup (colon + 1);
          continue;
        }
      slip_aws_headers_set (frames->trailers, line, colon + 1);
      g_string_append_printf (text, "%s:%s\n", line, colon + 1);
    }
  if (frames->signature != NULL && text->len > 0
      && !check_link (frames, "TRAILER", "", text->str, text->len, said))
    return refuse_signature (error);
  return TRUE;
}

static gboolean
check_length (const SlipAwsRequest *request, guint64 length, GError **error)
{
  const char *said = slip_aws_headers_get (request->headers, "x-amz-decoded-content-length");

  if (said != NULL && g_ascii_strtoull (said, NULL, 10) == length)
    return TRUE;
  if (said == NULL)
    slip_service_error (error, 411, "MissingContentLength",
                        "You must provide the x-amz-decoded-content-length HTTP header.");
  else
    slip_service_error (error, 400, "IncompleteBody",
                        "You did not provide the number of bytes specified by the "
                        "x-amz-decoded-content-length HTTP header");
  return FALSE;
}

static gboolean
unframe (SlipPayload *payload,
         const SlipAwsRequest *request,
         const SlipAwsSigned *signed_,
         const char *secret,
         const char *folder,
         GError **error)
{
  const char *way = slip_aws_headers_get (request->headers, "x-amz-content-sha256");
  g_autoptr (SlipSpool) spool = slip_spool_new (folder, error);
  g_autoptr (SlipAwsHeaders) trailers = slip_aws_headers_new ();
  gsize length = 0;
  const char *data = g_bytes_get_data (payload->bytes, &length);
  Frames frames = {.at = data,
                   .end = data + length,
                   .signed_ = signed_,
                   .secret = secret,
                   .spool = spool,
                   .trailers = trailers};
  gboolean last = FALSE;
  gboolean good = spool != NULL;

  if (way != NULL && g_str_has_prefix (way, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"))
    frames.signature = g_strdup (signed_->signature);
  while (good && !last)
    good = read_chunk (&frames, &last, error);
  good = good && read_trailers (&frames, error)
         && check_length (request, slip_spool_get_length (spool), error);
  g_free (frames.signature);
  if (!good)
    return FALSE;
  g_bytes_unref (payload->bytes);
  payload->bytes = slip_spool_map (spool, error);
  return payload->bytes != NULL && check_sums (payload, trailers, error);
}

SlipPayload *
slip_payload_read (const SlipAwsRequest *request,
                   const SlipAwsSigned *signed_,
                   const char *secret,
                   const char *folder,
                   GError **error)
{
  const char *way = slip_aws_headers_get (request->headers, "x-amz-content-sha256");
  g_autoptr (SlipPayload) payload = g_new0 (SlipPayload, 1);

  payload->bytes = request->body != NULL ? g_bytes_ref (request->body) : g_bytes_new_static ("", 0);
  if (way != NULL && g_str_has_prefix (way, "STREAMING-")
      && !unframe (payload, request, signed_, secret, folder, error))
    return NULL;
  return check_sums (payload, request->headers, error) ? g_steal_pointer (&payload) : NULL;
}
