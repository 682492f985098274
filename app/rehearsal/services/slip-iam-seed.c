/* SPDX-License-Identifier: MIT */

/* Customer managed policies of a scenario. Roles and users stand beside the sections, in the account
 * itself, because sessions are made of them before any service is seeded. */

#include "slip-iam-private.h"

#include "slip-json.h"
#include "slip-policy.h"
#include "slip-scenario.h"

static gboolean
seed_policy (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "description", "document", "tags", NULL};
  const SlipSeed *seed = data;
  const char *name, *description;
  JsonObject *document, *tags;
  g_autoptr (JsonArray) tag_list = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;
  g_autofree char *problem = NULL;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "description", FALSE, &description, error)
      || !slip_scenario_get_object (item, path, "document", TRUE, &document, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error))
    return FALSE;
  node = slip_json_new_object (json_object_ref (document));
  text = slip_json_to_text (node, TRUE);
  problem = slip_policy_check_document (text, FALSE);
  if (problem != NULL)
    return slip_scenario_error (error, path, "policy %s: %s", name, problem);
  if (slip_world_get (seed->world, seed->account, "", SLIP_TYPE_IAM_POLICY, name) != NULL)
    return slip_scenario_error (error, path, "policy %s is there already", name);
  tag_list = slip_tags_from_object (tags);
  slip_iam_make_policy (seed->world, seed->account, name, NULL, description, text, tag_list);
  return TRUE;
}

gboolean
slip_iam_seed (const SlipSeed *seed, GError **error)
{
  if (*seed->region != '\0')
    return slip_scenario_error (error, seed->path,
                                "is a section of a region. IAM is global: put it under global");
  return slip_scenario_seed_list (seed, "policies", seed_policy, error);
}
