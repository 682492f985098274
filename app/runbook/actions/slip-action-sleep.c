/* SPDX-License-Identifier: MIT */
/* `aws:sleep`: waits for a time, or until one. */

#include "slip-actions.h"
#include "slip-clock.h"
#include "slip-json.h"
#include "slip-runbook-error.h"

#include <string.h>

/* Systems Manager waits for at most seven days. */
#define MAX_SECONDS (7 * 24 * 60 * 60)

static const SlipActionInput inputs[] = {
    {"Duration", SLIP_ACTION_TEXT, FALSE},
    {"Timestamp", SLIP_ACTION_TEXT, FALSE},
    {"TimeStamp", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const char *
get_timestamp (JsonObject *object)
{
  const char *text = slip_json_string (object, "Timestamp");

  return text != NULL ? text : slip_json_string (object, "TimeStamp");
}

static gboolean
check_values (JsonObject *object, gint64 *seconds, char **message)
{
  const char *duration = slip_json_string (object, "Duration");
  const char *until = get_timestamp (object);
  gint64 time;

  *seconds = 0;
  if (duration != NULL && strstr (duration, "{{") == NULL
      && (!slip_action_parse_duration (duration, seconds) || *seconds > MAX_SECONDS))
    *message = g_strdup_printf ("“%s” is no duration of up to seven days, such as PT10M", duration);
  else if (until != NULL && strstr (until, "{{") == NULL && !slip_time_parse (until, &time))
    *message = g_strdup_printf ("“%s” is no time such as 2026-11-21T06:30:00Z", until);
  return *message == NULL;
}

static void
check_step (SlipActionCheck *check)
{
  g_autofree char *message = NULL;
  gboolean duration = json_object_has_member (check->inputs, "Duration");
  gint64 seconds;

  if (duration
      == (json_object_has_member (check->inputs, "Timestamp")
          || json_object_has_member (check->inputs, "TimeStamp")))
    slip_action_report (check, ".inputs", "give either Duration or Timestamp");
  if (!check_values (check->inputs, &seconds, &message))
    slip_action_report (check, duration ? ".inputs.Duration" : ".inputs.Timestamp", "%s", message);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  g_autofree char *message = NULL;
  gint64 seconds;

  if (!check_values (plan->inputs, &seconds, &message))
    {
      g_set_error_literal (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN, message);
      return FALSE;
    }
  json_object_set_double_member (plan->step, "minutes", (double)seconds / 60.0);
  return TRUE;
}

const SlipAction slip_action_sleep = {
    .name = "aws:sleep",
    .planned = TRUE,
    .inputs = inputs,
    .check = check_step,
    .plan = plan_step,
};
