/* SPDX-License-Identifier: MIT */

/* Deployments: from Created through InProgress, and where the group wants a person's word through
 * Ready, to Succeeded, Failed or Stopped. The traffic of services is not moved: what a deployment changes
 * here is its own state, which is what procedures wait for and decide by. */

#include "slip-codedeploy-private.h"

#include "slip-json.h"
#include "slip-s3-private.h"

#define STARTED "codedeploy.deployment-started"
#define PROVISIONED "codedeploy.deployment-provisioned"
#define READY_OVER "codedeploy.deployment-ready-over"
#define ROUTED "codedeploy.deployment-routed"
#define COMPLETED "codedeploy.deployment-completed"

#define START_SECONDS 10
#define PROVISION_SECONDS 120
#define ROUTE_SECONDS 30

static gboolean
is_over (const char *status)
{
  return g_str_equal (status, "Succeeded") || g_str_equal (status, "Failed")
         || g_str_equal (status, "Stopped");
}

static JsonObject *
show (const SlipWorldRecord *deployment)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (deployment->data));
  g_autoptr (JsonNode) copy = slip_json_copy (node);
  JsonObject *shown = json_node_dup_object (copy);

  json_object_remove_member (shown, "phase");
  return shown;
}

/* The group's answer to one question about blue and green. */
static JsonObject *
option (JsonObject *deployment, const char *name)
{
  JsonObject *all = slip_json_object (deployment, "blueGreenDeploymentConfiguration");

  return all != NULL ? slip_json_object (all, name) : NULL;
}

static gint64
option_minutes (JsonObject *deployment, const char *name, const char *member)
{
  JsonObject *found = option (deployment, name);

  return found != NULL ? slip_json_int (found, member, 0) : 0;
}

static void
schedule (SlipWorld *world, const SlipWorldRecord *deployment, double seconds, const char *kind)
{
  slip_world_schedule (world, seconds, kind, deployment->account, deployment->region,
                       CODEDEPLOY_DEPLOYMENT, deployment->id, NULL);
}

static void
set_status (SlipWorld *world, const SlipWorldRecord *deployment, const char *status)
{
  JsonObject *data = slip_world_edit (world, deployment->account, deployment->region,
                                      CODEDEPLOY_DEPLOYMENT, deployment->id);
  JsonObject *overview = json_object_new ();
  g_autofree char *now = slip_world_dup_now (world);
  static const char *const counted[]
      = {"Pending", "InProgress", "Succeeded", "Failed", "Skipped", "Ready"};

  for (guint i = 0; i < G_N_ELEMENTS (counted); i++)
    json_object_set_int_member (overview, counted[i], g_str_equal (counted[i], status) ? 1 : 0);
  json_object_set_string_member (data, "status", status);
  json_object_set_object_member (data, "deploymentOverview", overview);
  if (is_over (status))
    json_object_set_string_member (data, "completeTime", now);
  slip_world_put (world, deployment->account, deployment->region, CODEDEPLOY_DEPLOYMENT,
                  deployment->id, data);
}

static void
set_member (SlipWorld *world,
            const SlipWorldRecord *deployment,
            const char *member,
            const char *value)
{
  JsonObject *data = slip_world_edit (world, deployment->account, deployment->region,
                                      CODEDEPLOY_DEPLOYMENT, deployment->id);

  json_object_set_string_member (data, member, value);
  slip_world_put (world, deployment->account, deployment->region, CODEDEPLOY_DEPLOYMENT,
                  deployment->id, data);
}

/* What the group shows of its deployments. */
static void
note_in_group (SlipWorld *world, const SlipWorldRecord *deployment, const char *member)
{
  g_autofree char *id
      = slip_codedeploy_group_id (slip_json_string (deployment->data, "applicationName"),
                                  slip_json_string (deployment->data, "deploymentGroupName"));
  JsonObject *group
      = slip_world_edit (world, deployment->account, deployment->region, CODEDEPLOY_GROUP, id);
  JsonObject *last;
  static const char *const shown[] = {"status", "createTime"};

  if (group == NULL)
    return;
  last = json_object_new ();
  json_object_set_string_member (last, "deploymentId", deployment->id);
  for (guint i = 0; i < G_N_ELEMENTS (shown); i++)
    json_object_set_string_member (last, shown[i], slip_json_string (deployment->data, shown[i]));
  if (slip_json_string (deployment->data, "completeTime") != NULL)
    json_object_set_string_member (last, "endTime",
                                   slip_json_string (deployment->data, "completeTime"));
  json_object_set_object_member (group, member, last);
  if (g_str_equal (member, "lastSuccessfulDeployment"))
    json_object_set_member (group, "targetRevision",
                            json_object_dup_member (deployment->data, "revision"));
  slip_world_put (world, deployment->account, deployment->region, CODEDEPLOY_GROUP, id, group);
}

