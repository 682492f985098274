/* SPDX-License-Identifier: MIT */
/* The claims of the document check: what it finds, where, and that it finds it all at once. */

#include "slip-action.h"
#include "slip-aws-model.h"
#include "slip-guard.h"
#include "slip-json.h"
#include "slip-run-engine.h"
#include "slip-runbook.h"
#include "slip-template.h"

#include <string.h>

#define HEAD "schemaVersion: '0.3'\nmainSteps:\n"
#define STEP "  - name: one\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "

static char *
faults_of (const char *text)
{
  g_autoptr (GPtrArray) faults = NULL;
  g_autoptr (SlipRunbook) runbook = slip_runbook_parse (text, -1, "test", &faults);

  g_assert_true ((runbook == NULL) == (faults->len > 0));
  return slip_faults_to_text (faults);
}

static void
assert_fault (const char *text, const char *wanted)
{
  g_autofree char *faults = faults_of (text);

  if (strstr (faults, wanted) == NULL)
    g_error ("expected “%s” in:\n%s\nof:\n%s", wanted, faults, text);
}

static void
assert_fine (const char *text)
{
  g_autofree char *faults = faults_of (text);

  g_assert_cmpstr (faults, ==, "");
}

static void
test_built_in (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  g_assert_cmpuint (problems->len, ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (runbooks), >=, 2);
}

/* Final steps of built-in runbooks that need no guard against other hands, and why. */
static const struct
{
  const char *step;
  const char *why;
} unguarded[] = {
    {"delete-old-dynamodb-tables.DeleteAlarms", "they watch a table that is gone by then"},
    {"restore-preproduction.RestoreElasticsearch",
     "no AWS API tells of indices; a person attests what is there"},
};

static gboolean
is_final (JsonObject *step)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  JsonObject *inputs = slip_json_object (step, "inputs");
  const char *service = inputs != NULL ? slip_json_string (inputs, "Service") : NULL;
  const char *api = inputs != NULL ? slip_json_string (inputs, "Api") : NULL;
  const SlipAwsOperation *operation
      = service != NULL && api != NULL ? slip_aws_model_lookup_operation (service, api, NULL, NULL)
                                       : NULL;

  if (slipway != NULL
      && (g_strcmp0 (slip_json_string (slipway, "effect"), "final") == 0
          || g_strcmp0 (slip_json_string (slipway, "reversibility"), "final") == 0))
    return TRUE;
  return operation != NULL && slip_aws_operation_effect (operation) == SLIP_AWS_EFFECT_FINAL;
}

/* What was typed, was typed of the thing as it was. */
static gboolean
needs_word (JsonObject *step)
{
  JsonObject *slipway = slip_json_object (step, "slipway");

  return slipway != NULL && json_object_has_member (slipway, "confirmedBy");
}

/* Whether it is held against what was there when it was planned, each time before it is sent. */
static gboolean
is_guarded (JsonObject *step)
{
  JsonObject *slipway = slip_json_object (step, "slipway");
  JsonArray *guards = slipway != NULL ? slip_json_array (slipway, "guards") : NULL;

  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      JsonObject *guard = json_array_get_object_element (guards, i);
      JsonObject *inputs = slip_json_object (guard, "inputs");

      if (g_strcmp0 (slip_json_string (guard, "when"), "plan") != 0
          && (slip_guard_find (slip_json_string (guard, "guard"))->drift
              || (inputs != NULL && json_object_has_member (inputs, "created"))))
        return TRUE;
    }
  return FALSE;
}

/* Final steps behind a typed word that need none themselves, and why. */
static const struct
{
  const char *step;
  const char *why;
} unworded[] = {
    {"delete-old-dynamodb-tables.DeleteAlarms", "they watch a table that is gone by then"},
    {"roll-back-global-cluster.DeleteBesideInstance", "the run made it itself, to count its rows"},
    {"roll-back-global-cluster.DeleteBeside", "the run made it itself, to count its rows"},
};

static gboolean
asks_for_word (JsonObject *slipway)
{
  JsonObject *confirm = slipway != NULL ? slip_json_object (slipway, "confirm") : NULL;

  return confirm != NULL && g_strcmp0 (slip_json_string (confirm, "how"), "typed") == 0
         && g_strcmp0 (slip_json_string (confirm, "when"), "step") == 0;
}

/* Once a word was typed just before a step, what is final behind it needs that word or one of its own: a
 * word that nothing needs neither grows old nor is asked for again after a drift. */
static void
look_for_unworded (const char *runbook, JsonArray *steps, gboolean *typed, guint *excepted)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");
      g_autofree char *name = g_strdup_printf ("%s.%s", runbook, slip_json_string (step, "name"));
      gboolean bound = slipway != NULL
                       && (json_object_has_member (slipway, "confirm")
                           || json_object_has_member (slipway, "confirmedBy"));
      gboolean listed = FALSE;

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        look_for_unworded (runbook, slip_json_array (inputs, "Steps"), typed, excepted);
      if (*typed && !bound && is_final (step))
        {
          for (guint j = 0; j < G_N_ELEMENTS (unworded); j++)
            listed = listed || g_str_equal (unworded[j].step, name);
          *excepted += listed;
          if (!listed)
            g_error ("%s is final, and needs no word (confirm, confirmedBy)", name);
        }
      *typed = *typed || asks_for_word (slipway);
    }
}

/* What the R6 steps of @steps delete: by what is read, in the words of the list that a loop goes over. */
static char *
dup_read_of (JsonObject *step, const char *loop, const char *over)
{
  JsonObject *resume = slip_json_object (slip_json_object (step, "slipway"), "resume");
  JsonNode *input = json_object_get_member (resume, "input");
  g_autofree char *value = g_strdup_printf ("%s.CurrentIteratorValue", loop);
  g_autofree char *text = input != NULL ? slip_json_to_text (input, FALSE) : NULL;
  GString *read = g_string_new (slip_json_string (resume, "operation"));

  g_string_append (read, text);
  if (over != NULL)
    g_string_replace (read, value, over, 0);
  return g_string_free (read, FALSE);
}

