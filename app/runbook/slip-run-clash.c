/* SPDX-License-Identifier: MIT */
/* Which unfinished run another one would come between. Names are all that is compared: a run that was
 * interrupted is protected by its plan in the ledger, not by a process or a lock. What has no name yet
 * may be anything of its kind in its place, and counts as touched. */

#include "slip-run-clash.h"

#include "slip-clock.h"
#include "slip-json.h"
#include "slip-open-call.h"
#include "slip-run-lock.h"
#include "slip-run-needs.h"
#include "slip-run-targets.h"

#include <string.h>

void
slip_run_clash_free (SlipRunClash *clash)
{
  g_free (clash->id);
  g_free (clash->title);
  g_free (clash->step);
  g_free (clash->actor);
  g_free (clash->names);
  g_free (clash->unnamed);
  g_free (clash->why);
  g_free (clash->call);
  g_free (clash);
}

static gboolean
note_started (const SlipLedgerEntry *entry, gpointer data)
{
  const char *id = slip_json_string (entry->object, "run");

  if (id != NULL)
    g_ptr_array_add (data, g_strdup (id));
  return TRUE;
}

static gboolean
note_finished (const SlipLedgerEntry *entry, gpointer data)
{
  const char *id = slip_json_string (entry->object, "run");
  const char *outcome = slip_json_string (entry->object, "outcome");

  if (id != NULL && (g_strcmp0 (outcome, "done") == 0 || g_strcmp0 (outcome, "cancelled") == 0))
    g_hash_table_add (data, g_strdup (id));
  return TRUE;
}

/* Ids of runs that began and can be gone on with. Only those are folded: a ledger holds many more. */
static GPtrArray *
list_unfinished (SlipLedger *ledger, GError **error)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) over = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  SlipLedgerFilter started = {.kind = SLIP_RUN_STARTED_KIND, .newest_first = TRUE};
  SlipLedgerFilter finished = {.kind = SLIP_RUN_FINISHED_KIND};

  if (!slip_ledger_foreach (ledger, &finished, note_finished, over, error)
      || !slip_ledger_foreach (ledger, &started, note_started, ids, error))
    return NULL;
  for (guint i = ids->len; i > 0; i--)
    if (g_hash_table_contains (over, g_ptr_array_index (ids, i - 1)))
      g_ptr_array_remove_index (ids, i - 1);
  return g_steal_pointer (&ids);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static gboolean
has_value (JsonObject *object, const char *value)
{
  g_autoptr (GList) members = object != NULL ? json_object_get_members (object) : NULL;
  gboolean has = FALSE;

  for (GList *member = members; member != NULL && !has; member = member->next)
    has = g_strcmp0 (slip_json_string (object, member->data), value) == 0;
  return has;
}

/* What a person calls it: a host that a step of the run read of a cluster is that cluster. */
static char *
dup_called (SlipRunFold *fold, const char *name)
{
  for (guint i = 0; i < fold->steps->len; i++)
    {
      const SlipFoldStep *step = g_ptr_array_index (fold->steps, i);
      JsonNode *node = slip_plan_step_get_request (step->plan_step);
      JsonObject *request = node != NULL ? slip_json_node_object (node) : NULL;
      const char *operation = slip_plan_step_get_operation (step->plan_step);
      char *subject;

      if (request == NULL || operation == NULL
          || slip_plan_step_get_effect (step->plan_step) != SLIP_AWS_EFFECT_READ
          || (!has_value (step->outputs, name)
              && !has_value (slip_plan_step_get_expect (step->plan_step), name)))
        continue;
      subject = slip_run_targets_subject (operation, request);
      if (subject != NULL)
        return subject;
    }
  return g_strdup (name);
}

static void
add_called (GPtrArray *names, SlipRunFold *fold, const char *name)
{
  g_autofree char *called = fold != NULL ? dup_called (fold, name) : g_strdup (name);

  if (!g_ptr_array_find_with_equal_func (names, called, g_str_equal, NULL))
    g_ptr_array_add (names, g_steal_pointer (&called));
}

/* "a, b": the names in both sets; with @place those of @theirs, which are of @fold, that are there. NULL when there are
 * none. */
