/* SPDX-License-Identifier: MIT */
/* Reads a mapping back where nobody wrote down what should be: the rows that the integration made, as the target's types
 * write them, against the rows of the target with the same keys. That finds what was lost, changed or added on the way and
 * since; a fault of the transform it cannot find, and the result says so. */

#include "slip-validation-private.h"

#include "slip-migration-error.h"
#include "slip-reserved.h"

#include <string.h>

typedef struct
{
  SlipValidator *self;
  SlipValidationQuery *query;
  const SlipMapping *mapping;
  SlipValidationTable *table; /* of the target */
  const SlipTargetTable *target;
  gboolean own_rows; /* rows that this mapping made, not all of the table */
  gboolean first;    /* the first that reads the table back: rows of nobody are told here */
} Back;

static const char *
find_destination (SlipValidator *self, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (self->migration);
  const SlipTableDefinition *definition = slip_definitions_find_table_definition (
      slip_migration_get_definitions (self->migration), mapping);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (g_strcmp0 (step->mapping_name, mapping) == 0 && step->update != NULL)
        return step->update->table;
    }
  return definition != NULL ? definition->destination : NULL;
}

/* Whether steps add rows for it; otherwise rows of others are changed. */
static gboolean
adds_rows (SlipValidator *self, const char *mapping)
{
  GPtrArray *steps = slip_migration_get_steps (self->migration);

  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      if (g_strcmp0 (step->mapping_name, mapping) == 0)
        return step->update == NULL;
    }
  return FALSE;
}

static gboolean
is_first (Back *back)
{
  for (guint i = 0; i < back->self->queries->len; i++)
    {
      const SlipValidationQuery *query = g_ptr_array_index (back->self->queries, i);

      if (query == back->query)
        return TRUE;
      if (!query->independent && g_strcmp0 (query->source_table, back->query->source_table) == 0)
        return FALSE;
    }
  return TRUE;
}

static char *
dup_text (const char *alias, const char *column, const char *type)
{
  if (g_str_equal (type, "json") || g_str_equal (type, "jsonb"))
    return slip_stage_sql ("%s.%I::jsonb::text", alias, column);
  if (*type == '\0' || g_str_has_prefix (type, "character") || g_str_equal (type, "text"))
    return slip_stage_sql ("%s.%I::text", alias, column);
  return slip_stage_sql ("%s.%I::%s::text", alias, column, type);
}

static gboolean
is_kept (Back *back, const char *column)
{
  return back->target != NULL && back->target->existing != NULL
         && g_strv_contains ((const char *const *)back->target->existing->keep_columns, column);
}

static void
add_cell (Back *back, const char *column, const char *name, GString *left, GString *right)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  g_autofree char *one = dup_text ("i", column, type);
  g_autofree char *other = dup_text ("t", column, type);

  g_string_append_printf (left, "%s%s", left->len > 0 ? ", " : "", one);
  g_string_append_printf (right, "%s%s", right->len > 0 ? ", " : "", other);
  g_hash_table_add (back->table->needed, (gpointer)column);
  g_ptr_array_add (back->query->names, g_strdup (name));
}

static GHashTable *
read_made (Back *back)
{
  GHashTable *made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *name
      = slip_stage_sql ("%I.%I", back->self->schemas->integration, back->table->name);
  g_auto (GStrv) columns = slip_stage_sql_ask_list (
      back->self->pg, "read the integration's columns", NULL,
      "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass (%L) AND attnum > 0 AND NOT "
      "attisdropped",
      name);

  for (guint i = 0; columns != NULL && columns[i] != NULL; i++)
    g_hash_table_add (made, g_strdup (columns[i]));
  return made;
}

static gboolean
has_column (Back *back, const char *column)
{
  if (back->table->made == NULL)
    back->table->made = read_made (back);
  return g_hash_table_contains (back->table->made, column);
}

/* Where there is no primary key, or the target gives it on its own, all columns are what a row is known by. */
static gboolean
has_key (Back *back)
{
  gboolean has = back->table->key->len > 0;

  for (guint i = 0; has && i < back->table->key->len; i++)
    has = has_column (back, back->table->key->pdata[i]);
  return has;
}

