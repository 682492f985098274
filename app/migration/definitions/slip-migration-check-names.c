/* SPDX-License-Identifier: MIT */
/* The check's look at names that two things would have at once: those that are reserved, and the c_ names under
 * which rows carry source columns on. Compiled SQL would be refused by PostgreSQL, or take the wrong one of two. */

#include "slip-migration-check-private.h"
#include "slip-reserved.h"

#include <string.h>

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

#define NAME_BYTES 63 /* PostgreSQL cuts what is longer */

/* What is carried under one c_ name. */
typedef struct
{
  char *source;     /* owned; a source column, or NULL when a condition makes it */
  const char *what; /* where it comes from */
} Carried;

typedef struct
{
  SlipCheck *check;
  const SlipTableDefinition *definition;
  const SlipMapping *mapping; /* or NULL */
  GHashTable *carried;        /* c_ name → Carried */
} Names;

static void
carried_free (gpointer data)
{
  Carried *carried = data;

  g_free (carried->source);
  g_free (carried);
}

static char *
dup_c_name (const char *column)
{
  g_autofree char *name = slip_table_definition_dup_c_name (column);

  return g_strndup (name, NAME_BYTES);
}

static void
check_mapping (SlipCheck *check, const SlipMapping *mapping)
{
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);
      const char *why = slip_reserved_in_target (column->target);

      if (why != NULL)
        SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, NULL, NULL,
                                "Rename the column in the target", "“%s” %s", column->target, why);
      for (guint k = 0; column->source_columns != NULL && column->source_columns[k] != NULL; k++)
        if ((why = slip_reserved_in_source (column->source_columns[k])) != NULL)
          SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                                  "casrec_column_name", "Rename the column in the file", "“%s” %s",
                                  column->source_columns[k], why);
    }
}

/* Columns of the target that nothing fills are in the way as well: ours would stand beside them in the staging. */
static void
check_target (SlipCheck *check, const SlipTableDefinition *definition)
{
  const SlipMapping *mapping = slip_definitions_find_mapping (check->definitions, definition->name);
  GPtrArray *columns = check->target != NULL && definition->destination != NULL
                           ? slip_catalogue_find (check->target, definition->destination)
                           : NULL;

  for (guint i = 0; columns != NULL && i < columns->len; i++)
    {
      const char *name = ((const SlipCatalogueColumn *)columns->pdata[i])->name;
      const char *why = slip_reserved_in_target (name);

      if (why != NULL && (mapping == NULL || slip_mapping_find_column (mapping, name) == NULL))
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                                   PARTS (definition->name, "destination_table_name"),
                                   "Rename the column in the target", "“%s” of the target's %s %s",
                                   name, definition->destination, why);
    }
}

/* @source NULL: a value that a condition makes. */
static void
carry (
    Names *names, const char *column, const char *source, const char *what, const char *const *at)
{
  g_autofree char *c_name = dup_c_name (column);
  const Carried *other = g_hash_table_lookup (names->carried, c_name);
  Carried *carried;

  if (source != NULL && slip_reserved_in_source (source) != NULL)
    slip_migration_check_tell (names->check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE, at,
                               "Rename the column in the file", "“%s” %s", source,
                               slip_reserved_in_source (source));
  if (other != NULL)
    {
      if (source == NULL || g_strcmp0 (other->source, source) != 0)
        slip_migration_check_tell (
            names->check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE, at,
            "Conditions, joins and decisions could not tell them apart: rename one of the two",
            "%s “%s” is carried on as “%s”, and so is %s “%s”", what, column, c_name, other->what,
            other->source != NULL ? other->source : c_name);
      return;
    }
  carried = g_new0 (Carried, 1);
  carried->source = g_strdup (source);
  carried->what = what;
  g_hash_table_insert (names->carried, g_steal_pointer (&c_name), carried);
}

