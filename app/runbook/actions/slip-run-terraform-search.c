/* SPDX-License-Identifier: MIT */
/* `stateSearch` while running: whether anything in the state of Terraform still names what is about to be
 * deleted. Values are looked through here and never stored; only the addresses that hold the name are
 * told. */

#include "slip-terraform-run.h"

#include "slip-json.h"

#include <string.h>

typedef struct
{
  const char *text;
  JsonArray *addresses;
} Search;

static gboolean
is_of_name (char c)
{
  return g_ascii_isalnum (c) || c == '_' || c == '-' || c == '.';
}

gboolean
slip_terraform_holds_name (const char *value, const char *name)
{
  gsize length = strlen (name);

  for (const char *at = strstr (value, name); at != NULL; at = strstr (at + 1, name))
    if ((at == value || !is_of_name (at[-1])) && !is_of_name (at[length]))
      return TRUE;
  return FALSE;
}

static gboolean
holds (JsonNode *node, const char *name)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      const char *member;
      JsonNode *value;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &value))
        if (holds (value, name))
          return TRUE;
      return FALSE;
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *list = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (list); i++)
        if (holds (json_array_get_element (list, i), name))
          return TRUE;
      return FALSE;
    }
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING
         && slip_terraform_holds_name (json_node_get_string (node), name);
}

static void
search_module (Search *search, JsonObject *module)
{
  JsonArray *resources = slip_json_array (module, "resources");
  JsonArray *children = slip_json_array (module, "child_modules");

  for (guint i = 0; resources != NULL && i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = slip_json_node_object (json_array_get_element (resources, i));
      JsonNode *values = resource != NULL ? json_object_get_member (resource, "values") : NULL;

      if (values != NULL && holds (values, search->text))
        json_array_add_string_element (search->addresses, slip_json_string (resource, "address"));
    }
  for (guint i = 0; children != NULL && i < json_array_get_length (children); i++)
    {
      JsonObject *child = slip_json_node_object (json_array_get_element (children, i));

      if (child != NULL)
        search_module (search, child);
    }
}

static gboolean
judge (SlipTerraform *self, const Search *search, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  guint n = json_array_get_length (search->addresses);

  for (guint i = 0; i < n; i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "",
                            json_array_get_string_element (search->addresses, i));
  if (n == 0)
    {
      self->context->detail = g_strdup_printf ("nothing in the state names %s", search->text);
      return TRUE;
    }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the state of Terraform in %s still names %s: %s. Bring what takes its place into "
               "service first",
               self->directory, search->text, names->str);
  return FALSE;
}

gboolean
slip_terraform_search (SlipTerraform *self, GError **error)
{
  static const char *const words[] = {"show", "-json", "-no-color", NULL};
  g_autoptr (JsonNode) state = slip_terraform_read_json (self, words, error);
  JsonObject *root = slip_json_node_object (state);
  JsonObject *values = root != NULL ? slip_json_object (root, "values") : NULL;
  JsonObject *module = values != NULL ? slip_json_object (values, "root_module") : NULL;
  Search search = {.text = slip_json_string (self->context->inputs, "Text")};
  JsonObject *result;
  JsonNode *node;

  if (state == NULL)
    return FALSE;
  /* An empty state proves nothing: more likely it is the wrong folder or workspace. */
  if (module == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the state of Terraform in %s is empty. Check folder and workspace",
                   self->directory);
      return FALSE;
    }
  result = json_object_new ();
  search.addresses = json_array_new ();
  json_object_set_array_member (result, "Addresses", search.addresses);
  search_module (&search, module);
  node = slip_json_new_object (result);
  if (!slip_run_context_take_result (self->context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_array_member (self->context->outputs, "Addresses",
                                json_array_ref (search.addresses));
  return judge (self, &search, error);
}
