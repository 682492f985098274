/* SPDX-License-Identifier: MIT */
/* The check's look at the sidecar's steps: whether what they name is there, and is made before they run. */

#include "slip-migration-check-private.h"

#include <string.h>

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void
tell (SlipCheck *check,
      SlipSeverity severity,
      const SlipStep *step,
      const char *tail,
      const char *advice,
      char *message)
{
  g_autofree char *owned = message;
  g_autofree char *path = g_strconcat (step->path, tail, NULL);

  slip_findings_add (check->findings, severity, check->sidecar, path, advice, "%s", owned);
}

/* Whether an entity stands behind another by its needs, however far. */
static gboolean
needs (SlipCheck *check, const char *entity, const char *other, guint depth)
{
  const SlipEntity *record = slip_migration_find_entity (check->migration, entity);

  for (guint i = 0; record != NULL && record->needs[i] != NULL && depth < 64; i++)
    if (g_str_equal (record->needs[i], other) || needs (check, record->needs[i], other, depth + 1))
      return TRUE;
  return FALSE;
}

static gboolean
has_column (const SlipStep *maker, const char *column)
{
  static const char *const always[]
      = {"id", "casrec_row_id", "casrec_mapping_file_name", "casrec_table_name", "casrec_details",
         NULL};

  return g_strv_contains (always, column) || slip_migration_check_row_has_column (maker, column);
}

gboolean
slip_migration_check_row_has_column (const SlipStep *step, const char *column)
{
  if (step->mapping == NULL || step->definition == NULL
      || slip_mapping_find_column (step->mapping, column) != NULL)
    return TRUE;
  for (guint i = 0; i < step->columns->len; i++)
    if (g_str_equal (((SlipNamedSql *)g_ptr_array_index (step->columns, i))->name, column))
      return TRUE;
  for (guint i = 0; step->definition->additional_columns[i] != NULL; i++)
    {
      g_autofree char *carried
          = slip_table_definition_dup_c_name (step->definition->additional_columns[i]);

      if (g_str_equal (carried, column))
        return TRUE;
    }
  for (guint i = 0; i < step->definition->transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (step->definition->transforms, i);

      if (g_strv_contains ((const char *const *)transform->target_columns, column))
        return TRUE;
      for (guint k = 0; transform->source_columns[k] != NULL; k++)
        {
          g_autofree char *carried
              = slip_table_definition_dup_c_name (transform->source_columns[k]);

          if (g_str_equal (carried, column))
            return TRUE;
        }
    }
  for (guint i = 0; i < step->definition->conditions->len; i++)
    {
      const SlipCondition *condition = g_ptr_array_index (step->definition->conditions, i);
      g_autofree char *added = condition->result_column != NULL
                                   ? slip_table_definition_dup_c_name (condition->result_column)
                                   : NULL;

      if (g_strcmp0 (added, column) == 0
          || (condition->op == SLIP_CONDITION_CONVERT_TO_TIMESTAMP
              && g_str_equal (column, "c_timestamp")))
        return TRUE;
    }
  return FALSE;
}

/* Whether @maker is sure to have run before @step. */
static gboolean
is_before (SlipCheck *check, const SlipStep *maker, const SlipStep *step)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  guint place;
  guint other;

  if (g_strcmp0 (maker->entity, step->entity) == 0)
    return g_ptr_array_find (steps, maker, &place) && g_ptr_array_find (steps, step, &other)
           && place < other;
  return step->entity != NULL && maker->entity != NULL
         && needs (check, step->entity, maker->entity, 0);
}

static gboolean
makes (const SlipStep *step, const char *table)
{
  return step->update == NULL && step->definition != NULL
         && g_strcmp0 (step->definition->destination, table) == 0;
}

