/* SPDX-License-Identifier: MIT */
/* Rows in and out by COPY, and between two servers, in constant memory: what a server does not take yet
 * is waited for, never kept. */

#include "slip-pg-private.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define PIECE (256 * 1024)
/* Small, so that an answer is looked for before the socket is full. */
#define SENT_AT_ONCE (32 * 1024)

/* ---- in */

static gboolean
expect (SlipPg *self, ExecStatusType wanted, GError **error)
{
  g_autoptr (PGresult) result = slip_pg_next (self, NULL, error);

  if (result == NULL)
    return FALSE;
  if (PQresultStatus (result) == wanted)
    return TRUE;
  if (PQresultStatus (result) == PGRES_FATAL_ERROR)
    slip_pg_set_error (self, result, error);
  else
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                 "%s, %s: the statement is no such COPY", self->where, self->statement);
  /* Leaves the connection ready for the next statement; the first error is the one to tell. */
  g_clear_pointer (&result, PQclear);
  g_autoptr (PGresult) rest = slip_pg_finish (self, NULL, NULL);
  return FALSE;
}

static gboolean
begin (SlipPg *self, const char *sql, ExecStatusType wanted, GError **error)
{
  if (!slip_pg_begin (self, sql, NULL, error))
    return FALSE;
  if (!PQsendQuery (self->conn, sql))
    slip_pg_set_error (self, NULL, error);
  else if (expect (self, wanted, error))
    return TRUE;
  slip_pg_done (self);
  return FALSE;
}

gboolean
slip_pg_copy_in_begin (SlipPg *self, const char *sql, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, FALSE);
  g_return_val_if_fail (sql != NULL, FALSE);

  self->copying = begin (self, sql, PGRES_COPY_IN, error);
  return self->copying;
}

/* libpq keeps an answer in the middle of a COPY to itself until the COPY ends, and takes it from the socket whenever that
 * is full. On a plain socket its first byte tells an error from a notice, so that no more is sent in vain. */
static void
peek (SlipPg *self)
{
  char first = 0;

  if (!PQsslInUse (self->conn)
      && recv (PQsocket (self->conn), &first, 1, MSG_PEEK | MSG_DONTWAIT) == 1 && first == 'E')
    self->refused = TRUE;
}

static gboolean
take_answer (SlipPg *self)
{
  peek (self);
  if (!PQconsumeInput (self->conn))
    return FALSE;
  PQisBusy (self->conn);
  return TRUE;
}

/* Until the server has taken all that was given. */
static gboolean
drain (SlipPg *self, GError **error)
{
  int pending;

  while ((pending = PQflush (self->conn)) == 1)
    {
      short events = POLLIN | POLLOUT;

      if (!slip_pg_wait (self, &events, NULL, error))
        return FALSE;
      if ((events & ~POLLOUT) != 0 && !take_answer (self))
        pending = -1;
      if (pending < 0)
        break;
    }
  if (pending == 0)
    return TRUE;
  slip_pg_set_error (self, NULL, error);
  return FALSE;
}

/* The server's own error, which came while rows were sent. */
static void
tell_refusal (SlipPg *self, GError **error)
{
  g_autoptr (PGresult) result = NULL;

  if (PQputCopyEnd (self->conn, "the server refused") < 0)
    {
      slip_pg_set_error (self, NULL, error);
      return;
    }
  result = slip_pg_finish (self, NULL, error);
}

static gboolean
leave (SlipPg *self)
{
  self->copying = FALSE;
  slip_pg_done (self);
  return FALSE;
}

gboolean
slip_pg_copy_in_data (SlipPg *self, const void *data, gsize length, GError **error)
{
  g_return_val_if_fail (self != NULL && self->copying, FALSE);

  const char *bytes = data;

  while (length > 0)
    {
      gsize n = MIN (length, SENT_AT_ONCE);

      peek (self);
      if (PQputCopyData (self->conn, bytes, (int)n) < 0)
        {
          slip_pg_set_error (self, NULL, error);
          return leave (self);
        }
      if (!drain (self, error))
        return leave (self);
      if (self->refused)
        {
          tell_refusal (self, error);
          return leave (self);
        }
      if (g_cancellable_is_cancelled (self->cancellable))
        {
          g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED,
                       "%s, %s: cancelled", self->where, self->statement);
          slip_pg_copy_in_abort (self, "cancelled");
          return FALSE;
        }
      bytes += n;
      length -= n;
    }
  return TRUE;
}

gboolean
slip_pg_copy_in_end (SlipPg *self, guint64 *rows, GError **error)
{
  g_return_val_if_fail (self != NULL && self->copying, FALSE);

  g_autoptr (PGresult) result = NULL;

  if (PQputCopyEnd (self->conn, NULL) < 0)
    slip_pg_set_error (self, NULL, error);
  else
    result = slip_pg_finish (self, NULL, error);
  leave (self);
  if (result != NULL && rows != NULL)
    *rows = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
  return result != NULL;
}

void
slip_pg_copy_in_abort (SlipPg *self, const char *reason)
{
  g_return_if_fail (self != NULL);

  GCancellable *cancellable;

  if (!self->copying)
    return;
  cancellable = g_steal_pointer (&self->cancellable);
  /* The answer is the refusal that was asked for. */
  if (PQputCopyEnd (self->conn, reason) >= 0)
    {
      g_autoptr (PGresult) result = slip_pg_finish (self, NULL, NULL);
    }
  self->cancellable = cancellable;
  leave (self);
}

