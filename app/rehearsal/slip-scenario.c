/* SPDX-License-Identifier: MIT */

/* Scenarios: reads one from the program's own resources or a file, checks what is the server's, and
 * makes the world it describes. What the sections under `resources` mean is each service's. */

#include "slip-scenario.h"

#include <stdlib.h>

#include "slip-base-error.h"
#include "slip-faults.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-managed-policies.h"
#include "slip-policy.h"
#include "slip-principals.h"

#define SCHEMA "org.slipway.scenario/1"
#define MAX_BYTES (64 * 1024 * 1024)
#define RESOURCE_FOLDER "/org/slipway/rehearsal"

struct _SlipScenario
{
  JsonNode *root;
};

static const char *const root_members[]
    = {"schema",       "name",       "title",  "description", "accounts",
       "environments", "migrations", "faults", NULL};
static const char *const account_members[]
    = {"id", "alias", "title", "regions", "roles", "users", "quotas", "global", "resources", NULL};
static const char *const role_members[]
    = {"name",     "path",     "trusted", "services", "mfa", "named", "max_session_seconds",
       "policies", "attached", NULL};
static const char *const user_members[]
    = {"name", "access_key", "secret_key", "mfa_serial", "mfa_code", "policies", "attached", NULL};
static const char *const environment_members[] = {"name",
                                                  "title",
                                                  "account",
                                                  "regions",
                                                  "role",
                                                  "protected",
                                                  "pairing",
                                                  "session_minutes",
                                                  "session_name",
                                                  "second_session_name",
                                                  "settings",
                                                  "terraform",
                                                  NULL};
static const char *const migration_members[] = {
    "name",         "title",     "definitions", "sidecar",  "source",
    "migration_db", "target_db", "environment", "run_date", NULL,
};
static const char *const terraform_members[] = {"name", "path", "workspace", NULL};

static gboolean
is_account (const char *text)
{
  return strlen (text) == 12 && strspn (text, "0123456789") == 12;
}

static gboolean
is_region (const char *text)
{
  return g_regex_match_simple ("^[a-z]{2}(-[a-z]+)+-[0-9]$", text, 0, 0);
}

static gboolean
is_name (const char *text)
{
  return g_regex_match_simple ("^[A-Za-z0-9][A-Za-z0-9_.+=,@-]{0,63}$", text, 0, 0);
}

static gboolean
check_regions (JsonArray *regions, const char *path, GError **error)
{
  for (guint i = 0; regions != NULL && i < json_array_get_length (regions); i++)
    if (!is_region (json_array_get_string_element (regions, i)))
      return slip_scenario_error (error, path, "%s is no region",
                                  json_array_get_string_element (regions, i));
  return TRUE;
}

