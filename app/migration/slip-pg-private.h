/* SPDX-License-Identifier: MIT */
#pragma once

#include "slip-pg.h"

#include <libpq-fe.h>

G_BEGIN_DECLS

typedef struct _SlipPgLocks SlipPgLocks;

struct _SlipPg
{
  PGconn *conn;
  char *name;                /* owned; what a person calls the connection */
  char *where;               /* owned */
  char *statement;           /* owned; the running statement's name, or NULL */
  GCancellable *cancellable; /* owned, or NULL */
  SlipPgLocks *locks;        /* owned; how locks are waited for, or NULL */
  gint64 give_up;            /* monotonic time when a cancelled statement is left alone, or 0 */
  gboolean copying;
  PQnoticeReceiver receive_others;
  char *last_words;   /* owned; what the server said before it hung up, or NULL */
  gboolean is_closed; /* and whether somebody shut it down or ended the session */
  gboolean refused;   /* the server has answered in the middle of a COPY: it refuses */
};

struct _SlipPgRows
{
  PGresult *result; /* owned */
};

/* Begins a call: refuses when somebody cancelled, and names the statement unless it has a name. */
gboolean slip_pg_begin (SlipPg *self, const char *sql, GCancellable *extra, GError **error);

/* Ends a call: forgets the statement's name. */
void slip_pg_done (SlipPg *self);

/* Waits for what @events say on the socket, or the end of patience after a cancel. */
gboolean slip_pg_wait (SlipPg *self, short *events, GCancellable *extra, GError **error);

/* The next result of the running statement; NULL without error when it is over. */
PGresult *slip_pg_next (SlipPg *self, GCancellable *extra, GError **error);

/* Reads results to the end: the last one, or NULL with the first error. */
PGresult *slip_pg_finish (SlipPg *self, GCancellable *extra, GError **error);

/* slip-pg-error.c. What libpq says as one sentence, with a way out that can be empty. */
char *slip_pg_dup_words (const char *words, const char **way_out);

/* Keeps what the server says before it hangs up. */
void slip_pg_listen (SlipPg *self);

/* @result is NULL where libpq alone knows. */
void slip_pg_set_error (SlipPg *self, const PGresult *result, GError **error);
void slip_pg_ask_to_cancel (SlipPg *self);

/* Ends a COPY that nobody asked for, so that the statement ends. */
void slip_pg_refuse_copy (SlipPg *self, ExecStatusType status, GError **error);

/* Waiting for locks: around each call, in its wait (milliseconds, or -1), and of a server's refusal. */
void slip_pg_locks_begin (SlipPg *self);
int slip_pg_locks_get_timeout (SlipPg *self);
void slip_pg_locks_look (SlipPg *self);
void slip_pg_locks_end (SlipPg *self);
GError *slip_pg_locks_new_error (SlipPg *self, const SlipServerWords *words);
void slip_pg_locks_free (SlipPgLocks *locks);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PGresult, PQclear)

G_END_DECLS
