/* SPDX-License-Identifier: MIT */

/* AWS CodeDeploy: applications and deployment groups. What a group says of blue and green decides how
 * its deployments go (slip-codedeploy-deployments.c). */

#include "slip-codedeploy-private.h"

#include "slip-json.h"
#include "slip-scenario.h"

char *
slip_codedeploy_group_id (const char *application, const char *group)
{
  return g_strdup_printf ("%s\t%s", application, group);
}

static char *
new_id (void)
{
  return g_uuid_string_random ();
}

static JsonObject *
copy (JsonObject *object)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (object));
  g_autoptr (JsonNode) other = slip_json_copy (node);

  return json_node_dup_object (other);
}

const SlipWorldRecord *
slip_codedeploy_need_application (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "applicationName");
  const SlipWorldRecord *found
      = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_APPLICATION, name);

  if (found == NULL)
    return slip_service_error (error, 400, "ApplicationDoesNotExistException",
                               "No application found for name: %s", name);
  return found;
}

const SlipWorldRecord *
slip_codedeploy_need_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "deploymentGroupName");
  const SlipWorldRecord *application = slip_codedeploy_need_application (ctx, input, error);
  const SlipWorldRecord *found;
  g_autofree char *id = NULL;

  if (application == NULL)
    return NULL;
  if (name == NULL)
    return slip_service_error (error, 400, "DeploymentGroupNameRequiredException",
                               "Deployment Group name is missing");
  id = slip_codedeploy_group_id (application->id, name);
  found = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP, id);
  if (found == NULL)
    return slip_service_error (error, 400, "DeploymentGroupDoesNotExistException",
                               "No Deployment Group found for name: %s", name);
  return found;
}

/* --- Applications --- */

static void
put_application (SlipWorld *world,
                 const char *account,
                 const char *region,
                 const char *name,
                 const char *platform)
{
  JsonObject *data = json_object_new ();
  g_autofree char *id = new_id ();
  g_autofree char *now = slip_world_dup_now (world);

  json_object_set_string_member (data, "applicationId", id);
  json_object_set_string_member (data, "applicationName", name);
  json_object_set_string_member (data, "createTime", now);
  json_object_set_boolean_member (data, "linkedToGitHub", FALSE);
  json_object_set_string_member (data, "computePlatform", platform);
  slip_world_put (world, account, region, CODEDEPLOY_APPLICATION, name, data);
}

static JsonNode *
create_application (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "applicationName");
  const char *platform = slip_json_string (input, "computePlatform");
  const SlipWorldRecord *made;
  JsonObject *output;

  if (slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_APPLICATION, name) != NULL)
    return slip_service_error (error, 400, "ApplicationAlreadyExistsException",
                               "An application named %s already exists", name);
  put_application (ctx->world, ctx->account, ctx->region, name,
                   platform != NULL ? platform : "Server");
  made = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_APPLICATION, name);
  output = json_object_new ();
  json_object_set_string_member (output, "applicationId",
                                 slip_json_string (made->data, "applicationId"));
  return slip_json_new_object (output);
}

static JsonNode *
get_application (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *application = slip_codedeploy_need_application (ctx, input, error);
  JsonObject *output;

  if (application == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "application", copy (application->data));
  return slip_json_new_object (output);
}

static JsonNode *
list_applications (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, CODEDEPLOY_APPLICATION);
  JsonArray *names = json_array_new ();
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < all->len; i++)
    json_array_add_string_element (names, ((const SlipWorldRecord *)all->pdata[i])->id);
  json_object_set_array_member (output, "applications", names);
  return slip_json_new_object (output);
}

/* (element-type SlipWorldRecord) */
static GPtrArray *
list_groups_of (SlipServiceContext *ctx, const char *application)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP);
  g_autofree char *prefix = slip_codedeploy_group_id (application, "");
  GPtrArray *own = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    if (g_str_has_prefix (((const SlipWorldRecord *)all->pdata[i])->id, prefix))
      g_ptr_array_add (own, all->pdata[i]);
  return own;
}

static JsonNode *
delete_application (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *name = slip_json_string (input, "applicationName");
  g_autoptr (GPtrArray) groups = list_groups_of (ctx, name);

  for (guint i = 0; i < groups->len; i++)
    slip_world_remove (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP,
                       ((const SlipWorldRecord *)groups->pdata[i])->id);
  slip_world_remove (ctx->world, ctx->account, ctx->region, CODEDEPLOY_APPLICATION, name);
  return NULL;
}

/* --- Groups --- */

