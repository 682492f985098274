/* SPDX-License-Identifier: MIT */
/* The check's look at table definitions, target tables and validations: whether they fit the mappings and each
 * other, and whether each key's parent is somewhere to be found. */

#include "slip-migration-check-private.h"

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

gboolean
slip_migration_check_is_filled (SlipCheck *check, const char *table)
{
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);

  for (guint i = 0; i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);

      if (g_strcmp0 (definition->destination, table) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Whether rows of a table are there to be pointed at; what the target has is not known without it. */
static gboolean
is_reachable (SlipCheck *check, const char *table, gboolean *sure)
{
  *sure = check->target != NULL;
  return slip_migration_check_is_filled (check, table)
         || slip_definitions_find_copy_table (check->definitions, table) != NULL
         || (check->target != NULL && slip_catalogue_find (check->target, table) != NULL);
}

static void
check_parent (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  gboolean sure;

  if (column->parent_table == NULL)
    return;
  if (!is_reachable (check, column->parent_table, &sure))
    SLIP_CHECK_TELL_COLUMN (
        check, sure ? SLIP_SEVERITY_ERROR : SLIP_SEVERITY_WARNING, mapping, column,
        "sirius_details", "fk_parents",
        sure ? "Mend the name, or add a table definition that fills it"
             : "Look with the target (--target-db), or add it to tables_to_copy_from_sirius.json",
        "the parent “%s” is unreachable: no table definition fills it, it is not copied, and the "
        "target %s",
        column->parent_table, sure ? "has no such table" : "is not known");
  else if (check->target != NULL
           && slip_catalogue_find (check->target, column->parent_table) != NULL
           && slip_catalogue_find_column (check->target, column->parent_table,
                                          column->parent_column)
                  == NULL)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "sirius_details",
                            "fk_parents", NULL, "the parent “%s” has no column “%s”",
                            column->parent_table, column->parent_column);
}

static void
check_mapping (SlipCheck *check, const SlipMapping *mapping)
{
  const SlipTableDefinition *definition
      = slip_definitions_find_table_definition (check->definitions, mapping->name);
  const char *source = slip_mapping_get_source_table (mapping);
  gboolean told = FALSE;

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      check_parent (check, mapping, column);
      if (definition == NULL || told || g_strcmp0 (column->table, definition->destination) == 0)
        continue;
      told = TRUE;
      slip_migration_check_tell (check, SLIP_SEVERITY_NOTE, mapping->file, NULL,
                                 "The table definition counts",
                                 "its columns name the table “%s”, and rows go to “%s”",
                                 column->table, definition->destination);
    }
  if (definition == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_NOTE, mapping->file, NULL, NULL,
                               "the mapping has no table definition, so that nothing runs it");
  else if (definition->source_table != NULL && source != NULL
           && !g_str_equal (definition->source_table, source))
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                               PARTS (definition->name, "source_table_name"), NULL,
                               "rows are read from “%s”, and the mapping reads from “%s”",
                               definition->source_table, source);
}

