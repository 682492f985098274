/* SPDX-License-Identifier: MIT */
/* The credential runway: whether the session lasts for the plan, and if not, before which step it ends.
 * A session too short to do anything safely blocks; one that ends during a wait is only told, because
 * the run pauses there for a new sign-in. */

#include "slip-guards.h"
#include "slip-json.h"

/* Below this nothing is begun. */
#define LEAST_MINUTES 15

/* The first step in this environment that would end after @minutes; its number from 1 in @number. */
static JsonObject *
find_late_step (SlipGuardContext *context, double minutes, guint *number)
{
  JsonArray *steps = context->plan != NULL ? slip_json_array (context->plan, "steps") : NULL;
  double end = 0;

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      const char *environment = slip_json_string (step, "environment");

      end += slip_json_double (step, "minutes", 0);
      if (end > minutes && g_strcmp0 (environment, context->environment) == 0)
        {
          *number = i + 1;
          return step;
        }
    }
  return NULL;
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  g_autoptr (GError) error = NULL;
  gint64 expiration = slip_caller_session_expiration (context->caller, context->environment,
                                                      context->cancellable, &error);
  gint64 now = slip_clock_now (context->clock);
  double minutes = (double)(expiration - now) / (60.0 * G_USEC_PER_SEC);
  g_autofree char *end = NULL;
  guint number = 0;
  JsonObject *late;

  if (expiration < 0)
    {
      *message = g_strdup_printf ("there are no credentials for %s: %s", context->environment,
                                  error != NULL ? error->message : "unknown reason");
      return SLIP_GUARD_BLOCK;
    }
  if (expiration == 0)
    {
      *message = g_strdup ("the credentials do not expire");
      return SLIP_GUARD_PASS;
    }
  end = slip_time_format (expiration - expiration % G_USEC_PER_SEC);
  if (minutes < LEAST_MINUTES)
    {
      *message
          = g_strdup_printf ("the session ends at %s, in %.0f min; at least %d are needed. Sign in "
                             "again first",
                             end, MAX (minutes, 0), LEAST_MINUTES);
      return SLIP_GUARD_BLOCK;
    }
  late = find_late_step (context, minutes * slip_clock_get_speed (context->clock), &number);
  if (late == NULL)
    {
      *message = g_strdup_printf ("the session lasts until %s, longer than the plan", end);
      return SLIP_GUARD_PASS;
    }
  *message
      = g_strdup_printf ("the session ends at %s, before step %u (%s) does. The run will pause "
                         "there for a new sign-in",
                         end, number, slip_json_string (late, "title"));
  return SLIP_GUARD_WARN;
}

const SlipGuard slip_guard_credentials = {
    .id = "credentials",
    .title = "Session lasts for the plan",
    .evaluate = evaluate,
};
