/* SPDX-License-Identifier: MIT */
/* Reads a mapping back where nobody wrote down what should be: the rows that the integration made, as the target's types
 * write them, against the rows of the target with the same keys. That finds what was lost, changed or added on the way and
 * since; a fault of the transform it cannot find, and the result says so. */

#include "slip-validation-private.h"

#include "slip-migration-error.h"
#include "slip-reserved.h"

#include <string.h>

const char *
slip_validation_back_find_destination (SlipValidator *self, const char *mapping)
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

gboolean
slip_validation_back_adds_rows (SlipValidator *self, const char *mapping)
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
is_first (SlipValidationBack *back)
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

char *
slip_validation_back_dup_text (const char *alias, const char *column, const char *type)
{
  if (g_str_equal (type, "json") || g_str_equal (type, "jsonb"))
    return slip_stage_sql ("%s.%I::jsonb::text", alias, column);
  if (*type == '\0' || g_str_has_prefix (type, "character") || g_str_equal (type, "text"))
    return slip_stage_sql ("%s.%I::text", alias, column);
  return slip_stage_sql ("%s.%I::%s::text", alias, column, type);
}

gboolean
slip_validation_back_is_kept (SlipValidationBack *back, const char *column)
{
  return back->target != NULL && back->target->existing != NULL
         && g_strv_contains ((const char *const *)back->target->existing->keep_columns, column);
}

static void
add_cell (
    SlipValidationBack *back, const char *column, const char *name, GString *left, GString *right)
{
  const char *type = g_hash_table_lookup (back->table->types, column);
  g_autofree char *one = slip_validation_back_dup_text ("i", column, type);
  g_autofree char *other = slip_validation_back_dup_text ("t", column, type);

  g_string_append_printf (left, "%s%s", left->len > 0 ? ", " : "", one);
  g_string_append_printf (right, "%s%s", right->len > 0 ? ", " : "", other);
  g_hash_table_add (back->table->needed, (gpointer)column);
  g_ptr_array_add (back->query->names, g_strdup (name));
}

static GHashTable *
read_made (SlipValidationBack *back)
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

gboolean
slip_validation_back_has_column (SlipValidationBack *back, const char *column)
{
  if (back->table->made == NULL)
    back->table->made = read_made (back);
  return g_hash_table_contains (back->table->made, column);
}

/* Where there is no primary key, or the target gives it on its own, all columns are what a row is known by. */
gboolean
slip_validation_back_has_key (SlipValidationBack *back)
{
  gboolean has = back->table->key->len > 0;

  for (guint i = 0; has && i < back->table->key->len; i++)
    has = slip_validation_back_has_column (back, back->table->key->pdata[i]);
  return has;
}

char *
slip_validation_back_dup_key (SlipValidationBack *back, const char *alias)
{
  GString *key = g_string_new ("concat_ws ('/'");
  GPtrArray *columns
      = slip_validation_back_has_key (back) ? back->table->key : back->table->columns;

  for (guint i = 0; i < columns->len; i++)
    {
      if (columns == back->table->columns
          && !slip_validation_back_has_column (back, columns->pdata[i]))
        continue;
      slip_stage_sql_append (key, ", %s.%I", alias, columns->pdata[i]);
      g_hash_table_add (back->table->needed, columns->pdata[i]);
    }
  g_string_append_c (key, ')');
  return g_string_free (key, FALSE);
}

static void
add_cells (SlipValidationBack *back, GString *left, GString *right)
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
      if (column->primary_key || slip_validation_back_is_kept (back, column->target)
          || !g_hash_table_lookup_extended (back->table->types, column->target, &own, NULL)
          || !slip_validation_back_has_column (back, column->target))
        continue;
      back->query->n_compared++;
      add_cell (back, own, column->target, left, right);
    }
}

/* Rows of the target that no row of the integration has the key of, and that came behind the keys that were there. */
static char *
dup_extra (SlipValidationBack *back)
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
write_queries (SlipValidationBack *back)
{
  SlipValidationQuery *query = back->query;
  g_autoptr (GString) left = g_string_new (NULL);
  g_autoptr (GString) right = g_string_new (NULL);
  g_autofree char *key_left = slip_validation_back_dup_key (back, "i");
  g_autofree char *key_right = slip_validation_back_dup_key (back, "t");
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
  const char *destination = slip_validation_back_find_destination (self, mapping->name);
  SlipValidationBack back = {.self = self, .query = query, .mapping = mapping};

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
  back.own_rows = slip_validation_back_adds_rows (self, mapping->name);
  back.first = is_first (&back);
  write_queries (&back);
  return TRUE;
}
