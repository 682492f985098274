/* SPDX-License-Identifier: MIT */
/* SHA-256 of files and of landed rows, which are too many for GChecksum. */

#include "slip-digest.h"

#include <openssl/evp.h>

struct _SlipDigest
{
  EVP_MD_CTX *context; /* owned */
};

SlipDigest *
slip_digest_new (void)
{
  SlipDigest *self = g_new0 (SlipDigest, 1);

  self->context = EVP_MD_CTX_new ();
  if (self->context == NULL || !EVP_DigestInit_ex (self->context, EVP_sha256 (), NULL))
    g_error ("libcrypto has no SHA-256");
  return self;
}

void
slip_digest_free (SlipDigest *self)
{
  if (self == NULL)
    return;
  EVP_MD_CTX_free (self->context);
  g_free (self);
}

void
slip_digest_add (SlipDigest *self, const void *data, gsize length)
{
  g_return_if_fail (self != NULL);

  EVP_DigestUpdate (self->context, data, length);
}

char *
slip_digest_end (SlipDigest *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  guint8 sum[EVP_MAX_MD_SIZE];
  unsigned int n = 0;
  GString *text = g_string_new (NULL);

  EVP_DigestFinal_ex (self->context, sum, &n);
  for (unsigned int i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", sum[i]);
  return g_string_free (text, FALSE);
}
