/* SPDX-License-Identifier: MIT */
/* The check's look at mappings: transformations and lookups that exist, types that fit, aliases that are one
 * column's alone, constants that do not contradict each other. */

#include "slip-json.h"
#include "slip-migration-check-private.h"

#include <stdio.h>
#include <string.h>

#define TEXT (1u << SLIP_TYPE_STR)
#define WHOLE (1u << SLIP_TYPE_INT | 1u << SLIP_TYPE_BIGINT)
#define NUMBER (WHOLE | 1u << SLIP_TYPE_DECIMAL)
#define TRUTH (1u << SLIP_TYPE_BOOL)
#define TIME (1u << SLIP_TYPE_DATE | 1u << SLIP_TYPE_DATETIME)
#define JSON (1u << SLIP_TYPE_DICT)
#define ANY 0xffu

/* Every transformation, with how many source columns it takes and what types it can fill. */
static const struct
{
  const char *name;
  guint least;
  guint most;
  guint types;
} transformations[] = {
    {"squash_columns", 1, G_MAXUINT, JSON | TEXT},
    {"convert_to_bool", 1, 1, TRUTH | TEXT},
    {"get_max_col", 1, G_MAXUINT, ANY},
    {"capitalise", 1, 1, TEXT},
    {"multiply_by_100", 1, 1, NUMBER | TEXT},
    {"absolute_value", 1, 1, NUMBER | TEXT},
    {"money_poundPence", 1, 1, NUMBER | TEXT},
    {"first_two_chars", 1, 1, TEXT},
    {"add_one_year", 1, 1, TIME | TEXT},
    {"start_of_tax_year", 1, 1, TIME | TEXT},
    {"end_of_tax_year", 1, 1, TIME | TEXT},
    {"fee_reduction_end_date", 1, 1, TIME | TEXT},
    {"credit_type_from_invoice_ref", 1, 1, TEXT},
    {"calculate_duedate", 1, 1, TIME | TEXT},
    {"calculate_startdate", 1, 1, TIME | TEXT},
    {"is_at_least_one_set", 1, G_MAXUINT, TRUTH | TEXT},
    {"coalesce", 1, G_MAXUINT, ANY},
    {"convert_to_timestamp", 2, 2, TIME | TEXT},
    {"first_word", 1, 1, TEXT},
    {"last_words", 1, 1, TEXT},
    {"capitalise_first_letter", 1, 1, TEXT},
    {"unique_number", 0, G_MAXUINT, NUMBER | TEXT},
    {"conditional_lookup", 1, 1, ANY},
};

static int
find_transformation (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (transformations); i++)
    if (g_str_equal (transformations[i].name, name))
      return (int)i;
  return -1;
}

gboolean
slip_transformation_is_known (const char *name)
{
  return name != NULL && find_transformation (name) >= 0;
}

static void
check_conditional (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  if (column->lookup == NULL)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "lookup_table", "Name the lookup that says when the value counts",
                            "conditional_lookup has no lookup");
  if (column->additional_columns == NULL || g_strv_length (column->additional_columns) != 1)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "additional_columns",
                            "Name the one column that the lookup is asked with",
                            "conditional_lookup needs one additional column");
  if (column->source_columns != NULL
      && !g_str_equal (column->aliases[0], column->source_columns[0]))
    SLIP_CHECK_TELL_COLUMN (
        check, SLIP_SEVERITY_WARNING, mapping, column, "transform_casrec", "alias",
        "Give the plain alias to this column, and the numbered one to the other",
        "conditional_lookup compares with the alias “%s”, which is not the column's name: it "
        "always "
        "gives NULL",
        column->aliases[0]);
}