/* Steps of which a later one deletes the thing, and which do not only prepare that. */
static const struct
{
  const char *step;
  const char *why;
} needed[] = {
    {"roll-back-global-cluster.SetBesidePassword", "its rows are counted before it goes"},
};

static gboolean
is_needed (const char *runbook, JsonObject *step)
{
  g_autofree char *name = g_strdup_printf ("%s.%s", runbook, slip_json_string (step, "name"));

  for (guint i = 0; i < G_N_ELEMENTS (needed); i++)
    if (g_str_equal (needed[i].step, name))
      return TRUE;
  return FALSE;
}

/* Every step of rule R3, in all runbooks, whose thing a later step deletes knows the codes by which it is gone: else another hand's deletion stops the run for ever. */
static guint
look_for_stuck (
    const char *runbook, JsonArray *steps, const char *loop, const char *over, GHashTable *deleted)
{
  guint n = 0;

  for (guint i = json_array_get_length (steps); i-- > 0;)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");
      JsonObject *resume = slipway != NULL ? slip_json_object (slipway, "resume") : NULL;
      const char *rule = resume != NULL ? slip_json_string (resume, "rule") : NULL;
      g_autofree char *read = NULL;

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += look_for_stuck (runbook, slip_json_array (inputs, "Steps"),
                             slip_json_string (step, "name"),
                             slip_json_string (inputs, "Iterators"), deleted);
      if (g_strcmp0 (rule, "R6") != 0 && g_strcmp0 (rule, "R3") != 0)
        continue;
      read = dup_read_of (step, loop, over);
      /* Of an item in a table, AWS answers with nothing and no code. */
      if (g_str_equal (rule, "R6") && slip_json_array (resume, "absent") == NULL)
        continue;
      if (g_str_equal (rule, "R6"))
        g_hash_table_add (deleted, g_steal_pointer (&read));
      else if (g_hash_table_contains (deleted, read))
        {
          n++;
          if ((slip_json_array (resume, "gone") == NULL) != is_needed (runbook, step))
            g_error (
                "%s.%s: a later step deletes what it reads: it lacks gone, or is listed and has it",
                runbook, slip_json_string (step, "name"));
        }
    }
  return n;
}

static void
test_built_in_preparations (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;
  guint n = 0;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);
      g_autoptr (GHashTable) deleted
          = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      n += look_for_stuck (slip_runbook_get_name (runbook), slip_runbook_get_steps (runbook), NULL,
                           NULL, deleted);
    }
  g_assert_cmpuint (n, >=, 9);
}

/* Notes the actions of all steps by their names. */
static void
note_actions (JsonArray *steps, GHashTable *actions)
{
  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");

      g_hash_table_insert (actions, (char *)slip_json_string (step, "name"),
                           (char *)slip_json_string (step, "action"));
      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        note_actions (slip_json_array (inputs, "Steps"), actions);
    }
}

/* A text names nothing that only a step of the workstation yields, which no plan knows. */
static guint
look_for_open_texts (const char *runbook, JsonArray *steps, GHashTable *actions)
{
  static const char *const members[] = {"title", "why", "undo", "ifItFails"};
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += look_for_open_texts (runbook, slip_json_array (inputs, "Steps"), actions);
      for (guint j = 0; slipway != NULL && j < G_N_ELEMENTS (members); j++)
        {
          const char *text = slip_json_string (slipway, members[j]);
          g_autoptr (GPtrArray) references
              = text != NULL ? slip_template_list_text (text, NULL) : NULL;

          for (guint k = 0; references != NULL && k < references->len; k++)
            {
              g_auto (GStrv) parts = g_strsplit (references->pdata[k], ".", 2);
              const char *action = g_hash_table_lookup (actions, parts[0]);

              n++;
              if (action != NULL && g_str_has_prefix (action, "slipway:")
                  && !g_str_equal (action, "slipway:capture"))
                g_error ("%s.%s: its %s shows {{ %s }} in every plan", runbook,
                         slip_json_string (step, "name"), members[j], (char *)references->pdata[k]);
            }
        }
    }
  return n;
}

static void
test_built_in_texts (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;
  guint n = 0;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);
      g_autoptr (GHashTable) actions = g_hash_table_new (g_str_hash, g_str_equal);

      note_actions (slip_runbook_get_steps (runbook), actions);
      n += look_for_open_texts (slip_runbook_get_name (runbook), slip_runbook_get_steps (runbook),
                                actions);
    }
  g_assert_cmpuint (n, >, 100);
}

static guint
look_for_unguarded (const char *runbook, JsonArray *steps, guint *excepted)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      g_autofree char *name = g_strdup_printf ("%s.%s", runbook, slip_json_string (step, "name"));
      gboolean listed = FALSE;

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += look_for_unguarded (runbook, slip_json_array (inputs, "Steps"), excepted);
      if (!is_final (step) && !needs_word (step))
        continue;
      n++;
      for (guint j = 0; j < G_N_ELEMENTS (unguarded); j++)
        listed = listed || g_str_equal (unguarded[j].step, name);
      *excepted += listed;
      if (listed == is_guarded (step))
        g_error ("%s is final, or needs a word, and %s", name,
                 listed ? "guarded, but listed as unguarded"
                        : "has no guard (as-captured, unchanged) against other hands");
    }
  return n;
}

