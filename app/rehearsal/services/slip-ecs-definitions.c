/* SPDX-License-Identifier: MIT */

/* Task definitions: families and their revisions, which never change but can be made inactive. */

#include "slip-ecs-private.h"

#include <stdlib.h>

#include "slip-json.h"

static char *
make_id (const char *family, gint64 revision)
{
  return g_strdup_printf ("%s:%06" G_GINT64_FORMAT, family, revision);
}

static gboolean
is_active (const SlipWorldRecord *definition)
{
  return g_strcmp0 (slip_json_string (definition->data, "status"), "ACTIVE") == 0;
}

/* The family's revisions, oldest first. */
static GPtrArray *
list_revisions (SlipWorld *world, const char *account, const char *region, const char *family)
{
  GPtrArray *all = slip_world_list (world, account, region, ECS_DEFINITION);

  for (guint i = all->len; i > 0; i--)
    if (g_strcmp0 (slip_json_string (((const SlipWorldRecord *)all->pdata[i - 1])->data, "family"),
                   family)
        != 0)
      g_ptr_array_remove_index (all, i - 1);
  return all;
}

const SlipWorldRecord *
slip_ecs_find_definition (SlipWorld *world,
                          const char *account,
                          const char *region,
                          const char *name)
{
  g_autofree char *base = slip_ecs_base_name (name);
  char *colon = strrchr (base, ':');
  g_autoptr (GPtrArray) revisions = NULL;

  if (colon != NULL)
    {
      g_autofree char *id = NULL;

      *colon = '\0';
      id = make_id (base, strtoll (colon + 1, NULL, 10));
      return slip_world_get (world, account, region, ECS_DEFINITION, id);
    }
  revisions = list_revisions (world, account, region, base);
  for (guint i = revisions->len; i > 0; i--)
    if (is_active (revisions->pdata[i - 1]))
      return slip_world_get (world, account, region, ECS_DEFINITION,
                             ((const SlipWorldRecord *)revisions->pdata[i - 1])->id);
  return NULL;
}

static void
fill_container (JsonObject *container)
{
  static const char *const lists[] = {"environment", "mountPoints", "portMappings", "volumesFrom"};

  if (!json_object_has_member (container, "essential"))
    json_object_set_boolean_member (container, "essential", TRUE);
  if (!json_object_has_member (container, "cpu"))
    json_object_set_int_member (container, "cpu", 0);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    if (!json_object_has_member (container, lists[i]))
      json_object_set_array_member (container, lists[i], json_array_new ());
}

static JsonArray *
one_text (const char *text)
{
  JsonArray *array = json_array_new ();

  json_array_add_string_element (array, text);
  return array;
}

const SlipWorldRecord *
slip_ecs_make_definition (
    SlipWorld *world, const char *account, const char *region, JsonObject *data, const char *by)
{
  const char *family = slip_json_string (data, "family");
  g_autoptr (GPtrArray) known = list_revisions (world, account, region, family);
  gint64 revision
      = known->len > 0
            ? slip_json_int (((const SlipWorldRecord *)known->pdata[known->len - 1])->data,
                             "revision", 0)
                  + 1
            : 1;
  g_autofree char *id = make_id (family, revision);
  g_autofree char *arn = g_strdup_printf ("arn:aws:ecs:%s:%s:task-definition/%s:%" G_GINT64_FORMAT,
                                          region, account, family, revision);
  g_autofree char *now = slip_world_dup_now (world);
  JsonArray *containers = slip_json_array (data, "containerDefinitions");

  for (guint i = 0; i < json_array_get_length (containers); i++)
    fill_container (json_array_get_object_element (containers, i));
  json_object_set_string_member (data, "taskDefinitionArn", arn);
  json_object_set_int_member (data, "revision", revision);
  json_object_set_string_member (data, "status", "ACTIVE");
  json_object_set_string_member (data, "registeredAt", now);
  json_object_set_string_member (data, "registeredBy", by);
  json_object_set_array_member (data, "compatibilities", one_text ("EC2"));
  json_array_add_string_element (slip_json_array (data, "compatibilities"), "FARGATE");
  if (!json_object_has_member (data, "volumes"))
    json_object_set_array_member (data, "volumes", json_array_new ());
  if (!json_object_has_member (data, "placementConstraints"))
    json_object_set_array_member (data, "placementConstraints", json_array_new ());
  slip_world_put (world, account, region, ECS_DEFINITION, id, data);
  return slip_world_get (world, account, region, ECS_DEFINITION, id);
}

static JsonNode *
wrap (const SlipWorldRecord *definition, gboolean with_tags)
{
  JsonObject *output = json_object_new ();
  JsonObject *copy = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (definition->data);

  for (GList *member = members; member != NULL; member = member->next)
    if (!g_str_equal (member->data, "tags"))
      json_object_set_member (
          copy, member->data,
          json_node_copy (json_object_get_member (definition->data, member->data)));
  json_object_set_object_member (output, "taskDefinition", copy);
  if (with_tags && slip_json_array (definition->data, "tags") != NULL)
    json_object_set_array_member (output, "tags",
                                  json_array_ref (slip_json_array (definition->data, "tags")));
  return slip_json_new_object (output);
}

