/* SPDX-License-Identifier: MIT */
/* One case out of landed tables or files: which rows belong to it, whether every column of theirs may leave, and what
 * becomes of its values. Reading is in slip-case-source.c, what is written in slip-case-merge.c. */

#include "slip-case-private.h"

#include "slip-anonymise.h"

#include <string.h>

typedef struct
{
  SlipMigration *migration; /* borrowed */
  const SlipCase *extract;  /* borrowed */
  const SlipCaseOptions *options;
  SlipCaseSource *source; /* owned */
  GPtrArray *tables;      /* owned; element-type SlipCaseRows, the key's first */
  GPtrArray *others;      /* owned; element-type SlipCaseRows: tables of which a case has no row */
} Pull;

static void
pull_clear (Pull *pull)
{
  g_clear_pointer (&pull->source, slip_case_source_free);
  g_clear_pointer (&pull->tables, g_ptr_array_unref);
  g_clear_pointer (&pull->others, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pull, pull_clear)

static SlipCaseRows *
find_rows (Pull *pull, const char *table)
{
  for (guint i = 0; i < pull->tables->len; i++)
    {
      SlipCaseRows *rows = g_ptr_array_index (pull->tables, i);

      if (g_str_equal (rows->table, table))
        return rows;
    }
  return NULL;
}

static gboolean
add_table (Pull *pull, const char *table, GError **error)
{
  char **columns;

  if (find_rows (pull, table) != NULL)
    return TRUE;
  columns = slip_case_source_dup_columns (pull->source, table, error);
  if (columns == NULL)
    return FALSE;
  g_ptr_array_add (pull->tables, slip_case_rows_new (table, columns));
  return TRUE;
}

static gboolean
add_tables (Pull *pull, GError **error)
{
  if (!add_table (pull, pull->extract->key_table, error))
    return FALSE;
  for (guint i = 0; i < pull->extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (pull->extract->tables, i);

      if (find_rows (pull, table->of) == NULL)
        {
          SLIP_CASE_ERROR (error, DEFINITION,
                           "case: %s follows %s, which does not stand before it. Put %s above it",
                           table->table, table->of, table->of);
          return FALSE;
        }
      if (!add_table (pull, table->table, error))
        return FALSE;
    }
  return TRUE;
}

/* Steps read them too, so that a case can be run where nothing else is landed. Of their values nothing is read. */
static gboolean
add_others (Pull *pull, GError **error)
{
  g_auto (GStrv) names = slip_case_source_dup_tables (pull->source, error);

  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      char **columns;

      if (find_rows (pull, names[i]) != NULL)
        continue;
      columns = slip_case_source_dup_columns (pull->source, names[i], error);
      if (columns == NULL)
        return FALSE;
      g_ptr_array_add (pull->others, slip_case_rows_new (names[i], columns));
    }
  return names != NULL;
}

/* ---- what may leave */

static void
check_classes (Pull *pull, GString *faults)
{
  for (guint i = 0; i < pull->tables->len; i++)
    {
      const SlipCaseRows *rows = g_ptr_array_index (pull->tables, i);

      for (guint j = 0; j < rows->n; j++)
        if (slip_case_get_class (pull->extract, rows->table, rows->columns[j]) == NULL)
          g_string_append_printf (faults, "\n  %s.“%s” has no class", rows->table,
                                  rows->columns[j]);
    }
}

/* Rows are found again by these columns, so both sides must become the same. */
static void
check_link (
    Pull *pull, const char *table, const char *column, const char *other_class, GString *faults)
{
  const char *class_name = slip_case_get_class (pull->extract, table, column);
  const SlipCaseRows *rows = find_rows (pull, table);

  if (slip_case_rows_find_column (rows, column) < 0)
    g_string_append_printf (faults, "\n  %s has no column “%s”, by which its rows are found", table,
                            column);
  else if (class_name != NULL && !g_str_equal (class_name, "key")
           && !g_str_equal (class_name, "keep"))
    g_string_append_printf (faults,
                            "\n  %s.“%s” links rows and is of class %s; it must be key or keep",
                            table, column, class_name);
  else if (class_name != NULL && other_class != NULL && !g_str_equal (class_name, other_class))
    g_string_append_printf (faults, "\n  %s.“%s” is of class %s and what it links to of class %s",
                            table, column, class_name, other_class);
}

static gboolean
check (Pull *pull, GError **error)
{
  g_autoptr (GString) faults = g_string_new (NULL);

  check_classes (pull, faults);
  check_link (pull, pull->extract->key_table, pull->extract->key_column, NULL, faults);
  for (guint i = 0; i < pull->extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (pull->extract->tables, i);

      for (guint j = 0; j < table->on->len; j++)
        {
          const SlipPair *pair = g_ptr_array_index (table->on, j);

          check_link (pull, table->of, pair->left, NULL, faults);
          check_link (pull, table->table, pair->right,
                      slip_case_get_class (pull->extract, table->of, pair->left), faults);
        }
    }
  if (faults->len == 0)
    return TRUE;
  SLIP_CASE_ERROR (error, DEFINITION,
                   "nothing leaves. Give what is named a class in “case” of the sidecar:%s",
                   faults->str);
  return FALSE;
}

/* ---- which rows */

static SlipCaseTuples *
tuples_of_key (Pull *pull)
{
  SlipCaseTuples *tuples = slip_case_tuples_new (1);
  const char *values[] = {pull->options->key, NULL};

  tuples->columns[0] = g_strdup (pull->extract->key_column);
  slip_case_tuples_add (tuples, values);
  return tuples;
}

