/* SPDX-License-Identifier: MIT */
/* What runs act on, read from the requests of their plans: names, and where there are names that are
 * known only while running, that there are. Of a run that began, what it has resolved so far counts. Who
 * is in whose way by that is slip-run-clash.c's business. */

#include "slip-run-targets.h"

#include "slip-action.h"
#include "slip-json.h"
#include "slip-run-entry.h"
#include "slip-template.h"

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
gboolean
slip_run_target_is_known (const char *value)
{
  return value != NULL && *value != '\0' && strstr (value, "{{") == NULL;
}

/* The same thing may be named by its ARN and by its name; RDS takes both, in any case. */
char *
slip_run_target_plain_name (const char *value)
{
  const char *colon = strrchr (value, ':');
  const char *slash = strrchr (value, '/');

  if (g_str_has_prefix (value, "arn:"))
    value = MAX (colon, slash) + 1;
  return g_ascii_strdown (value, -1);
}

/* The name, or NULL; @unknown is set when the member that has it is there and its value is not known. */
static char *
find_subject (const char *verb, JsonObject *request, const char **member, gboolean *unknown)
{
  g_autoptr (GList) members = json_object_get_members (request);
  /* What `DeleteParameter` deletes is called just that. */
  const char *found = slip_json_string (request, "Name");
  gboolean known = slip_run_target_is_known (found);
  gsize best = 0;

  *member = "Name";
  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);
      g_autofree char *noun = noun_of (l->data);

      if (value == NULL || *value == '\0' || strlen (noun) <= best || strstr (verb, noun) == NULL)
        continue;
      /* What is renamed is called by its old name. */
      if (g_str_has_prefix (l->data, "New")
          && json_object_has_member (request, (const char *)l->data + strlen ("New")))
        continue;
      best = strlen (noun);
      found = value;
      *member = l->data;
      known = slip_run_target_is_known (value);
    }
  *unknown = found != NULL && *found != '\0' && !known;
  return known ? slip_run_target_plain_name (found) : NULL;
}

static char *
find_subject_of (const char *operation, JsonObject *request, const char **member, gboolean *unknown)
{
  g_autofree char *all = g_ascii_strdown (operation, -1);
  g_autofree char *verb = g_strdup (all);
  char *from = strstr (verb, "from");
  char *subject;

  /* `RestoreDBClusterFromSnapshot` makes a cluster; `RemoveFromGlobalCluster` changes a global one. */
  if (from != NULL)
    *from = '\0';
  subject = find_subject (verb, request, member, unknown);
  return subject != NULL || *unknown || from == NULL ? subject
                                                     : find_subject (all, request, member, unknown);
}

char *
slip_run_targets_subject (const char *operation, JsonObject *request)
{
  gboolean unknown;
  const char *member;

  g_return_val_if_fail (operation != NULL && request != NULL, NULL);

  return find_subject_of (operation, request, &member, &unknown);
}

char *
slip_run_targets_thing (const char *operation, JsonObject *request, char **kind, char **renamed)
{
  gboolean unknown;
  const char *member;
  g_autofree char *other = NULL;
  char *name;

  g_return_val_if_fail (operation != NULL && request != NULL, NULL);
  g_return_val_if_fail (kind != NULL && renamed != NULL, NULL);

  name = find_subject_of (operation, request, &member, &unknown);
  *kind = name != NULL ? noun_of (member) : NULL;
  *renamed = NULL;
  if (name == NULL)
    return NULL;
  other = g_strconcat ("New", member, NULL);
  if (slip_run_target_is_known (slip_json_string (request, other)))
    *renamed = slip_run_target_plain_name (slip_json_string (request, other));
  return name;
}

gboolean
slip_run_target_is_mentioned (const char *member, const char *value)
{
  return (g_str_has_suffix (member, "Identifier") || g_str_has_suffix (member, "Name")
          || g_str_has_suffix (member, "Arn"))
         && !g_str_has_prefix (member, "Source") && slip_run_target_is_known (value);
}

