/* SPDX-License-Identifier: MIT */
/* The check of calls in a document against the API models, as far as a document tells: service,
 * operation, the request (references count as values of their type), and selectors into the answer. */

#include "slip-check.h"

#include "actions/slip-capture-table.h"
#include "slip-json.h"
#include "slip-planner-private.h"
#include "slip-redact.h"
#include "slip-template.h"

#include <string.h>

typedef struct
{
  SlipCheck *check;
  const char *prefix;   /* path of the request in the document */
  GPtrArray *templated; /* element-type utf8: `$.A.B` paths whose value is a stand-in */
} Request;

static JsonNode *
stand_in (Request *request, const char *path, JsonNode *node, const SlipAwsShape *shape);

/* Whether a reference of @type can stand where @shape is wanted. */
static gboolean
suits (SlipParameterType type, const SlipAwsShape *shape)
{
  if (type == SLIP_CHECK_ANY_TYPE)
    return TRUE;
  switch (shape->type)
    {
    case SLIP_AWS_TYPE_STRING:
    case SLIP_AWS_TYPE_TIMESTAMP:
    case SLIP_AWS_TYPE_BLOB:
      return type == SLIP_PARAMETER_STRING;
    case SLIP_AWS_TYPE_BOOLEAN:
      return type == SLIP_PARAMETER_BOOLEAN;
    case SLIP_AWS_TYPE_INTEGER:
    case SLIP_AWS_TYPE_LONG:
    case SLIP_AWS_TYPE_FLOAT:
    case SLIP_AWS_TYPE_DOUBLE:
      return type == SLIP_PARAMETER_INTEGER;
    case SLIP_AWS_TYPE_LIST:
      return type == SLIP_PARAMETER_STRING_LIST || type == SLIP_PARAMETER_MAP_LIST;
    case SLIP_AWS_TYPE_STRUCTURE:
    case SLIP_AWS_TYPE_MAP:
      return type == SLIP_PARAMETER_STRING_MAP;
    case SLIP_AWS_TYPE_DOCUMENT:
    default:
      return TRUE;
    }
}

static JsonNode *
sample (const SlipAwsShape *shape)
{
  JsonNode *node = json_node_alloc ();

  switch (shape->type)
    {
    case SLIP_AWS_TYPE_STRUCTURE:
    case SLIP_AWS_TYPE_MAP:
      json_node_unref (node);
      return slip_json_new_object (json_object_new ());
    case SLIP_AWS_TYPE_LIST:
      json_node_unref (node);
      return slip_json_new_array (json_array_new ());
    case SLIP_AWS_TYPE_BOOLEAN:
      return json_node_init_boolean (node, TRUE);
    case SLIP_AWS_TYPE_INTEGER:
    case SLIP_AWS_TYPE_LONG:
    case SLIP_AWS_TYPE_FLOAT:
    case SLIP_AWS_TYPE_DOUBLE:
      return json_node_init_int (node, 1);
    case SLIP_AWS_TYPE_TIMESTAMP:
      return json_node_init_string (node, "2000-01-01T00:00:00Z");
    case SLIP_AWS_TYPE_BLOB:
      return json_node_init_string (node, "AA==");
    case SLIP_AWS_TYPE_STRING:
    case SLIP_AWS_TYPE_DOCUMENT:
    default:
      return json_node_init_string (node, "x");
    }
}

static JsonNode *
stand_in_text (Request *request, const char *path, JsonNode *node, const SlipAwsShape *shape)
{
  g_autofree char *reference = slip_check_whole_reference (node);
  g_autofree char *place = g_strconcat (request->prefix, path + 1, NULL);
  SlipParameterType type = SLIP_PARAMETER_STRING;

  if (!slip_template_has_references (node))
    return slip_json_copy (node);
  if ((reference == NULL || slip_check_reference_type (request->check, reference, &type))
      && !suits (type, shape))
    slip_check_fault (request->check, place, "%s is of type %s, but a %s is wanted",
                      reference != NULL ? reference : "this text", slip_parameter_type_name (type),
                      slip_aws_type_name (shape->type));
  g_ptr_array_add (request->templated, g_strdup (path));
  return sample (shape);
}

