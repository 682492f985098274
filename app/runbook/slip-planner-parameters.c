/* SPDX-License-Identifier: MIT */
/* Parameters on their way into a plan: defaults from the environment, derived names, validation, and
 * what AWS offers to choose from. */

#include "slip-check.h"
#include "slip-copied.h"
#include "slip-json.h"
#include "slip-planner-private.h"
#include "slip-template.h"

#include <string.h>

typedef struct
{
  JsonObject *facts;
  JsonObject *parameters;
  gint64 started;
} Defaults;

/* `slipway:environment-of.Parameter`: the environment whose account the parameter (or the first of its
 * list) is. */
static JsonNode *
find_environment_of (Defaults *defaults, const char *parameter)
{
  JsonNode *node = json_object_get_member (defaults->parameters, parameter);
  g_autofree char *name = NULL;

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node)
      && json_array_get_length (json_node_get_array (node)) > 0)
    node = json_array_get_element (json_node_get_array (node), 0);
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node)
      || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  name = g_strdup_printf ("environment-of.%s", json_node_get_string (node));
  return slip_planning_workstation_value (defaults->facts, defaults->started, name);
}

static JsonNode *
look_up (const char *reference, gpointer data)
{
  Defaults *defaults = data;
  JsonNode *node;

  if (g_str_has_prefix (reference, "slipway:environment-of."))
    return find_environment_of (defaults, reference + strlen ("slipway:environment-of."));
  if (g_str_has_prefix (reference, "slipway:"))
    return slip_planning_workstation_value (defaults->facts, defaults->started,
                                            reference + strlen ("slipway:"));
  node = json_object_get_member (defaults->parameters, reference);
  return node != NULL ? slip_json_copy (node) : NULL;
}

static JsonNode *
derive (Defaults *defaults, SlipRunbookParameter *parameter)
{
  const char *template = slip_runbook_parameter_get_derive (parameter);
  g_autoptr (JsonNode) node = template != NULL ? slip_json_new_string (template) : NULL;

  return node != NULL ? slip_template_resolve (node, look_up, defaults, NULL, NULL) : NULL;
}

/* A setting of one string serves a list, and a list of one serves a string. */
static JsonNode *
fit (SlipRunbookParameter *parameter, JsonNode *node)
{
  SlipParameterType type = slip_runbook_parameter_get_parameter_type (parameter);
  gboolean text = JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;

  if (type == SLIP_PARAMETER_STRING_LIST && text)
    {
      JsonArray *array = json_array_new ();

      json_array_add_element (array, node);
      return slip_json_new_array (array);
    }
  if (type == SLIP_PARAMETER_STRING && JSON_NODE_HOLDS_ARRAY (node)
      && json_array_get_length (json_node_get_array (node)) == 1)
    {
      JsonNode *one = slip_json_copy (json_array_get_element (json_node_get_array (node), 0));

      json_node_unref (node);
      return one;
    }
  return node;
}

static JsonNode *
default_value (Defaults *defaults, SlipRunbookParameter *parameter)
{
  const char *setting = slip_runbook_parameter_get_setting (parameter);
  JsonNode *node = NULL;

  /* The check lets nothing but an empty default be there: that destroys nothing. */
  if (slip_runbook_parameter_is_destructive (parameter))
    return slip_runbook_parameter_get_default (parameter) != NULL
               ? fit (parameter, slip_json_copy (slip_runbook_parameter_get_default (parameter)))
               : NULL;
  if (setting != NULL)
    {
      g_autofree char *name = g_strdup_printf ("setting.%s", setting);

      node = slip_planning_workstation_value (defaults->facts, defaults->started, name);
    }
  if (node == NULL)
    node = derive (defaults, parameter);
  if (node == NULL && slip_runbook_parameter_get_default (parameter) != NULL
      && slip_runbook_parameter_get_derive (parameter) == NULL)
    node = slip_json_copy (slip_runbook_parameter_get_default (parameter));
  return node != NULL ? fit (parameter, node) : NULL;
}

