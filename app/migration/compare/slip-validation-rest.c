/* SPDX-License-Identifier: MIT */
/* What the queries of a mapping leave: columns that nothing computes, rows that no join or condition reaches, and where rows of
 * others are changed those that are not. They are held against the rows that the integration made. Mappings of which nothing is
 * computed are those of slip-validation-back.c, and what is asked here is carried out in slip-validation-outside.c. */

#include "slip-validation-private.h"

#include <string.h>

/* ---- beside what is computed */

/* Whether the server compares such values as they are. JSON is held against JSON, and the rest as texts. */
static gboolean
is_held_as_it_is (const char *type)
{
  static const char *const types[]
      = {"smallint", "integer", "bigint", "numeric",   "double precision",
         "real",     "boolean", "date",   "timestamp", "uuid"};

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (g_str_has_prefix (type, types[i]) && !g_str_has_suffix (type, "[]"))
      return TRUE;
  return FALSE;
}

/* Whether a cell is not as it was made: of one that is computed as well, by the blanks around it, which are no part of that. */
static char *
dup_differs (SlipValidationBack *back,
             const char *column,
             const char *left,
             const char *right,
             gboolean computed)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  g_autofree char *differs
      = is_held_as_it_is (type)
            ? slip_stage_sql ("i.%I::%s IS DISTINCT FROM t.%I", column, type, column)
            : slip_stage_sql ("%s IS DISTINCT FROM %s", left, right);

  if (slip_validation_back_is_kept (back, column))
    return slip_stage_sql ("(%s AND i.migration_method = 'INSERT')", differs);
  /* What is computed takes blanks for nothing, too. */
  return computed ? slip_stage_sql (
             "(%s AND coalesce (btrim (%s), '') = coalesce (btrim (%s), ''))", differs, left, right)
                  : g_steal_pointer (&differs);
}

/* What tells which cells of a row are not as they were made, and both their values. */
typedef struct
{
  GString *columns; /* the name of one that differs, or NULL */
  GString *left;
  GString *right;
  GString *differs;
  GString *names;
} Cells;

static void
cells_init (Cells *cells)
{
  cells->columns = g_string_new (NULL);
  cells->left = g_string_new (NULL);
  cells->right = g_string_new (NULL);
  cells->differs = g_string_new (NULL);
  cells->names = g_string_new (NULL);
}

static void
cells_clear (Cells *cells)
{
  g_string_free (cells->columns, TRUE);
  g_string_free (cells->left, TRUE);
  g_string_free (cells->right, TRUE);
  g_string_free (cells->differs, TRUE);
  g_string_free (cells->names, TRUE);
}

/* ---- rows of others */

static char *
dup_touched (const char *mapping)
{
  g_autofree char *file = g_strconcat (mapping, "_mapping", NULL);

  return slip_stage_sql (
      "i.casrec_details @> jsonb_build_array (jsonb_build_object ('casrec_mapping_file_name', %L))",
      file);
}

/* The step of @mapping that sets @column in rows of @table, if there is one. */
static gboolean
sets (SlipValidator *self, const char *mapping, const char *table, const char *column)
{
  GPtrArray *steps = slip_migration_get_steps (self->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (g_strcmp0 (step->mapping_name, mapping) == 0 && step->update != NULL
          && g_str_equal (step->update->table, table)
          && g_strv_contains ((const char *const *)step->update->set, column))
        return TRUE;
    }
  return FALSE;
}

/* Whether a mapping before this one, which adds no rows either, has looked at rows of nobody. */
static gboolean
is_told_before (SlipValidationBack *back, const char *column)
{
  SlipDefinitions *definitions = slip_migration_get_definitions (back->self->migration);

  for (guint i = 0; i < back->self->queries->len; i++)
    {
      const SlipValidationQuery *query = g_ptr_array_index (back->self->queries, i);
      const SlipMapping *mapping;

      if (query == back->query)
        return FALSE;
      mapping = slip_definitions_find_mapping (definitions, query->mapping);
      if (!slip_validation_back_adds_rows (back->self, query->mapping)
          && g_strcmp0 (slip_validation_back_find_destination (back->self, query->mapping),
                        back->table->name)
                 == 0
          && slip_mapping_find_column (mapping, column) != NULL)
        return TRUE;
    }
  return FALSE;
}

/* Of which rows this mapping looks at @column, where it adds none: those that it sets it in, and those of which no other mapping
 * does. So each cell is looked at, and once. */
