/* SPDX-License-Identifier: MIT */
/* A validation by two queries of the sidecar's own: of join tables, whose ids stand for the rows that they lead to, of updates,
 * of JSON. Its SQL has the placeholders and the safe casts of validation_mapping.json; what it compares is written as text. */

#include "slip-validation-private.h"

#include <string.h>

/* A statement's end would stand inside of parentheses. */
static char *
dup_expanded (SlipValidator *self, const char *sql)
{
  g_autofree char *filled = slip_migration_expand (self->migration, sql, self->options->run_date);
  char *text = g_strstrip (slip_validation_expand (self, filled, NULL));
  gsize length = strlen (text);

  if (length > 0 && text[length - 1] == ';')
    text[length - 1] = '\0';
  return text;
}

static char *
dup_cells (const SlipValidationQuery *query)
{
  GString *cells = g_string_new (NULL);

  for (guint i = 0; i < query->names->len; i++)
    slip_stage_sql_append (cells, "%snullif (btrim ((q.%I)::text), '')", i > 0 ? ", " : "",
                           query->names->pdata[i]);
  return g_string_free (cells, FALSE);
}

static void
add_names (SlipValidationQuery *query, const SlipMapping *mapping, char **names)
{
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_ptr_array_add (query->names, g_strdup (names[i]));
      query->n_compared += slip_mapping_find_column (mapping, names[i]) != NULL ? 1 : 0;
    }
}

gboolean
slip_validation_own (SlipValidator *self,
                     SlipValidationQuery *query,
                     const SlipMapping *mapping,
                     const SlipOwnQueries *own,
                     GError **error)
{
  g_autofree char *expected = dup_expanded (self, own->expected);
  g_autofree char *actual = dup_expanded (self, own->actual);
  g_autoptr (GHashTable) targets = slip_validation_find_aliases (actual, SLIP_VALIDATION_ACTUAL);
  g_autofree char *cells = NULL;

  query->independent = TRUE;
  query->source_table = g_ascii_strdown (own->source, -1);
  add_names (query, mapping, own->key);
  query->n_key = query->names->len;
  add_names (query, mapping, own->columns);
  cells = dup_cells (query);
  slip_validation_name_sources (self, expected);
  slip_validation_need_columns (self, targets, actual);
  query->expected = slip_stage_sql (
      "SELECT ARRAY[%s]::text[] AS cells, q.row_id::bigint AS row_id\n  FROM (%s) AS q", cells,
      expected);
  query->actual = slip_stage_sql (
      "SELECT ARRAY[%s]::text[] AS cells, NULL::text AS own, q.target_id::text AS "
      "target_id\n  FROM (%s) AS q",
      cells, actual);
  return slip_validation_check_client_source (self, query, "validation.queries", error);
}
