/* SPDX-License-Identifier: MIT */

/* Amazon ECS: clusters, task definitions, services and tasks. What the files share, tags, and the list
 * of operations. */

#include "slip-ecs-private.h"

#include "slip-json.h"
#include "slip-paging.h"

#define PAGE_SIZE 100

JsonNode *
slip_ecs_page (JsonObject *input, const char *member, JsonArray *items, GError **error)
{
  static const SlipPaging paging = {
      .token = "nextToken",
      .limit = "maxResults",
      .standard = PAGE_SIZE,
      .most = PAGE_SIZE,
      .code = "InvalidParameterException",
      .message = "Invalid token.",
  };

  return slip_page_array (input, member, items, &paging, error);
}

char *
slip_ecs_base_name (const char *name_or_arn)
{
  return g_path_get_basename (name_or_arn);
}

const SlipWorldRecord *
slip_ecs_need_cluster (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *given = slip_json_string (input, "cluster");
  g_autofree char *name = slip_ecs_base_name (given != NULL ? given : "default");
  const SlipWorldRecord *cluster
      = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, name);

  if (cluster == NULL || g_strcmp0 (slip_json_string (cluster->data, "status"), "ACTIVE") != 0)
    return slip_service_error (error, 400, "ClusterNotFoundException", "Cluster not found.");
  return cluster;
}

void
slip_ecs_copy (JsonObject *to, JsonObject *from, const char *const *members)
{
  for (guint i = 0; members[i] != NULL; i++)
    if (json_object_has_member (from, members[i]))
      json_object_set_member (to, members[i],
                              json_node_copy (json_object_get_member (from, members[i])));
}

gboolean
slip_ecs_wants (JsonObject *input, const char *what)
{
  JsonArray *include = slip_json_array (input, "include");

  for (guint i = 0; include != NULL && i < json_array_get_length (include); i++)
    if (g_ascii_strcasecmp (json_array_get_string_element (include, i), what) == 0)
      return TRUE;
  return FALSE;
}

JsonObject *
slip_ecs_failure (const char *arn, const char *reason)
{
  JsonObject *failure = json_object_new ();

  if (arn != NULL)
    json_object_set_string_member (failure, "arn", arn);
  json_object_set_string_member (failure, "reason", reason);
  return failure;
}

static const SlipWorldRecord *
find_in_cluster (SlipServiceContext *ctx, const char *kind, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", 2);
  const SlipWorldRecord *cluster
      = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, parts[0]);

  if (cluster == NULL || parts[1] == NULL)
    return NULL;
  if (g_str_equal (kind, "service"))
    return slip_world_get (ctx->world, ctx->account, ctx->region, ECS_SERVICE, path);
  return slip_ecs_find_task (ctx->world, cluster, parts[1]);
}

/* What a resourceArn names. */
static const SlipWorldRecord *
need_resource (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *text = slip_json_string (input, "resourceArn");
  g_autoptr (SlipArn) arn = slip_arn_parse (text);
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn->resource, "/", 2) : NULL;
  const SlipWorldRecord *record = NULL;

  if (arn == NULL || !g_str_equal (arn->service, "ecs") || parts[1] == NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "Invalid identifier: %s is no ARN of ECS", text);
  if (g_str_equal (parts[0], "cluster"))
    record = slip_world_get (ctx->world, ctx->account, ctx->region, ECS_CLUSTER, parts[1]);
  else if (g_str_equal (parts[0], "task-definition"))
    record = slip_ecs_find_definition (ctx->world, ctx->account, ctx->region, text);
  else
    record = find_in_cluster (ctx, parts[0], parts[1]);
  if (record == NULL)
    return slip_service_error (error, 400, "InvalidParameterException",
                               "The specified resource %s is not there. Specify a valid resource "
                               "and try again.",
                               text);
  return record;
}

static const SlipTagging tagging
    = {.stored = "tags", .given = "tags", .keys = "tagKeys", .key = "key"};

JsonNode *
slip_ecs_tag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_set (ctx, need_resource (ctx, input, error), input, &tagging);
}

JsonNode *
slip_ecs_untag (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_unset (ctx, need_resource (ctx, input, error), input, &tagging);
}

JsonNode *
slip_ecs_list_tags (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  return slip_tags_show (need_resource (ctx, input, error), &tagging);
}

static void
attach (SlipWorld *world)
{
  slip_ecs_life_attach (world);
  slip_ecs_rollout_attach (world);
}

static const SlipServiceOperation operations[] = {
    {"CreateCluster", slip_ecs_create_cluster},
    {"CreateService", slip_ecs_create_service},
    {"DeleteCluster", slip_ecs_delete_cluster},
    {"DeleteService", slip_ecs_delete_service},
    {"DeregisterTaskDefinition", slip_ecs_deregister_definition},
    {"DescribeClusters", slip_ecs_describe_clusters},
    {"DescribeServices", slip_ecs_describe_services},
    {"DescribeTaskDefinition", slip_ecs_describe_definition},
    {"DescribeTasks", slip_ecs_describe_tasks},
    {"ListClusters", slip_ecs_list_clusters},
    {"ListServices", slip_ecs_list_services},
    {"ListTagsForResource", slip_ecs_list_tags},
    {"ListTaskDefinitionFamilies", slip_ecs_list_families},
    {"ListTaskDefinitions", slip_ecs_list_definitions},
    {"ListTasks", slip_ecs_list_tasks},
    {"RegisterTaskDefinition", slip_ecs_register_definition},
    {"RunTask", slip_ecs_run_task},
    {"StopTask", slip_ecs_stop_task},
    {"TagResource", slip_ecs_tag},
    {"UntagResource", slip_ecs_untag},
    {"UpdateService", slip_ecs_update_service},
    {NULL, NULL},
};

const SlipService slip_ecs_service = {
    .name = "ecs",
    .operations = operations,
    .attach = attach,
    .seed = slip_ecs_seed,
    .start = slip_ecs_life_start,
    .stop = slip_ecs_run_stop,
};
