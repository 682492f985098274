/* SPDX-License-Identifier: MIT */
/* Locks that other sessions hold: how long one is waited for, and who holds it. The waiting session is silent, so that a second
 * one is asked, now and then while a statement takes long. Nobody is ended here. */

#include "slip-pg-private.h"

/* When a statement is first looked at, and how often then; sooner when there is less patience. */
#define LOOK_MS 3000
#define LOOK_SOON_MS 250
#define MAX_TOLD 3

/* Who takes turns stands in the way of others only so long, and leaves them longer to themselves. */
#define TURN_MS 500
#define PAUSE_SECONDS 1

struct _SlipPgLocks
{
  char *conninfo; /* owned */
  guint seconds;
  SlipPgLockFunc func;
  gpointer data;
  SlipPg *second; /* owned; who is asked, or NULL */
  gboolean blind; /* nobody can be asked */
  gint64 begun;   /* of the statement, monotonic */
  gint64 spell;   /* when several statements began that wait as one, or 0 */
  guint spell_seconds;
  gint64 next;   /* when to look */
  char *holders; /* owned; who held it when it was looked at last, or NULL */
  char *brief;   /* owned; the same in few words */
  char *way_out; /* owned */
};

enum
{
  PID,
  USER,
  APPLICATION,
  HOST,
  SINCE,
  STATE,
  STATEMENT_SINCE,
  STATEMENT,
  WAITS,
};

/* Who is in the way of whoever is in the way counts as well: it is the first of the queue that must go. */
static const char *const question
    = "WITH RECURSIVE chain (pid) AS (SELECT unnest (pg_blocking_pids ($1::int)) UNION\n"
      "  SELECT unnest (pg_blocking_pids (pid)) FROM chain WHERE pid <> 0)\n"
      "SELECT c.pid, a.usename, nullif (a.application_name, ''), host (a.client_addr),\n"
      "  a.xact_start::timestamp(0), a.state, a.query_start::timestamp(0), left (a.query, 120),\n"
      "  (cardinality (pg_blocking_pids (c.pid)) > 0)::int\n"
      "  FROM chain c LEFT JOIN pg_stat_activity a USING (pid) WHERE c.pid <> $1::int\n"
      " ORDER BY 9, a.xact_start NULLS FIRST, c.pid";

static gint64
get_interval (const SlipPgLocks *locks)
{
  gint64 ms = locks->seconds > 0 ? MIN (LOOK_MS, (gint64)locks->seconds * 500) : LOOK_MS;

  return (locks->spell != 0 ? LOOK_SOON_MS : ms) * 1000;
}

static guint
get_seconds (const SlipPgLocks *locks)
{
  return locks->spell != 0 ? locks->spell_seconds : locks->seconds;
}

static gint64
get_waited (const SlipPgLocks *locks)
{
  return g_get_monotonic_time () - (locks->spell != 0 ? locks->spell : locks->begun);
}

static void
forget (SlipPgLocks *locks)
{
  g_clear_pointer (&locks->holders, g_free);
  g_clear_pointer (&locks->brief, g_free);
  g_clear_pointer (&locks->way_out, g_free);
}

/* ---- who it is */

/* What is told of a session depends on the role that asks. */
static void
append_holder (GString *text, const SlipPgRows *rows, guint row)
{
  const char *statement = slip_pg_rows_get (rows, row, STATEMENT);
  const char *words[] = {"user", "application", "host"};

  g_string_append_printf (text, "process %s", slip_pg_rows_get (rows, row, PID));
  for (guint i = 0, n = 0; i < G_N_ELEMENTS (words); i++)
    if (slip_pg_rows_get (rows, row, USER + i) != NULL)
      g_string_append_printf (text, "%s%s %s", n++ == 0 ? " (" : ", ", words[i],
                              slip_pg_rows_get (rows, row, USER + i));
  g_string_append (text, slip_pg_rows_get (rows, row, USER) != NULL ? ")" : "");
  if (slip_pg_rows_get (rows, row, SINCE) != NULL)
    g_string_append_printf (text, ", in its transaction since %s",
                            slip_pg_rows_get (rows, row, SINCE));
  if (slip_pg_rows_get (rows, row, STATE) != NULL)
    g_string_append_printf (text, ", %s", slip_pg_rows_get (rows, row, STATE));
  if (statement != NULL && slip_pg_rows_get (rows, row, STATEMENT_SINCE) != NULL)
    {
      g_autofree char *told = slip_migration_dup_told (statement);

      g_string_append_printf (text, ", with the statement of %s: %s",
                              slip_pg_rows_get (rows, row, STATEMENT_SINCE), told);
    }
  if (slip_pg_rows_get_int (rows, row, WAITS) != 0)
    g_string_append (text, ", which waits itself");
}

