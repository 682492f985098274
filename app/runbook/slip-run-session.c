/* SPDX-License-Identifier: MIT */
/* Sessions of a run: that we are who we must be, before the first call and after each renewal; what
 * happens when a session ends while AWS still works; and whether a session lasts for a stretch of
 * final steps before that stretch is entered. An expired token never fails a step. */

#include "slip-run-engine.h"

#include "slip-json.h"
#include "slip-person.h"

#include <math.h>

/* The least time a final stretch must have, whatever its forecast. */
#define RUNWAY_MINUTES 15

gboolean
slip_run_error_is_sign_in (const GError *error)
{
  return g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_EXPIRED)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_CREDENTIALS)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_MFA_NEEDED)
         || g_error_matches (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY)
         || slip_aws_error_is_expired_token (error);
}

gboolean
slip_run_error_is_stop (const GError *error)
{
  if (error->domain == SLIP_LEDGER_ERROR)
    return TRUE;
  return g_error_matches (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_NEEDS_PERSON)
         || g_error_matches (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_PAUSED)
         || g_error_matches (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_CANCELLED);
}

/* ---- identity */

static void
remember (SlipRunEngine *engine, const char *environment, const char *principal)
{
  gint64 *end = g_new (gint64, 1);

  *end = slip_run_caller_expiration (engine->caller, environment);
  g_hash_table_insert (engine->sessions, g_strdup (environment), end);
  g_hash_table_insert (engine->principals, g_strdup (environment), g_strdup (principal));
}

static gboolean
known (SlipRunEngine *engine, const char *environment)
{
  gint64 *end = g_hash_table_lookup (engine->sessions, environment);

  return end != NULL && *end == slip_run_caller_expiration (engine->caller, environment);
}

/* Who read and cosigned the plan does not execute it, or one person would have been both. */
static gboolean
is_not_second (SlipRunEngine *engine, const SlipAwsIdentity *identity, GError **error)
{
  if (engine->fold->cosigned_by == NULL
      || !slip_person_same (identity->arn, engine->fold->cosigned_by)
      || slip_run_trust_pairing (engine) == NULL)
    return TRUE;
  g_set_error (error, SLIP_AWS_ERROR, SLIP_AWS_ERROR_IDENTITY,
               "%s cosigned this plan, and two people are needed: sign in as somebody else",
               identity->arn);
  return FALSE;
}

static gboolean
ask_identity (SlipRunEngine *engine, const char *environment, GError **error)
{
  JsonObject *planned
      = slip_json_object (slip_plan_get_environments (engine->fold->plan), environment);
  g_autoptr (SlipAwsIdentity) identity
      = slip_run_caller_identity (engine->caller, environment, engine->cancellable, error);

  if (identity == NULL)
    return FALSE;
  if (planned == NULL || slip_json_string (planned, "account") == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED,
                   "the plan does not name the account of environment %s", environment);
      return FALSE;
    }
  if (!slip_aws_identity_matches (identity, slip_json_string (planned, "account"),
                                  slip_json_string (planned, "role"), error)
      || !is_not_second (engine, identity, error))
    return FALSE;
  remember (engine, environment, identity->arn);
  return TRUE;
}

static gboolean
note_identity (SlipRunEngine *engine, const char *environment, GError **error)
{
  JsonObject *planned
      = slip_json_object (slip_plan_get_environments (engine->fold->plan), environment);
  JsonObject *entry = slip_run_entry_new (SLIP_RUN_IDENTITY_KIND, engine->fold->id, NULL,
                                          g_hash_table_lookup (engine->principals, environment));
  gint64 *end = g_hash_table_lookup (engine->sessions, environment);

  json_object_set_string_member (entry, "environment", environment);
  slip_run_entry_set_text (entry, "account", slip_json_string (planned, "account"));
  json_object_set_string_member (entry, "operation", "sts:GetCallerIdentity");
  json_object_set_string_member (entry, "effect", "read");
  json_object_set_string_member (entry, "outcome", "done");
  if (end != NULL && *end > 0)
    {
      g_autofree char *time = slip_time_format (*end);

      json_object_set_string_member (slip_run_entry_data (entry), "session_ends", time);
    }
  return slip_run_engine_append (engine, entry, error);
}

gboolean
slip_run_engine_identify (SlipRunEngine *engine, const char *environment, GError **error)
{
  SlipPatience patience = {0};

  for (;;)
    {
      g_autoptr (GError) local = NULL;

      if (known (engine, environment))
        return TRUE;
      if (ask_identity (engine, environment, &local))
        return note_identity (engine, environment, error);
      if (slip_run_error_is_sign_in (local))
        return slip_run_engine_sign_in (engine, environment, NULL, local->message, error);
      if (!slip_run_engine_outlast (engine, NULL, &patience, &local, error))
        return FALSE;
    }
}

