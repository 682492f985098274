/* SPDX-License-Identifier: MIT */

/* Makes a new world from a checked scenario: accounts, roles, users and quotas first, then what AWS
 * makes by itself, then every service's sections in the order of slip_services_list(). */

#include "slip-scenario.h"

#include "slip-json.h"
#include "slip-managed-policies.h"
#include "slip-principals.h"

#define DEFAULT_SESSION_SECONDS 3600

/* Names of policies become ARNs: AWS's own first, else the account's. */
static JsonArray *
resolve_policies (const char *account, JsonObject *principal)
{
  JsonArray *names = slip_json_array (principal, "attached");
  JsonArray *arns;

  if (names == NULL)
    return NULL;
  arns = json_array_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      const SlipManagedPolicy *managed = slip_managed_policies_find (name);
      g_autofree char *arn = managed != NULL
                                 ? slip_managed_policies_dup_arn (managed)
                                 : g_strdup_printf ("arn:aws:iam::%s:policy/%s", account, name);

      json_array_add_string_element (arns, arn);
    }
  return arns;
}

static gboolean
seed_role (JsonObject *role, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  g_autoptr (JsonArray) attached = resolve_policies (seed->account, role);
  SlipNewPrincipal principal = {
      .name = slip_json_string (role, "name"),
      .path = slip_json_string (role, "path"),
      .policies = slip_json_object (role, "policies"),
      .attached = attached,
      .trusted = slip_json_array (role, "trusted"),
      .services = slip_json_array (role, "services"),
      .mfa = slip_json_bool (role, "mfa", FALSE),
      .named = slip_json_bool (role, "named", FALSE),
      .max_seconds = slip_json_int (role, "max_session_seconds", DEFAULT_SESSION_SECONDS),
  };

  slip_principals_add_role (seed->world, seed->account, &principal);
  return TRUE;
}

static gboolean
seed_user (JsonObject *user, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  g_autoptr (JsonArray) attached = resolve_policies (seed->account, user);
  SlipNewPrincipal principal = {
      .name = slip_json_string (user, "name"),
      .policies = slip_json_object (user, "policies"),
      .attached = attached,
      .access_key = slip_json_string (user, "access_key"),
      .secret_key = slip_json_string (user, "secret_key"),
      .mfa_serial = slip_json_string (user, "mfa_serial"),
      .mfa_code = slip_json_string (user, "mfa_code"),
  };

  if (principal.access_key != NULL
      && slip_principals_find_key (seed->world, principal.access_key) != NULL)
    return slip_scenario_error (error, path, "access key %s is there already",
                                principal.access_key);
  slip_principals_add_user (seed->world, seed->account, &principal);
  return TRUE;
}

static void
seed_quotas (const SlipSeed *seed, JsonObject *quotas)
{
  g_autoptr (GList) names = quotas != NULL ? json_object_get_members (quotas) : NULL;

  for (GList *item = names; item != NULL; item = item->next)
    {
      JsonObject *quota = json_object_new ();

      json_object_set_int_member (quota, "value", slip_json_int (quotas, item->data, 0));
      slip_world_put (seed->world, seed->account, "", "quota", item->data, quota);
    }
}

static gboolean
seed_account (JsonObject *account, const char *path, gpointer data, GError **error)
{
  SlipSeed seed = {.world = data, .account = slip_json_string (account, "id"), .region = ""};
  JsonObject *record = json_object_new ();
  const char *alias = slip_json_string (account, "alias");
  const char *title = slip_json_string (account, "title");

  if (alias != NULL)
    json_object_set_string_member (record, "alias", alias);
  if (title != NULL)
    json_object_set_string_member (record, "title", title);
  json_object_set_array_member (record, "regions",
                                json_array_ref (slip_json_array (account, "regions")));
  slip_world_put (seed.world, "", "", SLIP_TYPE_ACCOUNT, seed.account, record);
  seed_quotas (&seed, slip_json_object (account, "quotas"));
  return slip_scenario_foreach_item (account, path, "roles", seed_role, &seed, error)
         && slip_scenario_foreach_item (account, path, "users", seed_user, &seed, error);
}