static gboolean
check_containers (JsonArray *containers, GError **error)
{
  for (guint i = 0; i < json_array_get_length (containers); i++)
    {
      JsonObject *container = json_array_get_object_element (containers, i);

      if (slip_json_string (container, "name") == NULL
          || slip_json_string (container, "image") == NULL)
        {
          slip_service_error (error, 400, "ClientException",
                              "Container.%s should not be null or empty.",
                              slip_json_string (container, "name") == NULL ? "name" : "image");
          return FALSE;
        }
    }
  if (json_array_get_length (containers) > 0)
    return TRUE;
  slip_service_error (error, 400, "ClientException", "Container list cannot be empty.");
  return FALSE;
}

JsonNode *
slip_ecs_register_definition (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *family = slip_json_string (input, "family");
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (input));
  g_autoptr (JsonNode) copy = NULL;

  if (!g_regex_match_simple ("^[A-Za-z0-9_-]{1,255}$", family, 0, 0))
    return slip_service_error (error, 400, "ClientException",
                               "Family contains invalid characters: %s", family);
  if (!check_containers (slip_json_array (input, "containerDefinitions"), error))
    return NULL;
  copy = slip_json_copy (node);
  return wrap (slip_ecs_make_definition (ctx->world, ctx->account, ctx->region,
                                         json_node_dup_object (copy), ctx->principal_arn),
               TRUE);
}

static const SlipWorldRecord *
need (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *definition = slip_ecs_find_definition (
      ctx->world, ctx->account, ctx->region, slip_json_string (input, "taskDefinition"));

  if (definition == NULL)
    return slip_service_error (error, 400, "ClientException",
                               "Unable to describe task definition.");
  return definition;
}

JsonNode *
slip_ecs_describe_definition (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *definition = need (ctx, input, error);

  return definition != NULL ? wrap (definition, slip_ecs_wants (input, "TAGS")) : NULL;
}

JsonNode *
slip_ecs_deregister_definition (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const SlipWorldRecord *definition = need (ctx, input, error);
  g_autofree char *id = definition != NULL ? g_strdup (definition->id) : NULL;
  g_autofree char *now = slip_world_dup_now (ctx->world);
  JsonObject *data;

  if (definition == NULL)
    return NULL;
  if (strrchr (slip_json_string (input, "taskDefinition"), ':') == NULL)
    return slip_service_error (error, 400, "ClientException", "Invalid revision number. Number: ");
  data = slip_world_edit (ctx->world, ctx->account, ctx->region, ECS_DEFINITION, id);
  json_object_set_string_member (data, "status", "INACTIVE");
  json_object_set_string_member (data, "deregisteredAt", now);
  slip_world_put (ctx->world, ctx->account, ctx->region, ECS_DEFINITION, id, data);
  return wrap (slip_world_get (ctx->world, ctx->account, ctx->region, ECS_DEFINITION, id), FALSE);
}

JsonNode *
slip_ecs_list_definitions (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *family = slip_json_string (input, "familyPrefix");
  const char *status = slip_json_string (input, "status");
  gboolean down = g_strcmp0 (slip_json_string (input, "sort"), "DESC") == 0;
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, ECS_DEFINITION);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      JsonObject *data = ((const SlipWorldRecord *)all->pdata[down ? all->len - 1 - i : i])->data;

      /* familyPrefix is a whole family's name, whatever it is called. */
      if ((family == NULL || g_str_equal (slip_json_string (data, "family"), family))
          && g_strcmp0 (slip_json_string (data, "status"), status != NULL ? status : "ACTIVE") == 0)
        json_array_add_string_element (list, slip_json_string (data, "taskDefinitionArn"));
    }
  return slip_ecs_page (input, "taskDefinitionArns", list, error);
}

JsonNode *
slip_ecs_list_families (SlipServiceContext *ctx, JsonObject *input, GError **error)
{
  const char *prefix = slip_json_string (input, "familyPrefix");
  const char *status = slip_json_string (input, "status");
  g_autoptr (GPtrArray) all
      = slip_world_list (ctx->world, ctx->account, ctx->region, ECS_DEFINITION);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < all->len; i++)
    {
      const char *family
          = slip_json_string (((const SlipWorldRecord *)all->pdata[i])->data, "family");
      gboolean active
          = slip_ecs_find_definition (ctx->world, ctx->account, ctx->region, family) != NULL;

      if ((prefix != NULL && !g_str_has_prefix (family, prefix))
          || (g_strcmp0 (status, "ACTIVE") == 0 && !active)
          || (g_strcmp0 (status, "INACTIVE") == 0 && active)
          || !g_hash_table_add (seen, (gpointer)family))
        continue;
      json_array_add_string_element (list, family);
    }
  return slip_ecs_page (input, "families", list, error);
}
