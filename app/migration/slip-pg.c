/* SPDX-License-Identifier: MIT */
/* A connection to PostgreSQL for the migration's worker threads: opening, statements, queries, and cancelling that also
 * works while the server is silent. Rows by COPY are in slip-pg-copy.c, errors in slip-pg-error.c. It knows nothing of
 * migrations. */

#include "slip-pg-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#define CONNECT_SECONDS 15
#define NAME_BYTES 72
/* How long a server may take to obey a cancel before the connection is given up, and how often it is asked:
 * the first request can come before the statement that it should end. */
#define OBEY_SECONDS 10
#define ASK_AGAIN_MS 250

/* ---- errors */

static void
set_cancelled (SlipPg *self, GError **error)
{
  if (error != NULL && *error == NULL)
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED, "%s%s%s: cancelled",
                 self->where, self->statement != NULL ? ", " : "",
                 self->statement != NULL ? self->statement : "");
}

/* ---- waiting */

void
slip_pg_ask_to_cancel (SlipPg *self)
{
  char message[256];
  PGcancel *cancel = PQgetCancel (self->conn);

  /* A request that does not arrive is told by the statement going on. */
  if (cancel != NULL)
    PQcancel (cancel, message, sizeof message);
  PQfreeCancel (cancel);
}

static gboolean
is_cancelled (SlipPg *self, GCancellable *extra)
{
  return g_cancellable_is_cancelled (self->cancellable) || g_cancellable_is_cancelled (extra);
}

/* The socket first, then each cancellable that is there. */
static guint
watch (SlipPg *self, short events, GCancellable *extra, struct pollfd *fds)
{
  GCancellable *both[2] = {self->cancellable, extra};
  guint n = 1;

  fds[0] = (struct pollfd){.fd = PQsocket (self->conn), .events = events};
  for (guint i = 0; i < G_N_ELEMENTS (both) && self->give_up == 0; i++)
    if (both[i] != NULL)
      fds[n++] = (struct pollfd){.fd = g_cancellable_get_fd (both[i]), .events = POLLIN};
  return n;
}

static void
unwatch (SlipPg *self, GCancellable *extra, guint n)
{
  if (n > 1 && self->cancellable != NULL)
    g_cancellable_release_fd (self->cancellable);
  if (n > 1 && extra != NULL)
    g_cancellable_release_fd (extra);
}

gboolean
slip_pg_wait (SlipPg *self, short *events, GCancellable *extra, GError **error)
{
  struct pollfd fds[3];
  guint n = watch (self, *events, extra, fds);
  int ready;

  do
    ready = poll (fds, n, self->give_up != 0 ? ASK_AGAIN_MS : slip_pg_locks_get_timeout (self));
  while (ready < 0 && errno == EINTR);
  unwatch (self, extra, n);
  *events = fds[0].revents;
  if (*events != 0)
    return TRUE;
  if (ready == 0 && self->give_up == 0)
    {
      slip_pg_locks_look (self);
      return TRUE;
    }
  if (self->give_up == 0)
    self->give_up = g_get_monotonic_time () + OBEY_SECONDS * G_USEC_PER_SEC;
  if (g_get_monotonic_time () < self->give_up)
    {
      slip_pg_ask_to_cancel (self);
      return TRUE;
    }
  set_cancelled (self, error);
  g_prefix_error (error, "the server did not end the statement within %d s; ", OBEY_SECONDS);
  return FALSE;
}

PGresult *
slip_pg_next (SlipPg *self, GCancellable *extra, GError **error)
{
  for (;;)
    {
      int pending = PQflush (self->conn);
      short events = POLLIN | (pending == 1 ? POLLOUT : 0);

      if (pending == 0 && !PQisBusy (self->conn))
        return PQgetResult (self->conn);
      if (pending < 0 || !slip_pg_wait (self, &events, extra, error))
        break;
      if ((events & ~POLLOUT) != 0 && !PQconsumeInput (self->conn))
        break;
    }
  slip_pg_set_error (self, NULL, error);
  return NULL;
}

gboolean
slip_pg_begin (SlipPg *self, const char *sql, GCancellable *extra, GError **error)
{
  if (self->statement == NULL)
    {
      g_autofree char *text = g_utf8_substring (sql, 0, MIN (g_utf8_strlen (sql, -1), NAME_BYTES));

      g_strdelimit (text, "\n\t", ' ');
      self->statement = g_strdup (g_strstrip (text));
    }
  self->give_up = 0;
  self->refused = FALSE;
  slip_pg_locks_begin (self);
  if (!is_cancelled (self, extra))
    return TRUE;
  set_cancelled (self, error);
  slip_pg_done (self);
  return FALSE;
}

void
slip_pg_done (SlipPg *self)
{
  slip_pg_locks_end (self);
  g_clear_pointer (&self->statement, g_free);
}

