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

void
slip_validation_rules_clear (SlipValidationRules *rules)
{
  g_free (rules->client_source);
  g_clear_pointer (&rules->functions, g_ptr_array_unref);
  g_clear_pointer (&rules->client_sources, g_ptr_array_unref);
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
      = {"clientSource", "clientSources", "functions", "readBack", "known", NULL};

  rules->functions = g_ptr_array_new_with_free_func ((GDestroyNotify)slip_named_sql_free);
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
  rules->read_back = slip_sidecar_read_named (reader, object, "readBack");
  slip_sidecar_read_list (reader, object, "known", read_known, rules->known);
}
