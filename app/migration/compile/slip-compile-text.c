/* SPDX-License-Identifier: MIT */
/* The small change of the compiler: names, literals, relations and lists as SQL, and the columns of a step
 * by name. Nothing here decides what a step does. */

#include "slip-compile-private.h"

#include "slip-pg.h"

#include <string.h>

/* PostgreSQL's reserved words, and those that cannot name a column. */
static gboolean
is_reserved (const char *name)
{
  static const char *const words[] = {
      "all",
      "analyse",
      "analyze",
      "and",
      "any",
      "array",
      "as",
      "asc",
      "asymmetric",
      "authorization",
      "between",
      "bigint",
      "binary",
      "bit",
      "boolean",
      "both",
      "case",
      "cast",
      "char",
      "character",
      "check",
      "coalesce",
      "collate",
      "collation",
      "column",
      "concurrently",
      "constraint",
      "create",
      "cross",
      "current_catalog",
      "current_date",
      "current_role",
      "current_schema",
      "current_time",
      "current_timestamp",
      "current_user",
      "dec",
      "decimal",
      "default",
      "deferrable",
      "desc",
      "distinct",
      "do",
      "else",
      "end",
      "except",
      "exists",
      "extract",
      "false",
      "fetch",
      "float",
      "for",
      "foreign",
      "freeze",
      "from",
      "full",
      "grant",
      "greatest",
      "group",
      "grouping",
      "having",
      "ilike",
      "in",
      "initially",
      "inner",
      "inout",
      "int",
      "integer",
      "intersect",
      "interval",
      "into",
      "is",
      "isnull",
      "join",
      "lateral",
      "leading",
      "least",
      "left",
      "like",
      "limit",
      "localtime",
      "localtimestamp",
      "national",
      "natural",
      "nchar",
      "none",
      "normalize",
      "not",
      "notnull",
      "null",
      "nullif",
      "numeric",
      "offset",
      "on",
      "only",
      "or",
      "order",
      "out",
      "outer",
      "overlaps",
      "overlay",
      "placing",
      "position",
      "precision",
      "primary",
      "real",
      "references",
      "returning",
      "right",
      "row",
      "select",
      "session_user",
      "setof",
      "similar",
      "smallint",
      "some",
      "substring",
      "symmetric",
      "table",
      "tablesample",
      "then",
      "time",
      "timestamp",
      "to",
      "trailing",
      "treat",
      "trim",
      "true",
      "union",
      "unique",
      "user",
      "using",
      "values",
      "varchar",
      "variadic",
      "verbose",
      "when",
      "where",
      "window",
      "with",
      "xmlattributes",
      "xmlconcat",
      "xmlelement",
      "xmlexists",
      "xmlforest",
      "xmlnamespaces",
      "xmlparse",
      "xmlpi",
      "xmlroot",
      "xmlserialize",
      "xmltable",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (words[i], name))
      return TRUE;
  return FALSE;
}

/* Quoted only where that is needed, because people read this. */
char *
slip_compile_quote (const char *name)
{
  gboolean plain = g_ascii_islower (name[0]) || name[0] == '_';

  for (const char *p = name; plain && *p != '\0'; p++)
    plain = g_ascii_islower (*p) || g_ascii_isdigit (*p) || *p == '_';
  if (plain && !is_reserved (name))
    return g_strdup (name);
  return slip_pg_quote_name (name);
}

char *
slip_compile_literal (const char *text)
{
  g_autofree char *quoted = slip_pg_quote_literal (text);

  return g_strdup (g_strchug (quoted));
}

/* A default or an answer as text: Python's str(), but for booleans what PostgreSQL writes. */
char *
slip_compile_value (const SlipMappingColumn *column, JsonNode *value)
{
  if (column != NULL && column->type == SLIP_TYPE_BOOL && JSON_NODE_HOLDS_VALUE (value)
      && json_node_get_value_type (value) == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (value) ? "true" : "false");
  return slip_value_dup_text (value);
}

/* What invented values of a step begin with, as SQL: the migration, its values, the step, and a digest of the files that are
 * landed. The same inputs give the same, and another phase or other files give others. */