/* What goes into workspace.json, in the scenario's order. */
static gboolean
seed_named (JsonObject *item, const char *type, const char *path, SlipWorld *world, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (item));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *record = json_node_dup_object (copy);
  const char *name = slip_json_string (item, "name");
  guint order = slip_world_count (world, "", "", type);

  if (slip_world_get (world, "", "", type, name) != NULL)
    {
      json_object_unref (record);
      return slip_scenario_error (error, path, "%s %s is there already", type, name);
    }
  json_object_set_int_member (record, "order", order);
  slip_world_put (world, "", "", type, name, record);
  return TRUE;
}

static gboolean
seed_environment (JsonObject *environment, const char *path, gpointer data, GError **error)
{
  return seed_named (environment, "environment", path, data, error);
}

static gboolean
seed_migration (JsonObject *migration, const char *path, gpointer data, GError **error)
{
  return seed_named (migration, "migration", path, data, error);
}

static void
prepare_accounts (SlipWorld *world)
{
  g_autoptr (GPtrArray) accounts = slip_world_list (world, "", "", SLIP_TYPE_ACCOUNT);

  for (guint i = 0; i < accounts->len; i++)
    {
      const SlipWorldRecord *account = accounts->pdata[i];
      JsonArray *regions = slip_json_array (account->data, "regions");

      for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
        for (guint r = 0; (*service)->prepare != NULL && r < json_array_get_length (regions); r++)
          (*service)->prepare (world, account->id, json_array_get_string_element (regions, r));
    }
}

static gboolean
seed_section (const SlipService *service,
              SlipWorld *world,
              const char *account,
              const char *region,
              JsonObject *sections,
              const char *path,
              GError **error)
{
  JsonObject *section = sections != NULL ? slip_json_object (sections, service->name) : NULL;
  g_autofree char *place = g_strdup_printf ("%s.%s", path, service->name);
  SlipSeed seed = {world, account, region, section, place};

  return section == NULL || service->seed (&seed, error);
}

static gboolean
seed_service (const SlipService *service, SlipWorld *world, JsonArray *accounts, GError **error)
{
  for (guint i = 0; i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);
      const char *id = slip_json_string (account, "id");
      JsonObject *resources = slip_json_object (account, "resources");
      g_autoptr (GList) regions = resources != NULL ? json_object_get_members (resources) : NULL;
      g_autofree char *global = g_strdup_printf ("$.accounts[%u].global", i);

      if (!seed_section (service, world, id, "", slip_json_object (account, "global"), global,
                         error))
        return FALSE;
      for (GList *item = regions; item != NULL; item = item->next)
        {
          g_autofree char *path
              = g_strdup_printf ("$.accounts[%u].resources.%s", i, (char *)item->data);

          if (!seed_section (service, world, id, item->data,
                             slip_json_object (resources, item->data), path, error))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
seed_all (SlipScenario *scenario, SlipWorld *world, GError **error)
{
  JsonObject *root = slip_scenario_get_root (scenario);

  if (!slip_scenario_foreach_item (root, "$", "accounts", seed_account, world, error)
      || !slip_scenario_foreach_item (root, "$", "environments", seed_environment, world, error)
      || !slip_scenario_foreach_item (root, "$", "migrations", seed_migration, world, error))
    return FALSE;
  prepare_accounts (world);
  for (const SlipService *const *service = slip_services_list (); *service != NULL; service++)
    if ((*service)->seed != NULL
        && !seed_service (*service, world, slip_json_array (root, "accounts"), error))
      return FALSE;
  slip_world_set_setting (world, "scenario", slip_scenario_get_name (scenario));
  return TRUE;
}

gboolean
slip_scenario_seed (SlipScenario *scenario, SlipWorld *world, GError **error)
{
  slip_world_begin (world);
  if (!seed_all (scenario, world, error))
    {
      slip_world_rollback (world);
      return FALSE;
    }
  return slip_world_commit (world, error);
}