/* Whether it takes things by name of which no request to AWS tells. */
static gboolean
takes_unseen (JsonObject *step)
{
  static const char *const reading[]
      = {"stateBackup", "stateList", "stateShow", "stateSearch", "plan", "output", NULL};
  JsonObject *inputs = slip_json_object (step, "inputs");
  const char *action = slip_json_string (step, "action");
  const char *operation = inputs != NULL ? slip_json_string (inputs, "Operation") : NULL;
  JsonObject *slipway = slip_json_object (step, "slipway");

  if (g_str_equal (action, "slipway:runTask") || g_str_equal (action, "slipway:executeStateMachine")
      || g_str_equal (action, "slipway:sql"))
    return TRUE;
  if (g_str_equal (action, "slipway:terraform"))
    return operation == NULL || !g_strv_contains (reading, operation);
  return g_str_equal (action, "slipway:command")
         && (slipway == NULL || g_strcmp0 (slip_json_string (slipway, "effect"), "read") != 0);
}

static guint
look_for_undeclared (const char *runbook, JsonArray *steps)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += look_for_undeclared (runbook, slip_json_array (inputs, "Steps"));
      if (!takes_unseen (step))
        continue;
      n++;
      if (slipway == NULL || slip_json_array (slipway, "needs") == NULL)
        g_error ("%s.%s does not say what it works from (needs; [] for nothing)", runbook,
                 slip_json_string (step, "name"));
    }
  return n;
}

static void
test_built_in_needs (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;
  guint n = 0;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);

      n += look_for_undeclared (slip_runbook_get_name (runbook), slip_runbook_get_steps (runbook));
    }
  g_assert_cmpuint (n, >=, 30);
}

/* Counts, of @steps, the guards of @id that are asked when planning only, or also later. */
static guint
count_asked (JsonArray *steps, const char *id, gboolean later)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");
      JsonArray *guards = slipway != NULL ? slip_json_array (slipway, "guards") : NULL;

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += count_asked (slip_json_array (inputs, "Steps"), id, later);
      for (guint j = 0; guards != NULL && j < json_array_get_length (guards); j++)
        {
          JsonObject *guard = json_array_get_object_element (guards, j);

          n += g_str_equal (slip_json_string (guard, "guard"), id)
               && later == (g_strcmp0 (slip_json_string (guard, "when"), "plan") != 0);
        }
    }
  return n;
}

/* Every step that acts on the word of another. */
static guint
look_for_unasked (const char *runbook, JsonArray *steps)
{
  guint n = 0;

  for (guint i = 0; i < json_array_get_length (steps); i++)
    {
      JsonObject *step = json_array_get_object_element (steps, i);
      JsonObject *inputs = slip_json_object (step, "inputs");
      JsonObject *slipway = slip_json_object (step, "slipway");
      g_autoptr (JsonArray) one = json_array_new ();

      if (inputs != NULL && slip_json_array (inputs, "Steps") != NULL)
        n += look_for_unasked (runbook, slip_json_array (inputs, "Steps"));
      if (slipway == NULL || slip_json_string (slipway, "confirmedBy") == NULL)
        continue;
      n++;
      json_array_add_object_element (one, json_object_ref (step));
      if (count_asked (one, "restore-possible", TRUE) == 0)
        g_error ("%s.%s does not ask again whether what it takes away can be restored", runbook,
                 slip_json_string (step, "name"));
    }
  return n;
}

/* A key that is disabled while the run waits for a word stops it before the old cluster goes, not behind that. */
static void
test_built_in_restores (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;
  guint n = 0;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);
      JsonArray *steps = slip_runbook_get_steps (runbook);

      if (count_asked (steps, "restore-possible", FALSE) == 0)
        continue;
      n += look_for_unasked (slip_runbook_get_name (runbook), steps);
      if (count_asked (steps, "cluster-quota", FALSE) > 0)
        g_assert_cmpuint (count_asked (steps, "cluster-quota", TRUE), >=, 3);
    }
  g_assert_cmpuint (n, >=, 5);
}

static void
test_built_in_finals (void)
{
  g_autoptr (GPtrArray) problems = NULL;
  g_autoptr (GListModel) runbooks = NULL;
  guint excepted = 0;
  guint without = 0;
  guint n = 0;

  g_setenv ("SLIPWAY_RUNBOOKS", "/nonexistent", TRUE);
  runbooks = slip_runbook_list (&problems);
  for (guint i = 0; i < g_list_model_get_n_items (runbooks); i++)
    {
      g_autoptr (SlipRunbook) runbook = g_list_model_get_item (runbooks, i);
      gboolean typed = FALSE;

      n += look_for_unguarded (slip_runbook_get_name (runbook), slip_runbook_get_steps (runbook),
                               &excepted);
      look_for_unworded (slip_runbook_get_name (runbook), slip_runbook_get_steps (runbook), &typed,
                         &without);
    }
  g_assert_cmpuint (without, ==, G_N_ELEMENTS (unworded));
  g_assert_cmpuint (excepted, ==, G_N_ELEMENTS (unguarded));
  g_assert_cmpuint (n, >=, 25);
}

static void
test_all_at_once (void)
{
  g_autofree char *faults
      = faults_of ("schemaVersion: '0.2'\nparameters:\n  P: {type: Text}\nmainSteps:\n"
                   "  - name: one\n    action: aws:executeAwsApi\n    inputs:\n      Service: rds\n"
                   "      Api: DescribeDBCluster\n  - name: two\n    action: aws:sleeep\n"
                   "    inputs: {}\n    nextStep: nowhere\n");

  g_assert_nonnull (strstr (faults, "1:1: $.schemaVersion: "));
  g_assert_nonnull (strstr (faults, "3:7: $.parameters.P.type: "));
  g_assert_nonnull (strstr (faults, "9:7: $.mainSteps[0].inputs.Api: rds has no operation "
                                    "DescribeDBCluster; did you mean DescribeDBClusters?"));
  g_assert_nonnull (strstr (faults,
                            "11:5: $.mainSteps[1].action: there is no action aws:sleeep; did "
                            "you mean aws:sleep?"));
  g_assert_nonnull (strstr (faults, "13:5: $.mainSteps[1].nextStep: there is no step nowhere"));
}

