/* SPDX-License-Identifier: MIT */
/* The verifier's own reading of signed notes, from the specification (C2SP signed-note) and not from
 * the code that writes them. */

#include "slip-verify-note.h"

#include <openssl/evp.h>
#include <string.h>

#define SIGNATURE_LINE "\xe2\x80\x94 "

/* Decodes base64 in its one form: encoding the result must give the same text. */
static gboolean
decode (const char *text, gsize length, guint8 *bytes, gsize expected)
{
  g_autofree char *copy = g_strndup (text, length);
  g_autofree guchar *decoded = NULL;
  g_autofree char *again = NULL;
  gsize n = 0;

  if (length != (expected + 2) / 3 * 4)
    return FALSE;
  decoded = g_base64_decode (copy, &n);
  again = g_base64_encode (decoded, n);
  if (n != expected || strcmp (again, copy) != 0)
    return FALSE;
  memcpy (bytes, decoded, n);
  return TRUE;
}

gboolean
slip_verify_key_parse (const char *text, SlipVerifyKey *key)
{
  const char *hex = strchr (text, '+');
  const char *base64 = hex != NULL ? strchr (hex + 1, '+') : NULL;
  g_autofree char *stated = NULL;
  g_autofree char *computed = NULL;
  g_autoptr (GByteArray) preimage = NULL;
  guint8 tagged[33];
  guint8 digest[32];

  if (base64 == NULL || hex == text || (gsize)(hex - text) >= sizeof key->name
      || !decode (base64 + 1, strlen (base64 + 1), tagged, sizeof tagged) || tagged[0] != 1)
    return FALSE;
  memset (key, 0, sizeof *key);
  memcpy (key->name, text, (gsize)(hex - text));
  memcpy (key->key, tagged + 1, sizeof key->key);
  preimage = g_byte_array_new ();
  g_byte_array_append (preimage, (const guint8 *)key->name, (guint)strlen (key->name));
  g_byte_array_append (preimage, (const guint8 *)"\n", 1);
  g_byte_array_append (preimage, tagged, sizeof tagged);
  if (!EVP_Digest (preimage->data, preimage->len, digest, NULL, EVP_sha256 (), NULL))
    return FALSE;
  memcpy (key->id, digest, sizeof key->id);
  stated = g_strndup (hex + 1, (gsize)(base64 - hex - 1));
  computed = g_strdup_printf ("%02x%02x%02x%02x", digest[0], digest[1], digest[2], digest[3]);
  return strcmp (stated, computed) == 0;
}

static gboolean
check_signature (const SlipVerifyKey *key, const guint8 *signature, const char *text, gsize length)
{
  EVP_PKEY *public_key
      = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, key->key, sizeof key->key);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean good = public_key != NULL && context != NULL
                  && EVP_DigestVerifyInit (context, NULL, NULL, NULL, public_key) == 1
                  && EVP_DigestVerify (context, signature, 64, (const guchar *)text, length) == 1;

  EVP_MD_CTX_free (context);
  EVP_PKEY_free (public_key);
  return good;
}

SlipVerifySeal
slip_verify_note (const SlipVerifyKey *key, const char *note, gsize *text_length)
{
  const char *blank = g_strrstr (note, "\n\n");
  gsize name_length = strlen (key->name);
  SlipVerifySeal seal = SLIP_VERIFY_SEAL_NONE;
  const char *line;
  const char *end;

  if (blank == NULL)
    return SLIP_VERIFY_SEAL_NONE;
  *text_length = (gsize)(blank + 1 - note);
  for (line = blank + 2; (end = strchr (line, '\n')) != NULL; line = end + 1)
    {
      const char *name = line + strlen (SIGNATURE_LINE);
      const char *base64 = name + name_length + 1;
      guint8 signature[4 + 64];

      if (!g_str_has_prefix (line, SIGNATURE_LINE))
        return SLIP_VERIFY_SEAL_NONE;
      seal = SLIP_VERIFY_SEAL_OTHER;
      if (strncmp (name, key->name, name_length) != 0 || name[name_length] != ' ')
        continue;
      if (!decode (base64, (gsize)(end - base64), signature, sizeof signature))
        return SLIP_VERIFY_SEAL_BAD;
      if (memcmp (signature, key->id, sizeof key->id) != 0)
        continue;
      return check_signature (key, signature + 4, note, *text_length) ? SLIP_VERIFY_SEAL_GOOD
                                                                      : SLIP_VERIFY_SEAL_BAD;
    }
  return seal;
}
