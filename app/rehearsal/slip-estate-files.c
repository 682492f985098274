/* SPDX-License-Identifier: MIT */

/* The files that point AWS clients and Slipway at the rehearsal: a shared config and credentials file
 * with a profile per environment, each a session of the environment's role, and the workspace. */

#include "slip-estate-files.h"

#include <errno.h>
#include <glib/gstdio.h>

#include "slip-clock.h"
#include "slip-file.h"
#include "slip-json.h"
#include "slip-principals.h"
#include "slip-world-paths.h"

#define DEFAULT_MINUTES 720
#define WORKSPACE_SCHEMA "org.slipway.workspace/1"

/* One engineer's files: where they are under the state folder, what the sessions are remembered as, and
 * what they are called when the scenario does not say; @label goes before the profile's name where
 * sessions are looked for. */
typedef struct
{
  const char *folder;
  const char *setting;
  const char *session_member;
  const char *session_name;
  const char *label;
} Desk;

static const Desk first_desk = {"", "session", "session_name", "slipway", ""};

/* A colleague at a workstation of their own, who cosigns what needs two people. */
static const Desk second_desk
    = {"second", "second-session", "second_session_name", "colleague", "second/"};

static int
compare_order (gconstpointer a, gconstpointer b)
{
  const SlipWorldRecord *x = *(gpointer const *)a;
  const SlipWorldRecord *y = *(gpointer const *)b;

  return (int)(slip_json_int (x->data, "order", 0) - slip_json_int (y->data, "order", 0));
}

static GPtrArray *
list_in_order (SlipWorld *world, const char *type)
{
  GPtrArray *list = slip_world_list (world, "", "", type);

  g_ptr_array_sort (list, compare_order);
  return list;
}

/* The environment's own regions, else its account's. */
static JsonArray *
get_regions (SlipWorld *world, const SlipWorldRecord *environment)
{
  JsonArray *regions = slip_json_array (environment->data, "regions");
  const SlipWorldRecord *account;

  if (regions != NULL)
    return regions;
  account = slip_world_get (world, "", "", SLIP_TYPE_ACCOUNT,
                            slip_json_string (environment->data, "account"));
  return slip_json_array (account->data, "regions");
}

static const char *
first_region (SlipWorld *world, const SlipWorldRecord *environment)
{
  return json_array_get_string_element (get_regions (world, environment), 0);
}

/* A session lasts until less than half of its time is left; then a start replaces it. */
static gboolean
lasts (SlipWorld *world, const SlipWorldRecord *key, gint64 minutes)
{
  gint64 half = minutes * 30 * G_TIME_SPAN_SECOND;

  return key != NULL && !slip_principals_is_expired (key, slip_world_now (world) + half);
}

static const SlipWorldRecord *
need_session (SlipWorld *world,
              const SlipWorldRecord *environment,
              const Desk *desk,
              gboolean renew)
{
  g_autofree char *label = g_strdup_printf ("%s%s", desk->label, environment->id);
  g_autofree char *setting = g_strdup_printf ("%s.%s", desk->setting, environment->id);
  const char *known = slip_world_get_setting (world, setting);
  const SlipWorldRecord *key = known != NULL ? slip_principals_find_key (world, known) : NULL;
  gint64 minutes = slip_json_int (environment->data, "session_minutes", DEFAULT_MINUTES);
  const char *name = slip_json_string (environment->data, desk->session_member);
  const SlipWorldRecord *role;
  g_auto (SlipSessionKeys) keys = {NULL};

  if (!renew && lasts (world, key, minutes))
    return key;
  role = slip_world_get (world, slip_json_string (environment->data, "account"), "",
                         SLIP_TYPE_IAM_ROLE, slip_json_string (environment->data, "role"));
  g_assert (role != NULL); /* the scenario's check saw to it */
  slip_principals_new_role_session (world, role, name != NULL ? name : desk->session_name,
                                    minutes * 60, TRUE, label, &keys);
  slip_world_set_setting (world, setting, keys.access_key);
  return slip_principals_find_key (world, keys.access_key);
}