static void
test_parameters (void)
{
  static const char *const rest = "\nmainSteps:\n  - {name: one, action: aws:pause, inputs: {}}\n";
  static const struct
  {
    const char *parameter;
    const char *fault;
  } cases[] = {
      {"{type: Integer, default: x}", "$.parameters.P.default: must be a whole number"},
      {"{type: String, default: [a]}", "default: must be a string"},
      {"{type: String, allowedValues: [a], default: b}", "is not one of: a"},
      {"{type: String, allowedPattern: '['}", "allowedPattern: is no regular expression"},
      {"{type: String, minChars: 5, maxChars: 2}", "minChars: is more than maxChars"},
      {"{type: String, minItems: 1}", "minItems: a String has no items"},
      {"{type: Integer, maxChars: 1}", "maxChars: a Integer has no characters"},
      {"{type: StringList, default: [a, 1]}", "must be a list of strings"},
      {"{type: Boolean, allowedValues: [yes]}", "allowedValues[0]: is no value of a Boolean"},
      {"{type: String, tpye: x}", "there is no such key here; did you mean type?"},
      {"{default: x}", "type is missing"},
      {"{type: String, default: x, slipway: {destructive: true}}", "is never preselected"},
      {"{type: StringList, default: [x], slipway: {destructive: true}}", "is never preselected"},
      {"{type: String}\n  MasterPassword: {type: String}", "let a step take the secret"},
      {"{type: String, slipway: {widget: knob}}", "“knob” is not one of"},
      {"{type: String, slipway: {derive: '{{ Q }}'}}", "{{ Q }}: there is no such value"},
      {"{type: String, slipway: {choices: {service: rds, operation: DeleteDBCluster, "
       "input: {DBClusterIdentifier: x}, values: $.DBCluster}}}",
       "DeleteDBCluster is no read"},
      {"{type: String, slipway: {choices: {service: rds, operation: DescribeDBClusters, "
       "values: '$.DBClusters[*].DBClusterIdentifier', times: "
       "'$.DBClusters[0].ClusterCreateTime'}}}",
       "times: it selects of another list than values, $.DBClusters[*].DBClusterIdentifier"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strdup_printf ("schemaVersion: '0.3'\nparameters:\n  P: %s%s",
                                               cases[i].parameter, rest);

      assert_fault (text, cases[i].fault);
    }
  assert_fine (
      "schemaVersion: '0.3'\nparameters:\n  P: {type: String, default: '', slipway: "
      "{destructive: true}}\nmainSteps:\n  - {name: one, action: aws:pause, inputs: {}}\n");
}

static void
test_requests (void)
{
  assert_fault (HEAD STEP "DescribeDBClusters, DBClusterIdentifer: x}\n",
                "did you mean DBClusterIdentifier?");
  assert_fault (HEAD STEP "CreateDBClusterSnapshot, DBClusterIdentifier: x}\n",
                "DBClusterSnapshotIdentifier");
  assert_fault (HEAD STEP "DescribeDBClusters, MaxRecords: many}\n", "inputs.MaxRecords");
  assert_fault (HEAD "  - name: one\n    action: aws:executeAwsApi\n    inputs: {Service: rdss, "
                     "Api: X}\n",
                "there is no service rdss; did you mean rds?");
  assert_fault (HEAD "  - name: one\n    action: aws:executeAwsApi\n    inputs: {Api: X}\n",
                "Service is missing");
  assert_fault ("schemaVersion: '0.3'\nparameters:\n  N: {type: Integer}\nmainSteps:\n" STEP
                "DescribeDBClusters, DBClusterIdentifier: '{{ N }}'}\n",
                "N is of type Integer, but a string is wanted");
  assert_fine ("schemaVersion: '0.3'\nparameters:\n  N: {type: Integer}\n  L: {type: StringList}\n"
               "mainSteps:\n" STEP "DescribeDBClusters, MaxRecords: '{{ N }}', Filters: [{Name: "
               "engine, Values: ['{{ L }}', x]}]}\n");
}

static void
test_metric (void)
{
  static const char *const text
      = HEAD "  - name: one\n    action: slipway:metric\n    inputs: {Namespace: AWS/RDS, "
             "MetricName: Lag, ";
  static const struct
  {
    const char *inputs;
    const char *fault;
  } cases[] = {
      {"Dimensions: {A: b}", "AtMost is missing"},
      {"AtMost: 1", "Dimensions is missing"},
      {"AtMost: 1, Dimensions: {}", "names no dimension"},
      {"AtMost: 1, Dimensions: {A: [b]}", "A is no text"},
      {"AtMost: low, Dimensions: {A: b}", "must be a number, or a reference to one"},
      {"AtMost: 1, Dimensions: {A: b}, Statistic: p99", "“p99” is not one of: Average"},
      {"AtMost: 1, Dimensions: {A: b}, Minutes: 0", "0 is not between 1 and 1440"},
      {"AtMost: 1, Dimensions: {A: b}, Period: 5", "Period"},
  };
  g_autofree char *fine
      = g_strconcat (text, "AtMost: 0.5, Dimensions: {A: b}, Statistic: Sum}\n", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *document = g_strconcat (text, cases[i].inputs, "}\n", NULL);

      assert_fault (document, cases[i].fault);
    }
  assert_fine (fine);
}

static void
test_selectors (void)
{
  static const char *const text
      = HEAD STEP "DescribeDBClusters}\n    outputs: [{Name: O, Selector: '%s', Type: %s}]\n";
  static const struct
  {
    const char *selector;
    const char *type;
    const char *fault;
  } cases[] = {
      {"DBClusters", "String", "must begin with"},
      {"$.DBClusters[0].Statuss", "String", "no Statuss there; did you mean Status?"},
      {"$.DBClusters.Status", "String", "write [*].Status or [0].Status"},
      {"$.DBClusters[0]", "String", "which is no String"},
      {"$.DBClusters[*].Status", "String", "which is no String"},
      {"$.DBClusters[0].Status", "Text", "“Text” is not one of"},
      {"$.DBClusters[*].Status", "StringList", ""},
      {"$.DBClusters[0].AllocatedStorage", "Integer", ""},
      {"$.DBClusters[0].DeletionProtection", "Boolean", ""},
      {"$.DBClusters", "MapList", ""},
      {"$.DBClusters[0]", "StringMap", ""},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *document
          = g_strdup_printf ("%.*s%s%s%s%s", (int)(strstr (text, "%s") - text), text,
                             cases[i].selector, "', Type: ", cases[i].type, "}]\n");

      if (*cases[i].fault != '\0')
        assert_fault (document, cases[i].fault);
      else
        assert_fine (document);
    }
}

/* A chain of pauses and branches, written short: each step is one line. */
static void
test_flow (void)
{
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, nextStep: three}\n"
                     "  - {name: two, action: aws:pause, inputs: {}}\n"
                     "  - {name: three, action: aws:pause, inputs: {}}\n",
                "4:5: $.mainSteps[1]: no path leads to the step two");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, isEnd: true}\n"
                     "  - {name: two, action: aws:pause, inputs: {}}\n",
                "no path leads to the step two");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, onFailure: 'step:two'}\n",
                "$.mainSteps[0].onFailure: there is no step two");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, onFailure: Retry}\n",
                "“Retry” is not one of: Abort, Continue, step:NAME");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}}\n"
                     "  - {name: one, action: aws:pause, inputs: {}}\n",
                "is called one too");
  assert_fault (HEAD "  - {name: a, action: aws:pause, inputs: {}}\n", "3 to 128 letters");
  assert_fine (HEAD "  - {name: one, action: aws:pause, inputs: {}, onFailure: 'step:three'}\n"
                    "  - {name: two, action: aws:pause, inputs: {}, isEnd: true}\n"
                    "  - {name: three, action: aws:pause, inputs: {}}\n");
}

