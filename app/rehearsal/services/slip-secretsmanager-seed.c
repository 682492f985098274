/* SPDX-License-Identifier: MIT */

/* Secrets that a scenario describes. */

#include "slip-secretsmanager-private.h"

#include "slip-json.h"
#include "slip-kms-world.h"
#include "slip-scenario.h"

static const char *const secret_members[]
    = {"name", "description", "kms_key_id", "string", "value", "tags", "policy", NULL};

/* `string` is the value itself, `value` an object that becomes it as JSON text. */
static char *
dup_seed_value (JsonObject *item)
{
  JsonObject *value = slip_json_object (item, "value");
  g_autoptr (JsonNode) node = NULL;

  if (value == NULL)
    return g_strdup (slip_json_string (item, "string"));
  node = slip_json_new_object (json_object_ref (value));
  return slip_json_to_text (node, FALSE);
}

static void
make_seed (const SlipSeed *seed, JsonObject *item, const char *name)
{
  JsonObject *data = json_object_new ();
  g_autofree char *value = dup_seed_value (item);
  g_autofree char *version_id = g_uuid_string_random ();
  JsonObject *policy = slip_json_object (item, "policy");
  const SlipWorldRecord *secret;

  if (slip_json_string (item, "description") != NULL)
    json_object_set_string_member (data, "Description", slip_json_string (item, "description"));
  if (slip_json_string (item, "kms_key_id") != NULL)
    json_object_set_string_member (data, "KmsKeyId", slip_json_string (item, "kms_key_id"));
  json_object_set_array_member (data, "Tags",
                                slip_tags_from_object (slip_json_object (item, "tags")));
  if (policy != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (policy));
      g_autofree char *text = slip_json_to_text (node, FALSE);

      json_object_set_string_member (data, "policy", text);
    }
  secret = slip_secret_make (seed->world, seed->account, seed->region, name, data);
  if (value != NULL)
    slip_secret_add_version (seed->world, secret, version_id, value, NULL, NULL, NULL);
}

static gboolean
seed_secret (JsonObject *item, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  const char *name, *description, *key_id, *string;
  JsonObject *value, *tags, *policy;

  if (!slip_scenario_check_members (item, path, secret_members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "description", FALSE, &description, error)
      || !slip_scenario_get_string (item, path, "kms_key_id", FALSE, &key_id, error)
      || !slip_scenario_get_string (item, path, "string", FALSE, &string, error)
      || !slip_scenario_get_object (item, path, "value", FALSE, &value, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error)
      || !slip_scenario_get_object (item, path, "policy", FALSE, &policy, error))
    return FALSE;
  if (!slip_secret_check_name (name, NULL))
    return slip_scenario_error (error, path, "%s is no secret's name", name);
  if (slip_world_get (seed->world, seed->account, seed->region, SM_SECRET, name) != NULL)
    return slip_scenario_error (error, path, "secret %s is there already", name);
  if (key_id != NULL
      && slip_kms_world_find_key (seed->world, seed->account, seed->region, key_id) == NULL)
    return slip_scenario_error (error, path, "there is no key %s", key_id);
  make_seed (seed, item, name);
  return TRUE;
}

gboolean
slip_secret_seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "secrets", seed_secret, error);
}
