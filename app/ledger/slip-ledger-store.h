/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-ledger-tree.h"

#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * SlipLedgerStore:
 *
 * One SQLite connection to a ledger's file. Not thread-safe: one thread at a time.
 */
typedef struct _SlipLedgerStore SlipLedgerStore;

/**
 * SlipLedgerStoreMode:
 * @SLIP_LEDGER_STORE_CREATE: read and write, create the file when it is absent
 * @SLIP_LEDGER_STORE_WRITE: read and write an existing file
 * @SLIP_LEDGER_STORE_READ: read an existing file
 */
typedef enum
{
  SLIP_LEDGER_STORE_CREATE,
  SLIP_LEDGER_STORE_WRITE,
  SLIP_LEDGER_STORE_READ,
} SlipLedgerStoreMode;

SlipLedgerStore *
slip_ledger_store_open (const char *path, SlipLedgerStoreMode mode, GError **error);
void slip_ledger_store_close (SlipLedgerStore *store);

/**
 * slip_ledger_store_is_empty:
 *
 * Tells whether the file holds no tables yet: slip_ledger_store_create() is due. Refuses a file that
 * is another program's database (%SLIP_LEDGER_ERROR_OPEN), of a later version (_VERSION), or whose
 * tables and triggers are not ours (_DAMAGED).
 */
gboolean slip_ledger_store_is_empty (SlipLedgerStore *store, gboolean *empty, GError **error);

/**
 * slip_ledger_store_create:
 *
 * Creates tables and triggers and records who the ledger is. Inside a write transaction.
 */
gboolean slip_ledger_store_create (SlipLedgerStore *store,
                                   const char *origin,
                                   const char *verifier,
                                   GError **error);

/**
 * slip_ledger_store_identity:
 *
 * Reads what slip_ledger_store_create() recorded.
 */
gboolean
slip_ledger_store_identity (SlipLedgerStore *store, char **origin, char **verifier, GError **error);

/**
 * slip_ledger_store_check:
 *
 * Lets SQLite check the file, when it is not larger than @max_bytes, and that no sequence number is
 * missing. Returns %FALSE with %SLIP_LEDGER_ERROR_DAMAGED.
 */
gboolean slip_ledger_store_check (SlipLedgerStore *store, gint64 max_bytes, GError **error);

/**
 * slip_ledger_store_begin:
 * @write: whether to take the write lock at once, waiting for other processes
 */
gboolean slip_ledger_store_begin (SlipLedgerStore *store, gboolean write, GError **error);
gboolean slip_ledger_store_commit (SlipLedgerStore *store, GError **error);

/**
 * slip_ledger_store_rollback:
 *
 * Ends a transaction without its changes; does nothing when there is none.
 */
void slip_ledger_store_rollback (SlipLedgerStore *store);

/**
 * slip_ledger_store_size:
 *
 * Reads how many entries there are.
 */
gboolean slip_ledger_store_size (SlipLedgerStore *store, guint64 *size, GError **error);

/**
 * slip_ledger_store_node:
 *
 * A #SlipTreeNodeFunc whose data is a #SlipLedgerStore.
 */
gboolean slip_ledger_store_node (
    guint level, guint64 index, SlipTreeHash *hash, gpointer store, GError **error);

/**
 * slip_ledger_store_previous:
 *
 * Reads the last entry of a run, 0 when it has none.
 */
gboolean
slip_ledger_store_previous (SlipLedgerStore *store, const char *run, gint64 *seq, GError **error);

/**
 * slip_ledger_store_insert:
 * @nodes: (array length=n_nodes): the leaf's hash and those of the subtrees that it completes
 *
 * Adds an entry, inside a write transaction.
 */
gboolean slip_ledger_store_insert (SlipLedgerStore *store,
                                   gint64 seq,
                                   const char *body,
                                   gsize length,
                                   const SlipTreeHash *nodes,
                                   guint n_nodes,
                                   GError **error);

/**
 * slip_ledger_store_checkpoint:
 * @size: (inout): a tree size, or 0 for the last checkpoint; what was found
 *
 * Reads a stored checkpoint; @note is %NULL when there is none.
 */
gboolean
slip_ledger_store_checkpoint (SlipLedgerStore *store, guint64 *size, char **note, GError **error);

/**
 * slip_ledger_store_insert_checkpoint:
 *
 * Adds a checkpoint, inside a write transaction.
 */
gboolean slip_ledger_store_insert_checkpoint (SlipLedgerStore *store,
                                              guint64 size,
                                              const char *note,
                                              GError **error);

/**
 * slip_ledger_store_prepare:
 *
 * Returns: (transfer full): a statement, or %NULL with an error; finalize it
 */
sqlite3_stmt *slip_ledger_store_prepare (SlipLedgerStore *store, const char *sql, GError **error);

/**
 * slip_ledger_store_step:
 *
 * Steps a statement. Returns %SQLITE_ROW, %SQLITE_DONE, or another code with an error set.
 */
int slip_ledger_store_step (SlipLedgerStore *store, sqlite3_stmt *statement, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipLedgerStore, slip_ledger_store_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (sqlite3_stmt, sqlite3_finalize)

G_END_DECLS