/* One pass over all parameters; derived ones may need another. */
static gboolean
fill (SlipRunbook *runbook, Defaults *defaults)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);
  gboolean progress = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      const char *name = slip_runbook_parameter_get_name (parameter);
      JsonNode *node = NULL;

      if (json_object_has_member (defaults->parameters, name))
        continue;
      node = default_value (defaults, parameter);
      if (node == NULL)
        continue;
      json_object_set_member (defaults->parameters, name, node);
      progress = TRUE;
    }
  return progress;
}

/* What could not be derived takes the document's plain default. */
static void
fill_plain (SlipRunbook *runbook, Defaults *defaults)
{
  GListModel *parameters = slip_runbook_get_parameters (runbook);

  for (guint i = 0; i < g_list_model_get_n_items (parameters); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (parameters, i);
      const char *name = slip_runbook_parameter_get_name (parameter);
      JsonNode *node = slip_runbook_parameter_get_default (parameter);

      if (node != NULL && !json_object_has_member (defaults->parameters, name)
          && !slip_runbook_parameter_is_destructive (parameter))
        json_object_set_member (defaults->parameters, name, slip_json_copy (node));
    }
}

JsonObject *
slip_planner_default_parameters (SlipRunbook *runbook,
                                 JsonObject *environment,
                                 JsonObject *parameters,
                                 gint64 started_us)
{
  g_autoptr (JsonObject) result = json_object_new ();
  Defaults defaults = {.facts = environment, .parameters = result, .started = started_us};
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (runbook), NULL);
  g_return_val_if_fail (environment != NULL, NULL);
  if (parameters != NULL)
    {
      json_object_iter_init_ordered (&iter, parameters);
      while (json_object_iter_next_ordered (&iter, &name, &node))
        json_object_set_member (result, name, slip_json_copy (node));
    }
  while (fill (runbook, &defaults))
    continue;
  fill_plain (runbook, &defaults);
  while (fill (runbook, &defaults))
    continue;
  return g_steal_pointer (&result);
}

static void
add_fault (GPtrArray *faults, const char *name, const char *message)
{
  g_ptr_array_add (faults, slip_fault_new (0, 0, name, message));
}

static void
find_strangers (SlipRunbook *runbook, JsonObject *parameters, GPtrArray *faults)
{
  GListModel *model = slip_runbook_get_parameters (runbook);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonObjectIter iter;
  const char *name;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (model, i);

      g_ptr_array_add (names, (gpointer)slip_runbook_parameter_get_name (parameter));
    }
  g_ptr_array_add (names, NULL);
  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    if (!g_strv_contains ((const char *const *)names->pdata, name))
      {
        g_autofree char *hint = slip_check_suggest (name, (const char *const *)names->pdata);
        g_autofree char *message = g_strdup_printf ("the runbook has no such parameter%s", hint);

        add_fault (faults, name, message);
      }
}

GPtrArray *
slip_planner_validate_parameters (SlipRunbook *runbook, JsonObject *parameters)
{
  GPtrArray *faults = slip_faults_new ();
  GListModel *model;

  g_return_val_if_fail (SLIP_IS_RUNBOOK (runbook), faults);
  model = slip_runbook_get_parameters (runbook);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (SlipRunbookParameter) parameter = g_list_model_get_item (model, i);
      const char *name = slip_runbook_parameter_get_name (parameter);
      JsonNode *node = json_object_get_member (parameters, name);
      g_autofree char *message = NULL;

      if (node == NULL)
        add_fault (faults, name, "has no value");
      else if (!slip_runbook_parameter_check (parameter, node, &message))
        add_fault (faults, name, message);
    }
  find_strangers (runbook, parameters, faults);
  return faults;
}

static JsonArray *
select_list (JsonNode *output, const char *selector, GError **error)
{
  g_autoptr (JsonNode) node = slip_json_select (output, selector, error);
  JsonArray *array = json_array_new ();

  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    {
      json_array_unref (array);
      return json_array_ref (json_node_get_array (node));
    }
  if (node != NULL)
    json_array_add_element (array, g_steal_pointer (&node));
  return array;
}