static char *
dup_key (Back *back, const char *alias)
{
  GString *key = g_string_new ("concat_ws ('/'");
  GPtrArray *columns = has_key (back) ? back->table->key : back->table->columns;

  for (guint i = 0; i < columns->len; i++)
    {
      if (columns == back->table->columns && !has_column (back, columns->pdata[i]))
        continue;
      slip_stage_sql_append (key, ", %s.%I", alias, columns->pdata[i]);
      g_hash_table_add (back->table->needed, columns->pdata[i]);
    }
  g_string_append_c (key, ')');
  return g_string_free (key, FALSE);
}

static void
add_cells (Back *back, GString *left, GString *right)
{
  for (guint i = 0; i < back->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (back->mapping->columns, i);
      gpointer own = NULL;

      if (g_ptr_array_find_with_equal_func (back->table->key, column->target, g_str_equal, NULL))
        {
          back->query->n_compared++;
          continue;
        }
      if (column->primary_key || is_kept (back, column->target)
          || !g_hash_table_lookup_extended (back->table->types, column->target, &own, NULL)
          || !has_column (back, column->target))
        continue;
      back->query->n_compared++;
      add_cell (back, own, column->target, left, right);
    }
}

/* Rows of the target that no row of the integration has the key of, and that came behind the keys that were there. */
static char *
dup_extra (Back *back)
{
  GString *sql = g_string_new ("");
  const SlipTargetTable *target = back->target;

  if (!back->first || target == NULL)
    return g_string_free (sql, FALSE);
  if (target->primary_key != NULL)
    slip_stage_sql_append (sql,
                           "\n    OR (t.%I > (SELECT value FROM slipway.base WHERE run = %D AND "
                           "table_name = %L AND column_name = %L AND kind = 'key')\n"
                           "        AND NOT EXISTS (SELECT FROM %I.%I AS o WHERE o.%I = t.%I))",
                           target->primary_key, back->self->options->run, target->name,
                           target->primary_key, back->self->schemas->integration, target->name,
                           target->primary_key, target->primary_key);
  for (guint i = 0; target->primary_key == NULL && i < target->foreign_keys->len; i++)
    {
      const SlipForeignKey *key = g_ptr_array_index (target->foreign_keys, i);
      gpointer own = NULL;

      if (!g_hash_table_lookup_extended (back->table->types, key->column, &own, NULL))
        continue;
      g_hash_table_add (back->table->needed, own);
      slip_stage_sql_append (sql,
                             "\n    OR t.%I > (SELECT value FROM slipway.base WHERE run = %D AND "
                             "table_name = %L AND kind = 'key')",
                             key->column, back->self->options->run, key->parent_table);
    }
  return g_string_free (sql, FALSE);
}

static void
write_queries (Back *back)
{
  SlipValidationQuery *query = back->query;
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GString) right = g_string_new (NULL);
  g_autofree char *key_left = dup_key (back, "i");
  g_autofree char *key_right = dup_key (back, "t");
  g_autofree char *extra = dup_extra (back);
  g_autofree char *file = g_strconcat (query->mapping, "_mapping", NULL);
  g_autofree char *own = back->own_rows
                             ? slip_stage_sql (" WHERE i.casrec_mapping_file_name = %L", file)
                             : g_strdup ("");
  const char *schema = back->self->schemas->integration;

  g_ptr_array_add (query->names, g_strdup (SLIP_RESERVED_PREFIX "key"));
  query->n_key = 1;
  add_cells (back, left, right);
  query->expected = slip_stage_sql (
      "SELECT ARRAY[%s%s%s]::text[] AS cells, i.casrec_row_id::bigint AS row_id\n"
      "  FROM %I.%I AS i%s",
      key_left, left->len > 0 ? ", " : "", left->str, schema, back->table->name, own);
  query->actual = slip_stage_sql (
      "SELECT ARRAY[%s%s%s]::text[] AS cells, NULL::text AS own, %s AS target_id\n"
      "  FROM %s.%I AS t\n"
      " WHERE %s IN (SELECT %s FROM %I.%I AS i%s)%s",
      key_right, right->len > 0 ? ", " : "", right->str, key_right, SLIP_VALIDATION_ACTUAL,
      back->table->name, key_right, key_left, schema, back->table->name, own, extra);
}

