/* SPDX-License-Identifier: MIT */
/* Plans of Terraform while running: made, read back as JSON, judged by the step's rules, frozen by
 * their digest; and applied, only as they were frozen. A plan that went stale is made and judged
 * again; what was applied must leave nothing to do. */

#include "slip-terraform-run.h"

#include "slip-json.h"
#include "slip-template.h"
#include "slip-terraform-judge.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define STALE "Saved plan is stale"

/* ---- making */

static char *
digest_of (const char *path, GError **error)
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

static JsonArray *
list_changes (SlipTerraform *self, const char *plan_file, GError **error)
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
  return slip_terraform_summarise (root);
}

gboolean
slip_terraform_make_plan (SlipTerraform *self,
                          JsonObject *inputs,
                          const char *plan_file,
                          JsonObject **result,
                          GError **error)
{
  const SlipTerraformOperation *operation = slip_terraform_find ("plan");
  g_autoptr (GPtrArray) lines = slip_terraform_commands (operation, inputs, plan_file);
  g_auto (SlipProcessResult) run = {0};
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
  digest = digest_of (plan_file, error);
  changes = digest != NULL ? list_changes (self, plan_file, error) : NULL;
  if (changes == NULL)
    return FALSE;
  ok = slip_terraform_judge (changes, slip_json_array (inputs, "Expect"),
                             slip_json_bool (inputs, "Strict", FALSE), &unexpected, error);
  *result = json_object_new ();
  json_object_set_string_member (*result, "PlanFile", plan_file);
  json_object_set_string_member (*result, "Sha256", digest);
  json_object_set_boolean_member (*result, "HasChanges", run.status == SLIP_TERRAFORM_EXIT_CHANGES);
  json_object_set_array_member (*result, "Changes", g_steal_pointer (&changes));
  json_object_set_array_member (*result, "Unexpected", g_steal_pointer (&unexpected));
  return ok;
}

static char *
describe (JsonObject *plan)
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
  ok = slip_terraform_make_plan (self, self->context->inputs, plan_file, &plan, error);
  if (plan == NULL)
    return FALSE;
  if (ok)
    self->context->detail = describe (plan);
  keep (self, plan);
  return ok;
}

/* ---- applying */

/* The plan step that the input refers to. */
static SlipFoldStep *
find_plan_step (SlipTerraform *self, GError **error)
{
  JsonObject *planned = slip_plan_step_get_inputs (self->context->plan);
  const char *reference = slip_json_string (planned, "Plan");
  g_autoptr (GPtrArray) names
      = reference != NULL ? slip_template_list_text (reference, NULL) : NULL;
  const char *name = names != NULL && names->len > 0 ? g_ptr_array_index (names, 0) : NULL;
  const char *dot = name != NULL ? strrchr (name, '.') : NULL;
  g_autofree char *id = dot != NULL ? g_strndup (name, (gsize)(dot - name)) : NULL;
  SlipFoldStep *step = id != NULL ? slip_run_fold_find (self->context->engine->fold, id) : NULL;

  if (step != NULL && step->outputs != NULL
      && g_strcmp0 (slip_plan_step_get_operation (step->plan_step), "plan") == 0)
    return step;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "step %s does not name the step whose plan it applies", self->context->step->id);
  return NULL;
}

static gboolean
is_as_frozen (const char *plan_file, const char *wanted, GError **error)
{
  g_autofree char *digest = digest_of (plan_file, error);

  if (digest == NULL)
    return FALSE;
  if (g_strcmp0 (digest, wanted) == 0)
    return TRUE;
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not the plan that was judged (%.12s): somebody changed the file. Plan again",
               plan_file, wanted);
  return FALSE;
}

static JsonObject *
apply_request (SlipTerraform *self, const char *plan_file, const char *digest)
{
  g_autoptr (GPtrArray) lines
      = slip_terraform_commands (self->operation, self->context->inputs, plan_file);
  const char *const *words = g_ptr_array_index (lines, 0);
  JsonObject *request = json_object_new ();
  JsonArray *line = json_array_new ();

  json_array_add_string_element (line, self->program);
  for (guint i = 0; words[i] != NULL; i++)
    json_array_add_string_element (line, words[i]);
  json_object_set_string_member (request, "directory", self->directory);
  json_object_set_array_member (request, "command", line);
  json_object_set_string_member (request, "plan_sha256", digest);
  return request;
}