static gboolean
is_good (const PGresult *result)
{
  ExecStatusType status = PQresultStatus (result);

  return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

PGresult *
slip_pg_finish (SlipPg *self, GCancellable *extra, GError **error)
{
  g_autoptr (PGresult) last = NULL;
  g_autoptr (GError) local = NULL;
  PGresult *result;

  while ((result = slip_pg_next (self, extra, &local)) != NULL)
    {
      ExecStatusType status = PQresultStatus (result);

      if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
        slip_pg_refuse_copy (self, status, &local);
      else if (!is_good (result))
        slip_pg_set_error (self, result, &local);
      PQclear (last);
      last = result;
      if (PQstatus (self->conn) == CONNECTION_BAD)
        break;
    }
  if (local == NULL && last == NULL)
    slip_pg_set_error (self, NULL, &local);
  if (local == NULL)
    return g_steal_pointer (&last);
  g_propagate_error (error, g_steal_pointer (&local));
  return NULL;
}

/* ---- opening */

/* Rows that a policy hides would be missing without a word from counts, comparisons and copies: the server refuses instead. */
static const char *const session
    = "RESET ALL; SET row_security = off; SET client_min_messages = warning; SET TimeZone = 'UTC'; "
      "SET DateStyle = 'ISO, "
      "DMY';"
      "SET IntervalStyle = 'postgres'; SET standard_conforming_strings = on;"
      "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET synchronize_seqscans = off";

static char *
describe (SlipPg *self)
{
  const char *host = PQhost (self->conn);
  const char *port = PQport (self->conn);

  return g_strdup_printf ("%s %s@%s:%s/%s", self->name,
                          PQuser (self->conn) != NULL ? PQuser (self->conn) : "",
                          host != NULL && *host != '\0' ? host : "localhost",
                          port != NULL && *port != '\0' ? port : "5432",
                          PQdb (self->conn) != NULL ? PQdb (self->conn) : "");
}

/* libpq's own words on a malformed text repeat pieces of it, and one of them may be a password. */
static gboolean
is_readable (SlipPg *self, const char *conninfo, guint *seconds, GError **error)
{
  char *message = NULL;
  PQconninfoOption *options = PQconninfoParse (conninfo, &message);

  PQfreemem (message);
  if (options == NULL)
    {
      g_set_error (
          error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION,
          "the connection of the %s cannot be read. Give a URI, "
          "postgresql://USER@HOST:PORT/DATABASE, or words such as host=HOST dbname=DATABASE",
          self->name);
      return FALSE;
    }
  for (PQconninfoOption *option = options; option->keyword != NULL; option++)
    if (g_str_equal (option->keyword, "connect_timeout") && option->val != NULL)
      *seconds = (guint)g_ascii_strtoull (option->val, NULL, 10);
  PQconninfoFree (options);
  if (*seconds == 0)
    *seconds = CONNECT_SECONDS;
  return TRUE;
}

static PGconn *
start (SlipPg *self, const char *conninfo)
{
  g_autofree char *application = g_strdup_printf ("slipway: %s", self->name);
  /* Words before dbname are replaced by what the person's own text says, those after it replace it. */
  const char *const words[]
      = {"tcp_user_timeout", "keepalives_idle", "gssencmode", "fallback_application_name",
         "dbname",           "client_encoding", NULL};
  const char *const values[] = {"60000", "30", "disable", application, conninfo, "UTF8", NULL};

  /* With a plain word instead of a conninfo text, dbname would be a name and every default hold. */
  return PQconnectStartParams (words, values, 1);
}

static gboolean
wait_for_socket (SlipPg *self, short events, gint64 end, GError **error)
{
  struct pollfd fds[3];
  gint64 left = (end - g_get_monotonic_time ()) / 1000;
  guint n = watch (self, events, NULL, fds);
  int ready;

  do
    ready = poll (fds, n, (int)MAX (left, 0));
  while (ready < 0 && errno == EINTR);
  unwatch (self, NULL, n);
  if (fds[0].revents != 0)
    return TRUE;
  if (is_cancelled (self, NULL))
    set_cancelled (self, error);
  else
    g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION,
                 "%s: no answer in time. See that host and port are right and reachable",
                 self->where);
  return FALSE;
}

static gboolean
greet (SlipPg *self, guint seconds, GError **error)
{
  gint64 end = g_get_monotonic_time () + (gint64)seconds * G_USEC_PER_SEC;
  PostgresPollingStatusType status = PGRES_POLLING_WRITING;

  while (PQstatus (self->conn) != CONNECTION_BAD && status != PGRES_POLLING_OK
         && status != PGRES_POLLING_FAILED)
    {
      if (!wait_for_socket (self, status == PGRES_POLLING_READING ? POLLIN : POLLOUT, end, error))
        return FALSE;
      status = PQconnectPoll (self->conn);
    }
  if (PQstatus (self->conn) == CONNECTION_OK)
    return PQsetnonblocking (self->conn, 1) == 0;
  const char *way_out;
  g_autofree char *message = slip_pg_dup_words (PQerrorMessage (self->conn), &way_out);

  g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CONNECTION,
               "cannot connect to the %s: %s%s", self->where, message, way_out);
  return FALSE;
}

