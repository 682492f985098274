/* SPDX-License-Identifier: MIT */
/* The check's look at the target: whether tables and columns are there, whether types can be put into them, and
 * whether something fills what must not be NULL. */

#include "slip-json.h"
#include "slip-migration-check-private.h"

#include <string.h>

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* What each type can be assigned to (pg_cast, context a or i, and I/O conversion to text), by the beginnings of
 * what format_type() tells. */
static const char *const assignable[][8] = {
    [SLIP_TYPE_STR] = {"text", "character", "citext", "name"},
    [SLIP_TYPE_INT]
    = {"integer", "bigint", "smallint", "numeric", "real", "double", "text", "character"},
    [SLIP_TYPE_BIGINT]
    = {"integer", "bigint", "smallint", "numeric", "real", "double", "text", "character"},
    [SLIP_TYPE_BOOL] = {"boolean", "text", "character"},
    [SLIP_TYPE_DATE] = {"date", "timestamp", "text", "character"},
    [SLIP_TYPE_DATETIME] = {"date", "timestamp", "text", "character"},
    [SLIP_TYPE_DECIMAL]
    = {"integer", "bigint", "smallint", "numeric", "real", "double", "text", "character"},
    [SLIP_TYPE_DICT] = {"json", "text", "character"},
};

static gboolean
is_assignable (SlipType type, const SlipCatalogueColumn *column)
{
  const char *to = column->type;

  if (column->labels != NULL)
    return type == SLIP_TYPE_STR;
  for (gsize i = 0; i < G_N_ELEMENTS (assignable[type]) && assignable[type][i] != NULL; i++)
    if (g_str_has_prefix (to, assignable[type][i]) && !g_str_has_suffix (to, "[]"))
      return TRUE;
  return FALSE;
}

static char *
dup_type (const SlipCatalogueColumn *column)
{
  g_autofree char *labels = column->labels != NULL ? g_strjoinv (", ", column->labels) : NULL;
  g_autofree char *type = labels != NULL ? g_strdup_printf ("%s, one of %s", column->type, labels)
                                         : g_strdup (column->type);

  return column->domain != NULL ? g_strdup_printf ("%s, a domain over %s", column->domain, type)
                                : g_steal_pointer (&type);
}

static gboolean
is_filled (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  GPtrArray *steps = slip_migration_get_steps (check->migration);

  if (column->source_columns != NULL || column->default_value != NULL || column->calculated != NULL)
    return TRUE;
  for (guint i = 0; i < steps->len; i++)
    {
      const SlipStep *step = g_ptr_array_index (steps, i);

      for (guint k = 0; step->mapping == mapping && k < step->columns->len; k++)
        if (g_str_equal (((SlipNamedSql *)g_ptr_array_index (step->columns, k))->name,
                         column->target))
          return TRUE;
    }
  return FALSE;
}

/* The most characters that a column takes; 0 when that has no limit. */
static gsize
get_limit (const char *type)
{
  const char *open = g_str_has_prefix (type, "character") ? strchr (type, '(') : NULL;

  return open != NULL ? (gsize)g_ascii_strtoull (open + 1, NULL, 10) : 0;
}

static void
check_length (SlipCheck *check,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              const char *type)
{
  const char *text = slip_json_node_string (column->default_value);
  const SlipLookup *lookup = column->lookup != NULL && column->transformation == NULL
                                 ? slip_definitions_find_lookup (check->definitions, column->lookup)
                                 : NULL;
  gsize limit = get_limit (type);

  if (limit == 0)
    return;
  if (text != NULL && (gsize)g_utf8_strlen (text, -1) > limit)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "default_value", NULL, "“%s” is longer than the target's %s", text,
                            type);
  for (guint i = 0; lookup != NULL && i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);
      g_autofree char *value = slip_value_dup_text (entry->value);

      if ((gsize)g_utf8_strlen (value, -1) > limit)
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, lookup->file, PARTS (entry->code),
                                   NULL, "“%s” is longer than %s of the target's %s.%s", value,
                                   type, column->table, column->target);
    }
}

