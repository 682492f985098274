/* SPDX-License-Identifier: MIT */
/* The table of what `slipway:terraform` can do, and the command lines for it. The plan shows them and
 * the run runs them: one function for both, so that what was approved is what is run. */

#include "slip-terraform-request.h"

#include "slip-json.h"

#include <string.h>

#define VARIABLES "VarFiles", "Variables", "LockTimeout"

static const SlipTerraformOperation operations[] = {
    {"init", SLIP_TERRAFORM_INIT, TRUE, "R3", {NULL}, {"BackendConfig", NULL}},
    {"workspace", SLIP_TERRAFORM_WORKSPACE, TRUE, "R3", {"Workspace", NULL}, {NULL}},
    {"stateBackup", SLIP_TERRAFORM_STATE_BACKUP, FALSE, "R0", {NULL}, {NULL}},
    {"stateList", SLIP_TERRAFORM_STATE_LIST, FALSE, "R0", {NULL}, {NULL}},
    {"stateShow", SLIP_TERRAFORM_STATE_SHOW, FALSE, "R0", {"Address", NULL}, {NULL}},
    {"stateSearch", SLIP_TERRAFORM_STATE_SEARCH, FALSE, "R0", {"Text", NULL}, {NULL}},
    {"stateRemove",
     SLIP_TERRAFORM_STATE_REMOVE,
     TRUE,
     "R3",
     {"Address", NULL},
     {"LockTimeout", NULL}},
    {"replaceObject",
     SLIP_TERRAFORM_REPLACE_OBJECT,
     TRUE,
     "R3",
     {"Address", "ImportId", NULL},
     {"Match", "OldImportId", VARIABLES, NULL}},
    {"plan",
     SLIP_TERRAFORM_PLAN,
     FALSE,
     "R0",
     {"Expect", NULL},
     {"Replace", "Strict", "RefreshOnly", VARIABLES, NULL}},
    {"apply", SLIP_TERRAFORM_APPLY, TRUE, "R3", {"Plan", NULL}, {"LockTimeout", NULL}},
    {"output", SLIP_TERRAFORM_OUTPUT, FALSE, "R0", {NULL}, {NULL}},
    {"taint", SLIP_TERRAFORM_TAINT, TRUE, "R3", {"Address", NULL}, {"LockTimeout", NULL}},
    {"untaint", SLIP_TERRAFORM_UNTAINT, TRUE, "R3", {"Address", NULL}, {"LockTimeout", NULL}},
};

const SlipTerraformOperation *
slip_terraform_find (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_strcmp0 (operations[i].name, name) == 0)
      return &operations[i];
  return NULL;
}

char *
slip_terraform_list_names (void)
{
  GString *names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", operations[i].name);
  return g_string_free (names, FALSE);
}

static char *
text_of (JsonNode *node)
{
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return slip_json_canonical (node, NULL);
}