static const char *
put_group (SlipWorld *world,
           const char *account,
           const char *region,
           const SlipWorldRecord *application,
           JsonObject *given)
{
  JsonObject *data = copy (given);
  const char *name = slip_json_string (data, "deploymentGroupName");
  g_autofree char *id = slip_codedeploy_group_id (application->id, name);
  g_autofree char *group_id = new_id ();

  json_object_remove_member (data, "tags");
  json_object_set_string_member (data, "deploymentGroupId", group_id);
  json_object_set_string_member (data, "computePlatform",
                                 slip_json_string (application->data, "computePlatform"));
  if (slip_json_string (data, "deploymentConfigName") == NULL)
    json_object_set_string_member (data, "deploymentConfigName",
                                   g_str_equal (slip_json_string (data, "computePlatform"), "ECS")
                                       ? "CodeDeployDefault.ECSAllAtOnce"
                                       : "CodeDeployDefault.OneAtATime");
  slip_world_put (world, account, region, CODEDEPLOY_GROUP, id, data);
  return slip_json_string (slip_world_get (world, account, region, CODEDEPLOY_GROUP, id)->data,
                           "deploymentGroupId");
}

static JsonNode *
create_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *application = slip_codedeploy_need_application (ctx, input, error);
  const char *name = slip_json_string (input, "deploymentGroupName");
  g_autofree char *id = NULL;
  JsonObject *output;

  if (application == NULL)
    return NULL;
  id = slip_codedeploy_group_id (application->id, name);
  if (slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP, id) != NULL)
    return slip_service_error (error, 400, "DeploymentGroupAlreadyExistsException",
                               "Deployment Group already exists for name: %s", name);
  output = json_object_new ();
  json_object_set_string_member (
      output, "deploymentGroupId",
      put_group (ctx->world, ctx->account, ctx->region, application, input));
  return slip_json_new_object (output);
}

static JsonNode *
get_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_codedeploy_need_group (ctx, input, error);
  JsonObject *output;

  if (group == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "deploymentGroupInfo", copy (group->data));
  return slip_json_new_object (output);
}

static JsonNode *
list_groups (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *application = slip_codedeploy_need_application (ctx, input, error);
  g_autoptr (GPtrArray) groups = NULL;
  JsonArray *names;
  JsonObject *output;

  if (application == NULL)
    return NULL;
  groups = list_groups_of (ctx, application->id);
  names = json_array_new ();
  for (guint i = 0; i < groups->len; i++)
    json_array_add_string_element (
        names, strchr (((const SlipWorldRecord *)groups->pdata[i])->id, '\t') + 1);
  output = json_object_new ();
  json_object_set_string_member (output, "applicationName", application->id);
  json_object_set_array_member (output, "deploymentGroups", names);
  return slip_json_new_object (output);
}

static JsonNode *
delete_group (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autofree char *id = slip_codedeploy_group_id (slip_json_string (input, "applicationName"),
                                                  slip_json_string (input, "deploymentGroupName"));
  JsonObject *output = json_object_new ();

  slip_world_remove (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP, id);
  json_object_set_array_member (output, "hooksNotCleanedUp", json_array_new ());
  return slip_json_new_object (output);
}

/* --- Seed --- */

typedef struct
{
  const SlipSeed *seed;
  const SlipWorldRecord *application;
} GroupSeed;

static gboolean
seed_group (JsonObject *item, const char *path, gpointer data, GError **error)
{
  GroupSeed *own = data;
  const char *name;
  g_autoptr (JsonObject) given = copy (item);

  if (!slip_scenario_get_string (item, path, "deploymentGroupName", TRUE, &name, error))
    return FALSE;
  json_object_set_string_member (given, "applicationName", own->application->id);
  put_group (own->seed->world, own->seed->account, own->seed->region, own->application, given);
  return TRUE;
}

static gboolean
seed_application (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", "platform", "groups", NULL};
  const SlipSeed *seed = data;
  GroupSeed own = {seed, NULL};
  const char *name, *platform;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error)
      || !slip_scenario_get_string (item, path, "platform", FALSE, &platform, error))
    return FALSE;
  put_application (seed->world, seed->account, seed->region, name,
                   platform != NULL ? platform : "ECS");
  own.application
      = slip_world_get (seed->world, seed->account, seed->region, CODEDEPLOY_APPLICATION, name);
  return slip_scenario_foreach_item (item, path, "groups", seed_group, &own, error);
}

static gboolean
seed (const SlipSeed *seed, GError **error)
{
  return slip_scenario_seed_list (seed, "applications", seed_application, error);
}

static const SlipServiceOperation operations[] = {
    {"BatchGetDeployments", slip_codedeploy_batch_get},
    {"ContinueDeployment", slip_codedeploy_continue},
    {"CreateApplication", create_application},
    {"CreateDeployment", slip_codedeploy_create_deployment},
    {"CreateDeploymentGroup", create_group},
    {"DeleteApplication", delete_application},
    {"DeleteDeploymentGroup", delete_group},
    {"GetApplication", get_application},
    {"GetDeployment", slip_codedeploy_get_deployment},
    {"GetDeploymentGroup", get_group},
    {"ListApplications", list_applications},
    {"ListDeploymentGroups", list_groups},
    {"ListDeployments", slip_codedeploy_list_deployments},
    {"StopDeployment", slip_codedeploy_stop},
    {NULL, NULL},
};

const SlipService slip_codedeploy_service = {
    .name = "codedeploy",
    .operations = operations,
    .attach = slip_codedeploy_attach,
    .seed = seed,
};
