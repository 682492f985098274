/* SPDX-License-Identifier: MIT */
/* slipway:migrate while running: what its operations share. The work is in the databases and on a thread of its own; here
 * is the way to both, and what is heard of it meanwhile. Whether something is done is for the databases to say, so that
 * a step which was killed is simply done again. */

#include "slip-run-migrate.h"

#include "slip-actions.h"
#include "slip-crash.h"
#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-run-sql.h"

/* How often it is looked at, and how often the ledger hears of it; no more of that in one go. */
#define LOOK_USEC (G_USEC_PER_SEC / 2)
#define SHOW_USEC (5 * G_USEC_PER_SEC)
#define SHOW_MOST 120

typedef struct
{
  SlipRunMigrate *self;
  SlipRunMigrateWork work;
  gpointer data;
  GCancellable *cancellable;
  gboolean ok;
  GError *error;

  GMutex mutex; /* for the rest */
  GCond cond;
  gboolean over;
  char *where; /* owned */
  char *unit;  /* owned */
  guint64 done;
  guint64 total;
} Job;

/* ---- the thread */

static void
on_progress (const char *stage,
             const char *entity,
             const char *step,
             guint64 done,
             guint64 total,
             const char *unit,
             gpointer user_data)
{
  Job *job = user_data;

  g_mutex_lock (&job->mutex);
  g_free (job->where);
  g_free (job->unit);
  job->where = g_strjoin (" → ", stage, entity != NULL ? entity : step,
                          entity != NULL ? step : NULL, NULL);
  job->unit = g_strdup (unit);
  job->done = done;
  job->total = total;
  g_mutex_unlock (&job->mutex);
}

static gpointer
run_job (gpointer data)
{
  Job *job = data;

  job->ok = job->work (job->self, job->cancellable, on_progress, job, job->data, &job->error);
  g_mutex_lock (&job->mutex);
  job->over = TRUE;
  g_cond_signal (&job->cond);
  g_mutex_unlock (&job->mutex);
  return NULL;
}

/* ---- who waits for it */

typedef struct
{
  char *where;
  char *text;
  double fraction;
} Look;

static void
look_clear (Look *look)
{
  g_free (look->where);
  g_free (look->text);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Look, look_clear)

/* Waits for its end, or a while; returns whether it goes on. */
static gboolean
look_at (Job *job, Look *look)
{
  gint64 until = g_get_monotonic_time () + LOOK_USEC;
  gboolean goes_on;

  g_mutex_lock (&job->mutex);
  while (!job->over && g_cond_wait_until (&job->cond, &job->mutex, until))
    ;
  goes_on = !job->over;
  look->fraction
      = job->total > 0 && job->done <= job->total ? (double)job->done / (double)job->total : -1;
  look->where = g_strdup (job->where);
  if (job->where != NULL)
    look->text = g_strdup_printf ("%s: %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " %s", job->where,
                                  job->done, job->total, job->unit);
  g_mutex_unlock (&job->mutex);
  return goes_on;
}

static gboolean
follow (Job *job, gint64 deadline, GError **error)
{
  SlipRunContext *context = job->self->context;
  gint64 shown_at = g_get_monotonic_time ();
  guint shown = 0;
  gboolean ok = TRUE;

  for (;;)
    {
      g_auto (Look) look = {0};

      if (!look_at (job, &look))
        return ok;
      if (g_cancellable_is_cancelled (context->engine->cancellable)
          || (deadline > 0 && g_get_monotonic_time () > deadline))
        g_cancellable_cancel (job->cancellable);
      if (look.text == NULL || !ok)
        continue;
      slip_job_set_detail (context->engine->job, look.text);
      slip_job_set_progress (context->engine->job, look.fraction);
      if (shown >= SHOW_MOST || g_get_monotonic_time () < shown_at + SHOW_USEC)
        continue;
      shown_at = g_get_monotonic_time ();
      shown++;
      ok = slip_run_local_observe (context, look.text, look.fraction, NULL, error);
      if (!ok)
        g_cancellable_cancel (job->cancellable);
    }
}

static gboolean
take_end (Job *job, gboolean late, GError **error)
{
  SlipRunContext *context = job->self->context;
  g_autoptr (GError) failure = g_steal_pointer (&job->error);

  if (job->ok)
    return TRUE;
  if (failure == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "it ended without a word");
      return FALSE;
    }
  if (g_error_matches (failure, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_CANCELLED))
    {
      if (!slip_run_engine_check (context->engine, error))
        return FALSE;
      if (late)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                       "it was not done within %" G_GINT64_FORMAT
                       " seconds (timeoutSeconds), and was ended. What is committed stays, and "
                       "resuming goes on from there",
                       slip_plan_step_get_timeout (context->plan));
          return FALSE;
        }
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s", failure->message);
  return FALSE;
}

gboolean
slip_run_migrate_work (SlipRunMigrate *self, SlipRunMigrateWork work, gpointer data, GError **error)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  gint64 timeout = slip_plan_step_get_timeout (self->context->plan);
  gint64 deadline = timeout > 0 ? g_get_monotonic_time () + timeout * G_USEC_PER_SEC : 0;
  Job job = {.self = self, .work = work, .data = data, .cancellable = cancellable};
  GThread *thread;
  gboolean ok;

  g_mutex_init (&job.mutex);
  g_cond_init (&job.cond);
  thread = g_thread_new ("migrate", run_job, &job);
  ok = follow (&job, deadline, error);
  g_thread_join (thread);
  slip_crash_point ("stage ended");
  ok = ok && take_end (&job, deadline > 0 && g_get_monotonic_time () > deadline, error);
  g_clear_error (&job.error);
  g_free (job.where);
  g_free (job.unit);
  g_cond_clear (&job.cond);
  g_mutex_clear (&job.mutex);
  return ok;
}

