/* SPDX-License-Identifier: MIT */
/* aws:sleep while running: sleeps until a time that is written first, so that a resumed run sleeps
 * only what is left. */

#include "slip-run-engine.h"

#include "slip-action.h"
#include "slip-json.h"

/* Real microseconds that remain; a timestamp is real time also in a rehearsal. */
static gboolean
choose_end (SlipRunContext *context, gint64 *end, GError **error)
{
  const char *duration = slip_json_string (context->inputs, "Duration");
  const char *timestamp = slip_json_string (context->inputs, "Timestamp");
  gint64 seconds;

  if (context->step->deadline != 0 && context->step->state == SLIP_RUN_STEP_WAITING)
    {
      *end = context->step->deadline;
      return TRUE;
    }
  if (timestamp != NULL && slip_time_parse (timestamp, end))
    return TRUE;
  if (duration != NULL && slip_action_parse_duration (duration, &seconds))
    {
      *end = slip_clock_now (context->engine->clock)
             + (gint64)((double)seconds * G_USEC_PER_SEC
                        / slip_clock_get_speed (context->engine->clock));
      return TRUE;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is neither a duration such as PT10M nor a time",
               duration != NULL    ? duration
               : timestamp != NULL ? timestamp
                                   : "nothing");
  return FALSE;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  SlipRunEngine *engine = context->engine;
  gint64 end;
  gint64 left;

  if (!choose_end (context, &end, error))
    return FALSE;
  if (context->step->state != SLIP_RUN_STEP_WAITING)
    {
      JsonObject *entry = slip_run_engine_entry (engine, SLIP_STEP_WAITING_KIND, context->step);
      g_autofree char *time = slip_time_format (end);
      g_autofree char *detail = g_strconcat ("until ", time, NULL);

      json_object_set_string_member (slip_run_entry_data (entry), "deadline", time);
      json_object_set_string_member (slip_run_entry_data (entry), "detail", detail);
      if (!slip_run_engine_append (engine, entry, error))
        return FALSE;
    }
  left = end - slip_clock_now (engine->clock);
  if (left <= 0)
    return TRUE;
  return slip_run_engine_sleep (
      engine, (double)left / G_USEC_PER_SEC * slip_clock_get_speed (engine->clock), error);
}

const SlipRunAction slip_run_action_sleep = {
    .name = "aws:sleep",
    .run = run,
};
