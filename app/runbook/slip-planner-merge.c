/* SPDX-License-Identifier: MIT */
/* Requests that are made of what was captured: `slipway: {merge: {from, key}}` adds the members of a map
 * that an earlier step yielded, to the request or to a map in it. What comes so is part of the plan like everything else, and the run
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

/* The name that @object has for @name; with @ignore_case that may be another spelling. */
static char *
find_name (JsonObject *object, const char *name, gboolean ignore_case)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    if (g_str_equal (l->data, name) || (ignore_case && g_ascii_strcasecmp (l->data, name) == 0))
      return g_strdup (l->data);
  return NULL;
}

/* What the document gives stays, under the spelling that the captured map has for it. */
static void
add_members (JsonObject *to, JsonObject *map, gboolean ignore_case)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *given = find_name (to, name, ignore_case);
      JsonNode *value = slip_json_copy (given == NULL ? node : json_object_get_member (to, given));

      if (given != NULL)
        json_object_remove_member (to, given);
      json_object_set_member (to, name, value);
    }
}

static void
drop_empty (JsonObject *object)
{
  g_autoptr (GList) names = json_object_get_members (object);

  for (GList *l = names; l != NULL; l = l->next)
    if (g_strcmp0 (slip_json_string (object, l->data), "") == 0)
      json_object_remove_member (object, l->data);
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
  const char *into = merge != NULL ? slip_json_string (merge, "into") : NULL;
  JsonObject *to = into != NULL ? slip_json_object (inputs, into) : inputs;
  JsonObject *map;

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
  if (to == NULL)
    return refuse (error, id, "there is no map in the inputs to merge into");
  /* An empty text gives nothing, so that a parameter can leave it to what was captured. */
  drop_empty (to);
  add_members (to, map, slip_json_bool (merge, "ignoreCase", FALSE));
  if (into != NULL)
    drop_empty (to);
  return TRUE;
}
