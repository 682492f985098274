/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-tree.h"

G_BEGIN_DECLS

/**
 * SlipLedgerSigner:
 *
 * A name and an Ed25519 key that sign notes. Immutable; its memory is cleared on free.
 */
typedef struct _SlipLedgerSigner SlipLedgerSigner;

/**
 * slip_ledger_signer_generate:
 * @name: the key's name: not empty, without white space and `+`
 * @error: return location
 *
 * Returns: (transfer full): a new key, or %NULL with %SLIP_LEDGER_ERROR_KEY
 */
SlipLedgerSigner *slip_ledger_signer_generate (const char *name, GError **error);

/**
 * slip_ledger_signer_parse:
 * @text: `PRIVATE+KEY+NAME+HEX+BASE64`, as slip_ledger_signer_to_text() writes it
 * @error: return location
 *
 * Returns: (transfer full): the key, or %NULL with %SLIP_LEDGER_ERROR_KEY
 */
SlipLedgerSigner *slip_ledger_signer_parse (const char *text, GError **error);

void slip_ledger_signer_free (SlipLedgerSigner *signer);

/**
 * slip_ledger_signer_to_text:
 *
 * Returns: (transfer full): the private key in the form that Go's `note` package uses. A secret:
 *   clear it after use.
 */
char *slip_ledger_signer_to_text (SlipLedgerSigner *signer);

/**
 * slip_ledger_signer_get_verifier:
 *
 * Returns: (transfer none): the public key, `NAME+HEX+BASE64`, as in C2SP signed-note
 */
const char *slip_ledger_signer_get_verifier (SlipLedgerSigner *signer);

const char *slip_ledger_signer_get_name (SlipLedgerSigner *signer);

/**
 * slip_ledger_signer_sign:
 * @signer: a key
 * @text: UTF-8 lines, the last one ended too
 * @error: return location
 *
 * Returns: (transfer full): the signed note: @text, an empty line, `— NAME BASE64` and a newline, or
 *   %NULL with %SLIP_LEDGER_ERROR_KEY
 */
char *slip_ledger_signer_sign (SlipLedgerSigner *signer, const char *text, GError **error);

/**
 * slip_ledger_note_open:
 * @verifier: `NAME+HEX+BASE64`
 * @note: a signed note
 *
 * Returns: (transfer full) (nullable): the signed text, or %NULL when @verifier's key did not sign
 *   @note
 */
char *slip_ledger_note_open (const char *verifier, const char *note);

/**
 * slip_ledger_note_checkpoint:
 * @origin: the log's name
 * @size: how many leaves
 * @root: their tree hash
 *
 * Returns: (transfer full): the text of a C2SP tlog-checkpoint, unsigned
 */
char *slip_ledger_note_checkpoint (const char *origin, guint64 size, const SlipTreeHash *root);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipLedgerSigner, slip_ledger_signer_free)

G_END_DECLS
