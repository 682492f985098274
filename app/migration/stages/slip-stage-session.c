/* SPDX-License-Identifier: MIT */
/* Sessions of a run: their settings, how long they wait for locks of others, and what is told meanwhile. */

#include "slip-migration-run-private.h"

/* Several threads work, one at a time tells. */
void
slip_stage_patience_tell (const SlipStagePatience *patience,
                          const char *stage,
                          const char *entity,
                          const char *step,
                          guint64 done,
                          guint64 total,
                          const char *unit)
{
  static GMutex telling;

  if (patience->progress == NULL)
    return;
  g_mutex_lock (&telling);
  patience->progress (stage, entity, step, done, total, unit, patience->data);
  g_mutex_unlock (&telling);
}

static void
on_lock (const char *who, guint waited, guint seconds, gpointer data)
{
  const SlipStagePatience *patience = data;
  g_autofree char *step = g_strdup_printf ("waits for a lock of %s", who);

  slip_stage_patience_tell (patience, patience->stage, NULL, step, waited, seconds,
                            SLIP_MIGRATION_WAITING);
}

/* The server counts milliseconds in 31 bits. */
guint
slip_stage_patience_get_seconds (const SlipStagePatience *patience)
{
  return patience->lock_wait == 0 ? SLIP_MIGRATION_LOCK_WAIT
                                  : MIN (patience->lock_wait, G_MAXINT / 1000);
}

gboolean
slip_stage_patience_take (SlipStagePatience *patience,
                          SlipPg *pg,
                          const char *conninfo,
                          GError **error)
{
  guint seconds = slip_stage_patience_get_seconds (patience);

  return slip_pg_wait_for_locks (
      pg, conninfo, patience->lock_wait == SLIP_MIGRATION_LOCK_WAIT_FOREVER ? 0 : seconds, on_lock,
      patience, error);
}

gboolean
slip_stage_session_prepare (SlipMigrationRun *run, SlipPg *pg, GError **error)
{
  return slip_stage_patience_take (&run->patience, pg, run->options->migration_db, error)
         && slip_stage_sql_run (pg, "set the session up", error, "%s", SLIP_STAGE_SESSION);
}

gboolean
slip_stage_session_prepare_target (SlipMigrationRun *run, SlipPg *pg, GError **error)
{
  return slip_stage_patience_take (&run->patience, pg, run->options->target_db, error)
         && slip_stage_sql_run (pg, "set the session up", error, "%s", SLIP_STAGE_TARGET_SESSION);
}
