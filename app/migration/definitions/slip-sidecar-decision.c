/* SPDX-License-Identifier: MIT */
/* Decision tables: what outputs become by what inputs are. The original has each as a Python module; here
 * they are data, and the compiler makes one CASE of them. */

#include "slip-json.h"
#include "slip-sidecar-private.h"

static void
slip_when_free (SlipWhen *when)
{
  g_free (when->input);
  g_strfreev (when->values);
  g_clear_pointer (&when->value, json_node_unref);
  g_free (when->sql);
  g_free (when);
}

static void
slip_set_free (SlipSet *set)
{
  g_free (set->column);
  g_clear_pointer (&set->value, json_node_unref);
  g_free (set->sql);
  g_free (set);
}

static void
slip_decision_rule_free (SlipDecisionRule *rule)
{
  g_ptr_array_unref (rule->when);
  g_strfreev (rule->unset);
  g_strfreev (rule->any_set);
  g_ptr_array_unref (rule->set);
  g_free (rule);
}

void
slip_decision_free (SlipDecision *decision)
{
  g_free (decision->name);
  g_strfreev (decision->inputs);
  g_strfreev (decision->outputs);
  g_ptr_array_unref (decision->let);
  g_ptr_array_unref (decision->defaults);
  g_ptr_array_unref (decision->rules);
  g_free (decision);
}

static SlipWhen *
add_when (GPtrArray *list, const char *input, SlipWhenOp op)
{
  SlipWhen *when = g_new0 (SlipWhen, 1);

  when->input = g_strdup (input);
  when->op = op;
  g_ptr_array_add (list, when);
  return when;
}

typedef struct
{
  const char *input;
  GPtrArray *list;
} WhenRead;

