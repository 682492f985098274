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

static gboolean
has_column (Back *back, const char *column)
{
  gint64 has = 0;
  g_autofree char *name
      = slip_stage_sql ("%I.%I", back->self->schemas->integration, back->table->name);

  return slip_stage_sql_ask_number (back->self->pg, "look for a column", &has, NULL,
                                    "SELECT count (*) FROM pg_attribute WHERE attrelid = "
                                    "to_regclass (%L) AND attname = %L AND "
                                    "attnum > 0 AND NOT attisdropped",
                                    name, column)
         && has > 0;
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

static void
add_back_cell (Back *back, const char *column, gboolean computed, GString **lists)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  gboolean padded = g_str_has_prefix (type, "character(");
  g_autofree char *plain = dup_text ("i", column, type);
  g_autofree char *left = padded ? slip_stage_sql ("rtrim (%s)", plain) : g_strdup (plain);
  g_autofree char *right = dup_text ("t", column, type);
  g_autofree char *differs = dup_differs (back, column, left, right, computed);
  const char *comma = lists[0]->len > 0 ? ", " : "";

  slip_stage_sql_append (lists[0], "%sCASE WHEN %s THEN %L END", comma, differs, column);
  slip_stage_sql_append (lists[1], "%s%s", comma, left);
  slip_stage_sql_append (lists[2], "%s%s", comma, right);
  slip_stage_sql_append (lists[3], "%s%s", lists[3]->len > 0 ? " OR " : "", differs);
  slip_stage_sql_append (lists[4], "%s%L", comma, column);
  g_hash_table_add (back->table->needed, (gpointer)column);
  g_ptr_array_add (back->query->back_names, g_strdup (column));
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
add_rest (Back *back, GString **lists)
{
  g_autoptr (GString) read = g_string_new (NULL);
  g_autoptr (GString) nothing = g_string_new (NULL);
  gboolean can = back->table != NULL && back->own_rows && has_key (back);

  for (guint i = 0; i < back->mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (back->mapping->columns, i);
      gboolean whole = FALSE;
      gboolean computed = is_computed (back, column, &whole);
      gpointer own = NULL;
      gboolean has;

      if (column->primary_key || (computed && whole && column->type != SLIP_TYPE_STR))
        continue;
      has = can && g_hash_table_lookup_extended (back->table->types, column->target, &own, NULL)
            && has_column (back, column->target);
      if (has)
        add_back_cell (back, own, computed && whole, lists);
      if (!computed)
        add_name (has ? read : nothing, column->target);
    }
  note_columns (back->query, "read back and not computed", read);
  note_columns (back->query, "compared by nothing", nothing);
}

static void
write_back (Back *back, GString **lists)
{
  g_autofree char *key_left = dup_key (back, "i");
  g_autofree char *key_right = dup_key (back, "t");
  g_autofree char *file = g_strconcat (back->query->mapping, "_mapping", NULL);

  back->query->back = slip_stage_sql (
      "SELECT * FROM (SELECT %s AS target_id, i.casrec_row_id::bigint AS row_id,\n"
      "  array_remove (ARRAY[%s]::text[], NULL) AS columns,\n"
      "  jsonb_object (ARRAY[%s], ARRAY[%s]::text[]) AS expected, jsonb_object (ARRAY[%s], "
      "ARRAY[%s]::text[]) AS actual\n"
      "  FROM %I.%I AS i JOIN %s.%I AS t ON %s = %s\n"
      " WHERE i.casrec_mapping_file_name = %L AND (%s)) AS b\n WHERE true",
      key_right, lists[0]->str, lists[4]->str, lists[1]->str, lists[4]->str, lists[2]->str,
      back->self->schemas->integration, back->table->name, SLIP_VALIDATION_ACTUAL,
      back->table->name, key_left, key_right, file, lists[3]->str);
}

void
slip_validation_read_back_rest (SlipValidator *self,
                                SlipValidationQuery *query,
                                const SlipMapping *mapping)
{
  const char *destination = find_destination (self, mapping->name);
  Back back = {.self = self, .query = query, .mapping = mapping};
  GString *lists[5];

  back.table = destination != NULL ? slip_validator_find_target (self, destination) : NULL;
  back.own_rows = adds_rows (self, mapping->name);
  if (destination == NULL)
    return;
  back.target = slip_definitions_find_target_table (
      slip_migration_get_definitions (self->migration), destination);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    lists[i] = g_string_new (NULL);
  add_rest (&back, lists);
  if (lists[0]->len > 0)
    write_back (&back, lists);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    g_string_free (lists[i], TRUE);
}
