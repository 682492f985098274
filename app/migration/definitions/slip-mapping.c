/* SPDX-License-Identifier: MIT */
/* Mappings: how each column of a target table is filled from the source. Here they are read and looked
 * up in; whether what they name exists is the check's, and what they do is the compiler's. */

#include "slip-definitions-private.h"
#include "slip-json.h"

#include <math.h>

static const char *const type_names[]
    = {"str", "int", "bigint", "bool", "date", "datetime", "Decimal", "dict"};

static void
slip_mapping_column_free (SlipMappingColumn *column)
{
  g_free (column->target);
  g_free (column->parent_table);
  g_free (column->parent_column);
  g_free (column->table);
  g_free (column->entity);
  g_free (column->source_table);
  g_strfreev (column->source_columns);
  g_strfreev (column->aliases);
  g_free (column->transformation);
  g_free (column->lookup);
  g_clear_pointer (&column->default_value, json_node_unref);
  g_free (column->calculated);
  g_strfreev (column->additional_columns);
  g_free (column->sync);
  g_free (column);
}

void
slip_mapping_free (SlipMapping *mapping)
{
  g_free (mapping->name);
  g_free (mapping->file);
  g_ptr_array_unref (mapping->columns);
  g_free (mapping);
}

const char *
slip_type_get_name (SlipType type)
{
  g_return_val_if_fail ((gsize)type < G_N_ELEMENTS (type_names), NULL);

  return type_names[type];
}

gboolean
slip_type_find (const char *name, SlipType *type)
{
  for (gsize i = 0; name != NULL && i < G_N_ELEMENTS (type_names); i++)
    if (g_str_equal (name, type_names[i]))
      {
        *type = (SlipType)i;
        return TRUE;
      }
  return FALSE;
}

SlipType
slip_type_read (SlipReader *reader, JsonObject *object)
{
  g_autofree char *name = slip_reader_need_string (reader, object, "data_type");
  SlipType type = SLIP_TYPE_STR;

  if (name != NULL && !slip_type_find (name, &type))
    SLIP_READER_FAULT (reader, "data_type",
                       "Types are str, int, bigint, bool, date, datetime, Decimal and dict",
                       "there is no type “%s”", name);
  return type;
}

/* Python writes a float with a fraction, always, and with as few digits as tell it from its neighbours. */
static char *
dup_float (double value)
{
  char text[G_ASCII_DTOSTR_BUF_SIZE];

  for (int digits = 1; digits <= 17; digits++)
    {
      char format[8];

      g_snprintf (format, sizeof format, "%%.%dg", digits);
      g_ascii_formatd (text, sizeof text, format, value);
      if (g_ascii_strtod (text, NULL) == value)
        break;
    }
  if (fabs (value) < 1e16 && value == floor (value))
    {
      g_ascii_formatd (text, sizeof text, "%.0f", value);
      return g_strconcat (text, ".0", NULL);
    }
  return g_strdup (text);
}

char *
slip_value_dup_text (JsonNode *value)
{
  GType type;

  if (value == NULL || !JSON_NODE_HOLDS_VALUE (value))
    return g_strdup ("None");
  type = json_node_get_value_type (value);
  if (type == G_TYPE_STRING)
    return json_node_dup_string (value);
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (value) ? "True" : "False");
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (value));
  return dup_float (json_node_get_double (value));
}

const SlipMappingColumn *
slip_mapping_find_column (const SlipMapping *mapping, const char *target)
{
  g_return_val_if_fail (mapping != NULL && target != NULL, NULL);

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      if (g_str_equal (column->target, target))
        return column;
    }
  return NULL;
}

const SlipMappingColumn *
slip_mapping_find_alias (const SlipMapping *mapping, const char *alias, const char **source)
{
  g_return_val_if_fail (mapping != NULL && alias != NULL, NULL);

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      for (guint k = 0; column->aliases != NULL && column->aliases[k] != NULL; k++)
        if (g_str_equal (column->aliases[k], alias))
          {
            if (source != NULL)
              *source = column->source_columns[k];
            return column;
          }
    }
  if (source != NULL)
    *source = NULL;
  return NULL;
}

const char *
slip_mapping_get_source_table (const SlipMapping *mapping)
{
  g_return_val_if_fail (mapping != NULL, NULL);

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      if (column->source_table != NULL)
        return column->source_table;
    }
  return NULL;
}

