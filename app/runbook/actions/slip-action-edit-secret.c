/* SPDX-License-Identifier: MIT */
/* `slipway:editSecret`, the document half: a secret that holds a JSON object gets a new version in which
 * some members have other values. The secret itself never enters the plan. */

#include "slip-actions.h"
#include "slip-json.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"SecretId", SLIP_ACTION_TEXT, TRUE},
    {"Set", SLIP_ACTION_MAP, TRUE},
    {"SetIfThere", SLIP_ACTION_MAP, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"VersionId", SLIP_PARAMETER_STRING},
    {"PreviousVersionId", SLIP_PARAMETER_STRING},
    {NULL, SLIP_PARAMETER_STRING},
};

static void
check_members (SlipActionCheck *check, const char *input)
{
  JsonObject *set = slip_json_object (check->inputs, input);
  g_autoptr (GList) names = set != NULL ? json_object_get_members (set) : NULL;
  g_autofree char *place = g_strconcat (".inputs.", input, NULL);

  if (set != NULL && names == NULL)
    slip_action_report (check, place, "names no member to change");
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *suffix = g_strconcat (place, ".", (const char *)l->data, NULL);

      if (g_ascii_strcasecmp (l->data, "password") == 0)
        slip_action_report (check, suffix,
                            "a password does not belong into a document; this action changes where "
                            "a secret points");
    }
}

static void
check_step (SlipActionCheck *check)
{
  check_members (check, "Set");
  check_members (check, "SetIfThere");
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  JsonObject *request = json_object_new ();
  (void)error;

  json_object_set_member (request, "SecretId",
                          slip_json_copy (json_object_get_member (plan->inputs, "SecretId")));
  json_object_set_object_member (plan->step, "request", request);
  json_object_set_string_member (plan->step, "service", "secretsmanager");
  json_object_set_string_member (plan->step, "operation", "PutSecretValue");
  return TRUE;
}

const SlipAction slip_action_edit_secret = {
    .name = "slipway:editSecret",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
