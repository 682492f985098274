/* SPDX-License-Identifier: MIT */
/* The transactions of a validation: that of the session that was given, and those of more sessions beside it, which are
 * committed behind the last piece of work. What they read of the target is the same for all of them. */

#include "slip-validation-private.h"

gboolean
slip_validator_begin (SlipValidator *self, GError **error)
{
  g_autofree char *year = g_strndup (self->options->run_date, 4);

  return slip_stage_sql_run (
      self->pg, "begin a validation", error,
      "BEGIN;\nSET LOCAL client_min_messages = warning;\nSET LOCAL "
      "search_path = %s, slipway, public;\n"
      "SET LOCAL datestyle = 'ISO, DMY';\nSET LOCAL timezone = "
      "'UTC';\nSET LOCAL jit = off;\nSET LOCAL work_mem = '128MB';\n"
      "SET LOCAL default_statistics_target = 10;\nSET LOCAL synchronous_commit = off;\n"
      "SELECT set_config ('slipway.run_year', %L, true), set_config ('slipway.mode', %L, true)",
      SLIP_VALIDATION_EXPECTED, year,
      slip_migration_is_strict (self->migration) ? "strict" : "compat");
}

/* Other sessions see what this one made only once it is committed. */
gboolean
slip_validator_show (SlipValidator *self, GError **error)
{
  return self->options->connections <= 1
         || (slip_stage_sql_run (self->pg, "show what is compared", error, "COMMIT")
             && slip_validator_begin (self, error));
}

static void
close_session (gpointer session)
{
  SlipValidator *own = session;

  g_clear_pointer (&own->pg, slip_pg_close);
  g_clear_pointer (&own->target, slip_pg_close);
  g_free (own);
}

static gboolean
prepare (SlipValidator *own, SlipPg *pg, gboolean target, GError **error)
{
  const SlipValidationOptions *options = own->options;

  return options->prepare == NULL || options->prepare (pg, target, options->prepare_data, error);
}

/* The target as the session sees it that was given. */
static gboolean
open_target (SlipValidator *own, GCancellable *cancellable, GError **error)
{
  own->target = slip_pg_open (own->options->target_db, "target database", cancellable, error);
  return own->target != NULL && prepare (own, own->target, TRUE, error)
         && slip_stage_sql_run (
             own->target, "begin to read the target", error,
             "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT %L",
             own->snapshot);
}

/* The same validation through a session of its own; what it writes is seen when all are done. */
static gpointer
open_session (gpointer data, GCancellable *cancellable, GError **error)
{
  SlipValidator *self = data;
  SlipValidator *own = g_memdup2 (self, sizeof *self);

  own->target = NULL;
  own->pg = slip_pg_open (self->options->migration_db, "migration database", cancellable, error);
  if (own->pg != NULL && prepare (own, own->pg, FALSE, error) && slip_validator_begin (own, error)
      && (self->snapshot == NULL || open_target (own, cancellable, error)))
    return own;
  close_session (own);
  return NULL;
}

static gboolean
finish_session (gpointer session, gpointer data, GError **error)
{
  return slip_stage_sql_run (((SlipValidator *)session)->pg, "end a validation", error, "COMMIT");
}

/* Each job gets a validator with sessions of its own, in which a target is only while @self has a snapshot of it. */
gboolean
slip_validator_each (SlipValidator *self, guint n_jobs, SlipJobFunc func, GError **error)
{
  SlipJobs jobs = {.n_jobs = n_jobs,
                   .n_sessions = MIN (self->options->connections, 32),
                   .session = self,
                   .open = open_session,
                   .close = close_session,
                   .func = func,
                   .finish = finish_session,
                   .data = self};

  return slip_jobs_run (&jobs, self->options->cancellable, error);
}