#define READ(name)                                                                                 \
  "  - name: " name "\n    action: aws:executeAwsApi\n    inputs: {Service: sts, Api: "            \
  "GetCallerIdentity}\n    outputs: [{Name: Account, Selector: $.Account, Type: String}]\n"
#define USE(name, what)                                                                            \
  "  - name: " name "\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "            \
  "DescribeDBClusters, DBClusterIdentifier: '{{ " what " }}'}\n"

static void
test_references (void)
{
  assert_fine (HEAD READ ("one") USE ("two", "one.Account"));
  assert_fault (HEAD READ ("one") USE ("two", "one.Acount"), "the step one has no output Acount");
  assert_fault (HEAD USE ("one", "two.Account") READ ("two"),
                "the step two has not run on every path that leads here");
  assert_fault (HEAD USE ("one", "nobody.Account"), "there is no step nobody");
  assert_fault (HEAD USE ("one", "Nothing"), "there is no parameter Nothing");
  assert_fault (HEAD USE ("one", "variable:v"), "there is no variable v");
  assert_fault (HEAD USE ("one", "global:TIME"), "there is no such value");
  assert_fault (HEAD USE ("one", "slipway:minute"), "there is no such value");
  assert_fine (HEAD USE ("one", "global:DATE_TIME"));
  assert_fine (HEAD USE ("one", "automation:EXECUTION_ID"));
  assert_fault (HEAD "  - name: one\n    action: aws:branch\n    inputs: {Choices: [{Variable: a, "
                     "StringEquals: a, NextStep: three}]}\n" READ ("two")
                         USE ("three", "two.Account"),
                "the step two has not run on every path that leads here");
  assert_fault (HEAD READ ("one") "    onFailure: 'step:three'\n" READ ("two")
                    USE ("three", "one.Account"),
                "the step one has not run on every path");
}

