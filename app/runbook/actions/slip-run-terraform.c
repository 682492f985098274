/* SPDX-License-Identifier: MIT */
/* slipway:terraform while running: prepares the program's environment and does the simple
 * sub-operations. Plans and the exchange of an object have files of their own. */

#include "slip-terraform-run.h"

#include "slip-json.h"
#include "slip-redact.h"

#include <string.h>

#define SENSITIVE "sensitive"

/* ---- results */

static gboolean
take (SlipTerraform *self, JsonObject *result, GError **error)
{
  JsonNode *node = slip_json_new_object (result);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (!slip_run_context_take_result (self->context, node, json_node_ref (node), error))
    return FALSE;
  json_object_iter_init_ordered (&iter, result);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!json_object_has_member (self->context->outputs, name))
      json_object_set_member (self->context->outputs, name, json_node_ref (value));
  return TRUE;
}

/* ---- simple ones */

static gboolean
run_lines (SlipTerraform *self, GError **error)
{
  g_autoptr (GPtrArray) lines
      = slip_terraform_commands (self->operation, self->context->inputs, NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      g_auto (SlipProcessResult) result = {0};

      if (!slip_terraform_run (self, g_ptr_array_index (lines, i), self->operation->changes, 0,
                               &result, error))
        return FALSE;
    }
  self->context->changed = self->operation->changes;
  return TRUE;
}

/* Selected already is done already; and what was selected must echo. */
static gboolean
select_workspace (SlipTerraform *self, GError **error)
{
  JsonObject *result = json_object_new ();
  const char *workspace = slip_json_string (self->context->inputs, "Workspace");

  json_object_set_string_member (result, "Workspace", workspace);
  if (slip_terraform_check_workspace (self, NULL))
    self->context->outcome = "unchanged";
  else if (!run_lines (self, error) || !slip_terraform_check_workspace (self, error))
    {
      json_object_unref (result);
      return FALSE;
    }
  self->context->detail = g_strdup_printf ("workspace %s", workspace);
  return take (self, result, error);
}

static gboolean
back_up (SlipTerraform *self, GError **error)
{
  g_autofree char *path = slip_run_local_path (self->context, "state-", ".json", error);
  g_autoptr (JsonObject) result = json_object_new ();

  if (path == NULL || !slip_terraform_backup (self, path, result, error))
    return FALSE;
  self->context->detail = g_strdup_printf ("serial %" G_GINT64_FORMAT " in %s",
                                           slip_json_int (result, "Serial", 0), path);
  return take (self, g_steal_pointer (&result), error);
}

