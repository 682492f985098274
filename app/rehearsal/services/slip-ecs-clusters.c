/* SPDX-License-Identifier: MIT */

/* Clusters, which here are names that services and tasks belong to. Their counts are counted when they
 * are asked for. */

#include "slip-ecs-private.h"

#include "slip-json.h"

void
slip_ecs_make_cluster (
    SlipWorld *world, const char *account, const char *region, const char *name, JsonArray *tags)
{
  JsonObject *data = json_object_new ();
  g_autofree char *arn = g_strdup_printf ("arn:aws:ecs:%s:%s:cluster/%s", region, account, name);

  json_object_set_string_member (data, "clusterArn", arn);
  json_object_set_string_member (data, "clusterName", name);
  json_object_set_string_member (data, "status", "ACTIVE");
  json_object_set_array_member (data, "tags",
                                tags != NULL ? json_array_ref (tags) : json_array_new ());
  slip_world_put (world, account, region, ECS_CLUSTER, name, data);
}

static guint
count_tasks (SlipWorld *world, const SlipWorldRecord *cluster, gboolean running)
{
  g_autoptr (GPtrArray) tasks = slip_ecs_list_cluster_tasks (world, cluster);
  guint count = 0;

  for (guint i = 0; i < tasks->len; i++)
    {
      const char *status
          = slip_json_string (((const SlipWorldRecord *)tasks->pdata[i])->data, "lastStatus");

      if (running ? g_str_equal (status, "RUNNING")
                  : g_str_equal (status, "PENDING") || g_str_equal (status, "PROVISIONING"))
        count++;
    }
  return count;
}

static guint
count_services (SlipWorld *world, const SlipWorldRecord *cluster)
{
  g_autoptr (GPtrArray) services
      = slip_world_list (world, cluster->account, cluster->region, ECS_SERVICE);
  guint count = 0;

  for (guint i = 0; i < services->len; i++)
    {
      JsonObject *service = ((const SlipWorldRecord *)services->pdata[i])->data;

      count += g_str_equal (slip_json_string (service, "clusterArn"),
                            slip_json_string (cluster->data, "clusterArn"))
               && g_strcmp0 (slip_json_string (service, "status"), "ACTIVE") == 0;
    }
  return count;
}

static JsonObject *
show (SlipWorld *world, const SlipWorldRecord *cluster, gboolean with_tags)
{
  static const char *const members[] = {"clusterArn", "clusterName", "status", NULL};
  static const char *const tags[] = {"tags", NULL};
  JsonObject *object = json_object_new ();

  slip_ecs_copy (object, cluster->data, members);
  json_object_set_int_member (object, "registeredContainerInstancesCount", 0);
  json_object_set_int_member (object, "runningTasksCount", count_tasks (world, cluster, TRUE));
  json_object_set_int_member (object, "pendingTasksCount", count_tasks (world, cluster, FALSE));
  json_object_set_int_member (object, "activeServicesCount", count_services (world, cluster));
  if (with_tags)
    slip_ecs_copy (object, cluster->data, tags);
  return object;
}

static JsonNode *
wrap (SlipServiceContext *ctx, const SlipWorldRecord *cluster)
{
  JsonObject *output = json_object_new ();

  json_object_set_object_member (output, "cluster", show (ctx->world, cluster, TRUE));
  return slip_json_new_object (output);
}

/* An active cluster of the name is answered as it is. */
JsonNode *
slip_ecs_create_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *given = slip_json_string (input, "clusterName");
  const char *name = given != NULL ? given : "default";
  const SlipWorldRecord *known
      = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name);

  if (!g_regex_match_simple ("^[A-Za-z0-9_-]{1,255}$", name, 0, 0))
    return slip_service_error (error, 400, "InvalidParameterException", "Invalid cluster name: %s",
                               name);
  if (known == NULL || g_strcmp0 (slip_json_string (known->data, "status"), "ACTIVE") != 0)
    slip_ecs_make_cluster (ctx->world, ctx->account, ctx->region, name,
                           slip_json_array (input, "tags"));
  return wrap (ctx, slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name));
}

JsonNode *
slip_ecs_delete_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *cluster = slip_ecs_need_cluster (ctx, input, error);
  g_autofree char *name = cluster != NULL ? g_strdup (cluster->id) : NULL;
  JsonObject *data;

  if (cluster == NULL)
    return NULL;
  if (count_services (ctx->world, cluster) > 0)
    return slip_service_error (error, 400, "ClusterContainsServicesException",
                               "The Cluster cannot be deleted while Services are active.");
  if (count_tasks (ctx->world, cluster, TRUE) + count_tasks (ctx->world, cluster, FALSE) > 0)
    return slip_service_error (error, 400, "ClusterContainsTasksException",
                               "The Cluster cannot be deleted while Tasks are active.");
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name);
  json_object_set_string_member (data, "status", "INACTIVE");
  slip_world_put (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name, data);
  return wrap (ctx, slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name));
}

JsonNode *
slip_ecs_describe_clusters (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  JsonArray *names = slip_json_array (input, "clusters");
  guint count = names != NULL ? json_array_get_length (names) : 0;
  JsonArray *clusters = json_array_new (), *failures = json_array_new ();
  JsonObject *output = json_object_new ();

  for (guint i = 0; i < MAX (count, 1); i++)
    {
      const char *given = count > 0 ? json_array_get_string_element (names, i) : "default";
      g_autofree char *name = slip_ecs_base_name (given);
      g_autofree char *arn
          = g_strdup_printf ("arn:aws:ecs:%s:%s:cluster/%s", ctx->region, ctx->account, name);
      const SlipWorldRecord *cluster
          = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name);

      if (cluster != NULL)
        json_array_add_object_element (clusters,
                                       show (ctx->world, cluster, slip_ecs_wants (input, "TAGS")));
      else
        json_array_add_object_element (failures, slip_ecs_failure (arn, "MISSING"));
    }
  json_object_set_array_member (output, "clusters", clusters);
  json_object_set_array_member (output, "failures", failures);
  return slip_json_new_object (output);
}

JsonNode *
slip_ecs_list_clusters (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  g_autoptr (GPtrArray) clusters
      = slip_world_list (ctx->world, ctx->account, ctx->region, ECS_CLUSTER);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < clusters->len; i++)
    {
      JsonObject *cluster = ((const SlipWorldRecord *)clusters->pdata[i])->data;

      if (g_str_equal (slip_json_string (cluster, "status"), "ACTIVE"))
        json_array_add_string_element (list, slip_json_string (cluster, "clusterArn"));
    }
  return slip_ecs_page (input, "clusterArns", list, error);
}
