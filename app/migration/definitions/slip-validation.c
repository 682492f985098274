/* SPDX-License-Identifier: MIT */
/* Validations: how what should be in the target is computed from the source, and how what is there is
 * read. The SQL in them is kept as it is written, placeholders and all. */

#include "slip-definitions-private.h"

static void
slip_validation_column_free (SlipValidationColumn *column)
{
  g_free (column->column);
  g_free (column->sql);
  g_free (column);
}

static void
slip_validation_order_free (SlipValidationOrder *order)
{
  g_free (order->column);
  g_free (order->mapping);
  g_free (order->mapping_column);
  g_free (order);
}

static void
clear_side (SlipValidationSide *side)
{
  g_free (side->from_table);
  g_ptr_array_unref (side->transform);
  g_strfreev (side->joins);
  g_free (side->exception_table_join);
  g_strfreev (side->where_clauses);
}

void
slip_validation_free (SlipValidation *validation)
{
  g_free (validation->name);
  g_strfreev (validation->exclude);
  g_free (validation->case_mapping);
  g_free (validation->case_column);
  g_ptr_array_unref (validation->order);
  clear_side (&validation->expected);
  clear_side (&validation->actual);
  g_free (validation->manual_column);
  g_strfreev (validation->manual_identifiers);
  g_free (validation);
}

static char **
dup_list (SlipReader *reader, JsonObject *object, const char *name)
{
  char **strings = slip_reader_dup_strings (reader, object, name);

  return strings != NULL ? strings : g_new0 (char *, 1);
}

static void
read_order (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  static const char *const known[] = {"mapping_table", "direction", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  g_autofree char *from = NULL;
  g_autofree char *direction = NULL;
  SlipValidationOrder *order;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  from = slip_reader_need_string (reader, object, "mapping_table");
  direction = slip_reader_dup_string (reader, object, "direction");
  if (direction != NULL && !g_str_equal (direction, "ASC") && !g_str_equal (direction, "DESC"))
    SLIP_READER_FAULT (reader, "direction", "Directions are ASC and DESC",
                       "there is no direction “%s”", direction);
  order = g_new0 (SlipValidationOrder, 1);
  order->column = g_strdup (name);
  order->descending = g_strcmp0 (direction, "DESC") == 0;
  slip_reader_split (reader, "mapping_table", from, '.', &order->mapping, &order->mapping_column);
  g_ptr_array_add (list, order);
}

static void
read_column (SlipReader *reader, const char *name, JsonNode *node, gpointer list)
{
  g_autofree char *sql = NULL;
  SlipValidationColumn *column;

  if (!JSON_NODE_HOLDS_VALUE (node))
    {
      SLIP_READER_FAULT (reader, NULL, NULL, "an expression is missing");
      return;
    }
  column = g_new0 (SlipValidationColumn, 1);
  column->column = g_strdup (name);
  column->sql = slip_value_dup_text (node);
  g_ptr_array_add (list, column);
}

static void
read_side (SlipReader *reader, JsonObject *object, const char *name, SlipValidationSide *side)
{
  static const char *const known[]
      = {"from_table", "transform", "joins", "exception_table_join", "where_clauses", NULL};
  JsonObject *section = slip_reader_need_object (reader, object, name);
  gsize place = slip_reader_enter (reader, name);
  gsize inner;

  side->transform = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_column_free);
  side->joins = NULL;
  if (section != NULL)
    {
      slip_reader_check_members (reader, section, known);
      side->from_table = slip_reader_dup_string (reader, section, "from_table");
      side->exception_table_join = slip_reader_dup_string (reader, section, "exception_table_join");
      side->joins = slip_reader_dup_strings (reader, section, "joins");
      side->where_clauses = slip_reader_dup_strings (reader, section, "where_clauses");
      inner = slip_reader_enter (reader, "transform");
      slip_reader_each (reader, slip_reader_get_object (reader, section, "transform"), read_column,
                        side->transform);
      slip_reader_leave (reader, inner);
    }
  slip_reader_leave (reader, place);
  side->joins = side->joins != NULL ? side->joins : g_new0 (char *, 1);
  side->where_clauses = side->where_clauses != NULL ? side->where_clauses : g_new0 (char *, 1);
}

static void
read_manual (SlipReader *reader, JsonObject *object, SlipValidation *validation)
{
  static const char *const known[] = {"column", "identifiers", NULL};

  slip_reader_check_members (reader, object, known);
  validation->manual_column = slip_reader_dup_string (reader, object, "column");
  validation->manual_identifiers = slip_reader_dup_strings (reader, object, "identifiers");
}

SlipValidation *
slip_validation_read (SlipReader *reader, const char *name, JsonObject *object)
{
  static const char *const known[]
      = {"exclude", "casenumber_source", "orderby", "casrec", "sirius", "manual_checks", NULL};
  SlipValidation *validation = g_new0 (SlipValidation, 1);
  g_autofree char *source = slip_reader_dup_string (reader, object, "casenumber_source");
  JsonObject *manual = slip_reader_get_object (reader, object, "manual_checks");
  gsize place;

  slip_reader_check_members (reader, object, known);
  validation->name = g_strdup (name);
  validation->exclude = dup_list (reader, object, "exclude");
  slip_reader_split (reader, "casenumber_source", source, '.', &validation->case_mapping,
                     &validation->case_column);
  validation->order = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_validation_order_free);
  place = slip_reader_enter (reader, "orderby");
  slip_reader_each (reader, slip_reader_get_object (reader, object, "orderby"), read_order,
                    validation->order);
  slip_reader_leave (reader, place);
  read_side (reader, object, "casrec", &validation->expected);
  read_side (reader, object, "sirius", &validation->actual);
  place = slip_reader_enter (reader, "manual_checks");
  if (manual != NULL)
    read_manual (reader, manual, validation);
  slip_reader_leave (reader, place);
  if (validation->manual_identifiers == NULL)
    validation->manual_identifiers = g_new0 (char *, 1);
  return validation;
}
