/* SPDX-License-Identifier: MIT */

/* Services as their callers see them. How their tasks follow is in slip-ecs-rollout.c. */

#include "slip-ecs-private.h"

#include "slip-json.h"

static char *
make_id (const SlipWorldRecord *cluster, const char *name)
{
  g_autofree char *base = slip_ecs_base_name (name);

  return g_strdup_printf ("%s/%s", cluster->id, base);
}

static const SlipWorldRecord *
find (SlipWorld *world, const SlipWorldRecord *cluster, const char *name)
{
  g_autofree char *id = make_id (cluster, name);

  return slip_world_get (world, cluster->account, cluster->region, ECS_SERVICE, id);
}

static gboolean
is_active (const SlipWorldRecord *service)
{
  return g_strcmp0 (slip_json_string (service->data, "status"), "ACTIVE") == 0;
}

static const SlipWorldRecord *
need (SlipServiceContext *ctx, const SlipWorldRecord *cluster, JsonObject *input, GError **error)
{
  const SlipWorldRecord *service = find (ctx->world, cluster, slip_json_string (input, "service"));

  if (service == NULL)
    return slip_service_error (error, 400, "ServiceNotFoundException", "Service not found.");
  if (!is_active (service))
    return slip_service_error (error, 400, "ServiceNotActiveException", "Service was not ACTIVE.");
  return service;
}

static JsonObject *
show (const SlipWorldRecord *service, gboolean with_tags)
{
  JsonObject *object = json_object_new ();
  JsonArray *deployments = slip_json_array (service->data, "deployments");
  g_autoptr (GList) members = json_object_get_members (service->data);
  gint64 running = 0, pending = 0;

  for (GList *member = members; member != NULL; member = member->next)
    if (with_tags || !g_str_equal (member->data, "tags"))
      json_object_set_member (
          object, member->data,
          json_node_copy (json_object_get_member (service->data, member->data)));
  for (guint i = 0; i < json_array_get_length (deployments); i++)
    {
      JsonObject *deployment = json_array_get_object_element (deployments, i);

      running += slip_json_int (deployment, "runningCount", 0);
      pending += slip_json_int (deployment, "pendingCount", 0);
    }
  json_object_set_int_member (object, "runningCount", running);
  json_object_set_int_member (object, "pendingCount", pending);
  return object;
}

static JsonNode *
wrap (SlipServiceContext *ctx, const char *id)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (
      output, "service",
      show (slip_world_get (ctx->world, ctx->account, ctx->region, ECS_SERVICE, id), TRUE));
  return slip_json_new_object (output);
}

static JsonObject *
standard_configuration (void)
{
  JsonObject *configuration = json_object_new ();
  JsonObject *breaker = json_object_new ();

  json_object_set_boolean_member (breaker, "enable", FALSE);
  json_object_set_boolean_member (breaker, "rollback", FALSE);
  json_object_set_object_member (configuration, "deploymentCircuitBreaker", breaker);
  json_object_set_int_member (configuration, "maximumPercent", 200);
  json_object_set_int_member (configuration, "minimumHealthyPercent", 100);
  return configuration;
}

