/* SPDX-License-Identifier: MIT */
#pragma once

#include <json-glib/json-glib.h>

#include "slip-clock.h"

G_BEGIN_DECLS

#define SLIP_LEDGER_ERROR (slip_ledger_error_quark ())

/**
 * SlipLedgerError:
 * @SLIP_LEDGER_ERROR_OPEN: the file cannot be opened, or is no ledger
 * @SLIP_LEDGER_ERROR_DAMAGED: the file is a ledger whose contents contradict each other
 * @SLIP_LEDGER_ERROR_VERSION: the ledger was written by a later version of the program
 * @SLIP_LEDGER_ERROR_KEY: the signing key is missing, unreadable, unsafe or another ledger's
 * @SLIP_LEDGER_ERROR_ENTRY: an entry cannot be stored: no canonical form, too deep or too large, or
 *   it sets a member that the ledger sets
 * @SLIP_LEDGER_ERROR_WRITE: the disk is full, or the write failed; nothing was stored
 * @SLIP_LEDGER_ERROR_READ: reading failed
 * @SLIP_LEDGER_ERROR_RANGE: a proof was asked for entries that the ledger does not have
 * @SLIP_LEDGER_ERROR_EXPORT: an export could not be written
 *
 * Errors of the ledger folder. Verification has its own, see slip-ledger-verify.h.
 */
typedef enum
{
  SLIP_LEDGER_ERROR_OPEN,
  SLIP_LEDGER_ERROR_DAMAGED,
  SLIP_LEDGER_ERROR_VERSION,
  SLIP_LEDGER_ERROR_KEY,
  SLIP_LEDGER_ERROR_ENTRY,
  SLIP_LEDGER_ERROR_WRITE,
  SLIP_LEDGER_ERROR_READ,
  SLIP_LEDGER_ERROR_RANGE,
  SLIP_LEDGER_ERROR_EXPORT,
} SlipLedgerError;

GQuark slip_ledger_error_quark (void);

/**
 * SLIP_LEDGER_ENTRY_MAX:
 *
 * The most bytes one entry's canonical form may have.
 */
#define SLIP_LEDGER_ENTRY_MAX (4 * 1024 * 1024)

/**
 * SLIP_LEDGER_ENTRY_DEPTH:
 *
 * How deep an entry's arrays and objects may nest. Below %SLIP_JSON_MAX_DEPTH, so that an exported
 * line, which wraps the entry, can be read by any of our readers.
 */
#define SLIP_LEDGER_ENTRY_DEPTH 120

/**
 * SLIP_LEDGER_HASH_SIZE:
 *
 * Bytes of a SHA-256 digest: leaf, node and root hashes.
 */
#define SLIP_LEDGER_HASH_SIZE 32

#define SLIP_TYPE_LEDGER (slip_ledger_get_type ())

/**
 * SlipLedger:
 *
 * The audit log: an append-only sequence of JSON entries in one SQLite file, with the Merkle tree of
 * RFC 6962 over them. Several processes may have the same file open and append to it. Thread-safe;
 * every function but the getters may touch the disk, so none belongs on the window's main thread.
 *
 * An entry is one JSON object. The caller gives `kind` and whatever describes the event: `actor`
 * (`user`, `host`, `principal`), `environment`, `account`, `region`, `run`, `step`, `effect`,
 * `operation`, `request_sha256`, `request`, `request_id`, `outcome`, `data`. The ledger adds
 *
 * - `v`: 1, the version of this shape
 * - `seq`: 1 for the first entry, then without a gap; the leaf's index in the tree is `seq` - 1
 * - `log`: the ledger's own id, so that another ledger's entry is known as such
 * - `prev`: the `seq` of the previous entry with the same `run`, absent for a run's first
 * - `time`: wall-clock time, UTC
 * - `mono`: microseconds of the monotonic clock since `boot`, which names the machine's start
 *
 * Order is that of `seq` and never that of `time`: clocks step.
 */
G_DECLARE_FINAL_TYPE (SlipLedger, slip_ledger, SLIP, LEDGER, GObject)

/**
 * SlipLedgerEntry:
 * @seq: its sequence number, from 1
 * @text: its canonical JSON text, exactly as hashed; ends with a NUL
 * @length: bytes of @text
 * @object: (transfer none): @text, parsed
 *
 * An entry as handed to a #SlipLedgerFunc; valid during the call. Take a reference on @object to
 * keep it.
 */
typedef struct
{
  gint64 seq;
  const char *text;
  gsize length;
  JsonObject *object;
} SlipLedgerEntry;

/**
 * SlipLedgerFilter:
 * @run: (nullable): only entries of this run
 * @environment: (nullable): only entries of this environment
 * @kind: (nullable): only entries of this kind, or with a trailing `*` of kinds that begin so
 * @text: (nullable): only entries whose JSON text contains this; ASCII case does not count
 * @from_seq: only entries with this sequence number or a later one; 0 means all
 * @limit: at most so many entries; 0 means all
 * @newest_first: whether to go backwards
 *
 * What to read. A zeroed filter reads everything, oldest first.
 */