static char *
dup_transformations (void)
{
  g_autoptr (GString) text = g_string_new ("There are");

  for (gsize i = 0; i < G_N_ELEMENTS (transformations); i++)
    g_string_append_printf (text, "%s %s", i > 0 ? "," : "", transformations[i].name);
  g_string_append (text, "; the original drops such a column silently");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
check_transformation (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  guint sources = column->source_columns != NULL ? g_strv_length (column->source_columns) : 0;
  int found = find_transformation (column->transformation);

  if (found < 0)
    {
      g_autofree char *there_are = dup_transformations ();

      SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                              "requires_transformation", there_are,
                              "there is no transformation “%s”", column->transformation);
      return;
    }
  if (sources < transformations[found].least || sources > transformations[found].most)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "casrec_column_name", NULL, "%s does not take %u source columns",
                            column->transformation, sources);
  if ((transformations[found].types & 1u << column->type) == 0)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "sirius_details",
                            "data_type", NULL, "%s does not give what fits a column of type %s",
                            column->transformation, slip_type_get_name (column->type));
  if (g_str_equal (column->transformation, "conditional_lookup"))
    check_conditional (check, mapping, column);
}

static gboolean
is_number (const char *text, gboolean whole)
{
  char *end = NULL;
  double value = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && (!whole || value == (double)(gint64)value);
}

static gboolean
is_day (const char *text)
{
  guint year;
  guint month;
  guint day;

  if (sscanf (text, "%4u-%2u-%2u", &year, &month, &day) != 3
      && sscanf (text, "%2u/%2u/%4u", &day, &month, &year) != 3)
    return FALSE;
  return month <= 12 && g_date_valid_dmy ((GDateDay)day, (GDateMonth)month, (GDateYear)year);
}

/* Whether a constant can stand in a column of a type. */
static gboolean
fits (JsonNode *value, SlipType type)
{
  GType is = json_node_get_value_type (value);
  const char *text = slip_json_node_string (value);
  g_autoptr (JsonNode) parsed = NULL;

  if (type == SLIP_TYPE_STR || (text != NULL && *text == '\0'))
    return TRUE;
  if (type == SLIP_TYPE_BOOL)
    return is == G_TYPE_BOOLEAN || (is == G_TYPE_INT64 && json_node_get_int (value) / 2 == 0)
           || (text != NULL
               && (g_ascii_strcasecmp (text, "true") == 0
                   || g_ascii_strcasecmp (text, "false") == 0));
  if (type == SLIP_TYPE_DATE || type == SLIP_TYPE_DATETIME)
    return text != NULL && is_day (text);
  if (type == SLIP_TYPE_DICT)
    return text != NULL && (parsed = slip_json_parse (text, -1, NULL)) != NULL;
  if (text != NULL)
    return is_number (text, type != SLIP_TYPE_DECIMAL);
  if (is == G_TYPE_DOUBLE && type != SLIP_TYPE_DECIMAL)
    return json_node_get_double (value) == (double)(gint64)json_node_get_double (value);
  return is != G_TYPE_BOOLEAN;
}

static void
check_default (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  g_autofree char *text = slip_value_dup_text (column->default_value);

  if (g_str_equal (text, "none") || fits (column->default_value, column->type))
    return;
  SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                          "default_value", NULL, "“%s” does not fit a column of type %s", text,
                          slip_type_get_name (column->type));
}

static void
check_lookup (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  const SlipLookup *lookup = slip_definitions_find_lookup (check->definitions, column->lookup);

  if (lookup == NULL)
    {
      if (slip_definitions_is_lookup_unread (check->definitions, column->lookup))
        return;
      SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                              "lookup_table", "Write it, or name one that is in lookups/",
                              "there is no lookup “%s”", column->lookup);
      return;
    }
  if (g_strcmp0 (column->transformation, "conditional_lookup") == 0)
    return;
  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);
      g_autofree char *text = slip_value_dup_text (entry->value);

      if (fits (entry->value, column->type))
        continue;
      SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                              "lookup_table", NULL,
                              "%s makes “%s” of “%s”, which does not fit a column of type %s",
                              lookup->file, text, entry->code, slip_type_get_name (column->type));
      return;
    }
}