static char *
dup_whose (SlipValidationBack *back, const char *column)
{
  GPtrArray *all = slip_definitions_get_table_definitions (
      slip_migration_get_definitions (back->self->migration));
  gboolean own = sets (back->self, back->mapping->name, back->table->name, column);
  g_autofree char *touched = own ? dup_touched (back->mapping->name) : g_strdup ("false");
  g_autoptr (GString) files = g_string_new (NULL);
  g_autoptr (GString) others = g_string_new (NULL);

  if (is_told_before (back, column))
    return g_steal_pointer (&touched);
  for (guint i = 0; i < all->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (all, i);
      const SlipMapping *mapping = slip_definitions_find_mapping (
          slip_migration_get_definitions (back->self->migration), definition->name);
      g_autofree char *file = g_strconcat (definition->name, "_mapping", NULL);
      g_autofree char *other = dup_touched (definition->name);

      if (mapping == NULL || mapping == back->mapping
          || slip_mapping_find_column (mapping, column) == NULL)
        continue;
      if (slip_validation_back_adds_rows (back->self, mapping->name))
        slip_stage_sql_append (files, "%s%L", files->len > 0 ? ", " : "", file);
      else if (sets (back->self, mapping->name, back->table->name, column))
        slip_stage_sql_append (others, " AND NOT %s", other);
    }
  return slip_stage_sql ("(%s OR (i.casrec_mapping_file_name <> ALL (ARRAY[%s]::text[])%s))",
                         touched, files->str, others->str);
}

/* The rows that the mapping has cells of. */
static char *
dup_rows (SlipValidationBack *back)
{
  g_autofree char *file = g_strconcat (back->query->mapping, "_mapping", NULL);

  return back->own_rows ? slip_stage_sql ("i.casrec_mapping_file_name = %L", file)
                        : g_strdup ("true");
}

/* The rows that count as its own: what a rule changes nobody wrote down. */
static char *
dup_counted (SlipValidationBack *back)
{
  GPtrArray *steps = slip_migration_get_steps (back->self->migration);

  if (back->own_rows)
    return dup_rows (back);
  for (guint i = 0; i < steps->len; i++)
    if (g_strcmp0 (((SlipStep *)steps->pdata[i])->mapping_name, back->query->mapping) == 0)
      return dup_touched (back->query->mapping);
  return g_strdup ("false");
}

/* ---- cells */

static void
add_back_cell (SlipValidationBack *back, const char *column, gboolean computed, Cells *cells)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  gboolean padded = g_str_has_prefix (type, "character(");
  g_autofree char *plain = slip_validation_back_dup_text ("i", column, type);
  g_autofree char *left = padded ? slip_stage_sql ("rtrim (%s)", plain) : g_strdup (plain);
  g_autofree char *right = slip_validation_back_dup_text ("t", column, type);
  g_autofree char *plainly = dup_differs (back, column, left, right, computed);
  g_autofree char *whose = back->own_rows ? NULL : dup_whose (back, column);
  g_autofree char *differs
      = whose != NULL ? slip_stage_sql ("(%s AND %s)", plainly, whose) : g_steal_pointer (&plainly);
  const char *comma = cells->names->len > 0 ? ", " : "";

  slip_stage_sql_append (cells->columns, "%sCASE WHEN %s THEN %L END", comma, differs, column);
  slip_stage_sql_append (cells->left, "%s%s", comma, left);
  slip_stage_sql_append (cells->right, "%s%s", comma, right);
  slip_stage_sql_append (cells->differs, "%s%s", *comma != '\0' ? " OR " : "", differs);
  slip_stage_sql_append (cells->names, "%s%L", comma, column);
  g_hash_table_add (back->table->needed, (gpointer)column);
}

static void
note_columns (SlipValidationQuery *query, const char *what, const GString *columns)
{
  if (columns->len > 0)
    g_string_append_printf (query->note, "%s%s: %s", query->note->len > 0 ? "; " : "", what,
                            columns->str);
}

static void
add_name (GString *list, const char *name)
{
  g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", name);
}

/* Whether a column is computed, and as what: texts without the blanks around them, and some by SQL of the definitions that
 * makes the same of two values. What that leaves is read back. */
static gboolean
is_computed (SlipValidationBack *back, const SlipMappingColumn *column, gboolean *whole)
{
  const SlipValidation *validation = slip_definitions_find_validation (
      slip_migration_get_definitions (back->self->migration), back->mapping->name);

  *whole = validation == NULL
           || slip_validation_find_override (&validation->actual, column->target) == NULL;
  return g_ptr_array_find_with_equal_func (back->query->names, column->target, g_str_equal, NULL);
}

