/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-migration-error.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * SlipPg:
 *
 * A connection to a PostgreSQL server, used by one thread at a time. Every call blocks: worker threads
 * only. Each waits for the socket and for a #GCancellable together, so that cancelling works while a
 * statement runs and while the server does not answer.
 *
 * Errors are %SLIP_MIGRATION_ERROR_DATABASE when the server refused (with SQLSTATE, detail, context and the
 * statement's name), %SLIP_MIGRATION_ERROR_CONNECTION when the way to it is gone, and
 * %SLIP_MIGRATION_ERROR_CANCELLED. Passwords are never in them.
 */
typedef struct _SlipPg SlipPg;

/**
 * SlipPgRows:
 *
 * What a query answered: texts, with the names of its columns. Immutable.
 */
typedef struct _SlipPgRows SlipPgRows;

/**
 * slip_pg_open:
 * @conninfo: a URI (`postgresql://…`) or `key=value` words, as libpq reads it; the password comes better from
 *   ~/.pgpass, PGPASSWORD or a service file
 * @name: what the connection is for, such as "migration database"; in errors, and in the server's own
 *   list of sessions
 * @cancellable: (nullable): ends every later call on this connection too
 * @error: return location
 *
 * Connects, within the `connect_timeout` of @conninfo or 15 s. The session has client encoding UTF8, time
 * zone UTC, DateStyle "ISO, DMY" and standard_conforming_strings, whatever the role's settings are.
 *
 * Returns: (transfer full): a connection, or %NULL with %SLIP_MIGRATION_ERROR_CONNECTION
 */
SlipPg *
slip_pg_open (const char *conninfo, const char *name, GCancellable *cancellable, GError **error);

/**
 * slip_pg_set_session:
 *
 * Puts every setting of the session back to what slip_pg_open() leaves, behind statements that somebody else wrote. Outside
 * of a transaction; what slip_pg_wait_for_locks() set is to be set again.
 *
 * Returns: %FALSE with @error set when the server could not be asked
 */
gboolean slip_pg_set_session (SlipPg *self, GError **error);

/**
 * slip_pg_close:
 *
 * Closes; what was not committed is rolled back by the server.
 */
void slip_pg_close (SlipPg *self);

/**
 * SlipPgLockFunc:
 * @who: who holds the lock, in few words: "process 4711 (ann, psql)"
 * @waited: seconds, from 1; 0 when the wait has ended
 * @seconds: how long it is waited for at most; 0 is without end
 * @user_data: as given
 *
 * Called by the thread that uses the connection, now and then while a statement waits for a lock.
 */
typedef void (*SlipPgLockFunc) (const char *who, guint waited, guint seconds, gpointer user_data);

/**
 * slip_pg_wait_for_locks:
 * @self: a connection
 * @conninfo: what it was opened with: while a statement takes long a second session looks who is in its way
 * @seconds: how long a lock is waited for; 0 is without end
 * @func: (nullable): told of each wait
 * @data: for @func
 * @error: return location
 *
 * Has later statements wait for locks of other sessions only so long (`lock_timeout`). One that gives up fails with SQLSTATE
 * 55P03, and the message tells who holds the lock, since when, with which statement, and the way out.
 *
 * Returns: whether it is set
 */
gboolean slip_pg_wait_for_locks (SlipPg *self,
                                 const char *conninfo,
                                 guint seconds,
                                 SlipPgLockFunc func,
                                 gpointer data,
                                 GError **error);

/**
 * slip_pg_get_lock_wait:
 *
 * Returns: seconds, as slip_pg_wait_for_locks() was told; 0 is without end
 */
guint slip_pg_get_lock_wait (SlipPg *self);

/**
 * slip_pg_begin_spell:
 * @self: a connection
 * @seconds: how long is waited for locks in all of it
 *
 * Takes the waits of all statements until slip_pg_end_spell() for one, which is told of soon.
 */
void slip_pg_begin_spell (SlipPg *self, guint seconds);

/**
 * slip_pg_end_spell:
 *
 * Returns: (transfer full) (nullable): who held a lock, in few words, when it was looked at last
 */
char *slip_pg_end_spell (SlipPg *self);

/**
 * slip_pg_begin_by_turns:
 * @self: a connection
 * @name: what its statements are called in messages
 * @sql: takes locks that many may have to wait behind
 * @error: return location
 *
 * Begins a transaction with @sql. Who waits for a lock is in the way of all that come after, and of those who need what it has
 * already: so each attempt waits for half a second, then gives everything back, and the next one comes a second later, for as
 * long as slip_pg_wait_for_locks() said.
 *
 * Returns: whether the transaction has begun; if not there is none
 */
gboolean slip_pg_begin_by_turns (SlipPg *self, const char *name, const char *sql, GError **error);

/**
 * slip_pg_get_where:
 *
 * Returns: (transfer none): "NAME user@host:port/database", for messages
 */
const char *slip_pg_get_where (SlipPg *self);

/**
 * slip_pg_get_version:
 *
 * Returns: the server's version as libpq tells it, 150004
 */
int slip_pg_get_version (SlipPg *self);

/**
 * slip_pg_check:
 * @self: a connection
 * @error: return location
 *
 * For work between statements that takes long.
 *
 * Returns: %FALSE with %SLIP_MIGRATION_ERROR_CANCELLED when somebody cancelled
 */
gboolean slip_pg_check (SlipPg *self, GError **error);

/**
 * slip_pg_name_statement:
 * @self: a connection
 * @statement: (nullable): what the next statement is, such as "transform cases: insert"
 *
 * Names the next statement in errors. The name holds for one call (for a COPY until its end); without one the
 * beginning of its text stands there.
 */
void slip_pg_name_statement (SlipPg *self, const char *statement);

/**
 * slip_pg_run:
 * @self: a connection
 * @sql: one statement or several
 * @error: return location
 *
 * Runs statements whose rows nobody needs. Several in one text are one transaction unless they say
 * otherwise.
 *
 * Returns: whether all were carried out
 */
gboolean slip_pg_run (SlipPg *self, const char *sql, GError **error);

/**
 * slip_pg_run_counted:
 * @rows: (out): how many rows the last statement touched
 *
 * As slip_pg_run().
 */
gboolean slip_pg_run_counted (SlipPg *self, const char *sql, guint64 *rows, GError **error);

/**
 * slip_pg_run_one:
 * @sql: one statement; the server refuses two
 * @rows: (out) (optional): how many rows it touched
 *
 * As slip_pg_run(), for statements that somebody else wrote.
 */
gboolean slip_pg_run_one (SlipPg *self, const char *sql, guint64 *rows, GError **error);

/**
 * slip_pg_parse:
 * @sql: one statement; the server refuses two
 * @error: return location
 *
 * Has the server read a statement, and the names in it unless it is a command such as CREATE, without carrying out anything of it.
 *
 * Returns: whether the server understands it
 */
gboolean slip_pg_parse (SlipPg *self, const char *sql, GError **error);

/**
 * slip_pg_is_in_transaction:
 *
 * Returns: whether a transaction is open that has not failed
 */
gboolean slip_pg_is_in_transaction (SlipPg *self);

/**
 * slip_pg_rollback:
 * @self: a connection
 *
 * Rolls back what is open, also after somebody cancelled and after the connection broke. To be called on the
 * way out of a failed transaction; no effect outside of one.
 */
void slip_pg_rollback (SlipPg *self);

/**
 * slip_pg_query:
 * @self: a connection
 * @sql: one statement
 * @params: (nullable) (array zero-terminated=1): values of $1, $2 …, as text
 * @cancellable: (nullable): ends this call, beside the connection's own
 * @error: return location
 *
 * Returns: (transfer full): all rows, held in memory; for many use slip_pg_copy_out()
 */
SlipPgRows *slip_pg_query (SlipPg *self,
                           const char *sql,
                           const char *const *params,
                           GCancellable *cancellable,
                           GError **error);

/**
 * slip_pg_query_with_nulls:
 * @n: how many parameters
 * @params: (array length=n): their values; %NULL is null
 *
 * As slip_pg_query(), for parameters that can be null.
 */
SlipPgRows *slip_pg_query_with_nulls (SlipPg *self,
                                      const char *sql,
                                      guint n,
                                      const char *const *params,
                                      GCancellable *cancellable,
                                      GError **error);

void slip_pg_rows_free (SlipPgRows *rows);
guint slip_pg_rows_get_n_rows (const SlipPgRows *rows);
guint slip_pg_rows_get_n_columns (const SlipPgRows *rows);
const char *slip_pg_rows_get_column (const SlipPgRows *rows, guint column);

/**
 * slip_pg_rows_find_column:
 *
 * Returns: the column's index, or -1
 */
int slip_pg_rows_find_column (const SlipPgRows *rows, const char *name);

/**
 * slip_pg_rows_get:
 *
 * Returns: (nullable): the value as text, owned by @rows; %NULL is null
 */
const char *slip_pg_rows_get (const SlipPgRows *rows, guint row, guint column);

/**
 * slip_pg_rows_get_int:
 *
 * Returns: the value as a number; 0 for null
 */
gint64 slip_pg_rows_get_int (const SlipPgRows *rows, guint row, guint column);

/**
 * slip_pg_copy_in_begin:
 * @self: a connection
 * @sql: a `COPY … FROM STDIN`
 * @error: return location
 *
 * Begins to send rows. Then come slip_pg_copy_in_data() and either slip_pg_copy_in_end() or
 * slip_pg_copy_in_abort(), also after an error.
 *
 * Returns: whether the server takes rows
 */
gboolean slip_pg_copy_in_begin (SlipPg *self, const char *sql, GError **error);

/**
 * slip_pg_copy_in_data:
 * @self: a connection in a COPY
 * @data: bytes in the form that the COPY asked for
 * @length: how many; pieces of 64 KiB and more are fast
 * @error: return location
 *
 * Sends, and waits while the server is slower, so that memory does not grow. What the server refuses can
 * be told here or by slip_pg_copy_in_end().
 *
 * Returns: whether to go on
 */
gboolean slip_pg_copy_in_data (SlipPg *self, const void *data, gsize length, GError **error);

/**
 * slip_pg_copy_in_end:
 * @rows: (out) (optional): how many rows the server says that it took
 */
gboolean slip_pg_copy_in_end (SlipPg *self, guint64 *rows, GError **error);

/**
 * slip_pg_copy_in_abort:
 * @reason: one line, which the server writes into its log
 *
 * Ends a COPY so that none of its rows is kept. No effect when none is open.
 */
void slip_pg_copy_in_abort (SlipPg *self, const char *reason);

/**
 * SlipPgDataFunc:
 * @data: bytes, one row in text and CSV form
 * @length: how many
 * @user_data: as given
 * @error: return location
 *
 * Returns: whether to go on; with %FALSE @error is set
 */
typedef gboolean (*SlipPgDataFunc) (const char *data,
                                    gsize length,
                                    gpointer user_data,
                                    GError **error);

/**
 * slip_pg_copy_out:
 * @self: a connection
 * @sql: a `COPY … TO STDOUT`
 * @func: called for each row as it comes
 * @data: for @func
 * @rows: (out) (optional): how many rows the server sent
 * @error: return location
 *
 * Receives rows in constant memory.
 *
 * Returns: whether all came and @func never refused
 */
gboolean slip_pg_copy_out (SlipPg *self,
                           const char *sql,
                           SlipPgDataFunc func,
                           gpointer data,
                           guint64 *rows,
                           GError **error);

/**
 * SlipPgCountFunc:
 * @rows: rows since the beginning
 * @bytes: bytes since the beginning
 * @user_data: as given
 */
typedef void (*SlipPgCountFunc) (guint64 rows, guint64 bytes, gpointer user_data);

/**
 * slip_pg_copy_between:
 * @from: the connection that sends
 * @out_sql: its `COPY (SELECT …) TO STDOUT (FORMAT binary)`
 * @to: another connection, which takes
 * @in_sql: its `COPY … FROM STDIN (FORMAT binary)`
 * @counter: (nullable): called now and then
 * @data: for @counter
 * @rows: (out) (optional): how many rows @to took
 * @error: return location
 *
 * Sends rows from server to server in constant memory. Both forms must be the same. What slip_pg_name_statement() called
 * that of @to both are called.
 *
 * Returns: whether @to took all that @from sent; the transactions are the caller's
 */
gboolean slip_pg_copy_between (SlipPg *from,
                               const char *out_sql,
                               SlipPg *to,
                               const char *in_sql,
                               SlipPgCountFunc counter,
                               gpointer data,
                               guint64 *rows,
                               GError **error);

/**
 * slip_pg_quote_name:
 * @name: a name in UTF-8, of a column, table or schema
 *
 * Needs no connection. Names longer than 63 bytes are cut by the server, not here.
 *
 * Returns: (transfer full): it in double quotes
 */
char *slip_pg_quote_name (const char *name);

/**
 * slip_pg_quote_literal:
 * @value: (nullable): a text in UTF-8; %NULL is null
 *
 * Needs no connection; holds with standard_conforming_strings on and off.
 *
 * Returns: (transfer full): `'…'`, ` E'…'` where there is a backslash, or `NULL`
 */
char *slip_pg_quote_literal (const char *value);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPg, slip_pg_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SlipPgRows, slip_pg_rows_free)

G_END_DECLS