static const SlipWorldRecord *
again (SlipWorld *world, const SlipTransition *transition)
{
  return slip_world_get (world, transition->account, transition->region, CODEDEPLOY_DEPLOYMENT,
                         transition->id);
}

static void
fail (SlipWorld *world, const SlipTransition *transition, const char *code, const char *message)
{
  const SlipWorldRecord *deployment = again (world, transition);
  JsonObject *data = slip_world_edit (world, deployment->account, deployment->region,
                                      CODEDEPLOY_DEPLOYMENT, deployment->id);
  JsonObject *information = json_object_new ();

  json_object_set_string_member (information, "code", code);
  json_object_set_string_member (information, "message", message);
  json_object_set_object_member (data, "errorInformation", information);
  slip_world_put (world, deployment->account, deployment->region, CODEDEPLOY_DEPLOYMENT,
                  deployment->id, data);
  set_status (world, again (world, transition), "Failed");
  note_in_group (world, again (world, transition), "lastAttemptedDeployment");
}

/* --- What happens later --- */

/* A revision in S3 must be there when the deployment begins. */
static gboolean
has_revision (SlipWorld *world, JsonObject *deployment)
{
  JsonObject *revision = slip_json_object (deployment, "revision");
  JsonObject *location = slip_json_object (revision, "s3Location");
  g_autoptr (JsonObject) object = NULL;

  if (location == NULL)
    return TRUE;
  object = slip_s3_newest (world, slip_json_string (location, "bucket"),
                           slip_json_string (location, "key"));
  return object != NULL && !slip_json_bool (object, "marker", FALSE);
}

static void
on_started (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *deployment = again (world, transition);
  g_autofree char *now = slip_world_dup_now (world);

  if (transition->fail != NULL)
    {
      fail (world, transition, "INTERNAL_ERROR", transition->fail);
      return;
    }
  if (!has_revision (world, deployment->data))
    {
      fail (world, transition, "REVISION_MISSING",
            "The AppSpec file or revision was not found in the specified S3 location.");
      return;
    }
  set_status (world, deployment, "InProgress");
  set_member (world, again (world, transition), "startTime", now);
  schedule (world, again (world, transition), PROVISION_SECONDS, PROVISIONED);
}

static void
route (SlipWorld *world, const SlipWorldRecord *deployment)
{
  set_status (world, deployment, "InProgress");
  schedule (world, deployment, ROUTE_SECONDS, ROUTED);
}

static void
on_provisioned (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *deployment = again (world, transition);
  gint64 minutes = option_minutes (deployment->data, "deploymentReadyOption", "waitTimeInMinutes");

  if (transition->fail != NULL)
    fail (world, transition, "HEALTH_CONSTRAINTS", transition->fail);
  else if (minutes == 0)
    route (world, deployment);
  else
    {
      set_status (world, deployment, "Ready");
      set_member (world, again (world, transition), "phase", "READY_WAIT");
      schedule (world, deployment, (double)minutes * 60, READY_OVER);
    }
}

static void
on_ready_over (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *deployment = again (world, transition);
  JsonObject *ready = option (deployment->data, "deploymentReadyOption");

  if (g_strcmp0 (slip_json_string (ready, "actionOnTimeout"), "STOP_DEPLOYMENT") == 0)
    {
      set_status (world, deployment, "Stopped");
      note_in_group (world, again (world, transition), "lastAttemptedDeployment");
    }
  else
    route (world, deployment);
}

static void
on_routed (SlipWorld *world, const SlipTransition *transition)
{
  const SlipWorldRecord *deployment = again (world, transition);
  gint64 minutes = option_minutes (deployment->data, "terminateBlueInstancesOnDeploymentSuccess",
                                   "terminationWaitTimeInMinutes");

  if (transition->fail != NULL)
    {
      fail (world, transition, "HEALTH_CONSTRAINTS", transition->fail);
      return;
    }
  set_member (world, deployment, "phase", "TERMINATION_WAIT");
  schedule (world, deployment, (double)minutes * 60, COMPLETED);
}

static void
on_completed (SlipWorld *world, const SlipTransition *transition)
{
  set_status (world, again (world, transition), "Succeeded");
  note_in_group (world, again (world, transition), "lastSuccessfulDeployment");
  note_in_group (world, again (world, transition), "lastAttemptedDeployment");
}

void
slip_codedeploy_attach (SlipWorld *world)
{
  slip_world_handle (world, STARTED, on_started);
  slip_world_handle (world, PROVISIONED, on_provisioned);
  slip_world_handle (world, READY_OVER, on_ready_over);
  slip_world_handle (world, ROUTED, on_routed);
  slip_world_handle (world, COMPLETED, on_completed);
}

/* --- Operations --- */