/* Whoever shares a thing is in its ARN. A parameter that takes names is offered the name. */
static JsonNode *
dup_fitting (SlipRunbookParameter *parameter, JsonNode *value)
{
  const char *text
      = JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING
            ? json_node_get_string (value)
            : NULL;
  const char *colon = text != NULL && g_str_has_prefix (text, "arn:") ? strrchr (text, ':') : NULL;
  g_autoptr (JsonNode) name = colon != NULL ? slip_json_new_string (colon + 1) : NULL;
  g_autofree char *why = NULL;
  g_autofree char *why_name = NULL;

  if (slip_runbook_parameter_get_parameter_type (parameter) == SLIP_PARAMETER_STRING && name != NULL
      && !slip_runbook_parameter_check (parameter, value, &why)
      && slip_runbook_parameter_check (parameter, name, &why_name))
    return g_steal_pointer (&name);
  return slip_json_copy (value);
}

static JsonNode *
select_of (JsonNode *element, const char *member)
{
  g_autofree char *selector = g_strconcat ("$", member, NULL);

  return *member != '\0' ? slip_json_select (element, selector, NULL) : slip_json_copy (element);
}

/* The things that there are to choose from: @of is what selects the value of one. */
static JsonArray *
select_elements (JsonNode *output, const char *values, const char **of, GError **error)
{
  const char *rest = slip_check_find_elements (values);
  g_autofree char *list = rest != NULL ? g_strndup (values, (gsize)(rest - values)) : NULL;

  *of = rest != NULL ? rest : "";
  return select_list (output, list != NULL ? list : values, error);
}

/* Takes what the member @name of the call selects of @element: one may have less than its neighbours. */
static void
take_beside (JsonObject *choice,
             const char *member,
             JsonObject *request,
             const char *name,
             JsonNode *element)
{
  const char *selector = slip_json_string (request, name);
  JsonNode *node = NULL;

  if (selector != NULL && slip_check_same_list (slip_json_string (request, "values"), selector))
    node = select_of (element, slip_check_find_elements (selector));
  if (node != NULL)
    json_object_set_member (choice, member, node);
}

/* Newest first, where times are known. */
static gint
compare_choices (gconstpointer a, gconstpointer b)
{
  JsonObject *x = json_node_get_object (*(JsonNode **)a);
  JsonObject *y = json_node_get_object (*(JsonNode **)b);

  return g_strcmp0 (slip_json_string (y, "time"), slip_json_string (x, "time"));
}

static JsonNode *
read_choice (SlipRunbookParameter *parameter,
             JsonNode *element,
             const char *of,
             JsonObject *request)
{
  g_autoptr (JsonNode) found = select_of (element, of);
  JsonObject *choice;
  JsonNode *value;

  if (found == NULL)
    return NULL;
  choice = json_object_new ();
  value = dup_fitting (parameter, found);
  json_object_set_member (choice, "title", slip_json_copy (value));
  json_object_set_member (choice, "value", value);
  take_beside (choice, "title", request, "titles", element);
  take_beside (choice, "time", request, "times", element);
  take_beside (choice, "state", request, "states", element);
  if (JSON_NODE_HOLDS_OBJECT (element) && slip_copied (json_node_get_object (element)))
    json_object_set_boolean_member (choice, "copied", TRUE);
  return slip_json_new_object (choice);
}

static JsonArray *
read_choices (SlipRunbookParameter *parameter, JsonNode *output, JsonObject *request)
{
  const char *of;
  g_autoptr (JsonArray) elements
      = select_elements (output, slip_json_string (request, "values"), &of, NULL);
  g_autoptr (GPtrArray) choices = g_ptr_array_new ();
  JsonArray *result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (elements); i++)
    {
      JsonNode *choice = read_choice (parameter, json_array_get_element (elements, i), of, request);

      if (choice != NULL)
        g_ptr_array_add (choices, choice);
    }
  if (slip_json_string (request, "times") != NULL)
    g_ptr_array_sort (choices, compare_choices);
  for (guint i = 0; i < choices->len; i++)
    json_array_add_element (result, g_ptr_array_index (choices, i));
  return result;
}

