/* SPDX-License-Identifier: MIT */
/* What a list of tasks asks ECS: clusters, below them services and tasks, which are described as many at
 * once as the service allows. Tasks that stopped stay for about an hour, and matter most after a failure. */

#include "slip-estate-record.h"
#include "slip-json.h"

#include <string.h>

static SlipEstateRecord *
read_cluster (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_ECS_CLUSTER, item, region,
                                                     slip_json_string (item, "clusterArn"),
                                                     slip_json_string (item, "clusterName"));

  if (record == NULL)
    return NULL;
  record->status = g_strdup (slip_json_string (item, "status"));
  record->detail = g_strdup_printf (
      "%" G_GINT64_FORMAT " services, %" G_GINT64_FORMAT " tasks running",
      slip_json_int (item, "activeServicesCount", 0), slip_json_int (item, "runningTasksCount", 0));
  return record;
}

static SlipEstateRecord *
read_service (JsonObject *item, const char *region)
{
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_ECS_SERVICE, item, region,
                                                     slip_json_string (item, "serviceArn"),
                                                     slip_json_string (item, "serviceName"));

  if (record == NULL)
    return NULL;
  record->parent_id = g_strdup (slip_json_string (item, "clusterArn"));
  record->status = g_strdup (slip_json_string (item, "status"));
  record->detail = g_strdup_printf ("%" G_GINT64_FORMAT " of %" G_GINT64_FORMAT " running",
                                    slip_json_int (item, "runningCount", 0),
                                    slip_json_int (item, "desiredCount", 0));
  record->created = slip_estate_item_time (item, "createdAt");
  return record;
}

/* The first exit code that is not 0, or 0; -1 when no container ended by itself. */
static gint64
exit_code (JsonObject *item)
{
  JsonArray *containers = slip_json_array (item, "containers");
  gint64 code = -1;

  for (guint i = 0; containers != NULL && i < json_array_get_length (containers); i++)
    {
      JsonObject *container = slip_json_node_object (json_array_get_element (containers, i));
      gint64 own = container != NULL ? slip_json_int (container, "exitCode", -1) : -1;

      if (own > 0)
        return own;
      code = MAX (code, own);
    }
  return code;
}

static char *
task_detail (JsonObject *item)
{
  const char *stop_code = slip_json_string (item, "stopCode");
  gint64 code = exit_code (item);

  if (stop_code == NULL)
    return g_strdup (slip_json_string (item, "launchType"));
  if (code < 0)
    return g_strdup (stop_code);
  return g_strdup_printf ("exit %" G_GINT64_FORMAT " · %s", code, stop_code);
}

/* Below its service when one started it, else below the cluster. */
static char *
task_parent (JsonObject *item)
{
  const char *group = slip_json_string (item, "group");
  const char *cluster = slip_json_string (item, "clusterArn");
  const char *resource = cluster != NULL ? strstr (cluster, ":cluster/") : NULL;

  if (group == NULL || resource == NULL || !g_str_has_prefix (group, "service:"))
    return g_strdup (cluster);
  return g_strdup_printf ("%.*s:service/%s/%s", (int)(resource - cluster), cluster,
                          resource + strlen (":cluster/"), group + strlen ("service:"));
}

/* A task has no name: what it runs and the beginning of its id, as the console shows it. */
static char *
task_name (JsonObject *item)
{
  const char *definition = slip_json_string (item, "taskDefinitionArn");
  const char *arn = slip_json_string (item, "taskArn");
  const char *family = definition != NULL ? strrchr (definition, '/') : NULL;
  const char *id = arn != NULL ? strrchr (arn, '/') : NULL;

  if (id == NULL)
    return NULL;
  return family != NULL ? g_strdup_printf ("%s %.8s", family + 1, id + 1) : g_strdup (id + 1);
}

static SlipEstateRecord *
read_task (JsonObject *item, const char *region)
{
  g_autofree char *name = task_name (item);
  SlipEstateRecord *record = slip_estate_record_new (SLIP_RESOURCE_ECS_TASK, item, region,
                                                     slip_json_string (item, "taskArn"), name);

  if (record == NULL)
    return NULL;
  record->parent_id = task_parent (item);
  record->status = g_strdup (slip_json_string (item, "lastStatus"));
  record->detail = task_detail (item);
  record->created = slip_estate_item_time (item, "createdAt");
  return record;
}

static const SlipEstateDescription cluster_descriptions[] = {
    {.operation = "DescribeClusters", .argument = "clusters", .batch = 100, .answer = "clusters"},
    {NULL},
};
static const SlipEstateDescription service_descriptions[] = {
    {.operation = "DescribeServices", .argument = "services", .batch = 10, .answer = "services"},
    {NULL},
};
static const SlipEstateDescription task_descriptions[] = {
    {.operation = "DescribeTasks", .argument = "tasks", .batch = 100, .answer = "tasks"},
    {NULL},
};

#define IN_CLUSTER .service = "ecs", .given = "clusterArn", .given_as = "cluster"

static const SlipEstateListing in_cluster[] = {
    {.label = "services",
     .operation = "ListServices",
     .input = "{\"maxResults\":100}",
     .items = "serviceArns",
     .read = read_service,
     .describe = service_descriptions,
     IN_CLUSTER},
    {.label = "tasks",
     .operation = "ListTasks",
     .input = "{\"maxResults\":100}",
     .items = "taskArns",
     .read = read_task,
     .describe = task_descriptions,
     IN_CLUSTER},
    {.label = "stopped tasks",
     .operation = "ListTasks",
     .input = "{\"maxResults\":100,\"desiredStatus\":\"STOPPED\"}",
     .items = "taskArns",
     .read = read_task,
     .describe = task_descriptions,
     IN_CLUSTER},
    {NULL},
};

const SlipEstateListing slip_estate_tasks[1] = {
    {.label = "clusters",
     .service = "ecs",
     .operation = "ListClusters",
     .input = "{\"maxResults\":100}",
     .items = "clusterArns",
     .read = read_cluster,
     .describe = cluster_descriptions,
     .below = in_cluster},
};