/* ---- intent and outcome */

gboolean
slip_run_migrate_begin (SlipRunMigrate *self, GError **error)
{
  SlipRunContext *context = self->context;
  JsonObject *request = slip_json_node_object (context->request);

  if (!slip_run_engine_check (context->engine, error))
    return FALSE;
  if (context->step->open
      && (!slip_run_local_settle (context, NULL, "part",
                                  "it broke off; what is in the databases tells how far it came",
                                  NULL, error)
          || !slip_run_engine_guards (context->engine, context->step, error)))
    return FALSE;
  return slip_run_local_intent (context, NULL, request != NULL ? json_object_ref (request) : NULL,
                                error);
}

void
slip_run_migrate_finish (SlipRunMigrate *self, gboolean kept, gboolean was_open)
{
  self->context->changed = !kept || was_open;
  if (kept)
    self->context->outcome = was_open ? "adopted" : "unchanged";
}

/* ---- what a step works with */

static gboolean
check_digest (JsonObject *request, const char *member, const char *now, GError **error)
{
  const char *planned = slip_json_string (request, member);

  if (planned == NULL || g_str_equal (planned, now))
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not what it was when the plan was made (%s: %.12s…, planned %.12s…). Put it "
               "back, or cancel this run and plan again",
               slip_json_string (request, "definitions"), member, now, planned);
  return FALSE;
}

static char **
dup_values (JsonObject *inputs)
{
  JsonArray *list = slip_json_array (inputs, "Values");
  GPtrArray *values = g_ptr_array_new ();

  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    if (slip_json_node_string (json_array_get_element (list, i)) != NULL)
      g_ptr_array_add (values, g_strdup (json_array_get_string_element (list, i)));
  g_ptr_array_add (values, NULL);
  return (char **)g_ptr_array_free (values, FALSE);
}

static gboolean
open_definitions (SlipRunMigrate *self, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  JsonObject *request = slip_json_node_object (self->context->request);
  g_autoptr (GError) local = NULL;

  if (slip_json_string (inputs, "Definitions") == NULL)
    return TRUE;
  self->source = slip_action_dup_path (inputs, "Source");
  self->values = dup_values (inputs);
  self->migration = slip_action_load_migration (inputs, &local);
  if (self->migration != NULL
      && slip_migration_override (self->migration, (const char *const *)self->values, &local))
    return request == NULL
           || (check_digest (
                   request, "definitionsSha256",
                   slip_definitions_get_sha256 (slip_migration_get_definitions (self->migration)),
                   error)
               && check_digest (request, "sidecarSha256",
                                slip_migration_get_sidecar_sha256 (self->migration), error));
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s", local->message);
  return FALSE;
}

/* Whatever the plan was made of: an endpoint that is written in capitals is the same. */
static gboolean
is_same_database (JsonObject *one, JsonObject *other)
{
  static const char *const members[] = {"Host", "Port", "Database"};
  gboolean same = json_object_has_member (one, "Host");

  for (gsize i = 0; same && i < G_N_ELEMENTS (members); i++)
    {
      JsonNode *here = json_object_get_member (one, members[i]);
      JsonNode *there = json_object_get_member (other, members[i]);
      g_autofree char *mine = here != NULL ? slip_json_to_text (here, FALSE) : g_strdup ("");
      g_autofree char *its = there != NULL ? slip_json_to_text (there, FALSE) : g_strdup ("");

      same = g_ascii_strcasecmp (mine, its) == 0;
    }
  return same;
}

static gboolean
open_databases (SlipRunMigrate *self, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  JsonObject *migration = slip_json_object (inputs, "MigrationDatabase");
  JsonObject *target = slip_json_object (inputs, "TargetDatabase");

  if (migration == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "step %s names no migration database", self->context->step->id);
      return FALSE;
    }
  if (target != NULL && is_same_database (migration, target))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the migration database is the target itself (%s). Nothing was written there. "
                   "Cancel this run, and plan again with another migration database",
                   slip_json_string (migration, "Host"));
      return FALSE;
    }
  self->migration_db = slip_sql_dup_conninfo (self->context, migration, error);
  if (self->migration_db == NULL)
    {
      g_prefix_error (error, "migration database: ");
      return FALSE;
    }
  if (target == NULL)
    return TRUE;
  self->target_db = slip_sql_dup_conninfo (self->context, target, error);
  if (self->target_db == NULL)
    g_prefix_error (error, "target database: ");
  return self->target_db != NULL;
}

static void
migrate_clear (SlipRunMigrate *self)
{
  g_clear_object (&self->migration);
  g_clear_pointer (&self->migration_db, slip_aws_secret_free);
  g_clear_pointer (&self->target_db, slip_aws_secret_free);
  g_free (self->source);
  g_strfreev (self->values);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SlipRunMigrate, migrate_clear)

static gboolean
run (SlipRunContext *context, GError **error)
{
  static const struct
  {
    const char *name;
    gboolean (*func) (SlipRunMigrate *self, GError **error);
  } operations[] = {
      {"stage", slip_run_migrate_stage},
      {"check", slip_run_migrate_check},
      {"report", slip_run_migrate_report},
      {"undo", slip_run_migrate_undo},
  };
  const char *operation = slip_json_string (context->inputs, "Operation");
  g_auto (SlipRunMigrate) self = {.context = context};

  if (!slip_run_engine_check (context->engine, error) || !open_definitions (&self, error)
      || !open_databases (&self, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_strcmp0 (operations[i].name, operation) == 0)
      return operations[i].func (&self, error);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "migrate has no operation %s",
               operation != NULL ? operation : "");
  return FALSE;
}

const SlipRunAction slip_run_action_migrate = {
    .name = "slipway:migrate",
    .run = run,
};