/* (nullable): the deployment of a group that is not over yet */
static const SlipWorldRecord *
find_active (SlipServiceContext *ctx, const char *application, const char *group)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT);

  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *each = all->pdata[i];

      if (!is_over (slip_json_string (each->data, "status"))
          && g_str_equal (slip_json_string (each->data, "applicationName"), application)
          && g_str_equal (slip_json_string (each->data, "deploymentGroupName"), group))
        return each;
    }
  return NULL;
}

static void
copy_members (JsonObject *from, JsonObject *to, const char *const *members)
{
  for (guint i = 0; members[i] != NULL; i++)
    if (json_object_has_member (from, members[i]))
      json_object_set_member (to, members[i], json_object_dup_member (from, members[i]));
}

/* Starts a deployment of @revision. Returns: (transfer full): its id */
static char *
begin (SlipServiceContext *ctx,
       const SlipWorldRecord *group,
       JsonNode *revision,
       JsonObject *input,
       const char *creator)
{
  static const char *const of_group[] = {"applicationName",      "deploymentGroupName",
                                         "deploymentConfigName", "deploymentStyle",
                                         "computePlatform",      "blueGreenDeploymentConfiguration",
                                         "loadBalancerInfo",     NULL};
  static const char *const of_input[]
      = {"description", "deploymentConfigName", "autoRollbackConfiguration",
         "ignoreApplicationStopFailures", NULL};
  JsonObject *data = json_object_new ();
  char *id = slip_random_id ("d-", 9, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");
  g_autofree char *now = slip_world_dup_now (ctx->world);

  copy_members (group->data, data, of_group);
  if (input != NULL)
    copy_members (input, data, of_input);
  if (json_object_has_member (group->data, "targetRevision"))
    json_object_set_member (data, "previousRevision",
                            json_object_dup_member (group->data, "targetRevision"));
  json_object_set_string_member (data, "deploymentId", id);
  json_object_set_member (data, "revision", slip_json_copy (revision));
  json_object_set_string_member (data, "createTime", now);
  json_object_set_string_member (data, "creator", creator);
  json_object_set_string_member (data, "status", "Created");
  slip_world_put (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT, id, data);
  slip_world_schedule (ctx->world, START_SECONDS, STARTED, ctx->account, ctx->region,
                       CODEDEPLOY_DEPLOYMENT, id, NULL);
  return id;
}

JsonNode *
slip_codedeploy_create_deployment (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *group = slip_codedeploy_need_group (ctx, input, error);
  const SlipWorldRecord *active;
  JsonNode *revision = json_object_get_member (input, "revision");
  g_autofree char *id = NULL;
  JsonObject *output;

  if (group == NULL)
    return NULL;
  if (revision == NULL)
    return slip_service_error (error, 400, "RevisionRequiredException",
                               "Revision is required to create a deployment");
  active = find_active (ctx, slip_json_string (input, "applicationName"),
                        slip_json_string (input, "deploymentGroupName"));
  if (active != NULL)
    return slip_service_error (error, 400, "DeploymentLimitExceededException",
                               "The Deployment Group '%s' already has an active Deployment '%s'",
                               slip_json_string (input, "deploymentGroupName"), active->id);
  id = begin (ctx, group, revision, input, "user");
  output = json_object_new ();
  json_object_set_string_member (output, "deploymentId", id);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need_deployment (SlipServiceContext *ctx, const char *id, GError **error)
{
  const SlipWorldRecord *found;

  if (id == NULL)
    return slip_service_error (error, 400, "DeploymentIdRequiredException",
                               "Deployment ID is missing");
  found = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT, id);
  if (found == NULL)
    return slip_service_error (error, 400, "DeploymentDoesNotExistException",
                               "The deployment %s could not be found", id);
  return found;
}

JsonNode *
slip_codedeploy_get_deployment (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *deployment
      = need_deployment (ctx, slip_json_string (input, "deploymentId"), error);
  JsonObject *output;

  if (deployment == NULL)
    return NULL;
  output = json_object_new ();
  json_object_set_object_member (output, "deploymentInfo", show (deployment));
  return slip_json_new_object (output);
}

JsonNode *
slip_codedeploy_batch_get (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *ids = slip_json_array (input, "deploymentIds");
  JsonArray *list = json_array_new ();
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < json_array_get_length (ids); i++)
    {
      const SlipWorldRecord *found
          = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT,
                            json_array_get_string_element (ids, i));

      if (found != NULL)
        json_array_add_object_element (list, show (found));
    }
  json_object_set_array_member (output, "deploymentsInfo", list);
  return slip_json_new_object (output);
}