static void
take_holders (SlipPgLocks *locks, const SlipPgRows *rows)
{
  guint n = slip_pg_rows_get_n_rows (rows);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean prepared = slip_pg_rows_get_int (rows, 0, PID) == 0;
  const char *user = slip_pg_rows_get (rows, 0, USER);
  const char *application = slip_pg_rows_get (rows, 0, APPLICATION);

  forget (locks);
  for (guint i = 0; i < MIN (n, MAX_TOLD); i++)
    {
      g_string_append (text, i > 0 ? "; " : "");
      if (slip_pg_rows_get_int (rows, i, PID) == 0)
        g_string_append (text, "a transaction that is prepared");
      else
        append_holder (text, rows, i);
    }
  if (n > MAX_TOLD)
    g_string_append_printf (text, "; and %u more", n - MAX_TOLD);
  locks->holders = g_strdup (text->str);
  if (prepared)
    {
      locks->brief = g_strdup ("a transaction that is prepared");
      locks->way_out
          = g_strdup ("COMMIT PREPARED or ROLLBACK PREPARED; pg_prepared_xacts lists them");
      return;
    }
  locks->brief = g_strdup_printf ("process %s (%s%s%s)", slip_pg_rows_get (rows, 0, PID),
                                  user != NULL ? user : "?", application != NULL ? ", " : "",
                                  application != NULL ? application : "");
  locks->way_out
      = g_strdup_printf ("SELECT pg_terminate_backend (%s)", slip_pg_rows_get (rows, 0, PID));
}

/* ---- looking */

static SlipPg *
ensure_second (SlipPg *self)
{
  SlipPgLocks *locks = self->locks;
  g_autoptr (SlipPg) second = NULL;

  if (locks->second != NULL || locks->blind)
    return locks->second;
  second = slip_pg_open (locks->conninfo, self->name, self->cancellable, NULL);
  if (second != NULL && slip_pg_run (second, "SET statement_timeout = '5s'", NULL))
    locks->second = g_steal_pointer (&second);
  locks->blind = locks->second == NULL;
  return locks->second;
}

/* Between the statements of a spell nobody holds us up, and it goes on all the same. */
static void
end_wait (SlipPgLocks *locks)
{
  if (locks->spell != 0)
    return;
  if (locks->brief != NULL && locks->func != NULL)
    locks->func (locks->brief, 0, locks->seconds, locks->data);
  forget (locks);
}

/* What cannot be learnt here is not known then: the wait itself goes on, or ends, as it would. */
static void
look (SlipPg *self)
{
  SlipPgLocks *locks = self->locks;
  g_autofree char *pid = g_strdup_printf ("%d", PQbackendPID (self->conn));
  const char *const params[] = {pid, NULL};
  SlipPg *second = ensure_second (self);
  g_autoptr (SlipPgRows) rows
      = second != NULL ? slip_pg_query (second, question, params, NULL, NULL) : NULL;

  locks->next = g_get_monotonic_time () + get_interval (locks);
  if (rows == NULL)
    {
      locks->blind = TRUE;
      return;
    }
  if (slip_pg_rows_get_n_rows (rows) == 0)
    {
      end_wait (locks);
      return;
    }
  take_holders (locks, rows);
  if (locks->func != NULL)
    locks->func (locks->brief, MAX ((guint)(get_waited (locks) / G_USEC_PER_SEC), 1),
                 get_seconds (locks), locks->data);
}

int
slip_pg_locks_get_timeout (SlipPg *self)
{
  SlipPgLocks *locks = self->locks;

  if (locks == NULL || locks->blind)
    return -1;
  return (int)(MAX (locks->next - g_get_monotonic_time (), 0) / 1000) + 1;
}

void
slip_pg_locks_look (SlipPg *self)
{
  if (self->locks != NULL && g_get_monotonic_time () >= self->locks->next)
    look (self);
}

void
slip_pg_locks_begin (SlipPg *self)
{
  SlipPgLocks *locks = self->locks;

  if (locks == NULL)
    return;
  locks->begun = g_get_monotonic_time ();
  locks->next = locks->begun + get_interval (locks);
}

void
slip_pg_locks_end (SlipPg *self)
{
  if (self->locks != NULL)
    end_wait (self->locks);
}

