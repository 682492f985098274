/* SPDX-License-Identifier: MIT */
/* What S3 says of an object's bytes, computed from the bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/
 * checking-object-integrity.html. An ETag is the MD5 of the bytes, or of the MD5s of the parts and `-` and their number, but not
 * under a KMS key. */

#include "slip-aws-object-check.h"

#include "slip-aws-error.h"
#include "slip-json.h"

#include <string.h>

#define CRC32 0xEDB88320u
#define CRC32C 0x82F63B78u

struct _SlipAwsObjectCheck
{
  const char *by;     /* static */
  char *expected;     /* owned; as S3 writes it, without quotes; NULL when there is nothing */
  GChecksum *sum;     /* owned; NULL for the CRCs */
  GChecksum *sha256;  /* owned; of all bytes, in any case */
  guint32 polynomial; /* of a CRC */
  guint32 crc;
  guint64 part_size; /* of an upload in parts, else 0 */
  guint64 in_part;
  guint parts;
  GByteArray *sums; /* owned; MD5s of its parts */
};

guint32
slip_aws_crc32 (guint32 polynomial, guint32 crc, const guint8 *data, gsize length)
{
  guint32 table[256];

  for (guint i = 0; i < 256; i++)
    {
      table[i] = i;
      for (guint bit = 0; bit < 8; bit++)
        table[i] = (table[i] & 1) != 0 ? table[i] >> 1 ^ polynomial : table[i] >> 1;
    }
  crc = ~crc;
  for (gsize i = 0; i < length; i++)
    crc = table[(crc ^ data[i]) & 0xff] ^ crc >> 8;
  return ~crc;
}

/* ---- which one */

/* A checksum of checksums has `-N` behind it, and cannot be computed without the parts' bounds. */
static gboolean
take_checksum (SlipAwsObjectCheck *self, JsonObject *head, const char *name)
{
  g_autofree char *member = g_strconcat ("Checksum", name, NULL);
  const char *value = slip_json_string (head, member);

  if (value == NULL || strchr (value, '-') != NULL)
    return FALSE;
  self->by = name;
  self->expected = g_strdup (value);
  return TRUE;
}

static gboolean
is_md5 (const char *text)
{
  return strspn (text, "0123456789abcdef") == 32;
}

static void
take_etag (SlipAwsObjectCheck *self, JsonObject *head, guint64 part_size)
{
  const char *encryption = slip_json_string (head, "ServerSideEncryption");
  const char *etag = slip_json_string (head, "ETag");
  g_autofree char *bare = NULL;

  if (etag == NULL || (encryption != NULL && g_str_has_prefix (encryption, "aws:")))
    return;
  bare = g_strndup (*etag == '"' ? etag + 1 : etag, strcspn (*etag == '"' ? etag + 1 : etag, "\""));
  if (!is_md5 (bare) || (bare[32] != '\0' && (bare[32] != '-' || part_size == 0)))
    return;
  self->by = "MD5";
  self->part_size = bare[32] == '-' ? part_size : 0;
  self->expected = g_steal_pointer (&bare);
  self->sum = g_checksum_new (G_CHECKSUM_MD5);
  self->sums = g_byte_array_new ();
}

SlipAwsObjectCheck *
slip_aws_object_check_new (JsonObject *head, guint64 part_size)
{
  SlipAwsObjectCheck *self = g_new0 (SlipAwsObjectCheck, 1);

  self->by = "size";
  self->sha256 = g_checksum_new (G_CHECKSUM_SHA256);
  if (take_checksum (self, head, "SHA256"))
    self->sum = g_checksum_new (G_CHECKSUM_SHA256);
  else if (take_checksum (self, head, "SHA1"))
    self->sum = g_checksum_new (G_CHECKSUM_SHA1);
  else if (take_checksum (self, head, "CRC32C"))
    self->polynomial = CRC32C;
  else if (take_checksum (self, head, "CRC32"))
    self->polynomial = CRC32;
  else
    take_etag (self, head, part_size);
  return self;
}

void
slip_aws_object_check_free (SlipAwsObjectCheck *self)
{
  if (self == NULL)
    return;
  g_free (self->expected);
  g_clear_pointer (&self->sum, g_checksum_free);
  g_clear_pointer (&self->sha256, g_checksum_free);
  g_clear_pointer (&self->sums, g_byte_array_unref);
  g_free (self);
}

/* ---- bytes */

static void
end_part (SlipAwsObjectCheck *self)
{
  guint8 digest[16];
  gsize length = sizeof digest;

  g_checksum_get_digest (self->sum, digest, &length);
  g_byte_array_append (self->sums, digest, (guint)length);
  g_checksum_reset (self->sum);
  self->in_part = 0;
  self->parts++;
}

static void
add_to_parts (SlipAwsObjectCheck *self, const guint8 *data, gsize length)
{
  while (length > 0)
    {
      gsize room = (gsize)MIN ((guint64)length, self->part_size - self->in_part);

      g_checksum_update (self->sum, data, (gssize)room);
      self->in_part += room;
      data += room;
      length -= room;
      if (self->in_part == self->part_size)
        end_part (self);
    }
}

void
slip_aws_object_check_add (SlipAwsObjectCheck *self, const guint8 *data, gsize length)
{
  g_return_if_fail (self != NULL);

  g_checksum_update (self->sha256, data, (gssize)length);
  if (self->part_size > 0)
    add_to_parts (self, data, length);
  else if (self->sum != NULL)
    g_checksum_update (self->sum, data, (gssize)length);
  else if (self->polynomial != 0)
    self->crc = slip_aws_crc32 (self->polynomial, self->crc, data, length);
}

static char *
dup_parts (SlipAwsObjectCheck *self)
{
  g_autofree char *sum = NULL;

  if (self->in_part > 0)
    end_part (self);
  sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, self->sums->data, self->sums->len);
  return g_strdup_printf ("%s-%u", sum, self->parts);
}

/* As S3 writes it. */
static char *
dup_found (SlipAwsObjectCheck *self)
{
  guint8 digest[32];
  gsize length = sizeof digest;

  if (self->part_size > 0)
    return dup_parts (self);
  if (g_str_equal (self->by, "MD5"))
    return g_strdup (g_checksum_get_string (self->sum));
  if (self->sum != NULL)
    {
      g_checksum_get_digest (self->sum, digest, &length);
      return g_base64_encode (digest, length);
    }
  for (guint i = 0; i < 4; i++)
    digest[i] = (guint8)(self->crc >> (24 - 8 * i));
  return g_base64_encode (digest, 4);
}

gboolean
slip_aws_object_check_end (SlipAwsObjectCheck *self, const char **by, char **sha256, GError **error)
{
  g_autofree char *found = NULL;

  g_return_val_if_fail (self != NULL, FALSE);

  if (self->expected != NULL)
    {
      found = dup_found (self);
      if (!g_str_equal (found, self->expected))
        {
          g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL,
                       "the bytes are not the object: their %s is %s, and S3 says %s", self->by,
                       found, self->expected);
          return FALSE;
        }
    }
  *by = self->by;
  *sha256 = g_strdup (g_checksum_get_string (self->sha256));
  return TRUE;
}