static void
test_conditions (void)
{
  static const char *const head
      = HEAD "  - name: one\n    action: aws:branch\n    inputs:\n      Choices:\n        - ";
  static const char *const tail = "\n  - {name: two, action: aws:pause, inputs: {}}\n";
  static const struct
  {
    const char *choice;
    const char *fault;
  } cases[] = {
      {"{Variable: a, StringEquals: a, NextStep: two}", ""},
      {"{Not: {Variable: a, StringEquals: a}, NextStep: two}", ""},
      {"{Or: [{Variable: a, StringEquals: a}, {And: [{Variable: 1, NumericEquals: 1}]}], NextStep: "
       "two}",
       ""},
      {"{Variable: a, StringEqual: a, NextStep: two}", "there is no operator StringEqual"},
      {"{Variable: a, StringEquals: a, Contains: b, NextStep: two}", "this has 2"},
      {"{StringEquals: a, NextStep: two}", "Variable is missing"},
      {"{Variable: a, StringEquals: a}", "NextStep is missing"},
      {"{Or: {Variable: a, StringEquals: a}, NextStep: two}", "Or takes a list of conditions"},
      {"{Variable: a, StringEquals: a, NextStep: six}", "there is no step six"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (head, cases[i].choice, tail, NULL);

      if (*cases[i].fault != '\0')
        assert_fault (text, cases[i].fault);
      else
        assert_fine (text);
    }
}

static void
test_loops (void)
{
  static const char *const head = "schemaVersion: '0.3'\nparameters:\n  L: {type: StringList}\n"
                                  "mainSteps:\n  - name: each\n    action: aws:loop\n    inputs:\n";
  static const char *const body = "      Steps:\n        - name: inner\n          action: "
                                  "aws:executeAwsApi\n          inputs: {Service: rds, Api: "
                                  "DescribeDBClusters, DBClusterIdentifier: '{{ "
                                  "each.CurrentIteratorValue }}'}\n          outputs: [{Name: O, "
                                  "Selector: '$.DBClusters[0].Status', Type: String}]\n";
  g_autofree char *fine = g_strconcat (head, "      Iterators: '{{ L }}'\n", body, NULL);
  g_autofree char *both = g_strconcat (head,
                                       "      Iterators: '{{ L }}'\n      LoopCondition: "
                                       "{Variable: a, StringEquals: a}\n",
                                       body, NULL);
  g_autofree char *neither = g_strconcat (head, body, NULL);
  g_autofree char *many = g_strconcat (head,
                                       "      Iterators: '{{ L }}'\n      MaxIterations: "
                                       "1000\n",
                                       body, NULL);
  g_autofree char *until = g_strconcat (head,
                                        "      LoopCondition: {Variable: '{{ inner.O }}', "
                                        "StringEquals: creating}\n",
                                        body, NULL);
  g_autofree char *nested
      = g_strconcat (head, "      Iterators: '{{ L }}'\n", body,
                     "        - name: deeper\n          action: aws:loop\n          inputs:\n"
                     "            Iterators: '{{ L }}'\n            Steps: [{name: innermost, "
                     "action: aws:pause, inputs: {}}]\n",
                     NULL);
  g_autofree char *outside = g_strconcat (fine, USE ("after", "inner.O"), NULL);
  g_autofree char *jump = g_strconcat (fine,
                                       "  - {name: after, action: aws:pause, inputs: {}, "
                                       "nextStep: inner}\n",
                                       NULL);

  assert_fine (fine);
  assert_fine (until);
  assert_fault (both, "give either Iterators or LoopCondition");
  assert_fault (neither, "give either Iterators or LoopCondition");
  assert_fault (many, "must be 1 to 100");
  assert_fault (outside, "stands in the loop each, and can be used only there");
  assert_fault (jump, "the step inner is inside a loop");
  assert_fault (nested, "a loop cannot stand in a loop");
}

static void
test_other_actions (void)
{
  assert_fault (HEAD "  - {name: one, action: aws:sleep, inputs: {Duration: 5m}}\n",
                "“5m” is no duration");
  assert_fault (HEAD "  - {name: one, action: aws:sleep, inputs: {Duration: P8D}}\n", "seven days");
  assert_fault (HEAD "  - {name: one, action: aws:sleep, inputs: {Timestamp: noon}}\n",
                "“noon” is no time");
  assert_fault (HEAD "  - {name: one, action: aws:sleep, inputs: {}}\n",
                "give either Duration or Timestamp");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {x: 1}}\n", "no such key here");
  assert_fault (HEAD "  - {name: one, action: aws:approve, inputs: {}}\n", "Approvers is missing");
  assert_fault (HEAD "  - {name: one, action: aws:approve, inputs: {Approvers: []}}\n",
                "nobody can approve");
  assert_fault (HEAD "  - {name: one, action: aws:executeStateMachine, inputs: {}}\n",
                "stateMachineArn is missing");
  assert_fault (HEAD "  - {name: one, action: aws:executeAutomation, inputs: {DocumentNam: x}}\n",
                "did you mean DocumentName?");
  assert_fault (HEAD "  - {name: one, action: aws:updateVariable, inputs: {Name: v, Value: 1}}\n",
                "write variable:v");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, maxAttempts: 0}\n",
                "must be 1 to 10");
  assert_fault (HEAD "  - {name: one, action: aws:pause, inputs: {}, timeoutSeconds: soon}\n",
                "number of seconds above 0");
}

static void
test_slipway_objects (void)
{
  static const char *const step
      = HEAD "  - name: one\n    action: aws:executeAwsApi\n    inputs: {Service: rds, Api: "
             "DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: x}\n    slipway: ";
  static const struct
  {
    const char *slipway;
    const char *fault;
  } cases[] = {
      {"{effect: read}", "DeleteDBClusterSnapshot is final; a document cannot make it less"},
      {"{effect: bad}", "“bad” is not one of: read, change, final"},
      {"{resume: {rule: R7}}", "“R7” is not one of"},
      {"{resume: {rule: R1}}", "R1 needs a fingerprint"},
      {"{resume: {rule: R6}}", "R6 looks before it acts"},
      {"{resume: {rule: R6, service: rds, operation: DescribeDBClusterSnapshots, select: "
       "'$.DBClusterSnapshots[0]', deleting: {$.State: [deleting]}}}",
       "the answer has no State there; did you mean"},
      {"{resume: {rule: R6, service: rds, operation: DeleteDBClusterSnapshot, input: "
       "{DBClusterSnapshotIdentifier: x}}}",
       "DeleteDBClusterSnapshot is no read"},
      {"{resume: {rule: R6, service: rds, operation: DescribeDBClusterSnapshots, input: "
       "{DBClusterSnapshotIdentifier: x}, gone: [A]}}",
       "only R3 takes what is gone for done"},
      {"{resume: {rule: R3, service: rds, operation: DescribeDBClusterSnapshots, input: "
       "{DBClusterSnapshotIdentifier: x}, desired: {$.Marker: x}, gone: [A]}}",
       "no later step of rule R6 deletes what is read here"},
      {"{confirm: {how: typed}}", "text, what must be typed, is missing"},
      {"{confirm: {how: simple, when: step, pairing: always}}",
       "second person vouches for, is missing"},
      {"{confirm: {how: attest, ask: a, pairing: always}}", "when: step is missing"},
      {"{confirm: {how: attest, ask: a, when: step, pairing: never}}", "never"},
      {"{confirmedBy: Nobody}", "there is no step Nobody"},
      {"{confirmedBy: one}", "the step one has no confirm with when: step"},
      {"{guards: [{guard: nothing}]}", "there is no guard nothing"},
      {"{guards: [{guard: cluster-healthy}]}", "cluster is missing"},
      {"{guards: [{guard: cluster-healthy, inputs: {clutser: x}}]}", "did you mean cluster?"},
      {"{wait: {poll: 3}}", "only aws:waitForAwsResourceProperty waits"},
      {"{wait: {pending: ['{{ global:DATE }}']}}", "takes no references"},
      {"{needs: [{service: rsd, name: x}]}", "there is no service rsd"},
      {"{needs: [{service: rds}]}", "name is missing"},
      {"{needs: [{service: rds, name: x, kind: y}]}", "kind"},
      {"{changes: [{service: migrations, name: x}]}", "there is no service migrations"},
      {"{changes: [{service: migration}]}", "name is missing"},
      {"{needs: [{service: migration, name: x}]}", "there is no service migration"},
      {"{needs: [api]}", "must be an object: {service, name}"},
      {"{minutes: soon}", "must be a number"},
      {"{tilte: x}", "did you mean title?"},
      {"{title: '{{ Nothing }}'}", "there is no parameter Nothing"},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (step, cases[i].slipway, "\n", NULL);

      assert_fault (text, cases[i].fault);
    }
}

