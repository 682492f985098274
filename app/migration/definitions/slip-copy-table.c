/* SPDX-License-Identifier: MIT */
/* Tables of the target that the integration takes over as they are, so that keys of the source can be
 * matched with them. */

#include "slip-definitions-private.h"

static void
slip_copy_column_free (SlipCopyColumn *column)
{
  g_free (column->name);
  g_free (column->parent_table);
  g_free (column->parent_column);
  g_free (column);
}

void
slip_copy_table_free (SlipCopyTable *table)
{
  g_free (table->name);
  g_ptr_array_unref (table->columns);
  g_free (table);
}

static void
read_column (SlipReader *reader, const char *name, JsonNode *node, gpointer columns)
{
  static const char *const known[]
      = {"is_pk", "fk_parents", "data_type", "table_name", "entity", NULL};
  JsonObject *object = slip_reader_as_object (reader, node);
  g_autofree char *parents = NULL;
  SlipCopyColumn *column;

  if (object == NULL)
    return;
  slip_reader_check_members (reader, object, known);
  column = g_new0 (SlipCopyColumn, 1);
  column->name = g_strdup (name);
  column->type = slip_type_read (reader, object);
  column->primary_key = slip_reader_get_bool (reader, object, "is_pk");
  parents = slip_reader_dup_string (reader, object, "fk_parents");
  slip_reader_split (reader, "fk_parents", parents, ':', &column->parent_table,
                     &column->parent_column);
  g_ptr_array_add (columns, column);
}

SlipCopyTable *
slip_copy_table_read (SlipReader *reader, const char *name, JsonObject *object)
{
  SlipCopyTable *table = g_new0 (SlipCopyTable, 1);

  table->name = g_strdup (name);
  table->columns = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_copy_column_free);
  slip_reader_each (reader, object, read_column, table->columns);
  return table;
}
