/* SPDX-License-Identifier: MIT */
/* Reads of a run outlast a throttle storm: each pause is an observation of the step, so that window,
 * terminal and audit log say what is waited for, and ends early when a person says something. */

#include "slip-run-engine.h"

#include "slip-patience.h"

/* A step without `timeoutSeconds` reads that long. */
#define DEFAULT_SECONDS (30 * 60)

/* The least, also where AWS's time is fast. */
#define LEAST_SECONDS 120

double
slip_run_engine_patience (SlipRunEngine *engine, SlipFoldStep *step)
{
  gint64 timeout = step != NULL ? slip_plan_step_get_timeout (step->plan_step) : 0;
  double seconds = timeout > 0 ? (double)timeout : DEFAULT_SECONDS;
  double speed = slip_clock_get_speed (engine->clock);

  return speed > 1 ? MAX (seconds / speed, LEAST_SECONDS) : seconds;
}

gboolean
slip_run_engine_pause (
    SlipRunEngine *engine, SlipFoldStep *step, double seconds, const char *text, GError **error)
{
  JsonObject *entry;
  g_autofree char *shown = slip_run_engine_scrub_text (engine, text);

  if (step == NULL)
    {
      g_message ("%s", shown);
      return slip_run_engine_sleep (engine, seconds, error);
    }
  entry = slip_run_engine_entry (engine, SLIP_STEP_OBSERVED_KIND, step);
  json_object_set_string_member (slip_run_entry_data (entry), "detail", shown);
  return slip_run_engine_append (engine, entry, error)
         && slip_run_engine_sleep (engine, seconds, error);
}

gboolean
slip_run_engine_outlast (SlipRunEngine *engine,
                         SlipFoldStep *step,
                         SlipPatience *patience,
                         GError **failure,
                         GError **error)
{
  g_autofree char *text = NULL;
  double seconds;

  patience->clock = engine->clock;
  patience->limit = slip_run_engine_patience (engine, step);
  seconds = slip_patience_next (patience, *failure, &text);
  if (seconds > 0)
    return slip_run_engine_pause (engine, step, seconds, text, error);
  slip_patience_prefix_error (patience, failure);
  g_propagate_error (error, g_steal_pointer (failure));
  return FALSE;
}
