/* SPDX-License-Identifier: MIT */

/* Keys that a scenario describes, and those AWS makes by itself. */

#include "slip-kms-private.h"

#include "slip-json.h"
#include "slip-scenario.h"

/* The services' own keys that a real account has after some use. */
void
slip_kms_prepare (SlipWorld *world, const char *account, const char *region)
{
  static const char *const names[]
      = {"alias/aws/rds", "alias/aws/secretsmanager", "alias/aws/backup", "alias/aws/s3"};

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    slip_kms_world_find_key (world, account, region, names[i]);
}

static const char *const key_members[]
    = {"id", "aliases", "description", "policy", "usable_by", "state", "rotation", "tags", NULL};

static JsonArray *
seed_tags (JsonObject *object)
{
  JsonArray *tags = json_array_new ();
  g_autoptr (JsonArray) plain = slip_tags_from_object (object);

  for (guint i = 0; i < json_array_get_length (plain); i++)
    {
      JsonObject *from = json_array_get_object_element (plain, i);
      JsonObject *tag = json_object_new ();

      json_object_set_string_member (tag, "TagKey", slip_json_string (from, "Key"));
      json_object_set_string_member (tag, "TagValue", slip_json_string (from, "Value"));
      json_array_add_object_element (tags, tag);
    }
  return tags;
}

static void
finish_key (const SlipSeed *seed, JsonObject *item, const char *id, const char *state)
{
  JsonObject *data = slip_world_edit (seed->world, seed->account, seed->region, KMS_KEY, id);
  JsonArray *aliases = slip_json_array (item, "aliases");

  json_object_set_array_member (data, "tags", seed_tags (slip_json_object (item, "tags")));
  json_object_set_boolean_member (data, "rotation", slip_json_bool (item, "rotation", FALSE));
  if (state != NULL)
    {
      json_object_set_string_member (data, "KeyState", state);
      json_object_set_boolean_member (data, "Enabled", g_str_equal (state, "Enabled"));
    }
  slip_world_put (seed->world, seed->account, seed->region, KMS_KEY, id, data);
  for (guint i = 0; aliases != NULL && i < json_array_get_length (aliases); i++)
    slip_kms_put_alias (seed->world, seed->account, seed->region,
                        json_array_get_string_element (aliases, i), id);
}

static gboolean
check_aliases (const SlipSeed *seed, JsonArray *aliases, const char *path, GError **error)
{
  for (guint i = 0; aliases != NULL && i < json_array_get_length (aliases); i++)
    {
      const char *name = json_array_get_string_element (aliases, i);

      if (!g_regex_match_simple ("^alias/(?!aws/)[a-zA-Z0-9/_-]+$", name, 0, 0))
        return slip_scenario_error (error, path, "%s is no alias of a customer's key", name);
      if (slip_world_get (seed->world, seed->account, seed->region, KMS_ALIAS, name) != NULL)
        return slip_scenario_error (error, path, "alias %s is there already", name);
    }
  return TRUE;
}

static gboolean
seed_key (JsonObject *item, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  const char *id, *description, *state;
  JsonArray *usable_by, *aliases;
  JsonObject *policy, *tags;
  gboolean rotation;
  g_autofree char *text = NULL;
  g_autofree char *made = NULL;

  if (!slip_scenario_check_members (item, path, key_members, error)
      || !slip_scenario_get_string (item, path, "id", FALSE, &id, error)
      || !slip_scenario_get_string (item, path, "description", FALSE, &description, error)
      || !slip_scenario_get_string (item, path, "state", FALSE, &state, error)
      || !slip_scenario_get_strings (item, path, "aliases", FALSE, &aliases, error)
      || !slip_scenario_get_strings (item, path, "usable_by", FALSE, &usable_by, error)
      || !slip_scenario_get_object (item, path, "policy", FALSE, &policy, error)
      || !slip_scenario_get_object (item, path, "tags", FALSE, &tags, error)
      || !slip_scenario_get_bool (item, path, "rotation", &rotation, error)
      || !check_aliases (seed, aliases, path, error))
    return FALSE;
  if (id != NULL && !g_uuid_string_is_valid (id))
    return slip_scenario_error (error, path, "id %s is no UUID", id);
  if (id != NULL && slip_world_get (seed->world, seed->account, seed->region, KMS_KEY, id) != NULL)
    return slip_scenario_error (error, path, "key %s is there already", id);
  if (state != NULL && !g_str_equal (state, "Enabled") && !g_str_equal (state, "Disabled"))
    return slip_scenario_error (error, path, "state %s is neither Enabled nor Disabled", state);
  if (policy != NULL)
    {
      g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (policy));

      text = slip_json_to_text (node, TRUE);
    }
  else
    text = slip_kms_default_policy (seed->account, usable_by);
  made = slip_kms_make_key (seed->world, seed->account, seed->region, id, description, text, FALSE);
  finish_key (seed, item, made, state);
  return TRUE;
}

gboolean
slip_kms_seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "keys", seed_key, error);
}