/* What a list is looked up by, and where its value can come from. */
static void
set_missing (SlipRunbook *runbook,
             SlipRunbookParameter *parameter,
             const char *environment,
             const char *name,
             GError **error)
{
  SlipRunbookParameter *missing = slip_runbook_find_parameter (runbook, name);
  const char *setting = missing != NULL ? slip_runbook_parameter_get_setting (missing) : NULL;
  g_autofree char *settle
      = setting != NULL ? g_strdup_printf (
            ", or write it into the workspace, as the setting %s of the environment %s", setting,
            environment)
                        : g_strdup ("");

  if (missing == NULL)
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION, "{{ %s }} has no value",
                 name);
  else
    g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_EXPRESSION,
                 "%s is chosen by %s, which has no value. Give that first%s. It is: %s",
                 slip_runbook_parameter_get_name (parameter), name, settle,
                 slip_runbook_parameter_get_description (missing));
}

SlipRunbookParameter *
slip_planner_find_missing (SlipRunbook *runbook,
                           SlipRunbookParameter *parameter,
                           SlipCaller *caller,
                           const char *environment,
                           JsonObject *parameters)
{
  JsonObject *choices = slip_runbook_parameter_get_choices (parameter);
  g_autoptr (JsonObject) facts = slip_caller_dup_environment (caller, environment);
  g_autoptr (JsonObject) none = json_object_new ();
  Defaults defaults = {.facts = facts, .parameters = parameters != NULL ? parameters : none};
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) call = NULL;
  g_autoptr (JsonNode) output = NULL;

  g_return_val_if_fail (choices != NULL, NULL);
  if (facts == NULL)
    return NULL;
  call = json_node_init_object (json_node_alloc (), choices);
  output = slip_template_resolve (call, look_up, &defaults, unknown, NULL);
  return unknown->len > 0 ? slip_runbook_find_parameter (runbook, g_ptr_array_index (unknown, 0))
                          : NULL;
}

JsonArray *
slip_planner_list_choices (SlipRunbook *runbook,
                           SlipRunbookParameter *parameter,
                           SlipCaller *caller,
                           const char *environment,
                           JsonObject *parameters,
                           GCancellable *cancellable,
                           GError **error)
{
  JsonObject *choices = slip_runbook_parameter_get_choices (parameter);
  g_autoptr (JsonObject) facts = slip_caller_dup_environment (caller, environment);
  g_autoptr (JsonObject) none = json_object_new ();
  Defaults defaults = {.facts = facts, .parameters = parameters != NULL ? parameters : none};
  g_autoptr (JsonNode) call = NULL;
  g_autoptr (JsonNode) output = NULL;
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  JsonObject *request;
  JsonArray *regions;
  const char *region;

  g_return_val_if_fail (choices != NULL, NULL);
  if (facts == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_NOT_FOUND,
                   "there is no environment %s in the workspace", environment);
      return NULL;
    }
  call = json_node_init_object (json_node_alloc (), choices);
  output = slip_template_resolve (call, look_up, &defaults, unknown, error);
  if (output == NULL)
    return NULL;
  if (unknown->len > 0)
    {
      set_missing (runbook, parameter, environment, g_ptr_array_index (unknown, 0), error);
      return NULL;
    }
  json_node_unref (call);
  call = g_steal_pointer (&output);
  request = json_node_get_object (call);
  regions = slip_json_array (facts, "regions");
  region = slip_json_string (request, "region");
  if (region == NULL && regions != NULL && json_array_get_length (regions) > 0)
    region = json_array_get_string_element (regions, 0);
  output = slip_caller_call (
      caller,
      slip_json_string (request, "environment") != NULL ? slip_json_string (request, "environment")
                                                        : environment,
      region, slip_json_string (request, "service"), slip_json_string (request, "operation"),
      json_object_get_member (request, "input"), cancellable, error);
  if (output == NULL)
    return NULL;
  return read_choices (parameter, output, request);
}
