/* SPDX-License-Identifier: MIT */
/* Whether services that are stopped and started again run now. One that a cancelled run left at zero
 * would be started with zero, and nobody would notice until the application is asked for. */

#include "slip-guards.h"
#include "slip-json.h"

static const char *const inputs[] = {"cluster", "services", NULL};

/* The names of those without tasks, with commas. */
static char *
list_stopped (JsonArray *services)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; services != NULL && i < json_array_get_length (services); i++)
    {
      JsonObject *service = slip_json_node_object (json_array_get_element (services, i));

      if (service != NULL && slip_json_int (service, "desiredCount", 0) == 0)
        g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "",
                                slip_json_string (service, "serviceName"));
    }
  return g_string_free (names, FALSE);
}

static SlipGuardState
evaluate (SlipGuardContext *context, char **message)
{
  JsonArray *services = slip_json_array (context->inputs, "services");
  g_autoptr (JsonObject) input = json_object_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autofree char *stopped = NULL;

  if (services == NULL || json_array_get_length (services) == 0)
    {
      *message = g_strdup ("no service is stopped");
      return SLIP_GUARD_PASS;
    }
  json_object_set_string_member (input, "cluster", slip_guard_input (context, "cluster"));
  json_object_set_array_member (input, "services", json_array_ref (services));
  output = slip_guard_call (context, "ecs", "DescribeServices", input, &error);
  if (output == NULL)
    return slip_guard_unprovable (message, "whether the services run", error);
  stopped = list_stopped (slip_json_array (slip_json_node_object (output), "services"));
  if (*stopped == '\0')
    {
      *message = g_strdup ("each has tasks, and is started again with as many");
      return SLIP_GUARD_PASS;
    }
  *message = g_strdup_printf (
      "at 0 tasks now, and would be left so: %s. If a run before stopped them, its "
      "log has their counts: start them with these, then plan again",
      stopped);
  return SLIP_GUARD_WARN;
}

const SlipGuard slip_guard_services_run = {
    .id = "services-run",
    .title = "Services run",
    .inputs = inputs,
    .evaluate = evaluate,
};
