/* SPDX-License-Identifier: MIT */
/* What the planner is told of a table that a step filled: the columns by which other steps and rules choose and join. To
 * look at all of wide rows is a tenth of the work of making them. */

#include "slip-compile-private.h"

#include <string.h>

static gboolean
says (const char *sql, const char *name)
{
  return sql != NULL && strstr (sql, name) != NULL;
}

static gboolean
any_says (char **sql, const char *name)
{
  gboolean found = FALSE;

  for (guint i = 0; !found && sql[i] != NULL; i++)
    found = says (sql[i], name);
  return found;
}

static gboolean
pairs_say (GPtrArray *pairs, const char *name)
{
  gboolean found = FALSE;

  for (guint i = 0; !found && pairs != NULL && i < pairs->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (pairs, i);

      found = g_str_equal (pair->left, name) || g_str_equal (pair->right, name);
    }
  return found;
}

static gboolean
join_says (const SlipJoin *join, const char *name)
{
  return says (join->relation.sql, name) || pairs_say (join->on, name) || says (join->on_sql, name)
         || says (join->where, name)
         || (join->pick != NULL
             && (any_says (join->pick->per, name) || any_says (join->pick->order, name)));
}

static gboolean
step_says (const SlipStep *step, const char *name)
{
  gboolean found = (step->from != NULL
                    && (says (step->from->relation.sql, name) || says (step->from->where, name)))
                   || (step->update != NULL
                       && (pairs_say (step->update->on, name) || says (step->update->where, name)));

  for (guint i = 0; !found && i < step->joins->len; i++)
    found = join_says (g_ptr_array_index (step->joins, i), name);
  return found;
}

/* Too many do no harm: a name that another table's column has as well is looked at here, too. */
static gboolean
is_asked_for (SlipMigration *migration, const char *name)
{
  GPtrArray *steps = slip_migration_get_steps (migration);
  GPtrArray *rules = slip_migration_get_rules (migration);
  gboolean found = g_str_equal (name, "id");

  for (guint i = 0; !found && i < steps->len; i++)
    found = step_says (g_ptr_array_index (steps, i), name);
  for (guint i = 0; !found && i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);

      found = g_str_equal (rule->stage, "transform") && says (rule->sql, name);
    }
  return found;
}

char *
slip_compile_dup_statistics (SlipCompiler *self)
{
  g_autofree char *table = slip_compile_table (self->schemas->transform, self->destination);
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < self->columns->len; i++)
    {
      const char *column = ((const SlipCompiledColumn *)self->columns->pdata[i])->name;
      g_autofree char *name = slip_compile_quote (column);

      if ((self->step->update == NULL
           || g_strv_contains ((const char *const *)self->step->update->set, column))
          && is_asked_for (self->migration, column))
        g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", name);
    }
  return g_strdup_printf ("ANALYZE %s (%s);\n", table, list->len > 0 ? list->str : "casrec_row_id");
}
