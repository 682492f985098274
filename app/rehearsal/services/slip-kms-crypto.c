/* SPDX-License-Identifier: MIT */

/* Encryption with keys of the world: AES-256-GCM with the encryption context as additional data, so
 * that what was encrypted here can be decrypted here, and nothing else can. The blob holds the key's
 * ARN, because Decrypt need not be told the key. */

#include "slip-kms-private.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "slip-json.h"

#define BLOB_VERSION 1
#define IV_BYTES 12
#define TAG_BYTES 16
#define MAX_PLAINTEXT 4096
#define MAX_RANDOM 1024

static GBytes *
decode (JsonObject *input, const char *member)
{
  const char *text = slip_json_string (input, member);
  gsize length = 0;
  guchar *bytes = g_base64_decode (text != NULL ? text : "", &length);

  return g_bytes_new_take (bytes, length);
}

static void
set_blob (JsonObject *output, const char *member, const guchar *bytes, gsize length)
{
  g_autofree char *text = g_base64_encode (bytes, length);

  json_object_set_string_member (output, member, text);
}

static char *
context_text (JsonObject *input, const char *member)
{
  JsonObject *context = slip_json_object (input, member);
  g_autoptr (JsonNode) node = NULL;

  if (context == NULL)
    return g_strdup ("{}");
  node = slip_json_new_object (json_object_ref (context));
  return slip_json_canonical (node, NULL);
}

static guchar *
load_material (SlipWorld *world, const SlipWorldRecord *key)
{
  const SlipWorldRecord *material
      = slip_world_get (world, key->account, key->region, KMS_MATERIAL, key->id);
  gsize length = 0;
  g_autofree guchar *bytes
      = material != NULL ? g_base64_decode (slip_json_string (material->data, "key"), &length)
                         : NULL;

  return length == 32 ? g_steal_pointer (&bytes) : NULL;
}

/* version, length of the ARN (2 bytes), ARN, IV, tag, ciphertext */
static GByteArray *
seal (SlipWorld *world, const SlipWorldRecord *key, const char *context, GBytes *plain)
{
  g_autofree guchar *material = load_material (world, key);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new ();
  const char *arn = slip_kms_key_arn (key);
  gsize arn_length = strlen (arn);
  gsize length = g_bytes_get_size (plain);
  guint8 head[3] = {BLOB_VERSION, (guint8)(arn_length >> 8), (guint8)arn_length};
  guchar iv[IV_BYTES], tag[TAG_BYTES];
  g_autofree guchar *text = g_malloc (length + 1);
  GByteArray *blob = g_byte_array_new ();
  int count = 0;

  if (material == NULL || cipher == NULL || RAND_bytes (iv, sizeof iv) != 1
      || EVP_EncryptInit_ex (cipher, EVP_aes_256_gcm (), NULL, material, iv) != 1
      || EVP_EncryptUpdate (cipher, NULL, &count, (const guchar *)context, (int)strlen (context))
             != 1
      || EVP_EncryptUpdate (cipher, text, &count, g_bytes_get_data (plain, NULL), (int)length) != 1
      || EVP_EncryptFinal_ex (cipher, text + count, &count) != 1
      || EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_GCM_GET_TAG, TAG_BYTES, tag) != 1)
    g_error ("the key %s cannot encrypt", arn);
  EVP_CIPHER_CTX_free (cipher);
  g_byte_array_append (blob, head, sizeof head);
  g_byte_array_append (blob, (const guint8 *)arn, (guint)arn_length);
  g_byte_array_append (blob, iv, sizeof iv);
  g_byte_array_append (blob, tag, sizeof tag);
  g_byte_array_append (blob, text, (guint)length);
  return blob;
}

/* The ARN in a blob, when it is one of ours. */
static char *
blob_arn (GBytes *blob)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (blob, &size);
  gsize length = size >= 3 ? ((gsize)bytes[1] << 8) + bytes[2] : 0;

  if (length == 0 || bytes[0] != BLOB_VERSION || size < 3 + length + IV_BYTES + TAG_BYTES)
    return NULL;
  return g_strndup ((const char *)bytes + 3, length);
}