SlipPg *
slip_pg_open (const char *conninfo, const char *name, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (conninfo != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  g_autoptr (SlipPg) self = g_new0 (SlipPg, 1);
  guint seconds = 0;

  self->name = g_strdup (name);
  self->where = g_strdup (name);
  /* With its descriptor, which would otherwise be made and closed for each wait. */
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : NULL;
  g_cancellable_get_fd (self->cancellable);
  if (!is_readable (self, conninfo, &seconds, error))
    return NULL;
  self->conn = start (self, conninfo);
  if (self->conn == NULL)
    g_error ("out of memory");
  slip_pg_listen (self);
  g_free (self->where);
  self->where = describe (self);
  if (!greet (self, seconds, error))
    return NULL;
  return slip_pg_set_session (self, error) ? g_steal_pointer (&self) : NULL;
}

gboolean
slip_pg_set_session (SlipPg *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  slip_pg_name_statement (self, "session settings");
  return slip_pg_run (self, session, error);
}

void
slip_pg_close (SlipPg *self)
{
  if (self == NULL)
    return;
  g_clear_pointer (&self->conn, PQfinish);
  g_free (self->last_words);
  g_clear_pointer (&self->locks, slip_pg_locks_free);
  if (self->cancellable != NULL)
    g_cancellable_release_fd (self->cancellable);
  g_clear_object (&self->cancellable);
  g_free (self->name);
  g_free (self->where);
  g_free (self->statement);
  g_free (self);
}

const char *
slip_pg_get_where (SlipPg *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return self->where;
}

int
slip_pg_get_version (SlipPg *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return PQserverVersion (self->conn);
}

gboolean
slip_pg_check (SlipPg *self, GError **error)
{
  g_return_val_if_fail (self != NULL, FALSE);

  if (!is_cancelled (self, NULL))
    return TRUE;
  set_cancelled (self, error);
  return FALSE;
}

void
slip_pg_name_statement (SlipPg *self, const char *statement)
{
  g_return_if_fail (self != NULL);

  g_free (self->statement);
  self->statement = g_strdup (statement);
}

/* ---- statements */

/* What was sent answers, or why nothing could be sent. */
static gboolean
end_sent (SlipPg *self, int sent, guint64 *rows, GError **error)
{
  g_autoptr (PGresult) result = NULL;

  if (sent == 1)
    result = slip_pg_finish (self, NULL, error);
  else
    slip_pg_set_error (self, NULL, error);
  slip_pg_done (self);
  if (result != NULL && rows != NULL)
    *rows = g_ascii_strtoull (PQcmdTuples (result), NULL, 10);
  return result != NULL;
}

gboolean
slip_pg_run_counted (SlipPg *self, const char *sql, guint64 *rows, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, FALSE);
  g_return_val_if_fail (sql != NULL, FALSE);

  return slip_pg_begin (self, sql, NULL, error)
         && end_sent (self, PQsendQuery (self->conn, sql), rows, error);
}

gboolean
slip_pg_run (SlipPg *self, const char *sql, GError **error)
{
  return slip_pg_run_counted (self, sql, NULL, error);
}

gboolean
slip_pg_run_one (SlipPg *self, const char *sql, guint64 *rows, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, FALSE);
  g_return_val_if_fail (sql != NULL, FALSE);

  return slip_pg_begin (self, sql, NULL, error)
         && end_sent (self, PQsendQueryParams (self->conn, sql, 0, NULL, NULL, NULL, NULL, 0), rows,
                      error);
}

gboolean
slip_pg_parse (SlipPg *self, const char *sql, GError **error)
{
  g_return_val_if_fail (self != NULL && !self->copying, FALSE);
  g_return_val_if_fail (sql != NULL, FALSE);

  return slip_pg_begin (self, sql, NULL, error)
         && end_sent (self, PQsendPrepare (self->conn, "", sql, 0, NULL), NULL, error);
}

gboolean
slip_pg_is_in_transaction (SlipPg *self)
{
  g_return_val_if_fail (self != NULL, FALSE);

  return PQtransactionStatus (self->conn) == PQTRANS_INTRANS;
}

void
slip_pg_rollback (SlipPg *self)
{
  g_return_if_fail (self != NULL);

  GCancellable *cancellable = g_steal_pointer (&self->cancellable);

  slip_pg_copy_in_abort (self, "rolled back");
  /* What cannot be rolled back here is rolled back by the server when the connection ends. */
  if (PQtransactionStatus (self->conn) == PQTRANS_INTRANS
      || PQtransactionStatus (self->conn) == PQTRANS_INERROR)
    slip_pg_run (self, "ROLLBACK", NULL);
  self->cancellable = cancellable;
}