/* A policy that is attached is AWS's, or one that the account's iam section makes. */
static gboolean
is_policy (JsonObject *account, const char *name)
{
  JsonObject *global = slip_json_object (account, "global");
  JsonObject *iam = global != NULL ? slip_json_object (global, "iam") : NULL;
  JsonArray *policies = iam != NULL ? slip_json_array (iam, "policies") : NULL;

  if (slip_managed_policies_find (name) != NULL)
    return TRUE;
  for (guint i = 0; policies != NULL && i < json_array_get_length (policies); i++)
    {
      JsonObject *policy = slip_json_node_object (json_array_get_element (policies, i));

      if (policy != NULL && g_strcmp0 (slip_json_string (policy, "name"), name) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_policies (JsonObject *principal, const char *path, JsonObject *account, GError **error)
{
  JsonObject *policies;
  JsonArray *attached;
  g_autoptr (GList) names = NULL;

  if (!slip_scenario_get_object (principal, path, "policies", FALSE, &policies, error)
      || !slip_scenario_get_strings (principal, path, "attached", FALSE, &attached, error))
    return FALSE;
  names = policies != NULL ? json_object_get_members (policies) : NULL;
  for (GList *name = names; name != NULL; name = name->next)
    {
      g_autofree char *text
          = slip_json_to_text (json_object_get_member (policies, name->data), FALSE);
      g_autofree char *problem = slip_policy_check_document (text, FALSE);

      if (problem != NULL)
        return slip_scenario_error (error, path, "policy %s: %s", (char *)name->data, problem);
    }
  for (guint i = 0; attached != NULL && i < json_array_get_length (attached); i++)
    if (!is_policy (account, json_array_get_string_element (attached, i)))
      return slip_scenario_error (error, path,
                                  "policy %s is neither AWS's nor in the account's global.iam",
                                  json_array_get_string_element (attached, i));
  return TRUE;
}

static gboolean
check_role (JsonObject *role, const char *path, gpointer data, GError **error)
{
  const char *name, *role_path;
  JsonArray *trusted;
  gboolean mfa, named;
  gint64 seconds;

  if (!slip_scenario_check_members (role, path, role_members, error)
      || !slip_scenario_get_string (role, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (role, path, "path", FALSE, &role_path, error)
      || !slip_scenario_get_strings (role, path, "trusted", FALSE, &trusted, error)
      || !slip_scenario_get_strings (role, path, "services", FALSE, &trusted, error)
      || !slip_scenario_get_bool (role, path, "mfa", &mfa, error)
      || !slip_scenario_get_bool (role, path, "named", &named, error)
      || !slip_scenario_get_int (role, path, "max_session_seconds", 900, 43200, &seconds, error)
      || !check_policies (role, path, data, error))
    return FALSE;
  if (role_path != NULL && !g_regex_match_simple ("^/([!-.0-~]+/)*$", role_path, 0, 0))
    return slip_scenario_error (error, path, "path %s does not begin and end with a slash",
                                role_path);
  return is_name (name) || slip_scenario_error (error, path, "%s is no role's name", name);
}

static gboolean
check_user (JsonObject *user, const char *path, gpointer data, GError **error)
{
  const char *name, *key, *secret, *serial, *code;

  if (!slip_scenario_check_members (user, path, user_members, error)
      || !slip_scenario_get_string (user, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (user, path, "access_key", FALSE, &key, error)
      || !slip_scenario_get_string (user, path, "secret_key", key != NULL, &secret, error)
      || !slip_scenario_get_string (user, path, "mfa_serial", FALSE, &serial, error)
      || !slip_scenario_get_string (user, path, "mfa_code", serial != NULL, &code, error)
      || !check_policies (user, path, data, error))
    return FALSE;
  return is_name (name) || slip_scenario_error (error, path, "%s is no user's name", name);
}

static gboolean
check_sections (JsonObject *sections, const char *path, GError **error)
{
  g_autoptr (GList) services = sections != NULL ? json_object_get_members (sections) : NULL;

  for (GList *item = services; item != NULL; item = item->next)
    {
      const SlipService *service = slip_services_find (item->data);
      JsonObject *section;

      if (service == NULL || service->seed == NULL)
        return slip_scenario_error (error, path, "%s is no service that can be seeded",
                                    (char *)item->data);
      if (!slip_scenario_get_object (sections, path, item->data, TRUE, &section, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_resources (JsonObject *account, const char *path, GError **error)
{
  JsonObject *global;
  JsonObject *resources;
  g_autoptr (GList) regions = NULL;
  g_autofree char *global_path = g_strdup_printf ("%s.global", path);
  g_autofree char *resources_path = g_strdup_printf ("%s.resources", path);

  if (!slip_scenario_get_object (account, path, "global", FALSE, &global, error)
      || !slip_scenario_get_object (account, path, "resources", FALSE, &resources, error)
      || !check_sections (global, global_path, error))
    return FALSE;
  regions = resources != NULL ? json_object_get_members (resources) : NULL;
  for (GList *item = regions; item != NULL; item = item->next)
    {
      g_autofree char *place = g_strdup_printf ("%s.%s", resources_path, (char *)item->data);
      JsonObject *sections;

      if (!is_region (item->data))
        return slip_scenario_error (error, resources_path, "%s is no region", (char *)item->data);
      if (!slip_scenario_get_object (resources, resources_path, item->data, TRUE, &sections, error)
          || !check_sections (sections, place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_quotas (JsonObject *account, const char *path, GError **error)
{
  JsonObject *quotas;
  g_autoptr (GList) names = NULL;
  g_autofree char *place = g_strdup_printf ("%s.quotas", path);

  if (!slip_scenario_get_object (account, path, "quotas", FALSE, &quotas, error))
    return FALSE;
  names = quotas != NULL ? json_object_get_members (quotas) : NULL;
  for (GList *item = names; item != NULL; item = item->next)
    {
      gint64 value;

      if (!slip_scenario_get_int (quotas, place, item->data, 0, G_MAXINT32, &value, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_account (JsonObject *account, const char *path, gpointer data, GError **error)
{
  GHashTable *seen = data;
  const char *id, *text;
  JsonArray *regions;

  if (!slip_scenario_check_members (account, path, account_members, error)
      || !slip_scenario_get_string (account, path, "id", TRUE, &id, error)
      || !slip_scenario_get_string (account, path, "alias", FALSE, &text, error)
      || !slip_scenario_get_string (account, path, "title", FALSE, &text, error)
      || !slip_scenario_get_strings (account, path, "regions", TRUE, &regions, error)
      || !check_regions (regions, path, error))
    return FALSE;
  if (!is_account (id))
    return slip_scenario_error (error, path, "%s is no account id of twelve digits", id);
  if (!g_hash_table_add (seen, g_strdup (id)))
    return slip_scenario_error (error, path, "account %s is there already", id);
  return slip_scenario_foreach_item (account, path, "roles", check_role, account, error)
         && slip_scenario_foreach_item (account, path, "users", check_user, account, error)
         && check_quotas (account, path, error) && check_resources (account, path, error);
}

static JsonObject *
find_account (JsonObject *root, const char *id)
{
  JsonArray *accounts = slip_json_array (root, "accounts");

  for (guint i = 0; accounts != NULL && i < json_array_get_length (accounts); i++)
    {
      JsonObject *account = json_array_get_object_element (accounts, i);

      if (g_strcmp0 (slip_json_string (account, "id"), id) == 0)
        return account;
    }
  return NULL;
}

static gboolean
has_role (JsonObject *account, const char *name)
{
  JsonArray *roles = slip_json_array (account, "roles");

  for (guint i = 0; roles != NULL && i < json_array_get_length (roles); i++)
    if (g_strcmp0 (slip_json_string (json_array_get_object_element (roles, i), "name"), name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
check_terraform (JsonObject *root, const char *path, gpointer data, GError **error)
{
  const char *name, *folder, *workspace;

  return slip_scenario_check_members (root, path, terraform_members, error)
         && slip_scenario_get_string (root, path, "name", TRUE, &name, error)
         && slip_scenario_get_string (root, path, "path", TRUE, &folder, error)
         && slip_scenario_get_string (root, path, "workspace", FALSE, &workspace, error);
}

static gboolean
check_environment (JsonObject *environment, const char *path, gpointer data, GError **error)
{
  const char *name, *title, *account_id, *role, *session, *second;
  gboolean flag;
  gint64 minutes;
  JsonArray *regions;
  JsonObject *settings;
  JsonObject *account;

  if (!slip_scenario_check_members (environment, path, environment_members, error)
      || !slip_scenario_get_string (environment, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (environment, path, "title", FALSE, &title, error)
      || !slip_scenario_get_string (environment, path, "account", TRUE, &account_id, error)
      || !slip_scenario_get_string (environment, path, "role", TRUE, &role, error)
      || !slip_scenario_get_string (environment, path, "session_name", FALSE, &session, error)
      || !slip_scenario_get_string (environment, path, "second_session_name", FALSE, &second, error)
      || !slip_scenario_get_bool (environment, path, "protected", &flag, error)
      || !slip_scenario_get_bool (environment, path, "pairing", &flag, error)
      || !slip_scenario_get_int (environment, path, "session_minutes", 1, 36 * 60, &minutes, error)
      || !slip_scenario_get_strings (environment, path, "regions", FALSE, &regions, error)
      || !check_regions (regions, path, error)
      || !slip_scenario_get_object (environment, path, "settings", FALSE, &settings, error)
      || !slip_scenario_foreach_item (environment, path, "terraform", check_terraform, NULL, error))
    return FALSE;
  account = find_account (data, account_id);
  if (!is_name (name))
    return slip_scenario_error (error, path, "%s is no environment's name", name);
  if (account == NULL)
    return slip_scenario_error (error, path, "account %s is not among the accounts", account_id);
  if (!has_role (account, role))
    return slip_scenario_error (error, path, "account %s has no role %s", account_id, role);
  return TRUE;
}

/* What they mean is the workspace's to judge. */
static gboolean
check_migration (JsonObject *migration, const char *path, gpointer data, GError **error)
{
  static const char *const needed[] = {"name", "definitions", "migration_db", "target_db", NULL};

  if (!slip_scenario_check_members (migration, path, migration_members, error))
    return FALSE;
  for (guint i = 0; migration_members[i] != NULL; i++)
    {
      const char *text;

      if (!slip_scenario_get_string (migration, path, migration_members[i],
                                     g_strv_contains (needed, migration_members[i]), &text, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
check_fault (JsonObject *fault, const char *path, gpointer data, GError **error)
{
  g_autoptr (GError) problem = NULL;

  if (slip_faults_check (fault, &problem))
    return TRUE;
  return slip_scenario_error (error, path, "%s", problem->message);
}

static gboolean
check (JsonObject *root, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *text;

  if (!slip_scenario_get_string (root, "$", "schema", TRUE, &text, error))
    return FALSE;
  if (!g_str_equal (text, SCHEMA))
    return slip_scenario_error (error, "$.schema", "is %s, not " SCHEMA, text);
  return slip_scenario_check_members (root, "$", root_members, error)
         && slip_scenario_get_string (root, "$", "name", TRUE, &text, error)
         && slip_scenario_foreach_item (root, "$", "accounts", check_account, seen, error)
         && (g_hash_table_size (seen) > 0
             || slip_scenario_error (error, "$.accounts", "is missing or empty"))
         && slip_scenario_foreach_item (root, "$", "environments", check_environment, root, error)
         && slip_scenario_foreach_item (root, "$", "migrations", check_migration, NULL, error)
         && slip_scenario_foreach_item (root, "$", "faults", check_fault, NULL, error);
}

SlipScenario *
slip_scenario_new_from_json (JsonNode *node, GError **error)
{
  JsonObject *root = slip_json_node_object (node);
  SlipScenario *scenario;

  if (root == NULL)
    {
      slip_scenario_error (error, "$", "is not an object");
      return NULL;
    }
  if (!check (root, error))
    return NULL;
  scenario = g_new0 (SlipScenario, 1);
  scenario->root = json_node_ref (node);
  return scenario;
}

static GBytes *
load_bytes (const char *name_or_path, GError **error)
{
  g_autofree char *resource = g_strdup_printf (RESOURCE_FOLDER "/%s.json", name_or_path);
  GBytes *bytes = g_resources_lookup_data (resource, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  if (bytes != NULL)
    return bytes;
  if (strchr (name_or_path, '/') == NULL && !g_str_has_suffix (name_or_path, ".json"))
    {
      g_auto (GStrv) names
          = g_resources_enumerate_children (RESOURCE_FOLDER, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      g_autofree char *list = names != NULL ? g_strjoinv (", ", names) : g_strdup ("none");

      g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO,
                   "there is no scenario %s. Those that come with Slipway: %s. A file's path works "
                   "too.",
                   name_or_path, list);
      return NULL;
    }
  return slip_file_read (name_or_path, MAX_BYTES, error);
}

SlipScenario *
slip_scenario_load (const char *name_or_path, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autoptr (GBytes) bytes = load_bytes (name_or_path, &problem);
  g_autoptr (JsonNode) node = NULL;
  SlipScenario *scenario = NULL;

  if (bytes != NULL)
    node = slip_json_parse (g_bytes_get_data (bytes, NULL), (gssize)g_bytes_get_size (bytes),
                            &problem);
  if (node != NULL)
    scenario = slip_scenario_new_from_json (node, &problem);
  if (scenario == NULL)
    g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO, "scenario %s: %s",
                 name_or_path, problem->message);
  return scenario;
}

void
slip_scenario_free (SlipScenario *scenario)
{
  json_node_unref (scenario->root);
  g_free (scenario);
}

const char *
slip_scenario_get_name (SlipScenario *scenario)
{
  return slip_json_string (slip_scenario_get_root (scenario), "name");
}

JsonObject *
slip_scenario_get_root (SlipScenario *scenario)
{
  return json_node_get_object (scenario->root);
}