static void
append_profile (GString *config,
                GString *credentials,
                const char *name,
                const char *region,
                const char *endpoint,
                const SlipWorldRecord *key)
{
  const char *token = slip_json_string (key->data, "token");
  const char *expires = slip_json_string (key->data, "expires");

  g_string_append_printf (config, "[profile %s]\nregion = %s\noutput = json\nendpoint_url = %s\n\n",
                          name, region, endpoint);
  g_string_append_printf (credentials, "[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
                          name, key->id, slip_json_string (key->data, "secret"));
  if (token != NULL)
    g_string_append_printf (credentials, "aws_session_token = %s\n", token);
  if (expires != NULL)
    g_string_append_printf (credentials, "x_security_token_expires = %s\n", expires);
  g_string_append_c (credentials, '\n');
}

static void
append_users (SlipWorld *world, GString *config, GString *credentials, const char *endpoint)
{
  g_autoptr (GPtrArray) keys = slip_world_list (world, "", "", SLIP_TYPE_ACCESS_KEY);

  for (guint i = 0; i < keys->len; i++)
    {
      const SlipWorldRecord *key = keys->pdata[i];
      g_autofree char *name = g_path_get_basename (slip_json_string (key->data, "arn"));
      const SlipWorldRecord *account = slip_world_get (world, "", "", SLIP_TYPE_ACCOUNT,
                                                       slip_json_string (key->data, "account"));

      if (json_object_has_member (key->data, "token") || account == NULL
          || slip_world_get (world, "", "", "environment", name) != NULL)
        continue;
      append_profile (config, credentials, name,
                      json_array_get_string_element (slip_json_array (account->data, "regions"), 0),
                      endpoint, key);
    }
}

/* A visitor of `public_host` asks this server, for want of its own name: see slip-site.c. */
static JsonObject *
describe_settings (SlipWorld *world, JsonObject *settings, const char *endpoint)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (settings));
  g_autoptr (JsonNode) filled = slip_world_path_fill (world, node);
  JsonObject *object = json_object_ref (json_node_get_object (filled));
  const char *host = slip_json_string (object, "public_host");

  if (host != NULL && !json_object_has_member (object, "public_url"))
    {
      g_autofree char *url = g_strconcat (endpoint, "/_site/", host, NULL);

      json_object_set_string_member (object, "public_url", url);
    }
  return object;
}

/* The roots whose folder is there: a checkout is made only where git and Terraform are. */
static JsonArray *
describe_terraform (SlipWorld *world, JsonArray *roots)
{
  g_autoptr (JsonArray) found = json_array_new ();

  for (guint i = 0; roots != NULL && i < json_array_get_length (roots); i++)
    {
      g_autoptr (JsonNode) root = slip_world_path_fill (world, json_array_get_element (roots, i));
      const char *path = slip_json_string (json_node_get_object (root), "path");
      if (path != NULL && g_file_test (path, G_FILE_TEST_IS_DIR))
        json_array_add_element (found, g_steal_pointer (&root));
    }
  return json_array_get_length (found) > 0 ? g_steal_pointer (&found) : NULL;
}

static JsonObject *
describe_environment (SlipWorld *world, const SlipWorldRecord *record, const char *endpoint)
{
  JsonObject *data = record->data;
  JsonObject *object = json_object_new ();
  JsonObject *rehearsal = json_object_new ();
  const char *account = slip_json_string (data, "account");
  const SlipWorldRecord *account_record
      = slip_world_get (world, "", "", SLIP_TYPE_ACCOUNT, account);
  const char *alias = slip_json_string (account_record->data, "alias");
  const char *title = slip_json_string (data, "title");
  JsonArray *terraform;

  json_object_set_string_member (object, "name", record->id);
  json_object_set_string_member (object, "title", title != NULL ? title : record->id);
  json_object_set_string_member (object, "account", account);
  if (alias != NULL)
    json_object_set_string_member (object, "alias", alias);
  json_object_set_array_member (object, "regions", json_array_ref (get_regions (world, record)));
  json_object_set_string_member (object, "profile", record->id);
  json_object_set_string_member (object, "role", slip_json_string (data, "role"));
  json_object_set_boolean_member (object, "protected", slip_json_bool (data, "protected", FALSE));
  json_object_set_string_member (object, "endpoint_url", endpoint);
  json_object_set_string_member (object, "aws_config", "aws/config");
  json_object_set_string_member (object, "aws_credentials", "aws/credentials");
  json_object_set_double_member (rehearsal, "speed", slip_world_get_speed (world));
  json_object_set_object_member (object, "rehearsal", rehearsal);
  if (slip_json_bool (data, "pairing", FALSE))
    json_object_set_boolean_member (object, "pairing", TRUE);
  terraform = describe_terraform (world, slip_json_array (data, "terraform"));
  if (terraform != NULL)
    json_object_set_array_member (object, "terraform", terraform);
  if (slip_json_object (data, "settings") != NULL)
    json_object_set_object_member (
        object, "settings",
        describe_settings (world, slip_json_object (data, "settings"), endpoint));
  return object;
}