static gboolean
list_state (SlipTerraform *self, GError **error)
{
  static const char *const words[] = {"state", "list", NULL};
  g_auto (SlipProcessResult) result = {0};
  g_auto (GStrv) lines = NULL;
  JsonArray *addresses;
  JsonObject *object;

  if (!slip_terraform_run (self, words, FALSE, 0, &result, error))
    return FALSE;
  addresses = json_array_new ();
  lines = g_strsplit (result.out, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (*g_strstrip (lines[i]) != '\0')
      json_array_add_string_element (addresses, lines[i]);
  self->context->detail
      = g_strdup_printf ("%u resources in the state", json_array_get_length (addresses));
  object = json_object_new ();
  json_object_set_array_member (object, "Addresses", addresses);
  return take (self, object, error);
}

/* A copy of @values without what Terraform marks as sensitive. */
static JsonNode *
without_sensitive (JsonNode *values, JsonNode *marks)
{
  JsonObject *marked = slip_json_node_object (marks);

  if (marks != NULL && JSON_NODE_HOLDS_VALUE (marks) && json_node_get_boolean (marks))
    return slip_json_new_string (SLIP_REDACTED);
  if (JSON_NODE_HOLDS_OBJECT (values))
    {
      JsonObject *copy = json_object_new ();
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      json_object_iter_init_ordered (&iter, json_node_get_object (values));
      while (json_object_iter_next_ordered (&iter, &name, &member))
        json_object_set_member (
            copy, name,
            without_sensitive (member,
                               marked != NULL ? json_object_get_member (marked, name) : NULL));
      return slip_json_new_object (copy);
    }
  if (JSON_NODE_HOLDS_ARRAY (values))
    {
      JsonArray *copy = json_array_new ();
      JsonArray *list
          = marks != NULL && JSON_NODE_HOLDS_ARRAY (marks) ? json_node_get_array (marks) : NULL;

      for (guint i = 0; i < json_array_get_length (json_node_get_array (values)); i++)
        json_array_add_element (
            copy, without_sensitive (json_array_get_element (json_node_get_array (values), i),
                                     list != NULL && i < json_array_get_length (list)
                                         ? json_array_get_element (list, i)
                                         : NULL));
      return slip_json_new_array (copy);
    }
  return slip_json_copy (values);
}

static gboolean
show_object (SlipTerraform *self, GError **error)
{
  const char *address = slip_json_string (self->context->inputs, "Address");
  g_autoptr (JsonObject) found = NULL;
  g_autoptr (JsonNode) visible = NULL;
  g_autoptr (JsonNode) redacted = NULL;
  JsonObject *values;
  JsonNode *full;

  if (!slip_terraform_find_object (self, address, &found, error))
    return FALSE;
  values = found != NULL ? slip_json_object (found, "values") : NULL;
  if (values == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the state of Terraform in %s has no %s", self->directory, address);
      return FALSE;
    }
  full = slip_json_copy (json_object_get_member (found, "values"));
  visible = without_sensitive (full, json_object_get_member (found, "sensitive_values"));
  redacted = slip_redact_json (visible);
  if (!slip_run_context_take_result (self->context, full, json_node_ref (redacted), error))
    return FALSE;
  if (slip_json_string (json_node_get_object (redacted), "id") != NULL)
    json_object_set_string_member (self->context->outputs, "Id",
                                   slip_json_string (json_node_get_object (redacted), "id"));
  return TRUE;
}

/* `{name: {sensitive, type, value}}`; outputs of the step select from it. */
static gboolean
read_outputs (SlipTerraform *self, GError **error)
{
  static const char *const words[] = {"output", "-json", "-no-color", NULL};
  JsonNode *full = slip_terraform_read_json (self, words, error);
  g_autoptr (JsonNode) visible = full != NULL ? slip_json_copy (full) : NULL;
  JsonObject *all = slip_json_node_object (visible);
  g_autoptr (GList) names = all != NULL ? json_object_get_members (all) : NULL;

  if (full == NULL)
    return FALSE;
  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *one = slip_json_object (all, l->data);

      if (one != NULL
          && (slip_json_bool (one, SENSITIVE, FALSE) || slip_redact_name_is_secret (l->data)))
        json_object_set_string_member (one, "value", SLIP_REDACTED);
    }
  return slip_run_context_take_result (self->context, full, json_node_ref (visible), error);
}

static gboolean
is_tainted (SlipTerraform *self, gboolean *tainted, GError **error)
{
  const char *address = slip_json_string (self->context->inputs, "Address");
  g_autoptr (JsonObject) found = NULL;

  if (!slip_terraform_find_object (self, address, &found, error))
    return FALSE;
  if (found == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "the state of Terraform in %s has no %s", self->directory, address);
      return FALSE;
    }
  *tainted = slip_json_bool (found, "tainted", FALSE);
  return TRUE;
}

static gboolean
taint (SlipTerraform *self, GError **error)
{
  gboolean wanted = self->operation->kind == SLIP_TERRAFORM_TAINT;
  gboolean tainted = FALSE;

  if (!is_tainted (self, &tainted, error))
    return FALSE;
  if (tainted == wanted)
    {
      self->context->outcome = self->context->step->sends > 1 ? "adopted" : "unchanged";
      self->context->changed = self->context->step->sends > 1;
      return TRUE;
    }
  if (!run_lines (self, error) || !is_tainted (self, &tainted, error))
    return FALSE;
  if (tainted == wanted)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "terraform %s went well, but %s is%s "
               "tainted",
               self->operation->name, slip_json_string (self->context->inputs, "Address"),
               tainted ? "" : " not");
  return FALSE;
}

