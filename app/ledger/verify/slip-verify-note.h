/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SlipVerifyKey:
 *
 * A public key, `NAME+HEX+BASE64` (C2SP signed-note, Ed25519).
 */
typedef struct
{
  char name[256];
  guint8 id[4];
  guint8 key[32];
} SlipVerifyKey;

/**
 * SlipVerifySeal:
 * @SLIP_VERIFY_SEAL_GOOD: the key signed the note
 * @SLIP_VERIFY_SEAL_NONE: nobody signed it
 * @SLIP_VERIFY_SEAL_OTHER: only other keys did
 * @SLIP_VERIFY_SEAL_BAD: a signature claims to be the key's, and is not
 */
typedef enum
{
  SLIP_VERIFY_SEAL_GOOD,
  SLIP_VERIFY_SEAL_NONE,
  SLIP_VERIFY_SEAL_OTHER,
  SLIP_VERIFY_SEAL_BAD,
} SlipVerifySeal;

/**
 * slip_verify_key_parse:
 *
 * Returns: whether @text is a public key whose id is that of its contents
 */
gboolean slip_verify_key_parse (const char *text, SlipVerifyKey *key);

/**
 * slip_verify_note:
 * @key: who should have signed
 * @note: a signed note
 * @text_length: (out): bytes of the signed text at the note's beginning
 */
SlipVerifySeal slip_verify_note (const SlipVerifyKey *key, const char *note, gsize *text_length);

G_END_DECLS
