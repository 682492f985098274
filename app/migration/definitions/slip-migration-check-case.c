/* SPDX-License-Identifier: MIT */
/* What would keep a case from leaving: tables that follow none above them, links whose sides become different, and columns
 * without a class. `migrate case` refuses all of it; here it is told before somebody needs a case in a hurry. */

#include "slip-migration-check-private.h"

#define PARTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static gboolean
stands_before (const SlipCase *extract, guint end, const char *table)
{
  if (g_strcmp0 (extract->key_table, table) == 0)
    return TRUE;
  for (guint i = 0; i < end; i++)
    if (g_strcmp0 (((const SlipCaseTable *)g_ptr_array_index (extract->tables, i))->table, table)
        == 0)
      return TRUE;
  return FALSE;
}

static void
check_link (SlipCheck *check, const char *place, const char *table, const char *column)
{
  const SlipCase *extract = slip_migration_get_case (check->migration);
  const char *class_name = table != NULL ? slip_case_get_class (extract, table, column) : NULL;

  if (class_name != NULL && !g_str_equal (class_name, "key") && !g_str_equal (class_name, "keep"))
    slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar,
                               PARTS ("case", "classes", table, column),
                               "Only key and keep leave rows where they are found",
                               "the column links rows at %s and is of class %s", place, class_name);
}

static void
check_pair (SlipCheck *check, const char *place, const SlipCaseTable *table, const SlipPair *pair)
{
  const SlipCase *extract = slip_migration_get_case (check->migration);
  const char *left = slip_case_get_class (extract, table->of, pair->left);
  const char *right = slip_case_get_class (extract, table->table, pair->right);

  check_link (check, place, table->of, pair->left);
  check_link (check, place, table->table, pair->right);
  if (left != NULL && right != NULL && !g_str_equal (left, right))
    slip_migration_check_tell (
        check, SLIP_SEVERITY_ERROR, check->sidecar,
        PARTS ("case", "tables", place, "on", pair->left), "Give both the same class",
        "“%s” is of class %s and “%s” of class %s", pair->left, left, pair->right, right);
}

static void
check_tables (SlipCheck *check, const SlipCase *extract)
{
  for (guint i = 0; i < extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (extract->tables, i);
      g_autofree char *place = g_strdup_printf ("%u", i);

      if (table->table == NULL || table->of == NULL)
        continue; /* told when it was read */
      if (!stands_before (extract, i, table->of))
        slip_migration_check_tell (check, SLIP_SEVERITY_ERROR, check->sidecar,
                                   PARTS ("case", "tables", place, "of"),
                                   "Put the table that is followed above it",
                                   "no table “%s” stands before “%s”", table->of, table->table);
      for (guint k = 0; k < table->on->len; k++)
        check_pair (check, place, table, g_ptr_array_index (table->on, k));
    }
}

static void
check_classes (SlipCheck *check, const char *table)
{
  const SlipCase *extract = slip_migration_get_case (check->migration);
  GPtrArray *columns = slip_catalogue_find (check->source, table);
  g_autoptr (GString) missing = g_string_new (NULL);

  for (guint i = 0; columns != NULL && i < columns->len; i++)
    {
      const SlipCatalogueColumn *column = g_ptr_array_index (columns, i);

      if (!g_str_equal (column->name, "casrec_row_id")
          && slip_case_get_class (extract, table, column->name) == NULL)
        g_string_append_printf (missing, "%s“%s”", missing->len > 0 ? ", " : "", column->name);
    }
  if (missing->len > 0)
    slip_migration_check_tell (check, SLIP_SEVERITY_WARNING, check->sidecar,
                               PARTS ("case", "classes", table),
                               "Until each has a class no case leaves, see migrate case",
                               "columns of the source have no class: %s", missing->str);
}

void
slip_migration_check_case (SlipCheck *check)
{
  const SlipCase *extract = slip_migration_get_case (check->migration);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  if (extract == NULL || extract->key_table == NULL || extract->key_column == NULL)
    return;
  check_link (check, "the key", extract->key_table, extract->key_column);
  check_tables (check, extract);
  if (check->source == NULL)
    return;
  check_classes (check, extract->key_table);
  g_hash_table_add (seen, extract->key_table);
  for (guint i = 0; i < extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (extract->tables, i);

      if (table->table != NULL && g_hash_table_add (seen, table->table))
        check_classes (check, table->table);
    }
}