static JsonObject *
describe_migration (SlipWorld *world, const SlipWorldRecord *record)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (record->data));
  g_autoptr (JsonNode) filled = slip_world_path_fill (world, node);
  JsonObject *object = json_object_ref (json_node_get_object (filled));

  json_object_remove_member (object, "order");
  return object;
}

static char *
build_workspace (SlipWorld *world, GPtrArray *environments, const char *endpoint)
{
  JsonObject *root = json_object_new ();
  JsonArray *list = json_array_new ();
  g_autoptr (GPtrArray) migrations = list_in_order (world, "migration");
  g_autoptr (JsonNode) node = slip_json_new_object (root);
  g_autofree char *text = NULL;

  json_object_set_string_member (root, "schema", WORKSPACE_SCHEMA);
  json_object_set_string_member (root, "name", slip_world_get_setting (world, "scenario"));
  for (guint i = 0; i < environments->len; i++)
    json_array_add_object_element (list,
                                   describe_environment (world, environments->pdata[i], endpoint));
  json_object_set_array_member (root, "environments", list);
  if (migrations->len > 0)
    {
      list = json_array_new ();
      for (guint i = 0; i < migrations->len; i++)
        json_array_add_object_element (list, describe_migration (world, migrations->pdata[i]));
      json_object_set_array_member (root, "migrations", list);
    }
  text = slip_json_to_text (node, TRUE);
  return g_strconcat (text, "\n", NULL);
}

static gboolean
write_file (SlipWorld *world,
            const Desk *desk,
            const char *name,
            const char *text,
            int mode,
            GError **error)
{
  g_autofree char *path
      = g_build_filename (slip_world_get_folder (world), desk->folder, name, NULL);

  return slip_file_write_atomic (path, text, -1, mode, error);
}

static gboolean
make_folder (SlipWorld *world, const Desk *desk, GError **error)
{
  g_autofree char *folder
      = g_build_filename (slip_world_get_folder (world), desk->folder, "aws", NULL);

  if (g_mkdir_with_parents (folder, 0700) == 0)
    return TRUE;
  g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_STATE,
               "folder %s cannot be made: %s", folder, g_strerror (errno));
  return FALSE;
}

static gboolean
write_desk (
    SlipWorld *world, const Desk *desk, const char *endpoint, gboolean renew, GError **error)
{
  g_autoptr (GPtrArray) environments = list_in_order (world, "environment");
  g_autoptr (GString) config = g_string_new ("# Written by slipway-rehearsal.\n");
  g_autoptr (GString) credentials = g_string_new ("# Written by slipway-rehearsal.\n");
  g_autofree char *workspace = NULL;

  slip_world_begin (world);
  slip_principals_drop_expired (world);
  for (guint i = 0; i < environments->len; i++)
    {
      const SlipWorldRecord *environment = environments->pdata[i];

      append_profile (config, credentials, environment->id, first_region (world, environment),
                      endpoint, need_session (world, environment, desk, renew));
    }
  if (desk == &first_desk)
    append_users (world, config, credentials, endpoint);
  if (!slip_world_commit (world, error) || !make_folder (world, desk, error))
    return FALSE;
  workspace = build_workspace (world, environments, endpoint);
  return write_file (world, desk, "aws/config", config->str, 0600, error)
         && write_file (world, desk, "aws/credentials", credentials->str, 0600, error)
         && write_file (world, desk, "workspace.json", workspace, 0644, error);
}

gboolean
slip_estate_files_write (SlipWorld *world, const char *endpoint, gboolean renew, GError **error)
{
  return write_desk (world, &first_desk, endpoint, renew, error)
         && write_desk (world, &second_desk, endpoint, renew, error);
}