static void
check_made (
    SlipCheck *check, const SlipStep *step, const char *tail, const char *table, char **columns)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  const SlipStep *late = NULL;
  gboolean made = FALSE;

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *maker = g_ptr_array_index (steps, i);

      if (!makes (maker, table))
        continue;
      if (is_before (check, maker, step))
        made = TRUE;
      else if (maker != step)
        late = maker;
    }
  if (!made)
    tell (check, SLIP_SEVERITY_ERROR, step, tail,
          late != NULL ? "Add its entity to needs, or move the step behind it" : NULL,
          late != NULL ? g_strdup_printf (
              "“%s” is made by the step “%s”, which need not have run before", table, late->name)
                       : g_strdup_printf ("no step makes “%s”", table));
  for (guint i = 0; made && columns[i] != NULL; i++)
    {
      gboolean known = FALSE;

      for (guint k = 0; k < steps->len && !known; k++)
        known = makes (g_ptr_array_index (steps, k), table)
                && has_column (g_ptr_array_index (steps, k), columns[i]);
      if (!known)
        tell (check, SLIP_SEVERITY_ERROR, step, tail, NULL,
              g_strdup_printf ("“%s”, as steps make it, has no column “%s”", table, columns[i]));
    }
}

static void
check_catalogue (SlipCheck *check,
                 const SlipCatalogue *catalogue,
                 const char *what,
                 const SlipStep *step,
                 const char *tail,
                 const char *table,
                 char **columns)
{
  if (catalogue == NULL)
    return;
  if (slip_catalogue_find (catalogue, table) == NULL)
    {
      tell (check, SLIP_SEVERITY_ERROR, step, tail, NULL,
            g_strdup_printf ("the %s has no table “%s”", what, table));
      return;
    }
  for (guint i = 0; columns[i] != NULL; i++)
    if (!g_str_equal (columns[i], "casrec_row_id")
        && slip_catalogue_find_column (catalogue, table, columns[i]) == NULL)
      tell (check, SLIP_SEVERITY_ERROR, step, tail, "Names count to the letter and the space",
            g_strdup_printf ("the %s's table “%s” has no column “%s”", what, table, columns[i]));
}

static void
check_relation (SlipCheck *check,
                const SlipStep *step,
                const char *tail,
                const SlipRelation *relation,
                char **columns)
{
  if (relation->table == NULL)
    return;
  if (relation->kind == SLIP_RELATION_SOURCE)
    check_catalogue (check, check->source, "source", step, tail, relation->table, columns);
  else if (relation->kind == SLIP_RELATION_TARGET)
    check_catalogue (check, check->target, "target", step, tail, relation->table, columns);
  else
    check_made (check, step, tail, relation->table, columns);
}

/* Columns of the relation that a join names by itself. */
static char **
dup_columns (const SlipJoin *join)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; join->on != NULL && i < join->on->len; i++)
    g_strv_builder_add (builder, ((SlipPair *)g_ptr_array_index (join->on, i))->right);
  for (guint i = 0; join->pick != NULL && join->pick->per[i] != NULL; i++)
    g_strv_builder_add (builder, join->pick->per[i]);
  return g_strv_builder_end (builder);
}

static void
check_join (SlipCheck *check, const SlipStep *step, guint place)
{
  const SlipJoin *join = g_ptr_array_index (step->joins, place);
  g_autofree char *tail = g_strdup_printf ("/joins/%u", place);
  g_auto (GStrv) columns = dup_columns (join);

  check_relation (check, step, tail, &join->relation, columns);
  for (guint i = 0; step->from == NULL && join->on != NULL && i < join->on->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (join->on, i);

      if (!slip_migration_check_row_has_column (step, pair->left))
        tell (check, SLIP_SEVERITY_ERROR, step, tail,
              "Add the source column to source_table_additional_columns; it is carried as c_…",
              g_strdup_printf ("the rows have no column “%s”", pair->left));
    }
  for (guint i = 0; i < place; i++)
    if (g_strcmp0 (((SlipJoin *)g_ptr_array_index (step->joins, i))->alias, join->alias) == 0)
      tell (check, SLIP_SEVERITY_ERROR, step, tail, "Choose another “as”",
            g_strdup_printf ("two joins are called “%s”", join->alias));
}