static void
gather (Names *names)
{
  const SlipTableDefinition *definition = names->definition;

  for (guint i = 0; definition->additional_columns[i] != NULL; i++)
    carry (names, definition->additional_columns[i], definition->additional_columns[i],
           "the source column", PARTS (definition->name, "source_table_additional_columns"));
  for (guint i = 0; i < definition->transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (definition->transforms, i);

      for (guint k = 0; transform->source_columns[k] != NULL; k++)
        carry (names, transform->source_columns[k], transform->source_columns[k],
               "the source column",
               PARTS (definition->name, "table_transforms", transform->name, "source_cols"));
    }
  for (guint i = 0; i < definition->conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (definition->conditions, i);
      const char *const *at = PARTS (definition->name, "source_conditions",
                                     slip_condition_op_get_name (condition->op));

      if (condition->result_column != NULL)
        carry (names, condition->result_column, NULL, "what the condition makes", at);
      if (condition->op == SLIP_CONDITION_CONVERT_TO_TIMESTAMP)
        carry (names, "timestamp", NULL, "what the condition makes", at);
    }
}

/* Columns that are read under their own names stand beside the carried ones. */
static void
check_beside (Names *names)
{
  for (guint i = 0; names->mapping != NULL && i < names->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (names->mapping->columns, i);
      const char *const *sources = (const char *const *)column->source_columns;

      if (g_hash_table_contains (names->carried, column->target))
        SLIP_CHECK_TELL_COLUMN (names->check, SLIP_SEVERITY_ERROR, names->mapping, column, NULL,
                                NULL, "Rename one of the two",
                                "“%s” is also what rows carry a source column on as",
                                column->target);
      for (guint k = 0; sources != NULL && sources[k] != NULL; k++)
        if (g_hash_table_contains (names->carried, sources[k]))
          SLIP_CHECK_TELL_COLUMN (names->check, SLIP_SEVERITY_ERROR, names->mapping, column,
                                  "transform_casrec", "casrec_column_name", "Rename one of the two",
                                  "“%s” is also what rows carry another column on as", sources[k]);
    }
  for (guint i = 0; names->definition->additional_columns[i] != NULL; i++)
    if (g_hash_table_contains (names->carried, names->definition->additional_columns[i]))
      slip_migration_check_tell (names->check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                                 PARTS (names->definition->name, "source_table_additional_columns"),
                                 "Rename one of the two",
                                 "“%s” is also what rows carry another column on as",
                                 names->definition->additional_columns[i]);
}

/* A condition's name that is one column by its letters and another by its c_ name. */
static void
check_condition (Names *names, const SlipCondition *condition, const char *column)
{
  g_autofree char *c_name = dup_c_name (column);
  const Carried *carried = g_hash_table_lookup (names->carried, c_name);
  const char *source = NULL;

  if (carried == NULL || carried->source == NULL || names->mapping == NULL
      || slip_mapping_find_alias (names->mapping, column, &source) == NULL
      || g_str_equal (source, carried->source))
    return;
  slip_migration_check_tell (
      names->check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
      PARTS (names->definition->name, "source_conditions",
             condition->op == SLIP_CONDITION_EQUAL || condition->op == SLIP_CONDITION_NOT_NULL
                 ? condition->column
                 : slip_condition_op_get_name (condition->op)),
      "It would look at the carried one: rename one of the two",
      "“%s” is the source column “%s”, and “%s” is carried on as “%s”", column, source,
      carried->source, c_name);
}

static void
check_definition (SlipCheck *check, const SlipTableDefinition *definition)
{
  g_autoptr (GHashTable) carried
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, carried_free);
  Names names = {check, definition,
                 slip_definitions_find_mapping (check->definitions, definition->name), carried};

  gather (&names);
  check_beside (&names);
  for (guint i = 0; i < definition->conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (definition->conditions, i);
      const char *const columns[] = {condition->column, condition->time_column, condition->per};

      for (gsize k = 0; k < G_N_ELEMENTS (columns); k++)
        if (columns[k] != NULL)
          check_condition (&names, condition, columns[k]);
    }
}

void
slip_migration_check_names (SlipCheck *check)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    check_mapping (check, g_ptr_array_index (mappings, i));
  for (guint i = 0; i < definitions->len; i++)
    {
      check_definition (check, g_ptr_array_index (definitions, i));
      check_target (check, g_ptr_array_index (definitions, i));
    }
}
