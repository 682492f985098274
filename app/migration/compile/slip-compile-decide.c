/* SPDX-License-Identifier: MIT */
/* Decision tables as SQL: the local values once for each row, then a CASE for each output, asked from the rule
 * that wins. They see the row after its lookups and before the step's own joins, as the original does. */

#include "slip-compile-private.h"

static char *
dup_input (SlipCompiler *self, const SlipDecision *decision, const char *name)
{
  for (guint i = 0; i < decision->let->len; i++)
    {
      const SlipNamedSql *let = g_ptr_array_index (decision->let, i);

      if (g_str_equal (let->name, name))
        {
          g_autofree char *quoted = slip_compile_quote (name);

          return g_strdup_printf ("let.%s", quoted);
        }
    }
  {
    g_autofree char *c_name = slip_table_definition_dup_c_name (name);
    const char *found = slip_compile_find (self, c_name) != NULL ? c_name
                        : slip_compile_find (self, name) != NULL ? name
                                                                 : NULL;
    g_autofree char *quoted = found != NULL ? slip_compile_quote (found) : NULL;

    return quoted != NULL ? g_strdup_printf ("m.%s", quoted) : g_strdup ("NULL::text");
  }
}

static char *
dup_compared (const char *input, const SlipWhen *when, const char *op)
{
  g_autofree char *text = slip_value_dup_text (when->value);
  g_autofree char *literal = NULL;

  if (json_node_get_value_type (when->value) != G_TYPE_STRING)
    return g_strdup_printf ("slipway.as_decimal ((%s)::text) %s %s", input, op, text);
  literal = slip_compile_literal (text);
  return g_strdup_printf ("%s %s %s", input, op, literal);
}

static char *
dup_in (const char *input, char **values)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; values[i] != NULL; i++)
    {
      g_autofree char *literal = slip_compile_literal (values[i]);

      g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", literal);
    }
  return g_strdup_printf ("coalesce ((%s)::text, '') IN (%s)", input,
                          list->len > 0 ? list->str : "NULL");
}

static char *
dup_when (SlipCompiler *self, const SlipDecision *decision, const SlipWhen *when)
{
  g_autofree char *input = dup_input (self, decision, when->input);
  g_autofree char *in = NULL;

  switch (when->op)
    {
    case SLIP_WHEN_IN:
      return dup_in (input, when->values);
    case SLIP_WHEN_NOT_IN:
      in = dup_in (input, when->values);
      return g_strdup_printf ("NOT %s", in);
    case SLIP_WHEN_LESS:
      return dup_compared (input, when, "<");
    case SLIP_WHEN_LESS_EQUAL:
      return dup_compared (input, when, "<=");
    case SLIP_WHEN_GREATER:
      return dup_compared (input, when, ">");
    case SLIP_WHEN_GREATER_EQUAL:
      return dup_compared (input, when, ">=");
    case SLIP_WHEN_UNSET:
      return g_strdup_printf ("NOT slipway.is_set ((%s)::text)", input);
    case SLIP_WHEN_SET:
      return g_strdup_printf ("slipway.is_set ((%s)::text)", input);
    case SLIP_WHEN_SQL:
      in = slip_compile_expand (self, when->sql);
      return g_strdup_printf ("(%s)", in);
    default:
      g_assert_not_reached ();
    }
}

static void
append_any (
    SlipCompiler *self, const SlipDecision *decision, char **inputs, gboolean set, GString *sql)
{
  g_autoptr (GString) list = g_string_new (NULL);

  if (inputs[0] == NULL)
    return;
  for (guint i = 0; inputs[i] != NULL; i++)
    {
      g_autofree char *input = dup_input (self, decision, inputs[i]);

      g_string_append_printf (list, "%s(%s)::text", i > 0 ? ", " : "", input);
    }
  g_string_append_printf (sql, "%s%sslipway.is_at_least_one_set (%s)", sql->len > 0 ? " AND " : "",
                          set ? "" : "NOT ", list->str);
}

static char *
dup_rule (SlipCompiler *self, const SlipDecision *decision, const SlipDecisionRule *rule)
{
  GString *sql = g_string_new (NULL);

  for (guint i = 0; i < rule->when->len; i++)
    {
      g_autofree char *when = dup_when (self, decision, g_ptr_array_index (rule->when, i));

      g_string_append_printf (sql, "%s%s", i > 0 ? " AND " : "", when);
    }
  append_any (self, decision, rule->unset, FALSE, sql);
  append_any (self, decision, rule->any_set, TRUE, sql);
  if (sql->len == 0)
    g_string_append (sql, "true");
  return g_string_free (sql, FALSE);
}

