/* SPDX-License-Identifier: MIT */
/* Rows of a case in memory, and the values that rows of other tables are found by. A case is small: what does not fit in
 * memory is no case. */

#include "slip-case-private.h"

#include <string.h>

/* ---- tuples */

SlipCaseTuples *
slip_case_tuples_new (guint n)
{
  SlipCaseTuples *self = g_new0 (SlipCaseTuples, 1);

  self->columns = g_new0 (char *, n + 1);
  self->tuples = g_ptr_array_new_with_free_func ((GDestroyNotify)g_strfreev);
  self->index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
slip_case_tuples_free (SlipCaseTuples *self)
{
  if (self == NULL)
    return;
  g_strfreev (self->columns);
  g_ptr_array_unref (self->tuples);
  g_hash_table_unref (self->index);
  g_free (self);
}

char *
slip_case_tuple_text (const char *const *values, guint n)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < n; i++)
    if (values[i] == NULL)
      g_string_append (text, "-;");
    else
      g_string_append_printf (text, "%" G_GSIZE_FORMAT ":%s;", strlen (values[i]), values[i]);
  return g_string_free (text, FALSE);
}

void
slip_case_tuples_add (SlipCaseTuples *self, const char *const *values)
{
  guint n = g_strv_length (self->columns);
  char **copy;

  for (guint i = 0; i < n; i++)
    if (values[i] == NULL || *values[i] == '\0')
      return;
  if (!g_hash_table_add (self->index, slip_case_tuple_text (values, n)))
    return;
  copy = g_new0 (char *, n + 1);
  for (guint i = 0; i < n; i++)
    copy[i] = g_strdup (values[i]);
  g_ptr_array_add (self->tuples, copy);
}

gboolean
slip_case_tuples_has (const SlipCaseTuples *self, const char *const *values)
{
  g_autofree char *text = slip_case_tuple_text (values, g_strv_length (self->columns));

  return g_hash_table_contains (self->index, text);
}

/* ---- rows */

static void
free_values (char **values, guint n)
{
  for (guint i = 0; i < n; i++)
    g_free (values[i]);
  g_free (values);
}

SlipCaseRows *
slip_case_rows_new (const char *table, char **columns)
{
  SlipCaseRows *self = g_new0 (SlipCaseRows, 1);

  self->table = g_strdup (table);
  self->columns = columns;
  self->n = g_strv_length (columns);
  self->rows = g_ptr_array_new ();
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
slip_case_rows_free (SlipCaseRows *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < self->rows->len; i++)
    {
      SlipCaseRow *row = g_ptr_array_index (self->rows, i);

      free_values (row->values, self->n);
      g_free (row->anchor);
      g_free (row);
    }
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->ids);
  g_strfreev (self->columns);
  g_free (self->table);
  g_free (self);
}

int
slip_case_rows_find_column (const SlipCaseRows *self, const char *column)
{
  for (guint i = 0; i < self->n; i++)
    if (g_str_equal (self->columns[i], column))
      return (int)i;
  return -1;
}

void
slip_case_rows_add (SlipCaseRows *self,
                    const char *id,
                    const char *const *values,
                    const char *anchor)
{
  SlipCaseRow *row;

  if (!g_hash_table_add (self->ids, g_strdup (id)))
    return;
  row = g_new0 (SlipCaseRow, 1);
  row->values = g_new0 (char *, self->n + 1);
  for (guint i = 0; i < self->n; i++)
    row->values[i] = g_strdup (values[i]);
  row->anchor = g_strdup (anchor);
  g_ptr_array_add (self->rows, row);
}
