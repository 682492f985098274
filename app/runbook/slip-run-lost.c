/* SPDX-License-Identifier: MIT */
/* What another hand, or the run itself, took away of what the run made. The ledger is all that is asked:
 * slip-run-remake.c and the engine look in AWS, and write what they find. */

#include "slip-run-lost.h"

#include "slip-json.h"
#include "slip-run-commands.h"
#include "slip-run-look.h"
#include "slip-run-targets.h"
#include "slip-template.h"

#include <string.h>

static JsonNode *
lookup (const char *reference, gpointer fold)
{
  return slip_run_fold_lookup (fold, reference);
}

/* ---- things */

typedef struct
{
  SlipRunFold *fold;
  GHashTable *things;  /* SlipFoldStep → what it acts on */
  GHashTable *renamed; /* SlipFoldStep → what that is called afterwards */
  GHashTable *looks;   /* SlipFoldStep → how it is looked up */
  GHashTable *made;    /* SlipFoldStep → SlipRunLook: what tells whether it is there */
  GPtrArray *told;     /* element-type JsonObject, borrowed: outcomes, and what guards found */
} Losses;

static char *
thing_of (SlipFoldStep *step, const char *service, const char *kind, const char *name)
{
  return g_strdup_printf ("%s %s %s %s %s", slip_plan_step_get_account (step->plan_step),
                          slip_plan_step_get_region (step->plan_step), service, kind, name);
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
  const char *service = slip_plan_step_get_service (step->plan_step);
  const char *operation = slip_plan_step_get_operation (step->plan_step);
  g_autoptr (JsonObject) request = operation != NULL ? dup_request (losses->fold, step) : NULL;
  g_autoptr (SlipRunLook) elsewhere
      = request != NULL ? slip_run_look_new_elsewhere (step, request) : NULL;
  g_autofree char *kind = NULL;
  g_autofree char *renamed = NULL;
  g_autofree char *name = NULL;

  /* What AWS Backup restores, and what a capture is of, belongs to another service. */
  if (elsewhere != NULL)
    {
      g_clear_pointer (&request, json_object_unref);
      request = json_object_ref (json_node_get_object (elsewhere->input));
      service = elsewhere->service;
      operation = elsewhere->operation;
    }
  name = request != NULL ? slip_run_targets_thing (operation, request, &kind, &renamed) : NULL;
  if (name == NULL)
    return;
  g_hash_table_insert (losses->things, step, thing_of (step, service, kind, name));
  if (renamed != NULL)
    g_hash_table_insert (losses->renamed, step, thing_of (step, service, kind, renamed));
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
  g_hash_table_unref (losses->made);
  g_ptr_array_unref (losses->told);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Losses, losses_clear)

static void
note_made (Losses *losses, SlipFoldStep *step)
{
  SlipRunLook *look = slip_run_look_new (losses->fold, step);

  if (look != NULL)
    g_hash_table_insert (losses->made, step, look);
}

static gboolean
tells (JsonObject *entry)
{
  const char *kind = slip_json_string (entry, "kind");

  return g_strcmp0 (kind, SLIP_STEP_OUTCOME_KIND) == 0
         || g_strcmp0 (kind, SLIP_RUN_GUARD_KIND) == 0;
}

static Losses
losses_new (SlipRunFold *fold)
{
  Losses losses = {
      .fold = fold,
      .things = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .renamed = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .looks = g_hash_table_new_full (NULL, NULL, NULL, g_free),
      .made = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)slip_run_look_free),
      .told = g_ptr_array_new (),
  };

  for (guint i = 0; i < fold->steps->len; i++)
    {
      note_thing (&losses, g_ptr_array_index (fold->steps, i));
      note_look (&losses, g_ptr_array_index (fold->steps, i));
      note_made (&losses, g_ptr_array_index (fold->steps, i));
    }
  for (guint i = 0; i < fold->entries->len; i++)
    if (tells (g_ptr_array_index (fold->entries, i)))
      g_ptr_array_add (losses.told, g_ptr_array_index (fold->entries, i));
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

/* What was not found when @entry was written, says nothing any more once @step told something else. What a guard found
 * is told twice, for the step fails with it. */
