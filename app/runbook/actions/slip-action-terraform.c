/* SPDX-License-Identifier: MIT */
/* `slipway:terraform`, the document half: one sub-operation of Terraform in one folder. What it would
 * run stands in the plan word for word; variables by name only. */

#include "slip-actions.h"

#include "slip-aws-model.h"
#include "slip-json.h"
#include "slip-runbook-error.h"
#include "slip-terraform-judge.h"
#include "slip-terraform-request.h"

#include <string.h>

static const SlipActionInput inputs[] = {
    {"Operation", SLIP_ACTION_TEXT, TRUE},    {"Directory", SLIP_ACTION_TEXT, TRUE},
    {"Program", SLIP_ACTION_TEXT, FALSE},     {"Environment", SLIP_ACTION_MAP, FALSE},
    {"Workspace", SLIP_ACTION_TEXT, FALSE},   {"BackendConfig", SLIP_ACTION_ANY, FALSE},
    {"VarFiles", SLIP_ACTION_LIST, FALSE},    {"Variables", SLIP_ACTION_MAP, FALSE},
    {"LockTimeout", SLIP_ACTION_TEXT, FALSE}, {"Address", SLIP_ACTION_TEXT, FALSE},
    {"ImportId", SLIP_ACTION_TEXT, FALSE},    {"OldImportId", SLIP_ACTION_TEXT, FALSE},
    {"Match", SLIP_ACTION_MAP, FALSE},        {"Text", SLIP_ACTION_TEXT, FALSE},
    {"Replace", SLIP_ACTION_LIST, FALSE},     {"Expect", SLIP_ACTION_LIST, FALSE},
    {"Strict", SLIP_ACTION_BOOLEAN, FALSE},   {"RefreshOnly", SLIP_ACTION_BOOLEAN, FALSE},
    {"Plan", SLIP_ACTION_TEXT, FALSE},        {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionOutput outputs[] = {
    {"Workspace", SLIP_PARAMETER_STRING}, {"File", SLIP_PARAMETER_STRING},
    {"Serial", SLIP_PARAMETER_INTEGER},   {"Lineage", SLIP_PARAMETER_STRING},
    {"Sha256", SLIP_PARAMETER_STRING},    {"Addresses", SLIP_PARAMETER_STRING_LIST},
    {"Id", SLIP_PARAMETER_STRING},        {"OldId", SLIP_PARAMETER_STRING},
    {"PlanFile", SLIP_PARAMETER_STRING},  {"HasChanges", SLIP_PARAMETER_BOOLEAN},
    {"Changes", SLIP_PARAMETER_MAP_LIST}, {"Unexpected", SLIP_PARAMETER_STRING_LIST},
    {NULL, SLIP_PARAMETER_STRING},
};

/* Inputs of every sub-operation. */
static const char *const common[]
    = {"Operation", "Directory", "Program", "Environment", "Workspace", NULL};

static gboolean
is_plain (const char *text)
{
  return text != NULL && strstr (text, "{{") == NULL;
}

static gboolean
is_among (const char *name, const char *const *list)
{
  return g_strv_contains (list, name);
}

static void
check_members (SlipActionCheck *check, const SlipTerraformOperation *operation)
{
  g_autoptr (GList) names = json_object_get_members (check->inputs);

  for (guint i = 0; operation->needs[i] != NULL; i++)
    if (!json_object_has_member (check->inputs, operation->needs[i]))
      slip_action_report (check, ".inputs", "operation %s needs %s", operation->name,
                          operation->needs[i]);
  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *suffix = g_strconcat (".inputs.", (const char *)l->data, NULL);

      if (!is_among (l->data, common) && !is_among (l->data, operation->needs)
          && !is_among (l->data, operation->takes))
        slip_action_report (check, suffix, "operation %s takes no %s", operation->name,
                            (const char *)l->data);
    }
}

/* What begins with a dash would be read as an option. */
static void
check_words (SlipActionCheck *check)
{
  static const char *const words[]
      = {"Workspace", "Address", "ImportId", "OldImportId", "LockTimeout", "Plan"};

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      const char *word = slip_json_string (check->inputs, words[i]);
      g_autofree char *suffix = g_strconcat (".inputs.", words[i], NULL);

      if (is_plain (word) && (*word == '-' || *word == '\0'))
        slip_action_report (check, suffix, "“%s” is empty or begins with -", word);
    }
}

