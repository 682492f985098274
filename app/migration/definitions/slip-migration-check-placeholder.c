/* SPDX-License-Identifier: MIT */
/* The check's look at placeholders in the SQL of a sidecar. One that nobody knows would reach the server as it
 * stands, and what is in braces may be JSON or an array as well. */

#include "slip-migration-check-private.h"

#include "slip-json.h"

#include <string.h>

static gboolean
is_known (SlipCheck *check, const char *name)
{
  static const char *const names[]
      = {"source", "transform", "integration", "staging", "target", "run_date", NULL};

  return g_strv_contains (names, name)
         || (g_str_has_prefix (name, "values.")
             && slip_migration_get_value (check->migration, name + strlen ("values.")) != NULL);
}

static gboolean
is_word (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '_' && *p != '.')
      return FALSE;
  return g_ascii_isalpha (*text);
}

static void
check_sql (SlipCheck *check, const char *path, const char *sql)
{
  for (const char *p = sql != NULL ? strchr (sql, '{') : NULL; p != NULL; p = strchr (p + 1, '{'))
    {
      const char *end = strchr (p, '}');
      g_autofree char *name = end != NULL ? g_strndup (p + 1, (gsize)(end - p - 1)) : NULL;

      if (name == NULL || !is_word (name) || is_known (check, name))
        continue;
      slip_findings_add (check->findings,
                         g_str_has_prefix (name, "values.") ? SLIP_SEVERITY_ERROR
                                                            : SLIP_SEVERITY_WARNING,
                         check->sidecar, path,
                         "There are {source}, {transform}, {integration}, {staging}, {target}, "
                         "{run_date} and {values.NAME}",
                         "{%s} is no placeholder", name);
    }
}

static void
check_expression (SlipCheck *check, const char *path, const char *member, const char *sql)
{
  g_autofree char *place = g_strconcat (path, member, NULL);

  check_sql (check, path, sql);
  slip_migration_check_expression (check, place, sql, strstr (member, "order") != NULL);
}

static void
check_value (SlipCheck *check, const char *path, const char *sql)
{
  check_expression (check, path, "", sql);
}

/* Expressions within a template. */
static void
check_template (SlipCheck *check, const char *path, JsonNode *node)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (JSON_NODE_HOLDS_ARRAY (node))
    for (guint i = 0; i < json_array_get_length (json_node_get_array (node)); i++)
      check_template (check, path, json_array_get_element (json_node_get_array (node), i));
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &name, &value))
    if (g_str_equal (name, "$sql") && json_node_get_value_type (value) == G_TYPE_STRING)
      check_expression (check, path, "", json_node_get_string (value));
    else if (g_str_equal (name, "$late") && JSON_NODE_HOLDS_OBJECT (value)
             && slip_json_string (json_node_get_object (value), "id") != NULL)
      check_expression (check, path, "", slip_json_string (json_node_get_object (value), "id"));
    else
      check_template (check, path, value);
}

static void
check_templates (SlipCheck *check, const SlipStep *step)
{
  for (guint i = 0; i < step->json->len; i++)
    {
      const SlipJsonColumn *json = g_ptr_array_index (step->json, i);
      g_autofree char *path = g_strconcat (step->path, "/json/", json->column, NULL);

      check_template (check, path, json->template);
    }
}

static void
check_join (SlipCheck *check, const SlipStep *step, guint place)
{
  const SlipJoin *join = g_ptr_array_index (step->joins, place);
  g_autofree char *path = g_strdup_printf ("%s/joins/%u", step->path, place);

  check_expression (check, path, "/relation/sql", join->relation.sql);
  check_expression (check, path, "/on", join->on_sql);
  check_expression (check, path, "/where", join->where);
  for (guint i = 0; join->pick != NULL && join->pick->order[i] != NULL; i++)
    check_expression (check, path, "/pick/order", join->pick->order[i]);
}