void
slip_ecs_make_service (SlipWorld *world,
                       const SlipWorldRecord *cluster,
                       const SlipWorldRecord *definition,
                       JsonObject *input,
                       gboolean steady)
{
  static const char *const members[] = {"serviceName",
                                        "networkConfiguration",
                                        "deploymentConfiguration",
                                        "loadBalancers",
                                        "tags",
                                        "healthCheckGracePeriodSeconds",
                                        "enableExecuteCommand",
                                        "propagateTags",
                                        "launchType",
                                        "serviceRegistries",
                                        "capacityProviderStrategy",
                                        NULL};
  JsonObject *data = json_object_new ();
  const char *name = slip_json_string (input, "serviceName");
  const char *strategy = slip_json_string (input, "schedulingStrategy");
  g_autofree char *id = make_id (cluster, name);
  g_autofree char *arn
      = g_strdup_printf ("arn:aws:ecs:%s:%s:service/%s", cluster->region, cluster->account, id);
  g_autofree char *now = slip_world_dup_now (world);
  g_autofree char *account = g_strdup (cluster->account);
  g_autofree char *region = g_strdup (cluster->region);

  slip_ecs_copy (data, input, members);
  json_object_set_string_member (data, "serviceArn", arn);
  json_object_set_string_member (data, "clusterArn",
                                 slip_json_string (cluster->data, "clusterArn"));
  json_object_set_string_member (data, "status", "ACTIVE");
  json_object_set_string_member (data, "createdAt", now);
  json_object_set_string_member (data, "schedulingStrategy",
                                 strategy != NULL ? strategy : "REPLICA");
  json_object_set_int_member (data, "desiredCount", slip_json_int (input, "desiredCount", 0));
  if (!json_object_has_member (data, "launchType"))
    json_object_set_string_member (data, "launchType", "FARGATE");
  if (!json_object_has_member (data, "deploymentConfiguration"))
    json_object_set_object_member (data, "deploymentConfiguration", standard_configuration ());
  if (!json_object_has_member (data, "loadBalancers"))
    json_object_set_array_member (data, "loadBalancers", json_array_new ());
  if (!json_object_has_member (data, "serviceRegistries"))
    json_object_set_array_member (data, "serviceRegistries", json_array_new ());
  json_object_set_array_member (data, "deployments", json_array_new ());
  json_object_set_array_member (data, "events", json_array_new ());
  slip_world_put (world, account, region, ECS_SERVICE, id, data);
  slip_ecs_rollout_begin (world, slip_world_get (world, account, region, ECS_SERVICE, id), NULL,
                          slip_json_string (definition->data, "taskDefinitionArn"), NULL);
  if (steady)
    slip_ecs_rollout_settle (world, slip_world_get (world, account, region, ECS_SERVICE, id));
}

static const SlipWorldRecord *
need_definition (SlipServiceContext *ctx, const char *name, GError **error)
{
  const SlipWorldRecord *definition
      = name != NULL ? slip_ecs_find_definition (ctx->world, ctx->account, ctx->region, name)
                     : NULL;

  if (definition == NULL)
    return slip_service_error (error, 400, "ClientException", "TaskDefinition not found.");
  if (!g_str_equal (slip_json_string (definition->data, "status"), "ACTIVE"))
    return slip_service_error (error, 400, "ClientException", "TaskDefinition is inactive");
  return definition;
}

JsonNode *
slip_ecs_create_service (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  const char *name = slip_json_string (input, "serviceName");
  const SlipWorldRecord *known = cluster != NULL ? find (ctx->world, cluster, name) : NULL;
  const SlipWorldRecord *definition;
  g_autofree char *id = NULL;

  if (cluster == NULL)
    return NULL;
  if (!g_regex_match_simple ("^[A-Za-z0-9_-]{1,255}$", name, 0, 0))
    return slip_service_error (error, 400, "InvalidParameterException", "Invalid service name: %s",
                               name);
  if (known != NULL && is_active (known))
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Creation of service was not idempotent.");
  definition = need_definition (ctx, slip_json_string (input, "taskDefinition"), error);
  if (definition == NULL)
    return NULL;
  id = make_id (cluster, name);
  slip_ecs_make_service (ctx->world, cluster, definition, input, FALSE);
  return wrap (ctx, id);
}

/* Another number of tasks changes the deployment that is there; another definition, or the wish for
 * it, makes a new one. */
