/* SPDX-License-Identifier: MIT */

/* Clusters, task definitions, services and images' programs that a scenario describes. Definitions and
 * services are written as the API takes them. */

#include "slip-ecs-private.h"

#include "slip-aws-model.h"
#include "slip-json.h"
#include "slip-scenario.h"
#include "slip-world-paths.h"

static gboolean
seed_program (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"image", "argv", NULL};
  const SlipSeed *seed = data;
  const char *image;
  JsonArray *argv;
  JsonObject *program;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "image", TRUE, &image, error)
      || !slip_scenario_get_strings (item, path, "argv", TRUE, &argv, error))
    return FALSE;
  if (json_array_get_length (argv) == 0)
    return slip_scenario_error (error, path, "argv is empty");
  program = json_object_new ();
  json_object_set_array_member (program, "argv", json_array_ref (argv));
  slip_world_put (seed->world, seed->account, seed->region, ECS_PROGRAM, image, program);
  return TRUE;
}

static gboolean
seed_cluster (JsonObject *item, const char *path, gpointer data, GError **error)
{
  static const char *const members[] = {"name", NULL};
  const SlipSeed *seed = data;
  const char *name;

  if (!slip_scenario_check_members (item, path, members, error)
      || !slip_scenario_get_string (item, path, "name", TRUE, &name, error))
    return FALSE;
  slip_ecs_make_cluster (seed->world, seed->account, seed->region, name, NULL);
  return TRUE;
}

/* Whether @item is an input of @operation. */
static gboolean
check_input (const char *operation, JsonObject *item, const char *path, GError **error)
{
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation ("ecs", operation, &model, NULL);
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (item));
  g_autoptr (GError) problem = NULL;

  g_assert (op != NULL);
  return slip_aws_model_check_error (model, op, node, &problem)
         || slip_scenario_error (error, path, "%s", problem->message);
}

static gboolean
seed_definition (JsonObject *item, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (item));
  g_autoptr (JsonNode) filled = slip_world_path_fill (seed->world, node);
  g_autofree char *by = g_strdup_printf ("arn:aws:iam::%s:root", seed->account);

  if (!check_input ("RegisterTaskDefinition", item, path, error))
    return FALSE;
  slip_ecs_make_definition (seed->world, seed->account, seed->region, json_node_dup_object (filled),
                            by);
  return TRUE;
}

static gboolean
seed_service (JsonObject *item, const char *path, gpointer data, GError **error)
{
  const SlipSeed *seed = data;
  const char *cluster_name = slip_json_string (item, "cluster");
  const char *family = slip_json_string (item, "taskDefinition");
  const SlipWorldRecord *cluster, *definition;

  if (!check_input ("CreateService", item, path, error))
    return FALSE;
  cluster = slip_world_get (seed->world, seed->account, seed->region, ECS_CLUSTER,
                            cluster_name != NULL ? cluster_name : "default");
  if (cluster == NULL)
    return slip_scenario_error (error, path, "there is no cluster %s",
                                cluster_name != NULL ? cluster_name : "default");
  definition = family != NULL
                   ? slip_ecs_find_definition (seed->world, seed->account, seed->region, family)
                   : NULL;
  if (definition == NULL)
    return slip_scenario_error (error, path, "there is no task definition %s",
                                family != NULL ? family : "");
  slip_ecs_make_service (seed->world, cluster, definition, item, TRUE);
  return TRUE;
}

gboolean
slip_ecs_seed (const SlipSeed *seed, GError **error)
{
  static const char *const members[] = {"images", "clusters", "task_definitions", "services", NULL};
  gpointer data = (gpointer)seed;

  return slip_scenario_check_members (seed->section, seed->path, members, error)
         && slip_scenario_foreach_item (seed->section, seed->path, "images", seed_program, data,
                                        error)
         && slip_scenario_foreach_item (seed->section, seed->path, "clusters", seed_cluster, data,
                                        error)
         && slip_scenario_foreach_item (seed->section, seed->path, "task_definitions",
                                        seed_definition, data, error)
         && slip_scenario_foreach_item (seed->section, seed->path, "services", seed_service, data,
                                        error);
}