static void
check_step_columns (SlipCheck *check, const SlipStep *step)
{
  for (guint i = 0; step->mapping != NULL && i < step->columns->len; i++)
    {
      const SlipNamedSql *column = g_ptr_array_index (step->columns, i);

      if (!g_str_has_prefix (column->name, "c_")
          && slip_mapping_find_column (step->mapping, column->name) == NULL)
        tell (check, SLIP_SEVERITY_ERROR, step, "/columns",
              "Add it to the mapping, or call it c_… to carry it on",
              g_strdup_printf ("“%s” is no column of the mapping", column->name));
    }
  for (guint i = 0; step->mapping != NULL && i < step->json->len; i++)
    {
      const SlipJsonColumn *json = g_ptr_array_index (step->json, i);
      const SlipMappingColumn *column = slip_mapping_find_column (step->mapping, json->column);

      if (column == NULL || (column->type != SLIP_TYPE_DICT && column->type != SLIP_TYPE_STR))
        tell (check, SLIP_SEVERITY_ERROR, step, "/json",
              "A template fills a column of type dict or str",
              g_strdup_printf ("“%s” is no such column of the mapping", json->column));
    }
}

static gboolean
is_decided (SlipCheck *check, const SlipTableDefinition *definition, const char *name)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (step->definition == definition
          && g_strv_contains ((const char *const *)step->decision_names, name))
        return TRUE;
    }
  return FALSE;
}

/* One mapping may have several steps; the rows of one of them are decided upon. */
static void
check_decisions (SlipCheck *check, const SlipStep *step)
{
  GPtrArray *transforms = step->definition != NULL ? step->definition->transforms : NULL;

  for (guint i = 0; step->from == NULL && transforms != NULL && i < transforms->len; i++)
    {
      const SlipTableTransform *transform = g_ptr_array_index (transforms, i);

      if (!is_decided (check, step->definition, transform->name))
        tell (check, SLIP_SEVERITY_ERROR, step, "/decisions", "Name it under decisions of the step",
              g_strdup_printf ("the table transform “%s” is not run", transform->name));
    }
}

static void
check_update (SlipCheck *check, const SlipStep *step)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) columns = NULL;

  for (guint i = 0; i < step->update->on->len; i++)
    {
      const SlipPair *pair = g_ptr_array_index (step->update->on, i);

      g_strv_builder_add (builder, pair->left);
      if (!slip_migration_check_row_has_column (step, pair->right))
        tell (check, SLIP_SEVERITY_ERROR, step, "/update/on", NULL,
              g_strdup_printf ("the rows have no column “%s”", pair->right));
    }
  columns = g_strv_builder_end (builder);
  if (step->update->table != NULL)
    check_made (check, step, "/update/table", step->update->table, columns);
  for (guint i = 0; step->update->set[i] != NULL; i++)
    if (!slip_migration_check_row_has_column (step, step->update->set[i]))
      tell (check, SLIP_SEVERITY_ERROR, step, "/update/set", NULL,
            g_strdup_printf ("the rows have no column “%s”", step->update->set[i]));
}

/* The reader has seen that each is TABLE.COLUMN. */
static void
check_dates (SlipCheck *check, const SlipStep *step)
{
  for (guint i = 0; step->dates[i] != NULL; i++)
    {
      g_autofree char *tail = g_strdup_printf ("/dates/%u", i);
      g_auto (GStrv) parts = g_strsplit (step->dates[i], ".", 2);

      if (g_strv_length (parts) == 2)
        check_catalogue (check, check->source, "source", step, tail, parts[0], parts + 1);
    }
}

static void
check_step (SlipCheck *check, const SlipStep *step)
{
  char *none[] = {NULL};

  if (step->from != NULL)
    check_relation (check, step, "/from", &step->from->relation, none);
  else if (step->definition != NULL && step->definition->source_table == NULL)
    tell (check, SLIP_SEVERITY_ERROR, step, NULL, "Say under from where its rows come from",
          g_strdup ("the table definition has no source table, and the step has no “from”"));
  for (guint i = 0; i < step->joins->len; i++)
    check_join (check, step, i);
  check_step_columns (check, step);
  check_decisions (check, step);
  check_dates (check, step);
  if (step->update != NULL)
    check_update (check, step);
}

static gboolean
is_run (SlipCheck *check, const SlipTableDefinition *definition)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  GPtrArray *rules = slip_migration_get_rules (check->migration);

  for (guint i = 0; i < steps->len; i++)
    if (((SlipStep *)g_ptr_array_index (steps, i))->definition == definition)
      return TRUE;
  for (guint i = 0; i < rules->len; i++)
    if (g_strcmp0 (((SlipBusinessRule *)g_ptr_array_index (rules, i))->mapping, definition->name)
        == 0)
      return TRUE;
  return FALSE;
}

