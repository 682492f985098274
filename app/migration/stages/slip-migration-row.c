/* SPDX-License-Identifier: MIT */
/* What the manifest writes down of a row of the target: its columns as they were at the load, in the table's order, as the
 * row itself would be written as text. Columns that the table has got since are nobody's change of the row. */

#include "slip-migration-run-private.h"

char **
slip_migration_row_list_columns (SlipPg *target,
                                 const char *schema,
                                 const char *table,
                                 GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", schema, table);

  return slip_stage_sql_ask_list (target, "list a row's columns", error,
                                  "SELECT attname FROM pg_attribute WHERE attrelid = %L::regclass "
                                  "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                                  name);
}

/* Those that part @load of the manifest was written with; none where an earlier version wrote it, with all that there were. */
char **
slip_migration_row_list_noted (SlipPg *target, gint64 load, GError **error)
{
  return slip_stage_sql_ask_list (
      target, "read the columns of a part", error,
      "SELECT name FROM slipway_migration.load CROSS JOIN LATERAL unnest (columns) WITH ORDINALITY "
      "AS c (name, n) WHERE id = %D ORDER BY n",
      load);
}

/* SQL of a text: that of row @alias, as if it had these columns and no others. */
char *
slip_migration_row_dup_text (char **columns, const char *alias)
{
  g_autofree char *prefix = g_strdup_printf ("%s.", alias);
  g_autofree char *list = slip_migration_run_join_names (columns, prefix);

  return columns[0] != NULL ? g_strdup_printf ("ROW(%s)::text", list)
                            : g_strdup_printf ("%s::text", alias);
}

/* SQL of a list of texts. */
char *
slip_migration_row_dup_array (char **columns)
{
  GString *list = g_string_new ("ARRAY[");

  for (guint i = 0; columns[i] != NULL; i++)
    slip_stage_sql_append (list, "%s%L", i > 0 ? ", " : "", columns[i]);
  g_string_append (list, "]::text[]");
  return g_string_free (list, FALSE);
}