GError *
slip_pg_locks_new_error (SlipPg *self, const SlipServerWords *words)
{
  SlipPgLocks *locks = self->locks;
  SlipServerWords own = *words;
  g_autofree char *primary = NULL;
  g_autofree char *hint = NULL;

  if (locks == NULL || get_seconds (locks) == 0 || !g_str_equal (words->sqlstate, "55P03")
      || get_waited (locks) < (gint64)get_seconds (locks) * G_USEC_PER_SEC / 2)
    return NULL;
  primary = g_strdup_printf ("waited %u s for a lock that another session holds: %s",
                             get_seconds (locks),
                             locks->holders != NULL ? locks->holders : "which one is not known");
  hint = g_strdup_printf (
      "Nothing of this statement was done. Have that session commit or roll back, or end it%s%s%s. "
      "Then say it again: what was committed stays, and it goes on behind that. --lock-wait gives "
      "more time",
      locks->way_out != NULL ? " (" : "", locks->way_out != NULL ? locks->way_out : "",
      locks->way_out != NULL ? ")" : "");
  own.primary = primary;
  own.hint = hint;
  return slip_migration_error_new_server (self->where, self->statement, &own);
}

void
slip_pg_locks_free (SlipPgLocks *locks)
{
  if (locks == NULL)
    return;
  g_clear_pointer (&locks->second, slip_pg_close);
  forget (locks);
  g_free (locks->conninfo);
  g_free (locks);
}

gboolean
slip_pg_wait_for_locks (SlipPg *self,
                        const char *conninfo,
                        guint seconds,
                        SlipPgLockFunc func,
                        gpointer data,
                        GError **error)
{
  g_autofree char *sql = g_strdup_printf ("SET lock_timeout = '%us'", seconds);

  g_return_val_if_fail (self != NULL && conninfo != NULL, FALSE);

  slip_pg_locks_free (self->locks);
  self->locks = g_new0 (SlipPgLocks, 1);
  self->locks->conninfo = g_strdup (conninfo);
  self->locks->seconds = seconds;
  self->locks->func = func;
  self->locks->data = data;
  slip_pg_name_statement (self, "patience with locks");
  return slip_pg_run (self, sql, error);
}

guint
slip_pg_get_lock_wait (SlipPg *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->locks != NULL ? self->locks->seconds : 0;
}

/* ---- spells */

void
slip_pg_begin_spell (SlipPg *self, guint seconds)
{
  g_return_if_fail (self != NULL);

  if (self->locks == NULL)
    return;
  self->locks->spell = g_get_monotonic_time ();
  self->locks->spell_seconds = seconds;
}

char *
slip_pg_end_spell (SlipPg *self)
{
  g_autofree char *who = NULL;

  g_return_val_if_fail (self != NULL, NULL);

  if (self->locks == NULL)
    return NULL;
  who = g_strdup (self->locks->brief);
  self->locks->spell = 0;
  end_wait (self->locks);
  return g_steal_pointer (&who);
}

/* Whether another turn is taken behind one that failed. */
static gboolean
takes_another (SlipPg *self, const GError *problem)
{
  const SlipPgLocks *locks = self->locks;
  const char *state = slip_migration_error_get_sqlstate (problem);

  return locks != NULL && (g_strcmp0 (state, "55P03") == 0 || g_strcmp0 (state, "40P01") == 0)
         && (locks->seconds == 0 || get_waited (locks) < (gint64)locks->seconds * G_USEC_PER_SEC);
}

gboolean
slip_pg_begin_by_turns (SlipPg *self, const char *name, const char *sql, GError **error)
{
  g_autofree char *turn
      = g_strdup_printf ("BEGIN; SET LOCAL lock_timeout = '%dms';\n%s;\nSET LOCAL lock_timeout = "
                         "'%us'",
                         TURN_MS, sql, slip_pg_get_lock_wait (self));
  g_autofree char *pause = g_strdup_printf ("SELECT pg_sleep (%d)", PAUSE_SECONDS);
  gboolean ok;

  g_return_val_if_fail (self != NULL && name != NULL, FALSE);

  slip_pg_begin_spell (self, slip_pg_get_lock_wait (self));
  for (;;)
    {
      g_autoptr (GError) problem = NULL;

      slip_pg_name_statement (self, name);
      ok = slip_pg_run (self, turn, &problem);
      if (ok)
        break;
      slip_pg_rollback (self);
      if (!takes_another (self, problem))
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          break;
        }
      slip_pg_name_statement (self, "leave the way to others");
      if (!slip_pg_run (self, pause, error))
        break;
    }
  g_free (slip_pg_end_spell (self));
  return ok;
}