/* ---- out */

static void
discard (SlipPg *self)
{
  char *piece;
  int n = 0;

  slip_pg_ask_to_cancel (self);
  while (n >= 0)
    {
      short events = POLLIN;

      n = PQgetCopyData (self->conn, &piece, 1);
      if (n > 0)
        PQfreemem (piece);
      else if (n == 0
               && (!slip_pg_wait (self, &events, NULL, NULL) || !PQconsumeInput (self->conn)))
        return;
    }
}

/* Rows that nobody asked for would be waited for without end. Either way the server's own refusal comes behind. */
void
slip_pg_refuse_copy (SlipPg *self, ExecStatusType status, GError **error)
{
  if (*error == NULL)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_STATE,
                 "%s, %s: a COPY whose rows come from, or go to, whoever is connected is no plain "
                 "statement",
                 self->where, self->statement);
  if (status == PGRES_COPY_IN)
    PQputCopyEnd (self->conn, "nobody gives it rows");
  else
    discard (self);
}

/* After @func refused: the rest is not wanted. */
static void
stop_sending (SlipPg *self)
{
  g_autoptr (PGresult) result = NULL;

  discard (self);
  result = slip_pg_finish (self, NULL, NULL);
}

static gboolean
receive (SlipPg *self, SlipPgDataFunc func, gpointer data, GError **error)
{
  for (;;)
    {
      short events = POLLIN;
      char *piece = NULL;
      int n = PQgetCopyData (self->conn, &piece, 1);

      if (n > 0)
        {
          gboolean ok = func (piece, (gsize)n, data, error);

          PQfreemem (piece);
          if (!ok)
            {
              stop_sending (self);
              return FALSE;
            }
        }
      else if (n < 0)
        return TRUE;
      else if (!slip_pg_wait (self, &events, NULL, error))
        return FALSE;
      else if (!PQconsumeInput (self->conn))
        {
          slip_pg_set_error (self, NULL, error);
          return FALSE;
        }
    }
}

gboolean
slip_pg_copy_out (SlipPg *self,
                  const char *sql,
                  SlipPgDataFunc func,
                  gpointer data,
                  guint64 *rows,
                  GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, FALSE);
  g_return_val_if_fail (sql != NULL && func != NULL, FALSE);

  g_autoptr (PGresult) result = NULL;

  if (!begin (self, sql, PGRES_COPY_OUT, error))
    return FALSE;
  if (receive (self, func, data, error))
    result = slip_pg_finish (self, NULL, error);
  slip_pg_done (self);
  if (result != NULL && rows != NULL)
    *rows = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
  return result != NULL;
}

/* ---- between */

typedef struct
{
  SlipPg *to;
  GByteArray *buffer;
  SlipPgCountFunc counter;
  gpointer data;
  guint64 rows;
  guint64 bytes;
} Pipe;

static gboolean
pour (Pipe *pipe, GError **error)
{
  gboolean ok = slip_pg_copy_in_data (pipe->to, pipe->buffer->data, pipe->buffer->len, error);

  g_byte_array_set_size (pipe->buffer, 0);
  if (ok && pipe->counter != NULL)
    pipe->counter (pipe->rows > 0 ? pipe->rows - 1 : 0, pipe->bytes, pipe->data);
  return ok;
}

static gboolean
pass_on (const char *data, gsize length, gpointer user_data, GError **error)
{
  Pipe *pipe = user_data;

  g_byte_array_append (pipe->buffer, (const guint8 *)data, (guint)length);
  pipe->rows++; /* and one for what ends the binary form, which is no row */
  pipe->bytes += length;
  return pipe->buffer->len < PIECE || pour (pipe, error);
}

gboolean
slip_pg_copy_between (SlipPg *from,
                      const char *out_sql,
                      SlipPg *to,
                      const char *in_sql,
                      SlipPgCountFunc counter,
                      gpointer data,
                      guint64 *rows,
                      GError **error)
{
  g_return_val_if_fail (from != NULL && to != NULL && from != to, FALSE);

  g_autoptr (GByteArray) buffer = g_byte_array_sized_new (2 * PIECE);
  Pipe pipe = {.to = to, .buffer = buffer, .counter = counter, .data = data};
  guint64 sent = 0;
  guint64 taken = 0;

  if (to->statement != NULL)
    slip_pg_name_statement (from, to->statement);
  if (!slip_pg_copy_in_begin (to, in_sql, error))
    return FALSE;
  if (!slip_pg_copy_out (from, out_sql, pass_on, &pipe, &sent, error)
      || (buffer->len > 0 && !pour (&pipe, error)))
    {
      slip_pg_copy_in_abort (to, "the sender failed");
      return FALSE;
    }
  if (!slip_pg_copy_in_end (to, &taken, error))
    return FALSE;
  if (rows != NULL)
    *rows = taken;
  if (sent == taken)
    return TRUE;
  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CHANGED,
               "%s sent %" G_GUINT64_FORMAT " rows and %s took %" G_GUINT64_FORMAT, from->where,
               sent, to->where, taken);
  return FALSE;
}