static char *
dup_set (SlipCompiler *self, const SlipSet *set)
{
  g_autofree char *text = NULL;

  if (set->sql != NULL)
    {
      text = slip_compile_expand (self, set->sql);
      return g_strdup_printf ("(%s)::text", text);
    }
  if (set->value == NULL || JSON_NODE_HOLDS_NULL (set->value))
    return g_strdup ("NULL");
  if (json_node_get_value_type (set->value) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (set->value) ? "'true'" : "'false'");
  text = slip_value_dup_text (set->value);
  return slip_compile_literal (text);
}

static const SlipSet *
find_set (GPtrArray *sets, const char *column)
{
  for (guint i = 0; i < sets->len; i++)
    {
      const SlipSet *set = g_ptr_array_index (sets, i);

      if (g_str_equal (set->column, column))
        return set;
    }
  return NULL;
}

/* What an output is where no rule says it: its default, or what it was. */
static char *
dup_otherwise (SlipCompiler *self, const SlipDecision *decision, const char *output)
{
  const SlipSet *set = find_set (decision->defaults, output);
  const SlipCompiledColumn *compiled = slip_compile_find (self, output);
  g_autofree char *name = slip_compile_quote (output);

  if (set != NULL)
    return dup_set (self, set);
  return compiled != NULL && compiled->present ? g_strdup_printf ("m.%s", name) : g_strdup ("NULL");
}

static void
append_output (SlipCompiler *self,
               const SlipDecision *decision,
               const char *output,
               gboolean *first)
{
  g_autofree char *otherwise = dup_otherwise (self, decision, output);
  g_autofree char *name = slip_compile_quote (output);
  g_autoptr (GString) cases = g_string_new (NULL);

  for (guint i = 0; i < decision->rules->len; i++)
    {
      /* The last rule that holds decides, so that is the first one to be asked. */
      const SlipDecisionRule *rule
          = g_ptr_array_index (decision->rules, decision->first ? i : decision->rules->len - 1 - i);
      const SlipSet *set = find_set (rule->set, output);
      g_autofree char *condition = NULL;
      g_autofree char *value = NULL;

      if (set == NULL && !decision->first)
        continue;
      condition = dup_rule (self, decision, rule);
      value = set != NULL ? dup_set (self, set) : g_strdup (otherwise);
      g_string_append_printf (cases, "\n              WHEN %s\n              THEN %s", condition,
                              value);
    }
  if (cases->len > 0)
    slip_compile_list (self->sql, first, "CASE%s\n              ELSE %s END AS %s", cases->str,
                       otherwise, name);
  else
    slip_compile_list (self->sql, first, "%s AS %s", otherwise, name);
}

/* Local values, each of which sees those before it. */
static void
append_let (SlipCompiler *self, const SlipDecision *decision)
{
  g_autofree char *inner = NULL;

  for (guint i = 0; i < decision->let->len; i++)
    {
      const SlipNamedSql *let = g_ptr_array_index (decision->let, i);
      g_autofree char *sql = slip_compile_expand (self, let->sql);
      g_autofree char *name = slip_compile_quote (let->name);
      char *outer = inner == NULL
                        ? g_strdup_printf ("SELECT %s AS %s", sql, name)
                        : g_strdup_printf ("SELECT let.*, %s AS %s\n      FROM (%s) AS let", sql,
                                           name, inner);

      g_free (inner);
      inner = outer;
    }
  if (inner != NULL)
    g_string_append_printf (self->sql, "\n   CROSS JOIN LATERAL (%s\n    OFFSET 0) AS let", inner);
}

static gboolean
compares_numbers (const SlipWhen *when)
{
  return (when->op == SLIP_WHEN_LESS || when->op == SLIP_WHEN_LESS_EQUAL
          || when->op == SLIP_WHEN_GREATER || when->op == SLIP_WHEN_GREATER_EQUAL)
         && json_node_get_value_type (when->value) != G_TYPE_STRING;
}