typedef struct
{
  const char *run;
  const char *environment;
  const char *kind;
  const char *text;
  gint64 from_seq;
  gint64 limit;
  gboolean newest_first;
} SlipLedgerFilter;

/**
 * SlipLedgerFunc:
 * @entry: one entry, valid during the call
 * @data: as given
 *
 * Called for each entry. It may call any function of the ledger, also slip_ledger_append(); it does
 * not see entries appended after the reading began.
 *
 * Returns: whether to go on
 */
typedef gboolean (*SlipLedgerFunc) (const SlipLedgerEntry *entry, gpointer data);

/**
 * SlipLedgerAppendedFunc:
 * @ledger: the ledger
 * @seq: the newest entry's sequence number; entries between calls are coalesced
 * @data: as given
 *
 * Called in the default main context when there are new entries.
 */
typedef void (*SlipLedgerAppendedFunc) (SlipLedger *ledger, gint64 seq, gpointer data);

/**
 * slip_ledger_open:
 * @path: the file; it and its folder are created when absent, for the user alone
 * @error: return location
 *
 * Opens a ledger for reading and appending, and checks what can be checked without reading every
 * entry: that the file is a ledger of a version it knows, that SQLite finds it sound (files up to
 * 32 MiB), that sequence and tree fit each other, and that the tree still contains the last
 * checkpoint.
 *
 * A new ledger gets a new Ed25519 key, kept in the Secret Service when the session has an unlocked
 * one, otherwise (or with `SLIPWAY_LEDGER_KEY=file` in the environment) in the file `@path.key`,
 * mode 0600. Never asks for a password. When the key cannot be reached, the ledger opens all the
 * same, since a rollback at night must not wait for a keyring: entries are appended, and only
 * slip_ledger_checkpoint() and exports fail until it is back. A key file that others may read, or
 * that is not this ledger's, is refused.
 *
 * Returns: (transfer full): the ledger, or %NULL with %SLIP_LEDGER_ERROR_OPEN, _DAMAGED, _VERSION or
 *   _KEY
 */
SlipLedger *slip_ledger_open (const char *path, GError **error);

/**
 * slip_ledger_open_read_only:
 * @path: an existing ledger
 * @error: return location
 *
 * As slip_ledger_open(), but creates nothing, looks for no key and refuses to append.
 *
 * Returns: (transfer full): the ledger, or %NULL with %SLIP_LEDGER_ERROR_OPEN, _DAMAGED or _VERSION
 */
SlipLedger *slip_ledger_open_read_only (const char *path, GError **error);

/**
 * slip_ledger_set_clock:
 * @self: a ledger
 * @clock: where `time` and `mono` come from, instead of the machine's own clock
 */
void slip_ledger_set_clock (SlipLedger *self, SlipClock *clock);

/**
 * slip_ledger_set_checkpoint_interval:
 * @self: a ledger
 * @entries: sign and store a checkpoint each time so many entries were added; 0 means never. The
 *   default is 256.
 */
void slip_ledger_set_checkpoint_interval (SlipLedger *self, guint entries);

char *slip_ledger_dup_path (SlipLedger *self);

/**
 * slip_ledger_dup_origin:
 * @self: a ledger
 *
 * Returns: (transfer full): the ledger's name in its checkpoints, such as
 *   `slipway/workstation-7/3f9a02c4d1e8b765`
 */
char *slip_ledger_dup_origin (SlipLedger *self);

/**
 * slip_ledger_dup_public_key:
 * @self: a ledger
 *
 * Returns: (transfer full): the key that verifies its checkpoints, in the form of C2SP signed notes:
 *   `NAME+HEX+BASE64`
 */
char *slip_ledger_dup_public_key (SlipLedger *self);

/**
 * slip_ledger_is_file:
 * @path: a path of any file
 *
 * A process that opens the ledger's file by itself and closes it loses SQLite's locks of it, and with them what it
 * appends from there on: ask before. Any thread.
 *
 * Returns: whether it is the ledger's own file, or one that SQLite keeps beside it
 */
gboolean slip_ledger_is_file (SlipLedger *self, const char *path);

/**
 * slip_ledger_append:
 * @self: a ledger
 * @entry: (transfer none): the caller's members, see #SlipLedger; not changed
 * @seq: (out) (optional): the entry's sequence number
 * @error: return location
 *
 * Adds one entry. Secrets that slip_redact_json() knows are replaced first. The entry is on disk
 * (synced) when this returns %TRUE. Any thread; processes wait for one another up to ten seconds.
 *
 * A checkpoint is signed with an approval, the intent of a final step, the end of a run, and as
 * slip_ledger_set_checkpoint_interval() says.
 *
 * Returns: whether it was stored; with %FALSE the ledger is as it was, and @error is
 *   %SLIP_LEDGER_ERROR_ENTRY, _WRITE or _DAMAGED
 */
gboolean slip_ledger_append (SlipLedger *self, JsonObject *entry, gint64 *seq, GError **error);

