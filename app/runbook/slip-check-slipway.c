/* SPDX-License-Identifier: MIT */
/* The check of `slipway` objects: what Slipway adds to a document, its parameters and its steps. The
 * tables here are the reference for data/runbooks/README.md and for slipway-objects.schema.json beside
 * it, which a test holds against them. */

#include "slip-check.h"

#include "slip-guard.h"
#include "slip-json.h"
#include "slip-plan-private.h"
#include "slip-template.h"

#include <string.h>

static const SlipActionInput document_members[] = {
    {"title", SLIP_ACTION_TEXT, FALSE},    {"summary", SLIP_ACTION_TEXT, FALSE},
    {"category", SLIP_ACTION_TEXT, FALSE}, {"offer", SLIP_ACTION_LIST, FALSE},
    {"guards", SLIP_ACTION_LIST, FALSE},   {"pairing", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

/* When a second person must cosign the plan, or what is said before one step. */
static const char *const pairings[] = {"always", "protected", NULL};

static const SlipActionInput offer_members[] = {
    {"kind", SLIP_ACTION_TEXT, TRUE},   {"parameter", SLIP_ACTION_TEXT, TRUE},
    {"field", SLIP_ACTION_TEXT, FALSE}, {"where", SLIP_ACTION_MAP, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const char *const offer_kinds[] = {
    "global-cluster", "cluster",     "instance", "cluster-snapshot", "recovery-point",
    "table",          "ecs-service", "ecs-task", "pipeline",         NULL,
};

static const SlipActionInput parameter_members[] = {
    {"title", SLIP_ACTION_TEXT, FALSE},       {"group", SLIP_ACTION_TEXT, FALSE},
    {"widget", SLIP_ACTION_TEXT, FALSE},      {"setting", SLIP_ACTION_TEXT, FALSE},
    {"derive", SLIP_ACTION_TEXT, FALSE},      {"suggestions", SLIP_ACTION_LIST, FALSE},
    {"choices", SLIP_ACTION_MAP, FALSE},      {"destructive", SLIP_ACTION_BOOLEAN, FALSE},
    {"advanced", SLIP_ACTION_BOOLEAN, FALSE}, {"pairing", SLIP_ACTION_MAP, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const char *const widgets[] = {
    "text",    "area",           "choice",      "switch",      "number",   "list",
    "json",    "region",         "environment", "account",     "cluster",  "cluster-snapshot",
    "kms-key", "recovery-point", "table",       "ecs-service", "ecs-task", "pipeline",
    NULL,
};

static const SlipActionInput choices_members[] = {
    {"service", SLIP_ACTION_TEXT, TRUE},      {"operation", SLIP_ACTION_TEXT, TRUE},
    {"input", SLIP_ACTION_MAP, FALSE},        {"values", SLIP_ACTION_TEXT, TRUE},
    {"titles", SLIP_ACTION_TEXT, FALSE},      {"times", SLIP_ACTION_TEXT, FALSE},
    {"states", SLIP_ACTION_TEXT, FALSE},      {"region", SLIP_ACTION_TEXT, FALSE},
    {"environment", SLIP_ACTION_TEXT, FALSE}, {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput step_members[] = {
    {"title", SLIP_ACTION_TEXT, FALSE},       {"why", SLIP_ACTION_TEXT, FALSE},
    {"ifItFails", SLIP_ACTION_TEXT, FALSE},   {"hints", SLIP_ACTION_MAP, FALSE},
    {"environment", SLIP_ACTION_TEXT, FALSE}, {"region", SLIP_ACTION_TEXT, FALSE},
    {"effect", SLIP_ACTION_TEXT, FALSE},      {"reversibility", SLIP_ACTION_TEXT, FALSE},
    {"undo", SLIP_ACTION_TEXT, FALSE},        {"confirm", SLIP_ACTION_MAP, FALSE},
    {"resume", SLIP_ACTION_MAP, FALSE},       {"wait", SLIP_ACTION_MAP, FALSE},
    {"minutes", SLIP_ACTION_ANY, FALSE},      {"minutesPerGiB", SLIP_ACTION_ANY, FALSE},
    {"sizeGiB", SLIP_ACTION_ANY, FALSE},      {"guards", SLIP_ACTION_LIST, FALSE},
    {"evaluate", SLIP_ACTION_TEXT, FALSE},    {"match", SLIP_ACTION_TEXT, FALSE},
    {"merge", SLIP_ACTION_MAP, FALSE},        {"confirmedBy", SLIP_ACTION_TEXT, FALSE},
    {"needs", SLIP_ACTION_LIST, FALSE},       {"changes", SLIP_ACTION_LIST, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput guard_members[] = {
    {"guard", SLIP_ACTION_TEXT, TRUE},        {"title", SLIP_ACTION_TEXT, FALSE},
    {"environment", SLIP_ACTION_TEXT, FALSE}, {"region", SLIP_ACTION_TEXT, FALSE},
    {"inputs", SLIP_ACTION_MAP, FALSE},       {"severity", SLIP_ACTION_TEXT, FALSE},
    {"when", SLIP_ACTION_TEXT, FALSE},        {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput confirm_members[] = {
    {"how", SLIP_ACTION_TEXT, TRUE},
    {"text", SLIP_ACTION_TEXT, FALSE},
    {"ask", SLIP_ACTION_TEXT, FALSE},
    {"when", SLIP_ACTION_TEXT, FALSE},
    {"maxAgeMinutes", SLIP_ACTION_INTEGER, FALSE},
    {"pairing", SLIP_ACTION_TEXT, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput resume_members[] = {
    {"rule", SLIP_ACTION_TEXT, TRUE},       {"service", SLIP_ACTION_TEXT, FALSE},
    {"operation", SLIP_ACTION_TEXT, FALSE}, {"input", SLIP_ACTION_MAP, FALSE},
    {"select", SLIP_ACTION_TEXT, FALSE},    {"absent", SLIP_ACTION_LIST, FALSE},
    {"gone", SLIP_ACTION_LIST, FALSE},      {"fingerprint", SLIP_ACTION_MAP, FALSE},
    {"desired", SLIP_ACTION_MAP, FALSE},    {"deleting", SLIP_ACTION_MAP, FALSE},
    {"becoming", SLIP_ACTION_MAP, FALSE},   {"maxAgeMinutes", SLIP_ACTION_INTEGER, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput wait_members[] = {
    {"pending", SLIP_ACTION_LIST, FALSE},  {"fail", SLIP_ACTION_LIST, FALSE},
    {"gone", SLIP_ACTION_LIST, FALSE},     {"absent", SLIP_ACTION_LIST, FALSE},
    {"poll", SLIP_ACTION_INTEGER, FALSE},  {"deadline", SLIP_ACTION_TEXT, FALSE},
    {"progress", SLIP_ACTION_TEXT, FALSE}, {"settle", SLIP_ACTION_INTEGER, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const SlipActionInput merge_members[] = {
    {"from", SLIP_ACTION_ANY, TRUE},   {"key", SLIP_ACTION_TEXT, FALSE},
    {"into", SLIP_ACTION_TEXT, FALSE}, {"ignoreCase", SLIP_ACTION_BOOLEAN, FALSE},
    {NULL, SLIP_ACTION_ANY, FALSE},
};

static const char *const effects[] = {"read", "change", "final", NULL};
static const char *const reversibilities[] = {"read", "reversible", "recoverable", "final", NULL};
static const char *const confirmations[] = {"simple", "typed", "attest", NULL};
static const char *const confirm_times[] = {"approval", "step", NULL};
static const char *const severities[] = {"block", "warn", NULL};
static const char *const guard_times[] = {"plan", "run", "both", NULL};
static const char *const evaluations[] = {"plan", "run", NULL};
static const char *const matches[] = {"any", "exactly", NULL};
static const char *const rules[] = {"R0", "R1", "R2", "R3", "R4", "R5", "R6", NULL};

static const SlipCheckWords document_words[] = {{"pairing", pairings}, {NULL, NULL}};
static const SlipCheckWords offer_words[] = {{"kind", offer_kinds}, {NULL, NULL}};
static const SlipCheckWords parameter_words[] = {{"widget", widgets}, {NULL, NULL}};
static const SlipCheckWords step_words[] = {{"effect", effects},
                                            {"reversibility", reversibilities},
                                            {"evaluate", evaluations},
                                            {"match", matches},
                                            {NULL, NULL}};
static const SlipCheckWords guard_words[]
    = {{"severity", severities}, {"when", guard_times}, {NULL, NULL}};
static const SlipCheckWords confirm_words[]
    = {{"how", confirmations}, {"when", confirm_times}, {"pairing", pairings}, {NULL, NULL}};
static const SlipCheckWords resume_words[] = {{"rule", rules}, {NULL, NULL}};

static const SlipCheckObject objects[] = {
    {"document", document_members, document_words},
    {"offer", offer_members, offer_words},
    {"parameter", parameter_members, parameter_words},
    {"choices", choices_members, NULL},
    {"step", step_members, step_words},
    {"guard", guard_members, guard_words},
    {"confirm", confirm_members, confirm_words},
    {"resume", resume_members, resume_words},
    {"wait", wait_members, NULL},
    {"merge", merge_members, NULL},
    {"need", slip_check_need_members, NULL},
    {NULL, NULL, NULL},
};

const SlipCheckObject *
slip_check_slipway_objects (void)
{
  return objects;
}

static void
check_object (SlipCheck *check, const char *path, JsonObject *object, const char *name)
{
  const SlipCheckObject *kind = objects;

  while (!g_str_equal (kind->name, name))
    kind++;
  slip_check_members (check, path, object, kind->members, FALSE);
  for (const SlipCheckWords *words = kind->words; words != NULL && words->member != NULL; words++)
    slip_check_one_of (check, path, object, words->member, words->words);
}

/* A call that @path only looks with. */
static gboolean
check_read (SlipCheck *check,
            const char *path,
            JsonObject *call,
            const SlipAwsOperation **operation)
{
  if (!slip_check_call (check, path, call, operation))
    return FALSE;
  if (slip_aws_operation_effect (*operation) != SLIP_AWS_EFFECT_READ)
    slip_check_fault_at (check, path, "operation", "%s is no read", (*operation)->name);
  return TRUE;
}

static void
check_guard (SlipCheck *check, const char *path, JsonObject *object)
{
  const char *id = slip_json_string (object, "guard");
  const SlipGuard *guard = id != NULL ? slip_guard_find (id) : NULL;
  JsonObject *inputs = slip_json_object (object, "inputs");
  g_autoptr (GArray) table = g_array_new (TRUE, TRUE, sizeof (SlipActionInput));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (JsonObject) none = json_object_new ();
  g_autofree char *at = slip_path_member (path, "inputs");
  const SlipAwsOperation *operation;

  check_object (check, path, object, "guard");
  if (id == NULL)
    return;
  if (guard == NULL)
    {
      g_autofree const char **ids = slip_guard_list_ids ();
      g_autofree char *hint = slip_check_suggest (id, ids);

      slip_check_fault_at (check, path, "guard", "there is no guard %s%s", id, hint);
      return;
    }
  for (guint i = 0; guard->inputs != NULL && guard->inputs[i] != NULL; i++)
    {
      gboolean optional = g_str_has_suffix (guard->inputs[i], "?");
      char *name = g_strndup (guard->inputs[i], strlen (guard->inputs[i]) - optional);
      SlipActionInput input = {.name = name, .kind = SLIP_ACTION_ANY, .required = !optional};

      g_ptr_array_add (names, name);
      g_array_append_val (table, input);
    }
  slip_check_members (check, at, inputs != NULL ? inputs : none,
                      (const SlipActionInput *)(gpointer)table->data, FALSE);
  if (inputs != NULL && json_object_has_member (inputs, "operation"))
    check_read (check, at, inputs, &operation);
  if (inputs != NULL && g_str_equal (id, "as-captured"))
    slip_check_captured (check, at, inputs);
}

static void
check_guards (SlipCheck *check, const char *path, JsonObject *slipway)
{
  JsonArray *guards = slip_json_array (slipway, "guards");
  g_autofree char *list = slip_path_member (path, "guards");

  for (guint i = 0; guards != NULL && i < json_array_get_length (guards); i++)
    {
      g_autofree char *at = slip_path_element (list, i);
      JsonObject *guard = slip_json_node_object (json_array_get_element (guards, i));

      if (guard == NULL)
        slip_check_fault (check, at, "must be a map with guard and inputs");
      else
        check_guard (check, at, guard);
    }
}

static void
check_offers (SlipCheck *check, JsonObject *slipway)
{
  JsonArray *offers = slip_json_array (slipway, "offer");
  JsonObject *parameters = slip_json_object (check->root, "parameters");

  for (guint i = 0; offers != NULL && i < json_array_get_length (offers); i++)
    {
      g_autofree char *at = slip_path_element ("$.slipway.offer", i);
      JsonObject *offer = slip_json_node_object (json_array_get_element (offers, i));
      const char *name = offer != NULL ? slip_json_string (offer, "parameter") : NULL;

      if (offer == NULL)
        {
          slip_check_fault (check, at, "must be a map with kind and parameter");
          continue;
        }
      check_object (check, at, offer, "offer");
      if (name != NULL && (parameters == NULL || !json_object_has_member (parameters, name)))
        slip_check_fault_at (check, at, "parameter", "there is no parameter %s", name);
    }
}

void
slip_check_slipway_document (SlipCheck *check)
{
  JsonObject *slipway = slip_json_object (check->root, "slipway");

  if (slipway == NULL)
    return;
  check_object (check, "$.slipway", slipway, "document");
  check_guards (check, "$.slipway", slipway);
  check_offers (check, slipway);
}

/* A derived default refers to other parameters and to what the workstation knows. */
static void
check_derive (SlipCheck *check, const char *path, JsonObject *slipway)
{
  static const char *const known[] = {
      "slipway:environment", "slipway:account", "slipway:region", "slipway:date",
      "slipway:day",         "slipway:minute",  "slipway:second", NULL,
  };
  JsonObject *parameters = slip_json_object (check->root, "parameters");
  const char *derive = slip_json_string (slipway, "derive");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = derive != NULL ? slip_template_list_text (derive, &error) : NULL;

  if (error != NULL)
    slip_check_fault_at (check, path, "derive", "%s", error->message);
  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      const char *parameter = name;

      if (g_strv_contains (known, name) || g_str_has_prefix (name, "slipway:setting."))
        continue;
      if (g_str_has_prefix (name, "slipway:environment-of."))
        parameter = name + strlen ("slipway:environment-of.");
      if (!json_object_has_member (parameters, parameter))
        slip_check_fault_at (check, path, "derive", "{{ %s }}: there is no such value", name);
    }
}

static gboolean
is_allowed (JsonArray *allowed, const char *value)
{
  for (guint i = 0; allowed != NULL && i < json_array_get_length (allowed); i++)
    {
      JsonNode *one = json_array_get_element (allowed, i);

      if (JSON_NODE_HOLDS_VALUE (one) && g_strcmp0 (json_node_get_string (one), value) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A value that is spelt in another way would ask nobody. */
static void
check_pairing (SlipCheck *check, const char *path, JsonObject *parameter)
{
  JsonObject *pairing = slip_json_object (slip_json_object (parameter, "slipway"), "pairing");
  JsonArray *allowed = slip_json_array (parameter, "allowedValues");
  g_autofree char *at = slip_path_member (path, "pairing");
  JsonObjectIter iter;
  const char *value;

  if (pairing == NULL)
    return;
  json_object_iter_init_ordered (&iter, pairing);
  while (json_object_iter_next_ordered (&iter, &value, NULL))
    {
      if (!is_allowed (allowed, value))
        slip_check_fault_at (check, at, value, "is none of allowedValues");
      if (slip_json_string (pairing, value) == NULL)
        slip_check_fault_at (check, at, value, "must be a text: what is given up by it");
    }
}

const char *
slip_check_find_elements (const char *selector)
{
  const char *list = g_strrstr (selector, "[*]");

  return list != NULL ? list + strlen ("[*]") : NULL;
}

gboolean
slip_check_same_list (const char *selector, const char *other)
{
  const char *one = slip_check_find_elements (selector);
  const char *two = slip_check_find_elements (other);

  return one != NULL && two != NULL && one - selector == two - other
         && strncmp (selector, other, (gsize)(one - selector)) == 0;
}

void
slip_check_slipway_parameter (SlipCheck *check, const char *path, JsonObject *parameter)
{
  static const char *const selectors[] = {"values", "titles", "times", "states"};
  JsonObject *slipway = slip_json_object (parameter, "slipway");
  JsonObject *choices = slip_json_object (slipway, "choices");
  g_autofree char *at = slip_path_member (path, "choices");
  const SlipAwsOperation *operation;

  check_object (check, path, slipway, "parameter");
  check_derive (check, path, slipway);
  check_pairing (check, path, parameter);
  if (choices == NULL)
    return;
  check_object (check, at, choices, "choices");
  if (!check_read (check, at, choices, &operation))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (selectors); i++)
    {
      const char *name = selectors[i];
      const char *selector = slip_json_string (choices, name);
      const char *values = slip_json_string (choices, "values");
      g_autofree char *member = slip_path_member (at, name);

      if (selector == NULL)
        continue;
      slip_check_selector (check, member, operation, selector, NULL);
      if (i > 0 && values != NULL && !slip_check_same_list (values, selector))
        slip_check_fault_at (check, at, name, "it selects of another list than values, %s", values);
    }
}

static void
check_effect (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *slipway)
{
  const SlipAwsOperation *operation = slip_check_operation (step);
  SlipReversibility reversibility;
  SlipAwsEffect effect;

  if (operation != NULL
      && slip_reversibility_parse (slip_json_string (slipway, "reversibility"), &reversibility)
      && reversibility < slip_plan_least_reversibility (slip_aws_operation_effect (operation)))
    slip_check_fault_at (check, path, "reversibility", "%s is %s; a document cannot make it less",
                         operation->name,
                         slip_aws_effect_name (slip_aws_operation_effect (operation)));
  if (operation == NULL
      || !slip_aws_effect_from_name (slip_json_string (slipway, "effect"), &effect))
    return;
  if (effect < slip_aws_operation_effect (operation))
    slip_check_fault_at (check, path, "effect", "%s is %s; a document cannot make it less",
                         operation->name,
                         slip_aws_effect_name (slip_aws_operation_effect (operation)));
}

static void
check_confirm (SlipCheck *check, const char *path, JsonObject *slipway)
{
  JsonObject *confirm = slip_json_object (slipway, "confirm");
  g_autofree char *at = slip_path_member (path, "confirm");
  const char *how;

  if (confirm == NULL)
    return;
  check_object (check, at, confirm, "confirm");
  how = slip_json_string (confirm, "how");
  if (g_strcmp0 (how, "typed") == 0 && !json_object_has_member (confirm, "text"))
    slip_check_fault (check, at, "text, what must be typed, is missing");
  if (g_strcmp0 (how, "attest") == 0 && !json_object_has_member (confirm, "ask"))
    slip_check_fault (check, at, "ask, what is attested, is missing");
  if (!json_object_has_member (confirm, "pairing"))
    return;
  if (!json_object_has_member (confirm, "ask"))
    slip_check_fault (check, at, "ask, what the second person vouches for, is missing");
  if (g_strcmp0 (slip_json_string (confirm, "when"), "step") != 0)
    slip_check_fault_at (check, at, "pairing",
                         "two people vouch for what is there when the step is reached: when: step "
                         "is missing");
}

/* Only a word that is given just before a step, and once in a run or in each turn of the same loop, grows old
 * in one way. */
static void
check_confirmed_by (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *slipway)
{
  const char *name = slip_json_string (slipway, "confirmedBy");
  SlipCheckStep *other = name != NULL ? g_hash_table_lookup (check->steps, name) : NULL;
  JsonObject *theirs = other != NULL ? slip_json_object (other->object, "slipway") : NULL;
  JsonObject *confirm = theirs != NULL ? slip_json_object (theirs, "confirm") : NULL;

  if (name == NULL)
    return;
  if (other == NULL)
    slip_check_fault_at (check, path, "confirmedBy", "there is no step %s", name);
  else if (other->loop != NULL && g_strcmp0 (other->loop, step->loop) != 0)
    slip_check_fault_at (check, path, "confirmedBy",
                         "the step %s is inside the loop %s, and this one is not", name,
                         other->loop);
  else if (confirm == NULL || g_strcmp0 (slip_json_string (confirm, "when"), "step") != 0)
    slip_check_fault_at (check, path, "confirmedBy", "the step %s has no confirm with when: step",
                         name);
}

static void
check_selectors (SlipCheck *check,
                 const char *path,
                 JsonObject *object,
                 const char *member,
                 const char *prefix,
                 const SlipAwsOperation *operation)
{
  JsonObject *map = slip_json_object (object, member);
  g_autofree char *at = slip_path_member (path, member);
  JsonObjectIter iter;
  const char *selector;

  if (map == NULL)
    return;
  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &selector, NULL))
    {
      g_autofree char *whole
          = g_strconcat (prefix, *selector == '$' ? selector + 1 : selector, NULL);
      g_autofree char *place = slip_path_member (at, selector);

      if (*selector != '$')
        slip_check_fault (check, place, "the selector must begin with $");
      else
        slip_check_selector (check, place, operation, whole, NULL);
    }
}

static void
check_merge (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *slipway)
{
  JsonObject *merge = slip_json_object (slipway, "merge");
  g_autofree char *at = slip_path_member (path, "merge");

  if (merge == NULL)
    return;
  check_object (check, at, merge, "merge");
  if (step->action != NULL && !step->action->request_inputs)
    slip_check_fault (check, at, "%s sends no request of its own to merge into",
                      step->action->name);
  if (slip_json_string (merge, "into") != NULL
      && slip_json_object (step->inputs, slip_json_string (merge, "into")) == NULL)
    slip_check_fault (check, at, "there is no map %s in the step's inputs",
                      slip_json_string (merge, "into"));
}

static void
check_resume (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *slipway)
{
  JsonObject *resume = slip_json_object (slipway, "resume");
  g_autofree char *at = slip_path_member (path, "resume");
  const SlipAwsOperation *operation = NULL;
  const char *select;
  const char *rule;

  if (resume == NULL)
    return;
  check_object (check, at, resume, "resume");
  rule = slip_json_string (resume, "rule");
  select = slip_json_string (resume, "select");
  if (rule != NULL && strchr ("136", rule[1]) != NULL
      && slip_json_string (resume, "operation") == NULL)
    slip_check_fault (check, at,
                      "%s looks before it acts: service, operation and input are missing", rule);
  if (g_strcmp0 (rule, "R1") == 0 && slip_json_object (resume, "fingerprint") == NULL)
    slip_check_fault (check, at, "R1 needs a fingerprint, to tell ours from another of that name");
  if (g_strcmp0 (rule, "R3") == 0 && slip_json_object (resume, "desired") == NULL)
    slip_check_fault (check, at, "R3 needs what is desired");
  if (!check_read (check, at, resume, &operation))
    return;
  slip_check_gone (check, step, at, resume);
  if (select != NULL)
    {
      g_autofree char *place = slip_path_member (at, "select");

      slip_check_selector (check, place, operation, select, NULL);
    }
  if (select == NULL || *select != '$')
    select = "$";
  check_selectors (check, at, resume, "fingerprint", select, operation);
  check_selectors (check, at, resume, "desired", select, operation);
  check_selectors (check, at, resume, "deleting", select, operation);
  check_selectors (check, at, resume, "becoming", select, operation);
}

/* States are AWS's words: the plan takes them as they stand. */
static void
check_states (SlipCheck *check, const char *path, JsonObject *wait)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, wait);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (slip_template_has_references (node))
      slip_check_fault_at (check, path, name,
                           "takes no references: only what stands here is compared with");
}

static void
check_wait (SlipCheck *check, SlipCheckStep *step, const char *path, JsonObject *slipway)
{
  JsonObject *wait = slip_json_object (slipway, "wait");
  g_autofree char *at = slip_path_member (path, "wait");
  const char *deadline;
  const char *progress;
  gint64 seconds;

  if (wait == NULL)
    return;
  check_object (check, at, wait, "wait");
  check_states (check, at, wait);
  if (step->action != NULL && !g_str_equal (step->action->name, "aws:waitForAwsResourceProperty"))
    slip_check_fault (check, at, "only aws:waitForAwsResourceProperty waits");
  deadline = slip_json_string (wait, "deadline");
  if (deadline != NULL && !slip_action_parse_duration (deadline, &seconds))
    slip_check_fault_at (check, at, "deadline", "“%s” is no duration such as PT4H", deadline);
  if (slip_json_int (wait, "poll", 30) < 1)
    slip_check_fault_at (check, at, "poll", "must be a number of seconds above 0");
  progress = slip_json_string (wait, "progress");
  if (progress != NULL)
    {
      g_autofree char *place = slip_path_member (at, "progress");

      slip_check_selector (check, place, slip_check_operation (step), progress, NULL);
    }
}

static void
check_number (SlipCheck *check, const char *path, JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);
  g_autofree char *reference = node != NULL ? slip_check_whole_reference (node) : NULL;

  if (node == NULL || reference != NULL)
    return;
  if (!JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) == G_TYPE_STRING
      || json_node_get_value_type (node) == G_TYPE_BOOLEAN || json_node_get_double (node) < 0)
    slip_check_fault_at (check, path, name, "must be a number, 0 or more");
}

void
slip_check_slipway_step (SlipCheck *check, SlipCheckStep *step)
{
  JsonObject *slipway = slip_json_object (step->object, "slipway");
  g_autofree char *path = slip_path_member (step->path, "slipway");

  check_object (check, path, slipway, "step");
  check_effect (check, step, path, slipway);
  check_confirm (check, path, slipway);
  check_confirmed_by (check, step, path, slipway);
  check_resume (check, step, path, slipway);
  check_merge (check, step, path, slipway);
  check_wait (check, step, path, slipway);
  check_guards (check, path, slipway);
  slip_check_needs (check, path, slipway);
  check_number (check, path, slipway, "minutes");
  check_number (check, path, slipway, "minutesPerGiB");
  check_number (check, path, slipway, "sizeGiB");
}
