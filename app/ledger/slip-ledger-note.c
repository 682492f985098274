/* SPDX-License-Identifier: MIT */
/* Signed notes and checkpoints as C2SP specifies them (signed-note, tlog-checkpoint), signed with
 * Ed25519 by libcrypto. Existing verifiers of transparency logs read what this writes. */

#include "slip-ledger-note.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <string.h>

#define ED25519_ALGORITHM 0x01
#define SEED_SIZE 32
#define PUBLIC_SIZE 32
#define SIGNATURE_SIZE 64
#define KEY_ID_SIZE 4
#define EM_DASH "\xe2\x80\x94"
#define PRIVATE_PREFIX "PRIVATE+KEY+"

struct _SlipLedgerSigner
{
  EVP_PKEY *key;
  char *name;
  char *verifier;
  guint8 seed[SEED_SIZE];
  guint8 key_id[KEY_ID_SIZE];
};

static gboolean
is_key_name (const char *name)
{
  if (*name == '\0' || !g_utf8_validate (name, -1, NULL))
    return FALSE;
  for (const char *p = name; *p != '\0'; p = g_utf8_next_char (p))
    if (*p == '+' || g_unichar_isspace (g_utf8_get_char (p)) || (guchar)*p < 0x20)
      return FALSE;
  return TRUE;
}

/* SHA-256 (name ‖ 0x0A ‖ algorithm ‖ public key), the first four bytes. */
static void
compute_key_id (const char *name, const guint8 *public_key, guint8 key_id[KEY_ID_SIZE])
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const guint8 separator[] = {'\n', ED25519_ALGORITHM};
  guint8 digest[SLIP_LEDGER_HASH_SIZE];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *)name, -1);
  g_checksum_update (checksum, separator, sizeof separator);
  g_checksum_update (checksum, public_key, PUBLIC_SIZE);
  g_checksum_get_digest (checksum, digest, &length);
  memcpy (key_id, digest, KEY_ID_SIZE);
}

static char *
key_to_text (const char *prefix, const char *name, const guint8 *key_id, const guint8 *material)
{
  guint8 tagged[1 + PUBLIC_SIZE] = {ED25519_ALGORITHM};
  g_autofree char *base64 = NULL;
  char *text;

  memcpy (tagged + 1, material, PUBLIC_SIZE);
  base64 = g_base64_encode (tagged, sizeof tagged);
  text = g_strdup_printf ("%s%s+%02x%02x%02x%02x+%s", prefix, name, key_id[0], key_id[1], key_id[2],
                          key_id[3], base64);
  OPENSSL_cleanse (tagged, sizeof tagged);
  OPENSSL_cleanse (base64, strlen (base64));
  return text;
}

/* Splits `NAME+HEX+BASE64`; the material is 32 bytes for both kinds of key. */
static gboolean
key_from_text (const char *text, char **name, guint32 *key_id, guint8 material[PUBLIC_SIZE])
{
  g_auto (GStrv) parts = g_strsplit (text, "+", 3);
  g_autofree guchar *tagged = NULL;
  gsize length = 0;
  char *end = NULL;
  gboolean fits;

  if (g_strv_length (parts) != 3 || !is_key_name (parts[0]) || strlen (parts[1]) != 8)
    return FALSE;
  *key_id = (guint32)g_ascii_strtoull (parts[1], &end, 16);
  if (*end != '\0')
    return FALSE;
  tagged = g_base64_decode (parts[2], &length);
  fits = length == 1 + PUBLIC_SIZE && tagged[0] == ED25519_ALGORITHM;
  if (fits)
    {
      memcpy (material, tagged + 1, PUBLIC_SIZE);
      *name = g_strdup (parts[0]);
    }
  OPENSSL_cleanse (tagged, length);
  return fits;
}

static SlipLedgerSigner *
signer_new (const char *name, const guint8 seed[SEED_SIZE], GError **error)
{
  g_autoptr (SlipLedgerSigner) signer = g_new0 (SlipLedgerSigner, 1);
  guint8 public_key[PUBLIC_SIZE];
  size_t length = sizeof public_key;

  signer->name = g_strdup (name);
  memcpy (signer->seed, seed, SEED_SIZE);
  signer->key = EVP_PKEY_new_raw_private_key (EVP_PKEY_ED25519, NULL, seed, SEED_SIZE);
  if (signer->key == NULL || !EVP_PKEY_get_raw_public_key (signer->key, public_key, &length)
      || length != PUBLIC_SIZE)
    {
      g_set_error_literal (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                           "libcrypto cannot make an Ed25519 key");
      return NULL;
    }
  compute_key_id (name, public_key, signer->key_id);
  signer->verifier = key_to_text ("", name, signer->key_id, public_key);
  return g_steal_pointer (&signer);
}

SlipLedgerSigner *
slip_ledger_signer_generate (const char *name, GError **error)
{
  EVP_PKEY *key;
  guint8 seed[SEED_SIZE];
  size_t length = sizeof seed;
  SlipLedgerSigner *signer = NULL;

  g_return_val_if_fail (name != NULL && is_key_name (name), NULL);

  key = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
  if (key != NULL && EVP_PKEY_get_raw_private_key (key, seed, &length) && length == SEED_SIZE)
    signer = signer_new (name, seed, error);
  else
    g_set_error_literal (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                         "libcrypto cannot make an Ed25519 key");
  EVP_PKEY_free (key);
  OPENSSL_cleanse (seed, sizeof seed);
  return signer;
}