/**
 * slip_ledger_foreach:
 * @self: a ledger
 * @filter: (nullable): what to read, or %NULL for all
 * @func: called on the calling thread for each entry
 * @data: for @func
 * @error: return location
 *
 * Reads one consistent state of the ledger: what others append meanwhile is not seen.
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_READ or _DAMAGED
 */
gboolean slip_ledger_foreach (SlipLedger *self,
                              const SlipLedgerFilter *filter,
                              SlipLedgerFunc func,
                              gpointer data,
                              GError **error);

/**
 * slip_ledger_count:
 * @self: a ledger
 * @filter: (nullable): what to count; its limit and direction do not matter
 * @error: return location
 *
 * Returns: how many entries match, or -1 with %SLIP_LEDGER_ERROR_READ
 */
gint64 slip_ledger_count (SlipLedger *self, const SlipLedgerFilter *filter, GError **error);

/**
 * slip_ledger_get_head:
 * @self: a ledger
 * @size: (out): how many entries there are
 * @root: (out) (array fixed-size=32): the Merkle tree hash over them, RFC 6962 §2.1
 * @error: return location
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_READ
 */
gboolean slip_ledger_get_head (SlipLedger *self,
                               guint64 *size,
                               guint8 root[SLIP_LEDGER_HASH_SIZE],
                               GError **error);

/**
 * slip_ledger_checkpoint:
 * @self: a ledger
 * @error: return location
 *
 * Signs the present head and stores the result, once for each size. Call it when a run has ended.
 *
 * Returns: (transfer full): a signed note as in C2SP tlog-checkpoint (origin, size and root in
 *   base64, an empty line, the signature), or %NULL with %SLIP_LEDGER_ERROR_KEY, _READ or _WRITE
 */
char *slip_ledger_checkpoint (SlipLedger *self, GError **error);

/**
 * slip_ledger_inclusion_proof:
 * @self: a ledger
 * @index: a leaf, that is `seq` - 1
 * @size: the tree's size, more than @index and at most the present one
 * @error: return location
 *
 * Returns: (transfer full): the audit path, RFC 6962 §2.1.1: hashes of 32 bytes, from the leaf
 *   upwards; or %NULL with %SLIP_LEDGER_ERROR_RANGE or _READ
 */
GBytes *slip_ledger_inclusion_proof (SlipLedger *self, guint64 index, guint64 size, GError **error);

/**
 * slip_ledger_consistency_proof:
 * @self: a ledger
 * @first: the earlier size, at least 1
 * @second: the later size, at most the present one
 * @error: return location
 *
 * Returns: (transfer full): the proof of RFC 6962 §2.1.2 that the tree of @second entries begins
 *   with that of @first: hashes of 32 bytes; or %NULL with %SLIP_LEDGER_ERROR_RANGE or _READ
 */
GBytes *
slip_ledger_consistency_proof (SlipLedger *self, guint64 first, guint64 second, GError **error);

/**
 * slip_ledger_can_seal:
 * @self: a ledger
 * @error: return location
 *
 * Whether approvals and ends of runs are signed when they are appended. Looks for the key again when it
 * was missing.
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_KEY, which says why the key cannot be reached
 */
gboolean slip_ledger_can_seal (SlipLedger *self, GError **error);

/**
 * slip_ledger_is_sealed:
 * @self: a ledger
 * @seq: an entry
 * @sealed: (out): whether a checkpoint was signed when @seq was appended, as it is with each approval
 * @error: return location
 *
 * What was put into the file by others is not. Checks the signature; the tree is slip_ledger_check()'s.
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_READ
 */
gboolean slip_ledger_is_sealed (SlipLedger *self, gint64 seq, gboolean *sealed, GError **error);

/**
 * slip_ledger_check:
 * @self: a ledger
 * @cancellable: (nullable): ends the reading
 * @entries: (out) (optional): how many entries were read
 * @error: return location
 *
 * Reads every entry, computes its tree anew, and compares with what is stored and with every stored
 * checkpoint, whose signatures it checks too. For the window's *Verify*; an auditor verifies an
 * export instead.
 *
 * Returns: %FALSE with %SLIP_LEDGER_ERROR_DAMAGED naming the first entry that does not fit,
 *   %SLIP_LEDGER_ERROR_READ or %G_IO_ERROR_CANCELLED
 */
gboolean
slip_ledger_check (SlipLedger *self, GCancellable *cancellable, gint64 *entries, GError **error);

/**
 * slip_ledger_watch:
 * @self: a ledger
 * @func: called in the default main context after entries were appended, by whatever process
 * @data: for @func
 *
 * Own appends are told at once, those of other processes within a quarter of a second. Never blocks.
 *
 * Returns: an id for slip_ledger_unwatch(), never 0
 */
guint slip_ledger_watch (SlipLedger *self, SlipLedgerAppendedFunc func, gpointer data);

/**
 * slip_ledger_unwatch:
 * @self: a ledger
 * @id: what slip_ledger_watch() returned
 *
 * Ends a watch. When called in the default main context, the function is not called any more once
 * this returns. A ledger must be unwatched before its last reference goes.
 */
void slip_ledger_unwatch (SlipLedger *self, guint id);

G_END_DECLS
