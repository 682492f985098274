/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

G_BEGIN_DECLS

/**
 * SlipDecoder:
 *
 * Turns the stated encoding of a file into UTF-8, or finds the first byte that is not of it. One thread.
 */
typedef struct _SlipDecoder SlipDecoder;

/**
 * slip_decoder_new:
 * @encoding: (nullable): a name of iconv(3), such as "WINDOWS-1252"; %NULL is "UTF-8"
 * @error: return location
 *
 * Returns: (transfer full): a decoder, or %NULL with %SLIP_MIGRATION_ERROR_DEFINITION when the encoding is
 *   unknown here, or is one in which ASCII is not ASCII
 */
SlipDecoder *slip_decoder_new (const char *encoding, GError **error);
void slip_decoder_free (SlipDecoder *self);
const char *slip_decoder_get_encoding (SlipDecoder *self);
gboolean slip_decoder_is_utf8 (SlipDecoder *self);

/**
 * slip_decoder_find_fault:
 * @text: bytes of a UTF-8 decoder
 * @length: how many
 *
 * Returns: how many bytes at the beginning are UTF-8 without a NUL; @length when all are
 */
gsize slip_decoder_find_fault (SlipDecoder *self, const char *text, gsize length);

/**
 * slip_decoder_append:
 * @text: bytes in the stated encoding
 * @length: how many
 * @most: bytes that @out may come to; it stops soon behind them
 * @out: where UTF-8 is appended
 *
 * Returns: how many bytes of @text were good; @length when all are
 */
gsize
slip_decoder_append (SlipDecoder *self, const char *text, gsize length, gsize most, GString *out);

/**
 * slip_decoder_check_mark:
 * @text: the first bytes of a file
 * @length: how many, up to 4
 * @skip: (out): how many of them are a byte order mark that agrees with the encoding
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_INPUT when a byte order mark contradicts what is stated
 */
gboolean slip_decoder_check_mark (SlipDecoder *self,
                                  const char *name,
                                  const char *text,
                                  gsize length,
                                  gsize *skip,
                                  GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipDecoder, slip_decoder_free)

G_END_DECLS
