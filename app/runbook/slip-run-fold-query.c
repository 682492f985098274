/* SPDX-License-Identifier: MIT */
/* What can be asked of a fold besides its members: values of references, what is left over after a
 * run that did not end well; and how a fold catches up with its ledger. */

#include "slip-run-fold-private.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-lost.h"
#include "slip-template.h"

#include <string.h>

typedef struct
{
  SlipRunFold *fold;
  GError **error;
  gboolean failed;
} Sync;

static gboolean
sync_entry (const SlipLedgerEntry *entry, gpointer data)
{
  Sync *sync = data;

  sync->failed = !slip_run_fold_apply (sync->fold, entry->object, sync->error);
  return !sync->failed;
}

gboolean
slip_run_fold_sync (SlipRunFold *fold, SlipLedger *ledger, GError **error)
{
  SlipLedgerFilter filter = {.run = fold->id, .from_seq = fold->last_seq + 1};
  Sync sync = {fold, error, FALSE};

  return slip_ledger_foreach (ledger, &filter, sync_entry, &sync, error) && !sync.failed;
}

char *
slip_run_lock_folder (SlipLedger *ledger)
{
  g_autofree char *path = slip_ledger_dup_path (ledger);

  return g_strconcat (path, ".locks", NULL);
}

static JsonNode *
lookup_loop (SlipFoldStep *loop, const char *name)
{
  if (g_str_equal (name, "CurrentIteratorValue") && loop->turn_value != NULL)
    return json_node_ref (loop->turn_value);
  if (g_str_equal (name, "CurrentIteration") && loop->turn > 0)
    {
      JsonNode *node = json_node_new (JSON_NODE_VALUE);

      json_node_set_int (node, loop->turn);
      return node;
    }
  return NULL;
}

/* `Each[2].CurrentIteratorValue`, as the steps of the second turn name it. A turn is only ever asked
 * about by itself, so that its loop stands in it. */
static JsonNode *
lookup_turn (SlipRunFold *fold, const char *id, const char *name)
{
  const char *bracket = id != NULL && g_str_has_suffix (id, "]") ? strrchr (id, '[') : NULL;
  g_autofree char *loop_id = bracket != NULL ? g_strndup (id, (gsize)(bracket - id)) : NULL;
  SlipFoldStep *loop = slip_run_fold_find (fold, loop_id);

  if (loop == NULL || g_ascii_strtoll (bracket + 1, NULL, 10) != loop->turn)
    return NULL;
  return lookup_loop (loop, name);
}

static JsonNode *
lookup_output (SlipRunFold *fold, const char *reference)
{
  const char *dot = strrchr (reference, '.');
  g_autofree char *id = dot != NULL ? g_strndup (reference, dot - reference) : NULL;
  SlipFoldStep *step = slip_run_fold_find (fold, id);
  JsonNode *value;

  if (step == NULL)
    return dot != NULL ? lookup_turn (fold, id, dot + 1) : NULL;
  value = step->outputs != NULL ? json_object_get_member (step->outputs, dot + 1) : NULL;
  return value != NULL ? json_node_ref (value) : lookup_loop (step, dot + 1);
}

JsonNode *
slip_run_fold_lookup (SlipRunFold *fold, const char *reference)
{
  JsonNode *value = NULL;

  g_return_val_if_fail (fold != NULL && reference != NULL, NULL);

  if (g_str_equal (reference, "automation:EXECUTION_ID"))
    return slip_json_new_string (fold->id);
  if (g_str_has_prefix (reference, "variable:"))
    value = json_object_get_member (fold->variables, reference + strlen ("variable:"));
  if (value != NULL)
    return json_node_ref (value);
  value = lookup_output (fold, reference);
  if (value != NULL)
    return value;
  return fold->plan != NULL ? slip_plan_lookup (fold->plan, reference) : NULL;
}

gboolean
slip_run_fold_takes_away (const char *operation)
{
  static const char *const verbs[] = {"Delete", "Terminate", "Deregister", "Purge"};

  g_return_val_if_fail (operation != NULL, FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_has_prefix (operation, verbs[i]))
      return TRUE;
  return FALSE;
}

static JsonNode *
lookup (const char *reference, gpointer fold)
{
  return slip_run_fold_lookup (fold, reference);
}

/* With what the run knows; whoever undoes something has no use for a reference. */
static void
set_known_text (JsonObject *object, SlipRunFold *fold, const char *member, const char *text)
{
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) node = slip_json_new_string (text);
  g_autoptr (JsonNode) known = slip_template_resolve (node, lookup, fold, unknown, NULL);
  gboolean plain = known != NULL && JSON_NODE_HOLDS_VALUE (known)
                   && json_node_get_value_type (known) == G_TYPE_STRING;

  json_object_set_string_member (object, member, plain ? json_node_get_string (known) : text);
}

static gboolean
is_waiting (const SlipFoldStep *step)
{
  return step->state == SLIP_RUN_STEP_WAITING || step->state == SLIP_RUN_STEP_OVERDUE;
}

/* What was sent and did not end; of what this machine does itself nothing goes on elsewhere. */
static gboolean
goes_on (const SlipFoldStep *step)
{
  const char *service = slip_plan_step_get_service (step->plan_step);

  if (service == NULL || slip_action_is_local (service))
    return FALSE;
  return is_waiting (step)
         || (step->open && slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ);
}