SlipLedgerSigner *
slip_ledger_signer_parse (const char *text, GError **error)
{
  g_autofree char *name = NULL;
  guint8 seed[SEED_SIZE];
  guint32 stated = 0;
  SlipLedgerSigner *signer;

  g_return_val_if_fail (text != NULL, NULL);

  if (!g_str_has_prefix (text, PRIVATE_PREFIX)
      || !key_from_text (text + strlen (PRIVATE_PREFIX), &name, &stated, seed))
    {
      g_set_error_literal (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                           "is no private key in the form PRIVATE+KEY+NAME+HEX+BASE64");
      return NULL;
    }
  signer = signer_new (name, seed, error);
  OPENSSL_cleanse (seed, sizeof seed);
  if (signer != NULL
      && stated
             != ((guint32)signer->key_id[0] << 24 | signer->key_id[1] << 16 | signer->key_id[2] << 8
                 | signer->key_id[3]))
    {
      slip_ledger_signer_free (signer);
      g_set_error_literal (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY,
                           "is a damaged private key: its id is not that of its contents");
      return NULL;
    }
  return signer;
}

void
slip_ledger_signer_free (SlipLedgerSigner *signer)
{
  if (signer == NULL)
    return;
  EVP_PKEY_free (signer->key);
  g_free (signer->name);
  g_free (signer->verifier);
  OPENSSL_cleanse (signer->seed, sizeof signer->seed);
  g_free (signer);
}

char *
slip_ledger_signer_to_text (SlipLedgerSigner *signer)
{
  g_return_val_if_fail (signer != NULL, NULL);

  return key_to_text (PRIVATE_PREFIX, signer->name, signer->key_id, signer->seed);
}

const char *
slip_ledger_signer_get_verifier (SlipLedgerSigner *signer)
{
  g_return_val_if_fail (signer != NULL, NULL);

  return signer->verifier;
}

const char *
slip_ledger_signer_get_name (SlipLedgerSigner *signer)
{
  g_return_val_if_fail (signer != NULL, NULL);

  return signer->name;
}

static gboolean
sign_bytes (SlipLedgerSigner *signer, const char *text, guint8 signature[SIGNATURE_SIZE])
{
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  size_t length = SIGNATURE_SIZE;
  gboolean signed_it;

  signed_it
      = context != NULL && EVP_DigestSignInit (context, NULL, NULL, NULL, signer->key) == 1
        && EVP_DigestSign (context, signature, &length, (const guchar *)text, strlen (text)) == 1
        && length == SIGNATURE_SIZE;
  EVP_MD_CTX_free (context);
  return signed_it;
}

char *
slip_ledger_signer_sign (SlipLedgerSigner *signer, const char *text, GError **error)
{
  guint8 signature[KEY_ID_SIZE + SIGNATURE_SIZE];
  g_autofree char *base64 = NULL;

  g_return_val_if_fail (signer != NULL, NULL);
  g_return_val_if_fail (text != NULL && g_str_has_suffix (text, "\n"), NULL);

  memcpy (signature, signer->key_id, KEY_ID_SIZE);
  if (!sign_bytes (signer, text, signature + KEY_ID_SIZE))
    {
      g_set_error (error, SLIP_LEDGER_ERROR, SLIP_LEDGER_ERROR_KEY, "libcrypto cannot sign with %s",
                   signer->name);
      return NULL;
    }
  base64 = g_base64_encode (signature, sizeof signature);
  return g_strdup_printf ("%s\n" EM_DASH " %s %s\n", text, signer->name, base64);
}

static gboolean
verify_bytes (const guint8 *public_key, const char *text, gsize length, const guint8 *signature)
{
  EVP_PKEY *key = EVP_PKEY_new_raw_public_key (EVP_PKEY_ED25519, NULL, public_key, PUBLIC_SIZE);
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  gboolean verified;

  verified
      = key != NULL && context != NULL && EVP_DigestVerifyInit (context, NULL, NULL, NULL, key) == 1
        && EVP_DigestVerify (context, signature, SIGNATURE_SIZE, (const guchar *)text, length) == 1;
  EVP_MD_CTX_free (context);
  EVP_PKEY_free (key);
  return verified;
}

char *
slip_ledger_note_open (const char *verifier, const char *note)
{
  g_autofree char *name = NULL;
  g_auto (GStrv) lines = NULL;
  guint8 public_key[PUBLIC_SIZE];
  guint8 key_id[KEY_ID_SIZE];
  guint32 stated;
  const char *end;
  gsize length;

  g_return_val_if_fail (verifier != NULL && note != NULL, NULL);

  end = g_strrstr (note, "\n\n");
  if (end == NULL || !key_from_text (verifier, &name, &stated, public_key))
    return NULL;
  length = end + 1 - note;
  compute_key_id (name, public_key, key_id);
  lines = g_strsplit (end + 2, "\n", 32);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", 3);
      g_autofree guchar *signature = NULL;
      gsize n = 0;

      if (g_strv_length (fields) != 3 || !g_str_equal (fields[0], EM_DASH)
          || !g_str_equal (fields[1], name))
        continue;
      signature = g_base64_decode (fields[2], &n);
      if (n == KEY_ID_SIZE + SIGNATURE_SIZE && memcmp (signature, key_id, KEY_ID_SIZE) == 0
          && verify_bytes (public_key, note, length, signature + KEY_ID_SIZE))
        return g_strndup (note, length);
    }
  return NULL;
}

char *
slip_ledger_note_checkpoint (const char *origin, guint64 size, const SlipTreeHash *root)
{
  g_autofree char *base64 = g_base64_encode (root->bytes, sizeof root->bytes);

  return g_strdup_printf ("%s\n%" G_GUINT64_FORMAT "\n%s\n", origin, size, base64);
}
