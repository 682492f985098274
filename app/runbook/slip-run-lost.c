/* SPDX-License-Identifier: MIT */
/* What another hand, or the run itself, took away of what the run made. The ledger is all that is asked:
 * slip-run-remake.c and the engine look in AWS, and write what they find. */

#include "slip-run-lost.h"

#include "slip-json.h"
#include "slip-run-commands.h"
#include "slip-run-targets.h"
#include "slip-template.h"

#include <string.h>

static JsonNode *
lookup (const char *reference, gpointer fold)
{
  return slip_run_fold_lookup (fold, reference);
}

static gboolean
has_code (JsonObject *resume, const char *code)
{
  JsonArray *codes = resume != NULL ? slip_json_array (resume, "absent") : NULL;

  for (guint i = 0; code != NULL && codes != NULL && i < json_array_get_length (codes); i++)
    if (g_strcmp0 (code, json_array_get_string_element (codes, i)) == 0)
      return TRUE;
  return FALSE;
}

/* ---- things */

typedef struct
{
  SlipRunFold *fold;
  GHashTable *things;  /* SlipFoldStep → what it acts on */
  GHashTable *renamed; /* SlipFoldStep → what that is called afterwards */
  GHashTable *looks;   /* SlipFoldStep → how it is looked up */
  GPtrArray *outcomes; /* element-type JsonObject, borrowed */
} Losses;

static char *
thing_of (SlipFoldStep *step, const char *kind, const char *name)
{
  return g_strdup_printf ("%s %s %s %s %s", slip_plan_step_get_account (step->plan_step),
                          slip_plan_step_get_region (step->plan_step),
                          slip_plan_step_get_service (step->plan_step), kind, name);
}

static JsonObject *
dup_request (SlipRunFold *fold, SlipFoldStep *step)
{
  JsonNode *planned = slip_plan_step_get_request (step->plan_step);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) resolved = NULL;
  JsonObject *request;

  if (step->request == NULL && planned != NULL)
    resolved = slip_template_resolve (planned, lookup, fold, unknown, NULL);
  request = slip_json_node_object (step->request != NULL ? step->request : resolved);
  return request != NULL ? json_object_ref (request) : NULL;
}

static void
note_thing (Losses *losses, SlipFoldStep *step)
{
  const char *operation = slip_plan_step_get_operation (step->plan_step);
  g_autoptr (JsonObject) request = operation != NULL ? dup_request (losses->fold, step) : NULL;
  g_autofree char *kind = NULL;
  g_autofree char *renamed = NULL;
  g_autofree char *name
      = request != NULL ? slip_run_targets_thing (operation, request, &kind, &renamed) : NULL;

  if (name == NULL)
    return;
  g_hash_table_insert (losses->things, step, thing_of (step, kind, name));
  if (renamed != NULL)
    g_hash_table_insert (losses->renamed, step, thing_of (step, kind, renamed));
}

/* What a step reads, or reads before it sends: of a change without a name of its own, as that of a tag, this alone
 * tells what it is about. */
static void
note_look (Losses *losses, SlipFoldStep *step)
{
  SlipPlanStep *plan = step->plan_step;
  JsonObject *resume = slip_plan_step_get_resume (plan);
  gboolean reads = slip_plan_step_get_effect (plan) == SLIP_AWS_EFFECT_READ;
  const char *service = !reads && resume != NULL ? slip_json_string (resume, "service") : NULL;
  const char *operation = reads            ? slip_plan_step_get_operation (plan)
                          : resume != NULL ? slip_json_string (resume, "operation")
                                           : NULL;
  JsonNode *input = reads            ? slip_plan_step_get_request (plan)
                    : resume != NULL ? json_object_get_member (resume, "input")
                                     : NULL;
  g_autoptr (JsonNode) resolved
      = input != NULL ? slip_template_resolve (input, lookup, losses->fold, NULL, NULL) : NULL;
  g_autofree char *text = resolved != NULL ? slip_json_sha256 (resolved) : NULL;

  if (operation != NULL && text != NULL)
    g_hash_table_insert (
        losses->looks, step,
        g_strdup_printf (
            "%s %s %s:%s %s", slip_plan_step_get_account (plan), slip_plan_step_get_region (plan),
            service != NULL ? service : slip_plan_step_get_service (plan), operation, text));
}

static void
losses_clear (Losses *losses)
{
  g_hash_table_unref (losses->things);
  g_hash_table_unref (losses->renamed);
  g_hash_table_unref (losses->looks);
  g_ptr_array_unref (losses->outcomes);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Losses, losses_clear)

static Losses
losses_new (SlipRunFold *fold)
{
  Losses losses = {
      .fold = fold,
      .things = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .renamed = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .looks = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .outcomes = g_ptr_array_new (),
  };

  for (guint i = 0; i < fold->steps->len; i++)
    {
      note_thing (&losses, g_ptr_array_index (fold->steps, i));
      note_look (&losses, g_ptr_array_index (fold->steps, i));
    }
  for (guint i = 0; i < fold->entries->len; i++)
    if (g_strcmp0 (slip_json_string (g_ptr_array_index (fold->entries, i), "kind"),
                   SLIP_STEP_OUTCOME_KIND)
        == 0)
      g_ptr_array_add (losses.outcomes, g_ptr_array_index (fold->entries, i));
  return losses;
}