static void
check_step (SlipCheck *check, const SlipStep *step)
{
  g_autofree char *columns = g_strconcat (step->path, "/columns", NULL);

  slip_migration_check_each (check, columns, step->columns, check_value);
  for (guint i = 0; i < step->joins->len; i++)
    check_join (check, step, i);
  check_templates (check, step);
  check_expression (check, step->path, "/where", step->where);
  for (guint i = 0; step->order[i] != NULL; i++)
    check_expression (check, step->path, "/order", step->order[i]);
  if (step->from != NULL)
    {
      check_expression (check, step->path, "/from/relation/sql", step->from->relation.sql);
      check_expression (check, step->path, "/from/where", step->from->where);
    }
  if (step->update != NULL)
    check_expression (check, step->path, "/update/where", step->update->where);
}

static void
check_sets (SlipCheck *check, const char *path, GPtrArray *sets)
{
  for (guint i = 0; i < sets->len; i++)
    check_expression (check, path, "", ((SlipSet *)g_ptr_array_index (sets, i))->sql);
}

static void
check_decision (SlipCheck *check, const SlipDecision *decision)
{
  g_autofree char *path = g_strconcat ("/decisions/", decision->name, NULL);

  slip_migration_check_each (check, path, decision->let, check_value);
  check_sets (check, path, decision->defaults);
  for (guint i = 0; i < decision->rules->len; i++)
    {
      const SlipDecisionRule *rule = g_ptr_array_index (decision->rules, i);

      for (guint k = 0; k < rule->when->len; k++)
        check_expression (check, path, "", ((SlipWhen *)g_ptr_array_index (rule->when, k))->sql);
      check_sets (check, path, rule->set);
    }
}

static void
check_hook_statements (SlipCheck *check, guint place, const SlipHook *hook)
{
  g_autofree char *setup = g_strdup_printf ("/hooks/%u/setup", place);
  g_autofree char *update = g_strdup_printf ("/hooks/%u/update", place);

  slip_migration_check_statements (check, setup, hook->setup);
  slip_migration_check_statements (check, update, hook->update);
}

static void
check_stages (SlipCheck *check)
{
  GPtrArray *filters = slip_migration_get_filters (check->migration);
  GPtrArray *rules = slip_migration_get_rules (check->migration);
  GPtrArray *hooks = slip_migration_get_hooks (check->migration);
  GPtrArray *needs = slip_migration_get_needs (check->migration);

  for (guint i = 0; i < filters->len; i++)
    check_expression (check, "/filters", "", ((SlipFilter *)g_ptr_array_index (filters, i))->drop);
  for (guint i = 0; i < rules->len; i++)
    {
      const char *sql = ((SlipBusinessRule *)g_ptr_array_index (rules, i))->sql;
      g_autofree char *path = g_strdup_printf ("/rules/%u", i);

      check_sql (check, "/rules", sql);
      slip_migration_check_statements (check, path, sql);
    }
  for (guint i = 0; i < needs->len; i++)
    {
      const SlipNeed *need = g_ptr_array_index (needs, i);

      check_expression (check, "/needs", "", need->where);
      check_sql (check, "/needs", need->rows);
    }
  for (guint i = 0; i < hooks->len; i++)
    {
      const SlipHook *hook = g_ptr_array_index (hooks, i);

      check_sql (check, "/hooks", hook->setup);
      check_sql (check, "/hooks", hook->audit);
      check_sql (check, "/hooks", hook->update);
      check_sql (check, "/hooks", hook->validate);
      check_hook_statements (check, i, hook);
    }
  slip_migration_check_each (check, "/functions", slip_migration_get_functions (check->migration),
                             check_sql);
}

void
slip_migration_check_placeholders (SlipCheck *check)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  GPtrArray *decisions = slip_migration_get_decisions (check->migration);

  for (guint i = 0; i < steps->len; i++)
    check_step (check, g_ptr_array_index (steps, i));
  for (guint i = 0; i < decisions->len; i++)
    check_decision (check, g_ptr_array_index (decisions, i));
  check_stages (check);
}