/* `-backend-config=FILE`, or `-backend-config=key=value` for each of a map. */
static void
add_values (GPtrArray *line, const char *flag, JsonNode *node)
{
  if (node != NULL && JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      {
        g_autofree char *value = text_of (json_array_get_element (json_node_get_array (node), i));

        g_ptr_array_add (line, g_strdup_printf ("-%s=%s", flag, value));
      }
  else if (node != NULL && JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *map = json_node_get_object (node);
      g_autoptr (GList) names = g_list_sort (json_object_get_members (map), (GCompareFunc)strcmp);

      /* Sorted: a plan out of the audit log, whose members are, says the same as when it was made. */
      for (GList *l = names; l != NULL; l = l->next)
        {
          const char *name = l->data;
          g_autofree char *value = text_of (json_object_get_member (map, name));

          g_ptr_array_add (line, g_strdup_printf ("-%s=%s=%s", flag, name, value));
        }
    }
  else if (node != NULL)
    {
      g_autofree char *value = text_of (node);

      g_ptr_array_add (line, g_strdup_printf ("-%s=%s", flag, value));
    }
}

static void
add_lock (GPtrArray *line, JsonObject *inputs)
{
  const char *timeout = slip_json_string (inputs, "LockTimeout");

  g_ptr_array_add (line, g_strconcat ("-lock-timeout=", timeout != NULL ? timeout : "60s", NULL));
}

static void
add_variables (GPtrArray *line, JsonObject *inputs)
{
  add_lock (line, inputs);
  add_values (line, "var-file", json_object_get_member (inputs, "VarFiles"));
  add_values (line, "var", json_object_get_member (inputs, "Variables"));
}

static GPtrArray *
begin (GPtrArray *lines, const char *const *words)
{
  GPtrArray *line = g_ptr_array_new ();

  g_ptr_array_add (lines, line);
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (line, g_strdup (words[i]));
  return line;
}

#define BEGIN(...) begin (lines, (const char *const[]){__VA_ARGS__, NULL})

static void
add_plan (GPtrArray *lines, JsonObject *inputs, const char *plan_file)
{
  GPtrArray *line = BEGIN ("plan", "-input=false", "-no-color", "-detailed-exitcode");

  add_variables (line, inputs);
  if (slip_json_bool (inputs, "RefreshOnly", FALSE))
    g_ptr_array_add (line, g_strdup ("-refresh-only"));
  add_values (line, "replace", json_object_get_member (inputs, "Replace"));
  g_ptr_array_add (line, g_strconcat ("-out=", plan_file, NULL));
  BEGIN ("show", "-json", "-no-color", plan_file);
}

static void
add_state_remove (GPtrArray *lines, JsonObject *inputs)
{
  GPtrArray *line;

  BEGIN ("state", "pull");
  line = BEGIN ("state", "rm");
  add_lock (line, inputs);
  g_ptr_array_add (line, g_strdup (slip_json_string (inputs, "Address")));
}

static void
add_replace_object (GPtrArray *lines, JsonObject *inputs)
{
  const char *address = slip_json_string (inputs, "Address");
  const char *id = slip_json_string (inputs, "ImportId");
  GPtrArray *line;

  add_state_remove (lines, inputs);
  line = BEGIN ("import", "-input=false", "-no-color");
  add_variables (line, inputs);
  g_ptr_array_add (line, g_strdup (address));
  g_ptr_array_add (line, g_strdup (id));
  BEGIN ("show", "-json", "-no-color");
}

static void
add_taint (GPtrArray *lines, const char *word, JsonObject *inputs)
{
  GPtrArray *line = BEGIN (word);

  add_lock (line, inputs);
  g_ptr_array_add (line, g_strdup (slip_json_string (inputs, "Address")));
}

static void
add_init (GPtrArray *lines, JsonObject *inputs)
{
  GPtrArray *line = BEGIN ("init", "-input=false", "-no-color");

  add_values (line, "backend-config", json_object_get_member (inputs, "BackendConfig"));
}

static void
add_apply (GPtrArray *lines, JsonObject *inputs, const char *plan_file)
{
  GPtrArray *line = BEGIN ("apply", "-input=false", "-no-color");

  add_lock (line, inputs);
  g_ptr_array_add (line, g_strdup (plan_file));
}

static void
end_lines (GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      GPtrArray *line = g_ptr_array_index (lines, i);

      g_ptr_array_add (line, NULL);
      lines->pdata[i] = g_ptr_array_free (line, FALSE);
    }
  g_ptr_array_set_free_func (lines, (GDestroyNotify)g_strfreev);
}

GPtrArray *
slip_terraform_commands (const SlipTerraformOperation *operation,
                         JsonObject *inputs,
                         const char *plan_file)
{
  GPtrArray *lines = g_ptr_array_new ();

  switch (operation->kind)
    {
    case SLIP_TERRAFORM_INIT:
      add_init (lines, inputs);
      break;
    case SLIP_TERRAFORM_WORKSPACE:
      BEGIN ("workspace", "select", slip_json_string (inputs, "Workspace"));
      BEGIN ("workspace", "show");
      break;
    case SLIP_TERRAFORM_STATE_BACKUP:
      BEGIN ("state", "pull");
      break;
    case SLIP_TERRAFORM_STATE_LIST:
      BEGIN ("state", "list");
      break;
    case SLIP_TERRAFORM_STATE_SHOW:
    case SLIP_TERRAFORM_STATE_SEARCH:
      BEGIN ("show", "-json", "-no-color");
      break;
    case SLIP_TERRAFORM_STATE_REMOVE:
      add_state_remove (lines, inputs);
      break;
    case SLIP_TERRAFORM_REPLACE_OBJECT:
      add_replace_object (lines, inputs);
      break;
    case SLIP_TERRAFORM_PLAN:
      add_plan (lines, inputs, plan_file);
      break;
    case SLIP_TERRAFORM_APPLY:
      add_apply (lines, inputs, plan_file);
      break;
    case SLIP_TERRAFORM_OUTPUT:
      BEGIN ("output", "-json", "-no-color");
      break;
    case SLIP_TERRAFORM_TAINT:
      add_taint (lines, "taint", inputs);
      break;
    case SLIP_TERRAFORM_UNTAINT:
      add_taint (lines, "untaint", inputs);
      break;
    }
  end_lines (lines);
  return lines;
}