/* A text that is compared as a number and is none lets no such rule hold: another one decides then, which is told. */
static void
append_marks (SlipCompiler *self, const SlipDecision *decision)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) marks = g_string_new (NULL);

  for (guint i = 0; i < decision->rules->len; i++)
    {
      const SlipDecisionRule *rule = g_ptr_array_index (decision->rules, i);

      for (guint j = 0; j < rule->when->len; j++)
        {
          const SlipWhen *when = g_ptr_array_index (rule->when, j);
          g_autofree char *input = dup_input (self, decision, when->input);
          g_autofree char *name = NULL;

          if (!compares_numbers (when) || !g_str_has_prefix (input, "m.")
              || !g_hash_table_add (seen, when->input))
            continue;
          name = slip_compile_literal (when->input);
          g_string_append_printf (marks,
                                  "%sCASE WHEN slipway.is_set ((%s)::text) AND slipway.as_decimal "
                                  "((%s)::text) IS NULL THEN slipway.mark (%s, 'bad value', "
                                  "(%s)::text) END",
                                  marks->len > 0 ? ",\n           " : "", input, input, name,
                                  input);
        }
    }
  if (marks->len > 0)
    g_string_append_printf (
        self->sql, "m.slipway_marks || array_remove (ARRAY[%s]::text[], NULL) AS slipway_marks",
        marks->str);
  else
    g_string_append (self->sql, "m.slipway_marks");
}

static void
append_decision (SlipCompiler *self,
                 const SlipDecision *decision,
                 const char *from,
                 const char *to,
                 gboolean defaults)
{
  gboolean first = FALSE;

  g_string_append_printf (
      self->sql,
      ",\n\n-- Decision table %s%s.\n%s AS (\n  SELECT m.casrec_row_id,\n         m.slipway_id,\n"
      "         ",
      decision->name, defaults ? ": what its outputs are before any rule" : "", to);
  append_marks (self, decision);
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);
      g_autofree char *name = slip_compile_quote (compiled->name);
      gboolean output = g_strv_contains ((const char *const *)decision->outputs, compiled->name);

      if (compiled->present && !output)
        slip_compile_list (self->sql, &first, "m.%s", name);
    }
  for (guint i = 0; decision->outputs[i] != NULL; i++)
    append_output (self, decision, decision->outputs[i], &first);
  g_string_append_printf (self->sql, "\n    FROM %s AS m", from);
  append_let (self, decision);
  g_string_append (self->sql, "\n  OFFSET 0\n)");
}

/* Rules see the defaults of their outputs, which are set in a stage of their own. */
void
slip_compile_decided (SlipCompiler *self)
{
  GPtrArray *decisions = self->step->decisions;
  g_autofree char *from = g_strdup ("filled");

  for (guint i = 0; i < decisions->len; i++)
    {
      const SlipDecision *decision = g_ptr_array_index (decisions, i);
      g_autofree char *to
          = i + 1 < decisions->len ? g_strdup_printf ("decided_%u", i + 1) : g_strdup ("decided");

      for (guint j = 0; decision->outputs[j] != NULL; j++)
        {
          const SlipMapping *mapping = self->step->mapping;

          slip_compile_add (self, decision->outputs[j],
                            slip_mapping_find_column (mapping, decision->outputs[j]));
        }
      if (decision->defaults->len > 0)
        {
          SlipDecision defaults = *decision;
          g_autoptr (GPtrArray) none = g_ptr_array_new ();
          g_autofree char *stage = g_strdup_printf ("%s_before", to);

          defaults.rules = none;
          append_decision (self, &defaults, from, stage, TRUE);
          g_free (from);
          from = g_steal_pointer (&stage);
          for (guint j = 0; decision->outputs[j] != NULL; j++)
            slip_compile_find (self, decision->outputs[j])->present = TRUE;
          defaults = *decision;
          defaults.defaults = none;
          append_decision (self, &defaults, from, to, FALSE);
        }
      else
        append_decision (self, decision, from, to, FALSE);
      for (guint j = 0; decision->outputs[j] != NULL; j++)
        {
          SlipCompiledColumn *compiled = slip_compile_find (self, decision->outputs[j]);

          compiled->present = TRUE;
          compiled->form = SLIP_FORM_TEXT;
          g_clear_pointer (&compiled->constant, g_free);
        }
      g_free (from);
      from = g_strdup (to);
    }
}
