/* SPDX-License-Identifier: MIT */

/* The arithmetic under AWS Signature Version 4: hashes, dates and derived keys. A derived key is good
 * for one day, region and service; the last few are kept, because a list of a hundred pages would
 * otherwise derive the same key a hundred times. They are found by a hash of the secret and cleared
 * when they make room. */

#include "slip-aws-sigv4-private.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <string.h>

#define KEY_LENGTH 32
#define CACHE_SIZE 16

typedef struct
{
  guint8 id[KEY_LENGTH];
  guint8 key[KEY_LENGTH];
  gboolean used;
} DerivedKey;

static DerivedKey cache[CACHE_SIZE];
static guint cache_next;
G_LOCK_DEFINE_STATIC (cache);

static void
to_hex (const guint8 *bytes, gsize length, char *hex)
{
  static const char digits[] = "0123456789abcdef";

  for (gsize i = 0; i < length; i++)
    {
      hex[2 * i] = digits[bytes[i] >> 4];
      hex[2 * i + 1] = digits[bytes[i] & 15];
    }
  hex[2 * length] = '\0';
}

void
slip_sigv4_sha256_hex (gconstpointer data, gsize length, char hex[65])
{
  guint8 digest[SHA256_DIGEST_LENGTH];

  SHA256 (data != NULL ? data : (const guint8 *)"", length, digest);
  to_hex (digest, sizeof digest, hex);
}

void
slip_sigv4_format_date (gint64 time_us, char out[17])
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (time_us / G_USEC_PER_SEC);
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%Y%m%dT%H%M%SZ") : NULL;

  g_strlcpy (out, text != NULL ? text : "19700101T000000Z", 17);
}

gboolean
slip_sigv4_parse_date (const char *text, gint64 *time_us)
{
  int part[6];
  g_autoptr (GDateTime) time = NULL;

  if (strlen (text) != 16 || text[8] != 'T' || text[15] != 'Z')
    return FALSE;
  for (int i = 0; i < 15; i++)
    if (i != 8 && !g_ascii_isdigit (text[i]))
      return FALSE;
  if (sscanf (text, "%4d%2d%2dT%2d%2d%2dZ", &part[0], &part[1], &part[2], &part[3], &part[4],
              &part[5])
      != 6)
    return FALSE;
  time = g_date_time_new_utc (part[0], part[1], part[2], part[3], part[4], part[5]);
  if (time == NULL)
    return FALSE;
  *time_us = g_date_time_to_unix (time) * G_USEC_PER_SEC;
  return TRUE;
}

static void
hmac (const guint8 *key, gsize key_length, const char *text, gsize length, guint8 out[KEY_LENGTH])
{
  unsigned int out_length = KEY_LENGTH;

  HMAC (EVP_sha256 (), key, (int)key_length, (const guint8 *)text, length, out, &out_length);
}

static void
derive_key (const char *secret,
            const char *day,
            const char *region,
            const char *service,
            guint8 out[KEY_LENGTH])
{
  g_autofree char *start = g_strconcat ("AWS4", secret, NULL);
  guint8 step[KEY_LENGTH];

  hmac ((const guint8 *)start, strlen (start), day, 8, step);
  hmac (step, KEY_LENGTH, region, strlen (region), step);
  hmac (step, KEY_LENGTH, service, strlen (service), step);
  hmac (step, KEY_LENGTH, "aws4_request", strlen ("aws4_request"), out);
  explicit_bzero (step, sizeof step);
  explicit_bzero (start, strlen (start));
}

static void
key_id (const char *secret,
        const char *day,
        const char *region,
        const char *service,
        guint8 id[KEY_LENGTH])
{
  g_autofree char *text = g_strdup_printf ("%s\n%.8s\n%s\n%s", secret, day, region, service);

  SHA256 ((const guint8 *)text, strlen (text), id);
  explicit_bzero (text, strlen (text));
}

static gboolean
find_cached (const guint8 id[KEY_LENGTH], guint8 key[KEY_LENGTH])
{
  gboolean found = FALSE;

  G_LOCK (cache);
  for (guint i = 0; i < CACHE_SIZE && !found; i++)
    if (cache[i].used && memcmp (cache[i].id, id, KEY_LENGTH) == 0)
      {
        memcpy (key, cache[i].key, KEY_LENGTH);
        found = TRUE;
      }
  G_UNLOCK (cache);
  return found;
}

static void
remember (const guint8 id[KEY_LENGTH], const guint8 key[KEY_LENGTH])
{
  DerivedKey *entry;

  G_LOCK (cache);
  entry = &cache[cache_next++ % CACHE_SIZE];
  memcpy (entry->id, id, KEY_LENGTH);
  memcpy (entry->key, key, KEY_LENGTH);
  entry->used = TRUE;
  G_UNLOCK (cache);
}

char *
slip_aws_sigv4_sign_text (const char *secret,
                          const char *amz_date,
                          const char *region,
                          const char *service,
                          const char *text)
{
  guint8 id[KEY_LENGTH];
  guint8 key[KEY_LENGTH];
  guint8 mac[KEY_LENGTH];
  char *hex;

  g_return_val_if_fail (strlen (amz_date) >= 8, NULL);

  key_id (secret, amz_date, region, service, id);
  if (!find_cached (id, key))
    {
      derive_key (secret, amz_date, region, service, key);
      remember (id, key);
    }
  hmac (key, KEY_LENGTH, text, strlen (text), mac);
  explicit_bzero (key, sizeof key);
  hex = g_malloc (2 * KEY_LENGTH + 1);
  to_hex (mac, KEY_LENGTH, hex);
  return hex;
}
