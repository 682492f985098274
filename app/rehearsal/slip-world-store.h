/* SPDX-License-Identifier: MIT */
#pragma once

#include <sqlite3.h>

#include "slip-world.h"

G_BEGIN_DECLS

/**
 * SlipWorldStore:
 *
 * The world's file: one SQLite database and the lock of its folder. The first error of a transaction
 * sticks until slip_world_store_commit() reports it, so that callers need not look at each write.
 */
typedef struct _SlipWorldStore SlipWorldStore;

SlipWorldStore *slip_world_store_open (const char *folder, GError **error);
/* Of an error that a damaged file raised: says so, and how to begin anew. */
void slip_world_store_tell_way_out (const char *folder, GError **error);

void slip_world_store_close (SlipWorldStore *store);

/**
 * slip_world_store_query:
 * @sql: a literal; its prepared statement is kept under the address
 * @types: one letter for each parameter: `s` a string or %NULL, `i` a gint64
 * @...: the parameters
 *
 * Returns: (transfer none): the statement, bound and ready for sqlite3_step(); hand it to
 *   slip_world_store_done() afterwards. %NULL when SQLite refused (the error sticks).
 */
sqlite3_stmt *
slip_world_store_query (SlipWorldStore *store, const char *sql, const char *types, ...);

/**
 * slip_world_store_step:
 *
 * Returns: whether there is a row; an error sticks
 */
gboolean slip_world_store_step (SlipWorldStore *store, sqlite3_stmt *statement);
void slip_world_store_done (sqlite3_stmt *statement);

/**
 * slip_world_store_write:
 *
 * Runs a writing statement, in a transaction that is begun when none is open.
 */
void slip_world_store_write (SlipWorldStore *store, const char *sql, const char *types, ...);
gint64 slip_world_store_last_row (SlipWorldStore *store);

gboolean slip_world_store_commit (SlipWorldStore *store, GError **error);
void slip_world_store_rollback (SlipWorldStore *store);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipWorldStore, slip_world_store_close)

G_END_DECLS
