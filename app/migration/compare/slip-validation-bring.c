/* SPDX-License-Identifier: MIT */
/* What a validation's queries read, brought together in the migration database: landed tables as the original's loader would
 * have stored them, lookups as functions, and of the target the tables and columns that are named, by binary COPY. */

#include "slip-validation-private.h"

#include "slip-json.h"
#include "slip-migration-error.h"
#include "slip-sql-file.h"

#include <string.h>

static void
table_free (gpointer data)
{
  SlipValidationTable *table = data;

  g_free (table->name);
  g_hash_table_unref (table->types);
  g_ptr_array_unref (table->columns);
  g_ptr_array_unref (table->key);
  g_hash_table_unref (table->needed);
  g_clear_pointer (&table->made, g_hash_table_unref);
  g_free (table);
}

SlipValidationTable *
slip_validator_find_target (SlipValidator *self, const char *table)
{
  return g_hash_table_lookup (self->target_tables, table);
}

static SlipValidationTable *
add_table (SlipValidator *self, const char *name)
{
  SlipValidationTable *table = slip_validator_find_target (self, name);

  if (table != NULL)
    return table;
  table = g_new0 (SlipValidationTable, 1);
  table->name = g_strdup (name);
  table->types = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  table->columns = g_ptr_array_new ();
  table->key = g_ptr_array_new ();
  table->needed = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (self->target_tables, table->name, table);
  return table;
}

/* Types that only the target knows come over as texts. */
gboolean
slip_validator_read_target (SlipValidator *self, GError **error)
{
  g_autoptr (SlipPgRows) rows = slip_stage_sql_ask (
      self->target, "read the target's columns", error,
      "SELECT c.relname, a.attname, CASE WHEN n.nspname = 'pg_catalog' THEN format_type "
      "(a.atttypid, a.atttypmod) ELSE '' END,\n"
      "       EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' AND "
      "a.attnum = ANY (k.conkey))::int\n"
      "  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT "
      "a.attisdropped\n"
      "  JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace\n"
      " WHERE c.relnamespace = %L::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') ORDER BY "
      "c.relname, a.attnum",
      self->schemas->target);

  if (rows == NULL)
    return FALSE;
  self->target_tables = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, table_free);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      SlipValidationTable *table = add_table (self, slip_pg_rows_get (rows, i, 0));
      char *column = g_strdup (slip_pg_rows_get (rows, i, 1));

      g_hash_table_insert (table->types, column, g_strdup (slip_pg_rows_get (rows, i, 2)));
      g_ptr_array_add (table->columns, column);
      if (slip_pg_rows_get_int (rows, i, 3) != 0)
        g_ptr_array_add (table->key, column);
    }
  return TRUE;
}

static gboolean
bring_table (SlipValidator *self, SlipValidationTable *table, GError **error)
{
  g_autoptr (GString) declared = g_string_new (NULL);
  g_autoptr (GString) read = g_string_new (NULL);
  g_autofree char *what = g_strdup_printf ("copy of the target's %s", table->name);
  g_autofree char *out = NULL;
  g_autofree char *in = NULL;

  for (guint i = 0; i < table->columns->len; i++)
    {
      const char *column = g_ptr_array_index (table->columns, i);
      const char *type = g_hash_table_lookup (table->types, column);
      gboolean foreign = *type == '\0';

      if (!g_hash_table_contains (table->needed, column))
        continue;
      slip_stage_sql_append (declared, "%s%I %s", declared->len > 0 ? ", " : "", column,
                             foreign ? "text" : type);
      slip_stage_sql_append (read, "%s%I%s", read->len > 0 ? ", " : "", column,
                             foreign ? "::text" : "");
    }
  out = slip_stage_sql ("COPY (SELECT %s FROM %I.%I) TO STDOUT (FORMAT binary)", read->str,
                        self->schemas->target, table->name);
  in = slip_stage_sql ("COPY %s.%I FROM STDIN (FORMAT binary)", SLIP_VALIDATION_ACTUAL,
                       table->name);
  if (!slip_stage_sql_run (self->pg, "bring a table of the target", error,
                           "CREATE UNLOGGED TABLE %s.%I (%s)", SLIP_VALIDATION_ACTUAL, table->name,
                           declared->str))
    return FALSE;
  return self->empty
         || (slip_stage_sql_copy (self->target, out, self->pg, in, what, error)
             && slip_stage_sql_run (self->pg, "bring a table of the target", error, "ANALYZE %s.%I",
                                    SLIP_VALIDATION_ACTUAL, table->name));
}

/* ---- the source */

/* The columns that any query names, as the original's loader stored them: texts that pandas takes for nothing are blank. */
static char *
dup_source_columns (SlipValidator *self, const char *table, GError **error)
{
  g_autofree char *name = slip_stage_sql ("%I.%I", self->options->source, table);
  g_autoptr (SlipPgRows) rows
      = slip_stage_sql_ask (self->pg, "read a landed table's columns", error,
                            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass (%L) "
                            "AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
                            name);
  GString *list;

  if (rows == NULL)
    return NULL;
  if (slip_pg_rows_get_n_rows (rows) == 0)
    {
      g_set_error (error, SLIP_MIGRATION_ERROR, SLIP_MIGRATION_ERROR_NOT_FOUND,
                   "validations read %s, which is not landed", name);
      return NULL;
    }
  list = g_string_new (NULL);
  for (guint i = 0; i < slip_pg_rows_get_n_rows (rows); i++)
    {
      const char *column = slip_pg_rows_get (rows, i, 0);

      if (g_str_equal (column, "casrec_row_id"))
        g_string_append_printf (list, "%scasrec_row_id", list->len > 0 ? ", " : "");
      else if (g_hash_table_contains (self->source_words, column))
        slip_stage_sql_append (
            list,
            slip_migration_is_strict (self->migration) ? "%s%I" : "%sslipway.landed (%I) AS %I",
            list->len > 0 ? ", " : "", column, column);
    }
  return g_string_free (list, FALSE);
}