static gboolean
apply_once (
    SlipTerraform *self, const char *plan_file, const char *digest, gboolean *stale, GError **error)
{
  g_autoptr (GPtrArray) lines
      = slip_terraform_commands (self->operation, self->context->inputs, plan_file);
  g_auto (SlipProcessResult) result = {0};

  *stale = FALSE;
  if (!is_as_frozen (plan_file, digest, error)
      || !slip_run_engine_check (self->context->engine, error)
      || !slip_run_local_intent (self->context, NULL, apply_request (self, plan_file, digest),
                                 error))
    return FALSE;
  if (slip_terraform_run (self, g_ptr_array_index (lines, 0), TRUE, 0, &result, error))
    {
      self->context->changed = TRUE;
      return TRUE;
    }
  *stale = result.out != NULL && strstr (result.out, STALE) != NULL;
  /* Anything else may have done part of its work. */
  self->context->changed = !*stale;
  return FALSE;
}

/* What is left of an apply that was cut off: what had to be done may be done already, and of what had
 * to be replaced the old or the new one may be missing. */
static void
loosen_for_rest (JsonObject *inputs)
{
  JsonArray *rules = slip_json_array (inputs, "Expect");

  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    {
      JsonObject *rule = json_array_get_object_element (rules, i);
      JsonArray *allowed = slip_json_array (rule, "actions");
      gboolean replaces = FALSE;

      json_object_remove_member (rule, "required");
      for (guint j = 0; allowed != NULL && j < json_array_get_length (allowed); j++)
        replaces = replaces || g_str_equal (json_array_get_string_element (allowed, j), "replace");
      if (!replaces || slip_json_bool (rule, "refuse", FALSE))
        continue;
      json_array_add_string_element (allowed, "create");
      json_array_add_string_element (allowed, "delete");
    }
}

static const char *
id_in (JsonObject *state, const char *address)
{
  JsonObject *found = slip_terraform_find_in (state, address);
  JsonObject *values = found != NULL ? slip_json_object (found, "values") : NULL;

  return values != NULL ? slip_json_string (values, "id") : NULL;
}

/* What had to be replaced, and is another object by now or none at all, is not replaced once more. */
static gboolean
leave_out_replaced (SlipTerraform *self, SlipFoldStep *from, JsonObject *inputs, GError **error)
{
  const char *plan_file = slip_json_string (from->outputs, "PlanFile");
  const char *const planned[] = {"show", "-json", "-no-color", plan_file, NULL};
  static const char *const now[] = {"show", "-json", "-no-color", NULL};
  JsonArray *replace = slip_json_array (inputs, "Replace");
  g_autoptr (JsonNode) plan = NULL;
  g_autoptr (JsonNode) state = NULL;
  JsonArray *left;

  if (replace == NULL || json_array_get_length (replace) == 0)
    return TRUE;
  if (!is_as_frozen (plan_file, slip_json_string (from->outputs, "Sha256"), error))
    return FALSE;
  plan = slip_terraform_read_json (self, planned, error);
  state = plan != NULL ? slip_terraform_read_json (self, now, error) : NULL;
  if (state == NULL)
    return FALSE;
  left = json_array_new ();
  for (guint i = 0; i < json_array_get_length (replace); i++)
    {
      const char *address = json_array_get_string_element (replace, i);
      JsonObject *before = slip_json_object (slip_json_node_object (plan), "prior_state");
      const char *then = id_in (before, address);

      if (then != NULL && g_strcmp0 (then, id_in (slip_json_node_object (state), address)) == 0)
        json_array_add_string_element (left, address);
    }
  json_object_set_array_member (inputs, "Replace", left);
  return TRUE;
}

/* A new plan under the rules of the one that was approved; of the rest of it, when @rest. */
static gboolean
plan_again (
    SlipTerraform *self, SlipFoldStep *from, gboolean rest, JsonObject **plan, GError **error)
{
  g_autofree char *path = slip_run_local_path (self->context, "replan-", ".tfplan", error);
  g_autoptr (JsonObject) inputs
      = path != NULL ? slip_run_engine_resolve_object (
            self->context->engine, slip_plan_step_get_inputs (from->plan_step), error)
                     : NULL;

  if (inputs != NULL && rest && !leave_out_replaced (self, from, inputs, error))
    return FALSE;
  if (inputs != NULL && rest)
    loosen_for_rest (inputs);
  return inputs != NULL && slip_terraform_make_plan (self, inputs, path, plan, error);
}