static void
check_transform (SlipCheck *check,
                 const SlipTableDefinition *definition,
                 const SlipMapping *mapping,
                 const SlipTableTransform *transform)
{
  const SlipDecision *decision = slip_migration_find_decision (check->migration, transform->name);
  const char *const *sources = (const char *const *)transform->source_columns;
  const char *const *targets = (const char *const *)transform->target_columns;

  for (guint i = 0; targets[i] != NULL; i++)
    if (!g_str_has_prefix (targets[i], "c_")
        && slip_mapping_find_column (mapping, targets[i]) == NULL)
      slip_migration_check_tell (
          check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
          PARTS (definition->name, "table_transforms", transform->name, "target_cols"), NULL,
          "“%s” is no column of the mapping", targets[i]);
  if (slip_migration_get_sidecar_path (check->migration) == NULL)
    return;
  if (decision == NULL)
    {
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                                 PARTS (definition->name, "table_transforms", transform->name),
                                 "Write its rules under decisions in the sidecar",
                                 "there is no decision “%s”", transform->name);
      return;
    }
  for (guint i = 0; decision->inputs[i] != NULL; i++)
    if (!g_strv_contains (sources, decision->inputs[i]))
      slip_migration_check_tell (
          check, SLIP_SEVERITY_ERROR, check->sidecar, PARTS ("decisions", decision->name, "inputs"),
          "Add it to source_cols of the table definition, or drop it here",
          "the table definition “%s” does not read “%s”", definition->name, decision->inputs[i]);
  for (guint i = 0; decision->outputs[i] != NULL; i++)
    if (!g_strv_contains (targets, decision->outputs[i]))
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar,
                                 PARTS ("decisions", decision->name, "outputs"),
                                 "Add it to target_cols of the table definition, or drop it here",
                                 "the table definition “%s” does not let it set “%s”",
                                 definition->name, decision->outputs[i]);
}

static void
check_definition (SlipCheck *check, const SlipTableDefinition *definition)
{
  const SlipMapping *mapping = slip_definitions_find_mapping (check->definitions, definition->name);

  if (mapping == NULL)
    {
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                                 PARTS (definition->name), NULL, "there is no mapping “%s”",
                                 definition->name);
      return;
    }
  if (definition->destination != NULL
      && slip_definitions_find_target_table (check->definitions, definition->destination) == NULL)
    slip_migration_check_tell (
        check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
        PARTS (definition->name, "destination_table_name"), "Add it to tables.json",
        "“%s” is no target table, so that its rows would not be loaded", definition->destination);
  if (definition->source_table == NULL && definition->conditions->len > 0)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_DEFINITIONS_FILE,
                               PARTS (definition->name, "source_conditions"), NULL,
                               "conditions are given, and no source table");
  for (guint i = 0; i < definition->transforms->len; i++)
    check_transform (check, definition, mapping, g_ptr_array_index (definition->transforms, i));
}

static void
check_foreign_keys (SlipCheck *check, const SlipTargetTable *table, guint place)
{
  GPtrArray *tables = slip_definitions_get_target_tables (check->definitions);

  for (guint i = 0; i < table->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (table->foreign_keys, i);
      gboolean sure;
      guint found = 0;

      if (key->parent_table == NULL)
        continue;
      while (found < tables->len
             && !g_str_equal (((SlipTargetTable *)g_ptr_array_index (tables, found))->name,
                              key->parent_table))
        found++;
      if (found == tables->len && !is_reachable (check, key->parent_table, &sure))
        slip_migration_check_tell (check, sure ? SLIP_SEVERITY_ERROR : SLIP_SEVERITY_WARNING,
                                   SLIP_CHECK_TABLES_FILE, PARTS (table->name, "fks"), NULL,
                                   "the parent “%s” of %s is unreachable", key->parent_table,
                                   key->column);
      else if (found < tables->len && found > place)
        slip_migration_check_tell (
            check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE, PARTS (table->name, "fks"),
            "The order of the file is that of loading: move the parent up",
            "the parent “%s” of %s is loaded after it", key->parent_table, key->column);
    }
}

static void
check_target_table (SlipCheck *check, const SlipTargetTable *table, guint place)
{
  const char *const *names = (const char *const *)table->sirius_tables;

  check_foreign_keys (check, table, place);
  if (names[0] != NULL && !g_strv_contains (names, table->name))
    slip_migration_check_tell (
        check, SLIP_SEVERITY_NOTE, SLIP_CHECK_TABLES_FILE, PARTS (table->name, "sirius_tables"),
        "Nobody reads it; the entry's name counts", "the table is called “%s” here", names[0]);
  if (!slip_migration_check_is_filled (check, table->name))
    slip_migration_check_tell (check, SLIP_SEVERITY_WARNING, SLIP_CHECK_TABLES_FILE,
                               PARTS (table->name), NULL, "no table definition fills this table");
  if (table->primary_key == NULL && !table->join)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE,
                               PARTS (table->name, "pk"), "Only tables of the type join have none",
                               "the table has no primary key");
}