/* ---- signing in again */

typedef struct
{
  const char *environment;
  gint64 needed_until; /* the session must last until then, 0 for any */
  gboolean tried;
} SignIn;

/* Renews by itself when the source of the credentials can do that (a role, aws-vault, a credential
 * process); else when a person says that they signed in. */
static gboolean
signed_in (SlipRunEngine *engine, gpointer data, GError **error)
{
  SignIn *sign_in = data;
  g_autoptr (GError) local = NULL;
  gint64 end;

  if (sign_in->tried && !engine->fold->resume_requested)
    return FALSE;
  sign_in->tried = TRUE;
  engine->fold->resume_requested = FALSE;
  slip_run_caller_renew (engine->caller, sign_in->environment);
  if (!ask_identity (engine, sign_in->environment, &local))
    {
      g_message ("%s: %s", sign_in->environment, local->message);
      return FALSE;
    }
  end = slip_run_caller_expiration (engine->caller, sign_in->environment);
  return end == 0 || end >= sign_in->needed_until;
}

static gboolean
sign_in_until (SlipRunEngine *engine,
               const char *environment,
               SlipFoldStep *step,
               const char *why,
               gint64 needed_until,
               GError **error)
{
  SignIn sign_in = {environment, needed_until, FALSE};
  g_autofree char *message
      = g_strdup_printf ("sign in to %s again: %s. Then resume", environment, why);

  return slip_run_engine_need (engine, "sign-in", step, message, NULL, signed_in, &sign_in, error)
         && note_identity (engine, environment, error);
}

gboolean
slip_run_engine_sign_in (SlipRunEngine *engine,
                         const char *environment,
                         SlipFoldStep *step,
                         const char *why,
                         GError **error)
{
  return sign_in_until (engine, environment, step, why, 0, error);
}

/* ---- runway */

static gboolean
is_final (SlipPlanStep *step)
{
  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_FINAL
         || slip_plan_step_get_reversibility (step) == SLIP_REVERSIBILITY_FINAL;
}

/* Minutes from @first to the end of the last final step of its stretch: final steps, and the reads
 * and waits between them. */
static double
stretch_minutes (SlipRunEngine *engine, SlipFoldStep *first, const char **last)
{
  double minutes = 0;
  double until_last = 0;
  guint index = slip_plan_step_get_index (first->plan_step);

  for (; index < slip_plan_get_n_steps (engine->fold->plan); index++)
    {
      SlipPlanStep *step = slip_plan_get_step (engine->fold->plan, index);

      if (!is_final (step) && slip_plan_step_get_effect (step) != SLIP_AWS_EFFECT_READ)
        break;
      minutes += slip_plan_step_get_minutes (step);
      if (!is_final (step))
        continue;
      until_last = minutes;
      *last = slip_plan_step_get_id (step);
    }
  return until_last;
}

/* Signs in when the session ends before @needed minutes of AWS's time are over. */
static gboolean
need_minutes (
    SlipRunEngine *engine, SlipFoldStep *step, double needed, const char *what, GError **error)
{
  const char *environment = slip_plan_step_get_environment (step->plan_step);
  double speed = slip_clock_get_speed (engine->clock);
  gint64 until = slip_clock_now (engine->clock) + (gint64)(needed / speed * 60 * G_USEC_PER_SEC);
  gint64 end = slip_run_caller_expiration (engine->caller, environment);
  g_autofree char *ends = NULL;
  g_autofree char *why = NULL;

  if (end == 0 || end >= until)
    return TRUE;
  ends = slip_time_format (end);
  why = g_strdup_printf ("the session ends at %s, but %s %.0f min", ends, what,
                         ceil (needed / speed));
  return sign_in_until (engine, environment, step, why, until, error);
}

gboolean
slip_run_engine_runway (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  const char *last = step->id;
  g_autofree char *what = NULL;
  double needed;

  if (!is_final (step->plan_step) || slip_plan_step_get_environment (step->plan_step) == NULL)
    return TRUE;
  needed = MAX (stretch_minutes (engine, step, &last), RUNWAY_MINUTES);
  what = g_strdup_printf ("the final steps %s to %s, which are not begun, need", step->id, last);
  return need_minutes (engine, step, needed, what, error);
}

gboolean
slip_run_engine_lent_runway (SlipRunEngine *engine, SlipFoldStep *step, GError **error)
{
  double needed = slip_plan_step_get_minutes (step->plan_step);
  g_autofree char *what = NULL;

  if (slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ)
    needed = MAX (needed, RUNWAY_MINUTES);
  what = g_strdup_printf ("the program of step %s, whose credentials cannot be renewed while it "
                          "runs and which is not begun, needs",
                          step->id);
  return need_minutes (engine, step, needed, what, error);
}
