/* SPDX-License-Identifier: MIT */
/* What runs act on, read from the requests of their plans, and which unfinished run another one would
 * come between. Names are all that is compared: a run that was interrupted is protected by its plan in
 * the ledger, not by a process or a lock. */

#include "slip-run-targets.h"

#include "slip-action.h"
#include "slip-clock.h"
#include "slip-json.h"
#include "slip-run-fold.h"
#include "slip-run-lock.h"

#include <string.h>

/* ---- names in requests */

/* `DBClusterSnapshot` of `TargetDBClusterSnapshotIdentifier`, in small letters. */
static char *
noun_of (const char *member)
{
  static const char *const before[] = {"target", "new"};
  static const char *const behind[] = {"identifier", "name", "arn", "id"};
  char *noun = g_ascii_strdown (member, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (before); i++)
    if (g_str_has_prefix (noun, before[i]))
      {
        memmove (noun, noun + strlen (before[i]), strlen (noun + strlen (before[i])) + 1);
        break;
      }
  for (gsize i = 0; i < G_N_ELEMENTS (behind); i++)
    if (g_str_has_suffix (noun, behind[i]))
      {
        noun[strlen (noun) - strlen (behind[i])] = '\0';
        break;
      }
  return noun;
}

/* Whether @value is a name that is known: references are resolved only while running. */
static gboolean
is_known (const char *value)
{
  return value != NULL && *value != '\0' && strstr (value, "{{") == NULL;
}

/* The same thing may be named by its ARN and by its name; RDS takes both, in any case. */
static char *
plain_name (const char *value)
{
  const char *colon = strrchr (value, ':');
  const char *slash = strrchr (value, '/');

  if (g_str_has_prefix (value, "arn:"))
    value = MAX (colon, slash) + 1;
  return g_ascii_strdown (value, -1);
}

static char *
find_subject (const char *verb, JsonObject *request)
{
  g_autoptr (GList) members = json_object_get_members (request);
  const char *found = NULL;
  gsize best = 0;

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);
      g_autofree char *noun = noun_of (l->data);

      if (!is_known (value) || strlen (noun) <= best || strstr (verb, noun) == NULL)
        continue;
      best = strlen (noun);
      found = value;
    }
  return found != NULL ? plain_name (found) : NULL;
}

char *
slip_run_targets_subject (const char *operation, JsonObject *request)
{
  g_autofree char *verb = NULL;
  g_autofree char *all = NULL;
  char *from;
  char *subject;

  g_return_val_if_fail (operation != NULL && request != NULL, NULL);

  all = g_ascii_strdown (operation, -1);
  verb = g_strdup (all);
  /* `RestoreDBClusterFromSnapshot` makes a cluster; `RemoveFromGlobalCluster` changes a global one. */
  from = strstr (verb, "from");
  if (from != NULL)
    *from = '\0';
  subject = find_subject (verb, request);
  return subject != NULL || from == NULL ? subject : find_subject (all, request);
}

static gboolean
is_mentioned (const char *member, const char *value)
{
  return (g_str_has_suffix (member, "Identifier") || g_str_has_suffix (member, "Name")
          || g_str_has_suffix (member, "Arn"))
         && !g_str_has_prefix (member, "Source") && is_known (value);
}

static void
add_target (GHashTable *targets, JsonObject *step, const char *name)
{
  const char *account = slip_json_string (step, "account");
  const char *region = slip_json_string (step, "region");
  const char *service = slip_json_string (step, "service");

  g_hash_table_add (targets, g_strdup_printf ("%s %s %s %s", account != NULL ? account : "-",
                                              region != NULL ? region : "-",
                                              service != NULL ? service : "-", name));
}

static void
add_mentioned (GHashTable *targets, JsonObject *step, JsonObject *request)
{
  g_autoptr (GList) members = json_object_get_members (request);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);
      g_autofree char *name
          = value != NULL && is_mentioned (l->data, value) ? plain_name (value) : NULL;

      if (name != NULL)
        add_target (targets, step, name);
    }
}

/* What work on this machine acts on: Terraform's state is one thing for each folder, and of a command
 * nothing is known but itself. */
static void
add_local (GHashTable *targets, JsonObject *step, JsonObject *request)
{
  static const char *const members[]
      = {"directory", "Directory", "file", "File", "url", "Url", "Secret", "Host", "target"};
  JsonNode *command = json_object_get_member (request, "command");

  for (gsize i = 0; i < G_N_ELEMENTS (members); i++)
    if (is_known (slip_json_string (request, members[i])))
      add_target (targets, step, slip_json_string (request, members[i]));
  if (command != NULL)
    {
      g_autofree char *text = slip_json_to_text (command, FALSE);

      /* A target ends with its name, which has no spaces. */
      add_target (targets, step, g_strdelimit (text, " ", '_'));
    }
}

/* What is renamed has two names, and both are taken. */
static void
add_new_names (GHashTable *targets, JsonObject *step, JsonObject *request)
{
  g_autoptr (GList) members = json_object_get_members (request);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);
      const char *old = (const char *)l->data + strlen ("New");

      if (!g_str_has_prefix (l->data, "New") || value == NULL || !is_mentioned (l->data, value))
        continue;
      for (guint i = 0; i < 2; i++)
        if (is_known (i == 0 ? value : slip_json_string (request, old)))
          {
            g_autofree char *name = plain_name (i == 0 ? value : slip_json_string (request, old));

            add_target (targets, step, name);
          }
    }
}

