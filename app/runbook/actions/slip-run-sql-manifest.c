/* SPDX-License-Identifier: MIT */
/* What a database holds, in numbers that two databases can be compared by: the rows of each table and
 * the greatest primary key, all as of one moment. */

#include "slip-run-sql.h"

#include "slip-json.h"

#include <string.h>

/* Tables that hold rows, with the column of a primary key of one column. Partitions count with the
 * table that they are part of. */
#define CATALOGUE                                                                                  \
  "SELECT n.nspname, c.relname, (SELECT a.attname FROM pg_index i JOIN pg_attribute a ON "         \
  "a.attrelid = i.indrelid AND a.attnum = i.indkey[0] WHERE i.indrelid = c.oid AND "               \
  "i.indisprimary "                                                                                \
  "AND i.indnatts = 1) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "             \
  "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND "
#define ALL_TABLES                                                                                 \
  CATALOGUE "n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1, 2"
#define ONE_TABLE CATALOGUE "c.oid = to_regclass($1)"

static gboolean
start (SlipSql *self, GError **error)
{
  g_autoptr (PGresult) result = slip_sql_run (
      self, "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY", 0, NULL, error);

  return result != NULL;
}

static gboolean
is_ignored (JsonArray *patterns, const char *name)
{
  for (guint i = 0; patterns != NULL && i < json_array_get_length (patterns); i++)
    {
      JsonNode *node = json_array_get_element (patterns, i);
      const char *pattern = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;

      if (pattern != NULL && g_pattern_match_simple (pattern, name))
        return TRUE;
    }
  return FALSE;
}

/* Names come from the catalogue and are quoted by the library: an identifier can be no parameter. */
static char *
count_statement (SlipSql *self, const char *schema, const char *table, const char *key)
{
  char *first = PQescapeIdentifier (self->conn, schema, strlen (schema));
  char *second = PQescapeIdentifier (self->conn, table, strlen (table));
  char *third = key != NULL ? PQescapeIdentifier (self->conn, key, strlen (key)) : NULL;
  g_autoptr (GString) text = g_string_new ("SELECT count(*)");

  /* Named with its table: a bare name would be that of the text, and sort as one. */
  if (third != NULL)
    g_string_append_printf (text,
                            ", (SELECT t.%s::text FROM %s.%s AS t WHERE t.%s IS NOT NULL ORDER BY "
                            "t.%s DESC LIMIT 1)",
                            third, first, second, third, third);
  g_string_append_printf (text, " FROM %s.%s", first, second);
  PQfreemem (first);
  PQfreemem (second);
  if (third != NULL)
    PQfreemem (third);
  return g_strdup (text->str);
}

static gboolean
count_table (SlipSql *self, PGresult *catalogue, int row, JsonObject *tables, GError **error)
{
  const char *schema = PQgetvalue (catalogue, row, 0);
  const char *table = PQgetvalue (catalogue, row, 1);
  const char *key = PQgetisnull (catalogue, row, 2) ? NULL : PQgetvalue (catalogue, row, 2);
  g_autofree char *name = g_strconcat (schema, ".", table, NULL);
  g_autofree char *statement = NULL;
  g_autoptr (PGresult) result = NULL;
  JsonObject *entry;

  if (is_ignored (slip_json_array (self->context->inputs, "Ignore"), name))
    return TRUE;
  slip_job_set_detail (self->context->engine->job, name);
  statement = count_statement (self, schema, table, key);
  result = slip_sql_run (self, statement, 0, NULL, error);
  if (result == NULL)
    {
      g_prefix_error (error, "table %s: ", name);
      return FALSE;
    }
  entry = json_object_new ();
  json_object_set_int_member (entry, "rows", g_ascii_strtoll (PQgetvalue (result, 0, 0), NULL, 10));
  if (key != NULL)
    json_object_set_string_member (entry, "key", key);
  if (key != NULL && !PQgetisnull (result, 0, 1))
    json_object_set_string_member (entry, "maxKey", PQgetvalue (result, 0, 1));
  json_object_set_object_member (tables, name, entry);
  return TRUE;
}

static gboolean
count_all (SlipSql *self, JsonObject *tables, GError **error)
{
  g_autoptr (PGresult) catalogue = slip_sql_run (self, ALL_TABLES, 0, NULL, error);

  if (catalogue == NULL)
    return FALSE;
  for (int i = 0; i < PQntuples (catalogue); i++)
    if (!count_table (self, catalogue, i, tables, error))
      return FALSE;
  return TRUE;
}

static gboolean
count_named (SlipSql *self, JsonArray *names, JsonObject *tables, GError **error)
{
  for (guint i = 0; i < json_array_get_length (names); i++)
    {
      JsonNode *node = json_array_get_element (names, i);
      const char *name = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_string (node) : NULL;
      const char *const values[] = {name, NULL};
      g_autoptr (PGresult) catalogue
          = name != NULL ? slip_sql_run (self, ONE_TABLE, 1, values, error) : NULL;

      if (catalogue == NULL)
        {
          if (error != NULL && *error == NULL)
            g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                         "element %u of Tables is no name", i + 1);
          return FALSE;
        }
      if (PQntuples (catalogue) != 1)
        {
          g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED, "%s has no table %s",
                       self->where, name);
          return FALSE;
        }
      if (!count_table (self, catalogue, 0, tables, error))
        return FALSE;
    }
  return TRUE;
}

/* ---- comparing */

