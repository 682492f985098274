/* SPDX-License-Identifier: MIT */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SLIP_VERIFY_ERROR (slip_verify_error_quark ())

/**
 * SlipVerifyError:
 * @SLIP_VERIFY_E_FORMAT: `E_FORMAT`: the file is no export of a ledger, or cannot be read
 * @SLIP_VERIFY_E_TRUNCATED: `E_TRUNCATED`: the end is missing
 * @SLIP_VERIFY_E_GAP: `E_GAP`: an entry is missing before others
 * @SLIP_VERIFY_E_REORDER: `E_REORDER`: all entries are there, but not in their order
 * @SLIP_VERIFY_E_EDITED: `E_EDITED`: an entry or the header was changed
 * @SLIP_VERIFY_E_INSERTED: `E_INSERTED`: an entry was added that the ledger never had
 * @SLIP_VERIFY_E_REPLAY: `E_REPLAY`: an entry is there twice, or comes from another ledger, or the
 *   seal is that of another state of the ledger
 * @SLIP_VERIFY_E_SIG: `E_SIG`: the right key's signature does not fit what it signs
 * @SLIP_VERIFY_E_UNSEALED: `E_UNSEALED`: there is no signed checkpoint and statement
 * @SLIP_VERIFY_E_WRONG_KEY: `E_WRONG_KEY`: signed with another key than the one given, or the key
 *   given is none
 *
 * Kinds of tampering. The names are stable: scripts may rely on them.
 */
typedef enum
{
  SLIP_VERIFY_E_FORMAT,
  SLIP_VERIFY_E_TRUNCATED,
  SLIP_VERIFY_E_GAP,
  SLIP_VERIFY_E_REORDER,
  SLIP_VERIFY_E_EDITED,
  SLIP_VERIFY_E_INSERTED,
  SLIP_VERIFY_E_REPLAY,
  SLIP_VERIFY_E_SIG,
  SLIP_VERIFY_E_UNSEALED,
  SLIP_VERIFY_E_WRONG_KEY,
} SlipVerifyError;

GQuark slip_verify_error_quark (void);

/**
 * slip_verify_error_name:
 * @error: an error of slip_ledger_verify_file()
 *
 * Returns: its stable name, such as `E_EDITED`; `E_FORMAT` for an error of another domain
 */
const char *slip_verify_error_name (const GError *error);

/**
 * SlipVerifyReport:
 * @entries: how many entries were verified
 * @size: how many entries the ledger had when it was exported
 * @whole: whether the export holds all of them
 * @own_key: whether no key was given and the one in the file was believed, which proves only that
 *   the file agrees with itself
 * @root: the tree's root, base64
 * @origin: the ledger's name
 * @run: the run that was exported, or "" for the whole log
 * @exported: when, as signed, ISO 8601 UTC
 * @key: the public key that verified it
 *
 * What a verified export says. All from signed text.
 */
typedef struct
{
  guint64 entries;
  guint64 size;
  gboolean whole;
  gboolean own_key;
  char root[48];
  char origin[256];
  char run[256];
  char exported[32];
  char key[384];
} SlipVerifyReport;

/**
 * slip_ledger_verify_file:
 * @path: an export in the JSON Lines format
 * @key: (nullable): the public key, `NAME+HEX+BASE64`; %NULL believes the one in the file
 * @report: (out): what the file says; zeroed on failure
 * @error: return location
 *
 * Verifies an export from nothing but the file and @key: canonical form of every entry, sequence,
 * leaf hashes, the tree's root (whole log) or each entry's audit path (one run), the checkpoint's
 * and the statement's signature. Shares no code with what writes ledgers. Memory is constant in the
 * file's size. Any thread.
 *
 * Returns: whether everything holds; otherwise %FALSE with one %SLIP_VERIFY_ERROR that names what
 *   was done to the file and where
 */
gboolean slip_ledger_verify_file (const char *path,
                                  const char *key,
                                  SlipVerifyReport *report,
                                  GError **error);

G_END_DECLS