static void
collect (JsonObject *step, gboolean mentioned, GHashTable *targets)
{
  JsonObject *request = slip_json_object (step, "request");
  JsonArray *body = slip_json_array (step, "body");
  const char *operation = slip_json_string (step, "operation");
  g_autofree char *subject = NULL;

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    collect (json_array_get_object_element (body, i), mentioned, targets);
  if (request == NULL || operation == NULL
      || g_strcmp0 (slip_json_string (step, "effect"), "read") == 0)
    return;
  if (slip_json_string (step, "service") != NULL
      && slip_action_is_local (slip_json_string (step, "service")))
    {
      add_local (targets, step, request);
      return;
    }
  subject = slip_run_targets_subject (operation, request);
  if (subject != NULL)
    add_target (targets, step, subject);
  add_new_names (targets, step, request);
  /* A task has no name before it runs; what it works in has. */
  if (subject == NULL && is_known (slip_json_string (request, "cluster")))
    {
      g_autofree char *cluster = plain_name (slip_json_string (request, "cluster"));

      add_target (targets, step, cluster);
    }
  /* Of a request whose subject cannot be told, all that it names may be. */
  if (subject == NULL || mentioned)
    add_mentioned (targets, step, request);
}

static GHashTable *
list_targets (JsonArray *steps, gboolean mentioned)
{
  GHashTable *targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    collect (json_array_get_object_element (steps, i), mentioned, targets);
  return targets;
}

GHashTable *
slip_run_targets_list (JsonArray *steps)
{
  return list_targets (steps, FALSE);
}

GHashTable *
slip_run_targets_mentioned (JsonArray *steps)
{
  return list_targets (steps, TRUE);
}

/* ---- unfinished runs */

void
slip_run_clash_free (SlipRunClash *clash)
{
  g_free (clash->id);
  g_free (clash->title);
  g_free (clash->step);
  g_free (clash->actor);
  g_free (clash->names);
  g_free (clash->why);
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

JsonArray *
slip_run_targets_left (SlipRunFold *fold)
{
  JsonArray *steps
      = slip_json_array (slip_json_node_object (slip_plan_to_json (fold->plan)), "steps");
  JsonArray *left = json_array_new ();

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *planned = json_array_get_object_element (steps, i);
      SlipFoldStep *step = slip_run_fold_find (fold, slip_json_string (planned, "id"));

      if (step == NULL
          || (step->state != SLIP_RUN_STEP_DONE && step->state != SLIP_RUN_STEP_SKIPPED))
        json_array_add_object_element (left, json_object_ref (planned));
    }
  return left;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* "a, b": the names in both sets, NULL when there are none. */
static char *
shared_names (GHashTable *ours, GHashTable *theirs)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer target;

  g_hash_table_iter_init (&iter, theirs);
  while (g_hash_table_iter_next (&iter, &target, NULL))
    if (g_hash_table_contains (ours, target))
      g_ptr_array_add (names, g_strdup (strrchr (target, ' ') + 1));
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

char *
slip_run_clash_describe (const SlipRunClash *clash)
{
  g_autofree char *began = slip_time_format (clash->started);
  g_autofree char *next
      = clash->step != NULL ? g_strdup_printf (", next is “%s”", clash->step) : g_strdup ("");
  gboolean runs = clash->state == SLIP_RUN_RUNNING;

  if (clash->unprovable)
    return describe_unprovable (clash);
  return g_strdup_printf ("run %s (“%s”, begun %s%s%s) is not through: %s%s. It may still change "
                          "%s. %s: slipwayctl run "
                          "%s %s",
                          clash->id, clash->title, began, clash->actor != NULL ? " by " : "",
                          clash->actor != NULL ? clash->actor : "",
                          slip_run_state_get_name (clash->state), next, clash->names,
                          runs ? "Wait for its end, or cancel it" : "Resume it, or cancel it",
                          runs ? "cancel" : "resume|cancel", clash->id);
}

GPtrArray *
slip_run_list_clashes (SlipLedger *ledger, const char *except, JsonArray *steps, GError **error)
{
  g_autoptr (GPtrArray) ids = NULL;
  g_autoptr (GHashTable) ours = slip_run_targets_list (steps);
  g_autoptr (GPtrArray) clashes
      = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_run_clash_free);

  g_return_val_if_fail (SLIP_IS_LEDGER (ledger), NULL);

  ids = list_unfinished (ledger, error);
  if (ids == NULL)
    return NULL;
  for (guint i = 0; i < ids->len && g_hash_table_size (ours) > 0; i++)
    {
      g_autoptr (SlipRunFold) fold = slip_run_fold_new (g_ptr_array_index (ids, i));
      g_autoptr (JsonArray) left = NULL;
      g_autoptr (GHashTable) theirs = NULL;
      g_autoptr (GError) local = NULL;
      char *names;

      if (g_strcmp0 (fold->id, except) == 0)
        continue;
      if (!slip_run_fold_sync (fold, ledger, &local))
        {
          if (!g_error_matches (local, SLIP_RUN_ERROR, SLIP_RUN_ERROR_DAMAGED))
            {
              g_propagate_error (error, g_steal_pointer (&local));
              return NULL;
            }
          g_ptr_array_add (clashes, unprovable_new (fold->id, local->message));
          continue;
        }
      left = slip_run_targets_left (fold);
      theirs = slip_run_targets_list (left);
      names = shared_names (ours, theirs);
      if (names != NULL)
        g_ptr_array_add (clashes, clash_new (ledger, fold, names));
    }
  return g_steal_pointer (&clashes);
}