static JsonNode *
stand_in_array (Request *request, const char *path, JsonArray *array, const SlipAwsShape *shape)
{
  JsonArray *result = json_array_new ();

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      g_autofree char *reference = slip_check_whole_reference (element);
      g_autofree char *at = slip_path_element (path, i);
      SlipParameterType type;

      /* A list within a list stands for its elements. */
      if (reference != NULL && slip_check_reference_type (request->check, reference, &type)
          && suits (type, shape) && shape->element->shape->type != SLIP_AWS_TYPE_LIST)
        {
          json_array_add_element (result, sample (shape->element->shape));
          g_ptr_array_add (request->templated, g_strdup (at));
        }
      else
        json_array_add_element (result, stand_in (request, at, element, shape->element->shape));
    }
  return slip_json_new_array (result);
}

static JsonNode *
stand_in_object (Request *request, const char *path, JsonObject *object, const SlipAwsShape *shape)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *at = slip_path_member (path, name);
      const SlipAwsMember *member = shape->type == SLIP_AWS_TYPE_MAP
                                        ? shape->value
                                        : slip_aws_shape_find_member (shape, name);

      json_object_set_member (result, name,
                              member != NULL ? stand_in (request, at, node, member->shape)
                                             : slip_json_copy (node));
    }
  return slip_json_new_object (result);
}

/* A copy of @node in which what holds references is replaced by something the shape takes. */
static JsonNode *
stand_in (Request *request, const char *path, JsonNode *node, const SlipAwsShape *shape)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return stand_in_text (request, path, node, shape);
  if (JSON_NODE_HOLDS_ARRAY (node) && shape->type == SLIP_AWS_TYPE_LIST)
    return stand_in_array (request, path, json_node_get_array (node), shape);
  if (JSON_NODE_HOLDS_OBJECT (node)
      && (shape->type == SLIP_AWS_TYPE_STRUCTURE || shape->type == SLIP_AWS_TYPE_MAP))
    return stand_in_object (request, path, json_node_get_object (node), shape);
  return slip_json_copy (node);
}

