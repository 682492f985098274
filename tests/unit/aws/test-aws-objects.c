/* SPDX-License-Identifier: MIT */
/* Claims of the check of an object's bytes: it takes the strongest of what S3 says, computes it as S3 does, and finds a byte
 * that is another. */

#include "slip-aws-error.h"
#include "slip-aws-object-check.h"

#include <string.h>

#define DATA "123456789"

static JsonObject *
head (const char *member, const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "ETag", "\"25f9e794323b453885f5181f1b624d0b\"");
  if (member != NULL)
    json_object_set_string_member (object, member, value);
  return object;
}

/* What came of DATA, in two pieces, against @object, which it takes; and of DATA with another byte. */
static void
check (JsonObject *object, guint64 part_size, const char *expected)
{
  for (guint wrong = 0; wrong < 2; wrong++)
    {
      g_autoptr (SlipAwsObjectCheck) self = slip_aws_object_check_new (object, part_size);
      g_autoptr (GError) error = NULL;
      g_autofree char *sha256 = NULL;
      const char *by = NULL;
      gboolean ok;

      slip_aws_object_check_add (self, (const guint8 *)DATA, 4);
      slip_aws_object_check_add (self, (const guint8 *)(wrong ? "56780" : "56789"), 5);
      ok = slip_aws_object_check_end (self, &by, &sha256, &error);
      if (wrong && !g_str_equal (expected, "size"))
        {
          g_assert_false (ok);
          g_assert_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_PROTOCOL);
          continue;
        }
      g_assert_no_error (error);
      g_assert_cmpstr (by, ==, expected);
      if (!wrong)
        g_assert_cmpstr (sha256, ==,
                         "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225");
    }
  json_object_unref (object);
}

/* The check values that the CRC catalogue gives for these nine digits. */
static void
test_crcs_are_those_of_the_catalogue (void)
{
  const guint8 *data = (const guint8 *)DATA;

  g_assert_cmphex (slip_aws_crc32 (0xEDB88320, 0, data, 9), ==, 0xcbf43926);
  g_assert_cmphex (slip_aws_crc32 (0x82F63B78, 0, data, 9), ==, 0xe3069283);
  g_assert_cmphex (
      slip_aws_crc32 (0x82F63B78, slip_aws_crc32 (0x82F63B78, 0, data, 5), data + 5, 4), ==,
      0xe3069283);
}

static void
test_takes_the_strongest (void)
{
  check (head (NULL, NULL), 0, "MD5");
  check (head ("ChecksumSHA256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="), 0, "SHA256");
  check (head ("ChecksumSHA1", "98O8HYCOBHMq32eZZczDTKeuNEE="), 0, "SHA1");
  check (head ("ChecksumCRC32", "y/Q5Jg=="), 0, "CRC32");
  check (head ("ChecksumCRC32C", "4waSgw=="), 0, "CRC32C");
}

/* The MD5 of the MD5s of "1234", "5678" and "9". */
static void
test_computes_the_etag_of_parts (void)
{
  static const char *const parts[] = {"1234", "5678", "9"};
  g_autoptr (GByteArray) sums = g_byte_array_new ();
  g_autofree char *sum = NULL;
  g_autofree char *etag = NULL;
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      g_autoptr (GChecksum) one = g_checksum_new (G_CHECKSUM_MD5);
      guint8 digest[16];
      gsize length = sizeof digest;

      g_checksum_update (one, (const guchar *)parts[i], -1);
      g_checksum_get_digest (one, digest, &length);
      g_byte_array_append (sums, digest, 16);
    }
  sum = g_compute_checksum_for_data (G_CHECKSUM_MD5, sums->data, sums->len);
  etag = g_strdup_printf ("\"%s-3\"", sum);
  json_object_set_string_member (object, "ETag", etag);
  check (object, 4, "MD5");
}

static void
test_says_so_where_nothing_can_be_computed (void)
{
  JsonObject *encrypted = head ("ServerSideEncryption", "aws:kms");
  JsonObject *composite = head ("ChecksumSHA256", "abc=-3");

  check (encrypted, 0, "size");
  check (composite, 0, "MD5");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/aws/objects/crcs_are_those_of_the_catalogue",
                   test_crcs_are_those_of_the_catalogue);
  g_test_add_func ("/aws/objects/takes_the_strongest", test_takes_the_strongest);
  g_test_add_func ("/aws/objects/computes_the_etag_of_parts", test_computes_the_etag_of_parts);
  g_test_add_func ("/aws/objects/says_so_where_nothing_can_be_computed",
                   test_says_so_where_nothing_can_be_computed);
  return g_test_run ();
}
