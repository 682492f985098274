/* SPDX-License-Identifier: MIT */
/* Applying plans of Terraform, only as they were frozen. Where a plan went stale, or an apply was cut
 * off, a new one is made and judged; it is applied without asking only as far as it is the rest of the
 * plan that was confirmed. What was applied must leave nothing to do. */

#include "slip-terraform-run.h"

#include "slip-json.h"
#include "slip-template.h"
#include "slip-terraform-judge.h"
#include "slip-terraform-rest.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define STALE "Saved plan is stale"

/* The member of the ledger's data with a plan that somebody was asked to confirm anew. */
#define REPLANNED "replanned"

/* How much of a digest tells plans apart, for people. */
#define SHORT 12

/**
 * Apply:
 * @tf: Terraform at work for the apply's step
 * @from: the step that made the plan
 * @digest: of the plan that was applied last
 */
typedef struct
{
  SlipTerraform *tf;
  SlipFoldStep *from;
  char *digest;
} Apply;

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
  g_autofree char *digest = slip_terraform_digest (plan_file, error);

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

/* ---- a plan made anew */

static const char *
id_in (JsonObject *state, const char *address)
{
  JsonObject *found = slip_terraform_find_in (state, address);
  JsonObject *values = found != NULL ? slip_json_object (found, "values") : NULL;

  return values != NULL ? slip_json_string (values, "id") : NULL;
}

/* What had to be replaced, and is another object by now or none at all, is not replaced once more. */
static gboolean
leave_out_replaced (SlipTerraform *self, JsonNode *confirmed, JsonObject *inputs, GError **error)
{
  static const char *const now[] = {"show", "-json", "-no-color", NULL};
  JsonArray *replace = slip_json_array (inputs, "Replace");
  g_autoptr (JsonNode) state = NULL;
  JsonArray *left;

  if (replace == NULL || json_array_get_length (replace) == 0)
    return TRUE;
  state = slip_terraform_read_json (self, now, error);
  if (state == NULL)
    return FALSE;
  left = json_array_new ();
  for (guint i = 0; i < json_array_get_length (replace); i++)
    {
      const char *address = json_array_get_string_element (replace, i);
      JsonObject *before = slip_json_object (slip_json_node_object (confirmed), "prior_state");
      const char *then = id_in (before, address);

      if (then != NULL && g_strcmp0 (then, id_in (slip_json_node_object (state), address)) == 0)
        json_array_add_string_element (left, address);
    }
  json_object_set_array_member (inputs, "Replace", left);
  return TRUE;
}

static gboolean
has_changes (JsonObject *plan)
{
  return slip_json_bool (plan, "HasChanges", TRUE);
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
  if (!slip_terraform_make_plan (self, inputs, path, NULL, &plan, &judged) && plan == NULL)
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

/* Of the rest of an apply nothing is required any more: it may be done. */
static void
forget_required (JsonObject *inputs)
{
  JsonArray *rules = slip_json_array (inputs, "Expect");

  for (guint i = 0; rules != NULL && i < json_array_get_length (rules); i++)
    json_object_remove_member (json_array_get_object_element (rules, i), "required");
}

/* A new plan under the same rules, held against the frozen one @base; for the rest of it, when @begun. */
static gboolean
plan_again (Apply *apply, JsonObject *base, gboolean begun, JsonObject **plan, GError **error)
{
  SlipRunContext *context = apply->tf->context;
  const char *plan_file = slip_json_string (base, "PlanFile");
  g_autofree char *path = slip_run_local_path (context, "replan-", ".tfplan", error);
  g_autoptr (JsonNode) confirmed = NULL;
  g_autoptr (JsonObject) inputs = NULL;

  if (path == NULL || !is_as_frozen (plan_file, slip_json_string (base, "Sha256"), error))
    return FALSE;
  confirmed = slip_terraform_show_plan (apply->tf, plan_file, error);
  inputs = confirmed != NULL ? slip_run_engine_resolve_object (
               context->engine, slip_plan_step_get_inputs (apply->from->plan_step), error)
                             : NULL;
  if (inputs == NULL || (begun && !leave_out_replaced (apply->tf, confirmed, inputs, error)))
    return FALSE;
  if (begun)
    forget_required (inputs);
  return slip_terraform_make_plan (apply->tf, inputs, path, confirmed, plan, error);
}

static gboolean
goes_beyond (JsonObject *plan)
{
  JsonArray *changes = slip_json_array (plan, "Changes");

  for (guint i = 0; i < json_array_get_length (changes); i++)
    if (!slip_json_bool (json_array_get_object_element (changes, i), SLIP_TERRAFORM_CONFIRMED,
                         FALSE))
      return TRUE;
  return FALSE;
}

/* The new plan is kept under a name of its own: it is what is confirmed and applied next. */
static gboolean
set_aside (Apply *apply, JsonObject *plan, GError **error)
{
  const char *path = slip_json_string (plan, "PlanFile");
  g_autofree char *prefix
      = g_strdup_printf ("replan-%.*s-", SHORT, slip_json_string (plan, "Sha256"));
  g_autofree char *kept = slip_run_local_path (apply->tf->context, prefix, ".tfplan", error);

  if (kept == NULL)
    return FALSE;
  if (g_rename (path, kept) != 0)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "cannot keep the plan %s: %s",
                   path, g_strerror (errno));
      return FALSE;
    }
  json_object_set_string_member (plan, "PlanFile", kept);
  return TRUE;
}

