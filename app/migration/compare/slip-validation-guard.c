/* SPDX-License-Identifier: MIT */
/* Rows of a validation that one cell would end. The definitions' SQL is written for values that are well; where it fails, the
 * same rows are read once more with each cell in a function of its own, which shows what it cannot read as it is, with the
 * reason. That is slow, and is done only then. Conditions and joins that fail still end a validation. */

#include "slip-validation-private.h"

#include <string.h>

struct SlipValidationGuard
{
  const char *schema; /* a literal */
  GPtrArray *aliases; /* element-type utf8: relations that cells can name, in order */
  GHashTable *tables; /* alias → table */
  GString *cells;
  GString *functions;
  guint n;
};

SlipValidationGuard *
slip_validation_guard_new (const char *schema, const char *relations)
{
  SlipValidationGuard *guard = g_new0 (SlipValidationGuard, 1);
  g_autofree char *outside = slip_validation_dup_outside (relations);
  g_autoptr (GList) sorted = NULL;

  guard->schema = schema;
  guard->tables = slip_validation_find_aliases (outside, schema);
  guard->aliases = g_ptr_array_new ();
  guard->cells = g_string_new (NULL);
  guard->functions = g_string_new (NULL);
  sorted = g_list_sort (g_hash_table_get_keys (guard->tables), (GCompareFunc)strcmp);
  for (GList *l = sorted; l != NULL; l = l->next)
    g_ptr_array_add (guard->aliases, l->data);
  return guard;
}

void
slip_validation_guard_free (SlipValidationGuard *guard)
{
  g_ptr_array_unref (guard->aliases);
  g_hash_table_unref (guard->tables);
  g_string_free (guard->cells, TRUE);
  g_string_free (guard->functions, TRUE);
  g_free (guard);
}

/* In the function a relation is known by its alias only. */
static char *
dup_without_schema (SlipValidationGuard *guard, const char *sql)
{
  g_autofree char *pattern = g_strdup_printf ("\\b%s\\.(\"[^\"]+\"|\\w+)\\.", guard->schema);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  char *text;

  g_assert (regex != NULL);
  text = g_regex_replace (regex, sql, -1, 0, "\\1.", 0, NULL);
  return text != NULL ? text : g_strdup (sql);
}

static void
append_arguments (SlipValidationGuard *guard, GString *types, GString *from, GString *values)
{
  for (guint i = 0; i < guard->aliases->len; i++)
    {
      const char *alias = g_ptr_array_index (guard->aliases, i);
      const char *comma = i > 0 ? ", " : "";

      slip_stage_sql_append (types, "%s%s.%I", comma, guard->schema,
                             g_hash_table_lookup (guard->tables, alias));
      slip_stage_sql_append (from, "%s(SELECT ($%D).*) AS %I", comma, (gint64)i + 1, alias);
      slip_stage_sql_append (values, "%s%I.*", comma, alias);
    }
}

void
slip_validation_guard_add (SlipValidationGuard *guard, const char *cell, const char *plain)
{
  g_autoptr (GString) types = g_string_new (NULL);
  g_autoptr (GString) from = g_string_new (NULL);
  g_autoptr (GString) values = g_string_new (NULL);
  g_autofree char *inside = dup_without_schema (guard, cell);
  g_autofree char *shown = dup_without_schema (guard, plain);
  g_autofree char *name = g_strdup_printf ("%s_%u", guard->schema, guard->n++);
  g_autofree char *body = NULL;
  const char *why = g_str_equal (guard->schema, SLIP_VALIDATION_ACTUAL) ? " (cannot be read: "
                                                                        : " (cannot be computed: ";

  append_arguments (guard, types, from, values);
  body = slip_stage_sql (
      "#variable_conflict use_column\nBEGIN\n  RETURN (SELECT %s FROM %s);\n"
      "EXCEPTION WHEN data_exception OR cardinality_violation OR raise_exception THEN\n"
      "  RETURN (SELECT concat ((%s)::text, %L, SQLERRM, ')') FROM %s);\nEND",
      inside, from->str, shown, why, from->str);
  slip_stage_sql_append (guard->functions,
                         "CREATE OR REPLACE FUNCTION pg_temp.%I (%s) RETURNS text LANGUAGE plpgsql "
                         "STABLE AS %L;\n",
                         name, types->str, body);
  slip_stage_sql_append (guard->cells, "%spg_temp.%I (%s)", guard->n > 1 ? ",\n         " : "",
                         name, values->str);
}

const char *
slip_validation_guard_get_cells (SlipValidationGuard *guard)
{
  return guard->cells->str;
}

const char *
slip_validation_guard_get_functions (SlipValidationGuard *guard)
{
  return guard->functions->str;
}

/* ---- the rows of both sides */

static gboolean
make_side (SlipValidator *self,
           const SlipValidationQuery *query,
           const char *what,
           const char *table,
           const char *sql,
           GError **error)
{
  g_autofree char *name = g_strdup_printf ("%s, %s", query->mapping, what);

  return slip_stage_sql_run (self->pg, name, error, "CREATE TEMP TABLE %I ON COMMIT DROP AS\n%s",
                             table, sql);
}

static gboolean
make_guarded (SlipValidator *self,
              const SlipValidationQuery *query,
              const char *what,
              const char *table,
              const char *sql,
              GError **error)
{
  return slip_stage_sql_run (self->pg, "go back to before a cell", error,
                             "ROLLBACK TO SAVEPOINT slip_rows")
         && slip_stage_sql_run (self->pg, query->mapping, error, "%s", query->guards)
         && make_side (self, query, what, table, sql, error);
}

/* What ended the plain query is told when the guarded one cannot be made either. */
gboolean
slip_validation_make_rows (SlipValidator *self,
                           const SlipValidationQuery *query,
                           gboolean actual,
                           const char *sql,
                           const char *guarded,
                           GError **error)
{
  const char *what = actual ? "what is" : "what should be";
  const char *table = actual ? "slip_actual" : "slip_expected";
  g_autoptr (GError) first = NULL;

  if (!slip_stage_sql_run (self->pg, "before a cell", error, "SAVEPOINT slip_rows"))
    return FALSE;
  if (!make_side (self, query, what, table, sql, &first)
      && (guarded == NULL || !make_guarded (self, query, what, table, guarded, NULL)))
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return FALSE;
    }
  return slip_stage_sql_run (self->pg, "behind a cell", error, "RELEASE SAVEPOINT slip_rows");
}