/* ---- what became of them */

static gboolean
is_last (SlipFoldStep *step, JsonObject *outcome)
{
  for (guint i = step->entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (step->entries, i - 1);

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_OUTCOME_KIND) == 0)
        return entry == outcome;
    }
  return FALSE;
}

/* Why @outcome, which is of @step and about what @made made, says that this is gone; NULL when it does not. */
static char *
dup_why (SlipFoldStep *step, JsonObject *outcome, JsonObject *data, SlipFoldStep *made)
{
  const char *result = slip_json_string (outcome, "outcome");
  JsonObject *failure = slip_json_object (data, "error");
  const char *code = failure != NULL ? slip_json_string (failure, "code") : NULL;
  const char *operation = slip_plan_step_get_operation (step->plan_step);
  gboolean failed = g_strcmp0 (result, "failed") == 0;
  gboolean done = g_strcmp0 (result, "done") == 0 || g_strcmp0 (result, "adopted") == 0
                  || g_strcmp0 (result, "unchanged") == 0;

  if (slip_json_bool (data, "gone", FALSE))
    return g_strdup_printf ("step %s found it gone", step->id);
  if (done && operation != NULL && slip_run_fold_takes_away (operation))
    return slip_json_bool (data, "changed", FALSE)
               ? g_strdup_printf ("step %s deleted it", step->id)
               : g_strdup_printf ("step %s found it gone or going", step->id);
  /* What was shown late, and then found, is not gone. */
  if (failed && has_code (slip_plan_step_get_resume (made->plan_step), code)
      && is_last (step, outcome))
    return g_strdup_printf ("AWS answered step %s that it is not there (%s)", step->id, code);
  return NULL;
}

static gboolean
is_about (Losses *losses, SlipFoldStep *step, SlipFoldStep *made, const char *thing)
{
  const char *other = g_hash_table_lookup (losses->things, step);
  const char *look = g_hash_table_lookup (losses->looks, made);

  return (thing != NULL && g_strcmp0 (thing, other) == 0)
         || (look != NULL && g_strcmp0 (look, g_hash_table_lookup (losses->looks, step)) == 0);
}

static char *
dup_lost (Losses *losses, SlipFoldStep *made)
{
  const char *thing = g_hash_table_lookup (losses->things, made);
  g_autofree char *why = NULL;

  for (guint i = 0; i < losses->outcomes->len; i++)
    {
      JsonObject *outcome = g_ptr_array_index (losses->outcomes, i);
      JsonObject *data = slip_json_object (outcome, "data");
      SlipFoldStep *step = slip_run_fold_find (losses->fold, slip_json_string (outcome, "step"));
      const char *renamed = step != NULL ? g_hash_table_lookup (losses->renamed, step) : NULL;

      if (step == NULL || data == NULL)
        continue;
      if (step == made)
        {
          /* It was made, and perhaps made again. */
          if (slip_json_bool (data, "changed", FALSE))
            {
              thing = renamed != NULL ? renamed : g_hash_table_lookup (losses->things, made);
              g_clear_pointer (&why, g_free);
            }
          continue;
        }
      if (!is_about (losses, step, made, thing))
        continue;
      if (why == NULL)
        why = dup_why (step, outcome, data, made);
      if (renamed != NULL && slip_json_bool (data, "changed", FALSE))
        thing = renamed;
    }
  return g_steal_pointer (&why);
}

GHashTable *
slip_run_fold_list_lost (SlipRunFold *fold)
{
  GHashTable *lost = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_auto (Losses) losses = losses_new (fold);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      const char *operation = slip_plan_step_get_operation (step->plan_step);
      char *why = step->changed && !step->open && operation != NULL
                          && !slip_run_fold_takes_away (operation)
                      ? dup_lost (&losses, step)
                      : NULL;

      if (why != NULL)
        g_hash_table_insert (lost, step, why);
    }
  return lost;
}

/* ---- who made what a wait waits for */

/* Whether @made is looked up by just the read that is waited with. */
static gboolean
is_same_look (SlipRunFold *fold, SlipPlanStep *wait, SlipPlanStep *made)
{
  JsonObject *resume = slip_plan_step_get_resume (made);
  JsonNode *look = resume != NULL ? json_object_get_member (resume, "input") : NULL;
  JsonNode *request = slip_plan_step_get_request (wait);
  g_autoptr (JsonNode) looked = NULL;
  g_autoptr (JsonNode) waited = NULL;

  if (look == NULL || request == NULL
      || g_strcmp0 (slip_json_string (resume, "service"), slip_plan_step_get_service (wait)) != 0
      || g_strcmp0 (slip_json_string (resume, "operation"), slip_plan_step_get_operation (wait))
             != 0
      || g_strcmp0 (slip_plan_step_get_environment (made), slip_plan_step_get_environment (wait))
             != 0
      || g_strcmp0 (slip_plan_step_get_region (made), slip_plan_step_get_region (wait)) != 0)
    return FALSE;
  looked = slip_template_resolve (look, lookup, fold, NULL, NULL);
  waited = slip_template_resolve (request, lookup, fold, NULL, NULL);
  return looked != NULL && waited != NULL && slip_json_equal (looked, waited);
}