static GBytes *
unseal (SlipWorld *world, const SlipWorldRecord *key, const char *context, GBytes *blob)
{
  gsize size;
  const guint8 *bytes = g_bytes_get_data (blob, &size);
  gsize head = 3 + ((gsize)bytes[1] << 8) + bytes[2];
  const guint8 *iv = bytes + head;
  const guint8 *tag = iv + IV_BYTES;
  const guint8 *text = tag + TAG_BYTES;
  gsize length = size - head - IV_BYTES - TAG_BYTES;
  g_autofree guchar *material = load_material (world, key);
  g_autofree guchar *plain = g_malloc (length + 1);
  EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new ();
  int count = 0;
  gboolean good
      = material != NULL && cipher != NULL
        && EVP_DecryptInit_ex (cipher, EVP_aes_256_gcm (), NULL, material, iv) == 1
        && EVP_DecryptUpdate (cipher, NULL, &count, (const guchar *)context, (int)strlen (context))
               == 1
        && EVP_DecryptUpdate (cipher, plain, &count, text, (int)length) == 1
        && EVP_CIPHER_CTX_ctrl (cipher, EVP_CTRL_GCM_SET_TAG, TAG_BYTES, (void *)tag) == 1
        && EVP_DecryptFinal_ex (cipher, plain + count, &count) == 1;

  EVP_CIPHER_CTX_free (cipher);
  return good ? g_bytes_new_take (g_steal_pointer (&plain), length) : NULL;
}

JsonNode *
slip_kms_encrypt (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_usable_key (ctx, slip_json_string (input, "KeyId"), error);
  g_autoptr (GBytes) plain = decode (input, "Plaintext");
  g_autofree char *context = context_text (input, "EncryptionContext");
  g_autoptr (GByteArray) blob = NULL;
  JsonObject *output;

  if (key == NULL)
    return NULL;
  if (g_bytes_get_size (plain) == 0 || g_bytes_get_size (plain) > MAX_PLAINTEXT)
    return slip_service_error (
        error, 400, "ValidationException",
        "1 validation error detected: Value at 'plaintext' failed to satisfy "
        "constraint: Member must have length between 1 and 4096");
  blob = seal (ctx->world, key, context, plain);
  output = json_object_new ();
  set_blob (output, "CiphertextBlob", blob->data, blob->len);
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (key));
  json_object_set_string_member (output, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
  return slip_json_new_object (output);
}

/* Opens a blob; @wanted is the key the caller expects, or NULL. Returns the key that opened it. */
static const SlipWorldRecord *
open_blob (SlipServiceContext *ctx,
           GBytes *blob,
           const char *context,
           const char *wanted,
           GBytes **plain,
           GError **error)
{
  g_autofree char *arn = blob_arn (blob);
  const SlipWorldRecord *key;

  if (arn == NULL)
    return slip_service_error (error, 400, "InvalidCiphertextException", "%s", "");
  if (wanted != NULL)
    {
      key = slip_kms_need_usable_key (ctx, wanted, error);
      if (key == NULL)
        return NULL;
      if (!g_str_equal (slip_kms_key_arn (key), arn))
        return slip_service_error (
            error, 400, "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.");
    }
  key = slip_kms_need_usable_key (ctx, arn, error);
  if (key == NULL)
    return NULL;
  *plain = unseal (ctx->world, key, context, blob);
  if (*plain == NULL)
    return slip_service_error (error, 400, "InvalidCiphertextException", "%s", "");
  return key;
}

JsonNode *
slip_kms_decrypt (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GBytes) blob = decode (input, "CiphertextBlob");
  g_autofree char *context = context_text (input, "EncryptionContext");
  g_autoptr (GBytes) plain = NULL;
  const SlipWorldRecord *key
      = open_blob (ctx, blob, context, slip_json_string (input, "KeyId"), &plain, error);
  JsonObject *output;

  if (key == NULL)
    return NULL;
  output = json_object_new ();
  set_blob (output, "Plaintext", g_bytes_get_data (plain, NULL), g_bytes_get_size (plain));
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (key));
  json_object_set_string_member (output, "EncryptionAlgorithm", "SYMMETRIC_DEFAULT");
  return slip_json_new_object (output);
}

