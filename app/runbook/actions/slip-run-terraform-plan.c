/* SPDX-License-Identifier: MIT */
/* Plans of Terraform while running: made, read back as JSON, judged by the step's rules, frozen by
 * their digest. */

#include "slip-terraform-run.h"

#include "slip-json.h"
#include "slip-terraform-judge.h"

#include <errno.h>
#include <glib/gstdio.h>

/* ---- making */

char *
slip_terraform_digest (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *bytes = NULL;
  gsize length;

  if (g_file_get_contents (path, &bytes, &length, &local))
    return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (const guchar *)bytes, length);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the plan of Terraform cannot be read: %s. Plan again", local->message);
  return NULL;
}

JsonNode *
slip_terraform_show_plan (SlipTerraform *self, const char *plan_file, GError **error)
{
  const char *const words[] = {"show", "-json", "-no-color", plan_file, NULL};
  g_autoptr (JsonNode) plan = slip_terraform_read_json (self, words, error);
  JsonObject *root = slip_json_node_object (plan);

  if (plan == NULL)
    return NULL;
  if (root == NULL || slip_json_string (root, "format_version") == NULL
      || !g_str_has_prefix (slip_json_string (root, "format_version"), "1."))
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "%s prints plans in a format that this version cannot judge", self->program);
      return NULL;
    }
  return g_steal_pointer (&plan);
}

/* A plan that only refreshes changes no resource: what it found different from the state stands apart. It is judged as
 * what it is, a change by another hand. */
static void
take_drift (JsonObject *plan)
{
  JsonArray *drift = slip_json_array (plan, "resource_drift");

  json_object_set_array_member (plan, "resource_changes",
                                drift != NULL ? json_array_ref (drift) : json_array_new ());
}

gboolean
slip_terraform_make_plan (SlipTerraform *self,
                          JsonObject *inputs,
                          const char *plan_file,
                          JsonNode *confirmed,
                          JsonObject **result,
                          GError **error)
{
  const SlipTerraformOperation *operation = slip_terraform_find ("plan");
  g_autoptr (GPtrArray) lines = slip_terraform_commands (operation, inputs, plan_file);
  g_auto (SlipProcessResult) run = {0};
  g_autoptr (JsonNode) plan = NULL;
  g_autoptr (JsonArray) changes = NULL;
  g_autoptr (JsonArray) unexpected = NULL;
  g_autofree char *digest = NULL;
  gboolean ok;

  if (!slip_terraform_run (self, g_ptr_array_index (lines, 0), FALSE, SLIP_TERRAFORM_EXIT_CHANGES,
                           &run, error))
    return FALSE;
  /* It may hold secrets of the state. */
  if (g_chmod (plan_file, 0600) != 0)
    g_message ("cannot keep %s to its owner: %s", plan_file, g_strerror (errno));
  digest = slip_terraform_digest (plan_file, error);
  plan = digest != NULL ? slip_terraform_show_plan (self, plan_file, error) : NULL;
  if (plan == NULL)
    return FALSE;
  if (slip_json_bool (inputs, "RefreshOnly", FALSE))
    take_drift (slip_json_node_object (plan));
  changes
      = slip_terraform_summarise (slip_json_node_object (plan), slip_json_node_object (confirmed));
  ok = slip_terraform_judge (changes, slip_json_node_object (plan),
                             slip_json_array (inputs, "Expect"),
                             slip_json_bool (inputs, "Strict", FALSE), &unexpected, error);
  *result = json_object_new ();
  json_object_set_string_member (*result, "PlanFile", plan_file);
  json_object_set_string_member (*result, "Sha256", digest);
  json_object_set_boolean_member (*result, "HasChanges", run.status == SLIP_TERRAFORM_EXIT_CHANGES);
  json_object_set_array_member (*result, "Changes", g_steal_pointer (&changes));
  json_object_set_array_member (*result, "Unexpected", g_steal_pointer (&unexpected));
  return ok;
}

char *
slip_terraform_describe_plan (JsonObject *plan)
{
  guint changes = json_array_get_length (slip_json_array (plan, "Changes"));
  guint unexpected = json_array_get_length (slip_json_array (plan, "Unexpected"));

  return g_strdup_printf ("%u changes, %u of them expected by no rule; plan %.12s", changes,
                          unexpected, slip_json_string (plan, "Sha256"));
}

/* What a refused plan would have done is kept too: it is what people ask first. */
static void
keep (SlipTerraform *self, JsonObject *plan)
{
  JsonNode *node = slip_json_new_object (plan);

  slip_run_context_take_result (self->context, node, json_node_ref (node), NULL);
  for (guint i = 0; i < 5; i++)
    {
      static const char *const names[]
          = {"PlanFile", "Sha256", "HasChanges", "Changes", "Unexpected"};

      json_object_set_member (self->context->outputs, names[i],
                              json_node_ref (json_object_get_member (plan, names[i])));
    }
}

gboolean
slip_terraform_plan (SlipTerraform *self, GError **error)
{
  g_autofree char *plan_file = slip_run_local_path (self->context, "plan-", ".tfplan", error);
  JsonObject *plan = NULL;
  gboolean ok;

  if (plan_file == NULL)
    return FALSE;
  ok = slip_terraform_make_plan (self, self->context->inputs, plan_file, NULL, &plan, error);
  if (plan == NULL)
    return FALSE;
  if (ok)
    self->context->detail = slip_terraform_describe_plan (plan);
  keep (self, plan);
  return ok;
}
