/* SPDX-License-Identifier: MIT */
/* The check's look at the source: whether each table and column that anything reads is there. */

#include "slip-migration-check-private.h"

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static gboolean
has (SlipCheck *check, const char *table, const char *column)
{
  return slip_catalogue_find_column (check->source, table, column) != NULL;
}

static void
check_mapping (SlipCheck *check, const SlipMapping *mapping)
{
  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);
      const char *table = column->source_table;

      if (table == NULL)
        continue;
      if (slip_catalogue_find (check->source, table) == NULL)
        {
          SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                                  "casrec_table", NULL, "the source has no table “%s”", table);
          continue;
        }
      for (guint k = 0; column->source_columns != NULL && column->source_columns[k] != NULL; k++)
        if (!has (check, table, column->source_columns[k]))
          SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                                  "casrec_column_name", "Names count to the letter and the space",
                                  "the source table “%s” has no column “%s”", table,
                                  column->source_columns[k]);
      for (guint k = 0; column->additional_columns != NULL && column->additional_columns[k] != NULL;
           k++)
        if (!has (check, table, column->additional_columns[k]))
          SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                                  "additional_columns", "Names count to the letter and the space",
                                  "the source table “%s” has no column “%s”", table,
                                  column->additional_columns[k]);
    }
}

static void
check_list (SlipCheck *check,
            const SlipTableDefinition *definition,
            char **columns,
            const char *const *parts)
{
  for (guint i = 0; columns[i] != NULL; i++)
    if (!has (check, definition->source_table, columns[i]))
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE, parts,
                                 "Names count to the letter and the space",
                                 "the source table “%s” has no column “%s”",
                                 definition->source_table, columns[i]);
}

/* What a condition can name: a source column, its alias or c_ name, or what another condition adds. */
static gboolean
is_known (SlipCheck *check,
          const SlipTableDefinition *definition,
          const SlipMapping *mapping,
          const char *column)
{
  if (has (check, definition->source_table, column)
      || (mapping != NULL && slip_mapping_find_alias (mapping, column, NULL) != NULL))
    return TRUE;
  for (guint i = 0; definition->additional_columns[i] != NULL; i++)
    {
      g_autofree char *carried
          = slip_table_definition_dup_c_name (definition->additional_columns[i]);

      if (g_str_equal (carried, column))
        return TRUE;
    }
  for (guint i = 0; i < definition->conditions->len; i++)
    {
      const SlipCondition *other = g_ptr_array_index (definition->conditions, i);
      g_autofree char *carried = other->result_column != NULL
                                     ? slip_table_definition_dup_c_name (other->result_column)
                                     : NULL;

      if (g_strcmp0 (other->result_column, column) == 0 || g_strcmp0 (carried, column) == 0
          || (other->op == SLIP_CONDITION_CONVERT_TO_TIMESTAMP
              && (g_str_equal (column, "timestamp") || g_str_equal (column, "c_timestamp"))))
        return TRUE;
    }
  return FALSE;
}

static void
check_condition (SlipCheck *check,
                 const SlipTableDefinition *definition,
                 const SlipMapping *mapping,
                 const SlipCondition *condition)
{
  const char *const columns[] = {condition->column, condition->time_column, condition->per};
  gboolean plain
      = condition->op == SLIP_CONDITION_EQUAL || condition->op == SLIP_CONDITION_NOT_NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (columns); i++)
    if (columns[i] != NULL && !is_known (check, definition, mapping, columns[i]))
      slip_migration_check_tell (
          check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
          PARTS (definition->name, "source_conditions",
                 plain ? condition->column : slip_condition_op_get_name (condition->op)),
          "Mend the name: the original skips such a condition silently, and keeps all rows",
          "the source table “%s” has no column “%s”", definition->source_table, columns[i]);
  if ((condition->op == SLIP_CONDITION_GREATER_THAN || condition->op == SLIP_CONDITION_LESS_THAN
       || condition->op == SLIP_CONDITION_FIRST_X_CHARS)
      && g_str_equal (condition->column, "c_timestamp")
      && !has (check, definition->source_table, "c_timestamp"))
    slip_migration_check_tell (
        check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
        PARTS (definition->name, "source_conditions", slip_condition_op_get_name (condition->op)),
        "date_since compares moments",
        "“c_timestamp” is a moment: it is neither a number nor a text to be cut");
}

static void
check_definition (SlipCheck *check, const SlipTableDefinition *definition)
{
  const SlipMapping *mapping = slip_definitions_find_mapping (check->definitions, definition->name);

  if (definition->source_table == NULL)
    return;
  if (slip_catalogue_find (check->source, definition->source_table) == NULL)
    {
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                                 PARTS (definition->name, "source_table_name"), NULL,
                                 "the source has no table “%s”", definition->source_table);
      return;
    }
  check_list (check, definition, definition->additional_columns,
              PARTS (definition->name, "source_table_additional_columns"));
  for (guint i = 0; i < definition->transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (definition->transforms, i);

      check_list (check, definition, transform->source_columns,
                  PARTS (definition->name, "table_transforms", transform->name, "source_cols"));
    }
  for (guint i = 0; i < definition->conditions->len; i++)
    check_condition (check, definition, mapping, g_ptr_array_index (definition->conditions, i));
}

void
slip_migration_check_source_columns (SlipCheck *check)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    check_mapping (check, g_ptr_array_index (mappings, i));
  for (guint i = 0; i < definitions->len; i++)
    check_definition (check, g_ptr_array_index (definitions, i));
}