static gboolean
make_source_table (SlipValidator *self, const char *table, GError **error)
{
  g_autofree char *columns = dup_source_columns (self, table, error);

  return columns != NULL
         && slip_stage_sql_run (
             self->pg, "make a table that expected rows come from", error,
             "CREATE UNLOGGED TABLE %s.%I AS SELECT %s FROM %I.%I%s; ANALYZE %s.%I",
             SLIP_VALIDATION_EXPECTED, table, columns, self->options->source, table,
             self->empty ? " WITH NO DATA" : "", SLIP_VALIDATION_EXPECTED, table);
}

/* ---- functions */

static char *
dup_codes (const SlipLookup *lookup)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < lookup->entries->len; i++)
    {
      const SlipLookupEntry *entry = g_ptr_array_index (lookup->entries, i);

      json_object_set_member (object, entry->code, json_node_copy (entry->value));
    }
  json_node_take_object (node, object);
  return slip_json_to_text (node, FALSE);
}

static gboolean
make_lookup (SlipValidator *self, const SlipLookup *lookup, GError **error)
{
  const char *type = lookup->type == SLIP_TYPE_INT    ? "integer"
                     : lookup->type == SLIP_TYPE_BOOL ? "boolean"
                                                      : "text";
  g_autofree char *codes = dup_codes (lookup);
  g_autofree char *body = slip_stage_sql ("SELECT (%L::jsonb ->> code)::%s", codes, type);

  return slip_stage_sql_run (self->pg, lookup->name, error,
                             "CREATE FUNCTION %s.%I (code text) RETURNS %s LANGUAGE sql IMMUTABLE "
                             "PARALLEL SAFE AS %L",
                             SLIP_VALIDATION_EXPECTED, lookup->name, type, body);
}

static gboolean
make_functions (SlipValidator *self, GError **error)
{
  const SlipValidationRules *rules = slip_migration_get_validation_rules (self->migration);
  GPtrArray *lookups
      = slip_definitions_get_lookups (slip_migration_get_definitions (self->migration));

  for (guint i = 0; i < lookups->len; i++)
    if (!make_lookup (self, g_ptr_array_index (lookups, i), error))
      return FALSE;
  for (guint i = 0; i < rules->functions->len; i++)
    {
      const SlipNamedSql *file = g_ptr_array_index (rules->functions, i);
      g_autofree char *own
          = slip_migration_expand (self->migration, file->sql, self->options->run_date);
      g_auto (GStrv) parts = g_strsplit (own, "{casrec_schema}", -1);
      g_autofree char *sql = g_strjoinv (SLIP_VALIDATION_EXPECTED, parts);

      if (!(self->empty ? slip_sql_make_functions (self->pg, file->name, sql, error)
                        : slip_sql_carry_out (self->pg, file->name, sql, NULL, error)))
        return FALSE;
    }
  return TRUE;
}

/* ---- all of it */

static gboolean
bring_one (gpointer session, guint job, gpointer data, GError **error)
{
  SlipValidator *self = session;
  const char *name = g_ptr_array_index (self->brought, job);

  return job < self->n_sources ? make_source_table (self, name, error)
                               : bring_table (self, slip_validator_find_target (self, name), error);
}

static void
add_names (GPtrArray *names, GHashTable *tables)
{
  g_autoptr (GList) sorted = g_list_sort (g_hash_table_get_keys (tables), (GCompareFunc)strcmp);

  for (GList *l = sorted; l != NULL; l = l->next)
    g_ptr_array_add (names, l->data);
}

static gboolean
is_needed (SlipValidator *self, const char *name)
{
  return g_hash_table_size (slip_validator_find_target (self, name)->needed) > 0;
}

/* Tables beside each other, each once. */
static gboolean
bring_tables (SlipValidator *self, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_auto (GStrv) snapshot = NULL;
  gboolean ok;

  add_names (names, self->source_tables);
  self->n_sources = names->len;
  add_names (names, self->target_tables);
  for (guint i = names->len; i-- > self->n_sources;)
    if (!is_needed (self, names->pdata[i]))
      g_ptr_array_remove_index (names, i);
  if (self->options->connections > 1)
    {
      snapshot = slip_stage_sql_ask_list (self->target, "share what is seen of the target", error,
                                          "SELECT pg_export_snapshot ()");
      if (snapshot == NULL)
        return FALSE;
      self->snapshot = snapshot[0];
    }
  self->brought = names;
  ok = slip_validator_each (self, names->len, bring_one, error);
  self->brought = NULL;
  self->snapshot = NULL;
  return ok;
}

gboolean
slip_validator_bring (SlipValidator *self, GError **error)
{
  return slip_stage_sql_run (
             self->pg, "make schemas for a validation", error,
             "DROP SCHEMA IF EXISTS " SLIP_VALIDATION_SCHEMAS " CASCADE; CREATE SCHEMA %s; CREATE "
             "SCHEMA %s; CREATE SCHEMA %s",
             SLIP_VALIDATION_EXPECTED, SLIP_VALIDATION_ACTUAL, SLIP_VALIDATION_FOUND)
         && slip_validator_show (self, error) && bring_tables (self, error)
         && make_functions (self, error);
}