static gboolean
has_label (const SlipCatalogueColumn *column, const char *value)
{
  /* Blanks become NULL. */
  return *value == '\0' || g_strv_contains ((const char *const *)column->labels, value);
}

/* What lookups and defaults give must be values of the enum. */
static void
check_labels (SlipCheck *check,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              const SlipCatalogueColumn *found)
{
  const char *text = slip_json_node_string (column->default_value);
  const SlipLookup *lookup = column->lookup != NULL && column->transformation == NULL
                                 ? slip_definitions_find_lookup (check->definitions, column->lookup)
                                 : NULL;
  g_autofree char *labels = NULL;

  if (found->labels == NULL)
    return;
  labels = g_strjoinv (", ", found->labels);
  if (text != NULL && !g_str_equal (text, "none") && !has_label (found, text)
      && (lookup == NULL || slip_lookup_find (lookup, text) == NULL))
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "default_value", NULL, "“%s” is none of the target's %s: %s", text,
                            found->type, labels);
  for (guint i = 0; lookup != NULL && i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);
      g_autofree char *value = slip_value_dup_text (entry->value);

      if (value != NULL && !has_label (found, value))
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, lookup->file, PARTS (entry->code),
                                   "Add it to the target's type, or mend the lookup",
                                   "“%s” is none of %s of the target's %s.%s: %s", value,
                                   found->type, column->table, column->target, labels);
    }
}

static void
check_column (SlipCheck *check,
              const SlipMapping *mapping,
              const SlipMappingColumn *column,
              const char *table)
{
  const SlipCatalogueColumn *found
      = slip_catalogue_find_column (check->target, table, column->target);
  gboolean strict = slip_migration_is_strict (check->migration);

  if (found != NULL)
    {
      g_autofree char *type = dup_type (found);

      if (!is_assignable (column->type, found))
        SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "sirius_details",
                                "data_type", NULL,
                                "%s cannot be put into the target's %s.%s, which is %s",
                                slip_type_get_name (column->type), table, column->target, type);
      check_length (check, mapping, column, found->type);
      check_labels (check, mapping, column, found);
      return;
    }
  if (g_str_has_prefix (column->target, "__") || !is_filled (check, mapping, column))
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_NOTE, mapping, column, NULL, NULL, NULL,
                            "the target's %s has no such column, and nothing would fill it", table);
  else
    SLIP_CHECK_TELL_COLUMN (check, strict ? SLIP_SEVERITY_ERROR : SLIP_SEVERITY_WARNING, mapping,
                            column, NULL, NULL, "Take the column out, or add it to the target",
                            "the target's %s has no such column: its values go nowhere", table);
}

static gboolean
is_mapped (SlipCheck *check, const char *table, const char *column)
{
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);

  for (guint i = 0; i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);
      const SlipMapping *mapping
          = slip_definitions_find_mapping (check->definitions, definition->name);

      if (g_strcmp0 (definition->destination, table) == 0 && mapping != NULL
          && slip_mapping_find_column (mapping, column) != NULL)
        return TRUE;
    }
  return FALSE;
}

static void
check_needed (SlipCheck *check, const SlipTargetTable *table)
{
  GPtrArray *columns = slip_catalogue_find (check->target, table->name);

  for (guint i = 0; i < columns->len; i++)
    {
      const SlipCatalogueColumn *column = g_ptr_array_index (columns, i);

      if (column->needed && !is_mapped (check, table->name, column->name))
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE,
                                   PARTS (table->name), "Add it to the mappings of the table",
                                   "the target's %s.%s must not be NULL, and no mapping has it",
                                   table->name, column->name);
    }
}

static void
need_column (SlipCheck *check, const SlipTargetTable *table, const char *member, const char *column)
{
  if (column != NULL && slip_catalogue_find_column (check->target, table->name, column) == NULL)
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE,
                               PARTS (table->name, member), NULL,
                               "the target's %s has no column “%s”", table->name, column);
}

/* What a key of whole numbers is written in, as format_type() tells it. A domain's is looked for as a text behind the load. */
static gboolean
is_number (const SlipCatalogueColumn *column)
{
  return column->labels == NULL && column->domain == NULL
         && g_regex_match_simple (
             "^(smallint|integer|bigint|real|double precision|numeric(\\([0-9]+,0\\))?)$",
             column->type, 0, 0);
}