gboolean
slip_validation_read_back (SlipValidator *self,
                           SlipValidationQuery *query,
                           const SlipMapping *mapping,
                           GError **error)
{
  const char *destination = find_destination (self, mapping->name);
  Back back = {.self = self, .query = query, .mapping = mapping};

  query->independent = FALSE;
  back.table = destination != NULL ? slip_validator_find_target (self, destination) : NULL;
  if (back.table == NULL)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "the target has no table %s, which %s fills",
                   destination != NULL ? destination : "(none)", mapping->name);
      return FALSE;
    }
  query->source_table = g_strdup (destination);
  query->table = back.table->name;
  back.target = slip_definitions_find_target_table (
      slip_migration_get_definitions (self->migration), destination);
  back.own_rows = adds_rows (self, mapping->name);
  back.first = is_first (&back);
  write_queries (&back);
  return TRUE;
}

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
dup_differs (Back *back, const char *column, const char *left, const char *right, gboolean computed)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  g_autofree char *differs
      = is_held_as_it_is (type)
            ? slip_stage_sql ("i.%I::%s IS DISTINCT FROM t.%I", column, type, column)
            : slip_stage_sql ("%s IS DISTINCT FROM %s", left, right);

  if (is_kept (back, column))
    return slip_stage_sql ("(%s AND i.migration_method = 'INSERT')", differs);
  return computed ? slip_stage_sql ("(%s AND btrim (%s) = btrim (%s))", differs, left, right)
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

static void
add_back_cell (Back *back, const char *column, gboolean computed, Cells *cells)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  gboolean padded = g_str_has_prefix (type, "character(");
  g_autofree char *plain = dup_text ("i", column, type);
  g_autofree char *left = padded ? slip_stage_sql ("rtrim (%s)", plain) : g_strdup (plain);
  g_autofree char *right = dup_text ("t", column, type);
  g_autofree char *differs = dup_differs (back, column, left, right, computed);
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
is_computed (Back *back, const SlipMappingColumn *column, gboolean *whole)
{
  const SlipValidation *validation = slip_definitions_find_validation (
      slip_migration_get_definitions (back->self->migration), back->mapping->name);

  *whole = validation == NULL
           || slip_validation_find_override (&validation->actual, column->target) == NULL;
  return g_ptr_array_find_with_equal_func (back->query->names, column->target, g_str_equal, NULL);
}

static void
add_rest (Back *back, gboolean can, Cells *rest, Cells *all)
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
            && has_column (back, column->target);
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

/* The same row on both sides, by values, which are compared faster than texts. */
static char *
dup_same_key (Back *back)
{
  GString *same = g_string_new (NULL);

  for (guint i = 0; i < back->table->key->len; i++)
    {
      const char *column = g_ptr_array_index (back->table->key, i);
      const char *type = g_hash_table_lookup (back->table->types, column);
      const char *and = i > 0 ? " AND " : "";

      if (is_held_as_it_is (type))
        slip_stage_sql_append (same, "%si.%I::%s = t.%I", and, column, type, column);
      else
        slip_stage_sql_append (same, "%si.%I::text = t.%I::text", and, column, column);
    }
  return g_string_free (same, FALSE);
}

static char *
dup_back (Back *back, const char *key, const char *join, const Cells *cells)
{
  g_autofree char *same = dup_same_key (back);
  g_autofree char *file = g_strconcat (back->query->mapping, "_mapping", NULL);

  return slip_stage_sql (
      "SELECT %s AS target_id, i.casrec_row_id::bigint AS row_id, i.casrec_table_name AS landed, "
      "t.%I IS NULL AS lost,\n"
      "  array_remove (ARRAY[%s]::text[], NULL) AS columns,\n"
      "  jsonb_object (ARRAY[%s]::text[], ARRAY[%s]::text[]) AS expected, jsonb_object "
      "(ARRAY[%s]::text[], ARRAY[%s]::text[]) AS actual\n"
      "  FROM %I.%I AS i %s %s.%I AS t ON %s\n"
      " WHERE i.casrec_mapping_file_name = %L",
      key, back->table->key->pdata[0], cells->columns->str, cells->names->str, cells->left->str,
      cells->names->str, cells->right->str, back->self->schemas->integration, back->table->name,
      join, SLIP_VALIDATION_ACTUAL, back->table->name, same, file);
}