static gboolean
is_overtaken (SlipFoldStep *step, JsonObject *entry)
{
  gboolean guard = g_strcmp0 (slip_json_string (entry, "kind"), SLIP_RUN_GUARD_KIND) == 0;
  gboolean behind = FALSE;

  for (guint i = 0; i < step->entries->len; i++)
    {
      JsonObject *other = g_ptr_array_index (step->entries, i);

      if (behind && tells (other)
          && (!guard || g_strcmp0 (slip_json_string (other, "outcome"), "failed") != 0))
        return TRUE;
      guard = guard && !(behind && tells (other));
      behind = behind || other == entry;
    }
  return FALSE;
}

/* Why @entry, at which all that the run made was looked up, says that what @made acts on, @thing, is gone. */
static char *
dup_why_missing (
    Losses *losses, SlipFoldStep *step, JsonObject *entry, SlipFoldStep *made, const char *thing)
{
  JsonObject *data = slip_json_object (entry, "data");
  JsonArray *missing = slip_json_array (data, SLIP_RUN_MISSING);

  if (missing == NULL || is_overtaken (step, entry))
    return NULL;
  for (guint i = 0; i < json_array_get_length (missing); i++)
    {
      JsonObject *one = slip_json_node_object (json_array_get_element (missing, i));
      SlipFoldStep *maker
          = one != NULL ? slip_run_fold_find (losses->fold, slip_json_string (one, "step")) : NULL;

      if (maker != NULL
          && (maker == made
              || (thing != NULL
                  && g_strcmp0 (thing, g_hash_table_lookup (losses->things, maker)) == 0)))
        return g_strdup_printf ("AWS answered at step %s that it is not there (%s)", step->id,
                                slip_json_string (one, "code"));
    }
  return NULL;
}

/* Why @outcome, which is of @step and about what @made made, says that this is gone; NULL when it does not. */
static char *
dup_why (
    Losses *losses, SlipFoldStep *step, JsonObject *outcome, JsonObject *data, SlipFoldStep *made)
{
  SlipRunLook *look = g_hash_table_lookup (losses->made, made);
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
  if (failed && look != NULL && slip_run_look_is_absent (look, code) && is_last (step, outcome))
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

/* Why what @made acts on is gone; with @own, only when the run itself took it away. */
static char *
dup_lost (Losses *losses, SlipFoldStep *made, gboolean own)
{
  const char *thing = g_hash_table_lookup (losses->things, made);
  g_autofree char *why = NULL;

  for (guint i = 0; i < losses->told->len; i++)
    {
      JsonObject *entry = g_ptr_array_index (losses->told, i);
      JsonObject *data = slip_json_object (entry, "data");
      SlipFoldStep *step = slip_run_fold_find (losses->fold, slip_json_string (entry, "step"));
      const char *renamed = step != NULL ? g_hash_table_lookup (losses->renamed, step) : NULL;
      const char *operation = step != NULL ? slip_plan_step_get_operation (step->plan_step) : NULL;

      if (step == NULL || data == NULL)
        continue;
      if (step == made && slip_json_bool (data, "changed", FALSE))
        {
          /* It was made, and perhaps made again. */
          thing = renamed != NULL ? renamed : g_hash_table_lookup (losses->things, made);
          g_clear_pointer (&why, g_free);
        }
      if (step != made && g_strcmp0 (slip_json_string (entry, "kind"), SLIP_RUN_GUARD_KIND) != 0
          && is_about (losses, step, made, thing))
        {
          if (why == NULL && (!own || (operation != NULL && slip_run_fold_takes_away (operation))))
            why = dup_why (losses, step, entry, data, made);
          if (renamed != NULL && slip_json_bool (data, "changed", FALSE))
            thing = renamed;
        }
      if (why == NULL && !own)
        why = dup_why_missing (losses, step, entry, made, thing);
    }
  return g_steal_pointer (&why);
}

static gboolean
has_made (SlipFoldStep *step)
{
  const char *operation = slip_plan_step_get_operation (step->plan_step);

  return step->changed && !step->open && operation != NULL && !slip_run_fold_takes_away (operation);
}

GHashTable *
slip_run_fold_list_lost (SlipRunFold *fold)
{
  GHashTable *lost = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_auto (Losses) losses = losses_new (fold);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      char *why = has_made (step) ? dup_lost (&losses, step, FALSE) : NULL;

      if (why != NULL)
        g_hash_table_insert (lost, step, why);
    }
  return lost;
}