static void
read_operator (SlipReader *reader, const char *name, JsonNode *node, gpointer data)
{
  static const char *const comparisons[] = {"<", "<=", ">", ">=", NULL};
  WhenRead *read = data;

  if (g_str_equal (name, "not"))
    {
      SlipWhen *when = add_when (read->list, read->input, SLIP_WHEN_NOT_IN);

      when->values = slip_reader_dup_values (reader, node);
      return;
    }
  for (guint i = 0; comparisons[i] != NULL; i++)
    if (g_str_equal (name, comparisons[i]) && JSON_NODE_HOLDS_VALUE (node))
      {
        SlipWhen *when = add_when (read->list, read->input, SLIP_WHEN_LESS + i);

        when->value = json_node_copy (node);
        return;
      }
  if (g_str_equal (name, "unset") && JSON_NODE_HOLDS_VALUE (node)
      && json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    add_when (read->list, read->input,
              json_node_get_boolean (node) ? SLIP_WHEN_UNSET : SLIP_WHEN_SET);
  else if (g_str_equal (name, "sql") && slip_json_node_string (node) != NULL)
    add_when (read->list, read->input, SLIP_WHEN_SQL)->sql = json_node_dup_string (node);
  else
    SLIP_READER_FAULT (
        reader, NULL,
        "Write a value, a list of values, or an object of \"not\", \"<\", \"<=\", \">\", "
        "\">=\", \"unset\" (true or false) and \"sql\"",
        "“%s” with such a value is no condition", name);
}

static void
read_when (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  JsonObject *object = slip_json_node_object (node);
  WhenRead read = {name, list};
  SlipWhen *when;

  if (object != NULL)
    {
      slip_reader_each (reader, object, read_operator, &read);
      return;
    }
  when = add_when (list, name, SLIP_WHEN_IN);
  when->values = slip_reader_dup_values (reader, node);
  if (when->values[0] == NULL)
    SLIP_READER_FAULT (reader, NULL, "Name the values that it has",
                       "no value meets this condition");
}

static void
read_set (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  static const char *const known[] = {"sql", NULL};
  JsonObject *object = slip_json_node_object (node);
  SlipSet *set = g_new0 (SlipSet, 1);

  set->column = g_strdup (name);
  g_ptr_array_add (list, set);
  if (object != NULL)
    {
      slip_reader_check_members (reader, object, known);
      set->sql = slip_reader_need_string (reader, object, "sql");
    }
  else if (JSON_NODE_HOLDS_VALUE (node))
    set->value = json_node_copy (node);
  else if (!JSON_NODE_HOLDS_NULL (node))
    SLIP_READER_FAULT (reader, NULL, "Write a value, null or {\"sql\": \"…\"}",
                       "a list cannot be set");
}

static GPtrArray *
read_members (SlipReader *reader,
              JsonObject *object,
              const char *name,
              SlipReaderItemFunc func,
              GDestroyNotify destroy)
{
  GPtrArray *list = g_ptr_array_new_with_free_func (destroy);
  JsonObject *members = slip_reader_get_object (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  slip_reader_each (reader, members, func, list);
  slip_reader_leave (reader, place);
  return list;
}

static gpointer
read_rule (SlipReader *reader, JsonObject *object)
{
  static const char *const known[] = {"when", "unset", "anySet", "set", NULL};
  SlipDecisionRule *rule = g_new0 (SlipDecisionRule, 1);

  slip_reader_check_members (reader, object, known);
  rule->when = read_members (reader, object, "when", read_when, (GDestroyNotify)slip_when_free);
  rule->unset = slip_sidecar_dup_list (reader, object, "unset");
  rule->any_set = slip_sidecar_dup_list (reader, object, "anySet");
  rule->set = read_members (reader, object, "set", read_set, (GDestroyNotify)slip_set_free);
  if (rule->set->len == 0)
    SLIP_READER_FAULT (reader, "set", "Say what the outputs become", "the rule decides nothing");
  return rule;
}

static gboolean
is_known (const SlipDecision *decision, const char *input)
{
  if (g_strv_contains ((const char *const *)decision->inputs, input))
    return TRUE;
  for (guint i = 0; i < decision->let->len; i++)
    if (g_str_equal (((SlipNamedSql *)g_ptr_array_index (decision->let, i))->name, input))
      return TRUE;
  return FALSE;
}

static void
check_input (SlipReader *reader,
             const SlipDecision *decision,
             const char *member,
             const char *input)
{
  if (!is_known (decision, input))
    SLIP_READER_FAULT (reader, member, "Add it to inputs or to let", "“%s” is no input", input);
}

static void
check_sets (SlipReader *reader, const SlipDecision *decision, GPtrArray *sets, const char *member)
{
  for (guint i = 0; i < sets->len; i++)
    {
      const SlipSet *set = g_ptr_array_index (sets, i);

      if (!g_strv_contains ((const char *const *)decision->outputs, set->column))
        SLIP_READER_FAULT (reader, member, "Add it to outputs", "“%s” is no output", set->column);
    }
}

static void
check_rule (SlipReader *reader, const SlipDecision *decision, const SlipDecisionRule *rule)
{
  for (guint i = 0; i < rule->when->len; i++)
    check_input (reader, decision, "when", ((SlipWhen *)g_ptr_array_index (rule->when, i))->input);
  for (guint i = 0; rule->unset[i] != NULL; i++)
    check_input (reader, decision, "unset", rule->unset[i]);
  for (guint i = 0; rule->any_set[i] != NULL; i++)
    check_input (reader, decision, "anySet", rule->any_set[i]);
  check_sets (reader, decision, rule->set, "set");
}

static void
check_names (SlipReader *reader, const SlipDecision *decision)
{
  gsize place = slip_reader_enter (reader, "rules");

  for (guint i = 0; i < decision->rules->len; i++)
    {
      gsize inner = slip_reader_enter_index (reader, i);

      check_rule (reader, decision, g_ptr_array_index (decision->rules, i));
      slip_reader_leave (reader, inner);
    }
  slip_reader_leave (reader, place);
  check_sets (reader, decision, decision->defaults, "default");
  if (decision->outputs[0] == NULL)
    SLIP_READER_FAULT (reader, "outputs", "Name the columns that it sets", "there is no output");
}

SlipDecision *
slip_decision_read (SlipReader *reader, const char *name, JsonObject *object)
{
  static const char *const known[]
      = {"inputs", "outputs", "policy", "let", "default", "rules", NULL};
  static const char *const policies[] = {"last", "first", NULL};
  SlipDecision *decision = g_new0 (SlipDecision, 1);

  slip_reader_check_members (reader, object, known);
  decision->name = g_strdup (name);
  decision->inputs = slip_sidecar_dup_list (reader, object, "inputs");
  decision->outputs = slip_sidecar_dup_list (reader, object, "outputs");
  decision->first = slip_sidecar_one_of (reader, object, "policy", policies) == 1;
  decision->let = slip_sidecar_read_named (reader, object, "let");
  decision->defaults
      = read_members (reader, object, "default", read_set, (GDestroyNotify)slip_set_free);
  decision->rules = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_decision_rule_free);
  slip_sidecar_read_list (reader, object, "rules", read_rule, decision->rules);
  check_names (reader, decision);
  return decision;
}
