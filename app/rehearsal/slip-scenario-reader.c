/* SPDX-License-Identifier: MIT */

/* Typed access to a scenario's members, with errors that name the place. Used by the loader and by
 * the seeds of services. */

#include "slip-scenario.h"

#include "slip-json.h"

gboolean
slip_scenario_error (GError **error, const char *path, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list values;

  va_start (values, format);
  message = g_strdup_vprintf (format, values);
  va_end (values);
  g_set_error (error, SLIP_REHEARSAL_ERROR, SLIP_REHEARSAL_ERROR_SCENARIO, "%s: %s", path, message);
  return FALSE;
}

gboolean
slip_scenario_check_members (JsonObject *object,
                             const char *path,
                             const char *const *allowed,
                             GError **error)
{
  g_autoptr (GList) members = json_object_get_members (object);

  for (GList *member = members; member != NULL; member = member->next)
    if (!g_strv_contains (allowed, member->data))
      return slip_scenario_error (error, path, "member %s is unknown", (char *)member->data);
  return TRUE;
}

static gboolean
refuse (GError **error, const char *path, const char *name, const char *problem)
{
  return slip_scenario_error (error, path, "member %s %s", name, problem);
}

gboolean
slip_scenario_get_string (JsonObject *object,
                          const char *path,
                          const char *name,
                          gboolean required,
                          const char **value,
                          GError **error)
{
  *value = slip_json_string (object, name);
  if (*value == NULL && json_object_has_member (object, name))
    return refuse (error, path, name, "is not a string");
  if (required && (*value == NULL || **value == '\0'))
    return refuse (error, path, name, "is missing");
  return TRUE;
}

gboolean
slip_scenario_get_int (JsonObject *object,
                       const char *path,
                       const char *name,
                       gint64 minimum,
                       gint64 maximum,
                       gint64 *value,
                       GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_INT64)
    return refuse (error, path, name, "is not an integer");
  *value = json_node_get_int (node);
  if (*value < minimum || *value > maximum)
    return slip_scenario_error (
        error, path, "member %s is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT, name,
        minimum, maximum);
  return TRUE;
}

gboolean
slip_scenario_get_bool (
    JsonObject *object, const char *path, const char *name, gboolean *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return refuse (error, path, name, "is neither true nor false");
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
slip_scenario_get_object (JsonObject *object,
                          const char *path,
                          const char *name,
                          gboolean required,
                          JsonObject **value,
                          GError **error)
{
  *value = slip_json_object (object, name);
  if (*value == NULL && json_object_has_member (object, name))
    return refuse (error, path, name, "is not an object");
  if (required && *value == NULL)
    return refuse (error, path, name, "is missing");
  return TRUE;
}

gboolean
slip_scenario_get_strings (JsonObject *object,
                           const char *path,
                           const char *name,
                           gboolean required,
                           JsonArray **value,
                           GError **error)
{
  *value = slip_json_array (object, name);
  if (*value == NULL && json_object_has_member (object, name))
    return refuse (error, path, name, "is not an array");
  if (required && (*value == NULL || json_array_get_length (*value) == 0))
    return refuse (error, path, name, "is missing");
  for (guint i = 0; *value != NULL && i < json_array_get_length (*value); i++)
    {
      JsonNode *node = json_array_get_element (*value, i);

      if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
        return slip_scenario_error (error, path, "member %s[%u] is not a string", name, i);
    }
  return TRUE;
}

gboolean
slip_scenario_foreach_item (JsonObject *object,
                            const char *path,
                            const char *name,
                            SlipScenarioItemFunc func,
                            gpointer data,
                            GError **error)
{
  JsonArray *array = slip_json_array (object, name);

  if (array == NULL && json_object_has_member (object, name))
    return refuse (error, path, name, "is not an array");
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      g_autofree char *place = g_strdup_printf ("%s.%s[%u]", path, name, i);
      JsonObject *item = slip_json_node_object (json_array_get_element (array, i));

      if (item == NULL)
        return slip_scenario_error (error, place, "is not an object");
      if (!func (item, place, data, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
slip_scenario_seed_list (const SlipSeed *seed,
                         const char *name,
                         SlipScenarioItemFunc func,
                         GError **error)
{
  const char *const members[] = {name, NULL};

  return slip_scenario_check_members (seed->section, seed->path, members, error)
         && slip_scenario_foreach_item (seed->section, seed->path, name, func, (gpointer)seed,
                                        error);
}