JsonNode *
slip_ecs_update_service (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  static const char *const members[] = {"networkConfiguration",
                                        "deploymentConfiguration",
                                        "loadBalancers",
                                        "propagateTags",
                                        "healthCheckGracePeriodSeconds",
                                        "enableExecuteCommand",
                                        "serviceRegistries",
                                        NULL};
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  const SlipWorldRecord *service = cluster != NULL ? need (ctx, cluster, input, error) : NULL;
  const char *wanted = slip_json_string (input, "taskDefinition");
  const SlipWorldRecord *definition = NULL;
  g_autofree char *id = service != NULL ? g_strdup (service->id) : NULL;
  g_autofree char *arn = NULL;
  gboolean another;
  JsonObject *data;

  if (service == NULL)
    return NULL;
  if (wanted != NULL)
    {
      definition = need_definition (ctx, wanted, error);
      if (definition == NULL)
        return NULL;
    }
  arn = g_strdup (definition != NULL ? slip_json_string (definition->data, "taskDefinitionArn")
                                     : slip_json_string (service->data, "taskDefinition"));
  another = !g_str_equal (arn, slip_json_string (service->data, "taskDefinition"))
            || slip_json_bool (input, "forceNewDeployment", FALSE);
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECS_SERVICE, id);
  slip_ecs_copy (data, input, members);
  if (json_object_has_member (input, "desiredCount"))
    json_object_set_int_member (data, "desiredCount", slip_json_int (input, "desiredCount", 0));
  slip_ecs_rollout_begin (ctx->world, service, data, another ? arn : NULL, NULL);
  return wrap (ctx, id);
}

JsonNode *
slip_ecs_delete_service (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  const SlipWorldRecord *service = cluster != NULL ? need (ctx, cluster, input, error) : NULL;
  g_autofree char *id = service != NULL ? g_strdup (service->id) : NULL;
  JsonObject *data;

  if (service == NULL)
    return NULL;
  if (slip_json_int (service->data, "desiredCount", 0) > 0
      && !slip_json_bool (input, "force", FALSE))
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The service cannot be stopped while it is scaled above 0.");
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECS_SERVICE, id);
  json_object_set_int_member (data, "desiredCount", 0);
  json_object_set_string_member (data, "status", "DRAINING");
  slip_ecs_rollout_begin (ctx->world, service, data, NULL, NULL);
  return wrap (ctx, id);
}

JsonNode *
slip_ecs_describe_services (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  JsonArray *names = slip_json_array (input, "services");
  JsonArray *services, *failures;
  JsonObject *output;

  if (cluster == NULL)
    return NULL;
  if (json_array_get_length (names) == 0 || json_array_get_length (names) > 10)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Services must be between 1 and 10.");
  services = json_array_new ();
  failures = json_array_new ();
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      const char *name = json_array_get_string_element (names, i);
      const SlipWorldRecord *service = find (ctx->world, cluster, name);
      g_autofree char *id = make_id (cluster, name);
      g_autofree char *arn
          = g_strdup_printf ("arn:aws:ecs:%s:%s:service/%s", ctx->region, ctx->account, id);

      if (service != NULL)
        json_array_add_object_element (services, show (service, slip_ecs_wants (input, "TAGS")));
      else
        json_array_add_object_element (failures, slip_ecs_failure (arn, "MISSING"));
    }
  output = json_object_new ();
  json_object_set_array_member (output, "services", services);
  json_object_set_array_member (output, "failures", failures);
  return slip_json_new_object (output);
}

JsonNode *
slip_ecs_list_services (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  g_autoptr (GPtrArray) services = NULL;
  JsonArray *list;

  if (cluster == NULL)
    return NULL;
  services = slip_world_list (ctx->world, ctx->account, ctx->region, ECS_SERVICE);
  list = json_array_new ();
  for (guint i = 0; i < services->len; i++)
    {
      const SlipWorldRecord *service = services->pdata[i];

      if (is_active (service)
          && g_str_equal (slip_json_string (service->data, "clusterArn"),
                          slip_json_string (cluster->data, "clusterArn")))
        json_array_add_string_element (list, slip_json_string (service->data, "serviceArn"));
    }
  return slip_ecs_page (input, "serviceArns", list, error);
}
