/* SPDX-License-Identifier: MIT */
/* Outlasting a throttle storm. The client tries a read a few times and then says that AWS throttles;
 * a read has no effect, so planner, guards and runs go on trying it for minutes, ever more slowly, and
 * say so. Changes have their own rules (slip-run-send.c), and so have waits (slip-run-wait.c). */

#include "slip-patience.h"

#include "slip-aws-error.h"

#include <math.h>

#define FIRST_SECONDS 2.0
#define MOST_SECONDS 30.0

/* A fast rehearsal must not spend its pauses within the round trips of one storm. */
#define LEAST_REAL_SECONDS 0.25

static double
tried_seconds (SlipPatience *self)
{
  return (double)(slip_clock_monotonic (self->clock) - self->begun) / G_USEC_PER_SEC;
}

double
slip_patience_next (SlipPatience *self, const GError *failure, char **text)
{
  double speed = slip_clock_get_speed (self->clock);
  double seconds;

  if (!slip_aws_error_is_throttle (failure))
    return 0;
  if (self->begun == 0)
    self->begun = MAX (slip_clock_monotonic (self->clock), 1);
  else if (tried_seconds (self) >= self->limit)
    return 0;
  seconds = MIN (MOST_SECONDS, ldexp (FIRST_SECONDS, (int)MIN (self->pauses, 10)));
  seconds = MAX (seconds * g_random_double_range (0.5, 1), LEAST_REAL_SECONDS * speed);
  self->pauses++;
  *text = g_strdup_printf ("throttled by AWS, trying again in %.0f s (%s)", ceil (seconds / speed),
                           failure->message);
  return seconds;
}

void
slip_patience_prefix_error (SlipPatience *self, GError **error)
{
  if (self->begun != 0 && slip_aws_error_is_throttle (*error))
    g_prefix_error (error,
                    "AWS throttled this for %.0f s. It changed nothing: try again when the account "
                    "is calmer: ",
                    tried_seconds (self));
}

/* ---- a caller that has it */

typedef struct
{
  SlipCaller *caller;
  SlipClock *clock;
  double limit;
  SlipPatientPause pause;
  gpointer data;
  GMutex lock;  /* of the following: calls may come on several threads */
  gint64 begun; /* when the storm began that they are all in, 0 while there is none */
} Patient;

/* Whether to try again; else @failure is the answer, or @error has why it was given up. The storm is that of
 * all calls, so that patience ends for all at once; each pauses for itself. */
static gboolean
wait_out (Patient *patient,
          SlipPatience *patience,
          GError **failure,
          GCancellable *cancellable,
          GError **error)
{
  g_autofree char *text = NULL;
  double seconds;

  g_mutex_lock (&patient->lock);
  if (patience->begun == 0)
    patience->begun = patient->begun;
  seconds = slip_patience_next (patience, *failure, &text);
  if (patient->begun == 0)
    patient->begun = patience->begun;
  g_mutex_unlock (&patient->lock);
  if (seconds > 0)
    return patient->pause (patient->data, seconds, text, cancellable, error);
  slip_patience_prefix_error (patience, failure);
  g_propagate_error (error, g_steal_pointer (failure));
  return FALSE;
}

static void
end_storm (Patient *patient)
{
  g_mutex_lock (&patient->lock);
  patient->begun = 0;
  g_mutex_unlock (&patient->lock);
}

static JsonNode *
call (gpointer data,
      const char *environment,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GCancellable *cancellable,
      GError **error)
{
  Patient *patient = data;
  SlipPatience patience = {.clock = patient->clock, .limit = patient->limit};

  for (;;)
    {
      g_autoptr (GError) failure = NULL;
      JsonNode *answer = slip_caller_call (patient->caller, environment, region, service, operation,
                                           input, cancellable, &failure);

      if (answer != NULL)
        {
          end_storm (patient);
          return answer;
        }
      if (!wait_out (patient, &patience, &failure, cancellable, error))
        return NULL;
    }
}

static void
patient_free (gpointer data)
{
  Patient *patient = data;

  slip_caller_unref (patient->caller);
  slip_clock_unref (patient->clock);
  g_mutex_clear (&patient->lock);
  g_free (patient);
}

SlipCaller *
slip_caller_new_patient (
    SlipCaller *caller, SlipClock *clock, double limit, SlipPatientPause pause, gpointer data)
{
  Patient *patient = g_new0 (Patient, 1);

  patient->caller = slip_caller_ref (caller);
  patient->clock = slip_clock_ref (clock);
  patient->limit = limit;
  patient->pause = pause;
  patient->data = data;
  g_mutex_init (&patient->lock);
  return slip_caller_new_over (caller, call, patient, patient_free);
}