char *
slip_run_target_new (JsonObject *step, const char *name)
{
  const char *account = slip_json_string (step, "account");
  const char *region = slip_json_string (step, "region");
  const char *service = slip_json_string (step, "service");

  return g_strdup_printf ("%s %s %s %s", account != NULL ? account : "-",
                          region != NULL ? region : "-", service != NULL ? service : "-", name);
}

JsonObject *
slip_run_target_place (JsonObject *step, JsonObject *declared)
{
  static const char *const members[] = {"service", "account", "region"};
  JsonObject *place = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++)
    {
      const char *told = slip_json_string (declared, members[i]);

      slip_run_entry_set_text (place, members[i],
                               told != NULL ? told : slip_json_string (step, members[i]));
    }
  return place;
}

static void
add_target (GHashTable *targets, JsonObject *step, const char *name)
{
  g_hash_table_add (targets, slip_run_target_new (step, name));
}

static void
add_mentioned (GHashTable *targets, JsonObject *step, JsonObject *request)
{
  g_autoptr (GList) members = json_object_get_members (request);

  for (GList *l = members; l != NULL; l = l->next)
    {
      const char *value = slip_json_string (request, l->data);
      g_autofree char *name = value != NULL && slip_run_target_is_mentioned (l->data, value)
                                  ? slip_run_target_plain_name (value)
                                  : NULL;

      if (name != NULL)
        add_target (targets, step, name);
    }
}

/* A migration acts on two databases, each of which only one may use at a time. */
static void
add_database (GHashTable *targets, JsonObject *step, JsonObject *login)
{
  const char *where = login != NULL ? slip_json_string (login, "Host") : NULL;

  if (login != NULL && where == NULL)
    where = slip_json_string (login, "Secret");
  if (login != NULL)
    add_target (targets, step,
                where != NULL && slip_run_target_is_known (where) ? where
                                                                  : SLIP_RUN_TARGET_UNKNOWN);
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
    {
      const char *value = slip_json_string (request, members[i]);

      if (value != NULL && *value != '\0')
        add_target (targets, step,
                    slip_run_target_is_known (value) ? value : SLIP_RUN_TARGET_UNKNOWN);
    }
  add_database (targets, step, slip_json_object (request, "migrationDatabase"));
  add_database (targets, step, slip_json_object (request, "targetDatabase"));
  if (command != NULL)
    {
      g_autofree char *text = slip_json_to_text (command, FALSE);

      /* A target ends with its name, which has no spaces. */
      add_target (targets, step, g_strdelimit (text, " ", '_'));
    }
}

static gboolean
has_unknown (JsonObject *request)
{
  g_autoptr (JsonNode) node = slip_json_new_object (json_object_ref (request));

  return slip_template_has_references (node);
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

      if (!g_str_has_prefix (l->data, "New") || value == NULL)
        continue;
      if (strstr (value, "{{") != NULL)
        add_target (targets, step, SLIP_RUN_TARGET_UNKNOWN);
      if (!slip_run_target_is_mentioned (l->data, value))
        continue;
      for (guint i = 0; i < 2; i++)
        if (slip_run_target_is_known (i == 0 ? value : slip_json_string (request, old)))
          {
            g_autofree char *name
                = slip_run_target_plain_name (i == 0 ? value : slip_json_string (request, old));

            add_target (targets, step, name);
          }
    }
}

/* What a step says that it changes, where its request does not tell: a state machine's databases. */
static void
add_declared (GHashTable *targets, JsonObject *step)
{
  JsonArray *changes = slip_json_array (step, "changes");

  for (guint i = 0; changes != NULL && i < json_array_get_length (changes); i++)
    {
      JsonObject *change = json_array_get_object_element (changes, i);
      const char *name = slip_json_string (change, "name");
      g_autoptr (JsonObject) place = slip_run_target_place (step, change);

      add_target (targets, place, slip_run_target_is_known (name) ? name : SLIP_RUN_TARGET_UNKNOWN);
    }
}