static gboolean
is_templated (Request *request, const char *path)
{
  for (guint i = 0; i < request->templated->len; i++)
    {
      const char *at = g_ptr_array_index (request->templated, i);
      gsize length = strlen (at);

      if (strncmp (path, at, length) == 0 && strchr (".[", path[length]) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* A parameter's value or a literal would stand in the plan, which the audit log keeps whole. */
static void
refuse_sensitive (const char *path, JsonNode *value, gpointer data)
{
  Request *request = data;
  g_autofree char *place = g_strconcat (request->prefix, path + 1, NULL);
  g_autoptr (GPtrArray) references = slip_template_list (value, NULL);
  const char *parameter = NULL;

  for (guint i = 0; references != NULL && i < references->len; i++)
    if (strpbrk (g_ptr_array_index (references, i), ".:") == NULL)
      parameter = g_ptr_array_index (references, i);
  if (parameter != NULL)
    slip_check_fault (request->check, place,
                      "AWS treats this as a secret, and {{ %s }} would stand in the plan and the "
                      "audit log. Let a step read it from where it is kept, and refer to it as "
                      "{{ Step.Output }}",
                      parameter);
  else if (references != NULL && references->len == 0
           && g_strcmp0 (slip_json_node_string (value), SLIP_REDACTED) != 0)
    slip_check_fault (request->check, place,
                      "AWS treats this as a secret, and what is written here would stand in the "
                      "plan and the audit log. Let a step read it from where it is kept, and refer "
                      "to it as {{ Step.Output }}");
}

static void
check_input (SlipCheck *check,
             const char *prefix,
             const SlipAwsModel *model,
             const SlipAwsOperation *operation,
             JsonObject *input)
{
  Request request = {.check = check, .prefix = prefix};
  g_autoptr (JsonNode) given = slip_json_new_object (json_object_ref (input));
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GPtrArray) problems = NULL;

  slip_aws_model_foreach_sensitive (operation, given, refuse_sensitive, &request);
  request.templated = g_ptr_array_new_with_free_func (g_free);
  if (operation->input != NULL)
    node = stand_in_object (&request, "$", input, operation->input);
  else
    node = slip_json_new_object (json_object_ref (input));
  problems = slip_aws_model_check (model, operation, node);
  for (guint i = 0; problems != NULL && i < problems->len; i++)
    {
      SlipAwsProblem *problem = g_ptr_array_index (problems, i);
      g_autofree char *path = g_strconcat (prefix, problem->path + 1, NULL);

      if (!is_templated (&request, problem->path))
        slip_check_fault (check, path, "%s", problem->message);
    }
  g_ptr_array_unref (request.templated);
}

static char *
suggest_operation (const SlipAwsModel *model, const char *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < slip_aws_model_get_n_operations (model); i++)
    g_ptr_array_add (names, (gpointer)slip_aws_model_get_operation (model, i)->name);
  g_ptr_array_add (names, NULL);
  return slip_check_suggest (name, (const char *const *)names->pdata);
}

/* Finds the operation that @object names in its members @service_key and @operation_key. */
static const SlipAwsOperation *
find_operation (SlipCheck *check,
                const char *path,
                JsonObject *object,
                const char *service_key,
                const char *operation_key,
                SlipAwsModel **model)
{
  const char *service = slip_json_string (object, service_key);
  const char *name = slip_json_string (object, operation_key);
  const char *const *services = slip_aws_model_list_services ();
  const SlipAwsOperation *operation;
  g_autofree char *hint = NULL;
  g_autoptr (GError) error = NULL;

  *model = NULL;
  if (service == NULL || name == NULL)
    return NULL;
  if (!g_strv_contains (services, service))
    {
      hint = slip_check_suggest (service, services);
      slip_check_fault_at (check, path, service_key, "there is no service %s%s", service, hint);
      return NULL;
    }
  *model = slip_aws_model_get (service, &error);
  if (*model == NULL)
    {
      slip_check_fault_at (check, path, service_key, "%s", error->message);
      return NULL;
    }
  operation = slip_aws_model_find_operation (*model, name);
  if (operation != NULL)
    return operation;
  hint = suggest_operation (*model, name);
  slip_check_fault_at (check, path, operation_key, "%s has no operation %s%s", service, name, hint);
  return NULL;
}

const SlipAwsOperation *
slip_check_operation (SlipCheckStep *step)
{
  const char *service = slip_json_string (step->inputs, "Service");
  const char *name = slip_json_string (step->inputs, "Api");

  if (step->action != NULL && step->action->service != NULL)
    return slip_aws_model_lookup_operation (step->action->service, step->action->answer, NULL,
                                            NULL);
  if (step->action == NULL || !step->action->request_inputs || service == NULL || name == NULL)
    return NULL;
  return slip_aws_model_lookup_operation (service, name, NULL, NULL);
}

/* What the document leaves to a captured map may be there then. */
static void
expect_merged (SlipCheckStep *step, const SlipAwsOperation *operation, JsonObject *input)
{
  JsonObject *slipway = slip_json_object (step->object, "slipway");
  JsonObject *merge = slipway != NULL ? slip_json_object (slipway, "merge") : NULL;

  if (merge == NULL || slip_json_string (merge, "into") != NULL || operation->input == NULL)
    return;
  for (guint i = 0; i < operation->input->n_members; i++)
    {
      const SlipAwsMember *member = operation->input->members[i];

      if (member->required && !json_object_has_member (input, member->name))
        json_object_set_member (input, member->name, sample (member->shape));
    }
}

void
slip_check_request (SlipCheck *check, SlipCheckStep *step)
{
  g_autofree char *path = slip_path_member (step->path, "inputs");
  g_autoptr (JsonObject) input = json_object_new ();
  const SlipAwsOperation *operation;
  SlipAwsModel *model;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (step->action->service != NULL)
    operation = slip_aws_model_lookup_operation (step->action->service, step->action->operation,
                                                 &model, NULL);
  else
    operation = find_operation (check, path, step->inputs, "Service", "Api", &model);
  if (operation == NULL)
    return;
  json_object_iter_init_ordered (&iter, step->inputs);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      gboolean own = FALSE;

      for (const SlipActionInput *known = step->action->inputs; known->name != NULL; known++)
        own = own || g_str_equal (known->name, name);
      if (!own)
        json_object_set_member (input, name, json_node_ref (node));
    }
  if (step->action->reads && slip_aws_operation_effect (operation) != SLIP_AWS_EFFECT_READ)
    slip_check_fault_at (check, path, "Api", "%s is no read, and %s only looks", operation->name,
                         step->action->name);
  expect_merged (step, operation, input);
  check_input (check, path, model, operation, input);
  if (slip_check_is_plain (step->inputs, "PropertySelector"))
    {
      g_autofree char *at = slip_path_member (path, "PropertySelector");

      slip_check_selector (check, at, operation,
                           slip_json_string (step->inputs, "PropertySelector"), NULL);
    }
}