/* The word of a turn is of no use to another loop, nor outside. */
static void
test_words_of_turns (void)
{
#define ASK                                                                                        \
  "{name: Ask, action: aws:pause, inputs: {}, slipway: {confirm: {how: simple, when: step}}}"
#define NEEDS(name) "{name: " name ", action: aws:pause, inputs: {}, slipway: {confirmedBy: Ask}}"
#define LOOP(name, steps)                                                                          \
  "  - {name: " name ", action: aws:loop, inputs: {Iterators: [a], Steps: [" steps "]}}\n"

  assert_fine (HEAD LOOP ("each", ASK ", " NEEDS ("Act")));
  assert_fault (HEAD LOOP ("each", ASK) "  - " NEEDS ("Act") "\n",
                "the step Ask is inside the loop each, and this one is not");
  assert_fault (HEAD LOOP ("each", ASK) LOOP ("other", NEEDS ("Act")),
                "the step Ask is inside the loop each, and this one is not");
}

static void
test_pairing (void)
{
#define WAIVER(pairing)                                                                            \
  "schemaVersion: '0.3'\nparameters:\n  Waiver: {type: String, allowedValues: ['no', all], "       \
  "default: 'no', slipway: {pairing: {" pairing "}}}\nmainSteps:\n  - name: one\n"                 \
  "    action: aws:pause\n    inputs: {}\n"
  assert_fine (WAIVER ("all: everything is given up"));
  assert_fault (WAIVER ("al: everything is given up"), "is none of allowedValues");
  assert_fault (WAIVER ("all: true"), "what is given up by it");
#undef WAIVER
}

static void
test_document_guards (void)
{
  static const char *const head = "schemaVersion: '0.3'\nslipway:\n  guards: [{guard: "
                                  "cluster-healthy, inputs: {cluster: '{{ ";
  static const char *const tail = " }}'}}]\nmainSteps:\n  - {name: one, action: aws:pause, "
                                  "inputs: {}}\n";
  g_autofree char *output = g_strconcat (head, "one.Out", tail, NULL);
  g_autofree char *nothing = g_strconcat (head, "Nothing", tail, NULL);
  g_autofree char *fine = g_strconcat (head, "slipway:environment", tail, NULL);

  assert_fault (output, "cannot use what a step yields");
  assert_fault (nothing, "there is no parameter Nothing");
  assert_fine (fine);
}

static void
test_halves (void)
{
  g_autofree const char **names = slip_action_list_names ();

  for (guint i = 0; names[i] != NULL; i++)
    {
      const SlipAction *action = slip_action_find (names[i]);

      g_assert_cmpint (action->planned, ==, slip_run_action_find (names[i]) != NULL);
      g_assert_cmpint (action->workstation, ==, g_str_has_prefix (names[i], "slipway:"));
    }
}

static void
test_secrets_on_command_lines (void)
{
  static const char *const head
      = "schemaVersion: '0.3'\nmainSteps:\n  - name: Read\n    action: aws:executeAwsApi\n    "
        "inputs: "
        "{Service: secretsmanager, Api: GetSecretValue, SecretId: key}\n    outputs: [{Name: Text, "
        "Selector: $.SecretString, Type: String}, {Name: Map, Selector: $.SecretString, Type: "
        "StringMap}]\n  - name: Use\n    action: slipway:command\n    inputs: {Command: [sh, -c, ";
  static const struct
  {
    const char *words;
    gboolean refused;
  } cases[] = {
      {"'{{ Read.Text }}']}\n", TRUE},
      {"'x {{ Read.Map }}']}\n", TRUE},
      {"'{{ Read.Map.password }}']}\n", TRUE},
      {"'{{ Read.Map.username }}']}\n", FALSE},
      {"env], Environment: {PGPASSWORD: '{{ Read.Map.password }}'}}\n", FALSE},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (head, cases[i].words, NULL);

      if (cases[i].refused)
        assert_fault (text, "everybody on the machine can read command lines");
      else
        assert_fine (text);
    }
}

