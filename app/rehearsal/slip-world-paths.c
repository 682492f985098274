/* SPDX-License-Identifier: MIT */

/* Paths below the state folder, which scenarios write as `@world/…`: where a world will be nobody knows who writes a
 * scenario. */

#include "slip-world-paths.h"

#include <string.h>

#include "slip-json.h"

#define IN_WORLD "@world/"

char *
slip_world_path_find (SlipWorld *world, const char *text)
{
  g_autofree char *folder = NULL;

  if (text == NULL || !g_str_has_prefix (text, IN_WORLD))
    return NULL;
  folder = g_canonicalize_filename (slip_world_get_folder (world), NULL);
  return g_build_filename (folder, text + strlen (IN_WORLD), NULL);
}

static JsonNode *
fill_object (SlipWorld *world, JsonObject *object)
{
  JsonObject *filled = json_object_new ();
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *name = names; name != NULL; name = name->next)
    json_object_set_member (
        filled, name->data,
        slip_world_path_fill (world, json_object_get_member (object, name->data)));
  return slip_json_new_object (filled);
}

static JsonNode *
fill_array (SlipWorld *world, JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  JsonArray *filled = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    json_array_add_element (filled,
                            slip_world_path_fill (world, json_array_get_element (array, i)));
  json_node_take_array (node, filled);
  return node;
}

JsonNode *
slip_world_path_fill (SlipWorld *world, JsonNode *node)
{
  g_autofree char *path = slip_world_path_find (world, slip_json_node_string (node));

  if (path != NULL)
    return slip_json_new_string (path);
  if (JSON_NODE_HOLDS_OBJECT (node))
    return fill_object (world, json_node_get_object (node));
  if (JSON_NODE_HOLDS_ARRAY (node))
    return fill_array (world, json_node_get_array (node));
  return slip_json_copy (node);
}