gboolean
slip_check_call (SlipCheck *check,
                 const char *path,
                 JsonObject *call,
                 const SlipAwsOperation **operation)
{
  g_autofree char *input_path = slip_path_member (path, "input");
  g_autoptr (JsonObject) none = json_object_new ();
  JsonObject *input = slip_json_object (call, "input");
  SlipAwsModel *model;

  *operation = find_operation (check, path, call, "service", "operation", &model);
  if (*operation == NULL)
    return FALSE;
  check_input (check, input_path, model, *operation, input != NULL ? input : none);
  return TRUE;
}

/* One step of a selector: the next member's name, or NULL for an index or wildcard. */
static gboolean
next_part (const char **at, char **name, gboolean *many)
{
  *name = NULL;
  if (**at == '.')
    {
      gsize length = strcspn (++*at, ".[");

      *name = g_strndup (*at, length);
      *at += length;
      if (g_str_equal (*name, "*"))
        *many = TRUE;
      return TRUE;
    }
  if (**at == '[')
    {
      const char *end = strchr (*at, ']');

      if ((*at)[1] == '\'' || (*at)[1] == '"')
        *name = g_strndup (*at + 2, (gsize)MAX (end - *at - 3, 0));
      else if ((*at)[1] == '*' || (*at)[1] == '?')
        *many = TRUE;
      *at = end + 1;
      return TRUE;
    }
  return FALSE;
}

static const SlipAwsShape *
enter (SlipCheck *check, const char *path, const SlipAwsShape *shape, const char *name)
{
  const SlipAwsMember *member;
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *hint = NULL;

  if (shape->type == SLIP_AWS_TYPE_DOCUMENT)
    return NULL;
  if (shape->type == SLIP_AWS_TYPE_LIST)
    {
      if (name == NULL || g_str_equal (name, "*"))
        return shape->element->shape;
      slip_check_fault (check, path, "%s is a member of the elements: write [*].%s or [0].%s", name,
                        name, name);
      return NULL;
    }
  if (name != NULL && shape->type == SLIP_AWS_TYPE_MAP)
    return shape->value->shape;
  if (name == NULL || shape->type != SLIP_AWS_TYPE_STRUCTURE)
    {
      slip_check_fault (check, path, "%s is a %s and has no %s", shape->name,
                        slip_aws_type_name (shape->type), name != NULL ? name : "elements");
      return NULL;
    }
  member = slip_aws_shape_find_member (shape, name);
  if (member != NULL)
    return member->shape;
  names = g_ptr_array_new ();
  for (guint i = 0; i < shape->n_members; i++)
    g_ptr_array_add (names, (gpointer)shape->members[i]->name);
  g_ptr_array_add (names, NULL);
  hint = slip_check_suggest (name, (const char *const *)names->pdata);
  slip_check_fault (check, path, "the answer has no %s there%s", name, hint);
  return NULL;
}

/* `One', 'Two` are members of which an object is made: each must be there, and the shape stays. */
static const SlipAwsShape *
enter_several (SlipCheck *check, const char *path, const SlipAwsShape *shape, const char *names)
{
  g_auto (GStrv) parts = g_strsplit (names, ",", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      char *name = g_strstrip (parts[i]);
      gsize length;

      name += *name == '\'' || *name == '"';
      length = strcspn (name, "'\"");
      name[length] = '\0';
      if (enter (check, path, shape, name) == NULL)
        return NULL;
    }
  return shape;
}