static void
add_rest (SlipValidationBack *back, gboolean can, Cells *rest, Cells *all)
{
  g_autoptr (GString) read = g_string_new (NULL);
  g_autoptr (GString) nothing = g_string_new (NULL);

  for (guint i = 0; i < back->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (back->mapping->columns, i);
      gboolean whole = FALSE;
      gboolean computed = is_computed (back, column, &whole);
      gpointer own = NULL;
      gboolean has;

      if (column->primary_key)
        continue;
      has = can && g_hash_table_lookup_extended (back->table->types, column->target, &own, NULL)
            && slip_validation_back_has_column (back, column->target);
      if (has)
        add_back_cell (back, own, FALSE, all);
      if (computed && whole && column->type != SLIP_TYPE_STR)
        continue;
      if (has)
        {
          add_back_cell (back, own, computed && whole, rest);
          g_ptr_array_add (back->query->back_names, g_strdup (own));
        }
      if (!computed)
        add_name (has ? read : nothing, column->target);
    }
  note_columns (back->query, "read back and not computed", read);
  note_columns (back->query, "compared by nothing", nothing);
}

char *
slip_validation_back_dup_same (const SlipValidationTable *table)
{
  GString *same = g_string_new (NULL);

  for (guint i = 0; i < table->key->len; i++)
    {
      const char *column = g_ptr_array_index (table->key, i);
      const char *type = g_hash_table_lookup (table->types, column);
      const char *and = i > 0 ? " AND " : "";

      if (is_held_as_it_is (type))
        slip_stage_sql_append (same, "%si.%I::%s = t.%I", and, column, type, column);
      else
        slip_stage_sql_append (same, "%si.%I::text = t.%I::text", and, column, column);
    }
  return g_string_free (same, FALSE);
}

static char *
dup_back (SlipValidationBack *back, const char *key, const char *join, const Cells *cells)
{
  g_autofree char *same = slip_validation_back_dup_same (back->table);
  g_autofree char *rows = dup_rows (back);

  return slip_stage_sql (
      "SELECT %s AS target_id, i.casrec_row_id::bigint AS row_id, i.casrec_table_name AS landed, "
      "t.%I IS NULL AS lost, false AS told,\n"
      "  array_remove (ARRAY[%s]::text[], NULL) AS columns,\n"
      "  jsonb_object (ARRAY[%s]::text[], ARRAY[%s]::text[]) AS expected, jsonb_object "
      "(ARRAY[%s]::text[], ARRAY[%s]::text[]) AS actual\n"
      "  FROM %I.%I AS i %s %s.%I AS t ON %s\n"
      " WHERE %s",
      key, back->table->key->pdata[0], cells->columns->str, cells->names->str, cells->left->str,
      cells->names->str, cells->right->str, back->self->schemas->integration, back->table->name,
      join, SLIP_VALIDATION_ACTUAL, back->table->name, same, rows);
}

static void
write_back (SlipValidationBack *back, const Cells *rest)
{
  g_autofree char *key = slip_validation_back_dup_key (back, "t");
  g_autofree char *sql = dup_back (back, key, "JOIN", rest);

  back->query->back
      = slip_stage_sql ("SELECT * FROM (%s AND (%s)) AS b\n WHERE true", sql, rest->differs->str);
}

/* ---- beside what the queries reach */

static gboolean
is_first_of_table (SlipValidationBack *back)
{
  for (guint i = 0; i < back->self->queries->len; i++)
    {
      const SlipValidationQuery *query = g_ptr_array_index (back->self->queries, i);

      if (query == back->query)
        return TRUE;
      if (g_strcmp0 (query->table, back->table->name) == 0)
        return FALSE;
    }
  return TRUE;
}

/* Rows that came behind the keys that were there, and that no row of the run is. They can be the application's own, and a
 * definition that leaves them out does not say that they should not be: they are told and no more. */
static char *
dup_strays (SlipValidationBack *back)
{
  const char *key = back->target != NULL ? back->target->primary_key : NULL;
  const char *type = key != NULL ? g_hash_table_lookup (back->table->types, key) : NULL;

  if (type == NULL || !is_first_of_table (back) || !slip_validation_back_has_column (back, key)
      || !(g_str_equal (type, "integer") || g_str_equal (type, "bigint")))
    return g_strdup ("0");
  return slip_stage_sql (
      "(SELECT count (*) FROM %s.%I AS t WHERE t.%I > (SELECT value FROM slipway.base WHERE run = "
      "%D AND table_name = %L AND column_name = %L AND kind = 'key')\n"
      "    AND NOT EXISTS (SELECT FROM %I.%I AS o WHERE o.%I::%s = t.%I))",
      SLIP_VALIDATION_ACTUAL, back->table->name, key, back->self->options->run, back->table->name,
      key, back->self->schemas->integration, back->table->name, key, type, key);
}

/* Which rows of the run the query of what is has not. A second look goes for those only that were told. */
static char *
dup_unreached (SlipValidationBack *back, const char *key)
{
  g_autofree char *told
      = back->self->options->recheck ? slip_stage_sql (
            "\n   AND EXISTS (SELECT FROM slipway.difference AS d WHERE d.run = %D "
            "AND d.mapping = %L AND d.target_id = %s)",
            back->self->options->run, back->query->mapping, key)
                                     : g_strdup ("");

  return slip_stage_sql ("NOT EXISTS (SELECT FROM slip_actual AS a WHERE a.target_id = %s)%s", key,
                         told);
}