/* What was confirmed was another plan: somebody reads this one, and says so with its digest. */
static gboolean
ask_again (Apply *apply, JsonObject *base, JsonObject *plan, const char *why, GError **error)
{
  const char *digest = slip_json_string (plan, "Sha256");
  g_autofree char *differs = slip_terraform_describe_difference (slip_json_array (base, "Changes"),
                                                                 slip_json_array (plan, "Changes"));
  g_autofree char *told = NULL;
  g_autofree char *text = g_strndup (digest, SHORT);
  JsonObject *data = json_object_new ();
  JsonObject *voids = json_object_new ();

  json_object_set_object_member (data, "voids", voids);
  if (!set_aside (apply, plan, error))
    {
      json_object_unref (data);
      return FALSE;
    }
  told = g_strdup_printf ("%s, and the plan made anew is %.*s, not %.*s that was judged before "
                          "(%s). Read it: terraform show %s",
                          why, SHORT, digest, SHORT, slip_json_string (base, "Sha256"), differs,
                          slip_json_string (plan, "PlanFile"));
  json_object_set_string_member (voids, "why", told);
  json_object_set_string_member (voids, "text", text);
  json_object_set_object_member (data, REPLANNED, json_object_ref (plan));
  return slip_run_local_observe (apply->tf->context, told, -1, data, error)
         && slip_run_engine_enter (apply->tf->context, error)
         && slip_terraform_prepare (apply->tf, error);
}

/* ---- one plan after the other */

/* The plan that was confirmed last. */
static JsonObject *
find_base (Apply *apply)
{
  JsonNode *again = slip_run_local_find_data (apply->tf->context, REPLANNED);

  return again != NULL ? slip_json_node_object (again) : apply->from->outputs;
}

/* Whether an apply of it was begun, by this or an earlier process. */
static gboolean
was_begun (Apply *apply, JsonObject *base)
{
  const char *digest = slip_json_string (base, "Sha256");
  GPtrArray *entries = apply->tf->context->step->entries;

  for (guint i = 0; i < entries->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (entries, i);
      JsonObject *request = slip_json_object (entry, "request");

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_INTENT_KIND) == 0
          && (request == NULL ? base == apply->from->outputs
                              : g_strcmp0 (slip_json_string (request, "plan_sha256"), digest) == 0))
        return TRUE;
    }
  return FALSE;
}

/* What is left to do is told by a new plan. Nobody is asked about what was confirmed already; after a
 * plan that went @stale always, when somebody was asked about that. */
static gboolean
apply_anew (Apply *apply, JsonObject *base, gboolean stale, gboolean *again, GError **error)
{
  SlipRunContext *context = apply->tf->context;
  const char *why = stale ? "the state moved on since the plan was made"
                          : "the earlier apply did part of it at most";
  g_autoptr (JsonObject) plan = NULL;

  if (!plan_again (apply, base, !stale, &plan, error))
    return FALSE;
  if (!has_changes (plan))
    return TRUE;
  if (!slip_run_local_settle (context, NULL, "absent", why, json_object_ref (plan), error))
    return FALSE;
  if (goes_beyond (plan) || (stale && slip_plan_step_get_confirm (context->plan) != NULL))
    {
      *again = TRUE;
      return ask_again (apply, base, plan, why, error);
    }
  g_free (apply->digest);
  apply->digest = g_strdup (slip_json_string (plan, "Sha256"));
  return apply_once (apply->tf, slip_json_string (plan, "PlanFile"), apply->digest, &stale, error);
}

static gboolean
apply_base (Apply *apply, JsonObject *base, gboolean *again, GError **error)
{
  const char *digest = slip_json_string (base, "Sha256");
  g_autoptr (GError) local = NULL;
  gboolean stale = FALSE;

  if (was_begun (apply, base))
    {
      /* Also a failed one, which a person resumed, may have done part of its work. */
      apply->tf->context->changed = TRUE;
      apply->tf->context->outcome = "adopted";
      return apply_anew (apply, base, FALSE, again, error);
    }
  g_free (apply->digest);
  apply->digest = g_strdup (digest);
  if (apply_once (apply->tf, slip_json_string (base, "PlanFile"), digest, &stale, &local))
    return TRUE;
  if (stale)
    return apply_anew (apply, base, TRUE, again, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
apply_all (Apply *apply, GError **error)
{
  gboolean again = TRUE;

  while (again)
    {
      g_autoptr (JsonObject) base = json_object_ref (find_base (apply));

      again = FALSE;
      if (slip_json_string (base, "PlanFile") == NULL || slip_json_string (base, "Sha256") == NULL)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED, "step %s left no plan",
                       apply->from->id);
          return FALSE;
        }
      if (!apply_base (apply, base, &again, error))
        return FALSE;
    }
  return verify (apply->tf, apply->from, error);
}

gboolean
slip_terraform_apply (SlipTerraform *self, GError **error)
{
  Apply apply = {.tf = self, .from = find_plan_step (self, error)};
  gboolean ok;

  if (apply.from == NULL)
    return FALSE;
  if (self->context->step->sends == 0 && !has_changes (apply.from->outputs))
    {
      self->context->outcome = "unchanged";
      self->context->detail = g_strdup ("the plan changes nothing");
      return TRUE;
    }
  ok = apply_all (&apply, error);
  if (ok && self->context->detail == NULL)
    self->context->detail
        = apply.digest != NULL ? g_strdup_printf (
              "plan %.*s applied; Terraform sees nothing more to do", SHORT, apply.digest)
                               : g_strdup ("applied; Terraform sees nothing more to do");
  g_free (apply.digest);
  return ok;
}