static char *
join_names (SlipRunFold *fold, GHashTable *ours, GHashTable *theirs, const char *place)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer target;

  g_hash_table_iter_init (&iter, theirs);
  while (g_hash_table_iter_next (&iter, &target, NULL))
    if (!slip_run_targets_is_unknown (target)
        && (place != NULL ? g_str_has_prefix (target, place)
                          : g_hash_table_contains (ours, target)))
      add_called (names, fold, strrchr (target, ' ') + 1);
  if (names->len == 0)
    return NULL;
  g_ptr_array_sort (names, compare_names);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (char **)names->pdata);
}

static SlipRunClash *
clash_new (SlipLedger *ledger, SlipRunFold *fold, char *names)
{
  SlipRunClash *clash = g_new0 (SlipRunClash, 1);
  SlipFoldStep *next = slip_run_fold_find (fold, fold->cursor);
  g_autofree char *folder = slip_run_lock_folder (ledger);

  clash->id = g_strdup (fold->id);
  clash->title = g_strdup (slip_plan_get_title (fold->plan));
  clash->state = fold->state;
  if (fold->state == SLIP_RUN_RUNNING && !slip_run_lock_is_held (folder, fold->id))
    clash->state = SLIP_RUN_INTERRUPTED;
  if (next != NULL)
    clash->step = g_strdup (slip_plan_step_get_title (next->plan_step));
  clash->actor = g_strdup (fold->actor);
  clash->started = fold->started;
  clash->names = names;
  return clash;
}

static SlipRunClash *
unprovable_new (const char *id, const char *why)
{
  SlipRunClash *clash = g_new0 (SlipRunClash, 1);

  clash->id = g_strdup (id);
  clash->state = SLIP_RUN_INTERRUPTED;
  clash->unprovable = TRUE;
  clash->why = g_strdup (why);
  return clash;
}

static char *
describe_unprovable (const SlipRunClash *clash)
{
  return g_strdup_printf ("what run %s, which is not through, may still change cannot be told: %s. "
                          "Look at AWS, then cancel it: slipwayctl run cancel %s",
                          clash->id, clash->why, clash->id);
}

static char *
describe_what (const SlipRunClash *clash)
{
  if (clash->needed)
    return g_strdup_printf ("It made %s, or needs it, and this plan takes that away", clash->names);
  if (clash->unnamed == NULL)
    return g_strdup_printf ("It may still change %s", clash->names);
  if (clash->names == NULL)
    return g_strdup_printf (
        "What its step “%s” changes gets its name only while it runs, and may be "
        "what this plan changes",
        clash->unnamed);
  return g_strdup_printf (
      "It may still change %s, and what step “%s” of this plan changes gets its "
      "name only while it runs",
      clash->names, clash->unnamed);
}

char *
slip_run_clash_describe (const SlipRunClash *clash)
{
  g_autofree char *began = slip_time_format (clash->started);
  g_autofree char *next
      = clash->step != NULL ? g_strdup_printf (", next is “%s”", clash->step) : g_strdup ("");
  g_autofree char *what = NULL;
  gboolean runs = clash->state == SLIP_RUN_RUNNING;

  if (clash->call != NULL)
    return g_strdup (clash->call);
  if (clash->why != NULL)
    return describe_unprovable (clash);
  what = describe_what (clash);
  return g_strdup_printf (
      "run %s (“%s”, begun %s%s%s) is not through: %s%s. %s. %s: slipwayctl run "
      "%s %s",
      clash->id, clash->title, began, clash->actor != NULL ? " by " : "",
      clash->actor != NULL ? clash->actor : "", slip_run_state_get_name (clash->state), next, what,
      runs ? "Wait for its end, or cancel it" : "Resume it, or cancel it",
      runs ? "cancel" : "resume|cancel", clash->id);
}

/* The first of @steps that changes what has no name yet, where @others has something; its place is
 * `account region service `. */