static void
check_folder (SlipActionCheck *check)
{
  const char *folder = slip_json_string (check->inputs, "Directory");

  if (is_plain (folder) && *folder != '/' && !g_str_has_prefix (folder, "~/"))
    slip_action_report (check, ".inputs.Directory",
                        "“%s” is no absolute path, and none that begins with ~/", folder);
}

static gboolean
is_variable_name (const char *name)
{
  if (!g_ascii_isalpha (*name) && *name != '_')
    return FALSE;
  for (; *name != '\0'; name++)
    if (!g_ascii_isalnum (*name) && *name != '_')
      return FALSE;
  return TRUE;
}

static void
check_environment (SlipActionCheck *check)
{
  JsonObject *environment = slip_json_object (check->inputs, "Environment");
  g_autoptr (GList) names = environment != NULL ? json_object_get_members (environment) : NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      const char *name = l->data;
      g_autofree char *suffix = g_strconcat (".inputs.Environment.", name, NULL);

      if (!is_variable_name (name))
        slip_action_report (check, suffix, "“%s” is no name of a variable", name);
      else if (g_str_has_prefix (name, "AWS_") || g_str_equal (name, "TF_LOG"))
        slip_action_report (check, suffix, "%s is not the document's to set%s", name,
                            *name == 'A' ? ": credentials and endpoints are the environment's"
                                         : ": a trace would show secrets");
    }
}

/* The plan's step must be told by a reference, which proves that it comes before. */
static void
check_plan (SlipActionCheck *check)
{
  const char *plan = slip_json_string (check->inputs, "Plan");

  if (plan != NULL && (!g_str_has_prefix (plan, "{{") || strstr (plan, ".PlanFile") == NULL))
    slip_action_report (check, ".inputs.Plan",
                        "must be the PlanFile of a plan step, such as {{ MakePlan.PlanFile }}");
}

static void
report_rule (const char *place, const char *message, gpointer data)
{
  g_autofree char *suffix = g_strconcat (".inputs.Expect", place, NULL);

  slip_action_report (data, suffix, "%s", message);
}

static void
check_step (SlipActionCheck *check)
{
  const char *name = slip_json_string (check->inputs, "Operation");
  const SlipTerraformOperation *operation = slip_terraform_find (name);
  JsonArray *expect = slip_json_array (check->inputs, "Expect");

  if (is_plain (name) && operation == NULL)
    {
      g_autofree char *names = slip_terraform_list_names ();

      slip_action_report (check, ".inputs.Operation", "“%s” is not one of: %s", name, names);
    }
  else if (name != NULL && operation == NULL)
    slip_action_report (check, ".inputs.Operation",
                        "must be told in the document: effect and checks depend on it");
  if (operation != NULL)
    check_members (check, operation);
  check_words (check);
  check_folder (check);
  check_environment (check);
  check_plan (check);
  if (expect != NULL)
    slip_terraform_check_rules (expect, report_rule, check);
}

/* ---- planning */

static JsonArray *
environment_names (JsonObject *own)
{
  static const char *const always[] = {
      "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
      "AWS_REGION",        "TF_IN_AUTOMATION",      "TF_INPUT",
  };
  JsonArray *names = json_array_new ();
  g_autoptr (GList) members = own != NULL ? json_object_get_members (own) : NULL;

  for (guint i = 0; i < G_N_ELEMENTS (always); i++)
    json_array_add_string_element (names, always[i]);
  members = g_list_sort (members, (GCompareFunc)strcmp);
  for (GList *l = members; l != NULL; l = l->next)
    json_array_add_string_element (names, l->data);
  return names;
}

