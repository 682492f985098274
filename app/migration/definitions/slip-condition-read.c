/* SPDX-License-Identifier: MIT */
/* The conditions of a table definition. In the file an operator's name and a column's name stand in the
 * same place, so what a member means is told by its name first and by its value then. */

#include "slip-definitions-private.h"
#include "slip-json.h"

#include <stdio.h>

typedef void (*ReadFunc) (SlipReader *reader, JsonObject *object, SlipCondition *condition);

static void read_timestamp (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_compare (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_invoices (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_since (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_first (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_values (SlipReader *reader, JsonObject *object, SlipCondition *condition);
static void read_latest (SlipReader *reader, JsonObject *object, SlipCondition *condition);

static const struct
{
  const char *name;
  ReadFunc read; /* NULL: no member has this name */
} operators[] = {
    [SLIP_CONDITION_CONVERT_TO_TIMESTAMP] = {"convert_to_timestamp", read_timestamp},
    [SLIP_CONDITION_GREATER_THAN] = {"greater_than", read_compare},
    [SLIP_CONDITION_LESS_THAN] = {"less_than", read_compare},
    [SLIP_CONDITION_RECENT_OR_OPEN_INVOICES] = {"recent_or_open_invoices", read_invoices},
    [SLIP_CONDITION_DATE_SINCE] = {"date_since", read_since},
    [SLIP_CONDITION_FIRST_X_CHARS] = {"first_x_chars", read_first},
    [SLIP_CONDITION_EXCLUDE_VALUES] = {"exclude_values", read_values},
    [SLIP_CONDITION_INCLUDE_VALUES] = {"include_values", read_values},
    [SLIP_CONDITION_NOT_NULL] = {"not null", NULL},
    [SLIP_CONDITION_LATEST] = {"latest", read_latest},
    [SLIP_CONDITION_EQUAL] = {"=", NULL},
};

const char *
slip_condition_op_get_name (SlipConditionOp op)
{
  g_return_val_if_fail ((gsize)op < G_N_ELEMENTS (operators), NULL);

  return operators[op].name;
}

void
slip_condition_free (SlipCondition *condition)
{
  g_free (condition->column);
  g_strfreev (condition->values);
  g_free (condition->date);
  g_free (condition->time_column);
  g_free (condition->result_column);
  g_free (condition->per);
  g_free (condition);
}

static void
read_timestamp (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"date", "time", NULL};

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "date");
  condition->time_column = slip_reader_need_string (reader, object, "time");
}

static void
read_compare (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"col", "value", NULL};

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "col");
  condition->value = slip_reader_get_number (reader, object, "value");
}

static void
read_invoices (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"date_col", "tax_year_from", NULL};

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "date_col");
  condition->number = slip_reader_get_int (reader, object, "tax_year_from", 0);
  if (condition->number < 1 || condition->number > 9999)
    SLIP_READER_FAULT (reader, "tax_year_from", "Give a year such as 2019", "this is no year");
}

/* dd/mm/yyyy as the original writes it, or an ISO date. */
static char *
dup_date (const char *text)
{
  guint year;
  guint month;
  guint day;
  int end = 0;

  if (text == NULL)
    return NULL;
  if (sscanf (text, "%2u/%2u/%4u%n", &day, &month, &year, &end) != 3 || text[end] != '\0')
    if (sscanf (text, "%4u-%2u-%2u%n", &year, &month, &day, &end) != 3 || text[end] != '\0')
      return NULL;
  if (!g_date_valid_dmy ((GDateDay)day, month <= 12 ? (GDateMonth)month : G_DATE_BAD_MONTH,
                         (GDateYear)year))
    return NULL;
  return g_strdup_printf ("%04u-%02u-%02u", year, month, day);
}

static void
read_since (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"col", "date", NULL};
  g_autofree char *date = slip_reader_need_string (reader, object, "date");

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "col");
  condition->date = dup_date (date);
  if (date != NULL && condition->date == NULL)
    SLIP_READER_FAULT (reader, "date", "Write it as day/month/year, such as 31/03/2021",
                       "“%s” is no date", date);
}

static void
read_first (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"col", "num", "result_col", NULL};

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "col");
  condition->result_column = slip_reader_need_string (reader, object, "result_col");
  condition->number = slip_reader_get_int (reader, object, "num", 0);
  if (condition->number < 1 || condition->number > G_MAXINT)
    SLIP_READER_FAULT (reader, "num", "Give how many characters",
                       "a whole number above 0 is missing");
}

static void
read_values (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"col", "values", NULL};
  gsize place = slip_reader_enter (reader, "values");

  condition->values = slip_reader_dup_values (reader, json_object_get_member (object, "values"));
  slip_reader_leave (reader, place);
  if (condition->values[0] == NULL)
    SLIP_READER_FAULT (reader, "values", "Give a list of texts", "there are no values");
  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "col");
}

static void
read_latest (SlipReader *reader, JsonObject *object, SlipCondition *condition)
{
  static const char *const known[] = {"col", "per", NULL};

  slip_reader_check_members (reader, object, known);
  condition->column = slip_reader_need_string (reader, object, "col");
  condition->per = slip_reader_need_string (reader, object, "per");
}

static void
read_plain (SlipReader *reader, const char *name, JsonNode *node, SlipCondition *condition)
{
  gboolean not_null = g_strcmp0 (slip_json_node_string (node), "not null") == 0;

  condition->op = not_null ? SLIP_CONDITION_NOT_NULL : SLIP_CONDITION_EQUAL;
  condition->column = g_strdup (name);
  condition->values = not_null ? NULL : slip_reader_dup_values (reader, node);
}

static void
read_condition (SlipReader *reader, const char *name, JsonNode *node, gpointer conditions)
{
  SlipCondition *condition = g_new0 (SlipCondition, 1);

  g_ptr_array_add (conditions, condition);
  for (gsize i = 0; i < G_N_ELEMENTS (operators); i++)
    if (operators[i].read != NULL && g_str_equal (name, operators[i].name))
      {
        JsonObject *object = slip_reader_as_object (reader, node);

        condition->op = (SlipConditionOp)i;
        if (object != NULL)
          operators[i].read (reader, object, condition);
        else
          g_ptr_array_remove (conditions, condition);
        return;
      }
  if (JSON_NODE_HOLDS_VALUE (node))
    {
      read_plain (reader, name, node, condition);
      return;
    }
  SLIP_READER_FAULT (reader, NULL,
                     "Conditions are exclude_values, include_values, greater_than, less_than, "
                     "date_since, first_x_chars, recent_or_open_invoices, convert_to_timestamp and "
                     "latest with an object, or a column with a value or “not null”",
                     "there is no condition “%s”", name);
  g_ptr_array_remove (conditions, condition);
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const SlipCondition *one = *(const SlipCondition *const *)a;
  const SlipCondition *two = *(const SlipCondition *const *)b;

  return (int)one->op - (int)two->op;
}

GPtrArray *
slip_conditions_read (SlipReader *reader, JsonObject *object)
{
  GPtrArray *conditions = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_condition_free);

  slip_reader_each (reader, object, read_condition, conditions);
  g_ptr_array_sort (conditions, compare);
  return conditions;
}