static JsonObject *
find_unnamed (JsonArray *steps, GHashTable *others, char **place)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      g_autoptr (JsonArray) one = json_array_new ();
      g_autoptr (GHashTable) targets = NULL;
      GHashTableIter iter;
      gpointer target, other;

      json_array_add_object_element (one, json_object_ref (step));
      targets = slip_run_targets_list (one);
      g_hash_table_iter_init (&iter, targets);
      while (g_hash_table_iter_next (&iter, &target, NULL))
        {
          g_autofree char *prefix
              = g_strndup (target, strlen (target) - strlen (SLIP_RUN_TARGET_UNKNOWN));
          GHashTableIter inner;

          if (!slip_run_targets_is_unknown (target))
            continue;
          g_hash_table_iter_init (&inner, others);
          while (g_hash_table_iter_next (&inner, &other, NULL))
            if (g_str_has_prefix (other, prefix))
              {
                *place = g_steal_pointer (&prefix);
                return step;
              }
        }
    }
  return NULL;
}

static char *
dup_title (JsonObject *step)
{
  const char *title = slip_json_string (step, "title");

  return g_strdup (title != NULL ? title : slip_json_string (step, "id"));
}

/* What @fold's run would have to do with @steps, or NULL. */
static SlipRunClash *
compare (
    SlipLedger *ledger, SlipRunFold *fold, JsonArray *steps, GHashTable *ours, GHashTable *taken)
{
  g_autoptr (JsonArray) left = slip_run_targets_left (fold);
  g_autoptr (GHashTable) theirs = slip_run_targets_list (left);
  g_autofree char *place = NULL;
  char *names = join_names (fold, ours, theirs, NULL);
  g_autoptr (GHashTable) needed = NULL;
  JsonObject *step = NULL;
  SlipRunClash *clash;

  if (names != NULL)
    return clash_new (ledger, fold, names);
  needed = slip_run_needs_list (fold);
  names = join_names (fold, taken, needed, NULL);
  if (names != NULL)
    {
      clash = clash_new (ledger, fold, names);
      clash->needed = TRUE;
      return clash;
    }
  step = find_unnamed (left, ours, &place);
  if (step != NULL)
    {
      clash = clash_new (ledger, fold, NULL);
      clash->unnamed = dup_title (step);
      return clash;
    }
  /* What this plan has no names for yet is looked at again when it has: before each final step. */
  step = find_unnamed (steps, theirs, &place);
  if (step == NULL)
    return NULL;
  clash = clash_new (ledger, fold, join_names (fold, ours, theirs, place));
  clash->unnamed = dup_title (step);
  clash->unprovable = TRUE;
  return clash;
}

static gboolean
add_clash (GPtrArray *clashes,
           SlipLedger *ledger,
           const char *id,
           JsonArray *steps,
           GHashTable *ours,
           GHashTable *taken,
           GError **error)
{
  g_autoptr (SlipRunFold) fold = slip_run_fold_new (id);
  g_autoptr (GError) local = NULL;
  SlipRunClash *clash;

  if (slip_run_fold_sync (fold, ledger, &local))
    clash = compare (ledger, fold, steps, ours, taken);
  else if (g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED))
    clash = unprovable_new (fold->id, local->message);
  else
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (clash != NULL)
    g_ptr_array_add (clashes, clash);
  return TRUE;
}

/* What the call changes, as a step of a plan. */
static JsonArray *
steps_of_call (const SlipOpenCall *call)
{
  JsonArray *steps = json_array_new ();
  JsonObject *step = json_object_new ();

  json_object_set_string_member (step, "effect", "change");
  json_object_set_string_member (step, "service", call->service);
  json_object_set_string_member (step, "operation", call->operation);
  slip_run_entry_set_text (step, "account", call->account);
  slip_run_entry_set_text (step, "region", call->region);
  if (call->request != NULL)
    json_object_set_member (step, "request", json_node_ref (call->request));
  json_array_add_object_element (steps, step);
  return steps;
}