static gboolean
yields (const SlipAwsShape *shape, gboolean many, SlipParameterType type)
{
  gboolean leaf = shape->type != SLIP_AWS_TYPE_STRUCTURE && shape->type != SLIP_AWS_TYPE_MAP
                  && shape->type != SLIP_AWS_TYPE_LIST;

  if (shape->type == SLIP_AWS_TYPE_DOCUMENT)
    return TRUE;
  switch (type)
    {
    case SLIP_PARAMETER_STRING_LIST:
      return many
             || (shape->type == SLIP_AWS_TYPE_LIST
                 && shape->element->shape->type != SLIP_AWS_TYPE_STRUCTURE);
    case SLIP_PARAMETER_MAP_LIST:
      return many ? !leaf : shape->type == SLIP_AWS_TYPE_LIST;
    case SLIP_PARAMETER_STRING_MAP:
      /* A text may hold a JSON object; see slip_action_open_output(). */
      return !many
             && (shape->type == SLIP_AWS_TYPE_STRING
                 || (!leaf && shape->type != SLIP_AWS_TYPE_LIST));
    case SLIP_PARAMETER_BOOLEAN:
      return !many && shape->type == SLIP_AWS_TYPE_BOOLEAN;
    case SLIP_PARAMETER_INTEGER:
      return !many && suits (SLIP_PARAMETER_INTEGER, shape);
    case SLIP_PARAMETER_STRING:
    default:
      return !many && suits (SLIP_PARAMETER_STRING, shape);
    }
}

void
slip_check_selector (SlipCheck *check,
                     const char *path,
                     const SlipAwsOperation *operation,
                     const char *selector,
                     const SlipParameterType *type)
{
  g_autoptr (JsonNode) nothing = json_node_new (JSON_NODE_NULL);
  g_autoptr (JsonNode) found = NULL;
  g_autoptr (GError) error = NULL;
  const SlipAwsShape *shape = operation != NULL ? operation->output : NULL;
  const char *at = selector + 1;
  gboolean many = FALSE;

  found = slip_json_select (nothing, selector, &error);
  if (error != NULL)
    {
      slip_check_fault (check, path, "%s", error->message);
      return;
    }
  while (shape != NULL && *at != '\0')
    {
      g_autofree char *name = NULL;

      if (!next_part (&at, &name, &many))
        return;
      shape = name != NULL && strchr (name, ',') != NULL ? enter_several (check, path, shape, name)
                                                         : enter (check, path, shape, name);
    }
  if (shape != NULL && type != NULL && !yields (shape, many, *type))
    slip_check_fault (check, path, "selects %s%s, which is no %s", many ? "a list of " : "a ",
                      slip_aws_type_name (shape->type), slip_parameter_type_name (*type));
}

char *
slip_check_partial_request (const char *service, const char *operation, JsonObject *request)
{
  g_autoptr (GPtrArray) faults = slip_faults_new ();
  g_autoptr (GHashTable) types = g_hash_table_new (g_str_hash, g_str_equal);
  SlipCheck check = {.faults = faults, .types = types};
  SlipAwsModel *model = NULL;
  const SlipAwsOperation *op = slip_aws_model_lookup_operation (service, operation, &model, NULL);

  if (op != NULL)
    check_input (&check, "$", model, op, request);
  return faults->len > 0 ? slip_faults_to_text (faults) : NULL;
}

/* ---- what was captured */

static void
check_field (
    SlipCheck *check, const char *at, JsonObject *table, const char *member, const char *name)
{
  if (name == NULL || (strstr (name, "{{") == NULL && !slip_capture_table_has_field (table, name)))
    slip_check_fault_at (check, at, member, "%s has no field %s", slip_json_string (table, "kind"),
                         name != NULL ? name : "like that");
}

void
slip_check_captured (SlipCheck *check, const char *at, JsonObject *inputs)
{
  const char *kind = slip_json_string (inputs, "kind");
  JsonObject *table = slip_capture_table_find (kind);
  JsonObject *changed = slip_json_object (inputs, "changed");
  JsonArray *except = slip_json_array (inputs, "except");
  g_autoptr (GList) names = changed != NULL ? json_object_get_members (changed) : NULL;

  if (table == NULL)
    {
      g_autofree char *known = g_strjoinv (", ", (char **)slip_capture_list_kinds ());

      slip_check_fault_at (check, at, "kind", "“%s” is not one of: %s", kind != NULL ? kind : "",
                           known);
      return;
    }
  for (GList *l = names; l != NULL; l = l->next)
    check_field (check, at, table, "changed", l->data);
  for (guint i = 0; except != NULL && i < json_array_get_length (except); i++)
    check_field (check, at, table, "except",
                 slip_json_node_string (json_array_get_element (except, i)));
}