static void
note_read_beside (SlipValidationQuery *query)
{
  g_string_append_printf (query->note,
                          "%srows of %s that its query leaves out are read back, whether it "
                          "changes them or not",
                          query->note->len > 0 ? "; " : "", query->table);
}

/* A row that is gone is told by the mapping that added it. */
static char *
dup_there (SlipValidationBack *back)
{
  g_autofree char *same = slip_validation_back_dup_same (back->table);

  return back->own_rows ? g_strdup ("")
                        : slip_stage_sql (" AND EXISTS (SELECT FROM %s.%I AS t WHERE %s)",
                                          SLIP_VALIDATION_ACTUAL, back->table->name, same);
}

/* Tables whose rows the query of what is joins, as far as the integration has them: see slip-validation-outside.c. */
static void
add_restored (SlipValidationBack *back)
{
  g_autoptr (GHashTable) aliases
      = slip_validation_find_aliases (back->query->actual, SLIP_VALIDATION_ACTUAL);
  g_autoptr (GList) names = g_list_sort (g_hash_table_get_values (aliases), (GCompareFunc)strcmp);

  for (GList *l = names; l != NULL; l = l->next)
    {
      SlipValidationTable *table = slip_validator_find_target (back->self, l->data);
      SlipValidationBack of = {.self = back->self, .table = table};

      if (table != NULL && slip_validation_back_has_key (&of)
          && !g_ptr_array_find (back->query->restored, table, NULL))
        g_ptr_array_add (back->query->restored, table);
    }
}

static void
write_outside (SlipValidationBack *back, const Cells *all)
{
  SlipValidationQuery *query = back->query;
  g_autofree char *key = slip_validation_back_dup_key (back, "i");
  g_autofree char *counted = dup_counted (back);
  g_autofree char *there = dup_there (back);
  g_autofree char *unreached = dup_unreached (back, key);
  g_autofree char *strays = back->own_rows ? dup_strays (back) : g_strdup ("0");
  g_autofree char *rows = dup_back (back, key, back->own_rows ? "LEFT JOIN" : "JOIN", all);
  const char *differs = all->differs->len > 0 ? all->differs->str : "false";

  query->table = back->table->name;
  query->beside = !back->own_rows;
  query->unreached = slip_stage_sql (
      "SELECT (SELECT count (*) FROM %I.%I AS i WHERE %s AND %s%s),\n  %s",
      back->self->schemas->integration, back->table->name, counted, unreached, there, strays);
  query->outside = slip_stage_sql ("%s AND (t.%I IS NULL OR %s)\n   AND %s", rows,
                                   back->table->key->pdata[0], differs, unreached);
  if (query->beside)
    note_read_beside (query);
  else
    add_restored (back);
}

/* Rows that nothing tells apart: so many are at least not there. What a second look has is some of them. */
static void
count_unreached (SlipValidationBack *back)
{
  SlipValidationQuery *query = back->query;
  g_autofree char *counted = dup_counted (back);

  query->table = back->table->name;
  query->unreached
      = back->self->options->recheck
            ? slip_stage_sql ("SELECT outside FROM slipway_found.validation WHERE run = %D AND "
                              "mapping = %L",
                              back->self->options->run, query->mapping)
            : slip_stage_sql ("SELECT greatest (count (*) - (SELECT count (*) FROM slip_actual), "
                              "0) FROM %I.%I AS i WHERE %s",
                              back->self->schemas->integration, back->table->name, counted);
}

void
slip_validation_read_back_rest (SlipValidator *self,
                                SlipValidationQuery *query,
                                const SlipMapping *mapping)
{
  const char *destination = slip_validation_back_find_destination (self, mapping->name);
  SlipValidationBack back = {.self = self, .query = query, .mapping = mapping};
  Cells rest;
  Cells all;
  gboolean can;

  if (destination == NULL)
    return;
  back.table = slip_validator_find_target (self, destination);
  back.own_rows = slip_validation_back_adds_rows (self, mapping->name);
  back.target = slip_definitions_find_target_table (
      slip_migration_get_definitions (self->migration), destination);
  can = back.table != NULL && slip_validation_back_has_key (&back);
  cells_init (&rest);
  cells_init (&all);
  add_rest (&back, can, &rest, &all);
  if (rest.names->len > 0)
    write_back (&back, &rest);
  if (can)
    write_outside (&back, &all);
  else if (back.table != NULL)
    count_unreached (&back);
  cells_clear (&rest);
  cells_clear (&all);
}