/* What it would wait for is what an earlier step set going. */
static gboolean
is_ahead_of_wait (SlipRunFold *fold, const SlipFoldStep *step)
{
  if (step->state != SLIP_RUN_STEP_PLANNED || slip_plan_step_get_wait (step->plan_step) == NULL
      || slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ)
    return FALSE;
  for (guint i = 0; i < fold->steps->len; i++)
    if (((SlipFoldStep *)g_ptr_array_index (fold->steps, i))->changed)
      return TRUE;
  return FALSE;
}

const char *
slip_run_fold_find_going_on (SlipRunFold *fold)
{
  SlipFoldStep *next;

  g_return_val_if_fail (fold != NULL, NULL);

  for (guint i = 0; i < fold->steps->len; i++)
    {
      const SlipFoldStep *step = g_ptr_array_index (fold->steps, i);

      if (goes_on (step))
        return slip_plan_step_get_title (step->plan_step);
    }
  next = fold->cursor != NULL ? slip_run_fold_find (fold, fold->cursor) : NULL;
  return next != NULL && is_ahead_of_wait (fold, next) ? slip_plan_step_get_title (next->plan_step)
                                                       : NULL;
}

#define UNDO_RUN "slipwayctl migrate undo RUN"

/* A plan cannot know which run of the migration database its step will be; the step tells it. */
static char *
dup_undo (SlipFoldStep *step)
{
  const char *undo = slip_plan_step_get_undo (step->plan_step);
  gint64 run = step->outputs != NULL ? slip_json_int (step->outputs, "Run", 0) : 0;
  g_autofree char *known = NULL;
  GString *text;

  if (undo == NULL)
    return g_strdup ("nothing that Slipway knows takes it back");
  text = g_string_new (undo);
  known = g_strdup_printf ("slipwayctl migrate undo %" G_GINT64_FORMAT, run);
  if (run > 0)
    g_string_replace (text, UNDO_RUN, known, 0);
  else if (strstr (undo, UNDO_RUN) != NULL)
    g_string_append (text, ". RUN is the number that “slipwayctl migrate status” tells");
  return g_string_free (text, FALSE);
}

static const char *
describe_end (const SlipFoldStep *step)
{
  if (step->state == SLIP_RUN_STEP_DONE)
    return "";
  if (step->state == SLIP_RUN_STEP_FAILED)
    return " was refused or ended badly";
  return step->open ? " was sent; whether it happened is not known"
                    : " was begun, and did not come to its end here";
}

static JsonObject *
leftover_new (SlipRunFold *fold, SlipFoldStep *step, const char *lost)
{
  JsonObject *object = json_object_new ();
  g_autofree char *undo = dup_undo (step);
  g_autofree char *cost = NULL;
  g_autofree char *what
      = g_strdup_printf ("%s:%s%s", slip_plan_step_get_service (step->plan_step),
                         slip_plan_step_get_operation (step->plan_step), describe_end (step));

  json_object_set_string_member (object, "step", step->id);
  if (slip_plan_step_get_title (step->plan_step) != NULL)
    set_known_text (object, fold, "title", slip_plan_step_get_title (step->plan_step));
  json_object_set_string_member (object, "what", what);
  /* Of what was deleted nothing exists that could be undone. */
  if (slip_run_fold_takes_away (slip_plan_step_get_operation (step->plan_step)))
    json_object_set_boolean_member (object, "gone", TRUE);
  if (step->request != NULL)
    json_object_set_member (object, "request", json_node_ref (step->request));
  /* Nor of what is not there: how it would be undone, and what it costs, is not said. */
  slip_run_entry_set_text (object, "lost", lost);
  if (lost != NULL)
    return object;
  set_known_text (object, fold, "undo", undo);
  cost = slip_run_dup_cost (slip_plan_step_get_service (step->plan_step),
                            slip_plan_step_get_operation (step->plan_step),
                            slip_json_node_object (step->request));
  slip_run_entry_set_text (object, "cost", cost);
  return object;
}

/* Of a digest, as people type it. */
#define NAME_DIGITS 8

char *
slip_run_fold_dup_need_name (SlipRunFold *fold)
{
  g_return_val_if_fail (fold != NULL, NULL);

  if (fold->need_guard == NULL || fold->need_guard_sha256 == NULL)
    return g_strdup (fold->need_step);
  return g_strdup_printf ("%s/%s:%.*s", fold->need_step, fold->need_guard, NAME_DIGITS,
                          fold->need_guard_sha256);
}

JsonArray *
slip_run_fold_list_leftovers (SlipRunFold *fold)
{
  JsonArray *leftovers = json_array_new ();
  g_autoptr (GHashTable) lost = NULL;

  g_return_val_if_fail (fold != NULL, leftovers);

  lost = slip_run_fold_list_lost (fold);
  for (guint i = fold->steps->len; i > 0; i--)
    {
      SlipFoldStep *step = g_ptr_array_index (fold->steps, i - 1);
      gboolean maybe = (step->open || is_waiting (step))
                       && slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ;

      if (slip_plan_step_get_operation (step->plan_step) != NULL && (step->changed || maybe))
        json_array_add_object_element (leftovers,
                                       leftover_new (fold, step, g_hash_table_lookup (lost, step)));
    }
  return leftovers;
}