static void
collect (JsonObject *step, gboolean mentioned, GHashTable *targets)
{
  JsonObject *request = slip_json_object (step, "request");
  JsonArray *body = slip_json_array (step, "body");
  const char *operation = slip_json_string (step, "operation");
  g_autofree char *subject = NULL;
  gboolean unknown = FALSE;
  const char *member;

  for (guint i = 0; body != NULL && i < json_array_get_length (body); i++)
    collect (json_array_get_object_element (body, i), mentioned, targets);
  if (request == NULL || operation == NULL
      || g_strcmp0 (slip_json_string (step, "effect"), "read") == 0)
    return;
  add_declared (targets, step);
  if (slip_json_string (step, "service") != NULL
      && slip_action_is_local (slip_json_string (step, "service")))
    {
      add_local (targets, step, request);
      return;
    }
  subject = find_subject_of (operation, request, &member, &unknown);
  if (subject != NULL)
    add_target (targets, step, subject);
  else if (unknown || has_unknown (request))
    add_target (targets, step, SLIP_RUN_TARGET_UNKNOWN);
  add_new_names (targets, step, request);
  /* A task has no name before it runs; what it works in has. */
  if (subject == NULL && slip_run_target_is_known (slip_json_string (request, "cluster")))
    {
      g_autofree char *cluster = slip_run_target_plain_name (slip_json_string (request, "cluster"));

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

/* A lock needs a name. */
static gboolean
is_unknown (gpointer target, gpointer value, gpointer data)
{
  return slip_run_targets_is_unknown (target);
}

GHashTable *
slip_run_targets_mentioned (JsonArray *steps)
{
  GHashTable *targets = list_targets (steps, TRUE);

  g_hash_table_foreach_remove (targets, is_unknown, NULL);
  return targets;
}

gboolean
slip_run_targets_is_unknown (const char *target)
{
  g_return_val_if_fail (target != NULL, FALSE);

  return g_str_has_suffix (target, " " SLIP_RUN_TARGET_UNKNOWN);
}

/* ---- what a run has left to do */

typedef struct
{
  SlipRunFold *fold;
  const char *loop; /* `Each`, or NULL outside of loops */
  const char *turn; /* `Each[2]` */
  JsonNode *value;  /* of that turn */
} Known;

/* What the run knows by now; also of the turns that are still to come. */
static JsonNode *
lookup (const char *reference, gpointer data)
{
  Known *known = data;
  const char *dot = strrchr (reference, '.');
  g_autofree char *of = dot != NULL ? g_strndup (reference, (gsize)(dot - reference)) : NULL;

  if (known->loop != NULL && of != NULL && g_str_equal (dot, ".CurrentIteratorValue")
      && (g_str_equal (of, known->loop) || g_str_equal (of, known->turn)))
    return json_node_ref (known->value);
  return slip_run_fold_lookup (known->fold, reference);
}

/* @planned with its member @name as the run knows it by now, when that is another; else NULL. */
static JsonNode *
resolve_member (JsonObject *planned, const char *name, Known *known)
{
  JsonNode *node = json_object_get_member (planned, name);
  g_autoptr (GPtrArray) unknown = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonNode) resolved
      = node != NULL ? slip_template_resolve (node, lookup, known, unknown, NULL) : NULL;

  return resolved != NULL && !json_node_equal (resolved, node) ? g_steal_pointer (&resolved) : NULL;
}

static void
add_left (JsonArray *left, JsonObject *planned, Known *known)
{
  static const char *const named[] = {"request", "needs", "changes"};
  g_autoptr (JsonObject) step = json_object_new ();
  g_autoptr (GList) members = json_object_get_members (planned);
  gboolean differs = FALSE;

  for (GList *l = members; l != NULL; l = l->next)
    json_object_set_member (step, l->data,
                            json_node_ref (json_object_get_member (planned, l->data)));
  for (guint i = 0; i < G_N_ELEMENTS (named); i++)
    {
      g_autoptr (JsonNode) resolved = resolve_member (planned, named[i], known);

      differs = differs || resolved != NULL;
      if (resolved != NULL)
        json_object_set_member (step, named[i], g_steal_pointer (&resolved));
    }
  json_array_add_object_element (left, g_steal_pointer (&step));
  /* Commands are compared word for word, also with one that knows no more than the plan did. */
  if (differs && g_strcmp0 (slip_json_string (planned, "service"), "command") == 0)
    json_array_add_object_element (left, json_object_ref (planned));
}

static gboolean
is_over (SlipRunFold *fold, const char *id)
{
  SlipFoldStep *step = slip_run_fold_find (fold, id);

  return step != NULL
         && (step->state == SLIP_RUN_STEP_DONE || step->state == SLIP_RUN_STEP_SKIPPED);
}

static gboolean
is_done (SlipRunFold *fold, const char *id)
{
  SlipFoldStep *step = slip_run_fold_find (fold, id);

  return step != NULL && step->state == SLIP_RUN_STEP_DONE;
}

/* A step of a loop's body as turn @turn has it. */
static JsonObject *
number_step (JsonNode *body, const char *id, const char *turn)
{
  g_autofree char *star = g_strconcat (id, "[*]", NULL);
  g_autofree char *text = slip_json_to_text (body, FALSE);
  g_auto (GStrv) parts = g_strsplit (text, star, -1);
  g_autofree char *numbered = g_strjoinv (turn, parts);
  g_autoptr (JsonNode) node = slip_json_parse (numbered, -1, NULL);
  JsonObject *object = slip_json_node_object (node);

  return object != NULL ? json_object_ref (object) : NULL;
}

static JsonArray *
values_of (SlipRunFold *fold, SlipFoldStep *loop)
{
  JsonNode *inputs
      = json_object_get_member (slip_plan_step_get_inputs (loop->plan_step), "Iterators");
  Known known = {.fold = fold};
  g_autoptr (JsonNode) resolved = NULL;

  if (loop->turn_values != NULL)
    return json_array_ref (loop->turn_values);
  resolved = inputs != NULL ? slip_template_resolve (inputs, lookup, &known, NULL, NULL) : NULL;
  return resolved != NULL && JSON_NODE_HOLDS_ARRAY (resolved)
             ? json_array_ref (json_node_get_array (resolved))
             : NULL;
}

/* The turns that are left, or with @done what is done of them, when it is known for what they are; FALSE
 * when it is not. */
static gboolean
add_turns (JsonArray *left, SlipRunFold *fold, SlipFoldStep *loop, JsonArray *body, gboolean done)
{
  g_autoptr (JsonArray) values = values_of (fold, loop);

  if (values == NULL)
    return FALSE;
  for (guint turn = done ? 1 : (guint)MAX (loop->turn, 1); turn <= json_array_get_length (values);
       turn++)
    {
      g_autofree char *name = g_strdup_printf ("%s[%u]", loop->id, turn);
      Known known = {fold, loop->id, name, json_array_get_element (values, turn - 1)};

      for (guint i = 0; i < json_array_get_length (body); i++)
        {
          g_autoptr (JsonObject) step
              = number_step (json_array_get_element (body, i), loop->id, name);

          if (step != NULL
              && (done ? is_done (fold, slip_json_string (step, "id"))
                       : !is_over (fold, slip_json_string (step, "id"))))
            add_left (left, step, &known);
        }
    }
  return TRUE;
}

/* The steps that are left, or with @done those that were done, with all values that the run knows. */
static JsonArray *
list_steps (SlipRunFold *fold, gboolean done)
{
  JsonArray *steps
      = slip_json_array (slip_json_node_object (slip_plan_to_json (fold->plan)), "steps");
  JsonArray *list = json_array_new ();
  Known known = {.fold = fold};

  for (guint i = 0; steps != NULL && i < json_array_get_length (steps); i++)
    {
      JsonObject *planned = json_array_get_object_element (steps, i);
      const char *id = slip_json_string (planned, "id");
      JsonArray *body = slip_json_array (planned, "body");
      SlipFoldStep *step = slip_run_fold_find (fold, id);

      if (!done && is_over (fold, id))
        continue;
      if (body != NULL && step != NULL && add_turns (list, fold, step, body, done))
        continue;
      /* Turns of which nothing is known are not done. */
      if (!done || (body == NULL && is_done (fold, id)))
        add_left (list, planned, &known);
    }
  return list;
}

JsonArray *
slip_run_targets_left (SlipRunFold *fold)
{
  return list_steps (fold, FALSE);
}

JsonArray *
slip_run_targets_done (SlipRunFold *fold)
{
  return list_steps (fold, TRUE);
}