char *
slip_compile_seed (SlipCompiler *self)
{
  JsonObject *values = slip_migration_get_values (self->migration);
  g_autoptr (GList) names = g_list_sort (json_object_get_members (values), (GCompareFunc)strcmp);
  g_autoptr (GString) seed = g_string_new (slip_migration_get_name (self->migration));
  g_autofree char *schema = slip_compile_literal (self->schemas->source);
  g_autofree char *literal = NULL;

  for (GList *l = names; l != NULL; l = l->next)
    {
      g_autofree char *text = slip_value_dup_text (json_object_get_member (values, l->data));

      g_string_append_printf (seed, "/%s=%s", (const char *)l->data, text);
    }
  g_string_append_printf (seed, "/%s", self->step->name);
  literal = slip_compile_literal (seed->str);
  return g_strdup_printf ("%s || '/' || (SELECT slipway.landed_digest (%s))", literal, schema);
}

/* Placeholders, with the run's own schema of landed tables. */
char *
slip_compile_expand (SlipCompiler *self, const char *sql)
{
  g_autoptr (GString) text = g_string_new (sql);

  if (self->options->source_schema != NULL)
    {
      g_autofree char *schema = slip_pg_quote_name (self->options->source_schema);

      g_string_replace (text, "{source}", schema, 0);
    }
  return slip_migration_expand (self->migration, text->str, self->options->run_date);
}

char *
slip_compile_table (const char *schema, const char *table)
{
  g_autofree char *left = slip_compile_quote (schema);
  g_autofree char *right = slip_compile_quote (table);

  return g_strdup_printf ("%s.%s", left, right);
}

char *
slip_compile_relation (SlipCompiler *self, const SlipRelation *relation)
{
  g_autofree char *sql = NULL;

  switch (relation->kind)
    {
    case SLIP_RELATION_SOURCE:
      return slip_compile_table (self->options->source_schema != NULL ? self->options->source_schema
                                                                      : self->schemas->source,
                                 relation->table);
    case SLIP_RELATION_TRANSFORM:
      return slip_compile_table (self->schemas->transform, relation->table);
    case SLIP_RELATION_TARGET:
      return slip_compile_table (self->schemas->target, relation->table);
    case SLIP_RELATION_SQL:
      sql = slip_compile_expand (self, relation->sql);
      return g_strdup_printf (strstr (sql, "--") != NULL ? "(%s\n)" : "(%s)", g_strchomp (sql));
    default:
      g_assert_not_reached ();
    }
}

/* A text as a time: the run's year decides what a year of two digits is. */
char *
slip_compile_day (SlipCompiler *self, const char *expression)
{
  if (self->strict)
    return g_strdup_printf ("slipway.day_first_strict (%s)", expression);
  return g_strdup_printf ("slipway.day_first (%s, %d)", expression, self->run_year);
}

/* One item of a list that stands in lines below each other. */
void
slip_compile_list (GString *sql, gboolean *first, const char *format, ...)
{
  va_list args;

  if (!*first)
    g_string_append (sql, ",\n         ");
  *first = FALSE;
  va_start (args, format);
  g_string_append_vprintf (sql, format, args);
  va_end (args);
}

SlipCompiledColumn *
slip_compile_find (SlipCompiler *self, const char *name)
{
  for (guint i = 0; i < self->columns->len; i++)
    {
      SlipCompiledColumn *compiled = g_ptr_array_index (self->columns, i);

      if (g_str_equal (compiled->name, name))
        return compiled;
    }
  return NULL;
}

SlipCompiledColumn *
slip_compile_add (SlipCompiler *self, const char *name, const SlipMappingColumn *column)
{
  SlipCompiledColumn *compiled = slip_compile_find (self, name);

  if (compiled != NULL)
    return compiled;
  compiled = g_new0 (SlipCompiledColumn, 1);
  compiled->name = g_strdup (name);
  compiled->column = column;
  compiled->number = self->columns->len;
  g_ptr_array_add (self->columns, compiled);
  return compiled;
}
