/* SPDX-License-Identifier: MIT */
/* How far a streaming standby is behind its primary, measured on both: what the primary had on its disk
 * at one moment, and when the standby had replayed that. Making and promoting standbys is in
 * slip-postgres-copy.c. */

#include "slip-postgres-private.h"

/* So long a standby may take to replay what was just written before its lag is told by the age of what
 * it misses instead. */
#define GRACE_US (500 * G_TIME_SPAN_MILLISECOND)
#define POLL_US (10 * G_TIME_SPAN_MILLISECOND)

/* What a standby lacks is younger than the last commit that it replayed. */
#define AGE                                                                                        \
  "SELECT (extract(epoch FROM clock_timestamp() - coalesce(pg_last_xact_replay_timestamp(),"       \
  " pg_postmaster_start_time())) * 1000000)::bigint"

/* And younger than the moment at which it was last seen to lack nothing. */
static void
note_caught_up (SlipPostgres *self, const char *key, gint64 moment)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 *kept = g_new (gint64, 1);

  *kept = moment;
  g_hash_table_insert (self->caught_up, g_strdup (key), kept);
}

static gint64
since_caught_up (SlipPostgres *self, const char *key)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  gint64 *kept = g_hash_table_lookup (self->caught_up, key);

  return kept != NULL ? g_get_monotonic_time () - *kept : G_MAXINT64;
}

static gboolean
require_running (SlipPostgres *self, const char *key, GError **error)
{
  if (slip_postgres_is_running (self, key))
    return TRUE;
  g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
               "PostgreSQL of %s does not run", key);
  return FALSE;
}

static gboolean
tell_age (SlipPostgres *self, const char *standby, gint64 least, gint64 *lag_us, GError **error)
{
  g_autofree char *text = slip_postgres_query (self, standby, NULL, AGE, error);

  if (text == NULL)
    return FALSE;
  *lag_us = MAX (least, MIN (g_ascii_strtoll (text, NULL, 10), since_caught_up (self, standby)));
  return TRUE;
}

gboolean
slip_postgres_measure_lag (SlipPostgres *self,
                           const char *primary,
                           const char *standby,
                           gint64 *lag_us,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (SlipPgConn) conn = NULL;
  g_autofree char *written = NULL;
  gint64 asked;
  gint64 begun;

  g_return_val_if_fail (self != NULL && slip_postgres_check_key (standby) && lag_us != NULL, FALSE);

  if (!require_running (self, primary, error) || !require_running (self, standby, error)
      || (conn = slip_postgres_connect (self, standby, NULL, error)) == NULL)
    return FALSE;
  if (!slip_postgres_has_rows (conn, "SELECT 1 WHERE pg_is_in_recovery() AND $1 <> ''", standby))
    {
      g_set_error (error, SLIP_POSTGRES_ERROR, SLIP_POSTGRES_ERROR_FAILED,
                   "PostgreSQL of %s follows nobody", standby);
      return FALSE;
    }
  asked = g_get_monotonic_time ();
  written = slip_postgres_query (self, primary, NULL, "SELECT pg_current_wal_flush_lsn()", error);
  if (written == NULL)
    return FALSE;
  begun = g_get_monotonic_time ();
  while (!slip_postgres_has_rows (conn, "SELECT 1 WHERE pg_last_wal_replay_lsn() >= $1::pg_lsn",
                                  written))
    {
      if (g_get_monotonic_time () - begun > GRACE_US)
        return tell_age (self, standby, g_get_monotonic_time () - begun, lag_us, error);
      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      g_usleep (POLL_US);
    }
  note_caught_up (self, standby, asked);
  *lag_us = g_get_monotonic_time () - begun;
  return TRUE;
}