static gboolean
add_open_calls (GPtrArray *clashes, SlipLedger *ledger, GHashTable *ours, GError **error)
{
  g_autoptr (GPtrArray) calls = slip_open_call_list (ledger, error);

  for (guint i = 0; calls != NULL && i < calls->len; i++)
    {
      const SlipOpenCall *call = g_ptr_array_index (calls, i);
      g_autoptr (JsonArray) steps = steps_of_call (call);
      g_autoptr (GHashTable) theirs = slip_run_targets_list (steps);
      g_autofree char *names = join_names (NULL, ours, theirs, NULL);
      SlipRunClash *clash = names != NULL ? g_new0 (SlipRunClash, 1) : NULL;

      if (clash == NULL)
        continue;
      clash->names = g_steal_pointer (&names);
      clash->call = slip_open_call_describe (call);
      g_ptr_array_add (clashes, clash);
    }
  return calls != NULL;
}

GPtrArray *
slip_run_list_clashes (SlipLedger *ledger, const char *except, JsonArray *steps, GError **error)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GHashTable) ours = slip_run_targets_list (steps);
  g_autoptr (GHashTable) taken = slip_run_needs_list_taken (steps);
  g_autoptr (GPtrArray) clashes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_clash_free);

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  ids = list_unfinished (ledger, error);
  if (ids == NULL)
    return NULL;
  for (guint i = 0; i < ids->len && g_hash_table_size (ours) > 0; i++)
    if (g_strcmp0 (g_ptr_array_index (ids, i), except) != 0
        && !add_clash (clashes, ledger, g_ptr_array_index (ids, i), steps, ours, taken, error))
      return NULL;
  return add_open_calls (clashes, ledger, ours, error) ? g_steal_pointer (&clashes) : NULL;
}

/* ---- databases of an environment */

/* Of a target, `account region service name`: whether it holds rows, brings them back, or moves them: a migration's stage names
 * its databases, and what a state machine does in them only the machine knows. */
static gboolean
is_of_databases (const char *target)
{
  static const char *const services[]
      = {"rds", "backup", "dms", "terraform", "migration", "sql", "states", NULL};
  g_auto (GStrv) words = g_strsplit (target, " ", 4);

  return g_strv_length (words) == 4 && g_strv_contains (services, words[2]);
}

static JsonArray *
steps_left_in (SlipRunFold *fold, const char *environment)
{
  g_autoptr (JsonArray) left = slip_run_targets_left (fold);
  JsonArray *steps = json_array_new ();

  for (guint i = 0; i < json_array_get_length (left); i++)
    {
      JsonObject *step = json_array_get_object_element (left, i);
      const char *its = slip_json_string (step, "environment");

      if (g_strcmp0 (its != NULL ? its : slip_plan_get_environment (fold->plan), environment) == 0)
        json_array_add_object_element (steps, json_object_ref (step));
    }
  return steps;
}

/* "a, b": what the run may still change of the environment's databases; NULL when there is nothing. */
static char *
join_databases (SlipRunFold *fold, const char *environment)
{
  g_autoptr (JsonArray) steps = steps_left_in (fold, environment);
  g_autoptr (GHashTable) targets = slip_run_targets_list (steps);
  g_autoptr (GHashTable) databases = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer target;
  char *names;

  g_hash_table_iter_init (&iter, targets);
  while (g_hash_table_iter_next (&iter, &target, NULL))
    if (is_of_databases (target))
      g_hash_table_add (databases, target);
  names = join_names (fold, databases, databases, NULL);
  if (names == NULL && g_hash_table_size (databases) > 0)
    names = g_strdup ("a database that gets its name only while it runs");
  return names;
}

GPtrArray *
slip_run_list_database_clashes (SlipLedger *ledger, const char *environment, GError **error)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GPtrArray) clashes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_clash_free);

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger) && environment != NULL, NULL);

  ids = list_unfinished (ledger, error);
  for (guint i = 0; ids != NULL && i < ids->len; i++)
    {
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (g_ptr_array_index (ids, i));
      g_autoptr (GError) local = NULL;
      char *names;

      if (slip_run_fold_sync (fold, ledger, &local))
        {
          names = join_databases (fold, environment);
          if (names != NULL)
            g_ptr_array_add (clashes, clash_new (ledger, fold, names));
        }
      else if (g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED))
        g_ptr_array_add (clashes, unprovable_new (fold->id, local->message));
      else
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
    }
  return ids != NULL ? g_steal_pointer (&clashes) : NULL;
}