/* The audit log keeps plans whole; what the model marks must come from where it is kept. */
static void
test_marked_members (void)
{
  static const char *const head
      = "schemaVersion: '0.3'\nparameters:\n  Secret: {type: String, default: x}\nmainSteps:\n"
        "  - name: Read\n    action: aws:executeAwsApi\n    inputs: {Service: secretsmanager, Api: "
        "GetSecretValue, SecretId: key}\n    outputs: [{Name: Text, Selector: $.SecretString, "
        "Type: String}]\n  - name: Put\n    action: aws:executeAwsApi\n    inputs: {Service: ssm, "
        "Api: PutParameter, Name: /api/x, Type: SecureString, Value: ";
  static const struct
  {
    const char *value;
    const char *fault;
  } cases[] = {
      {"'{{ Secret }}'}\n",
       "$.mainSteps[1].inputs.Value: AWS treats this as a secret, and {{ Secret "},
      {"'{{ Read.Text }}-{{ Secret }}'}\n", "AWS treats this as a secret, and {{ Secret }}"},
      {"hunter2}\n", "AWS treats this as a secret, and what is written here"},
      {"'{{ Read.Text }}'}\n", NULL},
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = g_strconcat (head, cases[i].value, NULL);

      if (cases[i].fault != NULL)
        assert_fault (text, cases[i].fault);
      else
        assert_fine (text);
    }
  assert_fault (
      "schemaVersion: '0.3'\nparameters:\n  Data: {type: String, default: x}\nmainSteps:\n"
      "  - name: Run\n    action: aws:executeAwsApi\n    inputs: {Service: ssm, Api: "
      "SendCommand, DocumentName: d, Parameters: {commands: ['x {{ Data }}']}}\n",
      "inputs.Parameters.commands[0]: AWS treats this as a secret");
}

static void
test_looks (void)
{
  static const char *const actions[] = {"assertAwsResourceProperty", "waitForAwsResourceProperty"};

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      g_autofree char *text = g_strdup_printf (
          HEAD "  - name: one\n    action: aws:%s\n    inputs: {Service: rds, Api: "
               "DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: a, PropertySelector: "
               "$.DBClusterSnapshot.Status, DesiredValues: [x]}\n",
          actions[i]);

      assert_fault (text, "inputs.Api: DeleteDBClusterSnapshot is no read");
    }
  assert_fault (HEAD STEP "DescribeDBClusters}\n    slipway:\n      guards:\n"
                          "        - guard: unchanged\n          inputs: {service: rds, operation: "
                          "DeleteDBClusterSnapshot, input: {DBClusterSnapshotIdentifier: a}, "
                          "select: $.DBClusterSnapshot, expected: {$.Status: x}}\n",
                "inputs.operation: DeleteDBClusterSnapshot is no read");
  assert_fault (HEAD STEP "DeleteDBClusterSnapshot, DBClusterSnapshotIdentifier: a}\n"
                          "    slipway: {reversibility: read}\n",
                "slipway.reversibility: DeleteDBClusterSnapshot is final");
}

#define CAPTURED                                                                                   \
  HEAD STEP "DeleteDBCluster, DBClusterIdentifier: a, SkipFinalSnapshot: true}\n"                  \
            "    slipway:\n      guards:\n        - guard: as-captured\n          inputs: {"

/* A field that no capture has would be compared with nothing. */
static void
test_captured_fields (void)
{
  assert_fault (CAPTURED "kind: rds-custer, captured: {}}\n",
                "inputs.kind: “rds-custer” is not one of: ");
  assert_fault (CAPTURED "kind: rds-cluster, captured: {}, changed: {Retention: 3}}\n",
                "inputs.changed: rds-cluster has no field Retention");
  assert_fault (CAPTURED "kind: rds-cluster, captured: {}, except: [Tags, Labels]}\n",
                "inputs.except: rds-cluster has no field Labels");
  assert_fine (CAPTURED "kind: rds-cluster, captured: {}, except: [Tags]}\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/check/built_in_runbooks_have_no_faults", test_built_in);
  g_test_add_func ("/check/built_in_final_steps_are_held_against_other_hands",
                   test_built_in_finals);
  g_test_add_func ("/check/built_in_restores_are_asked_again", test_built_in_restores);
  g_test_add_func ("/check/built_in_tasks_commands_and_terraform_say_what_they_need",
                   test_built_in_needs);
  g_test_add_func ("/check/built_in_preparations_of_deletions_know_when_it_is_gone",
                   test_built_in_preparations);
  g_test_add_func ("/check/built_in_texts_name_nothing_that_a_plan_does_not_know",
                   test_built_in_texts);
  g_test_add_func ("/check/tells_every_fault_at_once_with_its_place", test_all_at_once);
  g_test_add_func ("/check/parameters", test_parameters);
  g_test_add_func ("/check/requests_fit_the_models", test_requests);
  g_test_add_func ("/check/metrics_are_told_well", test_metric);
  g_test_add_func ("/check/selectors_fit_the_answers", test_selectors);
  g_test_add_func ("/check/targets_exist_and_steps_are_reached", test_flow);
  g_test_add_func ("/check/references_were_yielded_on_every_path", test_references);
  g_test_add_func ("/check/choices", test_conditions);
  g_test_add_func ("/check/loops", test_loops);
  g_test_add_func ("/check/no_secrets_on_command_lines", test_secrets_on_command_lines);
  g_test_add_func ("/check/what_a_model_marks_comes_from_where_it_is_kept", test_marked_members);
  g_test_add_func ("/check/other_actions", test_other_actions);
  g_test_add_func ("/check/slipway_objects", test_slipway_objects);
  g_test_add_func ("/check/whatever_only_looks_may_only_read", test_looks);
  g_test_add_func ("/check/a_value_for_two_people_is_one_that_can_be_chosen", test_pairing);
  g_test_add_func ("/check/guards_name_captured_fields", test_captured_fields);
  g_test_add_func ("/check/guards_of_the_document", test_document_guards);
  g_test_add_func ("/check/words_of_turns", test_words_of_turns);
  g_test_add_func ("/action/what_can_be_planned_can_be_run", test_halves);
  return g_test_run ();
}