static void
check_coverage (SlipCheck *check)
{
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);
  GPtrArray *rules = slip_migration_get_rules (check->migration);

  for (guint i = 0; i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);

      if (!is_run (check, definition))
        slip_migration_check_tell (
            check, SLIP_SEVERITY_WARNING, SLIP_CHECK_DEFINITIONS_FILE, PARTS (definition->name),
            "Add a step for it to an entity of the sidecar",
            "no step runs this table definition, so that its rows are not migrated");
    }
  for (guint i = 0; i < rules->len; i++)
    {
      const SlipBusinessRule *rule = g_ptr_array_index (rules, i);

      for (guint k = 0; k < rule->fills->len; k++)
        {
          const SlipTableColumn *fill = g_ptr_array_index (rule->fills, k);

          if (slip_definitions_find_target_table (check->definitions, fill->table) == NULL)
            slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar,
                                       (const char *const[]){"rules", rule->name, "fills", NULL},
                                       "Tables that are loaded stand in tables.json",
                                       "rule %s fills %s.%s, and no such table is loaded",
                                       rule->name, fill->table, fill->column);
        }
      if (rule->mapping != NULL
          && slip_definitions_find_table_definition (check->definitions, rule->mapping) == NULL)
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar, PARTS ("rules"),
                                   NULL,
                                   "the rule “%s” stands for “%s”, which has no table definition",
                                   rule->name, rule->mapping);
    }
}

static void
need_source (SlipCheck *check, const char *part, const char *table, const char *column)
{
  if (check->source == NULL || table == NULL)
    return;
  if (slip_catalogue_find (check->source, table) == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar, PARTS (part), NULL,
                               "the source has no table “%s”", table);
  else if (column != NULL && slip_catalogue_find_column (check->source, table, column) == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar, PARTS (part),
                               "Names count to the letter and the space",
                               "the source table “%s” has no column “%s”", table, column);
}

static void
check_filters (SlipCheck *check)
{
  GPtrArray *filters = slip_migration_get_filters (check->migration);

  for (guint i = 0; i < filters->len; i++)
    {
      const SlipFilter *filter = g_ptr_array_index (filters, i);

      need_source (check, "filters", filter->table, NULL);
      for (guint k = 0; k < filter->follows->len; k++)
        {
          const SlipFollow *follow = g_ptr_array_index (filter->follows, k);

          need_source (check, "filters", follow->table, NULL);
          for (guint j = 0; j < follow->on->len; j++)
            {
              const SlipPair *pair = g_ptr_array_index (follow->on, j);

              need_source (check, "filters", filter->table, pair->left);
              need_source (check, "filters", follow->table, pair->right);
            }
        }
    }
}

static void
check_case (SlipCheck *check)
{
  const SlipCase *extract = slip_migration_get_case (check->migration);

  if (extract == NULL)
    return;
  need_source (check, "case", extract->key_table, extract->key_column);
  for (guint i = 0; i < extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (extract->tables, i);

      for (guint k = 0; k < table->on->len; k++)
        {
          const SlipPair *pair = g_ptr_array_index (table->on, k);

          need_source (check, "case", table->of, pair->left);
          need_source (check, "case", table->table, pair->right);
        }
    }
  for (guint i = 0; i < extract->classes->len; i++)
    {
      const SlipColumnClass *class = g_ptr_array_index (extract->classes, i);

      need_source (check, "case", class->table, class->column);
    }
}

void
slip_migration_check_steps (SlipCheck *check)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);
  GPtrArray *tables = slip_migration_get_source (check->migration)->tables;

  if (slip_migration_get_sidecar_path (check->migration) == NULL)
    return;
  for (guint i = 0; i < steps->len; i++)
    check_step (check, g_ptr_array_index (steps, i));
  check_coverage (check);
  for (guint i = 0; i < tables->len; i++)
    need_source (check, "source", ((SlipSourceTable *)g_ptr_array_index (tables, i))->name, NULL);
  check_filters (check);
  check_case (check);
  slip_migration_check_case (check);
}