/* Whether going through @step once more is harmless, because it reads or looks first. */
static gboolean
may_repeat (SlipPlanStep *step)
{
  SlipResumeRule rule = slip_plan_step_get_resume_rule (step);

  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ || rule == SLIP_RESUME_R1
         || rule == SLIP_RESUME_R3;
}

/* When the last outcome of @step was written, as the ledger counts; 0 for never. */
static gint64
get_last_outcome (SlipFoldStep *step)
{
  for (guint i = step->entries->len; i > 0; i--)
    {
      JsonObject *entry = g_ptr_array_index (step->entries, i - 1);

      if (g_strcmp0 (slip_json_string (entry, "kind"), SLIP_STEP_OUTCOME_KIND) == 0)
        return slip_json_int (entry, "seq", 0);
    }
  return 0;
}

SlipFoldStep *
slip_run_fold_find_maker (SlipRunFold *fold, SlipFoldStep *wait)
{
  g_return_val_if_fail (fold != NULL && wait != NULL, NULL);

  if (wait->state != SLIP_RUN_STEP_FAILED || slip_plan_step_get_wait (wait->plan_step) == NULL
      || slip_plan_find_step (fold->plan, wait->id) != wait->plan_step)
    return NULL;
  for (guint i = slip_plan_step_get_index (wait->plan_step); i > 0; i--)
    {
      SlipPlanStep *plan = slip_plan_get_step (fold->plan, i - 1);
      SlipFoldStep *step = slip_run_fold_find (fold, slip_plan_step_get_id (plan));

      if (step == NULL || step->state == SLIP_RUN_STEP_SKIPPED
          || step->state == SLIP_RUN_STEP_PLANNED)
        continue;
      if (!may_repeat (plan))
        return NULL;
      if (slip_plan_step_get_resume_rule (plan) == SLIP_RESUME_R1 && step->changed
          && is_same_look (fold, wait->plan_step, plan))
        return get_last_outcome (step) < get_last_outcome (wait) ? step : NULL;
    }
  return NULL;
}

/* ---- where the run goes on */

/* What the step says that went back to @step, in the sentence of its last outcome. */
static char *
dup_why_back (SlipRunFold *fold, SlipFoldStep *step)
{
  SlipFoldStep *from = NULL;
  gint64 last = get_last_outcome (step);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *other = g_ptr_array_index (fold->steps, i);

      if (other->detail != NULL && get_last_outcome (other) > last
          && (from == NULL || get_last_outcome (other) > get_last_outcome (from)))
        from = other;
    }
  return from != NULL ? g_strdup_printf ("The run went back to this step from step %s: %s.",
                                         from->id, from->detail)
                      : g_strdup ("The run goes on here, once more.");
}

static char *
dup_why_made_again (SlipFoldStep *wait, SlipFoldStep *maker)
{
  g_autofree char *codes = slip_run_command_join (
      slip_json_array (slip_plan_step_get_resume (maker->plan_step), "absent"), ", ");

  return g_strdup_printf (
      "Step %s failed: %s. Waiting again does not mend that. Look first: when it answers %s, "
      "what failed is gone, and begins anew here. While it is still there, find the cause and "
      "delete it, or go on at step %s.",
      wait->id, wait->detail != NULL ? wait->detail : "no reason given", codes, wait->id);
}

static gboolean
is_behind_it (SlipFoldStep *step)
{
  return step->state == SLIP_RUN_STEP_DONE || step->state == SLIP_RUN_STEP_SKIPPED;
}

GHashTable *
slip_run_fold_list_again (SlipRunFold *fold)
{
  GHashTable *again = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  SlipFoldStep *at;
  SlipFoldStep *maker;
  guint i = 0;

  g_return_val_if_fail (fold != NULL, again);

  at = slip_run_fold_find (fold, fold->cursor);
  maker = at != NULL ? slip_run_fold_find_maker (fold, at) : NULL;
  if (at == NULL || (maker == NULL && at->state != SLIP_RUN_STEP_DONE))
    return again;
  g_hash_table_insert (again, maker != NULL ? maker : at,
                       maker != NULL ? dup_why_made_again (at, maker) : dup_why_back (fold, at));
  if (g_ptr_array_find (fold->steps, maker != NULL ? maker : at, &i))
    for (i++; i < fold->steps->len && is_behind_it (g_ptr_array_index (fold->steps, i)); i++)
      if (((SlipFoldStep *)g_ptr_array_index (fold->steps, i))->state == SLIP_RUN_STEP_DONE)
        g_hash_table_insert (again, g_ptr_array_index (fold->steps, i), NULL);
  return again;
}