static gboolean
dispatch (SlipTerraform *self, GError **error)
{
  switch (self->operation->kind)
    {
    case SLIP_TERRAFORM_INIT:
      return run_lines (self, error);
    case SLIP_TERRAFORM_WORKSPACE:
      return select_workspace (self, error);
    case SLIP_TERRAFORM_STATE_BACKUP:
      return back_up (self, error);
    case SLIP_TERRAFORM_STATE_LIST:
      return list_state (self, error);
    case SLIP_TERRAFORM_STATE_SHOW:
      return show_object (self, error);
    case SLIP_TERRAFORM_STATE_SEARCH:
      return slip_terraform_search (self, error);
    case SLIP_TERRAFORM_STATE_REMOVE:
      return slip_terraform_remove_object (self, error);
    case SLIP_TERRAFORM_REPLACE_OBJECT:
      return slip_terraform_replace_object (self, error);
    case SLIP_TERRAFORM_PLAN:
      return slip_terraform_plan (self, error);
    case SLIP_TERRAFORM_APPLY:
      return slip_terraform_apply (self, error);
    case SLIP_TERRAFORM_OUTPUT:
      return read_outputs (self, error);
    case SLIP_TERRAFORM_TAINT:
    case SLIP_TERRAFORM_UNTAINT:
      return taint (self, error);
    }
  return FALSE;
}

/* ---- preparing */

static char *
absolute (const char *directory)
{
  if (g_str_has_prefix (directory, "~/"))
    return g_build_filename (g_get_home_dir (), directory + 2, NULL);
  return g_strdup (directory);
}

static void
clear (SlipTerraform *self)
{
  g_clear_pointer (&self->program, g_free);
  g_clear_pointer (&self->directory, g_free);
  g_clear_pointer (&self->envp, slip_aws_environ_free);
}

gboolean
slip_terraform_prepare (SlipTerraform *self, GError **error)
{
  static const char *const passed[]
      = {"TF_CLI_CONFIG_FILE", "TF_PLUGIN_CACHE_DIR", "TF_DATA_DIR", "SSH_AUTH_SOCK", NULL};
  JsonObject *inputs = self->context->inputs;
  const char *program = slip_json_string (inputs, "Program");
  const char *workspace = slip_json_string (inputs, "Workspace");

  clear (self);
  self->operation = slip_terraform_find (slip_json_string (inputs, "Operation"));
  self->program = g_strdup (program != NULL ? program : "terraform");
  self->directory = absolute (slip_json_string (inputs, "Directory"));
  if (self->operation == NULL || !g_path_is_absolute (self->directory)
      || !g_file_test (self->directory, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s is no folder of this machine. Tell the checkout with Terraform's files",
                   self->directory);
      return FALSE;
    }
  self->envp = slip_run_local_environ (self->context, slip_json_object (inputs, "Environment"),
                                       passed, TRUE, error);
  if (self->envp == NULL)
    return FALSE;
  self->envp = g_environ_setenv (self->envp, "TF_IN_AUTOMATION", "1", TRUE);
  self->envp = g_environ_setenv (self->envp, "TF_INPUT", "0", TRUE);
  self->envp = g_environ_setenv (self->envp, "CHECKPOINT_DISABLE", "1", TRUE);
  /* Nobody's terminal beside us can then change the workspace under the step. */
  if (workspace != NULL && self->operation->kind != SLIP_TERRAFORM_WORKSPACE
      && self->operation->kind != SLIP_TERRAFORM_INIT)
    self->envp = g_environ_setenv (self->envp, "TF_WORKSPACE", workspace, TRUE);
  return TRUE;
}

/* The exchange, the removal and the apply look first, and write their own intents. */
static gboolean
writes_own_intents (SlipTerraform *self)
{
  return self->operation->kind == SLIP_TERRAFORM_REPLACE_OBJECT
         || self->operation->kind == SLIP_TERRAFORM_STATE_REMOVE
         || self->operation->kind == SLIP_TERRAFORM_APPLY;
}

static JsonObject *
own_request (SlipRunContext *context)
{
  JsonObject *request = slip_json_node_object (context->request);

  return request != NULL ? json_object_ref (request) : NULL;
}

static gboolean
run (SlipRunContext *context, GError **error)
{
  SlipTerraform self = {.context = context};
  gboolean ok = slip_terraform_prepare (&self, error)
                && (self.operation->kind == SLIP_TERRAFORM_WORKSPACE
                    || self.operation->kind == SLIP_TERRAFORM_INIT
                    || slip_terraform_check_workspace (&self, error))
                && slip_run_engine_check (context->engine, error)
                && (writes_own_intents (&self)
                    || slip_run_local_intent (context, NULL, own_request (context), error))
                && dispatch (&self, error);

  clear (&self);
  return ok;
}

const SlipRunAction slip_run_action_terraform = {
    .name = "slipway:terraform",
    .run = run,
};