static void
check_validation (SlipCheck *check, const SlipValidation *validation)
{
  static const char file[] = "validation_mapping.json";
  const SlipMapping *mapping = slip_definitions_find_mapping (check->definitions, validation->name);
  const SlipMapping *other;

  if (mapping == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_NOTE, file, PARTS (validation->name), NULL,
                               "there is no mapping “%s”: a check that is written by hand",
                               validation->name);
  for (guint i = 0; mapping != NULL && validation->exclude[i] != NULL; i++)
    if (slip_mapping_find_column (mapping, validation->exclude[i]) == NULL)
      slip_migration_check_tell (check, SLIP_SEVERITY_WARNING, file,
                                 PARTS (validation->name, "exclude"), "Drop it, or mend the name",
                                 "“%s” is no column of the mapping", validation->exclude[i]);
  for (guint i = 0; i < validation->order->len; i++)
    {
      const SlipValidationOrder *order = g_ptr_array_index (validation->order, i);

      if (order->mapping == NULL)
        continue;
      other = slip_definitions_find_mapping (check->definitions, order->mapping);
      if (other == NULL || slip_mapping_find_column (other, order->mapping_column) == NULL)
        slip_migration_check_tell (
            check, SLIP_SEVERITY_ERROR, file,
            PARTS (validation->name, "orderby", order->column, "mapping_table"), NULL,
            "there is no column “%s.%s”", order->mapping, order->mapping_column);
    }
  if (validation->case_mapping == NULL)
    return;
  other = slip_definitions_find_mapping (check->definitions, validation->case_mapping);
  if (other == NULL || slip_mapping_find_column (other, validation->case_column) == NULL)
    slip_migration_check_tell (
        check, SLIP_SEVERITY_ERROR, file, PARTS (validation->name, "casenumber_source"), NULL,
        "there is no column “%s.%s”", validation->case_mapping, validation->case_column);
}

static void
check_named_mapping (SlipCheck *check, const char *member, const char *mapping)
{
  if (slip_definitions_find_mapping (check->definitions, mapping) == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar,
                               PARTS ("validation", member), "Drop it, or mend the name",
                               "there is no mapping “%s”", mapping);
}

/* What the sidecar says of validations is of mappings that there are. */
static void
check_validation_rules (SlipCheck *check)
{
  const SlipValidationRules *rules = slip_migration_get_validation_rules (check->migration);

  for (guint i = 0; i < rules->queries->len; i++)
    check_named_mapping (check, "queries",
                         ((const SlipOwnQueries *)rules->queries->pdata[i])->mapping);
  for (guint i = 0; i < rules->read_back->len; i++)
    check_named_mapping (check, "readBack",
                         ((const SlipNamedSql *)rules->read_back->pdata[i])->name);
  for (guint i = 0; i < rules->known->len; i++)
    check_named_mapping (check, "known",
                         ((const SlipKnownDifference *)rules->known->pdata[i])->mapping);
}

void
slip_migration_check_tables (SlipCheck *check)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);
  GPtrArray *tables = slip_definitions_get_target_tables (check->definitions);
  GPtrArray *validations = slip_definitions_get_validations (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    check_mapping (check, g_ptr_array_index (mappings, i));
  for (guint i = 0; i < definitions->len; i++)
    check_definition (check, g_ptr_array_index (definitions, i));
  for (guint i = 0; i < tables->len; i++)
    check_target_table (check, g_ptr_array_index (tables, i), i);
  for (guint i = 0; i < validations->len; i++)
    check_validation (check, g_ptr_array_index (validations, i));
  if (check->migration != NULL)
    check_validation_rules (check);
}
