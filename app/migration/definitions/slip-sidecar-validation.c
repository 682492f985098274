/* SPDX-License-Identifier: MIT */
/* The sidecar's part about validation: what the original's validation definitions leave to code, and differences that
 * somebody has looked at and has a reason for. */

#include "slip-sidecar-private.h"

static void
known_free (SlipKnownDifference *known)
{
  g_free (known->mapping);
  g_free (known->kind);
  g_strfreev (known->columns);
  g_free (known->where);
  g_free (known->reason);
  g_free (known);
}

static void
queries_free (SlipOwnQueries *own)
{
  g_free (own->mapping);
  g_free (own->source);
  g_strfreev (own->key);
  g_strfreev (own->columns);
  g_free (own->expected);
  g_free (own->actual);
  g_free (own);
}

void
slip_validation_rules_clear (SlipValidationRules *rules)
{
  g_free (rules->client_source);
  g_clear_pointer (&rules->functions, g_ptr_array_unref);
  g_clear_pointer (&rules->client_sources, g_ptr_array_unref);
  g_clear_pointer (&rules->queries, g_ptr_array_unref);
  g_clear_pointer (&rules->read_back, g_ptr_array_unref);
  g_clear_pointer (&rules->known, g_ptr_array_unref);
}

static gpointer
read_known (SlipReader *reader, JsonObject *object)
{
  static const char *const members[] = {"mapping", "kind", "columns", "where", "reason", NULL};
  static const char *const kinds[] = {"differing", "missing", "extra", "duplicated", NULL};
  SlipKnownDifference *known = g_new0 (SlipKnownDifference, 1);

  slip_reader_check_members (reader, object, members);
  known->mapping = slip_reader_need_string (reader, object, "mapping");
  known->reason = slip_reader_need_string (reader, object, "reason");
  known->kind = g_strdup (kinds[slip_sidecar_one_of (reader, object, "kind", kinds)]);
  known->columns = slip_sidecar_dup_list (reader, object, "columns");
  known->where = slip_reader_dup_string (reader, object, "where");
  if (known->columns[0] == NULL && known->where == NULL)
    SLIP_READER_FAULT (reader, NULL, "Say by columns or where which rows the reason is for",
                       "all differences of a mapping are taken for known");
  return known;
}

/* Both queries stand in one file, with EXCEPT between them on a line of its own. */
static void
read_queries_file (SlipReader *reader, JsonObject *object, SlipOwnQueries *own)
{
  g_autofree char *file = slip_reader_need_string (reader, object, "file");
  g_autofree char *sql = file != NULL ? slip_reader_dup_file (reader, "file", file) : NULL;
  g_auto (GStrv) parts
      = sql != NULL ? g_regex_split_simple ("^EXCEPT[ \t]*$", sql, G_REGEX_MULTILINE, 0) : NULL;

  if (parts == NULL)
    return;
  if (g_strv_length (parts) != 2)
    {
      SLIP_READER_FAULT (reader, "file",
                         "Write what should be, a line with EXCEPT and nothing else, what is",
                         "%s has %u queries instead of two", file, g_strv_length (parts));
      return;
    }
  own->expected = g_strdup (parts[0]);
  own->actual = g_strdup (parts[1]);
}

static gpointer
read_queries (SlipReader *reader, JsonObject *object)
{
  static const char *const members[] = {"mapping", "source", "key", "columns", "file", NULL};
  SlipOwnQueries *own = g_new0 (SlipOwnQueries, 1);

  slip_reader_check_members (reader, object, members);
  own->mapping = slip_reader_need_string (reader, object, "mapping");
  own->source = slip_reader_need_string (reader, object, "source");
  own->key = slip_sidecar_dup_list (reader, object, "key");
  own->columns = slip_sidecar_dup_list (reader, object, "columns");
  if (own->key[0] == NULL)
    SLIP_READER_FAULT (reader, "key", "Name what a person knows a row by, the case number first",
                       "nothing is said that a row is known by");
  read_queries_file (reader, object, own);
  return own;
}

static void
read_functions (SlipReader *reader, JsonObject *object, GPtrArray *functions)
{
  g_auto (GStrv) files = slip_sidecar_dup_list (reader, object, "functions");

  for (guint i = 0; files[i] != NULL; i++)
    {
      char *sql = slip_reader_dup_file (reader, "functions", files[i]);
      SlipNamedSql *named;

      if (sql == NULL)
        continue;
      named = g_new0 (SlipNamedSql, 1);
      named->name = g_strdup (files[i]);
      named->sql = sql;
      g_ptr_array_add (functions, named);
    }
}

/* The reader stands at the member; without one nothing is said. */
void
slip_validation_rules_read (SlipReader *reader, JsonObject *object, SlipValidationRules *rules)
{
  static const char *const members[]
      = {"clientSource", "clientSources", "functions", "queries", "readBack", "known", NULL};

  rules->functions = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
  rules->queries = g_ptr_array_new_with_free_func ((GDestroyNotify)queries_free);
  rules->known = g_ptr_array_new_with_free_func ((GDestroyNotify)known_free);
  if (object == NULL)
    {
      rules->client_sources = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
      rules->read_back = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
      return;
    }
  slip_reader_check_members (reader, object, members);
  rules->client_source = slip_reader_dup_string (reader, object, "clientSource");
  rules->client_sources = slip_sidecar_read_named (reader, object, "clientSources");
  read_functions (reader, object, rules->functions);
  slip_sidecar_read_list (reader, object, "queries", read_queries, rules->queries);
  rules->read_back = slip_sidecar_read_named (reader, object, "readBack");
  slip_sidecar_read_list (reader, object, "known", read_known, rules->known);
}
