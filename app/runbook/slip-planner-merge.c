/* SPDX-License-Identifier: MIT */
/* Requests that are made of what was captured: `slipway: {merge: {from, key}}` adds the members of a map
 * that an earlier step yielded. What comes so is part of the plan like everything else, and the run
 * refuses when it reads another map. */

#include "slip-json.h"
#include "slip-planner-private.h"

static gboolean
refuse (GError **error, const char *id, const char *why)
{
  g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN, "step %s: merge: %s", id, why);
  return FALSE;
}

/* The map itself, or the one under `key` in it. */
static JsonObject *
find_map (JsonNode *from, const char *key, const char *id, GError **error)
{
  JsonObject *object = slip_json_node_object (from);
  g_autofree char *why = NULL;

  if (object != NULL && key != NULL)
    {
      object = slip_json_object (object, key);
      why = g_strdup_printf ("there is no map under %s", key);
    }
  if (object == NULL)
    refuse (error, id, why != NULL ? why : "what it takes from is no map");
  return object;
}

gboolean
slip_planning_merge (SlipPlanning *planning,
                     const SlipPlanScope *scope,
                     JsonObject *slipway,
                     const char *id,
                     JsonObject *inputs,
                     GError **error)
{
  JsonObject *merge = slipway != NULL ? slip_json_object (slipway, "merge") : NULL;
  g_autoptr (GPtrArray) unknown = NULL;
  g_autoptr (JsonNode) from = NULL;
  g_autofree char *key = NULL;
  JsonObject *map;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (merge == NULL)
    return TRUE;
  unknown = g_ptr_array_new_with_free_func (g_free);
  from = slip_planning_resolve (planning, scope, json_object_get_member (merge, "from"), TRUE,
                                unknown, error);
  if (from == NULL)
    return FALSE;
  if (unknown->len > 0)
    return refuse (error, id, "what it takes from must be known when the plan is made");
  if (slip_json_string (merge, "key") != NULL)
    key = slip_planning_resolve_text (planning, scope, slip_json_string (merge, "key"));
  map = find_map (from, key, id, error);
  if (map == NULL)
    return FALSE;
  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (!json_object_has_member (inputs, name))
      json_object_set_member (inputs, name, slip_json_copy (node));
  return TRUE;
}