static void
read_details (SlipReader *reader, JsonObject *object, SlipMappingColumn *column)
{
  static const char *const known[]
      = {"is_pk", "fk_parents", "data_type", "table_name", "entity", NULL};
  g_autofree char *parents = NULL;

  slip_reader_check_members (reader, object, known);
  column->type = slip_type_read (reader, object);
  column->primary_key = slip_reader_get_bool (reader, object, "is_pk");
  column->table = slip_reader_need_string (reader, object, "table_name");
  column->entity = slip_reader_dup_string (reader, object, "entity");
  parents = slip_reader_dup_string (reader, object, "fk_parents");
  slip_reader_split (reader, "fk_parents", parents, ':', &column->parent_table,
                     &column->parent_column);
}

/* An alias stands for each source column; where none is said it is the column's own name. */
static void
settle_aliases (SlipReader *reader, SlipMappingColumn *column)
{
  guint sources = column->source_columns != NULL ? g_strv_length (column->source_columns) : 0;
  guint aliases = column->aliases != NULL ? g_strv_length (column->aliases) : 0;

  if (aliases > 0 && aliases != sources)
    SLIP_READER_FAULT (reader, "alias", "Give one alias for each source column",
                       "there are %u aliases for %u source columns", aliases, sources);
  if (aliases != sources || sources == 0)
    {
      g_strfreev (column->aliases);
      column->aliases = sources > 0 ? g_strdupv (column->source_columns) : NULL;
    }
  if (sources == 0)
    g_clear_pointer (&column->source_columns, g_strfreev);
}

static void
read_transform (SlipReader *reader, JsonObject *object, SlipMappingColumn *column)
{
  static const char *const known[] = {"casrec_table",
                                      "casrec_column_name",
                                      "alias",
                                      "requires_transformation",
                                      "lookup_table",
                                      "default_value",
                                      "calculated",
                                      "additional_columns",
                                      NULL};
  g_autofree char *table = slip_reader_dup_string (reader, object, "casrec_table");

  slip_reader_check_members (reader, object, known);
  column->source_table = table != NULL ? g_utf8_strdown (table, -1) : NULL;
  column->source_columns = slip_reader_dup_strings (reader, object, "casrec_column_name");
  column->aliases = slip_reader_dup_strings (reader, object, "alias");
  settle_aliases (reader, column);
  column->transformation = slip_reader_dup_string (reader, object, "requires_transformation");
  column->lookup = slip_reader_dup_string (reader, object, "lookup_table");
  column->default_value = slip_reader_dup_scalar (reader, object, "default_value");
  column->calculated = slip_reader_dup_string (reader, object, "calculated");
  column->additional_columns = slip_reader_dup_strings (reader, object, "additional_columns");
}

static void
read_section (SlipReader *reader,
              JsonObject *object,
              const char *name,
              void (*read) (SlipReader *reader, JsonObject *object, SlipMappingColumn *column),
              SlipMappingColumn *column)
{
  JsonObject *section = slip_reader_need_object (reader, object, name);
  gsize place = slip_reader_enter (reader, name);

  if (section != NULL)
    read (reader, section, column);
  slip_reader_leave (reader, place);
}

static void
read_status (SlipReader *reader, JsonObject *object, SlipMappingColumn *column)
{
  static const char *const known[] = {"is_complete", NULL};

  slip_reader_check_members (reader, object, known);
  column->complete = slip_reader_get_bool (reader, object, "is_complete");
}

static void
read_prepare (SlipReader *reader, JsonObject *object, SlipMappingColumn *column)
{
  static const char *const known[] = {"sync", NULL};

  slip_reader_check_members (reader, object, known);
  column->sync = slip_reader_dup_string (reader, object, "sync");
}

static void
read_column (SlipReader *reader, const char *name, JsonNode *node, gpointer columns)
{
  static const char *const known[]
      = {"mapping_status", "sirius_details", "transform_casrec", "prepare", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  SlipMappingColumn *column;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  column = g_new0 (SlipMappingColumn, 1);
  column->target = g_strdup (name);
  g_ptr_array_add (columns, column);
  read_section (reader, object, "mapping_status", read_status, column);
  read_section (reader, object, "sirius_details", read_details, column);
  read_section (reader, object, "transform_casrec", read_transform, column);
  read_section (reader, object, "prepare", read_prepare, column);
}

SlipMapping *
slip_mapping_read (SlipReader *reader, const char *name, JsonObject *root)
{
  SlipMapping *mapping = g_new0 (SlipMapping, 1);

  mapping->name = g_strdup (name);
  mapping->file = g_strdup (reader->file);
  mapping->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_mapping_column_free);
  slip_reader_each (reader, root, read_column, mapping->columns);
  if (mapping->columns->len == 0)
    slip_reader_tell (reader, SLIP_SEVERITY_WARNING, NULL, NULL, "the mapping has no columns");
  return mapping;
}