static SlipCaseTuples *
tuples_of_table (Pull *pull, const SlipCaseTable *table)
{
  SlipCaseTuples *tuples = slip_case_tuples_new (table->on->len);
  const SlipCaseRows *of = find_rows (pull, table->of);
  g_autofree const char **values = g_new0 (const char *, table->on->len + 1);

  for (guint i = 0; i < table->on->len; i++)
    tuples->columns[i] = g_strdup (((const SlipPair *)g_ptr_array_index (table->on, i))->right);
  for (guint i = 0; i < of->rows->len; i++)
    {
      const SlipCaseRow *row = g_ptr_array_index (of->rows, i);

      for (guint j = 0; j < table->on->len; j++)
        {
          const SlipPair *pair = g_ptr_array_index (table->on, j);

          values[j] = row->values[slip_case_rows_find_column (of, pair->left)];
        }
      slip_case_tuples_add (tuples, values);
    }
  return tuples;
}

static gboolean
select_rows (Pull *pull, GError **error)
{
  g_autoptr (SlipCaseTuples) key = tuples_of_key (pull);
  SlipCaseRows *first = g_ptr_array_index (pull->tables, 0);

  if (!slip_case_source_select (pull->source, first, key, error))
    return FALSE;
  if (first->rows->len == 0)
    {
      SLIP_CASE_ERROR (
          error, NOT_FOUND,
          "there is no case “%s”: no row of %s has it in “%s”. Letters and blanks count",
          pull->options->key, first->table, pull->extract->key_column);
      return FALSE;
    }
  for (guint i = 0; i < pull->extract->tables->len; i++)
    {
      const SlipCaseTable *table = g_ptr_array_index (pull->extract->tables, i);
      g_autoptr (SlipCaseTuples) tuples = tuples_of_table (pull, table);

      if (!slip_case_source_select (pull->source, find_rows (pull, table->table), tuples, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- what becomes of them */

static void
anonymise_rows (Pull *pull, SlipAnonymiser *anonymiser, SlipCaseRows *rows)
{
  for (guint i = 0; i < rows->n; i++)
    {
      const char *class_name = slip_case_get_class (pull->extract, rows->table, rows->columns[i]);

      for (guint j = 0; j < rows->rows->len; j++)
        {
          SlipCaseRow *row = g_ptr_array_index (rows->rows, j);
          char *value = row->values[i];

          if (value == NULL)
            continue;
          row->values[i] = slip_anonymiser_apply (anonymiser, class_name, value, row->anchor);
          g_free (value);
        }
    }
}

static char *
anonymise (Pull *pull)
{
  gsize length;
  const void *salt = g_bytes_get_data (pull->options->salt, &length);
  g_autoptr (SlipAnonymiser) anonymiser = slip_anonymiser_new (salt, length);
  const char *class_name
      = slip_case_get_class (pull->extract, pull->extract->key_table, pull->extract->key_column);

  for (guint i = 0; i < pull->tables->len; i++)
    anonymise_rows (pull, anonymiser, g_ptr_array_index (pull->tables, i));
  return slip_anonymiser_apply (anonymiser, class_name, pull->options->key, NULL);
}

/* ---- public */

static void
table_result_free (gpointer data)
{
  SlipCaseTableResult *result = data;

  g_free (result->table);
  g_free (result);
}

void
slip_case_result_free (SlipCaseResult *result)
{
  if (result == NULL)
    return;
  g_free (result->key);
  g_ptr_array_unref (result->tables);
  g_ptr_array_unref (result->empty);
  g_free (result);
}

static gboolean
can_begin (SlipMigration *migration, const SlipCaseOptions *options, GError **error)
{
  if (slip_migration_get_case (migration) == NULL)
    SLIP_CASE_ERROR (
        error, DEFINITION,
        "the sidecar has no “case”: it must say which rows belong to one, and of which "
        "class each column is");
  else if (g_bytes_get_size (options->salt) < SLIP_ANONYMISE_MIN_SALT)
    SLIP_CASE_ERROR (error, STATE, "the salt has %" G_GSIZE_FORMAT " bytes, and needs %d at least",
                     g_bytes_get_size (options->salt), SLIP_ANONYMISE_MIN_SALT);
  else
    return TRUE;
  return FALSE;
}

SlipCaseResult *
slip_case_pull (SlipMigration *migration,
                const SlipCaseOptions *options,
                GCancellable *cancellable,
                GError **error)
{
  g_auto (Pull) pull = {.migration = migration, .options = options};
  g_autoptr (SlipCaseResult) result = NULL;

  g_return_val_if_fail (SLIP_IS_MIGRATION (migration), NULL);
  g_return_val_if_fail (options != NULL && options->key != NULL && options->to != NULL
                            && options->salt != NULL,
                        NULL);
  g_return_val_if_fail ((options->from != NULL) != (options->source != NULL), NULL);

  if (!can_begin (migration, options, error))
    return NULL;
  pull.extract = slip_migration_get_case (migration);
  pull.tables = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_case_rows_free);
  pull.others = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_case_rows_free);
  pull.source = slip_case_source_new (migration, options, cancellable, error);
  if (pull.source == NULL || !add_tables (&pull, error) || !check (&pull, error)
      || !select_rows (&pull, error) || !add_others (&pull, error))
    return NULL;
  result = g_new0 (SlipCaseResult, 1);
  result->tables = g_ptr_array_new_with_free_func (table_result_free);
  result->empty = g_ptr_array_new_with_free_func (g_free);
  result->key = anonymise (&pull);
  if (!slip_case_merge (migration, options->to, pull.tables, pull.others, result, cancellable,
                        error))
    return NULL;
  return g_steal_pointer (&result);
}