static void
check_source (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  const char *table = slip_mapping_get_source_table (mapping);

  if (column->source_table != NULL && !g_str_equal (column->source_table, table))
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "casrec_table",
                            "One mapping reads one table; join the other in the sidecar",
                            "the column is read from “%s”, others of the mapping from “%s”",
                            column->source_table, table);
  if (column->source_table != NULL && column->source_columns == NULL)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_NOTE, mapping, column, "transform_casrec",
                            "casrec_column_name", NULL,
                            "a source table is named, and no column of it");
  if (column->source_table == NULL && column->source_columns != NULL)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "casrec_table",
                            "Name the table; the original drops such a column silently",
                            "a source column is named, and no table");
}

static void
check_column (SlipCheck *check, const SlipMapping *mapping, const SlipMappingColumn *column)
{
  static const char *const calculated[] = {"current_date", "uuid4", NULL};

  check_source (check, mapping, column);
  if (column->transformation != NULL)
    check_transformation (check, mapping, column);
  if (column->lookup != NULL)
    check_lookup (check, mapping, column);
  if (column->default_value != NULL)
    check_default (check, mapping, column);
  if (column->calculated != NULL && !g_strv_contains (calculated, column->calculated))
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "transform_casrec",
                            "calculated", "There are current_date and uuid4",
                            "there is no calculation “%s”", column->calculated);
  else if (column->calculated != NULL
           && ((g_str_equal (column->calculated, "uuid4") ? TEXT : TIME | TEXT)
               & 1u << column->type)
                  == 0)
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "sirius_details",
                            "data_type", NULL, "%s does not fit a column of type %s",
                            column->calculated, slip_type_get_name (column->type));
  if (column->sync != NULL && !g_str_equal (column->sync, "sync_lookup"))
    SLIP_CHECK_TELL_COLUMN (check, SLIP_SEVERITY_ERROR, mapping, column, "prepare", "sync",
                            "There is sync_lookup", "there is nothing to sync like “%s”",
                            column->sync);
}

/* The same name for two source columns is one of them lost; for one column twice, the original loses both. */
static void
check_alias (SlipCheck *check,
             const SlipMapping *mapping,
             const SlipMappingColumn *column,
             guint place,
             const SlipMappingColumn *other)
{
  const char *alias = column->aliases[place];
  const char *source = NULL;
  gboolean same;

  slip_mapping_find_alias (mapping, alias, &source);
  same = g_strcmp0 (source, column->source_columns[place]) == 0;
  SLIP_CHECK_TELL_COLUMN (check, same ? SLIP_SEVERITY_WARNING : SLIP_SEVERITY_ERROR, mapping,
                          column, "transform_casrec", "alias",
                          "Number them: “Name”, “Name 1”, “Name 2”",
                          "the alias “%s” is that of %s already", alias, other->target);
}

static void
check_aliases (SlipCheck *check, const SlipMapping *mapping)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < mapping->columns->len; i++)
    {
      const SlipMappingColumn *column = g_ptr_array_index (mapping->columns, i);

      for (guint k = 0; column->aliases != NULL && column->aliases[k] != NULL; k++)
        {
          const SlipMappingColumn *other = g_hash_table_lookup (seen, column->aliases[k]);

          if (other != NULL)
            check_alias (check, mapping, column, k, other);
          g_hash_table_insert (seen, column->aliases[k], (gpointer)column);
        }
    }
}

void
slip_migration_check_mappings (SlipCheck *check)
{
  GPtrArray *mappings = slip_definitions_get_mappings (check->definitions);

  for (guint i = 0; i < mappings->len; i++)
    {
      const SlipMapping *mapping = g_ptr_array_index (mappings, i);

      for (guint k = 0; k < mapping->columns->len; k++)
        check_column (check, mapping, g_ptr_array_index (mapping->columns, k));
      check_aliases (check, mapping);
    }
}