static void
write_back (Back *back, const Cells *rest)
{
  g_autofree char *key = dup_key (back, "t");
  g_autofree char *sql = dup_back (back, key, "JOIN", rest);

  back->query->back
      = slip_stage_sql ("SELECT * FROM (%s AND (%s)) AS b\n WHERE true", sql, rest->differs->str);
}

/* ---- beside what the queries reach */

static gboolean
is_first_of_table (Back *back)
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
dup_strays (Back *back)
{
  const char *key = back->target != NULL ? back->target->primary_key : NULL;
  const char *type = key != NULL ? g_hash_table_lookup (back->table->types, key) : NULL;

  if (type == NULL || !is_first_of_table (back) || !has_column (back, key)
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
dup_unreached (Back *back, const char *key)
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
write_outside (Back *back, const Cells *all)
{
  SlipValidationQuery *query = back->query;
  g_autofree char *key = dup_key (back, "i");
  g_autofree char *file = g_strconcat (query->mapping, "_mapping", NULL);
  g_autofree char *unreached = dup_unreached (back, key);
  g_autofree char *strays = dup_strays (back);
  g_autofree char *rows = dup_back (back, key, "LEFT JOIN", all);

  query->table = back->table->name;
  query->unreached = slip_stage_sql ("SELECT (SELECT count (*) FROM %I.%I AS i WHERE "
                                     "i.casrec_mapping_file_name = %L AND %s),\n  %s",
                                     back->self->schemas->integration, back->table->name, file,
                                     unreached, strays);
  query->outside
      = slip_stage_sql ("%s AND (t.%I IS NULL%s%s)\n   AND %s", rows, back->table->key->pdata[0],
                        all->differs->len > 0 ? " OR " : "", all->differs->str, unreached);
}

/* Rows that nothing tells apart: so many are at least not there. What a second look has is some of them. */
static void
count_unreached (Back *back)
{
  SlipValidationQuery *query = back->query;
  g_autofree char *file = g_strconcat (query->mapping, "_mapping", NULL);

  query->table = back->table->name;
  query->unreached
      = back->self->options->recheck
            ? slip_stage_sql ("SELECT outside FROM slipway_found.validation WHERE run = %D AND "
                              "mapping = %L",
                              back->self->options->run, query->mapping)
            : slip_stage_sql ("SELECT greatest (count (*) - (SELECT count (*) FROM slip_actual), "
                              "0) FROM %I.%I WHERE casrec_mapping_file_name = %L",
                              back->self->schemas->integration, back->table->name, file);
}

void
slip_validation_read_back_rest (SlipValidator *self,
                                SlipValidationQuery *query,
                                const SlipMapping *mapping)
{
  const char *destination = find_destination (self, mapping->name);
  Back back = {.self = self, .query = query, .mapping = mapping};
  Cells rest;
  Cells all;
  gboolean can;

  if (destination == NULL)
    return;
  back.table = slip_validator_find_target (self, destination);
  back.own_rows = adds_rows (self, mapping->name);
  back.target = slip_definitions_find_target_table (
      slip_migration_get_definitions (self->migration), destination);
  can = back.table != NULL && back.own_rows && has_key (&back);
  cells_init (&rest);
  cells_init (&all);
  add_rest (&back, can, &rest, &all);
  if (rest.names->len > 0)
    write_back (&back, &rest);
  if (can)
    write_outside (&back, &all);
  else if (back.table != NULL && back.own_rows)
    count_unreached (&back);
  cells_clear (&rest);
  cells_clear (&all);
}