/* Whether a list's filters let a deployment through. */
static gboolean
is_wanted (JsonObject *input, JsonObject *deployment)
{
  static const char *const names[] = {"applicationName", "deploymentGroupName"};
  JsonArray *statuses = slip_json_array (input, "includeOnlyStatuses");
  gboolean status = statuses == NULL || json_array_get_length (statuses) == 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (slip_json_string (input, names[i]) != NULL
        && !g_str_equal (slip_json_string (input, names[i]),
                         slip_json_string (deployment, names[i])))
      return FALSE;
  for (guint i = 0; statuses != NULL && i < json_array_get_length (statuses); i++)
    status |= g_str_equal (json_array_get_string_element (statuses, i),
                           slip_json_string (deployment, "status"));
  return status;
}

JsonNode *
slip_codedeploy_list_deployments (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT);
  JsonArray *ids;
  JsonObject *output;

  if (slip_json_string (input, "applicationName") != NULL
      && slip_codedeploy_need_group (ctx, input, error) == NULL)
    return NULL;
  ids = json_array_new ();
  for (guint i = 0; i < all->len; i++)
    {
      const SlipWorldRecord *each = all->pdata[i];

      if (is_wanted (input, each->data))
        json_array_add_string_element (ids, each->id);
    }
  output = json_object_new ();
  json_object_set_array_member (output, "deployments", ids);
  return slip_json_new_object (output);
}

static const SlipWorldRecord *
need_running (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *deployment
      = need_deployment (ctx, slip_json_string (input, "deploymentId"), error);

  if (deployment != NULL && is_over (slip_json_string (deployment->data, "status")))
    return slip_service_error (error, 400, "DeploymentAlreadyCompletedException",
                               "The deployment %s has already completed", deployment->id);
  return deployment;
}

/* Ends the wait that the deployment is in; READY_WAIT unless the other is named. */
JsonNode *
slip_codedeploy_continue (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *deployment = need_running (ctx, input, error);
  const char *asked = slip_json_string (input, "deploymentWaitType");
  const char *wait = asked != NULL ? asked : "READY_WAIT";
  gboolean ready = g_str_equal (wait, "READY_WAIT");

  if (deployment == NULL)
    return NULL;
  if (g_strcmp0 (slip_json_string (deployment->data, "phase"), wait) != 0)
    return slip_service_error (error, 400,
                               ready ? "DeploymentIsNotInReadyStateException"
                                     : "InvalidDeploymentStatusException",
                               "The deployment %s is not waiting (%s)", deployment->id, wait);
  slip_world_unschedule (ctx->world, ready ? READY_OVER : COMPLETED, deployment->account,
                         deployment->region, CODEDEPLOY_DEPLOYMENT, deployment->id);
  set_member (ctx->world, deployment, "phase", "CONTINUED");
  deployment = need_deployment (ctx, slip_json_string (input, "deploymentId"), error);
  if (ready)
    route (ctx->world, deployment);
  else
    schedule (ctx->world, deployment, 0, COMPLETED);
  return NULL;
}

/* What was routed already can be taken back by a deployment of what was there before. */
static void
roll_back (SlipServiceContext *ctx, const SlipWorldRecord *deployment)
{
  g_autofree char *id
      = slip_codedeploy_group_id (slip_json_string (deployment->data, "applicationName"),
                                  slip_json_string (deployment->data, "deploymentGroupName"));
  const SlipWorldRecord *group
      = slip_world_get (ctx->world, ctx->account, ctx->region, CODEDEPLOY_GROUP, id);
  JsonNode *revision = json_object_get_member (deployment->data, "previousRevision");
  g_autofree char *began = NULL;
  JsonObject *data;
  JsonObject *information;

  if (group == NULL || revision == NULL)
    return;
  began = begin (ctx, group, revision, NULL, "codeDeployRollback");
  information = json_object_new ();
  json_object_set_string_member (information, "rollbackDeploymentId", began);
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT,
                          deployment->id);
  json_object_set_object_member (data, "rollbackInfo", information);
  slip_world_put (ctx->world, ctx->account, ctx->region, CODEDEPLOY_DEPLOYMENT, deployment->id,
                  data);
}

JsonNode *
slip_codedeploy_stop (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *deployment = need_running (ctx, input, error);
  const char *id = slip_json_string (input, "deploymentId");
  JsonObject *output;

  if (deployment == NULL)
    return NULL;
  slip_world_unschedule (ctx->world, NULL, deployment->account, deployment->region,
                         CODEDEPLOY_DEPLOYMENT, deployment->id);
  set_status (ctx->world, deployment, "Stopped");
  note_in_group (ctx->world, need_deployment (ctx, id, NULL), "lastAttemptedDeployment");
  if (slip_json_bool (input, "autoRollbackEnabled", FALSE))
    roll_back (ctx, need_deployment (ctx, id, NULL));
  output = json_object_new ();
  json_object_set_string_member (output, "status", "Succeeded");
  json_object_set_string_member (output, "statusMessage", "The deployment was stopped.");
  return slip_json_new_object (output);
}