JsonNode *
slip_kms_re_encrypt (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GBytes) blob = decode (input, "CiphertextBlob");
  g_autofree char *from = context_text (input, "SourceEncryptionContext");
  g_autofree char *to = context_text (input, "DestinationEncryptionContext");
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GByteArray) sealed = NULL;
  const SlipWorldRecord *source
      = open_blob (ctx, blob, from, slip_json_string (input, "SourceKeyId"), &plain, error);
  const SlipWorldRecord *target;
  JsonObject *output;

  if (source == NULL)
    return NULL;
  target = slip_kms_need_usable_key (ctx, slip_json_string (input, "DestinationKeyId"), error);
  if (target == NULL)
    return NULL;
  sealed = seal (ctx->world, target, to, plain);
  output = json_object_new ();
  set_blob (output, "CiphertextBlob", sealed->data, sealed->len);
  json_object_set_string_member (output, "SourceKeyId", slip_kms_key_arn (source));
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (target));
  json_object_set_string_member (output, "SourceEncryptionAlgorithm", "SYMMETRIC_DEFAULT");
  json_object_set_string_member (output, "DestinationEncryptionAlgorithm", "SYMMETRIC_DEFAULT");
  return slip_json_new_object (output);
}

static gint64
data_key_bytes (JsonObject *input, GError **error)
{
  const char *spec = slip_json_string (input, "KeySpec");
  gint64 number = slip_json_int (input, "NumberOfBytes", 0);

  if ((spec == NULL) == (number == 0))
    {
      slip_service_error (error, 400, "ValidationException",
                          "Please specify either number of bytes or key spec.");
      return 0;
    }
  if (spec != NULL)
    number = g_str_equal (spec, "AES_256") ? 32 : g_str_equal (spec, "AES_128") ? 16 : 0;
  if (number < 1 || number > MAX_RANDOM)
    {
      slip_service_error (error, 400, "ValidationException",
                          "1 validation error detected: the data key's length is not between 1 and "
                          "1024 bytes");
      return 0;
    }
  return number;
}

JsonNode *
slip_kms_generate_data_key (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *key
      = slip_kms_need_usable_key (ctx, slip_json_string (input, "KeyId"), error);
  gint64 count = key != NULL ? data_key_bytes (input, error) : 0;
  g_autofree char *context = context_text (input, "EncryptionContext");
  guchar bytes[MAX_RANDOM];
  g_autoptr (GBytes) plain = NULL;
  g_autoptr (GByteArray) blob = NULL;
  JsonObject *output;

  if (count == 0)
    return NULL;
  if (RAND_bytes (bytes, (int)count) != 1)
    g_error ("the system has no randomness");
  plain = g_bytes_new (bytes, (gsize)count);
  blob = seal (ctx->world, key, context, plain);
  output = json_object_new ();
  set_blob (output, "CiphertextBlob", blob->data, blob->len);
  set_blob (output, "Plaintext", bytes, (gsize)count);
  json_object_set_string_member (output, "KeyId", slip_kms_key_arn (key));
  return slip_json_new_object (output);
}

JsonNode *
slip_kms_generate_data_key_without_plaintext (SlipServiceContext *ctx,
                                              JsonObject *input,
                                              GError **error)
{
  g_autoptr (JsonNode) node = slip_kms_generate_data_key (ctx, input, error);

  if (node != NULL)
    json_object_remove_member (json_node_get_object (node), "Plaintext");
  return g_steal_pointer (&node);
}

JsonNode *
slip_kms_generate_random (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  gint64 count = slip_json_int (input, "NumberOfBytes", 0);
  guchar bytes[MAX_RANDOM];
  JsonObject *output;

  if (count < 1 || count > MAX_RANDOM)
    return slip_service_error (
        error, 400, "ValidationException",
        "1 validation error detected: Value '%" G_GINT64_FORMAT
        "' at 'numberOfBytes' failed to satisfy constraint: Member must have "
        "value between 1 and 1024",
        count);
  if (RAND_bytes (bytes, (int)count) != 1)
    g_error ("the system has no randomness");
  output = json_object_new ();
  set_blob (output, "Plaintext", bytes, (gsize)count);
  return slip_json_new_object (output);
}