/* Under its old name it is not found, and there all the same. */
static gboolean
was_renamed (Losses *losses, SlipFoldStep *made)
{
  const char *thing = g_hash_table_lookup (losses->things, made);
  GHashTableIter iter;
  gpointer step;

  g_hash_table_iter_init (&iter, losses->renamed);
  while (g_hash_table_iter_next (&iter, &step, NULL))
    if (((SlipFoldStep *)step)->changed
        && g_strcmp0 (g_hash_table_lookup (losses->things, step), thing) == 0)
      return TRUE;
  return FALSE;
}

GPtrArray *
slip_run_fold_list_made (SlipRunFold *fold)
{
  GPtrArray *made = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_look_free);
  g_auto (Losses) losses = losses_new (fold);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      g_autofree char *deleted = NULL;
      gpointer look;

      if (!has_made (step) || !g_hash_table_contains (losses.made, step)
          || was_renamed (&losses, step))
        continue;
      deleted = dup_lost (&losses, step, TRUE);
      if (deleted == NULL && g_hash_table_steal_extended (losses.made, step, NULL, &look))
        g_ptr_array_add (made, look);
    }
  return made;
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

static gboolean
is_rename (SlipRunFold *fold, SlipFoldStep *step)
{
  const char *operation = slip_plan_step_get_operation (step->plan_step);
  g_autoptr (JsonObject) request = operation != NULL ? dup_request (fold, step) : NULL;
  g_autofree char *kind = NULL;
  g_autofree char *renamed = NULL;
  g_autofree char *name
      = request != NULL ? slip_run_targets_thing (operation, request, &kind, &renamed) : NULL;

  return renamed != NULL;
}

/* Whether going through @step once more is harmless, because it reads or looks first. */
static gboolean
may_repeat (SlipPlanStep *step)
{
  SlipResumeRule rule = slip_plan_step_get_resume_rule (step);

  return slip_plan_step_get_effect (step) == SLIP_AWS_EFFECT_READ || rule == SLIP_RESUME_R1
         || rule == SLIP_RESUME_R3;
}

/* The first step that the way to the cursor may be taken again from: behind the last that deletes, renames, or begins
 * something of its own, for what is made then is not what was made before. */
static guint
find_way (SlipRunFold *fold, guint cursor)
{
  for (guint i = cursor; i > 0; i--)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i - 1);

      if (step->state != SLIP_RUN_STEP_SKIPPED && step->state != SLIP_RUN_STEP_PLANNED
          && (!may_repeat (step->plan_step)
              || slip_plan_step_get_effect (step->plan_step) == SLIP_AWS_EFFECT_FINAL
              || is_rename (fold, step)))
        return i;
    }
  return 0;
}

GPtrArray *
slip_run_fold_list_needed (SlipRunFold *fold)
{
  GPtrArray *needed = slip_run_fold_list_made (fold);
  SlipFoldStep *at = slip_run_fold_find (fold, fold->cursor);
  guint cursor = 0;
  guint from;

  if (at == NULL || !g_ptr_array_find (fold->steps, at, &cursor))
    {
      g_ptr_array_set_size (needed, 0);
      return needed;
    }
  from = find_way (fold, cursor);
  for (guint i = needed->len; i > 0; i--)
    {
      SlipRunLook *look = g_ptr_array_index (needed, i - 1);
      guint place = 0;

      if (!g_ptr_array_find (fold->steps, look->step, &place) || place < from || place >= cursor
          || slip_plan_step_get_resume_rule (look->step->plan_step) != SLIP_RESUME_R1)
        g_ptr_array_remove_index (needed, i - 1);
    }
  return needed;
}

GPtrArray *
slip_run_fold_list_reset (SlipRunFold *fold)
{
  g_autoptr (GPtrArray) needed = slip_run_fold_list_needed (fold);
  GPtrArray *reset = g_ptr_array_new ();
  SlipFoldStep *at = slip_run_fold_find (fold, fold->cursor);
  guint first = G_MAXUINT;

  for (guint i = 0; i < needed->len; i++)
    {
      SlipRunLook *look = g_ptr_array_index (needed, i);
      guint place = 0;

      if (g_ptr_array_find (fold->steps, look->step, &place))
        first = MIN (first, place);
    }
  for (guint i = first; i < fold->steps->len && g_ptr_array_index (fold->steps, i) != at; i++)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (step->state == SLIP_RUN_STEP_DONE
          && slip_plan_step_get_resume_rule (step->plan_step) == SLIP_RESUME_R3
          && slip_plan_step_get_effect (step->plan_step) == SLIP_AWS_EFFECT_CHANGE)
        g_ptr_array_add (reset, step);
    }
  return reset;
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