/* Integration numbers new rows past the largest key that is there. */
static void
check_key (SlipCheck *check, const SlipTargetTable *table)
{
  const SlipCatalogueColumn *column
      = table->primary_key != NULL
            ? slip_catalogue_find_column (check->target, table->name, table->primary_key)
            : NULL;
  g_autofree char *type = NULL;

  if (column == NULL || is_number (column) || !slip_migration_check_is_filled (check, table->name))
    return;
  type = dup_type (column);
  slip_migration_check_tell (
      check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE, PARTS (table->name, "pk"),
      "Name the column that holds the rows' numbers",
      "the target's %s.%s is %s, and keys of new rows are whole numbers past the largest%s",
      table->name, column->name, type,
      column->domain != NULL ? ", of a type of PostgreSQL's own and of no domain" : "");
}

static void
check_table (SlipCheck *check, const SlipTargetTable *table)
{
  if (slip_catalogue_find (check->target, table->name) == NULL)
    {
      slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE,
                                 PARTS (table->name), NULL, "the target has no table “%s”",
                                 table->name);
      return;
    }
  check_needed (check, table);
  need_column (check, table, "pk", table->primary_key);
  check_key (check, table);
  for (guint i = 0; i < table->foreign_keys->len; i++)
    need_column (check, table, "fks",
                 ((SlipForeignKey *)g_ptr_array_index (table->foreign_keys, i))->column);
  for (guint i = 0; table->order_by[i] != NULL; i++)
    need_column (check, table, "order_by", table->order_by[i]);
  for (guint i = 0; table->existing != NULL && table->existing->keep_columns[i] != NULL; i++)
    need_column (check, table, "existing_data", table->existing->keep_columns[i]);
  if (table->existing != NULL)
    need_column (check, table, "existing_data", table->existing->match_field);
  for (guint i = 0; i < table->sequences->len; i++)
    {
      const SlipTargetSequence *sequence = g_ptr_array_index (table->sequences, i);

      need_column (check, table, "sequences", sequence->column);
      if (sequence->name != NULL && !slip_catalogue_has_sequence (check->target, sequence->name))
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, SLIP_CHECK_TABLES_FILE,
                                   PARTS (table->name, "sequences"), NULL,
                                   "the target has no sequence “%s”", sequence->name);
    }
}

static void
check_copies (SlipCheck *check)
{
  static const char file[] = "tables_to_copy_from_sirius.json";
  GPtrArray *tables = slip_definitions_get_copy_tables (check->definitions);

  for (guint i = 0; i < tables->len; i++)
    {
      const SlipCopyTable *table = g_ptr_array_index (tables, i);

      for (guint k = 0; k < table->columns->len; k++)
        {
          const SlipCopyColumn *column = g_ptr_array_index (table->columns, k);

          if (slip_catalogue_find_column (check->target, table->name, column->name) == NULL)
            slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, file,
                                       PARTS (table->name, column->name), NULL,
                                       "the target has no column %s.%s", table->name, column->name);
        }
    }
}

void
slip_migration_check_target_columns (SlipCheck *check)
{
  GPtrArray *definitions = slip_definitions_get_table_definitions (check->definitions);
  GPtrArray *tables = slip_definitions_get_target_tables (check->definitions);

  for (guint i = 0; i < definitions->len; i++)
    {
      const SlipTableDefinition *definition = g_ptr_array_index (definitions, i);
      const SlipMapping *mapping
          = slip_definitions_find_mapping (check->definitions, definition->name);

      if (mapping == NULL || definition->destination == NULL
          || slip_catalogue_find (check->target, definition->destination) == NULL)
        continue;
      for (guint k = 0; k < mapping->columns->len; k++)
        check_column (check, mapping, g_ptr_array_index (mapping->columns, k),
                      definition->destination);
    }
  for (guint i = 0; i < tables->len; i++)
    check_table (check, g_ptr_array_index (tables, i));
  check_copies (check);
}