static gboolean
has_changes (JsonObject *plan)
{
  return slip_json_bool (plan, "HasChanges", TRUE);
}

static gboolean
apply_new (SlipTerraform *self, SlipFoldStep *from, gboolean rest, const char *why, GError **error)
{
  g_autoptr (JsonObject) plan = NULL;
  g_autofree char *detail = NULL;
  gboolean stale;

  if (!plan_again (self, from, rest, &plan, error))
    return FALSE;
  if (!has_changes (plan))
    return TRUE;
  detail = describe (plan);
  return slip_run_local_settle (self->context, NULL, "absent", why, json_object_ref (plan), error)
         && apply_once (self, slip_json_string (plan, "PlanFile"),
                        slip_json_string (plan, "Sha256"), &stale, error);
}

/* After applying, Terraform must see nothing to do. */
static gboolean
verify (SlipTerraform *self, SlipFoldStep *from, GError **error)
{
  g_autoptr (JsonObject) inputs = slip_run_engine_resolve_object (
      self->context->engine, slip_plan_step_get_inputs (from->plan_step), error);
  g_autofree char *path = slip_run_local_path (self->context, "verify-", ".tfplan", error);
  g_autoptr (JsonObject) plan = NULL;
  g_autoptr (GError) judged = NULL;
  g_autofree char *changes = NULL;

  if (inputs == NULL || path == NULL)
    return FALSE;
  /* What had to be replaced has been: it must not be again. */
  json_object_remove_member (inputs, "Replace");
  if (!slip_terraform_make_plan (self, inputs, path, &plan, &judged) && plan == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&judged));
      return FALSE;
    }
  if (g_unlink (path) != 0)
    g_message ("cannot remove %s: %s", path, g_strerror (errno));
  if (!has_changes (plan))
    {
      json_object_set_boolean_member (plan, "clean", TRUE);
      return TRUE;
    }
  {
    JsonArray *list = slip_json_array (plan, "Changes");
    GString *names = g_string_new (NULL);

    for (guint i = 0; i < json_array_get_length (list); i++)
      g_string_append_printf (names, "%s%s (%s)", i > 0 ? ", " : "",
                              slip_json_string (json_array_get_object_element (list, i), "address"),
                              slip_json_string (json_array_get_object_element (list, i), "action"));
    changes = g_string_free (names, FALSE);
  }
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "the plan was applied, but Terraform still sees something to do: %s", changes);
  return FALSE;
}

/* An apply whose end nobody saw: what is left to do is told by a new plan. */
static gboolean
apply_rest (SlipTerraform *self, SlipFoldStep *from, GError **error)
{
  self->context->changed = TRUE;
  self->context->outcome = "adopted";
  return apply_new (self, from, TRUE, "the earlier apply did part of it at most", error);
}

static gboolean
apply_frozen (SlipTerraform *self, SlipFoldStep *from, GError **error)
{
  const char *plan_file = slip_json_string (from->outputs, "PlanFile");
  const char *digest = slip_json_string (from->outputs, "Sha256");
  g_autoptr (GError) local = NULL;
  gboolean stale = FALSE;

  if (!has_changes (from->outputs))
    {
      self->context->outcome = "unchanged";
      self->context->detail = g_strdup ("the plan changes nothing");
      return TRUE;
    }
  if (plan_file == NULL || digest == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "step %s left no plan", from->id);
      return FALSE;
    }
  if (apply_once (self, plan_file, digest, &stale, &local))
    return TRUE;
  if (stale)
    return apply_new (self, from, FALSE,
                      "the state moved on since the plan was made: planned again", error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

gboolean
slip_terraform_apply (SlipTerraform *self, GError **error)
{
  SlipFoldStep *from = find_plan_step (self, error);

  if (from == NULL)
    return FALSE;
  /* Also a failed one, which a person resumed, may have done part of its work. */
  if (!(self->context->step->sends > 0 ? apply_rest (self, from, error)
                                       : apply_frozen (self, from, error)))
    return FALSE;
  if (g_strcmp0 (self->context->outcome, "unchanged") == 0)
    return TRUE;
  if (!verify (self, from, error))
    return FALSE;
  if (self->context->detail == NULL)
    self->context->detail = g_strdup ("applied; Terraform sees nothing more to do");
  return TRUE;
}