static JsonArray *
command_lines (const SlipTerraformOperation *operation, JsonObject *all, const char *plan_file)
{
  const char *program = slip_json_string (all, "Program");
  g_autoptr (GPtrArray) lines = slip_terraform_commands (operation, all, plan_file);
  JsonArray *list = json_array_new ();

  for (guint i = 0; i < lines->len; i++)
    {
      const char *const *words = g_ptr_array_index (lines, i);
      JsonArray *line = json_array_new ();

      json_array_add_string_element (line, program != NULL ? program : "terraform");
      for (guint j = 0; words[j] != NULL; j++)
        json_array_add_string_element (line, words[j]);
      json_array_add_array_element (list, line);
    }
  return list;
}

static void
set_undo (SlipActionPlan *plan, const SlipTerraformOperation *operation)
{
  const char *address = slip_json_string (plan->inputs, "Address");
  g_autofree char *undo = NULL;

  if (operation->kind == SLIP_TERRAFORM_REPLACE_OBJECT)
    undo
        = g_strdup_printf ("terraform state push the backup of this step (in the run's folder), or "
                           "state rm %s and import the old id",
                           address);
  else if (operation->kind == SLIP_TERRAFORM_STATE_REMOVE)
    undo
        = g_strdup_printf ("terraform state push the backup of this step (in the run's folder), or "
                           "import %s again",
                           address);
  else if (operation->kind == SLIP_TERRAFORM_TAINT)
    undo = g_strdup_printf ("terraform untaint %s", address);
  else if (operation->kind == SLIP_TERRAFORM_UNTAINT)
    undo = g_strdup_printf ("terraform taint %s", address);
  if (undo != NULL)
    json_object_set_string_member (plan->step, "undo", undo);
}

static gboolean
plan_step (SlipActionPlan *plan, GError **error)
{
  const SlipTerraformOperation *operation
      = slip_terraform_find (slip_json_string (plan->inputs, "Operation"));
  const char *workspace = slip_json_string (plan->inputs, "Workspace");
  const char *plan_input = slip_json_string (plan->inputs, "Plan");
  const char *id = slip_json_string (plan->step, "id");
  g_autofree char *plan_file
      = plan_input != NULL ? g_strdup (plan_input) : g_strdup_printf ("(run)/plan-%s.tfplan", id);
  JsonObject *request;

  if (operation == NULL)
    {
      g_set_error (error, SLIP_RUNBOOK_ERROR, SLIP_RUNBOOK_ERROR_PLAN,
                   "terraform has no operation %s", slip_json_string (plan->inputs, "Operation"));
      return FALSE;
    }
  request = json_object_new ();
  json_object_set_string_member (request, "directory",
                                 slip_json_string (plan->inputs, "Directory"));
  if (workspace != NULL)
    json_object_set_string_member (request, "workspace", workspace);
  json_object_set_array_member (request, "commands",
                                command_lines (operation, plan->inputs, plan_file));
  json_object_set_array_member (request, "environment",
                                environment_names (slip_json_object (plan->inputs, "Environment")));
  if (json_object_has_member (plan->inputs, "Expect"))
    json_object_set_member (request, "expect",
                            slip_json_copy (json_object_get_member (plan->inputs, "Expect")));
  slip_action_plan_local (plan, "terraform", operation->name,
                          operation->changes ? SLIP_AWS_EFFECT_CHANGE : SLIP_AWS_EFFECT_READ,
                          operation->rule, request);
  set_undo (plan, operation);
  return TRUE;
}

const SlipAction slip_action_terraform = {
    .name = "slipway:terraform",
    .workstation = TRUE,
    .planned = TRUE,
    .inputs = inputs,
    .outputs = outputs,
    .check = check_step,
    .plan = plan_step,
};
