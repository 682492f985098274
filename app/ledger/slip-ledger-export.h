/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger.h"

G_BEGIN_DECLS

/**
 * SlipLedgerFormat:
 * @SLIP_LEDGER_FORMAT_JSONL: the record: JSON Lines with proofs, signed; what
 *   slip_ledger_verify_file() reads
 * @SLIP_LEDGER_FORMAT_CSV: a view for spreadsheets; quotes the root hash
 * @SLIP_LEDGER_FORMAT_HTML: a view for people: one page without outside resources or scripts; quotes
 *   the root hash
 *
 * What an export is written as.
 */
typedef enum
{
  SLIP_LEDGER_FORMAT_JSONL,
  SLIP_LEDGER_FORMAT_CSV,
  SLIP_LEDGER_FORMAT_HTML,
} SlipLedgerFormat;

/**
 * SlipLedgerExport:
 * @entries: how many entries it holds
 * @size: how many entries the ledger had
 * @root: the tree's root at that size, base64
 * @exported: when, ISO 8601 UTC
 *
 * What an export covers.
 */
typedef struct
{
  guint64 entries;
  guint64 size;
  char root[48];
  char exported[32];
} SlipLedgerExport;

/**
 * slip_ledger_format_parse:
 * @name: `jsonl`, `csv` or `html`
 * @format: (out): the format
 *
 * Returns: whether @name is one of them
 */
gboolean slip_ledger_format_parse (const char *name, SlipLedgerFormat *format);

/**
 * slip_ledger_export:
 * @self: a ledger
 * @format: what to write
 * @run: (nullable): only entries of this run, each with its inclusion proof; %NULL for the whole log
 * @path: the file; replaced as a whole or not at all
 * @info: (out) (optional): what was written
 * @cancellable: (nullable): ends the writing
 * @error: return location
 *
 * Signs a checkpoint of the present head and writes the entries up to it. Entries appended meanwhile
 * are not part. A run without entries, or an empty ledger, gives a signed statement that there are
 * none. Memory does not grow with the ledger (for HTML: only with its runs and their steps). Any
 * thread.
 *
 * The JSON Lines format: a header line (`format`, `origin`, `key`, `size`, `root`, `entries`, `run`,
 * `exported`), one line for each entry (`entry`, `index`, `leaf`, and `proof` when @run is given),
 * and a last line with `checkpoint` (C2SP tlog-checkpoint) and `statement`, a second signed note over
 * the header and the leaves in their order, by which a missing entry or line is noticed.
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_EXPORT, _KEY, _READ or %G_IO_ERROR_CANCELLED; @path is
 *   then as it was
 */
gboolean slip_ledger_export (SlipLedger *self,
                             SlipLedgerFormat format,
                             const char *run,
                             const char *path,
                             SlipLedgerExport *info,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