static void
add_difference (JsonArray *list, const char *table, const char *what)
{
  g_autofree char *text = g_strdup_printf ("%s: %s", table, what);

  json_array_add_string_element (list, text);
}

static void
compare_table (JsonArray *list, const char *name, JsonObject *before, JsonObject *after)
{
  gint64 rows_before = slip_json_int (before, "rows", -1);
  gint64 rows_after = slip_json_int (after, "rows", -1);
  const char *key_before = slip_json_string (before, "maxKey");
  const char *key_after = slip_json_string (after, "maxKey");

  if (rows_before != rows_after)
    {
      g_autofree char *text = g_strdup_printf (
          "%" G_GINT64_FORMAT " rows, %" G_GINT64_FORMAT " expected", rows_after, rows_before);

      add_difference (list, name, text);
    }
  if (g_strcmp0 (key_before, key_after) != 0)
    {
      g_autofree char *text = g_strdup_printf ("greatest key is %s, %s expected",
                                               key_after != NULL ? key_after : "none",
                                               key_before != NULL ? key_before : "none");

      add_difference (list, name, text);
    }
}

static JsonArray *
compare (JsonObject *before, JsonObject *after, JsonArray *ignore)
{
  JsonArray *list = json_array_new ();
  g_autoptr (GList) names = json_object_get_members (before);
  g_autoptr (GList) others = json_object_get_members (after);

  for (GList *l = names; l != NULL; l = l->next)
    {
      JsonObject *one = slip_json_object (before, l->data);
      JsonObject *other = slip_json_object (after, l->data);

      if (is_ignored (ignore, l->data) || one == NULL)
        continue;
      if (other == NULL)
        add_difference (list, l->data, "is not there");
      else
        compare_table (list, l->data, one, other);
    }
  for (GList *l = others; l != NULL; l = l->next)
    if (!json_object_has_member (before, l->data))
      add_difference (list, l->data, "was not there before");
  return list;
}

static gboolean
judge (SlipSql *self, JsonObject *tables, GError **error)
{
  JsonObject *inputs = self->context->inputs;
  JsonObject *against = slip_json_object (inputs, "Against");
  JsonObject *before = against != NULL ? slip_json_object (against, "tables") : NULL;
  JsonArray *list;
  g_autofree char *first = NULL;
  guint n;

  if (!json_object_has_member (inputs, "Against"))
    return TRUE;
  if (before == NULL)
    {
      g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
                   "Against is not the Manifest of an earlier step");
      return FALSE;
    }
  list = compare (before, tables, slip_json_array (inputs, "Ignore"));
  n = json_array_get_length (list);
  json_object_set_array_member (self->context->outputs, "Differences", list);
  if (n == 0)
    return TRUE;
  first = g_strdup (json_array_get_string_element (list, 0));
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s is not what was counted before: %u difference%s, the first: %s", self->where, n,
               n == 1 ? "" : "s", first);
  return FALSE;
}

/* Where only the digest of the counts was kept, as in a snapshot's tags. */
static gboolean
judge_digest (SlipSql *self, const char *digest, const char *counted, GError **error)
{
  const char *recorded = slip_json_string (self->context->inputs, "AgainstSha256");
  JsonArray *list;

  if (recorded == NULL)
    return TRUE;
  list = json_array_new ();
  json_object_set_array_member (self->context->outputs, "Differences", list);
  if (g_str_equal (recorded, digest))
    return TRUE;
  add_difference (list, "all tables", counted);
  g_set_error (error, SLIP_RUN_ERROR, SLIP_RUN_ERROR_FAILED,
               "%s does not hold what was counted before: %s have the digest %.12s, and %.12s was "
               "recorded. The counts of then stand in the audit log of the run that recorded it",
               self->where, counted, digest, recorded);
  return FALSE;
}

gboolean
slip_sql_manifest (SlipSql *self, GError **error)
{
  SlipRunContext *context = self->context;
  JsonArray *names = slip_json_array (context->inputs, "Tables");
  g_autoptr (JsonObject) tables = json_object_new ();
  g_autofree char *time = slip_time_format (slip_clock_now (context->engine->clock));
  g_autoptr (JsonNode) counts = NULL;
  g_autofree char *digest = NULL;
  JsonObject *manifest;
  JsonNode *node;
  gint64 rows = 0;
  g_autoptr (GList) entries = NULL;

  if (!start (self, error)
      || !(names != NULL ? count_named (self, names, tables, error)
                         : count_all (self, tables, error)))
    return FALSE;
  entries = json_object_get_values (tables);
  for (GList *l = entries; l != NULL; l = l->next)
    rows += slip_json_int (json_node_get_object (l->data), "rows", 0);
  manifest = json_object_new ();
  json_object_set_string_member (manifest, "database", PQdb (self->conn));
  json_object_set_string_member (manifest, "counted", time);
  json_object_set_object_member (manifest, "tables", json_object_ref (tables));
  node = slip_json_new_object (manifest);
  if (!slip_run_context_take_result (context, node, json_node_ref (node), error))
    return FALSE;
  json_object_set_member (context->outputs, "Manifest", json_node_ref (node));
  counts = slip_json_new_object (json_object_ref (tables));
  digest = slip_json_sha256 (counts);
  json_object_set_string_member (context->outputs, "Sha256", digest);
  context->detail = g_strdup_printf ("%u tables, %" G_GINT64_FORMAT " rows",
                                     json_object_get_size (tables), rows);
  return judge (self, tables, error) && judge_digest (self, digest, context->detail, error);
}
