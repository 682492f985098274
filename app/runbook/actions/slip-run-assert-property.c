/* SPDX-License-Identifier: MIT */
/* aws:assertAwsResourceProperty while running: one read, whose property must have a desired value. */

#include "slip-run-engine.h"

#include "slip-json.h"

static gboolean
is_desired (JsonNode *value, JsonArray *desired)
{
  g_autofree char *text = slip_json_to_text (value, FALSE);

  for (guint i = 0; desired != NULL && i < json_array_get_length (desired); i++)
    {
      JsonNode *wanted = json_array_get_element (desired, i);

      /* Documents write `false` and `"false"` alike. */
      if (slip_json_equal (wanted, value)
          || (JSON_NODE_HOLDS_VALUE (wanted) && json_node_get_value_type (wanted) == G_TYPE_STRING
              && g_str_equal (json_node_get_string (wanted), text)))
        return TRUE;
    }
  return FALSE;
}

/* With `[*]` in the selector every value must be desired; none at all is not. */
static gboolean
all_desired (JsonNode *value, JsonArray *desired)
{
  JsonArray *values;

  if (value == NULL)
    return FALSE;
  if (is_desired (value, desired))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (value))
    return FALSE;
  values = json_node_get_array (value);
  for (guint i = 0; i < json_array_get_length (values); i++)
    if (!is_desired (json_array_get_element (values, i), desired))
      return FALSE;
  return json_array_get_length (values) > 0;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  const char *selector = slip_json_string (context->inputs, "PropertySelector");
  JsonArray *desired = slip_json_array (context->inputs, "DesiredValues");
  g_autoptr (JsonNode) value = NULL;
  g_autoptr (JsonNode) wanted = NULL;
  g_autoptr (GError) local = NULL;
  g_autofree char *value_text = NULL;
  g_autofree char *wanted_text = NULL;

  if (!slip_run_send (context, error))
    return FALSE;
  value = slip_json_select (context->answer, selector != NULL ? selector : "$", &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (all_desired (value, desired))
    return TRUE;
  wanted = desired != NULL ? slip_json_new_array (json_array_ref (desired)) : NULL;
  wanted_text = wanted != NULL ? slip_json_to_text (wanted, FALSE) : g_strdup ("anything");
  value_text = value != NULL ? slip_json_to_text (value, FALSE) : g_strdup ("absent");
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s is %s, not one of %s", selector,
               value_text, wanted_text);
  return FALSE;
}

const SlipRunAction slip_run_action_assert_property = {
    .name = "aws:assertAwsResourceProperty",
    .run = run,
};
