/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-note.h"

G_BEGIN_DECLS

/**
 * slip_ledger_key_create:
 * @path: the ledger's file
 * @error: return location
 *
 * Makes a key for a new ledger, with a fresh name, and stores it: in the Secret Service when the
 * session bus has one whose default collection is unlocked and `SLIPWAY_LEDGER_KEY` is not `file`,
 * otherwise in `@path.key`, mode 0600. A key file that is there already, left by a creation that
 * did not finish, is used.
 *
 * Blocks for at most three seconds (`SLIPWAY_LEDGER_KEY_SECONDS`) and never asks anybody for anything.
 *
 * Returns: (transfer full): the key, or %NULL with %SLIP_LEDGER_ERROR_KEY
 */
SlipLedgerSigner *slip_ledger_key_create (const char *path, GError **error);

/**
 * slip_ledger_key_load:
 * @path: the ledger's file
 * @verifier: the public key that the ledger records
 * @missing: (out): set to %TRUE when there is no key where one should be, or the Secret Service is
 *   locked or not reachable: a state that may pass
 * @error: return location
 *
 * Looks for the private key in `@path.key` and then in the Secret Service. Blocks as
 * slip_ledger_key_create().
 *
 * Returns: (transfer full): the key, or %NULL with %SLIP_LEDGER_ERROR_KEY: missing, a file that
 *   others may read, or not the key of @verifier
 */
SlipLedgerSigner *
slip_ledger_key_load (const char *path, const char *verifier, gboolean *missing, GError **error);

G_END_DECLS
