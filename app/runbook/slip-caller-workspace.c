/* SPDX-License-Identifier: MIT */
/* Binds the planner's calls to the workspace's environments and their reading clients. */

#include "slip-caller-workspace.h"

#include "slip-json.h"
#include "slip-runbook-error.h"

static SlipEnvironment *
find_environment (SlipWorkspace *workspace, const char *name, GError **error)
{
  SlipEnvironment *environment = slip_workspace_find (workspace, name);

  if (environment == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                 "there is no environment %s in the workspace", name);
  return environment;
}

static JsonNode *
call (gpointer data,
      const char *environment_name,
      const char *region,
      const char *service,
      const char *operation,
      JsonNode *input,
      GCancellable *cancellable,
      GError **error)
{
  SlipEnvironment *environment = find_environment (data, environment_name, error);
  g_autoptr (SlipAwsClient) client = NULL;
  SlipAwsCall aws_call = {
      .service = service,
      .operation = operation,
      .region = region,
      .input = input,
      .priority = SLIP_AWS_PRIORITY_RUN,
  };

  if (environment == NULL)
    return NULL;
  client = slip_environment_ref_client (environment, error);
  if (client == NULL)
    return NULL;
  return slip_aws_client_call (client, &aws_call, NULL, cancellable, error);
}

static void
set_text (JsonObject *facts, const char *name, const char *text)
{
  if (text != NULL)
    json_object_set_string_member (facts, name, text);
}

/* The endpoints are part of what a plan is bound to. A client that cannot be made has none; the
 * identity guard then tells why. */
static void
set_endpoint (JsonObject *facts, SlipEnvironment *environment)
{
  g_autoptr (SlipAwsClient) client = slip_environment_ref_client (environment, NULL);
  g_autoptr (SlipAwsEndpoints) endpoints
      = client != NULL ? slip_aws_client_ref_endpoints (client) : NULL;
  g_autofree char *fingerprint
      = endpoints != NULL ? slip_aws_endpoints_dup_fingerprint (endpoints) : NULL;

  set_text (facts, "endpoint", fingerprint != NULL ? fingerprint : "");
  json_object_set_boolean_member (
      facts, "overridden", endpoints != NULL && slip_aws_endpoints_is_overridden (endpoints));
}

static JsonObject *
list_accounts (SlipWorkspace *workspace)
{
  GListModel *model = slip_workspace_get_environments (workspace);
  JsonObject *accounts = json_object_new ();

  for (guint i = g_list_model_get_n_items (model); i > 0; i--)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (model, i - 1);

      json_object_set_string_member (accounts, slip_environment_get_account (environment),
                                     slip_environment_get_name (environment));
    }
  return accounts;
}

/* What the workspace's migration there takes for today; of several, that of the definitions which the settings name. */
static const char *
find_run_date (SlipWorkspace *workspace, SlipEnvironment *environment, JsonObject *settings)
{
  GPtrArray *projects = slip_workspace_get_migrations (workspace);
  JsonObject *migration = slip_json_object (settings, "migration");
  const char *definitions = migration != NULL ? slip_json_string (migration, "definitions") : NULL;
  const SlipMigrationProject *found = NULL;
  guint n = 0;

  if (migration != NULL && slip_json_string (migration, "run_date") != NULL)
    return NULL;
  for (guint i = 0; i < projects->len; i++)
    {
      const SlipMigrationProject *project = g_ptr_array_index (projects, i);

      if (g_strcmp0 (project->environment, slip_environment_get_name (environment)) != 0)
        continue;
      n++;
      if (definitions == NULL || g_strcmp0 (project->definitions, definitions) == 0)
        found = project;
    }
  return found != NULL && (n == 1 || definitions != NULL) ? found->run_date : NULL;
}

JsonObject *
slip_caller_workspace_dup_settings (SlipWorkspace *workspace, SlipEnvironment *environment)
{
  JsonObject *settings = slip_environment_get_settings (environment);
  const char *run_date = find_run_date (workspace, environment, settings);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) copy = NULL;
  JsonObject *migration;

  if (run_date == NULL)
    return json_object_ref (settings);
  node = slip_json_new_object (json_object_ref (settings));
  copy = slip_json_copy (node);
  settings = json_node_get_object (copy);
  migration = slip_json_object (settings, "migration");
  if (migration == NULL)
    {
      migration = json_object_new ();
      json_object_set_object_member (settings, "migration", migration);
    }
  json_object_set_string_member (migration, "run_date", run_date);
  return json_object_ref (settings);
}

static JsonObject *
describe (gpointer data, const char *name)
{
  SlipEnvironment *environment = slip_workspace_find (data, name);
  JsonObject *facts;
  JsonArray *regions;

  if (environment == NULL)
    return NULL;
  facts = json_object_new ();
  regions = json_array_new ();
  for (const char *const *region = slip_environment_get_regions (environment); *region != NULL;
       region++)
    json_array_add_string_element (regions, *region);
  set_text (facts, "name", slip_environment_get_name (environment));
  set_text (facts, "title", slip_environment_get_title (environment));
  set_text (facts, "account", slip_environment_get_account (environment));
  set_text (facts, "alias", slip_environment_get_alias (environment));
  set_text (facts, "role", slip_environment_get_role (environment));
  json_object_set_boolean_member (facts, "protected", slip_environment_is_protected (environment));
  json_object_set_boolean_member (facts, "pairing", slip_environment_needs_pairing (environment));
  json_object_set_array_member (facts, "regions", regions);
  json_object_set_object_member (facts, "settings",
                                 slip_caller_workspace_dup_settings (data, environment));
  json_object_set_object_member (facts, "accounts", list_accounts (data));
  set_endpoint (facts, environment);
  return facts;
}

static char **
list (gpointer data)
{
  GListModel *model = slip_workspace_get_environments (data);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SlipEnvironment) environment = g_list_model_get_item (model, i);

      g_strv_builder_add (builder, slip_environment_get_name (environment));
    }
  return g_strv_builder_end (builder);
}

static gint64
session_expiration (gpointer data, const char *name, GCancellable *cancellable, GError **error)
{
  SlipEnvironment *environment = find_environment (data, name, error);
  g_autoptr (SlipAwsClient) client = NULL;
  g_autoptr (SlipAwsProvider) provider = NULL;
  g_autoptr (SlipAwsCredentials) credentials = NULL;

  if (environment == NULL)
    return -1;
  client = slip_environment_ref_client (environment, error);
  if (client == NULL)
    return -1;
  provider = slip_aws_client_ref_provider (client);
  credentials = slip_aws_provider_get (provider, cancellable, error);
  return credentials != NULL ? slip_aws_provider_get_expiration (provider) : -1;
}

static gint64
clock_skew (gpointer data, const char *name)
{
  SlipEnvironment *environment = slip_workspace_find (data, name);
  g_autoptr (SlipAwsClient) client
      = environment != NULL ? slip_environment_ref_client (environment, NULL) : NULL;

  /* The client tells how far AWS is ahead of us; a caller, how far we are ahead of AWS. */
  return client != NULL ? -slip_aws_client_get_clock_skew (client) : 0;
}

SlipCaller *
slip_caller_new_for_workspace (SlipWorkspace *workspace)
{
  static const SlipCallerVTable vtable = {
      .call = call,
      .environment = describe,
      .environments = list,
      .session_expiration = session_expiration,
      .clock_skew = clock_skew,
  };

  return slip_caller_new (&vtable, g_object_ref (workspace), g_object_unref);
}
