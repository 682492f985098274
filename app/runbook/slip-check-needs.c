/* SPDX-License-Identifier: MIT */
/* The check of what a step needs (`needs`): the names that no other plan may take away while a run is not
 * through; and of what it changes that its request does not tell (`changes`). */

#include "slip-check.h"

#include "slip-action.h"
#include "slip-json.h"

const SlipActionInput slip_check_need_members[] = {
    {"service", SLIP_ACTION_TEXT, TRUE},  {"name", SLIP_ACTION_TEXT, TRUE},
    {"account", SLIP_ACTION_TEXT, FALSE}, {"region", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

/* Names are compared with those of calls, and what is changed also with work on this machine: by a service that is spelt
 * otherwise, nothing would be held. */
static void
check_named (SlipCheck *check, const char *path, JsonObject *need, gboolean local)
{
  const char *const *services = slip_aws_model_list_services ();
  const char *service = slip_json_string (need, "service");

  slip_check_members (check, path, need, slip_check_need_members, FALSE);
  if (service != NULL && !g_strv_contains (services, service)
      && !(local && slip_action_is_local (service)))
    {
      g_autofree char *hint = slip_check_suggest (service, services);

      slip_check_fault_at (check, path, "service", "there is no service %s%s", service, hint);
    }
}

static void
check_list (
    SlipCheck *check, const char *path, JsonObject *slipway, const char *member, gboolean local)
{
  JsonArray *needs = slip_json_array (slipway, member);
  g_autofree char *list = slip_path_member (path, member);

  for (guint i = 0; needs != NULL && i < json_array_get_length (needs); i++)
    {
      JsonObject *need = slip_json_node_object (json_array_get_element (needs, i));
      g_autofree char *at = slip_path_element (list, i);

      if (need != NULL)
        check_named (check, at, need, local);
      else
        slip_check_fault (check, at, "must be an object: {service, name}");
    }
}

void
slip_check_needs (SlipCheck *check, const char *path, JsonObject *slipway)
{
  check_list (check, path, slipway, "needs", FALSE);
  check_list (check, path, slipway, "changes", TRUE);
}
